//! Whether a machine may decide.

use domain::lease::{Charge, Confidence, Evidence, Expected, Finding, Reason, Signer, Verdict};
use jiff::civil::Date;

use super::address::{Compared, compare, names_place, unit};
use super::name::same_person;

/// How sure Textract has to be that something is a signature, in percent.
const SIGNED: f32 = 75.0;

/// Whether `evidence` is enough to decide without a person that this is the lease which was `expected`, and on which
/// rent. `today` is the day where the property is; where that may be two, the later one.
#[must_use]
pub fn judge(evidence: &Evidence, expected: &Expected, today: Date) -> Verdict {
    let mut reasons = Vec::new();
    rent(evidence, &mut reasons);
    tenant(evidence, expected, &mut reasons);
    address(evidence, expected, &mut reasons);
    date(evidence, expected, today, &mut reasons);
    if !is_signed(evidence) {
        reasons.push(Reason::SignatureMissing);
    }
    reasons.sort_unstable();
    reasons.dedup();
    let likely = evidence.rents.first().map(|found| found.value);
    match likely {
        Some(rent) if reasons.is_empty() => Verdict::Verified(rent),
        _ => Verdict::NeedsReview { reasons, likely },
    }
}

fn rent(evidence: &Evidence, reasons: &mut Vec<Reason>) {
    reasons.extend(evidence.doubts.iter().map(|doubt| doubt.value));
    let Some(best) = evidence.rents.first() else {
        let told = reasons.contains(&Reason::RentNotMonthly);
        if !told {
            reasons.push(Reason::RentNotFound);
        }
        reasons.extend(nearest_to_a_rent(evidence));
        return;
    };
    let differ = evidence.rents.iter().any(|other| other.value != best.value);
    if differ && !reasons.contains(&Reason::RentChangesInTerm) {
        reasons.push(Reason::RentsDisagree);
    }
    let surest = evidence
        .rents
        .iter()
        .map(|found| found.confidence.percent())
        .fold(0.0, f32::max);
    if surest < Confidence::ENOUGH.percent() {
        reasons.push(Reason::LowConfidence);
    }
}

/// The charge that is nearest to a rent: what every lease has beside it is passed over as long as there is anything else.
fn nearest_to_a_rent(evidence: &Evidence) -> Option<Reason> {
    let mut charges: Vec<Charge> = evidence.set_aside.iter().map(|aside| aside.charge).collect();
    charges.sort_unstable();
    charges.dedup();
    for usual in [
        Charge::Requirement,
        Charge::Fee,
        Charge::Concession,
        Charge::Holdover,
        Charge::Total,
        Charge::LateFee,
        Charge::Deposit,
    ] {
        if charges.len() > 1 {
            charges.retain(|charge| *charge != usual);
        }
    }
    match charges.as_slice() {
        [Charge::Deposit] => Some(Reason::OnlyDeposit),
        [Charge::LateFee] => Some(Reason::OnlyLateFee),
        [Charge::PetRent] => Some(Reason::OnlyPetRent),
        [Charge::Parking] => Some(Reason::OnlyParking),
        [Charge::Prorated] => Some(Reason::OnlyProrated),
        [Charge::TenantShare] => Some(Reason::Subsidised),
        [Charge::RentChange] => Some(Reason::RentChangeNotice),
        [Charge::Fee | Charge::Total | Charge::Concession | Charge::Holdover | Charge::Requirement] => {
            Some(Reason::OnlyOtherCharge)
        }
        _ => None,
    }
}

fn tenant(evidence: &Evidence, expected: &Expected, reasons: &mut Vec<Reason>) {
    let name = expected
        .tenant
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    if evidence.tenants.is_empty() {
        reasons.push(Reason::TenantNotFound);
    }
    match name {
        None => reasons.push(Reason::AccountWithoutName),
        Some(_) if evidence.tenants.is_empty() => {}
        Some(name) => {
            if !evidence
                .tenants
                .iter()
                .any(|tenant| same_person(&tenant.value, name))
            {
                reasons.push(Reason::TenantDiffers);
            }
        }
    }
}

/// Every address that the lease gives for what is let has to be the one that was unlocked.
fn address(evidence: &Evidence, expected: &Expected, reasons: &mut Vec<Reason>) {
    if evidence.addresses.is_empty() {
        reasons.push(Reason::AddressNotFound);
    }
    for found in &evidence.addresses {
        match compare(&found.value, expected) {
            Compared::Same => {}
            Compared::OtherUnit => reasons.push(Reason::UnitDiffers),
            Compared::Other => reasons.push(Reason::AddressDiffers),
        }
    }
    if evidence.addresses.is_empty() {
        return;
    }
    // A lease of the whole house is not one of the unit that was unlocked.
    let names_unit = |address: &str| unit(address).is_some();
    if names_unit(&expected.address) && !evidence.addresses.iter().any(|found| names_unit(&found.value)) {
        reasons.push(Reason::UnitDiffers);
    }
    // The same street and number are in many cities.
    let names_place = |found: &Finding<String>| names_place(&found.value, expected);
    if !reasons.contains(&Reason::AddressDiffers) && !evidence.addresses.iter().any(names_place) {
        reasons.push(Reason::AddressNotFound);
    }
}

/// Every day on which it is dated or signed has to lie between the purchase and today.
fn date(evidence: &Evidence, expected: &Expected, today: Date, reasons: &mut Vec<Reason>) {
    if evidence.dated.is_empty() {
        reasons.push(Reason::DateNotFound);
    }
    for found in &evidence.dated {
        if found.value < expected.paid_on {
            reasons.push(Reason::SignedBeforePurchase);
        }
        if found.value > today {
            reasons.push(Reason::DatedInFuture);
        }
    }
}

/// Whether a tenant signed by hand. A landlord's signature is not a tenant's, and anybody can type a name.
fn is_signed(evidence: &Evidence) -> bool {
    evidence.signatures.iter().any(|signature| {
        signature.value.by == Signer::Tenant
            && !signature.value.typed
            && signature.confidence.percent() >= SIGNED
    })
}
