"""Work out the answers of the two fictional business cases, in plain decimal arithmetic or from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from procanalysis.example.ledger import PERIOD

Truths = dict[str, Any]
HORIZON_YEARS = 5
RATE_PCT = Decimal("2.5")
REALISATION_PCT = Decimal(85)
CONSULTANTS = "07.06"
_DEFINITIONS = {
    "flow": "likely invoices removed × cost per invoice × phase-in × realisation rate, less one-off and running costs",
    "npv": "flow of year 0 + sum of the flow of year t / (1 + rate) ** t, rounded to öre at the end",
    "payback_years": "years until the cumulated flow reaches zero, the last of them in part; null when it never does",
    "time": "worth of the freed time, which is not in the flow",
    "suppliers_in_ledger": "those with a posting of the category in the period; loyalty stands under contracts.loyalty",
    "recommended": "the alternative with the highest net present value of its cash, if above zero",
}


@dataclass(frozen=True)
class _Alternative:
    """Hold the likely numbers of one alternative, in kronor and percent."""

    invoices_removed: int
    fee_sek: int
    handling_sek: int
    phase_in_pct: tuple[int, ...]
    one_off_sek: dict[int, int]
    running_sek: int


_E_COMMERCE: dict[str, _Alternative] = {
    "largest_suppliers": _Alternative(10_200, 60, 190, (50, 100), {0: 700_000, 1: 200_000}, 180_000),
    "all_suppliers": _Alternative(30_000, 60, 190, (25, 60, 100), {0: 3_600_000, 1: 600_000, 2: 150_000}, 850_000),
    "collective_invoices": _Alternative(2_000, 60, 0, (100,), {0: 60_000}, 40_000),
}


def case_truths(postings: pd.DataFrame) -> Truths:
    """Return the known answers of the case by hand, and the ledger's numbers of the period behind the other."""
    answers = {name: _answer(one) for name, one in _E_COMMERCE.items()}
    best = max(answers, key=lambda name: answers[name]["npv_ore"])
    ours = postings[postings["year"].eq(PERIOD) & postings["category_code"].eq(CONSULTANTS)]
    return {
        "definitions": _DEFINITIONS,
        "exempel-e-handel": {
            "horizon_years": HORIZON_YEARS,
            "rate_pct": str(RATE_PCT),
            "alternatives": answers,
            "recommended": best if answers[best]["npv_ore"] > 0 else "do_nothing",
        },
        "exempel-it-konsulter": {
            "category_code": CONSULTANTS,
            "spend_ore": int(ours["amount_ore"].sum()),
            "suppliers_in_ledger": int(ours["supplier"].nunique()),
        },
    }


def _answer(one: _Alternative) -> Truths:
    flows = [_flow(one, year, one.fee_sek) - _cost(one, year) for year in range(HORIZON_YEARS + 1)]
    time = [_flow(one, year, one.handling_sek) for year in range(HORIZON_YEARS + 1)]
    return {
        "flows_ore": [_ore(flow) for flow in flows],
        "time_ore": [_ore(worth) for worth in time],
        "npv_ore": _ore(_present_value(flows)),
        "npv_with_time_ore": _ore(_present_value([cash + freed for cash, freed in zip(flows, time, strict=True)])),
        "payback_years": _payback(flows),
    }


def _flow(one: _Alternative, year: int, per_invoice_sek: int) -> Decimal:
    """Return what the removed invoices are worth in a year; nothing in year 0, and the last phase holds on."""
    if year == 0:
        return Decimal(0)
    phase = Decimal(one.phase_in_pct[min(year, len(one.phase_in_pct)) - 1])
    return one.invoices_removed * per_invoice_sek * phase / 100 * REALISATION_PCT / 100


def _cost(one: _Alternative, year: int) -> Decimal:
    return Decimal(one.one_off_sek.get(year, 0) + (one.running_sek if year else 0))


def _present_value(flows: list[Decimal]) -> Decimal:
    growth = 1 + RATE_PCT / 100
    return sum((flow / growth**year for year, flow in enumerate(flows)), Decimal(0))


def _payback(flows: list[Decimal]) -> str | None:
    """Return the years, with two decimals, until the money is back."""
    cumulated = Decimal(0)
    for year, flow in enumerate(flows):
        if year and cumulated < 0 <= cumulated + flow:
            return str((year - 1 - cumulated / flow).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
        cumulated += flow
    return None


def _ore(amount_sek: Decimal) -> int:
    return int((amount_sek * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
