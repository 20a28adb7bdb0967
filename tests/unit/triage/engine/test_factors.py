"""Every factor of domain reference 2.2 is found in both languages, in words of the test's own."""

import pytest

from schemas.terms import Urgency
from tests.unit.triage.engine.conftest import Judge

EXAMPLES = [
    ("danger-now", "快来救救我们，他马上要进来了", "Please hurry, he is trying to get in"),
    ("violence-now", "现在他正在院子里打那个女孩", "I can hear him, he is beating the boy right now"),
    ("weapon", "他喝完酒就举着一把菜刀满屋走", "Dad is holding a big knife in the kitchen"),
    ("dog", "院子里养着一条很凶的大狗", "There is a vicious dog in the yard"),
    ("kill-threat", "他吼着说要弄死她们娘俩", "He said he would kill her when she gets back"),
    ("medical-emergency", "小孩昏迷了，嘴唇发紫", "The toddler is unconscious and her lips are blue"),
    ("head-injury", "孩子被推倒后头破血流", "He banged her head on the table"),
    ("poisoning", "小孩误食了老鼠药", "She swallowed bleach from under the sink"),
    ("burn", "后妈用烟头在他背上烫", "There are cigarette burns along his arm"),
    ("fracture", "拍片说左手臂骨折", "The scan shows a fractured wrist"),
    ("strangulation", "他用手掐着女儿的脖子不放", "He had his hands tight around her throat"),
    ("suicide-plan", "他写好遗书放在课桌里", "She has written a suicide note and given away her phone"),
    ("suicide-attempt", "昨晚她吞了大半瓶药", "My daughter took an overdose after dinner"),
    ("groomer-meeting", "她要跟网友去外地见面", "She is off to meet a man from discord"),
    ("trafficking-now", "有人强行带走了一个男孩", "A boy was kidnapped near the market"),
    ("sold", "他们想把孩子卖给外村人", "They are selling their baby for cash"),
    ("fgm", "听说回老家要给她做割礼", "They are taking her for fgm"),
    ("forced-marriage", "爸妈逼我嫁给邻村的人", "They will force her to marry him"),
    ("travel-near", "机票都订好了", "The flight is tomorrow"),
    ("child-alone", "两岁的孩子独自在家", "A three year old has been left alone"),
    ("locked", "把孩子反锁在屋里", "They locked him in the shed"),
    ("carer-gone", "孩子的妈妈死了，没有亲戚", "Her mum has been arrested"),
    ("abandoned", "有人把孩子丢在车站就走了", "Someone abandoned a child at the bus station"),
    ("sexual-abuse", "教练摸她的胸部", "He was touching her private parts"),
    ("access-tonight", "继父每晚都和她独处", "He comes into the room every night"),
    ("access", "那个叔叔和孩子住在一起", "The man lives with them"),
    ("bruise", "大腿上全是淤青", "She came in with bruises on both ears"),
    ("non-mobile", "孩子还不会翻身", "The baby is not rolling yet"),
    ("unexplained", "父母的说法前后矛盾", "Their story keeps changing"),
    ("disclosure", "孩子亲口说的", "She told me in confidence"),
    ("afraid-home", "他害怕回家", "He is terrified of going home"),
    ("safety-lapses", "还有十分钟后放学", "The school closes soon"),
    ("pregnancy", "那个女孩怀孕了", "The girl is pregnant"),
    ("sti", "检查出孩子有梅毒", "The test shows chlamydia"),
    ("exploitation", "老板让她去陪酒", "He is caught up in county lines"),
    ("begging", "那些孩子被组织乞讨", "The children are made to beg"),
    ("child-labour", "厂里用童工", "He is in forced labour"),
    ("fleeing", "他们准备搬走", "They are packing the car"),
    ("prior-harm", "这个男的有前科", "He is a registered sex offender"),
    ("order-breach", "他违反保护令", "He is breaking the restraining order"),
    ("earlier-concern", "我之前报过警", "I called before about this"),
    ("disability", "孩子有自闭症", "My son is autistic"),
    ("domestic-violence", "她老公家暴", "There is domestic violence"),
    ("coercive", "他监视她的一举一动", "He controls everything"),
    ("substance", "父亲吸毒", "Mum is on heroin"),
    ("psychosis", "妈妈精神分裂", "Dad is psychotic"),
    ("severe-neglect", "孩子瘦得皮包骨", "The boy is emaciated"),
    ("untreated-illness", "病了也不给看病", "She refuses treatment for him"),
    ("left-behind", "他是留守儿童", "His parents are abroad"),
    ("no-guardian", "孩子事实无人抚养", "She is an unaccompanied minor"),
    ("absence", "孩子辍学了", "He stopped coming to school"),
    ("staff", "是幼儿园老师做的", "It was the coach"),
    ("location-unknown", "不知道她在哪", "I don't know where they are"),
    ("missing", "女儿失踪了", "My niece has gone missing"),
    ("self-harm", "他经常自残", "She is self-harming"),
    ("suicide-thoughts", "我不想活了", "I want to die"),
    ("emotional-abuse", "妈妈天天羞辱他", "They humiliate him"),
    ("harsh-discipline", "老是罚站", "She screams at them"),
    ("neglect", "孩子吃不饱", "The child is filthy"),
]


@pytest.mark.parametrize(("factor", "zh", "en"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_a_factor_is_found_in_both_languages(judge: Judge, factor: str, zh: str, en: str) -> None:
    for text in (zh, en):
        found = {reason.factor for reason in judge(text).reasons if reason.polarity == "positive"}
        assert factor in found, text


@pytest.mark.parametrize("example", [row for row in EXAMPLES if row[0] in {
    "danger-now", "weapon", "kill-threat", "medical-emergency", "head-injury", "poisoning", "burn", "fracture",
    "strangulation", "suicide-plan", "suicide-attempt", "groomer-meeting", "trafficking-now", "sold", "abandoned",
}], ids=lambda row: row[0])  # fmt: skip
def test_an_emergency_factor_alone_is_immediate(judge: Judge, example: tuple[str, str, str]) -> None:
    assert judge(example[1]).urgency is Urgency.IMMEDIATE
    assert judge(example[2]).urgency is Urgency.IMMEDIATE
