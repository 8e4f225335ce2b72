"""Parts of a gap analysis: positions, plan, causes, one section per dimension; each says so when there is nothing."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.report import numbers, style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.gap.pictures import (
    Bar,
    Chain,
    Standing,
    draw_causes,
    draw_plan,
    draw_positions,
    level_text,
)
from procanalysis.report.key_figures import how_calculated, key_figures
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import demanded, figure, table
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.schema import KeyFigure, Source

_LONGEST = 600
_TEMPLATE = "assessment.html.j2"
_TEXTS = {
    "finding": "Iakttagelse",
    "evidence": "Underlag",
    "challenge": "Utmaning",
    "consequence": "Konsekvens",
    "recommendation": "Förslag",
}
_NUMBERS = {2: "två", 3: "tre", 4: "fyra", 5: "fem"}
Row = Mapping[Hashable, Any]


def position_figure(
    positions: pd.DataFrame,
    *,
    levels: Sequence[str],
    lowest: int,
    title: str,
    alt: str,
    source: Source,
    claims: pd.DataFrame | None = None,
    movement: pd.DataFrame | None = None,
    since: str = "",
    otherwise: str = "",
) -> Part:
    """Show each dimension's position and wanted position as a dumbbell, with the data's level and the earlier position.

    Parameters
    ----------
    positions: one row per dimension: dimension_id, dimension_name, now, wanted
    levels: the names of the levels, from `lowest` up
    claims: adds evidence_level per dimension_id; movement: adds before; since: the earlier year in words
    otherwise: what to say when no dimension has a score

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="position_figure")
    scored = positions[positions["now"].notna()]
    if scored.empty:
        return _nothing(otherwise or "Inga poäng har satts.", source)
    data = _by_dimension(claims, "evidence_level")
    before = _by_dimension(movement, "before")
    extra = {"before": before, "evidence_level": data}
    shown = scored.assign(**{name: scored["dimension_id"].map(levels.get) for name, levels in extra.items()})
    shown = shown.astype(object).where(shown.notna(), None)
    standings = [
        Standing(shorten(r["dimension_name"], 60), r["before"], r["now"], r["wanted"], r["evidence_level"])
        for r in shown.to_dict("records")
    ]
    accent = style.accent_colour(source.accent_colour)
    pictures = [
        draw_positions(standings, levels=levels, lowest=lowest, accent=accent, since=since, narrow=narrow)
        for narrow in (False, True)
    ]
    columns = {"dimension_name": "Dimension", "now": "I dag", "wanted": "Önskad nivå"}
    columns |= {"before": since} if before else {}
    columns |= {"evidence_level": "Underlagets nivå"} if data else {}
    return _picture(pictures, shown, columns, title=title, alt=alt, source=source, sheet="Nuläge och önskad nivå")


def plan_figure(scheduled: pd.DataFrame, *, title: str, alt: str, source: Source, otherwise: str = "") -> Part:
    """Show a plan in quarters, with what depends on what respected.

    Parameters
    ----------
    scheduled: one row per action: title, start, scheduled_start, scheduled_end, moved_count, done; quarters as 2025-Q1
    otherwise: what to say when no action has a quarter

    Raises ReportError when title, alt or source is missing, or the plan is too long to be read.
    """
    source = demanded(title=title, source=source, alt=alt, where="plan_figure")
    dated = scheduled[scheduled["scheduled_start"].notna()]
    if dated.empty:
        return _nothing(otherwise or "Ingen åtgärd har ett kvartal.", source)
    dated = dated.sort_values(["scheduled_start", "scheduled_end"], kind="stable")
    bars = [
        Bar(
            shorten(row["title"], 90),
            _running(row["scheduled_start"]),
            _running(row["scheduled_end"]),
            _running(row["start"]),
            bool(row["done"]),
            row["moved_count"] > 0,
        )
        for row in dated.to_dict("records")
    ]
    first = min(bar.planned_first for bar in bars)
    last = max(bar.last for bar in bars)
    quarters = [f"{number // 4}-Q{number % 4 + 1}" for number in range(first, last + 1)]
    accent = style.accent_colour(source.accent_colour)
    pictures = [
        draw_plan(bars, accent=accent, quarters=quarters, first=first, narrow=narrow) for narrow in (False, True)
    ]
    columns = {"title": "Åtgärd", "scheduled_start": "Börjar", "scheduled_end": "Klar", "start": "Planerad start"}
    return _picture(pictures, dated, columns, title=title, alt=alt, source=source, sheet="Plan i kvartal")


