"""The demonstration on a terminal: after the summer it is the person's turn."""

import asyncio
import os
import pty
import sys
from pathlib import Path

from tests.e2e.program import environment


async def test_a_person_types_commands_and_presses_buttons(tmp_path: Path) -> None:
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
        async with asyncio.timeout(60):
            told = await out.readuntil(b"you> ")
        os.write(mine, line)
        return told.decode()

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
        assert "Saved. /watches lists what you have." in await turn(b"\x04")
        async with asyncio.timeout(30):
            rest = (await out.read()).decode()
            assert await process.wait() == 0
        assert "Traceback" not in rest
    finally:
        os.close(mine)
