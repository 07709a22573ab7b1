"""What we use of python-telegram-bot beyond its public interface: an upgrade that changes it fails here."""

import inspect
from datetime import UTC, datetime

from telegram import Chat, Message, Update, User
from telegram.ext import Application, ApplicationBuilder
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram.stateless_application import StatelessApplication


def test_a_request_made_of_parameters_is_what_the_library_sends() -> None:
    """`transport` makes a send of these: `Bot.send_message` costs three times as much."""
    data = RequestData([RequestParameter("chat_id", 7, None), RequestParameter("text", "hello", None)])
    assert data.json_parameters == {"chat_id": "7", "text": "hello"}
    assert not data.contains_files


def test_the_application_takes_no_note_of_who_wrote() -> None:
    """The library keeps the id of every chat and person for a persistence that we do not use."""
    parameters = {"update": None, "job": None}
    assert parameters.keys() <= inspect.signature(Application._mark_for_persistence_update).parameters.keys()
    application = (
        ApplicationBuilder().application_class(StatelessApplication).token("1:x").updater(None).build()
    )
    sender = User(7, "Ada", False)
    message = Message(1, datetime(2026, 1, 1, tzinfo=UTC), Chat(7, "private"), from_user=sender, text="hi")
    application._mark_for_persistence_update(update=Update(1, message=message))
    assert application._chat_ids_to_be_updated_in_persistence == set()
    assert application._user_ids_to_be_updated_in_persistence == set()
