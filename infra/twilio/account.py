"""What the account is and where its numbers lead; for looking at, nothing is changed."""

from dataclasses import dataclass

from infra.twilio.client import TwilioClient
from infra.twilio.errors import translated


@dataclass(frozen=True)
class OwnNumber:
    """A number of the account and the addresses it tells of texts and calls; blank where it tells nobody."""

    number: str
    sms_url: str
    voice_url: str
    sms_fallback_url: str
    voice_fallback_url: str


@dataclass(frozen=True)
class AccountState:
    """The account's status (`active`, `suspended`, `closed`) and type (`Full`, `Trial`)."""

    status: str
    type: str


class TwilioAccount(TwilioClient):
    """The account as the provider sees it. Raises the errors of `infra.twilio.errors`."""

    async def state(self) -> AccountState:
        """Sign in and see what the account is."""
        with translated():
            account = await self._client.api.accounts(self._client.account_sid).fetch_async()
        return AccountState(str(account.status), str(account.type))

    async def number(self, number: str) -> OwnNumber | None:
        """One of the account's numbers, or None when it is not the account's."""
        with translated():
            found = await self._client.incoming_phone_numbers.list_async(phone_number=number, limit=20)
        for each in found:
            if each.phone_number == number:
                return OwnNumber(
                    number,
                    str(each.sms_url or ""),
                    str(each.voice_url or ""),
                    str(each.sms_fallback_url or ""),
                    str(each.voice_fallback_url or ""),
                )
        return None
