"""What a procurement was like: framework, reviewed, coordinated, with environmental or social requirements."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.tenders.shares import NO_PROCUREMENTS, counted_share
from procanalysis.measures.wording import number_text
from procanalysis.schema import TENDERS, KeyFigure, names, require_columns

_FLAGS = tuple(column.name for column in TENDERS if column.name.startswith(("is_", "has_")))
_ONLY_YES = "Källan anger bara att kravet finns, aldrig att det saknas: nej går inte att skilja från ej ifyllt"


def framework_share(tenders: pd.DataFrame) -> KeyFigure:
    """Tell how large a share of the procurements were of framework agreements.

    share = framework agreements × 100 / (framework agreements + contracts). Parameters: `tenders`, schema.TENDERS, the
    rows chosen. Returns a KeyFigure in percent of procurements; those where it is not stated are left out and counted.
    Raises MeasureError on a missing column. Source: methods 16.
    """
    return _answered_share(
        tenders, "is_framework", "framework_share", "Upphandlingar av ramavtal", "Typen av avtal är inte angiven"
    )


def reviewed_share(tenders: pd.DataFrame) -> KeyFigure:
    """Tell how large a share of the procurements a court was asked to review.

    share = reviewed × 100 / those where it is stated. Parameters, return value, exclusions and errors: as
    `framework_share`. Source: methods 16.
    """
    return _answered_share(
        tenders, "is_reviewed", "reviewed_share", "Överprövade upphandlingar", "Överprövning är inte angiven"
    )


def environmental_share(tenders: pd.DataFrame, *, whole: pd.DataFrame | None = None) -> KeyFigure:
    """Tell how large a share of the procurements had environmental requirements.

    share = yes × 100 / (yes + no). Parameters: `tenders`, schema.TENDERS, the rows chosen; `whole`, all of the source's
    procurements, in which it is seen whether it ever says no, the rows chosen when not given. Returns a KeyFigure in
    percent; unknown when it never does: a source that only ever says yes gives no share, since what is not filled in
    cannot be told from no. Those not stated are left out and counted. Raises MeasureError on a missing column. Source:
    methods 16.
    """
    words = "Upphandlingar med miljökrav", "Miljökrav är inte angivet"
    return _requirement_share(tenders, whole, "is_environmental", "environmental_share", *words)


def social_share(tenders: pd.DataFrame, *, whole: pd.DataFrame | None = None) -> KeyFigure:
    """Tell how large a share of the procurements had social requirements.

    Formula, parameters, return value, exclusions and errors: as `environmental_share`. Source: methods 16.
    """
    words = "Upphandlingar med sociala krav", "Sociala krav är inte angivet"
    return _requirement_share(tenders, whole, "is_social", "social_share", *words)


def coordinated_tender_share(tenders: pd.DataFrame, *, used_in: Collection[str]) -> KeyFigure:
    """Show how large a share of the announced procurements are marked as coordinated, without concluding from it.

    share = marked × 100 / all procurements in the notice databases where the mark is used. Parameters: `tenders`,
    schema.TENDERS, the rows chosen; `used_in`, those databases, as `databases_using` finds them in the whole nation's
    procurements. Returns a KeyFigure in percent; procurements in other databases are left out and counted, and the
    coverage is said in `comparison`. Raises MeasureError on a missing column. Source: requirement R117; methods 16.
    """
    require_columns(tenders.columns, names(TENDERS), "coordinated_tender_share")
    used = tenders[tenders["notice_database"].isin(list(used_in))]
    answers = used["is_coordinated"].dropna()
    because = "" if len(answers) else "Ingen av upphandlingarna är annonserad där uppgiften fylls i"
    return counted_share(
        "coordinated_tender_share",
        "Upphandlingar märkta som samordnade",
        int((answers == 1).sum()),
        len(answers),
        excluded={
            "Annonsdatabasen använder inte märkningen": len(tenders) - len(used),
            "Samordning är inte angiven": len(used) - len(answers),
        },
        unknown_because=because if len(tenders) else NO_PROCUREMENTS,
        comparison="Visas utan slutsats: märkningen används i annonsdatabaser med "
        f"{number_text(len(used))} av {number_text(len(tenders))} upphandlingar",
    )


def flag_use(tenders: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count how each notice database answers a question, so that a gap in the source is not taken for a no.

    Parameters: `tenders`, schema.TENDERS; `column`, one that begins with is_ or has_. Returns one row per database,
    most procurements first: notice_database (missing where not stated), procurements_count, yes_count, no_count,
    missing_count, yes_pct (of all). Raises MeasureError on a missing column or another `column`.
    """
    require_columns(tenders.columns, names(TENDERS), "flag_use")
    if column not in _FLAGS:
        raise MeasureError(f"flag_use: '{column}' is no question of yes and no. {did_you_mean(column, _FLAGS)}")
    answers = tenders.assign(
        yes_count=(tenders[column] == 1).fillna(False).astype("int64"),
        no_count=(tenders[column] == 0).fillna(False).astype("int64"),
        missing_count=tenders[column].isna().astype("int64"),
        procurements_count=1,
    )
    counted = ["procurements_count", "yes_count", "no_count", "missing_count"]
    found = answers.groupby("notice_database", dropna=False)[counted].sum().astype("int64").reset_index()
    found = found.sort_values(["procurements_count", "notice_database"], ascending=[False, True], ignore_index=True)
    return found.assign(yes_pct=found["yes_count"] / found["procurements_count"] * 100)


def databases_using(tenders: pd.DataFrame, column: str) -> tuple[str, ...]:
    """List the notice databases in which at least one procurement is marked with yes.

    Parameters and errors: as `flag_use`; give the whole nation's procurements. Returns their names in alphabetical
    order.
    """
    use = flag_use(tenders, column)
    named = use.loc[(use["yes_count"] > 0) & use["notice_database"].notna(), "notice_database"]
    return tuple(sorted(str(name) for name in named))


def _answered_share(tenders: pd.DataFrame, column: str, name: str, label: str, unknown: str) -> KeyFigure:
    require_columns(tenders.columns, names(TENDERS), name)
    answers = tenders[column].dropna()
    because = "" if len(answers) else f"{unknown} för någon upphandling"
    return counted_share(
        name,
        label,
        int((answers == 1).sum()),
        len(answers),
        excluded={unknown: len(tenders) - len(answers)},
        unknown_because=because if len(tenders) else NO_PROCUREMENTS,
    )


def _requirement_share(
    tenders: pd.DataFrame, whole: pd.DataFrame | None, column: str, name: str, label: str, unknown: str
) -> KeyFigure:
    source = tenders if whole is None else whole
    for table in (tenders, source):
        require_columns(table.columns, names(TENDERS), name)
    answers = tenders[column].dropna()
    if len(answers) and not (source[column] == 0).any():
        count = number_text(len(answers))
        return counted_share(
            name,
            label,
            0,
            0,
            excluded={unknown: len(tenders) - len(answers)},
            unknown_because=f"{_ONLY_YES} ({count} av {number_text(len(tenders))} har ja)",
        )
    return _answered_share(tenders, column, name, label, unknown)
