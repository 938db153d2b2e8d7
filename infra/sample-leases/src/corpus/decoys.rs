//! Leases that name amounts which are not the rent: with the rent beside them, and without it.

use domain::lease::Reason;
use jiff::civil::{Date, date};

use self::Wanted::{All, OneOf};
use super::{Case, Kind, dollars, terms};
use crate::charges::Extra;
use crate::draft::Length;
use crate::rent::RentSaid;
use crate::terms::Layout;
use Extra::{
    Application, Deposit, EarlyTermination, FirstMonthFree, FormerRent, HoldingOver, Insurance, LastMonth,
    LateFee, MarketRent, NetEffective, Parking, PetFee, PetRent, Prorated, RentChange, ReturnedCheck,
    Storage, Subsidy, Total, Utilities,
};
use Layout::{Addenda, Charges, Columns, CoverSheet, DenseForm, Form, MonthToMonth, Prose, Subsidised};
use Reason::{
    OnlyDeposit, OnlyLateFee, OnlyOtherCharge, OnlyParking, OnlyPetRent, OnlyProrated, RentChangeNotice,
    RentChangesInTerm, RentNotFound,
};

/// The day on which a change of the rent is announced for.
const CHANGE: Date = date(2026, 10, 1);

/// Amounts with no rent beside them, so that there is nothing to verify: the lease, what it names, and the reasons to give.
#[rustfmt::skip]
const ALONE: [(&str, Layout, &[Extra], Wanted); 26] = [
    ("a deposit alone", Prose, &[Deposit(dollars(1350))], All(&[OnlyDeposit])),
    ("a deposit alone, form", Form, &[Deposit(dollars(1400))], All(&[OnlyDeposit])),
    ("a deposit alone, cover sheet", CoverSheet, &[Deposit(dollars(2140))], All(&[OnlyDeposit])),
    ("a late fee alone", Prose, &[LateFee(dollars(150))], All(&[OnlyLateFee])),
    ("a late fee alone, charges", Charges, &[LateFee(dollars(950))], All(&[OnlyLateFee])),
    ("pet rent alone", Prose, &[PetRent(dollars(45))], All(&[OnlyPetRent])),
    ("pet rent alone, form", Form, &[PetRent(dollars(950))], All(&[OnlyPetRent])),
    ("parking alone", MonthToMonth, &[Parking(dollars(150))], All(&[OnlyParking])),
    ("parking alone, charges", Charges, &[Parking(dollars(985))], All(&[OnlyParking])),
    ("storage alone", DenseForm, &[Storage(dollars(60))], All(&[OnlyParking])),
    ("a prorated month alone", Prose, &[Prorated(dollars(742))], All(&[OnlyProrated])),
    ("a prorated month alone, form", Form, &[Prorated(dollars(860))], All(&[OnlyProrated])),
    ("the last month alone", Prose, &[
        LastMonth(dollars(1350)),
    ], OneOf(&[OnlyProrated, OnlyDeposit, OnlyOtherCharge, RentNotFound])),
    ("a total alone", Prose, &[Total(dollars(16_200))], All(&[OnlyOtherCharge])),
    ("a total alone, charges", Charges, &[Total(dollars(21_900))], All(&[OnlyOtherCharge])),
    ("utilities alone", DenseForm, &[Utilities(dollars(95))], All(&[OnlyOtherCharge])),
    ("insurance alone", Prose, &[Insurance(dollars(1500))], All(&[OnlyOtherCharge])),
    ("a fee for leaving alone", Prose, &[EarlyTermination(dollars(2700))], All(&[OnlyOtherCharge])),
    ("an application fee alone", Form, &[Application(dollars(75))], All(&[OnlyOtherCharge])),
    ("a fee for a bounced check alone", Prose, &[ReturnedCheck(dollars(35))], OneOf(&[OnlyLateFee, OnlyOtherCharge])),
    ("the market rent alone", Prose, &[MarketRent(dollars(1525))], All(&[])),
    ("a net effective rent alone", Prose, &[NetEffective(dollars(1250))], All(&[])),
    ("rent for holding over alone", Prose, &[HoldingOver(dollars(1950))], All(&[])),
    ("the former rent alone", Prose, &[FormerRent(dollars(1290))], All(&[])),
    ("no amount at all", Prose, &[FirstMonthFree], All(&[RentNotFound])),
    ("many charges, and no rent", Charges, &[
        Deposit(dollars(1350)), LateFee(dollars(75)), PetRent(dollars(40)), Parking(dollars(110)),
        Prorated(dollars(675)),
    ], All(&[])),
];

