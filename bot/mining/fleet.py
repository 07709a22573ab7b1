"""A chat's own machines, the sites they run at and what power costs there."""

from dataclasses import dataclass, replace
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.units import Currency, Money

EXAMPLE: Final = "/fleet add 10 s19j pro, 5 m30s++ power 6.5c fee 2%"
MOST_KINDS: Final = 20
MOST_MACHINES: Final = 1_000_000
MOST_SITES: Final = 10


@dataclass(frozen=True, slots=True)
class FleetBatch:
    """So many machines of one kind; `label` tells it from the others: “Antminer S19 95T”."""

    label: str
    rig: Rig
    count: int
    site: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What power costs: a fixed price of a kWh, or a day-ahead zone's price plus a surcharge in EUR/kWh."""

    fixed_per_kwh: float | None = None
    zone: str | None = None
    surcharge_eur_per_kwh: float = 0.0
    currency: Currency = Currency.USD


@dataclass(frozen=True, slots=True)
class FleetSite:
    """Where machines run. Without a tariff the usual power price holds; the fixed cost is a day's, per
    machine."""

    name: str = ""
    tariff: Tariff | None = None
    pool_fee: float = 0.0
    uptime: float = 1.0
    overhead: float = 1.0
    fixed_cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines and their sites; the first site has no name. Batches are told apart by label and site."""

    kinds: tuple[FleetBatch, ...] = ()
    sites: tuple[FleetSite, ...] = ()

    def site(self, name: str = "") -> FleetSite:
        """A site by its name; a usual one when nothing was said of it."""
        return next((site for site in self.sites if site.name == name), FleetSite(name))

    def with_site(self, site: FleetSite) -> "Fleet":
        """The fleet with a site's parameters in place of those before."""
        other_sites = tuple(each for each in self.sites if each.name != site.name)
        if len(other_sites) >= MOST_SITES:
            raise InvalidQuestion(
                lambda t: t("A fleet has at most {most} sites.", most=MOST_SITES), "/fleet site barn power 5c"
            )
        sites = other_sites if site == FleetSite(site.name) else (*other_sites, site)
        return replace(self, sites=tuple(sorted(sites, key=lambda each: each.name)))

    @property
    def tariff(self) -> Tariff | None:
        """The tariff of the site without a name."""
        return self.site().tariff

    @property
    def pool_fee(self) -> float:
        """The pool fee of the site without a name."""
        return self.site().pool_fee

    @property
    def zones(self) -> tuple[str, ...]:
        """The day-ahead zones that machines run on, each once."""
        zones = (site.tariff.zone for site in self._used_sites() if site.tariff is not None)
        return tuple(dict.fromkeys(zone for zone in zones if zone is not None))

    def _used_sites(self) -> tuple[FleetSite, ...]:
        return tuple(self.site(name) for name in dict.fromkeys(batch.site for batch in self.kinds))

    def plus(self, label: str, rig: Rig, count: int, site: str = "") -> "Fleet":
        """The fleet with so many machines more. Raises InvalidQuestion when it grows beyond reason."""
        batches = {(batch.label, batch.site): batch for batch in self.kinds}
        batch_before = batches.get((label, site))
        total = count + (batch_before.count if batch_before else 0)
        if not 0 < total <= MOST_MACHINES:
            raise InvalidQuestion(
                lambda t: t("A fleet holds 1 to {most} machines of a kind.", most=t.number(MOST_MACHINES)),
                EXAMPLE,
            )
        batches[label, site] = FleetBatch(label, rig, total, site)
        if len(batches) > MOST_KINDS:
            raise InvalidQuestion(
                lambda t: t("A fleet holds at most {most} kinds of machine.", most=MOST_KINDS), EXAMPLE
            )
        return replace(self, kinds=tuple(batches.values()))

    def minus(self, label: str, count: int | None = None, site: str = "") -> "Fleet":
        """The fleet with so many fewer, or none of that kind. Raises InvalidQuestion when it has none."""
        if not any((batch.label, batch.site) == (label, site) for batch in self.kinds):
            # Translators: {machine} is such as “Antminer S19 95T”.
            raise InvalidQuestion(lambda t: t("Your fleet has no {machine}.", machine=label), "/fleet")
        changed = (
            batch
            if (batch.label, batch.site) != (label, site)
            else replace(batch, count=0 if count is None else batch.count - count)
            for batch in self.kinds
        )
        return replace(self, kinds=tuple(batch for batch in changed if batch.count > 0))
