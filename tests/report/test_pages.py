import copy
import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from page_reader import PageReader

from procanalysis import report
from procanalysis.errors import ReportError
from procanalysis.report import notebook_html
from procanalysis.report.cleaning import clean_text
from procanalysis.report.workbook import sheet_names

LINKS = [("Underlag i Excel", "spend-overview.xlsx"), ("Nyckeltal", "spend-overview.json")]
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "event": "\"><img src=x onerror=alert(1)> ' onmouseover='alert(1)",
    "address": "javascript:alert(1)",
    "markdown": "[x](javascript:alert(1)) <a href='javascript:alert(1)'>y</a>",
    "closing": "</style></table></details></body><iframe src=//evil>",
    "template": "{{ 7*7 }} {% raw %} {name} ${x}",
    "formula": "=HYPERLINK(\"http://evil\",\"x\")",
    "plus": "+cmd|' /C calc'!A0",
    "array": "{=A1}",
    "link": "https://evil.example/x",
    "control": "A\x00B\x07\x1b[31mC\x85\u2028D",
    "turned": "AB\u202egnp.exe\u2066\u200f",
    "long": "Å" * 10_000,
}  # fmt: skip


def test_page_is_one_accessible_document(make_notebook: Callable[..., Any]) -> None:
    html = notebook_html.export_html(make_notebook(), report_name="Spendanalys", links=LINKS)
    page = PageReader(html)
    assert page.open == []
    assert page.all("html") == [{"lang": "sv"}]
    assert page.headings.count(1) == 1 and page.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert next(attrs for tag, attrs in page.tags if tag == "a") == {"class": "skip", "href": "#innehall"}
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(a["href"][1:] in ids for a in page.all("a") if a["href"].startswith("#"))
    assert html.count("<style>") == 1
    assert html.index("<h1") < html.index("Sammanfattning</h2>")


def test_every_picture_and_table_can_be_read_without_seeing(make_notebook: Callable[..., Any]) -> None:
    page = PageReader(notebook_html.export_html(make_notebook(), links=LINKS))
    pictures = page.all("img")
    assert len(pictures) == 5
    assert all(len(p["alt"]) >= 25 and re.search(r"\d", p["alt"]) for p in pictures)
    assert len(page.all("caption")) == len(page.all("table")) == 7
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    scrollers = [a for tag, a in page.tags if a.get("class") == "pa-scroll"]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrollers)