/// Amounts beside the rent, which remains the rent.
#[rustfmt::skip]
const BESIDE_THE_RENT: [(&str, Layout, &[Extra]); 24] = [
    ("a deposit as high as the rent", Prose, &[Deposit(dollars(1350))]),
    ("a deposit above the rent", Form, &[Deposit(dollars(2500))]),
    ("a deposit before everything", DenseForm, &[Deposit(dollars(1095))]),
    ("a late fee", Columns, &[LateFee(dollars(215))]),
    ("pet rent", Charges, &[PetRent(dollars(60)), PetFee(dollars(400))]),
    ("pet rent in an addendum", Addenda, &[Deposit(dollars(500)), LateFee(dollars(60)), PetRent(dollars(1150))]),
    ("parking nearly as dear as the home", Prose, &[Parking(dollars(985))]),
    ("storage and parking", CoverSheet, &[Parking(dollars(240)), Storage(dollars(120))]),
    ("a prorated month", Prose, &[Prorated(dollars(520))]),
    ("a prorated month, form", Form, &[Prorated(dollars(947))]),
    ("a prorated month, cover sheet", CoverSheet, &[Prorated(dollars(1368))]),
    ("the last month paid ahead", Prose, &[LastMonth(dollars(1165))]),
    ("the total of a year", Prose, &[Total(dollars(16_200))]),
    ("the total of a year, charges", Charges, &[Total(dollars(21_900))]),
    ("a fee for leaving as high as the rent", Prose, &[EarlyTermination(dollars(1095))]),
    ("insurance for about the rent", Prose, &[Insurance(dollars(2000))]),
    ("the first month free", Prose, &[FirstMonthFree]),
    ("a net effective rent", Prose, &[FirstMonthFree, NetEffective(dollars(1145))]),
    ("the market rent", Form, &[MarketRent(dollars(2150))]),
    ("rent for holding over", Columns, &[HoldingOver(dollars(3600))]),
    ("the former rent", Prose, &[FormerRent(dollars(940))]),
    ("utilities by the month", MonthToMonth, &[Utilities(dollars(140))]),
    ("every charge at once", Charges, &[
        Deposit(dollars(1710)), LateFee(dollars(85)), ReturnedCheck(dollars(40)), PetRent(dollars(35)),
        PetFee(dollars(300)), Parking(dollars(150)), Storage(dollars(45)), Prorated(dollars(855)),
        LastMonth(dollars(1710)), Total(dollars(20_520)), Utilities(dollars(70)), Insurance(dollars(100_000)),
        EarlyTermination(dollars(3420)), Application(dollars(50)), FirstMonthFree,
    ]),
    ("every charge at once, prose", Prose, &[
        Deposit(dollars(1165)), LateFee(dollars(85)), ReturnedCheck(dollars(40)), PetRent(dollars(35)),
        PetFee(dollars(300)), Parking(dollars(150)), Storage(dollars(45)), Prorated(dollars(583)),
        LastMonth(dollars(1165)), Utilities(dollars(70)), Insurance(dollars(100_000)), EarlyTermination(dollars(2330)),
    ]),
];

/// The reasons that have to be given.
#[derive(Clone, Copy)]
enum Wanted {
    All(&'static [Reason]),
    OneOf(&'static [Reason]),
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = alone().chain(beside_the_rent()).collect();
    cases.extend(changes());
    cases.extend(subsidies());
    cases
}

fn decoy(name: &'static str, layout: Layout, setting: usize, seed: u64) -> Case {
    Case::new(name, Kind::Decoy, terms(setting), layout, seed).long(Length::Short)
}

fn alone() -> impl Iterator<Item = Case> {
    (201_usize..)
        .zip(ALONE)
        .map(|(at, (name, layout, extras, wanted))| {
            let case = decoy(name, layout, at, at as u64)
                .without_rent()
                .saying(RentSaid::Nowhere)
                .with(extras);
            match wanted {
                All(reasons) => case.person(reasons),
                OneOf(reasons) => case.person_for_one_of(reasons),
            }
        })
}

fn beside_the_rent() -> impl Iterator<Item = Case> {
    let rows = (240_usize..).zip(BESIDE_THE_RENT);
    rows.map(|(at, (name, layout, extras))| decoy(name, layout, at, at as u64).with(extras))
}

/// Notices that the rent will be another: a person looks at them.
fn changes() -> Vec<Case> {
    let notice = [RentChangeNotice, RentChangesInTerm];
    vec![
        decoy("a notice of change alone", Prose, 0, 270)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[RentChange(dollars(1475), CHANGE)])
            .person(&[RentChangeNotice]),
        decoy("a notice of change, by letter", MonthToMonth, 3, 271)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[RentChange(dollars(2210), CHANGE)])
            .person(&[RentChangeNotice]),
        decoy("a lease with a notice of change behind it", Addenda, 5, 272)
            .with(&[
                Deposit(dollars(400)),
                LateFee(dollars(50)),
                RentChange(dollars(1349), CHANGE),
            ])
            .person_for_one_of(&notice),
        decoy("a lease with a notice of change in it", Prose, 6, 273)
            .with(&[RentChange(dollars(2085), CHANGE)])
            .person_for_one_of(&notice),
    ]
}

/// Leases beside which an authority pays a part: a person looks at them.
fn subsidies() -> Vec<Case> {
    let subsidy = |tenant, authority| Subsidy {
        tenant: dollars(tenant),
        authority: dollars(authority),
    };
    vec![
        decoy("subsidised", Subsidised, 0, 280).person(&[Reason::Subsidised]),
        decoy("subsidised, with a deposit", Subsidised, 9, 281)
            .with(&[Deposit(dollars(440))])
            .person(&[Reason::Subsidised]),
        decoy("subsidised, all clauses", Subsidised, 11, 282)
            .long(Length::Long)
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share beside the rent", Prose, 1, 283)
            .with(&[subsidy(612, 1213)])
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share alone", Prose, 4, 284)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[subsidy(515, 1060)])
            .person(&[Reason::Subsidised]),
        decoy("the tenant's share alone, form", Form, 8, 285)
            .without_rent()
            .saying(RentSaid::Nowhere)
            .with(&[subsidy(298, 677)])
            .person(&[Reason::Subsidised]),
    ]
}
