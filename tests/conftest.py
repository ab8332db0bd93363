"""Fixtures for tests that run the real thing, as root and as an ordinary user; and which of them run where.

The one place that acts on `choice`: of a case's combinations those are kept that the set asks for (AIGATE_TESTS).
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterator

import pytest
from choice import SEED, SET, budget, chosen, in_turn, takes_turns
from sandbox import LAUNCHER, PREFIX, Sandbox, install_for_others, make_user, remove, remove_user

collect_ignore = [] if os.environ.get("AIGATE_CLIENTS") else ["clients"]  # `make test-clients`
# `make test-frames` and `make test-browser` name them.
collect_ignore += [name for name in ("frames", "browser") if not any(f"tests/{name}" in word for word in sys.argv)]
collect_ignore += ["mutations"] if SET == "quick" else []
WHO = ("root", "user") if os.getuid() == 0 else ("self",)
LAB_FACTORS = ("attacked", "user", "mode", "backend")  # what a combination is made of where there is a lab
# Fixtures that stand for a whole module are chosen once for it: each costs a sandbox with everything tried in it. The
# first is chosen pairwise always, since the two ways out have little in common.
FOR_A_MODULE = ("attacked", "clients")
# What stays in one process each: it shares an expensive fixture, or the names of processes. (xdist's own groups come to
# nothing with pytest 9.2, whose node ids cannot be changed.) And together: what uses the machine's table of accounts.
TOGETHER = ("test_escape.py", "test_clients.py", "test_time.py", "test_portable.py")
ACCOUNTS = ("test_agent_user.py", "test_setup.py", "test_setup_macos.py", "test_accounts.py")

if PREFIX not in os.environ:  # another aigate is asked for what it protects, by nothing random
    with contextlib.suppress(ImportError):  # the virtual machine of tests/vm has none, and needs none
        import hypothesis

        hypothesis.settings.register_profile(
            SET, deadline=None, max_examples=budget(40, 100, 1000), derandomize=SET == "quick", print_blob=True
        )
        hypothesis.settings.load_profile(SET)


with contextlib.suppress(ImportError):  # test_masker_little_output.py has what little output goes through by itself
    from aigate._masker import look_closely_from

    look_closely_from(0)


for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    if signal.getsignal(_number) == signal.SIG_IGN:  # nohup or a script's background: for us, not for what tests start
        signal.signal(_number, lambda *_: None)


def pytest_report_header() -> str:
    """Say what is run, so that it can be run again."""
    return f"aigate: AIGATE_TESTS={SET} AIGATE_SEED={SEED}"


_failed: dict[str, None] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what failed, for `.ci/run`."""
    if report.failed:
        _failed[report.nodeid] = None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the failed tests' names to AIGATE_FAILURES, a line each, if it was tests that failed and nothing else."""
    if (
        (path := os.environ.get("AIGATE_FAILURES"))
        and exitstatus == pytest.ExitCode.TESTS_FAILED
        and not hasattr(session.config, "workerinput")
    ):
        pathlib.Path(path).write_text("".join(f"{name}\n" for name in _failed), encoding="utf-8")


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[object]:
    """Make an ordinary user for the time of the session."""
    name = f"aigate-test-{os.getpid()}"
    try:
        yield make_user(name)
    finally:
        remove_user(name)


@pytest.fixture(scope="session")
def readable_install() -> Iterator[list[str]]:
    """Give every user a copy of aigate that it can read."""
    target = pathlib.Path(tempfile.mkdtemp(prefix="aigate-install-", dir="/opt" if os.getuid() == 0 else None))
    target.chmod(0o755)
    try:
        yield install_for_others(target)
    finally:
        shutil.rmtree(target)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every user to tests that have a sandbox, and every backend where the module asks for that (BACKENDS).

    Not to those that name a user themselves, nor to those of the network, whose sandboxes stand in a lab (`lab`).
    `@pytest.mark.only("root")`, or "user", or "own" (who runs the tests): it says nothing about anybody else.
    `@pytest.mark.everywhere`: it runs in every combination (in the quick set with each user and each backend).
    `@pytest.mark.spread("x")`: its parameter x is one more factor, for cases that cost too much to run each with every
    user and backend.
    """
    if "lab" in metafunc.fixturenames:
        return
    marks = metafunc.definition.iter_markers("parametrize")
    if "sandbox" in metafunc.fixturenames and not any(mark.args[0] == "sandbox" for mark in marks):
        backends = getattr(metafunc.module, "BACKENDS", ("bwrap",))
        only = {who for mark in metafunc.definition.iter_markers("only") for who in mark.args}
        params = [(who, backend) for backend in backends for who in WHO if not only or only & _kinds(who)]
        names = [who if backend == "bwrap" else f"{who}-{backend}" for who, backend in params]
        metafunc.parametrize("sandbox", params, ids=names, indirect=True)


def _kinds(who: str) -> set[str]:
    return {"user"} if who == "user" else {"own", "root" if os.getuid() == 0 else "user"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep of each case the combinations that the set asks for, unless a single one was named on the command line."""
    if any("[" in word for word in config.args):
        return
    cases: dict[tuple[str, int], dict[tuple[Hashable, ...], list[pytest.Item]]] = {}
    met: Counter[tuple[str, tuple[Hashable, ...]]] = Counter()
    for item in items:
        name, combination = _name(item), _combination(item)
        # The cases of a test come in the same order for every combination.
        place = 0 if name.startswith(FOR_A_MODULE) else met[name, combination]
        met[name, combination] += 1
        cases.setdefault((name, place), {}).setdefault(combination, []).append(item)
    kept: set[pytest.Item] = set()
    many = Counter(name for name, _ in cases)
    for (name, place), combinations in cases.items():
        everywhere = any(item.get_closest_marker("everywhere") for items in combinations.values() for item in items)
        spread = any(item.get_closest_marker("spread") for items in combinations.values() for item in items)
        wider = SET == "quick" and (everywhere or spread or name.startswith(FOR_A_MODULE[0]))
        kind = "pairs" if wider else "full" if everywhere else SET
        numbers = chosen(f"{name} {place}", list(combinations), kind)
        if SET == kind == "pairs" and not spread and takes_turns(many[name], len(combinations)):
            numbers = in_turn(name, place, len(combinations))
        for number in numbers:
            kept.update(list(combinations.values())[number])
    dropped = [item for item in items if item not in kept]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item in kept]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Let tests run in parallel, but for those that must stay in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            name = path.rpartition("/")[2]
            together = name in TOGETHER or path.startswith("tests/unit/")  # these are too short to be given out singly
            return "accounts" if name in ACCOUNTS else path if together else nodeid

    return Scheduling(config, log)


