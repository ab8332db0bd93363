"""A project on a file system that is mounted read-only can be worked in: nothing can appear there."""

from __future__ import annotations

from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
MOUNTED = 'mount --bind . . && mount -o remount,ro,bind "$PWD" && cd "$PWD"'
WRITABLE_AGAIN = 'mount -o remount,rw,bind "$PWD" && echo host > by-the-host'


def test_it_is_read_and_nothing_is_made(sandbox: Sandbox) -> None:
    sandbox.without_limits()
    sandbox.write("main.c", "int main;\n")
    sandbox.write(".env")
    inner = " ".join(sandbox.prefix)
    script = f"{MOUNTED} && exec {inner} run -q -- sh -c 'cat main.c .env; touch made .envrc'"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.stdout == "int main;\n", done.stderr
    assert "cannot touch 'made': Read-only file system" in done.stderr
    assert "hint" not in done.stderr
    assert SECRET not in done.stderr


def test_it_stays_so_when_the_host_may_write_again(sandbox: Sandbox) -> None:
    """What the run began with holds for all of it: nobody watched whether what may not appear does."""
    sandbox.without_limits()
    inner = " ".join(sandbox.prefix)
    script = f"""mkfifo ../ready ../go; exec 3<>../ready 4<>../go; {MOUNTED}
        {inner} run -q -- sh -c 'echo up; read x; cat by-the-host; touch .envrc' <&4 >&3 2>../told & read x <&3
        {WRITABLE_AGAIN}; echo >&4; wait; read y <&3; echo "$y"; cat ../told"""
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "bash", "-c", script])
    assert done.stdout.startswith("host\n"), done.stdout + done.stderr
    assert "Read-only file system" in done.stdout
    assert not sandbox.path(".envrc").exists()
