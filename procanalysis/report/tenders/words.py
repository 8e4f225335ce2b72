"""Figures of tenders in words: a cell with its parts, an interval, a verdict, titles, and summaries."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from procanalysis.report import numbers
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.lanes import begun

Row = Mapping[Hashable, Any]

SHORT_VERDICTS: dict[str, str] = {
    "higher": "tydligt högre",
    "lower": "tydligt lägre",
    "no_difference": "ingen tydlig skillnad",
    "too_few": "för få",
    "unknown": "kan inte jämföras",
    "not_compared": "jämförs inte",
}
SIGNS: dict[str, str] = {"higher": "▲", "lower": "▼", "too_few": "(för få)"}
"""What stands after a figure in a matrix; nothing where the difference is not clear or nothing is compared."""

NONE = "–"

SHORT_LABELS: dict[str, str] = {
    "procurements_announced": "Annonserade upphandlingar",
    "contract_value": "Kontrakterat värde",
    "median_contract_value": "Kontraktsvärde, median",
    "framework_share": "Ramavtal",
    "reviewed_share": "Överprövade",
    "median_bids_per_procurement": "Anbud per upphandling, median",
    "mean_bids_per_procurement": "Anbud per upphandling, medel",
    "single_bid_share_per_procurement": "Ett anbud",
    "one_or_two_bids_share_per_procurement": "Ett eller två anbud",
    "median_bids_per_lot": "Anbud per anbudsområde, median",
    "mean_bids_per_lot": "Anbud per anbudsområde, medel",
    "single_bid_share_per_lot": "Ett anbud, per område",
    "one_or_two_bids_share_per_lot": "Ett eller två anbud, per område",
    "sme_award_share": "Små och medelstora företag",
    "sme_award_share_highest": "Små och medelstora, högst",
    "coordinated_tender_share": "Märkta som samordnade",
    "environmental_share": "Miljökrav",
    "social_share": "Sociala krav",
    "covered_share_lots": "Anbud kända",
    "covered_share_values": "Värde känt",
    "covered_share_awards": "Leverantör känd",
}
"""What the figures of a tender profile are called in heads and titles, where their own label is too long."""

LOWER_ENDS: dict[str, str] = {"sme_award_share_highest": "sme_award_share"}
"""Shares that are the upper end of another share, and which."""

MISSING_CHAPTERS: tuple[tuple[str, str], ...] = (
    ("Mål och indikatorer", "Nämndens mål, och mätetal med målvärden och utfall"),
    ("Besparingar", "Effektredovisning per upphandling: tidigare pris, nytt pris och volym"),
    ("Avtalstrohet", "Leverantörsreskontra och avtalsregister"),
    ("Resultaträkning", "Budget och utfall per rad"),
    ("Medarbetare", "Antal anställda och sjukfrånvaro ur personalsystemet"),
    ("Internkontroll och risker", "Nämndens riskregister med kontroller och utfall"),
    ("Direktupphandlingar", "Leverantörsreskontra eller egen förteckning, för de annonseras inte"),
)
"""Chapters of an annual report that tender statistics cannot give, and what each would need."""


def value_words(value: object, unit: str) -> str:
    """Write a figure in its unit; what is unknown as a dash.

    >>> from decimal import Decimal
    >>> value_words(Decimal("48.387"), "%"), value_words(None, "st"), value_words(Decimal(3), "st")
    ('48,4\\xa0%', '–', '3')
    """
    exact = numbers.to_decimal(value)
    if exact is None:
        return NONE
    if unit == "%":
        return numbers.percent(exact)
    if unit == "SEK":
        return numbers.amount(exact.scaleb(2))
    return numbers.number(exact, 0 if exact == exact.to_integral_value() else 1)


def parts_words(row: Row) -> str:
    """Write how many of how many a share is; of other figures nothing.

    >>> from decimal import Decimal
    >>> parts_words({"unit": "%", "numerator": Decimal(15), "denominator": Decimal(31)})
    '15 av 31'
    """
    if row["unit"] != "%" or row["denominator"] is None:
        return ""
    return f"{numbers.count(row['numerator'])} av {numbers.count(row['denominator'])}"


def cell_words(row: Row) -> str:
    """Write a figure with its parts, as '48,4 % (15 av 31)'."""
    value, parts = value_words(row["value"], str(row["unit"])), parts_words(row)
    return f"{value} ({parts})" if parts else value


def matrix_words(row: Row) -> str:
    """Write a figure with its sign and parts as short as a matrix asks for: '48,4 % ▲ (15/31)'.

    >>> from decimal import Decimal
    >>> share = {"value": Decimal("48.387"), "unit": "%", "numerator": Decimal(15), "denominator": Decimal(31)}
    >>> matrix_words(share | {"verdict": "higher"})
    '48,4\\xa0% ▲ (15/31)'
    """
    value, sign = value_words(row["value"], str(row["unit"])), SIGNS.get(str(row["verdict"]), "")
    parts = f"({parts_words(row).replace(' av ', '/')})" if parts_words(row) else ""
    return " ".join(filter(None, (value, sign, parts)))


def interval_words(row: Row) -> str:
    """Write the limits of a figure's interval, as '32–65 %', or nothing."""
    low, high = numbers.to_decimal(row["lowest"]), numbers.to_decimal(row["highest"])
    if low is None or high is None:
        return ""
    if row["unit"] == "%":
        return f"{numbers.number(low)}–{numbers.percent(high, 0)}"
    if row["unit"] == "SEK":
        return f"{numbers.amount(low.scaleb(2))} till {numbers.amount(high.scaleb(2))}"
    return f"{numbers.number(low)}–{numbers.number(high)}"


