"""Policies for the Seatbelt backend: what the golden files and the tables of operations are made from."""

from __future__ import annotations

from aigate.backends import seatbelt
from aigate.config.load import default_layer
from aigate.config.model import Entry, ResourceLimits
from aigate.policy.hosts import parse_hosts
from aigate.policy.model import DeniedProgram, Hidden, Policy, Protected
from aigate.policy.patterns import Pattern, parse_patterns
from aigate.record import replace

HOME, SHOP, TEMPORARY = "/Users/me", "/Users/me/shop", "/private/var/folders/ab/cd/T/aigate-1"
TERMINAL, PORT = "/dev/ttys004", 50123
HOSTILE = 'a "b" (c) \\d\n[e]*?{f}^$|+.#;ü'


def entries(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(text, "config.yaml", number) for number, text in enumerate(texts, 1))


def patterns(*texts: str, home: str = HOME) -> tuple[Pattern, ...]:
    return parse_patterns(entries(*texts), home)


def hidden(*paths: str) -> tuple[Hidden, ...]:
    """Return hidden paths; those with a slash at the end are directories."""
    return tuple(Hidden(path.rstrip("/"), path.endswith("/"), "deny_read: x") for path in paths)


def protected(*paths: str, missing: bool = False) -> tuple[Protected, ...]:
    return tuple(Protected(path.rstrip("/"), path.endswith("/"), missing) for path in paths)


def hosts(*texts: str):
    return parse_hosts(entries(*texts))


