"""Where each agent keeps its settings and its transcripts, and what its hooks can do. One table; decides nothing."""

from __future__ import annotations

from aigate.record import record


@record
class Agent:
    """An agent. Paths begin with ~.

    settings: the file in which its hooks stand. events: of which it tells its hooks, the one for a tool's result first.
    timeouts: how long it waits for each, in its own unit. shell: the variable, to be set in the settings, that names a
    program to run shell commands by. transcripts: patterns (fnmatch; `**` for any depth) of the JSON files that hold
    what was said; databases: of those that SQLite reads. beside: what else it keeps that is neither, and is only named.
    tried: the version that the table is true of. limits: what its hooks cannot do, in a sentence each.
    """

    name: str
    title: str
    settings: str
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
)
BY_NAME = {agent.name: agent for agent in AGENTS}
