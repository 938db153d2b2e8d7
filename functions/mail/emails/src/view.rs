//! A mail, as its sender sees it.

use domain::delivery::{Failure, Happening, Status, What};
use domain::suppression::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use table::email::Email;
use utoipa::ToSchema;

/// A mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailSummary {
    /// Its id.
    id: String,
    /// To whom.
    to: String,
    /// The template that it was written with.
    template_id: Option<String>,
    /// Its subject, with its values.
    subject: String,
    /// Where it stands.
    status: StatusName,
    /// Why it was not sent, where its recipient is not to be written to.
    skipped_because: Option<SkipReason>,
    /// When it was queued.
    #[schema(value_type = String, format = "date-time")]
    queued_at: Timestamp,
    /// When it is to be sent, if not at once.
    #[schema(value_type = Option<String>, format = "date-time")]
    scheduled_at: Option<Timestamp>,
    /// When the mail service took it.
    #[schema(value_type = Option<String>, format = "date-time")]
    sent_at: Option<Timestamp>,
    /// Whether it can be cancelled still.
    cancellable: bool,
}

/// A mail with what it says, and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailDetails {
    /// The mail.
    #[serde(flatten)]
    summary: EmailSummary,
    /// What mail programs show that show HTML. The link by which its reader wants no more leads nowhere here.
    html: String,
    /// What the others show.
    text: String,
    /// What happened to it, in its order.
    timeline: Vec<EmailEvent>,
}

/// Something that happened to a mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailEvent {
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// What.
    event: EmailEventName,
    /// Whether a machine was behind an opening or a click: mail services fetch pictures and look at links before their reader does.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<bool>,
    /// Whether a bounce is for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    permanent: Option<bool>,
    /// The link that was followed, without what may be secret in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<NotSentReason>,
}

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EmailNotSentReason)]
pub(crate) enum NotSentReason {
    /// Its recipient is not to be written to.
    Skipped(SkipReason),
    /// It could not be sent.
    Failed(FailureReason),
}

/// Why a mail could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmailFailureReason)]
pub(crate) enum FailureReason {
    /// The mail service refuses it, and would refuse it again.
    Refused,
    /// It could not be written: what it was to say does not fit together.
    Unwritable,
    /// It could not be sent for a whole day.
    GivenUp,
}

/// What can happen to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmailEventName {
    /// It was taken on to be sent.
    Queued,
    /// Its sender thought better of it in time.
    Cancelled,
    /// It was not sent, because its recipient is not to be written to.
    Skipped,
    /// It was not sent, and will not be.
    Failed,
    /// The mail service was asked to send it, and its answer was lost. It may have been sent, and is not sent again.
    Unconfirmed,
    /// The mail service took it.
    Sent,
    /// The mail service would not deliver it.
    Rejected,
    /// It did not arrive yet; the mail service goes on trying.
    Delayed,
    /// The recipient's mail server took it.
    Delivered,
    /// The recipient's mail server would not take it.
    Bounced,
    /// The recipient called it spam.
    Complained,
    /// It was opened.
    Opened,
    /// A link in it was followed.
    Clicked,
    /// The recipient answered it.
    Replied,
    /// The recipient wants no more of yours.
    Unsubscribed,
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmailStatus)]
pub(crate) enum StatusName {
    /// It waits to be sent.
    Queued,
    /// Its recipient is not to be written to.
    Skipped,
    /// You thought better of it.
    Cancelled,
    /// It may have been sent, and is not sent again.
    Unconfirmed,
    /// It is on its way.
    Sent,
    /// It is late.
    Delayed,
    /// It was not sent, and will not be.
    Failed,
    /// The mail service would not deliver it.
    Rejected,
    /// It arrived.
    Delivered,
    /// A person opened it.
    Opened,
    /// A person followed a link in it.
    Clicked,
    /// Its recipient answered.
    Replied,
    /// It could not be delivered.
    Bounced,
    /// Its recipient called it spam.
    Complained,
}

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmailSkipReason)]
pub(crate) enum SkipReason {
    /// There is no such mailbox.
    HardBounce,
    /// Its owner called a mail spam.
    Complaint,
    /// Its owner wants no more mail of yours.
    Unsubscribed,
    /// You do not want to write to it any more.
    ByHand,
}

/// One list of names in another spelling.
macro_rules! same_names {
    ($from:ty => $to:ty: $($name:ident),+ $(,)?) => {
        impl From<$from> for $to {
            fn from(name: $from) -> Self {
                match name {
                    $(<$from>::$name => Self::$name,)+
                }
            }
        }
    };
}

same_names!(Status => StatusName: Queued, Skipped, Cancelled, Unconfirmed, Sent, Delayed, Failed, Rejected, Delivered, Opened, Clicked, Replied, Bounced, Complained);
same_names!(StatusName => Status: Queued, Skipped, Cancelled, Unconfirmed, Sent, Delayed, Failed, Rejected, Delivered, Opened, Clicked, Replied, Bounced, Complained);
same_names!(Reason => SkipReason: HardBounce, Complaint, Unsubscribed, ByHand);
same_names!(Failure => FailureReason: Refused, Unwritable, GivenUp);

impl From<&Email> for EmailSummary {
    fn from(email: &Email) -> Self {
        let sent = email
            .timeline
            .happenings()
            .find(|(happening, _)| happening.what == What::Sent);
        Self {
            id: email.id.to_string(),
            to: email.to.as_str().to_owned(),
            template_id: email.template.map(|template| template.to_string()),
            subject: email.subject.clone(),
            status: email.status().into(),
            skipped_because: email.timeline.skipped_for().map(SkipReason::from),
            queued_at: email.queued_at,
            scheduled_at: email.scheduled_at,
            sent_at: sent.map(|(happening, _)| happening.at),
            cancellable: email.waits(),
        }
    }
}

impl EmailDetails {
    /// A mail that says this.
    pub(crate) fn new(email: &Email, html: String, text: String) -> Self {
        let timeline = email.timeline.happenings();
        Self {
            summary: email.into(),
            html,
            text,
            timeline: timeline
                .map(|(happening, machine)| event(happening, machine))
                .collect(),
        }
    }
}

fn event(happening: &Happening, by_machine: bool) -> EmailEvent {
    use EmailEventName as Name;
    let mut event = EmailEvent {
        at: happening.at,
        event: Name::Queued,
        machine: None,
        permanent: None,
        link: None,
        reason: None,
    };
    event.event = match &happening.what {
        What::Queued => Name::Queued,
        What::Cancelled => Name::Cancelled,
        What::Skipped { reason } => {
            event.reason = Some(NotSentReason::Skipped((*reason).into()));
            Name::Skipped
        }
        What::Failed { reason } => {
            event.reason = Some(NotSentReason::Failed((*reason).into()));
            Name::Failed
        }
        What::Unconfirmed => Name::Unconfirmed,
        What::Sent => Name::Sent,
        What::Rejected => Name::Rejected,
        What::Delayed => Name::Delayed,
        What::Delivered => Name::Delivered,
        What::Bounced { permanent } => {
            event.permanent = Some(*permanent);
            Name::Bounced
        }
        What::Complained => Name::Complained,
        What::Opened { .. } => {
            event.machine = Some(by_machine);
            Name::Opened
        }
        What::Clicked { link, .. } => {
            event.machine = Some(by_machine);
            event.link = Some(link.clone());
            Name::Clicked
        }
        What::Replied => Name::Replied,
        What::Unsubscribed => Name::Unsubscribed,
    };
    event
}
