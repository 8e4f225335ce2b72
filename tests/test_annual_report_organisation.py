"""The annual report of an organisation with a ledger: planted truths, the other reports, and what it cannot show."""

from __future__ import annotations

import ast
import html
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import procanalysis as proc
from procanalysis.annual_report import OrganisationYear, open_organisation_year, reckoned_figures
from procanalysis.annual_report.reckoned import MEASURES
from procanalysis.errors import ReportError
from procanalysis.report import annual as parts
from procanalysis.schema import (
    INDICATOR_MEASURES,
    PRINTED_UNITS,
    SHARES_OF_MONEY,
    KeyFigure,
    Source,
    names,
)
from procanalysis.schema import INDICATOR_VALUES as VALUES

YEAR = 2025
SOURCE = Source(text="Reskontra", organisation="Region Exempel")
CHAPTERS = [
    "Sammanfattande analys", "Uppföljning av mål", "Indikatorer", "Inköp i korthet", "Trohet", "Besparingar",
    "Avtal och uppföljning", "Upphandlingar och konkurrens", "Resultaträkning", "Väsentliga avvikelser",
    "Budget framåt", "Antal anställda", "Investeringar", "Internkontroll och risker", "Särskilda uppdrag",
    "Framåtblick", "Vad rapporten inte kan visa", "Så har vi räknat",
]  # fmt: skip
ALWAYS = ["Sammanfattande analys", "Inköp i korthet", "Vad rapporten inte kan visa", "Så har vi räknat"]


@pytest.fixture(scope="module")
def annual_page(annual: Any) -> Path:
    """The annual report of the fictional region. Read only."""
    return Path(annual.reports) / f"exempel/{YEAR}/annual-report.html"


@pytest.fixture(scope="module")
def figures(annual_page: Path) -> dict[str, dict[str, Any]]:
    return figures_of(annual_page.with_suffix(".json"))


@pytest.fixture(scope="module")
def opened(example_project: Any, session_environment: None) -> OrganisationYear:
    return open_organisation_year("exempel", str(YEAR))


def figures_of(path: Path) -> dict[str, dict[str, Any]]:
    return {figure["id"]: figure for figure in json.loads(path.read_text("utf-8"))["figures"]}


def shown(path: Path) -> str:
    """Return what the page says, without its code, as a reader sees it."""
    page = path.read_text("utf-8")
    page = re.sub(r"<(style|template)\b.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"<pre\b.*?</pre>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def chapters(path: Path) -> list[str]:
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", path.read_text("utf-8"), flags=re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", heading)).strip() for heading in found]


def kronor_text(amount_ore: int) -> str:
    return f"{Decimal(amount_ore).scaleb(-2):.2f}"


# The published report


@pytest.mark.slow
def test_the_planted_loyalty_saving_and_tenders_are_its_figures(
    example_project: Any, figures: dict[str, dict[str, Any]]
) -> None:
    ladder = example_project.truths["contracts"]["loyalty"]["ladder"]
    loyal = figures["supplier_loyalty"]
    assert loyal["numerator"] == kronor_text(ladder["rungs"]["2"]["proven_ore"])
    assert loyal["denominator"] == kronor_text(ladder["denominator_ore"])
    savings = example_project.truths["savings"]
    assert figures["enabled_saving"]["value"] == kronor_text(savings["per_year"][str(YEAR)]["saving_ore"])
    realised = sum(one["realised_ore"] for one in savings["realised"]["by_procurement"])
    assert figures["realised_saving"]["value"] == kronor_text(realised)
    tenders = example_project.truths["tenders"]["years"][str(YEAR)]["own"]["exempel"]
    assert figures["procurements_announced"]["value"] == tenders["procurements"]
    few = tenders["bids_per_procurement"]["one_or_two_bids"]
    told = figures["one_or_two_bids_share_per_procurement"]
    assert (Decimal(told["numerator"]), Decimal(told["denominator"])) == (few["numerator"], few["denominator"])
    assert figures["median_bids_per_procurement"]["value"] == int(tenders["bids_per_procurement"]["median"])
    assert figures["contract_value"]["value"] == kronor_text(tenders["values"]["sum_ore"])


