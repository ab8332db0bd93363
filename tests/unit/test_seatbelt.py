"""Seatbelt profiles: compared with golden files that a person has read, and asked what they answer to operations.

`python tests/unit/test_seatbelt.py` writes the golden files anew after a change that is meant.
"""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import pytest
import sbpl_reader
from sbpl_reader import Operation, Profile
from seatbelt_cases import (
    DEFAULTS,
    HOME,
    HOSTILE,
    PLAIN,
    POLICIES,
    PORT,
    SHOP,
    TEMPORARY,
    TERMINAL,
    golden,
    hidden,
    parameters,
    patterns,
    planned,
    protected,
)

from aigate.backends import sbpl, seatbelt
from aigate.policy.model import Policy
from aigate.policy.patterns import PatternSet
from aigate.policy.walk import components
from aigate.record import replace

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "seatbelt"
READ, WRITE, CREATE, UNLINK, STAT = (
    "file-read-data",
    "file-write-data",
    "file-write-create",
    "file-write-unlink",
    "file-read-metadata",
)
EXEC, CONNECT = "process-exec", "network-outbound"


def profile(policy: Policy) -> Profile:
    return sbpl_reader.read(planned(policy).blobs[0].decode(), parameters(policy))


PROFILES: dict[str, Profile] = {}


def ask(policy: str, operation: str, path: str = "", /, **more: object) -> bool:
    if policy not in PROFILES:
        PROFILES[policy] = profile(POLICIES[policy])
    return PROFILES[policy].allows(Operation(operation, **{"path": path, **more}))  # type: ignore[arg-type]


def rename(name: str, old: str, new: str, kind: str = "REGULAR-FILE") -> bool:
    return ask(name, UNLINK, old, kind=kind) and ask(name, CREATE, new, kind=kind)


def connect(name: str, host: str, port: int) -> bool:
    return ask(name, CONNECT, socket="ip", host=host, port=port)


@pytest.mark.parametrize("name", POLICIES)
def test_the_profile_is_as_it_was_read(name: str) -> None:
    assert golden(POLICIES[name]) == (GOLDEN / f"{name}.sb").read_text()


def test_there_is_no_golden_file_without_a_policy() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(POLICIES)
    assert len(POLICIES) >= 25


@pytest.mark.parametrize("name", POLICIES)
def test_every_profile_is_one_that_the_reader_knows(name: str) -> None:
    assert profile(POLICIES[name]).rules