def cause_figure(clusters: pd.DataFrame, *, title: str, alt: str, source: Source, otherwise: str = "") -> Part:
    """Show each cause with the challenges and consequences that follow from it.

    Parameters: clusters, one row per cause: cause, challenges, consequences (tuples of text); otherwise, what to say
    when there are none. Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="cause_figure")
    if clusters.empty:
        return _nothing(otherwise or "Inga orsaker är beskrivna.", source)
    rows = clusters.to_dict("records")
    chains = [
        Chain(clean_text(r["cause"]), _clean(r["challenges"]), _clean(r["consequences"]))
        for r in rows
    ]  # fmt: skip
    accent = style.accent_colour(source.accent_colour)
    pictures = [draw_causes(chains, accent=accent, narrow=narrow) for narrow in (False, True)]
    joined = clusters.assign(
        challenges=["; ".join(r["challenges"]) for r in rows], consequences=["; ".join(r["consequences"]) for r in rows]
    )
    columns = {"cause": "Orsak", "challenges": "Utmaningar", "consequences": "Konsekvenser"}
    return _picture(pictures, joined, columns, title=title, alt=alt, source=source, sheet="Orsaker")


def dimension_pages(
    findings: pd.DataFrame,
    positions: pd.DataFrame,
    claims: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    support: Mapping[str, Sequence[str]],
    source: Source,
) -> Part:
    """Show each dimension: position, finding, evidence, challenge, consequence, proposal, indicators and actions.

    Parameters: findings, positions, claims and evidence, one row per dimension or indicator; support, dimension_id →
    indicator_id. Levels of indicators are shown only where the dimension has a score to put them beside.
    """
    accent = style.accent_colour(source.accent_colour)
    where = {row["dimension_id"]: row for row in positions.to_dict("records")}
    verdicts = {row["dimension_id"]: row for row in claims.to_dict("records")}
    known = {row["indicator_id"]: row for row in evidence.to_dict("records")}
    pages: list[dict[str, Any]] = []
    for row in findings.to_dict("records"):
        name = row["dimension_id"]
        scored = where[name]["now"] is not None
        pages.append({
            "name": clean_text(row["dimension_name"]),
            "question": clean_text(row["question"]),
            "standing": _standing(where[name], verdicts[name]),
            "texts": [(term, shorten(row[key], _LONGEST)) for key, term in _TEXTS.items() if row[key]],
            "evidence": [evidence_line(known[each], with_level=scored) for each in support.get(name, ())],
            "actions": [shorten(each, _LONGEST) for each in row["actions"]],
        })  # fmt: skip
    html = render("dimension_pages", template=_TEMPLATE, source=source, accent=accent, pages=pages)
    lines = []
    for page in pages:
        texts = [f"{term}: {text}" for term, text in page["texts"]]
        lines += [page["name"], page["standing"], *texts, *page["evidence"], *page["actions"]]
    return Part("\n".join(line for line in lines if line), html, {"type": "text"})


def evidence_line(row: Row, *, with_level: bool) -> str:
    """Write one indicator in short: its value and the level that it supports, or that it is missing.

    Its source, or what is missing, stands in the table of indicators.
    """
    name = clean_text(row["indicator_name"])
    if row["value"] is None:
        return f"{name}: underlag saknas"
    level = f", nivå {row['level']}" if with_level and row["level"] is not None else ""
    return f"{name}: {_value(row)}{level}"


def _value(row: Row) -> str:
    """Write an indicator's value with qualifier and unit."""
    if row["value"] is None:
        return "Underlag saknas"
    value = numbers.number(row["value"], 0 if row["value"] == row["value"].to_integral_value() else 1)
    unit = f"{numbers.HARD_SPACE}{clean_text(row['unit'])}" if row["unit"] else ""
    qualifier = f"{clean_text(row['qualifier'])} " if row["qualifier"] else ""
    return f"{qualifier}{value}{unit}"


def claim_columns(*, has_scores: bool) -> dict[str, str]:
    """Return the columns of the table of scores and evidence; without scores only how many indicators are known."""
    known = {"known_count": "Kända mått", "indicators_count": "Mått"}
    if not has_scores:
        return {"dimension_name": "Dimension", **known}
    return {"dimension_name": "Dimension", "now": "Poäng", "evidence_level": "Underlagets nivå", **known,
            "difference": "Skillnad", "verdict_name": "Utfall"}  # fmt: skip


