"""From what a person typed to a question: by pattern, in English and the usual German phrasings.

Each pattern takes what it understands out of the text; a number left over is asked back, not guessed at.
"""

import re
from collections.abc import Callable
from typing import Final, Never

from bot.i18n.message import N_, LazyText
from bot.mining.economics import Rig
from bot.mining.errors import QUESTION_EXAMPLE, Choice, InvalidQuestion
from bot.mining.limits import check
from bot.mining.machines import Catalogue, short_name
from bot.mining.parsing.patterns import (
    BIN,
    BTC_THEN_PRICE,
    COUNT,
    DIFFICULTY,
    FEE,
    FILLER,
    FOCUS,
    GERMAN,
    KEYS,
    MACHINE_PRICE,
    MONEY,
    OVERHEAD,
    PAIR,
    PER_DAY,
    PERCENT,
    PRICE_THEN_BTC,
    TRIGGER,
    TYPED_MACHINE,
    UPTIME,
    WORD,
)
from bot.mining.parsing.units import (
    CENTS,
    EFFICIENCY,
    HASHRATE,
    POWER_PRICE,
    WATTS,
    Currency,
    Money,
    currency_of,
    join_money,
    read_cents,
    read_hashrate,
    read_number,
    read_percent,
    read_power_price,
    read_watts,
    tidy,
    times,
)
from bot.mining.question import Focus, Question

LONGEST: Final = 400
"""Characters of a question; more is no question but a text."""

_GAP: Final = " \x1f "
_TORN: Final = re.compile(r"0\d+")
"""What is left of thousands written with spaces: no nought."""
_MONEY_BOUNDS: Final = {
    "power_price": "power_price_usd_per_kwh",
    "btc_price": "btc_price_usd",
    "fixed_cost": "fixed_cost_usd_per_day",
    "machine_price": "machine_price_usd",
}
_SAID: Final = {
    "hashrate_ths": N_("hashrates"), "power_w": N_("power draws"),
    "efficiency_j_per_th": N_("efficiencies"), "power_price": N_("power prices"),
    "btc_price": N_("bitcoin prices"), "pool_fee": N_("pool fees"), "fixed_cost": N_("fixed costs"),
    "machine_price": N_("machine prices"), "uptime": N_("uptimes"), "overhead": N_("overheads (PUE)"),
    "difficulty": N_("difficulties"), "network_hashrate_ehs": N_("network hashrates"),
    "fees_btc_per_block": N_("block fees"), "block_subsidy_btc": N_("block subsidies"),
}  # fmt: skip
"""More than one of a figure, as it is said when two were given."""


def parse_command(text: str, catalogue: Catalogue, *, decimal_comma: bool = False) -> Question:
    """The question in what follows `/breakeven`. Raises InvalidQuestion when it is none.

    `decimal_comma` says how the asker's language writes numbers: 0,07 and 60.000.
    """
    return _Reader(text, catalogue, strict=True, decimal_comma=decimal_comma).question()


def parse_message(text: str, catalogue: Catalogue, *, decimal_comma: bool = False) -> Question | None:
    """The question in a message in plain words, or None when it holds none.

    Raises InvalidQuestion when it is a breakeven question that can't be answered as asked.
    """
    asks = TRIGGER.search(text[:LONGEST]) is not None
    if len(text) > LONGEST and not (asks and catalogue.mentions(text[:LONGEST])):
        return None
    reader = _Reader(text, catalogue, strict=False, decimal_comma=decimal_comma)
    return reader.question() if asks or reader.names_rig_and_price() else None


def parse_rest(text: str, catalogue: Catalogue, *, decimal_comma: bool, german: bool) -> Question:
    """The question in what is left of a message that is one for other reasons. Raises InvalidQuestion."""
    return _Reader(text, catalogue, strict=False, decimal_comma=decimal_comma, german=german).question()


