"""What several buyers or groups announced and got, side by side: mix, bids in classes, and answered questions."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.tenders.announced import announced_by_groups
from procanalysis.measures.tenders.bids import procurement_bids
from procanalysis.schema import TENDERS, TenderTables, names, require_columns

BID_CLASSES: dict[str, tuple[int, int | None]] = {
    "1 anbud": (1, 1),
    "2 anbud": (2, 2),
    "3–4 anbud": (3, 4),
    "5 anbud eller fler": (5, None),
}
"""Classes of bids per procurement: name → fewest and most."""

QUESTIONS: dict[str, str] = {
    "is_coordinated": "Samordnad upphandling",
    "is_environmental": "Miljökrav",
    "is_social": "Sociala krav",
}


def mix(
    own: TenderTables, groups: Mapping[str, TenderTables], by: str, *, name: str = "Egen", most: int = 8
) -> pd.DataFrame:
    """Count a buyer's procurements per kind, procedure or CPV main group beside those of groups.

    Parameters: `own`, the buyer's rows; `groups`, what a group is called → its rows; `by`, as in `announced_by`;
    `name`, what the buyer is called; `most`, how many values are shown: the buyer's most common ones first, then the
    groups', the rest as one. Returns group, key (missing where not stated or folded together), name,
    procurements_count, share_pct of the group's own procurements, total_count (those): every value for the buyer and
    every group. Raises MeasureError as `announced_by`, on a group called as the buyer or a `most` below 1.
    """
    if name in groups:
        raise MeasureError(f"mix: '{name}' is both the buyer and a group. Call the group by another name.")
    if most < 1:
        raise MeasureError(f"mix: most is {most}. Give at least 1.")
    tables = {name: own, **groups}
    found = announced_by_groups({group: one.procurements for group, one in tables.items()}, by)
    keys = list(dict.fromkeys(found["key"].dropna()))
    folded = keys[most:] if len(keys) > most + 1 else []
    rest = found["key"].isin(folded)
    if folded:
        found = found.assign(name=found["name"].where(~rest, f"Övriga ({len(folded)})"), key=found["key"].mask(rest))
    summed = found.groupby(["group", "name"], sort=False, as_index=False).agg(
        key=("key", "first"), procurements_count=("procurements_count", "sum"), share_pct=("share_pct", "sum")
    )
    # What is missing stays last, after the values that were folded together.
    missing = summed["key"].isna() & ~summed["name"].str.startswith("Övriga (")
    order = {group: place for place, group in enumerate(tables)}
    summed = summed.assign(place=summed["group"].map(order), missing=missing)
    summed = summed.sort_values(["place", "missing"], kind="stable", ignore_index=True)
    totals = {group: len(one.procurements) for group, one in tables.items()}
    summed["total_count"] = summed["group"].map(totals).astype("int64")
    return summed[["group", "key", "name", "procurements_count", "share_pct", "total_count"]]


def bid_classes(groups: Mapping[str, TenderTables]) -> pd.DataFrame:
    """Count the procurements by how many bids they got: one, two, three or four, five or more.

    A procurement's bids are those of `procurement_bids`. Parameters: `groups`, what a buyer or group is called → its
    rows. Returns one row per group and class: group, name, procurements_count, share_pct of those with at least one
    bid (missing when there is none), total_count (those), without_bid_count and unknown_count. Raises MeasureError on a
    missing column. Source: methods 16.
    """
    rows = []
    for group, tables in groups.items():
        counts = procurement_bids(tables.lots)["bids_count"]
        known = counts.dropna().astype("int64")
        total = int((known > 0).sum())
        for name, (low, high) in BID_CLASSES.items():
            here = int(((known >= low) & (known <= (high or known.max()))).sum())
            rows.append(
                {
                    "group": group,
                    "name": name,
                    "procurements_count": here,
                    "share_pct": here / total * 100 if total else None,
                    "total_count": total,
                    "without_bid_count": int((known == 0).sum()),
                    "unknown_count": len(counts) - len(known),
                }
            )
    columns = ["group", "name", "procurements_count", "share_pct", "total_count", "without_bid_count", "unknown_count"]
    types = {name: "int64" for name in columns if name.endswith("_count")}
    return pd.DataFrame(rows, columns=columns).astype({"group": "str", "name": "str", "share_pct": "float64", **types})


def flag_answers(groups: Mapping[str, TenderTables]) -> pd.DataFrame:
    """Count how coordination and requirements are answered, so that a question hardly filled in is seen to be so.

    Parameters: `groups`, what a buyer or group is called → its rows. Returns one row per question and group: question,
    group, procurements_count, yes_count, no_count and missing_count (they sum to all). Raises MeasureError on a missing
    column. Source: requirement R117.
    """
    rows = []
    for column, question in QUESTIONS.items():
        for group, tables in groups.items():
            require_columns(tables.procurements.columns, names(TENDERS), "flag_answers")
            answers = tables.procurements[column]
            yes, no = (int((answers == answer).fillna(False).sum()) for answer in (1, 0))
            counted = {"procurements_count": len(answers), "yes_count": yes, "no_count": no}
            rows.append({"question": question, "group": group, **counted, "missing_count": len(answers) - yes - no})
    columns = ["question", "group", "procurements_count", "yes_count", "no_count", "missing_count"]
    return pd.DataFrame(rows, columns=columns).astype(
        {name: "int64" if name.endswith("_count") else "str" for name in columns}
    )


def procurement_list(tables: TenderTables) -> pd.DataFrame:
    """List a buyer's procurements with what the other tables say of each: bids, contract value and suppliers.

    Parameters: `tables`, the buyer's rows. Returns one row per announced procurement, the first announced first:
    procurement_id, title, announced_on, cpv_main_name, kind, procedure, lots_count, bids_count (of
    `procurement_bids`), value_ore (sum of those stated, missing when none is) and suppliers_count (missing when none is
    awarded). Raises MeasureError on a missing column.
    """
    require_columns(tables.procurements.columns, names(TENDERS), "procurement_list")
    bids = procurement_bids(tables.lots).set_index("procurement_id")
    values = tables.values.dropna(subset=["value_ore"]).groupby("procurement_id")["value_ore"].sum()
    suppliers = tables.awards.groupby("procurement_id")["supplier_name"].nunique()
    listed = ["procurement_id", "title", "announced_on", "cpv_main_name", "kind", "procedure"]
    found = tables.procurements.sort_values(["announced_on", "procurement_id"], ignore_index=True)[listed]
    further = (
        ("lots_count", bids["lots_count"]), ("bids_count", bids["bids_count"]),
        ("value_ore", values), ("suppliers_count", suppliers),
    )  # fmt: skip
    return found.assign(**{name: found["procurement_id"].map(held).astype("Int64") for name, held in further})
