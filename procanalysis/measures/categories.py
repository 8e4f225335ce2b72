"""Map ledger lines to categories by reviewed rules, and tell how well it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import narwhals as nw
import pandas as pd
import pyarrow as pa

from procanalysis.errors import MappingError, ReconciliationError, examples
from procanalysis.measures.frames import NativeFrame, by_amount, collect_pandas, distinct, lazy, totals
from procanalysis.measures.rule_order import (
    Rule,
    checked_rules,
    comparable_name,
    decision_order,
    is_supplier_key,
    parse_rules,
    rules_that_cannot_fire,
    text_pattern,
    validity_edges,
)
from procanalysis.schema import MAPPED_COLUMNS, kronor, names, require_columns

__all__ = [
    "RuleChange",
    "check_nothing_lost",
    "in_category",
    "largest_categories",
    "map_categories",
    "preview_rule_change",
    "rule_conflicts",
    "rules_that_cannot_fire",
]

_MATCHED = (
    "account",
    "unit",
    "supplier_key",
    "supplier_name",
    "project",
    "account_text",
    "text",
    "booked_on",
)
_TEXT_FIELDS = ("account_text", "supplier_name", "text")
_NONE = 2**31 - 1
_STRETCH = "__stretch"
_Table = dict[tuple[Any, ...], dict[str, int]]
"""For each key, the place of the first rule with it in every order."""


def map_categories(lines: NativeFrame, *, rules: pd.DataFrame, taxonomy: pd.DataFrame) -> NativeFrame:
    """Give every ledger line the category, spend class and LOU mark of the first rule that holds for it.

    Rules decide in the order of their tier (override, supplier, unit, account, text, default); within a tier the rule
    with more conditions comes first, then the more exact account, then the order in the file. A rule holds when all the
    conditions that it gives hold. The rules are compiled to equality joins, so that the engine does the work.

    Parameters
    ----------
    lines: one row per posting (schema.LEDGER_LINES); DuckDB relation, Polars, pandas or Spark frame.
    rules: one row per rule (schema.RULES).
    taxonomy: one row per category (schema.TAXONOMY with category_path and level, as `read_taxonomy` gives).

    Returns a frame of the same kind with schema.MAPPED_COLUMNS added and every row kept. A row that no rule decides has
    no category; a row that only the default tier decides has `is_mapped` 0.
    Raises MappingError when there are no rules or categories, when a rule points to a category that does not exist or
    that has categories below it, and when the lines lack a column that a rule looks at.
    See docs/methods/mapped_share.md.

    >>> lines = pd.DataFrame({"line_id": [1, 2], "account": ["6440", "1"], "amount_ore": [100, 50]})
    >>> rules = pd.DataFrame([{"rule_id": "mat", "tier": "account", "account": "64*", "category_code": "05",
    ...                        "spend_class": "adresserbar", "lou_covered": "ja"}])
    >>> tree = pd.DataFrame([{"category_code": "05", "parent_code": "", "name": "Livsmedel", "category_path": "05"}])
    >>> map_categories(lines, rules=rules, taxonomy=tree)[["rule_id", "category_name", "is_mapped"]].values.tolist()
    [['mat', 'Livsmedel', 1], [nan, nan, 0]]
    """
    rules = checked_rules(rules, taxonomy)
    ordered = [rule for _, rule in decision_order(parse_rules(rules))]
    frame = _lazy_in_full(lines)
    present = frame.collect_schema().names()
    outcomes = _small(frame, _outcomes(rules, taxonomy, ordered))
    decided = _decide(_with_absent_columns(frame, ordered), {"__decision": ordered}, like=outcomes)
    joined = decided.join(outcomes, on="__decision", how="left")
    marked = joined.select(
        *present,
        *names(MAPPED_COLUMNS)[:-2],
        nw.col("lou_covered").fill_null("okänt"),
        nw.col("is_mapped").fill_null(0).cast(nw.Int64),
    )
    return _as_given(marked, lines)


def _lazy_in_full(lines: NativeFrame) -> nw.LazyFrame[Any]:
    types = nw.from_native(lines).lazy().collect_schema()
    require_columns(types.names(), ["line_id", "amount_ore"], "map_categories")
    _refuse_codes_as_decimals(lines, [name for name in _MATCHED if name in types and types[name].is_float()])
    frame = lazy(lines)
    earlier = [name for name in names(MAPPED_COLUMNS) if name in types]
    return frame.drop(earlier) if earlier else frame


def _refuse_codes_as_decimals(lines: NativeFrame, columns: Sequence[str]) -> None:
    """Refuse accounts such as 6440.0: pandas reads a column of codes with gaps so, and no rule would then hold."""
    for column in columns:
        filled = collect_pandas(nw.from_native(lines).lazy().select(nw.col(column).count().cast(nw.Int64)))
        if int(filled[column].iloc[0]):
            raise MappingError(
                f"The column '{column}' holds decimal numbers, so no rule would find its codes. Read it as text, as in "
                f"pandas.read_csv(…, dtype={{'{column}': 'str'}})."
            )


def _as_given(frame: nw.LazyFrame[Any], lines: NativeFrame) -> NativeFrame:
    """Return an eager frame for an eager one, in the order of line_id, and a lazy one for a lazy one."""
    given = nw.from_native(lines)
    if isinstance(given, nw.DataFrame):
        eager = frame.collect(backend=given.implementation).sort("line_id")
        return nw.maybe_reset_index(eager).to_native()
    return frame.to_native()


def _with_absent_columns(frame: nw.LazyFrame[Any], ordered: Sequence[Rule]) -> nw.LazyFrame[Any]:
    """Let a frame lack columns that no rule looks at; refuse when a rule does look at one."""
    present = frame.collect_schema().names()
    looked_at: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for rule in ordered:
        for columns in _columns_of_rule(rule):
            looked_at[columns].append(rule.rule_id)
    for columns, rule_ids in looked_at.items():
        if not any(column in present for column in columns):
            named = "' or '".join(columns)
            raise MappingError(
                f"The lines have no column '{named}', but {len(rule_ids)} rule(s) look at it "
                f"({examples(rule_ids)}). Add the column or leave out the rules."
            )
    absent = [name for name in _MATCHED if name not in present]
    if not absent:
        return frame
    types = {"booked_on": nw.Date}
    return frame.with_columns(nw.lit(None).cast(types.get(name, nw.String)).alias(name) for name in absent)


def _columns_of_rule(rule: Rule) -> list[tuple[str, ...]]:
    """List the columns that a rule looks at; of several together one is enough."""
    looks = {
        ("account",): rule.account.kind != "any",
        ("unit",): bool(rule.unit),
        ("supplier_key",): is_supplier_key(rule.supplier),
        ("supplier_name",): bool(rule.supplier) and not is_supplier_key(rule.supplier),
        ("project",): bool(rule.project),
        _TEXT_FIELDS: bool(rule.text),
        ("booked_on",): bool(rule.valid_from or rule.valid_to),
    }
    return [columns for columns, looked_at in looks.items() if looked_at]


def _small(like: nw.LazyFrame[Any], columns: dict[str, list[Any]]) -> nw.LazyFrame[Any]:
    """Make a small table in the engine of a frame, so that it can be joined there."""
    if like.implementation.is_pandas_like():
        return nw.from_dict(columns, backend=like.implementation).lazy()
    if like.implementation.is_duckdb():
        return _in_duckdb(like.to_native(), pa.table(columns))
    table = nw.from_dict(columns, backend="pyarrow")
    if like.implementation.is_pyspark():
        return table.lazy(backend="pyspark", session=like.to_native().sparkSession)
    return table.lazy(backend=like.implementation)


def _in_duckdb(relation: Any, small: pa.Table) -> nw.LazyFrame[Any]:
    """Hand a table to DuckDB, which finds it by the name that it has here.

    Through the relation, since its connection need not be the default one and two cannot be joined. Never written out
    in the query: DuckDB's relations read their own text again for every step that is added to them.
    """
    made: nw.LazyFrame[Any] = nw.from_native(relation.query("lines", "SELECT * FROM small"))
    return made


def _outcomes(rules: pd.DataFrame, taxonomy: pd.DataFrame, ordered: Sequence[Rule]) -> dict[str, list[Any]]:
    """Return what each rule decides, by its place in the order."""
    decides = ("category_code", "spend_class", "lou_covered")
    given = zip(*(rules[name].tolist() for name in decides), strict=True)
    by_id = dict(zip(rules["rule_id"].tolist(), given, strict=True))
    category_codes = taxonomy["category_code"].tolist()
    path_of = dict(zip(category_codes, taxonomy["category_path"].tolist(), strict=True))
    name_of = dict(zip(category_codes, taxonomy["name"].tolist(), strict=True))
    decided = [by_id[rule.rule_id] for rule in ordered]
    codes = [str(code) for code, _, _ in decided]
    paths = [str(path_of[code]) for code in codes]
    mains = [path.split("/")[0] for path in paths]
    return {
        "__decision": list(range(len(ordered))),
        "rule_id": [rule.rule_id for rule in ordered],
        "tier": [rule.tier for rule in ordered],
        "category_code": codes,
        "category_name": [str(name_of[code]) for code in codes],
        "category_path": paths,
        "main_category_code": mains,
        "main_category_name": [str(name_of[code]) for code in mains],
        "spend_class": [str(spend_class) for _, spend_class, _ in decided],
        "lou_covered": [str(lou_covered) for _, _, lou_covered in decided],
        "is_mapped": [int(rule.tier != "default") for rule in ordered],
    }


def _decide(
    frame: nw.LazyFrame[Any], orders: Mapping[str, Sequence[Rule]], *, like: nw.LazyFrame[Any] | None = None
) -> nw.LazyFrame[Any]:
    """Add, for each order of the same rules, the place in it of the first rule that holds for each row.

    Parameters: frame; orders; like, a small table in the engine of the frame, if one is at hand.

    Rules with the same kinds of condition (their signature) become one table keyed by the conditions' values; the row's
    candidates from all the tables are then compared and the lowest place wins. Every column is added in one pass.
    """
    rules = next(iter(orders.values()))
    edges = validity_edges(rules)
    patterns = list(dict.fromkeys(rule.text for rule in rules if rule.text))
    tables = _tables(orders, _Written(frame), edges)
    # All small tables before the first join, and each made through the one before it instead of through the lines, with
    # their long query: DuckDB checks a relation anew, step by step, after each one it is given.
    joinable: dict[int, nw.LazyFrame[Any]] = {}
    before = frame if like is None else like
    for number, ((signature, _), table) in enumerate(tables.items()):
        if signature:
            joinable[number] = before = _joinable(before, signature, number, table)
    is_dated = any(_STRETCH in signature for signature, _ in tables)
    keyed = _with_text_hits(_with_stretch(frame, edges) if is_dated else frame, patterns)
    candidates: dict[str, list[nw.Expr]] = {name: [_whole(_NONE)] for name in orders}
    for number, ((signature, text), table) in enumerate(tables.items()):
        if signature:
            keyed = keyed.join(joinable[number], on=list(signature), how="left")
        for name in orders:
            found = nw.col(f"__{number}{name}").fill_null(_NONE) if signature else _whole(table[()][name])
            if text:
                found = nw.when(nw.col(f"__text_{patterns.index(text)}")).then(found).otherwise(_whole(_NONE))
            candidates[name].append(found.cast(nw.Int64).alias(f"__first_{number}{name}"))
    lowest = [nw.min_horizontal(*found).cast(nw.Int64).alias(name) for name, found in candidates.items()]
    return keyed.select(*frame.collect_schema().names(), *lowest)


def _joinable(like: nw.LazyFrame[Any], signature: Sequence[str], number: int, table: _Table) -> nw.LazyFrame[Any]:
    """Lay out one table of rules: a column per condition of the signature, and the first rule's place in each order."""
    keys = {column: [key[i] for key in table] for i, column in enumerate(signature)}
    orders = next(iter(table.values()))
    return _small(like, keys | {f"__{number}{name}": [first[name] for first in table.values()] for name in orders})


