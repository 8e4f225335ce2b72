"""One category under the glass: its profile, what stands out, what could be gained, and what to ask.

Nothing here assumes a percentage: every assumption is a parameter, and without it the amount is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import percent, round_ore

ANONYMOUS = "en enskild firma"
TOO_FEW_MONTHS = 6
"""Months below which a month cannot be told to stand out."""


@dataclass(frozen=True, kw_only=True)
class CategoryProfile:
    """Hold the facts of one category that findings and questions are made from.

    Shares are percent of `positive_ore`, the net volume of suppliers above zero. `tail_suppliers_count` is
    the number of suppliers outside the smallest set that makes 80 % of it. Names are None when there is no
    volume.
    """

    amount_ore: int
    lines_count: int
    invoices_count: int
    suppliers_count: int
    units_count: int
    positive_ore: int
    positive_suppliers_count: int
    tail_suppliers_count: int
    largest_supplier: str | None
    largest_supplier_ore: int | None
    largest_supplier_pct: Decimal | None
    largest_unit: str | None
    largest_unit_ore: int | None
    small_invoices_count: int
    small_invoice_limit_ore: int
    single_unit_suppliers_count: int
    undecided_ore: int


@dataclass(frozen=True, kw_only=True)
class Opportunity:
    """Hold one opportunity: what it concerns, what it may be worth, and how that was reckoned.

    `volume_ore` is the spend it concerns (not a saving). `amount_ore` is numerator × assumption, or None
    with `unknown_because`. `numerator` of `denominator` tells how much of the category it concerns, in
    `part_unit`.
    """

    id: str
    name: str
    amount_ore: int | None
    volume_ore: int
    numerator: Decimal
    denominator: Decimal
    part_unit: str
    reckoning: str
    assumption: str
    unknown_because: str = ""
    method: str = "savings_opportunities"


_NEEDED = (
    "line_id", "file", "row_number", "booked_on", "unit", "supplier_key", "supplier_name", "supplier_type",
    "invoice_key", "lou_covered", "spend_class", "amount_ore",
)  # fmt: skip


def _lines(lines: NativeFrame, measure: str) -> nw.LazyFrame[Any]:
    frame = frames.lazy(lines, _NEEDED, measure)
    booked = nw.col("booked_on").dt
    # 0 stands for a missing date: every engine writes dates as text in its own way.
    return frame.with_columns(month=(booked.year() * 100 + booked.month()).fill_null(0).cast(nw.Int64))


def _suppliers(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Sum per supplier, with the number of units that buy from it."""
    found = frames.tally(frame, ["supplier_key"], ["supplier_name", "supplier_type"])
    per_unit = frames.sums(frame, ["supplier_key", "unit"]).dropna(subset="unit")
    units = per_unit.groupby("supplier_key").size().rename("units_count")
    joined = found.merge(units, on="supplier_key", how="left")
    return joined.assign(units_count=joined["units_count"].fillna(0).astype("int64"))


def _shown_name(row: dict[Any, Any]) -> str:
    return ANONYMOUS if row["supplier_type"] == "sole_trader" else str(row["supplier_name"])


def _small_invoices(frame: nw.LazyFrame[Any], limit_ore: int) -> nw.LazyFrame[Any]:
    """Return the invoices with a sum from zero up to the limit, with the first month they are booked in."""
    return (
        frame.filter(~nw.col("invoice_key").is_null())
        .group_by("invoice_key")
        .agg(nw.col("supplier_key").min(), nw.col("amount_ore").sum(), nw.col("month").min())
        .with_columns(nw.col("amount_ore").cast(nw.Int64))
        .filter((nw.col("amount_ore") >= 0) & (nw.col("amount_ore") < limit_ore))
    )


def _outside_largest(amounts: Sequence[int], volume_pct: int = 80) -> int:
    """Count the amounts, largest first, outside the smallest set that makes volume_pct of their sum."""
    total, made = sum(amounts), 0
    for rank, amount in enumerate(amounts, start=1):
        made += amount
        if made * 100 >= total * volume_pct:
            return len(amounts) - rank
    return 0