@pytest.mark.slow
def test_its_figures_are_those_of_the_other_reports_of_the_year(
    published: Any, figures: dict[str, dict[str, Any]]
) -> None:
    compared = set()
    for report in ("spend-overview", "contracts", "savings", "supplier-follow-up", "procurement-plan"):
        others = figures_of(published.reports / f"exempel/{YEAR}/{report}.json")
        for name in figures.keys() & others.keys():
            assert figures[name] == others[name], f"{name} in {report}"
            compared.add(name)
    assert {"total_spend", "supplier_loyalty", "enabled_saving", "realised_saving", "follow_ups_done"} <= compared
    assert {"contract_register_quality", "finished_as_planned", "planned_share", "coordinated_share"} <= compared


@pytest.mark.slow
def test_every_chapter_is_there_and_it_is_said_to_be_fictional(annual_page: Path) -> None:
    said = shown(annual_page)
    assert chapters(annual_page) == CHAPTERS
    assert "Fiktiva uppgifter: organisationen och alla siffror är påhittade." in said
    assert "Alla kapitel har uppgifter att visa." in said
    assert json.loads(annual_page.with_suffix(".json").read_text("utf-8"))["fictional"] is True
    assert annual_page.stat().st_size < 500_000


@pytest.mark.slow
def test_an_unexplained_deviation_is_asked_for_and_the_unexplained_difference_shown(annual_page: Path) -> None:
    said = shown(annual_page)
    deviations = said.split("Avvikelser med och utan förklaring", 1)[1].split("Budget framåt", 1)[0]
    for comparison in ("Utfall mot budget", "Utfall mot föregående år"):
        assert re.search(rf"{comparison}.*?Övriga kostnader [^A-Za-z]* Förklaring saknas", deviations)
    assert re.search(r"IT och systemstöd [^A-Za-z]* Det nya systemet för avtal och uppföljning", deviations)
    assert re.search(r"Oförklarad skillnad 12 ", said)


@pytest.mark.slow
def test_the_summary_is_running_text_with_the_figures_of_the_year(annual_page: Path, opened: OrganisationYear) -> None:
    said = shown(annual_page)
    total = proc.spend.total_spend(opened.organisation.lines)
    assert f"Region Exempel betalade {proc.words('{n}', n=total)} till leverantörer under {YEAR}.".replace(
        "\u00a0", " "
    ) in said.replace("\u00a0", " ")
    for sentence in (
        "Störst bland inköpen var",
        "Av köpen som LOU omfattar gick",
        "är möjliggjort 2025",
        "Av 15 mätetal",
    ):
        assert sentence in said


# What an organisation without anything but a ledger gets


