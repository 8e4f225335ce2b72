"""One identity per supplier, whatever way the ledger writes it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from procanalysis.read.identity import describe_suppliers, identify, masked
from procanalysis.read.supplier_numbers import Masker, is_written_as_person, recognise_number
from procanalysis.schema import NUMBER_STATUSES, SUPPLIER_TYPES


@pytest.mark.parametrize(
    "written",
    [
        "5560160680", "556016-0680", " 556016 0680 ", "165560160680", "16556016-0680", "SE556016068001",
        "se 556016-0680 01", "SE556016068001.0", "5560160680.0", "556016‑0680", "556016–0680", "５５６０１６０６８０",
        "'5560160680", '="5560160680"', "SE5560160680", "556016\u00a00680",
    ],
)  # fmt: skip
def test_organisation_number_in_every_written_form(written):
    number = recognise_number(written)
    assert (number.number, number.status, number.supplier_type) == ("5560160680", "valid", "company")


@pytest.mark.parametrize(
    "written", ["900101-0017", "9001010017", "199001010017", "19900101-0017", "900101+0017", "SE900101001701",
                "169001010017", "9001010017.0", "189001010017", "200001010017"[:2] + "9001010017"],
)  # fmt: skip
def test_personal_number_in_every_written_form(written):
    number = recognise_number(written)
    assert (number.number, number.status, number.supplier_type) == ("9001010017", "personal", "sole_trader")


@pytest.mark.parametrize(
    "written,status,supplier_type",
    [
        ("212000-2049", "valid", "public"),
        ("802002-4280", "valid", "association"),
        ("702001-7781", "valid", "association"),
        ("916555-1212", "checksum", "unknown"),
        ("556016-0681", "checksum", "unknown"),
        ("900161-0014", "personal", "sole_trader"),  # coordination number: 60 added to the day
        ("900101-0018", "personal", "sole_trader"),  # wrong check digit, yet made like a personal number
        ("900101-001", "malformed", "sole_trader"),
        ("900101-0017/Anna", "malformed", "sole_trader"),
        ("DE123456789", "foreign", "foreign"),
        ("NO 987 654 321", "foreign", "foreign"),
        ("10004007", "malformed", "unknown"),
        ("abc", "malformed", "unknown"),
        ("", "missing", "unknown"),
        ("-", "missing", "unknown"),
        ("0000000000", "missing", "unknown"),
        ("Saknas", "missing", "unknown"),
    ],
)
def test_status_and_type(written, status, supplier_type):
    number = recognise_number(written)
    assert (number.status, number.supplier_type) == (status, supplier_type)


@given(st.text(max_size=20) | st.from_regex(r"[0-9٠-٩+\- SE]{6,14}", fullmatch=True))
@settings(deadline=None)
def test_any_text_has_a_status_and_a_type(written):
    number = recognise_number(written)
    assert number.status in NUMBER_STATUSES and number.supplier_type in SUPPLIER_TYPES
    assert (number.number == "") == (number.status == "missing") or number.status == "malformed"


@given(st.integers(0, 9), st.integers(0, 9), st.integers(2, 9), st.integers(0, 10**6 - 1))
@settings(deadline=None)
def test_every_valid_number_is_one_in_all_its_forms(first, second, third, rest):
    body = f"{first}{second}{third}{rest:06d}"
    number = body + luhn.calc_check_digit(body)
    forms = {number, f"{number[:6]}-{number[6:]}", f"16{number}", f"SE{number}01", f"{number}.0"}
    recognised = {recognise_number(form) for form in forms}
    assert len(recognised) == 1
    assert recognised.pop().status == ("valid" if first in (1, 2, 3, 5, 6, 7, 8, 9) else "checksum")


@pytest.mark.parametrize(
    "name,person",
    [
        ("ANDERSSON;ANNA", True), ("ANDERSSON, ANNA", True), ("Öberg;Åsa Maria Elin", True), ("von Essen;Carl", True),
        ("O'Brien, Seán", True), ("Lundh-Ek;Per-Olof", True), ("HARCOURT SWEDEN;AB", False), ("Anna Andersson", False),
        ("Svevia, Region Öst", False), ("Bygg 24;Malmö", False), ("a;b;c", False), (";", False), ("", False),
    ],
)  # fmt: skip
def test_names_written_as_persons(name, person):
    assert is_written_as_person(name) is person


def suppliers(reading):
    """Key, name and type as the lines have them, one each."""
    names = ["supplier_key", "supplier_name", "supplier_type"]
    return {tuple(row.values()) for row in reading.lines.select(names).to_pylist()}


def test_one_chosen_name_per_number_by_rows_then_alphabet(read, rows_of, csv_of):
    names = ["Bygg i Öst"] * 3 + ["BYGG I ÖST AB"] * 3 + ["Zäta", ""]
    forms = ["556016-0680", "5560160680", "SE556016068001", "165560160680"]
    rows = rows_of(8, leverantor=names.__getitem__, leverantor_id=lambda n: forms[n % 4])
    reading = read(csv_of(rows))
    assert suppliers(reading) == {("5560160680", "BYGG I ÖST AB", "company")}
    assert sum(reading.register["rows"].to_pylist()) == 8
    assert set(reading.register["number_status"].to_pylist()) == {"valid"}


def test_suppliers_without_number_are_kept_apart_by_name(read, rows_of, csv_of):
    names = ["Ålänningen", "alänningen", " ÅLÄNNINGEN ", "Okänd AB", ""]
    numbers = ["", "-", "0", "556016-0681", ""]
    reading = read(csv_of(rows_of(10, leverantor=lambda n: names[n % 5], leverantor_id=lambda n: numbers[n % 5])))
    assert suppliers(reading) == {
        ("namn:ålänningen", "ÅLÄNNINGEN", "unknown"),  # as many rows each, and the first in code order
        ("namn:alänningen", "alänningen", "unknown"),
        ("namn:okänd ab", "Okänd AB", "unknown"),
        ("namn:uppgift saknas", "Uppgift saknas", "unknown"),
    }  # fmt: skip
    status = dict(
        zip(reading.register["name_as_written"].to_pylist(), reading.register["number_status"].to_pylist(), strict=True)
    )
    assert (status["Okänd AB"], status["alänningen"]) == ("checksum", "missing")


@pytest.mark.parametrize(
    "given_kind,kind", [("auto", "internal"), ("internal", "internal"), ("organisation", "organisation")]
)
def test_internal_numbers(read, rows_of, csv_of, given_kind, kind):
    rows = rows_of(12, leverantor_id=lambda n: str(10004000 + n % 4), leverantor=lambda n: f"Lev {n % 2}")
    rows.append({**rows[0], "leverantor_id": "556016-0680"})
    reading = read(csv_of(rows), supplier_numbers=given_kind)
    assert reading.supplier_numbers == kind
    keys = set(reading.lines["supplier_key"].to_pylist())
    own = {f"nr:1000400{n}" for n in range(4)} if kind == "internal" else {"namn:lev 0", "namn:lev 1"}
    assert keys == own | {"5560160680"}


def test_internal_series_of_ten_digits_are_not_taken_for_persons(read, rows_of, csv_of):
    reading = read(csv_of(rows_of(20, leverantor_id=lambda n: str(1000400700 + n), leverantor=lambda n: f"Lev {n}")))
    assert reading.supplier_numbers == "internal"
    assert set(reading.lines["supplier_type"].to_pylist()) == {"unknown"}


def test_foreign_numbers(read, rows_of, csv_of):
    reading = read(csv_of(rows_of(12, leverantor_id="DE 123456789", leverantor="Müller GmbH")))
    assert suppliers(reading) == {("utl:DE123456789", "Müller GmbH", "foreign")}


def test_thousands_of_names_under_one_number_are_no_trouble(read, rows_of, csv_of):
    reading = read(csv_of(rows_of(3000, leverantor=lambda n: f"Namn {n:04d}")))
    assert suppliers(reading) == {("5560160680", "Namn 0000", "company")}


NUMBERS = ("", "556016-0680", " 5560160680 ", "900101-0017", "900101", "1000400712", "1000", "DE 123456789")
NAMES = ("", "Bolag AB", " Bolag c/o 19900101-0017", "SE900101001701 900101-0017", "Anna Andersson", "EK;BO")


@given(
    st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NAMES)), unique=True),
    st.sampled_from(("organisation", "internal")),
)
def test_what_is_kept_is_shown_as_what_was_written(written, kind):
    masker = Masker(b"k")
    _, suppliers = describe_suppliers(written, kind, masker)
    kept = [masked(one, masker) for one in suppliers]
    assert identify(kept, masker) == identify(suppliers, masker)
    assert [masked(one, masker) for one in kept] == kept
    assert not any("900101" in f"{one.name}{one.number}" for one in kept if one.status != "internal")
