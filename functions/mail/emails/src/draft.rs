//! What is to be said, to whom, with what values; and what of that does not fit.

use domain::template::Values;
use domain::{EmailAddress, EmailId, PropertyId, TemplateId};
use jiff::{SignedDuration, Timestamp};
use mail::ready::ReadyMade;
use mail::template::{Footer, RenderError, Source};
use serde::Deserialize;
use table::email::{Email, NewEmail, Wording};
use table::merge;
use table::property::Property;
use web::problem::FieldError;
use web::{Answer, App, Caller, Problem};

/// How far ahead a mail can be scheduled.
const AHEAD_AT_MOST: SignedDuration = SignedDuration::from_hours(365 * 24);
/// As long as the longest link that stands in its place when the mail is sent, so that a mail that fits now fits then.
const LINK_TO_COME: &str = "https://xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// The text of mails: a template, or one that is written for them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Text {
    pub(crate) template_id: Option<TemplateId>,
    pub(crate) subject: Option<String>,
    pub(crate) body: Option<String>,
}

/// What differs from one mail to the other.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Recipient {
    pub(crate) to: EmailAddress,
    #[serde(default)]
    pub(crate) values: Values,
    pub(crate) property_id: Option<PropertyId>,
    pub(crate) scheduled_at: Option<Timestamp>,
}

/// A text that was read.
#[derive(Debug)]
pub(crate) struct Draft {
    template: Option<TemplateId>,
    pub(crate) wording: Wording,
    source: Source,
}

impl Draft {
    /// Reads the text that is named or given.
    ///
    /// # Errors
    /// 400 if it is neither or both, or given and wrong; 404 if there is no such template of the caller's.
    pub(crate) async fn of(app: &App, caller: &Caller, text: Text) -> Answer<Self> {
        let (template, wording) = match (text.template_id, text.subject, text.body) {
            (Some(id), None, None) => (Some(id), of_template(app, caller, id).await?),
            (None, Some(subject), Some(body)) => (None, Wording { subject, body }),
            (None, None, _) => return Err(Problem::field("subject", "is required, or a templateId")),
            (None, Some(_), None) => return Err(Problem::field("body", "is required with a subject")),
            (Some(_), _, _) => {
                return Err(Problem::field(
                    "templateId",
                    "cannot come with a subject or a body",
                ));
            }
        };
        let source = Source::parse(&wording.subject, &wording.body).map_err(|problems| {
            let errors = problems.iter().map(|problem| FieldError {
                field: problem.part.as_str().to_owned(),
                message: problem.to_string(),
            });
            Problem::fields(errors.collect())
        })?;
        Ok(Self {
            template,
            wording,
            source,
        })
    }

    /// The mail to one recipient.
    ///
    /// # Errors
    /// Each field that does not fit.
    pub(crate) fn to(
        &self,
        recipient: Recipient,
        id: EmailId,
        caller: &Caller,
        property: Option<&Property>,
        now: Timestamp,
    ) -> Result<Email, Vec<FieldError>> {
        let mut errors = Vec::new();
        if let Some(at) = recipient.scheduled_at
            && !(now < at && at <= now + AHEAD_AT_MOST)
        {
            errors.push(wrong("scheduledAt", "must be in the future, and within a year"));
        }
        if recipient.property_id.is_some() && property.is_none() {
            errors.push(wrong("propertyId", "is no property of yours"));
        }
        let merged = merge::merged(self.source.tokens(), recipient.values, property, &caller.account);
        errors.extend(merged.missing.into_iter().map(|token| {
            wrong(
                format!("values.{}", token.as_str()),
                format!("is required: {token} stands in the text"),
            )
        }));
        if !errors.is_empty() {
            return Err(errors);
        }
        let known = merged.known.into_iter();
        let values: Values = known.map(|(token, (value, _))| (token, value)).collect();
        let footer = Footer {
            sender: caller.account.name.as_str(),
            postal: None,
            unsubscribe: Some(LINK_TO_COME),
        };
        let rendered = self
            .source
            .render(&values, &footer)
            .map_err(|error| match error {
                RenderError::SubjectTooLong | RenderError::TooLarge => {
                    vec![wrong("values", error.to_string())]
                }
                // It was seen that there is a value for each.
                RenderError::Missing(_) | RenderError::Layout(_) => {
                    tracing::error!(%error, "a mail cannot be written");
                    vec![wrong("values", "do not make a mail of this text")]
                }
            })?;
        let new = NewEmail {
            id,
            sender: caller.id(),
            to: recipient.to,
            template: self.template,
            wording: self.wording.id(),
            values,
            subject: rendered.subject,
            scheduled_at: recipient.scheduled_at,
        };
        Ok(Email::new(new, now))
    }
}

fn wrong(field: impl Into<String>, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
    }
}

/// The text of a template of the caller's, or of one that comes with the product.
async fn of_template(app: &App, caller: &Caller, id: TemplateId) -> Answer<Wording> {
    if let Some(ready) = ReadyMade::of(id) {
        return Ok(Wording {
            subject: ready.subject.to_owned(),
            body: ready.body.to_owned(),
        });
    }
    let template = app.table.template(caller.id(), id).await?;
    let details = template.ok_or_else(|| Problem::not_found("template"))?.details;
    Ok(Wording {
        subject: details.subject,
        body: details.body,
    })
}
