"""What the pure core says in English, said in the chat's language."""

from handlers.language import Tongue


def retell(text: str, t: Tongue) -> str:
    """A rule's title, a figure's detail or a reason."""
    return t(text)
