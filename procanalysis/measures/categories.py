"""Map ledger lines to categories by reviewed rules, and tell how well it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MappingError, examples
from procanalysis.measures.frames import NativeFrame, by_amount, collect_pandas, lazy, totals
from procanalysis.measures.rule_order import (
    Rule,
    decision_order,
    is_supplier_key,
    parse_rules,
    rules_that_cannot_fire,
    text_pattern,
    validity_edges,
)
from procanalysis.schema import (
    MAPPED_COLUMNS,
    RULES,
    kronor,
    names,
    require_columns,
)

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
    rules = _completed(rules)
    _check_rules(rules, taxonomy)
    frame = _with_absent_columns(_lazy_in_full(lines), rules)
    ordered = decision_order(parse_rules(rules))
    decided = _decide(frame, [rule for _, rule in ordered], "__decision")
    outcome = _outcomes(rules, taxonomy, [rule for _, rule in ordered])
    joined = decided.join(_small(decided, outcome), on="__decision", how="left")
    marked = joined.with_columns(
        nw.col("lou_covered").fill_null("okänt"), nw.col("is_mapped").fill_null(0).cast(nw.Int64)
    ).drop("__decision", *_absent(lines, rules))
    return _as_given(marked, lines)


def _lazy_in_full(lines: NativeFrame) -> nw.LazyFrame[Any]:
    frame = lazy(lines)
    present = frame.collect_schema().names()
    require_columns(present, ["line_id", "amount_ore"], "map_categories")
    return frame.drop([name for name in names(MAPPED_COLUMNS) if name in present])


def _as_given(frame: nw.LazyFrame[Any], lines: NativeFrame) -> NativeFrame:
    """Return an eager frame for an eager one, in the order of line_id, and a lazy one for a lazy one."""
    given = nw.from_native(lines)
    if isinstance(given, nw.DataFrame):
        eager = frame.collect(backend=given.implementation).sort("line_id")
        return eager.to_native()
    return frame.to_native()


def _completed(rules: pd.DataFrame) -> pd.DataFrame:
    """Add the rule columns that an analyst's own frame leaves out, as empty."""
    if rules.empty:
        raise MappingError(
            "There are no rules, so nothing could be mapped. Name at least one rule file under mapping.rules."
        )
    require_columns(rules.columns, ["rule_id", "tier", "category_code", "spend_class", "lou_covered"], "map_categories")
    absent = {name: None for name in names(RULES) if name not in rules.columns}
    return rules.assign(**absent)


def _check_rules(rules: pd.DataFrame, taxonomy: pd.DataFrame) -> None:
    if taxonomy.empty:
        raise MappingError(
            "The category tree is empty, so nothing could be mapped. Give a tree with at least one category."
        )
    codes = set(taxonomy["category_code"])
    origins = rules["origin"] if "origin" in rules else rules["rule_id"]
    strangers = origins[~rules["category_code"].isin(codes)]
    if len(strangers):
        lost = rules.loc[strangers.index[0], "category_code"]
        raise MappingError(
            f"{len(strangers)} rule(s) point to a category that is not in the tree: {examples(strangers)} "
            f"(the first to '{lost}'). Correct the code, or add the category to the tree."
        )
    above = set(taxonomy["parent_code"])
    wide = origins[rules["category_code"].isin(above)]
    if len(wide):
        raise MappingError(
            f"{len(wide)} rule(s) point to a category that has categories below it: {examples(wide)}. "
            "Point to one of those, so that no kronor stop half-way down the tree."
        )


def _absent(lines: NativeFrame, rules: pd.DataFrame) -> list[str]:
    present = nw.from_native(lines).lazy().collect_schema().names()
    return [name for name in _MATCHED if name not in present]