def _whole(number: int) -> nw.Expr:
    return nw.lit(number).cast(nw.Int64).alias(f"__whole_{number}")


def _tables(
    orders: Mapping[str, Sequence[Rule]], written: _Written, edges: Sequence[date]
) -> dict[tuple[tuple[str, ...], str], _Table]:
    """Gather the rules by signature and text: for each key the place of the first rule with it, in every order."""
    tables: dict[tuple[tuple[str, ...], str], _Table] = defaultdict(dict)
    reach = {rule.rule_id: _rows_of_rule(rule, written, edges) for rule in next(iter(orders.values()))}
    for name, ordered in orders.items():
        for place, rule in enumerate(ordered):
            signature, keys = reach[rule.rule_id]
            for key in keys:
                tables[signature, rule.text].setdefault(key, {}).setdefault(name, place)
    return tables


class _Written:
    """Hold the different values that a column has in the lines, fetched when a rule asks.

    Conditions are compared with these here and not in the engine, so that every engine agrees on what is the same name.
    """

    def __init__(self, frame: nw.LazyFrame[Any]) -> None:
        self._frame = frame
        self._values: dict[str, list[str]] = {}
        self._names: dict[str, dict[str, list[str]]] = {}

    def values(self, column: str) -> list[str]:
        if column not in self._values:
            found = collect_pandas(distinct(self._frame, column))[column].dropna()
            self._values[column] = sorted(found.tolist())
        return self._values[column]

    def as_written(self, column: str, name: str) -> list[str]:
        """Return the ways in which the lines write a name."""
        if column not in self._names:
            ways: dict[str, list[str]] = defaultdict(list)
            for value in self.values(column):
                ways[comparable_name(value)].append(value)
            self._names[column] = ways
        return self._names[column].get(name, [])


