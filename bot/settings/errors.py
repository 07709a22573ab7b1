"""What an operator must mend."""


class OperatorError(Exception):
    """What the operator must mend before the program can go on.

    Args:
        problem: what is wrong, in a sentence that names the setting or file.
        remedy: what to do about it, with an example.
        passing: the condition may end by itself, so that a restart is worth trying.
    """

    def __init__(self, problem: str, remedy: str, *, passing: bool = False) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.passing = passing


class SettingsError(OperatorError):
    """A setting is unusable."""
