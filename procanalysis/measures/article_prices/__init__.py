"""Prices paid against contract prices, line by line: overcharges, spread, other assortment, contracted equivalents."""

from procanalysis.measures.article_prices.assortment import (
    OtherAssortment,
    other_assortment,
    other_assortment_price_level,
    other_assortment_share,
)
from procanalysis.measures.article_prices.contract_prices import ContractPrices, contract_prices_on
from procanalysis.measures.article_prices.deviations import (
    OUTCOMES,
    Claims,
    PriceDeviations,
    claims,
    overcharge,
    price_accuracy,
    price_deviations,
    undercharge,
)
from procanalysis.measures.article_prices.equivalents import (
    ContractedEquivalents,
    contracted_equivalents,
    outside_with_equivalent,
)
from procanalysis.measures.article_prices.largest import largest_articles
from procanalysis.measures.article_prices.same_article import SameArticlePrices, own_price_gap, same_article_prices

__all__ = [
    "OUTCOMES",
    "Claims",
    "ContractPrices",
    "ContractedEquivalents",
    "OtherAssortment",
    "PriceDeviations",
    "SameArticlePrices",
    "claims",
    "contract_prices_on",
    "contracted_equivalents",
    "largest_articles",
    "other_assortment",
    "other_assortment_price_level",
    "other_assortment_share",
    "outside_with_equivalent",
    "overcharge",
    "own_price_gap",
    "price_accuracy",
    "price_deviations",
    "same_article_prices",
    "undercharge",
]
