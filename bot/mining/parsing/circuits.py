"""The circuit that machines are to run on: “how many S21 on a 100 A 240 V circuit?”."""

import re
from typing import Final

from bot.mining.question import Circuit

_AMPERES: Final = (
    r"(?<![\w.,])(?P<amperes>\d{1,3}(?:[.,]\d)?)[\s-]?"
    r"(?:a|amps?|amperes?|ampere|amperios?|а|ампер(?:а|ов)?|安培?)(?![a-zа-яäöü])"
)
_VOLTS: Final = r"(?<![\w.,])(?P<volts>\d{3})[\s-]?(?:v|volts?|voltios?|в|вольта?|伏特?)(?![a-zа-яäöü])"
_JOINED: Final = r"[\s,/@x×*-]{0,3}(?:(?:at|on|bei|an|a|con|de|при|на) )?"
_CIRCUIT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (f"{_AMPERES}{_JOINED}{_VOLTS}", f"{_VOLTS}{_JOINED}{_AMPERES}")
)
_THREE_PHASE: Final = re.compile(
    r"(?<!\w)(?:3|three)[- ]?(?:phase|ph)(?!\w)|dreiphasig\w*|3-phasig\w*|drehstrom|trif[áa]sic[oa]"
    r"|(?:тр[её]х|3-?)фазн\w*|三相",
    re.IGNORECASE,
)


def without_circuit(text: str) -> tuple[str, Circuit | None]:
    """The text without the amperes and volts of a circuit, and that circuit; as it is without one."""
    found = [match for pattern in _CIRCUIT for match in pattern.finditer(text)]
    if len(found) != 1:
        return text, None
    match, phases = found[0], _THREE_PHASE.search(text)
    amperes, volts = (float(match[name].replace(",", ".")) for name in ("amperes", "volts"))
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return _THREE_PHASE.sub(" ", rest), Circuit(volts, amperes, three_phase=phases is not None)
