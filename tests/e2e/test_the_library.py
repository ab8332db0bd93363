"""The library does what docs/library.md says, also when every module of aigate is imported first."""

from __future__ import annotations

import pathlib
import re
import sys

from sandbox import Sandbox, python_with_aigate

PAGE = pathlib.Path(__file__).parents[2] / "docs/library.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
EVERYTHING = """
import importlib, pkgutil, aigate
for module in pkgutil.walk_packages(aigate.__path__, "aigate."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            assert module.name.startswith("aigate.frames") or "termios" in str(error), error
for name in aigate.__all__:
    assert getattr(aigate, name) is not None
assert callable(aigate.run) and callable(aigate.explain) and isinstance(aigate.Policy, type)
"""
THREADS = """
import threading
got = {}
def work(number):
    got[number] = aigate.run(["sh", "-c", f"cat; echo {number}; exit {number}"], input=b"in ", capture=True)
threads = [threading.Thread(target=work, args=(number,)) for number in (3, 4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert [(got[n].status, got[n].stdout) for n in (3, 4)] == [(3, b"in 3\\n"), (4, b"in 4\\n")]
assert {got[3].run, got[4].run} == {event["run"] for n in got for event in got[n].events()}
assert [event["event"] for event in got[3].events()] == ["started", "ended"]
"""
REFUSALS = """
import subprocess
from aigate import errors
def met(kind, *words, **options):
    try:
        aigate.run(*words, **options)
    except kind as error:
        return error
    raise AssertionError("nothing was raised")
assert met(errors.CommandNotFoundError, ["nope"]).exit_status == 127
assert "aigate allow exec" in met(errors.PolicyError, ["curl", "x.test"]).hint
error = met(errors.ConfigError, ["true"], policy=aigate.Policy(deny_read=["a", ""]))
assert error.message.startswith("Policy:4: "), error.message
assert "unknown" in met(errors.ConfigError, ["true"], policy=aigate.Policy.from_file("bad.yaml")).message
met(errors.EnforcementError, ["true"], policy=aigate.Policy(require=["net"]))
met(subprocess.TimeoutExpired, ["sleep", "4717"], timeout=1.5)
try:
    aigate.explain(host="*")
except errors.AigateError as error:
    assert error.message and error.hint
try:
    aigate.explain()
except TypeError:
    print("all met")
"""


def python(sandbox: Sandbox, program: str) -> str:
    done = sandbox.execute([*python_with_aigate(sandbox.prefix), "-c", program])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_imported_first_and_then_called(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    python(sandbox, EVERYTHING + THREADS)


def test_refusals_are_errors_of_their_kinds(sandbox: Sandbox) -> None:
    sandbox.write("bad.yaml", "what: 1\n")
    assert python(sandbox, "import aigate\n" + REFUSALS) == "all met\n"


def test_the_examples_on_the_page(sandbox: Sandbox) -> None:
    assert len(EXAMPLES) == 3
    sandbox.write(".env")
    for example in EXAMPLES:
        python(sandbox, example)


def test_a_report_for_other_languages(sandbox: Sandbox) -> None:
    inside = "ls /proc/self/fd; exit 5"
    script = '"$@" run --quiet --report-fd 3 -- sh -c "' + inside + '" 3> report.json; cat report.json'
    done = sandbox.execute(["sh", "-c", script, "sh", *sandbox.prefix])
    assert re.search(
        r'\{"status": 5, "run": "[0-9a-f]{16}", "head": \[2, "[0-9a-f]{64}"\], "error": null\}', done.stdout
    )
    assert done.stdout.split("{")[0].split() == ["0", "1", "2", "3"]  # 3: of ls itself
    assert "no open descriptor" in sandbox.aigate("run", "--report-fd", "9", "--", "true").stderr


def test_importing_aigate_loads_nothing_of_it() -> None:
    import subprocess

    program = "import sys, aigate; print(*[name for name in sys.modules if name.startswith('aigate')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["aigate"]
