"""Which category of one level a code of the tree lies in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.measures import frames
from procanalysis.schema import require_columns


@dataclass(frozen=True)
class CategoryLevels:
    """Hold the paths of a tree and the level that its categories are gathered at."""

    level: int
    names: Mapping[str, str]
    paths: Mapping[str, tuple[str, ...]]

    def codes_at(self, paths: pd.Series[Any]) -> pd.Series[Any]:
        """Return for each category path its code at the level, or the last code of a shorter path."""
        codes = {path: path.split("/")[: self.level][-1] for path in paths.dropna().unique()}
        return paths.map(codes).astype("str")

    def code_at(self, code: str | None) -> str | None:
        """Return the category at the level that a code is or lies in; None for one above it, or not in the tree."""
        path = self.paths.get(code or "")
        if path is None or (len(path) < self.level and any(code in longer[:-1] for longer in self.paths.values())):
            return None
        return path[: self.level][-1]

    def related(self, categories: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Name for each code of the tree the categories that it is, lies above or lies in."""
        found: dict[str, set[str]] = {}
        for path in self.paths.values():
            category = path[: self.level][-1]
            for code in path if category in categories else ():
                found.setdefault(code, set()).add(category)
        return {code: tuple(sorted(held)) for code, held in sorted(found.items())}


def category_levels(taxonomy: pd.DataFrame | None, volumes: pd.DataFrame, level: int) -> CategoryLevels:
    """Read the tree, or what the ledger shows of it when there is none.

    Parameters: taxonomy with category_path and name, or None; volumes with category_path and category_name; level,
    1 for main categories. Raises MeasureError.
    """
    known = volumes.rename(columns={"category_name": "name"})[["category_path", "name"]].dropna(subset="category_path")
    if taxonomy is not None:
        require_columns(taxonomy.columns, ["category_path", "name"], "category_levels")
        known = pd.concat([known, taxonomy[["category_path", "name"]]])
    known = known.drop_duplicates(keep="last")  # of several names the last one holds
    names: dict[str, str] = {}
    paths: dict[str, tuple[str, ...]] = {}
    frames.check_range("category_levels", "level", level, 1, 9)
    for path, name in known.itertuples(index=False, name=None):
        codes = tuple(str(path).split("/"))
        paths |= {code: codes[: depth + 1] for depth, code in enumerate(codes)}
        if not pd.isna(name):
            names[codes[-1]] = str(name)
    return CategoryLevels(level, names, paths)
