"""Lay a general ledger out as a supplier ledger's postings, so that rules by account map it to categories."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from procanalysis.errors import InputError, examples
from procanalysis.read.sie.masking import SUPPLIER, UNKNOWN
from procanalysis.read.sie.reading import SieReading
from procanalysis.schema import LEDGER_LINES, names

_INVOICE = "dimension_10"


def sie_lines(reading: SieReading, *, accounts: Collection[str] | None = None) -> pd.DataFrame:
    """Lay accepted transactions out as postings (schema.LEDGER_LINES), as far as a SIE file has them.

    One line per accepted row. `unit` is the name of the object in dimension 1 (its code where it has no name, code and
    name where two codes share a name) and `project` the code in dimension 6. The supplier is the object in dimension 9
    where the file uses it; otherwise unknown, since SIE has none. Amounts are the ledger's own: debit positive, VAT on
    its own accounts.

    Parameters: reading, of one file; accounts, how the account codes to keep begin, such as ('4', '5', '6', '7') for
    costs; None keeps every account, balance accounts and income too.
    Returns a pandas frame with the columns of LEDGER_LINES. Raises InputError when no account begins so.
    Source: requirement R9; method 14.
    """
    lines = kept_accounts(reading, accounts)
    lines = lines.assign(**_suppliers(reading, lines))
    voucher = voucher_of(lines)
    invoice = lines[_INVOICE].fillna(voucher) if _INVOICE in lines else voucher
    return lines.assign(
        buyer_id=_same(lines, reading.company.number or None),
        buyer=_same(lines, reading.company.name or None),
        unit=units_of(lines),
        account_text=lines["account_name"],
        text=lines["text"].fillna(lines["voucher_text"]),
        invoice_key=lines["supplier_key"] + "|" + invoice,
        voucher_id=voucher,
        booked_on=lines["voucher_on"],
        basis=_same(lines, None),
        contract_reference=_same(lines, None),
    )[names(LEDGER_LINES)]


def kept_accounts(reading: SieReading, accounts: Collection[str] | None) -> pd.DataFrame:
    """Return the transactions on accounts that begin as given, all when none is given.

    Raises InputError when no account begins so.
    """
    rows = reading.transactions
    if not accounts:
        return rows.reset_index(drop=True)
    kept = rows["account"].str.startswith(tuple(accounts))
    if len(rows) and not kept.any():
        raise InputError(
            f"{reading.name}: no account begins with {examples(accounts)}. The file's accounts are "
            f"{examples(sorted(rows['account'].unique()))}."
        )
    return rows[kept].reset_index(drop=True)


def voucher_of(lines: pd.DataFrame) -> pd.Series:
    """Return series and number of each row's voucher; missing when the file has neither."""
    voucher = (lines["series"].fillna("") + " " + lines["voucher_number"].fillna("")).str.strip()
    return voucher.where(voucher != "")


def _suppliers(reading: SieReading, lines: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the supplier's key, name and type of each line: unknown where the file names none."""
    column = f"dimension_{SUPPLIER}"
    codes = lines[column] if column in lines else _same(lines, None)
    found = [reading.suppliers.get(code, UNKNOWN) for code in codes]
    return {
        name: pd.Series([getattr(supplier, name) for supplier in found], index=lines.index, dtype="str")
        for name in ("supplier_key", "supplier_name", "supplier_type")
    }


def units_of(lines: pd.DataFrame) -> pd.Series:
    """Return the name of each line's unit, with the code where two units share a name."""
    pairs = lines[["unit", "unit_name"]].dropna().drop_duplicates()
    shared = set(pairs.loc[pairs["unit_name"].duplicated(keep=False), "unit_name"])
    both = lines["unit"] + " " + lines["unit_name"]
    return lines["unit_name"].where(~lines["unit_name"].isin(shared), both).fillna(lines["unit"])


def _same(lines: pd.DataFrame, value: str | None) -> pd.Series:
    """Return a column with the same value, or none, on every line."""
    return pd.Series([value] * len(lines), index=lines.index, dtype="str")
