"""The project's directory moved away outside, another in its place: both stay hidden and protected as they were."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
SWAP = """
cp -a project new; rm new/go new/ready; ln project/go project/ready new; mv project old; mv new project
for place in old project; do
    cd $place; echo SECRET > x; mv x .env; git config a.b c; cd ..
done
"""
# Both files are replaced within a millisecond, and one event tells of both: the second may be covered a moment later.
LOOK = """
sleep 0.5; cat .env; echo x >> .git/hooks/pre-commit; echo x >> .git/hooks/post-checkout
cd ..; cat project/.env; cat old/.env; echo x >> project/.git/hooks/pre-commit; echo over
"""


@pytest.mark.everywhere
@pytest.mark.parametrize("home", ["layer", "writable"])
def test_a_project_that_is_moved_away(sandbox: Sandbox, home: str) -> None:
    text = sandbox.path("~/.aigate/config.yaml").read_text()
    sandbox.config(text.replace("\nhome: layer", f"\nhome: {home}"))
    sandbox.write(".env", "first\n")

    def swap(_: object) -> None:
        done = sandbox.execute(["sh", "-ec", SWAP.replace("SECRET", SECRET)], cwd=sandbox.home)
        assert done.returncode == 0, done.stderr

    told = meanwhile(sandbox, swap, LOOK, until=(("gone", "."), ("renewed", ".env")))
    assert told.stdout == "over\n", told.stderr
    assert "was moved away outside during the run" in told.stderr
    for place in ("~/old", "."):
        assert not (sandbox.path(place) / ".git/hooks/pre-commit").exists()
