"""What may be asked with figures, and what of it a text may go on from."""

from bot.mining.conversion import ConversionRequest
from bot.mining.goal import GoalRequest
from bot.mining.past import PastRequest
from bot.mining.projection import ProjectionRequest
from bot.mining.question import MachineComparison, Question
from bot.mining.required_price import PriceRequest
from bot.mining.whatif import WhatIf

Asked = Question | WhatIf | MachineComparison
"""What may be gone on from."""
Answerable = Asked | ProjectionRequest | PastRequest | ConversionRequest | GoalRequest | PriceRequest
