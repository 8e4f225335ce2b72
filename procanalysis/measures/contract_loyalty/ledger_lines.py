"""Which article lines tell of which invoice in the ledger: those of the invoice, or else those of its order."""

from __future__ import annotations

import pandas as pd

from procanalysis.measures.contract_loyalty.evidence import LineEvidence

LEDGER_EVIDENCE: tuple[str, ...] = ("invoice_key", "amount_ore", "contracted")
"""What the fifth rung of the loyalty ladder needs of article lines."""


def evidence_by_invoice(*evidence: LineEvidence) -> pd.DataFrame:
    """Lay out the lines that name an invoice, so that no invoice is told of twice.

    Parameters: `evidence`, as line_evidence returns it, what goes first foremost: invoice lines, then order lines. An
    invoice takes its lines from the first that has any for it. Returns invoice_key, amount_ore, contracted, one row per
    line; no rows when no line names an invoice. Source: methods 15.

    >>> lines = pd.DataFrame({"invoice_key": ["a|1", None], "amount_ore": [100, 200], "contracted": ["yes", "no"]})
    >>> evidence_by_invoice(LineEvidence(lines, ""), LineEvidence(lines, ""))["amount_ore"].tolist()
    [100]
    """
    kept: list[pd.DataFrame] = []
    for found in evidence:
        named = found.lines.loc[found.lines["invoice_key"].notna(), list(LEDGER_EVIDENCE)]
        for before in kept:
            named = named[~named["invoice_key"].isin(before["invoice_key"])]
        kept.append(named)
    if not kept:
        return pd.DataFrame({"invoice_key": [], "amount_ore": [], "contracted": []})
    return pd.concat(kept, ignore_index=True)
