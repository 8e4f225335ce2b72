"""Contract price lists: Peppol catalogues and tables alike, every row accounted for, no price guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from procanalysis.errors import InputError
from procanalysis.read.peppol import CatalogueReading, read_catalogues
from procanalysis.read.peppol.price_rows import PRICE_LIST
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import FAR_FUTURE, PRICE_LISTS, REJECT_REASONS, REJECTED_ROWS, names

SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
COMPANY, PERSON = "556016-0680", "900101-0017"
Read = Callable[..., CatalogueReading]

PRICE = """<cac:RequiredItemLocationQuantity><cbc:MinimumQuantity>1</cbc:MinimumQuantity><cac:Price>
<cbc:PriceAmount currencyID="SEK">31.275</cbc:PriceAmount><cbc:BaseQuantity unitCode="EA">10</cbc:BaseQuantity>
</cac:Price></cac:RequiredItemLocationQuantity>"""


def line_of(number: int = 1, article: str = "H-M", prices: str = PRICE, inside: str = "", in_item: str = "") -> str:
    identity = f"<cac:SellersItemIdentification><cbc:ID>{article}</cbc:ID></cac:SellersItemIdentification>"
    return (
        f"<cac:CatalogueLine><cbc:ID>{number}</cbc:ID>{inside}<cbc:OrderableUnit>BX</cbc:OrderableUnit>{prices}"
        f"<cac:Item><cbc:Name>Handske</cbc:Name>{identity if article else ''}{in_item}</cac:Item></cac:CatalogueLine>"
    )


def catalogue(*lines: str, head: str = "", seller: tuple[str, str] = (COMPANY, "Handskbolaget AB")) -> str:
    company = f"<cac:PartyLegalEntity><cbc:CompanyID>{seller[0]}</cbc:CompanyID></cac:PartyLegalEntity>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Catalogue xmlns="{SPACE}Catalogue-2" xmlns:cac="{SPACE}CommonAggregateComponents-2"
 xmlns:cbc="{SPACE}CommonBasicComponents-2">
<cbc:CustomizationID>urn:fdc:peppol.eu:poacc:trns:catalogue:3</cbc:CustomizationID><cbc:ID>PL-7</cbc:ID>{head}
<cbc:IssueDate>2025-01-10</cbc:IssueDate><cbc:VersionID>2</cbc:VersionID>
<cac:ValidityPeriod><cbc:StartDate>2025-02-01</cbc:StartDate><cbc:EndDate>2026-01-31</cbc:EndDate></cac:ValidityPeriod>
<cac:ReferencedContract><cbc:ID>A-114</cbc:ID></cac:ReferencedContract>
<cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>{seller[1]}</cbc:Name></cac:PartyName>
{company if seller[0] else ""}</cac:Party></cac:SellerSupplierParty>
{"".join(lines or (line_of(),))}</Catalogue>"""


@pytest.fixture
def read_lists(tmp_path: Path, masker: Masker) -> Read:
    def read_contents(*contents: str | bytes, masker: Masker = masker, **form: Any) -> CatalogueReading:
        paths = []
        for place, content in enumerate(contents, start=1):
            data = content.encode() if isinstance(content, str) else content
            paths.append(tmp_path / f"lista{place}{'.xml' if data.lstrip().startswith(b'<') else '.csv'}")
            paths[-1].write_bytes(data)
        reading = read_catalogues(paths, RegisterFormat(**form), masker=masker)
        assert list(reading.prices.columns) == names(PRICE_LISTS)
        assert list(reading.rejected.columns) == names(REJECTED_ROWS)
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        assert reading.control.rows_read == len(reading.prices) + len(reading.rejected)
        return reading

    return read_contents


def given(row: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in row.items() if not pd.isna(value)}


