"""Lay an invoice or credit note out as plain values, as its seller wrote them: nothing signed, nothing hidden yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar
from xml.etree.ElementTree import Element

from procanalysis.read.peppol.safe_xml import RefusedDocument, refuse
from procanalysis.read.peppol.values import amount, as_day, day, figure, joined, needed, needed_amount, only, texts
from procanalysis.read.register_rows import clean_text

KINDS: dict[str, str] = {"Invoice": "invoice", "CreditNote": "credit_note"}
"""The root of a document → key of INVOICE_KINDS."""

_TYPE_CODES = {"invoice": "InvoiceTypeCode", "credit_note": "CreditNoteTypeCode"}
# UNTDID 1001 codes that credit: Peppol BIS Billing 3 has 381, 396, 81, 83 and 532; EN 16931 has the rest (BR-CL-01).
_CREDITING = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
_STANDARD = "urn:cen.eu:en16931:2017"
_TYPE_CODE = re.compile(r"[0-9]{1,3}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_VAT_CATEGORY = re.compile(r"[A-Z]{1,2}")
_MOST_LINES = 10_000

_TEXTS: Mapping[str, str] = {"buyer_reference": "BuyerReference", "text": "Note"}
_REFERENCES: Mapping[str, str] = {
    "order_reference": "OrderReference/ID",
    "sales_order_reference": "OrderReference/SalesOrderID",
    "contract_reference": "ContractDocumentReference/ID",
    "tender_reference": "OriginatorDocumentReference/ID",
    "account": "AccountingCost",
}
# A credit note has no element for the project, so that the standard lets it borrow one (type code 50).
_PROJECTS = ("ProjectReference/ID", "AdditionalDocumentReference[DocumentTypeCode='50']/ID")
_TOTALS: Mapping[str, str] = {
    "line_extension_ore": "LineExtensionAmount",
    "tax_exclusive_ore": "TaxExclusiveAmount",
    "tax_inclusive_ore": "TaxInclusiveAmount",
    "payable_ore": "PayableAmount",
}
_TOTALS_OR_NONE: Mapping[str, str] = {
    "allowances_ore": "AllowanceTotalAmount",
    "charges_ore": "ChargeTotalAmount",
    "prepaid_ore": "PrepaidAmount",
    "rounding_ore": "PayableRoundingAmount",
}
_LINE_TEXTS: Mapping[str, str] = {
    "item_name": "Item/Name",
    "item_description": "Item/Description",
    "text": "Note",
}
_LINE_REFERENCES: Mapping[str, str] = {
    "seller_item_id": "Item/SellersItemIdentification/ID",
    "buyer_item_id": "Item/BuyersItemIdentification/ID",
    "standard_item_id": "Item/StandardItemIdentification/ID",
    "order_line_reference": "OrderLineReference/LineID",
    "account": "AccountingCost",
}
_PERIOD: Mapping[str, str] = {"period_starts_on": "InvoicePeriod/StartDate", "period_ends_on": "InvoicePeriod/EndDate"}
# UNTDID 7143: lists of classification codes.
_LISTS: Mapping[str, str] = {"cpv_code": "STI", "unspsc_code": "TST"}

Value = TypeVar("Value")
VatKey = tuple[str, Decimal | None]
"""VAT category and rate; the rate is None when the document states none."""


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """Hold an allowance or charge; percent and base_ore say how it was reckoned, when they are stated."""

    is_charge: bool
    amount_ore: int
    base_ore: int | None
    percent: Decimal | None
    vat: VatKey | None


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """Hold the VAT of one category and rate."""

    vat: VatKey
    taxable_ore: int
    tax_ore: int


@dataclass(frozen=True, slots=True)
class Party:
    """Hold a seller or buyer as written."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line; `texts` and `references` are named as in INVOICE_LINES."""

    line_number: int
    line_id: str
    quantity: Decimal
    unit_code: str | None
    price: Decimal
    base_quantity: Decimal
    gross_price: Decimal | None
    price_allowance: Decimal | None
    amount_ore: int
    allowances: tuple[AllowanceCharge, ...]
    vat: VatKey
    texts: Mapping[str, str]
    references: Mapping[str, str]
    dates: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Document:
    """Hold one invoice or credit note; `texts`, `references`, `dates` and `totals` are named as in INVOICES."""

    file: str
    kind: str
    type_code: str
    number: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    texts: Mapping[str, str]
    references: Mapping[str, str]
    dates: Mapping[str, date]
    totals: Mapping[str, int]
    allowances: tuple[AllowanceCharge, ...]
    taxes: tuple[TaxSubtotal, ...]
    lines: tuple[Line, ...]
    earlier: tuple[tuple[str, date | None], ...] = field(default=())


