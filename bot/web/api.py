"""The operations of the API: each with its parameters, its answer and how it is answered."""

import csv
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from io import StringIO
from typing import Final

from pydantic import BaseModel

from bot.i18n.message import ENGLISH
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.field_parser import FIELDS, FieldNames, parse_fields
from bot.mining.parsing.question_parser import REFERENCE
from bot.mining.parsing.understanding import parse_scenario_fields
from bot.mining.projection import MOST_CHANGE, MOST_MONTHS, projection
from bot.mining.question import Question
from bot.mining.scenario import KEYS
from bot.mining.whatif import WhatIf, what_if
from bot.signals.rules import SIGNALS, SUBSCRIPTIONS, Severity
from bot.signals.series import SERIES
from bot.web import api_reports, schema
from bot.web.http_cache import Body
from bot.web.page_context import PageContext
from bot.web.parameters import ApiQuery, Parameter, choice, day, integer, number, question_fields, text
from bot.web.problem import ProblemError
from storage.database import Database
from storage.signals import alerts, readings

PREFIX: Final = "/api/v1"
JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"
MOST_DAYS: Final = 3653
_USUAL_DAYS = 365

Handler = Callable[[PageContext, ApiQuery], Awaitable[Body]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, always GET. `lasts_s` is how long an answer may be kept without asking again."""

    path: str
    name: str
    summary: str
    answer: type[BaseModel]
    handler: Handler
    parameters: tuple[Parameter, ...] = ()
    lasts_s: int = 0
    also_csv: bool = False


SIGNAL: Final = choice("signal", "only of this signal", list(SUBSCRIPTIONS))
SEVERITY: Final = choice("severity", "of this severity or graver", [severity.word for severity in Severity])
_NAMES = FieldNames("machine", lambda field: field, "/api/v1/breakeven?machine=s19&power_price=0.07")
_SUPPOSED = {
    "if_price": "the bitcoin price supposed: 40000 or -20%",
    "if_hashrate": "the network hashrate supposed: 900 (EH/s) or -10%",
    "if_power": "the power price supposed: 0.05 or +10%",
    "if_fees": "the fees of a block supposed: 0.1 (BTC) or +50%",
    "if_difficulty": "the difficulty supposed: 120e12 or +5%",
    "if_halving": "yes: the block subsidy is halved",
}


async def _status(context: PageContext, _query: ApiQuery) -> Body:
    return _json(api_reports.status(context.status(), context.market()))


async def _signals(context: PageContext, _query: ApiQuery) -> Body:
    return _json(schema.SignalsReport(signals=api_reports.status(context.status(), context.market()).signals))


async def _forecasts(context: PageContext, _query: ApiQuery) -> Body:
    return _json(schema.ForecastsReport(forecasts=api_reports.forecasts(context.status())))


async def _series_list(context: PageContext, _query: ApiQuery) -> Body:
    return _json(api_reports.series_list(context.history()))


async def _series(context: PageContext, query: ApiQuery) -> Body:
    name = query.text("name") or ""
    if name not in SERIES:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"There is no series “{name}”; {PREFIX}/series lists them.",
        )
    first, last = _days(query, context.clock().date())
    as_csv = query.choice("format") == "csv"

    def read(db: Database) -> Body:  # written in the reader's thread too: ten years take a while
        values = api_reports.series_values(name, readings.of_series(db, name, first, last))
        return Body(_csv(values).encode(), CSV) if as_csv else _json(values)

    return await context.store.read(read)


def _days(query: ApiQuery, today: date) -> tuple[date, date]:
    last = query.day("to") or today
    first = query.day("from")
    if first is None:
        first = last - timedelta(days=min(_USUAL_DAYS - 1, (last - date.min).days))
    if first > last:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"from ({first}) is later than to ({last}).")
    if (last - first).days >= MOST_DAYS:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, f"At most {MOST_DAYS} days at once; ask for the rest with from and to."
        )
    return first, last


def _csv(values: schema.SeriesValues) -> str:
    licences = {terms.source: terms.licence for terms in values.sources}
    buffer = StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow(("series", "day", "value", "unit", "source", "complete", "read_at", "licence"))
    for each in values.values:
        rows.writerow(
            (
                values.series,
                each.day.isoformat(),
                repr(each.value),
                values.unit,
                each.source,
                str(each.complete).lower(),
                each.read_at.isoformat(),
                licences[each.source],
            )
        )
    return buffer.getvalue()


async def _episodes(context: PageContext, query: ApiQuery) -> Body:
    past = await context.rule_history()
    limit = query.integer("limit") or 1
    return _json(api_reports.episodes(past, query.choice("signal"), severity_of(query), limit))


async def _alerts(context: PageContext, query: ApiQuery) -> Body:
    limit = query.integer("limit") or 1
    signal, severity, before = query.choice("signal"), severity_of(query), query.integer("before")
    rows = await context.store.read(
        lambda db: alerts.recent(db, limit + 1, signal=signal, severity=severity, before=before)
    )
    return _json(api_reports.alerts(rows, limit))


def severity_of(query: ApiQuery) -> Severity:
    """The least severity asked for."""
    word = query.choice("severity")
    return next((severity for severity in Severity if severity.word == word), Severity.INFO)


async def _machines(context: PageContext, query: ApiQuery) -> Body:
    return _json(api_reports.machines(context.catalogue, query.text("q") or ""))


async def _breakeven(context: PageContext, query: ApiQuery) -> Body:
    try:
        answered = answer(_question(context, query, None), context.market())
    except InvalidQuestion as failure:
        raise _refusal(failure) from None
    return Body(
        json.dumps(answered.now.as_json(), ensure_ascii=False, allow_nan=False).encode(),
        JSON,
    )


async def _whatif(context: PageContext, query: ApiQuery) -> Body:
    supposed = {key: value for key in KEYS if (value := query.text(f"if_{key}")) is not None}
    if not supposed:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST,
            f"What should be different? Give one of {', '.join(_SUPPOSED)}; for example if_price=-20%.",
        )
    reference = query.text("machine") is None and not query.values_of(("hashrate", "power"))
    try:
        question = _question(context, query, REFERENCE if reference else None)
        scenario = parse_scenario_fields(supposed)
        result = what_if(WhatIf(question, scenario, reference), context.market())
    except InvalidQuestion as failure:
        raise _refusal(failure) from None
    return _json(api_reports.what_if(result))


async def _projection(context: PageContext, query: ApiQuery) -> Body:
    growths = query.number("difficulty_growth") or 0.0, query.number("price_growth") or 0.0
    try:
        question = _question(context, query, None)
        path = projection(question, context.market(), query.integer("months") or 1, *growths)
    except InvalidQuestion as failure:
        raise _refusal(failure) from None
    price = None if question.machine_price is None else question.machine_price.amount
    return _json(api_reports.projection(path, price))


async def _network(context: PageContext, _query: ApiQuery) -> Body:
    market = context.market()
    if market.btc_price_usd is None or market.difficulty is None:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "There is no bitcoin price or difficulty yet; ask after the next poll.",
            headers={"Retry-After": "60"},
        )
    return _json(api_reports.network(market, context.catalogue, market.btc_price_usd, market.difficulty))


def _question(context: PageContext, query: ApiQuery, machine: str | None) -> Question:
    texts = query.values_of(tuple(FIELDS))
    return parse_fields(machine or query.text("machine"), texts, context.catalogue, _NAMES)


def _refusal(failure: InvalidQuestion) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        failure.sentence,
        suggestions=[choice.label(ENGLISH) for choice in failure.choices],
    )


def _json(report: BaseModel) -> Body:
    return Body(report.model_dump_json().encode(), JSON)


OPERATIONS: Final = (
    Operation("/status", "getStatus", "Phase, signals and forecasts", schema.StatusReport, _status),
    Operation("/signals", "listSignals", "Every signal", schema.SignalsReport, _signals),
    Operation(
        "/forecasts", "listForecasts", "Forecasts and their base rates", schema.ForecastsReport, _forecasts
    ),
    Operation("/series", "listSeries", "Every series held", schema.SeriesList, _series_list),
    Operation(
        "/series/{name}",
        "getSeries",
        "Daily values of a series, with source and licence",
        schema.SeriesValues,
        _series,
        (
            Parameter(
                "name",
                "the series",
                {"type": "string", "maxLength": 100, "example": "btc.price"},
                in_path=True,
            ),
            day("from", f"first day; default: a year before the last; at most {MOST_DAYS} days"),
            day("to", "last day; default: today"),
            choice("format", "json (default) or csv", ["json", "csv"]),
        ),
        lasts_s=60,
        also_csv=True,
    ),
    Operation(
        "/episodes",
        "listEpisodes",
        "Past phases and firings of every rule, the newest first",
        schema.EpisodesReport,
        _episodes,
        (
            choice("signal", "only of this signal", list(SIGNALS)),
            SEVERITY,
            integer("limit", "how many at most", low=1, high=500, default=100),
        ),
        lasts_s=60,
    ),
    Operation(
        "/alerts",
        "listAlerts",
        "Alerts as subscribers got them, the newest first",
        schema.AlertsReport,
        _alerts,
        (
            SIGNAL,
            SEVERITY,
            integer("limit", "how many at most", low=1, high=200, default=50),
            integer("before", "only alerts with a smaller id", low=1, high=2**53),
        ),
    ),
    Operation(
        "/machines",
        "listMachines",
        "Machines of the catalogue",
        schema.MachinesReport,
        _machines,
        (text("q", "words of maker or model, such as “s19 pro”"),),
        lasts_s=3600,
    ),
    Operation(
        "/breakeven",
        "getBreakeven",
        "Does a machine pay? The keys of `breakeven --json`",
        schema.EconomicsReport,
        _breakeven,
        question_fields(),
    ),
    Operation(
        "/whatif",
        "getWhatIf",
        "A machine now, at once as supposed, and after the next retarget",
        schema.WhatIfReport,
        _whatif,
        (*question_fields(), *(text(name, about) for name, about in _SUPPOSED.items())),
    ),
    Operation(
        "/projection",
        "getProjection",
        "A machine month by month, on a path of difficulty and price that is the asker's own",
        schema.ProjectionReport,
        _projection,
        (
            *question_fields(),
            integer("months", "how many months ahead", low=1, high=MOST_MONTHS, default=24),
            number("difficulty_growth", "a month, as a fraction", low=-MOST_CHANGE, high=MOST_CHANGE),
            number("price_growth", "a month, as a fraction", low=-MOST_CHANGE, high=MOST_CHANGE),
        ),
    ),
    Operation(
        "/network", "getNetwork", "What mining earns and costs, and for whom", schema.NetworkReport, _network
    ),
)
"""Everything the API can be asked."""
