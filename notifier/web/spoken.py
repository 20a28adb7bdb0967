"""What is said in a call, sentence by sentence, and the keys that are offered. Nothing here changes anything.

Whoever hears it was asleep a moment ago: short sentences, one after the other, the drawn keys between pauses, and all
of it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notifier.domain.answers import Standing, offered
from notifier.domain.holding import holder, is_on_the_way, is_untaken, may_open_facts
from notifier.domain.replies import LAST_DIGITS, Act
from notifier.domain.texts import Translate
from notifier.store.escalations import EscalationRow
from notifier.store.letters import Letter
from schemas.report import FactSheet
from schemas.terms import Purpose, Urgency

REPEAT, FACTS, DESK, HELP = "*", "1", "0", "6"
PAUSE = ""
"""A sentence in which nothing is said for a second."""
DRAWN_ACTS = (Act.TAKE, Act.DECLINE, Act.BEGUN)
AFTER_TAKING = frozenset({Act.BEGUN, Act.HAND_BACK})
STILL_DRAWN = 2
"""How many of the keys of a call still mean what they were drawn for once it is taken: take and cannot."""


@dataclass(frozen=True)
class Call:
    """One call with one person about one alert; `callings` are those of its subject, newest first.

    `is_ours`: we placed it, so that a key may still be pressed twice.
    """

    sid: str
    letter: Letter
    row: EscalationRow
    callings: Sequence[Standing]
    is_ours: bool

    @property
    def has_facts(self) -> bool:
        """Whether facts can be asked for in it."""
        may_open = may_open_facts(self.letter.person_id, self.row.standing, self.callings)
        return self.letter.subject_kind == "case" and may_open

    def acts(self) -> tuple[Act, ...]:
        """What whoever has the case can do by key. In the call in which it was taken that is what comes next.

        Nothing in a drill, which is over once it is taken.
        """
        if self.letter.is_drill:
            return ()
        acts = offered(self.letter.person_id, self.row.standing)
        return tuple(act for act in acts if act in AFTER_TAKING) if self.is_ours else acts

    def act_of(self, digit: str) -> Act | None:
        """What a key means: the drawn ones while somebody is called, the last digits of texts to who has the case."""
        drawn = (self.letter.keys or "").find(digit) if digit else -1
        if drawn >= 0 and (self.row.is_active or (self.is_ours and drawn < STILL_DRAWN)):
            return DRAWN_ACTS[drawn]
        act = LAST_DIGITS.get(digit)
        if self.row.is_active:
            return act if act is Act.NEED_HELP and self.has_help_key else None
        return act if act in self.acts() else None

    @property
    def has_help_key(self) -> bool:
        """Whether somebody who is called for a case anew, and may be on their way to it, can call for help by key."""
        is_drawn = HELP in (self.letter.keys or "")
        is_called_anew = self.row.is_active and self.row.purpose is Purpose.RESPOND
        return is_called_anew and not is_drawn and is_on_the_way(self.letter.person_id, self.callings)


def question(call: Call, t: Translate, is_joined: bool) -> list[str]:
    """What is asked, and by which keys it is answered; then what else can be had."""
    letter = call.letter
    what = t(f"voice_{letter.purpose}", urgency=t(f"said_{letter.urgency}"), alias=spelled(letter.alias))
    asked = [what, *drawn(letter, t)]
    return [*asked, *others(call, t, is_joined), *asked]


def drawn(letter: Letter, t: Translate) -> list[str]:
    """The keys that were drawn for a call, each between two pauses: nobody can know them beforehand."""
    is_check_in = letter.purpose is Purpose.CHECK_IN
    acts = ("safe", "need_help") if is_check_in else ("take", "decline")
    said = [[t(f"voice_press_{act}"), PAUSE, key, PAUSE] for act, key in zip(acts, letter.keys or "", strict=False)]
    return [sentence for each in said for sentence in each]


def who(call: Call) -> str:
    """The sentence that says who has it now, in a call about what nobody is called for any more by it."""
    taker = holder(call.row.purpose, call.callings)
    if taker is None:
        return "voice_not_taken" if is_untaken(call.row.purpose, call.callings) else "voice_ended"
    if taker == call.letter.person_id:
        return "voice_held" if not call.letter.is_drill else "voice_ended"
    return "who_taken" if call.acts() else "voice_taken_by_other"


def menu(call: Call, t: Translate, is_joined: bool) -> list[str]:
    """What whoever has the case can press."""
    return [*(_key(call, act, t) for act in call.acts()), *others(call, t, is_joined)]


def others(call: Call, t: Translate, is_joined: bool) -> Iterable[str]:
    """Help, the facts, the desk, and all of it again. `is_joined`: there is a number of the desk to join to."""
    if call.has_help_key:
        yield t("voice_key_need_help")
    if call.has_facts:
        yield t("voice_facts_key")
    if is_joined:
        yield t("voice_desk_key")
    yield t("voice_repeat_key")


def facts_aloud(sheet: FactSheet, t: Translate, language: str) -> list[str]:
    """The facts in sentences: place, children, dangers at the door, who goes with, what else was found, the desk."""
    children = [", ".join(filter(None, (child.name, child.age))) for child in sheet.children]
    unknown = t("page_not_known")
    told = [t("voice_facts_begin")]
    told += [t("voice_facts_partial")] if sheet.is_partial else []
    told += [t("voice_place", text=sheet.place or unknown)]
    told += [t("voice_child", text=child or unknown) for child in children or [""]]
    told += [t("voice_danger", text=danger) for danger in sheet.dangers_in(language)] or [t("voice_dangers_none")]
    told += [t("voice_go_with", text=t(f"go_with_{who}")) for who in sheet.go_with]
    told += [t("voice_found", text=found) for found in sheet.found_in(language)]
    told += [t("voice_desk_phone", text=spelled(sheet.desk_phone))] if sheet.desk_phone else []
    return [*told, t("voice_facts_again")]


def is_alone_unsafe(row: EscalationRow) -> bool:
    """Whether nobody may go to this case alone."""
    return row.urgency is Urgency.IMMEDIATE and row.purpose is Purpose.RESPOND


def spelled(written: str) -> str:
    """An alias or a number character by character, as it is said over a bad line."""
    return " ".join(written)


def _key(call: Call, act: Act, t: Translate) -> str:
    is_again = act is Act.THERE and call.row.standing.is_there
    return t("voice_key_safe" if is_again else f"voice_key_{act}")