class _Reader:
    """One text being read: `_text` is what is left of it, the dictionaries what was understood."""

    def __init__(
        self, text: str, catalogue: Catalogue, *, strict: bool, decimal_comma: bool, german: bool = False
    ) -> None:
        if len(text) > LONGEST:
            raise InvalidQuestion(
                lambda t: t(
                    "{length} characters are too long for a question; ask in one line.",
                    length=t.number(len(text)),
                )
            )
        self._catalogue = catalogue
        self._strict = strict
        self._comma = decimal_comma
        self._text = tidy(text)
        self._german = german or GERMAN.search(self._text) is not None
        self._focus = next((focus for focus, asks in FOCUS if asks.search(self._text)), Focus.PROFIT)
        self._words = len(self._text.split())
        self._numbers: dict[str, float] = {}
        self._money: dict[str, Money] = {}
        self._models: dict[str, float | None] = {}
        self._failure: InvalidQuestion | None = None
        try:
            self._read()
        except InvalidQuestion as failure:
            self._failure = failure

    def names_rig_and_price(self) -> bool:
        """True when a machine and a price of power were named, or a machine and hardly anything else."""
        rig = self._models or not self._numbers.keys().isdisjoint(("hashrate_ths", "efficiency_j_per_th"))
        return bool(rig) and (
            "power_price" in self._money or self._focus is not Focus.PROFIT or self._words <= 4
        )

    def question(self) -> Question:
        """What was understood. Raises InvalidQuestion for what wasn't."""
        if self._failure is not None:
            raise self._failure
        rig, scaled = self._rig()
        self._leftovers()
        given = self._numbers.get
        return Question(
            rig=rig,
            power_price=self._money.get("power_price"),
            btc_price=self._money.get("btc_price"),
            pool_fee=self._numbers.get("pool_fee", 0.0),
            uptime=self._numbers.get("uptime", 1.0),
            overhead=self._numbers.get("overhead", 1.0),
            fixed_cost=self._money.get("fixed_cost"),
            machine_price=self._money.get("machine_price"),
            difficulty=given("difficulty"),
            network_hashrate_ehs=given("network_hashrate_ehs"),
            block_subsidy_btc=given("block_subsidy_btc"),
            fees_btc_per_block=given("fees_btc_per_block"),
            focus=self._focus,
            scaled=scaled,
        )

    def _read(self) -> None:
        """In the order that settles what a number means."""
        self._take(PAIR, self._pair)
        self._machines()
        self._text = join_money(self._text)
        self._take(EFFICIENCY, lambda m: self._set("efficiency_j_per_th", self._number(m["number"])))
        self._take(POWER_PRICE, lambda m: self._pay("power_price", self._per_energy(m)))
        self._take(FEE, lambda m: self._set("pool_fee", self._number(m["a"] or m["b"]) / 100.0))
        self._take(UPTIME, lambda m: self._set("uptime", self._number(m["a"] or m["b"]) / 100.0))
        self._take(OVERHEAD, lambda m: self._set("overhead", self._number(m["number"])))
        self._take(
            DIFFICULTY, lambda m: self._set("difficulty", self._number(m["number"]) * times(m["times"]))
        )
        self._take(CENTS, lambda m: self._pay("power_price", self._in_cents(m)))
        self._take(HASHRATE, lambda m: self._set("hashrate_ths", self._hashrate(m)))
        self._take(WATTS, lambda m: self._set("power_w", self._watts(m)))
        self._take(PER_DAY, lambda m: self._pay("fixed_cost", self._amount(m)))
        self._take(MACHINE_PRICE, lambda m: self._pay("machine_price", self._amount(m)), self._is_large)
        self._take(BTC_THEN_PRICE, lambda m: self._pay("btc_price", self._amount(m)), self._is_large)
        self._take(PRICE_THEN_BTC, lambda m: self._pay("btc_price", self._amount(m)), self._is_large)
        self._take(PERCENT, _refuse_percent)
        self._take(MONEY, self._bare)

    def _take(
        self,
        pattern: re.Pattern[str],
        use: Callable[[re.Match[str]], None],
        only: Callable[[re.Match[str]], bool] | None = None,
    ) -> None:
        """Let `use` have every match (that `only` allows) and take it out of the text."""

        def replace(found: re.Match[str]) -> str:
            if only is not None and not only(found):
                return found[0]
            use(found)
            return _GAP

        self._text = pattern.sub(replace, self._text)

    @property
    def _cents(self) -> Currency:
        """Whose cents bare cents are: a German sentence means euro cents."""
        return Currency.EUR if self._german else Currency.USD

    def _number(self, text: str) -> float:
        return read_number(text, decimal_comma=self._comma)

    def _per_energy(self, found: re.Match[str]) -> Money:
        return read_power_price(found, decimal_comma=self._comma)

    def _in_cents(self, found: re.Match[str]) -> Money:
        return read_cents(found, self._cents, decimal_comma=self._comma)

    def _hashrate(self, found: re.Match[str]) -> float:
        return read_hashrate(found, decimal_comma=self._comma)

    def _watts(self, found: re.Match[str]) -> float:
        return read_watts(found, decimal_comma=self._comma)

    def _set(self, name: str, value: float) -> None:
        check(name, value)
        if self._numbers.setdefault(name, value) != value:
            self._refuse_two(name)

    def _pay(self, name: str, money: Money) -> None:
        check(_MONEY_BOUNDS[name], money.amount)
        if self._money.setdefault(name, money) != money:
            self._refuse_two(name)

    def _refuse_two(self, name: str) -> Never:
        # Translators: {figures} is such as “power prices” or “hashrates”.
        raise InvalidQuestion(
            lambda t: t("I read two different {figures}; give one.", figures=t(_SAID[name]))
        )

    def _amount(self, found: re.Match[str]) -> Money:
        dots = self._german or self._comma
        number = read_number(found["number"], dot_groups=dots) * times(found["times"])
        return Money(number, currency_of(found["before"] or found["after"]))

    def _is_large(self, found: re.Match[str]) -> bool:
        return abs(self._amount(found).amount) >= 100.0

    def _machines(self) -> None:
        """Take the models named, each with the hashrate that follows it, out of the text."""
        left, start = "", 0
        for mention in self._catalogue.mentions(self._text):
            before = self._text[start : mention.start]
            if count := COUNT.search(before):
                if float(count["count"]) != 1.0:
                    raise _too_many(count["count"], self._text[mention.start : mention.end])
                before = before[: count.start()]
            left, start = left + before + _GAP, mention.end
            size = BIN.match(self._text, start)
            hashrate = float(size["number"].replace(",", ".")) if size else None
            if size and hashrate and (size["unit"] or self._catalogue.is_bin(mention.model, hashrate)):
                start = size.end()
            else:
                hashrate = None
            self._models[mention.model] = hashrate or self._models.get(mention.model)
        self._text = left + self._text[start:]

    def _pair(self, found: re.Match[str]) -> None:
        key, value = found["key"].lower().replace("_", "-"), found["value"]
        target = KEYS.get(key)
        try:
            if target is None:
                # Translators: {key} is what was typed before “=”, {keys} a list of what can be.
                raise InvalidQuestion(
                    lambda t: t(
                        "I don't know “{key}=”; I know {keys}.", key=key[:30], keys=", ".join(sorted(KEYS))
                    )
                )
            if target == "power":
                self._power(value)
            elif target == "power_price":
                self._pay(target, self._price(value))
            elif target in _MONEY_BOUNDS:
                money = MONEY.fullmatch(value)
                self._pay(target, self._amount(money) if money else Money(read_number(value)))
            elif target in ("pool_fee", "uptime"):
                self._set(target, read_percent(value, decimal_comma=self._comma))
            elif target in ("hashrate_ths", "network_hashrate_ehs"):
                quantity = HASHRATE.fullmatch(value)
                per_unit = 1.0 if target == "hashrate_ths" else 1e-6
                number = (
                    self._hashrate(quantity) * per_unit
                    if quantity
                    else read_number(value, dot_groups=self._comma)
                )
                self._set(target, number)
            else:
                suffix = value[-1:].lower() if value[-1:].lower() in "tp" and target == "difficulty" else ""
                self._set(target, self._number(value[: len(value) - len(suffix)]) * times(suffix))
        except InvalidQuestion as failure:
            raise failure.about(key[:30]) from None

    def _power(self, value: str) -> None:
        """`power=` is what the machine draws or what a kWh costs; the unit or the size tells."""
        if watts := WATTS.fullmatch(value):
            self._set("power_w", self._watts(watts))
        elif re.fullmatch(r"[\d.,'e+-]+", value) and self._number(value) >= 2.0:
            self._set("power_w", read_number(value, dot_groups=self._comma))
        else:
            self._pay("power_price", self._price(value))

    def _price(self, value: str) -> Money:
        if per_energy := POWER_PRICE.fullmatch(value):
            return self._per_energy(per_energy)
        if cents := CENTS.fullmatch(value):
            return self._in_cents(cents)
        money = MONEY.fullmatch(value)
        return self._amount(money) if money else Money(read_number(value))

    def _bare(self, found: re.Match[str]) -> None:
        """A number without a unit: a power price when small, a bitcoin price when large, else asked back."""
        money = self._amount(found)
        signed = found["before"] or found["after"]
        torn = _TORN.fullmatch(found["number"])
        introduced = self._strict or re.search(
            r"(?:\bat|\bfor|\bbei|\bzu|@|=)\s*$", self._text[: found.start()], re.IGNORECASE
        )
        if found["times"] or (money.amount >= 1000.0 and (signed or self._strict)):
            self._pay("btc_price", money)
        elif money.amount < (2.0 if signed else 1.0) and not torn:
            self._pay("power_price", money)
        elif not signed and money.amount <= 100.0 and introduced and not torn:
            self._pay("power_price", Money(money.amount / 100.0, self._cents))
        elif self._strict or not 1990.0 <= money.amount <= 2100.0:
            # Translators: {text} is what was typed.
            raise InvalidQuestion(
                lambda t: t(
                    "I can't tell what {text} is; write 7c for a power price, 95TH, 3250W, or price=45000 "
                    "for bitcoin.",
                    text=found[0].strip()[:30],
                )
            )

    def _rig(self) -> tuple[Rig, bool]:
        """The machine meant, and whether its power was scaled from another bin."""
        hashrate, power = self._numbers.get("hashrate_ths"), self._numbers.get("power_w")
        efficiency = self._numbers.get("efficiency_j_per_th")
        if len(self._models) > 1:
            names = tuple(self._models)
            raise InvalidQuestion(
                lambda t: t(
                    "You named {n} machines ({names}); ask for one, or use /fleet.",
                    n=len(names),
                    names=", ".join(names),
                ),
                choices=tuple(Choice(_label(name), short_name(name)) for name in names[:3]),
            )
        if self._models:
            ((model, bin_ths),) = self._models.items()
            if hashrate is not None and power is not None:
                return Rig(hashrate, power, model), False
            machine = self._catalogue.pick(model, hashrate or bin_ths)
            drawn = power or (efficiency * machine.hashrate_ths if efficiency else machine.power_w)
            known = any(machine == held for held in self._catalogue.bins(model))
            return Rig(machine.hashrate_ths, drawn, model), not known and drawn == machine.power_w
        if efficiency is not None and power is None:
            hashrate = hashrate or 1000.0
            return Rig(hashrate, check("power_w", efficiency * hashrate)), False
        if efficiency is not None and hashrate is None and power is not None:
            return Rig(check("hashrate_ths", power / efficiency), power), False
        if hashrate is not None and power is not None:
            return Rig(hashrate, power), False
        raise self._no_rig(hashrate, power)

    def _no_rig(self, hashrate: float | None, power: float | None) -> InvalidQuestion:
        if typed := TYPED_MACHINE.search(self._text):
            return self._catalogue.unknown(typed[0])
        words = [word for word in WORD.findall(self._text) if word.lower() not in FILLER]
        if hashrate is not None:
            return InvalidQuestion(
                lambda t: t("I need the machine's power at the wall too."),
                f"/breakeven {hashrate:g}TH 3250W 0.07",
            )
        if power is not None:
            return InvalidQuestion(
                lambda t: t("I need the machine's hashrate too."), f"/breakeven 95TH {power:g}W 0.07"
            )
        if self._strict and words and not TRIGGER.search(self._text):
            return self._catalogue.unknown(" ".join(words))
        return InvalidQuestion(
            lambda t: t("Which machine? Name a model, or its hashrate and power."), "/breakeven s19 0.07"
        )

    def _leftovers(self) -> None:
        """In a command without a power price, a word left over must have been meant as one."""
        if not self._strict or "power_price" in self._money or TRIGGER.search(self._text):
            return
        words = [word for word in WORD.findall(self._text) if word.lower() not in FILLER]
        if words and self._focus is Focus.PROFIT:
            raise InvalidQuestion(
                lambda t: t(
                    "“{text}” is no power price; write 0.07, 7c or 65 EUR/MWh.", text=" ".join(words)[:40]
                ),
                QUESTION_EXAMPLE,
            )


def _too_many(count: str, model: str) -> InvalidQuestion:
    return InvalidQuestion(
        # Translators: {count} is the number of machines that was typed.
        lambda t: t("A break-even is reckoned for one machine; for {count} of them ask /fleet.", count=count),
        f"/fleet add {count} {model}",
    )


def _refuse_percent(found: re.Match[str]) -> Never:
    shown = found[0].replace(" ", "")[:20]
    raise InvalidQuestion(
        # Translators: {text} is what was typed, {fee} and {uptime} what to type instead.
        lambda t: t(
            "I can't tell what {text} is; write {fee} or {uptime}.",
            text=shown,
            fee=f"fee={shown}",
            uptime=f"uptime={shown}",
        ),
        f"/breakeven s19 7c fee={shown}",
    )


def _label(name: str) -> LazyText:
    return lambda _: name
