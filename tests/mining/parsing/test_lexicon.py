"""Which languages' words are read: memory is for those that are spoken."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing import lexicon
from bot.mining.parsing.items import scan
from bot.mining.parsing.word_table import WordTable
from tests.mining.parsing.readings import reading


@pytest.mark.parametrize(
    ("text", "usual", "languages"),
    [
        ("is an s19 profitable at $0.07", "en", {"en"}),
        ("рентабельно ли s19 при 5 центах", "ru", {"ru", "en"}),
        ("рентабельно ли s19 при 5 центах", "en", {"ru", "en"}),
        ("lohnt sich ein s19 bei 7 ct", "en", {"en", "de", "es"}),
        ("s19 电价 0.5 元", "zh", {"zh", "en"}),
    ],
)
def test_a_question_reads_the_words_of_the_languages_it_may_be_in(
    text: str, usual: str, languages: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = set()

    def recorded(folder: str, language: str, base: WordTable | None) -> WordTable:
        read.add(language)
        return WordTable(folder, language, base)

    monkeypatch.setattr(lexicon, "WordTable", recorded)
    scan(text, load_machines(), usual, words=lexicon.Lexicon("topics", lexicon.Lexicon(), is_lenient=True))
    assert read == languages


def test_an_ordinary_word_says_nothing_and_is_no_model_for_another() -> None:
    catalogue = load_machines()
    usual = reading("s21 at 6c", catalogue)
    assert reading("my nephew runs an s21 at 6c", catalogue) == usual
    assert "nephexw" in reading("my nephexw runs an s21 at 6c", catalogue)
    assert "village" in reading("s21 at 6c per village", catalogue)


def test_an_ordinary_word_is_unknown_where_commands_are_read() -> None:
    assert lexicon.lexicon().concept("nephew", "en") == "ordinary"
    assert lexicon.topic_lexicon().concept("nephew", "en") == ""
