"""Texts that go on from the command done last, in five languages."""

from dataclasses import replace

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.reader import likely, understand
from bot.mining.past import PastRequest
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
        ("watch price below 40,000 USD", "actually 38", "en", "watch instead price below 38000 USD"),
        ("watch price below 40,000 USD", "lieber 38", "de", "watch instead price below 38000 USD"),
        (
            "watch hashprice below 50 USD/PH/day",
            "mejor 60",
            "es",
            "watch instead hashprice below 60 USD/PH/day",
        ),
        ("watch price below 40,000 USD", "лучше 38 тысяч", "ru", "watch instead price below 38000 USD"),
        ("watch price below 70,000 USD", "改成7万2", "zh", "watch instead price below 72000 USD"),
        ("watch price below 40,000 USD", "no, above", "en", "watch instead price above 40,000 USD"),
        ("watch price below 40,000 USD", "nein, darüber", "de", "watch instead price above 40,000 USD"),
        ("watch price below 40,000 USD", "no, por encima", "es", "watch instead price above 40,000 USD"),
        ("watch price below 40,000 USD", "нет, выше", "ru", "watch instead price above 40,000 USD"),
        ("watch price below 40,000 USD", "不，高于", "zh", "watch instead price above 40,000 USD"),
        ("watch hashrate drops 10 % in 14d", "make it 15%", "en", "watch instead hashrate drops 15% in 14d"),
        ("watch price below 40,000 USD", "also at 38k", "en", "watch price below 38000 USD"),
        ("watch price below 40,000 USD", "auch bei 38k", "de", "watch price below 38000 USD"),
        ("watch price below 40,000 USD", "también a 38k", "es", "watch price below 38000 USD"),
        ("watch price below 40,000 USD", "и ещё 38к", "ru", "watch price below 38000 USD"),
        ("watch price below 40,000 USD", "还有3万8", "zh", "watch price below 38000 USD"),
        ("watch difficulty above 90 T", "make it 95T", "en", "watch instead difficulty above 95 T"),
        ("digest monday 7", "daily", "en", "digest 7"),
        ("quiet 23-7", "no, 10pm to 6am", "en", "quiet 22-6"),
        ("quiet 23-7", "lieber 22 bis 6", "de", "quiet 22-6"),
        ("quiet 23-7", "mejor de 22 a 6", "es", "quiet 22-6"),
        ("quiet 23-7", "лучше с 22 до 6", "ru", "quiet 22-6"),
        ("quiet 23-7", "改成22点到6点", "zh", "quiet 22-6"),
        ("digest monday 7", "make that 7:45", "en", "digest monday 7:45"),
        ("digest monday 7", "no, fridays", "en", "digest friday 7"),
        ("digest 7", "lieber um 8", "de", "digest 8"),
        ("digest 7", "mejor a las 8", "es", "digest 8"),
        ("digest 7", "лучше в 8", "ru", "digest 8"),
        ("digest 7", "改成8点", "zh", "digest 8"),
        ("mute 3h", "make it 5 hours", "en", "mute 5h"),
        ("mute 3h", "lieber 5 Stunden", "de", "mute 5h"),
        ("mute 3h", "mejor 5 horas", "es", "mute 5h"),
        ("mute 3h", "лучше 5 часов", "ru", "mute 5h"),
        ("mute 3h", "改成5小时", "zh", "mute 5h"),
        ("currency EUR", "no, CHF", "en", "currency CHF"),
        ("currency EUR", "lieber CHF", "de", "currency CHF"),
        ("currency EUR", "mejor en francos suizos", "es", "currency CHF"),
        ("currency EUR", "лучше в долларах", "ru", "currency USD"),
        ("currency EUR", "还是人民币吧", "zh", "currency CNY"),
        ("settings de", "no, spanish", "en", "settings es"),
        ("mute 3h", "no wait, 5", "en", "mute 5h"),
        ("quiet Europe/Berlin", "no, london", "en", "quiet Europe/London"),
        ("subscribe energy_price", "and hashrate too", "en", "subscribe hashrate_decline"),
        ("subscribe energy_price", "und die Hashrate auch", "de", "subscribe hashrate_decline"),
        ("subscribe all", "but not energy", "en", "unsubscribe energy_price"),
        ("subscribe all", "aber nicht Energie", "de", "unsubscribe energy_price"),
        ("subscribe all", "pero no la energía", "es", "unsubscribe energy_price"),
        ("subscribe all", "但不要电价", "zh", "unsubscribe energy_price"),
        ("fleet add 20 s19", "no, 30", "en", "fleet add 10 s19"),
        ("fleet add 20 s19", "nein, 15", "de", "fleet remove 5 s19"),
        ("chart hashrate 1y", "no, difficulty", "en", "chart difficulty 1y"),
        ("chart price 2022", "and the year before", "en", "chart price 2021"),
        ("chart price 2022", "und das Jahr davor?", "de", "chart price 2021"),
        ("history", "and the one before?", "en", "history"),
        ("history", "und die davor?", "de", "history"),
        ("history", "¿y la anterior?", "es", "history"),
        ("history", "а предыдущая?", "ru", "history"),
        ("history", "再上一次呢", "zh", "history"),
        ("chart price 2022", "and the one before?", "en", "chart price 2021"),
        ("halving", "the one before?", "en", "halving"),
        ("halving", "das davor?", "de", "halving"),
        ("price", "and in a year?", "en", "forecast"),
        ("price", "und in einem Jahr?", "de", "forecast"),
        ("price", "¿y en un año?", "es", "forecast"),
        ("price", "а через год?", "ru", "forecast"),
        ("price", "一年后呢？", "zh", "forecast"),
        ("hashrate", "and next month?", "en", "ahead"),
        ("price", "no, hashprice", "en", "hashprice"),
        ("price", "nein, die Hashrate", "de", "hashrate"),
        ("fleet add 20 s19", "sold 5 of them", "en", "fleet remove 5 s19"),
        ("fleet add 20 s19", "hab 5 davon verkauft", "de", "fleet remove 5 s19"),
        ("fleet add 20 s19", "vendí 5", "es", "fleet remove 5 s19"),
        ("fleet add 20 s19", "продал 5", "ru", "fleet remove 5 s19"),
        ("fleet add 20 s19", "卖了5台", "zh", "fleet remove 5 s19"),
        ("fleet at barn add 20 s19", "undo", "en", "fleet at barn remove 20 s19"),
        ("fleet remove 5 s19", "undo that", "en", "fleet add 5 s19"),
        ("mute 3h", "undo", "en", "unmute"),
        ("mute 3h", "ok, darfst wieder", "de", "unmute"),
        ("chart hashprice 90d", "same for difficulty", "en", "chart difficulty 90d"),
        ("chart hashprice 90d", "now the hashrate", "en", "chart hashrate 90d"),
        ("chart price 90d", "dasselbe nochmal für difficulty", "de", "chart difficulty 90d"),
        ("chart price 91d", "ahora el de la dificultad", "es", "chart difficulty 91d"),
        ("chart price 90d", "теперь то же для хешрейта", "ru", "chart hashrate 90d"),
        ("chart price 90d", "现在看算力", "zh", "chart hashrate 90d"),
        ("retarget", "up or down you think?", "en", "retarget"),
        ("retarget", "rauf oder runter?", "de", "retarget"),
        ("retarget", "sube o baja?", "es", "retarget"),
        ("retarget", "вверх или вниз?", "ru", "retarget"),
        ("retarget", "涨还是跌", "zh", "retarget"),
        ("price", "up or down you think?", "en", "forecast"),
        ("hashrate", "is it going up?", "en", "ahead"),
        ("retarget", "the one before?", "en", "chart difficulty 90d"),
        ("subscribe energy_price", "ok add miner outflow too", "en", "subscribe miner_outflow"),
        ("subscribe", "no just hashrate", "en", "subscribe only hashrate_decline"),
        ("subscribe", "nah, only the price drop one", "en", "subscribe only price_drawdown"),
        ("subscribe", "ne, nur hashrate", "de", "subscribe only hashrate_decline"),
        ("subscribe", "no, solo el hashrate", "es", "subscribe only hashrate_decline"),
        ("subscribe", "не, давай тока по хешрейту", "ru", "subscribe only hashrate_decline"),
        ("subscribe", "不，只要算力", "zh", "subscribe only hashrate_decline"),
        ("subscribe critical", "hmm no gimme the warnings as well", "en", "subscribe all warning"),
        ("subscribe critical", "ne, die warnungen auch", "de", "subscribe all warning"),
        ("subscribe critical", "no, los avisos también", "es", "subscribe all warning"),
        ("subscribe critical", "нет, предупреждения тоже", "ru", "subscribe all warning"),
        ("subscribe critical", "警告也要", "zh", "subscribe all warning"),
        ("subscribe critical", "and no warnings please", "en", "subscribe critical"),
        ("quiet 23-8", "нет, с полуночи", "ru", "quiet 0-8"),
        ("quiet 23-7", "改成12点开始", "zh", "quiet 0-7"),
        ("quiet 22-6", "nee, erst ab 23 uhr", "de", "quiet 23-6"),
        ("quiet 22-6", "mejor hasta las 8", "es", "quiet 22-8"),
        ("quiet 22-6 Europe/Berlin", "make it until 7:30", "en", "quiet 22-7:30 Europe/Berlin"),
        ("watches", "delete the second one", "en", "watches"),
        ("watches", "den ersten kannst wegtun", "de", "watches"),
        ("watches", "quita la primera", "es", "watches"),
        ("watches", "второе удали", "ru", "watches"),
        ("watches", "第二个删了", "zh", "watches"),
        ("price", "а в рублях?", "ru", "price RUB"),
        ("settings es", "nvm english", "en", "settings en"),
        ("retarget", "y hacia dónde?", "es", "retarget"),
        ("fees", "in euros?", "en", "fees EUR"),
        ("halving", "а прошлый когда был", "ru", "halving"),
        ("watch hashrate drops 10% in 7d", "mejor 15", "es", "watch instead hashrate drops 15% in 7d"),
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
        (WATCH, "make it 3"),
        ("mute 3h", "this month"),
        ("fleet add 20 s19", "30"),
        ("fleet add 20 s19 power 6c", "no, 30"),
        ("digest 7", "20 machines"),
        ("digest 7", "0.07"),
        ("quiet 23-7", "20 machines for 7"),
        ("subscribe all", "no, stop"),
        ("watch price below 90000 or hashprice < 40", "95k"),
        ("watch retarget below -5%", "make it 3%"),
        ("settings", "undo"),
        ("button", "undo"),
        ("fleet add 20 s19, 5 s21", "sold 5 of them"),
        ("fleet remove s19", "undo"),
        ("fleet add 20 s19 power 6c", "undo"),
        ("fleet add 20 s19", "sold some of them"),
        ("halving", "and in euro?"),
        ("fleet add 20 s19", "delete the second one"),
        (WATCH, "delete the second one"),
        ("quiet 22-6", "make it 7"),
        ("subscribe critical", "no warnings"),
    ],
)
def test_what_is_not_clear_changes_nothing(done: str, text: str) -> None:
    changing = ("watch undo", "watch instead", "fleet", "unmute", "digest", "quiet", "unsubscribe", "mute")
    assert not _goes_on(done, text, "en").startswith(changing)


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


