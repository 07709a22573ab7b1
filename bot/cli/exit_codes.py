"""Exit statuses, as the contract has them."""

DONE, FAILED, UNUSABLE = 0, 1, 2
