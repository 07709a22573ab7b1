"""The machine catalogue, and finding in it the machine a person means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import Choice, InvalidQuestion

_BRANDS: Final = {
    "antminer": r"(?:bitmain\W*)?(?:antminer[\s_-]*)?",
    "whatsminer": r"(?:microbt\W*)?(?:whatsminer[\s_-]*)?",
    "avalonminer": r"(?:canaan\W*)?(?:avalon(?:\s?miner)?[\s_-]*a?|a)",
    "ebit": r"(?:ebang\W*)?(?:ebit[\s_-]*)?",
    "hummer": r"(?:hummer[\s_-]*)?",
    "tardis": r"(?:bitfury\W*)?(?:tardis[\s_-]*)?",
    "stu": r"(?:stu[\s_-]*)?",
}
"""How the first word of a model name may be written: mostly it may be left out."""

_PARTS: Final = re.compile(r"\d+(?:\.\d+)?|[a-z]+|\++")
_SCALING: Final = 0.25
"""How far from a known bin, as a fraction, a hashrate is still taken for a bin of the same efficiency."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One bin of a model: nameplate TH/s and W, and its release as year or year-month."""

    maker: str
    model: str
    hashrate_ths: float
    power_w: float
    release: str

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
class Mention:
    """A model named in a text, and where: `text[start:end]`."""

    model: str
    start: int
    end: int


class Catalogue:
    """Machines by model. The first machine given of a model is the one meant when no hashrate is named."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self.machines = tuple(machines)
        bins: dict[str, list[Machine]] = {}
        for machine in self.machines:
            bins.setdefault(machine.model, []).append(machine)
        self._bins = {model: tuple(found) for model, found in bins.items()}
        self._keys = {model: compact(short_name(model)) for model in self._bins}
        longest_first = sorted(self._bins, key=lambda model: (-len(self._keys[model]), model))
        self._groups = longest_first
        self._pattern = re.compile(
            r"(?<![\w'’.,])(?=[a-z])(?:"
            + "|".join(f"({_spelling(model)})" for model in longest_first)
            + r")(?![\w+])",
            re.IGNORECASE,
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Every model name, in the order of the catalogue."""
        return tuple(self._bins)

    def bins(self, model: str) -> tuple[Machine, ...]:
        """The machines of a model, the usual one first. Raises KeyError for a model not held."""
        return self._bins[model]

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The models named in a text, in its order."""
        return tuple(
            Mention(self._groups[(found.lastindex or 1) - 1], found.start(), found.end())
            for found in self._pattern.finditer(text)
        )

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
                (_choice(bins[0].name),),
            )
        power_w = nearest.efficiency_j_per_th * hashrate_ths
        return Machine(nearest.maker, model, hashrate_ths, power_w, nearest.release)

    def is_bin(self, model: str, number: float) -> bool:
        """True when a bare number after the model's name must mean its hashrate."""
        sizes = [machine.hashrate_ths for machine in self._bins[model]]
        return 0.88 * min(sizes) <= number <= 1.12 * max(sizes)

    def find(self, text: str) -> Machine:
        """The machine a text names and nothing else, such as `s19j pro 104`.

        Raises InvalidQuestion with the closest models when it names none.
        """
        text = text.strip()
        for mention in self.mentions(text):
            rest = text[mention.end :].strip(" ()-")
            if mention.start == 0 and (
                size := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:th?(?:/s)?)?|", rest, re.IGNORECASE)
            ):
                return self.pick(mention.model, float(size[1]) if size[1] else None)
        raise self.unknown(text)

    def unknown(self, text: str) -> InvalidQuestion:
        """What to say about a machine that isn't held: the closest models by name."""
        shown = text if len(text) <= 40 else text[:39] + "…"
        close = self.close(text)
        if not close:
            return InvalidQuestion(
                lambda t: t(
                    "I don't know the machine “{name}”; give its hashrate and power instead.",
                    name=shown,
                ),
                "/breakeven 95TH 3250W 0.07",
                hint=lambda t: t("/machines lists those I know."),
            )
        return InvalidQuestion(
            # Translators: {models} is a list such as “Antminer S21 or Whatsminer M20”.
            lambda t: t(
                "I don't know the machine “{name}”; did you mean {models}?",
                name=shown,
                models=t.either(close),
            ),
            f"/breakeven {short_name(close[0])} 0.07",
            tuple(_choice(model) for model in close),
        )

    def close(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """Models whose names look most like the text, best first; none when nothing comes near."""
        key = compact(short_name(text[:60]))
        if not key:
            return ()
        scored = sorted(
            (
                (SequenceMatcher(None, key, held).ratio(), -index, model)
                for index, (model, held) in enumerate(self._keys.items())
            ),
            reverse=True,
        )
        return tuple(model for score, _, model in scored[:limit] if score >= 0.5)

    def search(self, text: str) -> tuple[str, ...]:
        """Models whose maker or name holds every word of the text; all of them for an empty text."""
        words = [compact(word) for word in text.split()]
        return tuple(
            model
            for model, bins in self._bins.items()
            if all(word in compact(f"{bins[0].maker}{model}") for word in words)
        )


def _choice(name: str) -> Choice:
    return Choice(lambda _: name, short_name(name))


def compact(text: str) -> str:
    """Letters, digits and plus signs only, in lower case: what is left when people leave out the rest."""
    return "".join(character for character in text.lower() if character.isalnum() or character == "+")


def short_name(model: str) -> str:
    """A model's name without the first word when that is only the brand: “S19j Pro”."""
    first, _, rest = model.partition(" ")
    return rest if rest and first.lower() in _BRANDS and first.lower() != "avalonminer" else model


def _spelling(model: str) -> str:
    """A pattern for every way to write a model: brand optional, spaces and hyphens free, “plus” for +."""
    first, _, rest = model.replace("-", " ").partition(" ")
    brand = _BRANDS.get(first.lower()) if rest else None
    parts = _PARTS.findall((rest if brand is not None else model).lower())
    spelled = brand or ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if index == 0:
            gap = ""
        elif part[0].isdigit() or (len(part) == 1 and part.isalpha() and last):
            gap = "-?"
        else:
            gap = r"[\s_-]*"
        spelled += gap + {"hyd": "hyd(?:ro)?", "hydro": "hyd(?:ro)?"}.get(part, _plain(part))
    return spelled


def _plain(part: str) -> str:
    if part.startswith("+"):
        return r"(?:\+|[\s_-]*plus)" * len(part)
    return re.escape(part)
