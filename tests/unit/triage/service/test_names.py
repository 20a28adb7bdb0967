"""Names that are one, whatever their script, order, sound or spelling."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("陈小雨", "陳小雨"),
        ("陈小雨", "小雨陈"),
        ("陈小雨", "程晓宇"),  # chen, cheng: -n and -ng
        ("陈小雨", "Chen Xiaoyu"),
        ("陈小雨", "XIAO YU CHEN"),
        ("李宁", "黎凝"),
        ("刘娜", "牛拉"),  # liu na, niu la: n and l
        ("张思琪", "章诗棋"),  # zhang, si and shi
        ("吕绿", "LV LU"),
        ("曾单", "Zeng Shan"),  # characters of several readings
        ("单于", "Shan Yu"),  # a phrase, read by each character
        ("Liz Brown", "Elizabeth Browne"),
        ("Smyth, Stephen", "Steven Smith"),
        ("Zoë Müller", "zoe muller"),
        ("O'Brien Sean", "Sean O’Brien"),
        ("Mr. John Smith", "Smith John"),
    ],
)
def test_they_sound_alike(one: str, other: str) -> None:
    assert names.sounds(one) & names.sounds(other), (names.sounds(one), names.sounds(other))


@pytest.mark.parametrize(
    ("one", "other"), [("陈小雨", "王小雨"), ("张伟", "王伟"), ("Emma Brown", "Ella Green"), ("陈雨", "陈云")]
)
def test_they_do_not(one: str, other: str) -> None:
    assert not names.sounds(one) & names.sounds(other)


def test_script_spacing_case_and_order_are_no_difference_in_writing() -> None:
    assert names.written("陳 小雨") == names.written("陈小雨")
    assert names.written("BROWN, Ella") == names.written("Ella  Brown") == "brown ella"


@pytest.mark.parametrize(("name", "is_full"), [("陈小雨", True), ("小雨", False), ("欧阳娜娜", True), ("乐乐", False),
    ("Ella", False), ("Ella Brown", True), ("", False), ("？", False)])  # fmt: skip
def test_a_whole_name_is_told_from_a_given_name(name: str, is_full: bool) -> None:
    assert names.is_full(name) is is_full


def test_a_given_name_is_found_in_the_whole_one() -> None:
    assert names.given_sounds("陈小雨") & names.given_sounds("晓宇")
    assert names.given_sounds("Beth") & names.given_sounds("Elizabeth Brown")
    assert names.given_sounds("张伟") == frozenset()


@given(st.text(max_size=60))
def test_anything_can_be_asked(text: str) -> None:
    assert len(names.sounds(text)) <= 16
    names.given_sounds(text), names.written(text), names.is_full(text)


@pytest.mark.parametrize("word", ["fangan" * 200, "a" * 5000, "anan" * 6])
def test_a_word_however_long_is_read_at_once(word: str) -> None:
    begun = time.perf_counter()
    names.sounds(f"{word} li"), names.given_sounds(word)
    assert time.perf_counter() - begun < 0.5
