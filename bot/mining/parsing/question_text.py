"""A question said again as the text of a command: for buttons, and for examples that work."""

from bot.mining.machines import Catalogue, short_name
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question


def to_command_text(question: Question, catalogue: Catalogue) -> str:
    """What `parse_command` reads as the same question (but for what it asks first, which isn't retold)."""
    words = [_rig(question, catalogue)]
    if question.power_price is not None:
        words.append(_power(question.power_price))
    if question.btc_price is not None:
        words.append(f"price={_money(question.btc_price)}")
    if question.pool_fee:
        words.append(f"fee={_plain(question.pool_fee)}")
    if question.uptime != 1.0:
        words.append(f"uptime={_plain(question.uptime)}")
    if question.overhead != 1.0:
        words.append(f"pue={_plain(question.overhead)}")
    if question.fixed_cost is not None:
        words.append(f"fixed={_money(question.fixed_cost)}")
    if question.machine_price is not None:
        words.append(f"cost={_money(question.machine_price)}")
    for key, value in (
        ("difficulty", question.difficulty),
        ("network", question.network_hashrate_ehs),
        ("fees", question.fees_btc_per_block),
        ("subsidy", question.block_subsidy_btc),
    ):
        if value is not None:
            words.append(f"{key}={_plain(value)}")
    return " ".join(words)


def _rig(question: Question, catalogue: Catalogue) -> str:
    rig = question.rig
    hashrate = f"{_plain(rig.hashrate_ths)}T"
    if rig.name is None:
        return f"{hashrate}H {_plain(rig.power_w)}W"
    usual = question.scaled or any(
        (held.hashrate_ths, held.power_w) == (rig.hashrate_ths, rig.power_w)
        for held in catalogue.bins(rig.name)
    )
    name = f"{short_name(rig.name)} {hashrate}"
    return name if usual else f"{name} {_plain(rig.power_w)}W"


def _power(money: Money) -> str:
    if money.currency is Currency.EUR:
        return f"{_plain(money.amount)}€/kWh"
    return _plain(money.amount) if money.amount < 1.0 else f"{_plain(money.amount)}$/kWh"


def _money(money: Money) -> str:
    return _plain(money.amount) + ("€" if money.currency is Currency.EUR else "")


def _plain(value: float) -> str:
    """The shortest digits that read back as the same number."""
    written = repr(float(value))
    return written.removesuffix(".0").replace("e+", "e")
