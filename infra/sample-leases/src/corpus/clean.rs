//! Leases with which nothing is wrong: a machine should decide most of them.

use domain::lease::Reason;
use jiff::civil::date;

use super::{Case, Kind, Outcome, cents, dollars, terms};
use crate::block::Signed;
use crate::charges::Extra;
use crate::draft::{Length, SignedBy, Undated};
use crate::rent::RentSaid;
use crate::terms::Layout;
use crate::wording::{Days, Money, Spelling};

/// What is owed beside the rent.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Usual,
    Pets,
    City,
    MovingIn,
    Much,
}

impl Beside {
    fn extras(self) -> Vec<Extra> {
        let usual = [Extra::Deposit(dollars(600)), Extra::LateFee(dollars(75))];
        match self {
            Self::Nothing => Vec::new(),
            Self::Usual => usual.to_vec(),
            Self::Pets => [
                &usual[..],
                &[Extra::PetRent(dollars(35)), Extra::PetFee(dollars(300))],
            ]
            .concat(),
            Self::City => [
                &usual[..],
                &[
                    Extra::Parking(dollars(125)),
                    Extra::Storage(dollars(40)),
                    Extra::Utilities(dollars(68)),
                    Extra::Insurance(dollars(100_000)),
                ],
            ]
            .concat(),
            Self::MovingIn => [
                &usual[..],
                &[Extra::Application(dollars(55)), Extra::Prorated(dollars(430))],
            ]
            .concat(),
            Self::Much => [
                &usual[..],
                &[
                    Extra::ReturnedCheck(dollars(30)),
                    Extra::PetRent(dollars(25)),
                    Extra::Parking(dollars(80)),
                    Extra::Insurance(dollars(100_000)),
                    Extra::EarlyTermination(dollars(3000)),
                ],
            ]
            .concat(),
        }
    }
}

