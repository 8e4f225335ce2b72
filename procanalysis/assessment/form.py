"""The form of an assessment: written as XLSX for a meeting, read back with checks, so that nobody needs YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml
from pydantic import ValidationError

from procanalysis.errors import InputError, ParamsError
from procanalysis.params.assessment import (
    RESPONSIBILITIES,
    AssessmentModel,
    AssessmentParams,
    assessment_problems,
    assessments_folder,
    load_assessment_model,
)
from procanalysis.params.yaml_file import SLUG, problems
from procanalysis.read.assessment_form import (
    NO,
    YES,
    DimensionSheet,
    FormField,
    FormLayout,
    FormTable,
    Kind,
    Places,
    read_assessment_form,
)

DEFAULT_PHASES = ("Analys", "Planering", "Upphandling", "Implementering", "Mätning och uppföljning")
INTRODUCTION = "Läs först"
FACTS = "Uppgifter"
_EMPTY_SCORES = 15
_EMPTY_ROWS = 40
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

_FACTS = (
    FormField("slug", "Kortnamn för bedömningen"),
    FormField("organisation", "Organisationens kortnamn"),
    FormField("name", "Organisationens namn"),
    FormField("fictional", "Fiktiv", "yes_no"),
    FormField("year", "År", "integer"),
    FormField("assessed_on", "Bedömningens datum", "date"),
    FormField("model", "Modell"),
    FormField("earlier", "Tidigare bedömning (kortnamn)"),
    FormField("ledger_period", "Reskontrans period"),
    FormField("source", "Källa"),
    FormField("why_no_scores", "Varför poäng saknas"),
    FormField("may_be_compared", "Får jämföras med andra", "yes_no"),
    FormField("plan.most_actions", "Högst antal åtgärder per roll och kvartal", "integer"),
    FormField("plan.most_days", "Högst antal dagar per roll och kvartal", "number"),
    FormField("plan.followed_up", "Planen följs upp i kvartal"),
)
_DIMENSION_FACTS = (
    FormField("weight", "Vikt", "number"),
    FormField("finding", "Iakttagelse"),
    FormField("evidence", "Underlag"),
    FormField("challenge", "Utmaning"),
    FormField("consequence", "Konsekvens"),
    FormField("recommendation", "Förslag"),
)
_SCORES = (
    FormField("by", "Bedömare"),
    FormField("scored_on", "Datum", "date"),
    FormField("now", "I dag", "integer"),
    FormField("wanted", "Önskad nivå", "integer"),
)
_TABLES = (
    FormTable("Rapporterade mått", "reported", (
        FormField("indicator", "Mått"), FormField("value", "Värde", "number"), FormField("qualifier", "Tillägg"),
        FormField("as_of", "Avser"), FormField("source", "Källa"),
    )),
    FormTable("Orsaker", "causes", (
        FormField("cause", "Orsak"), FormField("challenges", "Utmaningar", "list"),
        FormField("consequences", "Konsekvenser", "list"), FormField("dimensions", "Dimensioner", "list"),
    )),
    FormTable("Åtgärder", "actions", (
        FormField("id", "Kortnamn"), FormField("area", "Område"), FormField("what", "Vad"), FormField("how", "Hur"),
        FormField("start", "Börjar"), FormField("end", "Klar"), FormField("when", "När, i ord"),
        FormField("role", "Vem"), FormField("effort_days", "Dagar", "number"), FormField("effect", "Effekt"),
        FormField("saving_sek", "Besparing per år (kr, uppskattad)", "number"),
        FormField("saving_by", "Vem har uppskattat besparingen"),
        FormField("dimensions", "Dimensioner", "list"), FormField("indicators", "Mått", "list"),
        FormField("depends_on", "Väntar på", "list"), FormField("done", "Gjord i kvartal"),
    )),
    FormTable("Deltagare", "participants", (
        FormField("who", "Roll, inte namn"), FormField("how", "Hur"), FormField("when", "När"),
    )),
    FormTable("Underlag", "examined", (FormField("", "Vad som har granskats"),)),
    FormTable("Förväntningar", "expectations", (
        FormField("theme", "Tema"), FormField("words", "Ord och citat", "list"),
        FormField("mentions", "Antal gånger", "integer"),
    )),
    FormTable("Slutsatser", "conclusions", (FormField("", "Sammanfattande slutsats"),)),
    FormTable("Roller", "roles", (FormField("role", "Roll"),), free_headers="phases"),
    FormTable("Ansvar", "responsibilities", (FormField("role", "Roll"), FormField("answers_for", "Ansvarar för"))),
    FormTable("Upphandlingsformer", "procurement_kinds", (
        FormField("kind", "Upphandling"), FormField("document", "Styrdokument"), FormField("decides", "Beslutar"),
        FormField("awards", "Tilldelar"), FormField("performs", "Genomför"), FormField("reviews", "Granskar"),
    )),
    FormTable("Intern kontroll", "controls", (
        FormField("risk", "Risk"), FormField("control", "Kontroll"), FormField("result", "Utfall"),
        FormField("planned", "Planerade åtgärder"),
    )),
    FormTable("Beslut", "decisions", (
        FormField("decision", "Beslut"), FormField("decided_by", "Vem beslutar"), FormField("until", "Senast"),
    )),
    FormTable("Inte undersökt", "not_examined", (FormField("", "Vad som inte undersökts"),)),
)  # fmt: skip


def form_layout(model: AssessmentModel) -> FormLayout:
    """Return the sheets and cells of the form for a model."""
    # Numbered, so that no two are alike and none is named as another sheet.
    names = [re.sub(r"[\[\]:*?/\\']", "-", f"{number} {each.name}") for number, each in enumerate(model.dimensions, 1)]
    sheets = tuple(
        DimensionSheet(name[:31].strip(), each.id) for name, each in zip(names, model.dimensions, strict=True)
    )
    return FormLayout(FACTS, _FACTS, sheets, _DIMENSION_FACTS, _SCORES, _TABLES)


def write_form(path: Path, model: AssessmentModel, params: AssessmentParams | None = None, *, slug: str = "") -> None:
    """Write the form as XLSX: levels described, one sheet per dimension, what is known filled in.

    Parameters: path, the file to write; model; params, an assessment to fill in, or None for an empty form; slug, the
    short name of a new assessment. Text is never a formula or a link.
    """
    content: dict[str, Any] = (
        _content(params) if params else {"slug": slug, "model": model.slug, "phases": list(DEFAULT_PHASES)}
    )
    layout = form_layout(model)
    book = xlsxwriter.Workbook(str(path), {**_SAFE, "default_date_format": "yyyy-mm-dd"})
    try:
        # Without a date of its own the file would hold the time of writing, and no two were alike.
        book.set_properties({"title": f"Bedömning: {model.name}", "created": datetime(2000, 1, 1)})
        writer = _Writer(book)
        _write_introduction(writer, model)
        _write_facts(writer, writer.sheet(layout.facts_sheet, (44, 70)), layout.facts, content, 0)
        given: dict[str, Any] = {each["dimension"]: each for each in content.get("dimensions", [])}
        for sheet in layout.dimensions:
            _write_dimension(writer, sheet, model, given.get(sheet.dimension, {}))
        for table in layout.tables:
            _write_table(writer, table, content)
    finally:
        book.close()


def read_form(path: Path) -> tuple[AssessmentParams, AssessmentModel]:
    """Read a filled-in form back and check it as an assessment file is checked.

    Returns the assessment and its model. Raises InputError naming file, sheet and cell for every mistake.
    """
    facts = FormLayout(FACTS, _FACTS, (), (), (), ())
    named = read_assessment_form(path, facts)
    slug = str(named.content.get("slug", ""))
    if not SLUG.fullmatch(slug):
        where = named.places.get(("slug",), f"sheet '{FACTS}'")
        raise InputError(f"{path.name}, {where}: '{slug}' cannot be a short name. Use a–z, 0–9 and single hyphens.")
    try:
        model = load_assessment_model(str(named.content.get("model", "strategic-purchasing")))
    except ParamsError as error:
        raise InputError(f"{path.name}, {named.places.get(('model',), FACTS)}: {error}") from None
    reading = read_assessment_form(path, form_layout(model))
    content = {key: value for key, value in reading.content.items() if key != "slug"}
    try:
        params = AssessmentParams(slug=slug, path=(assessments_folder() / f"{slug}.yml").resolve(), **content)
    except ValidationError as error:
        told = zip(error.errors(), problems(error, {}, AssessmentParams), strict=True)
        _refuse(path, [(tuple(str(key) for key in each["loc"]), words) for each, words in told], reading.places)
        raise
    _refuse(path, list(assessment_problems(params, model)), reading.places)
    return params, model


def _refuse(path: Path, found: Sequence[tuple[tuple[str, ...], str]], places: Places) -> None:
    if not found:
        return
    lines = []
    for keys, words in found:
        place = next((places[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in places), f"sheet '{FACTS}'")
        lines.append(f"  {place}: {words}")
    raise InputError(f"{path.name}: {len(found)} problem(s) to correct:\n" + "\n".join(lines))


def save_assessment(params: AssessmentParams, *, replace: bool = False) -> Path:
    """Write an assessment that came from a form as the file in params/assessments. Returns its path.

    Raises ParamsError when there is such a file and `replace` is not given: comments in it would be lost.
    """
    path = assessments_folder() / f"{params.slug}.yml"
    if path.exists() and not replace:
        raise ParamsError(
            f"{path.name} exists already. Use --replace to write over it; comments in the file are then lost."
        )
    content = _plain({key: value for key, value in _content(params).items() if key != "slug"})
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# Written from a form by 'procanalysis assessment read'.\n{text}", encoding="utf-8")
    return path


def _content(params: AssessmentParams) -> dict[str, Any]:
    """Return an assessment as keys and values, without what is as when left out."""
    kept = params.model_dump(exclude_defaults=True, exclude={"path"})
    return {**kept, "model": params.model}


def _plain(value: Any) -> Any:
    """Turn tuples and decimals into what YAML can hold."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


