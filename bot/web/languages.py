"""Which language a page is in: asked for by `lang`, or the best one of Accept-Language."""

from aiohttp import web

from bot.i18n.translator import LANGUAGES, LocaleTranslator, translator_for


def language_of(request: web.Request) -> str:
    """The code of the language to answer in."""
    code = request.query.get("lang", "")
    return code if code in LANGUAGES else accepted(request.headers.get("Accept-Language", ""))


def translator_of(request: web.Request) -> LocaleTranslator:
    """The language to answer in."""
    return translator_for(language_of(request))


def accepted(header: str) -> str:
    """The best of our languages in an Accept-Language header (RFC 9110, 12.5.4); English without one."""
    best, weight = "en", 0.0
    for part in header[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        base = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if base in LANGUAGES and quality > weight:
            best, weight = base, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
