"""Questions what a basic word means, as a whole text: “what is a blockchain?”, “was ist Mining”.

Within a longer text such words mean something else (“what is bitcoin at”), so the tables don't hold them.
"""

import re
from typing import Final

_TERMS: Final = {
    "term_bitcoin": "bitcoin, bitcoins, btc, биткоин, биткойн, 比特币",
    "term_blockchain": "blockchain, bitcoin blockchain, block chain, cadena de bloques, блокчейн, 区块链",
    "term_mining": "mining, bitcoin mining, bitcoin-mining, crypto mining, miner, miners, bitcoin miner, "
    "bitcoin miners, minería, mineria, minería de bitcoin, minero, mineros, minar, майнинг, "
    "майнинг биткоина, майнер, майнеры, 挖矿, 比特币挖矿, 矿工",
    "term_shutdown": "shutdown price, shut-off price, switch-off price, abschaltpreis, abschaltkurs, "
    "precio de apagado, precio de desconexión, цена отключения, цена выключения, 关机价, 关机币价",
}
_BY_NOUN: Final = {noun.strip(): term for term, nouns in _TERMS.items() for noun in nouns.split(",")}
_ASKED: Final = re.compile(
    r"\W*(?:(?:what(?:'s|s| is| are)|explain(?: to me)?|define|how do(?:es)?)(?: an?| the)?"
    r"|(?:was (?:ist|sind|heißt|bedeutet)|erkläre?(?: mir)?|wie funktioniert)(?: eine?| die| der| das| den)?"
    r"|(?:qu[ée] (?:es|son|significa)|explica(?:me)?|explícame|c[óo]mo funcionan?)(?: una?| la| el| los)?"
    r"|что такое|что значит|кто такие|кто такой|объясни|как работает|什么是|什么叫|啥是|解释(?:一下)?)\s*"
    r"(?P<noun>[\w' -]+?)(?: works?| means?| meaning| eigentlich| bitte| please)?[\s?!.？。]*"
)
_CHINESE: Final = re.compile(
    r"\s*(?P<noun>[\w-]+?)(?:是什么|是什么意思|什么意思|是啥|是怎么回事)[\s?!.？。]*"
)


_DIFFERENCE: Final = re.compile(
    r"(?:difference|differ|vs|versus|different|unterschied\w*|unterscheid\w*|diferencia\w*|отлич\w+|разниц\w+)\b"
    r"|区别|差别|不同"
)
_PAIR: Final = re.compile(
    r"(?=.*(?:hash ?rate|хешрейт|хэшрейт|算力))(?=.*(?:difficulty|schwierigkeit|dificultad|сложност|难度))"
)
_MOST_OF_A_PAIR: Final = 70
"""Characters; a longer text asks for more than the difference of two words."""


def asks_difference(plain: str) -> bool:
    """True for “what's the difference between hashrate and difficulty”, in a normalized text."""
    is_short = len(plain) <= _MOST_OF_A_PAIR and not any(character.isdigit() for character in plain)
    return is_short and _DIFFERENCE.search(plain) is not None and _PAIR.match(plain) is not None


def basic_term(plain: str) -> str | None:
    """The term of `TERMS` whose meaning a whole normalized text asks for; None for any other text."""
    if asks_difference(plain):
        return "term_difference"
    match = _ASKED.fullmatch(plain) or _CHINESE.fullmatch(plain)
    return None if match is None else _BY_NOUN.get(match["noun"].strip())
