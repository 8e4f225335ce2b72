"""Read SIE 4 (types 4E and 4I) as a general ledger, with vouchers held against zero and balances against vouchers."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, ReconciliationError
from procanalysis.read.files import file_kind
from procanalysis.read.sie import frames
from procanalysis.read.sie.checks import check_accounts, check_balances, check_vouchers, refuse_too_large
from procanalysis.read.sie.checksum import Checksum
from procanalysis.read.sie.declarations import Declarations, SieYear
from procanalysis.read.sie.faults import Findings
from procanalysis.read.sie.fields import VOUCHER_LABELS, Record, split_row
from procanalysis.read.sie.masking import SUPPLIER, SieMasking, SieSupplier
from procanalysis.read.sie.text import SieText, open_bounded, read_text
from procanalysis.read.sie.values import read_day
from procanalysis.read.sie.vouchers import Vouchers
from procanalysis.read.supplier_numbers import Masker

_FIRST_LABELS = {"#FLAGGA", "#SIETYP", "#PROGRAM", "#FORMAT", "#GEN", "#FNAMN", "#RAR", "#KSUMMA"}
_SEARCHED_ROWS = 50
_KNOWN_UNKNOWN = 100
_LABEL = re.compile(r"#[A-Z]{1,20}")
_CHECKSUM_LABEL = re.compile(r"[ \t]*#KSUMMA", re.IGNORECASE)
_CHECKSUM = re.compile(r"[+-]?[0-9]{1,10}")
_VOUCHER_TYPE = "4"
_BALANCE_TYPES = ("1", "2", "3")


@dataclass(frozen=True)
class SieCompany:
    """Say whose ledger it is and what wrote it. What the file does not say is ''; a day that it does not give, None.

    years: the financial years, the file's own (0) first. account_plan: #KPTYP. Signs and addresses are not kept.
    """

    number: str
    name: str
    years: tuple[SieYear, ...]
    program: str
    generated_on: date | None
    sie_type: str
    account_plan: str
    currency: str
    covers_until: date | None


@dataclass(frozen=True)
class SieControl:
    """Hold rows, sums, vouchers and balances of a file as counted.

    rows_read is #TRANS, and #RTRANS without its identical #TRANS; rows_doubled is #RTRANS whose #TRANS is the one
    counted; rows_removed is #BTRANS: neither is in any sum. Sums are in hundredths; rejected rows with an amount that
    cannot be read are in none.
    """

    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_doubled: int
    rows_removed: int
    debit_ore: int
    credit_ore: int
    rejected_ore: int
    vouchers_read: int
    vouchers_balanced: int
    balances_read: int
    balances_accepted: int
    balances_rejected: int
    accounts_checked: int
    accounts_differing: int


@dataclass(frozen=True)
class SieReading:
    """Hold everything a SIE 4 file gave.

    transactions: schema.SIE_TRANSACTIONS; vouchers: SIE_VOUCHERS; rejected: REJECTED_ROWS, transactions and balances;
    accounts: SIE_ACCOUNTS; dimensions: SIE_DIMENSIONS; objects: SIE_OBJECTS; balances: SIE_BALANCES; account_checks:
    SIE_ACCOUNT_CHECKS; faults: SIE_FAULTS. labels and unknown_labels: label → how many, those of the standard and
    others. format_said: what #FORMAT says, beside the encoding found. checksum_agrees: None where there is none.
    suppliers: the code in dimension 9 → who it is.
    """

    name: str
    sha256: str
    encoding: str
    format_said: str
    company: SieCompany
    transactions: pd.DataFrame
    vouchers: pd.DataFrame
    rejected: pd.DataFrame
    accounts: pd.DataFrame
    dimensions: pd.DataFrame
    objects: pd.DataFrame
    balances: pd.DataFrame
    account_checks: pd.DataFrame
    faults: pd.DataFrame
    labels: Mapping[str, int]
    unknown_labels: Mapping[str, int]
    checksum_agrees: bool | None
    suppliers: Mapping[str, SieSupplier]
    control: SieControl


def read_sie(path: Path | str, *, masker: Masker | None = None) -> SieReading:
    """Read a SIE 4 file (`.se`, `.si`) as a general ledger.

    Every #TRANS is accepted or rejected with a reason; every voucher is held against zero, and every account's opening
    amount and transactions against its closing amount. A file with faults is read and the faults told; it is refused
    only when nothing sure can be said of it. See docs/general-ledger.md.

    Parameters: path, a file of type 4E or 4I in CP437 (PC8), cp1252 or UTF-8, told apart by its content; masker, hides
    personal numbers and people; without one they are hidden with a key made for this reading, so that codes differ
    from one reading to the next.
    Returns a SieReading that reconciles. Raises InputError for a file that is no SIE 4, that is cut off (a voucher or a
    checksum that does not end) or that is larger than any ledger.
    Source: SIE filformat, utgåva 4B (SIE-gruppen); method 14; requirement R9.
    """
    path = Path(path)
    masker = masker or Masker(secrets.token_bytes(32))
    content = open_bounded(path)
    _refuse_other_kinds(content, path.name)
    text = read_text(content, path.name)
    _refuse_without_labels(text, path.name)
    gathered = _gather(text, path.name, masker)
    return _reading(gathered, text, path.name, hashlib.sha256(content).hexdigest(), masker)


@dataclass
class _Gathered:
    findings: Findings
    declared: Declarations
    vouchers: Vouchers
    labels: Counter[str]
    unknown: Counter[str]
    checksum_agrees: bool | None


def _refuse_other_kinds(content: bytes, name: str) -> None:
    if file_kind(content) != "text":
        raise InputError(f"{name}: this is a workbook or a Parquet file, not a SIE file. Export SIE 4 (.se or .si).")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InputError(
            f"{name}: this is XML, which SIE 4 is not. If it is SIE 5, export the same ledger as SIE 4 (.se)."
        )


def _refuse_without_labels(text: SieText, name: str) -> None:
    seen = 0
    for row in text.rows:
        if not row.strip():
            continue
        seen += 1
        first = row.split(maxsplit=1)[0].upper()
        if first in _FIRST_LABELS:
            return
        if seen == 1 and not first.startswith("#"):
            break
        if seen >= _SEARCHED_ROWS:
            break
    raise InputError(
        f"{name}: this is no SIE file: it does not begin with labels such as #FLAGGA and #SIETYP. Export the ledger as "
        "SIE 4 (.se or .si)."
    )


def _gather(text: SieText, name: str, masker: Masker) -> _Gathered:
    findings = Findings(name)
    declared = Declarations(findings)
    gathered = _Gathered(findings, declared, Vouchers(findings, masker), Counter(), Counter(), None)
    sums = _Checksums(text.encoding, findings) if any(_CHECKSUM_LABEL.match(row) for row in text.rows) else None
    for row_number, row in enumerate(text.rows, start=1):
        if not row.strip():
            continue
        split = split_row(row)
        if split.has_open_quote:
            findings.fault("quote_unclosed", row_number)
        if split.has_loose_fields:
            findings.fault("row_without_label", row_number)
        for part in split.parts:
            if not isinstance(part, Record):
                gathered.vouchers.take_brace(part, row_number)
                continue
            if sums is not None:
                sums.take(part, row_number)
            _take(gathered, part, row_number)
    gathered.vouchers.finish()
    if sums is not None:
        gathered.checksum_agrees = sums.result()
    return gathered


def _take(gathered: _Gathered, record: Record, row_number: int) -> None:
    label = record.label
    if label in VOUCHER_LABELS:
        gathered.vouchers.take_record(record, row_number)
    elif label != "#KSUMMA" and not gathered.declared.take(record, row_number):
        shown = label if _LABEL.fullmatch(label) else "#…"
        gathered.unknown[shown if shown in gathered.unknown or len(gathered.unknown) < _KNOWN_UNKNOWN else "#…"] += 1
        return
    gathered.labels[label] += 1


class _Checksums:
    """Follow the checksum from the #KSUMMA without a value, or the beginning, to the one with a value."""

    def __init__(self, encoding: str, findings: Findings) -> None:
        self._encodings = dict.fromkeys((encoding, "cp437"))
        self._checksum = Checksum(self._encodings)
        self._findings = findings
        self._begun_at: int | None = None
        self._agrees: bool | None = None

    def take(self, record: Record, row_number: int) -> None:
        if record.label != "#KSUMMA":
            self._checksum.add(record)
            return
        written = record.field(0).strip()
        if not written:
            self._begun_at, self._checksum = row_number, Checksum(self._encodings)
            return
        self._begun_at = None
        if not _CHECKSUM.fullmatch(written):
            self._findings.fault("checksum_unreadable", row_number, value=written)
            return
        self._agrees = self._checksum.agrees(int(written))
        if not self._agrees:
            self._findings.fault("checksum_wrong", row_number, value=written)

    def result(self) -> bool | None:
        if self._begun_at is not None:
            raise InputError(
                f"{self._findings.file}, row {self._begun_at}: #KSUMMA announces a checksum at the end of the file, "
                "and there is none, so the file is cut off. Export the file again."
            )
        return self._agrees


