"""E-invoices: every document accepted or rejected, every total to the öre, credits that net out, nobody shown."""

from __future__ import annotations

import socket
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.peppol import InvoiceLines, InvoiceReading, article_lines_of, read_invoices
from procanalysis.read.peppol.checks import check_document
from procanalysis.read.peppol.documents import document_of
from procanalysis.read.peppol.invoices import INVOICE_BOUNDS
from procanalysis.read.peppol.safe_xml import Bounds, RefusedDocument, _Bounded, parse_document
from procanalysis.read.supplier_numbers import HIDDEN_NUMBER, Masker
from procanalysis.schema import (
    ARTICLE_LINES,
    CREDIT_CHAIN_STATUSES,
    CREDIT_CHAINS,
    CREDIT_REFERENCE_STATUSES,
    CREDIT_REFERENCES,
    INVOICE_CHECK_COUNTS,
    INVOICE_CHECKS,
    INVOICE_DIFFERENCES,
    INVOICE_KINDS,
    INVOICE_LINES,
    INVOICE_TAXES,
    INVOICES,
    REJECT_REASONS,
    REJECTED_ROWS,
    names,
)

SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
COMPANY, PERSON = "556016-0680", "900101-0017"
SELLER = (COMPANY, "Handskbolaget AB")
TABLES = {
    "invoices": INVOICES, "lines": INVOICE_LINES, "taxes": INVOICE_TAXES, "references": CREDIT_REFERENCES,
    "chains": CREDIT_CHAINS, "checks": INVOICE_CHECK_COUNTS, "differences": INVOICE_DIFFERENCES,
    "rejected": REJECTED_ROWS,
}  # fmt: skip
Read = Callable[..., InvoiceReading]


# Documents of our own


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Item:
    """One line to be written: its amount follows from the rest unless it is given."""

    quantity: str = "2"
    price: str = "100.00"
    base: str = ""
    rate: str = "25"
    category: str = "S"
    allowance: str = "0"
    charge: str = "0"
    amount: str = ""
    inside: str = ""
    in_item: str = ""

    @property
    def worth(self) -> Decimal:
        reckoned = Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base or 1)
        return Decimal(self.amount) if self.amount else cents(reckoned - Decimal(self.allowance) + Decimal(self.charge))


def xml_of(
    *items: Item,
    kind: str = "Invoice",
    number: str = "F1",
    issued: str = "2025-03-04",
    currency: str = "SEK",
    seller: tuple[str, str] = SELLER,
    earlier: Sequence[tuple[str, str]] = (),
    allowance: str = "0",
    charge: str = "0",
    prepaid: str = "0",
    rounding: str = "0",
    stated: Mapping[str, str] | None = None,
    head: str = "",
    type_code: str = "",
) -> str:
    """Write a document whose totals agree, but for those that are stated otherwise."""
    items = items or (Item(),)
    of = kind if kind == "CreditNote" else "Invoice"
    bases: dict[tuple[str, str], Decimal] = {}
    for item in items:
        key = (item.category, item.rate)
        bases[key] = bases.get(key, Decimal(0)) + item.worth
    first = (items[0].category, items[0].rate)
    bases[first] += Decimal(charge) - Decimal(allowance)
    taxes = {key: cents(base * Decimal(key[1]) / 100) for key, base in bases.items()}
    lines = sum(item.worth for item in items)
    exclusive = lines - Decimal(allowance) + Decimal(charge)
    inclusive = exclusive + sum(taxes.values())
    totals = {
        "LineExtensionAmount": lines, "TaxExclusiveAmount": exclusive, "TaxInclusiveAmount": inclusive,
        "AllowanceTotalAmount": allowance, "ChargeTotalAmount": charge, "PrepaidAmount": prepaid,
        "PayableRoundingAmount": rounding, "PayableAmount": inclusive - Decimal(prepaid) + Decimal(rounding),
    } | {"TaxAmount": sum(taxes.values())} | dict(stated or {})  # fmt: skip
    tax = totals.pop("TaxAmount")

    def money(tag: str, amount: object) -> str:
        return f'<cbc:{tag} currencyID="{currency}">{amount}</cbc:{tag}>'

    def vat(tag: str, category: str, rate: str) -> str:
        scheme = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        return f"<cac:{tag}><cbc:ID>{category}</cbc:ID><cbc:Percent>{rate}</cbc:Percent>{scheme}</cac:{tag}>"

    def extra(is_charge: bool, amount: str, vat_of_it: str = "") -> str:
        indicator = f"<cbc:ChargeIndicator>{str(is_charge).lower()}</cbc:ChargeIndicator>"
        inside = indicator + money("Amount", amount) + vat_of_it
        return f"<cac:AllowanceCharge>{inside}</cac:AllowanceCharge>" if Decimal(amount) else ""

    def line(place: int, item: Item) -> str:
        quantity = "CreditedQuantity" if of == "CreditNote" else "InvoicedQuantity"
        base = f'<cbc:BaseQuantity unitCode="EA">{item.base}</cbc:BaseQuantity>' if item.base else ""
        return (
            f'<cac:{of}Line><cbc:ID>{place}</cbc:ID><cbc:{quantity} unitCode="EA">{item.quantity}</cbc:{quantity}>'
            f"{money('LineExtensionAmount', item.worth)}{item.inside}"
            f"{extra(False, item.allowance)}{extra(True, item.charge)}"
            f"<cac:Item><cbc:Name>Handske</cbc:Name>{item.in_item}"
            f"{vat('ClassifiedTaxCategory', item.category, item.rate)}</cac:Item>"
            f"<cac:Price>{money('PriceAmount', item.price)}{base}</cac:Price></cac:{of}Line>"
        )

    references = "".join(
        "<cac:BillingReference><cac:InvoiceDocumentReference>"
        f"<cbc:ID>{ref}</cbc:ID>{f'<cbc:IssueDate>{day}</cbc:IssueDate>' if day else ''}"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
        for ref, day in earlier
    )
    subtotals = "".join(
        f"<cac:TaxSubtotal>{money('TaxableAmount', base)}{money('TaxAmount', taxes[key])}"
        f"{vat('TaxCategory', *key)}</cac:TaxSubtotal>"
        for key, base in bases.items()
    )
    code = type_code or ("381" if of == "CreditNote" else "380")
    company = f"<cbc:CompanyID>{seller[0]}</cbc:CompanyID>" if seller[0] else ""
    on_all = vat("TaxCategory", *first)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{SPACE}{kind}-2" xmlns:cac="{SPACE}CommonAggregateComponents-2"
 xmlns:cbc="{SPACE}CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>
