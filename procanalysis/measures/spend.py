"""How much is bought, by whom, of what, and how it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import SPEND_CLASSES, TIERS, Exclusion, KeyFigure, kronor, percent

UNCLASSIFIED = "okategoriserat"
NO_POSTINGS = "Det finns inga konteringar i urvalet"


@dataclass(frozen=True)
class Dimension:
    """Describe one way to part the spend: its key column, its name column, and the name of a missing key."""

    key: str
    name: str
    missing: str
    carried: tuple[str, ...] = ()


DIMENSIONS: dict[str, Dimension] = {
    "buyer": Dimension("buyer_id", "buyer", "Köpare saknas"),
    "unit": Dimension("unit", "unit_name", "Enhet saknas"),
    "supplier": Dimension("supplier_key", "supplier_name", "Leverantör saknas", ("supplier_type",)),
    "category": Dimension("category_code", "category_name", "Okategoriserat"),
    "main_category": Dimension("main_category_code", "main_category_name", "Okategoriserat"),
    "account": Dimension("account", "account_text", "Konto saknas"),
    "project": Dimension("project", "project_name", "Projekt saknas"),
    "spend_class": Dimension("spend_class", "spend_class_name", "Okategoriserat"),
    "lou_covered": Dimension("lou_covered", "lou_covered_name", "Okänt"),
    "tier": Dimension("tier", "tier_name", "Ingen regel"),
    "basis": Dimension("basis", "basis_name", "Grund saknas"),
    "month": Dimension("month", "month_name", "Datum saknas"),
    "year": Dimension("year", "year_name", "Datum saknas"),
}
"""The ways to part the spend, by the word that `by` takes."""

_DATED = ("month", "year")
_BASE = ("amount_ore", "invoice_key", "supplier_key")


def spend_by(lines: NativeFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Sum the spend per one or two dimensions.

    share_pct = amount_ore × 100 / the sum of amount_ore over all rows; missing when that sum is not above
    zero. Parameters: `lines`, one row per posting; `by`, one or two of DIMENSIONS. Returns one row per
    value, largest first: key, name, amount_ore, lines_count, invoices_count, suppliers_count, share_pct. A
    missing key stays missing and its name says so. Raises MeasureError on an unknown dimension or a missing
    column, ReconciliationError when the rows do not sum to the input. Source: methods 1.1.

    >>> lines = pd.DataFrame({"unit": ["Norr", "Syd", "Norr"], "amount_ore": [300, 100, 400],
    ...                       "invoice_key": ["a", "b", "a"], "supplier_key": ["x", "x", "y"]})
    >>> spend_by(lines, "unit")[["unit", "amount_ore", "invoices_count", "suppliers_count", "share_pct"]]
       unit  amount_ore  invoices_count  suppliers_count  share_pct
    0  Norr         700               1                2       87.5
    1   Syd         100               1                1       12.5
    """
    dimensions = _dimensions(by)
    frame = _prepared(lines, dimensions)
    keys = [dimension.key for dimension in dimensions]
    named = [column for dimension in dimensions for column in _columns(dimension)]
    result = frames.tally(frame, keys, [column for column in named if column not in keys])
    frames.check_total("spend_by", frame, int(result["lines_count"].sum()), int(result["amount_ore"].sum()))
    for word, dimension in zip(_words(by), dimensions, strict=True):
        result = _with_names(result, word, dimension)
    order = [column for dimension in dimensions for column in (dimension.key, dimension.name, *dimension.carried)]
    # A missing month or year stood first among equals, as the number 0, until it got its name.
    ordered = frames.by_amount(result, keys) if set(keys) & set(_DATED) else result
    return _with_share(ordered[[*order, *frames.COUNTS]])


def _words(by: str | Sequence[str]) -> list[str]:
    return [by] if isinstance(by, str) else list(by)


def _dimensions(by: str | Sequence[str]) -> list[Dimension]:
    words = _words(by)
    for word in words:
        if word not in DIMENSIONS:
            raise MeasureError(f"spend_by: '{word}' is not a way to part the spend. {did_you_mean(word, DIMENSIONS)}")
    if not 1 <= len(words) <= 2 or len(set(words)) < len(words):
        raise MeasureError(f"spend_by: got {len(words)} dimensions ({', '.join(words)}). Give one, or two different.")
    return [DIMENSIONS[word] for word in words]


def _columns(dimension: Dimension) -> list[str]:
    """List the ledger columns of a dimension; a name that is made here from the key is not one of them."""
    made = dimension.name.endswith("_name") and dimension.name.removesuffix("_name") == dimension.key
    return [dimension.key, *([] if made else [dimension.name]), *dimension.carried]


