"""The machine a question is about: a model, a bin of it, or figures of its own."""

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check, is_believable, unbelievable
from bot.mining.parsing.clarifications import doubtful
from bot.mining.parsing.items import ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.question import Focus

USUAL_J_PER_TH = 17.5
"""An Antminer S21's."""


def rig_of(draft: QuestionDraft, machine: tuple[str, float | None] | None) -> tuple[Rig, bool, bool]:
    """The machine meant, whether its power was scaled from another bin, and whether sources dispute
    it."""
    hashrate, power = draft.numbers.get("hashrate_ths"), draft.numbers.get("power_w")
    efficiency = draft.numbers.get("efficiency_j_per_th")
    if machine is None and draft.machines:
        model, bin_ths, _ = draft.machines[0]
        machine = (model, bin_ths)
    if machine is not None:
        model, bin_ths = machine
        tuned = "mode" in draft.concepts() and power is not None  # “S19 95T in eco mode: 70T, 2000W”
        if hashrate is not None and bin_ths is not None and not tuned:
            draft.set_number("hashrate_ths", bin_ths)
        if hashrate is not None and power is not None:
            rig = Rig(hashrate, power, model)
            _check_efficiency(draft, rig, draft.catalogue.bins(model)[0].efficiency_j_per_th)
            return rig, False, False
        picked = draft.catalogue.pick(model, bin_ths if bin_ths is not None else hashrate)
        power_w = power or (efficiency * picked.hashrate_ths if efficiency else picked.power_w)
        is_bin = any(picked == machine for machine in draft.catalogue.bins(model))
        rig = Rig(picked.hashrate_ths, power_w, model)
        _check_efficiency(draft, rig, picked.efficiency_j_per_th)
        nameplate = power_w == picked.power_w
        return rig, not is_bin and nameplate, picked.disputed and nameplate
    if efficiency is not None and power is None:
        hashrate = hashrate or 1000.0
        rig = Rig(hashrate, check("power_w", efficiency * hashrate))
    elif efficiency is not None and hashrate is None and power is not None:
        rig = Rig(check("hashrate_ths", power / efficiency), power)
    elif hashrate is not None and power is not None:
        rig = Rig(hashrate, power)
    elif hashrate is not None and draft.focus in (Focus.BITCOIN, Focus.REVENUE, Focus.BLOCK):
        return Rig(hashrate, hashrate * USUAL_J_PER_TH), True, False  # what it draws doesn't matter
    else:
        raise _no_rig(draft, hashrate, power)
    _check_efficiency(draft, rig, None)
    return rig, False, False


def _check_efficiency(draft: QuestionDraft, rig: Rig, nameplate: float | None) -> None:
    """Raise InvalidQuestion for a machine nobody built, naming the likely meaning."""
    if is_believable(rig.efficiency_j_per_th, nameplate):
        return
    power = next(
        (item for item in draft.items if item.quantity and item.quantity.unit is MeasureUnit.WATTS), None
    )
    if (
        power is not None
        and nameplate
        and power.quantity
        and nameplate / 2 <= power.quantity.small <= nameplate * 2
    ):
        raise doubtful(draft.scanned, power, [f"{power.quantity.small:g}J/TH"])
    joules = next(
        (item for item in draft.items if item.quantity and item.quantity.unit is MeasureUnit.J_PER_TH),
        None,
    )
    if joules is not None and joules.quantity and joules.quantity.small >= 500.0:
        raise doubtful(draft.scanned, joules, [f"{joules.quantity.small:g}W"])
    raise unbelievable(rig.hashrate_ths, rig.power_w)


def _no_rig(draft: QuestionDraft, hashrate: float | None, power: float | None) -> InvalidQuestion:
    if hashrate is not None:
        return InvalidQuestion(
            lambda t: t("I need the machine's power at the wall too."),
            f"/breakeven {hashrate:g}TH 3250W 0.07",
        )
    if power is not None:
        return InvalidQuestion(
            lambda t: t("I need the machine's hashrate too."), f"/breakeven 95TH {power:g}W 0.07"
        )
    unknown = [item.text for item in draft.items if item.kind is ItemKind.UNKNOWN]
    if draft.strict and unknown:
        return draft.catalogue.unknown(" ".join(unknown))
    return InvalidQuestion(
        lambda t: t("Which machine? Name a model, or its hashrate and power."), "/breakeven s19 0.07"
    )
