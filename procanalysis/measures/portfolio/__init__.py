"""How each category stands: spread over suppliers, impact and risk, and what follows for suppliers and contracts."""

from procanalysis.measures.portfolio.classes import (
    AGREEMENT,
    SEGMENTS,
    SupplierSegments,
    contract_classes,
    supplier_segments,
)
from procanalysis.measures.portfolio.concentration import category_concentration
from procanalysis.measures.portfolio.matrix import PORTFOLIO_RULE, QUADRANTS, Portfolio, kraljic

__all__ = [
    "AGREEMENT",
    "PORTFOLIO_RULE",
    "QUADRANTS",
    "SEGMENTS",
    "Portfolio",
    "SupplierSegments",
    "category_concentration",
    "contract_classes",
    "kraljic",
    "supplier_segments",
]
