"""What root's runs compile below /usr/lib/aigate goes with the package, and nothing else does before its time."""

from __future__ import annotations

import pathlib
import subprocess

import yaml

NFPM = pathlib.Path(__file__).parents[2] / "packaging/nfpm"


def test_before_a_package_goes_what_python_compiled_goes(tmp_path: pathlib.Path) -> None:
    named = yaml.safe_load((NFPM / "nfpm.yaml").read_text())["scripts"]["preremove"]
    script = (NFPM / pathlib.Path(named).name).read_text()
    place = tmp_path / "aigate"
    for path in ("aigate/errors.py", "aigate/__pycache__/errors.cpython-311.pyc", "yaml/__pycache__/reader.pyc"):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).touch()
    for _ in range(2):  # the second time there is nothing to do
        subprocess.run(["sh", "-c", script.replace("/usr/lib/aigate", str(place))], check=True)
    assert [str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()] == ["aigate/errors.py"]


def test_a_package_that_is_not_there_is_no_error(tmp_path: pathlib.Path) -> None:
    script = (NFPM / "preremove.sh").read_text().replace("/usr/lib/aigate", str(tmp_path / "nowhere"))
    assert subprocess.run(["sh", "-c", script]).returncode == 0


def test_an_rpm_names_each_directory_that_a_small_system_lacks() -> None:
    contents = yaml.safe_load((NFPM / "nfpm.yaml").read_text())["contents"]
    own = [one for one in contents if one.get("packager", "rpm") == "rpm"]
    named = {one["dst"] for one in own if one.get("type") in ("dir", "tree")}
    everywhere = {"/", "/usr", "/usr/bin", "/usr/lib", "/usr/share", "/usr/share/doc", "/usr/share/man"}
    files = [pathlib.PurePosixPath(one["dst"]) for one in own if one.get("type") != "dir"]
    missing = {str(folder) for path in files for folder in path.parents} - named - everywhere
    assert len(files) > 6
    assert not missing
