"""What people read: complete in every language, in the glossary's words."""

import re
from pathlib import Path

import yaml

from tests.architecture.tree import Finding

LANGUAGES = ("en", "zh")
# Words of police and court, and words that judge or blame. Never for what we do.
NEVER = {
    "zh": re.compile(
        "受理|受案|立案|接警|报案|案件|嫌疑人|举报|受害人|罪犯|供述|指控|办结|结案|工单|案号|匿名|网格员|骚扰电话"
    ),
    "en": re.compile(r"\b(victims?|suspects?|perpetrators?|abusers?|informants?|prank|anonymous|alleged)\b", re.I),
}
# The warning of the demonstration says that no police call is taken: the word is used to deny it.
QUOTED = "演示系统，不会有人接警"
PLACEHOLDER = re.compile(r"\{(\w+)\}")

Texts = dict[str, str]


def load_texts(path: Path, source: str) -> tuple[Texts, list[Finding]]:
    """Read one language file; anything but flat `key: text` is a finding."""
    loaded = yaml.safe_load(source) or {}
    if not isinstance(loaded, dict):
        return {}, [Finding(str(path), 1, "not a mapping: write flat `key: text` lines")]
    odd = [key for key, text in loaded.items() if not isinstance(key, str) or not isinstance(text, str)]
    findings = [
        Finding(str(path), 1, f"{key} is not a text: write `key: text`, quoted where YAML guesses") for key in odd
    ]
    return {key: text for key, text in loaded.items() if key not in odd}, findings


def doubled_keys(path: Path, source: str) -> list[Finding]:
    """Find keys written twice, of which YAML silently keeps the last."""
    seen: set[str] = set()
    findings = []
    for number, line in enumerate(source.splitlines(), 1):
        key = re.match(r"([\w.-]+):", line)
        if key and key[1] in seen:
            findings.append(Finding(str(path), number, f"{key[1]} is here twice: keep one"))
        elif key:
            seen.add(key[1])
    return findings


def incomplete(folder: Path, en: Texts, zh: Texts) -> list[Finding]:
    """Find keys of one language only, and texts whose placeholders differ."""
    findings = []
    for language, here, there in (("en", en, zh), ("zh", zh, en)):
        path = str(folder / f"{language}.yaml")
        findings += [Finding(path, 1, f"{key} is missing: translate it") for key in there.keys() - here.keys()]
    for key in en.keys() & zh.keys():
        in_en, in_zh = set(PLACEHOLDER.findall(en[key])), set(PLACEHOLDER.findall(zh[key]))
        if in_en != in_zh:
            message = f"{key} has {sorted(in_zh)} here and {sorted(in_en)} in English: name the same ones"
            findings.append(Finding(str(folder / "zh.yaml"), 1, message))
    return findings


def forbidden_words(path: Path, text: str, languages: tuple[str, ...] = LANGUAGES) -> list[Finding]:
    """Find words on the screen that the glossary never uses."""
    return [
        Finding(str(path), number, f"'{word[0]}' is never on a screen: take the glossary's word")
        for number, line in enumerate(text.splitlines(), 1)
        for language in languages
        for word in NEVER[language].finditer(line.replace(QUOTED, ""))
    ]
