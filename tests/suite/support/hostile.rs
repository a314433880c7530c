//! Strings that try to drive a terminal, to hide, to reorder or to displace
//! what stands around them.

pub mod logs;

use firsthour::app::model::Model;
use firsthour::app::watch::Watch;
use firsthour::domain::failure::Failure;
use firsthour::domain::watch::{Counted, Glance};

/// Every hostile string of the suite; at least 200.
pub fn corpus() -> Vec<String> {
    let mut all: Vec<String> = SEQUENCES
        .iter()
        .chain(MARKUP)
        .chain(SCRIPTS)
        .map(|&text| text.to_owned())
        .collect();
    all.extend(controls());
    all.extend(invisible());
    all.extend(stacks());
    all.extend(lengths());
    all
}

const SEQUENCES: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}[1;1Hover the header",
    "\u{1b}[999B\u{1b}[999C*",
    "\u{1b}[6n",
    "\u{1b}[c",
    "\u{1b}[>c",
    "\u{1b}[21t",
    "\u{1b}[?1049h",
    "\u{1b}[?1049l",
    "\u{1b}[?25l",
    "\u{1b}[?1000h\u{1b}[?1006h",
    "\u{1b}[?2004l",
    "\u{1b}[8m hidden \u{1b}[28m",
    "\u{1b}[1A\u{1b}[2K gone",
    "\u{1b}[3;r",
    "\u{1b}[4i print \u{1b}[5i",
    "\u{1b}c",
    "\u{1b}7\u{1b}8",
    "\u{1b}(0lqqk\u{1b}(B",
    "\u{1b}#8",
    "\u{1b}]0;owned title\u{7}",
    "\u{1b}]2;owned title\u{1b}\\",
    "\u{1b}]52;c;Y3VybCBldmls\u{7}",
    "\u{1b}]52;p;?\u{1b}\\",
    "\u{1b}]8;;http://evil.example/\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}]9;notify me\u{7}",
    "\u{1b}]777;notify;a;b\u{7}",
    "\u{1b}]4;1;?\u{7}",
    "\u{1b}]10;?\u{7}",
    "\u{1b}]50;font\u{7}",
    "\u{1b}]1337;File=inline=1:AAAA\u{7}",
    "\u{1b}]133;A\u{7}",
    "\u{1b}Pq#0;2;0;0;0#0~~@@vv\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{1b}_Ga=T,f=24;AAAA\u{1b}\\",
    "\u{1b}^private\u{1b}\\",
    "\u{1b}X string \u{1b}\\",
    "\u{1b}[",
    "\u{1b}",
    "\u{1b}]",
    "\u{1b}[38;2;1;2;3m",
    "\u{1b}[38:5:196m",
    "\u{1b}[100000000000000m",
    "\u{9b}31mred",
    "\u{9b}2J",
    "\u{9d}0;title\u{9c}",
    "\u{90}q~\u{9c}",
    "\u{9f}Ga=T\u{9c}",
    "\u{85}next line",
    "\u{84}\u{8d}reverse",
    "one\ntwo\nthree",
    "one\r\ntwo",
    "rewritten\rREAD",
    "back\u{8}\u{8}\u{8}\u{8}over",
    "bell\u{7}\u{7}\u{7}",
    "form\u{c}feed",
    "vertical\u{b}tab",
    "shift\u{e}out\u{f}in",
    "nul\0inside",
    "del\u{7f}del",
    "a\tb\tc\td",
    "\t\t\t\t\t\t\t\t",
    "\u{1a}end\u{4}of\u{3}text",
];

const MARKUP: &[&str] = &[
    "[red]not a style[-]",
    "[YELLOW] [GREEN] [white:red:b]",
    "[::b]bold[::-]",
    "[\"region\"]text[\"\"]",
    "{red-fg}blessed{/red-fg}",
    "<b>bold</b><script>alert(1)</script>",
    "#[fg=red]tmux#[default]",
    "%{F#f00}bar%{F-}",
    "{{template}} ${HOME} $(id) `id`",
    "%s%n%x%d %1$n",
    "**bold** [link](http://evil.example) ![x](y)",
    "| a | b |\n|---|---|",
    "'; DROP TABLE customers; --",
    "\" OR 1=1 --",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "../../../../etc/passwd",
    "--help",
    "-rf /",
    "> approved",
    "y",
    "lab",
    " LIVE ",
    "\\x1b[31m",
    "\\u001b[31m",
    "^[[31m",
    "<U+202E>",
    "─────────────────────────",
    "│││││││││││││",
    "┌────────┐",
    "████████████████",
    "……………………………………",
];

