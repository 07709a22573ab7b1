"""The library's application as the program uses it."""

from typing import Any

from telegram.ext import Application, ApplicationBuilder, BaseUpdateProcessor
from telegram.request import BaseRequest

from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.update_queue import UpdateQueue
from handlers.context import App


class StatelessApplication(Application[Any, Any, Any, Any, Any, Any]):
    """The library's application without the note it takes of everybody who ever wrote.

    It keeps the id of every chat and person for its own persistence, without one too, and never drops any.
    """

    __slots__ = ()

    def _mark_for_persistence_update(
        self, *, update: object | None = None, job: object | None = None
    ) -> None:
        """Do nothing: the database holds what must persist."""


def build_application(
    token: str,
    api_url: str,
    requests: tuple[BaseRequest, BaseRequest],
    rate_limiter: PacedRateLimiter,
    queue: UpdateQueue,
    processor: BaseUpdateProcessor,
) -> App:
    """Make an application that answers what is put into `queue`.

    `requests` are the one for replies and the one for updates.
    """
    replies, updates = requests
    root = api_url.rstrip("/")
    return (
        ApplicationBuilder()
        .application_class(StatelessApplication)
        .token(token)
        .base_url(f"{root}/bot")
        .base_file_url(f"{root}/file/bot")
        .request(replies)
        .get_updates_request(updates)
        .rate_limiter(rate_limiter)
        .update_queue(queue)
        .concurrent_updates(processor)
        .updater(None)
        .job_queue(None)
        .build()
    )
