//! How alike two names of organisations are: one level, the strongest that holds.

use super::chinese_organization::{ChineseName, is_place, with_joined_places};
use super::fold::{is_han, with_round_brackets};
use super::organization::key;
use super::reading::is_pinyin;
use super::western_organization::{WesternName, says_nothing, says_what_it_is};

/// The levels of two names, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "folded",
    "beginning",
    "close",
    "cross_script",
    "partly",
    "branch",
    "else",
];
/// The places of them, but for the first.
pub const FOLDED: u8 = 1;
pub const BEGINNING: u8 = 2;
pub const CLOSE: u8 = 3;
const CROSS_SCRIPT: u8 = 4;
pub const PARTLY: u8 = 5;
pub const BRANCH: u8 = 6;
pub const ELSE: u8 = 7;

/// A name taken apart once, to be compared with many.
#[derive(Debug)]
pub struct Organization {
    /// What it is matched on.
    pub key: String,
    name: Name,
}

#[derive(Debug)]
enum Name {
    Chinese(ChineseName),
    Western(WesternName),
}

impl Organization {
    /// Takes a name apart; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let key = key(text)?;
        let folded = with_round_brackets(text);
        let name = match key.chars().any(is_han) {
            true => Name::Chinese(ChineseName::read(&folded, &key)?),
            false => Name::Western(WesternName::read(&folded, &key)),
        };
        Some(Self { key, name })
    }

    /// A place among [`LEVELS`]; two texts that are the same are not asked for.
    pub fn level(&self, other: &Self) -> u8 {
        let (one, another) = (self.key.as_str(), other.key.as_str());
        // 鼎盛火锅(观前店) and 鼎盛火锅观前店.
        let is_one_shop = || one.replace("分店", "店") == another.replace("分店", "店");
        if one == another || without_brackets(one).eq(without_brackets(another)) || is_one_shop() {
            return FOLDED;
        }
        let across = |chinese: &ChineseName, western: &WesternName| match chinese
            .is_written_as(western.head())
        {
            true if western.is_branch() => BRANCH,
            true => CROSS_SCRIPT,
            false => ELSE,
        };
        match (&self.name, &other.name) {
            (Name::Chinese(one), Name::Chinese(another)) => one.level(another),
            (Name::Western(one), Name::Western(another)) => one.level(another),
            (Name::Chinese(chinese), Name::Western(western)) => across(chinese, western),
            (Name::Western(western), Name::Chinese(chinese)) => across(chinese, western),
        }
    }

    /// What it may be called in the other script: how a Chinese brand is read; the first word of a Latin name, and those in pinyin.
    pub fn brands(&self) -> Vec<String> {
        /// Letters of two syllables, and of a brand in capitals.
        const SYLLABLES: usize = 4;
        const SHORTEST: usize = 2;
        if let Name::Chinese(name) = &self.name {
            return name.brands();
        }
        let key = with_joined_places(&self.key);
        let words: Vec<&str> = key.split(' ').collect();
        // Suzhou Bocheng: the second place is a brand.
        let is_brand = |at: usize| at == 1 && is_place(words[0]);
        let places = (0..words.len()).filter(|at| is_brand(*at) || !is_place(words[*at]));
        let words = places.map(|at| words[at]);
        let words = words.filter(|word| !says_what_it_is(word) && !says_nothing(word));
        let brands = words.enumerate().filter(|(number, word)| match number {
            0 => word.len() >= SHORTEST,
            _ => word.len() >= SYLLABLES && is_pinyin(word),
        });
        brands.map(|(_, word)| word.to_string()).collect()
    }
}