@pytest.fixture(scope="module")
def ledger_only(example_project: Any, once: Callable[..., Path]) -> Path:
    """The report of an organisation that has a ledger of one year and nothing else."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("prepared"))
        shutil.rmtree(root / "params/annual_reports")
        (root / "params/indicators/exempel.yml").unlink()
        own = root / "params/organisations/exempel.yml"
        content = yaml.safe_load(own.read_text("utf-8"))
        content["ledger"]["files"] = ["../../data/example/leverantorsreskontra-2025.csv"]
        articles = ("orders", "invoices", "price_lists", "price_indexes", "article_tags", "emission_factors")
        for name in ("contracts", "follow_ups", "procurements", "savings", "tenders", *articles):
            content.pop(name)
        content["fictional"] = False
        own.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        done = replace(example_project, root=root).command("run", "exempel", "--report", "annual-report")
        assert done.returncode == 0, done.stdout + done.stderr

    return once("annual-ledger-only", fill) / f"reports/exempel/{YEAR}/annual-report.html"


@pytest.mark.slow
def test_what_is_missing_is_listed_once_and_never_shown_as_zero(ledger_only: Path) -> None:
    said = shown(ledger_only)
    assert chapters(ledger_only) == ALWAYS
    assert set(figures_of(ledger_only.with_suffix(".json"))) == {"total_spend"}
    assert not re.search(r"(?<![\d,])0(,0)?\s?%", said)
    for reason in (
        "Trohet: Organisationen har inget avtalsregister i underlaget.",
        "Besparingar: Organisationen har inget besparingsregister i underlaget.",
        "Egna upphandlingar: Organisationen har ingen förteckning över upphandlingar i underlaget.",
        "Resultaträkning: Ingen resultaträkning för 2025 är inlämnad.",
        "Uppföljning av mål: Det finns ingen indikatorfil",
        "Framåtblick: Ingen framåtblick är skriven.",
    ):
        assert said.count(reason) == 1, reason
    assert "Skrivna texter för 2025 saknas." in said and "Underlaget börjar 2025-01" in said


@pytest.mark.real_data
@pytest.mark.slow
def test_a_real_ledger_of_a_month_gets_what_it_can_bear(
    example_project: Any, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, project = Path(__file__).parents[1], example_project.at(tmp_path)
    organisation = {"PROCANALYSIS_PARAMS": str(root / "tests/cases/ledgers/orebro")}
    for name, value in project.environment(**organisation).items():
        if name.startswith("PROCANALYSIS_"):
            monkeypatch.setenv(name, value)
    (tmp_path / "docs").symlink_to(root / "docs")
    (tmp_path / "params").mkdir()
    opened = open_organisation_year("orebro")
    assert opened.caution.startswith(
        "En verksamhetsberättelse avser ett helt kalenderår, men underlaget avser mars 2016"
    )
    assert opened.annual.statement.empty and opened.indicators.empty and opened.reckoned == ()
    assert opened.annual.tenders.missing_because
    done = project.notebook("annual_report.ipynb", tmp_path, {"organisation": "orebro"}, **organisation)
    texts = [output["data"]["text/plain"] for cell in done.cells for output in cell.get("outputs", [])]
    assert any("450 mnkr" in text.replace("\u00a0", " ") for text in texts)
    assert not any("0,0 %" in text.replace("\u00a0", " ") for text in texts)


# What it is made from


def test_only_a_calendar_year_has_targets_and_indicators(session_environment: None, opened: OrganisationYear) -> None:
    assert opened.caution == "" and len(opened.indicators) == 15
    month = open_organisation_year("exempel", "2025-03")
    assert month.organisation.year is None and "mars 2025" in month.caution
    assert month.indicators.empty and month.reckoned == ()
    whole = open_organisation_year("exempel", "2025-01--2025-12")
    assert whole.organisation.year == YEAR and whole.caution == ""


def test_every_measure_of_an_indicator_can_be_reckoned(opened: OrganisationYear) -> None:
    assert set(INDICATOR_MEASURES) - set(MEASURES) == {"plan_done_share"}, "that needs an assessment"
    reckoned = reckoned_figures(opened.organisation, [*MEASURES, *MEASURES, "plan_done_share"])
    assert [figure.id for figure in reckoned] == list(MEASURES)
    for figure in reckoned:
        unit = INDICATOR_MEASURES[figure.id]
        assert unit == "sek" if figure.unit == "SEK" else unit in PRINTED_UNITS[figure.unit], figure.id
        if figure.unit == "%" and figure.denominator is not None:
            assert (figure.part_unit == "SEK") == (figure.id in SHARES_OF_MONEY), figure.id


def test_the_computed_indicators_are_those_of_the_catalogue(opened: OrganisationYear) -> None:
    computed = opened.indicators[opened.indicators["source_kind"] == "computed"]
    assert [figure.id for figure in opened.reckoned] == list(dict.fromkeys(computed["measure"]))
    values = proc.indicators.with_computed(
        opened.values, proc.indicators.computed_values(opened.indicators, opened.reckoned, year=YEAR)
    )
    assert list(values.columns) == names(VALUES)
    known = values[(values["year"] == YEAR) & values["indicator_id"].isin(list(computed["indicator_id"]))]
    assert len(known) == len(computed) and known["value"].notna().all()
    loyal = known[known["indicator_id"] == "EX-01"].iloc[0]
    target = opened.targets[(opened.targets["indicator_id"] == "EX-01") & (opened.targets["year"] == YEAR)].iloc[0]
    assert loyal["value"] == proc.loyalty.supplier_loyalty(opened.organisation.lines).value
    # One report must not hold the same figure against two targets.
    assert target["value"] == opened.organisation.params.reports.loyalty.target_pct
    saving = opened.targets[(opened.targets["indicator_id"] == "EX-07") & (opened.targets["year"] == YEAR)].iloc[0]
    assert saving["value"] * 100_000_000 == opened.organisation.params.reports.savings.targets_ore[YEAR]


def test_the_source_names_what_the_report_rests_on(opened: OrganisationYear) -> None:
    assert opened.source.fictional
    assert opened.source.text == (
        "Leverantörsreskontra, register, rapporterade uppgifter och upphandlingsstatistik för Region Exempel, 2025. "
        "Belopp exklusive moms."
    )


def chapter_cells(notebook: str, heading: str) -> list[str]:
    """Return the code of a notebook's chapter, a cell each."""
    cells = json.loads((Path(__file__).parents[1] / "notebooks" / notebook).read_text("utf-8"))["cells"]
    sources = [("".join(cell["source"]), cell["cell_type"]) for cell in cells]
    begins = sources.index((f"## {heading}", "markdown")) + 1
    ends = next(at for at in range(begins, len(sources)) if sources[at][1] == "markdown")
    return [code for code, _ in sources[begins:ends]]


