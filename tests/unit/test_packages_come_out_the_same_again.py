"""A .deb and an .rpm built twice are the same bytes: nothing in them is from the hour or the machine of the build."""

from __future__ import annotations

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
WHEEL = "aigate_sandbox-0.1.0-cp313-cp313-manylinux_2_28_x86_64.whl"
PIP = r"""#!/bin/sh
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/bin" "$2/aigate/__pycache__" "$2/yaml" "$2/share/man" "$2/aigate_sandbox-0.1.0.dist-info"
for one in bin/aigate bin/aigate-mask bin/aigate-python bin/other aigate/errors.py aigate/__pycache__/start-1.bundle \
    yaml/_yaml.cpython-313-x86_64-linux-gnu.so aigate_sandbox-0.1.0.dist-info/direct_url.json; do
    echo '#!/home/somebody/python' >"$2/$one"
done
"""
NFPM = r"""#!/bin/sh
cd "$AIGATE_TREE" && find . -printf '%P %T@\n' | sort
echo "packed $SOURCE_DATE_EPOCH"
"""
STRIP = """#!/bin/sh
echo "stripped ${2##*/}"
"""


def packed(tmp_path: pathlib.Path) -> list[str]:
    """Run the script with a pip, a strip and a packer of the test's own; return what these said."""
    programs = {"PYTHON": PIP, "NFPM": NFPM, "STRIP": STRIP}
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, **{name: str(tmp_path / name) for name in programs}}
    command = ["sh", "packaging/nfpm/build.sh", WHEEL, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_every_file_has_the_date_of_the_commit(tmp_path: pathlib.Path) -> None:
    said = packed(tmp_path)
    date = next(line.split()[1] for line in said if line.startswith("packed "))
    files = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in said if " " in line and "ed " not in line}
    assert "aigate/aigate/errors.py" in files
    assert "man/man1/aigate-run.1.gz" in files
    assert {float(known) for known in files.values()} == {float(date)}


def test_only_what_is_needed_goes_in(tmp_path: pathlib.Path) -> None:
    said = packed(tmp_path)
    assert "stripped _yaml.cpython-313-x86_64-linux-gnu.so" in said
    names = " ".join(said)
    assert all(name not in names for name in ("__pycache__", "direct_url", "bin/other", "aigate/share"))
