"""Read, check and map an organisation's data once, and keep the result while nothing it rests on has changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.errors import MappingError, ReconciliationError
from procanalysis.measures.categories import map_categories, refuse_loss
from procanalysis.measures.contract_matching import match_contracts, without_register
from procanalysis.measures.frames import NativeFrame
from procanalysis.organisation.article_sources import LedgerNames
from procanalysis.organisation.engines import preparing_engine, read_lines
from procanalysis.organisation.keeping import SHARED, is_whole, kept_folder
from procanalysis.organisation.kept_files import KeptFiles, alone, forget_unused
from procanalysis.organisation.masking import masker_of
from procanalysis.organisation.registers import open_register, prepare_registers, register_settings
from procanalysis.params import Engine, OrganisationParams, project_root
from procanalysis.read.files import file_digest
from procanalysis.read.gathering import GatheredLedger, gather
from procanalysis.read.laying_out import LedgerFormat
from procanalysis.read.parts import quoted
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.schema import kronor
from procanalysis.version import VERSION, code_digest

_PREPARED_BY = (
    "schema",
    "organisation",
    "read",
    *(f"measures/{name}.py" for name in ("categories", "rule_order", "contract_matching", "frames")),
)

LINES = "lines.parquet"
"""The folder of the prepared lines, in files of a bounded number of lines, which every engine reads as one."""

Progress = Callable[[str], None]


def lines_of(folder: Path, engine: Engine = "duckdb") -> NativeFrame:
    """Open the prepared lines: LEDGER_LINES, MAPPED_COLUMNS and MATCHED_COLUMNS of the schema."""
    return read_lines(folder / LINES, engine)


def prepare_organisation(params: OrganisationParams, *, progress: Progress = lambda message: None) -> Path:
    """Return the folder of prepared data for the inputs as they are now, making it when it does not exist.

    The folder's name is a digest of inputs, rules, tree, parameters and code; it appears whole or not at all. When sole
    traders are masked, what was prepared without masking is removed.
    """
    home = project_root() / "data" / "prepared" / params.slug
    folder = home / _preparation_key(params)
    with contextlib.suppress(OSError):
        os.utime(folder)  # what is in use is the last to be forgotten
    if is_whole(folder) and not _in_clear(params, home):
        return folder
    with alone(home, progress) as is_alone:
        kept_folder(home, folder.name, lambda draft: _prepare(params, draft, progress))
        for other in _in_clear(params, home):
            shutil.rmtree(other, ignore_errors=True)
        forget_unused(home, is_alone=is_alone)
    return folder


def _in_clear(params: OrganisationParams, home: Path) -> list[Path]:
    """List the preparations that do not say that they are masked, when sole traders are to be."""
    if not params.privacy.mask_sole_traders:
        return []
    return [
        note.parent
        for note in home.glob("*/prepared.json")
        if not note.parent.name.startswith((SHARED, ".draft-")) and not _is_masked(note)
    ]


def _is_masked(note: Path) -> bool:
    try:
        return json.loads(note.read_text(encoding="utf-8")).get("masked") is True
    except FileNotFoundError:  # forgotten by another process meanwhile
        return True
    except (OSError, ValueError, AttributeError):
        return False


def _preparation_key(params: OrganisationParams) -> str:
    files = {
        "ledger": params.ledger_paths(),
        "taxonomy": [params.taxonomy_path()],
        "rules": params.rule_paths(),
        **params.register_paths(),
    }
    content = {
        "version": VERSION,
        "code": code_digest(*_PREPARED_BY),
        "files": {part: [(path.name, file_digest(path)) for path in paths] for part, paths in files.items()},
        "ledger": params.ledger.model_dump(mode="json", exclude={"files"}),
        "registers": register_settings(params),
        "privacy": params.privacy.model_dump(mode="json"),
        # A new masking key must give new codes; the key itself stays out of sight.
        "mask": masker_of(params).supplier_key("procanalysis"),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def _prepare(params: OrganisationParams, draft: Path, progress: Progress) -> None:
    with preparing_engine(draft) as connection:
        _prepare_in(connection, params, draft, progress)


def _prepare_in(
    connection: duckdb.DuckDBPyConnection, params: OrganisationParams, draft: Path, progress: Progress
) -> None:
    masker = masker_of(params)
    taxonomy = read_taxonomy(params.taxonomy_path())
    rules = read_rules(params.rule_paths(), masker=masker)
    kept = KeptFiles(draft.parent, connection, masker, progress)
    ledger = gather(connection, params.ledger_paths(), _ledger_format(params), masker, kept.read)
    _check_control_total(params, ledger)
    registers = prepare_registers(
        params,
        draft,
        taxonomy=taxonomy,
        masker=replace(masker, persons=ledger.persons),
        ledger=_names_of(connection, ledger),
    )
    scopes = open_register(draft, "scopes")
    (draft / LINES).mkdir()
    for place, batch in enumerate(ledger.batches, start=1):
        progress("kategoriserar och jämför med avtalen" + _of_several(place, len(ledger.batches)))
        mapped = map_categories(batch, rules=rules, taxonomy=taxonomy)
        _write_lines(_matched(mapped, scopes), draft / LINES / f"part-{place:04}.parquet")
    written = connection.read_parquet(str(draft / LINES), hive_partitioning=False)
    facts = _facts(ledger, written)
    ledger.rejected.write_parquet(str(draft / "rejected.parquet"))
    pq.write_table(ledger.register, draft / "register.parquet")
    if not facts["mapped"]["rows_mapped"]:
        raise MappingError(
            f"{params.path.name}: no row of the ledger meets a rule above the default tier. The rules are probably "
            "written for another account plan: compare the accounts in the ledger with those in the rules."
        )
    facts["registers"] = registers
    facts["masked"] = masker.enabled
    kept.note_used(draft)
    (draft / "prepared.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def _names_of(connection: duckdb.DuckDBPyConnection, ledger: GatheredLedger) -> LedgerNames:
    """Tell what the ledger calls its suppliers and units; its rows are gone through only when a source asks."""

    def units() -> frozenset[str]:
        return frozenset(unit for (unit,) in ledger.lines.aggregate("unit").fetchall() if unit)

    def units_of_invoices(keys: Collection[str]) -> Mapping[str, str]:
        connection.register("wanted_invoices", pa.table({"invoice_key": pa.array(sorted(keys), pa.string())}))
        try:
            wanted = connection.table("wanted_invoices")
            booked = ledger.lines.join(wanted, "invoice_key", how="semi").filter("unit IS NOT NULL")
            found = booked.aggregate("invoice_key, min(unit), count(DISTINCT unit) AS units").fetchall()
        finally:
            connection.unregister("wanted_invoices")
        return {key: unit for key, unit, several in found if several == 1}

    keys = frozenset(ledger.register["supplier_key"].to_pylist())
    return LedgerNames(ledger.supplier_numbers, keys, units, units_of_invoices)


def _ledger_format(params: OrganisationParams) -> LedgerFormat:
    ledger = params.ledger
    return LedgerFormat(
        ledger.columns,
        ledger.encoding,
        ledger.delimiter,
        ledger.decimal,
        ledger.date_order,
        ledger.supplier_numbers,
        ledger.accounts,
    )


def _of_several(place: int, several: int) -> str:
    return f" ({place} av {several})" if several > 1 else ""


def _matched(mapped: duckdb.DuckDBPyRelation, scopes: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    """Say of every line how far up the loyalty ladder it stands; nothing is known of it without a register."""
    if scopes.empty:
        return without_register(mapped)  # type: ignore[no-any-return]
    return match_contracts(mapped, scopes=scopes)  # type: ignore[no-any-return]


def _write_lines(lines: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Write the prepared lines as what is quickest to write and to read: every report reads them over and over.

    An eighth larger than with zstd. The relation's own way to write knows no encodings.
    """
    lines.query("lines", f"COPY lines TO {quoted(str(path))} (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)")


