"""Whether a text asks about a setting instead of changing it (“what am I subscribed to?”), or says yes or no.

Questions that politely ask to do something (“can you be quiet?”) are none of these.
"""

import re
from functools import cache
from typing import Final

from bot.mining.parsing.roles import word_set, words_of

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
            r"(?:estoy|tengo) (?:\w+ )*(?:alertas?|avisos?|señal\w*|suscri\w+|silencia\w+|apuntad\w+"
            r"|inscrit\w+|activa\w*|configurad\w+|puest\w+|mutead\w+)\b",
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
_WHEN: Final = (
    _START
    + r"(?:(?:when|how often|at what|who|what|which)(?: [\w']+){0,3} (?:do|does|did|is|are|was|were|has|have"
    + r"|kind|sort)\b"
    + r"|(?:did|does|has) (?:you|u|it|they|the|this|that)\b|(?:do|have) (?:you|u|they)\b"
    + r"|(?:wann|wie oft|was|wer|welche\w*)(?: \w+)? (?:wird|werden|kommt|kommen|ist|sind|geht|gehen|löst"
    + r"|lösen|schlägt|schlagen|war|waren|hast|hat)\b|(?:hast|habt) (?:du|ihr)\b"
    + r"|wie (?:sieht|sehen|lautet|lauten|klingt|klingen)\b"
    + r"|(?:a partir de )?(?:cuándo|cuando|qué|quién|cómo|como) (?:se|es|son|está|están|salta|suena|llega"
    + r"|viene|fue)\b"
    + r"|qué(?: \w+)? (?:has|mandaste|enviaste|salió|es|son|fue)\b|has \w+[ai]do\b)"
)

_ENDS: Final = " .!?,。！？，)"
_SENTENCE_END: Final = re.compile(r"[.!?;。！？；]+")
_RECKONED: Final = (
    r"(?:and |but |und |y |pero |а |и |ну )?(?:"
    r"how (?:did|do) (?:you|u)"
    r" (?:get|got|come (?:up with|to)|calculate|compute|reckon|work out|figure|arrive at)"
    r"(?: (?:that|this|it|those|these)(?: (?:number|figure|result|out|profit)s?)?)?"
    r"|how (?:is|was|are) (?:that|this|it|those) (?:calculated|computed|reckoned|worked out)"
    r"|(?:show|give) (?:me )?(?:the |your )?(?:maths?|calculations?|workings?|steps)"
    r"|explain (?:the |your )?(?:maths?|calculation|numbers|result)"
    r"|where (?:do|does|did) (?:that|this|it|those|these)(?: (?:number|figure|result|profit)s?)? come from"
    r"|wie (?:kommst|kamst) du (?:auf (?:das|die|den)(?: \w+)?|darauf|da ?drauf|dazu)"
    r"|wie (?:hast|haste) du das (?:be|aus|er)?(?:ge)?rechnet"
    r"|wie (?:ist|wird|wurde) das (?:be|ge|aus)\w*rechnet"
    r"|rechne (?:mir )?(?:das )?(?:mal )?vor|zeig (?:mir )?(?:mal )?(?:den rechenweg|die rechnung)|rechenweg"
    r"|woher kommt (?:das|die zahl|der gewinn)"
    r"|c[óo]mo (?:lo )?(?:calculaste|has calculado|calculas|sacaste|obtuviste|llegaste a)"
    r"(?: (?:eso|ese \w+))?"
    r"|c[óo]mo se (?:calcula|calculó)(?: eso)?|mu[ée]strame (?:el cálculo|las cuentas)"
    r"|de d[óo]nde (?:sale|salen|sacas)(?: (?:eso|ese \w+|esos \w+))?"
    r"|как (?:ты |вы )?(?:это |так )?(?:по|рас|под|на)?(?:с?читал|получил|вычислил)\w*(?: это)?"
    r"|как это (?:посчитано|рассчитано|считается|получилось|вышло)"
    r"|откуда (?:это|эти цифры|такие цифры|такая цифра|эта цифра|столько)|покажи (?:расч[её]т|вычисления)"
    r"|(?:这|这个|那)?(?:是)?(?:你)?(?:怎么|如何)(?:算|计算|得)(?:出来|出|来)?的|计算过程(?:呢)?|怎么算出来的"
    r")"
)
"""A question how the answer right before it came about."""
_TAKEN_BACK: Final = word_set("asked_about", "taken_back")
"""What also undoes what was done right before."""
_CANCELLED: Final = _TAKEN_BACK | word_set("asked_about", "forgotten")
_YES: Final = word_set("asked_about", "yes")
_NO: Final = word_set("asked_about", "no")
_POLITELY: Final = words_of("asked_about", "politely")
"""What may stand beside a yes or a no."""
_AGREED: Final = word_set("asked_about", "agreed")
"""What takes note of an answer, and takes up an offer."""
_WORDS: Final = re.compile(r"[^,.!?。！？，]+")
_SOUNDS: Final = word_set("asked_about", "sounds")


