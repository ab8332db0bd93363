"""The architecture page is true: imports run one way, and its tree is the tree on disk."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
import tree

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = ROOT / "aigate"
# What each part may import of aigate, besides itself and the leaves.
ALLOWED = {
    "errors": {"scarce"},
    "record": set(),
    "debug": set(),
    "suppress": set(),
    "isolation": set(),
    "reading": set(),
    "scarce": {"reading"},
    "bundle": {"suppress", "lean"},
    "lean": set(),
    "config": {"__version__"},
    "masking": {"config", "_masker", "_linux"},
    "policy": {"config", "_walk"},
    "backends": {"policy", "config"},
    "network": {"policy", "config", "_linux", "host", "streams"},
    "doctor": {"_linux"},
    "host": {"policy", "config", "_linux"},
    "audit": {"config"},
    "streams": {"_linux", "_masker", "Display", "Masker"},
    "launch": {"backends", "host", "network", "policy", "_linux", "_events"},
    "profiles": {"config"},
    "hook": {"config", "_masker"},
    "frames": {"masking", "Masker"},
    "layers": {"launch", "host", "policy", "config", "_linux", "_events"},
    "watch": {"policy", "backends", "host", "config", "_linux", "_events", "_walk"},
    "session": {
        "launch",
        "layers",
        "profiles",
        "watch",
        "streams",
        "network",
        "host",
        "audit",
        "backends",
        "policy",
        "masking",
        "config",
        "_linux",
        "Masker",
    },
    "cli": {
        "session",
        "hook",
        "watch",
        "doctor",
        "layers",
        "profiles",
        "network",
        "host",
        "audit",
        "backends",
        "policy",
        "masking",
        "_masker",
        "config",
        "Masker",
        "__version__",
    },
    "__main__": {"cli"},
    "__init__": {"_masker", "library", "masking"},
    "library": {"audit", "config"},
    "scripts": {"cli"},
}
FILES_READ = {f"{name}.read" for name in ("file", "pipe", "said", "stream")}  # what file objects are called in aigate
READ_OTHERWISE = {"reading.py", "layers/share.py", "doctor/inside.py"}  # that takes None for nothing; that is a program
LEAVES = {"errors", "record", "debug", "suppress", "isolation", "reading", "bundle", "lean", "scarce"}


@cache
def parsed(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text())


def part(path: pathlib.Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imported(path: pathlib.Path) -> set[str]:
    """Return the parts of aigate that a module imports, at any depth of its code."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("aigate.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "aigate":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("aigate."):
            found.add(node.module.split(".")[1])
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_imports_run_one_way() -> None:
    for path in MODULES:
        own = part(path)
        leaves = set() if own in LEAVES else LEAVES
        assert imported(path) - {own} - leaves <= ALLOWED[own], path


def test_no_imports_go_in_a_circle() -> None:
    graph = {_name(path): _modules_imported(path) for path in MODULES}
    while leaves := [name for name, needs in graph.items() if not needs & graph.keys() - {name}]:
        for name in leaves:
            del graph[name]
    assert not graph, "these import one another, or depend on some that do"


MOST_LINES = 400


def _name(path: pathlib.Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path) for path in MODULES}


def _modules_imported(path: pathlib.Path) -> set[str]:
    """Return the modules that one imports when it runs, at any depth of its code; not those that only types need."""
    found = set()
    for node in _running(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full if full in NAMES else node.module for full in inner.values()}
    return found - {"aigate"}  # which imports nothing of its own before it is asked for it


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _running(child)


def test_every_module_says_what_it_is() -> None:
    for path in (*MODULES, *PACKAGE.rglob("*.pyx")):
        assert path.read_text().lstrip().startswith(('"""', "# cython", "# distutils")), path


def test_every_source_stays_small() -> None:
    made = {PACKAGE / "_masker.cpp", PACKAGE / "_walk.cpp", PACKAGE / "_linux.c", PACKAGE / "_events.c"}
    sources = {path for kind in ("py", "pyx", "pxi", "c", "cpp", "h") for path in PACKAGE.rglob(f"*.{kind}")} - made
    assert len(sources) > len(MODULES)
    assert {str(path) for path in sources if len(path.read_text().splitlines()) > MOST_LINES} == set()


def test_files_are_read_and_limits_set_where_that_is_told() -> None:
    """`file.read()` gives None where nothing is there yet, and limits may fail with a ValueError: one place each."""
    for path in MODULES:
        relative = str(path.relative_to(PACKAGE))
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import) and relative != "host/rlimits.py":
                assert "resource" not in [name.name for name in node.names], path
            if isinstance(node, ast.Call) and ast.unparse(node.func) in FILES_READ and relative not in READ_OTHERWISE:
                pytest.fail(f"{path}:{node.lineno}: aigate.reading.read_from(file)")


def test_no_function_takes_more_than_eight_parameters() -> None:
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                assert len([one for one in taken if one.arg not in ("self", "cls")]) <= 8, f"{path}: {node.name}"


def test_the_tree_on_the_page_is_the_tree_on_disk() -> None:
    assert tree.page_with(tree.tree()) == tree.PAGE.read_text(), (
        "python tests/support/tree.py brings the page up to date"
    )


# What each command may not import before it starts its work: each costs milliseconds of every start.
SLOW = {
    "contextlib",
    "dataclasses",
    "typing",
    "click",
    "yaml",
    "ruamel",
    "dns",
    "h11",
    "hpack",
    "subprocess",
    "json",
    "inspect",
    "asyncio",
    "socket",
}


def test_mask_and_run_start_without_slow_imports() -> None:
    program = "import sys, aigate.cli.mask, aigate.cli.run, aigate.session.linux; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not SLOW & set(done.stdout.split())
