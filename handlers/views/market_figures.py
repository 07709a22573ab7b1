"""The market's figures as text (Telegram's HTML), each with its source and age."""

from datetime import datetime, timedelta
from math import log2
from typing import Final

from bot.i18n.message import origin
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import Input, display_in
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.network import (
    BLOCKS_PER_DAY,
    FIRST_SUBSIDY_BTC,
    HALVING_BLOCKS,
    HALVINGS,
    MOST_BTC,
    mined_until,
    next_halving,
    subsidy_on,
)
from bot.mining.parsing.units import Currency
from handlers.html import html
from handlers.views.breakeven import readings

TOPICS: Final = ("price", "hashprice", "difficulty", "retarget", "halving", "hashrate", "fees")


def figure(topic: str, market: Market, currency: Currency | None, t: LocaleTranslator) -> str:
    """One figure with its source and age, in a currency. Raises InvalidQuestion when it isn't known."""
    match topic:
        case "price":
            return _price(market, currency, t)
        case "hashprice":
            return _hashprice(market, currency, t)
        case "difficulty":
            return _difficulty(market, t)
        case "retarget":
            return _retarget(market, t)
        case "halving":
            return _halving(market.at, t)
        case "fees":
            return _fees(market, currency, t)
    return _hashrate(market, t)


def watch_line(topic: str, market: Market) -> str | None:
    """A watch that suits a figure, as it is typed; None when there is none."""
    price, hashprice, difficulty = market.btc_price_usd, market.hashprice_usd_per_ph_day, market.difficulty
    match topic:
        case "price" if price is not None:
            return f"price below {_round(0.9 * price.value)}"
        case "hashprice" if hashprice is not None:
            return f"hashprice below {_round(0.9 * hashprice)}"
        case "difficulty" if difficulty is not None:
            return "difficulty drops 5% in 14d"
        case "retarget":
            return "retarget below -5%"
        case "halving":
            return "halving below 30"
        case "hashrate":
            return "hashrate drops 10% in 30d"
    return None


def _round(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}" if value < 1000 else f"{round(value, -3):.0f}"


def _require(fact: Fact | None, t: LocaleTranslator) -> Fact:
    if fact is None:
        raise InvalidQuestion(lambda t: t("I don't know that yet; ask after the next poll."), "/status")
    return fact


def _price(market: Market, currency: Currency | None, t: LocaleTranslator) -> str:
    price = _require(market.btc_price_usd, t)
    inputs = [Input("BTC price", price)]
    display = display_in(currency, market, inputs).of_btc_price
    amount = formatting.money(price.value, display, t)
    lines = [f"<b>{t('Bitcoin')} {html(amount)}</b>"]
    high = market.btc_high_usd
    if high is not None and high.value > 0.0:
        # Translators: {change} is how far the price is from its record, such as “−12.3 %”; {record} is money.
        lines.append(
            html(
                t(
                    "{change} from the record of {record}",
                    change=formatting.change(min(price.value / high.value - 1.0, 0.0), t),
                    record=formatting.money(high.value, display, t),
                )
            )
        )
    return "\n".join((*lines, readings(inputs, market.at, t)))


def _hashprice(market: Market, currency: Currency | None, t: LocaleTranslator) -> str:
    price, difficulty = _require(market.btc_price_usd, t), _require(market.difficulty, t)
    value = market.hashprice_usd_per_ph_day or 0.0
    sats = formatting.sats(value / price.value, t)
    inputs = [Input("BTC price", price), Input("difficulty", difficulty)]
    if market.fees_btc_per_block is not None:
        inputs.append(Input("fees per block", market.fees_btc_per_block))
    display = display_in(currency, market, inputs)
    per_th = formatting.money(value / 1000.0, display, t)
    return "\n".join(
        (
            f"<b>{t('Hashprice')} {html(formatting.hashprice(value, display, t))}</b>",
            # Translators: the hashprice in other units; keep “/TH/day” and “/PH/day”.
            html(t("{money}/TH/day · {sats}/PH/day", money=per_th, sats=sats)),
            html(t("By difficulty, with the mean fees of seven days.")),
            html(t("It is what machines of 1 PH/s earn in a day, before the cost of power.")),
            readings(inputs, market.at, t),
        )
    )


def _difficulty(market: Market, t: LocaleTranslator) -> str:
    difficulty = _require(market.difficulty, t)
    lines = [f"<b>{t('Difficulty {value}', value=html(formatting.difficulty(difficulty.value, t)))}</b>"]
    if market.expected_retarget is not None:
        lines.append(html(_expected(market, market.expected_retarget, t)))
    lines.append(html(t("It is how hard a block is to find; every 2,016 blocks it follows the hashrate.")))
    return "\n".join((*lines, readings((Input("difficulty", difficulty),), market.at, t)))


