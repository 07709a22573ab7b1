"""The fake Bot API server as a process of its own, and the small HTTP interface that steers it.

POST /control/<name> with a JSON object: enforce {per_second, burst, …}, latency {seconds}, faults {flood, …},
standing {chat_id, status, description}, say {chat_id, text, …}, crowd {chats, each},
press {chat_id, message_id, data, …},
member {chat_id, old, new}, forget {}. GET /control/sent?since=N, /control/figures, /control/rss.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections import Counter
from typing import Any

from aiohttp import web

from tests.fakes import telegram
from tests.fakes.telegram_limits import Limits


async def control(api: telegram.FakeTelegram, request: web.BaseRequest) -> web.Response:
    """Answer one request under /control/."""
    name = request.path.removeprefix("/control/")
    body: dict[str, Any] = json.loads(await request.read() or b"{}") if request.method == "POST" else {}
    answer: object = True
    match name:
        case "enforce":
            api.enforce(Limits(**body))
        case "latency":
            api.latency_s = float(body["seconds"])
        case "faults":
            api.faults = telegram.Faults(**body) if body else None
        case "standing":
            api.standing |= {
                int(chat): telegram.Refuse(body["status"], body["description"]) for chat in body["chats"]
            }
        case "say":
            api.say(**body)
        case "crowd":
            for number in range(body["each"]):
                for chat in range(1, body["chats"] + 1):
                    api.say(chat, f"{number}")
        case "press":
            api.press(**body)
        case "member":
            api.member(**body)
        case "forget":
            api.sent.clear()
            api.calls.clear()
            api.refused.clear()
        case "sent":
            since = int(request.query.get("since", "0"))
            answer = [
                {
                    "at": sent.at,
                    "method": sent.method,
                    "chat_id": sent.chat_id,
                    "topic_id": sent.topic_id,
                    "message_id": sent.message_id,
                    "text": sent.text,
                }
                for sent in api.sent[since:]
            ]
        case "figures":
            answer = _figures(api)
        case _:
            return web.json_response({"error": f"no such control: {name}"}, status=404)
    return web.json_response(answer)


def _figures(api: telegram.FakeTelegram) -> dict[str, Any]:
    """Counts and times over all messages taken: small however many there were."""
    chats = Counter(sent.chat_id for sent in api.sent)
    times = [sent.at for sent in api.sent]
    return {
        "taken": len(api.sent),
        "chats": len(chats),
        "doubled": sum(count - 1 for count in chats.values()),
        "first_at": times[0] if times else None,
        "last_at": times[-1] if times else None,
        "calls": dict(api.calls),
        "refused": {str(status): count for status, count in api.refused.items()},
    }


async def _run(arguments: argparse.Namespace) -> None:
    api = telegram.FakeTelegram(arguments.token, keep_sent=not arguments.forgetful)
    await api.start(arguments.port)
    gc.freeze()
    gc.disable()  # its pauses would be taken for the client's unevenness
    sys.stdout.write(f"{api.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted; the address is printed on the first line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=telegram.TOKEN)
    parser.add_argument("--forgetful", action="store_true", help="remember who and when, not what was said")
    arguments = parser.parse_args()
    try:
        asyncio.run(_run(arguments))
    except KeyboardInterrupt:
        return
