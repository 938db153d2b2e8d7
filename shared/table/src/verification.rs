//! Leases that are sent to be verified, under the renter who sends them. A purchase has one guarantee, and a guarantee one
//! verification that counts; a file is known by its hash, so that it never pays twice.
//!
//! A verification is in GSI1 while something has to happen to it: by the time at which it is due, or, while it waits for a
//! person, by the time since when. One that a person had to look at is found by its id alone in GSI2.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::Fact;
use domain::lease::{Evidence, FileHash, LeaseFile, Reason, Tier, VerificationStatus, monthly_saving};
use domain::listing::{Listing, Place, Quote};
use domain::{Cents, ListingId, PurchaseId, Rent, UserId, VerificationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::failed;
use crate::item::{ApplyError, Change, Consistency, Item, Key, TransactError, moment, number, read, text};
use crate::place::{self, NoPlace};
use crate::purchase::Purchase;
use crate::unlock::Unlock;
use crate::{Table, TableError};

/// How often a purchase's lease may be begun: each time may cost the reading of a file.
pub const BEGUN_AT_MOST: u32 = 10;
/// How many verifications a page may have.
pub const PAGE_AT_MOST: u8 = 100;
/// How long after its link is over an upload is given up: what was sent in the last moment is still on its way.
const LATE: SignedDuration = SignedDuration::from_mins(15);
/// How long a file may be read before it is looked after.
const READING: SignedDuration = SignedDuration::from_mins(10);
/// How long a file is kept after the decision.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many findings of one kind are kept.
const FINDINGS_AT_MOST: usize = 20;

const DUE: &str = "LEASES#DUE";
const REVIEW: &str = "LEASES#REVIEW";

/// A lease that is sent to be verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Whose it is.
    pub user: UserId,
    /// The purchase that it gives money of back.
    pub purchase: PurchaseId,
    /// The property that was unlocked.
    pub listing: ListingId,
    /// Its figures when it was unlocked.
    pub quote: Quote,
    /// Where the property is, if it was still on the market when the lease was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premises: Option<Premises>,
    /// What was paid.
    pub paid: Cents,
    /// When.
    pub paid_at: Timestamp,
    /// The file, once it is said which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<LeaseFile>,
    /// Until when it may be sent.
    pub upload_until: Timestamp,
    /// Where it stands.
    pub status: VerificationStatus,
    /// Since when.
    pub since: Timestamp,
    /// Textract's id of the job that reads it, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Why a person has to look at it, or why it was turned away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The rent that the machine thinks likeliest, where a person decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<Rent>,
    /// The rent in the lease, once it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// What it earns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// What goes back. Nothing before it is decided.
    #[serde(default)]
    pub refund_due: Cents,
    /// What was given back, once that is settled: less than is due where less was left of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_back: Option<Cents>,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Whether its file is in the bucket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_file: bool,
    /// Whether a person had to look at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_for_review: bool,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    pub(crate) version: u32,
}

/// Where the property of a lease is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Premises {
    /// The building's name.
    pub building: String,
    /// Street and number.
    pub address: String,
    /// City and state.
    pub place: Place,
    /// Five digits.
    pub zip_code: String,
}

impl From<&Listing> for Premises {
    fn from(listing: &Listing) -> Self {
        Self {
            building: listing.name.clone(),
            address: listing.address.clone(),
            place: listing.place.clone(),
            zip_code: listing.zip_code.clone(),
        }
    }
}

/// A lease that a renter is about to send.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The verification's id, if it becomes a new one.
    pub id: VerificationId,
    /// Who sends it.
    pub user: UserId,
    /// The purchase.
    pub purchase: PurchaseId,
    /// The property.
    pub listing: ListingId,
    /// The file, if it is said which.
    pub file: Option<LeaseFile>,
    /// Until when it may be sent.
    pub upload_until: Timestamp,
}

/// What became of an announcement.
#[derive(Clone, Debug, PartialEq)]
pub enum Announced {
    /// The file is awaited.
    Awaited(Box<Verification>),
    /// The same file came before, for the same purchase and property: its verification.
    Known(Box<Verification>),
}

