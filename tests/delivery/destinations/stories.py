"""An alert of each kind, and destinations to send them to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.delivery.destinations import signature
from bot.delivery.destinations.destination_transport import DestinationConfig, DestinationTransport
from bot.delivery.destinations.event import render
from bot.delivery.outcomes import Outcome
from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.i18n.message import message
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, SUBSCRIPTIONS, Severity, default_rules
from storage import outbox
from storage.chats import chats, destinations
from storage.chats.chats import Address
from storage.chats.destinations import Destination, DestinationKind
from storage.database import Database
from storage.outbox import Lane
from storage.signals import alerts
from tests.delivery.delivery_fixture import Clock, FailingStore
from tests.fakes.receiver import HOST

AT = datetime(2022, 6, 18, tzinfo=UTC)
RULE = next(rule for rule in default_rules(("DE-LU",)) if rule.id == "price_drawdown.critical")
KEY = signature.secret_key("123456:a-token")


def alert(kind: AlertKind = AlertKind.FIRED, at: datetime = AT) -> Alert:
    """An alert of the price's drawdown."""
    return Alert(
        RULE.id, RULE.signal, RULE.severity, kind, at, RULE.title, -0.704, threshold=RULE.fire,
        clears=RULE.clear, quantity=RULE.quantity, began=at - timedelta(days=5), worst=-0.74,
        lasted=timedelta(days=5) if kind is AlertKind.CLEARED else None, source="kraken",
        as_of=at, detail=message("price 70 % below its record"),
    )  # fmt: skip


_PHASE = Alert(
    COMPOSITE, COMPOSITE, Severity.CRITICAL, AlertKind.PHASE, AT, message("phase"),
    began=AT - timedelta(days=9), lasted=timedelta(days=9),
    as_of=AT, before=Phase.STRESS, after=Phase.CAPITULATION,
    evidence=(
        SignalEvidence(RULE.signal, True, True, RULE.severity, AT, AT, RULE.title, message("70 % down")),
    ),
)  # fmt: skip

ALERTS = (*(alert(kind) for kind in AlertKind if kind is not AlertKind.PHASE), _PHASE)


@dataclass(slots=True)
class Elsewhere:
    """A relay to destinations at work on a database of its own."""

    store: FailingStore
    clock: Clock
    relay: Relay
    transport: DestinationTransport
    refusals: list[tuple[int, Outcome]] = field(default_factory=list)

    async def add(self, target: str, kind: DestinationKind = DestinationKind.WEBHOOK) -> Destination:
        """A destination of operator 99's that hears of everything."""

        def work(db: Database) -> Destination:
            added = destinations.add(db, kind, target, signature.new_salt(), 99, self.clock())
            chats.subscribe(db, Address(added.chat_id), SUBSCRIPTIONS, 0)
            return added

        return await self.store.write(work)

    async def tell(self, *told: Alert) -> None:
        """Store alerts as one poll does, and queue them."""

        def work(db: Database) -> None:
            group = alerts.add(db, told)
            assert group is not None
            outbox.enqueue(db, group.id, self.clock())

        await self.store.write(work)
        self.relay.wake()

    async def rows(self) -> list[tuple[str, int, str | None]]:
        """State, attempts and error of every row."""
        return await self.store.read(
            lambda db: db.execute("SELECT state, attempts, error FROM outbox ORDER BY id").fetchall()
        )


def secret(destination: Destination) -> str:
    """What its receiver was given."""
    return signature.secret(KEY, destination.salt)


@asynccontextmanager
async def elsewhere(
    folder: Path, *, timeout_s: float = 1.0, services: Iterable[tuple[str, str]] = (), run: bool = True
) -> AsyncIterator[Elsewhere]:
    """Destinations on this machine, which is allowed by name."""
    clock = Clock()
    config = DestinationConfig(key=KEY, private_hosts=frozenset({HOST}), services=dict(services))
    refusals: list[tuple[int, Outcome]] = []
    with FailingStore(folder / "elsewhere.db") as store:
        transport = DestinationTransport(
            store,
            config,
            clock,
            "1.2.3",
            on_refusal=lambda where, outcome, _why: refusals.append((where.number, outcome)),
            timeout_s=timeout_s,
        )
        relay = Relay(
            store,
            transport,
            Pacer(1000, chat_gap_s=0.0),
            render,
            clock,
            lane=Lane.ELSEWHERE,
            departure_check_s=0.05,
            lease_check_s=0,
        )
        running = asyncio.create_task(relay.run()) if run else None
        try:
            yield Elsewhere(store, clock, relay, transport, refusals)
        finally:
            await relay.stop()
            if running is not None:
                await running
            await transport.close()
