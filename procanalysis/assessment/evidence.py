"""What the data say of the indicators of a model: the ledger's own figures, and reported values with their source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.measures import coverage, invoices, quality, spend, suppliers
from procanalysis.measures.ledger_evidence import lou_decided_share, suppliers_per_category
from procanalysis.measures.maturity import evidence_level
from procanalysis.organisation import Organisation
from procanalysis.params.assessment import AssessmentModel, AssessmentParams
from procanalysis.schema import KeyFigure
from procanalysis.version import code_digest


@dataclass(frozen=True)
class LedgerEvidence:
    """Hold what a ledger tells of purchasing, by the indicator's name in the model, and where it comes from."""

    figures: dict[str, KeyFigure] = field(default_factory=dict)
    source_text: str = ""
    preparation: str = ""


MEASURES: dict[str, Callable[[Organisation], KeyFigure]] = {
    # The indicator says 10 000 kr in its name and its thresholds, whatever limit the organisation's reports use.
    "small_invoice_share": lambda org: invoices.small_invoice_share(org.lines, limit_ore=10_000_00),
    "tail_share": lambda org: suppliers.tail_share(org.lines),
    "suppliers_per_category": lambda org: suppliers_per_category(org.lines),
    "mapped_share": lambda org: coverage.mapped_share(org.lines),
    "accepted_share": lambda org: quality.accepted_share(org.facts["control"]),
    "valid_number_share": lambda org: quality.valid_number_share(org.register),
    "lou_decided_share": lambda org: lou_decided_share(org.lines),
    "addressable_share": lambda org: spend.addressable_share(org.lines),
}
"""The measures that an indicator of a model can name."""


def ledger_evidence(organisation: Organisation) -> LedgerEvidence:
    """Reckon every measure that a model can name, from an opened organisation."""
    return LedgerEvidence(
        {name: measure(organisation) for name, measure in MEASURES.items()},
        organisation.source.text,
        f"{organisation.folder.name} {code_digest('measures')}",
    )


def evidence_frame(params: AssessmentParams, model: AssessmentModel, ledger: LedgerEvidence) -> pd.DataFrame:
    """Collect each indicator's value, the level that it supports, its source, and what is missing when it is unknown.

    A reported value is shown as reported; where the ledger tells the same thing, the ledger's figure holds.
    """
    reported = {each.indicator: each for each in params.reported}
    rows: list[dict[str, Any]] = []
    for identity, indicator in model.indicators.items():
        figure = ledger.figures.get(indicator.ledger) if indicator.ledger else None
        told = reported.get(identity)
        value: Decimal | None = None
        source, qualifier, missing = "", "", ""
        if figure is not None and figure.value is not None:
            value, source = figure.value, "Leverantörsreskontran"
        elif told is not None:
            value, source, qualifier = told.value, f"{told.source}, {told.as_of}", told.qualifier
        else:
            missing = f"Behöver {indicator.needs}"
            if figure is not None and figure.unknown_because:
                missing = figure.unknown_because
        level = evidence_level(value, indicator.thresholds, indicator.good, lowest=model.scale.lowest)
        rows.append({
            "indicator_id": identity, "indicator_name": indicator.name, "unit": indicator.unit, "good": indicator.good,
            "qualifier": qualifier, "value": value, "level": level, "source": source, "missing": missing,
            "why": indicator.why,
        })  # fmt: skip
    return pd.DataFrame(rows, dtype=object)
