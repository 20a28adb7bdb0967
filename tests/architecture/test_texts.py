"""The texts of every service in both languages, and proof that each check can fail."""

from pathlib import Path

from tests.architecture import texts
from tests.architecture.tree import ROOT, Finding, report, text_files

SCREENS = {".html", ".js", ".mjs", ".txt", ".xml"}


def locales() -> dict[Path, dict[str, str]]:
    """Source of each language file by folder and language, of every package that has texts."""
    found: dict[Path, dict[str, str]] = {}
    for path, text in text_files():
        if path.parent.name == "locales" and path.suffix == ".yaml":
            found.setdefault(path.parent, {})[path.stem] = text
    return found


def problems(folder: Path, sources: dict[str, str]) -> list[Finding]:
    """Everything that is wrong with the texts of one folder."""
    if set(sources) != set(texts.LANGUAGES):
        return [Finding(str(folder), 1, f"has {sorted(sources)}: there must be en.yaml and zh.yaml, no other")]
    loaded, findings = {}, []
    for language, source in sources.items():
        path = folder / f"{language}.yaml"
        loaded[language], odd = texts.load_texts(path, source)
        findings += [*odd, *texts.doubled_keys(path, source), *texts.forbidden_words(path, source, (language,))]
    return findings + texts.incomplete(folder, loaded["en"], loaded["zh"])


def test_texts_are_complete_and_in_the_words_of_the_glossary() -> None:
    findings = [each for folder, sources in locales().items() for each in problems(folder, sources)]
    assert not findings, report(findings)


def test_every_service_with_pages_has_texts() -> None:
    templates = {path.parts[0] for path, _ in text_files() if "templates" in path.parts}
    with_texts = {folder.parts[0] for folder in locales()}
    missing = (templates & {"ingest", "triage", "notifier"}) - with_texts
    assert not missing, f"{missing} have pages, but no locales/en.yaml and locales/zh.yaml"


def test_pages_use_the_words_of_the_glossary() -> None:
    pages = ((path, text) for path, text in text_files() if is_screen(path))
    findings = [each for path, text in pages for each in texts.forbidden_words(path, text)]
    assert not findings, report(findings)


def is_screen(path: Path) -> bool:
    """Say whether people read this file in a browser."""
    return path.suffix in SCREENS and bool({"templates", "static"} & set(path.parts))


def test_the_files_are_found_where_they_are() -> None:
    on_disk = {path.parent.relative_to(ROOT) for path in ROOT.glob("*/locales/*.yaml")}
    assert set(locales()) == on_disk


def test_a_missing_translation_is_found() -> None:
    found = problems(Path("x/locales"), {"en": "send: Send\nback: Back\n", "zh": "send: 发送\n"})
    assert [each.message for each in found] == ["back is missing: translate it"]


def test_a_missing_language_is_found() -> None:
    assert problems(Path("x/locales"), {"en": "send: Send\n"})


def test_a_lost_placeholder_is_found() -> None:
    assert problems(Path("x/locales"), {"en": "taken: Taken by {name}\n", "zh": "taken: 已由他人接手\n"})


def test_a_text_that_is_none_and_a_doubled_key_are_found() -> None:
    assert problems(Path("x/locales"), {"en": "yes: 1\n", "zh": "yes: 是\n"})
    assert problems(Path("x/locales"), {"en": "yes: a\nyes: b\n", "zh": "yes: 是\n"})
    assert problems(Path("x/locales"), {"en": "- yes\n", "zh": "{}\n"})


def test_a_word_of_police_or_court_is_found_unless_it_is_denied() -> None:
    found = problems(
        Path("x/locales"), {"en": "a: The Victim\nb: Demo\n", "zh": "a: 已受理\nb: 演示系统，不会有人接警\n"}
    )
    assert [each.message.partition(" ")[0] for each in found] == ["'Victim'", "'受理'"]
