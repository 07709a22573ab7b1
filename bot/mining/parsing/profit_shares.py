"""What somebody else gets of the profit, which the calculator doesn't reckon."""

from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.named_figures import is_of_profit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import any_of
from bot.mining.parsing.running_costs import said_with


def refuse_profit_share(draft: QuestionDraft) -> None:
    """Raise InvalidQuestion for “15 % profit share”, “15 % of the profit”, “运维分成百分之五”."""
    for index, item in enumerate(draft.items):
        if item.is_share and not item.used and _is_shared(draft, index):
            raise _profit_share(draft, item)


def _is_shared(draft: QuestionDraft, index: int) -> bool:
    before = draft.items[max(0, index - 2) : index]
    if [each.text for each in before[1:]] == ["的"] and before[0].concept == "profit":
        return True  # “利润的15%”
    words = said_with(draft, draft.items[index])
    if any(each.concept == "tax" for each in words):
        return False  # whose payer is asked about elsewhere
    return any(each.concept == "profit_share" for each in words) or is_of_profit(draft, index)


def _profit_share(draft: QuestionDraft, item: Item) -> InvalidQuestion:
    """What a share of the profit changes; without it, or as one of all that is mined, it can be asked."""
    clause = said_with(draft, item)
    said = 0.0 if item.quantity is None else item.quantity.small
    texts = [each.text for each in clause]
    kept = any(_KEPT.search(joint.join(texts)) is not None for joint in (" ", ""))
    others, own = (100.0 - said, said) if kept else (said, 100.0 - said)
    percent = f"{others:g}%"
    words = [each for each in clause if each is not item and each.kind is not ItemKind.MACHINE]
    return InvalidQuestion(
        # Translators: {own} and {text} are percentages, {fee} is what to type instead.
        lambda t: t(
            "I don't reckon a share of the profit: {own} of it are yours then, and where it stops paying "
            "stays the same. If {text} of all that is mined is meant, write {fee}.",
            own=f"{own:g}%",
            text=percent,
            fee=f"fee={percent}",
        ),
        f"/breakeven s19 7c fee={percent}",
        (
            Choice(label(N_("Answer without it")), draft.scanned.text_without([item, *words])),
            Choice(
                lambda t: f"{t(N_('pool fee'))} {percent}",
                draft.scanned.text_with(item, f"fee={percent}", words),
            ),
        ),
    )


_KEPT: Final = any_of("profit_shares", "kept")
"""What says that a share is the asker's own: “I keep 80 % of the profit”."""
