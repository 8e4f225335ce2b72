"""What was paid against the contract price, line by line: overcharges, undercharges and what to claim back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.article_prices.contract_prices import ContractPrices
from procanalysis.measures.article_prices.exact import Fractions
from procanalysis.measures.article_prices.names import shown_suppliers
from procanalysis.measures.article_prices.paid import paid_for
from procanalysis.measures.article_prices.reasons import NOTHING_COMPARED
from procanalysis.schema import QUANTITY_UNITS, Exclusion, KeyFigure, kronor, percent

OUTCOMES: dict[str, str] = {"over": "Över avtalspris", "under": "Under avtalspris", "within": "Avtalat pris"}
"""How a line's price stands to the contract price, beyond the tolerance or within it."""

Counted = Literal["amount", "lines"]
NOT_ABOVE_ZERO = "Det som kunde jämföras är inte över noll kronor"
_ACCURACY: dict[str, str] = {
    "amount": "Köpt till avtalat pris, andel av jämförda kronor",
    "lines": "Köpt till avtalat pris, andel av jämförda rader",
}
_CLAIMED = (
    "supplier_key", "supplier_name", "price_list_contract", "document_number", "line_number", "document_line",
    "bought_on", "unit", "article_id", "article_name", "quantity", "quantity_unit", "quantity_unit_name",
    "bought_quantity", "paid_price_sek", "contract_unit_price_sek", "difference_sek", "overcharge_ore", "paid_by",
    "matched_by", "price_list_id", "price_list_file", "price_list_row", "price_list_place", "line_id",
    "credited_line_id", "file", "row_number",
)  # fmt: skip


@dataclass(frozen=True)
class PriceDeviations:
    """Hold the compared lines with what was paid beside the contract price.

    lines: ContractPrices.lines that have a contract price, in their order, with paid_price_sek, contract_unit_price_sek
    and difference_sek (per unit, six decimals), difference_pct (of the contract price), paid_by (whether the line's
    price or its amount tells what was paid), outcome (one of OUTCOMES), outcome_name, deviation_ore (quantity × (paid −
    contract), whole öre; credits take theirs back), overcharge_ore and undercharge_ore (the deviation where it lies
    beyond the tolerance, each above zero for a purchase, else 0). uncompared: as in ContractPrices. tolerance_pct: the
    tolerance used. unknown_because: why nothing is compared.
    """

    lines: pd.DataFrame
    uncompared: pd.DataFrame
    tolerance_pct: Decimal
    unknown_because: str


@dataclass(frozen=True)
class Claims:
    """Hold what to claim back.

    lines: the evidence, one row per line whose price lies above the contract price beyond the tolerance, credits of
    such lines with their overcharge taken back: supplier, contract, document, line, day, article, paid and contract
    price, difference, overcharge_ore, and the row of the price list; document_line, bought_quantity and
    price_list_place say the same as texts for a reader. contracts: one row per supplier and contract,
    the largest overcharge first: supplier_key, supplier_name, price_list_contract, lines_count, articles_count,
    amount_ore (paid for those lines), overcharge_ore. Both sum to the key figure `overcharge`.
    """

    lines: pd.DataFrame
    contracts: pd.DataFrame