def document_of(root: Element, file: str) -> Document:
    """Lay out a parsed document. Raises RefusedDocument for one that lacks what it must have, or has what cannot be."""
    kind = KINDS[root.tag]
    customization = needed(root, "CustomizationID")
    if not customization.startswith(_STANDARD):
        raise RefusedDocument("document_unknown", "CustomizationID", customization)
    type_code = needed(root, _TYPE_CODES[kind])
    if not _TYPE_CODE.fullmatch(type_code) or (type_code in _CREDITING) != (kind == "credit_note"):
        raise RefusedDocument("type_contradicts", _TYPE_CODES[kind], type_code)
    currency = needed(root, "DocumentCurrencyCode")
    if not _CURRENCY.fullmatch(currency):
        raise RefusedDocument("document_incomplete", "DocumentCurrencyCode", currency)
    lines = root.findall("InvoiceLine" if kind == "invoice" else "CreditNoteLine")
    if not lines:
        refuse("document_incomplete", "InvoiceLine" if kind == "invoice" else "CreditNoteLine")
    if len(lines) > _MOST_LINES:
        refuse("file_too_large", value=f"{len(lines)} rader")
    seller = _party(root, "AccountingSupplierParty")
    if not seller.number and not seller.name:
        refuse("supplier_missing", "AccountingSupplierParty")
    return Document(
        file=file,
        kind=kind,
        type_code=type_code,
        number=_identity(root, "ID"),
        issued_on=as_day(needed(root, "IssueDate"), "IssueDate"),
        currency=currency,
        seller=seller,
        buyer=_party(root, "AccountingCustomerParty"),
        texts=_given({name: texts(root, path) for name, path in _TEXTS.items()}),
        references=_given(
            {name: texts(root, path) for name, path in _REFERENCES.items()} | {"project": _project(root)}
        ),
        dates=_given(
            {
                "due_on": _due(root),
                "delivered_on": day(root, "Delivery/ActualDeliveryDate"),
                **{name: day(root, path) for name, path in _PERIOD.items()},
            }
        ),
        totals=_totals(root, currency),
        allowances=tuple(_allowances(root, currency, "TaxCategory")),
        taxes=tuple(_taxes(root, currency)),
        lines=tuple(_line(element, number, currency, kind) for number, element in enumerate(lines, start=1)),
        earlier=tuple(_earlier(root)),
    )


def classification_of(item: Element) -> dict[str, str | None]:
    """Return cpv_code, unspsc_code and classifications of an item."""
    codes = [
        (code.get("listID", ""), clean_text(code.text or ""))
        for code in item.findall("CommodityClassification/ItemClassificationCode")
    ]
    found: dict[str, str | None] = {
        name: next((code for listed, code in codes if listed == wanted and code), None)
        for name, wanted in _LISTS.items()
    }
    return found | {"classifications": joined(f"{listed}:{code}" for listed, code in codes if code)}


def properties_of(item: Element) -> str | None:
    """Return an item's properties as name=value."""
    named = ((texts(one, "Name"), texts(one, "Value")) for one in item.findall("AdditionalItemProperty"))
    return joined(f"{name}={value or ''}" for name, value in named if name)


