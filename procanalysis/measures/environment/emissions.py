"""Spend-based greenhouse gases: kronor times the factors that the organisation has chosen, with what is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.splitting import round_exact, round_parts
from procanalysis.schema import EMISSION_FACTORS, Exclusion, KeyFigure, kronor, names, percent, require_columns

UNIT = "kg CO2e"
NO_FACTORS = "Organisationen har ingen fil med utsläppsfaktorer i underlaget"
NO_FACTOR = "Kategorin, och de ovanför den, har ingen utsläppsfaktor"
NO_CATEGORY = "Ingen kategori är fastställd för raden"
NO_INDEX = "Prisindex saknas för inköpsåret eller faktorns prisår"
NOT_BOUGHT = "Ej inköp, till exempel bidrag och skatter"
NOTHING_RECKONED = "Inget av det köpta ligger i en kategori med utsläppsfaktor"
NOTHING_SPENT = "Inköpen är inte över noll när krediter har dragits av"

PRICE_RISE = (
    "En prishöjning höjer CO2e i den här metoden, fast inget mer har köpts. Den visar var inköpen väger tungt, inte "
    "vad en enskild vara släpper ut."
)
"""What holds of every spend-based estimate, to stand beside each. Source: methods 18."""

_BOUGHT, _YEAR = ("booked_on", "bought_on"), "year"
_CATEGORY_TYPES = {
    "category_code": "str", "category_name": "str", "factor_code": "str", "factor_name": "str", "kg_per_sek": "object",
    "price_year": "int64", "incl_vat": "int64", "uncertainty_pct": "object", "source": "str", "amount_ore": "int64",
    "emitted_kg": "int64", "low_kg": "Int64", "high_kg": "Int64", "share_pct": "float64", "lines_count": "int64",
}  # fmt: skip
_UNKNOWN_TYPES = {
    "category_code": "str", "category_name": "str", "reason": "str", "amount_ore": "int64", "lines_count": "int64",
}  # fmt: skip
_GAP_TYPES = {
    "year": "str", "price_year": "int64", "years_between": "Int64", "is_deflated": "int64", "amount_ore": "int64",
    "emitted_kg": "int64",
}  # fmt: skip


@dataclass(frozen=True)
class SpendEmissions:
    """Hold what the spend comes to in CO2 equivalents, and what could not be reckoned.

    categories: one row per category and factor, the most kilograms first: category_code, category_name, factor_code
    and factor_name (the category that has the factor: its own or the nearest above), kg_per_sek, price_year, incl_vat,
    uncertainty_pct, source, amount_ore (as in the ledger), emitted_kg, low_kg, high_kg (missing without uncertainty),
    share_pct (of all kilograms), lines_count. unknown: one row per category and reason for spend that is not reckoned:
    category_code, category_name, reason, amount_ore, lines_count. years: one row per year of purchase and price year
    of the factor: year, price_year, years_between, is_deflated, amount_ore, emitted_kg. not_bought: what is no
    purchase, or None. emitted_kg: the whole kilograms. low_kg and high_kg: had every factor erred the same way, as far
    as its uncertainty goes; independent_low_kg and independent_high_kg: had they erred independently. None where a
    factor has no uncertainty. notes: what holds of the estimate, in Swedish sentences. unknown_because: why there is
    no estimate, or ''. The amounts of categories, unknown and not_bought sum to the spend given, to the öre.
    """

    categories: pd.DataFrame
    unknown: pd.DataFrame
    years: pd.DataFrame
    not_bought: Exclusion | None
    emitted_kg: int
    low_kg: int | None
    high_kg: int | None
    independent_low_kg: int | None
    independent_high_kg: int | None
    notes: tuple[str, ...]
    unknown_because: str = ""


@dataclass(frozen=True)
class _Factor:
    """Hold one emission factor; `share` is its uncertainty as a share of it, at most all of it."""

    code: str
    kg_per_sek: Fraction
    price_year: int
    incl_vat: bool
    share: Fraction | None
    source: str
    shown: tuple[Decimal, Decimal | None]


@dataclass(frozen=True)
class _Cell:
    """Hold the spend of one category and year, with its factor and its exact kilograms."""

    category: str
    year: int | None
    amount_ore: int
    lines_count: int
    factor: _Factor
    kilograms: Fraction


@dataclass(frozen=True)
class _Reckoner:
    """Choose the factor of a category and year, and reckon its kilograms or say why they are unknown."""

    factors: Mapping[str, Sequence[_Factor]]
    above: Mapping[str, Sequence[str]]
    price_index: Mapping[int, Decimal] | None
    vat: Fraction

    def factor_of(self, category: str, year: int | None) -> _Factor | None:
        """Return the factor of the nearest category; of several years the nearest, the later of equals."""
        for code in self.above.get(category, ()):
            if code in self.factors:
                return min(
                    self.factors[code],
                    key=lambda factor: (abs(factor.price_year - (year or 9999)), -factor.price_year),
                )
        return None

    def kilograms(self, amount_ore: int, year: int | None, factor: _Factor) -> Fraction | None:
        """Return the exact kilograms; None when the index that shall deflate lacks a year."""
        if self.price_index is None:
            moved = Fraction(1)
        elif year is not None and {year, factor.price_year} <= self.price_index.keys():
            moved = Fraction(self.price_index[factor.price_year]) / Fraction(self.price_index[year])
        else:
            return None
        vat = self.vat if factor.incl_vat else Fraction(1)
        return Fraction(amount_ore, 100) * moved * vat * factor.kg_per_sek


def spend_emissions(
    lines: NativeFrame,
    factors: pd.DataFrame,
    *,
    taxonomy: pd.DataFrame,
    price_index: Mapping[int, Decimal] | None = None,
    vat_pct: Decimal | int | None = None,
) -> SpendEmissions:
    """Estimate the CO2 equivalents of what was bought, from the kronor spent in each category.

    CO2e = Σ amount × factor, in kilograms; exact, and rounded once to whole kilograms. The factor is that of the
    category or of the nearest one above that has one; of several price years the one nearest the year of purchase.
    With a price index the amount is first multiplied by index(price year) / index(year of purchase); with vat_pct it
    is multiplied by 1 + vat_pct / 100 where the factor includes VAT. Without them neither is done, which the notes
    say. Spend without category, factor or index is unknown and stands with its kronor, never as 0.
    Interval = Σ |kilograms| × uncertainty on either side when every factor errs the same way (the widest), and the
    root of the sum of squares per factor when they err independently.
    Parameters: `lines`, postings or article lines with category_code, amount_ore (excluding VAT) and booked_on or
    bought_on, or their sums from spend_by by category and year; where they have spend_class and is_mapped, what is no
    purchase is left out and what only a default rule decided has no category; `factors`, EMISSION_FACTORS; `taxonomy`,
    TAXONOMY with category_path; `price_index`, calendar year -> index above 0; `vat_pct`, 0 to 100.
    Returns SpendEmissions. Raises MeasureError for a missing column, a factor of a category that is not in the tree,
    two factors for the same category and year, or a parameter outside its range. Source: methods 18.

    >>> bought = pd.DataFrame({"category_code": ["12.01", None], "amount_ore": [1_000_00, 50_00],
    ...     "booked_on": pd.to_datetime(["2025-03-01", "2025-03-01"])})
    >>> made_up = pd.DataFrame({"category_code": ["12"], "kg_per_sek": [Decimal("0.5")], "price_year": [2025],
    ...     "incl_vat": [0], "uncertainty_pct": [Decimal(20)], "source": "påhittad", "file": "f", "row_number": 2})
    >>> tree = pd.DataFrame({"category_code": ["12", "12.01"], "name": ["Resor", "Flyg"],
    ...     "category_path": ["12", "12/12.01"]})
    >>> found = spend_emissions(bought, made_up, taxonomy=tree)
    >>> found.emitted_kg, found.low_kg, found.high_kg, found.unknown["amount_ore"].tolist()
    (500, 400, 600, [5000])
    """
    reckoner = _reckoner(factors, taxonomy, price_index, vat_pct)
    spent, not_bought = _spent(lines)
    name_of = dict(zip(taxonomy["category_code"], taxonomy["name"], strict=True))
    cells: list[_Cell] = []
    unknown: list[dict[str, Any]] = []
    for row in spent:
        category, year, amount = row["category_code"], row[_YEAR], row["amount_ore"]
        factor = reckoner.factor_of(category, year) if category is not None else None
        kilograms = None if factor is None else reckoner.kilograms(amount, year, factor)
        if factor is not None and kilograms is not None:
            cells.append(_Cell(category, year, amount, row["lines_count"], factor, kilograms))
        else:
            reason = NO_INDEX if factor else NO_CATEGORY if category is None else NO_FACTOR
            unknown.append(row | {"reason": reason, "category_name": name_of.get(category, category or NO_CATEGORY)})
    because = NO_FACTORS if factors.empty else "" if cells else NOTHING_RECKONED
    whole = round_exact(sum((cell.kilograms for cell in cells), Fraction(0)))
    common, alone = _spans(cells)
    return SpendEmissions(
        categories=_categories(cells, whole, name_of),
        unknown=_summed_unknown(unknown),
        years=_years(cells, whole, price_index is not None),
        not_bought=not_bought,
        emitted_kg=whole,
        low_kg=None if common is None else whole - common,
        high_kg=None if common is None else whole + common,
        independent_low_kg=None if alone is None else whole - alone,
        independent_high_kg=None if alone is None else whole + alone,
        notes=_notes(cells, price_index is not None, vat_pct),
        unknown_because=because,
    )


def _reckoner(
    factors: pd.DataFrame,
    taxonomy: pd.DataFrame,
    price_index: Mapping[int, Decimal] | None,
    vat_pct: Decimal | int | None,
) -> _Reckoner:
    require_columns(factors.columns, names(EMISSION_FACTORS), "spend_emissions")
    require_columns(taxonomy.columns, ["category_code", "name", "category_path"], "spend_emissions")
    if vat_pct is not None:
        frames.check_range("spend_emissions", "vat_pct", vat_pct, 0, 100)
    for year, index in (price_index or {}).items():
        if index <= 0:
            raise MeasureError(f"spend_emissions: the price index of {year} is {index}. Give an index above 0.")
    above = {
        str(code): tuple(reversed(str(path).split("/")))
        for code, path in zip(taxonomy["category_code"], taxonomy["category_path"], strict=True)
    }
    found: dict[str, list[_Factor]] = {}
    for row in frames.plain_rows(factors, names(EMISSION_FACTORS), "spend_emissions"):
        factor = _factor(row)
        if factor.code not in above:
            raise MeasureError(
                f"spend_emissions: there is a factor for '{factor.code}', which is no category of the tree. Correct it."
            )
        if any(other.price_year == factor.price_year for other in found.get(factor.code, ())):
            raise MeasureError(
                f"spend_emissions: the category '{factor.code}' has two factors for {factor.price_year}. Keep one."
            )
        found.setdefault(factor.code, []).append(factor)
    return _Reckoner(found, above, price_index, 1 + Fraction(vat_pct or 0) / 100)


def _factor(row: Mapping[str, Any]) -> _Factor:
    uncertainty = row["uncertainty_pct"]
    if row["kg_per_sek"] < 0 or (uncertainty is not None and uncertainty < 0):
        raise MeasureError(
            f"spend_emissions: the factor of '{row['category_code']}' or its uncertainty is below 0. Correct it."
        )
    return _Factor(
        str(row["category_code"]),
        Fraction(row["kg_per_sek"]),
        int(row["price_year"]),
        bool(row["incl_vat"]),
        # A factor cannot be below zero, however uncertain it is.
        None if uncertainty is None else min(Fraction(uncertainty) / 100, Fraction(1)),
        str(row["source"]),
        (row["kg_per_sek"], uncertainty),
    )


def _spent(lines: NativeFrame) -> tuple[list[dict[str, Any]], Exclusion | None]:
    """Sum the spend per category and year in the engine, what is no purchase by itself."""
    present = nw.from_native(lines).lazy().collect_schema().names()
    day = next((name for name in (*_BOUGHT, _YEAR) if name in present), "")
    if not day:
        raise MeasureError(
            "spend_emissions: the frame has no day of purchase (booked_on or bought_on) and no year. Give lines, or "
            "their sums by category and year."
        )
    optional = [name for name in ("spend_class", "is_mapped", "lines_count") if name in present]
    frame = frames.lazy(lines, ["category_code", "amount_ore", day, *optional], "spend_emissions")
    # 0 stands for a missing day, since pandas cannot cast years with gaps; spend_by writes years as text.
    year = nw.col(day).fill_null("0") if day == _YEAR else nw.col(day).dt.year().fill_null(0)
    frame = frame.with_columns(year.cast(nw.Int64).alias("__year"))
    not_bought: tuple[Exclusion, ...] = ()
    if "spend_class" in optional:
        no_purchase = nw.col("spend_class").fill_null("") == "ej inköp"
        not_bought = frames.exclusion(NOT_BOUGHT, frame.filter(no_purchase))
        frame = frame.filter(~no_purchase)
    if "is_mapped" in optional:
        frame = frame.with_columns(
            nw.when(nw.col("is_mapped") == 1).then(nw.col("category_code")).alias("category_code")
        )
    counted = nw.col("lines_count").sum() if "lines_count" in optional else nw.len().alias("lines_count")
    grouped = frame.group_by("category_code", "__year").agg(nw.col("amount_ore").sum(), counted)
    table = frames.collect_pandas(grouped.with_columns(nw.col("amount_ore", "lines_count").cast(nw.Int64)))
    rows = frames.plain_rows(table, ["category_code", "__year", "amount_ore", "lines_count"], "spend_emissions")
    named = [row | {_YEAR: row["__year"] or None} for row in rows]
    ordered = sorted(named, key=lambda row: (row["category_code"] or "", row["__year"]))
    return ordered, not_bought[0] if not_bought else None


def _spans(cells: Sequence[_Cell]) -> tuple[int | None, int | None]:
    """Return how far the whole may be off either way: all factors together, and each by itself."""
    if not cells or any(cell.factor.share is None for cell in cells):
        return None, None
    # What the factor of a category errs it errs wherever it is used; one factor's credits lessen no other's error.
    of_factor: dict[str, Fraction] = {}
    for cell in cells:
        span = cell.kilograms * (cell.factor.share or 0)
        of_factor[cell.factor.code] = of_factor.get(cell.factor.code, Fraction(0)) + span
    squares = sum((span * span for span in of_factor.values()), Fraction(0))
    return round_exact(sum(map(abs, of_factor.values()), Fraction(0))), _rounded_root(squares)


def _rounded_root(square: Fraction) -> int:
    """Take the square root of an exact number, to the nearest whole.

    >>> _rounded_root(Fraction(25)), _rounded_root(Fraction(13, 2))
    (5, 3)
    """
    return (isqrt(4 * square.numerator // square.denominator) + 1) // 2


def _categories(cells: Sequence[_Cell], whole: int, name_of: Mapping[str, str]) -> pd.DataFrame:
    """Put the years of each category and factor together, in whole kilograms that sum to the whole."""
    together: dict[tuple[str, str, int], list[_Cell]] = {}
    for cell in cells:
        together.setdefault((cell.category, cell.factor.code, cell.factor.price_year), []).append(cell)
    exact = [_sum(cell.kilograms for cell in of_one) for of_one in together.values()]
    rows = []
    for of_one, kilograms, shown in zip(together.values(), exact, round_parts(exact, whole), strict=True):
        cell = of_one[0]
        factor = cell.factor
        span = None if factor.share is None else abs(kilograms) * factor.share
        rows.append(
            {
                "category_code": cell.category,
                "category_name": name_of.get(cell.category, cell.category),
                "factor_code": factor.code,
                "factor_name": name_of.get(factor.code, factor.code),
                "kg_per_sek": factor.shown[0],
                "price_year": factor.price_year,
                "incl_vat": int(factor.incl_vat),
                "uncertainty_pct": factor.shown[1],
                "source": factor.source,
                "amount_ore": sum(cell.amount_ore for cell in of_one),
                "emitted_kg": shown,
                "low_kg": None if span is None else round_exact(kilograms - span),
                "high_kg": None if span is None else round_exact(kilograms + span),
                "share_pct": _share(shown, whole),
                "lines_count": sum(cell.lines_count for cell in of_one),
            }
        )
    frame = frames.framed(rows, _CATEGORY_TYPES)
    return frames.by_amount(frame, ["category_code", "price_year"], "emitted_kg")


def _summed_unknown(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = frames.framed(rows, _UNKNOWN_TYPES)
    keys = ["category_code", "category_name", "reason"]
    summed = frame.groupby(keys, dropna=False, as_index=False)[["amount_ore", "lines_count"]].sum()
    return frames.by_amount(summed.astype(_UNKNOWN_TYPES), ["category_code", "reason"])


def _years(cells: Sequence[_Cell], whole: int, is_deflated: bool) -> pd.DataFrame:
    """Show how far the years of purchase are from the factors' price years."""
    together: dict[tuple[int | None, int], list[_Cell]] = {}
    for cell in cells:
        together.setdefault((cell.year, cell.factor.price_year), []).append(cell)
    exact = [_sum(cell.kilograms for cell in of_one) for of_one in together.values()]
    rows = [
        {
            "year": None if year is None else str(year),
            "price_year": price_year,
            "years_between": None if year is None else year - price_year,
            "is_deflated": int(is_deflated),
            "amount_ore": sum(cell.amount_ore for cell in of_one),
            "emitted_kg": shown,
        }
        for ((year, price_year), of_one), shown in zip(together.items(), round_parts(exact, whole), strict=True)
    ]
    frame = frames.framed(rows, _GAP_TYPES)
    return frame.sort_values(["year", "price_year"], ignore_index=True)


