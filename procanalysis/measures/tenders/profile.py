"""Tender statistics as one profile: every measure of a buyer, held against groups, or of members side by side."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.tenders.announced import procurements_announced
from procanalysis.measures.tenders.awards import SMALL_AND_MEDIUM, sme_award_share
from procanalysis.measures.tenders.bids import bid_counts, few_bids_share, mean_bids, median_bids
from procanalysis.measures.tenders.comparison import TOO_FEW, VERDICTS, shared_confidence, verdict_of
from procanalysis.measures.tenders.intervals import (
    difference_interval,
    independent_answers,
    median_interval,
    wilson_interval,
)
from procanalysis.measures.tenders.joins import covered_share
from procanalysis.measures.tenders.requirements import (
    coordinated_tender_share,
    databases_using,
    environmental_share,
    framework_share,
    reviewed_share,
    social_share,
)
from procanalysis.measures.tenders.values import contract_value, median_contract_value
from procanalysis.measures.wording import HARD_SPACE, number_text, percent_text
from procanalysis.schema import KeyFigure, TenderTables, kronor

COMPETITION = (
    "median_bids_per_procurement", "mean_bids_per_procurement", "single_bid_share_per_procurement",
    "one_or_two_bids_share_per_procurement", "median_bids_per_lot", "mean_bids_per_lot", "single_bid_share_per_lot",
    "one_or_two_bids_share_per_lot",
)  # fmt: skip
AGREEMENTS = ("procurements_announced", "contract_value", "median_contract_value", "framework_share", "reviewed_share")
SUPPLIERS = ("sme_award_share", "sme_award_share_highest")
REQUIREMENTS = ("coordinated_tender_share", "environmental_share", "social_share")
COVERAGE = ("covered_share_lots", "covered_share_values", "covered_share_awards")
MEASURES = (*AGREEMENTS, *COMPETITION, *SUPPLIERS, *REQUIREMENTS, *COVERAGE)
"""The measures of a profile, by the id of their figure, in the order in which a reader meets them."""

HEADLINES = (
    "procurements_announced", "one_or_two_bids_share_per_procurement", "median_bids_per_procurement",
    "contract_value", "framework_share", "reviewed_share", "sme_award_share", "covered_share_lots",
)  # fmt: skip

NOT_COMPARED: dict[str, str] = {
    "count": "antalet följer av hur mycket som upphandlas",
    "amount": "summan följer av hur mycket som upphandlas",
    "mean": "ett fåtal upphandlingar med många anbud kan avgöra ett medelvärde",
    "lot_median": "en upphandling med många anbudsområden kan avgöra medianen",
    "flag": "uppgiften fylls i olika i olika annonsdatabaser, så den visas utan slutsats",
}
"""Why measures of some kinds are shown side by side without a verdict."""

PROFILE_RULE = (
    "Tydligt högre eller lägre sägs bara när slumpen i båda talen inte räcker som förklaring (95 %). För andelar ska "
    "Newcombes intervall för skillnaden ligga helt på ena sidan om noll. För medianer ska teckentestets båda intervall "
    "ligga helt isär. Anbud och anbudsområden i samma upphandling hänger ihop, så deras intervall räknas på hur mycket "
    "upphandlingarna skiljer sig åt."
)
GROUP_RULE = (
    f"{PROFILE_RULE} Säkerhetsnivån är höjd efter antalet jämförda, både i intervallen och i utfallen: för varje mått "
    "är risken omkring 5 % att slumpen ensam skiljer ut någon av dem."
)
"""How verdicts are made in `tender_profile` and in `group_profile`, in the reader's words."""

_COLUMNS: dict[str, str] = {
    "measure": "str", "label": "str", "kind": "str", "unit": "str", "group": "str", "role": "str", "value": "object",
    "numerator": "object", "denominator": "object", "units_count": "Int64", "lowest": "object", "highest": "object",
    "reference": "str", "reference_value": "object", "verdict": "str", "verdict_text": "str", "reason": "str",
}  # fmt: skip
_SAID = {"higher": "Tydligt högre än", "lower": "Tydligt lägre än", "no_difference": "Ingen tydlig skillnad mot"}
CONFIDENCE_PCT = 95
_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


