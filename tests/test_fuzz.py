"""A few thousand updates of all kinds, many of them broken; `make soak` sends a hundred thousand."""

from pathlib import Path

from tests.fakes.drawing import draw_here
from tests.fakes.load import storm
from tests.handlers.program_client import BOB, running_program


async def test_no_update_breaks_anything_and_every_private_command_is_answered(tmp_path: Path) -> None:
    result = await storm(tmp_path, 3_000, broken=0.3, draw=draw_here)
    assert result.faults == {}
    assert result.unanswered == 0
    assert result.answers > 1_000


async def test_the_library_keeps_no_list_of_everybody_who_wrote(tmp_path: Path) -> None:
    async with running_program(tmp_path) as client:
        for _ in range(2):  # the second is answered when the first has been done with
            await client.ask("/help", chat=BOB)
        application = client.program.application
        names = {name for kind in type(application).__mro__ for name in getattr(kind, "__slots__", ())}
        stores = {name: getattr(application, name, None) for name in names}
        assert [
            name for name, store in stores.items() if isinstance(store, set | dict) and BOB in store
        ] == []