@pytest.mark.parametrize(
    ("operation", "path", "allowed"),
    [
        # reading
        (READ, f"{HOME}/.ssh/id_rsa", False),
        (READ, f"{HOME}/.ssh", False),
        (STAT, f"{HOME}/.ssh", True),
        (STAT, f"{HOME}/.ssh/id_rsa", False),
        (READ, f"{HOME}/.kube/config", False),
        (READ, f"{HOME}/.kube/cache", False),
        (READ, f"{SHOP}/.env", False),
        (STAT, f"{SHOP}/.env", True),
        ("file-read-xattr", f"{SHOP}/.env", False),
        ("file-clone", f"{SHOP}/.env", False),
        (READ, f"{SHOP}/main.py", True),
        (READ, "/usr/lib/dyld", True),
        (READ, f"{HOME}/.aigate/config.yaml", False),
        (READ, "/private/tmp/other/secret", False),
        (READ, "/private/var/folders/ab/cd/T/other", False),
        (READ, f"{TEMPORARY}/own", True),
        (WRITE, f"{TEMPORARY}/bin/kubectl", False),
        (CREATE, f"{TEMPORARY}/bin/ls", False),
        (UNLINK, f"{TEMPORARY}/bin", False),
        (EXEC, f"{TEMPORARY}/bin/kubectl", True),
        (READ, f"{TEMPORARY}/policy.txt", True),
        (WRITE, f"{TEMPORARY}/policy.txt", False),
        (READ, "/private/var/folders/ab/cd/T/xcrun_db", True),
        (WRITE, "/private/var/folders/ab/cd/T/xcrun_db", False),
        (CREATE, "/private/var/folders/ab/cd/T/xcrun_db-x", False),
        (READ, "/dev/disk0", False),
        (READ, "/dev/rdisk0s1", False),
        (READ, "/dev/ttys001", False),
        (READ, TERMINAL, True),
        (WRITE, TERMINAL, True),
        (READ, "/dev/tty", True),
        # what comes later
        (READ, f"{SHOP}/new/.env", False),
        (READ, f"{SHOP}/new/.ENV", False),
        (READ, f"{SHOP}/new/.env.local", False),
        (READ, f"{SHOP}/new/.env.example", True),
        (READ, f"{SHOP}/x.pem", False),
        (READ, f"{SHOP}/cacert.pem", True),
        (READ, f"{SHOP}/node_modules/x/test.pem", True),
        (READ, f"{SHOP}/node_modules/x/credentials/x.js", True),
        (READ, f"{SHOP}/node_modules/x/.env", False),
        (READ, f"{SHOP}/credentials/node_modules/x/index.js", False),
        (READ, f"{SHOP}/x.key/inner", False),
        (READ, f"{HOME}/other/.env", True),
        (READ, f"{HOME}/.aws/credentials", False),
        (READ, f"{HOME}/.npmrc", False),
        (UNLINK, f"{SHOP}/new/.env", False),
        (CREATE, f"{SHOP}/new/.env", True),
        # writing
        (WRITE, f"{SHOP}/main.py", True),
        (CREATE, f"{HOME}/notes.txt", True),
        (CREATE, f"{TEMPORARY}/x", True),
        (WRITE, "/usr/local/bin/x", False),
        (CREATE, "/private/tmp/x", False),
        (CREATE, "/private/var/folders/ab/cd/T/x", False),
        (CREATE, "/Applications/x.app", False),
        (WRITE, f"{SHOP}/.env", False),
        (UNLINK, f"{SHOP}/.env", False),
        (CREATE, f"{HOME}/.zshrc", False),
        (CREATE, f"{HOME}/.ZSHRC", False),
        (WRITE, f"{HOME}/.zshenv", False),
        (WRITE, f"{HOME}/.gitconfig", False),
        (WRITE, f"{SHOP}/.git/hooks/pre-commit", False),
        (CREATE, f"{SHOP}/.git/objects/ab", True),
        (CREATE, f"{HOME}/.bash_completion", False),
        (CREATE, f"{HOME}/.config/fish/conf.d/x.fish", False),
        (CREATE, f"{HOME}/.config/other", True),
        (CREATE, f"{SHOP}/.vscode/launch.json", False),
        (CREATE, f"{SHOP}/sub/.husky/pre-commit", True),
        (CREATE, f"{HOME}/Library/LaunchAgents/com.example.plist", False),
        (CREATE, f"{HOME}/Library/LaunchAgents", False),
        (CREATE, f"{HOME}/Library/Python/3.12/lib/python/site-packages/x.pth", False),
        (CREATE, f"{HOME}/Library/Preferences/ByHost/com.apple.loginwindow.x.plist", False),
        (CREATE, f"{HOME}/Library/Preferences/tool-nodejs/config.json", True),
        (CREATE, f"{HOME}/Library/Caches/pip/x", True),
        (CREATE, f"{HOME}/Library/Caches", True),
        (CREATE, f"{HOME}/Library/Application Support/tool/state.json", True),
        (CREATE, f"{HOME}/Library/Application Support/Code/User/tasks.json", False),
        (UNLINK, f"{HOME}/.inputrc", False),
        (CREATE, f"{HOME}/.config/git/config", False),
        (CREATE, f"{SHOP}/.envrc", False),
        (CREATE, f"{SHOP}/sub/.git/config", True),
        (CREATE, f"{HOME}/Library/Preferences/com.apple.Terminal.plist", False),
        ("file-write-mode", f"{HOME}/.gitconfig", False),
        ("file-link", f"{SHOP}/main.py", False),
        ("file-clone", f"{SHOP}/main.py", False),
        ("file-clone", f"{HOME}/.zshrc", False),
        (WRITE, "/dev/null", True),
        (WRITE, "/dev/stderr", True),
        # running
        (EXEC, "/bin/ls", True),
        (EXEC, f"{SHOP}/run.sh", True),
        (EXEC, "/usr/bin/curl", False),
        (EXEC, "/opt/homebrew/Cellar/curl/8.9/bin/curl", False),
        (READ, "/usr/bin/curl", False),
        (STAT, "/usr/bin/curl", True),
        (EXEC, "/opt/homebrew/Cellar/kubernetes-cli/1.31/bin/kubectl", True),
        ("process-fork", "", True),
        # pinned directories
        (UNLINK, f"{HOME}/.kube", False),
        (UNLINK, f"{SHOP}/a", False),
        (UNLINK, f"{SHOP}/a/b", False),
        (UNLINK, f"{SHOP}/.git", False),
        (UNLINK, SHOP, False),
        (UNLINK, HOME, False),
        (UNLINK, f"{SHOP}/other", True),
    ],
)
def test_files_and_programs(operation: str, path: str, allowed: bool) -> None:
    assert ask("defaults", operation, path) is allowed


