"""The savings register: five lists that name one another; every row accounted for; nobody shown; numbers exact."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.params import load_params
from procanalysis.params.savings import (
    AWARD_COLUMNS,
    BID_COLUMNS,
    PRICE_COLUMNS,
    PURCHASE_COLUMNS,
    SHARE_COLUMNS,
)
from procanalysis.read.headers import normal_header
from procanalysis.read.register_suppliers import supplier_of
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.read.savings import (
    read_awards,
    read_bids,
    read_priced_purchases,
    read_prices,
    read_saving_shares,
    with_rejected,
)
from procanalysis.read.savings_lists import AWARDS_LIST, BIDS_LIST, PRICES_LIST, PURCHASES_LIST, SHARES_LIST
from procanalysis.read.supplier_numbers import HIDDEN_NUMBER, Masker
from procanalysis.schema import (
    AWARDS,
    BIDS,
    CONTRACT_PRICES,
    FAR_FUTURE,
    PRICED_PURCHASES,
    REJECT_REASONS,
    REJECTED_ROWS,
    SAVING_SHARES,
    Column,
    names,
)

ROOT = Path(__file__).parents[2]
TAXONOMY = read_taxonomy(ROOT / "params" / "taxonomies" / "procanalysis.csv")
PAGE = (ROOT / "docs" / "own-savings.md").read_text(encoding="utf-8")
ABBE, BERG, PERSON = "556016-0680", "202100-5489", "900101-0017"

READERS: dict[str, Callable[..., Any]] = {
    "awards": read_awards,
    "bids": read_bids,
    "prices": read_prices,
    "shares": read_saving_shares,
    "purchases": read_priced_purchases,
}
REJECTED_COUNTS = [f"rejected_{part}_count" for part in READERS]
TABLES = {
    "awards": AWARDS,
    "bids": BIDS,
    "prices": CONTRACT_PRICES,
    "shares": SAVING_SHARES,
    "purchases": PRICED_PURCHASES,
}
SOUND: dict[str, dict[str, str]] = {
    "awards": {
        "Upphandlingsnummer": "U1", "Upphandling": "Handskar", "Startdatum": "2025-04-01", "Slutdatum": "2029-03-31",
    },
    "bids": {
        "Upphandlingsnummer": "U1", "Anbudsgivare": "Abbe AB", "Kvalificerad": "ja", "Vinnare": "nej",
        "Första anbud": "1 100 000", "Slutligt anbud": "1 000 000",
    },
    "prices": {
        "Upphandlingsnummer": "U1", "Artikelnummer": "H1", "Årsvolym": "1 000", "Tidigare pris": "3,45",
        "Nytt pris": "3,1275",
    },
    "shares": {
        "Upphandlingsnummer": "U1", "Slag av mottagare": "enhet", "Mottagare": "Akuten", "Andel": "100",
    },
    "purchases": {
        "Upphandlingsnummer": "U1", "Artikelnummer": "H1", "Enhet": "Akuten", "Leverantör": "Abbe AB",
        "Inköpsdatum": "2025-05-02", "Antal": "12", "Betalt pris": "3,1275", "På avtal": "ja",
    },
}  # fmt: skip


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, delimiter=";", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def changed(part: str, **cells: str) -> dict[str, str]:
    return {**SOUND[part], **cells}


def assert_canonical(frame: pd.DataFrame, table: Sequence[Column]) -> None:
    assert list(frame.columns) == names(table)
    for column in table:
        integer = "int64" if column.required else "Int64"
        kinds = {"text": "str", "date": "datetime64[us]", "integer": integer, "decimal": "object"}
        assert str(frame[column.name].dtype) == kinds[column.type], column.name
        if column.type == "decimal":
            assert {type(value) for value in frame[column.name]} <= {Decimal, type(None)}
        assert not (column.required and frame[column.name].isna().any()), column.name


def accepted(reading: Any, part: str) -> pd.DataFrame:
    frame: pd.DataFrame = reading.awards if part == "awards" else reading.accepted
    return frame


def assert_whole(reading: Any, part: str) -> None:
    """Everything that must hold of every reading."""
    frame, control = accepted(reading, part), reading.control
    assert control.rows_read == control.rows_accepted + control.rows_rejected
    assert control.rows_read == sum(item.rows_read for item in control.files)
    assert (len(frame), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
    assert_canonical(frame, TABLES[part])
    assert_canonical(reading.rejected, REJECTED_ROWS)
    assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
    numbers = [*frame["row_number"], *reading.rejected["row_number"]]
    assert len(set(numbers)) == len(numbers)
    assert reading.rejected["value"].str.len().max() <= 100 or reading.rejected.empty
    if part == "awards":
        assert frame["procurement_id"].is_unique
        ended = frame.dropna(subset="ends_on")
        assert (ended["latest_ends_on"] >= ended["ends_on"]).all()
    if part == "prices":
        assert not frame.duplicated(["procurement_id", "article_id"]).any()
    if part == "shares":
        sums = frame.groupby(["procurement_id", "receiver_kind"])["share_pct"].agg(sum)
        assert all(total == 100 for total in sums)
    if part == "bids":
        negotiated = frame["is_negotiated"] == 1
        assert frame.loc[negotiated, "first_bid_ore"].notna().all()


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> dict[str, dict[str, Any]]:
    """What each list may name: the procurements U1 and U2, and the articles H1 and H2 of U1."""
    folder = tmp_path_factory.mktemp("known")
    awards = [changed("awards"), changed("awards", Upphandlingsnummer="U2")]
    (folder / "awards.csv").write_text(csv_text(awards), encoding="utf-8")
    found = read_awards([folder / "awards.csv"], taxonomy=TAXONOMY, masker=Masker(b"test key")).awards
    prices = [changed("prices"), changed("prices", Artikelnummer="H2")]
    (folder / "prices.csv").write_text(csv_text(prices), encoding="utf-8")
    articles = read_prices([folder / "prices.csv"], masker=Masker(b"test key"), awards=found).accepted
    links: dict[str, dict[str, Any]] = {part: {"awards": found} for part in READERS}
    return links | {"awards": {"taxonomy": TAXONOMY}, "purchases": {"awards": found, "prices": articles}}


@pytest.fixture
def read(tmp_path: Path, masker: Masker, known: dict[str, dict[str, Any]]):
    """Read one list from a file."""

    def read_contents(part: str, content: Any, masker: Masker = masker, links: Any = None, **form: Any) -> Any:
        path = tmp_path / f"{part}.csv"
        content = csv_text(content) if isinstance(content, list) else content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = READERS[part]([path], RegisterFormat(**form), masker=masker, **(known[part] | (links or {})))
        assert_whole(reading, part)
        return reading

    return read_contents


def of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the one row of a frame as plain values."""
    (found,) = frame.to_dict("records")
    return {
        name: None if value is None or pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value
        for name, value in found.items()
    }


