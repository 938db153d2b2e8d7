//! Leases that name amounts which are not the rent: with the rent beside them, and without it.

use domain::lease::Reason;
use jiff::civil::{Date, date};

use super::{Case, Kind, dollars, terms};
use crate::charges::Extra;
use crate::draft::Length;
use crate::rent::RentSaid;
use crate::terms::Layout;

/// The day on which a change of the rent is announced for.
const CHANGE: Date = date(2026, 10, 1);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = alone();
    cases.extend(beside_the_rent());
    cases.extend(changes());
    cases.extend(subsidies());
    cases
}

fn decoy(name: &'static str, layout: Layout, setting: usize, seed: u64) -> Case {
    Case::new(name, Kind::Decoy, terms(setting), layout, seed).long(Length::Short)
}

/// Amounts with no rent beside them: nothing to verify.
fn alone() -> Vec<Case> {
    let alone = |name, layout, seed: u64, extra: Extra| {
        let setting = usize::try_from(seed).unwrap_or(0);
        decoy(name, layout, setting, seed)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[extra])
    };
    use Layout::{Charges, CoverSheet, DenseForm, Form, MonthToMonth, Prose};
    vec![
        alone("a deposit alone", Prose, 201, Extra::Deposit(dollars(1350))).person(&[Reason::OnlyDeposit]),
        alone("a deposit alone, form", Form, 202, Extra::Deposit(dollars(1400)))
            .person(&[Reason::OnlyDeposit]),
        alone(
            "a deposit alone, cover sheet",
            CoverSheet,
            203,
            Extra::Deposit(dollars(2140)),
        )
        .person(&[Reason::OnlyDeposit]),
        alone("a late fee alone", Prose, 204, Extra::LateFee(dollars(150))).person(&[Reason::OnlyLateFee]),
        alone(
            "a late fee alone, charges",
            Charges,
            205,
            Extra::LateFee(dollars(950)),
        )
        .person(&[Reason::OnlyLateFee]),
        alone("pet rent alone", Prose, 206, Extra::PetRent(dollars(45))).person(&[Reason::OnlyPetRent]),
        alone("pet rent alone, form", Form, 207, Extra::PetRent(dollars(950))).person(&[Reason::OnlyPetRent]),
        alone("parking alone", MonthToMonth, 208, Extra::Parking(dollars(150)))
            .person(&[Reason::OnlyParking]),
        alone(
            "parking alone, charges",
            Charges,
            209,
            Extra::Parking(dollars(985)),
        )
        .person(&[Reason::OnlyParking]),
        alone("storage alone", DenseForm, 210, Extra::Storage(dollars(60))).person(&[Reason::OnlyParking]),
        alone(
            "a prorated month alone",
            Prose,
            211,
            Extra::Prorated(dollars(742)),
        )
        .person(&[Reason::OnlyProrated]),
        alone(
            "a prorated month alone, form",
            Form,
            212,
            Extra::Prorated(dollars(860)),
        )
        .person(&[Reason::OnlyProrated]),
        alone(
            "the last month alone",
            Prose,
            213,
            Extra::LastMonth(dollars(1350)),
        )
        .person_for_one_of(&[
            Reason::OnlyProrated,
            Reason::OnlyDeposit,
            Reason::OnlyOtherCharge,
            Reason::RentNotFound,
        ]),
        alone("a total alone", Prose, 214, Extra::Total(dollars(16_200))).person(&[Reason::OnlyOtherCharge]),
        alone(
            "a total alone, charges",
            Charges,
            215,
            Extra::Total(dollars(21_900)),
        )
        .person(&[Reason::OnlyOtherCharge]),
        alone("utilities alone", DenseForm, 216, Extra::Utilities(dollars(95)))
            .person(&[Reason::OnlyOtherCharge]),
        alone("insurance alone", Prose, 217, Extra::Insurance(dollars(1500)))
            .person(&[Reason::OnlyOtherCharge]),
        alone(
            "a fee for leaving alone",
            Prose,
            218,
            Extra::EarlyTermination(dollars(2700)),
        )
        .person(&[Reason::OnlyOtherCharge]),
        alone(
            "an application fee alone",
            Form,
            219,
            Extra::Application(dollars(75)),
        )
        .person(&[Reason::OnlyOtherCharge]),
        alone(
            "a fee for a bounced check alone",
            Prose,
            220,
            Extra::ReturnedCheck(dollars(35)),
        )
        .person_for_one_of(&[Reason::OnlyLateFee, Reason::OnlyOtherCharge]),
        alone(
            "the market rent alone",
            Prose,
            221,
            Extra::MarketRent(dollars(1525)),
        )
        .person(&[]),
        alone(
            "a net effective rent alone",
            Prose,
            222,
            Extra::NetEffective(dollars(1250)),
        )
        .person(&[]),
        alone(
            "rent for holding over alone",
            Prose,
            223,
            Extra::HoldingOver(dollars(1950)),
        )
        .person(&[]),
        alone(
            "the former rent alone",
            Prose,
            224,
            Extra::FormerRent(dollars(1290)),
        )
        .person(&[]),
        alone("no amount at all", Prose, 225, Extra::FirstMonthFree).person(&[Reason::RentNotFound]),
        alone(
            "many charges, and no rent",
            Charges,
            226,
            Extra::Deposit(dollars(1350)),
        )
        .with(&[
            Extra::Deposit(dollars(1350)),
            Extra::LateFee(dollars(75)),
            Extra::PetRent(dollars(40)),
            Extra::Parking(dollars(110)),
            Extra::Prorated(dollars(675)),
        ])
        .person(&[]),
    ]
}

