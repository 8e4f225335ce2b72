"""The organisation file's parts about contracts: where the registers lie, and what the contract reports need."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from procanalysis.params.table_file import TableFile, known_columns
from procanalysis.params.yaml_file import Part

CONTRACT_COLUMNS: dict[str, str] = {
    "contract_id": "the contract's number",
    "title": "what it is about",
    "supplier_number": "organisation number; several with ; between them, or one row per supplier",
    "supplier_name": "the supplier's name",
    "category": "category code, or a name that `categories` translates; several with ; between them",
    "participants": "units or organisations that may buy on it; several with ; between them",
    "kind": "ramavtal, direktupphandlat, DIS …",
    "starts_on": "first day",
    "ends_on": "last day without options",
    "option_months": "months of each option, as 12;12",
    "options_exercised": "how many of them have been exercised",
    "registered_on": "when it was entered into the register",
    "registered_by": "unit or role that entered it",
    "owner": "role or unit that answers for it",
    "archive_place": "where the signed contract is kept",
    "procurement_id": "the procurement behind it",
    "value": "contract value excluding VAT",
    "contract_class": "A, B, C or D",
    "bids_count": "bids received",
}
FOLLOW_UP_COLUMNS: dict[str, str] = {
    "follow_up_id": "the follow-up's number",
    "contract_id": "the contract followed up",
    "supplier_number": "organisation number",
    "supplier_name": "the supplier's name",
    "kind": "möte, avstämning, egenrapportering, skrivbordskontroll or revision",
    "planned_on": "when it should be done",
    "done_on": "when it was done",
    "result": "the result in words",
    "deviation": "the deviation found",
    "escalation_step": "step of the escalation ladder",
    "closed_on": "when the deviation was put right",
}
PROCUREMENT_COLUMNS: dict[str, str] = {
    "procurement_id": "the procurement's number",
    "title": "what it is about",
    "category": "category code, or a name that `categories` translates",
    "replaces_contract_id": "the contract that it is to replace",
    "buyer": "role or unit that leads it",
    "participants": "organisations or units that take part; several with ; between them",
    "is_planned": "ja when it stood in the plan, nej when it turned up",
    "status": "planerad, pågår, avslutad or avbruten",
    "planned_start_on": "start according to the plan",
    "started_on": "when work began",
    "planned_end_on": "contract signed according to the plan",
    "ended_on": "when the contract was signed, or the procurement broken off",
    "bids_count": "bids received",
    "value": "estimated value excluding VAT",
    "saving_potential": "expected yearly saving",
}


def _code(value: object) -> object:
    return str(value) if isinstance(value, int) else value


Code = Annotated[str, BeforeValidator(_code)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]


class RegisterFile(TableFile):
    """Say where a register lies and how it is written; everything but `files` has a sensible default."""

    categories: dict[str, Code] = Field(default_factory=dict)


class ContractRegisterParams(RegisterFile):
    """Describe the contract register, and what an empty cell in it means."""

    kinds: dict[str, Literal["framework", "direct_award", "dynamic", "specific", "other"]] = Field(default_factory=dict)
    empty_participants: Literal["everyone", "unknown"] = "everyone"
    empty_end: Literal["unknown", "open_ended"] = "unknown"
    owners_gone: tuple[str, ...] = ()
    supplier_groups: str = ""

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, CONTRACT_COLUMNS)


class FollowUpRegisterParams(RegisterFile):
    """Describe the register of supplier follow-ups."""

    kinds: dict[str, Literal["meeting", "check_in", "self_assessment", "desk_review", "audit"]] = Field(
        default_factory=dict
    )

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, FOLLOW_UP_COLUMNS)


class ProcurementRegisterParams(RegisterFile):
    """Describe the list of procurements, planned and ended."""

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, PROCUREMENT_COLUMNS)


class LoyaltyParams(Part):
    """Hold what the loyalty figures rest on."""

    include_investments: bool = False
    large_item_limit_sek: int = Field(default=5_000_000, gt=0)
    small_supplier_limit_sek: int = Field(default=50_000, gt=0)
    target_pct: Percent | None = None
    category_targets_pct: dict[Code, Percent] = Field(default_factory=dict)

    @property
    def large_item_limit_ore(self) -> int:
        """The limit of a single large item in hundredths."""
        return self.large_item_limit_sek * 100

    @property
    def small_supplier_limit_ore(self) -> int:
        """What a small supplier is paid at most in a year, in hundredths."""
        return self.small_supplier_limit_sek * 100


class DirectAwardParams(Part):
    """Hold what the screening against the direct-award limit rests on."""

    near_limit_pct: Percent = Decimal(85)
    kind_level: int = Field(default=2, ge=1, le=9)
    annex_2_categories: tuple[Code, ...] = ()


class ScoredCategory(Part):
    """Hold scores, 1 to 5, that people set instead of those reckoned from data, and why."""

    impact: int | None = Field(default=None, ge=1, le=5)
    risk: int | None = Field(default=None, ge=1, le=5)
    reason: str = Field(min_length=1)


class SupplierFollowUpParams(Part):
    """Hold how often each contract class is followed up, and how suppliers are chosen for sustainability."""

    months_between: dict[Literal["A", "B", "C", "D"], int] = Field(default={"A": 4, "B": 12, "C": 24, "D": 24})
    yearly_goal: int | None = Field(default=None, gt=0)
    followed_up_above_sek: int = Field(default=1_000_000, gt=0)
    strategic_share_pct: Percent = Decimal(2)
    category_risk: dict[Code, int] = Field(default_factory=dict)
    category_scores: dict[Code, ScoredCategory] = Field(default_factory=dict)
    weight_spend: int = Field(default=1, ge=0)
    weight_category_risk: int = Field(default=1, ge=0)
    weight_time_since: int = Field(default=1, ge=0)
    weight_contract_class: int = Field(default=1, ge=0)
    chosen_count: int = Field(default=10, ge=1)
    random_count: int = Field(default=0, ge=0)
    seed: int = 1

    @property
    def weights(self) -> dict[str, int]:
        """The weights of the parts by which suppliers are chosen for sustainability follow-up."""
        return {
            "spend": self.weight_spend,
            "category_risk": self.weight_category_risk,
            "time_since": self.weight_time_since,
            "contract_class": self.weight_contract_class,
        }

    @property
    def followed_up_above_ore(self) -> int:
        """The volume above which a supplier should be followed up, in hundredths."""
        return self.followed_up_above_sek * 100

    @field_validator("category_risk")
    @classmethod
    def _one_to_five(cls, risks: dict[str, int]) -> dict[str, int]:
        for code, risk in risks.items():
            if not 1 <= risk <= 5:
                raise ValueError(f"the risk of category {code} is {risk}. Give 1 (low) to 5 (high).")
        return risks


class CoordinatedRule(Part):
    """Say when a procurement counts as coordinated: so many participants, or all of the named ones."""

    at_least: int = Field(default=2, ge=1)
    all_of: tuple[str, ...] = ()


class ProcurementPlanParams(Part):
    """Hold what the procurement plan rests on; a lead time left out is taken from the organisation's own history."""

    years_ahead: int = Field(default=3, ge=1, le=10)
    standstill_and_review_days: int = Field(default=60, ge=0)
    lead_time_days: int | None = Field(default=None, gt=0)
    least_history: int = Field(default=5, ge=1)
    largest_load_per_month: int = Field(default=3, ge=1)
    weight_potential: int = Field(default=1, ge=0)
    weight_expiry: int = Field(default=1, ge=0)
    weight_risk: int = Field(default=1, ge=0)
    weight_ease: int = Field(default=1, ge=0)
    category_ease: dict[Code, int] = Field(default_factory=dict)
    categories_per_wave: int = Field(default=3, ge=1, le=3)
    on_time_goal_pct: Percent | None = None
    coordinated: CoordinatedRule = CoordinatedRule()

    @property
    def weights(self) -> dict[str, int]:
        """The weights of the parts by which categories are prioritised."""
        return {
            "potential": self.weight_potential,
            "expiry": self.weight_expiry,
            "risk": self.weight_risk,
            "ease": self.weight_ease,
        }

    @field_validator("category_ease")
    @classmethod
    def _one_to_five(cls, scores: dict[str, int]) -> dict[str, int]:
        for code, score in scores.items():
            if not 1 <= score <= 5:
                raise ValueError(f"the ease of category {code} is {score}. Give 1 (hard) to 5 (easy).")
        return scores

    @model_validator(mode="after")
    def _some_weight(self) -> ProcurementPlanParams:
        if not self.weight_potential + self.weight_expiry + self.weight_risk + self.weight_ease:
            raise ValueError("all four weights are 0. Give at least one of them a weight.")
        return self