@pytest.mark.parametrize("because", ["", "Ingen källa täcker 2025."])
def test_the_boards_chapter_on_tenders_holds_for_a_source_that_compares_nobody(
    opened: OrganisationYear, because: str
) -> None:
    tenders = replace(opened.annual.tenders, groups={}, missing_because=because, missing_tables=("Inga värden.",))
    names: dict[str, Any] = {
        "proc": proc, "tenders": tenders, "board": opened.annual.board, "texts": opened.annual.texts, "year": YEAR,
        "source": SOURCE,
    }  # fmt: skip
    said = []
    for code in chapter_cells("annual_report_board.ipynb", "Upphandlingar och konkurrens"):
        *before, last = ast.parse(code).body
        exec(compile(ast.Module(before, []), "cell", "exec"), names)
        assert isinstance(last, ast.Expr)
        said.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names).text)
    summary, gaps, measured, *mixes, left_out, controls, _ = said
    if because:
        assert (summary, gaps, measured, left_out, controls) == (because, "", "", "", "") and not any(mixes)
        return
    assert len(mixes) == 4 and all(str(len(tenders.own.procurements)) in mix for mix in mixes[:3]) and left_out
    assert f"under {YEAR}" in summary and "- Inga värden." in gaps and "Annonserade upphandlingar" in measured
    rows = tenders.controls
    assert (rows["rows_read_count"] == rows["rows_accepted_count"] + rows["rows_rejected_count"]).all() and len(rows)
    shown_rows = [line.split(" | ") for line in controls.replace("\u00a0", "").splitlines() if " | " in line][1:]
    assert [[cell.replace(" ", "") for cell in row[1:4]] for row in shown_rows] == [
        [str(count) for count in row]
        for row in rows[["rows_read_count", "rows_accepted_count", "rows_rejected_count"]].itertuples(index=False)
    ]


# Its own parts

UNKNOWN = KeyFigure(id="u", label="Okänt", value=None, unit="%", method="u", unknown_because="Inget register")
KNOWN = KeyFigure(id="k", label="Känt", value=Decimal(5), unit="%", method="k")


def test_a_chapter_without_a_known_figure_says_why_in_one_line() -> None:
    quiet = parts.figure_cards([UNKNOWN, replace(UNKNOWN, id="v")], source=SOURCE)
    assert (quiet.text, quiet.data["type"]) == ("Inget register.", "absent")
    assert parts.figure_cards([], source=SOURCE, otherwise="Ingen källa.").text == "Ingen källa."
    both = parts.figure_cards([UNKNOWN, KNOWN], source=SOURCE)
    assert both.data["type"] == "key_figures" and len(both.data["figures"]) == 2
    assert parts.each_once([UNKNOWN], [KNOWN, UNKNOWN], [KNOWN]) == [KNOWN, UNKNOWN]


