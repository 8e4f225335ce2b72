"""Parts of the reports on tenders: a buyer against groups, members side by side, mix, bids, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.absent import absent
from procanalysis.report.charts import Scale
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import scale_of
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.gap import on_screen, table_or_reason
from procanalysis.report.lanes import begun, named
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import demanded, table
from procanalysis.report.sentences import bullet_points, callout, fill, finding
from procanalysis.report.tenders.panels import Cell, Panel, draw_panels
from procanalysis.report.tenders.pictures import MOST_REFERENCES, MOST_ROWS, Held, Spread, draw_held, draw_spread
from procanalysis.report.tenders.words import (
    LOWER_ENDS,
    MISSING_CHAPTERS,
    NONE,
    SHORT_VERDICTS,
    Row,
    answer_words,
    cell_words,
    group_summary,
    interval_words,
    matrix_words,
    members_title,
    parts_words,
    profile_summary,
    profile_title,
    rows_of,
    short_label,
    value_words,
)
from procanalysis.schema import TENDER_KINDS, TENDER_PROCEDURES, KeyFigure, Source

_NO_ROWS = "Källan har inga uppgifter att visa här."
_MATRIX_NOTE = (
    "▲ tydligt högre och ▼ tydligt lägre än {group} tillsammans; säkerhetsnivån är höjd efter antalet jämförda. Utan "
    "tecken är skillnaden inte tydlig, eller så jämförs måttet inte. (för få) är färre än {fewest} upphandlingar. Inom "
    "parentes står hur många av hur många."
)


def summary(profile: pd.DataFrame, *, name: str, year: int, source: Source, because: str = "") -> Part:
    """Write a buyer's year of tenders as one paragraph: what was announced, competition, value, firms, what is known.

    Parameters: profile, of `tender_profile`; name, the buyer's; year; because, why there is nothing at all.
    """
    return _paragraph(profile_summary(profile, name=name, year=year, because=because), source)


def comparison_summary(profile: pd.DataFrame, *, name: str, year: int, source: Source) -> Part:
    """Write as one paragraph how the members of a group stand to it. Parameters as in `summary`, of `group_profile`."""
    return _paragraph(group_summary(profile, name=name, year=year), source)


def _paragraph(sentences: Sequence[str], source: Source) -> Part:
    text, html = fill(
        " ".join(f"{{s{place}}}" for place in range(len(sentences))), _numbered(sentences), currency="SEK"
    )
    return Part(text, render("finding", accent=style.accent_colour(source.accent_colour), text=html), {"type": "text"})


def _numbered(sentences: Sequence[str]) -> dict[str, object]:
    return {f"s{place}": sentence for place, sentence in enumerate(sentences)}


def profile_table(
    profile: pd.DataFrame, measures: Sequence[str], *, title: str, source: Source, sheet: str, note: str = ""
) -> Part:
    """Show measures of a buyer beside groups: value with its parts, interval, the groups' values, and the verdict.

    Parameters: profile, of `tender_profile`; measures, ids of figures in order; note, how to read it. Returns an absent
    part when all of them are unknown for the buyer.
    """
    demanded(title=title, source=source, alt=None, where="profile_table")
    every = [row for measure in measures for row in rows_of(profile, measure, "own")]
    if every and all(row["value"] is None for row in every):
        return absent(_nothing_known(every), source=source)
    groups = list(dict.fromkeys(profile.loc[profile["role"] == "group", "group"]))
    names = list(dict.fromkeys(profile.loc[profile["role"] == "own", "group"]))
    rows = []
    for measure in measures:
        own, against = rows_of(profile, measure, "own"), rows_of(profile, measure, "group")
        if not own:
            raise ReportError(f"profile_table: the profile has no measure '{measure}'. Give ids of its figures.")
        row = {"label": clean_text(own[0]["label"]), "own": _own_cell(own[0]), "interval": interval_words(own[0])}
        row |= {f"group_{place}": cell_words(each) for place, each in enumerate(against)}
        rows.append(row | {"verdict": SHORT_VERDICTS.get(str(against[0]["verdict"]), "") if against else ""})
    columns = {"label": "Mått", "own": named(names[0] if names else None, 60)}
    if groups:
        columns["verdict"] = f"Mot {begun(named(groups[0], 60))}"
    columns |= {"interval": "Osäkerhet"} | {f"group_{place}": named(each, 60) for place, each in enumerate(groups)}
    shown = pd.DataFrame(rows, columns=list(columns), dtype="object")
    return table(shown, columns=columns, title=title, source=source, sheet=sheet, rows=40, note=note)


def _own_cell(row: Row) -> str:
    """Write a figure with its parts, or why it is unknown."""
    if row["value"] is not None:
        return cell_words(row)
    return f"Okänt. {shorten(row['reason'], 150)}"


def profile_figure(
    profile: pd.DataFrame, measures: Sequence[str], *, source: Source, sheet: str, title: str = "", subtitle: str = ""
) -> Part:
    """Show a buyer's shares as dots with their intervals, and the groups' shares as marks.

    Parameters: profile, of `tender_profile`; measures, ids of figures in percent, in order; title, which of them
    clearly differ from the first group when empty.

    Raises ReportError when a measure is no share, or there are more than two groups.
    """
    own = [row for measure in measures for row in rows_of(profile, measure, "own")]
    wrong = [row["measure"] for row in own if row["unit"] != "%"]
    if wrong:
        raise ReportError(f"profile_figure: '{wrong[0]}' is no share. Show it in a table.")
    if all(row["value"] is None for row in own):
        return absent(_nothing_known(own), source=source)
    groups = list(dict.fromkeys(profile.loc[profile["role"] == "group", "group"]))[:MOST_REFERENCES]
    against = [row for measure in measures for row in rows_of(profile, measure, "group")[:1]]
    held = [_held_measure(row, rows_of(profile, str(row["measure"]), "group")) for row in own]
    given: dict[str, Any] = {
        "heads": ("Andel", "Antal"), "references": [named(group, 60) for group in groups],
        "scale": Scale("percent"), "value_name": f"{named(own[0]['group'], 60)} med osäkerhet",
        "accent": style.accent_colour(source.accent_colour),
    }  # fmt: skip
    known = [row for row in own if row["value"] is not None]
    alt = "; ".join(f"{short_label(row)} {cell_words(row)}" for row in known)
    frame = _data(profile[profile["measure"].isin(list(measures))])
    return drawn_figure(
        (draw_held(held, **given), draw_held(held, **given, narrow=True)),
        frame, columns=_DATA_COLUMNS, title=title or profile_title(own, against), subtitle=subtitle, source=source,
        sheet=sheet, repeated=True,
        alt=f"Andelar med osäkerhetsintervall för {named(own[0]['group'], 60)}: {alt}.",
    )  # fmt: skip


def _nothing_known(rows: Sequence[Row]) -> str:
    reasons = list(dict.fromkeys(clean_text(row["reason"]) for row in rows if row["reason"]))
    return ". ".join(reasons) + "." if reasons else _NO_ROWS


def _held_measure(own: Row, against: Sequence[Row]) -> Held:
    value = numbers.to_decimal(own["value"])
    is_few = bool(against) and against[0]["verdict"] == "too_few"
    parts = parts_words(own) or NONE
    return Held(
        name=short_label(own),
        figures=(value_words(value, "%"), f"{parts} ({SHORT_VERDICTS['too_few']})" if is_few else parts),
        is_pale=is_few,
        value=value,
        lowest=numbers.to_decimal(own["lowest"]),
        highest=numbers.to_decimal(own["highest"]),
        references=tuple(numbers.to_decimal(row["value"]) for row in against[:MOST_REFERENCES]),
    )


_DATA_COLUMNS = {"label": "Mått", "group": "Vem", "value": "Värde", "parts": "Antal", "interval": "Osäkerhet"}


def _data(profile: pd.DataFrame) -> pd.DataFrame:
    rows = [dict(row) for row in profile.to_dict("records")]
    return profile.assign(
        value=[value_words(row["value"], str(row["unit"])) for row in rows],
        parts=[parts_words(row) for row in rows],
        interval=[interval_words(row) for row in rows],
        verdict_name=[SHORT_VERDICTS.get(str(row["verdict"]), "") for row in rows],
    )


def members_figure(profile: pd.DataFrame, measures: Sequence[str], *, source: Source, sheet: str) -> Part:
    """Show up to three measures of the members of a group as dots with intervals, the group and the nation as lines.

    Members that clearly differ from the group stand in bold and in the accent colour. Nobody is ranked: members stand
    in the order that `group_profile` gives the first measure. Those too few to be compared are named without a dot.

    Parameters: profile, of `group_profile`; measures, ids of figures with intervals, the first one in the title.

    Raises ReportError when the profile lacks a measure.
    """
    wrong = [measure for measure in measures if not rows_of(profile, measure, "member")]
    if wrong or not measures:
        raise ReportError(f"members_figure: the profile has no members with the measure '{[*wrong, ''][0]}'.")
    titles = [members_title(profile, measure) for measure in measures]
    chosen = profile[profile["measure"].isin(list(measures))]
    members = rows_of(profile, measures[0], "member")
    if chosen["value"].isna().all():
        reason = _nothing_known([dict(row) for row in chosen.to_dict("records")])
        return absent(f"{titles[0]}. {reason}", source=source)
    if len(members) > MOST_ROWS:
        return detail_table(chosen, source=source, sheet=sheet, title=titles[0])
    order = [row["group"] for row in members]
    panels = [_panel(profile, measure, order, source) for measure in measures]
    groups = list(dict.fromkeys(profile.loc[profile["role"] == "group", "group"]))[:MOST_REFERENCES]
    names = [named(name, 90) for name in order]
    given: dict[str, Any] = {
        "references": [named(group, 60) for group in groups], "accent": style.accent_colour(source.accent_colour),
    }  # fmt: skip
    return drawn_figure(
        (draw_panels(names, panels, **given), draw_panels(names, panels, **given, narrow=True)),
        _data(chosen), columns={**_DATA_COLUMNS, "verdict_name": "Mot gruppen"}, title=titles[0], source=source,
        sheet=sheet, subtitle=". ".join([*titles[1:], _order_words(members)]), repeated=True,
        alt=" ".join(_members_alt(profile, measure) for measure in measures),
    )  # fmt: skip


def _order_words(members: Sequence[Row]) -> str:
    if members[0]["ordered_by"] == "value":
        return f"Ordnade efter {begun(short_label(members[0]))}; de som är för få står sist"
    return "I bokstavsordning, eftersom skillnaderna inte är tydliga nog för en ordning efter värde"


def _panel(profile: pd.DataFrame, measure: str, order: Sequence[str], source: Source) -> Panel:
    """Gather one measure's cells in the order of the members."""
    rows = {row["group"]: row for row in rows_of(profile, measure, "member")}
    unit = str(rows[order[0]]["unit"])
    cells = tuple(_cell(rows[name], unit) for name in order)
    ends = [end for cell in cells for end in (cell.value, cell.highest) if end is not None]
    scale = Scale("percent" if unit == "%" else "count")
    if unit == "SEK":
        scale = scale_of(ends, "money", source.currency)
    against = rows_of(profile, measure, "group")[:MOST_REFERENCES]
    references = tuple(_in_hundredths(numbers.to_decimal(row["value"]), unit) for row in against)
    return Panel(short_label(rows[order[0]]), scale, cells, references)