def category_profile(lines: NativeFrame, *, small_invoice_limit_ore: int = 10_000_00) -> CategoryProfile:
    """Gather the facts of one category.

    Parameters: `lines`, the mapped postings of the category; `small_invoice_limit_ore`, the sum of an invoice
    (its postings in the category) below which it counts as small. Returns a CategoryProfile; a sole trader is
    never named. Raises MeasureError on a missing column. Source: methods 6; requirement R93.
    """
    frame = _lines(lines, "category_profile")
    suppliers = _suppliers(frame)
    units = frames.sums(frame, ["unit"]).dropna(subset="unit")
    rows, amount_ore = int(suppliers["lines_count"].sum()), int(suppliers["amount_ore"].sum())
    positive = suppliers[suppliers["amount_ore"] > 0]
    amounts = [int(amount) for amount in positive["amount_ore"]]
    largest = positive.iloc[0].to_dict() if amounts else None
    largest_ore = None if largest is None else int(largest["amount_ore"])
    buying = units[units["amount_ore"] > 0]
    small = frames.collect_pandas(
        _small_invoices(frame, small_invoice_limit_ore).select(nw.len().cast(nw.Int64).alias("invoices_count"))
    )
    return CategoryProfile(
        amount_ore=amount_ore,
        lines_count=rows,
        invoices_count=int(suppliers["invoices_count"].sum()),
        suppliers_count=len(suppliers),
        units_count=len(units),
        positive_ore=sum(amounts),
        positive_suppliers_count=len(amounts),
        tail_suppliers_count=_outside_largest(amounts),
        largest_supplier=None if largest is None else _shown_name(largest),
        largest_supplier_ore=largest_ore,
        largest_supplier_pct=None if largest_ore is None else percent(largest_ore, sum(amounts)),
        largest_unit=str(buying["unit"].iloc[0]) if len(buying) else None,
        largest_unit_ore=int(buying["amount_ore"].iloc[0]) if len(buying) else None,
        small_invoices_count=int(small["invoices_count"].iloc[0]),
        small_invoice_limit_ore=small_invoice_limit_ore,
        single_unit_suppliers_count=int((positive["units_count"] == 1).sum()) if len(units) > 1 else 0,
        undecided_ore=frames.totals(frame.filter(nw.col("lou_covered") == "okänt"))[1],
    )


_DEVIATION = ("kind", "subject", "where", "amount_ore", "reference_ore", "difference_ore", "rule")


def deviations(
    lines: NativeFrame,
    lines_before: NativeFrame | None = None,
    *,
    peak_factor: int | Decimal = 3,
    peak_min_pct: int | Decimal = 25,
    large_posting_pct: int | Decimal = 5,
    largest: int = 3,
) -> pd.DataFrame:
    """List what stands out in one category, each with the rule that found it.

    Month peak: month > median + peak_factor × 1.4826 × MAD, and at least peak_min_pct above the median,
    with at least six months, those without postings counted as zero; MAD is the median distance to the
    median. Large posting: at least large_posting_pct percent of the category's sum. Rise and fall: the
    largest changes per supplier and per unit against lines_before. At most `largest` rows of each kind.
    Parameters: `lines`, the category's mapped postings; `lines_before`, those of a period of the same
    length before, or None. Returns kind, subject, where (file and row, or month), amount_ore, reference_ore
    (median, category sum or amount before), difference_ore and rule (in Swedish), by kind and then the
    largest first. Sole traders are never named and never listed as suppliers that rise or fall. Raises
    MeasureError. Source: methods 6, 11; requirement R93.
    """
    for name, value in (("peak_factor", peak_factor), ("peak_min_pct", peak_min_pct)):
        frames.check_range("deviations", name, value, 0, 1_000)
    frames.check_range("deviations", "large_posting_pct", large_posting_pct, 1, 100)
    frames.check_range("deviations", "largest", largest, 1, 100)
    frame = _lines(lines, "deviations")
    found = [
        *_month_peaks(frame, peak_factor, peak_min_pct, largest),
        *_large_postings(frame, large_posting_pct, largest),
    ]
    if lines_before is not None:
        before = _lines(lines_before, "deviations")
        found += _changes(_companies(frame), _companies(before), "supplier_key", "leverantör", largest)
        found += _changes(_units(frame), _units(before), "unit", "enhet", largest)
    table = pd.DataFrame(found, columns=list(_DEVIATION))
    types = {name: "int64" if name.endswith("_ore") else "str" for name in _DEVIATION}
    return table.astype(types)


