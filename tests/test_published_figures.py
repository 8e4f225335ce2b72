"""What is shipped of published figures: the catalogue, the outcomes, the verdicts, and the known contradictions."""

from __future__ import annotations

import shutil
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.errors import InputError
from procanalysis.measures.indicators import (
    distance_to_target,
    forecast,
    indicator_status,
    indicator_statuses,
    indicator_trend,
    printed_goal_statuses,
)
from procanalysis.measures.truth_check import (
    as_read,
    consistency_check,
    contradictions,
    income_statement_terms,
    range_checks,
    sign_checks,
)
from procanalysis.params.indicators import catalogue_slugs, load_indicators
from procanalysis.published import Published, catalogue_tables, open_published, truth_check_lines, truth_check_of
from procanalysis.schema import INDICATOR_MEASURES

ROOT = Path(__file__).parents[1]


@cache
def shipped() -> Published:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(ROOT))
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        return open_published()


@cache
def checks() -> pd.DataFrame:
    return truth_check_of(shipped())


def status(indicator_id: str, year: int) -> Any:
    own = shipped().indicators.set_index("indicator_id").loc[indicator_id]
    breaks = shipped().breaks
    return indicator_status(
        shipped().values,
        shipped().targets,
        indicator_id=indicator_id,
        direction=own["direction"],
        year=year,
        breaks=breaks.loc[breaks["indicator_id"] == indicator_id, "from_year"],
    )


# The catalogue and the outcomes


def test_the_86_indicators_and_143_outcomes_of_three_boards_are_there() -> None:
    counted = shipped().indicators.groupby("organisation").size().to_dict()
    assert counted == {"rjh": 11, "insv": 26, "uhc": 49, "husr": 10}
    assert counted["rjh"] + counted["insv"] + counted["uhc"] == 86
    outcomes = shipped().values
    assert outcomes["value"].notna().sum() == 143
    assert outcomes["is_doubtful"].sum() == 9
    assert not outcomes.loc[outcomes["is_doubtful"] == 1, "comment"].isna().any()


def test_what_is_empty_or_a_question_mark_in_print_is_missing() -> None:
    missing = shipped().values[shipped().values["value"].isna()]
    assert set(zip(missing["indicator_id"], missing["year"], strict=True)) == {
        ("UHC18", 2024), ("UHC19", 2024), ("UHC45", 2023), ("UHC45", 2024),
        ("UHC47", 2023), ("UHC47", 2024), ("UHC48", 2023), ("UHC48", 2024),
    }  # fmt: skip
    assert "Tryckt som ?" in set(missing["comment"])


def test_every_measure_that_an_indicator_may_name_exists_with_a_page_that_can_explain_it() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "procanalysis/measures").rglob("*.py"))
    for name in INDICATOR_MEASURES:
        assert f"\ndef {name}(" in source, name


def test_definitions_are_our_own_and_every_indicator_has_an_owner_and_a_source() -> None:
    frame = shipped().indicators
    assert not frame[["definition", "owner", "source", "unit", "direction", "level"]].isna().any().any()
    assert frame["definition"].is_unique
    assert not any(
        word in text for text in [*frame["source"], *shipped().values["source"]] for word in (".txt", "seed", "_")
    )


# Verdicts


@pytest.mark.parametrize(
    ("indicator_id", "outcome", "target", "expected", "distance"),
    [
        ("INSV25-03", "23.5", 30, "not_met", "-6.5"),
        ("INSV25-04", "64.4", 70, "not_met", "-5.6"),
        ("INSV25-07", "90", 91, "not_met", "-1"),
        ("INSV25-08", "82", 80, "met", "2"),
        ("INSV25-05", "3.07", 6, "met", "2.93"),
        ("INSV25-02", "0", 0, "met", "0"),
    ],
)
def test_the_board_of_2025_is_judged_by_the_targets_of_2025(
    indicator_id: str, outcome: str, target: int, expected: str, distance: str
) -> None:
    found = status(indicator_id, 2025)
    assert (found.outcome, found.target, found.status) == (Decimal(outcome), Decimal(target), expected)
    assert distance_to_target(found).value == Decimal(distance)


def test_40_of_170_is_the_printed_share() -> None:
    values = shipped().values
    row = values[(values["indicator_id"] == "INSV25-03") & (values["year"] == 2025)].iloc[0]
    assert (row["numerator"], row["denominator"]) == (40, 170)
    assert round(100 * row["numerator"] / row["denominator"], 1) == row["value"] == Decimal("23.5")


