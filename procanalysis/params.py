"""The organisation file and the period: validated, frozen, every mistake named with file, key and remedy."""

from __future__ import annotations

import calendar
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from procanalysis.errors import InputError, ParamsError, did_you_mean, examples

SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ControlTotal(_Part):
    """Hold what the ledger should add up to, as the economy system states it."""

    rows: int | None = Field(default=None, ge=0)
    amount: Decimal | None = Field(default=None, decimal_places=2)


class LedgerParams(_Part):
    """Say where the ledger lies and how it is written; everything but `files` has a sensible default."""

    files: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["auto", "utf-8", "utf-16", "cp1252"] = "auto"
    delimiter: Literal["auto", ";", ",", "tab", "|"] = "auto"
    decimal: Literal["auto", ",", "."] = "auto"
    date_order: Literal["auto", "year-month-day", "day-month-year", "month-day-year"] = "auto"
    supplier_numbers: Literal["auto", "organisation", "internal"] = "auto"
    control_total: ControlTotal = ControlTotal()

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        for name in columns:
            if name not in READABLE_COLUMNS:
                raise ValueError(f"unknown column '{name}'. {did_you_mean(name, READABLE_COLUMNS)}")
        return columns


class MappingParams(_Part):
    """Name the category tree and the rule files; with several rule files all their rules hold together."""

    taxonomy: str = "../taxonomies/procanalysis.csv"
    rules: tuple[str, ...] = Field(min_length=1)


class PrivacyParams(_Part):
    """Say whether sole traders are masked. Leave it on unless the legal basis for showing them is written down."""

    mask_sole_traders: bool = True


class CategoryAnalysisParams(_Part):
    """Choose the category analyses: the codes named, or else the `largest` ones of a level of the tree."""

    largest: int = Field(default=10, ge=1, le=100)
    level: int = Field(default=2, ge=1, le=9)
    categories: tuple[Text, ...] = ()


class ReportParams(_Part):
    """Hold the parameters of the reports. An amount left out makes what depends on it unknown, never zero."""

    category_analysis: CategoryAnalysisParams = CategoryAnalysisParams()
    small_invoice_limit_sek: int = Field(default=10_000, gt=0)
    invoice_handling_cost_sek: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    small_supplier_saving_pct: Decimal | None = Field(default=None, gt=0, le=100)
    coordination_saving_pct: Decimal | None = Field(default=None, gt=0, le=100)

    @property
    def small_invoice_limit_ore(self) -> int:
        """The limit in hundredths."""
        return self.small_invoice_limit_sek * 100

    @property
    def invoice_handling_cost_ore(self) -> int | None:
        """The cost of handling one invoice in hundredths."""
        return None if self.invoice_handling_cost_sek is None else int(self.invoice_handling_cost_sek * 100)


class StyleParams(_Part):
    """Hold the house style: one accent colour and a logo."""

    accent_colour: str = Field(default="#12436D", pattern=r"^#[0-9A-Fa-f]{6}$")
    logo: str = ""


class OrganisationParams(_Part):
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
    mapping: MappingParams
    privacy: PrivacyParams = PrivacyParams()
    reports: ReportParams = ReportParams()
    style: StyleParams = StyleParams()

    @field_validator("period")
    @classmethod
    def _valid_period(cls, text: str) -> str:
        parse_period(text)
        return text

    def ledger_paths(self) -> list[Path]:
        """List the ledger files, with variables and globs resolved, in order of name.

        Raises InputError when a name matches no file.
        """
        return [path for pattern in self.ledger.files for path in self._resolve(pattern, "ledger.files")]

    def taxonomy_path(self) -> Path:
        """Return the path of the category tree."""
        return self._resolve(self.mapping.taxonomy, "mapping.taxonomy")[0]

    def rule_paths(self) -> list[Path]:
        """List the rule files in the order given."""
        return [path for name in self.mapping.rules for path in self._resolve(name, "mapping.rules")]

    def _resolve(self, pattern: str, key: str) -> list[Path]:
        expanded = Path(_expand_variables(pattern, f"{self.path.name}: {key}")).expanduser()
        base = expanded if expanded.is_absolute() else self.path.parent / expanded
        if not any(sign in str(base) for sign in "*?["):
            if not base.is_file():
                raise InputError(
                    f"{self.path.name}: {key}: there is no file '{pattern}'. "
                    "The path is relative to the organisation file. Check the spelling and that the file is delivered."
                )
            return [base.resolve()]
        fixed = next(i for i, part in enumerate(base.parts) if any(sign in part for sign in "*?["))
        root, rest = Path(*base.parts[:fixed]), "/".join(base.parts[fixed:])
        found = sorted(path.resolve() for path in root.glob(rest) if path.is_file()) if root.is_dir() else []
        if not found:
            raise InputError(
                f"{self.path.name}: {key}: no file matches '{pattern}'. "
                "The path is relative to the organisation file. Check the folder and that the files are delivered."
            )
        return found


