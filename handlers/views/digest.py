"""Digests and what was put off: many alerts in few lines (Telegram's HTML)."""

from collections.abc import Sequence
from datetime import datetime

from bot.backtest.index_record import record_line
from bot.i18n.message import N_, bracketed, commas, named
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import USD, Display
from bot.signals.alert import Alert, AlertKind
from bot.signals.digest import Digest
from bot.signals.history import History
from bot.signals.income_indicators import hashprice_column
from bot.signals.labels import PHASE_NAMES, SEVERITY_NAMES
from bot.signals.odds_text import index_line, odds_line
from bot.signals.phase import Phase
from bot.signals.quantities import quantity
from bot.signals.rules import SUBSCRIPTIONS
from handlers.html import fold, html
from handlers.views import status, watches
from handlers.views.situation import Situation, machine_line, retarget_line
from storage.chats.watches import WatchStanding

_MOST = 30  # lines; a message holds about twice as many

_WHAT = {
    AlertKind.FIRED: N_("fired"),
    AlertKind.CLEARED: N_("over"),
    AlertKind.REMINDER: N_("still fires"),
    AlertKind.NO_DATA: N_("has no data"),
    AlertKind.DATA_BACK: N_("still fires, data is back"),
}


_HASHPRICE = "btc.hashprice"

_FIGURES = (
    (("btc.price", N_("Bitcoin {value}")),),
    (("btc.hashrate", N_("Hashrate {value} EH/s")), (_HASHPRICE, N_("Hashprice {value}"))),
)
"""What is told of the market, a line each."""


def digest(
    content: Digest,
    now: datetime,
    t: LocaleTranslator,
    situation: Situation | None = None,
    watch_list: Sequence[WatchStanding] = (),
) -> str:
    """At most eight lines: phase, figures with their change, what comes, own machines and watches, alerts."""
    title = t("Digest since {moment} UTC", moment=html(t.moment(content.since)))
    lines = [
        f"📰 <b>{title}</b>",
        status.phase_lines(content.phase, content.phase_since, content.statuses, t)[0],
    ]
    if situation is not None and situation.history is not None:
        lines += _figures(situation.history, content.since, situation.display, t)
        retarget = retarget_line(situation.market, now, t)
        lines += [] if retarget is None else [html(retarget)]
        own = machine_line(situation, t) if situation.fleet is not None and situation.fleet.kinds else None
        lines += [] if own is None else [html(own)]
    own_watches = watches.in_digest(
        watch_list, content.since, t, USD if situation is None else situation.display
    )
    lines += [] if own_watches is None else [own_watches]
    changes = _lines(content.alerts, t)
    room = 8 - len(lines)
    if not changes:
        lines.append(t("No alert since the last digest."))
    elif len(changes) <= room:
        lines += changes
        changes = []
    else:
        lines.append(
            t.plural("{n} alert since the last digest", "{n} alerts since the last digest", len(changes))
        )
    states = [status.signal_line(each, t) for each in content.statuses]
    if situation is not None:
        index = None if situation.stress is None else index_line(situation.stress, t)
        record = None if situation.index_record is None else record_line(situation.index_record, t)
        outlook_lines = (odds_line(situation.odds, t), index, record, situation.rate_line(t))
        states += [html(line) for line in outlook_lines if line is not None]
    return "\n".join([*lines, fold([*changes, *states])])


def _figures(history: History, since: datetime, display: Display, t: LocaleTranslator) -> list[str]:
    """Price, hashrate and hashprice with their change since a moment; what isn't known is left out."""
    lines = []
    for together in _FIGURES:
        figures = [_figure(history, since, display, series, text, t) for series, text in together]
        if known := [figure for figure in figures if figure is not None]:
            lines.append(html(" · ".join(known)))
    return lines


def _figure(
    history: History, since: datetime, display: Display, series: str, text: str, t: LocaleTranslator
) -> str | None:
    newest = history.newest(series)
    if newest is None:
        return None
    column = hashprice_column(history) if series == _HASHPRICE else history.column(series)
    before = column.at(since.date().toordinal())
    figure = t(text, value=_value(series, newest.value, display, t))
    if before > 0 and newest.as_of > since:
        return bracketed(figure, t.change(newest.value / before - 1), t)
    return figure


def _value(series: str, value: float, display: Display, t: LocaleTranslator) -> str:
    if series == "btc.price":
        return formatting.money(value, display.of_btc_price, t)
    if series == _HASHPRICE:
        return formatting.hashprice(value, display, t)
    return t.number(value, 2 if value < 1_000 else 0)


def put_off(alerts: Sequence[Alert], since: datetime, t: LocaleTranslator) -> str:
    """What was held back while the chat was muted or quiet, oldest first."""
    if not alerts:
        return f"🌙 <b>{t('Held back while you wanted quiet:')}</b>"
    title = t.plural(
        "{n} alert was held back while you wanted quiet, since {moment} UTC",
        "{n} alerts were held back while you wanted quiet, since {moment} UTC",
        len(alerts),
        moment=html(t.moment(since)),
    )
    return "\n".join([f"🌙 <b>{title}</b>", *_lines(alerts, t), t("/status shows where it stands now.")])


def _lines(alerts: Sequence[Alert], t: LocaleTranslator) -> list[str]:
    lines = [_line(alert, t) for alert in alerts[-_MOST:]]
    earlier = len(alerts) - len(lines)
    if earlier:
        more = t.plural("and {n} earlier alert", "and {n} earlier alerts", earlier)
        lines.insert(0, f"… {more}")
    return lines


def _line(alert: Alert, t: LocaleTranslator) -> str:
    at = html(t.moment(alert.at))
    if alert.kind is AlertKind.PHASE:
        before, after = alert.before or Phase.UNKNOWN, alert.after or Phase.UNKNOWN
        change = f"{t(PHASE_NAMES[before])} → {t(PHASE_NAMES[after])}"
        phase = f"<b>{t('Phase')}</b> {html(change)}"
        return f"• {named(at, phase, t)}"
    name, severity = SUBSCRIPTIONS[alert.signal].title(t), t(SEVERITY_NAMES[alert.severity])
    value = quantity(alert.value, alert.quantity, t)
    what = bracketed(f"<b>{html(name)}</b> {t(_WHAT[alert.kind])}", html(severity), t)
    return f"• {named(at, commas([what, html(value)], t), t)}"
