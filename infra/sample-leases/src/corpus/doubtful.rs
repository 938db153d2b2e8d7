//! Leases with which something is wrong, and leases that are worded to mislead.

use domain::lease::Reason;
use jiff::civil::date;

use super::{Case, Kind, dollars, terms};
use crate::block::Signed;
use crate::charges::Extra;
use crate::draft::{Length, SignedBy, Undated};
use crate::rent::RentSaid;
use crate::terms::Layout;
use crate::voice::Addressing;
use crate::wording::{Money, Spelling};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = rents();
    cases.extend(slips());
    cases.extend(signatures());
    cases.extend(names());
    cases.extend(days());
    cases.extend(places());
    cases.extend(blanks());
    cases.extend(adversarial());
    cases
}

fn doubtful(name: &'static str, layout: Layout, setting: usize, seed: u64) -> Case {
    Case::new(name, Kind::Doubtful, terms(setting), layout, seed)
        .with(&[Extra::Deposit(dollars(700)), Extra::LateFee(dollars(65))])
        .long(Length::Short)
}

/// Rents that contradict themselves, change, or are not by the month.
fn rents() -> Vec<Case> {
    use Layout::{Charges, Columns, CoverSheet, DenseForm, Form, MonthToMonth, Prose};
    let differ = [Reason::WordsDifferFromDigits];
    let change = [Reason::RentChangesInTerm];
    let period = [Reason::RentNotMonthly];
    vec![
        doubtful("words say more than digits", Prose, 0, 301)
            .saying(RentSaid::WordsSay(dollars(1450)))
            .without_rent()
            .person(&differ),
        doubtful("words say less than digits, form", Form, 1, 302)
            .saying(RentSaid::WordsSay(dollars(1285)))
            .without_rent()
            .person(&differ),
        doubtful("two digits are swapped, cover sheet", CoverSheet, 3, 303)
            .saying(RentSaid::WordsSay(dollars(2410)))
            .without_rent()
            .person(&differ),
        doubtful("words and digits differ by a dollar", DenseForm, 5, 304)
            .saying(RentSaid::WordsSay(dollars(1248)))
            .without_rent()
            .person(&differ),
        doubtful("words and digits differ, in capitals", Columns, 6, 305)
            .saying(RentSaid::WordsSay(dollars(1885)))
            .drafted(|draft| draft.voice.spelling = Spelling::Capitals)
            .without_rent()
            .person(&differ),
        doubtful("two rents for two terms", Prose, 8, 306)
            .saying(RentSaid::Then(dollars(1025)))
            .without_rent()
            .person(&change),
        doubtful("two rents for two terms, other words", Prose, 8, 307)
            .saying(RentSaid::Then(dollars(1025)))
            .drafted(|draft| draft.voice.wording = 1)
            .without_rent()
            .person(&change),
        doubtful("two rents for two terms, charges", Charges, 9, 308)
            .saying(RentSaid::Then(dollars(1490)))
            .without_rent()
            .person_for_one_of(&[Reason::RentChangesInTerm, Reason::RentsDisagree]),
        doubtful("two rents for two terms, form", Form, 10, 309)
            .saying(RentSaid::Then(dollars(1790)))
            .without_rent()
            .person_for_one_of(&[Reason::RentChangesInTerm, Reason::RentsDisagree]),
        doubtful("rent by the week", Prose, 11, 310)
            .drafted(|draft| draft.terms.rent = super::rent(310))
            .saying(RentSaid::Weekly)
            .without_rent()
            .person(&period),
        doubtful("rent by the week, form", Form, 0, 311)
            .drafted(|draft| draft.terms.rent = super::rent(1350))
            .saying(RentSaid::Weekly)
            .without_rent()
            .person(&period),
        doubtful("rent by the year", Prose, 1, 312)
            .drafted(|draft| draft.terms.rent = super::rent(21_900))
            .saying(RentSaid::Yearly)
            .without_rent()
            .person(&period),
        doubtful("rent by the year, charges", Charges, 2, 313)
            .drafted(|draft| draft.terms.rent = super::rent(13_140))
            .saying(RentSaid::Yearly)
            .without_rent()
            .person(&period),
        doubtful("rent by the day", MonthToMonth, 3, 314)
            .saying(RentSaid::As("{T} pays rent of {1} per day for each day of the stay."))
            .without_rent()
            .person(&period),
        doubtful("the cover sheet and the conditions differ", CoverSheet, 4, 315)
            .with(&[Extra::Clause(
                "Amount of Rent",
                "The {T} agrees to pay a monthly rent of $1,655.00, in advance, on the first day of each month.".to_owned(),
            )])
            .without_rent()
            .person(&[Reason::RentsDisagree]),
        doubtful("two rents for one term", Prose, 5, 316)
            .with(&[Extra::Clause(
                "Installments",
                "{T} shall pay rent of $1,294.00 per month on or before the first day of each month during the term.".to_owned(),
            )])
            .without_rent()
            .person(&[Reason::RentsDisagree]),
        doubtful("the rent in words alone", Prose, 6, 317).saying(RentSaid::Words),
        doubtful("the rent in words alone, form", Form, 8, 318).saying(RentSaid::Words),
        doubtful("a discount for paying early", Prose, 9, 319)
            .saying(RentSaid::As("The monthly rent is {1}. Whoever pays before the first day of the month deducts $60.00 and owes $1,360.00 per month."))
            .without_rent()
            .person(&[]),
        doubtful("rent for each person", Layout::Roommates, 1, 320)
            .saying(RentSaid::As("Each {T} pays rent of {1} per month for a room of their own and the shared rooms."))
            .without_rent()
            .person(&[]),
    ]
}

