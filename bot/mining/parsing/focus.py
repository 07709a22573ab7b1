"""What a question wants to know first: the profit, or one of the figures at which it is nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set, words_of
from bot.mining.parsing.word_table import is_han
from bot.mining.question import Focus

_FOCUS: Final = (
    ("payback", Focus.PAYBACK),
    ("breakeven_difficulty", Focus.DIFFICULTY),
    ("breakeven_power", Focus.POWER_PRICE),
    ("breakeven_btc", Focus.BTC_PRICE),
    ("sats", Focus.BITCOIN),
    ("hashcost", Focus.HASHCOST),
    ("cost_to_mine", Focus.COST),
    ("consumption", Focus.ENERGY),
)
_PAYS_BACK: Final = words_of("focus", "pays_back")
"""What says of a machine with a price that it pays back, and of one without that it pays."""
_SEEKING_A_LIMIT: Final = frozenset({"limit", "breakeven", "breakeven_btc"})
"""With a figure that isn't given, these ask for that figure: “break-even power cost”, “highest rate”."""
ASKED_HOW: Final = words_of("focus", "asked_how")
"""How words begin that ask for a figure."""
_NET: Final = re.compile(
    "|".join(
        re.escape(word) if is_han(word) else rf"(?<!\w){re.escape(word)}(?!\w)"
        for word in words_of("focus", "net")
    )
)
"""What says of an income that the costs are taken off it."""
_MUST: Final = word_set("focus", "must")
_REVENUE: Final = re.compile(
    "revenues?|gross(?: income| revenue)?|gross(?:es|ing)|turnover"
    "|(?:tages|monats|jahres)?(?:erlöse?|umsatz|umsätze|einnahmen?|bruttoerlös|bruttoeinnahmen?|rohertrag)"
    "|(?:en )?brutos?|грязными|ingresos?(?: brutos?)?|facturaci[óo]n|ingresa|выручк[аиуе]|выручает"
    "|收入|总收入|产值|毛收入|日收入|月收入|年收入"
)
"""Words for what is earned before costs."""
_POINTS: Final = word_set("focus", "points")
"""Nouns for the point at which nothing is left."""
_ITS: Final = word_set("focus", "its")
"""What stands before the name of a thing: “my break even”."""
_PRICE: Final = re.compile("preis|price|precio|цен|价")
_COSTS: Final = re.compile(
    r"\b(?:costs?|costing|pay|paying|kostet|kosten|zahle?n?|bezahle?n?|cuestan?|cost[oe]|sale|salen|pago"
    r"|стоит|стоимость|обойд[её]тся|обходится|выходит|поч[её]м)\b|成本|花|多少钱"
)
"""Words that ask what has to be paid for something."""
_MINED: Final = re.compile(
    r"\b(?:ge)?schürf|\bgemint|\bmin(?:e|ed|es|ing|o|ado|ados|amos)\b|намайн|майн[ию]|добы[втл]|挖"
)
"""Words that say of a bitcoin that it is mined, not bought."""
_OF_MINING: Final = re.compile(f"{_COSTS.pattern}|{_MINED.pattern}")
_OF_BITCOIN: Final = re.compile(r"btc|bitcoin|coin|битк|курс|币")
_OF_POWER: Final = re.compile(r"киловатт|квт|электр|свет|розетк|kwh|kilowatt|power|electric|strom|luz|电")
_ARTICLES: Final = word_set("focus", "articles")
_BILL_ASKED: Final = re.compile(
    r"\b(?:what|how much)\b.{0,24}\b(?:power|electric(?:ity)?|energy) (?:bill|costs?)\b"
    r"|^(?:monthly |daily |yearly )?(?:power|electric|electricity) bill\b"
    r"|\bkostet (?:mich |mir )?(?:der|an) strom\b"
    r"|\bwie hoch .{0,12}strom(?:kosten|rechnung)\b|^stromrechnung\b"
    r"|\bcu[áa]nto (?:pago|pagar[ée]|cuesta|gasto|gasta|sale)\b.{0,12}\b(?:luz|electricidad)\b"
    r"|^(?:la )?factura (?:de )?(?:la )?luz\b"
    r"|\bсколько .{0,16}(?:за свет|за электричество|за электроэнергию)|^сч[её]т за (?:свет|электр)"
    r"|(?:电费|电钱) ?(?:是|要|得)? ?(?:多少|几)|^[^价]*(?:要|交|花|用) ?多少电费"
    r"|^(?:el )?gasto (?:de|en) (?:luz|electricidad)\b|^stromkosten (?:für|von|pro|im|eines)\b"
    r"|^(?:power|electricity) costs? (?:of|for)\b|^затраты на (?:свет|электр)|^расход\w* на (?:свет|электр)"
    r"|\bcosts? (?:of|to|for) (?:running|run)\b|\bкак дорого обходится\b|\bkostet .{0,20}laufen\b"
)
"""How it is asked what the power costs altogether."""
_OTHER_THAN_THE_BILL: Final = frozenset(
    {"profit", "breakeven", "breakeven_btc", "limit", "payback", "shut_off", "keep_on"}
    | {"if", "what_if", "below", "above", "compare", "sats"}
)
_ANOTHER_CLAUSE: Final = frozenset({"and", "power", "what_if", "if", "how_many"})
_ONE_OF: Final = word_set("focus", "one_of")
_BITCOIN: Final = frozenset({"btc", "btc_price"})
_MOVES: Final = frozenset({"up", "down", "move"})


