"""Who asks."""

from dataclasses import dataclass

from bot.mining.machines import OwnMachine
from bot.mining.parsing.units import Currency


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the language of the chat, the currency it chose, and the machines it has named itself."""

    language: str = "en"
    currency: Currency | None = None
    machines: tuple[OwnMachine, ...] = ()
