"""The command line: what a user types, and what is said in return.

init, check, run, send, suggest, review, list, example, assessment and case decide nothing themselves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from procanalysis.errors import ParamsError, ProcanalysisError, did_you_mean
from procanalysis.params import (
    SLUG,
    load_organisation_params,
    organisation_slugs,
    organisations_folder,
    project_root,
)
from procanalysis.params.assessment import (
    assessment_identities,
    assessment_slugs,
    load_assessment_model,
    load_assessment_params,
)
from procanalysis.params.business_case import business_case_identities, problem_at
from procanalysis.params.indicators import catalogue_slugs
from procanalysis.params.tenders import tender_source_slugs
from procanalysis.run.options import MEMORY_PER_REPORT, SECONDS_PER_REPORT
from procanalysis.run.problems import write_problems
from procanalysis.schema import kronor
from procanalysis.version import VERSION

if TYPE_CHECKING:
    from procanalysis.organisation import Organisation

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Analyse what an organisation buys, and publish reports. Without a SLUG every organisation is meant.",
)
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Slugs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SLUG]...", help="Organisations, as named in params/organisations."),
]
OutFolder = Annotated[
    Path | None, typer.Option("--out", help="Folder for the reports. Default: reports in the project.")
]


def main() -> None:
    """Run the command line. Exit code 0 all well, 1 something failed, 2 wrong usage or organisation file."""
    try:
        app()
    except ParamsError as error:
        err.print(f"[red]Stopped.[/red] {escape(str(error))}")
        sys.exit(2)
    except ProcanalysisError as error:
        err.print(f"[red]Stopped.[/red] {escape(str(error))}")
        sys.exit(1)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        words = f"{error.strerror or error}{where}. Check that the file or folder exists and may be written."
        err.print(f"[red]Stopped.[/red] {escape(words)}")
        sys.exit(1)


def _version(asked: bool) -> None:
    if asked:
        out.print(VERSION)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take options that go before the command."""


