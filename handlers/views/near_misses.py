"""The commands that a text may have meant, as buttons in plain words."""

import re
from typing import Final

from bot.charts.spec import NAMES
from bot.i18n.message import N_
from bot.i18n.moments import weekday_of
from bot.i18n.timezones import zone_name
from bot.i18n.translator import LANGUAGES, LocaleTranslator
from bot.mining.parsing.command_request import (
    AHEAD,
    ANNOYED,
    CONTROL,
    DECLINED,
    DOUBTED,
    FEEDBACK,
    FORECAST,
    IN_GROUPS,
    MEANING,
    NODDED,
    NOTHING_ASKED,
    OFF_TOPIC,
    OTHER_COIN,
    SMALL_TALK,
    TRADING,
    WHICH,
    CommandRequest,
)
from bot.signals.rules import SUBSCRIPTIONS
from handlers.html import html
from handlers.views import watches

_LABELS: Final = {
    "about": N_("About me"),
    "breakeven": N_("Does a machine pay?"),
    "chart": N_("Charts"),
    "chart energy": N_("Power price"),
    "currency": N_("Currency"),
    "difficulty": N_("Difficulty"),
    "digest": N_("Regular summary"),
    "export": N_("My data as a file"),
    "fees": N_("Fees"),
    "fleet": N_("My machines"),
    "fleet clear": N_("Remove all my machines"),
    "fleet hours": N_("When my machines should run"),
    "forget": N_("Delete my data"),
    "halving": N_("Next halving"),
    "hashprice": N_("Hashprice"),
    "holdings": N_("What listed miners hold"),
    "hashrate": N_("Hashrate"),
    "help": N_("What I can do"),
    "history": N_("Past capitulations"),
    "keyboard": N_("Keyboard"),
    "machines": N_("Known machines"),
    "machines best": N_("Best machines"),
    "mute": N_("Be quiet for a while"),
    "network": N_("Cost of a bitcoin"),
    "pin": N_("Pin the status"),
    "price": N_("Bitcoin's price"),
    "privacy": N_("What I keep"),
    "quiet": N_("Quiet hours"),
    "retarget": N_("Next difficulty adjustment"),
    "settings": N_("Settings"),
    "share": N_("Share"),
    "start": N_("What I watch"),
    "status": N_("Status"),
    "subscribe": N_("Choose alerts"),
    "subscribe all": N_("All alerts"),
    "subscribe critical": N_("Only critical alerts"),
    "test": N_("Sample alerts"),
    "unmute": N_("Write again"),
    "unsubscribe": N_("No more alerts"),
    "watch": N_("Watch a figure"),
    "watches": N_("My watches"),
    "whatif": N_("What if …"),
    "why": N_("Why the last alert?"),
    "why hashrate_decline": N_("What is a hash ribbon?"),
    "why phase": N_("What is a capitulation?"),
    "why states": N_("What the states mean"),
    "why puell": N_("Puell multiple"),
    "why compression": N_("Difficulty ribbon"),
    "why mpi": N_("Miner Position Index"),
}