def _cell(row: Row, unit: str) -> Cell:
    if row["verdict"] == "too_few":
        return Cell(SHORT_VERDICTS["too_few"], None)
    value, lowest, highest = (
        _in_hundredths(numbers.to_decimal(row[name]), unit) for name in ("value", "lowest", "highest")
    )
    return Cell(value_words(row["value"], unit), value, lowest, highest, row["verdict"] in ("higher", "lower"))


def _in_hundredths(value: Decimal | None, unit: str) -> Decimal | None:
    """Return an amount as the scale of a drawing has it, in öre; other figures as they are."""
    return value.scaleb(2) if value is not None and unit == "SEK" else value


def _members_alt(profile: pd.DataFrame, measure: str) -> str:
    members, groups = rows_of(profile, measure, "member"), rows_of(profile, measure, "group")
    clear = [f"{named(r['group'], 60)} {cell_words(r)}, {SHORT_VERDICTS[str(r['verdict'])]}" for r in members
            if r["verdict"] in ("higher", "lower")]  # fmt: skip
    beside = ", ".join(f"{named(row['group'], 60)} {cell_words(row)}" for row in groups)
    said = f"Tydligt skilda från gruppen: {'; '.join(clear)}." if clear else "Ingen skiljer sig tydligt från gruppen."
    return f"{clean_text(members[0]['label'])} med osäkerhetsintervall: {beside}. {said}"


