"""The commands that are offered for a message that was not understood."""

import re
from typing import Final

from bot.mining.machines import Catalogue
from bot.mining.parsing.asked_commands import command_of, topic_of
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_dialogue import offered_anew, taken_or_added
from bot.mining.parsing.command_following import asks_earlier, shown_then
from bot.mining.parsing.command_ranking import ENDING, likely_commands
from bot.mining.parsing.command_request import OFF_TOPIC, THANKS, CommandRequest
from bot.mining.parsing.fleet_arguments import own_machines
from bot.mining.parsing.follow_up import Asked, CommandDone
from bot.mining.parsing.past_parser import names_only_past
from bot.mining.parsing.slang import spelt_out
from bot.mining.parsing.tokens import normalize

_SAID_ONLY: Final = frozenset({THANKS, OFF_TOPIC, "start"})
"""What is no thing of its own beside another."""


def remembered(text: str, catalogue: Catalogue, asker: Asker) -> CommandRequest | None:
    """What would note the machines that somebody tells of in passing; None where none are."""
    topic = topic_of(text, catalogue, asker)
    return None if topic is None else own_machines(topic)


def likely(
    text: str, catalogue: Catalogue, asker: Asker, before: Asked | None = None
) -> list[CommandRequest]:
    """The commands a text that was not understood comes nearest to, the likeliest first."""
    text = spelt_out(text, asker.language)
    if (change := taken_or_added(text, before, catalogue, asker)) is not None:
        return [change]
    plain = normalize(text)
    if isinstance(before, CommandDone) and (anew := offered_anew(text, before, catalogue, asker)) is not None:
        return [anew]
    if isinstance(before, CommandDone) and (names_only_past(plain) or asks_earlier(plain)):
        return shown_then(before.command, plain)
    topic = topic_of(text, catalogue, asker)
    if topic is None:
        return []
    reading = command_of(text, topic, catalogue, asker)
    if reading is not None and not any(item.is_guess for item in topic.items):
        return [reading.request]  # all of it is understood, but not so surely that it is done unasked
    near = _of_parts(text, catalogue, asker) or likely_commands(topic)
    if isinstance(before, CommandDone) and before.command.name == "fleet":  # what stops there are machines
        near = [each for each in near if each.name not in ENDING] or [CommandRequest("fleet", "hours")]
    return near


_PARTED: Final = re.compile(
    r"[,;，；、。]|(?<!\w)(?:and|und|y|e|и|а также)(?!\w)|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])"
    r"|并且|然后|和|同时",
    re.IGNORECASE,
)
"""What stands between two things that are asked for at once."""
_MOST_PARTS: Final = 3


def _of_parts(text: str, catalogue: Catalogue, asker: Asker) -> list[CommandRequest]:
    """The commands of a text that asks for several things, “timezone Wien und Währung Euro”; else none."""
    parts = [part for part in _PARTED.split(text) if part.strip(" .!")]
    if not 1 < len(parts) <= _MOST_PARTS:
        return []
    requests = []
    for part in parts:
        topic = topic_of(part, catalogue, asker)
        reading = None if topic is None else command_of(part, topic, catalogue, asker)
        if reading is None or reading.request.name in _SAID_ONLY:
            return []
        requests.append(reading.request)
    return list(dict.fromkeys(requests))
