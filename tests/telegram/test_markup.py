"""Long messages are cut where a reader would cut them, and every part is HTML Telegram takes."""

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.markup import MAX_UNITS, plain, split, units
from tests.fakes.telegram_html import visible

_words = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>&"), min_size=1, max_size=12
)
_pieces = st.recursive(
    st.one_of(_words, st.just("\n"), st.just(" "), st.just("&amp;"), st.just("⛏️🧱"), st.just("&#128640;")),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(["b", "i", "code", 'a href="https://example.org/?a=1&amp;b=2"']),
        st.lists(inner, max_size=6),
    ),
    max_leaves=40,
)


def test_a_short_message_stays_as_it_is() -> None:
    assert split("<b>hello</b>") == ["<b>hello</b>"]


def test_a_long_message_is_cut_at_line_ends() -> None:
    line = "<b>price</b> 20,176 &lt; 20,700\n"
    parts = split(line * 300)
    assert len(parts) > 1
    assert all(part.endswith("20,700") and part.startswith("<b>price") for part in parts)
    assert "\n".join(parts) == (line * 300).rstrip("\n")


def test_tags_open_at_a_cut_are_closed_and_opened_again() -> None:
    parts = split("<b><i>" + "word\n" * 1500 + "</i></b>")
    assert len(parts) == 2
    assert parts[0].endswith("word</i></b>")
    assert parts[1].startswith("<b><i>word")


def test_a_line_longer_than_a_message_is_cut_at_a_space() -> None:
    parts = split("word " * 1200)
    assert all(units(part) <= MAX_UNITS and part.startswith("word") for part in parts)


def test_length_is_counted_as_telegram_does() -> None:
    assert units("⛏🚀") == 3
    assert len(split("🚀" * 2048)) == 1
    assert len(split("🚀" * 2049)) == 2


def test_plain_text_is_what_a_reader_of_the_html_sees() -> None:
    assert plain('<b>3 &lt; 4</b> <a href="x">and</a> so') == "3 < 4 and so"


def test_plain_text_keeps_what_only_looks_like_a_tag() -> None:
    assert plain("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"


@given(st.lists(_pieces, max_size=12).map("".join), st.integers(8, 60))
def test_every_part_is_short_enough_valid_and_nothing_is_lost(html: str, max_units: int) -> None:
    parts = split(html, max_units)
    assert all(units(visible(part)) <= max_units for part in parts)
    text = "".join(visible(part) for part in parts)
    assert "".join(text.split()) == "".join(visible(html).split())


@given(_words.map(lambda word: word * 40), st.integers(8, 60))
def test_plain_parts_lose_nothing_either(text: str, max_units: int) -> None:
    parts = split(text, max_units, html=False)
    assert all(units(part) <= max_units for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
