"""Words with figures in them: header, findings, callouts, lists and statuses.

A template is a literal sentence with {names}; values are formatted by their names and escaped. Never put an
f-string there: values then miss their formatting.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from markupsafe import Markup, escape

from procanalysis.errors import ReportError, did_you_mean
from procanalysis.report import numbers, style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.key_figures import value_text
from procanalysis.report.markup import Part, render
from procanalysis.report.status import status_named
from procanalysis.schema import KeyFigure, Source

CalloutKind = Literal["action", "warning", "note"]
CALLOUTS: dict[str, str] = {"action": "Föreslagen åtgärd", "warning": "Observera", "note": "Att känna till"}

_LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_LARGEST_LOGO = 200_000


def finding(template: str, *, source: Source | None = None, otherwise: str = "", **values: object) -> Part:
    """Write a finding: one paragraph, first in its section.

    Parameters
    ----------
    template: a literal sentence such as "Inköpen var {total_ore}, {change_pct} mer än {year}."
    source: gives currency and colour; Swedish kronor without it
    otherwise: a sentence to write instead when one of the values is unknown
    values: one per name. `_exact_ore` is written to the öre, `_ore` in the unit that suits, `_pct` as
        percent, `_on` as a day, whole numbers grouped (but not `year`), a KeyFigure by its unit, the
        rest as text

    Raises ReportError when a name has no value or a value no name.

    >>> print(finding("Köp av {name}: {total_ore}.", name="<b>AB</b>", total_ore=4_500_000_000))
    Köp av <b>AB</b>: 45,0\xa0mnkr.
    """
    currency = source.currency if source else "SEK"
    text, html = sentence(template, values, currency=currency, otherwise=otherwise)
    return Part(text, render("finding", accent=_accent(source), text=html), {"type": "text"})


def callout(template: str, *, kind: CalloutKind, source: Source | None = None, **values: object) -> Part:
    """Set a sentence apart: "action" (a proposal), "warning" or "note". The rest is as in `finding`."""
    if kind not in CALLOUTS:
        raise ReportError(f"callout: no kind '{kind}'. {did_you_mean(kind, CALLOUTS)}")
    text, html = fill(template, values, currency=source.currency if source else "SEK")
    word = CALLOUTS[kind]
    return Part(
        f"{word}: {text}",
        render("callout", accent=_accent(source), kind=kind, word=word, text=html),
        {"type": "text"},
    )


def bullet_points(items: Sequence[str | Part], *, source: Source | None = None, otherwise: str = "") -> Part:
    """List short statements: texts, or findings whose figures are already formatted.

    Parameters: otherwise, what to say when the list is empty.

    Raises ReportError when the list is empty and there is nothing to say instead.
    """
    if not items and otherwise:
        return callout("{reason}", kind="note", source=source, reason=otherwise)
    if not items:
        raise ReportError("bullet_points: the list is empty. Say in `otherwise` what was not found.")
    texts = [item.text if isinstance(item, Part) else shorten(item, 600) for item in items]
    html = render("points", accent=_accent(source), items=texts)
    return Part("\n".join(f"- {text}" for text in texts), html, {"type": "text"})


def status_mark(status: str, rule: str) -> Part:
    """Show a status with its rule beside it: "met", "watch", "off" or "unknown", or their Swedish words.

    Raises ReportError when there is no such status or the rule is missing.
    """
    mark = status_named(status)
    if not rule.strip():
        raise ReportError(f"status_mark '{status}': say the rule that decides it, such as 'Mål: minst 85 %'.")
    html = render("status_line", accent=style.ACCENT, mark=mark, rule=shorten(rule, 300))
    return Part(f"{mark.symbol} {mark.word}: {clean_text(rule)}", html, {"type": "text"})


def report_header(
    *,
    title: str,
    lead: str,
    source: Source,
    period: str,
    made_on: date | str,
    version: str,
    one_page: bool = False,
) -> Part:
    """Open the report: its one main heading, what it answers, the period, the source and the date.

    Parameters: one_page, when the report is to be printed on a single page, which is then set closer.

    Raises ReportError when the title or lead is empty, or the logo cannot be used.
    """
    if not title.strip() or not lead.strip():
        raise ReportError("report_header: title and lead (one sentence: what the report answers) are needed.")
    day = numbers.date_in_words(made_on)
    meta = [
        f"{clean_text(source.organisation)}. Avser {clean_text(period)}.",
        f"Källa: {clean_text(source.text)}",
        f"Framtagen {day}.",
    ]
    accent = style.accent_colour(source.accent_colour)
    html = render(
        "header",
        source=source,
        accent=accent,
        title=shorten(title, 300),
        lead=shorten(lead, 600),
        meta=meta,
        logo=_logo(source.logo_path),
    )
    data = {
        "type": "header",
        "title": shorten(title, 300),
        "organisation": clean_text(source.organisation),
        "period": clean_text(period),
        "source": clean_text(source.text),
        "made_on": str(made_on)[:10],
        "version": clean_text(version),
        "fictional": source.fictional,
        "accent_colour": accent,
    }
    if one_page:
        data["one_page"] = True
    fictional = ["Fiktiva uppgifter."] if source.fictional else []
    return Part("\n".join([clean_text(title), clean_text(lead), *meta, *fictional]), html, data)


def sentence(template: str, values: dict[str, object], *, currency: str, otherwise: str = "") -> tuple[str, Markup]:
    """Fill a template, or return `otherwise` when that is given and one of the values is unknown."""
    if otherwise and any(_is_unknown(value) for value in values.values()):
        return clean_text(otherwise), escape(clean_text(otherwise))
    return fill(template, values, currency=currency)


def _is_unknown(value: object) -> bool:
    if isinstance(value, KeyFigure):
        return value.value is None
    # The missing value of pandas cannot be compared, so its type is asked for first.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def fill(template: str, values: dict[str, object], *, currency: str) -> tuple[str, Markup]:
    """Put formatted values into a sentence, as text and as HTML. Everything is escaped, the sentence too."""
    text, html, used = "", Markup(""), set()
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ReportError(f"template '{shorten(template, 60)}': {error}. Write braces as {{{{ and }}}}.") from error
    for literal, name, _, _ in pieces:
        cleaned = literal.replace("\n", " ")
        text, html = text + cleaned, html + escape(cleaned)
        if name is None:
            continue
        if name not in values:
            raise ReportError(f"template '{shorten(template, 60)}': {{{name}}} has no value. Give {name}=… after it.")
        used.add(name)
        shown = _formatted(name, values[name], currency)
        text += shown
        # A name in another script must not turn the words around it.
        is_words = isinstance(values[name], str)
        html += Markup("<bdi>{}</bdi>").format(shown) if is_words else escape(shown)
    unused = sorted(set(values) - used)
    if unused:
        raise ReportError(f"template '{shorten(template, 60)}': {unused[0]} is given but not used. Remove it.")
    return text, html


def _formatted(name: str, value: object, currency: str) -> str:
    if isinstance(value, KeyFigure):
        return value_text(value, currency)
    if name.endswith("_exact_ore"):
        return numbers.amount_exact(value, currency)
    if name.endswith("_ore"):
        return numbers.amount(value, currency)
    if name.endswith("_pct"):
        return numbers.percent(value)
    if name.endswith("_on"):
        return numbers.date_in_words(value)
    if isinstance(value, str):
        return shorten(value, 300)
    if isinstance(value, date):
        return numbers.date_in_words(value)
    exact = numbers.to_decimal(value)
    if exact is None:
        return numbers.UNKNOWN
    if name.endswith("year"):
        return str(int(exact))
    return numbers.number(exact, 0 if exact == exact.to_integral_value() else 1)


def _accent(source: Source | None) -> str:
    return style.accent_colour(source.accent_colour) if source else style.ACCENT


def _logo(path: str) -> str:
    """Read the logo into the page, so that the report stays one file."""
    if not path:
        return ""
    file = Path(path)
    kind = _LOGO_TYPES.get(file.suffix.lower())
    if kind is None or not file.is_file() or file.stat().st_size > _LARGEST_LOGO:
        raise ReportError(
            f"logo {path}: needs to be a PNG, JPEG or SVG file of at most {_LARGEST_LOGO // 1000} kB. "
            "Correct the path in the organisation file, or remove it."
        )
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"
