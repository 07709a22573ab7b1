"""The README's pictures: a chat and a recording of the demonstration, of what the program says, and charts.

`python -m tests.tools.readme_pictures` plays June 2022 and writes chat.svg, demo.svg and three charts of 2022
into docs/pictures.
"""

import asyncio
import base64
import io
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from telegram.request import RequestData

from bot.app import Program
from bot.charts.chart_data import ChartData
from bot.charts.drawing.pictures import draw
from bot.charts.job import Drawing, Job
from bot.charts.spec import ChartKind, ChartSpan
from bot.charts.worker import draw_job
from bot.cli.demo import FIRST, broken
from bot.cli.replay_feed import SummerFeed
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.i18n.translator import translator_for
from bot.settings import Settings
from bot.signals.series import end_of_day
from bot.telegram.local_chat import LocalChat
from storage import outbox
from storage.database import Store
from tests.charts.history import chart

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
CRASH = date(2022, 6, 16)
QUESTIONS = ("is my s19 still profitable at 8 cents?", "and at 5 cents?")

_SENDING = ("sendMessage", "sendPhoto")
_WIDEST_PICTURE = 384  # pixels


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the bot as it was sent: HTML, the labels of its buttons, a picture or none."""

    html: str
    buttons: tuple[tuple[str, ...], ...]
    picture: bytes | None = None


class _Recorder(LocalChat):
    """A local chat that keeps what was sent beside what it prints."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.lines: list[str] = []
        self.posts: list[Post] = []
        self._pictures = 0
        super().__init__(lambda: self.now, lambda text: self.lines.extend(text.split("\n")), self._name)

    def _name(self, name: str, _content: bytes) -> str:
        self._pictures += 1
        return f"minerwatch-demo/{self._pictures:02}-{name}"

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *timeouts: object,
        **named_timeouts: object,
    ) -> tuple[int, bytes]:
        if url.rsplit("/", 1)[-1] in _SENDING and request_data is not None:
            self.posts.append(_post(request_data))
        return await super().do_request(url, method, request_data, *timeouts, **named_timeouts)


def _post(data: RequestData) -> Post:
    parameters: dict[str, Any] = dict(data.parameters)
    markup = parameters.get("reply_markup") or "{}"
    keyboard = json.loads(markup) if isinstance(markup, str) else markup
    rows = tuple(tuple(str(button["text"]) for button in row) for row in keyboard.get("inline_keyboard", []))
    files = [content for _, content, _ in (data.multipart_data or {}).values()] if data.contains_files else []
    picture = next((content for content in files if isinstance(content, bytes)), None)
    return Post(str(parameters.get("text", parameters.get("caption", ""))), rows, picture)


async def _draw(job: Job) -> Drawing:
    return draw_job(job)


async def _record(store: Store) -> tuple[list[str], list[Post], list[Post]]:
    """The demonstration's lines of the day of the crash, its alert, and the answers to the questions."""
    opening = end_of_day(FIRST - timedelta(days=1))
    chat = _Recorder(opening)
    readings = bundled_readings()
    past = [reading for reading in readings if reading.read_at <= opening]
    program = Program(
        Settings(_env_file=None, energy_zones=("DE-LU",)),
        store,
        SummerFeed(past, readings[len(past) :]),
        token="1:demo",
        clock=lambda: chat.now,
        bundle=lambda: past,
        request=chat,
        updates_request=chat,
        pacer=Pacer(float("inf"), chat_gap_s=0.0),
        draw=_draw,
    )
    async with program.running():
        await chat.ask("/subscribe")
        chat.now = end_of_day(FIRST)
        await program.poller.start(chat.now)
        await program.context.rule_history()
        for ordinal in range(FIRST.toordinal(), CRASH.toordinal() + 1):
            chat.now = end_of_day(date.fromordinal(ordinal))
            if date.fromordinal(ordinal) == CRASH:
                chat.lines.clear()
                chat.posts.clear()
                chat.heading = f"── {CRASH:%a %d %B %Y} " + "─" * 40
            await program.poll()
            while await program.store.read(outbox.waiting):  # noqa: ASYNC110 - the outbox alone knows
                await asyncio.sleep(0.002)
        alert = [post for post in chat.posts if post.buttons][-1:]
        chat.now += timedelta(hours=8)
        chat.posts.clear()
        for question in QUESTIONS:
            await chat.ask(question)
        return chat.lines, alert, list(chat.posts)