@app.command()
def init(
    slug: Annotated[str, typer.Argument(help="Short name: a-z, 0-9 and hyphens, as in region-exempel.")],
) -> None:
    """Write a commented organisation file to fill in."""
    if not SLUG.fullmatch(slug):
        raise ParamsError(
            f"'{slug}' cannot be a file name here. Use a–z, 0–9 and single hyphens, as in region-exempel."
        )
    path = organisations_folder() / f"{slug}.yml"
    if path.exists():
        raise ParamsError(f"{_shown(path)} exists already. Edit it, or choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    template = Path(__file__).parent / "organisation_template.yml"
    path.write_text(template.read_text(encoding="utf-8").replace("SLUG", slug), encoding="utf-8")
    out.print(f"Written: {escape(_shown(path))}. Fill it in, then run: procanalysis check {slug}")


assessments = typer.Typer(no_args_is_help=True, help="The form of an assessment, so that nobody needs YAML.")
app.add_typer(assessments, name="assessment")


@assessments.command()
def form(
    slug: Annotated[str, typer.Argument(help="Short name of the assessment, such as region-exempel-2025.")],
    model: Annotated[str, typer.Option(help="The maturity model of a new assessment.")] = "strategic-purchasing",
    file: Annotated[Path | None, typer.Option("--out", help="The file to write. Default: SLUG.xlsx here.")] = None,
) -> None:
    """Write the XLSX form of an assessment: filled in when it exists, empty when it is new."""
    from procanalysis.assessment.form import write_form

    if not SLUG.fullmatch(slug):
        raise ParamsError(f"'{slug}' cannot be a short name. Use a–z, 0–9 and single hyphens, as in exempel-2025.")
    path = file or Path(f"{slug}.xlsx")
    if path.exists():
        raise ParamsError(f"{path.name} exists already. Move it, or write elsewhere with --out.")
    if slug in assessment_slugs():
        params, its_model = load_assessment_params(slug)
        write_form(path, its_model, params)
    else:
        write_form(path, load_assessment_model(model), slug=slug)
    out.print(f"Written: {escape(str(path))}. Fill it in, then run: procanalysis assessment read {escape(str(path))}")


@assessments.command(name="read")
def read_back(
    file: Annotated[Path, typer.Argument(help="The form, filled in.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over an assessment file that exists.")] = False,
) -> None:
    """Check a filled-in form and write it as the assessment file in params/assessments."""
    from procanalysis.assessment.form import read_form, save_assessment

    params, _ = read_form(file)
    path = save_assessment(params, replace=replace)
    organisation = params.organisation
    out.print(f"Written: {escape(_shown(path))}. Now run: procanalysis run {organisation} --report gap-analysis")


cases = typer.Typer(no_args_is_help=True, help="Business cases, begun from what the category analysis has found.")
app.add_typer(cases, name="case")


@cases.command()
def draft(
    organisation: Annotated[str, typer.Argument(help="The organisation, as named in params/organisations.")],
    category: Annotated[str, typer.Argument(help="Code of a category, such as 07.06.")],
    slug: Annotated[
        str, typer.Option(help="Short name of the case. Default: the organisation's and the category's.")
    ] = "",
    period: Annotated[str, typer.Option(help="The period to look at. Default: the organisation file's own.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Write over a case file that exists.")] = False,
) -> None:
    """Write the opportunities of a category as a draft case in params/business_cases, to be filled in by a person."""
    from procanalysis.business_case.draft_file import write_draft

    with _working(f"Reading {organisation}"):
        written = write_draft(organisation, category, slug=slug, period=period, replace=replace)
    found = written.draft
    out.print(f"Written: {escape(_shown(written.path))}")
    for title in found.alternatives:
        out.print(f"  alternative: {escape(title)}")
    for title, reason in found.left_out:
        out.print(f"  [yellow]left out: {escape(title)}. {escape(reason)}[/yellow]")
    if found.alternatives:
        out.print("No costs are known in it: fill in what it asks for.")
        out.print(f"Then run: procanalysis run {organisation} --report business-case")
    else:
        out.print("Nothing can be reckoned yet: fill in what it asks for.")
        out.print(f"Then run: procanalysis check {organisation}")


_SUBJECTS = {
    "assessment": "assessment",
    "case": "business case",
    "board": "board and year",
    "organisation_year": "organisation with a ledger, of a whole year",
    "board_year": "board and year",
    "region": "region and year of tender statistics",
    "group": "group and year of tender statistics",
}


@app.command(name="list")
def list_all() -> None:
    """Show organisations, reports and their parameters."""
    from procanalysis.run.catalogue import REPORTS, declared_parameters  # papermill takes a second to import
    from procanalysis.tenders import source_in_words

    out.print("[bold]Organisations[/bold] (params/organisations)")
    slugs = organisation_slugs()
    for slug in slugs:
        try:
            params = load_organisation_params(slug)
            out.print(
                f"  {slug:<24} {escape(params.name)}, period {params.period}{', fictional' if params.fictional else ''}"
            )
        except ProcanalysisError as error:
            out.print(f"  {slug:<24} [red]cannot be read:[/red] {escape(str(error).splitlines()[0])}")
    if not slugs:
        out.print("  none yet: create one with 'procanalysis init SLUG'")
    out.print("[bold]Assessments[/bold] (params/assessments)")
    for each in assessment_identities():
        out.print(f"  {each.slug:<24} {escape(each.name)} {each.year or ''}{', fictional' if each.fictional else ''}")
    out.print("[bold]Business cases[/bold] (params/business_cases)")
    for case in business_case_identities():
        title = escape(case.title) or "[red]cannot be read; see 'procanalysis check'[/red]"
        whose = escape(case.name or case.organisation)
        out.print(f"  {case.slug:<24} {', '.join(filter(None, (title, whose, 'fictional' if case.fictional else '')))}")
    out.print("[bold]Tender statistics[/bold] (params/tenders)")
    for slug in tender_source_slugs():
        out.print(f"  {slug:<24} {escape(source_in_words(slug))}")
    out.print("[bold]Reports[/bold] (--report NAME)")
    for report in REPORTS:
        per = report.per or _SUBJECTS.get(report.subject, "")
        of_each = f", one per {per}" if per else ""
        out.print(f"  {report.name:<24} {report.title}, for: {report.reader}{of_each}")
        for name, about in declared_parameters(project_root() / "notebooks" / report.notebook).items():
            out.print(f"    {name} = {about['default']}  {escape(about['help'])}")


@app.command()
def example(
    lines: Annotated[int, typer.Option(help="About how many ledger lines to make.", min=1000)] = 300_000,
) -> None:
    """Generate the ledger of the fictional Region Exempel, with planted truths listed beside it."""
    from procanalysis.example import generate_example

    folder = project_root() / "data" / "example"
    with _working("Making the fictional ledger"):
        truths = generate_example(folder, lines=lines)
    out.print(f"Written: {_shown(folder)} (fictional data; the known answers are in {truths.name})")
    out.print("Now run: procanalysis run exempel")


@app.command()
def check(slugs: Slugs = None, out_folder: OutFolder = None) -> None:
    """Read and check every input; show the reconciliation; write rejected rows to a problems file."""
    from procanalysis.organisation import open_organisation

    def show(slug: str, organisation: Organisation) -> None:
        out.print(f"[bold]{escape(organisation.params.name)}[/bold] ({slug}), {organisation.period_name}")
        for step in organisation.reconciliation.to_dict("records"):
            out.print(
                f"  {step['step']:<32} {step['lines_count']:>12} rows {kronor(int(step['amount_exact_ore'])):>20}"
            )
        for file in organisation.files.to_dict("records"):
            if file["note"]:
                out.print(f"  [yellow]{escape(file['name'])}: {escape(file['note'])}[/yellow]")
        _show_registers(organisation)
        rejected = [
            row
            for frame in (organisation.rejected, organisation.rejected_in_registers)
            for row in frame.to_dict("records")
        ]
        path = _reports_folder(out_folder) / slug / "problems.csv"
        path.unlink(missing_ok=True)  # what an earlier check listed may be mended
        if rejected:
            write_problems(path, rejected)
            out.print(f"  [yellow]{len(rejected)} rejected rows, listed in {_shown(path)}[/yellow]")

    chosen = _chosen(slugs)
    failed = _tell("Assessment", _checked_assessments(chosen, everyone=not slugs))
    opened = set()
    for slug in (slug for slug in chosen if (organisations_folder() / f"{slug}.yml").is_file()):
        try:
            with _working(f"Reading {slug}"):
                organisation = open_organisation(slug)
            opened.add(slug)
            show(slug, organisation)
        except ProcanalysisError as error:
            failed = True
            err.print(f"[bold]{slug}[/bold]: [red]{escape(str(error))}[/red]")
    failed |= _tell("Business case", _checked_cases(chosen, opened, everyone=not slugs))
    if not slugs:
        failed |= _check_published()
        failed |= _check_tenders()
    if failed:
        raise typer.Exit(1)


def _check_published() -> bool:
    """Show what contradicts itself in published figures, no fault of the user. Return whether any is unread."""
    from procanalysis.published import has_published, open_published, truth_check_lines, truth_check_of

    if not has_published():
        return False
    try:
        for line in truth_check_lines(truth_check_of(open_published())):
            out.print(escape(line))
    except ProcanalysisError as error:
        err.print(f"[bold]Published figures[/bold]: [red]{escape(str(error))}[/red]")
        return True
    return False


def _check_tenders() -> bool:
    """Show that each tender source adds up; one without files is no fault. Return whether any cannot be read."""
    from procanalysis.tenders import tender_check_lines

    failed = False
    for slug in tender_source_slugs():
        try:
            with _working(f"Reading tender source {slug}"):
                lines = list(tender_check_lines(slug))
            for line in lines:
                out.print(escape(line))
        except ProcanalysisError as error:
            failed = True
            err.print(f"[bold]Tender source {slug}[/bold]: [red]{escape(str(error))}[/red]")
    return failed


def _tell(kind: str, checked: Iterable[tuple[str, str]]) -> bool:
    """Show the mistakes of each file, or that it has none. Return whether any file has some."""
    failed = False
    for name, mistakes in checked:
        if mistakes:
            failed = True
            err.print(f"[bold]{name}[/bold]: [red]{escape(mistakes)}[/red]")
        else:
            out.print(f"{kind} {name}: no mistakes found")
    return failed


def _checked_assessments(chosen: Collection[str], *, everyone: bool) -> Iterator[tuple[str, str]]:
    """Yield the assessments of the chosen organisations, and when everyone is meant those of no organisation."""
    for each in assessment_identities():
        if each.organisation in chosen or (everyone and not each.organisation):
            try:
                load_assessment_params(each.slug)
                yield each.slug, ""
            except ProcanalysisError as error:
                yield each.slug, str(error)


def _checked_cases(chosen: Collection[str], opened: Collection[str], *, everyone: bool) -> Iterator[tuple[str, str]]:
    """Yield the business cases of the chosen organisations, or all of them when everyone is meant.

    What only the ledger can tell, as an unknown category, is told where the ledger could be opened.
    """
    from procanalysis.business_case import load_own_case, open_business_case

    known = organisation_slugs()
    for each in business_case_identities():
        if not (everyone or each.organisation in chosen):
            continue
        try:
            params = load_own_case(each.slug)
            whose = params.organisation
            if whose and whose not in known:
                cure = f"there is no organisation '{whose}'. {did_you_mean(whose, known)}"
                raise problem_at(params, ("organisation",), cure)
            if not whose or whose in opened:
                open_business_case(each.slug)
                yield each.slug, ""
            else:
                yield f"{each.slug} (its file alone, without the ledger)", ""
        except ProcanalysisError as error:
            yield each.slug, str(error)


@app.command()
def run(
    slugs: Slugs = None,
    report: Annotated[list[str] | None, typer.Option("--report", help="Only this report; may be repeated.")] = None,
    period: Annotated[
        str, typer.Option(help="2025, 2025-03, 2025-Q1 or 2025-01--2025-06. Default: the file's own.")
    ] = "",
    jobs: Annotated[int, typer.Option(help="How many reports to run at a time.", min=1)] = min(2, os.cpu_count() or 1),
    out_folder: OutFolder = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also print every report as PDF, with the Chromium that is installed.")
    ] = False,
    ordinary_kernel: Annotated[
        bool,
        typer.Option("--ordinary-kernel", help="Start a Jupyter kernel per notebook: slower, for finding faults."),
    ] = False,
    seconds_per_report: Annotated[
        float, typer.Option(help="Stop a report that takes longer; the others go on.", min=1)
    ] = SECONDS_PER_REPORT,
    memory_per_report: Annotated[
        float, typer.Option(help="Stop a report that takes more memory, in GB; 0 for no limit.", min=0)
    ] = MEMORY_PER_REPORT / 1e9,
) -> None:
    """Run the reports and publish them as HTML; what has not changed is left as it is."""
    from procanalysis.params import parse_period
    from procanalysis.run import hold_to_one_thread
    from procanalysis.run.catalogue import chosen_reports
    from procanalysis.run.options import RunOptions
    from procanalysis.run.pdf import NO_BROWSER, find_browser
    from procanalysis.run.runner import run_organisations
    from procanalysis.run.stopping import Stopped, stopped_by_signals
    from procanalysis.run.telling import progress_shown

    hold_to_one_thread()
    if period:
        parse_period(period)
    chosen = _chosen(slugs)
    options = RunOptions(
        reports=chosen_reports(report or []),
        period=period,
        everyone=not slugs,
        jobs=jobs,
        out=_reports_folder(out_folder),
        ordinary_kernel=ordinary_kernel,
        seconds_per_report=seconds_per_report,
        memory_per_report=round(memory_per_report * 1e9),
        browser=find_browser() if pdf else "",
    )
    if pdf and not options.browser:
        err.print(f"[yellow]{escape(NO_BROWSER)}[/yellow]")
    try:
        with stopped_by_signals(), progress_shown(out, err) as listener:
            result = run_organisations(chosen, options, listener)
    except Stopped as stopped:
        err.print("[red]Stopped.[/red] What is published stays as it is; the same command does the rest.")
        raise typer.Exit(stopped.exit_code) from None
    out.print(f"{result.published} published, {result.unchanged} unchanged, {len(result.failures)} failed.")
    if options.browser:
        out.print(f"{result.printed} printed as PDF.")
    out.print(f"Open: {result.index.resolve().as_uri()}")
    if result.failures:
        raise typer.Exit(1)


