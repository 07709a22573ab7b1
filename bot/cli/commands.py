"""The commands that need the whole program: the live bot, the demonstration, one poll, the doctor."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Mapping

from bot.app import Program, utc_now
from bot.cli.exit_codes import DONE, FAILED
from bot.cli.poll_report import poll_lines, poll_report
from bot.cli.serve import serve
from bot.cli.standby import open_store
from bot.data.forecast_weights import load_model
from bot.ops.heartbeat import Heartbeat
from bot.ops.memory import freeze
from bot.pipeline.background import background_jobs
from bot.pipeline.factory import make_collector, make_poller, web_client
from bot.pipeline.poller import Poll
from bot.settings import Settings
from bot.signals.forecast import Forecast, forecasts
from storage.database import Store


def run(_options: argparse.Namespace, settings: Settings) -> int:
    """The bot, until it is stopped."""
    freeze()
    token = settings.token
    opened = Store(settings.database) if settings.database_url is None else asyncio.run(open_store(settings))
    if opened is None:
        return DONE
    with opened as store:
        http = web_client()
        sources = make_collector(settings, http)
        url = settings.heartbeat_url
        background = background_jobs(settings, store, sources, http, utc_now)

        async def live() -> Program:
            program = Program(
                settings,
                store,
                sources,
                token=token,
                heartbeat=None if url is None else Heartbeat(url.get_secret_value(), http),
                background=background,
            )
            await serve(program, settings)
            return program

        program = asyncio.run(live())
    if program.fatal:
        sys.stderr.write(f"minerwatch: {program.fatal}\n")
        return FAILED
    return DONE


def poll(options: argparse.Namespace, settings: Settings) -> int:
    """One poll, printed."""

    async def once(store: Store) -> tuple[Poll, tuple[Forecast, ...]]:
        sources = make_collector(settings)
        poller = make_poller(settings, store, sources)
        try:
            await store.lead()
            await poller.start(utc_now())
            poll = await poller.poll(utc_now())
            return poll, forecasts(poller.history, load_model(), poll.polled_at)
        finally:
            await sources.close()

    with Store(settings.database) as store:
        poll, odds = asyncio.run(once(store))
    report = poll_report(poll, odds)
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        print("\n".join(poll_lines(report)))
    return DONE if any(source["ok"] for source in report["sources"]) else FAILED


def run_doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Everything checked, with what to mend."""
    from bot.ops import doctor  # noqa: PLC0415 - nothing of it runs with the bot

    logging.getLogger("bot.sources").setLevel(logging.ERROR)  # what they would warn of is a finding below
    findings = doctor.run(settings, make_collector(settings), utc_now)
    if options.json:
        print(json.dumps(doctor.report(findings), ensure_ascii=False))
    else:
        print("\n".join(doctor.lines(findings)))
    return DONE if all(finding.ok for finding in findings) else FAILED


LIVE: Mapping[str, Callable[[argparse.Namespace, Settings], int]] = {
    "run": run,
    "poll": poll,
    "doctor": run_doctor,
}
"""The commands by name."""
