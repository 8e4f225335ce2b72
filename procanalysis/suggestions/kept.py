"""Keep what the model said of the patterns while nothing it rests on has changed, so that a report opens at once.

Only names of patterns, codes and shares are kept: nothing that tells who was paid, or how much.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.measures.suggested_categories import Calibration, Suggestions
from procanalysis.organisation.keeping import kept_folder
from procanalysis.params import project_root
from procanalysis.schema import SUGGESTIONS, names
from procanalysis.version import VERSION, code_digest

_ANSWERS = ("pattern_id", "suggested_code", "suggested_level", "confidence_pct", "silent_because")
_SCALARS = ("reviewed_patterns", "reviewed_lines", "categories_count", "silent_because")


def kept_suggestions(
    slug: str,
    candidates: pd.DataFrame,
    reviewed: pd.DataFrame,
    *,
    taxonomy: pd.DataFrame,
    threshold_pct: Decimal,
    suggest: Callable[[], Suggestions],
) -> Suggestions:
    """Return the suggestions for some patterns, asking the model only when they have not been asked for before.

    Parameters: slug, the organisation's; candidates, reviewed, taxonomy and threshold_pct, all that the suggestions
    rest on; suggest, asks the model. Returns Suggestions, the same as `suggest` gives.
    """
    home = project_root() / "data" / "prepared" / "_suggestions" / slug
    key = _key(candidates, reviewed, taxonomy, threshold_pct)
    folder = kept_folder(home, key, lambda draft: _write(draft, suggest()))
    return _read(folder, candidates, threshold_pct)


def _key(candidates: pd.DataFrame, reviewed: pd.DataFrame, taxonomy: pd.DataFrame, threshold_pct: Decimal) -> str:
    content = hashlib.sha256()
    packages = (VERSION, version("scikit-learn"), version("numpy"), str(threshold_pct))
    content.update("\0".join((*packages, code_digest("measures/suggested_categories"))).encode())
    for frame in (candidates, reviewed, taxonomy[["category_code", "category_path"]]):
        # Rows in the order of their hash, since the order of the patterns does not matter to the model.
        hashes = pd.util.hash_pandas_object(frame, index=False).sort_values().to_numpy()
        content.update("\0".join(map(str, frame.columns)).encode())
        content.update(hashes.tobytes())
    return content.hexdigest()[:20]


def _write(draft: Path, suggested: Suggestions) -> None:
    rows = suggested.rows[list(_ANSWERS)]
    confidence = pd.Series([None if each is None else str(each) for each in rows["confidence_pct"]], dtype="object")
    told = rows.assign(confidence_pct=confidence.to_numpy())
    pq.write_table(pa.Table.from_pandas(told, preserve_index=False), draft / "answers.parquet")
    pq.write_table(pa.Table.from_pandas(suggested.held_out, preserve_index=False), draft / "held_out.parquet")
    scalars = {name: getattr(suggested, name) for name in _SCALARS}
    curves = [{"kind": kind, **asdict(one)} for kind, one in suggested.calibrations.items()]
    text = json.dumps({**scalars, "calibrations": curves}, ensure_ascii=False)
    (draft / "prepared.json").write_text(text, encoding="utf-8")


def _read(folder: Path, candidates: pd.DataFrame, threshold_pct: Decimal) -> Suggestions:
    kept: dict[str, Any] = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    answers: pd.DataFrame = pq.read_table(folder / "answers.parquet").to_pandas()
    curves = kept.pop("calibrations")
    return Suggestions(
        rows=_rows(candidates, answers),
        held_out=pq.read_table(folder / "held_out.parquet").to_pandas(),
        calibrations={tuple(one.pop("kind")): _curve(one) for one in curves},
        threshold_pct=threshold_pct,
        **kept,
    )


def _curve(kept: dict[str, Any]) -> Calibration:
    made: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Calibration(**made)


def _rows(candidates: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Put what was said of each pattern beside what the pattern is, the largest amount up or down first."""
    known = [name for name in names(SUGGESTIONS) if name in candidates.columns]
    rows = candidates[known].merge(answers, on="pattern_id", how="left", validate="one_to_one")
    told = [None if not isinstance(each, str) else Decimal(each) for each in rows["confidence_pct"]]
    rows["confidence_pct"] = pd.Series(told, dtype="object")
    rows["suggested_level"] = rows["suggested_level"].astype("Int64")
    texts = [column.name for column in SUGGESTIONS if column.type == "text"]
    rows[texts] = rows[texts].astype("str")
    order = rows.assign(__size=rows["amount_ore"].abs()).sort_values(["__size", "pattern_id"], ascending=[False, True])
    return order[names(SUGGESTIONS)].reset_index(drop=True)
