"""/keyboard: the usual commands as buttons below the text field, for who likes them there."""

from typing import Final

from telegram import KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove

from bot.i18n.message import N_
from handlers.replies import reply
from handlers.routing import Permission, Request, command

ROWS: Final = (
    ("/status", "/price", "/hashprice"),
    ("/chart", "/retarget", "/why"),
    ("/watches", "/fleet", "/help"),
)


@command("keyboard", N_("buttons for the usual commands; /keyboard off takes them away"), Permission.ADMIN)
async def keyboard(request: Request) -> None:
    """Show the buttons, or take them away."""
    t, word = request.t, request.text.lower()
    if word in ("off", "no", "hide"):
        await reply(
            request.update, t("The buttons are gone. /keyboard brings them back."), ReplyKeyboardRemove()
        )
    elif word in ("", "on"):
        rows = [[KeyboardButton(label) for label in row] for row in ROWS]
        markup = ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)
        await reply(request.update, t("Here are the usual commands. /keyboard off takes them away."), markup)
    else:
        example = "<code>/keyboard off</code>"
        await request.reply_to_asker(
            t("The buttons can be on or off; for example {example}.", example=example)
        )


HANDLERS = (keyboard,)
