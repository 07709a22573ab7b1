"""`python -m bot`: the command line."""

import sys

try:
    from bot.cli.main import main
except ModuleNotFoundError as error:
    sys.exit(
        f"minerwatch: {error.name} is not installed for {sys.executable}; "
        "`make run` installs everything into .venv, then use .venv/bin/python -m bot"
    )

if __name__ == "__main__":
    sys.exit(main())
