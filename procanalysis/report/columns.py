"""Decide from a column's name how it is written, on the page and in the workbook.

`_ore` is money, shown in one unit per column that the header names (`_exact_ore` to the öre); `_pct` is percent;
`_count` and whole numbers are grouped by thousands; `_on` is a day; `status` is a status mark; everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import narwhals as nw

from procanalysis.errors import ReportError, did_you_mean
from procanalysis.report import numbers
from procanalysis.report.charts import Scale
from procanalysis.report.cleaning import clean_text, shorten, shorten_apart
from procanalysis.report.numbers import MoneyUnit
from procanalysis.report.status import StatusMark, find_status
from procanalysis.schema import Source

ColumnFormat = Literal["money", "percent", "count", "number", "date", "status", "text"]

Look = Literal["", "number", "whole", "long", "sentence"]
"""How a column is set: numbers to the right, days and codes never broken, long texts with room to be read."""

LONG_TEXT = 40
SENTENCE = 90
_MOST_IN_A_UNIT = 1_000_000
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_NUMERIC = frozenset({"money", "percent", "count", "number"})
_CODES = ("_code", "_id", "_key", "year", "account")


HEADINGS: dict[str, str] = {
    "account_text": "Konto",
    "amount_ore": "Belopp",
    "category_name": "Kategori",
    "cumulative_pct": "Ackumulerad andel",
    "invoices_count": "Fakturor",
    "main_category_name": "Huvudkategori",
    "month": "Månad",
    "rank": "Leverantör nummer",
    "series": "Period",
    "size_class": "Storlek",
    "spend_class_name": "Inköpsklass",
    "supplier_name": "Leverantör",
    "unit_name": "Enhet",
}
"""Swedish headers of the measures' columns, for charts whose own table is given none."""


@dataclass(frozen=True)
class ReportColumn:
    """Hold one column to show: its name, Swedish header, format and values."""

    name: str
    label: str
    format: ColumnFormat
    values: tuple[object, ...]

    @property
    def is_number(self) -> bool:
        """Tell whether the column holds numbers."""
        return self.format in _NUMERIC


@dataclass(frozen=True)
class Cell:
    """Hold one cell as shown: its text, or a status mark, and how its column is set."""

    text: str
    look: Look = ""
    mark: StatusMark | None = None


@dataclass(frozen=True)
class ShownTable:
    """Hold a table as shown: formatted cells, and what was left out, in words."""

    title: str
    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: str = ""


def read_columns(frame: Any, columns: Mapping[str, str], *, where: str) -> list[ReportColumn]:
    """Take the columns named from a frame of any kind (pandas, Polars, DuckDB), in the order named.

    Raises ReportError when the frame is no frame or lacks a column.
    """
    try:
        table: Any = nw.from_native(frame)
    except TypeError as error:
        raise ReportError(f"{where}: needs a data frame, got {type(frame).__name__}.") from error
    table = table.collect() if isinstance(table, nw.LazyFrame) else table
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ReportError(f"{where}: the frame has no column '{missing[0]}'. {did_you_mean(missing[0], table.columns)}")
    return [
        ReportColumn(name, clean_text(label), column_format(name, table[name]), tuple(map(_known, table[name])))
        for name, label in columns.items()
    ]


def column_format(name: str, series: Any) -> ColumnFormat:
    """Decide the format of a column from its name, then from its type."""
    by_suffix: tuple[tuple[str, ColumnFormat], ...] = (
        ("_ore", "money"),
        ("_pct", "percent"),
        ("_count", "count"),
        ("_on", "date"),
        ("status", "status"),
    )
    for suffix, chosen in by_suffix:
        if name.endswith(suffix):
            return chosen
    if name.endswith(_CODES):
        return "text"
    if series.dtype.is_integer():
        return "count"
    if series.dtype == nw.Object and any(isinstance(value, Decimal | int) for value in series):
        return "number"
    return "number" if series.dtype.is_numeric() else "text"


def scale_of(values: Iterable[object], chosen: ColumnFormat, currency: str, *, exact: bool = False) -> Scale:
    """Choose how the values of one column or chart are written; exact money to the öre."""
    if chosen == "money" and exact:
        return Scale("money", replace(numbers.money_units(currency)[0], decimals=2))
    known = [exact for exact in map(numbers.to_decimal, values) if exact is not None]
    if chosen == "money":
        return Scale("money", numbers.common_unit(known, currency))
    whole = all(exact == exact.to_integral_value() for exact in known)
    if chosen == "percent":
        return Scale("percent", decimals=0 if whole else 1)
    return Scale("count") if chosen == "count" or whole else Scale("number", decimals=2)


