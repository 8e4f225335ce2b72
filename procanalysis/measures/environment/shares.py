"""Shares of what was bought that carry a tag: in kronor, in quantity, over time, by unit and category."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.environment.tagging import TaggedPurchases
from procanalysis.schema import QUANTITY_UNITS, TAG_KINDS, Exclusion, KeyFigure, kronor, percent

By = Literal["month", "quarter", "unit", "category", "main_category"]
Of = Literal["judged", "all"]

SHARES_OF_KIND: dict[str, str] = {
    "label": "Andel miljömärkt",
    "organic": "Andel ekologiskt",
    "local": "Andel lokalproducerat",
    "climate_class": "Andel med klimatklass",
}
CLASSES = "climate_class"
NOT_JUDGED = "Artikeln är inte bedömd: den står inte i förteckningen över märkningar"
NOTHING_JUDGED = "Ingen av de köpta artiklarna står i förteckningen över märkningar"
NOT_ABOVE_ZERO = "Beloppet är inte över noll när krediter har dragits av"
NO_UNIT = "Måttenhet saknas"

_MISSING = {
    "month": "Datum saknas",
    "quarter": "Datum saknas",
    "unit": "Enhet saknas",
    "category": "Kategori saknas",
    "main_category": "Kategori saknas",
}
_KEYS = {
    "month": ("month", "month_name"),
    "quarter": ("quarter", "quarter_name"),
    "unit": ("unit", "unit_name"),
    "category": ("category_code", "category_name"),
    "main_category": ("main_category_code", "main_category_name"),
}
SUMS = ("tagged_ore", "judged_ore", "unknown_ore", "amount_ore")
_SHARES = {"share_pct": "judged_ore", "share_of_all_pct": "amount_ore"}


def per_line(tagged: TaggedPurchases, kind: str, tag: str, measure: str) -> pd.DataFrame:
    """Return the lines with what they add to each sum: SUMS and, counted, lines_count and tagged_count.

    Raises MeasureError for an unknown kind, or a tag that no line carries although some carry another of the kind.
    """
    if kind not in TAG_KINDS:
        raise MeasureError(f"{measure}: '{kind}' is not a kind of tag. {did_you_mean(kind, TAG_KINDS)}")
    carried = tagged.tags[tagged.tags["tag_kind"] == kind]
    known = sorted(set(carried["tag"]))
    if tag and known and tag not in known:
        raise MeasureError(f"{measure}: no line carries the tag '{tag}'. {did_you_mean(tag, known)}")
    judged = tagged.judged[tagged.judged["tag_kind"] == kind]
    with_tag = carried[carried["tag"] == tag] if tag else judged[judged["is_tagged"] == 1]
    amount = tagged.lines["amount_ore"].astype("int64")
    is_judged = tagged.lines["line_id"].isin(judged["line_id"])
    is_tagged = tagged.lines["line_id"].isin(with_tag["line_id"])
    return tagged.lines.assign(
        tagged_ore=amount.where(is_tagged, 0),
        judged_ore=amount.where(is_judged, 0),
        unknown_ore=amount.where(~is_judged, 0),
        amount_ore=amount,
        is_judged=is_judged,
        is_tagged=is_tagged,
        lines_count=1,
        tagged_count=is_tagged.astype("int64"),
    )


def label_of(kind: str, tag: str) -> str:
    """Name the share of a kind of tag, or of one tag.

    >>> label_of("organic", ""), label_of("label", "Svanen")
    ('Andel ekologiskt', 'Andel märkt Svanen')
    """
    return f"Andel märkt {tag}" if tag else SHARES_OF_KIND[kind]


def id_of(method: str, kind: str, tag: str) -> str:
    """Make an id that is alike each time; a tag is any text, so that it stands there as a number."""
    return f"{method}_{kind}{f'_{zlib.crc32(tag.encode()):08x}' if tag else ''}"


def tag_share(
    tagged: TaggedPurchases, *, kind: str, tag: str = "", of: Of = "judged", currency: str = "SEK"
) -> KeyFigure:
    """Tell how much of what was bought, in kronor, carries a tag.

    share = Σ amount_ore of lines with the tag × 100 / Σ amount_ore of the lines judged for the kind, or of all lines;
    low and high: had none, or all, of what is not judged carried it, both of all lines. Parameters: `tagged`, as
    `tagged_purchases` returns it; `kind`, a key of TAG_KINDS; `tag`, one tag of it as the list spells it, or empty for
    any; `of`, 'judged' (what nobody has looked at is left out) or 'all' (it counts as bought without, so that the
    share is the least that can be proven); `currency`, of the amounts. Returns a KeyFigure in percent, unknown when
    nothing is judged or the sum is not above zero. Raises MeasureError for an unknown kind, tag or `of`. Source:
    requirements R11, R35.
    """
    if of not in ("judged", "all"):
        raise MeasureError(f"tag_share: of is '{of}'. {did_you_mean(of, ('judged', 'all'))}")
    lines = per_line(tagged, kind, tag, "tag_share")
    sums = {name: int(lines[name].sum()) for name in SUMS}
    whole = sums["judged_ore" if of == "judged" else "amount_ore"]
    value = percent(sums["tagged_ore"], whole)
    because = tagged.unknown_because or _why_unknown(lines, value)
    unknown = lines[~lines["is_judged"]]
    left_out = (Exclusion(NOT_JUDGED, len(unknown), sums["unknown_ore"]),) if of == "judged" and len(unknown) else ()
    low, high = (None, None) if because else _bounds(sums)
    return KeyFigure(
        id=id_of("tag_share" if of == "judged" else "tag_share_of_all", kind, tag),
        label=f"{label_of(kind, tag)}, av {'det bedömda' if of == 'judged' else 'alla köp'}",
        value=None if because else value,
        unit="%",
        method="tag_share",
        numerator=None if because else kronor(sums["tagged_ore"]),
        denominator=None if because else kronor(whole),
        part_unit=currency,
        excluded=left_out,
        comparison="" if because else _judged_words(sums),
        unknown_because=because,
        low=low,
        high=high,
    )


def _why_unknown(lines: pd.DataFrame, value: Decimal | None) -> str:
    if not lines["is_judged"].any():
        return NOTHING_JUDGED
    return "" if value is not None else NOT_ABOVE_ZERO


def _bounds(sums: Mapping[str, int]) -> tuple[Decimal | None, Decimal | None]:
    """Return the least and most that can carry the tag of all; nothing when credits make some sum negative."""
    if min(sums.values()) < 0:
        return None, None
    tagged, unknown, whole = sums["tagged_ore"], sums["unknown_ore"], sums["amount_ore"]
    return percent(tagged, whole), percent(tagged + unknown, whole)


def _judged_words(sums: Mapping[str, int]) -> str:
    share = percent(sums["judged_ore"], sums["amount_ore"])
    return "" if share is None else f"{wording.percent_text(share)} av beloppet är bedömt"


def tag_coverage(tagged: TaggedPurchases, *, kind: str = "", currency: str = "SEK") -> KeyFigure:
    """Tell how much of what was bought, in kronor, has been judged for tags at all.

    share = Σ amount_ore of judged lines × 100 / Σ amount_ore of all lines. Parameters: `tagged`, as `tagged_purchases`
    returns it; `kind`, a key of TAG_KINDS, or empty for lines judged for any kind; `currency`. Returns a KeyFigure in
    percent with what is not judged as excluded; unknown without lines or tags, or when the sum is not above zero.
    Raises MeasureError for an unknown kind. Source: requirement R35.
    """
    if kind and kind not in TAG_KINDS:
        raise MeasureError(f"tag_coverage: '{kind}' is not a kind of tag. {did_you_mean(kind, TAG_KINDS)}")
    judged = tagged.judged[tagged.judged["tag_kind"] == kind] if kind else tagged.judged
    is_judged = tagged.lines["line_id"].isin(judged["line_id"])
    amounts = tagged.lines["amount_ore"].astype("int64")
    part, whole = int(amounts[is_judged].sum()), int(amounts.sum())
    value = percent(part, whole)
    because = tagged.unknown_because or ("" if value is not None else NOT_ABOVE_ZERO)
    unknown = int((~is_judged).sum())
    return KeyFigure(
        id=id_of("tag_coverage", kind or "any", ""),
        label=f"Bedömt för {TAG_KINDS[kind].lower()}" if kind else "Bedömt för märkningar",
        value=None if because else value,
        unit="%",
        method="tag_coverage",
        numerator=None if because else kronor(part),
        denominator=None if because else kronor(whole),
        part_unit=currency,
        excluded=(Exclusion(NOT_JUDGED, unknown, whole - part),) if unknown and not because else (),
        unknown_because=because,
    )


def tag_kinds(tagged: TaggedPurchases) -> pd.DataFrame:
    """Set the kinds of tags side by side.

    Parameters: `tagged`, as `tagged_purchases` returns it. Returns one row per key of TAG_KINDS, the one that most is
    judged for first but climate classes last, of which nearly everything judged has one: tag_kind, tag_kind_name,
    tagged_ore, judged_ore, unknown_ore, amount_ore (all), share_pct (of the judged), share_of_all_pct, judged_pct,
    lines_count (tagged), unknown_because ('' when the share is known). The judged and the unknown sum to all, to the
    öre. Source: requirement R11.
    """
    rows = []
    for kind, name in TAG_KINDS.items():
        lines = per_line(tagged, kind, "", "tag_kinds")
        sums = {column: int(lines[column].sum()) for column in SUMS}
        because = tagged.unknown_because or _why_unknown(lines, percent(sums["tagged_ore"], sums["judged_ore"]))
        counted = {"lines_count": int(lines["tagged_count"].sum()), "unknown_because": because}
        rows.append({"tag_kind": kind, "tag_kind_name": name, **sums, **counted})
    table = _with_shares(pd.DataFrame(rows))
    table[list(_SHARES)] = table[list(_SHARES)].where(table["unknown_because"] == "")
    order = ["tag_kind", "tag_kind_name", *SUMS, *_SHARES, "judged_pct", "lines_count", "unknown_because"]
    typed = table[order].astype({"tag_kind": "str", "tag_kind_name": "str", "unknown_because": "str"})
    ordered = typed.assign(__last=typed["tag_kind"] == CLASSES).sort_values(
        ["__last", "judged_ore"], ascending=[True, False], kind="stable", ignore_index=True
    )
    return ordered.drop(columns="__last")


def tag_figures(tagged: TaggedPurchases, *, currency: str = "SEK") -> list[KeyFigure]:
    """Return how much is judged and the share of each kind of tag that can be told; nothing when none can.

    Climate classes have no share of their own: nearly all that is judged has one, so which one is what tells.
    Parameters: `tagged`, as `tagged_purchases` returns it; `currency`. Returns key figures from `tag_coverage` and
    `tag_share`, for a report's cards. Source: requirement R11.
    """
    shares = [tag_share(tagged, kind=kind, currency=currency) for kind in TAG_KINDS if kind != CLASSES]
    known = [share for share in shares if share.value is not None]
    return [tag_coverage(tagged, currency=currency), *known] if known else []


def tag_shares(tagged: TaggedPurchases, by: By, *, kind: str, tag: str = "") -> pd.DataFrame:
    """Part the share of kronor with a tag by month, quarter, unit or category.

    Parameters: `tagged`, as `tagged_purchases` returns it; `by`, 'month', 'quarter', 'unit', 'category' or
    'main_category'; `kind` and `tag` as for `tag_share`. Returns one row per value: key, name, tagged_ore, judged_ore,
    unknown_ore, amount_ore, share_pct (of the judged, missing when nothing is judged), share_of_all_pct, judged_pct,
    lines_count; months and quarters in order of time, the others by amount, largest first. The rows sum to all lines,
    to the öre. Raises MeasureError. Source: requirements R11, R245.
    """
    if by not in _KEYS:
        raise MeasureError(f"tag_shares: '{by}' is not a way to part the share. {did_you_mean(by, _KEYS)}")
    lines = _keyed(per_line(tagged, kind, tag, "tag_shares"), by, tagged.categories)
    key, name = _KEYS[by]
    counted = [*SUMS, "lines_count"]
    table = lines.groupby(key, dropna=False, as_index=False)[counted].sum().astype(dict.fromkeys(counted, "int64"))
    table = _with_shares(_named(table, by, tagged.categories))
    in_time = by in ("month", "quarter")
    ordered = (
        table.sort_values(key, na_position="last", ignore_index=True) if in_time else frames.by_amount(table, [key])
    )
    return ordered[[key, name, *SUMS, *_SHARES, "judged_pct", "lines_count"]]


def _keyed(lines: pd.DataFrame, by: By, categories: pd.DataFrame) -> pd.DataFrame:
    days = pd.to_datetime(lines["bought_on"])
    if by == "month":
        return lines.assign(month=days.dt.strftime("%Y-%m").astype("str"))
    if by == "quarter":
        return lines.assign(quarter=days.dt.to_period("Q").astype("str").str.replace("Q", "-Q").where(days.notna()))
    if by == "main_category":
        main = dict(zip(categories["category_code"], categories["main_category_code"], strict=True))
        return lines.assign(main_category_code=lines["category_code"].map(main, na_action="ignore").astype("str"))
    return lines


def _named(table: pd.DataFrame, by: By, categories: pd.DataFrame) -> pd.DataFrame:
    """Add the name that a reader sees; a missing key says that it is missing."""
    key, name = _KEYS[by]
    keys = table[key].astype("str")
    if by == "month":
        shown = keys.map(wording.month_text, na_action="ignore")
    elif by in ("category", "main_category"):
        code_of = dict(zip(categories["category_code"], categories["category_name"], strict=True))
        shown = keys.map(lambda code: code_of.get(code, code), na_action="ignore")
    else:
        shown = keys
    return table.assign(**{key: keys, name: shown.astype("str").where(keys.notna(), _MISSING[by])})


def _with_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Add every percentage of a table that holds SUMS."""
    made = {name: _ratios(table["tagged_ore"], table[whole]) for name, whole in _SHARES.items()}
    return table.assign(**made, judged_pct=_ratios(table["judged_ore"], table["amount_ore"]))


