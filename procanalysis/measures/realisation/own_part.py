"""Our own organisation's part of each saving: purchases and ledger are ours alone, so the promise must be too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from procanalysis.errors import MeasureError

OWN_COLUMNS = ("organisation", "is_coordinated", "rejected_shares_count")
SHARE_COLUMNS = ("procurement_id", "receiver_kind", "receiver", "share_pct")

SHARES_REJECTED = "Fördelningen mellan organisationerna kunde inte läsas"
NOT_A_RECEIVER = "Organisationen står inte bland dem som delar på besparingen"
COORDINATED_WITHOUT_SHARES = "Samordnad upphandling utan angivna andelar, så den egna delen är inte känd"
MAYBE_COORDINATED = "Gjord för en annan organisation, och det är inte angivet om den är samordnad"
FOR_ANOTHER = "Gjord för en annan organisation"


@dataclass(frozen=True)
class OwnPart:
    """Hold our own part of a procurement's saving, 0 to 1, or why it is not known."""

    part: Fraction | None
    reason: str


def own_parts(
    awards: Sequence[Mapping[str, Any]], shares: Sequence[Mapping[str, Any]], own_name: str, measure: str
) -> dict[str, OwnPart]:
    """Find our own organisation's part of each award's saving, by procurement.

    The part is our share where the shares of organisations are stated. Without them it is the whole for an award that
    is our own, and not known for one that is coordinated or made for another. Raises MeasureError when `own_name` is
    empty or the shares of a procurement do not sum to exactly 100.
    """
    if not own_name.strip():
        raise MeasureError(f"{measure}: own_name is empty. Give our own organisation's name as the registers write it.")
    stated: dict[str, dict[str, Fraction]] = {}
    for row in shares:
        if row["receiver_kind"] == "organisation":
            given = stated.setdefault(row["procurement_id"], {})
            given[row["receiver"]] = given.get(row["receiver"], Fraction(0)) + Fraction(row["share_pct"])
    for name, given in stated.items():
        total = sum(given.values(), Fraction(0))
        if total != 100:
            raise MeasureError(
                f"{measure}: the organisations' shares of procurement '{name}' sum to {float(total):.10g} %, not to "
                "exactly 100. Correct them."
            )
    return {row["procurement_id"]: _own_part(row, stated.get(row["procurement_id"]), own_name) for row in awards}


def _own_part(award: Mapping[str, Any], shares: Mapping[str, Fraction] | None, own_name: str) -> OwnPart:
    is_other = award["organisation"] is not None and award["organisation"] != own_name
    checks = [
        (bool(award["rejected_shares_count"]), SHARES_REJECTED),
        (shares is not None and own_name not in shares, NOT_A_RECEIVER),
        (shares is None and award["is_coordinated"] == 1, COORDINATED_WITHOUT_SHARES),
        (shares is None and is_other and award["is_coordinated"] is None, MAYBE_COORDINATED),
        (shares is None and is_other, FOR_ANOTHER),
    ]
    reason = next((why for wrong, why in checks if wrong), "")
    if reason:
        return OwnPart(None, reason)
    return OwnPart(Fraction(1) if shares is None else shares[own_name] / 100, "")
