"""No sole trader's number or name leaves the reader, wherever in the ledger it stands."""

from __future__ import annotations

import pytest

from procanalysis.errors import InputError
from procanalysis.read.hiding import NameFinder
from procanalysis.read.supplier_numbers import HIDDEN_NAME, HIDDEN_NUMBER, Masker

NUMBER, NAME = "900101-0017", "Hemlig Hemligsson"
FORBIDDEN = ("hemlig", "900101", "0017", "9001010017")
HEADER = [
    "kopare", "forvaltning", "leverantor", "leverantor_id", "konto_nr", "konto_text", "projekt", "text",
    "fakturanummer", "verifikationsnummer", "datum", "belopp", "grund", "avtal",
]  # fmt: skip


def ledger(csv_of, rows_of, **changes):
    sound = {
        "kopare": "Kommunen",
        "projekt": "P1",
        "text": "Vara",
        "verifikationsnummer": "V1",
        "grund": "",
        "avtal": "",
    }
    rows = rows_of(12, **(sound | changes))
    return csv_of(rows, "|", header=HEADER)


def everything(reading) -> str:
    tables = (reading.lines, reading.rejected, reading.register)
    return "\n".join(str(table.to_pylist()) for table in tables) + str(reading.files)


def assert_hidden(reading):
    shown = everything(reading).casefold()
    assert [word for word in FORBIDDEN if word in shown] == []


@pytest.mark.parametrize(
    "number", [NUMBER, "9001010017", "19900101-0017", "SE900101001701", "900101-0018", "900101-00171"]
)
def test_sole_traders_number_and_name(read, rows_of, csv_of, number):
    reading = read(ledger(csv_of, rows_of, leverantor=NAME, leverantor_id=number))
    assert reading.control.rows_accepted == 12
    assert set(reading.lines["supplier_type"].to_pylist()) == {"sole_trader"}
    assert set(reading.register["number_as_written"].to_pylist()) == {HIDDEN_NUMBER}
    shown = everything(reading).casefold()
    assert "hemlig" not in shown and "900101" not in shown


def test_on_rows_where_the_number_is_missing(read, rows_of, csv_of):
    numbers = [NUMBER, "", "556016-0681", "-", "900101"]
    names = [NAME, NAME.upper(), f" {NAME} ", NAME, NAME]
    reading = read(ledger(csv_of, rows_of, leverantor=lambda n: names[n % 5], leverantor_id=lambda n: numbers[n % 5]))
    assert_hidden(reading)


def test_name_known_only_from_a_rejected_row(read, rows_of, csv_of):
    content = ledger(
        csv_of,
        rows_of,
        leverantor=NAME,
        leverantor_id=lambda n: NUMBER if n == 3 else "",
        belopp=lambda n: "tolv" if n == 3 else "1,00",
    )
    assert_hidden(read(content))


@pytest.mark.parametrize("name", ["HEMLIGSSON;HEMLIG", "Hemligsson, Hemlig", "HEMLIGSSON;HEMLIG MARIA ELIN"])
@pytest.mark.parametrize("number", ["", "10004007"])
def test_persons_written_as_a_register_does(read, rows_of, csv_of, name, number):
    numbers = [number or "", *["10004001", "10004002", "10004003"]]
    reading = read(
        ledger(
            csv_of, rows_of, leverantor=lambda n: [name, "A", "B", "C"][n % 4], leverantor_id=lambda n: numbers[n % 4]
        )
    )
    assert reading.supplier_numbers == "internal"
    assert_hidden(reading)


@pytest.mark.parametrize("column", ["text", "konto_text", "forvaltning", "kopare", "grund", "avtal", "projekt",
                                    "fakturanummer", "verifikationsnummer", "konto_nr"])  # fmt: skip
def test_personal_numbers_anywhere_in_a_row(read, rows_of, csv_of, column):
    ways = ("900101-0017", "Arvode 19900101 0017 mars", "F900101–0017")
    reading = read(ledger(csv_of, rows_of, **{column: lambda n: ways[n % 3]}))
    shown = everything(reading)
    assert "900101" not in shown and "0017" not in shown


@pytest.mark.parametrize("column", ["text", "projekt", "grund", "avtal"])
def test_names_in_texts_also_on_others_rows(read, rows_of, csv_of, column):
    numbers = [NUMBER, "556016-0680"]
    ways = (f"Arvode {NAME}, mars", NAME, "Arvode Hemligsson Hemlig")
    reading = read(
        ledger(
            csv_of,
            rows_of,
            leverantor=lambda n: [NAME, "Abbe Bygg AB"][n % 2],
            leverantor_id=lambda n: numbers[n % 2],
            **{column: lambda n: ways[n // 2 % 3]},
        )
    )
    assert_hidden(reading)


def test_numbers_and_names_in_the_suppliers_name(read, rows_of, csv_of):
    names = ["Hemlig Hemligsson 900101-0017", "Firma 19900101-0017"]
    reading = read(ledger(csv_of, rows_of, leverantor=lambda n: names[n % 2], leverantor_id=""))
    assert_hidden(reading)
    assert len(set(reading.lines["supplier_key"].to_pylist())) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"belopp": "900101-0017"},
        {"datum": "19900101-0017"},
        {"belopp": "Hemlig Hemligsson"},
        {"belopp": "HEMLIGSSON;HEMLIG"},
        {"belopp": "Hemlig 900101-0017", "datum": "Hemlig Hemligsson"},
    ],
)
def test_broken_cells_that_hold_a_person(read, rows_of, csv_of, broken):
    sound = {"belopp": "1,00", "datum": "2024-01-01"}
    changes = {column: lambda n, column=column: (broken if n == 4 else sound)[column] for column in broken}
    reading = read(ledger(csv_of, rows_of, **changes))
    assert reading.control.rows_rejected == 1
    assert "hemlig h" not in everything(reading).casefold()
    assert "HEMLIGSSON" not in everything(reading) and "900101" not in everything(reading)


