"""Indicators: what they mean, their outcomes and targets per year, and what boards have printed about themselves."""

from __future__ import annotations

from procanalysis.schema.columns import Column

INDICATORS: tuple[Column, ...] = (
    Column("organisation", "text", "short name of the board or region, as the file in params/indicators", True),
    Column("indicator_id", "text", "the indicator's own id", True),
    Column("name", "text", "what the organisation calls it", True),
    Column("goal", "text", "the goal or chapter that it belongs to"),
    Column("level", "text", "one of INDICATOR_LEVELS", True),
    Column("definition", "text", "what it measures, in our own words", True),
    Column("numerator", "text", "what is counted"),
    Column("denominator", "text", "what it is divided by; missing when it is no share or the formula is not stated"),
    Column("exclusions", "text", "what is left out; missing when not stated"),
    Column("unit", "text", "one of INDICATOR_UNITS", True),
    Column("direction", "text", "one of INDICATOR_DIRECTIONS", True),
    Column("owner", "text", "who answers for it", True),
    Column("source_kind", "text", "'reported' or 'computed'", True),
    Column("measure", "text", "our measure that reckons it, one of INDICATOR_MEASURES; missing when none does"),
    Column("least_coverage_pct", "decimal", "how much must be covered before a verdict is given"),
    Column("lowest", "decimal", "the least that is possible; missing when there is no limit"),
    Column("highest", "decimal", "the most that is possible; missing when there is no limit"),
    Column("source", "text", "the printed report that defines it", True),
    Column("note", "text", "what a reader should know"),
)
"""One row per indicator: the catalogue."""

INDICATOR_VALUES: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("indicator_id", "text", "as in INDICATORS", True),
    Column("year", "integer", "the calendar year", True),
    Column("period", "text", "what of the year it covers, in the report's words: helår, 31 dec", True),
    Column("value", "decimal", "the outcome; missing when the report leaves it empty, prints '?' or uses words"),
    Column("unit", "text", "one of INDICATOR_UNITS: what the outcome is really in", True),
    Column("printed_unit", "text", "the sign printed beside it, one of PRINTED_UNITS; missing when there is none"),
    Column("numerator", "decimal", "what was counted, when it is known"),
    Column("denominator", "decimal", "what it was divided by, when it is known"),
    Column("low", "decimal", "the least that the outcome can be, when only that is known or it is uncertain"),
    Column("high", "decimal", "the most that it can be"),
    Column("coverage_pct", "decimal", "how much of what it should cover it does cover, when it is known"),
    Column("is_doubtful", "integer", "1 when read from a poor scan, derived, or its year or unit is in doubt", True),
    Column("comment", "text", "why it is doubtful or missing, or what the report says in words"),
    Column("source", "text", "the printed report, or how it was derived", True),
)
"""One row per indicator, year and period. What is missing stays missing, with a comment."""

INDICATOR_TARGETS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("indicator_id", "text", "as in INDICATORS", True),
    Column("year", "integer", "the year that the target is for", True),
    Column("operator", "text", "one of TARGET_OPERATORS", True),
    Column("value", "decimal", "the target; missing for operators without a number"),
    Column("long_term", "decimal", "the long-term target as it stood that year"),
    Column("unit", "text", "one of INDICATOR_UNITS", True),
    Column("words", "text", "the target in words, when it is no number, or what was said about it"),
    Column("printed_beside_year", "integer", "the year whose outcome it is printed beside, when that is known"),
    Column("source", "text", "where it is printed", True),
)
"""One row per indicator and target year. A target is never held against the outcome of another year."""

SERIES_BREAKS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("indicator_id", "text", "as in INDICATORS", True),
    Column("from_year", "integer", "the first year that cannot be compared with those before it", True),
    Column("reason", "text", "what changed", True),
    Column("replaces", "text", "the indicator that held the earlier years, when it was another"),
)
"""One row per break in a series. The parts before and after are never joined."""

