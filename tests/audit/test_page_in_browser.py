"""The audit page in a real headless browser: search, keyboard, print, and nothing fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence import CLOSED, OPEN, evidence, record
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1600")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver = shutil.which("chromedriver")
    binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    if driver is None or binary is None:
        pytest.skip("needs chromium and chromedriver on PATH, to open the page in a browser")
    options = Options()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    try:
        made = webdriver.Chrome(options=options, service=Service(driver))
    except WebDriverException as why:
        pytest.skip(f"the browser does not start here: {why.msg}")
    yield made
    made.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three changes: one applied, one hostile, one that does not hold."""
    its = evidence(tmp_path_factory.mktemp("page"))
    its.note(its.change(), "Applied: 2026-02-01T00:00:00Z\nResolved: 2026-02-01T00:00:00Z")
    hostile = {"Finding_Id": "<b id=owned>", "Disposition": "review"}
    for more in (hostile, {"After_SHA256": f"{'0' * 64} live/main.tf"}):
        its.history.commit({"live/main.tf": OPEN}, "opened again", who="Dev")
        text = {"Evaluated_At": f"2026-01-0{len(more) + 1}T00:00:00Z", **more}
        its.change(record(OPEN, CLOSED, **text))
    file = its.folder / "audit.html"
    file.write_text(its.audit("--format", "html").out, encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Any, page: Path) -> Any:
    browser.get(page.as_uri())
    return browser


def shown(browser: Any) -> list[Any]:
    return [e for e in browser.find_elements(By.CSS_SELECTOR, ".entry") if e.is_displayed()]


def count(browser: Any) -> str:
    text: str = browser.find_element(By.ID, "count").text
    return text


def test_it_opens_without_a_complaint_and_asks_nobody(opened: Any) -> None:
    assert opened.get_log("browser") == []
    asked = opened.execute_script("return performance.getEntriesByType('resource').length")
    assert asked == 0
    assert "audit register" in opened.title
    assert opened.find_elements(By.ID, "owned") == []
    folder = os.environ.get("REMEDIATOR_SCREENSHOTS")
    if folder:
        opened.save_screenshot(str(Path(folder) / "audit.png"))


def test_search_and_choices_narrow_the_register(opened: Any) -> None:
    assert (len(shown(opened)), count(opened)) == (3, "3 of 3 changes")
    search = opened.find_element(By.ID, "search")
    search.send_keys("OWNED")
    assert (len(shown(opened)), count(opened)) == (1, "1 of 3 changes")
    search.send_keys(" nowhere")
    assert count(opened) == "0 of 3 changes"
    search.send_keys(Keys.ESCAPE)
    assert count(opened) == "3 of 3 changes"
    opened.find_element(By.CSS_SELECTOR, "#decided option[value=review]").click()
    assert len(shown(opened)) == 1
    opened.find_element(By.CSS_SELECTOR, "#decided option").click()
    opened.find_element(By.CSS_SELECTOR, "#state option[value=resolved]").click()
    assert len(shown(opened)) == 1


def test_the_keyboard_alone_is_enough(opened: Any) -> None:
    body = opened.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert opened.switch_to.active_element.get_attribute("class") == "skip"
    body.send_keys("/")
    assert opened.switch_to.active_element.get_attribute("id") == "search"
    for _ in range(3):
        opened.switch_to.active_element.send_keys(Keys.TAB)
    button = opened.switch_to.active_element
    assert button.get_attribute("id") == "all"
    button.send_keys(Keys.TAB)
    summary = opened.switch_to.active_element
    assert summary.tag_name == "summary"
    entry = shown(opened)[0]
    assert not entry.get_property("open")
    summary.send_keys(Keys.ENTER)
    assert entry.get_property("open")
    button.send_keys(Keys.SPACE)
    assert all(e.get_property("open") for e in shown(opened))
    assert button.get_attribute("aria-pressed") == "true"


def test_a_link_to_a_change_unfolds_it(opened: Any) -> None:
    link = opened.find_element(By.CSS_SELECTOR, "#open a")
    link.click()
    name = link.get_attribute("href").rpartition("#")[2]
    assert opened.find_element(By.ID, name).get_property("open")


def test_a_screen_reader_finds_its_way(opened: Any) -> None:
    script = """
      const named = (e) => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText;
      return {
        language: document.documentElement.lang,
        h1: document.querySelectorAll('h1').length,
        landmarks: ['header', 'nav', 'main', 'footer'].map(
          (name) => document.querySelectorAll(`body > ${name}, header > ${name}`).length),
        unnamed: [...document.querySelectorAll('input, select, button, a')]
          .filter((e) => !named(e)?.trim()).length,
        tables: [...document.querySelectorAll('table')]
          .filter((t) => !t.querySelector('thead th[scope=col]')).length,
        levels: [...document.querySelectorAll('h1, h2, h3')].map((e) => +e.tagName[1]),
        images: document.querySelectorAll('svg:not([aria-hidden=true]), img:not([alt])').length,
        ids: [...document.querySelectorAll('[id]')].map((e) => e.id),
      };
    """
    found = opened.execute_script(script)
    assert (found["language"], found["h1"]) == ("en", 1)
    assert found["landmarks"] == [1, 1, 1, 1]
    assert (found["unnamed"], found["tables"], found["images"]) == (0, 0, 0)
    assert all(b - a <= 1 for a, b in zip(found["levels"], found["levels"][1:], strict=False))
    assert len(set(found["ids"])) == len(found["ids"])


def test_the_colours_can_be_told_apart(opened: Any) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text."""
    script = """
      const light = (c) => { const v = c.map((x) => { x /= 255;
        return x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
        return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
      const parse = (t) => t.match(/[\\d.]+/g).map(Number);
      const ground = (e) => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3]) return c.slice(0, 3); } return [255, 255, 255]; };
      for (const e of document.querySelectorAll('.entry')) e.open = true;
      return [...document.querySelectorAll('body *')]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .filter((e) => !['SCRIPT', 'STYLE', 'OPTION'].includes(e.tagName))
        .map((e) => { const a = light(parse(getComputedStyle(e).color).slice(0, 3));
          const b = light(ground(e));
          return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.className, e.innerText]; })
        .filter(([ratio]) => ratio < 4.5);
    """
    assert opened.execute_script(script) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(opened: Any, width: int) -> None:
    opened.set_window_size(width, 1000)
    opened.find_element(By.ID, "all").click()
    over = opened.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    opened.set_window_size(1280, 1600)
    assert over <= 1


def test_a_print_has_every_change_unfolded(opened: Any) -> None:
    script = """
      dispatchEvent(new Event('beforeprint'));
      const open = [...document.querySelectorAll('.entry')].every((e) => e.open);
      dispatchEvent(new Event('afterprint'));
      return [open, [...document.querySelectorAll('.entry')].some((e) => e.open)];
    """
    assert opened.execute_script(script) == [True, False]
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(printed["data"]) > 20_000
