"""The regions and their numbers: the reviewed file, and what a file like it may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from procanalysis.errors import InputError
from procanalysis.measures import tenders
from procanalysis.read.peers import read_peers

REGIONS = Path(__file__).parents[2] / "params" / "peers" / "regions.csv"
SOUND = "dalarna,Region Dalarna,20,Dalarnas län,2321000180,ja,mikrodata"


def test_the_regions_are_twenty_one_and_found_by_number() -> None:
    regions = read_peers(REGIONS)
    assert regions["peer"].nunique() == regions["county_code"].nunique() == 21
    assert len(tenders.numbers_of(regions)) == len(set(tenders.numbers_of(regions))) == 23
    assert tenders.group_of(regions, "2331000180") == ("2321000180", "2331000180")
    assert tenders.group_of(regions, "2220002436") == ("2321000222", "2220002436")
    # The source files Gotland under the municipalities.
    assert tenders.numbers_of(regions, "gotland") == ("2120000803",)
    own = regions[regions["is_own_number"] == "ja"]
    assert len(own) == 21
    assert own[own["peer"] != "gotland"]["organisation_number"].str.startswith("232100").all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("dalarna,Region Dalarna,20,Dalarnas län,2321000180,nej,x", "already stands for Region Dalarna"),
        ("dalarna,Dalarna,20,Dalarnas län,2331000180,nej,x", "column 'name': 'Dalarna', but an earlier row"),
        ("dalarna,Region Dalarna,20,Dalarnas län,2331000180,ja,x", "wrong check digit"),
        ("Dalarna,Region Dalarna,20,Dalarnas län,2331000180,nej,x", "column 'peer'"),
        ("skane,Region Skåne,12,Skåne län,232100-0255,ja,x", "ten digits without hyphen"),
        ("skane,Region Skåne,1,Skåne län,2321000255,ja,x", "two digits"),
        ("skane,Region Skåne,12,Skåne län,2321000255,kanske,x", "ja or nej"),
        ("skane,Region Skåne,12,Skåne län,2321000255,ja,", "column 'source'"),
        ("skane,Region Skåne,12,Skåne län,2321000255,nej,x", "skane has 0 rows"),
        ("skane,Region Skåne,12,Skåne län,2321000255,ja,x,y", "8 cells"),
    ],
)
def test_a_fault_is_named_with_its_row(tmp_path: Path, row: str, message: str) -> None:
    header = REGIONS.read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "peers.csv"
    path.write_text("\n".join([header, SOUND, row, ""]), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_peers(path)


def test_an_empty_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "peers.csv"
    for text, message in (("", "but are"), ("namn;nummer\n", "Correct the header")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            read_peers(path)
    path.write_text(REGIONS.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="names no organisations"):
        read_peers(path)
