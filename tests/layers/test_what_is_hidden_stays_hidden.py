"""An agent cannot uncover for the next run what is hidden in the home, whatever it makes of its layer."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
HIDDEN = ("~/.ssh/id_ed25519", "~/.netrc", "~/.config/gcloud/key.json")
TRICKS = (
    "rm -rf ~/.config ~/.ssh ~/.netrc; mkdir -p ~/.config/gcloud",
    "mv ~/.config ~/moved; mv ~/.ssh ~/ssh; mv ~/.netrc ~/n; ln ~/.netrc ~/m; cp -a ~/.ssh ~/s",
    "rm -rf ~/.config; ln -s / ~/.config; ln -s .ssh ~/s",
    "setfattr -n user.overlay.opaque -v n ~ 2>&1; mknod ~/w c 0 0; touch ~/.config/x",
)


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
def test_what_is_hidden_stays_hidden(sandbox: Sandbox, trick: str) -> None:
    for path in HIDDEN:
        sandbox.write(path)
    sandbox.shell(trick)
    for _ in range(2):
        done = sandbox.shell("rm -rf ~/.config; grep -rs . ~ /proc/self/root/$HOME; cat " + " ".join(HIDDEN))
        assert SECRET not in done.stdout + done.stderr
    assert [sandbox.path(path).read_text() for path in HIDDEN] == [f"{SECRET}\n"] * 3
