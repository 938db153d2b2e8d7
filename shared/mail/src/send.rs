//! Sending by SES (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>).

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as SesMessage, MessageHeader};
use runtime::{ConfigError, Runtime};

use crate::Message;

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    from: String,
    configuration_set: String,
}

/// A message was not, or may not have been, sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// SES said no: it was certainly not sent.
    #[error("SES did not accept the message: {0}")]
    NotSent(String),
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
            from: format!(
                "Apartment Locator AI <{}>",
                runtime.environment.required("MAIL_FROM")?
            ),
            configuration_set: runtime.environment.required("MAIL_CONFIGURATION_SET")?.to_owned(),
        })
    }

    /// Sends `message`, once, and gives SES's id of it.
    ///
    /// # Errors
    /// [`SendError`], which tells whether it can be sent again safely.
    pub async fn send(&self, message: &Message) -> Result<String, SendError> {
        let answer = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .configuration_set_name(&self.configuration_set)
            .destination(Destination::builder().to_addresses(message.to.as_str()).build())
            .reply_to_addresses(message.reply_to.as_str())
            .content(content(message)?)
            .send()
            .await
            .map_err(|error| match &error {
                SdkError::ServiceError(answer) if answer.raw().status().is_client_error() => {
                    SendError::NotSent(error.code().unwrap_or("an unnamed error").to_owned())
                }
                SdkError::ConstructionFailure(_) => {
                    SendError::NotSent("the request could not be made".to_owned())
                }
                SdkError::TimeoutError(_) => SendError::Unknown("no answer in time"),
                SdkError::DispatchFailure(_) => SendError::Unknown("the connection broke"),
                _ => SendError::Unknown("an error of SES's own"),
            })?;
        Ok(answer.message_id.unwrap_or_default())
    }
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
