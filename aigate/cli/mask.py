"""`aigate mask`: which rules, which files, exit status. Works without a config, a sandbox or a home directory."""

from __future__ import annotations

import os

from aigate._masker import Masker
from aigate.cli.options import Option, help_text, parse
from aigate.config import files
from aigate.errors import AigateError, UsageError
from aigate.masking.rule import BUILT_IN, Rule
from aigate.masking.rules import ALL, chosen, preset_rules, rules_from
from aigate.masking.stream import STDOUT, OutputClosed, mask_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.cli.options import Parsed
    from aigate.config.model import MaskStdout

OPTIONS = (
    Option(("--config",), "Take the rules of this config file.", "FILE"),
    Option(("--preset",), "Use this built-in rule, a group of them, or `all`; !NAME takes back; repeatable.", "NAME"),
    Option(("--pattern",), "Hide what this regular expression (RE2) matches; may be repeated.", "REGEX"),
    Option(("--show-prefix",), "Leave so many bytes of the pattern before readable.", "BYTES"),
    Option(("--ignore-case", "-i"), "Match the pattern before in upper and lower case."),
    Option(("--rules",), "Use the rules of this file: gitleaks', betterleaks', noseyparker's, kingfisher's.", "FILE"),
    Option(("--values",), "Hide the values of this file, too: KEY=value, JSON, YAML; repeatable.", "FILE"),
    Option(("--in-place",), "Change the files, and those below directories, where they lie."),
    Option(("--break-links",), "With --in-place: also files with several names; the others keep what they show."),
    Option(("--check",), "Change nothing; exit with 3 and say where, if anything would be hidden."),
    Option(("--report",), "Write where something was found, as JSON, or as SARIF if it ends in .sarif.", "FILE"),
    Option(("--mask-with",), "What stands in place of a secret: a text, or `hash`.", "TEXT"),
    Option(("--hash-key",), "The file with the key of `--mask-with hash`.", "FILE"),
    Option(("--jobs", "-j"), "Mask so many files at once.", "N"),
    Option(("--list-presets",), "Show the built-in rules with an example each, and exit."),
    Option(("--explain-rules",), "Measure what each rule costs here, the costliest first, and exit."),
    Option(("--json",), "With --list-presets and --explain-rules: as JSON."),
    Option(("--help", "-h"), "Show this message and exit."),
)
LEFT = 4  # exit status where something was left alone and named
FOR_FILES = ("--in-place", "--break-links", "--check", "--report", "--mask-with", "--hash-key", "--jobs")
PACKED = (".gz", ".zst", ".bz2", ".xz")
USAGE = "mask [OPTIONS] [FILE]..."
SUMMARY = """Copy files, or standard input, to standard output with secrets replaced by ***.

Files that end in .gz, .zst, .bz2 and .xz are unpacked, masked and packed again. --in-place changes files where they
lie; those that it leaves alone are named, and the exit status is 4.
Without --preset, --pattern and --rules the rules are those of --config, else those that `aigate run` would use
here, else all built-in ones. `-` stands for standard input."""
HELP = "see aigate mask --help"


def main(words: list[str]) -> int:
    """Run one command line and return the exit status. Raises AigateError."""
    parsed = parse(OPTIONS, words, command="mask", interspersed=True)
    if parsed.flag("--help"):
        return _print(help_text(USAGE, SUMMARY, OPTIONS))
    if parsed.flag("--list-presets"):
        return _print(_presets_as_json() if parsed.flag("--json") else _listing())
    if parsed.flag("--json") and not parsed.flag("--explain-rules"):
        hint = "--report FILE writes what was found as JSON"
        raise UsageError("mask: --json goes with --list-presets and --explain-rules", hint=hint)
    foreign, left_out = _foreign(parsed)
    typed = _typed_rules(parsed) + foreign
    mask = None if typed else _configured(parsed.last("--config"))
    if parsed.flag("--explain-rules"):
        from aigate.cli.mask_rules import explained

        return _print(explained(typed or _rules_of(mask), as_json=parsed.flag("--json")))
    paths = [value or "" for name, value in parsed.options if name == "--values"]
    rules = typed or _rules_of(mask)
    status = _mask(parsed, rules, _values(paths, mask), keep=not parsed.options)
    return status or (LEFT if left_out else 0)


def _values(paths: Sequence[str], mask: MaskStdout | None) -> list[str]:
    """Return the values of files that were typed, and those that the config names."""
    if not paths and not (mask and mask.values):
        return []
    from aigate.isolation import callers_environment
    from aigate.masking.sources import Place, of_entries, of_named_files, texts

    place = Place(_directory(), os.environ.get("HOME", "/"), callers_environment())
    pairs, named = of_entries((mask and mask.values) or (), place)
    return [value.text for value in texts([*of_named_files(paths), *pairs], named, place)]


def _foreign(parsed: Parsed) -> tuple[tuple[Rule, ...], bool]:
    """Return the rules of --rules, and whether some could not be had."""
    paths = [value or "" for name, value in parsed.options if name == "--rules"]
    if not paths:
        return (), False
    from aigate.cli.mask_rules import foreign

    read = [foreign(path) for path in paths]
    return tuple(rule for rules, _ in read for rule in rules), any(left_out for _, left_out in read)