/// One row of the table: name, layout, setting, how the rent is said, what is owed beside it, how long.
type Row = (&'static str, Layout, usize, RentSaid, Beside, Length);

#[rustfmt::skip]
const ROWS: [Row; 50] = [
    ("prose, digits", Layout::Prose, 0, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("prose, words and digits", Layout::Prose, 1, RentSaid::Both, Beside::Usual, Length::Usual),
    ("prose, no other charges", Layout::Prose, 2, RentSaid::Digits, Beside::Nothing, Length::Short),
    ("prose, pets", Layout::Prose, 3, RentSaid::Both, Beside::Pets, Length::Usual),
    ("prose, much, all clauses", Layout::Prose, 4, RentSaid::Digits, Beside::Much, Length::Long),
    ("prose, moving in", Layout::Prose, 5, RentSaid::Both, Beside::MovingIn, Length::Usual),
    ("prose, city, all clauses", Layout::Prose, 6, RentSaid::Digits, Beside::City, Length::Long),
    ("form, digits", Layout::Form, 8, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("form, words and digits", Layout::Form, 9, RentSaid::Both, Beside::Usual, Length::Usual),
    ("form, city", Layout::Form, 10, RentSaid::Digits, Beside::City, Length::Short),
    ("form, pets", Layout::Form, 11, RentSaid::Digits, Beside::Pets, Length::Short),
    ("form, much, all clauses", Layout::Form, 0, RentSaid::Both, Beside::Much, Length::Long),
    ("form, moving in", Layout::Form, 3, RentSaid::Digits, Beside::MovingIn, Length::Usual),
    ("charges, usual", Layout::Charges, 1, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("charges, city", Layout::Charges, 2, RentSaid::Digits, Beside::City, Length::Usual),
    ("charges, pets", Layout::Charges, 5, RentSaid::Digits, Beside::Pets, Length::Short),
    ("charges, moving in", Layout::Charges, 6, RentSaid::Digits, Beside::MovingIn, Length::Usual),
    ("charges, much", Layout::Charges, 8, RentSaid::Digits, Beside::Much, Length::Long),
    ("charges, words and digits", Layout::Charges, 9, RentSaid::Both, Beside::City, Length::Short),
    ("columns, digits", Layout::Columns, 10, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("columns, words and digits", Layout::Columns, 11, RentSaid::Both, Beside::Pets, Length::Usual),
    ("columns, all clauses", Layout::Columns, 0, RentSaid::Digits, Beside::Much, Length::Long),
    ("columns, city", Layout::Columns, 4, RentSaid::Both, Beside::City, Length::Long),
    ("columns, moving in", Layout::Columns, 6, RentSaid::Digits, Beside::MovingIn, Length::Usual),
    ("cover sheet, digits", Layout::CoverSheet, 3, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("cover sheet, words and digits", Layout::CoverSheet, 5, RentSaid::Both, Beside::Usual, Length::Usual),
    ("cover sheet, city", Layout::CoverSheet, 8, RentSaid::Digits, Beside::City, Length::Usual),
    ("cover sheet, much", Layout::CoverSheet, 1, RentSaid::Both, Beside::Much, Length::Long),
    ("cover sheet, pets", Layout::CoverSheet, 11, RentSaid::Digits, Beside::Pets, Length::Short),
    ("cover sheet, moving in", Layout::CoverSheet, 9, RentSaid::Digits, Beside::MovingIn, Length::Usual),
    ("dense form, digits", Layout::DenseForm, 0, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("dense form, words and digits", Layout::DenseForm, 3, RentSaid::Both, Beside::Usual, Length::Usual),
    ("dense form, city", Layout::DenseForm, 5, RentSaid::Digits, Beside::City, Length::Long),
    ("dense form, much", Layout::DenseForm, 6, RentSaid::Digits, Beside::Much, Length::Long),
    ("dense form, pets", Layout::DenseForm, 8, RentSaid::Both, Beside::Pets, Length::Usual),
    ("dense form, moving in", Layout::DenseForm, 9, RentSaid::Digits, Beside::MovingIn, Length::Usual),
    ("roommates, three", Layout::Roommates, 7, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("roommates, three, words and digits", Layout::Roommates, 7, RentSaid::Both, Beside::City, Length::Usual),
    ("roommates, two", Layout::Roommates, 1, RentSaid::Digits, Beside::Pets, Length::Short),
    ("roommates, a couple", Layout::Roommates, 4, RentSaid::Both, Beside::MovingIn, Length::Usual),
    ("roommates, all clauses", Layout::Roommates, 10, RentSaid::Digits, Beside::Much, Length::Long),
    ("month to month", Layout::MonthToMonth, 2, RentSaid::Digits, Beside::Usual, Length::Usual),
    ("month to month, words and digits", Layout::MonthToMonth, 4, RentSaid::Both, Beside::Nothing, Length::Short),
    ("month to month, pets", Layout::MonthToMonth, 9, RentSaid::Digits, Beside::Pets, Length::Short),
    ("month to month, parking", Layout::MonthToMonth, 11, RentSaid::Digits, Beside::City, Length::Short),
    ("addenda, pets", Layout::Addenda, 0, RentSaid::Digits, Beside::Pets, Length::Usual),
    ("addenda, city", Layout::Addenda, 3, RentSaid::Both, Beside::City, Length::Usual),
    ("addenda, much, all clauses", Layout::Addenda, 6, RentSaid::Digits, Beside::Much, Length::Long),
    ("addenda, moving in", Layout::Addenda, 10, RentSaid::Both, Beside::MovingIn, Length::Usual),
    ("addenda, two tenants", Layout::Addenda, 4, RentSaid::Digits, Beside::City, Length::Long),
];

pub(super) fn cases() -> Vec<Case> {
    let rows = (1..)
        .zip(ROWS)
        .map(|(seed, (name, layout, setting, said, beside, length))| {
            let mut terms = terms(setting);
            if layout == Layout::MonthToMonth {
                terms.ends = None;
            }
            Case::new(name, Kind::Clean, terms, layout, seed)
                .saying(said)
                .with(&beside.extras())
                .long(length)
        });
    rows.chain(single()).collect()
}

/// A rent of $1,249.50.
fn with_cents(mut case: Case) -> Case {
    let rent = cents(124_950);
    case.rent = Some(rent);
    case.outcome = Outcome::Machine(rent);
    case.drafted(|draft| {
        draft.terms.rent = rent;
        draft.voice.money = Money::Full;
        draft.voice.spelling = Spelling::Hundredths;
    })
}

/// Cases of which each has one thing of its own.
fn single() -> Vec<Case> {
    let clean = |name, layout, setting, seed| {
        Case::new(name, Kind::Clean, terms(setting), layout, seed).with(&Beside::Usual.extras())
    };
    // Anybody can type the tenant's name: nothing else is wrong with it, but a person has to decide.
    let typed = |name, layout, setting, seed| {
        let mut case = clean(name, layout, setting, seed)
            .signed_by(SignedBy {
                landlord: Signed::Typed,
                tenants: Signed::Typed,
            })
            .person(&[Reason::SignatureMissing]);
        case.kind = Kind::Doubtful;
        case
    };
    vec![
        typed("signed by typing, prose", Layout::Prose, 3, 101),
        typed("signed by typing, form", Layout::Form, 6, 102),
        clean(
            "the tenant signs by pen, the landlord by typing",
            Layout::Columns,
            9,
            103,
        )
        .signed_by(SignedBy {
            landlord: Signed::Typed,
            tenants: Signed::Ink,
        }),
        clean("the rent's sentence goes over two pages", Layout::Prose, 0, 104).drafted(|draft| {
            draft.broken_over_pages = true;
            draft.rent = RentSaid::Both;
        }),
        clean(
            "the rent's sentence goes over two pages, Legal",
            Layout::Prose,
            8,
            105,
        )
        .drafted(|draft| {
            draft.broken_over_pages = true;
            draft.voice.wording = 2;
        }),
        with_cents(clean("cents in the rent", Layout::Prose, 5, 106).saying(RentSaid::Both)),
        with_cents(clean("cents in the rent, charges", Layout::Charges, 5, 117)),
        clean("the tenant's name in capitals", Layout::Form, 3, 107)
            .drafted(|draft| draft.terms.tenants = vec!["CHLOE NAKAMURA".to_owned()]),
        clean("a middle initial in the lease", Layout::Prose, 6, 108)
            .drafted(|draft| draft.terms.tenants = vec!["Theodore R. Vance".to_owned()]),
        clean("no accents in the lease", Layout::CoverSheet, 10, 109).drafted(|draft| {
            draft.terms.tenants = vec!["Jose Alvarez".to_owned(), "Elena Alvarez".to_owned()];
        }),
        clean("the renter is the second tenant", Layout::Prose, 1, 110)
            .expecting(|expected| expected.tenant = Some("Marcus Bell".to_owned())),
        clean("only the signatures are dated", Layout::Prose, 0, 111)
            .drafted(|draft| draft.undated = Undated::Above),
        clean("dated as lawyers do", Layout::Prose, 2, 112).drafted(|draft| draft.voice.days = Days::Legal),
        clean(
            "a unit in the lease where the listing has none",
            Layout::Prose,
            3,
            113,
        )
        .expecting(|expected| expected.address = "901 Park Place".to_owned()),
        clean(
            "a unit in the lease where the listing has none, form",
            Layout::Form,
            9,
            114,
        )
        .expecting(|expected| expected.address = "8821 Old Ferry Road".to_owned()),
        clean("signed on the day of the purchase", Layout::Charges, 11, 115)
            .drafted(|draft| draft.terms.signed = date(2026, 3, 2)),
        clean("twelve pages", Layout::Addenda, 9, 118)
            .with(
                &[
                    Beside::Much.extras(),
                    Beside::City.extras(),
                    Beside::Pets.extras(),
                ]
                .concat()[..10],
            )
            .long(Length::Long),
        clean("signed today", Layout::DenseForm, 5, 116)
            .drafted(|draft| draft.terms.signed = date(2026, 3, 20)),
    ]
}
