"""How people ask in five languages, and what is understood: `phrasings/*.txt`."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.parsing.items import Item, ItemKind, scan
from bot.mining.parsing.lexicon import lexicon
from bot.mining.parsing.measures import MeasureUnit
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()
LANGUAGES = ("de", "en", "es", "ru", "zh")


def _phrasings(language: str) -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "phrasings" / f"{language}.txt").read_text(encoding="utf-8")
    pairs = (line.split(" => ") for line in text.splitlines() if line.strip())
    return [(phrase, meant) for phrase, meant in pairs]


PHRASINGS = [(language, *pair) for language in LANGUAGES for pair in _phrasings(language)]


def test_there_are_enough() -> None:
    assert len(PHRASINGS) >= 400
    for language in LANGUAGES:
        assert len(_phrasings(language)) >= 60


@pytest.mark.parametrize(("language", "phrase", "meant"), PHRASINGS, ids=lambda value: str(value)[:50])
def test_a_phrase_is_understood(language: str, phrase: str, meant: str) -> None:
    assert reading(phrase, CATALOGUE, language) == meant


_MEANT = [
    (language, phrase, meant)
    for language, phrase, meant in PHRASINGS
    if meant[0] not in "?-/" and "inkl" not in phrase  # what a tariff includes changes nothing
]


def _cooled_by(cooling: str) -> re.Pattern[str]:
    return re.compile(
        "|".join(
            re.escape(f"{model.split(' ', 1)[1]} ")
            for model in CATALOGUE.models
            if {each.cooling for each in CATALOGUE.bins(model)} == {cooling}
        )
    )


_HYDRO = _cooled_by("hydro")
"""The machines that are cooled by water anyway."""
_IMMERSED = _cooled_by("immersion")
"""The machines that lie in a fluid anyway."""
_IN_A_FLUID = ("immersion", "inmersión", "погружной", "浸没")
_FIGURES = re.compile(r"\d ?[kк]?(?:w|вт|千?瓦|j\b)|ватт|потребляет")
"""What a machine draws; with it the mode it runs in needs no asking."""
_ADDED = (
    "foo",
    "xyzzy",
    "9.3c",
    "12345",
    "hydro",
    "95%",
    "eco",
    "0.3usdt",
    "17",
    "€5",
    "yesterday",
    "L9",
)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(_MEANT), st.sampled_from(_ADDED), st.data())
def test_no_added_word_is_dropped_in_silence(
    phrasing: tuple[str, str, str], added: str, data: st.DataObject
) -> None:
    language, phrase, meant = phrasing
    words = phrase.split()
    place = data.draw(st.integers(0, len(words)))
    longer = " ".join((*words[:place], added, *words[place:]))
    if "hydro power" in longer.lower():
        return  # where the power is from, not how the machine is cooled
    changed = reading(longer, CATALOGUE, language)
    is_said = added in phrase or (added == "hydro" and _HYDRO.search(meant) is not None)
    is_said = is_said or (added == "eco" and _FIGURES.search(phrase.lower()) is not None)
    assert changed != meant or is_said


_LETTERS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "de": "abcdefghijklmnopqrstuvwxyzäöü",
    "es": "abcdefghijklmnopqrstuvwxyzñáé",
    "ru": "абвгдежзиклмнопрстуфхцчшыэюя",
    "zh": "楚鹿琴舟竹梅兰菊虎龙凤龟",
}
_TELLING_WORDS = {
    "en": "without double except weekends yesterday extra discount doubled immersion broken tax thousand",
    "de": "ohne doppelt außer wochenende gestern abzüglich rabatt kaputt steuer tausend dreifach",
    "es": "sin excepto ayer mañana extra descuento inmersión rota impuesto mil triple",
    "ru": "без вдвое кроме вчера завтра скидка погружной сломан налог тысяч втрое половина",
    "zh": "没有 双倍 一半 除了 周末 昨天 明天 打折 浸没 坏了 税 千",
}
"""Words that would change the answer, were it known how."""
_NO = ("without", "ohne", "sin", "без", "没有")
"""Of free power, “without power” says nothing else."""
_TAX = ("tax", "steuer", "impuesto", "налог", "税")
"""Of a price with a tax, “tax” says no more."""
_WHEN = ("tomorrow", "mañana", "завтра", "明天")
"""Of a supposition, “tomorrow” says when it is to come true."""
_LESS = ("abzüglich",)
"""Before a fee, a word for taking away says what it does anyway."""
_THOUSAND = ("thousand", "tausend", "mil", "тысяч", "千")
"""Of nothing a thousand times nothing is left."""
_PRICES_WHILE_OFF = ("3", "41", "9.3c")
"""Of a machine that runs in some hours only, what power costs in the others says nothing."""
_FIGURES_ADDED = (
    "3",
    "41",
    "9.3c",
    "41%",
    "2x",
    "123T",
    "4.4kW",
    "€5",
    "1.5k",
    "2024",
    "20 EUR",
    "-3%",
    "11 TH",
)


_MODEL = re.compile(r"[A-Z]\d\d\w*")


@settings(deadline=None, max_examples=600)
@given(st.sampled_from(_MEANT), st.data())
def test_a_word_anywhere_in_any_language_changes_the_answer_or_is_asked_about(
    phrasing: tuple[str, str, str], data: st.DataObject
) -> None:
    language, phrase, meant = phrasing
    letters = st.text(_LETTERS[language], min_size=1 if language == "zh" else 5, max_size=9).filter(
        lambda word: (
            not any(lexicon().concept(word, code) for code in (language, "en"))
            and not lexicon().near(word, (language, "en"))
        )
    )
    added = data.draw(
        st.one_of(
            letters,
            st.sampled_from(_TELLING_WORDS[language].split()),
            st.sampled_from(_FIGURES_ADDED),
        )
    )
    words = phrase.split()
    place = data.draw(st.integers(0, len(words)))
    changed = reading(" ".join((*words[:place], added, *words[place:])), CATALOGUE, language)
    says_the_same = (added in _NO and "power_price=0 " in meant) or (
        added in _TAX and ("incl" in phrase or "power_tax" in meant)
    )
    says_the_same |= "uptime=" in meant and added in _PRICES_WHILE_OFF
    says_the_same |= added in _IN_A_FLUID and _IMMERSED.search(meant) is not None
    says_the_same |= added == "1.5k" and "=1500 " in meant
    says_the_same |= added in _THOUSAND and re.search(r"(?<![\d.,])0(?![\d.,])", phrase) is not None
    says_the_same |= (added in _WHEN and "what if" in meant) or (added in _LESS and "pool_fee" in meant)
    says_the_same |= added == "tausend" and "mehr als" in phrase  # what the profit is compared with
    says_the_same |= "uptime=" in meant and added.isdecimal()  # what power costs while it's off
    behind = words[place].strip("?!.,").upper() if place < len(words) else ""
    says_the_same |= added.isdecimal() and bool(_MODEL.fullmatch(behind)) and behind not in meant  # denied
    says_the_same |= added == "abzuglich" and behind == "STROM"  # what is left after power: the profit
    assert changed != meant or added in phrase.lower() or says_the_same


_NAMEPLATE = (MeasureUnit.THS, MeasureUnit.T, MeasureUnit.WATTS, MeasureUnit.J_PER_TH)
"""A machine's own figures may be the usual ones, which go without saying."""


