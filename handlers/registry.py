"""The conversation: every topic the bot can talk about, in the order in which it is thought of."""

from telegram import BotCommand

from handlers.commands import (
    admin,
    breakeven,
    chart,
    digest,
    fleet,
    history,
    machines,
    mute,
    network,
    pin,
    privacy,
    quiet_hours,
    settings,
    start,
    status,
    subscriptions,
    watches,
    whatif,
    why,
)
from handlers.context import App, HandlerContext
from handlers.events import alert_buttons, fallback, free_text, inline_query, membership, watch_buttons

TOPICS = (
    *(subscriptions, status, history, why, watches, chart, breakeven, whatif, fleet, network, machines),
    *(mute, quiet_hours, digest, settings, pin, privacy),
)
"""The conversation's topics, in the order in which their handlers look at an update."""

COMMANDS: tuple[BotCommand, ...] = (
    *start.COMMANDS,
    *(command for topic in TOPICS for command in topic.COMMANDS),
    *admin.COMMANDS,
    *start.HELP,
)

UPDATES = ["message", "edited_message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
"""What Telegram is asked to send."""


def register(application: App, desk: HandlerContext, program_status: admin.ProgramStatusSource) -> None:
    """Add every handler to the application."""
    start.register(application, desk, COMMANDS)
    admin.register(application, desk, program_status)
    membership.register(application, desk)
    for topic in TOPICS:
        topic.register(application, desk)
    free_text.register(application, desk)
    inline_query.register(application, desk)
    alert_buttons.register(application, desk)
    watch_buttons.register(application, desk)
    fallback.register(application, desk, COMMANDS)
