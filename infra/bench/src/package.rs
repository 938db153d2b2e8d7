//! What is deployed: a zip file.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::BenchError;
use crate::subject::Size;

/// The size of a file, and of a zip file with it alone in it, under its name on Lambda; deflated at the usual level, as
/// `cargo lambda build --output-format zip` does.
pub(crate) fn size(file: &Path, name: &str) -> Result<Size, BenchError> {
    let content = fs::read(file)?;
    let bytes = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default())?;
    zip.write_all(&content)?;
    Ok(Size {
        file: bytes(content.len()),
        zip: bytes(zip.finish()?.into_inner().len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_repeats_itself_is_packed_small() {
        let file = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
        fs::write(&file, vec![7; 100_000]).unwrap();
        let size = size(&file, "bootstrap").unwrap();
        fs::remove_file(file).unwrap();
        assert_eq!(size.file, 100_000);
        assert!(size.zip > 100 && size.zip < 2_000, "{}", size.zip);
    }
}
