"""Rows of SIE files: what is written by the standard's rules is read back, and nothing makes the parser fail."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procanalysis.read.sie.fields import Brace, Record, split_row
from procanalysis.read.sie.values import read_amount, read_day, read_objects, read_quantity

# A field that ends in a backslash cannot be told from an escaped quotation mark: the standard has no way to write it.
FIELDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30).filter(lambda text: text[-1:] != "\\")
BARE = st.text(st.sampled_from("abcåäöÅÄÖ0123456789-.,:/\\_%&"), min_size=1, max_size=12)
SPACES = st.sampled_from([" ", "\t", "   ", " \t "])


def quoted(field: str) -> str:
    return '"' + field.replace('"', '\\"') + '"'


@given(
    st.lists(FIELDS, min_size=1, max_size=6),
    st.one_of(st.none(), st.lists(FIELDS, max_size=6)),
    st.integers(0, 6),
    SPACES,
)
def test_a_record_that_is_written_is_read_back(
    fields: list[str], objects: list[str] | None, place: int, space: str
) -> None:
    parts = [quoted(field) for field in fields]
    place = min(place, len(parts))
    if objects is not None:
        parts.insert(place, "{" + space.join(quoted(item) for item in objects) + "}")
    row = split_row(space + space.join(["#TRANS", *parts]) + space)
    expected = Record("#TRANS", tuple(fields), None if objects is None else tuple(objects), place if objects else 0)
    (record,) = row.parts
    assert record == (expected._replace(list_place=place) if objects == [] else expected)
    assert not row.has_open_quote and not row.has_loose_fields


@given(st.lists(BARE, min_size=1, max_size=6), st.lists(BARE, max_size=4), SPACES)
def test_unquoted_fields_are_read_as_they_stand(fields: list[str], objects: list[str], space: str) -> None:
    row = split_row(space.join(["#trans", fields[0], "{" + space.join(objects) + "}", *fields[1:]]))
    assert row.parts == (Record("#TRANS", tuple(fields), tuple(objects), 1),)


@given(st.text(max_size=200))
def test_any_row_is_split_without_failing(row: str) -> None:
    for part in split_row(row).parts:
        assert isinstance(part, Brace) or part.label.startswith("#")


def labels(row: str) -> list[str]:
    return [part.value if isinstance(part, Brace) else part.label for part in split_row(row).parts]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('#VER A 1 20240105 "Fika" {', ["#VER", "{"]),
        ("{ #TRANS 1910 {} -10.00 }", ["{", "#TRANS", "}"]),
        ("{#TRANS 1910 {1 10} -10.00}", ["{", "#TRANS", "}"]),
        ("#TRANS 1910 {} -10.00 #TRANS 5010 {} 10.00", ["#TRANS", "#TRANS"]),
        ('#TRANS 1910 {} -10.00 20240105 "#TRANS 1 {} 2"', ["#TRANS"]),
        ("#TRANS 1910 {} -10.00 20240105 #5", ["#TRANS"]),
        ("}", ["}"]),
        ("} {", ["}", "{"]),
    ],
)
def test_braces_and_records_that_share_a_row(row: str, expected: list[str]) -> None:
    assert labels(row) == expected


def test_what_is_wrong_with_a_row_is_told() -> None:
    assert split_row('#TRANS 1910 {} -10.00 20240105 "Fika').has_open_quote
    assert split_row("Fika till mötet").has_loose_fields
    (record,) = split_row("#TRANS 1910 {1 10 -10.00").parts
    assert isinstance(record, Record) and not record.has_whole_list


def test_backslashes_are_backslashes_but_before_a_quotation_mark() -> None:
    (record,) = split_row(r'#FNR "C:\Data\F" "Skärm 24\" svart" 1').parts
    assert isinstance(record, Record) and record.fields == (r"C:\Data\F", 'Skärm 24" svart', "1")


def test_other_white_space_is_part_of_a_name() -> None:
    (record,) = split_row("#KONTO 1910 Kassa\xa0Nord\u2003Syd").parts
    assert isinstance(record, Record) and record.fields == ("1910", "Kassa\xa0Nord\u2003Syd")


@pytest.mark.parametrize(
    "row", ['"' * 20_000, "\\" * 20_000, '#TRANS "' + '\\"' * 9_000, "{" * 20_000, "#VER " * 4_000]
)
def test_a_hostile_row_takes_no_time(row: str) -> None:
    began = time.process_time()
    split_row(row)
    assert time.process_time() - began < 1


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=2))
def test_amounts_are_exact(amount: Decimal) -> None:
    assert read_amount(f"{amount:f}").ore == int(amount * 100)
    assert read_amount(f"{amount:f}".replace(".", ",")).ore == int(amount * 100)


@pytest.mark.parametrize(
    ("written", "ore"),
    [("0", 0), ("-0.00", 0), ("7", 700), ("7.", 700), (".5", 50), ("-.05", -5), ("+12.3", 1230), ("000012", 1200)],
)
def test_amounts_in_every_form(written: str, ore: int) -> None:
    assert read_amount(written).ore == ore


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "amount_missing"), ("  ", "amount_missing"), ("-", "amount_unreadable"), (".", "amount_unreadable"),
        ("tio", "amount_unreadable"), ("1 000.00", "amount_unreadable"), ("1e3", "amount_unreadable"),
        ("0x10", "amount_unreadable"), ("−5.00", "amount_unreadable"), ("٣", "amount_unreadable"),
        ("NaN", "amount_unreadable"), ("1.000,00", "amount_unreadable"), ("1,000", "amount_ambiguous"),
        ("1.005", "amount_decimals"), ("1.000", "amount_decimals"), ("100000000000", "amount_too_large"),
        ("9" * 10_000, "amount_too_large"),
    ],
)  # fmt: skip
def test_amounts_that_are_none(written: str, reason: str) -> None:
    amount = read_amount(written)
    assert (amount.ore, amount.reason) == (None, reason)


def test_days_quantities_and_objects_that_are_none() -> None:
    assert [read_day(day) for day in ("20240230", "240105", "2024-01-05", "00000000", "٢٠٢٤٠١٠٥", "")] == [None] * 6
    assert [read_quantity(text) for text in ("1,5", "NaN", "1e9", "-", ".", "9" * 40)] == [None] * 6
    assert read_quantity(".5") == Decimal("0.5")
    assert read_objects(("1", "", "6", "P1")).codes == {6: "P1"}
    assert read_objects(("1", "A", "1", "A")).codes == {1: "A"}
    assert read_objects(("12345", "A")).fault == read_objects(("x", "A")).fault == "objects_unreadable"
