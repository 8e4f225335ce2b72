"""Find a category's opportunities as the category analysis does, and write them as the file of a draft case."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from procanalysis.business_case.draft import CategoryFindings, Draft, draft_case
from procanalysis.errors import ParamsError
from procanalysis.measures.categories import in_category
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.opportunities import category_profile, savings_opportunities
from procanalysis.measures.spend import spend_by
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.params.business_case import business_cases_folder
from procanalysis.params.yaml_file import SLUG
from procanalysis.schema import percent

_UNITS_SHOWN = 5


@dataclass(frozen=True)
class DraftFile:
    """Hold where a draft was written, and what it holds."""

    path: Path
    draft: Draft


def draft_path(organisation: str, category: str, slug: str = "", *, replace: bool = False) -> Path:
    """Choose the file of a draft: params/business_cases/<slug>.yml.

    Parameters: organisation and category, which make the slug when none is given ('exempel', '07.06' →
    exempel-07-06); replace, whether a file that exists may be written over. Raises ParamsError when the slug cannot be
    a file name, or there is such a file.
    """
    chosen = slug or f"{organisation}-{category}".replace(".", "-").lower()
    if not SLUG.fullmatch(chosen):
        raise ParamsError(
            f"'{chosen}' cannot be the short name of a case. Give one with --slug: a–z, 0–9 and single hyphens, as in "
            "exempel-it-konsulter."
        )
    path = business_cases_folder() / f"{chosen}.yml"
    if path.exists() and not replace:
        raise ParamsError(
            f"{path.name} exists already. Choose another name with --slug, or write over it with --replace; what has "
            "been filled in is then lost."
        )
    return path


def write_draft(
    organisation: str, category: str, *, slug: str = "", period: str = "", replace: bool = False
) -> DraftFile:
    """Write the opportunities of a category as the file of a draft case.

    Parameters: organisation, its slug; category, a code of its tree; slug, the case's short name, by default made from
    the two; period, by default the organisation file's; replace, whether to write over a file that exists.
    Returns a DraftFile. Raises ParamsError for an unknown category, a bad slug or a file that exists, MappingError when
    no posting of the period is in the category, and what `open_organisation` raises.
    """
    path = draft_path(organisation, category, slug, replace=replace)
    opened = open_organisation(organisation, period)
    draft = draft_case(category_findings(opened, category))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft.text, encoding="utf-8", newline="\n")
    return DraftFile(path, draft)


def category_findings(organisation: Organisation, category: str) -> CategoryFindings:
    """Gather what a draft is written from, with the same calls as the category analysis.

    Parameters: organisation, opened for the period; category, a code of its tree. Returns CategoryFindings. Raises
    ParamsError for an unknown category, MappingError when it has no postings.
    """
    code, name = organisation.category(category)
    lines: NativeFrame = in_category(organisation.lines, code)
    params, chosen = organisation.params, organisation.params.reports
    profile = category_profile(lines, small_invoice_limit_ore=chosen.small_invoice_limit_ore)
    return CategoryFindings(
        organisation=params.slug,
        fictional=params.fictional,
        category_code=code,
        category_name=name,
        period=organisation.period.label,
        period_name=organisation.period_name,
        months=organisation.period.months,
        starts_on=organisation.next_day,
        spend_ore=profile.amount_ore,
        suppliers_count=profile.positive_suppliers_count,
        opportunities=savings_opportunities(
            lines,
            handling_cost_ore=chosen.invoice_handling_cost_ore,
            small_invoice_limit_ore=chosen.small_invoice_limit_ore,
            months_covered=organisation.period.months,
            small_supplier_saving_pct=chosen.small_supplier_saving_pct,
            coordination_saving_pct=chosen.coordination_saving_pct,
        ),
        assumptions={
            "invoice_handling_cost_sek": chosen.invoice_handling_cost_sek,
            "small_supplier_saving_pct": chosen.small_supplier_saving_pct,
            "coordination_saving_pct": chosen.coordination_saving_pct,
        },
        units=_largest_units(lines),
    )


def _largest_units(lines: NativeFrame) -> tuple[tuple[str, Decimal], ...]:
    """List the units that buy most, with their share of what all buying units buy."""
    units = spend_by(lines, "unit").dropna(subset="unit")
    buying = units[units["amount_ore"] > 0]
    total = int(buying["amount_ore"].sum())
    named = zip(buying["unit_name"], buying["amount_ore"], strict=True)
    shares = [(str(name), percent(int(amount), total)) for name, amount in named]
    return tuple((name, share) for name, share in shares[:_UNITS_SHOWN] if share is not None)
