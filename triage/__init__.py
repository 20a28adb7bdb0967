"""Triage: judges reports, keeps cases, serves the desk."""

import os

# Names need the readings of single characters alone; the 47,000 phrases beside them would take 44 MB in each process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # noqa: TID251 - read by pypinyin when it is first imported
