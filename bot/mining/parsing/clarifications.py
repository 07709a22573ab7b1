"""What is asked back when a text is unclear: each refusal with the readings that may have been meant."""

from collections.abc import Sequence
from typing import Final

from bot.i18n.message import N_, LazyText
from bot.mining.errors import QUESTION_EXAMPLE, Choice, InvalidQuestion, verbatim
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.power_market import TRADED_ZONES

_OFFERED_ZONES: Final = ("DE-LU", "AT", "NL", "FR")


def doubtful(scanned: ScannedText, item: Item, suggestions: Sequence[str]) -> InvalidQuestion:
    """A value that doesn't exist in this world, with what was likely meant."""
    if suggestions:
        return InvalidQuestion(
            # Translators: {text} is what was typed, {meant} what was likely meant.
            lambda t: t(
                "{text} can hardly be; did you mean {meant}?",
                text=item.text[:30],
                meant=t.either(list(suggestions)),
            ),
            f"/breakeven s19 {suggestions[0]}" if suggestions[0][-1] == "c" else QUESTION_EXAMPLE,
            tuple(Choice(verbatim(text), scanned.text_with(item, text)) for text in suggestions),
        )
    return InvalidQuestion(lambda t: t("{text} can hardly be; check the unit.", text=item.text[:30]))


def unplaced(scanned: ScannedText, item: Item) -> InvalidQuestion:
    """A number that nothing in the text explains."""
    text = item.text
    excerpt = text[:30]
    quantity = item.quantity
    if quantity is not None and quantity.unit is MeasureUnit.PERCENT:
        return InvalidQuestion(
            # Translators: {text} is what was typed, {fee} and {uptime} what to type instead.
            lambda t: t(
                "I can't tell what {text} is; write {fee} or {uptime}.",
                text=excerpt,
                fee=f"fee={excerpt.strip('+-')}",
                uptime=f"uptime={excerpt.strip('+-')}",
            ),
            f"/breakeven s19 7c fee={excerpt.strip('+-').replace(' ', '')}",
            tuple(
                Choice(_share_label(name, excerpt), scanned.text_with(item, f"{key}={excerpt}"))
                for key, name in (("fee", N_("pool fee")), ("uptime", N_("uptime")))
            ),
        )
    choices: tuple[Choice, ...] = ()
    if quantity is not None and quantity.unit is MeasureUnit.NUMBER and 1.0 <= quantity.small <= 50.0:
        choices = (Choice(verbatim(f"{excerpt} c/kWh"), scanned.text_with(item, f"{quantity.small:g}c")),)
    return InvalidQuestion(
        # Translators: {text} is what was typed.
        lambda t: t(
            "I can't tell what {text} is; write 7c for a power price, 95TH, 3250W, or price=45000 for "
            "bitcoin.",
            text=excerpt,
        ),
        QUESTION_EXAMPLE,
        choices,
    )


def own_rate(scanned: ScannedText, items: Sequence[Item]) -> InvalidQuestion:
    """A rate of exchange that somebody gives, in place of which the published one is used."""
    return InvalidQuestion(
        # Translators: {text} is such as “exchange rate 1.08”.
        lambda t: t(
            "I convert at the rates of the European Central Bank and can't use “{text}”.",
            text=" ".join(item.text for item in items)[:40],
        ),
        QUESTION_EXAMPLE,
        (Choice(label(N_("Answer without it")), scanned.text_without(items)),),
    )


def price_or_count(scanned: ScannedText, item: Item, number: int) -> InvalidQuestion:
    """A number that may be what a kWh costs, or how many machines there are."""
    return InvalidQuestion(
        # Translators: {n} is a number; both are buttons, too.
        lambda t: t("{n} machines, or {n} c/kWh?", n=number),
        QUESTION_EXAMPLE,
        (
            Choice(verbatim(f"{number} ×"), scanned.text_with(item, f"{number} machines")),
            Choice(verbatim(f"{number} c/kWh"), scanned.text_with(item, f"{number}c/kWh")),
        ),
    )


def which_limit() -> InvalidQuestion:
    """A limit that is asked for without what it is of."""
    return InvalidQuestion(
        lambda t: t("The limit of what?"),
        "max power price s19",
        (
            Choice(label(N_("power price")), "max power price"),
            Choice(label(N_("BTC price")), "break-even btc price"),
        ),
    )


_EXAMPLES: Final = {
    "hosting": "/breakeven s21 7c hosting 80$/month", "hosted": "/breakeven s21 7c hosting 80$/month",
    "pool_fee": "/breakeven s21 7c fee=2%", "tax": "/breakeven s21 7c tax=19%",
    "surcharge": "/breakeven s21 7c surcharge 2c", "debt": "/breakeven s21 7c debt 100$/month",
    "uptime": "/breakeven s21 7c uptime=95%", "overhead": "/breakeven s21 7c pue=1.05",
    "cooling": "/breakeven s21 7c pue=1.05", "heat": "/breakeven s21 7c heat 5c",
}  # fmt: skip


def how_much(item: Item) -> InvalidQuestion:
    """A cost, or what else a figure is given of, that is named without it."""
    return InvalidQuestion(
        # Translators: {text} is such as “hosting” or “pool fee”.
        lambda t: t("How much is the “{text}”? Give me its figure.", text=item.text[:30]),
        _EXAMPLES.get(item.concept, "/breakeven s21 7c fixed 100$/month"),
    )


