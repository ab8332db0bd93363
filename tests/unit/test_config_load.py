"""What a config file comes to: defaults, absent and empty, where a project's file is found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from config_home import Home, texts, write

from aigate.config import files, schema
from aigate.config.load import DEFAULTS, LISTS, default_layer, load_config
from aigate.config.model import MaskStdout, ResourceLimits
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

READ = """secrets/ credentials/ *.pem *.key *.p12 .env .env.* terraform.tfstate *.tfvars ~/.ssh/ ~/.aws/ ~/.gcloud/
~/.config/gcloud/ ~/.azure/ ~/.docker/config.json ~/.npmrc ~/.pypirc ~/.netrc ~/.git-credentials
~/Library/Keychains*/ ~/Library/Cookies*/"""
EXEC = ["curl", "wget", "nc", "ncat", "netcat", "ssh", "scp", "rsync", "ftp", "kubectl delete", "kubectl exec"]
NET = ["api.anthropic.com", "api.openai.com", "api.github.com"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_default_file() -> None:
    layer = default_layer(None)
    assert layer.group is not None
    assert layer.user is not None
    assert (layer.group.text, layer.user.text) == ("ai-agents", "ai-runner")
    read = texts(layer.deny_read) or []
    assert set(READ.split()) <= set(read)  # where tools keep credentials: tests/e2e/test_where_credentials_lie.py
    assert {"!cacert.pem", "!.env.example", "!.env.sample"} <= set(read)
    assert texts(layer.deny_exec) == EXEC
    assert texts(layer.allow_net) == NET
    assert layer.resource_limits == ResourceLimits(4 << 30, 80.0, 1000)
    assert layer.mask_stdout is not None
    assert texts(layer.mask_stdout.presets) == ["all"]
    assert layer.mask_stdout.patterns == ()


@pytest.mark.parametrize(
    "path",
    ["~/.bashrc", "~/.zshenv", "~/.gitconfig", ".git/config", ".git/hooks/", "~/.config/autostart/",
     "~/.config/systemd/", ".vscode/tasks.json", "~/.local/bin/", "~/.local/lib/", ".claude/settings.json",
     ".mcp.json", ".aigate.yaml"],
)  # fmt: skip
def test_default_deny_write(path: str) -> None:
    assert path in (texts(default_layer(None).deny_write) or [])


def test_defaults_set_every_key() -> None:
    layer = default_layer(None)
    assert [name for name in layer.__match_args__ if getattr(layer, name) is None] == []


def test_defaults_have_no_entry_twice() -> None:
    layer = default_layer(None)
    for name in LISTS:
        entries = texts(getattr(layer, name)) or []
        assert len(entries) == len(set(entries)), name


def test_what_agents_must_write_is_not_denied() -> None:
    written = texts(default_layer(None).deny_write) or []
    assert not {"~/.claude.json", "~/.claude/", "~/.codex/", "~/.config/", "~/.local/share/", "~/.cache/"} & set(
        written
    )


def test_absent_keys(home: Home) -> None:
    home.write("{}")
    config = home.load()
    assert (config.group, config.user, config.network) == ("ai-agents", "ai-runner", "auto")
    assert config.deny_read == config.deny_exec == config.allow_sockets == config.require == ()
    assert config.allow_net is None
    assert config.mask_stdout is None
    assert config.resource_limits == ResourceLimits()
    assert config.deny_write == default_layer(None).deny_write != ()
    assert config.deny_env == default_layer(None).deny_env != ()
    assert config.deny_env[0].path == DEFAULTS
    assert config.sources == (home.config,)
    assert (config.withheld, config.withheld_files) == ((), ())


def test_empty_keys(home: Home) -> None:
    home.write("".join(f"{name}: []\n" for name in LISTS) + "mask_stdout: {}\nresource_limits: {}\n")
    config = home.load()
    assert all(getattr(config, name) == () for name in LISTS)
    assert config.mask_stdout == MaskStdout((), ())
    assert config.resource_limits == ResourceLimits()


def test_entries_know_their_place(home: Home) -> None:
    home.write("deny_read:\n  - a\n\n  - b  # why\ndeny_exec: [c,\n  d]\n")
    config = home.load()
    assert [(e.text, e.line) for e in (*config.deny_read, *config.deny_exec)] == [
        ("a", 2),
        ("b", 4),
        ("c", 5),
        ("d", 6),
    ]
    assert {e.path for e in config.deny_read} == {home.config}


def test_mask_pattern(home: Home) -> None:
    home.write(
        "mask_stdout:\n  patterns:\n    - regex: 'a\\d'\n    - {regex: b, show_prefix: 3, case_insensitive: yes}\n"
    )
    mask = home.load().mask_stdout
    assert mask is not None
    found = [(p.regex, p.show_prefix, p.case_insensitive, p.line) for p in mask.patterns]
    assert found == [("a\\d", 0, False, 3), ("b", 3, True, 4)]
    assert mask.presets == ()


@pytest.mark.parametrize(
    ("written", "size"),
    [("4G", 4 << 30), ("512M", 512 << 20), ("1.5G", 3 << 29), ("2 GiB", 2 << 30), ("4g", 4 << 30), ("1T", 1 << 40),
     ("2048K", 2 << 20), ("1048576", 1 << 20), ("'1048576'", 1 << 20), ("64MB", 64 << 20)],
)  # fmt: skip
def test_memory(written: str, size: int) -> None:
    plain = schema.check(f"resource_limits: {{max_memory: {written}}}".encode(), "c", project=False)
    assert dict(plain["resource_limits"]) == {"max_memory": size}


@pytest.mark.parametrize("word", ["2001-01-01", "=", "a#b", "12a", "0.0.0.0/0", "10.0.0.1", "::1", "~/x", "off.txt"])
def test_words_that_stay_words(word: str) -> None:
    assert schema.check(f"deny_read:\n  - {word}\n".encode(), "c", project=False)["deny_read"] == ((word, 2),)


def test_crlf_file(home: Home) -> None:
    home.write("deny_read:\r\n  - a\r\n  - b\r\n")
    assert [(e.text, e.line) for e in home.load().deny_read] == [("a", 2), ("b", 3)]


def test_explicit_path_replaces_the_global_config(home: Home) -> None:
    home.write("deny_read: [a]\n")
    other = os.path.join(home.project, "other.yaml")
    write(other, "deny_read: [b]\n")
    home.write_project("deny_read: [c]\n")
    assert texts(load_config(other, home.project, home=home.home).deny_read) == ["b", "c"]


def test_symlinked_global_config(home: Home) -> None:
    write(home.home + "/real.yaml", "deny_read: [a]\n")
    os.symlink("../real.yaml", home.config)
    assert texts(home.load().deny_read) == ["a"]


def find(home: Home, folder: str = "") -> list[str]:
    return files.project_files(os.path.join(home.project, folder), home.home)


def own(home: Home, folder: str = "") -> str | None:
    return files.own_project_file(os.path.join(home.project, folder), home.home)


def test_project_files_are_found_upwards(home: Home) -> None:
    os.makedirs(home.project + "/a/b")
    path = home.write_project("deny_read: []\n")
    assert find(home, "a/b") == find(home) == [path]
    assert own(home, "a/b") == own(home) == path
    nearer = home.write_project("deny_read: []\n", "a")
    assert find(home, "a/b") == [path, nearer]
    assert own(home, "a/b") == nearer


def test_a_repository_ends_the_search_for_edits_only(home: Home) -> None:
    outer = home.write_project("deny_read: []\n")
    os.makedirs(home.project + "/sub/deep")
    write(home.project + "/sub/.git", "gitdir: elsewhere\n")
    assert own(home, "sub/deep") is None
    assert find(home, "sub/deep") == [outer]
    inner = home.write_project("deny_read: []\n", "sub")
    assert own(home, "sub/deep") == inner
    assert find(home, "sub/deep") == [outer, inner]


@pytest.mark.parametrize("holder", ["home", "above"])
def test_home_and_above_are_no_project(tmp_path: Path, holder: str) -> None:
    home = tmp_path / "users" / "me"
    (home / "p").mkdir(parents=True)
    folder = home if holder == "home" else home.parent
    (folder / ".aigate.yaml").write_text("deny_read: []\n")
    for start in (home / "p", home, home.parent):
        assert files.project_files(str(start), str(home)) == []
        assert files.own_project_file(str(start), str(home)) is None


def test_search_without_home_ends_at_the_root(tmp_path: Path) -> None:
    assert files.project_files(str(tmp_path), None) == []
    assert files.project_files("/", None) == []


def test_neighbour_of_home_with_the_same_beginning_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "me").mkdir()
    (tmp_path / "me2").mkdir()
    (tmp_path / "me2" / ".aigate.yaml").write_text("deny_read: []\n")
    assert files.project_files(str(tmp_path / "me2"), str(tmp_path / "me")) == [str(tmp_path / "me2" / ".aigate.yaml")]


def test_a_linked_folder_is_the_folder_it_leads_to(home: Home, tmp_path: Path) -> None:
    path = home.write_project("deny_read: []\n")
    os.symlink(home.project, tmp_path / "link")
    assert files.project_files(str(tmp_path / "link"), home.home) == [path]


@pytest.mark.parametrize("target", ["../outside.yaml", "/etc/passwd", "/nonexistent/x"])
def test_project_file_that_leads_out_is_an_error(home: Home, target: str) -> None:
    home.write("{}")
    write(os.path.join(home.project, "../outside.yaml"), "deny_read: [a]\n")
    os.symlink(target, os.path.join(home.project, ".aigate.yaml"))
    with pytest.raises(ConfigError, match="is a link out of the project"):
        home.load()


def test_project_file_that_links_within_the_project(home: Home) -> None:
    home.write("{}")
    write(home.project + "/real.yaml", "deny_read: [a]\n")
    os.symlink("real.yaml", home.project + "/.aigate.yaml")
    assert texts(home.load().deny_read) == ["a"]


@pytest.mark.parametrize("kind", ["fifo", "directory", "dangling", "empty", "broken"])
def test_broken_project_file_is_never_skipped(home: Home, kind: str) -> None:
    home.write("{}")
    path = os.path.join(home.project, ".aigate.yaml")
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "directory":
            os.mkdir(path)
        case "dangling":
            os.symlink("gone", path)
        case "empty":
            write(path, "")
        case _:
            write(path, "deny_reed: []\n")
    with pytest.raises(ConfigError) as caught:
        home.load()
    assert caught.value.path in {path, os.path.join(home.project, "gone")}
