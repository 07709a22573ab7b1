"""`python -m bot` and `minerwatch`: the command line."""

import sys

_INTERRUPTED = 130


def run() -> int:
    """Run the command line; Ctrl-C while it is still being loaded ends it without a word."""
    try:
        from bot.cli.main import main  # noqa: PLC0415 - so that what goes wrong meanwhile is said in a line
    except ModuleNotFoundError as error:
        print(  # noqa: T201 - the command line's own output
            f"minerwatch: {error.name} is not installed for {sys.executable}; "
            "`make run` installs everything into .venv, then use .venv/bin/python -m bot",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 0 if sys.argv[1:2] == ["demo"] else _INTERRUPTED
    return main()


if __name__ == "__main__":
    sys.exit(run())
