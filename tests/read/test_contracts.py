"""Contract registers: what each contract covers, for whom and how long; every row accounted for; nobody shown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.contracts import (
    _GROUPS,
    _REGISTER,
    ContractReading,
    add_months,
    option_months,
    read_contracts,
    read_supplier_groups,
)
from procanalysis.read.ledger import read_ledger
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.read.supplier_numbers import HIDDEN_NAME, HIDDEN_NUMBER, Masker
from procanalysis.schema import (
    CONTRACT_SCOPES,
    CONTRACTS,
    FAR_FUTURE,
    REJECT_REASONS,
    REJECTED_ROWS,
    Column,
    names,
)

ROOT = Path(__file__).parents[2]
TAXONOMY = read_taxonomy(ROOT / "params" / "taxonomies" / "procanalysis.csv")
ABBE, BERG, PERSON = "556016-0680", "202100-5489", "900101-0017"
SOUND = {
    "Avtalsnummer": "A1",
    "Avtalsnamn": "Konsulter",
    "Organisationsnummer": ABBE,
    "Leverantör": "Abbe Bygg AB",
    "Kategori": "05.02",
    "Deltagare": "Skola",
    "Startdatum": "2024-01-01",
    "Slutdatum": "2024-12-31",
}


def csv_text(rows: Sequence[dict[str, str]], delimiter: str = ";") -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, delimiter=delimiter, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def workbook_bytes(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    write = sheet.write_string if isinstance(value, str) else sheet.write
                    write(number, place, value)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path: Path, masker: Masker):
    def read_contents(*contents: Any, groups: pd.DataFrame | None = None, masker=masker, known_keys=(), **form: Any):
        paths = []
        for number, content in enumerate(contents, start=1):
            if isinstance(content, list | tuple):
                content = csv_text(content)
            path = tmp_path / f"register{number}.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        reading = read_contracts(
            paths, RegisterFormat(**form), taxonomy=TAXONOMY, masker=masker, groups=groups, known_keys=known_keys
        )
        assert_whole(reading)
        return reading

    return read_contents


def assert_whole(reading: ContractReading) -> None:
    """Everything that must hold of every reading."""
    control = reading.control
    assert control.rows_read == control.rows_accepted + control.rows_rejected
    assert control.rows_rejected == len(reading.rejected)
    assert control.rows_read == sum(item.rows_read for item in control.files)
    assert control.rows_accepted == sum(item.rows_accepted for item in control.files)
    assert control.rows_rejected == sum(item.rows_rejected for item in control.files)
    for frame, table in (
        (reading.contracts, CONTRACTS),
        (reading.scopes, CONTRACT_SCOPES),
        (reading.rejected, REJECTED_ROWS),
    ):
        assert_canonical(frame, table)
    assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
    assert reading.contracts["contract_id"].is_unique
    assert set(reading.scopes["contract_id"]) == set(reading.contracts["contract_id"])
    assert not reading.scopes.duplicated().any()
    assert (reading.contracts["ends_on"].isna() == reading.contracts["latest_ends_on"].isna()).all()
    ended = reading.contracts.dropna(subset="ends_on")
    assert (ended["latest_ends_on"] >= ended["ends_on"]).all()


def assert_canonical(frame: pd.DataFrame, table: Sequence[Column]) -> None:
    assert list(frame.columns) == names(table)
    for column in table:
        kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
        assert str(frame[column.name].dtype) == kinds[column.type], column.name


def changed(**cells: str) -> dict[str, str]:
    return {**SOUND, **cells}


def one(reading: ContractReading, column: str) -> Any:
    (value,) = reading.contracts[column]
    return None if pd.isna(value) else value


def day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def reasons(reading: ContractReading) -> list[tuple[int, str, str]]:
    return list(reading.rejected[["row_number", "column", "reason"]].itertuples(index=False, name=None))


def test_a_register_with_every_column(read):
    row = changed(
        Optionsmånader="12;12", **{"Utnyttjade optioner": "1", "Avtalstyp": "Ramavtal", "Registrerat": "2024-02-15"},
        **{"Registrerad av": "Inköp", "Avtalsägare": "Skolchef", "Arkivplats": "Diariet", "Upphandlingsnummer": "U7"},
        **{"Avtalsvärde": "1 250 000,50 kr", "Avtalsklass": "Klass b", "Antal anbud": "3"},
    )  # fmt: skip
    reading = read([row])
    (contract,) = reading.contracts.to_dict("records")
    assert {name: day(value) if "_on" in name else value for name, value in contract.items()} == {
        "contract_id": "A1", "title": "Konsulter", "supplier_names": "Abbe Bygg AB", "category_codes": "05.02",
        "participants": "Skola", "kind": "framework", "starts_on": date(2024, 1, 1), "ends_on": date(2025, 12, 31),
        "latest_ends_on": date(2026, 12, 31), "registered_on": date(2024, 2, 15), "registered_by": "Inköp",
        "owner": "Skolchef", "owner_is_gone": 0, "archive_place": "Diariet", "procurement_id": "U7",
        "value_ore": 125_000_050, "contract_class": "B", "bids_count": 3, "file": "register1.csv", "row_number": 2,
    }  # fmt: skip
    (scope,) = reading.scopes.to_dict("records")
    assert {name: day(value) if "_on" in name else value for name, value in scope.items()} == {
        "contract_id": "A1", "supplier_key": "5560160680", "through_group": 0, "category_code": "05.02",
        "participant": "skola", "participants_known": 1, "starts_on": date(2024, 1, 1),
        "ends_on": date(2025, 12, 31), "registered_on": date(2024, 2, 15),
    }  # fmt: skip


# Suppliers, categories and participants


def test_several_suppliers_categories_and_participants_in_one_row(read):
    reading = read([
        changed(
            Organisationsnummer=f"{ABBE};{BERG}", Leverantör="Abbe Bygg AB; Berg AB", Kategori="05.02; 06.01",
            Deltagare="Skola;Vård och  Omsorg;212000-2049",
        )
    ])  # fmt: skip
    found = set(reading.scopes[["supplier_key", "category_code", "participant"]].itertuples(index=False, name=None))
    assert found == {
        (key, code, unit)
        for key in ("5560160680", "2021005489")
        for code in ("05.02", "06.01")
        for unit in ("skola", "vård och omsorg", "2120002049")
    }
    assert len(reading.scopes) == 12
    assert one(reading, "supplier_names") == "Abbe Bygg AB; Berg AB"
    assert one(reading, "category_codes") == "05.02;06.01"
    assert one(reading, "participants") == "Skola;Vård och Omsorg;212000-2049"


def test_one_row_per_supplier_is_one_contract(read):
    reading = read([
        changed(), changed(Organisationsnummer=BERG, Leverantör="Berg AB", Avtalsnamn="", Slutdatum="20241231"),
    ])  # fmt: skip
    assert (reading.control.rows_accepted, len(reading.contracts)) == (2, 1)
    assert one(reading, "supplier_names") == "Abbe Bygg AB; Berg AB"
    assert reading.scopes["supplier_key"].tolist() == ["5560160680", "2021005489"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("Avtalsnamn", "Annat"), ("Slutdatum", "2025-12-31"), ("Slutdatum", "tills vidare"), ("Kategori", "06.01"),
     ("Deltagare", "Vård"), ("Startdatum", "2023-01-01")],
)  # fmt: skip
def test_a_row_that_contradicts_its_contract_is_rejected_with_the_column(read, column, value):
    reading = read([changed(), changed(**{"Organisationsnummer": BERG, column: value})])
    assert reasons(reading) == [(3, column, "rows_differ")]
    assert reading.scopes["supplier_key"].tolist() == ["5560160680"]


def test_a_row_that_repeats_another_is_rejected_also_from_another_file(read):
    reading = read([changed(), changed()], [changed(Avtalsnummer="A2"), changed(Organisationsnummer="16556016-0680")])
    assert reasons(reading) == [(3, "Avtalsnummer", "id_repeated"), (3, "Avtalsnummer", "id_repeated")]
    assert [(item.rows_accepted, item.rows_rejected) for item in reading.control.files] == [(1, 1), (1, 1)]


def test_files_of_the_same_name_are_reckoned_apart(tmp_path, masker):
    paths = [tmp_path / folder / "avtal.csv" for folder in ("a", "b")]
    for path, rows in zip(paths, ([changed()], [changed(Avtalsnummer=""), changed(Avtalsnummer="A2")]), strict=True):
        path.parent.mkdir()
        path.write_text(csv_text(rows), encoding="utf-8")
    reading = read_contracts(paths, taxonomy=TAXONOMY, masker=masker)
    assert_whole(reading)
    assert [(item.rows_accepted, item.rows_rejected) for item in reading.control.files] == [(1, 0), (1, 1)]


SUPPLIERS = [
    (ABBE, "", ["5560160680"]),
    ("", "Abbe Bygg AB", ["namn:abbe bygg ab"]),
    ("", "Abbe Bygg AB;Berg AB", ["namn:abbe bygg ab", "namn:berg ab"]),
    (f"{ABBE};{BERG}", "Abbegruppen", ["5560160680", "2021005489"]),
    (f"{ABBE};;", "Abbe Bygg AB;", ["5560160680"]),
    (f"{ABBE};;{BERG}", "Abbe AB;Utan AB;Berg AB", ["5560160680", "namn:utan ab", "2021005489"]),
    (f"{ABBE}\n{BERG}", "Abbe AB\nBerg AB", ["5560160680", "2021005489"]),
    (ABBE, "Abbe Bygg AB\nBox 17", ["5560160680"]),
    (f"{ABBE};{ABBE}", "Abbe AB;Abbe Bygg AB", ["5560160680"]),
    (ABBE, "Abbe Bygg; Anläggning; AB", ["5560160680"]),
    ("12345", "Kort;Nummer;AB", ["namn:kort;nummer;ab"]),
    ("", "", [None]),
    ("0000000000", "-", [None]),
    ("556016-0681", "", [None]),
    ("", "Uppgift saknas", [None]),
    ("900101", "", [None]),
]  # fmt: skip


def test_who_the_suppliers_are(read):
    reading = read([
        changed(Avtalsnummer=f"A{place}", Organisationsnummer=numbers, Leverantör=written)
        for place, (numbers, written, _) in enumerate(SUPPLIERS)
    ])  # fmt: skip
    found: dict[str, list[str | None]] = {}
    for scope in reading.scopes.itertuples():
        found.setdefault(scope.contract_id, []).append(None if pd.isna(scope.supplier_key) else scope.supplier_key)
    assert list(found.values()) == [keys for _, _, keys in SUPPLIERS]


@pytest.mark.parametrize(
    ("numbers", "written", "value"),
    [(f"{ABBE};{BERG}", "Abbe Bygg AB;Berg AB;Cederbergs AB", "2 nummer, 3 namn"),
     (f"{ABBE};{BERG};{PERSON}", "Hemlig Hemligsson;Berg AB", "3 nummer, 2 namn")],
)  # fmt: skip
def test_names_and_numbers_that_cannot_be_paired_reject_the_row(read, numbers, written, value):
    reading = read([changed(Avtalsnummer="A0"), changed(Organisationsnummer=numbers, Leverantör=written)])
    assert reading.rejected[["column", "value", "reason"]].to_numpy().tolist() == [
        ["Leverantör", value, "suppliers_unpaired"]
    ]


def test_with_one_number_the_whole_cell_is_one_name(read):
    written = "Abbe Bygg; Anläggning;\r\nService AB"
    reading = read([changed(Leverantör=written)])
    assert reading.control.rows_rejected == 0
    assert reading.scopes["supplier_key"].tolist() == ["5560160680"]
    assert one(reading, "supplier_names") == "Abbe Bygg; Anläggning; Service AB"


def test_a_sole_trader_named_beside_a_company_in_one_cell_is_hidden(read):
    rows = [
        changed(Avtalsnummer="A0", Organisationsnummer=PERSON, Leverantör="Hemlig Hemligsson"),
        changed(Leverantör="Abbe Bygg AB; Hemligsson, Hemlig; Berg AB"),
    ]
    reading = read(rows)
    assert reading.control.rows_rejected == 0
    assert reading.contracts["supplier_names"][1] == f"Abbe Bygg AB; {HIDDEN_NAME}; Berg AB"


WRITTEN = [
    ("556016-0680", "Abbe Bygg AB"), ("16556016-0680", "ABBE BYGG AB"), ("SE556016068001", ""),
    ("900101-0017", "Hemlig Hemligsson"), ("19900101-0017", "Hemligsson, Hemlig"), ("", "HEMLIGSSON;HEMLIG"),
    ("DK12345678", "Dansk A/S"), ("NO 987 654 321 MVA", "Norsk AS"), ("556016-0681", "Fel siffra AB"),
    ("", "  Utan   Nummer ab"), ("12345", "Kort nummer AB"), ("", "Hemlig Hemligsson"), ("212000-2049", "Regionen"),
    ("900101", "Halva Numret"), ("12345", "Kort; Nummer;  AB"),
]  # fmt: skip


@pytest.mark.parametrize("supplier_numbers", ["organisation", "internal"])
@pytest.mark.parametrize("enabled", [True, False])
def test_suppliers_get_the_keys_of_the_ledger(tmp_path, enabled, supplier_numbers, read, csv_of, rows_of, connection):
    from procanalysis.read.ledger import LedgerFormat

    masker = Masker(b"test key", enabled=enabled)
    ledger = csv_of(
        rows_of(len(WRITTEN), leverantor_id=lambda n: WRITTEN[n][0], leverantor=lambda n: WRITTEN[n][1]), "|"
    )
    (tmp_path / "ledger.csv").write_text(ledger, encoding="utf-8")
    lines = read_ledger(
        connection, [tmp_path / "ledger.csv"], LedgerFormat(supplier_numbers=supplier_numbers), masker=masker
    ).lines
    register = [
        changed(Avtalsnummer=f"A{place}", Organisationsnummer=number, Leverantör=name)
        for place, (number, name) in enumerate(WRITTEN)
    ]
    reading = read(register, masker=masker, supplier_numbers=supplier_numbers)
    assert reading.control.rows_rejected == 0
    assert reading.scopes["supplier_key"].tolist() == lines["supplier_key"].to_pylist()


def test_a_sole_trader_known_from_the_ledger_only_is_found_and_hidden_by_its_key(read, masker):
    row = changed(Organisationsnummer="", Leverantör="Hemlig Hemligsson", Avtalsnamn="Arvode Hemlig Hemligsson")
    key = masker.supplier_key("namn:hemlig hemligsson")
    reading = read([row], known_keys={key, "5560160680"})
    assert reading.scopes["supplier_key"].tolist() == [key]
    assert "hemlig" not in everything(reading)


def test_members_of_the_suppliers_group_are_covered_through_it(read, tmp_path, masker):
    path = tmp_path / "groups.csv"
    path.write_text(
        f"group;supplier_number\nAbbegruppen;{ABBE}\nAbbegruppen;{BERG}\nAbbegruppen;{PERSON}\nAnnan;212000-2049\n",
        encoding="utf-8",
    )
    groups = read_supplier_groups(path, masker)
    hidden = masker.supplier_key("9001010017")
    assert groups["supplier_key"].tolist() == ["5560160680", "2021005489", hidden, "2120002049"]
    reading = read([changed(), changed(Avtalsnummer="A2", Organisationsnummer=f"{ABBE};{BERG}")], groups=groups)
    found = reading.scopes[["contract_id", "supplier_key", "through_group"]].to_numpy().tolist()
    assert found == [
        ["A1", "5560160680", 0], ["A1", "2021005489", 1], ["A1", hidden, 1],
        ["A2", "5560160680", 0], ["A2", "2021005489", 0], ["A2", hidden, 1],
    ]  # fmt: skip
    assert set(reading.scopes["category_code"]) == {"05.02"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("grupp;orgnr\nA;556016-0681\n", "groups.csv, row 2, column 'orgnr': '556016-0681' is not an organisation"),
        ("grupp;orgnr\nA;\n", "row 2, column 'orgnr'"),
        ("grupp;orgnr\n;556016-0680\n", "row 2, column 'grupp': the row names no group"),
        ("grupp;orgnr\nA;900101\n", "row 2, column 'orgnr'"),
        (
            "orgnr\n556016-0680\n",
            "a column group (such as Koncern). Headers found: orgnr. Write 'group' above it.",
        ),
    ],
)
def test_a_list_of_groups_with_a_fault_is_refused_with_its_place(tmp_path, masker, rows, words):
    (tmp_path / "groups.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_supplier_groups(tmp_path / "groups.csv", masker)
    assert words in str(error.value)


def test_a_list_of_groups_in_two_encodings_is_refused_without_naming_a_setting_that_there_is_not(tmp_path, masker):
    rows = "group;supplier_number\nÅre;556016-0680\n".encode() + "Öster;202100-5489\n".encode("cp1252")
    (tmp_path / "groups.csv").write_bytes(rows)
    with pytest.raises(InputError, match=r"groups\.csv, row 3: .*Deliver the file in one encoding\.$"):
        read_supplier_groups(tmp_path / "groups.csv", masker)


def test_categories_are_codes_or_words_that_the_organisation_file_explains(read):
    reading = read(
        [changed(Kategori="IT; 05.02;Städ"), changed(Avtalsnummer="A2", Kategori=""),
         changed(Avtalsnummer="A3", Kategori=" it ")],
        categories={"It": "06.01"},
    )  # fmt: skip
    assert reading.contracts["category_codes"].fillna("").tolist() == ["06.01;05.02", "", "06.01"]
    assert reading.scopes["category_code"].fillna("").tolist() == ["06.01", "05.02", "", "", "06.01"]
    assert reading.control.unknown_categories == ("Städ",)
    assert reading.control.rows_rejected == 0


def test_a_word_translated_to_no_code_of_the_tree_stops(read):
    with pytest.raises(InputError, match=r"contracts\.categories: 'IT' is said to be '06\.011'.*Did you mean '06\.01'"):
        read([changed()], categories={"IT": "06.011"})


def test_kinds(read):
    kinds = {
        "Ramavtal": "framework", "DIREKTUPPHANDLAT avtal": "direct_award", "DIS": "dynamic",
        "Kommunspecifikt": "specific", "annat": "other", "framework": "framework", "Koncession": "", "": "",
        "Egen sort": "specific",
    }  # fmt: skip
    rows = [changed(Avtalsnummer=f"A{place}", Avtalstyp=written) for place, written in enumerate(kinds)]
    reading = read(rows, kinds={"egen  sort": "specific"})
    assert reading.contracts["kind"].fillna("").tolist() == list(kinds.values())
    assert reading.control.unknown_kinds == ("Koncession",)


@pytest.mark.parametrize(
    ("written", "empty", "participants", "known"),
    [("", "everyone", [None], 1), ("", "unknown", [None], 0), ("Samtliga förvaltningar", "unknown", [None], 1),
     ("Skola;alla", "unknown", [None], 1), ("Skola", "unknown", ["skola"], 1), ("10-20", "everyone", ["10-20"], 1)],
)  # fmt: skip
def test_who_takes_part(read, written, empty, participants, known):
    reading = read([changed(Deltagare=written)], empty_participants=empty)
    assert [None if pd.isna(unit) else unit for unit in reading.scopes["participant"]] == participants
    assert reading.scopes["participants_known"].tolist() == [known]


def test_owners_that_have_left(read):
    reading = read(
        [changed(Avtalsägare="Skolchef"), changed(Avtalsnummer="A2", Avtalsägare="it-CHEF "),
         changed(Avtalsnummer="A3", Avtalsägare="")],
        owners_gone=("IT-chef",),
    )  # fmt: skip
    assert reading.contracts["owner_is_gone"].tolist() == [0, 1, 0]


# Time


ENDS = [
    ("2024-12-31", "", "", "2024-12-31", "2024-12-31"),
    ("2024-12-31", "12;12", "", "2024-12-31", "2026-12-31"),
    ("2024-12-31", "12+12", "1", "2025-12-31", "2026-12-31"),
    ("2024-12-31", "12;24", "2", "2027-12-31", "2027-12-31"),
    ("2024-12-31", "1 år", "ja", "2025-12-31", "2025-12-31"),
    ("2024-12-31", "12", "nej", "2024-12-31", "2025-12-31"),
    ("2025-02-28", "12;24", "1", "2026-02-28", "2028-02-29"),
    ("2024-02-29", "12", "1", "2025-02-28", "2025-02-28"),
    ("2024-01-30", "1;1", "1", "2024-02-29", "2024-03-30"),
    ("2024-12", "", "", "2024-12-31", "2024-12-31"),
    ("202402", "", "", "2024-02-29", "2024-02-29"),
    ("Tills vidare", "12", "1", "9999-12-31", "9999-12-31"),
    ("9999-12-31", "", "", "9999-12-31", "9999-12-31"),
    ("29991231", "", "", "9999-12-31", "9999-12-31"),
    ("31.12.2024", "", "", "2024-12-31", "2024-12-31"),
    ("saknas", "12", "", None, None),
    ("", "12", "", None, None),
]


def test_a_contract_ends_with_the_options_that_have_been_exercised(read):
    reading = read([
        changed(**{"Avtalsnummer": f"A{n}", "Slutdatum": end, "Optioner": options, "Utnyttjade optioner": exercised})
        for n, (end, options, exercised, _, _) in enumerate(ENDS)
    ])  # fmt: skip
    found = zip(map(day, reading.contracts["ends_on"]), map(day, reading.contracts["latest_ends_on"]), strict=True)
    expected = [tuple(text and date.fromisoformat(text) for text in case[3:]) for case in ENDS]
    assert list(found) == expected
    assert [day(end) for end in reading.scopes["ends_on"]] == [ends_on for ends_on, _ in expected]


def test_an_empty_end_may_mean_open_ended(read):
    reading = read([changed(Slutdatum=""), changed(Avtalsnummer="A2")], empty_end="open_ended")
    assert [day(end) for end in reading.contracts["ends_on"]] == [FAR_FUTURE, date(2024, 12, 31)]


FAULTS = [
    ({"Avtalsnummer": " "}, "Avtalsnummer", "id_missing"),
    ({"Startdatum": "2025-01-01"}, "Slutdatum", "ends_before_start"),
    ({"Startdatum": "2024-02-30"}, "Startdatum", "date_unreadable"),
    ({"Startdatum": "tills vidare"}, "Startdatum", "date_unreadable"),
    ({"Slutdatum": "våren 2025"}, "Slutdatum", "date_unreadable"),
    ({"Slutdatum": "1024-12-31"}, "Slutdatum", "date_unreadable"),
    ({"Optioner": "ett år"}, "Optioner", "options_unreadable"),
    ({"Optioner": "12", "Utnyttjade optioner": "2"}, "Utnyttjade optioner", "options_too_many"),
    ({"Utnyttjade optioner": "1"}, "Utnyttjade optioner", "options_too_many"),
    ({"Optioner": "12", "Utnyttjade optioner": "kanske"}, "Utnyttjade optioner", "count_unreadable"),
    ({"Avtalsvärde": "12,345.6,7"}, "Avtalsvärde", "amount_unreadable"),
    ({"Avtalsvärde": "12.500"}, "Avtalsvärde", "amount_ambiguous"),
    ({"Avtalsvärde": "9" * 20}, "Avtalsvärde", "amount_too_large"),
    ({"Antal anbud": "fem"}, "Antal anbud", "count_unreadable"),
    (dict.fromkeys(SOUND, "") | {"Avtalsnummer": "Summa", "Avtalsvärde": "5"}, "", "totals_row"),
    ({"Optioner": "1+1 år", "Utnyttjade optioner": "ja"}, "Utnyttjade optioner", "count_unreadable"),
]


def test_a_row_at_fault_is_rejected_with_file_row_column_and_reason(read):
    reading = read([
        changed(Avtalsnummer="A0"),
        *(changed(**{"Avtalsnummer": f"A{n}"} | cells) for n, (cells, _, _) in enumerate(FAULTS, start=1)),
    ])  # fmt: skip
    assert reasons(reading) == [(n, column, reason) for n, (_, column, reason) in enumerate(FAULTS, start=3)]
    assert set(reading.rejected["file"]) == {"register1.csv"}
    assert reading.contracts["contract_id"].tolist() == ["A0"]


def test_a_header_that_is_repeated_is_rejected(read):
    reading = read(csv_text([SOUND]) + csv_text([changed(Avtalsnummer="A2")]))
    assert reasons(reading) == [(3, "", "repeated_header")]


def test_an_amount_with_more_than_two_decimals_is_rejected(read):
    reading = read([changed(Avtalsvärde="0,5"), changed(Avtalsnummer="A2", Avtalsvärde="10,1255")])
    assert reasons(reading) == [(3, "Avtalsvärde", "amount_decimals")]


def test_rows_with_cells_too_many_or_too_few(read):
    text = csv_text([changed(), changed(Avtalsnummer="A2")]) + "A3;x;1;2;3;4;2024-01-01;2024-12-31;5\nA4;Konsulter\n"
    reading = read(text)
    assert reasons(reading) == [(4, "", "too_many_cells"), (5, "", "too_few_cells")]


def test_a_value_in_words_is_unknown_and_the_reading_of_others_decides_what_a_sign_means(read):
    values = ["enligt avrop", "12.500", "1.250.000,50", ""]
    reading = read([changed(Avtalsnummer=f"A{n}", Avtalsvärde=value) for n, value in enumerate(values)])
    assert reading.contracts["value_ore"].fillna(-1).tolist() == [-1, 1_250_000, 125_000_050, -1]


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.integers(0, 600), st.integers(0, 600))
@example(date(2023, 2, 28), 12, 0)
@example(date(2024, 2, 29), 12, 12)
@example(date(2024, 12, 31), 2, 2)
@settings(deadline=None)
def test_months_are_added_as_a_calendar_has_them(start: date, first: int, second: int) -> None:
    later = add_months(start, first)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == first
    is_last = (start + timedelta(days=1)).day == 1
    if is_last:
        assert (later + timedelta(days=1)).day == 1
        assert add_months(later, second) == add_months(start, first + second)
    else:
        assert later.day == start.day or (later.day < start.day and (later + timedelta(days=1)).day == 1)
    assert add_months(start, first + second) >= later
    assert add_months(start, 0) == start
    assert add_months(FAR_FUTURE, first) == FAR_FUTURE


@given(st.lists(st.integers(1, 120), min_size=1, max_size=5), st.sampled_from([";", "+", ", ", " + "]))
@settings(deadline=None)
def test_options_are_read_as_they_are_written(months: list[int], sign: str) -> None:
    written = sign.join(map(str, months))
    assert option_months(written) == tuple(months)
    assert option_months(f"{written} mån") == tuple(months)
    assert option_months(f"{len(months)} x {months[0]}") == (months[0],) * len(months)


@given(st.text("0123456789;+,x ånåmr-", max_size=12))
@settings(deadline=None)
def test_any_text_is_options_or_is_refused(written: str) -> None:
    months = option_months(written)
    assert months is None or (all(0 < month <= 120 for month in months) and sum(months) <= 600)


# Every row is accounted for

_cell = {
    "Avtalsnummer": st.sampled_from(["A1", "A2", "A3", "", "-", "900101-0017"]),
    "Organisationsnummer": st.sampled_from([ABBE, BERG, PERSON, "", f"{ABBE};{BERG}", "556016-0681", "900101"]),
    "Leverantör": st.sampled_from(["Abbe AB", "", "A;B;C", "HEMLIG;ANNA", "Berg AB;Abbe AB"]),
    "Kategori": st.sampled_from(["05.02", "", "IT", "05.02;06.01;IT"]),
    "Deltagare": st.sampled_from(["", "Skola", "Skola;Vård", "alla"]),
    "Startdatum": st.sampled_from(["2024-01-01", "", "2024-02-30", "2025-06", "x"]),
    "Slutdatum": st.sampled_from(["2024-12-31", "", "tills vidare", "2025-06", "9999-12-31", "y"]),
    "Optioner": st.sampled_from(["", "12;12", "1 år", "många"]),
    "Utnyttjade optioner": st.sampled_from(["", "1", "2", "ja", "z"]),
    "Avtalsvärde": st.sampled_from(["", "1 000", "12.500", "tio", "1,234,5"]),
}


@given(st.lists(st.fixed_dictionaries(_cell), min_size=1, max_size=8))
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_read_are_rows_accepted_and_rejected(read, rows) -> None:
    try:
        reading = read(rows)
    except InputError as error:
        assert re.search(r"register1\.csv, row \d+.*not one of \d+ rows|is empty", str(error))
        return
    filled = sum(any(value.strip() for value in row.values()) for row in rows)
    assert reading.control.rows_read == filled
    assert PERSON not in everything(reading) and "9001010017" not in everything(reading)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_in_words(read, content) -> None:
    with pytest.raises(InputError):
        read(content)


# Files as they come


def test_a_workbook_with_notes_and_a_title_above_the_header(tmp_path, masker):
    rows = [
        ["Avtalsförteckning 2025"],
        [],
        list(SOUND),
        ["A1", "Konsulter", 5560160680, "Abbe Bygg AB", "05.02", "", date(2024, 1, 1), date(2024, 12, 31)],
        ["A2", "Hyra", "202100-5489", "Berg AB", "", "", "2024-01-01", "Tills vidare"],
    ]
    notes = [["Kontaktlista"], ["namn", "telefon"], ["x", "1"]]
    path = tmp_path / "avtal.xlsx"
    path.write_bytes(workbook_bytes({"Läs mig": notes, "Avtal": rows}))
    reading = read_contracts([path], taxonomy=TAXONOMY, masker=masker)
    assert_whole(reading)
    assert reading.contracts[["file", "row_number"]].to_numpy().tolist() == [
        ["avtal.xlsx#Avtal", 4], ["avtal.xlsx#Avtal", 5]
    ]  # fmt: skip
    assert reading.scopes["supplier_key"].tolist() == ["5560160680", "2021005489"]
    assert [day(end) for end in reading.contracts["ends_on"]] == [date(2024, 12, 31), FAR_FUTURE]
    assert [item.note for item in reading.control.files] == [
        "Bladet hör inte till registret och lästes inte (3 rader).", ""
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-16-le", "|"), ("cp1252", ";"), ("cp1252", ",")],
)
def test_encodings_and_delimiters(read, encoding, delimiter):
    rows = [changed(Avtalsnummer=f"A{n}", Leverantör="Åke Ärlig AB", Kategori="05.02") for n in range(5)]
    reading = read(csv_text(rows, delimiter).encode(encoding))
    assert set(reading.contracts["supplier_names"]) == {"Åke Ärlig AB"}
    assert reading.control.rows_accepted == 5


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_an_encoding_that_is_named(read, encoding):
    assert one(read(csv_text([SOUND]).encode(encoding), encoding=encoding), "participants") == "Skola"


def test_an_encoding_that_is_not_the_files_is_told_without_speaking_of_the_ledger(read):
    with pytest.raises(InputError, match=r"register1\.csv, row 1: .*contracts\.encoding") as error:
        read(csv_text([SOUND]).encode("cp1252"), encoding="utf-8")
    assert "ledger" not in str(error.value)


def test_json(read):
    assert one(read(json.dumps([SOUND, changed(Avtalsnummer="")])), "contract_id") == "A1"


@pytest.mark.parametrize(
    "header",
    [
        ["Avtals-ID", "Avtalsnamn", "Leverantör", "Org.nr", "Giltig fr.o.m.", "Giltig t.o.m.", "Avtalsansvarig"],
        ["AVTALSNR", "Benämning", "Leverantörsnamn", "Organisationsnr", "Avtalsstart", "Avtalsslut", "Avtalsägare"],
        ["Diarienummer", "Rubrik", "Motpart", "OrgNr", "Avtal från", "Avtal till", "Ansvarig"],
        ["Contract ID", "Contract title", "Supplier", "supplier_number", "Start date", "End date", "Contract owner"],
    ],
)
def test_headers_of_systems_in_use_are_known(read, header):
    values = ["A1", "Konsulter", "Abbe Bygg AB", ABBE, "2024-01-01", "2024-12-31", "Skolchef"]
    reading = read([dict(zip(header, values, strict=True))])
    assert one(reading, "title") == "Konsulter"
    assert one(reading, "owner") == "Skolchef"
    assert (day(one(reading, "starts_on")), day(one(reading, "ends_on"))) == (date(2024, 1, 1), date(2024, 12, 31))
    assert reading.scopes["supplier_key"].tolist() == ["5560160680"]


def test_own_headers_decide_alone(read):
    row = {"Nr": "A1", "Avtalsnummer": "X9", "Part": ABBE, "Sista dag": "2024-12-31", "Slutdatum": "2030-01-01"}
    reading = read([row], columns={"contract_id": "nr", "supplier_number": "PART", "ends_on": "sista-dag"})
    assert one(reading, "contract_id") == "A1"
    assert day(one(reading, "ends_on")) == date(2024, 12, 31)


@pytest.mark.parametrize("register", [_REGISTER, _GROUPS])
def test_no_header_stands_for_two_columns(register):
    from procanalysis.read.headers import normal_header

    every = [normal_header(alias) for column, known in register.aliases.items() for alias in {column, *known}]
    once = {(column, normal_header(alias)) for column, known in register.aliases.items() for alias in (column, *known)}
    assert len({alias for _, alias in once}) == len(once)
    assert every


# What stops


@pytest.mark.parametrize(
    ("content", "form", "words"),
    [
        ("Avtalsnummer;Leverantör\n", {}, ["contract register is empty", "register1.csv", "take contracts out"]),
        ("", {}, ["contract register is empty"]),
        ([changed(Avtalsnummer="")], {}, ["register1.csv, row 2, column 'Avtalsnummer'", "not one of 1 rows"]),
        ([{"Leverantör": "A", "Startdatum": "2024-01-01"}], {}, ["row 1", "needs a column contract_id", "Avtalsnummer",
                                                           "contracts.columns"]),
        ([{"Avtalsnummer": "A", "Startdatum": "2024-01-01"}], {}, ["supplier_number or supplier_name"]),
        ([changed()], {"columns": {"title": "Avtalsnam"}},
         ["'title' is called 'Avtalsnam'", "Did you mean 'Avtalsnamn'", "contracts.columns"]),
        ("Avtalsnummer;Leverantör;Leverantör\nA;B;C\n", {}, ["'Leverantör' (supplier_name) stands in 2 columns"]),
        ([changed(Avtalsvärde="1", Värde="2")], {}, ["several columns may hold the value", "value: Avtalsvärde"]),
        ([{"leverantor": "A", "avtal": "1", "konto": "1", "fakturanummer": "2", "belopp": "3"}], {},
         ["looks like a supplier ledger", "contracts.files"]),
        ([{"900101-0017": "Hemlig Hemligsson", "x": "y"}], {}, ["holds values instead of headers"]),
        ([changed(Avtalsnummer=f"A{n}", Slutdatum="2024 dec") for n in range(12)], {},
         ["12 of 12 values in the column 'Slutdatum'", "contracts.date_order"]),
        ([changed(Avtalsnummer=f"A{n}", Leverantör=ABBE, Organisationsnummer="") for n in range(12)], {},
         ["'Leverantör' should hold the supplier name but holds numbers", "contracts.columns"]),
        ([changed(Avtalsnummer=f"A{n}", Avtalsvärde="12.500") for n in range(12)], {},
         ["'Avtalsvärde'", "contracts.decimal"]),
    ],
)  # fmt: skip
def test_what_stops_says_where_and_what_to_do(read, content, form, words):
    with pytest.raises(InputError) as error:
        read(content, **form)
    assert [word for word in words if word not in str(error.value)] == []
    assert "Hemlig" not in str(error.value) and "900101" not in str(error.value)


def test_a_ledger_is_refused_as_register_and_a_register_as_ledger(tmp_path, masker, csv_of, rows_of, connection):
    (tmp_path / "ledger.csv").write_text(csv_of(rows_of(12)), encoding="utf-8")
    with pytest.raises(InputError, match="looks like a supplier ledger"):
        read_contracts([tmp_path / "ledger.csv"], taxonomy=TAXONOMY, masker=masker)
    (tmp_path / "register.csv").write_text(csv_text([SOUND]), encoding="utf-8")
    with pytest.raises(InputError, match="looks like a contract register"):
        read_ledger(connection, [tmp_path / "register.csv"], masker=masker)


def test_files_that_are_not_there_or_damaged(tmp_path, masker):
    with pytest.raises(InputError, match=r"borta\.xlsx: the file cannot be opened"):
        read_contracts([tmp_path / "borta.xlsx"], taxonomy=TAXONOMY, masker=masker)
    (tmp_path / "trasig.xlsx").write_bytes(b"PK\x03\x04 trasig")
    with pytest.raises(InputError, match=r"trasig\.xlsx: the workbook cannot be read"):
        read_contracts([tmp_path / "trasig.xlsx"], taxonomy=TAXONOMY, masker=masker)


# Hostile cells and people


def everything(reading: ContractReading) -> str:
    frames = (reading.contracts, reading.scopes, reading.rejected)
    return "\n".join([*(str(frame.to_dict("records")) for frame in frames), str(reading.control)]).casefold()


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://x";"y")',
    "long": "å" * 10_000,
    "control": "a\x00b\x07c\x1bd",
    "direction": "a\u202eb\u200bc",
    "quote": '" onload="x',
    "null": "\x00",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_cells_are_text_like_any_other(read, name):
    cell = HOSTILE[name]
    free = dict.fromkeys(("Avtalsnamn", "Deltagare", "Avtalsägare", "Arkivplats", "Kategori", "Avtalstyp"), cell)
    reading = read([changed(**free), changed(Avtalsnummer=f"B{cell}"), changed(Startdatum=cell, Avtalsnummer="C")])
    assert not re.search("[\x00-\x1f\u200b\u202e]", "".join(map(str, reading.contracts.to_numpy().ravel())))
    if name in ("script", "formula", "long"):
        parts = [part.strip() for part in cell.split(";")]
        assert reading.contracts["title"][0] == cell
        assert reading.scopes["participant"][0] == parts[0].lower()
    assert all(len(word) <= 100 for word in (*reading.control.unknown_categories, *reading.control.unknown_kinds))
    assert reading.rejected["value"].str.len().max() <= 100 if len(reading.rejected) else name == "null"


FORBIDDEN = ("hemlig", "900101", "0017")


@pytest.mark.parametrize(
    "number", [PERSON, "9001010017", "19900101-0017", "SE900101001701", "900101-0018", "900101-00171", "900101+0017"]
)
def test_a_sole_traders_number_and_name_are_never_shown(read, masker, number):
    said = f"Arvode Hemlig Hemligsson {number}"
    free = dict.fromkeys(
        ("Avtalsnamn", "Avtalsägare", "Arkivplats", "Registrerad av", "Avtalstyp", "Kategori", "Avtalsklass"), said
    )
    rows = [
        changed(Avtalsnummer=number, Organisationsnummer=number, Leverantör="Hemlig Hemligsson", **free),
        changed(Avtalsnummer="A2 Hemlig Hemligsson", Organisationsnummer="", Leverantör="HEMLIGSSON;HEMLIG"),
        changed(Avtalsnummer="A3", Organisationsnummer=f"{number};{ABBE}", Leverantör="Hemlig Hemligsson;Abbe AB"),
        changed(Avtalsnummer="A4", Deltagare=number, Upphandlingsnummer=number),
        changed(Avtalsnummer="A5", Startdatum=number),
        changed(Avtalsnummer="A6", Slutdatum="Hemlig Hemligsson"),
        changed(Avtalsnummer="A3", Organisationsnummer=BERG, Avtalsnamn=said),
        changed(Avtalsnummer="A7", Organisationsnummer=number, Leverantör="A;Hemlig Hemligsson;B"),
        changed(Avtalsnummer="A9", Organisationsnummer=f"{number};{BERG}", Leverantör="A;Hemlig Hemligsson;B"),
        changed(Avtalsnummer=f"{number}-1"),
        changed(Avtalsnummer=f"{number}-2"),
        changed(Avtalsnummer="A8", Optioner=number),
    ]
    reading = read(rows)
    shown = everything(reading)
    assert [word for word in FORBIDDEN[: 3 if number in (PERSON, "9001010017") else 2] if word in shown] == []
    assert reading.contracts["contract_id"].is_unique and len(reading.contracts) == 7
    assert "suppliers_unpaired" in set(reading.rejected["reason"])


def test_numbers_and_names_stay_when_masking_is_off(read):
    reading = read(
        [changed(Organisationsnummer=PERSON, Leverantör="Anna Andersson")], masker=Masker(b"k", enabled=False)
    )
    assert reading.scopes["supplier_key"].tolist() == ["9001010017"]
    assert one(reading, "supplier_names") == "Anna Andersson"


def test_a_title_that_looks_like_a_number_is_hidden_and_a_contract_number_is_not(read):
    reading = read([changed(Avtalsnamn="Avtal 1101234567", Avtalsnummer="1101234567")])
    assert one(reading, "title") == f"Avtal {HIDDEN_NUMBER}"
    assert one(reading, "contract_id") == "1101234567"
