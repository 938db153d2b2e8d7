//! Leases in a few lines: what is found in them, and what is decided.

use super::section::Piece;
use super::token::Token;
use crate::block::{BoundingBox, Geometry};
use crate::{Block, BlockType, Document};

/// A page of lines, one under the other. Within a line, three spaces part what stands apart on the page.
pub(super) fn document_of(lines: &[&str]) -> Document {
    Document::new(blocks_of(lines, 1))
}

/// Lines of a page, each character a hundredth of its width.
pub(super) fn blocks_of(lines: &[&str], page: u16) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (row, line) in lines.iter().enumerate() {
        let mut at = 0;
        for part in line.split("   ") {
            let text = part.trim();
            let before = part.len() - part.trim_start().len();
            if !text.is_empty() {
                #[expect(clippy::cast_precision_loss, reason = "a page is small")]
                let (left, top, width) = (
                    0.08 + 0.0085 * (at + before) as f32,
                    0.05 + 0.02 * row as f32,
                    0.0085 * text.chars().count() as f32,
                );
                blocks.push(Block {
                    id: format!("{page}-{row}-{at}"),
                    block_type: BlockType::Line,
                    text: Some(text.to_owned()),
                    page: Some(page),
                    confidence: Some(99.0),
                    geometry: Some(Geometry {
                        bounding_box: BoundingBox {
                            left,
                            top,
                            width,
                            height: 0.012,
                        },
                    }),
                    ..Block::default()
                });
            }
            at += part.chars().count() + 3;
        }
    }
    blocks
}

pub(super) fn pieces_of(document: &Document) -> Vec<Piece> {
    super::section::pieces(document, &crate::layout::passages(document))
}

pub(super) fn tokens_of(text: &str) -> Vec<Token> {
    let document = document_of(&[text]);
    let words: Vec<usize> = (0..document.words.len()).collect();
    super::token::tokens(&document, &words)
}

use domain::Rent;
use domain::lease::{Charge, Evidence, Expected, Reason, Verdict};
use jiff::civil::{Date, date};

use super::{judge, read};

const TODAY: Date = date(2026, 5, 20);

fn expected() -> Expected {
    Expected {
        tenant: Some("Ana Lopez".to_owned()),
        address: "148 Mill Road, Apt 4B".to_owned(),
        city: "Atlanta".to_owned(),
        state: "GA".to_owned(),
        zip_code: "30308".to_owned(),
        paid_on: date(2026, 5, 1),
    }
}

/// A lease in which everything but the rent is as it should be, with these lines for the rent.
fn lease_with(rent: &[&str]) -> Document {
    let mut lines = vec![
        "RESIDENTIAL LEASE",
        "",
        "This Lease is made on May 3, 2026 between Acme Homes LLC (\"Landlord\") and",
        "Ana Lopez (\"Tenant\").",
        "",
        "1. PREMISES. Landlord leases to Tenant the apartment located at 148 Mill Road,",
        "Apt 4B, Atlanta, GA 30308.",
        "",
        "2. TERM. The term begins on June 1, 2026 and ends on May 31, 2027.",
        "",
    ];
    lines.extend(rent);
    lines.extend([
        "",
        "",
        "Signed by the parties:",
        "",
        "",
        "Tenant          Date: May 4, 2026",
    ]);
    let mut blocks = blocks_of(&lines, 1);
    let label = blocks.last().unwrap().geometry.unwrap().bounding_box;
    blocks.push(Block {
        id: "signature".to_owned(),
        block_type: BlockType::Signature,
        confidence: Some(98.0),
        page: Some(1),
        geometry: Some(Geometry {
            bounding_box: BoundingBox {
                left: 0.08,
                top: label.top - 0.025,
                width: 0.2,
                height: 0.02,
            },
        }),
        ..Block::default()
    });
    Document::new(blocks)
}

fn evidence(rent: &[&str]) -> Evidence {
    read(&lease_with(rent))
}

fn verdict(rent: &[&str]) -> Verdict {
    judge(&evidence(rent), &expected(), TODAY)
}

