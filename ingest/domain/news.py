"""What who reports by phone says of being told, by a text without content, that something became of it."""

from datetime import time

from schemas.report import SafeContact
from schemas.terms import Answer

BEGINS, ENDS = time(8), time(20)
"""When such a text may come, on the wall of the report: the question says so."""


def contact(wants: Answer, is_safe_to_text: Answer) -> SafeContact:
    """The answer as it is kept; only a yes names hours."""
    hours = {"news_from": BEGINS, "news_until": ENDS} if wants is Answer.YES else {}
    return SafeContact(is_safe_to_text=is_safe_to_text, wants_news=wants, **hours)