def test_a_catalogue_is_read_whole(read_lists: Read) -> None:
    in_item = """<cbc:Description>Nitril</cbc:Description>
        <cac:ManufacturersItemIdentification><cbc:ID>MF-1</cbc:ID></cac:ManufacturersItemIdentification>
        <cac:StandardItemIdentification><cbc:ID schemeID="0160">7310865004703</cbc:ID></cac:StandardItemIdentification>
        <cac:CommodityClassification><cbc:ItemClassificationCode listID="STI">18424300</cbc:ItemClassificationCode>
        </cac:CommodityClassification><cac:Certificate><cbc:ID>Svanen</cbc:ID>
        <cbc:CertificateTypeCode>NA</cbc:CertificateTypeCode></cac:Certificate>"""
    (row,) = read_lists(catalogue(line_of(in_item=in_item))).prices.to_dict("records")
    assert given(row) == {
        "price_list_id": "PL-7 2", "issued_on": pd.Timestamp("2025-01-10"), "contract_reference": "A-114",
        "supplier_key": "5560160680", "supplier_name": "Handskbolaget AB", "line_id": "1", "article_id": "H-M",
        "standard_item_id": "7310865004703", "standard_item_scheme": "0160", "manufacturer_item_id": "MF-1",
        "article_name": "Handske", "article_description": "Nitril", "cpv_code": "18424300",
        "classifications": "STI:18424300", "labels": "Svanen", "price": Decimal("31.275"),
        "base_quantity": Decimal(10), "unit_code": "EA", "currency": "SEK", "minimum_quantity": Decimal(1),
        "valid_from": pd.Timestamp("2025-02-01"), "valid_to": pd.Timestamp("2026-01-31"), "is_withdrawn": 0,
        "file": "lista1.xml", "row_number": 1,
    }  # fmt: skip


def test_a_price_holds_on_its_own_days_else_its_lines_else_the_catalogues(read_lists: Read) -> None:
    of_price = PRICE.replace(
        "</cac:Price>",
        "<cac:ValidityPeriod><cbc:StartDate>2025-05-01</cbc:StartDate></cac:ValidityPeriod></cac:Price>",
    )
    of_line = (
        "<cac:LineValidityPeriod><cbc:StartDate>2025-03-01</cbc:StartDate><cbc:EndDate>2025-12-31</cbc:EndDate>"
        "</cac:LineValidityPeriod>"
    )
    prices = read_lists(
        catalogue(line_of(1, "A"), line_of(2, "B", inside=of_line), line_of(3, "C", of_price, inside=of_line))
    ).prices
    assert prices["valid_from"].dt.date.tolist() == [date(2025, 2, 1), date(2025, 3, 1), date(2025, 5, 1)]
    assert prices["valid_to"].dt.date.tolist() == [date(2026, 1, 31), date(2025, 12, 31), date(2025, 12, 31)]


