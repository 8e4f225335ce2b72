"""Write Peppol documents in UBL 2.1: invoices and credit notes (BIS Billing 3) and catalogues (3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from procanalysis.example.articles import Date, Shop
from procanalysis.example.files import BUYER, BUYER_NUMBER

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_CATALOGUE = "urn:fdc:peppol.eu:poacc:trns:catalogue:3"
_CATALOGUE_PROFILE = "urn:fdc:peppol.eu:poacc:bis:catalogue_only:3"
UNIT_CODES: dict[str, str] = {
    "st": "EA", "fp": "XPK", "kg": "KGM", "l": "LTR", "par": "PR", "kartong": "XCT", "LS": "LS",
}  # fmt: skip
"""Units as the e-commerce system writes them → codes of UNECE Recommendations 20 and 21."""


@dataclass(frozen=True)
class InvoiceLine:
    """Hold one line as a document writes it; a credit note's figures are positive, a negative invoice's negative."""

    name: str
    article_id: str
    gtin: str
    cpv_code: str
    quantity: int
    unit_code: str
    price: Decimal
    base_quantity: int
    amount_ore: int
    order_line: str = ""


@dataclass(frozen=True)
class Document:
    """Hold one invoice or credit note as it is written; `charge_ore` is freight on the whole document.

    `stated_lines_ore` is the sum of lines that the document states when it is not the right one.
    """

    shop: Shop
    number: str
    issued_on: Date
    is_credit_note: bool
    lines: tuple[InvoiceLine, ...]
    vat_pct: int
    unit: str = ""
    contract_reference: str = ""
    order_reference: str = ""
    credits: tuple[str, Date] | None = None
    charge_ore: int = 0
    currency: str = "SEK"
    stated_lines_ore: int | None = None

    @property
    def lines_ore(self) -> int:
        """Return the sum of the lines, as written."""
        return sum(one.amount_ore for one in self.lines)

    @property
    def net_ore(self) -> int:
        """Return the sum excluding VAT, negative for a credit note."""
        written = self.lines_ore + self.charge_ore
        return -written if self.is_credit_note else written


def tag(name: str, *content: str, **attributes: str) -> str:
    """Write an element; plain text has no child elements, and is escaped.

    >>> tag("cbc:Name", "Hyvel & såg")
    '<cbc:Name>Hyvel &amp; såg</cbc:Name>'
    """
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    inside = "".join(one if one.startswith(("<cb", "<ca")) else escape(one) for one in content)
    return f"<{name}{written}>{inside}</{name}>"


def amount(name: str, kronor: Decimal, currency: str = "SEK") -> str:
    """Write an amount of money."""
    return tag(name, f"{kronor:f}", currencyID=currency)


def catalogue(shop: Shop, *, issued_on: Date, ends_on: Date, version: str, lines: Sequence[str]) -> str:
    """Write a catalogue with ready lines, of a supplier's contract."""
    period = tag("cbc:StartDate", issued_on.isoformat()) + tag("cbc:EndDate", ends_on.isoformat())
    return _document(
        "Catalogue",
        tag("cbc:CustomizationID", _CATALOGUE),
        tag("cbc:ProfileID", _CATALOGUE_PROFILE),
        tag("cbc:ID", f"KAT-{shop.contract_id}"),
        tag("cbc:ActionCode", "Add" if version == "1" else "Update"),
        tag("cbc:Name", "Fiktiv prislista"),
        tag("cbc:IssueDate", issued_on.isoformat()),
        tag("cbc:VersionID", version),
        tag("cac:ValidityPeriod", period),
        tag("cac:ReferencedContract", tag("cbc:ID", shop.contract_id)),
        tag("cac:ProviderParty", _party(shop.name, shop.number)),
        tag("cac:ReceiverParty", _party(BUYER, BUYER_NUMBER)),
        tag("cac:SellerSupplierParty", tag("cac:Party", _party(shop.name, shop.number))),
        *lines,
    )


def billing(one: Document) -> str:
    """Write an invoice or credit note, with its totals reckoned from its lines."""
    kind = "CreditNote" if one.is_credit_note else "Invoice"
    exclusive = one.lines_ore + one.charge_ore
    # Half up, away from zero, as the standard rounds.
    tax = abs(exclusive) * one.vat_pct * 2 + 100
    tax = tax // 200 * (-1 if exclusive < 0 else 1)
    stated = one.lines_ore if one.stated_lines_ore is None else one.stated_lines_ore
    return _document(
        kind,
        tag("cbc:CustomizationID", _BILLING),
        tag("cbc:ProfileID", _PROFILE),
        tag("cbc:ID", one.number),
        tag("cbc:IssueDate", one.issued_on.isoformat()),
        tag(f"cbc:{kind}TypeCode", "381" if one.is_credit_note else "380"),
        tag("cbc:Note", "Fiktiv faktura"),
        tag("cbc:DocumentCurrencyCode", one.currency),
        tag("cbc:BuyerReference", one.unit or BUYER),
        *([tag("cac:OrderReference", tag("cbc:ID", one.order_reference))] if one.order_reference else []),
        *([_credited(*one.credits)] if one.credits else []),
        *(
            [tag("cac:ContractDocumentReference", tag("cbc:ID", one.contract_reference))]
            if one.contract_reference
            else []
        ),
        tag("cac:AccountingSupplierParty", tag("cac:Party", _party(one.shop.name, one.shop.number))),
        tag("cac:AccountingCustomerParty", tag("cac:Party", _party(BUYER, BUYER_NUMBER))),
        *([_charge(one)] if one.charge_ore else []),
        _taxes(one, exclusive, tax),
        _totals(one, stated, exclusive, tax),
        *(_line(one, line, number) for number, line in enumerate(one.lines, start=1)),
    )