/// Digits that somebody's machine misread: the right rent or a person, nothing else.
fn slips() -> Vec<Case> {
    let slip = |name, layout, seed, text| doubtful(name, layout, 0, seed).saying(RentSaid::Misread(text));
    vec![
        slip("a letter O for a zero", Layout::Prose, 330, "$1,35O.00"),
        slip("a small L for a one", Layout::Prose, 331, "$l,350.00"),
        slip("a point for a comma", Layout::Form, 332, "$1.350.00"),
        slip("a point for a comma, no cents", Layout::Form, 333, "$1.350"),
        slip("a gap within the digits", Layout::Charges, 334, "$1,3 50.00"),
        slip("a gap after the comma", Layout::Columns, 335, "$1, 350.00"),
        slip("an S for the dollar sign", Layout::DenseForm, 336, "S1,350.00"),
        slip("a B for an eight", Layout::Prose, 337, "$1,3B0.00")
            .person(&[])
            .without_rent(),
        slip("a digit lost", Layout::CoverSheet, 338, "$1,35_.00")
            .person(&[])
            .without_rent(),
        slip("no point before the cents", Layout::Form, 339, "$135000"),
    ]
}

/// Signatures that are missing.
fn signatures() -> Vec<Case> {
    let nobody = SignedBy {
        landlord: Signed::Not,
        tenants: Signed::Not,
    };
    let landlord_alone = SignedBy {
        landlord: Signed::Ink,
        tenants: Signed::Not,
    };
    let missing = [Reason::SignatureMissing];
    let unsigned = |name, layout, setting, seed, by| {
        doubtful(name, layout, setting, seed)
            .signed_by(by)
            .person(&missing)
    };
    vec![
        unsigned("nobody signed, prose", Layout::Prose, 0, 350, nobody),
        unsigned("nobody signed, form", Layout::Form, 3, 351, nobody),
        unsigned("nobody signed, dense form", Layout::DenseForm, 5, 352, nobody),
        unsigned("nobody signed, columns", Layout::Columns, 6, 353, nobody),
        unsigned("nobody signed, addenda", Layout::Addenda, 8, 354, nobody),
        unsigned(
            "only the landlord signed, prose",
            Layout::Prose,
            9,
            355,
            landlord_alone,
        ),
        unsigned(
            "only the landlord signed, form",
            Layout::Form,
            11,
            356,
            landlord_alone,
        ),
        unsigned(
            "only the landlord signed, charges",
            Layout::Charges,
            0,
            357,
            landlord_alone,
        ),
        unsigned(
            "only the landlord signed, cover sheet",
            Layout::CoverSheet,
            3,
            358,
            landlord_alone,
        ),
        unsigned(
            "only the landlord signed, by typing",
            Layout::Prose,
            5,
            359,
            SignedBy {
                landlord: Signed::Typed,
                tenants: Signed::Not,
            },
        ),
        unsigned("nobody signed, roommates", Layout::Roommates, 7, 360, nobody),
    ]
}

