"""Every message and keyboard in every language: nothing too long, nothing broken, nothing left in English.

Reading the snapshots of one language is reading the whole bot in it.
"""

import re
from collections.abc import Awaitable, Callable
from gettext import NullTranslations
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from handlers.language import LANGUAGES, speak
from tests.fakes.telegram_html import visible
from tests.handlers.room import opened
from tests.handlers.transcript import Transcript
from tests.handlers.walks import alarms, operators, own_topics, past, personal, trouble
from tests.handlers.walks_mining import calculator, fleet

Walk = Callable[[Transcript], Awaitable[None]]

WALKS: tuple[Walk, ...] = (
    *(own_topics, alarms, past, personal, operators, trouble),
    *(calculator, fleet),
)


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_said(
    walk: Walk, language: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    async with opened(tmp_path) as room:
        transcript = Transcript(room, language)
        await walk(transcript)
    assert "\n".join(transcript.lines) == snapshot


class Strange(NullTranslations):
    """A language whose every letter is strange, so that English that went round the catalogue is seen."""

    def gettext(self, message: str) -> str:
        """The text in strange letters, but for placeholders, tags and commands."""
        parts = re.split(r"(\{\w+\}|<[^>]*>|&\w+;|/[a-z]{3,}\b)", message)
        return "".join(part if index % 2 else part.translate(_STRANGE) for index, part in enumerate(parts))

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The form for `n`, likewise."""
        return self.gettext(one if n == 1 else many)


_STRANGE = {
    ord(first) + place: ord(strange) + place
    for first, strange in (("a", "𝖺"), ("A", "𝖠"))
    for place in range(26)
}

# Languages; units; providers, machines, pools, zones and people as they are called; settings of a question as
# they are typed; and what the walks type or a provider says, and is given back.
_NAMES = """
English Deutsch Espa ol
USD EUR BTC TH PH EH MW kW kWh MWh MB MiB UTC PUE
binance bundled chain ember company reports mempool kraken coinbase awattar test glassnode
Antminer Whatsminer AvalonMiner Tardis Hyd Pro XP Ada Miners Berlin Prague Copenhagen Europe IT North
Bitmain MicroBT Canaan Ebang Innosilicon Hummer Bee SnowPanther Bitexpress Bitfury DragonMint GMO Holic
StrongU Foundry USA MARA Pool OCEAN Unknown Core Scientific
AT BE CH CZ DE LU DK FR HU NL NO PL SE SI
price hashrate power fees difficulty halving fee uptime energy outflow hashprice capitulation
nonsense weather cheap zzz dance XX xx this Back at service unavailable OSError
"""


def left_in_english(said: str) -> list[str]:
    """The words of a text that are neither strange nor names nor what people type."""
    text = visible(re.sub(r"<code>.*?</code>|<a [^>]*>.*?</a>", " ", said))
    text = re.sub(r"/[a-z]{3,}\b|\b[a-z]+\.[\w-]+\b|\b[a-z]+(_[a-z]+)+\b", " ", text)
    return [word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in _NAMES.split()]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_nothing_is_left_in_english(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speak("zh"), "_texts", Strange())
    async with opened(tmp_path) as room:
        transcript = Transcript(room, "zh")
        await walk(transcript)
    left = {text: words for text in transcript.said if (words := left_in_english(text))}
    assert left == {}
