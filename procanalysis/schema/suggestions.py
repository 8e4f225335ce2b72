"""Suggested categories and rules, and what a reviewer decides about them."""

from __future__ import annotations

from procanalysis.schema.columns import Column

SUGGESTIONS: tuple[Column, ...] = (
    Column("pattern_id", "text", "what is asked about, the same for the same pattern at every run", True),
    Column("supplier_key", "text", "the supplier, as in LEDGER_LINES"),
    Column("supplier_name", "text", "its name; sole traders masked"),
    Column("account", "text", "the account"),
    Column("account_text", "text", "the account's text"),
    Column("unit", "text", "the unit that bought"),
    Column("text", "text", "the rows' commonest text; sole traders' names hidden"),
    Column("lines_count", "integer", "rows of this pattern", True),
    Column("amount_ore", "integer", "their net", True),
    Column("rule_id", "text", "the default or broad rule that decides them today; missing when none does"),
    Column("category_code", "text", "that rule's category; missing when none decides"),
    Column("suggested_code", "text", "the suggested category, on the deepest level with enough confidence"),
    Column("suggested_level", "integer", "that category's level: 1 for a main category"),
    Column("confidence_pct", "decimal", "calibrated share of right among such suggestions, 0 to 100"),
    Column("silent_because", "text", "in Swedish, why nothing is suggested; missing when something is"),
)
"""One row per pattern of rows (supplier, account, unit) that only a default or broad rule decides."""

SUGGESTED_RULES: tuple[Column, ...] = (
    Column("rule_id", "text", "the suggested rule's id, the same for the same rule at every run", True),
    Column("tier", "text", "as in the rule file", True),
    Column("account", "text", "the account or range that the rule asks for; missing when any"),
    Column("unit", "text", "the unit that it asks for; missing when any"),
    Column("supplier", "text", "the supplier's number that it asks for; missing when any, never a sole trader's"),
    Column("supplier_name", "text", "its name"),
    Column("category_code", "text", "the category that the rule gives", True),
    Column("spend_class", "text", "as in the rule file, from the reviewed rules of that category", True),
    Column("lou_covered", "text", "one of LOU_COVERED, likewise", True),
    Column("lines_count", "integer", "undecided rows that the rule would settle", True),
    Column("moved_ore", "integer", "their net", True),
    Column("reviewed_count", "integer", "reviewed rows that the rule would have met", True),
    Column("wrong_count", "integer", "those of them that a reviewer placed elsewhere", True),
    Column("wrong_ore", "integer", "their net"),
    Column("confidence_pct", "decimal", "calibrated confidence of the patterns behind it, weighted by amount"),
    Column("examples", "text", "the reviewed rows that it gets wrong, five at most, in words"),
)
"""One row per rule that would settle many undecided rows."""

REVIEW_DECISIONS: tuple[Column, ...] = (
    Column("rule_id", "text", "the suggested rule, as in SUGGESTED_RULES", True),
    Column("decision", "text", "one of DECISIONS", True),
    Column("category_code", "text", "the category that the reviewer chose: the suggested one, or another"),
    Column("author", "text", "role or name of the reviewer", True),
    Column("decided_on", "date", "when it was decided", True),
    Column("reason", "text", "why", True),
)
"""One row per decision of a reviewer."""

REFUSED_RULES: tuple[Column, ...] = (
    Column("rule_id", "text", "the suggested rule, as in SUGGESTED_RULES", True),
    Column("refused_tier", "text", "its tier; named so that no rule file can be taken for this one", True),
    Column("account", "text", "as in SUGGESTED_RULES"),
    Column("unit", "text", "as in SUGGESTED_RULES"),
    Column("supplier", "text", "as in SUGGESTED_RULES"),
    Column("category_code", "text", "the category that was refused", True),
    Column("author", "text", "role or name of the reviewer", True),
    Column("decided_on", "date", "when it was refused", True),
    Column("reason", "text", "why", True),
)
"""One row per suggested rule that a reviewer has refused, in the file that remembers them."""

DECISIONS: dict[str, str] = {"accepted": "Godkänd", "refused": "Avböjd"}
