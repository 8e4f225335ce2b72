"""The curve of suppliers: how few of them stand for most of the spend."""

from __future__ import annotations

import pandas as pd

from procanalysis.report.markup import Part
from procanalysis.report.parts import figure
from procanalysis.report.words import first_row, words
from procanalysis.schema import Source

_NO_SUPPLIER = "Ingen leverantör har nettobelopp över noll"


def supplier_curve(curve: pd.DataFrame, *, period: str, source: Source) -> Part:
    """Show the share of spend that the largest suppliers reach together, and mark the point that is asked for.

    Parameters: curve, as `pareto_curve` returns it; period, in words. Without a supplier above zero there is no curve,
    and the part says so.
    """
    point = first_row(curve[curve["is_point"]]) if len(curve) else {}
    rank, share = point.get("rank"), point.get("cumulative_pct")
    suppliers = curve["rank"].max() if len(curve) else None
    noun = "leverantör" if suppliers == 1 else "leverantörer"
    reach = f"{{rank}} av {{suppliers}} {noun} står för {{share_pct}} av beloppet"
    given = {"rank": rank, "suppliers": suppliers, "share_pct": share}
    return figure(
        curve,
        kind="cumulative",
        label="rank",
        value="cumulative_pct",
        source=source,
        reference=(rank, words(f"{{rank}} {noun}: {{share_pct}}", rank=rank, share_pct=share)) if rank else None,
        title=words(reach, otherwise=_NO_SUPPLIER, **given),
        subtitle=words("Ackumulerad andel av beloppet, störst leverantör först, {period}", period=period),
        alt=words(f"Kurva över ackumulerad andel. {reach}.", otherwise=_NO_SUPPLIER, **given),
        sheet="Leverantörskurva",
    )