@dataclass(frozen=True, slots=True)
class FocusReader:
    """What is said: the items, the names of the figures given, and whether a machine and a tariff are."""

    items: Sequence[Item]
    given: frozenset[str]
    names_machine: bool
    names_power_price: bool

    def focus(self) -> Focus:
        """What the asker wants to know first."""
        concepts = {item.concept for item in self.items if item.kind is ItemKind.WORD}
        if self.names_machine and concepts & {"watch", "alert"}:
            return Focus.BTC_PRICE  # what to watch for is bitcoin's price
        if "machine_price" in self.given and self._is_to_come_back(concepts):
            return Focus.PAYBACK
        if self._per_bitcoin(concepts):
            return Focus.ENERGY_PER_BTC
        said = next((focus for concept, focus in _FOCUS if concept in concepts), Focus.PROFIT)
        return self._exactly(said, concepts)

    def _exactly(self, said: Focus, concepts: set[str]) -> Focus:
        """The figure that is asked for, where a word of it is said."""
        if said is Focus.BITCOIN and self._asks_for_net():
            return Focus.NET_BITCOIN
        if said is Focus.BTC_PRICE and self._asks_for_hashprice(concepts):
            return Focus.HASHCOST
        if said is Focus.BTC_PRICE and not self.names_power_price and self._asks_for_a_kwh():
            return Focus.POWER_PRICE
        if said is Focus.ENERGY and not self._asks_for_energy(concepts):
            said = Focus.PROFIT
        if said in (Focus.PROFIT, Focus.POWER_PRICE) and self._asks_for_the_bill(concepts):
            return Focus.ENERGY
        if said is Focus.PROFIT and (asked := self._asked(concepts)) is not None:
            return asked
        if said is Focus.PROFIT and self._asks_what_a_bitcoin_costs(concepts):
            return Focus.COST
        if said is Focus.PROFIT and self._asks_for_revenue():
            return Focus.REVENUE
        if said is Focus.PROFIT and self._asks_for_the_point(concepts):
            return Focus.BTC_PRICE
        if said in (Focus.PROFIT, Focus.BTC_PRICE) and concepts & _SEEKING_A_LIMIT:
            return self._limit(concepts) or said
        return said

    def _asks_for_net(self) -> bool:
        """True for “how many sats are left after power?”, “netto sats”, “净赚多少聪”."""
        return takes_off_costs(self.items)

    def _asks_for_hashprice(self, concepts: set[str]) -> bool:
        """True where a machine's hashprice is spoken of without being given."""
        named = "hashprice" in concepts or any(
            "hashprice" in item.text for item in self._words("breakeven_btc")
        )
        return named and self.names_machine and "hashprice" not in self.given

    def _asks_for_a_kwh(self) -> bool:
        """True for “up to what price of a kilowatt does it pay?”, which is no price of bitcoin."""
        for index, item in enumerate(self.items):
            if item.concept == "breakeven_btc" and not _OF_BITCOIN.search(item.text):
                behind = [each for each in self.items[index + 1 : index + 4] if each.text not in _ARTICLES]
                return bool(behind) and _OF_POWER.search(behind[0].text) is not None
        return False

    def _asks_for_the_bill(self, concepts: set[str]) -> bool:
        """True for “what is the monthly power bill of an S21?”, where nothing else is asked."""
        if not self.names_power_price or not self.names_machine or concepts & _OTHER_THAN_THE_BILL:
            return False
        said = " ".join(item.text for item in self.items if item.kind is ItemKind.WORD)
        return _BILL_ASKED.search(said) is not None

    def _asks_for_the_point(self, concepts: set[str]) -> bool:
        """True for “breakeven S21 7c”, which names the point; “does it break even?” asks for a yes or no."""
        if not self.names_power_price or self.given & {"btc_price", "machine_price"} or "profit" in concepts:
            return False
        return any(
            item.concept == "breakeven" and (item.text in _POINTS or before in _ITS)
            for before, item in zip(["", *(each.text for each in self.items)], self.items, strict=False)
        )

    def _asks_what_a_bitcoin_costs(self, concepts: set[str]) -> bool:
        """True for “what does a mined bitcoin cost me on an S19?”, “во сколько обходится биткоин”."""
        if not concepts & _BITCOIN or "btc_price" in self.given:
            return False
        if concepts & {*_MOVES, *_SEEKING_A_LIMIT, "what_if", "payback"}:
            return False
        if "if" in concepts and not any(_MINED.search(item.text) for item in self.items):
            return False  # not “wenn ich ihn schürfe”
        is_mined = any(_MINED.search(item.text) for item in self.items if item.kind is ItemKind.WORD)
        if is_mined and any(_COSTS.search(item.text) for item in self._words("btc_price")):
            return True  # “was kostet ein Bitcoin, wenn ich ihn schürfe”
        telling = [
            item
            for item in self.items
            if item.concept != "filler" or item.text in _ONE_OF or _OF_MINING.search(item.text)
        ]
        asking = [place for place, item in enumerate(telling) if _COSTS.search(item.text)]
        return any(
            self._is_mined(telling, index) and any(_in_one_clause(telling, index, place) for place in asking)
            for index, item in enumerate(telling)
            if item.concept == "btc"
        )

    @staticmethod
    def _is_mined(telling: Sequence[Item], index: int) -> bool:
        """True for “one bitcoin”, “mined bitcoin”, “bitcoin que mino”."""
        before, near = telling[max(0, index - 1) : index], telling[max(0, index - 2) : index + 3]
        if any(each.concept == "per" or each.text in _ONE_OF for each in before):
            return True
        return any(_MINED.search(each.text) for each in near if each.kind is ItemKind.WORD)

    def _asks_for_revenue(self) -> bool:
        """True where nothing but the income before costs is asked for."""
        said = [item for item in self.items if item.concept == "profit"]
        return bool(said) and all(_REVENUE.fullmatch(item.text) for item in said)

    def _asked(self, concepts: set[str]) -> Focus | None:
        """A figure that is asked for without a word for its limit."""
        if "btc_price" not in self.given and self._asks_for_a_price(concepts):
            return Focus.BTC_PRICE
        if not self.names_power_price and (self._asks_for_a_tariff() or self._names_a_tariff()):
            return Focus.POWER_PRICE
        if self._asks_for_hashprice(concepts):
            return Focus.HASHCOST
        first = next((item for item in self.items if item.concept != "filler"), None)
        supposes = concepts & {*_MOVES, "if", "what_if", "double", "halve"}
        if first is not None and first.concept == "btc_price" and not supposes:
            return Focus.PROFIT if "btc_price" in self.given else Focus.BTC_PRICE
        return None

    def _limit(self, concepts: set[str]) -> Focus | None:
        """The figure whose limit is sought: one that isn't given."""
        network = concepts & {"difficulty", "network", "hashrate"}
        if network and self.names_power_price and not self.given & {"difficulty", "network_hashrate_ehs"}:
            return Focus.DIFFICULTY
        asks_for_power = concepts & {"power", "kwh"} or concepts >= {"limit", "price"}
        if asks_for_power and not concepts & _BITCOIN and not self.names_power_price:
            return Focus.POWER_PRICE
        if "btc_price" in self.given:
            return None
        if concepts & _BITCOIN and self.names_power_price:
            return Focus.BTC_PRICE
        of_a_price = "price" in concepts or any(_PRICE.search(item.text) for item in self._words("limit"))
        return Focus.BTC_PRICE if "limit" in concepts and of_a_price else None

    def _words(self, concept: str) -> list[Item]:
        return [item for item in self.items if item.concept == concept]

    def _is_to_come_back(self, concepts: set[str]) -> bool:
        """True where what a machine costs is to come back."""
        return "breakeven" in concepts or any(item.text.startswith(_PAYS_BACK) for item in self.items)

    def _per_bitcoin(self, concepts: set[str]) -> bool:
        """True for the electricity of one bitcoin: “kWh per bitcoin”, “квтч на один биткоин”."""
        if "consumption" not in concepts:
            return False
        if "cost_to_mine" in concepts:
            return True
        telling = [item for item in self.items if item.concept != "filler"]
        return any(
            item.concept == "btc" and (before.concept == "per" or before.text in ("1", "один"))
            for before, item in pairwise(telling)
        )

    def _asks_for_energy(self, concepts: set[str]) -> bool:
        """True where a consumption is asked for: neither given nor only mentioned."""
        if concepts & {"profit", "breakeven"} or "power_w" in self.given:
            return False
        if not self.given and self.names_machine:
            return True  # “kwh per day bitaxe gt”
        place = next(index for index, item in enumerate(self.items) if item.concept == "consumption")
        return any(item.text.startswith(ASKED_HOW) for item in self.items[: place + 1])

    def _asks_for_a_tariff(self) -> bool:
        """True for “how much may power cost for an S17 to pay?”."""
        for index, item in enumerate(self.items):
            if item.concept != "power":
                continue
            near = [each.text for each in self.items[max(0, index - 4) : index + 4]]
            asked = any(each.text.startswith(ASKED_HOW) for each in self.items[: index + 4])
            if asked and any(text.split()[0] in _MUST for text in near if text.strip()):
                return True
        return False

    def _names_a_tariff(self) -> bool:
        """True where the price of power is spoken of without being given: it is what is asked for."""
        return any(_PRICE.search(item.text) and not item.used for item in self._words("power"))

    def _asks_for_a_price(self, concepts: set[str]) -> bool:
        """True for “what would bitcoin have to drop to for an S21 to lose money?”."""
        if not concepts & {*_MOVES, "to"} or concepts & {"if", "what_if", "half", "double"}:
            return False
        quantities = [item.quantity for item in self.items if item.quantity is not None]
        if any(quantity.unit is MeasureUnit.PERCENT for quantity in quantities):
            return False
        for index, item in enumerate(self.items):
            if item.concept in _BITCOIN:
                asked = any(each.text.startswith(ASKED_HOW) for each in self.items[max(0, index - 5) : index])
                behind = {each.concept for each in self.items[index + 1 : index + 6]}
                return asked and bool(behind & _MOVES)
        return False


def takes_off_costs(items: Sequence[Item]) -> bool:
    """True for “after power”, “netto”: of an income the costs are taken off."""
    said = " ".join(item.text for item in items if item.kind is ItemKind.WORD)
    return _NET.search(said) is not None


def _in_one_clause(items: Sequence[Item], one: int, other: int) -> bool:
    """True where nothing stands between two words that one could be said of instead of the other."""
    between = items[min(one, other) + 1 : max(one, other)]
    return not any(
        each.kind in (ItemKind.MACHINE, ItemKind.SIGN) or each.concept in _ANOTHER_CLAUSE for each in between
    )