def _ratios(parts: pd.Series[Any], wholes: pd.Series[Any]) -> pd.Series[Any]:
    shares = [percent(int(part), int(whole)) for part, whole in zip(parts, wholes, strict=True)]
    return pd.Series([None if share is None else float(share) for share in shares], parts.index, dtype="float64")


def tags_bought(tagged: TaggedPurchases, *, kind: str = "") -> pd.DataFrame:
    """List the tags with what was bought under each.

    A line with several tags counts under each of them, so that the rows may sum to more than the whole. Parameters:
    `tagged`, as `tagged_purchases` returns it; `kind`, a key of TAG_KINDS, or empty for all of them. Returns one row
    per tag, kinds in the order of TAG_KINDS and in each the largest amount first: tag_kind, tag_kind_name, tag,
    tagged_ore, judged_ore (of the kind), amount_ore (all), share_pct (of the judged), share_of_all_pct, lines_count,
    articles_count (different articles of different suppliers, lines without article number not counted). Raises
    MeasureError for an unknown kind. Source: requirement R11.
    """
    tables = [_tags_of_kind(tagged, one) for one in ([kind] if kind else TAG_KINDS)]
    return pd.concat(tables, ignore_index=True)


def _tags_of_kind(tagged: TaggedPurchases, kind: str) -> pd.DataFrame:
    base = per_line(tagged, kind, "", "tags_bought")
    carried = tagged.tags.loc[tagged.tags["tag_kind"] == kind, ["line_id", "tag"]]
    lines = base.drop(columns="tag", errors="ignore").merge(carried, on="line_id")
    article = lines["supplier_key"].astype("str") + "|" + lines["article_id"].astype("str")
    lines = lines.assign(__article=article.where(lines["article_id"].notna()))
    table = lines.groupby("tag", as_index=False).agg(
        tagged_ore=("amount_ore", "sum"), lines_count=("line_id", "size"), articles_count=("__article", "nunique")
    )
    table = table.assign(judged_ore=int(base["judged_ore"].sum()), amount_ore=int(base["amount_ore"].sum()))
    counted = ["tagged_ore", "judged_ore", "amount_ore", "lines_count", "articles_count"]
    table = _with_shares(table.astype({"tag": "str", **dict.fromkeys(counted, "int64")}))
    named = table.assign(
        tag_kind=pd.Series(kind, table.index, dtype="str"),
        tag_kind_name=pd.Series(TAG_KINDS[kind], table.index, dtype="str"),
    )
    shown = ["tag_kind", "tag_kind_name", "tag", *counted[:3], *_SHARES, "lines_count", "articles_count"]
    return frames.by_amount(named, ["tag"], "tagged_ore")[shown]


