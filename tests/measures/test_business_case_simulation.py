"""The simulated business case: its moments against theory, and that nothing but the seed decides it."""

from __future__ import annotations

import dataclasses
import time
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import scipy

from procanalysis.errors import MeasureError
from procanalysis.measures.business_case import (
    REALISATION,
    Alternative,
    Case,
    Cost,
    Driver,
    Lever,
    draw_drivers,
    results,
    simulate,
)
from procanalysis.schema.levers import LEVER_KINDS, ONE_OFF_DRIVER, REALISATION_DRIVER

OTHER = LEVER_KINDS["other"].drivers["yearly_sek"]
RUNS = 40_000


def driver(identity: str, low: object, likely: object, high: object, kind: Any = OTHER) -> Driver:
    numbers = [Decimal(str(each)) for each in (low, likely, high)]
    return Driver(id=identity, name=identity, kind=kind, low=numbers[0], likely=numbers[1], high=numbers[2])


def a_case(*gains: tuple[object, object, object], once: object = 0, years: int = 1, **changes: Any) -> Case:
    """Build a case of gains in kronor a year, each a lever of its own, and one certain outlay."""
    levers = tuple(
        Lever(id=f"gain{n}", title=f"G{n}", kind="other", benefit="cash", realised_by={"A": Decimal(100)})
        for n in range(len(gains))
    )
    cost = Cost(driver_id="a.one_off.1", title="U", first_year=0, last_year=0, is_one_off=True)
    drivers = [driver(f"gain{n}.yearly_sek", *each) for n, each in enumerate(gains)]
    given: dict[str, Any] = {
        "title": "Fall",
        "starts_on": date(2026, 1, 1),
        "horizon_years": years,
        "rate_pct": Decimal(0),
        "today": {},
        "drivers": (*drivers, driver("a.one_off.1", once, once, once, ONE_OFF_DRIVER)),
        "alternatives": (Alternative(id="a", title="A", levers=levers, costs=(cost,)),),
        "runs": RUNS,
    }
    return Case(**(given | changes))


RANGES = [(0, 100, 400), (0, 0, 100), (-50, 100, 100), (10, 20, 30)]


@pytest.mark.parametrize("given", RANGES)
def test_pert_has_the_moments_and_the_shape_of_theory(given: tuple[int, int, int]) -> None:
    low, likely, high = given
    drawn = draw_drivers(a_case(given))["gain0.yearly_sek"]
    mean = (low + 4 * likely + high) / 6
    deviation = np.sqrt((mean - low) * (high - mean) / 7)
    assert drawn.min() >= low and drawn.max() <= high
    assert drawn.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(RUNS))
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    top = (likely - low) / (high - low)
    theory = scipy.stats.beta(1 + 4 * top, 5 - 4 * top, loc=low, scale=high - low)
    assert scipy.stats.kstest(drawn, theory.cdf).statistic < 1.95 / np.sqrt(RUNS)


@pytest.mark.parametrize("given", RANGES)
def test_triangular_has_the_moments_and_the_shape_of_theory(given: tuple[int, int, int]) -> None:
    low, likely, high = given
    drawn = draw_drivers(a_case(given, distribution="triangular"))["gain0.yearly_sek"]
    mean = (low + likely + high) / 3
    variance = (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18
    assert drawn.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / RUNS))
    assert drawn.var() == pytest.approx(variance, rel=0.03)
    theory = scipy.stats.triang((likely - low) / (high - low), loc=low, scale=high - low)
    assert scipy.stats.kstest(drawn, theory.cdf).statistic < 1.95 / np.sqrt(RUNS)


