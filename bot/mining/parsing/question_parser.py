"""The one reader of questions: every item of a text is used for the answer, or asked about."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Never

from bot.i18n.message import N_, LazyText
from bot.mining.economics import Rig
from bot.mining.errors import QUESTION_EXAMPLE, Choice, InvalidQuestion, verbatim
from bot.mining.limits import BOUNDS, check, is_believable, unbelievable
from bot.mining.machines import Catalogue, OwnMachine, short_name
from bot.mining.parsing.items import Item, ItemKind, ScannedText, scan
from bot.mining.parsing.lexicon import DECIMAL_COMMA
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.own_machine_parser import with_own_machines
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, PeakPrice, Question, Scheme

_HORIZON: Final = frozenset(
    {"over", "next", "for", "within", "über", "próximos", "durante", "за", "未来", "within the next"}
)
DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25, "hour": 1.0 / 24.0}
REFERENCE: Final = "Antminer S21"
"""The machine reckoned with when a supposition names none."""

_FOCUS: Final = (
    ("payback", Focus.PAYBACK),
    ("breakeven_difficulty", Focus.DIFFICULTY),
    ("breakeven_power", Focus.POWER_PRICE),
    ("breakeven_btc", Focus.BTC_PRICE),
    ("sats", Focus.BITCOIN),
)
_BTC: Final = ("btc_price", "btc", "price")
_KEYWORDS: Final[dict[str, tuple[MeasureUnit, ...]]] = {
    "pool_fee": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "uptime": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "overhead": (MeasureUnit.NUMBER,),
    "difficulty": (MeasureUnit.NUMBER, MeasureUnit.T),
    "breakeven_difficulty": (MeasureUnit.NUMBER, MeasureUnit.T),
    "hashrate": (MeasureUnit.THS, MeasureUnit.NUMBER, MeasureUnit.T),
    "network": (MeasureUnit.THS, MeasureUnit.NUMBER),
    "fees": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "subsidy": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "power": (MeasureUnit.MONEY, MeasureUnit.NUMBER, MeasureUnit.WATTS),
    "btc": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "btc_price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "machine_price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "hosting": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "debt": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "fixed": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "heat": (MeasureUnit.MONEY,),
    "surcharge": (MeasureUnit.MONEY,),
    "tax": (MeasureUnit.PERCENT,),
    "fpps": (MeasureUnit.PERCENT,),
    "growth": (MeasureUnit.PERCENT,),
    "resale": (MeasureUnit.PERCENT,),
    "pplns": (MeasureUnit.PERCENT,),
    "peak": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "off_peak": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
}
"""Words that say what a number beside them is, and in which units it may be."""
_CONNECTING: Final = frozenset({"filler", "to", "per", "by", "btc_price", "profit", "keep_on"})
_CONNECTING_SIGNS: Final = frozenset("=:@(~≈")
_IGNORED_SIGNS: Final = frozenset("?!.,;:()\"'¿¡~@|…/-=&<>[]{}·`«»„")
_SOFT: Final = frozenset(
    {"filler", "profit", "breakeven", "breakeven_btc", "breakeven_power", "breakeven_difficulty",
    "payback", "sats"}
    | {"power", "price", "btc_price", "btc", "machine_unit", "count_word", "per", "day", "to", "by",
        "and", "if"}
    | {"keep_on", "shut_off", "how_many", "money_out", "machine_price", "greeting", "thanks", "network",
        "kwh"}
    | {"which_machine", "when", "or", "compare", "cost_to_mine", "half_of", "help", "until", "fpps",
        "list", "hashrate"}
)  # fmt: skip
"""Meanings that need not be used in a breakeven question: they ask it, or only dress it."""
_PLURALS: Final = {
    "hashrate_ths": N_("hashrates"), "power_w": N_("power draws"),
    "efficiency_j_per_th": N_("efficiencies"), "power_price": N_("power prices"),
    "btc_price": N_("bitcoin prices"), "pool_fee": N_("pool fees"), "fixed_cost": N_("fixed costs"),
    "machine_price": N_("machine prices"), "uptime": N_("uptimes"), "overhead": N_("overheads (PUE)"),
    "difficulty": N_("difficulties"), "network_hashrate_ehs": N_("network hashrates"),
    "fees_btc_per_block": N_("block fees"), "block_subsidy_btc": N_("block subsidies"),
    "surcharge": N_("surcharges"), "heat_credit": N_("heat credits"), "power_tax": N_("taxes"),
    "peak_price": N_("peak prices"), "count": N_("numbers of machines"),
    "months": N_("spans of time"), "growth": N_("growth rates"), "resale": N_("resale values"),
}  # fmt: skip
"""More than one of a figure, as it is said when two were given."""
KEYS: Final = {
    "fee": "pool_fee", "pool-fee": "pool_fee", "pool": "pool_fee", "uptime": "uptime", "pue": "overhead",
    "overhead": "overhead", "fixed": "fixed", "fixed-cost": "fixed", "hosting": "hosting", "debt": "debt",
    "price": "btc", "btc": "btc", "btc-price": "btc", "power-price": "power", "electricity": "power",
    "tariff": "power", "power": "power", "hashrate": "machine_hashrate", "difficulty": "difficulty",
    "network": "network", "network-hashrate": "network", "fees": "fees", "block-fees": "fees",
    "subsidy": "subsidy", "block-subsidy": "subsidy", "machine-price": "machine_price",
    "cost": "machine_price",
    "heat": "heat", "surcharge": "surcharge", "tax": "tax", "scheme": "scheme", "count": "count",
    "peak": "peak", "currency": "currency", "growth": "growth", "resale": "resale",
}  # fmt: skip
"""What a `key=value` may be called, and the meaning it has."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the language of the chat, the currency it chose, and the machines it has named itself."""

    language: str = "en"
    currency: Currency | None = None
    machines: tuple[OwnMachine, ...] = ()