def test_every_price_of_a_line_is_a_row_and_none_is_one_too(read_lists: Read) -> None:
    tier = PRICE.replace("MinimumQuantity>1<", "MinimumQuantity>100<").replace("31.275", "29")
    withdrawn = "<cbc:ActionCode>Delete</cbc:ActionCode>"
    reading = read_lists(catalogue(line_of(1, "A", PRICE + tier), line_of(2, "B", "", inside=withdrawn)))
    rows = reading.prices
    assert rows["article_id"].tolist() == ["A", "A", "B"]
    assert rows["price"].tolist() == [Decimal("31.275"), Decimal(29), None]
    assert rows["is_withdrawn"].tolist() == [0, 0, 1]
    assert rows["unit_code"].tolist() == ["EA", "EA", "BX"]
    assert rows["row_number"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        (line_of(2, ""), "id_missing", "Item/SellersItemIdentification/ID"),
        (line_of(2, "X", PRICE.replace("31.275", "1e9")), "figure_unreadable", "Price/PriceAmount"),
        (line_of(2, "X", PRICE.replace("31.275", "-1")), "figure_negative",
         "RequiredItemLocationQuantity/Price/PriceAmount"),
        (line_of(2, "X", PRICE.replace(">10<", ">0<")), "number_not_positive",
         "RequiredItemLocationQuantity/Price/BaseQuantity"),
        (line_of(2, "X", PRICE.replace(' currencyID="SEK"', "")), "currency_unreadable",
         "RequiredItemLocationQuantity/Price/PriceAmount/@currencyID"),
        (line_of(2, "H-M"), "id_repeated", "Item/SellersItemIdentification/ID"),
        ("<cac:CatalogueLine><cbc:ID>2</cbc:ID></cac:CatalogueLine>", "document_incomplete", "Item"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_rejected(read_lists: Read, line: str, reason: str, column: str) -> None:
    reading = read_lists(catalogue(line_of(), line))
    assert reading.prices["article_id"].tolist() == ["H-M"]
    assert reading.rejected[["reason", "column", "row_number"]].values.tolist() == [[reason, column, 2]]


def test_two_prices_for_the_same_purchase_are_both_rejected(read_lists: Read) -> None:
    other = line_of(2, "H-M", PRICE.replace("31.275", "35"))
    reading = read_lists(catalogue(line_of(), other, line_of(3, "H-L")))
    assert reading.prices["article_id"].tolist() == ["H-L"]
    assert reading.rejected["reason"].tolist() == ["price_differs"] * 2
    in_other_place = other.replace(
        "<cac:Price>",
        "<cac:ApplicableTerritoryAddress><cbc:CityName>Lund</cbc:CityName></cac:ApplicableTerritoryAddress><cac:Price>",
    )
    assert read_lists(catalogue(line_of(), in_other_place)).prices["delivery_place"].fillna("").tolist() == ["", "Lund"]


def test_a_catalogue_delivered_twice_counts_once(read_lists: Read) -> None:
    reading = read_lists(catalogue(), catalogue())
    assert reading.rejected["reason"].tolist() == ["repeated_delivery"]
    assert len(reading.prices) == 1


LIST = """Avtalsnummer;Leverantör;Organisationsnummer;Artikelnummer;Artikelbenämning;GTIN;Avtalspris;Prisbas;Enhet;\
Giltig från;Giltig till;Miljömärkning
A-114;Handskbolaget AB;556016-0680;H-M;Handske M;7310865004703;31,275;10;st;2025-02-01;2026-01-31;Svanen
A-114;Handskbolaget AB;556016-0680;H-L;Handske L;;3,5;;st;2025-02-01;tills vidare;
"""


def test_a_table_gives_the_same_as_a_catalogue(read_lists: Read) -> None:
    table, as_catalogue = read_lists(LIST).prices, read_lists(catalogue()).prices
    assert table["supplier_key"].tolist() == ["5560160680"] * 2
    assert table["valid_to"].dt.date.tolist() == [date(2026, 1, 31), FAR_FUTURE]
    assert table["base_quantity"].tolist() == [Decimal(10), Decimal(1)]
    same = ["contract_reference", "supplier_key", "article_id", "price", "base_quantity", "currency", "valid_from"]
    assert table[same].iloc[0].tolist() == as_catalogue[same].iloc[0].tolist()
    assert (table["price_list_id"].iloc[0], table["labels"].iloc[0]) == ("lista1.csv", "Svanen")


def test_a_column_map_and_a_workbook_are_read(tmp_path: Path, masker: Masker) -> None:
    path = tmp_path / "priser.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Prislista")
        for place, cells in enumerate([["Vår artikel", "Kr/st", "Lev"], ["H-M", 3.1275, f"Abbe AB ({COMPANY})"]]):
            sheet.write_row(place + 2, 0, cells)
    form = RegisterFormat(columns={"article_id": "Vår artikel", "price": "Kr/st", "supplier_name": "Lev"})
    (row,) = read_catalogues([path], form, masker=masker).prices.to_dict("records")
    assert (row["article_id"], row["price"], row["supplier_key"]) == ("H-M", Decimal("3.1275"), "5560160680")
    assert (row["file"], row["row_number"], row["currency"]) == ("priser.xlsx#Prislista", 4, "SEK")


def test_a_list_that_names_no_seller_is_read(read_lists: Read) -> None:
    prices = read_lists("Artikelnummer;Pris\nH-M;3,50\nH-L;enligt avrop\n").prices
    assert prices["supplier_key"].isna().all()
    assert prices["price"].tolist() == [Decimal("3.5"), None]
    assert prices["currency"].fillna("").tolist() == ["SEK", ""]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("H-L;", ";", "id_missing"),
        (";3,5;", ";-3,5;", "figure_negative"),
        (";3,5;;", ";3,5;0;", "number_not_positive"),
        ("2025-02-01;tills vidare", "2025-02-01;2024-12-31", "ends_before_start"),
        ("2025-02-01;tills vidare", "31 februari;", "date_unreadable"),
    ],
)
def test_a_row_that_cannot_be_is_rejected(read_lists: Read, old: str, new: str, reason: str) -> None:
    reading = read_lists(LIST.replace(old, new))
    assert reading.rejected["reason"].tolist() == [reason]
    assert reading.prices["article_id"].tolist() == ["H-M"]


