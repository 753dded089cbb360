"""Brings what customers type into one form for matching: width, script, case, dialect, typos, clutter.

Only for matching; nothing normalised here is ever shown or stored as the customer's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import opencc

from knowledge_base.homophones import WORDS, by_sound

MAX_CHARACTERS = 600
"""Longer messages are cut for matching: a question of the trade stands in fewer; the 90th percentile is 24."""

_CLUTTER = re.compile(
    r"https?://\S+|www\.\S+"  # links
    r"|\[[^\[\]\n]{0,40}\]|【[^【】\n]{0,60}】|「(?:订单|訂單|在售|商品)[^」\n]{0,40}」"  # cards and stickers: [order card], 【商品】
    r"|[(](?:图片|圖片|照片|视频|影片|表情|语音|文件|image|photo|video|sticker|file)[)]|\*{3,}"  # what was sent; masked words
    r"|<[^<>\n]{0,200}>"  # markup
    r"|#[a-z_]{1,20}-?\w*#"  # masks such as #E-s12#
    r"|(?:订单编号|订单号|運單號|訂單編號|訂單號|运单号|商品编号|order (?:no|number|id))\s*[:：#]?\s*[A-Za-z0-9*-]{6,40}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}"  # addresses of e-mail
    r"|(?<![A-Za-z0-9])(?=[A-Za-z0-9*-]*[\d*])[A-Za-z0-9*-]{8,40}(?![A-Za-z0-9])",  # order, tracking, phone numbers
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"^(?:>.*|(?:回复|回覆|引用|reply to|quote)[^:：\n]{0,20}[:：].*)\n+", re.IGNORECASE | re.MULTILINE
)
"""Lines that somebody else has said before, above the customer's own."""
_NOISE = re.compile(r"[^\w\s]|_")
_SPACE = re.compile(r"\s+")
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
_REPEATED = re.compile(r"(.{4,60}?)(?:[\s,。,.!?]*\1)+")
_PARTICLES = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:啊|呀|呢|吧|哦|噢|喔|喎|啦|喇|嘞|哈|嘛|㗎|嘅话|囖|咯|啫|嘢咩)+(?=$|\s)"
)

CANTONESE: Mapping[str, str] = {
    "几时": "什么时候", "幾耐": "多久", "几耐": "多久", "几多日": "几天", "几多钱": "多少钱", "几钱": "多少钱", "几多": "多少",
    "点样": "怎么", "点解": "为什么", "点算": "怎么办", "点搞": "怎么办", "边度": "哪里", "边间": "哪家", "边个": "哪个",
    "边只": "哪个", "边隻": "哪个", "喺度": "在这里", "喺": "在", "乜嘢": "什么", "乜": "什么", "咩": "什么", "冇": "没有",
    "唔该": "谢谢", "唔记得": "忘记", "唔见咗": "丢了", "唔见": "丢了", "唔小心": "不小心", "唔啱": "不合适", "唔岩": "不合适",
    "唔系": "不是", "唔使": "不用", "唔好": "不要", "唔想": "不想", "唔得": "不行", "唔到": "不到", "唔": "不", "未有": "没有",
    "系咪": "是不是", "系": "是", "嘅": "的", "啲": "", "咗": "了", "紧": "在", "佢": "它", "哋": "们", "俾": "给", "畀": "给",
    "攞返": "拿回", "攞": "拿", "嚟": "来", "返嚟": "回来", "睇": "看", "搵": "找", "揾": "找", "嗰": "那", "𠮶": "那", "呢个": "这个",
    "呢件": "这件", "呢张": "这张", "而家": "现在", "依家": "现在", "听日": "明天", "寻日": "昨天", "琴日": "昨天", "今日": "今天",
    "嘢": "东西", "呃": "骗", "倾": "聊", "夹埋": "合并", "一齐": "一起", "淨系": "只", "净系": "只", "净是": "只", "淨是": "只",
    "㩒": "点", "撳": "点", "揿": "点", "整返": "修", "整烂": "弄坏", "烂咗": "坏了", "烂": "坏", "抵": "划算", "平咗": "便宜了",
    "减价": "降价", "贵咗": "贵了", "细咗": "小了", "细": "小", "著数": "好处", "着数": "好处", "户口": "账户", "帐户": "账户",
    "帐号": "账号", "速递员": "快递员", "速递": "快递", "货运": "物流", "寄出": "发货", "出货": "发货", "落单": "下单", "落咗单": "下单",
    "张单": "订单", "保养": "保修", "自提柜": "快递柜", "智能柜": "快递柜", "顺丰站": "驿站", "改期": "改时间", "真系": "真的",
    "即系": "就是", "可唔可以": "可以", "得唔得": "可以", "有冇": "有没有", "使唔使": "要不要", "会唔会": "会不会", "送唔送": "送不送",
    "收唔到": "收不到", "郁过": "动过", "郁": "动", "过数": "扣款", "碌卡": "刷卡", "电邮": "邮箱", "正货": "正品", "老翻": "假货",
    "冒牌": "假货", "单据": "发票", "退返": "退回", "补返": "补", "差额": "差价", "缺货": "没货", "断货": "没货", "返货": "补货",
}  # fmt: skip
"""Cantonese and Hong Kong words as they read after 繁→简, with the word that the phrasings' bulk uses."""

