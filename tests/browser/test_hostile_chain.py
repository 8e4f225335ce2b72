"""Hostile names, units, texts and categories from ledger to report: nothing lives in page or workbook (bar 10)."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest

from procanalysis.report.cleaning import clean_text

pytestmark = pytest.mark.slow

SLUG = "fientlig"
REPORTS = 9
POLICY = re.compile(r'<meta [^>]*"Content-Security-Policy"[^>]*>')
HARMLESS = re.compile(r"#|data:image/svg\+xml;base64,|[a-z0-9.-]+\.(xlsx|json|ipynb)$")
STEERING = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")


@pytest.fixture
def hostile(edges: Path) -> Path:
    return edges / "reports" / SLUG / "2025"


def pages(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.html"))
    assert len(found) == REPORTS
    return found


def tags(page: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Read a page as a parser does, which is how the browser sees it."""
    seen: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, {name: value or "" for name, value in attrs}))

    Reader().feed(page.read_text("utf-8"))
    return iter(seen)


def test_hostile_texts_reach_the_reports(hostile: Path, ledgers: Any) -> None:
    shown = " ".join(page.read_text("utf-8") for page in pages(hostile))
    assert "&lt;script&gt;window.procanalysisRan=1" in shown
    assert "=HYPERLINK(" in shown and "{{ 7*7 }}" in shown and "ÅÅÅÅ" in shown
    books = [cell for book in hostile.glob("*.xlsx") for cell in strings(book)]
    lost = [text for text in ledgers.HOSTILE if clean_text(text) not in books]
    assert not lost


def test_hostile_texts_of_the_registers_reach_every_contract_report(hostile: Path, ledgers: Any) -> None:
    """Every text is a title, id, word, name and deviation. The reader of registers writes spaces its own way."""
    wanted = {"".join(clean_text(text).split()) for text in ledgers.HOSTILE}
    for report in ("contracts", "supplier-follow-up", "procurement-plan"):
        written = {"".join(text.split()) for text in strings(hostile / f"{report}.xlsx")}
        assert not wanted - written, report
    book = openpyxl.load_workbook(hostile / "data-quality.xlsx")
    head, *rejected = book["Avvisade i register"].iter_rows(values_only=True)
    assert head[3] == "Värde" and {row[3] for row in rejected} == {"[namn dolt]"}, "such a text may be a person's name"
    dates = [row[0] for row in rejected if row[4] == "Datumet kan inte läsas"]
    assert dates == [f"register-{part}.txt" for part in ("contracts", "follow_ups", "procurements", "awards")]
    # What belongs to the award that was rejected is rejected with it: bids, a price, shares and purchases.
    assert len(rejected) == 4 + 3 + 1 + 2 + 4
    unknown = [str(cell.value) for row in book["Register"].iter_rows() for cell in row]
    assert any("<script>" in text and "=cmd|" in text for text in unknown), "words for categories and kinds"


def test_hostile_texts_of_savings_and_cases_reach_their_reports(hostile: Path, ledgers: Any) -> None:
    """Every text is a title, article, unit of measure, receiver, word and answerable; and a risk, with its evidence."""
    wanted = {"".join(clean_text(text).split()) for text in ledgers.HOSTILE}
    for report in ("savings", "business-case-fientlig"):
        written = {"".join(text.split()) for text in strings(hostile / f"{report}.xlsx")}
        assert not wanted - written, report
    case = openpyxl.load_workbook(hostile / "business-case-fientlig.xlsx")
    for sheet in ("Risker", "Antaganden", "Alternativ", "Realiseras av"):
        cells = {"".join(str(cell.value).split()) for row in case[sheet].iter_rows() for cell in row}
        assert any("<script>" in text or "cmd|" in text for text in cells), sheet
    facts = json.loads((hostile / "savings.json").read_text("utf-8"))
    enabled = next(each for each in facts["figures"] if each["id"] == "enabled_saving")
    assert float(enabled["value"]) > 0, "the hostile register is reckoned with like any other"


def strings(path: Path) -> set[str]:
    book = openpyxl.load_workbook(path)
    return {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}


def test_pages_have_no_live_markup(hostile: Path) -> None:
    for page in pages(hostile):
        for tag, attributes in tags(page):
            assert tag not in ("script", "iframe", "object", "embed", "form", "base", "link", "svg"), page.name
            assert not [name for name in attributes if name.startswith("on") or name in ("srcdoc", "formaction")]
            for name in ("href", "src", "srcset", "action"):
                address = attributes.get(name, "")
                assert not address or HARMLESS.match(address), address
        assert not STEERING.search(page.read_text("utf-8"))


def test_workbooks_have_no_live_cell(hostile: Path) -> None:
    books = sorted(hostile.glob("*.xlsx"))
    assert len(books) == REPORTS
    for path in books:
        cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink], path.name
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            sheets = [package.read(name).decode() for name in names if name.startswith("xl/worksheets/")]
        assert not [name for name in names if re.search(r"external|vba|drawing|comment|_rels/sheet", name)]
        assert not [sheet for sheet in sheets if re.search(r"<f[ >]|<hyperlink|<oleObject", sheet)]


def test_the_files_beside_can_be_read(hostile: Path) -> None:
    for path in hostile.glob("*.json"):
        assert json.loads(path.read_text("utf-8"))["figures"]
    for path in hostile.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                assert "text/html" not in output.get("data", {}) or "<script" not in output["data"]["text/html"]


@pytest.mark.browser
def test_nothing_runs_with_the_policy_removed(hostile: Path, measure: Any, tmp_path: Path) -> None:
    bare = []
    for page in [*pages(hostile), hostile.parents[1] / "index.html"]:
        html, removed = POLICY.subn("", page.read_text("utf-8"))
        assert removed == 1
        (tmp_path / page.name).write_text(html, encoding="utf-8")
        bare.append((page.stem, tmp_path / page.name, "live"))
    alive = tmp_path / "alive.html"
    alive.write_text("<title>a</title><p onmouseover=\"window.procanalysisRan=1;document.title='ran';alert(1)\">x</p>")
    measured = measure([*bare, ("alive", alive, "live")])
    planted = measured.pop("alive")
    assert (planted["ran"], planted["after"], planted["dialogs"]) == (1, "ran", ["1"]), "the probe itself must work"
    for name, page in measured.items():
        assert (page["ran"], page["dialogs"], page["handlers"], page["scripts"]) == (None, [], [], 0), name
        assert page["after"] == page["before"] != "ran", name
        assert page["address"] == (tmp_path / f"{name}.html").as_uri(), name
        assert not [
            address for address in page["leads"] if re.match(r"\s*(javascript|vbscript|data:text|https?):", address)
        ]
        assert not [a for a in page["requests"] if not a.startswith(("file:", "data:image/"))], name
