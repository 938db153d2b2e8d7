//! A template, as its author sees it, and what came of its mails.

use domain::template::{Category, Token};
use domain::{Share, TemplateId};
use mail::ready::ReadyMade;
use serde::{Deserialize, Serialize};
use table::template::{Counts, Template};
use utoipa::ToSchema;

/// A template of mails.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailTemplate {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// What it is about.
    category: CategoryName,
    /// The subject, with its tokens.
    subject: String,
    /// The body, with its tokens.
    body: String,
    /// The tokens that stand in it.
    tokens: Vec<&'static str>,
    /// The number of its wording: each change of subject or body is another one.
    version: u32,
    /// Whether it comes with the product: it can be copied, and not changed.
    ready_made: bool,
    /// How many mails were sent with it.
    usage_count: u32,
    /// How many of 100 delivered mails had their offer accepted; null while none was delivered.
    success_rate: Option<f64>,
    /// What came of its mails.
    statistics: EmailTemplateStatistics,
    /// When it was made; one that comes with the product has no such time.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EmailCategory)]
pub(crate) enum CategoryName {
    /// A lease that ends, and what comes after it.
    Renewal,
    /// What a renter offers, and what is said to it.
    Offer,
    /// What was said before, once more.
    Followup,
    /// What is done in a home, and when.
    Maintenance,
}

impl From<Category> for CategoryName {
    fn from(category: Category) -> Self {
        match category {
            Category::Renewal => Self::Renewal,
            Category::Offer => Self::Offer,
            Category::Followup => Self::Followup,
            Category::Maintenance => Self::Maintenance,
        }
    }
}

impl From<CategoryName> for Category {
    fn from(name: CategoryName) -> Self {
        match name {
            CategoryName::Renewal => Self::Renewal,
            CategoryName::Offer => Self::Offer,
            CategoryName::Followup => Self::Followup,
            CategoryName::Maintenance => Self::Maintenance,
        }
    }
}

/// What came of a template's mails. One mail counts once for each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailTemplateStatistics {
    /// How many were sent.
    sent: u32,
    /// Of those that were sent, those that arrived.
    delivered: EmailShare,
    /// Of those that were sent, those that could not be delivered.
    bounced: EmailShare,
    /// Of those that arrived, those that were called spam.
    complained: EmailShare,
    /// Of those that arrived, those that a person opened. What machines open is not counted.
    opened: EmailShare,
    /// Of those that arrived, those in which a person followed a link.
    clicked: EmailShare,
    /// Of those that arrived, those that were answered.
    replied: EmailShare,
    /// Of those that arrived, those whose recipients wanted no more.
    unsubscribed: EmailShare,
    /// Of those that arrived, those whose offer was accepted: the template's success.
    accepted: EmailShare,
}

/// A share, and how sure one can be of it.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailShare {
    /// How many.
    count: u32,
    /// Of how many.
    sample_size: u32,
    /// The share in percent; null of none.
    percent: Option<f64>,
    /// The lower end of Wilson's interval: 95 times of 100, the true share is not below it.
    low: Option<f64>,
    /// Its upper end.
    high: Option<f64>,
}

impl From<Share> for EmailShare {
    fn from(share: Share) -> Self {
        let interval = share.interval();
        Self {
            count: share.count(),
            sample_size: share.sample(),
            percent: share.rate().map(percent),
            low: interval.map(|interval| percent(interval.low)),
            high: interval.map(|interval| percent(interval.high)),
        }
    }
}

/// To a tenth of a percent: what is more exact than that says nothing.
fn percent(rate: f64) -> f64 {
    (rate * 1000.0).round() / 10.0
}

impl From<Counts> for EmailTemplateStatistics {
    fn from(counts: Counts) -> Self {
        let of_sent = |count| Share::new(count, counts.sent).into();
        let of_delivered = |count| Share::new(count, counts.delivered).into();
        Self {
            sent: counts.sent,
            delivered: of_sent(counts.delivered),
            bounced: of_sent(counts.bounced),
            complained: of_delivered(counts.complained),
            opened: of_delivered(counts.opened),
            clicked: of_delivered(counts.clicked),
            replied: of_delivered(counts.replied),
            unsubscribed: of_delivered(counts.unsubscribed),
            accepted: of_delivered(counts.accepted),
        }
    }
}

impl EmailTemplate {
    pub(crate) fn of(template: Template, counts: Counts) -> Self {
        let statistics = EmailTemplateStatistics::from(counts);
        Self {
            id: template.id.to_string(),
            name: template.details.name.into(),
            category: template.details.category.into(),
            subject: template.details.subject,
            body: template.details.body,
            tokens: template.tokens.into_iter().map(Token::as_str).collect(),
            version: template.wording,
            ready_made: false,
            usage_count: counts.sent,
            success_rate: statistics.accepted.percent,
            statistics,
            created_at: Some(template.made_at.to_string()),
            updated_at: Some(template.changed_at.to_string()),
        }
    }

    pub(crate) fn ready_made(ready: &ReadyMade, counts: Counts) -> Self {
        let statistics = EmailTemplateStatistics::from(counts);
        let tokens = ready.source().map(|source| source.tokens()).unwrap_or_default();
        Self {
            id: ready.id().to_string(),
            name: ready.name.to_owned(),
            category: ready.category.into(),
            subject: ready.subject.to_owned(),
            body: ready.body.to_owned(),
            tokens: tokens.into_iter().map(Token::as_str).collect(),
            version: ready.version,
            ready_made: true,
            usage_count: counts.sent,
            success_rate: statistics.accepted.percent,
            statistics,
            created_at: None,
            updated_at: None,
        }
    }
}

/// A template that is a person's own, or one that comes with the product.
#[derive(Debug)]
pub(crate) enum Found {
    Own(Box<Template>),
    ReadyMade(&'static ReadyMade),
}

impl Found {
    pub(crate) fn id(&self) -> TemplateId {
        match self {
            Self::Own(template) => template.id,
            Self::ReadyMade(ready) => ready.id(),
        }
    }

    pub(crate) fn shown(self, counts: Counts) -> EmailTemplate {
        match self {
            Self::Own(template) => EmailTemplate::of(*template, counts),
            Self::ReadyMade(ready) => EmailTemplate::ready_made(ready, counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_what_was_accepted_of_what_arrived_with_the_sample_beside_it() {
        let statistics = EmailTemplateStatistics::from(Counts {
            sent: 25,
            delivered: 20,
            opened: 18,
            accepted: 5,
            ..Counts::default()
        });
        let accepted = EmailShare {
            count: 5,
            sample_size: 20,
            percent: Some(25.0),
            low: Some(11.2),
            high: Some(46.9),
        };
        assert_eq!(statistics.accepted, accepted);
        assert_eq!(statistics.delivered.percent, Some(80.0));
        assert_eq!(
            (statistics.replied.count, statistics.replied.percent),
            (0, Some(0.0))
        );
    }

    #[test]
    fn of_no_mails_no_share_is_shown() {
        let statistics = EmailTemplateStatistics::from(Counts::default());
        assert_eq!(
            (
                statistics.accepted.percent,
                statistics.accepted.low,
                statistics.accepted.high
            ),
            (None, None, None)
        );
    }
}
