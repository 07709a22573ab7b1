"""A text as items: machines, quantities, words with a meaning, signs, and what is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.machine_names import Mention
from bot.mining.machine_spelling import BRANDS
from bot.mining.machines import Catalogue
from bot.mining.parsing.currency_names import CURRENCIES, WITHOUT_RATE, with_codes
from bot.mining.parsing.currency_reader import CURRENCY_STARTS, joined
from bot.mining.parsing.lexicon import DECIMAL_COMMA, SCALES, Lexicon, Meaning, lexicon
from bot.mining.parsing.measure_reader import MeasureReader
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.number_words import with_digits
from bot.mining.parsing.spelling import nearest_maker
from bot.mining.parsing.thousands import with_tens_of_thousands, with_thousands
from bot.mining.parsing.tokens import LONGEST, Token, TokenKind, normalize, text_of, tokenize
from bot.mining.parsing.units import Currency

MOST_TOKENS: Final = 300
"""Words, numbers and marks of a question; reading one takes a time that grows with the square."""
_MOST_GUESSED: Final = 16
"""Words at the beginning of a text that are looked at for typos and endings."""


class ItemKind:
    """What an item is. No Enum: a text asks for these a thousand times, and Python 3.11 finds one slowly."""

    MACHINE: Final = "machine"
    MEASURE: Final = "measure"
    WORD: Final = "word"
    SIGN: Final = "sign"
    UNKNOWN: Final = "unknown"


@dataclass(slots=True)
class Item:
    """A part of the text; `used` is set when a reading rests on it. `concept` is a word's meaning.

    `is_guess` is True for a word whose meaning is that of a similar one, `is_ordinary` for one that is passed
    over as what people say besides.
    """

    kind: str
    text: str
    start: int
    end: int
    concept: str = ""
    quantity: Measure | None = None
    mention: Mention | None = None
    currency: Currency | None = None
    glued: bool = False
    used: bool = False
    is_guess: bool = False
    is_ordinary: bool = False

    @property
    def may_be_power_price(self) -> bool:
        """True for an amount that a kWh may cost."""
        quantity = self.quantity
        if quantity is None or quantity.unit not in (MeasureUnit.MONEY, MeasureUnit.NUMBER):
            return False
        per = set(quantity.per)
        return bool(per & {"kwh", "mwh"}) or quantity.cents or (not per and abs(quantity.small) < 1.0)

    @property
    def is_share(self) -> bool:
        """True for per cent."""
        return self.quantity is not None and self.quantity.unit is MeasureUnit.PERCENT


@dataclass(frozen=True, slots=True)
class ScannedText:
    """A text's items, its language, the plain text they were cut from, and the text as it was typed.

    `tokens` are those the items stand at, `uncut` the same before Chinese and words run together are cut.
    """

    items: list[Item]
    language: str
    plain: str
    tokens: Sequence[Token]
    typed: str
    uncut: Sequence[Token]

    def as_typed(self, item: Item) -> str:
        """An item in the letters it was typed in, where it stands so in the text: “0TH”."""
        place = self.typed.casefold().find(item.text)
        found = self.typed[place : place + len(item.text)]
        return found if place >= 0 and found.casefold() == item.text else item.text

    def text_without(self, left_out: Sequence[Item]) -> str:
        """The text without some items."""
        return self._joined([item for item in self.items if not any(item is other for other in left_out)])

    def text_with(self, replaced: Item, text: str, left_out: Sequence[Item] = ()) -> str:
        """The text with another wording of one item, in short: without what means nothing."""
        return self._joined(
            [
                Item(ItemKind.WORD, text, item.start, item.end) if item is replaced else item
                for item in self.items
                if item is replaced
                or not (
                    (item.kind is ItemKind.WORD and item.concept == "filler")
                    or any(item is other for other in left_out)
                )
            ]
        )

    @staticmethod
    def _joined(items: Sequence[Item]) -> str:
        words = ""
        for item in items:
            words += ("" if item.glued or not words else " ") + item.text
        return words.strip(" ?!.,")


def scan(
    text: str,
    catalogue: Catalogue,
    usual_language: str = "en",
    *,
    decimal_comma: bool = False,
    words: Lexicon | None = None,
    before: ScannedText | None = None,
) -> ScannedText:
    """Cut a text into items; nothing is left out. Raises InvalidQuestion for a unit that is not clear.

    `decimal_comma` says how the asker's language writes numbers, where the text's own doesn't tell. `words`
    are the calculator's when not given. `before` is the same text as other words had it, if perhaps changed.
    """
    if len(text) > LONGEST:
        raise _too_long(len(text))
    if before is not None and before.typed == text:
        plain, uncut = before.plain, before.uncut
    else:
        plain = with_codes(with_thousands(with_digits(with_tens_of_thousands(normalize(text)))))
        uncut = tokenize(plain)
    words = words or lexicon()
    tokens = words.cut(uncut, usual_language)
    if len(tokens) > MOST_TOKENS:
        raise _too_long(len(text))
    language = words.language(tokens, usual_language)
    order = tuple(dict.fromkeys((language, usual_language, "en")))
    comma = decimal_comma or language in DECIMAL_COMMA
    reader = MeasureReader(tokens, words, order, decimal_comma=comma)
    items: list[Item] = []
    index = 0
    while index < len(tokens):
        after_number = bool(items) and items[-1].quantity is not None
        item = _item_at(index, tokens, catalogue, reader, words, order, after_number=after_number)
        item.glued = tokens[item.start].glued
        _check_unit(items, item)
        items.append(item)
        index = item.end
    return ScannedText(items, language, plain, tokens, text, uncut)


def _too_long(characters: int) -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t(
            "{length} characters are too long for a question; ask in one line.", length=t.number(characters)
        )
    )


def _item_at(
    index: int,
    tokens: Sequence[Token],
    catalogue: Catalogue,
    reader: MeasureReader,
    words: Lexicon,
    order: Sequence[str],
    *,
    after_number: bool,
) -> Item:
    token = tokens[index]
    meaning = words.meaning(tokens, index, order)
    if token.kind is TokenKind.WORD:
        mention = catalogue.names.mention_at(tokens, index)
        if mention is not None and not (
            mention.kind == "unknown" and token.text not in BRANDS and _is_known(token.text, meaning)
        ):
            return Item(ItemKind.MACHINE, mention.typed, index, mention.end, mention=mention)
    if meaning is not None and token.kind is TokenKind.NUMBER:
        return Item(ItemKind.WORD, token.text, index, meaning.end, meaning.concept)
    if (end := _connection_end(tokens, index)) > index:
        return Item(ItemKind.WORD, text_of(tokens, index, end), index, end, "connection")
    quantity = reader.quantity_at(index, after_number=after_number)
    if quantity is not None and not (meaning is not None and meaning.end > quantity.end):
        return Item(ItemKind.MEASURE, quantity.text, index, quantity.end, quantity=quantity)
    if meaning is not None:
        is_single = meaning.end == index + 1
        text = token.text if is_single else text_of(tokens, index, meaning.end)
        currency = CURRENCIES.get(token.text) if is_single else None
        return Item(
            ItemKind.WORD,
            text,
            index,
            meaning.end,
            meaning.concept,
            currency=_currency(currency),
            is_ordinary=meaning.is_ordinary,
        )
    if token.text in ("x", "×", "*", "х") and token.kind is not TokenKind.NUMBER:
        return Item(ItemKind.SIGN, "x", index, index + 1)
    for count in (3, 2, 1) if token.text in CURRENCY_STARTS else ():
        name = joined(tokens, index, count)
        if name in CURRENCIES:
            return Item(
                ItemKind.WORD, name, index, index + count, "currency", currency=_currency(CURRENCIES[name])
            )
    if len(token.text) > 1 and token.text in WITHOUT_RATE:
        return Item(ItemKind.WORD, token.text, index, index + 1, "no_rate")
    if token.kind is TokenKind.SIGN:
        return Item(ItemKind.SIGN, token.text, index, index + 1)
    return _unknown_at(index, tokens, catalogue, words, order)


def _unknown_at(
    index: int, tokens: Sequence[Token], catalogue: Catalogue, words: Lexicon, order: Sequence[str]
) -> Item:
    """A word that no table has: a slip in a maker's name or another word, else unknown."""
    token = tokens[index]
    if not token.glued:
        mention = _of_misspelt_maker(index, tokens, catalogue)
        if mention is not None:
            return Item(ItemKind.MACHINE, mention.typed, index, mention.end, mention=mention)
        concept, is_guess = _guess(index, tokens, words, order)
        if concept:
            return Item(ItemKind.WORD, token.text, index, index + 1, concept, is_guess=is_guess)
    return Item(ItemKind.UNKNOWN, token.text, index, index + 1)