def test_page_is_self_contained_and_has_no_script(make_notebook: Callable[..., Any]) -> None:
    html = notebook_html.export_html(make_notebook(), links=LINKS)
    page = PageReader(html)
    policy = [m["content"] for m in page.all("meta") if "Security" in m.get("http-equiv", "")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert page.all("script") == [] and page.all("link") == [] and page.all("iframe") == []
    assert all(img["src"].startswith("data:image/") for img in page.all("img"))
    assert all(s["srcset"].startswith("data:image/") for s in page.all("source"))
    assert not re.search(r"url\(|@import", html)
    assert len(html) < 500_000


def test_numbers_are_written_for_swedish_readers(make_notebook: Callable[..., Any]) -> None:
    page = PageReader(notebook_html.export_html(make_notebook(), links=LINKS))
    cells = [text for tag in ("td", "dd", "p", "li") for text in page.inside.get(tag, [])]
    shown = [text for text in cells if "procanalysis" not in text]
    assert not [text for text in shown if re.search(r"\d[.]\d|\d{5,}|\de\d|\bNaN\b|\bNone\b|\d%", text)]


def test_code_is_folded_last_and_stderr_is_dropped(make_notebook: Callable[..., Any]) -> None:
    html = notebook_html.export_html(make_notebook("Nordbygg"), links=LINKS)
    assert "hemlig varning" not in html
    assert html.index("Visa koden bakom rapporten") > html.index('id="raknat-bids"')
    assert "# Nordbygg" in html.split("Visa koden bakom rapporten")[1]


def test_cells_for_the_notebook_alone_are_left_out(make_notebook: Callable[..., Any]) -> None:
    notebook = make_notebook()
    only = {"tags": ["notebook-only"]}
    notebook.cells.append(nbformat.v4.new_markdown_cell("## Ändra parametern", metadata=only, id="x"))
    notebook.cells.append(nbformat.v4.new_code_cell("hemlig_kod", metadata=only, id="y"))
    html = notebook_html.export_html(notebook)
    assert "Ändra parametern" not in html and "hemlig_kod" not in html


def test_export_is_repeatable_and_leaves_the_notebook_alone(make_notebook: Callable[..., Any]) -> None:
    notebook = make_notebook()
    before = copy.deepcopy(notebook)
    assert notebook_html.export_html(notebook, links=LINKS) == notebook_html.export_html(notebook, links=LINKS)
    assert notebook == before
    assert notebook_html.export_html(make_notebook(), links=LINKS) == notebook_html.export_html(notebook, links=LINKS)


def test_export_refuses_what_should_not_be_published(make_notebook: Callable[..., Any]) -> None:
    without_header, failed, two, dead = (make_notebook() for _ in range(4))
    without_header.cells[1].outputs = []
    failed.cells[3].outputs.append(nbformat.v4.new_output("error", ename="MeasureError", evalue="no column"))
    two.cells.append(two.cells[1])
    dead.cells = dead.cells[:4]
    for notebook, says in [
        (without_header, "0 report headers"),
        (two, "2 report headers"),
        (failed, "cell 4 failed with MeasureError: no column"),
        (dead, r"bids, contract_loyalty, total_spend lead to a calculation"),
    ]:
        with pytest.raises(ReportError, match=says):
            notebook_html.export_html(notebook)
    with pytest.raises(ReportError, match="not a relative address"):
        notebook_html.export_html(make_notebook(), links=[("x", "javascript:alert(1)")])


def test_output_of_others_never_becomes_html(make_notebook: Callable[..., Any]) -> None:
    notebook = make_notebook()
    data = {"text/html": "<script>alert(1)</script>", "text/plain": "en tabell <b>"}
    notebook.cells[3].outputs.append(nbformat.v4.new_output("display_data", data=data))
    html = notebook_html.export_html(notebook)
    assert "<script" not in html and "en tabell &lt;b&gt;" in html.split("Visa koden")[1]


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_leaves_nothing_live(kind: str, make_notebook: Callable[..., Any], tmp_path: Path) -> None:
    notebook = make_notebook(HOSTILE[kind], charts=("bar",))
    html = notebook_html.export_html(notebook, links=LINKS)
    page = PageReader(html)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "form", "base", "link", "svg"}
    attributes = [(name, value) for _, attrs in page.tags for name, value in attrs.items()]
    assert not [name for name, _ in attributes if name.startswith("on")]
    addresses = [value for name, value in attributes if name in ("href", "src", "srcset", "action")]
    # Only the static link that the notebook's author wrote may lead out, and it was cut: none does.
    assert all(a.startswith(("#", "data:image/svg+xml;base64,", "spend-overview.")) for a in addresses)
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0e-\x1f\x80-\x9f]", html)
    html.encode("utf-8")
    assert len(html) < 1_000_000
    _assert_nothing_live_in_workbook(notebook, tmp_path / "x.xlsx", clean_text(HOSTILE[kind]))


def _assert_nothing_live_in_workbook(notebook: Any, path: Path, name: str) -> None:
    collected = report.collect_parts(notebook)
    report.write_workbook(path, collected, title=name, source_text=name)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert name in [cell.value for cell in cells]  # all of it, where the page shows a part


def test_collected_figures_and_tables(make_notebook: Callable[..., Any]) -> None:
    collected = report.collect_parts(make_notebook())
    assert [figure["id"] for figure in collected.figures] == ["total_spend", "contract_loyalty", "bids"]
    assert len(collected.tables) == 7
    assert collected.header["organisation"] == "Region Exempel" and collected.header["fictional"] is True
    notebook = make_notebook()
    changed = copy.deepcopy(notebook.cells[3])
    changed.outputs[0]["data"]["application/vnd.procanalysis.part+json"]["figures"][0]["value"] = "1.00"
    notebook.cells.append(changed)
    with pytest.raises(ReportError, match="two different figures"):
        report.collect_parts(notebook)


