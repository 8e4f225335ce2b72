"""Write a category's opportunities as a draft of a business case file, in which nothing is made up.

Each opportunity becomes an alternative of its own, since they overlap and must not be summed. An alternative whose
assumption nobody has given is written as a comment with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import yaml

from procanalysis.measures.opportunities import Opportunity
from procanalysis.schema import percent

NOT_SHARED = "Inte fördelat"
"""Who realises a gain until a person has said it."""

FILL_IN = "FILL_IN"
_DECIMALS = Decimal("0.000001")
_HORIZON_YEARS = 5
_RATE_PCT = "2.5"
_RATE_SOURCE = "SKR:s internränta för 2025, som grund; den är ingen riskjusterad kalkylränta"
_RANGE = f"{{low: {FILL_IN}, likely: {FILL_IN}, high: {FILL_IN}, evidence: {FILL_IN}}}"


@dataclass(frozen=True, kw_only=True)
class CategoryFindings:
    """Hold what a draft is written from: whose category, its numbers of today, and what was found in it.

    `months` is the length of the period. `suppliers_count` counts suppliers with purchases above zero, `spend_ore` is
    the category's net sum. `assumptions` are the organisation file's, by their keys there, None where not given.
    `units` are the largest buyers with their share in percent.
    """

    organisation: str
    fictional: bool
    category_code: str
    category_name: str
    period: str
    period_name: str
    months: int
    starts_on: date
    spend_ore: int
    suppliers_count: int
    opportunities: tuple[Opportunity, ...]
    assumptions: Mapping[str, Decimal | None]
    units: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Draft:
    """Hold the text of a draft, the titles of its alternatives, and what was left out of them with the reason."""

    text: str
    alternatives: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Plan:
    """Say which lever an opportunity becomes: what the ledger tells of it, and what must be assumed."""

    lever_id: str
    kind: str
    lever_title: str
    benefit: str
    known: str
    assumed: str
    assumption: str


_PLANS: dict[str, _Plan] = {
    "fewer_invoices": _Plan(
        "invoice_time", "e_commerce", "Mindre tid för fakturor", "time",
        "invoices_removed", "cost_per_invoice_sek", "invoice_handling_cost_sek",
    ),
    "small_suppliers": _Plan(
        "established_prices", "coordination", "Lägre pris hos de etablerade leverantörerna", "cash",
        "coordinated_share_pct", "price_effect_pct", "small_supplier_saving_pct",
    ),
    "single_unit_suppliers": _Plan(
        "common_prices", "coordination", "Lägre pris vid gemensamt köp", "cash",
        "coordinated_share_pct", "price_effect_pct", "coordination_saving_pct",
    ),
    "undecided_lou": _Plan(
        "competition", "renegotiation", "Lägre pris i konkurrens", "cash",
        "affected_share_pct", "price_effect_pct", "",
    ),
}  # fmt: skip
"""Opportunity → its lever. The formulas are the same: a volume × a price effect, or a number × a cost."""


def draft_case(found: CategoryFindings) -> Draft:
    """Write the draft of a business case.

    Parameters: found. Returns a Draft whose text can be opened as a business case when at least one of its
    alternatives is not left out. Every text that comes from data is quoted. Source: requirements R101, R102.
    """
    written: list[str] = []
    waiting: list[str] = []
    alternatives, left_out = [], []
    for each in found.opportunities:
        plan = _PLANS[each.id]
        known, evidence, unknown = _known(each, found)
        assumed = found.assumptions.get(plan.assumption)
        if _is_empty(each):
            reason = each.unknown_because or each.reckoning
            left_out.append((each.name, reason))
            waiting += ["", f"  # Not found in this category: {_quoted(each.name)}", f"  # ({_quoted(reason)})"]
            continue
        block = _alternative(each, plan, found, (known, assumed), evidence)
        if known is not None and assumed is not None:
            alternatives.append(each.name)
            written += ["", *block]
        else:
            reason = unknown or each.unknown_because
            left_out.append((each.name, reason))
            waiting += ["", *_left_out_because(plan, reason), *_commented(block)]
    lines = [*_head(found), "alternatives:", *written, *waiting, "", *_foot(bool(alternatives))]
    return Draft("\n".join(lines) + "\n", tuple(alternatives), tuple(left_out))


def _is_empty(opportunity: Opportunity) -> bool:
    """Tell whether the category analysis found nothing of the kind."""
    return opportunity.numerator <= 0 if opportunity.part_unit == "st" else opportunity.volume_ore <= 0


def _known(opportunity: Opportunity, found: CategoryFindings) -> tuple[Decimal | None, str, str]:
    """Return what the ledger tells: how many invoices a year, or how large a share of today's purchases.

    With it comes what it rests on, and why it is unknown when it is.
    """
    evidence = f"Kategorianalys, {found.period_name}: {opportunity.reckoning}"
    if opportunity.id == "fewer_invoices":
        per_year = round(opportunity.numerator * 12 / found.months)
        if found.months != 12:
            evidence += f", omräknat till tolv månader från {found.months}"
        return Decimal(per_year), evidence, ""
    if found.spend_ore < max(opportunity.volume_ore, 1):
        return None, evidence, "Kategorins nettobelopp är lägre än den berörda volymen, så andelen kan inte räknas ut"
    return percent(opportunity.volume_ore, found.spend_ore), evidence, ""


def _head(found: CategoryFindings) -> list[str]:
    code, name = _quoted(found.category_code), found.category_name
    return [
        f"# Draft, written by 'procanalysis case draft' for category {code} of {found.organisation}.",
        "# It holds what the category analysis has found and what the organisation file assumes, and nothing else.",
        "# Go through every FILL IN before anyone decides on it:",
        "#   1. the question, who decides, and the role that has written the case",
        "#   2. what it costs: no cost is known here, so every result is too high until costs are given",
        "#   3. who realises what",
        "#   4. ranges: an assumption is one value here. Where you know more, write low, likely and high instead",
        "# A block that begins with # in the first column is not read: fill it in and take away '# ' in front of each",
        f"# of its lines. Every key is explained in docs/own-business-case.md. Check: procanalysis check "
        f"{found.organisation}",
        "",
        "# FILL IN: a title of your own, and the question to decide.",
        f"title: {_quoted(f'Utkast: möjligheter i {name}')}",
        f"organisation: {_quoted(found.organisation)}",
        *(["fictional: true"] if found.fictional else []),
        "question: "
        + _quoted(
            f"Vilka möjligheter i kategorin {name} ska tas till vara? Detta är ett utkast: kostnader saknas, så "
            "resultaten är för höga."
        ),
        f"# decision_by: {FILL_IN} # who decides",
        f"# author: {FILL_IN} # a role, not a name",
        "# FILL IN: when year 0 begins (here the day after the period), and how many years to look ahead.",
        f"starts_on: {found.starts_on.isoformat()}",
        f"horizon_years: {_HORIZON_YEARS}",
        "# FILL IN: the rate that your organisation has decided, and where that is written.",
        f"discount_rate: {{pct: {_RATE_PCT}, source: {_quoted(_RATE_SOURCE)}}}",
        "price_basis: fasta priser # or löpande priser: rate and amounts on the same basis",
        "baseline:",
        f"  category: {code}",
        f"  period: {_quoted(found.period)}",
        "# FILL IN, where known: how the purchases change by themselves, and how much of a promised gain comes true.",
        "# do_nothing:",
        f"#   yearly_change_pct: {_RANGE}",
        f"# realisation_rate_pct: {_RANGE} # or {{from_track_record: true}}",
        "",
        "# The alternatives overlap: the same purchase can be counted in two of them. They are compared, never summed.",
    ]


def _alternative(
    opportunity: Opportunity,
    plan: _Plan,
    found: CategoryFindings,
    drivers: tuple[Decimal | None, Decimal | None],
    evidence: str,
) -> list[str]:
    known, assumed = drivers
    stated = f"Antagande i organisationsfilen ({plan.assumption})"
    must_be_true = [opportunity.assumption, "Kostnaderna är angivna. I utkastet saknas de."]
    text = f"{opportunity.reckoning}. Utkast: kostnader saknas, så resultatet är för högt."
    return [
        f"  - id: {opportunity.id}",
        f"    title: {_quoted(opportunity.name)}",
        f"    text: {_quoted(text)}",
        "    levers:",
        *_lever(plan, found, {plan.known: (known, evidence), plan.assumed: (assumed, stated)}),
        *(_fewer_suppliers(opportunity, found) if opportunity.id == "small_suppliers" else []),
        "    # FILL IN: what it costs, and what can go wrong. Nothing is known of it here.",
        *_commented(
            [
                "    one_off_costs: # kind: investment, change, exit or dual_running",
                f"      - {{title: {FILL_IN}, kind: change, year: 0, sek: {_RANGE}}}",
                "    running_costs:",
                f"      - {{title: {FILL_IN}, sek: {_RANGE}}}",
                "    risks: # likelihood and consequence from 1 to 5",
                f"      - {{text: {FILL_IN}, likelihood: {FILL_IN}, consequence: {FILL_IN}, action: {FILL_IN}}}",
            ]
        ),
        "    must_be_true:",
        *(f"      - {_quoted(words)}" for words in must_be_true if words),
    ]


def _lever(plan: _Plan, found: CategoryFindings, drivers: Mapping[str, tuple[Decimal | None, str]]) -> list[str]:
    by_time = "Time is money only when it is released: then write cash."
    return [
        f"      - id: {plan.lever_id}",
        f"        kind: {plan.kind}",
        f"        title: {_quoted(plan.lever_title)}",
        f"        benefit: {plan.benefit}{f' # {by_time}' if plan.benefit == 'time' else ''}",
        "        drivers: # FILL IN: {low: …, likely: …, high: …, evidence: …} where the value is not certain",
        *(f"          {name}: {_estimate(*given)}" for name, given in drivers.items()),
        "        # FILL IN: percent of the gain per year from year 1. Without it the whole gain counts from year 1.",
        *_commented([f"        phase_in_pct: [{FILL_IN}, 100]"]),
        "        # FILL IN: which units realise the gain, in percent that sum to exactly 100.",
        *([f"        # Buy most of the category: {_buyers(found)}"] if found.units else []),
        f"        realised_by: {{{_quoted(NOT_SHARED)}: 100}}",
    ]


def _fewer_suppliers(opportunity: Opportunity, found: CategoryFindings) -> list[str]:
    """Offer the same move as fewer suppliers to look after, which costs an amount that the organisation file lacks."""
    plan = _Plan(
        "supplier_time", "fewer_suppliers", "Mindre tid för leverantörer", "time",
        "suppliers_after", "cost_per_supplier_sek", "",
    )  # fmt: skip
    after = found.suppliers_count - opportunity.numerator
    evidence = f"Kategorianalys, {found.period_name}: {opportunity.reckoning}"
    drivers = {plan.known: (after if after > 0 else None, evidence), plan.assumed: (None, "")}
    return [
        "      # Left out: nobody has said what it costs to look after one supplier for a year.",
        *_commented(_lever(plan, found, drivers)),
    ]


def _left_out_because(plan: _Plan, reason: str) -> list[str]:
    cure = f" in the file, or as reports.{plan.assumption} in the organisation file" if plan.assumption else ""
    return [f"  # Left out: {_quoted(reason)}", f"  # FILL IN what is unknown{cure}."]


def _foot(is_whole: bool) -> list[str]:
    cannot_yet = [
        "# No alternative above can be reckoned yet, so this file is refused until one of them is filled in.",
        "",
    ]
    return [
        *([] if is_whole else cannot_yet),
        "# Other levers (contract_loyalty, standardised_assortment, other) and correlations between what is uncertain",
        "# are described in docs/own-business-case.md.",
    ]


def _estimate(value: Decimal | None, evidence: str) -> str:
    if value is None:
        return _RANGE
    return f"{{value: {_number(value)}, evidence: {_quoted(evidence)}}}"


def _number(value: Decimal) -> str:
    """Write a number as the case file takes it, with six decimals at most and no more zeros than needed.

    >>> _number(Decimal("12.3456784")), _number(Decimal("250.00")), _number(Decimal(1000))
    ('12.345678', '250', '1000')
    """
    rounded = value.quantize(_DECIMALS) if value != value.to_integral_value() else value.to_integral_value()
    return format(rounded.normalize(), "f")


def _buyers(found: CategoryFindings) -> str:
    return ", ".join(f"{_quoted(unit)} {_number(round(share, 1))} %" for unit, share in found.units)


def _commented(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" for line in lines]


def _quoted(text: str) -> str:
    r"""Quote a text on one line, so that no sign in it can be anything but text, in a value or in a comment.

    >>> print(_quoted('Läkemedel: "A"\n# B'))
    "Läkemedel: \"A\"\n# B"
    """
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=sys.maxsize)
    return quoted.rstrip("\n")
