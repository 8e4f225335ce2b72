"""The registers beside the ledger: read with it, kept with it, and missing where the organisation names none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.organisation.article_sources import (
    ARTICLE_PARTS,
    ARTICLE_SOURCE_NAMES,
    ARTICLE_TABLES,
    LedgerNames,
    read_article_source,
)
from procanalysis.params import OrganisationParams
from procanalysis.params.articles import InvoiceFiles
from procanalysis.params.contracts import RegisterFile
from procanalysis.params.savings import SavingsPart
from procanalysis.read.contracts import read_contracts, read_supplier_groups
from procanalysis.read.follow_ups import read_follow_ups
from procanalysis.read.procurements import read_procurements
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.savings import (
    ListReading,
    read_awards,
    read_bids,
    read_priced_purchases,
    read_prices,
    read_saving_shares,
    with_rejected,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import (
    AWARDS,
    BIDS,
    CONTRACT_PRICES,
    CONTRACT_SCOPES,
    CONTRACTS,
    FOLLOW_UPS,
    PRICED_PURCHASES,
    PROCUREMENTS,
    REJECTED_ROWS,
    SAVING_SHARES,
    Column,
    names,
)

REGISTER_NAMES: dict[str, str] = {
    "contracts": "Avtalsregister",
    "follow_ups": "Uppföljningsregister",
    "procurements": "Upphandlingar",
    "awards": "Effektredovisade upphandlingar",
    "bids": "Anbud",
    "prices": "Avtalspriser",
    "shares": "Fördelning av besparingar",
    "purchases": "Köp med pris",
    **ARTICLE_SOURCE_NAMES,
}
"""The registers by their part of the organisation file, with their Swedish names."""

_TABLES: dict[str, tuple[Column, ...]] = {
    "contracts": CONTRACTS,
    "scopes": CONTRACT_SCOPES,
    "follow_ups": FOLLOW_UPS,
    "procurements": PROCUREMENTS,
    "awards": AWARDS,
    "bids": BIDS,
    "prices": CONTRACT_PRICES,
    "shares": SAVING_SHARES,
    "purchases": PRICED_PURCHASES,
    **ARTICLE_TABLES,
}
_TYPES = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}
_PARTS_OF_SAVINGS: tuple[SavingsPart, ...] = get_args(SavingsPart)
# Twelve places are what e-invoices may have, six what the other readers accept; 38 digits are what Parquet can hold.
_DECIMAL, _LONG_DECIMAL = pa.decimal128(38, 6), pa.decimal128(38, 12)


def register_settings(params: OrganisationParams) -> dict[str, Any]:
    """Return how the registers are read, as plain values, so that a change in it is seen; not where their files lie."""
    return {
        key: register.model_dump(mode="json", exclude={"files", "supplier_groups"}) if register else None
        for key, register in _registers(params).items()
    }


def prepare_registers(
    params: OrganisationParams,
    folder: Path,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    ledger: LedgerNames,
) -> dict[str, Any]:
    """Read the registers that the organisation file names, and write them into a folder.

    Parameters: ledger, what the ledger calls its suppliers and units, so that a register names them alike. Returns the
    control totals by register. Raises InputError for a register that cannot be read.
    """
    known_keys = ledger.supplier_keys
    tables: dict[str, pd.DataFrame] = {}
    rejected: list[pd.DataFrame] = []
    controls: dict[str, Any] = {}
    for key, register in _registers(params).items():
        if register is None:
            continue
        form = _form(register, ledger.supplier_numbers)
        reading: Any
        if key in ARTICLE_PARTS:
            source = read_article_source(key, params, form, taxonomy=taxonomy, masker=masker, ledger=ledger)
            tables |= source.tables
            rejected.append(source.rejected)
            controls[key] = dict(source.control)
            continue
        if key == "contracts":
            path = params.supplier_groups_path()
            groups = read_supplier_groups(path, masker, supplier_numbers=ledger.supplier_numbers) if path else None
            reading = read_contracts(
                params.contract_paths(), form, taxonomy=taxonomy, masker=masker, groups=groups, known_keys=known_keys
            )
            tables["scopes"] = reading.scopes
        elif key == "follow_ups":
            reading = read_follow_ups(
                params.follow_up_paths(), form, masker=masker, scopes=tables.get("scopes"), known_keys=known_keys
            )
        elif key == "procurements":
            reading = read_procurements(params.procurement_paths(), form, taxonomy=taxonomy, masker=masker)
        else:
            reading = _read_savings(
                key, params, form, taxonomy=taxonomy, masker=masker, known_keys=known_keys, tables=tables
            )
        tables[key] = reading.accepted if isinstance(reading, ListReading) else getattr(reading, key)
        rejected.append(reading.rejected)
        controls[key] = asdict(reading.control)
    for name, frame in tables.items():
        exact = _LONG_DECIMAL if name in ARTICLE_TABLES else _DECIMAL
        pq.write_table(_arrow(frame, _TABLES[name], exact), folder / f"{name}.parquet")
    all_rejected = pd.concat(rejected) if rejected else pd.DataFrame(columns=names(REJECTED_ROWS))
    table = pa.Table.from_pandas(all_rejected, preserve_index=False)
    pq.write_table(table, folder / "registers_rejected.parquet")
    return controls


def _read_savings(
    key: str,
    params: OrganisationParams,
    form: RegisterFormat,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    known_keys: Collection[str],
    tables: dict[str, pd.DataFrame],
) -> Any:
    """Read one part of the savings register; the awarded procurements come first, since the others name them.

    Each of the others tells the awards how many of their rows it had to reject.
    """
    part: SavingsPart = key  # type: ignore[assignment]  # one of the parts that _registers lists
    paths = params.savings_paths(part)
    if part == "awards":
        return read_awards(paths, form, taxonomy=taxonomy, masker=masker)
    awards = tables["awards"]
    reading: ListReading
    if part == "bids":
        reading = read_bids(paths, form, masker=masker, awards=awards, known_keys=known_keys)
    elif part == "prices":
        reading = read_prices(paths, form, masker=masker, awards=awards)
    elif part == "shares":
        reading = read_saving_shares(paths, form, masker=masker, awards=awards)
    else:
        prices = tables.get("prices")
        reading = read_priced_purchases(paths, form, masker=masker, awards=awards, prices=prices, known_keys=known_keys)
    tables["awards"] = with_rejected(awards, part, reading.rejected_by_procurement)
    return reading


def _arrow(frame: pd.DataFrame, table: tuple[Column, ...], exact: pa.DataType) -> pa.Table:
    """Lay a register out as Arrow, its prices and quantities as exact decimals."""
    laid_out = pa.Table.from_pandas(frame, preserve_index=False)
    for column in table:
        if column.type == "decimal":
            place = laid_out.schema.get_field_index(column.name)
            laid_out = laid_out.set_column(place, column.name, pa.array(frame[column.name].tolist(), exact))
    return laid_out


def open_register(folder: Path, name: str) -> pd.DataFrame:
    """Open a prepared table: 'scopes', a register by its part of the organisation file, or one of ARTICLE_TABLES.

    It has no rows when there is none.
    """
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return _without_rows(name).copy()
    opened: pd.DataFrame = pq.read_table(path).to_pandas()[names(_TABLES[name])]
    if name in ARTICLE_TABLES:
        decimals = [column.name for column in _TABLES[name] if column.type == "decimal"]
        opened = opened.assign(**{column: _as_written(opened[column]) for column in decimals})
    return opened


@cache
def _without_rows(name: str) -> pd.DataFrame:
    """Make an empty table, once: pandas takes long over many columns."""
    return pd.DataFrame({column.name: pd.Series(dtype=_TYPES[column.type]) for column in _TABLES[name]})


def _as_written(column: pd.Series) -> pd.Series:
    """Return decimals without the zeros that Parquet fills them with, as the readers give them."""
    known: dict[Decimal, Decimal] = {}
    return pd.Series([_without_zeros(value, known) for value in column], index=column.index, dtype="object")


def _without_zeros(value: Decimal | None, known: dict[Decimal, Decimal]) -> Decimal | None:
    if value is None:
        return None
    if value not in known:
        whole = value.to_integral_value()
        known[value] = Decimal(int(whole)) if value == whole else value.normalize()
    return known[value]


def _registers(params: OrganisationParams) -> dict[str, RegisterFile | InvoiceFiles | None]:
    """List the registers in the order in which they are read: each may name rows of those before it."""
    savings = params.savings
    return {
        "contracts": params.contracts,
        "follow_ups": params.follow_ups,
        "procurements": params.procurements,
        "awards": savings.awards if savings else None,
        "bids": savings.bids if savings else None,
        "prices": savings.prices if savings else None,
        "shares": savings.shares if savings else None,
        "purchases": savings.purchases if savings else None,
        **{part: getattr(params, part) for part in ARTICLE_PARTS},
    }


def _form(register: RegisterFile | InvoiceFiles, supplier_numbers: str) -> RegisterFormat:
    """Turn a part of the organisation file into the plain values that the readers take."""
    return RegisterFormat(
        **register.model_dump(exclude={"files", "supplier_groups", "units"}), supplier_numbers=supplier_numbers
    )
