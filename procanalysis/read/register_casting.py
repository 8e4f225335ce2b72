"""Cast a register's dates, amounts and counts as the ledger's are cast, with a reason where a value cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from procanalysis.read.casting import clean_amounts, date_order_of, decimal_sign_of
from procanalysis.read.hiding import hide_value
from procanalysis.read.plausibility import refuse_unreadable
from procanalysis.read.register_rows import Register, Row, clean_text, normal_word, shortened
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import FAR_FUTURE

_ENOUGH_TO_JUDGE = 10
_EARLIEST, _LATEST = date(1950, 1, 1), date(2099, 12, 31)
_NOT_STATED = {"saknas", "okänt", "okänd", "uppgift saknas", "ej angivet", "ej angiven", "n/a", "null", "none", "?"}
_OPEN_ENDED = {
    "tills vidare", "tillsvidare", "tillsvidareavtal", "t.v.", "t.v", "tv", "tv.", "löpande", "utan slutdatum",
    "until further notice", "open-ended", "open ended",
}  # fmt: skip
_FAR_DAY = re.compile(r"(?!20)[2-9][0-9]{3}1231")


def cast_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Row],
    register: Register,
    *,
    decimal: str,
    date_order: str,
    masker: Masker,
) -> None:
    """Cast the dates, amounts and counts of one table, each distinct value once, and reject rows that have others.

    Parameters: connection, prepared with the ledger's casts; decimal and date_order, as in the organisation file;
    masker, hides people in examples. Raises InputError when most of a column's values cannot be read.
    """
    sound = [row for row in rows if not row.reason]
    days = _days(connection, _written(sound, register.dates), date_order)
    amounts = _amounts(connection, _written(sound, register.amounts), decimal)
    for row in sound:
        for column in register.dates:
            _cast_day(row, column, days, register)
        for column in register.amounts:
            _cast_amount(row, column, amounts)
        for column in register.counts:
            _cast_count(row, column)
    remedies = {
        **dict.fromkeys(register.dates, f"Set {register.key}.date_order, or name the right date column under"),
        **dict.fromkeys(register.amounts, f"Set {register.key}.decimal to ',' or '.', or name the right column under"),
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


def _written(rows: Sequence[Row], columns: Iterable[str]) -> list[str]:
    found = {row.cells[column] for row in rows for column in columns if column in row.cells}
    return sorted(text for text in found if _is_stated(clean_text(text)))


def _is_stated(text: str | None) -> bool:
    return text is not None and text.casefold() not in _NOT_STATED


def _days(
    connection: duckdb.DuckDBPyConnection, written: Sequence[str], date_order: str
) -> dict[str, tuple[date, bool]]:
    """Return each readable day, and whether it is a month without a day, which then stands for the month's first."""
    if not written:
        return {}
    connection.register("written_days", pa.table({"booked_on": pa.array(written, pa.string())}))
    order = date_order if date_order != "auto" else date_order_of(connection, "written_days")
    found = connection.execute(
        """
        WITH trimmed_days AS MATERIALIZED (SELECT booked_on AS written, trimmed(booked_on) AS day FROM written_days),
        read_days AS MATERIALIZED (SELECT written, day, day_of(day, $order) AS read FROM trimmed_days)
        SELECT written, read, regexp_full_match(day, '(19|20)[0-9]{2}-?[0-9]{2}')
        FROM read_days WHERE read BETWEEN DATE '1900-01-01' AND DATE '9999-12-31'
        """,
        {"order": order},
    ).fetchall()
    connection.unregister("written_days")
    return {text: (day, is_month) for text, day, is_month in found}


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


def _amounts(
    connection: duckdb.DuckDBPyConnection, written: Sequence[str], decimal: str
) -> dict[str, tuple[int | None, str]]:
    """Return each amount in hundredths, or None and the reason why it cannot be read."""
    if not written:
        return {}
    connection.register("written_amounts", pa.table({"amount": pa.array(written, pa.string())}))
    clean_amounts(connection, "written_amounts")
    sign = decimal if decimal != "auto" else decimal_sign_of(connection)
    found = connection.execute(
        """
        WITH pointed AS MATERIALIZED (SELECT *, point_number(clean, $decimal) AS pointed FROM amounts),
        numbers AS MATERIALIZED (SELECT *, without_zeros(pointed) AS number FROM pointed)
        SELECT amount, in_hundredths(number), CASE
            WHEN number IS NULL AND is_ambiguous(clean) THEN 'amount_ambiguous'
            WHEN number IS NULL THEN 'amount_unreadable'
            WHEN NOT has_two_decimals(number) THEN 'amount_decimals'
            WHEN in_hundredths(number) IS NULL THEN 'amount_too_large' ELSE '' END
        FROM numbers
        """,
        {"decimal": sign},
    ).fetchall()
    connection.unregister("written_amounts")
    return {text: (amount, reason) for text, amount, reason in found}


def _cast_amount(row: Row, column: str, amounts: Mapping[str, tuple[int | None, str]]) -> None:
    text = row.text(column)
    # Words without a figure ('enligt avrop') say that no value is stated; they are not a value misspelt.
    if text is None or not any(sign.isdigit() for sign in text):
        return
    amount, reason = amounts[row.cells[column]]
    if amount is None or reason:
        row.reject(reason or "amount_unreadable", column)
    else:
        row.amounts[column] = amount


def _cast_count(row: Row, column: str) -> None:
    text = row.text(column)
    if text is None or not _is_stated(text):
        return
    if match := re.fullmatch(r"(?:steg )?([0-9]{1,6})(?:[.,]0+)?(?: st)?\.?", text.casefold()):
        row.counts[column] = int(match[1])
    else:
        row.reject("count_unreadable", column)