def test_lists_and_catalogues_are_reckoned_together(read_lists: Read) -> None:
    reading = read_lists(LIST, catalogue(line_of(1, "A"), line_of(2, "")), LIST.replace("A-114", "A-115"))
    told = [(file.name, file.rows_read, file.rows_accepted) for file in reading.control.files]
    assert told == [("lista1.csv", 2, 2), ("lista3.csv", 2, 2), ("lista2.xml", 2, 1)]


def test_sole_traders_are_hidden(read_lists: Read, masker: Masker) -> None:
    seller = (PERSON, "Anna Andersson Konsult")
    shown = [
        read_lists(catalogue(line_of(in_item="<cbc:Description>Anna Andersson Konsult</cbc:Description>"),
                             seller=seller)),
        read_lists(LIST.replace(COMPANY, PERSON).replace("Handskbolaget AB", seller[1])),
    ]  # fmt: skip
    for reading in shown:
        assert set(reading.prices["supplier_key"]) == {masker.supplier_key("9001010017")}
        assert "Anna" not in str(reading.prices.to_dict("records"))
        assert "900101" not in str(reading.prices.to_dict("records"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (catalogue().replace("?>\n", '?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n', 1), "dokumenttyp (DTD) eller entiteter"),
        (catalogue().replace("</Catalogue>", "<cac:Item>" * 1_000), "djupare än 30 nivåer"),
        (catalogue().replace("catalogue:3", "order:3"), "inte ett dokument i Peppol"),
        ("<Invoice/>", "inte ett dokument i Peppol"),
        (catalogue()[:-30], "inte läsbar XML"),
        (catalogue().replace("2025-02-01", "Anna Andersson 900101-0017"), "Datumet kan inte läsas"),
    ],
)
def test_what_is_no_catalogue_is_refused(read_lists: Read, content: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_lists(content)
    assert str(error.value).startswith("lista1.xml: the catalogue cannot be read.")
    assert said in str(error.value)
    assert "Anna" not in str(error.value) and "900101" not in str(error.value)


def test_no_list_and_an_empty_one_are_said(read_lists: Read) -> None:
    with pytest.raises(InputError, match="no price lists"):
        read_lists()
    with pytest.raises(InputError, match="not one of 1 rows of the contract price list"):
        read_lists(catalogue(line_of(1, "")))


def test_every_column_of_a_list_is_one_of_the_schema() -> None:
    known = {*names(PRICE_LISTS), "supplier_number"}
    assert set(PRICE_LIST.aliases) <= known


@pytest.mark.real_data
def test_the_real_catalogue_is_read(real_data: Path, masker: Masker) -> None:
    reading = read_catalogues([real_data / "e-invoices" / "Catalogue_Example.xml"], masker=masker)
    columns = ["article_id", "price", "base_quantity", "unit_code", "currency", "contract_reference", "labels"]
    # The file says C62 (one), which is EA (each) by the table of units.
    assert reading.prices[columns].fillna("").values.tolist() == [
        ["MNTR011", Decimal(10), Decimal(1), "EA", "EUR", "CRT1387", "SVANEN"],
        ["MNTR012", Decimal(90), Decimal(1), "EA", "EUR", "CRT1387", ""],
    ]
    assert reading.prices["valid_to"].dt.date.tolist() == [date(2018, 12, 31), date(2019, 8, 31)]
    assert reading.rejected.empty
    assert reading.control.files[0].encoding == "iso-8859-1"


def test_the_list_in_the_documentation_is_read(read_lists: Read) -> None:
    page = (Path(__file__).parents[2] / "docs" / "own-invoices.md").read_text(encoding="utf-8")
    example = page.partition("```csv\n")[2].partition("```")[0]
    prices = read_lists(example).prices
    assert prices["article_id"].tolist() == ["H-M", "H-L"]
    assert prices["currency"].tolist() == ["SEK", "SEK"]
    assert prices["minimum_quantity"].tolist() == [Decimal(1), None]
    listed = page.partition("| column | what it is |")[2].partition("\nRejected")[0]
    assert {name for name in PRICE_LIST.aliases if f"`{name}`" in listed} == set(PRICE_LIST.aliases)
