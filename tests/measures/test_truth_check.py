"""Truth check: a consistent report has no finding, and one wrong cell gives exactly the findings that hang on it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures.truth_check import (
    as_read,
    budget_terms,
    consistency_check,
    contradictions,
    cost_deviation_terms,
    duplicate_checks,
    income_statement_terms,
    range_checks,
    sign_checks,
    status_checks,
    target_year_checks,
    unit_checks,
)
from procanalysis.schema import (
    BUDGETS,
    CONSISTENCY_CHECKS,
    CONSISTENCY_RULES,
    CONSISTENCY_VERDICTS,
    COST_DEVIATIONS,
    GOAL_STATUSES,
    INCOME_AMOUNTS,
    INCOME_STATEMENTS,
    INDICATOR_TARGETS,
    INDICATOR_VALUES,
    INDICATORS,
    MENDED_FIGURES,
    STATED_TERMS,
    Column,
    names,
)

TKR = 100_000
ROWS = (
    ("Bidrag", "income"), ("Avgifter", "income"), ("Intäkter", "income_total"), ("Personal", "cost"),
    ("Lokaler", "cost"), ("Kostnader", "cost_total"), ("Netto", "net"), ("Resultat", "result"),
)  # fmt: skip


def table(columns: Iterable[Column], *rows: dict[str, Any], **every: Any) -> pd.DataFrame:
    usual = {"organisation": "prov", "year": 2025, "source": "Prov"} | every
    made = pd.DataFrame([usual | row for row in rows], columns=names(columns))
    return made.astype(object).where(made.notna(), None)


def statement(*amounts: tuple[int, int, int, int]) -> pd.DataFrame:
    """Make a sound income statement: the two incomes and two costs (tkr, costs above zero) of each given column."""
    outcome, budget, full_budget, forecast, previous = amounts
    columns: dict[str, list[int]] = {
        "outcome_ore": whole(outcome),
        "budget_to_date_ore": whole(budget),
        "budget_full_year_ore": whole(full_budget),
        "forecast_full_year_ore": whole(forecast),
        "outcome_previous_year_ore": whole(previous),
    }
    columns["difference_to_date_ore"] = minus(columns["outcome_ore"], columns["budget_to_date_ore"])
    columns["difference_full_year_ore"] = minus(columns["forecast_full_year_ore"], columns["budget_full_year_ore"])
    rows = [
        {"row_number": at, "row": row, "kind": kind} | {name: cells[at] * TKR for name, cells in columns.items()}
        for at, (row, kind) in enumerate(ROWS)
    ]
    return table(INCOME_STATEMENTS, *rows)


def whole(parts: tuple[int, int, int, int]) -> list[int]:
    one, two, three, four = parts
    net = one + two - three - four
    return [one, two, one + two, -three, -four, -three - four, net, net]


def minus(after: list[int], before: list[int]) -> list[int]:
    return [one - other for one, other in zip(after, before, strict=True)]


tkr = st.integers(0, 90_000)
four = st.tuples(tkr, tkr, tkr, tkr)
sound = st.builds(statement, four, four, four, four, four)
SUM_OVER = {"Bidrag": ["Intäkter"], "Avgifter": ["Intäkter"], "Intäkter": ["Intäkter", "Netto"],
            "Personal": ["Kostnader"], "Lokaler": ["Kostnader"], "Kostnader": ["Kostnader", "Netto"],
            "Netto": ["Netto", "Resultat"], "Resultat": ["Resultat"]}  # fmt: skip
DIFFERENCE_OF = {"outcome_ore": "Diff", "budget_to_date_ore": "Diff", "difference_to_date_ore": "Diff",
                 "forecast_full_year_ore": "Diff helår", "budget_full_year_ore": "Diff helår",
                 "difference_full_year_ore": "Diff helår"}  # fmt: skip


def found_in(frame: pd.DataFrame) -> set[tuple[str, str]]:
    checks = contradictions(consistency_check(income_statement_terms(frame)))
    return set(zip(checks["rule"], checks["row"], strict=True))


@given(sound)
@settings(max_examples=12, deadline=None)
def test_a_sound_statement_gives_no_finding(made: pd.DataFrame) -> None:
    checks = consistency_check(income_statement_terms(made))
    assert set(checks["verdict"]) == {"agrees"}
    assert len(checks) == 7 * 4 + 8 * 2
    assert sign_checks(made).empty


@given(sound, st.sampled_from([row for row, _ in ROWS]), st.sampled_from(list(INCOME_AMOUNTS)),
       st.integers(3, 9_000), st.sampled_from([-1, 1]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_one_wrong_cell_gives_exactly_what_hangs_on_it(
    made: pd.DataFrame, row: str, column: str, size: int, way: int
) -> None:
    made.loc[made["row"] == row, column] += size * way * TKR
    expected = {("sum", f"{total}, {INCOME_AMOUNTS[column]}") for total in SUM_OVER[row]}
    if column in DIFFERENCE_OF:
        expected.add(("difference", f"{row}, {DIFFERENCE_OF[column]}"))
    assert found_in(made) == expected


@given(sound, st.integers(1, 7))
@settings(max_examples=10, deadline=None)
def test_an_empty_cell_is_not_guessed(made: pd.DataFrame, at: int) -> None:
    made.loc[at, "outcome_ore"] = None
    assert found_in(made) == set()


def test_rounding_is_told_from_contradiction_at_its_very_limit() -> None:
    rows = [{"role": "stated", "value": 100}, *({"role": "part", "value": part} for part in (40, 30, 28))]
    for value, verdict in ((98, "agrees"), (100, "rounding"), (96, "rounding"), (101, "contradiction")):
        rows[0]["value"] = value
        assert one(terms("sum", *rows))["verdict"] == verdict


def terms(rule: str, *rows: dict[str, Any], **every: Any) -> pd.DataFrame:
    usual = {"relation_id": "r", "table": "Text", "rule": rule, "unit": "tkr", "printed_step": 1, "is_approximate": 0}
    made = [usual | {"label": row["role"]} | every | row for row in rows]
    exact = [row | {name: Decimal(str(row[name])) for name in ("value", "printed_step")} for row in made]
    return table(STATED_TERMS, *exact)


def one(frame: pd.DataFrame) -> dict[Any, Any]:
    [row] = consistency_check(frame).to_dict("records")
    return row


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("rule", "rows", "reckoned", "verdict"),
    [
        ("share", [("stated", "23.5", "percent", "0.1"), ("part", 40, "count", 0), ("whole", 170, "count", 0)],
         "23.529412", "agrees"),
        ("share", [("stated", "24.5", "percent", "0.1"), ("part", 40, "count", 0), ("whole", 170, "count", 0)],
         "23.529412", "contradiction"),
        ("percent_change", [("stated", 29, "percent", 1), ("before", 128, "count", 0), ("after", 165, "count", 0)],
         "28.90625", "agrees"),
        ("percent_change", [("stated", 27, "percent", 1), ("before", 128, "count", 0), ("after", 165, "count", 0)],
         "28.90625", "contradiction"),
        ("percent_change", [("stated", -25, "percent", 1), ("before", 4, "tkr", 1), ("after", 3, "tkr", 1)],
         "-25", "agrees"),
        ("percent_change", [("stated", 0, "percent", 1), ("before", 4, "tkr", 1), ("after", 3, "tkr", 1)],
         "-25", "rounding"),
        ("uplift", [("stated", 1084, "tkr", 1), ("base", 1051, "tkr", 1), ("uplift_pct", "3.2", "percent", "0.1")],
         "1084.632", "rounding"),
        ("product", [("stated", 2160, "hours", 0), ("factor", 80, "hours", 0), ("factor", 27, "people", 0)],
         "2160", "agrees"),
        ("same", [("stated", "5.7", "mnkr", "0.1"), ("other", 5726, "tkr", 1)], "5.726", "agrees"),
        ("same", [("stated", "5.7", "mnkr", "0.1"), ("other", 5826, "tkr", 1)], "5.826", "contradiction"),
        ("sum", [("stated", "1.5", "mnkr", "0.1"), ("part", 1000, "tkr", 1), ("minus", -500_000, "sek", 1)],
         "1.5", "agrees"),
    ],
)  # fmt: skip
def test_each_rule_by_hand(rule: str, rows: list[tuple[Any, ...]], reckoned: str, verdict: str) -> None:
    made = [dict(zip(("role", "value", "unit", "printed_step"), row, strict=True)) for row in rows]
    found = one(terms(rule, *made))
    assert (found["reckoned"], found["verdict"]) == (Decimal(reckoned), verdict)
    assert found["difference"] == found["stated"] - found["reckoned"]


def test_about_gives_a_whole_step_of_room() -> None:
    def verdict(value: int, is_approximate: int) -> str:
        stated = {"role": "stated", "value": value, "is_approximate": is_approximate}
        return str(one(terms("sum", stated, {"role": "part", "value": "98.2", "printed_step": 0}))["verdict"])

    assert (verdict(99, 0), verdict(99, 1), verdict(100, 1)) == ("contradiction", "rounding", "contradiction")


def test_the_sentence_says_what_the_slip_may_be() -> None:
    index = one(
        terms(
            "percent_change",
            {"role": "stated", "value": 3, "unit": "percent", "label": "Ökning av HME"},
            {"role": "before", "value": "73.8", "unit": "index_points", "printed_step": "0.1"},
            {"role": "after", "value": "76.8", "unit": "index_points", "printed_step": "0.1"},
        )
    )
    assert "Som skillnad stämmer talet: 3 indexpoäng. Procent och poäng är förväxlade." in plain(index["sentence"])
    assert plain(index["sentence"]).startswith(
        "Ökning av HME: tryckt 3 %, men 73,8 indexpoäng (before) till 76,8 indexpoäng (after) ger 4,07 %."
    )
    digit = one(terms("sum", {"role": "stated", "value": 24859, "label": "Kostnader"},
                      *({"role": "part", "value": part} for part in (20013, 1084, 2762))))  # fmt: skip
    assert plain(digit["sentence"]) == (
        "Kostnader: tryckt 24 859 tkr, men 20 013 tkr + 1 084 tkr + 2 762 tkr ger 23 859 tkr. Skillnaden är 1 000 tkr. "
        "Avrundning kan förklara högst 2 tkr. Skillnaden är en enda siffra, så det kan vara ett skrivfel."
    )
    near = one(terms("sum", {"role": "stated", "value": 24858}, {"role": "part", "value": 23859}))
    assert "skrivfel" not in near["sentence"]
    signed = [("stated", 5), ("part", -10), ("minus", -20), ("part", -9), ("minus", 1)]
    signs = one(terms("sum", *({"role": role, "value": value} for role, value in signed)))
    assert "men −10 tkr + 20 tkr − 9 tkr − 1 tkr ger 0 tkr" in plain(signs["sentence"])


@pytest.mark.parametrize(
    ("rule", "rows", "message"),
    [
        ("summa", [{"role": "stated", "value": 1}], r"'summa' is not a rule. Did you mean 'sum'"),
        ("sum", [{"role": "part", "value": 1}], "'r' needs one stated figure, but has 0"),
        ("share", [{"role": "stated", "value": 1}, {"role": "part", "value": 1}, {"role": "whole", "value": 1}],
         "states tkr, but share gives percent"),
        ("share", [{"role": "stated", "value": 1, "unit": "percent"}, {"role": "part", "value": 1},
                   {"role": "whole", "value": 0}], "no zero to divide by"),
        ("sum", [{"role": "stated", "value": 1}, {"role": "part", "value": 1, "unit": "count"}], "mixes tkr and count"),
        ("percent_change", [{"role": "stated", "value": 1, "unit": "percent"}, {"role": "before", "value": 1},
                            {"role": "after", "value": 1, "unit": "count"}], "mixes tkr and count"),
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_is_refused(rule: str, rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        consistency_check(terms(rule, *rows))


def test_the_result_has_the_columns_of_the_schema_and_the_frame_is_untouched() -> None:
    made = statement(*[(1, 2, 3, 4)] * 5)
    copy = made.copy(deep=True)
    checks = consistency_check(income_statement_terms(made))
    assert list(checks.columns) == names(CONSISTENCY_CHECKS)
    assert set(checks["rule"]) <= set(CONSISTENCY_RULES) and set(checks["verdict"]) <= set(CONSISTENCY_VERDICTS)
    pd.testing.assert_frame_equal(made, copy)


def test_wrong_signs_are_named_and_differences_may_have_any() -> None:
    made = statement((10, 20, 5, 6), (12, 22, 7, 8), *[(10, 20, 5, 6)] * 3)
    made.loc[made["row"] == "Lokaler", "outcome_ore"] *= -1
    made.loc[made["row"] == "Bidrag", "forecast_full_year_ore"] *= -1
    found = sign_checks(made)
    assert found["row"].tolist() == ["Bidrag, Prognos helår", "Lokaler, Ack utfall"]
    assert found["reckoned"].tolist() == [Decimal(10), Decimal(-6)]
    assert "en kostnad ska vara negativ" in found["sentence"].iloc[1]


def test_budgets_and_deviations_add_up_row_by_row() -> None:
    rows = [("income_total", "Intäkter", 30), ("income", "Avgift", 20), ("income", "Stöd", 10),
            ("cost_total", "Kostnader", -30), ("cost", "Personal", -30), ("result", "Resultat", 0)]  # fmt: skip
    budget = table(BUDGETS, *({"kind": kind, "row": row, "amount_ore": amount * TKR} for kind, row, amount in rows))
    assert consistency_check(budget_terms(budget))["verdict"].tolist() == ["agrees"] * 3
    budget.loc[2, "amount_ore"] += 5 * TKR
    assert contradictions(consistency_check(budget_terms(budget)))["row"].tolist() == ["Intäkter"]
    parts = [("total", "Alla", 11), ("part", "Ett", 4), ("part", "Två", 7), ("of_which", "Konsulter", 99)]
    deviations = table(
        COST_DEVIATIONS, *({"kind": kind, "row": row, "amount_ore": amount * TKR} for kind, row, amount in parts),
        comparison="budget",
    )  # fmt: skip
    assert consistency_check(cost_deviation_terms(deviations))["verdict"].tolist() == ["agrees"]


# Figures one by one


CATALOGUE = table(
    INDICATORS,
    {"indicator_id": "A", "name": "Andel", "unit": "percent", "lowest": Decimal(0), "highest": Decimal(100)},
    {"indicator_id": "B", "name": "Index", "unit": "index_points"},
    {"indicator_id": "C", "name": "Antal", "unit": "count"},
)


def values(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"unit": "percent", "printed_unit": "%", "is_doubtful": 0, "indicator_id": "A"}
    return table(INDICATOR_VALUES, *(usual | row | {"value": Decimal(str(row["value"]))} for row in rows))


def test_what_is_impossible_is_found() -> None:
    found = range_checks(CATALOGUE, values({"value": 235}, {"value": 100}, {"value": 0}, {"value": "-0.1"}))
    assert found["reckoned"].tolist() == [Decimal(100), Decimal(0)]
    assert plain(found["sentence"].iloc[0]) == "A Andel: 235 % är tryckt, men högst 100 % är möjligt."


def test_a_unit_that_is_not_the_indicators_is_found() -> None:
    found = unit_checks(
        CATALOGUE,
        values(
            {"value": 1, "year": 2023},
            {"value": 2, "year": 2024, "printed_unit": None},
            {"value": 3, "year": 2025, "printed_unit": None, "is_doubtful": 1},
            {"value": 4, "indicator_id": "B", "unit": "index_points"},
            {"value": 5, "indicator_id": "C", "unit": "count", "printed_unit": None},
        ),
    )
    assert list(zip(found["row"], found["year"], strict=True)) == [("A Andel", 2024), ("B Index", 2025)]
    other = unit_checks(CATALOGUE, values({"value": 85, "indicator_id": "C", "year": 2023},
                                          {"value": 86, "indicator_id": "C", "year": 2024}))  # fmt: skip
    assert plain(other["sentence"].iloc[0]) == "C Antal: utfallen (2 år) är i %, men mätetalet och målet i st."
    assert other["year"].tolist() == [2024]


def test_a_target_beside_another_years_outcome_and_the_odd_one_are_found() -> None:
    rows = [("A", 2026), ("B", 2026), ("C", 2025)]
    targets = table(
        INDICATOR_TARGETS, *({"indicator_id": one, "year": year, "printed_beside_year": 2025} for one, year in rows),
        {"indicator_id": "A", "year": 2024, "printed_beside_year": None},
    )  # fmt: skip
    found = target_year_checks(CATALOGUE, targets)
    assert list(zip(found["rule"], found["row"], found["stated"], strict=True)) == [
        ("target_year", "A Andel", 2026), ("target_year", "B Index", 2026), ("odd_target_year", "C Antal", 2025),
    ]  # fmt: skip
    assert set(found["year"]) == {2025}


def test_goals_without_status_and_doubled_series_are_found() -> None:
    goals = table(GOAL_STATUSES, {"goal_number": "1", "goal": "Ett", "status": "Grönt"},
                  {"goal_number": "2", "goal": "Två", "status": None})  # fmt: skip
    assert status_checks(goals)["row"].tolist() == ["2 Två"]
    rows = [{"indicator_id": one, "year": 2020 + at, "value": at} for one in "AB" for at in range(3)]
    assert duplicate_checks(CATALOGUE, values(*rows))["row"].tolist() == ["B Index"]
    assert duplicate_checks(CATALOGUE, values(*rows[:-1])).empty
    assert duplicate_checks(CATALOGUE, values(*rows[:2], *rows[3:5])).empty


def test_mended_figures_are_put_back_as_read() -> None:
    made = statement(*[(10, 20, 5, 6)] * 5)
    mended = table(MENDED_FIGURES, {"table": "income_statements", "row": "Lokaler", "column": "outcome_tkr",
                                    "read_as": Decimal(6), "mended_to": Decimal(-6)})  # fmt: skip
    found = as_read(made, mended, "income_statements")
    assert found.loc[found["row"] == "Lokaler", "outcome_ore"].tolist() == [6 * TKR]
    assert found_in(found) == {("sum", "Kostnader, Ack utfall"), ("difference", "Lokaler, Diff")}
    with pytest.raises(MeasureError, match="Lokaler, outcome_tkr is not -6 in the frame"):
        as_read(found, mended, "income_statements")
    with pytest.raises(MeasureError, match="'staff' has no mended figures"):
        as_read(made, mended, "staff")