@pytest.mark.parametrize(
    ("done", "text", "language", "command"),
    [
        ("fleet add 3 s21", "quita uno", "es", "fleet remove 1 s21"),
        ("fleet add 3 s21", "убери один", "ru", "fleet remove 1 s21"),
        ("fleet add 3 s21", "去掉一台", "zh", "fleet remove 1 s21"),
        ("fleet add 3 s21", "remove one", "en", "fleet remove 1 s21"),
        ("mute 30min", "no, mejor una hora", "es", "mute 1h"),
        ("mute 2h", "make it half an hour", "en", "mute 30min"),
        ("mute 2h", "an hour ago?", "en", ""),
        ("mute 1h", "не, до вечера, часов до восьми", "ru", "mute до вечера, часов до 8"),
        ("subscribe hashrate_decline", "价格回撤的也加上", "zh", "subscribe price_drawdown"),
    ],
)
def test_a_part_of_what_was_done_is_changed(done: str, text: str, language: str, command: str) -> None:
    assert _goes_on(done, text, language) == command


@pytest.mark.parametrize(
    ("offered", "text", "language", "anew"),
    [
        ("mute 30min", "no, mejor una hora", "es", "mute 1h"),
        ("subscribe hashrate_decline", "价格回撤的也加上", "zh", "subscribe price_drawdown"),
        ("subscribe all", "strompreis brauch ich doch nicht", "de", "subscribe except energy_price"),
        ("currency EUR", "doch wieder dollar", "de", "currency USD"),
        ("price", "and in euro?", "en", "price EUR"),
    ],
)
def test_what_was_only_offered_is_offered_anew(offered: str, text: str, language: str, anew: str) -> None:
    before = CommandDone(CommandRequest("offer"), offered=(_request(offered),))
    assert understand(text, CATALOGUE, Asker(language), before=before) is None
    assert likely(text, CATALOGUE, Asker(language), before) == [_request(anew)]


