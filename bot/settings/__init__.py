"""Settings: from the environment or `.env`, checked once, with one clear sentence for each mistake."""

from bot.settings.errors import OperatorError, SettingsError
from bot.settings.fields import KEYED, PROVIDERS, Settings, WidgetKind
from bot.settings.loading import env_file, load_settings
from bot.settings.urls import is_postgres_url

__all__ = [
    "KEYED",
    "PROVIDERS",
    "OperatorError",
    "Settings",
    "SettingsError",
    "WidgetKind",
    "env_file",
    "is_postgres_url",
    "load_settings",
]
