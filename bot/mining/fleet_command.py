"""What somebody wants done with their fleet."""

from dataclasses import dataclass

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetSite, Tariff
from bot.mining.parsing.units import Money


@dataclass(frozen=True, slots=True)
class Edit:
    """So many machines (None: all) of a kind to add or take away."""

    label: str
    rig: Rig
    count: int | None


@dataclass(frozen=True, slots=True)
class FleetCommand:
    """What to do with the fleet. `clear` wins over the rest; nothing set means: show it, or its `hours`.

    `site` is the site that is meant, the one without a name by default. None leaves a parameter as it is.
    `zone` is the one whose `hours` are asked for; "" for those of the fleet.
    """

    add: tuple[Edit, ...] = ()
    remove: tuple[Edit, ...] = ()
    tariff: Tariff | None = None
    pool_fee: float | None = None
    uptime: float | None = None
    overhead: float | None = None
    fixed_cost: Money | None = None
    site: str = ""
    clear: bool = False
    hours: bool = False
    zone: str = ""
    csv: bool = False

    @property
    def changes(self) -> bool:
        """True when the fleet is different afterwards."""
        return bool(self.add or self.remove or self.clear) or self.changes_site

    @property
    def changes_site(self) -> bool:
        """True when a parameter of the site is set."""
        values = (self.tariff, self.pool_fee, self.uptime, self.overhead, self.fixed_cost)
        return any(value is not None for value in values)

    def applied(self, fleet: Fleet) -> Fleet:
        """The fleet after the command. Raises InvalidQuestion for what can't be done."""
        if self.clear:
            return Fleet()
        for edit in self.remove:
            fleet = fleet.minus(edit.label, edit.count, self.site)
        for edit in self.add:
            fleet = fleet.plus(edit.label, edit.rig, 1 if edit.count is None else edit.count, self.site)
        if not self.changes_site:
            return fleet
        site = fleet.site(self.site)
        return fleet.with_site(
            FleetSite(
                self.site,
                site.tariff if self.tariff is None else self.tariff,
                site.pool_fee if self.pool_fee is None else self.pool_fee,
                site.uptime if self.uptime is None else self.uptime,
                site.overhead if self.overhead is None else self.overhead,
                site.fixed_cost if self.fixed_cost is None else self.fixed_cost,
            )
        )
