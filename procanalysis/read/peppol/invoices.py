"""Read invoices and credit notes in Peppol BIS Billing 3: every document accepted or rejected, every total checked."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, ReconciliationError, examples
from procanalysis.read.peppol.chains import (
    Chain,
    Reference,
    chains_of,
    identity_of,
    references_of,
    sign_of,
)
from procanalysis.read.peppol.checks import OUTCOMES, Check, check_document
from procanalysis.read.peppol.documents import KINDS, Document, document_of
from procanalysis.read.peppol.invoice_rows import Record, Rows
from procanalysis.read.peppol.safe_xml import Bounds, RefusedDocument, parse_document, read_bounded
from procanalysis.read.register_rows import clean_text, shortened
from procanalysis.read.register_suppliers import Hider, identify
from procanalysis.read.registers import frame_of
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import (
    CREDIT_CHAINS,
    CREDIT_REFERENCES,
    INVOICE_CHECK_COUNTS,
    INVOICE_CHECKS,
    INVOICE_DIFFERENCES,
    INVOICE_LINES,
    INVOICE_TAXES,
    INVOICES,
    REJECT_REASONS,
    REJECTED_ROWS,
    Column,
)

INVOICE_BOUNDS = Bounds(size=25_000_000, elements=200_000)
"""Attachments stand inside an invoice, so that it may be large; what is read of it is some thousands of lines."""

_BATCH = 20_000


@dataclass(frozen=True)
class DocumentFile:
    """Describe one file as it was read; `encoding` is empty when it could not be decoded."""

    name: str
    sha256: str
    encoding: str
    is_accepted: bool


@dataclass(frozen=True)
class CurrencyTotals:
    """Hold the sums excluding VAT of one currency, in its hundredths; only documents whose sum could be read."""

    currency: str
    documents_accepted: int
    documents_rejected: int
    amount_accepted_ore: int
    amount_rejected_ore: int


@dataclass(frozen=True)
class InvoiceControl:
    """Hold the reckoning: documents read are those accepted and those rejected; currencies are never added together."""

    documents_read: int
    documents_accepted: int
    documents_rejected: int
    lines_accepted: int
    totals: tuple[CurrencyTotals, ...]
    files: tuple[DocumentFile, ...]


@dataclass(frozen=True)
class InvoiceReading:
    """Hold what invoice files gave, as tables of the schema.

    invoices, lines, taxes: the accepted documents. references, chains: CREDIT_REFERENCES and CREDIT_CHAINS.
    checks: INVOICE_CHECK_COUNTS. differences: INVOICE_DIFFERENCES, accepted documents' too, when the standard allows
    them. rejected: REJECTED_ROWS, one row per document.
    """

    invoices: pd.DataFrame
    lines: pd.DataFrame
    taxes: pd.DataFrame
    references: pd.DataFrame
    chains: pd.DataFrame
    checks: pd.DataFrame
    differences: pd.DataFrame
    rejected: pd.DataFrame
    control: InvoiceControl


@dataclass
class _ReadFile:
    """Hold one file while it is read: its document, when it is one, what does not agree, and why it is rejected."""

    name: str
    sha256: str = ""
    encoding: str = ""
    document: Document | None = None
    differing: Sequence[Check] = ()
    refusal: RefusedDocument | None = None


def read_invoices(
    paths: Sequence[Path],
    *,
    masker: Masker,
    supplier_numbers: str = "organisation",
    known_keys: Collection[str] = frozenset(),
    progress: Callable[[str], None] = lambda message: None,
) -> InvoiceReading:
    """Read e-invoices and credit notes in Peppol BIS Billing 3 (UBL 2.1), one document per file.

    Formula: a credit note's amounts and quantities are negative. Σ lines = BT-106; BT-109 = BT-106 − BT-107 + BT-108;
    BT-112 = BT-109 + BT-110; BT-115 = BT-112 − BT-113 + BT-114; line = quantity × price ÷ base quantity − allowances +
    charges; VAT = Σ per rate. A document that does not agree within the standard's tolerance is rejected.
    Parameters: paths, XML files; masker, hides sole traders and personal numbers; supplier_numbers, as the ledger's
    reading says; known_keys, the ledger's supplier keys, by which a sole trader without number is hidden as there;
    progress, told of each file.
    Returns an InvoiceReading that reconciles. A file that is no such document, or a dangerous one, is rejected with its
    reason. Raises InputError when there is no file, one cannot be opened, or no document is accepted, and
    ReconciliationError when documents or hundredths do not add up.
    Source: EN 16931, Peppol BIS Billing 3 (rules of OpenPEPPOL/peppol-bis-invoice-3).
    """
    if not paths:
        raise InputError("There are no invoice files to read. Name the XML files, as in 'fakturor/*.xml'.")
    read: list[_ReadFile] = []
    outcomes: Counter[tuple[str, str]] = Counter()
    for path in paths:
        progress(path.name)
        read.append(_read_file(path, outcomes))
    _reject_repeated(read)
    _refuse_nothing_accepted(read)
    suppliers, hider = identify(
        [((one.seller.number, one.seller.name), not file.refusal) for file in read if (one := file.document)],
        masker,
        supplier_numbers=supplier_numbers,
        known_keys=known_keys,
    )
    reading = _laid_out(read, Rows(suppliers, hider, masker), hider, outcomes)
    _check_reconciles(reading)
    return reading


def _read_file(path: Path, outcomes: Counter[tuple[str, str]]) -> _ReadFile:
    """Read one file and check its totals, adding how each came out to the outcomes."""
    file = _ReadFile(path.name)
    try:
        content = read_bounded(path, INVOICE_BOUNDS)
        file.sha256 = hashlib.sha256(content).hexdigest()
        root, file.encoding = parse_document(content, KINDS, INVOICE_BOUNDS)
        file.document = document_of(root, path.name)
        checks = check_document(file.document)
    except RefusedDocument as refusal:
        file.refusal = refusal
        return file
    outcomes.update((check.name, check.outcome) for check in checks)
    file.differing = tuple(check for check in checks if check.outcome != "exact_count")
    first = next((check for check in checks if not check.is_within), None)
    if first is not None:
        place = f"{first.place}: " if first.place else ""
        value = (
            f"{place}står {_kronor(first.stated_ore)}, blir {_kronor(first.reckoned_ore)}, "
            f"skiljer {_kronor(first.difference_ore)}"
        )
        file.refusal = RefusedDocument(
            "totals_disagree", INVOICE_CHECKS[first.name].partition(" = ")[0], value, is_person_free=True
        )
    return file


def _kronor(hundredths: int) -> str:
    """Write hundredths exactly, as in a Swedish list.

    >>> _kronor(-5), _kronor(123456)
    ('−0,05', '1234,56')
    """
    sign = "−" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100},{abs(hundredths) % 100:02}"


def _reject_repeated(read: Sequence[_ReadFile]) -> None:
    """Reject a document whose seller, number, day and kind an accepted one has already."""
    earlier: dict[object, _ReadFile] = {}
    for file in read:
        document = file.document
        if document is None or file.refusal:
            continue
        key = (*identity_of(document), document.issued_on, document.kind)
        first = earlier.setdefault(key, file)
        if first is not file and first.document is not None:
            is_same = replace(document, file="") == replace(first.document, file="")
            reason = "repeated_delivery" if is_same else "document_differs"
            file.refusal = RefusedDocument(reason, "ID", first.name, is_person_free=True)


def _refuse_nothing_accepted(read: Sequence[_ReadFile]) -> None:
    refusals = [file.refusal for file in read if file.refusal]
    if len(refusals) == len(read):
        usual = Counter(refusal.reason for refusal in refusals).most_common(1)[0][0]
        names = [file.name for file in read if file.refusal and file.refusal.reason == usual]
        raise InputError(
            f"{examples(names)}: not one of {len(read)} document(s) can be accepted. The most common reason: "
            f"{REJECT_REASONS[usual]}. Check that the files are invoices in Peppol BIS Billing 3 (UBL XML), as the "
            "access point delivers them."
        )


def _laid_out(
    read: Sequence[_ReadFile], rows: Rows, hider: Hider, outcomes: Mapping[tuple[str, str], int]
) -> InvoiceReading:
    accepted = [file.document for file in read if file.document and not file.refusal]
    rejected_identities = {identity_of(file.document) for file in read if file.document and file.refusal}
    references = references_of(accepted, rejected_identities)
    chains = chains_of(accepted, references)
    chain_ids = {place: number for number, chain in enumerate(chains, start=1) for place in chain.documents}
    numbered = list(enumerate(accepted, start=1))
    return InvoiceReading(
        invoices=_frame((rows.invoice(one, number, chain_ids.get(number - 1)) for number, one in numbered), INVOICES),
        lines=_frame((row for number, one in numbered for row in rows.lines(one, number)), INVOICE_LINES),
        taxes=_frame((row for number, one in numbered for row in rows.taxes(one, number)), INVOICE_TAXES),
        references=_references(accepted, references, rows),
        chains=_chains(accepted, chains, rows),
        checks=_check_counts(outcomes),
        differences=frame_of([row for file in read for row in _differences(file, hider)], INVOICE_DIFFERENCES),
        rejected=frame_of([_rejected(file, hider) for file in read if file.refusal], REJECTED_ROWS),
        control=_control(read),
    )


def _references(accepted: Sequence[Document], references: Iterable[Reference], rows: Rows) -> pd.DataFrame:
    return frame_of([rows.reference(one, accepted[one.document]) for one in references], CREDIT_REFERENCES)


def _chains(accepted: Sequence[Document], chains: Iterable[Chain], rows: Rows) -> pd.DataFrame:
    numbered = enumerate(chains, start=1)
    return frame_of([rows.chain(one, number, accepted[one.documents[0]]) for number, one in numbered], CREDIT_CHAINS)


def _frame(records: Iterable[Record], table: Sequence[Column]) -> pd.DataFrame:
    """Lay out records some thousands at a time, so that they need not all be in memory twice."""
    rest = iter(records)
    parts = [frame_of(list(islice(rest, _BATCH)), table)]
    while batch := list(islice(rest, _BATCH)):
        parts.append(frame_of(batch, table))
    return pd.concat(parts, ignore_index=True)


def _check_counts(outcomes: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """Count how the control totals came out, over accepted and rejected documents."""
    counted = [{name: outcomes.get((check, name), 0) for name in OUTCOMES} for check in INVOICE_CHECKS]
    records = [
        {"check": check, "checked_count": sum(counts.values()), **counts}
        for check, counts in zip(INVOICE_CHECKS, counted, strict=True)
    ]
    return frame_of(records, INVOICE_CHECK_COUNTS)


def _differences(file: _ReadFile, hider: Hider) -> Iterable[Record]:
    if file.document is None:
        return
    for check in file.differing:
        yield {
            "file": file.name,
            "number": hider.reference(file.document.number),
            "check": check.name,
            "place": check.place,
            "currency": file.document.currency,
            "stated_ore": check.stated_ore,
            "reckoned_ore": check.reckoned_ore,
            "difference_ore": check.difference_ore,
            "allowed_ore": check.allowed_ore,
            "is_allowed": int(check.is_within),
        }


def _rejected(file: _ReadFile, hider: Hider) -> Record:
    """List a rejected document. Its amount is told only in kronor, since other lists of rejected rows add it up."""
    refusal = file.refusal
    assert refusal is not None  # noqa: S101  only rejected files are listed
    document = file.document
    in_kronor = document is not None and document.currency == "SEK"
    value = clean_text(refusal.value) or ""
    return {
        "file": file.name,
        "row_number": 1,
        "column": refusal.column,
        "value": shortened(value if refusal.is_person_free else hider.rejected(value, refusal.reason)),
        "reason": refusal.reason,
        "amount_ore": _amount_of(document) if document is not None and in_kronor else None,
    }


def _amount_of(document: Document) -> int:
    return sign_of(document) * document.totals["tax_exclusive_ore"]


def _control(read: Sequence[_ReadFile]) -> InvoiceControl:
    amounts: Mapping[str, Counter[str]] = defaultdict(Counter)
    for file in read:
        if file.document is not None:
            which = "rejected" if file.refusal else "accepted"
            amounts[file.document.currency].update({which: 1, f"{which}_ore": _amount_of(file.document)})
    accepted = [file for file in read if not file.refusal]
    return InvoiceControl(
        documents_read=len(read),
        documents_accepted=len(accepted),
        documents_rejected=len(read) - len(accepted),
        lines_accepted=sum(len(file.document.lines) for file in accepted if file.document),
        totals=tuple(
            CurrencyTotals(currency, of["accepted"], of["rejected"], of["accepted_ore"], of["rejected_ore"])
            for currency, of in sorted(amounts.items())
        ),
        files=tuple(DocumentFile(file.name, file.sha256, file.encoding, not file.refusal) for file in read),
    )


def _check_reconciles(reading: InvoiceReading) -> None:
    """Compare the tables handed on with what was counted file by file, and with one another, per currency."""
    control, invoices, lines = reading.control, reading.invoices, reading.lines
    counted = (len(invoices), len(reading.rejected), len(lines))
    expected = (control.documents_accepted, control.documents_rejected, control.lines_accepted)
    summed = invoices.groupby("currency")[[name for name in invoices if str(name).endswith("_ore")]].sum()
    of_lines = lines.groupby("currency")["amount_ore"].sum()
    accepted = {item.currency: item.amount_accepted_ore for item in control.totals if item.documents_accepted}
    exclusive = summed["line_extension_ore"] - summed["allowances_ore"] + summed["charges_ore"]
    inclusive = summed["tax_exclusive_ore"] + summed["tax_ore"]
    payable = summed["tax_inclusive_ore"] - summed["prepaid_ore"] + summed["rounding_ore"]
    agrees = (
        counted == expected
        and control.documents_read == control.documents_accepted + control.documents_rejected
        and accepted == summed["tax_exclusive_ore"].to_dict()
        and of_lines.to_dict() == summed["line_extension_ore"].to_dict()
        and bool((exclusive == summed["tax_exclusive_ore"]).all())
        and bool((inclusive == summed["tax_inclusive_ore"]).all())
        and bool((payable == summed["payable_ore"]).all())
    )
    if not agrees:
        raise ReconciliationError(
            f"The invoices do not reconcile: read {control.documents_read} documents; accepted {counted[0]} with "
            f"{counted[2]} lines, rejected {counted[1]}; sums excluding VAT {summed['tax_exclusive_ore'].to_dict()}, "
            f"expected {accepted}. This is a fault in the program: keep the files and report it."
        )
