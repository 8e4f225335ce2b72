"""The formulas of the levers, written once: exact for a point, or ten thousand at a time in the simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from procanalysis.measures.business_case.model import DRIFT, REALISATION, Alternative, Case, Lever
from procanalysis.schema.levers import LEVER_KINDS, PURCHASES_OF_TODAY

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", Decimal, Floats)
"""An exact number, or one number per run of the simulation."""

_SHARE_DRIVERS: dict[str, str] = {
    "standardised_assortment": "standardised_share_pct",
    "renegotiation": "affected_share_pct",
    "coordination": "coordinated_share_pct",
}


def exactly() -> AbstractContextManager[Context]:
    """Reckon with sixty digits, so that nothing but the last rounding to öre can be seen."""
    return localcontext(Context(prec=60))


@dataclass(frozen=True)
class Flows(Generic[Number]):
    """Hold the kronor of one alternative per year from 0 to the horizon: by lever id, and by cost's driver id."""

    gains: Mapping[str, Sequence[Number]]
    costs: Mapping[str, Sequence[Number]]


def reckon(
    case: Case, alternative: Alternative, values: Mapping[str, Number], number: Callable[[Any], Number]
) -> Flows[Number]:
    """Reckon what an alternative gains and costs each year, with given values of the drivers.

    gain = full year's gain × phase-in / 100 × realisation rate / 100; purchases grow by the drift from year 0.
    Parameters: case; alternative; values, driver id → value; number, which turns a certain number into the same kind.
    Returns the flows in kronor, unrounded.
    """
    years = range(case.horizon_years + 1)
    rate = values[REALISATION] / 100 if REALISATION in values else number(1)
    growth = 1 + values[DRIFT] / 100 if DRIFT in values else number(1)
    gains: dict[str, Sequence[Number]] = {}
    for lever in alternative.levers:
        if lever.benefit != "quality":
            grown = rate * _full_year(case, lever, values, number)
            of_purchases = bool(set(PURCHASES_OF_TODAY) & set(LEVER_KINDS[lever.kind].needs))
            parts: list[Number] = []
            for year in years:
                parts.append(grown * number(lever.phase_pct(year)) / 100)
                grown = grown * growth if of_purchases else grown
            gains[lever.id] = parts
    costs: dict[str, Sequence[Number]] = {
        cost.driver_id: [
            values[cost.driver_id] if cost.first_year <= year <= cost.last_year else number(0) for year in years
        ]
        for cost in alternative.costs
    }
    return Flows(gains, costs)


def _full_year(case: Case, lever: Lever, values: Mapping[str, Number], number: Callable[[Any], Number]) -> Number:
    """Reckon the gain of a full year at today's purchases, in kronor."""

    def given(name: str) -> Number:
        return values[f"{lever.id}.{name}"]

    def today(name: str) -> Number:
        return number(case.today[name])

    if lever.kind == "contract_loyalty":
        more = given("loyalty_after_pct") - today("loyalty_pct")
        return today("loyalty_base_sek") * more / 100 * given("price_difference_pct") / 100
    if lever.kind == "fewer_suppliers":
        return (today("suppliers_count") - given("suppliers_after")) * given("cost_per_supplier_sek")
    if lever.kind == "e_commerce":
        return given("invoices_removed") * given("cost_per_invoice_sek")
    if lever.kind == "other":
        return given("yearly_sek")
    share = given(_SHARE_DRIVERS[lever.kind])
    return today("spend_sek") * share / 100 * given("price_effect_pct") / 100


def net_of(
    case: Case, alternative: Alternative, flows: Flows[Number], zero: Number, *, with_time: bool = False
) -> list[Number]:
    """Sum the gains in money less the costs, per year; with_time adds released time as if it were money."""
    counted = ["cash", "time"] if with_time else ["cash"]
    chosen = [flows.gains[lever.id] for lever in alternative.levers if lever.benefit in counted]
    net = []
    for year in range(case.horizon_years + 1):
        total = zero
        for gain in chosen:
            total = total + gain[year]
        for cost in flows.costs.values():
            total = total - cost[year]
        net.append(total)
    return net


def present_value(amounts: Sequence[Number], rate: Number, zero: Number) -> Number:
    """Discount amounts of year 0, 1, 2 … to year 0: Σ CF_t / (1 + r)^t, where r is a fraction."""
    total = zero
    for amount in reversed(amounts):
        total = total / (1 + rate) + amount
    return total


def point_value(
    case: Case, alternative: Alternative, values: Mapping[str, Decimal], rate_pct: Decimal, *, with_time: bool = False
) -> Decimal:
    """Reckon the exact net present value, in kronor, with given values of the drivers."""
    flows = reckon(case, alternative, values, Decimal)
    net = net_of(case, alternative, flows, Decimal(0), with_time=with_time)
    return present_value(net, rate_pct / 100, Decimal(0))
