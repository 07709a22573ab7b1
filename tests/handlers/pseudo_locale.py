"""A language that puts every translated text into ⟦brackets⟧, so that whatever was forgotten shows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from string import Formatter

import pytest

from bot.data.catalogue import load_machines
from bot.i18n import translator
from tests.fakes.telegram_html import visible

CODE = "de"
"""Whose Telegram speaks this is spoken to in the language of brackets, with numbers as in German."""

_OPEN, _CLOSE = "⟦", "⟧"


class Pseudo(translator.LocaleTranslator):
    """The texts as they are in English, in brackets; figures and names put into them stay outside."""

    def __call__(self, text: str, /, **values: object) -> str:
        if self.code != CODE:
            return super().__call__(text, **values)
        return _filled(text, values) if values else _bracketed(text)

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        if self.code != CODE:
            return super().plural(one, many, n, **values)
        return _filled(one if n == 1 else many, {"n": self.number(n), **values})

    def span(self, length: timedelta) -> str:
        return self._said(super().span(length))

    def after(self, length: timedelta) -> str:
        return self._said(super().after(length))

    def day(self, at: date, skeleton: str) -> str:
        return self._said(super().day(at, skeleton))

    def weekday(self, day: int) -> str:
        return self._said(super().weekday(day))

    def listed(self, parts: Sequence[str]) -> str:
        return ", ".join(parts) if self.code == CODE else super().listed(parts)

    def either(self, parts: Sequence[str]) -> str:
        return ", ".join(parts) if self.code == CODE else super().either(parts)

    def _said(self, text: str) -> str:
        return _bracketed(text) if self.code == CODE else text


@contextmanager
def spoken(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """While this lasts, the language of brackets is spoken in place of German."""
    with patch.context() as patched:
        patched.setattr(translator, "LocaleTranslator", Pseudo)
        translator.translator_for.cache_clear()
        yield
    translator.translator_for.cache_clear()


def _filled(text: str, values: Mapping[str, object]) -> str:
    """Only what the text itself says is in brackets, each piece by itself."""
    return "".join(
        _bracketed(each) + (str(values[name]) if name is not None else "")
        for each, name, _, _ in Formatter().parse(text)
    )


def _bracketed(text: str) -> str:
    return f"{_OPEN}{text}{_CLOSE}" if text else ""


_CODES = "USD EUR BTC PUE UTC MiB KiB CPU JSON SHA"
_UNITS = "TH/s PH/s EH/s J/TH TH PH kW MW W T h d c/kWh kWh MWh c k min s ms"


def _alone(words: str) -> str:
    """A pattern for these words; digits may stand right before them."""
    return rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, words.split()))})(?![^\W\d_])"


NO_LANGUAGE = {
    r"</?[a-z]+>": "tags",
    r"<code>.*?</code>": "what can be typed",
    r"t\.me/\w+": "links into Telegram",
    r"/[a-z]{3,}\w*": "commands",
    _alone(_CODES): "codes of currencies, of time, of measures",
    _alone(_UNITS): "units",
    r"\b(?:btc|power|gas|fx)\.[\w.-]+": "names of series, as /chart takes them",
    r"\b[a-z]+_[a-z_.]+\b|\bcapitulation\b": "names of signals and rules, as commands take them",
    r"\b[A-Z]{2}(?:-[A-Z]{2})*\d?\b": "bidding zones",
    r"\b(?:Europe|Asia|America)/\w+": "time zones",
    r"\b(?:English|Deutsch|Español|Русский|中文)": "languages, each by its own name",
    r"\b[a-z-]+=\S*": "what can be typed in a question",
}
"""What may stand outside the brackets, by pattern, and what it is."""

_MACHINES = load_machines()
_NAMES = re.compile(
    "|".join(
        re.escape(name)
        for name in sorted(
            {machine.model for machine in _MACHINES.machines}
            | {machine.maker for machine in _MACHINES.machines}
            | {machine.model.split(" ", 1)[-1] for machine in _MACHINES.machines},
            key=len,
            reverse=True,
        )
    )
)


def english(said: str, *, echoed: Sequence[str] = ()) -> list[str]:
    """The words of a text (HTML) that no catalogue could translate.

    `echoed` is what people typed or are called, and other names.
    """
    text = re.sub(r"<code>.*?</code>", " ", said, flags=re.DOTALL)
    text = visible(text)
    text = re.sub(f"{_OPEN}[^{_CLOSE}]*(?:{_CLOSE}|$)", " ", text)
    for each in sorted(echoed, key=len, reverse=True):
        text = text.replace(each, " ")
    text = _NAMES.sub(" ", text)
    for pattern in NO_LANGUAGE:
        text = re.sub(pattern, " ", text)
    return re.findall(r"[^\W\d_]{2,}[^\n]*", text)
