"""What an agent can reach, and how fast it learns what it cannot. Each test is one way to try."""

from netlab import ALLOWED, ALLOWED6, ATTACKER, DENIED, DENIED6, PROVIDER
from netsandbox import AT_ONCE, Sandbox
from netservices import LOOPBACK_SERVICE


def assert_refused(visit):
    assert not visit["ok"], visit
    assert visit["seconds"] < AT_ONCE, visit


def assert_reached(visit):
    assert visit["ok"], visit


def refused(outcome):
    return {(event["subject"], event.get("port"), event["protocol"]) for event in outcome.events}


def test_an_allowed_host_is_reached(sandbox):
    for visit in sandbox.visit(["allowed.test"], ["tcp", "allowed.test", 7], ["http", "http://allowed.test/"]).visits:
        assert_reached(visit)


def test_a_denied_host_is_refused_at_once_and_told(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["name", "denied.test"], ["http", "http://denied.test/"])
    for visit in outcome.visits:
        assert_refused(visit)
    assert "to allow: aigate allow net denied.test" in outcome.err
    assert ("denied.test", None, "dns") in refused(outcome)


def test_a_raw_address_is_refused_at_once_and_told(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["tcp", DENIED, 7], ["tcp", DENIED6, 7], ["udp", DENIED, 7])
    for visit in outcome.visits:
        assert_refused(visit)
    assert refused(outcome) >= {(DENIED, 7, "tcp"), (DENIED6, 7, "tcp"), (DENIED, 7, "udp")}
    assert f"aigate allow net {DENIED}:7" in outcome.err


def test_an_allowed_hosts_address_is_closed_until_its_name_is_asked_for(sandbox):
    before, name, after = sandbox.visit(
        ["allowed.test"], ["tcp", ALLOWED, 7], ["name", "allowed.test"], ["tcp", "allowed.test", 7]
    ).visits
    assert_refused(before)
    assert_reached(name)
    assert_reached(after)


def test_both_families_reach_an_allowed_host(sandbox):
    for visit in sandbox.visit(["only4.test", "only6.test"], ["tcp", "only4.test", 7], ["tcp", "only6.test", 7]).visits:
        assert_reached(visit)


def test_a_wildcard_allows_any_depth_but_not_the_host_itself(sandbox):
    www, deep, itself = sandbox.visit(
        ["*.allowed.test"],
        ["http", "http://www.allowed.test/"],
        ["http", "http://deep.er.allowed.test/"],
        ["http", "http://allowed.test/"],
    ).visits
    assert_reached(www)
    assert_reached(deep)
    assert_refused(itself)


def test_near_miss_names_are_refused(sandbox):
    names = ("notallowed.test", "allowed.test.evil.test", "www.allowed.test", "xallowed.test")
    visits = [visit for name in names for visit in (["name", name], ["tcp", name, 7])]
    for visit in sandbox.visit(["allowed.test"], *visits).visits:
        assert_refused(visit)


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


def test_a_cname_is_judged_by_the_name_that_was_asked(sandbox):
    alias, target = sandbox.visit(["alias.test"], ["tcp", "alias.test", 7], ["name", "denied.test"]).visits
    assert_reached(alias)
    assert_refused(target)


def test_a_cname_from_a_denied_name_opens_nothing(sandbox):
    alias, target = sandbox.visit(["denied.test"], ["name", "alias.test"], ["tcp", "denied.test", 7]).visits
    assert_refused(alias)
    assert_reached(target)


REBINDING = [
    "rebind-loopback.test",
    "rebind-private.test",
    "rebind-metadata.test",
    "rebind-host.test",
    "rebind-mapped.test",
]


def test_a_name_that_leads_into_the_private_network_is_refused(sandbox):
    visits = [visit for name in REBINDING for visit in (["name", name], ["tcp", name, 7])]
    outcome = sandbox.visit(REBINDING, *visits)
    for visit in outcome.visits:
        assert_refused(visit)
    told = {event["subject"] for event in outcome.events if "leads to the " in event["reason"]}
    assert told == set(REBINDING)


def test_a_private_address_that_is_itself_allowed_is_reached(sandbox):
    outcome = sandbox.visit(["rebind-private.test", "10.20.30.40"], ["tcp", "rebind-private.test", 7])
    assert_reached(outcome.visits[0])


SURROUNDINGS = ["10.0.2.2", "10.0.2.3", "169.254.169.254", "fd00:ec2::254", "192.52.193.130", "2001:4:112::2",
                "10.20.30.40", "fd00::2", "fd00::3",
                "fe80::2%tap0", "fec0::2", "::ffff:10.0.2.2", "64:ff9b::7f00:1"]  # fmt: skip


def test_the_host_and_its_surroundings_are_out_of_reach(sandbox):
    visits = [[kind, address, port] for address in SURROUNDINGS for kind, port in (("tcp", 80), ("tcp", 7), ("udp", 7))]
    for visit in sandbox.visit(["allowed.test"], *visits).visits:
        assert_refused(visit)


