"""Names and values of KEY=value files, JSON and YAML, and of the variables and files that the config names."""

import os
import pathlib
import re
import threading

import pytest

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.masking import sources
from aigate.masking.leaves import assignments, pairs_of
from aigate.masking.sources import Place, of_entries, of_file, of_named_files


def test_files_of_assignments_are_read_as_shells_write_them() -> None:
    text = "# note\nexport A=1\nB='x y'\nC=\"z\" # why\nD=bare # why\n=none\nbad name=1\nE=a=b\n"
    assert assignments(text) == [("A", "1"), ("B", "x y"), ("C", "z"), ("D", "bare"), ("E", "a=b")]


def test_quotes_escapes_and_several_lines() -> None:
    text = 'A="one\\ntwo\\"q"\nB="l1\nl2" # c\nC=\'a\\nb\'\nD=\'open\nE=1\n'
    assert assignments(text) == [("A", 'one\ntwo"q'), ("B", "l1\nl2"), ("C", "a\\nb"), ("D", "'open"), ("E", "1")]


def test_the_files_of_npm_git_and_postgresql() -> None:
    text = "//registry.example.org/:_authToken=abc\nhttps://jo:pw@example.org\ndb:5432:*:jo:p\\:w=1\n"
    assert assignments(text) == [
        ("//registry.example.org/:_authToken", "abc"), ("password", "https://jo:pw@example.org"), ("password", "p:w=1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.json", '{"db": {"password": "p", "ports": [1, "two"], "on": true, "no": null}}'),
        ("anything", '  {"db": {"password": "p", "ports": [1, "two"]}}'),
        ("x.yaml", "db:\n  password: p\n  ports:\n    - 1\n    - two\n"),
        ("x.yml", "db: &a\n  password: !vault p\n  ports: [1, two]\n"),
    ],
)
def test_leaves_of_json_and_yaml(path: str, text: str) -> None:
    found = pairs_of(text, path)
    assert [pair for pair in found if pair[1] not in {"true", ""}] == [
        ("db.password", "p"), ("db.ports", "1"), ("db.ports", "two"),
    ]  # fmt: skip


def test_aliases_that_multiply_are_looked_at_once() -> None:
    text = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
    )
    assert [value for _, value in pairs_of(text, "bomb.yaml")] == ["x", "x"]


@pytest.mark.parametrize(("path", "text"), [("x.json", "{"), ("x.json", "[" * 99999), ("x.yaml", "a: [")])
def test_what_is_none_is_an_error_that_names_the_file(path: str, text: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"{path}: is not valid")):
        pairs_of(text, path)


def entry(text: str) -> Entry:
    return Entry(text, "c.yaml", 3)


def test_variables_by_name_and_by_glob(tmp_path: pathlib.Path) -> None:
    place = Place(str(tmp_path), str(tmp_path), {"CI_A": "1", "CI_B": "2", "PIN": "12345", "MANY": "one1\nab\ntwo2"})
    pairs, named = of_entries([entry("$CI_*"), entry("$PIN"), entry("$MANY"), entry("$GONE"), entry("denied")], place)
    assert pairs == [("CI_A", "1"), ("CI_B", "2")]
    assert [(value.name, value.text) for value in named] == [("PIN", "12345"), ("MANY", "one1"), ("MANY", "two2")]


@pytest.mark.parametrize("value", ["123", "x" * 4097])
def test_a_variable_that_cannot_be_hidden_is_an_error(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^c\.yaml:3: the value of PIN is too short or too long"):
        of_entries([entry("$PIN")], Place("/", "/", {"PIN": value}))


def test_files_by_name_and_by_glob(tmp_path: pathlib.Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    (project / "conf/deep").mkdir(parents=True)
    home.mkdir()
    (home / "keys.env").write_text("H=1\n")
    (project / "conf/a.json").write_text('{"a": "2"}')
    (project / "conf/deep/.b.json").write_text('{"b": "3"}')
    entries = [entry("~/keys.env"), entry("conf/**/*.json"), entry("missing.env")]
    assert of_entries(entries, Place(str(project), str(home), {}))[0] == [("H", "1"), ("a", "2"), ("b", "3")]


def test_a_projects_file_names_files_beside_it_and_no_way_out(tmp_path: pathlib.Path) -> None:
    project = tmp_path / "project"
    (project / "deep").mkdir(parents=True)
    (project / "a.env").write_text("A=1\n")
    (tmp_path / "out.env").write_text("B=2\n")
    (project / "link.env").symlink_to(tmp_path / "out.env")
    os.mkfifo(project / "pipe.env")
    place = Place(str(project / "deep"), str(tmp_path), {})
    theirs = str(project / ".aigate.yaml")
    assert of_entries([Entry("a.env", theirs, 1)], place)[0] == [("A", "1")]
    with pytest.raises(ConfigError, match="is a link out of the project"):
        of_entries([Entry("l*.env", theirs, 1)], place)
    with pytest.raises(ConfigError, match="is not a regular file"):
        of_entries([Entry("pipe.env", theirs, 1)], place)


def test_a_file_that_was_typed_may_be_a_pipe(tmp_path: pathlib.Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=["TOKEN=Kp9-zTw2Lm\n"])
    writer.start()
    assert of_named_files([str(pipe)]) == [("TOKEN", "Kp9-zTw2Lm")]
    writer.join()


def test_files_that_cannot_be_had_are_errors(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        of_file(str(tmp_path / "missing"))
    with pytest.raises(ConfigError, match="is not a regular file"):
        of_file(str(tmp_path))
    with pytest.raises(ConfigError, match="is not a regular file"):
        of_file(os.devnull)
    (tmp_path / "plain").write_text("APP_NAME=shop\n")
    with pytest.raises(ConfigError, match="plain: holds no value that counts as secret"):
        of_named_files([str(tmp_path / "plain")])
    monkeypatch.setattr(sources, "LARGEST", 4)
    with pytest.raises(ConfigError, match="is larger than"):
        of_file(str(tmp_path / "plain"))


def test_too_many_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST", 3)
    with pytest.raises(ConfigError, match="more than 3 values"):
        sources.texts([(f"TOKEN_{n}", f"q8Zr2Vx7Lp{n}a") for n in range(4)], (), Place("/", "/", {}))