DEFINITION_VERSIONS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("indicator_id", "text", "as in INDICATORS", True),
    Column("from_year", "integer", "the first year that this wording is known for", True),
    Column("definition", "text", "the definition then, in our own words", True),
)
"""One row per wording of an indicator's definition."""

INDICATOR_LEVELS: dict[str, str] = {
    "RF": "Regionfullmäktige",
    "RS": "Regionstyrelsen",
    "N": "Nämnden",
    "nämnd": "Nämnd",
    "region": "Region",
}

INDICATOR_DIRECTIONS: dict[str, str] = {
    "higher": "Högre är bättre",
    "lower": "Lägre är bättre",
    "zero": "Ska ligga nära noll",
    "neutral": "Varken högt eller lågt är bra i sig",
}

INDICATOR_UNITS: dict[str, str] = {
    "percent": "%",
    "percentage_points": "procentenheter",
    "index_points": "indexpoäng",
    "score": "betygspoäng",
    "count": "st",
    "people": "personer",
    "per_procurement": "per upphandling",
    "hours": "timmar",
    "hours_per_employee": "timmar per anställd",
    "years": "år",
    "sek": "kr",
    "tkr": "tkr",
    "mnkr": "mnkr",
    "words": "i ord",
}
"""What an outcome can be in. Percent, percentage points and index points are three different things."""

PRINTED_UNITS: dict[str, tuple[str, ...]] = {
    "%": ("percent",),
    "index": ("index_points",),
    "av 6": ("score",),
    "st": ("count", "people"),
    "tkr": ("tkr",),
    "mnkr": ("mnkr",),
    "MSEK": ("mnkr",),
    "mkr": ("mnkr",),
    "kr": ("sek",),
    "timmar": ("hours",),
}
"""Unit signs as boards print them → the INDICATOR_UNITS that they can stand for."""

UNITS_IN_KRONOR: dict[str, int] = {"sek": 1, "tkr": 1_000, "mnkr": 1_000_000}

TARGET_OPERATORS: dict[str, str] = {
    "at_least": "minst",
    "more_than": "mer än",
    "at_most": "högst",
    "less_than": "mindre än",
    "exactly": "exakt",
    "increase": "ska öka mellan åren",
    "decrease": "ska minska mellan åren",
    "in_words": "mål i ord",
    "left_blank": "målvärdet är lämnat tomt",
    "followed": "följs utan mål",
}
"""What the outcome must be, in the report's words. The first five need a number, the others have none."""

NUMBER_OPERATORS = ("at_least", "more_than", "at_most", "less_than", "exactly")

INDICATOR_STATUSES: dict[str, str] = {
    "met": "Målet är uppnått",
    "not_met": "Målet är inte uppnått",
    "unknown": "Kan inte avgöras",
    "followed": "Följs utan mål",
}

INDICATOR_MEASURES: dict[str, str] = {
    "accepted_share": "percent",
    "archived_share": "percent",
    "category_loyalty": "percent",
    "contract_register_quality": "percent",
    "coordinated_share": "percent",
    "enabled_saving": "sek",
    "finished_as_planned": "percent",
    "follow_ups_done": "percent",
    "late_registered_share": "percent",
    "mapped_share": "percent",
    "measurable_procurements_share": "percent",
    "negotiated_saving": "sek",
    "plan_done_share": "percent",
    "planned_share": "percent",
    "realisation_rate": "percent",
    "realised_saving": "sek",
    "single_bid_share": "percent",
    "single_or_two_bids_share": "percent",
    "small_invoice_share": "percent",
    "spend_without_contract": "percent",
    "supplier_count": "count",
    "supplier_loyalty": "percent",
    "suppliers_followed_up_share": "percent",
    "tail_share": "percent",
}
"""Our measures that an indicator can be reckoned by → the unit that they give."""

SHARES_OF_MONEY = (
    "category_loyalty", "late_registered_share", "mapped_share", "realisation_rate", "spend_without_contract",
    "supplier_loyalty",
)  # fmt: skip
"""Those of INDICATOR_MEASURES that divide kronor by kronor; the other shares divide what is counted."""