PLAIN = Policy(
    project=SHOP,
    cwd=f"{SHOP}/src",
    home=HOME,
    uid=501,
    gid=20,
    hidden=(),
    protected=(),
    programs=(),
    denied_commands=(),
    writable=(HOME, SHOP),
    exposed=(),
    environment=(("PATH", "/usr/bin"), ("TMPDIR", "/var/folders/ab/cd/T/")),
    removed=(),
    hosts=None,
    network="auto",
    limits=ResourceLimits(),
    withheld=(),
)
DEFAULT = default_layer(None)
DEFAULTS = replace(
    PLAIN,
    deny_read=parse_patterns(DEFAULT.deny_read or (), HOME),
    deny_write=parse_patterns(DEFAULT.deny_write or (), HOME),
    hidden=hidden(f"{HOME}/.ssh/", f"{HOME}/.kube/config", f"{SHOP}/.env", f"{SHOP}/a/b/tls.key", f"{HOME}/.aigate/"),
    protected=(
        *protected(f"{HOME}/.gitconfig", f"{SHOP}/.git/hooks/", f"{SHOP}/.git/config", f"{SHOP}/.aigate.yaml"),
        *protected(f"{HOME}/.zshrc", f"{HOME}/.zshenv", f"{SHOP}/.vscode/tasks.json", missing=True),
        *protected(f"{HOME}/.config/fish/", missing=True),
    ),
    programs=(
        DeniedProgram("/usr/bin/curl", ("curl",)),
        DeniedProgram("/opt/homebrew/Cellar/curl/8.9/bin/curl", ("curl",)),
        DeniedProgram("/usr/bin/ssh", ("ssh", "slogin")),
        DeniedProgram(
            "/opt/homebrew/Cellar/kubernetes-cli/1.31/bin/kubectl", (), (("kubectl", ("delete",)),), ("kubectl",)
        ),
    ),
    hosts=hosts("api.anthropic.com", "*.example.com:443"),
)
POLICIES: dict[str, Policy] = {
    "plain": PLAIN,
    "defaults": DEFAULTS,
    "no-network": replace(PLAIN, hosts=()),
    "hosts": replace(PLAIN, hosts=hosts("api.anthropic.com")),
    "loopback": replace(PLAIN, hosts=hosts("localhost:11434", "api.anthropic.com")),
    "ports": replace(PLAIN, hosts=hosts("api.anthropic.com"), ports=(3000, 5173)),
    "root": replace(
        PLAIN,
        uid=0,
        gid=0,
        home="/private/var/root",
        writable=("/private/var/root", "/private/srv/shop"),
        project="/private/srv/shop",
    ),
    "project-outside-home": replace(PLAIN, writable=(HOME, "/Volumes/Work/shop"), project="/Volumes/Work/shop"),
    "project-in-tmp": replace(PLAIN, writable=(HOME, "/private/tmp/shop"), project="/private/tmp/shop"),
    "project-is-home": replace(PLAIN, writable=(HOME,), project=HOME),
    "hidden-file": replace(PLAIN, hidden=hidden(f"{SHOP}/a/b/.env")),
    "hidden-directory": replace(PLAIN, hidden=hidden(f"{HOME}/.ssh/")),
    "hidden-outside": replace(PLAIN, hidden=hidden("/private/etc/secret.conf", "/Library/Keys/")),
    "hidden-in-tmp": replace(PLAIN, hidden=hidden("/private/tmp/token")),
    "read-name": replace(PLAIN, deny_read=patterns(".env")),
    "read-glob": replace(PLAIN, deny_read=patterns(".env.*", "!.env.example", "*.pem", "!cacert.pem")),
    "read-directory": replace(PLAIN, deny_read=patterns("secrets/", "!docs/secrets/")),
    "read-anchored": replace(PLAIN, deny_read=patterns("/config/prod.yaml", "deploy/*.yaml")),
    "read-any-depth": replace(PLAIN, deny_read=patterns("a/**/key", "b/**", "!**/grpc/roots.pem", "*.pem")),
    "read-home": replace(PLAIN, deny_read=patterns("~/.aws/", "~/.kube/config", "~/.config/gcloud*/")),
    "read-absolute": replace(PLAIN, deny_read=patterns("/etc/ssl/private/", "/tmp/*.token", "/var/db/secret")),
    "read-brackets": replace(
        PLAIN, deny_read=patterns("[a-c]?[!x-z0-9]", "k[[:digit:]]y", "[]^-]", "[\\]]x", "\\*\\[")
    ),
    "read-letters": replace(PLAIN, deny_read=patterns("Ünsichtbar.txt", "geheim-ß")),
    "read-taken-back": replace(PLAIN, deny_read=patterns("*", "!*.md", "notes.md")),
    "write-missing": replace(PLAIN, protected=protected(f"{HOME}/.zshenv", f"{HOME}/.config/fish/", missing=True)),
    "write-existing": replace(PLAIN, protected=protected(f"{SHOP}/.git/hooks/", f"{HOME}/.zshrc")),
    "write-glob": replace(
        PLAIN, deny_write=patterns("~/.bash_*", "~/Library/LaunchAgent*/", ".vscode/*.json", "**/.husky/")
    ),
    "programs": replace(PLAIN, programs=DEFAULTS.programs),
    "exposed": replace(PLAIN, hosts=(), exposed=(f"{HOME}/.docker/run/docker.sock", "/private/tmp/agent.sock")),
    "hostile-names": replace(
        PLAIN,
        project=f"{HOME}/{HOSTILE}",
        writable=(HOME, f"{HOME}/{HOSTILE}"),
        hidden=hidden(f"{HOME}/{HOSTILE}/{HOSTILE}", f"{HOME}/x{HOSTILE}/"),
        protected=(*protected(f"{HOME}/p{HOSTILE}"), *protected(f"{HOME}/m{HOSTILE}", missing=True)),
        programs=(DeniedProgram(f"/opt/{HOSTILE}", (HOSTILE,)),),
        deny_read=patterns(".env", 'quo"te(', "line\nend"),
    ),
    "hostile-home": replace(
        PLAIN,
        home=f"/Users/{HOSTILE}",
        writable=(f"/Users/{HOSTILE}",),
        project=f"/Users/{HOSTILE}/shop",
        deny_read=patterns("~/.ssh/", "*.key", home="/Users/a(b) c.d+e"),
    ),
}


def planned(policy: Policy, terminal: str | None = TERMINAL):
    """Return the plan of a policy, as a run with a terminal makes it."""
    ports = (PORT,) if policy.hosts else ()
    return seatbelt.plan(policy, ["claude", "-p"], temporary=TEMPORARY, terminal=terminal, ports=ports)


def golden(policy: Policy) -> str:
    """Return a plan as text: the command line, a line a word, then the profile."""
    plan = planned(policy)
    words = [plan.tool, *("PROFILE" if isinstance(word, int) else word for word in plan.options), "--", *plan.command]
    head = "".join(f";;; {word.encode('unicode_escape').decode('ascii')}\n" for word in words)
    return head + plan.blobs[0].decode()


def parameters(policy: Policy) -> dict[str, str]:
    """Return what the plan hands over with -D."""
    words = planned(policy).options
    pairs = [words[at + 1] for at, word in enumerate(words) if word == "-D"]
    return dict(str(pair).partition("=")[::2] for pair in pairs)  # type: ignore[misc]
