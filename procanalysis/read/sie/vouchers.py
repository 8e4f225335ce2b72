"""Gather the vouchers of a SIE file, and judge their rows when a voucher is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

from procanalysis.errors import InputError
from procanalysis.read.hiding import hide_value
from procanalysis.read.sie.faults import Findings
from procanalysis.read.sie.fields import Brace, Record
from procanalysis.read.sie.values import read_amount, read_day, read_objects, read_quantity
from procanalysis.read.supplier_numbers import Masker

# Columns of a transaction that are taken as they are, and the place of its fields in the record.
_ACCOUNT, _AMOUNT, _DAY, _TEXT, _QUANTITY = range(5)
_TRANSACTION = (
    "row_number", "series", "voucher_number", "voucher_on", "transaction_on", "account", "amount_ore", "quantity",
    "text", "voucher_text", "is_added",
)  # fmt: skip
# Programs that leave the numbering to the receiver (type 4I) write an empty number or this.
_NO_NUMBER = "0"
# What a #TRANS has in common with its #RTRANS: account, objects and amount.
_Twin = tuple[str, tuple[str, ...], int | str]


@dataclass(slots=True)
class Voucher:
    """Hold one voucher: its head as read, its rows as met, and its sums when it is closed."""

    row_number: int
    series: str
    number: str
    on: date | None
    on_written: str
    registered_on: date | None
    text: str
    is_open: bool = False
    entries: list[tuple[int, Record]] = field(default_factory=list)
    added: list[tuple[int, Record]] = field(default_factory=list)
    rows: int = 0
    rows_rejected: int = 0
    rows_added: int = 0
    rows_removed: int = 0
    debit_ore: int = 0
    credit_ore: int = 0


class Vouchers:
    """Gather vouchers in the order of the file.

    transactions: column → values of the accepted rows; objects: the objects of each, by dimension; closed: the
    vouchers; rows_doubled: #RTRANS whose identical #TRANS is the one counted; rows_removed: #BTRANS, in no sum.
    """

    def __init__(self, findings: Findings, masker: Masker) -> None:
        self.transactions: dict[str, list[object]] = {column: [] for column in _TRANSACTION}
        self.objects: list[dict[int, str]] = []
        self.closed: list[Voucher] = []
        self.rows_doubled = 0
        self.rows_removed = 0
        self._findings = findings
        self._masker = masker
        self._voucher: Voucher | None = None
        self._numbers: set[tuple[str, str]] = set()

    def take_record(self, record: Record, row_number: int) -> None:
        """Take a #VER, #TRANS, #RTRANS or #BTRANS."""
        if record.label == "#VER":
            self._begin(record, row_number)
        elif self._voucher is None:
            self._take_outside(record, row_number)
        else:
            self._take_row(self._voucher, record, row_number)

    def take_brace(self, brace: Brace, row_number: int) -> None:
        """Take a brace: the beginning or the end of a voucher's rows."""
        voucher = self._voucher
        if voucher is not None and brace is Brace.OPEN and not voucher.is_open:
            voucher.is_open = True
        elif voucher is not None and brace is Brace.CLOSE and voucher.is_open:
            self._close(voucher)
        else:
            self._findings.fault("brace_alone", row_number, value=brace.value)

    def finish(self) -> None:
        """End the file. Raises InputError when a voucher is not closed."""
        if self._voucher is not None:
            self._refuse_open(self._voucher, "the file ends before it is closed, so the file is cut off")

    def _begin(self, record: Record, row_number: int) -> None:
        if self._voucher is not None and self._voucher.is_open:
            self._refuse_open(
                self._voucher, f"row {row_number} begins another before it is closed, so rows may be missing"
            )
        if self._voucher is not None:
            self._close(self._voucher)
        series, number, on_written = record.field(0).strip(), record.field(1).strip(), record.field(2).strip()
        registered = record.field(4).strip()
        voucher = Voucher(
            row_number,
            series,
            "" if number == _NO_NUMBER else number,
            read_day(on_written),
            on_written,
            read_day(registered),
            record.field(3).strip(),
        )
        self._voucher = voucher
        if registered and voucher.registered_on is None:
            self._fault(voucher, "registered_date_unreadable", row_number, value=registered)
        if voucher.number and (series, voucher.number) in self._numbers:
            self._fault(voucher, "voucher_repeated", row_number)
        self._numbers.add((series, voucher.number))

    def _take_outside(self, record: Record, row_number: int) -> None:
        if record.label == "#BTRANS":
            self.rows_removed += 1
            return
        written = record.field(_AMOUNT)
        self._findings.reject(row_number, record.label, written, "outside_voucher", read_amount(written).ore)

    def _take_row(self, voucher: Voucher, record: Record, row_number: int) -> None:
        if not voucher.is_open:
            voucher.is_open = True
            self._fault(voucher, "voucher_without_brace", row_number)
        if record.label == "#BTRANS":
            voucher.rows_removed += 1
            self.rows_removed += 1
        elif record.label == "#RTRANS":
            voucher.added.append((row_number, record))
        else:
            voucher.entries.append((row_number, record))

    def _close(self, voucher: Voucher) -> None:
        """Judge the rows of a whole voucher."""
        for row_number, record, is_added in self._counted(voucher):
            self._judge(voucher, row_number, record, is_added)
        if not voucher.rows + voucher.rows_rejected:
            self._fault(voucher, "voucher_empty", voucher.row_number)
        balance = voucher.debit_ore + voucher.credit_ore
        if voucher.rows_rejected:
            self._fault(voucher, "voucher_row_rejected", voucher.row_number, amount_ore=balance)
        elif balance:
            self._fault(voucher, "voucher_unbalanced", voucher.row_number, amount_ore=balance)
        voucher.entries, voucher.added = [], []
        self.closed.append(voucher)
        self._voucher = None

    def _counted(self, voucher: Voucher) -> list[tuple[int, Record, bool]]:
        """Return the rows that count, each with whether it was added afterwards.

        The standard lets an identical #TRANS follow every #RTRANS, and one of the two counts. They are paired wherever
        they stand in the voucher, the last ones first; an #RTRANS that stays alone is a row of its own, and is told.
        """
        if not voucher.added:
            return [(row_number, record, False) for row_number, record in voucher.entries]
        waiting: dict[_Twin, list[tuple[int, Record]]] = {}
        for row_number, record in voucher.added:
            waiting.setdefault(_twin(record), []).append((row_number, record))
        counted: list[tuple[int, Record, bool]] = []
        for row_number, record in reversed(voucher.entries):
            pair = waiting.get(_twin(record))
            self.rows_doubled += bool(pair)
            counted.append((row_number, record, bool(pair and pair.pop())))
        for row_number, record in (entry for alone in waiting.values() for entry in alone):
            self._fault(voucher, "added_row_alone", row_number, account=record.field(_ACCOUNT))
            counted.append((row_number, record, True))
        return sorted(counted, key=lambda entry: entry[0])

    def _judge(self, voucher: Voucher, row_number: int, record: Record, is_added: bool) -> None:
        amount = read_amount(record.field(_AMOUNT))
        account = record.field(_ACCOUNT).strip()
        reason, column, value = "", "belopp", record.field(_AMOUNT)
        if not record.has_whole_list:
            reason, column, value = "objects_unreadable", "objektlista", " ".join(record.objects or ())
        elif not account:
            reason, column, value = "account_missing", "konto", ""
        elif amount.ore is None:
            reason = amount.reason
        elif voucher.on is None:
            reason = "date_unreadable" if voucher.on_written else "date_missing"
            column, value = "verifikationsdatum", voucher.on_written
        if reason or amount.ore is None:
            voucher.rows_rejected += 1
            self._findings.reject(row_number, f"{record.label} {column}", value, reason, amount.ore)
            return
        if amount.has_comma:
            self._fault(voucher, "decimal_comma", row_number, account=account, value=value)
        self._accept(voucher, row_number, record, amount.ore, is_added)

    def _accept(self, voucher: Voucher, row_number: int, record: Record, ore: int, is_added: bool) -> None:
        account = record.field(_ACCOUNT).strip()
        objects = read_objects(record.objects)
        if objects.fault:
            self._fault(voucher, objects.fault, row_number, account=account, value=" ".join(record.objects or ()))
        day = record.field(_DAY).strip()
        on = read_day(day)
        if day and on is None:
            self._fault(voucher, "transaction_date_unreadable", row_number, account=account, value=day)
        written = record.field(_QUANTITY).strip()
        quantity = read_quantity(written)
        if written and quantity is None:
            self._fault(voucher, "quantity_unreadable", row_number, account=account, value=written)
        values = (
            row_number, voucher.series or None, voucher.number or None, voucher.on, on, account, ore, quantity,
            record.field(_TEXT).strip() or None, voucher.text or None, int(is_added),
        )  # fmt: skip
        for column, value in zip(self.transactions.values(), values, strict=True):
            column.append(value)
        self.objects.append(objects.codes)
        voucher.rows += 1
        voucher.rows_added += is_added
        if ore > 0:
            voucher.debit_ore += ore
        else:
            voucher.credit_ore += ore

    def _fault(
        self,
        voucher: Voucher,
        kind: str,
        row_number: int,
        *,
        account: str = "",
        amount_ore: int | None = None,
        value: str = "",
    ) -> None:
        self._findings.fault(
            kind,
            row_number,
            series=voucher.series,
            number=voucher.number,
            account=account,
            amount_ore=amount_ore,
            value=value,
        )

    def _refuse_open(self, voucher: Voucher, why: str) -> NoReturn:
        name = hide_value(" ".join(filter(None, (voucher.series, voucher.number))), self._masker)
        raise InputError(
            f"{self._findings.file}, row {voucher.row_number}: the voucher {name or 'without number'} is opened here, "
            f"and {why}. Export the file again."
        )


def _twin(record: Record) -> _Twin:
    """Return what tells a #TRANS as the one that the standard asks for after an #RTRANS."""
    written = record.field(_AMOUNT)
    ore = read_amount(written).ore
    return record.field(_ACCOUNT).strip(), record.objects or (), written if ore is None else ore