@dataclass(frozen=True)
class Period:
    """Hold a span of whole days with the name it goes by."""

    label: str
    starts_on: date
    ends_on: date

    @property
    def months(self) -> int:
        """How many months the period covers."""
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month + 1

    def before(self) -> Period:
        """Return the period of the same length just before.

        >>> parse_period("2025").before().label
        '2024'
        >>> parse_period("2025-01").before().label
        '2024-12'
        >>> parse_period("2025-Q1").before().label
        '2024-Q4'
        """
        first = _add_months(self.starts_on, -self.months)
        last = self.starts_on - timedelta(days=1)
        if self.months == 12 and first.month == 1:
            label = str(first.year)
        elif self.months == 3 and first.month % 3 == 1:
            label = f"{first.year}-Q{(first.month + 2) // 3}"
        elif self.months == 1:
            label = f"{first:%Y-%m}"
        else:
            label = f"{first:%Y-%m}--{last:%Y-%m}"
        return Period(label, first, last)


def _add_months(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def parse_period(text: str) -> Period:
    """Read a period: a year, a month, a quarter, or a span of months.

    Parameters: text, one of '2025', '2025-03', '2025-Q1', '2020-04--2021-03'.
    Returns the Period. Raises ParamsError when the text is none of these.

    >>> parse_period("2020-04--2021-03").ends_on
    datetime.date(2021, 3, 31)
    """
    months = r"(\d{4})-(0[1-9]|1[0-2])"
    if match := re.fullmatch(r"\d{4}", text):
        year = int(text)
        return Period(text, date(year, 1, 1), date(year, 12, 31))
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        first = date(int(match[1]), 3 * int(match[2]) - 2, 1)
        return Period(text, first, _month_end(_add_months(first, 2)))
    if match := re.fullmatch(months, text):
        first = date(int(match[1]), int(match[2]), 1)
        return Period(text, first, _month_end(first))
    if match := re.fullmatch(f"{months}--{months}", text):
        first, last = date(int(match[1]), int(match[2]), 1), date(int(match[3]), int(match[4]), 1)
        if first <= last:
            return Period(text, first, _month_end(last))
    raise ParamsError(
        f"'{text}' is not a period. Write a year (2025), a month (2025-03), a quarter (2025-Q1) "
        "or a span of months (2020-04--2021-03)."
    )


def _expand_variables(text: str, where: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in os.environ:
            raise ParamsError(
                f"{where}: the environment variable {name} is not set. Set it to the file or folder and run again."
            )
        return os.environ[name]

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)


def load_params(path: Path) -> OrganisationParams:
    """Read and validate one organisation file.

    Returns the frozen parameters. Raises ParamsError naming the file, line, key and the nearest valid key.
    """
    shown = path.name
    slug = path.stem
    if not SLUG.match(slug):
        raise ParamsError(
            f"{shown}: the file name becomes the organisation's short name, so it may hold only a–z, 0–9 and single "
            "hyphens, as in 'region-exempel.yml'. Rename the file."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParamsError(
            f"There is no organisation file '{shown}' in {path.parent.name}/. "
            f"Create it with 'procanalysis init {slug}', or see 'procanalysis list'."
        ) from None
    except UnicodeDecodeError:
        raise ParamsError(f"{shown}: the file is not written in UTF-8. Save it as UTF-8 and run again.") from None
    content, lines = _parse_yaml(text, shown)
    for own in ("slug", "path"):
        if own in content:
            raise ParamsError(f"{shown}, line {lines[(own,)]}: unknown key '{own}'. The file's name decides it.")
    try:
        return OrganisationParams(slug=slug, path=path.resolve(), **content)
    except ValidationError as error:
        problems = "\n".join(f"  {problem}" for problem in _problems(error, lines))
        raise ParamsError(f"{shown}: {error.error_count()} problem(s) to correct:\n{problems}") from None


def _parse_yaml(text: str, shown: str) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise ParamsError(
            f"{shown}{at}: the file is not valid YAML ({getattr(error, 'problem', None) or 'unreadable'}). "
            "Indent with spaces and put text with special signs within quotes."
        ) from None
    if not isinstance(content, dict) or node is None:
        raise ParamsError(f"{shown}: the file is empty or not a list of 'key: value'. See 'procanalysis init'.")
    lines: dict[tuple[str, ...], int] = {}
    for keys, line in _keys(node, ()):
        if keys in lines:
            raise ParamsError(
                f"{shown}, line {line}: '{'.'.join(keys)}' stands twice (first in line {lines[keys]}). Keep one."
            )
        lines[keys] = line
    return content, lines


def _keys(node: yaml.Node, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            keys = (*above, str(key.value))
            yield keys, key.start_mark.line + 1
            yield from _keys(value, keys)


_PLAIN_WORDS = {
    "missing": "is missing",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "decimal_parsing": "must be a number, with a decimal point",
    "decimal_type": "must be a number, with a decimal point",
    "string_type": "must be text",
    "tuple_type": "must be a list, as in [a, b]",
    "dict_type": "must be a group of 'key: value' lines",
    "model_type": "must be a group of 'key: value' lines",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def _problems(error: ValidationError, lines: dict[tuple[str, ...], int]) -> Iterator[str]:
    for problem in error.errors():
        keys = tuple(str(part) for part in problem["loc"])
        line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
        where = f"line {line}: " if line else ""
        name = ".".join(part for part in keys)
        if problem["type"] == "extra_forbidden":
            words = f"unknown key '{name}'. {did_you_mean(keys[-1], _valid_keys(keys[:-1]))}"
        elif problem["type"] in ("value_error", "literal_error"):
            said = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be one of")
            words = f"'{name}': {said} (now: {examples([problem['input']])})"
        else:
            plain = _PLAIN_WORDS.get(problem["type"], problem["msg"].replace("Input should", "must"))
            given = "" if problem["type"] == "missing" else f" (now: {examples([problem['input']])})"
            words = f"'{name}' {plain}{given}"
        yield where + words


def _valid_keys(above: tuple[str, ...]) -> list[str]:
    model: type[BaseModel] = OrganisationParams
    for key in above:
        inner = model.model_fields[key].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return [name for name in model.model_fields if name not in ("slug", "path")]


def project_root() -> Path:
    """Return the project's folder: PROCANALYSIS_ROOT, or the nearest folder upwards with params/organisations.

    Raises ParamsError when there is none.
    """
    if given := os.environ.get("PROCANALYSIS_ROOT"):
        return Path(given).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "params" / "organisations").is_dir():
            return folder
    raise ParamsError(
        "This folder is not a procanalysis project: there is no params/organisations here or above. "
        "Go to the project's folder, or set PROCANALYSIS_ROOT to it."
    )


def organisations_folder() -> Path:
    """Return the folder of organisation files: PROCANALYSIS_PARAMS, or params/organisations of the project."""
    given = os.environ.get("PROCANALYSIS_PARAMS")
    return Path(given).resolve() if given else project_root() / "params" / "organisations"


def organisation_slugs() -> list[str]:
    """List the organisations that have a file, in order of name."""
    return sorted(path.stem for path in organisations_folder().glob("*.yml"))


def load_organisation_params(slug: str) -> OrganisationParams:
    """Read the organisation file of a slug. Raises ParamsError that names the nearest slug when there is none."""
    path = organisations_folder() / f"{slug}.yml"
    if SLUG.match(slug) and not path.is_file():
        raise ParamsError(
            f"There is no organisation '{slug}'. {did_you_mean(slug, organisation_slugs())} "
            f"Create it with 'procanalysis init {slug}'."
        )
    return load_params(path)