# Every column


def test_an_award_with_every_column(read):
    row = changed(
        "awards",
        **{
            "Kategori": "05.02", "Avtalsnummer": "A1", "Ersätter upphandling": "U0", "Upphandlad för": "Regionen",
            "Samordnad": "Nej", "Optioner": "12;24", "Utnyttjade optioner": "1", "Årsvolym": "400 000,5",
            "Utvärderad volym": "200\u00a0000", "Förväntat årsvärde": "1 400 000,50", "Engångskostnad": "60000",
            "Jämförbar": "ja", "Räknas i pengar": "nej", "Värde i ord": "Bättre", "Ansvarig": "Inköp 2",
        },
    )  # fmt: skip
    assert of(read("awards", [row]).awards) == {
        "procurement_id": "U1", "title": "Handskar", "category_code": "05.02", "contract_id": "A1",
        "replaces_procurement_id": "U0", "organisation": "Regionen", "is_coordinated": 0,
        "starts_on": date(2025, 4, 1), "ends_on": date(2030, 3, 31), "latest_ends_on": date(2032, 3, 31),
        "yearly_volume": Decimal("400000.5"), "evaluated_volume": Decimal(200_000),
        "expected_yearly_ore": 140_000_050, "one_off_cost_ore": 6_000_000, "is_comparable": 1, "is_monetary": 0,
        "value_in_words": "Bättre", "responsible": "Inköp 2", **dict.fromkeys(REJECTED_COUNTS, 0),
        "file": "awards.csv", "row_number": 2,
    }  # fmt: skip


def test_what_an_award_does_not_say_stays_unknown(read):
    found = of(read("awards", [SOUND["awards"]]).awards)
    known = {
        "procurement_id",
        "title",
        "starts_on",
        "ends_on",
        "latest_ends_on",
        "file",
        "row_number",
        *REJECTED_COUNTS,
    }
    assert {name for name, value in found.items() if value is not None} == known


def test_ends_of_awards(read):
    ends = {"2025-06": (date(2025, 6, 30),) * 2, "tills vidare": (FAR_FUTURE,) * 2, "": (None, None)}
    rows = [changed("awards", Upphandlingsnummer=f"U{n}", Slutdatum=end, Optioner="12") for n, end in enumerate(ends)]
    found = read("awards", rows).awards
    pairs = zip(found["ends_on"], found["latest_ends_on"], strict=True)
    days = [tuple(None if pd.isna(day) else day.date() for day in pair) for pair in pairs]
    assert days == [(date(2025, 6, 30), date(2026, 6, 30)), (FAR_FUTURE, FAR_FUTURE), (None, None)]
    assert len(ends) == len(days)


def test_categories_of_awards(read):
    words = ["05.02", "Städ", "IT", "05.02;IT", ""]
    reading = read(
        "awards",
        [changed("awards", Upphandlingsnummer=f"U{n}", Kategori=word) for n, word in enumerate(words)],
        categories={"städ": "06.01"},
    )
    assert reading.awards["category_code"].fillna("").tolist() == ["05.02", "06.01", "", "", ""]
    assert reading.control.unknown_categories == ("IT", "05.02")
    with pytest.raises(InputError, match=r"savings\.awards\.categories: 'Städ' is said to be '77'"):
        read("awards", [SOUND["awards"]], categories={"Städ": "77"})


@pytest.mark.parametrize(
    ("first", "final", "expected"),
    [
        ("1100", "1 000,50", (110_000, 100_050, 1)),
        ("1100", "", (110_000, 110_000, 0)),
        ("", "1000", (None, 100_000, 0)),
        ("ej lämnat", "1000", (None, 100_000, 0)),
        ("1000", "1000", (100_000, 100_000, 1)),
        ("", "0", (None, 0, 0)),
    ],
)
def test_first_and_final_bids(read, first, final, expected):
    found = of(read("bids", [changed("bids", **{"Första anbud": first, "Slutligt anbud": final})]).accepted)
    assert (found["first_bid_ore"], found["final_bid_ore"], found["is_negotiated"]) == expected


def test_a_mark_on_the_winner_is_enough_and_a_bid_may_lack_its_name(read):
    rows = [
        changed("bids", Anbudsgivare="", Vinnare="x"),
        changed("bids", Anbudsgivare="", Vinnare=""),
        changed("bids", Anbudsgivare="Abbe AB", Vinnare="NEJ", Kvalificerad="nej"),
        changed("bids", Anbudsgivare="Abbe AB", Upphandlingsnummer="U2"),
    ]
    found = read("bids", rows).accepted
    assert found["is_winner"].tolist() == [1, 0, 0, 0]
    assert found["is_qualified"].tolist() == [1, 1, 0, 1]
    assert found["bidder"].fillna("").tolist() == ["", "", "Abbe AB", "Abbe AB"]


def test_a_price_with_every_column(read):
    row = changed(
        "prices",
        **{
            "Artikelbenämning": "Handske S", "Måttenhet": "st", "Indexandel": "70 %", "Basindex": "105",
            "Aktuellt index": "112,25", "Avvisad prishöjning": "0",
        },
    )  # fmt: skip
    assert of(read("prices", [row]).accepted) == {
        "procurement_id": "U1", "article_id": "H1", "article_name": "Handske S", "quantity_unit": "st",
        "quantity": Decimal(1000), "previous_price_sek": Decimal("3.45"), "new_price_sek": Decimal("3.1275"),
        "indexed_share_pct": Decimal(70), "index_base": Decimal(105), "index_now": Decimal("112.25"),
        "refused_increase_sek": Decimal(0), "file": "prices.csv", "row_number": 2,
    }  # fmt: skip


def test_what_a_price_row_does_not_say_stays_unknown(read):
    unknown = ["", "-", "–", "okänt", "enligt prislista", "saknas"]
    rows = [changed("prices", Artikelnummer=f"H{n}", **{"Tidigare pris": text}) for n, text in enumerate(unknown)]
    assert read("prices", rows).accepted["previous_price_sek"].tolist() == [None] * len(unknown)


