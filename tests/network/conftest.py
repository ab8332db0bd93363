"""The lab, and sandboxes in it: every test runs in both modes and as both users unless it says otherwise."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pytest
from netlab import PATIENCE, SUPPORT, Lab
from netsandbox import Sandbox


def pytest_collection_modifyitems(items):
    """Let the test that waits for half a minute begin before the others here, and end after them."""
    here = [index for index, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    waiting = [index for index in here if items[index].path.name == "test_time.py"]
    if not waiting:
        return
    first, *rest = [items[index] for index in waiting]
    others = [items[index] for index in here if index not in waiting]
    for index, item in zip(here, [first, *others, *rest], strict=True):
        items[index] = item


@pytest.fixture(scope="session")
def lab(readable_install):
    """One lab for the whole session, in a directory that every user may enter (pytest keeps its own to itself)."""
    with tempfile.TemporaryDirectory(prefix="aigate-lab-", dir="/opt") as directory:
        built = Lab(Path(directory), readable_install)
        yield built
        built.close()


@pytest.fixture(params=["root", "user"])
def user(request):
    return request.param


@pytest.fixture(params=["slirp", "gateway"])
def mode(request):
    return request.param


@pytest.fixture
def sandbox(lab, user, mode):
    return Sandbox(lab, user, mode)


@pytest.fixture(scope="module")
def proxy_log(lab):
    log = lab.directory / "proxy.log"
    proxy = lab.start(lab.host, [sys.executable, str(SUPPORT / "netproxy.py"), str(log)])
    until = time.monotonic() + PATIENCE
    while not log.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    yield log
    proxy.kill()


@pytest.fixture
def seen(proxy_log):
    """Return a function that tells what the proxy was asked since the last time."""
    told = len(proxy_log.read_text())

    def since():
        nonlocal told
        text = proxy_log.read_text()[told:]
        told += len(text)
        return text.splitlines()

    return since


@pytest.fixture
def without(lab):
    """Replace programs of the lab's host for the length of a test: without({path: program})."""
    covered = []

    def cover(changes):
        for path, program in changes.items():
            lab.enter(lab.host, ["mount", "--bind", program, path], check=True)
            covered.append(path)

    yield cover
    for path in reversed(covered):
        lab.enter(lab.host, ["umount", path], check=True)
