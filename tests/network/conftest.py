"""The lab, and sandboxes in it: every test runs in both modes and as both users unless it says otherwise."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from netlab import Lab
from netsandbox import Sandbox


@pytest.fixture(scope="session")
def lab():
    """One lab for the whole session, in a directory that every user may enter (pytest keeps its own to itself)."""
    with tempfile.TemporaryDirectory(prefix="aigate-lab-", dir="/opt") as directory:
        built = Lab(Path(directory))
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
