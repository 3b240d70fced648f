//! How alike two addresses are, Chinese or Western: one level, the strongest that holds.

use super::address::is_of_region;
use super::chinese_address_level::Chinese;
use super::fold::is_han;
use super::western_address_level::Western;

/// The levels of two addresses, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "same_home",
    "same_house",
    "same_road",
    "similar",
    "partly",
    "same_district",
    "else",
];

/// The places of them.
pub const EXACT: u8 = 0;
pub const SAME_HOME: u8 = 1;
pub const SAME_HOUSE: u8 = 2;
pub const SAME_ROAD: u8 = 3;
pub const SIMILAR: u8 = 4;
pub const PARTLY: u8 = 5;
pub const SAME_DISTRICT: u8 = 6;
pub const ELSE: u8 = 7;

/// An address taken apart once, to be compared with many.
#[derive(Debug)]
pub enum Parts {
    Chinese(Chinese),
    Western(Western),
}

impl Parts {
    /// Takes an address apart.
    pub fn read(address: &str) -> Self {
        match address.chars().any(is_han) {
            true => Self::Chinese(Chinese::read(address)),
            false => Self::Western(Western::read(address)),
        }
    }

    /// Whether there is anything to compare.
    pub fn has_key(&self) -> bool {
        match self {
            Self::Chinese(address) => address.key.is_some(),
            Self::Western(address) => address.key.is_some(),
        }
    }

    /// Whether it is a district, and nothing in it.
    pub fn is_district(&self) -> bool {
        matches!(self, Self::Chinese(address) if address.key.as_deref().is_some_and(is_of_region))
    }