class _Writer:
    """Hold the workbook and its formats, and write cells by their kind."""

    def __init__(self, book: Any) -> None:
        self._book = book
        wrap = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "bottom": 2, **wrap})
        self.label = book.add_format({"bold": True, **wrap})
        self.fill = book.add_format({"bg_color": "#FFF8DC", "border": 1, "border_color": "#B8B8B8", **wrap})
        self.day = book.add_format(
            {"bg_color": "#FFF8DC", "border": 1, "border_color": "#B8B8B8", "num_format": "yyyy-mm-dd"}
        )
        self.text = book.add_format(wrap)

    def sheet(self, name: str, widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: Kind) -> None:
        if value is None:
            sheet.write_blank(row, column, None, self.day if kind == "date" else self.fill)
        elif kind in ("integer", "number"):
            sheet.write_number(row, column, float(value), self.fill)
        elif kind == "date":
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.day)
        else:
            sheet.write_string(row, column, _as_text(value, kind), self.fill)


def _as_text(value: Any, kind: Kind) -> str:
    if kind == "yes_no":
        return YES if value else NO
    return "\n".join(value) if kind == "list" else value.isoformat() if isinstance(value, date) else str(value)


def _write_introduction(writer: _Writer, model: AssessmentModel) -> None:
    sheet = writer.sheet(INTRODUCTION, (30, 90))
    scale = model.scale
    rows = [
        ("Så fyller du i", ""),
        ("Gula celler", "Fyll i dem. Lämna en cell tom när du inte vet: tomt betyder att uppgiften saknas, inte noll."),
        (
            "Dimensionernas blad",
            f"En rad per bedömare, med poäng {scale.lowest}–{scale.highest} för i dag och önskad nivå.",
        ),
        ("Flera saker i en cell", "Skriv en per rad i cellen (Alt+Enter)."),
        ("Kvartal", "Skrivs som 2025-Q1."),
        ("Läs tillbaka", "procanalysis assessment read FIL"),
        ("", ""),
        ("Dimensioner", "kortnamn att skriva i tabellerna"),
        *((each.name, each.id) for each in model.dimensions),
        ("", ""),
        ("Mått", "kortnamn att skriva i tabellerna"),
        *((each.name, identity) for identity, each in model.indicators.items()),
    ]
    for number, (left, right) in enumerate(rows):
        sheet.write_string(number, 0, left, writer.label)
        sheet.write_string(number, 1, right, writer.text)