def test_other_ways_to_the_same_name() -> None:
    """What is read-only or hidden cannot be freed or filled by moving a directory."""
    assert not rename("defaults", f"{SHOP}/.git", f"{SHOP}/x", "DIRECTORY")
    assert not rename("defaults", f"{SHOP}/x", f"{SHOP}/.git", "DIRECTORY")
    assert not rename("defaults", f"{SHOP}/x", f"{SHOP}/.vscode", "DIRECTORY")
    assert not rename("defaults", f"{HOME}/x", f"{HOME}/.config", "DIRECTORY")
    assert not rename("defaults", f"{SHOP}/a/b/tls.key", f"{SHOP}/a/b/readable")
    assert not rename("defaults", f"{SHOP}/a", f"{SHOP}/c", "DIRECTORY")
    assert not rename("defaults", f"{SHOP}/x", f"{HOME}/.zshrc")
    assert not rename("defaults", f"{HOME}/.ssh", f"{HOME}/ssh", "DIRECTORY")
    assert rename("defaults", f"{SHOP}/one.py", f"{SHOP}/two.py")
    assert rename("defaults", f"{SHOP}/x", f"{SHOP}/y", "DIRECTORY")


def test_the_directories_that_must_stand() -> None:
    """Where one is missing, a prepared one could take its name: the runner makes it before the command starts."""
    assert seatbelt.above_protected(POLICIES["write-missing"]) == [HOME, f"{HOME}/.config", SHOP]
    assert f"{SHOP}/.vscode" in seatbelt.above_protected(DEFAULTS)
    assert f"{HOME}/Library" in seatbelt.above_protected(POLICIES["write-glob"])


@pytest.mark.parametrize("name", ["hosts", "defaults"])
def test_filtered_hosts(name: str) -> None:
    assert not connect(name, "93.184.216.34", 443)
    assert connect(name, "127.0.0.1", PORT)
    assert connect(name, "::1", PORT)
    assert not connect(name, "127.0.0.1", PORT + 1)
    assert not connect(name, "93.184.216.34", PORT)
    assert not ask(name, "network-bind", socket="ip", host="127.0.0.1", port=3000)
    assert not ask(name, "mach-lookup", name="com.apple.trustd.agent")
    assert not ask(name, "mach-lookup", name="com.apple.SystemConfiguration.DNSConfiguration")
    assert not ask(name, CONNECT, "/private/var/run/mDNSResponder", socket="unix")
    assert ask(name, "system-socket", domain="AF_UNIX")
    assert not ask(name, "system-socket", domain="AF_SYSTEM")


def test_no_network() -> None:
    assert not connect("no-network", "93.184.216.34", 443)
    assert not connect("no-network", "127.0.0.1", PORT)
    assert not ask("no-network", CONNECT, "/private/var/run/mDNSResponder", socket="unix")


def test_every_host() -> None:
    assert connect("plain", "93.184.216.34", 443)
    assert ask("plain", "network-bind", socket="ip", host="0.0.0.0", port=3000)  # noqa: S104 -- asks for it
    assert ask("plain", "mach-lookup", name="com.apple.trustd.agent")
    assert ask("plain", CONNECT, "/private/var/run/mDNSResponder", socket="unix")


