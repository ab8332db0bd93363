"""Boots an installed aigate on other kernels and processors, under QEMU without KVM: what a package does there.

`python tests/vm/kernels.py PACKAGE.deb [KERNEL]...` unpacks Debian's smallest system and the package onto a disk, boots
it once on each kernel of KERNELS that is named (with none: on all that fit the package's processor), runs
tests/vm/switches.sh there, shows what it says, and ends with 1 where a line of it is not as it must be. Only the kernel
and a busybox that loads its modules run before that script, which is process 1. Needs mmdebstrap, mke2fs, kmod, cpio,
root, and qemu-system-x86 or qemu-system-arm.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from boot import emulated, make_disk, say

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUITES = {"python3.11": "bookworm", "python3.13": "trixie"}  # which Debian has a package's Python
PACKAGES = [
    *("base-files", "dash", "bash", "coreutils", "grep", "sed", "mount", "util-linux", "libc-bin", "kmod", "passwd"),
    *("bubblewrap", "apparmor", "procps", "diffutils", "login", "findutils", "zlib1g", "git", "libstdc++6"),
]
MODULES = ["virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "overlay", "tun"]
PATIENCE_SECONDS = 2400
QUIET = "quiet loglevel=3 panic=-1 no_timer_check"  # a machine that is kept waiting calls its timer broken
DONE = "aigate-vm: switches tried: "


@dataclass(frozen=True)
class Kernel:
    """A kernel of Debian's archive. package: its name, or a pattern of it where it is named by its version."""

    suite: str
    package: str
    machine: str
    options: str = ""


KERNELS = {
    "5.10": Kernel("bullseye", r"linux-image-5\.10\.0-\d+-cloud-amd64", "amd64"),
    "6.1": Kernel("bookworm", r"linux-image-6\.1\.0-\d+-cloud-amd64", "amd64"),
    "6.12": Kernel("trixie", r"linux-image-6\.12\.\S+-cloud-amd64", "amd64", "apparmor=1 security=apparmor"),
    "6.12-arm64": Kernel("trixie", r"linux-image-6\.12\.\S+-cloud-arm64", "arm64"),
}
EMULATORS = {
    "amd64": ["qemu-system-x86_64", "-cpu", "max"],
    "arm64": ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72"],
}
CONSOLES = {"amd64": "ttyS0", "arm64": "ttyAMA0"}
START = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /new
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /modules/order); do /bin/busybox insmod "/modules/$module" || echo "no $module"; done
/bin/busybox mount -t ext4 /dev/vda /new || exec /bin/busybox sh
exec /bin/busybox switch_root /new /bin/sh /switches.sh
"""


def run(*words: str | pathlib.Path, **options: object) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.exit(f"kernels: {' '.join(map(str, words))[:300]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def mirror() -> str:
    """Return where this machine takes Debian's packages from."""
    sys.path.insert(0, str(ROOT / "packaging"))
    from archive import mirror as asked

    return asked()


