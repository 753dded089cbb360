"""The agent console in a real browser, against a fake desk that speaks the contract."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.console_story import LONGEST, Talk
from tests.browser.fake_console import PASSWORD, FakeConsole, Refused

LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")


@pytest.fixture
async def fake() -> AsyncIterator[FakeConsole]:
    """A fake desk with nobody waiting, served."""
    fake = FakeConsole()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def page(new_context: NewContext) -> Page:
    """A page as agents have it: 1280 × 768."""
    context = await new_context(viewport={"width": 1280, "height": 768})
    return await context.new_page()


async def sign_in(page: Page, fake: FakeConsole, login: str = "lin") -> None:
    await page.goto(f"{fake.url}/desk")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("combobox", name="接待状态")).to_be_visible()


async def open_first(page: Page) -> Locator:
    """Select my first conversation by its key; answers the transcript."""
    await expect(page.locator(".list-mine .line")).not_to_have_count(0)
    await page.keyboard.press("1")
    log = page.get_by_role("log")
    await expect(log).to_be_visible()
    return log


async def leave_composer(page: Page) -> None:
    """Keys act once nothing is typed into."""
    await page.keyboard.press("Escape")


async def wait_for(fake: FakeConsole, kind: str, count: int = 1) -> list[dict[str, object]]:
    """Wait until so many requests of that type came."""
    for _ in range(100):
        if len(fake.requests(kind)) >= count:
            break
        await asyncio.sleep(0.05)
    assert len(fake.requests(kind)) == count
    return fake.requests(kind)


# --- signing in ------------------------------------------------------------------------------------------------


async def test_wrong_password_is_said_and_what_was_typed_stays(page: Page, fake: FakeConsole) -> None:
    await page.goto(f"{fake.url}/desk")
    await page.get_by_label("账号").fill("lin")
    await page.get_by_label("密码").fill("wrong")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("alert")).to_have_text("账号或密码不对。")
    await expect(page.get_by_label("账号")).to_have_value("lin")


async def test_a_locked_account_is_told_when_to_try_again(page: Page, fake: FakeConsole) -> None:
    fake.fail["sign_in"] = Refused(423, "locked", retry_after_s=600)
    await page.goto(f"{fake.url}/desk")
    await page.get_by_label("账号").fill("lin")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("10 分钟")


async def test_a_first_password_must_be_changed_before_the_console_opens(
    page: Page, fake: FakeConsole
) -> None:
    fake.agents[0]["must_change_password"] = True
    await page.goto(f"{fake.url}/desk")
    await page.get_by_label("账号").fill("lin")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_label("新密码", exact=True).fill("a longer secret")
    await page.get_by_label("再输一次新密码").fill("another secret")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("两次输入不一致")
    await page.get_by_label("再输一次新密码").fill("a longer secret")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("combobox", name="接待状态")).to_be_visible()


async def test_the_session_lasts_over_a_reload_and_ends_by_signing_out(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.reload()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_label("密码")).to_be_visible()


async def test_an_ended_session_leads_to_signing_in_again(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    fake.sessions.clear()
    await fake.cut()
    await expect(page.get_by_label("密码")).to_be_visible()


# --- offers and queue ------------------------------------------------------------------------------------------


async def test_presence_is_told(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("combobox", name="接待状态").select_option("online")
    assert (await wait_for(fake, "presence"))[0]["state"] == "online"


@pytest.mark.parametrize("by", ["key", "click"])
async def test_an_accepted_offer_becomes_mine_and_opens(page: Page, fake: FakeConsole, by: str) -> None:
    await sign_in(page, fake)
    await fake.offer(fake.put(0, owner="queue"))
    await expect(page.locator(".offer")).to_contain_text("王芳")
    if by == "key":
        await page.keyboard.press("a")
    else:
        await page.get_by_role("button", name="接入").click()
    await expect(page.locator(".offer")).to_have_count(0)
    await expect(page.locator(".list-mine .line")).to_have_count(1)
    await expect(page.get_by_role("heading", name="王芳")).to_be_visible()
    await expect(page.get_by_placeholder("输入回复")).to_be_focused()


@pytest.mark.parametrize("by", ["key", "click"])
async def test_a_passed_offer_disappears(page: Page, fake: FakeConsole, by: str) -> None:
    await sign_in(page, fake)
    await fake.offer(fake.put(0, owner="queue"))
    await expect(page.locator(".offer")).to_be_visible()
    if by == "key":
        await page.keyboard.press("p")
    else:
        await page.get_by_role("button", name="跳过").click()
    await expect(page.locator(".offer")).to_have_count(0)
    await wait_for(fake, "pass")


async def test_an_offer_that_went_to_somebody_else_says_so(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    talk = fake.put(0, owner="queue")
    await fake.offer(talk)
    await expect(page.locator(".offer")).to_be_visible()
    await fake.tell({"type": "offer_gone", "conversation_id": talk.id, "why": "expired"})
    await expect(page.locator(".offer")).to_have_count(0)
    await expect(page.locator("anxin-notices")).to_contain_text("没有及时接入")


async def test_an_offer_counts_down(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await fake.offer(fake.put(0, owner="queue"), seconds=9)
    await expect(page.locator(".offer .ring-sign")).to_have_text(re.compile("^[78]$"))


async def test_a_waiting_conversation_is_read_first_and_claimed_then(page: Page, fake: FakeConsole) -> None:
    fake.put(1, owner="queue")
    await sign_in(page, fake)
    await page.locator(".list-queue .line-button").click()
    await expect(page.get_by_role("log")).to_contain_text("收到了")
    await expect(page.locator("#composer-input")).to_be_disabled()
    await page.locator(".talk-banner").get_by_role("button", name="接手").click()
    await expect(page.locator("#composer-input")).to_be_enabled()
    await expect(page.locator(".list-mine .line")).to_have_count(1)


# --- a conversation --------------------------------------------------------------------------------------------


async def test_a_reply_stands_at_once_and_is_sent_once(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await page.keyboard.type("马上为您查")
    await page.keyboard.press("Enter")
    await expect(log.get_by_text("马上为您查")).to_have_count(1)
    await expect(log.locator(".is-sending")).to_have_count(0)
    assert talk.messages[-1]["text"] == "马上为您查"
    await expect(page.get_by_placeholder("输入回复")).to_have_value("")


async def test_shift_enter_breaks_the_line(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await page.keyboard.type("一")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("二")
    await page.keyboard.press("Enter")
    await wait_for(fake, "reply")
    assert talk.messages[-1]["text"] == "一\n二"


async def test_enter_that_chooses_a_character_does_not_send(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await page.keyboard.type("ni")
    press = (
        "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    await page.locator("#composer-input").evaluate(press)
    await expect(page.locator("#composer-input")).to_have_value("ni")
    assert fake.requests("reply") == []


async def test_a_reply_that_was_refused_can_go_back_to_the_draft(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    fake.fail["reply"] = Refused(409, "conversation_closed")
    await page.keyboard.type("还在吗")
    await page.keyboard.press("Enter")
    await expect(log.get_by_role("alert")).to_contain_text("未发送")
    await log.get_by_role("button", name="放回输入框").click()
    await expect(page.locator("#composer-input")).to_have_value("还在吗")


async def test_a_note_is_for_colleagues_and_looks_different(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("n")
    await page.keyboard.type("VIP，优先处理")
    await page.keyboard.press("Enter")
    await expect(log.locator(".kind-note")).to_contain_text("小林 的备注 · 顾客看不到")
    assert talk.messages[-1]["kind"] == "note"
    assert fake.requests("reply") == []


async def test_drafts_are_kept_per_conversation_and_over_a_reload(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    fake.put(1)
    await sign_in(page, fake)
    await open_first(page)
    await page.keyboard.type("第一个草稿")
    await leave_composer(page)
    await page.keyboard.press("2")
    await expect(page.locator("#composer-input")).to_have_value("")
    await leave_composer(page)
    await page.reload()
    await open_first(page)
    await expect(page.locator("#composer-input")).to_have_value("第一个草稿")


async def test_markup_of_customers_stays_text(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await fake.append(talk.id, "customer", "<img src=x onerror=alert(1)><b>粗</b>")
    await expect(log.get_by_text("<img src=x onerror=alert(1)><b>粗</b>")).to_be_visible()
    assert await log.locator("b").count() == 0


async def test_new_messages_do_not_pull_a_reader_who_is_further_up(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    for n in range(60):
        await fake.append(talk.id, "customer", f"消息 {n}")
    await sign_in(page, fake)
    log = await open_first(page)
    await log.evaluate("list => { list.scrollTop = 0 }")
    await fake.append(talk.id, "customer", "最新的一条")
    chip = page.locator(".chip-new")
    await expect(chip).to_have_text("1 条新消息")
    assert await log.evaluate("list => list.scrollTop") < 5
    await chip.click()
    await expect(log.get_by_text("最新的一条")).to_be_in_viewport()
    await expect(chip).to_be_hidden()


async def test_the_customer_typing_shows_until_the_message_comes(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await fake.tell({"type": "typing", "conversation_id": talk.id, "active": True})
    await expect(page.get_by_text("顾客正在输入")).to_be_visible()
    await fake.append(talk.id, "customer", "好")
    await expect(page.get_by_text("顾客正在输入")).to_be_hidden()


async def test_a_picture_that_loads_later_does_not_push_the_end_out_of_sight(
    page: Page, fake: FakeConsole
) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await fake.append(talk.id, "customer", "", kind="image", payload={"attachment_id": "a1"})
    await expect(log.get_by_role("img", name="顾客发来的图片")).to_be_in_viewport(ratio=0.99)
    await fake.tell({"type": "typing", "conversation_id": talk.id, "active": True})
    await expect(page.get_by_text("顾客正在输入")).to_be_visible()
    await expect(log.get_by_role("img", name="顾客发来的图片")).to_be_in_viewport(ratio=0.99)


async def test_pictures_and_order_cards_show(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await fake.append(talk.id, "customer", "", kind="image", payload={"attachment_id": "a1"})
    picture = log.get_by_role("img", name="顾客发来的图片")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 120
    await expect(log.locator(".order")).to_contain_text("¥1,299.00")


async def test_brief_says_how_long_the_order_may_go_back(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    talk.brief["order"]["return_eligibility"] = {
        "verdict": "window_over", "window_days": 7, "until": "2026-11-18", "days_left": None, "days_over": 3,
        "quality_until": "2026-11-26", "is_quality_open": True, "limits": [],
        "late_grant": "senior", "late_until": "2026-11-25", "figures": {}, "policy_revision": 1,
    }  # fmt: skip
    await sign_in(page, fake)
    await open_first(page)
    await expect(page.locator("anxin-brief .order-return")).to_contain_text("已过 3 天，高级客服可批到")


async def test_messages_are_told_as_read(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    await expect(page.locator(".list-mine .line-unread")).to_have_text("2")
    await open_first(page)
    await expect(page.locator(".list-mine .line-unread")).to_be_hidden()
    await wait_for(fake, "read")
    assert talk.read == len(talk.messages)


# --- leaving one's hands ---------------------------------------------------------------------------------------


async def test_resolving_can_be_undone_before_it_is_sent(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("r")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="撤销").click()
    await expect(page.locator(".notice")).to_have_count(0)
    await page.wait_for_timeout(7_000)
    assert fake.requests("close") == []


async def test_resolving_is_sent_once_the_time_to_undo_is_over(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("r")
    await page.get_by_role("button", name="未解决").click()
    await expect(page.locator(".list-mine .line")).to_have_count(0, timeout=10_000)
    assert (await wait_for(fake, "close"))[0]["resolution"] == "unsolved"


async def test_handing_back_tells_the_bot_what_was_done(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await page.get_by_role("button", name="交回机器人").click()
    await page.get_by_label("告诉机器人已处理了什么").fill("地址已改好")
    await page.keyboard.press("Enter")
    await expect(page.locator(".list-mine .line")).to_have_count(0)
    assert (await wait_for(fake, "hand_back"))[0]["summary"] == "地址已改好"


async def test_transferring_offers_those_who_are_online_with_room(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    fake.agents[1]["presence"] = "online"
    fake.agents[2] |= {"presence": "online", "load": 8}
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("管理员")).to_be_disabled()
    await dialog.get_by_label("美玲").check()
    await dialog.get_by_label("给对方的说明").fill("她要粤语服务")
    await dialog.get_by_role("button", name="转接").click()
    sent = (await wait_for(fake, "transfer"))[0]
    assert (sent["agent_id"], sent["note"]) == (fake.agents[1]["id"], "她要粤语服务")


async def test_escalating_takes_its_words_along(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("e")
    await page.get_by_label("为什么升级").fill("要求赔偿")
    await page.keyboard.press("Enter")
    sent = (await wait_for(fake, "transfer"))[0]
    assert (sent["agent_id"], sent["note"], sent["level"]) == (None, "升级：要求赔偿", "supervisor")


async def test_a_conversation_that_was_taken_says_so_and_keeps_the_draft(
    page: Page, fake: FakeConsole
) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await page.keyboard.type("我正在写")
    await fake.take_away(talk)
    await expect(page.locator(".talk-banner")).to_contain_text("这个会话已不归你")
    await expect(page.locator("#composer-input")).to_be_disabled()
    await expect(page.locator("#composer-input")).to_have_value("我正在写")
    await expect(page.locator(".list-mine .line")).to_have_count(0)


# --- keys ------------------------------------------------------------------------------------------------------


async def test_canned_replies_come_by_slash_and_in_the_conversations_language(
    page: Page, fake: FakeConsole
) -> None:
    talk = fake.put(3)
    await sign_in(page, fake)
    await open_first(page)
    assert talk.language == "en"
    await page.keyboard.type("/ref")
    await expect(page.locator(".canned [role=option]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer-input")).to_have_value(re.compile("^The refund is on its way"))
    assert fake.requests("reply") == []


async def test_letters_while_typing_are_only_letters(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await fake.offer(fake.put(1, owner="queue"))
    await expect(page.locator(".offer")).to_be_visible()
    await page.keyboard.type("apnter?")
    await expect(page.locator(".offer")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_question_mark_lists_the_keys_and_escape_closes_one_layer_at_a_time(
    page: Page, fake: FakeConsole
) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await leave_composer(page)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("快捷键")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("log")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("log")).to_be_hidden()


async def test_columns_are_dragged_and_remembered(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    handle = page.get_by_role("separator", name="调整左栏宽度")
    box = await handle.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 4, 300)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 64, 300, steps=4)
    await page.mouse.up()
    await expect(handle).to_have_attribute("aria-valuenow", "380")
    await page.reload()
    await expect(handle).to_have_attribute("aria-valuenow", "380")


# --- the connection --------------------------------------------------------------------------------------------


async def test_after_a_cut_everything_missed_is_there_once_and_in_order(
    page: Page, fake: FakeConsole
) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    await expect(log.locator("[data-seq]").last).to_be_visible()
    fake.refusing = True
    await fake.cut()
    await expect(page.get_by_text("连接已断开")).to_be_visible()
    await page.keyboard.type("断线时写的")
    await page.keyboard.press("Enter")
    await page.keyboard.type("还在写")
    for n in range(3):
        await fake.append(talk.id, "customer", f"断线消息 {n}")
    fake.refusing = False
    await expect(page.get_by_text("连接已断开")).to_be_hidden(timeout=15_000)
    await expect(log.get_by_text("断线消息 2")).to_be_visible()
    await expect(log.locator(".is-sending")).to_have_count(0)
    await expect(page.locator("#composer-input")).to_have_value("还在写")
    shown = await log.locator("[data-seq]").evaluate_all("rows => rows.map(row => Number(row.dataset.seq))")
    assert shown == list(range(1, len(talk.messages) + 1))
    assert [m["text"] for m in talk.messages].count("断线时写的") == 1


async def test_a_gap_in_the_events_is_filled(page: Page, fake: FakeConsole) -> None:
    talk = fake.put(0)
    await sign_in(page, fake)
    log = await open_first(page)
    windows, fake.windows = fake.windows, []
    await fake.append(talk.id, "customer", "没有收到的")
    fake.windows = windows
    await fake.append(talk.id, "customer", "收到的")
    await expect(log.get_by_text("没有收到的")).to_be_visible()
    shown = await log.locator("[data-seq]").evaluate_all("rows => rows.map(row => Number(row.dataset.seq))")
    assert shown == list(range(1, len(talk.messages) + 1))


async def test_parts_that_are_not_well_are_named(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await fake.tell({"type": "service", "status": "degraded", "parts": ["rasa"]})
    await expect(page.get_by_text("有部件不正常：机器人")).to_be_visible()


# --- how it looks ----------------------------------------------------------------------------------------------


async def test_twelve_conversations_stand_in_768_pixels(page: Page, fake: FakeConsole) -> None:
    for n in range(30):
        fake.put(n)
    await sign_in(page, fake)
    lines = page.locator(".list-mine .line")
    await expect(lines).to_have_count(30)
    seen = await lines.evaluate_all(
        "rows => rows.filter(row => row.getBoundingClientRect().bottom <= row.parentElement.getBoundingClientRect().bottom).length"
    )
    assert seen >= 12


async def test_what_is_not_known_says_unknown(page: Page, fake: FakeConsole) -> None:
    fake.put(3)
    await sign_in(page, fake)
    await open_first(page)
    await expect(page.locator("anxin-brief .brief-order")).to_contain_text("未知")
    await expect(page.locator("anxin-brief .brief-why")).to_contain_text("未知")


async def test_the_brief_names_reasons_in_words(page: Page, fake: FakeConsole) -> None:
    fake.put(1)
    await sign_in(page, fake)
    await open_first(page)
    why = page.locator("anxin-brief .brief-why")
    await expect(why).to_contain_text("情绪激动")
    await expect(why).to_contain_text("「三天了」")
    await expect(page.locator("anxin-brief .mood-line")).to_have_attribute(
        "aria-label", re.compile("从「平静」到「愤怒」")
    )


async def test_dark_is_chosen_and_remembered(page: Page, fake: FakeConsole) -> None:
    await sign_in(page, fake)
    await page.get_by_role("button", name="深色").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_language_changes_in_place(page: Page, fake: FakeConsole) -> None:
    fake.put(0)
    await sign_in(page, fake)
    await open_first(page)
    await page.get_by_role("combobox", name="语言").select_option("en")
    await expect(page.get_by_role("button", name="Resolve")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_on_a_phone_one_column_shows_at_a_time(new_context: NewContext, fake: FakeConsole) -> None:
    fake.put(0)
    context = await new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await sign_in(page, fake)
    await page.locator(".list-mine .line-button").tap()
    await expect(page.get_by_role("log")).to_be_visible()
    await expect(page.locator(".list-mine")).to_be_hidden()
    await page.get_by_role("button", name="交接单").tap()
    await expect(page.get_by_role("region", name="交接单")).to_be_visible()
    await page.get_by_role("button", name="返回").tap()
    await page.get_by_role("button", name="返回").tap()
    await expect(page.locator(".list-mine")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 768, 1440])
async def test_the_longest_text_does_not_widen_the_page(
    new_context: NewContext, fake: FakeConsole, width: int
) -> None:
    talk = fake.put(0)
    talk.customer = {"name": "A" * 80, "vip": True}
    await fake.append(talk.id, "customer", LONGEST)
    context = await new_context(viewport={"width": width, "height": 768})
    page = await context.new_page()
    await sign_in(page, fake)
    await page.locator(".list-mine .line-button").click()
    await expect(page.get_by_role("log")).to_contain_text("Donaudampf")
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.get_by_role("log").evaluate("list => list.scrollWidth <= list.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(new_context: NewContext, fake: FakeConsole, scheme: str) -> None:
    talks: list[Talk] = [fake.put(n) for n in range(6)]
    fake.put(7, owner="queue")
    await fake.append(talks[0].id, "agent", "请稍等", agent={"name": "小林"})
    await fake.append(talks[0].id, "agent", "内部备注", agent={"name": "小林"}, kind="note")
    context = await new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = await context.new_page()
    await sign_in(page, fake)
    await open_first(page)
    await fake.offer(fake.put(8, owner="queue"))
    await expect(page.locator(".offer")).to_be_visible()
    await expect(page.locator("anxin-brief .order")).to_be_visible()
    results = await Axe().run(page)
    serious = [v for v in results.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious] == []
