"""A real browser before `aigate serve` (`make test-browser`): Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from aigate.audit.log import AuditLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHROMIUM = "/usr/bin/chromium"


class Shown(NamedTuple):
    """A page that is open. url: its address. asked: what it asked for. wrong: what the browser had to complain of."""

    page: Page
    url: str
    asked: list[str]
    wrong: list[str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once. Root's needs to do without a sandbox of its own."""
    words = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        yield browser
        browser.close()


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., str]:
    """Return what writes one run into the log of a home of its own, and gives its number."""
    state = tmp_path / ".aigate"
    state.mkdir(mode=0o700)

    def write(command: str, refused: int, status: int = 0) -> str:
        log = AuditLog(str(state))
        log.write("started", command=command, directory="/home/me/shop", network="slirp", hidden=1, rules=7)
        for number in range(refused):
            subject = f"host{number % 50}.example"
            log.write("net_refused", subject=subject, port=443, protocol="tcp", reason="name not allowed", count=1)
        log.write("watched", kind="moved", path="/home/me/shop/.envrc", why="deny_write: .envrc")
        log.write("ended", status=status, seconds=1.5, masked={"github": 2})
        log.close()
        return log.run

    return write


@pytest.fixture
def shown(tmp_path: Path, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Shown]]:
    """Return what opens the page as a new user's browser would. Options are Playwright's for a context."""
    environment = {**os.environ, "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "aigate", "serve"]

    def opened(**options: object) -> Shown:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

        def end() -> None:
            server.terminate()
            server.communicate()

        request.addfinalizer(end)
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        context = browser.new_context(**options)
        request.addfinalizer(context.close)
        page = context.new_page()
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
        page.goto(url)
        page.wait_for_selector("body[data-ready=yes]")
        return Shown(page, url, asked, wrong)

    return opened
