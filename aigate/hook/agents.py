"""Where each agent keeps its settings and its transcripts, and what its hooks can do. One table; decides nothing."""

from __future__ import annotations

from aigate.record import record


@record
class Agent:
    """An agent. Paths begin with ~.

    settings: the file in which its hooks stand. events: of which it tells its hooks. shell: the variable, to be set in
    the settings, that names a program to run shell commands by. transcripts: patterns (fnmatch; `**` for any depth) of
    the JSON files that hold what was said. beside: what else it keeps that is no JSON, and is only named. tried: the
    version that the table is true of. limits: what its hooks cannot do, in a sentence each.
    """

    name: str
    title: str
    settings: str | None
    events: tuple[str, ...]
    shell: str | None
    transcripts: tuple[str, ...]
    beside: tuple[str, ...]
    tried: str
    limits: tuple[str, ...]


AGENTS = (
    Agent(
        "claude",
        "Claude Code",
        "~/.claude/settings.json",
        ("PostToolUse", "PostToolUseFailure", "PostToolBatch", "SessionEnd"),
        "CLAUDE_CODE_SHELL_PREFIX",
        ("~/.claude/projects/**/*.jsonl", "~/.claude/history.jsonl", "~/.claude/todos/*.json"),
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
        None,
        (),
        None,
        ("~/.codex/sessions/**/*.jsonl", "~/.codex/archived_sessions/**/*.jsonl", "~/.codex/history.jsonl"),
        ("~/.codex/log",),
        "0.171.0",
        ("its hooks refuse to replace what a tool returned, so nothing is installed",),
    ),
    Agent(
        "gemini",
        "Gemini CLI",
        None,
        (),
        None,
        ("~/.gemini/tmp/**/*.json", "~/.gemini/tmp/**/*.jsonl"),
        ("~/.gemini/tmp/**/shell_history",),
        "not tried",
        ("its hooks have not been tried, so nothing is installed",),
    ),
)
BY_NAME = {agent.name: agent for agent in AGENTS}
