"""Lay out what was gathered from a SIE file as tables, with people hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.registers import frame_of, frame_of_columns
from procanalysis.read.sie.declarations import Declarations
from procanalysis.read.sie.faults import Findings
from procanalysis.read.sie.masking import SieMasking
from procanalysis.read.sie.vouchers import Vouchers
from procanalysis.schema import (
    REJECTED_ROWS,
    SIE_ACCOUNT_CHECKS,
    SIE_ACCOUNTS,
    SIE_BALANCES,
    SIE_DIMENSIONS,
    SIE_FAULTS,
    SIE_OBJECTS,
    SIE_STANDARD_DIMENSIONS,
    SIE_TRANSACTIONS,
    SIE_VOUCHERS,
    Column,
)

MOST_DIMENSIONS = 50

# The two dimensions whose columns have names of their own.
_NAMED = {1: "unit", 6: "project"}


def transactions_frame(
    file: str, vouchers: Vouchers, declared: Declarations, masking: SieMasking, used: Iterable[int]
) -> pd.DataFrame:
    """Return schema.SIE_TRANSACTIONS with two columns for each further dimension used.

    Parameters: used, the dimensions that accepted rows name. Raises InputError when they are more than MOST_DIMENSIONS.
    """
    others = sorted(set(used) - _NAMED.keys())
    if len(others) > MOST_DIMENSIONS:
        raise InputError(
            f"{file}: the transactions use {len(others)} dimensions besides unit and project, and no program writes "
            f"more than {MOST_DIMENSIONS}. Check that the file is a SIE file and is whole."
        )
    given = vouchers.transactions
    rows = len(given["row_number"])
    columns: dict[str, Sequence[object]] = {
        **given,
        "line_id": range(1, rows + 1),
        "file": [file] * rows,
        "account_name": _shown(given["account"], declared.account_names.get, masking.text),
        **{name: _shown(given[name], None, masking.reference) for name in ("series", "voucher_number", "account")},
        **{name: _shown(given[name], None, masking.text) for name in ("text", "voucher_text")},
    }
    table = list(SIE_TRANSACTIONS)
    for dimension in (*_NAMED, *others):
        name = _NAMED.get(dimension, f"dimension_{dimension}")
        codes = [objects.get(dimension) for objects in vouchers.objects]
        columns[name] = [code and masking.object_code(dimension, code) for code in codes]
        columns[f"{name}_name"] = [code and masking.object_name(dimension, code) for code in codes]
        if dimension not in _NAMED:
            said = f"dimension {dimension}"
            table += [Column(name, "text", f"code in {said}"), Column(f"{name}_name", "text", f"name in {said}")]
    return frame_of_columns(columns, table)


def _shown(
    written: Sequence[object], instead: Callable[[str], str | None] | None, hide: Callable[[str], str]
) -> list[str | None]:
    """Return each value, or what stands for it, with people hidden; what is missing stays missing."""
    known: dict[object, str | None] = {None: None}
    for value in written:
        if value not in known:
            said = instead(str(value)) if instead else str(value)
            known[value] = hide(said) if said else None
    return [known[value] for value in written]


def vouchers_frame(file: str, vouchers: Vouchers, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_VOUCHERS."""
    records = []
    for voucher in vouchers.closed:
        balance = voucher.debit_ore + voucher.credit_ore
        records.append(
            {
                "file": file,
                "row_number": voucher.row_number,
                "series": masking.reference(voucher.series) or None,
                "voucher_number": masking.reference(voucher.number) or None,
                "voucher_on": voucher.on,
                "registered_on": voucher.registered_on,
                "text": masking.text(voucher.text) or None,
                "rows": voucher.rows,
                "rows_rejected": voucher.rows_rejected,
                "rows_added": voucher.rows_added,
                "rows_removed": voucher.rows_removed,
                "debit_ore": voucher.debit_ore,
                "credit_ore": voucher.credit_ore,
                "balance_ore": balance,
                "is_balanced": int(balance == 0 and not voucher.rows_rejected),
            }
        )
    return frame_of(records, SIE_VOUCHERS)


