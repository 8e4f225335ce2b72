"""Files that cannot be read: the message names the file and what to do, in words for a buyer."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from procanalysis.errors import InputError, ProcanalysisError
from procanalysis.read.files import decode, file_digest
from procanalysis.read.ledger import read_ledger
from procanalysis.read.supplier_numbers import Masker


def workbook_bytes(rows) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("blad")
        for number, row in enumerate([dict(zip(rows[0], rows[0], strict=True)), *rows]):
            sheet.write_row(number, 0, list(row.values()))
    return stream.getvalue()


def parquet_bytes(rows) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def without_a_part(content: bytes) -> bytes:
    """A zip file that is whole, but is no workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("readme.txt", "x")
    return stream.getvalue()


def test_file_that_has_vanished(tmp_path: Path, masker, connection):
    with pytest.raises(InputError, match=r"borta\.csv: the file cannot be opened.*Check that it is there"):
        read_ledger(connection, [tmp_path / "borta.csv"], masker=masker)
    with pytest.raises(InputError, match=r"borta\.csv"):
        file_digest(tmp_path / "borta.csv")


def test_folder_in_place_of_a_file(tmp_path: Path, masker, connection):
    (tmp_path / "reskontror").mkdir()
    with pytest.raises(InputError, match=r"reskontror: this is a folder, not a file.*reskontror/\*\.csv"):
        read_ledger(connection, [tmp_path / "reskontror"], masker=masker)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:4],
        lambda content: content[:200] + b"\0" * 200 + content[400:],
        without_a_part,
        lambda content: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"EncryptedPackage" * 200,  # how a password looks
    ],
)
def test_damaged_or_protected_workbook(read, rows_of, change):
    with pytest.raises(InputError, match=r"bok\.xlsx: the workbook cannot be read.*without password.*deliver it again"):
        read(change(workbook_bytes(rows_of(20))), names=["bok.xlsx"])


@pytest.mark.parametrize("cut", [4, 0.5, 0.99])
def test_damaged_parquet(read, rows_of, cut):
    content = parquet_bytes(rows_of(20))
    with pytest.raises(InputError, match=r"a\.parquet: the Parquet file cannot be read.*Deliver it again"):
        read(content[: int(cut * len(content)) if cut < 1 else cut], names=["a.parquet"])


@pytest.mark.parametrize("make", [workbook_bytes, parquet_bytes])
def test_flipped_bytes_are_a_reading_or_a_message(read, rows_of, make):
    content = make(rows_of(20))
    chance = random.Random(4)
    for _ in range(10):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged))
        except ProcanalysisError as error:
            assert "fil1.csv" in str(error)


@pytest.mark.parametrize(
    "content,words",
    [
        ('[{"belopp": 1}, {"belopp": ', r"a\.json, row 1, column \d+: .*cut off: deliver it again"),
        ('{"belopp": 1}\n{"belopp": 2}\n{"belo', r"a\.json, row 3, column \d+: .*cut off"),
        ("[1, 2]", r"a\.json: the JSON file is not a list of rows with named fields.*or as CSV"),
        ("[" * 5000, r"a\.json.*(nested too deeply|cannot be read)"),
        ('[{"a": 1}]', r"a\.json, row 1: the ledger needs a header row"),
    ],
)
def test_broken_json(read, content, words):
    with pytest.raises(InputError, match=words):
        read(content, names=["a.json"])


def test_half_characters_in_json_are_no_obstacle(read, rows_of):
    rows = rows_of(3, leverantor="\ud800x")
    assert read(json.dumps(rows)).control.rows_accepted == 3


@pytest.mark.parametrize(
    "content,encoding,words",
    [
        ("Skövde\nÖstermalm".encode()[:-1] + b"\xc3", "auto", "ends in the middle of a character.*cut off"),
        ("Åre\nÅmål\n".encode() + "Öland\n".encode("cp1252"), "auto", r"row 3: .*begins as utf-8.*ledger\.encoding"),
        ("a\nb\nÖland".encode("cp1252"), "utf-8", r"row 3: .*begins as utf-8.*ledger\.encoding"),
        ("\ufeffabc".encode("utf-16-le")[:-1], "auto", "ends in the middle of a character"),
    ],
)
def test_encodings_that_do_not_hold(content, encoding, words):
    with pytest.raises(InputError, match=r"a\.csv.*" + words):
        decode(content, encoding, "a.csv")


@pytest.mark.parametrize("text", ["ÅÄÖ åäö é € – ”", "Malmö", "", "A", "Ö"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_that_hold(text, encoding):
    assert decode(text.encode(encoding), "auto", "a.csv")[0] == text


def test_bytes_without_meaning_in_cp1252_spoil_no_row(read, rows_of, csv_of):
    content = csv_of(rows_of(12, leverantor="Öl\x00AB")).encode("cp1252").replace(b"\0", b"\x81")
    assert read(content).control.rows_accepted == 12


def test_unreadable_values_are_shown_with_what_to_do(read, rows_of, csv_of):
    with pytest.raises(InputError, match=r"12 of 12 values in the column 'belopp'.*x0, x1, x2.*ledger\.decimal"):
        read(csv_of(rows_of(12, belopp=lambda n: f"x{n}")))
    with pytest.raises(InputError, match=r"12 of 12 values in the column 'datum'.*ledger\.date_order"):
        read(csv_of(rows_of(12, datum="i mars")))


def test_empty_ledger_names_every_file(tmp_path: Path, connection):
    for name in ("jan.csv", "feb.csv"):
        (tmp_path / name).write_text("leverantor;konto_nr;belopp\n")
    with pytest.raises(InputError, match=r"empty: jan\.csv, feb\.csv .*Check that the export succeeded"):
        read_ledger(connection, [tmp_path / "jan.csv", tmp_path / "feb.csv"], masker=Masker(b"k"))
