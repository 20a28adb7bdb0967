"""The words of places that reports can share: named estates, roads, schools, a postcode, a whole field."""

import re

from triage.domain.normalise import normalise

MOST = 12
_KIND_ZH = (
    "小区|花园|家园|公寓|新村|社区|大厦|广场|小学|中学|学校|学院|幼儿园|"
    "医院|派出所|超市|网吧|宾馆|酒店|村|镇|路|街|巷|弄"
)
_ZH = re.compile(rf"([\u4e00-\u9fff]{{2,8}}?)({_KIND_ZH})")
_STEMS = (2, 3, 4)
_FILLING = re.compile("^(?:的|在|是|和|去|到|这|那|个|住|我|他|她|们|家)+")
_KIND_EN = (
    "street|road|lane|avenue|close|drive|court|house|school|academy|nursery|primary|secondary|college|hospital|park|"
    "estate|way|crescent|terrace|gardens"
)
_EN = re.compile(rf"\b((?:[a-z0-9]+ ){{1,2}})({_KIND_EN})\b")
_SHORT = {"st": "street", "rd": "road", "ave": "avenue", "ln": "lane", "dr": "drive", "sch": "school"}
_NOTHING = frozenset(re.findall("[a-z]+", "the a an at in on of to my his her their our this that near and is was"))
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})\b")
LEAST = 4
"""Characters of a field that says more than *home*."""


def words_in(text: str) -> tuple[str, ...]:
    """The named places in running words, in one form; at most a few."""
    plain = normalise(text).text
    found = [stem + kind for before, kind in _ZH.findall(plain) for stem in _stems(before)]
    for before, kind in _EN.findall(_long(plain)):
        named = [word for word in before.split() if word not in _NOTHING]
        found += [" ".join([*named[-1:], kind])] if named else []
    found += ["".join(each) for each in _POSTCODE.findall(plain)]
    return tuple(dict.fromkeys(found))[:MOST]


def field(text: str) -> tuple[str, ...]:
    """The words of a field that holds a place: the whole of it, and the named places in it."""
    plain = _long(normalise(text).text)
    whole = [plain] if len(plain) >= LEAST else []
    return tuple(dict.fromkeys([*whole, *words_in(text)]))[:MOST]


def district(system: str, code: str | None) -> str:
    """The district of an area: the first six digits of a Chinese division code, else the code; empty when unknown."""
    if code is None:
        return ""
    return f"{system}:{code[:6] if system == 'CN-XZQH' else code}"


def _stems(before: str) -> list[str]:
    """The last characters before a word such as 小区: where a name begins nothing tells."""
    named = _FILLING.sub("", before)
    return [named[-length:] for length in _STEMS if len(named) >= length]


def _long(plain: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in plain.replace(",", " ").replace(".", " ").split())
