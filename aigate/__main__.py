"""`python -m aigate`. The current directory leaves the module path first: it is the project's, not ours."""

import sys

if not sys.flags.safe_path and sys.path[0]:
    del sys.path[0]

from aigate.isolation import is_isolated, restart

if not is_isolated():
    restart()

from aigate.cli import start

start()