def test_the_hosts_loopback_is_out_of_reach_even_when_its_ranges_are_allowed(sandbox, lab):
    listener = lab.start(lab.host, ["/usr/bin/python3", "-c", LOOPBACK_SERVICE])
    addresses = ["10.0.2.2", "10.229.77.2", "172.30.201.2", "127.0.0.1", "fd00::2", "fd00::3", "fe80::2%tap0", "::1"]
    try:
        outcome = sandbox.visit(
            ["0.0.0.0/0", "10.0.0.0/8", "::/0", "fd00::/8", "fe80::/10", "allowed.test"],
            *([kind, address, 7007, 0.5] for address in addresses for kind in ("tcp", "udp")),
            ["mapped", "::ffff:127.0.0.1", 7007],
        )
        for visit in outcome.visits:
            assert not visit["ok"], visit
    finally:
        listener.kill()


def test_an_ipv4_mapped_address_is_judged_as_ipv4(sandbox):
    for visit in sandbox.visit(
        ["allowed.test"], ["mapped", f"::ffff:{DENIED}", 7], ["mapped", f"::ffff:{ATTACKER}", 53]
    ).visits:
        assert_refused(visit)


def test_the_sandboxs_own_loopback_works(sandbox):
    script = (
        "import socket\n"
        "for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n"
        "    s = socket.create_server((address, 8000), family=family)\n"
        "    c = socket.create_connection(('localhost' if family == socket.AF_INET else '::1', 8000))\n"
        "    a, _ = s.accept(); a.send(b'x'); assert c.recv(1) == b'x'\n"
    )
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.status == 0, outcome.err


def test_a_port_rule_opens_that_port_only(sandbox):
    outcome = sandbox.visit(["allowed.test:7"], ["tcp", "allowed.test", 7], ["http", "http://allowed.test/"])
    echo, http = outcome.visits
    assert_reached(echo)
    assert_refused(http)
    assert "aigate allow net allowed.test:80" in outcome.err


def test_addresses_and_ranges_are_reached_with_their_ports(sandbox):
    outcome = sandbox.visit(
        ["192.175.48.10/31:7", f"[{ALLOWED6}]:80", "2620:4f:8000:1::20/127"],
        ["tcp", ALLOWED, 7],
        ["tcp", "192.175.48.11", 7],
        ["http", f"http://[{ALLOWED6}]/"],
        ["tcp", DENIED6, 7],
        ["tcp", DENIED, 7],
        ["http", f"http://{ALLOWED}/"],
        ["tcp", ALLOWED6, 7],
    )
    for visit in outcome.visits[:4]:
        assert_reached(visit)
    for visit in outcome.visits[4:]:
        assert_refused(visit)


def test_a_redirect_to_a_denied_host_ends_there(sandbox):
    (visit,) = sandbox.visit(["allowed.test"], ["http", "http://allowed.test/redirect?to=http://denied.test/"]).visits
    assert_refused(visit)
    (visit,) = sandbox.visit(["allowed.test"], ["http", f"http://allowed.test/redirect?to=http://{DENIED}/"]).visits
    assert_refused(visit)


def test_raw_and_packet_sockets_and_ping_are_closed(sandbox):
    for visit in sandbox.visit(["allowed.test"], ["raw"], ["packet"], ["ping", ALLOWED], ["ping", DENIED]).visits:
        assert_refused(visit)


def test_search_domains_work_for_short_names(sandbox):
    outcome = sandbox.visit(["wiki"], ["tcp", "wiki", 7], ["tcp", "wiki.corp.test", 7])
    for visit in outcome.visits:
        assert_reached(visit)


def test_the_hosts_file_of_the_host_counts_for_allowed_names_only(sandbox):
    outcome = sandbox.visit(["hosts-private.test"], ["tcp", "hosts-private.test", 7], ["name", "hosts-denied.test"])
    assert_reached(outcome.visits[0])
    assert_refused(outcome.visits[1])


def test_names_of_this_machine_lead_to_loopback(sandbox):
    names = sandbox.visit(["allowed.test"], ["name", "localhost"], ["name", "thishost"], ["name", "a.localhost"]).visits
    assert set(names[0]["result"]) <= {"127.0.0.1", "::1"}
    assert names[1]["result"] == ["127.0.1.1"]
    assert set(names[2]["result"]) <= {"127.0.0.1", "::1"}


def test_a_name_that_does_not_exist_is_known_at_once(sandbox):
    (visit,) = sandbox.visit(["nowhere.test"], ["name", "nowhere.test"]).visits
    assert_refused(visit)


def test_an_empty_list_leaves_nothing_but_loopback(lab, user):
    outcome = Sandbox(lab, user, "auto").visit([], ["tcp", ALLOWED, 7], ["tcp", ALLOWED6, 7], ["name", "allowed.test"])
    for visit in outcome.visits:
        assert_refused(visit)


def test_without_bwrap_the_same_is_reached_and_nothing_else(lab, user, mode):
    outcome = Sandbox(lab, user, mode, "unshare").visit(
        ["allowed.test"],
        ["tcp", "allowed.test", 7],
        ["http", "http://allowed.test/"],
        ["http", "http://denied.test/"],
        ["tcp", DENIED, 7],
        ["tcp", DENIED6, 7],
    )
    for visit in outcome.visits[:2]:
        assert_reached(visit)
    for visit in outcome.visits[2:]:
        assert_refused(visit)
    assert ("denied.test", None, "dns") in refused(outcome)


def test_without_bwrap_and_without_a_network(lab, user, mode):
    for visit in Sandbox(lab, user, mode, "unshare").visit([], ["name", "allowed.test"], ["tcp", ALLOWED, 7]).visits:
        assert_refused(visit)
