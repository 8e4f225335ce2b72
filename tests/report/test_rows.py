"""The ledger lines behind the figures: all of them or the largest, to the öre, with no person and nothing live."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pandas as pd
import pytest

from procanalysis import report
from procanalysis.errors import ReportError
from procanalysis.report.collect import CollectedReport
from procanalysis.report.rows import COLUMNS
from procanalysis.schema import Source

HOSTILE = ('=HYPERLINK("https://example.org")', "<b>&amp;</b>", "_x0041_ AB", "\u202eBA\x07 AB", "-2+3", "Å" * 40_000)


def ledger(amounts: list[int], **fixed: Any) -> pd.DataFrame:
    rows = len(amounts)
    given: dict[str, Any] = {
        "line_id": range(1, rows + 1), "file": "a.csv", "row_number": range(2, rows + 2),
        "booked_on": date(2025, 3, 14), "unit": "Nämnden", "supplier_key": "masked:ab12|x",
        "supplier_name": "Enskild firma ab12", "account": "4010", "account_text": "Konto", "category_code": "01.01",
        "category_name": "Vård", "spend_class": "adresserbar", "rule_id": "r1", "is_mapped": 1,
        "invoice_key": [f"masked:ab12|x|{number}|1" for number in range(rows)],
        "text": "Anna Andersson", "amount_ore": amounts,
    }  # fmt: skip
    return pd.DataFrame(given | fixed)


def workbook(part: report.Part, path: Path) -> Any:
    output = nbformat.v4.new_output("display_data", data=part._repr_mimebundle_())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    collected: CollectedReport = report.collect_parts(notebook)
    report.write_workbook(path, collected, title="T", source_text="S", made_on=date(2025, 12, 31))
    return openpyxl.load_workbook(path)


def test_every_line_reaches_the_sheet_to_the_ore(source: Source, tmp_path: Path) -> None:
    amounts = [10_01, -3, 2_000_000_07, 0]
    part = report.rows_behind(ledger(amounts), total=sum(amounts), source=source)
    sheet = workbook(part, tmp_path / "a.xlsx")["Rader"]
    heads, *rows = sheet.iter_rows(values_only=True)
    assert list(heads) == [*list(COLUMNS.values())[:-1], "Belopp (kr)"]
    assert [round(row[-1] * 100) for row in rows] == amounts
    assert rows[1][:4] == ("a.csv", 3, pd.Timestamp(2025, 3, 14), "Nämnden")
    assert [row[list(COLUMNS).index("invoice_key")] for row in rows] == ["0|1", "1|1", "2|1", "3|1"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", f"A1:{sheet.cell(1, len(COLUMNS)).column_letter}5")
    assert sheet["C2"].number_format == "yyyy-mm-dd" and sheet.cell(2, len(COLUMNS)).number_format == "#,##0.00"
    assert "4 rader om 2\u00a0000\u00a0010,05\u00a0kr" in part.text


def test_above_the_limit_the_largest_stay_and_the_rest_is_told(source: Source, tmp_path: Path) -> None:
    amounts = [1, -900, 50, 700, 3]
    part = report.rows_behind(
        ledger(amounts), total=sum(amounts), source=source, most=2, elsewhere="De står i arkivet."
    )
    rows = list(workbook(part, tmp_path / "a.xlsx")["Rader"].iter_rows(min_row=2, values_only=True))
    assert [round(row[-1] * 100) for row in rows] == [-900, 700], "a large credit note is large"
    assert "Resten är 3 rader om 0,54\u00a0kr. De står i arkivet." in part.text


def test_no_person_and_nothing_live_in_a_cell(source: Source, tmp_path: Path) -> None:
    frame = ledger([1] * len(HOSTILE), unit=list(HOSTILE))
    book = workbook(report.rows_behind(frame, total=len(HOSTILE), source=source), tmp_path / "a.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    units = [row[3] for row in book["Rader"].iter_rows(min_row=2, values_only=True)]
    # Excel reads _x0041_ as a letter, so its underscore is written as _x005F_; openpyxl shows what the file holds.
    assert units[:3] == ['=HYPERLINK("https://example.org")', "<b>&amp;</b>", "_x005F_x0041_ AB"]
    assert units[3] == "BA AB" and len(units[5]) == 32_767
    assert not [cell for cell in cells if "Andersson" in str(cell.value) or "masked:" in str(cell.value)]


def test_the_same_lines_give_the_same_workbook_and_none_is_said(source: Source, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        workbook(report.rows_behind(ledger([5, 7]), total=12, source=source), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    empty = report.rows_behind(ledger([1]).head(0), total=0, source=source)
    assert "0 rader om 0,00\u00a0kr" in empty.text
    assert workbook(empty, tmp_path / "c.xlsx")["Rader"].max_row == 1


def test_lines_that_do_not_add_up_are_refused(source: Source) -> None:
    with pytest.raises(ReportError, match=r"add up to 0\.03 but the figure is 0\.04"):
        report.rows_behind(ledger([1, 2]), total=4, source=source)
    with pytest.raises(ReportError, match="keep at least one"):
        report.rows_behind(ledger([1]), total=1, source=source, most=0)
