"""The widget in a real browser against the fake desk: what a customer sees and can rely on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.fake_desk import CONTENT_SECURITY_POLICY, FakeDesk, demo_order, timestamp

Desk = tuple[FakeDesk, str]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645"
    "400000000049454e44ae426082"
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True,
}  # fmt: skip


async def open_chat(page: Page, address: str) -> None:
    await page.goto(address)
    await page.locator(".launcher").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


def field_of(page: Page) -> Locator:
    return page.locator("anxin-chat textarea")


async def send(page: Page, text: str) -> None:
    await field_of(page).fill(text)
    await field_of(page).press("Enter")


def bubbles(page: Page, sender: str = "customer") -> Locator:
    return page.locator(f".row.from-{sender} .bubble:not(.dots)")


async def in_conversation(page: Page, fake_desk: Desk) -> FakeDesk:
    """Opened, one message sent and acknowledged, the fake's bot silent."""
    desk, address = fake_desk
    desk.replies = False
    await open_chat(page, address)
    await send(page, "在吗")
    await expect(page.locator(".meta .state")).to_have_text("已发送")
    return desk


async def test_a_message_is_shown_at_once_and_sent_once(browser_page: Page, fake_desk: Desk) -> None:
    desk, address = fake_desk
    desk.replies = desk.acknowledges = False
    await open_chat(browser_page, address)
    assert desk.conversations == {}, "a conversation starts with the first message, not with the page"
    await send(browser_page, "我的包裹到哪了")
    await expect(bubbles(browser_page)).to_have_text(["我的包裹到哪了"])
    await expect(field_of(browser_page)).to_have_value("")
    await expect(browser_page.locator(".meta .state")).to_have_text(
        "已发送"
    )  # its own event is as good as the ack
    assert len(desk.only.messages) == 1


