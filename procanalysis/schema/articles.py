"""Article lines: what was bought line by line, in orders and invoices, the articles' tags, and emission factors."""

from __future__ import annotations

from procanalysis.schema.columns import Column

ARTICLE_LINES: tuple[Column, ...] = (
    Column("line_id", "integer", "running number over the accepted lines, in order of file and row", True),
    Column("origin", "text", "one of LINE_ORIGINS", True),
    Column("document_number", "text", "the order's or invoice's number", True),
    Column("line_number", "text", "the line's number in it, as written there"),
    Column("bought_on", "date", "day of the order, or of the invoice", True),
    Column("unit", "text", "the unit that bought, as in LEDGER_LINES"),
    Column("supplier_key", "text", "the seller, written as in LEDGER_LINES", True),
    Column("supplier_name", "text", "the seller's name; sole traders masked"),
    Column("article_id", "text", "the seller's article number, as PRICE_LISTS.article_id"),
    Column("standard_item_id", "text", "the article's standard number, such as GTIN"),
    Column("article_name", "text", "its name"),
    Column("article_group", "text", "the group of articles, as the source writes it"),
    Column("category_code", "text", "that group's code in the category tree; missing when no word translates it"),
    Column("cpv_code", "text", "the CPV code"),
    Column("quantity", "decimal", "how much, in quantity_unit; returns and credits negative"),
    Column("quantity_unit", "text", "its code in UNECE Recommendation 20; as written when the word is not known"),
    Column("price_sek", "decimal", "net price of base_quantity units, excluding VAT, never negative"),
    Column("base_quantity", "decimal", "how many units the price is for; 1 when not stated", True),
    Column("amount_ore", "integer", "the line's amount excluding VAT; returns and credits negative", True),
    Column("contract_reference", "text", "the contract that the line or its document names"),
    Column("order_reference", "text", "of an invoice line: the order's number, as document_number of an order line"),
    Column("order_line_reference", "text", "of an invoice line: that order's line, as line_number of an order line"),
    Column("invoice_key", "text", "the supplier's invoice, as in LEDGER_LINES; missing when an order line names none"),
    Column("assortment", "text", "one of ASSORTMENTS, as the e-commerce system marks the line; else missing"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; of an invoice, the line's place in it", True),
)
"""One row per accepted line of an order or of an invoice, in kronor."""

LINE_ORIGINS: dict[str, str] = {"order": "Orderrad", "invoice": "Fakturarad"}

ASSORTMENTS: dict[str, str] = {"contract": "Avtalat sortiment", "other": "Övrigt sortiment"}

ORDER_DIFFERENCES: tuple[Column, ...] = (
    Column("document_number", "text", "the order's number", True),
    Column("line_number", "text", "the line's number in it, as written there"),
    Column("stated_ore", "integer", "the line's amount, as written there", True),
    Column("reckoned_ore", "integer", "quantity × price ÷ base quantity, rounded to the öre", True),
    Column("difference_ore", "integer", "stated − reckoned", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per accepted order line whose amount is another than its quantity and price give, beyond rounding."""

QUANTITY_UNITS: dict[str, str] = {
    "EA": "st", "PR": "par", "SET": "set", "DZN": "dussin", "XPK": "förpackningar", "XPA": "paket", "XCT": "kartonger",
    "XBX": "lådor", "XBG": "påsar", "XSA": "säckar", "XBO": "flaskor", "XRO": "rullar", "XPX": "pallar", "TNE": "ton",
    "KGM": "kg", "HGM": "hg", "GRM": "g", "MGM": "mg", "LTR": "liter", "DLT": "dl", "CLT": "cl", "MLT": "ml",
    "KMT": "km", "MTR": "m", "CMT": "cm", "MMT": "mm", "MTK": "m²", "MTQ": "m³", "HUR": "timmar", "MIN": "minuter",
    "DAY": "dagar", "WEE": "veckor", "MON": "månader", "ANN": "år", "KWH": "kWh", "MWH": "MWh",
}  # fmt: skip
"""Units of quantity as a reader sees them, by the code that ARTICLE_LINES has; a code not listed is shown as it is."""

PRICE_INDEXES: tuple[Column, ...] = (
    Column("contract_reference", "text", "the contract, as in PRICE_LISTS", True),
    Column("valid_from", "date", "first day on which the moved price holds", True),
    Column("valid_to", "date", "last day; missing when it holds until the next"),
    Column("indexed_share_pct", "decimal", "the part of the price that the clause moves, 0 to 100", True),
    Column("index_base", "decimal", "the index that the listed price belongs to, above 0", True),
    Column("index_now", "decimal", "the index from valid_from, above 0", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per contract and period in which its index clause moves the listed prices."""

ARTICLE_TAGS: tuple[Column, ...] = (
    Column("supplier_key", "text", "the seller, written as in LEDGER_LINES; missing for a tag on a category"),
    Column("article_id", "text", "the seller's article number; missing for a tag on a standard number or a category"),
    Column("standard_item_id", "text", "the article's standard number, such as GTIN"),
    Column("category_code", "text", "code of the category tree, for a tag on all of a category"),
    Column("tag_kind", "text", "one of TAG_KINDS", True),
    Column("tag", "text", "the tag: Svanen, KRAV, class A; missing when looked at and found without one of the kind"),
    Column("valid_from", "date", "first day of the tag; missing when it always held"),
    Column("valid_to", "date", "last day of the tag; missing when it holds still"),
    Column("source", "text", "who says so: a certificate's number, the supplier's list"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per article, standard number or category, and tag; what stands in no row has not been looked at."""

TAG_KINDS: dict[str, str] = {
    "label": "Miljömärke",
    "organic": "Ekologiskt",
    "local": "Lokalproducerat",
    "climate_class": "Klimatklass",
}

EMISSION_FACTORS: tuple[Column, ...] = (
    Column("category_code", "text", "code of the category tree, for it and those below without one of their own", True),
    Column("kg_per_sek", "decimal", "kilograms of CO2 equivalents per krona spent", True),
    Column("price_year", "integer", "the year whose kronor the factor is for", True),
    Column("incl_vat", "integer", "1 when those kronor include VAT, else 0", True),
    Column("uncertainty_pct", "decimal", "half the width of the factor's interval, in percent of it"),
    Column("source", "text", "where the factor is published", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per category with a spend-based emission factor, from the organisation's own file: none is shipped."""
