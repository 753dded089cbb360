"""What the system says in a conversation, by notice code and language.

Short, calm, the customer's words; the codes are those of docs/api/websocket.md.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")

NOTICES: Mapping[str, Mapping[str, str]] = {
    "handoff_requested": {
        "zh-Hans": "正在为您转接人工客服，请稍候。您说过的内容客服都能看到，不用再说一遍。",
        "zh-Hant-HK": "正在為您轉接客服同事，請稍候。您說過的內容同事都看得到，毋須再說一次。",
        "en": "I am bringing in a colleague. They can see what you wrote, so you need not repeat it.",
    },
    "ask_topic": {
        "zh-Hans": "等待的时候，您可以先说说是哪个订单、什么事，客服接入后能更快处理。",
        "zh-Hant-HK": "等候期間，您可以先說說是哪張訂單、甚麼事，同事接手後會處理得更快。",
        "en": "While you wait, you may tell us which order it is about and what happened.",
    },
    "outside_hours": {
        "zh-Hans": "现在不是人工客服时间（{open_from}–{open_until}）。您的留言已经记下，我们会在 10:00 前答复您。",
        "zh-Hant-HK": "現在不是客服時間（{open_from}–{open_until}）。您的留言已經記下，我們會在 10:00 前回覆您。",
        "en": "Our colleagues are here {open_from}–{open_until} Beijing time. "
        "Your message is noted and will be answered by 10:00.",
    },
    "agent_joined": {
        "zh-Hans": "客服{agent}已接入。",
        "zh-Hant-HK": "客服{agent}已接手。",
        "en": "{agent} has joined.",
    },
    "agent_left": {
        "zh-Hans": "客服暂时离开了，正在为您安排下一位。",
        "zh-Hant-HK": "客服同事暫時離開了，正在為您安排下一位。",
        "en": "Our colleague had to leave. The next one is on the way.",
    },
    "handed_back": {
        "zh-Hans": "接下来由智能助手继续为您服务，需要人工时随时说「转人工」。",
        "zh-Hant-HK": "接下來由智能助理繼續為您服務，需要真人時隨時說「轉人工」。",
        "en": "The assistant continues from here. Say “human” whenever you want a person.",
    },
    "transferred": {
        "zh-Hans": "正在为您转接更合适的同事，内容已经一并转交。",
        "zh-Hant-HK": "正在為您轉接更合適的同事，內容已經一併轉交。",
        "en": "We are passing you to a better suited colleague, together with everything so far.",
    },
    "silence_reminder": {
        "zh-Hans": "您还在吗？还有问题可以直接说；暂时不用的话，稍后会自动结束。",
        "zh-Hant-HK": "您還在嗎？還有問題可以直接說；暫時不用的話，稍後會自動結束。",
        "en": "Are you still there? Just write on if there is more; otherwise this ends by itself in a while.",
    },
    "closed": {
        "zh-Hans": "本次会话已结束。再发消息就会重新开始。",
        "zh-Hant-HK": "本次對話已結束。再發訊息就會重新開始。",
        "en": "This conversation has ended. A new message reopens it.",
    },
    "reopened": {
        "zh-Hans": "会话已重新打开。",
        "zh-Hant-HK": "對話已重新打開。",
        "en": "The conversation is open again.",
    },
    "shop_call_done": {
        "zh-Hans": "已办好：{what}（订单 {order_number}）。",
        "zh-Hant-HK": "已辦妥：{what}（訂單 {order_number}）。",
        "en": "Done: {what} (order {order_number}).",
    },
    "shop_call_refused": {
        "zh-Hans": "没有办成：{what}（订单 {order_number}）。原因：{why}。需要的话可以说「转人工」。",
        "zh-Hant-HK": "未能辦妥：{what}（訂單 {order_number}）。原因：{why}。需要的話可以說「轉人工」。",
        "en": "Not done: {what} (order {order_number}). Reason: {why}. Say “human” if you want a person.",
    },
    "system_trouble": {
        "zh-Hans": "智能助手暂时不可用，正在为您转接人工客服。",
        "zh-Hant-HK": "智能助理暫時未能使用，正在為您轉接客服同事。",
        "en": "The assistant is not available just now. I am bringing in a colleague.",
    },
}


def notice_text(code: str, language: str, **values: str) -> str:
    """The notice in that language.

    Raises KeyError for an unknown code, language or a value that the text needs.
    """
    return NOTICES[code][language].format(**values)
