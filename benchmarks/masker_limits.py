"""What the masker needs at most: memory on a gibibyte, time for the first line of a pipe, speed on hostile input, and
what rules without a literal cost against RE2 alone (re2_blocks.cpp, whole commands, medians of turns).

`python benchmarks/masker_limits.py [--mebibytes N] [--write FILE]`. The output of every run is checked.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence

import machine
from corpus import CORPORA
from masker import aigate, compiled, run, seven_rules

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

MIB = 1 << 20
LARGEST = 64 * MIB
FAR = {
    "a(?P<secret>b+)(?:[^ ]*Q)?": b"ab",
    "k=(?P<secret>[a-z]{4})(?:[^ ]*Z)?;": b"k=abcd;",
    "(?:a[^ ]*Q|b[^ ]*Z|k)": b"k=abcx;y",
}
# What they hide of that, told by their beginnings alone.
EARLY = dict(zip(FAR, (b"(a)b+", b"(k=)[a-z]{4}", b"()k"), strict=True))
HOSTILE = {
    "sk-sk-sk-": b"sk-",
    "all candidates, no match": b"AKIAAAAAAAAAAAAAAAA.",
    "token= without end": b"token=",
    "matches without end": b"password=x ",
    "one match a line": b"password=x\n",
    "key ids without end": b"AKIAABCDEFGHIJKLMNOP ",
    "key ids within key ids": b"AKIA",
    "bearer without token": b"bearer ",
    "escape bytes": b"\x1b",
    "colours only": b"\x1b[31m",
    "unfinished titles": b"\x1b]x",
    "a letter, a colour": b"s\x1b[m",
    "ill-formed UTF-8": b"\xff token ",
    "beyond ASCII": "é日本".encode(),
    "begin, never end": b"-----BEGIN ",
    "dashes": b"-",
    "urls": b"://a:",
    "matches that CR ends": b"token=x\r",
    "shortest matches, one a line": b"token=x\n",
    "shortest matches": b"token=x ",
    "an odd byte behind each match": b"token=x\xff ",
    "an odd byte on each line": b"\xfftoken=x\n",
    "an odd byte behind each key": b"sk-aaaaaaaaaaaaaaaaaaaa\xff",
    "a letter in UTF-8 in each match": "token=é\n".encode(),
    "a letter that folds in each match": "\u017fecret=x\n".encode(),
    "a colour in each match": b"t\x1b[moken=x\n",
    "groups": b"authorization=bearer x ",
    "groups, one a line": b"authorization=bearer x\n",
    "quotes": b'token=""\n',
    "secret keys": b"secretaccesskey=" + b"A" * 40 + b" ",
    "keys in titles": b"\x1b]token=x\x07",
    "keys within keys of two kinds": b"AKIAsk-",
    "keys within keys, cut by sequences, ill-formed": b"sk-an-sk-sk-ns\x1b[sk-ant-sa00000as0\xe0\rkbearer tk-s\x1b",
    "keys within keys, cut by quotes, ill-formed": b"sk-ant-sk-sk-ns\x1b'sk-aapi_keyt-sak-0000as0\xe0\rkbearer ts\x1b",
    "keys within keys, cut by CR": b"kassk\x1bm-ghp_api_key=\rsk-ant",
    "two-byte sequences": b"\x1bA",
    "two-byte sequences within keys": b"\x1bKI",
    "blanks without end": b"token" + b" " * 80,
}


HOSTILE_TO_ALL = {
    "zeros in base64": b"A" * 76 + b"\n",
    "schemes": b"://",
    "values that a semicolon ends, no blank": b"token=a1b2c3d4e5f6;",
    "values that a comma ends, no blank": b"api_key=a1b2c3d4e5f6g7,",
    "passwords in URLs, no blank": b"postgres://:wo@",
    "values behind arrows, ill-formed, no blank": b"\xc3api_key=>",
    "keys of many kinds, ill-formed": b"x-gi\x07thu_ppostgres://xoxb-bghp_\x1b]as_pat_hfeyJeJeyJ__hf:sk-anthpapassword-hvsAAh"
    b".ghp_a-hhdsop_v1_vsAAhp_a-vsAAAAgitAAAA.ghp_\x1b]as\x1b]swo@rdm/AAAAAAA\xe0Ac_",
}
NO_LITERAL = ("[0-9]{16}", r"\bfoo\w+", r"\w+@\w+", "[a-z]+ing", "[a-f0-9]{8}")
TURNS = 5


def peak(command: list[str], path: pathlib.Path) -> tuple[float, float]:
    """Return the seconds and the largest resident MiB of one run, and check that clean input came out whole."""
    with path.open("rb") as source:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE)
        assert process.stdout is not None
        size = 0
        while block := process.stdout.read(MIB):
            size += len(block)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        process.stdout.close()
        assert (status, size) == (0, path.stat().st_size)
        return time.perf_counter() - begin, usage.ru_maxrss / 1024


def first_line(rounds: int) -> list[float]:
    """Return how long after its newline each line came out of a pipe, in seconds."""
    source, sink = os.pipe(), os.pipe()
    masker = Masker(preset_rules("all"))
    thread = threading.Thread(target=masker.pump, args=(source[0], sink[1]))
    thread.start()
    found = []
    for number in range(rounds):
        begin = time.perf_counter()
        os.write(source[1], b"line %d AKIAABCDEFGHIJKLMNOP\n" % number)
        assert os.read(sink[0], 100) == b"line %d AKIA***\n" % number
        found.append(time.perf_counter() - begin)
    os.close(source[1])
    thread.join()
    return sorted(found)


def hostile(rules: Sequence[Rule], inputs: dict[str, bytes], size: int) -> list[str]:
    """Return a line for each hostile input, the slowest first: MB/s of processor time, checked on a small piece."""
    masker, slow = Masker(rules), Masker(rules)
    slow.scan_by("scalar")
    found = {}
    for name, unit in inputs.items():
        sample = unit * (20_000 // len(unit))
        assert masker.mask(sample) == slow.mask(sample), name
        data = unit * (size // len(unit))
        taken = []
        for _ in range(TURNS):
            begin = time.process_time()
            masker.mask(data)
            taken.append(time.process_time() - begin)
        found[name] = size / statistics.median(taken)
    return [f"  {speed / 1e6:6.0f}  {name}" for name, speed in sorted(found.items(), key=lambda item: item[1])]


def far() -> list[str]:
    """Return a line for each rule that looks far behind short matches: MB/s on a line, in brackets on a shorter one."""
    found = []
    for regex, unit in FAR.items():
        masker = Masker([Rule("far", regex)])
        speeds = []
        for size in (32 * 1024, 256 * 1024):
            data = unit * (size // len(unit))
            masker.mask(data)
            begin = time.process_time()
            masked = masker.mask(data)
            speeds.append(size / (time.process_time() - begin) / 1e6)
            assert masked == re.sub(rb"(\*\*\*)+", b"***", re.sub(EARLY[regex], rb"\1***", data)), regex
        found.append(f"  {speeds[1]:6.0f} ({speeds[0]:.0f})  {regex}")
    return found


def no_literal(folder: pathlib.Path) -> list[str]:
    """Return a line for each rule without a literal: MB/s of processor time, RE2 alone in brackets."""
    rival = compiled("re2_blocks.cpp", folder, "-lre2")
    assert rival is not None, "no compiler, or no RE2"
    found = []
    for name in ("clean", "long line"):
        path = folder / "corpus"
        path.write_bytes(CORPORA[name](LARGEST))
        for regex in NO_LITERAL:
            commands = {"aigate": aigate("--pattern", regex), "re2": [rival, regex]}
            with path.open("rb") as file:
                sample = file.read(MIB // 2)
            ours, alone = (
                subprocess.run(command, input=sample, capture_output=True, check=True).stdout
                for command in commands.values()
            )
            assert ours == re.sub(rb"(\*\*\*)+", b"***", alone), regex  # what is hidden side by side is one run
            times: dict[str, list[float]] = {one: [] for one in commands}
            for _ in range(TURNS):
                for one, command in commands.items():
                    times[one].append(run(command, path).processor)
            speeds = [LARGEST / statistics.median(taken) / 1e6 for taken in times.values()]
            found.append(f"  {speeds[0]:6.0f} ({speeds[1]:.0f})  {regex}, {name}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    report = [machine.describe(), ""]
    with tempfile.TemporaryDirectory(prefix="aigate-bench-") as folder:
        path = pathlib.Path(folder) / "data"
        for name in ("lines", "one line"):
            block = CORPORA["clean"](MIB)
            if name == "one line":
                block = block.replace(b"\n", b" . ")  # a name at a line's end is not to be one in front of a value
            with path.open("wb") as file:
                for _ in range(options.mebibytes):
                    file.write(block)
            seconds, resident = peak(aigate("--preset=all"), path)
            assert resident < LARGEST / MIB, (name, resident)
            report.append(f"{options.mebibytes} MiB, {name}: {seconds:.2f} s, {resident:.0f} MiB resident")
        without = no_literal(pathlib.Path(folder))
    delays = first_line(2000)
    median, high = statistics.median(delays), delays[int(len(delays) * 0.99)]
    report.append(f"a line through a pipe: median {median * 1e6:.0f} us, 99 % within {high * 1e6:.0f} us")
    assert median < 0.001
    report += [
        "",
        "rules without a literal, 64 MiB, MB/s of processor time, in brackets RE2 over blocks of 1 MiB:",
        *without,
        "",
        "rules that look far behind each match, a line of 256 KiB and in brackets of 32 KiB, MB/s of processor time:",
        *far(),
    ]
    report += ["", "hostile input, default rules, 4 MiB each, MB/s of processor time:"]
    report += hostile(seven_rules(), HOSTILE, 4 * MIB)
    report += ["", "the same with all presets:", *hostile(preset_rules("all"), HOSTILE_TO_ALL | HOSTILE, 4 * MIB)[:8]]
    text = "\n".join(report) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text)


if __name__ == "__main__":
    main()
