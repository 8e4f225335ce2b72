"""The indicators of one year: its own targets only, what deviates most, histories with their gaps, and goals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures.indicators import (
    goals_of_year,
    indicator_history,
    indicator_trends,
    indicators_of_year,
    largest_deviations,
    status_counts,
    status_figures,
    undecided_reasons,
)
from procanalysis.measures.truth_check import checks_in_words, contradiction_count, contradictions_by_rule
from procanalysis.schema import (
    CONSISTENCY_CHECKS,
    GOAL_STATUSES,
    INDICATOR_TARGETS,
    INDICATOR_VALUES,
    INDICATORS,
    SERIES_BREAKS,
    STATUS_SCALES,
    Column,
    names,
)

Table = tuple[Column, ...]


def made(table: Table, rows: list[dict[str, Any]], /, **usual: Any) -> pd.DataFrame:
    given = [{"organisation": "prov", "source": "Prov"} | usual | row for row in rows]
    for row in given:
        for column in table:
            if column.type == "decimal" and row.get(column.name) is not None:
                row[column.name] = Decimal(str(row[column.name]))
    return pd.DataFrame(given, columns=names(table)).astype(object).where(lambda cells: cells.notna(), None)


def indicators(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"goal": "Mål 1", "level": "N", "definition": "En.", "unit": "percent", "direction": "higher", "owner": "C"}
    given = [{"name": f"Mätetal {row['indicator_id']}"} | row for row in rows]
    return made(INDICATORS, given, **usual, source_kind="reported")


def values(*rows: dict[str, Any]) -> pd.DataFrame:
    return made(INDICATOR_VALUES, list(rows), year=2025, period="helår", unit="percent", is_doubtful=0)


def targets(*rows: dict[str, Any]) -> pd.DataFrame:
    return made(INDICATOR_TARGETS, list(rows), year=2025, operator="at_least", unit="percent")


def breaks(*rows: dict[str, Any]) -> pd.DataFrame:
    return made(SERIES_BREAKS, list(rows), reason="Nytt sätt att räkna")


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


A, B, C, D = ({"indicator_id": name} for name in "ABCD")
BOARD = {
    "indicators": indicators(A, B | {"unit": "mnkr"}, C | {"note": "Mäts sällan."}, D, {"indicator_id": "E"}),
    "values": values(
        A | {"value": 23.5, "numerator": 40, "denominator": 170, "is_doubtful": 1, "comment": "Suddigt."},
        B | {"value": 64.4, "unit": "mnkr"},
        C | {"value": 82},
        D | {"comment": "Tryckt som ?"},
    ),
    "targets": targets(
        A | {"value": 30}, A | {"year": 2026, "value": 32, "long_term": 40}, B | {"value": 70, "unit": "mnkr"},
        C | {"year": 2026, "value": 80}, D | {"value": 5}, {"indicator_id": "E", "year": 2026, "value": 1},
    ),
    "breaks": breaks(),
}  # fmt: skip


def of_year(**more: Any) -> Any:
    return indicators_of_year(**(BOARD | more), year=2025)


def test_each_indicator_stands_with_the_target_of_its_own_year() -> None:
    found = of_year()
    rows = found.rows.set_index("indicator_id")
    assert list(rows["status"]) == ["not_met", "not_met", "unknown", "unknown"]
    assert [plain(text) for text in rows["target_text"]] == ["minst 30 %", "minst 70 mnkr", "–", "minst 5 %"]
    assert plain(rows.loc["A", "later_target_text"]) == "2026: minst 32 %, på sikt 40 %"
    assert plain(rows.loc["C", "later_target_text"]) == "2026: minst 80 %", "82 is not held against it"
    assert plain(rows.loc["A", "outcome_text"]) == "23,5 % (40 av 170)"
    assert plain(rows.loc["A", "distance_text"]) == "−6,5 procentenheter"
    assert plain(rows.loc["D", "outcome_text"]) == "saknas" and rows.loc["D", "distance"] is None
    assert rows.loc["A", "comment"] == "Osäkert: Suddigt."
    assert rows.loc["C", "comment"] == ("Inget mål för 2025 är angivet. Mäts sällan.")
    assert rows.loc["D", "comment"] == "Utfallet 2025 saknas (Tryckt som ?).", "a comment is told once"


def test_every_indicator_is_shown_or_named_as_left_out() -> None:
    found = of_year()
    assert sorted([*found.rows["indicator_id"], *found.left_out["indicator_id"]]) == list("ABCDE")
    assert list(found.left_out["reason"]) == ["Varken utfall eller mål för 2025. Målet gäller 2026"]


def test_counts_add_up_and_nothing_is_called_missed_when_nothing_can_be_decided() -> None:
    found = of_year()
    counts = status_counts(found)
    assert counts == {"total": 4, "met": 0, "missed": 2, "undecided": 2, "followed": 0, "doubtful": 1}
    reached, undecided = status_figures(found)
    assert (reached.value, reached.comparison) == (0, "av 2 som kan avgöras. 2 uppnåddes inte")
    assert (undecided.value, undecided.comparison) == (2, "av 4 mätetal. 1 osäkert utfall")
    none = of_year(targets=targets())
    assert status_counts(none)["met"] is None and status_counts(none)["missed"] is None
    assert status_figures(none)[0].value is None
    assert status_figures(none)[0].unknown_because == "Inget mätetal kan avgöras"


def test_what_deviates_most_is_measured_against_the_target_itself() -> None:
    # −6,5 of 30 is −21,7 %, −5,6 of 70 is −8,0 %; where the target is 0 there is no such share.
    zero = {"indicator_id": "C", "operator": "exactly", "value": 0}
    found = of_year(targets=pd.concat([BOARD["targets"], targets(zero)]))
    deviations = largest_deviations(found)
    assert list(deviations["indicator_id"]) == ["A", "B", "C"]
    assert [round(share, 1) for share in deviations["deviation_pct"][:2]] == [Decimal("-21.7"), Decimal("-8.0")]
    assert deviations["deviation_pct"][2] is None
    assert list(largest_deviations(found, 1)["indicator_id"]) == ["A"]


def test_reasons_hold_every_indicator_that_cannot_be_decided_once() -> None:
    found = of_year(values=values(C | {"value": 82}, A | {"value": 1}), targets=targets())
    reasons = undecided_reasons(found)
    assert list(reasons["reason"]) == ["Inget mål är angivet"] and list(reasons["indicators_count"]) == [2]
    assert reasons["names"][0] == ("Mätetal A", "Mätetal C")


def test_a_bounded_outcome_is_written_as_it_is_known() -> None:
    found = of_year(values=values(A | {"value": 85, "low": 85}))
    assert plain(found.rows["outcome_text"][0]) == "minst 85 %"


# History


def test_a_history_is_broken_where_the_series_is_and_what_is_missing_stays_missing() -> None:
    known = values(*(A | {"year": year, "value": year - 2000} for year in (2020, 2021, 2023)), A | {"year": 2024})
    history = indicator_history(
        indicators(A), known, targets(A | {"year": 2023, "value": 9}), breaks(A | {"from_year": 2023}), to_year=2025
    )
    rows = [(row["year"], row["kind"], row["part"], row["value"]) for row in history.to_dict("records")]
    assert rows == [
        (2020, "outcome", 0, 20), (2021, "outcome", 0, 21), (2023, "outcome", 1, 23), (2023, "target", None, 9),
        (2023, "break", None, None), (2024, "missing", 1, None),
    ]  # fmt: skip
    assert list(history["number_text"])[:2] == ["20", "21"]


def test_nothing_after_the_year_is_known_in_its_report() -> None:
    known = values(A | {"year": 2024, "value": 1}, A | {"year": 2026, "value": 2})
    later = breaks(A | {"from_year": 2026})
    history = indicator_history(indicators(A), known, targets(A | {"year": 2026, "value": 3}), later, to_year=2025)
    assert list(history["year"]) == [2024]


def test_what_was_replaced_is_shown_apart_in_the_same_unit_only() -> None:
    old = values(B | {"year": 2021, "value": 7}, B | {"year": 2022, "value": 8, "unit": "count"}, A | {"value": 9})
    replaced = breaks(A | {"from_year": 2025, "replaces": "B"})
    history = indicator_history(indicators(A, B), old, targets(), replaced, to_year=2025)
    own = history[history["indicator_id"] == "A"]
    assert list(zip(own["year"], own["kind"], own["is_replaced"], strict=True)) == [
        (2021, "outcome", True), (2025, "outcome", False), (2025, "break", False),
    ]  # fmt: skip
    assert own["part"].iloc[0] != own["part"].iloc[1]


def test_an_outcome_in_another_unit_is_missing_with_the_reason_and_such_a_target_is_not_drawn() -> None:
    known = values(A | {"year": 2024, "value": 7, "unit": "count"}, A | {"value": 9})
    history = indicator_history(
        indicators(A), known, targets(A | {"value": 1, "unit": "hours"}), breaks(), to_year=2025
    )
    assert list(history["kind"]) == ["missing", "outcome"]
    assert history["note"][0] == "Utfallet är i st, de senare i %"


def test_a_table_with_wrong_columns_is_refused() -> None:
    with pytest.raises(MeasureError, match="indicator_history"):
        indicator_history(indicators(A), values(), targets(), breaks().drop(columns="reason"), to_year=2025)


def test_trends_are_told_of_every_series_with_outcomes_up_to_the_year() -> None:
    known = values(*(A | {"year": year, "value": year} for year in range(2019, 2027)), B | {"value": 1})
    trends = indicator_trends(indicators(A, B, C), known, breaks(A | {"from_year": 2026}), to_year=2025)
    assert list(zip(trends["verdict"], trends["points_count"], strict=True)) == [("rising", 7), ("too_few", 1)]


# Goals


SCALES = made(
    STATUS_SCALES,
    [{"step": 1, "status": "Bra", "colour": "green"}, {"step": 2, "status": "Risk", "colour": "amber"}],
    scale="board_goal",
)


def goals(*rows: dict[str, Any]) -> pd.DataFrame:
    return made(GOAL_STATUSES, list(rows), year=2025, goal="Ett mål", scale="board_goal")


def test_printed_goals_stand_beside_what_their_indicators_suggest() -> None:
    printed = goals(
        {"goal_number": "1", "status": "Bra"}, {"goal_number": "2", "status": "Risk"}, {"goal_number": "3"},
        {"goal_number": "risk 1", "status": "Bra", "scale": "internal_control"},
    )  # fmt: skip
    found = goals_of_year(of_year().rows, printed, SCALES, {"Mål 1": "1"}, scale="board_goal")
    assert list(found["goal_number"]) == ["1", "2", "3"], "a risk is no goal"
    assert list(found["printed"]) == ["Bra", "Risk", None] and list(found["colour"]) == ["green", "amber", None]
    assert list(found["suggested"]) == ["Risk", "", ""]
    assert list(found["verdict_name"]) == ["Skiljer sig", "Inga mätetal", "Inga mätetal"]
    assert (found["met_count"][0], found["not_met_count"][0], found["undecided_count"][0]) == (0, 2, 2)
    alone = goals_of_year(of_year().rows, printed, SCALES, {"Mål 1": "3"}, scale="board_goal")
    assert list(alone["verdict_name"])[2] == "Ingen status är tryckt"


def test_a_board_without_printed_goals_or_scale_gets_counts_and_no_suggestion() -> None:
    found = goals_of_year(of_year().rows, goals(), SCALES[:0], {}, scale="board_goal")
    assert list(found["goal"]) == ["Mål 1"] and list(found["suggested"]) == [""]
    assert found["not_met_count"][0] == 2
    homeless = goals_of_year(of_year().rows.assign(goal=None), goals(), SCALES[:0], {}, scale="board_goal")
    assert list(homeless["goal"]) == ["Utan mål eller avsnitt"] and homeless["not_met_count"][0] == 2


# What the truth check found, in words


def checks(*rows: dict[str, Any]) -> pd.DataFrame:
    return made(CONSISTENCY_CHECKS, list(rows), year=2025, table="Mätetal", unit="percent", verdict="contradiction")


def test_findings_of_the_same_kind_are_told_in_one_sentence() -> None:
    many = [{"rule": "target_year", "row": f"A{n} Andel {n}", "sentence": "x"} for n in range(3)]
    one = {"rule": "sum", "row": "Kostnader", "sentence": "Kostnader går inte ihop."}
    found = contradictions_by_rule(checks(*many, one, {**one, "verdict": "agrees"}))
    assert list(found["found_count"]) == [3, 1]
    assert found["sentence"][0] == "3 gånger: Andel 0; Andel 1; Andel 2."
    assert found["sentence"][1] == "Kostnader går inte ihop."


def test_findings_are_counted_for_the_year_beside_what_could_be_reckoned() -> None:
    one = {"rule": "sum", "row": "Kostnader", "sentence": "x"}
    given = checks(one, {**one, "verdict": "rounding"}, {**one, "year": 2024})
    figure = contradiction_count(given, year=2025)
    assert (figure.value, figure.comparison) == (1, "1 av 2 omräknade samband stämmer")
    none = contradiction_count(given, year=2023)
    assert (none.value, none.comparison) == (0, "inga summor eller andelar att räkna om")
    fault = contradiction_count(checks({**one, "rule": "missing_status"}), year=2025)
    assert (fault.value, fault.comparison) == (1, none.comparison), "what lists faults only is no share of anything"
    named = checks_in_words(given)
    assert list(named["verdict_name"]) == ["Stämmer inte", "Ryms i avrundningen", "Stämmer inte"]
    assert set(named["rule_name"]) == {"Delarna ska ge summan"}
