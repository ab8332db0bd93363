"""Questions for names are answered by one resolver alone, and carry nothing out."""

from netlab import ATTACKER, PROVIDER
from netvisits import assert_reached, assert_refused


def test_no_other_name_server_answers(sandbox, lab):
    servers = (PROVIDER, ATTACKER, "10.0.2.3", "10.0.2.2", "127.0.0.53", "2620:4f:8000:1::20")
    asked = [["dns", server, "leak-other-server.evil.test", way] for server in servers for way in ("udp", "tcp")]
    outcome = sandbox.visit(["allowed.test"], ["name", "allowed.test"], *asked)
    assert_reached(outcome.visits[0])
    for visit in outcome.visits[1:]:
        assert_refused(visit)
    assert not lab.asked(lab.attacker_log, "leak-other-server")
    assert not lab.asked(lab.provider_log, "leak-other-server")


def test_labels_of_a_name_carry_nothing_out(sandbox, lab):
    name = "leaked-secret.evil.test"
    asked = [["dns", "127.0.0.1", name, way, kind] for way in ("udp", "tcp") for kind in (1, 16, 28, 255, 65)]
    for visit in sandbox.visit(["allowed.test"], *asked).visits:
        assert visit["result"] == "rcode 3 answers 0"
    assert not lab.asked(lab.provider_log, "leaked-secret")


def test_an_allowed_name_is_asked_for_its_addresses_only(sandbox, lab):
    text, address = sandbox.visit(
        ["allowed.test"],
        ["dns", "127.0.0.1", "allowed.test", "udp", 16],
        ["dns", "127.0.0.1", "allowed.test", "tcp", 1],
    ).visits
    assert text["result"] == "rcode 0 answers 0"
    assert address["result"] == "rcode 0 answers 1"
    assert not lab.asked(lab.provider_log, "query[TXT]")


def test_dns_over_https_and_tls_to_hosts_not_allowed_is_refused(sandbox):
    outcome = sandbox.visit(
        ["allowed.test"], ["tcp", ATTACKER, 443], ["tcp", ATTACKER, 853], ["udp", ATTACKER, 443], ["tcp", PROVIDER, 853]
    )
    for visit in outcome.visits:
        assert_refused(visit)
