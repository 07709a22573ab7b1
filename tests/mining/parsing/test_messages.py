"""What people write to a bot in five languages, and the command that answers each: `messages/*.txt`.

They were written before the words for them were; the commit that adds a list tells of its first run.
"""

from pathlib import Path

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing import nearest_messages
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.intent_table import INTENTS
from bot.mining.parsing.offered_commands import likely
from bot.mining.parsing.understanding import understand
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()
MESSAGES = Path(nearest_messages.__file__).parent / "messages"
LANGUAGES = ("de", "en", "es", "ru", "zh")


def _messages(language: str) -> list[tuple[str, str]]:
    text = (MESSAGES / "read" / f"{language}.txt").read_text(encoding="utf-8")
    pairs = (line.split(" => ") for line in text.splitlines())
    return [(each, meant) for each, meant in pairs]


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_one_in_twenty_is_not_understood_and_none_wrongly(language: str) -> None:
    messages = _messages(language)
    assert len(messages) >= 100
    read = {each: (meant, reading(each, CATALOGUE, language)) for each, meant in messages}
    missed = [each for each, (_, got) in read.items() if got == "-"]
    wrong = {each: got for each, (meant, got) in read.items() if got not in ("-", meant)}
    assert not wrong
    assert len(missed) <= len(messages) / 20


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("btc price on kraken", "price"),
        ("whats the hashprice over in kazakhstan", "hashprice"),
        ("please explain the last alert to grandma", "why"),
    ],
)
def test_of_what_is_almost_understood_the_likeliest_are_known(text: str, near: str) -> None:
    assert understand(text, CATALOGUE) is None
    requests = likely(text, CATALOGUE, Asker())
    assert near in [request.name for request in requests]
    assert len(requests) <= 2


@pytest.mark.parametrize("text", ["difficultyy", "halfing?", "whats the hashpricee", "btc prise"])
def test_a_typo_is_read_over_where_nothing_is_changed(text: str) -> None:
    assert isinstance(understand(text, CATALOGUE), CommandRequest)


@pytest.mark.parametrize("text", ["unsubscrbe", "stopo sending me alrts", "only critical pqlease"])
def test_a_typo_is_asked_about_where_something_would_be_changed(text: str) -> None:
    assert understand(text, CATALOGUE) is None
    changing = {intent.command for intent in INTENTS if intent.changes}
    assert changing & {request.name for request in likely(text, CATALOGUE, Asker())}


@pytest.mark.parametrize("text", ["don't stop", "i love pizza", "lol", "never mind", "was it worth it?"])
def test_chat_about_nothing_of_ours_changes_nothing(text: str) -> None:
    changing = {intent.command for intent in INTENTS if intent.changes} | {"mute", "quiet", "digest"}
    assert reading(text, CATALOGUE).removeprefix("/").split()[0] not in changing


@pytest.mark.parametrize(
    ("language", "text", "not_done"),
    [
        ("en", "delete all machines", "forget"),
        ("de", "lösche alle maschinen", "forget"),
        ("es", "borra todas las máquinas", "forget"),
        ("ru", "удали все машины", "forget"),
        ("zh", "删除所有机器", "forget"),
        ("en", "remove the timezone", "forget"),
        ("ru", "удали часовой пояс", "forget"),
        ("zh", "删除设置", "forget"),
        ("en", "mute every day", "mute"),
        ("ru", "тишина каждый день", "mute"),
        ("zh", "每天静音", "mute"),
        ("zh", "不用通知我", "watch"),
        ("ru", "убери рассылку", "digest"),
        ("ru", "стоп майнинг", "unsubscribe"),
        ("ru", "пауза на майнинг", "mute"),
        ("zh", "最安静的矿机", "mute"),
        ("zh", "停止挖矿的人多吗", "unsubscribe"),
        ("zh", "我退订了吗", "unsubscribe"),
        ("zh", "每天早上发总结吗", "digest"),
    ],
)
def test_a_word_beside_it_changes_what_is_done(language: str, text: str, not_done: str) -> None:
    assert reading(text, CATALOGUE, language).removeprefix("/").split()[0] != not_done
