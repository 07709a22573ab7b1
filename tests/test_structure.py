"""The tree of the program: which rooms there are, what imports what, and what is called what."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOPS = ("bot", "handlers", "storage")
MOST_LOOSE_MODULES = {"bot": 6, "handlers": 8, "storage": 9}

ONE_TOPIC = {
    "blocks": "the chain's blocks: their arithmetic, their tables",
    "breakeven": "the calculator: on the command line, in a chat, as text",
    "digest": "a digest: as a value, set in a chat, as text",
    "errors": "each room's own exceptions",
    "evidence": "what followed past episodes: the counts, as text",
    "fleet": "a chat's machines: their arithmetic, their commands, as text",
    "fleet_whatif": "a scenario for a fleet: the arithmetic, as text",
    "history": "/history, a command, tells past alerts; bot.signals.history keeps past readings",
    "machines": "the catalogue of miners: as values, as a command",
    "market_answers": "rates, day-ahead prices and the retarget: as values, their table",
    "network": "the whole network's economics: the arithmetic, a command, as text",
    "preferences": "what a chat has set: read for handlers, its table",
    "readings": "values of series: made of providers' answers, their table",
    "status": "where the signals stand: as values, as a command",
    "treasuries": "public miners' holdings: their arithmetic, their table",
    "types": "each room's plain value types",
    "watches": "personal watches: their backtest, commands, text and table",
    "whatif": "a scenario for one machine: the arithmetic, a command, as text",
}
"""Module names that several rooms have, each for one topic. The room says which side of the topic it is."""

COVERED_BY = {
    "storage/ledger": ROOT / "tests" / "pipeline" / "ledger_sync",  # which fills its tables from a chain
}
"""Rooms of code whose tests lie elsewhere."""

_ROOMS_BY_TOPIC = ("handlers.commands.", "handlers.views.", "storage.")
"""Rooms in which a module is named after its topic; a command, its view and its table share the name."""


def _modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    modules = {}
    for top in TOPS:
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


MODULES = _modules()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(name: str) -> Iterator[str]:
    """Modules of the program that a module imports anywhere: at its top, in functions, for types only."""
    for node in ast.walk(_tree(MODULES[name])):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                yield member if member in MODULES else node.module


def _cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one module (Tarjan 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = lowest[name] = len(index)
        stack.append(name)
        for target in graph[name]:
            if target not in index:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in stack:
                lowest[name] = min(lowest[name], index[target])
        if lowest[name] == index[name]:
            component = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(component) > 1:
                components.append(sorted(component))

    for name in graph:
        if name not in index:
            visit(name)
    return components


def test_the_cycle_finder_finds_cycles() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert _cycles(graph) == [["b", "c"]]


def test_few_modules_lie_loose_beside_the_rooms() -> None:
    for top, most in MOST_LOOSE_MODULES.items():
        loose = sorted(path.name for path in (ROOT / top).glob("*.py") if path.name != "__init__.py")
        assert len(loose) <= most, f"{top} has {len(loose)} modules beside its rooms: {loose}"
    assert sum(len(list((ROOT / top).glob("*.py"))) for top in TOPS) <= 22


def test_no_import_cycle() -> None:
    """All imports count: inside functions and under TYPE_CHECKING too."""
    graph = {name: set(_imports(name)) - {name} for name in MODULES}
    assert _cycles(graph) == []


def test_no_import_of_our_own_is_hidden_behind_type_checking() -> None:
    """Other packages may be: drawing and serving load theirs on first use, to start small."""
    hidden = []
    for name, path in MODULES.items():
        for node in ast.walk(_tree(path)):
            if (
                isinstance(node, ast.If)
                and isinstance(node.test, ast.Name)
                and node.test.id == "TYPE_CHECKING"
            ):
                inside = [inner.module for inner in ast.walk(node) if isinstance(inner, ast.ImportFrom)]
                hidden += [(name, module) for module in inside if module in MODULES]
    assert hidden == []


def test_no_module_name_stands_for_two_things() -> None:
    """One room by topic each may have the name; any further room must be listed with what is common."""
    names = defaultdict(list)
    for name, path in MODULES.items():
        if path.name not in ("__init__.py", "__main__.py"):
            names[path.stem].append(name)
    homonyms = {}
    for base, modules in names.items():
        rooms = [next((top for top in _ROOMS_BY_TOPIC if name.startswith(top)), name) for name in modules]
        if len(set(rooms)) < len(rooms) or (
            len(rooms) > 1 and base not in ONE_TOPIC and set(rooms) - set(_ROOMS_BY_TOPIC)
        ):
            homonyms[base] = modules
    assert homonyms == {}
    assert set(ONE_TOPIC) <= {base for base, modules in names.items() if len(modules) > 1}, "no longer shared"


def test_no_public_class_name_stands_for_two_things() -> None:
    names = defaultdict(list)
    for name, path in MODULES.items():
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names[node.name].append(name)
    assert {name: modules for name, modules in names.items() if len(modules) > 1} == {}


def test_every_room_of_code_has_a_room_of_tests() -> None:
    for top in TOPS:
        for folder in (ROOT / top).rglob("*"):
            if not folder.is_dir() or not [
                path for path in folder.glob("*.py") if path.name != "__init__.py"
            ]:
                continue
            parts = folder.relative_to(ROOT).parts
            room = ROOT / "tests" / Path(*(parts[1:] if top == "bot" else parts))
            room = COVERED_BY.get(folder.relative_to(ROOT).as_posix(), room)
            assert list(room.glob("test_*.py")), (
                f"{folder.relative_to(ROOT)} has no tests in {room.relative_to(ROOT)}"
            )


def test_every_module_says_what_it_is() -> None:
    for name, path in MODULES.items():
        assert ast.get_docstring(_tree(path)) or not path.read_text().strip(), f"{name} has no docstring"
