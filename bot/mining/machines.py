"""The machine catalogue, and finding in it the machine a person means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.tokens import Token, TokenKind, normalize, tokenize

BRANDS: Final = frozenset(
    {"antminer", "bitmain", "microbt", "whatsminer", "avalon", "avalonminer", "alonminer", "canaan"}
    | {"ebang", "ebit", "innosilicon", "bitdeer", "sealminer", "bitaxe", "bitfury", "tardis"}
    | {"strongu", "stu", "hummer", "auradine", "teraflux", "braiins", "futurebit", "gekkoscience"}
    | {"nerdminer", "nerdaxe", "heatbit", "fluminer", "volcminer", "goldshell", "iceriver", "ipollo"}
    | {"jasminer", "elphapex", "luckyminer", "dragonmint", "gmo", "snowpanther", "asicminer"}
)  # fmt: skip
"""Words that name a maker or its line; mostly they may be left out."""

_SPELLED: Final = {
    "hydro": "hyd",
    "hidro": "hyd",
    "immersion": "imm",
    "plus": "+",
    "xphyd": "xphyd",
    "immersed": "imm",
}
_JOINED: Final = (("hydro", "hyd"), ("hidro", "hyd"), ("immersion", "imm"), ("plus", "+"))
_MOST_TOKENS: Final = 12
_SUFFIXES: Final = frozenset(
    {"pro", "xp", "hyd", "hydro", "imm", "immersion", "plus", "se", "max", "ultra", "lite", "mini"}
    | {"ex", "exp", "hidro", "air", "std", "xph", "hp", "jpro", "kpro"}
    | {"xphyd", "v2", "ai", "promax", "quantum"}
)  # fmt: skip
"""Words that make another model of the one before them."""
_LETTER_SUFFIXES: Final = frozenset("lkjehxns")
_IGNORED: Final = (("(", "mix", ")"), ("mix",), ("hiveon",), ("no", "pic"))
"""What sellers and firmwares write behind a model's name without meaning another machine."""
_GERMAN_PER: Final = frozenset(
    {"tag", "monat", "jahr", "woche", "stunde", "kwh", "mwh", "th", "ph", "kilowattstunde"}
    | {"maschine", "gerät", "terahash", "petahash"}
)  # fmt: skip
"""Behind these a German “pro” is no part of a model's name: “S21 pro Tag”."""
_SCALING: Final = 0.25
"""How far from a known bin, as a fraction, a hashrate is still taken for a bin of the same efficiency."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One bin of a model: nameplate TH/s and W, and its release as year or year-month.

    `disputed` is True when published figures differ by more than 3 %.
    """

    maker: str
    model: str
    hashrate_ths: float
    power_w: float
    release: str
    cooling: str = "air"
    disputed: bool = False

    @property
    def name(self) -> str:
        """Model and bin, as people write it: “Antminer S19 95T”."""
        return f"{self.model} {self.hashrate_ths:g}T"

    @property
    def efficiency_j_per_th(self) -> float:
        """J/TH: W ÷ TH/s."""
        return self.power_w / self.hashrate_ths

    def rig(self) -> Rig:
        """This machine as the calculator takes it."""
        return Rig(self.hashrate_ths, self.power_w, self.model)


@dataclass(frozen=True, slots=True)
class OwnMachine:
    """A machine that somebody named: its name in lower case, TH/s and W."""

    name: str
    hashrate_ths: float
    power_w: float


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


