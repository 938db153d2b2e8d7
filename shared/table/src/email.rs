//! Mails that people send, under the person who sends them.
//!
//! A mail is queued together with the event that sets the sender going, and stands in an index by when it is to be looked at until
//! nothing is to be done for it any more: what an event did not bring about, because it was lost or the sender died or the mail
//! service was busy, the index does. Before the mail service is asked, the mail says that it is being asked; if nothing follows, it
//! stays unknown whether it was sent, and it is not sent again.
//!
//! Its text is kept once for all mails of the same wording, under the hash of it; a mail keeps its own values.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::delivery::{Failure, Happening, Status, Timeline, What};
use domain::event::Fact;
use domain::id::random_bytes;
use domain::suppression::{Reason, Scope, SuppressionId};
use domain::template::Values;
use domain::{EmailAddress, EmailId, TemplateId, UserId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::error::failed;
use crate::item::{
    Change, Consistency, Item, Key, TransactError, attribute, moment, number, read, text, ttl,
};
use crate::suppression::{Everywhere, Suppression};
use crate::template::count;
use crate::{Table, TableError};

/// How many mails a person may queue on one day (UTC).
pub const A_DAY_AT_MOST: u32 = 2_000;
/// How many mails one transaction queues: each is two items, and a transaction has a hundred at most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
pub const QUEUED_AT_ONCE: usize = 40;
/// How long after the event that sends a mail it is looked at whether that happened.
const EVENT_TAKES: SignedDuration = SignedDuration::from_mins(2);
/// How long the mail service may take to answer, and whoever asks it to note the answer. Longer than the sender runs at most.
pub const ANSWER_TAKES: SignedDuration = SignedDuration::from_mins(5);
/// How long it is tried to send a mail.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The first wait after the mail service was busy; each one is twice the one before.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// In GSI1, by the time at which they are to be looked at: the mails for which something is to be done.
const DUE: &str = "EMAILS#DUE";
/// How long a day's count is kept.
const DAY_KEPT: SignedDuration = SignedDuration::from_hours(72);
/// How long it is kept what the mail service told of mails that are not there.
const ASIDE_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many items are read for a page at most, where a filter leaves some out.
const READ_FOR_A_PAGE: i32 = 200;

/// A mail that a person sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// Its id.
    pub id: EmailId,
    /// Who sends it.
    pub sender: UserId,
    /// To whom.
    pub to: EmailAddress,
    /// The template that it was written with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// Its text, in which tokens stand.
    pub wording: WordingId,
    /// What stands for which token.
    pub values: Values,
    /// Its subject, with its values.
    pub subject: String,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is to be sent, if not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// How far its sending is.
    stage: Stage,
    /// How often the mail service was asked to send it.
    #[serde(default)]
    pub attempts: u32,
    /// The mail service's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// What happened to it.
    pub timeline: Timeline,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    version: u32,
}

/// How far the sending of a mail is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
enum Stage {
    /// It waits to be sent, and is looked at then.
    Waiting { until: Timestamp },
    /// The mail service is being asked. By the claim, which is of one attempt alone, an attempt whose write was answered to nobody knows
    /// it again.
    Sending { since: Timestamp, claim: String },
    /// There is nothing to be done for it.
    Over,
}

/// What is to be done for a mail now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is to be sent.
    Send,
    /// Whoever was about to send it never said how that ended: it may have been sent.
    Doubt,
    /// Nothing, yet or any more.
    Nothing,
}

/// The name of a wording: the hash of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WordingId(String);

/// A subject and a body, in which tokens stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The subject.
    pub subject: String,
    /// The body.
    pub body: String,
}

/// What a mail is made from.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// Its id.
    pub id: EmailId,
    /// Who sends it.
    pub sender: UserId,
    /// To whom.
    pub to: EmailAddress,
    /// The template that it was written with.
    pub template: Option<TemplateId>,
    /// Its text.
    pub wording: WordingId,
    /// What stands for which token.
    pub values: Values,
    /// Its subject, with its values.
    pub subject: String,
    /// When it is to be sent, if not at once.
    pub scheduled_at: Option<Timestamp>,
}

/// Which mails are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those that stand so.
    pub status: Option<Status>,
    /// Those that were written with this template.
    pub template: Option<TemplateId>,
    /// Those to this address.
    pub to: Option<EmailAddress>,
}

/// Mails were not queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// They are more than the person may still queue today.
    #[error("more than {A_DAY_AT_MOST} mails on one day")]
    DayFull,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What is needed to send a mail, beside it.