def _month_peaks(
    frame: nw.LazyFrame[Any], factor: int | Decimal, min_pct: int | Decimal, largest: int
) -> list[dict[str, Any]]:
    per_month = frames.sums(frame.filter(nw.col("month") > 0), ["month"])
    if per_month.empty:
        return []
    named = per_month["month"].map(lambda month: f"{month // 100}-{month % 100:02d}")
    every = [str(month) for month in pd.period_range(named.min(), named.max(), freq="M")]
    amounts = dict.fromkeys(every, 0) | dict(zip(named, per_month["amount_ore"].tolist(), strict=True))
    if len(amounts) < TOO_FEW_MONTHS:
        return []
    middle = _median(list(amounts.values()))
    spread = _median([abs(amount - middle) for amount in amounts.values()])
    limit = middle + factor * Decimal("1.4826") * spread
    least = middle + abs(middle) * min_pct / 100
    peaks = sorted(
        ((amount, month) for month, amount in amounts.items() if amount > limit and amount >= least),
        key=lambda peak: (-peak[0], peak[1]),
    )
    rule = (
        f"Månadens belopp ligger över medianen för {len(amounts)} månader plus "
        f"{wording.number_text(factor)} gånger den robusta spridningen (gräns "
        f"{wording.amount_text(round_ore(max(limit, least)))}) och minst {wording.percent_text(min_pct)} "
        f"över medianen"
    )
    return [
        _deviation("Månadstopp", wording.month_text(month), month, amount, round_ore(middle), rule)
        for amount, month in peaks[:largest]
    ]


def _median(values: Sequence[int | Decimal]) -> Decimal:
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Decimal(ordered[half])
    return (Decimal(ordered[half - 1]) + Decimal(ordered[half])) / 2


def _deviation(kind: str, subject: str, where: str, amount_ore: int, reference_ore: int, rule: str) -> dict[str, Any]:
    difference = amount_ore - reference_ore
    return dict(zip(_DEVIATION, (kind, subject, where, amount_ore, reference_ore, difference, rule), strict=True))


def _large_postings(frame: nw.LazyFrame[Any], share_pct: int | Decimal, largest: int) -> list[dict[str, Any]]:
    _, total = frames.totals(frame)
    if total <= 0:
        return []
    top = frame.sort("amount_ore", "line_id", descending=[True, False]).head(largest)
    rows = frames.by_amount(frames.collect_pandas(top), ["line_id"]).to_dict("records")
    rule = f"En enda kontering är minst {wording.percent_text(share_pct)} av hela beloppet"
    return [
        _deviation(
            "Stor enskild kontering",
            _shown_name(row),
            f"{row['file']}, rad {row['row_number']}",
            int(row["amount_ore"]),
            total,
            rule,
        )
        for row in rows
        if int(row["amount_ore"]) * 100 >= total * share_pct
    ]


