"""Asking for a person in plain words, in three languages and mixtures; and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.asking import asks_for_person

ASKED = """
转人工
人工
人 工
人工！！！
人工客服在吗
找真人
我要活人
有没有活人
真人客服
你好，转人工
给我接人工
转人工客服
找人工客服处理下
能不能换个人来处理
叫你们经理来
不是人工智能，我要人工
不要机器人，要人工
轉人工
請轉接人工
轉駁真人客服
搵真人
有冇真人呀
可唔可以搵個人同我傾
我想搵人傾
唔該轉人手
human please
Human
agent
get me a human
no bots, human please
Can I speak to someone
i want to talk to a real person
please connect me with a representative
转 human
我要 live agent
I don’t want a bot, I want a person
""".strip().splitlines()

NOT_ASKED = """
你好
人工智能
这是人工智能吗
人工费多少
安装人工费多少钱
不用人工
不需要人工 谢谢
不要转人工
别给我转人工
唔使轉人工
人工客服几点上班
人工客服幾點收工
退款要人工审核吗
人工合成的吗
人工草坪有货吗
真人实拍图
你是机器人吗
找客服电话
给我换货
我想找个人代收
搵人簽收得唔得
humans?
is it made by humans
no need for a human
I don't want to talk to an agent
what is the agent fee
please deliver in person
where is my parcel
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKED)
def test_plain_words_ask_for_a_person(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_words_that_only_look_like_it_do_not(text: str) -> None:
    assert not asks_for_person(text)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert asks_for_person(text) in (True, False)


@pytest.mark.parametrize("text", ["talk " * 2000, "转" * 10_000, "不用" * 5000, "i don't " * 1200])
@pytest.mark.timeout(5)
def test_long_texts_take_bounded_time(text: str) -> None:
    assert not asks_for_person(text)
