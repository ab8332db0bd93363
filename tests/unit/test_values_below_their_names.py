"""A name at the end of a line and its value below are a pair, as configs, APIs and formatters write them over lines."""

from __future__ import annotations

import pytest
from reference import mask as reference_mask

from aigate import Masker, Rule
from aigate.errors import RuleError
from aigate.masking.rules import preset_rules

RULES = preset_rules("key_value")
MASKER = Masker(preset_rules("all"))
VALUE = "Tr0ub4dor_9xKq"
LONG = "9f86d081884c7d659A2feaa0C55ad015"
# `@@` is the value, `##` one that is longer. What stands around it must stay.
WRITTEN = {
    "Kubernetes": "env:\n  - name: DB_PASSWORD\n    value: @@\n  - name: HOST\n    value: db1\n",
    "Kubernetes, quoted": '- name: "DB_PASSWORD"\n  value: "@@"\n',
    "Kubernetes, CR LF": "- name: DB_PASSWORD\r\n  value: @@\r\n",
    "a diff": "+        - name: DB_PASSWORD\n+          value: @@\n",
    "a log with times": "2026-01-02T03:04:05.678Z - name: DB_PASSWORD\n2026-01-02T03:04:05.679Z   value: @@\n",
    "Docker, ECS": '{\n  "name": "DB_PASSWORD",\n  "value": "@@"\n}\n',
    "ECS on one line": '{"name": "DB_PASSWORD", "value": "@@"}\n',
    "AWS, something in between": '"Name": "/app/db_password",\n"Type": "SecureString",\n"Value": "@@",\n"Version": 1\n',
    "Azure": '"name": "DB_PASSWORD",\n"slotSetting": false,\n"value": "@@"\n',
    "CloudFormation": "- ParameterKey: DBPassword\n  ParameterValue: @@\n",
    "terraform output": '"db_password": {\n  "sensitive": true,\n  "type": "string",\n  "value": "@@"\n},\n',
    "a Terraform variable": 'variable "db_password" {\n  type    = string\n  default = "@@"\n}\n',
    "Hadoop": "<property>\n  <name>fs.s3a.secret</name>\n  <value>@@</value>\n</property>\n",
    "Hadoop on one line": "<property><name>password</name><value>@@</value></property>\n",
    "text of an element": "<password>\n  @@\n</password>\n",
    "a property list": "<key>password</key>\n<string>@@</string>\n",
    "a property list on one line": "<key>password</key> <string>@@</string>\n",
    "arguments, YAML": "args:\n  - --token\n  - @@\n  - --verbose\n",
    "arguments, JSON": '"command": [\n  "--password",\n  "@@",\n  "--verbose"\n]\n',
    "a block of text": "password: |\n  @@\nuser: app\n",
    "Prettier": 'const apiToken =\n  "@@";\n',
    "Black": 'API_KEY = (\n    "@@"\n)\n',
    "a mapping of Python": '"password":\n    "@@",\n',
    "what is alone": "api_token =\n\n##\n\n",
    "Jenkins": "Please use the following password to proceed to installation:\n\n##\n\nThis may also be found at: /x\n",
    "columns": "DB_PASSWORD    @@    2026-01-02\n",
    "tabs": "DB_PASSWORD\t@@\tUpdated\n",
    "a table's lines": "│ DB_PASSWORD │ @@ │\n",
}
LEFT_ALONE = {
    "a reference": "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db1\n      key: key1-of-it\n",
    "a variable": "- name: DB_PASSWORD\n  value: ${DB_PASSWORD1}\n",
    "a template": '- name: DB_PASSWORD\n  value: "{{ .Values.db1 }}"\n',
    "a placeholder": "<password>\n  <your-password-1>\n</password>\n",
    "none": "- name: DB_PASSWORD\n  value: null\n- name: X_TOKEN\n  value: true\n",
    "the next item's": "- name: DB_PASSWORD\n- name: HOST\n  value: hunter2x9\n",
    "the next object's": '"name": "DB_PASSWORD"\n},\n{\n"value": "hunter2x9"\n',
    "too far": "- name: DB_PASSWORD\n" + "  a: b1\n" * 5 + "  value: hunter2x9\n",
    "another name's": "- name: HOST\n  value: hunter2x9\n",
    "a sentence": "invalid token\nvalue: 12345abc\n",
    "a schema": '"password": {\n  "type": "string",\n  "minLength": 8\n}\n',
    "a mapping": "token:\n  type: string1\n",
    "a list": "secrets:\n  - source_1\n",
    "a prompt": "Enter password:\nLogin incorrect, 2 attempts left\n",
    "documentation": '"password":\n  "the user\'s 2 passwords are kept in this file"\n',
    "a call": "const token =\n  jwt.encode2(payload)\n",
}


def filled(text: str) -> str:
    return text.replace("@@", VALUE).replace("##", LONG)


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_the_value_alone_is_hidden(text: str) -> None:
    assert MASKER.mask(filled(text).encode()).decode() == text.replace("@@", "***").replace("##", "***")


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert MASKER.mask(text.encode()).decode() == text


@pytest.mark.parametrize("text", [*WRITTEN.values(), *LEFT_ALONE.values()], ids=[*WRITTEN, *LEFT_ALONE])
def test_the_reference_says_the_same(text: str) -> None:
    data = filled(text).encode()
    stream = Masker(RULES).stream()
    masked = stream.feed(data) + stream.flush()
    expected, counts = reference_mask(RULES, data)
    assert (masked, stream.counts["key_value"]) == (expected, sum(counts))


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_any_chunking_gives_the_same(text: str, *, terminal: bool) -> None:
    data = filled(text).encode()
    for size in (1, 2, 7):
        stream = MASKER.stream(terminal=terminal)
        pieces = [stream.feed(data[at : at + size]) for at in range(0, len(data), size)]
        assert b"".join(pieces) + stream.flush() == MASKER.mask(data)


def test_a_text_of_a_column_is_none_that_stands_below_another() -> None:
    texts = [b"- name: DB_PASSWORD", b"  value: hunter2x9", b"- name: DB_PASSWORD\n  value: hunter2x9", b"x"]
    offsets = [0]
    for text in texts:
        offsets.append(offsets[-1] + len(text))
    made, _ = MASKER.column(b"".join(texts), b"".join(at.to_bytes(4, "little") for at in offsets))
    assert made is not None
    assert bytes(made[0]) == b"- name: DB_PASSWORD  value: hunter2x9- name: DB_PASSWORD\n  value: ***x"


def test_a_long_line_below_is_no_value() -> None:
    data = b"password: |\n  " + b"a1" * 3000 + b"\n"
    assert MASKER.mask(data) == data


@pytest.mark.parametrize("below", ["", 1, "a(b", "a\nb"])
def test_what_is_no_expression_is_refused(below: object) -> None:
    with pytest.raises(RuleError):
        Masker([Rule("x", "name", below=below)])  # type: ignore[arg-type]


def test_a_key_has_no_line_below() -> None:
    with pytest.raises(RuleError, match="armored"):
        Masker([Rule("x", "name", armored=True, below="a")])
