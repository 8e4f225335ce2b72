"""E-invoices and contract price lists: documents, their lines, what they credit, and whether their totals agree.

Amounts are signed so that sums net out: a credit note has negative amounts and quantities, a negative invoice has them
by itself. `_ore` is hundredths of the document's own `currency`; other currencies are never added to kronor. Prices and
quantities are exact decimals with as many places as the document writes, twelve at most.
"""

from __future__ import annotations

from procanalysis.schema.columns import Column

_CURRENCY = Column("currency", "text", "the document's currency, three letters as in SEK", True)
_SUPPLIER: tuple[Column, ...] = (
    Column("supplier_key", "text", "the seller, written as in LEDGER_LINES", True),
    Column("supplier_name", "text", "the seller's name; sole traders masked"),
)

INVOICES: tuple[Column, ...] = (
    Column("document_id", "integer", "running number over the accepted documents, in order of file", True),
    Column("invoice_key", "text", "supplier_key and number, as in LEDGER_LINES", True),
    Column("number", "text", "the seller's number of the document (BT-1)", True),
    Column("kind", "text", "one of INVOICE_KINDS", True),
    Column("type_code", "text", "the document's type in UNTDID 1001: 380 invoice, 381 credit note (BT-3)", True),
    Column("issued_on", "date", "invoice date (BT-2)", True),
    Column("due_on", "date", "last day of payment (BT-9)"),
    Column("delivered_on", "date", "actual day of delivery (BT-72)"),
    Column("period_starts_on", "date", "first day that the document is about (BT-73)"),
    Column("period_ends_on", "date", "last day that the document is about (BT-74)"),
    *_SUPPLIER,
    Column("supplier_number", "text", "the seller's organisation or VAT number as given (BT-30); sole traders' hidden"),
    Column("number_status", "text", "that number's, one of NUMBER_STATUSES", True),
    Column("buyer_number", "text", "the buyer's organisation number as given (BT-47)"),
    Column("buyer_name", "text", "the buyer's name (BT-44)"),
    Column("buyer_reference", "text", "the buyer's reference: unit or person who ordered (BT-10)"),
    Column("order_reference", "text", "the purchase order (BT-13)"),
    Column("sales_order_reference", "text", "the seller's own order (BT-14)"),
    Column("contract_reference", "text", "the contract (BT-12)"),
    Column("tender_reference", "text", "the procurement or lot (BT-17)"),
    Column("project", "text", "the project (BT-11)"),
    Column("account", "text", "the buyer's accounting reference for the whole document (BT-19)"),
    Column("text", "text", "the note on the whole document (BT-22)"),
    _CURRENCY,
    Column("line_extension_ore", "integer", "sum of the lines, excluding VAT (BT-106)", True),
    Column("allowances_ore", "integer", "allowances on the whole document (BT-107)", True),
    Column("charges_ore", "integer", "charges on the whole document (BT-108)", True),
    Column("tax_exclusive_ore", "integer", "the document's sum excluding VAT: what is bought for (BT-109)", True),
    Column("tax_ore", "integer", "VAT (BT-110)", True),
    Column("tax_inclusive_ore", "integer", "the document's sum including VAT (BT-112)", True),
    Column("prepaid_ore", "integer", "paid already (BT-113)", True),
    Column("rounding_ore", "integer", "rounding of what is to be paid (BT-114)", True),
    Column("payable_ore", "integer", "what is to be paid (BT-115)", True),
    Column("lines_count", "integer", "lines in the document", True),
    Column("chain_id", "integer", "its chain in CREDIT_CHAINS; missing when it neither credits nor is credited"),
    Column("file", "text", "input file", True),
)
"""One row per accepted invoice or credit note."""

INVOICE_KINDS: dict[str, str] = {"invoice": "Faktura", "credit_note": "Kreditfaktura"}