SOCKETS = [
    f"{HOME}/.docker/run/docker.sock",
    "/private/var/run/docker.sock",
    "/private/tmp/com.apple.launchd.x/Listeners",
    f"{HOME}/.gnupg/S.gpg-agent",
    f"{HOME}/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock",
    f"{HOME}/.colima/default/docker.sock",
    "/private/tmp/tmux-501/default",
    "/private/var/run/usbmuxd",
]


@pytest.mark.parametrize("name", ["plain", "hosts", "no-network"])
@pytest.mark.parametrize("path", SOCKETS)
def test_sockets_of_the_host(name: str, path: str) -> None:
    assert not ask(name, CONNECT, path, socket="unix")


def test_own_and_exposed_sockets() -> None:
    for path in (f"{SHOP}/dev.sock", f"{TEMPORARY}/x.sock"):
        assert ask("no-network", CONNECT, path, socket="unix")
        assert ask("no-network", "network-bind", path, socket="unix")
    assert ask("exposed", CONNECT, f"{HOME}/.docker/run/docker.sock", socket="unix")
    assert ask("exposed", CONNECT, "/private/tmp/agent.sock", socket="unix")
    assert not ask("exposed", CONNECT, "/private/tmp/other.sock", socket="unix")
    assert not ask("exposed", "network-bind", f"{HOME}/.docker/run/docker.sock", socket="unix")


HELPERS = [
    "com.apple.SecurityServer",
    "com.apple.securityd.xpc",
    "com.apple.coreservices.launchservicesd",
    "com.apple.coreservices.appleevents",
    "com.apple.lsd.open",
    "com.apple.pasteboard.1",
    "com.apple.cfprefsd.agent",
    "com.apple.windowserver.active",
    "com.apple.xpc.smd",
    "com.apple.tccd",
    "com.apple.dock.server",
    "com.apple.diskarbitrationd",
]


@pytest.mark.parametrize("name", ["plain", "hosts"])
@pytest.mark.parametrize("service", HELPERS)
def test_services_that_act_outside(name: str, service: str) -> None:
    assert not ask(name, "mach-lookup", name=service)


@pytest.mark.parametrize(
    ("operation", "more", "allowed"),
    [
        ("signal", {"target": "same-sandbox"}, True),
        ("signal", {"target": "others"}, False),
        ("process-info-pidinfo", {"target": "same-sandbox"}, True),
        ("process-info-pidinfo", {"target": "others"}, False),
        ("mach-priv-task-port", {"target": "same-sandbox"}, False),
        ("sysctl-read", {"name": "hw.ncpu"}, True),
        ("sysctl-read", {"name": "kern.procargs2.1234"}, False),
        ("sysctl-read", {"name": ""}, False),
        ("sysctl-read", {"name": "kern.proc.all"}, False),
        ("sysctl-read", {"name": "kern.osrelease"}, True),
        ("mach-task-name", {}, False),
        ("sysctl-write", {"name": "kern.hostname"}, False),
        ("sysctl-write", {"name": "kern.tcsm_enable"}, True),
        ("mach-lookup", {"name": "com.apple.system.opendirectoryd.libinfo"}, True),
        ("mach-register", {"name": "com.example.mine"}, False),
        ("appleevent-send", {}, False),
        ("lsopen", {}, False),
        ("job-creation", {}, False),
        ("user-preference-write", {}, False),
        ("iokit-open", {}, False),
        ("nvram-set", {}, False),
        ("pseudo-tty", {}, True),
        (READ, {"path": "/dev/ttys009", "extensions": ("com.apple.sandbox.pty",)}, True),
    ],
)
def test_everything_else(operation: str, more: dict[str, object], allowed: bool) -> None:
    assert ask("plain", operation, **more) is allowed  # type: ignore[arg-type]


