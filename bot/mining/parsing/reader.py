"""The readers of what people write, loaded with the first text: most of a running bot's life nobody writes.

They are forty modules with the words of five languages, 2 MiB and a tenth of the start.
"""

from collections.abc import Sequence

from bot.mining.fleet_command import FleetCommand
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import Answerable, Asked
from bot.mining.parsing.units import Currency
from bot.mining.question import Question
from bot.mining.whatif import WhatIf

_prepared: set[str] = set()


def understand(
    text: str,
    catalogue: Catalogue,
    asker: Asker | None = None,
    *,
    strict: bool = False,
    before: Asked | None = None,
    unanswered: Sequence[str] = (),
) -> Answerable | CommandRequest | None:
    """What a text asks; None when it asks nothing that can be answered. Raises InvalidQuestion.

    `unanswered` is what was said right before it and only asked back, the oldest first.
    """
    if unanswered:
        from bot.mining.parsing import hearing  # noqa: PLC0415 - see above

        return hearing.hear(text, unanswered, catalogue, asker or Asker(), before)
    from bot.mining.parsing import understanding  # noqa: PLC0415 - see above

    return understanding.understand(text, catalogue, asker, strict=strict, before=before)


def likely(
    text: str, catalogue: Catalogue, asker: Asker, before: Asked | None = None
) -> list[CommandRequest]:
    """The commands that a text may have meant."""
    from bot.mining.parsing import offered_commands  # noqa: PLC0415 - see above

    return offered_commands.likely(text, catalogue, asker, before)


def is_prepared(language: str) -> bool:
    """Whether the readers are loaded, and the messages of a language compared with."""
    return language in _prepared


def prepare(language: str) -> None:
    """Load them: a few tenths of a second, once, which belong into a thread where others are served."""
    from bot.mining.parsing import nearest_messages, offered_commands, understanding  # noqa: F401, PLC0415 - see above

    nearest_messages.message_index(language)
    _prepared.add(language)


def remembered(text: str, catalogue: Catalogue, asker: Asker) -> CommandRequest | None:
    """What would note the machines that somebody tells of in passing; None where none are."""
    from bot.mining.parsing import offered_commands  # noqa: PLC0415 - see above

    return offered_commands.remembered(text, catalogue, asker)


def parse_command(text: str, catalogue: Catalogue) -> Question:
    """The question in what follows `/breakeven`. Raises InvalidQuestion."""
    from bot.mining.parsing import question_parser  # noqa: PLC0415 - see above

    return question_parser.parse_command(text, catalogue)


def parse_whatif(text: str, catalogue: Catalogue, asker: Asker | None = None) -> WhatIf:
    """The question in what follows `/whatif`. Raises InvalidQuestion."""
    from bot.mining.parsing import understanding  # noqa: PLC0415 - see above

    return understanding.parse_whatif(text, catalogue, asker)


def parse_fleet(
    text: str,
    catalogue: Catalogue,
    zones: tuple[str, ...],
    *,
    language: str = "en",
    currency: Currency | None = None,
) -> FleetCommand:
    """What follows `/fleet`. Raises InvalidQuestion."""
    from bot.mining.parsing import fleet_parser  # noqa: PLC0415 - see above

    return fleet_parser.parse_fleet(text, catalogue, zones, language=language, currency=currency)


def currency_of(name: str) -> Currency | None:
    """The currency that a sign, code or word stands for; None for no currency.

    Raises InvalidQuestion for one that is known, but can't be converted.
    """
    from bot.mining.parsing.currency_names import CURRENCIES, WITHOUT_RATE  # noqa: PLC0415 - see above
    from bot.mining.parsing.currency_reader import without_rate  # noqa: PLC0415 - see above

    name = name.strip().lower()
    if name in WITHOUT_RATE:
        raise without_rate(name)
    return CURRENCIES.get(name)