/// Tenants who are somebody else.
fn names() -> Vec<Case> {
    let called = |name, layout, setting, seed, account: &'static str| {
        doubtful(name, layout, setting, seed)
            .expecting(|expected| expected.tenant = Some(account.to_owned()))
            .person(&[Reason::TenantDiffers])
    };
    vec![
        called("another person", Layout::Prose, 0, 370, "Francesca Moretti"),
        called("another person, form", Layout::Form, 3, 371, "Oliver Grant"),
        called(
            "another person, dense form",
            Layout::DenseForm,
            5,
            372,
            "Wei Zhang",
        ),
        called(
            "another person among roommates",
            Layout::Roommates,
            7,
            373,
            "Karim Aisha-Bell",
        ),
        called("the same surname", Layout::Prose, 0, 374, "Dana Whitfield"),
        called("a letter apart", Layout::Form, 0, 375, "Jordyn Whitfield"),
        called("the same given name", Layout::Charges, 6, 376, "Theodore Vaughan"),
        called("mother and son", Layout::CoverSheet, 8, 377, "Daniela Petrova"),
        called(
            "the renter is the landlord",
            Layout::Prose,
            2,
            378,
            "Helen Ostrander",
        ),
        doubtful("an account without a name", Layout::Prose, 9, 379)
            .expecting(|expected| expected.tenant = None)
            .person(&[Reason::AccountWithoutName]),
        doubtful("the names of one person from two rows", Layout::Prose, 1, 380)
            .expecting(|expected| expected.tenant = Some("Priya Bell".to_owned()))
            .person(&[Reason::TenantDiffers]),
        doubtful("surname first", Layout::Form, 6, 381)
            .drafted(|draft| draft.terms.tenants = vec!["Vance, Theodore".to_owned()]),
        doubtful("a short form of the given name", Layout::Prose, 8, 382)
            .expecting(|expected| expected.tenant = Some("Dan Petrov".to_owned())),
    ]
}

/// Leases dated on a day that does not fit.
fn days() -> Vec<Case> {
    let dated = |name, layout, setting, seed, day| {
        doubtful(name, layout, setting, seed).drafted(|draft| draft.terms.signed = day)
    };
    vec![
        dated(
            "signed the day before the purchase",
            Layout::Prose,
            0,
            390,
            date(2026, 3, 1),
        )
        .person(&[Reason::SignedBeforePurchase]),
        dated("signed a year before", Layout::Form, 3, 391, date(2025, 3, 10))
            .person(&[Reason::SignedBeforePurchase]),
        dated(
            "signed months before, dense form",
            Layout::DenseForm,
            5,
            392,
            date(2025, 12, 28),
        )
        .person(&[Reason::SignedBeforePurchase]),
        dated(
            "signed months before, columns",
            Layout::Columns,
            10,
            393,
            date(2025, 11, 3),
        )
        .person(&[Reason::SignedBeforePurchase]),
        dated("signed tomorrow", Layout::Prose, 6, 394, date(2026, 3, 21)).person(&[Reason::DatedInFuture]),
        dated(
            "signed next year, cover sheet",
            Layout::CoverSheet,
            8,
            395,
            date(2027, 3, 10),
        )
        .person(&[Reason::DatedInFuture]),
        doubtful("dated nowhere", Layout::Prose, 9, 396)
            .drafted(|draft| draft.undated = Undated::Everywhere)
            .person(&[Reason::DateNotFound]),
        doubtful("dated nowhere, form", Layout::Form, 11, 397)
            .drafted(|draft| draft.undated = Undated::Everywhere)
            .person(&[Reason::DateNotFound]),
    ]
}