@pytest.mark.parametrize(
    "content",
    [
        "leverantor|konto_nr|datum|belopp\n" + "A|1|2024-01-01|900101-0017\n" * 5,
        "leverantor|konto_nr|datum|belopp\n" + "A|1|2024-01-01|Hemlig Hemligsson\n" * 5,
        "Hemlig Hemligsson|900101-0017|6440|2024-01-01|100,50\n" * 5,
        "HEMLIGSSON;HEMLIG|900101-0017|leverantor|100,50\n" * 5,
    ],
)
def test_error_messages_name_nobody(read, content):
    for columns in ({}, {"amount": "Kostnad"}):
        with pytest.raises(InputError) as error:
            read(content, columns=columns)
        assert not [word for word in ("hemlig", "900101") if word in str(error.value).casefold()]


def test_invoice_identity_survives(read, rows_of, csv_of):
    invoices = ["900101-0017", "9001010025", "900101-0017", "1101234567", "1101234568"]
    reading = read(ledger(csv_of, rows_of, fakturanummer=lambda n: invoices[n % 5]))
    keys = reading.lines["invoice_key"].to_pylist()
    assert [keys.index(key) for key in keys[:5]] == [0, 1, 0, 3, 4]
    assert keys[3] == "5560160680|1101234567"  # ten digits by chance: no month 12 has day 34


def test_masking_is_stable_for_a_key_and_differs_for_another(read, rows_of, csv_of):
    content = ledger(csv_of, rows_of, leverantor=NAME, leverantor_id=NUMBER)
    codes = [
        set(read(content, masker=Masker(key)).lines["supplier_key"].to_pylist()) for key in (b"one", b"one", b"two")
    ]
    assert codes[0] == codes[1] != codes[2]
    assert all(len(found) == 1 and found.pop().startswith("dold:") for found in map(set, codes))


def test_masking_off_shows_what_is_written(read, rows_of, csv_of):
    content = ledger(csv_of, rows_of, leverantor=NAME, leverantor_id=NUMBER, text=f"Arvode {NAME} {NUMBER}")
    reading = read(content, masker=Masker(b"k", enabled=False))
    line = reading.lines.to_pylist()[0]
    assert (line["supplier_key"], line["supplier_name"], line["supplier_type"]) == ("9001010017", NAME, "sole_trader")
    assert line["text"] == f"Arvode {NAME} {NUMBER}"
    row = reading.register.to_pylist()[0]
    assert (row["number_as_written"], row["name_as_written"]) == (NUMBER, NAME)


def test_two_sole_traders_stay_two_and_companies_stay_in_sight(read, rows_of, csv_of):
    numbers = [NUMBER, "900101-0025", "556016-0680"]
    names = ["Taxi", "Taxi", "Taxi"]
    reading = read(ledger(csv_of, rows_of, leverantor=lambda n: names[n % 3], leverantor_id=lambda n: numbers[n % 3]))
    assert len(set(reading.lines["supplier_key"].to_pylist())) == 3
    shown = dict(
        zip(reading.lines["supplier_key"].to_pylist(), reading.lines["supplier_name"].to_pylist(), strict=True)
    )
    assert shown["5560160680"] == "Taxi"


def test_name_finder_leaves_single_words_and_other_names_alone():
    finder = NameFinder(["Taxi", "ANDERSSON;ANNA MARIA", "Bo Ek"])
    assert not NameFinder(["Taxi"])
    assert finder.hide("Taxi till Anna Berg och Bo-Ekman") == "Taxi till Anna Berg och Bo-Ekman"
    for written in ("anna maria andersson", "ANDERSSON, ANNA", "Anna  Andersson", "Ek, Bo"):
        assert finder.hide(f"x {written}!") == f"x {HIDDEN_NAME}!"


@pytest.mark.parametrize("column", ["projekt", "avtal"])
def test_a_reference_that_another_file_shows_is_hidden_where_names_are_looked_for_too(read, rows_of, csv_of, column):
    reference = "1001000410"  # made like a personal number, with a check digit that is wrong
    of_person = ledger(csv_of, rows_of, leverantor=NAME, leverantor_id=NUMBER, **{column: reference})
    of_company = ledger(csv_of, rows_of, **{column: reference}, text=f"Arvode {NAME}")
    for contents in ((of_person, of_company), (of_company, of_person)):
        shown = everything(read(*contents))
        assert reference not in shown and "Hemlig" not in shown
