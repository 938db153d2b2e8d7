//! A lease before it is laid out: what it says, and how it looks.

use crate::block::{Block, Signature, Signed};
use crate::chance::Chance;
use crate::charges::Extra;
use crate::fonts::{Face, Family};
use crate::layouts;
use crate::pdf::{self, Make, Mark, Writing};
use crate::rent::RentSaid;
use crate::setting::{self, Footer, Look, SignatureLine};
use crate::terms::{Layout, Terms};
use crate::voice::Voice;

/// Letter, and Legal.
const SIZES: [(f32, f32); 4] = [(612.0, 792.0), (612.0, 792.0), (612.0, 792.0), (612.0, 1008.0)];

/// A lease to be laid out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    pub(crate) terms: Terms,
    pub(crate) layout: Layout,
    pub(crate) rent: RentSaid,
    pub(crate) extras: Vec<Extra>,
    pub(crate) signed_by: SignedBy,
    pub(crate) length: Length,
    pub(crate) voice: Voice,
    pub(crate) look: Look,
    /// Decides which clauses it has.
    pub(crate) seed: u64,
    /// Which places leave the day out.
    pub(crate) undated: Undated,
    /// The sentence on the rent begins on one page and ends on the next.
    pub(crate) broken_over_pages: bool,
}

/// Who signed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedBy {
    pub(crate) landlord: Signed,
    pub(crate) tenants: Signed,
}

impl SignedBy {
    pub(crate) const BOTH: Self = Self {
        landlord: Signed::Ink,
        tenants: Signed::Ink,
    };
}

/// Where the day of signing is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undated {
    Nowhere,
    /// At the beginning: only the signatures are dated.
    Above,
    Everywhere,
}

/// How much a lease says that nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Short,
    Usual,
    Long,
}

impl Draft {
    /// A lease whose looks and wordings come from `seed`.
    pub(crate) fn new(terms: Terms, layout: Layout, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let voice = Voice::of(&mut chance);
        let look = look(layout, &voice, &mut chance);
        Self {
            terms,
            layout,
            rent: RentSaid::Digits,
            extras: Vec::new(),
            signed_by: SignedBy::BOTH,
            length: Length::Usual,
            voice,
            look,
            seed,
            undated: Undated::Nowhere,
            broken_over_pages: false,
        }
    }

    /// Whether its beginning names the day.
    pub(crate) fn is_dated(&self) -> bool {
        self.undated == Undated::Nowhere
    }

    /// Its pages, set.
    pub(crate) fn pages(&self) -> Vec<Vec<Mark>> {
        setting::set(&self.look, &layouts::blocks(self))
    }

    /// As a PDF with a layer of text.
    pub(crate) fn pdf(&self) -> Vec<u8> {
        pdf::write(self.look.make, &self.pages())
    }

    /// The lines to sign on, the tenants' first.
    pub(crate) fn signatures(&self) -> Vec<Block> {
        let line = |role: &str, name: &str, signed: Signed| Signature {
            role: role.to_owned(),
            name: name.to_owned(),
            signed,
            date: if self.undated == Undated::Everywhere || signed == Signed::Not {
                String::new()
            } else {
                self.voice.signing_days.write(self.terms.signed)
            },
        };
        let tenants = self
            .terms
            .tenants
            .iter()
            .map(|name| line(self.voice.tenant, name, self.signed_by.tenants));
        let landlord = line(self.voice.landlord, &self.terms.landlord, self.signed_by.landlord);
        let lines: Vec<Signature> = tenants.chain([landlord]).collect();
        let beside = self.seed.is_multiple_of(2) && self.look.size < 11.5 && self.look.family != Family::Mono;
        lines
            .chunks(if beside { 2 } else { 1 })
            .map(|lines| Block::Signatures(lines.to_vec()))
            .collect()
    }
}

fn look(layout: Layout, voice: &Voice, chance: &mut Chance) -> Look {
    let family = chance.pick(&[
        Family::Serif,
        Family::Serif,
        Family::Sans,
        Family::Sans,
        Family::Mono,
    ]);
    let filled = match family {
        Family::Sans => chance.pick(&[Face::Sans, Face::Mono, Face::SansBold]),
        Family::Serif => chance.pick(&[Face::Serif, Face::Mono, Face::SerifItalic, Face::Sans]),
        Family::Mono => Face::Mono,
    };
    let size = match family {
        Family::Mono => chance.between(9.0, 10.5),
        _ => chance.between(9.5, 12.0),
    };
    let plain = Look {
        make: Make {
            size: chance.pick(&SIZES),
            writing: chance.pick(&[Writing::Lines, Writing::Lines, Writing::Words, Writing::Kerned]),
            compressed: chance.below(3) > 0,
            widths: chance.below(3) > 0,
            reference_stream: chance.below(4) == 0,
        },
        family,
        filled,
        size: (size * 4.0).round() / 4.0,
        leading: chance.pick(&[1.2, 1.25, 1.35, 1.5]),
        margin: chance.pick(&[54.0, 64.0, 72.0]),
        justified: family != Family::Mono && chance.below(2) == 0,
        hyphenated: family != Family::Mono && chance.below(3) > 0,
        header: chance
            .pick(&["", "Residential {A}", "{A} - Page Header", "Apartment {A}"])
            .replace(" - Page Header", "")
            .replace("{A}", voice.lease),
        footer: chance.pick(&[
            Footer::Number,
            Footer::NumberOfAll,
            Footer::Initials,
            Footer::None,
        ]),
        capitals: chance.below(3) == 0,
        signatures: chance.pick(&[SignatureLine::Below, SignatureLine::Before, SignatureLine::Cross]),
    };
    match layout {
        Layout::DenseForm => Look {
            family: Family::Sans,
            filled: chance.pick(&[Face::Mono, Face::SansBold, Face::Sans]),
            size: chance.pick(&[8.0, 8.25, 8.5]),
            leading: 1.25,
            margin: 40.0,
            justified: false,
            hyphenated: false,
            ..plain
        },
        Layout::Columns => Look {
            family: if plain.family == Family::Mono {
                Family::Serif
            } else {
                plain.family
            },
            filled: if plain.family == Family::Mono {
                Face::SerifItalic
            } else {
                plain.filled
            },
            size: chance.pick(&[8.5, 9.0, 9.5]),
            leading: 1.2,
            margin: 46.0,
            hyphenated: true,
            ..plain
        },
        Layout::MonthToMonth => Look {
            header: String::new(),
            footer: Footer::None,
            ..plain
        },
        _ => plain,
    }
}