/// Homes that were not unlocked.
fn places() -> Vec<Case> {
    let unlocked = |name, layout, setting, seed, address: &'static str| {
        doubtful(name, layout, setting, seed).expecting(|expected| expected.address = address.to_owned())
    };
    let unit = [Reason::UnitDiffers];
    let address = [Reason::AddressDiffers];
    vec![
        unlocked("another unit", Layout::Prose, 0, 400, "148 Mill Road, Unit 4C").person(&unit),
        unlocked(
            "another unit, form",
            Layout::Form,
            3,
            401,
            "901 Park Place, Unit 1240",
        )
        .person(&unit),
        unlocked(
            "another unit, dense form",
            Layout::DenseForm,
            6,
            402,
            "330 Commerce Avenue, Unit 581",
        )
        .person(&unit),
        unlocked(
            "another unit, cover sheet",
            Layout::CoverSheet,
            5,
            403,
            "4480 North Shore Drive, Unit C-21",
        )
        .person(&unit),
        unlocked(
            "another number",
            Layout::Prose,
            9,
            404,
            "8812 Old Ferry Road, Unit 204",
        )
        .person(&address),
        unlocked(
            "another number, charges",
            Layout::Charges,
            11,
            405,
            "72 Peach Street, Unit 9",
        )
        .person(&address),
        unlocked("another street", Layout::Prose, 8, 406, "59 Mill Lane, Unit 11A").person(&address),
        doubtful("another city", Layout::Prose, 2, 407)
            .expecting(|expected| {
                expected.city = "Dallas".to_owned();
                expected.zip_code = "75201".to_owned();
            })
            .person(&address),
        doubtful("another city, form", Layout::Form, 5, 408)
            .expecting(|expected| {
                expected.city = "Raleigh".to_owned();
                expected.zip_code = "27601".to_owned();
            })
            .person(&address),
        doubtful("no unit where one was unlocked", Layout::Prose, 0, 409)
            .drafted(|draft| draft.terms.home.unit = None)
            .person_for_one_of(&[
                Reason::UnitDiffers,
                Reason::AddressDiffers,
                Reason::AddressNotFound,
            ]),
        doubtful(
            "the landlord's office has the unlocked address",
            Layout::Prose,
            6,
            410,
        )
        .with(&[Extra::Clause(
            "Where to Pay",
            "Payments and notices go to the office of {L} at 59 Mill Road, Unit 11A, Charlotte, NC 28203."
                .to_owned(),
        )])
        .expecting(|expected| {
            expected.address = "59 Mill Road, Unit 11A".to_owned();
            expected.city = "Charlotte".to_owned();
            expected.state = "NC".to_owned();
            expected.zip_code = "28203".to_owned();
        })
        .person(&address),
        doubtful("the address in a short spelling", Layout::Prose, 5, 411)
            .drafted(|draft| draft.voice.place = Addressing::Shortened),
        doubtful("the unit first", Layout::Prose, 10, 412)
            .drafted(|draft| draft.voice.place = Addressing::UnitFirst),
    ]
}

