"""What a message means behind a command that was done, or behind what was offered since."""

from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue
from bot.mining.parsing.asked_commands import certain_command, mute_until, topic_of
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_following import followed
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.fleet_following import takes_from
from bot.mining.parsing.follow_up import Asked, CommandDone
from bot.mining.parsing.intents import ONLY_SHOWN
from bot.mining.parsing.later_corrections import correction_of
from bot.mining.parsing.offers import answer_to_offer, instead_of_offered
from bot.mining.question import Question


def following_command(
    text: str, done: CommandDone, catalogue: Catalogue, asker: Asker
) -> CommandRequest | None:
    """The command that goes on from the one done last, or answers what was offered since."""
    topic = topic_of(text, catalogue, asker)
    if topic is None:
        return None
    going_on = answer_to_offer(topic.plain, done) or followed(topic, done)
    if going_on is None and done.command.name == "mute":
        until = mute_until(f"mute {text}", catalogue, asker)
        going_on = until.request if until is not None and until.is_certain else None
    is_own = going_on is not None or certain_command(text, catalogue, asker) is not None
    correction = None if is_own else correction_of(text)
    meant = None if correction is None else topic_of(correction.meant, catalogue, asker)
    if correction is None or meant is None:
        return going_on
    if done.command.name == "mute":
        until = mute_until(f"mute {correction.meant}", catalogue, asker)
        if until is not None and until.is_certain:
            return until.request
    return followed(meant, done, corrects=True)


def offered_anew(text: str, done: CommandDone, catalogue: Catalogue, asker: Asker) -> CommandRequest | None:
    """What was offered, as a text behind it wants it; None for a text that says something of its own."""
    if not done.offered and done.command.name != "subscribe":
        return None
    correction = correction_of(text)
    topic = topic_of(text if correction is None else correction.meant, catalogue, asker)
    anew = None if topic is None else instead_of_offered(topic, done)
    own = None if anew is None else certain_command(text, catalogue, asker)
    # “price too” is no question for it
    is_more = anew is not None and anew.name in ("subscribe", "unsubscribe")
    return anew if own is None or (is_more and own.name in ONLY_SHOWN) else None


def taken_or_added(
    text: str, before: Asked | None, catalogue: Catalogue, asker: Asker
) -> CommandRequest | None:
    """“sold 5 of them” behind a question about a machine: the change of the chat's own that is offered."""
    name = before.rig.name if isinstance(before, Question) else None
    topic = None if name is None else topic_of(text, catalogue, asker)
    return None if topic is None or name is None else takes_from(topic, short_name(name))
