"""A question being put together: the items of a text and the figures understood of them so far."""

import re
from typing import Final, Never

from bot.i18n.message import N_
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import BOUNDS, check
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.clarifications import (
    doubtful,
    hours_of_peak,
    many_draw,
    open_word,
    two_power_prices,
    unplaced,
    which_tariff,
)
from bot.mining.parsing.currency_names import CURRENCY_BY_PLACE
from bot.mining.parsing.focus import FocusReader
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.roles import words_of
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Circuit, Focus, PeakPrice, Scheme

DAYS: Final = {
    "day": 1.0, "week": 7.0, "retarget": 14.0, "month": 30.4375, "year": 365.25, "hour": 1.0 / 24.0,
}  # fmt: skip
PERIODS_ASKED: Final = ("week", "month", "year")
"""What a profit may be wanted for, beside a day."""
CHOOSING: Final = frozenset({"best", "which_machine"})
"""Meanings by which it is asked for the machines themselves."""
_CONNECTING: Final = frozenset(
    {"filler", "to", "per", "by", "btc_price", "profit", "keep_on", "included", "all_included", "money_out"}
)
_CONNECTING_SIGNS: Final = frozenset("=:@(~≈")
_PLURALS: Final = {
    "hashrate_ths": N_("hashrates"), "power_w": N_("power draws"),
    "efficiency_j_per_th": N_("efficiencies"), "power_price": N_("power prices"),
    "btc_price": N_("bitcoin prices"), "pool_fee": N_("pool fees"), "fixed_cost": N_("fixed costs"),
    "machine_price": N_("machine prices"), "uptime": N_("uptimes"), "overhead": N_("overheads (PUE)"),
    "difficulty": N_("difficulties"), "network_hashrate_ehs": N_("network hashrates"),
    "fees_btc_per_block": N_("block fees"), "block_subsidy_btc": N_("block subsidies"),
    "hashprice": N_("hashprices"), "surcharge": N_("surcharges"),
    "heat_credit": N_("heat credits"), "power_tax": N_("taxes"),
    "peak_price": N_("peak prices"), "count": N_("numbers of machines"),
    "months": N_("spans of time"), "growth": N_("growth rates"), "resale": N_("resale values"),
}  # fmt: skip
"""More than one of a figure, as it is said when two were given."""
_OVERCLOCKED: Final = 1.8
"""A machine never draws so many times its nameplate; kilowatts of that size feed several."""
_NEAR_NAMEPLATE: Final = 0.03
_LIKE_A_TARIFF: Final = 2.0
"""Money below this may be what a kWh costs."""
_MANY: Final = 4.0
"""What feeds so many machines is no machine's own draw."""
_EURO_CENTS: Final = re.compile(r"\d ?(?:cts?|cents?|c[ée]ntimos?|цент\w*)(?!\w)")
"""How euro cents are written; a “c” is mostly one of a dollar."""
_FEW_OWN: Final = 10.0
"""Tenths of a yuan and roubles below this a kWh may cost, as well as cents of a dollar."""
_FEW_CENTS, _MANY_CENTS = 0.01, 0.6
"""A kWh hardly costs less than the one, or as much as the other, of a dollar."""
_HARDLY_A_CENT: Final = 0.005
"""Cents of a kWh below this are asked about even where the kWh is named."""
_DEAR: Final = frozenset({Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF})
_CENTS: Final = frozenset({"USD", "EUR", "CAD", "AUD", "NZD"})
"""Currencies whose cents may be meant by where somebody is."""
_KILO: Final = words_of("question_draft", "kilo")
_LEAST_HASHPRICE, _MOST_HASHPRICE = 1.0, 5000.0
"""What a PH/s may earn a day, US dollars or euros."""
_MONEY_BOUNDS: Final = {
    "power_price": "power_price_usd_per_kwh",
    "btc_price": "btc_price_usd",
    "machine_price": "machine_price_usd",
    "surcharge": "power_price_usd_per_kwh",
}


