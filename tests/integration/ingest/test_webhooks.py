import httpx
import pytest

from tests.integration.ingest.conftest import INTAKE, NEIGHBOUR, Kept, Provider

TEXT = {"MessageSid": "SM1", "From": NEIGHBOUR, "To": INTAKE, "Body": "A child is crying"}


@pytest.mark.parametrize(
    "path", ["/twilio/sms", "/twilio/voice", "/twilio/voice/danger", "/twilio/voice/status", "/twilio/recording"]
)
@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl"])
async def test_a_missing_or_forged_signature_is_403_and_leaves_nothing(
    client: httpx.AsyncClient, kept: Kept, path: str, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    answer = await client.post(path, data=TEXT | {"CallSid": "CA1", "RecordingSid": "RE1"}, headers=headers)

    assert answer.status_code == 403
    assert await kept.rows("ingest.contacts") == []


async def test_the_previous_token_still_signs(provider: Provider) -> None:
    provider.token = "the-previous-token"
    assert await provider.text("A child is crying") is not None


async def test_another_token_does_not(provider: Provider) -> None:
    provider.token = "a-token-of-somebody-else"
    assert (await provider.post("/twilio/sms", TEXT)).status_code == 403


async def test_the_configured_origin_is_signed_whatever_host_and_forwarding_say(provider: Provider) -> None:
    answer = await provider.post("/twilio/sms", TEXT, **{"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/twilio/sms?a=&b=%E4%BD%A0+%2B&a=2", "/twilio/sms?x=1%2F2"])
async def test_the_raw_query_is_signed_as_received(provider: Provider, path: str) -> None:
    assert (await provider.post(path, TEXT)).status_code == 200


@pytest.mark.parametrize("body", ["", "1 + 1 = 2 & more", "孩子在哭：+ % & =", "🙏"])
async def test_a_blank_a_plus_and_a_chinese_body_are_signed_and_kept_as_written(
    provider: Provider, kept: Kept, body: str
) -> None:
    answer = await provider.post("/twilio/sms", TEXT | {"Body": body, "FromCity": ""})

    assert answer.status_code == 200
    assert await kept.narratives() == [body]


async def test_a_changed_parameter_breaks_the_signature(client: httpx.AsyncClient, provider: Provider) -> None:
    good = await provider.post("/twilio/sms", TEXT)
    signature = good.request.headers["X-Twilio-Signature"]
    answer = await client.post("/twilio/sms", data=TEXT | {"FromCity": ""}, headers={"X-Twilio-Signature": signature})

    assert answer.status_code == 403


async def test_what_a_person_wrote_cannot_become_markup(provider: Provider) -> None:
    reply = await provider.text("</Message><Redirect>https://evil.example</Redirect>&amp;")
    assert "evil" not in str(reply)
