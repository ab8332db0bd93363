"""Many things at once, with the bytes counted."""


def test_fifty_parallel_downloads_arrive_whole(sandbox):
    script = """
import concurrent.futures, urllib.request
def load(n):
    with urllib.request.urlopen(f'http://allowed.test/bytes?n={200000 + n}', timeout=30) as reply:
        return len(reply.read()) == 200000 + n
with concurrent.futures.ThreadPoolExecutor(50) as pool:
    print(sum(pool.map(load, range(50))))
"""
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.out == "50\n", outcome.err


def test_an_upload_arrives_whole(sandbox):
    script = """
import urllib.request
data = bytes(8 << 20)
with urllib.request.urlopen('http://allowed.test/upload', data=data, timeout=30) as reply:
    print(reply.read().decode() == str(len(data)))
"""
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.out == "True\n", outcome.err