#[derive(Debug)]
pub struct Around {
    /// What its sender is called, and where answers go; none if the account is gone.
    pub account: Option<Account>,
    /// Its text.
    pub wording: Option<Wording>,
    /// Why it may not be sent, if it may not.
    pub suppressed: Option<Reason>,
}

impl Wording {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> WordingId {
        let mut hash = Sha256::new();
        // The length keeps a subject's end from being a body's beginning.
        hash.update(
            u64::try_from(self.subject.len())
                .unwrap_or(u64::MAX)
                .to_be_bytes(),
        );
        hash.update(&self.subject);
        hash.update(&self.body);
        WordingId(hex::encode(hash.finalize()))
    }
}

impl Email {
    /// A mail that waits to be sent.
    #[must_use]
    pub fn new(new: NewEmail, now: Timestamp) -> Self {
        let NewEmail {
            id,
            sender,
            to,
            template,
            wording,
            values,
            subject,
            scheduled_at,
        } = new;
        let queued = Happening {
            at: now,
            what: What::Queued,
        };
        Self {
            id,
            sender,
            to,
            template,
            wording,
            values,
            subject,
            queued_at: now,
            scheduled_at,
            stage: Stage::Waiting {
                until: scheduled_at.unwrap_or(now + EVENT_TAKES),
            },
            attempts: 0,
            message_id: None,
            timeline: [queued].into_iter().collect(),
            version: 1,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.timeline.status()
    }

    /// What is to be done for it now.
    #[must_use]
    pub fn task(&self, now: Timestamp) -> Task {
        match self.stage {
            Stage::Waiting { .. } if self.scheduled_at.is_none_or(|at| at <= now) => Task::Send,
            Stage::Sending { since, .. } if since + ANSWER_TAKES <= now => Task::Doubt,
            Stage::Waiting { .. } | Stage::Sending { .. } | Stage::Over => Task::Nothing,
        }
    }

    /// Whether it still waits to be sent.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.stage, Stage::Waiting { .. })
    }

    /// It, after the mail service would not take it just then: it waits, and is given up if that went on for too long.
    #[must_use]
    pub fn put_off(mut self, now: Timestamp) -> Self {
        if self.scheduled_at.unwrap_or(self.queued_at) + TRIED_FOR <= now {
            let reason = Failure::GivenUp;
            return self.done(What::Failed { reason }, now);
        }
        // 2⁶ times the first wait is longer than the longest.
        let doubled = 1_i32 << self.attempts.saturating_sub(1).min(6);
        let wait = (FIRST_WAIT * doubled).min(LONGEST_WAIT);
        self.stage = Stage::Waiting { until: now + wait };
        self
    }

    /// It, when nothing is to be done for it any more because of this.
    #[must_use]
    pub fn done(mut self, what: What, now: Timestamp) -> Self {
        self.stage = Stage::Over;
        self.learned(&[Happening { at: now, what }])
    }

    /// It, when the mail service took it under this id.
    #[must_use]
    pub fn sent(mut self, message_id: String, now: Timestamp) -> Self {
        self.message_id = Some(message_id);
        self.done(What::Sent, now)
    }

    /// It, with more that happened to it. Whoever tells of what became of it knows that it was sent.
    #[must_use]
    pub fn learned(mut self, happenings: &[Happening]) -> Self {
        for happening in happenings {
            self.timeline.learn(happening.clone());
        }
        if self.timeline.facts().sent {
            self.stage = Stage::Over;
        }
        self
    }

    fn key(sender: UserId, id: EmailId) -> Key {
        Key::new(format!("USER#{sender}"), format!("EMAIL#{id}"))
    }

    /// When it is to be looked at.
    fn due(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Waiting { until } => Some(until),
            Stage::Sending { since, .. } => Some(since + ANSWER_TAKES),
            Stage::Over => None,
        }
    }

    /// Any number of its own, which spreads mails evenly: ids end with what is random in them.
    fn share(&self) -> u8 {
        self.id.to_bytes()[15]
    }
}

/// The partition of a sender's mails to an address, in GSI2.
fn to(sender: UserId, address: &EmailAddress) -> String {
    format!("EMAILS#{sender}#{}", SuppressionId::of(address).digits())
}

fn wording_key(sender: UserId, id: &WordingId) -> Key {
    Key::new(format!("USER#{sender}"), format!("WORDING#{}", id.0))
}

fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The part of a transaction that counts mails of this day, if there may be so many more.
fn count_today(sender: UserId, mails: u32, now: Timestamp) -> Option<Change> {
    let room = A_DAY_AT_MOST.checked_sub(mails)?;
    let key = Key::new(format!("USER#{sender}"), format!("EMAILS-ON#{}", day_of(now)));
    Some(
        Change::new(
            key,
            "SET entity = :entity, #day = :day, #ttl = :ttl ADD queued :mails",
        )
        .only_if("attribute_not_exists(queued) OR queued <= :room")
        .name("#day", "day")
        .name("#ttl", "ttl")
        .value(":entity", text("EmailDay"))
        .value(":day", text(day_of(now)))
        .value(":ttl", ttl(now + DAY_KEPT))
        .value(":mails", number(mails))
        .value(":room", number(room)),
    )
}

impl Table {
    fn email_item(&self, email: &Email) -> Result<Item, TableError> {
        let mut item = self.item(&Email::key(email.sender, email.id), "Email", email)?;
        item.insert("status".to_owned(), attribute(&email.status())?);
        item.insert("createdAt".to_owned(), text(email.queued_at));
        item.insert("GSI2PK".to_owned(), text(to(email.sender, &email.to)));
        item.insert("GSI2SK".to_owned(), text(format!("EMAIL#{}", email.id)));
        if let Some(due) = email.due() {
            item.insert("GSI1PK".to_owned(), text(DUE));
            item.insert("GSI1SK".to_owned(), due_sort(due, email.id));
        }
        Ok(item)
    }

    /// Queues mails of one sender and one wording, at most [`QUEUED_AT_ONCE`], all or nothing. Those that are there already were
    /// queued by an earlier attempt at the same request, and stay as they are.
    ///
    /// # Errors
    /// [`QueueError::DayFull`] if the sender may not queue so many more today.
    pub async fn queue_emails(
        &self,
        sender: UserId,
        wording: &Wording,
        emails: &[Email],
    ) -> Result<(), QueueError> {
        let mut left: Vec<&Email> = emails.iter().collect();
        while !left.is_empty() {
            let parts = self.queueing(sender, wording, &left)?;
            match self.transact(parts).await {
                Ok(()) => return Ok(()),
                Err(TransactError::Condition(failed)) => {
                    // If none of them is there, what is in the way is the day's count, which stands behind them.
                    if !(0..left.len()).any(|index| failed.at(index)) {
                        return Err(QueueError::DayFull);
                    }
                    let there = left.into_iter().enumerate();
                    left = there
                        .filter_map(|(index, email)| (!failed.at(index)).then_some(email))
                        .collect();
                }
                Err(TransactError::Other(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn queueing(
        &self,
        sender: UserId,
        wording: &Wording,
        emails: &[&Email],
    ) -> Result<Vec<TransactWriteItem>, QueueError> {
        let mut parts = Vec::with_capacity(2 * emails.len() + 2);
        for email in emails {
            parts.push(self.create(self.email_item(email)?)?);
        }
        let mails = u32::try_from(emails.len()).unwrap_or(u32::MAX);
        let counted = count_today(sender, mails, self.clock.now()).ok_or(QueueError::DayFull)?;
        parts.push(self.change(counted)?);
        let key = wording_key(sender, &wording.id());
        parts.push(self.replace(self.item(&key, "EmailWording", wording)?)?);
        for email in emails.iter().filter(|email| email.scheduled_at.is_none()) {
            parts.push(self.outbox(Fact::EmailDue {
                user_id: sender,
                email_id: email.id,
            })?);
        }
        Ok(parts)
    }

    /// A mail of a sender's, if there is one of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn email(&self, sender: UserId, id: EmailId) -> Result<Option<Email>, TableError> {
        self.get(&Email::key(sender, id), Consistency::Strong).await
    }

    /// A mail and the account of its sender, if both are there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn email_and_sender(
        &self,
        sender: UserId,
        id: EmailId,
    ) -> Result<Option<(Email, Account)>, TableError> {
        let keys = [&Email::key(sender, id), &Account::key(sender)];
        let [email, account] = self.get_all(keys, Consistency::Strong).await?;
        let (Some(email), Some(account)) = (email, account) else {
            return Ok(None);
        };
        Ok(Some((read(email)?, read(account)?)))
    }

    /// The text of a mail.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn wording(&self, sender: UserId, id: &WordingId) -> Result<Option<Wording>, TableError> {
        self.get(&wording_key(sender, id), Consistency::Eventual).await
    }

    /// What is needed to send a mail, beside it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn around_email(&self, email: &Email) -> Result<Around, TableError> {
        let to = SuppressionId::of(&email.to);
        let keys = [
            &Account::key(email.sender),
            &wording_key(email.sender, &email.wording),
            &crate::suppression::everywhere(&to),
            &crate::suppression::own(email.sender, &to),
        ];
        let [account, wording, everywhere, own] = self.get_all(keys, Consistency::Strong).await?;
        let own: Option<Suppression> = own.map(read).transpose()?;
        let everywhere: Everywhere = everywhere.map(read).transpose()?.unwrap_or_default();
        let for_all = everywhere.reasons().next().map(|(reason, _)| reason);
        // What counts for everybody is asked there: it may have been lifted since its sender was shown it.
        let for_sender = own
            .map(|own| own.reason)
            .filter(|reason| reason.scope() == Scope::Sender);
        Ok(Around {
            account: account.map(read).transpose()?,
            wording: wording.map(read).transpose()?,
            suppressed: for_all.or(for_sender),
        })
    }

    /// Writes what became of a mail, if nobody else did since `known` was read, and counts it for its template. `None` if somebody
    /// did, or the mail is gone.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn write_email(&self, known: &Email, next: Email) -> Result<Option<Email>, TableError> {
        let mut item = self.email_item(&next)?;
        item.insert("version".to_owned(), number(known.version + 1));
        let changes = next.timeline.facts().since(known.timeline.facts());
        let counted = next
            .template
            .and_then(|template| count(next.sender, template, next.share(), changes));
        let written = match counted {
            // One item alone needs no transaction, which costs twice as much.
            None => self.write_over(item, known.version).await?,
            Some(counted) => {
                let over = self.put(item, "version = :known", (":known", number(known.version)))?;
                match self.transact(vec![over, self.change(counted)?]).await {
                    Ok(()) => true,
                    Err(TransactError::Condition(_)) => false,
                    Err(TransactError::Other(error)) => return Err(error),
                }
            }
        };
        let version = known.version + 1;
        Ok(written.then_some(Email { version, ..next }))
    }

