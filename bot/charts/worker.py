"""The drawing process: orders come in as lines of JSON, each picture goes out behind a line with its size.

Started by the bot itself (`bot.charts.process_renderer`); it ends with its orders.
"""

import json
import os
import signal
import sys
from typing import Any

from bot.charts import job
from bot.charts.fonts import can_write
from bot.charts.profit import draw_profit
from bot.charts.renderer import ChartDrawer
from bot.i18n.translator import translator_for


def main() -> None:
    """Draw until there are no more orders."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bot's to deal with
    pictures = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no picture
    painter = ChartDrawer()
    for line in sys.stdin.buffer:
        try:
            made = _made(painter, json.loads(line))
        except Exception as error:  # noqa: BLE001 - the next order is another one
            answer = json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n"
        else:
            answer = json.dumps({"bytes": len(made)}).encode() + b"\n" + made
        pictures.write(answer)
        pictures.flush()


def _made(painter: ChartDrawer, ordered: dict[str, Any]) -> bytes:
    """What an order asks for: a picture, or whether there are the letters for one."""
    if "letters" in ordered:
        return b"yes" if can_write(ordered["letters"]) else b""
    t = translator_for(ordered["language"])
    if "profit" in ordered:
        return draw_profit(job.profit_of(ordered["profit"]), t)
    return painter.picture(job.frame_of(ordered["picture"]), t)


if __name__ == "__main__":
    main()
