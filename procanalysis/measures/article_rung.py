"""The fifth rung of the loyalty ladder: what article lines tell of the purchases that reach the fourth."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from procanalysis.measures import wording
from procanalysis.measures.covered_purchases import HIGHEST_RUNG, LoyaltyBase
from procanalysis.measures.splitting import round_parts
from procanalysis.schema import percent, require_columns

NO_ORDER_LINES = "Kan inte mätas utan orderrader eller fakturarader"
NO_LINES_OF_INVOICES = "Kan inte mätas: ingen orderrad eller fakturarad hör till en faktura som når steg fyra"
# Least certain first, since an öre that cannot be split goes to the first.
_KINDS = ("no", "possible", "yes")


@dataclass(frozen=True)
class ArticleRung:
    """Hold the fifth rung: öre and invoices proven and possible, and how much of the fourth rung the lines cover.

    covered_ore is the part of rung_four_ore, proven on rung 4, whose invoices have lines. unknown_because says in
    Swedish why nothing can be told, with every figure 0.
    """

    proven_ore: int
    possible_ore: int
    invoices_proven_count: int
    invoices_possible_count: int
    covered_ore: int
    rung_four_ore: int
    unknown_because: str

    @property
    def told(self) -> str:
        """Why the rung is not measured, or how much of the fourth rung the lines cover."""
        covered = percent(self.covered_ore, self.rung_four_ore)
        if self.unknown_because or covered is None:
            return self.unknown_because
        return f"Rader finns för {wording.percent_text(covered)} av det som är belagt i steg fyra"


def article_rung(base: LoyaltyBase, article_evidence: pd.DataFrame | None, *, as_then: bool = False) -> ArticleRung:
    """Split what each invoice has on rung 4 by what its lines prove.

    An invoice's settled purchases on rung 4 are split in proportion to the net of its lines that are proven, possible
    and not on contract (a kind whose net is below zero counts as nothing), in whole öre by largest remainder; where the
    lines add up to the invoice each part is their net. What has no lines, or lines whose net is not above zero, is
    possible. An invoice is proven when all its lines above zero are, and possible when none of them is not on contract.
    Parameters: `base`, the purchases; `article_evidence`, one row per line with invoice_key, amount_ore and contracted,
    None when there are no lines; `as_then`, as for loyalty_ladder. Returns an ArticleRung, never above rung 4. Raises
    MeasureError when a column is missing. Source: methods 2.2 and 15.
    """
    if article_evidence is None or article_evidence.empty:
        return ArticleRung(0, 0, 0, 0, 0, 0, NO_ORDER_LINES)
    require_columns(article_evidence.columns, ("invoice_key", "amount_ore", "contracted"), "loyalty_ladder")
    invoices = base.on_highest_rung(as_then=as_then)
    joined = invoices.merge(_lines_per_invoice(article_evidence), on="invoice_key")
    if joined.empty:
        return ArticleRung(0, 0, 0, 0, 0, 0, NO_LINES_OF_INVOICES)
    cells, suffix = base.cells(), "_then" if as_then else ""
    bought = {
        word: int(cells["bought_ore"][cells[f"{word}_rung{suffix}"] >= HIGHEST_RUNG].sum())
        for word in ("proven", "possible")
    }
    of_proven = _split(joined["proven_ore"], joined)
    of_possible = _split(joined["possible_ore"] - joined["proven_ore"], joined)
    not_contracted = int(of_proven["no"].sum() + of_possible["no"].sum())
    all_proven = (joined["lowest_proven"] >= HIGHEST_RUNG) & (joined["certain_lines"] == joined["bought_lines"])
    none_possible = (joined["lowest_possible"] >= HIGHEST_RUNG) & (joined["other_lines"] > 0)
    return ArticleRung(
        proven_ore=int(of_proven["yes"].sum()),
        possible_ore=bought["possible"] - not_contracted,
        invoices_proven_count=int(all_proven.sum()),
        invoices_possible_count=int((invoices["lowest_possible"] >= HIGHEST_RUNG).sum() - none_possible.sum()),
        covered_ore=int(joined["proven_ore"].sum()),
        rung_four_ore=bought["proven"],
        unknown_because="",
    )


def _lines_per_invoice(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum the lines per invoice and kind, none below zero, and count those above zero; only where the net is above."""
    kept = lines[lines["invoice_key"].notna()]
    amount = kept["amount_ore"].astype("int64")
    above = amount > 0
    parts = pd.DataFrame(
        {
            "invoice_key": kept["invoice_key"].astype("str"),
            **{kind: amount.where(kept["contracted"] == kind, 0) for kind in _KINDS},
            "net": amount,
            "bought_lines": above.astype("int64"),
            "certain_lines": (above & (kept["contracted"] == "yes")).astype("int64"),
            "other_lines": (above & (kept["contracted"] == "no")).astype("int64"),
        }
    )
    summed = parts.groupby("invoice_key", as_index=False).sum()
    clipped = summed.assign(**{kind: summed[kind].clip(lower=0) for kind in _KINDS})
    return clipped[clipped["net"] > 0].drop(columns="net")


def _split(wholes: pd.Series[int], lines: pd.DataFrame) -> pd.DataFrame:
    """Split each whole by the lines' kinds, so that the parts sum to it."""
    weights = lines[list(_KINDS)]
    total = weights.sum(axis="columns")
    parts = weights.where(total == wholes, 0)
    for kind in _KINDS:
        parts[kind] = parts[kind].where((weights[kind] != total) | (total == wholes), wholes)
    left = (total != wholes) & (wholes != 0) & (weights.max(axis="columns") != total)
    rows = zip(wholes[left].tolist(), weights[left].to_numpy().tolist(), strict=True)
    shared = [round_parts([Fraction(whole * kind, sum(kinds)) for kind in kinds], whole) for whole, kinds in rows]
    if shared:
        parts.loc[left, list(_KINDS)] = shared
    return parts