def _reading(gathered: _Gathered, text: SieText, name: str, digest: str, masker: Masker) -> SieReading:
    declared, vouchers, findings = gathered.declared, gathered.vouchers, gathered.findings
    _refuse_other_type(gathered, name)
    refuse_too_large(vouchers, name)
    _tell_of_file(gathered, text)
    check_vouchers(declared, vouchers, findings)
    checks = check_accounts(declared, vouchers, findings)
    check_balances(declared, findings)
    masking = SieMasking(masker, declared.object_names)
    used = Counter(dimension for objects in vouchers.objects for dimension in objects)
    suppliers = {objects[SUPPLIER] for objects in vouchers.objects if SUPPLIER in objects}
    reading = SieReading(
        name=name,
        sha256=digest,
        encoding=text.encoding,
        format_said=declared.fact("#FORMAT"),
        company=_company(declared, masking),
        transactions=frames.transactions_frame(name, vouchers, declared, masking, used),
        vouchers=frames.vouchers_frame(name, vouchers, masking),
        rejected=frames.rejected_frame(findings, masking),
        accounts=frames.accounts_frame(declared, masking),
        dimensions=frames.dimensions_frame(declared, masking, used),
        objects=frames.objects_frame(declared, masking),
        balances=frames.balances_frame(name, declared, masking),
        account_checks=frames.checks_frame(checks, declared, masking),
        faults=frames.faults_frame(findings, masking),
        labels=dict(gathered.labels),
        unknown_labels=dict(gathered.unknown),
        checksum_agrees=gathered.checksum_agrees,
        suppliers={masking.object_code(SUPPLIER, code): masking.supplier(code) for code in sorted(suppliers)},
        control=_control(gathered, checks),
    )
    _check_reconciles(reading)
    return reading


