"""Everything an operator can set, and what each value must be."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.mining.power_market import ZONES
from bot.settings.errors import SettingsError
from bot.settings.urls import is_postgres_url, is_web_address

PROVIDERS = (
    *("mempool", "bitview", "kraken", "coinbase", "coingecko", "coinmetrics", "blockchain_info"),
    *("energy_charts", "awattar", "smard", "fred", "eia_web", "eia", "frankfurter", "ecb"),
    *("bgeometrics", "glassnode", "cryptoquant"),
)
"""Every provider that has a `<NAME>_URL`, in the order of the plan."""

KEYED = ("coingecko", "eia", "bgeometrics", "glassnode", "cryptoquant")
"""Those that also take a `<NAME>_API_KEY`."""

WidgetKind = Literal["breakeven", "status"]
"""What TELEGRAM_WIDGETS can switch on."""

_OPTIONAL = (
    *("backup_dir", "database_url"),
    *("telegram_bot_token", "telegram_bot_token_file", "source_refresh_seconds", "metrics_port"),
    *("heartbeat_url", "webhook_url", "webhook_secret", "web_port", "web_url"),
    *(f"{name}_api_key" for name in KEYED),
)
"""Settings that are unset when their value is empty."""

MOST_USD_PER_KWH = 2.0
"""More is cents written as dollars."""

_SERVICE_NAME = re.compile(r"(?!(add|list|remove|rotate|secret|test)$)[a-z][a-z0-9_-]{0,19}")
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


class Settings(BaseSettings):
    """Everything an operator can set. Field names are the environment's, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    telegram_bot_token: SecretStr | None = Field(None, description="the bot's token from @BotFather")
    telegram_bot_token_file: Path | None = Field(None, description="a file that holds the token instead")
    telegram_api_url: str = Field("https://api.telegram.org", description="the Bot API server")
    database_path: Path = Field(Path("minerwatch.db"), description="the database file")
    database_url: SecretStr | None = Field(
        None, description="a PostgreSQL database instead of the file, for several replicas"
    )
    backup_dir: Path | None = Field(
        None, description="folder for a backup each day, kept by day, week and month; unset: none"
    )
    admin_chat_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="chats that may use admin commands, separated by commas"
    )
    allowed_chat_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="the only chats (and people, for inline questions) that are answered; unset: all"
    )
    poll_interval_seconds: float = Field(300, gt=0, le=86_400, description="seconds between two polls")
    source_refresh_seconds: float | None = Field(
        None, gt=0, le=86_400, description="one cadence for every source instead of each its own"
    )
    power_price: float = Field(0.07, gt=0, description="USD/kWh when a question names none")
    energy_zones: Annotated[tuple[str, ...], NoDecode] = Field(
        ("DE-LU",), description="day-ahead zones to watch, separated by commas"
    )
    contact: str = Field(
        "", max_length=200, description="an address that providers may write to, sent as User-Agent"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    log_format: Literal["text", "json"] = Field("text", description="log lines for people or for programs")
    metrics_port: int | None = Field(None, ge=1, le=65_535, description="port for health and metrics")
    metrics_host: str = Field("127.0.0.1", description="address the metrics are served on")
    heartbeat_url: SecretStr | None = Field(None, description="called after each good poll")
    webhook_url: str | None = Field(
        None, description="public https address that Telegram posts updates to; unset: the bot asks for them"
    )
    webhook_port: int = Field(8080, ge=1, le=65_535, description="port for the webhook")
    webhook_host: str = Field("127.0.0.1", description="address the webhook is served on")
    webhook_secret: SecretStr | None = Field(
        None, description="what Telegram must send along; unset: derived from the token"
    )
    web_port: int | None = Field(None, ge=1, le=65_535, description="port for the page; unset: no page")
    web_host: str = Field("127.0.0.1", description="address the page is served on")
    web_url: str | None = Field(
        None, description="public https address of the page; with it the page is a Mini App too"
    )
    web_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "::1"), description="addresses of the proxies before the page, separated by commas"
    )
    hook_private_hosts: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="hosts in private networks that webhooks (/hook) may go to, by commas"
    )
    notify_services: Annotated[dict[str, SecretStr], NoDecode] = Field(
        {}, description="Apprise addresses for /hook by name, separated by spaces; they are secret"
    )
    telegram_widgets: Annotated[tuple[WidgetKind, ...], NoDecode] = Field(
        (), description="widgets in private chats, to be tried: breakeven, status, by commas; unset: none"
    )
    messages_per_second: float = Field(
        30, gt=0, le=1000, description="Telegram's limit over all chats; above 30 only with paid broadcasts"
    )
    max_watches_per_chat: int = Field(50, ge=0, le=10_000, description="personal watches one chat may have")

    mempool_url: str | None = None
    esplora_url: str | None = Field(
        None,
        description="checks the ledger (default: https://blockstream.info; empty: nobody does)",
    )
    bitview_url: str | None = None
    kraken_url: str | None = None
    coinbase_url: str | None = None
    coingecko_url: str | None = None
    coingecko_api_key: SecretStr | None = None
    coinmetrics_url: str | None = None
    blockchain_info_url: str | None = None
    energy_charts_url: str | None = None
    awattar_url: str | None = None
    smard_url: str | None = None
    fred_url: str | None = None
    eia_web_url: str | None = None
    eia_url: str | None = None
    eia_api_key: SecretStr | None = None
    frankfurter_url: str | None = None
    ecb_url: str | None = None
    bgeometrics_url: str | None = None
    bgeometrics_api_key: SecretStr | None = None
    glassnode_url: str | None = None
    glassnode_api_key: SecretStr | None = None
    cryptoquant_url: str | None = None
    cryptoquant_api_key: SecretStr | None = None

    @field_validator("notify_services", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split()]
        for name, _, address in pairs:
            if not _SERVICE_NAME.fullmatch(name) or "://" not in address:
                raise ValueError("it must be name=address pairs, names in small letters, separated by spaces")
        return {name: address for name, _, address in pairs}

    @field_validator(
        *("admin_chat_ids", "allowed_chat_ids", "energy_zones", "web_proxies", "hook_private_hosts"),
        "telegram_widgets",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(*_OPTIONAL, mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("energy_zones")
    @classmethod
    def _known_zones(cls, zones: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [zone for zone in zones if zone not in ZONES]
        if unknown or not zones:
            raise ValueError(f"unknown zone {', '.join(unknown) or '(none)'}; known are {', '.join(ZONES)}")
        return tuple(dict.fromkeys(zones))

    @field_validator("power_price")
    @classmethod
    def _is_usd(cls, value: float) -> float:
        if value > MOST_USD_PER_KWH:
            hint = (
                f"; {value:g} cents are POWER_PRICE={value / 100:g}"
                if value <= 100 * MOST_USD_PER_KWH
                else ""
            )
            raise ValueError(f"{value:g} USD/kWh is more than anybody pays{hint}")
        return value

    @field_validator("metrics_host", "webhook_host", "web_host")
    @classmethod
    def _is_host(cls, value: str) -> str:
        try:
            ip_address(value)
        except ValueError:
            raise ValueError("not an IP address of this machine") from None
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("telegram_bot_token", mode="before")
    @classmethod
    def _without_spaces(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not (value.isascii() and (value.isprintable() or not value)):
            raise ValueError("an address is written in plain ASCII characters")
        return value

    @field_validator("database_path", mode="before")
    @classmethod
    def _names_a_file(cls, value: object) -> object:
        if value == "":
            raise ValueError("it is empty")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_postgres_url(value.get_secret_value()):
            raise ValueError("not an address of a PostgreSQL database")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _has_an_address(cls, value: str) -> str:
        if not value:
            raise ValueError("it is empty")
        return value

    @field_validator("telegram_api_url", "esplora_url", *(f"{name}_url" for name in PROVIDERS))
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value and ("?" in value or "#" in value or not is_web_address(value)):
            raise ValueError("not an http or https address without query")
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _is_heartbeat(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_web_address(value.get_secret_value()):
            raise ValueError("not an http or https address")
        return value

    @field_validator("webhook_url", "web_url")
    @classmethod
    def _is_https(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith("https://") and is_web_address(value)):
            raise ValueError("not an https address; Telegram takes no other")
        return value

    @field_validator("web_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            cls._is_host(address)
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
            raise ValueError("it must be 16 to 256 letters, digits, _ or -")
        return value

    @model_validator(mode="after")
    def _backups_are_of_files(self) -> "Settings":
        if self.database_url is not None and self.backup_dir is not None:
            raise SettingsError(
                "BACKUP_DIR copies SQLite's file, and DATABASE_URL names a PostgreSQL database",
                "leave BACKUP_DIR out and back up with pg_dump; docs/scaling.md says how",
            )
        return self

    @model_validator(mode="after")
    def _token_from_file(self) -> "Settings":
        if self.telegram_bot_token is None and self.telegram_bot_token_file is not None:
            try:
                text = self.telegram_bot_token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it isn't text"
                raise SettingsError(
                    f"TELEGRAM_BOT_TOKEN_FILE can't be read ({reason})",
                    "give a file that holds only the token, readable by this user",
                ) from None
            self.telegram_bot_token = SecretStr(text)
        return self

    @property
    def secrets(self) -> list[str]:
        """Everything that must never be seen: the token, the keys, and addresses that open something."""
        keys = [
            *(self.telegram_bot_token, self.heartbeat_url, self.webhook_secret, self.database_url),
            *self.notify_services.values(),
            *(getattr(self, f"{name}_api_key") for name in KEYED),
        ]
        secrets = [secret.get_secret_value() for secret in keys if secret is not None]
        if self.database_url is not None:
            password = urlsplit(self.database_url.get_secret_value()).password
            secrets += [password, unquote(password)] if password else []
        return secrets

    @property
    def database(self) -> Path | str:
        """Where the database is: SQLite's file, or a PostgreSQL URL."""
        return self.database_path if self.database_url is None else self.database_url.get_secret_value()

    @property
    def token(self) -> str:
        """The bot's token. Raises SettingsError when there is none or it can't be one."""
        if self.telegram_bot_token is None:
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is missing",
                "get one from @BotFather and put it into .env, for example TELEGRAM_BOT_TOKEN=123456789:AbC…",
            )
        token = self.telegram_bot_token.get_secret_value()
        if not _TOKEN.fullmatch(token):
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is not a bot token: one is digits, a colon, then letters and digits",
                "copy it from @BotFather, for example TELEGRAM_BOT_TOKEN=123456789:AbC…",
            )
        return token
