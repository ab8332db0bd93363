"""Sequences that reach past the screen are taken out kind by kind, however they are spelled and cut."""

from __future__ import annotations

import pytest

from aigate import Masker

KINDS = {
    "clipboard": [
        "\x1b]52;c;aGVsbG8=\x07",
        "\x1b]52;;\x07",
        "\x1b]5522;type=write\x07",
        "\x1b]1337;Copy=:aGVsbG8=\x07",
        "\x1b]1337;CopyToClipboard=general\x07",
        "\x1b]52;c;" + "aGVs" * 3000 + "\x07",
    ],
    "clipboard_read": ["\x1b]52;c;?\x07", "\x1b]52;p;?\x07", "\x1b]5522;type=read;Lg==\x07", "\x1b[?5522h"],
    "title": [
        "\x1b]0;t\x07",
        "\x1b]1;t\x07",
        "\x1b]2;t\x07",
        "\x1b]lt\x07",
        "\x1b]Lt\x07",
        "\x1b[22;0t",
        "\x1b[23t",
        "\x1b[>2t",
        "\x1bktitle\x1b\\",
        "\x1b]30;t\x07",
    ],
    "notification": [
        "\x1b]9;done\x07",
        "\x1b]777;notify;a;b\x07",
        "\x1b]99;i=1:d=0;a\x07",
        "\x1b]1337;RequestAttention=yes\x07",
        "\x1b]9;4all for you\x07",
    ],
    "link": ["\x1b]8;;https://localhost/\x07", "\x1b]8;id=3;https://localhost/\x07", "\x1b]8;;javascript:x\x07"],
    "query": [
        "\x1b[c",
        "\x1b[0c",
        "\x1b[>c",
        "\x1b[=c",
        "\x1b[5n",
        "\x1b[6n",
        "\x1b[?6n",
        "\x1b[?996n",
        "\x1b[?2026$p",
        "\x1b[4$p",
        "\x1b[>0q",
        "\x1b[?u",
        "\x1b[18t",
        "\x1b[14t",
        "\x1b[x",
        "\x1bZ",
        "\x1bP+q544e\x1b\\",
        "\x1b]11;?\x07",
        "\x1b]4;1;?\x07",
        "\x1b_Gi=1,a=q;AAAA\x1b\\",
        "\x1b[?4m",
        "\x1b[?1;1;0S",
        "\x1b]1337;ReportCellSize\x07",
        "\x1b['|",
        "\x1b[#|",
        "\x1b]22;?default\x07",
    ],
    "text_query": [
        "\x05",
        "\x1bP$qm\x1b\\",
        "\x1bP$qr\x1b\\",
        "\x1b[21t",
        "\x1b[20t",
        "\x1b[1;1;1;1;2;2*y",
        "\x1b[1$w",
        "\x1b[1$u",
        "\x1b]50;?\x07",
        "\x1b]1337;ReportVariable=eA==\x07",
    ],
    "window": [
        "\x1b[3;0;0t",
        "\x1b[8;10;10t",
        "\x1b[2t",
        "\x1b[5t",
        "\x1b[9;1t",
        "\x1b[36t",
        "\x1b[t",
        "\x1b[?40h",
        "\x1b[132$|",
        "\x1b[50*|",
    ],
    "file": [
        "\x1b[i",
        "\x1b[5i",
        "\x1b[?5i",
        "\x1b]46;/tmp/x\x07",
        "\x1b]1337;File=name=eA==:AAAA\x07",
        "\x1b]5113;ac=send\x07",
        "\x1b_Ga=T,t=f,f=100;L2V0Yy9ob3N0cw==\x1b\\",
        "\x1b_Gt=s;eA==\x1b\\",
        "\x1b[?46h",
        "\x1b]1337;RequestUpload=format=tgz\x07",
    ],
    "other": [
        "\x1bP1;1|17/41\x1b\\",
        "\x1bP1!z41\x1b\\",
        "\x1b[1*z",
        "\x1bPtmux;x\x1b\\",
        "\x1b%@",
        "\x1b%/G",
        "\x1b[?2l",
        "\x1b]51;[]\x07",
        "\x1b]9;7;x\x07",
        "\x1b]9;6;x\x07",
        "\x1b]777;x\x07",
        "\x1b]50;font\x07",
        "\x1b]7;file:///\x07",
        "\x1b]60000;x\x07",
        "\x1b_title\x1b\\",
        "\x1b^x\x1b\\",
        "\x1bXx\x1b\\",
        "\x1bP@kitty-cmd{}\x1b\\",
        "\x1b[+p",
        "\x1b[2;1y",
        "\x1bl",
        "\x1bP1$tx\x1b\\",
        "\x1b]3;x=y\x07",
        "\x1b G",
        "\x1b[1$5m",
        "\x1bP" + "1" * 9000 + "zx\x1b\\",
    ],
}
EVERY = tuple(KINDS)
HARMLESS = [
    "\x1b[1;31mred\x1b[m",
    "\x1b[2J\x1b[H",
    "\x1b[?1049h\x1b[?25l\x1b[?2026h",
    "\x1b[?2004h\x1b[>1u\x1b[<u\x1b[>4;2m",
    "\x1b[2 q",
    "\x1b(0lqk\x1b(B",
    "\x1b]8;;\x1b\\",
    "\x1b]133;A\x07",
    "\x1b]9;4;1;50\x07",
    "\x1b]10;#fff\x07",
    "\x1b]104\x07",
    "\x1bPq#0;2;0;0;0#0~~\x1b\\",
    "\x1b_Ga=T,f=32;AAAA\x1b\\",
    "\x1b]1337;File=inline=1:AAAA\x07",
    "\x1b[3;6r\x1b[?69h\x1b[2;9s",
    "\x1b7\x1b8\x1bM\x1bD\x1b=\x1b>",
    "\x1b%G",
    "é漢 \x00\x7f\t\r\n",
    "\x1bP=1s\x1b\\",
    "\x1b[4h\x1b[4l\x1b[20h",
    "\x1b[5b",
    "\x1b[!p\x1bc",
    "\x1b]66;s=2;big\x07",
    "\x1b[1;1;2;2$z",
    "\x1b[#{\x1b[#}",
]