def test_shares_of_organisations_and_units(read):
    rows = [
        ("U1", "Organisation", "Regionen", "80"), ("U1", "organisation", "Kommunen", "20 %"),
        ("U1", "enhet", "Akuten", "33,333333"), ("U1", "Förvaltning", "Tandvården", "33.333333"),
        ("U1", "unit", "Regionen", "33,333334"), ("U2", "enhet", "Akuten", "100"),
    ]  # fmt: skip
    found = read("shares", [dict(zip(SOUND["shares"], row, strict=True)) for row in rows]).accepted
    assert found["receiver_kind"].tolist() == ["organisation"] * 2 + ["unit"] * 4
    assert found["receiver"].tolist() == [row[2] for row in rows]
    assert found["share_pct"].tolist() == [Decimal(row[3].replace(",", ".").rstrip(" %")) for row in rows]


def test_a_purchase_with_every_column(read):
    assert of(read("purchases", [changed("purchases", Antal="-12,5")]).accepted) == {
        "procurement_id": "U1", "article_id": "H1", "unit": "Akuten", "supplier": "Abbe AB",
        "bought_on": date(2025, 5, 2), "quantity": Decimal("-12.5"), "price_paid_sek": Decimal("3.1275"),
        "is_on_contract": 1, "file": "purchases.csv", "row_number": 2,
    }  # fmt: skip


def test_purchases_may_repeat_cost_nothing_and_lack_unit_and_supplier(read):
    rows = [{**SOUND["purchases"], "Betalt pris": "0", "Enhet": "", "Leverantör": "–"}] * 2
    found = read("purchases", rows).accepted
    assert found["price_paid_sek"].tolist() == [Decimal(0)] * 2
    assert found[["unit", "supplier"]].isna().all(axis=None)


def test_without_prices_the_articles_of_purchases_are_not_looked_up(read):
    rows = [changed("purchases", Artikelnummer="X9"), SOUND["purchases"]]
    assert len(read("purchases", rows, links={"prices": None}).accepted) == 2
    assert read("purchases", rows).rejected["reason"].tolist() == ["article_unknown"]


# Exact numbers


EXACT = {
    "0,1275": "0.1275",
    "0.123456": "0.123456",
    "0,1234560000": "0.123456",
    "12 500": "12500",
    "12\u00a0500,25": "12500.25",
    "12\u202f500": "12500",
    "1.234.567,5": "1234567.5",
    "1,234,567.5": "1234567.5",
    "12,50 kr": "12.5",
    "100": "100",
    ",5": "0.5",
    "(12,5)": "-12.5",
    "−7": "-7",
    "-0,00": "0",
    "99999999999": "99999999999",
    "-99 999 999 999,999999": "-99999999999.999999",
    "0000000000000012": "12",
}
UNREADABLE = {
    "0,1234567": "number_unreadable",
    "12x": "number_unreadable",
    "1 2 3": "number_unreadable",
    "1e5": "number_unreadable",
    "12,50 kr/st": "number_unreadable",
    "5 %": "number_unreadable",
    "²": "number_unreadable",
    "0," + "0" * 9_999 + "1": "number_unreadable",
    "12.500": "amount_ambiguous",
    "100000000000": "amount_too_large",
    "9" * 10_000: "amount_too_large",
}


def test_numbers_are_exact_and_those_that_cannot_be_read_are_not_guessed(read):
    # The other numbers use both signs, so that nothing tells what 12.500 is.
    rows = [changed("purchases", Antal=written, **{"Betalt pris": "0"}) for written in (*EXACT, *UNREADABLE)]
    reading = read("purchases", rows)
    zero = list(EXACT.values()).index("0")
    read_back = list(map(str, reading.accepted["quantity"]))
    assert read_back == [number for number in EXACT.values() if number != "0"]
    reasons = dict(zip(reading.rejected["row_number"], reading.rejected["reason"], strict=True))
    assert reasons.pop(zero + 2) == "number_zero"
    assert list(reasons.values()) == list(UNREADABLE.values())
    assert set(reading.rejected["column"]) == {"Antal"}


@given(
    st.lists(st.integers(-(10**17) + 1, 10**17 - 1).filter(bool), min_size=1, max_size=20),
    st.sampled_from([",", "."]),
    st.sampled_from(["", " ", "\u00a0"]),
)
@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_is_read_back_as_it_was(read, millionths, sign, between):
    numbers = [Decimal(number).scaleb(-6) for number in millionths]
    rows = []
    for number in numbers:
        whole, _, places = f"{number:.6f}".partition(".")
        groups = re.sub(r"(?<=[0-9])(?=([0-9]{3})+$)", between, whole)
        rows.append(changed("purchases", Antal=f"{groups}{sign}{places}", **{"Betalt pris": "0"}))
    assert read("purchases", rows).accepted["quantity"].tolist() == numbers


def test_the_other_numbers_of_a_file_tell_its_decimal_sign_and_otherwise_the_organisation_file_does(read):
    rows = [changed("prices", **{"Årsvolym": "12.500", "Tidigare pris": "3.450", "Nytt pris": "1.275"})]
    other = [changed("prices", Artikelnummer="H2", **{"Nytt pris": "0,1275"})]
    assert read("prices", rows + other).accepted["quantity"].tolist()[0] == 12_500
    found = of(read("prices", rows, decimal=".").accepted)
    assert (found["quantity"], found["new_price_sek"]) == (Decimal("12.5"), Decimal("1.275"))


def test_amounts_and_numbers_of_a_file_have_one_decimal_sign(read):
    row = changed("awards", Årsvolym="12.500", Engångskostnad="1.000,50")
    found = of(read("awards", [row]).awards)
    assert (found["yearly_volume"], found["one_off_cost_ore"]) == (Decimal(12_500), 100_050)


# What is rejected

