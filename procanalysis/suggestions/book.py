"""The review workbook: what it holds, and how it is written so that it can be read, printed and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import xlsxwriter

from procanalysis.errors import InputError
from procanalysis.measures.wording import percent_text
from procanalysis.report.cleaning import clean_text
from procanalysis.schema import DECISIONS, TIERS

RULES_SHEET = "Regler"
PATTERNS_SHEET = "Mönster"
CATEGORIES_SHEET = "Kategorier"
FIRST_SHEET = "Läs mig"
MOST_PATTERNS = 20_000
"""How many patterns the workbook lists, the largest first; the rest are summed in one sentence."""

Kind = Literal["text", "count", "money", "percent"]


@dataclass(frozen=True)
class BookColumn:
    """Describe one column: its key, header, kind and width, and whether the reviewer fills it in."""

    key: str
    label: str
    kind: Kind = "text"
    width: int = 12
    to_fill_in: bool = False


RULE_COLUMNS: tuple[BookColumn, ...] = (
    BookColumn("account", "Konto", width=9),
    BookColumn("unit", "Enhet", width=18),
    BookColumn("supplier", "Leverantörens nummer", width=13),
    BookColumn("supplier_name", "Leverantör", width=20),
    BookColumn("category_code", "Föreslagen kategori", width=11),
    BookColumn("category_name", "Kategorins namn", width=20),
    BookColumn("spend_class", "Inköpsklass", width=11),
    BookColumn("lou_covered", "Omfattas av LOU", width=9),
    BookColumn("lines_count", "Rader som flyttas", "count", 9),
    BookColumn("moved_ore", "Belopp som flyttas (kr)", "money", 15),
    BookColumn("reviewed_count", "Granskade rader som liknar", "count", 10),
    BookColumn("wrong_count", "Därav i en annan kategori", "count", 10),
    BookColumn("wrong_ore", "Deras belopp (kr)", "money", 13),
    BookColumn("confidence_pct", "Säkerhet (%)", "percent", 9),
    BookColumn("examples", "Exempel på sådana", width=30),
    BookColumn("decision", "Beslut", width=11, to_fill_in=True),
    BookColumn("other_category", "Annan kategori", width=10, to_fill_in=True),
    BookColumn("author", "Beslutat av (roll)", width=16, to_fill_in=True),
    BookColumn("reason", "Skäl", width=30, to_fill_in=True),
    BookColumn("rule_id", "Regelns namn", width=22),
    BookColumn("tier", "Regelnivå", width=12),
    BookColumn("row_code", "Kontrollkod", width=18),
)
_PRINTED = next(place for place, column in enumerate(RULE_COLUMNS) if column.key == "reason")
_CODED = tuple(column for column in RULE_COLUMNS if not column.to_fill_in and column.key != "row_code")

_PATTERN_COLUMNS: tuple[BookColumn, ...] = (
    BookColumn("supplier_name", "Leverantör", width=26),
    BookColumn("account", "Konto", width=9),
    BookColumn("account_text", "Kontots text", width=24),
    BookColumn("unit", "Enhet", width=22),
    BookColumn("text", "Vanligaste text", width=28),
    BookColumn("lines_count", "Rader", "count", 8),
    BookColumn("amount_ore", "Belopp (kr)", "money", 15),
    BookColumn("rule_id", "Avgörs i dag av", width=16),
    BookColumn("category_name", "Kategori i dag", width=22),
    BookColumn("suggested_code", "Förslag", width=9),
    BookColumn("suggested_name", "Förslagets namn", width=22),
    BookColumn("confidence_pct", "Säkerhet (%)", "percent", 9),
    BookColumn("silent_because", "Varför inget föreslås", width=34),
    BookColumn("pattern_id", "Mönstrets namn", width=17),
)
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "label": {"bold": True, "valign": "top", "text_wrap": True},
    "wrap": {"text_wrap": True, "valign": "top"},
    "mark": {"bold": True, "bg_color": "#FFF1D6", "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"},
    "head_to_fill_in": {"bold": True, "bottom": 2, "text_wrap": True, "valign": "top", "bg_color": "#FFF8DC"},
    "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "money": {"num_format": "#,##0.00", "valign": "top"},
    "percent": {"num_format": "0.0", "valign": "top"},
    "to_fill_in": {
        "num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#FFF8DC", "border": 1,
        "border_color": "#B8B8B8", "locked": False,
    },
}  # fmt: skip
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class BookContent:
    """Hold what a review workbook is written from.

    slug, name, fictional, source_text, period_name, threshold_pct, made_on: for the first sheet; rules:
    SUGGESTED_RULES; patterns: SUGGESTIONS with suggested_name; parts: `PatternParts.reconciliation`; left_out:
    `PlacedRules.reasons`; taxonomy: the tree;
    why_none: in Swedish why nothing is suggested, empty when something is.
    """

    slug: str
    name: str
    fictional: bool
    source_text: str
    period_name: str
    threshold_pct: Decimal
    rules: pd.DataFrame
    patterns: pd.DataFrame
    parts: pd.DataFrame
    left_out: pd.DataFrame
    taxonomy: pd.DataFrame
    why_none: str
    made_on: date


def row_code(slug: str, cells: Mapping[str, str]) -> str:
    """Return a code of all that a reviewer may not change in a row, so that a change is seen when it comes back.

    Parameters: slug, the organisation's; cells, key → what stands in the cell, as `as_text` reads it. It guards against
    slips; whoever wants to deceive can reckon it anew.
    """
    written = "\x1f".join([slug, *(_coded_text(column, cells.get(column.key, "")) for column in _CODED)])
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _coded_text(column: BookColumn, cell: str) -> str:
    """Write a cell alike however the spreadsheet program writes its numbers."""
    if column.kind == "text" or not cell:
        return cell
    try:
        return f"{Decimal(cell.replace(',', '.')):.2f}"
    except ArithmeticError:
        return cell


def one_line(value: object) -> str:
    """Return a value as the text that a cell holds and that is read back from it: one line, nothing for missing."""
    return "" if value is None or value is pd.NA or value != value else " ".join(clean_text(value).split())


def write_review_workbook(path: Path, content: BookContent) -> None:
    """Write the workbook in which suggested rules are accepted or refused.

    Text stays text: a cell that begins with = + - or @ is never a formula, an address never a link. The same content
    gives the same bytes. Parameters: path, the file to write; content. Raises InputError when the file exists: a
    reviewer may have filled it in.
    """
    if path.exists():
        raise InputError(
            f"{path.name} exists already, and may have been filled in. Read it back or move it, or write elsewhere "
            "with --out."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".draft-{path.name}")
    book = xlsxwriter.Workbook(str(draft), _SAFE)
    try:
        created = datetime(content.made_on.year, content.made_on.month, content.made_on.day)
        book.set_properties({"title": f"Granskning av kategorier: {clean_text(content.name)}", "created": created})
        writer = _Writer(book, {name: book.add_format(options) for name, options in _FORMATS.items()}, content)
        writer.introduction()
        writer.rules()
        writer.patterns()
        writer.categories()
    finally:
        book.close()
    draft.replace(path)


def leaves(taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Keep the categories that a rule may give: those without categories below them."""
    return taxonomy[~taxonomy["category_code"].isin(set(taxonomy["parent_code"]))]


