"""What no code may do, shown on the code itself."""

import ast
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
CLIENTS = {"httpx", "aiohttp", "requests", "urllib", "socket", "http", "ftplib", "smtplib", "telnetlib"}
MAY_CONNECT = {
    "bot/telegram/request.py": "Telegram, at TELEGRAM_API_URL",
    "bot/sources/client.py": "the providers, at the addresses of the settings",
    "bot/sources/collector.py": "makes the client for it",
    "bot/sources/block_explorer.py": "a node of the settings",
    "bot/pipeline/factory.py": "makes the client for it",
    "bot/pipeline/background.py": "is given that client",
    "bot/pipeline/ledger_sync/sync.py": "is given that client",
    "bot/ops/heartbeat.py": "HEARTBEAT_URL",
    "bot/ops/doctor.py": "binds the ports of the settings for a moment",
    "bot/ops/telegram_check.py": "Telegram, at TELEGRAM_API_URL",
    "bot/delivery/destinations/addresses.py": "looks up what operators give /hook; public addresses only",
    "bot/delivery/destinations/destination_transport.py": "webhooks of operators, checked there",
    "bot/ops/health_server.py": "serves on METRICS_HOST",
    "bot/ops/http_server.py": "serves where it is told, for the others here",
    "bot/ops/systemd.py": "tells systemd, at a local socket",
    "bot/telegram/webhook.py": "serves on WEBHOOK_HOST",
    "bot/settings/fields.py": "takes addresses apart",
    "bot/settings/urls.py": "takes addresses apart",
    "bot/sources/own_node.py": "takes addresses apart",
}


SERVES_ONLY = "bot/web/"
"""The page: it answers and asks nobody. Of the libraries above it may use what only serves."""

SERVING = {"aiohttp": {"web"}, "http": {"HTTPStatus"}, "urllib": {"parse"}}


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def _sources() -> list[Path]:
    return [path for top in ("bot", "handlers", "storage") for path in (ROOT / top).rglob("*.py")]


def test_nothing_a_person_writes_can_become_an_address() -> None:
    """Only these modules can open a connection; their addresses come from the settings, or from operators."""
    able = {path.relative_to(ROOT).as_posix() for path in _sources() if _imported(path) & CLIENTS}
    able = {name for name in able if not name.startswith(SERVES_ONLY)}
    assert able <= MAY_CONNECT.keys(), f"not known to connect: {sorted(able - MAY_CONNECT.keys())}"
    assert not [
        name for name in able if name.startswith(("handlers/", "storage/", "bot/mining", "bot/signals"))
    ]


def test_the_page_serves_and_asks_nobody() -> None:
    for path in (ROOT / SERVES_ONLY).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {name.name.split(".")[0] for name in node.names} & CLIENTS, path
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in CLIENTS:
                top, *rest = node.module.split(".")
                parts = set(rest) or {name.name for name in node.names}
                assert parts <= SERVING.get(top, set()), f"{path} imports {node.module}"


def test_no_code_is_made_from_text_and_no_shell_is_called() -> None:
    for path in _sources():
        names = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not names & {"eval", "exec", "compile", "__import__"}, path
        assert not _imported(path) & {"pickle", "marshal", "subprocess", "shelve"}, path
        text = path.read_text(encoding="utf-8")
        assert "create_subprocess_shell" not in text, path
        if "create_subprocess_exec" in text:  # the drawing process, which is always the same command
            assert path == ROOT / "bot" / "charts" / "renderer.py"


def test_servers_listen_on_the_loopback_unless_a_setting_says_otherwise() -> None:
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            if "TCPSite(" in line:
                assert "self._host" in line, path
        assert "0.0.0.0" not in text
    hosts = {name: field.default for name, field in Settings.model_fields.items() if name.endswith("_host")}
    assert set(hosts.values()) == {"127.0.0.1"}


def test_every_dependency_is_pinned_with_hashes_and_as_constrained() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    wanted = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        wanted[name.lower().replace("_", "-")] = version
    pinned = {}
    for block in lock.replace("\\\n", " ").splitlines():
        if "==" in block:
            name, _, rest = block.partition("==")
            assert "--hash=sha256:" in rest, f"{name} has no hash; run `make lock`"
            pinned[name.split("[")[0].lower().replace("_", "-")] = rest.split()[0]
    assert {"python-telegram-bot", "aiohttp", "httpx", "pydantic", "prometheus-client"} <= pinned.keys()
    assert not {name for name in pinned if name in wanted and pinned[name] != wanted[name]}, "run `make lock`"
    assert "http" not in [line.split(":")[0].strip() for line in lock.splitlines()]
