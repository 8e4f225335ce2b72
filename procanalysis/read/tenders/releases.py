"""Merge OCDS releases, and take out of them the cells that tables of tender statistics have.

Whatever stands where the standard says an object, list or text is taken as missing when it is something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Cells = Mapping[str, str]
Object = Mapping[str, Any]


def merged(earlier: Object, later: Object) -> Object:
    """Lay a later release over an earlier one: values replace values, lists of objects are merged by id.

    >>> merged({"tender": {"title": "a", "lots": [{"id": "1"}]}}, {"tender": {"lots": [{"id": "1", "status": "x"}]}})
    {'tender': {'title': 'a', 'lots': [{'id': '1', 'status': 'x'}]}}
    """
    result = dict(earlier)
    for name, value in later.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = merged(before, value)
        elif isinstance(before, list) and isinstance(value, list) and _have_ids([*before, *value]):
            result[name] = _merged_lists(before, value)
        else:
            result[name] = value
    return result


def _have_ids(items: Sequence[Any]) -> bool:
    return all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in items)


def _merged_lists(earlier: Sequence[Object], later: Sequence[Object]) -> list[Object]:
    found = {str(item["id"]): item for item in earlier}
    for item in later:
        known = found.get(str(item["id"]))
        found[str(item["id"])] = merged(known, item) if known else item
    return list(found.values())


def cells_of(release: Object, table: str) -> list[Cells]:
    """Return the rows that a merged release gives to one table, as cells of our columns."""
    shared = {
        "procurement_id": _text(release.get("ocid")),
        "announced_on": _text(_object(_object(release, "tender"), "tenderPeriod").get("startDate"))[:10]
        or _text(release.get("date"))[:10],
        **_buyer(release),
    }
    found = {"procurements": _procurements, "lots": _lots, "values": _values, "awards": _awards}[table](release)
    return [{**shared, **cells} for cells in found]


def _procurements(release: Object) -> list[Cells]:
    tender = _object(release, "tender")
    if not tender and release.get("ocid"):
        # Awards or bids of a process whose announcement is not among the releases.
        return []
    techniques = _object(tender, "techniques")
    codes = [
        _object(tender, "classification"),
        *(_object(item, "classification") for item in _objects(tender, "items")),
    ]
    cpv = next((_text(code.get("id")) for code in codes if _text(code.get("scheme")).upper() == "CPV"), "")
    lots = _objects(tender, "lots")
    return [
        {
            "title": _text(tender.get("title")) or _text(release.get("title")),
            "kind": _text(tender.get("mainProcurementCategory")),
            "procedure": _text(tender.get("procurementMethod")),
            "cpv_code": cpv,
            "is_framework": _answer(techniques.get("hasFrameworkAgreement")),
            "is_dynamic": _answer(techniques.get("hasDynamicPurchasingSystem")),
            "has_lots": _answer(len(lots) > 1) if lots else "",
            "is_environmental": _sustainable([tender, *lots], "environmental"),
            "is_social": _sustainable([tender, *lots], "social"),
        }
    ]


def _sustainable(parts: Iterable[Object], goal: str) -> str:
    """Answer yes when a part names the goal, no when every part that says anything says that it has none."""
    said = [part for part in parts if "hasSustainability" in part or _objects(part, "sustainability")]
    goals = [_text(one.get("goal")) for part in said for one in _objects(part, "sustainability")]
    if any(one.startswith(goal) for one in goals):
        return "ja"
    return "nej" if said and (goals or all(part.get("hasSustainability") is False for part in said)) else ""


def _lots(release: Object) -> list[Cells]:
    known = [_text(lot.get("id")) for lot in _objects(_object(release, "tender"), "lots") if _text(lot.get("id"))]
    counted = _counted_bids(release, known)
    listed = list(dict.fromkeys([*known, *(lot for lot in counted if lot)]))
    # Bids told for the whole procurement only cannot be laid on one of its lots.
    if "" in counted and (len(listed) != 1 or listed[0] in counted):
        listed = [lot for lot in listed if lot in counted] or [""]
    elif "" in counted:
        counted[listed[0]] = counted[""]
    if not listed:
        return []
    return [{"lot_id": lot, "bids_count": counted.get(lot, "")} for lot in listed]


def _counted_bids(release: Object, known: Sequence[str]) -> dict[str, str]:
    """Return lot → bids; '' stands for the whole procurement."""
    bids = _object(release, "bids")
    told = {
        _text(one.get("relatedLot")): _text(one.get("value"))
        for one in _objects(bids, "statistics")
        if one.get("measure") == "bids"
    }
    if told:
        return told
    listed: dict[str, int] = {}
    for bid in _objects(bids, "details"):
        if bid.get("status") in ("invited", "withdrawn"):
            continue
        for lot in _related_lots(bid) or (known if len(known) == 1 else [""]):
            listed[lot] = listed.get(lot, 0) + 1
    return {lot: str(count) for lot, count in listed.items()}


def _values(release: Object) -> list[Cells]:
    contracts = _objects(release, "contracts")
    signed = {_text(contract.get("awardID")) for contract in contracts if _object(contract, "value")}
    awards = [award for award in _objects(release, "awards") if _text(award.get("id")) not in signed]
    valued = [
        (one, _object(one, "value"))
        for one in (*contracts, *awards)
        if _object(one, "value") and _text(one.get("status")) not in ("cancelled", "unsuccessful")
    ]
    return [
        {
            # The contract's own number tells equal values of two contracts apart.
            "title": _text(one.get("title")) or _text(one.get("id")),
            "value": _text(value.get("amount")),
            "currency": _text(value.get("currency")),
        }
        for one, value in valued
    ]


def _awards(release: Object) -> list[Cells]:
    parties = {_text(party.get("id")): party for party in _objects(release, "parties") if _text(party.get("id"))}
    lots = [_text(lot.get("id")) for lot in _objects(_object(release, "tender"), "lots")]
    found: list[Cells] = []
    for award in _objects(release, "awards"):
        of_award = _related_lots(award) or (lots if len(lots) == 1 else [""])
        for supplier in _objects(award, "suppliers"):
            party = parties.get(_text(supplier.get("id")), {})
            cells = {
                "supplier_number": _number(supplier, party),
                "supplier_name": _text(supplier.get("name")) or _text(party.get("name")),
                "supplier_size": _text(_object(party, "details").get("scale")),
                "supplier_county": _text(_object(party, "address").get("region")),
                "award_status": _text(award.get("status")),
            }
            found += [{**cells, "lot_id": lot} for lot in of_award]
    return found


def _related_lots(one: Object) -> list[str]:
    lots = one.get("relatedLots")
    listed = lots if isinstance(lots, list) else [one.get("relatedLot")]
    return [text for text in map(_text, listed) if text]


def _buyer(release: Object) -> Cells:
    buyer = _object(release, "buyer") or _object(_object(release, "tender"), "procuringEntity")
    same = (party for party in _objects(release, "parties") if _text(party.get("id")) == _text(buyer.get("id")))
    party = next(same, {})
    return {"buyer_number": _number(buyer, party), "buyer_name": _text(buyer.get("name")) or _text(party.get("name"))}


def _number(one: Object, party: Object) -> str:
    """Return the identifier of a party; without one, the digits at the end of its id, as in SE-ON-2321000016."""
    number = _text(_object(party, "identifier").get("id")) or _text(_object(one, "identifier").get("id"))
    match = re.search(r"(?<![0-9])[0-9]{6}-?[0-9]{4}$", _text(one.get("id")))
    return number or (match[0] if match else "")


def _object(parent: Object, name: str) -> Object:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _objects(parent: Object, name: str) -> list[Object]:
    value = parent.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    # JSON can spell half a character (\ud800), which no other text can hold.
    return value.encode("utf-8", errors="replace").decode("utf-8") if isinstance(value, str) else ""


def _answer(value: Any) -> str:
    return ("ja" if value else "nej") if isinstance(value, bool) else ""