def price_deviations(prices: ContractPrices, *, tolerance_pct: Decimal = Decimal(0)) -> PriceDeviations:
    """Lay what was paid beside the contract price.

    deviation = quantity × (paid unit price − contract unit price), exact until it is rounded once to whole öre. paid
    unit price = price_sek / base_quantity; from the amount where the line has no price or a discount of its own.
    Parameters: `prices`, as `contract_prices_on` returns them; `tolerance_pct`, 0 to 100 percent of the contract price:
    a difference no larger counts as the contract price; one that is larger counts whole. Returns PriceDeviations.
    Raises MeasureError. Source: methods 15, requirement R35.
    """
    frames.check_range("price_deviations", "tolerance_pct", tolerance_pct, Decimal(0), Decimal(100))
    lines = prices.lines[prices.lines["reason"] == ""].reset_index(drop=True)
    paid = paid_for(lines)
    contract = Fractions.of(lines["contract_price_sek"]).over(Fractions.of(lines["contract_base_quantity"]))
    difference = paid.unit_price.minus(contract)
    deviation_ore = paid.quantity.times(difference).rounded_ore()
    tolerance = Fractions.of_values([Fraction(tolerance_pct) / 100]).take(np.zeros(len(lines), dtype=np.intp))
    within = difference.absolute().at_most(contract.times(tolerance))
    over = ~within & difference.above_zero()
    outcome = pd.Series(np.select([within, over], ["within", "over"], "under"), dtype="str")
    found = lines.assign(
        quantity_unit_name=lines["quantity_unit"].map(lambda code: QUANTITY_UNITS.get(code, code)).astype("str"),
        paid_price_sek=paid.unit_price.shown(),
        contract_unit_price_sek=contract.shown(),
        difference_sek=difference.shown(),
        difference_pct=difference.times(100).over(contract).shown(decimals=2),
        paid_by=pd.Series(paid.known_by, dtype="str"),
        outcome=outcome,
        outcome_name=outcome.map(OUTCOMES).astype("str"),
        deviation_ore=deviation_ore,
        overcharge_ore=np.where(over, deviation_ore, 0),
        undercharge_ore=np.where(~within & ~over, -deviation_ore, 0),
    )
    return PriceDeviations(found, prices.uncompared, tolerance_pct, prices.unknown_because)


def overcharge(deviations: PriceDeviations, *, currency: str = "SEK") -> KeyFigure:
    """Sum what was paid above the contract prices, beyond the tolerance, credits taken off.

    Σ overcharge_ore. Parameters: `deviations`, as `price_deviations` returns them; `currency`, of the amounts. Returns
    a KeyFigure in kronor with what the compared lines cost; left out are the lines without a contract price to compare
    with; unknown when no line has one. Source: requirement R35.
    """
    return _beyond(deviations, "overcharge", "Betalat över avtalspris", "price_deviations", currency)


def undercharge(deviations: PriceDeviations, *, currency: str = "SEK") -> KeyFigure:
    """Sum what was paid below the contract prices, beyond the tolerance, credits taken off: never set off against
    overcharges.

    Σ undercharge_ore. Parameters, returns and source as `overcharge`.
    """
    return _beyond(deviations, "undercharge", "Betalat under avtalspris", "price_deviations", currency)


def price_accuracy(deviations: PriceDeviations, *, counted: Counted = "amount", currency: str = "SEK") -> KeyFigure:
    """Tell how large a share of what could be compared was bought at the contract price, within the tolerance.

    Kronor, or lines, within the tolerance × 100 / all that were compared. Parameters: `deviations`, as
    `price_deviations` returns them; `counted`, 'amount' or 'lines'; `currency`, of the amounts. Returns a KeyFigure in
    percent; left out are the lines without a contract price. Raises MeasureError. Source: methods 15.
    """
    if counted not in _ACCURACY:
        raise MeasureError(f"price_accuracy: counted is '{counted}'. {did_you_mean(counted, _ACCURACY)}")
    lines = deviations.lines
    within = lines["outcome"] == "within"
    numerator, denominator = Decimal(int(within.sum())), Decimal(len(lines))
    if counted == "amount":
        numerator, denominator = (kronor(int(part["amount_ore"].sum())) for part in (lines[within], lines))
    value = percent(numerator, denominator)
    nothing = deviations.unknown_because or ("" if value is not None else NOT_ABOVE_ZERO)
    return KeyFigure(
        id="price_accuracy" if counted == "amount" else "price_accuracy_lines",
        label=_ACCURACY[counted],
        value=value,
        unit="%",
        method="price_accuracy",
        numerator=numerator if value is not None else None,
        denominator=denominator if value is not None else None,
        part_unit=currency if counted == "amount" else "st",
        excluded=exclusions(deviations.uncompared),
        unknown_because=nothing,
    )


