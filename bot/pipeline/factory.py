"""The supply of readings: the providers as the settings want them, and the poller over them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import httpx

from bot.data import bundle as data
from bot.pipeline.poller import Feed, Poller
from bot.pipeline.startup import SeedData
from bot.settings import PROVIDERS, Settings
from bot.signals.rules import Rule, default_rules
from bot.signals.series import Reading, series_kept_whole
from bot.sources.collector import Collector
from bot.sources.types import Endpoint
from storage.database import Store
from storage.signals import rule_states


def web_client() -> httpx.AsyncClient:
    """The client of everything but Telegram; one is enough, since each loads the certificates anew."""
    return httpx.AsyncClient(timeout=15.0)


def make_collector(settings: Settings, http: httpx.AsyncClient | None = None) -> Collector:
    """Every provider as the settings want it; without `http` over a client of its own."""
    endpoints = {}
    for name in PROVIDERS:
        key = getattr(settings, f"{name}_api_key", None)
        secret = key.get_secret_value() if key is not None else None
        endpoints[name] = Endpoint(name, getattr(settings, f"{name}_url"), secret)
    refresh = settings.source_refresh_seconds
    return Collector(
        endpoints,
        settings.energy_zones,
        contact=settings.contact,
        refresh=None if refresh is None else timedelta(seconds=refresh),
        client=http,
    )


def make_poller(
    settings: Settings,
    store: Store,
    feed: Feed,
    bundle: Callable[[], Iterable[Reading]] | None = None,
) -> Poller:
    """The poller with the rules and series that the settings want, over the bundle or another history."""
    rules = default_rules(settings.energy_zones)
    whole = series_kept_whole(settings.energy_zones)
    if bundle is not None:
        return Poller(store, feed, rules, SeedData(bundle, whole))
    looked_at = {series for rule in rules for series in rule.inputs}
    seed = SeedData(
        data.bundle,
        whole,
        head_start=partial(_head_start, rules),
        urgent_bundle=partial(data.bundle, looked_at),
    )
    return Poller(store, feed, rules, seed)


def _head_start(rules: Sequence[Rule], now: datetime) -> Mapping[str, str]:
    """The standing that comes with the bundle, where it is of these rules and not of the future."""
    states = data.bundled_standing()
    ours = {rule.id for rule in rules} == states.keys() - {rule_states.PHASE}
    ends = rule_states.phase(states[rule_states.PHASE]).as_of
    return states if ours and ends is not None and ends <= now else {}
