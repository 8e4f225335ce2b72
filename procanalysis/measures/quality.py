"""Tell how far the ledger itself can be trusted: what was rejected, which numbers hold, and known sources of error."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import narwhals as nw
import pandas as pd

from procanalysis.measures.frames import NativeFrame, collect_pandas, lazy
from procanalysis.schema import REJECT_REASONS, Exclusion, KeyFigure, percent, require_columns


def accepted_share(control: Mapping[str, int]) -> KeyFigure:
    """Return the share of the rows read that were accepted.

    Formula: accepted rows / read rows × 100.
    Parameters: control, rows and sums of read, accepted and rejected (as `Organisation.facts['control']`).
    Returns a KeyFigure with the rejected rows as excluded; unknown when nothing was read.

    >>> accepted_share({"rows_read": 8, "rows_accepted": 6, "rows_rejected": 2, "amount_rejected_ore": 100}).value
    Decimal('75')
    """
    value = percent(control["rows_accepted"], control["rows_read"])
    rejected = Exclusion("Avvisade rader", control["rows_rejected"], control["amount_rejected_ore"])
    return KeyFigure(
        id="accepted_share",
        label="Godtagna rader",
        value=value,
        unit="%",
        method="accepted_share",
        numerator=Decimal(control["rows_accepted"]),
        denominator=Decimal(control["rows_read"]),
        part_unit="st",
        excluded=(rejected,) if rejected.rows else (),
        unknown_because="" if value is not None else "Inga rader har lästs in.",
    )


def rejected_by_reason(rejected: pd.DataFrame) -> pd.DataFrame:
    """Count the rejected rows per reason.

    Parameters: rejected, one row per rejected row (schema.REJECTED_ROWS).
    Returns reason, reason_name, lines_count, without_amount_count (rows whose amount could not be read) and amount_ore
    (sum of the amounts that could), most rows first.
    """
    require_columns(rejected.columns, ["reason", "amount_ore"], "rejected_by_reason")
    amounts = pd.DataFrame(
        {
            "reason": rejected["reason"],
            "reason_name": rejected["reason"].map(REJECT_REASONS).fillna(rejected["reason"]),
            "lines_count": 1,
            "without_amount_count": rejected["amount_ore"].isna().astype("int64"),
            "amount_ore": rejected["amount_ore"].astype("Int64").fillna(0).astype("int64"),
        }
    )
    grouped = amounts.groupby(["reason", "reason_name"], as_index=False).sum()
    return grouped.sort_values(["lines_count", "reason"], ascending=[False, True], ignore_index=True)


def valid_number_share(register: pd.DataFrame) -> KeyFigure:
    """Return the share of the ledger lines whose supplier has a number that can be trusted.

    Formula: lines with a valid organisation number, personal number or foreign number / all lines × 100.
    Parameters: register, one row per written supplier (schema.SUPPLIER_REGISTER).
    Returns a KeyFigure; unknown when the ledger has no lines, or uses numbers of its own that cannot be tested.
    """
    require_columns(register.columns, ["number_status", "rows", "amount_ore"], "valid_number_share")
    good = register["number_status"].isin(["valid", "personal", "foreign"])
    rows, whole = int(register.loc[good, "rows"].sum()), int(register["rows"].sum())
    internal = bool((register["number_status"] == "internal").any())
    value = None if internal else percent(rows, whole)
    left = register[~good]
    because = (
        "Reskontran använder egna leverantörsnummer, som inte kan prövas." if internal else "Inga rader har lästs in."
    )
    return KeyFigure(
        id="valid_number_share",
        label="Rader med giltigt leverantörsnummer",
        value=value,
        unit="%",
        method="valid_number_share",
        numerator=Decimal(rows),
        denominator=Decimal(whole),
        part_unit="st",
        excluded=(
            (
                Exclusion(
                    "Nummer saknas, är fel eller kan inte prövas",
                    int(left["rows"].sum()),
                    int(left["amount_ore"].sum()),
                ),
            )
            if len(left)
            else ()
        ),
        unknown_because="" if value is not None else because,
    )


_SOURCES: tuple[tuple[str, str, nw.Expr], ...] = (
    ("Kreditnotor", "Sänker beloppet; räknas med, men inte som fakturor", nw.col("amount_ore") < 0),
    ("Utan fakturanummer", "Kan inte räknas som faktura", nw.col("invoice_key").is_null()),
    ("Utan enhet", "Syns inte när inköpen delas per enhet", nw.col("unit").is_null()),
    ("Utan konto", "Kan inte kategoriseras på konto", nw.col("account").is_null()),
    ("Utan datum", "Kan inte placeras i tiden", nw.col("booked_on").is_null()),
    ("Utan säkert leverantörsnummer", "Leverantören hålls isär på namn", nw.col("supplier_type") == "unknown"),
    ("Enskilda firmor och privatpersoner", "Namn och nummer är dolda", nw.col("supplier_type") == "sole_trader"),
    ("Inte kategoriserade", "Saknas i kategorierna", nw.col("is_mapped") == 0),
    ("Oklart om LOU gäller", "Kan inte räknas med i trohetsmått", nw.col("lou_covered") == "okänt"),
)


def error_sources(lines: NativeFrame) -> pd.DataFrame:
    """Measure the known sources of error, each as rows and kronor; one row can count in several.

    Parameters: lines, mapped lines (schema.LEDGER_LINES and MAPPED_COLUMNS).
    Returns one row per source: error_source, consequence, lines_count, lines_pct (of all lines), amount_ore.
    """
    needed = ["amount_ore", "invoice_key", "unit", "account", "booked_on", "supplier_type", "is_mapped", "lou_covered"]
    frame = lazy(lines, needed, "error_sources")
    marks = [condition.fill_null(False).cast(nw.Int64).alias(f"m{i}") for i, (_, _, condition) in enumerate(_SOURCES)]
    marked = frame.with_columns(marks)
    sums = [nw.col(f"m{i}").sum().cast(nw.Int64).alias(f"rows{i}") for i in range(len(_SOURCES))]
    sums += [
        (nw.col(f"m{i}") * nw.col("amount_ore")).sum().cast(nw.Int64).alias(f"ore{i}") for i in range(len(_SOURCES))
    ]
    counted = collect_pandas(marked.select(nw.len().cast(nw.Int64).alias("lines_count"), *sums)).iloc[0]
    whole = int(counted["lines_count"])
    rows = [
        {
            "error_source": name,
            "consequence": consequence,
            "lines_count": int(counted[f"rows{i}"]),
            "lines_pct": int(counted[f"rows{i}"]) / whole * 100 if whole else float("nan"),
            "amount_ore": int(counted[f"ore{i}"]),
        }
        for i, (name, consequence, _) in enumerate(_SOURCES)
    ]
    return pd.DataFrame(rows)
