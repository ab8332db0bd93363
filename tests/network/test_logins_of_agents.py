"""An agent that logs in inside, by a code or by a call-back on loopback, is logged in outside, and in the next run.

The vendor and the browser are stand-ins: the one on the lab's internet, the other on its host.
"""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from netlab import USERS, Lab

PORT = 1455
VENDOR = textwrap.dedent("""
    import http.server, json, sys
    from urllib.parse import parse_qs, urlsplit
    approved = set()
    class Vendor(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            said = {}
            if url.path == '/device':
                said = {'device_code': 'dev-7', 'user_code': 'WDJB-MJHT'}
            elif url.path == '/approve':
                approved.add(query['user_code'])
            elif url.path == '/token':
                known = query.get('code') == 'code-9' or (query.get('device_code') == 'dev-7' and approved)
                said = {'token': 'granted-4711'} if known else {'error': 'authorization_pending'}
            self.send_response(302 if url.path == '/authorize' else 200)
            if url.path == '/authorize':
                self.send_header('Location', query['redirect_uri'] + '?code=code-9')
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())
    server = http.server.ThreadingHTTPServer(('192.175.48.10', 9000), Vendor)
    print('up', flush=True)
    server.serve_forever()
""")
AGENT = textwrap.dedent("""
    import http.server, json, os, sys, time, urllib.request
    from urllib.parse import parse_qs, urlsplit
    VENDOR = 'http://allowed.test:9000'
    def get(path):
        return json.load(urllib.request.urlopen(VENDOR + path, timeout=60))
    class CallBack(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.code = parse_qs(urlsplit(self.path).query)['code'][0]
            self.send_response(200)
            self.end_headers()
    if sys.argv[1] == 'device':
        device = get('/device')
        print('enter', device['user_code'], flush=True)
        asked = lambda: get('/token?device_code=' + device['device_code'])
        while 'token' not in (granted := asked()):
            time.sleep(0.1)
    else:
        server = http.server.HTTPServer(('127.0.0.1', 1455), CallBack)
        print('open', VENDOR + '/authorize?redirect_uri=http://localhost:1455/back', flush=True)
        server.handle_request()
        granted = get('/token?code=' + server.code)
    os.makedirs(os.path.expanduser('~/.tool'), exist_ok=True)
    with open(os.path.expanduser('~/.tool/auth.json'), 'w') as file:
        json.dump({'token': granted['token'], 'servers': ['planted']}, file)
""")
PROFILE = """source: a stand-in
allow_net: ["allowed.test:9000"]
share: ["~/.tool/auth.json#token"]
"""
BROWSER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60).read()"


@pytest.fixture(scope="module")
def vendor(lab: Lab) -> Iterator[Lab]:
    served = lab.start(lab.internet, ["/usr/bin/python3", "-c", VENDOR], stdout=subprocess.PIPE)
    assert served.stdout is not None
    assert served.stdout.readline() == b"up\n"
    yield lab
    served.kill()
    served.communicate()


@pytest.fixture
def home(lab: Lab) -> Path:
    found = lab.project("user").parent
    profiles = found / ".aigate/profiles"
    profiles.mkdir(mode=0o700, exist_ok=True)
    (profiles / "tool.yaml").write_text(PROFILE)
    for path in (profiles, profiles / "tool.yaml"):
        os.chown(path, USERS["user"], USERS["user"])
    (found / ".tool/auth.json").unlink(missing_ok=True)
    return found


def inside(lab: Lab, mode: str, command: list[str], **options: object) -> subprocess.Popen[str]:
    full = lab.command(["other.test"], command, user="user", mode=mode, config=f"ports: [{PORT}]\n")
    place = full.index("--quiet")
    words = [*full[:place], "--profile", "tool", *full[place:]]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


def visit(lab: Lab, url: str) -> None:
    lab.enter(lab.host, ["/usr/bin/python3", "-c", BROWSER, url], check=True)


@pytest.mark.parametrize(("way", "mode"), [("device", "slirp"), ("device", "gateway"), ("call-back", "gateway")])
def test_a_login_inside_lasts(vendor: Lab, home: Path, way: str, mode: str) -> None:
    with inside(vendor, mode, ["/usr/bin/python3", "-c", AGENT, way]) as agent:
        assert agent.stdout is not None
        word, what = agent.stdout.readline().split()
        visit(vendor, what if word == "open" else f"http://allowed.test:9000/approve?user_code={what}")
    assert agent.returncode == 0
    assert json.loads((home / ".tool/auth.json").read_text()) == {"token": "granted-4711"}, "the login, and no more"
    with inside(vendor, mode, ["cat", f"{home}/.tool/auth.json"]) as later:
        assert later.stdout is not None
        assert "granted-4711" in later.stdout.read()