@dataclass(frozen=True)
class _Measured:
    """Hold a figure with its interval and the number of procurements that it rests on; None where none is reckoned.

    answers, of a share: how many independent answers are counted, and of how many.
    """

    figure: KeyFigure
    kind: str
    units: int | None = None
    limits: tuple[Decimal, Decimal] | None = None
    answers: tuple[Decimal, Decimal] | None = None


def tender_figures(tables: TenderTables, groups: Mapping[str, TenderTables] | None = None) -> tuple[KeyFigure, ...]:
    """Reckon every measure of tenders for one buyer or group.

    Parameters: `tables`, the rows chosen; `groups`, those that they are held against, the widest last: in its rows
    procurements that another buyer concluded are found, and which notice databases use a mark. Without groups the rows
    chosen are looked at alone. Returns one KeyFigure per id in MEASURES, in that order. A requirement or mark that is
    filled in for fewer than half of the procurements gives no share: unknown, with how many are filled in. Raises
    MeasureError on a missing column. Source: requirements R116, R117; methods 16 and 17.
    """
    return tuple(one.figure for one in _measured(tables, _widest(tables, groups or {})))


def tender_profile(
    own: TenderTables,
    groups: Mapping[str, TenderTables],
    *,
    name: str = "Egen",
    fewest: int = 20,
) -> pd.DataFrame:
    """Hold every measure of a buyer against groups, with intervals, and say what the numbers can carry.

    A share is said to be higher or lower than a group's only when Newcombe's interval of the difference (95 percent)
    leaves out zero, a median only when the intervals of both lie apart, so that the group's own uncertainty counts too;
    and only when both rest on `fewest` procurements or more. Counts, sums, means, medians per lot, requirements and the
    mark of coordination stand side by side without a verdict.

    Parameters
    ----------
    own: the buyer's rows
    groups: what a group is called → its rows, the widest last, none when there is nobody to compare with; the buyer is
        most often a part of them, which makes a difference look smaller than it is, never larger
    name: what the buyer is called
    fewest: procurements below which nothing is compared, 1 or more

    Returns one row per measure and per buyer and group, the buyer first: measure (id of the figure), label, kind
    (share, flag, median, lot_median, mean, count or amount), unit (%, st or SEK), group, role (own or group), value,
    numerator, denominator (exact, None when unknown), units_count (procurements or values that the interval rests on),
    lowest, highest (limits of the interval), and on a group's row how the buyer stands to it: reference,
    reference_value, verdict (a key of VERDICTS), verdict_text and reason (why unknown or not compared). Raises
    MeasureError on a missing column, a group called as the buyer, or a `fewest` below 1.
    """
    _check(groups, [name], fewest, "tender_profile")
    widest = _widest(own, groups)
    mine = _measured(own, widest)
    theirs = {group: _measured(tables, widest) for group, tables in groups.items()}
    rows = []
    for place, one in enumerate(mine):
        rows.append(_row(name, "own", one, None, "", fewest))
        for group, measured in theirs.items():
            other = measured[place]
            rows.append(_row(group, "group", other, None, "", fewest) | _stands(one, other, group, fewest))
    return _framed(rows)


def group_profile(
    members: Mapping[str, TenderTables],
    groups: Mapping[str, TenderTables],
    *,
    fewest: int = 20,
) -> pd.DataFrame:
    """Set members side by side, measure by measure, each against the first group; never in ranks.

    With twenty members one is said to differ by chance alone at 95 percent. So the confidence of intervals and verdicts
    is 100 - 5 / members, counting those with rows: then chance sets some of them apart in one measure of twenty.

    Members stand in the order of their values only where chance does not make that order: where at least four can be
    compared and at least a fourth of them clearly differ from the group. Those that cannot be compared come last.
    Elsewhere all stand in alphabetical order.

    Parameters: `members`, what a member is called → its rows; `groups`, likewise, the one that members are held against
    first and the widest last; `fewest`, as in `tender_profile`. Returns rows as `tender_profile`, with role member or
    group, the verdict on the member's own row and one more column: ordered_by (value or name). Raises MeasureError as
    `tender_profile`, and when there are no groups. Source: Bonferroni's inequality; methods 16.
    """
    if not groups:
        raise MeasureError("group_profile: there are no groups. Give at least one, as {'Alla regioner': …}.")
    _check(groups, list(members), fewest, "group_profile")
    widest = list(groups.values())[-1]
    confidence = shared_confidence(sum(_has_rows(tables) for tables in members.values()))
    theirs = {group: _measured(tables, widest, confidence) for group, tables in groups.items()}
    reference = next(iter(groups))
    each = {member: _measured(tables, widest, confidence) for member, tables in members.items()}
    rows = []
    for place, other in enumerate(theirs[reference]):
        found = [
            _row(member, "member", one[place], other, reference, fewest, confidence) for member, one in each.items()
        ]
        by_value = _is_order_sure(found)
        found.sort(key=lambda row: _place(row, by_value=by_value))
        found += [_row(group, "group", measured[place], None, "", fewest) for group, measured in theirs.items()]
        rows += [{**row, "ordered_by": "value" if by_value else "name"} for row in found]
    return _framed(rows, ordered_by="str")


