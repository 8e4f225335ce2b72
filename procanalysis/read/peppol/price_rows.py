"""Describe contract price lists as organisations write them, and judge their rows whatever form they came in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from procanalysis.read.quantity_units import quantity_unit_of
from procanalysis.read.register_rows import Register, Row, normal_word
from procanalysis.read.register_suppliers import Hider, RegisterSupplier
from procanalysis.schema import FAR_FUTURE

PRICE_LIST = Register(
    key="price_lists",
    what="contract price list",
    aliases={
        "contract_reference": (
            "avtalsnummer", "avtalsnr", "avtals-id", "avtalets nummer", "kontraktsnummer", "kontrakts-id",
            "contract id", "avtal",
        ),
        "supplier_number": ("organisationsnummer", "orgnr", "org.nr", "leverantörens organisationsnummer"),
        "supplier_name": ("leverantör", "leverantörsnamn", "leverantörens namn", "företag", "supplier"),
        "article_id": (
            "artikelnummer", "artikelnr", "artikel-id", "leverantörens artikelnummer", "article id", "artnr",
            "art.nr", "produktnummer", "produktnr",
        ),
        "standard_item_id": ("gtin", "gtin-nummer", "ean", "ean-kod", "streckkod"),
        "manufacturer_item_id": ("tillverkarens artikelnummer", "tillverkarens artikelnr", "tillverkarens nummer"),
        "article_name": (
            "artikelbenämning", "artikelnamn", "benämning", "produktnamn", "produkt", "artikel",
        ),
        "article_description": ("artikelbeskrivning", "beskrivning", "produktbeskrivning", "specifikation"),
        "cpv_code": ("cpv-kod", "cpv"),
        "unspsc_code": ("unspsc-kod", "unspsc"),
        "labels": ("miljömärkning", "märkning", "märkningar", "certifikat", "certifiering"),
        "price": ("avtalspris", "nettopris", "pris exkl moms", "pris per enhet", "enhetspris", "à-pris", "pris"),
        "base_quantity": ("priset gäller antal", "prisbas", "baskvantitet", "pris per antal", "base quantity"),
        "unit_code": ("prisenhet", "måttenhet", "försäljningsenhet", "enhet", "unit"),
        "currency": ("valuta", "valutakod", "currency"),
        "minimum_quantity": ("från antal", "antal från", "minsta antal", "från kvantitet"),
        "maximum_quantity": ("till antal", "antal till", "största antal", "till kvantitet"),
        "delivery_place": ("leveransplats", "leveransort", "gäller för"),
        "valid_from": ("giltig från", "giltigt från", "gäller från", "giltig fr.o.m.", "fr.o.m.", "startdatum"),
        "valid_to": ("giltig till", "giltigt till", "gäller till", "giltig t.o.m.", "t.o.m.", "slutdatum"),
    },
    needed=(("article_id",), ("price",)),
    dates=("valid_from", "valid_to"),
    numbers=("price", "base_quantity", "minimum_quantity", "maximum_quantity"),
    month_ends=("valid_to",),
    open_ends=("valid_to",),
)  # fmt: skip

_CURRENCY = re.compile(r"[A-Z]{3}")
_KRONOR = {"", "kr", "kronor", "svenska kronor"}
_TEXTS = (
    "article_name", "article_description", "cpv_code", "unspsc_code", "classifications", "properties", "labels",
    "delivery_place", "standard_item_scheme",
)  # fmt: skip
_REFERENCES = (
    "price_list_id", "contract_reference", "line_id", "article_id", "standard_item_id", "manufacturer_item_id",
)  # fmt: skip


def currency_of(row: Row) -> str | None:
    """Return the currency of a row's price, kronor when a list does not say; None when it cannot be read."""
    written = row.text("currency") or ""
    if normal_word(written) in _KRONOR:
        return "SEK"
    return written.upper() if _CURRENCY.fullmatch(written.upper()) else None


def judge_price(row: Row) -> None:
    """Reject a row without article, or with a price, quantity, currency or period that cannot be."""
    if row.text("article_id") is None:
        row.reject("id_missing", "article_id")
    if row.numbers.get("price", 0) < 0:
        row.reject("figure_negative", "price")
    if row.numbers.get("base_quantity", 1) <= 0:
        row.reject("number_not_positive", "base_quantity")
    for column in ("minimum_quantity", "maximum_quantity"):
        if row.numbers.get(column, 0) < 0:
            row.reject("figure_negative", column)
    if currency_of(row) is None:
        row.reject("currency_unreadable", "currency")
    if row.dates.get("valid_to", FAR_FUTURE) < row.dates.get("valid_from", FAR_FUTURE):
        row.reject("ends_before_start", "valid_to")


def judge_repeated(rows: Sequence[Row]) -> None:
    """Reject what a list says twice, and every price of an article that has several for the same purchase."""
    same: dict[object, list[Row]] = defaultdict(list)
    told_by = (
        "price_list_id", "contract_reference", "supplier_number", "supplier_name", "article_id", "unit_code",
        "minimum_quantity", "maximum_quantity", "delivery_place", "valid_from", "valid_to",
    )  # fmt: skip
    for row in rows:
        if not row.reason:
            same[row.file, *(row.compared(column) for column in told_by)].append(row)
    for of_one in same.values():
        if len({_price_of(row) for row in of_one}) > 1:
            for row in of_one:
                row.reject("price_differs", "price")
        for row in of_one[1:]:
            row.reject("id_repeated", "article_id")


def _price_of(row: Row) -> object:
    return row.compared("price"), row.numbers.get("base_quantity", 1), currency_of(row)


def price_record(row: Row, supplier: RegisterSupplier, hider: Hider) -> Mapping[str, object]:
    """Lay an accepted row out under the columns of PRICE_LISTS."""
    return {
        **{name: hider.text(row.text(name)) for name in _TEXTS},
        **{name: hider.reference(row.text(name)) for name in _REFERENCES},
        "unit_code": hider.text(quantity_unit_of(row.text("unit_code"))),
        "issued_on": row.dates.get("issued_on"),
        "supplier_key": supplier.supplier_key,
        "supplier_name": supplier.name,
        "price": row.numbers.get("price"),
        "base_quantity": row.numbers.get("base_quantity", Decimal(1)),
        "currency": currency_of(row) if "price" in row.numbers else None,
        "minimum_quantity": row.numbers.get("minimum_quantity"),
        "maximum_quantity": row.numbers.get("maximum_quantity"),
        "valid_from": row.dates.get("valid_from"),
        "valid_to": row.dates.get("valid_to"),
        "is_withdrawn": row.counts.get("is_withdrawn", 0),
        "file": row.file,
        "row_number": row.row_number,
    }
