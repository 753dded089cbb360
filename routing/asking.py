"""Whether a message asks for a person in plain words: 转人工, 搵真人, human please.

Precise rather than greedy: 人工智能, 人工费多少, 不用人工 and talk about humans in general are not requests;
what these patterns miss, the intent ask_human of the bot still catches.
"""

from __future__ import annotations

import re
from typing import Final

from routing.text import fold

_OTHER_MEANINGS: Final = re.compile(
    "人工(智能|智慧|费|成本|合成|草|湖|培育|养殖|色素|香精|皮|革|呼吸|授粉|流产|关节|材料|宝石|钻|毛|丝"
    "|审|核|质检|检|打包|安装|退款|处理要|处理需|翻译|贵|上班|下班|几点|时间|(客服|服务)?(的)?(几点|幾點"
    "|上班|下班|工作时间|在线时间|时间|收费|要钱|电话|评价))"
    "|真人(实拍|秀|图|照|试穿|模特|发丝|假发|头发|cs|大小|版|出镜|比例)"
)
_REFUSED: Final = re.compile(
    "(不用|不要|不需要|别|不想|无需|不必|没必要|先不|暂时不|不是要|取消|唔使|唔要|唔好|唔需要|唔想|毋须"
    "|未需要)"
    "(给我|帮我|同我|再|又|老是|总|急住|住)*(转|找|接|叫|联系|要|换|去|搵|找到)*(到|个|一个|去)?(人工"
    "|真人|活人|客服|人手)"
    r"|\b(don'?t|do not|didn'?t|no|not|without|never|rather not|instead of)( \w+){0,6}? "
    r"(humans?|agents?|real person|live person|representatives?|operators?|person)\b(?![^.!?]*\bbut\b)"
)
_ASKED: Final = re.compile(
    # the words alone, or as a clause of their own
    "(^|[\\s,，。.!！?？~、;；:：])(请|我|那|快|直接|马上|唔该)*(人工|人工客服|人工服务|真人|真人客服"
    "|活人|人手)"
    "(在吗|在不在|在么|呢|有吗|吧|呀|啊|谢谢|唔该|please|pls)*($|[\\s,，。.!！?？~、;；])"
    # a verb that calls for one
    "|(转|找|接|叫|换|喊|呼叫|联系|派|切|上|来|见|请|搵|驳|同|跟|和|要|给我|畀|俾|有没有|有冇|有无|有"
    "|能不能|可不可以|可以)"
    "(接|到|去|入|成|一下|下|个|一个|位|一位|点|你们的?|你地|我|番|返|一?个?活的|的|是|个活的)*"
    "(人工|真人|活人|人手)"
    "|(转|找|接|换|搵|喊|叫)(接|到|一下|下|个|一个|位|一位|番|返)*(人工|真人)?(客服|坐席|专员)(?!电话"
    "|热线|号码|邮箱|电邮)"
    "|人工(客服|服务|坐席)?(来|接|帮|回复|处理|解决|在哪|快|跟我|同我|入口|怎么转|怎么找|点搵)"
    "|(叫|找|让|要|换|搵)(你们|你们的|你地|你哋|个|一个)*(经理|主管|领导|老板|负责人|上司)"
    "|(换|叫|找|搵)(个|一个|番个|返个)(能|会|懂|识|真|管事)?(的)?(人)(来|跟|和|同|讲|说|倾|帮|处理|解决"
    "|嚟|$)"
    "|(想|要|可唔可以|可以|我要|帮我)(搵人|找人)(倾|讲|帮|处理|说|谈|跟|$|[\\s,，。.!！?？])"
    "|(不要|不想|别|唔要|唔想)(再)?(让|跟|和|同)?(机器人|ai|bot)"
    # English, also inside Chinese
    r"|\b(speak|talk|chat|connect|transfer|escalate|put|pass|forward)\b( \w+){0,5}? "
    r"(to|with|me|through)( \w+){0,4}? ?"
    r"(human|person|someone|somebody|agent|representative|rep|operator|supervisor|manager|people|staff"
    r"|adviser|advisor)\b"
    r"|\b(get|give|send|find|want|need|have|is there|are there|where is|where's)( me)?( a| an| any| the"
    r"| some| to \w+ to a)?"
    r"( real| live| actual| human| living)* (human|person|agent|representative|operator|humans|manager"
    r"|supervisor)\b"
    r"(?! (error|review|check|hair|fee))"
    r"|\b(real|live|actual) (human|person|people|agent|support)\b.{0,10}(please|pls|now|here|\?|$)"
    r"|\b(human|agent|operator|representative|person)( being| agent| support)?[ ,]*(please|pls|plz|now)\b"
    r"|(^|[.!?,]\s*)(a )?(human|agent|operator|representative|live agent|real person"
    r"|customer service)\s*[.!?]*$"
    r"|(转|找|要|搵|接|想)(个|一个|去|到)?\s*(real |live |a )*(human|agent|person|live chat|cs)\b"
)


def asks_for_person(text: str) -> bool:
    """Whether the customer asks for a person (zh-Hans, zh-Hant, Cantonese, English, mixtures)."""
    folded = re.sub(r"(?<![a-z])\s+(?![a-z])", "", fold(text).replace("’", "'"))
    folded = re.sub(r"\s+", " ", folded)
    kept = _REFUSED.sub(" ", _OTHER_MEANINGS.sub(" ", folded))
    return bool(_ASKED.search(kept))