def test_the_simulated_value_has_the_moments_of_a_sum() -> None:
    case = a_case((0, 100, 400), (10, 20, 30), (-50, 0, 100), once=250, years=3)
    row = simulate(case).summary.iloc[1]
    means = [(low + 4 * likely + high) / 6 for low, likely, high in [(0, 100, 400), (10, 20, 30), (-50, 0, 100)]]
    ends = [(0, 400), (10, 30), (-50, 100)]
    variance = sum((mean - low) * (high - mean) / 7 for mean, (low, high) in zip(means, ends, strict=True)) * 9
    assert row["simulated_mean_ore"] / 100 == pytest.approx(3 * sum(means) - 250, abs=5 * (variance / RUNS) ** 0.5)
    assert row["simulated_deviation_ore"] / 100 == pytest.approx(variance**0.5, rel=0.02)


def test_a_certain_case_gives_its_likely_value_every_time() -> None:
    case = a_case((300, 300, 300), once=1000, years=5, rate_pct=Decimal("2.5"))
    row = simulate(case).summary.iloc[1]
    value = results(case)["net_present_value_ore"].iloc[1]
    assert value == 393_75
    assert row[["simulated_p10_ore", "simulated_p50_ore", "simulated_p90_ore", "simulated_mean_ore"]].eq(value).all()
    assert row["simulated_deviation_ore"] == 0


def test_the_formulas_of_the_simulation_are_those_of_the_point() -> None:
    """Draw from a range of one öre: the simulated value lies next to the exact one, lever by lever."""
    for name, kind in LEVER_KINDS.items():
        drivers = [
            Driver(id=f"up.{each}", name=each, kind=one, low=Decimal(20), likely=Decimal(20), high=Decimal("20.000001"))
            for each, one in kind.drivers.items()
        ]
        lever = Lever(id="up", title="U", kind=name, benefit="cash", realised_by={"A": Decimal(100)},
                      phase_in_pct=(Decimal(25), Decimal(75)))  # fmt: skip
        case = Case(
            title="Fall", starts_on=date(2026, 1, 1), horizon_years=4, rate_pct=Decimal(3),
            today={"spend_sek": Decimal(5000), "loyalty_base_sek": Decimal(4000), "loyalty_pct": Decimal(7),
                   "suppliers_count": 90, "invoices_count": 99},
            drivers=(*drivers, driver(REALISATION, 80, 80, 80, REALISATION_DRIVER),
                     driver("do_nothing.yearly_change_pct", 3, 3, 3)),
            alternatives=(Alternative(id="a", title="A", levers=(lever,)),),
        )  # fmt: skip
        value = results(case)["net_present_value_ore"].iloc[1]
        assert value > 0
        assert simulate(case).summary["simulated_mean_ore"].iloc[1] == pytest.approx(value, abs=2), name


@pytest.mark.parametrize(("value", "distribution"), [("0.6", "pert"), ("-0.8", "pert"), ("0.05", "triangular")])
def test_a_rank_correlation_is_recovered(value: str, distribution: Any) -> None:
    pair = ("gain0.yearly_sek", "gain1.yearly_sek")
    case = a_case((0, 0, 100), (0, 90, 100), (0, 50, 100), correlations={pair: Decimal(value)},
                  distribution=distribution, runs=200_000)  # fmt: skip
    drawn = draw_drivers(case)
    assert scipy.stats.spearmanr(drawn[pair[0]], drawn[pair[1]]).statistic == pytest.approx(float(value), abs=0.008)
    assert abs(scipy.stats.spearmanr(drawn[pair[0]], drawn["gain2.yearly_sek"]).statistic) < 0.008
    alone = draw_drivers(dataclasses.replace(case, correlations={}))
    assert abs(scipy.stats.spearmanr(alone[pair[0]], alone[pair[1]]).statistic) < 0.008


def test_how_the_numbers_move_together_is_told() -> None:
    pair = ("gain0.yearly_sek", "gain1.yearly_sek")
    free = a_case((0, 5, 9), (0, 5, 9), runs=10_000)
    assert simulate(free).dependence == "De osäkra talen dras oberoende av varandra."
    tied = dataclasses.replace(free, correlations={pair: Decimal("-0.4")})
    assert simulate(tied).dependence.startswith(
        "Rangkorrelation mellan gain0.yearly_sek och gain1.yearly_sek (−0,40). De andra"
    )


