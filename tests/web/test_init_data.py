"""Who opens the Mini App: only what Telegram signed, and only for an hour."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.init_data import LASTS, InitDataError, check_init_data, signature
from tests.web.signing import init_data

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "123456:TEST-token-of-nobody"


def test_what_telegram_signed_names_the_person() -> None:
    user = check_init_data(init_data(TOKEN, 7, NOW, language="de"), TOKEN, NOW)
    assert (user.id, user.language) == (7, "de")


def test_the_rule_is_telegrams_own() -> None:
    """OpenSSL signed these fields with the key of this token."""
    fields = {"auth_date": "1700000000", "query_id": "AAE", "user": '{"id":7}'}
    assert signature(fields, "1:a") == "5889382c2b909a87cbdc06bb16def5110de1d31c4cc6cf3cbc473761b02346de"


def test_it_lasts_an_hour() -> None:
    signed = init_data(TOKEN, 7, NOW)
    assert check_init_data(signed, TOKEN, NOW + LASTS).id == 7
    with pytest.raises(InitDataError) as refused:
        check_init_data(signed, TOKEN, NOW + LASTS + timedelta(seconds=1))
    assert refused.value.expired


def test_the_future_is_refused() -> None:
    with pytest.raises(InitDataError):
        check_init_data(init_data(TOKEN, 7, NOW + timedelta(minutes=5)), TOKEN, NOW)


def test_another_bots_signature_is_refused() -> None:
    with pytest.raises(InitDataError):
        check_init_data(init_data("1:other", 7, NOW), TOKEN, NOW)


@given(st.integers(0, 10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_one_changed_character_is_refused_or_changes_nothing(place: int, character: str) -> None:
    signed = init_data(TOKEN, 7, NOW)
    place %= len(signed)
    changed = signed[:place] + character + signed[place + 1 :]
    try:
        assert check_init_data(changed, TOKEN, NOW).id == 7
    except InitDataError:
        return
    assert urlencode(dict(_pairs(changed))) == urlencode(dict(_pairs(signed)))


def _pairs(text: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl  # noqa: PLC0415 - only here

    return parse_qsl(text, keep_blank_values=True)


@given(st.text(max_size=200))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InitDataError):
        check_init_data(text, TOKEN, NOW)


@pytest.mark.parametrize(
    "user", ["", "[]", '{"id":"7"}', '{"id":true}', '{"id":-7}', '{"id":0}', "{}", "[" * 900]
)
def test_signed_data_without_a_person_is_refused(user: str) -> None:
    fields = {"auth_date": str(int(NOW.timestamp())), "user": user}
    fields["hash"] = signature(fields, TOKEN)
    with pytest.raises(InitDataError):
        check_init_data(urlencode(fields), TOKEN, NOW)
