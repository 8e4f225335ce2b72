"""What prices and volumes did to the cost, and what the same article costs in different hands."""

from procanalysis.measures.price_comparison.decomposition import (
    PriceDecomposition,
    price_decomposition,
    price_decomposition_by_procurement,
)
from procanalysis.measures.price_comparison.indices import PriceIndices, fisher_index, price_indices
from procanalysis.measures.price_comparison.own_prices import (
    OwnPrices,
    PriceVariance,
    best_own_price,
    best_own_prices,
    price_spread,
    price_variance,
)
from procanalysis.measures.price_comparison.priced_articles import purchases_of

__all__ = [
    "OwnPrices",
    "PriceDecomposition",
    "PriceIndices",
    "PriceVariance",
    "best_own_price",
    "best_own_prices",
    "fisher_index",
    "price_decomposition",
    "price_decomposition_by_procurement",
    "price_indices",
    "price_spread",
    "price_variance",
    "purchases_of",
]