/// Forms that were not filled in.
fn blanks() -> Vec<Case> {
    let missing = [
        Reason::RentNotFound,
        Reason::OnlyDeposit,
        Reason::OnlyLateFee,
        Reason::OnlyOtherCharge,
    ];
    vec![
        doubtful("the rent left blank, form", Layout::Form, 0, 420)
            .saying(RentSaid::Blank)
            .without_rent()
            .person_for_one_of(&missing),
        doubtful("the rent left blank, prose", Layout::Prose, 3, 421)
            .saying(RentSaid::Blank)
            .without_rent()
            .person_for_one_of(&missing),
        doubtful("the rent left blank, dense form", Layout::DenseForm, 5, 422)
            .saying(RentSaid::Blank)
            .without_rent()
            .person_for_one_of(&missing),
        doubtful("nothing filled in", Layout::Form, 6, 423)
            .saying(RentSaid::Blank)
            .with(&[])
            .signed_by(SignedBy {
                landlord: Signed::Not,
                tenants: Signed::Not,
            })
            .drafted(|draft| {
                draft.undated = Undated::Everywhere;
                draft.terms.tenants = vec![String::new()];
                draft.terms.landlord = String::new();
                draft.terms.home.building = String::new();
                draft.terms.home.street = String::new();
                draft.terms.home.unit = None;
                draft.terms.home.city = String::new();
                draft.terms.home.state = String::new();
                draft.terms.home.zip_code = String::new();
                draft.seed = 424;
            })
            .without_rent()
            .person(&[
                Reason::RentNotFound,
                Reason::TenantNotFound,
                Reason::AddressNotFound,
                Reason::DateNotFound,
                Reason::SignatureMissing,
            ]),
        doubtful("the tenant left blank", Layout::Form, 8, 425)
            .drafted(|draft| draft.terms.tenants = vec![String::new()])
            .person_for_one_of(&[Reason::TenantNotFound, Reason::TenantDiffers]),
        doubtful("the home left blank", Layout::Form, 9, 426)
            .drafted(|draft| {
                draft.terms.home.street = String::new();
                draft.terms.home.unit = None;
                draft.terms.home.city = String::new();
                draft.terms.home.state = String::new();
                draft.terms.home.zip_code = String::new();
            })
            .person_for_one_of(&[Reason::AddressNotFound, Reason::AddressDiffers]),
    ]
}

