"""Where each agent keeps its settings and its transcripts, and what its hooks can do. One table; decides nothing."""

from __future__ import annotations

import os

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# (variable, the usual place that it moves). From the documentation of each program; the XDG Base Directory
# Specification asks for absolute paths, and the others are held to that, too.
MOVED = (
    ("XDG_CONFIG_HOME", "~/.config"),
    ("XDG_DATA_HOME", "~/.local/share"),
    ("CLAUDE_CONFIG_DIR", "~/.claude"),
    ("CODEX_HOME", "~/.codex"),
    ("COPILOT_HOME", "~/.copilot"),
)


def rooted(path: str, home: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return a directory, and what leads from it to a path of the table, which begins with ~.

    It is the home, or the directory that a variable has put in the place of the usual one.
    """
    for name, usual in MOVED:
        value = environment.get(name, "")
        if os.path.isabs(value) and path.startswith(f"{usual}/"):
            return value, path.removeprefix(f"{usual}/")
    return home, path.removeprefix("~/")


def placed(path: str, home: str, environment: Mapping[str, str]) -> str:
    """Return where a path of the table lies."""
    return os.path.join(*rooted(path, home, environment))


@record
class Agent:
    """An agent. Paths begin with ~.

    settings: the file in which its hooks stand; project: likewise, below a project. events: of which it tells its
    hooks, the one for a tool's result first. timeouts: how long it waits for each, in its own unit. shell: the
    variable, to be set in the settings, that names a program to run shell commands by. transcripts: patterns (fnmatch;
    `**` for any depth) of the JSON files that hold what was said; databases: of those that SQLite reads. beside: what
    else it keeps that is neither, and is only named. tried: the version that the table is true of. limits: what its
    hooks cannot do, in a sentence each.
    """

    name: str
    title: str
    settings: str
    project: str
    events: tuple[str, ...]
    timeouts: tuple[int, ...]
    shell: str | None
    transcripts: tuple[str, ...]
    databases: tuple[str, ...]
    beside: tuple[str, ...]
    tried: str
    limits: tuple[str, ...]


AGENTS = (
    Agent(
        "claude",
        "Claude Code",
        "~/.claude/settings.json",
        ".claude/settings.json",
        ("PostToolUse", "PostToolUseFailure", "PostToolBatch", "SessionEnd"),
        (30, 30, 30, 30),
        "CLAUDE_CODE_SHELL_PREFIX",
        ("~/.claude/projects/**/*.jsonl", "~/.claude/history.jsonl", "~/.claude/todos/*.json"),
        (),
        ("~/.claude/file-history", "~/.claude/shell-snapshots", "~/.claude/debug"),
        "2.1.197",
        (
            "a failure that another tool tells is not replaced: the turn ends, and the transcript is scrubbed",
            "what you type yourself is sent as it is",
        ),
    ),
    Agent(
        "codex",
        "Codex",
        "~/.codex/hooks.json",
        ".codex/hooks.json",
        ("PostToolUse", "SessionEnd"),
        (30, 3),
        None,
        ("~/.codex/sessions/**/*.jsonl", "~/.codex/archived_sessions/**/*.jsonl", "~/.codex/history.jsonl"),
        ("~/.codex/*.sqlite",),
        ("~/.codex/log",),
        "0.171.0",
        (
            "its own screen shows what a command printed: aigate run masks that",
            "its transcript holds a secret for a moment: it is scrubbed when the hook has answered, and at the end",
            "what you type yourself is sent as it is",
        ),
    ),
    Agent(
        "gemini",
        "Gemini CLI",
        "~/.gemini/settings.json",
        ".gemini/settings.json",
        ("AfterTool", "SessionEnd"),
        (30_000, 30_000),
        None,
        ("~/.gemini/tmp/**/*.json", "~/.gemini/tmp/**/*.jsonl"),
        (),
        ("~/.gemini/tmp/**/shell_history",),
        "0.61.0",
        (
            "what you type yourself is sent as it is",
            "a secret in what it asks a tool for stays in its transcript until the end",
        ),
    ),
    Agent(
        "opencode",
        "opencode",
        "~/.config/opencode/plugin/aigate.js",
        ".opencode/plugin/aigate.js",
        ("tool.execute.after", "experimental.chat.messages.transform", "session.idle"),
        (),
        None,
        ("~/.local/share/opencode/storage/**/*.json",),
        ("~/.local/share/opencode/opencode*.db",),
        ("~/.local/share/opencode/log", "~/.local/share/opencode/tool-output"),
        "1.18.33",
        (
            "its own screen shows what a command printed: aigate run masks that",
            "its database holds a secret until the turn ends: it is scrubbed then",
            "what you type yourself is sent as it is where a session gets its title",
            "opencode --pure runs no hooks",
        ),
    ),
    Agent(
        "copilot",
        "Copilot CLI",
        "~/.copilot/hooks/aigate.json",
        ".github/hooks/aigate.json",
        ("postToolUse", "postToolUseFailure", "sessionEnd"),
        (30, 30, 30),
        None,
        ("~/.copilot/session-state/**/*.jsonl",),
        ("~/.copilot/*.db",),
        ("~/.copilot/logs",),
        "1.0.102",
        (
            "a failure that another tool than the shell tells is sent as it is: no hook replaces that",
            "its transcript holds a secret for a moment: it is scrubbed when the hook has answered, and at the end",
            "what you type yourself is sent as it is",
        ),
    ),
)
BY_NAME = {agent.name: agent for agent in AGENTS}
