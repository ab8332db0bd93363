"""A name that holds a secret is told by its mask: to the log, at the end of a run, and to who learns."""

import pytest

from aigate import Masker
from aigate.config.model import Entry, MaskStdout
from aigate.masking.rules import rules_from
from aigate.network.judge import Judge
from aigate.network.refusals import Refusals, learned_text, summary
from aigate.policy.hosts import parse_hosts

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3
KEY = "AKIA" + "J7Q2K4M6N3P5R2T4"


@pytest.fixture
def masker():
    return Masker(rules_from(MaskStdout(presets=(Entry("all", "c", 1),))))


def judge(masker, **options):
    told = []
    mask = lambda text: masker.mask(text.encode()).decode()  # noqa: E731
    rules = parse_hosts((Entry("example.com", "c", 1),))
    return Judge(rules, Refusals(lambda _, fields: told.append(fields), mask), **options), told


@pytest.mark.parametrize("secret", [TOKEN, TOKEN.lower(), KEY, KEY.lower()])
def test_a_refused_name_is_masked_and_not_offered(masker, secret):
    made, told = judge(masker)
    made.ports_of(f"{secret}.evil.test")
    made.allows_endpoint(f"{secret}.evil.test", 443)
    report = made.refusals.report()
    assert summary(report) is None
    for text in (str(told), str(report)):
        assert secret.lower() not in text.lower()
        assert "***" in text


def test_a_learned_name_is_masked_and_cannot_be_pasted(masker):
    made, _ = judge(masker, learning=True)
    for name in ("plain.test", f"{TOKEN}.evil.test"):
        made.ports_of(name)
    report = made.refusals.report(made.learned)
    text = learned_text(report.learned, report.hidden)
    assert "  - plain.test\n" in text
    assert TOKEN.lower() not in text.lower()
    assert next(line for line in text.splitlines() if "***" in line).startswith("# left out")
