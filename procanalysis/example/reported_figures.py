"""What the fictional region has reported about itself: outcomes, goals, risks, staff, and what texts say of them."""

from __future__ import annotations

from dataclasses import dataclass

from procanalysis.example.ledger import PERIOD
from procanalysis.example.tender_buyers import OWN

Cells = dict[str, str]
"""One row: column of the file → cell; a column left out is empty."""

SOURCE = f"Fiktiva uppgifter: Region Exempels verksamhetsberättelse {PERIOD}"
_DIARY_SOURCE = "Fiktiva uppgifter: Region Exempels tidigare verksamhetsberättelser"
FIRST_YEAR = PERIOD - 4


@dataclass(frozen=True)
class Series:
    """Hold one indicator's reported outcomes from 2021 on as written; empty where nothing was reported.

    The comments tell, per year, why an outcome is missing or in doubt; a year in both `outcomes` and `comments` is
    doubtful. `coverage` is how much of what should be measured was, in percent.
    """

    indicator_id: str
    unit: str
    printed_unit: str
    outcomes: tuple[str, ...]
    comments: tuple[tuple[int, str], ...] = ()
    coverage: tuple[str, ...] = ()


# What is reckoned from the ledger and the registers is reported for the years before them only.
SERIES: tuple[Series, ...] = (
    Series("EX-01", "percent", "%", ("78.4", "80.9")),
    Series("EX-02", "percent", "%", ("5.1", "4.2")),
    Series("EX-03", "percent", "%", ("71", "74")),
    Series("EX-04", "percent", "%", ("58.1", "55.6")),
    Series("EX-05", "percent", "%", ("62", "66")),
    Series("EX-06", "percent", "%", ("31", "34")),
    Series("EX-07", "mnkr", "mnkr", ("4.5", "7.7")),
    Series("EX-08", "percent", "%", ("24", "30")),
    Series("EX-09", "tkr", "tkr", ("-310", "120", "475", "705", "230")),
    Series(
        *("EX-10", "index_points", "index"),
        ("75.2", "76.1", "", "77.4", "78.9"),
        ((2023, "Ingen medarbetarenkät genomfördes 2023"),),
    ),
    Series("EX-11", "percent", "%", ("5.8", "6.1", "5.4", "5.1", "4.7")),
    Series(
        *("EX-12", "percent", "%"),
        ("9", "14", "11", "12", "8"),
        ((2024, "Läst ur ett diagram utan siffror, så värdet är ungefärligt"),),
    ),
    Series("EX-13", "index_points", "index", ("69", "71", "72", "70", "74"), coverage=("63", "61", "58", "55", "38")),
    Series("EX-14", "count", "st", ("96", "121", "134", "148", "176")),
    Series("EX-15", "percent", "%", ("88.0", "93.5")),
)
_ON, _AT_RISK, _OFF = "Går enligt plan", "Risk för avvikelse från plan", "Avvikelse från plan"
_GOALS: tuple[tuple[str, str, str, str], ...] = (
    ("1", "Regionen köper på sina avtal", _OFF, _ON),
    ("2", "Upphandlingarna får god konkurrens", _AT_RISK, _OFF),
    ("3", "Inköpen bidrar till en god hushållning", _AT_RISK, _AT_RISK),
    ("4", "Inköpsverksamheten är en attraktiv arbetsgivare", _AT_RISK, _ON),
    ("5", "Verksamheterna får det stöd de behöver", _ON, _ON),
)
"""Number, goal, and status of the year before and of the year."""
_RISKS: tuple[tuple[str, str], ...] = (
    ("Avtal registreras för sent, så att köp görs utan stöd av dem", "Mindre avvikelse"),
    ("Direktupphandlingar går över gränsen när de räknas samman", "Mindre avvikelse"),
    ("Uppföljningen når inte de leverantörer där risken är störst", "Stor avvikelse"),
    ("Oseriösa leverantörer får avtal", "Ingen avvikelse"),
)
_SCALES: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("board_goal", (_ON, _AT_RISK, _OFF)),
    ("internal_control", ("Ingen avvikelse", "Mindre avvikelse", "Stor avvikelse")),
)
_STAFF: tuple[tuple[str, str, str, str, str], ...] = (
    ("anställda 31 dec", "36", "38", "personer", ""),
    ("varav visstidsanställda", "2", "3", "personer", "vikarier för föräldralediga"),
    ("budgeterat antal tjänster", "38", "40", "tjänster", ""),
    ("genomsnittlig vakans", "2.5", "1.75", "heltidstjänster", ""),
    ("rekryterade upphandlare", "3", "4", "st", ""),
    ("väntade pensionsavgångar inom tre år", "4", "5", "st", ""),
)
"""Figure, the year before, the year, unit and note."""

