//! Writes what fuzzing begins with into `corpus/`: the sample leases as text and as files, and the files to turn away.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sample_leases::{Case, corpus, refused};

/// The largest file to begin with: larger ones are tried too seldom.
const LARGEST: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let folder = |target: &str| -> io::Result<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    let (texts, files) = (folder("text")?, folder("file")?);
    folder("blocks")?;
    for (number, case) in corpus().iter().enumerate() {
        fs::write(texts.join(format!("lease-{number:03}")), case.text())?;
        let file = case.pdf();
        if number % 8 == 0 && file.len() <= LARGEST {
            fs::write(files.join(format!("lease-{number:03}")), file)?;
        }
    }
    for (name, file) in turned_away()? {
        if file.len() <= LARGEST {
            fs::write(files.join(name), file)?;
        }
    }
    Ok(())
}

/// What has to be turned away, of those that are small.
fn turned_away() -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let Some(terms) = corpus().first().map(Case::terms) else {
        return Ok(Vec::new());
    };
    Ok(vec![
        ("51-pages", refused::fifty_one_pages(&terms)),
        ("png-and-pdf", refused::png_and_pdf(&terms)),
        ("html-and-pdf", refused::html_and_pdf(&terms)),
        ("bomb", refused::bomb(1 << 20)),
        ("bomb-in-a-bomb", refused::bomb_in_a_bomb(1 << 20)),
        ("bomb-of-objects", refused::bomb_of_objects(1 << 20)),
        ("encrypted", refused::encrypted(&terms, "1234")),
        ("docx", refused::docx(&terms).map_err(io::Error::other)?),
        ("doc", refused::doc()),
        ("half", refused::half(&terms)),
    ])
}
