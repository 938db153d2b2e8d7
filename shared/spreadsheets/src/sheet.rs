//! A sheet as it comes from a spreadsheet: whatever it separates cells and ends lines with.

use std::fmt;

use csv::{ByteRecord, ReaderBuilder, Terminator};
use serde::Serialize;

use crate::cell::meant;

/// How much may be in a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Most {
    pub(crate) bytes: usize,
    pub(crate) rows: usize,
}

/// What cells are separated by, the usual one first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// The most columns; what lies behind them is not looked at.
const MOST_COLUMNS: usize = 200;
/// The mark before UTF-8, which spreadsheets write and want.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A sheet cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is too large.
    #[error("The file has {bytes} bytes; {most} are the most. Send it in parts.")]
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// It has too many rows.
    #[error("The file has more than {most} rows. Send it in parts.")]
    TooManyRows {
        /// How many it may have.
        most: usize,
    },
    /// It has too many columns.
    #[error("The first line has more than {MOST_COLUMNS} cells.")]
    TooManyColumns,
    /// There is nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// It is a workbook, an archive or a picture.
    #[error("The file is no CSV. Save the sheet as CSV UTF-8.")]
    NotText,
    /// It is not in UTF-8.
    #[error(
        "Line {line} is not in UTF-8: its accents would be lost. Save the sheet as CSV UTF-8 and send that."
    )]
    NotUtf8 {
        /// The first line that is not.
        line: usize,
    },
    /// Columns that have to be there are not.
    #[error("The first line has to name the columns. Not among them: {}.", .0.join(", "))]
    NoColumn(Vec<&'static str>),
    /// Two columns are the same.
    #[error("The columns \"{one}\" and \"{other}\" are both the {field}. Leave one out.")]
    Twice {
        /// What both are.
        field: &'static str,
        /// What one is called.
        one: String,
        /// What the other is called.
        other: String,
    },
}

/// Something in a row is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The line on which the row begins; the first of the file is 1.
    pub line: u64,
    /// The field, as the API calls it; none if it is about the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What its column is called in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The cells of a file, without empty rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Whether a quotation mark was opened and not closed, which swallows all rows behind it.
    pub(crate) is_open: bool,
}

/// The cells of a row, as they are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) cells: Vec<String>,
}

impl Sheet {
    /// The sheet that is in `bytes`. Its cells are separated by what gives the first line the most columns of which `known`
    /// says that it knows them.
    pub(crate) fn read(bytes: &[u8], most: Most, known: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
        if bytes.len() > most.bytes {
            return Err(Refusal::TooLarge {
                bytes: bytes.len(),
                most: most.bytes,
            });
        }
        let text = text_of(bytes)?;
        let (text, skipped, told) = without_hint(text);
        let known_with = |delimiter: &u8| {
            let header = rows(text, *delimiter).next();
            header.map_or(0, |(_, cells)| cells.iter().filter(|cell| known(cell)).count())
        };
        let delimiter = told.unwrap_or_else(|| {
            // The last of those that are best would be taken; the usual one is to be.
            let usual_last = DELIMITERS.iter().rev();
            usual_last
                .max_by_key(|delimiter| known_with(delimiter))
                .copied()
                .unwrap_or(b',')
        });
        let mut all = rows(text, delimiter);
        let (_, header) = all.next().ok_or(Refusal::Empty)?;
        if header.len() > MOST_COLUMNS {
            return Err(Refusal::TooManyColumns);
        }
        let mut found = Vec::new();
        for (line, cells) in all {
            if found.len() == most.rows {
                return Err(Refusal::TooManyRows { most: most.rows });
            }
            found.push(Row {
                line: line + skipped,
                cells,
            });
        }
        Ok(Self {
            header,
            rows: found,
            is_open: ends_within_quotes(text, delimiter),
        })
    }
}

