"""How an assessed organisation wants its reports to look, from its organisation file where it has one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from procanalysis.params import load_organisation_params, organisation_slugs


@dataclass(frozen=True)
class HouseStyle:
    """Hold colour and logo, and a digest that changes with them."""

    accent_colour: str = "#12436D"
    logo_path: str = ""

    @property
    def digest(self) -> str:
        """Return a digest of the colour and of what the logo's file holds."""
        logo = Path(self.logo_path).read_bytes() if self.logo_path else b""
        return hashlib.sha256(self.accent_colour.encode() + logo).hexdigest()[:16]


def house_style(slug: str) -> HouseStyle:
    """Read the style of an organisation; the ordinary one for an organisation that is only assessed and has no file.

    Raises ParamsError when the file has mistakes in it or its logo is not there.
    """
    if slug not in organisation_slugs():
        return HouseStyle()
    params = load_organisation_params(slug)
    return HouseStyle(params.style.accent_colour, str(params.logo_path() or ""))
