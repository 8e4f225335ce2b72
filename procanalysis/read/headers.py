"""Find the header row of a ledger and which of its columns is which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from procanalysis.errors import InputError, did_you_mean, examples
from procanalysis.read.tables import RawTable

_ALIASES: dict[str, tuple[str, ...]] = {
    "buyer_id": ("kopare_id", "köpare_id", "buyer_id"),
    "buyer": ("kopare", "köpare", "kopare_text", "entity", "buyer"),
    "unit": ("forvaltning", "förvaltning", "nämnd", "namnd", "enhet", "unit", "förvaltning/nämnd"),
    "supplier_name": ("leverantor", "leverantör", "leverantörsnamn", "leverantorsnamn", "supplier", "supplier name"),
    "supplier_number": (
        "leverantor_id", "leverantör_id", "organisationsnummer", "organisationsnr", "orgnr", "org.nr", "org nr",
        "leverantörens organisationsnummer", "supplier_number",
    ),
    "account": ("konto_nr", "kontonr", "konto", "kontonummer", "account", "expense type"),
    "account_text": ("konto_text", "kontotext", "kontonamn", "account_text"),
    "project": ("projekt_kod", "projekt", "project", "aktivitet_kod"),
    "text": ("text", "fakturatext", "radtext", "beskrivning", "description"),
    "invoice_number": ("fakturanummer", "faktura_nr", "fakturanr", "fakt nr", "invoice number", "invoice_number"),
    "voucher_number": ("verifikationsnummer", "verifikationsnr", "ver.nr", "vernr", "transaction number", "voucher_number"),
    "booked_on": (
        "datum", "bokforingsdatum", "bokföringsdatum", "fakturadatum", "period", "date", "date of payment", "booked_on",
    ),
    "amount": (
        "belopp", "nettobelopp", "utfall", "belopp exkl moms", "belopp exkl. moms", "belopp (exkl moms)", "amount",
        "amount in sterling", "konterat belopp exklusive moms",
    ),
    "basis": ("grund",),
    "contract_reference": ("avtal", "avtalsnummer"),
}  # fmt: skip
"""Headers seen in published ledgers, per column of ours. An organisation file's own map comes before them."""

_CONTRACT_WORDS = (
    "startdatum",
    "slutdatum",
    "avtalsstart",
    "avtalsslut",
    "giltig",
    "avtalsperiod",
    "upphandling",
    "förläng",
)
_SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Header:
    """Say which row is the header, and at which position each recognised column stands."""

    position: int
    names: list[str]
    columns: dict[str, int]


def normal_header(text: str) -> str:
    """Return the form in which headers are compared: no byte-order mark, case-folded, letters and digits only.

    >>> normal_header("\\ufeffKonto_Nr ") == normal_header("konto nr")
    True
    """
    folded = unicodedata.normalize("NFC", text).replace("\ufeff", "").casefold()
    return re.sub(r"[\W_]+", "", folded)


_KNOWN = {normal_header(alias): column for column, aliases in _ALIASES.items() for alias in aliases}


def find_header(table: RawTable, own_columns: Mapping[str, str]) -> Header:
    """Find the header among the first twenty rows.

    Parameters: the raw table; own_columns, our column → the file's header, from the organisation file.
    Raises InputError when a named header is missing or stands twice, when there is no amount, supplier or account
    column, or when the table is a contract register rather than a ledger.
    """
    candidates = range(min(_SEARCHED_ROWS, len(table.rows)))
    best = max(candidates, key=lambda i: (len(_recognised(table.rows[i], own_columns)), -i))
    names = [cell.replace("\ufeff", "").strip() for cell in table.rows[best]]
    columns = _recognised(names, own_columns)
    row = table.row_numbers[best]
    _refuse_missing_own(table, names, own_columns, row)
    _refuse_doubled(table, names, columns, row)
    if "amount" not in columns or not {"supplier_name", "supplier_number"} & columns.keys():
        _refuse_not_a_ledger(table, names, row)
    if "account" not in columns and "account_text" not in columns:
        raise InputError(
            f"{table.name}, row {row}: no column holds the account (konto). Headers found: {examples(names, 15)}. "
            "Name it in the organisation file under ledger.columns, as in 'account: Kontering'."
        )
    return Header(best, names, columns)


def _recognised(names: list[str], own_columns: Mapping[str, str]) -> dict[str, int]:
    """Return our column → position. An own header decides alone; otherwise the first known alias does."""
    wanted = {normal_header(header): column for column, header in own_columns.items()}
    found: dict[str, int] = {}
    for position, name in enumerate(names):
        normal = normal_header(name)
        column = wanted.get(normal) or (_KNOWN.get(normal) if _KNOWN.get(normal) not in own_columns else None)
        if column and column not in found:
            found[column] = position
    return found


def _refuse_missing_own(table: RawTable, names: list[str], own_columns: Mapping[str, str], row: int) -> None:
    present = {normal_header(name) for name in names}
    for column, header in own_columns.items():
        if normal_header(header) not in present:
            raise InputError(
                f"{table.name}, row {row}: the organisation file says that '{column}' is called '{header}', but there is "
                f"no such header. {did_you_mean(header, [name for name in names if name])}"
            )


def _refuse_doubled(table: RawTable, names: list[str], columns: dict[str, int], row: int) -> None:
    normal = [normal_header(name) for name in names]
    for column, position in columns.items():
        if normal.count(normal[position]) > 1:
            raise InputError(
                f"{table.name}, row {row}: the header '{names[position]}' ({column}) stands in "
                f"{normal.count(normal[position])} columns, so it is not known which to read. Rename or remove one."
            )


def _refuse_not_a_ledger(table: RawTable, names: list[str], row: int) -> None:
    folded = " ".join(names).casefold()
    if sum(word in folded for word in _CONTRACT_WORDS) >= 2:
        raise InputError(
            f"{table.name}: this looks like a contract register (headers: {examples(names, 8)}), not a supplier ledger. "
            "Put the ledger's file under ledger.files."
        )
    raise InputError(
        f"{table.name}, row {row}: the ledger needs a header row with at least an amount (belopp) and a supplier "
        f"(leverantor or leverantor_id). Headers found: {examples(names, 15)}. "
        "Name your own headers in the organisation file under ledger.columns, as in 'amount: Kostnad'."
    )
