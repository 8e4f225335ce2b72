"""The organisation file's parts about savings: where the savings register lies, and what the report rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypedDict

from pydantic import Field, ValidationInfo, field_validator, model_validator

from procanalysis.params.contracts import Percent, RegisterFile
from procanalysis.params.table_file import known_columns
from procanalysis.params.yaml_file import Part

AWARD_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "title": "what it is about",
    "category": "category code, or a name that `categories` translates",
    "contract_id": "the contract that it led to",
    "replaces_procurement_id": "the earlier award that this one replaces",
    "organisation": "the organisation it was made for; empty means the organisation itself",
    "is_coordinated": "ja when several organisations buy on it",
    "starts_on": "the contract's first day",
    "ends_on": "its last day without options",
    "option_months": "months of each option, as 12;12",
    "options_exercised": "how many of them have been exercised",
    "yearly_volume": "what a year takes, in the unit of evaluated_volume",
    "evaluated_volume": "what the bids price",
    "expected_yearly": "our own organisation's expected purchases in a year at the new prices",
    "one_off_cost": "what changing contract costs once",
    "is_comparable": "nej when the old contract bought something else",
    "is_monetary": "nej when the effect cannot be counted in money",
    "value_in_words": "gain beyond money",
    "responsible": "role or unit that answers for the effect",
}
BID_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "bidder": "the bidder's name",
    "is_qualified": "ja when the bid met the requirements",
    "is_winner": "ja when it won",
    "first_bid": "real price of the evaluated volume as first bid, deductions not counted",
    "final_bid": "the same after negotiation",
}
PRICE_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "article_id": "the article's number",
    "article_name": "its name",
    "quantity_unit": "st, paket, timme …",
    "quantity": "what a year takes",
    "previous_price": "price per unit in the earlier contract",
    "new_price": "price per unit in the new contract",
    "indexed_share": "percent of the earlier price that an index clause moves",
    "index_base": "the index at the earlier contract's base point",
    "index_now": "the index when the new price starts",
    "refused_increase": "price increase per unit that was asked for and refused",
}
SHARE_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "receiver_kind": "organisation or enhet",
    "receiver": "its name",
    "share": "percent of the saving; the rows of a procurement and kind sum to 100",
}
PURCHASE_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "article_id": "the article's number",
    "unit": "the unit that bought",
    "supplier": "the supplier's name",
    "bought_on": "day of order or invoice",
    "quantity": "how much, in the article's unit; returns negative",
    "price_paid": "price paid per unit",
    "is_on_contract": "ja when bought on the contract",
}

SavingsPart = Literal["awards", "bids", "prices", "shares", "purchases"]

_COLUMNS: dict[SavingsPart, dict[str, str]] = {
    "awards": AWARD_COLUMNS,
    "bids": BID_COLUMNS,
    "prices": PRICE_COLUMNS,
    "shares": SHARE_COLUMNS,
    "purchases": PURCHASE_COLUMNS,
}


class SavingsRegisters(Part):
    """Say where the parts of the savings register lie; the awarded procurements carry all the others."""

    awards: RegisterFile
    bids: RegisterFile | None = None
    prices: RegisterFile | None = None
    shares: RegisterFile | None = None
    purchases: RegisterFile | None = None

    @field_validator(*_COLUMNS)
    @classmethod
    def _known_columns(cls, register: RegisterFile | None, info: ValidationInfo) -> RegisterFile | None:
        if register:
            known_columns(register.columns, _COLUMNS[info.field_name])  # type: ignore[index]  # a field named above
        return register


class MethodChoices(TypedDict):
    """Name the choices that the method market price rests on."""

    market_reference: Literal["median", "mean"]
    winner_in_reference: bool
    least_qualified_bids: int


class SavingsReportParams(Part):
    """Hold what the savings figures rest on: the board's choices of method, its targets and who shall realise them."""

    market_reference: Literal["median", "mean"] = "median"
    winner_in_reference: bool = True
    least_qualified_bids: int = Field(default=3, ge=3)
    counted: Literal["contract_life", "first_year_only"] = "contract_life"
    targets_sek: dict[int, int] = Field(default_factory=dict)
    unit_shares_pct: dict[str, Percent] = Field(default_factory=dict)
    forecast_years: int = Field(default=4, ge=1, le=10)
    consumable_categories: tuple[str, ...] = ()

    @field_validator("targets_sek")
    @classmethod
    def _sound_targets(cls, targets: dict[int, int]) -> dict[int, int]:
        for year, target in targets.items():
            if not 2000 <= year <= 2099 or target <= 0:
                raise ValueError(f"the target {target} of {year} cannot be right. Give kronor per year, above 0")
        return targets

    @model_validator(mode="after")
    def _whole(self) -> SavingsReportParams:
        if self.unit_shares_pct and sum(self.unit_shares_pct.values()) != Decimal(100):
            total = sum(self.unit_shares_pct.values())
            raise ValueError(f"the units' shares sum to {total} %. Make them sum to exactly 100")
        return self

    @property
    def method_choices(self) -> MethodChoices:
        """What a board decides of the method market price, as the triage takes it."""
        return {
            "market_reference": self.market_reference,
            "winner_in_reference": self.winner_in_reference,
            "least_qualified_bids": self.least_qualified_bids,
        }

    @property
    def targets_ore(self) -> dict[int, int]:
        """The target of each year in hundredths."""
        return {year: target * 100 for year, target in self.targets_sek.items()}
