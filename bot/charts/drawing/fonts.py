"""The fonts of a picture: the drawing library's own, and one installed on the machine for Chinese."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager, get_font

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells of every weight a font lacks

_OWN: Final = "DejaVu Sans"  # comes with the library; Latin, Greek and Cyrillic letters
_CHINESE: Final = "zh"
_SAMPLE: Final = "价格算力较记录严重数据"  # with letters that fonts for other languages of Han lack
_FILES: Final = tuple(
    re.compile(name, re.IGNORECASE)
    for name in (
        r"NotoSans(Mono)?CJK.*Regular|NotoSansSC|NotoSansHans",
        r"SourceHanSans(SC|CN|HWSC)?[-.](Regular|VF|.*ttc)",
        r"wqy-microhei|wqy-zenhei",
        r"PingFang|Hiragino Sans GB|STHeiti",
        r"msyh\.|msyhl?\.tt|simhei|Deng\.ttf",
        r"DroidSansFallback|Arial Unicode",
    )
)
"""Fonts for simplified Chinese by their files' names, those that read best on a phone first."""


def can_write(language: str) -> bool:
    """Whether a picture can be written in a language. Blocks: it may look through the machine's fonts."""
    return language != _CHINESE or _chinese() is not None


@contextmanager
def fonts_of(language: str) -> Iterator[None]:
    """Text drawn in here is in fonts that have the language's letters, where the machine has one."""
    other = _chinese() if language == _CHINESE else None
    with rc_context({"font.family": [_OWN, other] if other else [_OWN]}):
        yield


def system_fonts() -> Sequence[str]:
    """The files of every font on the machine."""
    return findSystemFonts()


@cache
def _chinese() -> str | None:
    """The name of a font with Chinese letters, made known to the library; None when there is none."""
    for path in sorted(system_fonts(), key=_rank):
        if _rank(path)[0] < len(_FILES) and _has_letters(path):
            fontManager.addfont(path)
            return FontProperties(fname=path).get_name()
    return None


def _rank(path: str) -> tuple[int, str]:
    name = Path(path).name
    return next((place for place, form in enumerate(_FILES) if form.search(name)), len(_FILES)), path


def _has_letters(path: str) -> bool:
    try:
        font = get_font(path)
    except (OSError, RuntimeError):
        return False
    return all(font.get_char_index(ord(letter)) for letter in _SAMPLE)
