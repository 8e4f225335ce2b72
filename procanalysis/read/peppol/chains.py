"""Find which invoices credit notes and negative invoices reduce, and what is left of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from procanalysis.read.peppol.documents import Document, Party
from procanalysis.read.supplier_numbers import normal_name, recognise_number

Identity = tuple[str, str]
"""A seller and a document's number."""


@dataclass(frozen=True)
class Reference:
    """Hold one reference to an earlier invoice; documents are told by their place among the accepted ones, from 0."""

    document: int
    number: str | None
    issued_on: date | None
    is_reducing: bool
    referenced: int | None
    status: str


@dataclass(frozen=True)
class Chain:
    """Hold one chain: its documents in order, what was invoiced and credited, and what could not be resolved."""

    documents: tuple[int, ...]
    invoices_count: int
    credits_count: int
    invoiced_ore: int
    credited_ore: int
    net_tax_inclusive_ore: int
    unresolved_count: int

    @property
    def net_ore(self) -> int:
        """Return what is left, excluding VAT."""
        return self.invoiced_ore + self.credited_ore

    @property
    def status(self) -> str:
        """Return the key of CREDIT_CHAIN_STATUSES; where nothing is left excluding VAT, the VAT decides."""
        if not self.invoices_count:
            return "alone"
        left = self.net_ore or self.net_tax_inclusive_ore
        return "whole" if left == 0 else "part" if left > 0 else "more"


def sign_of(document: Document) -> int:
    """Return −1 for a credit note, whose amounts are written positive, and 1 for an invoice, so that sums net out."""
    return -1 if document.kind == "credit_note" else 1


def seller_of(party: Party) -> str:
    """Return what a seller is known by, among documents whose people are not hidden yet: its number, else its name.

    >>> seller_of(Party("SE556016068001", "Abbe")) == seller_of(Party("556016-0680", "Abbe Bygg AB"))
    True
    """
    return recognise_number(party.number).number or normal_name(party.name)


def identity_of(document: Document) -> Identity:
    """Return the seller and number of a document."""
    return seller_of(document.seller), document.number


def references_of(documents: Sequence[Document], rejected: Collection[Identity]) -> list[Reference]:
    """Resolve every reference to an earlier invoice among the accepted documents.

    Parameters: documents, the accepted ones, in order; rejected, seller and number of those that were not.
    """
    places: dict[Identity, list[int]] = defaultdict(list)
    for place, document in enumerate(documents):
        places[identity_of(document)].append(place)
    found: list[Reference] = []
    for place, document in enumerate(documents):
        is_reducing = _is_reducing(document)
        for number, issued_on in dict.fromkeys(document.earlier):
            referenced, status = _resolved(documents, places, rejected, place, number, issued_on)
            found.append(Reference(place, number, issued_on, is_reducing, referenced, status))
        if is_reducing and not document.earlier:
            found.append(Reference(place, None, None, True, None, "not_named"))
    return found


def _is_reducing(document: Document) -> bool:
    return document.kind == "credit_note" or document.totals["tax_inclusive_ore"] < 0


def _resolved(
    documents: Sequence[Document],
    places: Mapping[Identity, Sequence[int]],
    rejected: Collection[Identity],
    place: int,
    number: str,
    issued_on: date | None,
) -> tuple[int | None, str]:
    """Return the document that a reference leads to and how that was found: a key of CREDIT_REFERENCE_STATUSES."""
    document = documents[place]
    identity = (seller_of(document.seller), number)
    same_number = places.get(identity, ())
    others = [other for other in same_number if other != place]
    if not others:
        return None, "itself" if same_number else "rejected" if identity in rejected else "not_found"
    if issued_on is not None:
        others = [other for other in others if documents[other].issued_on == issued_on]
        if not others:
            return None, "other_date"
    if len(others) > 1:
        others = [other for other in others if not _is_reducing(documents[other])] or others
    if len(others) > 1:
        return None, "several"
    if documents[others[0]].currency != document.currency:
        return None, "other_currency"
    return others[0], "resolved"


def chains_of(documents: Sequence[Document], references: Sequence[Reference]) -> list[Chain]:
    """Join documents by the references of those that credit. A credit of several invoices makes them one chain."""
    crediting = [reference for reference in references if reference.is_reducing]
    unresolved = Counter(reference.document for reference in crediting if reference.referenced is None)
    return [_chain(documents, group, unresolved) for group in _groups(crediting)]


def _groups(references: Sequence[Reference]) -> Iterator[tuple[int, ...]]:
    """Join documents that references connect, in order of their first document."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for reference in references:
        neighbours[reference.document].add(reference.document)
        if reference.referenced is not None:
            neighbours[reference.document].add(reference.referenced)
            neighbours[reference.referenced].add(reference.document)
    seen: set[int] = set()
    for first in sorted(neighbours):
        if first in seen:
            continue
        group, waiting = {first}, [first]
        while waiting:
            new = neighbours[waiting.pop()] - group
            group |= new
            waiting += new
        seen |= group
        yield tuple(sorted(group))


def _chain(documents: Sequence[Document], group: tuple[int, ...], unresolved: Mapping[int, int]) -> Chain:
    reducing = [place for place in group if _is_reducing(documents[place])]
    invoices = [place for place in group if not _is_reducing(documents[place])]

    def summed(total: str, places: Sequence[int]) -> int:
        return sum(sign_of(documents[place]) * documents[place].totals[total] for place in places)

    return Chain(
        documents=group,
        invoices_count=len(invoices),
        credits_count=len(reducing),
        invoiced_ore=summed("tax_exclusive_ore", invoices),
        credited_ore=summed("tax_exclusive_ore", reducing),
        net_tax_inclusive_ore=summed("tax_inclusive_ore", group),
        unresolved_count=sum(unresolved.get(place, 0) for place in reducing),
    )
