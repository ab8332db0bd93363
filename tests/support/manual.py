"""The manual's pages: the commands on them, and sessions that can be run."""

from __future__ import annotations

import pathlib
import re
import shlex
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ENDS = frozenset({"|", ";", "&&", "||", "<", ">", ">>", "2>&1", "#", "…"})
PLACEHOLDER = re.compile(r"\[[^\]]*\]|…|\.\.\.")
MESSAGES = re.compile(r"^### .*$", re.MULTILINE)  # headings of the page that explains messages


def sessions(page: pathlib.Path) -> Iterator[list[tuple[str, list[str], int]]]:
    """Yield each block that shows a session: its commands, what each prints, and its exit status."""
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
        steps: list[tuple[str, list[str], int]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], [], 0))
            elif found := re.fullmatch(r"\[(\d+)\]", line):
                command, lines, _ = steps.pop()
                steps.append((command, lines, int(found[1])))
            else:
                steps[-1][1].append(line)
        yield steps


def as_pattern(lines: list[str]) -> re.Pattern[str]:
    """Return what matches the lines that a page shows: `…` is anything, alone on a line any number of lines."""
    parts = []
    for line in lines:
        text = ".*".join(re.escape(part) for part in line.split("…"))
        parts.append(r"(?:.*\n)*?" if line == "…" else f"{text}\n")
    return re.compile("".join(parts))


def calls(page: pathlib.Path) -> Iterator[list[str]]:
    """Yield the words of each of aigate's command lines on a page, placeholders and all, without `aigate` itself."""
    text = MESSAGES.sub("", page.read_text()) if page.name == "troubleshooting.md" else page.read_text()
    found = re.findall(r"`(aigate [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    for block in re.findall(r"^```(?:console|sh|bash)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        found += [line for line in block.splitlines() if "aigate " in line and line.startswith("$ ")]
    found += re.findall(r"^    (\$ .*aigate .*|.*\| aigate .*|aigate .*)$", text, re.MULTILINE)
    for line in found:
        call = line[line.index("aigate ") :]
        yield from _words(call)


def _words(call: str) -> Iterator[list[str]]:
    for one in call.split(", aigate "):
        try:
            words = shlex.split(PLACEHOLDER.sub("", one.removeprefix("aigate ")), comments=True)
        except ValueError:
            continue
        stop = next((place for place, word in enumerate(words) if word in ENDS), len(words))
        for variant in _variants(words[:stop]):
            if variant:
                yield variant


def _variants(words: list[str]) -> Iterator[list[str]]:
    r"""Yield what `allow read\|write x` stands for."""
    if not words:
        yield []
        return
    for choice in words[0].replace("\\|", "|").split("|"):
        for rest in _variants(words[1:]):
            yield [choice, *rest]