# The recording

_COLUMNS, _ROWS = 84, 27
_CHARACTER, _LINE, _EDGE = 8.43, 19, 16
_TERMINAL = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d6deeb; white-space: pre }
.bot { fill: #9cdcfe } .you { fill: #c3e88d } .day { fill: #7f8c98 } .button { fill: #82aaff }
"""


def terminal_svg(lines: list[str]) -> str:
    """An animated picture of a terminal in which the lines appear one after the other."""
    shown = ["$ make demo", "", *(piece for line in lines for piece in broken(line, _COLUMNS).split("\n"))][
        :_ROWS
    ]
    seconds, gap = 0.0, 0.0
    rows, rules = [], []
    starts = []
    for line in shown:
        gap = 0.8 if line.startswith("you") else 0.12
        seconds += gap
        starts.append(seconds)
    total = seconds + 6.0
    for number, (line, start) in enumerate(zip(shown, starts, strict=True)):
        percent = 100 * start / total
        rules.append(
            f"@keyframes r{number} {{ 0%, {percent:.2f}% {{ opacity: 0 }} "
            f"{percent + 0.01:.2f}%, 100% {{ opacity: 1 }} }}"
        )
        place = _EDGE + 30 + _LINE * (number + 1)
        style = f"animation: r{number} {total:.1f}s steps(1) infinite"
        rows.append(
            f'<text x="{_EDGE}" y="{place}" class="{_kind(line)}" style="{style}">{_marked(line)}</text>'
        )
    wide = round(2 * _EDGE + _COLUMNS * _CHARACTER)
    high = 2 * _EDGE + 30 + _LINE * _ROWS
    still = "@media (prefers-reduced-motion: reduce) { text { animation: none !important } }"
    dots = "".join(
        f'<circle cx="{_EDGE + 6 + 20 * place}" cy="{_EDGE + 6}" r="6" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" aria-label="The demonstration in a terminal"><style>{_TERMINAL}{"".join(rules)}{still}'
        f'</style><rect width="{wide}" height="{high}" rx="10" fill="#1b2733"/>{dots}{"".join(rows)}</svg>\n'
    )


def _kind(line: str) -> str:
    if line.startswith("──"):
        return "day"
    if line.startswith(("you", "$")):
        return "you"
    return "button" if line.strip().startswith("[") else "bot" if line.startswith("bot") else "plain"


# The chat

_WIDE, _BUBBLE, _PAD = 448, 408, 12
_CHAT = """
.page { fill: #d7e3ec } .bot { fill: #ffffff } .you { fill: #e3fdc9 } .press { fill: #8fa9bd; opacity: .55 }
text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #10202c }
.bold { font-weight: 600 } .code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12.5px;
white-space: pre } .label { fill: #ffffff; font-weight: 500; text-anchor: middle } .faint { fill: #6b7f8d }
@media (prefers-color-scheme: dark) { .page { fill: #0e1621 } .bot { fill: #182533 } .you { fill: #2b5278 }
.press { fill: #2f4254; opacity: .8 } text { fill: #e9f0f5 } .faint { fill: #8a9fb0 } }
"""


def chat_svg(conversation: list[Post | str]) -> str:
    """A picture of a chat: the bot's posts at the left, what a person says at the right."""
    parts: list[str] = []
    top = 14.0
    for post in conversation:
        if isinstance(post, str):
            wide = min(_BUBBLE, 2 * _PAD + _measure(post))
            left = _WIDE - wide - 14
            parts.append(f'<rect x="{left}" y="{top}" width="{wide}" height="36" rx="14" class="you"/>')
            parts.append(f'<text x="{left + _PAD}" y="{top + 23}">{escape(post)}</text>')
            top += 48
        else:
            drawn, high = _bubble(post, top)
            parts += drawn
            top += high + 12
    high = round(top + 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}" '
        f'height="{high}" role="img" aria-label="A chat with minerwatch"><style>{_CHAT}</style>'
        f'<rect width="{_WIDE}" height="{high}" rx="14" class="page"/>{"".join(parts)}</svg>\n'
    )


def _bubble(post: Post, top: float) -> tuple[list[str], float]:
    """A post of the bot with its picture and buttons, and how high it is."""
    left, place = 14, top
    parts = []
    inside = []
    if post.picture is not None:
        png, high = _small(post.picture)
        data = base64.b64encode(png).decode()
        inside.append(
            f'<image x="{left + _PAD}" y="{place + _PAD}" width="{_WIDEST_PICTURE}" height="{high}" '
            f'href="data:image/png;base64,{data}"/>'
        )
        place += high + _PAD
    for line, kind in _lines(post.html):
        place += 17 if kind == "code" else 20
        inside.append(f'<text x="{left + _PAD}" y="{place}" class="{kind}">{_marked(line)}</text>')
    bottom = place + _PAD
    parts.append(
        f'<rect x="{left}" y="{top}" width="{_BUBBLE}" height="{bottom - top}" rx="14" class="bot"/>'
    )
    parts += inside
    for row in post.buttons[:2]:
        bottom += 4
        each = (_BUBBLE - 4 * (len(row) - 1)) / len(row)
        for number, label in enumerate(row):
            x = left + number * (each + 4)
            parts.append(
                f'<rect x="{x:.1f}" y="{bottom}" width="{each:.1f}" height="30" rx="8" class="press"/>'
            )
            parts.append(
                f'<text x="{x + each / 2:.1f}" y="{bottom + 20}" class="label">{_marked(label)}</text>'
            )
        bottom += 30
    return parts, bottom - top


def _marked(text: str) -> str:
    """A text with its signs drawn in letters that every font has."""
    text = escape(text.replace("🔕 ", "Mute "))
    for sign, colour in (("🔴", "#e5484d"), ("🟠", "#e8870e"), ("🟢", "#2f9e58"), ("🔵", "#2f7de1")):
        text = text.replace(sign, f'<tspan fill="{colour}">●</tspan>')
    return text


def _lines(html: str) -> list[tuple[str, str]]:
    """What is seen of a post: its lines with their style; what is folded is one line."""
    body, fold, _ = html.partition("<blockquote expandable>")
    lines = []
    code = False
    for raw in body.rstrip("\n").split("\n"):
        starts, ends = "<pre>" in raw, "</pre>" in raw
        code = code or starts
        kind = "code" if code else "bold" if "<b>" in raw else "faint" if "<i>" in raw else "plain"
        text = unescape(re.sub(r"</?[a-z][^>]*>", "", raw))
        lines += [(text, kind)] if code else [(piece, kind) for piece in _broken(text)]
        code = code and not ends
    return [*lines, *([("▸ threshold, source, age, odds", "faint")] if fold else [])]


def _broken(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and _measure(f"{line} {word}") > _BUBBLE - 2 * _PAD:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _measure(text: str) -> float:
    """About how wide a text is in 14 pixels of a usual font."""
    return sum(
        4.6 if character in "il.,:;|' ()jtfr" else 16.0 if unicodedata.category(character) == "So" else 8.7
        for character in text
    )


def _small(png: bytes) -> tuple[bytes, int]:
    """A picture as wide as a bubble at twice its size, in few colours, and its height there."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    high = round(image.height * _WIDEST_PICTURE / image.width)
    small = image.resize((2 * _WIDEST_PICTURE, 2 * high), Image.Resampling.LANCZOS).quantize(
        96, Image.Quantize.MAXCOVERAGE
    )
    target = io.BytesIO()
    small.save(target, "PNG", optimize=True)
    return target.getvalue(), high


def _charts() -> dict[str, ChartData]:
    """The charts by their files' names: 2022 to the end of August, in light and dark."""
    year = ChartSpan(year=2022)
    return {
        "price.png": chart(ChartKind.DRAWDOWN, year),
        "hashrate.png": chart(ChartKind.HASHRATE, year, dark=True),
        "energy.png": chart(ChartKind.ENERGY, year),
    }


def main() -> None:
    """Write the pictures."""
    for name, data in _charts().items():
        (PICTURES / name).write_bytes(draw(data, translator_for("en")).png)
    with TemporaryDirectory() as folder, Store(Path(folder) / "demo.db") as store:
        lines, alert, answers = asyncio.run(_record(store))
    first, second = answers
    conversation: list[Post | str] = [
        *alert, QUESTIONS[0], Post(f"{first.html.partition('</pre>')[0]}</pre>", first.buttons), QUESTIONS[1],
        Post(second.html.partition("<pre>")[0].rstrip(), (), second.picture),
    ]  # fmt: skip
    (PICTURES / "chat.svg").write_text(chat_svg(conversation), encoding="utf-8")
    (PICTURES / "demo.svg").write_text(terminal_svg(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
