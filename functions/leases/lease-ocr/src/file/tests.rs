use proptest::prelude::*;

use super::*;

/// A PDF of these many pages, in its plainest form.
fn pdf(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 3)).collect();
    let mut text = format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Count {pages} /Kids [ {kids}] >>\nendobj\n"
    );
    for page in 0..pages {
        text.push_str(&format!(
            "{} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n",
            page + 3
        ));
    }
    text.push_str("trailer\n<< /Root 1 0 R /Size 99 >>\nstartxref\n0\n%%EOF\n");
    text.into_bytes()
}

/// A PDF whose objects are in a compressed stream, as most programs write it today.
fn packed_pdf(objects: &[(u32, String)], padding: usize) -> Vec<u8> {
    let mut bodies = String::new();
    let mut index = String::new();
    for (number, body) in objects {
        index.push_str(&format!("{number} {} ", bodies.len()));
        bodies.push_str(body);
        bodies.push(' ');
    }
    bodies.push_str(&" ".repeat(padding));
    let plain = format!("{index}{bodies}");
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(plain.as_bytes(), 9);
    let mut file = format!(
        "%PDF-1.5\n9 0 obj\n<< /Type /ObjStm /N {} /First {} /Filter /FlateDecode /Length {} >>\nstream\n",
        objects.len(),
        index.len(),
        packed.len()
    )
    .into_bytes();
    file.extend(&packed);
    file.extend(b"\nendstream\nendobj\n10 0 obj\n<< /Type /XRef /Root 1 0 R /Size 11 /Length 0 >>\nstream\n\nendstream\nendobj\n");
    file.extend(b"startxref\n0\n%%EOF\n");
    file
}

fn packed_pages(pages: u32) -> Vec<(u32, String)> {
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 20)).collect();
    let mut objects = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, format!("<</Type/Pages/Kids[{kids}]/Count {pages}>>")),
    ];
    objects.extend((0..pages).map(|page| (page + 20, "<</Type/Page/Parent 2 0 R>>".to_owned())));
    objects
}

const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0crc_\0\0\0\x01IDATxcrc_\0\0\0\0IENDcrc_";

fn jpeg() -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x04ab\xff\xda\0\x04ab".to_vec();
    file.extend(b"data\xff\0more\xff\xd0and more");
    file.extend(b"\xff\xd9");
    file
}

fn tiff(pages: u16) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    for page in 0..pages {
        let here = file.len();
        let next = if page + 1 == pages {
            0
        } else {
            u32::try_from(here + 2 + 24 + 4).unwrap()
        };
        file.extend(2_u16.to_le_bytes());
        for (tag, value) in [(273_u16, 0_u32), (279, 8)] {
            file.extend(tag.to_le_bytes());
            file.extend(4_u16.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        file.extend(next.to_le_bytes());
    }
    file
}

#[test]
fn what_can_be_read_is_told_by_its_bytes() {
    assert_eq!(inspect(&pdf(1)), Ok(FileKind::Pdf));
    assert_eq!(inspect(&pdf(50)), Ok(FileKind::Pdf));
    assert_eq!(inspect(&packed_pdf(&packed_pages(50), 0)), Ok(FileKind::Pdf));
    assert_eq!(inspect(PNG), Ok(FileKind::Png));
    assert_eq!(inspect(&jpeg()), Ok(FileKind::Jpeg));
    assert_eq!(inspect(&tiff(1)), Ok(FileKind::Tiff));
    assert_eq!(inspect(&tiff(50)), Ok(FileKind::Tiff));
}

#[test]
fn a_51st_page_is_one_too_many() {
    for file in [pdf(51), packed_pdf(&packed_pages(51), 0), tiff(51)] {
        assert_eq!(inspect(&file), Err(Reason::TooManyPages));
    }
}

#[test]
fn pages_are_counted_along_the_tree_and_not_by_what_it_claims() {
    // One page object, referred to 60 times, and a count that says one.
    let kids = "3 0 R ".repeat(60);
    let mut objects = packed_pages(1);
    objects[1].1 = format!("<</Type/Pages/Kids[{kids}]/Count 1>>");
    objects.push((3, "<</Type/Page>>".to_owned()));
    assert_eq!(inspect(&packed_pdf(&objects, 0)), Err(Reason::TooManyPages));
    // The tree of a later revision counts, whatever an earlier one held.
    let mut revised = pdf(51);
    revised.extend(b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF");
    assert_eq!(inspect(&revised), Ok(FileKind::Pdf));
    // A list of kids may be an object of its own, and names may be written in escapes.
    let mut objects = packed_pages(2);
    objects[1].1 = "<</Type/#50ages/K#69ds 5 0 R>>".to_owned();
    objects.push((5, "[20 0 R 21 0 R]".to_owned()));
    assert_eq!(inspect(&packed_pdf(&objects, 0)), Ok(FileKind::Pdf));
}

#[test]
fn a_tree_that_never_ends_is_damaged() {
    let mut objects = packed_pages(1);
    objects[1].1 = "<</Type/Pages/Kids[2 0 R]>>".to_owned();
    assert_eq!(inspect(&packed_pdf(&objects, 0)), Err(Reason::FileDamaged));
    objects[1].1 = "<</Type/Pages/Kids[4 0 R 4 0 R]>>".to_owned();
    objects.push((4, "<</Type/Pages/Kids[2 0 R 2 0 R]>>".to_owned()));
    assert_eq!(inspect(&packed_pdf(&objects, 0)), Err(Reason::FileDamaged));
}

#[test]
fn a_pdf_with_a_password_is_told() {
    let text = String::from_utf8(pdf(1)).unwrap();
    let encrypted = text.replace("/Size 99", "/Encrypt 7 0 R /Size 99");
    assert_eq!(inspect(encrypted.as_bytes()), Err(Reason::FileEncrypted));
    let plain = text.replace("/Size 99", "/Encrypt null /Size 99");
    assert_eq!(inspect(plain.as_bytes()), Ok(FileKind::Pdf));
    let mut packed = packed_pdf(&packed_pages(1), 0);
    let at = packed
        .windows(9)
        .position(|window| window == b"/Size 11 ")
        .unwrap();
    packed.splice(at..at, b"/Encrypt 7 0 R ".iter().copied());
    assert_eq!(inspect(&packed), Err(Reason::FileEncrypted));
}

#[test]
fn a_stream_that_unpacks_to_too_much_is_damaged_and_not_unpacked() {
    let bomb = packed_pdf(&packed_pages(1), 64 * 1024 * 1024);
    assert!(bomb.len() < 100_000);
    assert_eq!(inspect(&bomb), Err(Reason::FileDamaged));
    // What pages show is not unpacked at all.
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 64 * 1024 * 1024], 9);
    let mut file = format!(
        "%PDF-1.7\n8 0 obj\n<< /Filter /FlateDecode /Length {} >>\nstream\n",
        packed.len()
    )
    .into_bytes();
    file.extend(packed);
    file.extend(b"\nendstream\nendobj\n");
    file.extend(&pdf(1)[9..]);
    assert_eq!(inspect(&file), Ok(FileKind::Pdf));
}

