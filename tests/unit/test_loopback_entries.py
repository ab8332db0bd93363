"""`localhost:PORT` is one port of the host's loopback. Nothing else of it can be allowed: an error tells what can."""

import pytest

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.hosts import loopback_ports, parse_hosts, ports_of_address, with_search_domains


def rules(*texts):
    return parse_hosts(tuple(Entry(text, "config.yaml", 7) for text in texts))


@pytest.mark.parametrize("text", ["localhost:11434", "LOCALHOST:11434", "127.0.0.1:11434", "[::1]:11434"])
def test_one_port_of_loopback(text):
    found = rules("example.com", text, "localhost:11434")
    assert loopback_ports(found) == (11434,)
    assert not ports_of_address(found, bytes([127, 0, 0, 1]))
    assert loopback_ports(with_search_domains(found, ["corp.example"])) == (11434,)
    assert all(rule.name != "localhost.corp.example" for rule in with_search_domains(found, ["corp.example"]))


@pytest.mark.parametrize(
    "text",
    ["localhost", "localhost.", "*.localhost", "x.localhost:80", "127.0.0.1", "127.0.0.0/8", "127.1.2.3:80", "::1",
     "[::]:80", "0.0.0.0",  "0.0.0.0:8000",  # noqa: S104
      "0.0.0.0/8", "::/96"],
)  # fmt: skip
def test_more_of_loopback_is_an_error_that_tells_what_works(text):
    with pytest.raises(ConfigError) as caught:
        rules(text)
    assert caught.value.line == 7
    assert "localhost:" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "126.0.0.0/7"])
def test_a_range_may_hold_loopback_which_stays_shut_all_the_same(text):
    assert loopback_ports(rules(text)) == ()
