//! What a file is written in. Its bytes alone do not say: most Korean text is valid Chinese and the other way round, and a name of three
//! characters is too little for a statistical detector. So both readings are made, and the one that says something in its language is taken.

use crate::Result;
use domain::error::{Problem, Refusal};
use encoding_rs::{EUC_KR, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use std::str::FromStr;

/// An encoding a file may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEncoding(&'static Encoding);

impl FromStr for FileEncoding {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let label = match text.trim().to_ascii_lowercase().as_str() {
            // Names of Windows that the web does not know.
            "cp949" | "ms949" | "uhc" => "euc-kr".to_owned(),
            "cp936" | "ms936" => "gbk".to_owned(),
            "utf16" => "utf-16".to_owned(),
            other => other.to_owned(),
        };
        let found =
            Encoding::for_label(label.as_bytes()).map(|encoding| if encoding == GBK { GB18030 } else { encoding });
        found
            .filter(|encoding| [UTF_8, EUC_KR, GB18030, UTF_16LE, UTF_16BE].contains(encoding))
            .map(Self)
            .ok_or("utf-8, euc-kr, gbk or utf-16")
    }
}

/// How sure a reading must be of itself beside the other one, of 1.
const MARGIN: f64 = 0.25;
/// The number of characters with which a statistical detector is to be trusted.
const MUCH_TEXT: usize = 40;

/// Syllables of Korean names, addresses and businesses.
const KOREAN: &str = "가각간갑강개거건걸겸경계고곡곤공과관광교구국군권귀규균그극근금급기길김나남낭내너넓넷노녹논농누늘능니다단달담당대덕도독돈동되된두둔드득든들등디따때라락란람랑래량려력련렬령례로록론룡루류륙륜률르를름릉리린림마막만말망매맥맹머메면명모목묘무묵문물미민밀바박반발방배백번범법벽변별병보복본봉부북분불브비빈빌빛사산삼상새색생서석선설섭성세소속손솔송쇠수숙순술숭스슬습승시식신실심십싱쌍씨아악안알암압애액야약양어언엄업에여역연열염엽영예오옥온올옹완왕외요용우욱운울웅원월위유육윤율융으은을음읍의이익인일임입자작잔장재저적전절점접정제조족존종좌주준중즉증지직진질집차착찬참창채처천철첨청체초촌총최추축춘출충취측층치친칠침칭카캐커코크클타탁탄탈탑태택터테토통트특티파판팔패퍼편평포표푸품풍프플피필하학한할함합항해행향허헌혁현협형혜호홍화확환활황회획횡효후훈휘휴흥희히힘";

/// Characters of Chinese names, addresses and businesses.
const CHINESE: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚英玉建国红志鑫丹萍玲飞鹏宇浩辉凯健俊帆雪婷慧晶倩颖琳佳欣怡子轩梓涵一二三四五六七八九十百小大春生海波斌峰云东民天德光永新兴美珍凤琴淑兵福祥利元亮家豪博睿诗嘉雨思雅晨晓梦瑶北京上广州深圳津重庆市省县区镇乡村街道巷弄号楼栋幢座院元室层园花都中心西南前后左右里外门口科技电网有限公司力供站所能表相智式客户用地址名称编状态订已收存放完单位厂店集团责股份工程装设备业务处物管理局社机械山河湖泉桥城岭坪湾港长武汉杭成苏无锡沈阳济青岛大连厦哈尔滨合肥福昌贵昆太原石庄郑长春合";

/// The text, and the name of the encoding it was in: the one that is asked for, else that of the byte order mark, else UTF-8 where it is
/// valid, else the Korean or Chinese one. `words` are texts that are probably in it.
pub(super) fn decode(bytes: &[u8], wanted: Option<FileEncoding>, words: &[String]) -> Result<(String, &'static str)> {
    let encoding = match (wanted, Encoding::for_bom(bytes)) {
        (Some(FileEncoding(encoding)), _) => encoding,
        (None, Some((encoding, _))) => encoding,
        (None, None) if std::str::from_utf8(bytes).is_ok() => UTF_8,
        (None, None) => korean_or_chinese(bytes, words)?,
    };
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    if damaged || text.contains('\0') {
        let known = if wanted.is_some() {
            encoding.name()
        } else {
            "UTF-8, EUC-KR or GBK"
        };
        return Err(Refusal::malformed(format!("the file is not text in {known}")));
    }
    let name = if encoding == GB18030 {
        GBK.name()
    } else {
        encoding.name()
    };
    Ok((text.into_owned(), name))
}

