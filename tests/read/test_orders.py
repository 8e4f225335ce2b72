"""Order lines: every row and öre accounted for, the two units told apart, repeats found, nobody shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.params.articles import ORDER_COLUMNS
from procanalysis.read.article_groups import ArticleGroups
from procanalysis.read.order_list import EITHER_UNIT, ORDER_LIST
from procanalysis.read.orders import OrderReading, read_orders
from procanalysis.read.quantity_units import quantity_unit_of
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import ARTICLE_LINES, ORDER_DIFFERENCES, REJECT_REASONS, REJECTED_ROWS, Column, names

ROOT = Path(__file__).parents[2]
TAXONOMY = read_taxonomy(ROOT / "params" / "taxonomies" / "procanalysis.csv")
PAGE = (ROOT / "docs" / "own-orders.md").read_text(encoding="utf-8")
SOUND = {
    "Ordernummer": "B1", "Radnr": "1", "Orderdatum": "2025-03-04", "Beställarenhet": "Akuten",
    "Leverantör": "Abbe AB", "Organisationsnummer": "556016-0680", "Lev.artnr": "H-M", "Antal": "200", "Enhet": "st",
    "À-pris": "31,275", "Per": "10", "Radbelopp": "625,50",
}  # fmt: skip


def changed(**cells: str) -> dict[str, str]:
    return {**SOUND, **{name.replace("_", " "): cell for name, cell in cells.items()}}


def without(*headers: str, **cells: str) -> dict[str, str]:
    return {name: cell for name, cell in changed(**cells).items() if name not in headers}


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, delimiter=";", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def assert_canonical(frame: pd.DataFrame, table: Sequence[Column]) -> None:
    assert list(frame.columns) == names(table)
    for column in table:
        integer = "int64" if column.required else "Int64"
        kinds = {"text": "str", "date": "datetime64[us]", "integer": integer, "decimal": "object"}
        assert str(frame[column.name].dtype) == kinds[column.type], column.name
        if column.required:
            assert frame[column.name].notna().all(), column.name
        if column.type == "decimal":
            assert {type(value) for value in frame[column.name]} <= {Decimal, type(None)}


def assert_whole(reading: OrderReading) -> None:
    control = reading.control
    assert control.rows_read == control.rows_accepted + control.rows_rejected
    assert control.amount_read_ore == control.amount_accepted_ore + control.amount_rejected_ore
    assert (len(reading.lines), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
    assert control.amount_accepted_ore == reading.lines["amount_ore"].sum()
    assert control.lines_differing == len(reading.differences) <= control.lines_checked
    assert_canonical(reading.lines, ARTICLE_LINES)
    assert_canonical(reading.differences, ORDER_DIFFERENCES)
    assert_canonical(reading.rejected, REJECTED_ROWS)
    assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
    assert reading.lines["line_id"].tolist() == list(range(1, len(reading.lines) + 1))


@pytest.fixture
def read(tmp_path: Path, masker: Masker):
    """Write each content to a file of its own and read them as one list."""

    def read_contents(
        *contents: Any, masker: Masker = masker, units: Any = (), known_keys: Any = (), **form: Any
    ) -> OrderReading:
        paths = []
        for number, content in enumerate(contents, start=1):
            path = tmp_path / f"order{number}.csv"
            text = csv_text(content) if isinstance(content, list) else content
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            paths.append(path)
        reading = read_orders(
            paths, RegisterFormat(**form), taxonomy=TAXONOMY, masker=masker, units=units, known_keys=known_keys
        )
        assert_whole(reading)
        return reading

    return read_contents


def reasons(reading: OrderReading) -> dict[int, str]:
    return dict(zip(reading.rejected["row_number"], reading.rejected["reason"], strict=True))


def test_a_line_with_every_column(read):
    row = changed(**{
        "EAN": "7310865004703", "Benämning": "Handske", "Varugrupp": "02.01", "UNSPSC": "42132203",
        "CPV-kod": "18424300-0", "Avtalsnummer": "A-114", "Fakturanummer": "F1", "Sortiment": "Avtal",
    })  # fmt: skip
    (found,) = read([row]).lines.to_dict("records")
    assert found.pop("bought_on").date() == date(2025, 3, 4)
    assert {name: None if pd.isna(value) else value for name, value in found.items()} == {
        "line_id": 1, "origin": "order", "document_number": "B1", "line_number": "1", "unit": "Akuten",
        "supplier_key": "5560160680", "supplier_name": "Abbe AB", "article_id": "H-M",
        "standard_item_id": "7310865004703", "article_name": "Handske", "article_group": "02.01",
        "category_code": "02.01", "cpv_code": "18424300-0", "quantity": Decimal(200), "quantity_unit": "EA",
        "price_sek": Decimal("31.275"), "base_quantity": Decimal(10), "amount_ore": 62_550,
        "contract_reference": "A-114", "order_reference": None, "order_line_reference": None,
        "invoice_key": "5560160680|F1", "assortment": "contract", "file": "order1.csv", "row_number": 2,
    }  # fmt: skip


def test_what_a_line_does_not_say_stays_unknown(read):
    needed = ("Ordernummer", "Orderdatum", "Leverantör", "Radbelopp")
    (found,) = read([{name: SOUND[name] for name in needed}]).lines.to_dict("records")
    told = {name for name, value in found.items() if not pd.isna(value)}
    assert told == {
        "line_id", "origin", "document_number", "bought_on", "supplier_key", "supplier_name", "base_quantity",
        "amount_ore", "file", "row_number",
    }  # fmt: skip


FAULTS = {
    "id_missing": {"Ordernummer": ""},
    "date_missing": {"Orderdatum": ""},
    "date_unreadable": {"Orderdatum": "2025-02-31"},
    "amount_missing": {"Radbelopp": ""},
    "amount_unreadable": {"Radbelopp": "12O,00"},
    "amount_decimals": {"Radbelopp": "12,345"},
    "supplier_missing": {"Leverantör": "", "Organisationsnummer": ""},
    "figure_negative": {"À-pris": "-1"},
    "number_not_positive": {"Per": "0"},
    "number_unreadable": {"Antal": "2,1234567"},
    "line_cancelled": {"Status": "Makulerad"},
    "other_currency": {"Valuta": "EUR"},
    "currency_unreadable": {"Valuta": "euro?"},
    "amount_too_large": {"Antal": "90000000000", "À-pris": "90000000000"},
    "totals_row": dict.fromkeys(SOUND, "") | {"Ordernummer": "Summa", "Radbelopp": "625,50"},
}


def test_every_fault_has_its_reason_and_the_öre_add_up(read):
    rows = [SOUND, *(changed(Radnr=str(number)) | cells for number, cells in enumerate(FAULTS.values(), start=2))]
    reading = read(rows)
    assert list(reasons(reading).values()) == list(FAULTS)
    control = reading.control
    assert (control.rows_read, control.amount_accepted_ore) == (len(rows), 62_550)
    assert control.rows_without_readable_amount == 4
    assert control.amount_read_ore == 62_550 * (len(rows) - 4)


def test_an_amount_that_is_not_quantity_times_price_is_told_and_kept(read):
    small = {"Antal": "3", "À-pris": "0,1275", "Per": ""}  # 0,3825
    rows = [
        SOUND,
        *(
            changed(Radnr=line, Radbelopp=amount) | small
            for line, amount in (("2", "0,38"), ("3", "0,39"), ("4", "0,40"))
        ),
        changed(Radnr="5", Antal="-200", Radbelopp="625,50"),
        changed(Radnr="6", Antal="-200", Radbelopp="-625,50"),
        changed(Radnr="7", Antal="", Radbelopp="100"),
    ]
    reading = read(rows)
    found = reading.differences[["line_number", "stated_ore", "reckoned_ore", "difference_ore"]].values.tolist()
    assert found == [["4", 40, 38, 2], ["5", 62_550, -62_550, 125_100]]
    assert reading.lines["amount_ore"].tolist() == [62_550, 38, 39, 40, 62_550, -62_550, 10_000]
    assert (reading.control.lines_checked, reading.control.lines_differing) == (6, 2)
    assert reading.control.notes == (
        "2 av 6 orderrader med antal och pris har ett annat belopp än antal × pris. De räknas med sitt belopp.",
    )


# A line that comes twice


def test_a_repeated_line_is_rejected_and_a_differing_one_told_as_such(read):
    other = changed(Leverantör="Berg AB", Organisationsnummer="")
    first = [SOUND, changed(Radnr="2"), changed(Ordernummer="B2"), other]
    second = [changed(), changed(Radnr="2", Antal="7"), changed(Radnr="3"), changed(Ordernummer="b2")]
    reading = read(first, second)
    told = reading.rejected[["file", "row_number", "reason"]].values.tolist()
    assert told == [
        ["order2.csv", 2, "line_repeated"],
        ["order2.csv", 3, "line_differs"],
        ["order2.csv", 5, "line_repeated"],
    ]
    assert reading.control.amount_rejected_ore == 3 * 62_550


def test_without_line_number_only_another_file_can_repeat(read):
    rows = [without("Radnr"), without("Radnr"), without("Radnr", Ordernummer="B2")]
    reading = read(rows, [*rows, without("Radnr"), without("Radnr", Antal="1")])
    assert reading.rejected["row_number"].tolist() == [2, 3, 4]
    assert set(reading.rejected["reason"]) == {"line_repeated"}
    assert len(reading.lines) == 5


def test_a_file_delivered_twice_counts_once(read):
    rows = [without("Radnr"), without("Radnr")]
    reading = read(rows, rows)
    assert set(reading.rejected["reason"]) == {"repeated_delivery"}
    assert [(one.rows_accepted, one.rows_rejected) for one in reading.control.files] == [(2, 0), (0, 2)]


# The two units


@pytest.mark.parametrize(
    ("row", "unit", "quantity_unit"),
    [
        (SOUND, "Akuten", "EA"),
        (without("Beställarenhet", Måttenhet="förp", Enhet="Akuten"), "Akuten", "XPK"),
        (without("Beställarenhet"), None, "EA"),
        (without("Beställarenhet", Enhet="Akutsjukvården"), "Akutsjukvården", None),
        (without("Beställarenhet", Enhet="Akuten", Orderenhet="kg"), "Akuten", None),
        (changed(Måttenhet="kg", Enhet="Vården"), "Akuten", "KGM"),
        (without("Enhet"), "Akuten", None),
        (without("Beställarenhet", Enhet=""), None, None),
    ],
)
def test_enhet_is_the_unit_that_the_file_lacks_otherwise(read, row, unit, quantity_unit):
    (line,) = read([row], units={"akuten"}).lines.to_dict("records")
    assert [None if pd.isna(line[name]) else line[name] for name in ("unit", "quantity_unit")] == [unit, quantity_unit]


@pytest.mark.parametrize("words", [["K12"], ["st", "Akutsjukvården", "Vården"], ["burk"]])
def test_enhet_that_values_do_not_tell_must_be_named(read, words):
    rows = [without("Beställarenhet", Radnr=str(number), Enhet=word) for number, word in enumerate(words)]
    with pytest.raises(InputError, match=r"order1\.csv, column 'Enhet'.*orders\.columns"):
        read(rows)
    lines = read(rows, columns={"unit": "Enhet"}).lines
    assert lines["unit"].tolist() == words
    assert read(rows, columns={"quantity_unit": "Enhet"}).lines["unit"].isna().all()


def test_words_for_units_become_codes_and_unknown_ones_stay(read):
    words = {"st": "EA", "Styck": "EA", "C62": "EA", "EA": "EA", "förp": "XPK", "kg": "KGM", "l": "LTR", "tim": "HUR",
             "kolli": "kolli", "12-pack": "12-pack", "": None}  # fmt: skip
    rows = [changed(Radnr=str(number), Enhet=word) for number, word in enumerate(words)]
    found = read(rows).lines["quantity_unit"]
    assert [None if pd.isna(code) else code for code in found] == list(words.values())
    assert quantity_unit_of(None) is None


# Words


def test_assortments(read):
    words = {"Avtal": "contract", "ja": "contract", "Övrigt": "other", "nej": "other", "Spot": "other", "Kanske": None,
             "": None}  # fmt: skip
    rows = [changed(Radnr=str(number), Sortiment=word) for number, word in enumerate(words)]
    reading = read(rows, kinds={"spot": "other"})
    assert [None if pd.isna(kind) else kind for kind in reading.lines["assortment"]] == list(words.values())
    assert reading.control.unknown_kinds == ("Kanske",)


def test_a_column_called_avtal_may_hold_answers_or_numbers(read):
    rows = [changed(Radnr=str(number), Avtal=cell) for number, cell in enumerate(("ja", "nej", "A-114"))]
    lines = read(rows).lines
    assert lines["assortment"].fillna("").tolist() == ["contract", "other", ""]
    assert lines["contract_reference"].fillna("").tolist() == ["", "", "A-114"]


def test_groups_of_articles_are_placed_in_the_tree(read):
    cells = [("02.01", "", ""), ("Handskar", "", ""), ("Okänt", "", "33141420-0"), ("", "42132203", ""),
             ("", "", "33140000"), ("", "", "33600000"), ("", "", "45000000"), ("Annat", "", "")]  # fmt: skip
    rows = [
        changed(Radnr=str(number), Varugrupp=group, UNSPSC=unspsc, CPV=cpv)
        for number, (group, unspsc, cpv) in enumerate(cells)
    ]
    reading = read(
        rows, categories={"Handskar": "02.02", "42132203": "05.02"},
        cpv_categories={"33000000-0": "01.02", "3314": "02.01"},
    )  # fmt: skip
    expected = ["02.01", "02.02", "02.01", "05.02", "02.01", "01.02", "", ""]
    assert reading.lines["category_code"].fillna("").tolist() == expected
    assert reading.control.unknown_categories == ("Annat",)


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"categories": {"Städ": "77"}}, r"orders\.categories: 'Städ' is said to be '77'"),
        ({"cpv_categories": {"33": "77"}}, r"orders\.cpv_categories: '33' is said to be '77'"),
        ({"cpv_categories": {"mat": "02.01"}}, r"orders\.cpv_categories: 'mat' is no CPV code"),
    ],
)
def test_a_wrong_category_in_the_organisation_file_is_told(read, settings_, words):
    with pytest.raises(InputError, match=words):
        read([SOUND], **settings_)


def test_many_unknown_groups_are_counted():
    groups = ArticleGroups(TAXONOMY, {}, {}, "orders")
    assert all(groups.code(f"G{number}", None, None) is None for number in range(25))
    assert groups.unknown == (*(f"G{number}" for number in range(20)), "och 5 till")


# People


def test_who_ordered_is_never_read(read):
    people = {"Beställare": "Anna Andersson", "Attestant": "Bo Berg", "Beställt av": "Cia Ceder", "Referens": "Dan Dal"}
    reading = read([SOUND | people])
    shown = reading.lines.to_csv() + str(reading.control)
    assert not [name for name in people.values() if name in shown]


def test_sole_traders_and_personal_numbers_are_hidden(read, masker):
    rows = [
        changed(Leverantör="Anna Andersson", Organisationsnummer="900101-0017", Fakturanummer="900101-0017"),
        changed(Radnr="2", Leverantör="Anna Andersson", Organisationsnummer="", Benämning="Anna Andersson 900101-0017"),
        changed(Radnr="3", Ordernummer="900101-0017", Radbelopp="900101-0017"),
    ]
    reading = read([one | {"Benämning": one.get("Benämning", "x"), "Fakturanummer": "900101-0017"} for one in rows])
    shown = reading.lines.to_csv() + reading.rejected.to_csv() + str(reading.control)
    assert "Anna" not in shown and "900101" not in shown and "0017" not in shown
    assert reading.lines["supplier_key"][0] == masker.supplier_key("9001010017")


def test_a_sole_trader_in_the_unit_is_hidden_unless_the_ledger_has_such_a_unit(read):
    seller = {"Leverantör": "Anna Andersson", "Organisationsnummer": "900101-0017"}
    rows = [
        changed(Radnr=str(row), Beställarenhet=unit, **seller) for row, unit in enumerate(("Anna Andersson", "Akuten"))
    ]
    assert read(rows).lines["unit"].tolist() == ["[namn dolt]", "Akuten"]
    assert read(rows, units={"anna andersson"}).lines["unit"].tolist() == ["Anna Andersson", "Akuten"]


# Forms of delivery


def test_a_workbook_with_a_sheet_of_notes_and_typed_cells(tmp_path: Path, masker: Masker):
    path = tmp_path / "order.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        notes = book.add_worksheet("Läs mig")
        notes.write_row(0, 0, ["Uttag ur beställningssystemet"])
        sheet = book.add_worksheet("Rader")
        sheet.write_row(0, 0, ["Beställningar 2025"])
        sheet.write_row(2, 0, ["Ordernr", "Rad", "Beställningsdatum", "Leverantör", "Antal", "Pris", "Belopp"])
        sheet.write_row(3, 0, [4711, 1, date(2025, 3, 4), "Abbe AB", 2, 0.1275, 0.26])
    reading = read_orders([path], taxonomy=TAXONOMY, masker=masker)
    assert_whole(reading)
    (line,) = reading.lines.to_dict("records")
    assert (line["document_number"], line["quantity"], line["price_sek"], line["amount_ore"]) == (
        "4711", Decimal(2), Decimal("0.1275"), 26)  # fmt: skip
    assert reading.control.lines_differing == 0


def test_a_ledger_in_its_place_is_refused(read):
    with pytest.raises(InputError, match="list of order lines"):
        read("leverantor;konto_nr;fakturanummer;belopp\nAbbe AB;6440;F1;100\n")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["B1", "B2", "900101-0017", ""]),
            st.sampled_from(["1", "2", ""]),
            st.sampled_from(["Abbe AB", "Andersson; Anna", ""]),
            st.sampled_from(["1", "-2", "0,5", "tre", ""]),
            st.sampled_from(["10", "0,125", "-1", ""]),
            st.sampled_from(["10,00", "-20", "0", "x", ""]),
            st.sampled_from(["ja", "nej", "=HYPERLINK()", ""]),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_rows_hold_they_add_up(read, cells):
    headers = ("Ordernummer", "Radnr", "Leverantör", "Antal", "Pris", "Belopp", "Sortiment")
    sound = dict(zip(headers, ("S1", "1", "Abbe AB", "1", "1", "1,00", "ja"), strict=True))
    rows = [sound, *(dict(zip(headers, row, strict=True)) for row in cells)]
    reading = read([row | {"Orderdatum": "2025-01-02"} for row in rows])  # assert_whole is in the fixture
    assert reading.control.rows_read == len(rows)
    assert "900101" not in reading.lines.to_csv() + reading.rejected.to_csv()
    keys = reading.lines.dropna(subset="line_number")
    assert not keys.duplicated(["supplier_key", "document_number", "line_number"]).any()


# The documentation


def test_the_example_in_the_documentation_is_read(read):
    example = PAGE.partition("```csv\n")[2].partition("```")[0]
    reading = read(example)
    assert reading.lines["quantity_unit"].tolist() == ["EA", "XPK", "EA"]
    assert reading.lines["assortment"].tolist() == ["contract", "other", "contract"]
    assert (reading.control.rows_rejected, reading.control.lines_differing) == (0, 0)
    assert reading.control.amount_accepted_ore == 62_550 + 24_500 - 6_255


def test_every_column_is_documented_and_can_be_mapped():
    assert set(ORDER_LIST.aliases) - {EITHER_UNIT} == set(ORDER_COLUMNS)
    listed = PAGE.partition("| column | what it is |")[2].partition("**Enhet**")[0]
    assert {name for name in ORDER_COLUMNS if f"`{name}`" in listed} == set(ORDER_COLUMNS)
    template = (ROOT / "procanalysis" / "organisation_template.yml").read_text(encoding="utf-8")
    part = template.partition("# The e-commerce system's order lines")[2].partition("# orders:")[0]
    assert {name for name in ORDER_COLUMNS if name in part.split()} == set(ORDER_COLUMNS)
