"""The two dates of an episode, said as what they are: since when it is true, and when its rule fired."""

from collections.abc import Callable
from datetime import datetime

from bot.i18n.message import Translator


def episode_dates(
    began: datetime | None,
    fired: datetime | None,
    t: Translator,
    when: Callable[[datetime | None], str],
) -> str:
    """“since 10 Jun 2022, alert on 14 Jun 2022”; one date where both are the same.

    A rule fires when its condition has held for some days; `began` is the moment (UTC, the data's own) from
    which it was true. `when` says a moment.
    """
    since, on = when(began), when(fired)
    if fired is None or since == on:
        # Translators: {moment} is a day, or a day and time.
        return t("since {moment}", moment=since)
    # Translators: of a rule that fires; {moment} and {fired} are days.
    return t("since {moment}, alert on {fired}", moment=since, fired=on)