def scheme_of(item: Element) -> str | None:
    """Return which standard an item's standard number belongs to."""
    found = item.find("StandardItemIdentification/ID")
    return None if found is None else clean_text(found.get("schemeID", ""))


def party_of(party: Element | None) -> Party:
    """Return a party's number and name: the legal ones, or the next best."""
    if party is None:
        return Party("", "")
    number = only(party, "PartyLegalEntity/CompanyID") or _vat_number(party) or _official_endpoint(party)
    name = texts(party, "PartyLegalEntity/RegistrationName") or texts(party, "PartyName/Name")
    return Party(number or "", name or "")


def _given(found: Mapping[str, Value | None]) -> dict[str, Value]:
    """Leave out what a document does not say: most of what it may say."""
    return {name: value for name, value in found.items() if value is not None}


def _project(root: Element) -> str | None:
    return joined(found.text or "" for path in _PROJECTS for found in root.findall(path))


def _party(root: Element, path: str) -> Party:
    if len(root.findall(f"{path}/Party")) > 1:
        refuse("element_repeated", path)
    return party_of(root.find(f"{path}/Party"))


def _vat_number(party: Element) -> str | None:
    for scheme in party.findall("PartyTaxScheme"):
        if (only(scheme, "TaxScheme/ID") or "").upper() == "VAT":
            return only(scheme, "CompanyID")
    return None


def _official_endpoint(party: Element) -> str | None:
    """Return the electronic address when it is a Swedish organisation number (0007)."""
    found = party.find("EndpointID")
    return only(party, "EndpointID") if found is not None and found.get("schemeID") == "0007" else None


def _identity(element: Element, path: str) -> str:
    written = clean_text(needed(element, path))
    if written is None:
        refuse("document_incomplete", path)
    return written


def _due(root: Element) -> date | None:
    """Return the last day of payment. A credit note has it with each means of payment: the earliest is the one."""
    own = day(root, "DueDate")
    days = [
        as_day(found.text.strip(), "PaymentMeans/PaymentDueDate")
        for found in root.findall("PaymentMeans/PaymentDueDate")
        if found.text
    ]
    return own or min(days, default=None)


def _totals(root: Element, currency: str) -> dict[str, int]:
    place = "LegalMonetaryTotal"
    found = {name: needed_amount(root, f"{place}/{tag}", currency) for name, tag in _TOTALS.items()}
    found |= {name: amount(root, f"{place}/{tag}", currency) or 0 for name, tag in _TOTALS_OR_NONE.items()}
    return found | {"tax_ore": needed_amount(_tax_total(root, currency), "TaxAmount", currency)}


def _tax_total(root: Element, currency: str) -> Element:
    """Return the VAT in the document's currency; another total states it in the currency of the seller's accounts."""
    totals = root.findall("TaxTotal")
    own = [total for total in totals if _currency_of(total, currency) == currency]
    if len(own) > 1:
        refuse("element_repeated", "TaxTotal")
    if not own:
        refuse("currencies_mixed" if totals else "amount_missing", "TaxTotal/TaxAmount")
    return own[0]


def _currency_of(total: Element, currency: str) -> str:
    found = total.find("TaxAmount")
    return currency if found is None else found.get("currencyID", currency)


def _taxes(root: Element, currency: str) -> Iterable[TaxSubtotal]:
    for subtotal in _tax_total(root, currency).findall("TaxSubtotal"):
        yield TaxSubtotal(
            _vat(subtotal, "TaxCategory"),
            needed_amount(subtotal, "TaxableAmount", currency),
            needed_amount(subtotal, "TaxAmount", currency),
        )


def _vat(element: Element, path: str) -> VatKey:
    found = element.findall(path)
    if len(found) > 1:
        refuse("element_repeated", path)
    if not found:
        refuse("document_incomplete", path)
    category = needed(found[0], "ID")
    if not _VAT_CATEGORY.fullmatch(category):
        raise RefusedDocument("document_incomplete", f"{path}/ID", category)
    return category, figure(found[0], "Percent", may_be_negative=False)


