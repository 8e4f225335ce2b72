"""The rows of the contract price lists, made ready to be searched: who offers what, on which days, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.schema import FAR_FUTURE, require_columns

OFFER_COLUMNS: tuple[str, ...] = (
    "price_list_id", "issued_on", "contract_reference", "supplier_key", "supplier_name", "article_id",
    "standard_item_id", "manufacturer_item_id", "article_name", "price", "base_quantity", "unit_code", "currency",
    "minimum_quantity", "maximum_quantity", "delivery_place", "valid_from", "valid_to", "is_withdrawn", "file",
    "row_number",
)  # fmt: skip
INDEX_COLUMNS: tuple[str, ...] = (
    "contract_reference", "valid_from", "valid_to", "indexed_share_pct", "index_base", "index_now", "file",
    "row_number",
)  # fmt: skip

FIRST_DAY, LAST_DAY = np.datetime64("0001-01-01", "us"), np.datetime64(FAR_FUTURE, "us")
LEAST_PLACES = 2
"""A price moved by an index has at least as many decimals as an öre is of a krona."""

_GTIN = r"\d{8}|\d{12,14}"
_ONE_DIGIT = r"(\d)\1*"

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Offers:
    """Hold the price lists' rows that name a supplier, with the days on which each holds.

    rows: OFFER_COLUMNS and `standard` (the comparable standard number), in the order of the lists. starts and ends are
    the first and the last day; is_open tells which have no last day of their own. series numbers the rows that are
    prices of the same contract, unit and delivery place, so that the later replaces the earlier.
    """

    rows: pd.DataFrame
    starts: npt.NDArray[np.datetime64]
    ends: npt.NDArray[np.datetime64]
    is_open: npt.NDArray[np.bool_]
    is_withdrawn: npt.NDArray[np.bool_]
    series: Numbers


@dataclass(frozen=True)
class Indexes:
    """Hold the index clauses' rows: contract, first and last day, and the factor that the listed price is moved by."""

    contracts: pd.Series[Any]
    starts: npt.NDArray[np.datetime64]
    ends: npt.NDArray[np.datetime64]
    factors: tuple[Fraction, ...]


def offers_of(price_lists: pd.DataFrame, measure: str) -> Offers:
    """Make the price lists ready. A row that names no supplier is anybody's and is not used.

    A row without first day holds from when its list was issued; without that too, from ever. Raises MeasureError when
    a column is missing.
    """
    require_columns(price_lists.columns, OFFER_COLUMNS, measure)
    rows = price_lists.loc[price_lists["supplier_key"].notna(), list(OFFER_COLUMNS)].reset_index(drop=True)
    rows = _withdrawn_by_every_number(rows.assign(standard=comparable_standard(rows["standard_item_id"])))
    starts = _days(rows["valid_from"].fillna(rows["issued_on"]), FIRST_DAY)
    ends = _days(rows["valid_to"], LAST_DAY)
    told_by = rows[["contract_reference", "unit_code", "delivery_place"]]
    return Offers(
        rows=rows,
        starts=starts,
        ends=ends,
        is_open=ends == LAST_DAY,
        is_withdrawn=rows["is_withdrawn"].fillna(0).to_numpy() == 1,
        series=np.asarray(told_by.groupby(list(told_by.columns), dropna=False).ngroup(), dtype=np.int64),
    )


def _withdrawn_by_every_number(rows: pd.DataFrame) -> pd.DataFrame:
    """Let a row that takes an article away say its other numbers too, as the list that offered it does.

    Such a row often names the seller's number alone, and the article is searched for by the others as well.
    """
    withdrawn = rows["is_withdrawn"].fillna(0).astype("int64") == 1
    if not withdrawn.any():
        return rows
    numbers = ["standard", "manufacturer_item_id"]
    of_article = rows.groupby(["supplier_key", "contract_reference", "article_id"], dropna=False)[numbers]
    told = of_article.transform("first")
    return rows.assign(**{name: rows[name].where(rows[name].notna() | ~withdrawn, told[name]) for name in numbers})


def indexes_of(price_indexes: pd.DataFrame | None, measure: str) -> Indexes:
    """Make the index clauses ready: factor = 1 − share + share × index now / index base, exactly.

    A row without last day holds until the contract's next begins. Raises MeasureError when a column is missing.
    """
    given = pd.DataFrame(columns=list(INDEX_COLUMNS)) if price_indexes is None else price_indexes
    require_columns(given.columns, INDEX_COLUMNS, measure)
    rows = given.sort_values(["contract_reference", "valid_from"], kind="stable", ignore_index=True)
    starts = _days(rows["valid_from"], FIRST_DAY)
    ends = _days(rows["valid_to"], LAST_DAY)
    for place in range(len(rows) - 1):
        later = np.flatnonzero(
            (rows["contract_reference"] == rows["contract_reference"].iloc[place]).to_numpy(bool)
            & (starts > starts[place])
        )
        if ends[place] == LAST_DAY and len(later):
            ends[place] = starts[later[0]] - np.timedelta64(1, "D")
    factors = tuple(
        1 - Fraction(share) / 100 + Fraction(share) / 100 * Fraction(now) / Fraction(base)
        for share, base, now in zip(rows["indexed_share_pct"], rows["index_base"], rows["index_now"], strict=True)
    )
    return Indexes(rows["contract_reference"], starts, ends, factors)


def comparable_standard(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Write standard numbers so that the same one is written the same way.

    A GTIN of 8, 12, 13 or 14 digits is filled with zeros in front to 14, as GS1 defines it. One digit over and over is
    no number but a filled-in cell. Anything else stays as it is.

    >>> comparable_standard(pd.Series(["7310865004703", "07310865004703", "0000000000000", "A1"])).tolist()
    ['07310865004703', '07310865004703', nan, 'A1']
    """
    different = pd.Series(numbers.dropna().unique(), dtype="str")
    filled = different.where(~different.str.fullmatch(_GTIN), different.str.zfill(14))
    filled = filled.where(~different.str.fullmatch(_ONE_DIGIT))
    return numbers.astype("str").map(dict(zip(different, filled, strict=True))).astype("str")


def moved_price(listed: Decimal, factor: Fraction) -> Decimal:
    """Move a listed price by an index clause, rounded half up to as many decimals as it has, two at least.

    >>> moved_price(Decimal("100"), Fraction("1.0467")), moved_price(Decimal("0.1275"), Fraction("1.0467"))
    (Decimal('104.67'), Decimal('0.1335'))
    """
    exponent = listed.normalize().as_tuple().exponent
    places = max(LEAST_PLACES, -exponent if isinstance(exponent, int) else 0)
    moved = Fraction(listed) * factor * 10**places
    return Decimal((2 * moved.numerator + moved.denominator) // (2 * moved.denominator)).scaleb(-places)


def _days(days: pd.Series[Any], missing: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Return the days, with another in place of those that are missing."""
    found = pd.to_datetime(days).astype("datetime64[us]").to_numpy(copy=True)
    found[np.isnat(found)] = missing
    return found
