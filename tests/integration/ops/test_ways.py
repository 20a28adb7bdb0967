"""The doctor greets the mail server and the gateway, and sends nothing."""

from pydantic import SecretStr

from infra.clock import Clock
from infra.doctor import ways
from infra.doctor.examination import looked
from infra.doctor.finding import Level
from infra.doctor.visit import Check, Visit
from infra.embedded.ports import free_ports
from infra.settings import Settings
from tests.integration.notifier.channel_sides import SECRET, Gated, Mailed, gated, mailed
from tests.integration.notifier.conftest import serving


async def says(check: Check, config: Settings, **changes: object) -> list[tuple[Level, str]]:
    visit = Visit(config.model_copy(update=changes), Clock())
    return [(each.level, each.says) for each in await looked("check", check, visit)]


async def test_without_them_there_is_nothing_to_say(config: Settings) -> None:
    assert await says(ways.look_at_mail, config) == []
    assert await says(ways.look_at_gateway, config) == []


async def test_a_mail_server_is_greeted(config: Settings) -> None:
    async with mailed() as side:
        assert isinstance(side, Mailed)
        port = side.server.sockets[0].getsockname()[1]
        changed = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "mail_from": "desk@hotline.example"}
        assert await says(ways.look_at_mail, config, **changed) == [(Level.OK, "the server answers and lets us in")]
        assert side.box.mails == []
        # A password is never given to a server that does not encrypt.
        changed["smtp_url"] = SecretStr(f"smtp://us:secret@127.0.0.1:{port}")
        ((level, said),) = await says(ways.look_at_mail, config, **changed)
        assert level is Level.FAIL
        assert "secret" not in said
    changed["smtp_url"] = SecretStr(f"smtp://127.0.0.1:{free_ports(1)[0]}")
    ((level, said),) = await says(ways.look_at_mail, config, **changed)
    assert (level, "ProviderDown" in said) == (Level.FAIL, True)


async def test_a_gateway_must_believe_our_signature(config: Settings) -> None:
    async with gated(serving) as side:
        assert isinstance(side, Gated)
        url = side.url
        right = {"gateway_url": url, "gateway_secrets": SecretStr(f"{SECRET},older")}
        assert (await says(ways.look_at_gateway, config, **right))[0][0] is Level.OK
        wrong = right | {"gateway_secrets": SecretStr("another key")}
        ((level, said),) = await says(ways.look_at_gateway, config, **wrong)
        assert (level, "AccountRefused" in said) == (Level.FAIL, True)
        assert side.gateway.sends == 0
