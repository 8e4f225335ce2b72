"""What a header says is checked against what stands under it; what cannot be sound is refused or rejected, and said."""

from __future__ import annotations

import re

import pytest

from procanalysis.errors import InputError


def test_whole_file_shifted_is_refused(read, rows_of, csv_of):
    rows = rows_of(20)
    names = list(rows[0])
    shifted = [dict(zip(names, [*list(row.values())[1:], ""], strict=True)) for row in rows]
    with pytest.raises(InputError, match=r"fil1\.csv: the column '.*' should hold .* shifted.*ledger\.columns"):
        read(csv_of(shifted))


@pytest.mark.parametrize(
    "column,values",
    [
        ("belopp", "2024-01-05"),
        ("belopp", "5560160680"),
        ("konto_nr", "1234,50"),
        ("konto_nr", "556016-0680"),
        ("leverantor", "12 345,00"),
        ("datum", "556016-0680"),
        ("leverantor_id", "2024-01-05"),
    ],
)
def test_a_column_of_another_kind_is_refused(read, rows_of, csv_of, column, values):
    with pytest.raises(InputError, match=rf"fil1\.csv: the column '{column}' should hold"):
        read(csv_of(rows_of(20, **{column: values})))


@pytest.mark.parametrize(
    "column,values",
    [
        ("leverantor_id", "19900101-0017"),  # a personal number begins like a date
        ("datum", "2024.01.15"),  # a date with points ends like an amount
        ("belopp", "20111000,50"),  # an amount begins like a date
    ],
)
def test_a_sound_column_is_not_refused_for_its_looks(read, rows_of, csv_of, column, values):
    assert read(csv_of(rows_of(20, **{column: values}))).control.rows_accepted == 20


def test_single_shifted_row_is_rejected_with_its_reason(read, rows_of, csv_of):
    rows = rows_of(20)
    cells = list(rows[6].values())
    lines = csv_of(rows).splitlines()
    lines[7] = ";".join([cells[0], "Bygg", *cells[1:-1]])  # one cell too many, and the last one cut away
    lines[9] += ";"  # one separator too many: nothing tells where the cells have moved
    lines[11] = lines[11].replace("Abbe Bygg AB", "Abbe;Bygg AB")
    lines[13] = ";".join(cells[:4])
    reading = read("\n".join(lines))
    rejected = reading.rejected.to_pylist()
    assert [(row["row_number"], row["reason"]) for row in rejected] == [
        (8, "shifted"),
        (10, "too_many_cells"),
        (12, "too_many_cells"),
        (14, "too_few_cells"),
    ]
    assert rejected[0]["column"] == "belopp"
    assert rejected[0]["value"] == "2024-03-05"
    assert {row["amount_ore"] for row in rejected} == {None}
    assert reading.control.rows_without_readable_amount == 4


def test_a_shifted_row_never_lends_its_invoice_number_as_amount(read, csv_of, rows_of):
    header = ["leverantor", "konto_nr", "konto_text", "fakturanummer", "belopp", "avtal"]
    lines = csv_of(rows_of(12, fakturanummer="880012345"), header=header).splitlines()
    lines[3] = lines[3].replace("Bygg;880012345", "Bygg;ombyggnad;880012345")  # then 880012345 stands under belopp
    reading = read("\n".join(lines))
    assert reading.rejected["reason"].to_pylist() == ["too_many_cells"]
    assert reading.control.amount_read_ore == sum(100 * n + 25 for n in range(12) if n != 2)


def test_every_row_ending_in_one_separator_too_many_is_sound(read, rows_of, csv_of):
    lines = csv_of(rows_of(12)).splitlines()
    reading = read("\n".join([lines[0], *(line + ";" for line in lines[1:])]))
    assert reading.control.rows_accepted == 12


def test_short_rows_without_their_empty_last_cells_are_sound(read, rows_of, csv_of):
    lines = csv_of(rows_of(12), header=[*rows_of(1)[0], "grund", "avtal"]).splitlines()
    lines[5] = lines[5].rstrip(";")
    assert read("\n".join(lines)).control.rows_accepted == 12


@pytest.mark.parametrize(
    "header",
    [
        "Avtalsnummer;Leverantör;Startdatum;Slutdatum;Avtalsvärde",
        "Leverantör;Organisationsnummer;Belopp;Avtalsstart;Avtalsslut;Förlängning",
    ],
)
def test_contract_register_is_named_as_such(read, header):
    with pytest.raises(InputError, match=r"fil1\.csv: this looks like a contract register.*ledger\.files"):
        read(header + "\n" + "1;Abbe;2024-01-01;2025-01-01;500;x\n" * 15)


def test_totals_rows_are_kept_out_of_the_sum(read, rows_of, csv_of):
    rows = rows_of(10)
    empty = dict.fromkeys(rows[0], "")
    totals = [
        {**empty, "belopp": "47,50"},
        {**empty, "forvaltning": "Summa:", "belopp": "47,50"},
        {**empty, "leverantor": "Summa Abbe Bygg AB", "belopp": "47,50"},
        {**empty, "leverantor": "Abbe Bygg AB", "forvaltning": "Delsumma Skola", "belopp": "47,50"},
        {**empty, "leverantor": "GRAND TOTAL", "belopp": "47,50"},
    ]
    sound = [
        {**rows[0], "leverantor": "Summa Konsult AB", "fakturanummer": "S1"},
        {**rows[0], "leverantor": "Totalbyggarna AB", "konto_nr": "", "datum": "2024-01-01", "fakturanummer": "S2"},
        {**rows[0], "leverantor": "", "leverantor_id": "", "fakturanummer": "S3"},
    ]
    reading = read(csv_of([*rows, *totals, *sound]))
    assert reading.rejected["reason"].to_pylist() == ["totals_row"] * 5
    assert reading.control.rows_accepted == 13


