"""What the same article cost different units, months or suppliers, and what the best of those prices had come to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.article_prices.exact import SHOWN_DECIMALS, Fractions, Whole
from procanalysis.measures.article_prices.names import shown_suppliers
from procanalysis.measures.article_prices.offers import comparable_standard
from procanalysis.measures.article_prices.reasons import NO_LINES, NO_QUANTITY, OPPOSITE_SIGNS
from procanalysis.measures.splitting import round_exact
from procanalysis.schema import QUANTITY_UNITS, Exclusion, KeyFigure, kronor, percent, require_columns

Between = Literal["unit", "month", "supplier"]

BETWEEN: dict[str, str] = {"unit": "enheter", "month": "månader", "supplier": "leverantörer"}
ONLY_ONE: dict[str, str] = {
    "unit": "Bara en enhet har köpt artikeln",
    "month": "Artikeln är köpt i en enda månad",
    "supplier": "Artikeln är köpt av en enda leverantör",
}
NO_UNIT_STATED = "Enheten som köpte är inte angiven"
NO_NUMBER: dict[str, str] = {"article": "Artikelnumret saknas", "standard": "Standardnumret saknas"}
NO_QUANTITY_UNIT = "Kvantitetens enhet saknas"
NOT_ABOVE_ZERO = "Kvantiteten är inte över noll när returer har dragits av"
FREE = "Lägsta priset är inte över noll"
PACKS = "Kan vara olika förpackningar"
NOTHING_COMPARED = "Ingen artikel är köpt till jämförbara priser av flera"

_COLUMNS = (
    "bought_on", "unit", "supplier_key", "supplier_name", "article_id", "standard_item_id", "article_name", "quantity",
    "quantity_unit", "amount_ore",
)  # fmt: skip
_ARTICLES: dict[str, str] = {
    "supplier_key": "str", "supplier_name": "str", "article": "str", "article_name": "str", "quantity_unit": "str",
    "quantity_unit_name": "str", "groups_count": "int64", "lines_count": "int64", "quantity": "object",
    "lowest_price_sek": "object", "lowest_at": "str", "median_price_sek": "object", "highest_price_sek": "object",
    "highest_at": "str", "mean_price_sek": "object", "best_price_sek": "object", "best_at": "str",
    "amount_ore": "int64", "at_best_price_ore": "int64", "above_best_ore": "int64",
    "is_counted": "int64", "caution": "str",
}  # fmt: skip


@dataclass(frozen=True)
class SameArticlePrices:
    """Hold how the price of the same article differs between units, months or suppliers.

    articles: one row per article with at least two prices, the largest sum above the best price first: supplier_key and
    supplier_name (missing between suppliers), article (the supplier's number; between suppliers the standard number),
    article_name, quantity_unit, quantity_unit_name, groups_count, lines_count, quantity, lowest_price_sek and
    lowest_at, median_price_sek (of the units', months' or suppliers' prices), highest_price_sek and highest_at,
    mean_price_sek, best_price_sek and best_at (the lowest of those that bought enough), amount_ore, at_best_price_ore,
    above_best_ore (their difference), is_counted (0 when a caution keeps it out of the sum) and caution.
    excluded: reason, lines_count, amount_ore.
    """

    articles: pd.DataFrame
    excluded: pd.DataFrame
    between: str
    unknown_because: str


def same_article_prices(
    lines: pd.DataFrame,
    *,
    between: Between = "unit",
    least_of_mean_pct: Decimal = Decimal(50),
    pack_size_ratio: Decimal = Decimal(3),
) -> SameArticlePrices:
    """Tell at which prices the same article was bought, and what all of it would have cost at the best of them.

    price of a unit (month, supplier) = Σ amount / Σ quantity, credits taken off; best price = the lowest among those
    whose quantity is at least least_of_mean_pct percent of the mean quantity per unit (month, supplier); above best =
    Σ quantity × (price − best price) over those that paid more than the best price. The same article: supplier, article
    number and quantity unit; between suppliers standard number and quantity unit. Parameters: `lines`, ARTICLE_LINES,
    orders or invoices; `between`, 'unit', 'month' or 'supplier' (a sole trader is shown without name or code);
    `least_of_mean_pct`, 0 to 100, so that one small purchase sets no price; `pack_size_ratio`, above 1: where the
    highest price of a line is so many times the lowest, the article may be sold in different packs: shown with a
    caution, not counted. Returns SameArticlePrices.
    Raises MeasureError. Source: methods 5.
    """
    if between not in BETWEEN:
        raise MeasureError(f"same_article_prices: cannot compare between '{between}'. {did_you_mean(between, BETWEEN)}")
    frames.check_range("same_article_prices", "least_of_mean_pct", least_of_mean_pct, Decimal(0), Decimal(100))
    if pack_size_ratio <= 1:
        raise MeasureError(f"same_article_prices: pack_size_ratio is {pack_size_ratio}. Give a ratio above one.")
    require_columns(lines.columns, _COLUMNS, "same_article_prices")
    rows, left = _usable(lines, between)
    groups = _groups(rows)
    some = np.asarray(groups["quantity_sum"].to_numpy(object) > 0, dtype=bool)
    several = groups[some].groupby("article_code")["group_code"].transform("size").reindex(groups.index) >= 2
    kept = some & several.to_numpy(bool)
    for flags, reason in ((~some, NOT_ABOVE_ZERO), (some & ~kept, ONLY_ONE[between])):
        left += [(reason, int(groups["lines_count"][flags].sum()), int(groups["amount_ore"][flags].sum()))]
    articles = _articles(
        rows, groups[kept].reset_index(drop=True), between, Fraction(least_of_mean_pct) / 100, Fraction(pack_size_ratio)
    )
    return SameArticlePrices(articles, _left_out(left), between, NO_LINES if lines.empty else "")


def own_price_gap(same: SameArticlePrices, *, currency: str = "SEK") -> KeyFigure:
    """Sum what the articles cost above the best price that was paid for each, over the articles without a caution.

    Σ above_best_ore. It is a question to ask, no saving: deliveries and quantities may explain the difference.
    Parameters: `same`, as `same_article_prices` returns it; `currency`, of the amounts. Returns a KeyFigure in kronor;
    left out are the articles that may be sold in different packs and the lines that could not be compared; unknown when
    no article is counted. Source: methods 5.
    """
    counted = same.articles[same.articles["is_counted"] == 1]
    cautious = same.articles[same.articles["is_counted"] == 0]
    amount_ore, above_ore = int(counted["amount_ore"].sum()), int(counted["above_best_ore"].sum())
    share = percent(above_ore, amount_ore)
    by_reason = [
        Exclusion(str(reason), int(part["lines_count"].sum()), int(part["amount_ore"].sum()))
        for reason, part in cautious.groupby("caution")
    ]
    return KeyFigure(
        id=f"own_price_gap_{same.between}",
        label=f"Betalat över bästa egna pris, mellan {BETWEEN[same.between]}",
        value=kronor(above_ore) if len(counted) else None,
        unit=currency,
        method="same_article_prices",
        excluded=(
            *by_reason,
            *(
                Exclusion(row["reason"], int(row["lines_count"]), int(row["amount_ore"]))
                for row in same.excluded.to_dict("records")
            ),
        ),
        comparison=""
        if share is None
        else f"{wording.percent_text(share)} av {wording.amount_text(amount_ore, currency)}",
        unknown_because="" if len(counted) else same.unknown_because or NOTHING_COMPARED,
    )


def _usable(lines: pd.DataFrame, between: str) -> tuple[pd.DataFrame, list[tuple[str, int, int]]]:
    """Number the lines' articles and groups, and tell which lines have none."""
    by = "standard" if between == "supplier" else "article"
    rows = lines[list(_COLUMNS)].reset_index(drop=True)
    number = comparable_standard(rows["standard_item_id"]) if by == "standard" else rows["article_id"].astype("str")
    if between == "month":
        group = pd.to_datetime(rows["bought_on"]).dt.strftime("%Y-%m").astype("str")
    else:
        group = rows["unit" if between == "unit" else "supplier_key"].astype("str")
    rows = rows.assign(number=number, group=group)
    quantity = Fractions.of(rows["quantity"])
    amount = rows["amount_ore"].to_numpy("int64")
    wrong = (
        (np.asarray(quantity.above == 0, dtype=bool), NO_QUANTITY),
        (np.asarray(np.where(amount < 0, -1, 1) * quantity.above < 0, dtype=bool) & (amount != 0), OPPOSITE_SIGNS),
        (rows["number"].isna().to_numpy(bool), NO_NUMBER[by]),
        (rows["quantity_unit"].isna().to_numpy(bool), NO_QUANTITY_UNIT),
        (rows["group"].isna().to_numpy(bool), NO_UNIT_STATED),
    )
    reason = np.select([flags for flags, _ in wrong], [why for _, why in wrong], "")
    left = [
        (str(why), int((reason == why).sum()), int(amount[reason == why].sum()))
        for why in dict.fromkeys(reason[reason != ""])
    ]
    usable = reason == ""
    keys = ["number", "quantity_unit"] if by == "standard" else ["supplier_key", "number", "quantity_unit"]
    kept = rows[usable].reset_index(drop=True)
    kept = kept.assign(
        article_code=kept.groupby(keys).ngroup().to_numpy("int64"), group_code=pd.factorize(kept["group"])[0]
    )
    order = kept.sort_values(["article_code", "group_code"], kind="stable").index
    return kept.loc[order].reset_index(drop=True), left


def _groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up amount and quantity per article and group, and find the lowest and highest price of a line above zero."""
    if rows.empty:
        columns = ["article_code", "group_code", "lines_count", "amount_ore", "quantity_sum", "scale", "low", "high"]
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    quantity = Fractions.of(rows["quantity"])
    scale = int(np.lcm.reduce(np.unique(quantity.below)))
    units: Whole = quantity.above * (scale // quantity.below)
    amount = rows["amount_ore"].to_numpy("int64")
    first = _firsts(rows["article_code"], rows["group_code"])
    # Eighteen decimals tell two prices apart; they are only compared, never shown or added.
    price: Whole = np.abs(amount.astype(object)) * 10**18 // np.abs(units)
    lowest: Whole = np.where(price > 0, price, np.max(price) + 1)
    return pd.DataFrame(
        {
            "article_code": rows["article_code"].to_numpy()[first],
            "group_code": rows["group_code"].to_numpy()[first],
            "lines_count": np.diff(np.append(first, len(rows))),
            "amount_ore": np.add.reduceat(amount, first),
            "quantity_sum": np.add.reduceat(units, first),
            "scale": scale,
            "low": np.minimum.reduceat(lowest, first),
            "high": np.maximum.reduceat(price, first),
        }
    )


def _firsts(*keys: pd.Series[Any]) -> npt.NDArray[np.intp]:
    """Find where each run of equal keys begins, in columns sorted by them."""
    changed = np.zeros(len(keys[0]), dtype=bool)
    changed[:1] = True
    for key in keys:
        values = key.to_numpy()
        changed[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(changed)


def _articles(
    rows: pd.DataFrame, groups: pd.DataFrame, between: str, least_share: Fraction, pack_size_ratio: Fraction
) -> pd.DataFrame:
    """Compare the groups' prices of each article."""
    shown_names = rows.assign(supplier_name=shown_suppliers(rows["supplier_name"]))
    named = shown_names.drop_duplicates("article_code").set_index("article_code").to_dict("index")
    shown = _shown_groups(rows, between)
    columns = {name: groups[name].tolist() for name in groups.columns}
    first = _firsts(groups["article_code"])
    found = []
    for start, end in zip(first, np.append(first[1:], len(groups))[: len(first)], strict=True):
        part = {name: values[start:end] for name, values in columns.items()}
        about = named[part["article_code"][0]]
        one = _one_article(part, least_share, pack_size_ratio)
        seller = {} if between == "supplier" else {name: about[name] for name in ("supplier_key", "supplier_name")}
        naming = {"article": about["number"], **{name: about[name] for name in ("article_name", "quantity_unit")}}
        naming["quantity_unit_name"] = QUANTITY_UNITS.get(about["quantity_unit"], about["quantity_unit"])
        at = {f"{name}_at": shown[one[f"{name}_group"]] for name in ("lowest", "highest", "best")}
        found.append(seller | naming | one | at)
    frame = frames.framed(found, _ARTICLES)
    order = ["is_counted", "above_best_ore", "supplier_key", "article"]
    return frame.sort_values(order, ascending=[False, False, True, True], kind="stable", ignore_index=True)


def _one_article(part: dict[str, list[Any]], least_share: Fraction, pack_size_ratio: Fraction) -> dict[str, Any]:
    """Reckon one article's prices exactly from its groups' sums."""
    quantities = [Fraction(units, part["scale"][0]) for units in part["quantity_sum"]]
    prices = [Fraction(ore, 100) / quantity for ore, quantity in zip(part["amount_ore"], quantities, strict=True)]
    codes, whole, amount_ore = part["group_code"], sum(quantities, Fraction(0)), sum(part["amount_ore"])
    order = sorted(range(len(prices)), key=lambda place: (prices[place], codes[place]))
    lowest, highest = order[0], order[-1]
    best = next(place for place in order if quantities[place] * len(prices) >= least_share * whole)
    middle = (prices[order[(len(order) - 1) // 2]] + prices[order[len(order) // 2]]) / 2
    dearer = [place for place in order if prices[place] > prices[best]]
    above_best = sum((quantities[place] * (prices[place] - prices[best]) for place in dearer), Fraction(0))
    above_best_ore = round_exact(above_best * 100)
    packs = max(part["high"]) >= min(part["low"]) * pack_size_ratio
    caution = FREE if prices[lowest] <= 0 else PACKS if packs else ""
    return {
        "groups_count": len(prices),
        "lines_count": sum(part["lines_count"]),
        "quantity": Decimal(whole.numerator) / Decimal(whole.denominator),
        "lowest_price_sek": _shown(prices[lowest]),
        "lowest_group": codes[lowest],
        "median_price_sek": _shown(middle),
        "highest_price_sek": _shown(prices[highest]),
        "highest_group": codes[highest],
        "mean_price_sek": _shown(Fraction(amount_ore, 100) / whole),
        "best_price_sek": _shown(prices[best]),
        "best_group": codes[best],
        "amount_ore": amount_ore,
        "at_best_price_ore": amount_ore - above_best_ore,
        "above_best_ore": above_best_ore,
        "is_counted": int(not caution),
        "caution": caution,
    }


def _shown(price: Fraction) -> Decimal:
    return Decimal(round_exact(price * 10**SHOWN_DECIMALS)).scaleb(-SHOWN_DECIMALS)


def _shown_groups(rows: pd.DataFrame, between: str) -> dict[int, str]:
    """Write each group for the reader. A sole trader's code would make a ranking of persons, so it is left out."""
    named = rows.drop_duplicates("group_code")
    if between == "month":
        texts = named["group"].map(wording.month_text)
    else:
        texts = named["group"] if between == "unit" else shown_suppliers(named["supplier_name"].fillna(named["group"]))
    return {int(code): str(text) for code, text in zip(named["group_code"], texts, strict=True)}


def _left_out(left: list[tuple[str, int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame([one for one in left if one[1]], columns=["reason", "lines_count", "amount_ore"])
    frame = frame.astype({"reason": "str", "lines_count": "int64", "amount_ore": "int64"})
    return frame.sort_values(["amount_ore", "reason"], ascending=[False, True], kind="stable", ignore_index=True)
