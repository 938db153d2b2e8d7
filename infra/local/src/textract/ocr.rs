//! Scans, through the program `tesseract`, where it is installed
//! (<https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html>).

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::Trouble;
use super::document::Format;
use super::page::{Frame, Page, Word};
use super::pdf::Picture;
use super::raster::{self, Raster};

/// How long one page may take.
const LIMIT: Duration = Duration::from_secs(120);
/// The width that a picture is taken to have, in points, if it does not say: that of a letter.
const LETTER: f64 = 612.0;
/// Pages with fewer pixels in an inch are read in twice their size.
const FINE: f64 = 220.0;
/// A word of which the program is less sure is a stain, or handwriting.
const LEAST: f64 = 30.0;

/// The program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tesseract {
    program: PathBuf,
}

/// What tells a person why scans are not read, and what helps.
pub const MISSING: &str =
    "not read, and go to review: tesseract is not installed (apt-get install tesseract-ocr)";

impl Tesseract {
    /// The program, if it is installed.
    #[must_use]
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|directory| directory.join("tesseract"))
            .find(|program| program.is_file())
            .map(|program| Self { program })
    }

    /// The pages of a picture.
    pub(super) async fn file(
        &self,
        bytes: &Arc<Vec<u8>>,
        format: Format,
        max_pages: usize,
    ) -> Result<Vec<Page>, Trouble> {
        let bytes = Arc::clone(bytes);
        let decoding = tokio::task::spawn_blocking(move || raster::decode(&bytes, format, max_pages));
        let mut pages = Vec::new();
        for page in decoding.await.map_err(|_| Trouble::Unreadable)?? {
            pages.push(self.read(page, LETTER).await?);
        }
        Ok(pages)
    }

    /// A page of a PDF that is a scan; what is drawn over the picture stays.
    pub(super) async fn scan(&self, scan: &Picture, drawn: &Page) -> Result<Page, Trouble> {
        let mut page = self.read(Raster::from(scan), drawn.width).await?;
        page.words.extend(drawn.words.iter().cloned());
        page.ink.extend(&drawn.ink);
        page.rules.extend(&drawn.rules);
        Ok(page)
    }

    /// Reads a page that is so many points wide.
    async fn read(&self, page: Raster, points: f64) -> Result<Page, Trouble> {
        if page.width < 16 || page.height < 16 {
            return Ok(Page {
                width: points,
                height: points,
                ..Page::default()
            });
        }
        let prepare = move || {
            let page = page.cleaned().straightened();
            let inch = 72.0 * page.width as f64 / points;
            let read = if inch < FINE { page.doubled() } else { page.clone() };
            let inch = 72.0 * read.width as f64 / points;
            (page, read.file(), inch)
        };
        let prepared = tokio::task::spawn_blocking(prepare).await;
        let (page, file, inch) = prepared.map_err(|_| Trouble::Unreadable)?;
        let table = self.run(file, inch).await?;
        let words = words(&table, inch);
        let search = move || seen(&page, words, points);
        tokio::task::spawn_blocking(search)
            .await
            .map_err(|_| Trouble::Unreadable)
    }

    /// What the program says about a picture with so many pixels in an inch: a table, with a row for each word.
    async fn run(&self, file: Vec<u8>, inch: f64) -> Result<String, Trouble> {
        let mut program = Command::new(&self.program)
            .args(["stdin", "stdout", "-l", "eng", "--psm", "3", "--dpi"])
            .arg(format!("{inch:.0}"))
            .arg("tsv")
            // It would take every core, to be no faster.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| Trouble::NoTesseract)?;
        let input = program.stdin.take();
        let feed = async move {
            if let Some(mut input) = input {
                // A program that ends early says so by its status.
                let _ = input.write_all(&file).await;
            }
        };
        let work = async { tokio::join!(feed, program.wait_with_output()).1 };
        let output = tokio::time::timeout(LIMIT, work)
            .await
            .map_err(|_| Trouble::Unreadable)?;
        let output = output
            .ok()
            .filter(|output| output.status.success())
            .ok_or(Trouble::Unreadable)?;
        String::from_utf8(output.stdout).map_err(|_| Trouble::Unreadable)
    }
}

/// The words of a table, in points.
fn words(table: &str, inch: f64) -> Vec<Word> {
    const WORD: &str = "5";
    let word = |row: &str| {
        let columns: Vec<&str> = row.split('\t').collect();
        let [WORD, _, _, _, _, _, left, top, width, height, confidence, text] = columns[..] else {
            return None;
        };
        let number = |text: &str| text.parse::<f64>().ok();
        let points = |text: &str| Some(number(text)? * 72.0 / inch);
        let (left, top, width, height) = (points(left)?, points(top)?, points(width)?, points(height)?);
        Some(Word {
            text: text.trim().to_owned(),
            frame: Frame {
                left,
                top,
                right: left + width,
                bottom: top + height,
            },
            confidence: number(confidence)?.clamp(0.0, 100.0),
            handwritten: false,
        })
    };
    table
        .lines()
        .filter_map(word)
        .filter(|word| !word.text.is_empty())
        .collect()
}

/// A page with the words that were read, and what else is seen on its picture.
fn seen(raster: &Raster, words: Vec<Word>, points: f64) -> Page {
    let scale = raster.width as f64 / points;
    let pixels = |frame: &Frame| scaled(frame, scale);
    let has_letters = |word: &Word| word.text.chars().any(char::is_alphanumeric);
    let is_word = |word: &Word| {
        let is_rule = word.text.chars().all(|c| "_-—–=~|.".contains(c)) && word.text.chars().count() > 2;
        word.confidence >= LEAST && !is_rule
    };
    let words: Vec<Word> = words.into_iter().filter(is_word).collect();
    let (rules, bars) = (raster.rules(), raster.bars());
    let print: Vec<Frame> = words
        .iter()
        .filter(|word| has_letters(word) && word.confidence > 55.0)
        .map(|word| pixels(&word.frame))
        .collect();
    let ink = raster.ink(&print, &rules, &bars);
    let in_points = |frames: Vec<Frame>| frames.iter().map(|frame| scaled(frame, 1.0 / scale)).collect();
    Page {
        width: points,
        height: raster.height as f64 / scale,
        words: words.into_iter().map(without_blank).collect(),
        rules: in_points(rules),
        bars: in_points(bars),
        ink: in_points(ink),
    }
}

/// A word without the line that it was read together with.
fn without_blank(mut word: Word) -> Word {
    let bare = word.text.trim_matches(['_', '|']);
    if !bare.is_empty() && bare.len() != word.text.len() {
        word.text = bare.to_owned();
    }
    word
}

fn scaled(frame: &Frame, by: f64) -> Frame {
    Frame {
        left: frame.left * by,
        top: frame.top * by,
        right: frame.right * by,
        bottom: frame.bottom * by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_from_the_programs_table() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
                     1\t1\t0\t0\t0\t0\t0\t0\t2550\t3300\t-1\t\n\
                     5\t1\t1\t1\t1\t1\t300\t150\t75\t30\t96.2\t$1,850.00\n\
                     5\t1\t1\t1\t1\t2\t400\t150\t75\t30\t95\t \n";
        let words = words(table, 300.0);
        assert_eq!(words.len(), 1);
        assert_eq!(words[0].text, "$1,850.00");
        assert_eq!((words[0].frame.left, words[0].frame.bottom), (72.0, 43.2));
    }
}
