"""What a yes, a no or an “ok” means behind something that was offered: “Save it?”, “Is it this?”."""

from bot.mining.parsing.asked_about import agrees, cancels, says_no, says_yes
from bot.mining.parsing.command_request import DECLINED, UNDO, WHICH, CommandRequest
from bot.mining.parsing.follow_up import CommandDone


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