INVOICE_LINES: tuple[Column, ...] = (
    Column("document_id", "integer", "the document, as in INVOICES", True),
    Column("line_number", "integer", "the line's place in the document, from 1", True),
    Column("line_id", "text", "the seller's own number of the line (BT-126)", True),
    Column("item_name", "text", "what was bought (BT-153)"),
    Column("item_description", "text", "the same at length (BT-154)"),
    Column("text", "text", "the note on the line (BT-127)"),
    Column("seller_item_id", "text", "the seller's article number (BT-155)"),
    Column("buyer_item_id", "text", "the buyer's article number (BT-156)"),
    Column("standard_item_id", "text", "the article's standard number, such as GTIN (BT-157)"),
    Column("standard_item_scheme", "text", "which standard: 0160 is GTIN, 0088 GLN"),
    Column("cpv_code", "text", "the CPV code, of list STI"),
    Column("unspsc_code", "text", "the UNSPSC code, of list TST"),
    Column("classifications", "text", "every classification as list:code, several with semicolons (BT-158)"),
    Column("properties", "text", "the article's properties as name=value, several with semicolons (BT-160, BT-161)"),
    Column("quantity", "decimal", "how much, in the unit; returns and credits negative (BT-129)", True),
    Column("unit_code", "text", "the unit in UNECE Recommendation 20: EA, MTR (BT-130)"),
    Column("price", "decimal", "net price of base_quantity units, excluding VAT, never negative (BT-146)", True),
    Column("base_quantity", "decimal", "how many units the price is for; 1 when not stated (BT-149)", True),
    Column("gross_price", "decimal", "the price before its allowance (BT-148)"),
    Column("price_allowance", "decimal", "what is taken off the gross price (BT-147)"),
    Column("allowances_ore", "integer", "allowances on the line (BT-136)", True),
    Column("charges_ore", "integer", "charges on the line (BT-141)", True),
    Column("amount_ore", "integer", "the line's amount excluding VAT, signed as the quantity (BT-131)", True),
    _CURRENCY,
    Column("order_line_reference", "text", "the line of the purchase order (BT-132)"),
    Column("account", "text", "the buyer's accounting reference for the line (BT-133)"),
    Column("period_starts_on", "date", "first day that the line is about (BT-134)"),
    Column("period_ends_on", "date", "last day that the line is about (BT-135)"),
    Column("vat_category", "text", "VAT category: S standard, Z zero, E exempt, AE reverse charge (BT-151)", True),
    Column("vat_rate_pct", "decimal", "VAT rate in percent (BT-152)"),
)
"""One row per line of an accepted document."""

INVOICE_TAXES: tuple[Column, ...] = (
    Column("document_id", "integer", "the document, as in INVOICES", True),
    Column("vat_category", "text", "VAT category (BT-118)", True),
    Column("vat_rate_pct", "decimal", "VAT rate in percent (BT-119)"),
    Column("taxable_ore", "integer", "what the VAT is reckoned on (BT-116)", True),
    Column("tax_ore", "integer", "the VAT (BT-117)", True),
    _CURRENCY,
)
"""One row per VAT category and rate of an accepted document."""

INVOICE_CHECKS: dict[str, str] = {
    "line_amount": "Radens belopp (BT-131) = antal × pris − rabatter + avgifter",
    "allowance_amount": "Rabatt eller avgift (BT-92, BT-99, BT-136, BT-141) = underlag × procent",
    "line_extension": "Summa radbelopp (BT-106) = radernas belopp",
    "allowances": "Summa rabatter (BT-107) = dokumentets rabatter",
    "charges": "Summa avgifter (BT-108) = dokumentets avgifter",
    "tax_exclusive": "Summa exklusive moms (BT-109) = radbelopp − rabatter + avgifter",
    "taxable": "Momsunderlag per momssats (BT-116) = radbelopp − rabatter + avgifter",
    "tax_of_rate": "Moms per momssats (BT-117) = momsunderlag × momssats",
    "tax": "Summa moms (BT-110) = moms per momssats",
    "tax_inclusive": "Summa inklusive moms (BT-112) = summa exklusive moms + moms",
    "payable": "Att betala (BT-115) = summa inklusive moms − förskott + öresavrundning",
}
"""The control totals of a document, in the order in which they build on one another."""

INVOICE_CHECK_COUNTS: tuple[Column, ...] = (
    Column("check", "text", "one of INVOICE_CHECKS", True),
    Column("checked_count", "integer", "places checked: documents, lines or VAT rates", True),
    Column("exact_count", "integer", "those that agree to the öre", True),
    Column("allowed_count", "integer", "those that differ by no more than the standard allows", True),
    Column("failed_count", "integer", "those that differ by more, whose documents are rejected", True),
)
"""One row per control total, over every document that could be read, rejected ones included."""

INVOICE_DIFFERENCES: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("number", "text", "the document's number (BT-1)", True),
    Column("check", "text", "one of INVOICE_CHECKS", True),
    Column("place", "text", "in Swedish, which line or VAT rate; empty for the whole document", True),
    _CURRENCY,
    Column("stated_ore", "integer", "what the document says, as written there", True),
    Column("reckoned_ore", "integer", "what its other figures give, rounded to whole hundredths", True),
    Column("difference_ore", "integer", "stated − reckoned", True),
    Column("allowed_ore", "integer", "the largest difference that the standard allows", True),
    Column("is_allowed", "integer", "1 within that, 0 when the document is rejected for it", True),
)
"""One row per control total of a document that does not agree to the öre."""

