"""Organisations at the edges: each gives a report that looks right and says what it does not know."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from procanalysis.errors import ProcanalysisError
from procanalysis.params import load_params
from procanalysis.report import report_header
from procanalysis.schema import Source

pytestmark = pytest.mark.slow

SLUGS = (
    "en-rad", "en-besparing", "bara-kredit", "tom-kategori", "fjorton-kategorier", "langa-namn", "en-leverantor",
    "en-enhet", "utan-datum", "utan-enheter", "fientlig",
)  # fmt: skip


def text_of(edges: Path, slug: str, report: str) -> str:
    """Return the words of a page without its code."""
    html = (edges / "reports" / slug / "2025" / f"{report}.html").read_text("utf-8")
    html = html.split('<details class="code">')[0].split("</style>")[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("slug", SLUGS)
def test_every_organisation_gets_its_reports(edges: Path, ledgers: Any, slug: str) -> None:
    folder = edges / "reports" / slug / "2025"
    assert not list(folder.glob("*.failed.json")), (edges / "said.txt").read_text("utf-8")[:2000]
    assert len(list(folder.glob("*.html"))) == len(ledgers.EDGES[slug].kinds)
    assert set(SLUGS) == set(ledgers.EDGES)
    for page in folder.glob("*.html"):
        text = text_of(edges, slug, page.stem)
        assert not re.search(r"\bNaN\b|\bNone\b|\binf\b|<NA>", text), page.name
        assert "uppgift saknas bokförs" not in text and "uppgift saknas köper" not in text
        assert page.stat().st_size < 500_000


def test_one_row_is_one_of_everything(edges: Path) -> None:
    text = text_of(edges, "en-rad", "category-analysis-01.01")
    assert "1 250" in text or "1 251" in text
    assert "Nordbygg Entreprenad AB säljer mest: 100,0 % av kategorin" in text


def test_without_registers_every_contract_report_says_so_and_shows_no_share(edges: Path) -> None:
    folder = edges / "reports/en-rad/2025"
    missing = {
        "contracts": "inget avtalsregister", "supplier-follow-up": "inget uppföljningsregister",
        "procurement-plan": "ingen förteckning över upphandlingar",
    }  # fmt: skip
    for report, words in missing.items():
        text = text_of(edges, "en-rad", report)
        assert f"Organisationen har {words} i underlaget" in text
        assert re.search("Underlaget saknar [a-z ö]+ ?\\. Lägg till de[tm] i organisationsfilen", text)
        assert not re.search(r"(?<![\d,])0(,0)? %", text.split("Så har vi räknat Underlag")[-1]), report
        figures = {each["id"]: each for each in json.loads((folder / f"{report}.json").read_text("utf-8"))["figures"]}
        known = {name for name, each in figures.items() if each["value"] is not None}
        assert known == ({"effective_suppliers"} if report == "supplier-follow-up" else set()), report
        assert all(each["unknown_because"] for name, each in figures.items() if name not in known)
    assert "Månader där någon har för mycket" not in text_of(edges, "en-rad", "procurement-plan")
    assert "Organisationen har inga register vid sidan av reskontran" in text_of(edges, "en-rad", "data-quality")
    assert "Avvisade rader i registren" not in text_of(edges, "en-rad", "data-quality")


def test_without_a_savings_register_nothing_is_saved_and_the_report_says_so(edges: Path) -> None:
    text = text_of(edges, "en-rad", "savings")
    assert "Organisationen har inget besparingsregister i underlaget" in text
    assert "Underlaget saknar effektredovisade upphandlingar, anbud, avtalspriser och köp med pris" in text
    assert "Inget mål är satt för 2026" in text
    assert not re.search(r"(?<![\d,])0(,0)? (%|kr|tkr|mnkr)", text.split("Så har vi räknat Underlag")[-1])
    facts = json.loads((edges / "reports/en-rad/2025/savings.json").read_text("utf-8"))
    assert all(each["value"] is None and each["unknown_because"] for each in facts["figures"])


def test_a_savings_register_of_one_row_is_told_as_it_is(edges: Path) -> None:
    text = text_of(edges, "en-besparing", "savings")
    assert "0 av 1 upphandling går att mäta" in text
    assert "Arbetskläder 2025-01-01 uppgift saknas Tidigare avtal: inget tidigare avtal att jämföra med" in text
    figures = json.loads((edges / "reports/en-besparing/2025/savings.json").read_text("utf-8"))["figures"]
    share = next(each for each in figures if each["id"] == "measurable_procurements_share")
    assert (float(share["numerator"]), float(share["denominator"]), float(share["value"])) == (0, 1, 0)
    assert next(each for each in figures if each["id"] == "enabled_saving")["value"] is None, "unknown, not zero"


def test_credit_notes_alone_make_no_shares(edges: Path) -> None:
    text = text_of(edges, "bara-kredit", "spend-overview")
    assert "−" in text and "Ingen leverantör har nettobelopp över noll" in text


def test_an_empty_category_says_so(edges: Path) -> None:
    text = text_of(edges, "tom-kategori", "category-analysis-14.01")
    assert text.count("Inga uppgifter.") >= 4
    assert "Ingen leverantör har sålt för mer än noll kronor" in text
    assert "Det finns inga konteringar i urvalet" in text


def test_many_categories_are_folded_and_all_listed(edges: Path) -> None:
    text = text_of(edges, "fjorton-kategorier", "spend-overview")
    assert "Övriga (" in text
    assert all(f"Underkategori {number}" in text for number in range(1, 15))


def test_a_ledger_without_dates_is_not_compared(edges: Path) -> None:
    text = text_of(edges, "utan-datum", "spend-overview")
    assert "Underlaget saknar datum" in text
    assert "Inköpen varierar" not in text


def test_a_ledger_without_units_names_none(edges: Path) -> None:
    text = text_of(edges, "utan-enheter", "category-analysis-03.01")
    assert re.search(r"uppgift saknas|[Oo]känd|Enhet saknas|saknar enhet", text.split("Vem köper?")[-1])


def test_house_style_reaches_page_charts_and_index_entry(edges: Path, ledgers: Any) -> None:
    html = (edges / "reports/en-enhet/2025/spend-overview.html").read_text("utf-8")
    assert html.count("--pa-accent:#5B2A86") > 10 and "--pa-accent:#12436D" not in html
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    logo, *charts = (base64.b64decode(picture).decode() for picture in pictures)
    assert logo == ledgers.LOGO and 'alt="Kommunen en-enhet"' in html
    assert sum("#5b2a86" in chart.lower() for chart in charts) == len(charts) >= 5


@pytest.mark.parametrize(
    ("logo", "says"),
    [("finns-inte.svg", "style.logo: there is no file 'finns-inte.svg'"), ("logo.gif", "PNG, JPEG or SVG")],
)
def test_a_logo_that_cannot_be_used_is_told(tmp_path: Path, logo: str, says: str) -> None:
    (tmp_path / "logo.gif").write_bytes(b"GIF89a")
    file = tmp_path / "kommunen.yml"
    text = "name: K\nperiod: '2025'\nledger: {files: [x.csv]}\nmapping: {rules: [x.csv]}\n"
    file.write_text(f"{text}style: {{logo: {logo}}}\n", encoding="utf-8")
    with pytest.raises(ProcanalysisError, match=re.escape(says)):
        source = Source(text="Reskontra", organisation="K", logo_path=str(load_params(file).logo_path()))
        report_header(title="T", lead="L", source=source, period="2025", made_on="2026-11-21", version="1")


@pytest.mark.browser
def test_pages_at_the_edges_keep_the_bars(edges_measured: dict[str, dict[str, Any]], ledgers: Any) -> None:
    wrong: dict[str, Any] = {}
    for name, page in edges_measured.items():
        faults = [item for items in page["axe"].values() for item in items]
        faults += [
            f"{at}: {size['page']} wide" for at, size in page["sizes"].items() if size["page"] > int(at.split()[0])
        ]
        faults += [f"{at}: {text}" for at, size in page["sizes"].items() for text in size["clipped"]]
        for at, charts in page["charts"].items():
            faults += [f"{at}: small text {chart['smallest']}" for chart in charts if chart["smallest"] < 11]
            faults += [f"{at}: outside {chart['outside']}" for chart in charts if chart["outside"]]
            faults += [f"{at}: covered {chart['covered']}" for chart in charts if chart["covered"]]
        faults += [
            image["alt"] for image in page["facts"]["images"] if image["chart"] and not re.search(r"\d", image["alt"])
        ]
        if faults:
            wrong[name] = faults
    assert not wrong
    assert len(edges_measured) == 1 + sum(len(edge.kinds) for edge in ledgers.EDGES.values())
    assert sum(bool(page["axe"]) for page in edges_measured.values()) > 10


@pytest.mark.browser
def test_the_validator_finds_no_error_at_the_edges(edges: Path, ledgers: Any, validate: Any) -> None:
    pages = [page for page in sorted((edges / "reports").glob("*/*/*.html")) if ledgers.changes_markup(page)]
    assert len(pages) > 10 and validate(pages) == []
