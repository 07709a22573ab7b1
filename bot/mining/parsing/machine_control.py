"""Orders to machines, which I can't reach: “turn off my s19s”, “reboot the antminer”.

An order begins with its verb, so that a question whether to switch off is none.
"""

import re
from typing import Final

from bot.mining.parsing.command_arguments import IGNORABLE
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit

_POLITELY: Final = (
    r"(?:(?:please|pls|plz|hey|hi|bot|can (?:you|u)|could (?:you|u)|would you|will you|bitte|kannst du"
    r"|könntest du|por favor|porfa|puedes|podrías|пожалуйста|плиз|можешь|могли бы вы|можете|请|帮我"
    r"|请帮我|你能|能不能|能)[ ,]*)*"
)
_OFF_OR_ON: Final = (
    r"(?:turn|switch|shut|power) (?:off|down|on)\b"
    r"|(?:turn|switch|shut|power) (?:[\w' ]+ )?(?:off|down|on)[ .!?]*$"
    r"|(?:reboot|restart|reset|power[ -]?cycle|overclock|underclock|undervolt|shutdown|unplug)\b"
    r"|(?:schalte?|mache?|fahre?|stelle?)\b.*\b(?:aus|ab|an|ein|herunter|runter|hoch)[ .!?]*$"
    r"|(?:starte?|boote?)\b.*\bneu[ .!?]*$"
    r"|[\w ]+ (?:ausschalten|abschalten|einschalten|neu ?starten|rebooten)[ .!?]*$"
    r"|(?:apaga|enciende|prende|reinicia|desconecta|apagar|encender|reiniciar)\b"
    r"|(?:выключи|отключи|включи|перезагрузи|перезапусти|заглуши|выруби|разгони|выключить|отключить"
    r"|перезагрузить)(?:те)?\b"
    r"|(?:переведи|переключи)(?:те)? .*\bв [\w ]*режим\b"
    r"|关掉|关闭|关停|打开|启动|重启|重新启动|停掉|把.*(?:关掉|关了|关闭|打开|重启|停掉)(?:一下|下)?[吧。!！]*$"
)
_CONNECT: Final = (
    r"(?:connect|log ?in|hook up|pair|ssh) (?:yourself )?(?:to|into|in|with)\b|verbinde? dich\b"
    r"|logg?e? dich\b"
    r"|con[ée]ctate\b|con[ée]ctese\b|entra (?:a|en) mi\b|подключись\b|подключайся\b|зайди (?:на|в)\b"
    r"|连接(?:到|上)?|连上|登录|登陆"
)
"""To reach a machine, whatever is wanted of it."""
_STATE_OF_ONE: Final = re.compile(
    r"(?:\btemp(?:erature|eratura|eratur|s)?\b|\bhow hot\b|\bfan speed\b|\bfans\b"
    r"|\bwie (?:hei(?:ß|ss)|warm)\b"
    r"|\blüfter\w*|\bventilador\w*|\bqué tan caliente\b|\bтемператур\w*|\bвентилятор\w*|温度|多热|风扇|转速)"
)
"""What a machine could say of itself."""
_OWN: Final = re.compile(
    r"\b(?:my|our|meine?[nmrs]?|unsere?[nmrs]?|mi(?:s)?|nuestr\w+|мо\w+|наш\w+|у меня)\b|我的|我们的|我那"
)
_ORDER: Final = re.compile(rf"\W*{_POLITELY}(?:{_OFF_OR_ON})")
_REACH: Final = re.compile(rf"\W*{_POLITELY}(?:{_CONNECT})")
_ASKED: Final = re.compile(
    r"\b(?:should|shall|when|if|or|soll\w*|wann|wenn|ob|oder|debo|debería|cuándo|cuando|si|o|conviene|когда|если"
    r"|стоит|надо|ли|или|worth|lohnt)\b|什么时候|何时|如果|要不要|该不该|应该|是否|还是|几点"
)
_MACHINES: Final = frozenset({"fleet", "catalogue", "machine_unit", "which_machine", "count_word"})
_NAMED: Final = re.compile(
    r"\b(?:antminers?|whatsminers?|avalons?|bitaxes?|rigs?|miners?|asics?|machines?|geräte?|maschinen?|kisten?"
    r"|mineros?|máquinas?|equipos?|майнер\w*|асик\w*|машин\w*|аппарат\w*|желез\w*)\b|矿机|机器(?!人)|设备"
)
_MINING: Final = re.compile(r"\b(?:mining|minería|mina[rs]?|schürfen|майн(?:инг\w*|ить|ит|ят|ю))\b|挖矿")
_BESIDE: Final = (
    IGNORABLE
    | _MACHINES
    | {"shut_off", "keep_on", "tonight", "stop", "unmute", "to", "only", "change", "mode", "off_topic"}
    | {"subscribe", "up", "down"}
)


def _is_count(item: Item) -> bool:
    quantity = item.quantity
    return quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per


def _reaches(scanned: ScannedText) -> bool:
    """True for “connect to my antminer”, “how hot is my s19?”: what only the machine itself can tell."""
    plain = scanned.plain
    is_named = _NAMED.search(plain) is not None or any(
        item.kind is ItemKind.MACHINE or item.concept == "fleet" for item in scanned.items
    )
    if not is_named or any(item.quantity is not None for item in scanned.items):
        return False
    if _REACH.match(plain) is not None:
        return True
    return _STATE_OF_ONE.search(plain) is not None and _OWN.search(plain) is not None


def names_machines(plain: str) -> bool:
    """True for a normalized text with a word for machines, whatever is said of them."""
    return _NAMED.search(plain) is not None


def names_mining(plain: str) -> bool:
    """True for a normalized text with a word for machines, or for what they do."""
    return names_machines(plain) or _MINING.search(plain) is not None


def orders_machine(scanned: ScannedText) -> bool:
    """True for an order to switch a machine, or to start it anew, and nothing else."""
    plain = scanned.plain
    if _reaches(scanned):
        return True
    if _ORDER.match(plain) is None or _ASKED.search(plain) is not None:
        return False
    kinds = {item.kind for item in scanned.items}
    concepts = {item.concept for item in scanned.items if item.kind is ItemKind.WORD and not item.is_guess}
    has_figures = any(item.quantity is not None and not _is_count(item) for item in scanned.items)
    is_of_machines = ItemKind.MACHINE in kinds or concepts & {"fleet"} or _NAMED.search(plain) is not None
    return bool(is_of_machines) and not has_figures and not concepts - _BESIDE
