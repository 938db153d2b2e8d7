//! Sending by SES (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>).

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message as SesMessage, MessageHeader, MessageTag, RawMessage,
};
use domain::EmailAddress;
use runtime::{ConfigError, Runtime};

use crate::Message;

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    /// Our address that mails are sent from.
    from: String,
    configuration_set: String,
}

/// A message was not, or may not have been, sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// SES said no because it is busy, or for a reason that is ours to mend: it was certainly not sent, and may be later.
    #[error("SES did not accept the message: {0}")]
    NotSent(String),
    /// SES said no to this very message, and would say it again.
    #[error("SES refuses the message: {0}")]
    Refused(String),
    /// No answer came: it may have been sent. Sending it again could reach the person twice.
    #[error("it is unknown whether SES accepted the message: {0}")]
    Unknown(&'static str),
}

impl Mailer {
    /// Sends from `MAIL_FROM`, under the configuration set `MAIL_CONFIGURATION_SET`.
    ///
    /// # Errors
    /// [`ConfigError`] if one of them is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        // SES has no idempotency key: the SDK's own retry after a time-out would send the message twice.
        let config = aws_sdk_sesv2::config::Builder::from(&runtime.aws("SESV2")?)
            .retry_config(RetryConfig::disabled())
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            from: runtime.environment.required("MAIL_FROM")?.to_owned(),
            configuration_set: runtime.environment.required("MAIL_CONFIGURATION_SET")?.to_owned(),
        })
    }

    /// Our address that mails are sent from.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Sends `message`, once, and gives SES's id of it.
    ///
    /// # Errors
    /// [`SendError`], which tells whether it can be sent again safely.
    pub async fn send(&self, message: &Message) -> Result<String, SendError> {
        let request = self
            .request(&message.to)
            .from_email_address(format!("Apartment Locator AI <{}>", self.from))
            .reply_to_addresses(message.reply_to.as_str())
            .content(content(message)?);
        answered(request).await
    }

    /// Sends a mail of which this is the source, once, and gives SES's id of it. SES repeats the tags, names and values of
    /// ASCII letters, digits, `_` and `-`, in all that it tells of the mail.
    ///
    /// # Errors
    /// [`SendError`], which tells whether it can be sent again safely.
    pub async fn send_source(
        &self,
        to: &EmailAddress,
        source: Vec<u8>,
        tags: &[(&str, &str)],
    ) -> Result<String, SendError> {
        let unmade = |error: aws_sdk_sesv2::error::BuildError| SendError::Refused(error.to_string());
        let raw = RawMessage::builder()
            .data(Blob::new(source))
            .build()
            .map_err(unmade)?;
        let mut request = self.request(to).content(EmailContent::builder().raw(raw).build());
        for (name, value) in tags {
            let tag = MessageTag::builder().name(*name).value(*value).build();
            request = request.email_tags(tag.map_err(unmade)?);
        }
        answered(request).await
    }

    fn request(&self, to: &EmailAddress) -> SendEmailFluentBuilder {
        self.client
            .send_email()
            .configuration_set_name(&self.configuration_set)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
    }
}

async fn answered(request: SendEmailFluentBuilder) -> Result<String, SendError> {
    let answer = request.send().await.map_err(|error| match &error {
        SdkError::ServiceError(answer) if answer.raw().status().is_client_error() => {
            let code = error.code().unwrap_or("an unnamed error").to_owned();
            match answer.err() {
                SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_) => {
                    SendError::Refused(code)
                }
                _ => SendError::NotSent(code),
            }
        }
        SdkError::ConstructionFailure(_) => SendError::NotSent("the request could not be made".to_owned()),
        SdkError::TimeoutError(_) => SendError::Unknown("no answer in time"),
        SdkError::DispatchFailure(_) => SendError::Unknown("the connection broke"),
        _ => SendError::Unknown("an error of SES's own"),
    })?;
    Ok(answer.message_id.unwrap_or_default())
}

fn content(message: &Message) -> Result<EmailContent, SendError> {
    let utf8 = |data: &str| {
        let content = Content::builder().data(data).charset("UTF-8").build();
        content.map_err(|error| SendError::NotSent(error.to_string()))
    };
    let body = Body::builder()
        .html(utf8(&message.html)?)
        .text(utf8(&message.text)?)
        .build();
    let automatic = MessageHeader::builder()
        .name("Auto-Submitted")
        .value("auto-generated")
        .build()
        .map_err(|error| SendError::NotSent(error.to_string()))?;
    let simple = SesMessage::builder()
        .subject(utf8(&message.subject)?)
        .body(body)
        // Keeps mailboxes of people who are away from answering us (RFC 3834 §5).
        .headers(automatic)
        .build();
    Ok(EmailContent::builder().simple(simple).build())
}
