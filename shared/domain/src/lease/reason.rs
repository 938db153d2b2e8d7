//! Why a lease is not simply verified.

use serde::{Deserialize, Serialize};

/// Why a person has to look at a lease, or why it was turned away. The code is what it is called in JSON; the sentence
/// is for the renter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // What is said of the rent
    /// No amount reads like the rent.
    RentNotFound,
    /// The lease names more than one rent.
    RentsDisagree,
    /// The amount in words is not the one in digits.
    WordsDifferFromDigits,
    /// The rent changes within the term.
    RentChangesInTerm,
    /// The rent is by the week, the day or the year.
    RentNotMonthly,
    /// The only amount is a deposit.
    OnlyDeposit,
    /// The only amount is a fee for paying late.
    OnlyLateFee,
    /// The only amount is rent for an animal.
    OnlyPetRent,
    /// The only amount is for parking or storage.
    OnlyParking,
    /// The only amount is for a part of a month.
    OnlyProrated,
    /// The only amount is some other fee or sum.
    OnlyOtherCharge,
    /// A housing authority pays a part.
    Subsidised,
    /// It announces another rent, or is itself such a notice.
    RentChangeNotice,
    /// It is no lease that binds: a form that was not filled in, a draft, an application, a renewal of an older one.
    NotALease,
    /// The words were hard to read.
    LowConfidence,
    // What is said of the rest
    /// The tenant's name was not found.
    TenantNotFound,
    /// The tenant is somebody else.
    TenantDiffers,
    /// The account has no name to compare with.
    AccountWithoutName,
    /// The address was not found.
    AddressNotFound,
    /// The address is another one.
    AddressDiffers,
    /// The address is right, and the unit another one.
    UnitDiffers,
    /// No date of signing was found.
    DateNotFound,
    /// It was signed before the purchase.
    SignedBeforePurchase,
    /// It is dated in the future.
    DatedInFuture,
    /// There is no signature.
    SignatureMissing,
    // What went wrong with reading
    /// Reading took too long.
    ReadingTimedOut,
    /// Reading failed.
    ReadingFailed,
    // Why a file is turned away
    /// None came while the link was good, or another one was announced in its place.
    FileNotSent,
    /// There is nothing in it.
    FileEmpty,
    /// It is over 10 MB.
    FileTooLarge,
    /// It has over 50 pages.
    TooManyPages,
    /// It is protected by a password.
    FileEncrypted,
    /// It is no PDF, PNG, JPEG or TIFF.
    FileTypeUnsupported,
    /// It is a Word document.
    WordDocument,
    /// It is broken off or damaged.
    FileDamaged,
    /// It is not the file that was announced.
    FileDiffers,
    /// This file was sent before, for another purchase or by somebody else.
    FileSeenBefore,
    /// Whoever reviewed it decided so.
    ReviewerRejected,
}

impl Reason {
    /// What it means and what to do, for the renter.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::RentNotFound => "We found no amount in it that reads like the monthly rent.",
            Self::RentsDisagree => "It names more than one monthly rent.",
            Self::WordsDifferFromDigits => "The rent in words and the rent in digits are not the same.",
            Self::RentChangesInTerm => "The rent changes within the term.",
            Self::RentNotMonthly => "The rent is not by the month.",
            Self::OnlyDeposit => "The only amount in it is a deposit.",
            Self::OnlyLateFee => "The only amount in it is a fee for paying late.",
            Self::OnlyPetRent => "The only amount in it is rent for an animal.",
            Self::OnlyParking => "The only amount in it is for parking or storage.",
            Self::OnlyProrated => "The only amount in it is for a part of a month.",
            Self::OnlyOtherCharge => "The only amounts in it are fees or sums, none of them the rent.",
            Self::Subsidised => "A housing authority pays a part of the rent.",
            Self::RentChangeNotice => "It announces a change of the rent.",
            Self::NotALease => "It does not read like a lease that was filled in and signed.",
            Self::LowConfidence => "Parts of it are hard to read; a clearer copy helps.",
            Self::TenantNotFound => "We did not find the tenant's name.",
            Self::TenantDiffers => "The tenant's name is not the one of your account.",
            Self::AccountWithoutName => "Your account has no name to compare the tenant's with.",
            Self::AddressNotFound => "We did not find the address of the apartment.",
            Self::AddressDiffers => "The address is not that of the property that you unlocked.",
            Self::UnitDiffers => "The unit is not the one that you unlocked.",
            Self::DateNotFound => "We did not find the day on which it was signed.",
            Self::SignedBeforePurchase => "It was signed before you bought.",
            Self::DatedInFuture => "It is dated in the future.",
            Self::SignatureMissing => "We found no signature.",
            Self::ReadingTimedOut => "Reading it took too long.",
            Self::ReadingFailed => "It could not be read by machine.",
            Self::FileNotSent => "No file came while the link was good. Begin again.",
            Self::FileEmpty => "The file is empty. Send the signed lease as PDF, PNG, JPEG or TIFF.",
            Self::FileTooLarge => "The file is over 10 MB. Send a smaller copy.",
            Self::TooManyPages => {
                "The file has over 50 pages. Send the lease itself, without its attachments."
            }
            Self::FileEncrypted => "The PDF is protected by a password. Send a copy without one.",
            Self::FileTypeUnsupported => "Only PDF, PNG, JPEG and TIFF files can be read.",
            Self::WordDocument => "Word documents cannot be read. Send the signed lease as a PDF or a photo.",
            Self::FileDamaged => "The file is damaged or not complete. Send it again.",
            Self::FileDiffers => "The file is not the one that was announced. Begin again with this one.",
            Self::FileSeenBefore => {
                "This file was sent before, for another purchase or from another account."
            }
            Self::ReviewerRejected => "We looked at the lease and cannot give anything back for it.",
        }
    }
}
