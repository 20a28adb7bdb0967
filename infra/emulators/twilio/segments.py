"""How many parts an SMS is sent in (3GPP TS 23.038: GSM-7, else UCS-2)."""

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")


def segments(body: str) -> int:
    """The number of SMS parts of a text: 160 or 153 septets a part, 70 or 67 UTF-16 units."""
    if all(char in GSM_BASIC or char in GSM_EXTENSION for char in body):
        return _parts(sum(2 if char in GSM_EXTENSION else 1 for char in body), 160, 153)
    return _parts(len(body.encode("utf-16-le")) // 2, 70, 67)


def _parts(units: int, single: int, joined: int) -> int:
    return 1 if units <= single else -(-units // joined)