BASE = {"awards": {"Upphandlingsnummer": "U3"}, "bids": {"Anbudsgivare": "Berg AB"}, "prices": {"Artikelnummer": "H2"}}
FAULTS: list[tuple[str, dict[str, str], str, str]] = [
    ("awards", {"Upphandlingsnummer": ""}, "Upphandlingsnummer", "id_missing"),
    ("awards", {"Upphandlingsnummer": "U1"}, "Upphandlingsnummer", "id_repeated"),
    ("awards", {"Upphandling": "–"}, "Upphandling", "title_missing"),
    ("awards", {"Slutdatum": "2025-03-31"}, "Slutdatum", "ends_before_start"),
    ("awards", {"Startdatum": "i våras"}, "Startdatum", "date_unreadable"),
    ("awards", {"Optioner": "många"}, "Optioner", "options_unreadable"),
    ("awards", {"Optioner": "12", "Utnyttjade optioner": "2"}, "Utnyttjade optioner", "options_too_many"),
    ("awards", {"Utnyttjade optioner": "kanske"}, "Utnyttjade optioner", "count_unreadable"),
    ("awards", {"Samordnad": "delvis"}, "Samordnad", "answer_unreadable"),
    ("awards", {"Jämförbar": "?!"}, "Jämförbar", "answer_unreadable"),
    ("awards", {"Räknas i pengar": "2"}, "Räknas i pengar", "answer_unreadable"),
    ("awards", {"Årsvolym": "0"}, "Årsvolym", "number_not_positive"),
    ("awards", {"Utvärderad volym": "-5"}, "Utvärderad volym", "number_not_positive"),
    ("awards", {"Årsvolym": "1e3"}, "Årsvolym", "number_unreadable"),
    ("awards", {"Förväntat årsvärde": "0"}, "Förväntat årsvärde", "number_not_positive"),
    ("awards", {"Förväntat årsvärde": "1,234"}, "Förväntat årsvärde", "amount_ambiguous"),
    ("awards", {"Engångskostnad": "-1"}, "Engångskostnad", "number_not_positive"),
    ("bids", {"Upphandlingsnummer": ""}, "Upphandlingsnummer", "id_missing"),
    ("bids", {"Upphandlingsnummer": "U9"}, "Upphandlingsnummer", "procurement_unknown"),
    ("bids", {"Anbudsgivare": "ABBE  ab"}, "Anbudsgivare", "id_repeated"),
    ("bids", {"Kvalificerad": "nja"}, "Kvalificerad", "answer_unreadable"),
    ("bids", {"Kvalificerad": ""}, "Kvalificerad", "answer_unreadable"),
    ("bids", {"Vinnare": "tvåa"}, "Vinnare", "answer_unreadable"),
    ("bids", {"Första anbud": "", "Slutligt anbud": "–"}, "Slutligt anbud", "amount_missing"),
    ("bids", {"Slutligt anbud": "tusen 1"}, "Slutligt anbud", "amount_unreadable"),
    ("bids", {"Slutligt anbud": "-1"}, "Slutligt anbud", "number_not_positive"),
    ("bids", {"Första anbud": "1,005"}, "Första anbud", "amount_ambiguous"),
    ("prices", {"Upphandlingsnummer": "U9"}, "Upphandlingsnummer", "procurement_unknown"),
    ("prices", {"Artikelnummer": ""}, "Artikelnummer", "id_missing"),
    ("prices", {"Artikelnummer": "H1"}, "Artikelnummer", "id_repeated"),
    ("prices", {"Tidigare pris": "-3"}, "Tidigare pris", "number_not_positive"),
    ("prices", {"Nytt pris": "-3"}, "Nytt pris", "number_not_positive"),
    ("prices", {"Årsvolym": "0"}, "Årsvolym", "number_not_positive"),
    ("prices", {"Basindex": "0"}, "Basindex", "number_not_positive"),
    ("prices", {"Aktuellt index": "-1"}, "Aktuellt index", "number_not_positive"),
    ("prices", {"Avvisad prishöjning": "-0,1"}, "Avvisad prishöjning", "number_not_positive"),
    ("prices", {"Indexandel": "100,1"}, "Indexandel", "share_outside"),
    ("prices", {"Indexandel": "-1"}, "Indexandel", "share_outside"),
    ("prices", {"Årsvolym": "99999999999"}, "Tidigare pris", "amount_too_large"),
    ("prices", {"Basindex": "0,000001", "Aktuellt index": "99999999"}, "Tidigare pris", "amount_too_large"),
    ("shares", {"Upphandlingsnummer": "U9"}, "Upphandlingsnummer", "procurement_unknown"),
    ("shares", {"Slag av mottagare": "grannen till"}, "Slag av mottagare", "receiver_unknown"),
    ("shares", {"Slag av mottagare": ""}, "Slag av mottagare", "receiver_unknown"),
    ("shares", {"Mottagare": ""}, "Mottagare", "receiver_missing"),
    ("shares", {"Mottagare": "AKUTEN"}, "Mottagare", "id_repeated"),
    ("shares", {"Mottagare": "Berg", "Andel": "0"}, "Andel", "share_outside"),
    ("shares", {"Mottagare": "Berg", "Andel": "100,000001"}, "Andel", "share_outside"),
    ("shares", {"Mottagare": "Berg", "Andel": ""}, "Andel", "share_outside"),
    ("shares", {"Mottagare": "Berg", "Andel": "5x"}, "Andel", "number_unreadable"),
    ("purchases", {"Upphandlingsnummer": "U9"}, "Upphandlingsnummer", "procurement_unknown"),
    ("purchases", {"Upphandlingsnummer": "U2"}, "Artikelnummer", "article_unknown"),
    ("purchases", {"Artikelnummer": "H9"}, "Artikelnummer", "article_unknown"),
    ("purchases", {"Artikelnummer": "-"}, "Artikelnummer", "id_missing"),
    ("purchases", {"Inköpsdatum": ""}, "Inköpsdatum", "date_missing"),
    ("purchases", {"Inköpsdatum": "2025-02-30"}, "Inköpsdatum", "date_unreadable"),
    ("purchases", {"Antal": ""}, "Antal", "number_unreadable"),
    ("purchases", {"Antal": "0,00"}, "Antal", "number_zero"),
    ("purchases", {"Betalt pris": "okänt"}, "Betalt pris", "amount_missing"),
    ("purchases", {"Betalt pris": "-1"}, "Betalt pris", "number_not_positive"),
    ("purchases", {"Antal": "-99999999999", "Betalt pris": "2"}, "Betalt pris", "amount_too_large"),
    ("purchases", {"På avtal": ""}, "På avtal", "answer_unreadable"),
    ("purchases", {"På avtal": "ibland"}, "På avtal", "answer_unreadable"),
]


@pytest.mark.parametrize("part", READERS)
def test_a_row_at_fault_is_rejected_with_its_column_and_reason(read, part):
    faults = [fault for fault in FAULTS if fault[0] == part]
    # What must not decide a decimal sign or repeat another row is made so by BASE.
    rows = [changed(part, **(BASE.get(part, {}) | cells)) for _, cells, _, _ in faults]
    sound = [{**SOUND[part], "Tidigare pris": "3", "Nytt pris": "2"} if part == "prices" else SOUND[part]]
    reading = read(part, sound + rows)
    found = reading.rejected[["row_number", "column", "reason"]].itertuples(index=False, name=None)
    assert list(found) == [(n, column, reason) for n, (_, _, column, reason) in enumerate(faults, start=3)]
    assert len(accepted(reading, part)) == 1


