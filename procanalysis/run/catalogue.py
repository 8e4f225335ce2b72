"""The reports there are: name, notebook, title, reader, and what each is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from procanalysis.errors import ParamsError, ReportError, did_you_mean

Subject = Literal["organisation", "assessment", "case", "board", "organisation_year", "board_year", "region", "group"]
"""What is prepared for reports.

An organisation's data, an assessment file, a business case file, or a board's figures of one year. An annual report
rests on more: an organisation_year or board_year has reviewed texts and tender statistics too. A region has its tender
statistics of one year, and a group those of its members side by side. Only those of an organisation need a ledger.
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
    """Name one report, what it is about, and what it is published once for each of, if anything.

    A report that is made from different things for different subjects has one entry and one notebook for each; all
    but the first then end in the subject (`annual_report_board`).
    """

    name: str
    title: str
    reader: str
    subject: Subject = "organisation"
    per: Per = ""
    ending: str = ""

    @property
    def notebook(self) -> str:
        """The notebook's file name."""
        return f"{self.name.replace('-', '_')}{self.ending}.ipynb"


REPORTS: tuple[Report, ...] = (
    Report("data-quality", "Underlagets kvalitet", "controller"),
    Report("spend-overview", "Spendanalys", "inköpschef"),
    Report("category-analysis", "Kategorianalys", "strategisk inköpare", per="category"),
    Report("contracts", "Avtal och trohet", "avtalscontroller"),
    Report("articles", "Artiklar och priser", "strategisk inköpare, avtalscontroller"),
    Report("supplier-follow-up", "Leverantörsuppföljning", "avtalscontroller"),
    Report("procurement-plan", "Inköpsplan", "nämnd"),
    Report("savings", "Besparingar", "nämnd, ekonomi"),
    Report("monthly-report", "Månadsrapport", "enheter", per="unit"),
    Report("indicators", "Indikatorer", "nämnd", subject="board"),
    Report("annual-report", "Verksamhetsberättelse", "nämnd, allmänhet", subject="organisation_year"),
    Report("annual-report", "Verksamhetsberättelse", "nämnd, allmänhet", subject="board_year", ending="_board"),
    Report("annual-report", "Verksamhetsberättelse", "allmänhet, press", subject="region", ending="_region"),
    Report("comparison", "Jämförelse", "alla", subject="group"),
    Report("business-case", "Business case", "strategisk inköpare, nämnd", subject="case"),
    Report("gap-analysis", "Gapanalys", "konsult, inköpschef", subject="assessment"),
    Report("gap-summary", "Gapanalys i korthet", "nämnd", subject="assessment"),
)


def chosen_reports(names: list[str]) -> tuple[Report, ...]:
    """Return the reports named, or all of them. Raises ParamsError for a name that is none of them."""
    known = list(dict.fromkeys(report.name for report in REPORTS))
    for name in names:
        if name not in known:
            raise ParamsError(f"There is no report '{name}'. {did_you_mean(name, known)}")
    return tuple(report for name in dict.fromkeys(names) for report in REPORTS if report.name == name) or REPORTS


def declared_parameters(notebook: Path) -> Mapping[str, Mapping[str, str]]:
    """Return a notebook's parameters with their defaults and help, as papermill reads them."""
    from papermill.inspection import inspect_notebook  # takes a second to import

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