/// Whichever reading holds more of the known words, or else is more like its language.
fn korean_or_chinese(bytes: &[u8], words: &[String]) -> Result<&'static Encoding> {
    let reading = |encoding: &'static Encoding, usual: &str| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        let known = words
            .iter()
            .filter(|word| !word.is_ascii() && text.contains(word.as_str()))
            .count();
        Some((known, likeness(&text, usual)))
    };
    let readings = (reading(EUC_KR, KOREAN), reading(GB18030, CHINESE));
    let ((korean_words, korean), (chinese_words, chinese)) = match readings {
        (Some(korean), Some(chinese)) => (korean, chinese),
        (Some(_), None) => return Ok(EUC_KR),
        // What is no text is found out when it is decoded.
        (None, _) => return Ok(GB18030),
    };
    let undecided = || Refusal::field("file", Problem::Encoding);
    match korean_words.cmp(&chinese_words) {
        std::cmp::Ordering::Greater => Ok(EUC_KR),
        std::cmp::Ordering::Less => Ok(GB18030),
        std::cmp::Ordering::Equal if korean - chinese > MARGIN => Ok(EUC_KR),
        std::cmp::Ordering::Equal if chinese - korean > MARGIN => Ok(GB18030),
        std::cmp::Ordering::Equal => detected(bytes).ok_or_else(undecided),
    }
}

/// Which part of the foreign characters is usual in a language. What neither language writes counts against it.
fn likeness(text: &str, usual: &str) -> f64 {
    let (mut foreign, mut points) = (0u32, 0f64);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        foreign += 1;
        points += match c {
            // Punctuation of both.
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '·' => 0.5,
            _ if usual.contains(c) => 1.0,
            '가'..='힣' | '\u{4e00}'..='\u{9fff}' => 0.0,
            _ => -0.5,
        };
    }
    points / f64::from(foreign.max(1))
}

