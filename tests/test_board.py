"""A board's report of indicators: what is opened, what is published for which years, and what the reader is told."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.errors import InputError, ParamsError
from procanalysis.measures.indicators import indicators_of_year
from procanalysis.published import board_digest, board_slugs, board_years, open_board
from procanalysis.run.boards import board_tasks, failed_board

ROOT = Path(__file__).parents[1]
YEARS = {"insv": (2021, 2025), "rjh": (2016,), "uhc": (2021, 2022, 2023, 2024, 2025)}


def copied(root: Path) -> Path:
    for name in ("params/indicators", "data/published", "docs/methods", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    (root / "params/indicators/exempel.yml").unlink()  # of an organisation with a ledger, which is not here
    return root


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own with the shipped catalogues and outcomes, which a test may change."""
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path / "own"))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return copied(tmp_path / "own")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


# Opening


def test_a_board_is_opened_alone_with_all_that_its_report_needs(project: Path) -> None:
    board = open_board("insv", 2025)
    for frame in (board.indicators, board.values, board.targets, board.goals, board.scales, board.checks):
        assert set(frame["organisation"]) == {"insv"}
    assert set(board.goals["year"]) == {2025} and set(board.checks_of_year["year"]) == {2025}
    assert board.source.organisation == "Inköpsnämnden Sörmland Västmanland" and not board.source.fictional
    assert "Verksamhetsberättelse 2025" in board.source.text and "insv.yml" in board.source.text
    assert {"indicator_status", "consistency_check"} <= set(board.methods)


def test_a_mistake_in_another_boards_file_stops_nobody_else(project: Path) -> None:
    change(project / "params/indicators/uhc.yml", "good: higher", "good: hgher")
    assert open_board("insv", 2025).year == 2025
    with pytest.raises(ParamsError, match=r"(?s)uhc\.yml: .*line \d+.*Did you mean 'higher'"):
        open_board("uhc", 2024)


def test_a_year_without_outcomes_and_a_board_that_does_not_exist_are_refused(project: Path) -> None:
    with pytest.raises(ParamsError, match=r"insv: there are no outcomes for 2022.*2021, 2023, 2024, 2025"):
        open_board("insv", 2022)
    with pytest.raises(ParamsError, match="Did you mean 'insv'"):
        open_board("insw", 2025)
    with pytest.raises(ParamsError, match="It has none for any year"):
        open_board("husr", 2025)
    change(project / "data/published/indicator_values.csv", "insv,INSV25-03,2025", "insv,INSV25-99,2025")
    with pytest.raises(InputError, match="INSV25-99"):
        open_board("insv", 2025)


def test_the_verdicts_that_the_report_must_get_right(project: Path) -> None:
    board = open_board("insv", 2025)
    found = indicators_of_year(board.indicators, board.values, board.targets, board.breaks, year=2025)
    rows = found.rows.set_index("indicator_id")
    wanted = {"INSV25-03": ("not_met", "minst 30 %", "23,5 % (40 av 170)"),
              "INSV25-04": ("not_met", "minst 70 mnkr", "64,4 mnkr"),
              "INSV25-07": ("not_met", "minst 91 %", "90 %"), "INSV25-08": ("met", "minst 80 %", "82 %")}  # fmt: skip
    for identity, expected in wanted.items():
        shown = tuple(rows.loc[identity, ["status", "target_text", "outcome_text"]])
        assert tuple(text.replace("\u00a0", " ") for text in shown) == expected
    assert rows.loc["INSV25-06", "status"] == "unknown", "the target of 2026 says nothing of 2025"


# Years and what a report depends on


