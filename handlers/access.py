"""Where an update comes from and what its sender may do there."""

from telegram import Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from storage.chats import Address


def address(update: Update) -> Address | None:
    """The chat and topic an update belongs to; None for one that has no chat."""
    if update.effective_chat is None:
        return None
    message = update.effective_message
    topic = message.message_thread_id if message is not None and message.is_topic_message else None
    return Address(update.effective_chat.id, topic or 0)


async def may_change(update: Update) -> bool:
    """Whether the sender may change this chat's settings: anyone in private, admins in groups."""
    chat = update.effective_chat
    if chat is None:
        return False
    if chat.type in (ChatType.PRIVATE, ChatType.CHANNEL):  # only a channel's admins can post in it
        return True
    message = update.effective_message
    if message is not None and message.sender_chat is not None and message.sender_chat.id == chat.id:
        return True  # an anonymous admin writes as the group itself
    if update.effective_user is None:
        return False
    try:
        member = await chat.get_member(update.effective_user.id)
    except TelegramError:
        return False
    return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
