"""A project forbids at once and widens only with the user's word."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from config_home import Home, read, texts, write

from aigate.config import cache, trust
from aigate.config.merge import limit_text
from aigate.config.model import Config, ResourceLimits
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

USER = """
deny_read: [.env, "!.env.example"]
deny_write: [a]
deny_exec: [curl]
deny_env: [X_*]
allow_net: [api.example.com]
allow_sockets: [/run/a.sock]
ports: [3000]
network: slirp
resource_limits: {max_memory: 4G, max_pids: 100}
mask_stdout: {presets: [openai]}
require: [mask]
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.write(USER)
    return home


def agree(home: Home) -> None:
    config = home.load()
    assert bool(config.withheld) == bool(config.withheld_files)
    for path, digest in config.withheld_files:
        trust.record(path, digest, home=home.home)


def both(home: Home, text: str) -> tuple[Config, Config]:
    """Load with a project file before and after the user agreed to it."""
    home.write_project(text)
    before = home.load()
    agree(home)
    after = home.load()
    assert after.withheld == ()
    return before, after


FORBIDS = [
    ("deny_read: [more]", "deny_read", [".env", "!.env.example", "more"]),
    ("deny_write: [more]", "deny_write", ["a", "more"]),
    ("deny_exec: [wget]", "deny_exec", ["curl", "wget"]),
    ("deny_env: [Y]", "deny_env", ["X_*", "Y"]),
    ("allow_net: []", "allow_net", []),
]


@pytest.mark.parametrize(("text", "field", "expected"), FORBIDS)
def test_what_a_project_forbids_applies_at_once(home: Home, text: str, field: str, expected: list[str]) -> None:
    home.write_project(text)
    config = home.load()
    assert texts(getattr(config, field)) == expected
    assert config.withheld == ()
    assert config.sources == (home.config, home.project + "/.aigate.yaml")


WIDENS = [
    ("deny_read: ['!.env', b]", "deny_read", [".env", "!.env.example", "b"], [".env", "!.env.example", "!.env", "b"]),
    ("deny_write: ['!a']", "deny_write", ["a"], ["a", "!a"]),
    ("deny_exec: ['!curl']", "deny_exec", ["curl"], ["curl", "!curl"]),
    ("deny_env: ['!X_A']", "deny_env", ["X_*"], ["X_*", "!X_A"]),
    ("allow_net: [b.example.com]", "allow_net", ["api.example.com"], ["api.example.com", "b.example.com"]),
    ("allow_sockets: [/b]", "allow_sockets", ["/run/a.sock"], ["/run/a.sock", "/b"]),
    ("ports: [3000, 8080]", "ports", ["3000"], ["3000", "8080"]),
    ("share: [~/notes/]", "share", [], ["~/notes/"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "without", "agreed"), WIDENS)
def test_what_a_project_widens_needs_the_users_word(
    home: Home, text: str, field: str, without: list[str], agreed: list[str]
) -> None:
    before, after = both(home, text)
    assert texts(getattr(before, field)) == without
    assert len(before.withheld) == 1
    assert before.withheld[0].startswith(f"{home.project}/.aigate.yaml:1: {field} ")
    assert texts(getattr(after, field)) == agreed


def test_network_mode(home: Home) -> None:
    before, after = both(home, "network: gateway")
    assert (before.network, after.network) == ("slirp", "gateway")
    assert before.withheld == (f"{home.project}/.aigate.yaml:1: network gateway",)


@pytest.mark.parametrize(
    ("key", "stricter", "weaker"),
    [("home", "closed", "writable"), ("project", "layer", None), ("late", "hide", None)],
)
def test_a_project_chooses_what_is_stricter_by_itself(home: Home, key: str, stricter: str, weaker: str | None) -> None:
    home.write_project(f"{key}: {stricter}\n")
    assert (getattr(home.load(), key), home.load().withheld) == (stricter, ())
    if weaker:
        before, after = both(home, f"{key}: {weaker}")
        assert (getattr(before, key), getattr(after, key)) == ("layer", weaker)
        assert before.withheld == (f"{home.project}/.aigate.yaml:1: {key} {weaker}",)


def test_of_the_terminal_a_project_takes_by_itself_and_gives_only_if_agreed(home: Home) -> None:
    before, after = both(home, "terminal: {titles: none, clipboard: write, queries: safe}")
    assert (before.terminal.titles, before.terminal.clipboard) == ("none", "none")
    assert (after.terminal.titles, after.terminal.clipboard) == ("none", "write")
    assert before.withheld == (f"{home.project}/.aigate.yaml:1: terminal clipboard write",)


def test_the_same_network_mode_is_no_widening(home: Home) -> None:
    home.write_project("network: slirp\nallow_net: [api.example.com]\nallow_sockets: [/run/a.sock]\n")
    config = home.load()
    assert config.withheld == ()
    assert texts(config.allow_net) == ["api.example.com"]


def test_lower_limits_apply_and_higher_ones_wait(home: Home) -> None:
    before, after = both(home, "resource_limits: {max_memory: 8G, max_pids: 50, max_cpu_percent: 10}")
    assert before.resource_limits == ResourceLimits(4 << 30, 10.0, 50)
    assert after.resource_limits == ResourceLimits(8 << 30, 10.0, 50)
    assert before.withheld == (f"{home.project}/.aigate.yaml: max_memory 8G",)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("max_memory", 4 << 30, "4G"), ("max_memory", 1536 << 20, "1536M"), ("max_memory", (1 << 20) + 1, "1048577"),
     ("max_memory", 1 << 60, "1048576T"), ("max_cpu_percent", 12.5, "12.5"), ("max_pids", 2048, "2048")],
)  # fmt: skip
def test_limit_text(name: str, value: float, text: str) -> None:
    assert limit_text(name, value) == text


