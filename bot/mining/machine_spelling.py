"""How machines' names are spelled: makers, words with several spellings, and names in their compact form."""

from functools import lru_cache
from typing import Final

from bot.mining.parsing.tokens import normalize

BRANDS: Final = frozenset(
    {"antminer", "bitmain", "microbt", "whatsminer", "avalon", "avalonminer", "alonminer", "canaan"}
    | {"ebang", "ebit", "innosilicon", "bitdeer", "sealminer", "bitaxe", "bitfury", "tardis"}
    | {"strongu", "stu", "hummer", "auradine", "teraflux", "braiins", "futurebit", "gekkoscience"}
    | {"nerdminer", "nerdaxe", "heatbit", "fluminer", "volcminer", "goldshell", "iceriver", "ipollo"}
    | {"jasminer", "elphapex", "luckyminer", "dragonmint", "gmo", "snowpanther", "asicminer"}
)  # fmt: skip
"""Words that name a maker or its line; mostly they may be left out."""
_SPELLED: Final = {
    "pros": "pro",
    "jp": "jpro",
    "kp": "kpro",
    "ap": "apro",
    "xps": "xp",
    "gammas": "gamma",
    "supras": "supra",
    "ultras": "ultra",
    "nanos": "nano",
    "minis": "mini",
    "bitaxes": "bitaxe",
    "гамма": "gamma",
    "супра": "supra",
    "ультра": "ultra",
    "нано": "nano",
    "мини": "mini",
    "хайд": "hyd",
    "хп": "xp",
    "хр": "xp",
    "про": "pro",
    "плюс": "+",
    "гидро": "hyd",
    "hydro": "hyd",
    "hidro": "hyd",
    "immersion": "imm",
    "plus": "+",
    "xphyd": "xphyd",
    "immersed": "imm",
    "水冷": "hyd",
    "水冷版": "hyd",
    "液冷": "hyd",
    "浸没": "imm",
    "浸没式": "imm",
    "wassergekühlt": "hyd",
    "watercooled": "hyd",
}
_JOINED: Final = (("hydro", "hyd"), ("hidro", "hyd"), ("immersion", "imm"), ("plus", "+"))


def machine_key(text: str) -> str:
    """Letters, digits and plus signs only, in lower case, with one spelling of hydro, immersion and plus."""
    compact = "".join(
        character for character in normalize(text) if character.isalnum() or character in "+."
    ).rstrip(".")
    return joined_key(compact)


@lru_cache(maxsize=4096)
def joined_key(key: str) -> str:
    """A compact name with one spelling of hydro, immersion and plus."""
    for long, short in _JOINED:
        key = key.replace(long, short)
    return key


def spelled(word: str) -> str:
    """A word of a name as the catalogue spells it: “hydro” is “hyd”, “плюс” is “+”."""
    return _SPELLED.get(word, word)