@dataclass(frozen=True)
class _Writer:
    book: Any
    formats: Mapping[str, Any]
    content: BookContent

    def introduction(self) -> None:
        sheet = self._sheet(FIRST_SHEET, (34, 84, 18, 20))
        sheet.set_portrait()
        content = self.content
        sheet.write_string(0, 0, f"Granskning av kategorier: {one_line(content.name)}", self.formats["title"])
        row = 2
        if content.fictional:
            for column, text in enumerate(("Fiktiva uppgifter", "Organisationen och alla siffror är påhittade.")):
                sheet.write_string(row, column, text, self.formats["mark"])
            row += 1
        for label, text in _introduction(content):
            sheet.write_string(row, 0, label, self.formats["label"])
            sheet.write_string(row, 1, text, self.formats["wrap"])
            row += 1
        row = self._small_table(
            sheet, row + 1, ("Underlaget", "", "Rader", "Belopp (kr)"),
            [(step, "", lines, amount) for step, lines, amount in
             content.parts[["step", "lines_count", "amount_exact_ore"]].itertuples(index=False, name=None)],
        )  # fmt: skip
        if len(content.left_out):
            left = content.left_out[["reason_name", "rules_count"]].itertuples(index=False, name=None)
            rows = [(reason, "", count, None) for reason, count in left]
            self._small_table(sheet, row + 1, ("Förslag till regler som inte är med", "", "Antal", ""), rows)

    def _small_table(self, sheet: Any, row: int, heads: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
        for column, text in enumerate(heads):
            sheet.write_string(row, column, text, self.formats["head"])
        for name, _, count, amount_ore in rows:
            row += 1
            sheet.write_string(row, 0, one_line(name), self.formats["wrap"])
            sheet.write_number(row, 2, int(count), self.formats["count"])
            if amount_ore is not None:
                sheet.write_number(row, 3, int(amount_ore) / 100, self.formats["money"])
        return row + 1

    def rules(self) -> None:
        names = self._category_names()
        rows = [
            {**row, "category_name": names.get(row["category_code"]), "tier": TIERS[str(row["tier"])]}
            for row in self.content.rules.to_dict("records")
        ]
        sheet = self._sheet(RULES_SHEET, [column.width for column in RULE_COLUMNS])
        texts = [{column.key: _cell_text(row.get(column.key), column) for column in RULE_COLUMNS} for row in rows]
        coded = [{**row, "row_code": row_code(self.content.slug, text)} for row, text in zip(rows, texts, strict=True)]
        self._table(sheet, RULE_COLUMNS, coded)
        # What only the program needs stands to the right of what is printed.
        sheet.print_area(0, 0, max(len(rows), 1), _PRINTED)
        if rows:
            place = {column.key: number for number, column in enumerate(RULE_COLUMNS)}
            sheet.data_validation(1, place["decision"], len(rows), place["decision"], {
                "validate": "list", "source": list(DECISIONS.values()), "error_title": "Beslut",
                "error_message": f"Välj {' eller '.join(DECISIONS.values())}, eller lämna tomt.",
            })  # fmt: skip
            last = len(leaves(self.content.taxonomy)) + 1
            sheet.data_validation(1, place["other_category"], len(rows), place["other_category"], {
                "validate": "list", "source": f"='{CATEGORIES_SHEET}'!$A$2:$A${last}", "error_title": "Kategori",
                "error_message": f"Välj en kod från bladet {CATEGORIES_SHEET}, eller lämna tomt.",
            })  # fmt: skip

    def patterns(self) -> None:
        names = self._category_names()
        rows = [
            {**row, "category_name": names.get(row["category_code"])}
            for row in self.content.patterns.head(MOST_PATTERNS).to_dict("records")
        ]
        self._table(self._sheet(PATTERNS_SHEET, [column.width for column in _PATTERN_COLUMNS]), _PATTERN_COLUMNS, rows)

    def categories(self) -> None:
        columns = (BookColumn("category_code", "Kod"), BookColumn("name", "Namn"), BookColumn("main", "Huvudkategori"))
        names = self._category_names()
        rows = [
            {**row, "main": names.get(str(row["category_path"]).split("/")[0])}
            for row in leaves(self.content.taxonomy).to_dict("records")
        ]
        self._table(self._sheet(CATEGORIES_SHEET, (12, 50, 40)), columns, rows)

    def _category_names(self) -> dict[object, str]:
        tree = self.content.taxonomy
        return dict(zip(tree["category_code"], tree["name"], strict=True))

    def _sheet(self, name: str, widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        marked = "Fiktiva uppgifter. " if self.content.fictional else ""
        shown = one_line(self.content.name).replace("&", "&&")[:100]
        sheet.set_header(f"&L{marked}{shown}&R{name}")
        sheet.set_footer("&RSida &P av &N")
        return sheet

    def _table(self, sheet: Any, columns: Sequence[BookColumn], rows: Sequence[Mapping[Any, Any]]) -> None:
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for place, column in enumerate(columns):
            head = "head_to_fill_in" if column.to_fill_in else "head"
            sheet.write_string(0, place, column.label, self.formats[head])
            for number, row in enumerate(rows, start=1):
                self._cell(sheet, number, place, row.get(column.key), column)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)

    def _cell(self, sheet: Any, row: int, place: int, value: Any, column: BookColumn) -> None:
        """Write one cell by its kind; never through a method that guesses from the text."""
        text = _cell_text(value, column)
        if column.to_fill_in:
            sheet.write_blank(row, place, None, self.formats["to_fill_in"])
        elif not text:
            sheet.write_blank(row, place, None, self.formats[column.kind])
        elif column.kind == "text":
            sheet.write_string(row, place, text, self.formats["text"])
        else:
            sheet.write_number(row, place, float(text), self.formats[column.kind])


def _cell_text(value: Any, column: BookColumn) -> str:
    """Write a value as the cell's text: money in kronor, a number with a decimal point."""
    text = one_line(value)
    return str(Decimal(text).scaleb(-2)) if text and column.kind == "money" else text


def _introduction(content: BookContent) -> list[tuple[str, str]]:
    """List what the first sheet says, label and text."""
    shown, total = min(len(content.patterns), MOST_PATTERNS), len(content.patterns)
    rows = [
        ("Period", one_line(content.period_name)),
        ("Källa", one_line(content.source_text)),
        ("Framtagen", content.made_on.isoformat()),
    ]
    if content.why_none:
        rows.append(("Inget föreslås", one_line(content.why_none)))
    return [
        *rows,
        (
            "Vad det gäller",
            "Rader som bara grundregeln eller en bred regel avgör, en sådan som bara ser till en hel kontogrupp. En "
            "modell har lärt sig av de rader som en särskild regel avgör, och föreslår en kategori när den är säker på "
            f"minst {percent_text(content.threshold_pct)}. Ett förslag är en fråga, inget beslut.",
        ),
        (
            f"Bladet {RULES_SHEET}",
            "En rad per föreslagen regel. Raden säger vad regeln frågar efter, vilken kategori den ger, hur många "
            "rader och kronor den flyttar, och hur många redan granskade rader av samma slag som ligger i en annan "
            "kategori.",
        ),
        (
            "Så fyller du i",
            "Bara de gula cellerna. Välj Godkänd eller Avböjd under Beslut, och skriv din roll och ett skäl. Ska "
            "regeln ge en annan kategori väljer du Godkänd och den andra kategorins kod. En rad utan beslut lämnas "
            "till nästa gång.",
        ),
        (
            "Ändra inget annat",
            "En rad där något annat är ändrat tas inte emot. Rader kan filtreras, flyttas och tas bort.",
        ),
        ("Läs tillbaka", f"procanalysis review {content.slug} FIL"),
        (
            "Vad som händer sedan",
            "Godkända regler skrivs i organisationens egen regelfil med roll, dag och skäl. Avböjda sparas och frågas "
            "inte om igen. Är något fel ifyllt tas ingenting emot.",
        ),
        (
            f"Bladet {PATTERNS_SHEET}",
            f"De mönster av leverantör, konto och enhet som förslagen bygger på, störst först. Visar {shown} av "
            f"{total}. Bladet är till för att läsa; det läses inte tillbaka.",
        ),
        (
            "Enskilda firmor",
            "visas tillsammans per konto och enhet, utan namn, nummer och text, och får ingen regel med eget nummer.",
        ),
    ]
