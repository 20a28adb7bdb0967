"""Triage: judges reports, keeps cases, serves the desk."""

import os

# Names need the readings of single characters alone; the 47,000 phrases beside them would take 44 MB in each process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # noqa: TID251 - read by pypinyin when it is first imported
# Read by numpy's linear algebra when it is first imported. Its products here are small: a second thread only spins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - read by numpy
