"""What was bought line by line: orders, e-invoices, price lists, indexes, tags and emission factors, as tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pandas as pd

from procanalysis.params import OrganisationParams
from procanalysis.params.articles import ArticlePart, InvoiceFiles
from procanalysis.read.article_tags import read_article_tags
from procanalysis.read.emission_factors import read_emission_factors
from procanalysis.read.orders import read_orders
from procanalysis.read.peppol import InvoiceLines, InvoiceReading, article_lines_of, read_catalogues, read_invoices
from procanalysis.read.price_indexes import read_price_indexes
from procanalysis.read.registers import LineControl, RegisterFileReading, RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import (
    ARTICLE_LINES,
    ARTICLE_TAGS,
    CREDIT_CHAINS,
    EMISSION_FACTORS,
    INVOICE_CHECK_COUNTS,
    INVOICE_DIFFERENCES,
    INVOICES,
    ORDER_DIFFERENCES,
    PRICE_INDEXES,
    PRICE_LISTS,
    Column,
    kronor,
)

ARTICLE_SOURCE_NAMES: dict[str, str] = {
    "orders": "Orderrader",
    "invoices": "E-fakturor",
    "price_lists": "Avtalsprislistor",
    "price_indexes": "Prisindex",
    "article_tags": "Märkning av artiklar",
    "emission_factors": "Utsläppsfaktorer",
}
"""The sources by their part of the organisation file, with their Swedish names, in the order in which they are read."""

ARTICLE_TABLES: dict[str, tuple[Column, ...]] = {
    "order_lines": ARTICLE_LINES,
    "order_differences": ORDER_DIFFERENCES,
    "invoices": INVOICES,
    "invoice_lines": ARTICLE_LINES,
    "invoice_checks": INVOICE_CHECK_COUNTS,
    "invoice_differences": INVOICE_DIFFERENCES,
    "credit_chains": CREDIT_CHAINS,
    "price_lists": PRICE_LISTS,
    "price_indexes": PRICE_INDEXES,
    "article_tags": ARTICLE_TAGS,
    "emission_factors": EMISSION_FACTORS,
}
"""The prepared tables by the name under which they are kept and opened."""

ARTICLE_PARTS: tuple[ArticlePart, ...] = get_args(ArticlePart)


@dataclass(frozen=True)
class LedgerNames:
    """Hold what the ledger calls suppliers and units, so that a source names them alike.

    supplier_numbers: 'organisation' or 'internal'. supplier_keys: of all its suppliers. units: lists its units.
    units_of_invoices: of some invoices' keys → the unit, for those that are booked on one unit only.
    """

    supplier_numbers: str
    supplier_keys: Collection[str]
    units: Callable[[], Collection[str]] = frozenset
    units_of_invoices: Callable[[Collection[str]], Mapping[str, str]] = lambda keys: {}


@dataclass(frozen=True)
class SourceReading:
    """Hold one source's tables by name, its rejected rows (schema.REJECTED_ROWS) and its control totals."""

    tables: Mapping[str, pd.DataFrame]
    rejected: pd.DataFrame
    control: Mapping[str, Any]


def read_article_source(
    key: ArticlePart,
    params: OrganisationParams,
    form: RegisterFormat,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    ledger: LedgerNames,
) -> SourceReading:
    """Read one source of articles. Raises InputError for one that cannot be read."""
    paths = params.article_paths(key)
    known_keys = ledger.supplier_keys
    if key == "orders":
        orders = read_orders(paths, form, taxonomy=taxonomy, masker=masker, known_keys=known_keys, units=ledger.units())
        tables = {"order_lines": orders.lines, "order_differences": orders.differences}
        return SourceReading(tables, orders.rejected, asdict(orders.control))
    if key == "invoices":
        return _read_invoices(params, taxonomy=taxonomy, masker=masker, ledger=ledger)
    reading: Any
    if key == "price_lists":
        reading = read_catalogues(paths, form, masker=masker, known_keys=known_keys)
        return SourceReading({key: reading.prices}, reading.rejected, asdict(reading.control))
    if key == "price_indexes":
        reading = read_price_indexes(paths, form, masker=masker)
    elif key == "article_tags":
        reading = read_article_tags(paths, form, taxonomy=taxonomy, masker=masker, known_keys=known_keys)
    else:
        reading = read_emission_factors(paths, form, taxonomy=taxonomy, masker=masker)
    return SourceReading({key: getattr(reading, key)}, reading.rejected, asdict(reading.control))


