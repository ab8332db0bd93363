"""What a client shows of the gateway's refusal names aigate and the command that allows the host."""

import glob

import pytest
from netsandbox import Sandbox

PIP = sorted(glob.glob("/usr/share/python-wheels/pip-*.whl"))[-1:]
REMEDY = "aigate allow net denied.test"
SHOWING = {
    "curl": "curl -sS http://denied.test/",
    "curl that is asked about a tunnel": "curl -sv https://denied.test/",
    "curl by a tunnel": "curl -sS https://denied.test/",
    "git by a tunnel": "git ls-remote https://denied.test/x",
    "wget": "busybox wget -O - http://denied.test/",
    "wget that begins no tunnel": "busybox wget -O - https://denied.test/",
    "npm": "npm view x --registry http://denied.test/ --fetch-retries=0 --update-notifier=false",
    "npm by a tunnel": "npm view x --registry https://denied.test/ --fetch-retries=0 --update-notifier=false",
    "pip by a tunnel": "python3 PIP/pip download --isolated --no-deps --retries 1 -i https://denied.test/ x",
    "pip": "python3 PIP/pip download --isolated --no-deps --retries 0 http://denied.test/x-1.tar.gz",
    "git": "git ls-remote http://denied.test/x",
    "python": "python3 -c import\tsys,urllib.request\nurllib.request.urlopen('https://denied.test/')",
}


@pytest.mark.parametrize("name", SHOWING)
def test_a_refusal_says_who_and_what_helps(lab, name):
    words = [word.replace("\t", " ").replace("PIP", PIP[0]) for word in SHOWING[name].split(" ")]
    outcome = Sandbox(lab, "user", "gateway").run(["allowed.test"], ["sh", "-c", '"$@" 2>&1; true', "-", *words])
    assert REMEDY in outcome.out, outcome.out
    assert "aigate" in outcome.out


@pytest.mark.parametrize("name", ["curl by a tunnel", "npm", "npm by a tunnel", "git", "git by a tunnel"])
def test_an_allowed_name_that_leads_inwards_is_refused_not_missing(lab, name):
    """Answered with 502, npm tried for a hundred seconds, and said nothing of what would help."""
    words = SHOWING[name].replace("denied.test", "rebind-private.test").split(" ")
    ask = ["sh", "-c", '"$@" 2>&1; true', "-", *words]
    outcome = Sandbox(lab, "user", "gateway").run(["rebind-private.test"], ask)
    assert "leads to the private address 10.20.30.40" in outcome.out, outcome.out
    assert "aigate allow net rebind-private.test 10.20.30.40" in outcome.out, outcome.out


def test_a_client_that_begins_no_tunnel_is_told_what_helps(lab):
    """busybox's wget asks a proxy for https:// as it does for http://, and shows the reason of an answer."""
    ask = ["sh", "-c", "busybox wget -O - https://allowed.test/ 2>&1; true"]
    assert (
        "without the variable https_proxy it is reached"
        in Sandbox(lab, "user", "gateway").run(["allowed.test"], ask).out
    )