def _is_nameplate_behind(previous: Item, items: Sequence[Item]) -> bool:
    """True behind a machine, or within the bracket that follows one: “S19 (95/3250)”."""
    place = next(place for place, item in enumerate(items) if item is previous)
    while place and (items[place].text in ("(", "/") or items[place].text.isdigit()):
        place -= 1
    return items[place].kind is ItemKind.MACHINE


def _says_nothing_more(item: Item, meant: str) -> bool:
    """True for the S21 in “not the S21, the S19 XP”, and the number of the “three tariffs” that follow."""
    if item.quantity is not None and item.quantity.unit is MeasureUnit.NUMBER:
        return "peak=" in meant and item.quantity.small == meant.count("peak=") + 1
    models = () if item.mention is None else item.mention.models
    names = [model.removeprefix("Antminer ").removeprefix("Whatsminer ") for model in models]
    return bool(names) and not any(name in meant for name in names)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(_MEANT), st.data())
def test_no_figure_or_machine_is_dropped_in_silence(
    phrasing: tuple[str, str, str], data: st.DataObject
) -> None:
    language, phrase, meant = phrasing
    items = scan(phrase, CATALOGUE, language).items
    telling = [
        item
        for item, previous in zip(items, [None, *items], strict=False)
        if item.kind is ItemKind.MACHINE
        or (
            item.quantity is not None
            and item.quantity.unit not in _NAMEPLATE
            and item.quantity.small != 1  # “one S19”
            and not (item.text.isdigit() and previous is not None and _is_nameplate_behind(previous, items))
        )
    ]
    texts = [item.text for item in items]
    telling = [item for item in telling if texts.count(item.text) == 1]  # “S19 12ct or S21 12ct”
    telling = [item for item in telling if not _says_nothing_more(item, meant)]
    if "uptime=" in meant:  # what power costs while the machine is off changes nothing
        telling = [
            item
            for item in telling
            if item.quantity is None
            or (item.quantity.unit is not MeasureUnit.MONEY and item.text.isdigit())
            or f"power_price={item.quantity.small:g} " in meant
        ]
    left_out = data.draw(st.sampled_from(telling)) if telling else None
    if left_out is None:
        return
    rest = " ".join(item.text for item in items if item is not left_out)
    assert reading(rest, CATALOGUE, language) != meant
