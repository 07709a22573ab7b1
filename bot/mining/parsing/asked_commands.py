"""The command that answers a message: by the table of intents, or by a place, a clock, a moment in it."""

from collections.abc import Sequence
from typing import Final

from bot.i18n.moments import moment_in, with_until_first
from bot.i18n.places import zone_in
from bot.i18n.timezones import short_zone_name
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.clock_words import with_spoken_hours
from bot.mining.parsing.command_request import OFF_TOPIC, THANKS, CommandRequest
from bot.mining.parsing.command_text import command_text
from bot.mining.parsing.intents import CommandReading, asks_for_chart, concepts_of, read_command
from bot.mining.parsing.items import Item, ItemKind, ScannedText, scan
from bot.mining.parsing.lexicon import DECIMAL_COMMA, topic_lexicon
from bot.mining.parsing.setting_words import (
    BESIDE_A_ZONE,
    HAS_CLOCK,
    HERE,
    OF_A_CLOCK,
    SETTING_CLOCK,
    time_zone_command,
)

_KIND_SIGNS: Final = "👍🙏👌❤💪🎉😊🙂😀😍🤝👏🔥💯"
_SILENT: Final = (CommandRequest("mute"), CommandRequest("quiet"), CommandRequest("unsubscribe"))
"""What is asked for beside “until monday”: no end of messages for good."""
_TONIGHT: Final = CommandRequest("mute", "tomorrow")
"""The same, until a moment that “not tonight, not until tomorrow 9” says better."""


def certain_command(text: str, catalogue: Catalogue, asker: Asker) -> CommandRequest | None:
    """The command that answers a text for certain; None when none does."""
    topic = topic_of(text, catalogue, asker)
    command = None if topic is None else command_of(text, topic, catalogue, asker)
    return command.request if command is not None and command.is_certain else None


def topic_of(
    text: str, catalogue: Catalogue, asker: Asker, before: ScannedText | None = None
) -> ScannedText | None:
    """A text as the words of commands read it; None when its figures can't be read.

    A time of day such as 7:30 is one figure there. `before` is the text as the calculator's words had it.
    """
    try:
        return scan(
            command_text(text),
            catalogue,
            asker.language,
            decimal_comma=asker.language in DECIMAL_COMMA,
            words=topic_lexicon(),
            before=before,
        )
    except InvalidQuestion:
        return None


def command_of(text: str, topic: ScannedText, catalogue: Catalogue, asker: Asker) -> CommandReading | None:
    """The command that answers a text; a chart's own reader takes whatever asks for one."""
    if text.strip() and not any(character.isalnum() for character in text):  # “👍”, “???”
        name = "help" if "?" in text else THANKS if any(sign in text for sign in _KIND_SIGNS) else OFF_TOPIC
        return CommandReading(CommandRequest(name), is_certain=True)
    if (time_zone := time_zone_command(text)) is not None:
        request, before = time_zone
        return CommandReading(request, is_certain=True) if _is_beside_zone(before, catalogue, asker) else None
    if (of_place := _zone_of_place(text, catalogue, asker)) is not None:
        return of_place
    reading = mute_until(text, catalogue, asker) or read_command(topic)
    if reading is None and not any(item.kind is ItemKind.MACHINE for item in topic.items):
        reading = _with_zone(text, catalogue, asker)
    if reading is None and asks_for_chart(topic):
        return CommandReading(CommandRequest("chart", text), is_certain=True)
    return reading


def _zone_of_place(text: str, catalogue: Catalogue, asker: Asker) -> CommandReading | None:
    """“I'm in Texas, set my time” as `/quiet America/Chicago`; without a word for the clock it is offered."""
    if any(character.isdigit() for character in text) or HAS_CLOCK.search(text) is None:
        return None
    found = zone_in(text)
    topic = None if found is None else topic_of(HERE.sub(" ", found[1]), catalogue, asker)
    if found is None or topic is None:
        return None
    is_known = all(item.kind is ItemKind.WORD or item.text in ".,!" for item in topic.items)
    if not is_known or concepts_of(topic.items) - BESIDE_A_ZONE | _languages_asked_for(topic.items):
        return None
    return CommandReading(CommandRequest("quiet", found[0]), SETTING_CLOCK.search(text) is not None)


def _languages_asked_for(items: Sequence[Item]) -> set[str]:
    """“language_name” where a text asks to be answered in a language: “говори по русски”."""
    return {item.concept for item in items if item.concept == "language_name" and " " in item.text}


def _is_beside_zone(text: str, catalogue: Catalogue, asker: Asker) -> bool:
    """True for what may stand before a time zone: nothing that asks for another setting, too."""
    topic = topic_of(text, catalogue, asker)
    if topic is None or any(item.currency is not None for item in topic.items):
        return False
    return concepts_of(topic.items) <= BESIDE_A_ZONE - {"language_name"}


def _with_zone(text: str, catalogue: Catalogue, asker: Asker) -> CommandReading | None:
    """“quiet 22-7 Europe/London”, “nothing from 23 to 7, I'm in Chicago”: hours of the clock of a place."""
    words = text.split()
    zone = short_zone_name(words[-1].strip(".,!")) if len(words) > 2 else None
    found = zone_in(text) if zone is None else (zone, " ".join(words[:-1]))
    topic = None if found is None else topic_of(OF_A_CLOCK.sub(" ", found[1]), catalogue, asker)
    reading = None if topic is None else read_command(topic)
    if found is None or reading is None or reading.request.name not in ("quiet", "digest"):
        return None
    if not any(character.isdigit() for character in reading.request.arguments):
        return None
    request = CommandRequest(reading.request.name, f"{reading.request.arguments} {found[0]}")
    return CommandReading(request, reading.is_certain)


def mute_until(text: str, catalogue: Catalogue, asker: Asker) -> CommandReading | None:
    """“quiet until monday 9” as `/mute until monday 9`, which reads the moment by the chat's clock."""
    text = with_spoken_hours(with_until_first(text))
    place = moment_in(text)
    if place is None:
        return None
    topic = topic_of(f"{text[: place[0]]} {text[place[1] :]}", catalogue, asker)
    reading = None if topic is None else read_command(topic)
    if reading is None or reading.request not in (*_SILENT, _TONIGHT):
        return None
    return CommandReading(CommandRequest("mute", text[slice(*place)].lower()), reading.is_certain)
