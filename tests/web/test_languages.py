"""Which language a page is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.translator import LANGUAGES
from bot.web.languages import accepted


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,es;q=0.5,en;q=0.4", "es"),
        ("en;q=0.1, zh-CN;q=0.9", "zh"),
        ("pt-BR", "en"),
        ("ru;q=0", "en"),
        ("*", "en"),
        ("de;q=nonsense, ru;q=0.3", "ru"),
    ],
)
def test_the_best_language_of_ours_is_taken(header: str, language: str) -> None:
    assert accepted(header) == language


@given(st.text(max_size=600))
def test_any_header_gives_a_language(header: str) -> None:
    assert accepted(header) in LANGUAGES
