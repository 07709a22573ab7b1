"""The registry of handlers: every topic of commands and events, in the order in which they are tried."""

from handlers.commands import (
    about,
    admin,
    breakeven,
    chart,
    currency,
    digest,
    fleet,
    history,
    holdings,
    hook,
    keyboard,
    machines,
    market_figures,
    mute,
    network,
    pin,
    privacy,
    quiet_hours,
    samples,
    settings,
    share,
    start,
    status,
    subscriptions,
    watches,
    whatif,
    why,
)
from handlers.commands.help import help_command
from handlers.context import App, HandlerContext
from handlers.events import alert_buttons, fallback, free_text, inline_query, membership, watch_buttons
from handlers.routing import Command, Handler

TOPICS = (
    *(
        start,
        subscriptions,
        status,
        history,
        holdings,
        why,
        watches,
        chart,
        breakeven,
        whatif,
        fleet,
        network,
        market_figures,
        currency,
        machines,
    ),
    *(
        mute,
        quiet_hours,
        digest,
        settings,
        keyboard,
        pin,
        samples,
        share,
        privacy,
        about,
        admin,
        hook,
        alert_buttons,
        watch_buttons,
    ),
)
"""The modules with commands and buttons, in the order in which /help lists them."""

HANDLERS: tuple[Handler, ...] = tuple(handler for topic in TOPICS for handler in topic.HANDLERS)

_LISTED = tuple(handler for handler in HANDLERS if isinstance(handler, Command))

COMMANDS: tuple[Command, ...] = (*_LISTED, help_command(_LISTED))

UPDATES = ["message", "edited_message", "channel_post", "callback_query", "inline_query", "my_chat_member"]
"""What Telegram is asked to send."""


def register(application: App, context: HandlerContext) -> None:
    """Add every handler to the application."""
    membership.register(application, context)
    for handler in (*HANDLERS, COMMANDS[-1]):
        application.add_handler(handler.handler(context))
    quiet_hours.register(application, context)
    fleet.register(application, context)
    free_text.register(application, context, COMMANDS)
    inline_query.register(application, context)
    fallback.register(application, context, COMMANDS)