def matrix_table(
    profile: pd.DataFrame,
    measures: Sequence[str],
    *,
    title: str,
    source: Source,
    sheet: str,
    fewest: int = 20,
    screen_only: bool = False,
) -> Part:
    """Show several measures of all the members of a group in one table, groups last, a sign for a clear difference.

    Parameters: profile, of `group_profile`; measures, ids of figures, a column each; fewest, as the profile was made
    with; screen_only, to leave it out on paper. Members stand in the order of the first measure. The upper end of a
    share is left out where it is the lower end for all of them.

    Raises ReportError when the profile lacks a measure.
    """
    columns: dict[str, str] = {"group": "Vem"}
    rows: dict[str, dict[str, str]] = {}
    for measure in measures:
        found = rows_of(profile, measure, "member", "group")
        if not found:
            raise ReportError(f"matrix_table: the profile has no measure '{measure}'. Give ids of its figures.")
        if _says_the_same(profile, measure, measures):
            continue
        columns[measure] = short_label(found[0])
        for row in found:
            cells = rows.setdefault(str(row["group"]), {"group": named(row["group"], 90)})
            cells[measure] = matrix_words(row)
    shown = pd.DataFrame(list(rows.values()), columns=list(columns), dtype="object")
    reference = rows_of(profile, measures[0], "group")[0]["group"]
    note = _MATRIX_NOTE.format(group=begun(named(reference, 60)), fewest=numbers.count(fewest))
    shown_table = table(shown, columns=columns, title=title, source=source, sheet=sheet, rows=60, note=note)
    return on_screen(shown_table) if screen_only else shown_table


