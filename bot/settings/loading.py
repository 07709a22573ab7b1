"""Load the settings from the environment and `.env`; the first mistake is one sentence with an example."""

import os
from pathlib import Path

from pydantic import ValidationError

from bot.settings.errors import SettingsError
from bot.settings.fields import Settings

_EXAMPLES = {
    "contact": "ops@example.org",
    "database_path": "minerwatch.db",
    "database_url": "postgresql://minerwatch:password@db.example.org/minerwatch",
    "heartbeat_url": "https://hc.example.org/ping/minerwatch",
    "telegram_api_url": "https://api.telegram.org",
    "webhook_port": "8080",
    "webhook_secret": "a-long-word-of-your-own",
    "poll_interval_seconds": "300",
    "source_refresh_seconds": "600",
    "power_price": "0.07",
    "energy_zones": "DE-LU,FR",
    "admin_chat_ids": "123456789",
    "allowed_chat_ids": "123456789,-1001234567890",
    "log_level": "INFO",
    "log_format": "text",
    "metrics_port": "9464",
    "metrics_host": "127.0.0.1",
    "webhook_host": "127.0.0.1",
    "web_port": "8081",
    "web_host": "127.0.0.1",
    "web_proxies": "127.0.0.1,::1",
    "hook_private_hosts": "hooks.internal,10.0.0.7",
    "notify_services": "phone=ntfys://topic ops=mailtos://user:password@example.org",
    "telegram_widgets": "breakeven",
    "messages_per_second": "30",
    "max_watches_per_chat": "50",
}


def env_file() -> Path | None:
    """`.env` of the current folder; None when there is none, or when the environment names a token file.

    A service or container that has its token from a file has its other settings in the environment as well.
    Raises SettingsError when the file is another user's: whoever owns the folder could name a server of his
    own that the token would be sent to.
    """
    if os.environ.get("TELEGRAM_BOT_TOKEN_FILE"):
        return None
    path = Path(".env")
    try:
        owners = {path.lstat().st_uid, path.stat().st_uid}
    except OSError:
        return None
    if owners != {os.geteuid()}:
        raise SettingsError(
            f"{path.absolute()} belongs to another user and is not read",
            "run minerwatch in a folder of your own, or take the file over with chown",
        )
    return path


def load_settings() -> Settings:
    """Read the environment and `.env`. Raises SettingsError naming the first setting that is wrong."""
    try:
        return Settings(_env_file=env_file())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't UTF-8 text"
        raise SettingsError(
            f".env can't be read ({reason})", "it holds lines like POLL_INTERVAL_SECONDS=300"
        ) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "settings"
        reason = first["msg"].removeprefix("Value error, ")
        if reason.startswith("Input should be "):  # "…a valid number, unable to parse string as a number"
            reason = f"it must be {reason.removeprefix('Input should be ').partition(', unable')[0]}"
        example = _EXAMPLES.get(field, "https://example.org" if field.endswith("_url") else "")
        remedy = f"for example {field.upper()}={example}" if example else "see .env.example"
        raise SettingsError(f"{field.upper()} is unusable: {reason}", remedy) from None