    /// Notes that the mail service is being asked to send a mail, if nobody else does since it was read: whoever asks has to have it
    /// from here. `None` if somebody else has it in hand, or it is gone.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn claim_email(&self, known: &Email) -> Result<Option<Email>, TableError> {
        let claim = random_bytes::<16>().map_err(|error| TableError::Unavailable(error.to_string()))?;
        let claimed = Email {
            stage: Stage::Sending {
                since: self.clock.now(),
                claim: hex::encode(claim),
            },
            attempts: known.attempts + 1,
            ..known.clone()
        };
        if let Some(email) = self.write_email(known, claimed.clone()).await? {
            return Ok(Some(email));
        }
        // A write whose answer is lost is made once more by the client, and finds what it wrote itself.
        let there = self.email(known.sender, known.id).await?;
        Ok(there.filter(|there| there.stage == claimed.stage))
    }

    /// Changes a mail as `change` says, however many others change it at the same time; where it gives nothing, nothing is to be
    /// changed. The mail as it is then; none if there is no such mail.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if others were faster too often.
    pub async fn amend_email(
        &self,
        sender: UserId,
        id: EmailId,
        change: impl Fn(Email) -> Option<Email>,
    ) -> Result<Option<Email>, TableError> {
        match self.email(sender, id).await? {
            Some(known) => self.amend_known_email(known, change).await,
            None => Ok(None),
        }
    }

    /// The same for a mail that was read already: it is read again only where somebody else was faster.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if others were faster too often.
    pub async fn amend_known_email(
        &self,
        mut known: Email,
        change: impl Fn(Email) -> Option<Email>,
    ) -> Result<Option<Email>, TableError> {
        /// How often it is tried.
        const ATTEMPTS: u32 = 8;
        for _ in 0..ATTEMPTS {
            let Some(next) = change(known.clone()) else {
                return Ok(Some(known));
            };
            match self.write_email(&known, next).await {
                Ok(Some(email)) => return Ok(Some(email)),
                Ok(None) | Err(TableError::Conflict) => {}
                Err(error) => return Err(error),
            }
            match self.email(known.sender, known.id).await? {
                Some(now) => known = now,
                None => return Ok(None),
            }
        }
        Err(TableError::Conflict)
    }

    /// Keeps what the mail service told of a mail that is not there, for a month.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn keep_email_event_aside(
        &self,
        email: EmailId,
        message_id: &str,
        happening: &Happening,
    ) -> Result<(), TableError> {
        /// What is kept of it.
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Aside<'a> {
            email: EmailId,
            message_id: &'a str,
            happening: &'a Happening,
            ttl: i64,
        }
        // The same word twice is one item.
        let word = serde_json::to_vec(happening).map_err(|error| TableError::Corrupt(error.to_string()))?;
        let name = hex::encode(Sha256::digest(&word));
        let key = Key::new(format!("EMAIL-ASIDE#{email}"), format!("EVENT#{name}"));
        let aside = Aside {
            email,
            message_id,
            happening,
            ttl: (self.clock.now() + ASIDE_KEPT).as_second(),
        };
        let item = self.item(&key, "EmailEventAside", &aside)?;
        self.store(item).await
    }

    /// The mails for which something is to be done by now, the longest overdue first.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn emails_due(&self, limit: u8) -> Result<Vec<Email>, TableError> {
        self.due(DUE, limit).await
    }

    /// A page of a sender's mails, the newest first, from the one behind `after`; and the last one that was looked at, if there
    /// may be more. A page may have fewer than `limit`, or none, where a filter left others out.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn emails(
        &self,
        sender: UserId,
        wanted: &Wanted,
        limit: u8,
        after: Option<EmailId>,
    ) -> Result<(Vec<Email>, Option<EmailId>), TableError> {
        let filters = filters(wanted)?;
        let is_filtered = !filters.is_empty();
        let per_call = if is_filtered {
            READ_FOR_A_PAGE
        } else {
            i32::from(limit)
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.name)
            .scan_index_forward(false)
            .limit(per_call);
        let mut start = after.map(|id| Email::key(sender, id).attributes());
        query = match &wanted.to {
            Some(address) => {
                let partition = to(sender, address);
                if let (Some(start), Some(id)) = (&mut start, after) {
                    start.insert("GSI2PK".to_owned(), text(&partition));
                    start.insert("GSI2SK".to_owned(), text(format!("EMAIL#{id}")));
                }
                query
                    .index_name("GSI2")
                    .key_condition_expression("GSI2PK = :partition")
                    .expression_attribute_values(":partition", text(partition))
            }
            None => query
                .key_condition_expression("PK = :partition AND begins_with(SK, :mails)")
                .expression_attribute_values(":partition", text(format!("USER#{sender}")))
                .expression_attribute_values(":mails", text("EMAIL#")),
        };
        if is_filtered {
            let conditions: Vec<_> = filters
                .iter()
                .map(|(name, _)| format!("#{name} = :{name}"))
                .collect();
            query = query.filter_expression(conditions.join(" AND "));
        }
        for (name, value) in filters {
            query = query
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let answer = query
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(failed)?;
        let looked_at = answer.last_evaluated_key.as_ref().and_then(id_in);
        let items = answer.items.unwrap_or_default().into_iter();
        let mut found: Vec<Email> = items.map(read).collect::<Result<_, _>>()?;
        if found.len() > usize::from(limit) {
            found.truncate(usize::from(limit));
            let last = found.last().map(|email| email.id);
            return Ok((found, last));
        }
        Ok((found, looked_at))
    }

    /// Writes one item alone over the version that was read; whether that still was the version.
    async fn write_over(&self, item: Item, known: u32) -> Result<bool, TableError> {
        let written = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("version = :known")
            .expression_attribute_values(":known", number(known))
            .send()
            .await;
        match written.as_ref().map_err(SdkError::as_service_error) {
            Ok(_) => Ok(true),
            Err(Some(PutItemError::ConditionalCheckFailedException(_))) => Ok(false),
            Err(_) => written.map(|_| true).map_err(failed),
        }
    }
}

fn due_sort(due: Timestamp, id: EmailId) -> AttributeValue {
    match moment(due) {
        AttributeValue::S(moment) => text(format!("{moment}#{id}")),
        other => other,
    }
}

/// The attributes that a wanted mail has, beside its recipient.
fn filters(wanted: &Wanted) -> Result<Vec<(&'static str, AttributeValue)>, TableError> {
    let status = wanted.status.map(|status| attribute(&status)).transpose()?;
    let template = wanted.template.map(text);
    let named = [("status", status), ("template", template)];
    Ok(named
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

/// The id in the key of a mail.
fn id_in(key: &Item) -> Option<EmailId> {
    let sort = key.get("SK")?.as_s().ok()?;
    sort.strip_prefix("EMAIL#")?.parse().ok()
}