async def test_an_unacknowledged_message_shows_that_it_is_being_sent(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.cut()
    await send(browser_page, "还在吗")
    await expect(browser_page.locator(".meta[data-status=sending] .state")).to_have_text("连上网络后自动发送")
    desk.mend()
    await expect(browser_page.locator(".meta[data-status=sending]")).to_have_count(0, timeout=15_000)
    assert [message["text"] for message in desk.only.messages] == ["在吗", "还在吗"]


async def test_a_lost_acknowledgement_does_not_double_a_message(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.acknowledges = False
    await send(browser_page, "只要一次")
    await expect(bubbles(browser_page)).to_have_count(2)
    await desk.cut()
    desk.acknowledges = True
    desk.mend()
    await until(lambda: sends(desk, "只要一次") == 2)
    await expect(bubbles(browser_page)).to_have_text(["在吗", "只要一次"])
    assert [message["text"] for message in desk.only.messages] == ["在吗", "只要一次"]


async def test_nothing_is_missing_or_doubled_after_the_network_was_cut(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.page_size = 7  # so that catching up takes several hellos
    await desk.cut()
    for number in range(30):
        await desk.say(desk.only, f"第 {number} 条")
    await expect(browser_page.locator(".bar")).to_contain_text("网络已断开")
    await field_of(browser_page).fill("写到一半")
    desk.mend()
    await expect(bubbles(browser_page, "bot")).to_have_text(
        [f"第 {number} 条" for number in range(30)], timeout=20_000
    )
    await expect(browser_page.locator(".bar")).to_be_hidden()
    await expect(field_of(browser_page)).to_have_value("写到一半")


async def test_a_message_told_twice_is_shown_once(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    message = await desk.say(desk.only, "只显示一次")
    await desk.tell(desk.only, {"type": "message", "message": message})
    await desk.say(desk.only, "然后这条")
    await expect(bubbles(browser_page, "bot")).to_have_text(["只显示一次", "然后这条"])


async def test_a_reload_goes_on_with_the_same_conversation(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.say(desk.only, "在的，请讲。")
    await field_of(browser_page).fill("没写完")
    await browser_page.reload()
    await expect(bubbles(browser_page, "bot")).to_have_text(["在的，请讲。"])
    await expect(bubbles(browser_page)).to_have_text(["在吗"])
    await expect(field_of(browser_page)).to_have_value("没写完")
    assert len(desk.conversations) == 1


async def test_a_message_that_a_reload_interrupted_is_still_sent(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.cut()
    await send(browser_page, "断网时写的")
    await expect(bubbles(browser_page)).to_have_count(2)
    await browser_page.reload()
    desk.mend()
    await expect(bubbles(browser_page)).to_have_text(["在吗", "断网时写的"], timeout=15_000)
    await until(lambda: [message["text"] for message in desk.only.messages] == ["在吗", "断网时写的"])


async def test_two_tabs_show_the_same_and_keep_their_own_drafts(
    new_context: NewContext, fake_desk: Desk
) -> None:
    desk, address = fake_desk
    desk.replies = False
    context = await new_context()
    one, other = await context.new_page(), await context.new_page()
    await open_chat(one, address)
    await open_chat(other, address)
    await field_of(other).fill("另一页的草稿")
    await send(one, "第一页写的")
    await expect(bubbles(other)).to_have_text(["第一页写的"])
    await desk.say(desk.only, "两页都看得到")
    for page in (one, other):
        await expect(bubbles(page, "bot")).to_have_text(["两页都看得到"])
    await expect(field_of(one)).to_have_value("")
    await expect(field_of(other)).to_have_value("另一页的草稿")
    assert len(desk.conversations) == 1


async def test_html_in_a_message_stays_text(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script><b>粗</b>"
    await send(browser_page, attack)
    await desk.say(desk.only, attack)
    await expect(bubbles(browser_page).last).to_have_text(attack)
    await expect(bubbles(browser_page, "bot")).to_have_text([attack])
    assert await browser_page.locator(".messages img, .messages b, .messages script").count() == 0
    assert await browser_page.title() == "安心优选"


async def test_addresses_from_the_shop_can_be_followed_and_only_those(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.say(desk.only, "请看https://example.com/a?b=1。javascript:alert(1)")
    link = bubbles(browser_page, "bot").locator("a")
    await expect(link).to_have_text(["https://example.com/a?b=1"])
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_five_thousand_characters_can_be_sent_and_not_one_more(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    count, button = (
        browser_page.locator(".count"),
        browser_page.get_by_role("button", name="发送", exact=True),
    )
    await field_of(browser_page).fill("长" * 4_499)
    await expect(count).to_be_hidden()
    await field_of(browser_page).fill("😀" * 5_001)  # two UTF-16 units each, one character
    await expect(count).to_have_text("超出 1 字")
    await expect(button).to_be_disabled()
    await field_of(browser_page).fill("长" * 5_000)
    await expect(count).to_have_text("还可输入 0 字")
    await button.click()
    await until(lambda: len(desk.only.messages) == 2)
    width = await browser_page.locator(".scroll").evaluate(
        "(element) => element.scrollWidth - element.clientWidth"
    )
    assert width == 0, "a long text must not make the panel scroll sideways"


async def test_enter_sends_and_shift_enter_breaks_and_composing_does_neither(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    field = field_of(browser_page)
    await field.fill("一")
    await field.press("Shift+Enter")
    await expect(field).to_have_value("一\n")
    composing = "(e) => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    await field.evaluate(composing)
    await expect(field).to_have_value("一\n")
    await field.press("Enter")
    await until(lambda: desk.only.messages[-1]["text"] == "一")


async def test_quick_replies_go_once_used(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    replies = [{"id": "b7", "label": "查物流"}, {"id": "b8", "label": "申请退货"}]
    await desk.say(desk.only, "需要哪一项？", payload={"quick_replies": replies})
    await browser_page.get_by_role("button", name="申请退货").click()
    await expect(browser_page.get_by_role("button", name="申请退货")).to_have_count(0)
    await until(lambda: any(request.get("button") == "b8" for request in desk.requests))
    await expect(bubbles(browser_page).last).to_have_text("b8")  # the desk decides how a tap reads on record


async def test_a_refused_message_says_why_and_can_be_tried_again(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.refuse_next_send = {"code": "invalid_input", "message": "no", "field": "text", "request_id": "r"}
    await send(browser_page, "再来")
    await expect(browser_page.locator(".failed")).to_contain_text("未发送")
    await browser_page.get_by_role("button", name="重试").click()
    await expect(browser_page.locator(".failed")).to_have_count(0)
    assert [message["text"] for message in desk.only.messages] == ["在吗", "再来"]


async def test_too_fast_waits_by_itself(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.refuse_next_send = {"code": "too_fast", "message": "slow", "retry_after_s": 0.3, "request_id": "r"}
    await send(browser_page, "慢一点")
    await until(lambda: desk.only.messages[-1]["text"] == "慢一点")
    await expect(browser_page.locator(".failed")).to_have_count(0)


async def test_the_order_holds_when_the_service_asks_to_wait(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.refuse_next_send = {"code": "too_fast", "message": "slow", "retry_after_s": 0.5, "request_id": "r"}
    for text in ("一", "二", "三"):
        await send(browser_page, text)
    await until(lambda: len(desk.only.messages) == 4)
    assert [message["text"] for message in desk.only.messages] == ["在吗", "一", "二", "三"]


async def test_words_sent_with_a_picture_come_after_it(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    picture: FilePayload = {"name": "盒子.png", "mimeType": "image/png", "buffer": PNG}
    await browser_page.locator("anxin-chat input[type=file]").set_input_files([picture])
    await send(browser_page, "盒子是这样的")
    await until(lambda: len(desk.only.messages) == 3)
    assert [message["kind"] for message in desk.only.messages] == ["text", "image", "text"]


async def test_a_person_is_one_tap_away_and_the_header_tells_who_answers(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk, address = fake_desk
    await open_chat(browser_page, address)
    who = browser_page.locator(".who")
    await expect(who).to_have_text("智能助手为您服务")
    await browser_page.get_by_role("button", name="转人工").click()
    await expect(who).to_have_text("排队中，前面还有 1 位，约 3 分钟")
    await expect(browser_page.get_by_role("button", name="转人工")).to_have_count(0)
    await desk.set_state(desk.only, owner="agent", agent={"name": "小林"}, queue=None)
    await expect(who).to_have_text("小林 为您服务")
    await expect(browser_page.locator(".face")).to_have_text("林")
    await desk.say(desk.only, "您好，我是小林。", sender="agent", agent="小林")
    await expect(browser_page.locator(".mark-agent")).to_have_text("小林")
    await desk.set_state(desk.only, owner="none", agent=None, resolution="solved")
    await expect(browser_page.locator(".closed")).to_have_text("会话已结束，发送新消息可继续。")
    await send(browser_page, "还有一个问题")
    await expect(browser_page.locator(".closed")).to_be_hidden()


async def test_new_messages_never_pull_someone_who_scrolled_up(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    for number in range(30):
        await desk.say(desk.only, f"历史 {number}")
    await expect(bubbles(browser_page, "bot")).to_have_count(30)
    scroller = browser_page.locator(".scroll")
    await scroller.evaluate("(element) => { element.scrollTop = 0; }")
    await expect(browser_page.locator(".chip-new")).to_be_visible()
    for text in ("新的一条", "新的两条"):
        await desk.say(desk.only, text)
    await expect(browser_page.locator(".chip-new")).to_have_text("2 条新消息")
    assert await scroller.evaluate("(element) => element.scrollTop") == 0
    await browser_page.locator(".chip-new").click()
    await expect(browser_page.locator(".chip-new")).to_be_hidden()
    await expect(bubbles(browser_page, "bot").last).to_be_in_viewport()


async def test_typing_dots_only_while_something_is_on_its_way(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.tell(desk.only, {"type": "typing", "sender": "bot", "active": True})
    await expect(browser_page.get_by_role("img", name="智能助手正在输入")).to_be_visible()
    await desk.say(desk.only, "好了")
    await expect(browser_page.locator(".dots")).to_have_count(0)


async def test_unread_messages_are_counted_while_closed(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await field_of(browser_page).press("Escape")
    await expect(browser_page.get_by_role("dialog")).to_be_hidden()
    await expect(browser_page.locator(".launcher")).to_be_focused()
    await desk.say(desk.only, "一")
    await desk.say(desk.only, "二")
    await expect(browser_page.get_by_role("button", name="打开客服，2 条未读消息")).to_be_visible()
    await browser_page.locator(".launcher").click()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.get_by_role("button", name="打开客服", exact=True)).to_be_visible()
    await until(lambda: any(request == {**request, "type": "read", "seq": 3} for request in desk.requests))


async def test_a_picture_is_previewed_sent_and_shown_after_a_reload(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    picture: FilePayload = {"name": "盒子.png", "mimeType": "image/png", "buffer": PNG}
    await browser_page.locator("anxin-chat input[type=file]").set_input_files([picture])
    await expect(browser_page.get_by_role("img", name="盒子.png")).to_be_visible()
    await browser_page.get_by_role("button", name="发送", exact=True).click()
    await until(lambda: len(desk.only.messages) == 2)
    assert list(desk.only.attachments.values()) == [("image/png", PNG)]
    await browser_page.reload()
    await browser_page.get_by_role("button", name="您发送的图片").click()
    await expect(browser_page.locator(".lightbox img")).to_be_visible()
    await browser_page.keyboard.press("Escape")
    await expect(browser_page.locator(".lightbox")).to_be_hidden()
    await expect(browser_page.get_by_role("dialog")).to_be_visible()


async def test_a_picture_chosen_while_offline_arrives_later(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.cut()
    picture: FilePayload = {"name": "盒子.png", "mimeType": "image/png", "buffer": PNG}
    await browser_page.locator("anxin-chat input[type=file]").set_input_files([picture])
    await browser_page.get_by_role("button", name="发送", exact=True).click()
    await expect(browser_page.locator(".meta[data-status=sending]")).to_have_count(1)
    desk.mend()
    await until(lambda: [message["kind"] for message in desk.only.messages] == ["text", "image"])
    await expect(browser_page.locator(".meta[data-status=sending]")).to_have_count(0)


async def test_a_first_message_written_offline_starts_the_conversation_later(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk, address = fake_desk
    desk.replies = False
    await open_chat(browser_page, address)
    await desk.cut()
    await send(browser_page, "第一条")
    await expect(browser_page.locator(".bar")).to_contain_text("网络已断开")
    desk.mend()
    await until(lambda: len(desk.conversations) == 1 and len(desk.only.messages) == 1)
    await expect(browser_page.locator(".bar")).to_be_hidden()


async def test_orders_and_cases_are_cards(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.say(desk.only, "", kind="order_card", payload={"order": demo_order()})
    card = browser_page.get_by_role("article", name="订单号 AX2026111800421")
    await expect(card).to_contain_text("¥459.00")
    await card.get_by_role("button", name="查看物流").click()
    await expect(card.locator(".track li").first).to_contain_text("正在派送")
    matter = {"number": "CS7", "type": "return", "state": "waiting_customer", "due_at": timestamp()}
    await desk.say(desk.only, "", kind="case_card", payload={"case": matter})
    await expect(browser_page.locator(".step[aria-current=step]")).to_have_text("等您补充")


async def test_a_degraded_service_is_said_quietly(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await desk.set_service("degraded", "rasa")
    await expect(browser_page.locator(".bar")).to_contain_text("智能助手反应较慢")
    await desk.set_service("ok")
    await expect(browser_page.locator(".bar")).to_be_hidden()


async def test_another_identity_does_not_see_the_conversation(browser_page: Page, fake_desk: Desk) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    await browser_page.get_by_label("以顾客身份登录").select_option("c-1001")
    await expect(bubbles(browser_page)).to_have_count(0)
    await send(browser_page, "我是王芳")
    await until(lambda: len(desk.conversations) == 2)
    assert any("identity" in request for request in desk.requests)
    await browser_page.get_by_label("以顾客身份登录").select_option("")
    await expect(bubbles(browser_page)).to_have_text(["在吗"])


async def test_an_expired_token_starts_anew_with_the_next_message(
    browser_page: Page, fake_desk: Desk
) -> None:
    desk = await in_conversation(browser_page, fake_desk)
    desk.only.token = "another"
    await desk.cut()
    desk.mend()
    await expect(browser_page.locator(".bar")).to_contain_text("这次会话已过期")
    await send(browser_page, "重新开始")
    await until(lambda: len(desk.conversations) == 2)
    await expect(browser_page.locator(".bar")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "shop", "who", "placeholder"),
    [
        ("zh-Hans", "安心优选", "智能助手为您服务", "输入消息"),
        ("zh-Hant-HK", "安心優選", "智能助手為您服務", "輸入訊息"),
        ("en", "Anxin Select", "The assistant answers", "Write a message"),
    ],
)
async def test_three_languages(
    browser_page: Page, fake_desk: Desk, language: str, shop: str, who: str, placeholder: str
) -> None:
    await open_chat(browser_page, fake_desk[1])
    await browser_page.locator("#language").select_option(language)
    await expect(browser_page.locator(".shop")).to_have_text(shop)
    await expect(browser_page.locator(".who")).to_have_text(who)
    await expect(field_of(browser_page)).to_have_attribute("placeholder", placeholder)
    assert await browser_page.evaluate("document.documentElement.lang") == language
    await browser_page.reload()
    await expect(browser_page.locator(".who")).to_have_text(who)


async def test_on_a_phone_the_panel_fills_the_screen_and_holds_the_focus(
    new_context: NewContext, fake_desk: Desk
) -> None:
    page = await (await new_context(**PHONE)).new_page()
    await open_chat(page, fake_desk[1])
    await page.get_by_role("dialog").evaluate(
        "panel => Promise.all(panel.getAnimations().map(rising => rising.finished))"
    )
    box = await page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    await expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "true")
    await page.wait_for_function("document.activeElement.localName === 'anxin-chat'")
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") == "anxin-chat"
    sideways = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert sideways == 0


async def test_on_a_phone_the_focus_stays_when_what_had_it_goes(
    new_context: NewContext, fake_desk: Desk
) -> None:
    page = await (await new_context(**PHONE)).new_page()
    desk = await in_conversation(page, fake_desk)
    replies = [{"id": "b7", "label": "查物流"}]
    await desk.say(desk.only, "需要哪一项？", payload={"quick_replies": replies})
    await page.get_by_role("button", name="查物流").focus()
    await desk.say(desk.only, "我帮您看看")
    await expect(page.get_by_role("button", name="查物流")).to_have_count(0)
    assert await page.evaluate("document.activeElement.localName") == "anxin-chat"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_serious_violation_of_accessibility(
    new_context: NewContext, fake_desk: Desk, scheme: str
) -> None:
    page = await (await new_context(color_scheme=scheme)).new_page()
    desk = await in_conversation(page, fake_desk)
    await desk.say(desk.only, "为您找到订单：", kind="order_card", payload={"order": demo_order()})
    await desk.say(
        desk.only, "小林 已加入会话。", sender="system", kind="notice", payload={"code": "agent_joined"}
    )
    replies = [{"id": "b7", "label": "查物流"}]
    await desk.say(
        desk.only, "还需要什么？", sender="agent", agent="小林", payload={"quick_replies": replies}
    )
    await expect(page.get_by_role("button", name="查物流")).to_be_visible()
    results = await Axe().run(page)
    found = [
        f"{v['id']}: {v['nodes'][0]['html']}"
        for v in results.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert found == []


async def test_it_works_when_a_shop_on_another_origin_embeds_it(
    browser_page: Page, fake_desk: Desk, other_origin: str
) -> None:
    desk, _address = fake_desk
    desk.replies = False
    await open_chat(browser_page, other_origin)
    await expect(browser_page.locator(".shop")).to_have_text("别家小店")
    await send(browser_page, "从别的网站来")
    await until(lambda: len(desk.conversations) == 1)
    await desk.say(desk.only, "欢迎")
    await expect(bubbles(browser_page, "bot")).to_have_text(["欢迎"])


@pytest.fixture
async def other_origin(fake_desk: Desk) -> Any:
    """A shop of its own origin, with a Content-Security-Policy that lets in the desk's scripts and calls, nothing else."""
    _desk, address = fake_desk
    page = f"""<!doctype html><html lang="zh"><title>别家小店</title><h1>别家小店</h1>
        <script src="{address}/widget.js" data-shop="别家小店" data-language="zh-Hans" async></script></html>"""
    policy = f"default-src 'none'; script-src {address}; connect-src {address} {address.replace('http', 'ws')}; img-src blob:"

    async def serve_page(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", serve_page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_pages_are_served_with_the_strict_policy(browser_page: Page, fake_desk: Desk) -> None:
    response = await browser_page.goto(fake_desk[1])
    assert response is not None
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def sends(desk: FakeDesk, text: str) -> int:
    return sum(1 for request in desk.requests if request.get("text") == text)


async def until(holds: Any, limit_s: float = 15) -> None:
    """Waits until it holds; the fake desk runs on the same loop, so sleeping lets it work."""
    async with asyncio.timeout(limit_s):
        while not holds():  # noqa: ASYNC110 (plain values of the fake, which set no events)
            await asyncio.sleep(0.02)
