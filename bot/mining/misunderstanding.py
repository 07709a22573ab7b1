"""What is said when a question can't be answered as asked: one sentence, and an example that works."""

from typing import Final

EXAMPLE: Final = "/breakeven s19 0.07"


class Misunderstanding(ValueError):  # noqa: N818 - named for what it is to the asker: no fault of the program
    """The question can't be answered as it stands.

    `sentence` names what was wrong, `example` is a question that works, `suggestions` are the machines that
    may have been meant (catalogue names, best first).
    """

    def __init__(self, sentence: str, example: str = EXAMPLE, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(f"{sentence} For example: {example}")
        self.sentence = sentence
        self.example = example
        self.suggestions = suggestions
