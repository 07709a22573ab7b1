"""The supply of readings: the providers as the settings want them, and the poller over them."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from bot.data.bundle import bundled_readings
from bot.poller import Feed, Poller
from bot.settings import PROVIDERS, Settings
from bot.signals.rules import default_rules
from bot.signals.series import Reading
from bot.sources.base import Endpoint
from bot.sources.feeds import Feeds
from storage.database import Store

_WHOLE = ("btc.price", "btc.hashrate", "btc.difficulty", "gas.henry_hub", "fx.eur_usd")


def feeds(settings: Settings) -> Feeds:
    """Every provider as the settings want it."""
    endpoints = {}
    for name in PROVIDERS:
        key = getattr(settings, f"{name}_api_key", None)
        secret = key.get_secret_value() if key is not None else None
        endpoints[name] = Endpoint(name, getattr(settings, f"{name}_url"), secret)
    refresh = settings.source_refresh_seconds
    return Feeds(
        endpoints,
        settings.energy_zones,
        contact=settings.contact,
        refresh=None if refresh is None else timedelta(seconds=refresh),
    )


def make_poller(
    settings: Settings,
    store: Store,
    feed: Feed,
    bundle: Callable[[], Iterable[Reading]] = bundled_readings,
) -> Poller:
    """The poller with the rules and series that the settings want."""
    zones = settings.energy_zones
    whole = (*_WHOLE, *(f"power.{zone}" for zone in zones))
    return Poller(store, feed, default_rules(zones), bundle, whole)
