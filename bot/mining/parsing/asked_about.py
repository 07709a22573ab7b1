"""Whether a text asks about a setting instead of changing it (“what am I subscribed to?”), or says yes or no.

Questions that politely ask to do something (“can you be quiet?”) are none of these.
"""

import re
from functools import cache
from typing import Final

_START: Final = (
    r"^[\W_]*(?:(?:hey|hi|hello|ok|okay|so|and|und|hallo|oye|hola|y|и|а|привет|你好|请问)\b[\W_]*)?"
)
_CLAUSE: Final = r"\b[^.!,;。！，；]*"
_STATE: Final = (
    _START
    + "(?:"
    + "|".join(
        (
            rf"(?:what|which|when|whose){_CLAUSE}\b(?:i|i'm|me|my|subscribed|set up|active)\b",
            r"(?:am|did|do|have) i\b",
            rf"(?:was|welche\w*|wann|worauf|wofür|wovon){_CLAUSE}\b(?:ich|mein\w*|mich|abonniert|eingestellt)\b",
            r"(?:bin|hab|habe) ich\b",
            rf"(?:qué|cuál\w*|cuándo|a qué|que (?:alertas|avisos|señales)){_CLAUSE}"
            r"\b(?:tengo|estoy|suscrito|suscrita|activas?)\b",
            r"(?:estoy|tengo)\b",
            rf"(?:что|какие|какая|какой|когда|на что|о чём|о чем){_CLAUSE}\b(?:я|мои|мой|подписан\w*|меня)\b",
            r"(?:я )?подписан\w*\b(?! меня)",
            r"我[^。！，；]*(?:哪些|了什么|什么时候|几点)|(?:哪些|什么时候|几点)[^。！，；]*我",
        )
    )
    + ")"
)
_HOW: Final = (
    _START
    + r"(?:(?:what|which) (?:would|should|could|do you)\b|should i\b"
    + r"|(?:was|welche\w*) (?:soll|würdest|sollte|empfiehlst)\w*\b|(?:soll|sollte) ich\b"
    + r"|(?:qué|cuál\w*) (?:me )?(?:recomiendas|sugieres|debería|conviene)\b"
    + r"|(?:что|на что|какие) (?:мне )?(?:посоветуе\w+|лучше|стоит)\b|(?:推荐|建议)"
    + r"|(?:how (?:do|can|to|would|could|should)|where (?:do|can)|why|can i|could i)\b"
    + r"|(?:wie (?:kann|könnte|geht|mach\w*|stell\w*|bestell\w*|schalt\w*|werd\w*|krieg\w*|bekomm\w*)|wo kann"
    + r"|warum|wieso|kann ich)\b"
    + r"|(?:cómo|como (?:puedo|me|se|hago)|dónde|por qué|puedo)\b"
    + r"|(?:как|где|почему|зачем|можно ли|могу ли)\b"
    + r"|.*(?:怎么|怎样|如何|为什么|为何))"
)

_ENDS: Final = " .!?,。！？，)"
_SENTENCE_END: Final = re.compile(r"[.!?;。！？；]+")
_CANCELLED: Final = frozenset(
    {"cancel", "cancel that", "never mind", "nevermind", "nvm", "forget it", "forget that", "nah forget that",
     "abbrechen", "vergiss es", "ne doch nicht", "doch nicht", "lass mal", "cancelar", "cancela", "olvídalo",
     "olvidalo", "déjalo", "отмена", "отмени", "забей", "не надо", "уже не надо", "算了", "取消", "不用",
     "不要了", "当我没说"}
)  # fmt: skip
_ANSWERS: Final = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "y", "sure", "ok yes", "yes please", "no thanks",
     "go ahead", "do it", "save it", "confirm", "confirmed", "ja", "jap", "jo", "jup", "nein", "nö",
     "ne danke", "ja bitte", "mach das", "mach es", "speichern", "bestätigt", "sí", "si",
     "claro que sí", "guárdalo", "sí guárdalo", "si guardalo", "hazlo", "confirmo", "vale sí",
     "no gracias", "да", "ага", "угу", "нет", "неа", "да пожалуйста", "сохрани", "сохрани это",
     "подтверждаю", "давай", "对", "是的", "好的呀", "对的", "不是", "不对", "不用了", "保存吧", "确认", "是"}
)  # fmt: skip


def answers_yes_or_no(plain: str) -> bool:
    """True for a normalized text that only says yes or no."""
    return plain.strip(_ENDS) in _ANSWERS


def cancels(plain: str) -> bool:
    """True for a normalized text that only takes back what was said before, or would be."""
    return plain.strip(_ENDS) in _CANCELLED


def asks_what_is_set(plain: str) -> bool:
    """True for a question about what the asker has set, in a sentence of a normalized text."""
    return any(_compiled(_STATE).match(sentence) for sentence in _SENTENCE_END.split(plain))


def asks_how(plain: str) -> bool:
    """True for a question how or why something is done, or what should be, in a normalized text."""
    return any(_compiled(_HOW).match(sentence) for sentence in _SENTENCE_END.split(plain))


_POLITE: Final = re.compile(
    r"\b(?:can|could|would|will|please|pls|kannst|könntest|würdest|bitte|puedes|podr[ií]as|por favor|можешь"
    r"|можете|пожалуйста)\b|能|可以|请|吗"
)


def is_bare_question(plain: str) -> bool:
    """True for a few words with a question mark that ask nobody to do anything: “weekly summary?”."""
    return plain.rstrip().endswith(("?", "？")) and _POLITE.search(plain) is None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled for the first text that would change something."""
    return re.compile(pattern)