def claims(deviations: PriceDeviations) -> Claims:
    """List what to claim back from suppliers, with the evidence for each line.

    The lines of `price_deviations` above the contract price, credits of such lines with them, so that what has been
    taken back is not claimed. Parameters: `deviations`, as `price_deviations` returns them. Returns Claims; lines by
    supplier and contract, the largest first. A credit that follows no purchase is not set off: it may be a price
    correction, and stands in `uncompared`. Source: requirement R35.
    """
    lines = deviations.lines[deviations.lines["outcome"] == "over"]
    lines = lines.assign(supplier_name=shown_suppliers(lines["supplier_name"]))
    by = ["supplier_key", "price_list_contract"]
    contracts = (
        lines.assign(article=lines["article_id"].fillna(lines["standard_item_id"]))
        .groupby(by, dropna=False)
        .agg(
            supplier_name=("supplier_name", "first"),
            lines_count=("line_id", "size"),
            articles_count=("article", "nunique"),
            amount_ore=("amount_ore", "sum"),
            overcharge_ore=("overcharge_ore", "sum"),
        )
        .reset_index()
    )
    contracts = contracts.sort_values(["overcharge_ore", *by], ascending=[False, True, True], ignore_index=True)
    order = contracts[by].assign(place=range(len(contracts)))
    # Missing contracts are one group, and meet as such.
    sorted_lines = lines.merge(order, on=by, how="left").sort_values(
        ["place", "overcharge_ore", "line_id"], ascending=[True, False, True], ignore_index=True
    )
    columns = ["supplier_key", "supplier_name", "price_list_contract", "lines_count", "articles_count"]
    whole = ["lines_count", "articles_count", "amount_ore", "overcharge_ore"]
    typed = contracts[[*columns, "amount_ore", "overcharge_ore"]].astype(dict.fromkeys(whole, "int64"))
    return Claims(_to_look_up(sorted_lines)[list(_CLAIMED)], typed)


def _to_look_up(lines: pd.DataFrame) -> pd.DataFrame:
    """Write where each line and its price stand, and what was bought, as one who looks it up wants them."""
    numbered = "/" + lines["line_number"].astype("str")
    quantities = [wording.number_text(one, _decimals(one)) for one in lines["quantity"]]
    units = lines["quantity_unit_name"].fillna("")
    return lines.assign(
        document_line=lines["document_number"].astype("str") + numbered.fillna(""),
        bought_quantity=[f"{one}{wording.HARD_SPACE}{unit}" for one, unit in zip(quantities, units, strict=True)],
        price_list_place=lines["price_list_file"].astype("str") + " rad " + lines["price_list_row"].astype("str"),
    )


def _decimals(value: Decimal) -> int:
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(-exponent if isinstance(exponent, int) else 0, 0)


def exclusions(uncompared: pd.DataFrame) -> tuple[Exclusion, ...]:
    """Tell a key figure what was not compared."""
    return tuple(
        Exclusion(row["reason"], int(row["lines_count"]), int(row["amount_ore"]))
        for row in uncompared.to_dict("records")
    )


def _beyond(deviations: PriceDeviations, name: str, label: str, method: str, currency: str) -> KeyFigure:
    """Sum one direction, and say what share of the compared purchases it is."""
    lines = deviations.lines
    amount_ore, base_ore = int(lines[f"{name}_ore"].sum()), int(lines["amount_ore"].sum())
    share = percent(amount_ore, base_ore)
    told = None if share is None else f"{wording.percent_text(share)} av {wording.amount_text(base_ore, currency)}"
    return KeyFigure(
        id=name,
        label=label,
        value=kronor(amount_ore) if len(lines) else None,
        unit=currency,
        method=method,
        excluded=exclusions(deviations.uncompared),
        comparison=f"{told} som kunde jämföras" if told and len(lines) else "",
        unknown_because="" if len(lines) else deviations.unknown_because or NOTHING_COMPARED,
    )