def headline_figures(
    figures: Sequence[KeyFigure], profile: pd.DataFrame, ids: Sequence[str] = HEADLINES
) -> tuple[KeyFigure, ...]:
    """Choose the figures for the first screen, and say how each stands to the first group.

    Parameters: `figures`, of `tender_figures`; `profile`, of `tender_profile` for the same rows; `ids`, which, in
    order. Returns the figures with the group's figure and the verdict in `comparison`, after what stood there. Raises
    MeasureError on an unknown id.
    """
    known = {figure.id: figure for figure in figures}
    chosen = []
    for figure_id in ids:
        if figure_id not in known:
            raise MeasureError(
                f"headline_figures: there is no figure '{figure_id}'. {did_you_mean(figure_id, list(known))}"
            )
        against = profile[(profile["measure"] == figure_id) & (profile["role"] == "group")].head(1)
        said = "".join(map(_compared, against.to_dict("records")))
        told = ". ".join(filter(None, (known[figure_id].comparison, said)))
        chosen.append(replace(known[figure_id], comparison=told))
    return tuple(chosen)


def group_headlines(groups: Mapping[str, TenderTables], ids: Sequence[str] = HEADLINES) -> tuple[KeyFigure, ...]:
    """Choose the figures of a whole group for the first screen, beside those of the next group, such as the nation.

    Parameters: `groups`, as in `group_profile`, at least one; `ids`, as in `headline_figures`. Returns the first
    group's figures. Raises MeasureError when there are no groups, and as `headline_figures`.
    """
    if not groups:
        raise MeasureError("group_headlines: there are no groups. Give at least one, as {'Alla regioner': …}.")
    (name, own), *others = groups.items()
    return headline_figures(tender_figures(own, groups), tender_profile(own, dict(others), name=name), ids)


def _compared(row: Mapping[Hashable, Any]) -> str:
    value, group, verdict = row["value"], str(row["group"]), str(row["verdict"])
    if not isinstance(value, Decimal):
        return ""
    written = _text(value, str(row["unit"]))
    if row["unit"] == "%" and row["denominator"] is not None:
        written += f" ({number_text(row['numerator'])} av {number_text(row['denominator'])})"
    if verdict in _SAID:
        return f"{_SAID[verdict]} {group}: {written}"
    return f"{group}: {written}{f', {TOO_FEW}' if verdict == 'too_few' else ''}"


def _text(value: Decimal, unit: str) -> str:
    if unit == "%":
        return percent_text(value)
    if unit == "SEK":
        return _rounded_amount(value)
    return number_text(value, 0 if value == value.to_integral_value() else 1)


def _rounded_amount(value: Decimal) -> str:
    """Write kronor in the unit that suits its size, since an amount beside another need not be exact."""
    for size, word in ((9, "mdkr"), (6, "mnkr"), (3, "tkr")):
        if abs(value) >= 10**size:
            return f"{number_text(value.scaleb(-size), 0 if size == 3 else 1)}{HARD_SPACE}{word}"
    return f"{number_text(value)}{HARD_SPACE}kr"


def _check(groups: Mapping[str, TenderTables], members: Collection[str], fewest: int, measure: str) -> None:
    if fewest < 1:
        raise MeasureError(f"{measure}: fewest is {fewest}. Give at least 1.")
    twice = [name for name in members if name in groups]
    if twice:
        raise MeasureError(f"{measure}: '{twice[0]}' is both a buyer and a group. Call the group by another name.")