def test_the_years_are_those_that_the_file_names_or_all_with_outcomes(project: Path) -> None:
    assert {slug: board_years(slug) for slug in board_slugs() if board_years(slug)} == YEARS
    file = project / "params/indicators/insv.yml"
    change(file, "years: [2021, 2025]", "years: [2021, 2022]")
    with pytest.raises(ParamsError, match="'years' has 2022, without outcomes"):
        board_years("insv")
    change(file, "years: [2021, 2022]", "")
    assert board_years("insv") == (2019, 2020, 2021, 2023, 2024, 2025)
    change(file, "God finansiell hushållning: ", "God ekonomi: ")
    with pytest.raises(ParamsError, match="no indicator has the goal 'God ekonomi'"):
        board_years("insv")


def test_tasks_are_one_per_board_and_year_and_the_period_chooses_among_them(project: Path) -> None:
    everyone = list(YEARS)
    assert [task.name for task in board_tasks(everyone, "")] == [
        f"{slug} {year}" for slug, years in YEARS.items() for year in years
    ]
    assert [task.name for task in board_tasks(everyone, "2025")] == ["insv 2025", "uhc 2025"]
    assert board_tasks(everyone, "2025-03") == board_tasks(["exempel"], "") == []
    shutil.rmtree(project / "data/published")
    assert board_tasks(everyone, "") == [], "a project without published figures has no boards"


def test_a_mistake_becomes_a_task_that_tells_it_and_has_a_place_of_its_own(project: Path, tmp_path: Path) -> None:
    change(project / "params/indicators/insv.yml", "good: higher", "good: hgher")
    [task] = board_tasks(["insv"], "")
    with pytest.raises(ParamsError, match="Did you mean 'higher'"):
        task.function(*task.arguments)
    found = failed_board(task.name, tmp_path)
    assert found is not None and (found[0].slug, found[1]["organisation"]) == ("insv", "insv")
    named = failed_board("uhc 2024", tmp_path)
    assert named is not None and (named[0].slug, named[0].period) == ("uhc", "2024")


@pytest.mark.parametrize("path", ["params/indicators/insv.yml", "data/published/indicator_values.csv",
                                  "data/published/stated_terms.csv", "data/published/goal_statuses.csv"])  # fmt: skip
def test_the_report_is_made_again_when_its_files_change(project: Path, path: str) -> None:
    before, other = board_digest("insv"), board_digest("uhc")
    (project / path).write_bytes((project / path).read_bytes() + b"\n")
    assert board_digest("insv") != before
    assert (board_digest("uhc") == other) is (path.startswith("params"))


# Published


def publish_boards(example_project: Any, root: Path) -> None:
    """Publish a board's reports of both its years in a project with a faulty board too, and keep what was said."""
    copied(root)
    faulty = (root / "params/indicators/rjh.yml").read_text("utf-8").replace("good: higher", "good: hgher", 1)
    (root / "params/indicators/fel.yml").write_text(faulty, "utf-8")
    project = example_project.at(root)
    done = project.command("run", "insv", "fel", "--report", "indicators")
    again = project.command("run", "insv", "--report", "indicators", "--period", "2025")
    said = {"run": [done.returncode, done.stdout + done.stderr], "again": [again.returncode, again.stdout]}
    (root / "said.json").write_text(json.dumps(said), "utf-8")


@pytest.fixture(scope="module")
def boards(example_project: Any, once: Callable[[str, Callable[[Path], None]], Path]) -> Any:
    """A project with a board's reports, published once for this file and the browser's. Read only."""
    root = once("boards", lambda folder: publish_boards(example_project, folder))
    return example_project.at(root)


def said(boards: Any) -> Any:
    return json.loads((boards.root / "said.json").read_text("utf-8"))


