"""Numbers with their units, read from tokens: `0,07 €/kWh`, `£0.24`, `95TH`, `29.5 J/TH`, `150 trillion`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.lexicon import (
    HASHRATE_UNITS,
    PERCENT_WORDS,
    POWER_UNITS,
    SCALES,
    Lexicon,
)
from bot.mining.parsing.tokens import Token, TokenKind, tokenize
from bot.mining.parsing.units import (
    AMBIGUOUS_CURRENCIES,
    CURRENCIES,
    SATS,
    SATS_PER_BTC,
    SUBUNITS,
    TENTHS,
    WITHOUT_RATE,
    Currency,
    read_number,
)

PERIODS: Final = ("day", "week", "month", "year", "hour")
_CURRENCY_TOKENS: Final = 3
_CURRENCY_STARTS: Final = frozenset(
    tokenize(name)[0].text for name in (*CURRENCIES, *AMBIGUOUS_CURRENCIES, *WITHOUT_RATE)
)
_MINUS: Final = frozenset({"minus", "минус", "menos", "负", "negative"})
"""The sign in words; before a share it takes something away, which is asked about."""
_PERIOD_LETTERS: Final = {"d": "day", "mo": "month", "yr": "year", "wk": "week"}


class MeasureUnit(Enum):
    """What a quantity is counted in."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    THS = "TH/s"
    WATTS = "W"
    J_PER_TH = "J/TH"
    T = "T"
    """TH/s or, of a difficulty, trillions."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit, at tokens `[start:end]`.

    `large` is its value where thousands are usual (60.000 is sixty thousand in German), `small` where they
    are not. `currency` is None for money without one and for cents of nobody's. `cents` is True when it was
    given in a hundredth. `per` names what it is for: kwh, mwh, day, month, machine, th, ph, btc … in order.
    """

    small: float
    large: float
    unit: MeasureUnit
    start: int
    end: int
    text: str
    currency: Currency | None = None
    cents: bool = False
    per: tuple[str, ...] = ()
    signed: bool = False
    scaled: bool = False