def _says_the_same(profile: pd.DataFrame, measure: str, measures: Sequence[str]) -> bool:
    """Tell whether a measure is the upper end of another one that is shown, and the same for everybody."""
    lower = LOWER_ENDS.get(measure)
    if lower not in measures:
        return False
    ends = [
        {row["group"]: (row["value"], row["denominator"]) for row in rows_of(profile, each, "member", "group")}
        for each in (measure, str(lower))
    ]
    return ends[0] == ends[1]


def detail_table(profile: pd.DataFrame, *, source: Source, sheet: str, title: str) -> Part:
    """Show on screen every figure with its parts, interval and verdict; all rows go to the workbook."""
    columns = {
        "label": "Mått", "group": "Vem", "value": "Värde", "numerator": "Täljare", "denominator": "Nämnare",
        "units_count": "Räknat på", "interval": "Osäkerhet", "reference": "Jämfört med", "verdict_name": "Utfall",
        "reason": "Varför inte",
    }  # fmt: skip
    return on_screen(
        table_or_reason(
            _data(profile), columns=columns, title=title, source=source, sheet=sheet, rows=12, otherwise=_NO_ROWS
        )
    )


def mix_figure(
    mixed: pd.DataFrame, *, name: str, what: str, source: Source, sheet: str, title: str = "", subtitle: str = ""
) -> Part:
    """Show how a buyer's procurements fall on kinds, procedures or CPV groups as bars, and groups' shares as marks.

    Parameters: mixed, of `mix`; name, the buyer's; what, what they are counted by, as 'slag'; title, the most common
    one when empty.
    """
    own = [dict(row) for row in mixed[mixed["group"] == name].to_dict("records")]
    total = own[0]["total_count"] if own else 0
    heading = title or _mix_title(own, what)
    demanded(title=heading, source=source, alt=None, where="mix_figure")
    if not total:
        return absent(f"Källan har inga upphandlingar att fördela på {begun(what)}.", source=source)
    groups = [group for group in dict.fromkeys(mixed["group"]) if group != name]
    held = [_held_part(row, mixed, groups[:MOST_REFERENCES]) for row in own]
    given: dict[str, Any] = {
        "heads": ("Antal", "Andel"), "references": [named(group, 60) for group in groups[:MOST_REFERENCES]],
        "scale": Scale("percent"), "as_bars": True, "value_name": named(name, 60),
        "accent": style.accent_colour(source.accent_colour),
    }  # fmt: skip
    columns = {"name": begun(what).capitalize(), "group": "Vem", "procurements_count": "Upphandlingar",
               "share_pct": "Andel"}  # fmt: skip
    alt = "; ".join(f"{named(row['name'], 80)} {numbers.count(row['procurements_count'])}" for row in own)
    return drawn_figure(
        (draw_held(held, **given), draw_held(held, **given, narrow=True)),
        mixed, columns=columns, title=heading, source=source, sheet=sheet, repeated=True,
        subtitle=subtitle or f"Andel av {numbers.count(total)} annonserade upphandlingar, per {begun(what)}",
        alt=f"Annonserade upphandlingar per {begun(what)} för {named(name, 60)}: {alt}.",
    )  # fmt: skip


