"""Scores, spread, gaps, levels and verdicts, by hand on the method pages and by planted cases."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import maturity
from procanalysis.measures.maturity import SCORE_COLUMNS, VERDICTS, position

Tables = Callable[[str], list[pd.DataFrame]]


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def scores(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame([(row[0], row[0], *row[1:]) for row in rows], columns=SCORE_COLUMNS, dtype=object)


def worked_scores(worked_tables: Tables, page: str) -> pd.DataFrame:
    table = worked_tables(page)[0].replace("–", None)
    return scores(
        *(
            (r["Dimension"], number(r["Vikt"]), r["Bedömare"], r["I dag"], r["Önskad nivå"])
            for r in table.to_dict("records")
        )
    )


def told(worked_tables: Tables, page: str) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in worked_tables(page)[-1].to_dict("records")}


def known(text: str) -> Decimal | None:
    return None if text == "–" else number(text)


@pytest.mark.parametrize("name", ["weighted_position", "weighted_gap"])
def test_the_worked_example_of_weights_is_what_the_measure_gives(worked_tables: Tables, name: str) -> None:
    hand = told(worked_tables, name)
    figure = getattr(maturity, name)(position(worked_scores(worked_tables, name)))
    assert figure.id == figure.method == name
    assert figure.value is not None
    assert figure.value.quantize(hand["Värde"]) == hand["Värde"]
    assert (figure.numerator, figure.denominator) == (hand["Täljare"], hand["Nämnare"])


def test_the_worked_example_of_spread_and_gap_is_what_the_measure_gives(worked_tables: Tables) -> None:
    found = position(worked_scores(worked_tables, "weighted_position")).to_dict("records")
    expected = worked_tables("weighted_position")[1].to_dict("records")
    columns = {"Nivå": "now", "Lägst": "lowest", "Högst": "highest", "Spridning": "spread", "Önskad": "wanted",
               "Gap": "gap", "Viktat gap": "weighted_gap", "Bedömare": "assessors_count"}  # fmt: skip
    for row, hand in zip(found, expected, strict=True):
        assert row["dimension_name"] == hand["Dimension"]
        assert {name: row[column] for name, column in columns.items()} == {n: known(hand[n]) for n in columns}
    assert [row["agreement"] for row in found] == ["Oeniga", "Eniga", ""]
    assert [row["priority"] for row in found][:2] == [2, 1]


def test_the_worked_example_of_levels_and_verdicts_is_what_the_measure_gives(worked_tables: Tables) -> None:
    indicators, dimensions, _ = worked_tables("claim_agreement")
    rows = []
    for row in indicators.to_dict("records"):
        limits = [number(each) for each in row["Gränser"].split(";")]
        good = "higher" if row["Bra"] == "högt" else "lower"
        level = maturity.evidence_level(known(row["Värde"]), limits, good)
        assert level == known(row["Nivå"]), row["Mått"]
        rows.append((row["Mått"], level))
    evidence = pd.DataFrame(rows, columns=["indicator_id", "level"], dtype=object)
    names = list(dimensions["Dimension"])
    positions = pd.DataFrame(
        {"dimension_id": names, "dimension_name": names, "now": [known(text) for text in dimensions["Poäng"]]},
        dtype=object,
    )
    support = {row["Dimension"]: row["Mått"].split("; ") for row in dimensions.to_dict("records")}
    claims = maturity.claims_against_evidence(positions, evidence, support)
    found = {row["dimension_id"]: (row["evidence_level"], row["verdict_name"]) for row in claims.to_dict("records")}
    assert found == {r["Dimension"]: (known(r["Underlagets nivå"]), r["Utfall"]) for r in dimensions.to_dict("records")}
    assert {row["verdict"] for row in claims.to_dict("records")} == set(VERDICTS)
    figure = maturity.claim_agreement(claims)
    hand = told(worked_tables, "claim_agreement")
    assert figure.value is not None and figure.value.quantize(hand["Värde"]) == hand["Värde"]
    assert (figure.numerator, figure.denominator) == (hand["Täljare"], hand["Nämnare"])


def test_exactly_one_level_apart_is_a_disagreement_and_just_under_is_not() -> None:
    evidence = pd.DataFrame({"indicator_id": ["x"], "level": [3]}, dtype=object)
    for now, verdict in ((Decimal(4), "higher"), (Decimal("3.99"), "agrees"), (Decimal(2), "lower")):
        positions = pd.DataFrame({"dimension_id": ["a"], "dimension_name": ["A"], "now": [now]}, dtype=object)
        assert maturity.claims_against_evidence(positions, evidence, {"a": ["x"]})["verdict"].tolist() == [verdict]


def test_the_largest_disagreement_comes_first_and_what_cannot_be_compared_last() -> None:
    positions = position(
        scores(("a", 1, "x", 3, 4), ("b", 1, "x", None, None), ("c", 1, "x", 5, 5), ("d", 1, "x", 1, 5))
    )
    evidence = pd.DataFrame({"indicator_id": ["i", "j"], "level": [2, None]}, dtype=object)
    claims = maturity.claims_against_evidence(positions, evidence, {"a": ["i"], "b": ["i"], "c": ["i"], "d": ["j"]})
    assert claims["dimension_id"].tolist()[:2] == ["c", "a"]
    assert maturity.disagreements(claims)["dimension_id"].tolist() == ["c", "a"]
    assert set(claims["verdict"].tolist()[2:]) == {"no_score", "no_data"}


def test_without_scores_every_figure_is_unknown_with_the_reason_and_never_zero() -> None:
    positions = position(scores(("a", 1, None, None, None), ("b", 2, None, None, None)))
    assert positions["now"].tolist() == positions["gap"].tolist() == [None, None]
    claims = maturity.claims_against_evidence(positions, pd.DataFrame({"indicator_id": [], "level": []}), {})
    assert set(claims["verdict"]) == {"no_score"}
    for figure in maturity.key_figures(positions, claims, why_unknown="Inga poäng är satta"):
        assert (figure.value, figure.unknown_because) == (None, "Inga poäng är satta")
    assert maturity.largest_gaps(positions).empty


def test_movement_between_two_assessments_is_what_was_planted() -> None:
    before = position(scores(("a", 1, "x", 1, 4), ("b", 1, "x", 3, 4), ("c", 1, "x", 2, 4)))
    now = position(scores(("a", 1, "x", 3, 4), ("b", 1, "x", 2, 4), ("c", 1, "x", 2, 4), ("d", 1, "x", 2, 4)))
    moved = maturity.movement(now, before)
    assert moved["change"].tolist() == [2, -1, 0, None]
    assert moved["direction"].tolist() == ["Framåt", "Bakåt", "Oförändrat", "Går inte att jämföra"]
    assert maturity.movement(now, None).empty


def indicator_rows(*rows: tuple[str, object, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["indicator_id", "value", "good"], dtype=object)
    return frame.assign(indicator_name=frame["indicator_id"], unit="%")


def test_an_indicator_moves_the_right_way_only_when_its_good_way_says_so() -> None:
    before = indicator_rows(("up", Decimal(10), "higher"), ("down", Decimal(80), "lower"),
                            ("still", Decimal(5), "lower"), ("new", None, "lower"))  # fmt: skip
    now = indicator_rows(("up", Decimal(20), "higher"), ("down", Decimal(90), "lower"),
                         ("still", Decimal("5.4"), "lower"), ("new", Decimal(1), "lower"))  # fmt: skip
    found = maturity.indicator_movement(now, before)
    assert found["direction"].tolist() == ["Åt rätt håll", "Åt fel håll", "I stort sett oförändrat", "Underlag saknas"]
    assert set(maturity.indicator_movement(now, None)["direction"]) == {"Underlag saknas"}


def test_causes_are_weighed_by_the_gaps_that_they_touch() -> None:
    positions = position(scores(("a", 2, "x", 1, 3), ("b", 1, "x", 4, 3), ("c", 1, None, None, None)))
    causes = pd.DataFrame(
        {"cause": ["light", "heavy", "unknown"], "challenges": [()] * 3, "consequences": [("k",)] * 3,
         "dimensions": [("b",), ("a", "b"), ("c",)]}
    )  # fmt: skip
    found = maturity.cause_clusters(causes, positions)
    assert found["cause"].tolist() == ["heavy", "light", "unknown"]
    assert found["weighted_gap"].tolist() == [4, 0, None], "a level above the wanted one takes nothing away"


def test_several_assessments_lie_side_by_side() -> None:
    one, other = position(scores(("a", 1, "x", 1, 3))), position(scores(("a", 1, "x", 2, 3)))
    found = maturity.side_by_side({"Ett 2024": one, "Två 2025": other})
    assert found[["assessment", "now"]].values.tolist() == [["Ett 2024", 1], ["Två 2025", 2]]
    assert maturity.side_by_side({}).empty


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(MeasureError, match="weight of 'a' is 0"):
        position(scores(("a", 0, "x", 1, 2)))
    with pytest.raises(MeasureError, match="'x' scores 'a' twice"):
        position(scores(("a", 1, "x", 1, 2), ("a", 1, "x", 2, 2)))
    with pytest.raises(MeasureError, match="no column 'now'"):
        position(scores(("a", 1, "x", 1, 2)).drop(columns="now"))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=6), st.integers(1, 9))
def test_the_mean_lies_within_the_spread_and_the_gap_is_wanted_minus_now(
    levels: list[tuple[int, int]], weight: int
) -> None:
    given_scores = scores(*(("a", weight, f"assessor {n}", *pair) for n, pair in enumerate(levels)))
    row = position(given_scores).iloc[0]
    assert row["lowest"] <= row["now"] <= row["highest"]
    assert row["spread"] == row["highest"] - row["lowest"]
    assert abs(row["gap"] * len(levels) - sum(wanted - now for now, wanted in levels)) < Decimal("1e-20")
    assert row["weighted_gap"] == row["gap"] * weight


@given(st.decimals(0, 100, places=1))
def test_a_better_value_never_gives_a_lower_level(value: Decimal) -> None:
    limits = [Decimal(20), Decimal(40), Decimal(60), Decimal(80)]
    level, better = (maturity.evidence_level(v, limits, "higher") for v in (value, value + 1))
    assert level is not None and better is not None
    assert 1 <= level <= better <= 5
    turned = maturity.evidence_level(100 - value, list(reversed(limits)), "lower")
    assert turned == level