/// What a statistical detector says of a longer text.
fn detected(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.iter().filter(|byte| !byte.is_ascii()).count() < 2 * MUCH_TEXT {
        return None;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    match detector.guess(None, chardetng::Utf8Detection::Deny) {
        guess if guess == EUC_KR => Some(EUC_KR),
        guess if guess == GBK || guess == GB18030 => Some(GB18030),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, encoding: &'static Encoding, words: &[&str]) -> Result<&'static str> {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost, "{text}");
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (read, name) = decode(&bytes, None, &words)?;
        assert_eq!(read, text);
        Ok(name)
    }

    /// One row in which nothing but the name is not ASCII.
    fn row(name: &str) -> String {
        format!("thingsSq,customerNo,customerName,address,meterKind,business\n1001,0211,{name},Seoul,LP,Hanbit\n")
    }

    #[test]
    fn a_korean_name_alone_is_read_as_korean() {
        for name in [
            "홍길동",
            "김철수",
            "이영희",
            "박민수",
            "최지우",
            "정다은",
            "강지우",
            "조현우",
            "윤서연",
            "장동건",
            "임수정",
            "한빛전기",
            "오세훈",
            "서지혜",
            "신동엽",
            "권상우",
            "황정민",
            "안성기",
            "송강호",
            "유재석",
            "전지현",
            "남궁민",
            "배두나",
            "노무현",
            "하정우",
            "김",
            "서울",
            "대성전력",
            "㈜한빛",
            "1동 203호",
        ] {
            assert_eq!(found(&row(name), EUC_KR, &[]), Ok("EUC-KR"), "{name}");
        }
    }

    #[test]
    fn a_chinese_name_alone_is_read_as_chinese() {
        for name in [
            "张伟",
            "王芳",
            "李娜",
            "刘洋",
            "陈静",
            "杨磊",
            "赵强",
            "黄敏",
            "周杰",
            "吴艳",
            "徐丽",
            "孙军",
            "马超",
            "朱红",
            "胡平",
            "郭明",
            "何勇",
            "高峰",
            "林涛",
            "罗辉",
            "国家电网",
            "北京市海淀区",
            "供电局",
            "王小明",
            "欧阳娜娜",
            "3号楼",
            "李",
        ] {
            assert_eq!(found(&row(name), GBK, &[]), Ok("GBK"), "{name}");
        }
    }

    #[test]
    fn longer_text_is_told_apart_as_well() {
        for text in [
            "1001,홍길동,서울특별시 중구 세종대로 110,전자식 단상",
            "thingsSq\n김",
            "뷁쉛뛇 홍길동 서울특별시 강남구",
        ] {
            assert_eq!(found(text, EUC_KR, &[]), Ok("EUC-KR"), "{text}");
        }
        for text in [
            "1001,张伟,北京市海淀区中关村大街1号,单相电子式",
            "thingsSq\n国家电网有限公司的客户地址",
        ] {
            assert_eq!(found(text, GBK, &[]), Ok("GBK"), "{text}");
        }
    }

    #[test]
    fn known_words_decide_where_the_text_does_not() {
        // Hardly a word of either language, but a business of this deployment.
        let (korean, chinese) = ("휑뎅", "燮鬟");
        assert_eq!(found(korean, EUC_KR, &[korean]), Ok("EUC-KR"));
        assert_eq!(found(chinese, GBK, &[chinese, "한빛전기"]), Ok("GBK"));
    }

    #[test]
    fn what_could_be_either_is_left_to_the_person() {
        let bytes = EUC_KR.encode("휑뎅").0;
        assert_eq!(
            decode(&bytes, None, &[]),
            Err(Refusal::field("file", Problem::Encoding))
        );
        let wanted = |name: &str| Some(name.parse().unwrap());
        assert_eq!(
            decode(&bytes, wanted("euc-kr"), &[]).unwrap(),
            ("휑뎅".to_owned(), "EUC-KR")
        );
        assert_eq!(decode(&bytes, wanted("gbk"), &[]).unwrap().1, "GBK");
        assert!(matches!(
            decode(&bytes, wanted("utf-8"), &[]),
            Err(Refusal::Malformed { .. })
        ));
    }

    #[test]
    fn encodings_have_their_usual_names() {
        for (names, encoding) in [
            (&["utf-8", "UTF8"][..], UTF_8),
            (&["euc-kr", "EUC-KR", "cp949", "windows-949", "ks_c_5601-1987"], EUC_KR),
            (&["gbk", "GB2312", "gb18030", "cp936"], GB18030),
            (&["utf-16", "UTF-16LE"], UTF_16LE),
        ] {
            for name in names {
                assert_eq!(name.parse(), Ok(FileEncoding(encoding)), "{name}");
            }
        }
        for wrong in ["", "latin1", "shift_jis", "korean?"] {
            assert!(wrong.parse::<FileEncoding>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let read =
            |bytes: &[u8], wanted: Option<&str>| decode(bytes, wanted.map(|name| name.parse().unwrap()), &[]).unwrap();
        assert_eq!(read("\u{feff}id".as_bytes(), None), ("id".to_owned(), "UTF-8"));
        assert_eq!(read("\u{feff}id".as_bytes(), Some("utf-8")), ("id".to_owned(), "UTF-8"));
        assert_eq!(read(b"\xff\xfei\0d\0", None), ("id".to_owned(), "UTF-16LE"));
        assert_eq!(read(b"\xff\xfei\0d\0", Some("utf-16")), ("id".to_owned(), "UTF-16LE"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&[0xff, 0xff, 0x80, 0x00][..], b"a\0b", b"\x00\x01\x02\xff\xfe\xfd"] {
            assert!(matches!(decode(bytes, None, &[]), Err(Refusal::Malformed { .. })));
        }
    }
}
