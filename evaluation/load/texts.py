"""What the generator's people say. Ordinary sentences of an after-sales chat, of different lengths, in three languages."""

from __future__ import annotations

CUSTOMER = (
    "好的",
    "我看一下",
    "在的，您说",
    "收到的是蓝色的，我订的是灰色",
    "外包装没有问题，里面的盒子有一个角压坏了",
    "我昨天下午四点左右签收的，今天才打开看，照片我等一下发给您",
    "那我是先寄回去，还是等你们那边审核通过以后再寄呢？",
    "可以的话我想换同款大一号，差价我补，麻烦您帮我看看还有没有货",
    "嗰日送到嘅時候我唔喺屋企，係管理處代收嘅",
    "The charger works, but the cable that came with it is about half as long as your page says.",
)
AGENT = (
    "好的，请稍等，我查一下。",
    "查到了，这件商品仓库还有货，我帮您登记换货。",
    "您先不用寄回，等审核通过以后会有快递员上门取件，运费由我们承担。",
    "Thank you, I have noted it.",
)
KNOWN_QUESTIONS = ("七天无理由退货怎么算", "退款多久到账", "退货运费谁出")
"""Phrasings of the demo shop's knowledge base, which it answers with certainty."""
SMALL_TALK = ("你好", "谢谢")
ORDER_QUESTION = ("我的快递到哪了",)
