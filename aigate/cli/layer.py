"""`aigate layer`: what agents changed of the home and of a layered project, and what becomes of it."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from typing import TypedDict

import click

from aigate.cli.colour import of_diff
from aigate.cli.comparison import comparison
from aigate.cli.folding import folded
from aigate.cli.nearest import NearestGroup
from aigate.cli.wording import counted
from aigate.config.files import shown
from aigate.config.load import load_config
from aigate.errors import AigateError, EnforcementError, UsageError
from aigate.layers import hold, moves, review
from aigate.layers.changes import ADDED, REMOVED, Change, changes_in
from aigate.layers.inner import Tree
from aigate.layers.place import ASIDE, Layer, all_layers, layer_of, parts_of
from aigate.policy.patterns import parse_patterns
from aigate.policy.resolve import caller, project_of

MARKS = {ADDED: "A", REMOVED: "D"}
MOST_SHOWN = 20  # lines of what waits


class DescribedPart(TypedDict):
    """What `aigate layer status` says of a part. path: the directory below; upper: where its changes lie."""

    path: str
    changes: int
    bytes: int
    upper: str


class Described(TypedDict):
    """What it says of a layer."""

    project: str
    in_use: bool
    parts: list[DescribedPart]


class Part:
    """One directory that a layer lies above. upper: where its changes are. below: the directory itself."""

    def __init__(self, layer: Layer, name: str, below: str) -> None:
        self.layer, self.name, self.below = layer, name, below
        self.upper = layer.upper(name)

    def changes(self) -> Iterator[Change]:
        """Yield its changes."""
        return changes_in(self.upper, self.below) if os.path.isdir(self.upper) else iter(())

    def status(self, path: str) -> os.stat_result | None:
        """Return what the layer holds at a path."""
        return Tree(self.upper).status(path)

    def aside(self) -> list[str]:
        """Return the paths of what was taken out of the layer and can come back, the latest first."""
        return list(moves.laid_aside(self.upper, f"{self.layer.directory}/{ASIDE}"))

    def shown(self, path: str) -> str:
        """Return a changed path as one types it."""
        return _short(f"{self.below}/{path}")


@click.group(cls=NearestGroup, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show what agents changed in your home, kept apart from your own files, and move single things there.

    Without a command: a summary of all layers.
    """
    if context.invoked_subcommand is None:
        _summary(everywhere=True, as_json=as_json)
    elif as_json:
        hint = f"aigate layer {context.invoked_subcommand} --json"
        raise UsageError("layer: --json comes after the command", hint=hint)


