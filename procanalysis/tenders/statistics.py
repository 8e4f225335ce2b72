"""Open the whole of one tender source: its tables, what was rejected, its control totals, and who is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from procanalysis.measures.tenders.joins import TABLE_NAMES
from procanalysis.params.tenders import TenderSourceParams, load_tender_source
from procanalysis.read.files import file_digest
from procanalysis.read.peers import read_peers
from procanalysis.read.registers import frame_of
from procanalysis.schema import PEERS, TENDER_TABLES, Source, TenderTables
from procanalysis.tenders.gaps import gap_sentences, rejected_sentences
from procanalysis.tenders.preparing import prepare_source, prepared_facts, prepared_table


@dataclass(frozen=True, kw_only=True)
class TenderStatistics:
    """Hold one tender source as a whole.

    tables, of everybody and every year. rejected, schema.REJECTED_ROWS. controls, one row per table read: table,
    table_name in Swedish, rows_read_count, rows_accepted_count, rows_rejected_count. peers, schema.PEERS, no rows when
    the source compares nobody. inputs, the files with their digests.
    """

    params: TenderSourceParams
    tables: TenderTables
    rejected: pd.DataFrame
    controls: pd.DataFrame
    peers: pd.DataFrame
    inputs: tuple[dict[str, Any], ...]

    @property
    def undated_count(self) -> int:
        """The procurements without a day of announcement, which belong to no year."""
        return int(self.tables.procurements["announced_on"].isna().sum())

    def left_out(self, whole: TenderTables) -> tuple[str, ...]:
        """Say in Swedish what the source leaves out: by its nature, and as counted in the files that were read.

        Parameters: whole, the tables of the year that is reported, of all buyers.
        """
        undated = self.undated_count
        verb = "har ingen annonseringsdag och ingår inte i något år."
        return (
            *self.params.missing,
            *gap_sentences(whole, list(self.controls["table"])),
            *rejected_sentences(self.controls, self.rejected),
            *([f"{undated} upphandling{'ar' if undated > 1 else ''} {verb}"] if undated else []),
        )


def open_tenders(slug: str) -> TenderStatistics:
    """Open a tender source, from its prepared tables while no file of it has changed.

    Parameters: slug, the name of its file in params/tenders. Returns a TenderStatistics whose tables are shared between
    calls: copy before changing them. Raises ParamsError for a mistake in the source, InputError when its files are
    missing or cannot be read.
    """
    params = load_tender_source(slug)
    folder = prepare_source(params)
    facts = prepared_facts(folder)
    peers_path = params.peers_path()
    return TenderStatistics(
        params=params,
        tables=_tables_in(folder),
        rejected=prepared_table(folder, "rejected"),
        controls=controls_of(facts["controls"]),
        peers=read_peers(peers_path) if peers_path else frame_of([], PEERS),
        inputs=_inputs(params, peers_path, facts),
    )


@lru_cache(maxsize=4)
def _tables_in(folder: Path) -> TenderTables:
    """Open prepared tables once per process: the folder's name changes with anything that they rest on."""
    return TenderTables(**{name: prepared_table(folder, name) for name in TENDER_TABLES})


def _inputs(params: TenderSourceParams, peers: Path | None, facts: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """List the files as they were read, one per sheet, and the reviewed files that say how."""
    read: dict[tuple[str, str], int] = {}
    for control in facts["controls"].values():
        for file in control["files"]:
            key = file["name"].partition("#")[0], file["sha256"]
            read[key] = read.get(key, 0) + file["rows_read"]
    reviewed = [path for path in (params.path, peers) if path]
    return (
        *({"path": name, "sha256": sha256, "rows": rows} for (name, sha256), rows in read.items()),
        *_unread(reviewed),
    )


def inputs_looked_at(params: TenderSourceParams) -> tuple[dict[str, Any], ...]:
    """List a source's own file and those of its files that are there, when none of their rows is used.

    That it does not cover the year, or that its files are not there, is what the report then says.
    """
    return _unread([params.path, *params.delivered_paths()])


def _unread(paths: Sequence[Path]) -> tuple[dict[str, Any], ...]:
    """List files with their digests, without rows."""
    return tuple({"path": path.name, "sha256": file_digest(path), "rows": 0} for path in paths)


def controls_of(by_table: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Lay control totals out as one row per table: table, table_name in Swedish, and the rows read and judged."""
    parts = ("rows_read", "rows_accepted", "rows_rejected")
    rows = [[name, TABLE_NAMES[name], *(int(control[part]) for part in parts)] for name, control in by_table.items()]
    return pd.DataFrame(rows, columns=["table", "table_name", *(f"{part}_count" for part in parts)])


def source_for(params: TenderSourceParams, whose: str) -> Source:
    """Say where somebody's figures come from."""
    licence = f" Licens: {params.licence}." if params.licence else ""
    return Source(text=f"{params.source.removesuffix('.')}.{licence}", organisation=whose, fictional=params.fictional)