def words(boards: Any, year: int) -> str:
    html = (boards.reports / f"insv/{year}/indicators.html").read_text("utf-8")
    shown = re.sub(r"<style>.*?</style>|<details class=\"code\">.*|</?bdi>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split()).replace("\u00a0", " ")


@pytest.mark.slow
def test_one_report_per_year_is_published_and_a_faulty_board_stops_no_other(boards: Any) -> None:
    code, told = said(boards)["run"]
    assert code == 1 and "2 published, 0 unchanged, 1 failed" in told
    assert "fel.yml" in told and "Did you mean 'higher'" in told
    for year in (2021, 2025):
        for suffix in (".html", ".ipynb", ".xlsx", ".json"):
            assert (boards.reports / f"insv/{year}/indicators{suffix}").is_file()
    assert sorted(path.name for path in (boards.reports / "insv").iterdir()) == ["2021", "2025"]
    index = (boards.reports / "index.html").read_text("utf-8")
    assert "insv/2025/indicators.html" in index and "Indikatorer" in index
    code, told = said(boards)["again"]
    assert code == 0 and "0 published, 1 unchanged, 0 failed" in told


def test_the_report_is_listed() -> None:
    told = CliRunner().invoke(app, ["list"]).output
    assert re.search(r"indicators +Indikatorer, for: nämnd, one per board and year\n +board_slug = \"insv\"", told)
    assert "year = 2025" in told


@pytest.mark.slow
def test_the_report_of_2025_says_what_was_reached_and_what_cannot_be_decided(boards: Any) -> None:
    shown = words(boards, 2025)
    assert "Av 13 mätetal har 3 nått målet för 2025, och 3 har inte gjort det. 7 kan inte avgöras." in shown
    assert (
        "Andel samordnade upphandlingar: 23,5 % (40 av 170) mot målet minst 30 %. Avståndet −6,5 procentenheter"
        in shown
    )
    first = shown.index("Andel samordnade upphandlingar: 23,5")
    assert first < shown.index("Möjliggjorda besparingar: 64,4 mnkr mot") < shown.index("Leverantörstrohet: 90 % mot")
    assert (
        "2.5 Inköpsnämnden har en god finansiell hushållning ? Ingen status är tryckt Risk för avvikelse från plan"
        in shown
    )
    assert "Målet för 2026 gäller inte utfallet 2025 (2 mätetal): Personalomsättning" in shown
    assert "Årets resultat, Ack utfall: tryckt 0 tkr, men Verksamhetens nettokostnader är 6 tkr" in shown
    assert "Ingen serie är lång nog för en trend eller en prognos" in shown
    facts = json.loads((boards.reports / "insv/2025/indicators.json").read_text("utf-8"))
    figures = {figure["id"]: figure["value"] for figure in facts["figures"]}
    assert figures == {"targets_met": 3, "targets_undecided": 7, "contradictions": 12}
    assert "insv.yml" in {each["path"] for each in facts["inputs"]}


@pytest.mark.slow
def test_the_report_of_2021_knows_nothing_of_later_years(boards: Any) -> None:
    shown = words(boards, 2021).partition("Visa hela metoden")[0]  # whose example has figures of 2025
    assert "Av 13 mätetal har 2 nått målet för 2021, och 2 har inte gjort det." in shown
    assert "Samordnade upphandlingar: 23 st mot målet minst 30 st" in shown
    assert "INSV25" not in shown and "64,4" not in shown
    assert "Nämnden har inte tryckt någon status för sina mål" in shown


@pytest.mark.slow
def test_the_workbook_holds_every_indicator_year_and_check(boards: Any) -> None:
    book = openpyxl.load_workbook(boards.reports / "insv/2025/indicators.xlsx", read_only=True)
    count = {sheet.title: sum(1 for _ in sheet.iter_rows(min_row=2)) for sheet in book}
    assert count["Mätetal"] == 13 and count["Målens status"] == 5 and count["Utan utfall och mål"] == 13
    assert count["Sanningskontroll"] >= 60 and count["Historik"] > 20


@pytest.mark.slow
def test_every_cell_of_the_notebook_shows_one_thing_and_prints_nothing(boards: Any) -> None:
    done = nbformat.read(boards.reports / "insv/2025/indicators.ipynb", 4)
    outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert len(outputs) >= 10