def _widest(own: TenderTables, groups: Mapping[str, TenderTables]) -> TenderTables:
    return [own, *groups.values()][-1]


def _has_rows(tables: TenderTables) -> bool:
    return any(len(table) for table in (tables.procurements, tables.lots, tables.values, tables.awards))


def _measured(tables: TenderTables, whole: TenderTables, confidence: int | Decimal = CONFIDENCE_PCT) -> list[_Measured]:
    found = [
        _Measured(procurements_announced(tables.procurements), "count"),
        *_of_values(tables.values, confidence),
        *_of_bids(tables.lots, confidence),
        *_of_awards(tables.awards, confidence),
        *_of_requirements(tables.procurements, whole.procurements, confidence),
        *(
            _share(covered_share(tables.procurements, known, what=what), confidence)
            for what, known in (("lots", whole.lots), ("values", whole.values), ("awards", whole.awards))
        ),
    ]
    return sorted(found, key=lambda one: MEASURES.index(one.figure.id))


def _of_bids(lots: pd.DataFrame, confidence: int | Decimal) -> list[_Measured]:
    counts = {per: bid_counts(lots, per=per) for per in ("procurement", "lot")}
    known = counts["procurement"].known
    limits = median_interval(known, confidence_pct=confidence)
    with_bids = lots[(lots["bids_count"] > 0).fillna(False)]
    return [
        _Measured(
            median_bids(counts["procurement"], per="procurement"),
            "median",
            len(known),
            (Decimal(limits[0]), Decimal(limits[1])) if limits else None,
        ),
        _Measured(median_bids(counts["lot"], per="lot"), "lot_median"),
        *(_Measured(mean_bids(counted, per=per), "mean") for per, counted in counts.items()),
        *(_share(few_bids_share(counts["procurement"], per="procurement", most=most), confidence) for most in (1, 2)),
        *(
            _share(
                few_bids_share(counts["lot"], per="lot", most=most),
                confidence,
                _parts(with_bids, with_bids["bids_count"] <= most),
            )
            for most in (1, 2)
        ),
    ]


def _of_values(values: pd.DataFrame, confidence: int | Decimal) -> list[_Measured]:
    stated = sorted(int(amount) for amount in values["value_ore"].dropna() if amount > 0)
    limits = median_interval(stated, confidence_pct=confidence)
    return [
        _Measured(contract_value(values), "amount"),
        _Measured(
            median_contract_value(values),
            "median",
            len(stated),
            (kronor(limits[0]), kronor(limits[1])) if limits else None,
        ),
    ]


def _of_awards(awards: pd.DataFrame, confidence: int | Decimal) -> list[_Measured]:
    share = sme_award_share(awards)
    known = awards[awards["supplier_size"].notna() & (awards["contracted_count"] > 0)]
    sizes, bids = known["supplier_size"], known["contracted_count"]
    return [
        _share(figure, confidence, _parts(known, sizes.isin(list(counted)), bids))
        for figure, counted in ((share.lowest, SMALL_AND_MEDIUM), (share.highest, (*SMALL_AND_MEDIUM, "unclear")))
    ]


def _of_requirements(tenders: pd.DataFrame, whole: pd.DataFrame, confidence: int | Decimal) -> list[_Measured]:
    used_in = databases_using(whole, "is_coordinated")
    answered = (framework_share(tenders), reviewed_share(tenders))
    flags = (
        coordinated_tender_share(tenders, used_in=used_in),
        environmental_share(tenders, whole=whole),
        social_share(tenders, whole=whole),
    )
    return [
        *(_share(_filled(figure, len(tenders)), confidence) for figure in answered),
        *(_Measured(_filled(figure, len(tenders)), "flag") for figure in flags),
    ]


def _filled(figure: KeyFigure, procurements: int) -> KeyFigure:
    """Make a share unknown when the question is answered for fewer than half of the procurements."""
    if figure.denominator is None or figure.denominator * 2 >= procurements:
        return figure
    because = f"Uppgiften är ifylld för {number_text(figure.denominator)} av {number_text(procurements)} upphandlingar"
    return replace(figure, value=None, numerator=None, denominator=None, unknown_because=because)