def worth_of_heat(scanned: ScannedText, words: Sequence[Item], *, offer: bool) -> InvalidQuestion:
    """Heat that is used, without what it saves."""
    rest = scanned.text_without(words)
    choices = (Choice(label(N_("Answer without it")), rest),) if offer else ()
    return InvalidQuestion(
        lambda t: t("What is the heat worth? Name what a kWh of what it replaces costs, such as gas."),
        "/breakeven s19 30c heat 9c",
        choices,
    )


def open_word(scanned: ScannedText, words: Sequence[Item], *, offer: bool) -> InvalidQuestion:
    """Words that the answer would have had to leave aside."""
    excerpt = " ".join(item.text for item in words)[:40]
    rest = scanned.text_without(words)
    choices = (Choice(label(N_("Answer without it")), rest),) if offer else ()
    return InvalidQuestion(
        # Translators: {text} are words of the question.
        lambda t: t("I don't understand “{text}” in that question.", text=excerpt),
        QUESTION_EXAMPLE,
        choices,
    )


def about_past(scanned: ScannedText, items: Sequence[Item], *, offer: bool) -> InvalidQuestion:
    """A time gone by, for which there is no market to answer with."""
    return InvalidQuestion(
        # Translators: {text} is such as “last month”.
        lambda t: t(
            "I answer for the market as it is now, not for “{text}”; give that time's figures, or "
            "ask for now.",
            text=" ".join(item.text for item in items)[:40],
        ),
        "/breakeven s19 7c price=20000 difficulty=30T",
        (Choice(label(N_("Answer for now")), scanned.text_without(items)),) if offer else (),
    )


def about_mode(scanned: ScannedText, items: Sequence[Item], *, offer: bool) -> InvalidQuestion:
    """A machine's mode of running, of which no figures are known."""
    excerpt = " ".join(item.text for item in items)[:30]
    return InvalidQuestion(
        # Translators: {text} is such as “eco mode” or “underclocked”.
        lambda t: t(
            "I know only nameplate figures, not “{text}”; give the hashrate and the power it has then.",
            text=excerpt,
        ),
        "/breakeven s19 80TH 2300W 7c",
        (Choice(label(N_("At nameplate")), scanned.text_without(items)),) if offer else (),
    )


def which_tariff(scanned: ScannedText, item: Item, prices: Sequence[str]) -> InvalidQuestion:
    """A number that may be one of several prices of a kWh: “电费4”."""
    return InvalidQuestion(
        # Translators: {prices} is such as “4c or 0.4 CNY”.
        lambda t: t("Does a kWh cost {prices}?", prices=t.either(list(prices))),
        f"/breakeven s19 {prices[0]}",
        tuple(Choice(verbatim(price), scanned.text_with(item, price)) for price in prices),
    )


def many_draw(scanned: ScannedText, item: Item, kilowatts: float, model: str) -> InvalidQuestion:
    """The power of several machines that is neither one's nor that of all: “9 kW for 3 S21”."""
    return InvalidQuestion(
        # Translators: {kw} is a number of kilowatts, {text} what was typed, such as “9 kW”.
        lambda t: t(
            "Together they draw {kw} kW at nameplate. I can't tell what {text} is: what one of them draws?",
            kw=t.number(kilowatts, 1),
            text=item.text[:30],
        ),
        f"/breakeven 3 x {model.lower().removeprefix('antminer ')} 7c",
        (Choice(label(N_("Answer without it")), scanned.text_without([item])),),
    )


def hours_of_peak() -> InvalidQuestion:
    """A peak price without its hours."""
    return InvalidQuestion(
        lambda t: t("From which hour to which is the peak price? Write it after the price, such as 17-21."),
        "/breakeven s19 7c peak 12c 17-21",
    )


def two_power_prices(scanned: ScannedText, prices: Sequence[Item]) -> InvalidQuestion:
    """Several prices of power, of which each may be asked with: “4c in summer, 9c in winter”."""
    unknown = [item for item in scanned.items if item.kind is ItemKind.UNKNOWN]
    return InvalidQuestion(
        lambda t: t("I read two different {figures}; give one.", figures=t(N_("power prices"))),
        "/breakeven s19 7c peak 12c 17-21",
        tuple(
            Choice(
                verbatim(price.text),
                scanned.text_with(
                    price, price.text, [*unknown, *(each for each in prices if each is not price)]
                ),
            )
            for price in prices[:_MOST_PRICES]
        ),
    )


_MOST_PRICES: Final = 3


def which_zone(scanned: ScannedText, items: Sequence[Item]) -> InvalidQuestion:
    """The price of power at an exchange, without saying in which country."""
    return InvalidQuestion(
        lambda t: t("Power where? There are {zones}.", zones=", ".join(TRADED_ZONES)),
        "/breakeven s19 DE-LU+3c",
        tuple(
            Choice(verbatim(zone), scanned.text_with(items[0], f"power {zone}")) for zone in _OFFERED_ZONES
        ),
    )


def _share_label(name: str, percent: str) -> LazyText:
    return lambda t: f"{t(name)} {percent}"


def label(text: str) -> LazyText:
    """A choice's label in the asker's language."""
    return lambda t: t(text)
