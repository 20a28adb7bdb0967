"""Ways to people are tried: a code by which a phone is proven, and the monthly test, which nobody has to answer.

A code is drawn when it is sent or said and kept only as a keyed digest: it is in no event and no log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.clock import Clock
from infra.ids import new_digits, new_id
from infra.inbox import Delivery
from infra.postgres import Transaction
from notifier.domain.ladder import VALID_FOR
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.store import trials
from notifier.store.letters import Letter
from notifier.store.trials import NewTrial
from schemas.ladder import Ladder
from schemas.terms import AlertChannel
from schemas.trials import TrialAsked

TRIALS = frozenset({"code", "test"})
"""The kinds of alerts that try a way."""
CODE_DIGITS = 6
TIMES_SAID = 2
TEST_VALID_FOR = timedelta(hours=1)
NO_KEYS = "222"
"""A call has keys; nobody is asked to press any in one that tries a phone."""


@dataclass(frozen=True)
class TrialHandlers:
    """Handlers of what triage asks to be tried; `wake` makes the timer send it once it is committed."""

    clock: Clock
    wake: Wake

    async def on_asked(self, delivery: Delivery, tx: Transaction) -> None:
        """Write the one message or call. What was asked for too long ago is not sent any more."""
        asked: TrialAsked = delivery.event
        valid_until = asked.asked_at + (VALID_FOR if asked.kind == "code" else TEST_VALID_FOR)
        now = self.clock.now()
        if valid_until <= now:
            return
        new = NewTrial(
            trial_id=asked.trial_id,
            alert_id=new_id(),
            escalation_id=new_id(),
            person_id=asked.person_id,
            kind=asked.kind,
            channel=asked.channel.value,
            ladder=Ladder.of_one(asked.channel),
            valid_until=valid_until,
            keys=NO_KEYS if asked.channel is AlertChannel.VOICE else None,
        )
        await trials.add(tx, new, delivery.trace, now)
        tx.after_commit(self.wake.sends.set)


def written(phrases: Phrases, letter: Letter) -> tuple[str, bytes | None]:
    """The text of a trial, and the digest of the code it holds, if any. A call says its own once it is picked up."""
    if letter.channel is AlertChannel.VOICE:
        return "", None
    t = phrases.t(letter.language)
    if letter.kind == "test":
        return phrases.begun_with_notice(letter.language, t("trial_test")), None
    code = new_digits(CODE_DIGITS)
    return phrases.begun_with_notice(letter.language, t("trial_code", code=code)), _digest(phrases, letter, code)


async def said(tx: Transaction, phrases: Phrases, letter: Letter, now: datetime) -> list[str]:
    """What a call that tries a phone says, sentence by sentence; a code of its own, digit by digit."""
    t = phrases.t(letter.language)
    greeting = phrases.begun_with_notice(letter.language, t("voice_greeting"))
    if letter.kind == "test":
        return [greeting, t("voice_trial_test")]
    code = new_digits(CODE_DIGITS)
    await trials.add_code(tx, letter.subject_id, _digest(phrases, letter, code), now)
    return [greeting, *[t("voice_trial_code"), *code] * TIMES_SAID]


def _digest(phrases: Phrases, letter: Letter, code: str) -> bytes:
    return phrases.vault.token("trial code", f"{letter.subject_id} {code}")
