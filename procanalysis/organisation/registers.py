"""The registers beside the ledger: read with it, kept with it, and missing where the organisation names none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.params import OrganisationParams
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
}
_TYPES = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}
_PARTS_OF_SAVINGS: tuple[SavingsPart, ...] = get_args(SavingsPart)
# Six places are what the readers accept, and 38 digits what Parquet holds exactly.
_DECIMAL = pa.decimal128(38, 6)


def register_settings(params: OrganisationParams) -> dict[str, Any]:
    """Return how the registers are read, as plain values, so that a change in it is seen."""
    return {
        key: register.model_dump(mode="json", exclude={"files"}) if register else None
        for key, register in _registers(params).items()
    }


def prepare_registers(
    params: OrganisationParams,
    folder: Path,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    supplier_numbers: str,
    known_keys: Collection[str],
) -> dict[str, Any]:
    """Read the registers that the organisation file names, and write them into a folder.

    Parameters: supplier_numbers and known_keys, what the ledger calls its suppliers, so that a register names them
    alike. Returns the control totals by register. Raises InputError for a register that cannot be read.
    """
    tables: dict[str, pd.DataFrame] = {}
    rejected: list[pd.DataFrame] = []
    controls: dict[str, Any] = {}
    for key, register in _registers(params).items():
        if register is None:
            continue
        form = _form(register, supplier_numbers)
        reading: Any
        if key == "contracts":
            path = params.supplier_groups_path()
            groups = read_supplier_groups(path, masker, supplier_numbers=supplier_numbers) if path else None
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
        pq.write_table(_arrow(frame, _TABLES[name]), folder / f"{name}.parquet")
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


def _arrow(frame: pd.DataFrame, table: tuple[Column, ...]) -> pa.Table:
    """Lay a register out as Arrow, its prices and quantities as exact decimals."""
    laid_out = pa.Table.from_pandas(frame, preserve_index=False)
    for column in table:
        if column.type == "decimal":
            place = laid_out.schema.get_field_index(column.name)
            exact = pa.array(frame[column.name].tolist(), _DECIMAL)
            laid_out = laid_out.set_column(place, column.name, exact)
    return laid_out


def open_register(folder: Path, name: str) -> pd.DataFrame:
    """Open a prepared table: 'scopes', or a register by its part of the organisation file; no rows when there is none.

    A register that is there always has rows, since one without any is refused when it is read.
    """
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return pd.DataFrame({column.name: pd.Series(dtype=_TYPES[column.type]) for column in _TABLES[name]})
    return pq.read_table(path).to_pandas()[names(_TABLES[name])]  # type: ignore[no-any-return]


def _registers(params: OrganisationParams) -> dict[str, RegisterFile | None]:
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
    }


def _form(register: RegisterFile, supplier_numbers: str) -> RegisterFormat:
    """Turn a part of the organisation file into the plain values that the readers take."""
    return RegisterFormat(
        **register.model_dump(exclude={"files", "supplier_groups"}), supplier_numbers=supplier_numbers
    )
