"""The organisation file: where the ledger lies, how it is mapped, and what the reports need."""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from procanalysis.errors import InputError, ParamsError, did_you_mean
from procanalysis.params.articles import (
    ArticleParams,
    ArticlePart,
    ArticleTagFiles,
    EmissionFactorFiles,
    InvoiceFiles,
    OrderFiles,
    PriceIndexFiles,
    PriceListFiles,
)
from procanalysis.params.contracts import (
    ContractRegisterParams,
    DirectAwardParams,
    FollowUpRegisterParams,
    LoyaltyParams,
    ProcurementPlanParams,
    ProcurementRegisterParams,
    RegisterFile,
    SupplierFollowUpParams,
)
from procanalysis.params.distribution import Recipient
from procanalysis.params.file_patterns import is_pattern, matching_files
from procanalysis.params.period import parse_period
from procanalysis.params.project import organisation_slugs, organisations_folder
from procanalysis.params.savings import SavingsPart, SavingsRegisters, SavingsReportParams
from procanalysis.params.suggestions import SuggestionParams
from procanalysis.params.table_file import TableFile, known_columns
from procanalysis.params.tenders import load_tender_source, tender_source_slugs, unknown_source, wrong_world
from procanalysis.params.yaml_file import SLUG, Part, load_file

READABLE_COLUMNS: dict[str, str] = {
    "buyer_id": "the buyer's organisation number",
    "buyer": "the buyer's name",
    "unit": "the unit (förvaltning, nämnd) that bought",
    "supplier_name": "the supplier's name",
    "supplier_number": "the supplier's organisation number",
    "account": "account code, or code and text in one cell",
    "account_text": "the account's text",
    "project": "project or activity code",
    "text": "free text of the row",
    "invoice_number": "invoice number",
    "voucher_number": "voucher number",
    "booked_on": "booking or invoice date",
    "amount": "amount excluding VAT",
    "basis": "grund (direktupphandling, ramavtal …)",
    "contract_reference": "avtal (contract reference)",
}
"""What an organisation file can map to the headers of its own ledger."""


def _text(value: object) -> object:
    """Take a bare YAML number or date as the text that was written, so that `period: 2025` works."""
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, int) else value


Text = Annotated[str, BeforeValidator(_text)]


Engine = Literal["duckdb", "spark"]
"""What the prepared lines are opened with: DuckDB within the process, or Spark for what outgrows one machine."""


class ControlTotal(Part):
    """Hold what the ledger should add up to, as the economy system states it."""

    rows: int | None = Field(default=None, ge=0)
    amount: Decimal | None = Field(default=None, decimal_places=2)


class LedgerParams(TableFile):
    """Say where the ledger lies and how it is written; everything but `files` has a sensible default."""

    supplier_numbers: Literal["auto", "organisation", "internal"] = "auto"
    accounts: tuple[Annotated[str, BeforeValidator(_text), Field(pattern=r"^[0-9]+$")], ...] = ()
    control_total: ControlTotal = ControlTotal()

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, READABLE_COLUMNS)


class MappingParams(Part):
    """Name the category tree and the rule files; with several rule files all their rules hold together."""

    taxonomy: str = "../taxonomies/procanalysis.csv"
    rules: tuple[str, ...] = Field(min_length=1)


class PrivacyParams(Part):
    """Say whether sole traders are masked. Leave it on unless the legal basis for showing them is written down."""

    mask_sole_traders: bool = True


class CategoryAnalysisParams(Part):
    """Choose the category analyses: the codes named, or else the `largest` ones of a level of the tree."""

    largest: int = Field(default=10, ge=1, le=100)
    level: int = Field(default=2, ge=1, le=9)
    categories: tuple[Text, ...] = ()


class MonthlyReportParams(Part):
    """Choose the units that get a monthly report of their own, besides the organisation as a whole."""

    units: tuple[Text, ...] = ()


