"""A text together with those before it that were only asked back: “7c”, and then “s19”."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from bot.mining.conversion import ConversionRequest
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import Answerable, Asked
from bot.mining.parsing.understanding import Understanding, understand
from bot.mining.question import MachineComparison, Question
from bot.mining.scenario import Scenario
from bot.mining.whatif import WhatIf

_USUAL: Final = Question(Rig(1.0, 30.0))
_NOT_ASKED: Final = ("rig", "cents_assumed", "disputed", "left_out", "site_power_w")
"""Fields of a question that don't say what was asked for."""


def hear(
    text: str, unanswered: Sequence[str], catalogue: Catalogue, asker: Asker, before: Asked | None
) -> Understanding | None:
    """What a text asks, together with what was said right before it and not answered, the oldest first.

    What is asked together must have all that the text asks alone, and nothing that is not understood.
    Raises InvalidQuestion as the text alone does.
    """
    asked: Understanding | None = None
    failure: InvalidQuestion | None = None
    try:
        asked = understand(text, catalogue, asker, before=before)
    except InvalidQuestion as raised:
        failure = raised
    if isinstance(asked, CommandRequest | ConversionRequest):
        return asked
    alone = asked if before is None else _answerable(text, catalogue, asker, None)
    newest_first = reversed(unanswered) if len(unanswered) > 1 else ()
    for earlier in (" ".join(unanswered), *newest_first):
        together = _answerable(f"{earlier.strip(' ?!.')} {text}", catalogue, asker, before)
        if together is not None and (alone is None or _holds(together, alone)):
            return together
    if failure is not None:
        raise failure
    return asked


def _answerable(text: str, catalogue: Catalogue, asker: Asker, before: Asked | None) -> Answerable | None:
    """The question that a text asks; None where it asks none, or another thing."""
    try:
        asked = understand(text, catalogue, asker, before=before)
    except InvalidQuestion:
        return None
    return None if isinstance(asked, CommandRequest | ConversionRequest) else asked


def _holds(together: Answerable, alone: Answerable) -> bool:
    """True where what is asked together has all that is asked alone, of the same machines."""
    if type(together) is not type(alone) and not isinstance(alone, Question):
        return False
    ours, theirs = _questions(together), _questions(alone)
    if len(ours) != len(theirs) or not _supposes(_scenario(together), _scenario(alone)):
        return False
    return all(_has(one, other) for one, other in zip(ours, theirs, strict=True))


def _questions(asked: Answerable) -> tuple[Question, ...]:
    if isinstance(asked, MachineComparison):
        return asked.questions
    if isinstance(asked, Question):
        return (asked,)
    return () if isinstance(asked, ConversionRequest) else (asked.question,)


def _scenario(asked: Answerable) -> Scenario:
    return asked.scenario if isinstance(asked, WhatIf | MachineComparison) else Scenario()


def _supposes(scenario: Scenario, other: Scenario) -> bool:
    """True where a scenario has every change of another one."""
    return all(
        not (change := getattr(other, field.name)) or getattr(scenario, field.name) == change
        for field in fields(Scenario)
    )


def _has(question: Question, other: Question) -> bool:
    """True where a question has the machine and every figure of another one."""
    if question.rig != other.rig or set(question.left_out) - set(other.left_out):
        return False
    return all(
        getattr(question, field.name) == getattr(other, field.name)
        for field in fields(Question)
        if field.name not in _NOT_ASKED and getattr(other, field.name) != getattr(_USUAL, field.name)
    )
