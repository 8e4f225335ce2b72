"""Read contract price lists: Peppol catalogues (UBL 2.1), and lists as CSV, XLSX, JSON or Parquet by column map."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.files import cannot_open
from procanalysis.read.hiding import hide_value
from procanalysis.read.peppol.documents import classification_of, party_of, properties_of, scheme_of
from procanalysis.read.peppol.price_rows import (
    PRICE_LIST,
    judge_price,
    judge_repeated,
    price_record,
)
from procanalysis.read.peppol.safe_xml import (
    Bounds,
    RefusedDocument,
    looks_like_xml,
    parse_document,
    read_bounded,
)
from procanalysis.read.peppol.values import day, figure, joined, needed, only, texts
from procanalysis.read.register_rows import Row, clean_text
from procanalysis.read.register_suppliers import identify, supplier_written
from procanalysis.read.registers import (
    RegisterControl,
    RegisterFileReading,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    reject_repeated_files,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import PRICE_LISTS, REJECT_REASONS

CATALOGUE_BOUNDS = Bounds(size=100_000_000, elements=2_000_000)
"""A catalogue of some forty thousand articles."""

_CATALOGUE = "urn:fdc:peppol.eu:poacc:trns:catalogue:3"
_HEAD = 64
_PRICE = "RequiredItemLocationQuantity/Price"
# Our column → the element that it is read from, which is what a rejected row names.
_ELEMENTS: Mapping[str, str] = {
    "article_id": "Item/SellersItemIdentification/ID",
    "price": f"{_PRICE}/PriceAmount",
    "base_quantity": f"{_PRICE}/BaseQuantity",
    "currency": f"{_PRICE}/PriceAmount/@currencyID",
    "minimum_quantity": "RequiredItemLocationQuantity/MinimumQuantity",
    "maximum_quantity": "RequiredItemLocationQuantity/MaximumQuantity",
    "valid_from": f"{_PRICE}/ValidityPeriod/StartDate",
    "valid_to": f"{_PRICE}/ValidityPeriod/EndDate",
}
_PLACE = ("StreetName", "PostalZone", "CityName", "CountrySubentity", "Country/IdentificationCode")


@dataclass(frozen=True)
class CatalogueReading:
    """Hold what price lists gave: PRICE_LISTS and REJECTED_ROWS of the schema, and the control."""

    prices: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_catalogues(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    known_keys: Collection[str] = frozenset(),
) -> CatalogueReading:
    """Read contract price lists, one row per article and price.

    Formula: a price holds from and to its own days, else its line's, else its catalogue's. The words for units become
    codes; units and currencies are never converted.
    Parameters: paths, Peppol catalogues (XML) and CSV, XLSX, JSON or Parquet files, told apart by their content; form,
    how the latter are written, with the column map; masker, hides sole traders and personal numbers; known_keys, the
    ledger's supplier keys.
    Returns a CatalogueReading that reconciles. Raises InputError for a file that is no price list, or a dangerous one,
    or when no row is accepted.
    Source: Peppol Catalogue 3 (urn:fdc:peppol.eu:poacc:trns:catalogue:3).
    """
    form = form or RegisterFormat()
    if not paths:
        raise InputError("There are no price lists to read. Name the files, as in 'prislistor/*.xml'.")
    catalogues = [path for path in paths if _is_xml(path)]
    tables = [path for path in paths if path not in catalogues]
    rows, files = read_rows(tables, form, PRICE_LIST, masker) if tables else ([], ())
    for row in rows:
        row.cells["price_list_id"] = row.file
    for path in catalogues:
        found, file = _read_catalogue(path, len(files), masker)
        rows += found
        files = (*files, file)
    reject_repeated_files(rows, files)
    for row in rows:
        judge_price(row)
    judge_repeated(rows)
    refuse_nothing_accepted(rows, PRICE_LIST)
    suppliers, hider = identify(
        [(supplier_written(row), not row.reason) for row in rows],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )
    records = [price_record(row, suppliers[supplier_written(row)], hider) for row in rows if not row.reason]
    rejected, control = reckon(rows, files, len(records), shown=hider.rejected)
    return CatalogueReading(frame_of(records, PRICE_LISTS), rejected, control)


def _is_xml(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return looks_like_xml(stream.read(_HEAD))
    except OSError as error:
        raise cannot_open(path, error) from None


def _read_catalogue(path: Path, order: int, masker: Masker) -> tuple[list[Row], RegisterFileReading]:
    try:
        content = read_bounded(path, CATALOGUE_BOUNDS)
        root, encoding = parse_document(content, ("Catalogue",), CATALOGUE_BOUNDS)
        rows = list(_rows_of(root, path.name, order))
    except RefusedDocument as refusal:
        value = refusal.value if refusal.is_person_free else hide_value(clean_text(refusal.value) or "", masker)[:100]
        place = " ".join(filter(None, (refusal.column, value)))
        said = f"{REJECT_REASONS[refusal.reason]} ({place})" if place else REJECT_REASONS[refusal.reason]
        raise InputError(
            f"{path.name}: the catalogue cannot be read. {said}. Ask the supplier for the price list as a Peppol "
            "catalogue 3, or as CSV or XLSX."
        ) from None
    return rows, RegisterFileReading(path.name, hashlib.sha256(content).hexdigest(), encoding, "", len(rows))


def _rows_of(root: Element, file: str, order: int) -> Iterator[Row]:
    """Yield a catalogue's prices as rows, one per line and price; a line without price is one row."""
    customization = needed(root, "CustomizationID")
    if not customization.startswith(_CATALOGUE):
        raise RefusedDocument("document_unknown", "CustomizationID", customization)
    seller = party_of(root.find("SellerSupplierParty/Party"))
    provider = party_of(root.find("ProviderParty"))
    # The seller may be given by name only; the provider is often the same company, and then has its number.
    number = seller.number or (provider.number if not seller.name or seller.name == provider.name else "")
    of_all = {
        "price_list_id": joined([" ".join(filter(None, (texts(root, "ID"), texts(root, "VersionID"))))]) or "",
        "contract_reference": texts(root, "ReferencedContract/ID") or "",
        "supplier_number": number,
        "supplier_name": seller.name or provider.name,
    }
    period = _period(root, "ValidityPeriod", {})
    issued_on = day(root, "IssueDate")
    is_withdrawn = only(root, "ActionCode") == "Delete"
    row_number = 0
    for line in root.findall("CatalogueLine"):
        places: Sequence[Element | None] = line.findall("RequiredItemLocationQuantity")
        for place in places or (None,):
            row_number += 1
            row = Row(order, file, row_number, _ELEMENTS, dict(of_all))
            try:
                _fill(row, line, place, period)
            except RefusedDocument as refusal:
                row.reject(refusal.reason, value=clean_text(refusal.value) or "")
                row.fault_column = refusal.column
            if issued_on is not None:
                row.dates["issued_on"] = issued_on
            row.counts["is_withdrawn"] = int(is_withdrawn or only(line, "ActionCode") == "Delete")
            yield row


