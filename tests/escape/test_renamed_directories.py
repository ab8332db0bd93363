"""A directory renamed by one run does not take a denied file out of the next one's patterns."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize(
    ("file", "attack", "moved"),
    [
        ("~/.kube/config", "mv ~/.kube ~/k", "~/k/config"),
        ("~/.config/gcloud/x", "mv ~/.config ~/c", "~/c/gcloud/x"),
        ("conf/prod/key.txt", "mv conf c", "c/prod/key.txt"),
        ("conf/prod/key.txt", "mv conf/prod conf/p", "conf/p/key.txt"),
    ],
)
def test_a_directory_renamed_for_the_next_run(sandbox: Sandbox, file: str, attack: str, moved: str) -> None:
    sandbox.write(".aigate.yaml", "deny_read: [conf/prod/key.txt]\n")
    sandbox.write(file)
    sandbox.shell(attack)
    assert SECRET not in sandbox.shell(f"cat {moved} {file}").stdout


@pytest.mark.parametrize(
    ("deny", "attack", "moved"),
    [
        ('["*.pem", "!/public/*.pem"]', "mv certs public", "public/roots.pem"),
        ('["*.pem", "!public/**"]', "mkdir public; mv certs public", "public/certs/roots.pem"),
        ('["*.pem", "!**/open/*.pem"]', "mv certs open", "open/roots.pem"),
        ("default", "mkdir -p grpc/_cython; mv certs grpc/_cython/_credentials", "grpc/_cython/_credentials/roots.pem"),
        ("default", "mkdir node_modules; mv certs node_modules", "node_modules/certs/roots.pem"),
        ("default", "mv certs vendor", "vendor/roots.pem"),
    ],
)
def test_a_directory_moved_to_where_a_pattern_takes_back(sandbox: Sandbox, deny: str, attack: str, moved: str) -> None:
    if deny != "default":
        sandbox.config(f"deny_read: {deny}\n")
    sandbox.write("certs/roots.pem")
    sandbox.shell(attack)
    assert SECRET not in sandbox.shell(f"cat {moved} certs/roots.pem").stdout


def test_a_directory_with_a_denied_file_can_be_renamed(sandbox: Sandbox) -> None:
    """Where its name decides nothing."""
    sandbox.config('deny_read: [.env, "!/public/*.pem"]\n')
    sandbox.write("sub/.env")
    assert sandbox.shell("mv sub other").returncode == 0
    assert SECRET not in sandbox.shell("cat other/.env").stdout


def test_a_denied_file_moved_deeper_than_a_path_can_be(sandbox: Sandbox) -> None:
    sandbox.write("a/.env")
    dig = "import os\nfor i in range(25): os.mkdir('d' * 200); os.chdir('d' * 200)\n"
    dig += "os.rename('/'.join(['..'] * 25 + ['a']), 'a')"
    sandbox.run("python3", "-c", dig)
    read = "import os\nfor i in range(25): os.chdir('d' * 200)\nprint(open('a/.env').read())"
    done = sandbox.run("python3", "-c", read)
    assert SECRET not in done.stdout
    assert "aigate" not in done.stderr, done.stderr