INCOME_STATEMENTS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the calendar year", True),
    Column("row_number", "integer", "the row's place in the printed table", True),
    Column("row", "text", "the row as printed", True),
    Column("kind", "text", "one of INCOME_ROW_KINDS", True),
    Column("outcome_ore", "integer", "outcome so far in the year"),
    Column("budget_to_date_ore", "integer", "budget so far"),
    Column("difference_to_date_ore", "integer", "the printed difference of the two"),
    Column("budget_full_year_ore", "integer", "budget of the whole year"),
    Column("forecast_full_year_ore", "integer", "forecast of the whole year"),
    Column("difference_full_year_ore", "integer", "the printed difference of the two"),
    Column("outcome_previous_year_ore", "integer", "outcome of the year before"),
    Column("source", "text", "where it is printed", True),
)
"""One row per row of a printed income statement (resultaträkning). Costs are negative."""

INCOME_AMOUNTS: dict[str, str] = {
    "outcome_ore": "Ack utfall",
    "budget_to_date_ore": "Ack budget",
    "difference_to_date_ore": "Diff",
    "budget_full_year_ore": "Budget helår",
    "forecast_full_year_ore": "Prognos helår",
    "difference_full_year_ore": "Diff helår",
    "outcome_previous_year_ore": "Ack utfall föregående år",
}
"""The amount columns of INCOME_STATEMENTS → their heads."""

INCOME_ROW_KINDS: dict[str, str] = {
    "income": "intäkt",
    "income_total": "summa intäkter",
    "cost": "kostnad",
    "cost_total": "summa kostnader",
    "net": "intäkter och kostnader tillsammans",
    "result": "årets resultat",
}

BUDGETS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the budget year", True),
    Column("kind", "text", "one of INCOME_ROW_KINDS", True),
    Column("row", "text", "the row as printed", True),
    Column("amount_ore", "integer", "the amount; costs are negative", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per row of a printed budget."""

COST_DEVIATIONS: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the calendar year", True),
    Column("comparison", "text", "'budget' or 'previous_year'", True),
    Column("kind", "text", "'total', 'part' or 'of_which' (within a part)", True),
    Column("row", "text", "the cost as printed", True),
    Column("amount_ore", "integer", "cost minus what it is compared with: positive means more than it", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per printed deviation of a cost."""

STAFF_FIGURES: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the calendar year", True),
    Column("figure", "text", "what is counted, in the report's words", True),
    Column("value", "decimal", "the figure", True),
    Column("unit", "text", "in the report's words", True),
    Column("note", "text", "what the report adds"),
    Column("source", "text", "where it is printed", True),
)
"""One row per printed figure about staff."""

