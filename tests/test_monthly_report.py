"""The monthly report end to end: its months, its units, its figures against the ledger, and what it does not know."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from procanalysis.errors import ParamsError
from procanalysis.measures import opportunities, spend
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.report.monthly import deviation_table, to_do_points
from procanalysis.run.catalogue import Item
from procanalysis.run.ledgers import prepare
from procanalysis.schema import Source

SOURCE = Source(text="Reskontra", organisation="Region Exempel")
UNITS = {
    "": "",
    "Exempelsjukhuset Nord": "exempelsjukhuset-nord",
    "Primärvården": "primarvarden",
    "Region IT": "region-it",
}


@pytest.fixture
def organisation(in_project: Any) -> Organisation:
    return open_organisation("exempel", "2025")


def amount(lines: Any) -> Decimal | None:
    return spend.total_spend(lines).value


def planted(organisation: Organisation, first: str, last: str, unit: str = "") -> Decimal:
    """Sum the ledger with plain pandas."""
    frame = organisation.all_lines.df()
    booked = pd.to_datetime(frame["booked_on"])
    inside = booked.between(first, last) & ((frame["unit"] == unit) | (unit == ""))
    return Decimal(int(frame.loc[inside, "amount_ore"].sum())).scaleb(-2)


@pytest.mark.parametrize("unit", UNITS)
def test_the_months_are_those_of_the_ledger(organisation: Organisation, unit: str) -> None:
    month = organisation.month(unit)
    assert (month.name, month.name_before, month.so_far_name) == ("december 2025", "december 2024", "2025")
    assert amount(month.lines) == planted(organisation, "2025-12-01", "2025-12-31", unit)
    assert amount(month.before) == planted(organisation, "2024-12-01", "2024-12-31", unit)
    assert amount(month.lines_so_far) == planted(organisation, "2025-01-01", "2025-12-31", unit)
    assert amount(month.before_so_far) == planted(organisation, "2024-01-01", "2024-12-31", unit)


def test_a_month_in_the_year_has_the_months_since_january_and_twelve_months_back(in_project: Any) -> None:
    organisation = open_organisation("exempel", "2025-03")
    month = organisation.month()
    assert (month.as_of, month.so_far_name) == (date(2025, 3, 31), "januari 2025–mars 2025")
    assert amount(month.lines_so_far) == planted(organisation, "2025-01-01", "2025-03-31")
    assert amount(month.year_back) == planted(organisation, "2024-04-01", "2025-03-31")
    assert amount(month.before_so_far) == planted(organisation, "2024-01-01", "2024-03-31")


def test_nothing_is_compared_with_before_the_ledger(in_project: Any) -> None:
    month = open_organisation("exempel", "2023").month()
    assert month.before is None and month.before_so_far is None
    assert month.not_compared_because.startswith("Underlaget börjar 2023-01")
    assert opportunities.deviations(month.lines, month.before)["kind"].str.contains("per").sum() == 0


def test_a_unit_that_does_not_exist_is_refused_with_the_nearest(organisation: Organisation) -> None:
    with pytest.raises(ParamsError, match=r"no unit 'Primärvård'\. Did you mean 'Primärvården'"):
        organisation.month("Primärvård")
    with pytest.raises(ParamsError, match="no unit"):
        organisation.month("' OR 1=1 --")


def test_there_is_one_report_for_the_organisation_and_one_per_unit_chosen(in_project: Any) -> None:
    items = prepare("exempel", "2025").items["unit"]
    assert items == tuple(Item(file, unit, unit) for unit, file in UNITS.items())


def test_a_wrong_unit_in_the_organisation_file_is_refused(own_copy: Path) -> None:
    own = own_copy / "params/organisations/exempel.yml"
    own.write_text(own.read_text("utf-8").replace("Primärvården, Region IT]", "Primärvård]"), "utf-8")
    with pytest.raises(
        ParamsError, match=r"exempel\.yml: reports\.monthly_report\.units: .*Did you mean 'Primärvården'"
    ):
        prepare("exempel", "2025")


@pytest.fixture
def own_copy(example_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = example_project.copy(tmp_path / "own")
    for name in ("PROCANALYSIS_ROOT", "PROCANALYSIS_MASK_KEY"):  # with the same key what is prepared is still good
        monkeypatch.setenv(name, project.environment()[name])
    root: Path = project.root
    return root


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "file"), UNITS.items())
def test_the_published_figures_are_those_of_the_ledger(
    monthly: Any, organisation: Organisation, unit: str, file: str
) -> None:
    stem = f"monthly-report-{file}" if file else "monthly-report"
    content = json.loads((monthly.reports / f"exempel/2025/{stem}.json").read_text("utf-8"))
    figures = {figure["id"]: figure for figure in content["figures"]}
    saving = "realised_saving" if unit else "saving_so_far"
    assert list(figures) == ["month_spend", "spend_since_january", "loyalty_since_january", saving]
    assert Decimal(figures["month_spend"]["value"]) == planted(organisation, "2025-12-01", "2025-12-31", unit)
    assert Decimal(figures["spend_since_january"]["value"]) == planted(organisation, "2025-01-01", "2025-12-31", unit)
    assert (unit or "hela organisationen") in (monthly.reports / f"exempel/2025/{stem}.html").read_text("utf-8")


def test_what_to_do_is_at_most_three_points_and_nothing_is_asked_of_the_unknown() -> None:
    empty = {
        "ending": pd.DataFrame(columns=["procurement", "amount_ore"]),
        "missing": pd.DataFrame(columns=["supplier_missing_ore"]),
        "realised": pd.DataFrame(columns=["unit", "leakage_ore"]),
        "found": pd.DataFrame(columns=["kind"]),
    }

    class Plan:
        year, gap_ore, missing_ore = 2025, None, None

    said = to_do_points(**empty, plan=Plan(), unit="", source=SOURCE)  # type: ignore[arg-type]
    assert "ingenting att göra" in said.text
    Plan.gap_ore = 500_000_00  # type: ignore[assignment]
    said = to_do_points(**empty, plan=Plan(), unit="", source=SOURCE)  # type: ignore[arg-type]
    assert (
        said.text.replace("\xa0", " ") == "- Besluta hur de 500 tkr som fattas till besparingsmålet 2025 ska tas igen."
    )


def test_a_month_without_deviations_says_so_and_why_nothing_is_compared() -> None:
    nothing = pd.DataFrame(columns=["kind", "subject", "amount_ore", "reference_ore", "rule"])
    said = deviation_table(nothing, since="mars 2024", not_compared_because="Underlaget börjar 2025", source=SOURCE)
    assert said.text.endswith("Ingen av reglerna fann något. Underlaget börjar 2025.")


@pytest.mark.slow
def test_an_organisation_without_registers_or_units_of_its_own_gets_its_page(
    example_project: Any, without_registers: Organisation, tmp_path: Path
) -> None:
    root = without_registers.params.path.parents[2]
    if not (root / "docs").exists():
        (root / "docs").symlink_to(Path(__file__).parents[1] / "docs")
    parameters = {"period": "2025-01", "unit": "Primärvården"}
    text = nbformat.writes(example_project.at(root).notebook("monthly_report.ipynb", tmp_path, parameters))
    assert "Organisationen har inget avtalsregister i underlaget" in text
    assert "Underlaget börjar 2025-01" in text
