"""What customers write that asks nothing, by kind: courtesy, agreement, acts done, waiting, displeasure, facts given, farewells.

Each pattern must match a whole clause in matching form (text_normalisation), numbers written as 0; a clause that says
more is no statement. Which clauses make a message one: questions.py.
"""

from __future__ import annotations

import re

_REPEATED = re.compile(r"\(\?:([^()\[\]\\]*)\)([*+])")


def _pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern of them all. A repeated group loses what its other words spell («没了» beside «没» and «了»): with two
    ways to read a text, time would double with each word of it."""
    return re.compile("|".join(f"(?:{_REPEATED.sub(_unambiguous, a)})" for a in alternatives))


def _unambiguous(group: re.Match[str]) -> str:
    words = {word for alternative in group[1].split("|") for word in _spelt_out(alternative)}
    kept = [w for w in words if not _is_spelt_by(w, words - {w})]
    return f"(?:{'|'.join(sorted(kept, key=lambda w: (-len(w), w)))}){group[2]}"


def _spelt_out(alternative: str) -> list[str]:
    """«刚才?» is 刚才 and 刚; a repeated character stands once, as the group repeats it."""
    spelt = [""]
    for character, mark in re.findall(r"(.)([?+]?)", alternative):
        spelt = [s + character for s in spelt] + (spelt if mark == "?" else [])
    return [s for s in spelt if s]


def _is_spelt_by(word: str, others: set[str]) -> bool:
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(word[start:end] in others for start in reached):
            reached.add(end)
    return len(word) in reached


COURTESY = re.compile(
    r"(?:非常|十分|万分|特别|真的|很|好|太)?(?:谢+谢*|多谢晒?|感谢|感激)(?:你们|您们?|你|大家|老板|客服|商家|店家|师傅|小姐姐"
    r"|小哥|美女|亲)*(?:的?(?:帮忙|帮助|解答|回复|耐心|耐心解答|支持|服务|指点)(?=\s|$))?[了晒]*"
    r"|辛苦[晒了]*|(?<!不)(?:麻烦|劳烦)[你您]?(?:们)?[晒了]*$|拜拜|掰掰|再见|再会|回见|祝[你您大]\S{1,10}|不客气|客气了"
    r"|(?<![\u3400-\u9fff])(?:(?:请问|客服|亲亲?|老板|店家|掌柜的?|卖家|商家)?(?:在吗|在么|在嘛|在不在|在不|有人吗|有人在吗"
    r"|喂+))"
    r"|[你您]好[呀啊]?|早晨|早安|午安|早上好|中午好|下午好|晚上好|晚安|哈喽|(?<![\u3400-\u9fff])(?:亲亲?|客服)(?=\s|$)"
    r"|\b(?:(?:many |a million )?thank(?:s| you| u)?(?: a (?:lot|bunch|ton|million)| so much| very much| again| kindly)?|thx"
    r"|tnx|ty|tysm|cheers|bye+|byebye|goodbye|hello|hey|hi(?: there)?"
    r"|good (?:morning|evening|afternoon))\b"
)
"""Taken off before anything is searched; a message of nothing else is no question."""

_I = r"我们?|自己|本人"
_NOW = (
    r"现在|目前|正|刚才?|刚刚|啱啱|才|头先|刚好|已经?|早就?|前面|上面|之前|今天|今早|今朝|昨天|昨晚|前天|早上|上午|中午"
    r"|下午|晚上"
)
_THING = (
    r"照片|相片?|图片?|视频|影片|片|截图|凭证|单子|单号|订单号|运单号|快递单号|手机号|号码?|地址|资料|信息|申请|表格?"
    r"|验证码|定金|尾款|款|钱|全部|东西|货"
    r"|件|它|个|这|那|些|包裹|快递员?|快递小哥|订单|名字|抬头|邮箱|短信|退货单|售后"
)
_DID = (
    r"发|传|上传|拍|影|截图|cap图|send|sent|upload|提交|交|填|付|支付|寄|说|讲|提|给|输|写|提供|选|备注|复制|录|取|拿"
    r"|收|签收|确认|下单|注册|登记|打"
)
_DONE = (
    r"了|过|好|完|晒|齐|去|过去|出去|上去|进去|回去|出来|上来|返|返去|到|给|你们?|您|客服|走|来|返来|埋|下|清楚|成功"
    r"|在|上面|下面|里面|完毕|的|啊|啦|喇|呀"
)

DONE = _pattern(
    rf"(?:{_I}|{_NOW}|{_THING}|都|把|将|又|就|也|再|按要求|那边|好的?)*(?:{_DID})(?:{_DONE}|{_THING}|{_DID})*",
    rf"(?:{_I}|{_NOW}|{_THING}|都|有)*(?:在上面|在这里|在这|见上|如上|在里面|就是)|(?:看|见|如)(?:上面|下面|上)?(?:幅"
    rf"|张)?(?:图片?|相|截图|照片)(?:就是)?|上面(?:幅|张)?(?:图片?|相|截图)就?是?",
    rf"(?:{_I}|{_NOW}|都)*(?:退款|钱|货|快递|包裹|东西|件货?|发票|赔付|差价|短信|通知|补发的?|新的|衣服|鞋子?|些|它)*(?:{_I}"
    rf"|{_NOW}|都)*"
    r"(?:收到|到账|到了|送到|送来|拿到|取到|签收|退返了|退回了|退回来|退到|到手)(?:了|货|钱|退款|快递|包裹|东西|短信|啦|喇)*",
    r"(?:问题|事情|已经|都|现在|刚刚|刚)*(?:解决|搞定|搞掂|弄好|处理好|处理完|找到|看到|见到|查到|修好)(?:了|晒|啦|喇|的|啊)*"
    r"|(?:问题|现在|都|已经)*(?:好|清楚|可以|能用|登上)(?:了|晒|啦|喇)+",
    r"(?:(?:i|ive|we|weve|have|just|already|all|now|my wife|my husband|here|done)\s)*"
    r"(?:sent|uploaded|attached|paid|submitted|posted|filled|told|gave|given|shipped|mailed|dropped|took|taken|entered|typed"
    r"|provided|mentioned|confirmed|received|picked|got|done|copied|forwarded)"
    r"(?:\s(?:it|them|that|this|the|my|some|a|all|you|to|in|up|off|out|back|everything|above|below|earlier|before|already|now"
    r"|just|here|yesterday|today|this|morning|afternoon|last|night"
    r"|and|sent|uploaded|photos?|pictures?|pics?|images?|screenshots?|video|videos|form|number|order|payment|money|refund"
    r"|parcel|package|details|info|by|with|courier|again|0))*",
    r"(?:here (?:are|is|s)|heres|see|please see) (?:the |my |a )?(?:photos?|pictures?|pics?|attached|above|screenshot|video"
    r"|attachment|it)(?: above| attached)?",
    r"(?:the |my |all |both )*(?:photos?|pictures?|pics?|screenshots?|videos?|form|payment|payments|request|application|money"
    r"|refund|parcel|package|it|its|thats|everything)"
    r"(?: (?:is|are|was|has|have|been|all|just|now|already|s))* (?:sent|uploaded|attached|above|done|submitted|here|arrived"
    r"|solved|sorted|fixed|resolved|paid|received|complete|filled|through)"
    r"(?: (?:out|in|off|above|now|already|here|today|yesterday|this|morning|good|fine|safely|last|night|to you|and))*",
    r"(?:the )?(?:courier|driver|delivery guy|postman) (?:just )?(?:picked|collected|took) (?:it|them"
    r"|the parcel)(?: up)?(?: (?:just|now|this|morning|today|yesterday))*",
    r"(?:payments|thats|its|all|im) (?:all )?(?:done|sorted|set|paid|solved|good)(?: now)?",
)
"""Sent, paid, submitted, handed over, received, solved."""

_PEOPLE = r"老婆|老公|太太|先生|家人|妈妈?|爸爸?|阿妈|同事|朋友|儿子|女儿|对象|室友|同学"
_WAIT_LEAD = (
    r"那么?|咁|好的?|行吧?|嗯|我们?|就|先|再|耐心|慢慢|明天|后天|晚点|稍后|迟些|迟|回头|回家|晚上|让|只能|继续|请"
    r"|稍|会|去|过去|可以|多|下|你|您|还是"
)
WAITING = _pattern(
    rf"(?:{_WAIT_LEAD})*(?:稍?等(?:等|着|待|候)?|等)(?:一?下|一会儿?|一阵|会儿?|先|住|吧|着|你们?|您|它|消息|通知|回复|结果"
    rf"|两天"
    rf"|几天|\d天|一天|看|再说|好了|就是|就好|啦|的|了|我|们)*",
    rf"(?:{_WAIT_LEAD}|等)*(?:我|先|等|让|去|回头|晚点|迟些|明天)(?:{_WAIT_LEAD}|等)*(?:看|试|找|问|想|考虑|拿|翻|拍|影|截|查"
    rf"|核对|研究|确认|商量|量|取|对比|下载|登|打开|联系)"
    rf"(?:看|试|找|问|想|考虑|翻|查|一?下|下子|张|个|图|相|返|快递单|订单号?|单号?|记录|手机|照片|照|盒子|发票|再说|先|我"
    rf"|{_PEOPLE}|吧|去|着|在|多|两|有没有)*",
    r"(?:我|先|那|就)*(?:不急|不着急|不赶时间|慢慢来|不赶|没那么急)(?:的|慢慢来|你慢慢)*",
    r"(?:ok |okay |then |so |well )*(?:ill|i will|we ll|let me|im|i am|gonna|i need to|i have to|going to)(?: (?:just|still"
    r"|going to|gonna|be|then))* "
    r"(?:wait|waiting|check|think|look|looking|find|see|try|trying|ask|search|searching|get back|come back|write|take|keep"
    r"|measure|dig|confirm|talk|write|let you know)"
    r"(?: (?:a|bit|little|longer|more|then|for|it|again|tomorrow|later|about|over|the|my|order|number|receipt|up|out|first"
    r"|wife|husband|mom|mum|boss|photo|photos|picture|pictures|some|your|reply|answer|and|until|today|tonight|back|on|now"
    r"|days?|minute|moment|another|one|two|to|you|that|this|with|at|box|label|once|im|home|soon|see|into|in))*",
    r"(?:please )?(?:give me|just|hold on|hang on|wait|one|a|need)(?: (?:a|one|just|me|few|couple|second|sec|minute|min"
    r"|moment|minutes|mins|please|more|bit|of|let me check|wait))*",
    r"(?:(?:will|ill) )?(?:write|reply|answer|text|message|get back|be back|brb|back)(?: (?:to|you|later|soon|in|a|bit|back"
    r"|tonight|when|im|home|minute|5|min))*|brb",
    r"waiting(?: (?:for|on|your|reply|answer|response|the|news|here|patiently|then))*|(?:no|theres no|not in a) (?:rush"
    r"|hurry)|take your time|whenever you can",
)
"""The customer waits, looks, asks at home, comes back."""

_BUSY = (
    r"上班|开车|开会|上课|忙|忙着|外面|外地|出差|路上|车上|地铁上?|坐车|吃饭|食饭|单位|公司|学校|医院|返工|揸车|睡觉"
    r"|带孩子|做饭|高铁上|机场|家|家里"
)
STATE = _pattern(
    rf"(?:{_I}|{_NOW}|还|也|今天|人)*(?:在|不在)(?:{_BUSY})(?:呢|中|着|里|的)*|(?:{_I}|{_NOW}|还)*(?:上班|开车|开会|上课|忙"
    rf"|返工"
    rf"|揸车|食饭|吃饭|返学)(?:在|着|呢|中|紧)+(?:会|车|班|饭)?",
    rf"(?:{_I}|{_NOW}|还)*(?:开在会|揸在车|返在工|食在饭|上在课)",
    rf"(?:{_I}|{_NOW}|暂时|这会儿|有点)*(?:不方便|没空|没时间|不得闲|在忙)(?:看手机|接电话|讲电话|讲话|说话|打字|回)*",
    r"(?:晚点|迟些?|待会儿?|回头|等下|一会儿?|稍后|迟点|有空|得闲)(?:再|先|我|会)*(?:说|讲|聊|回|回复|联系|看|弄|处理)(?:你"
    r"|您|你们)?(?:吧)?",
    r"(?:(?:i|im|i am|we are|were|currently|still|sorry|right now|now) )*(?:at (?:work|home|school|the office|the airport"
    r"|the doctor)|in (?:a|the) (?:meeting|car|bus|train|class|office|shop)|driving|travelling|traveling|busy|on (?:the"
    r"|a) (?:bus|train|road|phone|metro|call|trip)|abroad|away|outside|cooking|working|eating)(?: (?:right now|now|today"
    r"|at the moment|until|later|tonight|here))*",
    r"(?:i )?(?:cant|cannot) (?:talk|look|check|type|write)(?: (?:right now|now|at the moment|it))*",
)
"""Where the customer is, and that they cannot look now."""

DISPLEASURE = _pattern(
    r"(?:真的?是?|我|都|要|快|太|好|真系|你们?|这|也|人|简直|实在|非常|有点|特别|够|要被|被|得|了|啊|可|就|搞|整|让|令|叫|给"
    r"|可真|呵|哈|唉|哎|切|把|是|一肚子|吃了|个|算|彻底|系|到|真|好|超)*"
    r"(?:气死|烦死|激死|郁闷死|恶心|无语|无言|服了|醉了|失望|寒心|心寒|过分|离谱|离大谱|可笑|奇葩|垃圾|坑人|坑|差劲|坑爹|火大"
    r"|恼火|生气|嬲|愤怒|崩溃|心态崩|抓狂|郁闷|难受|心累|心塞|顶不顺|忍无可忍|绝了|牛|厉害|笑死|笑了|晕|倒霉|扯|扯淡|闹心"
    r"|糟心|头大|头痛|可恶|荒谬|黐线|痴线|气人|火滚|火都来|吐血|没谁|行|真行|搞笑|尴尬|我去|我晕|我天|天哪|天呐|妈呀|卧槽"
    r"|我靠|靠|屌|丢你|pk|过份|可怜|无奈|绝望|吓人|坑死|累死|惊呆|离晒谱|无谱|好笑)"
    r"(?:了|死|死了|我|人|到|爆|透|透顶|顶|震|你们?|吧|的|啊|一批|得很|得要命|到家|囉|囖|啰|极了|了吧|得不行|气|囖|真|都|晒)*",
    r"(?:什么|什么鬼|这什么|这是什么)?(?:鬼东西|破|烂|垃圾|黑|鬼|辣鸡|狗屁)+(?:店|公司|平台|商家|服务|玩意儿?|东西|态度|客服"
    r"|网站|app|软件|快递)*(?:来的?)?",
    r"(?:oh |well |just |really |so |very |this is |thats |that is |its |it is |what an? |how |im |i am |you guys are "
    r"|you are |youre |your service is |i feel |such |such an? |absolutely |totally |utterly |completely |beyond |feeling "
    r"|pretty |honestly |omg |wow |the worst |worst |a |all |my |bit |makes me |made me )*"
    r"(?:ridiculous|unbelievable|joke|fed up|disgrace|annoying|annoyed|speechless|wtf|omg|terrible|awful|horrible"
    r"|disappointing|disappointed|pathetic|absurd|outrageous|unacceptable|insane|crazy|nonsense|bullshit|crap|rubbish|shame"
    r"|shameful|angry|furious|mad|frustrated|frustrating|upset|upsetting|sad|hilarious|funny|useless|incredible"
    r"|sick of (?:this|it|you)|tired of (?:this|it)|hate (?:this|it|you)|disgusting|appalling|worst|stressful|exhausting|mess"
    r"|circus|nightmare|lame|kidding me|kidding|shocking|shocked|wow|damn|ugh|argh|gosh|jesus|unreal|laughable|lost for words)"
    r"(?: (?:shop|store|service|company|experience|ever|really|honestly|seriously|so|lol|you guys|people|guys|now|me|with you"
    r"|with this|tbh|customer|support))*",
    r"(?:are you|you must be|you have got to be|youve got to be) (?:kidding|joking|serious|having a laugh)(?: me)?|(?:never"
    r"|not) (?:again|buying here again|coming back)|i (?:give up|cant believe (?:this|it)|am done|hate this)|lol (?:thats"
    r"|that is) \w+",
    r"(?:你们?|可)*(?:真|也太|太)(?:可以|行|强|会|逗|牛|厉害|敷衍|气人|离谱)(?:了|的|啊)*",
)
"""Anger, scorn, astonishment, without anything wanted."""

_TIME = (
    r"大概|大约|应该|差不多|好像|左右|以后|之后|之前|以前|前后|昨天|今天|明天|后天|前天|大前天|昨晚|寻晚|今晚|明晚|今早"
    r"|今朝|昨晚|早上|上午|中午|下午|下昼|傍晚|晚上|夜晚|朝早|朝|凌晨|半夜|月初|月底|月中"
    r"|工作日|周末|礼拜|星期|周|上个|下个|这个|上|下|本|前|后|个|月|号|日|天|点钟?|半|分钟?|年|小时|廿|初|末"
    r"|0|1|2|3|4|5|6|7|8|9|一|二|三|四|五|六|七|八|九|十|两|几|百|零|到|至|刚|刚刚|啱啱|国庆|元旦|春节|中秋|双十一|双11|618"
    r"|晚|早|的|了|吧|我|都|也|在家"
    r"|在屋企|屋企|有空|有人|得闲|可以|行|先|才|才到|系|是|随时|去|来|买|收到?|签收|下单|下的单|落单|拍|付款|付的?款|付|订|到"
    r"|到货"
)
FACT = _pattern(
    rf"(?=.*(?:[天日号点月周]|星期|礼拜|早|晚|朝|昼|刚|午|年|随时|双十一|国庆))(?:{_TIME})+",
    r"(?:(?:on|at|in|from|until|till|before|after|around|about|between|by|since|maybe|probably|roughly|i|was|it|its|ordered"
    r"|bought|received|came|arrived|the|a|an|of|and|to|or|ago|last|next|this|every|im|am|home|all|free|any|time|anytime|noon"
    r"|midnight|today|tonight|yesterday|tomorrow|morning|afternoon|evening|night|day|days|week|weeks|weekend|weekends"
    r"|weekdays?|only|hours?|minutes|few|couple|oclock|pm|am|one|two|three|four|five|six|seven|eight|nine|ten|early"
    r"|mon|tue|wed|thu|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july"
    r"|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|\d+(?:st|nd|rd|th|am"
    r"|pm)?)(?:\s|$)){2,}|yesterday|today|tomorrow|tonight|weekdays|weekends|anytime",
    r"(?:因为|主要|单纯|就是|纯粹|只是|觉得|感觉|理由|原因|是|有点|太|不太|偏|我|不是很|不怎么|颜色|尺码|款式|码数|版型|色|隻"
    r"|只|件|这|的|个)*(?:不太?喜欢|不钟意|不合适|不好看|不合身|不衬|不适合|偏小|偏大|个人原因|个人理由|个人问题|没原因"
    r"|没有原因|冲动消费|冲动|买多了|买重了?|买重复了?|拍多了|拍重复了?|重复下单|重复拍了?)(?:了|的|一件|所以不要|而已|颜色"
    r"|款式|这个|它|个?色|隻|件)*",
    r"(?:because |just |simply |only |cos |cause |the reason is |reason )+(?:i |it |its |the |my |we )*(?:dont|didnt|changed"
    r"|change|was|is|s|bought|ordered|no longer|not|looks|look|do not)(?: (?:like|mind|it|the|colour|color|style|my|fit|not"
    r"|for|me|a|gift|too|much|many|one|by|mistake|small|big|as|nice|i|really|that|this|suit))*|(?:personal|no) (?:reasons?"
    r"|particular reason)|(?:just |i |ive )*changed my mind|(?:it was |its )a? ?duplicate(?: order)?",
    r"(?:要|是|拍|选|我|的|那个?|这个?|些|两|三|一|二|都|双|对|件|条|个|只|隻|套|盒|瓶|款|色|码|号|0|1|2|3|4|5|6|7|8|9|单"
    r"|全部|呢|就"
    r"|了)*(?:黑|白|红|蓝|绿|灰|粉|黄|紫|米|棕|橙|藏青|卡其|咖啡|深灰|浅蓝|墨绿|酒红|杏|黑色|x{0,3}[sml]|\d?xl|中码|大码|细码"
    r"|小码|加大|均码|大号|中号|小号|\d{2,3}码)(?:色|的|那|𠮶|这|个|件|双|对|条|款|码|号|隻|只|些|\s|[sml]|x{1,3}l)*",
    r"(?:我|一共|总共|就|都|是|全部|买|拍|了|两|三|四|五|一|二|十|几|0|1|2|3|4|5|6|7|8|9)+(?:件|双|对|条|个|只|隻|套|盒|瓶|箱"
    r"|包)(?:都|是|的"
    r"|东西|货|全部|一样|而已|吧)*",
    r"(?:the |a |in |size |i chose |i picked |its |it was |my size is |colour |color |in )*(?:black|white|red|blue|navy|green"
    r"|grey|gray|pink|yellow|purple|beige|brown|orange|dark|light|navy blue|small|medium|large|extra large|xs|s|m|l|xl|xxl"
    r"|\d{2})(?: (?:one|ones|blue|grey|green|please|size|version|pair|dress|shirt|jacket|shoes|bag|and|black|white|medium"
    r"|large|small))*",
    r"(?:我|是|用|系|当时|都是)+(?:微信|支付宝|花呗|信用卡|银行卡|八达通|云闪付|payme|fps|转数快|白条|储蓄卡)(?:支付|付|刷|给"
    r"|买)?(?:的|款的|款|了)+|(?:微信|支付宝|花呗|信用卡|银行卡|八达通|payme|fps)(?:付|给|刷)(?:款?的)",
    r"(?:i |we |it was )?(?:paid|pay) (?:with|by|via|through|using) (?:my |a |the )?(?:\w+)(?: (?:card|pay|balance))?",
    r"(?:both|all|all three|two|three|one|just one|only one|\d+|a pair)(?: (?:of|them|it|these|pieces?|items?|pairs?|boxes"
    r"|units|only))*",
)
"""Dates and times, reasons, colours, sizes, numbers of pieces: answers to what was asked."""

_LABEL = (
    r"我的?|的|是|为|就|这个|那个|这|个|它|发|到|给|咨询|下单|买家|收货|收件|快递|手机|订单|运单|物流|退货|商业登记"
    r"|纳税人?|身份|识别|会员|税|电话|登记|后四位|尾四位|尾号|尾数|号码|编号|单号|张单|单|号|码|邮箱|电邮|qq|微信|账号|卡号"
    r"|人|用户名|联系|方式|尾|四位|最后|地址"
    r"|my|the|is|it|its|this|that|order|tracking|number|no|num|id|phone|mobile|tel|email|mail|e|tax|vat|ends?|ending|in|with"
    r"|last|four|digits|are|account|username|send|to|at|by|sf|dhl|ups|here|please use|waybill|reference|ref|and"
    r"|you can reach me|call me|on"
)
NUMBER = _pattern(
    r"(?!.*0\s*的?\s*(?:物流|快递|退货|订单))"
    rf"(?:{_LABEL}| )*(?:\d{{1,3}} )?(?:0 ?)+(?:{_LABEL}| )*(?:0 ?)*"
)
"""A number or an address of mail, alone or with what it is."""

NAME = _pattern(
    r"(?:我(?:叫|姓)|(?:我的?)?名字(?:是|叫)?|(?:收件|收货|联系|签收)人(?:名字)?(?:是|叫)?\s*|(?:收件|收货)姓名是?"
    r"|姓)\s*[\u3400-\u9fff]{1,4}(?:先生|女士|小姐|太太)?(?:\s*0)?",
    r"[\u3400-\u9fff]{1,3}(?:先生|女士|小姐|太太)(?:\s*0)?|[\u3400-\u9fff]{2,4}\s*0",
    r"(?:(?:my|the)? ?(?:full |first |last |sur)?name(?: is|s)?|im|i am|its under|it is under|under the name"
    r"|recipient(?: is)?|the recipient is) (?:(?:mr|mrs|ms|miss|dr) )?(?!\w+ing\b|not\b|still\b|waiting\b|sorry\b|looking\b"
    r"|a\b|an\b|the\b|unable\b|very\b|so\b|missing\b|confused\b|stuck\b)[a-z]{2,12}(?: [a-z]{2,12})?(?: 0)?",
    r"我?是?(?:收件人|收货人|买家|本人|顾客|客户)(?:本人)?|(?:im|i am) the (?:buyer|recipient|customer|owner|one who ordered)",
    r"(?:mr|mrs|ms|miss) [a-z]{2,12}(?: [a-z]{2,12})?",
)
"""Who the customer or the recipient is."""

COMPANY = _pattern(
    r"(?:(?:发票)?抬头|公司(?:名称?|全称)?|单位(?:名称)?|户名|买方|购买方)(?:是|为|写|就写"
    r"|名)?\s*[\u3400-\u9fffa-z\s]{2,30}(?:中心|大学|学院|医院|学校|个人|基金会|协会)",
    r"(?!.*(?:送|寄|去|转|投资|改|换|找|联系|想))(?:(?:发票)?抬头|公司(?:名称?|全称)?|单位(?:名称)?|户名|买方|购买方)?(?:是"
    r"|为|写|就写|名)?\s*[\u3400-\u9fffa-z\s]{2,30}(?:公司|集团|事务所|工作室|合作社|商行)(?:\s*(?:税号|纳税人识别号)?\s*0)?",
    r"(?:开户行|开户银行|银行)(?:是|为)?\s*[\u3400-\u9fff]{0,20}行(?:\s*0)?",
    r"(?:(?:the )?company(?: name)?(?: is)?|bill to|invoice to|title|name of the company)? ?[a-z0-9& ]{2,50} (?:ltd|limited"
    r"|inc|llc|gmbh|corp|plc|pte|co)(?: ltd| limited)?(?: 0)?",
    r"(?:(?:发票)?抬头)?(?:是|写|就写)?(?:个人|我个人|公司|单位)(?:的|抬头|就行|名义)*",
)
"""Whom an invoice is for, and its bank."""

FAREWELL = _pattern(
    r"(?:我|先|要|该|去|那)*(?:去?(?:吃饭|食饭|睡觉|睡|瞓|上班|返工|开会|忙|做嘢)(?:去|先|了|觉)*|撤|溜|走|收线|落线|挂|下线"
    r"|收工)(?:了|先|啦|人|啊|喇)*(?:走了|\s*拜)?|拜|白白|溜了|回聊|再联系|后会有期|不阻你\S{0,3}",
    r"(?:那|咁|好的?|就|先|是|行|今天|我|得|嗯)*(?:这样|咁先|咁啦|就咁|这样定|这么定|不说|不聊|下线|下了|走|去忙|忙去|到这里?"
    r"|酱)(?:了|吧|先|啦|的|定)*",
    r"(?:那|就|先|我|咁|好|有事|有问题|需要|有需要|迟些|改天|下次|以后|回头|得闲|有空|明天|之后)*(?:再|会|来|先|见)*(?:聊|讲"
    r"|来|光顾|帮衬|见|联系|找你们?|找您|倾|说|买|会|傾|合作|回购|购买)(?:吧|啦|了|你们?|您|哦)*",
    r"\S{0,6}(?:愉快|快乐|顺利|兴隆|发财|好梦|开心|平安|大卖)|早[点些]?(?:休息|睡|下班|唞|抖|收工)\S{0,3}"
    r"|[你您]也?(?:们)?(?:也)?\s*(?:早[点些]\S{1,4}|保重)|晚安\S{0,2}|保重|下次见|明天见|早唞|早抖",
    r"(?:and |you |i )?(?:too )?(?:have|had|wish you|enjoy)(?: (?:a|an|your|the))? (?:great |good |nice |lovely |wonderful "
    r"|pleasant |rest of |the |your )*(?:day|evening|weekend|week|night|one|time|holiday|holidays|afternoon"
    r"|rest)(?: (?:of the day|everyone|too|ahead|all))*",
    r"(?:ok |well |then )*(?:see (?:you|ya|u)|talk (?:to you )?|speak |catch you |until )(?: ?(?:next|time|later|soon|around"
    r"|tomorrow|again|then|next time|next week))+|see (?:you|ya)|take care(?: of yourself)?|good ?night(?: then| everyone"
    r"| all)?|all the best(?: (?:to|for|you|your|team|and))*|best (?:wishes|regards)|kind regards|laters?|gotta go|gtg|ttyl"
    r"|cya|gn|night night|i must go|going to (?:bed|sleep)|off to bed|(?:logging|signing) off|regards|i (?:have|got"
    r"|need) to (?:go|run)(?: now)?|same to you|you too",
)
"""Goodbyes and good wishes."""

_AGREE_ZH = (
    r"好+的?|好吧|好滴|好嘞|可以的?|行吧?|行的|嗯+|恩+|哦+|噢+|喔|唔?该|是的?|对的?|没错|不错|啱|对对|不是的?|不用了?|不用住"
    r"|不使住?|不用?麻烦了?|没有了?|没事了?|没了|没有?东西了?|没有?错|没关系|知道了?|晓得了?|了解了?|明白了?|懂了?"
    r"|清楚了?|收到了?|算[了数]?|罢了|就这样|那就这样"
    r"|先这样|解决了|搞定了|稍等|等一下|等等|再等等|我等着?|我看看|我找找|我试试|试试|我去看看|哈+|呵+|嘻+|嗨+|非常好|很好"
    r"|满意|太好了?|太棒了?|真棒|真好|很棒|棒|厉害|优秀|点赞|给力|专业|贴心|周到|服务|态度|你们?客服|客服|不错|真不错|很满意"
    r"|好评|五星|给个?|必须|费心|有心|赞|正|靓|帮到|冇问题|无问题|没毛病|正确|准确|当然|接受|愿意|随便|随你|继续|确定|需要"
    r"|看到了?|找到了?|见到了?|就是这个|就这个|这个|那个|这样子?|那样|原来|如此|原来如此"
    r"|只能|定|就按|按|照|听|你们?|您|说|讲|得对|得|做|来|办|弄|意思|的话|确认|无误|本人|同意|没问题|不需要|不需|不麻烦|麻烦"
    r"|帮了?大忙|帮|大忙|忙|帮手|帮忙|帮到手|耐心|这么|这么样|真是|真的|真系|太|非常|十分|好人|啦|哈|喽|呐|嘛|呀|啊|吧|了|的"
    r"|先|已经|都|再|我|那|咁|晒|哂|喇|㗎|系|暂时|不|别的|其他|问题|别|没|啥|什么了|事儿?|其它|要|也|就|行|成|妥|收|搞掂|没了"
    r"|完|ok|okay|哎|诶|唉"
)
AGREEMENT = _pattern(
    rf"(?:那|就)*(?:{_AGREE_ZH})+",
    r"(?:我|想|来|请|麻烦|有点?)*(?:问|咨询|请教|打扰)(?:一下|下|你|您|个?问题|点?事儿?|东西|了)*|请问|(?:我|也|都"
    r"|真的?)*(?:不知道|不记得|不清楚|不太清楚|忘了|没印象)(?:了|啊)?",
    r"(?:i |just |have |got |sorry |a |one |quick )*(?:question|to bother you)|excuse me|(?:i |sorry )*(?:dont|do not"
    r"|cant) (?:know|remember|recall|have (?:it|one|that|the number))(?: (?:it|that|sorry|anymore|right now|now|on me|here))*"
    r"|no idea",
    r"(?:那|我|先|暂时|就|咁|算了|还是)*(?:不|别|唔)(?:退|换|弄|改|取消|申请|处理|搞|麻烦|聊|用|买|修|投诉|打扰)(?:货|款|住"
    r"|你们?|您|了|先|吧|啦|的)*",
    r"(?:(?:ok(?:ay)?|yes|yeah|yep|yup|no|nope|nah|sure|please|great|good|perfect|got|gotcha|it|i|see|alright|all|right|fine"
    r"|never|nevermind|mind|thats|that|this|its|everything|lol|haha|hahaha|understood|nothing|else|noted|cool|nice|correct"
    r"|exactly|absolutely|definitely|one|moment|wait|let|lets|me|check|do|go|ahead|with|sounds|works|for|agree|agreed"
    r"|agreeable|confirm|confirmed|needed|wanted|to|know|makes|make|sense|now|then|im|am|not|thanks|very|really|so|much|kind"
    r"|of|you|your|(?:your|the|for|of|much) help|helpful|helps|helped|appreciate|appreciated|mate|guys|team|dear|sir|was|is"
    r"|were|are|fair|enough|true|indeed|ah|oh|ahh|aha|hmm|well|keep|same|happy|glad|excellent|awesome|amazing|brilliant"
    r"|wonderful|fantastic|lovely|super|works|clear|understand|and|the|a|be|will|ill|at|leave|moment|first|just|sorted|solved"
    r"|whatever|as|say|guess|think|suppose|forget|about|too|best|service|job|work|done|reply|info|time|patience|loud|lot|u"
    r"|both|either|any|option|proceed|continue|accept|accepted|certainly|useful|friendly|polite|patient|grateful|greatly"
    r"|appreciated|god|bless|star|stars|five|legend|found|mine|seen|saw|ya|yea|kk|roger)(?:\s|$))+",
    r"for (?:the|your|all|that|this|everything|letting|explaining|helping|being|getting|clearing|sorting)(?: \w+){0,4}|(?:no"
    r"|nothing) (?:need|more|further|other|else)(?: (?:to|questions?|thanks|from|me|for|now|i|need|help))*|youre? (?:a |the "
    r"|are |an )*(?:star|best|legend|lifesaver|angel|great|amazing|kind|welcome|rock)",
)
"""Yes, no, understood, fine, praise, nothing else, and not doing it after all."""

KINDS = (AGREEMENT, DONE, WAITING, STATE, FACT, NUMBER, NAME, COMPANY, FAREWELL)
"""All but displeasure, which may be worded as a question is."""
LONGEST = 60
"""Characters of a clause from which on it says more than these kinds do; it also bounds the time of matching."""


def is_displeasure(clause: str) -> bool:
    """True for a clause that only says how angry or astonished its writer is."""
    return len(clause) <= LONGEST and bool(DISPLEASURE.fullmatch(clause))


def is_of_a_kind(clause: str) -> bool:
    """True for a clause that is wholly of one of the kinds."""
    return len(clause) <= LONGEST and any(kind.fullmatch(clause) for kind in KINDS)
