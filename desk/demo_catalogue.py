"""What the demo shop sells and how it ships: goods, warehouses, cities, couriers, and couriers' wording.

Data only; desk/demo_orders.py makes orders of it. All goods are invented, prices are in cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something on the shelf; `variants` are sizes, colours or volumes as the page names them."""

    sku: str
    category: str
    title: str
    title_en: str
    variants: tuple[str, ...]
    variants_en: tuple[str, ...]
    price_cents: int


def _shelf(category: str, *rows: tuple[str, str, str, str, str]) -> tuple[Product, ...]:
    prefix = category[:4].upper()
    return tuple(
        Product(
            sku=f"{prefix}{1001 + n * 7}",
            category=category,
            title=title,
            title_en=title_en,
            variants=tuple(variants.split("|")),
            variants_en=tuple(variants_en.split("|")),
            price_cents=round(float(yuan) * 100),
        )
        for n, (title, title_en, variants, variants_en, yuan) in enumerate(rows)
    )


_SHELVES: tuple[tuple[Product, ...], ...] = (
    _shelf(
        "clothing",
        (
            "纯棉圆领短袖T恤 男女同款 宽松",
            "Cotton crew-neck T-shirt, relaxed fit",
            "白色 M|白色 L|黑色 L|雾蓝 XL",
            "White M|White L|Black L|Mist blue XL",
            "69",
        ),
        (
            "轻薄羽绒服 90%白鸭绒 可收纳",
            "Light down jacket, 90% white duck down, packable",
            "黑色 L|米白 M|藏青 XL",
            "Black L|Off-white M|Navy XL",
            "399",
        ),
        (
            "高腰阔腿牛仔裤 显瘦垂感",
            "High-waist wide-leg jeans",
            "浅蓝 26|深蓝 27|深蓝 29",
            "Light blue 26|Dark blue 27|Dark blue 29",
            "159",
        ),
        (
            "羊毛混纺针织开衫 V领",
            "Wool-blend V-neck cardigan",
            "燕麦色 M|驼色 L",
            "Oatmeal M|Camel L",
            "229",
        ),
        (
            "速干运动外套 连帽防风",
            "Quick-dry hooded windbreaker",
            "黑色 L|荧光绿 M",
            "Black L|Neon green M",
            "189",
        ),
        (
            "真丝桑蚕丝衬衫 通勤",
            "Mulberry silk shirt",
            "香槟 S|香槟 M|雾粉 M",
            "Champagne S|Champagne M|Pale pink M",
            "468",
        ),
    ),
    _shelf(
        "shoes",
        (
            "透气网面跑步鞋 缓震回弹",
            "Breathable cushioned running shoes",
            "黑白 40|黑白 42|浅灰 38",
            "Black 40|Black 42|Grey 38",
            "269",
        ),
        (
            "真皮乐福鞋 软底一脚蹬",
            "Leather loafers, soft sole",
            "棕色 37|黑色 39|黑色 41",
            "Brown 37|Black 39|Black 41",
            "329",
        ),
        (
            "儿童防滑雪地靴 加绒",
            "Children's snow boots, fleece-lined",
            "粉色 28|藏青 30",
            "Pink 28|Navy 30",
            "119",
        ),
    ),
    _shelf(
        "bags",
        (
            "大容量双肩电脑包 15.6英寸 防泼水",
            "Laptop backpack 15.6in, water-repellent",
            "深灰|黑色",
            "Dark grey|Black",
            "149",
        ),
        (
            "20寸登机箱 静音万向轮",
            "20in cabin suitcase, silent wheels",
            "银色|墨绿",
            "Silver|Dark green",
            "299",
        ),
    ),
    _shelf(
        "electronics",
        (
            "真无线蓝牙耳机 主动降噪 长续航",
            "True wireless earbuds, noise cancelling",
            "曜石黑|云白",
            "Black|White",
            "299",
        ),
        (
            "双频千兆路由器 Wi-Fi 6",
            "Dual-band Wi-Fi 6 router",
            "标准版|Mesh 两只装",
            "Single|Mesh, pack of 2",
            "259",
        ),
        ("65W氮化镓充电器 三口快充", "65 W GaN charger, 3 ports", "白色|黑色", "White|Black", "129"),
        (
            "智能手环 血氧心率 50米防水",
            "Fitness band, heart rate and SpO2",
            "黑色|樱花粉",
            "Black|Pink",
            "199",
        ),
        (
            "机械键盘 87键 热插拔 茶轴",
            "Mechanical keyboard, 87 keys, brown switches",
            "灰白|深空黑",
            "Grey|Black",
            "349",
        ),
    ),
    _shelf(
        "big_electronics",
        (
            "14英寸轻薄笔记本电脑 32G+1TB",
            "14in ultralight laptop, 32 GB + 1 TB",
            "深空灰|月光银",
            "Grey|Silver",
            "6899",
        ),
        (
            "5G旗舰手机 12GB+512GB 长焦影像",
            "5G flagship phone, 12 GB + 512 GB",
            "曜黑|冰川蓝",
            "Black|Glacier blue",
            "5499",
        ),
        ("75英寸4K量子点电视 144Hz", "75in 4K quantum dot TV, 144 Hz", "标准版", "Standard", "5999"),
        ("全画幅微单相机 套机 24-105mm", "Full-frame mirrorless camera kit", "黑色", "Black", "12800"),
    ),
    _shelf(
        "appliance",
        ("IH电饭煲 4L 预约 不粘内胆", "IH rice cooker 4 L", "米白|深灰", "Off-white|Dark grey", "399"),
        (
            "无线手持吸尘器 25kPa 除螨",
            "Cordless stick vacuum, 25 kPa",
            "标准版|除螨套装",
            "Standard|Mite kit",
            "699",
        ),
        ("空气炸锅 5.5L 可视 免翻面", "Air fryer 5.5 L with window", "白色|墨绿", "White|Dark green", "289"),
        ("暖风机 浴室卧室两用 3秒热", "Fan heater for bathroom and bedroom", "白色", "White", "179"),
    ),
    _shelf(
        "home",
        (
            "全棉四件套 60支长绒棉 1.8米床",
            "Cotton bedding set, 4 pieces, 1.8 m",
            "灰蓝|豆沙",
            "Grey blue|Dusty rose",
            "359",
        ),
        ("乳胶枕 护颈 泰国进口原液", "Latex pillow, neck support", "低枕|高枕", "Low|High", "139"),
        ("北欧落地灯 三档调光", "Floor lamp, three brightness steps", "黑色|原木", "Black|Wood", "219"),
        ("加厚收纳箱 带滑轮 三只装", "Storage boxes on wheels, set of 3", "透明|米色", "Clear|Beige", "89"),
    ),
    _shelf(
        "fragile",
        (
            "手绘陶瓷碗碟套装 16头 釉下彩",
            "Hand-painted tableware, 16 pieces",
            "青花|山茶",
            "Blue|Camellia",
            "238",
        ),
        (
            "高硼硅玻璃冷水壶 1.8L 带四杯",
            "Borosilicate glass jug 1.8 L with 4 cups",
            "透明|琥珀",
            "Clear|Amber",
            "79",
        ),
    ),
    _shelf(
        "small_goods",
        ("硅胶锅铲 耐高温 一只", "Silicone spatula", "灰色|红色", "Grey|Red", "15.9"),
        ("抽屉防滑垫 可裁剪 两卷", "Drawer liner, 2 rolls", "透明", "Clear", "19.9"),
        ("数据线 Type-C 1米 编织", "USB-C cable 1 m, braided", "黑色|白色", "Black|White", "24.9"),
    ),
    _shelf(
        "baby",
        ("婴儿纸尿裤 超薄透气 L码 84片", "Nappies size L, 84 pieces", "L 84片", "L 84", "129"),
        ("儿童保温杯 316不锈钢 600ml", "Children's vacuum flask 600 ml", "恐龙|小熊", "Dinosaur|Bear", "99"),
        (
            "积木拼装玩具 520颗粒",
            "Building bricks, 520 pieces",
            "消防站|太空站",
            "Fire station|Space station",
            "169",
        ),
    ),
    _shelf(
        "cosmetics",
        ("玻尿酸保湿精华液 30ml", "Hyaluronic acid serum 30 ml", "30ml|30ml 两支", "30 ml|2 × 30 ml", "139"),
        ("物理防晒乳 SPF50+ 敏感肌", "Mineral sunscreen SPF 50+", "50ml", "50 ml", "109"),
        ("哑光口红 不沾杯", "Matte lipstick", "#03 豆沙|#07 正红", "#03 Rose|#07 Red", "79"),
    ),
    _shelf(
        "underwear",
        ("莫代尔抗菌内裤 男士 四条装", "Men's modal briefs, 4-pack", "L|XL|XXL", "L|XL|XXL", "89"),
        ("无钢圈文胸 薄款 固定杯", "Wire-free bra", "肤色 75B|黑色 80B", "Nude 75B|Black 80B", "119"),
    ),
    _shelf(
        "fresh_food",
        ("智利车厘子 JJ级 2斤 顺丰冷链", "Chilean cherries 1 kg, chilled", "2斤", "1 kg", "128"),
        ("大闸蟹 鲜活 公4两母3两 8只", "Live hairy crabs, 8", "4对", "4 pairs", "268"),
        ("赣南脐橙 现摘 10斤", "Navel oranges 5 kg", "10斤", "5 kg", "59.9"),
    ),
    _shelf(
        "food",
        ("每日坚果混合 750g 30包", "Daily mixed nuts 750 g, 30 packs", "750g", "750 g", "99"),
        (
            "手冲咖啡豆 云南小粒 中烘 500g",
            "Yunnan coffee beans 500 g, medium roast",
            "豆|粉",
            "Beans|Ground",
            "78",
        ),
    ),
    _shelf(
        "magazine",
        ("旅行月刊 当期 单本", "Travel monthly, current issue", "当期", "Current issue", "25"),
        ("少儿科普周报 一季", "Children's science weekly, one quarter", "13期", "13 issues", "58.5"),
    ),
    _shelf(
        "custom_made",
        (
            "刻字不锈钢保温杯 来图定制",
            "Engraved vacuum flask, made to order",
            "刻名 黑色|刻名 白色",
            "Engraved black|Engraved white",
            "109",
        ),
        (
            "量身定制窗帘 雪尼尔遮光 按米",
            "Made-to-measure blackout curtains",
            "米灰 2.4m|墨绿 3.0m",
            "Grey 2.4 m|Green 3.0 m",
            "428",
        ),
        ("照片定制拼图 1000片", "Photo jigsaw, 1000 pieces", "横版|竖版", "Landscape|Portrait", "88"),
    ),
    _shelf(
        "digital",
        (
            "办公软件年度授权 激活码",
            "Office software licence, one year",
            "1台|3台",
            "1 device|3 devices",
            "198",
        ),
        ("游戏点卡 100元 自动发货", "Game card ¥100, delivered at once", "100元", "¥100", "98"),
    ),
)