def _of_misspelt_maker(index: int, tokens: Sequence[Token], catalogue: Catalogue) -> Mention | None:
    """The machine behind a maker's name with a slip in it, “whatsmienr M60S”: the model says which it is."""
    maker = nearest_maker(tokens[index].text) if index + 1 < len(tokens) else ""
    if not maker:
        return None
    spelt = [*tokens[:index], tokens[index]._replace(text=maker), *tokens[index + 1 :]]
    mention = catalogue.names.mention_at(spelt, index)
    if mention is None or mention.end <= index + 1 or mention.kind not in ("model", "ask", "coin"):
        return None
    return replace(mention, typed=text_of(tokens, index, mention.end))


def _connection_end(tokens: Sequence[Token], start: int) -> int:
    """The end of what says how a machine is connected, “240V”, “3-phase”; `start` where nothing does."""
    if tokens[start].kind is not TokenKind.NUMBER:
        return start
    index = start + 1
    if index < len(tokens) and tokens[index].text == "-":
        index += 1
    if index < len(tokens) and tokens[index].text == "a" and tokens[index].glued:
        return index + 1  # “a 50a breaker”
    return index + 1 if index < len(tokens) and tokens[index].text in _CONNECTIONS else start


_CONNECTIONS: Final = frozenset(
    {"v", "volt", "volts", "vac", "voltios", "phase", "phases", "phasig", "phasen", "phasigem", "fases"}
    | {"amp", "amps", "ampere", "amperes", "amperios", "hz", "hertz", "вольт", "фазы", "фаз", "фазный"}
    | {"ампер", "伏", "伏特", "相", "相电", "安培", "赫兹"}
)
"""What electricity is measured in that changes nothing about what a machine earns."""


