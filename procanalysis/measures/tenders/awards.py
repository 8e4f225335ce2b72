"""Who was awarded: small and medium firms, and suppliers in the county."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from procanalysis.measures.tenders.shares import NO_AWARDS, counted_share
from procanalysis.schema import SUPPLIER_SIZES, TENDER_AWARDS, KeyFigure, names, require_columns

SMALL_AND_MEDIUM = ("micro", "small", "medium", "small_or_medium")
"""The sizes that certainly are small or medium; 'unclear' may be."""

_NO_SIZE = "Leverantörens storlek är inte angiven"
_NO_COUNTY = "Leverantörens län är inte angivet"


@dataclass(frozen=True)
class SmeShare:
    """Hold a share between two limits: without and with the firms that may be small or medium, or large.

    The two are the same when the size of every firm is clear.
    """

    lowest: KeyFigure
    highest: KeyFigure


def sme_award_share(awards: pd.DataFrame) -> SmeShare:
    """Tell how large a share of the contracted bids were micro, small and medium firms'.

    lowest = certainly small or medium × 100 / all with a known size; highest counts the firms with 200–499 employees
    in, among which the EU's limit of 250 lies. Parameters: `awards`, schema.TENDER_AWARDS, the rows chosen. Returns
    both as KeyFigures in percent of contracted bids; those of suppliers of unknown size are left out and counted.
    Raises MeasureError on a missing column. Source: methods 16 and 17.
    """
    require_columns(awards.columns, names(TENDER_AWARDS), "sme_award_share")
    counts = {size: _bids(awards[awards["supplier_size"] == size]) for size in SUPPLIER_SIZES}
    known, certain = sum(counts.values()), sum(counts[size] for size in SMALL_AND_MEDIUM)
    because = "" if known else _NO_SIZE if len(awards) else NO_AWARDS

    def figure(numerator: int, figure_id: str, label: str) -> KeyFigure:
        return counted_share(
            "sme_award_share",
            label,
            numerator,
            known,
            excluded={_NO_SIZE: _bids(awards) - known},
            unknown_because=because,
            figure_id=figure_id,
        )

    return SmeShare(
        figure(certain, "sme_award_share", "Kontrakterade anbud från små och medelstora företag"),
        figure(
            certain + counts["unclear"],
            "sme_award_share_highest",
            "Kontrakterade anbud från små och medelstora företag, högst",
        ),
    )


def awards_by_size(awards: pd.DataFrame) -> pd.DataFrame:
    """Count the contracted bids and suppliers per size of firm, the unknown too.

    Parameters: `awards`, schema.TENDER_AWARDS. Returns one row per size in order: supplier_size (missing where not
    stated), name in Swedish, bids_count (they sum to all), suppliers_count (those that can be told apart), share_pct
    of all contracted bids. Raises MeasureError on a missing column. Source: methods 16 and 17.
    """
    require_columns(awards.columns, names(TENDER_AWARDS), "awards_by_size")
    total = _bids(awards)
    rows = []
    for size, name in [*SUPPLIER_SIZES.items(), (None, "Uppgift saknas")]:
        of_size = awards[awards["supplier_size"].isna() if size is None else awards["supplier_size"] == size]
        bids = _bids(of_size)
        rows.append((size, name, bids, of_size["supplier_key"].nunique(), bids / total * 100 if total else 0.0))
    columns = ["supplier_size", "name", "bids_count", "suppliers_count", "share_pct"]
    types = dict(zip(columns, ("str", "str", "int64", "int64", "float64"), strict=True))
    return pd.DataFrame(rows, columns=columns).astype(types)


def regional_award_share(awards: pd.DataFrame, *, county: str) -> KeyFigure:
    """Tell how large a share of the contracted bids were those of suppliers in the county.

    share = contracted bids of suppliers in the county × 100 / those of suppliers whose county is stated. Parameters:
    `awards`, schema.TENDER_AWARDS, the rows chosen; `county`, as the source writes it, case ignored. Returns a
    KeyFigure in percent; unknown when the source states no county. Raises MeasureError on a missing column. Source:
    methods 17: a regional supplier has a place of business in the county.
    """
    require_columns(awards.columns, names(TENDER_AWARDS), "regional_award_share")
    stated = awards.dropna(subset=["supplier_county"])
    theirs = stated["supplier_county"].str.strip().str.casefold() == county.strip().casefold()
    because = "" if len(stated) else "Källan anger inte leverantörernas län" if len(awards) else NO_AWARDS
    return counted_share(
        "regional_award_share",
        f"Kontrakterade anbud från leverantörer i {county}",
        _bids(stated[theirs]),
        _bids(stated),
        excluded={_NO_COUNTY: _bids(awards) - _bids(stated)},
        unknown_because=because,
    )


def _bids(awards: pd.DataFrame) -> int:
    return int(awards["contracted_count"].sum())