class ReportParams(Part):
    """Hold the parameters of the reports. An amount left out makes what depends on it unknown, never zero."""

    category_analysis: CategoryAnalysisParams = CategoryAnalysisParams()
    small_invoice_limit_sek: int = Field(default=10_000, gt=0)
    invoice_handling_cost_sek: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    small_supplier_saving_pct: Decimal | None = Field(default=None, gt=0, le=100)
    coordination_saving_pct: Decimal | None = Field(default=None, gt=0, le=100)
    loyalty: LoyaltyParams = LoyaltyParams()
    direct_award: DirectAwardParams = DirectAwardParams()
    supplier_follow_up: SupplierFollowUpParams = SupplierFollowUpParams()
    procurement_plan: ProcurementPlanParams = ProcurementPlanParams()
    savings: SavingsReportParams = SavingsReportParams()
    articles: ArticleParams = ArticleParams()
    monthly_report: MonthlyReportParams = MonthlyReportParams()
    suggestions: SuggestionParams = SuggestionParams()

    @property
    def small_invoice_limit_ore(self) -> int:
        """The limit in hundredths."""
        return self.small_invoice_limit_sek * 100

    @property
    def invoice_handling_cost_ore(self) -> int | None:
        """The cost of handling one invoice in hundredths."""
        return None if self.invoice_handling_cost_sek is None else int(self.invoice_handling_cost_sek * 100)


class StyleParams(Part):
    """Hold the house style: one accent colour and a logo."""

    accent_colour: str = Field(default="#12436D", pattern=r"^#[0-9A-Fa-f]{6}$")
    logo: str = ""


