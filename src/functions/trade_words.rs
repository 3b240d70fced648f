//! What organisations do, in Chinese and in English: 鼎盛机电 is not Dingsheng Chemical.

/// Words of one trade; those of either language stand for each other. Words that any firm may have are in none: 实业, 科技, 设备, group.
const TRADES: &[(&[&str], &[&str])] = &[
    (
        &["机电"],
        &[
            "electromechanical",
            "mechanical",
            "electrical",
            "electric",
            "machinery",
        ],
    ),
    (&["机械"], &["machinery", "machine", "mechanical"]),
    (&["精密"], &["precision"]),
    (&["化工", "化学"], &["chemical", "chemicals", "chemistry"]),
    (
        &["贸易", "商贸", "经贸", "外贸", "进出口"],
        &[
            "trading",
            "trade",
            "commerce",
            "commercial",
            "import",
            "export",
        ],
    ),
    (
        &["五金", "金属", "钢铁"],
        &["hardware", "metal", "metals", "steel", "iron"],
    ),
    (
        &["汽配", "配件", "零部件"],
        &["parts", "auto", "automobile", "automotive"],
    ),
    (
        &["汽车"],
        &[
            "auto",
            "automobile",
            "automotive",
            "car",
            "motor",
            "motors",
            "vehicle",
        ],
    ),
    (&["食品"], &["food", "foods", "foodstuff"]),
    (&["纺织"], &["textile", "textiles"]),
    (
        &["服装", "服饰", "制衣"],
        &["garment", "garments", "clothing", "apparel", "fashion"],
    ),
    (
        &["物流", "货运", "运输", "货代"],
        &[
            "logistics",
            "transport",
            "transportation",
            "freight",
            "shipping",
        ],
    ),
    (&["电子"], &["electronic", "electronics"]),
    (
        &["电气", "电器", "电力"],
        &["electric", "electrical", "appliance", "appliances", "power"],
    ),
    (
        &["信息", "网络", "软件"],
        &["information", "network", "networks", "internet", "software"],
    ),
    (
        &["建筑", "建设", "工程", "建工"],
        &["construction", "engineering", "building"],
    ),
    (&["建材", "材料"], &["materials", "material", "building"]),
    (&["装饰", "装潢"], &["decoration"]),
    (&["咨询"], &["consulting", "consultancy"]),
    (&["投资"], &["investment", "investments"]),
    (&["文化"], &["culture", "cultural"]),
    (
        &["传媒", "传播"],
        &["media", "communication", "communications"],
    ),
    (&["广告"], &["advertising"]),
    (
        &["医药", "药业", "制药", "生物"],
        &[
            "pharmaceutical",
            "pharmaceuticals",
            "pharma",
            "medicine",
            "biological",
            "biotechnology",
            "biotech",
            "bio",
        ],
    ),
    (&["医疗", "器械"], &["medical", "device", "devices"]),
    (&["酒店", "宾馆"], &["hotel"]),
    (&["餐饮"], &["catering", "restaurant"]),
    (&["家具", "家居"], &["furniture", "home"]),
    (&["包装"], &["packaging", "packing", "package"]),
    (&["印刷"], &["printing"]),
    (&["塑料", "塑胶", "塑业"], &["plastic", "plastics"]),
    (&["橡胶"], &["rubber"]),
    (&["玩具"], &["toy", "toys"]),
    (&["照明", "灯饰"], &["lighting"]),
    (&["能源"], &["energy"]),
    (&["环保", "环境"], &["environmental", "environment"]),
    (&["仪器", "仪表"], &["instrument", "instruments"]),
    (&["模具"], &["mold", "mould", "molds", "moulds", "tooling"]),
    (
        &["光电"],
        &[
            "optoelectronic",
            "optoelectronics",
            "photoelectric",
            "optical",
        ],
    ),
    (&["半导体"], &["semiconductor", "semiconductors"]),
    (&["教育", "培训"], &["education", "educational", "training"]),
    (&["旅游", "旅行社"], &["travel", "tourism"]),
    (&["保险"], &["insurance"]),
    (&["轴承"], &["bearing", "bearings"]),
    (&["阀门", "阀业"], &["valve", "valves"]),
    (&["气动"], &["pneumatic", "pneumatics"]),
    (&["液压"], &["hydraulic", "hydraulics"]),
    (&["传动"], &["transmission", "drive", "drives"]),
    (&["自动化"], &["automation"]),
    (&["证券"], &["securities"]),
    (
        &["房地产", "地产", "置业", "物业"],
        &["estate", "property", "properties"],
    ),
    (&["农业", "农产品"], &["agriculture", "agricultural"]),
    (&["纸业", "造纸"], &["paper"]),
    (&["珠宝"], &["jewelry", "jewellery"]),
    (&["体育"], &["sports", "sport"]),
    (&["陶瓷"], &["ceramic", "ceramics"]),
    (&["化妆品", "日化"], &["cosmetics", "cosmetic"]),
];

/// Whether a Chinese word says a trade, and nothing else.
pub fn is_trade(word: &str) -> bool {
    TRADES.iter().any(|(chinese, _)| chinese.contains(&word))
}

/// Whether a Chinese text and English words both say what they do, and it is not the same.
pub fn contradict(chinese: &str, english: &str) -> bool {
    let is_said = |words: &[&str]| words.iter().any(|word| chinese.contains(word));
    let is_told = |words: &[&str]| english.split(' ').any(|word| words.contains(&word));
    let told = TRADES
        .iter()
        .map(|(chinese, english)| (is_said(chinese), is_told(english)));
    let (mut in_chinese, mut in_english) = (false, false);
    for (said, told) in told {
        if said && told {
            return false;
        }
        in_chinese |= said;
        in_english |= told;
    }
    in_chinese && in_english
}
