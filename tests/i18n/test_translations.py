"""A catalogue as the program reads it."""

import pytest

from bot.i18n.translations import Translations, _entries
from tests.tools import catalogues


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_message_is_what_babel_reads(language: str) -> None:
    translations, seen = Translations(language), 0
    for message in catalogues.catalogue_of(language):
        if not message.id or message.fuzzy:
            continue
        seen += 1
        if isinstance(message.id, str):
            assert translations.gettext(message.id) == message.string
            continue
        one, many = message.id  # with several forms it is a tuple, and so is what they say
        forms = {translations.ngettext(one, many, n) for n in range(200)}
        assert forms == set(message.string or ())
    assert seen > 1000


@pytest.mark.parametrize(
    ("language", "n", "form"),
    [("de", 1, 0), ("de", 2, 1), ("ru", 21, 0), ("ru", 2, 1), ("ru", 11, 2), ("zh", 1, 0)],
)
def test_the_number_chooses_the_form(language: str, n: int, form: int) -> None:
    ids, forms = next(
        (each.id, each.string) for each in catalogues.catalogue_of(language) if isinstance(each.id, tuple)
    )
    assert isinstance(forms, tuple)
    assert Translations(language).ngettext(ids[0], ids[1], n) == forms[form]


def test_a_doubtful_message_is_left_out_and_escapes_are_read() -> None:
    lines = [
        "#, fuzzy\n",
        'msgid "one"\n',
        'msgstr "eins"\n',
        "\n",
        'msgid ""\n',
        '"two\\n"\n',
        '"\\"three\\"\\t\\\\n"\n',
        'msgstr "zwei"',
    ]
    assert list(_entries(lines)) == [{"msgid": 'two\n"three"\t\\n', "msgstr": "zwei"}]


def test_what_has_no_translation_stays_english() -> None:
    translations = Translations("de")
    assert translations.gettext("no such text") == "no such text"
    assert translations.ngettext("{n} stone", "{n} stones", 2) == "{n} stones"