SENTENCES: Final = {
    FORECAST: N_(
        "I don't forecast Bitcoin's price and don't advise to buy or sell. "
        "What came after earlier capitulations I do know."
    ),
    OTHER_COIN: N_("I follow Bitcoin and its miners only, no other coins."),
    NOTHING_ASKED: N_("I have asked nothing that waits for an answer. /help shows what you can ask me."),
    NODDED: N_("All right."),
    WHICH: N_("Which one? Tap it, or say it in words."),
    DECLINED: N_("All right. Say it in other words, or see /help."),
    OFF_TOPIC: N_("I only know Bitcoin and its miners. /help shows what you can ask me."),
    TRADING: N_(
        "I can't buy, sell or send coins, and hold none. I watch Bitcoin's miners and write about them."
    ),
    IN_GROUPS: N_(
        "Add me to a group like any member, or to a channel as an admin who may post. "
        "Then an admin writes /subscribe there. In a group I answer commands, and whoever mentions me."
    ),
    DOUBTED: N_(
        "That should not be. Each answer names where its figures come from and how old they are; compare "
        "them there. If a figure is wrong, please tell whoever runs me."
    ),
    SMALL_TALK: N_("I am only a program that watches Bitcoin's miners. /help shows what you can ask me."),
    FEEDBACK: N_("I can't pass that on. Please tell whoever runs me; /about says more about me."),
    ANNOYED: N_("I am sorry. I can write less, be quiet for a while, or stop."),
    CONTROL: N_(
        "I can't reach machines, so I don't switch them off or on or restart them. I can say when they lose "
        "money, and write when that changes."
    ),
    AHEAD: N_(
        "I don't forecast that. The next change of the difficulty I can estimate; for the rest, suppose "
        "something and I reckon: s21 7c with difficulty +20%."
    ),
    f"{MEANING}term_difference": N_(
        "Hashrate is how many hashes all machines try in a second. Difficulty is how hard a block is to "
        "find. Every 2,016 blocks, about two weeks, it follows the hashrate, so that a block still takes "
        "ten minutes."
    ),
    f"{MEANING}overhead": N_(
        "PUE is all the power a site draws, divided by what its machines draw: 1.05 means 5 % for cooling "
        "and losses. In a question: s21 6c pue 1.05."
    ),
    f"{MEANING}fpps": N_(
        "FPPS: the pool pays for every share you send in, found blocks or not, and a part of the fees. "
        "Your income is steady; the pool keeps a fee, often 2 to 4 %."
    ),
    f"{MEANING}pplns": N_(
        "PPLNS: the pool pays its last shares when it finds a block. "
        "The fee is lower than with FPPS, the income goes up and down with the pool's luck."
    ),
    f"{MEANING}uptime": N_(
        "Uptime is the share of the time in which a machine runs. In a question: s21 6c uptime 95 %."
    ),
    f"{MEANING}term_asic": N_(
        "An ASIC is a chip, and a machine of such chips, made for one thing: to mine Bitcoin. "
        "/machines lists those I know."
    ),
    f"{MEANING}term_efficiency": N_(
        "J/TH says how much energy a machine takes for its hashes: watts divided by TH/s. "
        "Less is better; machines of today take about 15."
    ),
    f"{MEANING}term_bitcoin": N_(
        "Bitcoin is money that no bank or state issues. Who owns how much stands in a list that thousands of "
        "computers keep, the blockchain; miners add to it and are paid in new bitcoin. /price says what one "
        "costs."
    ),
    f"{MEANING}term_blockchain": N_(
        "The blockchain is the list of all Bitcoin payments, kept by everyone who takes part. About every "
        "ten minutes a miner adds a block to it and is paid for that."
    ),
    f"{MEANING}term_mining": N_(
        "Miners collect payments into a block and try numbers until its hash is small enough. Who finds one "
        "first adds the block and gets new bitcoin and the fees. Trying takes power, so it pays only while "
        "income is above its cost: /breakeven s19 0.07."
    ),
    f"{MEANING}term_shutdown": N_(
        "The shutdown price is the bitcoin price at which a machine earns just what its power costs. "
        "Below it the machine loses money and is switched off: /breakeven s19 0.07."
    ),
    f"{MEANING}term_mute": N_(
        "/mute 2h keeps my messages back for two hours, /mute until monday until then; they come afterwards, "
        "in one message. /unmute ends it at once. For every night there is /quiet."
    ),
    f"{MEANING}term_miner_count": N_(
        "Nobody knows how many miners there are: the network shows the blocks that are found, not who looks "
        "for them. Their hashrate together is known: /hashrate."
    ),
    f"{MEANING}term_pool": N_(
        "In a pool miners look for blocks together and share what they earn, so that small ones are paid "
        "every day. I watch the pools' wallets: /why miner_outflow."
    ),
}
"""Answers to what no command is for."""
OFFERED: Final = {
    FORECAST: (CommandRequest("why", "phase"),),
    OTHER_COIN: (CommandRequest("why", "phase"),),
    TRADING: (CommandRequest("price"),),
    IN_GROUPS: (CommandRequest("help"),),
    DOUBTED: (CommandRequest("status"), CommandRequest("about")),
    SMALL_TALK: (CommandRequest("status"),),
    CONTROL: (CommandRequest("fleet", "hours"), CommandRequest("fleet")),
    AHEAD: (CommandRequest("retarget"), CommandRequest("halving")),
    f"{MEANING}term_difference": (CommandRequest("hashrate"), CommandRequest("difficulty")),
    f"{MEANING}term_bitcoin": (CommandRequest("price"),),
    f"{MEANING}term_miner_count": (CommandRequest("hashrate"),),
    f"{MEANING}term_mute": (CommandRequest("mute"), CommandRequest("quiet")),
    ANNOYED: (CommandRequest("subscribe", "critical"), CommandRequest("mute"), CommandRequest("unsubscribe")),
}
"""The commands that go with these answers, as buttons."""

_ENDED: Final = {"quiet": N_("No quiet hours"), "digest": N_("No digest")}
_WITH_DETAILS: Final = ("chart", "currency", "digest", "hashprice", "network", "price", "quiet")
"""Commands whose buttons say what they are of."""
_ADDED: Final = re.compile(
    r"(?:at (?P<site>[\w-]+) )?add (?P<machines>.+?)(?: power (?P<price>(?:[^,;]|(?<=\d),(?=\d))+))?"
)


