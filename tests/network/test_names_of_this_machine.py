"""The machine's own names and its hosts file count, and the sandbox's loopback works."""

from netvisits import assert_reached, assert_refused


def test_the_sandboxs_own_loopback_works(sandbox):
    script = (
        "import socket\n"
        "for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n"
        "    s = socket.create_server((address, 8000), family=family)\n"
        "    c = socket.create_connection(('localhost' if family == socket.AF_INET else '::1', 8000))\n"
        "    a, _ = s.accept(); a.send(b'x'); assert c.recv(1) == b'x'\n"
    )
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.status == 0, outcome.err


def test_the_hosts_file_of_the_host_counts_for_allowed_names_only(sandbox):
    outcome = sandbox.visit(["hosts-private.test"], ["tcp", "hosts-private.test", 7], ["name", "hosts-denied.test"])
    assert_reached(outcome.visits[0])
    assert_refused(outcome.visits[1])


def test_names_of_this_machine_lead_to_loopback(sandbox):
    names = sandbox.visit(["allowed.test"], ["name", "localhost"], ["name", "thishost"], ["name", "a.localhost"]).visits
    assert set(names[0]["result"]) <= {"127.0.0.1", "::1"}
    assert names[1]["result"] == ["127.0.1.1"]
    assert set(names[2]["result"]) <= {"127.0.0.1", "::1"}