def _prepared(lines: NativeFrame, dimensions: Sequence[Dimension]) -> nw.LazyFrame[Any]:
    columns = [column for dimension in dimensions for column in _columns(dimension)]
    dated = [column for column in columns if column in _DATED]
    wanted = [
        *_BASE,
        *(column for column in columns if column not in _DATED),
        *(["booked_on"] if dated else []),
    ]
    frame = frames.lazy(lines, wanted, "spend_by")
    if not dated:
        return frame
    booked = nw.col("booked_on").dt
    parts = {"month": booked.year() * 100 + booked.month(), "year": booked.year()}
    # Numbers, since every engine writes dates as text in its own way; 0 stands for a missing date.
    return frame.with_columns(**{name: parts[name].fill_null(0).cast(nw.Int64) for name in dated})


def _with_names(frame: pd.DataFrame, word: str, dimension: Dimension) -> pd.DataFrame:
    """Add the name that a reader sees; a missing key gets the dimension's word for missing."""
    key = frame[dimension.key]
    if word == "month":
        key = key.map(lambda month: f"{month // 100}-{month % 100:02d}" if month else None).astype("str")
        name = key.map(wording.month_text, na_action="ignore")
    elif word == "year":
        key = key.map(lambda year: str(year) if year else None).astype("str")
        name = key
    elif word == "spend_class" or word == "lou_covered":
        name = key.str.capitalize()
    elif word == "tier":
        name = key.map(TIERS, na_action="ignore")
    else:
        name = frame.get(dimension.name, key)
    named = name.astype("str")
    named = named.where(named.notna(), key.astype("str")).where(key.notna(), dimension.missing)
    return frame.assign(**{dimension.key: key, dimension.name: named})


def _with_share(frame: pd.DataFrame) -> pd.DataFrame:
    total = int(frame["amount_ore"].sum())
    share = frame["amount_ore"] * 100 / total if total > 0 else float("nan")
    return frame.assign(share_pct=share).astype({"share_pct": "float64"})


def total_spend(lines: NativeFrame, *, currency: str = "SEK") -> KeyFigure:
    """Sum the whole ledger.

    total = Σ amount_ore, credit notes negative. Parameters: `lines`, one row per posting. Returns a
    KeyFigure in kronor; unknown when there are no postings. Source: methods 1.1.
    """
    rows, amount_ore = frames.totals(frames.lazy(lines, ["amount_ore"], "total_spend"))
    return KeyFigure(
        id="total_spend",
        label="Inköpsvolym i reskontran",
        value=kronor(amount_ore) if rows else None,
        unit=currency,
        method="total_spend",
        unknown_because="" if rows else NO_POSTINGS,
    )


def spend_classes(lines: NativeFrame) -> pd.DataFrame:
    """Show adresserbar, ej adresserbar, investering, ej inköp and okategoriserat side by side.

    What only the default tier decided (is_mapped 0) is okategoriserat, whatever class the default rule names. The five
    rows sum to the ledger to the öre; a class that nothing falls in stands with 0. Parameters: `lines`, mapped
    postings. Returns the columns of spend_by, in the order of SPEND_CLASSES. Raises MeasureError on a class that the
    schema does not know. Source: methods 1.1.
    """
    found = spend_by(_without_default_class(lines), "spend_class")
    strange = sorted(set(found["spend_class"].dropna()) - set(SPEND_CLASSES))
    if strange:
        raise MeasureError(
            f"spend_classes: spend_class holds '{strange[0]}'. Correct the mapping rules. "
            f"{did_you_mean(strange[0], SPEND_CLASSES)}"
        )
    found["spend_class"] = found["spend_class"].fillna(UNCLASSIFIED)
    ordered = pd.DataFrame({"spend_class": [*SPEND_CLASSES, UNCLASSIFIED]}, dtype="str")
    result = ordered.merge(found, on="spend_class", how="left")
    counts = list(frames.COUNTS)
    result[counts] = result[counts].fillna(0).astype("int64")
    result["spend_class_name"] = result["spend_class"].str.capitalize()
    return _with_share(result)


def purchases(lines: NativeFrame) -> NativeFrame:
    """Keep what was bought: leave out pensions, grants, taxes and whatever else the rules call 'ej inköp'.

    Parameters: `lines`, mapped postings. Returns a frame of the same kind; postings without a class are kept.

    >>> lines = pd.DataFrame({"spend_class": ["adresserbar", "ej inköp", None], "amount_ore": [3, 4, 5]})
    >>> purchases(lines)["amount_ore"].tolist()
    [3, 5]
    """
    frame = nw.from_native(lines)
    frames.lazy(lines, ["spend_class"], "purchases")
    return frame.filter(nw.col("spend_class").fill_null("") != "ej inköp").to_native()


