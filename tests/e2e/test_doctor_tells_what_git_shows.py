"""What git tracks is readable from its objects, whatever is hidden on the disk: doctor and banner name it."""

from __future__ import annotations

import json


def test_doctor_and_banner_name_what_is_committed(sandbox):
    sandbox.write("committed.pem")
    sandbox.write("fresh.pem")
    commit = "git init -q . && git add committed.pem && git -c user.name=n -c user.email=e commit -qm x"
    assert sandbox.outside("sh", "-c", commit).returncode == 0
    text = sandbox.aigate("doctor").stdout
    assert "readable from .git/objects" in text
    assert "committed.pem" in text
    assert "fresh.pem" not in text
    (path,) = json.loads(sandbox.aigate("doctor", "--json").stdout)["committed"]
    assert path == str(sandbox.project / "committed.pem")
    assert "git tracks what is hidden (committed.pem)" in sandbox.run("true", options=()).stderr