def test_both_forms_of_private() -> None:
    for path in ("/etc/secret.conf", "/private/etc/secret.conf"):
        assert not ask("hidden-outside", READ, path)
    for path in ("/etc/ssl/private/x", "/private/etc/ssl/private/x", "/private/tmp/a.token", "/var/db/secret"):
        assert not ask("read-absolute", READ, path)
    assert ask("read-absolute", READ, "/etc/ssl/cert.pem")
    assert ask("project-in-tmp", READ, "/private/tmp/shop/x")
    assert not ask("project-in-tmp", READ, "/private/tmp/other")


def test_hostile_names_mean_themselves() -> None:
    name, project = "hostile-names", f"{HOME}/{HOSTILE}"
    assert ask(name, CREATE, f"{project}/x")
    assert not ask(name, READ, f"{project}/{HOSTILE}")
    assert not ask(name, READ, f"{HOME}/x{HOSTILE}/inner")
    assert not ask(name, WRITE, f"{HOME}/p{HOSTILE}")
    assert not ask(name, CREATE, f"{HOME}/m{HOSTILE}")
    assert not ask(name, CREATE, f"{HOME}/M{HOSTILE.upper()}/below")
    assert not ask(name, EXEC, f"/opt/{HOSTILE}")
    assert not ask(name, READ, f"{project}/deep/.env")
    assert not ask(name, READ, f'{project}/quo"te(')
    assert not ask(name, READ, f"{project}/line\nend")
    assert ask(name, READ, f"{project}/other")
    assert ask(name, READ, f"{HOME}/a 'b' (c) d/.env"), "a name is no regular expression"


def test_composed_and_decomposed_letters() -> None:
    """APFS finds a file under both spellings, and in any case."""
    for spelt in ("Ünsichtbar.txt", "ünsichtbar.TXT", "U\u0308nsichtbar.txt", "u\u0308NSICHTBAR.txt"):
        assert not ask("read-letters", READ, f"{SHOP}/{spelt}"), spelt
    assert ask("read-letters", READ, f"{SHOP}/Unsichtbar.txt")


GLOBS = [
    (".env", ["a/.env", "x.env", ".env", ".envx", ".env/inner"]),
    ("*.pem", ["a.pem", ".pem", "a.pem.txt", "d/b.pem", "a.pem/in"]),
    ("secrets/", ["secrets/a", "d/secrets/b/c", "secret/a", "xsecrets/a"]),
    ("/config/prod.yaml", ["config/prod.yaml", "a/config/prod.yaml"]),
    ("deploy/*.yaml", ["deploy/a.yaml", "deploy/d/a.yaml", "x/deploy/a.yaml"]),
    ("a/**/key", ["a/key", "a/b/key", "a/b/c/key", "x/a/key", "a/keys"]),
    ("b/**", ["b/c", "b/c/d", "a/b/c"]),
    ("[a-c]?[!x-z0-9]", ["abq", "a9x", "dbq", "cb1", "c/q"]),
    ("k[[:digit:]]y", ["k1y", "kxy", "k11y"]),
    ("f.o+(x)", ["f.o+(x)", "fxo+(x)", "f.oo(x)"]),
    ("a?c", ["abc", "ac", "a/c"]),
    ("\\*\\[", ["*[", "x["]),
]


@pytest.mark.parametrize(("pattern", "names"), GLOBS)
def test_a_pattern_means_what_it_means_elsewhere(pattern: str, names: list[str]) -> None:
    """The regular expressions agree with the matching that looks for files: they only come later."""
    parsed = patterns(pattern)
    found = PatternSet(parsed)
    asked = profile(replace(PLAIN, deny_read=parsed))
    for name in names:
        parts = components(name)
        places = [parts[:end] for end in range(1, len(parts) + 1)]
        matched = any(
            found.deciding((*components(SHOP), *place), place, place != parts) is not None for place in places
        )
        assert asked.allows(Operation(READ, f"{SHOP}/{name}")) is not matched, name


def test_what_is_taken_back_is_readable_and_what_lies_in_a_hidden_directory_is_not() -> None:
    policy = replace(PLAIN, deny_read=patterns("secrets/", "!docs/secrets/", "!secrets/public.txt", "*.pem", "!ca.pem"))
    asked = profile(policy)
    assert asked.allows(Operation(READ, f"{SHOP}/docs/secrets/x"))
    assert not asked.allows(Operation(READ, f"{SHOP}/secrets/public.txt"))
    assert asked.allows(Operation(READ, f"{SHOP}/a/ca.pem"))
    assert not asked.allows(Operation(READ, f"{SHOP}/a/xca.pem"))
    assert not asked.allows(Operation(READ, f"{SHOP}/secrets", kind="DIRECTORY"))
    assert asked.allows(Operation(READ, f"{SHOP}/secrets")), "a file of that name is not meant"