class Catalogue:
    """Machines by model. The first machine given of a model is the one meant when no hashrate is named."""

    def __init__(self, machines: Iterable[Machine], names: Iterable[MachineName] = ()) -> None:
        """`names` are spellings beyond those that follow from the models' own names."""
        self.machines = tuple(machines)
        bins: dict[str, list[Machine]] = {}
        for machine in self.machines:
            bins.setdefault(machine.model, []).append(machine)
        self._bins = {model: tuple(machines) for model, machines in bins.items()}
        self._keys: dict[str, MachineName] = {}
        self._needs_brand: set[str] = set()
        self._rests: dict[str, MachineName] = {}
        for model in self._bins:
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

    @property
    def models(self) -> tuple[str, ...]:
        """Every model name, in the order of the catalogue."""
        return tuple(self._bins)

    def bins(self, model: str) -> tuple[Machine, ...]:
        """The machines of a model, the usual one first. Raises KeyError for a model not held."""
        return self._bins[model]

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
        end = self._with_cooling(tokens, _with_ignored(tokens, end), name)
        extra = self._suffix_end(tokens, end)
        if name.spelling.endswith("*"):
            extra = end
            while extra < len(tokens) and (tokens[extra].glued or tokens[extra].text in _SUFFIXES):
                extra += 1
            end = extra
        if extra > end:
            return Mention("unknown", self.family(key), start, extra, _typed(tokens, start, extra))
        typed = _typed(tokens, start, end)
        if name.kind == "coin":
            return Mention("coin", (), start, end, typed, name.targets[0])
        if name.kind == "none":
            return Mention("none", (), start, end, typed)
        return Mention("model" if name.kind == "same" else "ask", name.targets, start, end, typed)

    def _with_cooling(self, tokens: Sequence[Token], end: int, name: MachineName) -> int:
        """The end behind the cooling that every bin of the model has: “M63S Hydro”."""
        word = _SPELLED.get(tokens[end].text, tokens[end].text) if end < len(tokens) else ""
        cooling = {"hyd": "hydro", "imm": "immersion", "air": "air"}.get(word)
        if (
            name.kind == "same"
            and cooling
            and all(machine.cooling == cooling for machine in self._bins[name.targets[0]])
        ):
            return end + 1
        return end

    def _longest(self, tokens: Sequence[Token], start: int, *, branded: bool) -> tuple[int, str]:
        """The end and the key of the longest known name that begins at a token."""
        key, end, best = "", start, ""
        for index in range(start, min(start + _MOST_TOKENS, len(tokens))):
            token = tokens[index]
            if token.kind is TokenKind.SIGN:
                if token.text in "-_" and key:
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
        return name.spelling in self._bins

    def _suffix_end(self, tokens: Sequence[Token], end: int) -> int:
        """Where the suffix ends that makes another, unknown model of the name before `end`."""
        while end < len(tokens):
            token = tokens[end]
            following = tokens[end + 1] if end + 1 < len(tokens) else None
            attached = token.glued or (end > 0 and tokens[end - 1].text == "-" and tokens[end - 1].glued)
            if (
                (token.kind is TokenKind.WORD and attached and token.text not in _HASHRATE_UNITS)
                or (token.text == "+" and not _number_follows(tokens, end))
                or (token.kind is TokenKind.WORD and token.text in _SUFFIXES and not _per(tokens, end))
                or (
                    token.kind is TokenKind.WORD
                    and token.text in _LETTER_SUFFIXES
                    and (following is None or not following.glued or following.kind is not TokenKind.NUMBER)
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
        typed = _typed(tokens, start, end)
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
                return Mention("coin", (), start, end, _typed(tokens, start, end), name.targets[0])
        if branded and end == first:
            return self._brand_alone(tokens, start, first)
        return Mention("unknown", self.family(key), start, end, _typed(tokens, start, end))

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

    def choice(self, name: str) -> Choice:
        """A button that asks about a machine: a model, with its bin or without."""
        matching = [each for each in self._bins if name == each or name.startswith(f"{each} ")]
        model = max(matching, key=len, default=name)
        return Choice(verbatim(name), f"{self.typed_name(model)}{name.removeprefix(model)}")

    def pick(self, model: str, hashrate_ths: float | None = None) -> Machine:
        """The machine of this model with this hashrate; the usual one when None.

        A hashrate near a known bin gives a machine of that hashrate at that bin's efficiency. Raises
        InvalidQuestion when it is near none.
        """
        bins = self._bins[model]
        if hashrate_ths is None:
            return bins[0]
        nearest = min(bins, key=lambda machine: abs(machine.hashrate_ths - hashrate_ths))
        if abs(nearest.hashrate_ths - hashrate_ths) <= 0.005 * nearest.hashrate_ths:
            return nearest
        if abs(nearest.hashrate_ths - hashrate_ths) > _SCALING * nearest.hashrate_ths:
            sizes = sorted(machine.hashrate_ths for machine in bins)
            raise InvalidQuestion(
                # Translators: {known} is a list of hashrates, such as “86, 90, 95”.
                lambda t: t(
                    "I know no {model} with {hashrate} TH/s, only with {known} TH/s.",
                    model=model,
                    hashrate=t.number(hashrate_ths, 4),
                    known=", ".join(t.number(size, 4) for size in sizes),
                ),
                f"/breakeven {bins[0].name} 0.07",
                (self.choice(bins[0].name),),
            )
        power_w = nearest.efficiency_j_per_th * hashrate_ths
        return Machine(
            nearest.maker, model, hashrate_ths, power_w, nearest.release, nearest.cooling, nearest.disputed
        )

    def is_bin(self, model: str, number: float) -> bool:
        """True when a bare number after the model's name must mean its hashrate."""
        sizes = [machine.hashrate_ths for machine in self._bins[model]]
        return 0.88 * min(sizes) <= number <= 1.12 * max(sizes)

    def find(self, text: str) -> Machine:
        """The machine a text names and nothing else, such as `s19j pro 104`.

        Raises InvalidQuestion with the closest models when it names none.
        """
        tokens = tokenize(normalize(text[:200]))
        mention = next(
            (
                mention_here
                for index in range(min(len(tokens), 4))
                if (mention_here := self.mention_at(tokens, index))
            ),
            None,
        )
        if mention is None or any(
            token.text not in ("asic", "miner", "-") for token in tokens[: mention.start]
        ):
            raise self.unknown(text)
        if mention.kind != "model":
            raise self.refused(mention)
        rest = [token for token in tokens[mention.end :] if token.text not in "()-,."]
        if rest and rest[-1].text in BRANDS and len(rest) == 1:
            rest = []
        if not rest:
            return self.pick(mention.models[0])
        hashrate = _only_bin(rest)
        if hashrate is None:
            raise self.unknown(text)
        return self.pick(mention.models[0], hashrate)

    def refused(self, mention: Mention) -> InvalidQuestion:
        """What to say of a mention that names no machine clearly."""
        typed = mention.typed if len(mention.typed) <= 40 else mention.typed[:39] + "…"
        if mention.kind == "coin":
            return InvalidQuestion(
                # Translators: {name} is a machine, {algorithm} such as Scrypt.
                lambda t: t(
                    "“{name}” mines another coin ({algorithm}); I know only Bitcoin's machines (SHA-256).",
                    name=typed,
                    algorithm=mention.algorithm,
                ),
                "/breakeven s21 0.07",
            )
        if mention.kind == "none":
            return InvalidQuestion(
                lambda t: t("“{name}” is a toy of some kH/s; there is nothing to reckon.", name=typed),
                "/breakeven bitaxe gamma 0.07",
            )
        if mention.kind == "ask":
            return InvalidQuestion(
                # Translators: {models} is a list such as “Antminer S21 or Antminer S21+”.
                lambda t: t(
                    "“{name}” can be several machines: {models}?", name=typed, models=t.either(mention.models)
                ),
                f"/breakeven {short_name(mention.models[0])} 0.07",
                tuple(self.choice(model) for model in mention.models),
            )
        return self.unknown(typed, mention.models)

    def unknown(self, text: str, models: tuple[str, ...] | None = None) -> InvalidQuestion:
        """What to say about a machine that isn't held: the closest models by name."""
        excerpt = text if len(text) <= 40 else text[:39] + "…"
        close = self.close(text) if models is None else models
        if not close:
            return InvalidQuestion(
                lambda t: t(
                    "I don't know the machine “{name}”; give its hashrate and power instead.",
                    name=excerpt,
                ),
                "/breakeven 95TH 3250W 0.07",
                hint=lambda t: t("/machines lists those I know."),
            )
        return InvalidQuestion(
            # Translators: {models} is a list such as “Antminer S21 or Whatsminer M20”.
            lambda t: t(
                "I don't know the machine “{name}”; did you mean {models}?",
                name=excerpt,
                models=t.either(close),
            ),
            f"/breakeven {short_name(close[0])} 0.07",
            tuple(self.choice(model) for model in close),
        )

    def close(self, text: str) -> tuple[str, ...]:
        """Models whose names look most like the text, best first; none when nothing comes near."""
        words = [word for word in normalize(text[:60]).split() if word not in BRANDS]
        return self.family(machine_key(" ".join(words)), 3)

    def search(self, text: str) -> tuple[str, ...]:
        """Models whose maker or name holds every word of the text; all of them for an empty text."""
        words = [machine_key(word) for word in normalize(text).split()]
        return tuple(
            model
            for model, bins in self._bins.items()
            if all(word in machine_key(f"{bins[0].maker}{model}") for word in words)
        )


_HASHRATE_UNITS: Final = frozenset({"t", "th", "ths", "ph", "gh", "terahash"})


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
        return False
    if following.kind is TokenKind.NUMBER:
        return tokens[index].kind is TokenKind.WORD or tokens[index].text == "+"
    return True


def _with_ignored(tokens: Sequence[Token], end: int) -> int:
    """The end behind words that sellers and firmwares add."""
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


def _only_bin(tokens: Sequence[Token]) -> float | None:
    """The hashrate that the tokens give and nothing else; None when they don't."""
    text = "".join(token.text for token in tokens if token.text not in "()-,")
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)(?:th?(?:/s)?|ths)?", text)
    return float(match[1].replace(",", ".")) if match else None


def _typed(tokens: Sequence[Token], start: int, end: int) -> str:
    """What was typed, without regard to upper case."""
    return "".join(
        ("" if token.glued or index == 0 else " ") + token.text
        for index, token in enumerate(tokens[start:end])
    )
