"""A directory that is moved into aigate's own takes nobody along who was in it, where the home can be written to."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
STAY = "mkdir ~/mine; cd ~/mine; echo > file; mkdir -m 0 closed; mkdir -p ~/.config; mv ~/mine ~/.config/fish"
WAIT = 'until [ -e "$project/look" ]; do sleep 0.02; done'
# From where it would be: content, the number, quarantine, aigate's own directory.
LOOK = "for up in .. ../.. ../../.. ../../../..; do ls $up; echo x >> $up/config.yaml; done; echo over"

OWN = {"content", "record.json", "quarantine", "audit.jsonl"}


@pytest.mark.everywhere
def test_a_directory_with_an_agent_in_it(sandbox: Sandbox) -> None:
    text = sandbox.path("~/.aigate/config.yaml").read_text()
    sandbox.config(text.replace("\nhome: layer", "\nhome: writable"))
    before = sandbox.path("~/.aigate/config.yaml").read_text()
    agent = f'project=$PWD; ({STAY}; : > "$project/there"; {WAIT}; {LOOK}) &'
    told = meanwhile(
        sandbox,
        lambda _: None,
        ": > look; wait",
        before=f"{agent} until [ -e there ]; do sleep 0.02; done",
        until=(("moved", "~/.config/fish"),),
    )
    assert "over" in told.stdout, told.stderr
    assert not OWN.intersection(told.stdout.split())
    assert sandbox.path("~/.aigate/config.yaml").read_text() == before
    content = next(sandbox.path("~/.aigate/quarantine").glob("*/content/fish"))
    assert sorted(each.name for each in content.iterdir()) == ["closed", "file"]
    assert not sandbox.path("~/.config/fish").exists()