@pytest.mark.parametrize(("indicator_id", "year"), [("INSV25-01", 2025), ("INSV25-06", 2025), ("UHC02", 2024)])
def test_the_target_of_2026_says_nothing_of_earlier_years(indicator_id: str, year: int) -> None:
    found = status(indicator_id, year)
    assert (found.status, found.target) == ("unknown", None)
    assert "2026 gäller inte" in found.unknown_because


def test_the_verdicts_are_those_of_2021_and_2025_and_no_others() -> None:
    found = indicator_statuses(shipped().indicators, shipped().values, shipped().targets, shipped().breaks)
    decided = found[found["status"].isin(["met", "not_met"])]
    assert dict(zip(decided["indicator_id"], decided["status"], strict=True)) == {
        "INSV21-05": "not_met", "INSV21-07": "not_met", "INSV21-08": "met", "INSV21-09": "met",
        "INSV25-02": "met", "INSV25-03": "not_met", "INSV25-04": "not_met", "INSV25-05": "met",
        "INSV25-07": "not_met", "INSV25-08": "met",
    }  # fmt: skip


def test_no_published_series_is_long_enough_for_a_trend_or_a_forecast() -> None:
    for row in shipped().indicators.to_dict("records"):
        breaks = shipped().breaks.loc[shipped().breaks["indicator_id"] == row["indicator_id"], "from_year"]
        own: dict[str, Any] = {"indicator_id": row["indicator_id"], "unit": row["unit"], "breaks": list(breaks)}
        found = indicator_trend(shipped().values, direction=row["direction"], **own)
        assert {part.verdict for part in found.parts} <= {"too_few"}
        assert forecast(shipped().values, year=2030, **own).value is None


def test_hours_and_percent_are_never_compared() -> None:
    found = indicator_trend(shipped().values, indicator_id="UHC44", unit="hours_per_employee", direction="higher")
    assert found.parts == () and len(found.left_out) == 4


def test_the_old_climate_series_is_not_joined_with_the_two_new() -> None:
    values = shipped().values
    years = {name: set(values.loc[values["indicator_id"] == name, "year"]) for name in ("UHC23", "UHC24", "UHC23-24H")}
    assert years == {"UHC23": {2024}, "UHC24": {2024}, "UHC23-24H": {2021, 2022, 2023}}
    breaks = shipped().breaks.set_index("indicator_id")
    assert breaks.loc["UHC23", "replaces"] == breaks.loc["UHC24", "replaces"] == "UHC23-24H"


def test_the_goals_have_the_printed_statuses_and_goal_5_has_none() -> None:
    found = printed_goal_statuses(shipped().goals, shipped().scales)
    board = found[found["scale"] == "board_goal"].set_index("goal_number")
    assert board["colour"].dropna().to_dict() == {"2.1": "green", "2.2": "green", "2.3": "amber", "2.4": "green"}
    assert board["status"].isna().to_dict()["2.5"]
    control = found[found["scale"] == "internal_control"]["status"].value_counts().to_dict()
    assert control == {"Mindre avvikelse": 2, "Stor avvikelse": 2, "Ingen avvikelse": 2}


# The income statement


def test_the_income_statement_is_reproduced_row_by_row() -> None:
    frame = shipped().statements.set_index("row")
    for row in frame.to_dict("records"):
        assert row["difference_to_date_ore"] == row["outcome_ore"] - row["budget_to_date_ore"]
        assert row["difference_full_year_ore"] == row["forecast_full_year_ore"] - row["budget_full_year_ore"]
    assert frame.loc["Verksamhetens kostnader", "outcome_ore"] == -46_430_000_00
    notes = checks()[(checks()["table"] == "Resultaträkning") & (checks()["verdict"] != "agrees")]
    assert list(zip(notes["row"], notes["difference"], notes["verdict"], strict=True)) == [
        ("Verksamhetens kostnader, Ack utfall", 1, "rounding"),
        ("Årets resultat, Ack utfall", -6, "contradiction"),
        ("Verksamhetens kostnader, Diff", 1, "rounding"),
        ("Årets resultat, Diff", -6, "contradiction"),
    ]


# The known contradictions


