from hypothesis import given
from hypothesis import strategies as st

from triage.domain.normalise import normalise, normalised_text

WORDS = st.lists(st.sampled_from(["child", "he's", "打", "Äpfel", "twenty-one", "ß", "\u200b", "42", " "]))


@given(st.one_of(st.text(), WORDS.map(" ".join), st.text(alphabet="ab \t-'")))
def test_the_text_alone_is_that_of_the_whole(text: str) -> None:
    assert normalised_text(text) == normalise(text).text
