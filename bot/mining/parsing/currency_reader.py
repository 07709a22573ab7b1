"""Currencies beside numbers: before them, behind them, in hundredths of their own."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.currency_names import (
    AMBIGUOUS_CURRENCIES,
    CURRENCIES,
    CURRENCY_BY_PLACE,
    SUBUNITS,
    TENTHS,
    WITHOUT_RATE,
)
from bot.mining.parsing.measures import Measure, in_money
from bot.mining.parsing.tokens import Token, TokenKind, text_of, tokenize
from bot.mining.parsing.units import SATS, SATS_PER_BTC, Currency

_CURRENCY_TOKENS: Final = 3
_OWNERS: Final = {
    "us": Currency.USD, "american": Currency.USD, "euro": Currency.EUR, "european": Currency.EUR,
    "canadian": Currency.CAD, "canadienses": Currency.CAD, "kanadische": Currency.CAD,
    "australian": Currency.AUD, "aussie": Currency.AUD, "singapore": Currency.SGD,
    "американских": Currency.USD,
}  # fmt: skip
"""Whose cents are meant, by the word before them."""
_SUBUNITS_OF_SEVERAL: Final = {"øre": (Currency.NOK, Currency.DKK)}
"""Hundredths of which the name does not say of what."""
_LEAST_RUPIAHS: Final = 100.0
"""Less than a US cent, for which no kWh is sold: so few “Rp” are Swiss rappen."""


def _starts(*tables: Iterable[str]) -> frozenset[str]:
    return frozenset(tokenize(name)[0].text for names in tables for name in names)


CURRENCY_STARTS: Final = _starts(CURRENCIES, AMBIGUOUS_CURRENCIES, WITHOUT_RATE)
"""The first token of every currency."""
_UNIT_STARTS: Final = CURRENCY_STARTS | _starts(SATS, TENTHS)
_CENT_STARTS: Final = CURRENCY_STARTS | _starts(SUBUNITS, _SUBUNITS_OF_SEVERAL, _OWNERS, ("rp", "分", "分钱"))
"""The first tokens of what may stand behind an amount, and of what says whose cents it is in."""


class CurrencyReader:
    """Reads the currencies of one text; `order` are languages, the likeliest first."""

    def __init__(self, tokens: Sequence[Token], order: Sequence[str]) -> None:
        """Nothing is read before it is asked for."""
        self._tokens = tokens
        self._order = order

    def before(self, index: int, *, after_number: bool) -> tuple[Currency | None, int]:
        """The currency before a number, “€0.07”, and where the number begins."""
        if self._tokens[index].text not in CURRENCY_STARTS:
            return None, index
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = joined(self._tokens, index, count)
            end = index + count
            if not name or end >= len(self._tokens):
                continue
            known = name in CURRENCIES or name in AMBIGUOUS_CURRENCIES or name in WITHOUT_RATE
            follows = self._tokens[end]
            number = follows.kind is TokenKind.NUMBER or (
                follows.text in "+-"
                and end + 1 < len(self._tokens)
                and self._tokens[end + 1].kind is TokenKind.NUMBER
            )
            if not known or not number or name in ("btc", "₿", "xbt", "p", "р"):
                continue
            if name.isalpha() and after_number:
                continue  # it belongs to the number before it
            return self.named(name), end
        return None, index

    def named(self, name: str) -> Currency:
        """The currency of a name or sign. Raises InvalidQuestion for one that is not clear or has no rate."""
        if (currency := CURRENCIES.get(name)) is not None:
            return Currency(currency)
        if (currencies := AMBIGUOUS_CURRENCIES.get(name)) is not None:
            if name == "¥" and "zh" in self._order[:1]:
                return Currency.CNY
            if len(currencies) == 1:
                return Currency(currencies[0])
            here = {CURRENCY_BY_PLACE[each.text] for each in self._tokens if each.text in CURRENCY_BY_PLACE}
            if len(possible := here.intersection(currencies)) == 1:
                return self.named(possible.pop().lower())
            text = text_of(self._tokens, 0, len(self._tokens))
            raise InvalidQuestion(
                # Translators: {name} is what was typed, {currencies} a list of codes such as “SEK or NOK”.
                lambda t: t("“{name}” can be {currencies}.", name=name, currencies=t.either(currencies)),
                f"/breakeven s19 0.7 {currencies[0]}/kWh",
                tuple(Choice(verbatim(code), text.replace(name, f" {code} ").strip()) for code in currencies),
            )
        raise without_rate(name)

    def behind(self, quantity: Measure) -> Measure | None:
        """An amount with its currency behind the number: “0.07 €”, “30 sats”, “5 jiao”; None without one."""
        index, tokens = quantity.end, self._tokens
        if tokens[index].text not in _UNIT_STARTS:
            return None
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = joined(self._tokens, index, count)
            if name in ("btc", "xbt", "₿") and joined(self._tokens, index + count, 2) in ("/kwh", "/mwh"):
                return in_money(quantity._replace(cents=True), Currency.BTC, index + count)
            if not name or name in ("btc", "xbt", "₿", "p", "р."):
                continue
            if name in SATS:
                amount = quantity._replace(
                    small=quantity.small / SATS_PER_BTC,
                    large=quantity.large / SATS_PER_BTC,
                    cents=True,
                )
                return in_money(amount, Currency.BTC, index + count)
            if name in TENTHS:
                amount = quantity._replace(small=quantity.small / 10, large=quantity.large / 10)
                return in_money(amount, TENTHS[name], index + count)
            if name in CURRENCIES or name in AMBIGUOUS_CURRENCIES or name in WITHOUT_RATE:
                if (
                    name.isascii()
                    and name.isalpha()
                    and not tokens[index].glued
                    and self._belongs_to_next(index, count)
                ):
                    continue
                return in_money(quantity, self.named(name), index + count)
        return None

    def cents(self, quantity: Measure) -> Measure | None:
        """`7c`, `7 us cents`, `7 €ct`; None when no cents follow."""
        index, tokens = quantity.end, self._tokens
        if tokens[index].text not in _CENT_STARTS:
            return None
        hundredth = quantity._replace(small=quantity.small / 100, large=quantity.large / 100, cents=True)
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = joined(self._tokens, index, count)
            if name == "rp" and quantity.large < _LEAST_RUPIAHS:
                return in_money(hundredth, Currency.CHF, index + count)
            if name in _SUBUNITS_OF_SEVERAL:
                return in_money(hundredth, self._whose_subunit(name, quantity), index + count)
            if name in ("分", "分钱"):
                owner = CURRENCIES.get(joined(self._tokens, index + count, 1))
                if owner is not None:  # “五分美元”
                    return in_money(hundredth, Currency(owner), index + count + 1)
                raise _whose_fen(quantity)
            if name in SUBUNITS:
                if name == "p" and not tokens[index].glued:
                    continue
                currency, end = self._whose_cents(SUBUNITS[name], index + count)
                return in_money(hundredth, currency, end)
        whose = joined(self._tokens, index, 1)
        owner = _OWNERS.get(whose, CURRENCIES.get(whose))
        following = index + 1
        if following < len(tokens) and tokens[following].text == "-":
            following += 1
        unit = tokens[following].text if following < len(tokens) else ""
        if owner is not None and unit != "p" and unit in SUBUNITS and SUBUNITS[unit] in (None, owner):
            return in_money(hundredth, Currency(owner), following + 1)
        return None

    def _whose_subunit(self, name: str, quantity: Measure) -> Currency:
        """The currency of an øre by the place named. Raises InvalidQuestion where none is."""
        currencies = _SUBUNITS_OF_SEVERAL[name]
        here = {CURRENCY_BY_PLACE[each.text] for each in self._tokens if each.text in CURRENCY_BY_PLACE}
        if len(possible := here.intersection(currencies)) == 1:
            return Currency(possible.pop())
        before = text_of(self._tokens, 0, quantity.start)
        behind = text_of(self._tokens, quantity.end + 1, len(self._tokens))
        amount = f"{quantity.small / 100.0:g}"
        raise InvalidQuestion(
            lambda t: t("“{name}” can be {currencies}.", name=name, currencies=t.either(currencies)),
            f"/breakeven s19 {amount} {currencies[0]}/kWh",
            tuple(
                Choice(verbatim(code), f"{before} {amount} {code} {behind}".strip()) for code in currencies
            ),
        )

    def _whose_cents(self, currency: Currency | None, end: int) -> tuple[Currency | None, int]:
        """`11 cents CAD`, `5 centavos de dólar`: the currency behind bare cents, and where it ends."""
        tokens, index = self._tokens, end
        if index < len(tokens) and tokens[index].text in ("de", "of", "von", "от"):
            index += 1
        if index < len(tokens) and tokens[index].text in ("a", "un", "einem"):
            index += 1
        name = tokens[index].text if index < len(tokens) else ""
        owner = CURRENCIES.get(name) or _OWNERS.get(name)
        known = owner not in (None, Currency.BTC) and not self._belongs_to_next(index, 1)
        if not known or owner is None or currency not in (None, Currency(owner)):
            return currency, end
        return Currency(owner), index + 1

    def _belongs_to_next(self, index: int, count: int) -> bool:
        """True for a currency's code that stands before a number of its own."""
        end = index + count
        return (
            end < len(self._tokens)
            and self._tokens[end].kind is TokenKind.NUMBER
            and self._tokens[index].text not in ("元", "块")
        )


def _whose_fen(quantity: Measure) -> InvalidQuestion:
    """What is asked of a “5分”: a hundredth of a yuan is a seventh of what miners mean by it."""
    cents, yuan = f"{quantity.small:g}美分", f"{quantity.small / 100.0:g}元"
    return InvalidQuestion(
        # Translators: both are amounts of money, such as “5美分” (US cents) and “0.05元” (yuan).
        lambda t: t("Is that {cents} or {yuan}?", cents=cents, yuan=yuan),
        f"/breakeven s19 {quantity.small:g}c",
    )


def without_rate(name: str) -> InvalidQuestion:
    """The refusal of a currency that is known by name only."""
    code = WITHOUT_RATE[name]
    return InvalidQuestion(
        # Translators: {code} is a currency's code such as RUB.
        lambda t: t(
            "The European Central Bank publishes no rate for {code}, so I can't convert it; give the "
            "amount in US dollars or euros.",
            code=code,
        ),
    )


def joined(tokens: Sequence[Token], index: int, count: int) -> str:
    """The text of so many tokens when nothing stands between them, else nothing."""
    part = tokens[index : index + count]
    if len(part) < count or not all(token.glued for token in part[1:]):
        return ""
    return "".join([token.text for token in part])
