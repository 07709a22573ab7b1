"""What a chat wants: language, time zone, quiet hours, mute, digest. An address has one row, or none."""

from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, time

from storage.chats.chats import Address
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The settings of one address; moments are UTC, times are by the clock of `time_zone`.

    `language` is None until chosen, `telegram_language` what Telegram said last. Severities below
    `silent_below` come without a sound. `digest_weekday` None is daily, 0 is Monday; the
    last digest reached up to the moment `digest_last` and the alert `digest_alert`. With `tell_outages` the
    chat is told when there is no fresh data. Amounts are shown in `currency`, a code; None is US dollars.
    With `alert_pictures` changes of phase and critical firings come with a picture.
    """

    language: str | None = None
    telegram_language: str | None = None
    time_zone: str = "UTC"
    quiet_from: time | None = None
    quiet_to: time | None = None
    critical_passes: bool = True
    muted_at: datetime | None = None
    muted_until: datetime | None = None
    silent_below: int = 1
    digest_at: time | None = None
    digest_weekday: int | None = None
    digest_next: datetime | None = None
    digest_last: datetime | None = None
    digest_alert: int = 0
    dark: bool = False
    tell_outages: bool = False
    currency: str | None = None
    alert_pictures: bool = True


SHARED = (
    "language", "time_zone", "quiet_from", "quiet_to", "critical_passes", "silent_below", "dark", "currency",
    "alert_pictures",
)  # fmt: skip
"""The settings that a group's topics have in common, unless one topic differs."""

_USUAL = ChatSettings()
COLUMNS = tuple(field.name for field in fields(ChatSettings))
_NAMES = ", ".join(COLUMNS)
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
_TIMES = ("quiet_from", "quiet_to", "digest_at")
_MOMENTS = ("muted_at", "muted_until", "digest_next", "digest_last")
_FLAGS = ("critical_passes", "dark", "tell_outages", "alert_pictures")


def load(db: Database, address: Address) -> ChatSettings:
    """The settings of an address; of a topic that has set nothing its group's, else the usual ones."""
    own = _load_row(db, address)
    if own is not None or not address.topic_id:
        return own or _USUAL
    group = _load_row(db, Address(address.chat_id)) or _USUAL
    return replace(_USUAL, **{name: getattr(group, name) for name in SHARED})


def _load_row(db: Database, address: Address) -> ChatSettings | None:
    row = db.execute(
        f"SELECT {_NAMES} FROM chat_settings WHERE chat_id = ? AND topic_id = ?",
        [address.chat_id, address.topic_id],
    ).fetchone()
    return None if row is None else of_row(row)


def save_change(db: Database, address: Address, before: ChatSettings, after: ChatSettings) -> list[Address]:
    """Keep what was changed at a remembered address of a remembered chat; gives every address it holds for.

    What is shared holds for the whole group: changed in General, for the topics that had it as General had;
    changed in a topic, for those where nothing was chosen. A topic that chose for itself keeps its choice.
    """
    save(db, address, after)
    shared = {name: getattr(after, name) for name in SHARED if getattr(after, name) != getattr(before, name)}
    usual = before if not address.topic_id else _USUAL
    changed = [address]
    for other in _others(db, address):
        theirs = load(db, other)
        follows = {
            name: value for name, value in shared.items() if getattr(theirs, name) == getattr(usual, name)
        }
        if follows:
            save(db, other, replace(theirs, **follows))
            changed.append(other)
    return changed


def _others(db: Database, address: Address) -> list[Address]:
    """The other topics of a chat that have settings, and General."""
    rows = db.execute("SELECT topic_id FROM chat_settings WHERE chat_id = ?", [address.chat_id]).fetchall()
    topics = {0, *(int(row[0]) for row in rows)} - {address.topic_id}
    return [Address(address.chat_id, topic) for topic in sorted(topics)]


def save(db: Database, address: Address, settings: ChatSettings) -> None:
    """Keep the settings of a remembered address."""
    marks = ", ".join("?" * (2 + len(COLUMNS)))
    db.execute(
        f"INSERT INTO chat_settings (chat_id, topic_id, {_NAMES}) VALUES ({marks}) "
        f"ON CONFLICT (chat_id, topic_id) DO UPDATE SET {_REPLACED}",
        [address.chat_id, address.topic_id, *(_plain(value) for value in astuple(settings))],
    )


def mute_anew(db: Database, now: datetime) -> list[Address]:
    """Let mutes that a clock ahead began last as long as was wanted from now on; gives whose they were."""
    rows = db.execute(
        "SELECT chat_id, topic_id, muted_at, muted_until FROM chat_settings WHERE muted_at > ?",
        [now.isoformat()],
    ).fetchall()
    for chat_id, topic_id, muted_at, muted_until in rows:
        until = now + (datetime.fromisoformat(muted_until) - datetime.fromisoformat(muted_at))
        db.execute(
            "UPDATE chat_settings SET muted_at = ?, muted_until = ? WHERE chat_id = ? AND topic_id = ?",
            [now.isoformat(), until.isoformat(), chat_id, topic_id],
        )
    return [Address(chat_id, topic_id) for chat_id, topic_id, *_ in rows]


def note_language(db: Database, address: Address, code: str | None) -> None:
    """Note at a remembered address what Telegram says its people speak; None says nothing."""
    preferences = load(db, address)
    if code is not None and preferences.telegram_language != code:
        save(db, address, replace(preferences, telegram_language=code))


def wanting_outages(db: Database) -> list[tuple[int, int]]:
    """The addresses (chat, topic) of active chats that want to hear of data outages."""
    return [
        (row[0], row[1])
        for row in db.execute(
            "SELECT s.chat_id, s.topic_id FROM chat_settings s JOIN chats c USING (chat_id, topic_id) "
            "WHERE s.tell_outages AND c.active ORDER BY s.chat_id, s.topic_id"
        ).fetchall()
    ]


def of_row(row: tuple[object, ...]) -> ChatSettings:
    """Settings from the columns `COLUMNS`, in that order."""
    return ChatSettings(**{name: _value(name, value) for name, value in zip(COLUMNS, row, strict=True)})  # type: ignore[arg-type]  # by name: _value gives each column its own type


def _value(name: str, value: object) -> object:
    if value is None:
        return None
    if name in _TIMES:
        return time.fromisoformat(str(value))
    if name in _MOMENTS:
        return datetime.fromisoformat(str(value))
    return bool(value) if name in _FLAGS else value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value
