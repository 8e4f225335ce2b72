"""The annual report of a board: what is opened, what is refused, and what its reader is told."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from procanalysis.annual_report import AnnualReport, annual_slugs, annual_years, open_annual_report
from procanalysis.errors import InputError, ParamsError
from procanalysis.measures import income_statement, indicators, internal_control, savings
from procanalysis.published import board_slugs
from procanalysis.run.processes import Task, run_tasks

ROOT = Path(__file__).parents[1]
CHAPTERS = [
    "Sammanfattande analys", "Uppföljning av mål", "Indikatorer", "Besparingar", "Trohet mot leverantörer och avtal",
    "Upphandlingar och konkurrens", "Resultaträkning", "Väsentliga avvikelser", "Budget framåt", "Investeringar",
    "Antal anställda", "Internkontroll och risker", "Särskilda uppdrag", "Framåtblick", "Sanningskontroll",
    "Vad rapporten inte kan visa", "Så har vi räknat",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def shipped() -> Iterator[None]:
    """Read the shipped files, and no tender statistics, which are not in git."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(ROOT))
        patch.setenv("PROCANALYSIS_TENDERS", str(ROOT / "data" / "no tenders here"))
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        yield


@pytest.fixture(scope="module")
def insv() -> AnnualReport:
    return open_annual_report("insv", 2025)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own with the shipped files, which a test may change."""
    root = tmp_path / "own"
    for name in ("params", "data/published", "docs/methods"):
        shutil.copytree(ROOT / name, root / name)
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))
    return root


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


# Opening


def test_everything_published_of_the_board_and_year_is_there_and_nothing_of_others(insv: AnnualReport) -> None:
    assert insv.name == "Inköpsnämnden Sörmland Västmanland" and not insv.fictional
    assert len(insv.statement) == 9 and set(insv.statement["year"]) == {2025}
    for frame in (insv.statement, insv.staff, insv.deviations, insv.budgets, insv.checks):
        assert set(frame["organisation"]) <= {"insv"}
    assert set(insv.savings["organisation"]) == {insv.name} and set(insv.savings["year"]) == {2021, 2025, 2026}
    assert set(insv.checks["year"]) == {2025} and insv.deviations.empty
    assert not insv.texts.is_missing and len(insv.controls) == 6
    assert "insv.yml" in insv.source.text and "insv-2025.yml" in insv.source.text
    assert insv.tenders.missing_because and insv.tenders.own.procurements.empty
    listed = {str(each["path"]): str(each["sha256"]) for each in insv.inputs}
    assert {"insv.yml", "insv-2025.yml", "income_statements.csv", "savings.csv", "uhm-2021.yml"} <= set(listed)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in listed.values())


def test_the_inputs_change_with_every_file_they_are_made_from(project: Path) -> None:
    before = {str(each["path"]): each["sha256"] for each in open_annual_report("insv", 2025).inputs}
    change(project / "params/annual_reports/insv-2025.yml", "# Texts", "# The texts")
    change(project / "data/published/staff.csv", "hög omsättning", "hög rörlighet")
    after = {str(each["path"]): each["sha256"] for each in open_annual_report("insv", 2025).inputs}
    assert {name for name in before if before[name] != after[name]} == {"insv-2025.yml", "staff.csv"}


def test_printed_savings_of_a_name_that_no_indicator_file_has_are_refused(project: Path) -> None:
    change(project / "params/indicators/insv.yml", "name: Inköpsnämnden Sörmland Västmanland", "name: Inköpsnämnden")
    with pytest.raises(InputError, match=r"savings\.csv, row 2, column 'organisation': 'Inköpsnämnden Sörm"):
        open_annual_report("insv", 2025)


def test_a_year_without_texts_opens_and_says_so() -> None:
    found = open_annual_report("uhc", 2021)
    assert found.texts.is_missing and found.statement.empty and found.controls.empty and found.savings.empty
    assert "Texter" not in found.source.text
    assert found.budget_years == (2022, 2023) and open_annual_report("uhc", 2024).budget_years == (2025, 2026)


def test_the_years_of_reports_are_those_with_something_to_tell(project: Path) -> None:
    # UHC has one outcome of 2025, and RJH one outcome in all.
    assert {slug: annual_years(slug) for slug in board_slugs()} == {
        "husr": (), "insv": (2021, 2025), "rjh": (), "uhc": (2021, 2022, 2023, 2024)
    }  # fmt: skip
    text = (project / "params/annual_reports/uhc-2024.yml").read_text("utf-8")
    own = project / "params/annual_reports/uhc-2025.yml"
    own.write_text(text.replace("year: 2024", "year: 2025"), "utf-8")
    assert annual_years("uhc") == (2021, 2022, 2023, 2024, 2025), "reviewed texts are something to tell"


def test_an_organisation_without_an_indicator_file_has_a_report_of_its_texts_alone(project: Path) -> None:
    (project / "params/indicators/exempel.yml").unlink()
    shutil.rmtree(project / "params/annual_reports")
    found = open_annual_report("exempel", 2025)
    assert found.board is None and found.fictional and found.checks.empty and found.statement.empty
    assert "exempel" in annual_slugs() and found.source.text == "Inga publicerade uppgifter om 2025."
    assert [each["path"] for each in found.inputs] == ["exempel.yml"] * 2, "its own file and its tender source"


def test_what_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ParamsError, match=r"no board or organisation 'insw'\. Did you mean 'insv'\?"):
        open_annual_report("insw", 2025)
    with pytest.raises(ParamsError, match=r"insv: there are no outcomes for 2022.*2021, 2023, 2024, 2025"):
        open_annual_report("insv", 2022)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("INSV25-03: >-", "INSV25-033: >-", r"line \d+: 'indicators\.INSV25-033'.*Did you mean 'INSV25-03'"),
        ('"2.1":', '"3.1":', r"line \d+: 'goals\.3\.1'.*Did you mean '2\.1'"),
        ("Övriga intäkter:", "Övrig intäkt:", r"line \d+: 'explanations\.budget\.Övrig intäkt'.*'Övriga intäkter'"),
        ("result: Stor avvikelse", "result: Större avvikelse", r"'risks\.2\.result'.*no step of the scale"),
        ("result: Stor avvikelse", "result: Ingen avvikelse", r"risk 3: 'Stor avvikelse'.*goal_statuses\.csv"),
    ],
)
def test_a_text_about_something_that_is_not_published_is_refused(project: Path, old: str, new: str, told: str) -> None:
    change(project / "params/annual_reports/insv-2025.yml", old, new)
    with pytest.raises(ParamsError, match=rf"(?s)insv-2025\.yml: .*{told}"):
        open_annual_report("insv", 2025)


def test_a_risk_with_a_printed_result_and_no_text_is_still_shown(project: Path) -> None:
    (project / "params/annual_reports/insv-2025.yml").unlink()
    found = open_annual_report("insv", 2025)
    assert list(found.controls["number"]) == [1, 2, 3, 4, 5, 6]
    assert list(found.controls["result"]).count("Stor avvikelse") == 2 and found.controls["analysis"].isna().all()


# The vectors of the issue


def test_the_verdicts_stand_against_the_target_of_the_right_year(insv: AnnualReport) -> None:
    board = insv.board
    assert board is not None
    found = indicators.indicators_of_year(board.indicators, board.values, board.targets, board.breaks, year=2025)
    rows = found.rows.set_index("indicator_id")
    wanted = {
        "INSV25-03": ("not_met", "minst 30 %", "23,5 % (40 av 170)"),
        "INSV25-04": ("not_met", "minst 70 mnkr", "64,4 mnkr"),
        "INSV25-07": ("not_met", "minst 91 %", "90 %"),
        "INSV25-08": ("met", "minst 80 %", "82 %"),
    }
    for identity, expected in wanted.items():
        assert tuple(map(plain, rows.loc[identity, ["status", "target_text", "outcome_text"]])) == expected
    saving = savings.printed_saving(insv.savings, year=2025)
    assert (saving.total_ore, saving.target_ore, saving.gap_ore) == (64_400_000_00, 70_000_000_00, 5_600_000_00)
    assert (saving.new_ore, saving.running_ore, saving.next_target_ore) == (9_000_000_00, 55_400_000_00, 57_000_000_00)
    assert plain(saving.figure.comparison) == "5,6 mnkr under målet 70,0 mnkr"
    earlier = savings.printed_saving(insv.savings, year=2021)
    assert plain(earlier.figure.comparison) == "23,3 mnkr över målet 75,0 mnkr"
    assert earlier.next_target_ore is None, "the next printed target is four years later"


def test_the_income_statement_is_the_printed_one_with_the_six_thousand_that_nothing_explains(
    insv: AnnualReport,
) -> None:
    with (ROOT / "data/published/income_statements.csv").open(encoding="utf-8", newline="") as file:
        printed = [row for row in csv.DictReader(file) if (row["organisation"], row["year"]) == ("insv", "2025")]
    rows = income_statement.income_rows(insv.statement)
    for shown, written in zip(rows.to_dict("records"), printed, strict=True):
        assert shown["row"] == written["row"]
        for name in ("outcome", "budget_to_date", "difference_to_date", "outcome_previous_year"):
            assert shown[f"{name}_ore"] == int(written[f"{name}_tkr"]) * 100_000
        reckoned = int(written["outcome_tkr"]) - int(written["budget_to_date_tkr"])
        assert shown["outcome_minus_budget_ore"] == reckoned * 100_000
    assert income_statement.unexplained_difference(rows).value == Decimal(6)


def test_the_worst_risks_come_first(insv: AnnualReport) -> None:
    assert insv.board is not None
    controls = internal_control.controls_by_result(insv.controls, insv.board.scales)
    assert list(controls["number"]) == [3, 5, 1, 2, 4, 6]
    assert list(controls.loc[controls["lacks_action"] == 1, "number"]) == [1]


def test_the_report_of_2021_has_its_printed_deviations_and_knows_nothing_of_later_years() -> None:
    found = open_annual_report("insv", 2021)
    rows = income_statement.cost_deviation_rows(found.deviations, found.texts.explanations.by_comparison)
    totals = rows[rows["kind"] == "total"].set_index("comparison")
    assert list(totals["amount_ore"]) == [-869 * 100_000, 7332 * 100_000]
    assert list(totals["verdict"]) == ["rounding", "agrees"]
    told = {(row["comparison"], row["row"]): row["explanation_verdict"] for row in rows.to_dict("records")}
    assert [key for key, verdict in told.items() if verdict == "missing"] == [("previous_year", "Personalkostnader")]
    assert told["previous_year", "Kostnader totalt"] == "explained", "the print explains the whole increase"
    assert found.statement.empty and set(found.checks["year"]) == {2021} and found.board is not None
    assert found.board.goals.empty, "goals of 2025 are not those of 2021"


# The notebook, as a run makes it


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, shipped: None) -> dict[str, str]:
    """The page of each report, in words, with its headings; made in processes of their own, as a run does."""
    folder = tmp_path_factory.mktemp("annual")
    tasks = [Task(f"{slug}-{year}", made_page, (slug, year, folder)) for slug, year in (("insv", 2025), ("uhc", 2021))]
    outcomes = list(run_tasks(tasks, jobs=2, seconds=300))
    assert not any(outcome.failure for outcome in outcomes), outcomes
    return {outcome.task.name: outcome.value for outcome in outcomes}


def made_page(slug: str, year: int, folder: Path) -> str:
    from papermill.execute import execute_notebook

    from procanalysis.report.notebook_html import export_html
    from procanalysis.run import engine

    engine.register()
    done: Any = execute_notebook(
        str(ROOT / "notebooks/annual_report_board.ipynb"), str(folder / f"{slug}-{year}.ipynb"),
        parameters={"board_slug": slug, "year": year}, engine_name=engine.ENGINE, kernel_name="python3",
        cwd=str(ROOT / "notebooks"), progress_bar=False,
    )  # fmt: skip
    nbformat.validate(done)
    return export_html(done, report_name="Verksamhetsberättelse")


def chapters(page: str) -> list[str]:
    return re.findall(r"<h2 [^>]*>(.*?)</h2>", page)


def told(page: str) -> str:
    shown = re.sub(r"<style>.*?</style>|<details class=\"code\">.*|</?bdi>", "", page, flags=re.DOTALL)
    return plain(" ".join(re.sub(r"<[^>]+>", " ", shown).split()))


@pytest.mark.slow
def test_the_report_of_2025_has_the_boards_chapters_and_their_figures(pages: dict[str, str]) -> None:
    page, said = pages["insv-2025"], told(pages["insv-2025"])
    assert chapters(page) == [name for name in CHAPTERS if name not in ("Budget framåt", "Särskilda uppdrag")]
    assert "Målet nåddes inte för Andel samordnade upphandlingar, 23,5 % (40 av 170) mot minst 30 %;" in said
    assert "De möjliggjorda besparingarna blev 64,4 mnkr, 5,6 mnkr under målet 70,0 mnkr." in said
    assert "Leverantörstrohet ✕ Inte uppnått Mål 2025 minst 91 % Utfall 2025 90 %" in said
    assert "Avtalstrohet ✓ Uppnått Mål 2025 minst 80 % Utfall 2025 82 %" in said
    assert "ligger 6 tkr som de tryckta talen inte förklarar" in said
    assert "Verksamhetens kostnader −46 430 −40 704 −5 726 −40 704 −43 704 −3 000 −44 703 −1 727 ≈ Avrundning" in said
    assert "Årets resultat 0 0 0 0 0 0 0 0 ✕ Stämmer inte Oförklarad skillnad 6 – – – – – – – ✕ Stämmer inte" in said
    assert said.count("✕ Förklaring saknas") == 4 and "4 av 7 utanför gränserna saknar förklaring." in said
    assert "Resultaträkning: " not in said, "the chapter has its figures, so it is not named as missing"
    assert "Budget framåt: Ingen budget för de närmaste åren är publicerad." in said


@pytest.mark.slow
def test_chapters_without_anything_are_named_once_and_leave_no_heading(pages: dict[str, str]) -> None:
    said = told(pages["uhc-2021"])
    assert chapters(pages["uhc-2021"]) == [
        "Sammanfattande analys", "Uppföljning av mål", "Indikatorer", "Sanningskontroll",
        "Vad rapporten inte kan visa", "Så har vi räknat",
    ]  # fmt: skip
    missing = {"Besparingar", "Trohet", "Upphandlingar och konkurrens", "Resultaträkning", "Väsentliga avvikelser",
               "Budget framåt", "Investeringar", "Antal anställda", "Internkontroll och risker", "Särskilda uppdrag",
               "Framåtblick"}  # fmt: skip
    assert all(said.count(f" {name}: ") == 1 for name in missing)
    assert said.count("Skrivna texter för 2021 saknas.") == 1
    assert "Inget av de 24 mätetalen 2021 har både ett utfall och ett målvärde för samma år." in said


@pytest.mark.slow
def test_no_machine_word_reaches_the_reader(pages: dict[str, str]) -> None:
    for page in pages.values():
        said = told(page).partition("Så har vi räknat Uppnådda")[0]
        assert not re.search(r"\b(None|nan|NaT|<NA>|True|False|unknown|not_met)\b", said)
        assert len(page) < 500_000 and "<script" not in page
