"""Figures of the ledger that bear out, or speak against, how mature the purchasing is said to be."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import KeyFigure, kronor, percent


def suppliers_per_category(mapped: NativeFrame) -> KeyFigure:
    """Tell how many suppliers a category has, as the median over the categories.

    median of the number of different suppliers per category, over addressable lines with a category. Parameters:
    mapped, lines as `map_categories` returns them. Returns a KeyFigure in suppliers; unknown without such lines.
    Lines that are not addressable are left out and returned.
    """
    needed = ["category_code", "supplier_key", "spend_class", "amount_ore"]
    frame = frames.lazy(mapped, needed, "suppliers_per_category")
    within = (nw.col("spend_class") == "adresserbar") & ~nw.col("category_code").is_null()
    pairs = frames.distinct(frame.filter(within), "category_code", "supplier_key")
    counted = frames.collect_pandas(pairs.group_by("category_code").agg(nw.len().alias("suppliers_count")))
    counts = sorted(int(count) for count in counted["suppliers_count"])
    middle = len(counts) // 2
    median = None
    if counts:
        median = Decimal(counts[middle] + counts[-middle - 1]) / 2
    decided = nw.when(within).then(1).otherwise(0)
    return KeyFigure(
        id="suppliers_per_category",
        label="Leverantörer per kategori, median",
        value=median,
        unit="st",
        method="suppliers_per_category",
        excluded=frames.exclusion("Rader som inte är adresserbara eller saknar kategori", frame.filter(decided == 0)),
        comparison=f"{wording.number_text(len(counts))} kategorier" if counts else "",
        unknown_because="" if counts else "Inga adresserbara rader med kategori i urvalet",
    )


def lou_decided_share(mapped: NativeFrame) -> KeyFigure:
    """Tell for how large a share of the kronor it is decided whether LOU applies.

    share = Σ|amount| with ja or nej × 100 / Σ|amount|. Parameters: mapped, lines as `map_categories` returns them.
    Returns a KeyFigure in percent with the undecided lines as excluded; unknown when every amount is zero.
    """
    frame = frames.lazy(mapped, ["lou_covered", "amount_ore"], "lou_decided_share")
    size = nw.col("amount_ore").abs()
    decided = nw.when(nw.col("lou_covered") == "okänt").then(0).otherwise(1)
    sizes = frames.collect_pandas(
        frame.select(
            size.sum().cast(nw.Int64).alias("all_ore"), (size * decided).sum().cast(nw.Int64).alias("decided_ore")
        )
    )
    whole, part = int(sizes["all_ore"].iloc[0]), int(sizes["decided_ore"].iloc[0])
    value = percent(part, whole)
    return KeyFigure(
        id="lou_decided_share",
        label="Andel av beloppet där LOU är avgjort",
        value=value,
        unit="%",
        method="lou_decided_share",
        numerator=kronor(part),
        denominator=kronor(whole),
        part_unit="SEK",
        excluded=frames.exclusion("Rader där det inte är avgjort om LOU gäller", frame.filter(decided == 0)),
        unknown_because="" if value is not None else "Underlaget har inga belopp skilda från noll",
    )
