"""Made-up and broken ledgers always reconcile, or stop with a message for people; nothing else ever comes out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError, ProcanalysisError
from procanalysis.read.ledger import LedgerReading, read_ledger
from procanalysis.read.supplier_numbers import Masker

HEADER = ["forvaltning", "leverantor", "leverantor_id", "fakturanummer", "konto_nr", "datum", "belopp", "grund"]
SUPPLIERS = [
    ("Abbe Bygg AB", "5560160680"),
    ("Kommunen", "212000-2049"),
    ("ANDERSSON;ANNA", "900101-0017"),
    ("Utan", ""),
]
QUIET = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


ReadBytes = Callable[..., LedgerReading]


@pytest.fixture(scope="module")
def read_bytes(connection: duckdb.DuckDBPyConnection) -> ReadBytes:
    """Read contents as files, and check everything that must hold whatever they are."""

    def read(*contents: bytes) -> LedgerReading:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, content in enumerate(contents):
                paths.append(Path(folder) / f"fil{number}.csv")
                paths[-1].write_bytes(content)
            reading = read_ledger(connection, paths, masker=Masker(b"k"))
        control = reading.control
        amounts = reading.lines["amount_ore"].to_pylist()
        rejected = [amount for amount in reading.rejected["amount_ore"].to_pylist() if amount is not None]
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert (control.rows_accepted, control.rows_rejected) == (len(amounts), reading.rejected.num_rows)
        assert control.amount_read_ore == sum(amounts) + sum(rejected)
        assert (control.amount_accepted_ore, control.amount_rejected_ore) == (sum(amounts), sum(rejected))
        assert sum(reading.register["rows"].to_pylist()) == len(amounts)
        assert sum(reading.register["amount_ore"].to_pylist()) == sum(amounts)
        assert sum(file.control.rows_read for file in reading.files) == control.rows_read
        return reading

    return read


@st.composite
def postings(draw) -> tuple[list[str], int]:
    """One sound posting as cells, with its amount in hundredths."""
    name, number = draw(st.sampled_from(SUPPLIERS))
    ore = draw(st.integers(-(10**9), 10**9))
    amount = f"{Decimal(ore).scaleb(-2):.2f}".replace(".", ",")
    unit = draw(st.sampled_from(["Skola", "Vård och omsorg", "Öst"]))
    day = draw(st.sampled_from(["2024-03-05", "20240305", "2024/03/05"]))
    return [unit, name, number, draw(st.text("F0123456789", max_size=6)), "6440 Bygg", day, amount, ""], ore


BROKEN = {
    "too_few_cells": lambda cells: cells[:4],
    "too_many_cells": lambda cells: [*cells[:1], "x", *cells[1:-1], "y"],
    "repeated_header": lambda cells: HEADER,
    "totals_row": lambda cells: ["Summa", "", "", "", "", "", cells[6], ""],
    "amount_missing": lambda cells: [*cells[:6], " ", ""],
    "amount_unreadable": lambda cells: [*cells[:6], "tolv", ""],
    "date_missing": lambda cells: [*cells[:5], "", *cells[6:]],
    "date_unreadable": lambda cells: [*cells[:5], "2024-13-41", *cells[6:]],
    "shifted": lambda cells: [*cells[:1], "Bygg", *cells[1:-1]],
}


@st.composite
def ledgers(draw) -> Iterator[Any]:
    """A ledger's bytes, and what it holds: rows, accepted rows, accepted sum, reasons."""
    sound = draw(st.lists(postings(), min_size=12, max_size=30))
    broken = draw(st.lists(st.sampled_from(sorted(BROKEN)), max_size=5))
    records = [(cells, ore, "") for cells, ore in sound]
    for reason in broken:
        cells, _ = draw(postings())
        records.insert(draw(st.integers(0, len(records))), (BROKEN[reason](cells), 0, reason))
    delimiter = draw(st.sampled_from(["|", "\t", ";", ","]))

    def line(cells: list[str]) -> str:
        quoted = ('"' + cell + '"' if delimiter in cell else cell for cell in cells)
        return delimiter.join(quoted)

    lines = [line(HEADER)]
    for cells, _, _ in records:
        lines += draw(st.sampled_from([[], [], [], ["", "  "]]))
        lines.append(line(cells))
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join([*lines, *draw(st.sampled_from([[], [""], ["", ""]]))])
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]))
    accepted = [ore for _, ore, reason in records if not reason]
    return text.encode(codec), len(records), accepted, sorted(broken)