def test_workbook_explains_itself_and_keeps_the_money(make_notebook: Callable[..., Any], tmp_path: Path) -> None:
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    collected = report.collect_parts(make_notebook())
    for path in paths:
        report.write_workbook(path, collected, title="Spendanalys", source_text="reskontra", made_on=date(2026, 11, 21))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    book = openpyxl.load_workbook(paths[0])
    assert book.sheetnames[0] == "Om underlaget" and len(book.sheetnames) == 9
    first = {row[0]: row[1] for row in book["Om underlaget"].iter_rows(max_col=2, values_only=True)}
    assert first["Organisation"] == "Region Exempel" and "påhittade" in first["Fiktiva uppgifter"]
    figures = list(book["Nyckeltal"].iter_rows(min_row=2, values_only=True))
    assert figures[0][:3] == ("Inköp totalt", 242000000.1, "SEK") and "1\xa0204\xa0rader, -45000000,12" in figures[0][6]
    assert figures[1][:6] == ("Avtalstrohet", 84.94, "%", 205554800, 242000000.1, "SEK")
    assert figures[2][1] is None and "saknar uppgift" in figures[2][7]
    sheet = book["Nordbygg Entreprenad AB"]
    assert [cell.value for cell in sheet[1]] == ["Leverantör", "Status", "Inköp (kr)"]
    assert (sheet["C2"].value, sheet["C2"].number_format) == (7_900_000, "#,##0.00")
    assert sheet["C3"].value is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:C3")


def test_half_a_character_cannot_stop_a_report() -> None:
    assert clean_text("A\ud800B") == "A\ufffdB"


def test_sheet_names_are_what_excel_accepts() -> None:
    names = sheet_names(["'a/b:c*?[]\\'", "a-b-c----- ", "History", "x" * 40, "X" * 40, "", "Om underlaget"])
    assert len({name.casefold() for name in names}) == 7
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)
    assert "history" not in [name.casefold() for name in names]


def _index(name: str = "Region Exempel") -> str:
    common = {"organisation": name, "slug": "exempel", "made_on": "2026-11-21"}
    entries = [
        report.IndexEntry(
            **common, period=period, title="Spendanalys", item=name, fictional=True,
            href=f"exempel/{period}/spend overview.html", links=(("Excel", f"exempel/{period}/x.xlsx"),),
        )
        for period in ("2023", "2024")
    ]  # fmt: skip
    failure = report.IndexFailure(
        **common, period="2024", title="Avtal", reason=f"{name}: no sheet. Check it.", notebook_href="e/c.ipynb"
    )
    return report.render_index(entries, [failure], made_on="2026-11-21", version="0.1.0")


def test_index_lists_newest_first_and_failures_with_reason() -> None:
    html = _index()
    page = PageReader(html)
    assert html.index("<h3>2024</h3>") < html.index("<h3>2023</h3>")
    assert page.headings == [1, 2, 3, 3] and page.all("html") == [{"lang": "sv"}]
    assert '<p lang="en">Region Exempel: no sheet. Check it.</p>' in html
    assert "1 körning misslyckades." in html and "Fiktiva uppgifter" in html
    hrefs = [a["href"] for a in page.all("a") if not a["href"].startswith("#")]
    assert "exempel/2024/spend%20overview.html" in hrefs
    assert not [href for href in hrefs if href.startswith("/") or ":" in href]


def test_empty_index_says_so() -> None:
    assert "Inga rapporter har tagits fram än." in report.render_index([], made_on="2026-11-21", version="1")


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_index_leaves_nothing_live(kind: str) -> None:
    page = PageReader(_index(HOSTILE[kind]))
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "img"}
    assert not [n for _, attrs in page.tags for n in attrs if n.startswith("on")]


@pytest.mark.browser
def test_pages_are_no_wider_than_a_phone(make_notebook: Callable[..., Any], chromium: str, tmp_path: Path) -> None:
    pages = {"report": notebook_html.export_html(make_notebook("Å" * 200), links=LINKS), "index": _index("Å" * 200)}
    for name, html in pages.items():
        unfolded = html.replace("<details", "<details open")
        (tmp_path / f"{name}.html").write_text(unfolded, encoding="utf-8")
    frames = "".join(f'<iframe id="{n}" src="{n}.html" width="320" height="900"></iframe>' for n in pages)
    measure = (
        "onload=()=>{document.title=[...document.querySelectorAll('iframe')]"
        ".map(f=>f.contentDocument.documentElement.scrollWidth).join(' ')}"
    )
    outer = f"<!DOCTYPE html><title>-</title><style>iframe{{border:0}}</style>{frames}<script>{measure}</script>"
    (tmp_path / "outer.html").write_text(outer, encoding="utf-8")
    dumped = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "outer.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    title = re.search(r"<title>([^<]*)</title>", dumped)
    assert title and title[1] == "320 320"
