"""`make bench`: how fast, how small and how soon ready the hotline is, against its bounds."""

import triage  # noqa: F401 - says how numpy is to work, which is read when numpy is first imported
