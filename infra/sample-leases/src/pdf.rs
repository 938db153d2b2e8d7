//! Pages of marks become a PDF.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{FontFlags, LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};

use crate::fonts::{Face, encode};

/// The faces that a document may use; each has its place among the PDF's objects.
pub(crate) const FACES: [Face; 7] = [
    Face::Sans,
    Face::SansBold,
    Face::Serif,
    Face::SerifBold,
    Face::SerifItalic,
    Face::Mono,
    Face::MonoBold,
];

/// Something on a page. Lengths are in points from the lower left corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// Words on one line, each with where it begins.
    Words {
        face: Face,
        size: f32,
        y: f32,
        words: Vec<(f32, String)>,
    },
    /// A straight line.
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
    },
    /// A grey field behind what comes later.
    Shade {
        left: f32,
        bottom: f32,
        width: f32,
        height: f32,
    },
    /// A stroke of a pen: where it begins, then curves.
    Ink {
        from: (f32, f32),
        curves: Vec<[(f32, f32); 3]>,
        width: f32,
    },
}

/// How a producer of PDFs writes lines down: readers have to cope with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// A line at once, its spaces stretched.
    Lines,
    /// Each word set down by itself, and no space between them.
    Words,
    /// A line in pieces that are pushed together and apart.
    Kerned,
}

/// How a file is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Make {
    pub(crate) size: (f32, f32),
    pub(crate) writing: Writing,
    pub(crate) compressed: bool,
    /// Whether the fonts say how wide their letters are, which they need not.
    pub(crate) widths: bool,
    /// A cross-reference stream in place of a table, as PDF has since version 1.5.
    pub(crate) reference_stream: bool,
}

/// The file.
pub(crate) fn write(make: Make, pages: &[Vec<Mark>]) -> Vec<u8> {
    let mut ids = 1..;
    let mut next = || Ref::new(ids.next().unwrap_or(1));
    let (catalog, tree) = (next(), next());
    let fonts: Vec<Font> = FACES
        .into_iter()
        .filter(|face| pages.iter().flatten().any(|mark| uses(mark, *face)))
        .map(|face| Font {
            face,
            id: next(),
            descriptor: make.widths.then(&mut next),
        })
        .collect();
    let leaves: Vec<(Ref, Ref)> = pages.iter().map(|_| (next(), next())).collect();

    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree)
        .kids(leaves.iter().map(|(page, _)| *page))
        .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    for font in &fonts {
        font.write(&mut pdf);
    }
    for ((id, content), marks) in leaves.iter().zip(pages) {
        let mut page = pdf.page(*id);
        page.parent(tree)
            .media_box(Rect::new(0.0, 0.0, make.size.0, make.size.1))
            .contents(*content);
        let mut resources = page.resources();
        let mut names = resources.fonts();
        for font in &fonts {
            names.pair(Name(font.face.resource()), font.id);
        }
        names.finish();
        resources.finish();
        page.finish();
        let drawn = draw(marks, make.writing);
        if make.compressed {
            let packed = compress_to_vec_zlib(&drawn, 6);
            pdf.stream(*content, &packed).filter(Filter::FlateDecode);
        } else {
            pdf.stream(*content, &drawn);
        }
    }
    if make.reference_stream {
        let id = next();
        pdf.finish_with_xref_stream(id)
    } else {
        pdf.finish()
    }
}

fn uses(mark: &Mark, wanted: Face) -> bool {
    matches!(mark, Mark::Words { face, .. } if *face == wanted)
}

/// A font among the PDF's objects.
struct Font {
    face: Face,
    id: Ref,
    /// Where it says how wide its letters are.
    descriptor: Option<Ref>,
}

impl Font {
    fn write(&self, pdf: &mut Pdf) {
        let name = Name(self.face.base_font());
        let mut font = pdf.type1_font(self.id);
        font.base_font(name).encoding_predefined(Name(b"WinAnsiEncoding"));
        let Some(descriptor) = self.descriptor else { return };
        font.first_char(32)
            .last_char(255)
            .widths((32..=255).map(|byte| f32::from(self.face.width_of(byte))))
            .font_descriptor(descriptor);
        font.finish();
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(-168.0, -228.0, 1000.0, 952.0))
            .italic_angle(if self.face == Face::SerifItalic {
                -15.5
            } else {
                0.0
            })
            .ascent(718.0)
            .descent(-207.0)
            .cap_height(700.0)
            .stem_v(88.0);
    }
}

/// What a page shows, for a file that is made elsewhere.
#[cfg(feature = "refused")]
pub(crate) fn content(marks: &[Mark]) -> Vec<u8> {
    draw(marks, Writing::Lines)
}

fn draw(marks: &[Mark], writing: Writing) -> Vec<u8> {
    let mut content = Content::new();
    for mark in marks {
        match mark {
            Mark::Words { face, size, y, words } => {
                content.begin_text();
                content.set_font(Name(face.resource()), *size);
                match writing {
                    Writing::Words => apart(&mut content, *y, words),
                    Writing::Lines => together(&mut content, *face, *size, *y, words, false),
                    Writing::Kerned => together(&mut content, *face, *size, *y, words, true),
                }
                content.end_text();
            }
            Mark::Rule { from, to, width } => {
                content.set_line_width(*width);
                content.move_to(from.0, from.1).line_to(to.0, to.1).stroke();
            }
            Mark::Shade {
                left,
                bottom,
                width,
                height,
            } => {
                content.save_state();
                content.set_fill_gray(0.9);
                content.rect(*left, *bottom, *width, *height).fill_nonzero();
                content.restore_state();
            }
            Mark::Ink { from, curves, width } => {
                content.save_state();
                content.set_stroke_rgb(0.08, 0.12, 0.42);
                content.set_line_cap(LineCapStyle::RoundCap);
                content.set_line_join(LineJoinStyle::RoundJoin);
                content.set_line_width(*width);
                content.move_to(from.0, from.1);
                for [a, b, to] in curves {
                    content.cubic_to(a.0, a.1, b.0, b.1, to.0, to.1);
                }
                content.stroke();
                content.restore_state();
            }
        }
    }
    content.finish().into_vec()
}

fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(encode).collect()
}

fn apart(content: &mut Content, y: f32, words: &[(f32, String)]) {
    for (x, word) in words {
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, *x, y]);
        content.show(Str(&bytes(word)));
    }
}

/// A line with spaces as wide as the setting made them; `kerned`: in pieces of three letters, pushed about by a hair.
fn together(content: &mut Content, face: Face, size: f32, y: f32, words: &[(f32, String)], kerned: bool) {
    let Some((left, _)) = words.first() else { return };
    content.next_line(*left, y);
    let mut line = content.show_positioned();
    let mut items = line.items();
    let mut at = *left;
    for (number, (x, word)) in words.iter().enumerate() {
        let mut text = bytes(word);
        if number > 0 {
            at += face.measure(" ", size);
            let push = (at - x) * 1000.0 / size;
            items.show(Str(b" "));
            if push.abs() > 0.5 {
                items.adjust((push * 10.0).round() / 10.0);
            }
        }
        if kerned {
            let rest = text.split_off(text.len().min(3));
            items.show(Str(&text));
            for piece in rest.chunks(3) {
                items.adjust(8.0);
                items.show(Str(piece));
                items.adjust(-8.0);
            }
        } else {
            items.show(Str(&text));
        }
        at = x + face.measure(word, size);
    }
}