def _with_stretch(frame: nw.LazyFrame[Any], edges: Sequence[date]) -> nw.LazyFrame[Any]:
    """Add which stretch between two validity edges each row lies in, so that dates too can be joined on."""
    stretch = nw.lit(0)
    # pandas holds days as moments; the other engines hold days.
    moments = isinstance(frame.collect_schema()["booked_on"], nw.Datetime)
    for edge in edges:
        first = datetime.combine(edge, time()) if moments else edge
        stretch = stretch + nw.when(nw.col("booked_on") >= nw.lit(first)).then(1).otherwise(0)
    # A row without a date lies in no stretch, so that no dated rule decides it.
    return frame.with_columns(
        nw.when(nw.col("booked_on").is_null()).then(-1).otherwise(stretch).cast(nw.Int64).alias(_STRETCH)
    )


def _with_text_hits(frame: nw.LazyFrame[Any], patterns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Add one mark per text pattern, found on the distinct texts only and joined back."""
    if not patterns:
        return frame
    filled = frame.with_columns(nw.col(name).fill_null("").alias(f"__{name}_filled") for name in _TEXT_FIELDS)
    keys = [f"__{name}_filled" for name in _TEXT_FIELDS]
    texts = distinct(filled, *keys)
    marks = []
    for number, words in enumerate(patterns):
        pattern = text_pattern(words)
        marks.append(
            nw.any_horizontal(*(nw.col(k).str.contains(pattern) for k in keys), ignore_nulls=True).alias(
                f"__text_{number}"
            )
        )
    return filled.join(texts.with_columns(marks), on=keys, how="left")


def _rows_of_rule(
    rule: Rule, written: _Written, edges: Sequence[date]
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return a rule's signature and the key values for which it holds (its text condition stands apart)."""
    choices: dict[str, list[Any]] = {}
    if rule.account.kind != "any":
        choices["account"] = rule.account.among(written.values("account"))
    if rule.unit:
        choices["unit"] = written.as_written("unit", rule.unit)
    if is_supplier_key(rule.supplier):
        choices["supplier_key"] = [rule.supplier]
    elif rule.supplier:
        choices["supplier_name"] = written.as_written("supplier_name", rule.supplier)
    if rule.project:
        choices["project"] = [rule.project]
    if rule.valid_from or rule.valid_to:
        first = edges.index(rule.valid_from) + 1 if rule.valid_from else 0
        last = next((i for i, edge in enumerate(edges) if rule.valid_to and edge > rule.valid_to), len(edges))
        choices[_STRETCH] = list(range(first, last + 1))
    keys: list[tuple[Any, ...]] = [()]
    for values in choices.values():
        keys = [(*key, value) for key in keys for value in values]
    return tuple(choices), keys


def in_category(mapped: NativeFrame, category_code: str, *, must_exist: bool = True) -> NativeFrame:
    """Keep the lines of one category and of the categories below it.

    Parameters: mapped, lines as `map_categories` returns them; category_code, at any level of the tree; must_exist,
    whether a category without lines is an error.
    Returns a frame of the same kind. Raises MappingError when no line lies there and one must.

    >>> lines = pd.DataFrame({"category_path": ["05/05.02", "06/06.01"], "amount_ore": [1, 2]})
    >>> in_category(lines, "05")["amount_ore"].tolist()
    [1]
    """
    frame = nw.from_native(mapped)
    require_columns(frame.lazy().collect_schema().names(), ["category_path"], "in_category")
    inside = nw.concat_str(nw.lit("/"), nw.col("category_path"), nw.lit("/")).str.contains(
        f"/{category_code}/", literal=True
    )
    kept = frame.filter(inside)
    if not must_exist:
        return kept.to_native()
    found = collect_pandas(kept.lazy().select(nw.len().cast(nw.Int64).alias("rows")))["rows"].iloc[0]
    if not found:
        paths = collect_pandas(distinct(frame.lazy(), "category_path"))["category_path"].dropna()
        mains = sorted({path.split("/")[0] for path in paths})
        raise MappingError(
            f"No line lies in the category '{category_code}'. Main categories with lines: {examples(mains, 20)}."
        )
    return kept.to_native()


def articles_in_category(lines: pd.DataFrame, category_code: str, *, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Keep the article lines of one category and of the categories below it.

    Parameters: lines, ARTICLE_LINES, whose category is that of the article's group; category_code, at any level of the
    tree; taxonomy, TAXONOMY with category_path. Returns the lines, numbered from 0; a line without category is in none.

    >>> tree = pd.DataFrame({"category_code": ["05.02", "06"], "category_path": ["05/05.02", "06"]})
    >>> lines = pd.DataFrame({"category_code": ["05.02", "06", None], "amount_ore": [1, 2, 3]})
    >>> articles_in_category(lines, "05", taxonomy=tree)["amount_ore"].tolist()
    [1]
    """
    require_columns(lines.columns, ["category_code"], "articles_in_category")
    inside = [
        code
        for code, path in zip(taxonomy["category_code"], taxonomy["category_path"], strict=True)
        if category_code in str(path).split("/")
    ]
    return lines[lines["category_code"].isin(inside)].reset_index(drop=True)


def largest_categories(mapped: NativeFrame, *, largest: int, level: int = 2) -> pd.DataFrame:
    """Rank the categories by what was bought in them; what is no purchase, or decided by the default tier, is left out.

    Parameters: mapped, lines as `map_categories` returns them; largest, how many; level of the tree, 1 for main
    categories (a branch that ends above the level counts with its last category).
    Returns one row per category: category_code, category_path, amount_ore, largest first.
    """
    frame = lazy(mapped, ["amount_ore", "category_path", "spend_class", "is_mapped"], "largest_categories")
    bought = frame.filter((nw.col("is_mapped") == 1) & (nw.col("spend_class") != "ej inköp"))
    summed = bought.group_by("category_path").agg(nw.col("amount_ore").sum())
    sums = collect_pandas(summed.with_columns(nw.col("amount_ore").cast(nw.Int64)))
    codes = [path.split("/")[:level] for path in sums["category_path"]]
    sums["category_path"] = pd.Series(["/".join(path) for path in codes], dtype="str")
    sums["category_code"] = pd.Series([path[-1] for path in codes], dtype="str")
    grouped = sums.groupby(["category_code", "category_path"])[["amount_ore"]].sum().reset_index()
    return by_amount(grouped, ["category_code"]).head(largest)


def rule_conflicts(lines: NativeFrame, *, rules: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Find rows on which two rules of equal rank disagree, so that only their order in the file decides.

    Parameters: as for `map_categories`.
    Returns one row per pair of rules: rule_id (decides), other_rule_id, lines_count, amount_ore, absolute_ore; only
    pairs that give another category, spend class or LOU mark. A row counts once, with the rule that decides it and one
    that disagrees.
    """
    rules = checked_rules(rules, taxonomy)
    parsed = parse_rules(rules)
    given = rules[["category_code", "spend_class", "lou_covered"]].astype("str").agg("|".join, axis=1)
    gives = dict(zip(rules["rule_id"], given, strict=True))
    # Whether two rules disagree shows at the ends of their order by what they give; the order in the file is a third.
    order = decision_order(parsed)
    by_outcome = sorted(order, key=lambda pair: (pair[0], gives[pair[1].rule_id]))
    by_outcome_back = sorted(sorted(order, key=lambda pair: gives[pair[1].rule_id], reverse=True), key=_rank)
    orders = {
        name: [rule for _, rule in pairs]
        for name, pairs in {"__file": order, "__low": by_outcome, "__high": by_outcome_back}.items()
    }
    frame = _with_absent_columns(_lazy_in_full(lines), orders["__file"])
    found = collect_pandas(
        _decide(frame, orders)
        .filter(nw.col("__file") < _NONE)
        .with_columns(nw.col("amount_ore").abs().alias("absolute_ore"))
        .group_by(*orders)
        .agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum(), nw.col("absolute_ore").sum())
        .with_columns(nw.col("lines_count", "amount_ore", "absolute_ore").cast(nw.Int64))
    )
    for name, ordered in orders.items():
        found[name] = [ordered[place].rule_id for place in found[name]]
    low_differs = found["__low"].map(gives) != found["__file"].map(gives)
    found = found.assign(rule_id=found["__file"], other_rule_id=found["__low"].where(low_differs, found["__high"]))
    differ = found["rule_id"].map(gives) != found["other_rule_id"].map(gives)
    pair = ["rule_id", "other_rule_id"]
    summed = found[differ].groupby(pair, as_index=False)[["lines_count", "amount_ore", "absolute_ore"]].sum()
    return by_amount(summed, pair, "absolute_ore")


def _rank(pair: tuple[int, Rule]) -> int:
    return pair[0]


@dataclass(frozen=True)
class RuleChange:
    """Hold what a change of rules would do.

    moved: kronor per old and new category where they differ; headlines: the headline figures before and after.
    """

    moved: pd.DataFrame
    headlines: pd.DataFrame


def preview_rule_change(
    lines: NativeFrame, *, old: pd.DataFrame, new: pd.DataFrame, taxonomy: pd.DataFrame
) -> RuleChange:
    """Show which kronor would move between which categories, and which headline figures change, before accepting rules.

    Parameters: lines, as for `map_categories`; old and new, the rules before and after; taxonomy, the tree of both.
    Returns a RuleChange. `moved` has, each as old_ and new_, category_code, category, class and lou, then lines_count
    and amount_ore; a row that no rule decides is 'Inte kategoriserat'. `headlines` has figure, before_ore, after_ore,
    change_ore. Raises as `map_categories`.
    """
    columns = ["category_code", "category_name", "spend_class", "lou_covered", "is_mapped"]
    before = lazy(map_categories(lines, rules=old, taxonomy=taxonomy))
    before = before.rename({name: f"old_{name}" for name in columns})
    both = lazy(map_categories(before.to_native(), rules=new, taxonomy=taxonomy))
    keys = [f"old_{name}" for name in columns] + columns
    grouped = collect_pandas(
        both.group_by(*keys)
        .agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum())
        .with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64))
    )
    undecided = {"category_code": "", "category_name": "Inte kategoriserat", "spend_class": "Inte kategoriserat"}
    blank = grouped.fillna(undecided | {f"old_{name}": value for name, value in undecided.items()})
    told = ("category_code", "spend_class", "lou_covered")
    changed = blank[pd.concat([blank[f"old_{name}"] != blank[name] for name in told], axis=1).any(axis=1)]
    short = {
        "category_code": "category_code",
        "category_name": "category",
        "spend_class": "class",
        "lou_covered": "lou",
    }
    moved = changed.rename(
        columns={f"old_{name}": f"old_{shown}" for name, shown in short.items()}
        | {name: f"new_{shown}" for name, shown in short.items()}
    )
    wanted = [f"{side}_{shown}" for shown in short.values() for side in ("old", "new")]
    summed = moved.groupby(wanted, as_index=False)[["lines_count", "amount_ore"]].sum()
    return RuleChange(by_amount(summed, wanted), _headline_changes(blank))


