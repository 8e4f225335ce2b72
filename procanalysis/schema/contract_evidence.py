"""What tells that an article was bought on a contract: added to every article line, strongest evidence first."""

from __future__ import annotations

from procanalysis.schema.columns import Column

EVIDENCE_COLUMNS: tuple[Column, ...] = (
    Column("evidence", "text", "the strongest of EVIDENCE that the line has; missing when it has none"),
    Column("contracted", "text", "one of CONTRACTED", True),
    Column(
        "contract_id", "text", "the contract of the register that the evidence points to; missing when none is told"
    ),
    Column("reason", "text", "in Swedish, why the line is not proven; missing when it is"),
    Column("to_look_at", "text", "in Swedish, what speaks against what the line says of itself; missing when nothing"),
)
"""What `line_evidence` adds to every line of ARTICLE_LINES."""

EVIDENCE: dict[str, str] = {
    "contract_reference": "Raden anger avtalet",
    "order_line": "E-handelns märkning eller orderraden",
    "assortment": "Artikeln finns i avtalets prislista",
    "classification": "Klassningen ligger inom avtalet",
    "price": "Priset är lika med avtalets",
}
"""Strongest first. The first three prove, the last two only make it possible."""

CONTRACTED: dict[str, str] = {
    "yes": "Belagt köpt på avtal",
    "possible": "Möjligen köpt på avtal",
    "no": "Inte köpt på avtal",
}
