"""Notices as people read them: a broadcast's words, and what the operators are told about the bot itself."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.i18n.message import N_, Message, bracketed, commas, named
from bot.i18n.translator import LocaleTranslator
from bot.ledger.treasuries import HoldingFall
from handlers.html import html
from handlers.views import destinations, outflow
from storage.outbox.notices import NoticeKind

_NO_DATA = N_("<b>No fresh data</b>: no source gives any.")
_OWN_FAULT = N_("<b>No fresh data</b>: my own polls fail, whatever the sources give.")


def text(kind: str, body: str, now: datetime, t: LocaleTranslator, *, delayed: bool = False) -> str:
    """The notice as Telegram's HTML. `body` is the JSON it was kept with."""
    late = f"<i>{t('Delayed: this was written earlier.')}</i>\n" if delayed else ""
    return late + _TEXTS[kind](json.loads(body), now, t)


def _broadcast(facts: Mapping[str, Any], _now: datetime, _t: LocaleTranslator) -> str:
    return html(facts["text"])


def _blind(facts: Mapping[str, Any], now: datetime, t: LocaleTranslator) -> str:
    since = datetime.fromisoformat(facts["since"])
    lines = [
        f"👓 {t(_OWN_FAULT if facts.get('own_fault') else _NO_DATA)}",
        t.plural(
            "Last good poll: {moment}, {span} ago; {n} poll failed since.",
            "Last good poll: {moment}, {span} ago; {n} polls failed since.",
            facts["polls"],
            moment=t.utc(since),
            span=t.span(now - since),
        ),
        *(f"• {html(_reason(why, t))}" for why in facts["why"]),
        t(
            "No alert can come until this ends. {command} says what to mend.",
            command="<code>minerwatch doctor</code>",
        ),
    ]
    return "\n".join(lines)


def _reason(stored: Any, t: LocaleTranslator) -> str:
    """What was wrong, as it was stored: a message, or English from before messages were stored."""
    return stored if isinstance(stored, str) else _message().validate_python(stored)(t)


@cache
def _message() -> TypeAdapter[Message]:
    return TypeAdapter(Message)


def _sighted(facts: Mapping[str, Any], now: datetime, t: LocaleTranslator) -> str:
    since = datetime.fromisoformat(facts["since"])
    text = t(
        "<b>There is data again</b>. There was none for {span}, since {moment}.",
        span=t.span(now - since),
        moment=t.utc(since),
    )
    return f"👀 {text}"


def _unclean(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    last_sign, started = (datetime.fromisoformat(facts[name]) for name in ("seen", "now"))
    lines = [
        f"⚡ {t('<b>I was not stopped cleanly</b>: killed, out of memory, or the machine went down.')}",
        t(
            "Last sign of life: {seen}; started again {started}, {span} later. "
            "What waited was kept; messages that were under way then are listed in the log.",
            seen=t.utc(last_sign),
            started=t.utc(started),
            span=t.span(started - last_sign),
        ),
    ]
    return "\n".join(lines)


def _refused(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    lines = [f"⚖️ {t('<b>No trustworthy value</b> for an hour or more:')}"]
    lines += [
        f"• {named(html(series), bracketed(html(_reason(reason, t)), html(source), t), t)}"
        for series, source, reason in facts["series"]
    ]
    lines.append(
        t("Rules over it neither fire nor end once its last value is too old. /sources shows each provider.")
    )
    return "\n".join(lines)


def _accepted(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    names = commas(list(dict.fromkeys(series for series, _source, _reason in facts["series"])), t)
    return f"⚖️ {t('<b>Trusted again</b>: {series}.', series=html(names))}"


def _clock_jumped(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    span, moment = (
        t.span(timedelta(seconds=abs(facts["seconds"]))),
        t.utc(datetime.fromisoformat(facts["now"])),
    )
    jump = (
        t(
            "<b>The clock of this machine was set back</b> by {span}; it is {moment} now.",
            span=span,
            moment=moment,
        )
        if facts["seconds"] < 0
        else t(
            "<b>The clock of this machine was set ahead</b> by {span}; it is {moment} now.",
            span=span,
            moment=moment,
        )
    )
    check = t("If that is wrong, switch time synchronisation on.")
    return f"⏱ {jump}\n{check}"


def _rights_missing(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    text = t("<b>I may not write</b> in chat {chat}: {why}", chat=facts["chat"], why=html(facts["why"]))
    return f"✋ {text}\n{t('What waits for it is tried every 10 minutes for a day.')}"


def _refusals_doubted(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    text = t(
        "<b>Many chats refuse me at once</b>, for example {chat}: {why}",
        chat=facts["chat"],
        why=html(facts["why"]),
    )
    return f"✋ {text}\n{t('I keep them all for half an hour and try every 10 minutes.')}"


def _destination_refused(facts: Mapping[str, Any], _now: datetime, t: LocaleTranslator) -> str:
    return destinations.refusal(facts, t)


def _chat_outage(facts: Mapping[str, Any], now: datetime, t: LocaleTranslator) -> str:
    """For a chat that asked to be told: which alerts it can't get meanwhile, not what operators must mend."""
    since = datetime.fromisoformat(facts["since"])
    if facts["ended"]:
        return _sighted(facts, now, t)
    text = t(
        "<b>I have had no fresh data</b> since {moment}. No alert can come until I have.", moment=t.utc(since)
    )
    return f"👓 {text}"


def _holdings(facts: Mapping[str, Any], now: datetime, t: LocaleTranslator) -> str:
    fall = HoldingFall(facts["symbol"], facts["name"], facts["before_btc"], facts["after_btc"])
    read = t.span(now - datetime.fromisoformat(facts["read_at"]))
    return f"{outflow.fall_text(fall, t)}\n{t('Read {span} ago.', span=read)}"


_TEXTS: Mapping[str, Callable[[Mapping[str, Any], datetime, LocaleTranslator], str]] = {
    NoticeKind.BROADCAST: _broadcast,
    NoticeKind.OUTAGE_STARTED: _blind,
    NoticeKind.OUTAGE_ENDED: _sighted,
    NoticeKind.UNCLEAN_STOP: _unclean,
    NoticeKind.RIGHTS_MISSING: _rights_missing,
    NoticeKind.REFUSALS_DOUBTED: _refusals_doubted,
    NoticeKind.DESTINATION_REFUSED: _destination_refused,
    NoticeKind.HOLDINGS_FELL: _holdings,
    NoticeKind.SERIES_REJECTED: _refused,
    NoticeKind.SERIES_ACCEPTED: _accepted,
    NoticeKind.CLOCK_JUMPED: _clock_jumped,
    NoticeKind.CHAT_OUTAGE: _chat_outage,
}
