#![doc = include_str!("../README.md")]

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::UserId;
use domain::event::Fact;
use exports::{Exports, ExportsError};
use payments::{Stripe, StripeFailure};
use runtime::{ConfigError, JobError, Runtime, batch};
use table::belongings::{Belonging, Fate};
use table::closure::ClosedAccount;
use table::{Table, TableError, outbox};

/// How often everything is looked through. The second look finds what was written during the first, and usually nothing.
const LOOKS: usize = 5;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    exports: Exports,
    stripe: Stripe,
}

impl Context {
    /// The table, the bucket and Stripe.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            exports: Exports::new(runtime)?,
            stripe: Stripe::new(runtime)?,
        })
    }
}

/// Something was not erased. It must be tried again; what is done stays done.
#[derive(Debug, thiserror::Error)]
enum ErasureError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Bucket(#[from] ExportsError),
    #[error(transparent)]
    Stripe(#[from] StripeFailure),
    #[error("something is written under a closed account again and again")]
    Unending,
}

/// Erases what the accounts had that a batch of events tells the end of.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| take(Arc::clone(&context), message)).await)
}

async fn take(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event = outbox::event_in(message.body.as_deref().unwrap_or_default())
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    match event.fact {
        Fact::AccountDeleted { user_id } => context
            .erase(user_id)
            .await
            .map_err(|error| JobError::Retry(error.to_string())),
        fact => Err(JobError::GiveUp(format!("{} erases nothing", fact.name()))),
    }
}

impl Context {
    async fn erase(&self, user: UserId) -> Result<(), ErasureError> {
        let Some(closed) = self.table.closed(user).await? else {
            // An event can come back for 30 days, and the item stays for years: there is no such account.
            tracing::warn!(%user, "an account that is said to be closed is not");
            return Ok(());
        };
        if closed.erased_at.is_some() {
            tracing::info!(%user, "a closed account was erased before");
            return Ok(());
        }
        // Whether Stripe answers or not, what we have is erased.
        let at_stripe = self.end_at_stripe(&closed).await;
        let pages = self.erase_belongings(user).await?;
        self.exports.remove(user).await?;
        at_stripe?;
        pages?;
        self.table.erased(user).await?;
        tracing::info!(%user, "a closed account is erased");
        Ok(())
    }

    /// Ends what still could cost money, and has Stripe forget the person.
    async fn end_at_stripe(&self, closed: &ClosedAccount) -> Result<(), StripeFailure> {
        if let Some(session) = &closed.checkout_session {
            self.close_page(session).await?;
        }
        match &closed.customer {
            Some(customer) => self.stripe.remove_customer(customer).await,
            None => Ok(()),
        }
    }

    async fn close_page(&self, session: &str) -> Result<(), StripeFailure> {
        match self.stripe.close_page(session).await {
            Err(failure) if !failure.is_absent() => Err(failure),
            _ => Ok(()),
        }
    }

    /// Looks through everything until there is nothing left to do. Whether each page that was open to pay on is closed is
    /// told apart: it keeps nothing else from being erased.
    async fn erase_belongings(&self, user: UserId) -> Result<Result<(), StripeFailure>, ErasureError> {
        for _ in 0..LOOKS {
            let mut pages = Ok(());
            let mut nothing_done = true;
            let mut from = None;
            loop {
                let page = self.table.belongings(user, from).await?;
                nothing_done &= page.belongings.iter().all(Belonging::is_kept);
                pages = pages.and(self.erase_page(&page.belongings).await?);
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
            if nothing_done || pages.is_err() {
                return Ok(pages);
            }
        }
        Err(ErasureError::Unending)
    }

    async fn erase_page(&self, belongings: &[Belonging]) -> Result<Result<(), StripeFailure>, TableError> {
        let mut pages = Ok(());
        let (kept, gone): (Vec<_>, Vec<_>) = belongings
            .iter()
            .filter(|belonging| !belonging.is_kept())
            .partition(|belonging| matches!(belonging.fate(), Fate::Kept(_)));
        self.table.erase(&gone).await?;
        for belonging in kept {
            let Fate::Kept(private) = belonging.fate() else {
                continue;
            };
            let closed = match belonging.open_page() {
                Some(session) => self.close_page(session).await,
                None => Ok(()),
            };
            match closed {
                Ok(()) => self.table.keep(belonging, private).await?,
                // It is looked at again, because it is not marked as kept.
                Err(failure) => pages = Err(failure),
            }
        }
        Ok(pages)
    }
}