/// A lease cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// There is no such purchase of this person's.
    #[error("there is no such purchase")]
    PurchaseNotFound,
    /// The purchase is not paid, was given back or is disputed.
    #[error("the purchase opens nothing at present")]
    PurchaseClosed,
    /// The purchase did not unlock the property.
    #[error("the purchase has not unlocked this property")]
    NotUnlocked,
    /// The file was sent for another purchase, for another property or by somebody else.
    #[error("the file was sent before")]
    FileSeenBefore,
    /// The purchase has a lease that is being read, waits for a person or is decided.
    #[error("the purchase has a lease already")]
    Taken(VerificationId),
    /// It was begun too often.
    #[error("a lease was begun {BEGUN_AT_MOST} times for this purchase")]
    TooOften,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What is made of a lease.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// This is the rent.
    Verified(Rent),
    /// A person has to decide.
    NeedsReview {
        /// Why.
        reasons: Vec<Reason>,
        /// The likeliest rent.
        likely: Option<Rent>,
    },
    /// It proves nothing.
    Rejected(Reason),
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Moved {
    /// It is made: the verification as it is now.
    Now(Box<Verification>),
    /// Something else changed it since it was read: look again.
    Outdated,
}

/// What began with a file that arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It is to be read: the verification as it is now.
    Now(Box<Verification>),
    /// The same bytes were sent for another purchase, for another property or by somebody else.
    SeenBefore,
    /// Something else changed the verification since it was read: look again.
    Outdated,
}

/// A reviewer's decision on a lease: an entry for the record, one for each verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The lease.
    pub verification: VerificationId,
    /// Whose it is.
    pub user: UserId,
    /// Who decided.
    pub reviewer: UserId,
    /// The rent, if it was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// What the reviewer noted.
    pub note: String,
    /// Why it was up for review.
    pub reasons: Vec<Reason>,
    /// The rent that the machine thought likeliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<Rent>,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// What became of a reviewer's decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Reviewed {
    /// It is made: the verification as it is now.
    Now(Box<Verification>),
    /// Somebody decided before, or it is not up for review.
    Before,
}

/// A lease, with everything that its reviewer needs to know.
#[derive(Debug)]
pub struct ForReview {
    /// The lease.
    pub verification: Verification,
    /// What was found in it.
    pub evidence: Option<Evidence>,
    /// The renter.
    pub account: Option<Account>,
    /// What was decided, if it was.
    pub review: Option<Review>,
}

/// A place in the queue of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whose lease.
    pub user: UserId,
    /// Its verification.
    pub verification: VerificationId,
    /// Since when it waits.
    pub since: Timestamp,
}

/// Part of the queue of reviews, oldest first.
#[derive(Debug)]
pub struct Page {
    /// The verifications.
    pub verifications: Vec<Verification>,
    /// The last one, if there are more behind it.
    pub next: Option<Waiting>,
}

/// A purchase's guarantee: which verification counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Guarantee {
    verification: VerificationId,
    begun: u32,
}

/// Whose a file is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileOwner {
    user: UserId,
    purchase: PurchaseId,
    listing: ListingId,
    verification: VerificationId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    verification: VerificationId,
    evidence: Evidence,
}

impl Verification {
    /// Whether it waits for the file that is announced, or for one of which nothing is said.
    fn awaits(&self, new: &Announcement) -> bool {
        let same = self.file.is_none() || new.file.is_none() || self.file == new.file;
        same && self.listing == new.listing
    }

    /// The monthly saving in hundredths of a dollar, once the rent is decided; negative where the lease is dearer.
    #[must_use]
    pub fn saving(&self) -> Option<i64> {
        self.rent.map(|rent| monthly_saving(&self.quote, rent))
    }

    /// The key of its file in the bucket. It holds ids alone.
    #[must_use]
    pub fn object_key(&self) -> String {
        format!("{}{}", Self::object_keys_of(self.user), self.id)
    }