MISSPELT: Mapping[str, str] = {
    "大账": "到账", "到帐": "到账",
    "报价能退": "保价能退", "申请报价": "申请保价", "报价申请": "保价申请", "点子发票": "电子发票",
    "收获地址": "收货地址", "自动现实": "自动显示", "优惠卷": "优惠券", "用卷": "用券", "无里由": "无理由", "无理油": "无理由",
    "七天无忧": "七天无理由", "发飘": "发票", "退或": "退货", "换或": "换货", "发或": "发货", "运费线": "运费险", "运费先": "运费险",
    "咋办": "怎么办", "咋弄": "怎么弄", "咋": "怎么", "啥时候": "什么时候", "啥子": "什么", "啥": "什么",
    "哪儿": "哪里", "那里看": "哪里看",
    "多长时间": "多久", "多少天": "几天", "木有": "没有", "神马": "什么", "肿么": "怎么", "怎么样才能": "怎么", "如何": "怎么",
    "不得行": "不行", "好久能": "多久能", "好久到": "多久到", "包裹儿": "包裹", "快弟": "快递", "客服人员": "客服", "帐单": "账单",
    "baojia": "保价", "推货": "退货", "腿货": "退货", "推款": "退款", "腿款": "退款", "退宽": "退款", "环货": "换货", "运非": "运费",
    "韵费": "运费", "发漂": "发票", "块递": "快递", "快第": "快递", "道账": "到账", "倒账": "到账", "物留": "物流", "无流": "物流",
    "签手": "签收", "客福": "客服",
}  # fmt: skip
"""Homophones from pinyin and voice input, dialect and chat spellings; longer words and pinyin itself: homophones.py."""


def _longest_first(words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)))


_WORDS = {**CANTONESE, **MISSPELT}
_WORD = _longest_first(_WORDS)


def source() -> bytes:
    """What decides on the matching form: stored vectors and lexemes belong to it."""
    here = Path(__file__)
    return b"".join(path.read_bytes() for path in (here, here.with_name("homophones.py"), WORDS))


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("hk2s")


def simplified(text: str) -> str:
    """繁體 to 简体, by characters and phrases."""
    return str(_to_simplified().convert(text)).replace("佈", "布").replace("裡", "里")


def without_clutter(text: str) -> str:
    """The message without links, order cards, masks, numbers of orders and phones, NUL and control characters."""
    text = _QUOTED.sub("", unicodedata.normalize("NFKC", text[: 4 * MAX_CHARACTERS]))
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} else c for c in text)
    return _SPACE.sub(" ", _CLUTTER.sub(" ", text)).strip()


def once(text: str) -> str:
    """A phrase said several times in one message counts once: 快点发货快点发货 → 快点发货."""
    return _REPEATED.sub(r"\1", text)


@lru_cache(maxsize=4096)
def matching_form(text: str) -> str:
    """The form in which phrasings and questions are compared; empty where nothing is left."""
    text = simplified(without_clutter(text)[:MAX_CHARACTERS].casefold())
    text = _SPACE.sub(" ", _NOISE.sub(" ", text.replace("'", "").replace("’", "")))
    text = by_sound(_STRETCHED.sub(r"\1", text))
    text = _WORD.sub(lambda m: _WORDS[m.group()], text)
    text = _PARTICLES.sub("", once(text))
    return _SPACE.sub(" ", text).strip()