    /// A place among [`LEVELS`]; none where one is written in Chinese and the other is not: nothing tells them apart.
    pub fn level(&self, other: &Self) -> Option<u8> {
        match (self, other) {
            (Self::Chinese(one), Self::Chinese(other)) => Some(one.level(other)),
            (Self::Western(one), Self::Western(other)) => Some(one.level(other)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_agree_as_far_as_they_can_be_read() {
        // 0 the same address, 1 the same home, 2 the same house, 3 the same road, 4 slips in words, 5 most of it, 6 the same district,
        // 7 else.
        let mut wrong = Vec::new();
        for (one, other, expected) in [
            // What may not be thrown away in them.
            ("阳光花园5号楼东单元501", "阳光花园5号楼西单元302", 7),
            (
                "郑州市金水区花园路28号5号楼西501",
                "郑州市金水区花园路28号5号楼西302",
                1,
            ),
            (
                "北京市朝阳区建国路88号3号楼南塔1201",
                "北京市朝阳区建国路88号3号楼北塔1501",
                2,
            ),
            (
                "广州市天河区体育西路28号2楼中信银行",
                "广州市天河区体育西路28号2楼中国银行",
                1,
            ),
            ("武汉大学教工宿舍12栋305", "武汉大学学生宿舍12栋305", 6),
            (
                "浙江省杭州市萧山市心中路198号",
                "杭州市萧山区市心中路198号",
                0,
            ),
            ("宁波市鄞州区鄞县大道1288号", "宁波市鄞县大道1288号", 1),
            ("广州市花都市场28号", "广州市花都区市场28号", 0),
            ("南京市江宁县前街28号", "南京市江宁区县前街28号", 0),
            ("杭州市西湖区余杭塘路866号", "余杭塘路866号", 1),
            ("江东人民路28号", "宁波市鄞州区人民路28号", 7),
            (
                "杭州市余杭区文一西路1,200号",
                "杭州市余杭区文一西路1200号",
                0,
            ),
            ("南京市鼓楼区阳光花园3楼5号", "南京市鼓楼区阳光花园305室", 6),
            (
                "12 Main St, Unit PH-5, Toronto",
                "12 Main St, Unit TH-5, Toronto",
                2,
            ),
            (
                "AB-12, Safdarjung Enclave, New Delhi 110029",
                "CD-12, Safdarjung Enclave, New Delhi 110029",
                6,
            ),
            (
                "B-1204, Oberoi Woods, Mumbai 400063",
                "A-1204, Oberoi Woods, Mumbai 400063",
                6,
            ),
            ("PO Box 123456789, Lima", "PO Box 123450000, Lima", 7),
            (
                "100, N. 5th St, Lima, OH 45801",
                "100, 5th St, Lima, OH 45801",
                6,
            ),
            (
                "Rua Augusta 123, São Paulo - SP 01310-100",
                "Rua Augusta 123, São Paulo - SP, 01310-100",
                0,
            ),
            ("ul. Długa 5 27-928 Łódź", "ul. Długa 5, 27-928 Łódź", 0),
            (
                "Storgatan 5 558 04 Göteborg",
                "Storgatan 5, 558 04 Göteborg",
                0,
            ),
            ("12 Main St, Bldg. 5, Lima", "12 Main St, Bldg 5, Lima", 0),
            (
                "12 Hwy. 9, Lima, OH 45801",
                "12 Highway 9, Lima, OH 45801",
                0,
            ),
            (
                "Level 5, 12-101 King St, Sydney",
                "12101 King St, Sydney",
                3,
            ),
            // As each country writes them.
            (
                "Storgatan 63, 558 04 Göteborg",
                "Storgatan 63, SE-558 04 Gothenburg",
                1,
            ),
            (
                "Storgatan 63, SE-558 04 Göteborg",
                "Storgatan 63, S-55804 Göteborg",
                0,
            ),
            (
                "Křimická 188, 756 83 Praha",
                "Křimická 188, 756 83 Prague",
                1,
            ),
            (
                "ul. Zurawia 58/11, 27-928 Lodz",
                "ulica Żurawia 58 m. 11, 27928 Łódź",
                0,
            ),
            (
                "ul. Zurawia 58/11, 27-928 Lodz",
                "ul. Zurawia 58/12, 27-928 Lodz",
                2,
            ),
            (
                "C.so Italia 3, 20100 Milano",
                "Corso Italia 3, 20100 Milano",
                0,
            ),
            (
                "V.le Europa 3, 20100 Milano",
                "Viale Europa 3, 20100 Milano",
                0,
            ),
            (
                "Rua das Flores, 123, 01310-100 São Paulo",
                "R. das Flores, nº 123, 01310100 São Paulo",
                0,
            ),
            (
                "Rua das Flores, 123, bloco B apto 45, 01310-100 São Paulo",
                "Rua das Flores 123 bloco A ap 45, 01310-100 São Paulo",
                2,
            ),
            (
                "Papatya Sokak No:92/9, 21433 Ankara",
                "Papatya Sk. No: 92 D: 9, 21433 Ankara",
                0,
            ),
            (
                "Papatya Sokak No:92/9, 21433 Ankara",
                "Papatya Sokak No:94/9, 21433 Ankara",
                3,
            ),
            (
                "12 Main St, Lima, OH 45801",
                "12 Main St, Lima, OH 45801-1234",
                0,
            ),
            (
                "12 State Route 56, Lima, OH 45801",
                "12 OH-56, Lima, OH 45801",
                0,
            ),
            (
                "12 State Route 56, Lima, OH 45801",
                "14 SR 56, Lima, OH 45801",
                3,
            ),
            (
                "8260 County Road 12, Lima, OH 45801",
                "8260 CR 12, Lima, OH 45801",
                0,
            ),
            (
                "12 US Highway 56, Lima, OH 45801",
                "12 US-56, Lima, OH 45801",
                0,
            ),
            (
                "12 N 5th St, Lima, OH 45801",
                "12 N. 5th St, Lima, OH 45801",
                0,
            ),
            (
                "RR 2 Box 14, Lima, OH 45801",
                "Rural Route 2 Box 14, Lima, OH 45801",
                0,
            ),
            (
                "Jl. Melati No. 33, 12345 Bandung",
                "Jalan Melati 33, 12345 Bandung",
                0,
            ),
            // Notations of units, doubled and former regions, what is left out.
            ("丽景华庭5/4/903", "丽景华庭5号楼4单元903", 0),
            (
                "无锡市梁溪区丽景华庭5、4、903",
                "无锡市梁溪区丽景华庭5幢4单元903",
                0,
            ),
            (
                "无锡市梁溪区丽景华庭5楼4门903号",
                "无锡市梁溪区丽景华庭5号楼4单元903室",
                0,
            ),
            (
                "北京市海淀区知春里甲12号楼3门201",
                "北京海淀知春里甲12楼3-201",
                0,
            ),
            (
                "北京市海淀区知春里甲12号楼3门201",
                "北京海淀知春里12楼3-201",
                3,
            ),
            (
                "无锡市梁溪区丽景华庭05幢04单元903",
                "无锡市梁溪区丽景华庭5幢4单元903",
                0,
            ),
            (
                "无锡市梁溪区丽景华庭5栋4单元9-3",
                "无锡市梁溪区丽景华庭5栋4单元903",
                0,
            ),
            (
                "广州市天河区天河北路233号中信广场5801室",
                "广州市天河区天河北路233号中信广场58楼01室",
                0,
            ),
            (
                "上海徐汇天钥桥路30号美罗大厦1602室",
                "上海徐汇天钥桥路30号美罗大厦16F-02",
                0,
            ),
            (
                "上海徐汇天钥桥路30号美罗大厦1602室",
                "上海徐汇天钥桥路30号美罗大厦16F-03",
                2,
            ),
            (
                "台北市大安區忠孝東路四段100號5樓之2",
                "台北市大安区忠孝东路四段100号5楼-2",
                1,
            ),
            (
                "台北縣板橋市文化路一段20號",
                "新北市板橋區文化路一段20號",
                0,
            ),
            (
                "北京市朝阳区建国路173号A座2008",
                "北京市朝阳区建国路173号2008室",
                1,
            ),
            (
                "北京市朝阳区建国路173号3栋2008",
                "北京市朝阳区建国路173号2008室",
                2,
            ),
            (
                "广州市天河区广东省广州市天河区天河北路227号",
                "广州市天河区天河北路227号",
                0,
            ),
            ("西安市长安县西长安街88号", "西安市长安区西长安街88号", 0),
            ("绍兴市柯桥区县前街88号", "绍兴市柯桥区前街88号", 6),
            ("重庆市江北县双龙大道926号", "重庆市渝北区双龙大道926号", 0),
            ("余杭市文一西路969号", "杭州市余杭区文一西路969号", 0),
            (
                "苏州市吴县东方家园2幢1001",
                "苏州市吴中区东方家园2幢1001",
                0,
            ),
            (
                "深圳市宝安区西乡街道固戍一路88号",
                "深圳市宝安区西乡镇固戍1路88号",
                0,
            ),
            (
                "深圳市龙岗区坂田街道五和大道南2号",
                "深圳龙岗坂田五和大道南2号",
                0,
            ),
            (
                "佛山市顺德区北滘镇碧桂园西苑12座301",
                "佛山市顺德区北滘碧桂园西苑十二座301",
                0,
            ),
            ("重庆市渝中区解放碑民权路28号", "重庆市渝中区民权路28号", 4),
            (
                "石家庄市长安区建设北大街28号",
                "石家庄市长安区北大街28号",
                6,
            ),
            (
                "北京市丰台区方庄芳星园二区11号楼1203",
                "北京丰台芳星园2区11楼1203",
                4,
            ),
            (
                "武汉市洪山区珞喻路1037号韵苑学生公寓12栋305",
                "武汉市洪山区珞喻路1037号韵苑12舍305",
                0,
            ),
            (
                "南京市鼓楼区阳光小区3栋501",
                "南京市鼓楼区阳光花园3栋501",
                6,
            ),
            (
                "无锡市梁溪区丽景华庭北区5栋903",
                "无锡市梁溪区丽景华庭5栋903",
                1,
            ),
            (
                "无锡市梁溪区中兴路98号丽景华庭一期3栋2单元501",
                "无锡市梁溪区中兴路98号丽景华庭3栋2单元501",
                1,
            ),
            (
                "武汉东湖新技术开发区光谷大道77号",
                "武汉市东湖高新区光谷大道77号",
                0,
            ),
            ("上海自由贸易试验区马吉路2号", "上海市浦东新区马吉路2号", 1),
            (
                "无锡市梁溪区丽景华庭3栋2单元5楼东户",
                "无锡市梁溪区丽景华庭3栋2单元5楼西户",
                2,
            ),
            (
                "本市滨江区明月花园10-1-404",
                "杭州市滨江区明月花园10-1-404",
                0,
            ),
            (
                "杭州市滨江区江南大道88号(阳光花园)3号楼2单元501",
                "杭州市滨江区江南大道88号阳光花园3号楼2单元501",
                0,
            ),
            (
                "杭州市滨江区明月花园10-1-404-送货前电话联系",
                "杭州市滨江区明月花园10-1-404楼下超市",
                0,
            ),
            (
                "杭州市滨江区江南大道280号院10-1-404",
                "杭州市滨江区江南大道280号10-1-404",
                0,
            ),
            (
                "杭州市滨江区江南大道88号金融广场1102",
                "杭州市滨江区江南大道88号金融广场1103",
                2,
            ),
            (
                "杭州市滨江区江南大道88号金融广场1102室",
                "杭州市滨江区江南大道88号金融广场1102号房",
                0,
            ),
            (
                "台北市大安區忠孝東路四段216號3F",
                "台北市大安区忠孝东路4段216号3楼",
                0,
            ),
            // What may not be thrown away.
            (
                "上海市浦东新区张杨路88弄东区5号501",
                "上海市浦东新区张杨路88弄西区5号501",
                2,
            ),
            (
                "上海市浦东新区张杨路88弄锦绣园5号501室",
                "上海市浦东新区张杨路88弄阳光园5号501室",
                2,
            ),
            (
                "上海市浦东新区张杨路88弄对面12号",
                "上海市浦东新区张杨路88弄12号",
                3,
            ),
            (
                "上海市浦东新区张杨路88弄501-2",
                "上海市浦东新区张杨路88弄501号2室",
                3,
            ),
            ("12 Main St, 3A, Leeds", "12 Main St, Apt 3, Leeds", 2),
            ("12 Main St, 3A, Leeds", "12 Main St, Apt 3A, Leeds", 0),
            (
                "Via Roma, 45a, 20121 Milano",
                "Via Roma 45a, 20121 Milano",
                0,
            ),
            (
                "Via Roma, 45a, 20121 Milano",
                "Via Roma 47a, 20121 Milano",
                3,
            ),
            (
                "Rose Cottage, 12a High Street, Lincoln",
                "12a High Street, Lincoln",
                1,
            ),
            (
                "12, Broadway, New York, NY 10004",
                "12 Broadway, New York",
                1,
            ),
            (
                "12, Unter den Linden, 10117 Berlin",
                "12 Unter den Linden, Berlin",
                1,
            ),
            ("210, Broadway, New York", "210 Canal St, New York", 6),
            ("安徽省苏州市人民路1号", "安徽省宿州市人民路1号", 7),
            ("12 R. Smith Street, Boston", "12 R Smith Street, Boston", 0),
            (
                "100 J. R. Lynch St, Jackson, MS",
                "100 J R Lynch St, Jackson, MS",
                0,
            ),
            (
                "12 V. Street NW, Washington, DC",
                "12 V Street NW, Washington, DC",
                0,
            ),
            (
                "南京市鼓楼区阳光花园3-2[1502]",
                "南京市鼓楼区阳光花园3-2[1602]",
                3,
            ),
            (
                "12 Main St, Quebec, Quebec",
                "12 Main St, Montreal, Quebec",
                7,
            ),
            (
                "郑州市金水区财政局家属院3号楼501",
                "郑州市金水区邮政局家属院3号楼501",
                6,
            ),
            (
                "南京市鼓楼区绿城百合花园3栋501",
                "南京市鼓楼区绿地百合花园3栋501",
                6,
            ),
            (
                "南京市鼓楼区石桥铺正街10号",
                "南京市鼓楼区石桥铺横街10号",
                6,
            ),
            (
                "西安市雁塔区学府路3楼2单元501",
                "西安市雁塔区学府路3号2单元501",
                3,
            ),
            (
                "西安市雁塔区学府路3楼2单元501",
                "西安市雁塔区学府路3栋2单元501",
                0,
            ),
            ("12 St Mary's Road, London", "12 St Mark's Road, London", 2),
            (
                "100 Harrison Street, Portland, OR",
                "100 Garrison Street, Portland, OR",
                2,
            ),
            ("广州市海珠区南路10号", "广州市海珠南路10号", 7),
            ("12 - 14 Main St, Leeds", "12-14 Main St, Leeds", 3),
            // Streets of the continent.
            (
                "12 rue de la Paix, 75002 Paris",
                "12, r. de la Paix 75002 PARIS",
                0,
            ),
            (
                "Via Roma 10, 20121 Milano",
                "V. Roma, 10 - 20121 Milano MI",
                1,
            ),
            (
                "Calle Mayor 12, 3º B, 28013 Madrid",
                "C/ Mayor, 12, 3B, 28013 Madrid",
                0,
            ),
            (
                "Kerkstraat 12, 1017 GC Amsterdam",
                "Kerkstr. 12, 1017GC Amsterdam",
                0,
            ),
            (
                "3 boulevard Saint-Michel, 75005 Paris",
                "3 bd St-Michel, 75005 Paris",
                0,
            ),
            (
                "Avenida de la Constitución 5, 41001 Sevilla",
                "Avda. Constitución, 5, Sevilla",
                1,
            ),
            (
                "144, chemin Barbe, 23536 Sainte Nicole",
                "144 ch. Barbe, 23536 Sainte Nicole",
                0,
            ),
            (
                "Plaza de España 1, 28008 Madrid",
                "Pza. España 1, 28008 Madrid",
                1,
            ),
            // Without a street.
            (
                "Bernhard-Kreusel-Straße 117, 19606 Rudolstadt",
                "19606 Rudolstadt",
                6,
            ),
            (
                "45a rue de Dupuis, 97228 Ribeiro-sur-Mer",
                "97228 Ribeiro-sur-Mer",
                6,
            ),
            (
                "Isabelhof 164, 2229RW Budel-Dorplein",
                "2229 RW Budel-Dorplein",
                6,
            ),
            ("Werdau", "Liebeltplatz 11, 60782 Werdau", 6),
            // One home in many hands.
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "西湖区阳光花园3幢2单元501",
                1,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳光花园3幢501",
                1,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳光花园3—2—501",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳光花园3楼2单元501",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳光花园第3幢2单元501",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳光花园3幢2单元501[8273]",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区阳广花园3幢2单元501",
                4,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "浙江杭州西湖区文三路阳光花园3#2-501",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "杭州西湖区文3路478号阳光花园3幢2单元501",
                0,
            ),
            (
                "浙江省杭州市西湖区文三路478号阳光花园3幢2单元501室",
                "浙江省杭洲市西湖区文三路478号阳光花园3幢2单元501室",
                0,
            ),
            (
                "西安市雁塔区科山南路653号幸福名苑21幢2单元504室",
                "西安市雁塔区科山南路幸福名苑21#2-504",
                0,
            ),
            (
                "上海市杨浦区江院路88弄12号501室",
                "上海杨浦区江院路88弄12-501",
                0,
            ),
            (
                "上海市杨浦区江院路88弄12号501室",
                "上海杨浦区江院路88弄汇成苑12号楼501",
                3,
            ),
            (
                "上海市杨浦区江院路88弄12号501室",
                "上海杨浦区江院路88弄12号楼501",
                0,
            ),
            (
                "南京市鼓楼区金色嘉园H楼3单元101",
                "南京市鼓楼区金色嘉园H幢三单元一零一室",
                0,
            ),
            (
                "南京市鼓楼区书香城27楼1单元1102",
                "南京市鼓楼区书香城27号楼1单元1102室",
                0,
            ),
            (
                "南京市鼓楼区学府嘉园4号403室",
                "南京市鼓楼区学府嘉园4—403",
                0,
            ),
            ("武汉市武昌区紫三路9号A座1003", "武昌紫三路9号A座1003", 1),
            // Slips in Chinese names; numbers and directions are none.
            ("北京市朝阳区建国路88号", "北京市朝阳区建囯路88号", 4),
            ("上海市浦东新区张杨路500号", "上海市浦东新区张扬路500号", 4),
            ("上海市浦东新区张杨路500号", "上海市浦东新区张扬路502号", 5),
            (
                "北京市朝阳区阳光花园3栋501",
                "北京市朝阳区阳光花圆3栋501",
                4,
            ),
            (
                "北京市朝阳区阳光花园3栋501",
                "北京市朝阳区阳光花圆5栋501",
                5,
            ),
            (
                "杭州市西湖区文三路阳光小区3幢1单元502",
                "杭州市西湖区文二路阳光小区3幢1单元502",
                6,
            ),
            ("广州市越秀区人民南路27号", "广州市越秀区人民北路27号", 6),
            (
                "成都市武侯区人民南路四段27号1栋2单元801",
                "成都市武候区人民南路4段27号1栋2单元801",
                0,
            ),
            (
                "浙江省杭洲市西湖区文三路10号",
                "浙江省杭州市西湖区文三路10号",
                0,
            ),
            // Many slips, in a place that may be one.
            (
                "3708 washington blvd, Anytown, WA 00000",
                "3708 wasyintton bofx, Anytown, WA 00000",
                6,
            ),
            (
                "5153 segille lwnwe, Anytiwn, WA 00000",
                "5153 seville lane, Anytown, WA 00000",
                5,
            ),
            (
                "75 woronora street, wandearah, leslie vale NSW 3101",
                "31 woronora street, wandearah, leslir vale NSW 3110",
                5,
            ),
            (
                "62 lance hill avenue, cameiroo, forets hill NSW 0370",
                "26 lance hill avenue, cameroo, forest hill NSW 3070",
                5,
            ),
            (
                "16, st john of god hospital, camiar QLD 2120",
                "16, st john of g od hospital, camira QLD 2120",
                5,
            ),
            (
                "24 yarra street, katalina forrest, taret ACT 3829",
                "24 yarra street, katalina forrest, taree VIC 3820",
                7,
            ),
            ("12 Oak Meadow, Leeds", "12 Elm Meadow, Leeds", 6),
            ("210, Leeds", "210 Regatta Drive, Leeds", 5),
            ("12, Leeds", "12 Regatta Drive, Leeds", 6),
            ("12, Leeds LS4 2AB", "12 Regatta Drive, Leeds LS4 2AB", 5),
            (
                "12 Main St, Salt Lake City, UT 84101",
                "12 Main St, Kansas City, MO 64101",
                7,
            ),
            (
                "12 Main St, Aurora, CO 80012",
                "12 Main St, Aurora, IL 60012",
                7,
            ),
            (
                "Hauptstraße 5, 13127 Berlin",
                "Hauptstraße 5, 13129 Berlin",
                4,
            ),
            ("12 Elm Court, Leeds", "12 Elm Close, Leeds", 6),
            ("Mill Road, Leeds", "Hill Road, Leeds", 6),
            ("12 Park Street, Leeds", "12 Mark Street, Leeds", 6),
            (
                "12 Main St, Grand Rapids, MI 49503",
                "12 Main St, Grand Junction, CO 81501",
                7,
            ),
            (
                "武汉市洪山区关山街道小区3栋501",
                "武汉市洪山区珞南街道小区3栋501",
                6,
            ),
            ("北京市丰台区南苑街道南苑路5号", "北京市丰台区南苑路5号", 0),
            (
                "上海市浦东新区川沙新镇川沙路5号",
                "上海市浦东新区川沙路5号",
                0,
            ),
            ("上海市张杨路500号8楼A03", "上海市张杨路500号8号楼A03", 2),
            (
                "北京市朝阳区望京西园三区410楼1501",
                "北京市朝阳区望京西园四区410楼1501",
                6,
            ),
            (
                "北京市朝阳区望京西园四区410楼1501",
                "北京市朝阳区望京西园四区410号楼1501",
                0,
            ),
            (
                "昆山市花桥镇阳光花园3栋501",
                "昆山市周市镇阳光花园3栋501",
                6,
            ),
            ("西安市雁塔区驿站路5号", "西安市雁塔区驿站路7号", 3),
            (
                "苏州工业园区娄葑街道新城花园33幢3单元1302室",
                "苏州工业园区娄葑街道新城花园33-3-1302",
                0,
            ),
            (
                "深圳南山区蛇口街道蔚蓝海岸8幢1单元703室",
                "广东省深圳市南山区蔚蓝海岸８－１－７０３",
                0,
            ),
            (
                "昆山市花桥镇裕花园33幢3单元1302室",
                "昆山市裕花园33-3-1302",
                0,
            ),
            (
                "苏州工业园区星湖街100号新城花园33幢3单元1302室",
                "苏州工业园区娄葑街道东湖社区星湖街100号新城花园33幢3单元1302室",
                0,
            ),
            (
                "上海市浦东新区汤臣豪园一期3幢501室",
                "上海市浦东新区汤臣豪园1期3幢501室",
                0,
            ),
            (
                "上海市浦东新区汤臣豪园一期3幢501室",
                "上海市浦东新区汤臣豪园2期3幢501室",
                6,
            ),
            (
                "上海市浦东新区东风村9组53号",
                "上海市浦东新区东风村九组53号",
                0,
            ),
            (
                "苏州工业园区娄葑街道新城花园(一期)33幢1302室",
                "苏州工业园区娄葑街道新城花园(二期)33幢1302室",
                6,
            ),
            (
                "河北省雄安新区容城县容和路1856号",
                "雄安新区容和路1856号",
                1,
            ),
            (
                "天津开发区第二大街10号",
                "天津市滨海新区天津经济技术开发区第二大街10号",
                0,
            ),
            (
                "上海市浦东新区张江镇祖冲之路735弄39号903室",
                "浦东祖冲之路735弄39号903",
                0,
            ),
            (
                "北京市朝阳区望京花园102楼1501",
                "北京市朝阳区望京花园102号楼1501室",
                0,
            ),
            (
                "上海市浦东新区汤臣豪园3栋2单元0501",
                "上海市浦东新区汤臣豪园3栋2单元501",
                0,
            ),
            (
                "上海市浦东新区汤臣豪园3幢501室",
                "上海市浦东新区汤臣豪园3号501室",
                0,
            ),
            ("恩施市屯堡乡马者村", "恩施市屯堡乡马者村", 3),
            ("杭州市余杭区", "杭州市余杭区", 6),
            ("深圳市南山区腾讯大厦", "深圳市南山区腾讯大厦", 0),
            (
                "上海市浦东新区湖畔天城3幢501室菜鸟驿站",
                "上海市浦东新区湖畔天城3幢501室",
                0,
            ),
            (
                "苏州市姑苏区彩香社区西区3栋501",
                "苏州市姑苏区三香社区西区3栋501",
                6,
            ),
            (
                "上海市浦东新区张江镇北一路5号",
                "上海市浦东新区北一路5号",
                0,
            ),
            (
                "12 Church Road, London SE19 2ET",
                "12 Church Road, London SW19 2ET",
                4,
            ),
            (
                "上海市浦东新区张杨路500号3号楼1201室，放门卫",
                "上海浦东张杨路500号3幢1201",
                0,
            ),
            (
                "上海市浦东新区张杨路500号3号楼1201室，放门卫",
                "上海市浦东新区张杨路500号5号楼702室 请提前打电话",
                2,
            ),
            ("台北市信義區松仁路100號5樓", "松仁路100號8樓", 2),
            ("合肥市高新区长江路5号", "合肥市经开区长江路5号", 7),
            ("合肥高新区长江西路5号", "合肥市蜀山区长江西路5号", 1),
            (
                "合肥高新技术产业开发区长江西路5号",
                "合肥市高新区长江西路5号",
                0,
            ),
            (
                "苏州工业园区星湖街328号",
                "江苏省苏州市工业园区星湖街328号",
                0,
            ),
            ("苏州工业园区星湖街328号", "苏州园区星湖街328号", 0),
            ("苏州工业园区星湖街328号", "苏州市星湖街328号", 1),
            ("苏州工业园区星湖街328号", "苏州市吴中区星湖街328号", 1),
            ("昆山市花桥镇绿地大道231号", "昆山花桥镇绿地大道231号", 0),
            ("昆山路5号", "昆山市5号", 7),
            (
                "上海市浦东新区张江高科技园区祖冲之路887号",
                "上海浦东祖冲之路887号",
                0,
            ),
            ("天津开发区第三大街5号", "天津市滨海新区第三大街5号", 0),
            ("深圳市南山区科技园科苑路15号", "深圳南山科苑路15号", 0),
            (
                "重庆市渝北区两江新区金渝大道85号",
                "重庆市渝北区金渝大道85号",
                0,
            ),
            (
                "武汉市洪山区高新区光谷大道3号",
                "武汉市洪山区经开区光谷大道3号",
                6,
            ),
            ("合肥市高新区开发区大道5号", "合肥市高新区大道5号", 7),
            (
                "Karl-Marx-Straße 5, 10115 Berlin",
                "Rosa-Luxemburg-Straße 5, 10115 Berlin",
                6,
            ),
            ("Berliner Str. 5, München", "Münchner Str. 5, München", 6),
            ("Calle Mayor 5, Madrid", "Calle Mayor 7, Madrid", 3),
            ("30 Mill Road, Leeds, UK", "30 Mill Road, York, UK", 7),
            (
                "12 Main St, Springfield, IL 62701, USA",
                "12 Main St, Chicago, IL 60601, USA",
                7,
            ),
            ("5 High Street, York", "5 High Street, New York", 7),
            ("12 Main St N, Salem", "12 Main St S, Salem", 6),
            (
                "Ground Floor Flat, 30 Mill Road, Leeds",
                "30 Mill Road, Leeds",
                2,
            ),
            ("Floor 5, 100 Main St", "100 Main St", 2),
            ("12 St James Road", "12 St James Road, Leeds", 1),
            ("南京市鼓楼区阳光花园18栋1302", "阳光花园18栋1302室", 1),
            ("南京市鼓楼区阳光花园18栋1302", "阳光花园22栋801", 3),
            (
                "南京市鼓楼区阳光花园18栋1302",
                "南京市鼓楼区翠屏山庄22栋801",
                6,
            ),
            ("30 Mill Road, Leeds", "30 mill rd (ring twice), LEEDS", 0),
            (
                "30 Mill Road, Leeds LS4 2AB",
                "Flat 2, 30 Mill Rd, ls42ab",
                2,
            ),
            ("30 Mill Road, Leeds", "31 Mill Rd, Leeds", 3),
            ("30 Mill Road, Leeds", "30 Mill Road, York", 7),
            (
                "21 Brewster Place, Frankston VIC 4507",
                "21 Brewster Pl, Frankston VIC 4570",
                4,
            ),
            (
                "21 Brewster Place, Frankston VIC 4507",
                "21 Brewster Place, Ballarat VIC 4570",
                7,
            ),
            (
                "168 bursaria street, leeton NSW 2621",
                "168 bursaria street, leetoh NSW 2612",
                4,
            ),
            (
                "875 dolphin, Anytown, WA 01000",
                "875 dolphin, Anytown, WA 00000",
                4,
            ),
            (
                "bursaria street, leeton NSW 2621",
                "168 bursaria street, leeton NSW 2621",
                3,
            ),
            (
                "park avn, Anytown, WA 00000",
                "park avenue, Anytown, WA 00000",
                0,
            ),
            ("210 field str, Anytown", "210 field st, Anytown", 1),
            ("331 grebe ln, Anytown", "331 grbe ln, Anytown", 4),
            ("6228 e sixth ave, Anytown", "6228 e sixyh ave, Anytown", 4),
            ("2709 avenue m, Anytown", "2709 avenke m, Anytown", 4),
            (
                "6914 arlington street, Anytown, WA",
                "6914 arlington strwef, Anytown, WA",
                4,
            ),
            (
                "1069 ti|lwater ln, Anytown",
                "1069 tillwater ln, Anytown",
                2,
            ),
            ("15 Oak Street, Leeds", "15 Elm Street, Leeds", 6),
            (
                "4212 morning vista dg, Anytown, WA",
                "4212 morning vista dr, Anytown, WA",
                4,
            ),
            (
                "125 sw 55 st, Anytown, WA 00000",
                "125 sw 55 st, Anytown, WA 00009",
                4,
            ),
            ("1130 mallory ln, Anytown", "97 hass dr, Anytown", 6),
            (
                "12 Main St, Springfield, IL 62701",
                "12 Main St, Springfield, IL 62799",
                4,
            ),
            ("9 King St, York YO1 7EP", "12 High Street, York, YO17EP", 6),
            (
                "Hauptstraße 5, 80331 München",
                "Hauptstr. 5 Munich 80331",
                1,
            ),
            (
                "Hauptstraße 5, 80331 München",
                "Hauptstr. 7, 80331 München",
                3,
            ),
            ("12 rue de la Paix, Paris", "12, Rue de la Paix", 1),
            ("PO Box 12", "PO Box 13", 7),
            // Dashes, letters and names tell flats apart.
            (
                "重庆市江北区建新北路16号1-12-3",
                "重庆市江北区建新北路16号11-2-3",
                2,
            ),
            ("沈阳市和平区中华路12号3-1", "沈阳市和平区中华路12号31", 2),
            (
                "重庆市渝中区民生路235号1-11",
                "重庆市渝中区民生路235号11-1",
                2,
            ),
            (
                "重庆市渝中区民生路2幢12-3",
                "重庆市渝中区民生路2栋12-3号",
                3,
            ),
            (
                "上海市浦东新区花木路100号2幢12-3",
                "上海市浦东新区花木路100号2栋12-3号",
                0,
            ),
            (
                "上海市浦东新区花木路100号A铺",
                "上海市浦东新区花木路100号B铺",
                2,
            ),
            (
                "上海市浦东新区花木路100号东户",
                "上海市浦东新区花木路100号西户",
                2,
            ),
            (
                "上海市浦东新区花木路100号甲",
                "上海市浦东新区花木路100号乙",
                2,
            ),
            (
                "上海市浦东新区花木路100号，放门卫",
                "上海市浦东新区花木路100号",
                0,
            ),
            (
                "佛山市禅城区汾江路12号之一",
                "佛山市禅城区汾江路12号之二",
                3,
            ),
            (
                "上海市杨浦区国定路333号同济公寓301室",
                "上海市杨浦区国定路333号复旦公寓301室",
                2,
            ),
            (
                "上海市杨浦区国定路333号同济公寓301室",
                "上海市杨浦区国定路333号301室",
                0,
            ),
            (
                "上海市浦东新区华夏路10号富力中心A塔3001室",
                "上海市浦东新区华夏路10号富力中心B塔3001室",
                2,
            ),
            (
                "北京市海淀区中关村南大街5号院甲3号楼501",
                "北京市海淀区中关村南大街5号院乙3号楼501",
                2,
            ),
            (
                "上海市浦东新区花木路100号3号楼2单元501东",
                "上海市浦东新区花木路100号3号楼2单元501西",
                2,
            ),
            (
                "北京市海淀区中关村南大街5号（A座1201室）",
                "北京市海淀区中关村南大街5号（B座1201室）",
                2,
            ),
            (
                "北京市海淀区中关村南大街5号（放门卫）",
                "北京市海淀区中关村南大街5号",
                0,
            ),
            (
                "台北市士林區中正路100號3樓",
                "桃園市桃園區中正路100號3樓",
                7,
            ),
            ("高雄市三民區建工路415號", "台北市三民區建工路415號", 7),
            (
                "106台北市大安區和平東路一段162號",
                "台北市大安區和平東路一段162號",
                0,
            ),
            (
                "台北市大安區和平東路一段216-1號",
                "台北市大安區和平東路一段216號之1",
                0,
            ),
            ("东莞市长安镇振安路1号", "东莞市虎门镇振安路1号", 6),
            ("东莞市长安镇长青路1号", "东莞长安长青路1号", 0),
            (
                "上海市浦东新区花木路100号3号楼2楼201",
                "上海市浦东新区花木路100号3号楼20楼201",
                2,
            ),
            (
                "上海市浦东新区花木路100号3号楼2楼201",
                "上海市浦东新区花木路100号3号楼201",
                0,
            ),
            (
                "上海市浦东新区花木路100号3号楼-1层101",
                "上海市浦东新区花木路100号3号楼1层101",
                2,
            ),
            (
                "浙江省杭州市余杭区文一西路969号 310000",
                "浙江省杭州市余杭区文一西路969号",
                0,
            ),
            ("香港皇后大道中99号", "香港皇后大道东99号", 6),
            (
                "上海市徐汇区漕溪北路8号（3楼）",
                "上海市徐汇区漕溪北路8号（4楼）",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号（1201）",
                "上海市徐汇区漕溪北路8号（1202）",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号（甲）",
                "上海市徐汇区漕溪北路8号（乙）",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号1201室A",
                "上海市徐汇区漕溪北路8号1201室B",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号1201室之1",
                "上海市徐汇区漕溪北路8号1201室之2",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号3号楼B1层101",
                "上海市徐汇区漕溪北路8号7号楼B1层101",
                2,
            ),
            (
                "上海市徐汇区漕溪北路8号3号楼B1层101",
                "上海市徐汇区漕溪北路8号3号楼负1层101",
                0,
            ),
            ("上海市徐汇区漕溪北路8号甲", "上海市徐汇区漕溪北路8号", 2),
            (
                "台北市大安區忠孝東路4段100號",
                "台北市大安區忠孝東路四段100號",
                0,
            ),
            (
                "南京市鼓楼区万科城3栋501",
                "南京市鼓楼区万科城市花园3栋501",
                6,
            ),
            ("南京市鼓楼区阳光3栋501", "南京市鼓楼区东方阳光3栋501", 6),
            (
                "南京市鼓楼区阳光花园3栋501",
                "南京市鼓楼区阳光花园小区3栋501",
                0,
            ),
            // An estate stands by itself, or behind its road.
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "翠屏国际12栋2单元302室",
                1,
            ),
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "南京鼓楼翠屏国际12-2-302",
                0,
            ),
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "南京鼓楼翠屏国际13-2-302",
                3,
            ),
            // Streets that are alike but for a word.
            (
                "12 rue Saint-Denis, 75002 Paris",
                "12 rue Saint-Martin, 75002 Paris",
                6,
            ),
            (
                "100 K St NW, Washington, DC 20001",
                "100 K St SW, Washington, DC 20001",
                6,
            ),
            (
                "12 Main St N, Salem, OR 97301",
                "12 Main St S, Salem, OR 97301",
                6,
            ),
            (
                "12 Castle Hill Close, Reading RG1 1AA",
                "12 Castle Hill, Reading RG1 1AA",
                6,
            ),
            (
                "Große Bergstraße 5, 22767 Hamburg",
                "Kleine Bergstr. 5, 22767 Hamburg",
                6,
            ),
            (
                "12 rue Victor Hugo, 69002 Lyon",
                "12 rue Victor Hugo, Lyon",
                1,
            ),
            (
                "Unter den Linden 77, 10117 Berlin",
                "Unter den Linden 77, Berlin 10117",
                1,
            ),
            ("Calle Mayor, 5, 28013 Madrid", "Calle Mayor 5, Madrid", 1),
            (
                "Hauptstraße 12-14, 80331 München",
                "Hauptstr. 12-16, 80331 München",
                3,
            ),
            (
                "12 Park Crescent, London W1B 1PH",
                "12 Park Cres, London W1B1PH",
                0,
            ),
            ("25 Broadway, New York", "27 Broadway, New York", 3),
            (
                "3401 W Ainslie St, Chicago",
                "3401 West Ainslie, Chicago",
                1,
            ),
            ("3401 W Ainslie St, Chicago", "3401 Ainslie St, Chicago", 2),
            ("3411 W Fifth Ave, Chicago", "3411 W 5th Ave, Chicago", 0),
            ("13204 Evergren St, Tampa", "13204 Evergreen St, Tampa", 2),
            ("0430 Mill Rd, Leeds", "430Mill Rd, Leeds", 1),
            ("12 Mill Road, Leeds", "12 Mill, Leeds", 1),
            ("12 Mill Road, Leeds", "12 Mill Street, Leeds", 6),
            ("12 5th Ave, New York", "12 6th Ave, New York", 6),
            (
                "123 Rosetta Street, Brightwaters",
                "123 Rozeta St, Brihgtwaters",
                4,
            ),
            (
                "123 Rosetta Street, Brightwaters",
                "125 Rozeta St, Brihgtwaters",
                5,
            ),
            (
                "1 Queen's Road Central, Hong Kong",
                "1 Queen's Road East, Hong Kong",
                6,
            ),
            ("Hauptstr. 5 a, Köln", "Hauptstraße 5a, Köln", 0),
            ("Hauptstr. 5 a, Köln", "Hauptstr. 5 b, Köln", 3),
            (
                "12 Station Road (2nd floor), Leeds",
                "12 Station Road (3rd floor), Leeds",
                2,
            ),
            (
                "12 Station Road (#2), Leeds",
                "12 Station Road (#3), Leeds",
                2,
            ),
            (
                "12 Station Road (Rear), Leeds",
                "12 Station Road (Front), Leeds",
                2,
            ),
            (
                "12 Station Road (Block B), Leeds",
                "12 Station Road (Block C), Leeds",
                2,
            ),
            (
                "5 rue Victor Hugo, Appt 12, Lyon",
                "5 rue Victor Hugo, Appt 14, Lyon",
                2,
            ),
            // Floors, flats and buildings before the house.
            (
                "Flat A, 12/F, Tower 3, 18 Harbour Road, Wan Chai",
                "Flat B, 12/F, Tower 3, 18 Harbour Road, Wan Chai",
                2,
            ),
            (
                "Room 501, Building 3, No. 969 Wenyi West Road, Hangzhou",
                "Room 502, Building 3, No. 969 Wenyi West Rd, Hangzhou",
                2,
            ),
            (
                "Level 5, 100 George St, Sydney NSW 2000",
                "Level 6, 100 George St, Sydney NSW 2000",
                2,
            ),
            (
                "5/100 George St, Sydney NSW 2000",
                "Unit 5, 100 George Street, Sydney NSW 2000",
                0,
            ),
            (
                "First Floor Flat, 30 Mill Road, Leeds",
                "Second Floor Flat, 30 Mill Road, Leeds",
                2,
            ),
            (
                "12 Main St (Apt 4), Boston, MA 02118",
                "12 Main St (Apt 5), Boston, MA 02118",
                2,
            ),
        ] {
            let (left, right) = (Parts::read(one), Parts::read(other));
            for level in [left.level(&right), right.level(&left)] {
                if level != Some(expected) {
                    wrong.push(format!("{one} and {other}: {level:?}, not {expected}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