def _refuse_other_type(gathered: _Gathered, name: str) -> None:
    said = gathered.declared.fact("#SIETYP") or "1"
    if said == _VOUCHER_TYPE:
        return
    if not gathered.labels["#VER"]:
        shown = f"type {said}" if said in _BALANCE_TYPES else "an unknown type"
        raise InputError(
            f"{name}: the file is SIE of {shown}, and holds no vouchers. Export type 4 (transaktioner), which ends in "
            ".se or .si."
        )
    gathered.findings.fault("type_untrue", value=said)


def _tell_of_file(gathered: _Gathered, text: SieText) -> None:
    """Tell what a controller should know of the file as a whole."""
    declared, findings = gathered.declared, gathered.findings
    # One fault for all rows: a program that loses characters loses them in every name.
    for kind, rows in (("control_characters", text.rows_with_control), ("characters_lost", text.rows_with_loss)):
        if rows:
            findings.fault(kind, rows[0], value=str(len(rows)))
    said = declared.fact("#FORMAT")
    if said and not (said.upper() == "PC8" and text.encoding in ("cp437", "ascii")):
        findings.fault("format_untrue", value=f"{said}: {text.encoding}")
    if declared.fact("#FLAGGA") == "1":
        findings.fault("already_read")
    currency = declared.fact("#VALUTA")
    if currency and currency.upper() != "SEK":
        findings.fault("other_currency", value=currency)
    if not gathered.labels["#VER"]:
        findings.fault("vouchers_missing")


