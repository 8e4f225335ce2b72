"""The plan of actions: quarters that respect what depends on what, overload, follow-up, savings, and who does what."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean, examples
from procanalysis.measures import wording
from procanalysis.schema import KeyFigure, kronor, percent, require_columns

ACTION_COLUMNS = ("action_id", "what", "start", "end", "role", "effort_days", "depends_on", "done")
SCHEDULE_RULE = (
    "En åtgärd får börja tidigast i det kvartal då den åtgärd som den väntar på blir klar. Börjar den tidigare i "
    "planen är det en konflikt, och den visas flyttad till det första kvartal som går."
)
SAVING_RULE = (
    "Besparingarna är uppskattade av den som anges, inte uppmätta. En åtgärd utan uppskattning räknas som okänd, inte "
    "som noll. En åtgärd som hör till flera gap räknas i vart och ett, så summorna läggs inte ihop."
)
_NOT_FOLLOWED_UP = "Planen har inte följts upp"
Row = dict[Hashable, Any]


def quarter_number(quarter: str) -> int:
    """Number the quarters one after another, so that they can be counted.

    Raises MeasureError when the text is not a quarter.

    >>> quarter_number("2026-Q1") - quarter_number("2025-Q3")
    2
    """
    year, sign, number = quarter.partition("-Q")
    if not (sign and year.isdigit() and number in ("1", "2", "3", "4")):
        raise MeasureError(f"'{quarter}' is not a quarter. Write year and quarter, as in 2025-Q1.")
    return int(year) * 4 + int(number) - 1


def quarter_name(number: int) -> str:
    """Write a numbered quarter.

    >>> quarter_name(quarter_number("2025-Q4") + 1)
    '2026-Q1'
    """
    return f"{number // 4}-Q{number % 4 + 1}"


def schedule(actions: pd.DataFrame) -> pd.DataFrame:
    """Lay the actions out in quarters so that none begins before what it depends on is done.

    scheduled start = the later of the planned start and the quarter in which each action that it depends on is done,
    or is scheduled to be; the length stays (SCHEDULE_RULE). Parameters: actions, one row per action (ACTION_COLUMNS):
    start and end are quarters such as 2025-Q1 or missing (end missing means one quarter), depends_on is a tuple of
    action_id. Returns the actions in the order given with end filled in and scheduled_start, scheduled_end,
    moved_count (quarters moved), conflict (in Swedish, else empty). An action without start keeps none, and what
    waits for it is not moved. Raises MeasureError on an unknown action or a circle. Source: the review of 2017.

    >>> actions = pd.DataFrame([("a", "A", "2025-Q1", "2025-Q2", "", None, (), None),
    ...                         ("b", "B", "2025-Q1", None, "", None, ("a",), None)], columns=ACTION_COLUMNS)
    >>> schedule(actions)["scheduled_start"].tolist()
    ['2025-Q1', '2025-Q2']
    """
    require_columns(actions.columns, ACTION_COLUMNS, "schedule")
    rows: dict[str, Row] = {str(row["action_id"]): dict(row) for row in actions.to_dict("records")}
    if len(rows) < len(actions):
        raise MeasureError("schedule: an action_id stands twice. Give every action its own.")
    for name in _in_order(rows):
        _place(rows[name], rows)
    columns = [*actions.columns, "scheduled_start", "scheduled_end", "moved_count", "conflict"]
    placed = pd.DataFrame([rows[str(name)] for name in actions["action_id"]], columns=columns, dtype=object)
    return placed.astype({"moved_count": "int64"})


def _in_order(rows: Mapping[str, Row]) -> list[str]:
    """Order the actions so that each comes after those that it depends on."""
    ordered: list[str] = []
    for name, row in rows.items():
        for needed in row["depends_on"]:
            if needed not in rows:
                raise MeasureError(f"schedule: '{name}' depends on '{needed}'. {did_you_mean(needed, rows)}")
    while len(ordered) < len(rows):
        ready = [name for name in rows if name not in ordered and set(rows[name]["depends_on"]) <= set(ordered)]
        if not ready:
            waiting = [name for name in rows if name not in ordered]
            raise MeasureError(f"schedule: actions wait for each other in a circle: {examples(waiting)}. Break it.")
        ordered += ready
    return ordered


def _place(row: Row, rows: Mapping[str, Row]) -> None:
    row |= {"scheduled_start": None, "scheduled_end": None, "moved_count": 0, "conflict": ""}
    if _missing(row["start"]):
        row["start"] = row["end"] = None
        return
    start = quarter_number(row["start"])
    end = start if _missing(row["end"]) else quarter_number(row["end"])
    if end < start:
        raise MeasureError(f"schedule: '{row['action_id']}' ends before it starts. Swap the quarters.")
    dated = [rows[name] for name in row["depends_on"] if rows[name]["scheduled_end"] is not None]
    late = [each for each in dated if _finished(each) > start]
    first = max([start, *(_finished(each) for each in late)])
    row |= {"end": quarter_name(end), "scheduled_start": quarter_name(first), "moved_count": first - start}
    row["scheduled_end"] = quarter_name(first + end - start)
    if late:
        names = ", ".join(f"”{each['what']}” (klar {quarter_name(_finished(each))})" for each in late)
        row["conflict"] = f"Planerad {row['start']}, men väntar på {names}. Tidigast {row['scheduled_start']}."


def _finished(row: Row) -> int:
    """Number the quarter in which an action was done, or is scheduled to be."""
    return quarter_number(row["scheduled_end"] if _missing(row["done"]) else row["done"])


def load(scheduled: pd.DataFrame) -> pd.DataFrame:
    """Count what each role has to do in each quarter.

    Parameters: scheduled, as `schedule` returns it; an action's effort is spread evenly over its quarters. Actions
    without quarter or role, and those done, are left out. Returns one row per role and quarter, in order: role,
    quarter, actions_count, days (of the actions whose effort is known; None when no effort is), without_effort_count.
    """
    cells: dict[tuple[str, int], list[Decimal | None]] = {}
    for row in scheduled.to_dict("records"):
        if _missing(row["scheduled_start"]) or not row["role"] or not _missing(row["done"]):
            continue
        first, last = quarter_number(row["scheduled_start"]), quarter_number(row["scheduled_end"])
        days = None if _missing(row["effort_days"]) else Decimal(str(row["effort_days"])) / (last - first + 1)
        for quarter in range(first, last + 1):
            cells.setdefault((row["role"], quarter), []).append(days)
    rows = []
    for (role, quarter), efforts in sorted(cells.items()):
        known = [days for days in efforts if days is not None]
        total = sum(known, Decimal(0)) if known else None
        rows.append((role, quarter_name(quarter), len(efforts), total, len(efforts) - len(known)))
    columns = ["role", "quarter", "actions_count", "days", "without_effort_count"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({"actions_count": "int64", "without_effort_count": "int64"})


def overload(scheduled: pd.DataFrame, *, most_actions: int = 3, most_days: Decimal | None = None) -> pd.DataFrame:
    """Name the roles that have more to do in a quarter than they can carry.

    Parameters: scheduled, as `schedule` returns it; most_actions, at least 1; most_days per role and quarter, or None
    when no limit is set. Returns the rows of `load` over a limit, with problem in Swedish. Raises MeasureError.
    """
    if most_actions < 1 or (most_days is not None and most_days <= 0):
        raise MeasureError("overload: most_actions must be 1 or more, and most_days above zero or None.")
    found = load(scheduled)
    problems = []
    for row in found.to_dict("records"):
        words = []
        if row["actions_count"] > most_actions:
            words.append(f"{row['actions_count']} åtgärder, högst {most_actions}")
        if most_days is not None and row["days"] is not None and row["days"] > most_days:
            words.append(f"{_days(row['days'])} dagar, högst {_days(most_days)}")
        problems.append("; ".join(words))
    kept = found.assign(problem=pd.Series(problems, dtype=object))
    return kept[kept["problem"] != ""].reset_index(drop=True)


def _days(days: Decimal) -> str:
    return f"{days.quantize(Decimal('0.1')):f}".rstrip("0").rstrip(".").replace(".", ",")


def follow_up(actions: pd.DataFrame, before: pd.DataFrame | None, *, as_of: str) -> pd.DataFrame:
    """Tell what has become of a plan: done, late, moved, under way, coming, or taken out.

    Against the quarter as_of: done when it has a quarter of completion (late when after the quarter first planned);
    "Sen" when its end has passed; "Flyttad" when its end is later than first planned; "Pågår" from its start on; else
    "Kommande". Parameters: actions, the plan as it is now; before, the earlier plan, or None when this is the first;
    as_of, a quarter, or empty when the plan has not been followed up: then there are no rows. Returns one row per
    action of both plans: action_id, what, role, first_planned (end in the earlier plan, else in this), planned, done,
    state. Raises MeasureError when as_of is no quarter.
    """
    columns = ["action_id", "what", "role", "first_planned", "planned", "done", "state"]
    if not as_of:
        return pd.DataFrame(columns=columns)
    today = quarter_number(as_of)
    earlier = {} if before is None else {row["action_id"]: row for row in before.to_dict("records")}
    rows = []
    for row in actions.to_dict("records"):
        first = earlier.get(row["action_id"], row)
        state = _state(row, _end(first), today)
        if before is not None and row["action_id"] not in earlier and state == "Kommande":
            state = "Ny"
        rows.append((row["action_id"], row["what"], row["role"], _end(first), _end(row), row["done"], state))
    kept = set(actions["action_id"])
    rows += [
        (name, row["what"], row["role"], _end(row), None, None, "Struken ur planen")
        for name, row in earlier.items()
        if name not in kept
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _state(row: Row, first_planned: str | None, today: int) -> str:
    planned = _end(row)
    if not _missing(row["done"]):
        late = first_planned is not None and quarter_number(row["done"]) > quarter_number(first_planned)
        return "Klar, senare än planerat" if late else "Klar"
    if planned is None or first_planned is None:
        return "Löpande"
    if quarter_number(planned) < today:
        return "Sen"
    if quarter_number(planned) > quarter_number(first_planned):
        return "Flyttad"
    return "Pågår" if quarter_number(row["start"]) <= today else "Kommande"


def _end(row: Mapping[Hashable, Any]) -> str | None:
    return next((row[key] for key in ("end", "start") if not _missing(row[key])), None)


def plan_done_share(followed: pd.DataFrame, *, as_of: str, why_unknown: str = "") -> KeyFigure:
    """Tell how large a share of the actions first planned to be done by now are done.

    share = actions done × 100 / actions whose first planned quarter is as_of or earlier, those taken out included.
    Parameters: followed, as `follow_up` returns it; as_of, the same quarter, or empty when the plan has not been
    followed up; why_unknown, the reason in Swedish. Returns a KeyFigure in percent of actions.
    """
    due = [
        row
        for row in followed.to_dict("records")
        if as_of
        and not _missing(row["first_planned"])
        and quarter_number(row["first_planned"]) <= quarter_number(as_of)
    ]
    done = sum(not _missing(row["done"]) and quarter_number(row["done"]) <= quarter_number(as_of) for row in due)
    return KeyFigure(
        id="plan_done_share",
        label=f"Genomförda åtgärder till och med {as_of}" if as_of else "Genomförda åtgärder",
        value=percent(done, len(due)),
        unit="%",
        method="plan_done_share",
        numerator=Decimal(done) if due else None,
        denominator=Decimal(len(due)) if due else None,
        part_unit="st",
        unknown_because=""
        if due
        else why_unknown or ("Ingen åtgärd skulle vara klar än" if as_of else _NOT_FOLLOWED_UP),
    )


def indicators_of_actions(changed: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Keep the indicators that an action is to move, and name the actions.

    Parameters: changed, one row per indicator with indicator_id; actions, with what and indicators (a tuple of
    indicator_id). Returns the rows of changed that some action names, with actions in one text.
    """
    named: dict[str, list[str]] = {}
    for row in actions.to_dict("records"):
        for indicator in row["indicators"]:
            named.setdefault(indicator, []).append(row["what"])
    kept = changed[changed["indicator_id"].isin(list(named))].reset_index(drop=True)
    return kept.assign(actions=["; ".join(named[name]) for name in kept["indicator_id"]])


