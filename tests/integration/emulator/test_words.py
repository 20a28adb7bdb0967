from infra.emulators.twilio.words import WORDS, language_of


def test_the_page_has_every_word_in_every_language() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert all(all(words.values()) for words in WORDS.values())
    assert [language_of(*asked) for asked in [("zh", "en"), (None, "fr, zh;q=0.5"), ("x", "")]] == ["zh", "zh", "en"]
