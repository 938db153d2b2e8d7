//! One mail: what is to be done for it now is done.

use domain::delivery::{Failure, What};
use mail::SendError;
use runtime::{JobError, telemetry};
use table::email::{Email, Task};

use crate::{Context, compose, later};

/// Does what is to be done for a mail now. Again, late, or by two at once, it is the same.
pub(crate) async fn go_on(context: &Context, email: Email) -> Result<(), JobError> {
    match email.task(context.table.now()) {
        Task::Send => try_to_send(context, email).await,
        Task::Doubt => {
            tracing::error!(email = %email.id, "whoever sent a mail never said how that ended");
            finish(context, email, What::Unconfirmed).await
        }
        Task::Nothing => Ok(()),
    }
}

async fn try_to_send(context: &Context, email: Email) -> Result<(), JobError> {
    let around = context.table.around_email(&email).await.map_err(later)?;
    if let Some(reason) = around.suppressed {
        return finish(context, email, What::Skipped { reason }).await;
    }
    let (Some(account), Some(wording)) = (around.account, around.wording) else {
        tracing::info!(email = %email.id, "a mail's sender deleted the account before it was sent");
        return Ok(());
    };
    let Ok(source) = compose::source(context, &email, &account, &wording) else {
        let reason = Failure::Unwritable;
        return finish(context, email, What::Failed { reason }).await;
    };
    // That the mail service is asked is written before it is: whoever comes next sees it, and does not ask again.
    let claimed = context.table.claim_email(&email).await.map_err(later)?;
    let Some(email) = claimed else {
        tracing::info!(email = %email.id, "somebody else has a mail in hand");
        return Ok(());
    };
    let (id, sender) = (email.id.to_string(), email.sender.to_string());
    let tags = [("email", id.as_str()), ("sender", sender.as_str())];
    let asked = context.mailer.send_source(&email.to, source, &tags).await;
    match asked {
        Ok(message) => {
            sent(context, email, message).await;
            Ok(())
        }
        Err(error) => not_sent(context, email, &error).await,
    }
}

/// Notes that a mail is out, also if the mail service has told of it already. That it could not be noted must not send it again: it
/// stays in doubt until the mail service tells of it.
async fn sent(context: &Context, email: Email, message: String) {
    let (id, now) = (email.id, context.table.now());
    let sent = |email: Email| Some(email.sent(message.clone(), now));
    if let Err(error) = context.table.amend_known_email(email, sent).await {
        tracing::error!(%error, email = %id, "a mail was sent, and could not be noted as sent");
    }
}

async fn not_sent(context: &Context, email: Email, error: &SendError) -> Result<(), JobError> {
    match error {
        SendError::NotSent(_) => {
            tracing::warn!(%error, email = %email.id, attempts = email.attempts, "a mail waits: it cannot be sent just now");
            telemetry::count("MailPutOff", &context.function, 1, context.table.now());
            let put_off = email.clone().put_off(context.table.now());
            context.table.write_email(&email, put_off).await.map_err(later)?;
            Ok(())
        }
        SendError::Refused(_) => {
            tracing::warn!(%error, email = %email.id, "the mail service refuses a mail");
            let reason = Failure::Refused;
            finish(context, email, What::Failed { reason }).await
        }
        SendError::Unknown(_) => {
            tracing::error!(%error, email = %email.id, "a mail may or may not have been sent");
            finish(context, email, What::Unconfirmed).await
        }
    }
}

/// Nothing is to be done for a mail any more. If somebody else changed it meanwhile, it is theirs.
async fn finish(context: &Context, email: Email, what: What) -> Result<(), JobError> {
    let now = context.table.now();
    let metric = match what {
        What::Unconfirmed => Some("MailUnconfirmed"),
        What::Failed { .. } => Some("MailFailed"),
        _ => None,
    };
    let done = email.clone().done(what, now);
    let written = context.table.write_email(&email, done).await.map_err(later)?;
    if let (Some(metric), Some(_)) = (metric, written) {
        telemetry::count(metric, &context.function, 1, now);
    }
    Ok(())
}
