"""Why a sandbox could not be set up: the switches by which a system forbids user namespaces. Reads /proc only."""

from __future__ import annotations

SWITCHES = (
    # file, value that forbids, what to say (user_namespaces(7), Debian's and Ubuntu's kernel documentation)
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are switched off: sysctl user.max_user_namespaces=15000",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "user namespaces are switched off for ordinary users: sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor allows user namespaces to named programs only: install apparmor-profiles, which brings bwrap's",
    ),
)
CONTAINER = (
    "a container may forbid it: user namespaces by its seccomp filter, a new /proc by masking parts of its own; "
    "aigate doctor tells more"
)


def why_not() -> str:
    """Return what most likely keeps bubblewrap from working here, and the remedy."""
    for path, forbidding, text in SWITCHES:
        try:
            with open(path, encoding="ascii") as file:
                if file.read().strip() == forbidding:
                    return text
        except OSError:
            continue
    return CONTAINER
