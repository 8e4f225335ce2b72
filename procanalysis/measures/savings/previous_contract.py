"""The new contract's prices against the earlier one's, with its index clause; and price increases refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from procanalysis.errors import MeasureError
from procanalysis.measures.savings.reckoned import Reckoned, Row, not_usable, ore
from procanalysis.schema import NO_SAVING_REASONS

NEW_ARTICLE = "Artikeln fanns inte i det tidigare avtalet"
_INDEX = ("indexed_share_pct", "index_base", "index_now")


@dataclass(frozen=True)
class ArticleSaving:
    """Hold one article: its factor, its indexed earlier price, its exact yearly saving, and why there is none.

    The saving is None when the article cannot be counted: `reason` is then a key of NO_SAVING_REASONS, or 'new' for an
    article that the earlier contract did not have, and `reason_text` says it in Swedish.
    """

    article_id: str
    factor: Fraction | None
    indexed_price_ore: Fraction | None
    exact_ore: Fraction | None
    reason: str = ""
    reason_text: str = ""


def indexed_factor(indexed_share_pct: Decimal, index_base: Decimal, index_now: Decimal) -> Decimal:
    """Tell what an index clause has made of the earlier price.

    Formula: f = (1 - w) + w × I_t / I_0. Without it the method rewards old prices and punishes inflation.

    Parameters: `indexed_share_pct` is the part w of the price that the clause moves, 0 to 100 percent. `index_base` is
    I_0, the index at the earlier contract's base point, and `index_now` I_t, the index when the new price starts; both
    above 0.
    Returns: the factor, to 28 significant digits.
    Raises: MeasureError when a value is outside its limits.
    Source: methods.md 4.3.

    >>> indexed_factor(Decimal(70), Decimal(100), Decimal(110))
    Decimal('1.07')
    """
    return as_decimal(_factor(indexed_share_pct, index_base, index_now))


def as_decimal(exact: Fraction) -> Decimal:
    """Write a fraction as a decimal: exactly where it ends within 28 significant digits.

    >>> as_decimal(Fraction(51, 400))
    Decimal('0.1275')
    """
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def article_savings(prices: Sequence[Row]) -> list[ArticleSaving]:
    """Reckon the yearly saving of each article of one procurement by itself.

    Formula: saving = (P0 × f - P1) × Q, with f as in `indexed_factor` and 1 where there is no index clause.

    Parameters: `prices` holds the procurement's rows of CONTRACT_PRICES, as plain values.
    Returns: one ArticleSaving per row, in the same order.
    Raises: MeasureError when an index clause's values are outside their limits.
    Source: methods.md 4.2 and 4.3.

    >>> row = {"article_id": "1", "previous_price_sek": Decimal(10), "new_price_sek": Decimal("9.5"),
    ...        "quantity": Decimal(3), "indexed_share_pct": None, "index_base": None, "index_now": None}
    >>> article_savings([row])[0].exact_ore
    Fraction(150, 1)
    """
    return [_article(row) for row in prices]


def previous_contract_saving(award: Row, articles: Sequence[ArticleSaving]) -> Reckoned:
    """Reckon a procurement's yearly saving against the earlier contract.

    Formula: S = Σ (P0 × f - P1) × Q over the articles that the earlier contract had, at the same volume in both terms.
    An article that is new takes no part. One that lacks its new price, its volume or a part of its index clause makes
    the whole unknown, as does a row of prices that could not be read, since the sum would be of other goods than the
    contract. A negative saving stays negative.

    Parameters: `award` is the procurement's row of AWARDS; `articles` its articles, as `article_savings` gives them.
    Returns: Reckoned.
    Source: methods.md 4.2, method 1.

    >>> articles = [ArticleSaving("1", Fraction(1), Fraction(1000), Fraction(150))]
    >>> award = {"is_monetary": None, "is_comparable": None, "rejected_prices_count": 0}
    >>> previous_contract_saving(award, articles).yearly_ore
    150
    """
    if award["is_monetary"] == 0:
        return not_usable("not_monetary")
    if award["is_comparable"] == 0:
        return not_usable("scope_changed")
    if award["rejected_prices_count"]:
        return not_usable("prices_rejected")
    compared = [article for article in articles if article.reason != "new"]
    if not compared:
        return not_usable("no_previous_contract")
    for reason in ("no_prices", "no_volume", "index_incomplete"):
        lacking = [article.article_id for article in compared if article.reason == reason]
        if lacking:
            return not_usable(reason, f"{NO_SAVING_REASONS[reason]} ({_shown(lacking)})")
    return Reckoned(sum((article.exact_ore or Fraction(0) for article in compared), Fraction(0)))


def refused_increases(award: Row, prices: Sequence[Row]) -> Reckoned:
    """Reckon the yearly cost that a procurement avoided by refusing price increases.

    Formula: Σ refused increase × Q. Last year's cost does not fall by it, so it is never added to a saving. A row of
    prices that could not be read makes it unknown.

    Parameters: `award` is the procurement's row of AWARDS; `prices` its rows of CONTRACT_PRICES.
    Returns: Reckoned.
    Source: methods.md 4.2, method 4.

    >>> refused_increases({"is_monetary": 1, "rejected_prices_count": 0}, [
    ...     {"article_id": "1", "refused_increase_sek": Decimal("0.25"), "quantity": Decimal(1000)}]).yearly_ore
    25000
    """
    if award["is_monetary"] == 0:
        return not_usable("not_monetary")
    if award["rejected_prices_count"]:
        return not_usable("prices_rejected")
    refused = [row for row in prices if row["refused_increase_sek"] is not None]
    if not refused:
        return not_usable("no_refused_increase")
    lacking = [row["article_id"] for row in refused if row["quantity"] is None]
    if lacking:
        return not_usable("no_volume", f"{NO_SAVING_REASONS['no_volume']} ({_shown(lacking)})")
    return Reckoned(sum((ore(row["refused_increase_sek"]) * Fraction(row["quantity"]) for row in refused), Fraction(0)))


def _article(row: Row) -> ArticleSaving:
    name = row["article_id"]
    if row["previous_price_sek"] is None:
        return ArticleSaving(name, None, None, None, "new", NEW_ARTICLE)
    given = [row[part] for part in _INDEX]
    if any(part is None for part in given) and any(part is not None for part in given):
        return ArticleSaving(name, None, None, None, "index_incomplete", NO_SAVING_REASONS["index_incomplete"])
    factor = Fraction(1) if given[0] is None else _factor(*given)
    before = ore(row["previous_price_sek"]) * factor
    if row["new_price_sek"] is None:
        return ArticleSaving(name, factor, before, None, "no_prices", "Det nya priset saknas")
    if row["quantity"] is None:
        return ArticleSaving(name, factor, before, None, "no_volume", NO_SAVING_REASONS["no_volume"])
    return ArticleSaving(name, factor, before, (before - ore(row["new_price_sek"])) * Fraction(row["quantity"]))


def _factor(indexed_share_pct: Decimal, index_base: Decimal, index_now: Decimal) -> Fraction:
    if not 0 <= indexed_share_pct <= 100:
        raise MeasureError(f"indexed_factor: indexed_share_pct is {indexed_share_pct}. Give a percent from 0 to 100.")
    if index_base <= 0 or index_now <= 0:
        raise MeasureError(f"indexed_factor: the index is {index_base} and {index_now}. Give numbers above 0.")
    share = Fraction(indexed_share_pct) / 100
    return 1 - share + share * Fraction(index_now) / Fraction(index_base)


def _shown(article_ids: Sequence[str]) -> str:
    """Name the articles at fault: three, and how many they are when there are more."""
    if len(article_ids) == 1:
        return f"artikel {article_ids[0]}"
    more = f" med flera, {len(article_ids)} artiklar" if len(article_ids) > 3 else ""
    return f"artikel {', '.join(article_ids[:3])}{more}"