class QuestionDraft:
    """One text on its way to a question: its items, and the figures understood so far."""

    block_span: tuple[float, str] | None = None
    """Within what time the chance of a block is asked for: how many, of which unit."""
    is_per_mwh = False
    """Whether a price of power is wanted of a MWh."""
    hours_assumed = False
    """Whether the hours are the usual ones of a night."""
    asks_hours = False
    """Whether it is asked in which hours of a tariff to run."""

    def __init__(self, scanned: ScannedText, catalogue: Catalogue, asker: Asker, *, strict: bool) -> None:
        """`strict` is the text of a command, where a bare number is a price and nobody chats."""
        self.scanned = scanned
        self.items = scanned.items
        self.catalogue = catalogue
        self.asker = asker
        self.strict = strict
        self.numbers: dict[str, float] = {}
        self.money: dict[str, Money] = {}
        self.machines: list[tuple[str, float | None, Item]] = []
        self.counts: list[float | None] = []
        """How many of each of several machines; empty where nothing says it."""
        self.adds_machines = False
        """Whether what several machines make is added up."""
        self.prices: list[Money] = []
        """What each of several machines costs."""
        self.tariffs: list[Money] = []
        """What a kWh costs each of several machines, where that differs."""
        self.powers_w: dict[int, float] = {}
        """What some of several machines draw, by their number."""
        self.scheme: Scheme | None = None
        self.hours: tuple[float, float] | None = None
        self.peaks: list[PeakPrice] = []
        """Prices of several spans of hours, each with its own."""
        self.peak_days = 7
        """Days of a week on which the peak price holds."""
        self.currency: Currency | None = None
        self.cents_assumed = False
        self.zone: str | None = None
        self.period = "day"
        self.is_hosted = False
        self.keeps_tariff = False
        """Whether what a kWh costs was said in the question that this one goes on from."""
        self.unclear_costs: list[tuple[Item, Measure, bool]] = []
        """Costs that may be all machines' together, and whether nothing but asking tells."""
        self.sums_costs = False
        """Whether several costs beside power were given."""
        self.site_power_w: float | None = None
        """What a site feeds, where that is more than one machine draws."""
        self.circuit: Circuit | None = None
        self.makers: tuple[str, ...] = ()
        """The makers among whose machines is chosen; none where all machines are meant."""
        self.past_items: list[Item] = []
        """What names a time gone by."""
        self.has_aim = False
        """Whether a price is asked for that is to bring something."""

    def concepts(self) -> set[str]:
        """The meanings of the words."""
        return {item.concept for item in self.items if item.kind is ItemKind.WORD}

    def use(self, concept: str) -> None:
        """Let a reading rest on all words of a meaning."""
        for item in self.items:
            if item.concept == concept:
                item.used = True

    @property
    def focus(self) -> Focus:
        """What the asker wants to know first."""
        given = frozenset((*self.money, *self.numbers))
        focus = FocusReader(self.items, given, bool(self.machines), self.names_power_price).focus()
        if self.block_span is not None:
            return Focus.BLOCK
        if self.is_per_mwh and focus in (Focus.PROFIT, Focus.BTC_PRICE):
            return Focus.POWER_PRICE
        return Focus.REVENUE if focus is Focus.PROFIT and self._is_hashrate_only else focus

    @property
    def _is_hashrate_only(self) -> bool:
        """True for “what does 1 TH make a day?”, where nothing says what it draws or pays."""
        drawn = self.numbers.keys().isdisjoint(("power_w", "efficiency_j_per_th"))
        only = drawn and "hashrate_ths" in self.numbers and not self.machines
        return only and not self.names_power_price and not self.strict

    @property
    def names_machine(self) -> bool:
        """True when a machine is named, or figures of one are given."""
        return bool(self.machines) or not self.numbers.keys().isdisjoint(
            ("hashrate_ths", "efficiency_j_per_th", "power_w")
        )

    @property
    def names_power_price(self) -> bool:
        """True when what a kWh costs is given, if only by a market zone or by the hour."""
        return (
            self.zone is not None
            or bool(self.peaks or self.tariffs)
            or not self.money.keys().isdisjoint(("power_price", "peak_price"))
        )

    @property
    def gives_figures(self) -> bool:
        """True when what the machine does and draws is given, however it is run."""
        hashrate = "hashrate_ths" in self.numbers or any(
            bin_ths is not None for _, bin_ths, _ in self.machines
        )
        return (hashrate and "power_w" in self.numbers) or "efficiency_j_per_th" in self.numbers

    def neighbour(self, index: int, step: int, *, over: frozenset[str] = _CONNECTING) -> int | None:
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

    def item_beside(self, index: int, step: int, *, over: frozenset[str] = _CONNECTING) -> Item | None:
        """The item that `neighbour` finds."""
        position = self.neighbour(index, step, over=over)
        return None if position is None else self.items[position]

    def introduced(self, index: int) -> bool:
        """True for a number behind “at”, “for”, “@”."""
        before = self.items[index - 1] if index else None
        return before is not None and (
            before.text.split()[-1]
            in ("at", "for", "bei", "zu", "für", "@", "a", "при", "по", "за", "=", "with", "mit", "con")
        )

    def set_number(self, name: str, value: float) -> None:
        """Take a number. Raises InvalidQuestion out of bounds, or when another was given."""
        if name in BOUNDS:
            check(name, value)
        if self.numbers.setdefault(name, value) != value:
            self.refuse_two(name)

    def set_hashrate(self, ths: float) -> None:
        """Take a hashrate; of a model it may be that of many machines: “1 EH of S21 XP”."""
        if len(self.machines) == 1 and "count" not in self.numbers:
            model, bin_ths, _ = self.machines[0]
            machine = self.catalogue.pick(model, bin_ths)
            if ths >= _MANY * max(each.hashrate_ths for each in self.catalogue.bins(model)):
                self.set_number("count", float(round(ths / machine.hashrate_ths)))
                return
        self.set_number("hashrate_ths", ths)

    def set_power(self, item: Item, watts: float) -> None:
        """Take what the machine draws; of a model it may be what a whole site feeds: “1 MW of S21”."""
        if self.machines and "count" not in self.numbers and item.text.endswith(_KILO):
            models = [self.catalogue.pick(model, bin_ths) for model, bin_ths, _ in self.machines]
            least = 1.0 if "how_many" in self.concepts() else _OVERCLOCKED
            if watts >= least * max(machine.power_w for machine in models):
                if self.site_power_w not in (None, watts):
                    self.refuse_two("power_w")
                self.site_power_w = watts
                return
        if not self.machines and self._is_of_site():
            if self.site_power_w not in (None, watts):
                self.refuse_two("power_w")
            self.site_power_w = watts
            return
        self.set_number("power_w", self._of_one(item, watts))

    def _is_of_site(self) -> bool:
        """True where machines are sought for so much power: “400 kW, which machines?”."""
        own = (MeasureUnit.THS, MeasureUnit.T, MeasureUnit.J_PER_TH)
        has_own = any(item.quantity is not None and item.quantity.unit in own for item in self.items)
        return not has_own and bool(self.concepts() & CHOOSING)

    def _of_one(self, item: Item, watts: float) -> float:
        """What one of several machines draws, where what all of them draw is given: “3 S19, 9750 W”."""
        count = self.numbers.get("count", 1.0)
        if len(self.machines) != 1 or count <= 1.0:
            return watts
        nameplate = self.catalogue.pick(*self.machines[0][:2]).power_w
        if watts < _OVERCLOCKED * nameplate:
            return watts
        if abs(watts / (count * nameplate) - 1.0) <= _NEAR_NAMEPLATE:
            return watts / count
        raise many_draw(self.scanned, item, count * nameplate / 1000.0, self.machines[0][0])

    def set_hashprice(self, item: Item, quantity: Measure) -> None:
        """Take what a PH/s earns a day; of a TH/s it is given in cents. Raises InvalidQuestion for others."""
        money = self.amount(quantity)
        per_ph = money.amount * (1000.0 if "th" in quantity.per else 1.0)
        if (
            money.currency in (Currency.USD, Currency.EUR)
            and not _LEAST_HASHPRICE <= per_ph <= _MOST_HASHPRICE
        ):
            raise doubtful(
                self.scanned, item, [f"{money.amount:g} {money.currency}/TH"] if per_ph < 1.0 else []
            )
        self.set_money("hashprice", Money(per_ph, money.currency))

    def set_money(self, name: str, money: Money) -> None:
        """Take an amount of money. Raises InvalidQuestion out of bounds, or when another was given."""
        if name in _MONEY_BOUNDS and money.currency in (Currency.USD, Currency.EUR):
            check(_MONEY_BOUNDS[name], money.amount)
        if self.money.setdefault(name, money) != money:
            self.refuse_two(name)

    def add_peak(self, price: Money, start_hour: float, end_hour: float) -> None:
        """Take the price of some hours beside others. Raises InvalidQuestion out of bounds."""
        if price.currency in (Currency.USD, Currency.EUR):
            check(_MONEY_BOUNDS["power_price"], price.amount)
        self.peaks.append(PeakPrice(price, start_hour, end_hour))

    def add_fixed_cost(self, item: Item, quantity: Measure, *, together: bool = False) -> None:
        """A cost as money a day, of one machine or of all together; several of one currency add up."""
        name = "shared_cost" if together else "fixed_cost"
        days = next((DAYS[unit] for unit in quantity.per if unit in DAYS), 1.0)
        money = self._cost(quantity)
        self.sums_costs = self.sums_costs or self.names_running_cost
        cost_before = self.money.get(name)
        if cost_before is not None and cost_before.currency is not money.currency:
            raise unplaced(self.scanned, item)
        total = money.amount / days + (cost_before.amount if cost_before else 0.0)
        check("fixed_cost_usd_per_day", total)
        self.money[name] = Money(total, money.currency)

    @property
    def names_running_cost(self) -> bool:
        """True when a cost beside power is given."""
        return not self.money.keys().isdisjoint(("fixed_cost", "shared_cost"))

    @property
    def total_count(self) -> float | None:
        """How many machines there are, of all kinds together; None where nothing says it."""
        return self.numbers.get("count") or sum(count or 1.0 for count in self.counts) or None

    def _cost(self, quantity: Measure) -> Money:
        """A cost as money; without a currency in that of the tariff or other costs, else the sentence's."""
        money = self.amount(quantity, own=True)
        others = {
            item.quantity.currency
            for item in self.items
            if item.quantity is not None
            and item.quantity.currency not in (None, Currency.BTC)
            and (abs(item.quantity.small) < _LIKE_A_TARIFF or set(item.quantity.per) & {*DAYS, "kwh", "mwh"})
        }
        only = others.pop() if quantity.currency is None and len(others) == 1 else None
        return money if only is None else Money(money.amount, only)

    def refuse_two(self, name: str) -> Never:
        """Raise the refusal of two values for one figure."""
        if name == "power_price":
            prices = [item for item in self.items if self._is_power_price(item)]
            is_by_hour = self.hours is None and self.concepts() & {"peak", "off_peak"}
            raise hours_of_peak() if is_by_hour else two_power_prices(self.scanned, prices)
        if name == "peak_price" and self.hours is None:
            raise hours_of_peak()
        # Translators: {figures} is such as “power prices” or “hashrates”.
        raise InvalidQuestion(
            lambda t: t("I read two different {figures}; give one.", figures=t(_PLURALS[name]))
        )

    @staticmethod
    def _is_power_price(item: Item) -> bool:
        quantity = item.quantity
        is_small = quantity is not None and abs(quantity.small) < 1.0 and not set(quantity.per) & set(DAYS)
        return (
            quantity is not None
            and quantity.unit is MeasureUnit.MONEY
            and (quantity.cents or bool(set(quantity.per) & {"kwh", "mwh"}) or is_small)
        )

    def amount(self, quantity: Measure, *, own: bool = False) -> Money:
        """An amount of money; without a currency in the chat's, or for one's `own` in the sentence's."""
        value = quantity.large if not quantity.cents else quantity.small
        usual = self._currency_of_sentence if own else self._usual_currency
        return Money(value, quantity.currency or usual)

    def per_kwh(self, item: Item, quantity: Measure) -> Money:
        """The price of a kWh. Raises InvalidQuestion for one that nobody pays."""
        per_kwh = 1000.0 if "mwh" in quantity.per else 1.0
        value = quantity.small / per_kwh
        if quantity.unit is MeasureUnit.NUMBER and not quantity.per and 1.0 <= value <= 100.0:
            is_only = not any(self._is_power_price(each) for each in self.items)
            in_own = self._paid_in_own_money(value) if is_only else ""
            if in_own:
                raise which_tariff(self.scanned, item, [f"{value:g}c", in_own])
            self.cents_assumed, value = True, value / 100.0
            beside = self._currency_beside(item)
            currency = beside if beside in _DEAR else self.cents_currency
        elif quantity.cents and quantity.currency is None:
            are_euro_cents = self._are_euro_cents(quantity) or self._currency_beside(item) is Currency.EUR
            currency = Currency.EUR if are_euro_cents else self.cents_currency
        else:
            currency = quantity.currency or self._currency_beside(item) or self._currency_of_sentence
            if quantity.currency is None and currency is Currency.USD and self._may_be_yuan(value):
                if self._speaks_of_yuan:
                    return Money(value, Currency.CNY)
                raise doubtful(self.scanned, item, [f"{value:g} CNY", f"{value:g} USD"])
        if quantity.cents and currency is not Currency.BTC and 0.0 < abs(value) < 0.003:
            raise doubtful(self.scanned, item, [f"{quantity.small * 10_000.0:g}c"])
        is_tiny = quantity.cents and bool(quantity.per) and 0.0 < value < _HARDLY_A_CENT
        if is_tiny and currency in _DEAR and not self.strict:
            choices = [f"{each:g} {currency}/kWh" for each in (value * 100.0, value)]
            raise doubtful(self.scanned, item, choices)
        if self._are_few_or_many(quantity, value, currency):
            likely = value / 10.0 if value >= _MANY_CENTS else value * 10.0
            raise doubtful(self.scanned, item, [f"{likely * 100.0:g}c", f"{value:g} {currency}/kWh"])
        if currency in (Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF) and abs(value) > 1.0:
            choices = [f"{value:g}c"] if value <= 100.0 else [f"{value:g}/MWh"]
            raise doubtful(self.scanned, item, choices)
        return Money(value, currency)

    def _paid_in_own_money(self, value: float) -> str:
        """A bare number in its language's money: “电费4” in jiao, “по 4” in roubles; "" where it is cents."""
        is_asked = self.asker.currency is None and not self.strict and value < _FEW_OWN
        if is_asked and self.scanned.language == "zh":
            return f"{value / 10.0:g} CNY"
        in_dollars = any(item.quantity and item.quantity.currency in _DEAR for item in self.items)
        is_asked = is_asked and not in_dollars and (self.names_machine or not self.keeps_tariff)
        return f"{value:g} RUB" if is_asked and self.scanned.language == "ru" else ""

    def _currency_beside(self, item: Item) -> Currency | None:
        """The one currency of the other prices of a kWh: “24 euro cents 18-22 h, the rest 11”.

        A command is taken at its word, as a button's is: a bare price there is in dollars.
        """
        if self.strict:
            return None
        others = {
            each.quantity.currency
            for each in self.items
            if each is not item and each.quantity is not None and self._is_power_price(each)
        } - {None, Currency.BTC}
        return others.pop() if len(others) == 1 else None

    def _are_few_or_many(self, quantity: Measure, value: float, currency: Currency) -> bool:
        """True for cents that a kWh hardly costs, where nothing says that it does: “.6 cents”, “70 cents”.

        A command is taken at its word, as a button's is.
        """
        is_money = quantity.cents or quantity.unit is MeasureUnit.NUMBER
        if self.strict or quantity.per or not is_money or currency not in _DEAR:
            return False
        prices = [item for item in self.items if self._is_power_price(item)]
        return _MANY_CENTS <= value <= 1.0 or (0.0 < value < _FEW_CENTS and len(prices) == 1)

    def _are_euro_cents(self, quantity: Measure) -> bool:
        """True for “28 ct”, “28 céntimos” where the other amounts are in euros."""
        named = {item.quantity.currency for item in self.items if item.quantity is not None}
        is_usual = self.asker.currency in (None, Currency.BTC) and self._currency_there is None
        return is_usual and named - {None} == {Currency.EUR} and _EURO_CENTS.search(quantity.text) is not None

    @property
    def _speaks_of_yuan(self) -> bool:
        """True where another amount is in yuan, or the place is in China."""
        amounts = (item.quantity.currency for item in self.items if item.quantity is not None)
        places = (CURRENCY_BY_PLACE.get(token.text) for token in self.scanned.tokens)
        return Currency.CNY in amounts or "CNY" in places

    def _may_be_yuan(self, value: float) -> bool:
        """True for a bare tariff in Chinese that is dear in dollars and usual in yuan: “电费0.38”."""
        return self.scanned.language == "zh" and self.asker.currency is None and 0.15 <= value < 2.0

    def difficulty(self, item: Item, quantity: Measure) -> float:
        """A difficulty. Raises InvalidQuestion for one that never was."""
        value = (
            quantity.small * 1e12 if quantity.unit is MeasureUnit.T else max(quantity.small, quantity.large)
        )
        if 1e11 <= value <= 1e16 or (1.0 <= value <= 1e16 and "e" in item.text):
            return value
        raise doubtful(self.scanned, item, [f"{value:g}T"] if 1.0 <= value <= 5000.0 else [])

    def set_scheme(self, item: Item) -> None:
        """Take the pool's scheme from a word. Raises InvalidQuestion for any other word."""
        if item.concept not in ("solo", "fpps", "pplns"):
            raise open_word(self.scanned, [item], offer=self.names_machine)
        item.used = True
        self.scheme = Scheme(item.concept)

    @property
    def _currency_of_sentence(self) -> Currency:
        """The currency of what one pays oneself: the chat's, else what the sentence's language pays in."""
        if self.asker.currency in (None, Currency.BTC):
            if (there := self._currency_there) is not None:
                return there
            if self.scanned.language == "de":
                return Currency.EUR
            says_yuan = self.scanned.language == "zh" and self._speaks_of_yuan
            if says_yuan or self.currency_words == {Currency.CNY}:
                return Currency.CNY
        return self._usual_currency

    @property
    def currency_words(self) -> set[Currency]:
        """The currencies named beside no amount, such as the one to answer in."""
        return {item.currency for item in self.items if item.currency is not None}

    @property
    def _usual_currency(self) -> Currency:
        """The currency of an amount without one: the chat's, but nobody's tariff is in whole bitcoins."""
        chosen = self.asker.currency
        return Currency.USD if chosen is None or chosen is Currency.BTC else chosen

    @property
    def cents_currency(self) -> Currency:
        """Whose cents bare cents are: the chat's, else a German sentence means euro cents."""
        if self.asker.currency not in (None, Currency.BTC):
            return self._usual_currency
        if (there := self._currency_there) is not None:
            return there
        return Currency.EUR if "de" in (self.scanned.language, self.asker.language) else Currency.USD

    @property
    def _currency_there(self) -> Currency | None:
        """The currency of the one place named, where its hundredths are called cents."""
        texts = (token.text for token in self.scanned.tokens)
        places = {CURRENCY_BY_PLACE[text] for text in texts if text in CURRENCY_BY_PLACE}
        return Currency(places.pop()) if len(places) == 1 and places <= _CENTS else None
