"""A denied file's bytes stay out of reach, whatever is tried from inside."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
ATTACKS = (
    "umount .env",
    "umount -l .env",
    "unshare -Ur umount .env",
    "unshare -Urm umount .env",
    "unshare -Urm umount -l .env",
    "unshare -Urm sh -c 'umount -R . ; cat .env'",
    "unshare -Urm mount -o remount,rw,bind .env",
    "unshare -Urm sh -c 'mount --bind / /mnt && cat /mnt$PWD/.env'",
    "unshare -Urm sh -c 'mount --move .env /mnt/x'",
    "unshare -Urm chroot /proc/1/root cat $PWD/.env",
    "mount -o remount,rw .env",
    "cat /proc/1/root$PWD/.env",
    "cat /proc/self/root$PWD/.env",
    "cat /proc/1/cwd/.env",
    "nsenter -t 1 -m cat $PWD/.env",
    "cat < .env",
    "cp .env copied && cat copied",
    "ln .env linked && cat linked",
    "tar cf - .env | tar xOf -",
    "dd if=.env",
    "python3 -c \"print(open('.env').read())\"",
    "cat ./../project/.env",
    "cat $(printf .e; printf nv)",
    "mv packages p2; cat p2/api/.env; mv p2 packages",
    "cd .. && mv project p2 && cat p2/.env",
)


@pytest.mark.everywhere
def test_reading_a_denied_file(sandbox: Sandbox) -> None:
    """All of them in one sandbox, one after the other, and a plain look after each."""
    sandbox.write(".env")
    sandbox.write("packages/api/.env")
    script = 'for attack; do echo "== $attack"; (eval "$attack") 2>&1; cat .env packages/api/.env; done'
    done = sandbox.shell(script, *ATTACKS)
    tried = dict(part.split("\n", 1) for part in f"\n{done.stdout}".split("\n== ")[1:])
    assert list(tried) == list(ATTACKS), done.stderr
    assert [attack for attack, said in tried.items() if SECRET in said] == []
    assert SECRET not in done.stderr
    assert (sandbox.project / ".env").read_text() == f"{SECRET}\n"
