"""`aigate serve` in a real browser: what it shows, by mouse, keyboard and thumb, live; names try in vain."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

EVIL = "<img src=x onerror=document.title='run'>\u202e"
LUMINANCE = """element => {
  const parts = colour => colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = colour => { const [r, g, b] = parts(colour); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const style = getComputedStyle(element);
  return [light(style.color), light(style.backgroundColor)];
}"""  # relative luminance of WCAG 2.2


def test_counts_runs_and_one_runs_events(log, shown) -> None:
    log("codex exec", 3, status=1)
    number = log("claude -p hello", 6)
    page = shown().page
    assert page.locator(".tile").all_inner_texts()[:2] == ["2\nRuns", "11\nRefusals"]  # a file moved away is one
    assert page.locator(".run code").all_inner_texts() == ["claude -p hello", "codex exec"]
    assert page.locator("#hosts li span").first.inner_text() == "host0.example"
    page.click(".run >> nth=0")
    expect(page.locator("#run-title")).to_have_text("claude -p hello")
    assert number in page.locator("#run-about").inner_text()
    words = page.locator("#timeline li span").all_inner_texts()
    assert len(words) == 9
    assert "host refused: host5.example:443" in words[6]
    assert words[-1].startswith("ended with 0")


def test_by_keyboard_alone(log, shown) -> None:
    log("codex exec", 1)
    log("claude -p hello", 1)
    page = shown().page
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.locator("#run-title").inner_text() == "claude -p hello"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.keyboard.press("/")
    page.keyboard.type("codex")
    expect(page.locator(".run")).to_have_count(1)
    assert page.locator(".run code").all_inner_texts() == ["codex exec"]


def test_it_is_live(log, shown) -> None:
    log("first", 1)
    page = shown().page
    log("second", 1)
    expect(page.locator(".run")).to_have_count(2)
    assert page.locator(".run code").first.inner_text() == "second"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(log, shown, scheme: str) -> None:
    log("claude", 1)
    page = shown(color_scheme=scheme).page
    text, ground = page.eval_on_selector("body", LUMINANCE)
    assert (text < ground) is (scheme == "light")
    assert (max(text, ground) + 0.05) / (min(text, ground) + 0.05) >= 7  # contrast, WCAG 2.2's level AAA


def test_on_a_phone_nothing_is_wider_than_the_screen(log, shown) -> None:
    log("claude " + "word " * 40 + "/a/very" * 30, 30)
    shown_on = shown(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = shown_on.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.tap(".run >> nth=0")
    page.wait_for_selector("dialog[open]")
    box = page.locator("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_names_that_an_agent_chose_do_nothing(log, shown) -> None:
    log(EVIL, 1)
    page, url, asked, wrong = shown()
    page.click(".run >> nth=0")
    page.wait_for_selector("dialog[open]")
    assert page.locator("img").count() == 0
    assert page.title() == "aigate: what happened"
    assert "<img src=x" in page.locator("#run-title").inner_text()
    assert "\u202e" not in page.content()
    assert all(one.startswith(url) for one in asked)
    assert wrong == []


def test_a_hundred_thousand_records(log, shown) -> None:
    for _ in range(10):
        log("claude", 9_997)
    page = shown().page
    assert page.locator(".tile").all_inner_texts()[-1] == "100,000\nRecords"
    assert page.locator(".run").count() == 10
