"""What speaks for each article line being bought on a contract: found by the first who asks, and kept for the others.

It is the same for every report of an organisation, whatever period or category, and rests only on what is prepared.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.measures.contract_loyalty import LineEvidence
from procanalysis.schema import EVIDENCE_COLUMNS, names
from procanalysis.version import code_digest

_FOUND_BY = ("schema", "measures/contract_loyalty", "measures/wording.py")


def kept_evidence(
    folder: Path, name: str, lines: pd.DataFrame, find: Callable[[pd.DataFrame], LineEvidence]
) -> LineEvidence:
    """Return the evidence of article lines as it was found before with the same code, else find it and keep it.

    Parameters: folder, of the preparation; name, of what is kept there; lines, ARTICLE_LINES of that preparation; find,
    gives their evidence. Several processes may find and keep it at once: each finds the same. Where nothing can be
    written, as for an analyst who may only read what a colleague has prepared, everyone finds it anew.
    """
    path = folder / f"{name}-{code_digest(*_FOUND_BY)}.parquet"
    if path.is_file():
        kept = pq.read_table(path).to_pandas()
        return LineEvidence(lines.assign(**{column: kept[column] for column in names(EVIDENCE_COLUMNS)}), "")
    found = find(lines)
    if not found.unknown_because:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            pq.write_table(pa.Table.from_pandas(found.lines[names(EVIDENCE_COLUMNS)], preserve_index=False), draft)
            draft.replace(path)
    return found
