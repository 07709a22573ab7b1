"""The catalogue, and finding a machine in it as people type."""

import pytest

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining.errors import InvalidQuestion
from bot.mining.machine_names import Mention
from bot.mining.machines import Machine
from bot.mining.parsing.tokens import normalize, tokenize

CATALOGUE = load_machines()


def test_every_row_is_a_believable_machine() -> None:
    assert len(CATALOGUE.machines) >= 370
    assert len({machine.name for machine in CATALOGUE.machines}) == len(CATALOGUE.machines)
    for machine in CATALOGUE.machines:
        assert 0.4 <= machine.hashrate_ths <= 1400
        assert 10 <= machine.power_w <= 15_000
        assert 8.5 <= machine.efficiency_j_per_th <= 260
        assert 2016 <= int(machine.release[:4]) <= 2026
        assert machine.cooling in ("air", "hydro", "immersion")


def test_bins_of_a_model_agree_on_its_efficiency() -> None:
    differing = {
        model
        for model in CATALOGUE.models
        if len({round(machine.efficiency_j_per_th / 4) for machine in CATALOGUE.bins(model)}) > 2
    }
    assert differing <= {"T3", "T3+"}  # generations that share a name


@pytest.mark.parametrize("machine", CATALOGUE.machines, ids=lambda machine: machine.name)
def test_every_machine_is_found_by_its_name(machine: Machine) -> None:
    assert CATALOGUE.find(machine.name) == machine
    assert CATALOGUE.find(machine.name.upper()) == machine
    assert CATALOGUE.find(machine.model.lower().replace("+", " plus")).model == machine.model
    assert CATALOGUE.find(machine.model.replace(" ", "")).model == machine.model


@pytest.mark.parametrize(
    ("model", "usual_ths", "j_per_th"),
    [
        ("Antminer S9", 13.5, 98.0), ("Whatsminer M20S", 65, 48.0), ("Antminer S17", 53, 45.0),
        ("Whatsminer M30S", 88, 38.0), ("Antminer S19", 95, 34.2), ("Antminer S19 Pro", 110, 29.5),
        ("Antminer S19j Pro", 104, 29.5), ("Antminer S19 XP", 140, 21.5), ("Antminer S21", 200, 17.5),
    ],
)  # fmt: skip
def test_the_usual_bin(model: str, usual_ths: float, j_per_th: float) -> None:
    machine = CATALOGUE.pick(model)
    assert machine.hashrate_ths == usual_ths
    assert machine.efficiency_j_per_th == pytest.approx(j_per_th, abs=0.05)


def test_rows_that_sources_dispute_are_settled_or_left_out() -> None:
    by_name = {machine.name: machine.power_w for machine in CATALOGUE.machines}
    assert by_name["Whatsminer M20S 68T"] == 3260
    assert by_name["Whatsminer M31S+ 82T"] == 3444
    for name in (
        "Antminer S19j Pro 100T",
        "AvalonMiner 1166 68T",
        "Whatsminer M56S++ 242T",
        "Whatsminer M50 106T",
    ):
        assert name not in by_name


def test_a_hashrate_between_bins_takes_the_nearest_bins_efficiency() -> None:
    machine = CATALOGUE.pick("Antminer S19j Pro", 100)
    assert machine.power_w == pytest.approx(2950)
    assert machine not in CATALOGUE.machines


def test_a_hashrate_near_no_bin_is_refused_with_those_known() -> None:
    with pytest.raises(InvalidQuestion, match="86, 90, 95 TH/s"):
        CATALOGUE.pick("Antminer S19", 300)


def _mentions(text: str) -> list[Mention]:
    tokens = tokenize(normalize(text))
    mentions = [CATALOGUE.names.mention_at(tokens, index) for index in range(len(tokens))]
    return [mention for mention in mentions if mention is not None and mention.kind == "model"]


def test_models_are_not_seen_inside_other_words() -> None:
    assert not any(mention.kind == "model" for mention in _mentions("as19b it's 19 m30sx s19l"))
    assert [mention.models[0] for mention in _mentions("an s19 or M30S++, or s9?")] == [
        "Antminer S19",
        "Whatsminer M30S++",
        "Antminer S9",
    ]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("s20", "Antminer S21"),
        ("s19 hydro", "Antminer S19 XP Hyd"),
        ("m31z", "Whatsminer M31S"),
        ("s21 xp max", "Antminer S21 XP"),
        ("s19 l", "Antminer S19"),
        ("m50s hyd", "Whatsminer M50S"),
    ],
)
def test_unknown_machines_come_with_close_ones(typed: str, offered: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        CATALOGUE.find(typed)
    assert offered in [choice.label(ENGLISH) for choice in caught.value.choices]


@pytest.mark.parametrize("typed", ["", "toaster oven", "🤖", "?" * 4096])
def test_nothing_close_points_to_own_figures(typed: str) -> None:
    with pytest.raises(InvalidQuestion, match="hashrate and power") as caught:
        CATALOGUE.find(typed)
    assert not caught.value.choices
    assert len(caught.value.sentence) < 200


def test_search_by_words_of_maker_and_model() -> None:
    assert CATALOGUE.search("") == CATALOGUE.models
    assert set(CATALOGUE.search("microbt m50")) == {
        "Whatsminer M50",
        "Whatsminer M50S",
        "Whatsminer M50S+",
        "Whatsminer M50S++",
    }
    assert "Antminer S19j Pro+" in CATALOGUE.search("s19j")
    assert CATALOGUE.search("toaster") == ()
