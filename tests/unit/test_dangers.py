"""Fraud, injuries and double charges stated in plain words, and what only mentions them."""

from __future__ import annotations

import pytest

from routing.dangers import charged_twice_words, fraud_words, safety_words

SAFETY = """充电宝冒烟了
插座漏电，把我手电到了
孩子吃完上吐下泻
误吞了电池
部機著火
敷完面膜全脸红肿
the heater caught fire
my son swallowed a magnet
it burned my hand""".splitlines()
NOT_SAFETY = """会不会漏电啊
容易过敏的人可以用吗
没有过敏
有防烫伤的款吗
如果爆炸了你们赔吗
担心起火
could the battery explode
will it give me a rash
fire blanket in stock
爆款""".splitlines()
FRAUD = """我的账号被盗了
卡被盗刷了
有人登录了我的账号
这单不是我下的单
有人冒充你们客服
someone logged into my account
my account was hacked
I didn't authorize this payment""".splitlines()
NOT_FRAUD = """怎么防止被盗
账号没被盗
骗子
我的账号登录不了
protect my account from fraud
where is my order""".splitlines()
TWICE = """扣了我两次钱
同一单重复扣款
付了两遍
碌咗我兩次卡
I was charged twice
there is a double charge""".splitlines()
NOT_TWICE = """如果扣了两次怎么办
买了两次都没送赠品
我问了两遍了
I asked you twice
will I be charged twice""".splitlines()


@pytest.mark.parametrize("text", SAFETY)
def test_injury_or_fire_is_found(text: str) -> None:
    assert safety_words(text)


@pytest.mark.parametrize("text", NOT_SAFETY)
def test_questions_about_safety_are_not_injuries(text: str) -> None:
    assert safety_words(text) == ()


@pytest.mark.parametrize("text", FRAUD)
def test_misuse_is_found(text: str) -> None:
    assert fraud_words(text)


@pytest.mark.parametrize("text", NOT_FRAUD)
def test_talk_about_misuse_is_none(text: str) -> None:
    assert fraud_words(text) == ()


@pytest.mark.parametrize("text", TWICE)
def test_money_taken_twice_is_found(text: str) -> None:
    assert charged_twice_words(text)


@pytest.mark.parametrize("text", NOT_TWICE)
def test_other_things_twice_are_not(text: str) -> None:
    assert charged_twice_words(text) == ()


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["扣" * 10_000, "i never " * 1500, "charged " * 1500, "会" * 10_000, ""])
def test_any_length_takes_bounded_time(text: str) -> None:
    assert safety_words(text) == fraud_words(text) == ()
    charged_twice_words(text)
