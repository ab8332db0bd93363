"""The commands of the page about CI do what it says."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

from mask_run import LINE, MASKED

PAGE = (pathlib.Path(__file__).parents[2] / "docs/ci.md").read_text()


def test_the_commands_of_the_page(tmp_path: pathlib.Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_text(LINE)
    lines = [line.split() for line in re.findall("aigate mask --.* logs$", PAGE, re.MULTILINE)]
    commands = sorted(lines, key=lambda words: "--check" not in words)
    statuses = [
        subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, check=False).returncode
        for words in commands
    ]
    assert statuses == [3, 0]
    assert (tmp_path / "found.sarif").exists()
    assert (tmp_path / "logs" / "a").read_text() == MASKED