def passed(data: bytes, without: tuple[str, ...], size: int) -> tuple[bytes, dict[str, int]]:
    display = Masker().display(0, 0, without=without)
    out = b"".join(display.feed(data[at : at + size]) + display.release() for at in range(0, len(data), size))
    return out + display.flush(), display.taken


def spellings(sequence: str) -> list[str]:
    """Return a sequence with its two ends, and its beginning as a C1 control."""
    ends = [sequence, sequence.removesuffix("\x07") + "\x1b\\"] if sequence.endswith("\x07") else [sequence]
    controls = [chr(ord(one[1]) + 0x40) + one[2:] for one in ends if one[0] == "\x1b" and one[1] in "[]P_^X"]
    return [*ends, *controls]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_a_kind_is_taken_out(kind: str, size: int) -> None:
    for sequence in KINDS[kind]:
        for spelled in spellings(sequence):
            out, taken = passed(f"é{spelled}z\r\n".encode(), EVERY, size)
            assert out == "éz\r\n".encode(), spelled
            assert taken == {kind: 1}, spelled


@pytest.mark.parametrize("kind", KINDS)
def test_and_passes_where_only_the_others_are(kind: str) -> None:
    others = tuple(name for name in EVERY if name != kind)
    for sequence in KINDS[kind]:
        for spelled in spellings(sequence):
            data = f"a{spelled}b\r\n".encode()
            assert passed(data, others, 5) == (data, {})


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_what_only_draws_passes(text: str, size: int) -> None:
    assert passed(text.encode(), EVERY, size) == (text.encode(), {})


@pytest.mark.parametrize(
    ("data", "out"),
    [
        ("a\x1b]0;x\u009c\x1b]52;c;aa\u009cb", "a\x1b]0;x\x1b\\b"),  # an end that not every terminal knows becomes one
        ("a\x1bPtmux;\x1b\x1b]52;c;aa\x07\x1b\\b", "a\x1b\\b"),
        ("a\x1b]0;x\x1b]52;c;aa\x07b", "a\x1b]0;xb"),  # one within another
        ("a\x1b[2\x051tb", "ab"),
        ("a\x1b]52;c;aa", "a"),  # and no end
        ("a\x1b[21", "a"),
        ("\x1b]P0ffffffb", "0ffffffb"),  # Linux' palette has no end
        ("\x1bktitle\nb", "b"),
    ],
)
def test_odd_spellings(data: str, out: str) -> None:
    without = tuple(kind for kind in EVERY if kind != "title" or "\x1bk" in data)
    for size in (1, 2, 1 << 20):
        assert passed(data.encode(), without, size)[0] == out.encode()


def test_nothing_is_lost_where_nothing_is_taken() -> None:
    data = "".join(one for kind in KINDS.values() for one in kind).encode()
    assert passed(data, (), 7) == (data, {})
