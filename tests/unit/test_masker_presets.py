"""What looks like a preset's secret and is none, for each preset by itself."""

import functools
import random

import pytest
from corpus import CORPORA
from near_misses import LATER
from samples import sample

from aigate import Masker
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules

NEAR_MISSES = {
    "openai": (
        "sk-too-short, task-runner-configuration-for-slow-disks.md, sk_learn_pipeline_with_more_letters, "
        "task-0123456789abcdef0123456789abcdef, feature/sk-1234-add-new-login-page, sk-toggleable__label-arrow"
    ),
    "anthropic": "sk-ant-short, sk-antelope, plants-ant-configuration-for-runners",
    "aws_key": (
        "AKIAIOSFODNN7EXAMPL, akiaiosfodnn7example, AKIA-IOSFODNN7EXAMPLE, 9ACCA0123456789ABCDEF, "
        "sha256=xABIAIOSFODNN7EXAMPLE, ACCA0123456789ABCDEF0123456789ABCDEF0123"
    ),
    "aws_secret": (
        "secret_access_key = none, secret access keys: wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY, "
        "AWS Secret Access Key [****************EKEY]: , session_token = client.refresh(attempts=3), "
        "AWS_BEARER_TOKEN_BEDROCK=${api-key}"
    ),
    "github": (
        "ghp_EXAMPLE, ghz_EXAMPLEexample0123456789EXAMPLEexamp, github_pat_x, "
        "high_performance_computing_on_many, ghs_123456_installation_tokens_are_long"
    ),
    "bearer": "Authorization: Bearer %s, bearer authentication is handled, the bearer of bad news, Bearer <token>",
    "slack": "xoxb-, xoxo-short, hooks.slack.com/services, xapp-one-two-three-four",
    "stripe": (
        "benchmark_test_configuration, disk_test_partitions, sk_live_, sk_org_live_, pk_test_EXAMPLEexample0123456789, "
        "risk_test_x, whsec_short"
    ),
    "gitlab": "glpat-short, glpat, gitlab-runner-configuration-with-many-letters, _gitlab_session=deleted",
    "npm": (
        "this._authToken = data.accessToken, npm_config_registry, npm_lifecycle_event, _authToken=${NPM_TOKEN}, "
        "self._password = generatePassword()"
    ),
    "pypi": "pypi-publish, pypi-AgEshort, https://example.org/project/pypi-attestations/",
    "google_api": (
        "AIzaShort, GOCSPX-short, ya29 is a prefix, ya29.short, AQ.is_a_prefix_of_new_keys, "
        "FAQ.EXAMPLEexample0123456789EXAMPLEexample0123456789, http://host1//some/path"
    ),
    "gcp_service_account": '"private_key": "", "private_key_id": null, private_key: x',
    "azure": (
        "AccountKey=, AccountName=storage;AccountKey=${KEY}, ?sig=short, SharedAccessKeyName=RootManage, "
        "SharedAccessSignature sig={signature}&se={expiry}"
    ),
    "jwt": (
        "eyJhbGciOiJub25lIn0, eyJx.eyJx.x, eyJhbGciOiJub25lIn0.payload.signature, "
        "eyJhbGciOiJIUzI1NiJ9.example.com.org.net"
    ),
    "huggingface": (
        "self_hf_AutoModelForCausalLMWithValueHeads, hf_hub_download, hf_transfer, half_EXAMPLEexampleEXAMPLEexample, "
        "hf_oauth_expiration_minutes: 480, hf_jwt_additional_public_keys_list_of_urls"
    ),
    "sendgrid": (
        "SG.short.key, SG.1, MSG.EXAMPLE, MSG.validationErrorMessage.invalidCredentials, "
        "SG.validationErrorMessage.invalidCredentials"
    ),
    "twilio": (
        "SK0123456789abcdef, TASK0123456789abcdef0123456789abcdef, TWILIO_AUTH_TOKEN=$TOKEN, "
        "SK0123456789ABCDEF0123456789ABCDE"
    ),
    "digitalocean": "dop_v1_short, dop_v2_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, do_v1",
    "databricks": "dapi-client, dapi0123, dapig0123456789abcdef0123456789abcde",
    "telegram": (
        "12345:AAEXAMPLEexample, 123456789:AA, 2026-03-14T10:123456789:BBEXAMPLEexample0123456789EXAMPLEexa, "
        "20261125:A_test_of_the_parser_keeps_its_name"
    ),
    "discord": (
        "MTIz.abc.def, com.example.application.NetworkService, https://discord.com/api/webhooks/, "
        "https://discord.com/api/v10/channels/1234567890/EXAMPLEexample0123456789"
    ),
    "shopify": "shpat_short, shp_0123456789abcdef0123456789abcdef, shpat_0123456789abcdeg0123456789abcdef",
    "vault": "hvs.short, archvs.example.org, hvx.EXAMPLEexample0123456789, token = s.getElementsByTagName(x)",
    "age": "AGE-SECRET-KEY-1SHORT, AGE-PLUGIN-YUBIKEY, age1EXAMPLE",
    "private_key": "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----\n-----BEGIN CERTIFICATE-----\nMIIE\n",
    "basic_auth": (
        "https://example.org:8080/@scope/x, git@example.org:team/x.git, ssh://git@example.org/x, http://[::1]:80/"
    ),
    "database_url": (
        "postgresql://db.example.org:5432/name, redis://localhost:6379/0, mysql://user@host/name, "
        "postgresql://localhost/mydb?password_encryption=on"
    ),
} | LATER


