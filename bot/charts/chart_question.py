"""A chart asked for in words, as its specification; what can't be drawn is said in one sentence."""

from collections.abc import Sequence
from typing import Final

from bot.charts.spec import A_YEAR, NAMES, SHORTEST_DAYS, ChartKind, ChartSpec
from bot.charts.words import ChartWords, read_words
from bot.i18n.message import Translator
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.parsing.question_draft import Asker
from bot.mining.parsing.understanding import understand
from bot.mining.power_market import ZONES
from bot.mining.question import Question

EXAMPLE: Final = "/chart hashrate 90d"
PROFIT_EXAMPLE: Final = "/chart s19 7c 1y"


def read_chart(
    text: str, catalogue: Catalogue, asker: Asker, watched_zones: Sequence[str], *, dark: bool
) -> ChartSpec:
    """The chart a text asks for. Raises InvalidQuestion for what is no chart.

    `watched_zones` are the day-ahead zones of the rules; `dark` is what the chat has chosen.
    """
    words = read_words(text, ZONES)
    kind, zone = _kind(words), ""
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
        raise _several([span.word for span in words.spans])
    span = words.spans[0] if words.spans else A_YEAR
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


def _kind(words: ChartWords) -> ChartKind | None:
    kinds = words.kinds
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