def _company(declared: Declarations, masking: SieMasking) -> SieCompany:
    number, name = masking.company(declared.fact("#ORGNR"), declared.fact("#FNAMN"))
    program = f"{declared.fact('#PROGRAM')} {declared.fact('#PROGRAM', 1)}".strip()
    return SieCompany(
        number=number,
        name=name,
        years=tuple(declared.years[number] for number in sorted(declared.years, reverse=True)),
        program=masking.text(program),
        generated_on=read_day(declared.fact("#GEN")),
        sie_type=declared.fact("#SIETYP"),
        account_plan=masking.text(declared.fact("#KPTYP")),
        currency=masking.text(declared.fact("#VALUTA")) or "SEK",
        covers_until=read_day(declared.fact("#OMFATTN")),
    )


def _control(gathered: _Gathered, checks: list[dict[str, object]]) -> SieControl:
    """Count from the labels met, apart from the tables, so that the two can be held against each other."""
    labels, vouchers, declared = gathered.labels, gathered.vouchers, gathered.declared
    balances_rejected = declared.balances_read - len(declared.balances)
    rows_rejected = len(gathered.findings.rejected) - balances_rejected
    amounts = [amount for row in gathered.findings.rejected if isinstance(amount := row["amount_ore"], int)]
    balanced = [voucher for voucher in vouchers.closed if voucher.debit_ore + voucher.credit_ore == 0]
    return SieControl(
        rows_read=labels["#TRANS"] + labels["#RTRANS"] - vouchers.rows_doubled,
        rows_accepted=sum(voucher.rows for voucher in vouchers.closed),
        rows_rejected=rows_rejected,
        rows_doubled=vouchers.rows_doubled,
        rows_removed=vouchers.rows_removed,
        debit_ore=sum(voucher.debit_ore for voucher in vouchers.closed),
        credit_ore=sum(voucher.credit_ore for voucher in vouchers.closed),
        rejected_ore=sum(amounts),
        vouchers_read=labels["#VER"],
        vouchers_balanced=sum(1 for voucher in balanced if not voucher.rows_rejected),
        balances_read=declared.balances_read,
        balances_accepted=len(declared.balances),
        balances_rejected=balances_rejected,
        accounts_checked=len(checks),
        accounts_differing=sum(1 for check in checks if check["difference_ore"]),
    )


def _check_reconciles(reading: SieReading) -> None:
    control = reading.control
    amounts = reading.transactions["amount_ore"]
    agree = (
        control.rows_read == control.rows_accepted + control.rows_rejected,
        control.rows_accepted == len(reading.transactions),
        control.rows_rejected + control.balances_rejected == len(reading.rejected),
        control.debit_ore + control.credit_ore == int(amounts.sum()) == int(reading.vouchers["balance_ore"].sum()),
        control.vouchers_read == len(reading.vouchers),
        control.rows_removed == reading.labels.get("#BTRANS", 0),
        control.balances_accepted == len(reading.balances),
    )
    if not all(agree):
        raise ReconciliationError(
            f"{reading.name}: the rows and amounts do not add up to those of the file ({control}). This is a fault in "
            "procanalysis: report it with the file's labels and counts."
        )
