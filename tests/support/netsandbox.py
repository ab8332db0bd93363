"""Runs things in a sandbox inside the lab, and reads what came of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from netlab import Lab

AT_ONCE = 4  # seconds: less than resolvers (5) and visit.py (20) wait for an answer that does not come
PYTHON = ["/usr/bin/python3", "-I", "-S", "visit.py"]


class Outcome:
    """What one run said. visits: one object for each thing tried. events: what the audit log got."""

    def __init__(self, finished: subprocess.CompletedProcess[bytes], events: Path) -> None:
        self.status = finished.returncode
        self.out = finished.stdout.decode()
        self.err = finished.stderr.decode()
        lines = [json.loads(line) for line in events.read_text().splitlines()] if events.exists() else []
        self.events = [line for line in lines if line["event"] == "net_refused"]
        self.repeated = [line for line in lines if line["event"] == "net_repeated"]
        self.failures = [line for line in lines if line["event"] == "net_failed"]

    @property
    def visits(self) -> list[dict[str, object]]:
        assert self.status == 0, self.err
        assert not self.failures
        return [json.loads(line) for line in self.out.splitlines()]


class Sandbox:
    """Runs things in a sandbox of one user and one mode, made by one backend."""

    def __init__(self, lab: Lab, user: str, mode: str, backend: str = "auto") -> None:
        self.lab, self.user, self.mode, self.backend = lab, user, mode, backend

    def run(self, allow, command, *, learn=False, timeout=240, config="", **options) -> Outcome:
        log = self.lab.log_of(self.user)
        log.unlink(missing_ok=True)
        full = self.lab.command(
            allow, command, user=self.user, mode=self.mode, learn=learn, backend=self.backend, config=config
        )
        finished = subprocess.run(full, capture_output=True, check=False, timeout=timeout, **options)
        return Outcome(finished, log)

    def start(self, allow, command, config="", **options) -> subprocess.Popen[bytes]:
        full = self.lab.command(allow, command, user=self.user, mode=self.mode, backend=self.backend, config=config)
        return subprocess.Popen(full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def visit(self, allow, *visits, learn=False) -> Outcome:
        return self.run(allow, [*PYTHON, *(json.dumps(visit) for visit in visits)], learn=learn)

    def python(self, allow, script) -> Outcome:
        """Run a script that has to succeed."""
        outcome = self.run(allow, ["/usr/bin/python3", "-c", script])
        assert outcome.status == 0, outcome.err
        assert not outcome.failures
        return outcome