fn without_brackets(key: &str) -> impl Iterator<Item = char> {
    key.chars().filter(|c| !"()".contains(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_company_are_alike() {
        let level = |one: &str, other: &str| {
            let read = |text| Organization::read(text).unwrap();
            read(one).level(&read(other))
        };
        for (one, other, expected) in [
            // Notes, branches, other scripts, forms of more countries.
            (
                "杭州明达科技（2008）有限公司",
                "杭州明达科技（2018）有限公司",
                7,
            ),
            ("Garage Vos", "Garage", 7),
            (
                "苏州鼎盛新材料科技有限公司",
                "Suzhou Dingsheng New Materials Co., Ltd.",
                4,
            ),
            (
                "苏州鼎盛生物科技有限公司",
                "Suzhou Dingsheng Pharmaceutical Co., Ltd.",
                4,
            ),
            ("杭州明达科技有限公司（存续）", "杭州明达科技有限公司", 1),
            (
                "杭州明达科技有限公司（吊销，未注销）",
                "杭州明达科技有限公司",
                1,
            ),
            ("杭州明达科技有限公司（2023）", "杭州明达科技有限公司", 1),
            ("杭州明达科技有限公司（张总）", "杭州明达科技有限公司", 1),
            (
                "杭州明达科技有限公司广州分公司",
                "杭州明达科技有限公司广州分公司（增值税专票）",
                1,
            ),
            (
                "杭州明达科技有限公司广州分公司",
                "杭州明达科技有限公司广州分公司财务部",
                1,
            ),
            (
                "深圳腾同诚企业管理咨询有限公司义乌办事处",
                "深圳腾同诚企业管理咨询有限公司义乌办事",
                1,
            ),
            ("杭州明达科技有限公司", "杭州明达科技有限公司萧山项目部", 6),
            (
                "杭州宏图贸易有限公司（现用名：杭州明达科技有限公司）",
                "杭州明达科技有限公司",
                1,
            ),
            (
                "杭州明达科技有限公司，曾用名：杭州宏图贸易有限公司",
                "杭州宏图贸易有限公司",
                1,
            ),
            ("绿城物业服务集团有限公司", "绿城物业", 2),
            ("商水县邓城镇王庄村村民委员会", "商水县邓城镇王庄村委会", 1),
            ("二十一世纪不动产", "21世纪不动产", 1),
            (
                "苏州鼎盛机电设备有限公司",
                "Suzhou Dingsheng Chemical Co., Ltd.",
                7,
            ),
            (
                "苏州鼎盛网络科技有限公司",
                "Suzhou Dingsheng Information Technology Co., Ltd.",
                4,
            ),
            (
                "苏州博程贸易有限公司",
                "Suzhou Bocheng Trading Co., Ltd.",
                4,
            ),
            (
                "昆山通立精密机械有限公司",
                "Kunshan Tong Li Precision Machinery Co., Ltd.",
                4,
            ),
            (
                "内蒙古伊利实业集团股份有限公司",
                "Inner Mongolia Yili Industrial Group Co., Ltd",
                4,
            ),
            (
                "香港明達貿易有限公司",
                "Hong Kong Mingda Trading Limited",
                4,
            ),
            ("明達實業有限公司", "MING TAT INDUSTRIAL LIMITED", 4),
            (
                "Novák stavby, společnost s ručením omezeným",
                "NOVAK STAVBY spol. s r.o.",
                1,
            ),
            (
                "Meble Velal Spółka z ograniczoną odpowiedzialnością",
                "Meble Velal Sp. z o.o.",
                1,
            ),
            ("Nilsson Handelsbolag", "Nilsson HB", 1),
            ("Rosenberger GesmbH", "Rosenberger GmbH", 1),
            ("Peeters BVBA", "Peeters BV", 1),
            ("杭州明达科技有限公司", "杭州明达科技有限责任公司", 1),
            ("杭州明达科技有限公司", "杭州明达科技有限公司武汉经营部", 6),
            (
                "杭州明达科技有限公司武汉经营部",
                "杭州明达科技有限责任公司武汉经营部",
                1,
            ),
            ("杭州明达科技有限公司", "明达科技武汉办", 6),
            (
                "杭州明达科技有限公司北京办",
                "杭州明达科技有限公司北京办事处",
                1,
            ),
            (
                "杭州明达科技有限公司驻北京办事处",
                "杭州明达科技有限公司北京办事处",
                1,
            ),
            (
                "杭州明达科技有限公司一分公司",
                "杭州明达科技有限公司第一分公司",
                1,
            ),
            (
                "明达科技济南分公司",
                "杭州明达科技有限公司（济南）分公司",
                2,
            ),
            (
                "杭州明达科技有限公司济南分公",
                "杭州明达科技有限公司济南分公司",
                1,
            ),
            ("杭州明达科技有限公司（勿用）", "杭州明达科技有限公司", 1),
            ("杭州明达集团有限公司（经销商）", "杭州明达集团有限公司", 1),
            (
                "鼎盛有限公司（更名前：杭州明达科技有限公司）",
                "杭州明达科技有限公司",
                1,
            ),
            ("杭州明达科技有限责", "杭州明达科技有限公司", 1),
            ("明达有限公司（销售部）", "明达有限公司销售部", 1),
            ("深圳石狮科技有限公司", "石狮科技有限公司", 2),
            ("慈溪市鑫源机电有限公司", "慈溪鑫源机电有限公司", 1),
            ("沈阳市和平区国泰空调经营部", "和平区国泰空调经营部", 2),
            ("和平区国泰空调经营部", "和平区国泰空调经营部", 1),
            ("利民经营部", "利民武汉经营部", 7),
            ("Akebia Ther", "Akebia Therapeutics, Inc.", 3),
            ("Golden Sun Ltd", "Golden Sunrise Ltd", 7),
            ("Siemens /ABB", "Siemens AG", 2),
            ("Show Me", "Show Ltd", 2),
            ("AMD", "Advanced Micro Devices Inc", 5),
            ("NEWMONT Corp /DE/", "Newmont", 1),
            ("Beykent University", "Beykent Üniversitesi", 1),
            (
                "Al Ketbi Global Shipping FZCO",
                "Al Ketbi Global Shipping FZ Co",
                1,
            ),
            ("CRH PUBLIC LTD CO", "CRH PLC", 1),
            ("Novo Nordisk A/S", "Novo Nordisk AS", 1),
            ("明达（杭州）科技有限公司", "杭州明达科技有限公司", 1),
            ("杭州市明达科技有限公司", "杭州明达科技有限公司", 1),
            ("浙江杭州明达科技有限公司", "杭州明达科技有限公司", 1),
            ("明达科技有限公司", "杭州明达科技有限公司", 2),
            ("华为技术有限公司", "华为技术有限公司深圳分公司", 6),
            ("苏州鼎盛机电设备有限公司", "苏州鼎盛机电", 2),
            ("苏州鼎盛机电设备有限公司无锡分公司", "苏州鼎盛机电", 6),
            (
                "苏州鼎盛机电设备有限公司无锡分公司",
                "苏州鼎盛机电设备有限公司苏州分公司",
                6,
            ),
            (
                "苏州鼎盛机电设备有限公司无锡分公司",
                "苏州鼎盛机电设备有限公司（无锡分公司）",
                1,
            ),
            (
                "苏州鼎盛机电设备有限公司无锡市分公司",
                "鼎盛机电无锡分公司",
                2,
            ),
            ("中国工商银行北京分行", "工商银行上海分行", 6),
            ("苏州鼎盛机电设备有限公司", "上海明圣机电无锡分公司", 7),
            (
                "鼎盛机电有限公司第一分公司",
                "鼎盛机电有限公司第二分公司",
                6,
            ),
            (
                "华为技术有限公司深圳分公司",
                "华为技术有限公司深圳市分公司",
                1,
            ),
            ("工商银行北京分行营业部", "工商银行上海分行营业部", 6),
            (
                "深圳市南山区鼎盛机电有限公司",
                "Shenzhen Dingsheng Machinery",
                4,
            ),
            ("江苏苏州鼎盛机电有限公司", "Jiangsu Dingsheng Machinery", 4),
            ("厦门鼎盛机电有限公司", "Xiamen Dingsheng Machinery", 4),
            ("鼎盛（中国）有限公司", "China Dingsheng Ltd", 4),
            (
                "苏州鼎盛机电有限公司（原明达（杭州）科技有限公司）",
                "苏州鼎盛机电有限公司",
                1,
            ),
            ("Studio A B", "Studio", 2),
            (
                "苏州鼎盛机电设备有限公司",
                "Suzhou Dingsheng Electromechanical Equipment Co., Ltd.",
                4,
            ),
            (
                "鼎盛机电设备（苏州）有限公司",
                "Dingsheng Machinery (Suzhou) Co Ltd",
                4,
            ),
            ("苏州鼎盛机电设备有限公司", "Suzhou Machinery Co Ltd", 7),
            ("苏州鼎盛机电设备有限公司", "Wuxi Dingsheng Equipment", 7),
            (
                "苏州鼎盛机电设备有限公司（原苏州大华机电厂）",
                "苏州鼎盛机电设备有限公司",
                1,
            ),
            (
                "【停用】苏州鼎盛机电设备有限公司",
                "苏州鼎盛机电设备有限公司(月结)",
                1,
            ),
            (
                "中国苏州鼎盛机电设备有限公司",
                "苏州鼎盛机电设备有限公司",
                1,
            ),
            ("温州市捷宇密封件有限公司", "温州市捷宇封密件有限公司", 3),
            ("常州达诺工业设备有限公司", "常州达诺工设备有限公司", 3),
            ("苏州鼎盛机电设备有限公", "苏州鼎盛机电设备有限公司", 1),
            ("Allianz SE", "Allianz", 1),
            ("Eni S.p.A.", "eni s p a", 1),
            ("L'Oréal S.A.", "l oreal s a", 3),
            ("Polska Sp. z o.o.", "Polska", 1),
            ("杭州名达科技有限公司", "杭州明达科技有限公司", 3),
            ("吉林省明达有限公司", "吉林市明达有限公司", 7),
            ("华为（中国）有限公司", "华为中国有限公司", 1),
            ("明达（原料）有限公司", "明达有限公司", 2),
            ("明圣有限公司（原明达有限公司）", "明圣有限公司", 1),
            ("杭州明圣科技有限公司", "杭州明达科技有限公司", 7),
            ("上海明达科技有限公司", "杭州明达科技有限公司", 7),
            ("阿里巴巴（中国）有限公司", "阿里巴巴（杭州）有限公司", 7),
            ("Acme Ltd", "Acme Trading Ltd", 2),
            ("Johnson Controls Inc", "Jonson Controls", 3),
            ("Acme Ltd", "Zenith Ltd", 7),
            ("阿里巴巴（中国）有限公司", "阿里巴巴集团控股有限公司", 2),
            ("中国工商银行股份有限公司", "工商银行", 2),
            ("中国银行", "工商银行", 7),
            ("深圳市腾讯计算机系统有限公司", "腾讯计算机", 2),
            ("深圳市腾讯计算机系统有限公司", "上海腾讯计算机", 7),
            ("华住酒店集团", "华住集团", 2),
            (
                "Tony's Family Practice Inc",
                "Tony'd Fqmily Prxctice Knc",
                5,
            ),
            ("Rancho Vistoso Trails", "Rxnxho Vistodo Trauls", 5),
            ("Pikes Creek Campground", "Pikes Creek Camp9round", 1),
            ("Gabriel's Liquor", "Gabrie1's Liquor", 1),
            ("Ruby Salon Studios", "Ruby Sabn Studios", 5),
            ("Studio 1 Salon", "Studio 7 Salon", 7),
            ("第9中学", "第九中学", 1),
            ("杭州市第二中学", "杭州二中", 1),
            ("北京第十九人民医院", "北京十九院", 1),
            ("德和律师事务所", "德和律所", 1),
            ("深圳市南山区政府", "深圳市南山区人民政府", 1),
            ("杭州第七中学", "杭州第十七中学", 7),
            ("中铁十二局集团", "中铁二局集团", 7),
            ("Sparkasse Nürnberg", "Sparkasse Nienburg", 7),
            ("Sparebanken Vest", "Sparebanken Oest", 7),
            ("ELQ Investors III", "ELQ Investors VIII", 7),
            ("Fynske Bank", "Jyske Bank", 7),
            ("Banque Lombard et Cie SA", "Banque Lombard & Cie SA", 1),
            ("Bank BPH Spółka Akcyjna", "Bank BPH SA", 1),
            (
                "AKA Ausfuhrkredit GmbH",
                "AKA Ausfuhrkredit-Gesellschaft mbH",
                1,
            ),
            ("Mona B2B Trading", "Mona BzB Trading", 7),
            ("University of Leeds", "University of Leicester", 7),
            ("Hotel Bel-Air", "Bel-Air Hotel", 1),
            ("University of Bern", "University of Köln", 7),
            ("UVM Medical School", "Duke Medical School", 7),
            ("Van Berkel Investments", "Van Herpen Investments", 7),
            ("Photon SK SPV 3", "Photon SK SPV 3 s. r. o.", 1),
            ("United Media", "United Media S.à r.l.", 1),
            (
                "Charoen Pokphand Foods",
                "Charoen Pokphand Foods Public Co., Ltd.",
                1,
            ),
            (
                "杭州明达科技有限公司",
                "杭州鼎盛科技有限公司（原杭州明达科技有限公司）",
                1,
            ),
            (
                "杭州鼎盛科技有限公司",
                "杭州明达科技有限公司（现更名为杭州鼎盛科技有限公司）",
                1,
            ),
            (
                "上海智恒食品有限公司",
                "Shanghai Zhiheng Food Co.,Ltd Shenzhen Branch",
                6,
            ),
            ("杭州明达科技有限公司", "杭州明达科技上海分", 6),
            ("杭州明达科技有限公司", "杭州明达科技有限公司文三路店", 6),
            ("杭州明达科技有限公司上海分公司", "杭州明达科技上海分", 1),
            ("数科科技北京分", "数科科技股份有限公司北京分公司", 1),
            ("杭州明达科技有限公司", "杭州明达科技有限公司-财务部", 1),
            ("杭州明达集团有限公司", "杭州明达科技有限公司", 6),
            ("杭州明达科技有限公司", "浙江明达科技有限公司", 7),
            ("杭州明达科技有限公司", "杭州明达科技有限公可", 1),
            ("杭州明达科技有限公司", "杭洲明达科技有限公司", 3),
            ("杭州市中医院", "杭州市中医医院", 1),
            ("歌华有线公司", "歌华有限公司", 2),
            ("中行汽车修理行", "中国银行汽车修理行", 7),
            ("Joes Pizza", "Joe Pizza", 3),
            ("中国工商银行杭州分行", "工行杭州分行", 2),
            ("University of Leeds", "Leeds University", 1),
            ("Restaurant Katsu", "Katsu", 2),
            ("The Alley Grill", "Grill, The Alley", 1),
            ("The Alley Grill", "Alley Bar", 7),
            ("George Michael Ltd", "Michael George Ltd", 7),
            ("On Demand Ltd", "In Demand Ltd", 7),
            ("LA Times", "The Times", 7),
            ("杭州明达集团有限公司", "杭州明达有限公司", 2),
            ("杭州明达集团有限公司", "杭州市明达集团", 1),
            ("鼎盛火锅（观前店）", "鼎盛火锅观前店", 1),
            ("环球中心星巴克分店", "环球中心肯德基分店", 7),
            ("晋江文学城", "北京晋江文学城", 2),
            ("North Bank", "Northern Bank", 7),
            ("NV Energy", "Energy Ltd", 7),
            ("苏州市第一人民医院", "苏州市第一人民医院东院区", 6),
            ("苏州第一人民医院东院区", "苏州市第一人民医院（东院区）", 1),
            ("苏州市第一人民医院东院区", "苏州市第一人民医院西院区", 6),
            ("小星星幼儿园", "小星星幼稚园", 1),
            ("小星星幼儿园", "小星星幼儿园湖东分园", 6),
            ("鼎盛火锅", "鼎盛火锅（观前店）", 6),
            (
                "苏州鼎盛机电设备有限公司昆山分公司【团购】",
                "苏州鼎盛机电设备有限公司昆山分公司",
                1,
            ),
            ("昆山康乐美", "康乐美（昆山）健康管理有限公司", 2),
            ("苏州市工业园区鼎盛机电", "苏州工业园区鼎盛机电", 1),
            ("ABB（中国）有限公司", "ABB China Ltd", 4),
            ("ABB（中国）有限公司", "ABB Ltd", 4),
            ("上海3M有限公司", "3M Beijing", 7),
            ("ABB（中国）有限公司", "Abbot Ltd", 7),
            ("Acme Ltd", "Acme Ltd, London Branch", 6),
            ("Acme Ltd London Branch", "Acme Limited (London Branch)", 1),
            ("Acme Ltd London Branch", "Acme Ltd Leeds Branch", 6),
            ("Bank of China Shanghai Branch", "Bank of China", 6),
            ("Zenith Ltd Leeds Branch", "Acme Ltd Leeds Branch", 7),
            ("Olive Branch", "Olive Ltd", 2),
            ("ROBERT BOSCH GMBH", "BOSCH GMBH ROBERT", 1),
            ("N.V. NUTRICIA", "NUTRICIA N.V.", 1),
            ("UNILEVER N.V.", "UNILEVER NAAMLOZE VENNOOTSCHAP", 1),
            ("DSM N.V.", "D S M N. V.", 1),
            ("U.S. PHILIPS CORP.", "U. S. PHILIPS CORPORATION", 1),
            ("F.HOFFMANN-LA ROCHE AG", "F. Hoffmann-La Roche", 1),
            ("KONINKL PHILIPS NV", "KONINKLIJKE PHILIPS N.V.", 3),
            ("Bell Labs", "Bell Laboratories", 1),
            ("IBM Almaden Res. Ctr.", "IBM Almaden Research Center", 1),
            ("Universität Karlsruhe", "University of Karlsruhe", 1),
            (
                "University of California at Berkeley",
                "University of California, Berkeley",
                1,
            ),
            (
                "University of California, Berkeley",
                "University of California, San Diego",
                7,
            ),
        ] {
            assert_eq!(level(one, other), expected, "{one} {other}");
            assert_eq!(level(other, one), expected, "{other} {one}");
        }
    }
}
