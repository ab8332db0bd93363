"""However many files are denied, all of them are."""

from __future__ import annotations

from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_many_denied_files(sandbox: Sandbox) -> None:
    for number in range(1200):
        (sandbox.project / f"k{number}.pem").write_text(SECRET)
    done = sandbox.shell("cat *.pem")
    assert done.stdout == ""
    assert done.stderr.count("Permission denied") == 1200


def test_more_denied_files_than_descriptors(sandbox: Sandbox) -> None:
    for number in range(400):
        (sandbox.project / f"k{number}.pem").write_text(SECRET)
    inner = " ".join(sandbox.prefix)
    done = sandbox.execute(["sh", "-c", f"ulimit -n 300; {inner} run -q -- sh -c 'cat *.pem; touch ran'"])
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout
    assert (sandbox.project / "ran").exists()