def _share(figure: KeyFigure, confidence: int | Decimal, parts: Sequence[tuple[int, int]] | None = None) -> _Measured:
    """Add Wilson's interval; `parts`, (counted, all) per procurement, when what is counted lies within procurements."""
    numerator, denominator = figure.numerator, figure.denominator
    if numerator is None or denominator is None:
        return _Measured(figure, "share", 0)
    units, answers = int(denominator), (numerator, denominator)
    if parts is not None:
        worth = independent_answers(parts)
        units, answers = len(parts), (numerator * worth / denominator, worth)
    return _Measured(figure, "share", units, wilson_interval(*answers, confidence_pct=confidence), answers)


def _parts(rows: pd.DataFrame, counted: pd.Series, each: pd.Series | int = 1) -> list[tuple[int, int]]:
    """Count per procurement how many are counted, and of how many; `each`, how many a row stands for."""
    of = pd.DataFrame({"procurement_id": rows["procurement_id"], "all": each}).astype({"all": "int64"})
    of["counted"] = of["all"].where(counted.astype("bool"), 0)
    summed = of.groupby("procurement_id")[["counted", "all"]].sum()
    return list(zip(summed["counted"].tolist(), summed["all"].tolist(), strict=True))


def _row(
    group: str,
    role: str,
    one: _Measured,
    other: _Measured | None,
    reference: str,
    fewest: int,
    confidence: int | Decimal = CONFIDENCE_PCT,
) -> dict[str, object]:
    figure, limits = one.figure, one.limits
    row: dict[str, object] = {
        "measure": figure.id,
        "label": figure.label,
        "kind": one.kind,
        "unit": figure.unit,
        "group": group,
        "role": role,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "units_count": one.units,
        "lowest": limits[0] if limits else None,
        "highest": limits[1] if limits else None,
        "reason": figure.unknown_because,
    }
    return row | (_stands(one, other, reference, fewest, confidence) if other else {})


def _stands(
    one: _Measured, other: _Measured, reference: str, fewest: int, confidence: int | Decimal = CONFIDENCE_PCT
) -> dict[str, object]:
    """Tell how a figure stands to a group's, and why nothing is said where nothing is."""
    verdict, reason = "not_compared", NOT_COMPARED.get(one.kind, "")
    if one.figure.value is None or other.figure.value is None:
        verdict, reason = "unknown", one.figure.unknown_because or other.figure.unknown_because
    elif one.units is not None and other.units is not None:
        reason, verdict = "", "too_few"
        difference = _difference(one, other, confidence)
        if min(one.units, other.units) >= fewest and difference is not None:
            verdict = verdict_of(difference)
    return {
        "reference": reference,
        "reference_value": other.figure.value,
        "verdict": verdict,
        "verdict_text": VERDICTS[verdict].format(reference=reference),
        "reason": reason,
    }


def _difference(one: _Measured, other: _Measured, confidence: int | Decimal) -> tuple[Decimal, Decimal] | None:
    """Return the interval of how much a figure lies above another; of medians, from the ends of their intervals."""
    if one.answers is not None and other.answers is not None:
        return difference_interval(one.answers, other.answers, confidence_pct=confidence)
    if one.limits is None or other.limits is None:
        return None
    return one.limits[0] - other.limits[1], one.limits[1] - other.limits[0]


def _is_order_sure(rows: Sequence[Mapping[str, object]]) -> bool:
    sure = sum(row["verdict"] in ("higher", "lower") for row in rows)
    comparable = sure + sum(row["verdict"] == "no_difference" for row in rows)
    return comparable >= 4 and sure * 4 >= comparable


def _place(row: Mapping[str, object], *, by_value: bool) -> tuple[bool, Decimal, str]:
    name = str(row["group"]).casefold().translate(_AFTER_Z)
    if not by_value:
        return False, Decimal(0), name
    comparable = row["verdict"] in ("higher", "lower", "no_difference")
    value = row["value"] if comparable and isinstance(row["value"], Decimal) else Decimal(0)
    return not comparable, -value, name


def _framed(rows: Sequence[Mapping[str, object]], **more: str) -> pd.DataFrame:
    columns = {**_COLUMNS, **more}
    texts = [name for name, kind in columns.items() if kind == "str"]
    filled = [{**dict.fromkeys(texts, ""), **row} for row in rows]
    held = {name: pd.Series([row.get(name) for row in filled], dtype="object") for name in columns}
    return pd.DataFrame(held).astype(columns)
