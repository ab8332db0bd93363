"""The symbolic links that a path leads through. Reads links, and nothing of what they lead to."""

from __future__ import annotations

import os

from aigate.policy.model import Protected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WAY = "a link by which something hidden or read-only is found"
MOST_LINKS = 40  # that the kernel follows, path_resolution(7)


def links_on(path: str) -> list[str]:
    """Return the links that lead from an absolute path to what it is, by their real paths; itself, if it is one."""
    return followed(path, os.readlink)[0]


def leads_to(path: str, readlink: Callable[[str], str]) -> str:
    """Return what an absolute path leads to by the links that `readlink` tells; a link where it is a circle."""
    return followed(path, readlink)[1]


def followed(path: str, readlink: Callable[[str], str]) -> tuple[list[str], str]:
    """Return both: the links on an absolute path, by their real paths, and what it leads to."""
    links: list[str] = []
    place, rest = "/", [part for part in path.split("/") if part]
    while rest and len(links) < MOST_LINKS:
        name = rest.pop(0)
        place = os.path.dirname(place) if name == ".." else os.path.join(place, "" if name == "." else name)
        try:
            target = readlink(place)
        except OSError:
            continue
        links.append(place)
        place = "/" if target.startswith("/") else os.path.dirname(place)
        rest[:0] = [part for part in target.split("/") if part]
    return links, os.path.join(place, *rest)


def fixed(paths: Iterable[str]) -> list[Protected]:
    """Return what keeps the links on paths from being replaced: what they lead to was found only through them."""
    found: dict[str, Protected] = {}
    for path in paths:
        for link in links_on(path):
            try:
                status = os.lstat(link)
            except OSError:
                continue
            identity = (status.st_dev, status.st_ino)
            found[link] = Protected(link, directory=False, placeholder=False, identity=identity, link=True, reason=WAY)
    return list(found.values())
