"""What is bought from contract suppliers outside the contracted assortment, and how dear it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.measures import wording
from procanalysis.measures.article_prices import reasons
from procanalysis.measures.article_prices.contract_prices import uncompared_by_reason
from procanalysis.measures.article_prices.deviations import exclusions
from procanalysis.measures.article_prices.exact import Flags, or_none
from procanalysis.measures.article_prices.names import shown_suppliers
from procanalysis.measures.article_prices.offers import Indexes, Offers, indexes_of, offers_of
from procanalysis.measures.article_prices.paid import paid_for
from procanalysis.measures.article_prices.search import (
    LINE_COLUMNS,
    Lines,
    Prices,
    in_force,
    lines_of,
    listed_that_day,
    pairs_by,
    priced,
)
from procanalysis.schema import ASSORTMENTS, KeyFigure, kronor, percent, require_columns

NOT_CONTRACT_SUPPLIER = "Leverantören har varken avtal eller prislista den dagen"
NOT_KNOWN = "Raden är inte märkt och leverantören har ingen prislista den dagen"
NO_STANDARD = "Standardnumret saknas"
NO_SAME = "Inget avtal har en artikel med samma standardnummer"
NOTHING_KNOWN = "Inget köp från avtalsleverantörer kan föras till avtalat eller övrigt sortiment"
NOTHING_PRICED = "Ingen artikel i övrigt sortiment har ett avtalspris att jämföra med"

BY_MARK, BY_LIST = "Märkt i systemet", "Prislistan"

_CONTRACTS: dict[str, str] = {
    "supplier_key": "str", "supplier_name": "str", "contract": "str", "lines_count": "int64", "known_ore": "int64",
    "other_ore": "int64", "other_pct": "float64", "unknown_ore": "int64", "priced_ore": "int64",
    "at_contract_ore": "int64", "price_level_pct": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class OtherAssortment:
    """Hold what was bought outside the contracted assortment of contract suppliers.

    lines: every line given, in its order: what this package reads of ARTICLE_LINES, contract (the line's reference,
    else the supplier's only contract in the lists), assortment_found ('contract', 'other' or missing), known_by,
    reason (why it is left out or not known, else ''), contract_unit_price_sek, at_contract_ore (an article of the other
    assortment at the contract price of the same standard number) and price_reason (why there is none).
    contracts: one row per supplier and contract, the largest other assortment first: supplier_key, supplier_name,
    contract, lines_count, known_ore (contracted and other), other_ore, other_pct, unknown_ore, priced_ore (of the other
    assortment, what has a contract price to compare with), at_contract_ore, price_level_pct.
    excluded: reason, lines_count, amount_ore. unpriced: the same for other assortment without a price to compare with.
    """

    lines: pd.DataFrame
    contracts: pd.DataFrame
    excluded: pd.DataFrame
    unpriced: pd.DataFrame
    unknown_because: str


def other_assortment(
    lines: pd.DataFrame,
    price_lists: pd.DataFrame,
    price_indexes: pd.DataFrame | None = None,
    *,
    scopes: pd.DataFrame | None = None,
) -> OtherAssortment:
    """Tell what is bought from contract suppliers outside the contracted assortment, and at which price level.

    A contract supplier has that day a contract in `scopes` or a price list, or the line is marked as contracted. The
    e-commerce system's mark decides the assortment; where it has none, an article in the supplier's price lists that
    day (by article or standard number, of whichever contract) is contracted and any other is other assortment; without
    a price list that day it is not known. price level = Σ paid / Σ quantity × contract price, over the other
    assortment's articles whose standard number has a contract price that day, in the same unit, with any supplier;
    where several differ, the highest, so that the level is not overstated. Parameters: `lines`, ARTICLE_LINES, orders
    or invoices; `price_lists`, PRICE_LISTS; `price_indexes`, PRICE_INDEXES or None; `scopes`, CONTRACT_SCOPES or None.
    Returns OtherAssortment.
    Raises MeasureError. Source: requirement R85.
    """
    asked, offers = lines_of(lines, "other_assortment"), offers_of(price_lists, "other_assortment")
    indexes, paid = indexes_of(price_indexes, "other_assortment"), paid_for(asked.rows)
    has_list = _on_days(asked, offers.rows["supplier_key"], offers.starts, offers.ends, ~offers.is_withdrawn)
    marked = asked.rows["assortment"].isin(list(ASSORTMENTS)).to_numpy(bool)
    mark = asked.rows["assortment"].to_numpy(object)
    is_supplier = has_list | (mark == "contract") | _in_scopes(asked, scopes)
    listed = listed_that_day(asked, offers)
    known = is_supplier & (marked | has_list)
    found = or_none(known, np.where(marked, mark, np.where(listed, "contract", "other")))
    reason = np.where(~is_supplier, NOT_CONTRACT_SUPPLIER, np.where(known, "", NOT_KNOWN))
    is_other = found == "other"
    prices = _same_standard(asked, offers, indexes, is_other)
    price_reason = np.where(is_other, np.where(paid.reason != "", paid.reason, prices.reason), "")
    at_contract = paid.quantity.times(prices.unit_price)
    priced_lines = is_other & (price_reason == "")
    laid_out = asked.rows[list(LINE_COLUMNS)].assign(
        contract=_contracts(asked, offers),
        assortment_found=pd.Series(found).astype("str"),
        known_by=pd.Series(or_none(known, np.where(marked, BY_MARK, BY_LIST))).astype("str"),
        reason=pd.Series(reason, dtype="str"),
        contract_unit_price_sek=prices.unit_price.shown(priced_lines),
        at_contract_ore=pd.Series(at_contract.rounded_ore(), dtype="Int64").where(priced_lines),
        price_reason=pd.Series(price_reason, dtype="str"),
    )
    other = laid_out[is_other]
    return OtherAssortment(
        lines=laid_out,
        contracts=_by_contract(laid_out[is_supplier]),
        excluded=uncompared_by_reason(laid_out),
        unpriced=uncompared_by_reason(other.assign(reason=other["price_reason"])),
        unknown_because=reasons.NO_LINES if lines.empty else "" if known.any() else NOTHING_KNOWN,
    )


def other_assortment_share(found: OtherAssortment, *, currency: str = "SEK") -> KeyFigure:
    """Tell how large a share of the purchases from contract suppliers is other assortment.

    Kronor of other assortment × 100 / kronor of contracted and other assortment. Parameters: `found`, as
    `other_assortment` returns it; `currency`, of the amounts. Returns a KeyFigure in percent; left out are suppliers
    that are no contract suppliers and lines whose assortment is not known. Source: requirement R85.
    """
    known = found.lines[found.lines["reason"] == ""]
    numerator, denominator = (
        kronor(int(part["amount_ore"].sum())) for part in (known[known["assortment_found"] == "other"], known)
    )
    value = percent(numerator, denominator)
    return KeyFigure(
        id="other_assortment_share",
        label="Övrigt sortiment, andel av köpen från avtalsleverantörer",
        value=value,
        unit="%",
        method="other_assortment",
        numerator=None if value is None else numerator,
        denominator=None if value is None else denominator,
        part_unit=currency,
        excluded=exclusions(found.excluded),
        unknown_because="" if value is not None else found.unknown_because or NOTHING_KNOWN,
    )


def other_assortment_price_level(found: OtherAssortment, *, currency: str = "SEK") -> KeyFigure:
    """Tell what the other assortment costs, in percent of the contract prices of the same articles.

    Σ paid × 100 / Σ quantity × contract price. Parameters and source as `other_assortment_share`. Returns a KeyFigure
    in percent, 100 meaning the contract price; left out is other assortment without a contract price to compare with.
    """
    lines = found.lines[found.lines["at_contract_ore"].notna()]
    numerator, denominator = (kronor(int(lines[name].sum())) for name in ("amount_ore", "at_contract_ore"))
    value = percent(numerator, denominator)
    other = found.lines[found.lines["assortment_found"] == "other"]
    paid_ore, other_ore = int(lines["amount_ore"].sum()), int(other["amount_ore"].sum())
    covered = percent(paid_ore, other_ore)
    return KeyFigure(
        id="other_assortment_price_level",
        label="Övrigt sortiment, prisnivå mot avtalspris (avtalspriset är 100 %)",
        value=value,
        unit="%",
        method="other_assortment",
        numerator=None if value is None else numerator,
        denominator=None if value is None else denominator,
        part_unit=currency,
        excluded=exclusions(found.unpriced),
        comparison=""
        if value is None or covered is None
        else f"Omfattar {wording.percent_text(covered)} av övrigt sortiment",
        unknown_because="" if value is not None else found.unknown_because or NOTHING_PRICED,
    )


def _same_standard(lines: Lines, offers: Offers, indexes: Indexes, among: Flags) -> Prices:
    """Find the contract price of the same standard number with any supplier; the highest where several differ."""
    reason = np.where(lines.rows["standard"].isna(), NO_STANDARD, NO_SAME).astype(object)
    anywhere = lines.of_any_contract()
    pairs = in_force(anywhere, offers, pairs_by(lines, offers, [("standard", "standard")], among), reason)
    return priced(anywhere, offers, pairs, indexes, reason, highest=True)


def _on_days(
    lines: Lines,
    suppliers: pd.Series[Any],
    starts: npt.NDArray[np.datetime64],
    ends: npt.NDArray[np.datetime64],
    among: Flags,
) -> Flags:
    """Tell which lines' suppliers have a row in force that day. Each supplier and day is asked once."""
    asked = pd.DataFrame({"supplier": lines.rows["supplier_key"].astype("str"), "day": lines.days})
    spans = pd.DataFrame({"supplier": suppliers.astype("str"), "starts": starts, "ends": ends})[among]
    both = asked.drop_duplicates().merge(spans.dropna().drop_duplicates(), on="supplier")
    held = both.loc[(both["starts"] <= both["day"]) & (both["day"] <= both["ends"]), ["supplier", "day"]]
    return asked.merge(held.drop_duplicates().assign(held=True), how="left")["held"].notna().to_numpy(bool)


def _in_scopes(lines: Lines, scopes: pd.DataFrame | None) -> Flags:
    if scopes is None or scopes.empty:
        return np.zeros(len(lines), dtype=bool)
    require_columns(scopes.columns, ("supplier_key", "starts_on", "ends_on"), "other_assortment")
    starts, ends = (
        pd.to_datetime(scopes[name]).astype("datetime64[us]").to_numpy() for name in ("starts_on", "ends_on")
    )
    return _on_days(
        lines, scopes["supplier_key"].reset_index(drop=True), starts, ends, np.ones(len(scopes), dtype=bool)
    )


def _contracts(lines: Lines, offers: Offers) -> pd.Series[Any]:
    """Name each line's contract: its own reference, else the supplier's only one in the price lists."""
    named = offers.rows.dropna(subset=["contract_reference"]).groupby("supplier_key")["contract_reference"]
    only = named.first()[named.nunique() == 1]
    stated = lines.rows["contract_reference"].astype("str")
    return stated.fillna(lines.rows["supplier_key"].map(only).astype("str"))


def _by_contract(lines: pd.DataFrame) -> pd.DataFrame:
    """Add the contract suppliers' lines up per supplier and contract."""
    other, known = lines["assortment_found"] == "other", lines["reason"] == ""
    with_price = lines["at_contract_ore"].notna()
    amounts = lines.assign(
        supplier_name=shown_suppliers(lines["supplier_name"]),
        known_ore=lines["amount_ore"].where(known, 0),
        other_ore=lines["amount_ore"].where(other, 0),
        unknown_ore=lines["amount_ore"].where(~known, 0),
        priced_ore=lines["amount_ore"].where(with_price, 0),
        at_contract_ore=lines["at_contract_ore"].fillna(0),
    )
    sums = ["known_ore", "other_ore", "unknown_ore", "priced_ore", "at_contract_ore"]
    found = amounts.groupby(["supplier_key", "contract"], dropna=False).agg(
        supplier_name=("supplier_name", "first"),
        lines_count=("line_id", "size"),
        **{name: (name, "sum") for name in sums},
    )
    found = found.reset_index()
    found = found.assign(
        other_pct=_shares(found["other_ore"], found["known_ore"]),
        price_level_pct=_shares(found["priced_ore"], found["at_contract_ore"]),
    ).astype(_CONTRACTS)
    order = ["other_ore", "supplier_key", "contract"]
    return found[list(_CONTRACTS)].sort_values(order, ascending=[False, True, True], ignore_index=True)


def _shares(parts: pd.Series[Any], wholes: pd.Series[Any]) -> list[float]:
    """Return each part in percent of its whole; not a number where the whole is not above zero."""
    shares = [percent(int(part), int(whole)) for part, whole in zip(parts, wholes, strict=True)]
    return [float("nan") if share is None else float(share) for share in shares]