/// Amounts beside the rent, which remains the rent.
fn beside_the_rent() -> Vec<Case> {
    let beside = |name, layout, seed: u64, extras: &[Extra]| {
        let setting = usize::try_from(seed).unwrap_or(0);
        decoy(name, layout, setting, seed).with(extras)
    };
    use Layout::{Addenda, Charges, Columns, CoverSheet, DenseForm, Form, MonthToMonth, Prose};
    vec![
        beside(
            "a deposit as high as the rent",
            Prose,
            240,
            &[Extra::Deposit(dollars(1350))],
        ),
        beside(
            "a deposit above the rent",
            Form,
            241,
            &[Extra::Deposit(dollars(2500))],
        ),
        beside(
            "a deposit before everything",
            DenseForm,
            242,
            &[Extra::Deposit(dollars(1095))],
        ),
        beside("a late fee", Columns, 243, &[Extra::LateFee(dollars(215))]),
        beside(
            "pet rent",
            Charges,
            244,
            &[Extra::PetRent(dollars(60)), Extra::PetFee(dollars(400))],
        ),
        beside(
            "pet rent in an addendum",
            Addenda,
            245,
            &[
                Extra::Deposit(dollars(500)),
                Extra::LateFee(dollars(60)),
                Extra::PetRent(dollars(1150)),
            ],
        ),
        beside(
            "parking nearly as dear as the home",
            Prose,
            246,
            &[Extra::Parking(dollars(985))],
        ),
        beside(
            "storage and parking",
            CoverSheet,
            247,
            &[Extra::Parking(dollars(240)), Extra::Storage(dollars(120))],
        ),
        beside("a prorated month", Prose, 248, &[Extra::Prorated(dollars(520))]),
        beside(
            "a prorated month, form",
            Form,
            249,
            &[Extra::Prorated(dollars(947))],
        ),
        beside(
            "a prorated month, cover sheet",
            CoverSheet,
            250,
            &[Extra::Prorated(dollars(1368))],
        ),
        beside(
            "the last month paid ahead",
            Prose,
            251,
            &[Extra::LastMonth(dollars(1165))],
        ),
        beside(
            "the total of a year",
            Prose,
            252,
            &[Extra::Total(dollars(16_200))],
        ),
        beside(
            "the total of a year, charges",
            Charges,
            253,
            &[Extra::Total(dollars(21_900))],
        ),
        beside(
            "a fee for leaving as high as the rent",
            Prose,
            254,
            &[Extra::EarlyTermination(dollars(1095))],
        ),
        beside(
            "insurance for about the rent",
            Prose,
            255,
            &[Extra::Insurance(dollars(2000))],
        ),
        beside("the first month free", Prose, 256, &[Extra::FirstMonthFree]),
        beside(
            "a net effective rent",
            Prose,
            257,
            &[Extra::FirstMonthFree, Extra::NetEffective(dollars(1145))],
        ),
        beside("the market rent", Form, 258, &[Extra::MarketRent(dollars(2150))]),
        beside(
            "rent for holding over",
            Columns,
            259,
            &[Extra::HoldingOver(dollars(3600))],
        ),
        beside("the former rent", Prose, 260, &[Extra::FormerRent(dollars(940))]),
        beside(
            "utilities by the month",
            MonthToMonth,
            261,
            &[Extra::Utilities(dollars(140))],
        ),
        beside(
            "every charge at once",
            Charges,
            262,
            &[
                Extra::Deposit(dollars(1710)),
                Extra::LateFee(dollars(85)),
                Extra::ReturnedCheck(dollars(40)),
                Extra::PetRent(dollars(35)),
                Extra::PetFee(dollars(300)),
                Extra::Parking(dollars(150)),
                Extra::Storage(dollars(45)),
                Extra::Prorated(dollars(855)),
                Extra::LastMonth(dollars(1710)),
                Extra::Total(dollars(20_520)),
                Extra::Utilities(dollars(70)),
                Extra::Insurance(dollars(100_000)),
                Extra::EarlyTermination(dollars(3420)),
                Extra::Application(dollars(50)),
                Extra::FirstMonthFree,
            ],
        ),
        beside(
            "every charge at once, prose",
            Prose,
            263,
            &[
                Extra::Deposit(dollars(1165)),
                Extra::LateFee(dollars(85)),
                Extra::ReturnedCheck(dollars(40)),
                Extra::PetRent(dollars(35)),
                Extra::PetFee(dollars(300)),
                Extra::Parking(dollars(150)),
                Extra::Storage(dollars(45)),
                Extra::Prorated(dollars(583)),
                Extra::LastMonth(dollars(1165)),
                Extra::Utilities(dollars(70)),
                Extra::Insurance(dollars(100_000)),
                Extra::EarlyTermination(dollars(2330)),
            ],
        ),
    ]
}

