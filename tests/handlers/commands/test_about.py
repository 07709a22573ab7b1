"""/about: who the bot is, and whose figure one is."""

from tests.handlers.program_client import ProgramClient


async def test_a_doubted_figure_is_shown_with_its_source_and_age(client: ProgramClient) -> None:
    text = (await client.ask("that's not the price")).text
    assert "BTC price: " in text
    assert " old" in text
    assert "please tell whoever runs me" in text


async def test_who_it_is_names_no_figure(client: ProgramClient) -> None:
    assert "minerwatch" in (await client.ask("/about")).text
