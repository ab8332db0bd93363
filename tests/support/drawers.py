"""Small programs that draw as those do which cannot be had here, and a form of ncurses. Their argument is a token."""

from __future__ import annotations

FORM = """
import curses, sys
token = sys.argv[1]
def draw(window):
    window.erase()
    rows, columns = window.getmaxyx()
    window.box()
    dialog = curses.newwin(rows - 6, columns - 8, 3, 4)
    dialog.box()
    dialog.addstr(0, 3, " Settings ")
    dialog.addstr(2, 2, "token", curses.A_BOLD)
    dialog.addstr(2, 20, token[:25])
    window.refresh()
    dialog.refresh()
    dialog.addstr(2, 45, token[25:], curses.color_pair(1))
    dialog.addstr(4, 2, f"{rows} x {columns}, q ends")
    dialog.refresh()
def run(window):
    curses.use_default_colors()
    curses.init_pair(1, curses.COLOR_GREEN, curses.COLOR_BLUE)
    draw(window)
    while (key := window.getch()) != ord("q"):
        if key == curses.KEY_RESIZE: draw(window)
curses.wrapper(run)
"""

# As ratatui does: a buffer of cells, of which those that differ from the last frame's are sent, blanks never.
CELLS = """
import os, signal, sys, termios, tty
token, before = sys.argv[1], {}
def frame(lines):
    global before
    now = {(row, at): letter for row, line in enumerate(lines) for at, letter in enumerate(line)}
    out, last = "", None
    for place in sorted(now.keys() | before.keys()):
        letter = now.get(place, " ")
        if letter == before.get(place, " "): continue
        if last != (place[0], place[1] - 1): out += f"\\x1b[{place[0] + 1};{place[1] + 1}H"
        out += f"\\x1b[39m{letter}" if letter != " " else letter
        last = place
    before = now
    os.write(1, f"\\x1b[?2026h{out}\\x1b[?25l\\x1b[?2026l".encode())
def draw(count=0):
    columns, rows = os.get_terminal_size()
    inner = columns - 2
    text = f" Authorization: Bearer {token} {token} "
    body = [text[at : at + inner] for at in range(0, len(text), inner)] + [f" {rows} x {columns}, frame {count}"]
    body += [""] * (rows - 2 - len(body))
    sides = ["│" + line.ljust(inner) + "│" for line in body[: rows - 2]]
    frame(["┌" + "─" * inner + "┐", *sides, "└" + "─" * inner + "┘"])
def anew(*_):
    before.clear()
    os.write(1, b"\\x1b[2J")
    draw()
signal.signal(signal.SIGWINCH, anew)
kept = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"\\x1b[?1049h")
draw()
for count in range(1, 4):
    os.read(0, 1)
    token = token[:-count] + "xyz"[:count] if count < 3 else sys.argv[1]
    draw(count)
os.write(1, b"\\x1b[?25h\\x1b[?1049l")
termios.tcsetattr(0, termios.TCSANOW, kept)
"""

# As Ink does: below what was there before, everything is taken away row by row and written anew, wrapped hard in a box.
ROWS = """
import os, signal, sys, termios, tty
token, height = sys.argv[1], 0
def frame(text, columns):
    global height
    inner = min(columns, 70) - 4
    lines = [text[at : at + inner] for at in range(0, len(text), inner)]
    edge = "─" * (inner + 2)
    body = [f"╭{edge}╮", *(f"│ {line.ljust(inner)} │" for line in lines), f"╰{edge}╯", "", "> "]
    gone = "\\x1b[2K" + "\\x1b[1A\\x1b[2K" * (height - 1) + "\\x1b[G" if height else ""
    os.write(1, f"\\x1b[?25l{gone}{chr(10).join(body)}\\x1b[?25h".replace("\\n", "\\r\\n").encode())
    height = len(body)
def draw(*_):
    frame(text, os.get_terminal_size()[0])
signal.signal(signal.SIGWINCH, draw)
kept = termios.tcgetattr(0)
tty.setraw(0)
said = f"The key in the file is {token} and there is no other one; it ends with"
for count in range(4, len(said) + 4, 4):
    text = said[:count]
    draw()
os.read(0, 1)
text = said + " " + token[-4:] + ". Ready."
draw()
os.read(0, 1)
os.write(1, b"\\r\\n")
termios.tcsetattr(0, termios.TCSANOW, kept)
"""