def test_a_year_of_a_bid_that_is_too_large_is_rejected(read):
    award = changed("awards", **{"Årsvolym": "10000000", "Utvärderad volym": "1"})
    awards = read("awards", [award, changed("awards", Upphandlingsnummer="U2")]).awards
    rows = [changed("bids"), changed("bids", Upphandlingsnummer="U2")]
    reading = read("bids", rows, links={"awards": awards})
    assert reading.rejected[["row_number", "reason"]].to_numpy().tolist() == [[2, "amount_too_large"]]


def shares(*given: tuple[str, str]) -> list[dict[str, str]]:
    return [
        changed("shares", Upphandlingsnummer=number, Mottagare=f"M{n}", Andel=share)
        for n, (number, share) in enumerate(given)
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["99", "0,99"], "summa 99,99"),
        (["20", "50", "29,999999"], "summa 99,999999"),
        (["60", "40,000001"], "summa 100,000001"),
        (["0,2", "0,5", "0,3"], "summa 1"),
        (["0,99"], "summa 0,99"),
    ],
)
def test_shares_that_are_not_whole_are_all_rejected_and_the_sum_is_told(read, given, told):
    reading = read("shares", shares(*(("U1", share) for share in given), ("U2", "100")))
    assert reading.accepted["procurement_id"].tolist() == ["U2"]
    assert reading.rejected[["column", "value", "reason"]].drop_duplicates().to_numpy().tolist() == [
        ["Andel", told, "shares_sum"]
    ]
    assert len(reading.rejected) == len(given)


def test_an_organisations_shares_do_not_mend_the_units(read):
    rows = shares(("U1", "60"), ("U1", "40"))
    rows[1]["Slag av mottagare"] = "organisation"
    rows += shares(("U2", "100"))
    assert read("shares", rows).rejected["value"].tolist() == ["summa 60", "summa 40"]


def test_a_receiver_told_twice_takes_the_whole_procurement_with_it(read):
    rows = [*shares(("U1", "50")), *shares(("U1", "50")), *shares(("U2", "100"))]
    assert read("shares", rows).rejected["reason"].tolist() == ["shares_sum", "id_repeated"]


@pytest.mark.parametrize(
    ("part", "content", "words"),
    [
        ("shares", shares(("U1", "0,2"), ("U1", "0,5"), ("U1", "0,3")),
         ["shares.csv, row 2, column 'Andel'", "fraction of 1", "percent"]),
        ("shares", shares(("U1", "99")), ["not one of 1 rows", "inte exakt 100 %", "savings.shares.columns"]),
        ("prices", [changed("prices", Indexandel="0,7"), changed("prices", Artikelnummer="H2", Indexandel="1")],
         ["prices.csv, row 2, column 'Indexandel'", "fraction of 1"]),
        ("awards", [{"Upphandlingsnummer": "U1", "Startdatum": "2025-01-01"}], ["needs a column title"]),
        ("awards", [{"Upphandlingsnummer": "U1", "Upphandling": "A"}],
         ["starts_on or ends_on", "savings.awards.columns"]),
        ("bids", [{"Upphandlingsnummer": "U1", "Anbudsgivare": "A"}], ["needs a column is_qualified"]),
        ("bids", [changed("bids", Upphandlingsnummer="U9")],
         ["bids.csv, row 2, column 'Upphandlingsnummer'", "Upphandlingen finns inte bland de tilldelade"]),
        ("bids", [changed("bids", Anbudspris="5")], ["several columns may hold the final_bid", "excluding VAT"]),
        ("prices", [changed("prices", Avtalspris="5")], ["several columns may hold the new_price", "the right one"]),
        ("prices", "Upphandlingsnummer;Artikelnummer;Nytt pris\n",
         ["list of contract prices is empty", "take savings.prices out"]),
        ("prices", [changed("prices", Artikelnummer=f"H{n}", **{"Tidigare pris": "", "Nytt pris": f"{n + 1}.500"})
                    for n in range(12)], ["'Nytt pris'", "12 of 12", "savings.prices.decimal"]),
        ("purchases", [{**SOUND["purchases"], "Inköpsdatum": "maj -25"}] * 12, ["savings.purchases.date_order"]),
        ("purchases", [{k: v for k, v in SOUND["purchases"].items() if k != "På avtal"}], ["is_on_contract"]),
    ],
)  # fmt: skip
def test_what_stops_says_where_and_what_to_do(read, part, content, words):
    with pytest.raises(InputError) as error:
        read(part, content)
    assert [word for word in words if word not in str(error.value)] == []


# Every row is accounted for, whatever the registers hold

_ids = st.sampled_from(["U1", "U2", "U9", "", "-"])
_numbers = st.sampled_from(["", "1", "0", "-5", "1 000,5", "12.500", "x1", "0,1234567", "9" * 30, "okänt"])
_answers = st.sampled_from(["ja", "nej", "", "x", "kanske"])
_days = st.sampled_from(["2025-01-01", "2025-06", "", "y", "tills vidare", "2024-02-30"])
_people = st.sampled_from(["Abbe AB", "", PERSON, f"HEMLIG;ANNA {PERSON}", "Hemlig, Anna", f"Berg AB {BERG}", "=1+1"])
_units = st.sampled_from(["Akuten", "", f"Enhet {PERSON}", "Berg AB", "=1+1"])
CELLS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "awards": {
        "Upphandlingsnummer": _ids, "Upphandling": st.sampled_from(["Städ", "", f"x {PERSON}"]), "Startdatum": _days,
        "Slutdatum": _days, "Optioner": st.sampled_from(["", "12;12", "x"]), "Årsvolym": _numbers,
        "Utnyttjade optioner": st.sampled_from(["", "1", "3"]), "Engångskostnad": _numbers, "Samordnad": _answers,
    },
    "bids": {
        "Upphandlingsnummer": _ids, "Anbudsgivare": _people, "Kvalificerad": _answers, "Vinnare": _answers,
        "Första anbud": _numbers, "Slutligt anbud": _numbers,
    },
    "prices": {
        "Upphandlingsnummer": _ids, "Artikelnummer": st.sampled_from(["H1", "H2", "", PERSON]), "Årsvolym": _numbers,
        "Tidigare pris": _numbers, "Nytt pris": _numbers, "Indexandel": _numbers, "Basindex": _numbers,
        "Aktuellt index": _numbers, "Avvisad prishöjning": _numbers,
    },
    "shares": {
        "Upphandlingsnummer": _ids, "Slag av mottagare": st.sampled_from(["enhet", "organisation", "", "z"]),
        "Mottagare": _units, "Andel": st.sampled_from(["100", "50", "50,0", "33,3", "0", "", "1", "0,5", "x"]),
    },
    "purchases": {
        "Upphandlingsnummer": _ids, "Artikelnummer": st.sampled_from(["H1", "H2", "H9", ""]), "Enhet": _units,
        "Leverantör": _people, "Inköpsdatum": _days, "Antal": _numbers, "Betalt pris": _numbers, "På avtal": _answers,
    },
}  # fmt: skip