def _notes(cells: Sequence[_Cell], is_deflated: bool, vat_pct: Decimal | int | None) -> tuple[str, ...]:
    """Say what the estimate rests on and what has not been done."""
    notes = [PRICE_RISE]
    apart = [cell for cell in cells if cell.year is None or cell.year != cell.factor.price_year]
    if apart and not is_deflated:
        gaps = sorted({abs(cell.year - cell.factor.price_year) for cell in apart if cell.year is not None})
        years = f" Mest skiljer {gaps[-1]} år." if gaps else ""
        notes.append(
            f"Beloppen är inte omräknade till faktorernas prisår: {_amount(apart)} är köpta ett annat år än faktorn "
            f"gäller.{years}"
        )
    elif is_deflated and cells:
        notes.append("Beloppen är omräknade till faktorernas prisår med det prisindex som organisationen har angett.")
    with_vat = [cell for cell in cells if cell.factor.incl_vat]
    if with_vat and vat_pct is None:
        notes.append(
            f"{_amount(with_vat)} exklusive moms räknas med faktorer för kronor inklusive moms utan att moms har lagts "
            "till: deras CO2e är för lågt."
        )
    elif with_vat:
        notes.append(
            f"På {_amount(with_vat)} har {wording.percent_text(Decimal(vat_pct or 0))} moms lagts till, eftersom "
            "faktorerna gäller kronor inklusive moms."
        )
    vague = [cell for cell in cells if cell.factor.share is None]
    if vague:
        codes = examples(sorted({cell.factor.code for cell in vague}))
        notes.append(f"Osäkerhet är inte angiven för faktorn i kategori {codes}, så inget spann visas för summan.")
    return tuple(notes)