    /// What the keys of all files of a person begin with.
    #[must_use]
    pub fn object_keys_of(user: UserId) -> String {
        format!("leases/{user}/")
    }

    /// What the job that reads it is called: 64 characters, the most that Textract takes.
    #[must_use]
    pub fn job_tag(&self) -> String {
        format!("{}:{}", self.user, self.id)
    }

    /// Whose lease the job of this tag reads, if it is one of ours.
    #[must_use]
    pub fn of_job_tag(tag: &str) -> Option<(UserId, VerificationId)> {
        let (user, verification) = tag.split_once(':')?;
        Some((user.parse().ok()?, verification.parse().ok()?))
    }

    /// Whose lease the file at `key` is, if it is one of ours.
    #[must_use]
    pub fn of_object_key(key: &str) -> Option<(UserId, VerificationId)> {
        let (user, verification) = key.strip_prefix("leases/")?.split_once('/')?;
        Some((user.parse().ok()?, verification.parse().ok()?))
    }

    pub(crate) fn key(user: UserId, verification: VerificationId) -> Key {
        Key::new(format!("USER#{user}"), format!("VERIFICATION#{verification}"))
    }

    /// When something has to happen to it, and among what it is then found.
    fn due(&self) -> Option<(&'static str, Timestamp)> {
        let after = |at: Timestamp, time| at.checked_add(time).unwrap_or(Timestamp::MAX);
        match self.status {
            VerificationStatus::AwaitingUpload => Some((DUE, after(self.upload_until, LATE))),
            VerificationStatus::Processing => Some((DUE, after(self.since, READING))),
            VerificationStatus::NeedsReview => Some((REVIEW, self.since)),
            _ if self.has_file => Some((DUE, after(self.decided_at.unwrap_or(self.since), KEPT))),
            _ => None,
        }
    }

    /// All its attributes but those of the envelope.
    fn attributes(&self) -> Result<Item, TableError> {
        let mut item: Item =
            serde_dynamo::to_item(self).map_err(|error| TableError::Corrupt(error.to_string()))?;
        if let Some((partition, at)) = self.due() {
            item.insert("GSI1PK".to_owned(), text(partition));
            item.insert("GSI1SK".to_owned(), self.place_in_queue(at));
        }
        if self.was_for_review {
            item.insert("GSI2PK".to_owned(), text(format!("VERIFICATION#{}", self.id)));
            item.insert("GSI2SK".to_owned(), text(format!("USER#{}", self.user)));
        }
        Ok(item)
    }

    fn place_in_queue(&self, at: Timestamp) -> AttributeValue {
        place_in_queue(at, self.id)
    }

    /// The verification with what is made of it at `now`.
    fn decided(&self, outcome: &Outcome, now: Timestamp) -> Self {
        let next = Self {
            since: now,
            ..self.clone()
        };
        match outcome {
            Outcome::Verified(rent) => {
                let tier = Tier::of(&self.quote, *rent);
                Self {
                    status: VerificationStatus::Verified,
                    rent: Some(*rent),
                    tier: Some(tier),
                    refund_due: tier.refund_of(self.paid),
                    decided_at: Some(now),
                    ..next
                }
            }
            Outcome::NeedsReview { reasons, likely } => Self {
                status: VerificationStatus::NeedsReview,
                reasons: reasons.clone(),
                likely: *likely,
                was_for_review: true,
                ..next
            },
            Outcome::Rejected(reason) => {
                let mut reasons = self.reasons.clone();
                reasons.push(*reason);
                Self {
                    status: VerificationStatus::Rejected,
                    reasons,
                    decided_at: Some(now),
                    has_file: self.has_file || *reason != Reason::FileNotSent,
                    ..next
                }
            }
        }
    }

