//! The words servers write in their own languages (English, German, Spanish,
//! French, Italian, Japanese, Korean, Russian, Swedish, Ukrainian, Chinese,
//! Georgian, Portuguese). A leaf.

use super::record::Level;

/// What a line is: the head of a record, or a part of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Head(Level),
    Detail,
    Statement,
    /// Hints, contexts, places in the source: not looked at.
    Aside,
}

const LOG: [&str; 10] = [
    "LOG",
    "LOGG",
    "СООБЩЕНИЕ",
    "ЗАПИСУВАННЯ",
    "日志",
    "로그",
    "ჟურნალი",
    "PROTOKOLL",
    "REGISTRO",
    "DZIENNIK",
];
const FAILED: [&str; 33] = [
    "ERROR",
    "FATAL",
    "PANIC",
    "FEHLER",
    "PANIK",
    "ERREUR",
    "ERRORE",
    "FATALE",
    "PANICO",
    "ОШИБКА",
    "ВАЖНО",
    "ПАНИКА",
    "FEL",
    "FATALT",
    "ПОМИЛКА",
    "ФАТАЛЬНО",
    "ПАНІКА",
    "错误",
    "致命错误",
    "比致命错误还过分的错误",
    "오류",
    "치명적오류",
    "손상",
    "შეცდომა",
    "ფატალური",
    "პანიკა",
    "ERRO",
    "BŁĄD",
    "KATASTROFALNY",
    "PÂNICO",
    "ОТКАЗ",
    "PÁNICO",
    "HATA",
];
const OTHER: [&str; 27] = [
    "WARNING",
    "NOTICE",
    "INFO",
    "DEBUG",
    "DEBUG1",
    "DEBUG2",
    "DEBUG3",
    "DEBUG4",
    "DEBUG5",
    "WARNUNG",
    "HINWEIS",
    "ATTENTION",
    "ATTENZIONE",
    "NOTIFICA",
    "ПРЕДУПРЕЖДЕНИЕ",
    "ЗАМЕЧАНИЕ",
    "VARNING",
    "NOTIS",
    "ПОПЕРЕДЖЕННЯ",
    "ПОВІДОМЛЕННЯ",
    "警告",
    "注意",
    "경고",
    "알림",
    "გაფრთხილება",
    "AVISO",
    "ADVERTENCIA",
];
const DETAIL: [&str; 13] = [
    "DETAIL",
    "DETALLE",
    "DÉTAIL",
    "DETTAGLI",
    "詳細",
    "დეტალები",
    "상세정보",
    "ПОДРОБНОСТИ",
    "DETALJ",
    "ВІДОМОСТІ",
    "详细信息",
    "DETALHE",
    "SZCZEGÓŁY",
];
const STATEMENT: [&str; 13] = [
    "STATEMENT",
    "ANWEISUNG",
    "SENTENCIA",
    "INSTRUCTION",
    "ISTRUZIONE",
    "文",
    "ოპერატორი",
    "명령 구문",
    "ОПЕРАТОР",
    "SATS",
    "ІНСТРУКЦІЯ",
    "语句",
    "COMANDO",
];
const ASIDE: [&str; 49] = [
    "HINT",
    "CONTEXT",
    "QUERY",
    "LOCATION",
    "BACKTRACE",
    "TIPP",
    "ZUSAMMENHANG",
    "ANFRAGE",
    "ORT",
    "CONTEXTO",
    "CONSULTA",
    "UBICACIÓN",
    "ASTUCE",
    "CONTEXTE",
    "REQUÊTE",
    "EMPLACEMENT",
    "SUGGERIMENTO",
    "CONTESTO",
    "POSIZIONE",
    "ヒント",
    "文脈",
    "問い合わせ",
    "場所",
    "힌트",
    "내용",
    "쿼리",
    "위치",
    "ПОДСКАЗКА",
    "КОНТЕКСТ",
    "ЗАПРОС",
    "ПОЛОЖЕНИЕ",
    "TIPS",
    "KONTEXT",
    "FRÅGA",
    "PLATS",
    "УКАЗІВКА",
    "ЗАПИТ",
    "РОЗТАШУВАННЯ",
    "提示",
    "上下文",
    "查询",
    "位置",
    "მინიშნება",
    "კონტექსტი",
    "მოთხოვნა",
    "მდებარეობა",
    "DICA",
    "SUGERENCIA",
    "LOCALIZAÇÃO",
];