WRONG_PERCENT = "Ökning av leverantörer anslutna till e-handeln"
"""The text says 25 percent, but 148 to 176 is 18.9."""
_TERMS: tuple[tuple[str, str, str, tuple[tuple[str, str, str, str, str], ...]], ...] = (
    (
        *("kostnadsokning", "Ekonomi", "percent_change"),
        (
            ("stated", "Ökning av verksamhetens kostnader", "4.9", "percent", "0.1"),
            ("before", "utfall 2024", "41015", "tkr", "1"),
            ("after", "utfall 2025", "43036", "tkr", "1"),
        ),
    ),
    (
        *("anslutna", "Verksamheterna får det stöd de behöver", "percent_change"),
        (
            ("stated", WRONG_PERCENT, "25", "percent", "1"),
            ("before", "anslutna 2024", "148", "count", "0"),
            ("after", "anslutna 2025", "176", "count", "0"),
        ),
    ),
    (
        *("svarsfrekvens", "Personal", "share"),
        (
            ("stated", "Svarsfrekvens i medarbetarenkäten", "89", "percent", "1"),
            ("part", "svarande", "34", "people", "0"),
            ("whole", "anställda den 31 december", "38", "people", "0"),
        ),
    ),
    (
        *("anstallda", "Personal", "sum"),
        (
            ("stated", "Anställda den 31 december", "38", "people", "0"),
            ("part", "tillsvidareanställda", "35", "people", "0"),
            ("part", "visstidsanställda", "3", "people", "0"),
        ),
    ),
)
"""Relation, passage, rule, and its figures: role, label, value, unit and printed step."""
_COLOURS = ("green", "amber", "red")


def outcomes() -> list[Cells]:
    """List the reported outcomes, the missing and the doubtful ones with their comment."""
    found = []
    for series in SERIES:
        comments = dict(series.comments)
        coverage = series.coverage or ("",) * len(series.outcomes)
        for year, (value, covered) in enumerate(zip(series.outcomes, coverage, strict=True), start=FIRST_YEAR):
            found.append(
                {
                    "organisation": OWN,
                    "indicator_id": series.indicator_id,
                    "year": str(year),
                    "period": "helår",
                    "value": value,
                    "unit": series.unit,
                    "printed_unit": series.printed_unit if value else "",
                    "coverage_pct": covered,
                    "is_doubtful": "ja" if value and year in comments else "nej",
                    "comment": comments.get(year, ""),
                    "source": SOURCE if year >= PERIOD - 1 else _DIARY_SOURCE,
                }
            )
    return found


def goal_statuses() -> list[Cells]:
    """List the statuses of goals in two years, and those of the risks of internal control in the last."""
    found = []
    for year in (PERIOD - 1, PERIOD):
        for number, goal, before, now in _GOALS:
            status = now if year == PERIOD else before
            found.append(_status(year, number, goal, status, "board_goal"))
    for place, (risk, result) in enumerate(_RISKS, start=1):
        found.append(_status(PERIOD, f"risk {place}", risk, result, "internal_control"))
    return found


def _status(year: int, number: str, goal: str, status: str, scale: str) -> Cells:
    return {
        "organisation": OWN,
        "year": str(year),
        "goal_number": number,
        "goal": goal,
        "status": status,
        "scale": scale,
        "source": SOURCE,
    }


def status_scales() -> list[Cells]:
    """List the steps of the two scales, the best first."""
    return [
        {"organisation": OWN, "scale": scale, "step": str(step), "status": word, "colour": colour, "source": SOURCE}
        for scale, words in _SCALES
        for step, (word, colour) in enumerate(zip(words, _COLOURS, strict=True), start=1)
    ]


def staff_figures() -> list[Cells]:
    """List the figures about staff of two years."""
    return [
        {
            "organisation": OWN,
            "year": str(year),
            "figure": figure,
            "value": value,
            "unit": unit,
            "note": note,
            "source": SOURCE,
        }
        for figure, before, now, unit, note in _STAFF
        for year, value in ((PERIOD - 1, before), (PERIOD, now))
    ]


def stated_terms() -> list[Cells]:
    """List the figures of texts that must agree with each other; one of them does not."""
    return [
        {
            "relation_id": f"{OWN}-{PERIOD}-{relation}",
            "organisation": OWN,
            "year": str(PERIOD),
            "table": passage,
            "rule": rule,
            "role": role,
            "label": label,
            "value": value,
            "unit": unit,
            "printed_step": step,
            "is_approximate": "nej",
            "source": SOURCE,
        }
        for relation, passage, rule, terms in _TERMS
        for role, label, value, unit, step in terms
    ]