def accounts_frame(declared: Declarations, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_ACCOUNTS."""
    return frame_of(
        [
            {
                "account": masking.reference(account),
                "account_name": masking.text(name) or None,
                "account_type": declared.account_types.get(account),
                "quantity_unit": declared.quantity_units.get(account) or None,
            }
            for account, name in declared.account_names.items()
        ],
        SIE_ACCOUNTS,
    )


def dimensions_frame(declared: Declarations, masking: SieMasking, used: Mapping[int, int]) -> pd.DataFrame:
    """Return schema.SIE_DIMENSIONS. Parameters: used, accepted rows by dimension."""
    objects = Counter(dimension for dimension, _ in declared.object_names)
    return frame_of(
        [
            {
                "dimension": dimension,
                "dimension_name": masking.text(declared.dimension_names.get(dimension, ""))
                or SIE_STANDARD_DIMENSIONS.get(dimension),
                "parent_dimension": declared.parents.get(dimension),
                "objects": objects[dimension],
                "rows": used.get(dimension, 0),
            }
            for dimension in sorted({*declared.dimension_names, *objects, *used})
        ],
        SIE_DIMENSIONS,
    )


def objects_frame(declared: Declarations, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_OBJECTS."""
    return frame_of(
        [
            {
                "dimension": dimension,
                "object": masking.object_code(dimension, code),
                "object_name": masking.object_name(dimension, code),
            }
            for dimension, code in declared.object_names
        ],
        SIE_OBJECTS,
    )


def balances_frame(file: str, declared: Declarations, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_BALANCES."""
    records = []
    for balance in declared.balances:
        objects = (f"{dimension}:{masking.object_code(dimension, code)}" for dimension, code in balance.objects)
        records.append(
            {
                "file": file,
                "row_number": balance.row_number,
                "kind": balance.kind,
                "year_number": balance.year_number,
                "period": balance.period or None,
                "account": masking.reference(balance.account),
                "account_name": masking.text(declared.account_names.get(balance.account, "")) or None,
                "objects": " ".join(objects) or None,
                "amount_ore": balance.amount_ore,
                "quantity": balance.quantity,
            }
        )
    return frame_of(records, SIE_BALANCES)


def checks_frame(checks: Sequence[Mapping[str, object]], declared: Declarations, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_ACCOUNT_CHECKS. Parameters: checks, as `check_accounts` gives them."""
    records = []
    for check in checks:
        account = str(check["account"])
        name = masking.text(declared.account_names.get(account, "")) or None
        records.append({**check, "account": masking.reference(account), "account_name": name})
    return frame_of(records, SIE_ACCOUNT_CHECKS)


def rejected_frame(findings: Findings, masking: SieMasking) -> pd.DataFrame:
    """Return schema.REJECTED_ROWS, in the order of the file."""
    rows = sorted(findings.rejected, key=lambda row: int(str(row["row_number"])))
    return frame_of([row | {"value": masking.value(str(row["value"]))} for row in rows], REJECTED_ROWS)


def faults_frame(findings: Findings, masking: SieMasking) -> pd.DataFrame:
    """Return schema.SIE_FAULTS: what concerns the whole file first, then in the order of the file."""
    hide: dict[str, Callable[[str], str]] = {
        "series": masking.reference,
        "voucher_number": masking.reference,
        "account": masking.reference,
        "value": masking.value,
    }
    rows = sorted(findings.faults, key=lambda fault: int(str(fault["row_number"] or 0)))
    shown = [
        fault | {name: hidden(str(fault[name])) for name, hidden in hide.items() if fault[name] is not None}
        for fault in rows
    ]
    return frame_of(shown, SIE_FAULTS)