def _companies(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    found = frames.sums(frame, ["supplier_key"], ["supplier_name", "supplier_type"])
    return found[found["supplier_type"] != "sole_trader"].rename(columns={"supplier_name": "name"})


def _units(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    found = frames.sums(frame, ["unit"]).dropna(subset="unit")
    return found.assign(name=found["unit"])


def _changes(now: pd.DataFrame, before: pd.DataFrame, key: str, word: str, largest: int) -> list[dict[str, Any]]:
    columns = [key, "name", "amount_ore"]
    both = now[columns].merge(before[columns], on=key, how="outer", suffixes=("", "_before"))
    both["name"] = both["name"].fillna(both["name_before"])
    both["amount_ore"] = both["amount_ore"].fillna(0).astype("int64")
    both["before_ore"] = both["amount_ore_before"].fillna(0).astype("int64")
    both["change"] = both["amount_ore"] - both["before_ore"]
    both["size"] = both["change"].abs()
    ordered = frames.by_amount(both, [key], "size")
    found = []
    for kind, chosen in (("Ökning", ordered["change"] > 0), ("Minskning", ordered["change"] < 0)):
        rule = f"Bland de {largest} största per {word} mot perioden före"
        found += [
            _deviation(f"{kind} per {word}", row["name"], "", int(row["amount_ore"]), int(row["before_ore"]), rule)
            for row in ordered[chosen].head(largest).to_dict("records")
        ]
    return found


def savings_opportunities(
    lines: NativeFrame,
    *,
    handling_cost_ore: int | None = None,
    small_invoice_limit_ore: int = 10_000_00,
    months_covered: int | None = None,
    small_supplier_limit_ore: int = 50_000_00,
    small_supplier_saving_pct: int | Decimal | None = None,
    coordination_saving_pct: int | Decimal | None = None,
) -> tuple[Opportunity, ...]:
    """Find what could be gained in one category, with how each amount was reckoned.

    Only addressable postings count. The four: collect small invoices per supplier and month (invoices
    avoided × handling cost); move small suppliers' spend to the established ones (spend × saving);
    coordinate suppliers that one unit alone uses (spend × saving); decide whether LOU covers what is
    undecided (no amount). They overlap and must not be summed. Parameters: `lines`, the category's mapped
    postings; `handling_cost_ore`, cost of handling one invoice; `small_invoice_limit_ore`, sum of an
    invoice below which it is small; `months_covered`, months in the ledger, needed only for invoices
    without a date; `small_supplier_limit_ore`, net volume per supplier below which it is small;
    `small_supplier_saving_pct` and `coordination_saving_pct`, price saving assumed, 0 to 100. An assumption
    that is None leaves its amount unknown, with the reason. Returns four Opportunity, always in that order.
    Raises MeasureError. Source: methods 4, 6; requirements R4, R93, R104.
    """
    shares = {
        "small_supplier_saving_pct": small_supplier_saving_pct,
        "coordination_saving_pct": coordination_saving_pct,
    }
    for name, value in shares.items():
        if value is not None:
            frames.check_range("savings_opportunities", name, value, 0, 100)
    amounts = {
        "small_invoice_limit_ore": small_invoice_limit_ore,
        "small_supplier_limit_ore": small_supplier_limit_ore,
        "handling_cost_ore": handling_cost_ore or 0,
        "months_covered": 1 if months_covered is None else months_covered,
    }
    for name, amount in amounts.items():
        lowest = 0 if name == "handling_cost_ore" else 1
        if amount < lowest:
            raise MeasureError(f"savings_opportunities: {name} is {amount}. Give at least {lowest}.")
    frame = _lines(lines, "savings_opportunities").filter(nw.col("spend_class") == "adresserbar")
    suppliers = _suppliers(frame)
    return (
        _fewer_invoices(frame, handling_cost_ore, small_invoice_limit_ore, months_covered),
        _small_suppliers(suppliers, small_supplier_limit_ore, small_supplier_saving_pct),
        _single_units(frame, suppliers, coordination_saving_pct),
        _undecided(frame),
    )


def _fewer_invoices(
    frame: nw.LazyFrame[Any], cost_ore: int | None, limit_ore: int, months_covered: int | None
) -> Opportunity:
    small = _small_invoices(frame, limit_ore)
    counted = frames.collect_pandas(
        small.group_by("supplier_key", "month")
        .agg(nw.len().alias("invoices_count"), nw.col("amount_ore").sum())
        .with_columns(nw.col("invoices_count").cast(nw.Int64), nw.col("amount_ore").cast(nw.Int64))
    )
    undated = counted["month"] == 0
    # One collected invoice stays per supplier and month; without dates, one for every month of the ledger.
    staying = pd.Series(1, index=counted.index, dtype="int64").mask(undated, months_covered or 1)
    avoided = int((counted["invoices_count"] - staying).clip(lower=0).sum())
    invoices = int(counted["invoices_count"].sum())
    because = ""
    if not invoices:
        because = "Inga adresserbara fakturor under gränsen"
    elif undated.any() and months_covered is None:
        because = "Datum saknas på fakturor, och antalet månader i underlaget är inte angivet"
    elif cost_ore is None:
        because = "Kostnaden för att hantera en faktura är inte angiven"
    each = "" if cost_ore is None else f" × {wording.amount_text(cost_ore)} per faktura"
    return Opportunity(
        id="fewer_invoices",
        name="Samla småfakturor per leverantör och månad",
        amount_ore=None if because or cost_ore is None else avoided * cost_ore,
        volume_ore=int(counted["amount_ore"].sum()),
        numerator=Decimal(avoided),
        denominator=Decimal(invoices),
        part_unit="st",
        reckoning=(
            f"{wording.number_text(invoices)} fakturor under {wording.amount_text(limit_ore)} blir "
            f"högst en per leverantör och månad: {wording.number_text(avoided)} fakturor färre{each}"
        ),
        assumption="Leverantören kan samlingsfakturera, och varje faktura kostar lika mycket att hantera",
        unknown_because=because,
    )


def _priced(
    volume_ore: int, saving_pct: int | Decimal | None, nothing: str, assumption: str
) -> tuple[int | None, str, str, str]:
    """Return amount, the words for the multiplication, the assumption and the reason when unknown."""
    if volume_ore <= 0:
        return None, "", assumption, nothing
    if saving_pct is None:
        return None, "", assumption, "Antagande om prisskillnad i procent är inte angivet"
    share = wording.percent_text(saving_pct)
    amount = round_ore(Decimal(volume_ore) * Decimal(saving_pct) / 100)
    return amount, f" × {share} lägre pris", f"{assumption}: {share}", ""


def _small_suppliers(suppliers: pd.DataFrame, limit_ore: int, saving_pct: int | Decimal | None) -> Opportunity:
    positive = suppliers[suppliers["amount_ore"] > 0]
    established = len(positive) - _outside_largest([int(amount) for amount in positive["amount_ore"]])
    # The established suppliers stay, also where the whole category is small.
    rest = positive.iloc[established:]
    small = rest[rest["amount_ore"] < limit_ore]
    volume = int(small["amount_ore"].sum())
    amount, times, assumption, because = _priced(
        volume,
        saving_pct,
        "Inga små leverantörer utöver kategorins etablerade",
        "Lägre pris hos de etablerade leverantörerna",
    )
    return Opportunity(
        id="small_suppliers",
        name="Flytta köp från små leverantörer till kategorins etablerade",
        amount_ore=amount,
        volume_ore=volume,
        numerator=Decimal(len(small)),
        denominator=Decimal(len(positive)),
        part_unit="st",
        reckoning=(
            f"{wording.number_text(len(small))} leverantörer under {wording.amount_text(limit_ore)} säljer "
            f"för {wording.amount_text(volume)}{times}; {wording.number_text(established)} etablerade "
            f"leverantörer står för minst 80\u00a0% av volymen"
        ),
        assumption=assumption,
        unknown_because=because,
    )


def _single_units(frame: nw.LazyFrame[Any], suppliers: pd.DataFrame, saving_pct: int | Decimal | None) -> Opportunity:
    units = frames.sums(frame, ["unit"]).dropna(subset="unit")
    positive = suppliers[suppliers["amount_ore"] > 0]
    shared = len(units) > 1
    alone = positive[(positive["units_count"] == 1) & shared]
    volume = int(alone["amount_ore"].sum())
    amount, times, assumption, because = _priced(
        volume,
        saving_pct,
        "Ingen leverantör används av bara en enhet" if shared else "Färre än två enheter köper i kategorin",
        "Lägre pris vid gemensamt köp",
    )
    return Opportunity(
        id="single_unit_suppliers",
        name="Samordna köp från leverantörer som bara en enhet använder",
        amount_ore=amount,
        volume_ore=volume,
        numerator=Decimal(len(alone)),
        denominator=Decimal(len(positive)),
        part_unit="st",
        reckoning=(
            f"{wording.number_text(len(alone))} av {wording.number_text(len(positive))} leverantörer "
            f"används av en enda av {wording.number_text(len(units))} enheter och säljer för "
            f"{wording.amount_text(volume)}{times}"
        ),
        assumption=assumption,
        unknown_because=because,
    )


def _undecided(frame: nw.LazyFrame[Any]) -> Opportunity:
    _, total = frames.totals(frame)
    rows, volume = frames.totals(frame.filter(nw.col("lou_covered") == "okänt"))
    return Opportunity(
        id="undecided_lou",
        name="Besluta om köp utan LOU-bedömning ska konkurrensutsättas",
        amount_ore=None,
        volume_ore=volume,
        numerator=Decimal(volume).scaleb(-2),
        denominator=Decimal(total).scaleb(-2),
        part_unit="SEK",
        reckoning=(
            f"{wording.number_text(rows)} konteringar på {wording.amount_text(volume)} av "
            f"{wording.amount_text(total)} saknar beslut om LOU omfattar dem"
        ),
        assumption="",
        unknown_because=(
            "Beloppet kan inte beräknas förrän LOU-bedömningen är gjord" if rows else "Alla köp är LOU-bedömda"
        ),
    )


def opportunity_table(opportunities: Sequence[Opportunity]) -> pd.DataFrame:
    """Set opportunities out as a table, the largest known amount first, the unknown last by volume.

    Parameters: `opportunities`, from savings_opportunities. Returns one row per opportunity with its fields;
    amount_ore is Int64 and missing when unknown. Source: methods 4.
    """
    columns = list(Opportunity.__dataclass_fields__)
    table = pd.DataFrame([asdict(opportunity) for opportunity in opportunities], columns=columns)
    typed = table.astype({"amount_ore": "Int64", "volume_ore": "int64"})
    return typed.sort_values(
        ["amount_ore", "volume_ore", "id"],
        ascending=[False, False, True],
        na_position="last",
        ignore_index=True,
    )


def questions_for_the_business(profile: CategoryProfile, found: pd.DataFrame) -> tuple[str, ...]:
    """Put into words what the figures cannot answer but the business can.

    Parameters: `profile`, from category_profile; `found`, from deviations. Returns Swedish questions, each
    with the fact that raises it; none when nothing does. Source: requirements R93, R102.
    """
    if not profile.lines_count:
        return ()
    return (*_profile_questions(profile), *_deviation_questions(found))


def _profile_questions(profile: CategoryProfile) -> list[str]:
    number, questions = wording.number_text, []
    if profile.largest_supplier and profile.largest_supplier_pct is not None:
        share = wording.percent_text(profile.largest_supplier_pct)
        questions.append(
            f"Den största leverantören, {profile.largest_supplier}, står för {share} av volymen. "
            f"Hur beroende är verksamheten av den, och vilka alternativ finns?"
        )
    if profile.tail_suppliers_count:
        questions.append(
            f"{number(profile.tail_suppliers_count)} av {number(profile.positive_suppliers_count)} "
            f"leverantörer delar på högst 20\u00a0% av volymen. "
            f"Vilka behov täcker de som de övriga inte kan täcka?"
        )
    if profile.single_unit_suppliers_count:
        questions.append(
            f"{number(profile.single_unit_suppliers_count)} leverantörer används av en enda av "
            f"{number(profile.units_count)} enheter. Är behoven verkligen olika?"
        )
    if profile.small_invoices_count:
        questions.append(
            f"{number(profile.small_invoices_count)} av {number(profile.invoices_count)} fakturor ligger "
            f"under {wording.amount_text(profile.small_invoice_limit_ore)}. "
            f"Kan köpen samlas eller beställas på annat sätt?"
        )
    if profile.undecided_ore:
        questions.append(
            f"För {wording.amount_text(profile.undecided_ore)} saknas beslut om LOU omfattar köpen. "
            f"Vilka avtal vilar de på?"
        )
    return questions


def _deviation_questions(found: pd.DataFrame) -> list[str]:
    questions = []
    for row in found.to_dict("records"):
        amount, reference = wording.amount_text(row["amount_ore"]), wording.amount_text(row["reference_ore"])
        subject, kind = str(row["subject"]), str(row["kind"])
        if kind == "Månadstopp":
            questions.append(f"Vad köptes i {subject}, då beloppet var {amount} mot {reference} en vanlig månad?")
        elif kind == "Stor enskild kontering":
            questions.append(f"Vad avser konteringen på {amount} från {subject} ({row['where']}), och återkommer den?")
        else:
            verb = "ökade" if kind.startswith("Ökning") else "minskade"
            questions.append(
                f"Varför {verb} köpen {'i' if kind.endswith('enhet') else 'från'} {subject} "
                f"från {reference} till {amount}?"
            )
    return questions
