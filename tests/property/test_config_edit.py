"""Edits of any list in any layout say what was meant and leave every other line as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigate.config import edit, schema
from aigate.config.edit import Change

ODD = """a|.env|*.pem|!keep|kubectl delete|it's|say "x"|yes|12|~|0x1|a: b|a #b|[x]|{y}|- z|a,b|é|%d|@at|&a|*|::1|1:30
null|a\\b|#h|-|?|? a|: a|>|<<|=|2001-01-01|---|...|`a`|'|"|'quoted'|"quoted"|\U0001f511.pem|~/x|off|.inf|1e3|$HOME"""
SHOWN = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
ENTRIES = st.one_of(
    st.sampled_from(ODD.replace("\n", "|").split("|")), st.text(SHOWN, min_size=1).map(str.strip)
).filter(lambda text: schema.entry_problem(text) is None)
LISTS = st.lists(ENTRIES, unique=True, max_size=5)
COMMENT = "# " + "keep me"


def block(entries: list[str], indent: int, comments: list[bool], newline: str) -> str:
    if not entries:
        return f"deny_read: []{newline}"
    lines = ["deny_read:  # why"]
    for number, entry in enumerate(entries):
        if comments[number % len(comments)]:
            lines.append(" " * indent + COMMENT)
        lines.append(" " * indent + f"-   {edit.quoted(entry)}" + ("  # of this entry" if comments[-1] else ""))
    return newline.join(lines) + newline


def flow(entries: list[str], breaks: bool, comma: bool, newline: str) -> str:
    separator = f",{newline}    " if breaks else ", "
    inside = separator.join(edit.quoted(entry) for entry in entries)
    return f"deny_read: [{inside}{',' if comma and entries else ''}]  # why{newline}"


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str], str, str]:
    """Return a file, its entries, and the text before and after the list."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    entries = draw(LISTS)
    if draw(st.booleans()):
        text = block(entries, draw(st.integers(0, 4)), draw(st.lists(st.booleans(), min_size=1, max_size=3)), newline)
    else:
        text = flow(entries, draw(st.booleans()), draw(st.booleans()), newline)
    before = draw(
        st.sampled_from(["", f"# top{newline}", f"deny_exec: [a,  b ]{newline}", f"deny_net_: 1{newline}"[:0]])
    )
    tails = ["", newline, f"# next{newline}network:   auto # odd{newline}", f"deny_exec:{newline}- x{newline}# end"]
    if "deny_exec" in before:
        tails = tails[:3]
    after = draw(st.sampled_from(tails))
    return before + text + after, entries, before, after


def said(data: bytes) -> list[str]:
    return [entry for entry, _ in schema.check(data, "c", project=False)["deny_read"]]


@given(files(), st.data())
def test_edits(case: tuple[str, list[str], str, str], data: st.DataObject) -> None:
    text, entries, before, after = case
    remove = data.draw(st.lists(st.sampled_from(entries), unique=True)) if entries else []
    add = [entry for entry in data.draw(LISTS) if entry not in entries]
    result = edit.edited(text.encode(), "c", "deny_read", lambda _: Change(remove, add), project=False)
    assert said(result) == [entry for entry in entries if entry not in remove] + add
    changed = result.decode()
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert changed.count(COMMENT) == text.count(COMMENT)
    assert ("\r\n" in changed) == ("\r\n" in text)


@given(LISTS)
def test_a_list_that_was_left_out(entries: list[str]) -> None:
    text = "# top\nnetwork: auto"
    result = edit.edited(text.encode(), "c", "deny_read", lambda _: Change(add=entries), project=False)
    assert result.decode().startswith(text + "\n")
    assert said(result) == entries


@given(ENTRIES)
def test_quoting(entry: str) -> None:
    for layout in (f"deny_read: [{edit.quoted(entry)}]", f"deny_read:\n- {edit.quoted(entry)} # x\n"):
        assert said(layout.encode()) == [entry]


@given(files(), ENTRIES)
def test_adding_and_taking_out_again_restores_the_file(case: tuple[str, list[str], str, str], entry: str) -> None:
    text, entries, _, _ = case
    if entry in entries:
        return
    more = edit.edited(text.encode(), "c", "deny_read", lambda _: Change(add=[entry]), project=False)
    back = edit.edited(more, "c", "deny_read", lambda _: Change(remove=[entry]), project=False)
    assert back.decode() == text
