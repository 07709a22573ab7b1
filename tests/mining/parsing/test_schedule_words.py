"""When messages come, in plain words: hours with their half of the day, days, a city's clock, corrections."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.offered_commands import likely
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("summary every evening at 9", "en", "/digest 21"),
        ("every evening at 21 a summary", "en", "/digest 21"),
        ("digest daily at 12am", "en", "/digest 0"),
        ("no messages from 2 at night to 9 in the morning", "en", "/quiet 2-9"),
        ("jeden abend um neun eine zusammenfassung", "de", "/digest 21"),
        ("keine nachrichten von 1 uhr nachts bis 7 uhr", "de", "/quiet 1-7"),
        ("un resumen cada noche a las nueve", "es", "/digest 21"),
        ("хочу сводку каждый вечер в девять", "ru", "/digest 21"),
        ("не беспокоить с 2 ночи до 9 утра", "ru", "/quiet 2-9"),
        ("每天晚上九点发摘要", "zh", "/digest 21"),
        ("每天早上八点半发个日报", "zh", "/digest 8:30"),
        ("每天早上8点15分发日报", "zh", "/digest 8:15"),
    ],
)
def test_an_hour_is_of_the_half_of_the_day_that_is_said(text: str, language: str, right: str) -> None:
    assert reading(text, CATALOGUE, language) == right


@pytest.mark.parametrize(
    ("text", "language", "offered"),
    [
        ("send me a summary every weekday... actually just daily at 7:15 am", "en", "digest 7:15"),
        ("mute for 2 hours, sorry, 3 hours", "en", "mute 3h"),
        ("daily digest at 8, no wait, 9", "en", "digest 9"),
        ("schick mir montags, nein lieber freitags um 9 eine zusammenfassung", "de", "digest friday 9"),
        ("stumm für 2 stunden, ach nein, 3 stunden", "de", "mute 3h"),
        ("silencio 2 horas, no, mejor 3 horas", "es", "mute 3h"),
        ("un resumen cada lunes, perdón, cada martes a las 9", "es", "digest tuesday 9"),
        ("помолчи 2 часа, точнее 3 часа", "ru", "mute 3h"),
        ("сводка по понедельникам в 8, нет, лучше в 9", "ru", "digest monday 9"),
        ("静音2小时，不对，3小时", "zh", "mute 3h"),
        ("每周一早上8点发摘要，不对，9点", "zh", "digest monday 9"),
    ],
)
def test_what_is_taken_back_is_not_done_and_what_is_meant_is_offered(
    text: str, language: str, offered: str
) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    first = likely(text, CATALOGUE, Asker(language))[0]
    assert f"{first.name} {first.arguments}".strip() == offered


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("digest every two weeks", "en"),
        ("digest monday to friday at 8", "en"),
        ("weekday summary at 8", "en"),
        ("zusammenfassung werktags um 8", "de"),
        ("zusammenfassung alle zwei wochen", "de"),
        ("resumen de lunes a viernes a las 8", "es"),
        ("сводка по будням в 8", "ru"),
        ("工作日早上8点发摘要", "zh"),
    ],
)
def test_days_that_a_summary_cannot_have_are_asked_about(text: str, language: str) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    first = likely(text, CATALOGUE, Asker(language))[0]
    assert (first.name, first.arguments) == ("digest", "")


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("nothing between 11pm and 6:30am please, I'm in Chicago", "en", "/quiet 23-6:30 America/Chicago"),
        ("quiet from 10pm to 7am Berlin time", "en", "/quiet 22-7 Europe/Berlin"),
        ("daily summary at 8 am, new york time", "en", "/digest 8 America/New_York"),
        ("do not disturb 22-7, london", "en", "/quiet 22-7 Europe/London"),
        ("nachts von 23 bis 7 uhr nichts schicken, ich wohne in Wien", "de", "/quiet 23-7 Europe/Vienna"),
        ("jeden tag um 7:30 ein bericht, berliner zeit", "de", "/digest 7:30 Europe/Berlin"),
        (
            "de 11 de la noche a 8 de la mañana no me escribas, hora de Buenos Aires",
            "es",
            "/quiet 23-8 America/Argentina/Buenos_Aires",
        ),
        ("nada entre las 23 y las 7, estoy en Madrid", "es", "/quiet 23-7 Europe/Madrid"),
        ("un resumen diario a las 8, hora de México", "es", "/digest 8 America/Mexico_City"),
        ("с часу ночи до девяти утра по Москве не беспокоить", "ru", "/quiet 1-9 Europe/Moscow"),
        ("ничего не присылай с 23 до 7, я в Алматы", "ru", "/quiet 23-7 Asia/Almaty"),
        ("сводка каждый день в 8 по московскому времени", "ru", "/digest 8 Europe/Moscow"),
        ("晚上十一点到早上七点免打扰，北京时间", "zh", "/quiet 23-7 Asia/Shanghai"),
        ("我在上海，23点到7点不要打扰", "zh", "/quiet 23-7 Asia/Shanghai"),
    ],
)
def test_hours_are_of_the_clock_of_a_place_that_is_named(text: str, language: str, right: str) -> None:
    assert reading(text, CATALOGUE, language) == right


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("nothing between 11pm and 6am", "en", "/quiet 23-6"),
        ("Zwischen 22:30 und 6 Uhr will ich nichts hören", "de", "/quiet 22:30-6"),
        ("nada de 23 a 7", "es", "/quiet 23-7"),
        ("be quiet till friday at nine", "en", "/mute till friday at 9"),
        ("Bitte Ruhe bis Montag früh um neun", "de", "/mute bis montag früh um 9"),
        ("silencio hasta el lunes a las nueve", "es", "/mute hasta el lunes a las 9"),
        ("静音到周一早上九点", "zh", "/mute 到周一早上9点"),
    ],
)
def test_hours_of_silence_may_be_words(text: str, language: str, right: str) -> None:
    assert reading(text, CATALOGUE, language) == right


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("schalt die Ruhezeiten wieder ein", "de"),
        ("schalte die Ruhezeit ein", "de"),
        ("turn quiet hours on", "en"),
        ("turn quiet hours back on", "en"),
        ("no quiet hours set yet?", "en"),
    ],
)
def test_quiet_hours_do_not_end_where_they_are_to_begin(text: str, language: str) -> None:
    assert reading(text, CATALOGUE, language) != "/quiet off"
