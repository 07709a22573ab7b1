"""What a failed reply means: the end of the program, a chat that is gone, or a line in the log."""

import logging
from collections.abc import Callable

from telegram import Update
from telegram.error import Forbidden, InvalidToken
from telegram.ext import ContextTypes

from bot.telegram.error_outcomes import ReplyDroppedError, is_passing
from handlers.context import HandlerContext
from handlers.events import fallback
from storage.chats import chats
from storage.errors import StorageError

log = logging.getLogger(__name__)


class ReplyFailures:
    """Deals with the errors that handlers raise.

    Args:
        context: the handlers'.
        stop: ends the program, which then says why.
        on_dropped: told the number of an update whose reply was dropped.
    """

    def __init__(
        self, context: HandlerContext, stop: Callable[[str], None], on_dropped: Callable[[int], None]
    ) -> None:
        self._context = context
        self._stop = stop
        self._on_dropped = on_dropped

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Stop the program when Telegram refuses the token; the other errors are one reply's."""
        error = context.error
        if isinstance(error, InvalidToken):
            self._stop("Telegram refuses the token; put a valid one into TELEGRAM_BOT_TOKEN")
        elif isinstance(error, Forbidden) and isinstance(update, Update) and update.effective_chat:
            await self._deactivate(update.effective_chat.id, str(error))
        elif error is not None and is_passing(error):
            log.warning(f"a reply was not sent: {error}")
            if isinstance(error, ReplyDroppedError) and isinstance(update, Update):
                self._on_dropped(update.update_id)
        else:
            if isinstance(error, StorageError):
                log.error(f"a reply failed: {error}")
            else:
                log.error("a reply failed", exc_info=error)
            if isinstance(update, Update):
                await fallback.apologise(self._context, update)

    async def _deactivate(self, chat_id: int, why: str) -> None:
        try:
            await self._context.store.write(lambda db: chats.deactivate(db, chat_id, why))
        except StorageError as error:  # the next refusal does it
            log.error(f"a chat that is gone could not be noted: {error}")
