"""What is understood but would change something nobody clearly asked for: offered, not done."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.offered_commands import likely
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "language", "offered"),
    [
        ("weekly summary?", "en", "digest weekly 8"),
        ("no pings before 9am", "en", "quiet 22-9"),
        ("keine meldungen nach 22 uhr", "de", "quiet 22-7"),
        ("i dont want power price alerts", "en", "unsubscribe energy_price"),
        ("subscribe me to just the outflow thing", "en", "subscribe only miner_outflow"),
        ("para", "es", "unsubscribe"),
        ("empty my fleet", "en", "fleet clear"),
        ("bestell die kapitulationsalarme ab", "de", "unsubscribe capitulation"),
        ("everything but energy please", "en", "subscribe except energy_price"),
        ("alles außer strom bitte", "de", "subscribe except energy_price"),
        ("todo menos la electricidad", "es", "subscribe except energy_price"),
        ("всё кроме электричества", "ru", "subscribe except energy_price"),
        ("schalt die hashrate-alarme wieder ein", "de", "subscribe hashrate_decline"),
        ("kein interesse an strompreisen", "de", "unsubscribe energy_price"),
        ("only ping me in the daytime", "en", "quiet"),
        ("turn my miners off except when power is cheap", "en", "fleet hours"),
        ("mute everything except critical", "en", "subscribe critical"),
        ("notify me about everything other than fees", "en", "subscribe"),
        ("sold my s9", "en", "fleet remove s9"),
        ("I would have bought 3 s21", "en", "fleet add 3 s21"),
        ("bought s21s", "en", "fleet add S21"),
        ("one of my s19 died", "en", "fleet remove 1 s19"),
        ("should i have sold 4 s19?", "en", "fleet remove 4 s19"),
        ("i ordered 3 s21", "en", "fleet add 3 s21"),
        ("я в Екатеринбурге", "ru", "quiet Asia/Yekaterinburg"),
        ("ich sitze in Zürich", "de", "quiet Europe/Zurich"),
        ("and what day", "en", "retarget"),
        ("sold 5 of them", "en", "fleet"),
        ("hab 5 davon verkauft", "de", "fleet"),
        ("卖了5台", "zh", "fleet"),
        ("my friend sold 2 s19", "en", "fleet remove 2 s19"),
        ("i only care about hashrate", "en", "subscribe only hashrate_decline"),
        ("mich interessiert nur der abfluss", "de", "subscribe only miner_outflow"),
        ("solo me interesa la caída del precio", "es", "subscribe only price_drawdown"),
        ("интересует только отток с майнеров", "ru", "subscribe only miner_outflow"),
        ("只关心矿工卖币的信号", "zh", "subscribe only miner_outflow"),
        ("my power is now 5 cents", "en", "fleet power 5 cents"),
        ("schmeiß meine daten weg", "de", "forget"),
        ("hätte ich 3 S21 gekauft", "de", "fleet add 3 s21"),
    ],
)
def test_it_is_offered(text: str, language: str, offered: str) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    first = likely(text, CATALOGUE, Asker(language))[0]
    assert f"{first.name} {first.arguments}".strip() == offered


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("could you send me a weekly summary?", "/digest weekly 8"),
        ("plot hashprice 1y", "/chart hashprice 1y"),
        ("what is my power price set to", "/fleet"),
        ("unpin it", "/pin off"),
        ("take 4 of the m20s out of my fleet, sold them", "/fleet remove 4 m20s"),
        ("a card to share: s19 6c", "/share s19 6c"),
        ("give me a shout if bitcoin doubles", "/watch price rises 100% in 365d"),
        ("show prices in rubles", "/currency RUB"),
        ("alert me about everything except power", "/subscribe except energy_price"),
        ("stop everything but hashrate alerts", "/subscribe only hashrate_decline"),
        ("why doesn't it answer in our group", "/in_groups"),
    ],
)
def test_what_is_clear_is_done(text: str, right: str) -> None:
    assert reading(text, CATALOGUE) == right


@pytest.mark.parametrize(
    ("text", "language", "offered"),
    [
        ("时区改成上海 货币用人民币", "zh", ["quiet Asia/Shanghai", "currency CNY"]),
        ("говори по русски и время по москве", "ru", ["settings ru", "quiet Europe/Moscow"]),
        ("timezone berlin and currency eur", "en", ["quiet Europe/Berlin", "currency EUR"]),
        ("Sprache Englisch und Zeitzone Wien", "de", ["settings en", "quiet Europe/Vienna"]),
    ],
)
def test_of_two_settings_at_once_none_is_dropped(text: str, language: str, offered: list[str]) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    near = likely(text, CATALOGUE, Asker(language))
    assert [f"{each.name} {each.arguments}" for each in near] == offered


@pytest.mark.parametrize(("text", "language"), [("delete all alerts", "en"), ("删掉所有提醒", "zh")])
def test_alerts_that_are_to_go_are_not_all_that_is_kept(text: str, language: str) -> None:
    assert reading(text, CATALOGUE, language) == "/watches"


def test_all_alone_offers_no_subscription() -> None:
    assert [each.name for each in likely("скинул все девятки", CATALOGUE, Asker("ru"))] == ["fleet"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("don't mute me", "en"),
        ("don't unsubscribe me", "en"),
        ("don't delete my data", "en"),
        ("schalt mich nicht stumm", "de"),
        ("no me silencies", "es"),
        ("не отключай уведомления", "ru"),
        ("别静音", "zh"),
    ],
)
def test_whoever_wants_no_end_is_offered_none(text: str, language: str) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    offered = [each.name for each in likely(text, CATALOGUE, Asker(language))]
    assert offered[0] == "settings"
    assert not {"mute", "quiet", "unsubscribe", "forget"} & set(offered)


@pytest.mark.parametrize(
    "text", ["mute, don't send alerts", "no alerts, only price", "without fees, hashprice"]
)
def test_a_no_beside_something_else_denies_no_figure(text: str) -> None:
    assert reading(text, CATALOGUE, "en") == "-"
