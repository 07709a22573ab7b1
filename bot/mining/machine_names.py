"""The names of machines: finding in a text the model that a person means, however it is spelled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.mining.machine_spelling import BRANDS, joined_key, machine_key, spelled
from bot.mining.name_ends import (
    SUFFIXES,
    ends_here,
    is_attached,
    is_per,
    joins_next,
    may_join_power,
    suffix_end,
    with_ignored,
    with_plural,
)
from bot.mining.parsing.tokens import Token, TokenKind, text_of

_MAKERS: Final = {
    "bitmain": "antminer", "antminer": "antminer", "microbt": "whatsminer", "whatsminer": "whatsminer",
    "canaan": "avalon", "avalon": "avalon", "avalonminer": "avalon", "goldshell": "", "iceriver": "",
    "ipollo": "", "jasminer": "", "elphapex": "", "volcminer": "",
}  # fmt: skip
"""Makers with the word their machines' names begin with; "" for those of other coins' machines."""
_MOST_TOKENS: Final = 12


@dataclass(frozen=True, slots=True)
class MachineName:
    """Another spelling. `kind` says of what: `same` model, one of several to `ask` about, another `coin`'s
    machine (the target is its algorithm), `none` that is in the catalogue. A `*` at the
    end stands for any rest.
    """

    spelling: str
    kind: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A machine named by tokens `[start:end]`: the `models` it may be, one when it is clear.

    `kind` is `model`, `ask`, `coin` (`algorithm` names it), `none` or `unknown`.
    """

    kind: str
    models: tuple[str, ...]
    start: int
    end: int
    typed: str
    algorithm: str = ""


