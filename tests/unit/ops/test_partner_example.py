"""The example by which a body checks our signature, as it stands in the document."""

import re
import time
from pathlib import Path

import pytest

from infra.webhook import SIGNATURE, TIMESTAMP, sign

DOCUMENT = Path(__file__).parents[3] / "docs" / "partners.md"
SECRET, BODY = "a secret that opens nothing", b'{"type": "report.updated"}'


@pytest.mark.parametrize(
    ("secret", "late", "body", "is_believed"),
    [(SECRET, 0, BODY, True), ("another", 0, BODY, False), (SECRET, 301, BODY, False), (SECRET, 0, b"{}", False)],
)
def test_it_believes_us_and_nobody_else(secret: str, late: int, body: bytes, is_believed: bool) -> None:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found
    names: dict[str, object] = {}
    exec(found[1], names)  # noqa: S102 - our own document
    is_ours = names["is_ours"]
    assert callable(is_ours)
    at = str(int(time.time()) - late)  # noqa: TID251 - as the example reads it
    headers = {TIMESTAMP: at, SIGNATURE: sign(secret, at, BODY)}
    assert is_ours(SECRET, headers, body) is is_believed
