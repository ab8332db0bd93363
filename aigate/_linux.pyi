def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW*, see unshare(2)); OSError on failure."""

def setns(fd: int, nstype: int = 0) -> None:
    """Enter the namespace that `fd` refers to (see setns(2)); OSError on failure."""

def landlock_scope(scoped: int) -> None:
    """Keep this process and its children from reaching out: `scoped` is LANDLOCK_SCOPE_* (landlock(7), ABI 6).

    Sets no_new_privs. OSError with ENOSYS or EOPNOTSUPP without Landlock, EINVAL or E2BIG before ABI 6.
    """
