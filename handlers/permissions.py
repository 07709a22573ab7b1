"""Where an update comes from and what its sender may do there."""

from telegram import Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from storage.chats.chats import Address


def address_of(update: Update) -> Address | None:
    """The chat and topic an update belongs to; None for one that has no chat."""
    if update.effective_chat is None:
        return None
    message = update.effective_message
    topic = message.message_thread_id if message is not None and message.is_topic_message else None
    return Address(update.effective_chat.id, topic or 0)


def addresses_of(update: Update) -> list[Address]:
    """Where a choice for an update may have been made: its chat first, then its sender's own."""
    address, user = address_of(update), update.effective_user
    return [*([] if address is None else [address]), *([] if user is None else [Address(user.id)])]


def in_private(update: Update) -> bool:
    """Whether this is a conversation with one person, where an unasked-for answer disturbs nobody."""
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE


async def may_change(update: Update) -> bool:
    """Whether the sender may change this chat: anyone in private, in groups and channels their admins."""
    chat = update.effective_chat
    if chat is None:
        return False
    if chat.type == ChatType.PRIVATE:
        return True
    if update.callback_query is None and _spoke_as_the_chat(update.effective_message):
        return True
    if update.effective_user is None:
        return False
    try:
        member = await chat.get_member(update.effective_user.id)
    except TelegramError:
        return False
    return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


def _spoke_as_the_chat(message: Message | None) -> bool:
    """A channel's post, or an anonymous admin's message in a group: only admins can write those."""
    if message is None:
        return False
    return message.sender_chat is not None and message.sender_chat.id == message.chat.id


async def is_operator(update: Update, operators: frozenset[int]) -> bool:
    """Whether the chat is one of the operators', and its sender may change it (an admin, in a group)."""
    chat = update.effective_chat
    return chat is not None and chat.id in operators and await may_change(update)