def test_the_same_seed_gives_the_same_and_another_seed_another() -> None:
    case = a_case((0, 50, 100), (0, 5, 9), once=60, runs=10_000)
    one, again, other = simulate(case), simulate(case), simulate(dataclasses.replace(case, seed=7))
    for name in ("summary", "percentiles", "convergence"):
        assert getattr(one, name).equals(getattr(again, name))
    assert not one.summary.equals(other.summary)


def test_neither_the_order_nor_another_driver_changes_the_draws() -> None:
    pair = ("gain0.yearly_sek", "gain2.yearly_sek")
    case = a_case((0, 50, 100), (0, 5, 9), (1, 2, 3), once=60, runs=10_000, correlations={pair: Decimal("0.5")})
    turned = dataclasses.replace(case, drivers=case.drivers[::-1], correlations={(pair[1], pair[0]): Decimal("0.5")})
    assert simulate(case).summary.equals(simulate(turned).summary)
    more = dataclasses.replace(case, drivers=(driver("aaa", 1, 2, 3), *case.drivers))
    assert simulate(case).summary.equals(simulate(more).summary)


def test_the_probability_of_loss_goes_from_none_to_all() -> None:
    never, always = a_case((1, 2, 3), once=0, runs=10_000), a_case((1, 2, 3), once=4, runs=10_000)
    assert simulate(never).summary["probability_of_loss_pct"].tolist() == [0, 0]
    assert simulate(always).summary["probability_of_loss_pct"].tolist() == [0, 100]
    # Zero is no loss.
    assert simulate(a_case((5, 5, 5), once=5, runs=10_000)).summary["loss_runs"].tolist() == [0, 0]
    half = simulate(a_case((0, 50, 100), once=50)).summary["probability_of_loss_pct"].iloc[1]
    assert abs(half - 50) < Decimal("1.5")


def test_the_convergence_ends_at_the_final_figures() -> None:
    drawn = simulate(a_case((0, 50, 100), once=40, runs=12_345))
    columns = [name for name in drawn.convergence.columns if name in drawn.summary.columns]
    last = drawn.convergence.groupby("alternative_id", sort=False).tail(1)[columns].reset_index(drop=True)
    assert last.equals(drawn.summary[columns])
    runs = drawn.convergence[drawn.convergence["alternative_id"] == "a"]["runs"].tolist()
    assert runs == sorted(set(runs)) and runs[-1] == 12_345


def test_the_percentiles_hold_the_summary() -> None:
    drawn = simulate(a_case((0, 50, 100), once=40, runs=10_000))
    at = drawn.percentiles[drawn.percentiles["alternative_id"] == "a"].set_index("percentile")["simulated_ore"]
    assert at.is_monotonic_increasing and len(at) == 101
    row = drawn.summary.iloc[1]
    assert [at[10], at[50], at[90]] == row[["simulated_p10_ore", "simulated_p50_ore", "simulated_p90_ore"]].tolist()


def test_too_few_runs_and_impossible_correlations_are_refused() -> None:
    with pytest.raises(MeasureError, match="9999 runs are too few"):
        simulate(a_case((0, 1, 2), runs=9_999))
    names = [f"gain{n}.yearly_sek" for n in range(3)]
    pairs = {(names[0], names[1]): Decimal("0.9"), (names[1], names[2]): Decimal("0.9"),
             (names[0], names[2]): Decimal("-0.9")}  # fmt: skip
    with pytest.raises(MeasureError, match="not positive definite"):
        simulate(a_case((0, 1, 2), (0, 1, 2), (0, 1, 2), correlations=pairs))


def test_ten_thousand_runs_of_a_large_case_take_well_under_a_second() -> None:
    case = a_case(*[(0, 50, 100)] * 12, once=40, years=30, runs=10_000)
    simulate(case)
    began = time.process_time()
    simulate(case)
    assert time.process_time() - began < 1