def short_label(row: Row) -> str:
    """Return what a figure is called in heads and titles."""
    return SHORT_LABELS.get(str(row["measure"]), clean_text(row["label"]))


def rows_of(profile: pd.DataFrame, measure: str, *roles: str) -> list[Row]:
    """Return the rows of one measure, of the roles given, in order."""
    chosen = profile[(profile["measure"] == measure) & profile["role"].isin(list(roles))]
    return [dict(row) for row in chosen.to_dict("records")]


_SUBJECTS: dict[str, str] = {
    "one_or_two_bids_share_per_procurement": "Den andelen",
    "sme_award_share": "Andelen som små och medelstora företag vann",
    "framework_share": "Andelen ramavtal",
    "reviewed_share": "Andelen överprövade upphandlingar",
}


def profile_summary(profile: pd.DataFrame, *, name: str, year: int, because: str = "") -> list[str]:
    """Tell a buyer's year of tenders in sentences: procurements, competition, value, small firms and what is known.

    Parameters: profile, of `tender_profile`; name, the buyer's; year; because, why there is nothing at all, empty when
    there is something. What is unknown says why instead of a number.
    """
    if because:
        return [clean_text(because)]
    own = {str(row["measure"]): row for row in profile[profile["role"] == "own"].to_dict("records")}
    return [
        _announced_words(profile, own["procurements_announced"], name, year),
        _bids_words(profile, own["one_or_two_bids_share_per_procurement"], own["median_bids_per_procurement"]),
        _values_words(own["contract_value"], own["median_contract_value"]),
        _firms_words(own["sme_award_share"], own["sme_award_share_highest"]),
        _known_words(own["covered_share_lots"]),
    ]


def _because(row: Row) -> str:
    return begun(clean_text(row["reason"]).rstrip("."))


def _announced_words(profile: pd.DataFrame, row: Row, name: str, year: int) -> str:
    who = shorten(name, 90)
    if row["value"] is None:
        return f"Hur många upphandlingar {who} annonserade {year} är okänt: {_because(row)}."
    said = f"{who} annonserade {numbers.count(row['value'])} {_plural(row['value'], 'upphandling')} under {year}"
    groups = [each for each in rows_of(profile, "procurements_announced", "group") if each["value"] is not None]
    others = " och ".join(
        f"{begun(shorten(each['group'], 60))} tillsammans {numbers.count(each['value'])}" for each in groups
    )
    return f"{said}; {others}." if others else f"{said}."