#[test]
fn what_breaks_off_is_damaged() {
    let whole = pdf(3);
    let cut = |file: &[u8]| inspect(&file[..file.len() * 2 / 3]);
    assert_eq!(cut(&whole), Err(Reason::FileDamaged));
    assert_eq!(cut(PNG), Err(Reason::FileDamaged));
    assert_eq!(cut(&jpeg()), Err(Reason::FileDamaged));
    let mut missing = tiff(1);
    missing[10 + 12 + 8] = 200;
    assert_eq!(inspect(&missing), Err(Reason::FileDamaged));
    let mut missing_page = packed_pages(3);
    missing_page.pop();
    assert_eq!(inspect(&packed_pdf(&missing_page, 0)), Err(Reason::FileDamaged));
}

#[test]
fn what_is_two_files_in_one_is_not_taken() {
    let archive = b"PK\x03\x04payload\0PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let with = |file: &[u8], tail: &[u8]| [file, tail].concat();
    for file in [
        with(&pdf(1), archive),
        with(PNG, archive),
        with(PNG, b"%PDF-1.7"),
        with(&jpeg(), archive),
        with(&jpeg(), &pdf(1)),
        with(&tiff(1), archive),
        with(&pdf(1), &[b'<'; 2000]),
    ] {
        assert_eq!(inspect(&file), Err(Reason::FileTypeUnsupported));
    }
    // A camera's film behind a photo is none of our business.
    assert_eq!(inspect(&with(&jpeg(), b"....ftypmp42")), Ok(FileKind::Jpeg));
}

#[test]
fn everything_else_gets_its_own_answer() {
    assert_eq!(inspect(b""), Err(Reason::FileEmpty));
    assert_eq!(
        inspect(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"),
        Err(Reason::WordDocument)
    );
    assert_eq!(
        inspect(b"PK\x03\x04....word/document.xml"),
        Err(Reason::WordDocument)
    );
    assert_eq!(inspect(b"{\\rtf1 lease}"), Err(Reason::WordDocument));
    assert_eq!(
        inspect(b"PK\x03\x04....xl/workbook.xml"),
        Err(Reason::FileTypeUnsupported)
    );
    assert_eq!(inspect(b"GIF89a%PDF-1.7"), Err(Reason::FileTypeUnsupported));
    assert_eq!(inspect(b"<html>"), Err(Reason::FileTypeUnsupported));
}

#[test]
fn a_file_made_to_be_slow_is_given_up() {
    // Each object begins a text that never ends, so that each would be read to the end of the file.
    let mut file = b"%PDF-1.7\n".to_vec();
    for number in 0..100_000 {
        file.extend(format!("{number} 0 obj (").bytes());
    }
    file.extend(b"%%EOF");
    assert_eq!(inspect(&file), Err(Reason::FileDamaged));
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail_in_another_way(
        magic in prop::sample::select(vec![&b"%PDF-1.7\n1 0 obj<<"[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b""]),
        mut rest: Vec<u8>,
    ) {
        let mut file = magic.to_vec();
        file.append(&mut rest);
        let _ = inspect(&file);
    }

    #[test]
    fn no_change_of_a_byte_makes_it_fail_in_another_way(at in 0_usize..400, byte: u8, packed: bool) {
        let mut file = if packed { packed_pdf(&packed_pages(3), 0) } else { pdf(3) };
        let at = at % file.len();
        file[at] = byte;
        let _ = inspect(&file);
    }
}
