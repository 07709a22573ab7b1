"""The headers that keep a browser from doing anything but show the page."""

from typing import Final

from aiohttp import web

TELEGRAM_WEB: Final = "https://web.telegram.org"
"""Where Telegram shows Mini Apps in a browser; the other clients use no frame."""

_OPEN_TO_ALL: Final = ("/api/", "/feed.", "/badge/", "/charts/")


def secure(response: web.StreamResponse, path: str, *, https: bool, framed: bool) -> None:
    """Add the headers of every answer; `framed` lets Telegram's web client show the pages in itself."""
    headers = response.headers
    frames = TELEGRAM_WEB if framed else "'none'"
    headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if not framed:
        headers["X-Frame-Options"] = "DENY"
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if path.startswith(_OPEN_TO_ALL):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    else:
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
