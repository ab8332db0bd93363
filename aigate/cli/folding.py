"""A long list of paths in few lines: what lies in one directory is told as that, with a count of files. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def folded(paths: Iterable[str], most: int) -> list[str]:
    """Return the paths, sorted; of more than `most`, the deepest directories that leave no more lines than that.

    Where even the outermost ones are too many, the last line says how many there are besides.
    """
    lines = dict.fromkeys(paths, 1)
    while len(lines) > most:
        deepest = max(path.rstrip("/").count("/") for path in lines)
        if deepest <= 1:
            break
        above: dict[str, int] = {}
        for path, count in lines.items():
            bare = path.rstrip("/")
            shorter = f"{bare.rpartition('/')[0]}/" if bare.count("/") == deepest else path
            above[shorter] = above.get(shorter, 0) + count
        lines = above
    found = [f"{path} ({count:,} files)" if path.endswith("/") else path for path, count in sorted(lines.items())]
    return found if len(found) <= most else [*found[:most], f"and {len(found) - most} more"]