def _plural(count: object, one: str) -> str:
    return one if count == 1 else f"{one}ar"


def _bids_words(profile: pd.DataFrame, share: Row, median: Row) -> str:
    if share["value"] is None or median["value"] is None:
        return f"Hur många anbud som kom in går inte att säga: {_because(share) or _because(median)}."
    said = (
        f"Av de {numbers.count(share['denominator'])} upphandlingar som enligt källan fick anbud fick "
        f"{cell_words(share)} ett eller två, och medianen var {value_words(median['value'], 'st')}"
    )
    against = rows_of(profile, str(share["measure"]), "group")[:1]
    return said + "".join(_stands_words(row) for row in against) + "."


def _stands_words(row: Row) -> str:
    """Say how the buyer's share stands to a group's, as the end of a sentence."""
    group, value = begun(shorten(row["group"], 60)), cell_words(row)
    said = {
        "higher": f"; andelen är tydligt högre än för {group} tillsammans, {value}",
        "lower": f"; andelen är tydligt lägre än för {group} tillsammans, {value}",
        "no_difference": f"; andelen skiljer sig inte tydligt från {group} tillsammans, {value}",
        "too_few": f"; det är för få för att jämföra med {group} tillsammans, {value}",
    }
    return said.get(str(row["verdict"]), "")


def _values_words(total: Row, median: Row) -> str:
    if total["value"] is None or median["value"] is None:
        return f"Vad kontrakten är värda går inte att säga: {_because(total)}."
    return (
        f"De angivna kontraktsvärdena är tillsammans {value_words(total['value'], 'SEK')}, och hälften av värdena är "
        f"högst {value_words(median['value'], 'SEK')}."
    )


def _firms_words(lowest: Row, highest: Row) -> str:
    if lowest["value"] is None:
        return f"Hur stor del som gick till små och medelstora företag är okänt: {_because(lowest)}."
    unclear = lowest["value"] != highest["value"]
    more = f", högst {cell_words(highest)} om företag med 200–499 anställda räknas dit" if unclear else ""
    return f"Små och medelstora företag vann {cell_words(lowest)} av de kontrakterade anbuden{more}."


def _known_words(row: Row) -> str:
    if row["value"] is None:
        return f"Hur mycket källan vet om anbuden är okänt: {_because(row)}."
    if row["value"] == 100:
        return "Källan har uppgift om anbud för alla annonserade upphandlingar."
    return (
        f"Källan har uppgift om anbud bara för {parts_words(row)} annonserade upphandlingar, så bilden av konkurrensen "
        "är inte hel."
    )


def group_summary(profile: pd.DataFrame, *, name: str, year: int) -> list[str]:
    """Tell how the members of a group stand to it, in sentences, without ranks.

    Parameters: profile, of `group_profile`; name, the group's; year.
    """
    announced = [row["value"] for row in rows_of(profile, "procurements_announced", "member") if row["value"]]
    total = rows_of(profile, "procurements_announced", "group")[0]["value"]
    said = []
    if announced and total is not None:
        said.append(
            f"{shorten(name, 90)} annonserade {numbers.count(total)} upphandlingar under {year}, mellan "
            f"{numbers.count(min(announced))} och {numbers.count(max(announced))} var."
        )
    else:
        said.append(f"Källan har inga upphandlingar som {shorten(name, 90)} annonserade {year}.")
    few = rows_of(profile, "one_or_two_bids_share_per_procurement", "group")[0]
    if few["value"] is not None:
        said.append(f"Ett eller två anbud kom i {cell_words(few)} av upphandlingarna som enligt källan fick anbud.")
    said += [_spread_words(rows_of(profile, measure, "member"), subject) for measure, subject in _SUBJECTS.items()]
    return [*filter(None, said), *_coverage_words(profile)]