def _guess(index: int, tokens: Sequence[Token], words: Lexicon, order: Sequence[str]) -> tuple[str, bool]:
    """What an unknown word seems to mean, and whether that is a guess; of a long text only the beginning is
    looked at.
    """
    if not words.is_lenient:
        concept = words.near(tokens[index].text, order[:2])
        is_passed_over = concept == "filler" and not words.near(tokens[index].text, order[:1])
        if concept and not is_passed_over:  # what another language passes over may mean something
            return concept, concept == "filler"
        if tokens[index].kind is not TokenKind.WORD:
            return "", False
        return words.inflected(tokens[index].text, order[0]), True
    if index >= _MOST_GUESSED or tokens[index].kind is not TokenKind.WORD:
        return "", False
    return words.guess(tokens[index].text, order), True


def _is_known(text: str, meaning: Meaning | None) -> bool:
    """True for letters before a number that are a word, a currency or a multiplication."""
    return meaning is not None or text in CURRENCIES or text in ("x", "p", "р", "v")


def _currency(code: str | None) -> Currency | None:
    return None if code is None else Currency(code)


def _check_unit(items: Sequence[Item], item: Item) -> None:
    """Raise InvalidQuestion when letters are glued to the number before that are no unit I know."""
    before = items[-1] if items else None
    if before is None or before.quantity is None or not item.glued:
        return
    if item.kind in (ItemKind.UNKNOWN, ItemKind.MACHINE) or (
        item.kind is ItemKind.WORD
        and item.text.isascii()
        and item.text.isalpha()
        and item.concept not in _GLUED
    ):
        plain = before.quantity.unit in (MeasureUnit.NUMBER, MeasureUnit.MONEY)
        if not plain and item.kind is not ItemKind.UNKNOWN:
            return
        if item.text in SCALES or item.text in ("am", "pm", "h", "x", "hs", "hrs"):
            return
        if item.text == "s" and len(items) > 1 and items[-2].kind is ItemKind.MACHINE:
            item.kind, item.concept = ItemKind.WORD, "filler"  # “a dozen S19 95s”
            return
        if item.text == "er" and 1990.0 <= before.quantity.small <= 2100.0:
            item.kind, item.concept = ItemKind.WORD, "filler"  # “das 2024er Halving”
            return
        typed = f"{before.text}{item.text}"
        number = before.quantity.small
        raise InvalidQuestion(
            # Translators: {unit} is what was typed behind a number, {text} both together.
            lambda t: t("I don't know the unit “{unit}” in “{text}”.", unit=item.text[:20], text=typed[:40]),
            f"/breakeven s19 {number:g}$/kWh" if 0 < number < 1 else "/breakeven s19 7c",
        )


_GLUED = frozenset({"day", "week", "month", "year", "hour", "count_word", "per", "kwh", "mwh", "btc"})
"""Meanings that may be glued to a number."""