/// Sentences that are worded very nearly like one on the rent.
#[expect(clippy::too_many_lines, reason = "a list of wordings")]
fn adversarial() -> Vec<Case> {
    let clause = |heading, text: &str| Extra::Clause(heading, text.to_owned());
    let adversarial = |name, layout, seed: u64| {
        let setting = usize::try_from(seed).unwrap_or(0);
        Case::new(name, Kind::Adversarial, terms(setting), layout, seed).long(Length::Short)
    };
    let beside = |name, layout, seed, extra: Extra| adversarial(name, layout, seed).with(&[extra]);
    let alone = |name, layout, seed, extra: Extra| {
        adversarial(name, layout, seed)
            .with(&[extra])
            .saying(RentSaid::Nowhere)
            .without_rent()
            .person(&[])
    };
    let furniture = || {
        clause(
            "Furniture",
            "{T} shall pay {L} $1,350.00 per month for the use of the furniture listed in the inventory.",
        )
    };
    let example = || {
        clause(
            "How Late Fees Are Reckoned",
            "For example, if the monthly rent were $2,000.00 and it came on the 8th, the late fee would be five percent of it, or $100.00.",
        )
    };
    let income = || {
        clause(
            "Income",
            "{T} states that the household has a gross income of at least $4,050.00 per month, three times what is due.",
        )
    };
    let subletting = || {
        clause(
            "Subletting",
            "With consent {T} may sublet a room for a monthly rent of not more than $900.00.",
        )
    };
    let garage = || {
        clause(
            "Garage",
            "The garage behind the building is let together with the {H} at a monthly rent of $450.00.",
        )
    };
    let guarantor = || {
        clause(
            "Guarantor",
            "The guarantor answers for the rent and all other sums up to $1,900.00 per month.",
        )
    };
    let commercial = || {
        clause(
            "Shop on the Ground Floor",
            "The shop on the ground floor is let to others for a rent of $2,450.00 per month, payable on the first day of the month, and is no part of the {H}.",
        )
    };
    let option = || {
        clause(
            "Option to Renew",
            "{T} may renew for another year at a monthly rent of $1,495.00 by telling {L} sixty days before the term ends.",
        )
    };
    let combined = || {
        clause(
            "Sum of Monthly Payments",
            "The total of all monthly payments, with parking, utilities and pet rent, is $1,925.00 per month.",
        )
    };
    let damages = || {
        clause(
            "Liquidated Damages",
            "If {T} leaves without notice, {T} agrees to pay the sum of One Thousand Two Hundred and 00/100 Dollars ($1,200.00) per month until the {H} is let again, for two months at most.",
        )
    };
    let model = || {
        clause(
            "Neighboring Unit",
            "The unit next door, Unit 99, is offered at a base rent of $1,299.00 per month.",
        )
    };
    let laundry = || {
        clause(
            "Appliances",
            "Rent for the washer and dryer is $1,100.00 for the term, or $92.00 per month.",
        )
    };
    vec![
        alone("furniture worded like rent, alone", Layout::Prose, 500, furniture()),
        beside("furniture worded like rent", Layout::Prose, 501, furniture()),
        alone("an example of a rent, alone", Layout::Prose, 502, example()),
        beside("an example of a rent", Layout::Prose, 503, example()),
        alone("an income, alone", Layout::Form, 504, income()),
        beside("an income", Layout::Prose, 505, income()),
        alone("rent from a subtenant, alone", Layout::Prose, 506, subletting()),
        beside("rent from a subtenant", Layout::Columns, 507, subletting()),
        alone("a garage at a monthly rent, alone", Layout::Prose, 508, garage()),
        beside("a garage at a monthly rent", Layout::Prose, 509, garage()),
        alone("a guarantor, alone", Layout::Prose, 510, guarantor()),
        beside("a guarantor", Layout::DenseForm, 511, guarantor()),
        alone("the rent of a shop, alone", Layout::Prose, 512, commercial()),
        beside("the rent of a shop", Layout::Prose, 513, commercial()),
        alone("an option to renew, alone", Layout::Prose, 514, option()),
        beside("an option to renew", Layout::Prose, 515, option()),
        alone("all payments in one sum, alone", Layout::Prose, 516, combined()),
        beside("all payments in one sum", Layout::Charges, 517, combined()),
        alone("damages by the month, alone", Layout::Prose, 518, damages()),
        beside("damages by the month", Layout::Prose, 519, damages()),
        alone("the rent next door, alone", Layout::Prose, 520, model()),
        beside("the rent next door", Layout::Prose, 521, model()),
        alone("rent for a washer, alone", Layout::Prose, 522, laundry()),
        beside("rent for a washer", Layout::Prose, 523, laundry()),
        adversarial("a deposit that is called rent", Layout::Form, 524)
            .with(&[clause("Security", "The monthly rent deposit of $1,500.00 is held as security and is no rent.")])
            .saying(RentSaid::Nowhere)
            .without_rent()
            .person(&[]),
        adversarial("the rent without a period", Layout::Prose, 525)
            .saying(RentSaid::As("The rent is {1}, due on the 1st.")),
        adversarial("the rent for the first month only", Layout::Prose, 526)
            .saying(RentSaid::As("Rent for the first month is {1}; for every later month {L} names the rent thirty days ahead."))
            .without_rent()
            .person(&[]),
        adversarial("rent from to", Layout::Prose, 527)
            .saying(RentSaid::As("The monthly rent is between {1} and $2,600.00, depending on the unit that is assigned."))
            .without_rent()
            .person(&[]),
        adversarial("the rent of three months at once", Layout::Prose, 528)
            .saying(RentSaid::As("{T} pays rent of {1} for every three months, in advance."))
            .drafted(|draft| draft.terms.rent = super::rent(4050))
            .without_rent()
            .person(&[]),
        adversarial("rent twice a month", Layout::Prose, 529)
            .saying(RentSaid::As("Rent is {1}, payable on the 1st and again on the 15th of each month."))
            .without_rent()
            .person(&[]),
        adversarial("the rent struck by a later clause", Layout::Prose, 530)
            .with(&[clause("Special Provisions", "Notwithstanding anything above, the monthly rent is $1,400.00.")])
            .without_rent()
            .person(&[]),
        adversarial("digits without a sign", Layout::Form, 531).drafted(|draft| draft.voice.money = Money::Bare),
        adversarial("digits without a sign, prose", Layout::Prose, 532).drafted(|draft| draft.voice.money = Money::Bare),
    ]
}