/// Notices that the rent will be another: a person looks at them.
fn changes() -> Vec<Case> {
    let notice = [Reason::RentChangeNotice, Reason::RentChangesInTerm];
    vec![
        decoy("a notice of change alone", Layout::Prose, 0, 270)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[Extra::RentChange(dollars(1475), CHANGE)])
            .person(&[Reason::RentChangeNotice]),
        decoy("a notice of change, by letter", Layout::MonthToMonth, 3, 271)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[Extra::RentChange(dollars(2210), CHANGE)])
            .person(&[Reason::RentChangeNotice]),
        decoy(
            "a lease with a notice of change behind it",
            Layout::Addenda,
            5,
            272,
        )
        .with(&[
            Extra::Deposit(dollars(400)),
            Extra::LateFee(dollars(50)),
            Extra::RentChange(dollars(1349), CHANGE),
        ])
        .person_for_one_of(&notice),
        decoy("a lease with a notice of change in it", Layout::Prose, 6, 273)
            .with(&[Extra::RentChange(dollars(2085), CHANGE)])
            .person_for_one_of(&notice),
    ]
}

/// Leases beside which an authority pays a part: a person looks at them.
fn subsidies() -> Vec<Case> {
    let subsidy = |tenant, authority| Extra::Subsidy {
        tenant: dollars(tenant),
        authority: dollars(authority),
    };
    vec![
        decoy("subsidised", Layout::Subsidised, 0, 280).person(&[Reason::Subsidised]),
        decoy("subsidised, with a deposit", Layout::Subsidised, 9, 281)
            .with(&[Extra::Deposit(dollars(440))])
            .person(&[Reason::Subsidised]),
        decoy("subsidised, all clauses", Layout::Subsidised, 11, 282)
            .long(Length::Long)
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share beside the rent", Layout::Prose, 1, 283)
            .with(&[subsidy(612, 1213)])
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share alone", Layout::Prose, 4, 284)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[subsidy(515, 1060)])
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share alone, form", Layout::Form, 8, 285)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[subsidy(298, 677)])
            .person(&[Reason::Subsidised]),
    ]
}
