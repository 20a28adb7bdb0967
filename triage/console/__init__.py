"""The duty desk: sign in, the queue, the page of a case, and what a duty officer does there."""

from triage.console.app import console_app

__all__ = ["console_app"]