def _mask(parsed: Parsed, rules: tuple[Rule, ...], values: list[str], *, keep: bool) -> int:
    if any(parsed.flag(name) for name in FOR_FILES) or any(path.endswith(PACKED) for path in parsed.rest):
        from aigate.cli.mask_files import main as files_main

        return files_main(parsed, rules, values)
    masker = Masker(rules, values=values)
    if keep and not values:
        _keep(rules)
    try:
        mask_files(masker, parsed.rest or ("-",))
    except OutputClosed:
        return 0
    return 0


def _keep(rules: tuple[Rule, ...]) -> None:
    """Keep what the user's config says, if these rules are its, so that the next start needs no Python."""
    home = _home_with_config()
    if home is None or files.project_files(_directory(), home):
        return
    from aigate.cli.mask_kept import keep
    from aigate.config.load import layer_of

    path, state = files.global_path(home), os.path.join(home, files.DIRECTORY)
    try:
        data = files.read_global(path, explicit=False)
        mask = layer_of(data, path, state, project=False).mask_stdout
    except AigateError:  # it was in order when it was read for this run
        return
    if _rules_of(mask) == rules and not (mask and mask.values):  # the file has not changed in between
        keep(state, data, mask, tuple(dict.fromkeys(rule.name for rule in rules if rule.source == BUILT_IN)))


def masker_here(explicit: str | None) -> Masker:
    """Return what masks by a config file, else by that which `aigate run` would use here, else by all presets."""
    mask = _configured(explicit)
    return Masker(_rules_of(mask), values=_values((), mask))


def _rules_of(mask: MaskStdout | None) -> tuple[Rule, ...]:
    return preset_rules(ALL) if mask is None else rules_from(mask)


def _typed_rules(parsed: Parsed) -> tuple[Rule, ...]:
    presets: list[tuple[str, str | None]] = []
    patterns: list[Rule] = []
    for name, value in parsed.options:
        if name == "--preset":
            presets.append((value or "", None))
        elif name == "--pattern":
            patterns.append(Rule(f"pattern-{len(patterns) + 1}", value or "", source="--pattern"))
        elif name in {"--show-prefix", "--ignore-case"}:
            patterns[-1:] = [_changed(patterns, name, value)]
    return chosen(presets) + tuple(patterns)


def _changed(patterns: list[Rule], name: str, value: str | None) -> Rule:
    """Return the last pattern with one more option applied."""
    if not patterns:
        raise UsageError(f"mask: {name} belongs to a --pattern before it, and there is none", hint=HELP)
    last = patterns[-1]
    if name == "--ignore-case":
        return Rule(last.name, last.regex, last.show_prefix, case_insensitive=True, source=last.source)
    if value is None or not (value.isascii() and value.isdigit()):
        raise UsageError(f"mask: --show-prefix must be a number of bytes, not {value!r}", hint=HELP)
    return Rule(last.name, last.regex, int(value), last.case_insensitive, source=last.source)


def _configured(explicit: str | None) -> MaskStdout | None:
    """Return what the config says here, None when there is no config or it does not speak of masking."""
    if explicit is None and _home_with_config() is None:
        return None
    from aigate.config.load import load_config

    return load_config(explicit, _directory(), home=os.environ.get("HOME") or None).mask_stdout


def _home_with_config() -> str | None:
    """Return the home directory, None where there is no config in it that can be read here."""
    home = os.environ.get("HOME") or None
    return None if home is None or _inside(home) or not files.has_global(home) else home


def _directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"


def _inside(home: str) -> bool:
    """Tell whether this is a sandbox of aigate's, where the config is hidden: then all built-in rules hold."""
    from aigate.isolation import callers_environment

    return "AIGATE_SANDBOX" in callers_environment() and not os.access(os.path.join(home, files.DIRECTORY), os.R_OK)


def _listing() -> str:
    from aigate.masking.presets import GROUPS, PRESETS

    width = max(len(name) for name in PRESETS)
    lines = []
    for group, presets in GROUPS.items():
        lines.append(f"{group}:\n")
        for preset in presets:
            example = preset.example.split("\n", 1)[0]
            lines.append(f"  {preset.name:<{width}}  {preset.about}\n  {'':<{width}}  {example}\n")
    return "".join(lines)


def _presets_as_json() -> str:
    import json

    from aigate.masking.presets import GROUPS

    listed = [
        {"name": preset.name, "group": group, "about": preset.about, "example": preset.example, "source": preset.source}
        for group, presets in GROUPS.items()
        for preset in presets
    ]
    return json.dumps(listed, indent=2) + "\n"


def _print(text: str) -> int:
    from aigate.errors import AigateError

    try:
        os.write(STDOUT, text.encode())
    except BrokenPipeError:
        return 0
    except OSError as error:
        raise AigateError(f"cannot write the output: {error.strerror}") from None
    return 0
