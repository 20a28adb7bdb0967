"""Traditional characters and their simplified forms, one character each (OpenCC's table)."""

from opencc import OpenCC

_FIRST, _LAST = 0x3400, 0x9FFF
"""Chinese characters in common use: Unicode's extension A and the unified block."""
_BESIDE = {"著": "着", "妳": "你", "婬": "淫", "痺": "痹", "衞": "卫"}
"""Variants that the table leaves as they are."""


def _table() -> dict[str, str]:
    chars = [chr(point) for point in range(_FIRST, _LAST + 1)]
    simple = OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {old: new for old, new in zip(chars, simple, strict=True) if old != new} | _BESIDE


TO_SIMPLIFIED = _table()
"""Traditional to simplified. 著 is read as 着, so 著名 becomes 着名: the lexicon means neither."""
