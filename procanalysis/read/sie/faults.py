"""Gather what is wrong with a SIE file that could be read: faults for a controller, and rejected rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from procanalysis.schema import SIE_FAULT_KINDS


@dataclass(slots=True)
class Findings:
    """Gather faults (schema.SIE_FAULTS) and rejected rows (schema.REJECTED_ROWS) as they are met."""

    file: str
    faults: list[dict[str, object]] = field(default_factory=list)
    rejected: list[dict[str, object]] = field(default_factory=list)

    def fault(
        self,
        kind: str,
        row_number: int | None = None,
        *,
        series: str = "",
        number: str = "",
        account: str = "",
        amount_ore: int | None = None,
        value: str = "",
    ) -> None:
        """Add a fault.

        Parameters: kind, one of SIE_FAULT_KINDS; row_number, None for the whole file; series and number, the
        voucher's; amount_ore, by how much; value, what stands there.
        """
        self.faults.append(
            {
                "file": self.file,
                "row_number": row_number,
                "fault": kind,
                "meaning": SIE_FAULT_KINDS[kind],
                "series": series or None,
                "voucher_number": number or None,
                "account": account or None,
                "amount_ore": amount_ore,
                "value": value or None,
            }
        )

    def reject(self, row_number: int, column: str, value: str, reason: str, amount_ore: int | None) -> None:
        """Add a rejected row. Parameters: column, the label and the field at fault; reason, one of REJECT_REASONS."""
        self.rejected.append(
            {
                "file": self.file,
                "row_number": row_number,
                "column": column,
                "value": value,
                "reason": reason,
                "amount_ore": amount_ore,
            }
        )
