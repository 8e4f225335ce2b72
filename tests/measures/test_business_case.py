"""The business case at its likely values: the formulas by hand, by another library and by putting answers back."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures.business_case import (
    DRIFT,
    REALISATION,
    Alternative,
    Case,
    Cost,
    Driver,
    Lever,
    Simulation,
    annuity,
    assumptions,
    break_even,
    case_figures,
    cash_flows,
    correlations,
    costs,
    internal_rate_of_return,
    lever_gains,
    net_present_value,
    payback,
    rate_sensitivity,
    realised_by,
    realised_per_receiver,
    recommendation,
    results,
    simulate,
    tornado,
)
from procanalysis.measures.business_case.profitability import PAID_FIRST
from procanalysis.measures.business_case.roots import positive_roots
from procanalysis.schema import round_ore
from procanalysis.schema.levers import (
    COST_KINDS,
    DRIFT_DRIVER,
    LEVER_KINDS,
    ONE_OFF_DRIVER,
    REALISATION_DRIVER,
    RUNNING_DRIVER,
)

VECTOR = [-1000_00, *[300_00] * 5]
WHOLE = {"Alla": Decimal(100)}


def driver(identity: str, kind: Any, low: object, likely: object = None, high: object = None) -> Driver:
    numbers = [Decimal(str(low if each is None else each)) for each in (low, likely, high)]
    return Driver(id=identity, name=identity, kind=kind, low=numbers[0], likely=numbers[1], high=numbers[2])


def lever_drivers(lever: str, kind: str, *ranges: tuple[object, ...]) -> list[Driver]:
    kinds = LEVER_KINDS[kind].drivers
    return [driver(f"{lever}.{name}", kinds[name], *given) for name, given in zip(kinds, ranges, strict=True)]


def a_case(**changes: Any) -> Case:
    """Build a case with all sorts of levers, a drift, two alternatives and costs of both kinds."""
    drivers = [
        driver(REALISATION, REALISATION_DRIVER, 60, 80, 95),
        driver(DRIFT, DRIFT_DRIVER, -1, 1, 2),
        *lever_drivers("loyal", "contract_loyalty", (70, 78, 85), (4, 7, 10)),
        *lever_drivers("paper", "e_commerce", (300, 400, 500), (250,)),
        *lever_drivers("fewer", "fewer_suppliers", (10, 20, 30), (1000, 2500, 3000)),
        *lever_drivers("same", "standardised_assortment", (10, 20, 30), (1, 3, 4)),
        driver("change.one_off.1", ONE_OFF_DRIVER, 100_000, 150_000, 250_000),
        driver("change.running.1", RUNNING_DRIVER, 20_000),
        *lever_drivers("talk", "renegotiation", (30, 40, 50), (-1, 2, 4)),
        driver("talks.one_off.1", ONE_OFF_DRIVER, 300_000),
    ]
    change = Alternative(
        id="change",
        title="Ändra",
        levers=(
            Lever(id="loyal", title="Trohet", kind="contract_loyalty", benefit="cash",
                  phase_in_pct=(Decimal(50), Decimal(100)), realised_by={"A": Decimal(60), "B": Decimal(40)}),
            Lever(id="paper", title="Fakturor", kind="e_commerce", benefit="time", realised_by=WHOLE),
            Lever(id="fewer", title="Färre", kind="fewer_suppliers", benefit="cash",
                  realised_by={"A": Decimal("33.3"), "B": Decimal("33.3"), "C": Decimal("33.4")}),
            Lever(id="same", title="Lika", kind="standardised_assortment", benefit="cash", realised_by=WHOLE),
            Lever(id="safe", title="Tryggt", kind="other", benefit="quality", text="Färre avbrott"),
        ),
        costs=(
            Cost(driver_id="change.one_off.1", title="Projekt", first_year=0, last_year=0, is_one_off=True),
            Cost(driver_id="change.running.1", title="Tjänst", first_year=1, last_year=5, is_one_off=False),
        ),
    )  # fmt: skip
    talks = Alternative(
        id="talks",
        title="Omförhandla",
        levers=(Lever(id="talk", title="Samtal", kind="renegotiation", benefit="cash", realised_by=WHOLE),),
        costs=(Cost(driver_id="talks.one_off.1", title="Jurist", first_year=0, last_year=0, is_one_off=True),),
    )
    given: dict[str, Any] = {
        "title": "Fall",
        "starts_on": date(2024, 2, 29),
        "horizon_years": 5,
        "rate_pct": Decimal("2.5"),
        "today": {
            "spend_sek": Decimal(12_000_000), "loyalty_base_sek": Decimal(12_000_000), "loyalty_pct": Decimal("61.5"),
            "suppliers_count": 40, "invoices_count": 1200,
        },
        "drivers": tuple(drivers),
        "alternatives": (change, talks),
    }  # fmt: skip
    return Case(**(given | changes))


def simple_case(yearly: object, once: object, *, years: int = 5, rate: object = "2.5", benefit: Any = "cash") -> Case:
    """Build a case with one gain in kronor a year and one outlay."""
    lever = Lever(id="gain", title="Nytta", kind="other", benefit=benefit, realised_by=WHOLE)
    cost = Cost(driver_id="a.one_off.1", title="Utlägg", first_year=0, last_year=0, is_one_off=True)
    return Case(
        title="Fall",
        starts_on=date(2026, 1, 1),
        horizon_years=years,
        rate_pct=Decimal(str(rate)),
        today={},
        drivers=(*lever_drivers("gain", "other", (yearly,)), driver("a.one_off.1", ONE_OFF_DRIVER, once)),
        alternatives=(Alternative(id="a", title="Alternativet", levers=(lever,), costs=(cost,)),),
    )


def with_value(case: Case, identity: str, value: Decimal) -> Case:
    """Set one driver to a certain value."""
    changed = [
        dataclasses.replace(each, low=value, likely=value, high=value) if each.id == identity else each
        for each in case.drivers
    ]
    return dataclasses.replace(case, drivers=tuple(changed))


def value_of(case: Case, alternative: str = "change") -> int:
    frame = results(case).set_index("alternative_id")
    return int(frame.loc[alternative, "net_present_value_ore"])


# The vector of methods 9, and what each figure is by hand.


def test_the_vector_of_the_methods_holds_exactly() -> None:
    assert net_present_value(VECTOR, Decimal("2.5")) == 393_75
    rate, back = internal_rate_of_return(VECTOR), payback(VECTOR)
    assert rate.kind == "one" and rate.value_pct is not None and round(rate.value_pct, 2) == Decimal("15.24")
    assert back.years is not None and round(back.years, 2) == Decimal("3.33")
    # 393,75 × 0,025 / (1 − 1,025^−5) = 9,84375 / 0,11614571
    assert annuity(393_75, Decimal("2.5"), 5) == 84_75
    assert annuity(-500_01, Decimal(0), 5) == -100_00


def test_the_vector_holds_as_a_whole_case() -> None:
    row = results(simple_case(300, 1000)).set_index("alternative_id").loc["a"]
    assert (row["net_present_value_ore"], row["annuity_ore"]) == (393_75, 84_75)
    assert (round(row["internal_rate_pct"], 2), round(row["payback_years"], 2)) == (Decimal("15.24"), Decimal("3.33"))
    assert (row["benefit_ore"], row["one_off_ore"], row["running_ore"], row["net_ore"]) == (1500_00, 1000_00, 0, 500_00)


@pytest.mark.parametrize("rate", ["-100", "-250"])
def test_a_rate_that_takes_everything_is_refused(rate: str) -> None:
    with pytest.raises(MeasureError, match="above -100 %"):
        net_present_value(VECTOR, Decimal(rate))
    with pytest.raises(MeasureError, match="above -100 %"):
        payback(VECTOR, Decimal(rate))
    with pytest.raises(MeasureError, match="1 or more"):
        annuity(100, Decimal(2), 0)


# Against another library.

FLOWS = st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=31)
RATES = st.decimals(Decimal("-20"), Decimal("60"), places=2)


@given(FLOWS, RATES)
@settings(max_examples=150, deadline=None)
def test_net_present_value_is_that_of_numpy_financial(flows: list[int], rate: Decimal) -> None:
    other = numpy_financial.npv(float(rate) / 100, flows)
    assert net_present_value(flows, rate) == pytest.approx(other, rel=1e-9, abs=1 + 1e-9 * max(map(abs, flows)) * 1e3)


@given(st.integers(1, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_the_internal_rate_is_that_of_numpy_financial(outlay: int, gains: list[int]) -> None:
    found = internal_rate_of_return([-outlay, *gains])
    if not any(gains):
        assert found.kind == "none"
        return
    assert found.kind == "one" and found.value_pct is not None
    other = numpy_financial.irr([-outlay, *gains])
    if not np.isnan(other) and -0.9 < other < 10:
        assert float(found.value_pct) == pytest.approx(other * 100, rel=1e-6, abs=1e-5)


@given(st.integers(-(10**12), 10**12), st.integers(1, 30), st.decimals(Decimal("0.01"), Decimal(40), places=2))
@settings(max_examples=50, deadline=None)
def test_the_annuity_is_that_of_numpy_financial_and_gives_its_value_back(worth: int, years: int, rate: Decimal) -> None:
    found = annuity(worth, rate, years)
    assert found == pytest.approx(-numpy_financial.pmt(float(rate) / 100, years, worth), rel=1e-9, abs=1)
    assert net_present_value([0, *[found] * years], rate) == pytest.approx(worth, abs=years)


# Internal rates: none, one or several.


@pytest.mark.parametrize(
    ("flows", "kind", "rates"),
    [
        ([-100, 230, -132], "several", [10, 20]),
        ([-100, 360, -431, 171.6], "several", [10, 20, 30]),
        ([100, -230, 132], "several", [10, 20]),
        ([-100, 220, -121], "one", [10]),  # touches zero without passing it
        ([-100, 200, -150], "none", []),
        ([-100, 0, 0, 0, 1], "one", [(100 * 0.01**0.25) - 100]),
        ([0, 0, -100, 110], "one", [10]),
        ([-100, 110, 0, 0], "one", [10]),
        ([-100, 100], "one", [0]),
        ([-100, 90], "one", [-10]),
        ([0, 0, 0], "none", []),
        ([100, 200], "none", []),
        ([-100, -200], "none", []),
        ([], "none", []),
    ],
)
def test_none_one_and_several_internal_rates_are_told_apart(flows: list[Any], kind: str, rates: list[float]) -> None:
    found = internal_rate_of_return([Decimal(str(each)) for each in flows])
    assert found.kind == kind
    assert [float(rate) for rate in found.rates_pct] == pytest.approx(rates, abs=1e-5)
    assert (found.value_pct is None) is (kind != "one")
    assert bool(found.reason) is (kind != "one")


def test_the_reason_for_no_internal_rate_is_told_in_words() -> None:
    assert internal_rate_of_return([100, 200]).reason == "Ingen internränta: flödet byter aldrig tecken"
    assert internal_rate_of_return([-100, 200, -150]).reason == "Ingen internränta: nettonuvärdet blir aldrig noll"
    several = internal_rate_of_return([-100, 230, -132]).reason.replace("\u00a0", " ")
    assert several == "Flera internräntor: 10 % och 20 %"


@given(st.lists(st.fractions(Fraction(1, 20), 20, max_denominator=50), min_size=1, max_size=5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_roots_that_were_planted_are_found(planted: list[Fraction], twice: bool) -> None:
    coefficients = [Fraction(-3)]
    for root in [*planted, *planted[: 1 if twice else 0]]:
        coefficients = [
            (coefficients[k - 1] if k else Fraction(0)) - root * (coefficients[k] if k < len(coefficients) else 0)
            for k in range(len(coefficients) + 1)
        ]
    found = positive_roots(coefficients)
    assert [float(root) for root in found] == pytest.approx(sorted({float(root) for root in planted}), rel=1e-12)


# Payback.


@pytest.mark.parametrize(
    ("flows", "years", "reason"),
    [
        ([-100, 50, 50], 2, ""),
        ([-100, 0, 0, 200], Decimal("2.5"), ""),
        ([-100, 150, -100, 100], Decimal("2.5"), ""),  # paid back for good only after the second outlay
        ([100, 50], 0, ""),
        ([0, -50, 100], Decimal("1.5"), ""),
        ([-100, 99], None, "Betalar sig inte inom horisonten"),
        ([-100, 200, -150], None, "Betalar sig inte inom horisonten"),
        ([0, 0], None, "Det finns inget att betala tillbaka"),
    ],
)
def test_payback_is_when_the_money_is_back_for_good(flows: list[int], years: object, reason: str) -> None:
    found = payback(flows)
    assert (found.years, found.reason) == (years, reason)


def test_discounted_payback_is_later() -> None:
    # 300/1,025 + 300/1,050625 + 300/1,076891 = 856,81; 143,19 of 271,79 are left
    found = payback(VECTOR, Decimal("2.5")).years
    assert found is not None and round(found, 2) == Decimal("3.53")


# Cash flows.


def test_every_lever_gives_what_its_formula_says() -> None:
    frame = lever_gains(a_case()).set_index("lever_id")
    # 12 mnkr × (78 − 61,5) % × 7 % × 80 % × 50 % × 1,01
    assert frame.loc["loyal", "first_year_ore"] == 5_599_440
    assert frame.loc["loyal", "last_year_ore"] == round_ore(Decimal(11_088_000) * Decimal("1.01") ** 5)
    assert frame.loc["fewer", "first_year_ore"] == (40 - 20) * 2500_00 * 80 // 100
    assert frame.loc["same", "first_year_ore"] == round(12_000_000_00 * 0.2 * 0.03 * 0.8 * 1.01)
    assert frame.loc["paper", "first_year_ore"] == 400 * 250_00 * 80 // 100
    assert frame.loc["talk", "first_year_ore"] == round(12_000_000_00 * 0.4 * 0.02 * 0.8 * 1.01)
    assert frame.loc[["loyal", "paper", "safe"], "benefit_name"].tolist() == ["Pengar", "Frigjord tid", "Kvalitet"]
    assert frame.loc["safe", ["first_year_ore", "last_year_ore", "total_ore"]].isna().all()
    assert frame.loc["safe", "text"] == "Färre avbrott"


@pytest.mark.parametrize("kind", ["standardised_assortment", "renegotiation", "coordination"])
def test_levers_of_a_share_and_a_price_effect_are_reckoned_alike(kind: str) -> None:
    case = dataclasses.replace(
        simple_case(1, 100),
        today={"spend_sek": Decimal(1_000_000)},
        drivers=(*lever_drivers("gain", kind, (40,), (5,)), driver("a.one_off.1", ONE_OFF_DRIVER, 100)),
        alternatives=(
            dataclasses.replace(
                simple_case(1, 100).alternatives[0],
                levers=(Lever(id="gain", title="Nytta", kind=kind, benefit="cash", realised_by=WHOLE),),
            ),
        ),
    )
    assert lever_gains(case)["first_year_ore"].tolist() == [1_000_000_00 * 40 // 100 * 5 // 100]


def test_flows_add_up_and_time_stands_beside_them() -> None:
    case = a_case()
    frame = cash_flows(case)
    assert (frame["net_ore"] == frame["benefit_ore"] - frame["one_off_ore"] - frame["running_ore"]).all()
    for _, rows in frame.groupby("alternative_id"):
        assert rows["cumulated_ore"].tolist() == rows["net_ore"].cumsum().tolist()
    change = frame[frame["alternative_id"] == "change"]
    assert change["year"].tolist() == [0, 1, 2, 3, 4, 5]
    assert change["time_ore"].tolist() == [0, *[400 * 250_00 * 80 // 100] * 5]
    assert change["one_off_ore"].tolist() == [150_000_00, 0, 0, 0, 0, 0]
    assert change["running_ore"].tolist() == [0, *[20_000_00] * 5]
    assert [str(day.date()) for day in change["counted_on"]][:2] == ["2024-02-29", "2025-02-28"]
    without_time = results(a_case())["net_present_value_ore"].tolist()
    priced = with_value(case, "paper.cost_per_invoice_sek", Decimal(9999))
    assert results(priced)["net_present_value_ore"].tolist() == without_time
    assert results(priced)["net_present_value_with_time_ore"].tolist() != without_time


def test_doing_nothing_is_always_zero_and_shows_its_drift() -> None:
    case = a_case()
    nothing = cash_flows(case)[lambda frame: frame["alternative_number"] == 0]
    money = ["benefit_ore", "one_off_ore", "running_ore", "net_ore", "cumulated_ore", "time_ore"]
    assert (nothing[money] == 0).all(axis=None)
    assert nothing["spend_ore"].tolist() == [round_ore(Decimal("1.01") ** year * 12_000_000_00) for year in range(6)]
    row = results(case).iloc[0]
    assert (row["alternative_id"], row["net_present_value_ore"], row["annuity_ore"]) == ("do_nothing", 0, 0)
    assert row["internal_rate_pct"] is None and row["payback_reason"] == "Det finns inget att betala tillbaka"
    assert (rate_sensitivity(case)[lambda f: f["alternative_id"] == "do_nothing"]["net_present_value_ore"] == 0).all()
    summary = simulate(case).summary.iloc[0]
    assert (summary["simulated_p10_ore"], summary["simulated_p90_ore"], summary["loss_runs"]) == (0, 0, 0)
    assert cash_flows(simple_case(1, 1))["spend_ore"].isna().all()


def test_the_value_is_that_of_the_flows_shown_but_for_their_rounding() -> None:
    case = a_case()
    frame = cash_flows(case)
    for row in results(case).to_dict("records"):
        flows = frame[frame["alternative_id"] == row["alternative_id"]]["net_ore"].tolist()
        assert abs(net_present_value(flows, case.rate_pct) - row["net_present_value_ore"]) <= 2 * case.horizon_years
        assert row["net_ore"] == sum(flows)


def test_an_alternative_of_quality_alone_is_worth_nothing_in_money() -> None:
    lever = Lever(id="safe", title="Tryggt", kind="other", benefit="quality", text="Färre avbrott")
    case = dataclasses.replace(simple_case(1, 1), alternatives=(Alternative(id="q", title="Q", levers=(lever,)),))
    row = results(case).iloc[1]
    assert (row["net_present_value_ore"], row["quality"]) == (0, "Färre avbrott")
    assert simulate(case).summary.iloc[1]["loss_runs"] == 0
    assert realised_by(case).empty


# Sensitivity.


def test_other_rates_are_reckoned_from_the_start() -> None:
    case = a_case(sensitivity_points=(Decimal(-1), Decimal(0), Decimal("2.5")))
    frame = rate_sensitivity(case)
    assert frame["rate_pct"].tolist() == [Decimal("1.5"), Decimal("2.5"), Decimal(5)] * 3
    for row in frame.to_dict("records"):
        again = results(dataclasses.replace(case, rate_pct=row["rate_pct"])).set_index("alternative_id")
        expected = again.loc[row["alternative_id"], ["net_present_value_ore", "annuity_ore"]].tolist()
        assert [row["net_present_value_ore"], row["annuity_ore"]] == expected


def test_put_back_every_break_even_gives_zero_to_the_ore() -> None:
    case = a_case()
    frame = break_even(case)
    found = frame[frame["reason"] == ""]
    assert len(found) >= 10
    assert (found["alternative_id"] == "talks").any() and (found["driver_id"] == DRIFT).any()
    for row in found.to_dict("records"):
        at = with_value(case, row["driver_id"], row["break_even"])
        assert value_of(at, row["alternative_id"]) == 0
        step = Decimal("0.5") if row["direction"] == "över" else Decimal("-0.5")
        assert value_of(with_value(case, row["driver_id"], row["break_even"] + step), row["alternative_id"]) > 0
        assert value_of(with_value(case, row["driver_id"], row["break_even"] - step), row["alternative_id"]) < 0
        assert row["side"] == {"över": "above", "under": "below"}[row["direction"]]


@pytest.mark.parametrize("identity", ["loyal.loyalty_after_pct", "loyal.price_difference_pct", REALISATION])
def test_break_even_is_what_halving_finds(identity: str) -> None:
    case = a_case()
    low, high = Decimal(-100), Decimal(200)
    while high - low > Decimal("1e-9"):
        middle = (low + high) / 2
        low, high = (middle, high) if value_of(with_value(case, identity, middle)) < 0 else (low, middle)
    frame = break_even(case).set_index(["alternative_id", "driver_id"])
    found = frame.loc[("change", identity), "break_even"]
    reason = frame.loc[("change", identity), "reason"]
    if reason:
        assert reason == "Lönar sig vid alla rimliga värden" and high < 0
    else:
        assert abs(found - high) < Decimal("1e-5")


def test_break_even_says_it_as_a_buyer_would() -> None:
    case = dataclasses.replace(
        simple_case(1, 700_000, years=1, rate=0),
        today={"loyalty_base_sek": Decimal(100_000_000), "loyalty_pct": Decimal(60)},
        drivers=(
            *lever_drivers("gain", "contract_loyalty", (70, 80, 90), (5,)),
            driver("a.one_off.1", ONE_OFF_DRIVER, 700_000),
        ),
        alternatives=(
            dataclasses.replace(
                simple_case(1, 1).alternatives[0],
                levers=(Lever(id="gain", title="N", kind="contract_loyalty", benefit="cash", realised_by=WHOLE),),
            ),
        ),
    )
    frame = break_even(case).set_index("driver_id")
    # 100 mnkr × 1 % × 5 % = 50 000 kr for each percent of loyalty; 700 000 / 50 000 = 14 above the 60 of today
    assert frame.loc["gain.loyalty_after_pct", "break_even"] == 74
    sentences = [text.replace("\u00a0", " ") for text in frame["sentence"]]
    assert sentences == [
        "Lönar sig först över 74 % trohet",
        "Lönar sig först över 3,5 % prisskillnad",
        "Lönar sig bara under 1 000 000 kr i engångskostnad",
    ]


def test_what_is_said_of_a_break_even_does_pay() -> None:
    case = a_case()
    for row in break_even(case).to_dict("records"):
        if row["reason"] or row["unit"] == "st":
            continue
        words = row["sentence"].replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", ".")
        said = Decimal("".join(sign for sign in words if sign in "-.0123456789").strip("."))
        assert value_of(with_value(case, row["driver_id"], said), row["alternative_id"]) >= 0


def test_a_break_even_that_nobody_could_reach_is_told_in_words() -> None:
    poor, rich = simple_case(10, 10_000), simple_case(10_000, 10)
    rate = (driver(REALISATION, REALISATION_DRIVER, 80),)

    def said(case: Case) -> str:
        frame = break_even(dataclasses.replace(case, drivers=(*case.drivers, *rate))).set_index("driver_id")
        assert frame.loc[REALISATION, ["break_even", "side", "direction"]].tolist()[1:] in (["", ""], ["above", "över"])
        return str(frame.loc[REALISATION, "sentence"])

    assert said(poor) == "Lönar sig inte vid något rimligt värde"
    assert said(rich).startswith("Lönar sig först över")
    free = break_even(simple_case(100, 0)).set_index("driver_id")
    assert free.loc["a.one_off.1", "break_even"] > 0
    assert break_even(simple_case(-5, 0))["break_even"].tolist()[0] == 0


def test_a_break_even_beyond_what_there_is_today_is_none() -> None:
    case = a_case()
    # 0,8 × 2 500 kr for each of at most 40 suppliers is far from paying the outlay alone.
    dear = with_value(case, "change.one_off.1", Decimal(2_000_000))
    frame = break_even(dear).set_index("driver_id")
    assert frame.loc["fewer.suppliers_after", "sentence"] == "Lönar sig inte vid något rimligt värde"
    assert frame.loc["fewer.cost_per_supplier_sek", "direction"] == "över"
    cheap = with_value(case, "change.one_off.1", Decimal(0))
    assert break_even(cheap).set_index("driver_id").loc["fewer.suppliers_after", "reason"] == (
        "Lönar sig vid alla rimliga värden"
    )


def test_time_does_not_move_the_value() -> None:
    frame = break_even(a_case()).set_index("driver_id")
    assert frame.loc["paper.invoices_removed", "reason"] == "Påverkar inte nettonuvärdet"
    assert frame.loc["paper.invoices_removed", "break_even"] is None


def test_a_drift_with_several_zeros_gives_none_of_them() -> None:
    # A gain from growing purchases early, and a price effect that turns them into a loss: the value goes down and up.
    gain = Lever(id="g", title="G", kind="renegotiation", benefit="cash", realised_by=WHOLE,
                 phase_in_pct=(Decimal(100), Decimal(0)))  # fmt: skip
    loss = Lever(id="h", title="H", kind="renegotiation", benefit="cash", realised_by=WHOLE,
                 phase_in_pct=(Decimal(0), Decimal(100)))  # fmt: skip
    case = Case(
        title="Fall", starts_on=date(2026, 1, 1), horizon_years=2, rate_pct=Decimal(0),
        today={"spend_sek": Decimal(10_000)},
        drivers=(
            driver(DRIFT, DRIFT_DRIVER, 0),
            *lever_drivers("g", "renegotiation", (100,), ("23",)),
            *lever_drivers("h", "renegotiation", (100,), ("-10",)),
            driver("a.one_off.1", ONE_OFF_DRIVER, "1320"),
        ),
        alternatives=(Alternative(id="a", title="A", levers=(gain, loss), costs=(
            Cost(driver_id="a.one_off.1", title="U", first_year=0, last_year=0, is_one_off=True),)),),
    )  # fmt: skip
    # 2300·q − 1000·q² − 1320 = 0 at q = 1,1 and 1,2
    row = break_even(case).set_index("driver_id").loc[DRIFT]
    assert (row["break_even"], row["reason"]) == (None, "Nettonuvärdet är noll vid flera värden")


def test_the_tornado_is_the_case_reckoned_again() -> None:
    case = a_case()
    frame = tornado(case, "change")
    used = {each.id for each in case.drivers_of(case.alternative("change")) if not each.is_certain}
    assert set(frame["driver_id"]) == used
    for row in frame.to_dict("records"):
        assert row["net_present_value_at_low_ore"] == value_of(with_value(case, row["driver_id"], row["low"]))
        assert row["net_present_value_at_high_ore"] == value_of(with_value(case, row["driver_id"], row["high"]))
        assert row["net_present_value_ore"] == value_of(case)
        swing = row["net_present_value_at_high_ore"] - row["net_present_value_at_low_ore"]
        assert row["swing_ore"] == abs(swing)
    assert frame["swing_ore"].is_monotonic_decreasing
    with pytest.raises(MeasureError, match="Did you mean 'change'"):
        tornado(case, "chango")


# Who realises what.


@given(
    st.lists(st.integers(1, 999), min_size=1, max_size=6),
    st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2),
)
@settings(max_examples=60, deadline=None)
def test_what_the_units_realise_sums_to_the_whole_to_the_ore(parts: list[int], yearly: Decimal) -> None:
    exact = [Decimal(part * 100) / 1000 for part in parts[:-1]]
    shares = [part / len(parts) for part in exact]
    shares = [share.quantize(Decimal("0.000001")) for share in shares if share > 0]
    shares.append(100 - sum(shares, Decimal(0)))
    case = simple_case(yearly, 100)
    lever = dataclasses.replace(
        case.alternatives[0].levers[0], realised_by={f"Enhet {n}": share for n, share in enumerate(shares)}
    )
    case = dataclasses.replace(
        case,
        drivers=(*case.drivers, driver(REALISATION, REALISATION_DRIVER, "33.3")),
        alternatives=(dataclasses.replace(case.alternatives[0], levers=(lever,)),),
    )
    flows = cash_flows(case)
    whole = flows[(flows["alternative_id"] == "a") & (flows["year"] > 0)].set_index("year")["benefit_ore"]
    split = realised_by(case).groupby("year")["amount_ore"].sum()
    assert split.to_dict() == whole.to_dict()


def test_money_and_time_are_split_apart_over_the_units() -> None:
    case = a_case()
    flows = cash_flows(case).set_index(["alternative_id", "year"])
    frame = realised_by(case)
    for (alternative, benefit, year), amount in (
        frame.groupby(["alternative_id", "benefit", "year"])["amount_ore"].sum().items()
    ):
        column = "benefit_ore" if benefit == "cash" else "time_ore"
        assert amount == flows.loc[(alternative, year), column]
    assert frame["year"].min() == 1
    third = frame[(frame["receiver"] == "C") & (frame["year"] == 1)]["amount_ore"].tolist()
    assert third == [(40 - 20) * 2500_00 * 80 // 100 * 334 // 1000]


def test_shares_that_are_not_whole_are_refused() -> None:
    case = simple_case(100, 100)
    lever = dataclasses.replace(case.alternatives[0].levers[0], realised_by={"A": Decimal(99)})
    case = dataclasses.replace(case, alternatives=(dataclasses.replace(case.alternatives[0], levers=(lever,)),))
    with pytest.raises(MeasureError, match="exactly 100"):
        realised_by(case)


def test_what_each_unit_is_to_realise_sums_to_the_gains_of_the_alternative() -> None:
    case = a_case()
    shares, flows = realised_by(case), cash_flows(case)
    for alternative in case.alternatives:
        own = flows[flows["alternative_id"] == alternative.id]
        found = realised_per_receiver(shares, alternative.id)
        sums = found.groupby("benefit")[["first_year_ore", "last_year_ore", "total_ore"]].sum()
        for benefit, column in (("cash", "benefit_ore"), ("time", "time_ore")):
            by_year = own.set_index("year")[column]
            told = sums.loc[benefit].tolist() if benefit in sums.index else [0, 0, 0]
            assert told == [by_year[1], by_year[5], by_year.sum()], (alternative.id, benefit)
    change = realised_per_receiver(shares, "change")
    assert change["benefit"].tolist() == sorted(change["benefit"]), "money before time"
    assert change["total_ore"].where(change["benefit"] == "cash").dropna().is_monotonic_decreasing
    assert len(realised_per_receiver(shares, "do_nothing")) == 0
    assert list(realised_per_receiver(shares, "do_nothing").columns) == list(change.columns)


# The recommendation.


def plain(words: tuple[str, ...]) -> list[str]:
    return [each.replace("\u00a0", " ") for each in words]


def test_the_best_alternative_above_zero_is_recommended_in_its_own_figures() -> None:
    case = a_case()
    frame, drawn = results(case), simulate(case)
    chosen = recommendation(case, frame, drawn)
    best = frame.sort_values("net_present_value_ore").iloc[-1]
    assert (chosen.kind, chosen.alternative_id) == ("alternative", best["alternative_id"]) == ("alternative", "change")
    assert chosen.lead_ore == best["net_present_value_ore"] - value_of(case, "talks")
    loss = drawn.summary.set_index("alternative_id").loc["change", "probability_of_loss_pct"]
    assert chosen.probability_of_loss_pct == chosen.studied_loss_pct == loss
    assert (chosen.studied_id, chosen.studied_title) == ("change", "Ändra")
    assert chosen.studied_value_ore == chosen.net_present_value_ore
    said = plain(chosen.sentences)
    assert said[0].startswith("Alternativ 1, Ändra, har det högsta nettonuvärdet: ")
    assert said[0].endswith(" på 5 år med 2,5 % kalkylränta.") and said[1].endswith(" mer än Omförhandla.")
    assert len(recommendation(case, frame).sentences) == len(said) - 1


def test_doing_nothing_is_recommended_when_nothing_pays() -> None:
    case = simple_case(10, 1000, benefit="cash")
    chosen = recommendation(case, results(case), simulate(case))
    assert (chosen.kind, chosen.alternative_id, chosen.alternative_number) == ("do_nothing", "do_nothing", 0)
    assert plain(chosen.sentences) == [
        "Inget alternativ har ett nettonuvärde över noll.",
        "Närmast kommer Alternativet med −954 kr.",
    ]
    assert chosen.cautions == () and chosen.probability_of_loss_pct is None
    # Doing nothing has no figures of its own to look closer at: the one that comes nearest has.
    assert (chosen.studied_id, chosen.studied_title, chosen.studied_loss_pct) == ("a", "Alternativet", 100)
    assert chosen.studied_value_ore == value_of(case, "a") < 0 == chosen.net_present_value_ore
    assert recommendation(case, results(case)).studied_loss_pct is None
    even = simple_case(100, 100, years=1, rate=0)
    assert recommendation(even, results(even)).kind == "do_nothing"


def test_the_alternative_that_comes_nearest_is_studied_when_none_pays() -> None:
    case = a_case(rate_pct=Decimal(0), today={**a_case().today, "spend_sek": Decimal(1000)})
    far, near = case.alternatives[1], dataclasses.replace(case.alternatives[0], levers=())
    found = dataclasses.replace(case, alternatives=(far, near))
    chosen = recommendation(found, results(found))
    # 150 000 once and 20 000 a year for five years, against 300 000 once.
    assert chosen.kind == "do_nothing" and value_of(found, "talks") < value_of(found, "change") == -250_000_00
    assert (chosen.studied_id, chosen.next_best_title) == ("change", "Ändra")


def test_released_time_alone_is_a_caution_not_a_recommendation() -> None:
    case = simple_case(1000, 100, years=1, rate=0, benefit="time")
    chosen = recommendation(case, results(case))
    assert chosen.kind == "do_nothing"
    assert plain(chosen.cautions) == [
        "Alternativet lönar sig om den frigjorda tiden också räknas: nettonuvärdet är då 900 kr."
    ]


def test_the_headline_figures_carry_what_they_are_made_of() -> None:
    case = a_case()
    frame, drawn = results(case), simulate(case)
    figures = {each.id: each for each in case_figures(case, frame, "change", drawn)}
    assert list(figures) == ["net_present_value", "internal_rate_of_return", "payback", "simulation", "annuity"]
    loss = figures["simulation"]
    assert loss.numerator is not None and loss.denominator == 10_000
    assert loss.value == loss.numerator * 100 / loss.denominator
    unknown = {each.id: each for each in case_figures(case, frame, "do_nothing")}
    assert unknown["payback"].value is None and unknown["payback"].unknown_because
    assert "simulation" not in unknown
    with pytest.raises(MeasureError, match="no alternative 'x'"):
        case_figures(case, frame, "x")


# What a case must hold.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"horizon_years": 0}, "horizon is 0"),
        ({"rate_pct": Decimal(-100)}, "above -100 %"),
        ({"today": {"spend_sek": 1, "loyalty_pct": 1, "suppliers_count": 1}}, "loyalty_base_sek"),
        ({"drivers": ()}, "is missing"),
        ({"correlations": {("nobody", DRIFT): Decimal("0.1")}}, "names the driver 'nobody'"),
    ],
)
def test_a_case_that_cannot_be_reckoned_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        a_case(**changes)


def test_a_case_with_mixed_up_parts_is_refused() -> None:
    case = a_case()
    upside_down = dataclasses.replace(case.drivers[0], low=Decimal(90))
    with pytest.raises(MeasureError, match="rising order"):
        a_case(drivers=(upside_down, *case.drivers[1:]))
    with pytest.raises(MeasureError, match="stands twice"):
        a_case(drivers=(*case.drivers, case.drivers[0]))
    with pytest.raises(MeasureError, match="two alternatives have the same id"):
        a_case(alternatives=(case.alternatives[0], dataclasses.replace(case.alternatives[1], id="change")))
    with pytest.raises(MeasureError, match="two levers have the same id"):
        a_case(alternatives=(case.alternatives[0], dataclasses.replace(case.alternatives[0], id="again")))
    wrong = dataclasses.replace(case.alternatives[1].levers[0], kind="renegotiate")
    with pytest.raises(MeasureError, match="Did you mean 'renegotiation'"):
        a_case(alternatives=(dataclasses.replace(case.alternatives[1], levers=(wrong,)),))


def test_the_assumptions_list_every_driver_with_who_uses_it() -> None:
    case = a_case()
    frame = assumptions(case)
    assert frame["driver_id"].tolist() == [each.id for each in case.drivers]
    assert frame["alternative_id"].isna().sum() == 2
    assert frame.set_index("driver_id").loc["paper.cost_per_invoice_sek", "is_certain"]


# Loyalty is a share of what LOU covers, not of all purchases.


def test_more_loyalty_gains_on_the_purchases_that_it_is_a_share_of() -> None:
    whole = a_case()
    part = a_case(today={**whole.today, "loyalty_base_sek": Decimal(3_000_000)})
    gains, fewer = (lever_gains(case).set_index("lever_id") for case in (whole, part))
    # A fourth of the purchases: a fourth of the gain, and nothing else moves, growth from year to year neither.
    for column in ("first_year_ore", "last_year_ore", "total_ore"):
        assert abs(gains.loc["loyal", column] - 4 * fewer.loc["loyal", column]) <= 2 * (whole.horizon_years + 1)
        others = [name for name in gains.index if name != "loyal"]
        assert gains.loc[others, column].tolist() == fewer.loc[others, column].tolist()
    assert fewer.loc["loyal", "last_year_ore"] != 2 * fewer.loc["loyal", "first_year_ore"], (
        "it grows with the purchases"
    )


# What the paper shows beside its figures.


def test_the_costs_are_listed_with_year_kind_and_sum() -> None:
    case = a_case()
    frame = costs(case)
    assert len(frame) == sum(len(each.costs) for each in case.alternatives)
    flows = cash_flows(case).groupby("alternative_id")[["one_off_ore", "running_ore"]].sum().sum(axis=1)
    assert frame.groupby("alternative_id")["total_ore"].sum().to_dict() == {
        name: total for name, total in flows.items() if name in set(frame["alternative_id"])
    }
    assert set(frame["kind_name"]) <= {*COST_KINDS.values(), "Löpande"} and set(frame["unit"]) == {"kr"}
    yearly = frame[frame["kind_name"] == "Löpande"]
    assert (frame["from_year"] <= frame["to_year"]).all() and (yearly["to_year"] <= case.horizon_years).all()
    assert costs(dataclasses.replace(simple_case(1, 1), alternatives=())).empty


def test_a_rate_is_written_with_all_its_decimals() -> None:
    frame = rate_sensitivity(a_case(rate_pct=Decimal("1.25"), sensitivity_points=(Decimal(0), Decimal("0.75"))))
    assert [name.replace("\u00a0", " ") for name in frame["rate_name"]][:2] == ["1,25 %", "2 %"]


def test_a_rate_of_money_that_comes_first_is_told_with_a_caution() -> None:
    first = internal_rate_of_return([1000_00, -600_00, -600_00])
    assert first.kind == "one" and first.value_pct is not None and first.reason == ""
    assert first.caution == PAID_FIRST and "vad pengarna kostar" in PAID_FIRST
    assert internal_rate_of_return([-1000_00, 600_00, 600_00]).caution == ""
    assert internal_rate_of_return([0, 10, -20]).caution == PAID_FIRST, "nothing in year 0 comes before nothing"


# What speaks against the recommendation.


def drawn(case: Case, medians: dict[str, int], deviation: int = 100) -> Simulation:
    """A simulation that gave certain medians, in kronor."""
    simulation = simulate(case)
    rows = simulation.summary
    at = rows["alternative_id"].map({"do_nothing": 0} | medians) * 100
    summary = rows.assign(simulated_p10_ore=at, simulated_p50_ore=at, simulated_mean_ore=at,
                          simulated_deviation_ore=deviation)  # fmt: skip
    return dataclasses.replace(simulation, summary=summary)


def two_ways() -> Case:
    """Two alternatives of 300 and 200 kronor a year for a year, at no interest."""
    drivers = [driver(f"{name}.yearly_sek", LEVER_KINDS["other"].drivers["yearly_sek"], worth) for name, worth in
               (("more", 300), ("less", 200))]  # fmt: skip
    levers = [Lever(id=name, title=name, kind="other", benefit="cash", realised_by=WHOLE) for name in ("more", "less")]
    alternatives = tuple(Alternative(id=f"a_{each.id}", title=f"Ta {each.id}", levers=(each,)) for each in levers)
    return Case(title="Två", starts_on=date(2026, 1, 1), horizon_years=1, rate_pct=Decimal(0), today={},
                drivers=tuple(drivers), alternatives=alternatives)  # fmt: skip


def said_against(case: Case, medians: dict[str, int], deviation: int = 100) -> list[str]:
    advice = recommendation(case, results(case), drawn(case, medians, deviation))
    return [words.replace("\u00a0", " ") for words in advice.cautions]


def test_a_likely_value_above_the_median_is_a_caution_unless_the_draws_explain_it() -> None:
    case = two_ways()
    words = "Det troliga värdet, 300 kr, ligger över simuleringens median, 270 kr: riskerna är ensidiga."
    assert words in said_against(case, {"a_more": 270, "a_less": 200})
    assert not [each for each in said_against(case, {"a_more": 300, "a_less": 200}) if "ensidiga" in each]
    # 30 kr is 3000 öre; with 10 000 draws a deviation of 75 000 öre makes four standard errors of 3000 öre.
    assert not [each for each in said_against(case, {"a_more": 270, "a_less": 200}, 75_000) if "ensidiga" in each]
    assert words in said_against(case, {"a_more": 270, "a_less": 200}, 74_000)


def test_another_order_by_the_median_is_a_caution() -> None:
    words = "Efter simuleringens median är Ta less bäst: 250 kr mot 240 kr för Ta more."
    assert words in said_against(two_ways(), {"a_more": 240, "a_less": 250})
    assert not [each for each in said_against(two_ways(), {"a_more": 250, "a_less": 250}) if "bäst" in each]
    # That doing nothing is better by the median is told as losses, once.
    losses = said_against(two_ways(), {"a_more": -10, "a_less": -20})
    assert "Mer än hälften av de simulerade utfallen är förluster." in losses
    assert not [each for each in losses if "bäst" in each]


def test_a_doubt_of_today_and_a_likely_value_below_it_are_cautions_where_they_are_used() -> None:
    case = a_case(doubts={"loyalty_pct": "Troheten är osäker.", "invoices_count": "Fakturorna är osäkra."})
    found = results(case)
    chosen = recommendation(case, found)
    uses = {name for lever in case.alternative(chosen.alternative_id).levers if lever.benefit == "cash"
            for name in LEVER_KINDS[lever.kind].needs}  # fmt: skip
    assert ("Troheten är osäker." in chosen.cautions) is ("loyalty_pct" in uses) is True
    assert "Fakturorna är osäkra." not in chosen.cautions, "only time is reckoned from them"
    high = a_case(today={**case.today, "loyalty_pct": Decimal("78.5")})
    said = [each for each in recommendation(high, found).cautions if "lägre än dagens" in each]
    assert len(said) == 1 and said[0].replace("\u00a0", " ").endswith(
        "det troliga värdet, 78 %, är lägre än dagens 78,5 %."
    )
    assert not [each for each in chosen.cautions if "lägre än dagens" in each]


def test_pairs_that_move_together_are_named_with_the_alternatives_that_use_them() -> None:
    case = a_case()
    one, other = (each.id for each in case.drivers[:2])
    paired = dataclasses.replace(case, correlations={(one, other): Decimal("0.4")})
    found = correlations(paired).iloc[0]
    assert (found["first_id"], found["second_id"], found["rank_correlation"]) == (one, other, Decimal("0.4"))
    assert found["first_name"] == case.driver(one).name
    users = [each.title for each in case.alternatives if one in each.driver_ids]
    assert found["alternative_title"] == (", ".join(users) or "Alla alternativ")
    assert correlations(dataclasses.replace(case, correlations={})).empty