def _mix_title(own: Sequence[Row], what: str) -> str:
    known = [row for row in own if row["key"] == row["key"] and row["key"] is not None]
    most = max(known, key=lambda row: row["procurements_count"], default=None)
    if most is None or not most["procurements_count"]:
        return f"Fördelning på {begun(what)}"
    counted, total = numbers.count(most["procurements_count"]), numbers.count(most["total_count"])
    return f"{named(most['name'], 90)}: {counted} av {total} upphandlingar"


def _held_part(row: Row, mixed: pd.DataFrame, groups: Sequence[str]) -> Held:
    share = numbers.to_decimal(row["share_pct"])
    beside = mixed[mixed["name"] == row["name"]].set_index("group")
    totals = beside["total_count"]
    return Held(
        name=named(row["name"], 90),
        figures=(numbers.count(row["procurements_count"]), value_words(share, "%")),
        value=share,
        references=tuple(
            numbers.to_decimal(beside.loc[group, "share_pct"]) if totals.get(group) else None for group in groups
        ),
    )


def bids_figure(classes: pd.DataFrame, *, name: str, source: Source, sheet: str) -> Part:
    """Show how many bids the procurements of a buyer and of groups got, as bars of hundred percent.

    Parameters: classes, of `bid_classes`, the buyer first; name, the buyer's.
    """
    groups = {str(group): rows.to_dict("records") for group, rows in classes.groupby("group", sort=False)}
    known = {group: rows for group, rows in groups.items() if rows[0]["total_count"]}
    if name not in known:
        return absent("Källan har inga uppgifter om antal anbud för urvalet.", source=source)
    spread = [
        Spread(
            named(group, 90),
            tuple(Decimal(str(row["share_pct"])) for row in rows),
            numbers.count(rows[0]["total_count"]),
            group == name,
        )
        for group, rows in known.items()
    ]
    given: dict[str, Any] = {
        "classes": [clean_text(one) for one in dict.fromkeys(classes["name"])], "head": "Upphandlingar",
        "accent": style.accent_colour(source.accent_colour),
    }  # fmt: skip
    told = "; ".join(
        f"{named(group, 60)}: "
        + ", ".join(f"{clean_text(row['name'])} {numbers.count(row['procurements_count'])}" for row in rows)
        for group, rows in known.items()
    )
    return drawn_figure(
        (draw_spread(spread, **given), draw_spread(spread, **given, narrow=True)),
        classes, title=_bids_title(known, name), alt=f"Upphandlingar efter antal anbud. {told}.", source=source,
        sheet=sheet, repeated=True, subtitle="Andel av upphandlingarna med minst ett känt anbud",
        columns={"group": "Vem", "name": "Anbud", "procurements_count": "Upphandlingar", "share_pct": "Andel"},
    )  # fmt: skip


