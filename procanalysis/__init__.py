"""Analyse what Swedish regions and municipalities buy, and report it.

A notebook says `import procanalysis as proc`, opens an organisation, asks one measure per cell, and shows the answer
with one part of a report. Measures are grouped by question: `proc.spend`, `proc.suppliers`, `proc.invoices`,
`proc.quality`, `proc.coverage`, `proc.coding`, `proc.opportunities`, `proc.categories`, `proc.maturity`, `proc.plan`,
`proc.loyalty`, `proc.contract_loyalty`, `proc.contract_register`, `proc.direct_awards`, `proc.portfolio`,
`proc.follow_ups`, `proc.follow_up_choice`, `proc.procurement_plan`, `proc.savings`, `proc.realisation`,
`proc.price_comparison`, `proc.article_prices`, `proc.environment`, `proc.monthly`, `proc.income_statement`,
`proc.internal_control`, `proc.staff`, `proc.tender_measures`, `proc.suggested_categories`, `proc.cases`;
`proc.gap` has the parts that only a gap analysis shows, `proc.contract_parts` those of the contract reports,
`proc.saving_parts` those of the savings report, `proc.month_parts` those of a monthly report, `proc.tender_parts` those
of tenders and competition, `proc.annual_parts` those of an annual report, `proc.indicator_parts` those of a board's
indicators and `proc.case_parts` those of a business case.

Everything is imported when it is first asked for, so that the command line answers at once and a notebook loads only
what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procanalysis.lazy import lazy_names

if TYPE_CHECKING:
    from procanalysis.annual_report import AnnualReport, OrganisationYear, open_annual_report, open_organisation_year
    from procanalysis.assessment import Assessment, open_assessment
    from procanalysis.business_case import BusinessCase, open_business_case
    from procanalysis.errors import ProcanalysisError
    from procanalysis.measures import (
        article_prices,
        categories,
        coding,
        contract_loyalty,
        contract_register,
        coverage,
        direct_awards,
        environment,
        follow_up_choice,
        follow_ups,
        income_statement,
        indicators,
        internal_control,
        invoices,
        loyalty,
        maturity,
        monthly,
        opportunities,
        plan,
        portfolio,
        price_comparison,
        procurement_plan,
        quality,
        realisation,
        savings,
        spend,
        staff,
        suggested_categories,
        suppliers,
        truth_check,
    )
    from procanalysis.measures import business_case as cases
    from procanalysis.measures import tenders as tender_measures
    from procanalysis.measures.categories import in_category, map_categories, preview_rule_change
    from procanalysis.measures.spend import spend_by
    from procanalysis.organisation import Organisation, open_organisation
    from procanalysis.published import Board, open_board
    from procanalysis.read.cpv_categories import read_cpv_categories
    from procanalysis.read.orders import OrderReading, read_orders
    from procanalysis.read.peppol import (
        CatalogueReading,
        InvoiceLines,
        InvoiceReading,
        article_lines_of,
        read_catalogues,
        read_invoices,
    )
    from procanalysis.read.sie import SieReading, read_sie, sie_lines
    from procanalysis.report import annual as annual_parts
    from procanalysis.report import (
        bullet_points,
        callout,
        change_points,
        change_table,
        compared,
        figure,
        finding,
        first_row,
        gap,
        how_calculated,
        key_figures,
        month_title,
        opportunity_points,
        report_header,
        rows_behind,
        status_mark,
        supplier_curve,
        table,
        words,
    )
    from procanalysis.report import business_case as case_parts
    from procanalysis.report import contracts as contract_parts
    from procanalysis.report import indicators as indicator_parts
    from procanalysis.report import monthly as month_parts
    from procanalysis.report import savings as saving_parts
    from procanalysis.report import tenders as tender_parts
    from procanalysis.suggestions import SuggestionRound, suggestions_of
    from procanalysis.tenders import TenderYear, open_region, open_tender_group, tenders_of

_MODULES: dict[str, tuple[str, ...]] = {
    "measures": (
        "article_prices",
        "categories",
        "coding",
        "contract_loyalty",
        "contract_register",
        "coverage",
        "direct_awards",
        "environment",
        "follow_up_choice",
        "follow_ups",
        "income_statement",
        "indicators",
        "internal_control",
        "invoices",
        "loyalty",
        "maturity",
        "monthly",
        "opportunities",
        "plan",
        "portfolio",
        "price_comparison",
        "procurement_plan",
        "quality",
        "realisation",
        "savings",
        "spend",
        "staff",
        "suggested_categories",
        "suppliers",
        "truth_check",
    ),
    "report": ("gap",),
}
_NAMES: dict[str, tuple[str, ...]] = {
    "annual_report": ("AnnualReport", "OrganisationYear", "open_annual_report", "open_organisation_year"),
    "assessment": ("Assessment", "open_assessment"),
    "business_case": ("BusinessCase", "open_business_case"),
    "errors": ("ProcanalysisError",),
    "measures.categories": ("in_category", "map_categories", "preview_rule_change"),
    "measures.spend": ("spend_by",),
    "organisation": ("Organisation", "open_organisation"),
    "published": ("Board", "open_board"),
    "read.cpv_categories": ("read_cpv_categories",),
    "read.orders": ("OrderReading", "read_orders"),
    "read.peppol": (
        "CatalogueReading",
        "InvoiceLines",
        "InvoiceReading",
        "article_lines_of",
        "read_catalogues",
        "read_invoices",
    ),
    "read.sie": ("SieReading", "read_sie", "sie_lines"),
    "report": (
        "bullet_points",
        "callout",
        "change_points",
        "change_table",
        "compared",
        "figure",
        "finding",
        "first_row",
        "how_calculated",
        "key_figures",
        "month_title",
        "opportunity_points",
        "report_header",
        "rows_behind",
        "status_mark",
        "supplier_curve",
        "table",
        "words",
    ),
    "suggestions": ("SuggestionRound", "suggestions_of"),
    "tenders": ("TenderYear", "open_region", "open_tender_group", "tenders_of"),
}
_PLACES: dict[str, tuple[str, str]] = {
    "annual_parts": ("report.annual", ""),
    "case_parts": ("report.business_case", ""),
    # Not business_case or tenders, which are what open them: a package's parts stand in its namespace under their own
    # names.
    "cases": ("measures.business_case", ""),
    "tender_measures": ("measures.tenders", ""),
    "contract_parts": ("report.contracts", ""),
    "month_parts": ("report.monthly", ""),
    "indicator_parts": ("report.indicators", ""),
    "saving_parts": ("report.savings", ""),
    "tender_parts": ("report.tenders", ""),
    **{name: (f"{folder}.{name}", "") for folder, modules in _MODULES.items() for name in modules},
    **{name: (module, name) for module, names in _NAMES.items() for name in names},
}

__all__ = [
    "AnnualReport",
    "Assessment",
    "Board",
    "BusinessCase",
    "CatalogueReading",
    "InvoiceLines",
    "InvoiceReading",
    "OrderReading",
    "Organisation",
    "OrganisationYear",
    "ProcanalysisError",
    "SieReading",
    "SuggestionRound",
    "TenderYear",
    "annual_parts",
    "article_lines_of",
    "article_prices",
    "bullet_points",
    "callout",
    "case_parts",
    "cases",
    "categories",
    "change_points",
    "change_table",
    "coding",
    "compared",
    "contract_loyalty",
    "contract_parts",
    "contract_register",
    "coverage",
    "direct_awards",
    "environment",
    "figure",
    "finding",
    "first_row",
    "follow_up_choice",
    "follow_ups",
    "gap",
    "how_calculated",
    "in_category",
    "income_statement",
    "indicator_parts",
    "indicators",
    "internal_control",
    "invoices",
    "key_figures",
    "loyalty",
    "map_categories",
    "maturity",
    "month_parts",
    "month_title",
    "monthly",
    "open_annual_report",
    "open_assessment",
    "open_board",
    "open_business_case",
    "open_organisation",
    "open_organisation_year",
    "open_region",
    "open_tender_group",
    "opportunities",
    "opportunity_points",
    "plan",
    "portfolio",
    "preview_rule_change",
    "price_comparison",
    "procurement_plan",
    "quality",
    "read_catalogues",
    "read_cpv_categories",
    "read_invoices",
    "read_orders",
    "read_sie",
    "realisation",
    "report_header",
    "rows_behind",
    "saving_parts",
    "savings",
    "sie_lines",
    "spend",
    "spend_by",
    "staff",
    "status_mark",
    "suggested_categories",
    "suggestions_of",
    "supplier_curve",
    "suppliers",
    "table",
    "tender_measures",
    "tender_parts",
    "tenders_of",
    "truth_check",
    "words",
]

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
