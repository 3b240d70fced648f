//! Taiwan, whose districts are in no table of ours but this.

/// The districts of its cities, simplified, without their last word. Source: the list of districts of Taiwan's Ministry of the Interior.
const DISTRICTS: &str = "\
    中正 大同 中山 松山 大安 万华 信义 士林 北投 内湖 南港 文山 \
    板桥 三重 中和 永和 新庄 新店 树林 莺歌 三峡 淡水 汐止 瑞芳 土城 芦洲 五股 泰山 林口 深坑 石碇 坪林 三芝 石门 八里 平溪 双溪 贡寮 金山 \
    万里 乌来 桃园 中坜 平镇 八德 杨梅 芦竹 大溪 龙潭 龟山 大园 观音 新屋 复兴 \
    北屯 西屯 南屯 太平 大里 雾峰 乌日 丰原 后里 石冈 东势 和平 新社 潭子 大雅 神冈 大肚 沙鹿 龙井 梧栖 清水 大甲 外埔 \
    中西 安平 安南 永康 归仁 新化 左镇 玉井 楠西 南化 仁德 关庙 龙崎 官田 麻豆 佳里 西港 七股 将军 学甲 北门 新营 后壁 白河 东山 六甲 下营 \
    柳营 盐水 善化 大内 山上 新市 安定 \
    新兴 前金 苓雅 盐埕 鼓山 旗津 前镇 三民 左营 楠梓 小港 仁武 大社 冈山 路竹 阿莲 田寮 燕巢 桥头 梓官 弥陀 永安 湖内 凤山 大寮 林园 鸟松 \
    大树 旗山 美浓 六龟 内门 杉林 甲仙 桃源 那玛夏 茂林 茄萣 \
    仁爱 安乐 暖暖 七堵 香山 东 西 南 北 中";

/// The name of a district at the start of a text, without its last word.
pub(super) fn district(text: &str) -> Option<&'static str> {
    let is_ahead = |name: &&str| {
        text.strip_prefix(*name)
            .is_some_and(|rest| rest.starts_with('区'))
    };
    DISTRICTS.split_whitespace().find(is_ahead)
}