def show_table(
    title: str, columns: Sequence[ReportColumn], *, currency: str, rows: int, sheet: str, thin: bool = False
) -> ShownTable:
    """Format at most `rows` rows, the first ones or (thin) evenly spread ones, and say what was left out."""
    total = len(columns[0].values)
    if thin and total > rows:
        chosen = sorted({round(step * (total - 1) / (rows - 1)) for step in range(rows)})
    else:
        chosen = list(range(min(rows, total)))
    cells, heads, caption = [], [], title
    for place, column in enumerate(columns):
        picked = [column.values[index] for index in chosen]
        if place and all(value == "" for value in picked):
            continue  # a column that holds for none of the rows shown only takes room; the workbook has it
        # Columns made from one (a year, a unit each) share its unit of money.
        alike = [c.values[index] for c in columns if c.name == column.name for index in chosen]
        scale = scale_of(alike, column.format, currency, exact=column.name.endswith("_exact_ore"))
        if scale.kind == "number" and column.name.endswith("_price_sek"):
            scale = replace(scale, decimals=_price_decimals(alike))
        if column.format == "money" and not column.name.endswith("_exact_ore"):
            scale = replace(scale, unit=_unit_beside(scale.unit, columns, chosen, currency))
        shares_unit = sum(other.name == column.name for other in columns) > 1
        title = f"{caption}, {scale.name}" if shares_unit and scale.name else title
        unit = f" ({scale.name})" if scale.name and not shares_unit else ""
        shown = [_cell(value, column, scale) for value in picked]
        look = _look(column, shown)
        heads.append(Cell(f"{column.label}{unit}", look))
        cells.append([replace(cell, look=look) for cell in shown])
    left_out = ""
    if total > len(chosen):
        left_out = (
            f"Visar {numbers.count(len(chosen))} av {numbers.count(total)} rader. Alla rader finns i "
            f"arbetsboken, bladet {sheet}."
        )
    return ShownTable(title, tuple(heads), tuple(zip(*cells, strict=True)), left_out)


def _unit_beside(
    own: MoneyUnit | None, columns: Sequence[ReportColumn], chosen: Sequence[int], currency: str
) -> MoneyUnit | None:
    """Return the unit in which a column of money can be compared with those beside it: the finest that suits them all.

    A column keeps its own unit where the largest amount would need more than six figures in the finest one.
    """
    money = [c for c in columns if c.format == "money" and not c.name.endswith("_exact_ore")]
    known = [exact for c in money for i in chosen if (exact := numbers.to_decimal(c.values[i])) is not None]
    units = [scale_of([c.values[index] for index in chosen], "money", currency).unit for c in money]
    finest = min((unit for unit in units if unit is not None), key=lambda unit: unit.size, default=own)
    if finest is None or not known or max(map(abs, known)).scaleb(-2) / finest.size >= _MOST_IN_A_UNIT:
        return own
    return finest


def _price_decimals(values: Iterable[object]) -> int:
    """Give prices the decimals of an öre, and two more where one costs less than a krona: a glove does."""
    known = [exact for exact in map(numbers.to_decimal, values) if exact is not None]
    return 4 if any(0 < abs(exact) < 1 for exact in known) else 2


def pivoted(label: ReportColumn, series: ReportColumn, value: ReportColumn) -> list[ReportColumn]:
    """Turn rows of (label, series, value) into one column per series, which is how a reader compares them."""
    names = list(dict.fromkeys(series.values))
    places = {name: index for index, name in enumerate(dict.fromkeys(label.values))}
    filled: dict[object, list[object]] = {name: [None] * len(places) for name in names}
    for place, name, held in zip(label.values, series.values, value.values, strict=True):
        filled[name][places[place]] = held
    words = {name: numbers.UNKNOWN if name is None else _words(name) for name in names}
    short = shorten_apart(words.values(), 60)
    return [
        ReportColumn(label.name, label.label, label.format, tuple(places)),
        *(ReportColumn(value.name, short[words[name]], value.format, tuple(filled[name])) for name in names),
    ]


def table_data(title: str, sheet: str, columns: Sequence[ReportColumn], source: Source) -> dict[str, Any]:
    """Return all rows as plain data for the workbook: money in kronor as text with two decimals."""
    unit = {"money": numbers.money_units(source.currency)[0].name, "percent": "%"}
    encoded = [[plain(value, column.format) for value in column.values] for column in columns]
    return {
        "title": title,
        "sheet": sheet,
        "source": source.text,
        "columns": [
            {"name": c.name, "label": c.label, "format": c.format, "unit": unit.get(c.format, "")} for c in columns
        ],
        "rows": [list(row) for row in zip(*encoded, strict=True)],
    }


def plain(value: object, chosen: ColumnFormat) -> str | int | float | None:
    """Turn a value into what JSON can hold without rounding money."""
    if value is None:
        return None
    exact = numbers.to_decimal(value) if chosen in _NUMERIC else None
    if chosen in _NUMERIC and exact is None:
        return None
    if chosen == "money" and exact is not None:
        return f"{exact.scaleb(-2):.2f}"
    if exact is not None:
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    if chosen == "date":
        day = numbers.to_date(value)
        return day.isoformat() if day else None
    return _words(value)


def _cell(value: object, column: ReportColumn, scale: Scale) -> Cell:
    if column.is_number:
        return Cell(scale.write(numbers.to_decimal(value), bare=column.format == "money"))
    if column.format == "date":
        return Cell(numbers.date_iso(value))
    if value is None:
        return Cell(numbers.UNKNOWN)
    mark = find_status(str(value)) if column.format == "status" else None
    return Cell("" if mark else shorten(_words(value)), mark=mark)


def _look(column: ReportColumn, shown: Sequence[Cell]) -> Look:
    if column.is_number:
        return "number"
    if any(_QUARTER.fullmatch(cell.text) for cell in shown):
        return "whole"
    longest = max((len(cell.text) for cell in shown), default=0)
    if longest > LONG_TEXT:
        return "sentence" if longest > SENTENCE else "long"
    return "whole" if column.format == "date" or column.name.endswith(_CODES) else ""


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))  # a code that pandas turned into a float because some were missing
    return clean_text(value)


def _known(value: Any) -> object:
    """Return None for every kind of missing: None, NaN, NaT and NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float) and value != value:
        return None
    return value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value
