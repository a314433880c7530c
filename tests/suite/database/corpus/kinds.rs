//! The sections of the corpus, read from its files. To add a header line: a
//! field and an arm of `Kind::take`.

use std::path::Path;

/// All files of the folder, in order.
#[derive(Debug)]
pub struct Corpus {
    /// What all kinds stand on.
    pub base: String,
    /// Objects of the base; all are safe.
    pub safe: Vec<String>,
    pub kinds: Vec<Kind>,
}

/// One kind of leak and what looks like it.
#[derive(Debug, Default)]
pub struct Kind {
    pub file: String,
    pub name: String,
    pub leak: String,
    pub names: Vec<String>,
    pub any_name: bool,
    pub by: Vec<String>,
    pub proven: bool,
    pub safe: Vec<String>,
    pub from: u32,
    pub missed: Option<String>,
    pub unproven: Option<String>,
    pub sql: String,
}

impl Corpus {
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/corpus");
        let entries = std::fs::read_dir(&folder).expect("the folder of the corpus");
        let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        paths.sort();
        let mut corpus = Self {
            base: String::new(),
            safe: Vec::new(),
            kinds: Vec::new(),
        };
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("a file of the corpus");
            let stem = path.file_stem().and_then(|s| s.to_str());
            corpus.add(stem.expect("a name"), &text);
        }
        corpus
    }

    fn add(&mut self, file: &str, text: &str) {
        let mut sections = text.split("-- @kind: ");
        let head = sections.next().unwrap_or_default();
        if file == "00-base" {
            let lines = head.lines().filter_map(|l| l.strip_prefix("-- @safe: "));
            self.safe = lines.flat_map(list).collect();
            head.clone_into(&mut self.base);
        }
        self.kinds.extend(sections.map(|s| Kind::parse(file, s)));
    }

    pub fn look_alikes(&self) -> usize {
        self.kinds.iter().map(|k| k.safe.len()).sum::<usize>() + self.safe.len()
    }
}

impl Kind {
    fn parse(file: &str, section: &str) -> Self {
        let mut lines = section.lines();
        let mut kind = Self {
            file: file.to_owned(),
            name: lines.next().unwrap_or_default().trim().to_owned(),
            sql: format!("-- {section}"),
            ..Self::default()
        };
        for line in lines.filter_map(|line| line.strip_prefix("-- @")) {
            let (key, value) = line.split_once(": ").unwrap_or((line, ""));
            kind.take(key, value.trim());
        }
        let name = &kind.name;
        let whole = !(kind.leak.is_empty() || kind.names.is_empty() || kind.by.is_empty());
        assert!(whole, "{name} lacks @leak, @names or @by");
        assert!(!kind.safe.is_empty(), "{name} has no look-alike");
        let both = kind.missed.is_some() && kind.unproven.is_some();
        assert!(!both, "{name} is missed and unproven");
        kind
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "leak" => value.clone_into(&mut self.leak),
            "names" => self.names.extend(list(value)),
            "any-name" => self.any_name = true,
            "by" => self
                .by
                .extend(value.split_whitespace().map(ToOwned::to_owned)),
            "proven" => self.proven = true,
            "safe" => self.safe.extend(list(value)),
            "from" => self.from = value.parse().expect("a major version"),
            "missed" => self.missed = Some(value.to_owned()),
            "unproven" => self.unproven = Some(value.to_owned()),
            other => panic!("{} has an unknown line: {other}", self.name),
        }
    }
}

fn list(value: &str) -> impl Iterator<Item = String> + '_ {
    value.split('|').map(|name| name.trim().to_owned())
}