def _name(item: pytest.Item) -> str:
    """Return what is chosen for: a test, or a whole module."""
    whole = [name for name in FOR_A_MODULE if name in item.fixturenames]
    return f"{whole[0]} {item.path.name}" if whole else item.nodeid.partition("[")[0]


def _combination(item: pytest.Item) -> tuple[Hashable, ...]:
    call = getattr(item, "callspec", None)
    values = [call.params[name] for name in _factors(item) if name in call.params] if call else []
    return tuple(part for value in values for part in (value if isinstance(value, tuple) else (value,)))


def _factors(item: pytest.Item) -> tuple[str, ...]:
    spread = item.get_closest_marker("spread")
    return (*(LAB_FACTORS if "lab" in item.fixturenames else ("sandbox",)), *(spread.args if spread else ()))


@pytest.fixture(scope="session")
def old_homes() -> Iterator[list[pathlib.Path]]:
    """Homes that no test needs any more, removed at the end: ext4 looks at all just deleted for each new file."""
    homes: list[pathlib.Path] = []
    yield homes
    for home in homes:
        remove(home)


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, old_homes: list[pathlib.Path]) -> Iterator[Sandbox]:
    """Give a home with the default config, and a project below it that is a git repository."""
    who, backend = (request.param, "bwrap") if isinstance(request.param, str) else request.param
    if who == "user":
        account = request.getfixturevalue("ordinary_user")
        prefix = request.getfixturevalue("readable_install")
        uid, gid = account.pw_uid, account.pw_gid
        base = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=account.pw_dir))
    else:
        prefix = json.loads(os.environ.get(PREFIX, "[]")) or [str(LAUNCHER)]
        uid, gid = os.getuid(), os.getgid()
        base = pathlib.Path(tempfile.mkdtemp(prefix="aigate-home-", dir="/home" if uid == 0 else None))
    try:
        home = base / "home"
        project = home / "project"
        project.mkdir(parents=True)
        for path in (base, home, project):
            os.chown(path, uid, gid)
        made = Sandbox(home, project, uid, gid, list(prefix), backend)
        assert made.outside("git", "init", "-q", str(project)).returncode == 0
        _init(made)
        yield made
    finally:
        old_homes.append(base)


_first_files: dict[tuple[object, ...], dict[str, bytes]] = {}
KEPT = ("config.yaml", "config.schema.json", "network", "layers/tried", "cache/*")


def _init(made: Sandbox) -> None:
    """Do `aigate init` and a run in a user's first home; put the same files into the others, which costs little.

    They include what a first run tries out on a machine, and what it gets ready of the config.
    """
    key = (made.uid, made.backend, *made.prefix)
    place = made.path("~/.aigate")
    if key not in _first_files:
        done = made.aigate("init")
        assert done.returncode == 0, done.stderr
        made.config((place / "config.yaml").read_text())
        made.run("true")  # where that fails, the tests say so
        found = [path for pattern in KEPT for path in place.glob(pattern)]
        _first_files[key] = {str(path.relative_to(place)): path.read_bytes() for path in found}
        remove(place)
    for name, text in _first_files[key].items():
        made.write(f"~/.aigate/{name}", text, 0o600)
    for path in (place, place / "cache", place / "layers"):
        if path.exists():
            path.chmod(0o700 if path != place / "layers" else 0o755)
