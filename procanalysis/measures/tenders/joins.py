"""How the tables of tender statistics hang together, counted in both directions."""

from __future__ import annotations

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.tenders.shares import NO_PROCUREMENTS, counted_share
from procanalysis.schema import TENDER_TABLES, TENDERS, KeyFigure, names, require_columns

TABLE_NAMES: dict[str, str] = {
    "procurements": "Upphandlingar",
    "lots": "Anbudsområden med anbud",
    "values": "Kontraktsvärden",
    "awards": "Tilldelningar",
}
_PAIRS = (
    ("procurements", "lots", "procurement_id"),
    ("procurements", "values", "procurement_id"),
    ("procurements", "awards", "procurement_id"),
    ("lots", "awards", "lot_id"),
)


def tender_joins(
    procurements: pd.DataFrame, lots: pd.DataFrame, values: pd.DataFrame, awards: pd.DataFrame
) -> pd.DataFrame:
    """Count how many procurements and lots of each table are found in the others, in both directions.

    Parameters: the four tables of schema.TENDER_TABLES, of everybody or the rows chosen (a procurement may be one
    buyer's in one table and another's in another: then choose after joining). Returns one row per direction: table,
    other_table, table_name and other_name in Swedish, key (procurement_id or lot_id), ids_count, matched_count,
    unmatched_count, unmatched_rows (rows of `table` whose id is not in the other, or is missing), other_buyer_count
    (matched ids for which the two tables name no buyer in common). Raises MeasureError on a missing column.
    """
    tables = dict(zip(TENDER_TABLES, (procurements, lots, values, awards), strict=True))
    for name, table in tables.items():
        require_columns(table.columns, names(TENDER_TABLES[name]), "tender_joins")
    rows = []
    for one, other, key in _PAIRS:
        differing = _other_buyers(tables[one], tables[other], key)
        for here, there in ((one, other), (other, one)):
            ids, theirs = tables[here][key], set(tables[there][key].dropna())
            own = set(ids.dropna())
            rows.append(
                {
                    "table": here,
                    "other_table": there,
                    "table_name": TABLE_NAMES[here],
                    "other_name": TABLE_NAMES[there],
                    "key": key,
                    "ids_count": len(own),
                    "matched_count": len(own & theirs),
                    "unmatched_count": len(own - theirs),
                    "unmatched_rows": int((~ids.astype("object").isin(theirs)).sum()),
                    "other_buyer_count": differing,
                }
            )
    return pd.DataFrame(rows).astype(dict.fromkeys(("table", "other_table", "table_name", "other_name", "key"), "str"))


_WHAT = {
    "lots": ("bids_count", "Upphandlingar med uppgift om anbud"),
    "values": ("value_ore", "Upphandlingar med kontrakterat värde"),
    "awards": ("contracted_count", "Upphandlingar med tilldelad leverantör"),
}


def covered_share(tenders: pd.DataFrame, known: pd.DataFrame, *, what: str) -> KeyFigure:
    """Tell of how large a share of the announced procurements the source says more: bids, value or supplier.

    share = procurements with at least one stated value in the other table × 100 / procurements announced. Parameters:
    `tenders`, schema.TENDERS, the rows chosen; `known`, the other table, of everybody, so that a procurement that
    another buyer concluded is found too; `what`, lots (bids), values or awards. Returns a KeyFigure in percent. Raises
    MeasureError on a missing column or another `what`. Source: methods 16; notices of award are often missing.
    """
    if what not in _WHAT:
        raise MeasureError(f"covered_share: there is no table '{what}'. {did_you_mean(what, _WHAT)}")
    require_columns(tenders.columns, names(TENDERS), "covered_share")
    require_columns(known.columns, names(TENDER_TABLES[what]), "covered_share")
    column, label = _WHAT[what]
    stated = set(known.loc[known[column].notna(), "procurement_id"].tolist())
    return counted_share(
        "covered_share",
        label,
        sum(number in stated for number in tenders["procurement_id"].tolist()),
        len(tenders),
        excluded={},
        unknown_because="" if len(tenders) else NO_PROCUREMENTS,
        figure_id=f"covered_share_{what}",
    )


def _other_buyers(one: pd.DataFrame, other: pd.DataFrame, key: str) -> int:
    pairs = [table[[key, "buyer_number"]].dropna().drop_duplicates() for table in (one, other)]
    both = set(pairs[0][key]) & set(pairs[1][key])
    shared = pairs[0].merge(pairs[1], on=[key, "buyer_number"])
    return len(both - set(shared[key]))
