"""When aigate is killed, everything of the network ends with it."""

from netprocesses import all_end, children, lines


def test_kill_9_leaves_nothing(sandbox, mode):
    run = sandbox.start(["allowed.test"], ["sh", "-c", "echo up; exec sleep 300"])
    assert next(lines(run)) == "up"
    below = [number for number, _ in children(run.pid)]
    assert len(below) >= (4 if mode == "slirp" else 3)
    run.kill()
    run.communicate(timeout=240)
    all_end(below)


def test_kill_9_leaves_nothing_of_what_carries_ports(sandbox, lab):
    """The helper that makes sockets in the sandbox's network is there from the first connection on."""
    script = (
        "import socket; s = socket.create_server(('127.0.0.1', 3000)); print('up', flush=True)\nwhile s.accept(): pass"
    )
    run = sandbox.start(["localhost:11434"], ["/usr/bin/python3", "-c", script], config="ports: [3000]\n")
    assert next(lines(run)) == "up"
    before = {number for number, _ in children(run.pid)}
    ask = "import socket; socket.create_connection(('127.0.0.1', 3000), timeout=60).recv(1)"
    lab.enter(lab.host, ["/usr/bin/python3", "-c", ask], capture_output=True)
    below = [number for number, _ in children(run.pid)]
    assert set(below) - before, "no helper was started"
    run.kill()
    run.communicate(timeout=240)
    all_end(below)