def comparison_figure(compared: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """Show the scores of several assessments beside each other, or say why there is nothing to compare with.

    Parameters: compared, one row per dimension and assessment: dimension_name, assessment, now.
    """
    names = list(dict.fromkeys(compared["assessment"]))
    if len(names) < 2:
        return _nothing(otherwise, source)
    return figure(
        compared,
        kind="heatmap",
        label="dimension_name",
        series="assessment",
        value="now",
        columns={"dimension_name": "Dimension", "assessment": "Bedömning", "now": "Poäng"},
        title=f"Poäng i {len(names)} bedömningar med samma modell",
        alt=f"Rutnät med poäng per dimension i {', '.join(names)}.",
        source=source,
        sheet="Jämförelse",
        print_data=False,
    )


def evidence_table(
    evidence: pd.DataFrame, *, source: Source, with_levels: bool, title: str = "Mått som stöder bedömningen"
) -> Part:
    """Show every indicator with value, source and what is missing; levels only beside scores."""
    values = [_value(row) for row in evidence.to_dict("records")]
    told = [": ".join(filter(None, (r["source"] or r["missing"], r["note"]))) for r in evidence.to_dict("records")]
    frame = evidence.assign(value_text=values, told=told)
    columns = {"indicator_name": "Mått", "value_text": "Värde"}
    columns |= {"level": "Nivå"} if with_levels else {}
    columns |= {"told": "Källa, eller vad som saknas"}
    return table(frame, title=title, columns=columns, source=source, sheet="Mått", rows=40)


def table_or_reason(
    frame: pd.DataFrame, *, columns: Mapping[str, str], title: str, source: Source, otherwise: str, rows: int = 40,
    sheet: str = "", note: str = "",
) -> Part:  # fmt: skip
    """Show a table, or in words why there is nothing to show. A column unknown on every row is named below instead."""
    if frame.empty:
        return _nothing(otherwise, source)
    unknown = {name: label for name, label in columns.items() if frame[name].isna().all()}
    if unknown:
        columns = {name: label for name, label in columns.items() if name not in unknown}
        note = f"{note} Uppgift saknas på alla rader: {', '.join(unknown.values())}.".strip()
    return table(frame, columns=columns, title=title, source=source, rows=rows, sheet=sheet or None, note=note)


def figures_or_reason(figures: Sequence[KeyFigure], *, source: Source, otherwise: str) -> Part:
    """Show key figures as cards, or say why there are none."""
    return key_figures(figures, source=source) if figures else _nothing(otherwise, source)


def how_or_reason(figures: Sequence[KeyFigure], *, source: Source, methods: Mapping[str, str], otherwise: str) -> Part:
    """Show how key figures were reckoned, or say that there are none."""
    return how_calculated(figures, source=source, methods=methods) if figures else _nothing(otherwise, source)


def on_screen(part: Part) -> Part:
    """Show a part on screen only. Use it for what paper has in another form, such as figures in a table."""
    return Part(part.text, render("on_screen", template=_TEMPLATE, content=part.html), part.data)


def claim_points(claims: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """List the dimensions whose score is higher or lower than the data, one sentence each."""
    points = [
        finding(
            "{name}: poäng {now}, underlagets nivå {level} ({known} av {of} mått kända). {verdict}.",
            source=source,
            name=row["dimension_name"],
            now=level_text(row["now"]),
            level=level_text(row["evidence_level"]),
            known=row["known_count"],
            of=row["indicators_count"],
            verdict=row["verdict_name"],
        )
        for row in claims.to_dict("records")
    ]
    return bullet_points(points, source=source) if points else _nothing(otherwise, source)


def gap_points(gaps: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """List the largest gaps, one sentence each: from where to where, and with what weight."""
    points = [
        finding(
            "{name}: från {now} till {wanted}, gap {gap} × vikt {weight} = {weighted}{agreement}.",
            source=source,
            name=row["dimension_name"],
            now=level_text(row["now"]),
            wanted=level_text(row["wanted"]),
            gap=level_text(row["gap"]),
            weight=level_text(row["weight"]),
            weighted=level_text(row["weighted_gap"]),
            agreement=f". Bedömarna är oeniga ({row['lowest']}–{row['highest']})"
            if row["agreement"] == "Oeniga"
            else "",
        )
        for row in gaps.to_dict("records")
    ]
    return bullet_points(points, source=source) if points else _nothing(otherwise, source)


def gap_table(gaps: pd.DataFrame, findings: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """Show the largest gaps with what was found and is proposed; without scores every dimension's finding.

    Parameters: gaps, rows of `position`, none when there are no scores; findings, one row per dimension; otherwise,
    what to say when there is neither.
    """
    told = findings.set_index("dimension_id")[["finding", "recommendation"]]
    if gaps.empty:
        columns = {"dimension_name": "Dimension", "finding": "Iakttagelse"}
        return table_or_reason(findings[findings["finding"] != ""], columns=columns, title="Iakttagelse per dimension",
                               source=source, otherwise=otherwise, sheet="Iakttagelser")  # fmt: skip
    columns = {"dimension_name": "Dimension", "now": "I dag", "wanted": "Önskad", "finding": "Iakttagelse",
               "recommendation": "Förslag"}  # fmt: skip
    title = f"De {_NUMBERS.get(len(gaps), len(gaps))} största gapen" if len(gaps) > 1 else "Det största gapet"
    joined = gaps.join(told, on="dimension_id")
    return table_or_reason(joined, columns=columns, title=title, source=source, otherwise=otherwise, sheet="Gap")


def expectation_figure(expectations: pd.DataFrame, *, counted: bool, source: Source, otherwise: str) -> Part:
    """Show the themes of what those interviewed expect, as bars by how often each was mentioned.

    Parameters: expectations, one row per theme: theme, mentions_count, words; counted, whether somebody counted the
    mentions, else each wording counts once; otherwise, what to say when there are none.
    """
    if expectations.empty:
        return _nothing(otherwise, source)
    first = expectations.iloc[0]
    unit = "gånger" if counted else "uttryck"
    return figure(
        expectations,
        kind="bar",
        label="theme",
        value="mentions_count",
        columns={"theme": "Tema", "mentions_count": f"Antal {unit}"},
        title=f"Flest förväntningar gäller {_lowered(clean_text(first['theme']))}",
        subtitle="Hur många gånger temat nämndes"
        if counted
        else "Antal uttryck per tema; varje uttryck räknas en gång",
        alt=f"Staplar per tema. Flest {unit} har {clean_text(first['theme'])}.",
        source=source,
        sheet="Förväntningar",
        print_data=False,
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def decision_points(decisions: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """List the decisions asked for: what, by whom and until when."""
    points = [
        finding(
            "{decision} ({by}{until}).",
            source=source,
            decision=row["decision"],
            by=row["decided_by"],
            until=f", senast {row['until']}" if row["until"] else "",
        )
        for row in decisions.to_dict("records")
    ]
    return bullet_points(points, source=source) if points else _nothing(otherwise, source)


def text_points(texts: Collection[str], *, source: Source, otherwise: str) -> Part:
    """List short statements, or say why there are none."""
    return bullet_points(list(texts), source=source) if texts else _nothing(otherwise, source)


def _standing(position: Row, claim: Row) -> str:
    if position["now"] is None:
        return ""
    wanted = f", önskad nivå {level_text(position['wanted'])}" if position["wanted"] is not None else ""
    spread = f" ({position['agreement'].lower()}, {position['lowest']}–{position['highest']})"
    return f"I dag {level_text(position['now'])}{spread}{wanted}. {claim['verdict_name']}."


def _nothing(words: str, source: Source) -> Part:
    return callout("{why}", kind="note", source=source, why=words)


def _by_dimension(frame: pd.DataFrame | None, column: str) -> dict[str, Decimal]:
    """Read a column by dimension, without what is unknown."""
    if frame is None:
        return {}
    pairs = zip(frame["dimension_id"], frame[column], strict=True)
    return {name: value for name, value in pairs if value is not None}


def _clean(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean_text(text) for text in texts)


def _running(quarter: str) -> int:
    year, number = quarter.split("-Q")
    return int(year) * 4 + int(number) - 1


def _picture(
    pictures: Sequence[str], frame: pd.DataFrame, columns: Mapping[str, str], *, title: str, alt: str, source: Source,
    sheet: str,
) -> Part:  # fmt: skip
    """Show a drawing, wide and narrow; paper need not show its data, which stand in the tables below it."""
    wide, narrow = pictures
    return drawn_figure(
        (wide, narrow),
        frame,
        columns=columns,
        title=title,
        alt=alt,
        source=source,
        sheet=sheet,
        data_title="Siffrorna bakom diagrammet",
        repeated=True,
    )