@pytest.mark.parametrize("part", READERS)
@given(st.data())
@settings(deadline=None, max_examples=7, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_read_are_rows_accepted_and_rejected(read, part, data) -> None:
    rows = data.draw(st.lists(st.fixed_dictionaries(CELLS[part]), max_size=7))
    # One sound row, so that most registers are read rather than refused.
    rows.append(dict.fromkeys(CELLS[part], "") | changed(part, Upphandlingsnummer="U1"))
    try:
        reading = read(part, rows)
    except InputError as error:
        assert re.search(r"not one of \d+ rows|fraction of 1", str(error))
        return
    assert reading.control.rows_read == sum(any(value.strip() for value in row.values()) for row in rows)
    assert_nobody_shown(reading, part)


def everything(reading: Any, part: str) -> str:
    frames = (accepted(reading, part), reading.rejected)
    return "\n".join([*(str(frame.to_dict("records")) for frame in frames), str(reading.control)]).casefold()


def assert_nobody_shown(reading: Any, part: str) -> None:
    shown = everything(reading, part)
    assert [word for word in ("hemlig", "900101", "9001010017", "anna") if word in shown] == []


# People and hostile cells

TEXTS = {
    "awards": ("Upphandling", "Kategori", "Avtalsnummer", "Ersätter upphandling", "Upphandlad för", "Värde i ord",
               "Ansvarig för effekten"),
    "bids": ("Anbudsgivare",),
    "prices": ("Artikelbenämning", "Måttenhet"),
    "shares": ("Mottagare",),
    "purchases": ("Enhet", "Leverantör"),
}  # fmt: skip


WRITTEN = [PERSON, "9001010017", "19900101-0017", "SE900101001701", "900101+0017", "900101 – 0017"]


def own_number(part: str, n: int) -> dict[str, str]:
    """Give a row a number of its own where the list demands it."""
    keys = {"awards": "Upphandlingsnummer", "prices": "Artikelnummer"}
    return {keys[part]: f"K{n}"} if part in keys else {}


@pytest.mark.parametrize("part", READERS)
def test_personal_numbers_leave_no_reader(read, part):
    register, base = LISTS[part][0], dict.fromkeys(TEXTS[part], "") | SOUND[part]
    figures = {
        normal_header(name) for column in (*register.amounts, *register.numbers) for name in register.aliases[column]
    }
    rows = [base]
    for n, number in enumerate(WRITTEN):
        if part != "shares":
            rows.append(base | dict.fromkeys(TEXTS[part], f"Arvode {number}") | own_number(part, n))
        # Alone in every column, where most are rejected; but ten digits among figures are a figure.
        alone = [name for name in base if not (number.isdigit() and normal_header(name) in figures)]
        rows += [base | {name: number} for name in alone if (part, name) != ("shares", "Mottagare")]
        rows.append(base | {"Upphandlingsnummer": f"F{n}-{number}"})
    if part == "shares":
        rows.append(base | {"Upphandlingsnummer": "U2", "Mottagare": f"Arvode {PERSON}"})
    reading = read(part, rows)
    assert [word for word in ("900101", "0017") if word in everything(reading, part)] == []
    # The six bids are one person's, so that five of them are told again.
    assert len(accepted(reading, part)) >= (2 if part in ("bids", "shares") else len(WRITTEN))


@pytest.mark.parametrize(("part", "column"), [("bids", "Anbudsgivare"), ("purchases", "Leverantör")])
def test_sole_traders_are_masked_as_in_the_ledger(read, masker, part, column):
    names = [
        f"Anna Hemlig, org.nr {PERSON}", "Hemlig, Anna", "HEMLIG;ANNA MARIA", "900101-00171", f"({PERSON}) Anna Hemlig",
        "Anna Hemlig", "Abbe AB", f"Abbe AB {ABBE}", BERG, "Känd Person", "Bygg i Norr AB; Anna Hemlig",
    ]  # fmt: skip
    rows = [changed(part, **{column: name}) for name in names]
    known = {masker.supplier_key("namn:känd person")}
    reading = read(part, rows, links={"known_keys": known})
    shown = accepted(reading, part)[{"bids": "bidder", "purchases": "supplier"}[part]].tolist()
    assert_nobody_shown(reading, part)
    assert "känd" not in everything(reading, part)
    own = f"Enskild firma #{masker.supplier_key('9001010017')[5:11]}"
    assert shown[0] == own
    if part == "bids":
        # The number tells that the fifth bid is the first one's, and no two others are the same.
        assert reading.rejected["reason"].tolist() == ["id_repeated"]
        assert [name for name in shown if not name.startswith("Enskild firma #")] == [
            "Abbe AB", "Abbe AB", BERG, "Bygg i Norr AB; [namn dolt]",
        ]  # fmt: skip
    else:
        assert shown[4] == own


def test_people_stay_when_masking_is_off(read):
    reading = read("bids", [changed("bids", Anbudsgivare=f"Anna Hemlig {PERSON}")], masker=Masker(b"k", enabled=False))
    assert reading.accepted["bidder"].tolist() == ["Anna Hemlig"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Abbe AB", ("", "Abbe AB")),
        ("Abbe AB, 556016-0680", (ABBE, "Abbe AB")),
        ("Abbe AB [5560160680]", ("5560160680", "Abbe AB")),
        ("org nr: 556016-0680 Abbe AB", (ABBE, "Abbe AB")),
        ("SE556016068001", ("SE556016068001", "SE556016068001")),
        ("Firma 24 AB", ("", "Firma 24 AB")),
        ("123456789012345", ("", "123456789012345")),
        ("–", ("", "")),
    ],
)
def test_a_number_beside_a_name_is_told_apart(cell, expected):
    assert supplier_of(cell) == expected