<cbc:{of}TypeCode>{code}</cbc:{of}TypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>{head}{references}
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>{seller[1]}</cbc:RegistrationName>
{company}</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Regionen</cbc:RegistrationName>
<cbc:CompanyID>232100-0016</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
{extra(False, allowance, on_all)}{extra(True, charge, on_all)}
<cac:TaxTotal>{money("TaxAmount", tax)}{subtotals}</cac:TaxTotal>
<cac:LegalMonetaryTotal>{"".join(money(tag, amount) for tag, amount in totals.items())}</cac:LegalMonetaryTotal>
{"".join(line(place, item) for place, item in enumerate(items, start=1))}</{kind}>"""


def credit(*items: Item, number: str = "K1", **more: Any) -> str:
    return xml_of(*items, kind="CreditNote", number=number, issued=more.pop("issued", "2025-04-01"), **more)


@pytest.fixture
def read_documents(tmp_path: Path, masker: Masker) -> Read:
    """Write contents to files and read them; what must hold of every reading is looked at here."""

    def read_contents(*contents: str | bytes, masker: Masker = masker, **more: Any) -> InvoiceReading:
        paths = []
        for place, content in enumerate(contents, start=1):
            paths.append(tmp_path / f"faktura{place}.xml")
            paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
        reading = read_invoices(paths, masker=masker, **more)
        for name, table in TABLES.items():
            assert list(getattr(reading, name).columns) == names(table), name
        control = reading.control
        assert control.documents_read == len(contents) == control.documents_accepted + control.documents_rejected
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        assert set(reading.invoices["kind"]) <= INVOICE_KINDS.keys()
        assert set(reading.references["status"]) <= CREDIT_REFERENCE_STATUSES.keys()
        assert set(reading.chains["status"]) <= CREDIT_CHAIN_STATUSES.keys()
        assert list(reading.checks["check"]) == list(INVOICE_CHECKS)
        return reading

    return read_contents


SOUND = xml_of()


def rejected_of(read: Read, content: str | bytes) -> dict[str, Any]:
    """Read a document beside a sound one, and return the row that tells why it is rejected."""
    reading = read(content, xml_of(number="sound"))
    assert reading.invoices["number"].tolist() == ["sound"]
    (row,) = reading.rejected.to_dict("records")
    return dict(row)


TREE = pd.DataFrame({"category_code": ["02", "02.01", "05"]})


def as_lines(reading: InvoiceReading, **more: Any) -> InvoiceLines:
    """Lay the lines out as article lines; what must hold of all of them is looked at here."""
    found = article_lines_of(reading, taxonomy=TREE, **more)
    lines, control = found.lines, found.control
    for column in ARTICLE_LINES:
        kinds = {"text": "str", "date": "datetime64[us]", "decimal": "object"}
        assert str(lines[column.name].dtype) == kinds.get(column.type, "int64"), column.name
        assert not (column.required and lines[column.name].isna().any()), column.name
    assert list(lines.columns) == names(ARTICLE_LINES)
    in_kronor = reading.invoices[reading.invoices["currency"] == "SEK"]
    assert lines["amount_ore"].sum() - control.allowances_ore + control.charges_ore == control.tax_exclusive_ore
    assert control.tax_exclusive_ore == in_kronor["tax_exclusive_ore"].sum()
    assert len(found.excluded) + len(in_kronor) == len(reading.invoices)
    return found


# What is read


def test_a_document_is_read_whole(read_documents: Read) -> None:
    head = """<cbc:Note>Tack för köpet</cbc:Note><cbc:AccountingCost>6440</cbc:AccountingCost>
        <cbc:BuyerReference>Kirurgen</cbc:BuyerReference>
        <cac:InvoicePeriod><cbc:StartDate>2025-02-01</cbc:StartDate><cbc:EndDate>2025-02-28</cbc:EndDate>
        </cac:InvoicePeriod><cac:OrderReference><cbc:ID>O-7</cbc:ID><cbc:SalesOrderID>S-7</cbc:SalesOrderID>
        </cac:OrderReference><cac:ContractDocumentReference><cbc:ID>A-114</cbc:ID></cac:ContractDocumentReference>
        <cac:OriginatorDocumentReference><cbc:ID>UPP-24-07</cbc:ID></cac:OriginatorDocumentReference>
        <cac:ProjectReference><cbc:ID>P-9</cbc:ID></cac:ProjectReference>
        <cbc:DueDate>2025-04-03</cbc:DueDate>"""
    inside = """<cbc:Note>Storlek M</cbc:Note><cbc:AccountingCost>6441</cbc:AccountingCost><cac:InvoicePeriod>
        <cbc:StartDate>2025-02-03</cbc:StartDate></cac:InvoicePeriod>
        <cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference>"""
    in_item = """<cbc:Description>Nitril, puderfri</cbc:Description>
        <cac:SellersItemIdentification><cbc:ID>H-M</cbc:ID></cac:SellersItemIdentification>
        <cac:BuyersItemIdentification><cbc:ID>4711</cbc:ID></cac:BuyersItemIdentification>
        <cac:StandardItemIdentification><cbc:ID schemeID="0160">7310865004703</cbc:ID></cac:StandardItemIdentification>
        <cac:CommodityClassification><cbc:ItemClassificationCode listID="STI">18424300</cbc:ItemClassificationCode>
        </cac:CommodityClassification><cac:CommodityClassification>
        <cbc:ItemClassificationCode listID="TST">42132203</cbc:ItemClassificationCode></cac:CommodityClassification>
        <cac:AdditionalItemProperty><cbc:Name>Miljömärkning</cbc:Name><cbc:Value>Svanen</cbc:Value>
        </cac:AdditionalItemProperty>"""
    item = Item("12000", "3.1275", "10", allowance="30", charge="5", inside=inside, in_item=in_item)
    content = xml_of(item, head=head, charge="20", prepaid="100", rounding="0.44")
    reading = read_documents(content)
    (invoice,), (line,), (tax,) = (getattr(reading, name).to_dict("records") for name in ("invoices", "lines", "taxes"))
    # By hand: 12 000 × 3,1275 ÷ 10 = 3 753,00; − 30 + 5 = 3 728,00; + 20 = 3 748,00; VAT 937,00; in all 4 685,00.
    assert {name: value for name, value in invoice.items() if not pd.isna(value)} == {
        "document_id": 1, "invoice_key": "5560160680|F1", "number": "F1", "kind": "invoice", "type_code": "380",
        "issued_on": pd.Timestamp("2025-03-04"), "due_on": pd.Timestamp("2025-04-03"),
        "period_starts_on": pd.Timestamp("2025-02-01"), "period_ends_on": pd.Timestamp("2025-02-28"),
        "supplier_key": "5560160680", "supplier_name": "Handskbolaget AB", "supplier_number": COMPANY,
        "number_status": "valid", "buyer_number": "232100-0016", "buyer_name": "Regionen",
        "buyer_reference": "Kirurgen", "order_reference": "O-7", "sales_order_reference": "S-7",
        "contract_reference": "A-114", "tender_reference": "UPP-24-07", "project": "P-9", "account": "6440",
        "text": "Tack för köpet", "currency": "SEK", "line_extension_ore": 372_800, "allowances_ore": 0,
        "charges_ore": 2_000, "tax_exclusive_ore": 374_800, "tax_ore": 93_700, "tax_inclusive_ore": 468_500,
        "prepaid_ore": 10_000, "rounding_ore": 44, "payable_ore": 458_544, "lines_count": 1,
        "file": "faktura1.xml",
    }  # fmt: skip
    assert {name: value for name, value in line.items() if not pd.isna(value)} == {
        "document_id": 1, "line_number": 1, "line_id": "1", "item_name": "Handske",
        "item_description": "Nitril, puderfri", "text": "Storlek M", "seller_item_id": "H-M", "buyer_item_id": "4711",
        "standard_item_id": "7310865004703", "standard_item_scheme": "0160", "cpv_code": "18424300",
        "unspsc_code": "42132203", "classifications": "STI:18424300; TST:42132203",
        "properties": "Miljömärkning=Svanen", "quantity": Decimal(12000), "unit_code": "EA",
        "price": Decimal("3.1275"), "base_quantity": Decimal(10), "allowances_ore": 3_000, "charges_ore": 500,
        "amount_ore": 372_800, "currency": "SEK", "order_line_reference": "10", "account": "6441",
        "period_starts_on": pd.Timestamp("2025-02-03"), "vat_category": "S", "vat_rate_pct": Decimal(25),
    }  # fmt: skip
    assert tax == {
        "document_id": 1, "vat_category": "S", "vat_rate_pct": Decimal(25), "taxable_ore": 374_800,
        "tax_ore": 93_700, "currency": "SEK",
    }  # fmt: skip


def test_a_credit_note_reduces_and_names_its_project_its_own_way(read_documents: Read) -> None:
    head = (
        "<cac:AdditionalDocumentReference><cbc:ID>P-9</cbc:ID><cbc:DocumentTypeCode>50</cbc:DocumentTypeCode>"
        "</cac:AdditionalDocumentReference><cac:AdditionalDocumentReference><cbc:ID>Bilaga</cbc:ID>"
        "</cac:AdditionalDocumentReference>"
    )
    reading = read_documents(credit(Item(allowance="10"), charge="5", head=head))
    (invoice,) = reading.invoices.to_dict("records")
    (line,) = reading.lines.to_dict("records")
    assert (invoice["project"], invoice["kind"]) == ("P-9", "credit_note")
    assert (invoice["tax_exclusive_ore"], invoice["charges_ore"], invoice["payable_ore"]) == (-19_500, -500, -24_375)
    assert (line["quantity"], line["price"], line["amount_ore"]) == (Decimal(-2), Decimal(100), -19_000)
    assert line["allowances_ore"] == -1_000


def test_the_gross_price_is_read_and_has_to_leave_the_net_price(read_documents: Read) -> None:
    def with_gross(amount: str) -> str:
        allowance = (
            "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>20.50</cbc:Amount>"
            f"<cbc:BaseAmount>{amount}</cbc:BaseAmount></cac:AllowanceCharge>"
        )
        return SOUND.replace("</cac:Price>", f"{allowance}</cac:Price>")

    (line,) = read_documents(with_gross("120.50")).lines.to_dict("records")
    assert (line["gross_price"], line["price_allowance"]) == (Decimal("120.5"), Decimal("20.5"))
    row = rejected_of(read_documents, with_gross("121"))
    assert (row["reason"], row["value"]) == ("price_disagrees", "121 − 20.5 är inte 100")


def test_invoices_find_the_ledger(read_documents: Read, read: Any, csv_of: Any, rows_of: Any) -> None:
    sellers = [SELLER, (PERSON, "Anna Andersson Konsult"), ("", "Namnlösa AB")]
    number = "900101-0017-3"
    ledger = read(csv_of([
        {**rows_of(1)[0], "leverantor": name, "leverantor_id": org, "fakturanummer": number} for org, name in sellers
    ]))  # fmt: skip
    reading = read_documents(*(xml_of(number=number, seller=seller) for seller in sellers))
    assert reading.invoices["invoice_key"].tolist() == ledger.lines.column("invoice_key").to_pylist()
    assert reading.invoices["supplier_name"].tolist() == ledger.lines.column("supplier_name").to_pylist()


# Control totals


@pytest.mark.parametrize(
    ("tag", "check"),
    [
        ("LineExtensionAmount", "line_extension"),
        ("AllowanceTotalAmount", "allowances"),
        ("ChargeTotalAmount", "charges"),
        ("TaxExclusiveAmount", "tax_exclusive"),
        ("TaxAmount", "tax"),
        ("TaxInclusiveAmount", "tax_inclusive"),
        ("PayableAmount", "payable"),
    ],
)
@pytest.mark.parametrize("wrong_by", [1, -1, 123_456])
def test_a_wrong_total_is_told_to_the_ore(read_documents: Read, tag: str, check: str, wrong_by: int) -> None:
    right = {
        "LineExtensionAmount": 20_000, "AllowanceTotalAmount": 1_000, "ChargeTotalAmount": 500,
        "TaxExclusiveAmount": 19_500, "TaxAmount": 4_875, "TaxInclusiveAmount": 24_375, "PayableAmount": 24_375,
    }[tag]  # fmt: skip
    stated = f"{Decimal(right + wrong_by) / 100:f}"
    content = xml_of(allowance="10", charge="5", stated={tag: stated})
    reading = read_documents(content, xml_of(number="F2"))
    found = reading.differences.set_index("check").loc[check]
    assert (found["stated_ore"], found["reckoned_ore"]) == (right + wrong_by, right)
    assert (found["difference_ore"], found["is_allowed"], found["file"]) == (wrong_by, 0, "faktura1.xml")
    (row,) = reading.rejected.to_dict("records")
    assert (row["reason"], row["column"]) == ("totals_disagree", INVOICE_CHECKS[check].partition(" = ")[0])
    sign = "−" if wrong_by < 0 else ""
    assert row["value"].endswith(f"skiljer {sign}{abs(wrong_by) // 100},{abs(wrong_by) % 100:02}")
    assert reading.checks.set_index("check").loc[check].tolist() == [2, 1, 0, 1]


@pytest.mark.parametrize(
    ("content", "check", "difference"),
    [
        (xml_of(Item(amount="200.02")), "line_amount", None),
        (xml_of(Item(amount="199.98")), "line_amount", None),
        (xml_of(Item(amount="200.03")), "line_amount", 3),
        (xml_of(Item("3", "10", "7", amount="4.31")), "line_amount", 2),  # 4,2857…: shown as 0,02, and more than that
        (xml_of(Item("3", "10", "7", amount="4.30")), "line_amount", None),
        (SOUND.replace(">50.00<", ">50.99<").replace(">250.00<", ">250.99<"), "tax_of_rate", None),
        (SOUND.replace(">50.00<", ">51.00<").replace(">250.00<", ">251.00<"), "tax_of_rate", 100),
        (SOUND.replace("TaxableAmount currencyID=\"SEK\">200.00", "TaxableAmount currencyID=\"SEK\">200.99"),
         "taxable", None),
        (SOUND.replace("TaxableAmount currencyID=\"SEK\">200.00", "TaxableAmount currencyID=\"SEK\">201.00"),
         "taxable", 100),
        (xml_of(Item(category="E", rate="0")).replace(
            "TaxableAmount currencyID=\"SEK\">200.00", "TaxableAmount currencyID=\"SEK\">200.01"), "taxable", 1),
    ],
)  # fmt: skip
def test_the_tolerances_are_the_standards(
    read_documents: Read, content: str, check: str, difference: int | None
) -> None:
    reading = read_documents(content, xml_of(number="F2"))
    found = reading.differences.set_index("check").loc[check]
    assert found["is_allowed"] == int(difference is None)
    assert len(reading.invoices) == (2 if difference is None else 1)
    if difference is not None:
        assert found["difference_ore"] == difference


def test_a_percentage_has_to_give_its_allowance(read_documents: Read) -> None:
    def of(percent: str) -> str:
        stated = (
            f"<cbc:MultiplierFactorNumeric>{percent}</cbc:MultiplierFactorNumeric>"
            '<cbc:Amount currencyID="SEK">10</cbc:Amount><cbc:BaseAmount currencyID="SEK">200</cbc:BaseAmount>'
        )
        return xml_of(Item(allowance="10")).replace('<cbc:Amount currencyID="SEK">10</cbc:Amount>', stated)

    assert read_documents(of("5")).differences.empty
    row = rejected_of(read_documents, of("6"))
    assert row["value"] == "rad 1: står 10,00, blir 12,00, skiljer −2,00"


def test_a_rate_that_the_breakdown_leaves_out_is_found(read_documents: Read) -> None:
    items = (Item(), Item(price="0.40", rate="12"))
    whole = xml_of(*items)
    start = whole.rindex("<cac:TaxSubtotal>")
    left_out = whole[:start] + whole[whole.index("</cac:TaxSubtotal>", start) + len("</cac:TaxSubtotal>") :]
    reading = read_documents(left_out, xml_of(number="F2"))
    found = reading.differences.set_index("check").loc["taxable"]
    assert (found["place"], found["difference_ore"], found["is_allowed"]) == ("S 12 %", -80, 0)


def test_rates_are_reckoned_apart(read_documents: Read) -> None:
    items = (Item(), Item(rate="12"), Item(category="E", rate="0"))
    reading = read_documents(xml_of(*items))
    assert reading.taxes[["vat_category", "taxable_ore", "tax_ore"]].values.tolist() == [
        ["S", 20_000, 5_000], ["S", 20_000, 2_400], ["E", 20_000, 0],
    ]  # fmt: skip


amounts = st.decimals("-9999.99", "9999.99", places=2)
figures = st.decimals("0", "9999.999999", places=6)
items = st.builds(
    Item,
    quantity=st.decimals("-9999.9999", "9999.9999", places=4).map(str),
    price=figures.map(str),
    base=st.sampled_from(["", "1", "7", "1000", "0.25"]),
    rate=st.sampled_from(["25", "12", "6"]),
    allowance=st.decimals("0", "99.99", places=2).map(str),
    charge=st.decimals("0", "99.99", places=2).map(str),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of=st.lists(items, min_size=1, max_size=5),
    allowance=amounts.map(abs),
    prepaid=amounts,
    rounding=st.decimals("-0.5", "0.5", places=2),
    kind=st.sampled_from(["Invoice", "CreditNote"]),
    wrong_by=st.integers(-10_000, 10_000),
)
def test_whatever_agrees_is_accepted_and_whatever_does_not_is_found(
    read_documents: Read, of: list[Item], allowance: Decimal, prepaid: Decimal, rounding: Decimal, kind: str,
    wrong_by: int,
) -> None:  # fmt: skip
    told = {"allowance": str(allowance), "prepaid": str(prepaid), "rounding": str(rounding)}
    right = xml_of(*of, kind=kind, **told)
    payable = int(100 * Decimal(ET.fromstring(right).findtext(f".//{{{SPACE}CommonBasicComponents-2}}PayableAmount")))
    stated = {"PayableAmount": f"{Decimal(payable + wrong_by) / 100:f}"}
    reading = read_documents(right, xml_of(*of, kind=kind, number="F2", stated=stated, **told))
    sign = -1 if kind == "CreditNote" else 1
    lines = reading.lines[reading.lines["document_id"] == 1]
    assert reading.invoices["payable_ore"].iloc[0] == sign * payable
    assert lines["amount_ore"].tolist() == [sign * int(item.worth * 100) for item in of]
    assert lines["quantity"].tolist() == [sign * Decimal(item.quantity) for item in of]
    wrong = reading.differences[reading.differences["is_allowed"] == 0]
    assert wrong["difference_ore"].tolist() == ([wrong_by] if wrong_by else [])
    assert reading.control.documents_rejected == int(wrong_by != 0)


@settings(max_examples=60, deadline=None)
@given(of=st.lists(items, min_size=1, max_size=4), allowance=amounts.map(abs), wrong_by=st.integers(-500, 500))
def test_a_wrong_line_is_found_and_no_other(of: list[Item], allowance: Decimal, wrong_by: int) -> None:
    first = Item(**{**vars(of[0]), "amount": str(of[0].worth + Decimal(wrong_by) / 100)})
    content = xml_of(first, *of[1:], allowance=str(allowance)).encode()
    root, _ = parse_document(content, ("Invoice",), INVOICE_BOUNDS)
    failed = [check for check in check_document(document_of(root, "a.xml")) if not check.is_within]
    exact = Decimal(first.quantity) * Decimal(first.price) / Decimal(first.base or 1)
    off = first.worth - (exact - Decimal(first.allowance) + Decimal(first.charge))
    assert [check.name for check in failed] == (["line_amount"] if abs(off) > Decimal("0.02") else [])
    assert all(check.difference_ore == wrong_by and check.place == "rad 1" for check in failed)


# Currencies and repeated deliveries


def test_other_currencies_stay_what_they_are(read_documents: Read) -> None:
    wrong = xml_of(number="F4", currency="EUR", stated={"PayableAmount": "1"})
    reading = read_documents(SOUND, xml_of(number="F2", currency="EUR"), credit(currency="NOK"), wrong)
    totals = {one.currency: (one.amount_accepted_ore, one.amount_rejected_ore) for one in reading.control.totals}
    assert totals == {"SEK": (20_000, 0), "EUR": (20_000, 20_000), "NOK": (-20_000, 0)}
    assert reading.invoices["currency"].tolist() == ["SEK", "EUR", "NOK"] == reading.lines["currency"].tolist()
    assert reading.rejected["amount_ore"].isna().all(), "hundredths of a euro are no öre"


def test_one_document_has_one_currency(read_documents: Read) -> None:
    for mixed in (
        SOUND.replace('PayableAmount currencyID="SEK"', 'PayableAmount currencyID="EUR"'),
        SOUND.replace('PriceAmount currencyID="SEK"', 'PriceAmount currencyID="EUR"'),
        SOUND.replace('TaxAmount currencyID="SEK"', 'TaxAmount currencyID="EUR"'),
    ):
        assert rejected_of(read_documents, mixed)["reason"] == "currencies_mixed"
    accounts = SOUND.replace(
        "<cac:LegalMonetaryTotal>",
        '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">4.5</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>',
    )
    assert read_documents(accounts).invoices["tax_ore"].tolist() == [5_000]


def test_a_second_copy_is_a_repeated_delivery(read_documents: Read) -> None:
    other_dress = xml_of(seller=("SE556016068001", SELLER[1])).replace("\n", "\r\n")
    other_sum = xml_of(Item("3"))
    another_year = xml_of(issued="2026-03-04")
    as_credit = xml_of(kind="CreditNote")
    reading = read_documents(SOUND, SOUND, other_dress, other_sum, another_year, as_credit)
    assert reading.rejected["reason"].tolist() == ["repeated_delivery", "document_differs", "document_differs"]
    assert reading.rejected["value"].tolist() == ["faktura1.xml"] * 3
    assert reading.invoices["tax_exclusive_ore"].tolist() == [20_000, 20_000, -20_000]


# Credit chains


def test_a_credit_note_and_a_negative_invoice_net_out(read_documents: Read) -> None:
    minus = Item("-2")
    reading = read_documents(
        SOUND,
        credit(earlier=[("F1", "2025-03-04")]),
        xml_of(number="F2"),
        xml_of(minus, number="F3", earlier=[("F2", "")]),
        xml_of(number="F9"),
    )
    chains = reading.chains
    assert chains["net_ore"].tolist() == [0, 0] == chains["net_tax_inclusive_ore"].tolist()
    assert chains["status"].tolist() == ["whole", "whole"]
    assert chains[["invoiced_ore", "credited_ore"]].values.tolist() == [[20_000, -20_000]] * 2
    assert reading.invoices["chain_id"].tolist() == [1, 1, 2, 2, pd.NA]
    assert reading.references["referenced_document_id"].tolist() == [1, 3]
    assert reading.invoices["tax_exclusive_ore"].sum() == 20_000, "only F9 is left"


def test_chains_join_several_invoices_and_credits(read_documents: Read) -> None:
    reading = read_documents(
        credit(Item("1"), number="K2", earlier=[("K1", "")]),  # before what it credits, and a credit of a credit
        SOUND,
        xml_of(number="F2"),
        credit(earlier=[("F1", ""), ("F2", ""), ("F2", "")]),
    )
    (chain,) = reading.chains.to_dict("records")
    assert (chain["invoices_count"], chain["credits_count"], chain["net_ore"]) == (2, 2, 40_000 - 10_000 - 20_000)
    assert (chain["status"], chain["unresolved_count"], chain["chain_id"]) == ("part", 0, 1)
    assert reading.invoices["chain_id"].tolist() == [1, 1, 1, 1]


def test_what_a_reference_leads_to_is_told(read_documents: Read) -> None:
    bad = xml_of(number="BAD", stated={"PayableAmount": "1"})
    cases = {
        "resolved": credit(number="K1", earlier=[("F1", "2025-03-04")]),
        "not_named": credit(number="K2"),
        "not_found": credit(number="K3", earlier=[("F8", "")]),
        "rejected": credit(number="K4", earlier=[("BAD", "")]),
        "other_date": credit(number="K5", earlier=[("F1", "2024-03-04")]),
        "other_currency": credit(number="K6", earlier=[("F1", "")], currency="EUR"),
        "several": credit(number="K7", earlier=[("TWICE", "")]),
        "itself": credit(number="K8", earlier=[("K8", "")]),
    }
    others = [
        SOUND, bad, xml_of(number="TWICE"), xml_of(number="TWICE", issued="2024-03-04"),
        xml_of(number="F8", seller=("202100-5489", "Annan säljare")),
    ]  # fmt: skip
    reading = read_documents(*others, *cases.values())
    assert reading.references["status"].tolist() == list(cases) == list(CREDIT_REFERENCE_STATUSES)
    assert reading.references["referenced_document_id"].notna().tolist() == [True] + [False] * 7
    assert reading.chains["status"].tolist() == ["whole"] + ["alone"] * 7
    assert reading.chains["unresolved_count"].tolist() == [0] + [1] * 7


def test_an_ordinary_invoice_that_refers_to_another_credits_nothing(read_documents: Read) -> None:
    reading = read_documents(xml_of(type_code="386"), xml_of(number="F2", earlier=[("F1", "")]))
    assert reading.references[["is_reducing", "status"]].values.tolist() == [[0, "resolved"]]
    assert reading.chains.empty
    assert reading.invoices["chain_id"].isna().all()


def test_more_than_the_invoice_is_told(read_documents: Read) -> None:
    twice = [credit(number=number, earlier=[("F1", "")]) for number in ("K1", "K2")]
    assert read_documents(SOUND, *twice).chains[["net_ore", "status"]].values.tolist() == [[-20_000, "more"]]


# People


def test_sole_traders_are_hidden(read_documents: Read, masker: Masker) -> None:
    inside = "<cbc:Note>Utfört av Anna Andersson (900101-0017)</cbc:Note>"
    seller = ("SE900101001701", "Anna Andersson Konsult")
    head = "<cac:ContractDocumentReference><cbc:ID>A-9001010017</cbc:ID></cac:ContractDocumentReference>"
    content = xml_of(
        Item(inside=inside.replace("Anna Andersson", "Anna Andersson Konsult")), seller=seller, number="900101-0017-1",
        head=head,
    )  # fmt: skip
    reading = read_documents(content, xml_of(number="F2", stated={"PayableAmount": "1"}, seller=seller))
    shown = " ".join(str(getattr(reading, name).to_dict("records")) for name in TABLES)
    for secret in ("900101", "Anna", "Andersson"):
        assert secret not in shown
    (invoice,) = reading.invoices.to_dict("records")
    assert invoice["supplier_key"] == masker.supplier_key("9001010017")
    assert (invoice["supplier_number"], invoice["number_status"]) == (HIDDEN_NUMBER, "personal")
    open_reading = read_documents(content, masker=Masker(b"", enabled=False))
    assert open_reading.invoices["supplier_name"].tolist() == [seller[1]]


def test_what_a_refused_document_says_is_hidden_too(read_documents: Read) -> None:
    wrong = SOUND.replace('"SEK">200.00</cbc:PriceAmount', '"SEK">200</cbc:PriceAmount')
    person = wrong.replace('currencyID="SEK">100.00<', 'currencyID="SEK">Anna Andersson 900101-0017<')
    row = rejected_of(read_documents, person)
    assert row["reason"] == "figure_unreadable"
    assert "Anna" not in row["value"] and "900101" not in row["value"]


def test_a_name_that_the_ledger_hides_is_hidden_here(read_documents: Read, masker: Masker) -> None:
    key = masker.supplier_key("namn:berit berg")
    reading = read_documents(xml_of(seller=("", "Berit Berg")), known_keys={key})
    assert reading.invoices["supplier_key"].tolist() == [key]
    assert "Berit" not in str(reading.invoices.to_dict("records"))


# What is refused


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<cbc:ID>F1</cbc:ID>", "", "document_incomplete"),
        ("<cbc:ID>F1</cbc:ID>", "<cbc:ID>F1</cbc:ID><cbc:ID>F2</cbc:ID>", "element_repeated"),
        ("2025-03-04", "2025-02-30", "date_unreadable"),
        ("2025-03-04", "4 mars", "date_unreadable"),
        (">SEK<", ">kr<", "document_incomplete"),
        (">380<", ">381<", "type_contradicts"),
        (">380<", ">AB<", "type_contradicts"),
        ("urn:cen.eu:en16931:2017", "urn:sfti:svefaktura", "document_unknown"),
        ("Invoice-2", "Order-2", "document_unknown"),
        ('"SEK">100.00<', '"SEK">1e999999<', "figure_unreadable"),
        ('"SEK">100.00<', f'"SEK">{"9" * 90_000}<', "figure_unreadable"),
        ('"SEK">100.00<', '"SEK">NaN<', "figure_unreadable"),
        ('"SEK">100.00<', '"SEK">1 000,50<', "figure_unreadable"),
        ('"SEK">100.00<', '"SEK">٣<', "figure_unreadable"),
        ('"SEK">100.00<', '"SEK">0.0000000000001<', "figure_unreadable"),
        ('"SEK">100.00<', '"SEK">-100.00<', "figure_negative"),
        ('"SEK">100.00<', '"SEK">900000000000<', "amount_too_large"),
        ('PayableAmount currencyID="SEK">250.00', 'PayableAmount currencyID="SEK">1e999999', "amount_unreadable"),
        ('PayableAmount currencyID="SEK">250.00', 'PayableAmount currencyID="SEK">250.001', "amount_decimals"),
        ('PayableAmount currencyID="SEK">250.00', 'PayableAmount currencyID="SEK">100000000000', "amount_too_large"),
        ('PayableAmount currencyID="SEK">250.00', 'PayableAmount currencyID="SEK">', "amount_missing"),
        ("Handskbolaget AB", "", "supplier_missing"),
        (">EA<", "><", ""),
        ("<cbc:ID>S</cbc:ID>", "<cbc:ID>&lt;script&gt;</cbc:ID>", "document_incomplete"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_document_is_refused(read_documents: Read, old: str, new: str, reason: str) -> None:
    content = SOUND.replace(f"<cbc:CompanyID>{COMPANY}</cbc:CompanyID>", "") if reason == "supplier_missing" else SOUND
    if not reason:
        assert read_documents(content.replace(old, new)).rejected.empty
        return
    assert rejected_of(read_documents, content.replace(old, new))["reason"] == reason


def test_a_price_of_nothing_units_is_refused(read_documents: Read) -> None:
    content = xml_of(Item(base="5")).replace(">5</cbc:BaseQuantity", ">0</cbc:BaseQuantity")
    assert rejected_of(read_documents, content)["reason"] == "number_not_positive"


def test_a_worth_beyond_all_measure_is_refused(read_documents: Read) -> None:
    content = SOUND.replace('"SEK">100.00<', '"SEK">90000000000<').replace('"EA">2<', '"EA">90000000000<')
    assert rejected_of(read_documents, content)["reason"] == "amount_too_large"


def test_elements_of_other_namespaces_are_not_read_as_ours(read_documents: Read) -> None:
    other = '<cac:InvoiceLine xmlns:cac="urn:other"><cbc:ID>9</cbc:ID></cac:InvoiceLine></Invoice>'
    reading = read_documents(SOUND.replace("</Invoice>", other))
    assert reading.lines["line_id"].tolist() == ["1"]


def test_nothing_accepted_is_said(read_documents: Read) -> None:
    with pytest.raises(InputError, match=r"faktura1\.xml: not one of 1 document.*Filen är inte läsbar XML"):
        read_documents("<Invoice")
    with pytest.raises(InputError, match="no invoice files"):
        read_documents()


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path, masker: Masker) -> None:
    with pytest.raises(InputError, match="is a folder, not a file"):
        read_invoices([tmp_path], masker=masker)


# Hostile files: refused, in plain words, before they cost anything


def bomb(inside: str, before: str = "") -> str:
    return SOUND.replace("?>\n", f"?>\n<!DOCTYPE Invoice [{inside}]>\n{before}", 1)


BILLION = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE: dict[str, tuple[bytes, str]] = {
    "entity bomb": (bomb(f'<!ENTITY a0 "ha">{BILLION}').replace("Regionen", "&a9;").encode(), "xml_unsafe"),
    "quadratic bomb": (bomb(f'<!ENTITY a "{"x" * 50_000}">').replace("Regionen", "&a;" * 500).encode(), "xml_unsafe"),
    "external entity": (
        bomb('<!ENTITY a SYSTEM "file:///etc/passwd">').replace("Regionen", "&a;").encode(), "xml_unsafe"),
    "external document type": (
        SOUND.replace("?>\n", '?>\n<!DOCTYPE Invoice SYSTEM "http://192.0.2.1/x.dtd">\n', 1).encode(), "xml_unsafe"),
    "parameter entity": (bomb('<!ENTITY % a SYSTEM "http://192.0.2.1/x"> %a;').encode(), "xml_unsafe"),
    "document type alone": (SOUND.replace("?>\n", "?>\n<!DOCTYPE Invoice>\n", 1).encode(), "xml_unsafe"),
    "unknown entity": (SOUND.replace("Regionen", "&okänd;").encode(), "xml_unreadable"),
    "deep": (SOUND.replace("</Invoice>", "<cac:Item>" * 100_000).encode(), "file_too_large"),
    "deep from the start": (("<a>" * 100_000).encode(), "document_unknown"),
    "many elements": (
        SOUND.replace("</Invoice>", "<cbc:ID/>" * 2 * INVOICE_BOUNDS.elements + "</Invoice>").encode(),
        "file_too_large"),
    "many lines": (SOUND.replace("</Invoice>", "<cac:InvoiceLine/>" * 10_001 + "</Invoice>").encode(),
        "file_too_large"),
    "long text": (SOUND.replace("Regionen", "x" * 200_000).encode(), "file_too_large"),
    "long number": (SOUND.replace('"SEK">100.00<', f'"SEK">{"9" * 1_000_000}<').encode(), "file_too_large"),
    "long attribute": (SOUND.replace('unitCode="EA"', f'unitCode="{"E" * 200_000}"').encode(), "file_too_large"),
    "many attributes": (
        SOUND.replace('unitCode="EA"', " ".join(f'a{n}="1"' for n in range(5_000))).encode(), "file_too_large"),
    "one long name": (f"<{'a' * 1_000_000}/>".encode(), "file_too_large"),
    "one long comment": (SOUND.replace("?>", f"?><!--{'x' * 1_000_000}-->", 1).encode(), "file_too_large"),
    "endless attributes": (
        SOUND.replace('unitCode="EA"', " ".join(f'a{n}="1"' for n in range(100_000))).encode(), "file_too_large"),
    "endless namespaces": (
        SOUND.replace("<Invoice ", "<Invoice " + " ".join(f'xmlns:a{n}=">"' for n in range(50_000)) + " ").encode(),
        "file_too_large"),
    "too large": (SOUND.encode() + b" " * INVOICE_BOUNDS.size, "file_too_large"),
    "gzip": (b"\x1f\x8b\x08" + b"\0" * 100, "file_compressed"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "file_compressed"),
    "utf-7": (SOUND.replace("UTF-8", "UTF-7").encode(), "encoding_unknown"),
    "utf-16 said, utf-8 written": (SOUND.replace("UTF-8", "UTF-16").encode(), "encoding_unknown"),
    "utf-8 said, utf-16 written": (SOUND.encode("utf-16"), "encoding_unknown"),
    "utf-16 unmarked": (SOUND.replace("UTF-8", "UTF-16").encode("utf-16-le"), "encoding_unknown"),
    "utf-32": (SOUND.encode("utf-32"), "encoding_unknown"),
    "utf-8 mark, latin-1 said": (b"\xef\xbb\xbf" + SOUND.replace("UTF-8", "ISO-8859-1").encode(), "encoding_unknown"),
    "not the utf-8 it says": (SOUND.replace("Regionen", "Sjukhusgården").encode("latin-1"), "encoding_unknown"),
    "overlong utf-8": (SOUND.encode().replace(b"Regionen", b"\xc0\xbcscript"), "encoding_unknown"),
    "codec of Python": (SOUND.replace("UTF-8", "rot13").encode(), "encoding_unknown"),
    "cut off": (SOUND[: len(SOUND) // 2].encode(), "xml_unreadable"),
    "two roots": ((SOUND + "<Invoice/>").encode(), "xml_unreadable"),
    "control character": (SOUND.replace("Regionen", "&#0;").encode(), "xml_unreadable"),
    "html": (b"<html><body>Logga in</body></html>", "document_unknown"),
    "nothing": (b"", "xml_unreadable"),
    "text": (b"faktura;belopp\n1;100\n", "xml_unreadable"),
}  # fmt: skip


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a document made the reader use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_rejected_and_the_others_read(read_documents: Read, no_network: None, name: str) -> None:
    content, reason = HOSTILE[name]
    row = rejected_of(read_documents, content)
    assert row["reason"] == reason
    assert "root:" not in str(row) and len(row["value"]) <= 100


@pytest.mark.parametrize(
    "name", ["entity bomb", "quadratic bomb", "external entity", "parameter entity", "gzip", "many elements"]
)
def test_a_bomb_is_refused_before_anything_is_built(name: str) -> None:
    content, _ = HOSTILE[name]
    assert elements_built(content, INVOICE_BOUNDS) == 0


@pytest.mark.parametrize(("name", "most"), [("deep", 100), ("deep from the start", 1)])
def test_a_document_that_is_too_much_is_refused_where_that_shows(name: str, most: int) -> None:
    assert elements_built(HOSTILE[name][0], INVOICE_BOUNDS) <= most


def test_elements_are_counted_while_they_are_built_too() -> None:
    assert elements_built(SOUND.encode(), Bounds(size=10_000, elements=40)) == 41


def elements_built(content: bytes, bounds: Bounds) -> int:
    """Count the elements that the parser hands on before a document is refused."""
    built = 0

    class Counting(_Bounded):
        def start(self, tag: str, attributes: dict[str, str]) -> None:
            nonlocal built
            built += 1
            super().start(tag, attributes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("procanalysis.read.peppol.safe_xml._Bounded", Counting)
        with pytest.raises(RefusedDocument):
            parse_document(content, ("Invoice",), bounds)
    return built


def test_attachments_are_passed_over(read_documents: Read) -> None:
    attachment = (
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>"
        f"<cbc:EmbeddedDocumentBinaryObject>{'QUJD' * 100_000}</cbc:EmbeddedDocumentBinaryObject>"
        "</cac:Attachment></cac:AdditionalDocumentReference>"
    )
    assert read_documents(xml_of(head=attachment)).rejected.empty


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("UTF-8", "utf-8"), ("utf-8", "utf-8-sig"), ("ISO-8859-1", "latin-1"), ("windows-1252", "cp1252"),
     ("UTF-16", "utf-16"), ("ISO-8859-15", "iso-8859-15")],
)  # fmt: skip
def test_the_encodings_that_systems_write_are_read(read_documents: Read, declared: str, encoding: str) -> None:
    content = SOUND.replace('"UTF-8"', f'"{declared}"').replace("Regionen", "Sjukhusgården").encode(encoding)
    assert read_documents(content).invoices["buyer_name"].tolist() == ["Sjukhusgården"]


# The real documents


REAL = {
    # kind, lines, sum excluding VAT, VAT, to pay, in öre and signed
    "CreditNote-Max_content.xml": ("credit_note", 2, -1_000_000, -250_000, -1_250_000),
    "Invoice-Max_content.xml": ("invoice", 2, 1_000_000, 250_000, 1_250_000),
    "Invoice-Rounded_amounts.xml": ("invoice", 6, 9_850, 1_150, 10_950),
    "Manage_crediting-The_initial_invoice.xml": ("invoice", 2, 866_800, 216_700, 1_000_000),
    "Manage_crediting-Thru_credit_note.xml": ("credit_note", 2, -866_800, -216_700, -1_000_000),
    "Manage_crediting-Thru_negative_invoice.xml": ("invoice", 2, -866_800, -216_700, -1_000_000),
}


def told_by_xpath(path: Path) -> tuple[str, int, int, int, int]:
    """Reckon a real document from its elements alone: plain sums, in another parser and without our reader."""
    spaces = {"cac": f"{SPACE}CommonAggregateComponents-2", "cbc": f"{SPACE}CommonBasicComponents-2"}
    root = ET.parse(path).getroot()
    kind = "credit_note" if root.tag.endswith("}CreditNote") else "invoice"
    sign = -1 if kind == "credit_note" else 1

    def summed(where: str) -> Decimal:
        return sum((Decimal(found.text or "") for found in root.findall(where, spaces)), Decimal(0))

    lines = [found for tag in ("InvoiceLine", "CreditNoteLine") for found in root.findall(f"cac:{tag}", spaces)]
    exclusive = sum((Decimal(line.findtext("cbc:LineExtensionAmount", "", spaces)) for line in lines), Decimal(0))
    for found in root.findall("cac:AllowanceCharge", spaces):
        is_charge = found.findtext("cbc:ChargeIndicator", "", spaces) == "true"
        exclusive += Decimal(found.findtext("cbc:Amount", "", spaces)) * (1 if is_charge else -1)
    tax = summed("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")
    total = "cac:LegalMonetaryTotal/cbc:"
    payable = exclusive + tax - summed(f"{total}PrepaidAmount") + summed(f"{total}PayableRoundingAmount")
    return kind, len(lines), *(int(sign * 100 * amount) for amount in (exclusive, tax, payable))


# Lines as order lines


def test_an_invoice_line_is_laid_out_as_an_order_line(read_documents: Read) -> None:
    head = """<cbc:BuyerReference>ZZ1</cbc:BuyerReference><cac:OrderReference><cbc:ID>O-7</cbc:ID></cac:OrderReference>
        <cac:ContractDocumentReference><cbc:ID>A-114</cbc:ID></cac:ContractDocumentReference>"""
    inside = "<cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference>"
    in_item = """<cac:SellersItemIdentification><cbc:ID>H-M</cbc:ID></cac:SellersItemIdentification>
        <cac:StandardItemIdentification><cbc:ID schemeID="0160">7310865004703</cbc:ID></cac:StandardItemIdentification>
        <cac:CommodityClassification><cbc:ItemClassificationCode listID="STI">18424300</cbc:ItemClassificationCode>
        </cac:CommodityClassification><cac:CommodityClassification>
        <cbc:ItemClassificationCode listID="TST">42132203</cbc:ItemClassificationCode></cac:CommodityClassification>"""
    item = Item("12000", "3.127500000001", "10", inside=inside, in_item=in_item)
    reading = read_documents(xml_of(item, head=head), credit(item, earlier=[("F1", "")]))
    units, booked = {"ZZ1": "Akuten"}, {"5560160680|K1": "Vården"}
    cpv = {"18": "02", "184243": "02.01"}
    lines = as_lines(reading, cpv_categories=cpv, units=units, units_of_invoices=booked).lines
    line, credited = lines.to_dict("records")
    assert {name: value for name, value in line.items() if not pd.isna(value)} == {
        "line_id": 1, "origin": "invoice", "document_number": "F1", "line_number": "1",
        "bought_on": pd.Timestamp("2025-03-04"), "unit": "Akuten", "supplier_key": "5560160680",
        "supplier_name": "Handskbolaget AB", "article_id": "H-M", "standard_item_id": "7310865004703",
        "article_name": "Handske", "article_group": "42132203", "category_code": "02.01", "cpv_code": "18424300",
        "quantity": Decimal(12000), "quantity_unit": "EA", "price_sek": Decimal("3.127500000001"),
        "base_quantity": Decimal(10), "amount_ore": 375_300, "contract_reference": "A-114", "order_reference": "O-7",
        "order_line_reference": "10", "invoice_key": "5560160680|F1", "file": "faktura1.xml", "row_number": 1,
    }  # fmt: skip
    assert (credited["quantity"], credited["price_sek"], credited["amount_ore"], credited["unit"]) == (
        Decimal(-12000), Decimal("3.127500000001"), -375_300, "Vården")  # fmt: skip


def test_allowances_on_the_document_are_told_and_not_spread(read_documents: Read) -> None:
    reading = read_documents(
        xml_of(Item(), Item("1", "50.00", allowance="5"), allowance="20", charge="7"),
        credit(Item("1", "100.00"), allowance="10"),
    )
    found = as_lines(reading)
    assert found.lines["amount_ore"].tolist() == [20_000, 4_500, -10_000]
    assert (found.control.allowances_ore, found.control.charges_ore) == (2_000 - 1_000, 700)
    assert found.control.tax_exclusive_ore == 20_000 + 4_500 - 10_000 - 1_000 + 700


def test_other_currencies_are_left_out_and_counted(read_documents: Read) -> None:
    reading = read_documents(xml_of(), xml_of(Item(), Item(), number="F2", currency="EUR"))
    found = as_lines(reading)
    assert found.lines["document_number"].tolist() == ["F1"]
    assert found.excluded[["number", "currency", "lines_count", "reason"]].values.tolist() == [
        ["F2", "EUR", 2, "other_currency"]
    ]
    assert (found.control.other_documents, found.control.other_lines) == (1, 2)
    only = as_lines(read_documents(xml_of(currency="EUR")))
    assert len(only.lines) == 0 and only.control.tax_exclusive_ore == 0


def test_sole_traders_stay_hidden_on_article_lines(read_documents: Read, masker: Masker) -> None:
    lines = as_lines(read_documents(xml_of(seller=(PERSON, "Anna Andersson"), number=PERSON))).lines
    assert lines["supplier_key"].tolist() == [masker.supplier_key("9001010017")]
    assert "Anna" not in lines.to_csv() and "900101" not in lines.to_csv()


@pytest.mark.real_data
def test_the_lines_of_the_real_documents_agree_with_them(real_data: Path, masker: Masker) -> None:
    paths = sorted(path for path in (real_data / "e-invoices").glob("*.xml") if not path.name.startswith("Catalogue"))
    reading = read_invoices(paths, masker=masker)
    found = as_lines(reading)
    assert len(found.lines) + found.control.other_lines == len(reading.lines)


@pytest.mark.real_data
def test_every_real_document_agrees_with_its_own_totals(real_data: Path, masker: Masker) -> None:
    paths = sorted((real_data / "e-invoices").glob("*.xml"))
    reading = read_invoices(paths, masker=masker)
    assert reading.rejected[["file", "reason", "value"]].values.tolist() == [
        ["Catalogue_Example.xml", "document_unknown", "Catalogue"]
    ]
    invoices = reading.invoices.set_index("file")
    columns = ["kind", "lines_count", "tax_exclusive_ore", "tax_ore", "payable_ore"]
    found = {str(file): tuple(row) for file, row in zip(invoices.index, invoices[columns].values, strict=True)}
    assert found == REAL == {path.name: told_by_xpath(path) for path in paths if path.name in REAL}
    assert reading.checks["failed_count"].sum() == 0
    allowed = reading.differences[["file", "check"]].value_counts().to_dict()
    rounded = "Invoice-Rounded_amounts.xml"
    assert allowed == {
        (rounded, "line_amount"): 3, (rounded, "tax_of_rate"): 3, (rounded, "allowance_amount"): 1,
    }  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize("way", ["credit_note", "negative_invoice"])
def test_the_real_crediting_nets_out(real_data: Path, masker: Masker, way: str) -> None:
    folder = real_data / "e-invoices"
    paths = [folder / f"Manage_crediting-{name}.xml" for name in ("The_initial_invoice", f"Thru_{way}")]
    (chain,) = read_invoices(paths, masker=masker).chains.to_dict("records")
    assert (chain["invoiced_ore"], chain["net_ore"], chain["net_tax_inclusive_ore"]) == (866_800, 0, 0)
    assert (chain["status"], chain["unresolved_count"]) == ("whole", 0)


@pytest.mark.real_data
def test_the_real_crediting_done_both_ways_is_more_than_the_invoice(real_data: Path, masker: Masker) -> None:
    paths = sorted((real_data / "e-invoices").glob("Manage_crediting*.xml"))
    (chain,) = read_invoices(paths, masker=masker).chains.to_dict("records")
    assert (chain["net_ore"], chain["status"], chain["credits_count"]) == (-866_800, "more", 2)


def test_days_are_days(read_documents: Read) -> None:
    issued = read_documents(xml_of(issued="2024-02-29Z")).invoices["issued_on"]
    assert issued.dtype == "datetime64[us]"
    assert issued.dt.date.tolist() == [date(2024, 2, 29)]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_document_that_is_damaged_anyhow_is_refused_or_read(data: st.DataObject) -> None:
    content = SOUND.encode()
    start = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    pieces = st.sampled_from(
        [b"", b"<", b"&", b"\0", b"\xff", b"-1", b"<cbc:ID>", b"1e9", b"]]>", b"</Invoice>", b"  "]
    )
    damaged = content[:start] + data.draw(pieces) + content[end:]
    try:
        root, _ = parse_document(damaged, ("Invoice",), INVOICE_BOUNDS)
        checks = check_document(document_of(root, "a.xml"))
    except RefusedDocument as refusal:
        assert refusal.reason in REJECT_REASONS
    else:
        assert {check.name for check in checks} <= INVOICE_CHECKS.keys()