    /// What its coming to where it stands tells the rest of the system.
    fn told(&self) -> Option<Fact> {
        let (user_id, verification_id) = (self.user, self.id);
        match self.status {
            VerificationStatus::Verified => Some(Fact::LeaseVerified {
                user_id,
                verification_id,
            }),
            VerificationStatus::NeedsReview => Some(Fact::LeaseNeedsReview {
                user_id,
                verification_id,
            }),
            // Of a file that never came there is nothing to tell.
            VerificationStatus::Rejected if self.has_file => Some(Fact::LeaseRejected {
                user_id,
                verification_id,
            }),
            _ => None,
        }
    }
}

fn place_in_queue(at: Timestamp, verification: VerificationId) -> AttributeValue {
    match moment(at) {
        AttributeValue::S(at) => text(format!("{at}#{verification}")),
        other => other,
    }
}

fn guarantee_key(user: UserId, purchase: PurchaseId) -> Key {
    Key::new(format!("USER#{user}"), format!("GUARANTEE#{purchase}"))
}

fn evidence_key(user: UserId, verification: VerificationId) -> Key {
    Key::new(format!("USER#{user}"), format!("EVIDENCE#{verification}"))
}

fn file_key(hash: &FileHash) -> Key {
    Key::new(format!("FILE#{hash}"), "LEASE")
}

fn review_key(verification: VerificationId) -> Key {
    Key::new(format!("REVIEW#{verification}"), "REVIEW")
}

/// As cursors hold it.
impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.user, self.verification, self.since)
    }
}

impl FromStr for Waiting {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let [user, verification, since] = place::words(text)?;
        Ok(Self {
            user: place::read(user)?,
            verification: place::read(verification)?,
            since: place::read(since)?,
        })
    }
}

impl Waiting {
    fn attributes(self) -> Item {
        let mut key = Verification::key(self.user, self.verification).attributes();
        key.insert("GSI1PK".to_owned(), text(REVIEW));
        key.insert("GSI1SK".to_owned(), place_in_queue(self.since, self.verification));
        key
    }
}

/// Few enough findings for an item of the table, the first of each kind.
fn bounded(mut evidence: Evidence) -> Evidence {
    evidence.rents.truncate(FINDINGS_AT_MOST);
    evidence.set_aside.truncate(FINDINGS_AT_MOST);
    evidence.doubts.truncate(FINDINGS_AT_MOST);
    evidence.tenants.truncate(FINDINGS_AT_MOST);
    evidence.landlords.truncate(FINDINGS_AT_MOST);
    evidence.addresses.truncate(FINDINGS_AT_MOST);
    evidence.dated.truncate(FINDINGS_AT_MOST);
    evidence.begins.truncate(FINDINGS_AT_MOST);
    evidence.ends.truncate(FINDINGS_AT_MOST);
    evidence.signatures.truncate(FINDINGS_AT_MOST);
    evidence
}

