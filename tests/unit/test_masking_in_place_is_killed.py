"""A kill at any moment of `aigate mask --in-place` leaves each file old or new, with all that belongs to it."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import time
from typing import TYPE_CHECKING

from mask_run import COMMAND, LINE, MASKED, mask

if TYPE_CHECKING:
    from pathlib import Path

FILES, TIME = 60, 1_234_567_890_123_456_789
MOMENTS = {"pairs": 12, "full": 100}.get(os.environ.get("AIGATE_TESTS", ""), 6)


def made(directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    for number in range(FILES):
        file = directory / f"{number}"
        file.write_text(LINE * 300)
        file.chmod(0o640)
        os.setxattr(file, "user.note", b"kept")
        os.utime(file, ns=(TIME, TIME))


def test_killed(tmp_path: Path) -> None:
    directory = tmp_path / "d"
    made(directory)
    begun = time.monotonic()
    assert mask("--in-place", directory).returncode == 0
    whole = time.monotonic() - begun
    for _ in range(MOMENTS):
        made(directory)
        with subprocess.Popen([*COMMAND, "--in-place", str(directory), "-j", "2"]) as process:
            time.sleep(random.uniform(0.2, 1.1) * whole)  # noqa: S311 - moments, not keys
            process.send_signal(signal.SIGKILL)
        texts = [(directory / f"{number}").read_text() for number in range(FILES)]
        assert set(texts) <= {LINE * 300, MASKED * 300}
        for number in range(FILES):
            now = os.stat(directory / f"{number}")
            assert (stat.S_IMODE(now.st_mode), now.st_mtime_ns) == (0o640, TIME)
            assert os.getxattr(directory / f"{number}", "user.note") == b"kept"
    assert mask("--in-place", directory).returncode == 0
    assert {file.read_text() for file in directory.glob("[0-9]*")} == {MASKED * 300}
