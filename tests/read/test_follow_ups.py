"""The register of follow-ups: who was followed up, how and when; every row accounted for; nobody shown."""

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
from procanalysis.read.contracts import read_contracts
from procanalysis.read.follow_ups import _REGISTER, read_follow_ups
from procanalysis.read.headers import normal_header
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.schema import FOLLOW_UPS, REJECT_REASONS, names

TAXONOMY = read_taxonomy(Path(__file__).parents[2] / "params" / "taxonomies" / "procanalysis.csv")
ABBE, BERG, PERSON = "556016-0680", "202100-5489", "900101-0017"
SOUND = {
    "Uppföljningsnummer": "F1",
    "Avtalsnummer": "A1",
    "Organisationsnummer": ABBE,
    "Leverantör": "Abbe Bygg AB",
    "Uppföljningsform": "Uppföljningsmöte",
    "Planerad": "2025-03",
    "Genomförd": "2025-04-02",
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
    def read_contents(content: Any, scopes: pd.DataFrame | None = None, **form: Any):
        path = tmp_path / "uppfoljning.csv"
        content = csv_text(content) if isinstance(content, list) else content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = read_follow_ups([path], RegisterFormat(**form), masker=masker, scopes=scopes)
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert (len(reading.follow_ups), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
        assert list(reading.follow_ups.columns) == names(FOLLOW_UPS)
        for column in FOLLOW_UPS:
            kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
            assert str(reading.follow_ups[column.name].dtype) == kinds[column.type]
            assert not (column.required and reading.follow_ups[column.name].isna().any())
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        return reading

    return read_contents


def changed(**cells: str) -> dict[str, str]:
    return {**SOUND, **cells}


def test_a_register_with_every_column(read):
    row = changed(
        Resultat="Två brister", Avvikelse="Sen leverans", Eskaleringssteg="Steg 2", Åtgärdad="2025-05-01"
    )  # fmt: skip
    (found,) = read([row]).follow_ups.to_dict("records")
    assert {name: pd.Timestamp(value).date() if name.endswith("_on") else value for name, value in found.items()} == {
        "follow_up_id": "F1", "contract_id": "A1", "supplier_key": "5560160680", "supplier_name": "Abbe Bygg AB",
        "kind": "meeting", "planned_on": date(2025, 3, 31), "done_on": date(2025, 4, 2), "result": "Två brister",
        "deviation": "Sen leverans", "escalation_step": 2, "closed_on": date(2025, 5, 1),
        "file": "uppfoljning.csv", "row_number": 2,
    }  # fmt: skip


def test_kinds_are_swedish_words_or_those_of_the_organisation_file(read):
    kinds = {
        "möte": "meeting", "Avstämning": "check_in", "EGENRAPPORTERING": "self_assessment",
        "Skrivbordskontroll": "desk_review", "Revision": "audit", "audit": "audit", "Kaffe": "meeting",
    }  # fmt: skip
    rows = [changed(Uppföljningsnummer=f"F{n}", Uppföljningsform=word) for n, word in enumerate(kinds)]
    reading = read(
        [*rows, changed(Uppföljningsnummer="F8", Uppföljningsform="Lunch & prat")], kinds={"kaffe": "meeting"}
    )
    assert reading.follow_ups["kind"].tolist() == list(kinds.values())
    assert reading.rejected[["column", "value", "reason"]].to_numpy().tolist() == [
        ["Uppföljningsform", "Lunch & prat", "kind_unknown"]
    ]
    assert reading.control.unknown_kinds == ("Lunch & prat",)


@pytest.mark.parametrize("word", ["", "-", "Nej", "Inga avvikelser", "0"])
def test_a_word_for_none_is_no_deviation(read, word):
    assert read([changed(Avvikelse=word)]).follow_ups["deviation"].isna().all()


def test_a_follow_up_that_is_only_planned_and_one_without_number(read):
    reading = read([changed(Genomförd=""), changed(Uppföljningsnummer="", Planerad="", Eskaleringssteg="0")])
    assert reading.follow_ups["done_on"].isna().tolist() == [True, False]
    assert reading.follow_ups["follow_up_id"].tolist() == ["F1", "uppfoljning.csv:3"]
    assert reading.follow_ups["escalation_step"].isna().all()


FAULTS = [
    ({"Uppföljningsnummer": "F0"}, "Uppföljningsnummer", "id_repeated"),
    ({"Planerad": "", "Genomförd": " "}, "Genomförd", "date_missing"),
    ({"Genomförd": "2025-02-30"}, "Genomförd", "date_unreadable"),
    ({"Planerad": "snart"}, "Planerad", "date_unreadable"),
    ({"Uppföljningsform": ""}, "Uppföljningsform", "kind_unknown"),
    ({"Eskaleringssteg": "högt"}, "Eskaleringssteg", "count_unreadable"),
    ({"Organisationsnummer": "", "Leverantör": ""}, "Organisationsnummer", "supplier_missing"),
    ({"Organisationsnummer": f"{ABBE};{BERG}"}, "Organisationsnummer", "supplier_missing"),
    ({"Organisationsnummer": f"{ABBE};{BERG}", "Leverantör": "A;B;C"}, "Leverantör", "suppliers_unpaired"),
]


def test_a_row_at_fault_is_rejected_with_its_column_and_reason(read):
    rows = [changed(**{"Uppföljningsnummer": f"F{n}"} | cells) for n, (cells, _, _) in enumerate(FAULTS, start=1)]
    reading = read([changed(Uppföljningsnummer="F0"), *rows])
    found = reading.rejected[["row_number", "column", "reason"]].itertuples(index=False, name=None)
    assert list(found) == [(n, column, reason) for n, (_, column, reason) in enumerate(FAULTS, start=3)]


def test_the_supplier_of_a_contract_with_one_supplier_is_known_from_the_contract(read, tmp_path, masker):
    rows = [
        {"Avtalsnummer": "A1", "Organisationsnummer": PERSON},
        {"Avtalsnummer": "A2", "Organisationsnummer": f"{ABBE};{BERG}"},
        {"Avtalsnummer": PERSON, "Organisationsnummer": ABBE},
    ]
    (tmp_path / "avtal.csv").write_text(csv_text(rows), encoding="utf-8")
    groups = pd.DataFrame({"group": ["G", "G"], "supplier_key": ["5560160680", "2021005489"]})
    scopes = read_contracts([tmp_path / "avtal.csv"], taxonomy=TAXONOMY, masker=masker, groups=groups).scopes
    without = {name: value for name, value in SOUND.items() if name not in ("Organisationsnummer", "Leverantör")}
    numbers = ["A1", "A2", PERSON, "A9"]
    reading = read(
        [{**without, "Uppföljningsnummer": f"F{n}", "Avtalsnummer": a} for n, a in enumerate(numbers)], scopes=scopes
    )
    assert reading.follow_ups["supplier_key"].tolist() == [masker.supplier_key("9001010017"), "5560160680"]
    assert reading.rejected[["row_number", "column", "reason"]].to_numpy().tolist() == [
        [3, "Avtalsnummer", "supplier_missing"], [5, "Avtalsnummer", "supplier_missing"]
    ]  # fmt: skip
    assert set(reading.follow_ups["contract_id"]) <= set(scopes["contract_id"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([{"Leverantör": "A", "Datum": "2025-01-01"}], ["needs a column kind", "follow_ups.columns"]),
        ([{"Leverantör": "A", "Typ": "möte"}], ["needs a column planned_on or done_on"]),
        ([{"Typ": "möte", "Datum": "2025-01-01"}], ["needs a column supplier_number or supplier_name or contract_id"]),
        ([changed(Uppföljningsform="x")], ["row 2, column 'Uppföljningsform'", "not one of 1 rows of the register of"]),
        ("Leverantör;Typ;Datum\n", ["The register of follow-ups is empty", "take follow_ups out"]),
    ],
)
def test_what_stops_says_where_and_what_to_do(read, content, words):
    with pytest.raises(InputError) as error:
        read(content)
    assert [word for word in words if word not in str(error.value)] == []


def test_a_workbook_and_encodings(tmp_path, masker, read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Uppföljning")
        sheet.write_row(0, 0, list(SOUND))
        sheet.write_row(1, 0, ["F1", 17, 5560160680, "Abbe", "möte", "", date(2025, 4, 2)])
    path = tmp_path / "u.xlsx"
    path.write_bytes(stream.getvalue())
    found = read_follow_ups([path], masker=masker).follow_ups
    assert found[["contract_id", "supplier_key"]].to_numpy().tolist() == [["17", "5560160680"]]
    for encoding in ("utf-16", "cp1252"):
        text = csv_text([changed(Leverantör="Åke Ärlig AB")]).encode(encoding)
        assert read(text).follow_ups["supplier_name"].tolist() == ["Åke Ärlig AB"]


def test_a_sole_trader_and_hostile_cells_are_not_shown_as_they_are(read):
    said = f"Hemlig Hemligsson {PERSON} <script>\x00"
    free = dict.fromkeys(("Resultat", "Avvikelse"), said)
    rows = [
        changed(Organisationsnummer=PERSON, Leverantör="Hemlig Hemligsson", Avtalsnummer=PERSON, **free),
        changed(Uppföljningsnummer=said, Organisationsnummer="", Leverantör="HEMLIGSSON;HEMLIG", **free),
        changed(Uppföljningsnummer="F3", Genomförd=said),
        changed(Uppföljningsnummer="F4", Uppföljningsform=said),
        changed(Uppföljningsnummer="F5", Resultat="x" * 10_000),
    ]
    reading = read(rows)
    frames = (reading.follow_ups, reading.rejected)
    shown = "".join([*(str(frame.to_dict("records")) for frame in frames), str(reading.control)]).casefold()
    assert [word for word in ("hemlig", "900101", "\x00", "\\x00") if word in shown] == []
    assert reading.follow_ups["result"].str.len().max() == 10_000
    assert reading.follow_ups["result"].str.contains("<script>").sum() == 2


def test_no_header_stands_for_two_columns():
    once = {(column, normal_header(a)) for column, known in _REGISTER.aliases.items() for a in (column, *known)}
    assert len({alias for _, alias in once}) == len(once)


_cell = {
    "Uppföljningsnummer": st.sampled_from(["F1", "F2", "", "-"]),
    "Avtalsnummer": st.sampled_from(["A1", ""]),
    "Organisationsnummer": st.sampled_from([ABBE, PERSON, "", "556016-0681", f"{ABBE};{BERG}"]),
    "Leverantör": st.sampled_from(["Abbe AB", "", "A;B;C"]),
    "Typ": st.sampled_from(["möte", "revision", "x", ""]),
    "Planerad": st.sampled_from(["2025-01", "", "x"]),
    "Genomförd": st.sampled_from(["2025-01-02", "", "y"]),
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