# C-number → rule and row by which it is found among what is published. (text) is the passage, not a table.
FOUND = {
    "C4": [("sum", "Årets resultat, Ack utfall"), ("sum", "Årets resultat, Diff")],
    "C11": [("share", "Svarsfrekvens i medarbetarenkäten")],
    "C13": [("target_year", f"INSV25-{number}") for number in ("01", "02", "03", "04", "06", "07", "08")],
    "C14": [("odd_target_year", "INSV25-05")],
    "C15": [("missing_status", "2.5")],
    "C17": [("percent_change", "Ökning av annonserade upphandlingar")],
    "C18": [("percent_change", "Ökning av registrerade upphandlingsuppdrag")],
    "C19": [("percent_change", "Ökning av HME-index")],
    "C23": [("unit", "INSV21-05")],
    "C25": [("sum", "Kostnader"), ("sum", "Personalkostnader totalt enligt texten")],
    "C28": [("sum", "Övriga omkostnader med friskvård och utbildning")],
    "C31": [("product", "Timmar för kompetensutveckling totalt"), ("unit", "UHC44")],
    "C32": [("unit", "UHC01"), ("unit", "UHC41"), ("duplicate_series", "UHC41")],
    "C35": [("difference", "Verksamhetsår i ordningen")],
    "C42": [("difference", "Treåriga handlingsplaner 2022–2025")],
    # Not in the list: one of the four shares of local food is printed without its percent sign.
    "": [("unit", "UHC27")],
}
# C-number → row that must come out as rounding or as agreeing, never as a contradiction.
ROUNDING = {
    "C3": ["Verksamhetens kostnader, Ack utfall", "Verksamhetens kostnader, Diff"],
    "C20": ["Kostnader totalt mot budget"],
    "C27": ["Övriga omkostnader", "Övriga omkostnader"],
    "C29": ["Intäkter från bolag och kommunalförbund"],
}
AGREES = {
    "C5": ["Kostnader över budget", "Kostnader över budget", "Kostnader över föregående år"],
    "C7": ["Andel samordnade upphandlingar", "Andel samordnade upphandlingar"],
    "C8": ["Besparingar från avtal som började 2025"],
    "C10": ["Sjukfrånvaro i texten"],
    "C12": ["Anställda den 31 december"],
    "C21": ["Kostnader totalt mot föregående år"],
    "C26": ["Intäkter", "Intäkter", "Kostnader"],
    "C36": ["Anställda"],
    "C38": ["Anställda på Upphandlingsenheten"],
}
# Found only in what the scanned page was read as; the published figures are mended.
IN_SCAN = {"C1", "C2", "C9"}
NOT_ABOUT_FIGURES = {
    "C6": "a true deviation between forecast and outcome",
    "C16": "two scopes in one definition",
    "C22": "a count and a share, kept as two indicators",
    "C24": "an empty page",
    "C30": "a part smaller than its whole, the rest not stated",
    "C33": "a target text printed twice",
    "C34": "an old series printed twice, kept as its own indicator",
    "C37": "a lowered target; two organisations with two definitions",
    "C39": "a doubtful reading that nothing else can test",
    "C40": "a time plan",
    "C41": "targets left blank, kept blank",
    "C43": "targets that fall, each with its year",
}


def test_every_c_number_is_in_one_table() -> None:
    numbers = [*(name for name in FOUND if name), *ROUNDING, *AGREES, *IN_SCAN, *NOT_ABOUT_FIGURES]
    assert sorted(numbers) == sorted(f"C{number}" for number in range(1, 44))


def test_the_known_contradictions_are_found_and_nothing_that_is_not_there() -> None:
    faults = contradictions(checks())
    found = sorted(zip(faults["rule"], faults["row"], strict=True))
    expected = sorted((rule, row) for listed in FOUND.values() for rule, row in listed)
    assert len(found) == len(expected)
    for rule, row in expected:
        assert any(rule == one and (row == other or other.startswith(f"{row} ")) for one, other in found), (rule, row)


@pytest.mark.parametrize(("verdict", "listed"), [("rounding", ROUNDING), ("agrees", AGREES)])
def test_rounding_and_agreement_are_told_apart(verdict: str, listed: dict[str, list[str]]) -> None:
    rows = checks().loc[checks()["verdict"] == verdict, "row"].value_counts()
    wanted = pd.Series([row for names in listed.values() for row in names]).value_counts()
    for row, count in wanted.items():
        assert rows[row] >= count, row
    if verdict == "rounding":
        assert rows.sum() == wanted.sum()


