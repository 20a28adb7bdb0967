"""One act on one alert under a lease: send it, find out whether it was sent, or stop it.

The intent is written before the request and nothing is sent inside a transaction. A request whose answer is lost is
looked up at the provider; if after ten seconds nobody knows, it is sent again and marked. Two alerts are better
than none.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from infra.sending import AccountRefused, ProviderDown, ProviderError, Refused, Uncertain
from infra.vault import UnknownMasterKey, VaultError
from notifier.channels import Channel, Taken
from notifier.domain.failures import NO_REPORT
from notifier.domain.replies import Act
from notifier.domain.waits import backoff, least_wait, retry_after
from notifier.handlers.answering import Answer, answer
from notifier.handlers.letters import Post, UnreachableError
from notifier.handlers.statuses import Statuses
from notifier.store import alerts
from notifier.store.alerts import Claim, Status
from notifier.store.letters import Letter, read_letter
from notifier.timer.counter import Counter
from notifier.timer.providers import Providers
from notifier.timer.rates import Rates
from schemas.terms import AcknowledgedVia, AlertChannel

UNDECIDED_FOR = timedelta(seconds=10)
LOOK_AGAIN = timedelta(seconds=1)
# What the provider's clock and ours may differ by.
LIST_MARGIN = timedelta(seconds=5)
# Longer than the slowest retry, so that one alert that waits for a key is told without a gap.
KEY_TROUBLE_FOR = timedelta(seconds=15)
AWAY = "provider_away"
STALE_RING = (
    "somebody's number was sealed under a master key that this process does not have: "
    "restart it with the present HOTLINE_VAULT_KEYS"
)

_log = structlog.get_logger()


class Sends:
    """Acts on claims. Each method ends with the alert settled, planned again or left to its lease."""

    def __init__(self, counter: Counter) -> None:
        self._db = counter.db
        self._pool = counter.db.pool
        self._clock = counter.clock
        self._counter = counter
        self._wake = counter.wake
        self._rates = Rates(counter.db.pool, counter.clock)
        self._statuses = Statuses(counter.db.pool, counter.clock)
        self._providers = Providers(sorted({channel.provider for channel in counter.channels.values()}))
        self._lacks_key_until: datetime | None = None

    def provider_trouble(self) -> str | None:
        """A sentence while a provider fails and is left alone."""
        return self._providers.trouble(self._clock.now())

    def trouble(self) -> str | None:
        """A sentence while alerts wait for a master key."""
        until = self._lacks_key_until
        return STALE_RING if until is not None and self._clock.now() < until else None

    async def act(self, claim: Claim, row: Mapping[str, Any]) -> None:
        """Do what an alert's state asks for; `row` is what was read of it after the claim."""
        letter = read_letter(row)
        if claim.state == "planned":
            await self._send(claim, letter)
        elif claim.state == "sending":
            await self._look_up(claim, letter)
        elif claim.state == "connected" and not letter.is_unwanted:
            await self._look_at_call(claim, letter)
        elif claim.state in {"queued", "sent"} and not letter.is_unwanted:
            await self._stall(claim, NO_REPORT)
        else:
            await self._stop(claim, letter)

    # Sending

    async def _send(self, claim: Claim, letter: Letter) -> None:
        post = await self._written(claim, letter)
        if post is None or not await self._may_ask(claim, post) or not await self._has_token(claim, post):
            return
        if not await alerts.begin_send(self._pool, claim, self._clock.now(), post.intent):
            await alerts.give_up_send(self._pool, claim, self._clock.now())
            self._wake.steps.set()
            return
        await self._hand_over(claim, post)

    async def _written(self, claim: Claim, letter: Letter) -> Post | None:
        """The letter with its text and number; an alert that cannot be written has failed.

        One sealed under a master key this process has never heard of can be written by others, or after a restart.
        """
        try:
            async with self._db.statements() as tx:
                post = await self._counter.letters.write(tx, letter, self._clock.now())
        except UnknownMasterKey as error:
            self._lacks_key_until = self._clock.now() + KEY_TROUBLE_FOR
            _log.error("alert_waits_for_key", alert_id=str(claim.alert_id), error=str(error))
            await self._wait_for_key(claim)
            return None
        except (VaultError, UnreachableError) as error:
            _log.error("alert_unwritable", alert_id=str(claim.alert_id), error=type(error).__name__)
            await self._fail(claim, "unwritable")
            return None
        if post.letter.channel not in self._counter.channels:
            await self._fail(claim, "no_channel")
            return None
        return post

    async def _wait_for_key(self, claim: Claim) -> None:
        """Plan it again, unless it may have been sent already or is too old."""
        await alerts.give_up_send(self._pool, claim, self._clock.now())
        self._wake.steps.set()
        if claim.state == "planned":
            await self._try_later(claim, backoff(claim.fence), "unknown_key")
        else:
            await self._look_later(claim)

    async def _fail(self, claim: Claim, code: str) -> None:
        await alerts.record_failed(self._pool, claim, code, self._clock.now())
        self._wake.steps.set()

    async def _try_later(self, claim: Claim, wait: timedelta, code: str) -> None:
        await alerts.try_later(self._pool, claim, self._clock.now() + wait, code)
        self._wake.sends.set()

    async def _look_later(self, claim: Claim) -> None:
        await alerts.look_later(self._pool, claim, self._clock.now() + LOOK_AGAIN)
        self._wake.sends.set()

    async def _stall(self, claim: Claim, code: str) -> None:
        """The ladder looks at once for another channel; this one is tried again all the same."""
        if await alerts.stall(self._pool, claim, code, self._clock.now()):
            self._wake.steps.set()

    async def _may_ask(self, claim: Claim, post: Post) -> bool:
        """Whether the provider is to be asked. One that fails is left alone; the alert waits for the next probe."""
        breaker = self._providers.of(self._provider(post))
        if not (wait := breaker.wait(self._clock.now(), post.outgoing.to)):
            return True
        await self._stall(claim, AWAY)
        if claim.state == "planned":
            await self._try_later(claim, max(wait, least_wait(post.letter.channel, claim.fence)), AWAY)
        else:
            await self._look_later(claim)
        if not breaker.is_open:  # it answered while this one was being put off
            await self._retry_all(breaker.name)
        return False

    def _channel(self, post: Post) -> Channel:
        return self._counter.channels[post.letter.channel]

    def _provider(self, post: Post) -> str:
        """Whose failure takes it away: of the systems of partners, each fails alone."""
        provider = self._channel(post).provider
        return f"{provider}:{post.outgoing.to}" if post.letter.channel is AlertChannel.PARTNER else provider

    async def _has_token(self, claim: Claim, post: Post) -> bool:
        """Wait a little for the bucket of the number; an alert that would wait longer makes room for others."""
        bucket = self._counter.buckets.get(post.letter.channel)
        if bucket is None:
            return True
        own = replace(bucket, name=f"{bucket.name}:{self._channel(post).sender(post.outgoing)}")
        if not (wait := await self._rates.wait(own, claim.is_immediate)):
            return True
        if claim.state == "planned":
            await self._try_later(claim, wait, "rate")
        else:  # perhaps the provider has taken it: it stays in doubt
            await self._look_later(claim)
        return False

    async def _hand_over(self, claim: Claim, post: Post) -> None:
        channel = self._channel(post)
        try:
            taken = await channel.send(post.outgoing)
        except Refused as error:
            await self._answered(self._provider(post))
            await self._fail(claim, error.code)
        except ProviderError as error:
            await self._not_handed_over(claim, post, error)
        else:
            await self._settle(claim, post, taken)
            await self._answered(self._provider(post))

    async def _answered(self, provider: str) -> None:
        """A provider that is there again takes at once what waited for it."""
        if self._providers.succeeded(provider):
            await self._retry_all(provider)

    async def _retry_all(self, provider: str) -> None:
        channels = [name for name, each in self._counter.channels.items() if each.provider == provider]
        await alerts.retry_at_once(self._pool, channels, AWAY, self._clock.now())
        self._wake.sends.set()

    async def _not_handed_over(self, claim: Claim, post: Post, error: ProviderError) -> None:
        """Not this alert's fault: it is tried again, and a wrong token or an unpaid bill burns no ladder."""
        if isinstance(error, AccountRefused):
            _log.error("account_refused", alert_id=str(claim.alert_id), code=error.code)
        if isinstance(error, ProviderDown | Uncertain):
            for_good, provider = isinstance(error, AccountRefused), self._provider(post)
            self._providers.failed(provider, self._clock.now(), post.outgoing.to, for_good)
        if isinstance(error, Uncertain):
            await self._stall(claim, "uncertain")
            await self._look_later(claim)
        else:
            code = error.code if isinstance(error, AccountRefused) else str(error)
            await self._stall(claim, code)
            await self._try_later(claim, retry_after(post.letter.channel, claim.fence), code)

    async def _settle(self, claim: Claim, post: Post, taken: Taken) -> None:
        now = self._clock.now()
        if await alerts.record_sent(self._pool, claim.alert_id, taken.sid, now):
            self._wake.sends.set()
        ids = {"alert_id": str(claim.alert_id), "correlation_id": str(post.letter.correlation_id)}
        _log.info("alert_sent", channel=post.letter.channel.value, kind=post.letter.kind, **ids)
        if taken.state != "queued":
            await self._statuses.apply(Status(claim.alert_id, taken.sid, taken.state, None))
        if post.letter.channel is AlertChannel.LOOPBACK:
            await self._take_by_itself(post, now)

    async def _take_by_itself(self, post: Post, now: datetime) -> None:
        letter = post.letter
        given = Answer(letter.person_id, letter.escalation_id, Act.TAKE, AcknowledgedVia.LOOPBACK, letter.alert_id)
        async with self._db.transaction() as tx:
            await answer(tx, given, now, self._wake)

    # Uncertain sends

    async def _look_up(self, claim: Claim, letter: Letter) -> None:
        post = await self._written(claim, letter)
        if post is None:
            return
        taken = await self._found(post)
        sending_at = post.letter.sending_at or self._clock.now()
        if taken is not None:
            await self._settle(claim, post, taken)
        elif self._clock.now() - sending_at < UNDECIDED_FOR:
            await self._look_later(claim)
        elif letter.kind == "notice" and letter.channel is not AlertChannel.PARTNER:
            # To a reporter one text too few is safer than one too many.
            await self._fail(claim, "uncertain")
        else:
            _log.warning("alert_sent_again", alert_id=str(claim.alert_id))
            await self._send(claim, letter)

    async def _found(self, post: Post) -> Taken | None:
        """What the provider has of this alert: a message or call of that time that belongs to no other alert."""
        listed = await self._listed(post)
        own = await alerts.own_sid(self._pool, post.letter.alert_id, [taken.sid for taken in listed])
        return next((taken for taken in listed if taken.sid == own), None)

    async def _listed(self, post: Post) -> list[Taken]:
        """What the provider lists to this phone since the send; nothing while it cannot be asked."""
        # The provider's instants know nothing of a clock that a test has moved.
        since = (post.letter.sending_at or self._clock.now()) - self._clock.offset - LIST_MARGIN
        try:
            return await self._channel(post).find(post.outgoing, since)
        except ProviderError:
            return []

    async def _look_at_call(self, claim: Claim, letter: Letter) -> None:
        """Whether a call is over of whose end nobody told: until that is known, its person is not rung again."""
        if (post := await self._written(claim, letter)) is None:
            return
        for taken in await self._listed(post):
            if taken.sid in letter.sids and taken.state != "connected":
                await self._statuses.apply(Status(claim.alert_id, taken.sid, taken.state, None))
                self._wake.steps.set()
        await alerts.look_at_call_later(self._pool, claim, self._clock.now() + alerts.CALL_LASTS)

    async def _stop(self, claim: Claim, letter: Letter) -> None:
        """End a call or take back a text that nobody needs any more."""
        try:
            for sid in letter.sids:
                await self._counter.channels[letter.channel].stop(sid)
        except Refused as error:
            _log.warning("alert_not_stopped", alert_id=str(claim.alert_id), code=error.code)
        except ProviderError:
            await alerts.silence_later(self._pool, claim, self._clock.now() + backoff(claim.fence))
            self._wake.sends.set()
            return
        await alerts.record_silenced(self._pool, claim)