def _bids_title(known: Mapping[str, Sequence[Row]], name: str) -> str:
    rows = known[name]
    first, last = rows[0]["procurements_count"], rows[-1]["procurements_count"]
    one, total = numbers.count(first) if first else "Ingen", numbers.count(rows[0]["total_count"])
    many = numbers.count(last) if last else "ingen"
    return f"{one} av {total} upphandlingar fick bara ett anbud, {many} fick fem eller fler"


def answers_table(answers: pd.DataFrame, *, source: Source, sheet: str) -> Part:
    """Show how coordination and requirements are answered, without concluding.

    Parameters: answers, of `flag_answers`, the one that the report is about first.
    """
    groups = list(dict.fromkeys(answers["group"]))
    if answers.empty or not answers.loc[answers["group"] == groups[0], "procurements_count"].any():
        return absent("Källan har inga upphandlingar vars krav och samordning kan visas.", source=source)
    columns = {"question": "Uppgift"} | {f"group_{place}": named(group, 60) for place, group in enumerate(groups)}
    rows: dict[str, dict[str, str]] = {}
    for row in answers.to_dict("records"):
        cells = rows.setdefault(str(row["question"]), {"question": clean_text(row["question"])})
        cells[f"group_{groups.index(row['group'])}"] = answer_words(row)
    return table_or_reason(
        pd.DataFrame(list(rows.values()), columns=list(columns), dtype="object"), columns=columns, source=source,
        title="Så är uppgifterna ifyllda, i antal upphandlingar", sheet=sheet, rows=40, otherwise=_NO_ROWS,
        note="Visas utan slutsats. Ett nej kan vara en uppgift som annonsdatabasen aldrig fyller i.",
    )  # fmt: skip


def caution(profile: pd.DataFrame, *, rule: str, source: Source, fewest: int = 20) -> Part:
    """Warn of the measures that rest on too few procurements to be compared, or tell how they are compared.

    Parameters: profile, of `tender_profile`; rule, how verdicts are made; fewest, as the profile was made with.
    """
    own = profile[(profile["role"] == "own") & profile["value"].notna()]
    if own.empty:
        return absent("", source=source)
    few = own.loc[own["units_count"].fillna(fewest) < fewest, "units_count"]
    if few.empty:
        return callout(rule, kind="note", source=source)
    return callout(
        "{count} mått vilar på färre än {fewest} upphandlingar, som lägst {lowest}. En enda upphandling kan då flytta "
        "siffran mycket, så de jämförs inte. I tabellerna står det för få.",
        kind="warning", source=source, count=len(few), fewest=fewest, lowest=int(few.min()),
    )  # fmt: skip


def few_members(profile: pd.DataFrame, *, source: Source, without_rows: Sequence[str] = (), fewest: int = 20) -> Part:
    """Name the members of a group that have too few procurements for some measure to be compared, or none at all.

    Parameters: profile, of `group_profile`; without_rows, the members that the source has nothing of; fewest, as the
    profile was made with.
    """
    few = profile[(profile["role"] == "member") & (profile["verdict"] == "too_few")]
    said = [f"{named(member, 90)}: källan har inga uppgifter." for member in without_rows]
    said += [
        f"{named(member, 90)}: färre än {numbers.count(fewest)} upphandlingar bakom {numbers.count(len(rows))} mått, "
        "som därför inte jämförs."
        for member, rows in few.groupby("group", sort=True)
    ]
    otherwise = f"Alla har minst {numbers.count(fewest)} upphandlingar bakom de mått som jämförs."
    return bullet_points(said, source=source, otherwise=otherwise)


