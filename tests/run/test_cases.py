"""Runs of business cases: one report per file, by period, and one faulty file stops no other."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.cases import case_tasks, prepare_case
from procanalysis.run.catalogue import REPORTS, Item, check_parameters
from procanalysis.run.jobs import Job

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ONLY = ("--report", "business-case")
BY_HAND = """
title: Egen tolk i stället för inköpt
name: Kommunen Påhitt
fictional: true
question: Ska kommunen anställa tolkar?
starts_on: 2026-01-01
horizon_years: 3
discount_rate: {pct: 2.5, source: Kommunens internränta}
price_basis: fasta priser
alternatives:
  - id: own
    title: Anställ två tolkar
    levers:
      - {id: fewer_calls, kind: other, title: Färre köpta timmar, benefit: cash, realised_by: {Socialtjänsten: 100},
         drivers: {yearly_sek: {low: 900000, likely: 1200000, high: 1400000, evidence: Avrop 2025}}}
    one_off_costs: [{title: Rekrytering, kind: change, sek: {value: 150000, evidence: Offert}}]
    running_costs: [{title: Två tjänster, sek: {low: 950000, likely: 1000000, high: 1100000, evidence: Lön med påslag}}]
"""


@pytest.fixture(scope="module")
def run_once(example_project: Any, once: Callable[[str, Callable[[Path], None]], Path]) -> Any:
    """A project with the shipped cases, one by hand, one faulty and one of a misspelt organisation. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        folder = root / "params/business_cases"
        (folder / "tolkar.yml").write_text(BY_HAND, "utf-8")
        good = (folder / "exempel-e-handel.yml").read_text("utf-8")
        (folder / "fel.yml").write_text(good.replace("horizon_years: 5", "horizon_years: 0"), "utf-8")
        (folder / "vilse.yml").write_text(good.replace("organisation: exempel", "organisation: exempl"), "utf-8")
        done = example_project.at(root).command("run", *ONLY)
        (root / "said.txt").write_text(f"{done.returncode}\n{done.stdout}\n{done.stderr}", "utf-8")

    return example_project.at(once("cases", fill))