const SCRIPTS: &[&str] = &[
    "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "ｆｕｌｌｗｉｄｔｈ",
    "半a角b混c在d",
    "한국어 텍스트",
    "\u{1100}\u{1161}\u{11a8}",
    "ｶﾞｷﾞｸﾞ",
    "か\u{3099}",
    "שלום עולם",
    "مرحبا بالعالم",
    "لا لله ﷽",
    "abc שלום 123 مرحبا",
    "ไทยกำลัง",
    "नमस्ते क्षि",
    "தமிழ் நி",
    "བོད་ཡིག",
    "Zalgo: H\u{30d}\u{310}\u{306}e\u{300}\u{301}\u{302}",
    "рayраl (Cyrillic)",
    "ｐａｙｐａｌ",
    "ⅷ ℡ ㎒ ㋿",
    "👍🏽👩🏿",
    "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    "🏳\u{fe0f}\u{200d}🌈",
    "🇩🇪🇫🇷🇯",
    "❤\u{fe0f}❤\u{fe0e}",
    "1\u{fe0f}\u{20e3}",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "𝕗𝕒𝕟𝕔𝕪",
    "\u{1f1e6}",
    "\u{10ffff}",
    "\u{fffd}\u{fffe}",
    "\u{d7ff}",
    "㊙㊗🈁",
    "⑴⒈⓵",
    "\u{0600}12",
    "\u{06dd}9",
    "\u{0d4e}x",
    "ꥠ\u{a960}",
    "🫥🫠🪬",
    "\u{2014}\u{2015}\u{2e3a}\u{2e3b}",
    "",
    " ",
    "          ",
    "\u{a0}\u{2003}\u{3000}\u{1680}",
];

/// Every C0 and C1 control by itself, between two letters.
fn controls() -> Vec<String> {
    (0..0x20_u32)
        .chain(0x7f..0xa0)
        .filter_map(char::from_u32)
        .map(|c| format!("a{c}b"))
        .collect()
}

/// Characters that show nothing, join or reorder.
fn invisible() -> Vec<String> {
    let singles = [
        0x00ad, 0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e,
        0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2064,
        0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff9,
        0xfffa, 0xfffb, 0xfffc, 0x1d173, 0xe0001, 0xe0020, 0xe0041, 0xe007f, 0xe0100, 0xe000,
    ];
    singles
        .into_iter()
        .filter_map(char::from_u32)
        .map(|c| format!("ad{c}min"))
        .collect()
}

/// Combining marks in numbers.
fn stacks() -> Vec<String> {
    ['\u{301}', '\u{489}', '\u{20dd}', '\u{1ab0}', '\u{fe20}']
        .into_iter()
        .flat_map(|mark| [1, 2, 3, 200].map(|count| format!("e{}", mark.to_string().repeat(count))))
        .chain(['\u{301}', '\u{20e3}'].map(|mark| format!("{mark}first")))
        .collect()
}

/// Very long ones, with and without a place to break.
fn lengths() -> Vec<String> {
    vec![
        "x".repeat(10_000),
        "word ".repeat(2_000),
        "漢".repeat(3_000),
        "\u{1b}[31m".repeat(2_000),
        "\n".repeat(500),
        "e\u{301}".repeat(3_000),
        "😀".repeat(1_000),
        format!("{}\u{202e}", "a".repeat(79)),
    ]
}

/// A watch that saw a read grow and a statement run, and then failed.
pub fn watch(model: &Model, trouble: Failure) -> Watch {
    let reads = &model.incident().unwrap().reads;
    let mut watch = Watch::new(1, model.now);
    let mut read = reads.read[0].clone();
    for rows in [0, 9_000] {
        read.rows += rows;
        watch.answered(
            model.now,
            Ok(Glance {
                counted: vec![Counted {
                    read: read.clone(),
                    wide_from: 1,
                }],
                live: reads.live.clone(),
                whole: true,
                off: reads.horizon.as_ref().unwrap().off.clone(),
            }),
        );
    }
    watch.answered(model.now, Err(trouble));
    watch
}
