"""Services such as e-mail, ntfy, Discord, Slack and Matrix, through Apprise (the extra `minerwatch[notify]`).

The services' addresses hold passwords: they are settings, and the database knows their names only. Apprise
is not imported before the first message to a service.
"""

import asyncio
import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from bot.delivery.outcomes import Delivered, Outcome, Retry, RetryCause, Uncertain

_TIMEOUT_S: Final = 60.0


def is_installed() -> bool:
    """Whether the extra is installed; imports nothing."""
    return find_spec("apprise") is not None


def is_usable(address: str) -> bool:
    """Whether Apprise understands an address. Imports Apprise."""
    from apprise import Apprise  # noqa: PLC0415 - 20 MiB that only who uses it pays

    _silence_log()
    return bool(Apprise().add(address))


async def send(services: Mapping[str, str], name: str, headline: str, text: str) -> Outcome:
    """Send once to the service of that name; never raises."""
    address = services.get(name)
    if address is None:
        return Retry(RetryCause.RIGHTS, "NOTIFY_SERVICES does not name it")
    if not is_installed():
        return Retry(RetryCause.RIGHTS, "Apprise is not installed: pip install 'minerwatch[notify]'")
    from apprise import Apprise  # noqa: PLC0415 - as above

    _silence_log()
    service = Apprise()
    if not service.add(address):
        return Retry(RetryCause.RIGHTS, "its address in NOTIFY_SERVICES is none that Apprise understands")
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            is_sent = await service.async_notify(body=text, title=headline)
    except TimeoutError:
        return Uncertain("no answer in time")
    except Exception as error:  # noqa: BLE001 - any of a hundred plug-ins; the text could hold a password
        return Retry(RetryCause.DESTINATION, f"Apprise failed: {type(error).__name__}")
    return Delivered(None) if is_sent else Retry(RetryCause.DESTINATION, "it did not take the message")


def _silence_log() -> None:
    """Apprise logs addresses with their passwords."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
