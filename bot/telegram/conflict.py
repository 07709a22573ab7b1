"""Decide which of several programs that poll with one token goes on.

Telegram ends the earlier of two getUpdates requests with HTTP 409 and serves the later. A program that has
polled alone for a moment is *established* and polls again at once when it is cut off; one that is not yet
established waits first. So the established program cuts a newcomer off again before that one counts as alone,
and the newcomer gives up after a few tries. Whoever gives up was cut off by somebody else's request, which
goes on: two programs never give up over each other.
"""

from collections.abc import Callable
from typing import Final

LONG_POLL_S: Final = 10
_PROBE_S: Final = 2  # the poll of a program that was cut off and wants to know whether it is alone now
_ALONE_S: Final = 1.9  # a poll that lasted this long was alone: an established rival asks again in 0.2 s
_AGAIN_S: Final = 0.2
_PAUSE_S, _JITTER_S = 2.2, 1.0  # longer than _ALONE_S: whoever cut this one off is established by then
_LARGEST_SCALE: Final = 8
_TRIES: Final = 4  # about twelve seconds
_DISPUTE_S: Final = 20.0  # two established programs that cut each other off this long both start over
_FORGOTTEN_S: Final = 60.0  # without an answer for this long the other may have taken over


class ConflictPolicy:
    """One program's side. Times are seconds of a clock that never goes back; `random` gives 0 to 1."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self.is_established = False
        self._scale = 1  # doubles when two programs took themselves for alone: the network is that slow
        self._refusals = 0
        self._alone_since: float | None = None
        self._disputed_since: float | None = None
        self._answered_at: float | None = None

    @property
    def poll_s(self) -> int:
        """How long the next poll should last; short ones soon show whether this program is alone."""
        is_calm = self._refusals == 0 and self._disputed_since is None
        return LONG_POLL_S if is_calm else _PROBE_S * self._scale

    def on_request(self, now: float) -> None:
        """A poll goes out."""
        if self._alone_since is None:
            self._alone_since = now

    def on_answer(self, now: float) -> None:
        """A poll was answered."""
        self._answered_at = now
        if self._was_alone(now):
            self.is_established, self._refusals, self._disputed_since = True, 0, None

    def on_failure(self, now: float) -> None:
        """A poll failed for a reason that says nothing about other programs."""
        self._alone_since = None
        if self._answered_at is None or now - self._answered_at > _FORGOTTEN_S:
            self.is_established = False

    def on_conflict(self, now: float) -> float | None:
        """A poll was cut off: seconds to wait before the next one; None: give up."""
        if not self.is_established and self._was_alone(now):
            self.is_established, self._refusals = True, 0
        self._alone_since = None
        if self.is_established:
            if self._disputed_since is None:
                self._disputed_since = now
            if now - self._disputed_since < _DISPUTE_S * self._scale:
                return _AGAIN_S
            self.is_established, self._disputed_since = False, None
            self._scale = min(2 * self._scale, _LARGEST_SCALE)
        self._refusals += 1
        if self._refusals > _TRIES:
            return None
        return (_PAUSE_S + _JITTER_S * self._random()) * self._scale

    def _was_alone(self, now: float) -> bool:
        return self._alone_since is not None and now - self._alone_since >= _ALONE_S * self._scale