def test_numbers_that_others_name_are_hidden_alike(tmp_path, masker):
    number = f"F-{PERSON}"
    awards = tmp_path / "awards.csv"
    awards.write_text(csv_text([changed("awards", Upphandlingsnummer=number)]), encoding="utf-8")
    found = read_awards([awards], taxonomy=TAXONOMY, masker=masker).awards
    bids = tmp_path / "bids.csv"
    # The bidder is the very person in the number, whom the awards know nothing of.
    row = changed("bids", Upphandlingsnummer=number, Anbudsgivare=f"Anna Hemlig {PERSON}")
    bids.write_text(csv_text([row]), encoding="utf-8")
    bid = read_bids([bids], masker=masker, awards=found).accepted
    assert bid["procurement_id"].tolist() == found["procurement_id"].tolist()
    assert bid["procurement_id"][0].startswith("F-dold:")


def test_two_written_forms_of_a_hidden_number_are_one_procurement(read):
    rows = [changed("awards", Upphandlingsnummer=f"F-{form}") for form in (PERSON, "19900101-0017")]
    assert read("awards", rows).rejected["reason"].tolist() == ["id_repeated"]


def test_two_receivers_that_are_hidden_alike_are_one(read):
    rows = [changed("shares", Mottagare=f"Enhet {number}", Andel="50") for number in (PERSON, "900102-0016")]
    reading = read("shares", [*rows, changed("shares", Upphandlingsnummer="U2")])
    assert reading.rejected["reason"].tolist() == ["shares_sum", "id_repeated"]


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://x";"y")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "long": "å" * 10_000,
    "control": "a\x00b\x07c\x1bd",
    "direction": "a\u202eb\u200bc",
    "quote": '" onload="x',
    "half": "\x00",
}


@pytest.mark.parametrize("part", READERS)
def test_hostile_cells_are_text_like_any_other(read, part):
    base, cells = dict.fromkeys(TEXTS[part], "") | SOUND[part], list(HOSTILE.values())
    rows = [base | dict.fromkeys(TEXTS[part], cell) | own_number(part, n) for n, cell in enumerate(cells)]
    if part == "shares":
        # The cell of which nothing is left is no receiver, so that another one takes its share.
        rows = [row | {"Andel": "12,5"} for row in (*rows, base)]
    rows += [base | {header: cell} for cell in cells for header in base if (part, header) != ("shares", "Mottagare")]
    if part == "shares":
        rows = [row for row in rows if row["Andel"] != "100"]
    reading = read(part, rows)
    frame = accepted(reading, part)
    shown = "".join(map(str, [*frame.to_numpy().ravel(), *reading.rejected.to_numpy().ravel()]))
    assert not re.search("[\x00-\x1f\u200b\u202e]", shown)
    texts = [column.name for column in TABLES[part] if column.type == "text"]
    for name in ("script", "formula", "command", "long"):
        assert HOSTILE[name] in frame[texts].to_numpy().ravel().tolist()
    assert all(len(word) <= 100 for word in reading.control.unknown_categories)


@given(st.binary(max_size=200), st.sampled_from(list(READERS)))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_in_words(read, content, part) -> None:
    with pytest.raises(InputError):
        read(part, content)


# Files as they come


def test_one_workbook_holds_all_five_lists(tmp_path, masker):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        for part, row in SOUND.items():
            sheet = book.add_worksheet(part)
            sheet.write_row(0, 0, [f"Sammanställning {part}"])
            sheet.write_row(2, 0, list(row))
            for place, (header, value) in enumerate(row.items()):
                number = value.replace(" ", "").replace(",", ".")
                if header in ("Startdatum", "Slutdatum", "Inköpsdatum"):
                    sheet.write_datetime(3, place, date.fromisoformat(value))
                elif re.fullmatch(r"[0-9.]+", number):
                    sheet.write_number(3, place, float(number))
                else:
                    sheet.write_string(3, place, value)
    path = tmp_path / "besparingar.xlsx"
    path.write_bytes(stream.getvalue())
    awards = read_awards([path], taxonomy=TAXONOMY, masker=masker)
    prices = read_prices([path], masker=masker, awards=awards.awards)
    others = {
        "awards": awards,
        "prices": prices,
        "bids": read_bids([path], masker=masker, awards=awards.awards),
        "shares": read_saving_shares([path], masker=masker, awards=awards.awards),
        "purchases": read_priced_purchases([path], masker=masker, awards=awards.awards, prices=prices.accepted),
    }
    for part, reading in others.items():
        assert_whole(reading, part)
        assert accepted(reading, part)[["file", "row_number"]].to_numpy().tolist() == [[f"besparingar.xlsx#{part}", 4]]
        assert sum(bool(item.note) for item in reading.control.files) == 4
    assert prices.accepted["new_price_sek"].tolist() == [Decimal("3.1275")]


def test_encodings_and_json(read):
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        content = csv_text([changed("shares", Mottagare="Åkers enhet")]).encode(encoding)
        assert read("shares", content).accepted["receiver"].tolist() == ["Åkers enhet"]
    written = json.dumps([changed("prices", Artikelnummer="H7")])
    assert read("prices", written).accepted["article_id"].tolist() == ["H7"]


def test_own_headers_decide_alone(read):
    row = {"Ärende": "U1", "Vara": "H1", "Pris från mars": "2,5", "Nytt pris": "9", "Årsvolym": "3"}
    columns = {"procurement_id": "ärende", "article_id": "VARA", "new_price": "pris från mars"}
    assert read("prices", [row], columns=columns).accepted["new_price_sek"].tolist() == [Decimal("2.5")]


def rejected(part: str, **cells: str) -> dict[str, str]:
    return changed(part, Upphandlingsnummer="U2", **cells)


GAPS = {
    "bids": [
        rejected("bids", **{"Slutligt anbud": "1 000 OOO"}),
        rejected("bids", Kvalificerad="kanske"),
        rejected("bids", Anbudsgivare="Berg AB"),
        rejected("bids", Anbudsgivare="Berg AB"),
    ],
    "prices": [
        rejected("prices", **{"Nytt pris": "9,4,0"}),
        rejected("prices", Artikelnummer=""),
        rejected("prices", Artikelnummer="H2"),
        rejected("prices", Artikelnummer="H2"),
    ],
    "shares": [
        rejected("shares", **{"Slag av mottagare": "Organisation", "Mottagare": "A", "Andel": "60"}),
        rejected("shares", **{"Slag av mottagare": "kommun", "Mottagare": "B", "Andel": "39"}),
        rejected("shares", **{"Slag av mottagare": "nånting", "Mottagare": "C"}),
        rejected("shares", Mottagare="Akuten", Andel="99"),
    ],
    "purchases": [
        changed("purchases", Inköpsdatum="2025-02-30"),
        changed("purchases", Antal="tolv st"),
        changed("purchases", **{"På avtal": ""}),
        changed("purchases", Antal="0"),
        changed("purchases", Artikelnummer="H9"),
    ],
}
"""Rows of which three are gaps in what is known of their procurement: U2, of the purchases U1."""