def _headline_changes(grouped: pd.DataFrame) -> pd.DataFrame:
    """Sum the headline figures before and after; `grouped` holds old_ and new marks with their öre."""
    tests = {
        "Kategoriserat": ("is_mapped", 1),
        "Adresserbart": ("spend_class", "adresserbar"),
        "Ej adresserbart": ("spend_class", "ej adresserbar"),
        "Investeringar": ("spend_class", "investering"),
        "Ej inköp": ("spend_class", "ej inköp"),
        "Omfattas av LOU": ("lou_covered", "ja"),
        "Oklart om LOU gäller": ("lou_covered", "okänt"),
    }
    rows = []
    for figure, (column, value) in tests.items():
        before = int(grouped.loc[grouped[f"old_{column}"] == value, "amount_ore"].sum())
        after = int(grouped.loc[grouped[column] == value, "amount_ore"].sum())
        rows.append({"figure": figure, "before_ore": before, "after_ore": after, "change_ore": after - before})
    return pd.DataFrame(rows)


def check_nothing_lost(lines: NativeFrame, mapped: NativeFrame) -> None:
    """Raise ReconciliationError unless the mapped lines are as many, and sum to as much, as those that went in."""
    refuse_loss(totals(lazy(lines, ["amount_ore"])), totals(lazy(mapped, ["amount_ore"])))


def refuse_loss(before: tuple[int, int], after: tuple[int, int]) -> None:
    """Raise ReconciliationError unless rows and sum in öre are the same after the mapping as before it."""
    if before != after:
        raise ReconciliationError(
            f"The mapping changed the ledger: {before[0]} rows and {kronor(before[1])} went in, {after[0]} rows and "
            f"{kronor(after[1])} came out. This is a fault in the program: keep the files and report it."
        )
