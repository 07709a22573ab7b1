"""What an alert says first: a sentence for when a rule fires, still does, and is over."""

from dataclasses import dataclass
from typing import Final

from bot.i18n.message import N_, Translator
from bot.signals.alert import Alert, AlertKind


@dataclass(frozen=True, slots=True)
class Headlines:
    """A rule's three sentences. `{percent}` is the size of its figure, `{zone}` a day-ahead zone."""

    fired: str
    lasting: str
    over: str


_INTRADAY: Final = Headlines(
    N_("Bitcoin touched {percent} % below its record today"),
    N_("Bitcoin still trades {percent} % below its record"),
    N_("Bitcoin is up from its low of the day: {percent} % below its record"),
)

_HEADLINES: Final = {
    "price_drawdown": Headlines(
        N_("Bitcoin is {percent} % below its record"),
        N_("Bitcoin is still {percent} % below its record"),
        N_("Bitcoin is recovering: now {percent} % below its record"),
    ),
    "price_drawdown.warning.intraday": _INTRADAY,
    "price_drawdown.critical.intraday": _INTRADAY,
    "miner_income.warning": Headlines(
        N_("Miners earn less than on nine in ten days of the past year"),
        N_("Miners still earn unusually little"),
        N_("Miners earn about as much as usual again"),
    ),
    "miner_income.critical": Headlines(
        N_("Miners earn less than on any day of the past year"),
        N_("Miners still earn close to the least in a year"),
        N_("Miners' income is up from its low"),
    ),
    "hashrate_decline.warning": Headlines(
        N_("The network's hashrate is shrinking"),
        N_("The network's hashrate is still shrinking"),
        N_("The network's hashrate is growing again"),
    ),
    "hashrate_decline.critical": Headlines(
        N_("The hashrate fell {percent} % in 30 days"),
        N_("The hashrate is still falling: {percent} % less than 30 days ago"),
        N_("The hashrate has stopped falling"),
    ),
    "miner_outflow.warning.pools": Headlines(
        N_("Unusually many coins leave the pools' wallets"),
        N_("Unusually many coins still leave the pools' wallets"),
        N_("The outflow from the pools' wallets is back to normal"),
    ),
    "miner_outflow.critical.pools": Headlines(
        N_("More coins leave the pools' wallets than in any week of the past year"),
        N_("The outflow from the pools' wallets is still close to its highest in a year"),
        N_("The outflow from the pools' wallets has fallen from its high"),
    ),
    "miner_outflow.warning.public": Headlines(
        N_("Public miners sell more bitcoin than they mine"),
        N_("Public miners still sell more bitcoin than they mine"),
        N_("Public miners no longer sell more bitcoin than they mine"),
    ),
    "miner_outflow.critical.public": Headlines(
        N_("Public miners sell twice as much bitcoin as they mine"),
        N_("Public miners still sell about twice as much bitcoin as they mine"),
        N_("Public miners no longer sell twice as much bitcoin as they mine"),
    ),
    "energy_price.warning": Headlines(
        N_("Power in {zone} is unusually expensive"),
        N_("Power in {zone} is still unusually expensive"),
        N_("Power in {zone} costs no more than usual again"),
    ),
    "energy_price.critical": Headlines(
        N_("Power in {zone} is more expensive than ever on record"),
        N_("Power in {zone} is still close to its highest price on record"),
        N_("Power in {zone} has fallen from its record price"),
    ),
}


def headlines_of(rule: str) -> Headlines | None:
    """The sentences of a rule by its id or the longest beginning of it; None for a rule without any."""
    parts = rule.split(".")
    return next(
        (entry for end in range(len(parts), 0, -1) if (entry := _HEADLINES.get(".".join(parts[:end])))), None
    )


def headline(alert: Alert, t: Translator) -> str:
    """What an alert of a rule says first; its title, where the rule has no sentences of its own."""
    sentences = headlines_of(alert.rule)
    if sentences is None:
        return alert.title(t)
    text = {AlertKind.FIRED: sentences.fired, AlertKind.CLEARED: sentences.over}.get(
        alert.kind, sentences.lasting
    )
    percent = "" if alert.value is None else t.number(abs(100 * alert.value))
    return t(text, percent=percent, zone=alert.rule.rsplit(".", 1)[-1])