@given(ledgers())
@QUIET
def test_made_up_ledgers_reconcile_with_what_was_made_up(read_bytes, made):
    content, rows, accepted, reasons = made
    reading = read_bytes(content)
    assert reading.control.rows_read == rows
    assert reading.lines["amount_ore"].to_pylist() == accepted
    assert sorted(reading.rejected["reason"].to_pylist()) == reasons


@given(ledgers(), st.data())
@QUIET
def test_damaged_ledgers_reconcile_or_stop_with_a_message(read_bytes, made, data):
    content = bytearray(made[0])
    for _ in range(data.draw(st.integers(1, 6))):
        where = data.draw(st.integers(0, len(content)))
        what = data.draw(st.sampled_from([b'"', b"\0", b"\n", b";", b"\xff", b"'", b"-", b'""', b"\xc3", b"\r", b"9"]))
        content[where : where + data.draw(st.integers(0, 2))] = what
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    try:
        reading = read_bytes(bytes(content))
    except ProcanalysisError as error:
        assert "fil0.csv" in str(error)
    else:
        assert reading.control.rows_read >= reading.control.rows_accepted > 0


@given(st.binary(max_size=600))
@example(b"\xff\xfe\x00")
@example(b"PK\x03\x04broken")
@example(b"PAR1brokenPAR1")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
@example(b"{")
@example(b"[" * 100_000)
@example(b'[{"belopp": 1e999999999, "leverantor": "\\ud800", "konto": NaN}]')
@example(b'[{"belopp": 1' + b"0" * 5000 + b"}]")
@settings(QUIET, max_examples=30)
def test_any_bytes_are_a_reading_or_a_message(read_bytes, content):
    try:
        read_bytes(content)
    except ProcanalysisError as error:
        assert "fil0.csv" in str(error)


@given(st.text(max_size=300), st.sampled_from([";", ",", "\t", "|"]))
@QUIET
def test_any_text_under_a_header_is_a_reading_or_a_message(read_bytes, text, delimiter):
    try:
        read_bytes((delimiter.join(HEADER) + "\n" + text).encode("utf-8", errors="surrogatepass"))
    except ProcanalysisError as error:
        assert "fil0.csv" in str(error)


@given(st.lists(st.dictionaries(st.sampled_from([*HEADER, "\ud800"]), st.none() | st.floats() | st.text()), max_size=4))
@QUIET
def test_any_json_is_a_reading_or_a_message(read_bytes, rows):
    sound = dict(zip(HEADER, ["A", "B", "", "1", "6440", "2024-01-01", 12.5, None], strict=True))
    try:
        reading = read_bytes(json.dumps([sound, sound, *rows]).encode())
    except ProcanalysisError as error:
        assert "fil0.csv" in str(error)
    else:
        assert reading.control.amount_accepted_ore >= 2500 or rows


@given(ledgers(), st.integers(0, 3))
@settings(QUIET, max_examples=3)
def test_the_same_delivery_twice_counts_once(read_bytes, made, blank_lines):
    content, rows, accepted, _ = made
    assume(len(accepted) >= 12)
    reading = read_bytes(content, content)
    assert reading.control.rows_read == 2 * rows
    assert reading.lines["amount_ore"].to_pylist() == accepted
    assert "fil0.csv" in reading.files[1].note


@pytest.mark.parametrize("content", [b"", b"\n\n", b"forvaltning;leverantor;konto_nr;belopp\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_noted_among_others_and_refused_alone(read_bytes, content):
    sound = b"leverantor;konto_nr;belopp\nA;1;1,50\n"
    reading = read_bytes(content, sound)
    assert reading.control.amount_accepted_ore == 150
    assert reading.files[0].note
    with pytest.raises(InputError, match=r"fil0\.csv.*no rows"):
        read_bytes(content)
