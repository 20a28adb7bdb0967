"""Packs: YAML files of one jurisdiction each, checked so that an error names its file and line."""

from triage.packs.collection import Packs, read_skills
from triage.packs.located import PackError

__all__ = ["PackError", "Packs", "read_skills"]
