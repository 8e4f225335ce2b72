"""The words of a business case: the levers, what each is reckoned from, and the names that a reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DriverKind:
    """Describe an uncertain number of a business case: name, unit, sensible bounds, and its place in a sentence."""

    name: str
    unit: Literal["%", "kr", "st"]
    lowest: int | None
    highest: int | None
    said: str


@dataclass(frozen=True)
class LeverKind:
    """Describe a way to gain: its name, what it must know of today (BASELINE_NUMBERS), and its drivers."""

    name: str
    needs: tuple[str, ...]
    drivers: dict[str, DriverKind]


BASELINE_NUMBERS: dict[str, str] = {
    "spend_sek": "Inköp per år",
    "loyalty_base_sek": "Inköp som troheten räknas på",
    "loyalty_pct": "Avtalstrohet",
    "suppliers_count": "Leverantörer",
    "invoices_count": "Fakturor per år",
}
"""What a business case may need to know of today."""

PURCHASES_OF_TODAY = ("spend_sek", "loyalty_base_sek")
"""Those of them that change with the purchases, year by year."""

_PRICE_EFFECT = DriverKind("Prissänkning", "%", -100, 100, "prissänkning")

LEVER_KINDS: dict[str, LeverKind] = {
    "contract_loyalty": LeverKind("Högre avtalstrohet", ("loyalty_pct", "loyalty_base_sek"), {
        "loyalty_after_pct": DriverKind("Avtalstrohet efter åtgärden", "%", 0, 100, "trohet"),
        "price_difference_pct": DriverKind("Prisskillnad mot avtal", "%", -100, 100, "prisskillnad"),
    }),
    "fewer_suppliers": LeverKind("Färre leverantörer", ("suppliers_count",), {
        "suppliers_after": DriverKind("Leverantörer efter åtgärden", "st", 0, None, "leverantörer"),
        "cost_per_supplier_sek": DriverKind("Kostnad per leverantör och år", "kr", 0, None, "per leverantör och år"),
    }),
    "standardised_assortment": LeverKind("Standardiserat sortiment", ("spend_sek",), {
        "standardised_share_pct": DriverKind("Standardiserad andel", "%", 0, 100, "standardiserad andel"),
        "price_effect_pct": _PRICE_EFFECT,
    }),
    "renegotiation": LeverKind("Omförhandling", ("spend_sek",), {
        "affected_share_pct": DriverKind("Omförhandlad andel", "%", 0, 100, "omförhandlad andel"),
        "price_effect_pct": _PRICE_EFFECT,
    }),
    "e_commerce": LeverKind("E-handel och färre fakturor", ("invoices_count",), {
        "invoices_removed": DriverKind("Fakturor som försvinner per år", "st", 0, None, "färre fakturor per år"),
        "cost_per_invoice_sek": DriverKind("Kostnad per faktura", "kr", 0, None, "per faktura"),
    }),
    "coordination": LeverKind("Samordning", ("spend_sek",), {
        "coordinated_share_pct": DriverKind("Samordnad andel", "%", 0, 100, "samordnad andel"),
        "price_effect_pct": _PRICE_EFFECT,
    }),
    "other": LeverKind("Annan nytta", (), {
        "yearly_sek": DriverKind("Nytta per år", "kr", None, None, "nytta per år"),
    }),
}  # fmt: skip
"""The levers of a business case."""

TODAY_IS_MOST: dict[str, str] = {"suppliers_after": "suppliers_count", "invoices_removed": "invoices_count"}
"""Drivers that cannot be above a number of today (BASELINE_NUMBERS)."""

TODAY_IS_LEAST: dict[str, str] = {"loyalty_after_pct": "loyalty_pct"}
"""Drivers whose lever loses where they are below a number of today (BASELINE_NUMBERS)."""

REALISATION_DRIVER = DriverKind("Realiseringsgrad", "%", 0, 100, "realiseringsgrad")
DRIFT_DRIVER = DriverKind("Volymens förändring per år", "%", -50, 50, "volymförändring per år")
ONE_OFF_DRIVER = DriverKind("Engångskostnad", "kr", 0, None, "i engångskostnad")
RUNNING_DRIVER = DriverKind("Löpande kostnad", "kr", 0, None, "per år i löpande kostnad")

BENEFIT_KINDS: dict[str, str] = {"cash": "Pengar", "time": "Frigjord tid", "quality": "Kvalitet"}
"""Cash lets a budget be cut; time is worth its kronor only if it is released; quality is told in words."""

COST_KINDS: dict[str, str] = {
    "investment": "Investering",
    "change": "Införande",
    "exit": "Avveckling",
    "dual_running": "Dubbel drift",
}