def test_masking_and_requirements_add_up(home: Home) -> None:
    home.write_project("mask_stdout: {presets: [github], patterns: [{regex: x}]}\nrequire: [net, mask]\n")
    config = home.load()
    assert config.mask_stdout is not None
    assert texts(config.mask_stdout.presets) == ["openai", "github"]
    assert [p.regex for p in config.mask_stdout.patterns] == ["x"]
    assert config.require == ("mask", "net")


def test_a_project_takes_no_preset_back_by_itself(home: Home) -> None:
    home.write_project('mask_stdout: {presets: [github, "!openai"]}\n')
    config = home.load()
    assert config.mask_stdout is not None
    assert texts(config.mask_stdout.presets) == ["openai", "github"]
    assert [line.split(": ", 1)[1] for line in config.withheld] == ["presets !openai"]


def test_a_project_adds_to_where_values_come_from(home: Home) -> None:
    home.write_project("mask_stdout: {values: [conf/keys.json, $CI_*]}\n")
    mask = home.load().mask_stdout
    assert mask is not None
    assert mask.values is not None
    assert texts(mask.values) == ["denied", "conf/keys.json", "$CI_*"]


@pytest.mark.parametrize("outside", ["/etc/x.env", "~/x.env", "../x.env"])
def test_a_project_names_no_file_outside(home: Home, outside: str) -> None:
    home.write_project(f"mask_stdout: {{values: ['{outside}']}}\n")
    with pytest.raises(ConfigError, match="lies outside of the project"):
        home.load()


def test_project_masks_although_the_user_does_not(home: Home) -> None:
    home.write("allow_net: []\n")
    home.write_project("mask_stdout: {presets: [github]}\n")
    mask = home.load().mask_stdout
    assert mask is not None
    assert texts(mask.presets) == ["github"]


def test_project_list_narrows_an_unrestricted_network_at_once(home: Home) -> None:
    home.write("deny_read: []\n")
    home.write_project("allow_net: [a.example.com]\n")
    config = home.load()
    assert texts(config.allow_net) == ["a.example.com"]
    assert config.withheld == ()


def test_no_network_of_the_user_stays_until_agreed(home: Home) -> None:
    home.write("allow_net: []\n")
    before, after = both(home, "allow_net: [a.example.com]")
    assert before.allow_net == ()
    assert texts(after.allow_net) == ["a.example.com"]


def test_another_content_is_not_trusted(home: Home) -> None:
    _, after = both(home, "allow_net: [b]\n")
    assert texts(after.allow_net) == ["api.example.com", "b"]
    home.write_project("allow_net: [b]\n#\n")
    assert texts(home.load().allow_net) == ["api.example.com"]
    home.write_project("allow_net: [b]\n")
    assert texts(home.load().allow_net) == ["api.example.com", "b"]


def test_the_same_content_elsewhere_is_not_trusted(home: Home) -> None:
    both(home, "allow_net: [b]\n")
    os.mkdir(home.project + "/sub")
    home.write_project("allow_net: [c]\n", "sub")
    assert len(home.load("sub").withheld) == 1
    home.write_project("allow_net: [b]\n")
    os.rename(home.project + "/.aigate.yaml", home.project + "/sub/.aigate.yaml")
    assert len(home.load("sub").withheld) == 1


