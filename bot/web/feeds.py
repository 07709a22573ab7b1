"""Alerts as feeds: Atom (RFC 4287) and JSON Feed 1.1, with ids that never change."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from bot.delivery import alert_text
from bot.delivery.alert_report import alert_uid
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert
from bot.web.http_cache import Body

ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
JSON_TYPE: Final = "application/feed+json; charset=utf-8"
ENTRIES: Final = 50
_ATOM = "http://www.w3.org/2005/Atom"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])  # what XML 1.0 can't hold


def atom(alerts: Sequence[Alert], site: str, path: str, filters: dict[str, str], t: LocaleTranslator) -> Body:
    """The Atom feed; `site` is the address of the page, `path` with `filters` that of the feed in it."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": t.code})
    own = _address(site, path, filters)
    _add(feed, "id", own)
    _add(feed, "title", t("minerwatch alerts"))
    _add(feed, "updated", _stamp(max((alert.at for alert in alerts), default=_EPOCH)))
    ET.SubElement(feed, f"{{{_ATOM}}}link", {"rel": "self", "href": own, "type": "application/atom+xml"})
    ET.SubElement(feed, f"{{{_ATOM}}}link", {"rel": "alternate", "href": f"{site}/", "type": "text/html"})
    author = ET.SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", "minerwatch")
    for alert in alerts:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "id", alert_uid(alert))
        _add(entry, "title", alert_text.title(alert, t))
        _add(entry, "updated", _stamp(alert.at))
        _add(entry, "published", _stamp(alert.at))
        ET.SubElement(
            entry, f"{{{_ATOM}}}link", {"rel": "alternate", "href": f"{site}/", "type": "text/html"}
        )
        for tag in _tags(alert):
            ET.SubElement(entry, f"{{{_ATOM}}}category", {"term": tag})
        _add(entry, "content", "\n".join(alert_text.lines(alert, t)))
    return Body(ET.tostring(feed, encoding="utf-8", xml_declaration=True), ATOM_TYPE)


def json_feed(
    alerts: Sequence[Alert], site: str, path: str, filters: dict[str, str], t: LocaleTranslator
) -> Body:
    """The JSON Feed."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": t("minerwatch alerts"),
        "home_page_url": f"{site}/",
        "feed_url": _address(site, path, filters),
        "language": t.code,
        "items": [
            {
                "id": alert_uid(alert),
                "url": f"{site}/",
                "title": alert_text.title(alert, t),
                "content_text": "\n".join(alert_text.lines(alert, t)),
                "date_published": _stamp(alert.at),
                "tags": _tags(alert),
            }
            for alert in alerts
        ],
    }
    return Body(json.dumps(feed, ensure_ascii=False).encode(), JSON_TYPE)


def _address(site: str, path: str, filters: dict[str, str]) -> str:
    return f"{site}{path}{f'?{urlencode(filters)}' if filters else ''}"


def _tags(alert: Alert) -> list[str]:
    return [alert.signal, alert.severity.word, alert.kind.value]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = text.translate(_FORBIDDEN)
