"""Lay accepted documents out under the schema's columns, signed so that sums net out, with people hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from procanalysis.read.peppol.chains import Chain, Reference, sign_of
from procanalysis.read.peppol.documents import AllowanceCharge, Document, Line
from procanalysis.read.register_suppliers import Hider, RegisterSupplier
from procanalysis.read.supplier_numbers import HIDDEN_NUMBER, Masker, recognise_number

Record = Mapping[str, object]


class Rows:
    """Lay out documents, given who their sellers are and what hides people.

    Parameters: suppliers, by number and name as written; hider and masker, from the same reading.
    """

    def __init__(self, suppliers: Mapping[tuple[str, str], RegisterSupplier], hider: Hider, masker: Masker) -> None:
        self._suppliers = suppliers
        self._masker = masker
        # The same words and numbers stand on thousands of lines.
        self._text: Callable[[str | None], str | None] = cache(hider.text)
        self._reference: Callable[[str | None], str | None] = cache(hider.reference)

    def invoice(self, document: Document, document_id: int, chain_id: int | None) -> Record:
        """Return a document's row of INVOICES."""
        sign = sign_of(document)
        return {
            "document_id": document_id,
            "invoice_key": f"{self.supplier(document)['supplier_key']}|{self._number(document)}",
            "number": self._number(document),
            "kind": document.kind,
            "type_code": document.type_code,
            "issued_on": document.issued_on,
            **document.dates,
            **self.supplier(document),
            "supplier_number": self._supplier_number(document),
            "number_status": recognise_number(document.seller.number).status,
            "buyer_number": self._masker.number(document.buyer.number) or None,
            "buyer_name": self._text(document.buyer.name or None),
            **{name: self._text(text) for name, text in document.texts.items()},
            **{name: self._reference(text) for name, text in document.references.items()},
            "currency": document.currency,
            **{name: sign * amount for name, amount in document.totals.items()},
            "lines_count": len(document.lines),
            "chain_id": chain_id,
            "file": document.file,
        }

    def lines(self, document: Document, document_id: int) -> Iterator[Record]:
        """Yield a document's rows of INVOICE_LINES."""
        for line in document.lines:
            yield {"document_id": document_id, "currency": document.currency, **self._line(line, sign_of(document))}

    def _line(self, line: Line, sign: int) -> Record:
        category, rate = line.vat
        return {
            "line_number": line.line_number,
            "line_id": self._reference(line.line_id),
            "quantity": sign * line.quantity + 0,  # no negative zero
            "unit_code": self._text(line.unit_code),
            "price": line.price,
            "base_quantity": line.base_quantity,
            "gross_price": line.gross_price,
            "price_allowance": line.price_allowance,
            "allowances_ore": sign * _summed(line.allowances, is_charge=False),
            "charges_ore": sign * _summed(line.allowances, is_charge=True),
            "amount_ore": sign * line.amount_ore,
            "vat_category": category,
            "vat_rate_pct": rate,
            **{name: self._text(text) for name, text in line.texts.items()},
            **{name: self._reference(text) for name, text in line.references.items()},
            **line.dates,
        }

    def taxes(self, document: Document, document_id: int) -> Iterator[Record]:
        """Yield a document's rows of INVOICE_TAXES."""
        sign = sign_of(document)
        for one in document.taxes:
            category, rate = one.vat
            yield {
                "document_id": document_id,
                "vat_category": category,
                "vat_rate_pct": rate,
                "taxable_ore": sign * one.taxable_ore,
                "tax_ore": sign * one.tax_ore,
                "currency": document.currency,
            }

    def reference(self, reference: Reference, document: Document) -> Record:
        """Return a row of CREDIT_REFERENCES; `document` is the one that refers."""
        return {
            "document_id": reference.document + 1,
            "referenced_number": self._as_in_ledger(reference.number, document) if reference.number else None,
            "referenced_on": reference.issued_on,
            "is_reducing": int(reference.is_reducing),
            "referenced_document_id": None if reference.referenced is None else reference.referenced + 1,
            "status": reference.status,
        }

    def chain(self, chain: Chain, chain_id: int, document: Document) -> Record:
        """Return a row of CREDIT_CHAINS; `document` is the chain's first."""
        return {
            "chain_id": chain_id,
            **self.supplier(document),
            "currency": document.currency,
            "invoices_count": chain.invoices_count,
            "credits_count": chain.credits_count,
            "invoiced_ore": chain.invoiced_ore,
            "credited_ore": chain.credited_ore,
            "net_ore": chain.net_ore,
            "net_tax_inclusive_ore": chain.net_tax_inclusive_ore,
            "unresolved_count": chain.unresolved_count,
            "status": chain.status,
        }

    def supplier(self, document: Document) -> dict[str, str | None]:
        """Return the key and name of a document's seller."""
        found = self._suppliers[document.seller.number, document.seller.name]
        return {"supplier_key": found.supplier_key, "supplier_name": found.name}

    def _supplier_number(self, document: Document) -> str | None:
        written = document.seller.number
        if written and self._is_hidden(document):
            return HIDDEN_NUMBER
        return self._masker.number(written) or None

    def _number(self, document: Document) -> str:
        return self._as_in_ledger(document.number, document)

    def _as_in_ledger(self, number: str, document: Document) -> str:
        """Return a document's number as the ledger shows it, so that the two find each other."""
        return self._masker.reference(number, of_sole_trader=self._is_hidden(document))

    def _is_hidden(self, document: Document) -> bool:
        """Tell a sole trader, by the number or because the ledger's reader gave a masked key."""
        if not self._masker.enabled:
            return False
        is_sole_trader = recognise_number(document.seller.number).supplier_type == "sole_trader"
        return is_sole_trader or str(self.supplier(document)["supplier_key"]).startswith("dold:")


def _summed(found: Iterable[AllowanceCharge], *, is_charge: bool) -> int:
    return sum(one.amount_ore for one in found if one.is_charge == is_charge)
