"""Which chain is bitcoin's: known blocks, and the work that every block must show.

A header hashes to the block's own id, and that number must lie below the target its `bits` name (Bitcoin
Core, `CheckProofOfWork`). Blocks that show work near today's difficulty cost as much as real ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

_TARGET_OF_DIFFICULTY_1: Final = 0xFFFF << 208


@dataclass(frozen=True, slots=True)
class Header:
    """The six fields of a block header; hashes as explorers show them, the highest byte first."""

    version: int
    previous: str
    merkle_root: str
    time: int
    bits: int
    nonce: int

    def block_hash(self) -> str:
        """The id of the block it heads."""
        raw = b"".join(
            (
                (self.version & 0xFFFFFFFF).to_bytes(4, "little"),
                bytes.fromhex(self.previous)[::-1],
                bytes.fromhex(self.merkle_root)[::-1],
                *(number.to_bytes(4, "little") for number in (self.time, self.bits, self.nonce)),
            )
        )
        return sha256(sha256(raw).digest()).digest()[::-1].hex()

    @property
    def target(self) -> int:
        """The number below which the block's hash must lie."""
        exponent, mantissa = self.bits >> 24, self.bits & 0x7FFFFF
        return mantissa << 8 * (exponent - 3) if exponent > 3 else mantissa >> 8 * (3 - exponent)

    @property
    def difficulty(self) -> float:
        """The target as a multiple of the easiest one's difficulty."""
        return _TARGET_OF_DIFFICULTY_1 / max(1, self.target)


@dataclass(frozen=True, slots=True)
class ChainRules:
    """What makes a chain the one that is meant.

    `known` gives hashes by height. `least_difficulty` is what every block asked for must have been mined at.
    `height` was the tip at `at`; since then blocks have come every ten minutes, give or take a tenth.
    """

    known: Mapping[int, str] = field(default_factory=dict)
    least_difficulty: float = 0.0
    height: int = 0
    at: datetime = datetime(2009, 1, 3, tzinfo=UTC)

    def proves(self, block_hash: str, header: Header) -> bool:
        """Whether a header is that of the block named and shows the work that is asked for."""
        return (
            header.block_hash() == block_hash
            and int(block_hash, 16) <= header.target
            and header.difficulty >= self.least_difficulty
        )

    def is_plausible_tip(self, height: int, now: datetime) -> bool:
        """Whether the chain can have grown to that height by now."""
        expected = (now - self.at) / timedelta(minutes=10)
        return abs(height - self.height - expected) <= 2_016 + 0.1 * abs(expected)


MAINNET: Final = ChainRules(
    known={
        0: "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        967_729: "00000000000000000001a48490160c741e92fae8f4a464fa95138d518b8f041d",
    },
    least_difficulty=1e13,  # a tenth of what it has been since 2024: the last 400 days are asked for
    height=967_729,
    at=datetime(2026, 9, 19, 18, 2, tzinfo=UTC),
)
