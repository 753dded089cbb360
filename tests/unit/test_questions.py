"""What customers write that asks nothing is told from what asks or needs something, in three languages, marks or none."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from knowledge_base.entries import load_content
from knowledge_base.policy import LANGUAGES
from knowledge_base.questions import asks_or_needs, is_statement
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"

STATEMENTS = {
    "zh-Hans": """
        太谢谢你啦 | 那真是帮了大忙 | 谢谢你这么耐心 | 麻烦你们了哈 | 行，那就这样定了 | 嗯嗯 就按这个来
        没别的事了 | 好嘞，听你的
        那好吧，只能这样了 | 哦这样子啊 | 原来是这样 | 我懂了 | 明白你意思了 | 你说得对 | 确认无误 | 是我本人
        没问题，可以 | 不需要，谢谢
        先不弄了 | 暂时不用了 | 不麻烦了 | 那我先不退了 | 已经解决啦 | 问题搞定了 辛苦 | 我收到货了，谢谢
        钱到账了 谢谢 | 退款收到了 | 快递刚送来了
        我拍了照片发你 | 照片发过去了 | 视频也传上去了 | 截图在上面 | 图片我已经上传好了 | 已经发了 | 刚才付好了
        我付过款了 | 单子我刚提交 | 申请提交过了
        我已经寄出去了 | 东西今天上午寄走了 | 快递员刚取走 | 我填好了 | 验证码我输进去了 | 我刚把地址发给你了
        上面说过了 | 我前面发过订单号了
        我在上班 | 现在不方便看手机 | 我在开车 | 在外面呢，晚点说 | 我去拿一下快递单 | 等我找一下订单 | 我翻翻记录
        稍等我拍一下 | 我问下我老婆
        我再等等吧 | 那我等通知 | 不急，慢慢来 | 我等你们消息 | 那就再等两天 | 好的我耐心等 | 行吧 那我明天再看看
        我先试试看
        气死了 | 无语 | 真是服了 | 太让人失望了 | 烦死人了 | 什么破店 | 垃圾 | 真是醉了 | 你们真行 | 呵呵，厉害
        太过分了吧 | 心态崩了 | 笑死我了
        抬头 上海云帆科技有限公司 | 发票抬头是杭州明月餐饮管理有限公司 | 税号 91330106MA2KXYZ123
        纳税人识别号91440300708461136T | 开户行 招商银行南山支行
        公司名称：成都锦里文化传播有限公司 | 订单号 AX20261103000215 | 快递单号SF1380092846617 | 75412098833641
        单号就是这个 YT8899201736452
        手机尾号 8842 | 我手机号是13800138000 | 邮箱 lin.wei@163.com | 发我QQ邮箱 88231@qq.com | 我叫赵敏
        我姓欧阳 | 收件人 陈晓东 | 王建国 13566667777
        广东省佛山市南海区桂城街道灯湖东路6号 | 南京市鼓楼区中山北路88号3栋1204 | 地址是武汉市洪山区珞喻路1037号
        12栋2单元603室
        昨天下午三点左右 | 11月5号买的 | 上周五签收的 | 明天上午我在家 | 大概六点以后 | 前天晚上 | 周末都有空
        今天中午刚到的 | 三个月前吧
        因为颜色不太喜欢 | 主要是尺码偏小 | 单纯不喜欢 | 个人原因 | 拍重复了所以不要 | 就是觉得不合适
        理由是买多了 | 黑色 | 要黑色的那个 | L码的 | 两件都是
        祝你工作顺利 | 拜拜啦，祝生意兴隆 | 周末愉快 | 那先这样，回头聊 | 下次再来光顾 | 晚安咯 | 早点休息吧
        好的，再见 | 你也辛苦了早点下班
    """,
    "zh-Hant-HK": """
        唔該晒你呀 | 多謝幫手 | 真係好多謝你 | 得喇，冇嘢喇 | 好呀 就咁啦 | 係呀冇錯 | 啱喇，係我 | 明白晒
        知道喇，唔該 | 哦，原來係咁 | ok，照你講咁做
        唔使喇 | 暫時唔使住 | 唔退住先 | 搞掂咗喇 | 件貨收到喇 多謝 | 啲錢退返咗喇 | 啱啱簽收咗 | 影咗相send俾你喇
        相我upload咗 | 上面幅圖就係 | 已經俾咗錢
        我啱啱交咗申請 | 今朝已經寄咗出去 | 速遞員啱啱攞走咗 | 填晒資料喇 | 頭先講過喇 | 我返緊工 | 而家開緊會
        揸緊車 遲啲講 | 等我搵下張單先 | 等等，我影返張相
        我問下我老公先 | 我再等下啦 | 咁我等你消息 | 唔急，慢慢嚟 | 咁我聽日再睇下 | 激死我 | 嬲到震 | 無言
        真係頂唔順 | 好離譜囉 | 癡線 | 乜鬼嘢公司嚟㗎 | 笑死
        抬頭 九龍倉貿易有限公司 | 公司名係永盛國際有限公司 | 商業登記號碼 52817734 | 訂單編號 AX20261028000931
        運單號 SF1029384756601 | 電話尾四位 6621
        我電話係98765432 | 電郵 ho.chan@gmail.com | 我叫陳家豪 | 我姓何 | 收件人係李詠詩
        新界沙田大圍美田路1號5座23樓B室 | 九龍觀塘道418號12樓 | 地址係銅鑼灣軒尼詩道500號
        尋晚八點左右 | 十月廿八號買嘅 | 上星期三收到 | 聽日下晝我喺屋企 | 七點之後啦 | 啱啱今朝先到 | 因為隻色唔襯
        純粹唔鍾意 | 個人理由 | 買重咗一件
        黑色嗰件 | 中碼嘅 | 兩對都係 | 祝你生意興隆 | 拜拜，早啲休息 | 下次再幫襯 | 得閒再傾 | 咁先啦，多謝
        晚安喇 | 早抖呀
    """,
    "en": """
        thank you so much for your help | that was really kind of you | cheers mate, appreciate it
        ok that's fine with me | sounds good to me | alright, let's do that
        yes that's correct | right, that's me | i agree | no thanks, i'm good | not for now, thank you
        i'll keep it then | that's all i needed | it's sorted now, thanks
        got my money back, thank you | it arrived this morning, all good | i received the refund already
        i see, makes sense | okay i understand now
        i took some photos and sent them to you | pictures are attached | just uploaded the video
        screenshot sent above | i've already sent it | i just paid
        payment's done | i have submitted the form | i posted it yesterday | the courier picked it up this morning
        i filled everything in | already told you that
        i gave you the number earlier | i'm at work right now | i'm driving, will write later
        in a meeting, one sec | let me find the order | give me a minute
        hold on, i'm looking for it | i'll ask my wife first | i'll wait a bit longer then
        no rush, take your time | waiting for your reply | i'll check again tomorrow
        i'll think about it | this is ridiculous | unbelievable | what a joke | i'm so fed up
        you guys are a disgrace | so annoying | are you kidding me | wtf | i'm speechless
        what a terrible shop | very disappointing | lol that's hilarious | company name is Blue Harbour Trading Ltd
        bill to Nordwind Logistics GmbH | vat number DE298374651
        tax id 91310115MA1K4XYZ9Q | order AX20261112000458 | the order number is AX20261030000712
        tracking number 1Z999AA10123456784 | my phone ends in 4471
        my number is +852 9123 4567 | jane.doe@example.com | my email is t.baker@mail.co.uk
        my name is Oliver Grant | it's under Sophie Lau | i'm Mrs Henderson
        flat 12b, 48 queen's road central, hong kong | 221 elm street, apartment 4
        room 1508, tower 3, harbour city | last tuesday around noon | bought on november 3rd
        tomorrow after 5pm | i'm home all weekend | about two weeks ago | between 9 and 11 in the morning
        it came yesterday | because i don't like the colour
        just changed my mind | personal reasons | it was a duplicate order | the black one | size medium
        both of them | two pieces | navy blue please
        have a great weekend | take care, bye | see you next time | good night then | all the best to your team
        have a good one | talk to you later
    """,
}
"""Thanks, confirmations, closings, facts given, what was done, waiting, displeasure and praise without a need, farewells."""

QUESTIONS = {
    "zh-Hans": """
        发票 | 运费 | 退款 | 换货 | 人工 | 优惠券 | 密码 | 保修期 | 物流不动了 | 衣服破了 | 还没到 | 没收到货
        怎么还没发货 | 屏幕碎了 | 少了一只袜子 | 发错颜色了
        我想退货 | 帮我取消吧 | 地址写错了 | 手机号换了 | 登不上去了 | 账号被锁 | 扣了我两次钱 | 降价了 | 券用不了
        积分没了 | 洗衣机漏水 | 耳机一边没声音 | 鞋子开胶了
        快递员骂我 | 东西是假的吧 | 退款少了二十 | 退款没收到 | 仓库收到了钱没退 | 我拍了照片，接下来呢
        照片发哪里 | 已经寄出去了，多久退钱 | 刚付好款，能今天发吗
        已经发了三天还没到 | 付过款了显示未付款 | 申请提交了没人审核 | 我在上班，能放驿站吗 | 我再等等，最晚哪天到
        等了一个星期了还没发货 | 气死了，到现在没人处理我的退款 | 无语，又发错货
        太过分了，我要投诉 | 什么时候上班 | 谢谢，那运费谁出 | 好的，那多久到账 | 知道了，发票呢
        不用了，帮我取消订单 | 抬头填什么 | 税号必须填吗 | 抬头写错了怎么改
        公司抬头怎么开 | 订单AX20261103000215到哪了 | SF1380092846617 没动静 | 单号查不到
        尾号8842的订单怎么还没发 | 地址改成南京市鼓楼区中山北路88号3栋1204 | 地址能改吗
        换成黑色 | 想要L码 | 黑色换白色行不行 | 昨天买的今天降价了 | 上周五签收的还能退吗 | 11月5号买的现在坏了
        明天上午送 行吗 | 周末能送货吗 | 晚点再送
        因为尺码偏小想换 | 买大了怎么办 | 不喜欢可以退不 | 质量太差要退 | 颜色发错了 | 收到的是别人的包裹
        包裹丢了 | 显示签收了我没拿到 | 取件码 | 催一下 | 快点发货
        赠品没给 | 有点瑕疵 | 充不进电 | 坏了 | 起球了 | 掉色 | 漏发 | 补发 | 查物流 | 运单号 | 拒收 | 保价
        花呗分期 | 注销账号 | 会员权益 | 会员等级 | 投诉 | 转人工 | 客服电话
        有人打电话要验证码 | 是不是骗子 | 订单自己关闭了 | 付款失败 | 缺货 | 到货通知 | 合并订单 | 加一件 | 赔偿
        退货地址发我 | 退货期过了 | 申请过期了 | 只退一件 | 盒子扔了 | 拆封了还给退不
    """,
    "zh-Hant-HK": """
        單據 | 退錢 | 幾時到 | 件貨未到 | 件衫爛咗 | 未收到貨 | 寄錯咗色 | 漏咗一件 | 想換細碼 | 想退貨
        張券用唔到 | 啲分唔見咗 | 登入唔到 | 唔記得密碼 | 改地址 | 取消張單
        物流冇郁 | 話簽收咗但係我冇收過 | 點解仲未寄 | 速遞員好惡 | 保養幾耐 | 整返要幾錢 | 開機開唔到 | 扣咗兩次數
        減咗價 | 已經寄返，幾時退錢 | 影咗相send去邊
        啱啱俾咗錢 幾時寄 | 我返緊工，可唔可以遲啲送 | 咁運費邊個出 | 多謝，咁要等幾耐 | 抬頭寫邊個 | 公司名寫錯咗
        地址改去沙田大圍美田路1號 | 尋日買今日平咗 | 激死我，搵極都冇人理
        我要投訴 | 搵真人 | 係咪騙案 | 香港送唔送 | 包唔包郵 | 順豐得唔得 | 快啲啦等緊用 | 放咗去智能櫃
        唔想要 退得唔得 | 過咗七日 | 隻手錶停咗 | 對鞋甩底 | 冇咗個盒 | 贈品冇寄
        幾時有貨 | 分期 | 點俾錢 | 刪除帳戶 | VIP有咩好處 | 件貨係咪正貨 | 退款少咗 | 拒收得唔得 | 夾單寄 | 邊個速遞
    """,
    "en": """
        invoice | refund | delivery fee | warranty | human please | coupon not working | it hasn't arrived
        still waiting for my parcel | where is it | the zip broke | screen is cracked
        you sent the wrong size | one sock is missing | i want to return this | please cancel it
        need to change the address | can't log in | forgot my password | charged twice
        it's cheaper now | my points are gone | the washing machine leaks | left earbud has no sound
        courier was rude | this looks fake | refund is 20 short | refund not received
        tracking hasn't moved | says delivered but nothing here | i've sent it back, when do i get my money
        just paid, will it ship today | i took photos, where do i send them
        i submitted the form and nobody answers | i'm at work, can it be left with a neighbour
        i'll wait, but what's the latest date | this is ridiculous, i still have no refund
        unbelievable, wrong colour again | thanks, and who pays the shipping | ok but how long does it take
        got it, and the invoice | no thanks, just cancel my order
        what goes in the company name field | is the tax number required | company name is wrong on the invoice
        where's order AX20261103000215 | tracking 1Z999AA10123456784 is stuck
        change the address to 221 elm street, apartment 4 | swap it for black | i'd like a medium instead
        bought it yesterday and today it's on sale | arrived broken
        deliver after 6pm please | leave it at the door please | because it's too small i'd like to exchange
        it's not what i ordered | empty box | doesn't turn on | no sound | it fell apart
        pick-up code | hurry up please | tracking number please | pay in instalments | delete my account
        vip benefits | speak to a manager | complaint | someone called for my code
        is this a scam | my order closed by itself | card declined | out of stock | merge my orders | add one more
        compensation | return address | return window | partial return
        threw away the box | opened it already, can i return | do you ship to macau | which courier | free shipping
        price match | gift was not in the box | refuse the parcel
        repair cost | repaired and broken again | paper invoice | reset my password | no one replies | am i a vip
        i lost the receipt | help | not as described | i need it by friday
    """,
}
"""What asks, or needs something, with a mark or without; many start as a statement does."""


def sentences(block: str) -> list[str]:
    return [s.strip() for line in block.strip().splitlines() for s in line.split("|")]


def test_there_are_enough_of_both() -> None:
    for blocks in (STATEMENTS, QUESTIONS):
        every = [s for block in blocks.values() for s in sentences(block)]
        assert len(every) == len(set(every)) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_is_no_question(language: str) -> None:
    assert [s for s in sentences(STATEMENTS[language]) if not is_statement(s)] == []


@pytest.mark.parametrize("text", ["算啦", "算数", "罷啦", "算", "啲", "噢", "a"])
def test_giving_up_and_single_characters_are_no_question(text: str) -> None:
    assert is_statement(text)


@pytest.mark.parametrize(
    "text",
    [
        "这个呢",
        "可以吗",
        "真的吗",
        "那个呢？",
        "係咪呀",
        "真係？",
        "可唔可以呀",
        "得唔得",
        "这样可以吗",
        "什么？",
        "还有呢",
        "what",
        "what?",
        "really?",
        "are you sure?",
        "is that right",
        "and this one?",
    ],
)
def test_words_that_point_or_ask_alone_ask_nothing_that_a_base_could_answer(text: str) -> None:
    assert is_statement(text)


@pytest.mark.parametrize(
    "text",
    [
        "好了吗",
        "能退吗",
        "是正品吗",
        "那运费呢",
        "会员呢",
        "真的假的",
        "这个能退吗",
        "可以吗 退货",
        "尺码不合适",
        "唔啱身",
        "给个快递单号",
        "发票抬头要开我们公司",
        "还有多久",
        "多久",
        "哪里看",
        "is it genuine",
        "can i return it",
        "what do i do",
        "is it here",
        "and the freight",
    ],
)
def test_a_word_of_the_matter_among_them_is_a_question(text: str) -> None:
    assert not is_statement(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_asks_or_needs_is_no_statement(language: str) -> None:
    assert [s for s in sentences(QUESTIONS[language]) if is_statement(s)] == []


@pytest.mark.parametrize(
    "text",
    [
        "怎么退货",
        "can i return it",
        "so where is it",
        "你们几点下班",
        "可唔可以遲啲送",
        "得唔得",
        "退款",
        "refund",
        "运费呢",
        "寄咗未",
    ],
)
def test_words_of_asking_and_of_a_need_are_seen(text: str) -> None:
    assert asks_or_needs(text)


@pytest.mark.parametrize(
    "text",
    ["那么好看", "it will rain i think", "过几步就行", "that is my cat", "么么哒"],
)
def test_sentences_that_hold_a_piece_of_such_a_word_do_not_ask(text: str) -> None:
    assert not asks_or_needs(text)


def test_no_phrasing_of_the_base_is_a_statement() -> None:
    content = load_content(CONTENT)
    phrasings = [p for e in content.entries.values() for texts in e.phrasings.values() for p in texts]
    assert [p for p in phrasings if is_statement(p)] == []


@pytest.mark.parametrize(
    "words",
    [
        "没了 别 没 真 系 真系 哈 的",
        "收到 黑色 周末 两天 了 昨晚",
        "刚 刚才 图 图片 上面 号",
        "it was the one i sent to you",
        "sent it now and you",
    ],
)
def test_a_long_message_of_such_words_is_read_quickly(words: str) -> None:
    drawn = random.Random(7)
    between = " " if words.isascii() else ""
    text = between.join(drawn.choice(words.split()) for _ in range(200)) + between + "鳄"
    started = time.thread_time()
    assert not is_statement(text)
    assert time.thread_time() - started < 0.25


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("那个我要退货", "我要退货"),
        ("请问一下运费谁出", "运费谁出"),
        ("不好意思，打扰一下，退货地址是哪里", "退货地址是哪里"),
        ("嗯…就是想问一下怎么开发票", "怎么开发票"),
        ("我要咨询下换货", "换货"),
        ("um how do i return this", "how do i return this"),
        ("I'd like to know the return window pls", "the return window"),
        ("can you please tell me where it is", "where it is"),
    ],
)
def test_a_lead_in_is_taken_off(text: str, matter: str) -> None:
    assert query_form(text) == query_form(matter)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("请问下单后多久发货", "下单后多久发货"),
        ("想問下單後幾耐寄出", "下单后多久发货"),
        ("请问下周能到吗", "下周能到吗"),
        ("请问一下午能到吗", "一下午能到吗"),
        ("请问下载发票在哪里", "下载发票在哪里"),
        ("想了解下一步怎么做", "下一步怎么做"),
        ("想问下单号在哪看", "单号在哪看"),
        ("想问下个人信息怎么改", "个人信息怎么改"),
        ("我想问问怎么退货", "怎么退货"),
    ],
)
def test_a_lead_in_does_not_take_the_beginning_of_a_word(text: str, form: str) -> None:
    assert query_form(text) == form


@pytest.mark.parametrize(
    "text",
    """
    那个怎么用 | 额度多少 | 查询一下物流 | 问题件 | 诶 | please | sorry | 我想问 | 就是这样 | 想问题出在哪 | 我想咨询台电话
    咨询下单流程 | 打扰邻居了怎么赔 | 话说明书丢了怎么办 | well packed | ok to return | so so quality
    """.replace("\n", "|").split("|"),
)
def test_what_only_looks_like_a_lead_in_stays(text: str) -> None:
    assert query_form(text) == matching_form(text)


def test_a_long_row_of_lead_ins_is_read_quickly() -> None:
    started = time.thread_time()
    for part in ("请问一下", "嗯", "please ", "那个我", "打扰一下了"):
        query_form(part * 2_000)
    assert time.thread_time() - started < 1.0
