"""Attacks as an agent would try them on a Mac, against the real sandbox-exec: promises, and ways around them."""

from __future__ import annotations

import http.server
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

import pytest
from macplace import SECRET, Place

PYTHON = sys.executable


def test_ordinary_work_goes_on(place: Place) -> None:
    """The first question to a profile: does anything at all still run?"""
    script = """
        set -e
        echo text > made.txt; mkdir -p a/b; mv made.txt a/b/x; cat a/b/x; rm -r a
        echo "$(id -un)" > /dev/null; date > /dev/null; ls -l / > /dev/null; mktemp > "$TMPDIR/name"; cat < /dev/null
        git add -A; git -c user.name=n -c user.email=e@example.com commit -q --allow-empty -m one; git status --short
        python3 -c 'import subprocess, tempfile; tempfile.NamedTemporaryFile(); subprocess.run(["true"], check=True)'
        echo done
    """
    done = place.shell(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")


@pytest.mark.parametrize("status", [0, 3])
def test_exit_status(place: Place, status: int) -> None:
    assert place.shell(f"exit {status}").returncode == status


@pytest.mark.parametrize(
    "attack",
    [
        "cat .env",
        "cat ./../project/.env",
        "cat $(printf .e; printf nv)",
        "cat .ENV",
        "cp .env x; cat x",
        "cp -c .env x; cat x",
        "ln .env x; cat x",
        "ln -s .env x; cat x",
        "mv .env x; cat x",
        "tar cf - .env | tar xOf -",
        "dd if=.env",
        "cat < .env",
        "cat /System/Volumes/Data$PWD/.env",
        "cat /.vol/$(stat -f %d/%i .env)",
        "mv packages p2; cat p2/api/.env",
        "cd .. && mv project p2 && cat p2/.env",
        "cd ../.. && mv home h2 && cat h2/project/.env",
        "cp -R packages p3; cat p3/api/.env",
        "ditto packages p4; cat p4/api/.env",
        "xattr -w user.x y .env; cat .env",
        "chmod 777 .env; cat .env",
        "osascript -e 'do shell script \"cat '$PWD'/.env\"'",
        "open -W -a TextEdit .env; cat .env",
        "launchctl submit -l x.aigate -o $PWD/x -- /bin/cat $PWD/.env; sleep 2; cat x",
        "sandbox-exec -p '(version 1)(allow default)' cat .env",
        "mdls -raw -name kMDItemTextContent .env; qlmanage -p .env",
    ],
)
def test_reading_a_denied_file(place: Place, attack: str) -> None:
    place.write(".env")
    place.write("packages/api/.env")
    done = place.shell(f"{attack}; cat .env packages/api/.env")
    assert SECRET not in done.stdout + done.stderr
    assert (place.project / ".env").read_text() == f"{SECRET}\n"


def test_reading_through_an_old_hard_link(place: Place) -> None:
    os.link(place.write(".env"), place.project / "innocent.txt")
    assert SECRET not in place.shell("cat innocent.txt .env").stdout


@pytest.mark.parametrize("path", ["~/.ssh/id_rsa", "~/.aws/credentials", "~/.kube/config", "~/.netrc"])
def test_reading_what_the_home_holds(place: Place, path: str) -> None:
    place.write(path)
    name = path.replace("~", "$HOME")
    above = os.path.dirname(name)
    done = place.shell(
        f"cat {name}; mv {above} $HOME/moved; cat $HOME/moved/*; cp -R {above} $HOME/copied; cat $HOME/copied/*"
    )
    assert SECRET not in done.stdout


def test_a_match_that_appears_later(place: Place) -> None:
    """Another program makes the file while the agent runs."""
    script = "echo ready; while ! test -e sub/.env; do sleep 0.1; done; cat sub/.env; mv sub/.env sub/x; cat sub/x"
    (place.project / "sub").mkdir()
    with subprocess.Popen(
        [PYTHON, "-m", "aigate", "run", "--quiet", "--", "/bin/sh", "-c", script],
        cwd=place.project,
        env=place.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        place.write("sub/.env")
        assert SECRET not in running.stdout.read()


def test_the_agents_own_state(place: Place) -> None:
    place.shell("true")
    done = place.shell("cat ~/.aigate/config.yaml ~/.aigate/audit.jsonl; ls ~/.aigate; echo x >> ~/.aigate/config.yaml")
    assert done.stdout == ""
    assert "x" not in (place.home / ".aigate/config.yaml").read_text().splitlines()


@pytest.mark.parametrize(
    ("path", "attack"),
    [
        ("~/.zshenv", "echo evil > ~/.zshenv"),
        ("~/.zshenv", "echo evil > ~/.ZSHENV"),
        ("~/.zshenv", "echo evil > ~/x; mv ~/x ~/.zshenv"),
        ("~/.zshenv", "echo evil > ~/x; ln ~/x ~/.zshenv; ln -s ~/x ~/.zshenv"),
        ("~/.config/fish/config.fish", "mkdir -p ~/.config/fish; echo evil > ~/.config/fish/config.fish"),
        ("~/.config/fish/config.fish", "mkdir -p ~/c/fish; echo evil > ~/c/fish/config.fish; mv ~/c ~/.config"),
        ("~/.config/fish/config.fish", "mkdir ~/f; echo evil > ~/f/config.fish; mv ~/f ~/.config/fish"),
        (
            "~/Library/LaunchAgents/x.plist",
            "mkdir -p ~/Library/LaunchAgents; echo evil > ~/Library/LaunchAgents/x.plist",
        ),
        ("~/Library/LaunchAgents/x.plist", "mkdir ~/l; echo evil > ~/l/x.plist; mv ~/l ~/Library/LaunchAgents"),
        (".git/hooks/pre-commit", "echo evil > .git/hooks/pre-commit"),
        (".git/hooks/pre-commit", "mv .git g; mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit"),
        (".vscode/tasks.json", "mkdir -p .vscode; echo evil > .vscode/tasks.json"),
        (".vscode/tasks.json", "mkdir v; echo evil > v/tasks.json; mv v .vscode"),
        (".aigate.yaml", "echo 'allow_net: []' > .aigate.yaml"),
    ],
)
def test_what_would_outlive_the_run(place: Place, path: str, attack: str) -> None:
    place.shell(attack)
    target = place.home / path[2:] if path.startswith("~/") else place.project / path
    assert not target.exists()


@pytest.mark.parametrize(
    "path", ["/tmp/aigate-was-here", "/private/var/tmp/aigate-was-here", "/usr/local/aigate-was-here"]
)
def test_writing_elsewhere(place: Place, path: str) -> None:
    done = place.shell(f"echo x > {path}")
    assert done.returncode != 0
    assert not os.path.exists(path)


def test_other_programs_temporary_files(place: Place) -> None:
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as one, tempfile.NamedTemporaryFile("w") as other:
        for file in (one, other):
            file.write(SECRET)
            file.flush()
        assert SECRET not in place.shell(f"cat {one.name} {other.name}").stdout


@pytest.mark.parametrize(
    "attack",
    [
        "curl --version",
        "/usr/bin/curl --version",
        "env curl --version",
        "cp /usr/bin/curl c; ./c --version",
        "ln -s /usr/bin/curl c; ./c --version",
    ],
)
def test_denied_commands(place: Place, attack: str) -> None:
    assert "curl" not in place.shell(attack).stdout


class Handler(http.server.BaseHTTPRequestHandler):
    """A service of the host that nobody inside may reach."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SECRET.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.mark.parametrize("allow", ["[]", "[api.example.com]"])
def test_reaching_the_host_and_the_world(place: Place, allow: str) -> None:
    place.config(f"allow_net: {allow}\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    program = f"""
import socket, urllib.request
for place in (("127.0.0.1", {port}), ("192.0.2.1", 443), ("1.1.1.1", 53)):
    s = socket.socket(); s.settimeout(3)
    print(s.connect_ex(place) == 0)
    s.close()
try:
    print(urllib.request.urlopen("http://127.0.0.1:{port}/", timeout=5).read())
except OSError as error:
    print(type(error).__name__)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    print(u.sendto(b"x", ("1.1.1.1", 53)))
except OSError as error:
    print(type(error).__name__)
try:
    print(socket.getaddrinfo("example.com", 443))
except OSError as error:
    print(type(error).__name__)
"""
    try:
        done = place.aigate("run", "--quiet", "--", PYTHON, "-c", program)
        lines = done.stdout.splitlines()
        assert lines[:3] == ["False"] * 3, done.stderr
        assert SECRET not in done.stdout
        assert lines[4] == "PermissionError"
        assert lines[5] == "gaierror"
    finally:
        server.shutdown()
        server.server_close()


def test_sockets_of_the_host(place: Place) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as server:
        path = f"{folder}/s"
        server.bind(path)
        server.listen()
        program = f"import socket; print(socket.socket(socket.AF_UNIX).connect_ex({path!r}) == 0)"
        assert place.aigate("run", "--quiet", "--", PYTHON, "-c", program).stdout == "False\n"


@pytest.mark.parametrize(
    "attack",
    [
        "security dump-keychain",
        "security find-generic-password -a x",
        "pbpaste",
        "launchctl list",
        "osascript -e 'tell application \"Finder\" to get name of startup disk'",
        "defaults write x.aigate evil -bool true && defaults read x.aigate",
        "open -a Calculator",
        "crontab -l; echo '* * * * * true' | crontab -",
        "kill -0 $PPID",
        "ps -p 1 -o command=",
    ],
)
def test_help_from_outside(place: Place, attack: str) -> None:
    assert place.shell(attack).returncode != 0


def test_nothing_is_left(place: Place) -> None:
    before = set(place.home.rglob("*"))
    place.shell("true")
    assert {path.name for path in set(place.home.rglob("*")) - before} <= {"audit.jsonl", "running.lock", "cache"} | {
        path.name for path in (place.home / ".aigate/cache").glob("*")
    }
    temporary = pathlib.Path(tempfile.gettempdir())
    assert not [
        path for path in temporary.glob("aigate-*") if path.is_dir() and not path.name.startswith("aigate-home")
    ]
