"""Plays a widget as an app would: its elements by name, and its script in a JavaScript engine (QuickJS)."""

import json
from html.parser import HTMLParser
from typing import Any

import quickjs

_APP = """
var elements = {};
var document = {getElementById: function (id) {
    if (!elements[id]) { throw new Error("no element " + id); }
    return elements[id];
}};
function add(id, text) {
    elements[id] = {textContent: text, clicks: [], addEventListener: function (kind, act) {
        if (kind !== "click") { throw new Error("an event nobody knows: " + kind); }
        this.clicks.push(act);
    }};
}
function click(id) { document.getElementById(id).clicks.forEach(function (act) { act(); }); }
"""


class WidgetPlayer:
    """A widget on somebody's screen. `app` is JavaScript that runs before the widget's own."""

    def __init__(self, document: str, app: str = "") -> None:
        reader = _Reader()
        reader.feed(document)
        reader.close()
        self.tags = reader.tags
        self._engine = quickjs.Context()
        self._engine.eval(_APP)
        for name, text in reader.texts.items():
            self._engine.eval(f"add({json.dumps(name)}, {json.dumps(text)})")
        self.first = dict(reader.texts)
        self._engine.eval(app)
        self._engine.eval(reader.script)

    def text(self, name: str) -> str:
        """What an element says now."""
        return str(self.run(f"document.getElementById({json.dumps(name)}).textContent"))

    def texts(self) -> dict[str, str]:
        """What every element with a name says now."""
        return {name: self.text(name) for name in self.first}

    def press(self, name: str) -> None:
        """Press a button."""
        self.run(f"click({json.dumps(name)})")

    def run(self, script: str) -> Any:
        """Run some JavaScript; gives what it comes to."""
        return self._engine.eval(script)


class _Reader(HTMLParser):
    """Takes a document apart: the text of each named element, the script, every tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self.tags: set[str] = set()
        self.script = ""
        self._open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        name = dict(attrs).get("id")
        if name is not None:
            assert name not in self.texts, f"two elements are called {name}"
            self.texts[name] = ""
        if tag != "meta":
            self._open.append((tag, name))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tag, name = self._open[-1] if self._open else ("", None)
        if tag == "script":
            self.script += data
        elif name is not None:
            self.texts[name] += data