def _amount(cells: Iterable[_Cell]) -> str:
    return wording.amount_text(sum(cell.amount_ore for cell in cells))


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _share(part: int, whole: int) -> float | None:
    share = percent(part, whole)
    return None if share is None else float(share)


def total_emissions(emissions: SpendEmissions) -> KeyFigure:
    """Give the estimate as one figure, with the interval when every factor errs the same way.

    Parameters: `emissions`, as `spend_emissions` returns it. Returns a KeyFigure in kilograms of CO2 equivalents, with
    the kronor that could not be reckoned as excluded; unknown when no factor meets anything bought. Source: methods 18.
    """
    because = emissions.unknown_because
    span = ""
    if emissions.low_kg is not None and emissions.high_kg is not None:
        low, high = wording.carbon_text(emissions.low_kg), wording.carbon_text(emissions.high_kg)
        span = f"mellan {low} och {high} om alla faktorer är fel åt samma håll"
    return KeyFigure(
        id="spend_emissions",
        label="Klimatpåverkan räknad på kronor",
        value=None if because else Decimal(emissions.emitted_kg),
        unit=UNIT,
        method="spend_emissions",
        excluded=_left_out(emissions),
        comparison="" if because else span,
        unknown_because=because,
        low=None if because or emissions.low_kg is None else Decimal(emissions.low_kg),
        high=None if because or emissions.high_kg is None else Decimal(emissions.high_kg),
    )


