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
    "buyer": ("kopare_text", "kopare", "köpare", "entity", "buyer"),
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
    "voucher_number": (
        "verifikationsnummer", "verifikationsnr", "ver.nr", "vernr", "transaction number", "voucher_number",
    ),
    "booked_on": (
        "bokforingsdatum", "bokföringsdatum", "datum", "booked_on", "date", "date of payment", "fakturadatum", "period",
    ),
    "amount": (
        "belopp", "nettobelopp", "utfall", "belopp exkl moms", "belopp exkl. moms", "belopp (exkl moms)", "amount",
        "amount in sterling", "konterat belopp exklusive moms",
    ),
    "basis": ("grund",),
    "contract_reference": ("avtal", "avtalsnummer"),
}  # fmt: skip
"""Headers seen in published ledgers, per column of ours, the best first. An organisation file's own map goes before."""

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
SEARCHED_ROWS = 20
"""Within how many of a table's first rows the header is looked for."""
_NEITHER = re.compile(r"[\W_]+")  # neither letter nor digit


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
    return _NEITHER.sub("", folded)


_KNOWN = {
    normal_header(alias): (column, rank)
    for column, aliases in _ALIASES.items()
    for rank, alias in reversed(list(enumerate(aliases)))
}


def find_header(table: RawTable, own_columns: Mapping[str, str]) -> Header:
    """Find the header among the first twenty rows.

    Parameters: the raw table; own_columns, our column → the file's header, from the organisation file.
    Raises InputError when a named header is missing or stands twice, when there is no amount, supplier or account
    column, or when the table is a contract register rather than a ledger.
    """
    best = _header_position(table, own_columns)
    names = [cell.replace("\ufeff", "").strip() for cell in table.rows[best]]
    columns = _recognised(names, own_columns)
    row = table.row_numbers[best]
    _refuse_missing_own(table, names, own_columns, row)
    _refuse_doubled(table, names, columns, row)
    if "amount" not in columns or not {"supplier_name", "supplier_number"} & columns.keys():
        _refuse_contract_register(table, names)
        raise InputError(
            f"{table.name}, row {row}: the ledger needs a header row with at least an amount (belopp) and a supplier "
            f"(leverantor or leverantor_id). {_headers_found(names)} "
            "Name your own headers in the organisation file under ledger.columns, as in 'amount: Kostnad'."
        )
    if "account" not in columns and "account_text" not in columns:
        _refuse_contract_register(table, names)
        raise InputError(
            f"{table.name}, row {row}: no column holds the account (konto). {_headers_found(names)} "
            "Name it in the organisation file under ledger.columns, as in 'account: Kontering'."
        )
    _refuse_two_amounts(table, names, own_columns, row)
    _refuse_rows_above(table, best, columns)
    return Header(best, names, columns)


def is_like_a_ledger(table: RawTable, own_columns: Mapping[str, str]) -> bool:
    """Tell whether a sheet has at least two headers of a ledger; a sheet of notes or a pivot of one column has not."""
    return bool(table.rows) and len(_recognised(table.rows[_header_position(table, own_columns)], own_columns)) >= 2


def _header_position(table: RawTable, own_columns: Mapping[str, str]) -> int:
    candidates = range(min(SEARCHED_ROWS, len(table.rows)))
    return max(candidates, key=lambda i: (len(_recognised(table.rows[i], own_columns)), -i))


def _recognised(names: list[str], own_columns: Mapping[str, str]) -> dict[str, int]:
    """Return our column → position. An own header decides alone; otherwise the best alias, the first of equals."""
    wanted = {normal_header(header): column for column, header in own_columns.items()}
    found: dict[str, tuple[int, int]] = {}
    for position, name in enumerate(names):
        normal = normal_header(name)
        column, rank = (wanted[normal], 0) if normal in wanted else _KNOWN.get(normal, ("", 0))
        if not column or (normal not in wanted and column in own_columns):
            continue
        found[column] = min(found.get(column, (rank, position)), (rank, position))
    return {column: position for column, (_, position) in found.items()}


def _headers_found(names: list[str]) -> str:
    """List the headers, unless the row is plainly no header: what stands there may then be a person's."""
    if any(sum(sign.isdigit() for sign in name) >= 4 for name in names):
        return "The row holds values instead of headers."
    return f"Headers found: {examples([name for name in names if name], 15)}."


def _refuse_missing_own(table: RawTable, names: list[str], own_columns: Mapping[str, str], row: int) -> None:
    present = {normal_header(name) for name in names}
    for column, header in own_columns.items():
        if normal_header(header) not in present:
            near = did_you_mean(header, [name for name in names if name])
            hint = near if near.startswith("Did you") else _headers_found(names)
            raise InputError(
                f"{table.name}, row {row}: the organisation file says that '{column}' is called '{header}', but there "
                f"is no such header. {hint} Correct it under ledger.columns."
            )


def _refuse_doubled(table: RawTable, names: list[str], columns: dict[str, int], row: int) -> None:
    normal = [normal_header(name) for name in names]
    for column, position in columns.items():
        if normal.count(normal[position]) > 1:
            raise InputError(
                f"{table.name}, row {row}: the header '{names[position]}' ({column}) stands in "
                f"{normal.count(normal[position])} columns, so it is not known which to read. Rename or remove one."
            )


def _refuse_two_amounts(table: RawTable, names: list[str], own_columns: Mapping[str, str], row: int) -> None:
    """Money must not be guessed: of two amounts, one may include VAT."""
    amounts = [name for name in names if _KNOWN.get(normal_header(name), ("", 0))[0] == "amount"]
    if len(amounts) > 1 and "amount" not in own_columns:
        raise InputError(
            f"{table.name}, row {row}: several columns may hold the amount ({examples(amounts)}). Name the one "
            f"excluding VAT in the organisation file under ledger.columns, as in 'amount: {amounts[0]}'."
        )


def _refuse_rows_above(table: RawTable, header: int, columns: dict[str, int]) -> None:
    """Rows above the header are a title, not postings; were they postings, they would be lost in silence."""
    suppliers = [columns[name] for name in ("supplier_name", "supplier_number") if name in columns]
    for cells, row in zip(table.rows[:header], table.row_numbers, strict=False):
        filled = [cell.strip() for cell in cells]
        if len(filled) <= max(columns["amount"], *suppliers):
            continue
        if re.search(r"\d", filled[columns["amount"]]) and any(filled[position] for position in suppliers):
            raise InputError(
                f"{table.name}, row {row}: a posting stands above the header row (row {table.row_numbers[header]}). "
                "Put the header first in the file."
            )


def _refuse_contract_register(table: RawTable, names: list[str]) -> None:
    folded = " ".join(names).casefold()
    if sum(word in folded for word in _CONTRACT_WORDS) >= 2:
        raise InputError(
            f"{table.name}: this looks like a contract register (headers: {examples(names, 8)}), not a supplier "
            "ledger. Put the ledger's file under ledger.files."
        )