/// What was made of these lines, short enough to be read when a test fails.
fn told(rent: &[&str]) -> String {
    let Evidence {
        rents,
        set_aside,
        doubts,
        ..
    } = evidence(rent);
    let rents: Vec<_> = rents
        .iter()
        .map(|found| (found.value, found.confidence, found.found_by))
        .collect();
    let set_aside: Vec<_> = set_aside
        .iter()
        .map(|aside| (aside.charge, &aside.amount.value))
        .collect();
    let doubts: Vec<_> = doubts.iter().map(|doubt| (doubt.value, &doubt.text)).collect();
    format!("  {rent:?}\n  rents {rents:?}\n  aside {set_aside:?}\n  doubts {doubts:?}")
}

fn dollars(dollars: f64) -> Rent {
    Rent::try_from(dollars).unwrap()
}

#[test]
fn a_rent_that_is_plainly_said_is_read() {
    let mut wrong = Vec::new();
    for (rent, lines) in [
        (
            1350.0,
            &["3. RENT. Tenant agrees to pay a rent of $1,350 per month."][..],
        ),
        (
            1450.0,
            &[
                "3. RENT. Tenant shall pay as rent the sum of One Thousand Four Hundred Fifty and",
                "00/100 Dollars ($1,450.00) per month, due on the first day of each month.",
            ],
        ),
        (2100.0, &["Monthly rent: $2,100.00"]),
        (
            1825.0,
            &[
                "3. RENT. Tenant shall pay rent in equal monthly installments of One Thousand Eight",
                "Hundred Twenty-Five and no/100 Dollars ($1,825.00), the first due on June 1, 2026.",
            ],
        ),
        (
            2140.0,
            &["3. RENT. Tenant pays monthly rent of TWO THOUSAND ONE HUNDRED FORTY DOLLARS (USD 2,140.00)."],
        ),
        (
            1575.0,
            &[
                "3. RENT. Tenant shall pay a monthly rent of one thou-",
                "sand five hundred seventy-five dollars ($1,575.00).",
            ],
        ),
        (
            1420.0,
            &["3. For the use of the apartment Tenant pays $1,420.00 a month, always in advance."],
        ),
        (1420.0, &["3. RENT. The rent is $1,420.00, due on the 1st."]),
        (
            1420.0,
            &[
                "3. RENT. Monthly rent is $1,420.00.",
                "",
                "4. GUARANTOR. The guarantor answers for the rent and all other sums up to $1,900 per month.",
            ],
        ),
        (1165.0, &["3. RENT. The base rent is $ 1,165.00/month."]),
        (
            1420.0,
            &[
                "Charge               Amount                Due",
                "Rent per Month       One Thousand Four     1st of each month",
                "                     Hundred Twenty and",
                "                     00/100 Dollars",
                "                     ($1,420.00)",
                "Parking              $75.00                1st of each month",
            ],
        ),
        (2100.0, &["Monthly Rent:   $2,100.00"]),
        (1895.0, &["Monthly Rent .............. $ 1,895"]),
        (
            1895.0,
            &[
                "Rent .... $ 1,895",
                "",
                "Rent is due on the first day of each month.",
            ],
        ),
        (
            1350.0,
            &["3. RENT. The rental rate is 1,350/mo, payable in advance."],
        ),
        (
            1350.0,
            &[
                "3. RENT. The rent for the term is $16,200, payable in 12 equal monthly installments of $1,350.",
            ],
        ),
        (
            1350.0,
            &[
                "3. RENT. Annual rent of $16,200.00 is payable in equal monthly installments of $1,350.00 each.",
            ],
        ),
        (
            1350.0,
            &[
                "3. RENT. Tenant shall pay to Landlord, in advance and without notice, on or before the",
                "first day of each calendar month during the term, rent in the amount of",
                "$1,350.00.",
            ],
        ),
        (
            1350.0,
            &["3. RENT. Tenant will pay $1,350.00 per month as rent for the apartment."],
        ),
        (
            1350.0,
            &["3. RENT. Tenant will pay Landlord $1,350.00 each month, on the first."],
        ),
        (
            1350.0,
            &[
                "3. RENT. Tenant agrees to pay fifteen hundred dollars ($1,500.00) as a security deposit",
                "and monthly rent of $1,350.",
            ],
        ),
        (
            1350.0,
            &["3. RENT. The monthly rent is one thousand three hundred fifty dollars."],
        ),
        (1350.50, &["3. RENT. Tenant shall pay monthly rent of $1,350.50."]),
        (
            1895.0,
            &[
                "Charge               Monthly",
                "Rent                 $1,895.00",
                "Parking              $75.00",
                "Pet rent             $35.00",
                "Total                $2,005.00",
            ],
        ),
        (
            1895.0,
            &[
                "Base rent per month        $1,895.00",
                "Security deposit           $500.00",
                "Application fee            $50.00",
                "Total monthly rent         $1,970.00",
                "Garage                     $75.00",
            ],
        ),
        (
            1350.0,
            &[
                "3. RENT. Monthly rent is $1,350.",
                "",
                "4. LATE CHARGES. If rent is not paid by the 5th, Tenant owes a late fee of $75.",
                "",
                "5. SECURITY DEPOSIT. Tenant has paid a deposit of $1,350 in addition to the rent.",
                "",
                "6. PETS. Pet rent is $35 per month for each pet.",
                "",
                "7. HOLDOVER. If Tenant stays, rent is $2,700 per month.",
                "",
                "8. INSURANCE. Tenant carries liability insurance of at least $100,000.",
            ],
        ),
    ] {
        let found = verdict(lines);
        if found != Verdict::Verified(dollars(rent)) {
            wrong.push(format!("{rent}: {found:?}\n{}", told(lines)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_the_rent_is_never_verified_as_one() {
    let mut wrong = Vec::new();
    for (reason, lines) in [
        (
            Reason::OnlyDeposit,
            &["3. SECURITY DEPOSIT. Tenant shall pay a deposit of $1,350."][..],
        ),
        (Reason::OnlyDeposit, &["Security Deposit: $1,350.00"]),
        (
            Reason::OnlyDeposit,
            &["3. Upon execution of this Lease Tenant shall pay $1,350 to be held as a deposit."],
        ),
        (
            Reason::RentChangeNotice,
            &["3. Landlord gives notice that from October 1, 2026 on the rent will be $1,475 per month."],
        ),
        (
            Reason::RentChangesInTerm,
            &[
                "3. RENT. Tenant pays rent of $975 per month through the sixth month and of $1,025 per month",
                "from October 1, 2026.",
            ],
        ),
        (
            Reason::OnlyDeposit,
            &["3. DEPOSIT. Tenant deposits one month's rent, $1,350.00, with Landlord."],
        ),
        (
            Reason::OnlyLateFee,
            &["3. LATE FEES. Rent paid after the 5th is late; the late fee is $75."],
        ),
        (
            Reason::OnlyLateFee,
            &["3. A late charge of 5% of the monthly rent or $50, if more, is due."],
        ),
        (Reason::OnlyLateFee, &["Returned check (NSF) fee: $35.00"]),
        (
            Reason::OnlyPetRent,
            &["3. PETS. Tenant shall pay a monthly pet rent of $35."],
        ),
        (
            Reason::OnlyPetRent,
            &[
                "PET ADDENDUM",
                "",
                "Tenant agrees to pay additional rent of $50 per month for the dog.",
            ],
        ),
        (
            Reason::OnlyParking,
            &["3. PARKING. The monthly rent for the garage is $150 per month."],
        ),
        (
            Reason::OnlyParking,
            &["3. Tenant shall pay $150 per month for parking space 12."],
        ),
        (Reason::OnlyParking, &["Parking/Storage   $150.00 monthly"]),
        (
            Reason::OnlyProrated,
            &["3. The prorated rent for May 15 to May 31 is $700."],
        ),
        (Reason::OnlyProrated, &["First month's rent: $1,350.00"]),
        (
            Reason::OnlyOtherCharge,
            &["3. UTILITIES. Tenant pays $120 per month for water and trash."],
        ),
        (
            Reason::OnlyOtherCharge,
            &["3. HOLDOVER. Holdover rent is $2,700 per month."],
        ),
        (
            Reason::OnlyOtherCharge,
            &["3. Tenant's gross monthly income must be at least $4,050."],
        ),
        (Reason::OnlyOtherCharge, &["Early termination fee: $2,700.00"]),
        (
            Reason::Subsidised,
            &["3. RENT. The tenant's share of the rent is $412 per month; the housing authority pays $938."],
        ),
        (
            Reason::Subsidised,
            &[
                "3. RENT. The initial rent to owner is $1,350 per month. The amount of the housing assistance",
                "payment is $938 per month.",
            ],
        ),
        (
            Reason::Subsidised,
            &[
                "3. RENT. Monthly rent is $1,350.",
                "",
                "4. This lease has a HUD tenancy addendum under Section 8.",
            ],
        ),
        (
            Reason::RentChangesInTerm,
            &[
                "3. RENT. From June 1 to November 30 the rent is $1,350 per month, thereafter $1,450 per month.",
            ],
        ),
        (
            Reason::RentChangesInTerm,
            &[
                "Period                      Monthly rent",
                "Months 1 - 6                $1,350.00",
                "Months 7 - 12               $1,450.00",
            ],
        ),
        (
            Reason::RentChangesInTerm,
            &["3. RENT. Monthly rent is $1,350. On January 1, 2027 the rent shall increase by 3%."],
        ),
        (
            Reason::RentNotMonthly,
            &["3. RENT. Tenant shall pay rent of $350 per week."],
        ),
        (Reason::RentNotMonthly, &["Weekly rent: $350.00"]),
        (Reason::RentNotMonthly, &["3. RENT. Rent is $45 per day."]),
        (Reason::RentNotMonthly, &["3. RENT. The annual rent is $16,200."]),
        (
            Reason::RentNotMonthly,
            &["3. RENT. Rent of $675 is due on the 1st and 15th of each month."],
        ),
        (
            Reason::RentNotMonthly,
            &["3. RENT. Rent of $700.00 is payable every two weeks."],
        ),
        (
            Reason::WordsDifferFromDigits,
            &["3. RENT. The rent is One Thousand Five Hundred Dollars ($1,350.00) per month."],
        ),
        (
            Reason::WordsDifferFromDigits,
            &["3. RENT. The rent is $1,350.00 (one thousand three hundred dollars) per month."],
        ),
        (
            Reason::RentsDisagree,
            &["Monthly rent: $1,350", "", "3. RENT. The monthly rent is $1,400."],
        ),
        (
            Reason::RentsDisagree,
            &["3. RENT. Monthly rent is $1,350 or $1,400 per month furnished."],
        ),
        (
            Reason::RentsDisagree,
            &["3. RENT. Monthly rent is $1,350. Tenant shall also pay $220 per month."],
        ),
        (
            Reason::RentsDisagree,
            &["3. RENT. The rent is $16,200 a year, payable in monthly installments of $1,450."],
        ),
        (
            Reason::RentsDisagree,
            &["3. RENT. Monthly rent is $1,500, less a monthly concession of $150 per month."],
        ),
        (
            Reason::RentsDisagree,
            &["3. RENT. Rent is $2,100 per month; each tenant pays a share of $700 per month."],
        ),
        (
            Reason::RentChangeNotice,
            &[
                "NOTICE OF RENT INCREASE",
                "",
                "Your monthly rent will be $1,450 from July 1, 2026.",
            ],
        ),
        (Reason::LowConfidence, &["3. RENT. Monthly rent is $1,35O."]),
        (Reason::LowConfidence, &["3. RENT. Monthly rent is $ l,350.00."]),
        (Reason::LowConfidence, &["3. RENT. Monthly rent is $1.350,00."]),
        (Reason::LowConfidence, &["3. RENT. Monthly rent is $1 350.00."]),
        (Reason::LowConfidence, &["3. RENT. Monthly rent is $13,50.00."]),
        (Reason::LowConfidence, &["Rent: $1,350.00"]),
        (
            Reason::WordsDifferFromDigits,
            &["3. RENT. The rent is One Thousand Thre Hundred Fifty Dollars ($1,850.00) per month."],
        ),
        (Reason::RentNotFound, &["3. RENT. Monthly rent is $________."]),
        (Reason::RentNotFound, &["Nothing is said of money."]),
        (
            Reason::NotALease,
            &[
                "3. Landlord rents to Tenant the garage space no. 12.",
                "",
                "4. RENT. Monthly rent is $150.",
            ],
        ),
    ] {
        let found = verdict(lines);
        if !matches!(&found, Verdict::NeedsReview { reasons, .. } if reasons.contains(&reason)) {
            wrong.push(format!("{reason:?}: {found:?}\n{}", told(lines)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn charges_are_set_aside_by_their_kind() {
    let evidence = evidence(&[
        "3. RENT. Monthly rent is $1,350.",
        "",
        "4. Tenant pays a security deposit of $1,000, a late fee of $75, pet rent of $35 and $90 per month for parking.",
    ]);
    let charges: Vec<(Charge, &str)> = evidence
        .set_aside
        .iter()
        .map(|aside| (aside.charge, aside.amount.value.trim_end_matches([',', '.'])))
        .collect();
    assert_eq!(
        charges,
        [
            (Charge::Deposit, "$1,000"),
            (Charge::LateFee, "$75"),
            (Charge::PetRent, "$35"),
            (Charge::Parking, "$90"),
        ]
    );
}

/// A lease on a home that is named in these lines.
fn on_home(home: &[&str]) -> Verdict {
    let mut lines = vec![
        "RESIDENTIAL LEASE",
        "",
        "This Lease is made on May 3, 2026 between Acme Homes LLC (\"Landlord\") and",
        "Ana Lopez (\"Tenant\").",
        "",
    ];
    lines.extend(home);
    lines.extend(["", "3. RENT. Monthly rent is $1,350."]);
    judge(&read(&Document::new(blocks_of(&lines, 1))), &expected(), TODAY)
}

#[test]
fn a_lease_names_the_very_home_that_was_unlocked() {
    let mut wrong = Vec::new();
    for (reason, home) in [
        (
            None,
            &["1. PREMISES. The apartment at 148 Mill Road, Apt 4B, Atlanta, GA 30308."][..],
        ),
        (
            None,
            &["1. PREMISES. You rent Unit No. 4B at 148 Mill Road in Atlanta , GA , 30308 ."],
        ),
        (
            None,
            &[
                "Street Address: 148 Mill Road",
                "Unit: 4B",
                "City: Atlanta",
                "State: GA",
                "ZIP: 30308",
            ],
        ),
        (
            Some(Reason::AddressDiffers),
            &[
                "Street Address: 148 Mill Road",
                "Unit: 4B",
                "City: Macon",
                "State: GA",
                "ZIP: 31201",
            ],
        ),
        (
            Some(Reason::AddressDiffers),
            &["1. PREMISES. You rent Unit No. 4B at 148 Mill Road in Macon, GA 31201."],
        ),
        (
            Some(Reason::UnitDiffers),
            &["1. PREMISES. The house at 148 Mill Road, Atlanta, GA 30308."],
        ),
        (
            Some(Reason::UnitDiffers),
            &["1. PREMISES. The apartment at 148 Mill Road, Apt 5B, Atlanta, GA 30308."],
        ),
        (
            Some(Reason::AddressNotFound),
            &["1. PREMISES. The apartment at 148 Mill Road, Apt 4B."],
        ),
    ] {
        let found = on_home(home);
        let Verdict::NeedsReview { reasons, .. } = &found else {
            wrong.push(format!("{home:?}: {found:?}"));
            continue;
        };
        let of_home = [
            Reason::AddressDiffers,
            Reason::UnitDiffers,
            Reason::AddressNotFound,
        ];
        let told: Vec<_> = reasons.iter().filter(|reason| of_home.contains(reason)).collect();
        if told != reason.iter().collect::<Vec<_>>() {
            wrong.push(format!("{home:?}: {reasons:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rent_of_something_else_is_never_verified() {
    let mut verified = Vec::new();
    for lines in [
        &["3. MARKET RENT. The market rent for comparable units is $1,525 per month."][..],
        &["3. EXAMPLE. For example, if the monthly rent were $2,000, a fee of $100 would be due."],
        &["3. SHOP. The shop is let to others for a rent of $2,450 per month."],
        &["3. NEIGHBORS. Unit 99 is offered at a base rent of $1,299 per month."],
        &["3. RENT. The monthly rent is between $1,165 and $2,600."],
        &["3. RENT. Rent is $1,825, payable on the 1st and again on the 15th of each month."],
        &["3. RENT. Half of the rent, $900, is due on the 1st, the other half on the 15th of each month."],
        &["3. RENT. Rent of $900 is payable in two installments each month."],
        &["3. MODEL. A similar home in the community rents for $1,825 per month."],
        &["3. HISTORY. The former tenant paid a monthly rent of $1,825."],
        &["3. RENT. Were the rent $1,825 per month, a fee would be due."],
        &["3. RENT. The rent would be $1,825 per month for a furnished apartment."],
        &["3. RENT. Monthly rents start at $1,825."],
        &["3. RENT. Rent is $1,825 to $1,900 per month."],
        &["3. RENT. Rent is at least $1,825 per month."],
        &["3. RENT. If Tenant signs for two years the monthly rent is $1,825."],
        &["3. RENT. Rent is $1,825 per month if Tenant pays online."],
        &["3. RENT. Rent is negotiable; the asking rent is $1,825 per month."],
        &["3. RENT. The advertised rent is $1,825 per month."],
        &["3. RENT. Landlord proposes a monthly rent of $1,825."],
        &["3. RENT. The monthly rent is not $1,825."],
        &["3. RENT. The monthly rent of $1,825 was paid by the seller."],
        &["3. OFFICE. Landlord pays a monthly rent of $1,825 for the office."],
        &["3. SUBLEASE. The subtenant pays Tenant a monthly rent of $1,825."],
        &["3. GROUND RENT. The ground rent of $1,825 per month is paid by Landlord."],
        &["3. INSURANCE. Loss of rent is insured up to a rent of $1,825 per month."],
        &["3. APARTMENT 5C. The rent for Apartment 5C is $1,825 per month."],
        &["3. RENT. Until Tenant moves in, Landlord may ask for a rent of up to $1,825 per month."],
        &["3. GUARANTY. Guarantor shall pay rent of $1,825 per month where Tenant does not."],
        &["3. SUBLETTING. Tenant may sublet the apartment for a rent of no more than $1,825 per month."],
        &["3. SUBLETTING. Tenant may not sublet the apartment for more than a rent of $1,825 per month."],
        &["3. OPTION. Tenant may rent the apartment for another year at a rent of $1,825 per month."],
        &["3. MODEL UNIT. The model unit rents at $1,825 per month."],
        &["3. INCOME. Tenant's income has to be three times the monthly rent, $5,475."],
        &["3. RENT. Tenant pays a rent of $1,825 every four weeks."],
        &["3. RENT. Tenant pays a rent of $1,825 every 28 days."],
        &["3. RENT. The rent is $1,825 per bedroom per month."],
        &["3. RENT. The rent is $1,825 per month for each room."],
        &["3. RENT. Rent for the first six months is $1,825 per month."],
        &["3. RENT. The monthly rent before the discount of 10 % is $1,825."],
        &["3. RENT. The monthly rent is $1,825 less a monthly discount of $100."],
        &["3. RENT. The monthly rent is $1,825, of which the employer pays $900."],
        &["Market rent: $1,825 per month"],
        &["Fair market rent   $1,825 monthly"],
        &["Asking rent: $1,825 per month"],
        &["Estimated monthly rent: $1,825"],
        &["Maximum monthly rent: $1,825"],
        &["Monthly rent (example): $1,825"],
        &["Rent for unit 99: $1,825 per month"],
        &["Monthly rent: $1,825 - $1,950"],
        &["Rent range: $1,825 per month"],
        &[
            "3. RENT. The monthly rent is $1,825.",
            "",
            "4. DUE DATES. Rent is due on the 1st and the 15th of each month.",
        ],
    ] {
        if let Verdict::Verified(rent) = verdict(lines) {
            verified.push(format!("{rent:?}\n{}", told(lines)));
        }
    }
    assert!(verified.is_empty(), "{}", verified.join("\n"));
}

#[test]
fn a_sentence_goes_on_over_the_foot_of_a_page() {
    let mut blocks = blocks_of(
        &[
            "3. RENT. Tenant shall pay rent in equal monthly installments of One",
            "",
            "Page 1 of 2",
        ],
        1,
    );
    blocks.extend(blocks_of(
        &["Thousand Three Hundred and Fifty Dollars ($1,350.00)."],
        2,
    ));
    let evidence = read(&Document::new(blocks));
    let rents: Vec<Rent> = evidence.rents.iter().map(|found| found.value).collect();
    assert_eq!(rents, [dollars(1350.0)]);
}

#[test]
fn the_title_of_a_lease_by_the_month_makes_its_rent_no_charge_for_staying_on() {
    let evidence = read(&document_of(&[
        "MONTH-TO-MONTH RENTAL AGREEMENT",
        "",
        "For the use of the apartment Tenant pays a monthly rent of $1,420.00, in advance.",
    ]));
    assert!(evidence.set_aside.is_empty(), "{:?}", evidence.set_aside);
    assert_eq!(evidence.rents[0].value, dollars(1420.0));
}

/// A lease as a renter sent it, and the verdict on it.
fn verdict_on(change: impl Fn(&mut Expected)) -> Verdict {
    let mut expected = expected();
    change(&mut expected);
    judge(&evidence(&["3. RENT. Monthly rent is $1,350."]), &expected, TODAY)
}

#[test]
fn whatever_differs_from_the_purchase_is_named() {
    type Change = fn(&mut Expected);
    let changes: [(Reason, Change); 6] = [
        (Reason::TenantDiffers, |expected| {
            expected.tenant = Some("Ben Cho".to_owned());
        }),
        (Reason::AccountWithoutName, |expected| expected.tenant = None),
        (Reason::AddressDiffers, |expected| {
            expected.address = "150 Mill Road, Apt 4B".to_owned();
        }),
        (Reason::UnitDiffers, |expected| {
            expected.address = "148 Mill Road, Apt 5C".to_owned();
        }),
        (Reason::AddressDiffers, |expected| {
            expected.zip_code = "30309".to_owned();
        }),
        (Reason::SignedBeforePurchase, |expected| {
            expected.paid_on = date(2026, 5, 4);
        }),
    ];
    for (reason, change) in changes {
        assert_eq!(
            verdict_on(change),
            Verdict::NeedsReview {
                reasons: vec![reason],
                likely: Some(dollars(1350.0)),
            }
        );
    }
    assert_eq!(verdict_on(|_| {}), Verdict::Verified(dollars(1350.0)));
}

#[test]
fn a_lease_of_tomorrow_is_dated_in_the_future() {
    let evidence = evidence(&["3. RENT. Monthly rent is $1,350."]);
    let verdict = judge(&evidence, &expected(), date(2026, 5, 3));
    assert!(matches!(verdict, Verdict::NeedsReview { reasons, .. } if reasons == [Reason::DatedInFuture]));
}

#[test]
fn a_landlords_or_a_typed_signature_is_not_a_tenants() {
    use domain::lease::Signer;
    let signed = evidence(&["3. RENT. Monthly rent is $1,350."]);
    for (by, typed) in [
        (Signer::Landlord, false),
        (Signer::Unknown, false),
        (Signer::Tenant, true),
    ] {
        let mut evidence = signed.clone();
        evidence.signatures[0].value.by = by;
        evidence.signatures[0].value.typed = typed;
        let verdict = judge(&evidence, &expected(), TODAY);
        assert!(
            matches!(verdict, Verdict::NeedsReview { reasons, .. } if reasons == [Reason::SignatureMissing])
        );
    }
}

/// Words of which leases are made, and what breaks parsers.
const WORDS: [&str; 40] = [
    "rent",
    "Rent:",
    "monthly",
    "per",
    "month",
    "$1,350",
    "$",
    "$1,35O",
    "1,350.00",
    "deposit",
    "Tenant",
    "Landlord",
    "(\"Tenant\")",
    "as",
    "the",
    "sum",
    "of",
    "One",
    "Thousand",
    "hundred",
    "and",
    "00/100",
    "Dollars",
    "($1,450.00)",
    "148",
    "Mill",
    "Road,",
    "Apt",
    "#4B",
    "May",
    "3,",
    "2026",
    "05/03/2026",
    "/s/",
    "§",
    "é\u{301}",
    "$$",
    "12.",
    "late",
    "\u{1f600}",
];

fn block_of(words: &[usize], page: u16, left: f32, top: f32) -> Block {
    let text: Vec<&str> = words.iter().map(|word| WORDS[word % WORDS.len()]).collect();
    Block {
        id: format!("{page}/{left}/{top}"),
        block_type: BlockType::Line,
        text: Some(text.join(" ")),
        page: Some(page),
        confidence: Some(97.0),
        geometry: Some(Geometry {
            bounding_box: BoundingBox {
                left,
                top,
                width: 0.3,
                height: 0.012,
            },
        }),
        ..Block::default()
    }
}

fn is_within_the_page(bounds: domain::lease::Bounds) -> bool {
    let (right, bottom) = (bounds.left + bounds.width, bounds.top + bounds.height);
    bounds.left >= 0.0 && bounds.top >= 0.0 && right <= 1.0001 && bottom <= 1.0001
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_document_says_is_read_within_its_pages(
        lines in proptest::collection::vec(
            (proptest::collection::vec(0usize..40, 1..14), 1u16..4, -0.5f32..1.5, -0.5f32..1.5),
            0..60,
        ),
    ) {
        let blocks = lines.iter().map(|(words, page, left, top)| block_of(words, *page, *left, *top)).collect();
        let evidence = read(&Document::new(blocks));
        for found in &evidence.rents {
            proptest::prop_assert!(is_within_the_page(found.bounds) && (1..4).contains(&found.page));
            proptest::prop_assert!(found.text.chars().count() <= 200);
        }
        for aside in &evidence.set_aside {
            proptest::prop_assert!(is_within_the_page(aside.amount.bounds));
            proptest::prop_assert!(aside.amount.text.chars().count() <= 200);
        }
        drop(judge(&evidence, &expected(), TODAY));
    }

    #[test]
    fn a_rent_is_the_same_however_it_is_written(cents in 30_000u64..1_000_000) {
        let (whole, rest) = (cents / 100, cents % 100);
        let grouped = match whole {
            0..1000 => whole.to_string(),
            _ => format!("{},{:03}", whole / 1000, whole % 1000),
        };
        let words = super::number_words::tests::in_words(whole);
        #[expect(clippy::cast_precision_loss, reason = "a rent is small")]
        let expected = dollars(cents as f64 / 100.0);
        for line in [
            format!("3. RENT. Tenant agrees to pay a rent of ${grouped}.{rest:02} per month."),
            format!("Monthly rent: $ {grouped}.{rest:02}"),
            format!("3. RENT. The rent is {words} and {rest:02}/100 Dollars (${whole}.{rest:02}) per month."),
            format!("Monthly rent   ${whole}.{rest:02}"),
        ] {
            proptest::prop_assert_eq!(verdict(&[&line]), Verdict::Verified(expected), "{}", line);
        }
    }
}

/// Words on lines as wide as a page, one behind the other.
fn running(words: &str, times: usize) -> Vec<Block> {
    let all: Vec<&str> = std::iter::repeat_n(words.split(' '), times).flatten().collect();
    let lines = (0_u16..).zip(all.chunks(12));
    lines
        .map(|(at, line)| {
            let (page, row) = (at / 60, f32::from(at % 60));
            let mut block = block_of(&[0], page + 1, 0.1, 0.015 * row);
            block.text = Some(line.join(" "));
            block
        })
        .collect()
}

#[test]
fn reading_takes_time_in_proportion_to_a_sentence_without_an_end() {
    for words in [
        "monthly rent of $1,350",
        "deposit $500",
        "rent $1,350 per month",
        "between Jordan and Tenant:",
        "148 Mill Road, Unit 4B",
        "March 10, 2026",
        "on the 1st",
        "one hundred",
        "/s/ Jordan Whitfield",
    ] {
        let steps = |times: usize| super::steps_of(|| read(&Document::new(running(words, times)))).1;
        let (few, many) = (steps(80), steps(800));
        assert!(
            few > 0 && many <= few * 11,
            "{few} steps for {words:?} 80 times, {many} for 800"
        );
    }
}

#[test]
fn a_rent_in_a_sentence_without_an_end_goes_to_a_person() {
    let filling = "and the parties agree that the garden is kept in order ".repeat(40);
    let rent = "Tenant agrees to pay a monthly rent of $1,350 per month.";
    assert_eq!(verdict(&[rent]), Verdict::Verified(dollars(1350.0)));
    let without_end = format!("3. RENT. Whereas {filling} {rent}");
    assert!(matches!(verdict(&[&without_end]), Verdict::NeedsReview { .. }));
}

#[test]
fn reading_takes_time_in_proportion_to_the_pages() {
    let steps = |pages: u16| {
        let lines: Vec<Vec<usize>> = (0..8)
            .map(|line| (0..6).map(|word| line * 7 + word * 3).collect())
            .collect();
        let blocks = (1..=pages)
            .flat_map(|page| {
                let lines = lines.clone();
                (0_u8..)
                    .zip(lines)
                    .map(move |(row, words)| block_of(&words, page, 0.1, 0.03 * f32::from(row)))
            })
            .collect();
        super::steps_of(|| read(&Document::new(blocks))).1
    };
    let (few, many) = (steps(30), steps(3000));
    assert!(
        few > 0 && many <= few * 110,
        "{few} steps for 30 pages, {many} for 3,000"
    );
}
