"""Without any iptables nothing leaves but through the proxy."""

from netlab import ALLOWED, DENIED


def test_without_iptables_the_proxy_is_the_way_out(lab, user):
    """On a machine without any iptables nothing leaves but through the proxy; a raw connection has no route."""
    hide = "for f in /usr/sbin/*tables*; do mount --bind /dev/null $f; done"
    lab.enter(lab.host, ["sh", "-c", f"mount --bind /usr/sbin /usr/sbin && {hide}"], check=True)
    try:
        from netsandbox import Sandbox

        outcome = Sandbox(lab, user, "auto").visit(
            ["allowed.test"],
            ["http", "http://allowed.test/"],
            ["http", "http://denied.test/"],
            ["tcp", ALLOWED, 7],
            ["tcp", DENIED, 7],
        )
        assert [visit["ok"] for visit in outcome.visits] == [True, False, False, False]
    finally:
        show = "for f in /usr/sbin/*tables*; do umount $f; done; umount /usr/sbin"
        lab.enter(lab.host, ["sh", "-c", show], check=True)
