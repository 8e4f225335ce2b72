"""The casts in SQL against a small Decimal oracle in Python, on made-up amounts."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.read.casting import cast_query, date_order_of, gather_forms

LARGEST = Decimal("99999999999.99")
RAW = ("buyer_id", "buyer", "unit", "supplier_name", "supplier_number", "account", "account_text", "booked_on")


def register(connection: duckdb.DuckDBPyConnection, amounts: list[str]) -> None:
    """Make amounts the raw table `given`."""
    columns = {name: pa.array(["x"] * len(amounts)) for name in RAW}
    columns |= {"amount": pa.array(amounts, pa.string()), "raw_reason": pa.nulls(len(amounts), pa.string())}
    connection.register("given", pa.table({**columns, "row_number": pa.array(range(len(amounts)))}))


def cast(connection: duckdb.DuckDBPyConnection, amounts: list[str], decimal: str | None = "auto") -> list[tuple]:
    """Cast amounts as one file's; (hundredths, reason) each."""
    register(connection, amounts)
    forms = gather_forms(connection, "given")
    assert forms.rows == len(amounts)
    sign = forms.decimal if decimal == "auto" else decimal
    query = cast_query("given", replace(forms, decimal=sign, has_dates=False))
    return connection.execute(f"SELECT amount_ore, reason FROM ({query}) ORDER BY row_number").fetchall()


def oracle(text: str, decimal: str) -> tuple[int | None, str | None]:
    """Read an amount whose decimal sign is known, the slow way."""
    spaces = "\u00a0\u2009\u202f "
    text = text.strip(spaces)
    if not text:
        return None, "amount_missing"
    negative = text.startswith(("-", "−")) or text.endswith("-") or (text[0], text[-1]) == ("(", ")")
    digits = text.strip("-−()+" + spaces)
    group = "." if decimal == "," else ","
    whole, _, rest = digits.partition(decimal)
    for sign in (group, *spaces, "'"):
        parts = whole.split(sign)
        if len(parts) > 1 and 1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]):
            whole = "".join(parts)
            break
    if not re.fullmatch(r"[0-9]*", whole) or not re.fullmatch(r"[0-9]*", rest) or not whole + rest:
        return None, "amount_unreadable"
    if len(rest.rstrip("0")) > 2:
        return None, "amount_decimals"
    value = Decimal(f"{whole or 0}.{rest or 0}")
    if value > LARGEST:
        return None, "amount_too_large"
    return int(value * 100) * (-1 if negative else 1), None


@st.composite
def amounts(draw, decimal: str) -> str:
    """An amount in any dress of a file with this decimal sign."""
    value = draw(st.integers(0, 10**14))
    decimals = draw(st.sampled_from(["", "00", "5", "50", "05", "500", "123"]))
    group = draw(st.sampled_from(["", "", "." if decimal == "," else ",", " ", "\u00a0", "\u202f", "'"]))
    whole = f"{value:,}".replace(",", group)
    # A lone group of three after a sign is told apart by other amounts of the file; here the file's sign is given.
    text = whole + (decimal + decimals if decimals else "")
    return draw(st.sampled_from(["{}", "-{}", "{}-", "({})", "−{}", "- {}", "+{}", " {} "])).format(text)


@pytest.mark.parametrize("decimal", [",", "."])
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_casts_agree_with_the_oracle(connection, decimal, data):
    texts = data.draw(st.lists(amounts(decimal), min_size=1, max_size=60))
    got = cast(connection, texts, decimal)
    assert [(text, *pair) for text, pair in zip(texts, got, strict=True)] == [
        (text, *oracle(text, decimal)) for text in texts
    ]


@given(texts=st.lists(st.text("0123456789.,-−+()' \u00a0krSEK\n\x00€é", max_size=14), max_size=80))
@settings(max_examples=15, deadline=None)
def test_any_text_gives_an_amount_or_a_reason(connection, texts):
    for amount, reason in cast(connection, texts):
        assert (amount is None) != (reason is None)


@pytest.mark.parametrize(
    "texts,expected",
    [
        (["1.234", "5,50"], [123400, 550]),
        (["1.234", "5.50"], [None, 550]),  # 1.234 then has three decimals
        (["1,234", "5.50"], [123400, 550]),
        (["1.230", "5.50"], [123, 550]),
        (["1.234.567", "5"], [123456700, 500]),
        (["1.234", "100"], [None, 10000]),
        (["1.5", "1,5", "1.234"], [150, 150, None]),
        (["0.125", "1.5"], [None, 150]),
        (["12.34.56", "1 23", "1e3", "NaN", "abc", "--5", "5--", "1 234 5", "£5", "5 %"], [None] * 8 + [500, None]),
        ([".5", "5.", "-.05", "+7"], [50, None, -5, 700]),
        (["99999999999.99", "100000000000.00", "-99999999999.99"], [9999999999999, None, -9999999999999]),
    ],
)
def test_hand_calculated(connection, texts, expected):
    assert [amount for amount, _ in cast(connection, texts)] == expected


def test_reasons(connection):
    texts = ["", " \u00a0", "-", "1.234", "abc", "1,234567", "123456789012", "1,50", "1.50"]
    reasons = [reason for _, reason in cast(connection, texts)]
    assert reasons == [
        "amount_missing", "amount_missing", "amount_missing", "amount_ambiguous", "amount_unreadable",
        "amount_decimals", "amount_too_large", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "days,expected",
    [
        (["01/02/2024", "03/04/2024"], "day-month-year"),
        (["01/02/2024", "03/25/2024", "x"], "month-day-year"),
        (["01/02/2024", "25/03/2024", "03/25/2024", "26/03/2024"], "day-month-year"),
        ([], "day-month-year"),
    ],
)
def test_order_of_day_and_month(connection, days, expected):
    connection.register("given_days", pa.table({"booked_on": pa.array(days, pa.string())}))
    assert date_order_of(connection, "given_days") == expected


@pytest.mark.parametrize("gathered", [["1,50", "2,50"], ["1,50", "2 000,50"]], ids=["all plain", "some dressed"])
def test_an_amount_whose_form_was_not_gathered_is_rejected(connection, gathered):
    register(connection, gathered)
    forms = gather_forms(connection, "given")
    assert forms.all_plain == (" " not in gathered[1])
    register(connection, ["1,50", "1 010,50"])
    query = cast_query("given", replace(forms, has_dates=False))
    found = connection.execute(f"SELECT amount_ore, reason FROM ({query}) ORDER BY row_number").fetchall()
    assert found == [(150, None), (None, "amount_unreadable")]