def test_every_near_miss_has_its_preset() -> None:
    assert set(NEAR_MISSES) <= set(PRESETS)


TOKENS = [(rule.name, rule.regex, rule.show_prefix) for rule in preset_rules("all") if rule.token and not rule.check]
CHECKED = [(rule.name, rule.show_prefix) for rule in preset_rules("all") if rule.token and rule.check]
WORDS = "the_configuration_of_a_runner_that_has_many_words_in_it"


@pytest.mark.parametrize(("name", "regex", "shown"), TOKENS)
def test_a_token_begins_where_a_word_does_and_is_not_cut_short(name: str, regex: str, shown: int) -> None:
    dice = random.Random(regex)  # noqa: S311 - repeatable on purpose
    masker = Masker(preset_rules(name))
    for _ in range(10):
        token = sample(regex, dice)
        assert masker.mask(f"({token})".encode()) != f"({token})".encode()
        assert not masker.mask(f"benchmark_{token}".encode()).startswith(f"benchmark_{token[:shown]}***".encode())
        assert masker.mask(token[: shown + 6].encode()) == token[: shown + 6].encode()


@pytest.mark.parametrize(("name", "shown"), CHECKED)
def test_words_behind_a_short_prefix_are_no_token(name: str, shown: int) -> None:
    example = PRESETS[name].example
    prefix = example[: max(shown, 3)]
    for text in (prefix + WORDS, prefix + WORDS.replace("_", "-"), prefix + WORDS[: len(example) - len(prefix)]):
        assert Masker(preset_rules(name)).mask(f"({text})".encode()) == f"({text})".encode()


@pytest.mark.parametrize("name", ["github", "npm"])
def test_a_wrong_check_digit_does_not_show_a_token(name: str) -> None:
    """Tokens that end in a CRC of the rest are hidden whatever it is: one of a made-up or mistyped token, too."""
    example = PRESETS[name].example
    for last in ("000000", "zzzzzz", "0a1B2c"):
        token = example[:-6] + last
        assert last not in Masker(preset_rules(name)).mask(token.encode()).decode()


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_misses_pass(name: str) -> None:
    text = NEAR_MISSES[name].encode()
    assert Masker(preset_rules(name)).mask(text) == text


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_all_presets_leave_the_near_misses_of_each_alone(name: str) -> None:
    text = NEAR_MISSES[name].encode()
    assert all_presets().mask(text) == text


@functools.cache
def all_presets() -> Masker:
    return Masker(preset_rules("all"))


@functools.cache
def text_of(corpus: str) -> bytes:
    return CORPORA[corpus](1 << 20)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("corpus", ["clean", "colours", "json"])
def test_no_preset_fires_on_clean_output_by_itself(name: str, corpus: str) -> None:
    stream = Masker(preset_rules(name)).stream()
    stream.feed(text_of(corpus))
    stream.flush()
    assert sum(stream.counts.values()) == 0


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_hides_its_example_in_the_middle_of_a_line(name: str) -> None:
    example = PRESETS[name].example.encode()
    for before, after in ((b"x = ", b""), (b"'", b"'\n"), (b"", b" and more")):
        assert Masker(preset_rules(name)).mask(before + example + after) != before + example + after
