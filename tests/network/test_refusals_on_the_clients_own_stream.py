"""curl and git show nothing but a number of a refused tunnel: what and why stands on their own standard error."""

import pytest
from netsandbox import Sandbox

BACKENDS = ("auto", "unshare")
WORDS = "aigate: denied.test:443 is not in allow_net; to allow it, outside of the sandbox: aigate allow net denied.test"
ASK = '["curl", "-sS", "https://denied.test/"]'
INTO = {
    "a file": f"""
with open("err", "w") as file:
    file.write("before\\n")
    file.flush()
    subprocess.run({ASK}, stderr=file)
print(open("err").read())
""",
    "a socket": f"""
near, far = socket.socketpair()
subprocess.run({ASK}, stderr=far)
far.close()
print(near.makefile().read())
""",
    "a terminal": f"""
near, far = pty.openpty()
subprocess.run({ASK}, stderr=far)
print(shown(near, far))
""",
}
DRAWN_ON = f"""
near, far = pty.openpty()
tty.setraw(far)
subprocess.run({ASK}, stderr=far)
print(shown(near, far))
"""
FULL = f"""
reader, writer = os.pipe()
os.set_blocking(writer, False)
try:
    while os.write(writer, bytes(4096)):
        pass
except BlockingIOError:
    os.set_blocking(writer, True)
held = subprocess.Popen({ASK}, stderr=writer)
print(subprocess.run(["curl", "-sS", "http://denied.test/"], capture_output=True).stdout.decode())
held.kill()
"""


SHOWN = """
import os, pty, socket, subprocess, tty

def shown(near, far):
    os.write(far, b"end")  # a terminal hands over as much as it has got so far
    said = b""
    while not said.endswith(b"end"):
        said += os.read(near, 4096)
    return said.removesuffix(b"end").decode()
"""


def inside(sandbox, script):
    return sandbox.python(["allowed.test"], SHOWN + script).out


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stream", INTO)
def test_it_comes_before_what_the_client_says(lab, user, backend, stream):
    said = inside(Sandbox(lab, user, "gateway", backend), INTO[stream]).replace("\r", "").split("\n")
    assert said.index(WORDS) < said.index("curl: (56) CONNECT tunnel failed, response 403"), said
    assert stream != "a file" or said[0] == "before"


@pytest.mark.parametrize("program", ["curl -sS", "git ls-remote"])
def test_a_name_that_is_refused(lab, user, program):
    done = Sandbox(lab, user, "slirp").run(["allowed.test"], [*program.split(), "https://denied.test/"])
    assert WORDS.replace(":443", "") in done.err.splitlines()


def test_an_allowed_name_that_leads_inwards(lab, user):
    done = Sandbox(lab, user, "slirp").run(["rebind-private.test"], ["curl", "-sS", "https://rebind-private.test/"])
    said = "leads to the private address 10.20.30.40; to allow it, outside of the sandbox: "
    assert (
        f"aigate: rebind-private.test {said}aigate allow net rebind-private.test 10.20.30.40" in done.err.splitlines()
    )


def test_nothing_is_written_where_a_program_draws(lab, user):
    said = inside(Sandbox(lab, user, "gateway"), DRAWN_ON)
    assert "curl: (56)" in said
    assert "aigate" not in said


def test_nobody_waits_for_a_client_that_does_not_read(lab, user):
    assert "aigate allow net denied.test" in inside(Sandbox(lab, user, "gateway"), FULL)
