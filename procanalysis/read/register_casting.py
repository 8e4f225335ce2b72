"""Cast what a register holds beside texts, as the ledger's is cast, with a reason where a value cannot be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from procanalysis.read.hiding import hide_value
from procanalysis.read.plausibility import refuse_unreadable
from procanalysis.read.register_rows import Register, Row, clean_text, normal_word, shortened
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.written_values import ReadNumber, read_days, read_numbers
from procanalysis.schema import FAR_FUTURE

_ENOUGH_TO_JUDGE = 10
_EARLIEST, _LATEST = date(1950, 1, 1), date(2099, 12, 31)
_NOT_STATED = {"saknas", "okänt", "okänd", "uppgift saknas", "ej angivet", "ej angiven", "n/a", "null", "none", "?"}
_OPEN_ENDED = {
    "tills vidare", "tillsvidare", "tillsvidareavtal", "t.v.", "t.v", "tv", "tv.", "löpande", "utan slutdatum",
    "until further notice", "open-ended", "open ended",
}  # fmt: skip
_TOO_LARGE = Decimal(10**11)
_SIX_DECIMALS = re.compile(r"[+-]?[0-9]*(\.[0-9]{0,6}0*)?")
_PERCENT_SIGN = re.compile(r"\s*%\s*$")
_FAR_DAY = re.compile(r"(?!20)[2-9][0-9]{3}1231")


def cast_rows(rows: Sequence[Row], register: Register, *, decimal: str, date_order: str, masker: Masker) -> None:
    """Cast the dates, amounts, numbers and counts of one table, and reject rows that hold others.

    Parameters: decimal and date_order, as in the organisation file; masker, hides people in examples. Raises InputError
    when most of a column's values cannot be read.
    """
    sound = [row for row in rows if not row.reason]
    days = read_days(_written(sound, register.dates), date_order)
    # A file has one decimal sign, so that its amounts and numbers are read together.
    read = read_numbers(_written(sound, (*register.amounts, *register.numbers), register.percents), decimal)
    for row in sound:
        for column in register.dates:
            _cast_day(row, column, days, register)
        for column in register.amounts:
            _cast_amount(row, column, read)
        for column in register.numbers:
            _cast_number(row, column, read, register.percents)
        for column in register.counts:
            _cast_count(row, column)
    remedies = {
        **dict.fromkeys(register.dates, f"Set {register.key}.date_order, or name the right date column under"),
        **dict.fromkeys(
            (*register.amounts, *register.numbers),
            f"Set {register.key}.decimal to ',' or '.', or name the right column under",
        ),
        **dict.fromkeys(register.counts, "Name the column that holds whole numbers under"),
    }
    for column, remedy in remedies.items():
        filled = [row for row in sound if _is_stated(row.text(column))]
        unread = [row for row in filled if row.reason and row.fault_column == row.headers.get(column)]
        if len(filled) >= _ENOUGH_TO_JUDGE:
            samples = [shortened(hide_value(row.fault_value, masker)) for row in unread[:3]]
            header = filled[0].headers[column]
            remedy = f"{remedy} {register.key}.columns."
            refuse_unreadable(filled[0].file, header, len(filled), len(unread), samples, remedy)


def _written(rows: Sequence[Row], columns: Iterable[str], percents: Collection[str] = ()) -> set[str]:
    found = {_without_sign(row, column, percents) for row in rows for column in columns if column in row.cells}
    return {text for text in found if _is_stated(clean_text(text))}


def _without_sign(row: Row, column: str, percents: Collection[str]) -> str:
    cell = row.cells[column]
    return _PERCENT_SIGN.sub("", cell) if column in percents else cell


def _is_stated(text: str | None) -> bool:
    return text is not None and text.casefold() not in _NOT_STATED


def _cast_day(row: Row, column: str, days: Mapping[str, tuple[date, bool]], register: Register) -> None:
    text = row.text(column)
    if text is None or not _is_stated(text):
        return
    may_be_open = column in register.open_ends
    if may_be_open and (normal_word(text) in _OPEN_ENDED or _FAR_DAY.fullmatch(text)):
        row.dates[column] = FAR_FUTURE
        return
    day, is_month = days.get(row.cells[column], (None, False))
    if day is not None and may_be_open and day > _LATEST:
        # A register that cannot leave the cell empty writes 2999-12-31 or the like.
        row.dates[column] = FAR_FUTURE
    elif day is None or not _EARLIEST <= day <= _LATEST:
        row.reject("date_unreadable", column)
    else:
        row.dates[column] = last_of_month(day) if is_month and column in register.month_ends else day


def last_of_month(day: date) -> date:
    """Return the last day of a day's month.

    >>> last_of_month(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def _cast_amount(row: Row, column: str, read: Mapping[str, ReadNumber]) -> None:
    if not _has_figure(row, column):
        return
    value = read[row.cells[column]]
    if value.amount_ore is None or value.amount_reason:
        row.reject(value.amount_reason or "amount_unreadable", column)
    else:
        row.amounts[column] = value.amount_ore


def _cast_number(row: Row, column: str, read: Mapping[str, ReadNumber], percents: Collection[str]) -> None:
    if not _has_figure(row, column):
        return
    value = read[_without_sign(row, column, percents)]
    if value.number is None and value.amount_reason == "amount_ambiguous":
        row.reject("amount_ambiguous", column)
    elif value.number is None or not _SIX_DECIMALS.fullmatch(value.number):
        row.reject("number_unreadable", column)
    elif abs(number := Decimal(value.number)) >= _TOO_LARGE:
        row.reject("amount_too_large", column)
    else:
        # 12.500 and 12.5 are written alike, and 1E+2 is no way to write 100.
        whole = number == number.to_integral_value()
        row.numbers[column] = Decimal(int(number)) if whole else number.normalize()


def _has_figure(row: Row, column: str) -> bool:
    """Tell whether a value is stated: words without a figure ('enligt avrop') state none, and are none misspelt."""
    text = row.text(column)
    return text is not None and any(sign.isdigit() for sign in text)


def _cast_count(row: Row, column: str) -> None:
    text = row.text(column)
    if text is None or not _is_stated(text):
        return
    if match := re.fullmatch(r"(?:steg )?([0-9]{1,6})(?:[.,]0+)?(?: st)?\.?", text.casefold()):
        row.counts[column] = int(match[1])
    else:
        row.reject("count_unreadable", column)
