"""Is this a question or need at all? Thanks, confirmations, closings, facts given, waiting and mere anger are not searched.

Rules over the clauses of a message; whether an unmarked sentence speaks of the base's matters is for the index to say.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge_base.statements import COURTESY, is_displeasure, is_of_a_kind
from knowledge_base.text_normalisation import matching_form, simplified

_ADDRESS = re.compile(
    r"(?:省|市|区|县|镇|乡|街道|路|街|道|村|号|栋|幢|座|单元|楼|层|室|小区|大厦|广场|花园|苑|湾|围|新界|九龙|港岛)"
)
_ENGLISH_ADDRESS = re.compile(
    r"\b(?:flat|room|apt|apartment|unit|floor|tower|block|building|street|st|road|rd|avenue|ave|lane|drive|court|garden"
    r"|estate|district|kowloon|hong kong|central)\b"
)
_PLACE = re.compile(
    r"(?:(?:收货|送货)?地址)?[是:在\s]*[\u3400-\u9fff]{2,8}[省市区县州][\u3400-\u9fff\s]{1,20}(?:区|县|市|镇|路|街道?|道|村"
    r"|庄|小区)\S{0,8}"
)
"""A place without a number: province or city, then district or street."""
_NOT_AN_ADDRESS = re.compile(
    r"改|换|错|送|寄|退|没|不|发货|快递|签收|\b(?:change|wrong|send|ship|deliver|not|never|return|moved?|instead|forward)\b"
)
_ASKS = re.compile(
    r"吗|什么|怎|为何|几(?:点|号|时|天|日|月|年|周|小时|多|个|种|次|岁|楼|耐|钱|$)|多久|多少|多大|多长|哪|谁|能不能|可不可以|可以\S+不$"
    r"|是不是|有没有|要不要|会不会|行不行|没$|不$|未$|咋|啥|凭啥"
    r"|(?:^|\b(?:and|but|so|or|then|ok|please|know|tell me|wonder|wondering|explain|idea|sure|see|understand|about|to|for|on"
    r"|at|in|of|from|me) )"
    r"(?:how|what|whats|when|where|wheres|which|who|whos|whose|why)\b"
    r"|^(?:so |and |but |or |then |ok |hi |please )*(?:do|does|did|is|are|am|was|were|any|isnt|arent|cant|wont|doesnt|didnt) "
    r"|^(?:so |and |but |or |then |ok |hi |please )*(?:can|could|will|would|should|may|has|have|had) (?:i|you|we|it|they|he"
    r"|she|the|my|this|that|your|someone|anyone|there)\b"
    r"|\b(?:can|could|would|should|may|does|did|will) (?:i|you|we|it|they|he|she|my|this|that|someone)\b|\bdo (?:i|you|we"
    r"|they)\b|\b(?:is|are|was|has) (?:it|there|they|he|she)\b"
    r"|\b(?:how|what|where) (?:do|to|does|is|about|much|many|long|can)\b|\b(?:or not|if i can|whether)\b"
)
_NEEDS = re.compile(
    r"退|换|修|发票|投诉|取消|催|查|改|开|发货|快递|物流|签收|没收到|没到|少了|坏|破|碎|丢|错|优惠|券|积分|价保|保价|密码"
    r"|登录|注销|运费|客服|人工"
    r"|\b(?:refund|return|exchange|repair|invoice|receipt|cancel|track|parcel|package|delivery|shipping|broken|damaged"
    r"|missing|wrong|lost|complain|coupon|points|password|charged|help|want|need|reset|change|warranty)\w*"
)
_WANTED = re.compile(
    r"不要了|我不要$|不想要|不买|不收|要退|想退|[想要]换|想要|帮我(?:退|查|看|改|取消|催|换|弄|搞)|改[成到为做送一]|改送"
    r"|换[成个货人]|[写打发寄开买拍]错|错了|开票|开发票|投诉"
    r"|(?<!不)取消|催|查(?!到)|截件|截返|推荐|没收到|没到|坏|破(?!店)|漏|丢|单号(?:发|给)|[太好很么咁得]慢|晚点了"
    r"|[天周期月日]了$|买早|爽约|[找要]\S{0,3}(?:客服|人工)|不住(?:那|这|在)|不对$|不是我|(?:码|寸|大小)\S{0,2}不合|不合适?身|抬头\S{0,2}开|给个?\S{0,3}单号$|滞留|爛|烂"
    r"|\b(?:wrong|refus\w+|missing|broken|cancel|refund me|quick|hurry|urgent|asap|forever|late|need|report\w*|forgot|call me"
    r"|complain\w*|stuck|lost(?! for)|empty|problem|issue|not working)\b"
)
"""Words of a need, or that something is wrong: no clause with one is taken for a statement."""
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])\+?(?=[A-Za-z0-9*-]*\d[A-Za-z0-9*-]*[\d*])[A-Za-z0-9*-]{4,40}(?![A-Za-z0-9])"
)
_CLAUSE = re.compile(
    r"(?<!\bno)[,，。.!！?？;；、…~～\n]+(?!\d)"
    r"|(?<=[\u3400-\u9fff])(?<!抬头)(?<!抬頭)(?<!件人)(?<!货人)(?<!貨人)(?<!户行)(?<!戶行)(?<!名称)(?<!名稱)(?<!公司名)"
    r"\s+(?=[\u3400-\u9fff])"
)
_NAMES_NOTHING = re.compile(
    r"(?:这个?|那个?|哪个|[这那]样|是不是|对不对|好不好|行不行|能不能|会不会|可不可以|可以|还有|然后|所以|确定|真的|什么|啥"
    r"|[是对好行能会你您说吗么嘛呢不吧呀啊的])+"
    r"|(?:(?:what|huh|really|seriously|eh|pardon|and|so|then|is|are|can|it|i|you|sure|right|ok|which|one|ones|this|that|about|else)(?:\s|$))+"
)
"""Of words that point or ask alone: «这个呢», «可以吗», «really?». What they are about was said elsewhere, and not by name."""
_MARK = re.compile(r"[呢咩未][\s。.!！]*$|([^\W不唔])[唔不]\1")
"""Particles that ask, and 送唔送, 好不好."""
_AND_WHAT_ABOUT = re.compile(r"^(?:那么?|咁|还有|同埋|and\b|what about|how about)|呢[?？。.!！\s]*$")
_A_BIT = (
    r"(?:一?下(?!单(?![号据件价品])|周|午|昼|载|架|次|月|星期|礼拜|楼|雨|班|半|列|个(?!人|性)|面(?![料膜霜值单])"
    r"|一(?:步|次|个|站|批|轮|期|家|位)))"
)
"""一下, unless its 下 begins a word: 请问下单后 is not 请问下 and 单后."""
_LEAD_IN = re.compile(
    r"^(?:(?:嗯+|额(?=\s|我|你|想|请)|诶+|欸+|哎(?=\s|我|你|想|请)|哦+|那个(?=\s|我|你|想|请)|就是说?(?=\s|我|你|想|请)|话说(?!明)"
    rf"|不好意思|打扰(?:{_A_BIT}了?|了)|(?:我?就?[想要])?请(?:问+(?![题号卷候答])|教){_A_BIT}?(?:个问题)?"
    rf"|我?就?[想要](?:问+(?![题号卷候答])|咨询(?![台电师服公])|了解){_A_BIT}?(?:个问题)?|(?:问|咨询){_A_BIT})\s*"
    r"|(?:so|well|ok|okay)\s(?=(?:i|my|how|what|when|where|why|who|can|could|do|does|is|are|will|the|if)\b)"
    r"|(?:um+|uh+|erm+|hmm+|sorry|excuse me|please|pls|plz|quick question|just wondering"
    r"|(?:can|could) (?:you|u|anyone|someone) (?:please |pls |plz )?tell me|id? (?:just )?(?:want|wanted|like) to (?:know|ask))(?:\s|$))+"
    r"|\s(?:please|pls|plz)$"
)
"""What people say before they come to it, and «please» after it."""
FEW_WORDS = 4
"""Up to so many a message hardly says anything by itself; words of English, characters of Chinese."""
SHORT_WORDS = 10
"""Up to so many it may lean on what was said before."""


def small_talk_removed(form: str) -> str:
    """The text in matching form without thanks and greetings."""
    return re.sub(r"\s+", " ", COURTESY.sub(" ", form)).strip()


def lead_in_removed(form: str) -> str:
    """The text in matching form from where it comes to its matter; as it is where nothing else is there."""
    return _LEAD_IN.sub("", form).strip() or form


def is_statement(text: str) -> bool:
    """True for what is certainly no question that a base can answer: hardly a character left, nothing named, or each clause
    courtesy, agreement, a fact, anger, a farewell."""
    form = small_talk_removed(matching_form(text))
    if not re.search(r"[\u3400-\u9fffa-z]{2}|[\u3400-\u9fff]", form):
        return True
    if len(form) == 1 and form not in "快慢" and not _NEEDS.search(form):
        return True
    if _NAMES_NOTHING.fullmatch(form):
        return True
    clauses = [c for c in _clauses(text) if not is_displeasure(c)]
    if not clauses:
        return True
    if _has_mark(text) or any(_ASKS.search(c) or _WANTED.search(c) for c in clauses):
        return False
    return _is_address(text) or all(is_of_a_kind(c) for c in clauses)


def asks(text: str) -> bool:
    """True where words or marks of asking stand in it."""
    return _has_mark(text) or any(_ASKS.search(clause) for clause in _clauses(text))


def asks_or_needs(text: str) -> bool:
    """True where words of asking, or of a need of the trade, stand in it."""
    return bool(_NEEDS.search(small_talk_removed(matching_form(text)))) or asks(text)


def leans_on_context(text: str, form: str) -> bool:
    """True for what hardly says anything by itself: a word or two, or «and what about …»; `form` is its matching form."""
    if _words(form) <= (FEW_WORDS // 2 if form.isascii() else FEW_WORDS):
        return True
    return bool(_AND_WHAT_ABOUT.search(simplified(text).casefold().strip()))


def may_lean_on_context(form: str) -> bool:
    """True for a text in matching form that is short enough to lean on what was said before."""
    return _words(form) <= SHORT_WORDS


def _words(form: str) -> int:
    """Words of English and characters of Chinese."""
    return sum(1 if word.isascii() else len(word) for word in form.split())


def _clauses(text: str) -> list[str]:
    """The parts of a message in matching form, courtesy taken off, numbers and addresses of mail written as 0."""
    text = unicodedata.normalize("NFKC", text)
    text = _NUMBER.sub(" 0 ", _MAIL.sub(" 0 ", text))
    forms = (small_talk_removed(matching_form(part)) for part in _CLAUSE.split(text))
    return [form for form in forms if form]


def _has_mark(text: str) -> bool:
    return "?" in text or "？" in text or bool(_MARK.search(text))


def _is_address(text: str) -> bool:
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold()
    if _NOT_AN_ADDRESS.search(plain):
        return False
    if not re.search(r"\d", plain):
        return bool(_PLACE.fullmatch(plain.strip()))
    return len(_ADDRESS.findall(plain)) >= 3 or len(_ENGLISH_ADDRESS.findall(plain)) >= 2
