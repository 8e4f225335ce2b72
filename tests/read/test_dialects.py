"""One ledger in every dress that publishers use must read the same."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from procanalysis.read.ledger import read_ledger

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": b"",
    "utf-16-be": b"",
    "utf-16-le with mark": b"\xff\xfe",
    "utf-16-be with mark": b"\xfe\xff",
    "cp1252": b"",
}
UNITS = ("Nämnden för åldring", "Öst; väst", 'Kvarteret "Näsan"')
AMOUNTS = (Decimal("1234567.89"), Decimal("-1234.50"), Decimal("0.07"), Decimal("99.90"), Decimal("-0.05"))


def written(amount: Decimal, decimal: str, group: str = "", negative: str = "-{}") -> str:
    """Write an amount as a dialect does."""
    text = f"{abs(amount):,.2f}".translate({ord(","): group, ord("."): decimal})
    return negative.format(text) if amount < 0 else text


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_separator_encoding_and_line_end(read, rows_of, encoding):
    codec, _, mark = encoding.partition(" with ")
    dialects = list(itertools.product((";", ",", "|", "\t"), ("\n", "\r\n", "\r")))
    contents = []
    for file, (delimiter, line_end) in enumerate(dialects):
        rows = rows_of(12, forvaltning=lambda n: UNITS[n % 3], belopp=lambda n: str(AMOUNTS[n % 5]).replace(".", ","))
        rows = [{**row, "fakturanummer": f"{file}-{number}"} for number, row in enumerate(rows)]
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, rows[0], delimiter=delimiter, lineterminator=line_end)
        writer.writeheader()
        writer.writerows(rows)
        contents.append(ENCODINGS[encoding] + stream.getvalue().encode(codec))
    reading = read(*contents)
    assert reading.control.rows_rejected == 0
    assert reading.lines["unit"].to_pylist() == [UNITS[n % 3] for n in range(12)] * 12
    assert reading.lines["amount_ore"].to_pylist() == [int(AMOUNTS[n % 5] * 100) for n in range(12)] * 12
    assert set(reading.lines["booked_on"].to_pylist()) == {date(2024, 3, 5)}
    assert {file.encoding for file in reading.files} == {"utf-16" if mark else codec.removesuffix("-sig")}
    assert [file.delimiter for file in reading.files] == [{"\t": "tab"}.get(sign, sign) for sign, _ in dialects]


@pytest.mark.parametrize("decimal", [",", "."])
def test_how_amounts_are_written(read, rows_of, csv_of, decimal):
    groups = ("", " ", "\u00a0", "\u2009", "\u202f", "'", "’")
    ways = ("-{}", "{}-", "({})", "−{}", "- {}", "–{}", "-{} kr", "{} -", "-{}:-", "SEK -{}")
    cases = list(itertools.product(groups, ways, AMOUNTS))
    texts = [written(amount, decimal, group, way) for group, way, amount in cases]
    reading = read(csv_of(rows_of(len(cases), belopp=texts.__getitem__), "|"))
    read_amounts = dict(
        zip(reading.lines["row_number"].to_pylist(), reading.lines["amount_ore"].to_pylist(), strict=True)
    )
    wrong = [
        (text, read_amounts.get(number))
        for number, (text, (_, _, amount)) in enumerate(zip(texts, cases, strict=True), start=2)
        if read_amounts.get(number) != int(amount * 100)
    ]
    assert wrong == []
    assert reading.files[0].decimal == decimal


@pytest.mark.parametrize("decimal,group", [(",", "."), (".", ",")])
def test_sign_between_thousands_is_told_from_the_decimal_sign(read, rows_of, csv_of, decimal, group):
    rows = rows_of(10, belopp=lambda n: written(AMOUNTS[n % 5], decimal, group))
    rows.append({**rows[0], "belopp": f"1{group}234"})
    reading = read(csv_of(rows, "|"))
    assert reading.lines["amount_ore"].to_pylist()[-1] == 123400
    assert reading.control.amount_accepted_ore == int(sum(AMOUNTS) * 2 * 100) + 123400


def test_quoted_line_ends_are_text_also_under_a_title(read, rows_of):
    text = "Leverantörsreskontra 2024\nUttag;2024-04-01\n\n"
    header = list(rows_of(1)[0])
    text += ";".join(header) + "\n"
    for row in rows_of(5, konto_text='"Bygg\noch ""annat""; mer"'):
        text += ";".join(row.values()) + "\n"
    reading = read(text)
    assert reading.lines["account_text"].to_pylist() == ['Bygg och "annat"; mer'] * 5
    assert reading.lines["row_number"].to_pylist() == [5, 6, 7, 8, 9]


def test_a_stray_quote_costs_its_own_row_at_most(read, rows_of, csv_of):
    rows = rows_of(20)
    rows[4]["leverantor"] = '"Abbe Bygg AB'  # opens and never closes
    rows[9]["konto_text"] = '"Bygg'  # these two close each other, with a whole row's cells between
    rows[10]["konto_text"] = 'Bygg"'
    rows[19]["konto_text"] = '"sist'
    reading = read(csv_of(rows))
    assert reading.control.rows_accepted == 20
    assert reading.control.amount_accepted_ore == sum(100 * n + 25 for n in range(20))


@pytest.mark.parametrize(
    "written_date,order,expected",
    [
        ("2024-03-05", "auto", date(2024, 3, 5)),
        ("20240305", "auto", date(2024, 3, 5)),
        ("2024/3/5", "auto", date(2024, 3, 5)),
        ("2024.03.05", "auto", date(2024, 3, 5)),
        ("2024-03-05T00:00:00", "auto", date(2024, 3, 5)),
        ("202403", "auto", date(2024, 3, 1)),
        ("2024-03", "auto", date(2024, 3, 1)),
        ("05/03/2024", "auto", date(2024, 3, 5)),
        ("5.3.2024", "auto", date(2024, 3, 5)),
        ("03/25/2024", "auto", date(2024, 3, 25)),
        ("03/05/2024", "month-day-year", date(2024, 3, 5)),
        ("03/05/2024", "day-month-year", date(2024, 5, 3)),
    ],
)
def test_dates(read, rows_of, csv_of, written_date, order, expected):
    reading = read(csv_of(rows_of(12, datum=written_date)), date_order=order)
    assert set(reading.lines["booked_on"].to_pylist()) == {expected}
    assert reading.has_dates


def test_one_broken_date_does_not_turn_month_and_day_around(read, rows_of, csv_of):
    rows = rows_of(30, datum=lambda n: f"03/{n + 1:02d}/2024")
    rows[7]["datum"] = "i mars"
    reading = read(csv_of(rows))
    assert {day.month for day in reading.lines["booked_on"].to_pylist()} == {3}
    assert reading.rejected["reason"].to_pylist() == ["date_unreadable"]


@pytest.mark.parametrize("dates", ["no column", "empty column"])
def test_without_dates(read, rows_of, csv_of, dates):
    rows = rows_of(12, datum="")
    header = [name for name in rows[0] if name != "datum" or dates == "empty column"]
    reading = read(csv_of(rows, header=header))
    assert not reading.has_dates
    assert reading.control.rows_accepted == 12
    assert set(reading.lines["booked_on"].to_pylist()) == {None}


def test_account_and_text_in_one_cell(read, rows_of, csv_of):
    cells = {
        "46362 Köp av vård": ("46362", "Köp av vård"),
        "46362\u00a0Köp av vård": ("46362", "Köp av vård"),
        "(81200) Equipment": ("81200", "Equipment"),
        "400 - Stadsmiljö": ("400", "Stadsmiljö"),
        "46362-Köp": ("46362", "Köp"),
        "46362": ("46362", None),
        "46362.0": ("46362", None),
        "5012-1": ("5012-1", None),
        "Inköp av vård": ("Inköp av vård", None),
    }
    rows = rows_of(len(cells), konto_nr=list(cells).__getitem__)
    reading = read(csv_of(rows, header=[name for name in rows[0] if name != "konto_text"]))
    accounts, texts = (reading.lines[name].to_pylist() for name in ("account", "account_text"))
    assert dict(zip(cells, zip(accounts, texts, strict=True), strict=True)) == cells


def test_workbook_with_several_sheets(tmp_path: Path, masker, rows_of, connection):
    path = tmp_path / "kvartal.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for month, name in enumerate(("januari", "februari"), start=1):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(rows_of(1)[0]))
            for number, row in enumerate(rows_of(11), start=1):
                cells = {**row, "leverantor_id": 5560160680, "konto_nr": 6440}
                for column, cell in enumerate(cells.values()):
                    sheet.write(number, column, cell)
                sheet.write(number, 7, -1.1 * month)
                sheet.write_datetime(
                    number, 6, datetime(2024, month, number), book.add_format({"num_format": "d/m/yy"})
                )
        book.add_worksheet("läs mig").write(0, 0, "Uttag ur ekonomisystemet")
        book.add_worksheet("tomt")
    reading = read_ledger(connection, [path], masker=masker)
    assert reading.control.rows_read == reading.control.rows_accepted == 22
    assert reading.control.amount_accepted_ore == -110 * 11 - 220 * 11
    assert set(reading.lines["file"].to_pylist()) == {"kvartal.xlsx#januari", "kvartal.xlsx#februari"}
    assert reading.lines["booked_on"][0].as_py() == date(2024, 1, 1)
    assert set(reading.lines["supplier_key"].to_pylist()) == {"5560160680"}
    assert set(reading.lines["account"].to_pylist()) == {"6440"}
    notes = {file.name: file.note for file in reading.files}
    assert "ingen reskontra" in notes["kvartal.xlsx#läs mig"]


@pytest.mark.parametrize("shape", ["list", "row store", "lines", "utf-16 list"])
def test_json(read, rows_of, shape):
    rows = [{"\ufeffforvaltning": row.pop("forvaltning"), **row} for row in rows_of(11)]
    rows[0]["belopp"] = 1234.5
    rows[1]["belopp"] = -7
    content = {
        "list": json.dumps(rows).encode(),
        "row store": json.dumps({"next": "x", "resultCount": 376449, "results": rows}).encode(),
        "lines": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(),
        "utf-16 list": json.dumps(rows).encode("utf-16"),
    }[shape]
    reading = read(content)
    assert reading.lines["amount_ore"].to_pylist() == [123450, -700, *(100 * n + 25 for n in range(2, 11))]
    assert set(reading.lines["unit"].to_pylist()) == {"Skola"}
    assert reading.lines["row_number"].to_pylist() == list(range(2, 13))
    assert ("11 av 376449" in reading.files[0].note) == (shape == "row store")


@pytest.mark.parametrize("type_", [pa.string(), pa.float64(), pa.decimal128(12, 2)])
def test_parquet(tmp_path: Path, masker, rows_of, type_, connection):
    frame = pd.DataFrame(rows_of(11, datum=date(2024, 3, 5)))
    amounts = pa.array([Decimal(n * 100) for n in range(11)], pa.decimal128(12, 2)).cast(type_)
    table = pa.Table.from_pandas(frame).drop_columns(["belopp"]).append_column("belopp", amounts)
    pq.write_table(table, tmp_path / "reskontra.parquet")
    reading = read_ledger(connection, [tmp_path / "reskontra.parquet"], masker=masker)
    assert reading.lines["amount_ore"].to_pylist() == [n * 10000 for n in range(11)]
    assert reading.lines["booked_on"][0].as_py() == date(2024, 3, 5)


def test_own_column_map_decides_alone(read, rows_of, csv_of):
    text = (
        csv_of(rows_of(12)).replace("forvaltning", "Enhet").replace("leverantor;", "Motpart;").replace("belopp", "Kost")
    )
    reading = read(text, columns={"unit": "konto_text", "supplier_name": "motpart", "amount": " KOST "})
    assert set(reading.lines["unit"].to_pylist()) == {"Bygg"}
    assert reading.control.rows_accepted == 12


def test_many_files_with_their_own_dialects(read, rows_of, csv_of):
    contents = [
        csv_of(rows_of(10, datum=f"2024-{month:02d}-01"), delimiter, end).encode(encoding)
        for month, (delimiter, end, encoding) in enumerate(
            [(";", "\n", "utf-8"), ("|", "\r", "utf-16"), ("\t", "\r\n", "cp1252")], start=1
        )
    ]
    reading = read(*contents)
    assert [file.control.rows_accepted for file in reading.files] == [10, 10, 10]
    assert reading.lines["line_id"].to_pylist() == list(range(1, 31))
    assert sorted({day.month for day in reading.lines["booked_on"].to_pylist()}) == [1, 2, 3]
