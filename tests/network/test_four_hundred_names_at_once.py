"""Four hundred programs that look a name up in the same moment all get their answer, as on the host."""

import pytest

SCRIPT = """
import collections, socket, sys, threading
names = [name % number for name in sys.argv[1:] for number in range(400)] if '%' in sys.argv[1] else sys.argv[1:] * 400
start, said = threading.Barrier(400), []
def ask(name):
    start.wait()
    try:
        said.append(len(socket.getaddrinfo(name, 7, type=socket.SOCK_STREAM)) > 0)
    except OSError as error:
        said.append(str(error))
threads = [threading.Thread(target=ask, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(collections.Counter(said))
"""


@pytest.mark.parametrize("name", ["n%d.evil.test", "allowed.test"])
def test_all_are_answered(sandbox, name):
    outcome = sandbox.run(["*.evil.test", "allowed.test"], ["/usr/bin/python3", "-c", SCRIPT, name])
    assert outcome.out == "Counter({True: 400})\n", outcome.err
