"""Records `make demo` as a picture for the README: `python docs/demo/record.py` runs it and writes docs/demo.svg.

The picture is text that appears line by line (CSS alone, no script), still where motion is not wanted.
"""

import html
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PICTURE = HERE.parent / "demo.svg"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "36": "#76e3ea"}
PLAIN, GROUND = "#c9d1d9", "#0d1117"
COLUMNS, LINE, LETTER = 118, 17, 7.23
STEP_SECONDS = 0.12
BLANK = "\N{NO-BREAK SPACE}"  # others are drawn together into one
LAST = "Every attempt was denied"
STYLE = """text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.l { opacity: 0; animation: in .01s linear forwards }
@keyframes in { to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { .l { animation: none; opacity: 1 } }"""


def recorded() -> list[str]:
    """Return the lines of the demo, with their colours; raise where it failed."""
    environment = {**os.environ, "AIGATE_DEMO_COLOURS": "1"}
    done = subprocess.run(
        [sys.executable, HERE / "run.py"], env=environment, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    end = next(place for place, line in enumerate(lines) if line.startswith(LAST))
    return lines[: end + 1]


def spans(line: str) -> str:
    """Return one line as SVG's text, cut where the picture ends."""
    parts, colour, left = [], PLAIN, COLUMNS
    for text, code in re.findall(r"([^\x1b]*)(?:\x1b\[(\d+)m)?", line):
        shown = text[:left]
        left -= len(shown)
        if shown:
            parts.append(f'<tspan fill="{colour}">{html.escape(shown).replace(" ", BLANK)}</tspan>')
        colour = COLOURS.get(code, PLAIN) if code else colour
    return "".join(parts)


def picture(lines: list[str]) -> str:
    """Return the SVG."""
    width, height = round(COLUMNS * LETTER) + 24, len(lines) * LINE + 24
    rows = [
        f'<text class="l" xml:space="preserve" x="12" y="{24 + place * LINE}" '
        f'style="animation-delay:{place * STEP_SECONDS:.2f}s">'
        f"{spans(line)}</text>"
        for place, line in enumerate(lines)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="make demo">'
    ground = f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", ground, *rows, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(recorded()))