def _facts(reading: GatheredLedger, mapped: duckdb.DuckDBPyRelation) -> dict[str, Any]:
    """Tell what was read and what came of it, all sums from one pass. Raises ReconciliationError when a row is lost."""
    sums = ", ".join(
        f"count(*) FILTER ({which}), coalesce(sum(amount_ore) FILTER ({which}), 0)"
        for which in ("true", "is_mapped = 1", "is_mapped = 0")
    )
    found = mapped.aggregate(f"{sums}, min(booked_on), max(booked_on)").fetchall()[0]
    all_rows, all_amount, rows, amount, rows_un, amount_un, *days = found
    control = reading.control  # what was read agrees with it, as `gather` has seen to
    refuse_loss((control.rows_accepted, control.amount_accepted_ore), (all_rows, all_amount))
    return {
        "version": VERSION,
        "control": asdict(control),
        "files": [asdict(file) for file in reading.files],
        "has_dates": reading.has_dates,
        "supplier_numbers": reading.supplier_numbers,
        "first_day": str(days[0]) if days[0] else "",
        "last_day": str(days[1]) if days[1] else "",
        "mapped": {
            "rows_mapped": rows,
            "amount_mapped_ore": amount,
            "rows_unmapped": rows_un,
            "amount_unmapped_ore": amount_un,
        },
    }


def _check_control_total(params: OrganisationParams, reading: GatheredLedger) -> None:
    expected = params.ledger.control_total
    read = reading.control
    if expected.rows is not None and expected.rows != read.rows_read:
        raise ReconciliationError(
            f"{params.path.name}: the control total says {expected.rows} rows, but {read.rows_read} were read "
            f"(difference {read.rows_read - expected.rows:+d}). "
            "A file is missing, doubled or cut off: compare the deliveries with the economy system."
        )
    if expected.amount is not None and expected.amount != kronor(read.amount_read_ore):
        difference = kronor(read.amount_read_ore) - expected.amount
        raise ReconciliationError(
            f"{params.path.name}: the control total says {expected.amount}, but {kronor(read.amount_read_ore)} was "
            f"read (difference {difference:+}; {read.rows_without_readable_amount} rows have no readable amount). "
            "Compare the deliveries with the economy system."
        )
