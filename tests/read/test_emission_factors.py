"""The list of emission factors: what is chosen per category and year, with source, and why a row is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.emission_factors import EmissionFactorReading, read_emission_factors
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.schema import EMISSION_FACTORS, REJECT_REASONS, names

TAXONOMY = read_taxonomy(Path(__file__).parents[2] / "params" / "taxonomies" / "procanalysis.csv")
HEADER = "Kategori;Kg CO2e per krona;Prisår;Inkl moms;Osäkerhet;Källa"
SOUND = "12;0,05;2022;nej;40 %;påhittad"


@pytest.fixture
def read(tmp_path: Path, masker):
    def read_rows(*rows: str, header: str = HEADER, **form: Any) -> EmissionFactorReading:
        path = tmp_path / "faktorer.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        reading = read_emission_factors([path], RegisterFormat(**form), taxonomy=TAXONOMY, masker=masker)
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert (len(reading.emission_factors), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
        assert list(reading.emission_factors.columns) == names(EMISSION_FACTORS)
        for column in EMISSION_FACTORS:
            assert not (column.required and reading.emission_factors[column.name].isna().any())
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        return reading

    return read_rows


def reasons(reading: EmissionFactorReading) -> list[list[Any]]:
    return reading.rejected[["row_number", "column", "reason"]].to_numpy().tolist()


def test_a_row_with_every_column(read):
    (found,) = read(SOUND).emission_factors.to_dict("records")
    assert found == {
        "category_code": "12", "kg_per_sek": Decimal("0.05"), "price_year": 2022, "incl_vat": 0,
        "uncertainty_pct": Decimal(40), "source": "påhittad", "file": "faktorer.csv", "row_number": 2,
    }  # fmt: skip


@pytest.mark.parametrize("header", ["kg per krona", "Kg CO₂e/kr", "kg CO2e per SEK", "kg_per_sek"])
def test_headers_that_say_kilograms_per_krona_are_known(read, header):
    found = read(SOUND, header=HEADER.replace("Kg CO2e per krona", header)).emission_factors
    assert found["kg_per_sek"].tolist() == [Decimal("0.05")]


def test_a_factor_of_unknown_unit_is_asked_about(read):
    with pytest.raises(InputError, match=r"needs a column kg_per_sek .*emission_factors\.columns"):
        read(SOUND, header=HEADER.replace("Kg CO2e per krona", "Faktor"))
    own = read(SOUND, header=HEADER.replace("Kg CO2e per krona", "Faktor"), columns={"kg_per_sek": "Faktor"})
    assert len(own.emission_factors) == 1


FAULTS = [
    ("99.99;0,05;2022;nej;;k", "Kategori", "category_unknown"),
    (";0,05;2022;nej;;k", "Kategori", "category_unknown"),
    ("13;-0,05;2022;nej;;k", "Kg CO2e per krona", "figure_negative"),
    ("13;;2022;nej;;k", "Kg CO2e per krona", "factor_missing"),
    ("13;saknas;2022;nej;;k", "Kg CO2e per krona", "factor_missing"),
    ("13;0,0000001;2022;nej;;k", "Kg CO2e per krona", "number_unreadable"),
    ("13;0,05;;nej;;k", "Prisår", "price_year_missing"),
    ("13;0,05;22;nej;;k", "Prisår", "price_year_missing"),
    ("13;0,05;i fjol;nej;;k", "Prisår", "count_unreadable"),
    ("13;0,05;2022;;;k", "Inkl moms", "answer_unreadable"),
    ("13;0,05;2022;kanske;;k", "Inkl moms", "answer_unreadable"),
    ("13;0,05;2022;nej;-5;k", "Osäkerhet", "figure_negative"),
    ("13;0,05;2022;nej;;-", "Källa", "source_missing"),
]


def test_a_row_at_fault_is_rejected_with_its_column_and_reason(read):
    reading = read(SOUND, *(row for row, _, _ in FAULTS))
    assert reasons(reading) == [[n, column, reason] for n, (_, column, reason) in enumerate(FAULTS, start=3)]
    assert reading.control.unknown_categories == ("99.99",)


def test_two_factors_for_the_same_category_and_year_are_both_refused(read):
    reading = read(SOUND, "13;0,03;2022;ja;;k", "13;0,04;2022;ja;;k", "13;0,04;2023;ja;;k", "13;0,04;2023;ja;;annan")
    assert reasons(reading) == [
        [3, "Kg CO2e per krona", "factor_differs"],
        [4, "Kg CO2e per krona", "factor_differs"],
        [6, "Kategori", "id_repeated"],
    ]
    assert reading.emission_factors["price_year"].tolist() == [2022, 2023]


def test_words_for_vat_and_zero_as_a_factor(read):
    rows = [f"{code};0;2022;{word};;k" for code, word in zip(("12", "13", "14"), ("inkl", "exkl. moms", "Ja"))]  # noqa: B905
    found = read(*rows).emission_factors
    assert found["incl_vat"].tolist() == [1, 0, 1]
    assert found["kg_per_sek"].tolist() == [Decimal(0)] * 3


def test_uncertainties_written_as_fractions_are_refused(read):
    with pytest.raises(InputError, match="every uncertainty in the file is written as a fraction"):
        read("12;0,05;2022;nej;0,4;k", "13;0,05;2022;nej;0,3;k")


cells = st.text(alphabet=st.characters(codec="utf-8", exclude_characters='\r\n\x00;"'), max_size=12)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["12", "12.01", "13"]) | cells,
            st.decimals(-1, 5, places=3).map(str) | cells,
            st.integers(1900, 2200).map(str) | cells,
            st.sampled_from(["ja", "nej"]) | cells,
            st.decimals(0, 200, places=1).map(str) | cells,
            st.sampled_from(["k", ""]) | cells,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_stands_there_no_factor_is_taken_that_cannot_be(read, rows):
    try:
        found = read(SOUND, *(";".join(row) for row in rows), decimal=".").emission_factors
    except InputError:
        return
    assert (found["kg_per_sek"] >= 0).all()
    assert found["price_year"].between(1950, 2099).all()
    assert not found.duplicated(["category_code", "price_year"]).any()
    assert found["category_code"].isin(TAXONOMY["category_code"]).all()
    assert all(pd.isna(value) or value >= 0 for value in found["uncertainty_pct"])
