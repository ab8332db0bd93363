#!/usr/bin/env bash
# Belief:   An installer replaces the `#!python` of a script in a wheel's .data/scripts by the interpreter's path, and goes
#           by way of /bin/sh where that path has a space, as it does for the commands that it makes of entry points.
# Happens:  Each does something else. pip writes the path bare, so in an environment with a space in its path the script
#           cannot be started at all, while an entry point of the same wheel can. pipx appends -E afterwards, so the line
#           is no path either. uv writes the three lines for sh(1), and in an environment that can be moved a command
#           substitution that looks for the script's own directory.
# Versions: pip 25.3, pipx 1.18.4, uv 0.13.9, Python 3.11.
# Matters:  Who reads the interpreter from that line (a launcher that is no Python, a debugger, an image builder) has to know
#           four forms; who ships scripts in place of entry points breaks under "/home/Jane Doe", with pip only.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place PIPX_HOME=$place/pipx PIPX_BIN_DIR=$place/bin UV_CACHE_DIR=$place/uv PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$place/tools"
"$place/tools/bin/pip" install --quiet pipx==1.18.4 uv==0.13.9 2>/dev/null
"$place/tools/bin/python" - "$place/shown-1-py3-none-any.whl" <<'PYTHON'
import sys, zipfile
files = {
    "shown.py": "def main():\n    print('entry point works')\n",
    "shown-1.data/scripts/shown-script": "#!python\nprint('script works')\n",
    "shown-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: shown\nVersion: 1\n",
    "shown-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "shown-1.dist-info/entry_points.txt": "[console_scripts]\nshown-entry = shown:main\n",
}
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
    wheel.writestr("shown-1.dist-info/RECORD", "".join(f"{n},,\n" for n in (*files, "shown-1.dist-info/RECORD")))
PYTHON
wheel=$place/shown-1-py3-none-any.whl
expect() { # expect WHERE FILE TEXT: the first lines hold the text
    head -2 "$2" | sed "s,$place,PLACE,; s,^,$1: ,"
    head -2 "$2" | grep -qF -- "$3" || { echo "changed"; exit 1; }
}
python3 -m venv "$place/jane doe"
"$place/jane doe/bin/python" -m pip install --quiet pip==25.3 2>/dev/null
"$place/jane doe/bin/python" -m pip install --quiet "$wheel"
expect "pip" "$place/jane doe/bin/shown-script" "#!$place/jane doe/bin/python"
"$place/jane doe/bin/shown-entry"
if "$place/jane doe/bin/shown-script" 2>/dev/null; then echo "changed: the script works"; exit 1; fi
echo "the script of the same wheel cannot be started"
"$place/tools/bin/pipx" install --quiet "$wheel" >/dev/null 2>&1
expect "pipx" "$PIPX_HOME/venvs/shown/bin/shown-script" "/bin/python -E"
for kind in "" --relocatable; do
    "$place/tools/bin/uv" venv --quiet $kind --python "$(command -v python3)" "$place/uv doe$kind"
    "$place/tools/bin/uv" pip install --quiet --python "$place/uv doe$kind/bin/python" "$wheel"
    expect "uv $kind" "$place/uv doe$kind/bin/shown-script" "#!/bin/sh"
    "$place/uv doe$kind/bin/shown-script"
done
