"""What is said when a question can't be answered as asked: one sentence, and an example that works."""

from typing import Final

from bot.i18n.message import ENGLISH, LazyText

QUESTION_EXAMPLE: Final = "/breakeven s19 0.07"


class InvalidQuestion(ValueError):  # noqa: N818 - named for what it is to the asker: no fault of the program
    """The question can't be answered as it stands.

    `says` names what was wrong, `example` is a question that works, `suggestions` are the machines that
    may have been meant (catalogue names, best first).
    """

    def __init__(
        self, says: LazyText, example: str = QUESTION_EXAMPLE, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{says(ENGLISH)} For example: {example}")
        self.says = says
        self.example = example
        self.suggestions = suggestions

    @property
    def sentence(self) -> str:
        """What was wrong, in English."""
        return self.says(ENGLISH)

    def about(self, name: str, example: str | None = None) -> "InvalidQuestion":
        """The same, said of a part of the question."""
        return InvalidQuestion(lambda t: f"{name}: {self.says(t)}", example or self.example, self.suggestions)