def typed(request: CommandRequest) -> str:
    """A command as HTML that can be tapped, or copied where words follow it."""
    return f"<code>/{html(_line(request))}</code>" if request.arguments else f"/{request.name}"


def label(request: CommandRequest, t: LocaleTranslator) -> str:
    """What the button of a command says; the command itself where it has no words of its own."""
    line = _line(request)
    if line in _LABELS:
        return t(_LABELS[line])
    if request.name == "about" and request.arguments:
        # Translators: a button: where a figure, such as the price, comes from.
        return t("Where my figures come from")
    if request.name == "watch" and request.arguments:
        # Translators: a button that offers a watch; {line} is such as “price below 60,000 USD”.
        return t("Watch {line}", line=watches.words(request.arguments, t))
    choice, _, chosen = request.arguments.partition(" ")
    if request.name == "subscribe" and choice in ("only", "except"):
        signals = t.listed([SUBSCRIPTIONS[name].title(t) for name in chosen.split()])
        # Translators: buttons: hear of these signals and of no other, or of all others.
        return (
            t("Only: {signals}", signals=signals)
            if choice == "only"
            else t("All but: {signals}", signals=signals)
        )
    signal = SUBSCRIPTIONS.get(request.arguments)
    if signal is not None and request.name == "why":
        return signal.title(t)
    if signal is not None and request.name == "subscribe":
        # Translators: a button: hear of a signal, such as “Miner outflow”.
        return t("Alerts: {signal}", signal=signal.title(t))
    if request.name == "fleet" and (changed := _of_fleet(request.arguments, t)):
        return changed
    if signal is not None and request.name == "unsubscribe":
        # Translators: a button: hear no more of a signal, such as “Miner outflow”.
        return t("No more alerts: {signal}", signal=signal.title(t))
    if request.name == "settings" and request.arguments in LANGUAGES:
        return t("Language: {language}.", language=LANGUAGES[request.arguments]).rstrip(".。")
    if request.name == "quiet" and zone_name(request.arguments) is not None:
        # Translators: a button: the time zone of the chat, such as “America/Chicago”.
        return t("Time zone: {zone}", zone=request.arguments)
    return _detailed(request, t) or f"/{line}"


def _detailed(request: CommandRequest, t: LocaleTranslator) -> str:
    """What a command does with figures, times or currencies; "" where its line says that best."""
    name, said = request.name, request.arguments
    if name == "mute":
        # Translators: a button: for how long, or until when, such as “2h” or “until 20:00”.
        return t("Be quiet: {span}", span=said)
    if name == "history":
        # Translators: a button: a month or a year, such as “2022-06”.
        return t("How it was: {when}", when=said)
    if said == "off" and name in _ENDED:
        return t(_ENDED[name])
    if name == "digest":
        day, _, hour = said.rpartition(" ")
        number = weekday_of(day)
        said = f"{day if number is None else t.weekday(number)} {hour}".strip()
    if name == "chart":
        drawn, _, span = said.partition(" ")
        kind = next((kind for kind in NAMES if kind.value == drawn), None)
        said = " ".join(word for word in (t(NAMES[kind]) if kind is not None else drawn, span) if word)
    if name in _WITH_DETAILS:
        # Translators: a button: a command in words and what it is of: “Quiet hours: 23-7”, “Currency: EUR”.
        return t("{command}: {details}", command=t(_LABELS[name]), details=said)
    return ""


def _of_fleet(arguments: str, t: LocaleTranslator) -> str:
    """What a change of one's own machines is called; "" for what has no words of its own."""
    if (added := _ADDED.fullmatch(arguments)) is not None:
        beside = ", ".join(each for each in (added["site"], added["price"]) if each)
        machines = added["machines"].upper() + (f" ({beside})" if beside else "")
        # Translators: a button: add these to one's own machines, such as “5 S21”.
        return t("Add {machines} to my machines", machines=machines)
    if arguments.startswith("remove "):
        # Translators: a button: take these away from one's own machines, such as “5 S21”.
        return t("Take away {machines}", machines=arguments.removeprefix("remove ").upper())
    if arguments.startswith("power "):
        # Translators: a button: the price of power for one's own machines, such as “8.2 cents”.
        return t("My machines' power: {price}", price=arguments.removeprefix("power "))
    if arguments.startswith("fee "):
        # Translators: a button: the pool's fee of one's own machines, such as “2%”.
        return t("My machines' pool fee: {fee}", fee=arguments.removeprefix("fee "))
    return ""


def _line(request: CommandRequest) -> str:
    return f"{request.name} {request.arguments}".strip()
