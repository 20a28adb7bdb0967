"""Settings: a wrong one is refused at start, by name, with what would be right."""

import pytest

from infra.settings import SettingsError, load


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("INTAKE_NUMBER", "0100", "0100 is not a number in E.164"),
        ("ALERT_NUMBER", "12", "12 is not a number in E.164"),
        ("INGEST_URL", "https://example.org/form", "must be an origin alone"),
        ("NOTIFIER_URL", "hotline.example", "must be an origin alone"),
        ("WATCHDOG_URL", "foo", "this is no web address"),
        ("POOL_NUMBERS", "+15550101,12", "12 is not a number in E.164"),
        ("SMTP_URL", "mail.example.org", "this is no mail server"),
        ("GATEWAY_URL", "foo", "this is no web address"),
        ("GATEWAY_REGIONS", "CN,China", "China is no country of ISO 3166"),
        ("TIMEZONE", "Mars/Phobos", "no such time zone"),
        ("LANGUAGES", "zh,fr", "fr is not offered: choose among zh,en"),
        ("TRUSTED_PROXIES", "*", "is no IP address or network"),
        ("CONSOLE_PORT", "70000", "less than or equal to 65535"),
        ("WAIT_SCALE", "0", "greater than 0"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    name: str, written: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_ENV", "demo")
    monkeypatch.setenv(f"HOTLINE_{name}", written)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(f"HOTLINE_{name}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "written", "other"),
    [
        ("SMTP_URL", "smtp://mail.example.org", "MAIL_FROM"),
        ("GATEWAY_URL", "https://gateway.example.org", "GATEWAY_SECRETS"),
    ],
)
def test_half_a_channel_is_refused(name: str, written: str, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_ENV", "demo")
    monkeypatch.setenv(f"HOTLINE_{name}", written)
    with pytest.raises(SettingsError, match=f"HOTLINE_{name} is set and HOTLINE_{other} is not"):
        load()


def test_a_password_of_a_wrong_mail_server_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_SMTP_URL", "http://desk:secret@mail.example.org")
    with pytest.raises(SettingsError) as refused:
        load()
    assert "secret" not in str(refused.value)


def test_one_port_for_two_services_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_NOTIFIER_PORT", "8001")
    with pytest.raises(SettingsError, match=r"HOTLINE_CONSOLE_PORT.*two of them are the same port"):
        load()
