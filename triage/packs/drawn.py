"""The drawing of a concern in one language: the desk's words and the pack's, handed to the pure drawing."""

from collections.abc import Mapping

from infra.locales import Translate
from schemas.terms import Urgency
from triage.domain.concern import Concern
from triage.domain.drawing import Drawing, Labels, Mark
from triage.domain.pack import Pack
from triage.domain.rule import Said


def drawing(
    pack: Pack, concern: Concern, t: Translate, language: str, marks: Mapping[str, Mark] | None = None
) -> Drawing:
    """A concern of a pack as it is drawn, with marks where it is drawn for one case."""
    raising = (_in(rule.says, language) for rule in pack.rules if rule.rule_class == "R")
    labels = Labels(
        language="zh-CN" if language == "zh" else language,
        title=_in(concern.title, language),
        yes=t("desk_tree_yes"),
        onward=t("desk_tree_onward"),
        otherwise=t("desk_tree_otherwise"),
        raised=t("desk_tree_raised", rules=t("desk_tree_or").join(raising)),
        urgencies={each: t(f"desk_urgency_{each}") for each in Urgency},
    )
    return Drawing(concern, labels, marks or {})


def _in(said: Said, language: str) -> str:
    return said.zh if language == "zh" else said.en