def _allowances(element: Element, currency: str, vat: str = "") -> Iterable[AllowanceCharge]:
    """Lay out allowances and charges; `vat` is where their VAT category stands, which those on lines do not have."""
    for found in element.findall("AllowanceCharge"):
        indicator = needed(found, "ChargeIndicator")
        if indicator not in ("true", "false", "1", "0"):
            raise RefusedDocument("answer_unreadable", "AllowanceCharge/ChargeIndicator", indicator)
        yield AllowanceCharge(
            indicator in ("true", "1"),
            needed_amount(found, "Amount", currency),
            amount(found, "BaseAmount", currency),
            figure(found, "MultiplierFactorNumeric"),
            _vat(found, vat) if vat else None,
        )


def _line(element: Element, number: int, currency: str, kind: str) -> Line:
    quantity_path = "InvoicedQuantity" if kind == "invoice" else "CreditedQuantity"
    quantity = figure(element, quantity_path)
    price = figure(element, "Price/PriceAmount", may_be_negative=False)
    if quantity is None or price is None:
        refuse("document_incomplete", quantity_path if quantity is None else "Price/PriceAmount", f"rad {number}")
    base = figure(element, "Price/BaseQuantity", may_be_negative=False)
    if base == 0:
        raise RefusedDocument("number_not_positive", "Price/BaseQuantity", "0")
    gross, taken_off = _price_allowance(element, price)
    _refuse_other_currency(element, currency)
    items = element.findall("Item")
    if len(items) != 1:
        refuse("element_repeated" if items else "document_incomplete", "Item", f"rad {number}")
    unit = element.find(quantity_path)
    return Line(
        line_number=number,
        line_id=_identity(element, "ID"),
        quantity=quantity,
        unit_code=None if unit is None else clean_text(unit.get("unitCode", "")),
        price=price,
        base_quantity=Decimal(1) if base is None else base,
        gross_price=gross,
        price_allowance=taken_off,
        amount_ore=needed_amount(element, "LineExtensionAmount", currency),
        allowances=tuple(_allowances(element, currency)),
        vat=_vat(items[0], "ClassifiedTaxCategory"),
        texts=_given(
            {name: texts(element, path) for name, path in _LINE_TEXTS.items()}
            | {
                "properties": properties_of(items[0]),
                "standard_item_scheme": scheme_of(items[0]),
                **classification_of(items[0]),
            }
        ),
        references=_given({name: texts(element, path) for name, path in _LINE_REFERENCES.items()}),
        dates=_given({name: day(element, path) for name, path in _PERIOD.items()}),
    )


def _price_allowance(element: Element, price: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Return the gross price and what is taken off it, which leave the net price."""
    place = "Price/AllowanceCharge"
    gross = figure(element, f"{place}/BaseAmount", may_be_negative=False)
    taken_off = figure(element, f"{place}/Amount")
    if gross is not None and gross - (taken_off or 0) != price:
        refuse("price_disagrees", "Price/PriceAmount", f"{gross:f} − {taken_off or 0:f} är inte {price:f}")
    return gross, taken_off


def _refuse_other_currency(element: Element, currency: str) -> None:
    for tag in ("PriceAmount", "AllowanceCharge/Amount", "AllowanceCharge/BaseAmount"):
        for found in element.findall(f"Price/{tag}"):
            if found.get("currencyID", currency) != currency:
                raise RefusedDocument("currencies_mixed", f"Price/{tag}", found.get("currencyID", ""))


def _earlier(root: Element) -> Iterable[tuple[str, date | None]]:
    """List the earlier invoices that a document names."""
    for found in root.findall("BillingReference/InvoiceDocumentReference"):
        yield _identity(found, "ID"), day(found, "IssueDate")