def test_what_cannot_be_held_is_named() -> None:
    ((name, reason),) = seatbelt.unenforced(DEFAULTS)
    assert name == "deny_exec"
    assert reason.startswith("kubectl delete: ")
    assert seatbelt.unenforced(PLAIN) == ()


def test_the_environment() -> None:
    environment = dict(planned(PLAIN).environment)
    assert environment["TMPDIR"] == TEMPORARY
    assert environment["AIGATE_SANDBOX"] == "seatbelt"
    assert [name for name, _ in planned(PLAIN).environment].count("TMPDIR") == 1


def test_a_script_stands_first_in_path_for_what_is_denied_in_part() -> None:
    assert dict(planned(DEFAULTS).environment)["PATH"] == f"{TEMPORARY}/bin:/usr/bin"
    assert dict(planned(PLAIN).environment)["PATH"] == "/usr/bin"
    files = dict(seatbelt.guards(DEFAULTS, TEMPORARY, ("openai",)))
    assert set(files) == {f"{TEMPORARY}/policy.txt", f"{TEMPORARY}/bin/kubectl"}
    assert b"exec '/opt/homebrew/Cellar/kubernetes-cli/1.31/bin/kubectl'" in files[f"{TEMPORARY}/bin/kubectl"]
    assert f"# Placed here by aigate: see {TEMPORARY}/policy.txt".encode() in files[f"{TEMPORARY}/bin/kubectl"]


def test_without_a_terminal() -> None:
    plan = planned(PLAIN, terminal=None)
    assert "TERMINAL" not in plan.blobs[0].decode()
    assert not any("TERMINAL" in str(word) for word in plan.options)


def test_no_rule_is_without_a_filter_by_accident() -> None:
    assert sbpl.rule("allow", "file-read*", []) == ""
    assert sbpl.rule("deny", "file-read*") == "(deny file-read*)\n"


def test_a_thousand_hidden_files_make_one_rule() -> None:
    policy = replace(PLAIN, hidden=hidden(*(f"{SHOP}/d/{number}.key" for number in range(1000))))
    text = planned(policy).blobs[0].decode()
    assert text.count("(deny file-read* file-write*") == 1
    assert sum(text.count(f"/d/{number}.key") for number in range(1000)) == 2 * 1000


def test_protected_files_stay_readable() -> None:
    asked = profile(replace(PLAIN, protected=protected(f"{SHOP}/.git/hooks/")))
    assert asked.allows(Operation(READ, f"{SHOP}/.git/hooks/pre-commit"))


def test_a_port_of_loopback_that_is_allowed_is_reached_and_no_other() -> None:
    assert connect("loopback", "127.0.0.1", 11434)
    assert connect("loopback", "127.0.0.1", PORT)
    assert not connect("loopback", "127.0.0.1", 11435)
    assert not connect("loopback", "93.184.216.34", 11434)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, policy in POLICIES.items():
        (GOLDEN / f"{name}.sb").write_text(golden(policy))


def test_a_server_inside_is_reached_on_its_port_of_loopback_and_nowhere_else() -> None:
    for operation in ("network-bind", "network-inbound"):
        assert ask("ports", operation, socket="ip", host="127.0.0.1", port=3000)
        assert ask("ports", operation, socket="ip", host="::1", port=5173)
        assert not ask("ports", operation, socket="ip", host="127.0.0.1", port=3001)
        assert not ask("ports", operation, socket="ip", host="192.168.0.7", port=3000)
    assert connect("ports", "127.0.0.1", 3000)  # by the command itself
    assert connect("ports", "127.0.0.1", PORT)
    assert not connect("ports", "127.0.0.1", 11434)
    assert not connect("ports", "93.184.216.34", 3000)
