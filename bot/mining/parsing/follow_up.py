"""What may be asked with figures, and what of it a text may go on from."""

from dataclasses import dataclass

from bot.mining.conversion import ConversionRequest
from bot.mining.goal import Goal, GoalRequest
from bot.mining.mining_time import MiningTimeRequest
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.past import PastRequest
from bot.mining.projection import ProjectionRequest
from bot.mining.question import MachineComparison, Question
from bot.mining.required_price import PriceRequest
from bot.mining.whatif import WhatIf

AskedQuestion = Question | WhatIf | MachineComparison
"""A question that may be gone on from."""


@dataclass(frozen=True, slots=True)
class CommandDone:
    """The command answered last, and the question answered before it, if there was one.

    `former` is what the command's settings were before it, as JSON; "" where it set none. `offered` is what
    was asked of the chat since: the commands of which a yes means the only one. `goal` is what the machines
    of the question are to reach, where their number was asked for.
    """

    command: CommandRequest
    question: AskedQuestion | None = None
    former: str = ""
    goal: Goal | None = None
    offered: tuple[CommandRequest, ...] = ()


Asked = AskedQuestion | CommandDone
"""What may be gone on from."""
Answerable = (
    AskedQuestion
    | ProjectionRequest
    | PastRequest
    | ConversionRequest
    | GoalRequest
    | PriceRequest
    | MiningTimeRequest
)
