"""The doctor's check of destinations outside Telegram: whether their settings allow sending."""

from bot.delivery.destinations import addresses, services
from bot.delivery.destinations.addresses import AddressRefusedError
from bot.delivery.destinations.destination_transport import where
from bot.settings import Settings
from bot.sources.diagnostics import Finding
from storage.chats import destinations
from storage.chats.destinations import Destination, DestinationKind
from storage.database import exists, read_beside
from storage.errors import StorageError


async def diagnose_destinations(settings: Settings) -> list[Finding]:
    """A finding for each destination, and for each service that can't be used. Sends nothing."""
    findings = [
        _service(name, address.get_secret_value()) for name, address in settings.notify_services.items()
    ]
    return findings + [await _destination(each, settings) for each in _stored(settings)]


def _stored(settings: Settings) -> list[Destination]:
    """The destinations, as far as the database can be read."""
    if not exists(settings.database):
        return []
    try:
        return read_beside(settings.database, destinations.every)
    except StorageError:
        return []


def _service(name: str, address: str) -> Finding:
    check = f"service {name}"
    if not services.is_installed():
        return Finding(check, False, "Apprise is not installed", "pip install 'minerwatch[notify]'")
    if not services.is_usable(address):
        remedy = f"write its address in NOTIFY_SERVICES as Apprise does, for example {name}=ntfys://topic"
        return Finding(check, False, "Apprise does not understand its address", remedy)
    return Finding(check, True, "its address can be used; /hook test shows whether it arrives", "")


async def _destination(destination: Destination, settings: Settings) -> Finding:
    number = destination.number
    check = f"{destination.kind.value} {number} ({where(destination)})"
    if destination.inactive_reason is not None:
        return Finding(
            check,
            False,
            f"switched off, since {destination.inactive_reason}",
            f"add it again with /hook, or /hook remove {number}",
        )
    if destination.kind is DestinationKind.SERVICE:
        if destination.target not in settings.notify_services:
            remedy = f"name it there, or /hook remove {number}"
            return Finding(check, False, "NOTIFY_SERVICES does not name it", remedy)
        return Finding(check, True, "set up", "")
    try:
        await addresses.check(destination.target, settings.hook_private_hosts)
    except AddressRefusedError as error:
        return Finding(check, False, str(error), f"mend it, or /hook remove {number}")
    return Finding(check, True, "its address can be used", "")