PRODUCTS: tuple[Product, ...] = tuple(product for shelf in _SHELVES for product in shelf)
ORDINARY = (
    "clothing",
    "shoes",
    "bags",
    "electronics",
    "appliance",
    "home",
    "baby",
)
"""Categories with the ordinary rights of return."""


@dataclass(frozen=True, kw_only=True)
class City:
    """A place parcels go to; `days` is how long one usually takes from the warehouse."""

    province: str
    name: str
    hub: str
    name_en: str
    districts: tuple[str, ...]
    days: tuple[float, float] = (1.8, 4.0)


def _city(
    province: str, name: str, name_en: str, districts: str, days: tuple[float, float] = (1.8, 4.0)
) -> City:
    hub = name.removesuffix("市").removesuffix("地区")
    return City(
        province=province,
        name=name,
        hub=hub,
        name_en=name_en,
        districts=tuple(districts.split("|")),
        days=days,
    )


MAINLAND: tuple[City, ...] = (
    _city("北京市", "北京市", "Beijing", "朝阳区|海淀区|丰台区|通州区"),
    _city("上海市", "上海市", "Shanghai", "浦东新区|徐汇区|闵行区|静安区"),
    _city("广东省", "广州市", "Guangzhou", "天河区|海珠区|番禺区"),
    _city("广东省", "深圳市", "Shenzhen", "南山区|福田区|龙岗区"),
    _city("浙江省", "杭州市", "Hangzhou", "西湖区|余杭区|滨江区"),
    _city("江苏省", "南京市", "Nanjing", "玄武区|江宁区|建邺区"),
    _city("江苏省", "苏州市", "Suzhou", "姑苏区|工业园区|吴中区"),
    _city("四川省", "成都市", "Chengdu", "武侯区|锦江区|双流区"),
    _city("湖北省", "武汉市", "Wuhan", "武昌区|江汉区|洪山区"),
    _city("陕西省", "西安市", "Xi'an", "雁塔区|未央区|莲湖区"),
    _city("山东省", "青岛市", "Qingdao", "市南区|崂山区|黄岛区"),
    _city("湖南省", "长沙市", "Changsha", "岳麓区|雨花区"),
    _city("重庆市", "重庆市", "Chongqing", "渝北区|江北区|沙坪坝区"),
    _city("辽宁省", "沈阳市", "Shenyang", "和平区|浑南区"),
    _city("福建省", "厦门市", "Xiamen", "思明区|湖里区"),
)
REMOTE: tuple[City, ...] = (
    _city("新疆维吾尔自治区", "乌鲁木齐市", "Ürümqi", "天山区|新市区", (5.0, 8.0)),
    _city("西藏自治区", "拉萨市", "Lhasa", "城关区|堆龙德庆区", (5.5, 9.0)),
    _city("青海省", "西宁市", "Xining", "城西区|城东区", (5.0, 7.5)),
    _city("内蒙古自治区", "呼和浩特市", "Hohhot", "赛罕区|新城区", (5.0, 7.0)),
)
HONG_KONG: tuple[City, ...] = (
    _city("香港特別行政區", "香港", "Hong Kong", "油尖旺區|沙田區|元朗區|灣仔區|觀塘區", (4.0, 7.0)),
)
MACAU: tuple[City, ...] = (_city("澳門特別行政區", "澳門", "Macau", "花地瑪堂區|氹仔", (4.0, 7.5)),)