@pytest.mark.parametrize("part", GAPS)
def test_rejected_rows_are_counted_by_the_procurement_that_they_name(read, known, part):
    sums = {"Upphandlingsnummer": "Summa"} | ({"Andel": "100"} if part == "shares" else {})
    header = {name: name for name in SOUND[part]}
    unknown = [changed(part, Upphandlingsnummer="U9"), changed(part, Upphandlingsnummer="")]
    reading = read(part, [SOUND[part], *GAPS[part], *unknown, sums, header])
    name = "U1" if part == "purchases" else "U2"
    counts = {number: reading.rejected_by_procurement.get(number, 0) for number in ("U1", "U2", "Summa")}
    assert counts == {"U1": 0, "U2": 0, "Summa": 0, name: 3}
    awards = with_rejected(known["bids"]["awards"], part, reading.rejected_by_procurement)
    assert_canonical(awards, AWARDS)
    assert dict(zip(awards["procurement_id"], awards[f"rejected_{part}_count"], strict=True)) == {
        "U1": counts["U1"], "U2": counts["U2"],
    }  # fmt: skip
    others = [column for column in REJECTED_COUNTS if column != f"rejected_{part}_count"]
    assert not awards[others].to_numpy().any()
    assert not known["bids"]["awards"][REJECTED_COUNTS].to_numpy().any(), "the frame given is left as it was"


def test_an_award_knows_of_rejected_rows_that_repeat_or_replace_it(read):
    rows = [
        *(changed("awards", Upphandlingsnummer=number) for number in ("U1", "U2", "U3", "U1")),
        changed("awards", Upphandlingsnummer="U4", **{"Ersätter upphandling": "U2", "Slutdatum": "2020-01-01"}),
        # Its own number is named twice and counts once.
        changed("awards", Upphandlingsnummer="U2", **{"Ersätter upphandling": "U2"}),
        {"Upphandlingsnummer": "Summa", "Upphandling": "Summa"},
    ]
    awards = read("awards", rows).awards
    assert awards["procurement_id"].tolist() == ["U1", "U2", "U3"]
    assert awards["rejected_awards_count"].tolist() == [1, 2, 0]


def test_a_hidden_number_is_counted_under_the_award_that_hides_it(read):
    awards = read("awards", [changed("awards", Upphandlingsnummer=PERSON), changed("awards")]).awards
    rows = [changed("prices", Upphandlingsnummer=PERSON.replace("-", ""), **{"Nytt pris": "x9"}), SOUND["prices"]]
    counted = read("prices", rows, links={"awards": awards}).rejected_by_procurement
    assert with_rejected(awards, "prices", counted)["rejected_prices_count"].tolist() == [1, 0]


def test_sums_at_the_end_are_no_rows(read):
    total = {"Upphandlingsnummer": "Summa", "Antal": "12", "Betalt pris": "3,1275"}
    reading = read("purchases", [SOUND["purchases"], total, {name: name for name in SOUND["purchases"]}])
    assert reading.rejected["reason"].tolist() == ["totals_row", "repeated_header"]


LISTS = {
    "awards": (AWARDS_LIST, AWARD_COLUMNS),
    "bids": (BIDS_LIST, BID_COLUMNS),
    "prices": (PRICES_LIST, PRICE_COLUMNS),
    "shares": (SHARES_LIST, SHARE_COLUMNS),
    "purchases": (PURCHASES_LIST, PURCHASE_COLUMNS),
}


@pytest.mark.parametrize("part", LISTS)
def test_every_column_has_headers_and_no_header_stands_for_two(part):
    register, columns = LISTS[part]
    assert set(register.aliases) == set(columns)
    assert all(register.aliases.values())
    once = {(column, normal_header(a)) for column, known in register.aliases.items() for a in (column, *known)}
    assert len({alias for _, alias in once}) == len(once)
    assert register.key == f"savings.{part}"
    cast = {*register.dates, *register.amounts, *register.numbers, *register.percents, *register.month_ends}
    assert cast <= set(columns)


# The page that tells how to deliver the lists


@pytest.mark.parametrize("shown", re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL))
def test_every_organisation_file_on_the_page_is_valid(shown, tmp_path):
    least = "name: Prov\nperiod: 2025\nledger:\n  files: [ledger.csv]\nmapping:\n  rules: [rules.csv]\n"
    path = tmp_path / "prov.yml"
    path.write_text(least + shown, encoding="utf-8")
    params = load_params(path)
    assert params.savings is not None
    assert set(yaml.safe_load(shown)["savings"]) <= set(READERS)


def test_every_list_on_the_page_is_read_to_its_last_row(tmp_path, masker):
    shown = re.findall(r"^```csv\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    links: dict[str, Any] = {}
    for part, content in zip(READERS, shown, strict=True):
        path = tmp_path / f"{part}.csv"
        path.write_text(content, encoding="utf-8")
        kept = {"taxonomy": TAXONOMY} if part == "awards" else {"awards": links["awards"]}
        kept |= {"prices": links["prices"]} if part == "purchases" else {}
        reading = READERS[part]([path], masker=masker, **kept)
        assert_whole(reading, part)
        assert reading.rejected.empty and not reading.control.unknown_categories
        links[part] = accepted(reading, part)
        assert links[part].notna().any().all(), part
    assert links["awards"]["ends_on"].dt.date.tolist() == [date(2028, 3, 31), date(2028, 12, 31)]
    assert links["prices"]["new_price_sek"][0] == Decimal("3.1275")
    assert links["bids"]["is_negotiated"].tolist() == [1, 0, 0]


def test_the_page_tells_of_every_column_under_its_list():
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    for part, (_, columns) in LISTS.items():
        (section,) = [text for text in sections if f": `{part}`\n" in text]
        assert [name for name in columns if f"`{name}`" not in section] == []


def test_a_number_in_a_text_is_hidden_and_a_procurements_number_is_not(read):
    found = of(
        read("awards", [changed("awards", Upphandling="Ärende 1101234567", Upphandlingsnummer="1101234567")]).awards
    )
    assert (found["title"], found["procurement_id"]) == (f"Ärende {HIDDEN_NUMBER}", "1101234567")
