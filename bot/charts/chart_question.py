"""A chart asked for in words, as its specification; what can't be drawn is said in one sentence."""

from collections.abc import Sequence
from typing import Final

from bot.charts.spec import (
    A_YEAR,
    CHART_OF_SIGNAL,
    EXAMPLE,
    NAMES,
    SHORTEST_DAYS,
    ChartKind,
    ChartSpec,
    parse_span,
)
from bot.i18n.message import Translator
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.chart_spans import typed_span
from bot.mining.parsing.chart_words import ChartWords, chart_words
from bot.mining.parsing.items import scan
from bot.mining.parsing.lexicon import DECIMAL_COMMA, topic_lexicon
from bot.mining.parsing.understanding import understand
from bot.mining.power_market import ZONES
from bot.mining.question import Question

PROFIT_EXAMPLE: Final = "/chart s19 7c 1y"
_LONGEST: Final = 300
_MARKS: Final = ",;:!?.…“”\"'()"
_ZONES: Final = {zone.lower(): zone for zone in ZONES}
_WORDS_TOO: Final = frozenset({"AT", "BE", "SI"})
"""Zones that are words in small letters."""


def read_chart(
    text: str, catalogue: Catalogue, asker: Asker, watched_zones: Sequence[str], *, dark: bool
) -> ChartSpec:
    """The chart a text asks for. Raises InvalidQuestion for what is no chart.

    `watched_zones` are the day-ahead zones of the rules; `dark` is what the chat has chosen.
    """
    words = read_words(text, catalogue, asker)
    kind, zone = _kind([ChartKind(name) for name in words.charts]), ""
    if words.rest:
        if kind not in (None, ChartKind.PROFIT) or words.zones:
            raise _unknown(words.rest)
        machine_question(words.rest, catalogue, asker)
        kind = ChartKind.PROFIT
    elif kind is ChartKind.PROFIT:
        raise InvalidQuestion(lambda t: t("Which machine's profit?"), PROFIT_EXAMPLE)
    if words.zones:
        if kind not in (None, ChartKind.ENERGY) or len(words.zones) > 1:
            raise _several(words.zones if len(words.zones) > 1 else (words.zones[0], str(kind)))
        kind = ChartKind.ENERGY
    if kind is ChartKind.ENERGY:
        zone = words.zones[0] if words.zones else next(iter(watched_zones), "DE-LU")
    if len(words.spans) > 1:
        raise _several(words.spans)
    span = (parse_span(words.spans[0]) if words.spans else None) or A_YEAR
    if span.days is not None and span.days < SHORTEST_DAYS:
        raise InvalidQuestion(
            lambda t: t("A chart shows {days} days or more.", days=SHORTEST_DAYS), "/chart price 7d"
        )
    return ChartSpec(
        kind or ChartKind.PRICE,
        span,
        zone,
        dark if words.dark is None else words.dark,
        words.rest if kind is ChartKind.PROFIT else "",
    )


def read_words(text: str, catalogue: Catalogue, asker: Asker) -> ChartWords:
    """What a text says of a chart: in words, or in short as buttons and docs have it.

    Raises InvalidQuestion for figures that can't be read.
    """
    spans, zones, others = [], [], []
    words = text[:_LONGEST].split()
    for word in words:
        name = word.strip(_MARKS).removeprefix("btc.")
        zone = _zone(name, is_alone=len(words) == 1)
        if zone:
            zones.append(zone)
        elif span := typed_span(name):
            spans.append(span)
        else:
            others.append(CHART_OF_SIGNAL.get(name.lower(), word))
    said = " ".join(others)
    try:
        scanned = scan(
            said,
            catalogue,
            asker.language,
            decimal_comma=asker.language in DECIMAL_COMMA,
            words=topic_lexicon(),
        )
    except InvalidQuestion:
        raise _unknown(said) from None
    in_words = chart_words(scanned, is_asked=True)
    return ChartWords(
        in_words.charts,
        tuple(dict.fromkeys((*spans, *(each for each in in_words.spans if each != "all" or not spans)))),
        tuple(dict.fromkeys((*zones, *in_words.zones))),
        in_words.dark,
        in_words.rest,
    )


def _zone(name: str, *, is_alone: bool) -> str:
    """A day-ahead zone by its code; one that is a word too in capitals, or alone; "" for none."""
    code = name.removeprefix("power.")
    zone = _ZONES.get(code.lower(), "")
    return "" if zone in _WORDS_TOO and name == code != zone and not is_alone else zone


def _kind(kinds: Sequence[ChartKind]) -> ChartKind | None:
    if len(kinds) > 1:
        names = [NAMES[kind] for kind in kinds]
        raise InvalidQuestion(
            lambda t: t("One chart at a time: {choices}?", choices=t.either([t(name) for name in names])),
            f"/chart {kinds[0]}",
        )
    return kinds[0] if kinds else None


def machine_question(text: str, catalogue: Catalogue, asker: Asker) -> Question:
    """The machine whose profit is asked for. Raises InvalidQuestion when it is none."""
    try:
        question = understand(text, catalogue, asker, strict=True)
    except InvalidQuestion as failure:
        if failure.choices and any(letter.isdecimal() for letter in text):
            raise InvalidQuestion(failure.says, f"/chart {failure.choices[0].text}") from None
        raise _unknown(text) from None
    if not isinstance(question, Question):
        raise _unknown(text)
    return question


def _several(choices: Sequence[str]) -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t("One chart at a time: {choices}?", choices=t.either(choices)), f"/chart {choices[0]}"
    )


def _unknown(text: str) -> InvalidQuestion:
    def says(t: Translator) -> str:
        kinds = ", ".join(t(name) for kind, name in NAMES.items() if kind is not ChartKind.PROFIT)
        return t(
            "I have no chart of “{word}”. There are {kinds}, and a machine's profit; 7d to all, or a year "
            "such as 2022.",
            word=text[:40],
            kinds=kinds,
        )

    return InvalidQuestion(says, EXAMPLE)
