"""Read spend-based emission factors: kilograms of CO2 equivalents per krona, by category. None is shipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.register_rows import Register, Row, shortened
from procanalysis.read.register_suppliers import Hider
from procanalysis.read.registers import (
    ANSWERS,
    CategoryWords,
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    reject_unless_answer,
    word_among,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import EMISSION_FACTORS

_REGISTER = Register(
    key="emission_factors",
    what="list of emission factors",
    aliases={
        "category": ("kategori", "kategorikod", "inköpskategori", "varugrupp"),
        # Every header says kilograms per krona: a bare 'faktor' may be grams, or tonnes per million.
        "kg_per_sek": (
            "kg per krona", "kg co2e per krona", "kg CO₂e per krona", "kg co2e per kr", "kg CO₂e per kr",
            "kg co2e/sek", "kg CO₂e/sek", "kg per kr", "kg per sek", "kg co2e per sek", "kg CO₂e per sek",
            "kg co2e/kr", "kg CO₂e/kr",
        ),
        "price_year": ("prisår", "prisnivå", "prisnivå år", "basår", "kronornas år", "price year"),
        "incl_vat": ("inklusive moms", "inkl moms", "inkl. moms", "med moms", "moms ingår", "incl vat"),
        "uncertainty": (
            "osäkerhet", "osäkerhet i procent", "osäkerhet (%)", "osäkerhet procent", "osäkerhet ±", "uncertainty",
        ),
        "source": ("källa", "referens", "publicerad i", "source"),
    },
    needed=(("category",), ("kg_per_sek",), ("price_year",), ("incl_vat",), ("source",)),
    numbers=("kg_per_sek", "uncertainty"),
    counts=("price_year",),
    percents=("uncertainty",),
)  # fmt: skip

_VAT_WORDS = ANSWERS | {
    **dict.fromkeys(("inkl", "inkl.", "inklusive", "inkl moms", "inkl. moms", "inklusive moms", "med"), 1),
    **dict.fromkeys(("exkl", "exkl.", "exklusive", "exkl moms", "exkl. moms", "exklusive moms", "utan"), 0),
}
_YEARS = range(1950, 2100)


@dataclass(frozen=True)
class EmissionFactorReading:
    """Hold what a list of emission factors gave: EMISSION_FACTORS and REJECTED_ROWS, and the control."""

    emission_factors: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_emission_factors(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
) -> EmissionFactorReading:
    """Read the emission factors that an organisation has chosen, one row per category and price year.

    Formula: kg_per_sek is kilograms of CO2 equivalents per krona of price_year. Several different factors for the same
    category and year are all rejected, since nobody can tell which is meant; the same factor once more is rejected as
    repeated. Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; taxonomy,
    schema.TAXONOMY; masker, hides people in what is rejected.
    Returns an EmissionFactorReading that reconciles. Raises InputError for a file that is not a readable list of
    factors, whose uncertainties are written as fractions, or from which no row is accepted. Source: methods 18.
    """
    form = form or RegisterFormat()
    words = CategoryWords(taxonomy, form.categories, _REGISTER.key)
    rows, files = read_rows(paths, form, _REGISTER, masker)
    hider = Hider(masker, (), ())
    unknown: dict[str, None] = {}
    codes: dict[int, str | None] = {}
    for row in rows:
        if not row.reason:
            codes[id(row)] = words.only_code(row.cells["category"], unknown)
            _judge(row, codes[id(row)])
    _refuse_fractions(rows)
    _reject_repeated(rows, codes)
    refuse_nothing_accepted(rows, _REGISTER)
    records = [
        {
            "category_code": codes[id(row)],
            "kg_per_sek": row.numbers["kg_per_sek"],
            "price_year": row.counts["price_year"],
            "incl_vat": word_among(row, "incl_vat", _VAT_WORDS),
            "uncertainty_pct": row.numbers.get("uncertainty"),
            "source": hider.text(row.text("source")),
            "file": row.file,
            "row_number": row.row_number,
        }
        for row in rows
        if not row.reason
    ]
    listed = tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in unknown))
    rejected, control = reckon(rows, files, len(records), shown=hider.rejected, unknown={"categories": listed})
    return EmissionFactorReading(frame_of(records, EMISSION_FACTORS), rejected, control)


def _judge(row: Row, code: str | None) -> None:
    """Reject a factor without category, value, year, word on VAT or source, or with a value that cannot be."""
    if code is None:
        row.reject("category_unknown", "category")
    if "kg_per_sek" not in row.numbers:
        row.reject("factor_missing", "kg_per_sek")
    for column in ("kg_per_sek", "uncertainty"):
        if row.numbers.get(column, 0) < 0:
            row.reject("figure_negative", column)
    if row.counts.get("price_year") not in _YEARS:
        row.reject("price_year_missing", "price_year")
    reject_unless_answer(row, "incl_vat", _VAT_WORDS)
    if row.text("incl_vat") is None:
        row.reject("answer_unreadable", "incl_vat")
    if row.text("source") is None:
        row.reject("source_missing", "source")


def _reject_repeated(rows: Sequence[Row], codes: dict[int, str | None]) -> None:
    """Reject every factor of a category and year that has several different ones, and repetitions of the same."""
    same: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.reason:
            same[codes[id(row)], row.counts["price_year"]].append(row)
    for of_one in same.values():
        if len({_meaning(row) for row in of_one}) > 1:
            for row in of_one:
                row.reject("factor_differs", "kg_per_sek")
        for row in of_one[1:]:
            row.reject("id_repeated", "category")


def _meaning(row: Row) -> object:
    return row.numbers["kg_per_sek"], word_among(row, "incl_vat", _VAT_WORDS), row.numbers.get("uncertainty")


def _refuse_fractions(rows: Sequence[Row]) -> None:
    """Raise InputError when every uncertainty is written as a fraction: read as percent it would hardly count."""
    stated = [row for row in rows if not row.reason and row.numbers.get("uncertainty")]
    if stated and all(row.numbers["uncertainty"] <= 1 for row in stated):
        row = stated[0]
        raise InputError(
            f"{row.file}, row {row.row_number}, column '{row.headers['uncertainty']}': every uncertainty in the file "
            "is written as a fraction of 1. Write percent, as in 30 for 0,3."
        )
