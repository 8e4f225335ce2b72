"""The reports there are: name, notebook, title, reader, and what each is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papermill.inspection import inspect_notebook

from procanalysis.errors import ParamsError, ReportError, did_you_mean

Subject = Literal["organisation", "assessment", "case", "board"]
"""What is prepared for reports: an organisation's data, an assessment file, a business case file, or a board's figures.

All but the first can belong to an organisation that has no ledger here. A board has printed figures about itself, and
its reports are published once per year that it has reported.
"""


Per = Literal["", "category", "unit"]
"""What a report is published once for each of; the notebook then has a parameter of that name."""


@dataclass(frozen=True)
class Item:
    """Name one of several things that a report is published for: in file names, for people, and to the notebook."""

    file: str = ""
    name: str = ""
    given: str = ""


@dataclass(frozen=True)
class Report:
    """Name one report, what it is about, and what it is published once for each of, if anything."""

    name: str
    title: str
    reader: str
    subject: Subject = "organisation"
    per: Per = ""

    @property
    def notebook(self) -> str:
        """The notebook's file name."""
        return f"{self.name.replace('-', '_')}.ipynb"


REPORTS: tuple[Report, ...] = (
    Report("data-quality", "Underlagets kvalitet", "controller"),
    Report("spend-overview", "Spendanalys", "inköpschef"),
    Report("category-analysis", "Kategorianalys", "strategisk inköpare", per="category"),
    Report("contracts", "Avtal och trohet", "avtalscontroller"),
    Report("supplier-follow-up", "Leverantörsuppföljning", "avtalscontroller"),
    Report("procurement-plan", "Inköpsplan", "nämnd"),
    Report("savings", "Besparingar", "nämnd, ekonomi"),
    Report("monthly-report", "Månadsrapport", "enheter", per="unit"),
    Report("indicators", "Indikatorer", "nämnd", subject="board"),
    Report("business-case", "Business case", "strategisk inköpare, nämnd", subject="case"),
    Report("gap-analysis", "Gapanalys", "konsult, inköpschef", subject="assessment"),
    Report("gap-summary", "Gapanalys i korthet", "nämnd", subject="assessment"),
)


def chosen_reports(names: list[str]) -> tuple[Report, ...]:
    """Return the reports named, or all of them. Raises ParamsError for a name that is none of them."""
    by_name = {report.name: report for report in REPORTS}
    for name in names:
        if name not in by_name:
            raise ParamsError(f"There is no report '{name}'. {did_you_mean(name, by_name)}")
    return tuple(by_name[name] for name in dict.fromkeys(names)) or REPORTS


def declared_parameters(notebook: Path) -> Mapping[str, Mapping[str, str]]:
    """Return a notebook's parameters with their defaults and help, as papermill reads them."""
    return inspect_notebook(str(notebook))  # type: ignore[no-any-return]


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """Refuse a difference between the parameters given and those declared; papermill itself only warns."""
    declared = set(declared_parameters(notebook))
    if strangers := sorted(set(given) - declared):
        raise ReportError(
            f"{notebook.name}: the notebook declares no parameter '{strangers[0]}'. "
            f"{did_you_mean(strangers[0], declared)}"
        )
    if missing := sorted(declared - set(given)):
        raise ReportError(
            f"{notebook.name}: the parameter '{missing[0]}' is declared in the notebook but not given. Give it in "
            "the run."
        )
