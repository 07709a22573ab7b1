"""Which coinbase addresses are a pool's own wallet, learned from blocks, and when one is retired."""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.ledger.blocks import Block, Pool

MOST_PAYOUTS: Final = 4
"""A coinbase that pays more addresses than this pays miners, not a wallet."""

RETIRE_AFTER: Final = timedelta(days=120)
"""An empty address no block has paid for this long is not asked about any more."""

DUST_SAT: Final = 100_000
"""Strangers send crumbs to well-known addresses; a balance up to this (0.001 BTC) counts as empty."""


class CoinbaseKind(StrEnum):
    """What the addresses in a block's coinbase are."""

    POOL = "pool"  # the pool's wallet: it holds the reward until it pays its miners
    DIRECT = "direct"  # the coinbase pays the miners themselves
    SOLO = "solo"  # the coinbase pays the one miner who found the block
    UNKNOWN = "unknown"  # nobody knows whose


_DIRECT = frozenset({"ocean", "oceanxyz", "p2pool", "eligius", "parasite", "parasitepool"})
_SOLO = frozenset({"publicpool", "noderunners", "ckpool", "futurebit", "apollo", "bitaxe"})

TAGS: Final = (
    ("OCEAN.XYZ", "ocean", "OCEAN"),
    ("solo.ckpool.org", "solock", "Solo CK"),
    ("Public-Pool", "publicpool", "Public Pool"),
    ("/Braiins Solo/", "braiinssolo", "Braiins Solo"),
    ("Foundry USA Pool", "foundryusa", "Foundry USA"),
    ("Mined by AntPool", "antpool", "AntPool"),
    ("/ViaBTC/", "viabtc", "ViaBTC"),
    ("F2Pool", "f2pool", "F2Pool"),
    ("SpiderPool", "spiderpool", "SpiderPool"),
    ("MARA Pool", "marapool", "MARA Pool"),
    ("MARA Made in USA", "marapool", "MARA Pool"),
    ("SecPool", "secpool", "SECPOOL"),
    ("/LUXOR/", "luxor", "Luxor"),
    ("Powered by Luxor Tech", "luxor", "Luxor"),
    ("/Binance/", "binancepool", "Binance Pool"),
    ("/slush/", "braiinspool", "Braiins Pool"),
    ("SBICrypto.com Pool", "sbicrypto", "SBI Crypto"),
    ("/BTC.COM/", "btccom", "BTC.com"),
    ("/poolin.com", "poolin", "Poolin"),
    ("/ultimus/", "ultimuspool", "ULTIMUSPOOL"),
    ("WhitePool", "whitepool", "WhitePool"),
    ("/NiceHash/", "nicehash", "NiceHash"),
    ("/rawpool", "rawpool", "Rawpool"),
)
"""How pools sign their coinbases, letter for letter. Those whose miners write texts of their own go first."""


def coinbase_kind(pool: Pool | None) -> CoinbaseKind:
    """What the pool's coinbases pay, by its slug and name."""
    if pool is None:
        return CoinbaseKind.UNKNOWN
    keys = {re.sub(r"[^a-z0-9]", "", text.lower()) for text in (pool.slug, pool.name)}
    if "unknown" in keys or "" in keys:
        return CoinbaseKind.UNKNOWN
    if keys & _DIRECT:
        return CoinbaseKind.DIRECT
    if keys & _SOLO or any("solo" in key for key in keys):
        return CoinbaseKind.SOLO
    return CoinbaseKind.POOL


def pool_by_tag(script: bytes) -> Pool | None:
    """The pool that signed a coinbase script, or None; for servers that attribute no blocks."""
    text = script.decode("latin-1")
    return next((Pool(slug, name) for tag, slug, name in TAGS if tag in text), None)


def wallets(block: Block) -> tuple[str, ...]:
    """The addresses of the block's coinbase that belong in the registry, without repeats.

    None of a direct-payout or solo pool's, of a block nobody is known to have mined, or of a coinbase with
    more than `MOST_PAYOUTS` addresses.
    """
    addresses = dict.fromkeys(output.address for output in block.payouts or () if output.address)
    if len(addresses) > MOST_PAYOUTS or coinbase_kind(block.pool) is not CoinbaseKind.POOL:
        return ()
    return tuple(addresses)


def retired(last_paid: date, balance_sat: int, today: date) -> bool:
    """Whether an address is let go: empty but for dust and unpaid for `RETIRE_AFTER`."""
    return balance_sat <= DUST_SAT and today - last_paid > RETIRE_AFTER
