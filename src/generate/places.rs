//! Where people live. A small table of our own; codes are those of GB/T 2260.

/// A city: province, city, the code of the first district, districts with the last two digits of their code, weight.
pub struct City {
    /// 省
    pub province: &'static str,
    /// 市
    pub city: &'static str,
    /// The first four digits of its districts' codes.
    pub code: &'static str,
    /// The area code of its fixed lines.
    pub area: &'static str,
    /// Districts with the last two digits of their codes.
    pub districts: &'static [(&'static str, &'static str)],
}

/// Chinese cities with their weights.
pub const CITIES: &[(City, u64)] = &[
    (
        City {
            province: "北京市",
            city: "北京市",
            code: "1101",
            area: "010",
            districts: &[
                ("东城区", "01"),
                ("西城区", "02"),
                ("朝阳区", "05"),
                ("海淀区", "08"),
            ],
        },
        90,
    ),
    (
        City {
            province: "上海市",
            city: "上海市",
            code: "3101",
            area: "021",
            districts: &[
                ("黄浦区", "01"),
                ("徐汇区", "04"),
                ("静安区", "06"),
                ("浦东新区", "15"),
            ],
        },
        95,
    ),
    (
        City {
            province: "广东省",
            city: "广州市",
            code: "4401",
            area: "020",
            districts: &[
                ("荔湾区", "03"),
                ("越秀区", "04"),
                ("天河区", "06"),
                ("白云区", "11"),
            ],
        },
        70,
    ),
    (
        City {
            province: "广东省",
            city: "深圳市",
            code: "4403",
            area: "0755",
            districts: &[
                ("罗湖区", "03"),
                ("福田区", "04"),
                ("南山区", "05"),
                ("宝安区", "06"),
            ],
        },
        75,
    ),
    (
        City {
            province: "浙江省",
            city: "杭州市",
            code: "3301",
            area: "0571",
            districts: &[
                ("上城区", "02"),
                ("拱墅区", "05"),
                ("西湖区", "06"),
                ("余杭区", "10"),
            ],
        },
        55,
    ),
    (
        City {
            province: "江苏省",
            city: "南京市",
            code: "3201",
            area: "025",
            districts: &[
                ("玄武区", "02"),
                ("秦淮区", "04"),
                ("鼓楼区", "06"),
                ("江宁区", "15"),
            ],
        },
        45,
    ),
    (
        City {
            province: "江苏省",
            city: "苏州市",
            code: "3205",
            area: "0512",
            districts: &[
                ("虎丘区", "05"),
                ("吴中区", "06"),
                ("相城区", "07"),
                ("姑苏区", "08"),
            ],
        },
        40,
    ),
    (
        City {
            province: "四川省",
            city: "成都市",
            code: "5101",
            area: "028",
            districts: &[
                ("锦江区", "04"),
                ("青羊区", "05"),
                ("武侯区", "07"),
                ("成华区", "08"),
            ],
        },
        60,
    ),
    (
        City {
            province: "湖北省",
            city: "武汉市",
            code: "4201",
            area: "027",
            districts: &[
                ("江岸区", "02"),
                ("江汉区", "03"),
                ("武昌区", "06"),
                ("洪山区", "11"),
            ],
        },
        50,
    ),
    (
        City {
            province: "陕西省",
            city: "西安市",
            code: "6101",
            area: "029",
            districts: &[
                ("新城区", "02"),
                ("碑林区", "03"),
                ("莲湖区", "04"),
                ("雁塔区", "13"),
            ],
        },
        40,
    ),
    (
        City {
            province: "重庆市",
            city: "重庆市",
            code: "5001",
            area: "023",
            districts: &[
                ("渝中区", "03"),
                ("江北区", "05"),
                ("沙坪坝区", "06"),
                ("渝北区", "12"),
            ],
        },
        50,
    ),
    (
        City {
            province: "天津市",
            city: "天津市",
            code: "1201",
            area: "022",
            districts: &[("和平区", "01"), ("河西区", "03"), ("南开区", "04")],
        },
        35,
    ),
    (
        City {
            province: "山东省",
            city: "青岛市",
            code: "3702",
            area: "0532",
            districts: &[("市南区", "02"), ("市北区", "03"), ("崂山区", "12")],
        },
        30,
    ),
    (
        City {
            province: "山东省",
            city: "济南市",
            code: "3701",
            area: "0531",
            districts: &[("历下区", "02"), ("市中区", "03"), ("槐荫区", "04")],
        },
        28,
    ),
    (
        City {
            province: "福建省",
            city: "福州市",
            code: "3501",
            area: "0591",
            districts: &[("鼓楼区", "02"), ("台江区", "03"), ("仓山区", "04")],
        },
        24,
    ),
    (
        City {
            province: "福建省",
            city: "厦门市",
            code: "3502",
            area: "0592",
            districts: &[("思明区", "03"), ("湖里区", "06"), ("集美区", "11")],
        },
        20,
    ),
    (
        City {
            province: "湖南省",
            city: "长沙市",
            code: "4301",
            area: "0731",
            districts: &[("芙蓉区", "02"), ("天心区", "03"), ("岳麓区", "04")],
        },
        30,
    ),
    (
        City {
            province: "河南省",
            city: "郑州市",
            code: "4101",
            area: "0371",
            districts: &[("中原区", "02"), ("二七区", "03"), ("金水区", "05")],
        },
        32,
    ),
    (
        City {
            province: "辽宁省",
            city: "沈阳市",
            code: "2101",
            area: "024",
            districts: &[("和平区", "02"), ("沈河区", "03"), ("皇姑区", "05")],
        },
        24,
    ),
    (
        City {
            province: "辽宁省",
            city: "大连市",
            code: "2102",
            area: "0411",
            districts: &[("中山区", "02"), ("西岗区", "03"), ("沙河口区", "04")],
        },
        20,
    ),
];

/// Roads that many cities have.
pub const ROADS: &[&str] = &[
    "中山路",
    "人民路",
    "解放路",
    "建设路",
    "和平路",
    "文化路",
    "新华路",
    "胜利路",
    "长江路",
    "黄河路",
    "北京路",
    "南京路",
    "青年路",
    "学院路",
    "花园路",
    "滨河路",
    "朝阳路",
    "光明路",
    "友谊路",
    "工业路",
    "迎宾大道",
    "世纪大道",
    "科技路",
    "东风路",
];

/// Western cities: country, city, a postcode's start, the country code and a pattern of mobile numbers (`#` is a digit).
pub const WESTERN: &[(&str, &str, &str, &str)] = &[
    ("GB", "London", "SW1A", "+44 78## ######"),
    ("GB", "Manchester", "M1", "+44 78## ######"),
    ("US", "New York", "10001", "+1 212 7## ####"),
    ("US", "Seattle", "98101", "+1 206 7## ####"),
    ("DE", "Berlin", "10115", "+49 151 ########"),
    ("FR", "Paris", "75001", "+33 6 6# ## ## ##"),
    ("NL", "Amsterdam", "1011", "+31 6 2#######"),
    ("AU", "Sydney", "2000", "+61 41# ### ###"),
];

/// Western streets.
pub const STREETS: &[&str] = &[
    "High Street",
    "Station Road",
    "Church Lane",
    "Park Avenue",
    "Main Street",
    "Oak Street",
    "Mill Road",
    "Queen Street",
    "King Street",
    "Maple Drive",
    "Lake View",
    "Victoria Road",
    "Garden Row",
    "Bridge Street",
];
