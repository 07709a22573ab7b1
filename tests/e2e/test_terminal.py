"""The demonstration on a terminal: after the summer it is the person's turn."""

import asyncio
import os
import pty
import signal
import sys
from pathlib import Path

from tests.e2e.program import environment


async def test_a_person_types_commands_presses_buttons_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=theirs,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    os.close(theirs)
    assert process.stdout is not None
    out = process.stdout

    async def turn(line: bytes) -> str:
        """Wait for the prompt, type a line, and give what came before it."""
        async with asyncio.timeout(120):
            result = await out.readuntil(b"you> ")
        os.write(mine, line)
        return result.decode()

    try:
        assert "Now you: type a command" in await turn(b"/breakeven s19j pro 6.5c\n")
        assert "Antminer S19j Pro" in await turn(b"#1\n")
        assert "power 4.5 c/kWh" in await turn(b"is an S9 worth running at 3 cents?\n")
        assert "Antminer S9" in await turn(b"/whatif s19 price=40000 hashrate=-10%\n")
        assert "40,000" in await turn(b"/nonsense\n")
        assert "/help" in await turn(b"/fleet add 10 s19j pro power 6.5c\n")
        assert "Your fleet" in await turn(b"/network\n")
        assert "under water" in await turn(b"/watch price below 15k\n")
        assert "[#1 Save]" in await turn(b"#1\n")
        assert "Saved. /watches lists what you have." in await turn(b"#99\n")
        assert "there is no button #99" in await turn(b"/chart price\n")
        assert "[picture: minerwatch-demo/" in await turn(b"")
        process.send_signal(signal.SIGINT)  # it hung until Enter and ended with a traceback
        async with asyncio.timeout(30):
            rest = (await out.read()).decode()
            assert await process.wait() == 0
        assert "Traceback" not in rest
        assert "That was the demonstration: 123 days of 2022" in rest
        pictures = list((tmp_path / "minerwatch-demo").iterdir())
        assert pictures
        assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
        assert f"its pictures and files are in {tmp_path}/minerwatch-demo" in rest
    finally:
        os.close(mine)


async def test_ctrl_c_ends_it_at_once_while_the_summer_plays(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo"),
        cwd=tmp_path,
        env=environment(tmp_path, COLUMNS="60"),
        stdin=theirs,
        stdout=theirs,
        stderr=asyncio.subprocess.STDOUT,
    )
    os.close(theirs)
    try:
        async with asyncio.timeout(120):
            result = await asyncio.to_thread(_read_until, mine, "May 2022")
            process.send_signal(signal.SIGINT)
            result += await asyncio.to_thread(_read_until, mine, None)
            assert await process.wait() == 0
        assert "Traceback" not in result
        assert "That was the demonstration" in result
        assert max(len(line) for line in result.splitlines()) <= 60, (
            "lines are broken at the terminal's width"
        )
    finally:
        os.close(mine)


def _read_until(terminal: int, text: str | None) -> str:
    """What the terminal shows until a text, or until its program ends."""
    words = ""
    while text is None or text not in words:
        try:
            words += os.read(terminal, 65_536).decode(errors="replace")
        except OSError:
            break
    return words
