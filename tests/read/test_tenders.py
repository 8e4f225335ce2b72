"""Tender statistics: Upphandlingsmyndigheten's sheets and own tables; every row accounted for, nobody in sight."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders import TenderReading, read_tenders
from procanalysis.read.tenders.lists import LISTS
from procanalysis.read.tenders.words import supplier_size
from procanalysis.schema import REJECT_REASONS, TENDER_TABLES, names

# The headers of Upphandlingsmyndigheten's sheets that are read, and one that is not.
SHARED = {
    "År": 2021.0,
    "Namn för köpare": "REGION PÅHITT",
    "Organisationsnummer för köpare": "2321000164",
    "Sektor för köpare": "Region",
    "Upphandlingsslag": "Tjänster",
    "CPV-Huvudgrupp": "79000000 Företagstjänster",
    "CPV-Grupp": "79500000 Kontorstjänster",
    "Huvudsaklig CPV-kod": "79530000 Översättning",
    "Direktivstyrd": "True",
    "Förfarande": "Öppet förfarande",
    "Typ av avtal": "Ramavtal",
    "Dynamiskt inköpssystem": "False",
    "Anbudsområden": "False",
    "Samordnad upphandling": "False",
    "Miljömässigt hållbar upphandling": "",
    "Socialt hållbar upphandling": True,
    "Annonsdatabas": "Mercell Annonsdatabas",
    "Överprövad": False,
    "Upphandlings-ID": "MT1",
    "Upphandlingens titel": "Tolk",
    "Publiceringsdatum": "2021-01-04",
}
MEASURES = {
    "procurements": {"Antal upphandlingar, Summa": 1.0},
    "lots": {"Anbudsområdes-ID": "CAN-MT-a-01_1", "Antal anbud, Summa": 3.0},
    "values": {"Kontrakterat värde, Summa": 1460.0},
    "awards": {
        "Anbudsområdes-ID": "CAN-MT-a-01_1",
        "Namn för leverantör": "Tolkarna AB",
        "Sektor för leverantör": "Privat",
        "Företagsstorlek för leverantör": "Små företag",
        "Juridisk form för leverantör": "Övriga aktiebolag",
        "Antal kontrakterade anbud*, Summa": 1.0,
    },
}


def row(of: str, **changes: Any) -> dict[str, Any]:
    return {**SHARED, **MEASURES[of], **{name.replace("_", " "): value for name, value in changes.items()}}


def workbook(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Antal, Summa")
    header = list(rows[0])
    sheet.write_row(0, 0, header)
    for place, one in enumerate(rows, start=1):
        sheet.write_row(place, 0, [one[name] for name in header])
    book.close()
    return path


def csv_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


def checked(reading: TenderReading) -> TenderReading:
    """Whatever was read: it adds up, and the tables have the columns and types of the schema."""
    for name, columns in TENDER_TABLES.items():
        frame = getattr(reading, name)
        assert list(frame.columns) == names(columns)
        for column in columns:
            kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
            assert str(frame[column.name].dtype) == kinds[column.type]
            assert not (column.required and frame[column.name].isna().any())
        if name not in reading.controls:
            assert len(frame) == 0
            continue
        control = reading.controls[name]
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert control.rows_accepted == len(frame)
        assert control.rows_read == sum(file.rows_read for file in control.files)
    assert len(reading.rejected) == sum(control.rows_rejected for control in reading.controls.values())
    assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
    assert reading.procurements["procurement_id"].is_unique and reading.lots["lot_id"].is_unique
    return reading


@pytest.fixture
def read(tmp_path: Path, masker: Masker):
    def read_rows(
        forms: Mapping[str, RegisterFormat] | None = None, write: Any = workbook, masker: Masker = masker, **rows: Any
    ) -> TenderReading:
        suffix = ".xlsx" if write is workbook else ".csv"
        files = {name: [write(tmp_path / f"{name}{suffix}", listed)] for name, listed in rows.items()}
        return checked(read_tenders(files, forms, masker=masker))

    return read_rows


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if pd.isna(value) else value for name, value in record.items() if name != "file"}


def test_the_four_sheets_of_the_microdata(read):
    reading = read(**{name: [row(name)] for name in MEASURES})
    shared = {
        "procurement_id": "MT1", "buyer_number": "2321000164", "buyer_name": "REGION PÅHITT",
        "announced_on": pd.Timestamp(date(2021, 1, 4)), "row_number": 2,
    }  # fmt: skip
    assert plain(reading.procurements.iloc[0]) == shared | {
        "title": "Tolk", "buyer_sector": "Region", "buyer_subsector": None, "kind": "services", "procedure": "open",
        "cpv_code": "79530000", "cpv_main_code": "79000000", "cpv_main_name": "Företagstjänster",
        "is_above_threshold": 1, "is_framework": 1, "is_dynamic": 0, "has_lots": 0, "is_coordinated": 0,
        "is_environmental": None, "is_social": 1, "is_reviewed": 0, "notice_database": "Mercell Annonsdatabas",
    }  # fmt: skip
    assert plain(reading.lots.iloc[0]) == shared | {"lot_id": "MT1/CAN-MT-a-01_1", "bids_count": 3}
    assert plain(reading.values.iloc[0]) == shared | {"title": "Tolk", "value_ore": 146_000}
    assert plain(reading.awards.iloc[0]) == shared | {
        "lot_id": "MT1/CAN-MT-a-01_1", "supplier_key": "namn:tolkarna ab", "supplier_name": "Tolkarna AB",
        "supplier_sector": "Privat", "supplier_size": "small", "supplier_county": None, "contracted_count": 1,
    }  # fmt: skip
    assert list(reading.controls) == list(MEASURES)


def test_only_the_tables_given_are_read(read):
    reading = read(lots=[row("lots")])
    assert list(reading.controls) == ["lots"] and len(reading.procurements) == 0


@pytest.mark.parametrize(
    ("table", "changes", "reason"),
    [
        ("procurements", {"Upphandlings-ID": ""}, "id_missing"),
        ("procurements", {"Överprövad": "kanske"}, "answer_unreadable"),
        ("procurements", {"Publiceringsdatum": "igår"}, "date_unreadable"),
        ("procurements", {}, "id_repeated"),
        ("lots", {"Antal anbud, Summa": "många 3"}, "count_unreadable"),
        ("lots", {"Antal anbud, Summa": -1.0}, "count_unreadable"),
        ("lots", {"Upphandlings-ID": "–"}, "id_missing"),
        ("lots", {}, "id_repeated"),
        ("values", {"Kontrakterat värde, Summa": "1,2,3"}, "amount_unreadable"),
        ("values", {"Kontrakterat värde, Summa": 10.0**15}, "amount_too_large"),
        ("values", {}, "id_repeated"),
        ("awards", {"Namn för leverantör": ""}, "supplier_missing"),
        ("awards", {"Upphandlings-ID": ""}, "id_missing"),
    ],
)
def test_what_is_wrong_is_rejected_with_its_reason(read, table, changes, reason):
    reading = read(**{table: [row(table), {**row(table), **changes}]})
    assert reading.rejected[["reason", "row_number"]].to_numpy().tolist() == [[reason, 3]]


def test_what_is_not_stated_is_missing_and_nothing_is_guessed(read):
    empty = {
        "Upphandlingsslag": "", "CPV-Huvudgrupp": "00000000 Uppgift saknas", "Huvudsaklig CPV-kod": "",
        "Förfarande": "Uppgift saknas", "Typ av avtal": "", "Överprövad": "", "Organisationsnummer för köpare": "",
        "Socialt hållbar upphandling": "",
    }  # fmt: skip
    found = plain(read(procurements=[row("procurements") | empty]).procurements.iloc[0])
    for name in ("kind", "cpv_code", "cpv_main_code", "procedure", "is_framework", "is_reviewed", "buyer_number",
                 "is_social"):  # fmt: skip
        assert found[name] is None, name
    lots = read(lots=[row("lots"), {**row("lots"), "Antal anbud, Summa": "", "Anbudsområdes-ID": "x"}]).lots
    assert lots["bids_count"].tolist()[0] == 3 and pd.isna(lots["bids_count"].iloc[1])
    values = read(values=[row("values"), {**row("values"), "Kontrakterat värde, Summa": ""}]).values
    assert pd.isna(values["value_ore"].iloc[1])


def test_lots_are_numbered_within_their_procurement(read):
    numbered = [("U1", "1"), ("U1", "2"), ("U2", "1"), ("U3", "")]
    lots = [{"Upphandlingsnummer": one, "Delområde": lot, "Antal anbud": "2"} for one, lot in numbered]
    awards = [{"Upphandlingsnummer": one, "Delområde": lot, "Leverantör": "Abbe AB"} for one, lot in numbered]
    reading = read(None, csv_file, lots=lots, awards=awards)
    assert reading.lots["lot_id"].tolist() == reading.awards["lot_id"].tolist() == ["U1/1", "U1/2", "U2/1", "U3"]


@pytest.mark.parametrize(
    ("code", "employees", "size"),
    [
        ("0", "Uppgift saknas", None), ("1", "0 anställda", "micro"), ("2", "1–4", "micro"), ("3", "5–9", "micro"),
        ("4", "10–19", "small"), ("5", "20–49", "small"), ("6", "50–99", "medium"), ("7", "100–199", "medium"),
        ("8", "200–499", "unclear"), ("9", "500–999", "large"), ("10", "1 000–1 499", "large"),
        ("16", "10 000–", "large"), ("17", "många", None), ("", "5-60 anställda", "small_or_medium"),
        ("", "249 anställda", "medium"), ("", "250 anställda", "large"), ("", "9-5", None), ("", "300", None),
    ],
)  # fmt: skip
def test_size_classes_of_statistics_sweden(code, employees, size):
    assert supplier_size(employees) == size
    if code:
        assert supplier_size(None, code) == size


def test_words_that_are_not_understood_are_listed(read):
    reading = read(
        procurements=[row("procurements") | {"Upphandlingsslag": "Koncession"}],
        awards=[row("awards") | {"Företagsstorlek för leverantör": "Jättar"}],
    )
    assert reading.controls["procurements"].unknown_kinds == ("Koncession",)
    assert reading.controls["awards"].unknown_classes == ("Jättar",)
    assert pd.isna(reading.procurements["kind"].iloc[0]) and pd.isna(reading.awards["supplier_size"].iloc[0])


def test_the_same_number_of_two_buyers_stays_two_values(read):
    # MT4321 is both a central purchasing body's and a region's in the real data.
    rows = [row("values"), row("values") | {"Organisationsnummer för köpare": "2321000255"}]
    rows.append(row("values") | {"Kontrakterat värde, Summa": 99.5})
    assert read(values=rows).values["value_ore"].tolist() == [146_000, 146_000, 9_950]


def test_people_are_hidden_in_names_titles_and_rejected_values(read):
    person = {"Namn för leverantör": "Svea Påhittsdotter", "Juridisk form för leverantör": "Fysiska personer"}
    hidden = {"Namn för leverantör": "Personuppgift", "Juridisk form för leverantör": "Fysiska personer"}
    number = {"Namn för leverantör": "ANDERSSON;ANNA"}
    listed = [
        row("procurements") | {"Upphandlingens titel": "Tolk Svea Påhittsdotter 900101-0017"},
        row("procurements") | {"Upphandlings-ID": "MT2", "Organisationsnummer för köpare": "900101-0017"},
        row("procurements") | {"Upphandlings-ID": "MT3", "Överprövad": "Svea Påhittsdotter"},
    ]
    awards = [row("awards"), *(row("awards") | one for one in (person, hidden, number))]
    reading = read(procurements=listed, awards=awards)
    shown = "".join(getattr(reading, name).to_csv() for name in (*TENDER_TABLES, "rejected"))
    for secret in ("Svea", "Påhittsdotter", "ANNA", "900101", "9001010017"):
        assert secret not in shown, secret
    keys = reading.awards["supplier_key"]
    assert keys.iloc[1].startswith("dold:") and pd.isna(keys.iloc[2]) and keys.iloc[3].startswith("dold:")
    assert reading.awards["supplier_name"].iloc[1].startswith("Enskild firma #")
    assert reading.awards["supplier_name"].iloc[2] == "Personuppgift"
    open_reading = read(procurements=listed, awards=awards, masker=Masker(b"k", enabled=False))
    assert "Svea Påhittsdotter" in open_reading.awards["supplier_name"].tolist()


def test_an_own_table_by_usual_headers_or_by_a_column_map(read):
    listed = [
        {"Diarienr": "U-1", "Beställare": "Vår nämnd", "Org": "232100-0164", "Ut": "2024-02-01", "Sak": "Städ",
         "Inkom": "4", "Summa avtal": "1 250 000,50", "Valuta": "SEK"},
        {"Diarienr": "U-2", "Beställare": "Vår nämnd", "Org": "SE232100016401", "Ut": "2024-03-01", "Sak": "Bil",
         "Inkom": "1", "Summa avtal": "10", "Valuta": "EUR"},
    ]  # fmt: skip
    columns = {"procurement_id": "Diarienr", "buyer_number": "Org", "buyer_name": "Beställare", "announced_on": "Ut"}
    forms = {
        "procurements": RegisterFormat(columns={**columns, "title": "Sak"}),
        "lots": RegisterFormat(columns={**columns, "bids_count": "Inkom"}),
        "values": RegisterFormat(columns={**columns, "title": "Sak", "value": "Summa avtal"}),
    }
    reading = read(forms, csv_file, procurements=listed, lots=listed, values=listed)
    assert reading.procurements["buyer_number"].tolist() == ["2321000164"] * 2
    assert reading.procurements["title"].tolist() == ["Städ", "Bil"]
    assert reading.lots[["lot_id", "bids_count"]].to_numpy().tolist() == [["U-1", 4], ["U-2", 1]]
    assert reading.values["value_ore"].tolist() == [125_000_050]
    assert reading.rejected[["reason", "value"]].to_numpy().tolist() == [["other_currency", "EUR"]]
    usual = [{"Upphandlingsnummer": "1", "Upphandlande organisation": "X", "Annonserad": "2024-01-01", "Ramavtal": "ja",
              "Miljökrav": "nej", "Upphandlingsslag": "Vara"}]  # fmt: skip
    found = plain(read(None, csv_file, procurements=usual).procurements.iloc[0])
    assert (found["is_framework"], found["is_environmental"], found["kind"]) == (1, 0, "goods")


def test_a_sheet_of_another_table_is_refused(read):
    for other, what in (("lots", "bids per lot"), ("values", "contract values"), ("awards", "awarded suppliers")):
        with pytest.raises(InputError, match=f"the table of {what}, not of procurements"):
            read(procurements=[row(other)])
    with pytest.raises(InputError, match="needs a column bids_count"):
        read(lots=[row("procurements")])


def test_the_same_delivery_twice_is_refused(tmp_path, masker):
    first = csv_file(tmp_path / "a.csv", [row("values")])
    second = csv_file(tmp_path / "b.csv", [row("values")])
    with pytest.raises(InputError, match="given twice"):
        read_tenders({"values": [first, second]}, masker=masker)


def test_what_cannot_be_read_at_all_is_refused(tmp_path, masker, read):
    with pytest.raises(InputError, match=r"no table 'bids'"):
        read_tenders({"bids": []}, masker=masker)
    with pytest.raises(InputError, match="no files are given"):
        read_tenders({"lots": []}, masker=masker)
    empty = tmp_path / "tom.csv"
    empty.write_text("Upphandlings-ID;Antal anbud\n", encoding="utf-8")
    with pytest.raises(InputError, match="is empty"):
        read_tenders({"lots": [empty]}, masker=masker)
    with pytest.raises(InputError, match=r"not one of 1 rows.*tenders\.lots\.columns"):
        read(lots=[row("lots") | {"Upphandlings-ID": ""}])
    with pytest.raises(InputError, match="cannot be opened"):
        read_tenders({"lots": [tmp_path / "saknas.xlsx"]}, masker=masker)


written = st.one_of(
    st.sampled_from(["", "–", "MT1", "MT2", "True", "False", "ja", "2021-01-01", "31/12/2021", "0", "3", "-1",
                     "1 000,50", "1.5", "900101-0017", "ANDERSSON;ANNA", "Personuppgift", "45000000 Anläggning", "=1+1",
                     "\x00", "Fysiska personer", "Uppgift saknas", "200–499 anställda"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(MEASURES)), st.lists(st.lists(written, min_size=30, max_size=30), min_size=1, max_size=4))
def test_whatever_the_cells_hold_every_row_is_accounted_for(tmp_path, masker, table, drawn):
    header = list(row(table))
    listed = [row(table), *(dict(zip(header, cells, strict=False)) | {} for cells in drawn)]
    path = csv_file(tmp_path / "anbud.csv", [{name: one.get(name, "") for name in header} for one in listed])
    try:
        reading = checked(read_tenders({table: [path]}, masker=masker))
    except InputError:
        return
    assert "900101-0017" not in getattr(reading, table).to_csv() + reading.rejected.to_csv()


def test_every_column_of_ours_has_a_header_and_no_header_two_columns() -> None:
    for table, register in LISTS.items():
        for column in (*register.dates, *register.amounts, *register.counts, *sum(register.needed, ())):
            assert column in register.aliases, (table, column)
        said = [header for headers in register.aliases.values() for header in headers]
        assert len(said) == len(set(said)), table