def _with_absent_columns(frame: nw.LazyFrame[Any], rules: pd.DataFrame) -> nw.LazyFrame[Any]:
    """Let a frame lack columns that no rule looks at; refuse when a rule does look at one."""
    present = frame.collect_schema().names()
    looked_at = {
        "account": "account", "unit": "unit", "supplier": "supplier_key", "project": "project",
        "valid_from": "booked_on", "valid_to": "booked_on",
    }  # fmt: skip
    for condition, column in looked_at.items():
        filled = rules[condition].notna() & (rules[condition].astype("str") != "")
        if column not in present and filled.any():
            raise MappingError(
                f"The lines have no column '{column}', but {int(filled.sum())} rule(s) look at it "
                f"({examples(rules.loc[filled, 'rule_id'])}). Add the column or leave out the rules."
            )
    types = {"booked_on": nw.Date}
    return frame.with_columns(
        nw.lit(None).cast(types.get(name, nw.String)).alias(name) for name in _MATCHED if name not in present
    )


def _small(like: nw.LazyFrame[Any], columns: dict[str, list[Any]]) -> nw.LazyFrame[Any]:
    """Make a small table in the engine of a frame, so that it can be joined there."""
    if like.implementation.is_pandas_like():
        return nw.from_dict(columns, backend=like.implementation).lazy()
    table = nw.from_dict(columns, backend="pyarrow")
    if like.implementation.is_pyspark():
        return table.lazy(backend="pyspark", session=like.to_native().sparkSession)
    return table.lazy(backend=like.implementation)


def _outcomes(rules: pd.DataFrame, taxonomy: pd.DataFrame, ordered: Sequence[Rule]) -> dict[str, list[Any]]:
    """Return what each rule decides, by its place in the order."""
    by_id = rules.set_index("rule_id")
    tree = taxonomy.set_index("category_code")
    decided = [by_id.loc[rule.rule_id] for rule in ordered]
    codes = [str(row["category_code"]) for row in decided]
    paths = [str(tree.loc[code, "category_path"]) for code in codes]
    mains = [path.split("/")[0] for path in paths]
    return {
        "__decision": list(range(len(ordered))),
        "rule_id": [rule.rule_id for rule in ordered],
        "tier": [rule.tier for rule in ordered],
        "category_code": codes,
        "category_name": [str(tree.loc[code, "name"]) for code in codes],
        "category_path": paths,
        "main_category_code": mains,
        "main_category_name": [str(tree.loc[code, "name"]) for code in mains],
        "spend_class": [str(row["spend_class"]) for row in decided],
        "lou_covered": [str(row["lou_covered"]) for row in decided],
        "is_mapped": [int(rule.tier != "default") for rule in ordered],
    }


def _decide(frame: nw.LazyFrame[Any], ordered: Sequence[Rule], result: str) -> nw.LazyFrame[Any]:
    """Add the place in `ordered` of the first rule that holds for each row.

    Rules with the same kinds of condition (their signature) become one table keyed by the conditions' values; the row's
    candidates from all the tables are then compared and the lowest place wins.
    """
    edges = validity_edges(ordered)
    patterns = list(dict.fromkeys(rule.text for rule in ordered if rule.text))
    keyed = _with_text_hits(_with_keys(frame, edges), patterns)
    accounts = collect_pandas(frame.select("account").unique())["account"].dropna().tolist() if len(ordered) else []
    tables: dict[tuple[tuple[str, ...], str], dict[tuple[Any, ...], int]] = defaultdict(dict)
    for place, rule in enumerate(ordered):
        signature, keys = _rows_of_rule(rule, accounts, edges)
        table = tables[signature, rule.text]
        for key in keys:
            table.setdefault(key, place)
    candidates = [nw.lit(_NONE).cast(nw.Int64).alias("__candidate_none")]
    for number, ((signature, text), table) in enumerate(sorted(tables.items())):
        name = f"__candidate_{number}"
        if not table:
            continue
        if signature:
            columns: dict[str, list[Any]] = {column: [key[i] for key in table] for i, column in enumerate(signature)}
            joined = _small(keyed, {**columns, name: list(table.values())})
            keyed = keyed.join(joined, on=list(signature), how="left")
            found = nw.col(name).fill_null(_NONE).cast(nw.Int64)
        else:
            found = nw.lit(table[()]).cast(nw.Int64)
        if text:
            found = (
                nw.when(nw.col(f"__text_{patterns.index(text)}")).then(found).otherwise(nw.lit(_NONE).cast(nw.Int64))
            )
        candidates.append(found.alias(f"__first_{number}"))
    kept = frame.collect_schema().names()
    return keyed.with_columns(nw.min_horizontal(*candidates).cast(nw.Int64).alias(result)).select(*kept, result)


