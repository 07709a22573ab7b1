"""The names of machines: finding in a text the model that a person means, however it is spelled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from bot.mining.parsing.tokens import Token, TokenKind, normalize, text_of

BRANDS: Final = frozenset(
    {"antminer", "bitmain", "microbt", "whatsminer", "avalon", "avalonminer", "alonminer", "canaan"}
    | {"ebang", "ebit", "innosilicon", "bitdeer", "sealminer", "bitaxe", "bitfury", "tardis"}
    | {"strongu", "stu", "hummer", "auradine", "teraflux", "braiins", "futurebit", "gekkoscience"}
    | {"nerdminer", "nerdaxe", "heatbit", "fluminer", "volcminer", "goldshell", "iceriver", "ipollo"}
    | {"jasminer", "elphapex", "luckyminer", "dragonmint", "gmo", "snowpanther", "asicminer"}
)  # fmt: skip
"""Words that name a maker or its line; mostly they may be left out."""
_MAKERS: Final = {
    "bitmain": "antminer", "antminer": "antminer", "microbt": "whatsminer", "whatsminer": "whatsminer",
    "canaan": "avalon", "avalon": "avalon", "avalonminer": "avalon", "goldshell": "", "iceriver": "",
    "ipollo": "", "jasminer": "", "elphapex": "", "volcminer": "",
}  # fmt: skip
"""Makers with the word their machines' names begin with; "" for those of other coins' machines."""
_SPELLED: Final = {
    "pros": "pro",
    "xps": "xp",
    "gammas": "gamma",
    "supras": "supra",
    "ultras": "ultra",
    "nanos": "nano",
    "minis": "mini",
    "bitaxes": "bitaxe",
    "нано": "nano",
    "мини": "mini",
    "хайд": "hyd",
    "хп": "xp",
    "про": "pro",
    "плюс": "+",
    "гидро": "hyd",
    "hydro": "hyd",
    "hidro": "hyd",
    "immersion": "imm",
    "plus": "+",
    "xphyd": "xphyd",
    "immersed": "imm",
    "水冷": "hyd",
    "水冷版": "hyd",
    "液冷": "hyd",
    "浸没": "imm",
    "浸没式": "imm",
    "wassergekühlt": "hyd",
    "watercooled": "hyd",
}
_JOINED: Final = (("hydro", "hyd"), ("hidro", "hyd"), ("immersion", "imm"), ("plus", "+"))
_MOST_TOKENS: Final = 12
_SUFFIXES: Final = frozenset(
    {"pro", "xp", "hyd", "hydro", "imm", "immersion", "plus", "se", "max", "ultra", "lite", "mini"}
    | {"ex", "exp", "hidro", "air", "std", "xph", "hp", "jpro", "kpro"}
    | {"xphyd", "v2", "ai", "promax", "quantum"}
    | {"水冷", "水冷版", "液冷", "浸没", "浸没式"}
)  # fmt: skip
"""Words that make another model of the one before them."""
_LIMITED: Final = frozenset({"power", "electricity", "energy", "price", "kwh", "tariff", "btc", "difficulty"})
"""Behind “max” these are a limit, and no model's name: “S21 max power price”."""
_LETTER_SUFFIXES: Final = frozenset("lkjehxns")
_IGNORED: Final = (("(", "mix", ")"), ("mix",), ("hiveon",), ("no", "pic"))
_IGNORED_FIRST: Final = frozenset(words[0] for words in _IGNORED)
"""What sellers and firmwares write behind a model's name without meaning another machine."""
_STOPS: Final = frozenset(",.;:!?)")
"""Marks that may stand right behind a name."""
_GERMAN_PER: Final = frozenset(
    {"tag", "monat", "jahr", "woche", "stunde", "kwh", "mwh", "th", "ph", "kilowattstunde"}
    | {"maschine", "gerät", "terahash", "petahash"}
)  # fmt: skip
"""Behind these a German “pro” is no part of a model's name: “S21 pro Tag”."""
_HASHRATE_UNITS: Final = frozenset({"t", "th", "ths", "ph", "gh", "terahash"})


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
        whole_end, whole_key = self._longest(tokens, start, branded=True) if branded else (start, "")
        if whole_end > end or (whole_end == end and whole_key in self._keys and end > first):
            end, key = whole_end, whole_key
        if end == start or not key:
            return self._unknown_model(tokens, start, first, branded=branded)
        name = self._keys[key]
        end = self._with_cooling(tokens, _with_ignored(tokens, _with_plural(tokens, end)), name)
        extra = self._suffix_end(tokens, end)
        if branded and _is_anothers(tokens[start].text, name.targets[0]):
            return Mention("unknown", self.family(key), start, end, text_of(tokens, start, end))
        if name.spelling.endswith("*"):
            extra = end
            while extra < len(tokens) and (tokens[extra].glued or tokens[extra].text in _SUFFIXES):
                extra += 1
            end = extra
        if extra > end:
            return Mention("unknown", self.family(key), start, extra, text_of(tokens, start, extra))
        typed = text_of(tokens, start, end)
        if name.kind == "coin":
            return Mention("coin", (), start, end, typed, name.targets[0])
        if name.kind == "none":
            return Mention("none", (), start, end, typed)
        return Mention("model" if name.kind == "same" else "ask", name.targets, start, end, typed)

    def _with_cooling(self, tokens: Sequence[Token], end: int, name: MachineName) -> int:
        """The end behind the cooling that every bin of the model has: “M63S Hydro”."""
        word = _SPELLED.get(tokens[end].text, tokens[end].text) if end < len(tokens) else ""
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
                if token.text != "+" or not key or (not token.glued and _number_follows(tokens, index)):
                    break
            elif token.kind is TokenKind.NUMBER and key and not token.glued and len(key) == 1:
                break  # “s 19” is no S19
            part = _SPELLED.get(token.text, token.text)
            key = _joined(key + part)
            if key not in self._prefixes:
                break
            if key in self._keys and (branded or key not in self._needs_brand):
                if index > start and self._is_stray_letter(tokens, index, key):
                    continue
                if _per(tokens, index):
                    break
                if _ends_here(tokens, index):
                    end, best = index + 1, key
        return end, best

    def _is_stray_letter(self, tokens: Sequence[Token], index: int, key: str) -> bool:
        """True for a letter that stands alone behind a name: “is the S19 a good machine?”."""
        token, name = tokens[index], self._keys[key]
        if len(token.text) > 1 or token.kind is not TokenKind.WORD or _attached(tokens, index):
            return False
        return name.spelling in self._coolings

    def _suffix_end(self, tokens: Sequence[Token], end: int) -> int:
        """Where the suffix ends that makes another, unknown model of the name before `end`."""
        while end < len(tokens):
            token = tokens[end]
            following = tokens[end + 1] if end + 1 < len(tokens) else None
            attached = token.glued or (end > 0 and tokens[end - 1].text == "-" and tokens[end - 1].glued)
            if (
                (token.kind is TokenKind.WORD and attached and token.text not in _HASHRATE_UNITS)
                or (token.text == "+" and not _number_follows(tokens, end))
                or (
                    token.kind is TokenKind.WORD
                    and token.text in _SUFFIXES
                    and not _per(tokens, end)
                    and not (token.text == "max" and following is not None and following.text in _LIMITED)
                )
                or (
                    token.kind is TokenKind.WORD
                    and token.text in _LETTER_SUFFIXES
                    and (
                        following is None or following.kind is not TokenKind.NUMBER or not _times(tokens, end)
                    )
                )
            ):
                end += 1
            elif (
                token.kind is TokenKind.NUMBER
                and following is not None
                and following.glued
                and following.text in ("u", "uh")
            ):
                end += 2
            elif token.text in "-_" and following is not None and following.text in _SUFFIXES:
                end += 1
            else:
                break
        return end

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
            end = self._suffix_end(tokens, end)
        elif branded and token.kind is TokenKind.NUMBER and token.text.isdigit() and len(token.text) >= 3:
            end = self._suffix_end(tokens, first + 1)
        key = "".join(
            _SPELLED.get(each.text, each.text) for each in tokens[first:end] if each.text not in "-_"
        )
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


