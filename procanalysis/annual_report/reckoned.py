"""Reckon the measures that an organisation's indicators ask for, with the choices of its organisation file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypedDict

from procanalysis.measures import (
    contract_register,
    coverage,
    direct_awards,
    follow_ups,
    invoices,
    loyalty,
    procurement_plan,
    quality,
    realisation,
    savings,
    suppliers,
)
from procanalysis.organisation import Organisation
from procanalysis.schema import KeyFigure


class _Days(TypedDict):
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class _Opened:
    """Hold an organisation, and what several measures of savings share, reckoned when it is first asked for."""

    org: Organisation

    @property
    def days(self) -> _Days:
        return {"starts_on": self.org.period.starts_on, "ends_on": self.org.period.ends_on}

    @property
    def currency(self) -> str:
        return self.org.params.currency

    @property
    def year(self) -> int:
        return self.org.as_of.year

    @cached_property
    def triage(self) -> savings.SavingTriage:
        choices = self.org.params.reports.savings.method_choices
        return savings.saving_triage(self.org.awards, self.org.bids, self.org.contract_prices, **choices)

    @cached_property
    def carried(self) -> savings.CarryOver:
        counted = self.org.params.reports.savings.counted
        return savings.carry_over(
            self.triage, self.org.awards, self.org.saving_shares, counted=counted, own_name=self.org.params.name
        )

    @cached_property
    def measured(self) -> realisation.Realisation:
        return realisation.realised_savings(
            self.org.awards, self.triage.articles, self.org.priced_purchases, self.org.saving_shares,
            counted=self.org.params.reports.savings.counted, own_name=self.org.params.name, **self.days,
        )  # fmt: skip

    @cached_property
    def rate(self) -> KeyFigure:
        counted, own_name = self.org.params.reports.savings.counted, self.org.params.name
        spent = realisation.contract_spend(self.org.lines, self.org.awards, counted=counted, **self.days)
        estimated = realisation.estimated_realisation(
            self.org.awards, self.triage.procurements, spent, self.org.saving_shares, counted=counted,
            own_name=own_name, measured=self.measured.rows["procurement_id"], **self.days,
        )  # fmt: skip
        return realisation.realisation_rate(
            realisation.realisation_rates(self.measured, estimated), currency=self.currency
        )

    def loyalty_of(self, measure: Callable[..., KeyFigure], **more: object) -> KeyFigure:
        return measure(self.org.covered_purchases, currency=self.currency, **more)


_Measure = Callable[[_Opened], KeyFigure]

_FROM_LEDGER: dict[str, _Measure] = {
    "accepted_share": lambda own: quality.accepted_share(own.org.facts["control"]),
    "mapped_share": lambda own: coverage.mapped_share(own.org.lines, currency=own.currency),
    "small_invoice_share": lambda own: invoices.small_invoice_share(
        own.org.lines, limit_ore=own.org.params.reports.small_invoice_limit_ore, currency=own.currency
    ),
    "supplier_count": lambda own: suppliers.supplier_count(own.org.lines),
    "tail_share": lambda own: suppliers.tail_share(own.org.lines),
}
_FROM_CONTRACTS: dict[str, _Measure] = {
    "supplier_loyalty": lambda own: own.loyalty_of(
        loyalty.supplier_loyalty, target_pct=own.org.params.reports.loyalty.target_pct
    ),
    "category_loyalty": lambda own: own.loyalty_of(loyalty.category_loyalty),
    "late_registered_share": lambda own: own.loyalty_of(loyalty.late_registered_share),
    "spend_without_contract": lambda own: direct_awards.spend_without_contract(
        own.org.lines, currency=own.currency, include_investments=own.org.params.reports.loyalty.include_investments
    ),
    "archived_share": lambda own: contract_register.archived_share(own.org.contracts),
    "contract_register_quality": lambda own: contract_register.contract_register_quality(
        own.org.contracts, own.org.scopes, as_of=own.org.as_of, matched=own.org.lines
    ),
    "follow_ups_done": lambda own: follow_ups.follow_ups_done(
        own.org.follow_ups, yearly_goal=own.org.params.reports.supplier_follow_up.yearly_goal, **own.days
    ),
    "suppliers_followed_up_share": lambda own: follow_ups.suppliers_followed_up_share(
        own.org.lines, own.org.follow_ups, **own.days,
        above_ore=own.org.params.reports.supplier_follow_up.followed_up_above_ore,
    ),
}  # fmt: skip
_FROM_PROCUREMENTS: dict[str, _Measure] = {
    "coordinated_share": lambda own: procurement_plan.coordinated_share(
        own.org.procurements, **own.days, **own.org.params.reports.procurement_plan.coordinated.model_dump()
    ),
    "finished_as_planned": lambda own: procurement_plan.finished_as_planned(
        own.org.procurements, as_of=own.org.as_of, **own.days
    ),
    "planned_share": lambda own: procurement_plan.planned_share(own.org.procurements, **own.days),
    "single_bid_share": lambda own: procurement_plan.single_bid_share(own.org.procurements, **own.days),
}
_FROM_SAVINGS: dict[str, _Measure] = {
    "enabled_saving": lambda own: savings.enabled_saving(own.carried, year=own.year, currency=own.currency),
    "measurable_procurements_share": lambda own: savings.measurable_procurements_share(own.triage, year=own.year),
    "negotiated_saving": lambda own: savings.negotiated_saving(own.triage, year=own.year, currency=own.currency),
    "realisation_rate": lambda own: own.rate,
    "realised_saving": lambda own: realisation.realised_saving(own.measured, currency=own.currency),
    "single_or_two_bids_share": lambda own: savings.single_or_two_bids_share(own.triage, year=own.year),
}

MEASURES: dict[str, _Measure] = _FROM_LEDGER | _FROM_CONTRACTS | _FROM_PROCUREMENTS | _FROM_SAVINGS
"""The measures that can be reckoned from a ledger and its registers, by name; the plan of an assessment is not there.
"""


def reckoned_figures(organisation: Organisation, measures: Collection[str]) -> tuple[KeyFigure, ...]:
    """Reckon measures over an organisation's period, as the other reports of the period do.

    Parameters: organisation, opened; measures, names of schema.INDICATOR_MEASURES. Returns one KeyFigure per measure,
    in their order, each once; none for a measure that ledger and registers cannot tell.
    """
    own = _Opened(organisation)
    return tuple(MEASURES[name](own) for name in dict.fromkeys(measures) if name in MEASURES)
