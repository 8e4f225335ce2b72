"""Releases of the Open Contracting Data Standard: merged, taken apart, and read whatever they hold."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.tenders import TenderReading, read_ocds
from procanalysis.read.tenders.releases import merged
from procanalysis.schema import TENDER_TABLES, names

RELEASE: dict[str, Any] = {
    "ocid": "ocds-x-1",
    "id": "1",
    "date": "2024-01-10T00:00:00Z",
    "tag": ["tender"],
    "buyer": {"id": "SE-ON-2321000164", "name": "Region Påhitt"},
    "parties": [
        {"id": "SE-ON-2321000164", "name": "Region Påhitt", "identifier": {"scheme": "SE-ON", "id": "232100-0164"}},
        {
            "id": "A", "name": "Abbe Bygg AB", "identifier": {"id": "556016-0680"}, "details": {"scale": "sme"},
            "address": {"region": "Örebro län"},
        },
        {"id": "B", "name": "Stora Bolaget AB", "details": {"scale": "large"}},
    ],
    "tender": {
        "id": "t1",
        "title": "Städ",
        "mainProcurementCategory": "services",
        "procurementMethod": "open",
        "classification": {"scheme": "CPV", "id": "90910000"},
        "techniques": {"hasFrameworkAgreement": True, "hasDynamicPurchasingSystem": False},
        "tenderPeriod": {"startDate": "2024-01-12T10:00:00+01:00"},
        "lots": [
            {"id": "L1", "hasSustainability": True, "sustainability": [{"goal": "environmental.climateChange"}]},
            {"id": "L2"},
        ],
    },
}  # fmt: skip
LATER: dict[str, Any] = {
    "ocid": "ocds-x-1",
    "date": "2024-06-01T00:00:00Z",
    "tag": ["award"],
    "tender": {"lots": [{"id": "L1", "status": "complete"}]},
    "bids": {
        "statistics": [
            {"id": "1", "measure": "bids", "value": 4, "relatedLot": "L1"},
            {"id": "2", "measure": "bids", "value": 1, "relatedLot": "L2"},
            {"id": "3", "measure": "validBids", "value": 3, "relatedLot": "L1"},
        ]
    },
    "awards": [
        {"id": "a1", "status": "active", "relatedLots": ["L1"], "suppliers": [{"id": "A", "name": "Abbe Bygg AB"}],
         "value": {"amount": 1000000.5, "currency": "SEK"}},
        {"id": "a2", "status": "active", "relatedLots": ["L2"], "suppliers": [{"id": "B"}],
         "value": {"amount": 7, "currency": "EUR"}},
        {"id": "a3", "status": "cancelled", "relatedLots": ["L2"], "suppliers": [{"id": "A", "name": "Abbe Bygg AB"}]},
    ],
    "contracts": [{"id": "c1", "awardID": "a1", "status": "active", "value": {"amount": 900000, "currency": "SEK"}}],
}  # fmt: skip


def checked(reading: TenderReading) -> TenderReading:
    for name, columns in TENDER_TABLES.items():
        assert list(getattr(reading, name).columns) == names(columns)
        control = reading.controls[name]
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert control.rows_accepted == len(getattr(reading, name))
    assert len(reading.rejected) == sum(control.rows_rejected for control in reading.controls.values())
    return reading


@pytest.fixture
def read(tmp_path: Path, masker):
    def read_contents(*contents: Any) -> TenderReading:
        paths = []
        for place, content in enumerate(contents):
            path = tmp_path / f"ocds{place}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            paths.append(path)
        return checked(read_ocds(paths, masker=masker))

    return read_contents


def test_a_process_of_two_releases_whatever_order_they_come_in(read):
    for releases in ([RELEASE, LATER], [LATER, RELEASE]):
        reading = read({"releases": releases})
        (found,) = reading.procurements.to_dict("records")
        assert (found["procurement_id"], found["title"], found["kind"], found["procedure"]) == (
            "ocds-x-1", "Städ", "services", "open",
        )  # fmt: skip
        assert (found["buyer_number"], found["buyer_name"]) == ("2321000164", "Region Påhitt")
        assert found["announced_on"] == pd.Timestamp("2024-01-12")
        assert (found["cpv_code"], found["cpv_main_code"]) == ("90910000", "90000000")
        flags = ("is_framework", "is_dynamic", "has_lots", "is_environmental", "is_social")
        assert [found[name] for name in flags] == [1, 0, 1, 1, 0]
        assert reading.lots[["lot_id", "bids_count"]].to_numpy().tolist() == [["ocds-x-1/L1", 4], ["ocds-x-1/L2", 1]]
        assert reading.values["value_ore"].tolist() == [90_000_000]
        awards = reading.awards[["lot_id", "supplier_key", "supplier_size", "supplier_county"]]
        assert awards.astype(object).where(awards.notna(), None).to_numpy().tolist() == [
            ["ocds-x-1/L1", "5560160680", "small_or_medium", "Örebro län"],
            ["ocds-x-1/L2", "namn:stora bolaget ab", "large", None],
        ]
        assert sorted(reading.rejected["reason"]) == ["award_not_active", "other_currency"]
        assert reading.controls["procurements"].files[0].note == "2 releaser gav 1 upphandlingar."


def test_packages_records_lists_and_lines_say_the_same(read):
    whole = read({"releases": [RELEASE, LATER]})
    compiled = merged(RELEASE, LATER) | {"date": RELEASE["date"]}
    for content in (
        {"records": [{"ocid": "ocds-x-1", "compiledRelease": compiled}]},
        {"records": [{"ocid": "ocds-x-1", "releases": [RELEASE, LATER]}]},
        [RELEASE, LATER],
        json.dumps(RELEASE) + "\n\n" + json.dumps(LATER) + "\n",
        compiled,
    ):
        other = read(content)
        for name in TENDER_TABLES:
            mine, theirs = (getattr(one, name).drop(columns=["file", "row_number"]) for one in (whole, other))
            pd.testing.assert_frame_equal(mine, theirs)


def bids_of(read: Any, bids: Any, lots: Any) -> list[list[Any]]:
    release = copy.deepcopy(RELEASE) | {"bids": bids}
    release["tender"]["lots"] = lots
    found = read({"releases": [release]}).lots[["lot_id", "bids_count"]]
    return found.astype(object).where(found.notna(), None).to_numpy().tolist()


def test_bids_are_laid_on_lots_only_where_that_is_said(read):
    whole = {"statistics": [{"id": "1", "measure": "bids", "value": 5}]}
    two = [{"id": "1"}, {"id": "2"}]
    assert bids_of(read, whole, two) == [["ocds-x-1", 5]]
    assert bids_of(read, whole, [{"id": "1"}]) == [["ocds-x-1/1", 5]]
    assert bids_of(read, whole, []) == [["ocds-x-1", 5]]
    assert bids_of(read, {}, two) == [["ocds-x-1/1", None], ["ocds-x-1/2", None]]
    only_valid = {"statistics": [{"id": "1", "measure": "validBids", "value": 2}]}
    assert bids_of(read, only_valid, [{"id": "1"}]) == [["ocds-x-1/1", None]]
    details = {
        "details": [
            {"id": "1", "relatedLots": ["1", "2"]},
            {"id": "2", "relatedLots": ["1"]},
            {"id": "3", "status": "withdrawn"},
        ]
    }
    assert bids_of(read, details, two) == [["ocds-x-1/1", 2], ["ocds-x-1/2", 1]]


def test_a_release_without_a_number_is_rejected_not_dropped(read):
    nameless = {key: value for key, value in RELEASE.items() if key != "ocid"}
    reading = read({"releases": [RELEASE, nameless]})
    control = reading.controls["procurements"]
    assert (control.rows_read, control.rows_accepted, control.rows_rejected) == (2, 1, 1)
    assert "id_missing" in set(reading.rejected["reason"])


def test_awards_without_their_announcement_make_no_procurement(read):
    award = {key: value for key, value in LATER.items() if key != "tender"} | {"ocid": "ocds-x-2"}
    reading = read({"releases": [RELEASE, award]})
    assert reading.procurements["procurement_id"].tolist() == ["ocds-x-1"]
    assert set(reading.awards["procurement_id"]) == {"ocds-x-2"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"releases": [', r"ocds0\.json, row 1, column 15: the JSON cannot be read"),
        ('{"ocid": "1", "tender": {}}\n{"ocid": ', r"row 2, column"),
        ("[" * 100_000, "nested too deeply"),
        ('{"name": "something else"}', "this is not OCDS"),
        ("Upphandling;Anbud\n1;2\n", "the JSON cannot be read"),
        ('{"releases": []}', "this is not OCDS"),
    ],
)
def test_what_is_not_ocds_is_refused(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content)


def test_the_same_file_twice_is_refused(read):
    with pytest.raises(InputError, match="the same content"):
        read({"releases": [RELEASE]}, {"releases": [RELEASE]})


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "value", "amount", "lots", "suppliers", "relatedLots", "status", "date"]), inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["ocid", "date", "buyer", "parties", "tender", "bids", "awards", "contracts"]), anything
        ),
        max_size=4,
    )
)
def test_whatever_stands_where_an_object_should_every_release_is_accounted_for(tmp_path, masker, drawn):
    path = tmp_path / "ocds.json"
    path.write_text(json.dumps({"releases": [RELEASE, *drawn]}), encoding="utf-8")
    try:
        reading = checked(read_ocds([path], masker=masker))
    except InputError as error:
        assert "ocds.json" in str(error)  # most of a column cannot be read
        return
    assert "ocds-x-1" in set(reading.procurements["procurement_id"])
