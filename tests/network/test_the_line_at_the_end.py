"""The line at the end offers what would work, and nothing else: no name that a resolver made, no service's name."""


def test_names_that_a_search_domain_made_and_names_of_services_are_not_offered(sandbox):
    outcome = sandbox.visit(
        ["allowed.test"],
        ["dns", "127.0.0.1", "allowed.test.corp.test", "udp"],
        ["name", "allowed.test"],
        ["dns", "127.0.0.1", "_http._tcp.denied.test", "udp", 33],
        ["name", "denied.test"],
    )
    assert outcome.visits
    told = {event["subject"] for event in outcome.events}
    assert told >= {"allowed.test.corp.test", "_http._tcp.denied.test", "denied.test"}
    assert outcome.err.rstrip().endswith("to allow: aigate allow net denied.test")


def test_for_a_port_of_the_hosts_loopback_it_is_localhost_and_that_port(lab, user):
    """What is asked of the device that leads out, or of a name that leads to loopback, works as localhost:PORT."""
    from netsandbox import Sandbox

    script = """
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tap0')
try:
    s.connect(('127.0.0.1', 8000))
except OSError:
    pass
"""
    outcome = Sandbox(lab, user, "slirp").run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.err.rstrip().endswith("to allow: aigate allow net localhost:8000"), outcome.err
