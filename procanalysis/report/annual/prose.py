"""Running text: what the figures say in sentences, and the paragraphs that people have written and reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

import pandas as pd

from procanalysis.report import numbers, style
from procanalysis.report.absent import absent
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.key_figures import value_text
from procanalysis.report.markup import Part, render
from procanalysis.report.sentences import callout
from procanalysis.report.words import words
from procanalysis.schema import KeyFigure, Source

TEMPLATE = "annual.html.j2"
_LONGEST = 3000


class Reviewed(Protocol):
    """Describe what is needed of the reviewed texts: whether there are any, and who stands for them."""

    @property
    def is_missing(self) -> bool:
        """Whether there are none."""

    @property
    def reviewed_by(self) -> str:
        """The role that stands for them."""

    @property
    def reviewed_on(self) -> date | None:
        """The day of the review; None when it is not told."""


def prose(texts: str | Sequence[str], *, source: Source, otherwise: str = "", signed: str = "") -> Part:
    """Show paragraphs as running text, or say quietly that there are none.

    Parameters: texts, one paragraph or several; otherwise, what to say when there are none, empty for nothing at all;
    signed, who stands for them.
    """
    paragraphs = [shorten(text, _LONGEST) for text in ([texts] if isinstance(texts, str) else texts) if text]
    if not paragraphs:
        return absent(otherwise, source=source)
    html = render("prose", template=TEMPLATE, accent=style.accent_colour(source.accent_colour), paragraphs=paragraphs,
                  signed=clean_text(signed))  # fmt: skip
    return Part("\n".join(filter(None, (*paragraphs, clean_text(signed)))), html, {"type": "text"})


def signature(texts: Reviewed, *, year: int) -> str:
    """Say who stands for the texts, or that there are none."""
    if texts.is_missing:
        return f"Skrivna texter för {year} saknas. Allt i rapporten är räknat ur siffrorna."
    day = f" ({numbers.date_in_words(texts.reviewed_on)})" if texts.reviewed_on else ""
    by = clean_text(texts.reviewed_by)
    return f"Först det som är räknat ur siffrorna, sedan skriven text. För texterna svarar {by}{day}."


def text_caution(texts: Reviewed, *, source: Source) -> Part:
    """Say plainly, under the header, that the written texts are not the organisation's own words; nothing if they are.

    Whoever stands for texts without the organisation's review says so in `reviewed_by` ("…; inte granskad av …").
    """
    by, not_reviewed, _ = clean_text(texts.reviewed_by).partition("inte granskad")
    if texts.is_missing or not not_reviewed:
        return absent("", source=source)
    words_of = "De skrivna texterna är inte granskade av {whose} och är inte dess egna ord. För dem svarar {by}."
    return callout(words_of, kind="warning", source=source, whose=source.organisation, by=by.rstrip(" ;,."))


def summary_text(
    *,
    year: int,
    counts: Mapping[str, int | None],
    behind: pd.DataFrame,
    goals: pd.DataFrame,
    figures: Sequence[KeyFigure],
    controls: pd.DataFrame,
    texts: Sequence[str],
    signed: str,
    source: Source,
) -> Part:
    """Write the year as running text: goals and indicators, economy, staff and risks, then the reviewed paragraphs.

    What is not known is left out here; the chapters say why.

    Parameters
    ----------
    counts: of `status_counts`; behind: the indicators that are furthest from their target, the furthest first
    goals: of `goals_of_year`; controls: of `controls_by_result`
    figures: of which printed_saving, cost_against_budget, unexplained_difference and head_count become sentences
    texts: the reviewed paragraphs; signed: who stands for them
    """
    known = {figure.id: figure for figure in figures if figure.value is not None}
    computed = [
        [*_indicators(counts, behind, year), _goals(goals)],
        [_saving(known), _costs(known), _unexplained(known)],
        [_staff(known), _controls(controls)],
    ]
    paragraphs = [" ".join(filter(None, sentences)) for sentences in computed]
    return prose([*paragraphs, *texts], source=source, otherwise="Inga siffror och inga texter finns.", signed=signed)


def _indicators(counts: Mapping[str, int | None], behind: pd.DataFrame, year: int) -> Iterable[str]:
    total, undecided = counts["total"] or 0, counts["undecided"]
    if not total:
        return
    if counts["met"] is None:
        yield f"Inget av de {total} mätetalen {year} har både ett utfall och ett målvärde för samma år."
        return
    yield words(
        "Av {total} mätetal har {met} nått målet för {year}, {missed} har inte gjort det och {undecided} kan inte "
        "avgöras.",
        total=total, met=counts["met"], missed=counts["missed"], undecided=undecided, year=year,
    )  # fmt: skip
    begins = "Målet nåddes inte för" if len(behind) == counts["missed"] else "Längst från målet ligger"
    named = [
        f"{shorten(row['name'], 120)}, {clean_text(row['outcome_text'])} mot {clean_text(row['target_text'])}"
        for row in behind.to_dict("records")
    ]
    if named:
        yield f"{begins} {'; '.join(named)}."


def _goals(goals: pd.DataFrame) -> str:
    """Count the goals by their printed status, in the board's own words."""
    printed = [None if pd.isna(status) else clean_text(status) for status in goals["printed"]]
    if not any(printed):
        return ""
    counted = {status: printed.count(status) for status in dict.fromkeys(filter(None, printed))}
    said = " och ".join(f"{number} som ”{status}”" for status, number in counted.items())
    rest = printed.count(None)
    return f"Av {len(printed)} mål bedömer nämnden {said}{f'; {rest} har ingen tryckt status' if rest else ''}."


def _saving(known: Mapping[str, KeyFigure]) -> str:
    figure = known.get("printed_saving")
    return f"De möjliggjorda besparingarna blev {value_text(figure)}, {figure.comparison}." if figure else ""


def _costs(known: Mapping[str, KeyFigure]) -> str:
    figure = known.get("cost_against_budget")
    return f"Kostnaderna blev {clean_text(figure.comparison)}." if figure else ""


def _unexplained(known: Mapping[str, KeyFigure]) -> str:
    figure = known.get("unexplained_difference")
    if figure is None or not figure.value:
        return ""
    return f"Mellan intäkter, kostnader och resultat ligger {value_text(figure)} som de tryckta talen inte förklarar."


def _staff(known: Mapping[str, KeyFigure]) -> str:
    figure = known.get("head_count")
    if figure is None:
        return ""
    before = f" ({clean_text(figure.comparison)})" if figure.comparison else ""
    return f"Antalet anställda var {value_text(figure)}{before}."


def _controls(controls: pd.DataFrame) -> str:
    """Count the risks by result, and name the worst."""
    known = controls[controls["step"].notna()]
    deviating = known[known["is_deviation"] == 1]
    if known.empty:
        return ""
    if deviating.empty:
        return f"Ingen av internkontrollens {len(known)} kontroller visade någon avvikelse."
    worst = deviating[deviating["step"] == deviating["step"].max()]
    named = "; ".join(shorten(risk, 160).rstrip(".") for risk in worst["risk"])
    result = clean_text(worst["result_name"].iloc[0]).lower()
    return (
        f"Av internkontrollens {len(known)} kontroller visade {len(deviating)} en avvikelse. {len(worst)} har "
        f"resultatet {result}: {named}."
    )
