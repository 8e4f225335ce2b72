"""Read the files of a tender source once, and keep the tables while nothing they rest on has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.errors import InputError
from procanalysis.organisation.keeping import kept_folder
from procanalysis.organisation.masking import mask_key
from procanalysis.params.project import project_root
from procanalysis.params.tenders import TENDERS_VARIABLE, TenderSourceParams, load_tender_source
from procanalysis.read.files import file_digest
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders import TenderReading, read_ocds, read_tenders
from procanalysis.schema import TENDER_TABLES
from procanalysis.version import VERSION, code_digest

_PREPARED_BY = ("schema", "read", "tenders/preparing.py")
_REJECTED = "rejected"


def has_files(slug: str) -> bool:
    """Tell whether any file of a tender source is there. Raises ParamsError for a mistake in the source."""
    return load_tender_source(slug).has_any_file()


def prepare_tenders(slug: str) -> Path:
    """Return the folder of a source's prepared tables for its files as they are now, reading them when needed.

    The folder's name is a digest of files, settings and code; it appears whole or not at all. Raises ParamsError for a
    mistake in the source, InputError when a file is missing or cannot be read.
    """
    return prepare_source(load_tender_source(slug))


def prepare_source(params: TenderSourceParams) -> Path:
    """Do as `prepare_tenders`, for a source that is loaded already."""
    if not params.has_any_file():
        raise InputError(no_files(params))
    paths = params.file_paths()
    # An underscore is in no organisation's short name, under which its own data are prepared.
    home = project_root() / "data" / "prepared" / "_tenders" / params.slug
    return kept_folder(home, _preparation_key(params, paths), lambda draft: _prepare(params, paths, draft))


def no_files(params: TenderSourceParams) -> str:
    """Say that none of a source's files is there, and what to do."""
    if params.fictional:
        return f"{params.slug}: its files are not there. Make them with 'procanalysis example'."
    return (
        f"{params.slug}: its files are not there. Put them in the folder that its file names, or set "
        f"{TENDERS_VARIABLE} to where they lie; docs/own-tenders.md tells where to get them."
    )


def prepared_table(folder: Path, name: str) -> pd.DataFrame:
    """Open one prepared table: a key of schema.TENDER_TABLES, or 'rejected'."""
    return pq.read_table(folder / f"{name}.parquet").to_pandas()  # type: ignore[no-any-return]


def prepared_facts(folder: Path) -> dict[str, Any]:
    """Return the control totals of a preparation by table, and the digests of its files."""
    facts: dict[str, Any] = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    return facts


def _preparation_key(params: TenderSourceParams, paths: dict[str, list[Path]]) -> str:
    content = {
        "version": VERSION,
        "code": code_digest(*_PREPARED_BY),
        "files": {key: [(path.name, file_digest(path)) for path in found] for key, found in paths.items()},
        "format": params.format,
        "tables": {key: table.model_dump(mode="json", exclude={"files"}) for key, table in params.tables.items()},
        # A new masking key must give new codes; the key itself stays out of sight.
        "mask": _masker().supplier_key("procanalysis"),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def _prepare(params: TenderSourceParams, paths: dict[str, list[Path]], draft: Path) -> None:
    reading = _read(params, paths)
    frames = {name: getattr(reading, name) for name in (*TENDER_TABLES, _REJECTED)}
    for name in ("lots", "values", "awards"):
        frames[name] = completed(frames[name], reading.procurements)
    for name, frame in frames.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table, draft / f"{name}.parquet", compression="zstd")
    facts = {"version": VERSION, "controls": {name: asdict(control) for name, control in reading.controls.items()}}
    (draft / "prepared.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def completed(table: pd.DataFrame, procurements: pd.DataFrame) -> pd.DataFrame:
    """Give rows that lack the day or the buyer those of their procurement, since own lists of bids seldom repeat them.

    Parameters: table, with procurement_id; procurements, schema.TENDERS. A row with a number or a name of its own keeps
    both as they are, since a procurement may have values and awards of several buyers.
    """
    of_procurement = procurements.set_index("procurement_id")
    has_no_buyer = table["buyer_number"].isna() & table["buyer_name"].isna()
    filled = table.copy()
    for column, lacks in (
        ("announced_on", table["announced_on"].isna()),
        ("buyer_number", has_no_buyer),
        ("buyer_name", has_no_buyer),
    ):
        known = table["procurement_id"].map(of_procurement[column]).astype(table[column].dtype)
        filled[column] = table[column].mask(lacks, known)
    return filled


def _read(params: TenderSourceParams, paths: dict[str, list[Path]]) -> TenderReading:
    """Read the files. Sole traders are always hidden: no report needs to tell them apart by name."""
    if params.format == "ocds":
        return read_ocds(paths["releases"], masker=_masker())
    forms = {key: RegisterFormat(**table.model_dump(exclude={"files"})) for key, table in params.tables.items()}
    return read_tenders(paths, forms, masker=_masker())


def _masker() -> Masker:
    return Masker(mask_key())
