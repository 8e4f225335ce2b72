"""Draw the contract register of the fictional region, with a case for everything that a register can tell or hide."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from procanalysis.example.account_plan import ACCOUNTS, PROFILES, UNITS
from procanalysis.example.contract_suppliers import Bought
from procanalysis.example.files import BUYER
from procanalysis.example.ledger import PERIOD

Date = datetime.date
DEPARTMENT = "Inköpsavdelningen"
"""Who registers contracts when all is as it should be."""
OWNER_GONE = "Avtalscontroller 9"
"""A role that nobody holds any more; the organisation file says so."""
KINDS: tuple[str, ...] = ("Ramavtal", "Direktupphandlat avtal", "DIS", "Objektsavtal")
SUPPLIERS_PER_CONTRACT = 5.7

_CLASS_LIMITS = (("A", 500_000_000), ("B", 100_000_000), ("C", 20_000_000), ("D", 0))
SHARES: dict[str, float] = {
    "other_category": 0.03,
    "some_units": 0.06,
    "ended_in_the_year": 0.04,
    "began_in_the_year": 0.04,
    "registered_late": 0.06,
    "registered_by_unit": 0.04,
    "overlapping": 0.04,
    "several_suppliers": 0.03,
    "without_end": 0.02,
    "without_category": 0.02,
    "without_start": 0.015,
    "without_registration_date": 0.015,
    "open_ended": 0.03,
    "option_exercised": 0.03,
    "option_not_exercised": 0.02,
    "ended_without_purchases": 0.03,
    "same_group_only": 0.015,
    "sole_trader": 0.02,
    "main_category": 0.03,
    "begins_after_the_year": 0.015,
}
"""How many of the contracts each case is; the rest are whole-period contracts with the right category."""


BROKEN_CASES: tuple[str, ...] = ("end_before_start", "start_unreadable", "end_unreadable", "end_before_start")


_OF_LARGE = ("other_category", "some_units", "without_category", "registered_late", "registered_by_unit", "overlapping")
"""Cases in which a large supplier is likelier, so that they are seen in kronor; the others leave the loyalty alone."""
_EVENNESS = 250
"""The larger, the less it matters for those cases how much is bought from a supplier."""


@dataclass(frozen=True)
class Contract:
    """Hold one contract as the register has it; `ends_on` is the last day before options.

    `suppliers` are places in the suppliers' table, `participants` units or the region itself (none: everyone).
    """

    contract_id: str
    case: str
    title: str
    suppliers: tuple[int, ...]
    categories: tuple[str, ...]
    participants: tuple[str, ...]
    kind: str
    starts_on: Date | None
    ends_on: Date | None
    open_ended: bool
    option_months: tuple[int, ...]
    options_exercised: int
    registered_on: Date | None
    registered_by: str
    owner: str
    archive_place: str
    procurement_id: str
    value_ore: int
    contract_class: str
    bids_count: int | None

    def last_day(self) -> Date | None:
        """Return the last day with the exercised options; None when unknown, Date.max when open-ended."""
        return self._end(self.options_exercised)

    def latest_last_day(self) -> Date | None:
        """Return the last day if every option is exercised."""
        return self._end(len(self.option_months))

    def _end(self, options: int) -> Date | None:
        if self.open_ended:
            return Date.max
        if self.ends_on is None:
            return None
        # Options are whole years, and no contract ends on a leap day.
        return self.ends_on.replace(year=self.ends_on.year + sum(self.option_months[:options]) // 12)


@dataclass(frozen=True)
class Register:
    """Hold the contracts in the order of their numbers, the groups of companies that the suppliers form, and the
    contracts whose rows are broken, so that a reader must reject them; their suppliers have no other contract."""

    contracts: tuple[Contract, ...]
    groups: tuple[tuple[int, ...], ...]
    broken: tuple[Contract, ...]


def draw_register(
    bought: list[Bought], left_out: set[int], suppliers: pd.DataFrame, rng: np.random.Generator
) -> Register:
    """Draw about one contract for every sixth supplier.

    Parameters: `bought`, from bought_from; `left_out`, suppliers that may have no contract; `suppliers`, their
    table; `rng`, a generator of its own. Every case is drawn as long as some supplier fits it.
    """
    drawn = _Drawing(bought, left_out, suppliers, rng)
    contracts = drawn.contracts()
    return Register(tuple(_numbered(contracts)), tuple(drawn.groups), tuple(drawn.broken()))


_TITLES = {account.category_code: account.text for account in reversed(ACCOUNTS)}


def _numbered(contracts: list[Contract]) -> list[Contract]:
    """Give numbers and titles, in order of the first day; one without first day stands first."""
    ordered = sorted(contracts, key=lambda one: one.starts_on or Date(PERIOD - 3, 1, 1))
    return [
        replace(
            contract,
            contract_id=f"AVT-{(contract.starts_on or Date(PERIOD - 3, 1, 1)).year}-{number:04d}",
            title=_title(contract, number),
            archive_place=contract.archive_place and f"{contract.archive_place} {number + 4000}",
        )
        for number, contract in enumerate(ordered, start=1)
    ]


def _title(contract: Contract, number: int) -> str:
    codes = [code for code in _TITLES if contract.categories and code.startswith(contract.categories[0])]
    return f"{_TITLES[codes[0]] if codes else 'Varor och tjänster'}, avtal {number}"


def _without_options(contract: Contract) -> Contract:
    return replace(contract, option_months=(), options_exercised=0)


def _day(day: np.datetime64) -> Date:
    return Date.fromisoformat(str(day.astype("datetime64[D]")))


def largest_units(item: Bought) -> tuple[str, ...]:
    """Name the unit that bought most, and the second where the supplier has many."""
    return tuple(UNITS[place] for place in item.units[: 1 + (len(item.units) > 4)])


class _Drawing:
    """Draw contracts one case after the other; a supplier is taken by one case at most."""

    def __init__(
        self,
        bought: list[Bought],
        left_out: set[int],
        suppliers: pd.DataFrame,
        rng: np.random.Generator,
    ) -> None:
        self._bought, self._rng = bought, rng
        active = sum(item.lines_ever > 0 for item in bought)
        self._wanted = round(active / SUPPLIERS_PER_CONTRACT)
        self.groups: list[tuple[int, ...]] = []
        self._status, self._type = suppliers["number_status"].tolist(), suppliers["supplier_type"].tolist()
        self._home: list[str] = suppliers["category"].tolist()
        self._contracts: list[Contract] = []
        usable = {"valid", "personal", "foreign"}
        free = [i for i, status in enumerate(self._status) if status in usable and i not in left_out]
        # A supplier that only has credit notes would turn its case around.
        self._ranked = sorted((i for i in free if bought[i].amount_ore > 0), key=lambda i: -bought[i].amount_ore)
        idle = [i for i in free if not bought[i].lines and self._type[i] == "company"]
        # Those that were never bought from are taken first.
        self._unbought = sorted(rng.permutation(idle).tolist(), key=lambda i: -bought[i].lines_ever)
        # The largest are left to ordinary contracts.
        top = max(3, len(self._ranked) // 200)
        rest = self._ranked[top:]
        turn = -np.log(rng.random(len(rest))) * (np.arange(len(rest)) + _EVENNESS)
        self._large_first: list[int] = [rest[place] for place in np.argsort(turn).tolist()]
        third = len(rest) // 3
        self._any: list[int] = [*rng.permutation(rest[:third]).tolist(), *rng.permutation(rest[third:]).tolist()]
        self._pool: list[int] = self._any
        self._used: set[int] = set()

    def contracts(self) -> list[Contract]:
        """Draw the cases, then ordinary contracts until there are as many as wanted."""
        for case, share in SHARES.items():
            make: Callable[[], bool] = getattr(self, f"_{case}")
            self._pool = self._large_first if case in _OF_LARGE else self._any
            for _ in range(max(1, round(self._wanted * share))):
                if not make():
                    break
        for who in self._ordinary_suppliers():
            if len(self._contracts) >= self._wanted:
                break
            self._used.add(who)
            self._add(self._ordinary(self._bought[who]), "whole_period")
        return self._contracts

    def broken(self) -> list[Contract]:
        """Draw contracts that are to be written with a date that cannot be right, numbered apart."""
        drawn: list[Contract] = []
        for case in BROKEN_CASES:
            item = self._take(least_days=2)
            if item is not None:
                number = f"AVT-{PERIOD - 1}-{9001 + len(drawn)}"
                one = replace(self._ordinary(item), contract_id=number, case=case, title=f"Ramavtal {number[-4:]}")
                if case == "end_before_start":
                    one = replace(one, starts_on=Date(PERIOD, 1, 1), ends_on=Date(PERIOD - 1, 6, 30))
                drawn.append(_without_options(one))
        return drawn

    def _ordinary_suppliers(self) -> Iterator[int]:
        """Give the large suppliers first, then the others as chance has it, whatever their size."""
        free = [who for who in self._ranked if who not in self._used and self._type[who] != "sole_trader"]
        left = max(0, self._wanted - len(self._contracts))
        head = left * 19 // 20
        yield from free[:head]
        yield from self._rng.permutation(free[head:]).tolist()

    def _take(self, least_days: int = 1, fits: Callable[[Bought], bool] = lambda _: True) -> Bought | None:
        """Take a supplier that no case has; least so many different booking days in the period."""
        for who in self._pool:
            item = self._bought[who]
            free = who not in self._used and self._type[who] != "sole_trader"
            if free and len(item.days) >= least_days and fits(item):
                self._used.add(who)
                return item
        return None

    def _add(self, contract: Contract, case: str) -> bool:
        self._contracts.append(replace(contract, case=case))
        return True

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _between(self, first: Date, last: Date) -> Date:
        return first + datetime.timedelta(days=int(self._rng.integers(0, (last - first).days + 1)))

    def _first_of_month(self, first_year: int, last_year: int) -> Date:
        return Date(int(self._rng.integers(first_year, last_year + 1)), int(self._rng.integers(1, 13)), 1)

    def _quarter_end(self, first_year: int, last_year: int) -> Date:
        month, day = ((3, 31), (6, 30), (9, 30), (12, 31))[int(self._rng.integers(0, 4))]
        return Date(int(self._rng.integers(first_year, last_year + 1)), month, day)

    # What every contract is before a case changes it.

    def _ordinary(self, item: Bought) -> Contract:
        """Make a contract that holds for the whole period, for the right categories and for everyone."""
        rng = self._rng
        starts_on = self._first_of_month(PERIOD - 3, PERIOD - 1)
        exercised = 0
        ends_on = self._quarter_end(PERIOD + 1, PERIOD + 3)
        option_months: tuple[int, ...] = ((), (), (12,), (12, 12), (24,))[int(rng.integers(0, 5))]
        if option_months == (12, 12) and self._chance(0.5):
            ends_on, exercised = ends_on.replace(year=ends_on.year - 1), 1
        categories = item.categories or (self._home[item.supplier],)
        if len(categories) > 1 and self._chance(0.12):
            categories = categories[:1]
        years = max(1, (ends_on.year - starts_on.year))
        rounded = max(10_000_000, item.amount_ore * years * 11 // 10 // 1_000_000 * 1_000_000)
        kind = KINDS[int(rng.choice(4, p=(0.72, 0.1, 0.06, 0.12)))]
        return Contract(
            contract_id="",
            case="",
            title="",
            suppliers=(item.supplier,),
            categories=categories,
            participants=(BUYER,) if self._chance(0.2) else (),
            kind="Ramavtal" if item.amount_ore > 100_000_000 else kind,
            starts_on=starts_on,
            ends_on=ends_on,
            open_ended=False,
            option_months=option_months,
            options_exercised=exercised,
            registered_on=starts_on - datetime.timedelta(days=int(rng.integers(3, 45))),
            registered_by=DEPARTMENT,
            owner=OWNER_GONE if self._chance(0.04) else f"Avtalscontroller {int(rng.integers(1, 9))}",
            archive_place="" if self._chance(0.12) else "E-arkivet",
            procurement_id="",
            value_ore=rounded,
            contract_class="" if self._chance(0.2) else next(n for n, low in _CLASS_LIMITS if item.amount_ore >= low),
            bids_count=None
            if self._chance(0.1)
            else int(rng.choice((1, 2, 3, 4, 5, 6), p=(0.2, 0.2, 0.2, 0.2, 0.1, 0.1))),
        )

    # The cases. Each makes one contract (or one group of them) and returns False when no supplier is left for it.

    def _other_category(self) -> bool:
        item = self._take()
        if item is None:
            return False
        mains = {code[:2] for code in item.categories}
        others = [code for code in PROFILES if code[:2] not in mains and code[:2] != "90"]
        return self._add(replace(self._ordinary(item), categories=(str(self._rng.choice(others)),)), "other_category")

    def _some_units(self) -> bool:
        item = self._take(fits=lambda one: len(one.units) > 1)
        if item is None:
            return False
        units = largest_units(item)
        if self._chance(0.2):
            units = (units[0].upper(), *units[1:])
        return self._add(replace(self._ordinary(item), participants=units), "some_units")

    def _ended_in_the_year(self) -> bool:
        item = self._take(least_days=3)
        if item is None:
            return False
        # The last day is itself a booking day, so that the boundary is tried.
        last = _day(item.days[int(self._rng.integers(0, len(item.days) - 1))])
        start = Date(PERIOD - 3, int(self._rng.integers(1, 13)), 1)
        contract = replace(self._ordinary(item), starts_on=start, ends_on=last)
        return self._add(_without_options(contract), "ended_in_the_year")

    def _began_in_the_year(self) -> bool:
        item = self._take(least_days=3)
        if item is None:
            return False
        first = _day(item.days[int(self._rng.integers(1, len(item.days)))])
        contract = self._later(self._ordinary(item), first)
        return self._add(self._registered(contract, first - datetime.timedelta(days=10)), "began_in_the_year")

    def _registered_late(self) -> bool:
        item = self._take(least_days=3)
        if item is None:
            return False
        # Registered on a booking day: that day's purchases were known then, the earlier ones were not.
        day = _day(item.days[int(self._rng.integers(1, len(item.days)))])
        return self._add(self._registered(self._ordinary(item), day), "registered_late")

    def _registered_by_unit(self) -> bool:
        item = self._take(least_days=2)
        if item is None:
            return False
        contract = replace(
            self._ordinary(item), registered_by=UNITS[item.units[0]], kind="Direktupphandlat avtal", procurement_id=""
        )
        if self._chance(0.5):
            contract = self._registered(contract, _day(item.days[-1]))
        return self._add(contract, "registered_by_unit")

    def _overlapping(self) -> bool:
        item = self._take(least_days=3)
        if item is None:
            return False
        first = self._ordinary(item)
        second = self._later(self._ordinary(item), Date(PERIOD, int(self._rng.integers(2, 8)), 1))
        second = self._registered(second, second.starts_on)
        if self._chance(0.5):
            second = replace(second, categories=(self._neighbour(item),))
        self._add(first, "overlapping")
        return self._add(second, "overlapping")

    def _several_suppliers(self) -> bool:
        item = self._take()
        if item is None:
            return False
        others = []
        for _ in range(int(self._rng.integers(1, 4))):
            other = self._take(fits=lambda one: item.categories[0] in one.categories)
            others += [other.supplier] if other else []
        if not others:
            return False
        contract = replace(self._ordinary(item), suppliers=(item.supplier, *others), categories=item.categories[:1])
        return self._add(contract, "several_suppliers")

    def _without_end(self) -> bool:
        return self._changed("without_end", lambda one: _without_options(replace(one, ends_on=None)))

    def _without_category(self) -> bool:
        return self._changed("without_category", lambda one: replace(one, categories=()))

    def _without_start(self) -> bool:
        return self._changed("without_start", lambda one: replace(one, starts_on=None))

    def _without_registration_date(self) -> bool:
        return self._changed("without_registration_date", lambda one: replace(one, registered_on=None))

    def _open_ended(self) -> bool:
        return self._changed("open_ended", lambda one: _without_options(replace(one, ends_on=None, open_ended=True)))

    def _option_exercised(self) -> bool:
        ends_on = Date(PERIOD, int(self._rng.choice((2, 6))), 15)
        return self._changed(
            "option_exercised",
            lambda one: replace(one, ends_on=ends_on, option_months=(12, 12), options_exercised=1),
            least_days=2,
        )

    def _option_not_exercised(self) -> bool:
        ends_on = Date(PERIOD, int(self._rng.choice((3, 5))), 31)
        return self._changed(
            "option_not_exercised",
            lambda one: replace(one, ends_on=ends_on, option_months=(12,), options_exercised=0),
            least_days=2,
        )

    def _main_category(self) -> bool:
        return self._changed("main_category", lambda one: replace(one, categories=(one.categories[0][:2],)))

    def _begins_after_the_year(self) -> bool:
        start = Date(PERIOD + 1, int(self._rng.integers(1, 4)), 1)
        registered = start - datetime.timedelta(days=40)
        return self._changed(
            "begins_after_the_year",
            lambda one: self._later(self._registered(one, registered), start),
        )

    def _ended_without_purchases(self) -> bool:
        if not self._unbought:
            return False
        item = self._bought[self._unbought.pop()]
        contract = replace(
            self._ordinary(item), starts_on=Date(PERIOD - 3, 1, 1), ends_on=self._quarter_end(PERIOD - 1, PERIOD)
        )
        return self._add(_without_options(contract), "ended_without_purchases")

    def _same_group_only(self) -> bool:
        sister = self._take(fits=lambda one: self._type[one.supplier] == "company")
        if sister is None or not self._unbought:
            return False
        holder = self._unbought.pop()
        self.groups.append((holder, sister.supplier))
        return self._add(replace(self._ordinary(sister), suppliers=(holder,)), "same_group_only")

    def _sole_trader(self) -> bool:
        free = [who for who in self._pool if self._type[who] == "sole_trader" and who not in self._used]
        if not free:
            return False
        self._used.add(free[0])
        return self._add(self._ordinary(self._bought[free[0]]), "sole_trader")

    def _changed(self, case: str, change: Callable[[Contract], Contract], least_days: int = 1) -> bool:
        item = self._take(least_days)
        return item is not None and self._add(change(self._ordinary(item)), case)

    def _registered(self, contract: Contract, day: Date | None) -> Contract:
        return replace(contract, registered_on=day)

    def _later(self, contract: Contract, start: Date) -> Contract:
        """Let a contract begin in or after the period, and end well after that; no option is exercised yet."""
        return replace(
            contract, starts_on=start, ends_on=self._quarter_end(PERIOD + 2, PERIOD + 3), options_exercised=0
        )

    def _neighbour(self, item: Bought) -> str:
        """Find a category that the supplier does not sell, under the main category that it sells most in."""
        main = item.categories[0][:2]
        beside = [code for code in PROFILES if code[:2] == main and code not in item.categories]
        return str(self._rng.choice(beside)) if beside else item.categories[-1]