@pytest.mark.parametrize("part", ["value", "numerator", "denominator"])
def test_two_chapters_that_reckon_a_figure_differently_are_refused(part: str) -> None:
    share = KeyFigure(
        id="share", label="Andel", value=Decimal(50), unit="percent", method="m", numerator=Decimal(1),
        denominator=Decimal(2),
    )  # fmt: skip
    other = replace(share, **{part: Decimal(3)})  # type: ignore[arg-type]
    assert parts.each_once([share], [replace(share, comparison="mer än före")]) == [share]
    with pytest.raises(ReportError, match=f"'share' has the {part} .* in one chapter and 3 in another"):
        parts.each_once([share], [other])


def test_text_leaves_out_what_is_not_known() -> None:
    nothing = {"main_category_name": None, "amount_ore": None, "share_pct": None}
    asked: dict[str, Any] = {"name": "Region <b>X</b>", "period": "2025", "since": "2024", "source": SOURCE}
    said = parts.purchase_text(
        **asked, total=UNKNOWN, largest=nothing, change=None, loyal=UNKNOWN, loyal_before=None
    )  # fmt: skip
    assert said == ""
    total = replace(KNOWN, unit="SEK", value=Decimal(2_000_000), comparison="Underlaget börjar 2025.")
    loyal = replace(KNOWN, value=Decimal(80), status="unknown", comparison="mellan 80 % och 90 %; mål 85 %")
    said = parts.purchase_text(**asked, total=total, largest=nothing, change=None, loyal=loyal, loyal_before=KNOWN)
    assert said.replace("\u00a0", " ") == (
        "Region <b>X</b> betalade 2,0 mnkr till leverantörer under 2025. Av köpen som LOU omfattar gick 80,0 % belagt "
        "till leverantörer vars avtal gällde på inköpsdagen, mot 5,0 % 2024. Om målet är nått går inte att avgöra "
        "(mellan 80 % och 90 %; mål 85 %)."
    )
    assert "<b>" not in parts.prose(said, source=SOURCE).html


def test_what_rose_and_fell_most_is_named() -> None:
    change = pd.DataFrame(
        {"main_category_name": ["IT", "Bygg", "Vård"], "change_ore": [-900_000_00, 500_000_00, 100_000_00]}
    )
    total = replace(KNOWN, unit="SEK", value=Decimal(1_000_000), comparison="5,0 % lägre än 2024")
    said = parts.purchase_text(
        name="X", period="2025", since="2024", total=total, change=change, loyal=UNKNOWN, loyal_before=None,
        source=SOURCE, largest={"main_category_name": "IT", "amount_ore": 400_000_00, "share_pct": 40.0},
    ).replace("\u00a0", " ")  # fmt: skip
    assert said == (
        "X betalade 1,0 mnkr till leverantörer under 2025. Det är 5,0 % lägre än 2024. Störst bland inköpen var IT: "
        "400 tkr, 40,0 % av inköpen. Mest ökade Bygg, 500 tkr mer än 2024. Mest minskade IT, 900 tkr mindre än 2024."
    )


def test_the_largest_categories_stand_beside_the_year_before_where_that_is_known() -> None:
    bought = pd.DataFrame(
        {"main_category_code": ["1", None], "main_category_name": ["<script>IT", "Okänd"], "amount_ore": [300, 100],
         "share_pct": [75.0, 25.0]}
    )  # fmt: skip
    change = bought.assign(before_ore=[200, 0], change_ore=[100, 100], change_pct=[50.0, None])
    both = parts.category_table(bought, change, since="2024", otherwise="", source=SOURCE)
    assert len(both.data["rows"]) == 2 and "2024" in both.text and "<script>" not in both.html
    alone = parts.category_table(bought, None, since="2024", otherwise="Underlaget börjar 2025.", source=SOURCE)
    assert "Förändring" not in alone.text and "Underlaget börjar 2025." in alone.html
