"""The schema that editors check a config by says yes to what aigate takes, and no to what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from config_cases import BROKEN
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aigate.cli import schema as command
from aigate.config import schema
from aigate.config.load import default_bytes
from aigate.config.model import Layer
from aigate.errors import ConfigError

SCHEMAS = {project: json.loads(command.text(project=project)) for project in (False, True)}
VALIDATORS = {project: Draft202012Validator(found) for project, found in SCHEMAS.items()}
# What no schema can say: that a text means less than 1M, or that a list of values goes with where the file lies.
BEYOND = ("must be a size", "lies outside of the project", "names nothing", "begins or ends", "cannot be shown")

TEXTS = st.one_of(
    st.sampled_from(["a", "*.pem", "!x", "!", "!!", " a", "a ", "", "1", "~/x/", "yes", "all", "!github", "Écrit"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6),
)
NUMBERS = st.one_of(st.integers(-2, 100), st.sampled_from([65535, 65536, 65537, 1 << 22, (1 << 22) + 1, 0.5, 80.5]))
SIMPLE = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
WORDS = ["layer", "readonly", "closed", "writable", "tell", "hide", "auto", "slirp", "gateway", "bwrap", "unshare"]
LISTS = st.lists(st.one_of(SIMPLE, st.sampled_from(["net", "limits", "watch"])), max_size=3)
PATTERN = st.dictionaries(st.sampled_from(["regex", "show_prefix", "case_insensitive", "show"]), SIMPLE, max_size=3)
MASK = st.fixed_dictionaries(
    {},
    optional={
        "presets": st.lists(st.sampled_from(["all", "!github", "aws"])),
        "patterns": st.lists(PATTERN, max_size=2),
    },
)
LIMITS = st.dictionaries(st.sampled_from(["max_cpu_percent", "max_pids", "max_pid"]), SIMPLE, max_size=2)
VALUES = st.one_of(SIMPLE, LISTS, MASK, LIMITS, st.sampled_from(WORDS))
KEYS = [key for key in Layer.__match_args__ if key not in ("path", "lines")]
DOCUMENTS = st.dictionaries(st.sampled_from([*KEYS, "deny_reed"]), VALUES, min_size=1, max_size=3)


def problem(data: bytes, *, project: bool) -> str | None:
    try:
        schema.check(data, "config.yaml", project=project)
    except ConfigError as error:
        return error.message
    return None


@given(document=DOCUMENTS, project=st.booleans())
def test_both_say_the_same(document: dict[str, Any], project: bool) -> None:
    text = json.dumps(document)  # every JSON is YAML
    refused = problem(text.encode(), project=project)
    wrong = [error.message for error in VALIDATORS[project].iter_errors(document)]
    if refused is None:
        assert not wrong
    elif not any(words in refused for words in BEYOND):
        assert wrong, refused


@pytest.mark.parametrize("project", [False, True])
def test_the_schema_is_one(project: bool) -> None:
    Draft202012Validator.check_schema(SCHEMAS[project])
    assert all(one["description"] for one in SCHEMAS[project]["properties"].values())


def test_what_init_writes_is_right() -> None:
    assert not list(VALIDATORS[False].iter_errors(yaml.safe_load(default_bytes())))
    assert [error.message for error in VALIDATORS[True].iter_errors(yaml.safe_load(default_bytes()))]


SEEN = [case for case in BROKEN if "unknown key" in case[3] or "must be a list" in case[3]]


@pytest.mark.parametrize("case", SEEN, ids=[case[0] for case in SEEN])
def test_common_mistakes_are_seen(case: tuple[str, bytes, int, str]) -> None:
    try:
        document = yaml.safe_load(case[1])
    except yaml.YAMLError:
        return
    if case[0] == "merge key":  # which YAML itself resolves before a schema sees it
        return
    assert list(VALIDATORS[False].iter_errors(document))


def test_every_known_preset_is_offered() -> None:
    offered = SCHEMAS[False]["properties"]["mask_stdout"]["properties"]["presets"]["items"]["enum"]
    assert {"all", "github", "!github"} <= set(offered)
    assert len(offered) > 300
