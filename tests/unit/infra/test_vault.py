"""Sealing without a database: rings, data keys, wrapping, tokens, the offline key."""

import base64
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import Settings, SettingsError
from infra.vault import (
    DataKey,
    KeyRing,
    MasterKey,
    RecoveryKeyInvalid,
    RingInvalid,
    SealBroken,
    Subject,
    UnknownMasterKey,
    Vault,
    recovery,
)
from infra.vault.__main__ import main

REPORT = Subject("report", UUID(int=1))
OTHER = Subject("report", UUID(int=2))
SAME_ID = Subject("case", UUID(int=1))
KEY = DataKey(bytes(range(32)))
OLD, NEW = MasterKey("2026-10", b"o" * 32), MasterKey("2026-11", b"n" * 32)
PRIVATE = X25519PrivateKey.from_private_bytes(b"p" * 32)

fields = st.text(min_size=1, max_size=20)


@given(value=st.binary(max_size=200), field=fields)
def test_what_was_sealed_opens_again(value: bytes, field: str) -> None:
    sealed = KEY.seal(REPORT, field, value)

    assert KEY.open(REPORT, field, sealed) == value


@given(value=st.binary(min_size=8, max_size=200))
def test_the_same_value_is_sealed_differently_each_time_and_not_to_be_seen(value: bytes) -> None:
    one, two = KEY.seal(REPORT, "name", value), KEY.seal(REPORT, "name", value)

    assert one != two
    assert value not in one


@given(value=st.binary(max_size=40), position=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_single_altered_byte_is_found(value: bytes, position: int, flip: int) -> None:
    sealed = bytearray(KEY.seal(REPORT, "name", value))
    sealed[position % len(sealed)] ^= flip

    with pytest.raises(SealBroken):
        KEY.open(REPORT, "name", bytes(sealed))


@given(cut=st.integers(1, 80))
def test_a_value_cut_short_is_found(cut: int) -> None:
    sealed = KEY.seal(REPORT, "name", b"Mei")

    with pytest.raises(SealBroken):
        KEY.open(REPORT, "name", sealed[:-cut])


@pytest.mark.parametrize(("subject", "field"), [(OTHER, "name"), (SAME_ID, "name"), (REPORT, "phone"), (REPORT, "")])
def test_a_value_opens_only_where_it_belongs(subject: Subject, field: str) -> None:
    sealed = KEY.seal(REPORT, "name", b"Mei")

    with pytest.raises(SealBroken):
        KEY.open(subject, field, sealed)


@given(one=fields, two=fields)
def test_two_fields_never_share_their_associated_data(one: str, two: str) -> None:
    sealed = KEY.seal(REPORT, one, b"Mei")

    if one != two:
        with pytest.raises(SealBroken):
            KEY.open(REPORT, two, sealed)


def test_a_wrapped_data_key_opens_only_by_its_master_key_and_for_its_subject() -> None:
    wrapped = OLD.wrap(REPORT, KEY)

    assert OLD.unwrap(REPORT, wrapped).secret == KEY.secret
    for master, subject in [(NEW, REPORT), (MasterKey(NEW.id, b"o" * 32), REPORT), (OLD, OTHER), (OLD, SAME_ID)]:
        with pytest.raises(SealBroken):
            master.unwrap(subject, wrapped)
    with pytest.raises(SealBroken):
        OLD.unwrap(REPORT, wrapped[:9])


def test_a_ring_reads_its_setting_and_keeps_the_first_key_current() -> None:
    ring = KeyRing.parse(f"{NEW.entry()}, {OLD.entry()}")

    assert ring.ids == ["2026-11", "2026-10"]
    assert ring.current.id == "2026-11"
    assert ring.find("2026-10").unwrap(REPORT, OLD.wrap(REPORT, KEY)).id == KEY.id


def test_a_key_that_is_not_in_the_ring_is_named() -> None:
    with pytest.raises(UnknownMasterKey, match="2026-10 is not in the ring"):
        KeyRing([NEW]).find("2026-10")


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "2026-11",
        "2026-11:",
        "2026-11:not base64!",
        "2026-11:" + base64.b64encode(b"short").decode(),
        ":" + base64.b64encode(b"k" * 32).decode(),
        "a b:" + base64.b64encode(b"k" * 32).decode(),
        f"{NEW.entry()},",
        f"{NEW.entry()},{NEW.entry()}",
    ],
)
def test_a_malformed_ring_is_refused_without_repeating_it(setting: str) -> None:
    with pytest.raises(RingInvalid) as refused:
        KeyRing.parse(setting)

    assert base64.b64encode(b"k" * 32).decode() not in str(refused.value)
    assert "not base64!" not in str(refused.value)


