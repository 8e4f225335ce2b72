"""How a delivered table is written: what ledgers, registers and tender statistics have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from procanalysis.errors import did_you_mean
from procanalysis.params.yaml_file import Part


class TableFile(Part):
    """Say where a table lies and how it is written; everything but `files` has a sensible default."""

    files: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["auto", "utf-8", "utf-16", "cp1252"] = "auto"
    delimiter: Literal["auto", ";", ",", "tab", "|"] = "auto"
    decimal: Literal["auto", ",", "."] = "auto"
    date_order: Literal["auto", "year-month-day", "day-month-year", "month-day-year"] = "auto"


def known_columns(columns: dict[str, str], known: Mapping[str, object]) -> dict[str, str]:
    """Return a column map as it is. Raises ValueError, with the nearest, for a column that the table does not have."""
    for name in columns:
        if name not in known:
            raise ValueError(f"unknown column '{name}'. {did_you_mean(name, known)}")
    return columns
