"""How many procurements were announced, of what kind, by what procedure, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.tenders.shares import NO_PROCUREMENTS
from procanalysis.schema import TENDER_KINDS, TENDER_PROCEDURES, TENDERS, KeyFigure, names, require_columns

_BY = ("kind", "procedure", "cpv_main_code", "buyer_sector", "buyer_subsector", "notice_database", "month")
_NAMES = {"kind": TENDER_KINDS, "procedure": TENDER_PROCEDURES}
_NOT_STATED = "Uppgift saknas"


def procurements_announced(tenders: pd.DataFrame) -> KeyFigure:
    """Count the procurements announced.

    Parameters: `tenders`, schema.TENDERS, the rows chosen. Returns a KeyFigure in number of procurements, unknown when
    there is none: a source that has nothing of a buyer does not say that it bought nothing. Raises MeasureError on a
    missing column. Source: requirement R116; methods 16.
    """
    require_columns(tenders.columns, names(TENDERS), "procurements_announced")
    count = len(tenders)
    return KeyFigure(
        id="procurements_announced",
        label="Annonserade upphandlingar",
        value=Decimal(count) if count else None,
        unit="st",
        method="procurements_announced",
        unknown_because="" if count else NO_PROCUREMENTS,
    )


def announced_by(tenders: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count the procurements per kind, procedure, CPV main group or the like; those where it is missing too.

    Parameters: `tenders`, schema.TENDERS; `by`, kind, procedure, cpv_main_code, buyer_sector, buyer_subsector,
    notice_database or month. Returns one row per value: key (missing where not stated), name in Swedish,
    procurements_count (they sum to all), share_pct of all; most first, months in order, what is missing last. Raises
    MeasureError on a missing column or another `by`. Source: requirement R116; methods 16.
    """
    require_columns(tenders.columns, names(TENDERS), "announced_by")
    if by not in _BY:
        raise MeasureError(f"announced_by: procurements cannot be counted by '{by}'. {did_you_mean(by, _BY)}")
    keys = tenders["announced_on"].dt.strftime("%Y-%m") if by == "month" else tenders[by]
    counts = keys.astype("str").value_counts(dropna=False)
    found = pd.DataFrame({"key": counts.index.astype("str"), "procurements_count": counts.to_numpy(dtype="int64")})
    found["is_missing"] = found["key"].isna()
    order = ["is_missing", "key"] if by == "month" else ["is_missing", "procurements_count", "key"]
    found = found.sort_values(order, ascending=[name != "procurements_count" for name in order], ignore_index=True)
    known = _names_of(tenders, by)
    found["name"] = [_NOT_STATED if pd.isna(key) else known.get(key, key) for key in found["key"]]
    found["name"] = found["name"].astype("str")
    found["share_pct"] = found["procurements_count"] / len(tenders) * 100 if len(tenders) else 0.0
    return found[["key", "name", "procurements_count", "share_pct"]].astype({"share_pct": "float64"})


def announced_by_groups(groups: Mapping[str, pd.DataFrame], by: str) -> pd.DataFrame:
    """Count as `announced_by` for several groups, so that an organisation's mix can be held against others'.

    Parameters: `groups`, what a group is called → its schema.TENDERS, the one that the report is about first; `by`, as
    in `announced_by`. Returns group, key, name, procurements_count, share_pct (of the group's own procurements): every
    key of any group for every group, 0 where it announced none, in the order of the first group, then of the next.
    Raises MeasureError as `announced_by`.
    """
    parts = {group: announced_by(tenders, by) for group, tenders in groups.items()}
    if not parts:
        raise MeasureError("announced_by_groups: there are no groups. Give at least one, as {'Alla regioner': …}.")
    listed = pd.concat(parts.values(), ignore_index=True)[["key", "name"]]
    keys = listed.sort_values("key", key=pd.isna, kind="stable").drop_duplicates("key", ignore_index=True)
    if by == "month":
        keys = keys.sort_values("key", ignore_index=True)
    counted = ["procurements_count", "share_pct"]
    filled = [
        keys.merge(part[["key", *counted]], on="key", how="left")
        .fillna(dict.fromkeys(counted, 0))
        .assign(group=group)
        .astype({"procurements_count": "int64", "group": "str"})
        for group, part in parts.items()
    ]
    return pd.concat(filled, ignore_index=True)[["group", "key", "name", *counted]]


def _names_of(tenders: pd.DataFrame, by: str) -> Mapping[str, str]:
    if by == "cpv_main_code":
        named = tenders.dropna(subset=["cpv_main_code", "cpv_main_name"])
        firsts = named.groupby("cpv_main_code")["cpv_main_name"].min()
        return {str(code): str(name) for code, name in firsts.items()}
    return _NAMES.get(by, {})
