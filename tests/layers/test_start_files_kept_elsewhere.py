"""Start files and programs wait for the user's word also where links lead to them: the user's own, or an agent's."""

from __future__ import annotations

import os

from sandbox import Sandbox

LINKS = {".bashrc": "dotfiles/bashrc", "bin": "dotfiles/bin", ".local/bin/g": "../../dotfiles/programs/git"}


def test_the_users_own_links(sandbox: Sandbox) -> None:
    sandbox.write("~/dotfiles/bashrc", "mine\n")
    sandbox.write("~/dotfiles/bin/tool", "mine\n")
    sandbox.write("~/dotfiles/programs/git", "mine\n")
    sandbox.write("~/.local/bin/x", "")
    for link, target in (
        (".bashrc", "dotfiles/bashrc"),
        ("bin", "dotfiles/bin"),
        (".local/bin/g", "../../dotfiles/programs/git"),
    ):
        os.symlink(target, sandbox.path(f"~/{link}"))
    sandbox.shell(
        "for name in .bashrc bin/tool bin/new .local/bin/g; do echo evil >> ~/$name; done; echo x > ~/dotfiles/note"
    )
    done = sandbox.shell("cat ~/.bashrc ~/bin/* ~/.local/bin/g ~/dotfiles/note")
    assert done.stdout == "mine\nmine\nmine\nx\n"
    assert f"{sandbox.home}/dotfiles/bashrc" in done.stderr


def test_an_agents_link_on_the_way_to_programs(sandbox: Sandbox) -> None:
    sandbox.write("~/tools/bin/tool", "mine\n")
    sandbox.extra["PATH"] = f"{sandbox.home}/tools/bin:/usr/bin:/bin"
    sandbox.shell("rm -rf ~/tools; mkdir -p ~/t/bin; ln -s ~/t ~/tools; echo evil > ~/t/bin/tool")
    assert sandbox.shell("cat ~/tools/bin/tool").stdout == "mine\n"