def _retarget(market: Market, t: LocaleTranslator) -> str:
    meaning = html(t("Every 2,016 blocks, about two weeks, the difficulty is set anew, by the hashrate."))
    if market.retarget_at is None:
        unknown = t("I don't know yet when the next one is; ask after the next poll.")
        return f"{meaning}\n{html(unknown)}"
    progress = market.retarget_progress
    lines = []
    if market.expected_retarget is None:
        lines.append(f"<b>{html(_when(market.retarget_at, market.at, t))}</b>")
        lines.append(html(t("It is too early in the epoch for an estimate of the change.")))
    else:
        lines.append(f"<b>{html(_expected(market, market.expected_retarget, t))}</b>")
    if progress is not None:
        percent = formatting.percent(progress, t, 0)
        # Translators: {percent} is how much of the 2,016 blocks between two retargets are found.
        lines.append(html(t("{percent} of the epoch is over.", percent=percent)))
    lines.append(meaning)
    if market.difficulty is not None:
        lines.append(readings((Input("difficulty", market.difficulty),), market.at, t))
    return "\n".join(lines)


def _expected(market: Market, change: float, t: LocaleTranslator) -> str:
    by = formatting.change(change, t)
    if market.retarget_at is None:
        # Translators: {change} is a change of difficulty, such as “−3.4 %”.
        return t("Next retarget: ~{change}", change=by)
    when = t.utc(market.retarget_at)
    # Translators: {change} is a change of difficulty, {moment} when it falls due, {ahead} reads “in 3 days”.
    return t(
        "Next retarget: ~{change} on {moment}, {ahead}",
        change=by,
        moment=when,
        ahead=t.after(max(market.retarget_at - market.at, timedelta(0))),
    )


def _when(moment: datetime, now: datetime, t: LocaleTranslator) -> str:
    # Translators: {moment} is when the next retarget falls due, {ahead} reads “in 3 days”.
    return t("Next retarget on {moment}, {ahead}", moment=t.utc(moment), ahead=t.after(moment - now))


def _halving(now: datetime, t: LocaleTranslator) -> str:
    day = next_halving(now.date())
    before = subsidy_on(now.date())
    height = HALVING_BLOCKS * (round(log2(FIRST_SUBSIDY_BTC / before)) + 1)
    # Translators: {day} is a date, {ahead} reads “in 500 days”.
    head = t("Next halving about {day}, {ahead}", day=t.calendar_day(day), ahead=t.after(day - now.date()))
    # Translators: {height} is a block's number; {before} and {after} are amounts of BTC per block.
    explanation = t(
        "At block {height}: {before} to {after} BTC per block. Projected at ten minutes a block.",
        height=t.number(height),
        before=t.number(before, 8),
        after=t.number(before / 2.0, 8),
    )
    days = t.listed([t.calendar_day(each) for each in HALVINGS if each <= now.date()])
    # Translators: {days} are the dates of all halvings so far.
    so_far = t("Halvings so far: {days}.", days=days)
    mined = round(mined_until(now.date()), -4)
    # Translators: {mined} and {left} are numbers of bitcoin; there will never be more than 21 million.
    supply = t(
        "Of 21 million BTC about {mined} are mined, {left} are left.",
        mined=t.number(mined),
        left=t.number(MOST_BTC - mined),
    )
    return f"<b>{html(head)}</b>\n{html(explanation)}\n{html(so_far)}\n{html(supply)}"


def _fees(market: Market, currency: Currency | None, t: LocaleTranslator) -> str:
    fees = _require(market.fees_btc_per_block, t)
    inputs = [Input("fees per block", fees)]
    amount = f"{t.number(fees.value, 4)} BTC"
    if market.btc_price_usd is not None:
        display = display_in(currency, market, inputs)
        amount = f"{amount} · {formatting.money(fees.value * market.btc_price_usd.value, display, t)}"
    mined = BLOCKS_PER_DAY * (fees.value + market.subsidy_btc)
    income = f"{t.number(mined, 1)} BTC"
    if market.btc_price_usd is not None:
        income = f"{income} · {formatting.money(mined * market.btc_price_usd.value, display, t)}"
    share = formatting.percent(fees.value / (fees.value + market.subsidy_btc), t, 1)
    return "\n".join(
        (
            f"<b>{t('Fees of a block: {amount}', amount=html(amount))}</b>",
            # Translators: {share} is a percentage; a block pays its miner new coins and the fees.
            html(t("{share} of what a block pays, the mean of seven days.", share=share)),
            # Translators: {amount} is what all miners of the network earn, in bitcoin and money.
            html(t("All miners together earn {amount} a day.", amount=income)),
            html(t("I don't follow what a transaction costs right now (sat/vB).")),
            readings(inputs, market.at, t),
        )
    )


def _hashrate(market: Market, t: LocaleTranslator) -> str:
    hashrate = _require(market.hashrate_ehs, t)
    value = formatting.plain(hashrate.value, t, 0)
    # Translators: {source} is who gave a figure, {moment} the day's end it is of.
    source_line = t("{source}, to {moment}", source=origin(hashrate.source, t), moment=t.utc(hashrate.as_of))
    return "\n".join(
        (
            f"<b>{t('Hashrate {value} EH/s', value=html(value))}</b>",
            html(t("Mean of seven days; a day alone is noise.")),
            html(t("It is how many hashes all machines try in a second, by the blocks they find.")),
            f"<i>{html(source_line)}</i>",
        )
    )
