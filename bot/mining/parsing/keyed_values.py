"""Figures that a `key=` names."""

from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.clarifications import open_word
from bot.mining.parsing.keyword_table import KEYS, KEYWORDS
from bot.mining.parsing.named_figures import assign
from bot.mining.parsing.question_draft import QuestionDraft


def read_pairs(draft: QuestionDraft) -> None:  # noqa: PLR0912 - a table of cases, one branch each
    """`key=value`, where the key is one of the documented."""
    for index, item in enumerate(draft.items):
        if item.text != "=" or item.used or index == 0:
            continue
        first = index - 1
        key = draft.items[first].text
        while first >= 2 and draft.items[first - 1].text in ("-", "_") and draft.items[first - 1].glued:
            key = f"{draft.items[first - 2].text}-{key}"
            first -= 2
        if draft.items[first].used or not draft.items[first].text[:1].isalpha():
            continue
        meaning = KEYS.get(key.replace("_", "-").replace(" ", "-"))
        if meaning is None and draft.items[first].concept in KEYWORDS:
            meaning = draft.items[first].concept
        if meaning is None:
            raise _unknown_key(key)
        value = draft.items[index + 1] if index + 1 < len(draft.items) else None
        if value is None:
            continue
        for used in (*draft.items[first : index + 1], value):
            used.used = True
        if meaning == "scheme" or (value.concept in ("solo", "fpps", "pplns") and meaning == "pool_fee"):
            draft.set_scheme(value)
        elif meaning == "currency" and value.currency is not None:
            draft.currency = value.currency
        elif value.quantity is None:
            raise open_word(draft.scanned, [value], offer=draft.names_machine)
        else:
            try:
                assign(draft, meaning, value, keyed=True)
            except InvalidQuestion as failure:
                raise failure.about(key[:30]) from None


def _unknown_key(key: str) -> InvalidQuestion:
    return InvalidQuestion(
        # Translators: {key} is what was typed before “=”, {keys} a list of what can be.
        lambda t: t("I don't know “{key}=”; I know {keys}.", key=key[:30], keys=", ".join(sorted(KEYS)))
    )
