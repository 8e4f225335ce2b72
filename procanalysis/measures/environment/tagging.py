"""Let tags meet article lines: which carry a tag, which were looked at and carry none, and which nobody has judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean, examples
from procanalysis.measures import frames
from procanalysis.schema import ARTICLE_TAGS, TAG_KINDS, names, require_columns

NO_LINES = "Det finns inga order- eller fakturarader i urvalet"
NO_TAGS = "Organisationen har ingen förteckning över märkta artiklar i underlaget"

MET_BY: dict[str, str] = {
    "article": "Leverantörens artikelnummer",
    "standard": "Standardnummer",
    "category": "Kategori",
}
"""How a tag meets a line, the most specific first."""

NEEDED = (
    "line_id", "bought_on", "unit", "supplier_key", "article_id", "standard_item_id", "category_code", "quantity",
    "quantity_unit", "amount_ore",
)  # fmt: skip
_FIRST_DAY, _LAST_DAY = pd.Timestamp(1, 1, 1).as_unit("us"), pd.Timestamp(9999, 12, 31).as_unit("us")
_MET = ("article", "standard")


@dataclass(frozen=True)
class TaggedPurchases:
    """Hold article lines and what their tags say.

    lines: the lines as given. judged: one row per line and kind of tag for which it can be judged: line_id, tag_kind,
    is_tagged (1, or 0 when looked at and found without), met_by (a key of MET_BY). tags: one row per line, kind and
    tag: line_id, tag_kind, tag. A line and kind that stands in neither has not been judged. categories: one row per
    category of the tree: category_code, category_name, main_category_code, main_category_name. unknown_because: why
    nothing can be judged, in Swedish; else empty.
    """

    lines: pd.DataFrame
    judged: pd.DataFrame
    tags: pd.DataFrame
    categories: pd.DataFrame
    unknown_because: str = ""


def tagged_purchases(lines: pd.DataFrame, tags: pd.DataFrame, *, taxonomy: pd.DataFrame) -> TaggedPurchases:
    """Tell which tags each article line carried on the day it was bought.

    A tag meets a line by the supplier's article number, by the standard number (leading zeros set aside, whoever
    sells), or by category, that of the line or one above it. For each line and kind of tag the most specific meeting
    decides alone: article before standard number before category, and of categories the nearest; all tags met there
    count. So an article looked at and found without a label has none, even where its category has one. What is met
    nowhere is unknown, never a no. Where tags contradict each other at the deciding meeting nothing is judged.
    Parameters: `lines`, ARTICLE_LINES, orders or invoices but not both together; `tags`, ARTICLE_TAGS; `taxonomy`,
    TAXONOMY with category_path. Returns TaggedPurchases. Raises MeasureError for a missing column, a line_id that
    stands twice or an unknown kind of tag. Source: requirements R11, R35; methods 18.

    >>> bought = pd.DataFrame({"line_id": [1, 2], "bought_on": pd.to_datetime(["2025-03-01"] * 2), "unit": "A",
    ...     "supplier_key": "s", "article_id": ["a1", "a2"], "standard_item_id": None, "category_code": "14.04",
    ...     "quantity": None, "quantity_unit": None, "amount_ore": [300, 100]})
    >>> known = pd.DataFrame({"supplier_key": ["s"], "article_id": ["a1"], "standard_item_id": None,
    ...     "category_code": None, "tag_kind": "label", "tag": "Svanen", "valid_from": None, "valid_to": None,
    ...     "source": None, "file": "f", "row_number": 2})
    >>> tree = pd.DataFrame({"category_code": ["14.04"], "name": ["Papper"], "category_path": ["14.04"]})
    >>> tagged_purchases(bought, known, taxonomy=tree).judged[["line_id", "is_tagged", "met_by"]].values.tolist()
    [[1, 1, 'article']]
    """
    require_columns(lines.columns, NEEDED, "tagged_purchases")
    require_columns(tags.columns, names(ARTICLE_TAGS), "tagged_purchases")
    require_columns(taxonomy.columns, ["category_code", "name", "category_path"], "tagged_purchases")
    _refuse_faults(lines, tags)
    known = _with_days(tags)
    met = pd.concat([_met_by_number(lines, known), _met_by_category(lines, known, taxonomy)], ignore_index=True)
    in_force = met[(met["bought_on"] >= met["valid_from"]) & (met["bought_on"] <= met["valid_to"])]
    of_line = in_force.groupby(["line_id", "tag_kind"])
    decisive = in_force[in_force["rank"] == of_line["rank"].transform("min")]
    said = decisive.assign(is_tagged=decisive["tag"].notna().astype("int64")).groupby(["line_id", "tag_kind"])
    judged = said.agg(is_tagged=("is_tagged", "max"), least=("is_tagged", "min"), met_by=("met_by", "first"))
    sure = judged[judged["is_tagged"] == judged["least"]].drop(columns="least").reset_index()
    carried = decisive[["line_id", "tag_kind", "tag"]].dropna().drop_duplicates()
    carried = carried.merge(sure[["line_id", "tag_kind"]], on=["line_id", "tag_kind"])
    because = NO_LINES if lines.empty else NO_TAGS if tags.empty else ""
    order = ["line_id", "tag_kind"]
    return TaggedPurchases(
        lines.copy(),
        sure.sort_values(order, ignore_index=True),
        carried.sort_values([*order, "tag"], ignore_index=True),
        _categories(taxonomy),
        because,
    )


def _refuse_faults(lines: pd.DataFrame, tags: pd.DataFrame) -> None:
    repeated = lines["line_id"][lines["line_id"].duplicated()]
    if len(repeated):
        raise MeasureError(
            f"tagged_purchases: the line_id {examples(map(str, repeated.unique()))} stands on several lines. Orders "
            "and invoices tell of the same purchases: give one of them."
        )
    strange = sorted(set(tags["tag_kind"].dropna()) - set(TAG_KINDS))
    if strange:
        raise MeasureError(
            f"tagged_purchases: '{strange[0]}' is not a kind of tag. {did_you_mean(strange[0], TAG_KINDS)}"
        )


def _with_days(tags: pd.DataFrame) -> pd.DataFrame:
    """Fill in the days of a tag that always held or holds still, and how its standard number is compared."""
    days = {
        name: pd.to_datetime(tags[name]).astype("datetime64[us]").fillna(otherwise)
        for name, otherwise in (("valid_from", _FIRST_DAY), ("valid_to", _LAST_DAY))
    }
    return tags.assign(**days, standard_item_id=_compared(tags["standard_item_id"]))


def _compared(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Write standard numbers alike: a GTIN of 13 digits is that of 14 with a zero first.

    Zeros alone, or eight or more of one digit, are no number but a filled-in cell.
    """
    text = numbers.astype("str").str.strip()
    short = text.str.lstrip("0").where(text.str.fullmatch("[0-9]+").fillna(False).astype(bool), text)
    return short.where((short != "") & ~short.str.fullmatch(r"([0-9])\1{7,}").fillna(False).astype(bool))


