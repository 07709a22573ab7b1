"""What a yes, a no or an “ok” means behind something that was offered: “Save it?”, “Is it this?”."""

from typing import Final

from bot.mining.parsing.asked_about import agrees, cancels, says_no, says_yes
from bot.mining.parsing.command_following import followed
from bot.mining.parsing.command_request import DECLINED, INSTEAD, UNDO, WHICH, CommandRequest
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.items import ScannedText
from bot.mining.parsing.signal_following import given_up


def answer_to_offer(plain: str, done: CommandDone) -> CommandRequest | None:
    """What is to be done about what was offered; None for a text that doesn't answer that.

    An “ok” takes up what can be taken back, a watch; to anything else it may only be a nod.
    """
    if not done.offered:
        return None
    is_watch = all(request.name == "watch" for request in done.offered)
    if says_yes(plain) or (is_watch and agrees(plain)):
        return done.offered[0] if len(done.offered) == 1 else CommandRequest(WHICH)
    if says_no(plain) or cancels(plain):
        return CommandRequest("watch", UNDO) if is_watch else CommandRequest(DECLINED)
    return None


_ALL: Final = (CommandRequest("subscribe"), CommandRequest("subscribe", "all"))
_SUBSCRIBING: Final = frozenset({"subscribe", "unsubscribe"})


def instead_of_offered(scanned: ScannedText, done: CommandDone) -> CommandRequest | None:
    """What a text makes of the one thing offered that it fits: “no, an hour” behind half an hour of silence.

    It is offered anew, or a watch shown for another level. Of what was done only a signal is given up so.
    """
    anew: list[CommandRequest] = []
    if (ended := given_up(scanned, done.command)) is not None:
        return ended
    for each in done.offered:
        meant = given_up(scanned, each)
        if meant is not None and each in _ALL:
            meant = CommandRequest("subscribe", f"except {meant.arguments}")
        if meant is None:
            meant = followed(scanned, CommandDone(each), corrects=True)
        if meant is None or UNDO in meant.arguments.split():
            continue
        if meant.name == each.name or {meant.name, each.name} <= _SUBSCRIBING:
            anew.append(CommandRequest(meant.name, meant.arguments.removeprefix(f"{INSTEAD} ")))
    kinds = list(dict.fromkeys(anew))
    return kinds[0] if len(kinds) == 1 and kinds[0] not in done.offered else None
