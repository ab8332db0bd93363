"""Whatever an agent makes of its layer, the next run starts, and obeys nothing that nobody has agreed to."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

DEEP = "import os; os.makedirs('.config/autostart'); os.chdir('.config/autostart')\n"
DEEP += "for _ in range(1100): os.mkdir('d'); os.chdir('d')\nopen('evil', 'w')"
MADE = {
    "a closed home": "echo evil > ~/.zshrc; chmod 000 ~",
    "a file that cannot be read": "echo evil > ~/.zshrc; chmod 000 ~/.zshrc",
    "a directory of programs that cannot be listed": "mkdir -p ~/bin; echo evil > ~/bin/git; chmod 311 ~/bin",
    "a directory that cannot be changed": "mkdir -p ~/bin; echo evil > ~/bin/git; chmod 555 ~/bin",
    "more than MOST": "mkdir -p ~/.config/fish; cd ~/.config/fish; seq 10001 | xargs touch; echo evil >~/.zshrc",
    "nested directories": f'cd; python3 -c "{DEEP}"',
    "nested values": """python3 -c "print('{\\"userID\\": ' + '[' * 900 + ']' * 900 + '}')" > ~/.claude.json""",
    "a pipe for a login": "mkfifo ~/.claude.json; mkdir ~/.claude; mkfifo ~/.claude/.credentials.json",
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_a_layer_made_to_stop_the_next_run(sandbox: Sandbox, made: str) -> None:
    options = ("--quiet", "--profile", "claude")
    first = sandbox.run("sh", "-c", made, options=options)
    try:
        done = sandbox.run("sh", "-c", "echo started; cat ~/.zshrc ~/bin/git", options=options)
        assert done.stdout == "started\n"
        assert "Traceback" not in first.stderr + done.stderr
        assert sandbox.aigate("layer", "discard", "--all").returncode == 0
        assert sandbox.run("true").returncode == 0
    finally:
        sandbox.outside("rm", "-rf", str(sandbox.path("~/.aigate/layers")))


@pytest.mark.parametrize(
    "made", ["mkdir key.pem", "mkfifo key.pem", "ln -s file key.pem", "touch secrets", "mkdir -p secrets/in"]
)
def test_something_else_in_the_layer_than_what_is_hidden_outside(sandbox: Sandbox, made: str) -> None:
    """By the time that the next run begins."""
    sandbox.config('home: layer\nproject: layer\ndeny_read: ["*.pem", secrets/]\n')
    assert sandbox.shell(made).returncode == 0
    sandbox.write("key.pem")
    if "secrets" not in made:
        sandbox.write("secrets/key")
    else:
        sandbox.outside("sh", "-c", "mkdir secrets; echo x >secrets/key")
    done = sandbox.shell("echo started; cat key.pem secrets/key secrets")
    assert done.stdout == "started\n", done.stderr


def test_something_else_where_a_directory_is_shared(sandbox: Sandbox) -> None:
    sandbox.write("~/notes/file", "x\n")
    sandbox.config("home: layer\n")
    assert sandbox.shell("rm -r ~/notes; echo x >~/notes").returncode == 0
    sandbox.config("home: layer\nshare: [~/notes/]\n")
    done = sandbox.run("true")
    assert done.returncode == 1
    assert f"aigate layer discard {sandbox.home}/notes" in done.stderr
    assert sandbox.aigate("layer", "discard", f"{sandbox.home}/notes").returncode == 0
    assert sandbox.shell("cat ~/notes/file").stdout == "x\n"


@pytest.mark.parametrize("made", ["rm -r in", "rm -r in; echo x >in"])
def test_the_directory_to_begin_in_is_gone(sandbox: Sandbox, made: str) -> None:
    sandbox.config("home: layer\nproject: layer\n")
    sandbox.write("in/this/file", "x\n")
    assert sandbox.shell(made).returncode == 0
    done = sandbox.run("true", cwd=sandbox.project / "in/this")
    assert done.returncode == 1
    assert f"{sandbox.project}/in/this is no directory in the layer any more" in done.stderr
    assert sandbox.aigate("layer", "discard", f"{sandbox.project}/in").returncode == 0
    assert sandbox.run("true", cwd=sandbox.project / "in/this").returncode == 0
