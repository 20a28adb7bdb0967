"""One form for names that are one: as written, by their sound, and the given name alone.

Chinese sounds are toneless pinyin in which what dialects and typing confuse is one (n and l, zh and z, -ng and -n);
English sounds are Metaphone. The order of the parts never counts, so surname first and given name first are one.
"""

import re
from functools import lru_cache
from itertools import islice, product

from jellyfish import metaphone
from nicknames import NickNamer
from pypinyin import Style, pinyin

from triage.domain.normalise import normalise

MOST_READINGS = 9
LONGEST_PINYIN = 24
"""Letters of four syllables: a longer word is no pinyin, and is not tried in every way."""
_WIDE = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z]+")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "master", "dr", "little", "baby"})
_PET = "小阿大老"
COMPOUND = frozenset({"欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "东方"})
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙段郝史陶贺顾毛邵万钱严赖武戴莫孔向汤常温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉骆蓝路游辛靳欧管柴"
    "蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边姬师和仇栾隋商"
)
"""Surnames common enough to tell a whole name from a given name."""
_FOLDS = (
    (re.compile("^zh"), "z"),
    (re.compile("^ch"), "c"),
    (re.compile("^sh"), "s"),
    (re.compile("^n"), "l"),
    (re.compile("^ly?(?=[vu])"), "l"),
    (re.compile("v"), "u"),
    (re.compile("ng$"), "n"),
)
"""What is confused in speech and typing, by one form: n and l, zh and z, nü and nu, -ng and -n."""


def written(name: str) -> str:
    """A name as it is written, whatever its case, accents, script, spacing and order of parts."""
    plain = normalise(name).text
    if _WIDE.search(plain):
        return "".join(_WIDE.findall(plain))
    return " ".join(sorted(_words(plain)))


def is_full(name: str) -> bool:
    """Whether a name has both surname and given name, as far as its form tells."""
    plain = normalise(name).text
    if not _WIDE.search(plain):
        return len(_words(plain)) > 1
    return len(written(name)) > 1 and _given(written(name)) != written(name)


def sounds(name: str) -> frozenset[str]:
    """Every sound of a whole name; empty for one without letters."""
    plain = normalise(name).text
    if _WIDE.search(plain):
        return _chinese(written(name))
    words = _words(plain)
    return _spoken(words) | _romanised(words)


def given_sounds(name: str) -> frozenset[str]:
    """The sounds of the given name alone, or of a pet name: two syllables, or an English word of three letters."""
    plain = normalise(name).text
    if _WIDE.search(plain):
        given = _given(written(name))
        return _chinese(given) if len(given) > 1 else frozenset()
    words = _words(plain)
    spoken = {sound for word in words if len(word) > 2 for sound in _spoken([word])}
    return frozenset(spoken) | _romanised(words[:1]) | _romanised(words[1:] if len(words) > 1 else [])


def _given(name: str) -> str:
    """The given name of a Chinese name; a name without surname, as 小雨 or 乐乐, is one itself."""
    if name[:2] in COMPOUND and len(name) > 2:
        return name[2:]
    has_surname = name[:1] in SURNAMES and name[:1] not in _PET and not (len(name) == 2 and name[0] == name[1])
    return name[1:] if has_surname and len(name) > 1 else name


def _words(plain: str) -> list[str]:
    return [word for word in _LATIN.findall(plain) if word not in _TITLES][:5]


def _key(syllables: tuple[str, ...]) -> str:
    return " ".join(sorted(syllables))


@lru_cache(maxsize=4096)
def _chinese(name: str) -> frozenset[str]:
    """The sounds of Chinese characters: every usual reading of each, the first few combinations."""
    readings = [tuple(dict.fromkeys(map(_folded, each))) for each in pinyin(name[:4], Style.NORMAL, heteronym=True)]
    combined = islice(product(*(each[:3] for each in readings)), MOST_READINGS)
    return frozenset(_key(each) for each in combined if each)


def _folded(syllable: str) -> str:
    for pattern, one in _FOLDS:
        syllable = pattern.sub(one, syllable)
    return syllable


def _spoken(words: list[str]) -> frozenset[str]:
    """The sounds of English words, each as it is and as what it is short for."""
    heard = [tuple(dict.fromkeys(metaphone(each) for each in (word, *_long(word)))) for word in words]
    combined = islice(product(*heard), MOST_READINGS)
    return frozenset(_key(each) for each in combined if all(each) and each)


@lru_cache(maxsize=1)
def _nicknames() -> NickNamer:
    return NickNamer()


def _long(word: str) -> list[str]:
    return sorted(_nicknames().canonicals_of(word))[:3]


def _romanised(words: list[str]) -> frozenset[str]:
    """The Chinese sounds of words that are written pinyin, two to four syllables together; else nothing."""
    if any(len(word) > LONGEST_PINYIN for word in words):
        return frozenset()
    ways = [_syllables(word)[:2] for word in words]
    whole = [tuple(part for way in each for part in way) for each in islice(product(*ways), MOST_READINGS)]
    return frozenset(_key(tuple(map(_folded, each))) for each in whole if 2 <= len(each) <= 4)


@lru_cache(maxsize=4096)
def _syllables(word: str) -> list[tuple[str, ...]]:
    """The ways to read a word as pinyin with the fewest syllables."""
    if not word:
        return [()]
    ways = [
        (word[:length], *rest)
        for length in range(min(6, len(word)), 0, -1)
        if _PINYIN.fullmatch(word[:length])
        for rest in _syllables(word[length:])
    ]
    fewest = min(map(len, ways), default=0)
    return [way for way in ways if len(way) == fewest]


_PINYIN = re.compile(
    r"(?:[bpmf]?(?:a|o|ai|ei|ao|ou|an|en|ang|eng)|[bpmdtnljqx]i(?:e|ao|u|an|n|ang|ng|a|ong)?|[bpmf]u|fo|mo|"
    r"(?:zh|ch|sh|[rzcsdtnlgkh])(?:a|e|i|u|ai|ei|ao|ou|an|en|ang|eng|ong|ua|uo|uai|ui|uan|un|uang)|"
    r"[nl](?:v|ve|ue)|[jqxy](?:u|ue|uan|un)|y(?:a|e|i|o|ao|ou|an|in|ang|ing|ong)|w(?:u|a|o|ai|ei|an|en|ang|eng)|er)"
)
"""One syllable as it is typed without tones."""
