"""Business case files: which there are, whose they are, and one of them read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from procanalysis.errors import ParamsError, did_you_mean
from procanalysis.params.business_case_checks import case_problems
from procanalysis.params.business_case_parts import BusinessCaseParams
from procanalysis.params.project import organisations_folder
from procanalysis.params.yaml_file import SLUG, load_file, problem_error, refuse, stated_in


def business_cases_folder() -> Path:
    """Return the folder of business case files, beside that of the organisation files."""
    return organisations_folder().parent / "business_cases"


def business_case_slugs() -> list[str]:
    """List the business cases that have a file, in order of name."""
    return sorted(path.stem for path in business_cases_folder().glob("*.yml"))


@dataclass(frozen=True)
class BusinessCaseIdentity:
    """Tell whose a business case file is, as far as it can be read; empty text where it cannot.

    `period` is the one that its baseline names or, for a case of no organisation, the year that it starts.
    """

    slug: str
    organisation: str = ""
    name: str = ""
    title: str = ""
    fictional: bool = False
    period: str = ""


def business_case_identities() -> list[BusinessCaseIdentity]:
    """List the business case files and whose they are, also those with mistakes in them."""
    return [_identity(business_cases_folder() / f"{slug}.yml") for slug in business_case_slugs()]


def _identity(path: Path) -> BusinessCaseIdentity:
    given = stated_in(path)
    slug = given.get("organisation")
    return BusinessCaseIdentity(
        path.stem,
        slug if isinstance(slug, str) and SLUG.fullmatch(slug) else "",
        str(given.get("name") or ""),
        str(given.get("title") or ""),
        given.get("fictional") is True,
        _stated_period(given),
    )


def _stated_period(given: Mapping[str, object]) -> str:
    baseline, starts_on = given.get("baseline"), given.get("starts_on")
    if isinstance(baseline, dict) and baseline.get("period"):
        return str(baseline["period"])
    return str(starts_on.year) if isinstance(starts_on, date) and not given.get("organisation") else ""


def load_business_case(path: Path) -> BusinessCaseParams:
    """Read and validate a business case file.

    Returns it, frozen. Raises ParamsError naming file, line, key and remedy for every mistake: also shares that do not
    sum to 100, low above likely, unknown or missing drivers, costs outside the horizon, correlations that name no
    driver or cannot hold together. What only the ledger can tell, as an unknown category, is told with `problem_at`.
    """
    missing = (
        f"There is no business case '{path.stem}'. {did_you_mean(path.stem, business_case_slugs())} "
        "Write one in params/business_cases, or see 'procanalysis list'."
    )
    params = load_file(path, BusinessCaseParams, missing=missing)
    refuse(path, case_problems(params))
    return params


def problem_at(params: BusinessCaseParams, keys: Sequence[str], message: str) -> ParamsError:
    """Return the error that names the file, the line of the keys and what is wrong there, for a caller to raise.

    Parameters: params; keys, as ("baseline", "category"); message, what is wrong and the cure.
    """
    return problem_error(params.path, [(tuple(keys), message)])
