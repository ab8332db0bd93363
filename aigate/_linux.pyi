def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW*, see unshare(2)); OSError on failure."""

def setns(fd: int, nstype: int = 0) -> None:
    """Enter the namespace that `fd` refers to (see setns(2)); OSError on failure."""
