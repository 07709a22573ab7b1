"""How many machines a site feeds: “1 MW of S21”, “how many on 100 A 240 V?”, “which machines for 400 kW?”."""

from collections.abc import Sequence
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.goal_parser import asks_number
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import CHOOSING, QuestionDraft

_LEAST_SITE_W: Final = 15_000.0
"""No single machine draws so much."""
_OWN: Final = ("hashrate_ths", "efficiency_j_per_th")
_OFFERED: Final = ("S19", "S19j Pro", "S21", "S21 XP")


def count_fed(draft: QuestionDraft, rig: Rig) -> int | None:
    """How many of a machine the site feeds; None where no site is named. Raises InvalidQuestion."""
    if draft.circuit is not None and ("count" in draft.numbers or not _asks_what_fits(draft)):
        raise InvalidQuestion(
            lambda t: t("Of a circuit I reckon how many machines fit; ask for that, without their number."),
            "/breakeven how many s21 on 100A 240V, 7c",
        )
    if draft.site_power_w is None:
        return None
    each_w = rig.power_w * draft.numbers.get("overhead", 1.0)
    count = int(draft.site_power_w / each_w)
    if count < 1:
        raise _none_fits(each_w, draft.site_power_w)
    return count


def _asks_what_fits(draft: QuestionDraft) -> bool:
    return asks_number(draft) or (not draft.names_machine and bool(draft.concepts() & CHOOSING))


def models_fed(draft: QuestionDraft, models: Sequence[str]) -> list[str]:
    """Of some models those that the site can feed. Raises InvalidQuestion where it can feed none."""
    site_w = draft.site_power_w
    if site_w is None:
        return list(models)
    overhead = draft.numbers.get("overhead", 1.0)
    drawn = {model: overhead * draft.catalogue.pick(model).power_w for model in models}
    fed = [model for model in models if drawn[model] <= site_w]
    if not fed:
        raise _none_fits(min(drawn.values()), site_w)
    return fed


def refuse_site_alone(draft: QuestionDraft) -> None:
    """Raise the question which machines are to run where only what feeds them is named: “400 kW at 4.5c”."""
    watts = draft.numbers.get("power_w", 0.0)
    if draft.machines or watts < _LEAST_SITE_W or not draft.numbers.keys().isdisjoint(_OWN):
        return
    kilowatts = f"{watts / 1000.0:.10g} kW"
    said = next(item for item in draft.items if item.quantity and item.quantity.unit is MeasureUnit.WATTS)
    raise InvalidQuestion(
        # Translators: {power} is what a site feeds, such as “400 kW”.
        lambda t: t("Which machines are to run on {power}? Name a model.", power=kilowatts),
        f"/breakeven s21 {kilowatts} 5c",
        tuple(
            Choice(verbatim(name), draft.scanned.text_with(said, f"{name} {kilowatts}")) for name in _OFFERED
        ),
    )


def _none_fits(each_w: float, site_w: float) -> InvalidQuestion:
    return InvalidQuestion(
        # Translators: {one} and {all} are numbers of kilowatts.
        lambda t: t(
            "Not one: it draws {one} kW, and {all} kW are all that may be drawn for hours.",
            one=t.number(each_w / 1000.0, 2),
            all=t.number(site_w / 1000.0, 2),
        ),
        "/breakeven s21 7c",
    )
