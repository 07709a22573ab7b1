"""The machine catalogue: what a machine draws and hashes, and the machine that a person names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.machine_names import MachineName, MachineNames, Mention, short_name
from bot.mining.machine_spelling import BRANDS, machine_key
from bot.mining.parsing.tokens import Token, normalize, tokenize

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
    def released(self) -> date:
        """The first day of the year or month it came out in."""
        year, _, month = self.release.partition("-")
        return date(int(year), int(month or 1), 1)

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


class Catalogue:
    """Machines by model. The first machine given of a model is the one meant when no hashrate is named."""

    def __init__(self, machines: Iterable[Machine], names: Iterable[MachineName] = ()) -> None:
        """`names` are spellings beyond those that follow from the models' own names."""
        self.machines = tuple(machines)
        bins: dict[str, list[Machine]] = {}
        for machine in self.machines:
            bins.setdefault(machine.model, []).append(machine)
        self._bins = {model: tuple(machines) for model, machines in bins.items()}
        self._other_names = tuple(names)

    @cached_property
    def names(self) -> MachineNames:
        """How the models are called; made for the first text, for it takes 0.4 MiB."""
        coolings = {model: {each.cooling for each in machines} for model, machines in self._bins.items()}
        return MachineNames(
            {model: next(iter(each)) if len(each) == 1 else None for model, each in coolings.items()},
            self._other_names,
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Every model name, in the order of the catalogue."""
        return tuple(self._bins)

    def bins(self, model: str) -> tuple[Machine, ...]:
        """The machines of a model, the usual one first. Raises KeyError for a model not held."""
        return self._bins[model]

    def choice(self, name: str) -> Choice:
        """A button that asks about a machine: a model, with its bin or without."""
        matching = [each for each in self._bins if name == each or name.startswith(f"{each} ")]
        model = max(matching, key=len, default=name)
        return Choice(verbatim(name), f"{self.names.typed_name(model)}{name.removeprefix(model)}")

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
                (*self._relatives(model, hashrate_ths), self.choice(bins[0].name)),
            )
        power_w = nearest.efficiency_j_per_th * hashrate_ths
        return Machine(
            nearest.maker, model, hashrate_ths, power_w, nearest.release, nearest.cooling, nearest.disputed
        )

    def _relatives(self, model: str, hashrate_ths: float) -> tuple[Choice, ...]:
        """Machines of that hashrate whose model's name goes on where this one ends: “S21 Hyd 335T”."""
        return tuple(
            self.choice(machine.name)
            for machine in self.machines
            if machine.model.startswith((f"{model} ", f"{model}+", f"{model}e"))
            and abs(machine.hashrate_ths - hashrate_ths) <= 0.02 * hashrate_ths
        )[:3]

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
                if (mention_here := self.names.mention_at(tokens, index))
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
                lambda t: t("“{name}” is a toy of some kH/s; there is nothing to calculate.", name=typed),
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
        return self.names.family(machine_key(" ".join(words)), 3)

    def search(self, text: str) -> tuple[str, ...]:
        """Models whose maker or name holds every word of the text; all of them for an empty text."""
        words = [machine_key(word) for word in normalize(text).split()]
        return tuple(
            model
            for model, bins in self._bins.items()
            if all(word in machine_key(f"{bins[0].maker}{model}") for word in words)
        )


def _only_bin(tokens: Sequence[Token]) -> float | None:
    """The hashrate that the tokens give and nothing else; None when they don't."""
    text = "".join(token.text for token in tokens if token.text not in "()-,")
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)(?:th?(?:/s)?|ths)?", text)
    return float(match[1].replace(",", ".")) if match else None