def _with_keys(frame: nw.LazyFrame[Any], edges: Sequence[date]) -> nw.LazyFrame[Any]:
    """Add the columns that rules are joined on: names in lower case, and the stretch between validity edges."""
    stretch = nw.lit(0)
    # pandas holds days as moments; the other engines hold days.
    moments = isinstance(frame.collect_schema()["booked_on"], nw.Datetime)
    for edge in edges:
        first = datetime.combine(edge, time()) if moments else edge
        stretch = stretch + nw.when(nw.col("booked_on") >= nw.lit(first)).then(1).otherwise(0)
    return frame.with_columns(
        nw.col("account").alias("__account"),
        nw.col("unit").str.to_lowercase().alias("__unit"),
        nw.col("supplier_key").alias("__supplier"),
        nw.col("supplier_name").str.to_lowercase().alias("__name"),
        nw.col("project").alias("__project"),
        # A row without a date lies in no stretch, so that no dated rule decides it.
        nw.when(nw.col("booked_on").is_null()).then(-1).otherwise(stretch).cast(nw.Int64).alias("__stretch"),
    )


def _with_text_hits(frame: nw.LazyFrame[Any], patterns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Add one mark per text pattern, found on the distinct texts only and joined back."""
    if not patterns:
        return frame
    filled = frame.with_columns(nw.col(name).fill_null("").alias(f"__{name}_filled") for name in _TEXT_FIELDS)
    keys = [f"__{name}_filled" for name in _TEXT_FIELDS]
    texts = filled.select(keys).unique()
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
    rule: Rule, accounts: Sequence[str], edges: Sequence[date]
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return a rule's signature and the key values for which it holds (its text condition stands apart)."""
    choices: dict[str, list[Any]] = {}
    if rule.account.kind != "any":
        choices["__account"] = [account for account in accounts if rule.account.matches(account)]
    if rule.unit:
        choices["__unit"] = [rule.unit]
    if rule.supplier:
        key = is_supplier_key(rule.supplier)
        choices["__supplier" if key else "__name"] = [rule.supplier if key else " ".join(rule.supplier.lower().split())]
    if rule.project:
        choices["__project"] = [rule.project]
    if rule.valid_from or rule.valid_to:
        first = edges.index(rule.valid_from) + 1 if rule.valid_from else 0
        last = next((i for i, edge in enumerate(edges) if rule.valid_to and edge > rule.valid_to), len(edges))
        choices["__stretch"] = list(range(first, last + 1))
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
        codes = collect_pandas(frame.lazy().select("main_category_code").unique())["main_category_code"].dropna()
        raise MappingError(
            f"No line lies in the category '{category_code}'. Main categories with lines: {examples(sorted(codes), 20)}."
        )
    return kept.to_native()


def largest_categories(mapped: NativeFrame, *, largest: int, level: int = 2) -> pd.DataFrame:
    """Rank the categories by what was bought in them; what is no purchase, or decided by the default tier, is left out.

    Parameters: mapped, lines as `map_categories` returns them; largest, how many; level of the tree, 1 for main
    categories (a branch that ends above the level counts with its last category).
    Returns one row per category: category_code, category_path, amount_ore, largest first.
    """
    frame = lazy(mapped, ["amount_ore", "category_path", "spend_class", "is_mapped"], "largest_categories")
    bought = frame.filter((nw.col("is_mapped") == 1) & (nw.col("spend_class") != "ej inköp"))
    sums = collect_pandas(bought.group_by("category_path").agg(nw.col("amount_ore").sum().cast(nw.Int64)))
    sums["category_path"] = sums["category_path"].map(lambda path: "/".join(path.split("/")[:level]))
    sums["category_code"] = sums["category_path"].map(lambda path: path.split("/")[-1])
    grouped = sums.groupby(["category_code", "category_path"])[["amount_ore"]].sum().reset_index()
    return by_amount(grouped, ["category_code"]).head(largest)


def rule_conflicts(lines: NativeFrame, *, rules: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Find rows on which two rules of equal rank disagree, so that only their order in the file decides.

    Parameters: as for `map_categories`.
    Returns one row per pair of rules: rule_id (decides), other_rule_id, lines_count, amount_ore, absolute_ore; only pairs
    that give another category, spend class or LOU mark.
    """
    rules = _completed(rules)
    _check_rules(rules, taxonomy)
    frame = _with_absent_columns(_lazy_in_full(lines), rules)
    ordered = decision_order(parse_rules(rules))
    first = [rule for _, rule in ordered]
    last = [rule for _, rule in sorted(ordered[::-1], key=lambda pair: pair[0])]
    both = _decide(_decide(frame, first, "__first"), last, "__last").with_columns(
        nw.col("amount_ore").abs().alias("absolute_ore")
    )
    pairs = collect_pandas(
        both.group_by("__first", "__last")
        .agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum(), nw.col("absolute_ore").sum())
        .with_columns(nw.col("lines_count", "amount_ore", "absolute_ore").cast(nw.Int64))
    )
    pairs = pairs[pairs["__first"] < _NONE]
    gives = rules.set_index("rule_id")[["category_code", "spend_class", "lou_covered"]].agg("|".join, axis=1)
    pairs["rule_id"] = [first[place].rule_id for place in pairs["__first"]]
    pairs["other_rule_id"] = [last[place].rule_id for place in pairs["__last"]]
    differ = pairs["rule_id"].map(gives) != pairs["other_rule_id"].map(gives)
    columns = ["rule_id", "other_rule_id", "lines_count", "amount_ore", "absolute_ore"]
    return by_amount(pairs.loc[differ, columns], ["rule_id", "other_rule_id"], "absolute_ore")


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
    Returns a RuleChange. `moved` has old_category, new_category, old_class, new_class, lines_count, amount_ore;
    `headlines` has figure, before_ore, after_ore, change_ore. Raises as `map_categories`.
    """
    columns = ["category_name", "spend_class", "lou_covered", "is_mapped"]
    before = lazy(map_categories(lines, rules=old, taxonomy=taxonomy))
    before = before.rename({name: f"old_{name}" for name in columns})
    both = lazy(map_categories(before.to_native(), rules=new, taxonomy=taxonomy))
    keys = [f"old_{name}" for name in columns] + columns
    grouped = collect_pandas(
        both.group_by(*keys)
        .agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum())
        .with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64))
    )
    blank = grouped.fillna({name: "Inte kategoriserat" for name in keys if "is_mapped" not in name})
    changed = blank[
        (blank["old_category_name"] != blank["category_name"])
        | (blank["old_spend_class"] != blank["spend_class"])
        | (blank["old_lou_covered"] != blank["lou_covered"])
    ]
    moved = changed.rename(
        columns={
            "old_category_name": "old_category", "category_name": "new_category",
            "old_spend_class": "old_class", "spend_class": "new_class",
        }
    )  # fmt: skip
    wanted = ["old_category", "new_category", "old_class", "new_class"]
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
    """Raise MappingError unless the mapped lines are as many, and sum to as much, as the lines that went in."""
    before, after = totals(lazy(lines, ["amount_ore"])), totals(lazy(mapped, ["amount_ore"]))
    if before != after:
        raise MappingError(
            f"The mapping changed the ledger: {before[0]} rows and {kronor(before[1])} went in, {after[0]} rows and "
            f"{kronor(after[1])} came out. This is a fault in the program: keep the files and report it."
        )
