"""Is this a question or need at all? Thanks, greetings, confirmations, closings and given facts are not searched.

Rules over the normalised text; whether an unmarked sentence speaks of the base's matters is for the index to say.
"""

from __future__ import annotations

import re

from knowledge_base.text_normalisation import matching_form, simplified

_POLITE = re.compile(
    r"谢+谢*你*了?|多谢[晒你]*|感谢|辛苦了?|麻烦[你您]?了$|拜拜|再见|回见|祝[你您]\S{1,6}|不客气|客气了"
    r"|[你您]好[呀啊]?|早晨|早上好|下午好|晚上好|晚安|哈喽|在吗|在不在|有人吗|在不|亲亲?(?=\s|$)|客服(?=\s|$)"
    r"|\b(?:thank(?:s| you)?(?: a lot| so much| very much)?|thx|ty|cheers|bye+|goodbye|hello|hey|hi(?: there)?"
    r"|good (?:morning|evening|afternoon))\b"
)
_CONFIRM = re.compile(
    r"(?:好+的?|好吧|好滴|好嘞|可以的?|行吧?|行的|嗯+|恩+|哦+|噢+|是的?|对的?|没错|对对|不是的?|不用了?|没有了?|没事了?|没了|没东西|没关系|知道了?|我知道了?"
    r"|了解了?|明白了?|收到了?|算了|就这样|那就这样|先这样|解决了|搞定了|稍等|等一下|等等|我再等等|再等等|我等着?|我看看|我找找|我试试|试试|我去看看|哈+|呵+|嘻+|嗨+|不错|非常好|很好|满意"
    r"|就是这个|就这个|这个|那个|呀|啊|吧|了|的|先|已经|都|再|我"
    r"|\b(?:ok(?:ay)?|yes|yeah|yep|no|nope|sure|please|great|good|perfect|got it|i see|alright|fine|never ?mind|thats all|thats it"
    r"|all good|lol|haha|understood|nothing else|noted|cool|nice|right|correct|one moment|wait|let me check)\b)"
)
_FACT = re.compile(
    r"\s*(?:(?:我的?)?(?:尾号|手机号?|电话|订单号?|单号|运单号|邮箱|税号|抬头|名字|姓名|地址|收件人|颜色|尺码"
    r"|email|e mail|phone|order|name|address|number|my|is|and|是|的|为|it|the|no)\s*)*[a-z]{0,4}\d[\da-z]*(?:\s+[a-z]{0,4}\d[\da-z]*)*\s*"
)
_ADDRESS = re.compile(
    r"(?:省|市|区|县|镇|乡|街道|路|街|道|村|号|栋|幢|座|单元|楼|层|室|小区|大厦|广场|花园|苑)"
)
_SIZE_OR_COLOUR = re.compile(
    r"(?:(?:黑|白|红|蓝|绿|灰|粉|黄|紫|米|棕|橙|藏青)(?:色|的)?|x{0,3}[sml]|\d?xl|[sml]码|均码|大号|中号|小号|\d{2,3}码?|件|个|\s)+"
)
_ASKS = re.compile(
    r"[?？]|吗|么|怎|什么|为何|为什么|几|多久|多少|哪|谁|能不能|可不可以|可以\S+不$|是不是|有没有|要不要|会不会|行不行|呢$|没$|不$|咋|啥|凭啥|凭什么"
    r"|\b(?:how|what|whats|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|may)\b"
)
_NEEDS = re.compile(
    r"退|换|修|发票|投诉|取消|催|查|改|开|发货|快递|物流|签收|没收到|没到|少了|坏|破|碎|丢|错|优惠|券|积分|价保|保价|密码|登录|注销|运费|客服|人工"
    r"|\b(?:refund|return|exchange|repair|invoice|receipt|cancel|track|parcel|package|delivery|shipping|broken|damaged|missing|wrong|lost|complain|coupon|points|password|charged|help|want|need|reset|change|warranty)\w*"
)

_AND_WHAT_ABOUT = re.compile(r"^(?:那么?|咁|还有|同埋|and\b|what about|how about)|呢[?？。.!！\s]*$")
FEW_CHARACTERS = 4


def small_talk_removed(form: str) -> str:
    """The text in matching form without thanks and greetings."""
    return re.sub(r"\s+", " ", _POLITE.sub(" ", form)).strip()


def is_statement(text: str) -> bool:
    """True for what is certainly no question: nothing left, thanks, greeting, confirmation, a fact given."""
    form = small_talk_removed(matching_form(text))
    if not re.search(r"[\u3400-\u9fffa-z]{2}|[\u3400-\u9fff]", form):
        return True
    if not _CONFIRM.sub("", form).strip():
        return True
    if _FACT.fullmatch(form) or _SIZE_OR_COLOUR.fullmatch(form):
        return True
    asks = _ASKS.search(form) or "?" in text or "？" in text
    return not asks and (_is_address(text) or _names_a_person(text) or _gives_mail(text))


def asks_or_needs(text: str) -> bool:
    """True where words of asking, or of a need of the trade, stand in it."""
    form = small_talk_removed(matching_form(text))
    return bool(_ASKS.search(form) or "?" in text or "？" in text or _NEEDS.search(form))


def _is_address(text: str) -> bool:
    plain = simplified(text)
    return len(_ADDRESS.findall(plain)) >= 3 and bool(re.search(r"\d", plain))


def _names_a_person(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[\u3400-\u9fff]{2,4}[\s,，:：]*1[\d*]{8,12}\s*", text))


def _gives_mail(text: str) -> bool:
    return bool(re.search(r"[\w.+-]+@[\w-]+\.\w+", text))


def leans_on_context(text: str, form: str) -> bool:
    """True for what hardly says anything by itself: a word or two, or «and what about …»; `form` is its matching form."""
    return len(form) <= FEW_CHARACTERS or bool(_AND_WHAT_ABOUT.search(simplified(text).casefold().strip()))
