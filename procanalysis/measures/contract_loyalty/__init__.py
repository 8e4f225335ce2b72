"""Contract loyalty by article line: whether what is bought is the contracted article, and why the rest is not."""

from procanalysis.measures.contract_loyalty.covered_categories import DIFFERENT, lou_of_categories
from procanalysis.measures.contract_loyalty.evidence import (
    NO_LINES,
    REASONS,
    TO_LOOK_AT,
    LineEvidence,
    evidence_between,
    line_evidence,
)
from procanalysis.measures.contract_loyalty.groups import GROUPINGS, contract_loyalty_by
from procanalysis.measures.contract_loyalty.ledger_lines import evidence_by_invoice
from procanalysis.measures.contract_loyalty.shares import (
    BASES,
    LOU_FILTERS,
    LargeLines,
    contract_loyalty,
    contract_loyalty_variants,
    contract_loyalty_without_large,
    e_commerce_share,
)

__all__ = [
    "BASES",
    "DIFFERENT",
    "GROUPINGS",
    "LOU_FILTERS",
    "NO_LINES",
    "REASONS",
    "TO_LOOK_AT",
    "LargeLines",
    "LineEvidence",
    "contract_loyalty",
    "contract_loyalty_by",
    "contract_loyalty_variants",
    "contract_loyalty_without_large",
    "e_commerce_share",
    "evidence_between",
    "evidence_by_invoice",
    "line_evidence",
    "lou_of_categories",
]