def test_the_scan_had_wrong_digits_and_lost_signs() -> None:
    read = as_read(shipped().statements, shipped().mended, "income_statements")
    faults = contradictions(consistency_check(income_statement_terms(read))).set_index("row")
    assert faults.loc["Verksamhetens intäkter, Ack utfall", "reckoned"] == 46431  # C1
    assert faults.loc["Verksamhetens intäkter, Ack utfall föregående år", "reckoned"] == 44653
    turned = set(sign_checks(read)["row"])  # C2
    assert len(turned) == 9 and {"Lokalkostnader, Ack budget", "Verksamhetens kostnader, Ack utfall"} <= turned
    assert sign_checks(shipped().statements).empty
    values = as_read(shipped().values, shipped().mended, "indicator_values")
    found = range_checks(shipped().indicators, values)
    assert found["stated"].tolist() == [186, 235]  # C9, and the box of C7
    assert range_checks(shipped().indicators, shipped().values).empty


def test_text_and_staff_table_give_the_same_figures() -> None:
    """Figures that stand in two of our files must not drift apart."""
    staff = shipped().staff.set_index(["organisation", "year", "figure"])["value"]
    stated = shipped().terms[shipped().terms["role"] == "stated"].set_index("relation_id")["value"]
    assert staff["uhc", 2026, "anställda totalt"] == stated["uhc-2026-staff"] == 27
    assert staff["insv", 2025, "anställda 31 dec"] == stated["insv-2025-staff"] == 43
    assert staff["rjh", 2017, "anställda Upphandlingsenheten"] == stated["rjh-2017-staff"] == 15
    budget = shipped().budgets.set_index(["year", "row"])["amount_ore"]
    other = -budget[2026, "Övriga omkostnader"] / 100_000
    assert other == stated["uhc-2026-other-costs"] == stated["uhc-2026-wellness"]
    saved = shipped().values.set_index(["indicator_id", "year"])["value"]
    assert saved["INSV25-04", 2025] == Decimal("64.4") and saved["INSV21-09", 2021] == Decimal("98.3")


def test_the_lines_for_the_command_name_every_contradiction() -> None:
    first, *rest = truth_check_lines(checks())
    faults = contradictions(checks())
    assert first.startswith(f"Published figures: {len(checks())} checks, ") and f"{len(faults)} contradict" in first
    assert len(rest) == len(faults)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy what is published to a project without ledgers."""
    for name in ("params/indicators", "params/assessments", "data/published"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "params/organisations").mkdir()
    (tmp_path / "params/indicators/exempel.yml").unlink()
    for path in (tmp_path / "params/assessments").glob("exempel*.yml"):
        path.unlink()
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return tmp_path


def test_the_command_check_names_the_contradictions_and_does_not_fail_for_them(project: Path) -> None:
    found = CliRunner().invoke(app, ["check"])
    assert found.exit_code == 0, found.output
    assert "Published figures: " in found.output and "Ökning av HME-index: tryckt 3" in found.output
    assert "Published figures" not in CliRunner().invoke(app, ["check", "rjh"]).output


def test_the_command_check_fails_when_a_published_file_cannot_be_read(project: Path) -> None:
    path = project / "data/published/budgets.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("24859", "24 859"), encoding="utf-8")
    found = CliRunner().invoke(app, ["check"])
    assert found.exit_code == 1
    assert "column 'amount_tkr': '24 859' cannot be read" in found.output + found.stderr


def test_a_project_without_published_figures_is_checked_without_them(project: Path) -> None:
    shutil.rmtree(project / "data")
    found = CliRunner().invoke(app, ["check"])
    assert found.exit_code == 0 and "Published" not in found.output


def test_an_outcome_of_an_unknown_indicator_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(ROOT / "params" / "organisations"))
    folder = tmp_path / "data" / "published"
    folder.mkdir(parents=True)
    text = (ROOT / "data/published/indicator_values.csv").read_text(encoding="utf-8")
    (folder / "indicator_values.csv").write_text(text.replace("insv,INSV25-09,2025", "insv,INSV25-9,2025"), "utf-8")
    with pytest.raises(InputError, match=r"insv has no indicator 'INSV25-9'. Did you mean 'INSV25-09'"):
        open_published()


def test_the_tables_follow_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(ROOT))
    assert catalogue_slugs() == ["exempel", "husr", "insv", "rjh", "uhc"]
    assert set(open_published().indicators["organisation"]) == {"husr", "insv", "rjh", "uhc"}, "exempel is no board"
    board = load_indicators("insv")
    tables = catalogue_tables([board])
    assert len(tables["indicators"]) == len(board.indicators)
    assert len(tables["targets"]) == sum(len(each.targets) for each in board.indicators)
    saved = tables["targets"][tables["targets"]["indicator_id"] == "INSV25-04"]
    assert dict(zip(saved["year"], saved["value"], strict=True)) == {2025: Decimal(70), 2026: Decimal(57)}
