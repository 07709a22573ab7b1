"""Machines that a text names only to say that another one is meant: “not the S21, the S19 XP”."""

import re
from typing import Final

from bot.mining.parsing.clarifications import open_word
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set

_ARTICLE: Final = (
    r"(?: (?:the|a|an|my|den|der|die|das|einen|ein|meinen|el|los|un|mi|этот|мой|那|这|那个|这个|什么))?"
)
_DENIAL: Final = re.compile(
    r"(?:(?:no|nein|нет|ne) )?(?:(?:but|aber|pero|но|但|但是) )?(?:i |ich |yo |я |我 ?)?(?:"
    r"not(?: about)?|(?:don't|dont|do not) (?:want|need|mean|care about)(?: to know about)?"
    r"|forget(?: about)?|never mind"
    r"|(?:will |meine |brauche |möchte )?(?:nicht|kein|keinen)|vergiss"
    r"|no(?: (?:quiero|necesito|hablo de|digo|es|me refiero a))?|olvida"
    r"|не(?: (?:хочу|нужен|нужны|про|о|надо))?|забудь(?: про)?"
    r"|不 ?(?:是|要|想要|用|想|说)|别(?: ?管| ?说)?"
    rf"){_ARTICLE}(?: \d{1, 3}(?: ?x)?)?"
)
"""The words right before a machine that isn't meant."""
_MOST_WORDS: Final = 7
_CONTRASTING: Final = word_set("denied_machines", "contrasting")
_CHOOSING: Final = frozenset({"compare", "best", "or", "which_machine"})


def denied_machines(draft: QuestionDraft) -> list[Item]:
    """The machines that a text says not to mean, their words taken; none where only one is named.

    Raises InvalidQuestion where it isn't clear which machine is meant.
    """
    mentions = [index for index, item in enumerate(draft.items) if item.mention is not None]
    if len(mentions) < 2:
        return []
    said = {index: words for index in mentions if (words := _denial_before(draft.items, index))}
    if not said:
        return []
    first = next(iter(said.values()))
    left = len(mentions) - len(said)
    chooses = bool(draft.concepts() & _CHOOSING)
    if not left or (chooses and left == 1) or not all(_ends(draft.items, index) for index in said):
        raise open_word(draft.scanned, first, offer=False)
    for words in said.values():
        for word in words:
            word.used = True
    return [draft.items[index] for index in said]


def _denial_before(items: list[Item], index: int) -> list[Item]:
    """The words right before a machine that say that it isn't meant; none where nothing does."""
    for start in range(max(0, index - _MOST_WORDS), index):
        words = items[start:index]
        if _DENIAL.fullmatch(" ".join(word.text for word in words)):
            return words
    return []


def _ends(items: list[Item], index: int) -> bool:
    """True where nothing more is said of a machine: a mark, a contrast or the end stands behind it."""
    behind = items[index + 1 :]
    while behind and (behind[0].used or behind[0].quantity is not None):
        behind = behind[1:]  # its bin
    return not behind or behind[0].kind is ItemKind.SIGN or behind[0].text in _CONTRASTING