def _fill(row: Row, line: Element, place: Element | None, of_catalogue: Mapping[str, date]) -> None:
    """Fill a row with what a line says of its article, and with one of its prices."""
    item = line.find("Item")
    if item is None:
        raise RefusedDocument("document_incomplete", "Item", is_person_free=True)
    unit = texts(line, "OrderableUnit")
    found = {
        "line_id": texts(line, "ID"),
        "article_id": texts(item, "SellersItemIdentification/ID"),
        "standard_item_id": texts(item, "StandardItemIdentification/ID"),
        "standard_item_scheme": scheme_of(item),
        "manufacturer_item_id": texts(item, "ManufacturersItemIdentification/ID"),
        "article_name": texts(item, "Name"),
        "article_description": texts(item, "Description"),
        "properties": properties_of(item),
        "labels": joined(filter(None, map(_label, item.findall("Certificate")))),
        **classification_of(item),
    }
    dates = _period(line, "LineValidityPeriod", of_catalogue)
    if place is not None:
        numbers = {
            "price": figure(place, "Price/PriceAmount"),
            "base_quantity": figure(place, "Price/BaseQuantity"),
            "minimum_quantity": figure(place, "MinimumQuantity"),
            "maximum_quantity": figure(place, "MaximumQuantity"),
        }
        row.numbers |= {name: number for name, number in numbers.items() if number is not None}
        dates = _period(place, "Price/ValidityPeriod", dates)
        base, price = place.find("Price/BaseQuantity"), place.find("Price/PriceAmount")
        unit = (base.get("unitCode") if base is not None else None) or unit
        # A price without currency is no price: it is not taken for kronor, as in a list of our own.
        found["currency"] = (price.get("currencyID") or "?") if price is not None else None
        found["delivery_place"] = joined(
            filter(None, (texts(place, f"ApplicableTerritoryAddress/{part}") for part in _PLACE))
        )
    row.dates |= dates
    row.cells |= {name: text for name, text in (found | {"unit_code": unit}).items() if text}
    row.cells |= {name: _written(number) for name, number in row.numbers.items()}


def _written(number: Decimal) -> str:
    return f"{number:f}"


def _period(element: Element, path: str, otherwise: Mapping[str, date]) -> dict[str, date]:
    """Return the first and last day that stand in an element, each else as in what the element is part of."""
    own = {"valid_from": day(element, f"{path}/StartDate"), "valid_to": day(element, f"{path}/EndDate")}
    return {**otherwise, **{name: found for name, found in own.items() if found is not None}}


def _label(certificate: Element) -> str | None:
    """Return a certificate's name: its type, or its number where the type says nothing (NA)."""
    kind = texts(certificate, "CertificateTypeCode")
    return kind if kind and kind != "NA" else texts(certificate, "ID")
