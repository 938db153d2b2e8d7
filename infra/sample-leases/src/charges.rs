//! What is owed beside the rent, and whatever else names an amount.

use jiff::civil::Date;

use crate::terms::Terms;
use crate::voice::Voice;
use crate::wording::Amount;

/// Something in a lease that names an amount which is not the rent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Extra {
    /// A security deposit.
    Deposit(Amount),
    /// A fee for paying late.
    LateFee(Amount),
    /// A fee for a payment that bounced.
    ReturnedCheck(Amount),
    /// Monthly, for an animal.
    PetRent(Amount),
    /// Once, for an animal.
    PetFee(Amount),
    /// Monthly, for a car.
    Parking(Amount),
    /// Monthly, for a storage room.
    Storage(Amount),
    /// For the rest of the month in which the tenant moves in.
    Prorated(Amount),
    /// The last month, paid ahead.
    LastMonth(Amount),
    /// Over the whole term.
    Total(Amount),
    /// Monthly, for water and the like.
    Utilities(Amount),
    /// What the tenant's insurance has to cover.
    Insurance(Amount),
    /// For ending early.
    EarlyTermination(Amount),
    /// Once, for the application.
    Application(Amount),
    /// A month without rent.
    FirstMonthFree,
    /// What the rent is with a free month spread over the term.
    NetEffective(Amount),
    /// What such a home rents for elsewhere.
    MarketRent(Amount),
    /// For staying too long.
    HoldingOver(Amount),
    /// What the rent was before.
    FormerRent(Amount),
    /// What it will be from a day on.
    RentChange(Amount, Date),
    /// What the tenant pays, and what an authority pays.
    Subsidy { tenant: Amount, authority: Amount },
    /// Anything.
    Clause(&'static str, String),
}

/// A line of a table of charges: what for, how much, when.
pub(crate) struct Row {
    pub(crate) label: &'static str,
    pub(crate) amount: Amount,
    pub(crate) due: &'static str,
}

impl Extra {
    /// Its line in a table; none where it stands in text only.
    pub(crate) fn row(&self) -> Option<Row> {
        let (label, amount, due) = match self {
            Self::Deposit(amount) => ("Security deposit", amount, "before moving in"),
            Self::LateFee(amount) => ("Late fee", amount, "when rent comes after the 5th"),
            Self::ReturnedCheck(amount) => ("Returned payment fee", amount, "for each"),
            Self::PetRent(amount) => ("Pet rent", amount, "1st of each month"),
            Self::PetFee(amount) => ("Pet fee, not refundable", amount, "before moving in"),
            Self::Parking(amount) => ("Parking, one space", amount, "1st of each month"),
            Self::Storage(amount) => ("Storage unit", amount, "1st of each month"),
            Self::Prorated(amount) => ("Prorated rent, first month", amount, "before moving in"),
            Self::LastMonth(amount) => ("Last month's rent, paid ahead", amount, "before moving in"),
            Self::Total(amount) => ("Total rent for the term", amount, "in installments"),
            Self::Utilities(amount) => ("Water, sewer and trash", amount, "1st of each month"),
            Self::Application(amount) => ("Application fee", amount, "paid"),
            Self::EarlyTermination(amount) => ("Early termination fee", amount, "when given notice"),
            Self::Insurance(_)
            | Self::FirstMonthFree
            | Self::NetEffective(_)
            | Self::MarketRent(_)
            | Self::HoldingOver(_)
            | Self::FormerRent(_)
            | Self::RentChange(..)
            | Self::Subsidy { .. }
            | Self::Clause(..) => return None,
        };
        Some(Row {
            label,
            amount: *amount,
            due,
        })
    }