def machine_key(text: str) -> str:
    """Letters, digits and plus signs only, in lower case, with one spelling of hydro, immersion and plus."""
    compact = "".join(
        character for character in normalize(text) if character.isalnum() or character in "+."
    ).rstrip(".")
    return _joined(compact)


def short_name(model: str) -> str:
    """A model's name without the first word when that is only the brand: “S19j Pro”."""
    first, _, rest = model.partition(" ")
    brands = ("antminer", "whatsminer", "hummer", "tardis", "teraflux")
    return rest if rest and first.lower() in brands else model


@lru_cache(maxsize=4096)
def _joined(key: str) -> str:
    for long, short in _JOINED:
        key = key.replace(long, short)
    return key


def _is_brand(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text in BRANDS:
        return True
    following = tokens[index + 1].text if index + 1 < len(tokens) else ""
    return token.text in ("whats", "lucky", "alon") and following == "miner"


def _times(tokens: Sequence[Token], index: int) -> bool:
    """True for a letter glued to the number behind it, and for the x of “S19 x 3”."""
    return tokens[index + 1].glued or tokens[index].text == "x"


def _is_anothers(brand: str, model: str) -> bool:
    """True for a model under another maker's name, such as “Goldshell S19”."""
    line = _MAKERS.get(brand)
    lines = tuple(word for word in _MAKERS.values() if word)
    return (
        line is not None and model.lower().startswith(lines) and not (line and model.lower().startswith(line))
    )


def _attached(tokens: Sequence[Token], index: int) -> bool:
    return tokens[index].glued or (index > 0 and tokens[index - 1].text in "-_" and tokens[index - 1].glued)


def _number_follows(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].kind is TokenKind.NUMBER


def _per(tokens: Sequence[Token], index: int) -> bool:
    """True for a German “pro” that means per: “S21 pro Tag”."""
    return (
        tokens[index].text == "pro"
        and not tokens[index].glued
        and index + 1 < len(tokens)
        and tokens[index + 1].text in _GERMAN_PER
    )


def _ends_here(tokens: Sequence[Token], index: int) -> bool:
    """True when no letter is glued on, nor a digit that is no bin of its own."""
    if index + 1 >= len(tokens) or not tokens[index + 1].glued:
        return True
    following = tokens[index + 1]
    if following.kind is TokenKind.WORD:
        return _with_plural(tokens, index + 1) > index + 1
    if following.kind is TokenKind.NUMBER:
        return tokens[index].kind is TokenKind.WORD or tokens[index].text == "+"
    return True


def _with_plural(tokens: Sequence[Token], end: int) -> int:
    """The end behind the s of several: “my S19s”; a Whatsminer's S is another model."""
    is_plural = end < len(tokens) and tokens[end].text == "s" and tokens[end].glued
    if not is_plural or tokens[end - 1].kind is not TokenKind.NUMBER or tokens[end - 2].text == "m":
        return end
    following = tokens[end + 1] if end + 1 < len(tokens) else None
    ends = following is None or not following.glued or following.text in _STOPS
    return end + 1 if ends else end


def _with_ignored(tokens: Sequence[Token], end: int) -> int:
    """The end behind words that sellers and firmwares add."""
    if end < len(tokens) and tokens[end].text in _IGNORED_FIRST:
        for words in _IGNORED:
            if tuple(token.text for token in tokens[end : end + len(words)]) == words:
                end += len(words)
    if (
        end + 1 < len(tokens)
        and tokens[end].text == "/"
        and tokens[end].glued
        and re.fullmatch(r"\d\.\d", tokens[end + 1].text)
    ):
        end += 2
    if end < len(tokens) and tokens[end].text == "." and tokens[end].glued:
        end += 1
    return end
