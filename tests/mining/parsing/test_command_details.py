"""What is offered with the figures, times and names that a text says, not only the bare command."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.reader import likely
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


def _offered(text: str, language: str) -> list[str]:
    assert reading(text, CATALOGUE, language)[0] in "-?"
    return [f"{each.name} {each.arguments}".strip() for each in likely(text, CATALOGUE, Asker(language))]


@pytest.mark.parametrize(
    ("text", "language", "offered"),
    [
        ("could ya hush up for like 2h or so", "en", "mute 2h"),
        ("zip it till 8pm wouldya", "en", "mute till 8pm"),
        ("помолчи-ка до восьми вечера братан", "ru", "mute до 8 вечера"),
        ("i'd love some peace and quiet, 23 to 7 ideally", "en", "quiet 23-7"),
        ("would love a lil rundown at 9 each morning", "en", "digest 9"),
        ("stell alles auf euro um", "de", "currency EUR"),
        ("валюту на евро смени", "ru", "currency EUR"),
        ("pásate al español porfi", "es", "settings es"),
        ("enséñame cómo ha ido el precio desde 2020", "es", "chart price 2020+"),
        ("meine flotte läuft jetzt auf 15 cent strom", "de", "fleet power 15 cent"),
        ("la luz me sale a 11 céntimos", "es", "fleet power 11 céntimos"),
        ("me cobran 11 céntimos por kwh", "es", "fleet power 11 céntimos por kwh"),
        ("i pay 11 cents for power", "en", "fleet power 11 cents"),
        ("electricity here costs 11 cents a kwh", "en", "fleet power 11 cents"),
        ("bei mir kostet der strom 28 cent", "de", "fleet power 28 cent"),
        ("wir zahlen 11 ct pro kwh", "de", "fleet power 11 ct"),
        ("электричество обходится в 5 центов", "ru", "fleet power 5 центов"),
        ("свет стоит 5 центов", "ru", "fleet power 5 центов"),
        ("我这边电费4美分", "zh", "fleet power 4 美分"),
        ("please only bug me about hashrate stuff okay", "en", "subscribe only hashrate_decline"),
        ("nur den hashrate-rückgang melden", "de", "subscribe only hashrate_decline"),
        ("убери сигнал по цене, остальное пусть идет", "ru", "unsubscribe price_drawdown"),
    ],
)
def test_a_likely_command_says_what_the_text_says_of_it(text: str, language: str, offered: str) -> None:
    assert offered in _offered(text, language)


def test_a_length_that_is_not_known_is_not_made_up() -> None:
    assert not [each for each in _offered("hush hush for xyz hours dude", "en") if each[:5] == "mute "]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mute for a few hours", "en"),
        ("sei mal still für paar stunden alter", "de"),
        ("silencio unas horas", "es"),
        ("тихо несколько часов", "ru"),
        ("安静几个小时", "zh"),
    ],
)
def test_several_hours_are_not_one(text: str, language: str) -> None:
    assert reading(text, CATALOGUE, language) in ("/mute", "-")