def tag_quantities(tagged: TaggedPurchases, *, kind: str, tag: str = "") -> pd.DataFrame:
    """Tell how much of the quantity carries a tag, for each unit of measure by itself.

    Kilograms and pieces are never added. share = Σ quantity with the tag × 100 / Σ quantity judged. Parameters:
    `tagged`, as `tagged_purchases` returns it; `kind` and `tag` as for `tag_share`. Returns one row per unit of
    measure, the largest amount in kronor first: quantity_unit (missing where the lines name none), quantity_unit_name,
    tagged_quantity, judged_quantity, unknown_quantity (exact decimals), share_pct, amount_ore, lines_count,
    without_quantity_count (lines with no quantity, which only their kronor tell of). Without a unit of measure nothing
    can be added, so its quantities are missing. Raises MeasureError. Source: requirement R35.
    """
    lines = per_line(tagged, kind, tag, "tag_quantities")
    table = [_of_unit(unit, group) for unit, group in lines.groupby("quantity_unit", dropna=False, sort=True)]
    types = {
        "quantity_unit": "str", "quantity_unit_name": "str", "tagged_quantity": "object", "judged_quantity": "object",
        "unknown_quantity": "object", "share_pct": "float64", "amount_ore": "int64", "lines_count": "int64",
        "without_quantity_count": "int64",
    }  # fmt: skip
    return frames.by_amount(frames.framed(table, types), ["quantity_unit"])


def _of_unit(unit: object, lines: pd.DataFrame) -> dict[str, Any]:
    """Add up the quantities of the lines in one unit of measure."""
    known = lines[lines["quantity"].notna()]
    is_known = isinstance(unit, str)
    tagged, judged, unknown = (
        _sum(known["quantity"][chosen])
        for chosen in (known["is_tagged"], known["is_judged"], ~known["is_judged"])
    )  # fmt: skip
    share = Fraction(tagged) * 100 / Fraction(judged) if is_known and judged > 0 else None
    return {
        "quantity_unit": unit if is_known else None,
        "quantity_unit_name": QUANTITY_UNITS.get(str(unit), unit) if is_known else NO_UNIT,
        "tagged_quantity": tagged if is_known else None,
        "judged_quantity": judged if is_known else None,
        "unknown_quantity": unknown if is_known else None,
        "share_pct": None if share is None else float(share),
        "amount_ore": int(lines["amount_ore"].sum()),
        "lines_count": len(lines),
        "without_quantity_count": len(lines) - len(known),
    }


def _sum(quantities: pd.Series[Any]) -> Decimal:
    return sum((Decimal(quantity) for quantity in quantities), Decimal(0))
