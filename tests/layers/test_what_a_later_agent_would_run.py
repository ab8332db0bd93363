"""What an agent leaves in the layer for a later one to run or obey waits for the user's word."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
ASIDE = "set aside (aigate layer keep PATH brings it back): "
LEFT = "mkdir -p ~/.local/bin ~/.claude; echo '#!/bin/sh' > ~/.local/bin/tool; echo evil >> ~/.bashrc; echo x > ~/note"


def test_it_is_set_aside_until_the_user_agrees(sandbox: Sandbox) -> None:
    sandbox.write("~/.bashrc", "mine\n")
    sandbox.shell(LEFT)
    second = sandbox.shell("cat ~/.bashrc ~/note; ls ~/.local/bin")
    assert second.stdout == "mine\nx\n"
    assert f"{sandbox.home}/.local/bin/tool" in second.stderr
    assert f"{sandbox.home}/.bashrc" in second.stderr
    assert sandbox.aigate("layer").stdout.splitlines()[-2:] == [f"{ASIDE}~/.bashrc", f"{ASIDE}~/.local/bin/tool"]
    kept = sandbox.aigate("layer", "keep", "~/.local/bin/tool".replace("~", str(sandbox.home)))
    assert kept.stdout == "kept: ~/.local/bin/tool\n"
    assert sandbox.aigate("layer").stdout.splitlines()[-1] == f"{ASIDE}~/.bashrc"
    third = sandbox.shell("ls ~/.local/bin; cat ~/.bashrc")
    assert (third.stdout, third.stderr) == ("tool\nmine\n", "")


def test_what_other_tools_obey(sandbox: Sandbox) -> None:
    names = (
        ".config/opencode/opencode.json", ".config/opencode/plugin/x.ts", ".copilot/mcp-config.json",
        ".ipython/profile_default/startup/x.py", ".config/mise/config.toml", ".docker/cli-plugins/docker-x",
        ".local/share/systemd/user/x.service", ".local/share/bash-completion/completions/git", ".hgrc", ".psqlrc",
        ".config/nushell/config.nu", ".config/helix/config.toml", ".config/gh/config.yml", ".config/direnv/direnvrc",
        ".codex/hooks.json", ".xsession",
        ".qwen/settings.json", ".cursor/hooks.json", ".lldbinit", ".config/kitty/kitty.conf", ".config/sway/config",
    )  # fmt: skip
    sandbox.shell("cd; for file; do mkdir -p $(dirname $file); echo evil > $file; done", *names)
    second = sandbox.shell('cd; for file; do [ ! -e "$file" ] || echo "$file"; done', *names)
    assert second.stdout == ""


def test_another_content_needs_another_word(sandbox: Sandbox) -> None:
    sandbox.shell(LEFT)
    assert "kept: ~/.local/bin/tool" in sandbox.aigate("layer", "keep").stdout
    assert sandbox.shell("echo more >> ~/.local/bin/tool").stderr == ""
    assert "tool" in sandbox.shell("true").stderr


def test_what_was_set_aside_is_not_called_unchanged(sandbox: Sandbox) -> None:
    assert sandbox.shell("echo agents > ~/.bashrc").returncode == 0
    assert "set aside" in sandbox.run("true").stderr
    for word in ("apply", "discard"):
        done = sandbox.aigate("layer", word, "~/.bashrc")
        assert "it was set aside: aigate layer keep ~/.bashrc" in done.stderr
