"""The casts of registers in Python against those of the ledger in SQL: the same value for every text."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procanalysis.read.casting import clean_amounts, date_order_of, decimal_sign_of
from procanalysis.read.written_values import read_days, read_numbers

EXAMPLES = 15  # each of up to fifty texts
AMOUNTS = (
    "1 234,50", "1 234.5 kr", "SEK 12", "Kr12:-", "\u212ar 7", "(1 200,00)", "(1\n2)", "12-", "1-2-", "- 3", "+4",
    "+ 5", "−6", "1.234", "1,234", "0,125", "12.345.678", "12,345,678", "1.234,5", "1,234.5", ",5", ".50", "5.", "-",
    "", "()", "1'000", "1’000,5", "\u00a01\u202f000\u200b", "\x0b7", "\x857", "12.5000", "0,1250", ".5000", "1,2,3",
    "99999999999,99", "100000000000", "-100000000000,00", "000000000000001", "1 00", "1 2OO,00", "1e5", "١٢", "½",
)  # fmt: skip
DAYS = (
    "2025-01-31", "2025-1-3", "2025/01/31", "2025.1.3 10:00", "2025-01-31T00:00:00", "2025-01-31T\n", "2025-01-31Ta\nb",
    "20250131", "20251301", "20250230", "202502", "202513", "2025-02", "2025-13", "31-12-2025", "12/31/2025",
    "1.2.2025", "1.2.2025 kl 10", " 2025-01-31 ", "\u00a020250131\ufeff", "1899-12-31", "1900-01-01", "9999-12-31",
    "2024-02-29", "2023-02-29", "31 juni 2027", "Tills vidare", "", "2025", "25-01-31", "01-02-0003", "２０２５-01-01",
)  # fmt: skip


def numbers_in_sql(connection: duckdb.DuckDBPyConnection, written: list[str], decimal: str) -> dict[str, tuple]:
    """Read numbers with the ledger's macros."""
    connection.register("given_amounts", pa.table({"amount": pa.array(written, pa.string())}))
    clean_amounts(connection, "given_amounts")
    sign = decimal_sign_of(connection) if decimal == "auto" else decimal
    found = connection.execute(
        """
        WITH pointed AS MATERIALIZED (SELECT *, point_number(clean, $decimal) AS pointed FROM amounts),
        numbers AS MATERIALIZED (SELECT *, without_zeros(pointed) AS number FROM pointed)
        SELECT amount, number, in_hundredths(number), CASE
            WHEN number IS NULL AND is_ambiguous(clean) THEN 'amount_ambiguous'
            WHEN number IS NULL THEN 'amount_unreadable'
            WHEN NOT has_two_decimals(number) THEN 'amount_decimals'
            WHEN in_hundredths(number) IS NULL THEN 'amount_too_large' ELSE '' END
        FROM numbers
        """,
        {"decimal": sign},
    ).fetchall()
    return {text: tuple(read) for text, *read in found}


def days_in_sql(connection: duckdb.DuckDBPyConnection, written: list[str], date_order: str) -> dict[str, tuple]:
    """Read days with the ledger's macros."""
    connection.register("given_days", pa.table({"booked_on": pa.array(written, pa.string())}))
    order = date_order_of(connection, "given_days") if date_order == "auto" else date_order
    found = connection.execute(
        """
        WITH trimmed_days AS MATERIALIZED (SELECT booked_on AS written, trimmed(booked_on) AS day FROM given_days),
        read_days AS MATERIALIZED (SELECT written, day, day_of(day, $order) AS read FROM trimmed_days)
        SELECT written, read, regexp_full_match(day, '(19|20)[0-9]{2}-?[0-9]{2}')
        FROM read_days WHERE read BETWEEN DATE '1900-01-01' AND DATE '9999-12-31'
        """,
        {"order": order},
    ).fetchall()
    return {text: tuple(read) for text, *read in found}


def texts_of(known: tuple[str, ...], signs: str) -> st.SearchStrategy[list[str]]:
    """Draw different texts: some that registers hold, and some put together of the signs that matter."""
    return st.lists(st.sampled_from(known) | st.text(st.sampled_from(signs), max_size=14), max_size=50, unique=True)


@pytest.mark.parametrize("decimal", ["auto", ",", "."])
@given(drawn=texts_of(AMOUNTS, "0123456789005,.-+()'’ \u00a0\u200b−–krSEK€:\n"))
@settings(max_examples=EXAMPLES, deadline=None)
@example(drawn=list(AMOUNTS))
def test_numbers_are_read_as_in_sql(connection, decimal: str, drawn: list[str]) -> None:
    read = read_numbers(drawn, decimal)
    found = {text: (one.number, one.amount_ore, one.amount_reason) for text, one in read.items()}
    assert found == numbers_in_sql(connection, drawn, decimal)


@pytest.mark.parametrize("date_order", ["auto", "day-month-year", "month-day-year", "year-month-day"])
@given(drawn=texts_of(DAYS, "0011122233990--/. T"))
@settings(max_examples=EXAMPLES, deadline=None)
@example(drawn=list(DAYS))
def test_days_are_read_as_in_sql(connection, date_order: str, drawn: list[str]) -> None:
    assert read_days(drawn, date_order) == days_in_sql(connection, drawn, date_order)