class MachineNames:
    """The names that machines go by, and finding them in a text."""

    def __init__(self, coolings: Mapping[str, str | None], names: Iterable[MachineName] = ()) -> None:
        """`coolings` are the models by name, each with the cooling that all of its bins share, else None.

        `names` are spellings beyond those that follow from the models' own names.
        """
        self._coolings = coolings
        self._keys: dict[str, MachineName] = {}
        self._needs_brand: set[str] = set()
        self._rests: dict[str, MachineName] = {}
        for model in coolings:
            self._add_model(model)
        for name in names:
            key = machine_key(name.spelling)
            if name.spelling.endswith("*"):
                self._rests[key] = name
            self._keys[key] = name
        self._prefixes = {key[:length] for key in self._keys for length in range(1, len(key) + 1)}

    def _add_model(self, model: str) -> None:
        words = model.lower().split()
        name = MachineName(model, "same", (model,))
        rest = words
        while len(rest) > 1 and rest[0] in BRANDS:
            rest = rest[1:]
        self._keys[machine_key(" ".join(words))] = name
        key = machine_key(" ".join(rest))
        self._keys.setdefault(key, name)
        if not re.match(r"[a-z]{1,5}\d", key):
            if rest != words:
                self._needs_brand.add(key)
            if key[:1].isdigit() and words[0].startswith("avalon"):
                self._keys.setdefault(f"a{key}", name)

    def mention_at(self, tokens: Sequence[Token], start: int) -> Mention | None:
        """The machine named by the tokens from `start` on; None when they name none.

        A longer name than any known (“S21 XP Max”) is one `unknown` mention: never the shorter machine.
        """
        first = start
        while first < len(tokens) and _is_brand(tokens, first):
            first += 2 if tokens[first].text in ("whats", "lucky", "alon") else 1
            if first + 1 < len(tokens) and tokens[first].text in "-_" and tokens[first + 1].glued:
                first += 1
        branded = first > start
        if first >= len(tokens):
            return self._brand_alone(tokens, start, first) if branded else None
        end, key = self._longest(tokens, first, branded=branded)
        if branded:
            end, key = self._with_maker(tokens, start, first, (end, key))
        if end == start or not key:
            return self._unknown_model(tokens, start, first, branded=branded)
        name = self._keys[key]
        end = self._with_cooling(tokens, with_ignored(tokens, with_plural(tokens, end)), name)
        extra = suffix_end(tokens, end)
        if branded and _is_anothers(tokens[start].text, name.targets[0]):
            return Mention("unknown", self.family(key), start, end, text_of(tokens, start, end))
        if name.spelling.endswith("*"):
            extra = end
            while extra < len(tokens) and (tokens[extra].glued or tokens[extra].text in SUFFIXES):
                extra += 1
            end = extra
        if extra > end:
            return Mention("unknown", self.family(key), start, extra, text_of(tokens, start, extra))
        typed = text_of(tokens, start, end)
        if name.kind == "coin":
            return Mention("coin", (), start, end, typed, name.targets[0])
        if name.kind == "none":
            return Mention("none", (), start, end, typed)
        shorter = self._keys.get(key[:-1]) if may_join_power(tokens, end - 1) else None
        if shorter is not None and shorter.kind == name.kind == "same":
            return Mention("ask", (*shorter.targets, *name.targets), start, end, typed)
        return Mention("model" if name.kind == "same" else "ask", name.targets, start, end, typed)

    def _with_maker(
        self, tokens: Sequence[Token], start: int, first: int, found: tuple[int, str]
    ) -> tuple[int, str]:
        """The end and the key of a name that has its maker's in it, where it is longer than the one found."""
        for place in range(start, first):  # “bitmain antminer e9”
            end, key = self._longest(tokens, place, branded=True)
            if end > found[0] or (end == found[0] and key in self._keys and end > first):
                found = (end, key)
        return found

    def _with_cooling(self, tokens: Sequence[Token], end: int, name: MachineName) -> int:
        """The end behind the cooling that every bin of the model has: “M63S Hydro”."""
        word = spelled(tokens[end].text) if end < len(tokens) else ""
        cooling = {"hyd": "hydro", "imm": "immersion", "air": "air"}.get(word)
        if name.kind == "same" and cooling and self._coolings[name.targets[0]] == cooling:
            return end + 1
        return end

    def _longest(self, tokens: Sequence[Token], start: int, *, branded: bool) -> tuple[int, str]:
        """The end and the key of the longest known name that begins at a token."""
        key, end, best = "", start, ""
        for index in range(start, min(start + _MOST_TOKENS, len(tokens))):
            token = tokens[index]
            if token.kind is TokenKind.SIGN:
                if token.text in "-_" and key and token.glued:
                    continue
                if token.text != "+" or not key or (not token.glued and joins_next(tokens, index)):
                    break
            elif token.kind is TokenKind.NUMBER and key and not token.glued and _is_short(key):
                break  # “s 19” is no S19, “al 2 %” no machine
            part = spelled(token.text)
            if part == "+" and token.kind is TokenKind.WORD and key and joins_next(tokens, index):
                break
            key = joined_key(key + part)
            if key not in self._prefixes:
                break
            if key in self._keys and (branded or key not in self._needs_brand):
                if index > start and self._is_stray_letter(tokens, index, key):
                    continue
                if is_per(tokens, index):
                    break
                if ends_here(tokens, index):
                    end, best = index + 1, key
        return end, best

    def _is_stray_letter(self, tokens: Sequence[Token], index: int, key: str) -> bool:
        """True for a letter that stands alone behind a name: “is the S19 a good machine?”."""
        token, name = tokens[index], self._keys[key]
        if len(token.text) > 1 or token.kind is not TokenKind.WORD or is_attached(tokens, index):
            return False
        if token.text == "s" and key.startswith("m"):
            return False  # “m20 s”: a Whatsminer's S is another model
        return name.spelling in self._coolings

    def _brand_alone(self, tokens: Sequence[Token], start: int, end: int) -> Mention | None:
        _, key = self._longest(tokens, start, branded=True)
        typed = text_of(tokens, start, end)
        if key:
            name = self._keys[key]
            kind = "model" if name.kind == "same" else name.kind
            return Mention(kind, name.targets if kind != "coin" else (), start, end, typed, name.targets[0])
        return None

    def _unknown_model(
        self, tokens: Sequence[Token], start: int, first: int, *, branded: bool
    ) -> Mention | None:
        """A name shaped like a model (“S25”, “M99S++”), or what follows a maker's name."""
        token = tokens[first]
        shaped = (
            token.kind is TokenKind.WORD
            and token.text.isascii()
            and 1 <= len(token.text) <= 4
            and first + 1 < len(tokens)
            and tokens[first + 1].kind is TokenKind.NUMBER
            and tokens[first + 1].glued
            and tokens[first + 1].text.isdigit()
            and len(tokens[first + 1].text) <= 5
        )
        if not shaped and not branded:
            return None
        end = first + 2 if shaped else first
        if shaped:
            end = suffix_end(tokens, end)
        elif branded and token.kind is TokenKind.NUMBER and token.text.isdigit() and len(token.text) >= 3:
            end = suffix_end(tokens, first + 1)
        key = "".join(spelled(each.text) for each in tokens[first:end] if each.text not in "-_")
        for rest, name in self._rests.items():
            if key.startswith(rest):
                return Mention("coin", (), start, end, text_of(tokens, start, end), name.targets[0])
        if branded and end == first:
            return self._brand_alone(tokens, start, first)
        return Mention("unknown", self.family(key), start, end, text_of(tokens, start, end))

    def family(self, key: str, limit: int = 4) -> tuple[str, ...]:
        """Models whose names look most like a compact name, those of the same series first."""
        match = re.match(r"[a-z]*\d+", key)
        series = match[0] if match else key[:3]
        scored = sorted(
            (
                (
                    not other.startswith(series),
                    not other.startswith(series[:2]),
                    -SequenceMatcher(None, key, other).ratio(),
                    index,
                    name.targets[0],
                )
                for index, (other, name) in enumerate(self._keys.items())
                if name.kind == "same" and other[:1] == key[:1] and key
            )
        )
        return tuple(dict.fromkeys(row[-1] for row in scored if -row[2] >= 0.5))[:limit]

    def typed_name(self, model: str) -> str:
        """The shortest name of a model that is understood as that model: “S21”, “Antminer S19 Hyd”."""
        short = short_name(model)
        name = self._keys.get(machine_key(short))
        return short if name is not None and name.targets == (model,) else model


def short_name(model: str) -> str:
    """A model's name without the first word when that is only the brand: “S19j Pro”."""
    first, _, rest = model.partition(" ")
    brands = ("antminer", "whatsminer", "hummer", "tardis", "teraflux")
    return rest if rest and first.lower() in brands else model


def _is_short(key: str) -> bool:
    """True for what may as well be a word of its own before a number."""
    return len(key) == 1 or key == "al"


def _is_brand(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text in BRANDS:
        return True
    following = tokens[index + 1].text if index + 1 < len(tokens) else ""
    return token.text in ("whats", "lucky", "alon") and following == "miner"


def _is_anothers(brand: str, model: str) -> bool:
    """True for a model under another maker's name, such as “Goldshell S19”."""
    line = _MAKERS.get(brand)
    lines = tuple(word for word in _MAKERS.values() if word)
    return (
        line is not None and model.lower().startswith(lines) and not (line and model.lower().startswith(line))
    )
