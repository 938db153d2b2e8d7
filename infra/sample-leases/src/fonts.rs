//! The standard fonts that every PDF reader has, how wide their letters are, and how letters are encoded.
//!
//! Widths are Adobe's, for the 95 printable characters of ASCII
//! (<https://github.com/adobe-type-tools/afm-files>, Core 14).

/// A font in one cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Face {
    Sans,
    SansBold,
    Serif,
    SerifBold,
    SerifItalic,
    Mono,
    MonoBold,
}

/// A family of faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Sans,
    Serif,
    Mono,
}

impl Family {
    pub(crate) const fn regular(self) -> Face {
        match self {
            Self::Sans => Face::Sans,
            Self::Serif => Face::Serif,
            Self::Mono => Face::Mono,
        }
    }

    pub(crate) const fn bold(self) -> Face {
        match self {
            Self::Sans => Face::SansBold,
            Self::Serif => Face::SerifBold,
            Self::Mono => Face::MonoBold,
        }
    }
}

impl Face {
    /// What a PDF calls it.
    pub(crate) const fn base_font(self) -> &'static [u8] {
        match self {
            Self::Sans => b"Helvetica",
            Self::SansBold => b"Helvetica-Bold",
            Self::Serif => b"Times-Roman",
            Self::SerifBold => b"Times-Bold",
            Self::SerifItalic => b"Times-Italic",
            Self::Mono => b"Courier",
            Self::MonoBold => b"Courier-Bold",
        }
    }

    /// What its pages call it.
    pub(crate) const fn resource(self) -> &'static [u8] {
        match self {
            Self::Sans => b"F1",
            Self::SansBold => b"F2",
            Self::Serif => b"F3",
            Self::SerifBold => b"F4",
            Self::SerifItalic => b"F5",
            Self::Mono => b"F6",
            Self::MonoBold => b"F7",
        }
    }

    /// The width of a byte of [`encode`], in thousandths of the size.
    pub(crate) fn width_of(self, byte: u8) -> u16 {
        let widths = match self {
            Self::Sans => &HELVETICA,
            Self::SansBold => &HELVETICA_BOLD,
            Self::Serif => &TIMES,
            Self::SerifBold => &TIMES_BOLD,
            Self::SerifItalic => &TIMES_ITALIC,
            Self::Mono | Self::MonoBold => return 600,
        };
        let sans = matches!(self, Self::Sans | Self::SansBold);
        match byte {
            b' '..=b'~' => widths[usize::from(byte - b' ')],
            // Quotation marks are as wide as the straight one of the font, near enough; the dashes are exact.
            0x91 | 0x92 => 222 + if sans { 0 } else { 111 },
            0x93 | 0x94 => 333 + if sans { 0 } else { 111 },
            0x96 => {
                if sans {
                    556
                } else {
                    500
                }
            }
            0x97 => 1000,
            0x95 => 350,
            0xa7 => {
                if sans {
                    556
                } else {
                    500
                }
            }
            0xa0 => widths[0],
            accented => widths[usize::from(unaccented(accented) - b' ')],
        }
    }

    /// How long a text is at a size.
    pub(crate) fn measure(self, text: &str, size: f32) -> f32 {
        let thousandths: u32 = text.chars().map(|c| u32::from(self.width_of(encode(c)))).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is short")]
        let thousandths = thousandths as f32;
        thousandths * size / 1000.0
    }
}

/// A character in the encoding that PDF calls WinAnsi; `?` where it has none.
pub(crate) const fn encode(c: char) -> u8 {
    match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => c as u8,
        '\u{2018}' => 0x91,
        '\u{2019}' => 0x92,
        '\u{201c}' => 0x93,
        '\u{201d}' => 0x94,
        '\u{2022}' => 0x95,
        '\u{2013}' => 0x96,
        '\u{2014}' => 0x97,
        _ => b'?',
    }
}

/// The letter below an accent, which has its width.
const fn unaccented(byte: u8) -> u8 {
    match byte {
        0xc0..=0xc5 => b'A',
        0xc8..=0xcb => b'E',
        0xd1 => b'N',
        0xd2..=0xd6 => b'O',
        0xe0..=0xe5 => b'a',
        0xe7 => b'c',
        0xe8..=0xeb => b'e',
        0xec..=0xef => b'i',
        0xf1 => b'n',
        0xf2..=0xf6 => b'o',
        0xf9..=0xfc => b'u',
        _ => b'n',
    }
}

#[rustfmt::skip]
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
    556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611,
    611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
#[rustfmt::skip]
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
    556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500,
    500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];
#[rustfmt::skip]
const TIMES_BOLD: [u16; 95] = [
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 333, 333, 570, 570, 570, 500, 930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778,
    611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333, 278, 333, 581, 500, 333, 500, 556, 444, 556, 444, 333, 500,
    556, 278, 333, 556, 278, 833, 556, 500, 556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 394, 220, 394, 520,
];
#[rustfmt::skip]
const TIMES_ITALIC: [u16; 95] = [
    250, 333, 420, 500, 500, 833, 778, 214, 333, 333, 500, 675, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 333, 333, 675, 675, 675, 500, 920, 611, 611, 667, 722, 611, 611, 722, 722, 333, 444, 667, 556, 833, 667, 722,
    611, 722, 611, 500, 556, 722, 611, 833, 611, 556, 556, 389, 278, 389, 422, 500, 333, 500, 500, 444, 500, 444, 278, 500,
    500, 278, 278, 444, 278, 722, 500, 500, 500, 500, 389, 389, 278, 500, 444, 667, 444, 444, 389, 400, 275, 400, 541,
];