@pytest.mark.parametrize(
    ("done", "text", "language", "anew"),
    [
        ("subscribe all", "strompreis brauch ich doch nicht", "de", "unsubscribe energy_price"),
        ("subscribe all", "能源价格不需要", "zh", "unsubscribe energy_price"),
        ("subscribe energy_price", "цена энергии не нужна", "ru", "unsubscribe energy_price"),
    ],
)
def test_a_signal_that_is_not_needed_is_offered_to_end(
    done: str, text: str, language: str, anew: str
) -> None:
    before = CommandDone(_request(done))
    assert understand(text, CATALOGUE, Asker(language), before=before) is None
    assert likely(text, CATALOGUE, Asker(language), before) == [_request(anew)]


def test_another_level_behind_a_watch_that_was_offered_is_shown() -> None:
    before = CommandDone(CommandRequest("offer"), offered=(_request("watch hashprice below 40"),))
    read = understand("давай лучше 35", CATALOGUE, Asker("ru"), before=before)
    assert read == _request("watch hashprice below 35")


def test_what_asks_for_itself_does_not_go_on_from_an_offer() -> None:
    before = CommandDone(CommandRequest("offer"), offered=(_request("mute 30min"),))
    assert understand("btc price", CATALOGUE, Asker("en"), before=before) == _request("price")