@app.command()
def send(
    slugs: Slugs = None,
    period: Annotated[str, typer.Option(help="The period whose reports to send. Default: the file's own.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: write the e-mails as .eml files beside the reports.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before sending; needed in a schedule.")] = False,
    out_folder: OutFolder = None,
) -> None:
    """Send the published reports by e-mail to the recipients that the organisation file names."""
    from procanalysis.run.distribution import letters, write_letters
    from procanalysis.run.mail import mail_settings, send_all

    settings = None if dry_run else mail_settings(os.environ)
    known = [slug for slug in _chosen(slugs) if (organisations_folder() / f"{slug}.yml").is_file()]
    folder, sender = _reports_folder(out_folder), settings.sender if settings else ""
    made = [letter for slug in known for letter in letters(slug, period=period, out=folder, sender=sender)]
    if not made:
        raise ParamsError(
            "Nobody gets reports by e-mail: list the recipients under distribution in the organisation file."
        )
    # Recipients are people, so they are told by their number in the file.
    problems = [f"{letter.slug}, recipient {letter.number}: {letter.problem}" for letter in made if not letter.message]
    ready = [letter for letter in made if letter.message]
    if settings is None:
        for path in write_letters(made):
            out.print(f"Written: {escape(_shown(path))}")
    elif ready and not (yes or _asked(f"Send {len(ready)} e-mail(s) through {settings.host}?")):
        out.print("Nothing was sent.")
    else:
        outcomes = send_all([(letter.message, letter.address) for letter in ready if letter.message], settings)
        for letter, problem in zip(ready, outcomes, strict=True):
            problems += [f"{letter.slug}, recipient {letter.number}: {problem}"] if problem else []
            out.print(f"{'FAILED' if problem else 'sent'}  {letter.slug}, recipient {letter.number}")
    for problem in problems:
        err.print(f"[red]Not sent.[/red] {escape(problem)}")
    if problems:
        raise typer.Exit(1)


