"""Run one report: notebook through papermill, then page, workbook and figures, into a draft folder."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
from papermill.execute import execute_notebook

from procanalysis import errors
from procanalysis.errors import ProcanalysisError, ReportError
from procanalysis.organisation import open_organisation
from procanalysis.params import load_organisation_params, parse_period, project_root
from procanalysis.report import CollectedReport, collect_parts, write_workbook
from procanalysis.report.notebook_html import export_html
from procanalysis.run import engine
from procanalysis.run.catalogue import Item, Per, Report, Subject, check_parameters
from procanalysis.run.processes import CAN_FORK
from procanalysis.run.publish import PREPARATION, Place, forget_failure, is_published, now, publish, record_failure
from procanalysis.version import VERSION, code_digest

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Prepared:
    """Hold what the runner must know of an organisation whose data are prepared, or of one of its files.

    items holds, for each way in which a report can be published several times, what it is then published for. file is
    the short name of the assessment, business case or indicator file, and file_title what it is called on the index
    where an organisation can have several; both are empty for the organisation itself.
    """

    slug: str
    name: str
    fictional: bool
    period: str
    period_name: str
    preparation: str
    settings: str
    inputs: tuple[Mapping[str, Any], ...]
    items: Mapping[Per, tuple[Item, ...]] = field(default_factory=dict)
    subject: Subject = "organisation"
    file: str = ""
    file_title: str = ""


@dataclass(frozen=True)
class Job:
    """Name one report to run: which, for whom, and for which item (a category, unit or business case) if any."""

    report: Report
    prepared: Prepared
    item: Item
    out: Path
    drafts: Path

    @property
    def place(self) -> Place:
        """Where its files will lie."""
        return Place(self.out, self.prepared.slug, self.prepared.period, self.report.name, self.item.file)

    @property
    def title(self) -> str:
        """The report's name for people."""
        return f"{self.report.title}: {self.item.name}" if self.item.file else self.report.title

    def facts(self) -> dict[str, Any]:
        """Return what the index needs to know of the report, published or failed."""
        return {
            "organisation": self.prepared.name,
            "slug": self.prepared.slug,
            "fictional": self.prepared.fictional,
            "item_name": self.item.name,
        }

    def fingerprint(self) -> str:
        """Return a digest of everything that the report depends on."""
        notebook = (project_root() / "notebooks" / self.report.notebook).read_bytes()
        methods = sorted((project_root() / "docs" / "methods").glob("*.md"))
        content = [
            self.prepared.preparation,
            self.prepared.period,
            self.prepared.settings,
            self.item.file,
            self.item.given,
            code_digest(),
        ]
        digest = hashlib.sha256(json.dumps(content).encode() + notebook)
        for page in methods:
            digest.update(page.read_bytes())
        return digest.hexdigest()[:32]


def prepare(slug: str, period: str) -> Prepared:
    """Prepare an organisation's data and choose its categories. Raises what `open_organisation` raises."""
    organisation = open_organisation(slug, period)
    params, logo = organisation.params, organisation.params.logo_path()
    # Who gets a report by mail is no part of it.
    settings = params.model_dump_json(exclude={"path", "ledger", "mapping", "distribution"})
    return Prepared(
        slug=slug,
        name=params.name,
        fictional=params.fictional,
        period=organisation.period.label,
        period_name=organisation.period_name,
        preparation=organisation.folder.name,
        settings=settings + (hashlib.sha256(logo.read_bytes()).hexdigest() if logo else ""),
        inputs=organisation.inputs,
        items={
            "category": tuple(Item(code, name, code) for code, name in organisation.chosen_categories()),
            "unit": unit_items(organisation.chosen_units()) if organisation.has_months else (),
        },
    )


def unit_items(units: Iterable[str]) -> tuple[Item, ...]:
    """Name the organisation as a whole and then units, with file names that hold on every system and differ.

    >>> [item.file for item in unit_items(["Primärvården", "HR/Lön", "HR-lön"])]
    ['', 'primarvarden', 'hr-lon', 'hr-lon-2']
    """
    items, taken = [Item()], set()
    for unit in units:
        plain = unicodedata.normalize("NFKD", unit.casefold()).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "enhet"
        numbered = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
        file = next(name for name in numbered if name not in taken)
        taken.add(file)
        items.append(Item(file, unit, unit))
    return tuple(items)


