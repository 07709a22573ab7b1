"""One local server that plays every provider, each under a path prefix of its own, with faults on order."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Self

from aiohttp import web

from tests.fakes import provider_energy as energy
from tests.fakes import provider_flows as flows
from tests.fakes import provider_network as network
from tests.fakes import provider_prices as prices
from tests.fakes.faults import OF_TRANSPORT, Fault, Play
from tests.fakes.world import World


class Providers:
    """Serve `world` on the loopback.

    `faults[name]` spoils every answer of one provider, `hold` keeps it from answering until the event is
    set, `delay_s` makes it slow. `calls` counts requests by provider, `asked` keeps them as (provider, path
    with query). `effective` remembers each (provider, fault) that really changed an answer. `spoil[name]`
    gives one provider a world of its own; `mangle` has the last word on every text sent.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults: dict[str, Fault] = {}
        self.retry_after: str | None = None
        self.hold: dict[str, asyncio.Event] = {}
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, str]] = []
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.effective: set[tuple[str, Fault]] = set()
        self.delay_s: dict[str, float] = {}
        self.etags = False
        self.not_modified: Counter[str] = Counter()
        self.mangle: Callable[[str], str] = lambda text: text
        self.spoil: dict[str, Callable[[World], World]] = {}
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{provider}/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for event in self.hold.values():
            event.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, provider: str) -> str:
        """What to set `<PROVIDER>_URL` to."""
        return f"{self._base}/{provider}"

    async def asked_of(self, names: set[str]) -> None:
        """Wait until each of these providers has been asked."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: names <= set(self.calls))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name, path = request.match_info["provider"], "/" + request.match_info["path"]
        self.calls[name] += 1
        self.asked.append((name, str(request.rel_url).removeprefix(f"/{name}")))
        self.headers.append((name, dict(request.headers)))
        async with self._arrived:
            self._arrived.notify_all()
        if name in self.hold:
            await self.hold[name].wait()
        if name in self.delay_s:
            await asyncio.sleep(self.delay_s[name])
        fault = self.faults.get(name)
        play = Play(self.spoil[name](self.world) if name in self.spoil else self.world, fault)
        if fault in OF_TRANSPORT:
            self.effective.add((name, fault))
            return await play.transport(request, self.retry_after)
        handler = ROUTES.get(name)
        answer = await handler(request, path, play) if handler else None
        if answer is None and fault and play.touched:
            self.effective.add((name, fault))
        if answer is None:
            return web.json_response({"error": "not found"}, status=404)
        text = self.mangle(play.spoil(answer))
        if fault and (play.touched or fault is Fault.CUT):
            self.effective.add((name, fault))
        kind = KINDS.get(path.rpartition(".")[2], "application/json")
        headers = {"ETag": f'"{hash(text):x}"'} if self.etags else {}
        if self.etags and request.headers.get("If-None-Match") == headers["ETag"]:
            self.not_modified[name] += 1
            return web.Response(status=304, headers=headers)
        return await play.send(request, text, kind, headers)


KINDS = {"csv": "text/csv", "htm": "text/html"}

ROUTES: dict[str, Callable[[web.Request, str, Play], Awaitable[str | None]]] = {
    "mempool": network.mempool,
    "kraken": prices.kraken,
    "energy_charts": energy.energy_charts,
    "fred": energy.fred,
    "frankfurter": prices.frankfurter,
    "ecb": prices.ecb,
    "bitview": network.bitview,
    "coinbase": prices.coinbase,
    "coingecko": prices.coingecko,
    "coinmetrics": network.coinmetrics,
    "blockchain_info": network.blockchain_info,
    "awattar": energy.awattar,
    "smard": energy.smard,
    "eia_web": energy.eia_web,
    "eia": energy.eia,
    "bgeometrics": flows.bgeometrics,
    "glassnode": flows.glassnode,
    "cryptoquant": flows.cryptoquant,
}
