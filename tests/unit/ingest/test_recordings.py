from datetime import timedelta

import pytest

from ingest.domain.recordings import content_type, wait


def test_the_wait_doubles_and_has_an_end() -> None:
    assert [wait(attempts).total_seconds() for attempts in range(1, 6)] == [2, 4, 8, 16, 32]
    assert wait(10) == wait(10_000) == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("written", "known"),
    [("audio/x-wav", "audio/wav"), ("Audio/MPEG; charset=x", "audio/mpeg"), ("text/html", None), ("", None)],
)
def test_a_sound_has_one_name(written: str, known: str | None) -> None:
    assert content_type(written) == known
