"""Texts that go on from the command done last, in five languages."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.reader import likely, understand
from bot.mining.question import Question

CATALOGUE = load_machines()
WATCH = "watch price below 90000"


def _goes_on(done: str, text: str, language: str) -> str:
    """The command that a text behind a command is read as; "" when it is offered or asked about."""
    name, _, arguments = done.partition(" ")
    before = CommandDone(CommandRequest(name, arguments))
    try:
        read = understand(text, CATALOGUE, Asker(language), before=before)
    except InvalidQuestion:
        return ""
    return f"{read.name} {read.arguments}".strip() if isinstance(read, CommandRequest) else ""


@pytest.mark.parametrize(
    ("done", "text", "language", "command"),
    [
        ("price", "and in euro?", "en", "price EUR"),
        ("price", "und in Euro?", "de", "price EUR"),
        ("hashprice", "¿y en euros?", "es", "hashprice EUR"),
        ("price", "а в евро?", "ru", "price EUR"),
        ("price", "用欧元呢", "zh", "price EUR"),
        ("hashrate", "show me the chart", "en", "chart hashrate"),
        ("difficulty", "zeig mir das als Bild", "de", "chart difficulty"),
        ("fees", "enséñame el gráfico", "es", "chart fees"),
        ("hashrate", "покажи график", "ru", "chart hashrate"),
        ("hashrate", "给我看图表", "zh", "chart hashrate"),
        ("chart hashrate 90d", "and over 4 years?", "en", "chart hashrate 4y"),
        ("chart hashrate 4y", "und die Schwierigkeit?", "de", "chart difficulty 4y"),
        ("chart price 1y", "desde el último halving", "es", "chart price halving+"),
        ("chart price 1y", "с начала года?", "ru", "chart price ytd"),
        ("chart price 90d", "难度呢", "zh", "chart difficulty 90d"),
        ("hashrate", "watch it", "en", "watch usual hashrate"),
        ("hashprice", "beobachte das", "de", "watch usual hashprice"),
        ("difficulty", "avísame", "es", "watch usual difficulty"),
        ("hashrate", "следи за этим", "ru", "watch usual hashrate"),
        ("price", "盯着它", "zh", "watch usual price"),
        ("hashprice", "tell me when it drops below 40", "en", "watch hashprice below 40"),
        ("status", "why?", "en", "why phase"),
        ("status", "warum?", "de", "why phase"),
        ("status", "¿por qué?", "es", "why phase"),
        ("status", "почему?", "ru", "why phase"),
        ("status", "为什么?", "zh", "why phase"),
        (WATCH, "make it 95k instead", "en", "watch instead price below 95000"),
        (WATCH, "doch lieber 95k", "de", "watch instead price below 95000"),
        (WATCH, "ändere das auf 95k", "de", "watch instead price below 95000"),
        (WATCH, "mejor 95k", "es", "watch instead price below 95000"),
        (WATCH, "лучше 95к", "ru", "watch instead price below 95000"),
        (WATCH, "改成95k", "zh", "watch instead price below 95000"),
        (WATCH, "rather above 100k", "en", "watch instead price above 100000"),
        (f"{WATCH} for 2d", "95k", "en", "watch instead price below 95000 for 2d"),
        (WATCH, "delete it again", "en", "watch undo"),
        (WATCH, "undo", "en", "watch undo"),
        (WATCH, "lösch das wieder", "de", "watch undo"),
        (WATCH, "bórralo", "es", "watch undo"),
        (WATCH, "удали это", "ru", "watch undo"),
        (WATCH, "删掉它", "zh", "watch undo"),
        ("fleet add 20 s19", "sold 5 of them", "en", "fleet remove 5 s19"),
        ("fleet add 20 s19", "hab 5 davon verkauft", "de", "fleet remove 5 s19"),
        ("fleet add 20 s19", "vendí 5", "es", "fleet remove 5 s19"),
        ("fleet add 20 s19", "продал 5", "ru", "fleet remove 5 s19"),
        ("fleet add 20 s19", "卖了5台", "zh", "fleet remove 5 s19"),
        ("fleet at barn add 20 s19", "undo", "en", "fleet at barn remove 20 s19"),
        ("fleet remove 5 s19", "undo that", "en", "fleet add 5 s19"),
        ("mute 3h", "undo", "en", "unmute"),
    ],
)
def test_a_text_goes_on_from_the_command_before(done: str, text: str, language: str, command: str) -> None:
    assert _goes_on(done, text, language) == command


@pytest.mark.parametrize(
    ("done", "text"),
    [
        (WATCH, "delete all"),
        (WATCH, "delete my data"),
        (WATCH, "btc at 95k"),
        (WATCH, "95 c"),
        ("watch price below 90000 or hashprice < 40", "95k"),
        ("watch retarget below -5%", "make it 3%"),
        ("settings", "undo"),
        ("button", "undo"),
        ("fleet add 20 s19, 5 s21", "sold 5 of them"),
        ("fleet remove s19", "undo"),
        ("fleet add 20 s19 power 6c", "undo"),
        ("fleet add 20 s19", "sold some of them"),
        ("halving", "and in euro?"),
    ],
)
def test_what_is_not_clear_changes_nothing(done: str, text: str) -> None:
    assert not _goes_on(done, text, "en").startswith(("watch undo", "watch instead", "fleet", "unmute"))


@pytest.mark.parametrize(
    ("done", "text", "command"),
    [
        ("price", "and hashrate?", "hashrate"),
        (WATCH, "price?", "price"),
        ("hashrate", "chart of the difficulty", "chart difficulty"),
        ("hashrate", "alert me when btc drops below 60k", "watch price below 60000"),
        ("price", "thanks", "thanks"),
    ],
)
def test_what_names_its_own_subject_is_read_for_itself(done: str, text: str, command: str) -> None:
    assert _goes_on(done, text, "en") == command


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("and in a week?", "en"),
        ("and next month?", "en"),
        ("und in einem Jahr?", "de"),
        ("¿y en una semana?", "es"),
        ("а через неделю?", "ru"),
        ("一周后呢", "zh"),
    ],
)
def test_no_chart_shows_a_time_to_come(text: str, language: str) -> None:
    assert not _goes_on("price", text, language).startswith("chart")


def test_machines_sold_behind_a_question_about_them_are_offered_not_noted() -> None:
    question = understand("20 s19 at 6c", CATALOGUE)
    assert isinstance(question, Question)
    for text, language in (("sold 5 of them", "en"), ("hab 5 davon verkauft", "de"), ("卖了5台", "zh")):
        assert understand(text, CATALOGUE, Asker(language), before=question) is None
        offered = likely(text, CATALOGUE, Asker(language), question)
        assert offered == [CommandRequest("fleet", "remove 5 S19")]
