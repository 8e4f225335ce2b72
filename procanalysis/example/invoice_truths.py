"""Work out what the e-invoices were planted with: lines, credit chains, refused files, ties to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from procanalysis.example.article_plans import category_of_cpv
from procanalysis.example.e_invoices import REJECTED, Invoiced
from procanalysis.example.ledger import PERIOD
from procanalysis.example.orders import OTHER, Order

Truths = dict[str, Any]

_YES, _POSSIBLE, _NO = "yes", "possible", "no"


def invoice_truths(invoiced: Sequence[Invoiced], orders: Sequence[Order]) -> Truths:
    """Return what is planted in the documents."""
    kronor = [one for one in invoiced if one.document.currency == "SEK"]
    ours = [one for one in kronor if one.document.issued_on.year == PERIOD]
    return {
        "accepted_documents": len(invoiced),
        "rejected_files": REJECTED if invoiced else {},
        "net_ore": {
            currency: sum(one.document.net_ore for one in invoiced if one.document.currency == currency)
            for currency in sorted({one.document.currency for one in invoiced})
        },
        "lines": _lines(kronor),
        "period": _lines(ours) | {"documents": len(ours)},
        "charges_ore": sum(one.document.charge_ore for one in kronor),
        "credit_chains": _chains(invoiced),
        "ledger": _ledger(invoiced, orders),
    }


def _sign(one: Invoiced) -> int:
    return -1 if one.document.is_credit_note else 1


def _lines(documents: Iterable[Invoiced]) -> Truths:
    """Count lines and öre by evidence, and by what that proves; a credit note's lines are negative."""
    evidence: dict[str, Truths] = {}
    contracted: dict[str, Truths] = {}
    for one in documents:
        for line, strength, answer in zip(one.document.lines, one.evidence, _contracted(one), strict=True):
            for groups, name in ((evidence, str(strength)), (contracted, answer)):
                counted = groups.setdefault(name, {"lines": 0, "amount_ore": 0})
                counted["lines"] += 1
                counted["amount_ore"] += _sign(one) * line.amount_ore
    return {
        "lines": sum(one["lines"] for one in evidence.values()),
        "amount_ore": sum(one["amount_ore"] for one in evidence.values()),
        "evidence": dict(sorted(evidence.items())),
        "contracted": dict(sorted(contracted.items())),
    }


def _contracted(one: Invoiced) -> list[str]:
    """Say of each line what its evidence comes to.

    A contract without price list may cover what a line without category is about, unless its order line says no.
    """
    shop = one.document.shop
    answers = []
    for strength, ordered in zip(one.evidence, one.ordered, strict=True):
        is_silent = not category_of_cpv(ordered.cpv_code) and bool(shop.contract_id) and not shop.has_list
        is_other = bool(one.document.order_reference) and ordered.mark == OTHER
        if strength:
            answers.append(_YES if strength <= 3 else _POSSIBLE)
        else:
            answers.append(_POSSIBLE if is_silent and not is_other else _NO)
    return answers


def _chains(invoiced: Sequence[Invoiced]) -> list[Truths]:
    """List what credits join, each chain with what is left of it."""
    by_number = {(one.document.shop.place, one.document.number): one for one in invoiced}
    members: dict[tuple[int, str], list[Invoiced]] = {}
    for one in invoiced:
        if one.document.credits:
            members.setdefault((one.document.shop.place, one.document.credits[0]), []).append(one)
    found = []
    for key, notes in members.items():
        invoice = by_number.get(key)
        invoiced_ore = invoice.document.net_ore if invoice else 0
        credited_ore = sum(one.document.net_ore for one in notes)
        status = "part" if invoiced_ore + credited_ore else "whole"
        found.append(
            {
                "supplier_number": notes[0].document.shop.number,
                "invoice": key[1] if invoice else None,
                "credits": [one.document.number for one in notes],
                "invoiced_ore": invoiced_ore,
                "credited_ore": credited_ore,
                "net_ore": invoiced_ore + credited_ore,
                "status": status if invoice else "alone",
            }
        )
    return found


def _ledger(invoiced: Sequence[Invoiced], orders: Sequence[Order]) -> Truths:
    """List the period's ledger invoices whose lines are known, from the e-invoice or else from the order naming it."""
    found: dict[tuple[str, str], Truths] = {}
    for one in invoiced:
        if one.is_tied and one.order and one.order.invoice.day.year == PERIOD:
            amounts = [line.amount_ore for line in one.document.lines]
            found[one.document.shop.number, one.document.number] = _tied(one.order, amounts, _contracted(one))
    for order in orders:
        key = order.shop.number, order.invoice.number
        if key not in found and order.lines[0].invoice_number and order.invoice.day.year == PERIOD:
            answers = [_answer(line.evidence) for line in order.lines]
            found[key] = _tied(order, [line.amount_ore for line in order.lines], answers)
    ties = [found[key] for key in sorted(found)]
    totals = {name: sum(one[name] for one in ties) for name in ("net_ore", "proven_ore", "possible_ore")}
    return {"invoices": len(ties), **totals, "ties": ties}


def _answer(strength: int) -> str:
    return _NO if not strength else _YES if strength <= 3 else _POSSIBLE


def _tied(order: Order, amounts: Sequence[int], answers: Sequence[str]) -> Truths:
    pairs = list(zip(amounts, answers, strict=True))
    return {
        "supplier_number": order.shop.number,
        "invoice_number": order.invoice.number,
        "booked_on": order.invoice.day.isoformat(),
        "net_ore": order.invoice.amount_ore,
        "proven_ore": sum(amount for amount, answer in pairs if answer == _YES),
        "possible_ore": sum(amount for amount, answer in pairs if answer != _NO),
    }
