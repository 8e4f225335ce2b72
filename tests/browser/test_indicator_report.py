"""A board's report of indicators in a real browser: two printed pages, and small lines that can be read on a phone."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = ("1280", "320")


@pytest.fixture(scope="module")
def report(example_project: Any, once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The report of Inköpsnämnden Sörmland Västmanland 2025 that tests/test_board.py publishes, run once for both."""
    spec = importlib.util.spec_from_file_location("boards_published", Path(__file__).parents[1] / "test_board.py")
    assert spec and spec.loader
    shipped = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shipped)
    root = once("boards", lambda folder: shipped.publish_boards(example_project, folder))
    return root / "reports/insv/2025/indicators.html"


@pytest.fixture(scope="module")
def measured(report: Path, measure: Any) -> dict[str, Any]:
    page: dict[str, Any] = measure([("insv 2025 indicators", report, "report")])["insv 2025 indicators"]
    return page


def test_it_prints_on_two_pages(report: Path, print_pages: Any) -> None:
    printed = print_pages([report])[report]
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    assert b"/StructTreeRoot" in printed and b"/Lang (sv)" in printed


def test_axe_and_the_validator_find_nothing(measured: dict[str, Any], report: Path, validate: Any) -> None:
    assert len(measured["axe"]) == 4
    assert [item for items in measured["axe"].values() for item in items] == []
    assert validate([report]) == []


def test_nothing_is_wider_than_the_window_and_no_row_scrolls_on_a_phone(measured: dict[str, Any]) -> None:
    for width in WIDTHS:
        for spacing in (width, f"{width} spaced"):
            assert measured["sizes"][spacing]["page"] <= int(width)
            assert not measured["sizes"][spacing]["clipped"]
    assert all("Mätetalen 2025 per mål" not in box["name"] for box in measured["scrolling"])


def test_every_small_line_has_words_and_letters_of_eleven_pixels(measured: dict[str, Any], report: Path) -> None:
    lines = [image for image in measured["facts"]["images"] if not image["chart"]]
    assert len(lines) == 13 and all(image["loaded"] and len(image["alt"]) >= 15 for image in lines)
    [board] = [table for table in measured["facts"]["tables"] if table["caption"].startswith("Mätetalen")]
    goals = 4  # the headings of groups of rows, which have the scope rowgroup
    assert board["heads"] == board["scoped"] and board["rows"] == 13 + goals
    css = report.read_text("utf-8")
    assert "max-width:none" in re.search(r"img\.pa-spark\{[^}]*\}", css)[0], "never smaller than it is drawn"  # type: ignore[index]
