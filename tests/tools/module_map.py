"""The map in docs/architecture.md: one line a module, taken from the modules themselves.

`python -m tests.tools.module_map` writes it anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- map -->\n", "<!-- end of map -->\n"


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the program and the first line of what it says of itself."""
    for top in ("bot", "handlers", "storage"):
        for path in sorted((ROOT / top).rglob("*.py"), key=lambda path: (path.parent, path.name)):
            name = path.relative_to(ROOT).as_posix()
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            if docstring is not None:
                yield (
                    name.removesuffix("/__init__.py") + ("/" if name.endswith("__init__.py") else ""),
                    docstring,
                )


def rendered() -> str:
    """The map as Markdown, a table a folder."""
    lines: list[str] = []
    folder, table = None, False
    for name, docstring in modules():
        here = name.rstrip("/") if name.endswith("/") else name.rpartition("/")[0]
        if here != folder:
            folder = here
            lines += ["", f"### {here}/", ""]
            table = False
        sentence = docstring.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        if name.endswith("/"):
            lines += [sentence, ""]
            continue
        if not table:
            lines += ["| module | what it is |", "| --- | --- |"]
            table = True
        lines.append(f"| `{name.rpartition('/')[2]}` | {sentence} |")
    return "\n".join(lines).lstrip("\n") + "\n"


def main() -> None:
    """Write the map into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{rendered()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
