"""Fictional suppliers: names that nobody takes for real ones, numbers of every type, and what they sell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.account_plan import (
    OVERRIDE_BOOKED,
    OVERRIDE_NUMBER,
    OVERRIDE_SUPPLIER,
    PROFILES,
    RULED_BOOKED,
    RULED_NUMBER,
    RULED_SUPPLIER,
    UNIT_RULE,
)
from procanalysis.example.organisation_numbers import legal_numbers, personal_numbers, wrong_check_digit

HOSTILE_NAMES: tuple[str, ...] = (
    "<b>Fet & Fin AB</b>",
    "=SUMMA(A1)",
    "<img src=x onerror=alert(1)> Bild AB",
    '"Citat" & Co; Semikolon, Komma HB',
    "{{ 7 * 7 }} Mallverkstaden AB",
    "@Påhittsnäs +46 Formel AB",
    "../../Exempelstig\\Mapp AB",
)
"""Harmless samples of what a supplier register can hold; a report must show them as plain text."""

# Places that do not exist are made of a first and a second part.
_FIRST: tuple[str, ...] = (
    *(
        "Nord",
        "Björk",
        "Exempel",
        "Påhitt",
        "Sago",
        "Fiktiv",
        "Gran",
        "Sten",
        "Älg",
        "Låtsas",
        "Dikt",
        "Prov",
    ),
    *("Modell", "Tall", "Rönn", "Lärk", "Mås", "Järv", "Sköld", "Bäver", "Lav", "Kråk", "Myr", "Fors"),
)
_SECOND: tuple[str, ...] = (
    *("fjäll", "dal", "myra", "haga", "sund", "vik", "mark", "näs", "skog", "bäck", "lunda", "by"),
    *("holm", "åsen", "tjärn", "backa", "strand", "rydet", "kulla", "fallet", "vång", "moen", "äng", "hult"),
)
PLACES: tuple[str, ...] = tuple(first + second for first, second in product(_FIRST, _SECOND))
"""Invented places, for names that nobody takes for real ones."""
_TRADES: dict[str, tuple[str, ...]] = {
    "01": ("Läkemedel", "Farma", "Pharma", "Apoteksdepå"),
    "02": ("Vårdmaterial", "Medicinprodukter", "Hjälpmedel", "Sjukvårdsdepå"),
    "03": ("Medicinteknik", "Instrument", "Diagnostik", "Laboratorieteknik"),
    "04": ("Vårdcentral", "Specialistvård", "Kliniken", "Rehab", "Tandvård"),
    "05": ("Folkhögskola", "Bildning", "Kursgård", "Lärcenter"),
    "06": ("Bemanning", "Vårdpersonal", "Konferens", "Utbildning", "Hälsa", "Catering"),
    "07": ("Data", "IT-konsult", "Programvara", "Nät", "Systemutveckling"),
    "08": ("Fastighetsservice", "Fastigheter", "Städ", "Bevakning", "Lås och Larm", "Lokaler"),
    "09": ("Bygg", "VVS", "Elinstallation", "Arkitekter", "Mark och Park", "Trä"),
    "10": ("Energi", "Elhandel", "Fjärrvärme", "Återvinning", "Vatten"),
    "11": ("Åkeri", "Bilverkstad", "Drivmedel", "Fordon", "Bud"),
    "12": ("Buss", "Taxi", "Resebyrå", "Hotell", "Trafik"),
    "13": ("Livsmedel", "Grossist", "Storkök", "Mejeri", "Måltider"),
    "14": ("Kontor", "Möbler", "Textil", "Tryckeri", "Järnhandel", "Bokhandel", "Inventarier"),
    "15": ("Konsult", "Juridik", "Tolkförmedling", "Reklam", "Revision", "Post", "Kommunikation"),
    "90": ("Pension", "Försäkring", "Finans", "Avgifter"),
}
_ASSOCIATIONS: tuple[str, ...] = (
    *("kulturförening", "hembygdsförening", "teaterförening", "musikskola", "idrottsförening"),
    *("konststiftelse", "orkester"),
)
_PUBLIC: tuple[str, ...] = ("kommun", "kommunalförbund", "museimyndighet", "exempelverk", "provmyndighet")
GIVEN_NAMES: tuple[str, ...] = (
    *("Alva", "Bo", "Disa", "Ebbe", "Freja", "Gösta", "Hilma", "Ivar", "Juni", "Kalle"),
    *("Lovis", "Märta", "Nils", "Olle", "Pia", "Rut", "Sixten", "Tyra", "Ulf", "Vega"),
)
STEADY: tuple[str, ...] = ("02.01", "12.06", "13.01")
"""Categories in which one large supplier sells nothing else."""

_MALFORMED = "5599-{0:03d}", "55{0:03d}A-OKÄND", "559900-{0:03d}", "Nr {0:05d} enl avtal", "9900{0:03d}"


@dataclass(frozen=True)
class Counts:
    """Hold how many suppliers of each unusual kind a register of a given size gets."""

    sole_trader: int
    coordination: int
    without_number: int
    malformed: int
    checksum: int
    foreign: int
    estate: int
    several_names: int


def counts_for(suppliers: int) -> Counts:
    """Scale the unusual kinds to the size of the register, and keep at least one of each.

    >>> counts_for(4000).sole_trader
    140
    """

    def per_mille(share: float) -> int:
        return max(1, round(suppliers * share / 1000))

    return Counts(
        per_mille(35),
        per_mille(2),
        per_mille(14),
        per_mille(8),
        per_mille(4),
        per_mille(9),
        per_mille(0.7),
        per_mille(40),
    )


def draw_suppliers(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the register: one row per supplier.

    Parameters: `count`, number of suppliers, at least 200. Returns the columns name, other_name (a second
    spelling, or empty), number (as ten digits, foreign, malformed or empty), number_status, supplier_type,
    category and second_category (what it is booked on), second_share, weight (relative size), written_as (the
    way in which the last year writes the number) and framework (whether its invoices refer to a contract).
    """
    categories = _categories(count, rng)
    kinds = _kinds(categories, rng)
    names = _names(categories, kinds, rng)
    frame = pd.DataFrame(
        {"name": names, "kind": kinds, "category": categories, "weight": rng.lognormal(0.0, 1.55, count)}
    )
    frame["number"], frame["number_status"], frame["supplier_type"] = _numbers(kinds, rng)
    mixed = rng.random(count) < 0.38
    frame["second_category"] = np.where(mixed, _neighbours(categories, rng), categories)
    frame["second_share"] = np.where(mixed, rng.uniform(0.25, 0.45, count), 0.0)
    frame["framework"] = rng.random(count) < 0.3
    frame["written_as"] = _written_as(frame, rng)
    frame["other_name"] = _other_names(frame, rng)
    return _with_pinned(frame)


