"""Right lines near a wrong one, and the example that is most like it."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from bot.i18n.message import LazyText
from bot.watches.amounts import EXAMPLES
from bot.watches.conditions import METRIC_WORDS, ZONE_OF
from bot.watches.metrics import AVERAGED, PLAIN_KEYS

_EXAMPLE_ZONE = "de-lu"
_WORDS = (
    *PLAIN_KEYS, "power", "above", "below", "drops", "rises", "crosses", "leaves", "enters", "record", "high",
    "and", "once", "every", "until", "for", "in",
)  # fmt: skip


def near_lines(line: str) -> list[str]:
    """Lines near a wrong one, the likeliest first; none says the opposite, some may be wrong as well."""
    words, mended = _mended_line(line)
    lines = [mended, re.sub(r"[^\w\s%.<>/$€,-]", "", mended)]
    if (subject := _subject(words)) and not _is_range(mended):
        lines += _completed(subject, mended)
    return lines


def example_like(line: str) -> LazyText:
    """The example that is most like a line."""
    words, mended = _mended_line(line)
    subject, is_range = _subject(words), _is_range(mended)
    same = [
        text for text in EXAMPLES if subject and text.startswith(subject) and is_range is (" leaves " in text)
    ]
    example = (same or get_close_matches(line, EXAMPLES, 1, 0.6) or [EXAMPLES[0]])[0]
    return lambda _: example


def _mended_line(line: str) -> tuple[list[str], str]:
    words = [_mended(word, is_first=index == 0) for index, word in enumerate(line.split())]
    return words, " ".join(words)


def _subject(words: Sequence[str]) -> str | None:
    return next((METRIC_WORDS.get(word, word) for word in words if _is_subject(word)), None)


def _is_range(mended: str) -> bool:
    return re.search(r"leaves|enters|between|outside|inside|within", mended) is not None


def _is_subject(word: str) -> bool:
    return word in PLAIN_KEYS or word in METRIC_WORDS or word == "power"


def _completed(subject: str, line: str) -> list[str]:
    """Lines with the number of a line that lacks something: a side, or the days of a change."""
    number = re.search(r"(?<![\w.,])\d[\d.,]*[kmbt%]?(?!\w)", line)
    if number is None:
        return []
    named = f"power {_EXAMPLE_ZONE}" if subject == "power" else subject
    rest = re.sub(r"\S*(?:drawdown|outflow)\S*", "", line)
    rises = re.search(r"above|over|ris|up|>|high|gain|grow|climb", rest) is not None
    falls = re.search(r"below|under|fall|drop|down|<|low|declin|los", rest) is not None
    if number[0].endswith("%") and subject in AVERAGED:
        days = 7 if subject == "price" else 30
        return [f"{subject} {'rises' if rises else 'drops'} {number[0]} in {days}d"]
    if rises or falls:
        return [f"{named} {'above' if rises else 'below'} {number[0]}"]
    if subject == "drawdown":  # people speak of its depth
        return [f"drawdown above {number[0]}"]
    return [f"{named} crosses {number[0]}"]


def _mended(word: str, *, is_first: bool) -> str:
    vocabulary = (*PLAIN_KEYS, "power", *ZONE_OF) if is_first else (*_WORDS, *ZONE_OF)
    if word in vocabulary or not word.isascii() or not word[:1].isalpha() or re.match(r"ma\d", word):
        return word
    return next(iter(get_close_matches(word, vocabulary, 1, 0.7)), word)