class QuestionReader:
    """One text being read: what was understood of it so far, and what is still open."""

    def __init__(self, scanned: ScannedText, catalogue: Catalogue, asker: Asker, *, strict: bool) -> None:
        """`strict` is the text of a command, where a bare number is a price and nobody chats."""
        self.scanned = scanned
        self.items = scanned.items
        self._catalogue = catalogue
        self._asker = asker
        self._strict = strict
        self.numbers: dict[str, float] = {}
        self.money: dict[str, Money] = {}
        self.machines: list[tuple[str, float | None, Item]] = []
        self.scheme: Scheme | None = None
        self.hours: tuple[float, float] | None = None
        self.currency: Currency | None = None
        self.cents_assumed = False
        self.period = "day"

    # what is asked

    def concepts(self) -> set[str]:
        """The meanings of the words."""
        return {item.concept for item in self.items if item.kind is ItemKind.WORD}

    @property
    def focus(self) -> Focus:
        """What the asker wants to know first."""
        concepts = self.concepts()
        return next((focus for concept, focus in _FOCUS if concept in concepts), Focus.PROFIT)

    @property
    def names_machine(self) -> bool:
        """True when a machine is named, or figures of one are given."""
        return bool(self.machines) or not self.numbers.keys().isdisjoint(
            ("hashrate_ths", "efficiency_j_per_th", "power_w")
        )

    # reading

    def read(self) -> None:
        """Take what can be understood. Raises InvalidQuestion for what contradicts itself or can't be."""
        self.read_machines()
        self.read_rest()

    def read_rest(self) -> None:
        """Take everything but the machines."""
        self._read_hours()
        self._read_horizon()
        self._read_pairs()
        self._read_keywords()
        self._read_units()
        self._read_free_power()
        self._read_answer_options()

    def _open(self, unit: MeasureUnit | None = None) -> list[Item]:
        return [
            item
            for item in self.items
            if item.quantity is not None and not item.used and (unit is None or item.quantity.unit is unit)
        ]

    def _neighbour(self, index: int, step: int, *, over: frozenset[str] = _CONNECTING) -> int | None:
        """The next item in a direction that is more than a connecting word; None at a mark or the end."""
        index += step
        while 0 <= index < len(self.items):
            item = self.items[index]
            connecting = (item.kind is ItemKind.WORD and item.concept in over) or (
                item.kind is ItemKind.SIGN and item.text in _CONNECTING_SIGNS
            )
            if not connecting:
                return None if item.kind is ItemKind.SIGN and item.text in ",;.?!" else index
            index += step
        return None

    def read_machines(self) -> None:
        """Take the machines with their bins and counts."""
        for index, item in enumerate(self.items):
            if item.mention is None:
                continue
            item.used = True
            if item.mention.kind != "model":
                raise self._about_machine(item)
            model = item.mention.models[0]
            bin_ths = self._read_bin(index, model)
            self._read_count(index)
            same_model = next(
                (number for number, machine in enumerate(self.machines) if machine[0] == model), None
            )
            if same_model is None:
                self.machines.append((model, bin_ths, item))
            elif bin_ths is not None:
                self.machines[same_model] = (model, bin_ths, item)
        if not self.machines:
            self._read_own_count()

    def _read_own_count(self) -> None:
        """“4 x 270TH 3645W”."""
        for index, item in enumerate(self.items[:-2]):
            times, figure = self.items[index + 1], self.items[index + 2]
            if self._is_count(item) and times.text == "x" and figure.quantity is not None:
                self._set("count", self._count_of(item))
                item.used = times.used = True
                return

    def _about_machine(self, item: Item) -> InvalidQuestion:
        """The refusal of an unclear machine, whose choices ask the whole question."""
        assert item.mention is not None  # noqa: S101 - the caller looked; this tells the type checker
        failure = self._catalogue.refused(item.mention)
        choices = tuple(
            Choice(choice.label, self.scanned.text_with(item, choice.text)) for choice in failure.choices
        )
        return InvalidQuestion(failure.says, failure.example, choices, failure.hint)

    def _read_bin(self, index: int, model: str) -> float | None:
        """The hashrate behind a model's name, which says which of its bins is meant."""
        position = index + 1
        while (
            position < len(self.items)
            and self.items[position].text in ("(", "-", ",", "@", "with", "mit")
            and (self.items[position].text != "," or self.items[position + 1 :][:1])
        ):
            position += 1
        if position >= len(self.items):
            return None
        item = self.items[position]
        quantity = item.quantity
        if quantity is None:
            return None
        if quantity.unit in (MeasureUnit.THS, MeasureUnit.T) and self._keyword_beside(position) is None:
            item.used = True
            return quantity.large
        separated = any(each.text in ",@" for each in self.items[index + 1 : position])
        plain = (
            quantity.unit is MeasureUnit.NUMBER
            and not quantity.signed
            and not quantity.per
            and not quantity.scaled
        )
        if plain and not separated and self._catalogue.is_bin(model, quantity.small):
            following = self.items[position + 1] if position + 1 < len(self.items) else None
            if following is None or following.text not in ("x", "=", "%"):
                item.used = True
                return quantity.small
        return None

    def _read_count(self, index: int) -> None:
        """How many machines: “10 S19”, “10x S19”, “S19 x10”, “40 machines S19”."""
        position = index - 1
        times = False
        while position >= 0 and (
            self.items[position].text in ("x", "of", "von", "de", "的", "款")
            or self.items[position].concept in ("count_word", "machine_unit")
        ):
            times = times or self.items[position].text == "x"
            position -= 1
        before = self.items[position] if position >= 0 else None
        if before is not None and self._is_count(before):
            self._set("count", self._count_of(before))
            for item in self.items[position:index]:
                item.used = True
            return
        position = index + 1
        while (
            position < len(self.items)
            and self.items[position].used
            and self.items[position].quantity is not None
        ):
            position += 1
        rest = self.items[position : position + 2]
        if len(rest) == 2 and rest[0].text == "x" and self._is_count(rest[1]):
            self._set("count", self._count_of(rest[1]))
            rest[0].used = rest[1].used = True
        elif (
            len(rest) == 2
            and self._is_count(rest[0])
            and (
                rest[1].text == "x" or (rest[1].concept in ("count_word",) and rest[1].kind is ItemKind.WORD)
            )
        ):
            self._set("count", self._count_of(rest[0]))
            rest[0].used = rest[1].used = True

    @staticmethod
    def _is_count(item: Item) -> bool:
        quantity = item.quantity
        return (
            quantity is not None
            and not item.used
            and quantity.unit is MeasureUnit.NUMBER
            and not quantity.signed
            and not quantity.per
            and quantity.large < 1e12
            and quantity.large == int(quantity.large)
        )

    @staticmethod
    def _count_of(item: Item) -> float:
        return item.quantity.large if item.quantity is not None else 1.0

    def _read_hours(self) -> None:
        """The hours of a peak price: “17-21”, “17:00–21:00”, “5pm to 9pm”."""
        if not self.concepts() & {"peak", "off_peak"}:
            return
        clock = r"(\d{1,2})(?::(\d\d))?\s*(am|pm|h|uhr|点)?"
        match = re.search(
            rf"(?<![\w.,]){clock}\s*(?:-|–|to|bis|a|до|到|至)\s*{clock}(?![\w%.]|,\d)", self.scanned.plain
        )
        if match is None:
            return
        start, end = _hour(match[1], match[2], match[3]), _hour(match[4], match[5], match[6])
        if not (0 <= start <= 24 and 0 <= end <= 24):
            return
        self.hours = (start % 24, end % 24)
        for item in self.items:
            position = self.scanned.tokens[item.start].start
            if match.start() <= position < match.end():
                item.used = True

    def _read_horizon(self) -> None:
        """How far to project: “over 24 months”, “in the next 2 years”."""
        for index, item in enumerate(self.items[:-1]):
            following = self.items[index + 1]
            plain = item.quantity is not None and item.quantity.unit is MeasureUnit.NUMBER and not item.used
            if not plain or following.concept not in ("month", "year") or item.quantity is None:
                continue
            introduced = any(each.concept == "projection" for each in self.items[:index])
            if not introduced and item.quantity.small < 2:
                continue
            times = 12.0 if following.concept == "year" else 1.0
            self._set("months", round(item.quantity.small * times))
            item.used = following.used = True
            before = self.items[index - 1] if index else None
            if before is not None and before.text in _HORIZON:
                before.used = True
        for item in self.items:
            if item.concept == "projection" and "months" in self.numbers:
                item.used = True

    def _read_pairs(self) -> None:  # noqa: PLR0912 - a table of cases, one branch each
        """`key=value`, where the key is one of the documented."""
        for index, item in enumerate(self.items):
            if item.text != "=" or item.used or index == 0:
                continue
            first = index - 1
            key = self.items[first].text
            while first >= 2 and self.items[first - 1].text in ("-", "_") and self.items[first - 1].glued:
                key = f"{self.items[first - 2].text}-{key}"
                first -= 2
            if self.items[first].used or not self.items[first].text[:1].isalpha():
                continue
            meaning = KEYS.get(key.replace("_", "-").replace(" ", "-"))
            if meaning is None and self.items[first].concept in _KEYWORDS:
                meaning = self.items[first].concept
            if meaning is None:
                raise _unknown_key(key)
            value = self.items[index + 1] if index + 1 < len(self.items) else None
            if value is None:
                continue
            for used in (*self.items[first : index + 1], value):
                used.used = True
            if meaning == "scheme" or (value.concept in ("solo", "fpps", "pplns") and meaning == "pool_fee"):
                self._set_scheme(value)
            elif meaning == "currency" and value.currency is not None:
                self.currency = value.currency
            elif value.quantity is None:
                raise self._open_word([value])
            else:
                try:
                    self._assign(meaning, value, keyed=True)
                except InvalidQuestion as failure:
                    raise failure.about(key[:30]) from None

    def _set_scheme(self, item: Item) -> None:
        if item.concept not in ("solo", "fpps", "pplns"):
            raise self._open_word([item])
        item.used = True
        self.scheme = Scheme(item.concept)

    def _keyword_beside(self, index: int) -> str | None:
        """The meaning of a keyword right before or behind a quantity."""
        for step in (-1, 1):
            position = self._neighbour(index, step)
            if position is not None:
                other = self.items[position]
                if other.kind is ItemKind.WORD and other.concept in ("hashrate", "network", "difficulty"):
                    return other.concept
        return None

    def _read_keywords(self) -> None:
        """Numbers with a word beside them that says what they are."""
        before = self._assignments(-1)
        behind = self._assignments(1)
        first, second = (before, behind) if len(before) >= len(behind) else (behind, before)
        assigned: set[int] = set()
        for index, position in first.items():
            assigned |= {index, position}
        for index, position in second.items():
            if index not in assigned and position not in assigned:
                first[index] = position
                assigned |= {index, position}
        for index in sorted(first):
            item, keyword = self.items[index], self.items[first[index]]
            if item.used:
                continue
            self._assign(keyword.concept, item)
            item.used = keyword.used = True
            for step in (-1, 1):  # “mit einer Gebühr des Pools von 2 %”: the same said twice
                beside = self._neighbour(first[index], step)
                if beside is not None and self.items[beside].concept == keyword.concept:
                    self.items[beside].used = True

    def _assignments(self, step: int) -> dict[int, int]:
        """Quantities by index with the index of the keyword beside them in a direction."""
        keyword_by_quantity: dict[int, int] = {}
        claimed: set[int] = set()
        for index, item in enumerate(self.items):
            if item.quantity is None or item.used:
                continue
            position = self._neighbour(index, step)
            hops = 0
            while position is not None and hops < 3:
                other = self.items[position]
                if other.kind is not ItemKind.WORD or other.used or position in claimed:
                    break
                if other.concept in _KEYWORDS and self._fits(other.concept, item.quantity):
                    keyword_by_quantity[index] = position
                    claimed.add(position)
                    break
                if other.concept not in (
                    "machine_price",
                    "price",
                    "network",
                    "btc",
                    "day",
                    "month",
                    "count_word",
                ):
                    break
                position = self._neighbour(position, step)
                hops += 1
        return keyword_by_quantity

    def _fits(self, concept: str, quantity: Measure) -> bool:
        if quantity.unit not in _KEYWORDS[concept]:
            return False
        energy = bool(set(quantity.per) & {"kwh", "mwh"})
        large = quantity.unit is MeasureUnit.MONEY and not quantity.cents and not energy
        if concept == "machine_price":
            return (
                not energy
                and not quantity.cents
                and quantity.large >= 20
                and not set(quantity.per) & set(DAYS)
            )
        if concept in ("btc", "btc_price", "price"):
            return (
                (large or quantity.unit is MeasureUnit.NUMBER)
                and quantity.large >= 20
                and not (set(quantity.per) & {*DAYS, "machine", "th", "ph"})
            )
        if concept in ("heat", "surcharge"):
            return energy or quantity.cents or quantity.small < 1
        if concept in ("peak", "off_peak"):
            return energy or quantity.cents or quantity.small < 100
        if concept == "power":
            return (
                quantity.unit is MeasureUnit.WATTS
                or energy
                or quantity.cents
                or (quantity.large <= 100 and not set(quantity.per) & set(DAYS))
            )
        if concept in ("network", "hashrate"):
            return quantity.unit is not MeasureUnit.NUMBER or quantity.large >= 50
        if concept in ("fees", "subsidy"):
            return quantity.unit is MeasureUnit.NUMBER or quantity.currency is Currency.BTC
        return True

    def _assign(self, concept: str, item: Item, *, keyed: bool = False) -> None:  # noqa: PLR0912, PLR0915 - a table of cases, one branch each
        """Take a quantity for what its keyword says."""
        quantity = item.quantity
        assert quantity is not None  # noqa: S101 - callers pass quantities only; this tells the type checker
        match concept:
            case "fpps" | "pplns":
                self.scheme = Scheme(concept)
                self._set("pool_fee", self._share(item, quantity, N_("pool fee"), 0.1, keyed))
            case "pool_fee":
                self._set("pool_fee", self._share(item, quantity, N_("pool fee"), 0.1, keyed))
            case "uptime":
                if quantity.unit is MeasureUnit.NUMBER and 20.0 <= quantity.small <= 100.0:
                    self._set("uptime", quantity.small / 100.0)
                else:
                    self._set("uptime", self._share(item, quantity, N_("uptime"), 1.0, keyed))
            case "overhead":
                self._set("overhead", quantity.small)
            case "difficulty" | "breakeven_difficulty":
                self._set("difficulty", self.difficulty(item, quantity))
            case "hashrate" | "network":
                ehs = (
                    quantity.large / 1e6
                    if quantity.unit in (MeasureUnit.THS, MeasureUnit.T)
                    else quantity.large
                )
                if concept == "hashrate" and quantity.unit in (MeasureUnit.THS, MeasureUnit.T) and ehs < 1.0:
                    self._set("hashrate_ths", quantity.large)
                else:
                    self._set("network_hashrate_ehs", ehs)
            case "machine_hashrate":
                self._set("hashrate_ths", quantity.large)
            case "fees":
                self._set("fees_btc_per_block", quantity.small)
            case "subsidy":
                self._set("block_subsidy_btc", quantity.small)
            case "power":
                self._power(item, quantity, keyed=keyed)
            case "btc" | "btc_price" | "price":
                self._pay("btc_price", self.amount(quantity))
            case "machine_price":
                self._pay("machine_price", self.amount(quantity))
            case "hosting" if set(quantity.per) & {"kwh", "mwh"} or quantity.cents:
                self._pay("power_price", self.per_kwh(item, quantity))
            case "hosting" | "debt" | "fixed":
                self._add_fixed(item, quantity)
            case "heat":
                self._pay("heat_credit", self.per_kwh(item, quantity))
            case "surcharge":
                self._pay("surcharge", self.per_kwh(item, quantity))
            case "tax":
                self._set("power_tax", quantity.small / 100.0)
            case "peak":
                self._pay("peak_price", self.per_kwh(item, quantity))
            case "off_peak":
                self._pay("power_price", self.per_kwh(item, quantity))
            case "count":
                self._set("count", quantity.large)
            case "growth" | "resale":
                self._set(concept, quantity.small / 100.0)
            case _:
                raise self._unplaced(item)

    def _share(self, item: Item, quantity: Measure, name: str, most: float, keyed: bool) -> float:
        """A fraction given in per cent, or as a fraction where it can be nothing else."""
        if quantity.unit is MeasureUnit.PERCENT:
            value = quantity.small / 100.0
            if name == "pool fee" and value > 0.3 and value <= 1.0:
                raise self._doubtful(item, [f"{value:.4g}%"] if value < 1 else [])
            return value
        value = quantity.small
        if 0.0 <= value <= most:
            return value
        raise InvalidQuestion(
            # Translators: {text} is a number without a unit, {name} such as “pool fee”.
            lambda t: t("Is the {name} of {text} in per cent, or a fraction?", name=t(name), text=item.text),
            f"/breakeven s19 7c fee={value:g}%",
            tuple(
                Choice(verbatim(text), self.scanned.text_with(item, text))
                for text in (f"{value:g}%",)
                if value <= 100
            ),
        )

    def difficulty(self, item: Item, quantity: Measure) -> float:
        """A difficulty. Raises InvalidQuestion for one that never was."""
        value = (
            quantity.small * 1e12 if quantity.unit is MeasureUnit.T else max(quantity.small, quantity.large)
        )
        if 1e11 <= value <= 1e16 or (1.0 <= value <= 1e16 and "e" in item.text):
            return value
        raise self._doubtful(item, [f"{value:g}T"] if 1.0 <= value <= 5000.0 else [])

    def _power(self, item: Item, quantity: Measure, *, keyed: bool) -> None:
        """`power=` is what the machine draws or what a kWh costs; the unit tells, else it is asked."""
        if quantity.unit is MeasureUnit.WATTS:
            self._set("power_w", quantity.large)
            return
        if keyed and quantity.unit is MeasureUnit.NUMBER and not quantity.per and quantity.small >= 2.0:
            if quantity.large > 500.0:
                self._set("power_w", quantity.large)
                return
            raise InvalidQuestion(
                # Translators: {text} is a number without a unit.
                lambda t: t(
                    "Is {text} the price of a kWh in cents, or what the machine draws in watts?",
                    text=item.text,
                ),
                f"/breakeven s19 {quantity.small:g}c",
                tuple(
                    Choice(verbatim(text), self._with_pair(item, text))
                    for text in (f"{quantity.small:g}c", *([] if self.machines else [f"{quantity.large:g}W"]))
                ),
            )
        self._pay("power_price", self.per_kwh(item, quantity))

    def _with_pair(self, item: Item, text: str) -> str:
        """The question with `key=value` replaced by a value with its unit."""
        index = self.items.index(item)
        left_out = [index - 2, index - 1] if index >= 2 and self.items[index - 1].text == "=" else []
        return self.scanned._joined(
            [
                Item(ItemKind.WORD, text, each.start, each.end) if each is item else each
                for number, each in enumerate(self.items)
                if number not in left_out
            ]
        )

    def _read_units(self) -> None:
        """Quantities whose unit says what they are."""
        for index, item in enumerate(self.items):
            quantity = item.quantity
            if quantity is None or item.used:
                continue
            if quantity.unit is MeasureUnit.J_PER_TH:
                self._set("efficiency_j_per_th", quantity.small)
            elif quantity.unit is MeasureUnit.WATTS:
                self._set("power_w", quantity.large)
            elif quantity.unit in (MeasureUnit.THS, MeasureUnit.T):
                self._set("hashrate_ths", quantity.large)
            elif set(quantity.per) & {"kwh", "mwh"} or quantity.cents:
                self._pay("power_price", self.per_kwh(item, quantity))
            elif quantity.unit is MeasureUnit.MONEY and set(quantity.per) & set(DAYS):
                self._add_fixed(item, quantity)
            elif quantity.unit is MeasureUnit.MONEY and "btc" in quantity.per:
                self._pay("btc_price", self.amount(quantity))
            elif quantity.unit is MeasureUnit.MONEY or quantity.unit is MeasureUnit.NUMBER:
                self._read_plain_number(index, item, quantity)
            else:
                continue
            item.used = True

    def _read_plain_number(self, index: int, item: Item, quantity: Measure) -> None:
        """A number or an amount that nothing introduces: what it is follows from its size, or is asked."""
        money = quantity.unit is MeasureUnit.MONEY
        value = quantity.large
        introduced = self._strict or self._introduced(index)
        if quantity.per and "machine" in quantity.per:
            self._pay("machine_price", self.amount(quantity))
        elif money and quantity.currency is Currency.BTC:
            raise self._unplaced(item)
        elif (
            money
            and abs(quantity.small) < 20.0
            and (quantity.currency not in _DEAR or abs(quantity.small) < 2.0)
        ):
            self._pay("power_price", self.per_kwh(item, quantity))
        elif money and value < 20.0:
            raise self._doubtful(item, [f"{value / 100.0:g} {quantity.currency}/kWh"])
        elif value >= 15_000.0 and (money or quantity.scaled or self._strict or self._btc_near(index)):
            self._pay("btc_price", self.amount(quantity))
        elif money or (quantity.scaled and value >= 100.0):
            self._machine_price(item, quantity)
        elif quantity.unit is MeasureUnit.NUMBER and abs(quantity.small) < 0.5 and not _torn(quantity):
            self._pay("power_price", self.per_kwh(item, quantity))
        elif quantity.unit is MeasureUnit.NUMBER and 0.5 <= quantity.small < 1.0:
            raise self._doubtful(item, [f"{quantity.small * 10:g}c", f"{quantity.small * 100:g}c"])
        elif introduced and 1.0 <= quantity.small <= 100.0 and not _torn(quantity):
            self.cents_assumed = True
            cents = replace(
                quantity,
                small=quantity.small / 100,
                large=quantity.large / 100,
                unit=MeasureUnit.MONEY,
                cents=True,
            )
            self._pay("power_price", self.per_kwh(item, cents))
        else:
            raise self._unplaced(item)

    def _introduced(self, index: int) -> bool:
        """True for a number behind “at”, “for”, “@”."""
        before = self.items[index - 1] if index else None
        return before is not None and (
            before.text
            in ("at", "for", "bei", "zu", "für", "@", "a", "при", "по", "за", "=", "with", "mit", "con")
        )

    def _btc_near(self, index: int) -> bool:
        return any(item.concept in _BTC for item in self.items[max(0, index - 4) : index + 4])

    def _machine_price(self, item: Item, quantity: Measure) -> None:
        """An amount of money between a power price and a bitcoin's: the machine's where it is bought."""
        concepts = self.concepts()
        bought = concepts & {"machine_price", "payback"} or self._introduced(self.items.index(item))
        if bought and 20.0 <= quantity.large <= 200_000.0:
            self._pay("machine_price", self.amount(quantity))
            return
        text = item.text.replace(" ", "")
        raise InvalidQuestion(
            lambda t: t("Is {text} the machine's price, or bitcoin's?", text=item.text[:30]),
            f"/breakeven s19 7c cost={text}",
            tuple(
                Choice(label, self.scanned.text_with(item, f"{key}={text}"))
                for key, label in (("cost", _label(N_("the machine's"))), ("btc", _label(N_("bitcoin's"))))
            ),
        )

    def _read_free_power(self) -> None:
        """“free electricity”, “no pool fee”."""
        for index, item in enumerate(self.items):
            if item.kind is not ItemKind.WORD or item.used:
                continue
            if item.concept == "free":
                item.used = True
                self._pay("power_price", Money(0.0))
            if item.concept == "no":
                position = self._neighbour(index, 1)
                keyword = self.items[position] if position is not None else None
                if keyword is None or keyword.used or keyword.concept not in _KEYWORDS:
                    raise self._open_word([item])
                item.used = keyword.used = True
                if keyword.concept == "power":
                    self._pay("power_price", Money(0.0))

    def _read_answer_options(self) -> None:
        """How to answer: per month, in euro, solo."""
        for index, item in enumerate(self.items):
            if item.used or item.kind is not ItemKind.WORD:
                continue
            if item.concept in ("week", "month", "year"):
                if self.period not in ("day", item.concept):
                    raise self._open_word([item])
                item.used, self.period = True, item.concept
            elif item.concept in ("solo", "pplns", "fpps"):
                self._set_scheme(item)
            elif (item.currency is not None and item.concept in ("currency", "btc")) or (
                item.concept == "filler" and item.currency is not None
            ):
                if item.concept == "btc" and (
                    index == 0 or self.items[index - 1].text not in ("in", "en", "в")
                ):
                    continue
                if self.currency not in (None, item.currency):
                    raise self._open_word([item])
                self.currency, item.used = item.currency, True

    # values

    def _set(self, name: str, value: float) -> None:
        if name in BOUNDS:
            check(name, value)
        if self.numbers.setdefault(name, value) != value:
            self._refuse_two(name)

    def _pay(self, name: str, money: Money) -> None:
        if name in _MONEY_BOUNDS and money.currency in (Currency.USD, Currency.EUR):
            check(_MONEY_BOUNDS[name], money.amount)
        if self.money.setdefault(name, money) != money:
            self._refuse_two(name)

    def _add_fixed(self, item: Item, quantity: Measure) -> None:
        """A fixed cost as money a day and machine; several of one currency add up."""
        days = next((DAYS[unit] for unit in quantity.per if unit in DAYS), 1.0)
        money = self.amount(quantity)
        cost_before = self.money.get("fixed_cost")
        if cost_before is not None and cost_before.currency is not money.currency:
            raise self._unplaced(item)
        total = money.amount / days + (cost_before.amount if cost_before else 0.0)
        check("fixed_cost_usd_per_day", total)
        self.money["fixed_cost"] = Money(total, money.currency)

    def _refuse_two(self, name: str) -> Never:
        # Translators: {figures} is such as “power prices” or “hashrates”.
        raise InvalidQuestion(
            lambda t: t("I read two different {figures}; give one.", figures=t(_PLURALS[name]))
        )

    def amount(self, quantity: Measure) -> Money:
        """An amount of money; without a currency in the chat's."""
        value = quantity.large if not quantity.cents else quantity.small
        return Money(value, quantity.currency or self._usual_currency)

    @property
    def _usual_currency(self) -> Currency:
        return self._asker.currency or Currency.USD

    @property
    def _cents_currency(self) -> Currency:
        """Whose cents bare cents are: the chat's, else a German sentence means euro cents."""
        if self._asker.currency is not None:
            return self._asker.currency
        return Currency.EUR if self.scanned.language == "de" else Currency.USD

    def per_kwh(self, item: Item, quantity: Measure) -> Money:
        """The price of a kWh. Raises InvalidQuestion for one that nobody pays."""
        per_kwh = 1000.0 if "mwh" in quantity.per else 1.0
        value = quantity.small / per_kwh
        if quantity.unit is MeasureUnit.NUMBER and not quantity.per and 1.0 <= value <= 100.0:
            self.cents_assumed, value = True, value / 100.0
            currency = self._cents_currency
        elif quantity.cents and quantity.currency is None:
            currency = self._cents_currency
        else:
            currency = quantity.currency or self._usual_currency
        if quantity.cents and currency is not Currency.BTC and 0.0 < abs(value) < 0.003:
            number = quantity.small * 100.0
            raise self._doubtful(item, [f"{number * 100:g}c", f"{number:g}c/kWh"][:1])
        if currency in (Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF) and abs(value) > 1.0:
            choices = [f"{value:g}c"] if value <= 100.0 else [f"{value:g}/MWh"]
            raise self._doubtful(item, choices)
        return Money(value, currency)

    # asking back

    def _doubtful(self, item: Item, suggestions: Sequence[str]) -> InvalidQuestion:
        """A value that doesn't exist in this world, with what was likely meant."""
        if suggestions:
            return InvalidQuestion(
                # Translators: {text} is what was typed, {meant} what was likely meant.
                lambda t: t(
                    "{text} can hardly be; did you mean {meant}?",
                    text=item.text[:30],
                    meant=t.either(list(suggestions)),
                ),
                f"/breakeven s19 {suggestions[0]}" if suggestions[0][-1] == "c" else QUESTION_EXAMPLE,
                tuple(Choice(verbatim(text), self.scanned.text_with(item, text)) for text in suggestions),
            )
        return InvalidQuestion(lambda t: t("{text} can hardly be; check the unit.", text=item.text[:30]))

    def _unplaced(self, item: Item) -> InvalidQuestion:
        """A number that nothing in the text explains."""
        text = item.text
        excerpt = text[:30]
        quantity = item.quantity
        if quantity is not None and quantity.unit is MeasureUnit.PERCENT:
            return InvalidQuestion(
                # Translators: {text} is what was typed, {fee} and {uptime} what to type instead.
                lambda t: t(
                    "I can't tell what {text} is; write {fee} or {uptime}.",
                    text=excerpt,
                    fee=f"fee={excerpt.strip('+-')}",
                    uptime=f"uptime={excerpt.strip('+-')}",
                ),
                f"/breakeven s19 7c fee={excerpt.strip('+-').replace(' ', '')}",
                tuple(
                    Choice(_share_label(name, excerpt), self.scanned.text_with(item, f"{key}={excerpt}"))
                    for key, name in (("fee", N_("pool fee")), ("uptime", N_("uptime")))
                ),
            )
        choices: tuple[Choice, ...] = ()
        if quantity is not None and quantity.unit is MeasureUnit.NUMBER and 1.0 <= quantity.small <= 50.0:
            choices = (
                Choice(verbatim(f"{excerpt} c/kWh"), self.scanned.text_with(item, f"{quantity.small:g}c")),
            )
        return InvalidQuestion(
            # Translators: {text} is what was typed.
            lambda t: t(
                "I can't tell what {text} is; write 7c for a power price, 95TH, 3250W, or price=45000 for "
                "bitcoin.",
                text=excerpt,
            ),
            QUESTION_EXAMPLE,
            choices,
        )

    def _open_word(self, words: Sequence[Item]) -> InvalidQuestion:
        """Words that the answer would have had to leave aside."""
        excerpt = " ".join(item.text for item in words)[:40]
        rest = self.scanned.text_without(words)
        choices = (Choice(_label(N_("Answer without it")), rest),) if self.names_machine else ()
        return InvalidQuestion(
            # Translators: {text} are words of the question.
            lambda t: t("I don't understand “{text}” in that question.", text=excerpt),
            QUESTION_EXAMPLE,
            choices,
        )

    def check_leftovers(self, allowed: frozenset[str] = frozenset()) -> None:
        """Raise InvalidQuestion for the first thing that was not used and may not be passed over."""
        for item in self.items:
            if item.used:
                continue
            if item.quantity is not None:
                if self._is_year(item.quantity):
                    raise self._about_past([item])
                raise self._unplaced(item)
            if item.kind is ItemKind.SIGN and item.text not in _IGNORED_SIGNS and item.text.isascii():
                raise self._open_word([item])
        past = [item for item in self.items if item.concept == "past" and not item.used]
        if past:
            raise self._about_past(past)
        unknown = [
            item
            for item in self.items
            if not item.used
            and (
                item.kind is ItemKind.UNKNOWN
                or (item.kind is ItemKind.WORD and item.concept not in _SOFT and item.concept not in allowed)
            )
        ]
        if unknown:
            mode = [item for item in unknown if item.concept == "mode"]
            if mode:
                raise self._about_mode(mode)
            raise self._open_word(unknown)

    @staticmethod
    def _is_year(quantity: Measure) -> bool:
        return quantity.unit is MeasureUnit.NUMBER and 1990 <= quantity.large <= 2100 and not quantity.scaled

    def _about_past(self, items: Sequence[Item]) -> InvalidQuestion:
        return InvalidQuestion(
            # Translators: {text} is such as “last month”.
            lambda t: t(
                "I answer for the market as it is now, not for “{text}”; give that time's figures, or "
                "ask for now.",
                text=" ".join(item.text for item in items)[:40],
            ),
            "/breakeven s19 7c price=20000 difficulty=30T",
            (Choice(_label(N_("Answer for now")), self.scanned.text_without(items)),)
            if self.names_machine
            else (),
        )

    def _about_mode(self, items: Sequence[Item]) -> InvalidQuestion:
        excerpt = " ".join(item.text for item in items)[:30]
        return InvalidQuestion(
            # Translators: {text} is such as “eco mode” or “underclocked”.
            lambda t: t(
                "I know only nameplate figures, not “{text}”; give the hashrate and the power it has then.",
                text=excerpt,
            ),
            "/breakeven s19 80TH 2300W 7c",
            (Choice(_label(N_("At nameplate")), self.scanned.text_without(items)),)
            if self.names_machine
            else (),
        )

    # results

    def question(self, machine: tuple[str, float | None] | None = None) -> Question:
        """The question for the machine named, or for this one of several. Raises InvalidQuestion."""
        rig, scaled, disputed = self._rig(machine)
        peak = None
        if "peak_price" in self.money:
            if self.hours is None:
                raise InvalidQuestion(
                    lambda t: t(
                        "From which hour to which is the peak price? Write it behind, such as 17-21."
                    ),
                    "/breakeven s19 7c peak 12c 17-21",
                )
            peak = PeakPrice(self.money["peak_price"], *self.hours)
        elif self.hours is not None:
            raise InvalidQuestion(
                lambda t: t("Which price has the peak? Write it before the hours."),
                "/breakeven s19 7c peak 12c 17-21",
            )
        number = self.numbers.get
        return Question(
            rig=rig,
            power_price=self.money.get("power_price"),
            btc_price=self.money.get("btc_price"),
            pool_fee=self.numbers.get("pool_fee", 0.0),
            uptime=self.numbers.get("uptime", 1.0),
            overhead=self.numbers.get("overhead", 1.0),
            fixed_cost=self.money.get("fixed_cost"),
            machine_price=self.money.get("machine_price"),
            difficulty=number("difficulty"),
            network_hashrate_ehs=number("network_hashrate_ehs"),
            block_subsidy_btc=number("block_subsidy_btc"),
            fees_btc_per_block=number("fees_btc_per_block"),
            focus=self.focus,
            scaled=scaled,
            count=int(self.numbers.get("count", 1)),
            period=self.period,
            peak=peak,
            surcharge=self.money.get("surcharge"),
            power_tax=self.numbers.get("power_tax", 0.0),
            heat_credit=self.money.get("heat_credit"),
            scheme=self.scheme,
            currency=self.currency,
            cents_assumed=self.cents_assumed,
            disputed=disputed,
        )

    def _rig(self, machine: tuple[str, float | None] | None) -> tuple[Rig, bool, bool]:
        """The machine meant, whether its power was scaled from another bin, and whether sources dispute
        it."""
        hashrate, power = self.numbers.get("hashrate_ths"), self.numbers.get("power_w")
        efficiency = self.numbers.get("efficiency_j_per_th")
        if machine is None and self.machines:
            model, bin_ths, _ = self.machines[0]
            machine = (model, bin_ths)
        if machine is not None:
            model, bin_ths = machine
            if hashrate is not None and power is not None:
                rig = Rig(hashrate, power, model)
                self._check_efficiency(rig, self._catalogue.bins(model)[0].efficiency_j_per_th)
                return rig, False, False
            picked = self._catalogue.pick(model, bin_ths if bin_ths is not None else hashrate)
            power_w = power or (efficiency * picked.hashrate_ths if efficiency else picked.power_w)
            is_bin = any(picked == machine for machine in self._catalogue.bins(model))
            rig = Rig(picked.hashrate_ths, power_w, model)
            self._check_efficiency(rig, picked.efficiency_j_per_th)
            nameplate = power_w == picked.power_w
            return rig, not is_bin and nameplate, picked.disputed and nameplate
        if efficiency is not None and power is None:
            hashrate = hashrate or 1000.0
            rig = Rig(hashrate, check("power_w", efficiency * hashrate))
        elif efficiency is not None and hashrate is None and power is not None:
            rig = Rig(check("hashrate_ths", power / efficiency), power)
        elif hashrate is not None and power is not None:
            rig = Rig(hashrate, power)
        else:
            raise self._no_rig(hashrate, power)
        self._check_efficiency(rig, None)
        return rig, False, False

    def _check_efficiency(self, rig: Rig, nameplate: float | None) -> None:
        """Raise InvalidQuestion for a machine nobody built, naming the likely meaning."""
        if is_believable(rig.efficiency_j_per_th, nameplate):
            return
        power = next(
            (item for item in self.items if item.quantity and item.quantity.unit is MeasureUnit.WATTS), None
        )
        if (
            power is not None
            and nameplate
            and power.quantity
            and nameplate / 2 <= power.quantity.small <= nameplate * 2
        ):
            raise self._doubtful(power, [f"{power.quantity.small:g}J/TH"])
        joules = next(
            (item for item in self.items if item.quantity and item.quantity.unit is MeasureUnit.J_PER_TH),
            None,
        )
        if joules is not None and joules.quantity and joules.quantity.small >= 500.0:
            raise self._doubtful(joules, [f"{joules.quantity.small:g}W"])
        raise unbelievable(rig.hashrate_ths, rig.power_w)

    def _no_rig(self, hashrate: float | None, power: float | None) -> InvalidQuestion:
        if hashrate is not None:
            return InvalidQuestion(
                lambda t: t("I need the machine's power at the wall too."),
                f"/breakeven {hashrate:g}TH 3250W 0.07",
            )
        if power is not None:
            return InvalidQuestion(
                lambda t: t("I need the machine's hashrate too."), f"/breakeven 95TH {power:g}W 0.07"
            )
        unknown = [item.text for item in self.items if item.kind is ItemKind.UNKNOWN]
        if self._strict and unknown:
            return self._catalogue.unknown(" ".join(unknown))
        return InvalidQuestion(
            lambda t: t("Which machine? Name a model, or its hashrate and power."), "/breakeven s19 0.07"
        )