def _categories(count: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Give every category one supplier, and share out the rest."""
    codes = np.array(list(PROFILES))
    shares = np.array([profile.suppliers for profile in PROFILES.values()])
    rest = rng.choice(codes, size=count - len(codes), p=shares / shares.sum())
    return np.concatenate([codes, rest])


def _kinds(categories: npt.NDArray[np.str_], rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Choose what kind of legal person each supplier is, after what it sells."""
    count = len(categories)
    draw = rng.random(count)
    kinds = np.where(draw < 0.93, "company", np.where(draw < 0.97, "trading_partnership", "economic_association"))
    kinds = kinds.astype("<U24")
    kinds[np.isin(categories, ["90.03", "90.04"])] = "public"
    grants = np.isin(categories, ["90.02", "90.09", "05.04"])
    kinds[grants] = np.where(draw[grants] < 0.85, "association", "public")
    kinds[(categories == "04.01") & (draw < 0.35)] = "public"
    # The first of each category is left as it is, so that every category keeps an ordinary supplier.
    pool = rng.permutation(np.flatnonzero((kinds == "company") & (np.arange(count) >= len(PROFILES))))
    wanted = counts_for(count)
    start = 0
    for kind in (
        "sole_trader",
        "coordination",
        "without_number",
        "malformed",
        "checksum",
        "foreign",
        "estate",
    ):
        number = getattr(wanted, kind)
        kinds[pool[start : start + number]] = kind
        start += number
    return kinds


def _names(categories: npt.NDArray[np.str_], kinds: npt.NDArray[np.str_], rng: np.random.Generator) -> list[str]:
    """Put together one unique name per supplier: an invented place, a trade and a legal form."""
    order = rng.permutation(len(PLACES))
    used: set[str] = set()
    names = []
    for index, (category, kind) in enumerate(zip(categories, kinds, strict=True)):
        trades = _TRADES[category[:2]]
        turn = 0
        while True:
            place = PLACES[order[(index + turn * 37) % len(PLACES)]]
            name = _name(str(kind), place, trades[(index // len(PLACES) + turn) % len(trades)], index + turn)
            if name.casefold() not in used:
                break
            turn += 1
        used.add(name.casefold())
        names.append(name)
    return names


def _name(kind: str, place: str, trade: str, index: int) -> str:
    """Write one name in the manner of its kind."""
    if kind in {"sole_trader", "coordination"}:
        return f"{GIVEN_NAMES[index % len(GIVEN_NAMES)]} {place}sson {trade}"
    endings = {
        "company": f"{trade} AB",
        "trading_partnership": f"{trade} HB",
        "economic_association": f"{trade} ek. för.",
        "association": _ASSOCIATIONS[index % len(_ASSOCIATIONS)],
        "public": _PUBLIC[index % len(_PUBLIC)],
        "foreign": f"{trade} " + ("GmbH", "Oy", "A/S", "Ltd")[index % 4],
        "estate": "dödsbo",
    }
    return f"{place} {endings.get(kind, f'{trade} Sverige AB')}"


def _numbers(kinds: npt.NDArray[np.str_], rng: np.random.Generator) -> tuple[list[str], list[str], list[str]]:
    """Give every supplier a number of its kind, with the status and type that a reader should recognise."""
    numbers = np.full(len(kinds), "", dtype="<U24")
    status = np.full(len(kinds), "valid", dtype="<U16")
    types = np.full(len(kinds), "company", dtype="<U16")
    legal = {kind: np.flatnonzero(kinds == kind) for kind in np.unique(kinds)}
    # One series of company numbers, so that a spoiled one can never be another company's right one.
    companies = legal_numbers("company", len(kinds))
    for kind, places in legal.items():
        if kind == "sole_trader" or kind == "coordination":
            day = "00" if kind == "sole_trader" else "60"
            numbers[places] = personal_numbers(len(places), day, rng)
            status[places], types[places] = "personal", "sole_trader"
        elif kind == "without_number":
            status[places], types[places] = "missing", "unknown"
        elif kind == "malformed":
            numbers[places] = [_MALFORMED[i % len(_MALFORMED)].format(i + 100) for i in range(len(places))]
            status[places], types[places] = "malformed", "unknown"
        elif kind == "checksum":
            numbers[places] = [wrong_check_digit(companies[place]) for place in places]
            status[places], types[places] = "checksum", "unknown"
        elif kind == "foreign":
            numbers[places] = [f"{('DE', 'FI', 'DK', 'GB')[i % 4]}99900{i:04d}" for i in range(len(places))]
            numbers[places[:1]] = legal_numbers("foreign", 1)
            status[places[1:]], types[places] = "foreign", "foreign"
        elif kind == "company":
            numbers[places] = [companies[place] for place in places]
        else:
            numbers[places] = legal_numbers(kind, len(places))
            types[places] = (
                kind
                if kind in {"public", "association", "estate"}
                else ("association" if kind == "economic_association" else "company")
            )
    return numbers.tolist(), status.tolist(), types.tolist()


def _neighbours(categories: npt.NDArray[np.str_], rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Find for each supplier another category under the same main category; its own where there is none."""
    by_main: dict[str, list[str]] = {}
    for code in PROFILES:
        by_main.setdefault(code[:2], []).append(code)
    steps = rng.integers(1, 4, len(categories))
    return np.array(
        [
            by_main[code[:2]][(by_main[code[:2]].index(code) + int(step)) % len(by_main[code[:2]])]
            for code, step in zip(categories, steps, strict=True)
        ]
    )


def _written_as(frame: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Choose how the last year's file writes each number: mostly ten digits, but every form occurs."""
    draw = rng.random(len(frame))
    legal = frame["number_status"].eq("valid").to_numpy()
    personal = frame["number_status"].eq("personal").to_numpy()
    forms = np.full(len(frame), "plain", dtype="<U8")
    forms[(legal | personal) & (draw < 0.05)] = "hyphen"
    forms[legal & (draw >= 0.05) & (draw < 0.07)] = "prefix16"
    forms[legal & (draw >= 0.07) & (draw < 0.08)] = "vat"
    forms[legal & (draw >= 0.08) & (draw < 0.09)] = "spaces"
    forms[personal & (draw >= 0.05) & (draw < 0.4)] = "century"
    return forms


def _other_names(frame: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Give some companies a second spelling that is not a matter of capitals or spaces."""
    names = frame["name"].tolist()
    companies = np.flatnonzero(frame["kind"].eq("company").to_numpy() & (np.arange(len(frame)) >= len(PROFILES)))
    chosen = set(rng.choice(companies, counts_for(len(frame)).several_names, replace=False).tolist())
    endings = ("Aktiebolag", "AB, Exempelstad", "AB (publ)", "Sverige AB")
    return [
        name.removesuffix("AB") + endings[index % len(endings)] if index in chosen else ""
        for index, name in enumerate(names)
    ]


def _with_pinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Set the suppliers that rules, tests and hostile names need, on rows of the right category."""
    frame = frame.assign(pinned="")
    codes = list(PROFILES)
    for name, number, supplier_type, booked in (
        (OVERRIDE_SUPPLIER, OVERRIDE_NUMBER, "company", OVERRIDE_BOOKED),
        (RULED_SUPPLIER, RULED_NUMBER, "public", RULED_BOOKED),
    ):
        row = codes.index(booked)
        _set(frame, [row], name=name, number=number, supplier_type=supplier_type)
        _set(frame, [row], second_category=booked, second_share=0.0, pinned="rule", weight=6.0)
    it_buyers = np.flatnonzero(frame["category"].eq("14.09") & frame["kind"].eq("company"))[:2].tolist()
    _set(frame, it_buyers, second_category="14.09", second_share=0.0, pinned=UNIT_RULE[1], weight=9.0)
    # Steady suppliers in much used categories, so that even a small ledger has someone to miscode.
    _set(frame, [codes.index(code) for code in STEADY], second_share=0.0, pinned="steady", weight=60.0)
    ordinary = frame["kind"].eq("company") & frame["pinned"].eq("") & frame["other_name"].eq("")
    hostile = frame.index[ordinary][-len(HOSTILE_NAMES) :]
    frame.loc[hostile, "name"] = list(HOSTILE_NAMES)
    # Large enough to be seen every year.
    frame.loc[hostile, "weight"] = 4.0
    return frame


def _set(frame: pd.DataFrame, rows: list[int], **values: str | float) -> None:
    """Write the same values on a few rows of the frame that is being made."""
    for column, value in values.items():
        frame.loc[rows, column] = value
