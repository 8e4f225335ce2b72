"""Hold a SIE file's vouchers against its own opening and closing amounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from procanalysis.errors import InputError
from procanalysis.read.sie.declarations import Declarations, SieYear
from procanalysis.read.sie.faults import Findings
from procanalysis.read.sie.vouchers import Vouchers

# Debit and credit of a file must fit in 64 bits together, with room for balances beside them.
_LARGEST_SUM = 2**61


def check_accounts(declared: Declarations, vouchers: Vouchers, findings: Findings) -> list[dict[str, object]]:
    """Hold each account's opening amount and transactions against its closing amount, and tell the differences.

    difference = #IB + sum of transactions − #UB (or #RES), for the financial year 0. An amount that the file does not
    give counts as 0, since programs leave out accounts at zero. A file without any closing amount of the year, such as
    a type 4I, has nothing to be held against, and gives no rows.
    Returns rows of schema.SIE_ACCOUNT_CHECKS without the account's name.
    """
    opening, closing = _given(declared, "IB", 0), {kind: _given(declared, kind, 0) for kind in ("UB", "RES")}
    if not any(closing.values()):
        return []
    moved = _transactions_of_year(vouchers, declared.years.get(0))
    checks: list[dict[str, object]] = []
    for account in sorted({*opening, *moved, *closing["UB"], *closing["RES"]}):
        kinds: list[str] = [kind for kind in ("UB", "RES") if account in closing[kind]]
        for kind in kinds or [""]:
            given = closing[kind][account] if kind else None
            difference = opening.get(account, 0) + moved[account] - (given or 0)
            checks.append(
                {
                    "account": account,
                    "kind": kind or None,
                    "opening_ore": opening.get(account, 0),
                    "transactions_ore": moved[account],
                    "closing_ore": given,
                    "difference_ore": difference,
                }
            )
            if difference:
                findings.fault("account_differs", account=account, amount_ore=difference)
    return checks


def check_balances(declared: Declarations, findings: Findings) -> None:
    """Tell when opening amounts, or closing amounts and results, do not add up to zero, or years do not join up."""
    opening, closing, result = (_given(declared, kind, 0) for kind in ("IB", "UB", "RES"))
    if total := sum(opening.values()):
        findings.fault("opening_sum", amount_ore=total)
    # Some programs also give #UB of result accounts; the sum must not hold them twice.
    balance_sheet = sum(amount for account, amount in closing.items() if account not in result)
    if total := balance_sheet + sum(result.values()):
        findings.fault("closing_sum", amount_ore=total)
    before = _given(declared, "UB", -1)
    result_accounts = {*result, *_given(declared, "RES", -1)}
    if not before or not opening:
        return
    for account in sorted({*opening, *before} - result_accounts):
        if difference := opening.get(account, 0) - before.get(account, 0):
            findings.fault("opening_differs", account=account, amount_ore=difference)


def check_vouchers(declared: Declarations, vouchers: Vouchers, findings: Findings) -> None:
    """Tell which vouchers are dated outside the financial year, and which accounts are used but not declared."""
    year = declared.years.get(0)
    for voucher in vouchers.closed:
        if voucher.on is not None and not _is_within(voucher.on, year):
            findings.fault(
                "voucher_outside_year", voucher.row_number, series=voucher.series, number=voucher.number,
                amount_ore=voucher.debit_ore, value=voucher.on_written,
            )  # fmt: skip
    if not declared.account_names:
        return
    sums: Counter[str] = Counter()
    for account, ore in _account_rows(vouchers):
        if account not in declared.account_names:
            sums[account] += ore
    for account, ore in sums.items():
        findings.fault("account_undeclared", account=account, amount_ore=ore)


def refuse_too_large(vouchers: Vouchers, name: str) -> None:
    """Refuse a file whose amounts together are beyond what whole hundredths can hold."""
    debit = sum(voucher.debit_ore for voucher in vouchers.closed)
    credit = sum(voucher.credit_ore for voucher in vouchers.closed)
    if max(debit, -credit) > _LARGEST_SUM:
        raise InputError(
            f"{name}: the transactions add up to more than any organisation's ledger. Check that the amounts are in "
            "kronor and that the file is whole."
        )


def _given(declared: Declarations, kind: str, year: int) -> dict[str, int]:
    return {
        balance.account: balance.amount_ore
        for balance in declared.balances
        if (balance.kind, balance.year_number) == (kind, year)
    }


def _account_rows(vouchers: Vouchers) -> Iterable[tuple[str, int]]:
    columns = vouchers.transactions
    for account, ore in zip(columns["account"], columns["amount_ore"], strict=True):
        yield str(account), ore  # type: ignore[misc]


def _transactions_of_year(vouchers: Vouchers, year: SieYear | None) -> Mapping[str, int]:
    moved: defaultdict[str, int] = defaultdict(int)
    for (account, ore), on in zip(_account_rows(vouchers), vouchers.transactions["voucher_on"], strict=True):
        if isinstance(on, date) and _is_within(on, year):
            moved[account] += ore
    return moved


def _is_within(day: date, year: SieYear | None) -> bool:
    if year is None:
        return True
    return (year.starts_on is None or year.starts_on <= day) and (year.ends_on is None or day <= year.ends_on)
