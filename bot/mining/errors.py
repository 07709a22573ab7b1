"""The error for a question that can't be answered as asked: one sentence, and an example that works."""

from dataclasses import dataclass
from typing import Final

from bot.i18n.message import ENGLISH, LazyText

QUESTION_EXAMPLE: Final = "/breakeven s19 0.07"


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading that may have been meant: what its button says, and the text that asks it."""

    label: LazyText
    text: str


def verbatim(text: str) -> LazyText:
    """A label that is the same in every language."""
    return lambda _: text


class InvalidQuestion(ValueError):  # noqa: N818 - named for what it is to the asker: no fault of the program
    """The question can't be answered as it stands."""

    def __init__(
        self,
        says: LazyText,
        example: str | LazyText = QUESTION_EXAMPLE,
        choices: tuple[Choice, ...] = (),
        hint: LazyText | None = None,
    ) -> None:
        """`says` names what was wrong, `example` is a line that works.

        `choices` are readings that may have been meant, best first. `hint` is one sentence that helps in a
        chat only, such as a command to look things up with.
        """
        self.says = says
        self.example: LazyText = example if callable(example) else lambda _: example
        self.choices = choices
        self.hint = hint
        super().__init__(f"{says(ENGLISH)} For example: {self.example(ENGLISH)}")

    @property
    def sentence(self) -> str:
        """What was wrong, in English."""
        return self.says(ENGLISH)

    def about(self, name: str, example: str | None = None) -> "InvalidQuestion":
        """The same, said of the part of the question called `name`."""
        return InvalidQuestion(
            lambda t: f"{name}: {self.says(t)}", example or self.example, self.choices, self.hint
        )