def _spread_words(members: Sequence[Row], subject: str) -> str:
    """Say how many members clearly lie above and below the group in a measure, as a sentence."""
    counts = verdict_counts(members)
    higher, lower = counts["higher"], counts["lower"]
    compared = higher + lower + counts["no_difference"]
    if not compared:
        return f"{subject} går inte att jämföra."
    if not higher + lower:
        return (
            f"{subject} skiljer sig inte tydligt för någon av de {numbers.count(compared)} organisationer som kan "
            "jämföras."
        )
    sides = " och ".join(
        f"tydligt {word} än gruppens för {numbers.count(number)}"
        for number, word in ((higher, "högre"), (lower, "lägre"))
        if number
    )
    return f"{subject} är {sides} av de {numbers.count(compared)} organisationer som kan jämföras."


def _coverage_words(profile: pd.DataFrame) -> list[str]:
    known = [row for row in rows_of(profile, "covered_share_lots", "member") if row["value"] is not None]
    if not known:
        return []
    low, high = (chosen(known, key=lambda row: row["value"]) for chosen in (min, max))
    if low["value"] == high["value"]:
        whole = rows_of(profile, "covered_share_lots", "group")[0]
        return [f"Anbuden är kända för {cell_words(whole)} av upphandlingarna, en lika stor del hos alla."]
    return [
        f"Anbuden är kända för mellan {cell_words(low)} och {cell_words(high)} av en organisations upphandlingar, så "
        "bilden är olika fullständig."
    ]


def profile_title(own: Sequence[Row], against: Sequence[Row]) -> str:
    """Say in one line which of a buyer's measures clearly differ from the first group.

    Parameters: own, the buyer's rows; against, the first group's rows of the same measures.
    """
    if not against:
        return "Andelarna och deras osäkerhet"
    group = begun(shorten(against[0]["group"], 60))
    sides = []
    for verdict, word in (("higher", "högre"), ("lower", "lägre")):
        labels = [short_label(row) for row in against if row["verdict"] == verdict]
        if labels:
            sides.append(f"{_listed(labels)} tydligt {word}")
    if sides:
        return f"{'; '.join(sides)} än {group} tillsammans"
    compared = sum(row["verdict"] == "no_difference" for row in against)
    if not compared:
        return f"Underlaget räcker inte för att jämföra med {group}"
    many = f"Inget av de {numbers.count(compared)} mått som kan jämföras" if compared > 1 else "Inget jämförbart mått"
    return f"{many} skiljer sig tydligt från {group} tillsammans"


def _listed(labels: Sequence[str]) -> str:
    """Write names after each other: 'Ramavtal, överprövade och ett anbud'."""
    names = [label if not place else begun(label) for place, label in enumerate(labels)]
    return " och ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def answer_words(row: Row) -> str:
    """Write how a question is answered, as '1 ja, 59 inte ifyllt'.

    >>> answer_words({"yes_count": 1, "no_count": 0, "missing_count": 59})
    '1 ja, 59 inte ifyllt'
    """
    counts = ((row["yes_count"], "ja"), (row["no_count"], "nej"), (row["missing_count"], "inte ifyllt"))
    return ", ".join(f"{numbers.count(count)} {word}" for count, word in counts if count) or NONE


def verdict_counts(rows: Sequence[Row]) -> dict[str, int]:
    """Count how many rows there are of each verdict."""
    return {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in SHORT_VERDICTS}


def members_title(profile: pd.DataFrame, measure: str) -> str:
    """Say in one line how many members clearly lie above and below the group in a measure."""
    rows = rows_of(profile, measure, "member")
    label = SHORT_LABELS.get(measure, clean_text(rows[0]["label"]) if rows else "Måttet")
    counts = verdict_counts(rows)
    higher, lower = counts["higher"], counts["lower"]
    compared = higher + lower + counts["no_difference"]
    if not compared:
        few = "har underlag nog för att jämföras" if counts["too_few"] else "går att jämföra"
        return f"{label}: ingen {few}"
    group = begun(shorten(rows[0]["reference"], 60))
    if not higher + lower:
        return f"{label}: ingen av {numbers.count(compared)} skiljer sig tydligt från {group} tillsammans"
    sides = " och ".join(
        f"{numbers.count(number)} tydligt {word}" for number, word in ((higher, "högre"), (lower, "lägre")) if number
    )
    return f"{label}: av {numbers.count(compared)} är {sides} än {group} tillsammans"
