"""Colours of charts, light and dark, and how warning and critical differ without colour."""

from dataclasses import dataclass
from typing import Final

from bot.signals.rules import Severity


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours; warning and critical differ in line, marker, hatching and words too."""

    paper: str
    ink: str
    soft: str
    faint: str
    line: str
    second: str
    band: str
    warning: str
    critical: str

    def severity(self, severity: Severity) -> str:
        """The colour of a severity."""
        return self.critical if severity is Severity.CRITICAL else self.warning


LIGHT: Final = Theme(
    paper="#ffffff", ink="#16202a", soft="#55626f", faint="#8793a0", line="#1d4ed8", second="#6d28d9",
    band="#bfd3f7", warning="#b45309", critical="#c81e1e",
)  # fmt: skip
DARK: Final = Theme(
    paper="#0f1720", ink="#e8eef4", soft="#a3afbb", faint="#7d8b99", line="#7cb3ff", second="#d0b8ff",
    band="#27425f", warning="#fbbf24", critical="#ff7b7b",
)  # fmt: skip

DASHED: Final = (0, (4, 2))
DOTTED: Final = (0, (1, 1.6))
DASH_DOT: Final = (0, (7, 2, 1.5, 2))
SEVERITY_LINE: Final = {Severity.WARNING: DASHED, Severity.CRITICAL: DASH_DOT}
SEVERITY_MARKER: Final = {Severity.WARNING: "^", Severity.CRITICAL: "D"}
SEVERITY_SIGN: Final = {Severity.WARNING: "▲", Severity.CRITICAL: "◆"}
