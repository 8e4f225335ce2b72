"""Lay a SIE 4 file out as the rows of a ledger, so that it is cast, identified and kept as every other ledger file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from procanalysis.errors import InputError
from procanalysis.read.layout import RAW_SCHEMA
from procanalysis.read.sie.lines import kept_accounts, units_of, voucher_of
from procanalysis.read.sie.masking import SUPPLIER, SieMasking
from procanalysis.read.sie.reading import SieReading, read_sie
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import kronor

SIE_HEADERS = {
    "account": "#TRANS kontonr", "amount": "#TRANS belopp", "booked_on": "#VER verdatum", "text": "#TRANS transtext",
    "voucher_number": "#VER vernr", "unit": "dimension 1", "project": "dimension 6",
    "supplier_number": f"dimension {SUPPLIER}", "supplier_name": f"dimension {SUPPLIER}, namn",
}  # fmt: skip
"""Our column → what it is in a SIE file, for messages and lists of rejected rows."""

_FIRST = re.compile(
    rb"(\xef\xbb\xbf)?\s*#(FLAGGA|SIETYP|PROGRAM|FORMAT|GEN|FNAMN|RAR|KSUMMA|ORGNR)(\s|$)", re.IGNORECASE
)
_INVOICE = "dimension_10"
_MOST_LISTED = 5


@dataclass(frozen=True)
class SieTable:
    """Hold the rows of a SIE file as text under the ledger's column names, and what to know of it, in Swedish."""

    rows: pa.Table
    encoding: str
    note: str


def is_sie(head: bytes) -> bool:
    """Tell a SIE file from its first bytes.

    >>> is_sie(b'#FLAGGA 0\\r\\n#PROGRAM "X" 1'), is_sie(b"konto;belopp")
    (True, False)
    """
    return _FIRST.match(head) is not None


def sie_table(path: Path, *, accounts: Collection[str], masker: Masker) -> SieTable:
    """Lay out the transactions of a SIE 4 file, accepted and rejected ones, as rows of a ledger.

    Suppliers (dimension 9) stand as the file writes them, so that they are identified and hidden with those of every
    other file; employees and other people whom the file's objects name are hidden in the texts here.
    Parameters: path; accounts, how the account codes to keep begin, all when empty; masker, hides people.
    Raises InputError for a file that `read_sie` refuses, in another currency than kronor, or without such accounts.
    """
    reading = read_sie(path, masker=Masker(b"", enabled=False))
    if reading.company.currency.upper() != "SEK":
        raise InputError(
            f"{path.name}: the ledger is in another currency than SEK (#VALUTA), and amounts are never converted. "
            "Export it in kronor."
        )
    names = zip(*(reading.objects[name] for name in ("dimension", "object", "object_name")), strict=True)
    masking = SieMasking(
        masker, {(int(dimension), str(code)): "" if pd.isna(name) else str(name) for dimension, code, name in names}
    )
    kept = kept_accounts(reading, accounts)
    # Balances can be rejected too, and are no transactions.
    rejected = reading.rejected[reading.rejected["column"].str.match(r"#R?TRANS\b")]
    _refuse_shared_rows(path, pd.concat([reading.transactions["row_number"], rejected["row_number"]]))
    rows = pa.concat_tables([_accepted(kept, reading, masking), _rejected(rejected)])
    return SieTable(rows, reading.encoding, _note(reading, kept, accounts, masking))


def _refuse_shared_rows(path: Path, numbers: pd.Series) -> None:
    """Refuse several transactions on one row, which then could not be told apart by it."""
    if numbers.duplicated().any():
        first = int(numbers[numbers.duplicated()].iloc[0])
        raise InputError(
            f"{path.name}, row {first}: several transactions stand on one row. Export the file with one on each row."
        )


