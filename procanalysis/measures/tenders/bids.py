"""How many bids came: per lot, and per procurement so that one with many lots does not decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames
from procanalysis.measures.tenders.comparison import TOO_FEW
from procanalysis.measures.tenders.shares import NO_BIDS, counted_share, left_out
from procanalysis.schema import LOTS, KeyFigure, names, require_columns

_PER = {"lot": "anbudsområde", "procurement": "upphandling"}
_UNKNOWN = {
    "lot": "Antalet anbud är inte angivet",
    "procurement": "Antalet anbud är inte angivet för något av upphandlingens anbudsområden",
}
_NO_BID = "Inget anbud kom in"


@dataclass(frozen=True)
class BidCounts:
    """Hold the known numbers of bids in order, per lot or per procurement, and of how many the number is unknown."""

    per: str
    known: tuple[int, ...]
    unknown: int


def bid_counts(lots: pd.DataFrame, *, per: str) -> BidCounts:
    """Count the bids per lot or per procurement once, for several of the measures below.

    Parameters: `lots`, schema.LOTS, the rows chosen; `per`, lot or procurement (then as `procurement_bids`). Returns
    BidCounts. Raises MeasureError on a missing column or another `per`. Source: methods 16.
    """
    return _counts(lots, per, "bid_counts")


def procurement_bids(lots: pd.DataFrame) -> pd.DataFrame:
    """Tell how many bids each procurement got: the median of its lots, the lower one of two.

    A procurement with eighty lots thereby counts once, and with a whole number of bids that some lot really got.
    Parameters: `lots`, schema.LOTS. Returns one row per procurement in the order of its number: procurement_id,
    lots_count, known_count (lots whose bids are stated), bids_count (missing when none is), fewest_bids, most_bids.
    Raises MeasureError on a missing column. Source: methods 16.
    """
    require_columns(lots.columns, names(LOTS), "procurement_bids")
    typed = frames.with_types(lots[["procurement_id", "bids_count"]], {"bids_count": "Int64"})
    grouped = typed.groupby("procurement_id", sort=True)["bids_count"]
    counted = grouped.agg(["size", "count", "min", "max"])
    found = pd.DataFrame(
        {
            "lots_count": counted["size"],
            "known_count": counted["count"],
            "bids_count": grouped.quantile(0.5, interpolation="lower"),
            "fewest_bids": counted["min"],
            "most_bids": counted["max"],
        }
    ).reset_index()
    types = {"lots_count": "int64", "known_count": "int64"}
    return frames.with_types(found, types | dict.fromkeys(["bids_count", "fewest_bids", "most_bids"], "Int64"))


def mean_bids(lots: pd.DataFrame | BidCounts, *, per: str) -> KeyFigure:
    """Reckon the mean number of bids per lot or per procurement.

    mean = bids / lots with known bids, or the sum of `procurement_bids` / procurements with known bids. Parameters:
    `lots`, schema.LOTS, the rows chosen, or what `bid_counts` made of them; `per`, lot or procurement. Returns a
    KeyFigure in bids; those where the number is not stated are left out and counted. Raises MeasureError on a missing
    column or another `per`. Source: methods 16; what Upphandlingsmyndigheten publishes per procurement is per lot in
    its own data.
    """
    counted = _counts(lots, per, "mean_bids")
    counts, unknown = counted.known, counted.unknown
    total = sum(counts)
    return KeyFigure(
        id=f"mean_bids_per_{per}",
        label=f"Anbud per {_PER[per]}, medel",
        value=Decimal(total) / len(counts) if counts else None,
        unit="st",
        method="mean_bids",
        numerator=Decimal(total) if counts else None,
        denominator=Decimal(len(counts)) if counts else None,
        part_unit="st",
        excluded=left_out({_UNKNOWN[per]: unknown}),
        unknown_because="" if counts else NO_BIDS,
    )


def median_bids(lots: pd.DataFrame | BidCounts, *, per: str) -> KeyFigure:
    """Find the median number of bids per lot or per procurement; between the two middle ones when they are two.

    Parameters, exclusions and errors: as `mean_bids`. Returns a KeyFigure in bids, with the number of lots or
    procurements as the denominator. Source: methods 16.
    """
    counted = _counts(lots, per, "median_bids")
    counts, unknown = counted.known, counted.unknown
    return KeyFigure(
        id=f"median_bids_per_{per}",
        label=f"Anbud per {_PER[per]}, median",
        value=_quantile(counts, 2) if counts else None,
        unit="st",
        method="median_bids",
        denominator=Decimal(len(counts)) if counts else None,
        part_unit="st",
        excluded=left_out({_UNKNOWN[per]: unknown}),
        unknown_because="" if counts else NO_BIDS,
    )


def few_bids_share(lots: pd.DataFrame | BidCounts, *, per: str, most: int = 1) -> KeyFigure:
    """Tell how large a share of the lots or procurements got few bids: one, or one or two.

    share = those with 1 to `most` bids × 100 / those with at least one. Parameters: `lots`, schema.LOTS, the rows
    chosen, or what `bid_counts` made of them; `per`, lot or procurement (then the bids of `procurement_bids`); `most`,
    1 or 2. Returns a KeyFigure in percent; those without a bid, or where the number is not stated, are left out and
    counted. Raises MeasureError on a missing column or another value. Source: methods 16; every fifth procurement got
    one bid in 2022.
    """
    if most not in (1, 2):
        raise MeasureError(f"few_bids_share: most is {most}. Give 1 or 2.")
    counted = _counts(lots, per, "few_bids_share")
    counts, unknown = counted.known, counted.unknown
    with_bids = [count for count in counts if count]
    return counted_share(
        "few_bids_share",
        _label(per, most),
        sum(count <= most for count in with_bids),
        len(with_bids),
        excluded={_NO_BID: len(counts) - len(with_bids), _UNKNOWN[per]: unknown},
        unknown_because="" if with_bids else NO_BIDS,
        figure_id=f"{'single_bid' if most == 1 else 'one_or_two_bids'}_share_per_{per}",
    )


def bid_summary(groups: Mapping[str, pd.DataFrame], *, per: str, fewest: int = 20) -> pd.DataFrame:
    """Describe how many bids came in several groups: mean, quartiles, and who has too few to be compared.

    Parameters: `groups`, what a group is called → its schema.LOTS; `per`, lot or procurement; `fewest`, lots or
    procurements with known bids below which a group is not to be compared. Returns one row per group: group,
    units_count (lots or procurements with known bids), unknown_count, bids_count (their sum), mean_bids,
    lower_quartile, median_bids, upper_quartile and most_bids (missing when nothing is known), caution (TOO_FEW or
    empty). Raises MeasureError on a missing column, another `per` or a `fewest` below 1. Source: methods 16.
    """
    if fewest < 1:
        raise MeasureError(f"bid_summary: fewest is {fewest}. Give at least 1.")
    rows = []
    for group, lots in groups.items():
        counted = _counts(lots, per, "bid_summary")
        counts, unknown = counted.known, counted.unknown
        rows.append(
            {
                "group": group,
                "units_count": len(counts),
                "unknown_count": unknown,
                "bids_count": sum(counts),
                "mean_bids": sum(counts) / len(counts) if counts else None,
                **{
                    name: float(_quantile(counts, quarter)) if counts else None
                    for name, quarter in (("lower_quartile", 1), ("median_bids", 2), ("upper_quartile", 3))
                },
                "most_bids": max(counts, default=None),
                "caution": TOO_FEW if len(counts) < fewest else "",
            }
        )
    types = {
        "group": "str", "units_count": "int64", "unknown_count": "int64", "bids_count": "int64", "mean_bids": "float64",
        "lower_quartile": "float64", "median_bids": "float64", "upper_quartile": "float64", "most_bids": "Int64",
        "caution": "str",
    }  # fmt: skip
    return frames.framed(rows, types)


def _label(per: str, most: int) -> str:
    things = {"lot": "Anbudsområden", "procurement": "Upphandlingar"}[per]
    return f"{things} med {'ett anbud' if most == 1 else 'ett eller två anbud'}"


def _counts(lots: pd.DataFrame | BidCounts, per: str, measure: str) -> BidCounts:
    """Count the bids, unless that is done; what is counted per lot cannot stand in for procurements."""
    if per not in _PER:
        raise MeasureError(f"{measure}: bids cannot be counted per '{per}'. {did_you_mean(per, _PER)}")
    if isinstance(lots, BidCounts):
        if lots.per != per:
            raise MeasureError(f"{measure}: the bids are counted per {lots.per}. Give 'per={lots.per}', or the lots.")
        return lots
    require_columns(lots.columns, names(LOTS), measure)
    counted = (lots if per == "lot" else procurement_bids(lots))["bids_count"]
    known = tuple(sorted(counted.dropna().astype("int64").tolist()))
    return BidCounts(per, known, len(counted) - len(known))


def _quantile(ordered: Sequence[int], quarter: int) -> Decimal:
    """Return a quartile of ordered counts, between the two nearest in proportion to the distance."""
    position = Decimal((len(ordered) - 1) * quarter) / 4
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
