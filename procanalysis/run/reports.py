"""Run one report: notebook through papermill, then page, workbook and figures, into a draft folder."""

from __future__ import annotations

import json
import os
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
from papermill.execute import execute_notebook

from procanalysis import errors
from procanalysis.errors import ProcanalysisError, ReportError
from procanalysis.params import project_root
from procanalysis.report import CollectedReport, collect_parts, write_workbook
from procanalysis.report.canvas import canvas_ready
from procanalysis.report.markup import templates_ready
from procanalysis.report.notebook_html import export_html, export_html_ready
from procanalysis.run import engine
from procanalysis.run.catalogue import check_parameters
from procanalysis.run.jobs import Job
from procanalysis.run.publish import now, publish, record_failure
from procanalysis.version import VERSION

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def get_ready() -> None:
    """Do once, before processes are forked, what each of them would do first."""
    engine.register()
    export_html_ready()
    templates_ready()
    canvas_ready()
    nbformat.validate(nbformat.v4.new_notebook())  # compiles what it checks with


def run_report(job: Job, ordinary_kernel: bool) -> None:
    """Run and publish one report in this process.

    Raises ReportError in words when the notebook fails; the failure and its notebook are then kept for the index.
    """
    place = job.place
    draft = Path(tempfile.mkdtemp(dir=job.drafts))
    executed = draft / f"{place.stem}.ipynb"
    try:
        fingerprint = job.fingerprint()  # before the work: a file changed meanwhile makes the report outdated
        notebook = _execute(job, executed, ordinary_kernel)
        _write_files(job, draft, notebook, collect_parts(notebook), fingerprint)
        publish(place, draft)
    except Exception as error:
        reason = _reason(error)
        record_failure(place, job.facts(), reason, executed)
        raise ReportError(reason) from error


def _execute(job: Job, executed: Path, ordinary_kernel: bool) -> Any:
    notebook = project_root() / "notebooks" / job.report.notebook
    parameters = dict(job.prepared.parameters)
    if job.report.per:
        parameters[job.report.per] = job.item.given
    check_parameters(notebook, parameters)
    engine.register()
    os.environ["PROCANALYSIS_ROOT"] = str(project_root())
    result = execute_notebook(
        str(notebook),
        str(executed),
        parameters=parameters,
        engine_name=engine.KERNEL_ENGINE if ordinary_kernel else engine.ENGINE,
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