def estimated_saving(actions: pd.DataFrame, *, currency: str = "SEK") -> KeyFigure:
    """Sum what the actions of the plan are believed to save in a year.

    saving = Σ saving_ore over the actions that have an estimate, each once. Parameters: actions, one row per action
    with saving_ore (whole öre a year, or missing when nobody has estimated it); currency, of the amounts. Returns a
    KeyFigure in kronor a year that tells how many actions have no estimate; unknown when none has. Source: R8.

    >>> estimated_saving(pd.DataFrame({"saving_ore": [150_000_00, None]}, dtype=object)).value
    Decimal('150000.00')
    """
    require_columns(actions.columns, ["saving_ore"], "estimated_saving")
    known = [int(value) for value in actions["saving_ore"] if not _missing(value)]
    unknown = len(actions) - len(known)
    told = f"{wording.number_text(len(known))} av {wording.number_text(len(actions))} åtgärder är uppskattade"
    return KeyFigure(
        id="estimated_saving",
        label="Uppskattad besparing per år",
        value=kronor(sum(known)) if known else None,
        unit=currency,
        method="estimated_saving",
        comparison=f"{told}, {wording.number_text(unknown)} är okända" if known else "",
        unknown_because="" if known else "Ingen har uppskattat vad åtgärderna sparar",
    )


