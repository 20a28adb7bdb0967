import pytest

from infra.emulators.twilio.segments import segments


@pytest.mark.parametrize(
    ("char", "length", "count"),
    [
        ("a", 160, 1),
        ("a", 161, 2),
        ("a", 306, 2),
        ("[", 80, 1),
        ("[", 81, 2),
        ("急", 70, 1),
        ("急", 71, 2),
        ("😀", 35, 1),
        ("😀", 36, 2),
    ],
)
def test_parts_are_counted_as_networks_count_them(char: str, length: int, count: int) -> None:
    assert segments(char * length) == count
