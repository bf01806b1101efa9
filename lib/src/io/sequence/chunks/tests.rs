//! Tests of reading in pieces.

#![expect(clippy::format_push_string, clippy::format_collect, reason = "plain beats quick in tests")]

use proptest::prelude::*;

use super::*;
use crate::io::for_each_record;

fn chunks(text: &[u8], longest: usize) -> Vec<Chunk> {
    let input: Input = Box::new(std::io::Cursor::new(text.to_vec()));
    let mut chunks = Chunks::new(input, Path::new("x"), Molecule::Rna, longest).unwrap();
    std::iter::from_fn(|| chunks.next_chunk().unwrap()).collect()
}

#[test]
fn pieces_join_to_the_whole_and_know_their_lines() {
    let text = (0..300_000).map(|i| format!(">r{i} x\nACGU\n")).collect::<String>();
    let mut whole = Vec::new();
    for chunk in chunks(text.as_bytes(), 1 << 20) {
        let Chunk::Records { line, text } = chunk else { panic!("no record is too long") };
        assert_eq!(line, newlines(&whole) + 1);
        assert_eq!(text[0], b'>');
        whole.extend(text);
    }
    assert_eq!(whole, text.as_bytes());
}

#[test]
fn a_record_beyond_the_limit_is_passed_over() {
    for header in [">long y", ">long"] {
        let long = format!("{header}\n{}", "ACGU\n".repeat(1_200_000));
        let text = format!(">a\nA\n{long}>b\nC\n");
        let found = chunks(text.as_bytes(), 1 << 20);
        let expected = [
            Chunk::Records { line: 1, text: b">a\nA\n".to_vec() },
            Chunk::TooLong { line: 3, id: b"long".to_vec() },
            Chunk::Records { line: 1_200_004, text: b">b\nC\n".to_vec() },
        ];
        assert_eq!(found, expected);
        assert_eq!(chunks(long.as_bytes(), 1 << 20), [Chunk::TooLong { line: 1, id: b"long".to_vec() }]);
    }
    let long = format!("@long\n{0}\n+\n{0}\n", "A".repeat(3_000_000));
    let found = chunks(format!("{long}@b\nC\n+\nI\n").as_bytes(), 1 << 20);
    assert_eq!(found[0], Chunk::TooLong { line: 1, id: b"long".to_vec() });
    assert_eq!(found[1], Chunk::Records { line: 5, text: b"@b\nC\n+\nI\n".to_vec() });
}

#[test]
fn what_stands_before_the_first_record_is_passed_over_or_named() {
    let first = Chunk::Records { line: 3, text: b">a\nA".to_vec() };
    assert_eq!(chunks(b"\xef\xbb\xbf\n\r\n>a\nA", 99), [first]);
    let cases: [(&[u8], &str); 5] = [
        (b"", "x: is empty"),
        (b"\n\n", "x: is empty"),
        (b">a\rACGU\r", "x, line 1: the first line ends in a carriage return alone"),
        (b"\n;old\nACGU", "x, line 2: starts with neither `>` nor `@`"),
        (b"\xff\xfe>\0", "x, line 1: is UTF-16 text"),
    ];
    for (text, start) in cases {
        let input: Input = Box::new(std::io::Cursor::new(text.to_vec()));
        let message = Chunks::new(input, Path::new("x"), Molecule::Rna, 99).err().unwrap().to_string();
        assert!(message.starts_with(start), "{message}");
    }
}

type Found = Vec<(u64, String, String)>;

/// Reads records in pieces of any size.
fn in_pieces(text: &str, piece: usize) -> Found {
    let input: Input = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
    let path = Path::new("x");
    let mut chunks = Chunks::with_piece(input, path, Molecule::Rna, 1 << 20, piece).unwrap();
    let format = chunks.format();
    let mut found = Vec::new();
    let shown = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        let Chunk::Records { line, text } = chunk else { panic!("no record is too long") };
        for_each_record(format, &text, line, path, |record| {
            found.push((record.line, shown(record.id), shown(record.sequence)));
        })
        .unwrap();
    }
    found
}

/// Reads FASTA line by line, in the plainest way.
fn naive(text: &str) -> Found {
    let mut found = Found::new();
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(header) = text.strip_prefix('>') {
            let id = header.split([' ', '\t']).next().unwrap_or_default();
            found.push((line, id.to_owned(), String::new()));
        } else if let Some((_, _, sequence)) = found.last_mut() {
            sequence.push_str(text);
        }
    }
    found
}

proptest! {
    #[test]
    fn fasta_reads_as_a_naive_parser_reads_it(
        records in prop::collection::vec(
            ("[a-c]{0,3}( [ >x]{0,4})?", prop::collection::vec("([ACGUN\t*][ACGUN >*]{0,12})?", 0..5)), 1..12),
        crlf: bool,
        last: bool,
        blank in 0_usize..3,
        piece in 1_usize..80,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = end.repeat(blank);
        for (header, lines) in &records {
            text += &format!(">{header}{end}");
            for line in lines {
                text += &format!("{line}{end}");
            }
        }
        if last {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        prop_assert_eq!(in_pieces(&text, piece), naive(&text));
    }

    #[test]
    fn fastq_reads_the_same_in_pieces_of_any_size(
        records in prop::collection::vec(("[a-c]{1,3}", "[ACGT]{0,9}"), 1..12),
        blank in 0_usize..3,
        piece in 1_usize..80,
    ) {
        let mut text = String::new();
        let mut wanted = Found::new();
        for (line, (id, letters)) in (1..).step_by(4).zip(&records) {
            text += &format!("@{id} x\n{letters}\n+\n{}\n", "@".repeat(letters.len()));
            wanted.push((line, id.clone(), letters.clone()));
        }
        text += &"\n".repeat(blank);
        prop_assert_eq!(in_pieces(&text, piece), wanted);
    }
}
