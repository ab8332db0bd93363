"""What is said at the end about what happened to the files of a run. Pure."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.watch.model import Notice, WatchReport

MOST_NAMED, LONGEST = 3, 200
LONGEST_PATH = 4096  # bytes, with the zero at its end (PATH_MAX)
KINDS = {
    "moved": "may not be made by an agent and was moved away (aigate quarantine list)",
    "mended": "had become a link and was put back",
    "kept": "appeared, may not be made by an agent, and could not be moved away",
    "stays": "came with a checkout and could not be changed from then on",
    "renewed": "was replaced outside during the run, and stood open for a moment: look at it",
    "late": "appeared and matches deny_read, but was not hidden (late: tell)",
    "hidden": "appeared and was hidden (late: hide)",
    "led": "is what a link in the place of something hidden leads to, and was hidden, too",
    "guarded": "is what a link in the place of something read-only leads to, and could not be changed from then on",
    "twin": "is another name of what is read-only, appeared, and could not be changed from then on",
    "linked": "is another name of what is hidden, appeared, and was hidden, too",
    "socket": "appeared, was not bound inside, and was covered: a program outside may answer there",
    "ungated": "what was covered during the run does not bind mount namespaces that the agent made",
    "unsettled": "was changed inside, and stays as it is outside: agents only add remotes and set what branches track",
    "login": "was exchanged with the agent's own, key by key",
    "apart": "is a login that could not be exchanged with the agent's own",
    "cleared": "was given its group's set-id bit, and lost it when the run ended",
    "unread": "could not be compared with its copy inside, and stays as it is outside",
    "tried": "was tried and is denied (deny_exec)",
    "gone": "was moved away outside during the run: the agent went on in that directory, not in what came in its place",
    "open": "could not be covered again",
}
QUIET = frozenset({"stays", "login"})  # for the audit log alone


def summary(report: WatchReport, project: str) -> list[str]:
    """Return the lines that are shown when the command has ended, one for each kind of thing that happened."""
    lines = []
    for kind, text in KINDS.items():
        names = [_shown(notice, project) for notice in report.notices if notice.kind == kind]
        if names and kind not in QUIET:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            lines.append(f"{', '.join(names[:MOST_NAMED])}{more}: {text}")
    if report.unwatched:
        lines.append(unwatched(report.unwatched, report.missed))
    if report.failed:
        lines.append("the watch ended before the run did: what was replaced or made after that was not covered")
    return lines


def unwatched(count: int, first: str) -> str:
    """Return what is said of directories that cannot be watched."""
    named = _short(first)
    what = named if count == 1 else f"{named} and {count - 1} more"
    if len(os.fsencode(first)) >= LONGEST_PATH:
        return f"not watched, since the path is longer than the kernel takes at once: {what}"
    return f"not watched, for want of watches (fs.inotify.max_user_watches): {what}"


def _shown(notice: Notice, project: str) -> str:
    return _short(notice.path.removeprefix(f"{project}/"))


def _short(path: str) -> str:
    """Return a path as it can be printed, without its middle where it is long."""
    text = path.encode("unicode_escape").decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"
