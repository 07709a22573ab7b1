"""Notices as people read them: a broadcast's words, and what the operators are told about the bot itself."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.mining.treasuries import HoldingFall
from handlers import render_outflow
from handlers.words import html, moment, span

BROADCAST, BLIND, SIGHTED, UNCLEAN = "broadcast", "blind", "sighted", "unclean"
HOLDINGS, REFUSED, ACCEPTED = "holdings", "refused", "accepted"


def text(kind: str, body: str, now: datetime, *, delayed: bool = False) -> str:
    """The notice as Telegram's HTML. `body` is the JSON it was kept with."""
    late = "<i>Delayed: this was written earlier.</i>\n" if delayed else ""
    return late + _TEXTS[kind](json.loads(body), now)


def _broadcast(facts: Mapping[str, Any], _now: datetime) -> str:
    return html(facts["text"])


def _blind(facts: Mapping[str, Any], now: datetime) -> str:
    since = datetime.fromisoformat(facts["since"])
    lines = [
        "👓 <b>I am blind</b>: no source gives fresh data.",
        f"Last good poll: {moment(since)}, {span(now - since)} ago; {facts['polls']} polls failed since.",
        *(f"• {html(why)}" for why in facts["why"]),
        "No alert can come until this ends. <code>minerwatch doctor</code> says what to mend.",
    ]
    return "\n".join(lines)


def _sighted(facts: Mapping[str, Any], now: datetime) -> str:
    since = datetime.fromisoformat(facts["since"])
    return f"👀 <b>I see again</b>. I was blind for {span(now - since)}, since {moment(since)}."


def _unclean(facts: Mapping[str, Any], now: datetime) -> str:
    seen, started = (datetime.fromisoformat(facts[name]) for name in ("seen", "now"))
    return (
        "⚡ <b>I was not stopped cleanly</b>: killed, out of memory, or the machine went down.\n"
        f"Last sign of life: {moment(seen)}; started again {moment(started)}, {span(started - seen)} later. "
        "What waited was kept; messages that were under way then are listed in the log."
    )


def _refused(facts: Mapping[str, Any], _now: datetime) -> str:
    lines = ["⚖️ <b>No trustworthy value</b> for an hour or more:"]
    lines += [
        f"• {html(series)}: {html(reason)} ({html(source)})" for series, source, reason in facts["series"]
    ]
    lines.append(
        "Rules over it neither fire nor end once its last value is too old. /sources shows each provider."
    )
    return "\n".join(lines)


def _accepted(facts: Mapping[str, Any], _now: datetime) -> str:
    names = ", ".join(dict.fromkeys(series for series, _source, _reason in facts["series"]))
    return f"⚖️ <b>Trusted again</b>: {html(names)}."


def _holdings(facts: Mapping[str, Any], now: datetime) -> str:
    fall = HoldingFall(facts["symbol"], facts["name"], facts["before_btc"], facts["after_btc"])
    read_at = datetime.fromisoformat(facts["read_at"])
    return f"{render_outflow.fall_text(fall)}\nRead {span(now - read_at)} ago."


_TEXTS: Mapping[str, Callable[[Mapping[str, Any], datetime], str]] = {
    BROADCAST: _broadcast,
    BLIND: _blind,
    SIGHTED: _sighted,
    UNCLEAN: _unclean,
    HOLDINGS: _holdings,
    REFUSED: _refused,
    ACCEPTED: _accepted,
}
