"""Messages that only one person in a group sees (Bot API 10.2, as 10.3 changed them): who may send them."""

import json
import time
from dataclasses import dataclass

from tests.fakes.telegram_faults import Refuse

_NOT_TO_BE_ANSWERED = Refuse(400, "Bad Request: message to be replied not found")


@dataclass(frozen=True, slots=True)
class EphemeralMessage:
    """Who sees such a message, and its number; its `message_id` is 0."""

    receiver: int
    number: int


class EphemeralMessages:
    """What gives a right to send one: being the group's admin, or a deed of the receiver's shortly before.

    `are_known`: whether this server is new enough for them; an older one overlooks the parameter.
    `answerable_s`: how long a press, or a message that nobody else saw, may be answered so by any bot.
    """

    def __init__(self) -> None:
        self.are_known = True
        self.answerable_s = 15.0
        self._deeds: dict[tuple[str, str], tuple[int, float]] = {}  # who did it, and when

    def note_press(self, press: str, person: int) -> None:
        """Somebody pressed a button."""
        self._deeds["press", press] = person, time.monotonic()

    def note_message(self, number: int, person: int) -> None:
        """Somebody wrote what only the bot sees."""
        self._deeds["message", str(number)] = person, time.monotonic()

    def refusal(
        self, fields: dict[str, str], receiver: int | None, is_group: bool, is_admin: bool
    ) -> Refuse | None:
        """What Telegram would find wrong in sending this, to this receiver or to all (None)."""
        replied = json.loads(fields.get("reply_parameters", "{}"))
        if "ephemeral_message_id" not in replied and replied.get("message_id") == 0:
            return _NOT_TO_BE_ANSWERED
        if receiver is None:
            return _NOT_TO_BE_ANSWERED if "ephemeral_message_id" in replied and self.are_known else None
        if not is_group:
            return Refuse(400, "Bad Request: ephemeral messages can be sent only to groups and supergroups")
        press = json.loads(fields["ephemeral_message_parameters"]).get("callback_query_id")
        deed = ("message", str(replied.get("ephemeral_message_id"))) if press is None else ("press", press)
        person, at = self._deeds.get(deed, (None, 0.0))
        is_answer = person == receiver and time.monotonic() - at < self.answerable_s
        if press is not None and not is_answer:
            return Refuse(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        if not is_answer and not is_admin:
            return Refuse(400, "Bad Request: not enough rights to send ephemeral messages to the chat")
        return None


def receiver_of(fields: dict[str, str]) -> int | None:
    """Who alone is to see what is sent; None: everybody."""
    parameters = fields.get("ephemeral_message_parameters")
    return None if parameters is None else int(json.loads(parameters)["receiver_user_id"])