def _document(kind: str, *content: str) -> str:
    spaces = (
        f' xmlns="{_UBL}:{kind}-2" xmlns:cac="{_UBL}:CommonAggregateComponents-2" '
        f'xmlns:cbc="{_UBL}:CommonBasicComponents-2"'
    )
    inside = "\n".join(content)
    return f"{_HEAD}<{kind}{spaces}>\n{inside}\n</{kind}>\n"


def _party(name: str, number: str) -> str:
    entity = tag("cbc:RegistrationName", name) + tag("cbc:CompanyID", number, schemeID="0007")
    return (
        tag("cbc:EndpointID", number, schemeID="0007")
        + tag("cac:PartyName", tag("cbc:Name", name))
        + tag("cac:PartyLegalEntity", entity)
    )


def _credited(number: str, day: Date) -> str:
    reference = tag("cbc:ID", number) + tag("cbc:IssueDate", day.isoformat())
    return tag("cac:BillingReference", tag("cac:InvoiceDocumentReference", reference))


def _kronor(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


def _category(name: str, one: Document) -> str:
    scheme = tag("cac:TaxScheme", tag("cbc:ID", "VAT"))
    return tag(name, tag("cbc:ID", "S"), tag("cbc:Percent", str(one.vat_pct)), scheme)


def _charge(one: Document) -> str:
    return tag(
        "cac:AllowanceCharge",
        tag("cbc:ChargeIndicator", "true"),
        tag("cbc:AllowanceChargeReason", "Frakt"),
        amount("cbc:Amount", _kronor(one.charge_ore), one.currency),
        _category("cac:TaxCategory", one),
    )


def _taxes(one: Document, exclusive: int, tax: int) -> str:
    subtotal = tag(
        "cac:TaxSubtotal",
        amount("cbc:TaxableAmount", _kronor(exclusive), one.currency),
        amount("cbc:TaxAmount", _kronor(tax), one.currency),
        _category("cac:TaxCategory", one),
    )
    return tag("cac:TaxTotal", amount("cbc:TaxAmount", _kronor(tax), one.currency), subtotal)


def _totals(one: Document, lines: int, exclusive: int, tax: int) -> str:
    charges = [amount("cbc:ChargeTotalAmount", _kronor(one.charge_ore), one.currency)] if one.charge_ore else []
    return tag(
        "cac:LegalMonetaryTotal",
        amount("cbc:LineExtensionAmount", _kronor(lines), one.currency),
        amount("cbc:TaxExclusiveAmount", _kronor(exclusive), one.currency),
        amount("cbc:TaxInclusiveAmount", _kronor(exclusive + tax), one.currency),
        *charges,
        amount("cbc:PayableAmount", _kronor(exclusive + tax), one.currency),
    )


def _line(one: Document, line: InvoiceLine, number: int) -> str:
    which = "Credited" if one.is_credit_note else "Invoiced"
    code = tag("cbc:ItemClassificationCode", line.cpv_code, listID="STI")
    item = tag(
        "cac:Item",
        tag("cbc:Name", line.name),
        *([tag("cac:SellersItemIdentification", tag("cbc:ID", line.article_id))] if line.article_id else []),
        *([tag("cac:StandardItemIdentification", tag("cbc:ID", line.gtin, schemeID="0160"))] if line.gtin else []),
        *([tag("cac:CommodityClassification", code)] if line.cpv_code else []),
        _category("cac:ClassifiedTaxCategory", one),
    )
    base = tag("cbc:BaseQuantity", str(line.base_quantity), unitCode=line.unit_code)
    return tag(
        "cac:CreditNoteLine" if one.is_credit_note else "cac:InvoiceLine",
        tag("cbc:ID", str(number)),
        tag(f"cbc:{which}Quantity", str(line.quantity), unitCode=line.unit_code),
        amount("cbc:LineExtensionAmount", _kronor(line.amount_ore), one.currency),
        *([tag("cac:OrderLineReference", tag("cbc:LineID", line.order_line))] if line.order_line else []),
        item,
        tag("cac:Price", amount("cbc:PriceAmount", line.price, one.currency), base),
    )
