"""Annual reports and comparisons: which are run for whom and for which year, and what they are said to rest on."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procanalysis.errors import ParamsError
from procanalysis.published import open_published
from procanalysis.run.annual import board_year_tasks, failed_year, organisation_year_tasks
from procanalysis.run.publish import any_failure, record_failure
from procanalysis.run.tenders import (
    failed_tenders,
    fault_tasks,
    forget_failed_tenders,
    prepare_tender_year,
    tender_tasks,
)

PEERS = """\
peer,name,county_code,county,organisation_number,is_own_number,source
alfa,Region Alfa,01,Alfa län,2321000016,ja,Påhittat
beta,Region Beta,02,Beta län,2321000024,ja,Påhittat
"""
SOURCE = """\
name: Provstatistiken 2021
source: Provmyndigheten, provstatistik 2021
years: [2021]
procurements: {files: [upphandlingar.csv]}
lots: {files: [anbud.csv]}
nation: Hela landet
group: {slug: prov, name: Provets regioner, one: region, all: Alla regioner, peers: ../peers/prov.csv}
"""
REGIONS = ["alfa", "beta"]
BOARDS_OF_2021 = ["insv", "uhc"]


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def add_statistics(root: Path) -> None:
    """Add a source of 2021 in place of the real one: Region Alfa announced three procurements, Region Beta none."""
    (root / "params/peers/prov.csv").write_text(PEERS, "utf-8")
    (root / "params/tenders/uhm-2021.yml").write_text(SOURCE, "utf-8")
    folder = root / "data/tenders"
    folder.mkdir(parents=True)
    announced: list[dict[str, object]] = [
        {
            "Upphandlings-ID": f"A{number}",
            "Namn för köpare": "Region Alfa",
            "Organisationsnummer för köpare": "2321000016",
            "Publiceringsdatum": f"2021-0{number}-04",
        }
        for number in (1, 2, 3)
    ]
    write_csv(folder / "upphandlingar.csv", announced)
    write_csv(folder / "anbud.csv", [row | {"Antal anbud": number} for number, row in enumerate(announced, start=1)])


@pytest.fixture(scope="module")
def with_statistics(example_project: Any, once: Callable[[str, Callable[[Path], None]], Path]) -> Any:
    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        add_statistics(root)

    return example_project.at(once("with_statistics", fill))


@pytest.fixture
def here(with_statistics: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let calls in this process read the project with tender statistics."""
    for name, value in with_statistics.environment().items():
        if name.startswith("PROCANALYSIS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("PROCANALYSIS_TENDERS", raising=False)
    return with_statistics


def names(tasks: list[Any]) -> list[str]:
    return [task.name for task in tasks]


def test_only_whole_years_of_an_organisation_get_an_annual_report(here: Any) -> None:
    assert names(organisation_year_tasks(["exempel"], "")) == ["exempel 2025"]
    assert names(organisation_year_tasks(["exempel"], "2024")) == ["exempel 2024"]
    assert organisation_year_tasks(["exempel"], "2025-03") == organisation_year_tasks(["insv"], "") == []


def test_boards_have_one_for_each_year_that_they_have_printed(here: Any) -> None:
    assert names(board_year_tasks(BOARDS_OF_2021, "2021")) == ["insv 2021", "uhc 2021"]
    every = names(board_year_tasks(["insv", "exempel"], ""))
    assert every == ["insv 2021", "insv 2025"]
    printed = set(open_published("uhc").values["year"])
    assert {int(name.split()[1]) for name in names(board_year_tasks(["uhc"], ""))} <= printed
    assert board_year_tasks(["insv"], "2021-03") == []


def test_regions_and_groups_of_a_year_are_prepared_together(here: Any) -> None:
    [task] = tender_tasks([*REGIONS, "prov"], "")
    assert task.name == "prov 2021" and task.arguments == (REGIONS, "prov", 2021)
    found = prepare_tender_year(*task.arguments)
    assert [(each.subject, each.slug, each.name, each.period) for each in found] == [
        ("region", "alfa", "Region Alfa", "2021"),
        ("region", "beta", "Region Beta", "2021"),
        ("group", "prov", "Provets regioner", "2021"),
    ]
    assert {name for name, _, rows in map(dict.values, found[0].inputs) if rows} == {"upphandlingar.csv", "anbud.csv"}
    assert tender_tasks(REGIONS, "2020") == []


def test_an_organisation_brings_the_comparison_that_it_is_part_of(here: Any) -> None:
    [task] = tender_tasks(["exempel"], "2025-01--2025-12")
    assert task.arguments == ([], "exempel-regioner", 2025)
    assert [task.name for task in tender_tasks(["exempel"], "")] == ["exempel-regioner 2025"]  # its own period
    assert len(tender_tasks(["exempel-regioner"], "")) == 3 and tender_tasks(["exempel"], "2025-03") == []


def test_a_region_with_an_organisation_file_is_left_to_it(here: Any, tmp_path: Path) -> None:
    own = here.copy(tmp_path / "own")
    file = own.root / "params/organisations/exempel.yml"
    file.rename(file.with_name("alfa.yml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(own.root))
        [task] = tender_tasks(REGIONS, "2021")
    assert task.arguments[0] == ["beta"]


def test_what_could_not_be_prepared_is_noted_where_the_report_would_lie(here: Any, tmp_path: Path) -> None:
    noted = failed_year("insv 2021", tmp_path)
    assert noted is not None and noted[0].folder == tmp_path / "insv/2021"
    assert noted[1]["organisation"] == "Inköpsnämnden Sörmland Västmanland" and not noted[1]["fictional"]
    noted = failed_year("exempel 2025", tmp_path)
    assert noted is not None and noted[1]["fictional"]
    noted = failed_tenders("prov 2021", tmp_path)
    assert noted is not None and noted[0].folder == tmp_path / "prov/2021"
    assert noted[1]["organisation"] == "Provets regioner"


@pytest.mark.slow
def test_one_run_of_a_year_publishes_for_every_region_and_board(with_statistics: Any, tmp_path: Path) -> None:
    project = with_statistics.copy(tmp_path / "year")
    asked = ("run", "--period", "2021", "--report", "annual-report", "--report", "comparison")
    done = project.command(*asked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out" in done.stderr and "no posting lies in the period 2021" in done.stderr
    assert "5 published, 0 unchanged, 0 failed." in done.stdout
    found = {path.parent.parent.name: path for path in project.reports.glob("*/2021/*.json")}
    assert set(found) == {*REGIONS, *BOARDS_OF_2021, "prov"}
    content = {slug: json.loads(path.read_text("utf-8")) for slug, path in found.items()}
    assert {each["report"] for slug, each in content.items() if slug != "prov"} == {"annual-report"}
    assert content["prov"]["report"] == "comparison"
    counted = {
        slug: next(figure["value"] for figure in content[slug]["figures"] if figure["id"] == "procurements_announced")
        for slug in REGIONS
    }
    assert counted["alfa"] == 3 and counted["beta"] is None  # nothing in the source is not nothing bought
    page = (project.reports / "beta/2021/annual-report.html").read_text("utf-8")
    assert "Region Beta" in page and "Provmyndigheten" in page

    again = project.command(*asked)
    # The example is told of again: what cannot be prepared is tried each time.
    assert "0 published, 5 unchanged, 0 failed." in again.stdout and "left out" in again.stderr


@pytest.mark.slow
def test_a_region_is_named_and_a_missing_file_told(with_statistics: Any, tmp_path: Path) -> None:
    project = with_statistics.copy(tmp_path / "missing")
    shutil.rmtree(project.root / "data/tenders")
    done = project.command("run", "alfa", "--report", "annual-report")
    assert done.returncode == 2
    assert "alfa: the files of its tender statistics are not there" in done.stderr and "own-tenders" in done.stderr


def test_a_source_with_mistakes_is_told_by_itself(here: Any, tmp_path: Path) -> None:
    own = here.copy(tmp_path / "faulty")
    file = own.root / "params/tenders/uhm-2021.yml"
    sound = file.read_text("utf-8")
    file.write_text(sound + "yeers: [2021]\n", "utf-8")
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(own.root))
        [task] = fault_tasks()
        with pytest.raises(ParamsError, match="unknown key 'yeers'"):
            task.function(*task.arguments)
        # The sound sources go on, and what is prepared of them does not remove the note.
        [sound_task] = tender_tasks(["exempel"], "2025")
        noted = failed_tenders(task.name, out)
        assert noted is not None
        record_failure(*noted, "yeers")
        [prepared] = prepare_tender_year(*sound_task.arguments)
        forget_failed_tenders(prepared, out)
        assert any_failure(out)
        file.write_text(sound, "utf-8")
        forget_failed_tenders(prepared, out)
        assert not any_failure(out) and fault_tasks() == []