def chats(plain: str) -> bool:
    """True for a normalized text that is no more than a sound: “hmm”, “wow”, “ого”."""
    return plain.strip(_ENDS) in _SOUNDS


def answers_yes_or_no(plain: str) -> bool:
    """True for a normalized text that only says yes or no."""
    return says_yes(plain) or says_no(plain)


def says_yes(plain: str) -> bool:
    """True for a normalized text that says yes and nothing else: “yes please, save it”."""
    return _says_only(plain, _YES)


def says_no(plain: str) -> bool:
    """The same for no."""
    return _says_only(plain, _NO)


def agrees(plain: str) -> bool:
    """True for “ok”, which takes note of an answer, and takes up an offer."""
    return plain.strip(_ENDS) in _AGREED


def cancels(plain: str) -> bool:
    """True for a normalized text that only takes back what was said before, or would be."""
    return _says_only(plain, _CANCELLED)


def asks_how_reckoned(plain: str) -> bool:
    """True for a normalized text that only asks how an answer came about: “how did you get that?”."""
    return _compiled(_RECKONED).fullmatch(plain.strip(_ENDS + "¿¡")) is not None


def takes_back(plain: str) -> bool:
    """True for the words among these that undo what was done right before: “cancel that”."""
    return plain.strip(_ENDS) in _TAKEN_BACK


def _says_only(plain: str, answers: frozenset[str]) -> bool:
    """True where each part of a text is one of these answers, perhaps politely, and one at least is."""
    parts = [part.strip() for part in _WORDS.findall(plain)]
    said = [part for part in parts if part and part not in _POLITELY]
    return bool(said) and all(_is_one(part, answers) for part in said)


def _is_one(part: str, answers: frozenset[str]) -> bool:
    """True for one of these answers, or two in a row: “yes save it”."""
    short = _without_politeness(part)
    head, _, rest = short.partition(" ")
    return part in answers or short in answers or (head in answers and rest in answers)


_AHEAD: Final = tuple(f"{word}{'' if word > '一' else ' '}" for word in _POLITELY)
_BEHIND: Final = tuple(f"{'' if word > '一' else ' '}{word}" for word in _POLITELY)
"""The same before and behind an answer; Chinese words stand without a space."""


def _without_politeness(part: str) -> str:
    if part.startswith(_AHEAD) or part.endswith(_BEHIND):
        for ahead, behind in zip(_AHEAD, _BEHIND, strict=True):
            part = part.removesuffix(behind).removeprefix(ahead)
    return part


def asks_what_is_set(plain: str) -> bool:
    """True for a question about what the asker has set, in a sentence of a normalized text."""
    return any(_compiled(_STATE).match(sentence) for sentence in _SENTENCE_END.split(plain))


def asks_when(plain: str) -> bool:
    """True for a question when an alert comes or what it is like, in a normalized text: no order."""
    return any(_compiled(_WHEN).match(sentence) for sentence in _SENTENCE_END.split(plain))


def asks_how(plain: str) -> bool:
    """True for a question how or why something is done, or what should be, in a normalized text."""
    return any(_compiled(_HOW).match(sentence) for sentence in _SENTENCE_END.split(plain))


_POLITE: Final = re.compile(
    r"\b(?:can|could|would|will|please|pls|kannst|könntest|würdest|bitte|puedes|podr[ií]as|por favor|можешь"
    r"|можете|пожалуйста)\b|能|可以|请|[好行]吗"
)
_ASKED_IN_CHINESE: Final = re.compile(r"(?:吗|了没|没有)[ 。!！]*$")


def is_bare_question(plain: str) -> bool:
    """True for a few words that ask, and ask nobody to do anything: “weekly summary?”, 我退订了吗."""
    asks = plain.rstrip().endswith(("?", "？")) or _ASKED_IN_CHINESE.search(plain) is not None
    return asks and _POLITE.search(plain) is None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled for the first text that would change something."""
    return re.compile(pattern)