def test_tokens_are_the_same_for_the_same_and_differ_by_purpose_value_and_key() -> None:
    token = NEW.token("phone", "+8610000000001")
    others = NEW.token("code", "+8610000000001"), NEW.token("phone", "1"), OLD.token("phone", "+8610000000001")

    assert token == MasterKey("renamed", b"n" * 32).token("phone", "+8610000000001")
    assert token[0] == 1
    assert len(token) == 33
    assert len({token, *others}) == 4


@given(purpose=st.text(max_size=20), value=st.text(max_size=40))
def test_a_look_up_after_a_rotation_finds_tokens_made_before_it(purpose: str, value: str) -> None:
    before, after = KeyRing([OLD]), KeyRing([NEW, OLD])

    assert before.current.token(purpose, value) in after.tokens(purpose, value)
    assert after.tokens(purpose, value)[0] == after.current.token(purpose, value)


def test_the_offline_key_opens_what_was_wrapped_for_it() -> None:
    wrapped = recovery.wrap(PRIVATE.public_key(), REPORT, KEY)

    assert recovery.unwrap(PRIVATE, REPORT, wrapped).secret == KEY.secret
    assert KEY.secret not in wrapped


@given(position=st.integers(min_value=0), flip=st.integers(1, 255))
def test_an_altered_recovery_copy_is_found(position: int, flip: int) -> None:
    wrapped = bytearray(recovery.wrap(PRIVATE.public_key(), REPORT, KEY))
    wrapped[position % len(wrapped)] ^= flip

    with pytest.raises((SealBroken, RecoveryKeyInvalid)):
        recovery.unwrap(PRIVATE, REPORT, bytes(wrapped))


def test_a_recovery_copy_is_of_no_use_for_another_subject_or_another_offline_key() -> None:
    wrapped = recovery.wrap(PRIVATE.public_key(), REPORT, KEY)

    with pytest.raises(SealBroken):
        recovery.unwrap(PRIVATE, OTHER, wrapped)
    with pytest.raises(RecoveryKeyInvalid, match="another recovery key"):
        recovery.unwrap(X25519PrivateKey.generate(), REPORT, wrapped)


def test_the_offline_key_is_read_as_base64_or_as_pem(tmp_path: Path) -> None:
    plain, pem = tmp_path / "key", tmp_path / "key.pem"
    plain.write_text(recovery.private_text(PRIVATE))
    pem.write_bytes(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    assert recovery.load_private(plain).private_bytes_raw() == b"p" * 32
    assert recovery.load_private(pem).private_bytes_raw() == b"p" * 32


def test_a_file_that_is_no_offline_key_is_refused(tmp_path: Path) -> None:
    other_kind = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in [b"", b"\xff\xfe", b"c2hvcnQ=", b"-----BEGIN NOTHING-----\n", other_kind]:
        file = tmp_path / "key"
        file.write_bytes(content)
        with pytest.raises(RecoveryKeyInvalid):
            recovery.load_private(file)
    with pytest.raises(RecoveryKeyInvalid, match="cannot be read"):
        recovery.load_private(tmp_path / "missing")


def test_settings_that_are_missing_or_malformed_are_refused_by_name() -> None:
    public = recovery.public_text(PRIVATE.public_key())

    with pytest.raises(SettingsError, match="HOTLINE_VAULT_KEYS is not set"):
        Vault.from_settings(settings(vault_recovery_key=public))
    with pytest.raises(SettingsError, match="HOTLINE_VAULT_KEYS: key 1 of the ring"):
        Vault.from_settings(settings(vault_keys="secret", vault_recovery_key=public))
    with pytest.raises(SettingsError, match=r"HOTLINE_VAULT_RECOVERY_KEY: .* is not base64"):
        Vault.from_settings(settings(vault_keys=NEW.entry(), vault_recovery_key="?"))


def test_no_secret_shows_in_a_representation() -> None:
    vault = Vault.from_settings(
        settings(vault_keys=NEW.entry(), vault_recovery_key=recovery.public_text(PRIVATE.public_key()))
    )

    shown = repr((vault, vault.ring, NEW, KEY))

    assert shown == f"(Vault(KeyRing(2026-11)), KeyRing(2026-11), MasterKey(2026-11), DataKey({KEY.id.hex()}))"


def test_made_keys_are_good_settings_and_the_offline_key_is_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "offline"

    assert main(["make-keys", "--id", "2026-11", "--private-key", str(file)]) == 0

    made = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    public = recovery.parse_public(made["HOTLINE_VAULT_RECOVERY_KEY"])
    assert KeyRing.parse(made["HOTLINE_VAULT_KEYS"]).ids == ["2026-11"]
    assert recovery.load_private(file).public_key() == public
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["make-keys", "--id", "2026-11", "--private-key", str(file)]) == 2
    assert "cannot be made" in capsys.readouterr().err


def settings(**given: str) -> Settings:
    return Settings.model_validate({"env": "test", **given})