impl Table {
    /// Notes that a renter is about to send a lease, if the purchase opened the property and its guarantee is free: never
    /// used, or used for a lease that was turned away or has not come. The figures that the lease is compared with are
    /// those of the unlock. Safe to repeat: the same file for the same purchase and property is the same verification.
    ///
    /// # Errors
    /// [`AnnounceError`] says why it cannot be sent.
    pub async fn announce_lease(&self, new: &Announcement) -> Result<Announced, AnnounceError> {
        let guarantee_key = guarantee_key(new.user, new.purchase);
        // Reading what is not there costs what reading a small item does, and keeps this to one call.
        let nothing = Key::new(guarantee_key.partition.clone(), "FILE#");
        let file_key = new.file.map_or(nothing, |file| file_key(&file.sha256));
        let [purchase, unlock, listing, guarantee, owner] = self
            .get_all(
                [
                    &Purchase::key(new.user, new.purchase),
                    &Unlock::key(new.user, &new.listing),
                    &crate::listing::key(&new.listing),
                    &guarantee_key,
                    &file_key,
                ],
                Consistency::Strong,
            )
            .await?;
        let purchase: Purchase = purchase
            .map(read)
            .transpose()?
            .ok_or(AnnounceError::PurchaseNotFound)?;
        let unlock: Option<Unlock> = unlock.map(read).transpose()?;
        let listing: Option<Listing> = listing.map(read).transpose()?;
        let guarantee: Option<Guarantee> = guarantee.map(read).transpose()?;
        let owner: Option<FileOwner> = owner.map(read).transpose()?;

        let paid_at = purchase.money.paid_at().filter(|_| purchase.status.opens());
        let paid_at = paid_at.ok_or(AnnounceError::PurchaseClosed)?;
        let quote = quote(&purchase, unlock.as_ref(), &new.listing).ok_or(AnnounceError::NotUnlocked)?;
        if let Some(owner) = owner {
            let same = (owner.user, owner.purchase, &owner.listing) == (new.user, new.purchase, &new.listing);
            if !same {
                return Err(AnnounceError::FileSeenBefore);
            }
            let known = self.verification(new.user, owner.verification).await?;
            return match known {
                Some(known) => Ok(Announced::Known(Box::new(known))),
                // Deleted with its account's data, and the account made again from a backup: the file is used up.
                None => Err(AnnounceError::FileSeenBefore),
            };
        }
        let counts = match &guarantee {
            Some(guarantee) => self.verification(new.user, guarantee.verification).await?,
            None => None,
        };
        let now = self.clock.now();
        if let Some(counts) = &counts {
            match counts.status {
                VerificationStatus::AwaitingUpload if counts.awaits(new) => {
                    let renewed = Verification {
                        file: new.file.or(counts.file),
                        upload_until: counts.upload_until.max(new.upload_until),
                        ..counts.clone()
                    };
                    return match self.move_verification(counts, &renewed).await? {
                        Moved::Now(renewed) => Ok(Announced::Awaited(renewed)),
                        Moved::Outdated => Err(TableError::Conflict.into()),
                    };
                }
                VerificationStatus::AwaitingUpload | VerificationStatus::Rejected => {}
                _ => return Err(AnnounceError::Taken(counts.id)),
            }
        }
        let begun = guarantee.as_ref().map_or(0, |guarantee| guarantee.begun);
        if begun >= BEGUN_AT_MOST {
            return Err(AnnounceError::TooOften);
        }
        let verification = Verification {
            id: new.id,
            user: new.user,
            purchase: new.purchase,
            listing: new.listing.clone(),
            quote,
            premises: listing.as_ref().map(Premises::from),
            paid: purchase.amount,
            paid_at,
            file: new.file,
            upload_until: new.upload_until,
            status: VerificationStatus::AwaitingUpload,
            since: now,
            job: None,
            reasons: Vec::new(),
            likely: None,
            rent: None,
            tier: None,
            refund_due: Cents::default(),
            given_back: None,
            decided_at: None,
            has_file: false,
            was_for_review: false,
            version: 1,
        };
        let mut item = self.item(
            &Verification::key(new.user, new.id),
            "Verification",
            &verification,
        )?;
        item.extend(verification.attributes()?);
        let mut parts = vec![self.create(item)?];
        let next = Guarantee {
            verification: new.id,
            begun: begun + 1,
        };
        let next = self.item(&guarantee_key, "Guarantee", &next)?;
        parts.push(match &guarantee {
            Some(known) => self.put(
                next,
                "verification = :known",
                (":known", text(known.verification)),
            )?,
            None => self.create(next)?,
        });
        if let Some(replaced) = counts.filter(|counts| counts.status == VerificationStatus::AwaitingUpload) {
            let given_up = replaced.decided(&Outcome::Rejected(Reason::FileNotSent), now);
            parts.push(self.change(self.moved(&replaced, &given_up)?)?);
        }
        self.transact(parts).await.map_err(TableError::from)?;
        Ok(Announced::Awaited(Box::new(verification)))
    }

