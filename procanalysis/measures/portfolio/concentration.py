"""How the volume of each category is spread over its suppliers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.portfolio.volumes import SUPPLIER_COLUMNS, per_category_and_supplier, with_types
from procanalysis.schema import percent

UNCATEGORISED = "Okategoriserat"
ANONYMOUS = "en enskild firma"


def category_concentration(
    matched: NativeFrame, level: int = 2, *, taxonomy: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tell how the volume of each category is spread over its suppliers.

    With x the net volumes above zero: herfindahl = Σ (x / Σx)²; effective_suppliers = 1 / herfindahl; cr1 and cr3 =
    the largest and the three largest × 100 / Σx; gini = 2 Σ i·x(i) / (n Σx) - (n + 1) / n, x in rising order.
    Parameters: `matched`, one row per posting; `level` of the tree, 1 for main categories (a branch that ends above
    it counts with its last category); `taxonomy`, the tree with category_path, for the names; without it they are
    taken from the lines. Returns one row per category, largest first, those without a category among them:
    category_code, category_name, amount_ore, lines_count, suppliers_count, positive_ore (Σx),
    positive_suppliers_count, herfindahl, effective_suppliers, cr1_ore, cr1_pct, cr3_ore, cr3_pct, gini,
    largest_supplier (sole traders unnamed) and unknown_because. Raises MeasureError. Source: methods 6;
    requirement R93.

    >>> lines = pd.DataFrame({"category_path": ["05/05.02"] * 5, "category_name": "Städ",
    ...     "supplier_key": list("abcde"),
    ...     "supplier_name": list("ABCDE"), "supplier_type": "company", "invoice_key": list("12345"),
    ...     "amount_ore": [50, 30, 10, 5, 5]})
    >>> category_concentration(lines)[["herfindahl", "cr1_pct", "cr3_pct", "gini"]].iloc[0].map(str).tolist()
    ['0.355', '50', '90', '0.46']
    """
    frame = frames.lazy(matched, SUPPLIER_COLUMNS, "category_concentration")
    volumes, levels = per_category_and_supplier(frame, level, taxonomy)
    rows = []
    for code, group in volumes.groupby("category_code", dropna=False):
        known = None if pd.isna(code) else str(code)
        name = UNCATEGORISED if known is None else levels.names.get(known, known)
        rows.append({"category_code": known, "category_name": name, **spread(group)})
    table = with_types(pd.DataFrame(rows, columns=_COLUMNS, dtype=object))
    frames.check_total("category_concentration", frame, int(table["lines_count"].sum()), int(table["amount_ore"].sum()))
    return frames.by_amount(table, ["category_code"])


_COLUMNS = [
    "category_code", "category_name", "amount_ore", "lines_count", "suppliers_count", "positive_ore",
    "positive_suppliers_count", "herfindahl", "effective_suppliers", "cr1_ore", "cr1_pct", "cr3_ore", "cr3_pct",
    "gini", "largest_supplier", "unknown_because",
]  # fmt: skip


def spread(group: pd.DataFrame) -> dict[str, Any]:
    """Reckon how one category's volume is spread; `group` has a row per supplier, largest first."""
    amounts = [int(amount) for amount in group["amount_ore"] if amount > 0]
    count, total = len(amounts), sum(amounts)
    squares = sum(amount * amount for amount in amounts)
    weighted = sum(rank * amount for rank, amount in enumerate(reversed(amounts), start=1))
    return {
        "amount_ore": int(group["amount_ore"].sum()),
        "lines_count": int(group["lines_count"].sum()),
        "suppliers_count": len(group),
        "positive_ore": total,
        "positive_suppliers_count": count,
        "herfindahl": Decimal(squares) / (total * total) if total else None,
        "effective_suppliers": Decimal(total * total) / squares if total else None,
        "cr1_ore": sum(amounts[:1]),
        "cr1_pct": percent(sum(amounts[:1]), total),
        "cr3_ore": sum(amounts[:3]),
        "cr3_pct": percent(sum(amounts[:3]), total),
        "gini": Decimal(2 * weighted - (count + 1) * total) / (count * total) if total else None,
        "largest_supplier": _shown(group.iloc[0]) if total else None,
        "unknown_because": "" if total else "Ingen leverantör har en nettovolym över noll",
    }


def _shown(supplier: pd.Series[Any]) -> str:
    return ANONYMOUS if supplier["supplier_type"] == "sole_trader" else str(supplier["supplier_name"])
