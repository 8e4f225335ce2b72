"""The registers beside the ledger: read with it, kept with it, and missing where the organisation names none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.params import OrganisationParams
from procanalysis.params.contracts import RegisterFile
from procanalysis.read.contracts import read_contracts, read_supplier_groups
from procanalysis.read.follow_ups import read_follow_ups
from procanalysis.read.procurements import read_procurements
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import CONTRACT_SCOPES, CONTRACTS, FOLLOW_UPS, PROCUREMENTS, REJECTED_ROWS, Column, names

REGISTER_NAMES: dict[str, str] = {
    "contracts": "Avtalsregister",
    "follow_ups": "Uppföljningsregister",
    "procurements": "Upphandlingar",
}
"""The registers by their part of the organisation file, with their Swedish names."""

_TABLES: dict[str, tuple[Column, ...]] = {
    "contracts": CONTRACTS,
    "scopes": CONTRACT_SCOPES,
    "follow_ups": FOLLOW_UPS,
    "procurements": PROCUREMENTS,
}


def register_paths(params: OrganisationParams) -> list[Path]:
    """List every file of the registers, so that a change in one of them is seen."""
    groups = params.supplier_groups_path()
    return [
        *params.contract_paths(),
        *params.follow_up_paths(),
        *params.procurement_paths(),
        *([groups] if groups else []),
    ]


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
            tables |= {"contracts": reading.contracts, "scopes": reading.scopes}
        elif key == "follow_ups":
            reading = read_follow_ups(
                params.follow_up_paths(), form, masker=masker, scopes=tables.get("scopes"), known_keys=known_keys
            )
            tables[key] = reading.follow_ups
        else:
            reading = read_procurements(params.procurement_paths(), form, taxonomy=taxonomy, masker=masker)
            tables[key] = reading.procurements
        rejected.append(reading.rejected)
        controls[key] = asdict(reading.control)
    for name, frame in tables.items():
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / f"{name}.parquet")
    all_rejected = pd.concat(rejected) if rejected else pd.DataFrame(columns=names(REJECTED_ROWS))
    table = pa.Table.from_pandas(all_rejected, preserve_index=False)
    pq.write_table(table, folder / "registers_rejected.parquet")
    return controls


def open_register(folder: Path, name: str) -> pd.DataFrame:
    """Open a prepared table: 'contracts', 'scopes', 'follow_ups' or 'procurements'; no rows when there is no register.

    A register that is there always has rows, since one without any is refused when it is read.
    """
    path = folder / f"{name}.parquet"
    if not path.is_file():
        types = {"text": "str", "integer": "Int64", "date": "datetime64[us]"}
        return pd.DataFrame({column.name: pd.Series(dtype=types[column.type]) for column in _TABLES[name]})
    return pq.read_table(path).to_pandas()[names(_TABLES[name])]  # type: ignore[no-any-return]


def _registers(params: OrganisationParams) -> dict[str, RegisterFile | None]:
    return {"contracts": params.contracts, "follow_ups": params.follow_ups, "procurements": params.procurements}


def _form(register: RegisterFile, supplier_numbers: str) -> RegisterFormat:
    """Turn a part of the organisation file into the plain values that the readers take."""
    return RegisterFormat(
        **register.model_dump(exclude={"files", "supplier_groups"}), supplier_numbers=supplier_numbers
    )