@pytest.mark.parametrize(
    ("text", "language", "span"),
    [("y hace un mes?", "es", "90d"), ("und vor fünf monaten?", "de", "1y"), ("а 2 года назад?", "ru", "2y")],
)
def test_a_chart_offered_for_a_time_gone_by_reaches_as_far(text: str, language: str, span: str) -> None:
    near = likely(text, CATALOGUE, Asker(language), CommandDone(CommandRequest("hashprice")))
    assert near == [CommandRequest("chart", f"hashprice {span}")]


def _request(line: str) -> CommandRequest:
    name, _, arguments = line.partition(" ")
    return CommandRequest(name, arguments)


def test_machines_sold_behind_a_question_about_them_are_offered_not_noted() -> None:
    question = understand("20 s19 at 6c", CATALOGUE)
    assert isinstance(question, Question)
    for text, language in (("sold 5 of them", "en"), ("hab 5 davon verkauft", "de"), ("卖了5台", "zh")):
        assert understand(text, CATALOGUE, Asker(language), before=question) is None
        offered = likely(text, CATALOGUE, Asker(language), question)
        assert offered == [CommandRequest("fleet", "remove 5 S19")]


def test_another_machine_is_to_reach_the_same_goal() -> None:
    before = understand("i need 500 usd a month, how many s21 at 6c", CATALOGUE)
    assert isinstance(before, GoalRequest)
    answered = replace(before.question, count=2)
    done = CommandDone(CommandRequest("breakeven"), answered, goal=before.goal)
    other = understand("and with an s19 xp?", CATALOGUE, before=done)
    assert isinstance(other, GoalRequest)
    assert (other.question.rig.name, other.question.count) == ("Antminer S19 XP", 1)
    assert other.goal == before.goal
    five = understand("and 5 of them", CATALOGUE, before=done)
    assert not isinstance(five, GoalRequest)


def test_a_time_gone_by_goes_on_from_another() -> None:
    done = CommandDone(CommandRequest("breakeven"), parse_command("s19 6c", CATALOGUE))
    assert isinstance(understand("and last month", CATALOGUE, before=done), PastRequest)
