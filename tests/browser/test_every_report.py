"""Every report of the example organisation and the index, in a real browser: bars 1 to 8 of the report design."""

from __future__ import annotations

import base64
import itertools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.pdf import print_pdf
from procanalysis.run.publish import Place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
SPACE, MINUS = "\u00a0", "\u2212"
UNIT = f"{SPACE}(?:%|kr|tkr|mnkr|mdkr|st|procentenheter)"
WHOLE = rf"\d{{1,3}}(?:{SPACE}\d{{3}})*"
# Four decimals are those of a column with a price under one krona.
NUMBER = re.compile(rf"(?:[<>]{SPACE})?{MINUS}?{WHOLE}(?:,\d{{1,2}}|,\d{{4}})?(?:{UNIT})?|uppgift saknas|–")
CATEGORY_CODE = re.compile(r"\b\d\d\.\d\d\b|\b\d\.\d (?=[A-ZÅÄÖ])")  # and the number of a goal, as in 2.5 Nämnden har
UNFORMATTED = re.compile(
    r"\bNaN\b|\bNone\b|\binf\b|\d[eE][+-]?\d|\d%|\d\.\d|(?<![\d#-])\d{5,}|\d{5,}(?!\.)|-\d+ ?(?:%|kr)"
)
REGISTER_REPORTS = ("contracts", "articles", "supplier-follow-up", "procurement-plan", "savings")
YEARLY = ("annual-report", "comparison")
CASES = ("business-case-exempel-e-handel", "business-case-exempel-it-konsulter")
LARGEST_PAGE = 500_000
SMALLEST_CHART_TEXT = 11.0

Measured = dict[str, dict[str, Any]]