def unpack(tree: pathlib.Path, suite: str, machine: str, packages: list[str]) -> None:
    """Unpack packages with what they depend on; none of them is set up, so they may be for any processor."""
    run(
        *("unshare", "--mount", "--propagation", "private", "mmdebstrap", "--quiet", "--mode=root"),
        *("--variant=extract", f"--architectures={machine}", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"),
        *(f"--include={','.join(packages)}", suite, tree, mirror()),
    )


def system(place: pathlib.Path, package: pathlib.Path, machine: str) -> pathlib.Path:
    """Return the disk of a system with a package in it, and nothing that the package does not ask for but PACKAGES."""
    tree = place / "tree"
    depends = run("dpkg-deb", "--field", package, "Depends").replace("|", ",")
    python = re.findall(r"python3\.\d+", depends)[0]
    unpack(tree, SUITES[python], machine, [*PACKAGES, python])
    run("dpkg", "-x", package, tree)
    (tree / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n")
    (tree / "etc/group").write_text("root:x:0:\nuser:x:1000:\n")
    (tree / "home/user").mkdir(parents=True)
    os.chown(tree / "home/user", 1000, 1000)
    shutil.copy(HERE / "switches.sh", tree)
    shutil.copy(ROOT / "packaging/smoke.sh", tree)
    disk = place / "system.ext4"
    make_disk(disk, tree, "1500M")
    shutil.rmtree(tree)
    return disk


def kernel(place: pathlib.Path, wanted: Kernel) -> tuple[pathlib.Path, pathlib.Path]:
    """Return a kernel, and a first file system that loads what it needs to reach its disk."""
    options = archive(place / "archive", wanted)
    found = re.findall(rf"^{wanted.package}$", run("apt-cache", *options, "pkgnames", "linux-image-"), re.MULTILINE)
    name = max(found, key=lambda one: [int(digits) for digits in re.findall(r"\d+", one)])
    run("apt-get", *options, "download", f"{name}:{wanted.machine}", cwd=place)
    unpacked = place / "kernel"
    run("dpkg", "-x", next(place.glob("linux-image*.deb")), unpacked)
    image = next((unpacked / "boot").glob("vmlinuz-*"))
    first = place / "first"
    (first / "bin").mkdir(parents=True)
    busybox = place / "busybox"
    run("apt-get", *options, "download", f"busybox-static:{wanted.machine}", cwd=place)
    run("dpkg", "-x", next(place.glob("busybox*.deb")), busybox)
    shutil.copy(next(busybox.rglob("bin/busybox")), first / "bin/busybox")
    modules = next(path for path in unpacked.rglob("modules") if path.is_dir())
    order = collect(modules, image.name.removeprefix("vmlinuz-"), first / "modules")
    (first / "modules/order").write_text("\n".join(order))
    (first / "init").write_text(START)
    (first / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(first)) for path in sorted(first.rglob("*")))
    command = ["cpio", "-o", "-H", "newc", "--quiet"]
    packed = subprocess.run(command, input=names.encode(), cwd=first, check=True, stdout=subprocess.PIPE)
    (place / "first.cpio").write_bytes(packed.stdout)
    return image, place / "first.cpio"


def collect(modules: pathlib.Path, version: str, target: pathlib.Path) -> list[str]:
    """Copy modules with what they need into a flat directory; return their names in the order of loading."""
    target.mkdir()
    base = modules / version
    run("depmod", "--basedir", base.parents[2] if base.parts[-3] == "lib" else base.parents[1], version)
    needs = dict(line.split(":", 1) for line in (base / "modules.dep").read_text().splitlines())
    by_name = {pathlib.Path(path).name.split(".")[0].replace("-", "_"): path for path in needs}
    order: dict[str, str] = {}
    for name in MODULES:
        if name in by_name:
            path = by_name[name]
            for one in [*reversed(needs[path].split()), path]:
                order.setdefault(pathlib.Path(one).name.removesuffix(".xz"), one)
    for name, path in order.items():
        data = run_bytes("xz", "-dc", base / path) if path.endswith(".xz") else (base / path).read_bytes()
        (target / name).write_bytes(data)
    return list(order)


def run_bytes(*words: str | pathlib.Path) -> bytes:
    """Run a program and return the bytes that it printed."""
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE).stdout


def archive(place: pathlib.Path, wanted: Kernel) -> list[str]:
    """Return apt's options for the archive that has a kernel, beside the machine's own lists."""
    sys.path.insert(0, str(ROOT / "packaging"))
    from archive import Archive

    place.mkdir(exist_ok=True)
    return Archive(place).options(wanted.suite)


def boot(wanted: Kernel, image: pathlib.Path, first: pathlib.Path, disk: pathlib.Path) -> bool:
    """Boot, show the console, and tell whether everything was as it must be."""
    console = emulated(
        [
            *EMULATORS[wanted.machine],
            *("-accel", "tcg", "-smp", "1", "-m", "1024", "-nographic", "-no-reboot", "-nic", "none", "-snapshot"),
            *("-kernel", str(image), "-initrd", str(first)),
            *(
                "-append",
                f"console={CONSOLES[wanted.machine]} quiet loglevel=3 panic=-1 no_timer_check {wanted.options}",
            ),
            *("-drive", f"file={disk},format=raw,if=virtio"),
        ],
        PATIENCE_SECONDS,
    )
    return console.partition(DONE.encode())[2].startswith(b"all well")


def main(arguments: list[str]) -> int:
    """Build, boot, and return 0 where all was well."""
    package, names = pathlib.Path(arguments[0]).resolve(), arguments[1:]
    machine = run("dpkg-deb", "--field", package, "Architecture").strip()
    good = True
    with tempfile.TemporaryDirectory(prefix="aigate-kernels-") as folder:
        place = pathlib.Path(folder)
        disk = system(place, package, machine)
        for name in names or [name for name, one in KERNELS.items() if one.machine == machine]:
            own = place / name
            own.mkdir()
            image, first = kernel(own, KERNELS[name])
            say(f"Linux {name}: {image.name}")
            good &= boot(KERNELS[name], image, first, disk)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
