"""Chart worker: reads one job after another from standard input and writes each picture to standard output.

A job is a line of JSON, an answer too: `{"bytes": n, "headline": …}` with n
bytes of PNG behind it, or `{"error": …}`. Started by `bot.charts.renderer`; ends when standard input does.
"""

import json
import os
import signal
import sys

from bot.charts.drawing.fonts import can_write
from bot.charts.drawing.pictures import draw
from bot.charts.job import Drawing, Job, from_line
from bot.i18n.translator import translator_for


def main() -> None:
    """Draw until there are no more jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no picture
    for line in sys.stdin.buffer:
        try:
            drawing = draw_job(from_line(line))
        except Exception as error:  # noqa: BLE001 - the next job is another one
            answer = json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n"
        else:
            answer = (
                json.dumps({"bytes": len(drawing.png), "headline": drawing.headline}).encode()
                + b"\n"
                + drawing.png
            )
        try:
            answers.write(answer)
            answers.flush()
        except BrokenPipeError:  # the program ended while this was drawn
            os._exit(0)


def draw_job(job: Job) -> Drawing:
    """The drawing of a job; without a picture something when its language can be written, else nothing."""
    if job.picture is None:
        return Drawing(b"yes" if can_write(job.language) else b"")
    return draw(job.picture, translator_for(job.language))


if __name__ == "__main__":
    main()