def _read_invoices(
    params: OrganisationParams, *, taxonomy: pd.DataFrame, masker: Masker, ledger: LedgerNames
) -> SourceReading:
    """Read the e-invoices and lay out their lines; a document that cannot be read is rejected and stops nothing."""
    chosen = params.invoices
    assert isinstance(chosen, InvoiceFiles)  # noqa: S101  only sources that the file names are read
    reading = read_invoices(
        params.article_paths("invoices"),
        masker=masker,
        supplier_numbers=ledger.supplier_numbers,
        known_keys=ledger.supplier_keys,
    )
    found = article_lines_of(
        reading,
        taxonomy=taxonomy,
        categories=chosen.categories,
        cpv_categories=chosen.cpv_categories,
        # A reference that is a unit's own name says so; one that is a person's is no unit.
        units={unit: unit for unit in ledger.units()} | chosen.units,
        units_of_invoices=ledger.units_of_invoices(frozenset(reading.invoices["invoice_key"])),
    )
    tables = {
        "invoices": reading.invoices,
        "invoice_lines": found.lines,
        "invoice_checks": reading.checks,
        "invoice_differences": reading.differences,
        "credit_chains": reading.chains,
    }
    return SourceReading(tables, reading.rejected, asdict(_control_of(reading, found)))


def _control_of(reading: InvoiceReading, found: InvoiceLines) -> LineControl:
    """Reckon the documents up as the rows of a register; sums are of documents in kronor, excluding VAT."""
    control = reading.control
    in_kronor = next((total for total in control.totals if total.currency == "SEK"), None)
    accepted = in_kronor.amount_accepted_ore if in_kronor else 0
    rejected = in_kronor.amount_rejected_ore if in_kronor else 0
    readable = sum(total.documents_accepted + total.documents_rejected for total in control.totals)
    return LineControl(
        rows_read=control.documents_read,
        rows_accepted=control.documents_accepted,
        rows_rejected=control.documents_rejected,
        files=tuple(
            RegisterFileReading(
                file.name, file.sha256, file.encoding, "", 1, int(file.is_accepted), 1 - file.is_accepted
            )
            for file in control.files
        ),
        amount_read_ore=accepted + rejected,
        amount_accepted_ore=accepted,
        amount_rejected_ore=rejected,
        rows_without_readable_amount=control.documents_read - readable,
        lines_checked=found.control.lines,
        notes=_notes(found),
    )


def _notes(found: InvoiceLines) -> tuple[str, ...]:
    """Say in Swedish what the invoice lines leave out: other currencies, and what belongs to whole documents."""
    control = found.control
    notes = []
    if control.other_documents:
        currencies = ", ".join(sorted(found.excluded["currency"].unique()))
        notes.append(
            f"E-fakturor i annan valuta ({currencies}): {control.other_documents}, vars rader ({control.other_lines}) "
            "inte ingår i fakturaraderna."
        )
    if control.allowances_ore or control.charges_ore:
        notes.append(
            f"Rabatter ({_in_kronor(control.allowances_ore)}) och avgifter ({_in_kronor(control.charges_ore)}) på hela "
            "fakturor hör inte till någon rad och är inte fördelade."
        )
    return tuple(notes)


def _in_kronor(amount_ore: int) -> str:
    return f"{kronor(amount_ore)} kr".replace(".", ",")