def savings_per_gap(actions: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Sum what the actions of each gap are believed to save in a year, and count those that nobody has estimated.

    Parameters: actions, one row per action with dimensions (a tuple of dimension_id), saving_ore (missing when not
    estimated) and saving_by; positions, as `position` returns them. An action of several gaps counts in each.
    Returns one row per dimension that has an action, the largest saving first and unknown last: dimension_id,
    dimension_name, gap (None without scores), actions_count, unknown_count, saving_ore (None when none is estimated),
    saving_by. Actions of no gap stand last, as one row without dimension_id. Source: R8.
    """
    require_columns(actions.columns, ["dimensions", "saving_ore", "saving_by"], "savings_per_gap")
    places = [(row["dimension_id"], row["dimension_name"], row["gap"]) for row in positions.to_dict("records")]
    known = {name for name, _, _ in places}
    rows = []
    for name, shown, gap in [*places, (None, "Hör inte till något gap", None)]:
        own = [
            row for row in actions.to_dict("records")
            if (name in row["dimensions"] if name else not known & set(row["dimensions"]))
        ]  # fmt: skip
        estimated = [row for row in own if not _missing(row["saving_ore"])]
        saving = sum(int(row["saving_ore"]) for row in estimated) if estimated else None
        by = "; ".join(dict.fromkeys(row["saving_by"] for row in estimated))
        if own:
            rows.append((name, shown, gap, len(own), len(own) - len(estimated), saving, by))
    rows.sort(key=lambda row: (row[0] is None, row[5] is None, -(row[5] or 0)))
    columns = ["dimension_id", "dimension_name", "gap", "actions_count", "unknown_count", "saving_ore", "saving_by"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({"actions_count": "int64", "unknown_count": "int64"})


def next_quarters(scheduled: pd.DataFrame, *, after: str, quarters: int = 4) -> pd.DataFrame:
    """Keep the actions to work with in the next quarters, and those that are late.

    Parameters: scheduled, as `schedule` returns it; after, the quarter of the follow-up, or empty when there has been
    none: then the plan's first quarters are shown; quarters, how many, at least 1. Returns the actions not done that
    are scheduled to begin no later than the last of those quarters, in order of start. Raises MeasureError.
    """
    if quarters < 1:
        raise MeasureError(f"next_quarters: quarters is {quarters}. Give at least 1.")
    is_open = [not _missing(row["scheduled_start"]) and _missing(row["done"]) for row in scheduled.to_dict("records")]
    open_rows = scheduled[is_open]
    if open_rows.empty:
        return open_rows.reset_index(drop=True)
    starts = open_rows["scheduled_start"].map(quarter_number)
    last = (quarter_number(after) if after else int(starts.min()) - 1) + quarters
    kept = open_rows[starts <= last].sort_values(["scheduled_start", "scheduled_end"], kind="stable")
    return kept.reset_index(drop=True)


def phase_matrix(roles: pd.DataFrame, phases: Sequence[str]) -> pd.DataFrame:
    """Lay out what each role does in each phase of the purchasing process.

    Parameters: roles, one row per role and phase: role, phase, part; phases, in order. Returns one row per role with
    role and one column per phase; a role without part in a phase has an empty cell. Raises MeasureError when a phase
    does not have exactly one driver.
    """
    require_columns(roles.columns, ["role", "phase", "part"], "phase_matrix")
    drivers = roles[roles["part"] == "Driver"].groupby("phase")["role"].agg(list).to_dict()
    for phase in phases if len(roles) else ():
        if len(drivers.get(phase, [])) != 1:
            raise MeasureError(f"phase_matrix: '{phase}' has {len(drivers.get(phase, []))} drivers. Give it one.")
    parts = {(row["role"], row["phase"]): row["part"] for row in roles.to_dict("records")}
    names = list(dict.fromkeys(roles["role"]))
    return pd.DataFrame(
        [[name, *(parts.get((name, phase), "") for phase in phases)] for name in names], columns=["role", *phases]
    )


def _missing(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))
