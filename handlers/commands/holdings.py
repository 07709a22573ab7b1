"""/holdings: the bitcoin that listed miners hold, of all or of one."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_, left, right
from bot.i18n.translator import LocaleTranslator
from bot.ledger.treasuries import FALL_BTC, FALL_FRACTION, MINERS, Holding
from bot.signals.outflow_sources import evidence_name
from bot.signals.rules import SUBSCRIPTIONS
from handlers.html import html
from handlers.routing import Permission, Request, command
from storage.signals import treasuries

_ALSO_CALLED: Final = {
    "marathon": "MARA", "marathon digital": "MARA", "марафон": "MARA", "马拉松": "MARA", "риот": "RIOT",
    "hut8": "HUT", "iris energy": "IREN", "core scientific": "CORZ", "клинспарк": "CLSK",
}  # fmt: skip
_WHY: Final = "n1:why miner_outflow"
"""Callback data of the button of a command in plain words."""
_NAME_WIDTH: Final = 20


@command(
    "holdings",
    N_("the bitcoin that listed miners hold: /holdings riot"),
    Permission.ANYONE,
    aliases=("treasuries",),
)
async def holdings(request: Request) -> None:
    """Say what all listed miners hold, or one of them."""
    t, name = request.t, " ".join(request.arguments).strip()
    held, reading_times = await request.context.store.read(
        lambda db: (treasuries.holdings_of(db), treasuries.reading_times(db))
    )
    button = InlineKeyboardButton(SUBSCRIPTIONS["miner_outflow"].title(t), callback_data=_WHY)
    lines = [_of_one(held, name, t)] if name else _of_all(held, t)
    shown = [at for symbol, at in reading_times.items() if not name or symbol == symbol_of(name)]
    if shown:  # a figure too little changed for an alert is still the one before, with its age
        source, age = html(evidence_name("coingecko")(t)), t.age(min(shown), request.context.clock())
        lines += [t("Source: {source}, {age}", source=source, age=age), _not_shown(t)]
    await request.reply("\n".join(lines), InlineKeyboardMarkup([[button]]))


def _of_one(held: Sequence[Holding], name: str, t: LocaleTranslator) -> str:
    symbol = symbol_of(name)
    found = next((each for each in held if each.symbol == symbol), None)
    if found is None:
        unknown = t("I have no figure of what {name} holds.", name=html(MINERS.get(symbol, name[:30])))
        largest = max(held, key=lambda each: each.held_btc, default=None)
        line = "/holdings" if largest is None else f"/holdings {largest.symbol.lower()}"
        return f"{unknown}\n{t('For example: {example}', example=f'<code>{html(line)}</code>')}"
    return f"<b>{html(found.name)}: {t.number(found.held_btc)} BTC</b>"


def _of_all(held: Sequence[Holding], t: LocaleTranslator) -> list[str]:
    if not held:
        return [t("I have not read yet what listed miners hold.")]
    rows = sorted(held, key=lambda each: -each.held_btc)
    table = "\n".join(left(each.name, _NAME_WIDTH) + right(t.number(each.held_btc), 8) for each in rows)
    return [t("<b>Bitcoin that listed miners hold</b>"), f"<pre>{html(table)}</pre>"]


def _not_shown(t: LocaleTranslator) -> str:
    # Translators: {share} is such as “5 %”, {amount} a number of bitcoin.
    return t(
        "A fall below {share} or {amount} BTC is not shown yet. "
        "What each of them sells in a month I don't know.",
        share=f"{t.number(100 * FALL_FRACTION)}{t.percent}",
        amount=t.number(FALL_BTC),
    )


def symbol_of(name: str) -> str:
    """The ticker of a company by its ticker or name, in whatever case; the name itself for any other."""
    wanted = name.lower()
    if wanted in _ALSO_CALLED:
        return _ALSO_CALLED[wanted]
    for symbol, full in MINERS.items():
        if wanted in (symbol.lower(), full.lower(), full.lower().split()[0]):
            return symbol
    return name


HANDLERS = (holdings,)