class MeasureReader:
    """Reads the quantities of one text, whose language decides about decimals and units."""

    def __init__(
        self, tokens: Sequence[Token], lexicon: Lexicon, order: Sequence[str], *, decimal_comma: bool
    ) -> None:
        """`order` are languages, the likeliest first."""
        self._tokens = tokens
        self._lexicon = lexicon
        self._order = order
        self._comma = decimal_comma

    def quantity_at(self, start: int, *, after_number: bool = False) -> Measure | None:
        """The quantity that begins at a token; None when none does. Raises InvalidQuestion for odd units.

        `after_number` is True when a quantity stands right before.
        """
        tokens, index = self._tokens, start
        if not self._may_begin(tokens[start]):
            return None
        sign = ""
        if tokens[index].text in _MINUS and index + 1 < len(tokens):
            amount = self.quantity_at(index + 1) if tokens[index + 1].text not in _MINUS else None
            if amount is None or amount.unit not in (MeasureUnit.NUMBER, MeasureUnit.MONEY):
                return None
            return replace(
                amount,
                small=-abs(amount.small),
                large=-abs(amount.large),
                start=start,
                text=self._text(start, amount.end),
                signed=True,
            )
        if tokens[index].text in "+-" and index + 1 < len(tokens) and tokens[index + 1].glued:
            before = tokens[index - 1] if index else None
            if before is None or not tokens[index].glued or before.text in "=(":
                sign, index = tokens[index].text, index + 1
        currency, index = self._currency_before(index, after_number=after_number)
        if index < len(tokens) and tokens[index].text in "+-" and currency and not sign:
            sign, index = tokens[index].text, index + 1
        if index >= len(tokens):
            return None
        number = self._number(index)
        if number is None:
            return None
        small, large = number
        times, index, scaled = self._scale(index + 1)
        factor = times * (-1.0 if sign == "-" else 1.0)
        quantity = Measure(
            small * factor,
            large * factor,
            MeasureUnit.NUMBER,
            start,
            index,
            "",
            currency,
            signed=bool(sign),
            scaled=scaled,
        )
        with_unit = self._with_unit(quantity)
        return replace(with_unit, text=self._text(start, with_unit.end))

    def _may_begin(self, token: Token) -> bool:
        """False for most words, which saves the rest of the work."""
        return (
            token.kind is TokenKind.NUMBER
            or token.text in "+-"
            or token.text in _MINUS
            or token.text in _CURRENCY_STARTS
            or self._lexicon.number_word(token.text) is not None
        )

    def _text(self, start: int, end: int) -> str:
        return "".join(
            ("" if token.glued or index == 0 else " ") + token.text
            for index, token in enumerate(self._tokens[start:end])
        )

    def _number(self, index: int) -> tuple[float, float] | None:
        token = self._tokens[index]
        if token.kind is TokenKind.NUMBER:
            return (
                read_number(token.text, decimal_comma=self._comma),
                read_number(token.text, dot_groups=self._comma),
            )
        word = self._lexicon.number_word(token.text)
        if word is None or token.text in ("一", "один", "uno") or not self._counts(index):
            return None
        return word, word

    def _counts(self, index: int) -> bool:
        """True when a unit or a machine's letters follow a number in words."""
        if index + 1 >= len(self._tokens):
            return False
        if self._tokens[index + 1].text in ("de", "of", "von") and index + 2 < len(self._tokens):
            index += 1
        text = self._tokens[index + 1].text
        if (
            text in SUBUNITS
            or text in CURRENCIES
            or text in PERCENT_WORDS
            or text in SCALES
            or text in TENTHS
        ):
            return True
        meaning = self._lexicon.meaning(self._tokens, index + 1, self._order)
        if meaning is not None:
            return meaning.concept in ("count_word", "day", "week", "month", "year", "machine_unit", "hour")
        return len(text) <= 12 and self._tokens[index + 1].kind is TokenKind.WORD

    def _scale(self, index: int) -> tuple[float, int, bool]:
        times, scaled = 1.0, False
        while index < len(self._tokens):
            token = self._tokens[index]
            value = SCALES.get(token.text)
            following = self._tokens[index + 1] if index + 1 < len(self._tokens) else None
            if value is None or (len(token.text) <= 2 and token.text.isascii() and not token.glued):
                break
            if (
                following is not None
                and following.glued
                and following.text.isalpha()
                and token.text.isascii()
            ):
                break  # the first letter of something else
            times, scaled, index = times * value, True, index + 1
        return times, index, scaled

    def _joined(self, index: int, count: int) -> str:
        """The text of so many tokens when nothing stands between them, else nothing."""
        part = self._tokens[index : index + count]
        if len(part) < count or any(not token.glued for token in part[1:]):
            return ""
        return "".join(token.text for token in part)

    def _currency_before(self, index: int, *, after_number: bool) -> tuple[Currency | None, int]:
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = self._joined(index, count)
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
            return self._currency(name), end
        return None, index

    def _currency(self, name: str) -> Currency:
        if (currency := CURRENCIES.get(name)) is not None:
            return Currency(currency)
        if (currencies := AMBIGUOUS_CURRENCIES.get(name)) is not None:
            if name == "¥" and "zh" in self._order[:1]:
                return Currency.CNY
            if len(currencies) == 1:
                return currencies[0]
            text = self._text(0, len(self._tokens))
            raise InvalidQuestion(
                # Translators: {name} is what was typed, {currencies} a list of codes such as “SEK or NOK”.
                lambda t: t("“{name}” can be {currencies}.", name=name, currencies=t.either(currencies)),
                f"/breakeven s19 0.7 {currencies[0]}/kWh",
                tuple(
                    Choice(verbatim(code.value), text.replace(name, f" {code.value} ").strip())
                    for code in currencies
                ),
            )
        code = WITHOUT_RATE[name]
        raise InvalidQuestion(
            # Translators: {code} is a currency's code such as RUB.
            lambda t: t(
                "The European Central Bank publishes no rate for {code}, so I can't convert it; give the "
                "amount in US dollars or euros.",
                code=code,
            ),
        )

    def _with_unit(self, quantity: Measure) -> Measure:  # noqa: PLR0912 - a table of cases, one branch each
        """The quantity with what stands behind its number."""
        index = quantity.end
        tokens = self._tokens
        if index >= len(tokens):
            return self._money(quantity, quantity.currency) if quantity.currency else quantity
        text = tokens[index].text
        if quantity.currency is not None:
            following = self._joined(index, 1)
            if following in ("c", "ct", "cts", "cent", "cents", "¢"):
                money = replace(quantity, small=quantity.small / 100, large=quantity.large / 100, cents=True)
                return self._per(self._money(money, quantity.currency, index + 1))
            if quantity.currency is Currency.USD and CURRENCIES.get(text) not in (
                None,
                Currency.USD,
                Currency.BTC,
            ):
                return self._per(self._money(quantity, self._currency(text), index + 1))
            if CURRENCIES.get(text) == quantity.currency:
                return self._per(self._money(quantity, quantity.currency, index + 1))
            return self._per(self._money(quantity, quantity.currency))
        if text in PERCENT_WORDS:
            return replace(quantity, unit=MeasureUnit.PERCENT, end=index + 1)
        if (
            text in ("per", "por")
            and index + 1 < len(tokens)
            and tokens[index + 1].text in ("cent", "ciento")
        ):
            return replace(quantity, unit=MeasureUnit.PERCENT, end=index + 2)
        if (efficiency := self._efficiency(quantity)) is not None:
            return efficiency
        if (hashrate := self._hashrate(quantity)) is not None:
            return hashrate
        if (in_cents := self._cents(quantity)) is not None:
            return self._per(in_cents)
        if text in POWER_UNITS and not self._is_energy(index):
            # 3.250 W is thousands where people group by dots; kW and MW are never thousands
            value = quantity.large if POWER_UNITS[text] == 1.0 else quantity.small
            value *= POWER_UNITS[text]
            return replace(quantity, small=value, large=value, unit=MeasureUnit.WATTS, end=index + 1)
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = self._joined(index, count)
            if not name or name in ("btc", "xbt", "₿", "p", "р."):
                continue
            if name in SATS:
                amount = replace(
                    quantity,
                    small=quantity.small / SATS_PER_BTC,
                    large=quantity.large / SATS_PER_BTC,
                    cents=True,
                )
                return self._per(self._money(amount, Currency.BTC, index + count))
            if name in TENTHS:
                amount = replace(quantity, small=quantity.small / 10, large=quantity.large / 10)
                return self._per(self._money(amount, TENTHS[name], index + count))
            if name in CURRENCIES or name in AMBIGUOUS_CURRENCIES or name in WITHOUT_RATE:
                if (
                    name.isascii()
                    and name.isalpha()
                    and not tokens[index].glued
                    and self._belongs_to_next(index, count)
                ):
                    continue
                return self._per(self._money(quantity, self._currency(name), index + count))
        return self._per(quantity)

    def _belongs_to_next(self, index: int, count: int) -> bool:
        """True for a currency's code that stands before a number of its own."""
        end = index + count
        return (
            end < len(self._tokens)
            and self._tokens[end].kind is TokenKind.NUMBER
            and self._tokens[index].text not in ("元", "块")
        )

    def _money(self, quantity: Measure, currency: Currency | None, end: int | None = None) -> Measure:
        return replace(
            quantity, unit=MeasureUnit.MONEY, currency=currency, end=quantity.end if end is None else end
        )

    def _cents(self, quantity: Measure) -> Measure | None:
        """`7c`, `7 us cents`, `7 €ct`; None when no cents follow."""
        index, tokens = quantity.end, self._tokens
        hundredth = replace(quantity, small=quantity.small / 100, large=quantity.large / 100, cents=True)
        for count in range(_CURRENCY_TOKENS, 0, -1):
            name = self._joined(index, count)
            if name in SUBUNITS:
                if name == "p" and not tokens[index].glued:
                    continue
                currency, end = self._whose_cents(SUBUNITS[name], index + count)
                return self._money(hundredth, currency, end)
        whose = self._joined(index, 1)
        owner = {"us": Currency.USD, "american": Currency.USD, "euro": Currency.EUR}.get(
            whose, CURRENCIES.get(whose)
        )
        following = index + 1
        if following < len(tokens) and tokens[following].text == "-":
            following += 1
        unit = tokens[following].text if following < len(tokens) else ""
        if owner is not None and unit != "p" and unit in SUBUNITS and SUBUNITS[unit] in (None, owner):
            return self._money(hundredth, Currency(owner), following + 1)
        return None

    def _whose_cents(self, currency: Currency | None, end: int) -> tuple[Currency | None, int]:
        """`11 cents CAD`, `5 centavos de dólar`: the currency behind bare cents, and where it ends."""
        tokens, index = self._tokens, end
        if index < len(tokens) and tokens[index].text in ("de", "of", "von", "от"):
            index += 1
        if index < len(tokens) and tokens[index].text in ("a", "un", "einem"):
            index += 1
        name = tokens[index].text if index < len(tokens) else ""
        owner = CURRENCIES.get(name)
        known = owner not in (None, Currency.BTC) and not self._belongs_to_next(index, 1)
        if not known or owner is None or currency not in (None, Currency(owner)):
            return currency, end
        return Currency(owner), index + 1

    def _hashrate(self, quantity: Measure) -> Measure | None:
        index, tokens = quantity.end, self._tokens
        text = tokens[index].text
        if text == "t" and (
            index + 1 >= len(tokens) or tokens[index + 1].text != "/" or not tokens[index + 1].glued
        ):
            return replace(quantity, unit=MeasureUnit.T, end=index + 1)
        if text not in HASHRATE_UNITS and text != "t":
            return None
        end = index + 1
        if (
            end + 1 < len(tokens)
            and tokens[end].text == "/"
            and tokens[end + 1].text in ("s", "sec", "с", "sek")
        ):
            end += 2
        elif (
            text in ("th", "ph", "eh") and end < len(tokens) and tokens[end].text == "s" and tokens[end].glued
        ):
            end += 1
        factor = HASHRATE_UNITS.get(text, 1.0)
        value = (quantity.large if factor in (1.0, 1e6) else quantity.small) * factor
        return replace(quantity, small=value, large=value, unit=MeasureUnit.THS, end=end)

    def _efficiency(self, quantity: Measure) -> Measure | None:
        """`29.5 J/TH`, `34 W per TH`; None when no efficiency follows."""
        index, tokens = quantity.end, self._tokens
        if tokens[index].text not in ("j", "w", "joule", "joules", "watt", "watts", "дж", "вт", "瓦", "焦"):
            return None
        following = index + 1
        if following < len(tokens) and tokens[following].text in ("/", "per", "pro", "je", "por", "на", "每"):
            following += 1
        elif following < len(tokens):
            return None
        if following < len(tokens) and tokens[following].text in ("t", "th", "ths", "terahash", "тх", "tera"):
            end = following + 1
            if end + 1 < len(tokens) and tokens[end].text == "/" and tokens[end + 1].text == "s":
                end += 2
            return replace(quantity, unit=MeasureUnit.J_PER_TH, end=end)
        return None

    def _is_energy(self, index: int) -> bool:
        """True when the power unit at a token is the first half of an energy unit: `кВт ч`, `kW/h`."""
        meaning = self._lexicon.meaning(self._tokens, index, self._order)
        return meaning is not None and meaning.concept in ("kwh", "mwh") and meaning.end > index + 1

    def _per(self, quantity: Measure) -> Measure:
        """The quantity with what it is for: `/kWh`, `per machine per month`, `a day`."""
        index, per = quantity.end, list(quantity.per)
        tokens = self._tokens
        while index < len(tokens):
            slash = tokens[index].text == "/"
            meaning = None if slash else self._lexicon.meaning(tokens, index, self._order)
            introduced = slash or (meaning is not None and meaning.concept == "per")
            target = index + 1 if slash else (meaning.end if introduced and meaning else index)
            if target >= len(tokens):
                break
            unit, end = self._per_unit(target, introduced=introduced)
            if not unit or (
                not introduced and quantity.unit is not MeasureUnit.MONEY and unit not in ("kwh", "mwh")
            ):
                break
            per.append(unit)
            index = end
        return replace(quantity, end=index, per=tuple(per)) if per else quantity

    def _per_unit(self, index: int, *, introduced: bool) -> tuple[str, int]:
        text = self._tokens[index].text
        if introduced and text in ("th", "ph", "btc"):
            end = index + 1
            if self._joined(end, 2) == "/s":
                end += 2
            return text, end
        if introduced and text in _PERIOD_LETTERS:
            return _PERIOD_LETTERS[text], index + 1
        meaning = self._lexicon.meaning(self._tokens, index, self._order)
        if meaning is None:
            return "", index
        concept = meaning.concept
        if concept in ("kwh", "mwh"):
            return concept, meaning.end
        if concept in ("machine_unit", "count_word") and introduced:
            return "machine", meaning.end
        if concept in PERIODS and (
            introduced or meaning.end - index > 1 or len(text) > 3 or not text.isascii()
        ):
            return concept, meaning.end
        if introduced and text in ("miner", "asic", "machine", "unit", "rig"):
            return "machine", meaning.end
        if introduced and concept == "btc":
            return "btc", meaning.end
        return "", index