_DEAR: Final = frozenset({Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF})
"""Currencies of which a kWh never costs two."""
_MONEY_BOUNDS: Final = {
    "power_price": "power_price_usd_per_kwh",
    "btc_price": "btc_price_usd",
    "machine_price": "machine_price_usd",
    "surcharge": "power_price_usd_per_kwh",
}


def _hour(hour: str, minute: str | None, half: str | None) -> float:
    value = float(hour) + float(minute or 0) / 60.0
    if half == "pm" and value < 12:
        value += 12
    return value


def _torn(quantity: Measure) -> bool:
    """True for what is left of thousands written with spaces: “060”."""
    return len(quantity.text) > 1 and quantity.text.isdigit() and quantity.text[0] == "0"


def _unknown_key(key: str) -> InvalidQuestion:
    return InvalidQuestion(
        # Translators: {key} is what was typed before “=”, {keys} a list of what can be.
        lambda t: t("I don't know “{key}=”; I know {keys}.", key=key[:30], keys=", ".join(sorted(KEYS)))
    )


def _share_label(name: str, percent: str) -> LazyText:
    return lambda t: f"{t(name)} {percent}"


def _label(text: str) -> LazyText:
    return lambda t: t(text)


_Predicate = Callable[[Item], bool]


def parse_command(
    text: str, catalogue: Catalogue, *, language: str = "en", currency: Currency | None = None
) -> Question:
    """The question in what follows `/breakeven`. Raises InvalidQuestion when it is none.

    `language` and `currency` are the chat's.
    """
    reader = read(text, catalogue, Asker(language, currency), strict=True)
    if len(reader.machines) > 1:
        raise two_machines(reader)
    question = reader.question()
    reader.check_leftovers()
    return question


def read(text: str, catalogue: Catalogue, asker: Asker, *, strict: bool) -> QuestionReader:
    """Read a text. Raises InvalidQuestion for what contradicts itself or can't be."""
    reader = QuestionReader(scan_for(asker, text, catalogue), catalogue, asker, strict=strict)
    reader.read()
    return reader


def scan_for(asker: Asker, text: str, catalogue: Catalogue) -> ScannedText:
    """Cut what somebody typed into items, with their own machines and decimals."""
    named = with_own_machines(text, asker.machines)
    return scan(named, catalogue, asker.language, decimal_comma=asker.language in DECIMAL_COMMA)


def two_machines(reader: QuestionReader) -> InvalidQuestion:
    """The refusal of several machines where one is asked for."""
    names = tuple(model for model, _, _ in reader.machines)
    return InvalidQuestion(
        lambda t: t(
            "You named {n} machines ({names}); ask for one, or use /fleet.",
            n=len(names),
            names=", ".join(names),
        ),
        choices=tuple(Choice(verbatim(name), short_name(name)) for name in names[:3]),
    )
