"""How much of what is bought is environmentally marked, and what the spend comes to in greenhouse gases."""

from procanalysis.measures.environment.by_contract import (
    ContractedTags,
    tag_share_by_contract,
    tag_share_if_contracted,
)
from procanalysis.measures.environment.emissions import (
    PRICE_RISE,
    SpendEmissions,
    emission_coverage,
    emission_figures,
    spend_emissions,
    total_emissions,
)
from procanalysis.measures.environment.shares import (
    tag_coverage,
    tag_figures,
    tag_kinds,
    tag_quantities,
    tag_share,
    tag_shares,
    tags_bought,
)
from procanalysis.measures.environment.tagging import TaggedPurchases, tagged_purchases

__all__ = [
    "PRICE_RISE",
    "ContractedTags",
    "SpendEmissions",
    "TaggedPurchases",
    "emission_coverage",
    "emission_figures",
    "spend_emissions",
    "tag_coverage",
    "tag_figures",
    "tag_kinds",
    "tag_quantities",
    "tag_share",
    "tag_share_by_contract",
    "tag_share_if_contracted",
    "tag_shares",
    "tagged_purchases",
    "tags_bought",
    "total_emissions",
]