def found(measured: Measured, look: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Return what is wrong, page by page."""
    return {name: wrong for name, page in measured.items() if (wrong := look(page))}


def test_every_page_was_measured(example_measured: Measured) -> None:
    kinds = [name.split(" ")[-1] for name in example_measured]
    for kind in ("spend-overview", "data-quality", "gap-analysis", *REGISTER_REPORTS, *CASES, *YEARLY):
        assert kind in kinds
    assert any(kind.startswith("category-analysis") for kind in kinds)
    assert "rjh 2017 gap-analysis" in example_measured, "a gap analysis without scores is another page"
    reports = ledger_reports(example_measured)
    assert len(example_measured) - len(reports) == 2, "an index, and one with a failure"
    assert not found(reports, lambda page: not page["facts"]["tables"])
    charts = [name for name, page in reports.items() if page["charts"]["320"]]
    # Data quality has tables only, and a board's year only its indicators' small drawings.
    assert {name for name in reports if name not in charts} == {
        name for name in reports if name.endswith("data-quality") or name.startswith("insv")
    }


def ledger_reports(measured: Measured) -> Measured:
    """Leave out the indexes."""
    return {name: page for name, page in measured.items() if not name.startswith("index ")}


def test_axe_finds_nothing(example_measured: Measured) -> None:
    assert {len(page["axe"]) for page in example_measured.values()} == {4}
    assert not found(example_measured, lambda page: [item for items in page["axe"].values() for item in items])


def test_the_validator_finds_no_error_but_the_planted_ones(
    example_pages: list[Path], faulty: Path, validate: Callable[[list[Path]], list[str]]
) -> None:
    errors = validate([*example_pages, faulty])
    assert [error for error in errors if not error.startswith(f"{faulty.name}:")] == []
    assert errors, "what was planted is found"


def test_nothing_is_fetched_and_nothing_can_run(example_measured: Measured) -> None:
    def fetched(page: dict[str, Any]) -> list[str]:
        own = next(iter(page["requests"])).split("#")[0]
        assert own.startswith("file:")
        return [address for address in page["requests"] if address != own and not address.startswith("data:image/")]

    assert not found(example_measured, fetched)
    assert not found(example_measured, lambda page: page["facts"]["scripts"])
    assert not found(example_measured, lambda page: page["facts"]["handlers"])
    assert {page["facts"]["policy"] for page in example_measured.values()} == {POLICY}
    assert not found(example_measured, lambda p: [a for a in p["facts"]["links"] if re.match(r"[a-z]+:|//|/", a)])


def test_language_headings_and_skip_link(example_measured: Measured) -> None:
    assert {page["facts"]["lang"] for page in example_measured.values()} == {"sv"}
    for name, page in example_measured.items():
        levels = page["facts"]["headings"]
        assert levels.count(1) == 1 and levels[0] == 1, name
        assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels)), name
        assert page["firstStop"] == ["skip", "Hoppa till innehållet"], name
    titles = [page["facts"]["title"] for page in ledger_reports(example_measured).values()]
    assert len(set(titles)) == len(titles) and all(titles)


def test_every_chart_has_words_source_and_data(example_measured: Measured) -> None:
    for name, page in example_measured.items():
        charts = [image for image in page["facts"]["images"] if image["chart"]]
        assert len(charts) == len(page["facts"]["figures"]), name
        for image in charts:
            assert len(image["alt"]) >= 25 and re.search(r"\d", image["alt"]) and image["loaded"], (name, image["alt"])
        assert all(each["title"] and each["source"] and each["table"] for each in page["facts"]["figures"]), name


def test_every_table_has_caption_and_scopes(example_measured: Measured) -> None:
    for name, page in example_measured.items():
        for table in page["facts"]["tables"]:
            assert table["caption"], name
            assert table["heads"] == table["scoped"] > 0, (name, table["caption"])
            assert table["rows"] > 0, (name, table["caption"])
    reports = [page["facts"]["tables"] for page in ledger_reports(example_measured).values()]
    assert all(any(table["rowHeads"] == table["rows"] for table in tables) for tables in reports)


def test_every_number_is_written_for_a_swedish_reader(example_measured: Measured) -> None:
    def badly_written(page: dict[str, Any]) -> list[str]:
        cells = [cell for table in page["facts"]["tables"] for cell in table["numbers"]]
        texts = [text for text in page["facts"]["texts"] if UNFORMATTED.search(CATEGORY_CODE.sub("", text))]
        in_charts = [
            t for chart in page["charts"]["1280"] for t in chart["texts"] if re.search(r"\d[.e]\d|\d{5}|\d%", t)
        ]
        return [cell for cell in cells if not NUMBER.fullmatch(cell)] + texts + in_charts

    assert not found(example_measured, badly_written)
    assert sum(len(table["numbers"]) for page in example_measured.values() for table in page["facts"]["tables"]) > 500


def test_every_status_has_a_word(example_measured: Measured) -> None:
    statuses = [status for page in example_measured.values() for status in page["facts"]["statuses"]]
    assert all(re.search(r"[a-zåäö]{4,}", status) for status in statuses)


@pytest.mark.parametrize("width", ["1280", "320"])
def test_nothing_is_wider_than_the_window_or_clipped(example_measured: Measured, width: str) -> None:
    for spacing in (width, f"{width} spaced"):
        assert not found(example_measured, lambda page, at=spacing: page["sizes"][at]["page"] > int(width))  # type: ignore[misc]
        assert not found(example_measured, lambda page, at=spacing: page["sizes"][at]["clipped"])  # type: ignore[misc]


@pytest.mark.parametrize("width", ["1280", "320"])
def test_charts_can_be_read(example_measured: Measured, width: str) -> None:
    charts = {name: page["charts"][width] for name, page in example_measured.items()}
    assert not {name: c["smallest"] for name, cs in charts.items() for c in cs if c["smallest"] < SMALLEST_CHART_TEXT}
    assert not {name: c["outside"] for name, cs in charts.items() for c in cs if c["outside"]}
    assert not {name: c["covered"] for name, cs in charts.items() for c in cs if c["covered"]}
    assert not {name: c["live"] for name, cs in charts.items() for c in cs if c["live"]}


def test_what_scrolls_sideways_can_be_reached_and_scrolled_by_keyboard(example_measured: Measured) -> None:
    boxes = {name: page["scrolling"] for name, page in example_measured.items()}
    assert sum(map(len, boxes.values())) > 5, "wide tables scroll inside their own box at 320"
    assert not {name: box for name, found in boxes.items() for box in found if len(box["name"]) < 8 or not box["moves"]}


def test_pages_are_small(example_pages: list[Path]) -> None:
    sizes = {path.name: path.stat().st_size for path in example_pages}
    assert not {name: size for name, size in sizes.items() if size > LARGEST_PAGE}


PRINTED = ("spend-overview", "contracts", "articles", "savings", *CASES)
MOST_PAGES = 8
MOST_PAGES_OF_A_DECISION = 4
MOST_PAGES_OF_A_SUMMARY = 2


def test_reports_print_on_eight_pages_at_most_and_a_decision_on_four(
    example_pages: list[Path], print_pages: Any, chromium: str, tmp_path: Path
) -> None:
    assessed = {path.parents[2] for path in example_pages if path.stem == "gap-summary"}
    assessments = [path for reports in assessed for path in reports.glob("*/*/gap-*.html")]
    longest = sorted({*assessments, *(path for path in example_pages if path.stem in PRINTED)})
    assert len(assessments) == 8 and len(longest) == 14
    for path, printed in print_pages(longest).items():
        pages = page_numbers(printed)
        assert b"/StructTreeRoot" in printed and b"/Lang (sv)" in printed, path.name
        if path.stem == "gap-summary":
            assert len(pages) <= MOST_PAGES_OF_A_SUMMARY, (path.parent, len(pages))
        else:
            assert 2 <= len(pages) <= MOST_PAGES, (path.stem, len(pages))
        if path.stem in CASES:
            appendix = first_page(printed, "Bilaga")
            assert 1 < appendix <= MOST_PAGES_OF_A_DECISION, (path.stem, appendix)
            assert len(pages) == printed_by_command(path, chromium, tmp_path), "printed as the command prints it"


def printed_by_command(page: Path, chromium: str, tmp_path: Path) -> int:
    """Print a page as a run does and return how many pages there are on paper."""
    place = Place(tmp_path, page.parent.parent.name, page.parent.name, page.stem)
    place.folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(page, place.folder)
    print_pdf(place, chromium, tmp_path)
    return len(page_numbers(place.file(".pdf").read_bytes()))


def page_numbers(printed: bytes) -> dict[int, int]:
    """Return the number of each page of a PDF by the number of its object, which stand in the order of the pages."""
    objects = re.findall(rb"\n(\d+) 0 obj\s*<<\s*/Type\s*/Page\b", printed)
    return {int(each): number for number, each in enumerate(objects, start=1)}


def first_page(printed: bytes, words: str) -> int:
    """Return the page that the first heading with the words points to in the outline of a PDF."""
    written = words.encode("utf-16-be").hex().upper().encode()
    for title, rest in re.findall(rb"/Title (\(.*?\)|<[0-9A-F]*>)(.*?)endobj", printed, flags=re.DOTALL):
        if title.startswith((b"(" + words.encode(), b"<FEFF" + written)):
            target = re.search(rb"/Dest \[(\d+) 0 R", rest)
            assert target, rest
            return page_numbers(printed)[int(target[1])]
    raise AssertionError(f"no heading with {words}")


FAULTY = """<!DOCTYPE html><html lang="en"><head><title>x</title><style>.wide{{display:none}}summary{{font-size:8px}}
@media (min-width:60rem){{.wide{{display:block;color:#ddd}}}}</style></head><body onload="window.a=1">
<main><h1>A</h1><h3>B</h3><script>window.b=1</script>
<img class="pa-chart" style="width:288px" alt="bild" src="data:image/svg+xml;base64,{chart}">
<table><tr><td class="pa-number">12345.6</td></tr></table><p>Andelen är 5% av 1e7.</p>
<div style="width:50px;overflow:hidden;white-space:nowrap">avklippt text som är lång</div>
<div style="width:900px;background:#eee;color:#ddd">bred</div><img src="https://example.invalid/x.png">
<p class="wide">bara på bred skärm</p><details><summary>a</summary><p>Ett</p><p>två</p></details>
<details><summary>b</summary></details><p>på vit grund</p>
<div style="background:#1a1a1a;height:3em"></div><p style="margin-top:-2.5em">på svart grund</p>
</main></body></html>"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A page with a fault of every kind."""
    chart = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 252 100"><text x="0" y="50" font-size="6">liten</text>'
        '<text x="2" y="50" font-size="6">ovanpå</text><text x="240" y="90" font-size="12">utanför</text></svg>'
    )
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY.format(chart=base64.b64encode(chart.encode()).decode()), encoding="utf-8")
    return page


def test_the_measuring_finds_planted_faults(measure: Any, faulty: Path) -> None:
    measured = measure([("faulty", faulty, "report")])["faulty"]
    folded, unfolded = (
        [" ".join(measured["axe"][f"{at}{end}"]) for at in ("1280", "320")] for end in ("", " unfolded")
    )
    assert ["target-size" in found for found in (*folded, *unfolded)] == [True, True, False, False]
    assert ["bara på bred skärm" in found for found in unfolded] == [True, False], "seen at the width that shows it"
    assert "color-contrast" in unfolded[1] and "bred</div>" in unfolded[1]
    assert all("på svart grund" in found and "på vit grund" not in found for found in unfolded), "of one look"
    facts, phone = measured["facts"], measured["sizes"]["320"]
    assert (facts["scripts"], facts["handlers"], facts["lang"], facts["headings"]) == (1, ["onload"], "en", [1, 3])
    assert [table["caption"] for table in facts["tables"]] == [""]
    assert not NUMBER.fullmatch(facts["tables"][0]["numbers"][0])
    assert [text for text in facts["texts"] if UNFORMATTED.search(text)] == ["Andelen är 5% av 1e7."]
    assert any("example.invalid" in address for address in measured["requests"])
    assert phone["page"] > 320 and any("avklippt" in text for text in phone["clipped"])
    (drawn,) = measured["charts"]["320"]
    assert drawn["smallest"] < SMALLEST_CHART_TEXT and drawn["outside"] == ["utanför"] and len(drawn["covered"]) == 1
    assert measured["firstStop"][0] != "skip"
