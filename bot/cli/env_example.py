"""`.env.example`, written from the settings: `python -m bot.cli.env_example > .env.example`."""

import sys
from collections.abc import Iterator

from bot.settings import PROVIDERS, Settings

_HEAD = """\
# Every setting of minerwatch, with its default. Copy this file to .env, fill in the token, and take away
# the # of what else you change; the environment goes before .env.
# This file is written by: python -m bot.cli.env_example > .env.example
"""


def example() -> str:
    """Every setting with its description and default, commented out but for the token."""
    return _HEAD + "".join(_entries())


def _entries() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, tuple | frozenset | dict):
            default = ",".join(str(part) for part in default)
        value = "" if default is None else str(default)
        mark = "" if name == "telegram_bot_token" else "#"
        yield f"\n# {field.description or _of_provider(name)}\n{mark}{name.upper()}={value}\n"


def _of_provider(name: str) -> str:
    provider = next(provider for provider in PROVIDERS if name.startswith(f"{provider}_"))
    if name.endswith("_key"):
        return f"key for {provider}"
    return f"another address for {provider}; set but empty: {provider} is never asked"


if __name__ == "__main__":
    sys.stdout.write(example())
