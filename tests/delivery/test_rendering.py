"""Each content is rendered once for all who get the same, and nobody gets another's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.outcomes import OutgoingMessage
from bot.delivery.rendering import RenderCache, RenderError
from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch
from storage.outbox import MessageContent, MessageSubject
from storage.outbox.types import DELAYED_AFTER

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def content(body: str = "body", **changes: object) -> MessageContent:
    subject = MessageSubject("fired", "warning", NOW, body, "rule", "signal", -0.7)
    return replace(MessageContent((subject,), 1, "alert", "warning", NOW), **changes)  # type: ignore[arg-type]


def cache() -> tuple[RenderCache[MessageContent], list[MessageContent]]:
    """A cache with the contents that it had rendered."""
    rendered: list[MessageContent] = []

    def render(each: MessageContent, _now: datetime) -> OutgoingMessage:
        rendered.append(each)
        return OutgoingMessage(f"{each.subjects[0].body} {len(rendered)}")

    return RenderCache(render), rendered


def test_equal_contents_are_rendered_once() -> None:
    renderings, rendered = cache()
    texts = {renderings.message(content(), NOW + timedelta(seconds=second)).text for second in range(30)}
    assert (texts, len(rendered)) == ({"body 1"}, 1)


def test_a_rendering_is_too_old_to_share_after_half_a_minute() -> None:
    renderings, rendered = cache()
    renderings.message(content(), NOW)
    assert renderings.message(content(), NOW + timedelta(seconds=31)).text == "body 2"
    assert len(rendered) == 2


@pytest.mark.parametrize(("age", "is_late"), [(DELAYED_AFTER, True), (DELAYED_AFTER / 2, False)])
def test_what_waited_long_says_so(age: timedelta, is_late: bool) -> None:
    assert content().is_delayed(NOW + age) == is_late


def test_what_is_said_of_a_chats_own_machines_is_said_to_no_other() -> None:
    renderings, _ = cache()
    fleets = [Fleet((FleetBatch("S19", Rig(95, 3250), count),)) for count in (1, 2)]
    chats = [content(), *(content(fleet=fleet) for fleet in fleets), content(fleet=fleets[0], currency="EUR")]
    assert len({renderings.message(each, NOW).text for each in chats}) == 4
    assert renderings.message(content(fleet=Fleet(fleets[0].kinds)), NOW).text == "body 2"


def test_the_newest_renderings_are_kept() -> None:
    renderings, rendered = cache()
    for number in range(300):
        renderings.message(content(str(number)), NOW)
    assert renderings.message(content("299"), NOW).text == "299 300"
    assert renderings.message(content("44"), NOW).text == "44 45"
    renderings.message(content("43"), NOW)
    assert len(rendered) == 301


def test_a_renderer_that_fails_is_named_and_asked_again() -> None:
    failures: list[Callable[[], OutgoingMessage]] = [lambda: OutgoingMessage("fine")]

    def render(_content: MessageContent, _now: datetime) -> OutgoingMessage:
        if len(failures) == 1:
            failures.append(failures[0])
            raise KeyError("value")
        return failures[0]()

    renderings = RenderCache(render)
    with pytest.raises(RenderError, match="can't be rendered: KeyError"):
        renderings.message(content(), NOW)
    assert renderings.message(content(), NOW).text == "fine"


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "alert_group": st.integers(-3, 3),
        "kind": st.sampled_from(["alert", "fleet", "watch"]),
        "severity": st.sampled_from(["warning", "critical"]),
        "language": st.sampled_from([None, "de", "zh"]),
        "silent_below": st.integers(0, 2),
        "repeat": st.booleans(),
    },
)


@given(st.lists(st.tuples(st.text(max_size=3), CHANGES), max_size=20))
def test_nobody_is_given_the_text_of_another_content(
    wanted: list[tuple[str, dict[str, object]]],
) -> None:
    renderings: RenderCache[MessageContent] = RenderCache(lambda each, _now: OutgoingMessage(repr(each)))
    for body, changes in wanted:
        each = content(body, **changes)
        assert renderings.message(each, NOW).text == repr(each)