def _without_default_class(lines: NativeFrame) -> NativeFrame:
    """Take away the class that a default rule gave, where the frame says which rows those are."""
    frame = frames.lazy(lines)
    if "is_mapped" not in frame.collect_schema().names():
        return lines
    decided = nw.when(nw.col("is_mapped") == 1).then(nw.col("spend_class"))
    return frame.with_columns(decided.alias("spend_class")).to_native()


def spend_by_month(lines: NativeFrame) -> pd.DataFrame:
    """Sum the spend per month, in order of time, with the postings that lack a date last.

    A month between the first and the last in which nothing is booked stands with 0 postings. Parameters:
    `lines`, one row per posting. Returns the columns of spend_by. Source: methods 1.1.
    """
    found = spend_by(lines, "month").sort_values("month", na_position="last", ignore_index=True)
    dated = found["month"].dropna()
    if dated.empty:
        return found
    months = [str(month) for month in pd.period_range(dated.min(), dated.max(), freq="M")]
    every = pd.DataFrame({"month": pd.Series(months, dtype="str")}).merge(found.dropna(subset="month"), how="left")
    counts = list(frames.COUNTS)
    every[counts] = every[counts].fillna(0).astype("int64")
    every["month_name"] = every["month"].map(wording.month_text).astype("str")
    return _with_share(pd.concat([every, found[found["month"].isna()]], ignore_index=True))


def spend_change(lines: NativeFrame, lines_before: NativeFrame, by: str) -> pd.DataFrame:
    """Compare the spend with that of a period before, per value of one dimension.

    change_ore = amount_ore - before_ore; change_pct = change_ore × 100 / before_ore, missing when
    before_ore is not above zero. Parameters: `lines` and `lines_before`, postings of two periods of the
    same length; `by`, one of DIMENSIONS except month and year. Returns key, name, amount_ore, before_ore,
    change_ore, change_pct and change ('ny', 'upphörd' or 'ändrad': a value with no postings before, none
    now, or both), the largest change first, up or down. Both sums are those of the two inputs. Source:
    methods 5.

    >>> now = pd.DataFrame({"unit": ["Norr", "Syd"], "amount_ore": [300, 50], "invoice_key": ["a", "b"],
    ...                     "supplier_key": ["x", "x"]})
    >>> before = now.assign(unit=["Norr", "Öst"], amount_ore=[200, 10])
    >>> spend_change(now, before, "unit")[["unit", "change_ore", "change_pct", "change"]]
       unit  change_ore  change_pct   change
    0  Norr         100        50.0   ändrad
    1   Syd          50         NaN       ny
    2   Öst         -10      -100.0  upphörd
    """
    if by in _DATED:
        raise MeasureError(f"spend_change: two periods have no {by} in common. Give a dimension such as 'unit'.")
    dimension = _dimensions(by)[0]
    shown = [dimension.key, dimension.name, *dimension.carried]
    now, before = spend_by(lines, by), spend_by(lines_before, by)
    # A missing key must meet a missing key, which pandas does when merging; the names may have changed.
    both = now[[*shown, "amount_ore", "lines_count"]].merge(
        before[[*shown, "amount_ore", "lines_count"]], on=dimension.key, how="outer", suffixes=("", "_before")
    )
    for column in shown[1:]:
        both[column] = both[column].fillna(both[f"{column}_before"])
    is_new, has_ended = both["lines_count_before"].isna(), both["lines_count"].isna()
    both["before_ore"] = both["amount_ore_before"].fillna(0).astype("int64")
    both["amount_ore"] = both["amount_ore"].fillna(0).astype("int64")
    both["change_ore"] = both["amount_ore"] - both["before_ore"]
    both["change_pct"] = (both["change_ore"] * 100 / both["before_ore"]).where(both["before_ore"] > 0)
    both["change"] = pd.Series("ändrad", index=both.index, dtype="str").mask(is_new, "ny").mask(has_ended, "upphörd")
    both["__size"] = both["change_ore"].abs()
    columns = [*shown, "amount_ore", "before_ore", "change_ore", "change_pct", "change"]
    return frames.by_amount(both, [dimension.key], "__size")[columns]


