"""Tests that need a system of their own: a Debian 12 with systemd and its own kernel, under QEMU without KVM.

`python tests/vm/boot.py [PYTEST ARGUMENT]...` builds the machine's disk if it is not there yet, puts this tree and what
the tests import on a second disk, boots, shows the console, and ends with the status of the tests inside. What is built
stays in build/vm, named after what it was made from. Needs mmdebstrap, mke2fs, qemu-system-x86_64, and root.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
STORE = ROOT / "build/vm"
SUITE = "bookworm"
PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "linux-image-cloud-amd64", "kmod"),
    *("python3", "bubblewrap", "slirp4netns", "iptables", "iproute2", "git", "acl", "passwd", "busybox-static"),
    *("strace", "libre2-9", "gcc", "libc6-dev", "patchelf"),
]
IMPORTED = ["pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments", "click", "yaml", "dns"]
IMPORTED += ["h11", "hpack", "pytest_timeout.py"]
MEMORY_MEGABYTES = 1024
DISK = "3G"
MARKER = "aigate-vm: tests ended with status "
PATIENCE_SECONDS = 1800

UNIT = """[Unit]
Description=aigate's tests
After=multi-user.target systemd-user-sessions.service user@1000.service
Wants=user@1000.service

[Service]
Type=exec
ExecStart=/usr/bin/python3 /opt/project/tests/vm/inside.py
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
Delegate=yes

[Install]
WantedBy=default.target
"""
MOUNT = """[Mount]
What=/dev/vdb
Where=/opt/project
Type=ext4
Options=ro

[Install]
RequiredBy=aigate-tests.service
"""
PREPARE = """set -e
chroot "$1" useradd --create-home --uid 1000 --shell /bin/sh tester
chroot "$1" systemctl --quiet enable aigate-tests.service opt-project.mount
chroot "$1" systemctl --quiet mask getty@tty1.service serial-getty@ttyS0.service apt-daily.timer \\
    apt-daily-upgrade.timer systemd-networkd-wait-online.service e2scrub_reap.service
mkdir -p "$1/var/lib/systemd/linger"
touch "$1/var/lib/systemd/linger/tester"
"""


def main(arguments: list[str]) -> int:
    """Build, boot, and return the status of the tests."""
    STORE.mkdir(parents=True, exist_ok=True)
    base = base_image()
    with tempfile.TemporaryDirectory(dir=STORE) as folder:
        project = pathlib.Path(folder) / "project.ext4"
        project_disk(project, arguments)
        return boot(base, project)


def base_image() -> pathlib.Path:
    """Return the folder with the system's disk, kernel and initial file system; built if it is not there."""
    recipe = "\n".join((SUITE, *PACKAGES, UNIT, MOUNT, PREPARE, DISK))
    folder = STORE / hashlib.sha256(recipe.encode()).hexdigest()[:16]
    if folder.exists():
        return folder
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=STORE) as work:
        made = pathlib.Path(work) / "made"
        tree = pathlib.Path(work) / "tree"
        made.mkdir()
        for name, text in (("aigate-tests.service", UNIT), ("opt-project.mount", MOUNT), ("prepare", PREPARE)):
            (pathlib.Path(work) / name).write_text(text)
        units = [
            f"--customize-hook=copy-in {work}/{name} /etc/systemd/system"
            for name in ("aigate-tests.service", "opt-project.mount")
        ]
        subprocess.run(
            [
                # What is mounted while it works goes with its namespace, also when it fails.
                *("unshare", "--mount", "--propagation", "private"),
                *("mmdebstrap", "--quiet", "--variant=minbase", "--mode=root"),
                f"--include={','.join(PACKAGES)}",
                *units,
                f'--customize-hook=sh {work}/prepare "$1"',
                *(SUITE, str(tree)),
            ],
            check=True,
        )
        boot_files = {"vmlinuz": "kernel", "initrd.img": "initial"}
        for path in (tree / "boot").iterdir():
            for prefix, name in boot_files.items():
                if path.name.startswith(prefix):
                    shutil.copy(path, made / name)
        make_disk(made / "system.ext4", tree, DISK)
        made.rename(folder)
    say(f"built the system in {time.monotonic() - started:.0f} s")
    return folder


def project_disk(disk: pathlib.Path, arguments: list[str]) -> None:
    """Make a disk with this tree, the built parts included, and the Python packages that tests import."""
    site = pathlib.Path(sysconfig.get_paths()["purelib"])
    with tempfile.TemporaryDirectory(dir=disk.parent) as folder:
        tree = pathlib.Path(folder)
        (tree / "site").mkdir()
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "aigate")], check=True)
        compile_tests(arguments)
        for name in ("aigate", "tests"):
            copy(ROOT / name, tree / name)
        shutil.copy(ROOT / "pyproject.toml", tree)
        (tree / "programs").mkdir()
        for program in ("aigate", "aigate-mask"):
            shutil.copy(pathlib.Path(sysconfig.get_paths()["scripts"]) / program, tree / "programs")
        described = [path.name for name in IMPORTED for path in site.glob(f"{name}-*.dist-info")]
        for name in (*IMPORTED, *described):
            copy(site / name, tree / "site" / name)
        (tree / "arguments").write_text("\n".join(arguments))
        make_disk(disk, tree, "100M")


def compile_tests(arguments: list[str]) -> None:
    """Let pytest compile here what it would compile there: the tests that it collects, assertions rewritten."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "AIGATE_FAILURES")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    command = [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-q", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


def copy(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copy a file, or a folder, with what Python has compiled: where it is emulated, that takes long."""
    if source.is_file():
        shutil.copy2(source, target)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.bundle", "*.cpp", "*.o"))


def make_disk(disk: pathlib.Path, tree: pathlib.Path, size: str) -> None:
    """Make an ext4 file system with the content of a folder (mke2fs(8), -d)."""
    program = shutil.which("mke2fs", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "mke2fs"
    command = [program, "-q", "-t", "ext4", "-d", str(tree), str(disk), size]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def emulated(command: list[str], patience: float) -> bytes:
    """Run a machine, show its console, and return that. patience: seconds, after which the machine is switched off."""
    started = time.monotonic()
    machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    console = b""
    try:
        while select.select([machine.stdout], [], [], max(0, started + patience - time.monotonic()))[0]:
            part = os.read(machine.stdout.fileno(), 1 << 16)
            if not part:
                break
            console += part
            os.write(1, part)
    finally:
        machine.kill()
        machine.wait()
    say(f"booted and tested in {time.monotonic() - started:.0f} s")
    return console


def boot(base: pathlib.Path, project: pathlib.Path) -> int:
    """Boot and show the console; return the status of the tests, or 1 when they did not end."""
    console = emulated(
        [
            *("qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "1"),
            *("-m", str(MEMORY_MEGABYTES), "-nographic", "-no-reboot", "-nic", "none", "-snapshot"),
            *("-kernel", str(base / "kernel"), "-initrd", str(base / "initial")),
            *("-append", "root=/dev/vda rw console=ttyS0 no_timer_check quiet systemd.show_status=0 loglevel=3"),
            *("-drive", f"file={base / 'system.ext4'},format=raw,if=virtio"),
            *("-drive", f"file={project},format=raw,if=virtio"),
        ],
        PATIENCE_SECONDS,
    )
    said = console.partition(MARKER.encode())[2].split()
    return int(said[0]) if said else 1


def say(text: str) -> None:
    print(f"aigate-vm: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
