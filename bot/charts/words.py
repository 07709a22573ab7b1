"""What chart is asked for in words, in any order and in five languages: “hashrate 90d”, “график комиссий”."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Final

from bot.charts.spec import A_YEAR, CHART_OF_SIGNAL, EVERYTHING, ChartKind, ChartSpan, parse_span

_LONGEST: Final = 300

_KINDS: Final = (
    (
        ChartKind.HASHPRICE,
        r"""(btc\.)?hash[ -]?price
            hashpreis\w*
            precio del hash
            х[еэ]шпрайс\w*
            算力价格|哈希价格""",
    ),
    (
        ChartKind.COMPRESSION,
        r"""difficulty[ -]ribbons?|(ribbon )?compression
            schwierigkeits-?band\w*|kompression
            cinta de dificultad|compresi[oó]n
            лент\w* сложности|сжати\w*
            难度带\w*|难度丝带|压缩""",
    ),
    (ChartKind.PROFIT, r"""profits?|profitability
            gewinne?|ertrag
            ganancias?|beneficios?
            прибыл\w*
            利润|收益"""),
    (ChartKind.MPI, r"""mpi(score)?|(miner )?position index
            índice de posición
            индекс позиц\w*
            矿工头寸指数"""),
    (ChartKind.PUELL, r"""puell([ -]multip\w+)?
            múltiplo (de )?puell
            (мультипликатор )?пуэлл\w*
            普尔\w*"""),
    (ChartKind.STRESS, r"""stress[ -]?(index)?
            (índice de )?estrés
            (индекс\w* )?стресс\w*
            压力(指数)?"""),
    (
        ChartKind.DRAWDOWN,
        r"""(price[ _])?drawdowns?|((below|from|to) )?((the|its) )?(record|ath|peak)
            (kurs)?rückgang|einbruch|rekord\w*
            caída|récord
            просадк\w*|рекорд\w*
            回撤|跌幅|最高点""",
    ),
    (
        ChartKind.INCOME,
        r"""(miners?'?s?[ _])?income|revenues?|earnings
            einkommen|einnahmen|erlöse?
            ingresos?
            доход\w*|выручк\w*
            (矿工)?收入""",
    ),
    (
        ChartKind.HASHRATE,
        r"""(btc\.)?hash[ -]?rates?|hashrate[ _]decline|(hash[ -]?)?ribbons?
            hashband
            х[еэ]шрейт\w*
            算力(带)?|哈希率""",
    ),
    (
        ChartKind.DIFFICULTY,
        r"""(btc\.)?difficult(y|ies)|(difficulty )?adjustments?|retargets?
            schwierigkeit\w*
            dificultad|ajustes?
            сложност\w*
            难度(调整)?""",
    ),
    (
        ChartKind.FEES,
        r"""(btc\.|transaction |block |network )?fees?
            (transaktions)?gebühr\w*
            comisi[oó]n(es)?|tarifas?
            комисси\w*
            (交易)?手续费""",
    ),
    (
        ChartKind.ENERGY,
        r"""energy([ _]prices?)?|(power|electricity)( prices?)?|day[ -]ahead
            (strom|energie)(preise?)?
            energ[ií]a|luz|electricidad
            электр\w*|энерги\w*
            电价|电力|能源""",
    ),
    (
        ChartKind.OUTFLOW,
        r"""(btc\.|miner[ _])?(miner_)?outflows?|(btc\.)?public_miner_sales|sales|selling
            abfl(uss|üsse)\w*|verk[aä]uf\w*
            salidas?|ventas?
            отток\w*|продаж\w*
            流出|卖出|抛售""",
    ),
    (
        ChartKind.PRICE,
        r"""(btc\.)?prices?|btc|bitcoins?|(btc|bitcoin)[ -]?(price|kurs|preis)
            kurs|preis
            precio
            цен[аыу]|курс\w*|битко[ий]н\w*
            比特币(价格)?|价格|币价""",
    ),
)  # fmt: skip
_SPANS: Final = (
    (ChartSpan(7), r"""(last |past )?week
            (letzte |der )?woche
            (última )?semana
            недел\w*
            一?周|星期"""),
    (ChartSpan(30), r"""(last |past )?month
            (letzter? |letzten )?monat
            (último )?mes
            месяц\w*
            一?个?月"""),
    (ChartSpan(90), r"""(last |past )?quarter
            quartal
            trimestre
            квартал\w*
            季度"""),
    (A_YEAR, r"""(last |past )?year
            (letztes |letzten )?jahr
            (último )?año
            год\w*
            一?年"""),
    (
        EVERYTHING,
        r"""all( time)?|max|ever|everything|since (the )?(beginning|start)
            ((the )?(whole|full|entire))( history)?
            alles|gesamt\w*|seit (anfang|begin+)
            tod[oa]s?|siempre
            вс[её]|весь
            全部|所有|历史|最大""",
    ),
)  # fmt: skip
_PLACES: Final = {
    "DE-LU": r"germany|deutschlands?|alemania|германи\w*|德国",
    "FR": r"france|frankreichs?|francia|франци\w*|法国",
    "AT": r"austria|österreichs?|австри\w*|奥地利",
    "BE": r"belgium|belgiens?|bélgica|бельги\w*|比利时",
    "CH": r"switzerland|schweiz|suiza|швейцари\w*|瑞士",
    "CZ": r"czechia|tschechiens?|chequia|чехи\w*|捷克",
    "DK1": r"denmark|dänemarks?|dinamarca|дани\w*|丹麦",
    "HU": r"hungary|ungarns?|hungría|венгри\w*|匈牙利",
    "IT-North": r"italy|italiens?|italia|итали\w*|意大利",
    "NL": r"netherlands|holland|niederlanden?|países bajos|нидерланд\w*|荷兰",
    "NO2": r"norway|norwegens?|noruega|норвеги\w*|挪威",
    "PL": r"poland|polens?|polonia|польш\w*|波兰",
    "SE4": r"sweden|schwedens?|suecia|швеци\w*|瑞典",
    "SI": r"slovenia|sloweniens?|eslovenia|словени\w*|斯洛文尼亚",
}
"""Day-ahead zones by their countries; of those with several the southern ones, where prices are highest."""
_THEMES: Final = (
    (True, "dark|dunkel|oscuro|т[её]мн\\w*|深色|暗色"),
    (False, "light|hell|claro|светл\\w*|浅色|亮色"),
)
_AND: Final = r"and|und|y|и|vs\.?|versus|gegen|против|和|与"
_FILLER: Final = r"""charts?|graphs?|plots?|pictures?|images?|curves?|diagrams?|network
    show|draw|give|send|see|me|us|the|an?|of|for|over|in|on|from|since|last|past|please|can|you|i|want|get
    as|could|would|like|how|far|who|did|does|has|have|is|was|what|look|like|days?
    diagramm|grafik|bild|verlauf|kurve|zeig\w*|mir|den|die|das|der|des|dem|ein\w*|für|von|vom|über|im|seit|bitte|als|kann|ich|sehen|zeichne|gib
    letzten?|gráfic[oa]s?|muéstrame|muestra|enséñame|dibuja|traza|puedo|quiero|ver|el|la|los|las|del?|un|una|por|para|en|desde|favor
    últim[oa]s?|график\w*|диаграмм\w*|картинк\w*|покажи\w*|нарисуй\w*|можно|хочу|увидеть|мне|за|на|с|по|в|последни\w*|пожалуйста|сети
    能|可以|吗|画(出|一下)?|图表?|图形|走势图?|曲线图?|显示|给我|看看?|的|过去|最近|请|一张"""
_DURATION: Final = r"""\d{1,5} ?(d|days?|tage?n?|d[ií]as?|день|дня|дней|дн|天|日|年)
    \d{1,3} ?(w|wks?|weeks?|wochen?|semanas?|недел[яию]|недель|周|个?星期)
    \d{1,4} ?(mo|m|months?|monate?n?|mes(es)?|месяц(а|ев)?|мес|个?月)
    \d{1,3} ?(y|yrs?|years?|jahre?n?|años?|год(а|ов)?|лет|年)"""
_END: Final = r"(?![^\W\u3400-\u9fff])"
_BLANK: Final = r"[\s,;:!?.·…“”\"'()]+"
_YEAR: Final = r"20\d\d年?(?![a-zа-я%$€\d])(?! (?:w|watts?|th|ths|ph|t|h|usd|eur|€|\$|%)(?!\w))"
_OTHER: Final = re.compile(r"[\u3400-\u9fff]+|[^\s,;!?\u3400-\u9fff]+")
_WORDS_TOO: Final = frozenset({"AT", "BE", "SI"})
"""Zones that are words in small letters."""


class _Token(Enum):
    """What a piece of the text is."""

    NOTHING = auto()
    KIND = auto()
    SPAN = auto()
    LENGTH = auto()
    ZONE = auto()
    THEME = auto()
    AND = auto()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of whole words, of every language a line; a Chinese word ends anywhere."""
    words = "|".join(line.strip() for line in pattern.splitlines())
    return re.compile(f"(?:{words})(?:(?<=[\u3400-\u9fff])|{_END})")


@cache
def _table() -> tuple[tuple[_Token, object, re.Pattern[str]], ...]:
    """What a piece of a text may be; of two that match the same text the first counts.

    Compiled with the first chart that is asked for: few commands of the command line ask for one.
    """
    return (
        (_Token.NOTHING, None, re.compile(_BLANK)),
        (_Token.LENGTH, None, re.compile(_YEAR)),
        (_Token.LENGTH, None, _compiled(_DURATION)),
        *((_Token.KIND, kind, _compiled(re.escape(name))) for name, kind in CHART_OF_SIGNAL.items()),
        *((_Token.KIND, kind, _compiled(pattern)) for kind, pattern in _KINDS),
        *((_Token.SPAN, span, _compiled(pattern)) for span, pattern in _SPANS),
        *((_Token.THEME, dark, _compiled(pattern)) for dark, pattern in _THEMES),
        (_Token.AND, None, _compiled(_AND)),
        (_Token.NOTHING, None, _compiled(_FILLER)),
    )


@dataclass(frozen=True, slots=True)
class ChartWords:
    """What is said of a chart; `rest` are the words that say something else, a machine perhaps."""

    kinds: tuple[ChartKind, ...] = ()
    spans: tuple[ChartSpan, ...] = ()
    zones: tuple[str, ...] = ()
    dark: bool | None = None
    rest: str = ""


def read_words(text: str, zones: Sequence[str]) -> ChartWords:
    """Read a text to its last word; `zones` are the day-ahead zones there are."""
    text = text[:_LONGEST]
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose small form is two
        text = lowered
    values: dict[_Token, list[object]] = {token: [] for token in _Token}
    rest: list[str] = []
    table = (
        *((_Token.ZONE, zone, _zone(zone, text)) for zone in zones),
        *((_Token.ZONE, zone, _compiled(_PLACES[zone])) for zone in zones if zone in _PLACES),
        *_table(),
    )
    index = 0
    while index < len(lowered):
        matches = [
            (token, value, match)
            for token, value, pattern in table
            if (match := pattern.match(lowered, index))
        ]
        if not matches:
            other = _OTHER.match(lowered, index)
            end = index + 1 if other is None else other.end()
            rest.append(text[index:end])
            index = end
            continue
        token, value, match = max(matches, key=lambda each: each[2].end())
        if token is _Token.LENGTH:
            token, value = (
                _Token.SPAN,
                parse_span(match[0].removesuffix("年") if match.re.pattern == _YEAR else match[0]),
            )
        values[token].append(value)
        index = match.end()
    kinds = [kind for kind in values[_Token.KIND] if isinstance(kind, ChartKind)]
    return ChartWords(
        _without_price(kinds, joined=bool(values[_Token.AND])),
        tuple(dict.fromkeys(span for span in values[_Token.SPAN] if isinstance(span, ChartSpan))),
        tuple(dict.fromkeys(str(zone) for zone in values[_Token.ZONE])),
        values[_Token.THEME][-1] is True if values[_Token.THEME] else None,
        " ".join(rest),
    )


def _zone(zone: str, text: str) -> re.Pattern[str]:
    """A zone by its code; one that is a word too in capitals, or alone."""
    code = re.escape(zone.lower())
    if zone in _WORDS_TOO and zone not in text and text.strip().lower() != zone.lower():
        return re.compile(f"power\\.{code}{_END}")
    return re.compile(f"(?:power\\.)?{code}{_END}")


def _without_price(kinds: Sequence[ChartKind], *, joined: bool) -> tuple[ChartKind, ...]:
    """“Bitcoin difficulty” and “power price” ask for one chart, “price and difficulty” for two."""
    once = tuple(dict.fromkeys(kinds))
    if len(once) > 1 and not joined:
        once = tuple(kind for kind in once if kind is not ChartKind.PRICE)
    return once
