"""What people type, and what is understood."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining import assumptions
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import understand
from bot.mining.question import Focus, Question
from tests.mining.market import NOVEMBER_2026

CATALOGUE = load_machines()


def understood(question: Question) -> str:
    """A question in short: the machine, then only what differs from the usual."""
    rig = question.rig
    machine = (rig.name or "").removeprefix("Antminer ").removeprefix("Whatsminer ")
    parts = [f"{machine} {rig.hashrate_ths:g}TH {rig.power_w:.0f}W".strip()]
    for name, money in (
        ("", question.power_price),
        ("btc ", question.btc_price),
        ("fixed ", question.fixed_cost),
        ("machine ", question.machine_price),
    ):
        if money is not None:
            parts.append(f"{name}{money.amount:.6g} {money.currency}")
    if question.pool_fee:
        parts.append(f"fee {question.pool_fee:.4g}")
    if question.uptime != 1.0:
        parts.append(f"uptime {question.uptime:.4g}")
    if question.overhead != 1.0:
        parts.append(f"pue {question.overhead:.4g}")
    if question.difficulty is not None:
        parts.append(f"difficulty {question.difficulty:.5g}")
    if question.network_hashrate_ehs is not None:
        parts.append(f"network {question.network_hashrate_ehs:g}")
    if question.fees_btc_per_block is not None:
        parts.append(f"fees {question.fees_btc_per_block:g}")
    if question.block_subsidy_btc is not None:
        parts.append(f"subsidy {question.block_subsidy_btc:g}")
    if question.focus is not Focus.PROFIT:
        parts.append(f"→ {question.focus}")
    if question.count != 1:
        parts.append(f"x{question.count}")
    if question.scaled:
        parts.append("scaled")
    return ", ".join(parts)


S19 = "S19 95TH 3250W"
S9 = "S9 13.5TH 1323W"
S19JP = "S19j Pro 104TH 3068W"
OWN = "110TH 3250W"

COMMANDS = [
    # the contract's own forms
    ("s19 0.07", f"{S19}, 0.07 USD"),
    ("Antminer S19 0.07", f"{S19}, 0.07 USD"),
    ("110TH 3250W 6.5c fee=2% uptime=95%", f"{OWN}, 0.065 USD, fee 0.02, uptime 0.95"),
    # units of power
    ("s19 7c", f"{S19}, 0.07 USD"),
    ("s19 7 c", f"{S19}, 0.07 USD"),
    ("s19 7¢", f"{S19}, 0.07 USD"),
    ("s19 7ct", f"{S19}, 0.07 USD"),
    ("s19 7 cents", f"{S19}, 0.07 USD"),
    ("s19 7 cents per kWh", f"{S19}, 0.07 USD"),
    ("s19 7c/kWh", f"{S19}, 0.07 USD"),
    ("s19 $0.07", f"{S19}, 0.07 USD"),
    ("s19 0.07$", f"{S19}, 0.07 USD"),
    ("s19 $0.07/kWh", f"{S19}, 0.07 USD"),
    ("s19 0.07 $/kWh", f"{S19}, 0.07 USD"),
    ("s19 0.07 USD/kWh", f"{S19}, 0.07 USD"),
    ("s19 usd 0.07", f"{S19}, 0.07 USD"),
    ("s19 0.07/kwh", f"{S19}, 0.07 USD"),
    ("s19 70 USD/MWh", f"{S19}, 0.07 USD"),
    ("s19 $70/MWh", f"{S19}, 0.07 USD"),
    ("s19 70 EUR/MWh", f"{S19}, 0.07 EUR"),
    ("s19 €70/MWh", f"{S19}, 0.07 EUR"),
    ("s19 0.03 €/kWh", f"{S19}, 0.03 EUR"),
    ("s19 0,03€", f"{S19}, 0.03 EUR"),
    ("s19 3 euro cents", f"{S19}, 0.03 EUR"),
    ("s19 3 eurocent", f"{S19}, 0.03 EUR"),
    ("s19 3€ct", f"{S19}, 0.03 EUR"),
    ("s19 7 us cents", f"{S19}, 0.07 USD"),
    ("s19 0,07", f"{S19}, 0.07 USD"),
    ("s19 6,5c", f"{S19}, 0.065 USD"),
    ("s19 .07", f"{S19}, 0.07 USD"),
    ("s19 7", f"{S19}, 0.07 USD"),
    ("s19 at 7c", f"{S19}, 0.07 USD"),
    ("s19 @ 7c", f"{S19}, 0.07 USD"),
    ("s19 @0.07", f"{S19}, 0.07 USD"),
    ("0.07 s19", f"{S19}, 0.07 USD"),
    ("7c s19", f"{S19}, 0.07 USD"),
    ("s19 power=0.07", f"{S19}, 0.07 USD"),
    ("s19 power-price=7c", f"{S19}, 0.07 USD"),
    ("s19 tariff=65EUR/MWh", f"{S19}, 0.065 EUR"),
    ("s19 electricity = 0.07", f"{S19}, 0.07 USD"),
    ("s19 0", f"{S19}, 0 USD"),
    # machines as people type them
    ("S19", S19),
    ("bitmain s19 7c", f"{S19}, 0.07 USD"),
    ("antminer-s19 7c", f"{S19}, 0.07 USD"),
    ("s-19 7c", f"{S19}, 0.07 USD"),
    ("S19j Pro 104 7c", f"{S19JP}, 0.07 USD"),
    ("s19jpro 7c", f"{S19JP}, 0.07 USD"),
    ("s19j-pro 7c", f"{S19JP}, 0.07 USD"),
    ("s19 j pro 7c", f"{S19JP}, 0.07 USD"),
    ("S19j Pro 104T 6.5 ct", f"{S19JP}, 0.065 USD"),
    ("S19j Pro (96 TH/s) 7c", "S19j Pro 96TH 2832W, 0.07 USD"),
    ("S19j Pro 100 7c", "S19j Pro 100TH 2950W, 0.07 USD, scaled"),
    ("s19j pro+ 7c", "S19j Pro+ 117TH 3218W, 0.07 USD"),
    ("s19j pro plus 7c", "S19j Pro+ 117TH 3218W, 0.07 USD"),
    ("s19 90 7c", "S19 90TH 3105W, 0.07 USD"),
    ("s19 95 0.07", f"{S19}, 0.07 USD"),
    ("s9 13.5 3c", f"{S9}, 0.03 USD"),
    ("s9 7", f"{S9}, 0.07 USD"),
    ("s19 xp 7c", "S19 XP 140TH 3010W, 0.07 USD"),
    ("S19XP 7c", "S19 XP 140TH 3010W, 0.07 USD"),
    ("s19 pro+ hydro 7c", "S19 Pro+ Hyd 198TH 5445W, 0.07 USD"),
    ("m30s++ 5c", "M30S++ 112TH 3472W, 0.05 USD"),
    ("m30s+ 5c", "M30S+ 100TH 3400W, 0.05 USD"),
    ("whatsminer m30s 5c", "M30S 88TH 3344W, 0.05 USD"),
    ("whatsminer m50 5c", "M50 118TH 3422W, 0.05 USD"),
    ("avalon 1246 8c", "AvalonMiner 1246 90TH 3420W, 0.08 USD"),
    ("A1246 8c", "AvalonMiner 1246 90TH 3420W, 0.08 USD"),
    ("avalonminer a1166 pro 8c", "AvalonMiner 1166 Pro 81TH 3402W, 0.08 USD"),
    ("ebit e12+ 4c", "Ebit E12+ 50TH 2500W, 0.04 USD"),
    ("t21 5c", "T21 190TH 3610W, 0.05 USD"),
    # a machine of one's own
    ("95 TH/s 3250 W 0.077", "95TH 3250W, 0.077 USD"),
    ("95th/s, 3.25 kW, 7.7c", "95TH 3250W, 0.077 USD"),
    ("95TH 3250 watts 7c", "95TH 3250W, 0.07 USD"),
    ("1.2 PH 35kW 5c", "1200TH 35000W, 0.05 USD"),
    ("500 GH/s 15 W 5c", "0.5TH 15W, 0.05 USD"),
    ("100T 29.5 J/TH 5c", "100TH 2950W, 0.05 USD"),
    ("29.5 J/TH 6c", "1000TH 29500W, 0.06 USD"),
    ("29.5W/TH 6c", "1000TH 29500W, 0.06 USD"),
    ("3250W 29.5 J/TH 6c", "110.169TH 3250W, 0.06 USD"),
    ("hashrate=95 power=3250 7c", "95TH 3250W, 0.07 USD"),
    ("s19 80TH 2400W 7c", "S19 80TH 2400W, 0.07 USD"),
    ("s19 power=3000W power-price=0.06", "S19 95TH 3000W, 0.06 USD"),
    # the site
    ("s19 7c fee=2%", f"{S19}, 0.07 USD, fee 0.02"),
    ("s19 7c fee=0.02", f"{S19}, 0.07 USD, fee 0.02"),
    ("s19 7c fee=2 %", f"{S19}, 0.07 USD, fee 0.02"),
    ("s19 7c pool-fee=2,5%", f"{S19}, 0.07 USD, fee 0.025"),
    ("s19 7c 2% fee", f"{S19}, 0.07 USD, fee 0.02"),
    ("s19 7c with a pool fee of 2%", f"{S19}, 0.07 USD, fee 0.02"),
    ("s19 7c 95% uptime", f"{S19}, 0.07 USD, uptime 0.95"),
    ("s19 7c uptime 95 %", f"{S19}, 0.07 USD, uptime 0.95"),
    ("s19 7c pue=1.1", f"{S19}, 0.07 USD, pue 1.1"),
    ("s19 7c PUE 1.05", f"{S19}, 0.07 USD, pue 1.05"),
    ("s19 7c overhead=1.2", f"{S19}, 0.07 USD, pue 1.2"),
    ("s19 7c fixed=1.5", f"{S19}, 0.07 USD, fixed 1.5 USD"),
    ("s19 7c hosting $1.50 a day", f"{S19}, 0.07 USD, fixed 1.5 USD"),
    ("s19 7c hosting=2€", f"{S19}, 0.07 USD, fixed 2 EUR"),
    ("s19 7c cost=2400", f"{S19}, 0.07 USD, machine 2400 USD"),
    ("s19 7c machine-price=$2,400", f"{S19}, 0.07 USD, machine 2400 USD"),
    # the market
    ("s19 7c price=45000", f"{S19}, 0.07 USD, btc 45000 USD"),
    ("s19 7c price=45k", f"{S19}, 0.07 USD, btc 45000 USD"),
    ("s19 0.07 45000", f"{S19}, 0.07 USD, btc 45000 USD"),
    ("s19 0.07 $45,000", f"{S19}, 0.07 USD, btc 45000 USD"),
    ("s19 7c btc=40k€", f"{S19}, 0.07 USD, btc 40000 EUR"),
    ("s19 7c bitcoin at 45k", f"{S19}, 0.07 USD, btc 45000 USD"),
    ("s19 7c difficulty=126T", f"{S19}, 0.07 USD, difficulty 1.26e+14"),
    ("s19 7c difficulty 126.3 T", f"{S19}, 0.07 USD, difficulty 1.263e+14"),
    ("s19 7c network=900EH", f"{S19}, 0.07 USD, network 900"),
    ("s19 7c network=900", f"{S19}, 0.07 USD, network 900"),
    ("s19 7c fees=0.05 subsidy=3.125", f"{S19}, 0.07 USD, fees 0.05, subsidy 3.125"),
    # sentences after the command
    ("what is the break even for an s19 at 7 cents please", f"{S19}, 0.07 USD, → btc_price"),
    ("price at which my S19 dies at 7c", f"{S19}, 0.07 USD, → btc_price"),
]  # fmt: skip

MESSAGES = [
    ("what's breakeven for an S19 at 7 cents?", f"{S19}, 0.07 USD, → btc_price"),
    ("What’s the break-even of an S19 at 7¢?", f"{S19}, 0.07 USD, → btc_price"),
    ("is an S9 worth running at 0.03 €/kWh?", f"{S9}, 0.03 EUR"),
    ("at what price does my S19 die?", f"{S19}, → btc_price"),
    ("at what BTC price does an S19 at 6c stop paying?", f"{S19}, 0.06 USD, → btc_price"),
    ("breakeven for an S19j Pro at 6.5c?", f"{S19JP}, 0.065 USD, → btc_price"),
    ("is my m30s++ still profitable at $0.05/kWh?", "M30S++ 112TH 3472W, 0.05 USD"),
    ("should I switch my M20S off at 8 cents per kWh?", "M20S 65TH 3120W, 0.08 USD"),
    ("shutdown price of an s19 xp at 5c", "S19 XP 140TH 3010W, 0.05 USD, → btc_price"),
    ("what electricity price does an S19 XP need?", "S19 XP 140TH 3010W, → power_price"),
    ("what is the max power price for an S21", "S21 200TH 3500W, → power_price"),
    ("at which difficulty does an s21 at 5c break even?", "S21 200TH 3500W, 0.05 USD, → difficulty"),
    ("payback of an S21 at 5c if it costs $3000?", "S21 200TH 3500W, 0.05 USD, machine 3000 USD, → payback"),
    ("if I buy an S21 for $2,400: ROI at 5c?", "S21 200TH 3500W, 0.05 USD, machine 2400 USD, → payback"),
    ("I paid $2,400 for an S21, ROI at 5c?", "S21 200TH 3500W, 0.05 USD, machine 2400 USD, → payback"),
    ("would an S21 make money at 8 cents with bitcoin at 60k?", "S21 200TH 3500W, 0.08 USD, btc 60000 USD"),
    ("if bitcoin falls to $20,000, does an S19 at 5c still pay?", f"{S19}, 0.05 USD, btc 20000 USD"),
    ("does an S19 at 5c pay at 30k per btc?", f"{S19}, 0.05 USD, btc 30000 USD"),
    ("does a machine with 100 TH and 3000 watts pay at 6 cents?", "100TH 3000W, 0.06 USD"),
    ("cost to mine one bitcoin with an s19 at 7c?", f"{S19}, 0.07 USD, → cost"),
    ("S19 pro 6c", "S19 Pro 110TH 3250W, 0.06 USD"),
    ("s21?", "S21 200TH 3500W"),
    ("can I keep my S19j Pro running at 0.06 with 2% pool fee", f"{S19JP}, 0.06 USD, fee 0.02"),
    ("kann ein S19 bei 8 ct noch verdienen?", f"{S19}, 0.08 EUR"),
    ("Lohnt sich ein S9 bei 3 Cent?", f"{S9}, 0.03 EUR"),
    ("Lohnt sich mein S19 noch bei 0,08 €/kWh?", f"{S19}, 0.08 EUR"),
    ("Ab welchem Preis stirbt mein S19 bei 9 ct?", f"{S19}, 0.09 EUR, → btc_price"),
    ("Bei welchem Kurs ist ein S19 XP mit 10 ct unrentabel?", "S19 XP 140TH 3010W, 0.1 EUR, → btc_price"),
    ("Bei welchem Strompreis lohnt sich ein M30S noch?", "M30S 88TH 3344W, → power_price"),
    ("Ist ein S21 bei 65 EUR/MWh rentabel?", "S21 200TH 3500W, 0.065 EUR"),
    ("Break-even für einen S19 bei 6,5 ct und Bitcoin bei 45.000 EUR?", f"{S19}, 0.065 EUR, btc 45000 EUR"),
    ("Verdient mein S19j Pro bei 7 ct und 2% Poolgebühr noch etwas?", f"{S19JP}, 0.07 EUR, fee 0.02"),
    ("Gewinnschwelle für ein Gerät mit 100 TH und 3 kW bei 8 ct?", "100TH 3000W, 0.08 EUR, → btc_price"),
    ("Soll ich meinen S19 bei 12 ct abschalten?", f"{S19}, 0.12 EUR"),
]  # fmt: skip

SMALL_TALK = [
    "hello there",
    "thanks!",
    "my S19 arrived today and it is nice and shiny",
    "what's the weather in q3",
    "gm 🌞",
    "the price is up 5% today",
    "x" * 4096,
    "🤖" * 2048,
    "",
]

REFUSED = [
    ("", "Which machine"),
    ("7c", "Which machine"),
    ("0TH 3250W 7c", "hashrate"),
    ("-5TH 3250W 7c", "hashrate"),
    ("1e308TH 3250W 7c", "hashrate"),
    ("1e309TH 3250W 7c", "hashrate must be a finite number"),
    ("95TH 0W 7c", "power"),
    ("s19 99999c", "can hardly be"),
    ("s19 0.7", "did you mean 7c or 70c"),
    ("s19 7 $/kWh", "did you mean 7c"),
    ("s19 0.07¢", "did you mean 7c"),
    ("s19 34.5W 7c", "did you mean 34.5J/TH"),
    ("s19 3250J/TH 7c", "did you mean 3250W"),
    ("s19 power=7", "in cents, or what the machine draws"),
    ("s19 7c fee=1", "in per cent, or a fraction"),
    ("s19 cheap", "don't understand “cheap”"),
    ("s19 nan", "don't understand “nan”"),
    ("s19 inf", "don't understand “inf”"),
    ("s19 7c fee=101%", "pool fee"),
    ("s19 7c fee=-1%", "pool fee"),
    ("s19 7c fee=2", "pool fee"),
    ("s19 7c pue=0.5", "overhead"),
    ("s19 7c price=0", "bitcoin price"),
    ("s19 7c price=-45000", "bitcoin price"),
    ("s19 7c price=abc", "abc"),
    ("s19 7c difficulty=0", "difficulty"),
    ("s19 7c colour=red", "colour"),
    ("s19 7c 8c", "two different power prices"),
    ("s19 7c 2%", "can't tell what 2% is"),
    ("s19 500", "can't tell what 500 is"),
    ("s19 $50", "machine's price, or bitcoin's"),
    ("s19 300T 7c", "no Antminer S19 with 300 TH/s"),
    ("s20 0.07", "did you mean Antminer S21"),
    ("antminer x9 7c", "mines another coin"),
    ("antminer w9 7c", "don't know the machine"),
    ("toaster 7c", "toaster"),
    ("🤖🤖 7c", "Which machine"),
    ("s19 m30s 0.07", "two machines|2 machines"),
    ("s19 and s9 at 7c", "2 machines"),
    ("110TH 7c", "power at the wall"),
    ("3250W 7c", "hashrate too"),
    ("s19 " * 1025, "too long"),
    ("9" * 400, "bitcoin price|too long|hashrate|can't"),
]  # fmt: skip


def test_there_are_at_least_120_phrasings() -> None:
    assert len(COMMANDS) + len(MESSAGES) >= 120


@pytest.mark.parametrize(("text", "meant"), COMMANDS, ids=lambda value: str(value)[:60])
def test_command(text: str, meant: str) -> None:
    assert understood(parse_command(text, CATALOGUE)) == meant


@pytest.mark.parametrize(("text", "meant"), MESSAGES, ids=lambda value: str(value)[:60])
def test_message(text: str, meant: str) -> None:
    question = understand(text, CATALOGUE)
    assert isinstance(question, Question)
    assert understood(question) == meant


@pytest.mark.parametrize("text", SMALL_TALK, ids=lambda value: value[:30])
def test_small_talk_is_left_alone(text: str) -> None:
    assert not isinstance(understand(text, CATALOGUE), Question)


@pytest.mark.parametrize(("text", "named"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_refused_with_an_example_that_works(text: str, named: str) -> None:
    with pytest.raises(InvalidQuestion, match=named) as caught:
        parse_command(text, CATALOGUE)
    refusal = caught.value
    assert len(refusal.sentence) < 500
    assert "\n" not in refusal.sentence
    command, _, rest = refusal.example(ENGLISH).partition(" ")
    if command == "/breakeven":
        parse_command(rest, CATALOGUE)


def test_a_question_in_plain_words_that_names_no_machine_is_asked_back() -> None:
    with pytest.raises(InvalidQuestion, match="Which machine"):
        understand("is mining worth it?", CATALOGUE)


def test_close_machines_are_offered() -> None:
    with pytest.raises(InvalidQuestion) as caught:
        parse_command("s20 7c", CATALOGUE)
    assert caught.value.choices[0].label(ENGLISH) == "Antminer S21"


def test_what_was_understood_is_said_again() -> None:
    asked = "110TH 3250W 6.5c fee=2% uptime=95% pue=1.05 fixed=2 cost=2400 price=45000"
    result = assumptions.understood(answer(parse_command(asked, CATALOGUE), NOVEMBER_2026), ENGLISH)
    for part in (
        "6.5 c/kWh",
        "45,000 USD",
        "pool fee 2 %",
        "uptime 95 %",
        "PUE 1.05",
        "2 USD/day",
        "2,400 USD",
    ):
        assert part in result


def _answered_or_refused(text: str) -> None:
    """Any other exception than a refusal is the failure looked for."""
    for strict in (True, False):
        with suppress(InvalidQuestion):
            question = understand(text, CATALOGUE, strict=strict)
            if isinstance(question, Question):
                answer(question, NOVEMBER_2026)


@settings(deadline=None)
@given(st.text(max_size=4096))
@example("s19 " + "1." * 190)
@example("s19 " + "0x" * 150)
@example("(" * 390)
@example("price=" * 60)
@example("s19 7c fee=1e400%")
@example("s19 1e-400c")
def test_any_text_gives_a_question_or_one_clear_sentence(text: str) -> None:
    _answered_or_refused(text)


WORDS = """
s19 m30s++ 95TH 3250W 7c 0.07 -1 1e309 fee=2% price=40k pue=1.1 uptime=0 fee=100% nan inf € $ % = kWh MWh /
at btc for 10 1e308 TH W 0 J/TH 30 cost=1 fixed=1e9 difficulty=1 🤖 two S19j Pro 104T €0.03/kWh
"""


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=12))
def test_any_heap_of_right_words_gives_a_question_or_one_clear_sentence(words: list[str]) -> None:
    _answered_or_refused(" ".join(words))
