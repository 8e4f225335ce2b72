"""Screen what is bought without a contract against the direct-award limits: a list to examine, never a verdict."""

from procanalysis.measures.direct_awards.figures import (
    NO_BASE,
    SPLIT,
    change_in_count,
    screening_exclusions,
    spend_without_contract,
    suppliers_above_limit,
    three_way_split,
)
from procanalysis.measures.direct_awards.screening import (
    ALWAYS_POSSIBLE,
    LIMIT_OPEN,
    STANDINGS,
    screening,
    screening_by_kind,
)
from procanalysis.measures.direct_awards.windows import limit_on

__all__ = [
    "ALWAYS_POSSIBLE",
    "LIMIT_OPEN",
    "NO_BASE",
    "SPLIT",
    "STANDINGS",
    "change_in_count",
    "limit_on",
    "screening",
    "screening_by_kind",
    "screening_exclusions",
    "spend_without_contract",
    "suppliers_above_limit",
    "three_way_split",
]
