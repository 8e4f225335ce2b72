"""What the data say of the indicators of a model: figures of ledger and registers, and reported values with source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

import pandas as pd

from procanalysis.measures import (
    contract_register,
    coverage,
    follow_ups,
    invoices,
    loyalty,
    procurement_plan,
    quality,
    spend,
    suppliers,
    wording,
)
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.ledger_evidence import lou_decided_share, suppliers_per_category
from procanalysis.measures.maturity import evidence_level
from procanalysis.organisation import Organisation
from procanalysis.params.assessment import AssessmentModel, AssessmentParams
from procanalysis.schema import KeyFigure
from procanalysis.version import code_digest


@dataclass(frozen=True)
class LedgerEvidence:
    """Hold what ledger and registers tell of purchasing, by the measure's name, and where it comes from."""

    figures: Mapping[str, KeyFigure] = field(default_factory=dict)
    source_text: str = ""
    preparation: str = ""


class _Days(TypedDict):
    starts_on: date
    ends_on: date


def _days(org: Organisation) -> _Days:
    return {"starts_on": org.period.starts_on, "ends_on": org.period.ends_on}


def _without_investments(org: Organisation) -> NativeFrame | loyalty.LoyaltyBase:
    """Return what loyalty is measured on, alike for all organisations whatever their own reports take in."""
    return org.lines if org.params.reports.loyalty.include_investments else org.covered_purchases


_Measure = Callable[[Organisation], KeyFigure]
_FROM_LEDGER: dict[str, _Measure] = {
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
_FROM_CONTRACTS: dict[str, _Measure] = {
    "supplier_loyalty": lambda org: loyalty.supplier_loyalty(_without_investments(org)),
    "category_loyalty": lambda org: loyalty.category_loyalty(_without_investments(org)),
    "contract_register_quality": lambda org: contract_register.contract_register_quality(
        org.contracts, org.scopes, as_of=org.as_of, matched=org.lines
    ),
}
_FROM_FOLLOW_UPS: dict[str, _Measure] = {
    # Against what was planned: a goal of the organisation's own cannot be judged by thresholds that are for all.
    "follow_ups_done": lambda org: follow_ups.follow_ups_done(org.follow_ups, **_days(org)),
}
_FROM_PROCUREMENTS: dict[str, _Measure] = {
    "single_bid_share": lambda org: procurement_plan.single_bid_share(org.procurements, **_days(org)),
    "finished_as_planned": lambda org: procurement_plan.finished_as_planned(
        org.procurements, as_of=org.as_of, **_days(org)
    ),
}
MEASURES: dict[str, dict[str, _Measure]] = {
    "Leverantörsreskontran": _FROM_LEDGER,
    "Leverantörsreskontran och avtalsregistret": _FROM_CONTRACTS,
    "Uppföljningsregistret": _FROM_FOLLOW_UPS,
    "Förteckningen över upphandlingar": _FROM_PROCUREMENTS,
}
"""The measures that an indicator of a model can name, by what they are reckoned from."""

FROM_REGISTERS = frozenset({*_FROM_CONTRACTS, *_FROM_FOLLOW_UPS, *_FROM_PROCUREMENTS})
"""The measures that need a register besides the ledger, or instead of it."""
_SOURCES = {name: source for source, measures in MEASURES.items() for name in measures}
_TOLD_WITH_COMPARISON = frozenset(_FROM_CONTRACTS)
"""The figures whose comparison says how far they hold: an interval, or what could not be tested."""


class _ReckonedWhenAsked(Mapping[str, KeyFigure]):
    """Map a measure's name to its figure, reckoned when it is first asked for: few reports ask for all of them."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._measures = {name: measure for measures in MEASURES.values() for name, measure in measures.items()}
        self._reckoned: dict[str, KeyFigure] = {}

    def __getitem__(self, name: str) -> KeyFigure:
        if name not in self._reckoned:
            self._reckoned[name] = self._measures[name](self._organisation)
        return self._reckoned[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._measures)

    def __len__(self) -> int:
        return len(self._measures)


def ledger_evidence(organisation: Organisation) -> LedgerEvidence:
    """Give every measure that a model can name, from an opened organisation; each is reckoned when it is asked for."""
    return LedgerEvidence(
        _ReckonedWhenAsked(organisation),
        f"{'Reskontra' if organisation.registers.empty else 'Reskontra och register'} för "
        f"{organisation.period_name}, belopp exklusive moms.",
        f"{organisation.folder.name} {code_digest('measures')}",
    )


def _reckoned(figure: KeyFigure, *, with_comparison: bool) -> str:
    """Write what a figure is a share of, and how far it holds."""
    told = figure.comparison if with_comparison else ""
    if figure.numerator is None or figure.denominator is None:
        return told
    unit, parts = figure.part_unit, (figure.numerator, figure.denominator)
    if unit == "SEK":
        numerator, denominator = (wording.number_text(part / 1_000_000, 1) for part in parts)
        unit = "mnkr"
    else:
        numerator, denominator = (wording.number_text(part) for part in parts)
    return "; ".join(filter(None, [f"{numerator} av {denominator} {unit}", told]))


def evidence_frame(params: AssessmentParams, model: AssessmentModel, ledger: LedgerEvidence) -> pd.DataFrame:
    """Collect each indicator's value, the level that it supports, its source, how far it holds, and what is missing.

    A reported value is shown as reported; where ledger or registers tell the same, theirs holds.
    """
    reported = {each.indicator: each for each in params.reported}
    rows: list[dict[str, Any]] = []
    for identity, indicator in model.indicators.items():
        figure = ledger.figures.get(indicator.ledger) if indicator.ledger else None
        told = reported.get(identity)
        value: Decimal | None = None
        source, qualifier, missing, note = "", "", "", ""
        if figure is not None and figure.value is not None:
            value, source = figure.value, _SOURCES[indicator.ledger]
            note = _reckoned(figure, with_comparison=indicator.ledger in _TOLD_WITH_COMPARISON)
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
            "why": indicator.why, "note": note,
        })  # fmt: skip
    return pd.DataFrame(rows, dtype=object)