_SAID = ["tag_kind", "tag", "valid_from", "valid_to"]


def _met_by_number(lines: pd.DataFrame, tags: pd.DataFrame) -> pd.DataFrame:
    """Pair lines and tags by the supplier's article number and by standard number."""
    compared = lines.assign(standard_item_id=_compared(lines["standard_item_id"]))
    keys: tuple[Sequence[str], ...] = (("supplier_key", "article_id"), ("standard_item_id",))
    met = []
    for rank, (name, key) in enumerate(zip(_MET, keys, strict=True)):
        # A missing key meets nothing; pandas would let it meet another missing one.
        numbered = compared[["line_id", "bought_on", *key]].dropna(subset=list(key))
        theirs = tags[[*key, *_SAID]].dropna(subset=list(key))
        met.append(_paired(numbered, theirs, key).assign(rank=rank, met_by=name))
    return pd.concat(met, ignore_index=True)


def _met_by_category(lines: pd.DataFrame, tags: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Pair lines and tags on the line's category or one above it; the farther above, the less specific."""
    on_category = tags["article_id"].isna() & tags["standard_item_id"].isna()
    theirs = tags.loc[on_category, ["category_code", *_SAID]].dropna(subset=["category_code"])
    above = [
        {"category_code": code, "__above": ancestor, "rank": len(_MET) + steps}
        for code, path in zip(taxonomy["category_code"], taxonomy["category_path"], strict=True)
        for steps, ancestor in enumerate(reversed(str(path).split("/")))
    ]
    types = {"category_code": "str", "__above": "str", "rank": "int64"}
    tree = frames.framed(above, types)
    reaching = tree.merge(theirs.rename(columns={"category_code": "__above"}).astype({"__above": "str"}), on="__above")
    placed = lines[["line_id", "bought_on", "category_code"]].dropna(subset=["category_code"])
    return _paired(placed, reaching, ["category_code"]).assign(met_by="category")


def _paired(lines: pd.DataFrame, tags: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Join on text keys and keep what the tags say; without rows on one side there is nothing to type them by."""
    text = dict.fromkeys(key, "str")
    kept = ["line_id", "bought_on", *(["rank"] if "rank" in tags else []), *_SAID]
    return lines.astype(text).merge(tags.astype(text), on=list(key))[kept].astype({"tag": "str", "tag_kind": "str"})


def _categories(taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Name each category and its main category."""
    name_of = dict(zip(taxonomy["category_code"], taxonomy["name"], strict=True))
    main = [str(path).split("/")[0] for path in taxonomy["category_path"]]
    return pd.DataFrame(
        {
            "category_code": taxonomy["category_code"].astype("str").to_numpy(),
            "category_name": taxonomy["name"].astype("str").to_numpy(),
            "main_category_code": pd.Series(main, dtype="str"),
            "main_category_name": pd.Series([name_of.get(code, code) for code in main], dtype="str"),
        }
    )