def left_out_points(left_out: Sequence[str], missing: Sequence[str], *, source: Source) -> Part:
    """List what the source leaves out, and what it lacks of this buyer."""
    return bullet_points(
        [clean_text(one) for one in (*missing, *left_out) if one], source=source,
        otherwise="Källan anger inga begränsningar.",
    )  # fmt: skip


def joins_table(joins: pd.DataFrame, *, source: Source, sheet: str) -> Part:
    """Show on screen how the tables hang together, both ways.

    Parameters: joins, of `tender_joins` on the tables of all buyers, since tables chosen by buyer cannot tell what is
    another's.
    """
    return on_screen(
        table(
            joins, title="Så hänger källans tabeller ihop, åt båda hållen", source=source, sheet=sheet, rows=12,
            columns={"table_name": "Tabell", "other_name": "Finns i", "ids_count": "Nummer", "matched_count": "Finns",
                     "unmatched_count": "Saknas", "unmatched_rows": "Rader utan träff",
                     "other_buyer_count": "Annan köpare"},
            note="Gäller hela källan för året, alla köpare. Samma nummer söks i den andra tabellen. Annan köpare: "
            "numret finns, men under ett annat organisationsnummer. En köpare kan ha flera.",
        )
    )  # fmt: skip


def procurement_table(procurements: pd.DataFrame, *, source: Source, sheet: str) -> Part:
    """Show on screen the procurements behind the figures; all of them go to the workbook.

    Parameters: procurements, of `procurement_list`.
    """
    if procurements.empty:
        return absent("", source=source)
    named_rows = procurements.assign(
        kind_name=[TENDER_KINDS.get(str(kind), NONE) for kind in procurements["kind"]],
        procedure_name=[TENDER_PROCEDURES.get(str(one), NONE) for one in procurements["procedure"]],
    )
    return on_screen(
        table(
            named_rows, title="Upphandlingarna bakom siffrorna", source=source, sheet=sheet, rows=10,
            columns={"title": "Upphandling", "announced_on": "Annonserad", "kind_name": "Slag",
                     "procedure_name": "Förfarande", "cpv_main_name": "CPV-huvudgrupp", "lots_count": "Anbudsområden",
                     "bids_count": "Anbud", "value_ore": "Värde", "suppliers_count": "Leverantörer",
                     "procurement_id": "Nummer"},
        )
    )  # fmt: skip


def share_finding(figure: KeyFigure, *, source: Source) -> Part:
    """Write a share with its parts as a sentence; an absent part with the reason when it is unknown."""
    if figure.value is None:
        return absent(f"{clean_text(figure.label)}: {begun(clean_text(figure.unknown_because))}.", source=source)
    return finding(
        "{label}: {figure} ({numerator} av {denominator}).", source=source, label=figure.label, figure=figure,
        numerator=figure.numerator, denominator=figure.denominator,
    )  # fmt: skip


def sizes_table(sizes: pd.DataFrame, *, source: Source, sheet: str) -> Part:
    """Show the contracted bids per size of firm, those sizes that there are. Parameters: sizes, of `awards_by_size`."""
    awarded = sizes[sizes["bids_count"] > 0]
    if awarded.empty:
        return absent("Källan har inga tilldelningar för urvalet.", source=source)
    return table(
        awarded, title="Kontrakterade anbud per företagsstorlek", source=source, sheet=sheet,
        columns={"name": "Storlek", "bids_count": "Kontrakterade anbud", "share_pct": "Andel",
                 "suppliers_count": "Leverantörer"},
    )  # fmt: skip


def chapter_table(*, source: Source) -> Part:
    """Name the chapters of an annual report that tender statistics cannot give, and what each would need."""
    return table(
        pd.DataFrame(MISSING_CHAPTERS, columns=["chapter", "needs"]),
        title="Kapitel som källan inte kan ge", source=source, sheet="Saknade kapitel",
        columns={"chapter": "Kapitel", "needs": "Vad som behövs"},
    )  # fmt: skip