def emission_coverage(emissions: SpendEmissions, *, currency: str = "SEK") -> KeyFigure:
    """Tell how much of what was bought, in kronor, the estimate covers.

    share = Σ amount_ore reckoned × 100 / Σ amount_ore of all purchases. Parameters: `emissions`, as `spend_emissions`
    returns it; `currency`. Returns a KeyFigure in percent; unknown without factors, or when purchases are not above
    zero. Source: methods 18.
    """
    covered = int(emissions.categories["amount_ore"].sum())
    whole = covered + int(emissions.unknown["amount_ore"].sum())
    value = percent(covered, whole)
    because = emissions.unknown_because if emissions.unknown_because == NO_FACTORS else ""
    because = because or ("" if value is not None else NOTHING_SPENT)
    return KeyFigure(
        id="emission_coverage",
        label="Andel av inköpen med utsläppsfaktor",
        value=None if because else value,
        unit="%",
        method="spend_emissions",
        numerator=None if because else kronor(covered),
        denominator=None if because else kronor(whole),
        part_unit=currency,
        excluded=() if because else _left_out(emissions),
        unknown_because=because,
    )


def emission_figures(emissions: SpendEmissions, *, currency: str = "SEK") -> list[KeyFigure]:
    """Return the estimate and how much of the spend it covers; nothing when there is no estimate.

    Parameters: `emissions`, as `spend_emissions` returns it; `currency`. Returns key figures for a report's cards.
    """
    both = [total_emissions(emissions), emission_coverage(emissions, currency=currency)]
    return [] if emissions.unknown_because else both


def _left_out(emissions: SpendEmissions) -> tuple[Exclusion, ...]:
    by_reason = emissions.unknown.groupby("reason", sort=True)[["lines_count", "amount_ore"]].sum()
    unknown = [
        Exclusion(str(reason), int(rows), int(amount))
        for reason, rows, amount in zip(by_reason.index, by_reason["lines_count"], by_reason["amount_ore"], strict=True)
    ]
    return (*unknown, *((emissions.not_bought,) if emissions.not_bought else ()))