def run_report(job: Job, ordinary_kernel: bool) -> str:
    """Run and publish one report in this process. Returns 'published' or 'unchanged'.

    Raises ReportError in words when the notebook fails; the failure and its notebook are then kept for the index.
    """
    place = job.place
    draft = Path(tempfile.mkdtemp(dir=job.drafts))
    executed = draft / f"{place.stem}.ipynb"
    try:
        fingerprint = job.fingerprint()
        if is_published(place, fingerprint):
            forget_failure(place)
            return "unchanged"
        notebook = _execute(job, executed, ordinary_kernel)
        _write_files(job, draft, notebook, collect_parts(notebook), fingerprint)
        publish(place, draft)
    except Exception as error:
        reason = _reason(error)
        record_failure(place, job.facts(), reason, executed)
        raise ReportError(reason) from error
    return "published"


def _execute(job: Job, executed: Path, ordinary_kernel: bool) -> Any:
    notebook = project_root() / "notebooks" / job.report.notebook
    if job.prepared.file:
        parameters: dict[str, object] = {f"{job.prepared.subject}_slug": job.prepared.file}
        if job.prepared.subject == "board":
            parameters["year"] = int(job.prepared.period)
    else:
        parameters = {"organisation": job.prepared.slug, "period": job.prepared.period}
    if job.report.per:
        parameters[job.report.per] = job.item.given
    check_parameters(notebook, parameters)
    engine.register()
    os.environ["PROCANALYSIS_ROOT"] = str(project_root())
    result = execute_notebook(
        str(notebook),
        str(executed),
        parameters=parameters,
        engine_name=None if ordinary_kernel or not CAN_FORK else engine.ENGINE,
        kernel_name="python3",
        cwd=str(notebook.parent),
        progress_bar=False,
        request_save_on_cell_execute=False,
    )
    _forget_machine(result)
    nbformat.write(result, str(executed))
    return result


def _forget_machine(notebook: Any) -> None:
    """Take away what differs from run to run, and the machine's paths, so that the same data give the same notebook."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"  # papermill draws one at random
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)


def _write_files(job: Job, draft: Path, notebook: Any, collected: CollectedReport, fingerprint: str) -> None:
    place = job.place
    links = (("Tabellerna i Excel", f"{place.stem}.xlsx"), ("Nyckeltalen som JSON", f"{place.stem}.json"),
             ("Notebook", f"{place.stem}.ipynb"))  # fmt: skip
    window_title = f"{job.title}, {job.prepared.name}, {job.prepared.period_name}"
    page = export_html(notebook, title=window_title, report_name=job.report.title, links=links)
    (draft / f"{place.stem}.html").write_text(page, encoding="utf-8")
    source_text = str(collected.header.get("source", "")) or job.prepared.name
    write_workbook(
        draft / f"{place.stem}.xlsx",
        collected,
        title=window_title,
        source_text=source_text,
        made_on=date.today(),
    )
    content = {
        **job.facts(),
        "period": place.period,
        "report": place.report,
        "item": place.item,
        "title": window_title,
        "version": VERSION,
        "made_at": now(),
        "fingerprint": fingerprint,
        "inputs": list(job.prepared.inputs),
        "figures": list(collected.figures),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (draft / f"{place.stem}.json").write_text(text, encoding="utf-8")


def _reason(error: Exception) -> str:
    """Say in words why a report failed: our own message as it is, another error with the cell it came from."""
    name, value = getattr(error, "ename", type(error).__name__), str(getattr(error, "evalue", error))
    value = _ANSI.sub("", value)
    if name in _OWN_ERRORS:
        return value
    cell = getattr(error, "exec_count", None)
    where = f" in code cell {cell}" if cell is not None else ""
    return f"{name}{where}: {value}"


_OWN_ERRORS = {
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, ProcanalysisError)
}


def failed_preparation_place(slug: str, period: str, out: Path) -> tuple[Place, dict[str, Any]]:
    """Return where to note that an organisation's data could not be prepared, and what is known of it."""
    params = load_organisation_params(slug)
    chosen = parse_period(period or params.period).label
    facts = {"organisation": params.name, "slug": slug, "fictional": params.fictional, "item_name": ""}
    return Place(out, slug, chosen, PREPARATION), facts
