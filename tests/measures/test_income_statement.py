"""Income statement: INSV 2025 row by row, sound statements without findings, and every changed figure found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import income_statement, truth_check
from procanalysis.measures.income_statement import ORE_PER_TKR as TKR
from procanalysis.params.annual_report import load_annual_texts
from procanalysis.published import Published, open_published
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    INCOME_AMOUNTS,
    INCOME_ROW_KINDS,
    INCOME_STATEMENTS,
    INDICATOR_UNITS,
    KeyFigure,
    names,
)

ROOT = Path(__file__).parents[2]
KINDS = {name: kind for kind, name in INCOME_ROW_KINDS.items()}
ROWS = (
    ("Avgifter", "income"), ("Bidrag", "income"), ("Intäkter", "income_total"), ("Personal", "cost"),
    ("Lokaler", "cost"), ("Övrigt", "cost"), ("Kostnader", "cost_total"), ("Netto", "net"), ("Resultat", "result"),
)  # fmt: skip
PLAIN = [name for name in INCOME_AMOUNTS if not name.startswith("difference")]


@cache
def shipped(organisation: str) -> Published:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(ROOT))
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        return open_published(organisation)


@cache
def insv() -> pd.DataFrame:
    return income_statement.income_rows(shipped("insv").statements)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def in_tkr(frame: pd.DataFrame, column: str) -> list[int | None]:
    return [None if pd.isna(cell) else int(cell) // TKR for cell in frame[column]]


def explanations() -> Mapping[str, Mapping[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(ROOT))
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        return load_annual_texts("insv", 2025).explanations.by_comparison


def made(rows: list[dict[str, Any]]) -> pd.DataFrame:
    usual = {"organisation": "prov", "year": 2025, "source": "Prov"}
    frame = pd.DataFrame([usual | row for row in rows], columns=names(INCOME_STATEMENTS), dtype=object)
    return frame.where(frame.notna(), None)


def sound(columns: Mapping[str, tuple[int, int, int, int, int]]) -> pd.DataFrame:
    """Build a statement that adds up from two incomes and three costs (tkr, above zero) in each plain column."""
    cells: dict[str, list[int]] = {}
    for name, (fees, grants, staff, rooms, rest) in columns.items():
        income, cost = fees + grants, -(staff + rooms + rest)
        net = income + cost
        cells[name] = [fees, grants, income, -staff, -rooms, -rest, cost, net, net]
    for name, (after, before) in {
        "difference_to_date_ore": ("outcome_ore", "budget_to_date_ore"),
        "difference_full_year_ore": ("forecast_full_year_ore", "budget_full_year_ore"),
    }.items():
        cells[name] = [one - other for one, other in zip(cells[after], cells[before], strict=True)]
    return made(
        [
            {"row_number": at, "row": row, "kind": kind} | {name: own[at] * TKR for name, own in cells.items()}
            for at, (row, kind) in enumerate(ROWS)
        ]
    )


amounts = st.integers(0, 90_000)
five = st.tuples(amounts, amounts, amounts, amounts, amounts)
statements = st.builds(sound, st.fixed_dictionaries(dict.fromkeys(PLAIN, five)))


def test_insv_2025_comes_out_row_by_row() -> None:
    rows = insv()
    # Typed from the printed report, and subtracted by hand.
    assert in_tkr(rows, "outcome_ore") == [78, 46358, 46436, -35202, -1789, -9440, -46430, 6, 0]
    assert in_tkr(rows, "outcome_minus_budget_ore") == [78, 5654, 5732, 97, 325, -6149, -5726, 6, 0]
    assert in_tkr(rows, "forecast_minus_budget_ore") == [0, 3000, 3000, 1000, 0, -4000, -3000, 0, 0]
    assert in_tkr(rows, "outcome_minus_previous_ore") == [-5, 1738, 1733, 1824, 319, -3871, -1727, 6, 0]
    assert in_tkr(rows, "outcome_minus_forecast_ore") == [78, 2654, 2732, -903, 325, -2149, -2726, 6, 0]
    assert set(rows["difference_to_date_off_ore"]) == set(rows["difference_full_year_off_ore"]) == {0}
    assert in_tkr(rows, "sum_reckoned_ore") == [None, None, 46436, None, None, None, -46431, 6, 6]
    assert in_tkr(rows, "sum_off_ore") == [None, None, 0, None, None, None, 1, 0, -6]


def test_insv_2025_shows_rounding_and_the_unexplained_six() -> None:
    rows = insv().set_index("row")
    odd = rows[rows["verdict"] != "agrees"]
    assert dict(odd["verdict"]) == {"Verksamhetens kostnader": "rounding", "Årets resultat": "contradiction"}
    assert plain(rows.loc["Verksamhetens kostnader", "note"]) == (
        "Ack utfall: tryckt −46 430 tkr, men −35 202 − 1 789 − 9 440 ger −46 431 tkr. Skillnaden 1 tkr ryms i de "
        "tryckta talens avrundning (2 tkr). Samma skillnad i Diff."
    )
    assert plain(rows.loc["Årets resultat", "note"]) == (
        "Ack utfall: tryckt 0 tkr, men Verksamhetens nettokostnader är 6 tkr. Skillnaden 6 tkr är oförklarad: "
        "avrundning kan förklara högst 1 tkr. Samma skillnad i Diff."
    )
    assert (rows.drop(index=list(odd.index))["note"] == "").all()


def test_insv_2025_key_figures() -> None:
    figures = {figure.id: figure for figure in income_statement.income_figures(insv())}
    assert {name: figure.value for name, figure in figures.items()} == {
        "cost_against_budget": 5726,
        "result_against_budget": 0,
        "net_cost": 6,
        "unexplained_difference": 6,
    }
    assert plain(figures["cost_against_budget"].comparison) == (
        "46 430 tkr mot budget 40 704 tkr, 14,1 % över budget, 2 726 tkr över prognosen"
    )
    assert plain(figures["unexplained_difference"].comparison) == "summorna ger 6 tkr, tryckt resultat 0 tkr"
    assert all(figure.unit == "tkr" == INDICATOR_UNITS["tkr"] for figure in figures.values())


def test_insv_2025_says_which_deviations_lack_an_explanation() -> None:
    found = income_statement.deviations_to_explain(insv(), explanations(), limit_ore=100 * TKR, limit_pct=5)
    missing = found[found["verdict"] == "missing"]
    # The printed report explains neither premises nor the forecast (its chapter on that is empty).
    assert list(zip(missing["comparison"], missing["row"], strict=True)) == [
        ("budget", "Lokalkostnader"),
        ("previous_year", "Lokalkostnader"),
        ("forecast", "Övriga intäkter"),
        ("forecast", "Övriga kostnader"),
    ]
    figure = income_statement.unexplained_deviations(found)
    assert (figure.value, figure.numerator, figure.denominator) == (4, 4, 7)
    first = income_statement.asked_deviations(found).iloc[0]
    assert (first["row"], first["verdict"]) == ("Övriga kostnader", "explained")
    assert plain(first["sentence"]) == "Övriga kostnader är 9 440 tkr: 6 149 tkr (186,8 %) högre än budget, 3 291 tkr."


@given(statements)
@settings(max_examples=6, deadline=None)
def test_a_statement_that_adds_up_has_no_findings(statement: pd.DataFrame) -> None:
    checks = income_statement.income_checks(statement)
    rows = income_statement.income_rows(statement)
    assert set(checks["verdict"]) == {"agrees"}
    assert len(checks) == 4 * len(INCOME_AMOUNTS) + 2 * len(ROWS)
    assert set(rows["note"]) == {""} and set(rows["verdict"]) == {"agrees"}
    assert income_statement.unexplained_difference(statement).value == 0


@given(statements, st.sampled_from(range(len(ROWS))), st.sampled_from(list(INCOME_AMOUNTS)),
       st.integers(3, 9_000), st.sampled_from([-1, 1]))  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_one_changed_figure_is_found(statement: pd.DataFrame, at: int, column: str, size: int, way: int) -> None:
    statement.loc[at, column] += size * way * TKR
    checks = income_statement.income_checks(statement)
    wrong = checks[checks["verdict"] == "contradiction"]
    assert len(wrong) and set(wrong["off_ore"].abs()) == {size * TKR}
    # The same arithmetic, written by others: the truth check must say the same of every relation.
    theirs = truth_check.consistency_check(truth_check.income_statement_terms(statement))
    ours = {
        (row["relation"], f"{row['row']}, {row['column_name']}"): row["verdict"] for row in checks.to_dict("records")
    }
    assert ours == {(row["rule"], row["row"]): row["verdict"] for row in theirs.to_dict("records")}


@pytest.mark.parametrize(("off", "verdict"), [(0, "agrees"), (2, "rounding"), (-2, "rounding"), (3, "contradiction")])
def test_rounding_is_half_a_step_for_every_printed_amount(off: int, verdict: str) -> None:
    # A total and three parts: two steps in all.
    statement = sound(dict.fromkeys(PLAIN, (10, 20, 5, 6, 7)))
    statement.loc[6, "outcome_ore"] += off * TKR
    checks = income_statement.income_checks(statement)
    own = checks[(checks["row"] == "Kostnader") & (checks["column"] == "outcome_ore")].iloc[0]
    assert (own["verdict"], own["off_ore"], own["rounding_ore"]) == (verdict, off * TKR, 2 * TKR)


def test_an_empty_cell_is_unknown() -> None:
    statement = sound(dict.fromkeys(PLAIN, (10, 20, 5, 6, 7)))
    statement.loc[4, ["outcome_ore", "difference_to_date_ore"]] = None
    rows = income_statement.income_rows(statement).set_index("row")
    assert pd.isna(rows.loc["Lokaler", "outcome_minus_budget_ore"])
    assert pd.isna(rows.loc["Kostnader", "sum_reckoned_ore"])
    found = income_statement.deviations_to_explain(statement, {}, limit_ore=0, limit_pct=0).set_index("row")
    assert found.loc["Lokaler", "verdict"].tolist() == ["unknown", "unknown", "within"]
    assert "okänd" in found.loc["Lokaler", "sentence"].iloc[0]


def test_without_a_statement_everything_is_unknown_with_a_reason() -> None:
    empty = made([])
    figures = income_statement.income_figures(empty)
    found = income_statement.deviations_to_explain(empty, {}, limit_ore=0, limit_pct=0)
    assert income_statement.income_rows(empty).empty and found.empty
    assert all(figure.value is None and "Ingen resultaträkning" in figure.unknown_because for figure in figures)
    assert income_statement.unexplained_deviations(found).value is None
    assert income_statement.asked_deviations(found).empty


def test_a_statement_without_totals_is_added_up() -> None:
    statement = sound(dict.fromkeys(PLAIN, (10, 20, 5, 6, 7)))
    bare = statement[statement["kind"].isin(["income", "cost", "result"])]
    assert income_statement.net_cost(bare).value == 12
    assert income_statement.unexplained_difference(bare).value == 0
    unknown = income_statement.result_against_budget(statement[statement["kind"] != "result"])
    assert unknown.value is None and unknown.unknown_because.startswith("Årets resultat eller dess budget saknas")


def test_limits_must_both_be_passed() -> None:
    # 110 against 100 tkr: 10 tkr and 10 %.
    statement = sound({**dict.fromkeys(PLAIN, (100, 0, 0, 0, 0)), "outcome_ore": (110, 0, 0, 0, 0)})
    for limit_tkr, limit_pct, beyond in ((9, 9, 1), (10, 9, 0), (9, 10, 0), (9, Decimal("9.99"), 1)):
        found = income_statement.deviations_to_explain(
            statement, {}, limit_ore=limit_tkr * TKR, limit_pct=Decimal(limit_pct)
        )
        own = found[(found["comparison"] == "budget") & (found["row"] == "Avgifter")].iloc[0]
        assert (own["is_beyond"], own["difference_pct"]) == (beyond, 10)


def test_an_explained_total_is_shown_but_not_counted() -> None:
    statement = sound({**dict.fromkeys(PLAIN, (100, 0, 0, 0, 0)), "outcome_ore": (110, 0, 0, 0, 0)})
    texts = {"budget": {"Intäkter": "Fler medlemmar", "Bidrag": "Som väntat"}}
    found = income_statement.deviations_to_explain(statement, texts, limit_ore=0, limit_pct=0)
    budget = found[found["comparison"] == "budget"].set_index("row")["verdict"]
    assert dict(budget[["Avgifter", "Bidrag", "Intäkter", "Netto", "Resultat"]]) == {
        "Avgifter": "missing", "Bidrag": "explained", "Intäkter": "explained", "Netto": "total", "Resultat": "missing",
    }  # fmt: skip
    assert income_statement.unexplained_deviations(found).denominator == 4
    assert list(income_statement.asked_deviations(found)["row"])[:3] == ["Avgifter", "Intäkter", "Resultat"]


def test_wrong_use_is_refused() -> None:
    statement = sound(dict.fromkeys(PLAIN, (10, 20, 5, 6, 7)))
    two = pd.concat([statement, statement.assign(year=2024)])
    with pytest.raises(MeasureError, match="more than one year"):
        income_statement.income_rows(two)
    with pytest.raises(MeasureError, match="has no column 'kind'"):
        income_statement.income_checks(statement.drop(columns="kind"))
    with pytest.raises(MeasureError, match="'budgets' is not a comparison"):
        income_statement.deviations_to_explain(statement, {"budgets": {}}, limit_ore=0, limit_pct=0)
    with pytest.raises(MeasureError, match="below zero"):
        income_statement.deviations_to_explain(statement, {}, limit_ore=-1, limit_pct=0)
    with pytest.raises(MeasureError, match="two years, the earlier first"):
        income_statement.budget_rows(shipped("uhc").budgets, (2026, 2025))


def test_the_frame_given_is_not_changed() -> None:
    statement = sound(dict.fromkeys(PLAIN, (10, 20, 5, 6, 7)))
    before = statement.copy(deep=True)
    income_statement.income_rows(statement)
    income_statement.deviations_to_explain(statement, {}, limit_ore=0, limit_pct=0)
    pd.testing.assert_frame_equal(statement, before)


def test_cost_deviations_of_2021_add_up_within_rounding() -> None:
    rows = income_statement.cost_deviation_rows(
        shipped("insv").deviations, {"budget": {"Lokalkostnader": "Hyresfritt"}}
    )
    totals = rows[rows["kind"] == "total"].set_index("comparison")
    assert in_tkr(totals, "reckoned_ore") == [-868, 7332]
    assert in_tkr(totals, "off_ore") == [-1, 0]
    assert list(totals["verdict"]) == ["rounding", "agrees"]
    assert plain(totals.loc["budget", "note"]) == (
        "−487 − 141 − 240 ger −868 tkr, tryckt −869 tkr. Skillnaden 1 tkr ryms i de tryckta talens avrundning (2 tkr)."
    )
    budget = rows[rows["comparison"] == "budget"]
    assert list(budget["explanation_verdict"]) == ["total", "missing", "explained", "missing", "of_which"]
    assert plain(budget["sentence"].iloc[1]) == "Personalkostnader: 487 tkr lägre än budget."


def test_a_wrong_sum_of_cost_deviations_is_a_contradiction() -> None:
    usual = {"organisation": "prov", "year": 2021, "comparison": "budget", "source": "Prov"}
    rows = [("total", "Allt", 100), ("part", "Personal", 70), ("part", "Lokaler", 20), ("of_which", "Hyra", 10)]
    given_rows = [usual | {"kind": kind, "row": row, "amount_ore": tkr * TKR} for kind, row, tkr in rows]
    found = income_statement.cost_deviation_rows(pd.DataFrame(given_rows, columns=names(COST_DEVIATIONS)))
    assert found.loc[0, ["verdict", "off_ore"]].tolist() == ["contradiction", 10 * TKR]


def test_budgets_of_uhc_change_and_one_sum_does_not_hold() -> None:
    rows = income_statement.budget_rows(shipped("uhc").budgets, (2025, 2026))
    named = rows.set_index("row")
    assert in_tkr(rows, "change_ore") == [648, 515, 33, 100, 648, -422, 33, 37, 0]
    costs = named.loc["Kostnader"]
    assert costs["verdict"] == "contradiction"
    assert [int(costs[name]) // TKR for name in ("before_off_ore", "after_off_ore")] == [0, -1000]
    assert plain(costs["note"]).startswith("2026: −20 013 − 1 084 − 2 762 ger −23 859 tkr, tryckt −24 859 tkr.")
    assert plain(named.loc["Personalkostnader", "change_text"]) == "−422 tkr (−2,1 %)"
    assert named.loc["Resultat", "change_text"] == "oförändrat"
    share = Decimal(int(costs["numerator_ore"])) * 100 / Decimal(int(costs["denominator_ore"]))
    assert share == costs["change_pct"] == income_statement.budget_change(rows).value


def test_a_row_of_one_budget_only_has_no_change() -> None:
    usual = {"organisation": "prov", "source": "Prov", "kind": "income"}
    rows = [usual | {"year": 2025, "row": "Gammal", "amount_ore": 5 * TKR},
            usual | {"year": 2026, "row": "Ny", "amount_ore": 7 * TKR}]  # fmt: skip
    found = income_statement.budget_rows(pd.DataFrame(rows, columns=names(BUDGETS)), (2025, 2026))
    assert list(found["row"]) == ["Ny", "Gammal"]
    assert found["change_ore"].isna().all() and found["change_pct"].isna().all()
    assert list(found["change_text"]) == ["raden finns inte i budget 2025", "raden finns inte i budget 2026"]
    assert income_statement.budget_change(found).value is None


Tables = Callable[[str], list[pd.DataFrame]]


def number(text: str) -> Decimal:
    return Decimal(text.replace(" ", "").replace("\u00a0", "").replace("−", "-").replace(",", "."))


def worked(table: pd.DataFrame) -> pd.DataFrame:
    heads = {"Ack utfall (tkr)": "outcome_ore", "Ack budget (tkr)": "budget_to_date_ore",
             "Prognos helår (tkr)": "forecast_full_year_ore"}  # fmt: skip
    rows = [
        {"row_number": at, "row": row["Rad"], "kind": KINDS[row["Slag"]]}
        | {column: int(number(row[head]) * TKR) for head, column in heads.items() if head in row}
        for at, row in enumerate(table.to_dict("records"))
    ]
    return made(rows)


def agrees(figure: KeyFigure, told: pd.DataFrame) -> None:
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    assert (figure.value, figure.numerator, figure.denominator) == (
        expected["Värde"], expected.get("Täljare"), expected.get("Nämnare"),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["cost_against_budget", "result_against_budget", "net_cost", "unexplained_difference"])
def test_the_worked_figures(name: str, worked_tables: Tables) -> None:
    statement, told = worked_tables(name)
    figure = getattr(income_statement, name)(worked(statement))
    assert figure.id == figure.method == name
    agrees(figure, told)


def test_the_worked_deviations(worked_tables: Tables) -> None:
    statement, verdicts, told = worked_tables("unexplained_deviations")
    texts = {row["Rad"]: row["Förklaring"] for row in statement.to_dict("records") if row["Förklaring"] != "–"}
    found = income_statement.deviations_to_explain(
        worked(statement), {"budget": texts}, limit_ore=100 * TKR, limit_pct=5
    )
    budget = found[found["comparison"] == "budget"]
    assert list(budget["verdict_name"]) == list(verdicts["Utfall"])
    assert in_tkr(budget, "difference_ore") == [int(number(text)) for text in verdicts["Avvikelse (tkr)"]]
    agrees(income_statement.unexplained_deviations(found), told)


def test_the_worked_budget(worked_tables: Tables) -> None:
    table, told = worked_tables("budget_change")
    rows = [
        {"organisation": "prov", "source": "Prov", "year": year, "kind": KINDS[row["Slag"]], "row": row["Rad"],
         "amount_ore": int(number(row[f"{year} (tkr)"]) * TKR)}
        for year in (2025, 2026) for row in table.to_dict("records")
    ]  # fmt: skip
    found = income_statement.budget_rows(pd.DataFrame(rows, columns=names(BUDGETS)), (2025, 2026))
    agrees(income_statement.budget_change(found), told)