def _write_facts(writer: _Writer, sheet: Any, fields: Sequence[FormField], content: Mapping[str, Any], row: int) -> int:
    for number, field in enumerate(fields, start=row):
        value: Any = content
        for part in field.key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        sheet.write_string(number, 0, field.label, writer.label)
        writer.cell(sheet, number, 1, value, field.kind)
        if field.kind == "yes_no":
            sheet.data_validation(number, 1, number, 1, {"validate": "list", "source": [YES, NO]})
    return row + len(fields)


def _write_dimension(writer: _Writer, each: DimensionSheet, model: AssessmentModel, given: Mapping[str, Any]) -> None:
    sheet = writer.sheet(each.sheet, (34, 70, 12, 14))
    part = model.dimension(each.dimension)
    sheet.write_string(0, 0, "Fråga", writer.head)
    sheet.write_string(0, 1, part.question, writer.head)
    scale = model.scale
    for number, (name, words) in enumerate(zip(scale.names, part.levels, strict=True)):
        sheet.write_string(number + 1, 0, f"Nivå {scale.lowest + number}: {name}", writer.label)
        sheet.write_string(number + 1, 1, words, writer.text)
    row = _write_facts(writer, sheet, _DIMENSION_FACTS, given, len(part.levels) + 2) + 1
    for column, field in enumerate(_SCORES):
        sheet.write_string(row, column, field.label, writer.head)
    scores = given.get("scores", ())
    last = row + len(scores) + _EMPTY_SCORES
    for number in range(row + 1, last + 1):
        score = scores[number - row - 1] if number - row - 1 < len(scores) else {}
        for column, field in enumerate(_SCORES):
            writer.cell(sheet, number, column, score.get(field.key), field.kind)
    sheet.data_validation(row + 1, 2, last, 3, {
        "validate": "integer", "criteria": "between", "minimum": scale.lowest, "maximum": scale.highest,
        "error_title": "Utanför skalan", "error_message": f"Skriv {scale.lowest}–{scale.highest}, eller lämna tomt.",
    })  # fmt: skip


def _write_table(writer: _Writer, table: FormTable, content: Mapping[str, Any]) -> None:
    phases = list(content.get("phases", ())) if table.free_headers else []
    fields = (*table.fields, *(FormField(phase, phase) for phase in phases))
    sheet = writer.sheet(table.sheet, [90 if len(fields) == 1 else 30] * len(fields))
    sheet.freeze_panes(1, 1)
    for column, field in enumerate(fields):
        sheet.write_string(0, column, field.label, writer.head)
    entries = list(content.get(table.key, ()))
    last = len(entries) + _EMPTY_ROWS
    for number in range(1, last + 1):
        entry = entries[number - 1] if number <= len(entries) else {}
        if not isinstance(entry, Mapping):
            entry = {"": entry}
        entry = {**entry, **entry.get(table.free_headers, {})} if table.free_headers else entry
        for column, field in enumerate(fields):
            writer.cell(sheet, number, column, entry.get(field.key), field.kind)
    if phases:
        sheet.data_validation(1, 1, last, len(phases), {"validate": "list", "source": list(RESPONSIBILITIES)})