def test_all_project_files_from_the_outside_in_apply(home: Home) -> None:
    os.makedirs(home.project + "/sub/deep")
    home.write_project("deny_exec: [outer]\nresource_limits: {max_pids: 50}\n")
    home.write_project("deny_exec: [inner]\nresource_limits: {max_pids: 70}\n", "sub")
    config = home.load("sub/deep")
    assert texts(config.deny_exec) == ["curl", "outer", "inner"]
    assert config.resource_limits.max_pids == 50
    assert config.withheld == (f"{home.project}/sub/.aigate.yaml: max_pids 70",)
    assert config.sources == (home.config, f"{home.project}/.aigate.yaml", f"{home.project}/sub/.aigate.yaml")


def test_nothing_put_into_a_subfolder_lifts_what_applies_there(home: Home) -> None:
    """An agent leaves a .git or a file of its own for the next run in that folder."""
    os.makedirs(home.project + "/sub/.git")
    home.write_project("deny_read: [mine]\nallow_net: []\n")
    home.write_project("deny_read: []\nallow_net: [evil.example]\n", "sub")
    config = home.load("sub")
    assert "mine" in (texts(config.deny_read) or [])
    assert config.allow_net == ()


def test_each_project_file_is_trusted_by_itself(home: Home) -> None:
    os.mkdir(home.project + "/sub")
    home.write_project("allow_net: [outer.example]\n")
    agree(home)
    home.write_project("allow_net: [inner.example]\n", "sub")
    config = home.load("sub")
    assert texts(config.allow_net) == ["api.example.com", "outer.example"]
    assert [path for path, _ in config.withheld_files] == [f"{home.project}/sub/.aigate.yaml"]
    for path, digest in config.withheld_files:
        trust.record(path, digest, home=home.home)
    assert texts(home.load("sub").allow_net) == ["api.example.com", "outer.example", "inner.example"]


def test_no_network_in_one_project_file_is_final(home: Home) -> None:
    os.mkdir(home.project + "/sub")
    home.write_project("allow_net: [x.example]\n", "sub")
    for path, digest in home.load("sub").withheld_files:
        trust.record(path, digest, home=home.home)
    assert "x.example" in (texts(home.load("sub").allow_net) or [])
    home.write_project("allow_net: []\n")
    assert home.load("sub").allow_net == ()


def test_record_and_revoke(home: Home) -> None:
    both(home, "allow_net: [b]\n")
    path = home.project + "/.aigate.yaml"
    trust.record("/else/.aigate.yaml", "0" * 64, home=home.home)
    assert trust.revoke(path, home=home.home)
    assert not trust.revoke(path, home=home.home)
    assert home.load().withheld != ()
    assert trust.is_trusted("/else/.aigate.yaml", "0" * 64, home=home.home)
    assert os.stat(trust.trusted_path(home.home)).st_mode & 0o777 == 0o600


def test_agreeing_again_replaces(home: Home) -> None:
    trust.record("/p", "1" * 64, home=home.home)
    trust.record("/p", "2" * 64, home=home.home)
    assert read(trust.trusted_path(home.home)) == "2" * 64 + " /p\n"
    assert not trust.is_trusted("/p", "1" * 64, home=home.home)


@pytest.mark.parametrize("name", ["a\nb", "a\\nb", "a b", "\udcff", "a\\\nb"])
def test_odd_paths(home: Home, name: str) -> None:
    others = ["/a", "/b", "/a\nb/x", "/a\\nb/x", "/" + "1" * 64 + " /a"]
    for other in others:
        trust.record(other, "3" * 64, home=home.home)
    trust.record(f"/{name}", "4" * 64, home=home.home)
    assert trust.is_trusted(f"/{name}", "4" * 64, home=home.home)
    assert all(trust.is_trusted(other, "3" * 64, home=home.home) for other in others)
    assert not trust.is_trusted("/b", "4" * 64, home=home.home)


def test_a_record_that_anyone_can_write_is_an_error(home: Home) -> None:
    both(home, "allow_net: [b]\n")
    os.chmod(trust.trusted_path(home.home), 0o666)  # noqa: S103
    with pytest.raises(ConfigError, match="written by anyone"):
        home.load()


def test_without_home_nothing_is_trusted(home: Home) -> None:
    write(home.project + "/.aigate.yaml", "allow_net: [b]\n")
    assert not trust.is_trusted(home.project + "/.aigate.yaml", cache.digest(b"allow_net: [b]\n"), home=None)