def fold_small(frame: pd.DataFrame, largest: int, label: str = "Övriga") -> pd.DataFrame:
    """Keep the first rows of a result and fold the rest into one row, 'Övriga (n)'.

    Amounts, postings and shares of the folded rows are summed. The same supplier or invoice may stand in
    several of them, so those counts are missing in the folded row, unless the rows are suppliers.
    Parameters: `frame`, from spend_by with one dimension; `largest`, rows to keep, at least 1; `label`, the
    word before the number of rows. Returns a frame with the same columns; unchanged when at most one row
    would be folded. Raises MeasureError.

    >>> per_unit = pd.DataFrame({"unit": list("abc"), "unit_name": list("abc"), "amount_ore": [5, 2, 1]})
    >>> fold_small(per_unit, 1)[["unit_name", "amount_ore"]]
        unit_name  amount_ore
    0           a           5
    1  Övriga (2)           3
    """
    if largest < 1:
        raise MeasureError(f"fold_small: largest is {largest}. Give at least 1.")
    if len(frame) <= largest + 1:
        return frame.copy()
    kept, rest = frame.iloc[:largest], frame.iloc[largest:]
    key, name = frame.columns[0], frame.columns[1]
    countable = ["amount_ore", "lines_count", "share_pct"]
    if key == "supplier_key":
        countable += ["invoices_count", "suppliers_count"]
    folded = {column: [rest[column].sum()] for column in countable if column in frame}
    row = pd.DataFrame({name: [f"{label} ({len(rest)})"], **folded})
    result = pd.concat([kept, row], ignore_index=True)[list(frame.columns)]
    whole = (
        {column: "Int64" for column in ("invoices_count", "suppliers_count") if result[column].hasnans}
        if "invoices_count" in result
        else {}
    )
    return result.astype({key: frame[key].dtype, name: frame[name].dtype, **whole})


def spend_matrix(
    lines: NativeFrame, rows: str, columns: str, *, largest: int = 12, largest_columns: int | None = None
) -> pd.DataFrame:
    """Sum the spend per row dimension and column dimension, with totals.

    The values beyond the largest are folded into 'Övriga (n)' in both directions. Parameters: `lines`, one
    row per posting; `rows` and `columns`, two of DIMENSIONS; `largest`, values to keep (`largest_columns`
    for the columns, the same when not given). Returns the row's key and name, then one int64 column in öre
    per column value named as the reader sees it, then 'Totalt'; the last row is 'Totalt'. Every margin
    equals spend_by's. Months stand in order of time. Raises as spend_by. Source: methods 1.1.

    >>> lines = pd.DataFrame({"unit": ["Norr", "Syd"], "spend_class": ["adresserbar", None],
    ...     "amount_ore": [3, 4], "invoice_key": ["a", "b"], "supplier_key": ["x", "x"]})
    >>> spend_matrix(lines, "unit", "spend_class").drop(columns="unit")
      unit_name  Okategoriserat  Adresserbar  Totalt
    0       Syd               4            0       4
    1      Norr               0            3       3
    2    Totalt               4            3       7
    """
    cells = spend_by(lines, [rows, columns])
    down, across = DIMENSIONS[rows], DIMENSIONS[columns]
    row_labels = _labels(cells, rows, largest)
    column_labels = _labels(cells, columns, largest if largest_columns is None else largest_columns)
    down_label = _keyed(cells[down.key]).map(row_labels)
    across_label = _keyed(cells[across.key]).map(column_labels)
    summed = cells["amount_ore"].groupby([down_label, across_label]).sum()
    wide = summed.unstack(fill_value=0).reindex(
        index=list(dict.fromkeys(row_labels.values())), columns=list(dict.fromkeys(column_labels.values()))
    )
    wide.insert(len(wide.columns), "Totalt", wide.sum(axis="columns"))
    wide.loc["Totalt"] = wide.sum(axis="index")
    key_of = {label: key for key, label in row_labels.items() if list(row_labels.values()).count(label) == 1}
    keys = pd.Series([key_of.get(label) or None for label in wide.index], dtype="str")
    result = wide.astype("int64").rename_axis(columns=None).reset_index(drop=True)
    result.insert(0, down.name, pd.Series(wide.index, dtype="str"))
    result.insert(0, down.key, keys)
    return result


