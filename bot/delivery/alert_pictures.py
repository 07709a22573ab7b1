"""Pictures of alerts: drawn and uploaded once, then sent to everybody by the file id; else text."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from bot.delivery.outcomes import Delivered, Gone, Outcome, Picture, Rejected
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import MessageContent, uploaded_pictures

log = logging.getLogger(__name__)

Key = TypeVar("Key")
Kept = TypeVar("Kept")
Draw = Callable[[MessageContent], Awaitable[bytes | None]]

MAX_WAIT_S: Final = 2.0
"""How long the messages of an alert group wait, all together, for its pictures to be drawn and uploaded."""

MAX_BYTES: Final = 10_000_000
"""Telegram's limit for a photo."""

MAX_UPLOADS: Final = 3
"""Failed uploads after which the other chats get text."""

_MAX_KEPT = 64


class _Upload:
    """One picture on its way to Telegram. Whoever has the `turn` uploads it."""

    def __init__(self) -> None:
        self.preparing: asyncio.Task[None] | None = None
        self.turn = asyncio.Lock()
        self.png: bytes | None = None
        self.file_id: str | None = None
        self.failures = 0

    @property
    def can_be_uploaded(self) -> bool:
        """Whether it is drawn, not yet known to Telegram, and worth another try."""
        return self.png is not None and self.file_id is None and self.failures < MAX_UPLOADS

    def uploaded(self, name: str) -> Picture | None:
        """The picture by its file id, once Telegram has it."""
        return None if self.file_id is None else Picture(name, self.file_id)


class Pictures:
    """Gives messages their pictures.

    Args:
        store: where file ids are kept, so that a restart uploads nothing again.
        draw: draws the picture of a content (PNG); None: there is none.
        clock: aware UTC now.
    """

    def __init__(self, store: Store, draw: Draw, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._draw = draw
        self._clock = clock
        self._uploads: OrderedDict[str, _Upload] = OrderedDict()
        self._deadlines: OrderedDict[int, float] = OrderedDict()

    async def picture(self, content: MessageContent) -> Picture | None:
        """The picture of a content, None when there is none in time. After a picture `settle` must follow."""
        name = _name(content)
        upload = self._uploads.get(name)
        if upload is None:
            upload = self._uploads[name] = _Upload()
            upload.preparing = asyncio.create_task(self._prepare(upload, name, content))
            _drop_oldest(self._uploads)
        if (uploaded := upload.uploaded(name)) is not None:
            return uploaded
        deadline = self._deadlines.setdefault(
            content.alert_group, asyncio.get_running_loop().time() + MAX_WAIT_S
        )
        _drop_oldest(self._deadlines)
        assert upload.preparing is not None  # noqa: S101 - set where the upload is made
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.shield(upload.preparing)
                await upload.turn.acquire()
        except TimeoutError:
            return None
        if upload.can_be_uploaded:
            return Picture(name, png=upload.png or b"")  # the turn is kept until it is settled
        upload.turn.release()
        return upload.uploaded(name)

    async def settle(self, picture: Picture, outcome: Outcome) -> None:
        """Learn how sending a picture ended; the next message may have it or upload it then."""
        upload = self._uploads.get(picture.name)
        if upload is None:
            return
        if picture.file_id is not None:
            if isinstance(outcome, Rejected) and "file" in outcome.why.lower():
                log.warning(f"Telegram no longer knows a picture: {outcome.why}")
                upload.file_id, upload.png = None, None
                await self._write(partial(uploaded_pictures.forget, name=picture.name))
            return
        try:
            if isinstance(outcome, Delivered) and outcome.file_id is not None:
                upload.file_id, upload.png = outcome.file_id, None
                now = self._clock()
                await self._write(
                    partial(uploaded_pictures.save, name=picture.name, file_id=outcome.file_id, now=now)
                )
            elif not isinstance(outcome, Gone):
                upload.failures += 1
        finally:
            upload.turn.release()

    async def _prepare(self, upload: _Upload, name: str, content: MessageContent) -> None:
        """Find the file id of an earlier upload, else draw the picture; a failure leaves neither."""
        try:
            upload.file_id = await self._uploaded(name)
            if upload.file_id is None:
                png = await self._draw(content)
                upload.png = None if png is None or len(png) > MAX_BYTES else png
        except StorageError as error:
            self._store.outage.left_undone("an alert goes without its picture", error)
        except Exception:
            log.exception("an alert goes without its picture")

    async def _uploaded(self, name: str) -> str | None:
        """The file id of an earlier upload, if there was one that can be read."""
        try:
            return await self._store.read(partial(uploaded_pictures.file_id, name=name))
        except StorageError as error:
            self._store.outage.left_undone("a picture is uploaded anew", error)
            return None

    async def _write(self, work: Callable[[Database], None]) -> None:
        try:
            await self._store.write(work)
        except StorageError as error:
            log.warning(f"the file id of a picture could not be kept: {error}")


def _name(content: MessageContent) -> str:
    return f"{content.alert_group}:{content.language or ''}:{'dark' if content.dark else 'light'}"


def _drop_oldest(pictures: OrderedDict[Key, Kept]) -> None:
    while len(pictures) > _MAX_KEPT:
        pictures.popitem(last=False)
