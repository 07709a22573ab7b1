"""The table of what plain words must and may say for a command to answer them.

The words of each meaning stand in `topics/*.toml`; `intents.py` tries the table on a text.
"""

from dataclasses import dataclass
from typing import Final

from bot.mining.parsing.command_request import (
    ANNOYED,
    DOUBTED,
    IN_GROUPS,
    MEANING,
    SMALL_TALK,
    TERMS,
    THANKS,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A command, the meanings of which one of each group must be said, and those that may be.

    `arguments` is what follows the command. `changes` is True when the command changes what the chat gets,
    or sends more than an answer: such a text must be understood to its last letter.
    """

    command: str
    arguments: str
    must: tuple[frozenset[str], ...]
    may: frozenset[str]
    changes: bool = False


def intent_of(command: str, must: str, may: str = "", *, changes: bool = False) -> Intent:
    """An intent from words: groups of `must` are separated by spaces, alternatives by bars."""
    name, _, arguments = command.partition(" ")
    groups = tuple(frozenset(group.split("|")) for group in must.split())
    return Intent(name, arguments, groups, frozenset(may.split()), changes)


_MARKET: Final = (
    "btc price btc_price up down moves high how_far when until last explain help tonight hour status change "
    "only cheap costs"
)
_WATCHED: Final = "price btc btc_price hashprice hashrate difficulty fees pool_fee"
SIGNALS: Final = {
    "hashrate_decline": "hashrate|hash_ribbon",
    "miner_outflow": "selling",
    "energy_price": "energy|power",
    "miner_income": "income|hashprice",
    "capitulation": "capitulation|status",
    "price_drawdown": "drawdown",
}
"""The words of each signal that can be subscribed to."""
_DOUBTED: Final = {
    "hashprice": "hashprice",
    "hashrate": "hashrate",
    "difficulty": "difficulty|retarget",
    "fees": "fees",
    "price": "price|btc_price|btc",
}
"""Figures that somebody may call wrong, by their commands."""
_SUBSCRIBING: Final = (
    "only until if alert watch subscribe moves up down when btc price below last capitulation"
)
_SUBSCRIBE_WORDS: Final = "alert watch subscribe send when status"
INTENTS: Final = (
    intent_of("why states", "explain critical", "alert help"),
    intent_of(
        "settings", "language_name|settings", "change currency_word to send status explain until shut_off"
    ),
    intent_of("settings", "settings delete|alert", "delete alert stop shut_off change send"),
    intent_of("settings", "picture negation|stop|shut_off|settings", "send change"),
    intent_of("quiet", "mute|negation evening|off_peak", "alert send subscribe tonight"),
    intent_of("quiet", "night_mode", "subscribe settings"),
    intent_of("quiet", "let_through critical", "alert mute send"),
    intent_of("unsubscribe", "stop", "alert subscribe send", changes=True),
    intent_of("subscribe all", "all subscribe|send|watch", _SUBSCRIBE_WORDS, changes=True),
    intent_of(
        "subscribe critical",
        "critical",
        "alert until watch subscribe send only keep_only when if",
        changes=True,
    ),
    intent_of(
        "subscribe critical",
        "trifles negation|mute|stop|shut_off|delete",
        "alert send subscribe watch",
        changes=True,
    ),
    intent_of("subscribe all", "all again|unmute alert|subscribe", _SUBSCRIBE_WORDS, changes=True),
    intent_of("unmute", "again subscribe|alert|send", "stop", changes=True),
    intent_of("mute", "muted_state", "mute negation tonight alert only or"),
    intent_of("unmute", "unmute", "mute alert send", changes=True),
    intent_of("forget", "delete history|privacy", "alert settings history privacy", changes=True),
    intent_of("forget", "delete all", "settings history privacy", changes=True),
    intent_of("settings", "subscribed", "alert watch_list watch when tonight subscribe status signal who"),
    intent_of("watches", "stop watch_list", "alert"),
    intent_of(
        "watches", "delete alert|watch|watch_list", "price btc hashprice hashrate difficulty fees last"
    ),
    intent_of(
        "watches",
        "discard alert|watch|watch_list",
        "price btc hashprice hashrate difficulty fees last",
    ),
    intent_of("watches", "forget alert|watch_list", "price btc btc_price hashprice hashrate difficulty fees"),
    intent_of("watches", "watch_list", f"alert watch explain delete tonight until above energy {_WATCHED}"),
    intent_of(
        "fleet",
        "goes_first fleet|catalogue|which_machine|count_word|machine_unit",
        "btc btc_price price down if when fleet catalogue tonight until underwater",
    ),
    intent_of(
        "fleet hours",
        "shut_off tonight|fleet|catalogue|energy|when",
        "when until fleet energy price keep_on best machine_unit evening tomorrow down or negation hour",
    ),
    intent_of(
        "fleet hours",
        "cheap_hours",
        "fleet when until tonight today tomorrow energy price power moves shut_off best",
    ),
    intent_of(
        "fleet hours", "cheap energy|power when|tonight|tomorrow", "fleet costs price until evening hour"
    ),
    intent_of(
        "why hashrate_decline", "odds difficulty|retarget", "down up moves month week year when tonight"
    ),
    intent_of(
        "why hashrate_decline", "hash_ribbon", "explain help hashrate why status up down moves tonight"
    ),
    intent_of("why price_drawdown", "drawdown_meaning", "explain"),
    intent_of("why price_drawdown", "explain|why drawdown", "btc price high between"),
    intent_of("why price_drawdown", "explain_link high|how_far|drawdown", "btc price explain how_far high"),
    intent_of("why energy_price", "explain_link energy|power", "capitulation btc price status"),
    intent_of("why hashrate_decline", "explain hashrate down", "alert moves signal"),
    intent_of("why phase", "explain|why capitulation|status", "btc alert"),
    intent_of("why energy_price", "explain|why energy alert", "price"),
    intent_of("why energy_price", "why energy", "price"),
    intent_of("why miner_income", "explain|why income", "btc price"),
    intent_of("why hashrate_decline", "why hashrate", "down up moves tonight last gone week month"),
    intent_of(
        "why miner_outflow",
        "selling",
        "who btc price why explain help moves up down alert tonight last catalogue which_machine",
    ),
    intent_of(
        "fees", "all_income", f"{_MARKET} income profit day sats per month week year network hashrate who"
    ),
    intent_of("why miner_income", "income", "up down when tonight"),
    *(
        intent_of(f"why {figure}", figure, f"{_MARKET} why hashrate difficulty signal")
        for figure in ("puell", "compression", "mpi")
    ),
    intent_of(
        "why",
        "why|explain alert|watch",
        "last past tonight between mute critical send price btc alert watch explain hour evening",
    ),
    intent_of("why stress", "explain|why stress", "status"),
    intent_of("why states", "state_name", "explain why hashrate status alert price income signal help"),
    intent_of("why", "why", "last send alert btc tonight critical when"),
    intent_of(
        "why phase",
        "odds",
        "capitulation alert moves up down until tonight explain when watch btc price status history "
        "how_often",
    ),
    intent_of(
        "history",
        "capitulation when|last|how_often|history|how_many|extreme",
        "btc ended past last how_often",
    ),
    intent_of("history", "how_often|history", "alert last past when capitulation extreme why week month"),
    intent_of("history", "alert|watch_list past|week|month", "when last send alert"),
    intent_of("history", "alert last", "when past"),
    intent_of(
        "chart price 7d",
        "btc|btc_price|price since_yesterday",
        "btc btc_price price above below up down moves moved high tonight or",
    ),
    intent_of("hashrate", "hashrate since_yesterday", "up down moves moved tonight or"),
    intent_of(
        "status",
        "status|capitulation|ended|stress|since_yesterday",
        "since_yesterday capitulation ended when btc alert status tonight energy digest above week month "
        "down up",
    ),
    intent_of(
        "halving",
        "halving",
        "when btc until how_far last after_halving month year week halve half down explain tonight",
    ),
    intent_of("halving", "subsidy", "btc tonight price costs explain"),
    intent_of("halving", "subsidy halve|down|when|how_far", "btc until"),
    intent_of("halving", "supply", "btc sats gone until tonight last explain"),
    intent_of("retarget", "retarget", f"{_MARKET} difficulty week tomorrow extreme"),
    intent_of("retarget", "difficulty when|up|down|moves", "btc until tonight how_far high or"),
    intent_of("difficulty", "difficulty", f"{_MARKET} past"),
    intent_of("network", "cost_to_mine", "btc btc_price price energy power tonight costs cheap"),
    intent_of(
        "network",
        "underwater",
        "btc price energy power catalogue when below who how_far fleet tonight costs hashrate",
    ),
    intent_of("hashprice", "hashprice", f"{_MARKET} hashrate sats income"),
    intent_of("fees", "fees", f"{_MARKET} sats per halving subsidy income profit share all_income"),
    intent_of("hashrate", "hashrate", _MARKET),
    intent_of(
        "price", "high|how_far|drawdown btc|btc_price|price|how_far|high", f"{_MARKET} drawdown below gone"
    ),
    intent_of("price", "drawdown", "tonight status"),
    intent_of(
        "chart energy", "energy", "price high up down when tonight tomorrow euro explain costs cheap morning"
    ),
    intent_of("price", "costs btc|btc_price", _MARKET),
    intent_of("price", "btc|btc_price", f"{_MARKET} worth"),
    intent_of("price", "price", f"{_MARKET} worth"),
    intent_of(
        IN_GROUPS, "in_groups", "status odds help explain subscribe share until why negation alert watch add"
    ),
    *(
        intent_of(f"about {figure}", f"doubted {words}", "exchange negation moves down up high")
        for figure, words in _DOUBTED.items()
    ),
    *(
        intent_of(f"about {figure}", f"exchange differs|negation {words}", "doubted above below until moves")
        for figure, words in _DOUBTED.items()
    ),
    intent_of(
        DOUBTED, "doubted", "price btc hashrate difficulty hashprice fees status why help exchange about"
    ),
    intent_of(DOUBTED, "exchange differs|negation", "above below until"),
    intent_of("share fleet", "share|picture fleet", "status to profit tonight"),
    intent_of("fleet", "fleet", "price status up down when explain tonight catalogue"),
    intent_of("machines best", "best_machine", "fleet tonight catalogue which_machine best profit"),
    intent_of(
        "machines best", "best which_machine|catalogue|count_word|machine_unit|profit", "fleet tonight"
    ),
    intent_of("machines best", "which_machine profit", "tonight"),
    intent_of("machines", "compare all|catalogue|which_machine", "best"),
    intent_of("machines", "catalogue", "compare fleet"),
    intent_of("share", "share", "status breakeven chart picture capitulation to"),
    intent_of("keyboard", "keyboard"),
    intent_of("test", "test", "alert send", changes=True),
    intent_of("pin off", "unpin", "status", changes=True),
    intent_of("pin off", "pin delete|stop|shut_off|gone", "status alert", changes=True),
    intent_of("pin", "pin", "status high", changes=True),
    intent_of("forget", "forget", "everything privacy", changes=True),
    intent_of("export", "export", "privacy send history", changes=True),
    intent_of("export", "send all privacy", changes=True),
    intent_of("privacy", "privacy", "explain fleet"),
    intent_of("currency", "currency_word", "price change"),
    intent_of("subscribe", "subscribe", "alert watch", changes=True),
    intent_of("subscribe", "send alert", "everything watch", changes=True),
    *(intent_of(f"{MEANING}{term}", term, "explain why help status") for term in TERMS),
    intent_of(f"{MEANING}term_mute", "term_mute", "negation mute only explain"),
    intent_of("about", "about", "explain alert status help costs price btc btc_price hashrate until why"),
    intent_of("help", "help", "status alert"),
    intent_of(SMALL_TALK, "small_talk", "status year"),
    intent_of(THANKS, "thanks", "off_topic"),
    intent_of("start", "greeting|morning", "status"),
    intent_of(ANNOYED, "annoyed", "off_topic"),
)
"""In the order in which they are tried."""
SUBSCRIPTIONS: Final = tuple(
    intent_of(f"subscribe {signal}", f"{asking} {words}", _SUBSCRIBING, changes=True)
    for signal, words in SIGNALS.items()
    for asking in ("watch|subscribe", "alert moves|up|down", "send alert")
) + tuple(
    intent_of(f"subscribe {signal}", f"unmute|again {words}", "alert shut_off subscribe again", changes=True)
    for signal, words in SIGNALS.items()
)
_GIVEN_UP: Final = SIGNALS | {"miner_income": "income"}
"""The words of each signal that can be given up; “the hashprice alarm” may be a watch."""
UNSUBSCRIPTIONS: Final = tuple(
    intent_of(f"unsubscribe {signal}", f"stop|shut_off|delete {words} alert", "keep_rest", changes=True)
    for signal, words in _GIVEN_UP.items()
) + tuple(
    intent_of(f"unsubscribe {signal}", f"negation|mute {words} alert|send", "subscribe", changes=True)
    for signal, words in _GIVEN_UP.items()
)