def _accepted(kept: pd.DataFrame, reading: SieReading, masking: SieMasking) -> pa.Table:
    number, name = masking.company(reading.company.number, reading.company.name)
    codes = _texts(kept[f"dimension_{SUPPLIER}"]) if f"dimension_{SUPPLIER}" in kept else [None] * len(kept)
    supplier_names = _texts(kept[f"dimension_{SUPPLIER}_name"]) if f"dimension_{SUPPLIER}" in kept else codes
    units = pd.DataFrame(
        {
            "unit": [code and masking.object_code(1, code) for code in _texts(kept["unit"])],
            "unit_name": [code and masking.object_name(1, code) for code in _texts(kept["unit"])],
        },
        dtype="str",
    )
    texts = kept["text"].fillna(kept["voucher_text"])
    columns: dict[str, Sequence[object]] = {
        "buyer_id": [number or None] * len(kept),
        "buyer": [name or None] * len(kept),
        "unit": _texts(units_of(units)),
        "supplier_name": supplier_names,
        "supplier_number": codes,
        "account": _texts(kept["account"]),
        "account_text": [text and masking.text(text) for text in _texts(kept["account_name"])],
        "project": [code and masking.object_code(6, code) for code in _texts(kept["project"])],
        "text": [text and masking.text(text) for text in _texts(texts)],
        "invoice_number": _texts(kept[_INVOICE]) if _INVOICE in kept else [None] * len(kept),
        "voucher_number": _texts(voucher_of(kept)),
        "booked_on": kept["voucher_on"].dt.strftime("%Y-%m-%d").tolist(),
        "amount": [str(kronor(ore)) for ore in kept["amount_ore"]],
        "row_number": kept["row_number"].tolist(),
    }
    return _laid_out(columns, len(kept))


def _rejected(rejected: pd.DataFrame) -> pa.Table:
    """Lay out the rejected transactions: what is known of them is their reason, and perhaps their amount."""
    told = list(zip(rejected["reason"], rejected["value"], rejected["amount_ore"], strict=True))
    amounts = [
        value if pd.isna(ore) and reason.startswith("amount") else None if pd.isna(ore) else str(kronor(int(ore)))
        for reason, value, ore in told
    ]
    days = [value if reason.startswith("date") else None for reason, value, _ in told]
    columns: dict[str, Sequence[object]] = {
        "amount": amounts,
        "booked_on": days,
        "row_number": rejected["row_number"].tolist(),
        "raw_reason": rejected["reason"].tolist(),
    }
    return _laid_out(columns, len(rejected))


def _laid_out(columns: dict[str, Sequence[object]], rows: int) -> pa.Table:
    return pa.table([pa.array(columns.get(one.name, [None] * rows), one.type) for one in RAW_SCHEMA], RAW_SCHEMA.names)


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in column]


def _note(reading: SieReading, kept: pd.DataFrame, accounts: Collection[str], masking: SieMasking) -> str:
    """Say what a controller should know: vouchers that do not balance, and what is left out."""
    notes = []
    unbalanced = reading.vouchers[reading.vouchers["balance_ore"] != 0]
    if len(unbalanced):
        listed = [
            f"{masking.reference(voucher)} ({_in_kronor(ore)})"
            for voucher, ore in zip(voucher_of(unbalanced), unbalanced["balance_ore"], strict=True)
        ]
        more = f" och {len(listed) - _MOST_LISTED} till" if len(listed) > _MOST_LISTED else ""
        notes.append(f"Verifikationer som inte går ihop: {', '.join(listed[:_MOST_LISTED])}{more}.")
    if reading.control.accounts_differing:
        notes.append(
            f"{reading.control.accounts_differing} konton stämmer inte med filens ingående och utgående belopp."
        )
    if reading.checksum_agrees is False:
        notes.append("Filens kontrollsumma stämmer inte.")
    left_out = reading.transactions[~reading.transactions["row_number"].isin(kept["row_number"])]
    if len(left_out):
        amount = _in_kronor(int(left_out["amount_ore"].sum()))
        notes.append(
            f"{len(left_out)} rader ({amount}) på andra konton än de som börjar på {', '.join(accounts)} ingår inte."
        )
    return " ".join(notes)


def _in_kronor(amount_ore: int) -> str:
    return f"{kronor(amount_ore)} kr".replace(".", ",").replace("-", "−")