/// A column's name without case, spaces and marks: `Zip Code`, `zip_code` and `zipCode` are one.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Bytes as text, without the mark before it.
fn text_of(bytes: &[u8]) -> Result<&str, Refusal> {
    let is_of_another_kind = |marks: &[&[u8]]| marks.iter().any(|mark| bytes.starts_with(mark));
    // Workbooks (a ZIP archive, or the older kind), PDF, and UTF-16 in both orders.
    if is_of_another_kind(&[b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"]) {
        return Err(Refusal::NotText);
    }
    let own = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = str::from_utf8(own).map_err(|error| {
        let before = own.get(..error.valid_up_to()).unwrap_or_default();
        Refusal::NotUtf8 {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        }
    })?;
    if text.contains('\0') {
        return Err(Refusal::NotText);
    }
    Ok(text)
}

/// The text without the line by which a spreadsheet is told what separates cells, how many lines that was, and what it says.
fn without_hint(text: &str) -> (&str, u64, Option<u8>) {
    let hint = text.split_once('\n').and_then(|(first, rest)| {
        let mark = first.trim_end().strip_prefix("sep=")?;
        let delimiter = DELIMITERS
            .into_iter()
            .find(|delimiter| mark.as_bytes() == [*delimiter])?;
        Some((rest, delimiter))
    });
    match hint {
        Some((rest, delimiter)) => (rest, 1, Some(delimiter)),
        None => (text, 0, None),
    }
}

/// The rows that are not empty, each with its line and its cells up to the last that is not, or one more than there may be.
fn rows(text: &str, delimiter: u8) -> impl Iterator<Item = (u64, Vec<String>)> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::CRLF)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut record = ByteRecord::new();
    let mut lines = Lines::of(text);
    std::iter::from_fn(move || {
        // Reading from memory does not fail, and rows of any length are taken.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            let begins = record.position().map_or(0, csv::Position::byte);
            let line = lines.of_row(usize::try_from(begins).unwrap_or_default());
            let mut cells: Vec<String> = Vec::new();
            for (at, cell) in record.iter().enumerate() {
                let cell = meant(&String::from_utf8_lossy(cell));
                // Empty cells at the end of a row are none.
                if !cell.is_empty() {
                    cells.resize(at.min(MOST_COLUMNS), String::new());
                    cells.push(cell);
                }
                if cells.len() > MOST_COLUMNS {
                    break;
                }
            }
            if !cells.is_empty() {
                return Some((line, cells));
            }
        }
        None
    })
}

/// The lines of a text, counted as far as it is read: the reader has rows and no lines where it leaves out empty ones.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of the row that begins at a byte, or behind the ends of lines that stand there.
    fn of_row(&mut self, begins: usize) -> u64 {
        while let Some(byte) = self.text.get(self.at) {
            let ends_a_line = matches!(byte, b'\r' | b'\n');
            if self.at >= begins && !ends_a_line {
                break;
            }
            // Of the two marks that Windows ends a line with, the second counts.
            let is_half = *byte == b'\r' && self.text.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(ends_a_line && !is_half);
            self.at += 1;
        }
        self.line
    }
}