@command.command()
@click.option("--all", "everywhere", is_flag=True, help="The layers of all projects.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(everywhere: bool, as_json: bool) -> None:
    """Say where the layer lies, how much it holds, what waits for your word, and what was set aside."""
    _summary(everywhere=everywhere, as_json=as_json)


@command.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--names", is_flag=True, help="Only which files, not what changed in them.")
@click.option("--json", "as_json", is_flag=True, help="Which files, as JSON.")
def diff(paths: tuple[str, ...], names: bool, as_json: bool) -> None:
    """Show what changed: A added, M changed, D removed."""
    listed: list[dict[str, object]] = []
    _tell_of_runs()
    unchanged = dict.fromkeys(paths)
    for part in _parts():
        wanted = [(path, found[1]) for path in paths if (found := _located(path, [part]))]
        for change in sorted(part.changes(), key=lambda change: change.path):
            meant = [path for path, place in wanted if _within(change.path, place)]
            if paths and not meant:
                continue
            for path in meant:
                unchanged.pop(path, None)
            if as_json:
                place = f"{part.below}/{change.path}"
                listed.append({"path": place, "kind": change.kind, "directory": change.directory, "size": change.size})
            else:
                _print(part, change, names=names)
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for path in unchanged:
        raise UsageError(f"{path}: nothing is changed there", hint="aigate layer diff lists what is")


def _tell_of_runs() -> None:
    if hold.in_use(_place()[1].directory):
        click.echo("aigate: a run uses this layer: what it changes from now on is not told here", err=True)


def _print(part: Part, change: Change, *, names: bool) -> None:
    name = part.shown(change.path)
    click.echo(f"{MARKS.get(change.kind, 'M')} {name}{'/' if change.directory else ''}")
    if names or change.directory:
        return
    for line in comparison(f"{part.below}/{change.path}", f"{part.upper}/{change.path}", name):
        click.echo(f"  {of_diff(line)}")


@command.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def apply(paths: tuple[str, ...]) -> None:
    """Make changes to your own files, and take them out of the layer.

    What programs outside would run or obey stays in the layer, with a directory that is applied: name it to apply it.
    """
    who = caller()
    patterns = parse_patterns(load_config(None, who.cwd, home=who.home).deny_write, who.home)
    left: list[str] = []

    def act(part: Part, path: str) -> None:
        guarded = review.Guarded(part.layer.directory, part.upper, part.below, part.layer.project, patterns)
        left.extend(part.shown(each) for each in moves.apply(part.upper, part.below, path, guarded))

    _each(paths, act, "applied")
    for path in folded(left, MOST_SHOWN):
        click.echo(f"left in the layer, since programs outside would run or obey it (aigate layer apply PATH): {path}")


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--all", "everything", is_flag=True, help="Everything in this project's layer.")
def discard(paths: tuple[str, ...], everything: bool) -> None:
    """Take changes out of the layer. They are kept aside, in ~/.aigate/layers."""
    if bool(paths) == everything:
        raise UsageError("layer discard: name what to discard, or everything with --all")
    if everything:
        paths = tuple(f"{part.below}/{name}" for part in _parts() for name in _top(part))

    def act(part: Part, path: str) -> None:
        moves.discard(part.upper, path, f"{part.layer.directory}/{ASIDE}")

    _each(paths, act, "discarded")


@command.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def keep(paths: tuple[str, ...]) -> None:
    """Agree that later agents run or obey what the layer holds: start files, programs on PATH, settings.

    What was set aside because nobody had agreed comes back.
    """
    parts = _parts()
    with hold.Unused(parts[0].layer.directory):
        _keep(parts, paths)


def _keep(parts: list[Part], paths: tuple[str, ...]) -> None:
    kept = False
    for part in parts:
        wanted = [found[1] for path in paths if (found := _located(path, [part]))]
        for path in wanted:
            if part.status(path) is None:
                _act_on(part, path, _bring_back)
        new = [path for path in waiting(part) if not paths or any(_within(path, one) for one in wanted)]
        review.accept(part.layer.directory, [review.line_for(part.upper, path) for path in new])
        for path in new:
            click.echo(f"kept: {part.shown(path)}")
        kept = kept or bool(new)
    if not kept:
        click.echo("nothing waits for your word" + (" there" if paths else ""))


def _bring_back(part: Part, path: str) -> None:
    moves.bring_back(part.upper, path, f"{part.layer.directory}/{ASIDE}")


def waiting(part: Part) -> list[str]:
    """Return what a part holds that would be obeyed, and that was not agreed to."""
    who = caller()
    config = load_config(None, who.cwd, home=who.home)
    patterns = parse_patterns(config.deny_write, who.home)
    return review.unknown(part.layer.directory, part.upper, part.below, patterns, who.environment.get("PATH", ""))


def _summary(*, everywhere: bool, as_json: bool) -> None:
    state, mine = _place()
    layers = [_described(layer) for layer in (all_layers(state) if everywhere else [mine])]
    parts = _parts(must_exist=False)
    unsettled = [(part, path) for part in parts for path in waiting(part)]
    aside = [(part, path) for part in parts for path in part.aside()]
    if as_json:
        paths, taken = ([f"{part.below}/{path}" for part, path in found] for found in (unsettled, aside))
        click.echo(json.dumps({"layers": layers, "waiting": paths, "aside": taken}, indent=2))
        return
    for layer in layers:
        click.echo(f"{_short(layer['project'])}{'  (in use)' if layer['in_use'] else ''}")
        for part in layer["parts"]:
            changes = counted(part["changes"], "change")
            click.echo(f"  {_short(part['path'])}: {changes}, {part['bytes']:,} bytes in {_short(part['upper'])}")
    if not layers:
        click.echo("no agent has changed anything yet")
    for path in folded((part.shown(path) for part, path in unsettled), MOST_SHOWN):
        click.echo(f"waits for your word (aigate layer keep): {path}")
    for path in folded((part.shown(path) for part, path in aside), MOST_SHOWN):
        click.echo(f"set aside (aigate layer keep PATH brings it back): {path}")


def _described(layer: Layer) -> Described:
    parts: list[DescribedPart] = []
    for name, below in parts_of(layer).items():
        found = list(Part(layer, name, below).changes())
        size = sum(change.size for change in found)
        parts.append({"path": below, "changes": len(found), "bytes": size, "upper": layer.upper(name)})
    return {"project": layer.project, "in_use": hold.in_use(layer.directory), "parts": parts}


def _place() -> tuple[str, Layer]:
    who = caller()
    state = f"{who.home}/.aigate"
    return state, layer_of(state, project_of(who))


def _parts(*, must_exist: bool = True) -> list[Part]:
    """Return the parts of this project's layer."""
    _, layer = _place()
    found = [Part(layer, name, below) for name, below in parts_of(layer).items()]
    if not found and must_exist:
        raise EnforcementError(
            f"there is no layer for {shown(layer.project)}", hint="a run makes one; aigate layer lists those that exist"
        )
    return found


def _each(paths: tuple[str, ...], act: Callable[[Part, str], object], word: str) -> None:
    """Do something with each path. Raises AigateError before anything is done where a run uses the layer."""
    parts = _parts()
    with hold.Unused(parts[0].layer.directory):
        found = [(path, _located(path, parts)) for path in paths]
        for path, place in found:
            if place is None or place[0].status(place[1]) is None:
                is_aside = place is not None and place[1] in place[0].aside()
                hint = f"it was set aside: aigate layer keep {path}" if is_aside else "aigate layer diff lists what is"
                raise UsageError(f"{path}: nothing is changed there", hint=hint)
        for _, place in found:
            if place is not None:
                _act_on(*place, act)
                click.echo(f"{word}: {place[0].shown(place[1])}")


def _act_on(part: Part, path: str, act: Callable[[Part, str], object]) -> None:
    try:
        act(part, path)
    except (OSError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "directories are nested too deep"
        raise AigateError(f"{part.shown(path)}: {reason}", hint="what follows was left alone") from None


def _located(path: str, parts: list[Part]) -> tuple[Part, str] | None:
    """Return the part that a path lies in, and where there."""
    full = os.path.normpath(os.path.join(os.getcwd(), os.path.expanduser(path)))
    for part in parts:
        if full.startswith(f"{part.below.rstrip('/')}/"):
            return part, full[len(part.below.rstrip("/")) + 1 :]
    return None


def changed_paths(most: int) -> list[str]:
    """Return so many changed paths of this project's layer, as one types them, for completion."""
    found = (part.shown(change.path) for part in _parts(must_exist=False) for change in part.changes())
    return list(itertools.islice(found, most))


def _top(part: Part) -> list[str]:
    return Tree(part.upper).names("")


def _within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _short(path: str) -> str:
    home = os.path.expanduser("~")
    text = shown(path)
    return f"~{text[len(home) :]}" if text == home or text.startswith(f"{home}/") else text