    /// A person's verification of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn verification(
        &self,
        user: UserId,
        id: VerificationId,
    ) -> Result<Option<Verification>, TableError> {
        self.get(&Verification::key(user, id), Consistency::Strong).await
    }

    /// A person's verification of this id, with what was found in the lease.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn verification_and_evidence(
        &self,
        user: UserId,
        id: VerificationId,
    ) -> Result<Option<(Verification, Option<Evidence>)>, TableError> {
        let keys = [&Verification::key(user, id), &evidence_key(user, id)];
        let [verification, found] = self.get_all(keys, Consistency::Strong).await?;
        let Some(verification) = verification else {
            return Ok(None);
        };
        let found: Option<Found> = found.map(read).transpose()?;
        Ok(Some((read(verification)?, found.map(|found| found.evidence))))
    }

    /// A person's verification of this id, and their account, if both are there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn verification_and_account(
        &self,
        user: UserId,
        id: VerificationId,
    ) -> Result<Option<(Verification, Account)>, TableError> {
        let keys = [&Verification::key(user, id), &Account::key(user)];
        let [verification, account] = self.get_all(keys, Consistency::Strong).await?;
        let (Some(verification), Some(account)) = (verification, account) else {
            return Ok(None);
        };
        Ok(Some((read(verification)?, read(account)?)))
    }

    /// The verification that counts for a purchase, if a lease was begun for it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn verification_of(
        &self,
        user: UserId,
        purchase: PurchaseId,
    ) -> Result<Option<(Verification, Option<Evidence>)>, TableError> {
        let key = guarantee_key(user, purchase);
        match self.get::<Guarantee>(&key, Consistency::Strong).await? {
            Some(guarantee) => self.verification_and_evidence(user, guarantee.verification).await,
            None => Ok(None),
        }
    }

    /// Begins to read the file that arrived, with the kind that its bytes say, and notes whose it is, both or neither.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn begin_reading(&self, known: &Verification, file: LeaseFile) -> Result<Begun, TableError> {
        let next = Verification {
            file: Some(file),
            status: VerificationStatus::Processing,
            since: self.clock.now(),
            has_file: true,
            ..known.clone()
        };
        let owner = Change::new(
            file_key(&file.sha256),
            "SET #user = :user, purchase = :purchase, listing = :listing, verification = :verification, \
             entity = :entity, createdAt = if_not_exists(createdAt, :now), updatedAt = :now ADD version :one",
        )
        .only_if(
            "attribute_not_exists(PK) OR (#user = :user AND purchase = :purchase AND listing = :listing)",
        )
        .name("#user", "user")
        .value(":user", text(known.user))
        .value(":purchase", text(known.purchase))
        .value(":listing", text(&known.listing))
        .value(":verification", text(known.id))
        .value(":entity", text("LeaseFile"))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        let parts = vec![self.change(self.moved(known, &next)?)?, self.change(owner)?];
        match self.transact(parts).await {
            Ok(()) => Ok(Begun::Now(Box::new(next.written()))),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(Begun::Outdated),
            Err(TransactError::Condition(_)) => Ok(Begun::SeenBefore),
            Err(TransactError::Other(TableError::Conflict)) => Ok(Begun::Outdated),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// Notes that a file came for a lease that is decided, so that it is deleted in time.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn note_late_file(&self, known: &Verification) -> Result<Moved, TableError> {
        let next = Verification {
            has_file: true,
            ..known.clone()
        };
        self.move_verification(known, &next).await
    }

    /// Notes which job reads the file.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn note_reading(&self, known: &Verification, job: &str) -> Result<Moved, TableError> {
        let next = Verification {
            job: Some(job.to_owned()),
            ..known.clone()
        };
        self.move_verification(known, &next).await
    }

    /// Decides a lease, and tells of it: what was found is kept with it. A file that is turned away on arrival has none.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn decide_lease(
        &self,
        known: &Verification,
        outcome: &Outcome,
        evidence: Option<&Evidence>,
    ) -> Result<Moved, TableError> {
        let next = known.decided(outcome, self.clock.now());
        let mut parts = vec![self.change(self.moved(known, &next)?)?];
        if let Some(fact) = next.told() {
            parts.push(self.outbox(fact)?);
        }
        if let Some(evidence) = evidence {
            let found = Found {
                verification: known.id,
                evidence: bounded(evidence.clone()),
            };
            parts.push(self.replace(self.item(
                &evidence_key(known.user, known.id),
                "Evidence",
                &found,
            )?)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(Moved::Now(Box::new(next.written()))),
            Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {
                Ok(Moved::Outdated)
            }
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// Decides a lease as its reviewer says, with the entry for the record.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn review_lease(&self, known: &Verification, review: &Review) -> Result<Reviewed, TableError> {
        if known.status != VerificationStatus::NeedsReview {
            return Ok(Reviewed::Before);
        }
        let outcome = review
            .rent
            .map_or(Outcome::Rejected(Reason::ReviewerRejected), Outcome::Verified);
        let next = known.decided(&outcome, review.decided_at);
        let mut parts = vec![
            self.create(self.item(&review_key(known.id), "Review", review)?)?,
            self.change(self.moved(known, &next)?)?,
        ];
        if let Some(fact) = next.told() {
            parts.push(self.outbox(fact)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(Reviewed::Now(Box::new(next.written()))),
            Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {
                Ok(Reviewed::Before)
            }
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// A lease as its reviewer sees it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn lease_for_review(
        &self,
        user: UserId,
        id: VerificationId,
    ) -> Result<Option<ForReview>, TableError> {
        let [verification, found, account, review] = self
            .get_all(
                [
                    &Verification::key(user, id),
                    &evidence_key(user, id),
                    &Account::key(user),
                    &review_key(id),
                ],
                Consistency::Strong,
            )
            .await?;
        let Some(verification) = verification else {
            return Ok(None);
        };
        let found: Option<Found> = found.map(read).transpose()?;
        Ok(Some(ForReview {
            verification: read(verification)?,
            evidence: found.map(|found| found.evidence),
            account: account.map(read).transpose()?,
            review: review.map(read).transpose()?,
        }))
    }

    /// Leases that wait for a person, oldest first, from the one after `after`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn lease_reviews(&self, limit: u8, after: Option<Waiting>) -> Result<Page, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :review")
            .expression_attribute_values(":review", text(REVIEW))
            .limit(i32::from(limit.clamp(1, PAGE_AT_MOST)))
            .set_exclusive_start_key(after.map(Waiting::attributes))
            .send()
            .await
            .map_err(failed)?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        let verifications: Vec<Verification> = items.map(read).collect::<Result<_, _>>()?;
        let next = verifications.last().filter(|_| more).map(|last| Waiting {
            user: last.user,
            verification: last.id,
            since: last.since,
        });
        Ok(Page { verifications, next })
    }

    /// Whose lease this is, if a person had to look at it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn reviewed_lease(&self, id: VerificationId) -> Result<Option<UserId>, TableError> {
        #[derive(Deserialize)]
        struct Whose {
            user: UserId,
        }
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI2")
            .key_condition_expression("GSI2PK = :verification")
            .expression_attribute_values(":verification", text(format!("VERIFICATION#{id}")))
            .limit(1)
            .send()
            .await
            .map_err(failed)?;
        let item = answer.items.unwrap_or_default().into_iter().next();
        Ok(item.map(read::<Whose>).transpose()?.map(|whose| whose.user))
    }

    /// Leases to which something has to happen by now, at most `limit`, the longest due first: a file that has not come, a
    /// file that is read for too long, a file that is no longer kept.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn due_leases(&self, limit: u8) -> Result<Vec<Verification>, TableError> {
        self.due(DUE, limit).await
    }

    /// Notes that the file of a decided lease is deleted, and deletes what was found in it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn forget_lease(&self, known: &Verification) -> Result<Moved, TableError> {
        let next = Verification {
            has_file: false,
            ..known.clone()
        };
        let parts = vec![
            self.change(self.moved(known, &next)?)?,
            self.forget(&evidence_key(known.user, known.id))?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(Moved::Now(Box::new(next.written()))),
            Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {
                Ok(Moved::Outdated)
            }
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    async fn move_verification(
        &self,
        known: &Verification,
        next: &Verification,
    ) -> Result<Moved, TableError> {
        match self.apply(self.moved(known, next)?).await {
            Ok(item) => Ok(Moved::Now(Box::new(read(item)?))),
            Err(ApplyError::Condition(_) | ApplyError::Other(TableError::Conflict)) => Ok(Moved::Outdated),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// What makes `next` of `known`, if that is still how it is.
    pub(crate) fn moved(&self, known: &Verification, next: &Verification) -> Result<Change, TableError> {
        let (before, after) = (known.attributes()?, next.attributes()?);
        let mut set: Vec<_> = after
            .iter()
            .filter(|(name, value)| before.get(*name) != Some(*value))
            .collect();
        set.sort_by_key(|(name, _)| name.as_str());
        let mut gone: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
        gone.sort();
        let mut update = "SET updatedAt = :now".to_owned();
        for position in 0..set.len() {
            update.push_str(&format!(", #set{position} = :set{position}"));
        }
        for position in 0..gone.len() {
            update.push_str(if position == 0 { " REMOVE " } else { ", " });
            update.push_str(&format!("#gone{position}"));
        }
        update.push_str(" ADD version :one");
        let mut change = Change::new(Verification::key(known.user, known.id), update)
            .only_if("version = :known")
            .value(":known", number(known.version))
            .value(":now", text(self.clock.now()))
            .value(":one", number(1));
        for (position, (name, value)) in set.into_iter().enumerate() {
            change = change
                .name(format!("#set{position}"), name)
                .value(format!(":set{position}"), value.clone());
        }
        for (position, name) in gone.into_iter().enumerate() {
            change = change.name(format!("#gone{position}"), name);
        }
        Ok(change)
    }
}

impl Verification {
    /// As it is once it was written.
    pub(crate) fn written(mut self) -> Self {
        self.version += 1;
        self
    }
}

/// The figures that were frozen for `listing` by this purchase, if it opened it: those of the unlock, or those of the
/// purchase itself where the property had been opened before.
fn quote(purchase: &Purchase, unlock: Option<&Unlock>, listing: &ListingId) -> Option<Quote> {
    let unlocked = unlock.filter(|unlock| unlock.purchase == purchase.id && !unlock.withdrawn);
    let bought = purchase.property.as_ref();
    unlocked.map(|unlock| unlock.quote).or_else(|| {
        bought
            .filter(|property| property.listing == *listing)
            .map(|property| property.quote)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_file_says_whose_it_is_and_nothing_else() {
        let user = UserId::from_bytes([1; 16]);
        let id = VerificationId::from_bytes([2; 16]);
        let key = format!("leases/{user}/{id}");
        assert_eq!(Verification::of_object_key(&key), Some((user, id)));
        for odd in [
            "",
            "leases/",
            "leases/a+b c/ü.pdf",
            &format!("leases/{user}/{id}/x"),
            &format!("{user}/{id}"),
        ] {
            assert_eq!(Verification::of_object_key(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_job_is_called_by_whose_it_is_within_what_textract_takes() {
        let user = UserId::from_bytes([1; 16]);
        let id = VerificationId::from_bytes([2; 16]);
        let tag = format!("{user}:{id}");
        assert_eq!(tag.len(), 64);
        assert_eq!(Verification::of_job_tag(&tag), Some((user, id)));
        assert_eq!(Verification::of_job_tag("another"), None);
    }

    #[test]
    fn a_place_in_the_queue_reads_back_from_a_cursor() {
        let waiting = Waiting {
            user: UserId::from_bytes([1; 16]),
            verification: VerificationId::from_bytes([2; 16]),
            since: "2026-03-01T10:00:00.123Z".parse().unwrap(),
        };
        assert_eq!(waiting.to_string().parse(), Ok(waiting));
        assert_eq!("user_x".parse::<Waiting>(), Err(NoPlace));
    }
}
