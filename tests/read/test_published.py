"""Printed figures are read as they stand, and a slip in copying them is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from procanalysis.errors import InputError
from procanalysis.read.published import read_published_savings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "published" / "savings.csv"
HEADER = "organisation,year,kind,part,amount_sek,is_approximate,source"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "savings.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def test_the_board_of_2025_reached_64_4_of_70_of_which_about_9_from_new_contracts() -> None:
    found = read_published_savings(SHIPPED)
    of_2025 = found[found["year"] == 2025]
    by_kind = of_2025.groupby("kind")["amount_ore"].sum().to_dict()
    assert by_kind == {"total": 64_400_000_00, "new": 9_000_000_00, "running": 55_400_000_00, "target": 70_000_000_00}
    new = of_2025[of_2025["kind"] == "new"].set_index("part")["amount_ore"].to_dict()
    assert new == {"Region Sörmland": 300_000_000, "Region Västmanland": 510_000_000, "Samordnade": 90_000_000}
    assert of_2025.loc[of_2025["kind"] == "new", "is_approximate"].tolist() == [1, 1, 1]
    assert of_2025.loc[of_2025["kind"] == "total", "is_approximate"].tolist() == [0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("B,2025,totall,Allt,1,nej,Tryckt", "row 2, column 'kind': 'totall' is not known. Did you mean 'total'"),
        ("B,2025,total,Allt,1,kanske,Tryckt", "row 2, column 'is_approximate': 'kanske' is not known"),
        ("B,2025,total,Allt,1,nej,", "row 2, column 'source': it is empty"),
        ("B,25,total,Allt,1,nej,Tryckt", "row 2, column 'year': '25' cannot be read. Write it as 2025"),
        ("B,2025,total,Allt,1 000,nej,Tryckt", "row 2, column 'amount_sek': '1 000' cannot be read. Write whole"),
        ("B,2025,total,Allt,1,nej", "row 2: 6 cells, but the header has 7"),
        ("B,2025,total,Allt,1,nej,Tryckt, sidan 3", "row 2: 8 cells, but the header has 7"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_cure(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_published_savings(written(tmp_path, row))
    assert message in str(caught.value)


def test_parts_that_are_not_the_total_are_refused(tmp_path: Path) -> None:
    rows = ("B,2025,total,Allt,10,nej,Tryckt", "B,2025,new,Ett,4,nej,Tryckt", "B,2025,running,Två,5,nej,Tryckt")
    with pytest.raises(InputError, match=r"the parts of B 2025 sum to 9\.00 kronor, but the total is 10\.00"):
        read_published_savings(written(tmp_path, *rows))


def test_a_name_that_is_none_of_the_boards_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Nämnden,2025,target,Mål,1,nej,Tryckt", "Nämden,2025,total,Allt,1,nej,Tryckt")
    with pytest.raises(InputError, match=r"row 3, column 'organisation': 'Nämden' is the .*Did you mean 'Nämnden'\?"):
        read_published_savings(path, boards=["Nämnden", "Centret"])
    assert len(read_published_savings(path)) == 2


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "savings.csv"
    path.write_text("year,amount\n2025,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 1: the columns should be organisation, year"):
        read_published_savings(path)