@pytest.fixture
def inside(run_once: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the project that a test may change, and calls in this process read."""
    return own_copy(run_once, tmp_path / "own", monkeypatch)


def own_copy(project: Any, root: Path, patch: pytest.MonkeyPatch) -> Any:
    copied = project.copy(root)
    for name, value in copied.environment().items():
        if name.startswith("PROCANALYSIS_"):
            patch.setenv(name, value)
    patch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return copied


def said(project: Any) -> str:
    text: str = (project.root / "said.txt").read_text("utf-8")
    return text


def line_of(path: Path, words: str) -> int:
    return next(n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_every_case_has_a_report_of_its_own(run_once: Any) -> None:
    assert said(run_once).startswith("1\n") and "3 published, 0 unchanged, 2 failed." in said(run_once)
    places = ("exempel/2025/business-case-exempel-e-handel", "exempel/2025/business-case-exempel-it-konsulter",
              "tolkar/2026/business-case-tolkar")  # fmt: skip
    for place in places:
        for suffix in (".html", ".ipynb", ".xlsx", ".json"):
            assert (run_once.reports / f"{place}{suffix}").is_file(), place
    assert not list(run_once.reports.glob("*/*/savings*")), "only what was asked for is run"
    content = json.loads((run_once.reports / f"{places[0]}.json").read_text("utf-8"))
    assert content["inputs"][0]["path"] == "exempel-e-handel.yml"
    assert {each["id"] for each in content["figures"]} >= {"net_present_value", "payback", "simulation"}
    assert json.loads((run_once.reports / f"{places[2]}.json").read_text("utf-8"))["organisation"] == "Kommunen Påhitt"


def test_one_faulty_case_stops_no_other_and_is_listed_with_its_line(run_once: Any) -> None:
    line = line_of(run_once.root / "params/business_cases/fel.yml", "horizon_years")
    assert re.search(rf"fel\.yml.*line {line}: .*horizon cannot be 0 years", said(run_once), flags=re.DOTALL)
    assert "exempl" in said(run_once) and "Did you mean 'exempel'" in said(run_once), "never left out in silence"
    index = (run_once.reports / "index.html").read_text("utf-8")
    assert all(f"business-case-{slug}.html" in index for slug in ("exempel-e-handel", "exempel-it-konsulter", "tolkar"))
    assert f"line {line}: " in index and "horizon cannot be 0 years" in index
    # It stands with the organisation's reports, in the period of its baseline.
    groups = re.split(r"<h2", index)[1:]
    own = next(group for group in groups if "Region Exempel" in group[:200])
    assert (
        "horizon cannot be 0 years" in own
        and (run_once.reports / "exempel/2025/business-case-fel.failed.json").is_file()
    )


def test_a_case_that_is_mended_is_listed_as_failed_no_more_and_nothing_is_done_twice(
    run_once: Any, tmp_path: Path
) -> None:
    project = run_once.copy(tmp_path / "own")
    folder = project.root / "params/business_cases"
    (folder / "vilse.yml").unlink()
    replace(folder / "fel.yml", "horizon_years: 0", "horizon_years: 4")
    before = {path: path.stat().st_mtime_ns for path in project.reports.glob("*/*/business-case*.html")}
    done = project.command("run", *ONLY)
    assert done.returncode == 0 and "1 published, 3 unchanged, 0 failed." in done.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not list(project.reports.glob("exempel/*/business-case-fel.failed.*"))
    assert "cannot be 0 years" not in (project.reports / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("organisations", "period", "found"),
    [
        (["exempel"], "", ["exempel-e-handel", "exempel-it-konsulter", "fel"]),
        (["exempel", "annan"], "2025", ["exempel-e-handel", "exempel-it-konsulter", "fel", "vilse"]),
        (["exempel"], "2026", ["tolkar", "vilse"]),
        (["exempel"], "2024", ["vilse"]),
        (["annan"], "", []),
    ],
)
def test_cases_are_chosen_by_organisation_and_period(
    inside: Any, organisations: list[str], period: str, found: list[str]
) -> None:
    if organisations == ["exempel"] and not period:
        found = [*found, "tolkar", "vilse"]  # the only organisation there is: everyone is meant
    assert [task.name for task in case_tasks(organisations, period)] == found
    if organisations == ["exempel"]:
        (inside.root / "params/organisations/annan.yml").write_text("name: Annan\n", "utf-8")
        own = [slug for slug in found if slug not in ("tolkar", "vilse")]
        assert [task.name for task in case_tasks(organisations, period)] == own


def test_a_case_whose_period_cannot_be_told_is_run_whatever_the_period(inside: Any) -> None:
    folder = inside.root / "params/business_cases"
    replace(folder / "exempel-it-konsulter.yml", 'period: "2025"', 'period: "2025-Q9"')
    assert "exempel-it-konsulter" in [task.name for task in case_tasks(["exempel"], "2024")]


def fingerprint(project: Any, slug: str) -> str:
    report = next(report for report in REPORTS if report.name == "business-case")
    return Job(report, prepare_case(slug), Item(slug), project.reports, project.root).fingerprint()


def shorten_ledger(file: Path) -> None:
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "case file": ("params/business_cases/exempel-it-konsulter.yml", lambda file: replace(file, "2.5", "2.4")),
    "organisation": ("params/organisations/exempel.yml", lambda file: replace(file, "name: Region Ex", "name: Ex")),
    "savings register": ("data/example/prisade_inkop.csv", shorten_ledger),
    "ledger": ("data/example/leverantorsreskontra-2024.csv", shorten_ledger),
}


@pytest.fixture(scope="module")
def before(run_once: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Each case's fingerprint before anything is changed; a project's place makes no difference to it."""
    with pytest.MonkeyPatch.context() as patch:
        project = own_copy(run_once, tmp_path_factory.mktemp("before") / "own", patch)
        found = {slug: fingerprint(project, slug) for slug in ("exempel-it-konsulter", "tolkar")}
        assert found == {slug: fingerprint(project, slug) for slug in found}
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_everything_a_case_depends_on_is_in_its_fingerprint(inside: Any, before: dict[str, str], change: str) -> None:
    assert fingerprint(inside, "tolkar") == before["tolkar"] != before["exempel-it-konsulter"]
    file, alter = CHANGES[change]
    alter(inside.root / file)
    assert fingerprint(inside, "exempel-it-konsulter") != before["exempel-it-konsulter"]
    assert fingerprint(inside, "tolkar") == before["tolkar"], "what is reckoned by hand depends on no organisation"


def test_a_case_has_the_same_fingerprint_wherever_its_project_lies(inside: Any, before: dict[str, str]) -> None:
    assert {slug: fingerprint(inside, slug) for slug in before} == before


def test_the_list_tells_cases_and_what_each_report_is_run_for(run_once: Any) -> None:
    shown = " ".join(run_once.command("list").stdout.split())
    for words in (
        "Business case, for: strategisk inköpare, nämnd, one per business case",
        "Gapanalys, for: konsult, inköpschef, one per assessment",
        "Besparingar, for: nämnd, ekonomi organisation = ",
        "case_slug = ",
        "Egen tolk i stället för inköpt, Kommunen Påhitt, fictional",
    ):
        assert words in shown, words


def test_the_notebooks_declare_what_the_runner_gives() -> None:
    check_parameters(ROOT / "notebooks/business_case.ipynb", {"case_slug": "exempel-e-handel"})
    check_parameters(ROOT / "notebooks/savings.ipynb", {"organisation": "exempel", "period": "2025"})