WAREHOUSES: tuple[tuple[str, str], ...] = (("嘉兴", "Jiaxing"), ("东莞", "Dongguan"), ("武汉", "Wuhan"))
COURIERS: tuple[tuple[str, str, str], ...] = (
    ("顺丰速运", "SF Express", "SF"),
    ("中通快递", "ZTO Express", "78"),
    ("圆通速递", "YTO Express", "YT"),
    ("韵达快递", "Yunda Express", "46"),
    ("邮政EMS", "China Post EMS", "EB"),
)
"""A courier's name in Chinese and English, and how its tracking numbers begin."""

PAYMENTS: tuple[str, ...] = ("wechat_pay", "alipay", "balance", "debit_card", "credit_card", "huabei")

TRACKING: Mapping[str, tuple[str, str]] = {
    "collected": ("【{place}】包裹已由{courier}揽收", "Picked up by {courier} in {place}"),
    "left": ("【{place}】快件已离开{place}转运中心，发往{next}", "Left the {place} hub for {next}"),
    "arrived": ("【{place}】快件已到达{place}转运中心", "Arrived at the {place} hub"),
    "customs": ("【{place}】清关已完成，转交本地配送", "Cleared customs, handed to the local courier"),
    "local": ("【{place}】快件已到达{district}营业部", "Arrived at the local depot, {place}"),
    "delivering": (
        "【{place}】快递员正在派送中，请保持电话畅通",
        "Out for delivery, please keep your phone at hand",
    ),
    "pickup": (
        "【{place}】快件已存放至菜鸟驿站，请凭取件码领取",
        "Held at the pick-up point, collect it with your code",
    ),
    "signed": ("【{place}】快件已签收，签收人：本人", "Delivered, signed for by the recipient"),
    "signed_door": ("【{place}】快件已签收，签收人：家门口", "Delivered, left at the door"),
    "signed_locker": ("【{place}】快件已签收，已放入丰巢快递柜", "Delivered to a parcel locker"),
    "lost": ("【{place}】快件异常，经核实已遗失", "Delivery exception: confirmed lost"),
    "intercepted": ("【{place}】应商家要求拦截，快件退回中", "Intercepted for the sender, going back"),
}
"""Couriers' wording by step: Chinese, English."""


def of_category(*categories: str) -> tuple[Product, ...]:
    """The goods of these categories."""
    return tuple(p for p in PRODUCTS if p.category in categories)
