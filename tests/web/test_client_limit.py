"""How much one address may ask, and which address that is."""

from hypothesis import given
from hypothesis import strategies as st

from bot.web.client_limit import RateLimit, client_address, client_key

PROXIES = frozenset({"127.0.0.1", "10.0.0.2"})


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_no_more_than_the_burst_and_the_rate_get_through(gaps: list[float]) -> None:
    limit = RateLimit(burst=5, per_second=2)
    at, passed = 0.0, 0
    for gap in gaps:
        at += gap
        passed += limit.take("192.0.2.1", at) == 0
    assert passed <= 5 + 2 * sum(gaps[1:]) + 1e-6


@given(st.floats(0.1, 100), st.floats(0.1, 100))
def test_who_waits_as_long_as_told_gets_through(burst: float, per_second: float) -> None:
    limit = RateLimit(burst=max(1.0, burst), per_second=per_second)
    at = 0.0
    while (wait := limit.take("192.0.2.1", at)) == 0:
        at += 1e-6
    assert limit.take("192.0.2.1", at + wait + 1e-6) == 0


def test_addresses_do_not_share_a_limit_and_a_home_network_has_one() -> None:
    limit = RateLimit(burst=1, per_second=1)
    assert limit.take("192.0.2.1", 0) == 0
    assert limit.take("192.0.2.1", 0) > 0
    assert limit.take("192.0.2.2", 0) == 0
    assert client_key("2001:db8:1:2:3::4") == client_key("2001:db8:1:2:ffff::9")
    assert client_key("2001:db8:1:2::1") != client_key("2001:db8:1:3::1")
    assert client_key("::ffff:192.0.2.1") == client_key("192.0.2.1")


def test_the_address_is_the_last_one_that_no_proxy_of_ours_has() -> None:
    assert client_address("192.0.2.1", "198.51.100.9", PROXIES) == "192.0.2.1"
    assert client_address("127.0.0.1", "", PROXIES) == "127.0.0.1"
    assert client_address("127.0.0.1", "1.1.1.1, 198.51.100.9", PROXIES) == "198.51.100.9"
    assert client_address("127.0.0.1", "1.1.1.1, 198.51.100.9, 10.0.0.2", PROXIES) == "198.51.100.9"


@given(st.text(max_size=60))
def test_any_header_gives_some_client(header: str) -> None:
    assert client_key(client_address("127.0.0.1", header, PROXIES))
