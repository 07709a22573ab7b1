"""What people do in a chat, for tests: say something, press a button, read what comes."""

from storage.database import Store
from tests.fakes.telegram import FakeTelegram, Sent

ADA = 7
BOB = 8
GROUP = -1007
CHANNEL = -1009
ADMIN = 99


class ChatClient:
    """Speaks to the bot through a Bot API server of our own and waits for its answers."""

    def __init__(self, api: FakeTelegram, store: Store) -> None:
        self.api = api
        self.store = store

    async def ask(self, text: str, chat: int = ADA, *, user: int | None = None, topic: int = 0) -> Sent:
        """Say something; gives the first message that follows."""
        before = len(self.api.sent)
        self.api.say(chat, text, user_id=user, topic_id=topic)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]

    async def press(self, under: Sent, label: str, *, user: int | None = None) -> str:
        """Press the button with this label; gives what the press is answered with."""
        return await self.press_data(under, _data(under, label), user=user)

    async def press_data(self, under: Sent, data: str, *, user: int | None = None) -> str:
        """Press a button with this data; gives what the press is answered with."""
        before = len(self.api.answered)
        self.api.press(
            under.chat_id,
            under.message_id,
            data,
            user_id=user,
            topic_id=under.topic_id,
            ephemeral=under.ephemeral,
        )
        await self.api.until(lambda: len(self.api.answered) > before)
        return self.api.answered[before].get("text", "")

    async def press_for_message(self, under: Sent, label: str, *, user: int | None = None) -> Sent:
        """Press the button with this label; gives the message that this makes or changes."""
        return await self.press_data_for_message(under, _data(under, label), user=user)

    async def press_data_for_message(self, under: Sent, data: str, *, user: int | None = None) -> Sent:
        """Press a button with this data; gives the message that this makes or changes."""
        before = len(self.api.sent)
        await self.press_data(under, data, user=user)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]


def _data(under: Sent, label: str) -> str:
    """Return the callback data of the button with this label."""
    data: str = next(button["callback_data"] for button in under.buttons if button["text"] == label)
    return data
