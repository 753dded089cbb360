"""Facts that a message states in plain words: fraud, injury or fire, money taken twice.

Word lists with guards against questions and negations («会不会过敏», «没有被盗»). Mood is triage's matter.
"""

from __future__ import annotations

import re
from typing import Final

from routing.text import fold

_CLAUSE: Final = re.compile(r"[^,，。.!！?？;；\n]+[?？]?")
_ONLY_ASKED: Final = re.compile(
    "会不会|容易.*吗|会.{0,12}(吗|么|嘛)|是否|如果|要是|万一|假如|怕|担心|防|避免|预防|警惕|有没有可能"
    "|会唔会|可唔可能|介唔介意"
    r"|\b(will|would|could|might|if|prevent|avoid|protect|risk of|worried|afraid|in case|can it|does it"
    r"|is it)\b"
)
_NEGATED: Final = re.compile(
    r"(没有?|没被|并未|未|不是|不会|冇|唔系|不)$|\b(no|not|never|isn't|wasn't|didn't)( \w+)?\s*$"
)

_FRAUD: Final = re.compile(
    "被盗刷?|盗号|盗刷|盗用|被骗|诈骗|冒充|假冒客服|账号.{0,4}(异常登录|被改)|(不是|唔系)我(本人)?(下|买"
    "|落|操作|付)的?(单|订单|款)?"
    "|我(根本)?没(有)?(下|买)过.{0,6}(单|订单|东西)|我(根本)?冇落过.{0,4}单|有人(用|登|登录)了?我的?(账号"
    "|账户|卡|号)"
    "|(刷单|验证码).{0,8}(骗|让我发|要我给|套)|要我(的)?(付款码|银行密码|验证码)|手机号被(改|换)"
    r"|\b(hacked|scam(med)?|phish(ing|ed)|fraud(ulent)?|stolen account|unauthori[sz]ed|impersonat\w+)\b"
    r"|\bi (never|did not|didn't) (placed?|made?|make|order(ed)?|bought|buy"
    r"|authori[sz]ed?)\b.{0,20}\b(order|purchase|payment"
    r"|this)\b"
    r"|\bsomeone (else )?(is |has |was )?(us(ed|ing)|logg?ed|logging|access(ed)?) .{0,12}\baccount\b"
)
_SAFETY: Final = re.compile(
    "爆炸|炸了|起火|着火|冒烟|烧起来|自燃|触电|漏电|电到|电着|烫伤|烧伤|割伤|划伤|割到手|受伤|流血|中毒"
    "|过敏|红肿|起疹|住院|进医院|送医院|急诊"
    "|上吐下泻|拉肚子|食物中毒|噎到|呛到|误吞|吞了(下去)?(电池|零件|磁铁)|骨折|晕倒|呼吸困难"
    "|着咗火|著火|爆咗|入院|睇急症|敏感.{0,4}(红|肿|痕)|屙呕"
    r"|\b(caught|catch|on) fire\b|\bexplod\w+|\bsmoking\b|\bsmoke\b.{0,12}\b(from|came|coming|out)\b"
    r"|\belectr(ic|ical) shock|\bshocked me\b"
    r"|\belectrocut\w+|\bburn(t|ed)\b.{0,15}\b(my|me|hand|skin|finger|son|daughter|kid|baby)\b|\binjur(ed"
    r"|y)|\bbleeding\b"
    r"|\ballergic reaction|\bpoison(ed|ing)\b|\bhospital\b|\bswallowed\b|\bchok(ed|ing)\b|\brash\b"
)
_CHARGED_TWICE: Final = re.compile(
    "(扣|付|收|刷|划|扣款)了?我?(两|2|二|双|多)(次|遍|笔|回|份)|重复(扣|付|收|支付|付款)"
    "|多扣了?(我)?(一次|一笔|一遍|钱|款)|扣了双份"
    "|(扣|收|碌)咗?我?(两|2)(次|笔)|碌多咗|多收咗一次"
    r"|\b(charged|billed|debited|paid|deducted|taken)\b.{0,25}\b(twice|two times|2 times|double|again)\b"
    r"|\bdouble[- ]?(charge|bill|payment)\w*"
    r"|\bduplicate (charge|payment)"
)


def fraud_words(text: str) -> tuple[str, ...]:
    """What in the text says that an account, card or order was misused; empty where nothing does."""
    return _stated(_FRAUD, text)


def safety_words(text: str) -> tuple[str, ...]:
    """What in the text says that goods hurt somebody or burned; empty where nothing does."""
    return _stated(_SAFETY, text)


def charged_twice_words(text: str) -> tuple[str, ...]:
    """What in the text says that money was taken twice; empty where nothing does."""
    return _stated(_CHARGED_TWICE, text)


def _stated(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found: list[str] = []
    for clause in _CLAUSE.findall(fold(text).replace("’", "'")):
        if _ONLY_ASKED.search(clause):
            continue
        for match in pattern.finditer(clause):
            if not _NEGATED.search(clause[max(0, match.start() - 12) : match.start()]):
                found.append(match.group())
    return tuple(dict.fromkeys(found))