class OrganisationParams(Part):
    """Hold one organisation file. `slug` and `path` come from the file's name and place."""

    slug: str
    path: Path
    name: str = Field(min_length=1)
    organisation_number: Text = ""
    kind: Literal["region", "municipality", "joint_board", "company", "authority", "other"] = "other"
    fictional: bool = False
    currency: str = Field(default="SEK", pattern=r"^[A-Z]{3}$")
    period: Text
    ledger: LedgerParams
    engine: Engine = "duckdb"
    mapping: MappingParams
    contracts: ContractRegisterParams | None = None
    follow_ups: FollowUpRegisterParams | None = None
    procurements: ProcurementRegisterParams | None = None
    savings: SavingsRegisters | None = None
    orders: OrderFiles | None = None
    invoices: InvoiceFiles | None = None
    price_lists: PriceListFiles | None = None
    price_indexes: PriceIndexFiles | None = None
    article_tags: ArticleTagFiles | None = None
    emission_factors: EmissionFactorFiles | None = None
    tenders: tuple[str, ...] = ()
    privacy: PrivacyParams = PrivacyParams()
    reports: ReportParams = ReportParams()
    style: StyleParams = StyleParams()
    distribution: tuple[Recipient, ...] = ()

    @field_validator("period")
    @classmethod
    def _valid_period(cls, text: str) -> str:
        try:
            parse_period(text)
        except ParamsError as error:
            raise ValueError(str(error)) from None  # so that file, line and key are named as for every other mistake
        return text

    @field_validator("tenders")
    @classmethod
    def _known_sources(cls, slugs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = tender_source_slugs() if slugs else []
        for slug in slugs:
            if slug not in known:
                raise ValueError(unknown_source(slug, known))
            if wrong := _wrong_world(slug, bool(info.data.get("fictional"))):
                raise ValueError(wrong)
        return slugs

    @model_validator(mode="after")
    def _units_with_reports(self) -> OrganisationParams:
        have = self.reports.monthly_report.units
        for unit in (unit for recipient in self.distribution for unit in recipient.units):
            if unit not in have:
                cure = f" {did_you_mean(unit, have)}" if have else ""
                raise ValueError(
                    f"distribution: '{unit}' is not among reports.monthly_report.units. Add it there.{cure}"
                )
        return self

    def ledger_paths(self) -> list[Path]:
        """List the ledger files, with variables and globs resolved, in order of name.

        Raises InputError when a name matches no file.
        """
        found = (path for pattern in self.ledger.files for path in self._resolve(pattern, "ledger.files"))
        return list(dict.fromkeys(found))  # a file that two patterns match is one delivery

    def contract_paths(self) -> list[Path]:
        """List the files of the contract register; none when the organisation file names no register."""
        return self._register_paths(self.contracts, "contracts.files")

    def follow_up_paths(self) -> list[Path]:
        """List the files of the follow-up register; none when the organisation file names no register."""
        return self._register_paths(self.follow_ups, "follow_ups.files")

    def procurement_paths(self) -> list[Path]:
        """List the files of the procurements; none when the organisation file names none."""
        return self._register_paths(self.procurements, "procurements.files")

    def savings_paths(self, part: SavingsPart) -> list[Path]:
        """List the files of one part of the savings register; none when the organisation file names none."""
        register = getattr(self.savings, part) if self.savings else None
        return self._register_paths(register, f"savings.{part}.files")

    def article_paths(self, part: ArticlePart) -> list[Path]:
        """List the files of one source of articles; none when the organisation file names none."""
        return self._register_paths(getattr(self, part), f"{part}.files")

    def register_paths(self) -> dict[str, list[Path]]:
        """List the files of every register by its part, so that a change is seen, also of which part a file is in."""
        groups = self.supplier_groups_path()
        return {
            "contracts": self.contract_paths(),
            "follow_ups": self.follow_up_paths(),
            "procurements": self.procurement_paths(),
            **{part: self.savings_paths(part) for part in get_args(SavingsPart)},
            **{part: self.article_paths(part) for part in get_args(ArticlePart)},
            "supplier_groups": [groups] if groups else [],
        }

    def all_register_paths(self) -> list[Path]:
        """List every file of the registers."""
        return [path for paths in self.register_paths().values() for path in paths]

    def supplier_groups_path(self) -> Path | None:
        """Return the file that says which suppliers are one group of companies, or None when none is named."""
        if self.contracts is None or not self.contracts.supplier_groups:
            return None
        return self._resolve(self.contracts.supplier_groups, "contracts.supplier_groups")[0]

    def taxonomy_path(self) -> Path:
        """Return the path of the category tree."""
        return self._resolve(self.mapping.taxonomy, "mapping.taxonomy")[0]

    def rule_paths(self) -> list[Path]:
        """List the rule files in the order given."""
        return [path for name in self.mapping.rules for path in self._resolve(name, "mapping.rules")]

    def logo_path(self) -> Path | None:
        """Return the path of the logo that reports show, or None when the file names none.

        Raises InputError when there is no such file.
        """
        return self._resolve(self.style.logo, "style.logo")[0] if self.style.logo else None

    def _register_paths(self, register: RegisterFile | InvoiceFiles | None, key: str) -> list[Path]:
        patterns: tuple[str, ...] = register.files if register else ()
        found = (path for pattern in patterns for path in self._resolve(pattern, key))
        return list(dict.fromkeys(found))

    def _resolve(self, pattern: str, key: str) -> list[Path]:
        expanded = Path(_expand_variables(pattern, f"{self.path.name}: {key}")).expanduser()
        base = expanded if expanded.is_absolute() else self.path.parent / expanded
        if found := matching_files(base):
            return found
        what = f"no file matches '{pattern}'" if is_pattern(str(base)) else f"there is no file '{pattern}'"
        check = "the folder and that the files are" if is_pattern(str(base)) else "the spelling and that the file is"
        raise InputError(
            f"{self.path.name}: {key}: {what}. The path is relative to the organisation file. Check {check} delivered."
        )


def _wrong_world(slug: str, fictional: bool) -> str:
    """Say why a source is not for the organisation. A source with mistakes is told where it is used, not here."""
    try:
        return wrong_world(load_tender_source(slug), fictional)
    except ParamsError:
        return ""


def _expand_variables(text: str, where: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if not os.environ.get(name):
            raise ParamsError(
                f"{where}: the environment variable {name} is not set. Set it to the file or folder and run again."
            )
        return os.environ[name]

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)


def load_params(path: Path) -> OrganisationParams:
    """Read and validate one organisation file.

    Returns the frozen parameters. Raises ParamsError naming the file, line, key and the nearest valid key.
    """
    missing = (
        f"There is no organisation file '{path.name}' in {path.parent.name}/. "
        f"Create it with 'procanalysis init {path.stem}', or see 'procanalysis list'."
    )
    return load_file(path, OrganisationParams, missing=missing)


def load_organisation_params(slug: str) -> OrganisationParams:
    """Read the organisation file of a slug. Raises ParamsError that names the nearest slug when there is none."""
    path = organisations_folder() / f"{slug}.yml"
    # A name with a slash in it must not lead to a file elsewhere.
    if Path(slug).name != slug or (SLUG.fullmatch(slug) and not path.is_file()):
        raise ParamsError(
            f"There is no organisation '{slug}'. {did_you_mean(slug, organisation_slugs())} "
            f"Create it with 'procanalysis init {slug}'."
        )
    return load_params(path)