@app.command()
def suggest(
    slug: Annotated[str, typer.Argument(help="The organisation, as named in params/organisations.")],
    period: Annotated[
        str, typer.Option(help="Look only at the rows of a period, such as 2025. Default: all accepted rows.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--out", help="The workbook to write. Default: data/reviews/SLUG/.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="How sure a suggestion must be, in percent. Default: as in the file.", min=50, max=100),
    ] = None,
) -> None:
    """Write the workbook in which suggested mapping rules are accepted or refused."""
    from procanalysis.organisation import open_organisation
    from procanalysis.suggestions import round_lines, suggestions_of, write_review_workbook

    today = date.today()
    path = file or project_root() / "data" / "reviews" / slug / f"granskning-{slug}-{period or 'alla'}-{today}.xlsx"
    asked = None if threshold is None else Decimal(str(threshold))
    with _working(f"Reading {slug}, and learning from the reviewed rows"):
        found = suggestions_of(open_organisation(slug, period), only_period=bool(period), threshold_pct=asked)
        write_review_workbook(path, found.book(today))
    for line in round_lines(found):
        out.print(escape(line))
    shown = escape(_shown(path))
    out.print(f"Written: {shown}. Fill in the sheet Regler, then run: procanalysis review {slug} {shown}")


@app.command()
def review(
    slug: Annotated[str, typer.Argument(help="The organisation, as named in params/organisations.")],
    file: Annotated[Path, typer.Argument(help="The workbook from 'procanalysis suggest', filled in.")],
) -> None:
    """Check a filled-in review workbook: accepted rules go to the rule file, refused ones are not asked again."""
    from procanalysis.suggestions import review_lines, take_review

    for line in review_lines(take_review(slug, file, decided_on=date.today()), slug):
        out.print(escape(line))


def _asked(question: str) -> bool:
    """Ask on a terminal. Elsewhere nobody can answer, and nothing is sent without being asked."""
    if not sys.stdin.isatty():
        raise ParamsError(
            "Nothing was sent: there is no terminal to ask on. Add --yes to send, or --dry-run to look first."
        )
    return typer.confirm(question)


def _chosen(slugs: list[str] | None) -> list[str]:
    """Return the organisations meant. A faulty file stops the command only when none of them can be used."""
    if slugs and all((organisations_folder() / f"{slug}.yml").is_file() for slug in slugs):
        return _usable(dict.fromkeys(slugs))
    from procanalysis.tenders import slugs_with_tenders, with_tenders  # brings the engines

    own = organisation_slugs()
    others = {each.organisation for each in assessment_identities() if each.organisation} | set(catalogue_slugs())
    everyone = [*own, *sorted(others - set(own)), *slugs_with_tenders()]
    return _usable(dict.fromkeys(slugs or everyone), lambda slug: slug in others or with_tenders(slug))


def _usable(slugs: Iterable[str], known_otherwise: Callable[[str], bool] = lambda slug: False) -> list[str]:
    """Leave out nobody, but stop when none of the organisations' own files can be used, or one does not exist."""
    chosen = list(slugs)
    if not chosen:
        raise ParamsError("There is no organisation file yet. Create one with 'procanalysis init SLUG'.")
    faults = []
    for slug in chosen:
        has_file = (organisations_folder() / f"{slug}.yml").is_file()
        if not has_file and known_otherwise(slug):
            continue  # without a ledger: known from its assessments, its indicators or tender statistics
        try:
            load_organisation_params(slug)
        except ParamsError as error:
            if not has_file:
                raise
            faults.append(error)
    if len(faults) == len(chosen):
        raise faults[0]
    return chosen


def _reports_folder(given: Path | None) -> Path:
    return (given or project_root() / "reports").resolve()


def _shown(path: Path) -> str:
    root = project_root()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _show_registers(organisation: Organisation) -> None:
    """Show that each register adds up, what to know of it, and its sheets that were not read."""
    controls = organisation.facts["registers"].values()
    for register, control in zip(organisation.registers.to_dict("records"), controls, strict=True):
        read, accepted, rejected = (register[f"rows_{part}_count"] for part in ("read", "accepted", "rejected"))
        out.print(f"  {register['register']:<32} {read:>12} rows = {accepted} accepted + {rejected} rejected")
        if "amount_read_ore" in control:
            amounts = [kronor(control[f"amount_{part}_ore"]) for part in ("read", "accepted", "rejected")]
            out.print(f"  {'':<32} {amounts[0]:>17} = {amounts[1]} accepted + {amounts[2]} rejected")
        if register["unknown_words"]:
            out.print(f"  [yellow]{register['register']}, not understood: {escape(register['unknown_words'])}[/yellow]")
        if register["note"]:
            out.print(f"  [yellow]{register['register']}: {escape(register['note'])}[/yellow]")
        for file in control["files"]:
            if file["note"]:
                out.print(f"  [yellow]{escape(file['name'])}: {escape(file['note'])}[/yellow]")


@contextmanager
def _working(words: str) -> Iterator[None]:
    """Show that work goes on: a spinner on a terminal, a line in a log."""
    if out.is_terminal:
        with out.status(words):
            yield
    else:
        out.print(f"{words} …")
        yield