/// Whether a text ends in a cell whose quotation mark was not closed.
fn ends_within_quotes(text: &str, delimiter: u8) -> bool {
    let mut within = false;
    let mut begins = true;
    for byte in text.bytes() {
        if byte == b'"' && (within || begins) {
            // Two of them within quotes leave and enter again.
            within = !within;
            begins = true;
            continue;
        }
        begins = !within && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    within
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: impl AsRef<[u8]>) -> Result<Sheet, Refusal> {
        let most = Most {
            bytes: 1_000_000,
            rows: 3,
        };
        Sheet::read(text.as_ref(), most, |name| ["a", "b", "c"].contains(&name))
    }

    fn cells(text: impl AsRef<[u8]>) -> Vec<Vec<String>> {
        let rows = read(text).unwrap().rows;
        rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn commas_semicolons_and_tabs_are_told_by_the_first_line() {
        for text in [
            "a,b;x\n1,2;3",
            "a;b,x\n1;2,3",
            "a\tb,x\n1\t2,3",
            "sep=;\r\na;b,x\r\n1;2,3",
        ] {
            assert_eq!(cells(text)[0][0], "1", "{text}");
            assert_eq!(cells(text)[0].len(), 2, "{text}");
        }
    }

    #[test]
    fn a_mark_windows_line_ends_and_lines_within_quotes_are_no_trouble() {
        let sheet = read("\u{feff}a,b\r\n\"one\r\ntwo\",2\r\n\r\n, \r\n3,\"4 \"\"x\"\"\"\r\n").unwrap();
        assert_eq!(sheet.header, ["a", "b"]);
        let rows: Vec<_> = sheet
            .rows
            .iter()
            .map(|row| (row.line, row.cells.join("|")))
            .collect();
        assert_eq!(rows, [(2, "one two|2".to_owned()), (6, "3|4 \"x\"".to_owned())]);
        assert!(!sheet.is_open);
    }

    #[test]
    fn a_line_is_told_as_a_person_counts_it() {
        for end in ["\n", "\r\n", "\r"] {
            let sheet = read(["a,b", "1,2", "", "\"3", "\",4", "5,6"].join(end)).unwrap();
            let lines: Vec<_> = sheet.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 4, 6], "{end:?}");
        }
        let told = read("sep=,\na,b\n1,2\n\n3,4").unwrap();
        assert_eq!(told.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn latin_1_is_refused_with_its_line_and_what_is_no_text_as_such() {
        assert_eq!(read(b"a,b\n1,2\nJos\xe9,3"), Err(Refusal::NotUtf8 { line: 3 }));
        assert_eq!(read(b"PK\x03\x04..."), Err(Refusal::NotText));
        assert_eq!(read(b"a,b\n1,\0"), Err(Refusal::NotText));
        assert_eq!(read(b"\xff\xfea\0,\0"), Err(Refusal::NotUtf8 { line: 1 }));
    }

    #[test]
    fn what_is_empty_too_large_or_too_long_is_refused_by_name() {
        assert_eq!(read(""), Err(Refusal::Empty));
        assert_eq!(read("\u{feff}\r\n\r\n"), Err(Refusal::Empty));
        assert_eq!(read("a\n1\n2\n3\n4"), Err(Refusal::TooManyRows { most: 3 }));
        assert!(read("a\n1\n2\n\n,\n3\n").is_ok());
        let large = vec![b'a'; 20_000_000];
        assert_eq!(
            read(large),
            Err(Refusal::TooLarge {
                bytes: 20_000_000,
                most: 1_000_000
            })
        );
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_noticed() {
        assert!(read("a,b\n1,\"2\n3,4").unwrap().is_open);
        assert!(!read("a,b\n1,2\" wide\n3,4").unwrap().is_open);
        assert!(!read("a,b\n1,\"2\"\"\"\n").unwrap().is_open);
    }

    #[test]
    fn a_sheet_of_nothing_but_columns_is_refused() {
        assert_eq!(read("a,".repeat(400_000)), Err(Refusal::TooManyColumns));
        assert_eq!(read(",".repeat(900_000)), Err(Refusal::Empty));
        let far = format!("a\n1{}2\n", ",".repeat(900_000));
        assert_eq!(cells(far)[0].len(), MOST_COLUMNS + 1);
        assert_eq!(cells("a,b\n1,,,,\n,2"), [vec!["1"], vec!["", "2"]]);
    }

    proptest! {
        #[test]
        fn no_bytes_are_trouble(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(bytes);
        }

        #[test]
        fn no_text_is_trouble_and_no_more_rows_are_found_than_lines(text in "[abc,;\t\"'=\r\n é]{0,200}") {
            if let Ok(sheet) = read(&text) {
                let lines = 1 + text.matches(['\n', '\r']).count();
                prop_assert!(sheet.rows.len() < lines);
                prop_assert!(sheet.rows.is_sorted_by_key(|row| row.line));
            }
        }
    }
}
