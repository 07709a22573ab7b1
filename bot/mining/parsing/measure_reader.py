"""Numbers with their units, read from tokens: `0,07 €/kWh`, `£0.24`, `95TH`, `29.5 J/TH`, `150 trillion`."""

from collections.abc import Sequence
from typing import Final

from bot.mining.machine_spelling import BRANDS
from bot.mining.parsing.currency_names import CURRENCIES, SUBUNITS, TENTHS
from bot.mining.parsing.currency_reader import CURRENCY_STARTS, CurrencyReader, joined
from bot.mining.parsing.lexicon import HASHRATE_UNITS, PERCENT_WORDS, POWER_UNITS, SCALES, Lexicon
from bot.mining.parsing.measures import Measure, MeasureUnit, in_money
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.tokens import Token, TokenKind, text_of
from bot.mining.parsing.units import Currency, read_number
from bot.mining.parsing.word_table import is_han

_JOULES: Final = word_set("measure_reader", "joules")
_PER: Final = word_set("measure_reader", "per")
PERIODS: Final = ("day", "week", "month", "year", "hour")
_MINUS: Final = word_set("measure_reader", "minus")
"""The sign in words; before a share it takes something away, which is asked about."""
_JOINING: Final = word_set("measure_reader", "joining")
PER_MACHINE: Final = word_set("measure_reader", "per_machine")
"""Phrases by which an amount is one of each machine."""
_LONGEST_PER_MACHINE: Final = 3
_PER_MACHINE_STARTS: Final = frozenset(phrase.split()[0] for phrase in PER_MACHINE)
_ARTICLES: Final = word_set("measure_reader", "articles")
_COSTS: Final = frozenset({"hosting", "hosted", "fixed", "running_cost", "debt"})
_EACH: Final = word_set("measure_reader", "each")
_A: Final = word_set("measure_reader", "a")
_BY_DAY: Final = word_set("measure_reader", "by_day")
_BEGINNINGS: Final = CURRENCY_STARTS | _MINUS | NUMBER_WORDS.keys() | {"+", "-"}
"""What a quantity begins with that no number does."""
_PERIOD_LETTERS: Final = {"d": "day", "mo": "month", "yr": "year", "wk": "week"}


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
        self._currencies = CurrencyReader(tokens, order)

    def quantity_at(self, start: int, *, after_number: bool = False) -> Measure | None:
        """The quantity that begins at a token; None when none does. Raises InvalidQuestion for odd units.

        `after_number` is True when a quantity stands right before.
        """
        tokens, index = self._tokens, start
        if tokens[start].kind is not TokenKind.NUMBER and tokens[start].text not in _BEGINNINGS:
            return None
        sign = ""
        if tokens[index].text in _MINUS and index + 1 < len(tokens):
            amount = self.quantity_at(index + 1) if tokens[index + 1].text not in _MINUS else None
            if amount is None or amount.unit not in (MeasureUnit.NUMBER, MeasureUnit.MONEY):
                return None
            return amount._replace(
                small=-abs(amount.small),
                large=-abs(amount.large),
                start=start,
                text=text_of(self._tokens, start, amount.end),
                signed=True,
            )
        if tokens[index].text in "+-" and index + 1 < len(tokens) and tokens[index + 1].glued:
            before = tokens[index - 1] if index else None
            if before is None or not tokens[index].glued or before.text in "=(":
                sign, index = tokens[index].text, index + 1
        currency, index = self._currencies.before(index, after_number=after_number)
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
        return with_unit._replace(text=text_of(self._tokens, start, with_unit.end))

    def _number(self, index: int) -> tuple[float, float] | None:
        token = self._tokens[index]
        if token.kind is TokenKind.NUMBER:
            return (
                read_number(token.text, decimal_comma=self._comma),
                read_number(token.text, dot_groups=self._comma),
            )
        word = NUMBER_WORDS.get(token.text)
        is_one = token.text in ("一", "один", "uno") and not self._feeds(index)
        if word is None or is_one or not self._counts(index):
            return None
        return word, word

    def _feeds(self, index: int) -> bool:
        """True where a unit of power or hashrate follows: “一兆瓦”."""
        text = self._tokens[index + 1].text if index + 1 < len(self._tokens) else ""
        return text in POWER_UNITS or text in HASHRATE_UNITS

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
            or text in POWER_UNITS
            or text in BRANDS
        ):
            return True
        if self._is_model(index + 1):
            return True  # “two a1366”, whose letter is a word too
        meaning = self._lexicon.meaning(self._tokens, index + 1, self._order)
        if meaning is not None:
            return meaning.concept in ("count_word", "day", "week", "month", "year", "machine_unit", "hour")
        return len(text) <= 12 and self._tokens[index + 1].kind is TokenKind.WORD

    def _is_model(self, index: int) -> bool:
        """True for a letter with a number glued to it, as a machine's name begins."""
        letter, number = self._tokens[index], self._tokens[index + 1 : index + 2]
        is_glued = bool(number) and number[0].kind is TokenKind.NUMBER and number[0].glued
        return is_glued and letter.kind is TokenKind.WORD and len(letter.text) == 1

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

    def _with_unit(self, quantity: Measure) -> Measure:
        """The quantity with what stands behind its number."""
        index = quantity.end
        tokens = self._tokens
        if index >= len(tokens):
            return in_money(quantity, quantity.currency) if quantity.currency else quantity
        text = tokens[index].text
        if quantity.currency is not None:
            following = joined(self._tokens, index, 1)
            if following in ("c", "ct", "cts", "cent", "cents", "¢"):
                money = quantity._replace(small=quantity.small / 100, large=quantity.large / 100, cents=True)
                return self._per(in_money(money, quantity.currency, index + 1))
            if quantity.currency is Currency.USD and CURRENCIES.get(text) not in (
                None,
                Currency.USD,
                Currency.BTC,
            ):
                return self._per(in_money(quantity, self._currencies.named(text), index + 1))
            if CURRENCIES.get(text) == quantity.currency:
                return self._per(in_money(quantity, quantity.currency, index + 1))
            return self._per(in_money(quantity, quantity.currency))
        if text in PERCENT_WORDS:
            return quantity._replace(unit=MeasureUnit.PERCENT, end=index + 1)
        if (
            text in ("per", "por")
            and index + 1 < len(tokens)
            and tokens[index + 1].text in ("cent", "ciento")
        ):
            return quantity._replace(unit=MeasureUnit.PERCENT, end=index + 2)
        if (efficiency := self._efficiency(quantity)) is not None:
            return efficiency
        if (hashrate := self._hashrate(quantity)) is not None:
            return hashrate
        if (in_cents := self._currencies.cents(quantity)) is not None:
            return self._per(in_cents)
        if text in POWER_UNITS and not self._is_energy(index):
            # 3.250 W is thousands where people group by dots; kW and MW are never thousands
            value = quantity.large if POWER_UNITS[text] == 1.0 else quantity.small
            value *= POWER_UNITS[text]
            return quantity._replace(small=value, large=value, unit=MeasureUnit.WATTS, end=index + 1)
        if (amount := self._currencies.behind(quantity)) is not None:
            return self._per(amount)
        return self._per(quantity)

    def _hashrate(self, quantity: Measure) -> Measure | None:
        index, tokens = quantity.end, self._tokens
        text = tokens[index].text
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if text == "t" and following is not None and following.glued and following.kind is TokenKind.NUMBER:
            return None  # “6 T21”
        if text in ("t", "т") and (
            index + 1 >= len(tokens) or tokens[index + 1].text != "/" or not tokens[index + 1].glued
        ):
            return quantity._replace(unit=MeasureUnit.T, end=index + 1)
        is_peta = text == "p" and tokens[index].glued and self._order[0] == "zh"  # “1P算力”
        if text not in HASHRATE_UNITS and text != "t" and not is_peta:
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
        factor = 1e3 if is_peta else HASHRATE_UNITS.get(text, 1.0)
        value = (quantity.large if factor in (1.0, 1e6) else quantity.small) * factor
        return quantity._replace(small=value, large=value, unit=MeasureUnit.THS, end=end)

    def _efficiency(self, quantity: Measure) -> Measure | None:
        """`29.5 J/TH`, `34 W per TH`; None when no efficiency follows."""
        index, tokens = quantity.end, self._tokens
        if tokens[index].text not in _JOULES and tokens[index].text not in ("w", "watt", "watts", "вт", "瓦"):
            return None
        following = index + 1
        ends = following >= len(tokens) or not tokens[following].glued
        if tokens[index].text in _JOULES and ends and 5.0 <= quantity.small <= 500.0:
            per = following < len(tokens) and tokens[following].text in _PER
            if not per:
                return quantity._replace(unit=MeasureUnit.J_PER_TH, end=following)  # “1PH 25J”
        if following < len(tokens) and tokens[following].text in _PER:
            following += 1
        elif following < len(tokens):
            return None
        if following < len(tokens) and tokens[following].text in ("t", "th", "ths", "terahash", "тх", "tera"):
            end = following + 1
            if end + 1 < len(tokens) and tokens[end].text == "/" and tokens[end + 1].text == "s":
                end += 2
            return quantity._replace(unit=MeasureUnit.J_PER_TH, end=end)
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
            if per[-1:] == ["kw"] and tokens[index].text in _JOINING and index + 1 < len(tokens):
                index += 1  # “$75 per kW-month”
            if (end := self._per_machine_end(index)) > index:
                per.append("machine")
                index = end
                continue
            if tokens[index].text in _ARTICLES and index + 1 < len(tokens):
                named = self._lexicon.meaning(tokens, index + 1, self._order)
                if named is not None and named.concept in ("kwh", "mwh"):
                    index += 1  # “45 Euro die Megawattstunde”
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
        if per and self._order[0] == "zh" and self._is_of_next_cost(index):
            return quantity  # “0.062美元 每台每月管理费10美元”
        return quantity._replace(end=index, per=tuple(per)) if per else quantity

    def _is_of_next_cost(self, index: int) -> bool:
        """True where a cost and its own amount follow, which “每台每月” before them is said of."""
        meaning = (
            self._lexicon.meaning(self._tokens, index, self._order) if index < len(self._tokens) else None
        )
        if meaning is None or meaning.concept not in _COSTS or meaning.end >= len(self._tokens):
            return False
        return self._tokens[meaning.end].kind is TokenKind.NUMBER

    def _per_machine_end(self, start: int) -> int:
        """The end of “per machine”, and of an “and” where a span of time follows; `start` without it."""
        if self._is_each(start):
            return start + 1
        if self._tokens[start].text not in _PER_MACHINE_STARTS:
            return start
        for count in range(_LONGEST_PER_MACHINE, 0, -1):
            words = self._tokens[start : start + count]
            if len(words) == count and " ".join(token.text for token in words) in PER_MACHINE:
                end = start + count
                following = self._tokens[end].text if end < len(self._tokens) else ""
                if is_han(words[-1].text) and following[:1].isascii() and following[:1].isalpha():
                    return start  # “每台S19”: of the machine behind
                if end + 1 < len(self._tokens) and self._tokens[end].text in _JOINING:
                    meaning = self._lexicon.meaning(self._tokens, end + 1, self._order)
                    if meaning is not None and meaning.concept in PERIODS:
                        return end + 1
                return end
        return start

    def _is_each(self, index: int) -> bool:
        """True for “each” before a span of time with a word of its own: “30 bucks each a month”."""
        if self._tokens[index].text not in _EACH:
            return False
        behind = self._tokens[index + 1 : index + 3]
        if len(behind) < 2 or behind[0].text not in _A:
            return False
        meaning = self._lexicon.meaning(self._tokens, index + 2, self._order)
        return meaning is not None and meaning.concept in PERIODS

    def _per_unit(self, index: int, *, introduced: bool) -> tuple[str, int]:
        text = self._tokens[index].text
        if introduced and text == "kw" and not self._is_energy(index):
            return "kw", index + 1
        if introduced and text in ("th", "ph", "btc"):
            end = index + 1
            if joined(self._tokens, end, 2) == "/s":
                end += 2
            return text, end
        if introduced and text in _PERIOD_LETTERS:
            return _PERIOD_LETTERS[text], index + 1
        meaning = self._lexicon.meaning(self._tokens, index, self._order)
        if meaning is None:
            return "", index
        concept = meaning.concept
        if not introduced and text in _BY_DAY:
            return "", index  # “9c days”: of the day, not of a number of them
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
