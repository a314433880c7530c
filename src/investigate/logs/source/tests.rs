//! The laws of what is packed.

use super::{Piece, pieces, unpack};
use crate::investigate::logs::lines::at;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;

fn gz(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn lz4(text: &[u8]) -> Vec<u8> {
    // In small blocks, so that half a stream holds whole ones.
    let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut packed = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Name, bytes, and why it ended early, of every part.
type Shown = Vec<(String, Vec<u8>, Option<String>)>;

fn shown(bytes: &[u8]) -> Shown {
    let mut shown = Vec::new();
    unpack::parts("x", &mut { bytes }, &mut |part| {
        let mut text = Vec::new();
        let why = match part.stream {
            Ok(stream) => stream
                .read_to_end(&mut text)
                .err()
                .map(|why| why.to_string()),
            Err(why) => Some(why),
        };
        shown.push((part.name.to_owned(), text, why));
        true
    });
    shown
}

fn plain(name: &str, text: &[u8]) -> (String, Vec<u8>, Option<String>) {
    (name.to_owned(), text.to_vec(), None)
}

#[test]
fn what_is_packed_once_or_twice_comes_out() {
    let text = b"one\ntwo\n".repeat(50_000);
    let zstd = zstd::encode_all(&text[..], 1).unwrap();
    for packed in [
        text.clone(),
        gz(&text),
        zstd.clone(),
        lz4(&text),
        gz(&zstd),
        zstd::encode_all(&gz(&text)[..], 1).unwrap(),
    ] {
        assert_eq!(shown(&packed), [plain("x", &text)]);
    }
}

#[test]
fn members_after_one_another_are_one_stream() {
    let both = [gz(b"one\n"), gz(b""), gz(b"two\n")].concat();
    assert_eq!(shown(&both), [plain("x", b"one\ntwo\n")]);
    let filled = [gz(b"one\n"), vec![0; 700]].concat();
    assert_eq!(shown(&filled), [plain("x", b"one\n")]);
    let zstd = |text: &[u8]| zstd::encode_all(text, 1).unwrap();
    assert_eq!(
        shown(&[zstd(b"one\n"), zstd(b"two\n")].concat()),
        [plain("x", b"one\ntwo\n")]
    );
    assert_eq!(
        shown(&[lz4(b"one\n"), lz4(b"two\n")].concat()),
        [plain("x", b"one\ntwo\n")]
    );
}

#[test]
fn a_packed_stream_that_is_cut_gives_what_it_can_and_says_so() {
    let text: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    for packed in [
        gz(&text),
        zstd::encode_all(&text[..], 1).unwrap(),
        lz4(&text),
    ] {
        let half = shown(&packed[..packed.len() / 2]);
        assert!(!half[0].1.is_empty() && text.starts_with(&half[0].1));
        assert!(half[0].2.is_some());
    }
    let behind = shown(&[gz(b"one\n"), b"plain text\n".to_vec()].concat());
    assert_eq!(behind[0].1, b"one\n");
    assert!(behind[0].2.as_ref().unwrap().contains("was not read"));
}

#[test]
fn files_of_archives_come_one_by_one() {
    let long = format!("{}/b.log", "d".repeat(180));
    let inner = tar(&[("c.log", b"c\n".to_vec())]);
    let archive = tar(&[
        ("a.log.gz", gz(b"a\n")),
        (&long, b"b\n".to_vec()),
        ("empty", Vec::new()),
        ("inner.tar", inner),
    ]);
    let want = [
        plain("x!a.log.gz", b"a\n"),
        plain(&format!("x!{long}"), b"b\n"),
        plain("x!empty", b""),
        plain("x!inner.tar!c.log", b"c\n"),
    ];
    assert_eq!(shown(&archive), want);
    assert_eq!(shown(&gz(&archive)), want);
    let cut = shown(&archive[..1_200]);
    assert!(cut.iter().any(|(_, _, why)| why.is_some()), "{cut:?}");
}

#[test]
fn what_is_not_read_says_so() {
    let zip = shown(b"PK\x03\x04rest");
    assert!(zip[0].2.as_ref().unwrap().contains("zip"));
    let mut deep = b"x\n".to_vec();
    for _ in 0..10 {
        deep = gz(&deep);
    }
    assert!(shown(&deep)[0].2.as_ref().unwrap().contains("packings"));
}

#[test]
fn a_plain_text_is_no_archive_whatever_stands_where_its_sum_would() {
    for byte in 0x80..=0xff {
        let mut text = vec![b'a'; 600];
        text[148] = byte;
        assert_eq!(shown(&text), [plain("x", &text)], "{byte:x}");
    }
}

#[test]
fn a_bomb_is_given_up() {
    let zeros = vec![0; 64 << 20];
    let once = zstd::encode_all(&zeros[..], 1).unwrap();
    let bomb = once.repeat(40);
    let (mut bytes, mut why) = (0, None);
    unpack::parts("x", &mut &bomb[..], &mut |part| {
        let mut stream = part.stream.unwrap();
        match std::io::copy(&mut stream, &mut std::io::sink()) {
            Ok(all) => bytes = all,
            Err(error) => why = Some(error.to_string()),
        }
        true
    });
    assert!(why.unwrap().contains("times its size"), "{bytes}");
}

#[test]
fn a_place_is_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a!b.tar.gz");
    let archive = tar(&[
        ("a.log", b"no\n".to_vec()),
        ("d/b.log", b"one\r\ntw\x1bo\r\nthree".to_vec()),
    ]);
    std::fs::write(&path, gz(&archive)).unwrap();
    let name = format!("{}!d/b.log", path.display());
    let here = |offset: u64| {
        let found = at(&format!("{name}:{offset}")).unwrap();
        let mut lines = found.lines.into_iter();
        lines.find(|line| line.here).unwrap().text
    };
    assert_eq!(here(5), "tw^[o");
    assert_eq!(here(11), "three");
    let why = |place: &str| at(place).unwrap_err().why;
    assert!(why(&format!("{name}:99")).contains("ends before that place"));
    let gone = why(&format!("{}!none:0", path.display()));
    assert!(gone.contains("not there any more"), "{gone}");
}

#[test]
fn a_folder_is_walked_once_however_it_is_linked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/a.log"), "a\n").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("in/loop")).unwrap();
    std::os::unix::fs::symlink("a.log", folder.path().join("in/again")).unwrap();
    std::os::unix::fs::symlink("gone", folder.path().join("in/nowhere")).unwrap();
    let (found, failed) = pieces(&[folder.path().to_owned(), PathBuf::from("-")]);
    assert_eq!(found.len(), 2);
    assert!(matches!(found[1], Piece::Stdin));
    assert_eq!(failed.len(), 1, "{failed:?}");
}

#[test]
fn a_file_is_read_as_long_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    std::fs::write(&path, "one\n").unwrap();
    let piece = Piece::File {
        path: path.clone(),
        size: 4,
    };
    let mut stream = piece.open().unwrap();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(b"two\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text, "one\n");
    let mut stream = piece.open().unwrap();
    file.set_len(2).unwrap();
    let mut text = Vec::new();
    let error = stream.read_to_end(&mut text).unwrap_err();
    assert_eq!(
        (&text[..], error.kind()),
        (&b"on"[..], ErrorKind::UnexpectedEof)
    );
}
