"""Invented reports of children in danger now, in both languages, as a school's or hospital's system sends them."""

import json
from functools import cache
from typing import Any

from tests.bench.lines import post

SYSTEM, EDITION = "CN-XZQH", "2024"
TEAMS = 60

STORIES = (
    (
        "zh",
        "teacher",
        "我是班主任。今天早上孩子来上学时左脸肿了，胳膊上有几处新的青紫，他说昨晚爸爸喝了酒用皮带打他，"
        "妈妈拦不住也被推倒了。他不敢回家，说爸爸说今晚还要收拾他。孩子现在在我办公室，三点半放学，爸爸会来接。",
        {"child_age_years": 8, "injury": "minor", "child_safe_now": "no", "person_of_concern_has_access": "yes"},
    ),
    (
        "en",
        "neighbour",
        "I can hear the child next door screaming and a man shouting that he will kill her. It has been going on for "
        "half an hour and now there is a lot of banging. There is a little girl of about five and a baby. The mother "
        "works nights and is not there. I have seen bruises on the girl's neck before. Please send somebody now.",
        {"child_age_years": 5, "injury": "unknown", "child_safe_now": "no", "child_alone": "no"},
    ),
    (
        "zh",
        "health",
        "急诊接诊一名两岁幼儿，头部外伤，左臂陈旧性骨折，家长说是从床上摔下来的，与伤情不符。孩子身上有烟头烫伤的疤。"
        "陪同的男子要求马上带孩子离开医院，情绪激动。孩子目前在留观室，我们正在拖延时间。",
        {"child_age_years": 2, "injury": "serious", "child_safe_now": "no", "person_of_concern_has_access": "yes"},
    ),
    (
        "en",
        "teacher",
        "A pupil aged eleven told me at lunch that her stepfather comes into her room at night and that he has said "
        "he will hurt her brother if she tells. She is to go home with him at four. She is very frightened and says "
        "it happened again last night. She is with the school nurse at this moment.",
        {"child_age_years": 11, "injury": "none", "child_safe_now": "no", "person_of_concern_has_access": "yes"},
    ),
)


def area_code(team: int) -> str:
    """The invented area that a team of the bench covers; no place has it."""
    return f"99{team:04d}000000"


@cache
def _request(number: int) -> bytes:
    language, role, narrative, answers = STORIES[number % len(STORIES)]
    told: dict[str, Any] = {
        "language": language,
        "reporter_role": role,
        "area": {"system": SYSTEM, "edition": EDITION, "code": area_code(number % TEAMS)},
        "narrative": narrative,
        "answers": {"danger_now": "yes", **answers},
        "places": {"now": "幸福小区 3 号楼 2 单元 501" if language == "zh" else "Flat 5, 3 Example Street"},
        "people": [{"roles": ["child_of_concern"], "name": "小明" if language == "zh" else "Sam", "age": "8"}],
    }
    return post("/v1/reports", json.dumps(told, ensure_ascii=False).encode())


def report(number: int) -> bytes:
    """The request of one report with danger now, for the area of one team after the other; made once, sent often."""
    return _request(number % (TEAMS * len(STORIES)))
