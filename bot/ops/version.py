"""The installed version."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version of the installed package; `unknown` where it runs without being installed."""
    try:
        return version("minerwatch")
    except PackageNotFoundError:
        return "unknown"