GOAL_STATUSES: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the calendar year", True),
    Column("goal_number", "text", "the goal's number in the report", True),
    Column("goal", "text", "the goal as printed", True),
    Column("status", "text", "the printed status, a step of the scale; missing when none is printed"),
    Column("scale", "text", "the scale it belongs to, as in STATUS_SCALES", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per board goal (or risk) and year with the status that the board printed."""

INTERNAL_CONTROLS: tuple[Column, ...] = (
    Column("number", "integer", "the risk's number in the plan", True),
    Column("risk", "text", "what may happen", True),
    Column("kind", "text", "the kind of risk, in the board's words"),
    Column("control", "text", "what is controlled"),
    Column("method", "text", "how it is controlled"),
    Column("result", "text", "the result, a step of the scale; missing when none is given"),
    Column("analysis", "text", "what was found"),
    Column("actions", "text", "what will be done"),
)
"""One row per risk of a board's plan for internal control, with what the controls of the year gave."""

STATUS_SCALES: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("scale", "text", "the scale's name", True),
    Column("step", "integer", "its place, the best first", True),
    Column("status", "text", "the word that the board prints", True),
    Column("colour", "text", "green, amber or red", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per step of a board's own status scale, as far as it is printed."""

STATED_TERMS: tuple[Column, ...] = (
    Column("relation_id", "text", "the relation that the term belongs to", True),
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the year of the report's figures", True),
    Column("table", "text", "the table or passage of the report", True),
    Column("rule", "text", "one of RELATION_RULES", True),
    Column("role", "text", "one of the rule's roles", True),
    Column("label", "text", "what the figure is", True),
    Column("value", "decimal", "the figure as printed", True),
    Column("unit", "text", "one of INDICATOR_UNITS", True),
    Column("printed_step", "decimal", "the last place printed: 1 for whole tkr; 0 when the figure is exact", True),
    Column("is_approximate", "integer", "1 when the report says 'ca', else 0", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per figure in a relation that must hold if the report is right: 'stated' and what it is reckoned from."""

RELATION_RULES: dict[str, tuple[str, ...]] = {
    "sum": ("part", "minus"),
    "difference": ("part", "minus"),
    "share": ("part", "whole"),
    "percent_change": ("before", "after"),
    "uplift": ("base", "uplift_pct"),
    "product": ("factor",),
    "same": ("other",),
}
"""How a stated figure is reckoned → the roles of what it is reckoned from. All have the role 'stated' too."""

MENDED_FIGURES: tuple[Column, ...] = (
    Column("organisation", "text", "as in INDICATORS", True),
    Column("year", "integer", "the year of the report", True),
    Column("table", "text", "the file that holds the mended figure, without its ending", True),
    Column("row", "text", "the row (or indicator id) in it", True),
    Column("column", "text", "the column in it", True),
    Column("read_as", "decimal", "what the scanned page was read as, in the unit of the file", True),
    Column("mended_to", "decimal", "what the file holds", True),
    Column("confidence", "text", "hög, medel or låg", True),
    Column("reason", "text", "why it must be so", True),
    Column("source", "text", "the printed report", True),
)
"""One row per figure that was read wrongly from a scanned page and mended."""

CONSISTENCY_CHECKS: tuple[Column, ...] = (
    Column("rule", "text", "one of CONSISTENCY_RULES", True),
    Column("organisation", "text", "whose report", True),
    Column("year", "integer", "the year of the report", True),
    Column("table", "text", "the table or passage", True),
    Column("row", "text", "the row, and the column where there is one", True),
    Column("stated", "decimal", "what is printed; missing when something is lacking"),
    Column("reckoned", "decimal", "what it should be; missing when nothing can be reckoned"),
    Column("difference", "decimal", "stated minus reckoned"),
    Column("tolerance", "decimal", "how much the rounding of the printed figures explains"),
    Column("unit", "text", "one of INDICATOR_UNITS; of a difference between percentages: percentage points"),
    Column("verdict", "text", "one of CONSISTENCY_VERDICTS", True),
    Column("sentence", "text", "the finding in Swedish", True),
    Column("source", "text", "where it is printed", True),
)
"""One row per relation that was checked."""

CONSISTENCY_RULES: dict[str, str] = {
    "sum": "Delarna ska ge summan",
    "difference": "Differensen ska vara det ena minus det andra",
    "sign": "Kostnader är negativa och intäkter positiva",
    "share": "Andelen ska vara delen genom det hela",
    "percent_change": "Förändringen i procent ska följa av talen",
    "uplift": "Uppräkningen ska ge det nya beloppet",
    "product": "Produkten ska stämma",
    "same": "Samma tal ska vara lika överallt",
    "unit": "Enheten ska vara mätetalets",
    "possible_range": "Talet ska vara möjligt",
    "target_year": "Målet ska gälla samma år som utfallet det står bredvid",
    "odd_target_year": "Målen i en rapport ska gälla samma år",
    "missing_status": "Varje mål ska ha en status på skalan",
    "duplicate_series": "Två mätetal ska inte ha samma serie",
}

CONSISTENCY_VERDICTS: dict[str, str] = {
    "agrees": "Stämmer",
    "rounding": "Ryms i avrundningen",
    "contradiction": "Stämmer inte",
}
