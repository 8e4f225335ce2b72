"""Indicators: targets of the right year only, trends against scipy, and forecasts that have been tried."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures.indicators import (
    computed_outcome,
    distance_to_target,
    fewest_points,
    forecast,
    indicator_status,
    indicator_statuses,
    indicator_trend,
    mann_kendall,
    printed_goal_statuses,
    suggested_goal_status,
    theil_sen,
)
from procanalysis.schema import (
    GOAL_STATUSES,
    INDICATOR_TARGETS,
    INDICATOR_VALUES,
    INDICATORS,
    SERIES_BREAKS,
    STATUS_SCALES,
    KeyFigure,
    names,
)

BOARD = ["Går enligt plan", "Risk för avvikelse från plan"]
CONTROL = ["Ingen avvikelse", "Mindre avvikelse", "Stor avvikelse"]


def values(*rows: dict[str, Any], **every: Any) -> pd.DataFrame:
    usual = {"organisation": "prov", "indicator_id": "A", "period": "helår", "unit": "percent", "is_doubtful": 0}
    made = [usual | {"source": "Prov"} | every | row for row in rows]
    for row in made:
        row |= {
            name: Decimal(str(row[name]))
            for name in ("value", "low", "high", "coverage_pct")
            if row.get(name) is not None
        }
    return pd.DataFrame(made, columns=names(INDICATOR_VALUES)).astype(object).where(lambda cells: cells.notna(), None)


def yearly(first: int, *outcomes: Any, **every: Any) -> pd.DataFrame:
    return values(*({"year": first + at, "value": value} for at, value in enumerate(outcomes)), **every)


def targets(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"organisation": "prov", "indicator_id": "A", "year": 2025, "operator": "at_least", "unit": "percent"}
    made = [usual | {"source": "Prov"} | row for row in rows]
    for row in made:
        row |= {name: Decimal(str(row[name])) for name in ("value", "long_term") if row.get(name) is not None}
    return pd.DataFrame(made, columns=names(INDICATOR_TARGETS)).astype(object).where(lambda cells: cells.notna(), None)


def status(of: pd.DataFrame, against: pd.DataFrame, **choices: Any) -> Any:
    return indicator_status(of, against, **({"indicator_id": "A", "direction": "higher", "year": 2025} | choices))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


# Status


@pytest.mark.parametrize(
    ("operator", "target", "direction", "met", "not_met"),
    [
        ("at_least", 30, "higher", ["30", "30.1"], ["29.9", "0"]),
        ("more_than", 30, "higher", ["30.1"], ["30", "29"]),
        ("at_most", 6, "lower", ["6", "3.07"], ["6.1"]),
        ("less_than", 6, "lower", ["5.9"], ["6"]),
        ("exactly", 0, "zero", ["0"], ["0.1", "-6"]),
        ("less_than", 3, "zero", ["2.1", "-2.9", "0"], ["3", "-3", "-3.1"]),
        ("at_most", 3, "zero", ["3", "-3"], ["3.1", "-3.1"]),
        ("exactly", 100, "higher", ["100"], ["99", "101"]),
    ],
)
def test_each_operator_at_and_beside_its_limit(
    operator: str, target: int, direction: str, met: list[str], not_met: list[str]
) -> None:
    against = targets({"operator": operator, "value": target})
    for expected, outcomes in (("met", met), ("not_met", not_met)):
        for outcome in outcomes:
            assert status(yearly(2025, outcome), against, direction=direction).status == expected


def test_the_target_of_next_year_is_never_held_against_this_years_outcome() -> None:
    found = status(yearly(2025, "64.4"), targets({"year": 2026, "value": 57}, {"year": 2024, "value": 10}))
    assert (found.status, found.target) == ("unknown", None)
    assert found.unknown_because == ("Inget mål för 2025 är angivet. Målet för 2024 och 2026 gäller inte utfallet 2025")
    right = status(yearly(2025, "64.4"), targets({"year": 2026, "value": 57}, {"year": 2025, "value": 70}))
    assert (right.status, right.target) == ("not_met", Decimal(70))


@pytest.mark.parametrize(
    ("row", "target", "because"),
    [
        ({}, {"operator": "left_blank"}, "Målvärdet är lämnat tomt i källan"),
        ({}, {"operator": "in_words", "words": "Fler insatser"}, "Målet är angivet i ord: Fler insatser"),
        ({"value": None, "comment": "Tryckt som ?"}, {"value": 30}, "Utfallet 2025 saknas (Tryckt som ?)"),
        ({"unit": "index_points"}, {"value": 30}, "Utfallet är i indexpoäng men målet i %"),
        ({"unit": "percentage_points"}, {"value": 30}, "Utfallet är i procentenheter men målet i %"),
        ({"coverage_pct": 32}, {"value": 30}, "Utfallet täcker 32 % av det som ska mätas, och minst 50 % behövs"),
        ({"low": 28, "high": 31}, {"value": 30}, "Det som är känt om utfallet (28 % till 31 %) ligger på båda sidor"),
        ({"low": 28}, {"value": 30}, "Det som är känt om utfallet (minst 28 %) ligger på båda sidor om målet"),
        ({"high": 31}, {"value": 30}, "Det som är känt om utfallet (högst 31 %) ligger på båda sidor om målet"),
    ],
)  # fmt: skip
def test_what_cannot_carry_a_verdict_gets_none_and_says_why(
    row: dict[str, Any], target: dict[str, Any], because: str
) -> None:
    found = status(values({"year": 2025, "value": 29} | row), targets(target), least_coverage_pct=Decimal(50))
    assert found.status == "unknown" and found.label == "Kan inte avgöras"
    assert plain(found.unknown_because).startswith(because)


def test_an_uncertain_outcome_on_one_side_of_the_target_is_decided() -> None:
    aim = targets({"value": 30})
    assert status(values({"year": 2025, "value": 33, "low": 30, "high": 36}), aim).status == "met"
    assert status(values({"year": 2025, "value": 85, "low": 85}), aim).status == "met"
    assert status(values({"year": 2025, "value": 20, "high": 29}), aim).status == "not_met"
    near_zero = targets({"operator": "less_than", "value": 3})
    both_sides = values({"year": 2025, "value": 0, "low": -2, "high": 2})
    assert status(both_sides, near_zero, direction="zero").status == "met"
    exact = targets({"operator": "exactly", "value": 0})
    assert status(both_sides, exact, direction="zero").status == "unknown"


def test_a_doubtful_outcome_is_judged_and_the_doubt_is_told() -> None:
    found = status(values({"year": 2025, "value": "23.5", "is_doubtful": 1, "comment": "Otydlig skanning"}),
                   targets({"value": 30}))  # fmt: skip
    assert found.is_doubtful
    assert plain(found.sentence) == (
        "Utfallet 2025 är 23,5 %. Målet är minst 30 %. Målet är inte uppnått. Utfallet är osäkert. Otydlig skanning."
    )
    assert plain(found.rule) == "Målet är uppnått om utfallet 2025 är minst 30 %."


@pytest.mark.parametrize(
    ("before", "now", "operator", "expected"),
    [("2.6", "2.7", "increase", "met"), ("2.7", "2.7", "increase", "not_met"), ("2.8", "2.7", "increase", "not_met"),
     ("2.8", "2.7", "decrease", "met"), ("2.7", "2.7", "decrease", "not_met"), (None, "2.7", "increase", "unknown")],
)  # fmt: skip
def test_the_direction_is_the_target(before: str | None, now: str, operator: str, expected: str) -> None:
    direction = "higher" if operator == "increase" else "lower"
    series = values({"year": 2024, "value": before}, {"year": 2025, "value": now}, unit="score")
    aim = targets({"operator": operator, "unit": "score"})
    found = status(series, aim, direction=direction)
    assert found.status == expected
    assert found.previous == (None if before is None else Decimal(before))
    assert status(series, aim, direction=direction, breaks=[2025]).status == "unknown"


def test_a_followed_indicator_has_no_verdict_and_no_reason_to_be_unknown() -> None:
    found = status(yearly(2025, 74), targets({"operator": "followed"}))
    assert (found.status, found.unknown_because) == ("followed", "")
    assert plain(found.sentence) == "Utfallet 2025 är 74 %. Mätetalet följs utan mål."


def test_every_year_and_indicator_gets_a_row_and_nothing_is_changed() -> None:
    catalogue = pd.DataFrame(
        [
            {"organisation": slug, "indicator_id": "A", "name": "Trohet", "direction": "higher", "unit": "percent"}
            for slug in ("ett", "två")
        ],
        columns=names(INDICATORS),
    )
    of = pd.concat([yearly(2024, 88, 90, organisation="ett"), yearly(2025, 95, organisation="två")])
    aims = targets({"organisation": "ett", "value": 91}, {"organisation": "två", "value": 91, "year": 2026})
    breaks = pd.DataFrame(columns=names(SERIES_BREAKS))
    copies = [frame.copy(deep=True) for frame in (catalogue, of, aims)]
    found = indicator_statuses(catalogue, of, aims, breaks)
    assert list(zip(found["organisation"], found["year"], found["status"], strict=True)) == [
        ("ett", 2024, "unknown"), ("ett", 2025, "not_met"), ("två", 2025, "unknown"), ("två", 2026, "unknown"),
    ]  # fmt: skip
    for frame, copy in zip((catalogue, of, aims), copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_wrong_words_and_doubled_rows_are_refused() -> None:
    aim = targets({"value": 30})
    with pytest.raises(MeasureError, match=r"'high' is not a direction. Did you mean 'higher'"):
        status(yearly(2025, 1), aim, direction="high")
    twice = values({"year": 2025, "value": 1}, {"year": 2025, "value": 2, "period": "delår"})
    with pytest.raises(MeasureError, match=r"several outcomes for 2025 \(helår, delår\)\. Say which period"):
        status(twice, aim)
    assert status(twice, aim, period="delår").outcome == 2
    with pytest.raises(MeasureError, match="two targets for 2025"):
        status(yearly(2025, 1), pd.concat([aim, aim]))
    with pytest.raises(MeasureError, match="no column 'unit'"):
        status(yearly(2025, 1).drop(columns="unit"), aim)


# Outcomes that our own measures reckoned


def own(figure: KeyFigure, unit: str) -> pd.DataFrame:
    return computed_outcome(figure, organisation="prov", indicator_id="A", year=2025, unit=unit, source="Egen")


def test_an_own_key_figure_is_judged_like_a_reported_one() -> None:
    share = KeyFigure(id="t", label="T", value=Decimal("90.4"), unit="%", method="t", numerator=Decimal(904))
    aim = targets({"value": 91})
    assert status(own(share, "percent"), aim).status == "not_met"
    assert status(pd.concat([yearly(2024, 88), own(share, "percent")]), aim).previous == 88
    saved = KeyFigure(id="s", label="S", value=Decimal(64_400_000), unit="SEK", method="s")
    assert own(saved, "mnkr")["value"].tolist() == [Decimal("64.4")]
    assert status(own(saved, "mnkr"), targets({"value": 70, "unit": "mnkr"})).status == "not_met"
    unknown = KeyFigure(id="u", label="U", value=None, unit="%", method="u", unknown_because="Inget avtalsregister")
    found = status(own(unknown, "percent"), aim)
    assert (found.status, found.unknown_because) == ("unknown", "Utfallet 2025 saknas (Inget avtalsregister)")
    with pytest.raises(MeasureError, match="t is in %, but A in index_points"):
        own(share, "index_points")


# Distance


def test_the_distance_between_percentages_is_percentage_points() -> None:
    found = distance_to_target(status(yearly(2025, "23.5"), targets({"value": 30, "long_term": 40})))
    assert (found.value, found.unit, found.status) == (Decimal("-6.5"), "procentenheter", "Målet är inte uppnått")
    assert plain(found.comparison) == "23,5 % mot minst 30 %"
    far = distance_to_target(status(yearly(2025, "23.5"), targets({"value": 30, "long_term": 40})), against="long_term")
    assert (far.value, far.status) == (Decimal("-16.5"), "")
    index = distance_to_target(
        status(yearly(2025, 62, unit="index_points"), targets({"value": 80, "unit": "index_points"}))
    )
    assert (index.value, index.unit) == (Decimal(-18), "indexpoäng")


@pytest.mark.parametrize(
    ("of", "aim", "direction", "because"),
    [
        (yearly(2025, 1), targets({"operator": "increase"}), "higher", "Målet är en riktning, och utfallet 2024"),
        (yearly(2024, 1, 2), targets({"operator": "increase"}), "higher", "Det finns inget målvärde för 2025"),
        (yearly(2025, 1), targets({"year": 2026, "value": 2}), "higher", "Inget mål för 2025 är angivet"),
        (yearly(2025, 1, unit="hours"), targets({"value": 2}), "higher", "Utfallet är i timmar men målet i %"),
        (yearly(2025, 1), targets({"operator": "followed"}), "neutral", "Varken högt eller lågt är bättre"),
        (yearly(2025, None), targets({"value": 2}), "higher", "Utfallet 2025 saknas"),
    ],
)  # fmt: skip
def test_a_distance_that_cannot_be_known_says_why(of: Any, aim: Any, direction: str, because: str) -> None:
    found = distance_to_target(status(of, aim, direction=direction))
    assert found.value is None
    assert found.unknown_because.startswith(because)


@given(
    outcome=st.decimals(-1000, 1000, places=2),
    target=st.decimals(0, 1000, places=2),
    operator_direction=st.sampled_from([("at_least", "higher"), ("at_most", "lower"), ("at_most", "zero")]),
)
@settings(max_examples=60, deadline=None)
def test_a_target_is_met_exactly_when_nothing_is_lacking(
    outcome: Decimal, target: Decimal, operator_direction: tuple[str, str]
) -> None:
    operator, direction = operator_direction
    found = status(yearly(2025, outcome), targets({"operator": operator, "value": target}), direction=direction)
    distance = distance_to_target(found).value
    assert distance is not None
    assert (found.status == "met") is (distance >= 0)


# Trend


short_series = st.lists(st.integers(-9, 9), min_size=2, max_size=7)


def points_of(outcomes: Sequence[Any], first: int = 2015) -> list[tuple[int, Decimal]]:
    return [(first + at, Decimal(str(outcome))) for at, outcome in enumerate(outcomes)]


@given(short_series)
@settings(max_examples=40, deadline=None)
def test_the_exact_p_value_is_the_share_of_all_orders(outcomes: list[int]) -> None:
    def score(order: Sequence[int]) -> int:
        return sum((later > earlier) - (later < earlier) for earlier, later in itertools.combinations(order, 2))

    found = mann_kendall(points_of(outcomes))
    scores = [abs(score(order)) for order in itertools.permutations(outcomes)]
    assert found.statistic == score(outcomes)
    assert found.p_value == Fraction(sum(each >= abs(found.statistic) for each in scores), len(scores))


@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=30, unique=True))
@settings(max_examples=40, deadline=None)
def test_p_and_slope_are_those_of_scipy(outcomes: list[int]) -> None:
    points = points_of(outcomes)
    years = [year for year, _ in points]
    oracle = scipy.stats.kendalltau(years, outcomes, method="exact")
    assert float(mann_kendall(points).p_value) == pytest.approx(oracle.pvalue, rel=1e-9)
    slope = scipy.stats.theilslopes(outcomes, years)[0]
    assert float(theil_sen(points)[0]) == pytest.approx(slope, rel=1e-9, abs=1e-9)


def test_ties_come_near_the_corrected_normal_distribution_in_a_long_series() -> None:
    outcomes = [at // 3 + (7 * at) % 5 for at in range(60)]
    oracle = scipy.stats.kendalltau(range(60), outcomes, method="asymptotic")
    assert float(mann_kendall(points_of(outcomes)).p_value) == pytest.approx(oracle.pvalue, abs=0.005)


@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=20, unique=True))
@settings(max_examples=60, deadline=None)
def test_the_interval_leaves_zero_out_exactly_when_the_test_is_certain(outcomes: list[int]) -> None:
    points = points_of(outcomes)
    slope, low, high = theil_sen(points)
    assert low <= slope <= high
    assert (low > 0 or high < 0) is (mann_kendall(points).p_value <= Fraction(5, 100))


def test_the_interval_of_uneven_years_is_that_of_scipy() -> None:
    years = [2010, 2011, 2013, 2014, 2016, 2017, 2018, 2020, 2021, 2024]
    outcomes = [12.1, 11.4, 13.9, 13.0, 15.2, 14.8, 17.7, 16.1, 19.3, 18.8]
    points = [(year, Decimal(str(outcome))) for year, outcome in zip(years, outcomes, strict=True)]
    oracle = scipy.stats.theilslopes(outcomes, years, alpha=0.95)
    assert [float(each) for each in theil_sen(points)] == pytest.approx([oracle[0], oracle[2], oracle[3]])


@pytest.mark.parametrize(("alpha", "fewest"), [("0.5", 3), ("0.1", 4), ("0.05", 5), ("0.01", 6), ("0.001", 7)])
def test_fewer_points_can_never_reach_alpha(alpha: str, fewest: int) -> None:
    assert fewest_points(Decimal(alpha)) == fewest
    assert mann_kendall(points_of(range(fewest))).p_value <= Fraction(alpha)
    assert mann_kendall(points_of(range(fewest - 1))).p_value > Fraction(alpha)


def trend(of: pd.DataFrame, **choices: Any) -> Any:
    return indicator_trend(of, **({"indicator_id": "A", "unit": "percent", "direction": "higher"} | choices))


def test_four_years_are_too_few_however_they_rise() -> None:
    part = trend(yearly(2021, 76, 87, 94, 97)).latest
    assert (part.verdict, part.p_value, part.slope_low, part.is_good) == ("too_few", None, None, None)
    assert part.slope == 7
    assert part.sentence == "4 jämförbara år (2021–2024) är för få: minst 5 behövs för att avgöra en trend."


def test_a_planted_trend_is_found_and_noise_is_not() -> None:
    rising = trend(yearly(2016, *[50 + 2 * at + (-1) ** at for at in range(9)])).latest
    assert (rising.verdict, rising.slope, rising.slope_unit, rising.is_good) == (
        "rising", Decimal(2), "percentage_points", True,
    )  # fmt: skip
    assert trend(yearly(2016, *range(9, 0, -1)), direction="lower").latest.is_good
    assert trend(yearly(2016, 5, 1, 4, 2, 5, 1, 3)).latest.verdict == "no_clear"
    assert trend(yearly(2016, *range(9)), direction="neutral").latest.is_good is None


def test_a_broken_series_is_never_joined() -> None:
    of = yearly(2015, 1, 2, 3, 4, 5, 60, 50, 40, 30, 20)
    first, second = trend(of, breaks=[2020]).parts
    assert (first.from_year, first.to_year, first.verdict) == (2015, 2019, "rising")
    assert (second.from_year, second.to_year, second.verdict) == (2020, 2024, "falling")
    assert len(trend(of, breaks=[2010, 2030]).parts) == 1


def test_what_is_left_out_is_named() -> None:
    of = values(
        {"year": 2019, "value": 1},
        {"year": 2020, "value": None, "comment": "Tryckt som ?"},
        {"year": 2021, "value": 85, "unit": "index_points"},
        {"year": 2022, "value": 3, "is_doubtful": 1, "comment": "Härlett"},
        {"year": 2023, "value": 4},
    )
    found = trend(of)
    assert [year for year, _ in found.latest.points] == [2019, 2023]
    assert [(left.year, left.reason) for left in found.left_out] == [
        (2020, "Utfallet saknas. Tryckt som ?"),
        (2021, "Utfallet är i indexpoäng, mätetalet i %"),
        (2022, "Utfallet är osäkert. Härlett"),
    ]
    assert [year for year, _ in trend(of, with_doubtful=True).latest.points] == [2019, 2022, 2023]
    empty = trend(yearly(2020, None))
    assert (empty.latest, empty.unknown_because) == (None, "Serien har inga användbara utfall")


def test_wrong_trend_choices_are_refused() -> None:
    with pytest.raises(MeasureError, match=r"'procent' is not a unit. Did you mean 'percent'"):
        trend(yearly(2020, 1), unit="procent")
    with pytest.raises(MeasureError, match="alpha must lie above 0"):
        trend(yearly(2020, 1), alpha=Decimal(1))
    with pytest.raises(MeasureError, match="a year stands twice"):
        mann_kendall([(2020, Decimal(1)), (2020, Decimal(2))])
    with pytest.raises(MeasureError, match="two points at least"):
        theil_sen([(2020, Decimal(1))])


# Forecast


def foretold(of: pd.DataFrame, year: int, **choices: Any) -> Any:
    return forecast(of, **({"indicator_id": "A", "unit": "percent", "year": year} | choices))


def test_a_straight_line_goes_on_and_has_never_been_wrong() -> None:
    found = foretold(yearly(2010, *range(10, 30, 2)), 2020)
    assert (found.value, found.low, found.high) == (30, 30, 30)
    assert set(found.past_errors) == {0} and len(found.past_errors) == 5
    two_ahead = foretold(yearly(2010, *range(10, 30, 2)), 2021)
    assert two_ahead.value == 32 and len(two_ahead.past_errors) == 4


def test_the_interval_is_the_error_of_earlier_forecasts_made_just_so_early() -> None:
    outcomes = [10, 20, 10, 20, 10, 20, 10, 20, 10, 20, 10, 20]
    found = foretold(yearly(2010, *outcomes), 2022)
    sizes = sorted(abs(error) for error in found.past_errors)
    assert len(sizes) == 7  # 2015 to 2021, each from the five years before it at least
    assert found.value - found.low == found.high - found.value == sizes[6]  # the 7th of 7: 8 × 0.8 rounded up
    narrower = foretold(yearly(2010, *outcomes), 2022, level_pct=Decimal(50))
    assert narrower.high - narrower.value == sizes[3]


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    noise = [((at * 7919) % 101) - 50 for at in range(400)]
    held = [
        found.low <= of <= found.high
        for start in range(0, 380, 12)
        for of in [1000 + 3 * 14 + noise[start + 14]]
        for found in [foretold(yearly(2000, *[1000 + 3 * at + noise[start + at] for at in range(14)]), 2014)]
    ]
    assert 0.65 < sum(held) / len(held) < 0.98


@pytest.mark.parametrize(
    ("of", "choices", "because"),
    [
        (yearly(2021, 76, 87, 94, 97), {}, "Prognosen har bara kunnat prövas mot 0 tidigare år, och 4 behövs"),
        (yearly(2017, *range(8)), {}, "Prognosen har bara kunnat prövas mot 3 tidigare år, och 4 behövs"),
        (yearly(2010, *range(15)), {"level_pct": Decimal(95)}, "Prognosen har bara kunnat prövas mot 10 tidigare"),
        (yearly(2010, *range(15)), {"breaks": [2020]}, "Prognosen har bara kunnat prövas mot 0 tidigare år"),
        (yearly(2010, *range(15)), {"breaks": [2025]}, "Serien bryts före prognosåret"),
        (yearly(2011, *range(15)), {}, "Utfallet 2025 är redan känt"),
        (yearly(2025, None), {}, "Serien har inga användbara utfall"),
    ],
)  # fmt: skip
def test_no_forecast_without_an_honest_interval(of: Any, choices: dict[str, Any], because: str) -> None:
    found = foretold(of, 2025, **choices)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert plain(found.unknown_because).startswith(because)
    assert plain(found.sentence).startswith("Ingen prognos för 2025.")


def test_a_forecast_is_cut_at_what_is_possible() -> None:
    found = foretold(yearly(2010, *range(82, 102, 2)), 2020, highest=Decimal(100))
    assert (found.value, found.high) == (100, 100)
    assert foretold(yearly(2010, *range(18, -2, -2)), 2020, lowest=Decimal(0)).low == 0
    with pytest.raises(MeasureError, match="level_pct must be from 50 to 99"):
        foretold(yearly(2010, *range(10)), 2020, level_pct=Decimal(100))


# The boards' own scales


@pytest.mark.parametrize(
    ("statuses", "scale", "expected"),
    [
        (["met", "met", "unknown"], BOARD, "Går enligt plan"),
        (["met", "not_met"], BOARD, "Risk för avvikelse från plan"),
        (["not_met"], BOARD, "Risk för avvikelse från plan"),
        (["not_met", "not_met"], CONTROL, "Stor avvikelse"),
        (["met", "not_met"], CONTROL, "Mindre avvikelse"),
        (["unknown", "followed"], BOARD, ""),
        ([], BOARD, ""),
    ],
)
def test_the_boards_own_scale(statuses: list[str], scale: list[str], expected: str) -> None:
    found = suggested_goal_status(statuses, scale)
    assert found.status == expected
    assert bool(found.unknown_because) is (expected == "")
    assert found.met + found.not_met + found.undecided == len(statuses)


def test_wrong_scales_are_refused() -> None:
    with pytest.raises(MeasureError, match="two steps at least"):
        suggested_goal_status(["met"], ["Grönt"])
    with pytest.raises(MeasureError, match=r"'mett' is not a status. Did you mean 'met'"):
        suggested_goal_status(["mett"], BOARD)


def test_a_status_that_is_not_printed_stays_missing() -> None:
    scales = pd.DataFrame(
        [("prov", "board_goal", 1, BOARD[0], "green", "s"), ("prov", "board_goal", 2, BOARD[1], "amber", "s")],
        columns=names(STATUS_SCALES),
    )  # fmt: skip
    goals = pd.DataFrame(
        [("prov", 2025, "1", "Ett", BOARD[1], "board_goal", "s"), ("prov", 2025, "2", "Två", None, "board_goal", "s")],
        columns=names(GOAL_STATUSES),
    )  # fmt: skip
    found = printed_goal_statuses(goals, scales)
    assert found["colour"].tolist()[0] == "amber" and pd.isna(found["colour"].tolist()[1])
    assert found["step"].tolist()[0] == 2 and pd.isna(found["step"].tolist()[1])
    assert found["steps_count"].tolist() == [2, 2]