    /// Its heading and its text.
    #[expect(clippy::too_many_lines, reason = "a list of wordings")]
    pub(crate) fn clause(&self, voice: &Voice, terms: &Terms) -> (&'static str, String) {
        let money = |amount: &Amount| voice.money(*amount);
        let (heading, text) = match self {
            Self::Deposit(amount) => (
                "Security Deposit",
                voice.choose(&[
                    "Before moving in, {T} deposits {1} with {L} as security for the promises made here. It is returned with an account within the time that the law sets.",
                    "A security deposit of {1} is due at signing. {L} may draw on it for unpaid amounts and for damage beyond ordinary wear, and refunds what is left.",
                    "Upon execution of this {A}, {T} shall pay {1} to be held as a deposit against damage. It may not be applied by {T} to the last month.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::LateFee(amount) => (
                "Late Payment",
                voice.choose(&[
                    "A payment that has not arrived by the end of the fifth day of the month is late, and a late charge of {1} is added to it.",
                    "If rent is received after the 5th, {T} owes a late fee of {1} for that month in addition to what is due.",
                    "There is a grace period of four days. After it, {1} is due as a fee for late payment.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::ReturnedCheck(amount) => (
                "Returned Payments",
                voice.choose(&[
                    "For each check or electronic payment that the bank returns, {T} pays {1}.",
                    "A charge of {1} applies to any payment returned for lack of funds.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::PetRent(amount) => (
                "Pets",
                voice.choose(&[
                    "One cat or dog of up to forty pounds is permitted. Pet rent of {1} per month is owed for it, together with the payments above.",
                    "For the animal described in the addendum {T} pays {1} a month as pet rent, due with the first of the month.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::PetFee(amount) => (
                "Pet Fee",
                voice.choose(&[
                    "A fee of {1}, paid once and not refundable, is due before an animal moves in.",
                    "{T} pays a one-time pet fee of {1}.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Parking(amount) => (
                "Parking",
                voice.choose(&[
                    "One space in the garage is assigned to {T}, for which {1} per month is charged.",
                    "{T} rents a parking space for {1} a month, which may be given up with thirty days' notice.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Storage(amount) => (
                "Storage",
                voice.choose(&[
                    "A storage room in the basement is available to {T} for {1} per month.",
                    "{T} rents storage cage 12 at {1} monthly.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Prorated(amount) => (
                "First Month",
                voice.choose(&[
                    "For the days from the move-in until the end of that month {T} pays prorated rent of {1}.",
                    "The prorated amount for the partial first month is {1}, payable when the keys are handed over.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::LastMonth(amount) => (
                "Last Month",
                voice.choose(&[
                    "{T} pays {1} at signing, which is applied to the last month of the term.",
                    "The last month's rent of {1} is paid in advance.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Total(amount) => (
                "Rent for the Whole Term",
                voice.choose(&[
                    "Over the whole term the payments amount to {1}.",
                    "The total rent for the term of this {A} is {1}, payable in the installments stated here.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Utilities(amount) => (
                "Utility Charge",
                voice.choose(&[
                    "{T} pays {L} a flat charge of {1} per month for water, sewer and trash.",
                    "Water, sewer and trash are billed at {1} a month in addition to rent.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Insurance(amount) => (
                "Renter's Insurance",
                voice.choose(&[
                    "{T} carries liability insurance of at least {1} for each occurrence throughout the term and names {L} as an interested party.",
                    "A policy with liability coverage of not less than {1} is required and shown before the keys are handed over.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::EarlyTermination(amount) => (
                "Ending Early",
                voice.choose(&[
                    "{T} may end this {A} before its term with sixty days' notice on payment of an early termination fee of {1}.",
                    "Whoever leaves early owes a buy-out of {1}, and nothing for the months that remain.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::Application(amount) => (
                "Application",
                voice.choose(&[
                    "{L} has received an application fee of {1}.",
                    "The fee of {1} for screening was paid with the application and is not returned.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::FirstMonthFree => (
                "Concession",
                voice.choose(&[
                    "As a concession the first full month is free. If {T} leaves before the term ends, the concession is owed back.",
                    "{L} waives the first month as a move-in special.",
                ])
                .to_owned(),
            ),
            Self::NetEffective(amount) => (
                "Concession",
                voice.choose(&[
                    "With the free month spread over the term, the net effective rent is {1} per month; what is due each month is the amount stated above.",
                    "Taking the move-in special into account, {T}'s net effective rent comes to {1} a month. It is stated for information only.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::MarketRent(amount) => (
                "Market Rent",
                voice.choose(&[
                    "The market rent for comparable units at the time of signing is {1} per month. It is used to reckon what is owed if a concession has to be paid back.",
                    "Units like this one are advertised at {1} per month.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::HoldingOver(amount) => (
                "Holding Over",
                voice.choose(&[
                    "If {T} stays on without consent after the term, the rent during that time is {1} per month.",
                    "Hold-over rent is {1} for each month or part of one.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::FormerRent(amount) => (
                "Former Lease",
                voice.choose(&[
                    "This {A} replaces an earlier one between the same sides, under which rent was {1} per month.",
                    "The previous monthly rent of {1} no longer applies.",
                ])
                .replace("{1}", &money(amount)),
            ),
            Self::RentChange(amount, from) => (
                "Notice of Rent Change",
                voice.choose(&[
                    "{L} gives notice that from {2} on the rent will be {1} per month.",
                    "Effective {2}, your monthly rent will change to {1}. All other conditions stay as they are.",
                ])
                .replace("{1}", &money(amount))
                .replace("{2}", &voice.day(*from)),
            ),
            Self::Subsidy { tenant, authority } => (
                "Housing Assistance",
                voice.choose(&[
                    "The housing authority pays {2} per month directly to {L}. The tenant's share is {1} per month.",
                    "Under the housing assistance contract {T} pays {1} a month and the authority pays the remaining {2}.",
                ])
                .replace("{1}", &money(tenant))
                .replace("{2}", &money(authority)),
            ),
            Self::Clause(heading, text) => (*heading, text.clone()),
        };
        let address = voice.address(&terms.home);
        (heading, voice.say(&text).replace("{address}", &address))
    }
}
