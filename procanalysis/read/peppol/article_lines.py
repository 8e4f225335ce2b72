"""Lay the lines of e-invoices out as order lines are, so that the same measures work on both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from procanalysis.errors import ReconciliationError
from procanalysis.read.article_groups import ArticleGroups
from procanalysis.read.peppol.invoices import InvoiceReading
from procanalysis.read.quantity_units import quantity_unit_of
from procanalysis.read.registers import frame_of_columns
from procanalysis.schema import ARTICLE_LINES

_CURRENCY = "SEK"


@dataclass(frozen=True)
class InvoiceLineControl:
    """Reckon the lines up with their documents: lines − allowances + charges = the documents' sums excluding VAT.

    allowances_ore and charges_ore: those on whole documents, which belong to no line and are spread over none.
    other_documents and other_lines: of documents in other currencies, which are left out.
    """

    documents: int
    lines: int
    lines_ore: int
    allowances_ore: int
    charges_ore: int
    tax_exclusive_ore: int
    other_documents: int
    other_lines: int


@dataclass(frozen=True)
class InvoiceLines:
    """Hold invoice lines as ARTICLE_LINES of origin 'invoice', and what was left out of them.

    excluded: the documents in other currencies: file, number, currency, lines_count, tax_exclusive_ore in hundredths of
    that currency, and the reason, a key of REJECT_REASONS.
    """

    lines: pd.DataFrame
    excluded: pd.DataFrame
    control: InvoiceLineControl


def article_lines_of(
    reading: InvoiceReading,
    *,
    taxonomy: pd.DataFrame,
    categories: Mapping[str, str] | None = None,
    cpv_categories: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    units_of_invoices: Mapping[str, str] | None = None,
) -> InvoiceLines:
    """Lay the lines of accepted documents in kronor out as article lines.

    Formula: Σ lines − Σ documents' own allowances + Σ their charges = Σ sums excluding VAT, to the öre. Credit notes
    are negative. A document in another currency is left out whole: no rate of exchange is known.
    Parameters: reading, from `read_invoices`; taxonomy, schema.TAXONOMY; categories, UNSPSC code → code of the tree;
    cpv_categories, how CPV codes begin → code of the tree; units, the buyer's reference (BT-10) → the unit as in the
    ledger; units_of_invoices, an invoice's key → the one unit that the ledger books it on, for those whose reference
    says nothing.
    Returns the lines, what is left out, and the control. Raises InputError for a category that is not in the tree, and
    ReconciliationError when öre or lines do not add up.
    Source: EN 16931; requirement R51; method 2.
    """
    groups = ArticleGroups(taxonomy, categories or {}, cpv_categories or {}, "invoices")
    invoices = reading.invoices
    in_kronor = invoices["currency"] == _CURRENCY
    kept, others = invoices[in_kronor], invoices[~in_kronor]
    columns = ["document_id", "number", "issued_on", "supplier_key", "supplier_name", "buyer_reference",
               "contract_reference", "order_reference", "invoice_key", "file"]  # fmt: skip
    joined = reading.lines.merge(kept[columns], on="document_id", how="inner", validate="many_to_one")
    lines = _laid_out(joined, groups, units or {}, units_of_invoices or {})
    control = InvoiceLineControl(
        documents=len(kept),
        lines=len(lines),
        lines_ore=int(lines["amount_ore"].sum()),
        allowances_ore=int(kept["allowances_ore"].sum()),
        charges_ore=int(kept["charges_ore"].sum()),
        tax_exclusive_ore=int(kept["tax_exclusive_ore"].sum()),
        other_documents=len(others),
        other_lines=int(others["lines_count"].sum()),
    )
    _check_reconciles(control, len(reading.lines))
    excluded = others[["file", "number", "currency", "lines_count", "tax_exclusive_ore"]]
    return InvoiceLines(lines, excluded.assign(reason="other_currency").reset_index(drop=True), control)


def _laid_out(
    joined: pd.DataFrame, groups: ArticleGroups, units: Mapping[str, str], units_of_invoices: Mapping[str, str]
) -> pd.DataFrame:
    """Put the columns of ARTICLE_LINES in order, with the types of the other tables."""
    codes = zip(_texts(joined["unspsc_code"]), _texts(joined["cpv_code"]), strict=True)
    references = zip(_texts(joined["buyer_reference"]), _texts(joined["invoice_key"]), strict=True)
    values = {
        "line_id": range(1, len(joined) + 1),
        "origin": ["invoice"] * len(joined),
        "document_number": joined["number"],
        "line_number": joined["line_id"],
        "bought_on": joined["issued_on"].dt.date,
        "unit": [units.get(named or "") or units_of_invoices.get(key or "") for named, key in references],
        "article_id": joined["seller_item_id"],
        "article_name": joined["item_name"],
        "article_group": joined["unspsc_code"],
        "category_code": [groups.code(None, unspsc_code, cpv_code) for unspsc_code, cpv_code in codes],
        "quantity_unit": [quantity_unit_of(code) for code in _texts(joined["unit_code"])],
        "price_sek": joined["price"],
        "assortment": [None] * len(joined),
        "row_number": joined["line_number"],
    }
    of_same_name = {column.name: joined[column.name] for column in ARTICLE_LINES if column.name not in values}
    columns = {name: list(column) for name, column in (values | of_same_name).items()}
    return frame_of_columns(columns, ARTICLE_LINES)


def _texts(column: pd.Series) -> list[str | None]:
    """Return the texts of a column, None where it is missing."""
    return [None if pd.isna(value) else str(value) for value in column]


def _check_reconciles(control: InvoiceLineControl, lines_read: int) -> None:
    expected = control.lines_ore - control.allowances_ore + control.charges_ore
    if expected != control.tax_exclusive_ore or control.lines + control.other_lines != lines_read:
        raise ReconciliationError(
            f"The invoice lines do not reconcile with their documents: {control.lines} + {control.other_lines} lines "
            f"of {lines_read}; {control.lines_ore} − {control.allowances_ore} + {control.charges_ore} öre, expected "
            f"{control.tax_exclusive_ore}. This is a fault in the program: keep the files and report it."
        )
