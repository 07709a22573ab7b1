"""What the doctor finds at Telegram: token, second program, clock, webhook, operators."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.settings import Settings, SettingsError
from bot.sources.diagnostics import Finding

_CLOCK_OFF = timedelta(seconds=30)
PROBE_S = 3  # as long as another program needs to ask again and take our place
_HTTP_S = 10.0


class _SilenceError(Exception):
    """Telegram gave no answer that could be used; the text says why."""


async def telegram_findings(
    settings: Settings, clock: Callable[[], datetime], *, alone: bool
) -> list[Finding]:
    """Ask the Bot API; `alone` is False while a minerwatch of this database polls, or may do so."""
    try:
        token = settings.token
    except SettingsError as error:
        return [Finding("token", False, error.problem, error.remedy)]
    address = f"{settings.telegram_api_url.rstrip('/')}/bot{token}/"
    async with httpx.AsyncClient(timeout=_HTTP_S) as client:

        async def call(method: str, **fields: object) -> tuple[int, dict[str, Any], httpx.Headers]:
            try:
                response = await client.post(address + method, json=fields)
                body = response.json()
            except httpx.HTTPError as error:
                raise _SilenceError(type(error).__name__) from None
            except ValueError:
                raise _SilenceError("the answer is not the Bot API's") from None
            if not isinstance(body, dict):
                raise _SilenceError("the answer is not the Bot API's")
            return response.status_code, body, response.headers

        try:
            status, body, headers = await call("getMe")
            findings = [_token(status, body), _clock(headers.get("Date"), clock())]
            if status == httpx.codes.OK:
                _, hook, _ = await call("getWebhookInfo")
                known = str(hook.get("result", {}).get("url", ""))
                findings.append(_webhook(settings, known, hook.get("result", {})))
                for chat in settings.admin_chat_ids:
                    status, body, _ = await call("getChat", chat_id=chat)
                    findings += [] if status == httpx.codes.OK else [_admin(chat, body)]
                if not settings.admin_chat_ids:
                    findings.append(
                        Finding("admins", True, "nobody is told when the bot is blind", "set ADMIN_CHAT_IDS")
                    )
                if alone and not known:
                    status, _, _ = await call("getUpdates", timeout=PROBE_S, limit=1)
                    findings += [_other()] if status == httpx.codes.CONFLICT else []
        except _SilenceError as error:
            return [
                Finding(
                    "token",
                    False,
                    f"Telegram can't be asked at {settings.telegram_api_url} ({error})",
                    "check this machine's network, any proxy or firewall, and TELEGRAM_API_URL",
                )
            ]
    return findings


def _token(status: int, body: Mapping[str, Any]) -> Finding:
    result = body.get("result")
    if status == httpx.codes.OK and isinstance(result, dict):
        return Finding("token", True, f"it is @{result.get('username', '?')}'s", "")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND):
        return Finding(
            "token",
            False,
            "Telegram refuses TELEGRAM_BOT_TOKEN",
            "copy it again from @BotFather, or make a new one there: /token",
        )
    return Finding(
        "token", False, f"Telegram answered {status}", "wait, and check TELEGRAM_API_URL if it lasts"
    )


def _clock(date: str | None, now: datetime) -> Finding:
    try:
        there = parsedate_to_datetime(date or "")
        off = now - there
    except (TypeError, ValueError):
        return Finding("clock", True, "nothing to compare it with", "")
    if abs(off) > _CLOCK_OFF:
        word = "ahead" if off > timedelta(0) else "behind"
        return Finding(
            "clock",
            False,
            f"{abs(off).total_seconds():.0f} s {word} of Telegram's",
            "switch time synchronisation on, for example: timedatectl set-ntp true",
        )
    return Finding("clock", True, "agrees with Telegram's", "")


def _webhook(settings: Settings, known: str, info: Mapping[str, Any]) -> Finding:
    expected = settings.webhook_url or ""
    if known and known != expected:
        return Finding(
            "webhook",
            False,
            "a webhook of some other program or earlier setting is left at Telegram",
            "if nothing else uses this token, the next `minerwatch run` takes it away; "
            "else give each program a bot of its own",
        )
    fault = info.get("last_error_message")
    if expected and known and fault:
        return Finding(
            "webhook", False, f"Telegram can't reach WEBHOOK_URL: {fault}", "check the proxy in front"
        )
    if expected and not known:
        return Finding("webhook", True, "not set yet; `minerwatch run` sets it", "")
    return Finding("webhook", True, "set" if known else "none, updates are asked for", "")


def _admin(chat: int, body: Mapping[str, Any]) -> Finding:
    return Finding(
        "admins",
        False,
        f"ADMIN_CHAT_IDS: {chat} can't be written to ({body.get('description', 'no reason given')})",
        "send /start to the bot from that chat, or correct the number",
    )


def _other() -> Finding:
    return Finding(
        "second instance",
        False,
        "another program asks for this bot's updates",
        "stop it (it may run on another machine), or shut it out with a new token: @BotFather, /revoke",
    )