def spend_cells(lines: NativeFrame, rows: str, columns: str, *, largest: int = 12) -> pd.DataFrame:
    """Give spend_matrix as one row per cell, without the margins, for a heatmap.

    Parameters and errors as for `spend_matrix`, `largest` in both directions. Returns the name of the row, the name of
    the column and amount_ore; the cells add up to the input. Source: methods 1.1.

    >>> lines = pd.DataFrame({"unit": ["Norr", "Syd"], "spend_class": ["adresserbar", "investering"],
    ...     "amount_ore": [3, 4], "invoice_key": ["a", "b"], "supplier_key": ["x", "x"]})
    >>> spend_cells(lines, "unit", "spend_class")["amount_ore"].sum()
    np.int64(7)
    """
    down, across = DIMENSIONS[rows], DIMENSIONS[columns]
    matrix = spend_matrix(lines, rows, columns, largest=largest).drop(columns=[down.key, "Totalt"])
    inner = matrix[matrix[down.name] != "Totalt"]
    return inner.melt(id_vars=down.name, var_name=across.name, value_name="amount_ore")


def months_compared(
    lines: NativeFrame, lines_before: NativeFrame | None, *, now: str = "perioden", before: str = "perioden före"
) -> pd.DataFrame:
    """Give the spend per month of a period and of the period before, on the later period's months.

    Parameters: `lines` and `lines_before`, postings of two periods of the same length, the earlier possibly None; `now`
    and `before`, the names of the two series. Postings without a date are left out.
    Returns month (2025-03), series and amount_ore; empty when nothing is dated. Source: methods 1.1.
    """
    current = spend_by_month(lines).dropna(subset="month")
    series = [current.assign(series=now)]
    if lines_before is not None and len(current):
        earlier = spend_by_month(lines_before).dropna(subset="month")
        if len(earlier):
            last, last_before = (pd.Period(str(part["month"].iloc[-1]), "M") for part in (current, earlier))
            shift = (last.year - last_before.year) * 12 + last.month - last_before.month
            # The month before the period's own length ago: whole years where the period is a year.
            months = [str(pd.Period(str(month), "M") + shift) for month in earlier["month"]]
            series.append(earlier.assign(month=pd.Series(months, dtype="str"), series=before))
    return pd.concat(series, ignore_index=True)[["month", "series", "amount_ore"]]


def _keyed(keys: pd.Series[Any]) -> pd.Series[Any]:
    """Let an empty text stand for a missing key, which cannot be looked up."""
    return keys.fillna("")


def _labels(cells: pd.DataFrame, word: str, largest: int) -> dict[str, str]:
    """Map every key of a dimension to the label it is shown under, in the order to show them."""
    dimension = DIMENSIONS[word]
    sums = (
        cells.assign(key=_keyed(cells[dimension.key]))
        .groupby("key", as_index=False)
        .agg(name=(dimension.name, "min"), amount_ore=("amount_ore", "sum"))
    )
    if word in _DATED:
        ordered = sums.sort_values("key", ignore_index=True)
        return dict(zip(ordered["key"], ordered["name"], strict=True))
    ordered = frames.by_amount(sums, ["key"])
    repeated = ordered["name"].duplicated(keep=False) | ordered["name"].isin(["Totalt"])
    names = ordered["name"].where(~repeated, ordered["name"] + " (" + ordered["key"] + ")").tolist()
    if len(names) > largest + 1:
        names[largest:] = [f"Övriga ({len(names) - largest})"] * (len(names) - largest)
    return dict(zip(ordered["key"], names, strict=True))


def addressable_share(lines: NativeFrame, *, currency: str = "SEK") -> KeyFigure:
    """Tell how large a share of the purchases purchasing work can influence.

    share = adresserbar × 100 / (adresserbar + ej adresserbar). Investments, what is not a purchase and what
    no rule decided are left out and returned. Parameters: `lines`, mapped postings; `currency`, of the amounts.
    Returns a KeyFigure in percent; unknown when the denominator is not above zero. Source: methods 1.1.
    """
    classes = {str(row["spend_class"]): row for row in spend_classes(lines).to_dict("records")}
    addressable, other = (int(classes[name]["amount_ore"]) for name in ("adresserbar", "ej adresserbar"))
    reasons = {
        "investering": "Investeringar",
        "ej inköp": "Ej inköp",
        UNCLASSIFIED: "Okategoriserade rader",
    }
    excluded = tuple(
        Exclusion(reason, int(classes[name]["lines_count"]), int(classes[name]["amount_ore"]))
        for name, reason in reasons.items()
        if classes[name]["lines_count"]
    )
    share = percent(addressable, addressable + other)
    return KeyFigure(
        id="addressable_share",
        label="Adresserbar andel av inköpen",
        value=share,
        unit="%",
        method="addressable_share",
        numerator=kronor(addressable),
        denominator=kronor(addressable + other),
        part_unit=currency,
        excluded=excluded,
        unknown_because="" if share is not None else "Inga inköp är klassade som adresserbara eller ej adresserbara",
    )