/// The word at the start of the rest of a line, and what follows it:
/// `LOG:  ..`, and with a blank before the colon in French.
pub fn head(rest: &str) -> Option<(Word, &str)> {
    if let Some(text) = rest.strip_prefix("LOG:  ") {
        return Some((Word::Head(Level::Log), text));
    }
    let window = rest.as_bytes().get(..rest.len().min(60))?;
    let colon = memchr::memchr(b':', window)?;
    let text = rest[colon + 1..].strip_prefix(' ')?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    word(rest[..colon].trim_end()).map(|word| (word, text))
}

/// What a word of the log means.
pub fn word(word: &str) -> Option<Word> {
    if LOG.contains(&word) {
        Some(Word::Head(Level::Log))
    } else if DETAIL.contains(&word) {
        Some(Word::Detail)
    } else if STATEMENT.contains(&word) {
        Some(Word::Statement)
    } else if FAILED.contains(&word) {
        Some(Word::Head(Level::Failed))
    } else if OTHER.contains(&word) {
        Some(Word::Head(Level::Other))
    } else {
        ASIDE.contains(&word).then_some(Word::Aside)
    }
}

/// Labels of records about steps before a statement runs.
pub fn is_step(label: &str) -> bool {
    const STEPS: [&str; 17] = [
        "parse",
        "bind",
        "Parsen",
        "Binden",
        "analyse",
        "lien",
        "analisi",
        "パース",
        "バインド",
        "разбор",
        "сообщение Bind",
        "аналізування",
        "повідомлення bind",
        "解析",
        "绑定",
        "მიბმა",
        "tolka",
    ];
    const ENDS: [&str; 3] = ["구문분석", "접속", "დამუშავება"];
    STEPS.iter().any(|step| label.starts_with(step)) || ENDS.iter().any(|end| label.ends_with(end))
}

/// Labels of records about a portal that was read before and is read on.
pub fn is_fetch(label: &str) -> bool {
    const WORDS: [&str; 8] = [
        "fetch",
        "Fetch",
        "FETCH",
        "取り出し",
        "выборка",
        "hämtning",
        "витягнення",
        "자료뽑기",
    ];
    let end = memchr::memchr2(b'<', b'/', label.as_bytes());
    let verb = end.map_or(label, |end| &label[..end]);
    // Nearly every label is `statement` or `execute`, which needs no search.
    if verb.is_ascii() && memchr::memchr2(b'f', b'F', verb.as_bytes()).is_none() {
        return false;
    }
    WORDS.iter().any(|word| verb.contains(word)) && !verb.starts_with("execute fetch_")
}

/// Labels of a statement that is logged without its duration.
pub fn is_run(label: &str) -> bool {
    const WHOLE: [&str; 10] = [
        "statement",
        "Anweisung",
        "sentencia",
        "instruction",
        "istruzione",
        "文",
        "оператор",
        "sats",
        "语句",
        "명령 구문",
    ];
    const STARTS: [&str; 10] = [
        "execute ",
        "Ausführen ",
        "ejecutar ",
        "exécute ",
        "esecuzione di ",
        "実行 ",
        "выполнение ",
        "kör ",
        "执行 ",
        "виконувати ",
    ];
    WHOLE.contains(&label) || STARTS.iter().any(|start| label.starts_with(start))
}

/// Whether a message tells of a missing right, where no SQLSTATE does.
pub fn is_refusal(message: &str) -> bool {
    const WORDS: [&str; 14] = [
        "permission denied",
        "row-level security",
        "authentication failed",
        "pg_hba.conf",
        "keine Berechtigung",
        "permiso denegado",
        "droit refusé",
        "permesso negato",
        "アクセスが拒否",
        "нет доступа",
        "rättighet saknas",
        "немає дозволу",
        "权限不够",
        "접근 권한 없음",
    ];
    WORDS.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_known_in_many_languages() {
        let log = Some((Word::Head(Level::Log), "x"));
        for line in ["LOG:  x", "СООБЩЕНИЕ:  x", "日志:  x", "PROTOKOLL:  x"] {
            assert_eq!(head(line), log, "{line}");
        }
        assert_eq!(head("ERREUR:  x").unwrap().0, Word::Head(Level::Failed));
        assert_eq!(
            head("INSTRUCTION :  select 1"),
            Some((Word::Statement, "select 1"))
        );
        assert_eq!(head("TIPP:  x").unwrap().0, Word::Aside);
        assert_eq!(head("select a:  b"), None);
        assert!(is_step("parse <unnamed>") && is_step("Binden S_1/C_2"));
        assert!(!is_step("execute parse") && !is_step("Anweisung"));
        assert!(is_fetch("execute fetch from <unnamed>/C_1"));
    }
}
