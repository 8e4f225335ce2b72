"""Outcomes that our own measures reckon: units, parts, what is unknown, and reported values for the same year."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import loyalty, savings, suppliers
from procanalysis.measures.indicators import (
    COMPUTED_SOURCE,
    computed_values,
    indicator_history,
    indicators_of_year,
    with_computed,
)
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.schema import (
    INDICATOR_MEASURES,
    INDICATOR_TARGETS,
    INDICATOR_VALUES,
    INDICATORS,
    SERIES_BREAKS,
    SHARES_OF_MONEY,
    UNITS_IN_KRONOR,
    KeyFigure,
    names,
)

BREAKS = pd.DataFrame(columns=names(SERIES_BREAKS))


def frame(table: Any, rows: list[dict[str, Any]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=names(table), dtype=object)
    return made.where(made.notna(), None)


def catalogue(**measures: str) -> pd.DataFrame:
    """One indicator per measure, named after it, in the unit given."""
    usual = {"organisation": "prov", "goal": "Mål", "level": "N", "direction": "higher", "source_kind": "computed"}
    return frame(
        INDICATORS,
        [usual | {"indicator_id": f"I-{name}", "name": name, "measure": name, "unit": unit}
         for name, unit in measures.items()],
    )  # fmt: skip


def figure(measure: str, value: Any, unit: str = "%", **more: Any) -> KeyFigure:
    exact = None if value is None else Decimal(str(value))
    return KeyFigure(
        **{"id": measure, "label": measure.title(), "value": exact, "unit": unit, "method": measure} | more
    )


def reported(indicator_id: str, year: int, value: Any, **more: Any) -> dict[str, Any]:
    usual = {"organisation": "prov", "period": "helår", "unit": "percent", "is_doubtful": 0, "source": "VB 2025"}
    return usual | {"indicator_id": indicator_id, "year": year, "value": value and Decimal(str(value))} | more


def target(indicator_id: str, value: Any, unit: str, year: int = 2025) -> pd.DataFrame:
    row = {"organisation": "prov", "indicator_id": indicator_id, "year": year, "operator": "at_least", "unit": unit}
    return frame(INDICATOR_TARGETS, [row | {"value": Decimal(str(value)), "source": "Prov"}])


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def test_each_computed_indicator_gets_the_figure_of_its_measure_in_its_own_unit() -> None:
    indicators = catalogue(
        enabled_saving="mnkr", realised_saving="tkr", supplier_loyalty="percent", supplier_count="count"
    )
    found = computed_values(
        indicators,
        [
            figure(
                "supplier_loyalty", "82.05", numerator=Decimal("1641"), denominator=Decimal("2000"), part_unit="SEK"
            ),
            figure("enabled_saving", "64400000.01", "SEK"),
            figure("realised_saving", "1234.56", "SEK"),
            figure("supplier_count", 412, "st"),
            figure("tail_share", 5),  # no indicator asks for it
        ],
        year=2025,
        coverage_pct=Decimal("97.5"),
    )
    assert list(found.columns) == names(INDICATOR_VALUES)
    assert list(found["indicator_id"]) == list(indicators["indicator_id"])
    assert list(found["value"]) == [Decimal("64.40000001"), Decimal("1.23456"), Decimal("82.05"), Decimal(412)]
    assert list(found["unit"]) == ["mnkr", "tkr", "percent", "count"]
    assert (found.loc[2, "numerator"], found.loc[2, "denominator"]) == (Decimal(1641), Decimal(2000))
    assert set(found["coverage_pct"]) == {Decimal("97.5")} and set(found["is_doubtful"]) == {0}
    assert all(text.startswith(COMPUTED_SOURCE) for text in found["source"])
    assert found["comment"].isna().all() and set(found["year"]) == {2025}


def test_reported_indicators_are_left_alone_and_nothing_is_changed() -> None:
    indicators = catalogue(tail_share="percent").assign(source_kind="reported")
    before = indicators.copy()
    assert computed_values(indicators, [figure("tail_share", 5)], year=2025).empty
    pd.testing.assert_frame_equal(indicators, before)


def test_what_is_unknown_stays_missing_with_its_reason() -> None:
    indicators = catalogue(supplier_loyalty="percent", follow_ups_done="percent")
    unknown = figure("supplier_loyalty", None, unknown_because="Organisationen har inget avtalsregister i underlaget")
    found = computed_values(indicators, [unknown], year=2025)
    assert found["value"].isna().all()
    assert list(found["comment"]) == [
        "Organisationen har inget avtalsregister i underlaget",
        "Måttet som mätetalet räknas med har inte räknats för året",
    ]
    judged = indicators_of_year(indicators, found, target("I-follow_ups_done", 80, "percent"), BREAKS, year=2025).rows
    assert list(judged["status"]) == ["unknown", "unknown"] and list(judged["outcome_text"]) == ["saknas", "saknas"]
    assert "har inte räknats för året" in judged["unknown_because"].iloc[1]


def test_the_figure_is_found_by_its_id_before_its_method_and_never_guessed() -> None:
    indicators = catalogue(supplier_loyalty="percent")
    month = figure("supplier_loyalty", 70, id="loyalty_in_march")
    year = figure("supplier_loyalty", 80)
    assert list(computed_values(indicators, [month, year, year], year=2025)["value"]) == [80]
    assert list(computed_values(indicators, [month], year=2025)["value"]) == [70]
    with pytest.raises(MeasureError, match=r"2 figures fit the measure supplier_loyalty \(loyalty_in_march, other\)"):
        computed_values(indicators, [month, figure("supplier_loyalty", 71, id="other")], year=2025)
    with pytest.raises(MeasureError, match="supplier_loyalty is in SEK, but I-supplier_loyalty in percent"):
        computed_values(indicators, [figure("supplier_loyalty", 1, "SEK")], year=2025)
    with pytest.raises(MeasureError, match="no column 'source_kind'"):
        computed_values(indicators.drop(columns="source_kind"), [], year=2025)


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**14), 10**14), st.sampled_from(sorted(UNITS_IN_KRONOR)))
def test_kronor_become_thousands_and_millions_without_losing_an_ore(amount_ore: int, unit: str) -> None:
    given_kronor = Decimal(amount_ore).scaleb(-2)
    found = computed_values(catalogue(enabled_saving=unit), [figure("enabled_saving", given_kronor, "SEK")], year=2025)
    assert found.loc[0, "value"] * UNITS_IN_KRONOR[unit] * 100 == amount_ore


def test_a_computed_value_goes_before_a_reported_one_and_tells_it() -> None:
    indicators = catalogue(supplier_loyalty="percent")
    history = frame(
        INDICATOR_VALUES,
        [reported("I-supplier_loyalty", 2024, 79), reported("I-supplier_loyalty", 2025, 82), reported("X", 2025, 5)],
    )
    before = history.copy()
    computed = computed_values(indicators, [figure("supplier_loyalty", "80.4")], year=2025)
    both = with_computed(history, computed)
    pd.testing.assert_frame_equal(history, before)
    assert [(row.indicator_id, row.year, row.value) for row in both.itertuples()] == [
        ("I-supplier_loyalty", 2024, 79), ("X", 2025, 5), ("I-supplier_loyalty", 2025, Decimal("80.4")),
    ]  # fmt: skip
    assert plain(both.loc[2, "comment"]) == "Rapporterat för samma år: 82 % (VB 2025)"
    assert computed["comment"].isna().all()
    judged = indicators_of_year(indicators, both, target("I-supplier_loyalty", 81, "percent"), BREAKS, year=2025).rows
    assert judged["status"].iloc[0] == "not_met" and "82" in judged["comment"].iloc[0]
    points = indicator_history(indicators, both, target("I-supplier_loyalty", 81, "percent"), BREAKS, to_year=2025)
    assert list(points[points["kind"] == "outcome"]["value"]) == [79, Decimal("80.4")]


def test_a_reported_value_stays_where_nothing_could_be_computed() -> None:
    indicators = catalogue(supplier_loyalty="percent", tail_share="percent")
    history = frame(
        INDICATOR_VALUES,
        [
            reported("I-supplier_loyalty", 2025, 82, comment="Avläst."),
            reported("I-tail_share", 2025, None, comment="Lämnat tomt"),
        ],
    )
    unknown = [figure("supplier_loyalty", None, unknown_because="Inget avtalsregister")]
    both = with_computed(history, computed_values(indicators, unknown, year=2025))
    assert [(row.indicator_id, row.value) for row in both.itertuples()] == [
        ("I-supplier_loyalty", 82), ("I-tail_share", None),
    ]  # fmt: skip
    assert both.loc[0, "comment"] == "Avläst. Kunde inte räknas: Inget avtalsregister"
    assert "har inte räknats" in both.loc[1, "comment"]


def test_an_indicator_is_computed_once_per_year() -> None:
    computed = computed_values(catalogue(tail_share="percent"), [figure("tail_share", 5)], year=2025)
    with pytest.raises(MeasureError, match="I-tail_share is computed twice for 2025"):
        with_computed(computed[:0], pd.concat([computed, computed]))
    assert len(with_computed(computed[:0], computed)) == 1
    assert len(with_computed(computed, computed[:0])) == 1


# On the fictional organisation


@pytest.fixture(scope="module")
def organisation(session_environment: None) -> Organisation:
    return open_organisation("exempel", "2025")


@pytest.fixture(scope="module")
def reckoned(organisation: Organisation) -> list[KeyFigure]:
    chosen = organisation.params.reports.savings
    triage = savings.saving_triage(
        organisation.awards, organisation.bids, organisation.contract_prices, **chosen.method_choices
    )
    carried = savings.carry_over(
        triage, organisation.awards, organisation.saving_shares, counted=chosen.counted,
        own_name=organisation.params.name,
    )  # fmt: skip
    return [
        loyalty.supplier_loyalty(organisation.lines),
        loyalty.category_loyalty(organisation.lines),
        loyalty.late_registered_share(organisation.lines),
        savings.enabled_saving(carried, year=2025),
        savings.measurable_procurements_share(triage, year=2025),
        suppliers.tail_share(organisation.lines),
    ]


def test_planted_loyalty_and_saving_come_out_to_the_ore(example_project: Any, reckoned: list[KeyFigure]) -> None:
    indicators = catalogue(supplier_loyalty="percent", enabled_saving="mnkr")
    found = computed_values(indicators, reckoned, year=2025)
    ladder = example_project.truths["contracts"]["loyalty"]["ladder"]
    proven, base = ladder["rungs"]["2"]["proven_ore"], ladder["denominator_ore"]
    assert found.loc[0, "value"] == Decimal(proven) * 100 / Decimal(base)
    assert (found.loc[0, "numerator"] * 100, found.loc[0, "denominator"] * 100) == (proven, base)
    assert found.loc[1, "value"] * 100_000_000 == example_project.truths["savings"]["per_year"]["2025"]["saving_ore"]


def test_shares_of_money_are_those_whose_parts_are_kronor(reckoned: list[KeyFigure]) -> None:
    for each in reckoned:
        if each.unit == "%":
            assert (each.part_unit == "SEK") == (each.method in SHARES_OF_MONEY), each.method
    assert set(SHARES_OF_MONEY) <= {name for name, unit in INDICATOR_MEASURES.items() if unit == "percent"}
    indicators = catalogue(supplier_loyalty="percent", measurable_procurements_share="percent")
    found = computed_values(indicators, reckoned, year=2025)
    told = indicators_of_year(indicators, found, target("X", 1, "percent"), BREAKS, year=2025).rows
    whole = found.assign(low=None, high=None)
    exact = indicators_of_year(indicators, whole, target("X", 1, "percent"), BREAKS, year=2025).rows
    assert re.fullmatch(r"[\d,]+ % till [\d,]+ %", plain(told["outcome_text"].iloc[0]))
    assert re.fullmatch(r"[\d,]+ % \([\d ]+,\d av [\d ]+,\d mnkr\)", plain(exact["outcome_text"].iloc[0]))
    assert re.fullmatch(r"[\d,]+ % \(\d+ av \d+\)", plain(told["outcome_text"].iloc[1]))


def test_no_verdict_where_the_target_lies_between_the_proven_and_the_possible(
    reckoned: list[KeyFigure],
) -> None:
    loyal = reckoned[0]
    assert loyal.low is not None and loyal.high is not None and loyal.low == loyal.value < loyal.high
    indicators = catalogue(supplier_loyalty="percent")
    found = computed_values(indicators, reckoned, year=2025)
    assert (found["low"].iloc[0], found["high"].iloc[0]) == (loyal.low, loyal.high)
    for aim, status in ((loyal.low, "met"), ((loyal.low + loyal.high) / 2, "unknown"), (loyal.high + 1, "not_met")):
        judged = indicators_of_year(
            indicators, found, target("I-supplier_loyalty", aim, "percent"), BREAKS, year=2025
        ).rows  # fmt: skip
        assert judged["status"].iloc[0] == status
