"""The list of procurements: planned, running and ended; every row accounted for."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.headers import normal_header
from procanalysis.read.procurements import _REGISTER, read_procurements
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.schema import PROCUREMENTS, REJECT_REASONS, names

TAXONOMY = read_taxonomy(Path(__file__).parents[2] / "params" / "taxonomies" / "procanalysis.csv")
SOUND = {
    "Upphandlingsnummer": "U1",
    "Benämning": "Städtjänster",
    "Kategori": "05.02",
    "Status": "Avslutad",
    "Planerad start": "2024-01-15",
    "Startad": "2024-02-01",
    "Planerat slut": "2024-09",
    "Avslutad": "2024-10-15",
}


def csv_text(rows: Sequence[dict[str, str]]) -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, delimiter=";", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path: Path, masker):
    def read_contents(content: Any, **form: Any):
        path = tmp_path / "upphandlingar.csv"
        content = csv_text(content) if isinstance(content, list) else content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = read_procurements([path], RegisterFormat(**form), taxonomy=TAXONOMY, masker=masker)
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert (len(reading.procurements), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
        assert list(reading.procurements.columns) == names(PROCUREMENTS)
        for column in PROCUREMENTS:
            kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
            assert str(reading.procurements[column.name].dtype) == kinds[column.type]
            assert not (column.required and reading.procurements[column.name].isna().any())
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        assert reading.procurements["procurement_id"].is_unique
        return reading

    return read_contents


def changed(**cells: str) -> dict[str, str]:
    return {**SOUND, **cells}


def test_a_list_with_every_column(read):
    row = changed(
        **{"Ersätter avtal": "A7", "Upphandlare": "Inköp 2", "Deltagare": "Regionen; Kommunen", "Planerad": "ja"},
        **{"Antal anbud": "4", "Uppskattat värde": "4 500 000", "Besparingspotential": "125 000,50"},
    )
    (found,) = read([row]).procurements.to_dict("records")
    assert {name: pd.Timestamp(value).date() if name.endswith("_on") else value for name, value in found.items()} == {
        "procurement_id": "U1", "title": "Städtjänster", "category_code": "05.02", "replaces_contract_id": "A7",
        "buyer": "Inköp 2", "participants": "Regionen;Kommunen", "is_planned": 1, "status": "finished",
        "planned_start_on": date(2024, 1, 15), "started_on": date(2024, 2, 1), "planned_end_on": date(2024, 9, 30),
        "ended_on": date(2024, 10, 15), "bids_count": 4, "value_ore": 450_000_000,
        "saving_potential_ore": 12_500_050, "file": "upphandlingar.csv", "row_number": 2,
    }  # fmt: skip


def test_words_for_status_and_plan(read):
    statuses = {
        "Planerad": "planned", "kommande": "planned", "PÅGÅR": "running", "Annonserad": "running",
        "Avslutad": "finished", "klar": "finished", "Avbruten": "cancelled", "running": "running",
    }  # fmt: skip
    plans = ["ja", "Nej", "", "x", "oplanerad", "1", "0", "-"]
    rows = [
        changed(Upphandlingsnummer=f"U{n}", Status=word, Planerad=plan)
        for n, (word, plan) in enumerate(zip(statuses, plans, strict=True))
    ]
    reading = read(rows)
    assert reading.procurements["status"].tolist() == list(statuses.values())
    assert reading.procurements["is_planned"].fillna(-1).tolist() == [1, 0, -1, 1, 0, 1, 0, -1]


def test_categories(read):
    words = ["05.02", "Städ", "IT", "05.02;IT", ""]
    reading = read(
        [changed(Upphandlingsnummer=f"U{n}", Kategori=word) for n, word in enumerate(words)],
        categories={"städ": "06.01"},
    )
    assert reading.procurements["category_code"].fillna("").tolist() == ["05.02", "06.01", "", "", ""]
    assert reading.control.unknown_categories == ("IT", "05.02")


FAULTS = [
    ({"Upphandlingsnummer": ""}, "Upphandlingsnummer", "id_missing"),
    ({"Upphandlingsnummer": "U0"}, "Upphandlingsnummer", "id_repeated"),
    ({"Benämning": "–"}, "Benämning", "title_missing"),
    ({"Status": ""}, "Status", "status_unknown"),
    ({"Status": "På gång snart"}, "Status", "status_unknown"),
    ({"Planerad": "kanske"}, "Planerad", "answer_unreadable"),
    ({"Startad": "2024-11-01"}, "Avslutad", "ends_before_start"),
    ({"Planerad start": "2025-01-01"}, "Planerat slut", "ends_before_start"),
    ({"Startad": "i våras"}, "Startad", "date_unreadable"),
    ({"Avslutad": "9999-12-31"}, "Avslutad", "date_unreadable"),
    ({"Antal anbud": "två"}, "Antal anbud", "count_unreadable"),
    ({"Värde": "12.500"}, "Värde", "amount_ambiguous"),
]


def test_a_row_at_fault_is_rejected_with_its_column_and_reason(read):
    rows = [changed(**{"Upphandlingsnummer": f"U{n}"} | cells) for n, (cells, _, _) in enumerate(FAULTS, start=1)]
    reading = read([changed(Upphandlingsnummer="U0"), *rows])
    found = reading.rejected[["row_number", "column", "reason"]].itertuples(index=False, name=None)
    assert list(found) == [(n, column, reason) for n, (_, column, reason) in enumerate(FAULTS, start=3)]
    assert "På gång snart" in reading.rejected["value"].tolist()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([{"Benämning": "A", "Status": "Klar"}], ["needs a column procurement_id", "procurements.columns"]),
        ([{"Upphandlingsnummer": "A", "Status": "Klar"}], ["needs a column title"]),
        ([{"Upphandlingsnummer": "A", "Benämning": "B"}], ["needs a column status"]),
        ([changed(Status="x")], ["row 2, column 'Status'", "not one of 1 rows of the list of procurements"]),
        ("Upphandlingsnummer;Benämning;Status\n", ["The list of procurements is empty", "take procurements out"]),
        ([changed(Värde="1", Avtalsvärde="2")], ["several columns may hold the value", "procurements.columns"]),
    ],
)
def test_what_stops_says_where_and_what_to_do(read, content, words):
    with pytest.raises(InputError) as error:
        read(content)
    assert [word for word in words if word not in str(error.value)] == []


def test_a_category_word_translated_to_no_code_stops(read):
    with pytest.raises(InputError, match=r"procurements\.categories: 'Städ' is said to be '77'"):
        read([SOUND], categories={"Städ": "77"})


def test_a_workbook_and_encodings(tmp_path, masker, read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Plan")
        sheet.write_row(0, 0, list(SOUND))
        sheet.write_row(1, 0, [17, "Städ", "05.02", "pågår", "", date(2024, 2, 1), "", ""])
    path = tmp_path / "plan.xlsx"
    path.write_bytes(stream.getvalue())
    found = read_procurements([path], taxonomy=TAXONOMY, masker=masker).procurements
    assert found[["procurement_id", "status"]].to_numpy().tolist() == [["17", "running"]]
    assert found["started_on"].dt.date.tolist() == [date(2024, 2, 1)]
    for encoding in ("utf-16", "cp1252"):
        assert read(csv_text([SOUND]).encode(encoding)).procurements["title"].tolist() == ["Städtjänster"]


def test_personal_numbers_and_hostile_cells(read):
    said = "Arvode 900101-0017 <script>\x00\u202e"
    rows = [
        changed(Benämning=said, Upphandlare=said, Deltagare=said, Kategori=said, **{"Ersätter avtal": "9001010017"}),
        changed(Upphandlingsnummer="F-900101-0017", Benämning="å" * 10_000),
        changed(Upphandlingsnummer="U3", Startad=said),
        changed(Upphandlingsnummer="U4", Status=said),
    ]
    reading = read(rows)
    frames = (reading.procurements, reading.rejected)
    shown = "".join([*(str(frame.to_dict("records")) for frame in frames), str(reading.control)])
    assert [word for word in ("900101", "0017", "\\x00", "\\u202e") if word in shown] == []
    assert reading.procurements["title"].str.len().max() == 10_000


def test_no_header_stands_for_two_columns():
    once = {(column, normal_header(a)) for column, known in _REGISTER.aliases.items() for a in (column, *known)}
    assert len({alias for _, alias in once}) == len(once)


_cell = {
    "Upphandlingsnummer": st.sampled_from(["U1", "U2", "", "-"]),
    "Benämning": st.sampled_from(["Städ", ""]),
    "Status": st.sampled_from(["klar", "pågår", "x", ""]),
    "Startad": st.sampled_from(["2025-01-01", "2025-12-31", "", "x"]),
    "Avslutad": st.sampled_from(["2025-06-30", "", "y"]),
    "Värde": st.sampled_from(["", "12.500", "10", "1,50"]),
}


@given(st.lists(st.fixed_dictionaries(_cell), min_size=1, max_size=8))
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_read_are_rows_accepted_and_rejected(read, rows) -> None:
    try:
        reading = read(rows)
    except InputError as error:
        assert "not one of" in str(error) or "is empty" in str(error)
        return
    assert reading.control.rows_read == sum(any(value.strip() for value in row.values()) for row in rows)
