"""The commands of the known messages that a text is most like, to be offered where no rule understands it.

The messages lie in `messages`: `read` has those that the rules read as they say, `near` others that need only
be offered. How alike two texts are is the cosine of what they have: meanings of the lexicon, words, pairs of
words and parts of words, each weighed by how few messages have it (tf-idf).
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from math import log, sqrt
from typing import Final, NamedTuple

from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.intent_table import INTENTS, SUBSCRIPTIONS
from bot.mining.parsing.lexicon import topic_lexicon
from bot.mining.parsing.tokens import normalize, tokenize

_COMPARED: Final = 30
"""The messages most like a text are looked at, no others."""
_COUNTED: Final = 4
"""Of one command the first of them counts whole, the next half, and so on."""
_LEAST: Final = 0.2
"""What is less like all that is known is about something else."""
_LEAST_BESIDE: Final = 0.5
"""What is so much less like it than the likeliest is not meant."""
_MEANING_WEIGHT: Final = 2.0
_PAIR_WEIGHT: Final = 0.7
_PART_WEIGHT: Final = 0.35
_PART: Final = 3
"""Letters of the parts that words are compared by, which forgives endings and misspellings."""
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_HAN: Final = re.compile("[\u3400-\u9fff]+")
_WORD: Final = re.compile(r"[^\W_]+")
_FIXED: Final = frozenset(
    {("fleet", "clear"), *((intent.command, intent.arguments) for intent in (*INTENTS, *SUBSCRIPTIONS))}
)
"""Commands whose arguments are words and no figures."""


class NearCommand(NamedTuple):
    """A command, and how near a text comes to its messages: 1 for one that is much like one of them."""

    request: CommandRequest
    likeness: float


class MessageIndex:
    """Messages with the commands they ask for, to be compared with a text."""

    def __init__(self, messages: Sequence[tuple[str, CommandRequest]], language: str) -> None:
        """Weigh what every message has."""
        self._language = language
        self._known = {_bare(text): request for text, request in messages}
        self._requests = [request for _, request in messages]
        counted = [_features(text, language) for text, _ in messages]
        frequency = Counter(feature for features in counted for feature in features)
        rare = {each for each, count in frequency.items() if count == 1 and (each[0] == "_" or " " in each)}
        self._unknown = log(len(messages) + 1)
        self._weights = {
            each: log((len(messages) + 1) / (frequency[each] + 0.5)) for each in frequency.keys() - rare
        }
        places: dict[str, array[int]] = defaultdict(lambda: array("H"))
        shares: dict[str, array[float]] = defaultdict(lambda: array("f"))
        for place, features in enumerate(counted):
            weighed = self._weighed(features)
            length = _length(weighed)
            for feature in weighed.keys() - rare:
                places[feature].append(place)
                shares[feature].append(weighed[feature] / length)
        self._places, self._shares = dict(places), dict(shares)

    def nearest(self, text: str) -> list[NearCommand]:
        """The commands that a text may ask for, the likeliest first; none for a text like no message."""
        if known := self._known.get(_bare(text)):
            return [NearCommand(known, 1.0)]
        weighed = self._weighed(_features(text, self._language))
        likeness: dict[int, float] = defaultdict(float)
        for feature, weight in weighed.items():
            if feature in self._places:
                for place, share in zip(self._places[feature], self._shares[feature], strict=True):
                    likeness[place] += weight * share
        length = _length(weighed)
        alike = sorted(((value / length, place) for place, value in likeness.items()), reverse=True)
        by_request: dict[CommandRequest, list[float]] = defaultdict(list)
        for value, place in alike[:_COMPARED]:
            by_request[self._requests[place]].append(value)
        near = [NearCommand(request, _together(values)) for request, values in by_request.items()]
        least = max(_LEAST, _LEAST_BESIDE * max((each.likeness for each in near), default=0.0))
        return sorted((each for each in near if each.likeness >= least), key=lambda each: -each.likeness)

    def _weighed(self, features: Mapping[str, float]) -> dict[str, float]:
        return {
            feature: count * self._weights.get(feature, self._unknown) for feature, count in features.items()
        }


@cache
def message_index(language: str) -> MessageIndex:
    """The messages of a language; made in some ten milliseconds, once."""
    return MessageIndex([*_messages("read", language), *_messages("near", language)], language)


def _messages(folder: str, language: str) -> Iterable[tuple[str, CommandRequest]]:
    path = files(__package__).joinpath("messages", folder, f"{language}.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        text, _, meant = line.partition(" => ")
        if meant.startswith("/"):
            name, _, arguments = meant.removeprefix("/").partition(" ")
            yield text, CommandRequest(name, arguments if (name, arguments) in _FIXED else "")
        elif meant and not meant.startswith("?"):
            yield text, CommandRequest("whatif" if meant.startswith("what if") else "breakeven")


def _bare(text: str) -> str:
    """A message as its words alone tell it from others."""
    return normalize(text).strip(" .,!?")


def _features(text: str, language: str) -> dict[str, float]:
    """What a text has, and how much each counts before it is weighed."""
    plain = normalize(text)
    features: dict[str, float] = dict.fromkeys(_meanings(plain, language), _MEANING_WEIGHT)
    plain = _NUMBER.sub("0", plain)
    for run in _HAN.findall(plain):
        for first, second in zip(run, f"{run[1:]} ", strict=True):
            for part in (first, first + second):
                features[part] = features.get(part, 0.0) + 1.0
    words = _WORD.findall(_HAN.sub(" ", plain))
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        features[word] = features.get(word, 0.0) + 1.0
        if following:
            features[f"{word} {following}"] = _PAIR_WEIGHT
        if len(word) > _PART:
            edged = f"<{word}>"
            for start in range(len(edged) - _PART + 1):
                part = f"_{edged[start : start + _PART]}"
                features[part] = features.get(part, 0.0) + _PART_WEIGHT
    return features


def _meanings(plain: str, language: str) -> Iterable[str]:
    words = topic_lexicon()
    tokens = words.cut(tokenize(plain), language)
    place = 0
    while place < len(tokens):
        meaning = words.meaning(tokens, place, (language,))
        if meaning is None:
            place += 1
            continue
        if meaning.concept != "filler":
            yield f"={meaning.concept}"
        place = meaning.end


def _together(values: Sequence[float]) -> float:
    """How near a text is to a command whose messages are so like it, the likest first."""
    return sum(value * 0.5**rank for rank, value in enumerate(values[:_COUNTED]))


def _length(weighed: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
