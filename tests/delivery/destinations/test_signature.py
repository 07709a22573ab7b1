"""Signatures after Standard Webhooks."""

from base64 import b64decode
from datetime import UTC, datetime

from bot.delivery.destinations import signature


def test_the_published_example_of_the_scheme() -> None:
    headers = signature.headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_derived_from_the_token_and_the_salt() -> None:
    key = signature.secret_key("123:abc")
    secret = signature.secret(key, "salt")
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret == signature.secret(signature.secret_key("123:abc"), "salt")
    assert secret != signature.secret(key, "another salt")
    assert secret != signature.secret(signature.secret_key("123:xyz"), "salt")


def test_while_a_secret_is_rotated_both_sign() -> None:
    first, second = (signature.secret(b"key", salt) for salt in "ab")
    at, body = datetime(2026, 11, 20, tzinfo=UTC), b"{}"
    both = signature.headers([second, first], "msg_1", at, body)["webhook-signature"].split(" ")
    alone = [signature.headers([each], "msg_1", at, body)["webhook-signature"] for each in (second, first)]
    assert both == alone
    assert alone[0] != alone[1]