CREDIT_REFERENCES: tuple[Column, ...] = (
    Column("document_id", "integer", "the document that refers, as in INVOICES", True),
    Column("referenced_number", "text", "the number of the earlier invoice (BT-25); missing when none is named"),
    Column("referenced_on", "date", "its date (BT-26)"),
    Column("is_reducing", "integer", "1 when the referring document is a credit note or negative, else 0", True),
    Column("referenced_document_id", "integer", "the earlier invoice in INVOICES; missing unless resolved"),
    Column("status", "text", "one of CREDIT_REFERENCE_STATUSES", True),
)
"""One row per reference to an earlier invoice, and one per crediting document that names none."""

CREDIT_REFERENCE_STATUSES: dict[str, str] = {
    "resolved": "Fakturan finns",
    "not_named": "Krediteringen nämner ingen faktura",
    "not_found": "Fakturan finns inte bland filerna",
    "rejected": "Fakturan finns bland filerna men är avvisad",
    "other_date": "Fakturan med det numret har ett annat datum",
    "other_currency": "Fakturan med det numret är i en annan valuta",
    "several": "Flera fakturor har det numret",
    "itself": "Dokumentet hänvisar till sig självt",
}

CREDIT_CHAINS: tuple[Column, ...] = (
    Column("chain_id", "integer", "running number, in order of the chain's first document", True),
    *_SUPPLIER,
    _CURRENCY,
    Column("invoices_count", "integer", "invoices that are credited", True),
    Column("credits_count", "integer", "credit notes and negative invoices that credit them", True),
    Column("invoiced_ore", "integer", "the invoices' sums excluding VAT", True),
    Column("credited_ore", "integer", "the credits' sums excluding VAT, negative", True),
    Column("net_ore", "integer", "invoiced_ore + credited_ore", True),
    Column("net_tax_inclusive_ore", "integer", "the same including VAT", True),
    Column("unresolved_count", "integer", "references from the chain that lead to no accepted invoice", True),
    Column("status", "text", "one of CREDIT_CHAIN_STATUSES", True),
)
"""One row per chain: invoices and what credits them, joined by references."""

CREDIT_CHAIN_STATUSES: dict[str, str] = {
    "whole": "Krediterad helt",
    "part": "Krediterad till en del",
    "more": "Krediterad med mer än vad som fakturerats",
    "alone": "Kreditering utan sin faktura",
}

PRICE_LISTS: tuple[Column, ...] = (
    Column("price_list_id", "text", "the catalogue's number and version, or the price list's file"),
    Column("issued_on", "date", "when the catalogue was issued"),
    Column("contract_reference", "text", "the contract that the prices belong to"),
    Column("supplier_key", "text", "the seller, written as in LEDGER_LINES; missing when the list names none"),
    Column("supplier_name", "text", "the seller's name; sole traders masked"),
    Column("line_id", "text", "the list's own number of the line"),
    Column("article_id", "text", "the seller's article number, as INVOICE_LINES.seller_item_id", True),
    Column("standard_item_id", "text", "the article's standard number, such as GTIN"),
    Column("standard_item_scheme", "text", "which standard: 0160 is GTIN"),
    Column("manufacturer_item_id", "text", "the manufacturer's article number"),
    Column("article_name", "text", "its name"),
    Column("article_description", "text", "the same at length"),
    Column("cpv_code", "text", "the CPV code, of list STI"),
    Column("unspsc_code", "text", "the UNSPSC code, of list TST"),
    Column("classifications", "text", "every classification as list:code, several with semicolons"),
    Column("properties", "text", "the article's properties as name=value, several with semicolons"),
    Column("labels", "text", "its certificates and labels, such as Svanen, several with semicolons"),
    Column("price", "decimal", "price of base_quantity units, excluding VAT; missing when the list has none"),
    Column("base_quantity", "decimal", "how many units the price is for; 1 when not stated", True),
    Column("unit_code", "text", "the unit of the base quantity, or of the order, as ARTICLE_LINES.quantity_unit"),
    Column("currency", "text", "the price's currency; missing without price"),
    Column("minimum_quantity", "decimal", "the price holds from this quantity"),
    Column("maximum_quantity", "decimal", "the price holds to this quantity"),
    Column("delivery_place", "text", "where the price holds, when the list tells"),
    Column("valid_from", "date", "first day of the price: its own, the line's or the list's"),
    Column("valid_to", "date", "last day of the price: its own, the line's or the list's"),
    Column("is_withdrawn", "integer", "1 when the list takes the article away, else 0", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; in a catalogue the price's place, from 1", True),
)
"""One row per article and price of a contract price list: a Peppol catalogue, or a list as CSV or XLSX."""