@pytest.mark.parametrize("dress", ["same bytes", "other dress"])
def test_same_delivery_twice(read, rows_of, csv_of, dress):
    rows = rows_of(12)
    first = csv_of(rows)
    second = first
    if dress != "same bytes":
        plain = [{**row, "leverantor_id": "5560160680", "belopp": row["belopp"].replace(",", ".")} for row in rows]
        second = csv_of([{**row, "datum": "20240305"} for row in plain[::-1]], "|", "\r\n").encode("utf-16")
    reading = read(first, second)
    assert (reading.control.rows_accepted, reading.control.rows_rejected) == (12, 12)
    assert set(reading.rejected["reason"].to_pylist()) == {"repeated_delivery"}
    assert "fil1.csv" in reading.files[1].note


def test_alike_is_not_the_same_delivery(read, rows_of, csv_of):
    rows = rows_of(12)
    changed = [*rows[:-1], {**rows[-1], "belopp": "11,26"}]
    other_unit = [{**row, "forvaltning": "Vård"} for row in rows]
    reading = read(csv_of(rows), csv_of(changed), csv_of(other_unit))
    assert reading.control.rows_accepted == 36


def test_genuine_duplicate_rows_are_kept(read, rows_of, csv_of):
    rows = rows_of(1) * 15
    reading = read(csv_of(rows))
    assert reading.control.rows_accepted == 15
    assert reading.control.amount_accepted_ore == 15 * 25
    assert len(set(reading.lines["invoice_key"].to_pylist())) == 1


@pytest.mark.parametrize(
    "header,words",
    [
        ("leverantor;konto_nr;datum", r"row 1: .*amount \(belopp\).*leverantor, konto_nr, datum.*'amount: Kostnad'"),
        ("konto_nr;datum;belopp", r"row 1: .*supplier.*konto_nr, datum, belopp.*ledger\.columns"),
        ("leverantor;datum;belopp", r"row 1: no column holds the account \(konto\).*leverantor, datum, belopp"),
        ("leverantor;konto_nr;belopp;Belopp", r"row 1: the header 'belopp' \(amount\) stands in 2 columns.*Rename"),
        (
            "leverantor;konto_nr;belopp;nettobelopp",
            r"row 1: several columns may hold the amount \(belopp, nettobelopp\)",
        ),
    ],
)
def test_header_faults_are_told_with_row_and_remedy(read, header, words):
    with pytest.raises(InputError, match=r"fil1\.csv, " + words):
        read(header + "\n" + "a;b;1;2\n" * 12)


def test_own_header_that_is_not_there(read, rows_of, csv_of):
    with pytest.raises(InputError, match=r"fil1\.csv, row 1: .*'amount' is called 'Belop'.*Did you mean 'belopp'\?"):
        read(csv_of(rows_of(12)), columns={"amount": "Belop"})


def test_own_header_settles_which_of_two_amounts(read):
    text = "leverantor;konto_nr;belopp;nettobelopp\n" + "".join(f"Abbe;64{n};125,00;100,00\n" for n in range(10, 22))
    assert read(text, columns={"amount": "Nettobelopp"}).control.amount_accepted_ore == 12 * 10000


def test_booking_date_goes_before_invoice_date(read):
    rows = "".join(f"2023-12-{n};2024-01-{n};Abbe;6440;{n},00\n" for n in range(10, 25))
    reading = read("fakturadatum;bokföringsdatum;leverantor;konto_nr;belopp\n" + rows)
    assert {day.year for day in reading.lines["booked_on"].to_pylist()} == {2024}


def test_second_header_in_the_same_order_is_rejected_and_in_another_refused(read, rows_of, csv_of):
    rows = rows_of(12)
    again = read(csv_of(rows[:6]) + csv_of(rows[6:]))
    assert again.rejected["reason"].to_pylist() == ["repeated_header"]
    turned = list(rows[0])[::-1]
    with pytest.raises(InputError, match=r"fil1\.csv, row 8: a second header.*two files"):
        read(csv_of(rows[:6]) + csv_of(rows[6:], header=turned))


def test_postings_above_the_header_are_not_lost_in_silence(read, rows_of, csv_of):
    lines = csv_of(rows_of(12)).splitlines()
    with pytest.raises(InputError, match=r"fil1\.csv, row 1: a posting stands above the header row \(row 3\)"):
        read("\n".join([*lines[1:3], lines[0], *lines[3:]]))
    title = ["Leverantörsreskontra 2024;;;;;;;", "Uttag 2024-02-01;;;;;;;"]
    assert read("\n".join([*title, *lines])).control.rows_read == 12


def test_ambiguous_decimal_sign_asks_for_it(read, rows_of, csv_of):
    content = csv_of(rows_of(20, belopp="1.234"))
    with pytest.raises(
        InputError, match=re.escape("column 'belopp' cannot be read") + r".*1\.234.*Set ledger\.decimal"
    ):
        read(content)
    assert read(content, decimal=",").control.amount_accepted_ore == 20 * 123400


def test_a_few_ambiguous_amounts_are_rejected_not_guessed(read, rows_of, csv_of):
    rows = rows_of(20, belopp="100")
    rows[3]["belopp"] = "1.234"
    rejected = read(csv_of(rows)).rejected.to_pylist()
    assert [(row["row_number"], row["column"], row["value"], row["reason"]) for row in rejected] == [
        (5, "belopp", "1.234", "amount_ambiguous")
    ]


def test_not_one_sound_row_is_refused(read, rows_of, csv_of):
    with pytest.raises(InputError, match=r"fil1\.csv, row 2: not one of 8 rows can be a posting.*Belopp saknas"):
        read(csv_of(rows_of(8, belopp="")))
