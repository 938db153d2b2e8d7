//! How the table fails.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// The table did not do what was asked. Nothing was half-written: each write is one item or one transaction.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Another write came first; reading again shows what it did.
    #[error("another write came first")]
    Conflict,
    /// DynamoDB could not be reached, or would not do it now.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// An item does not have the shape that its entity should have.
    #[error("an item of the table cannot be read: {0}")]
    Corrupt(String),
}

/// Codes of answers that say: something else is writing this item just now.
const CONFLICTS: [&str; 2] = ["TransactionConflictException", "TransactionInProgressException"];

/// A failed call, in our words. `ConditionalCheckFailedException` and a conflict are [`TableError::Conflict`].
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
pub(crate) fn failed<E, R>(error: SdkError<E, R>) -> TableError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    match error.code() {
        Some("ConditionalCheckFailedException") => TableError::Conflict,
        Some(code) if CONFLICTS.contains(&code) => TableError::Conflict,
        Some(code) => TableError::Unavailable(code.to_owned()),
        None => TableError::Unavailable(
            match error {
                SdkError::TimeoutError(_) => "no answer in time",
                SdkError::DispatchFailure(_) => "no connection",
                SdkError::ResponseError(_) => "an unreadable answer",
                _ => "the request could not be made",
            }
            .to_owned(),
        ),
    }
}

/// Why a transaction was cancelled: for each of its parts, whether that part's condition failed.
#[derive(Debug)]
pub(crate) struct Cancelled(Vec<bool>);

impl Cancelled {
    /// Whether the condition of the part at `index` failed.
    pub(crate) fn at(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }
}

/// A failed transaction: which conditions failed, or another error if it was not for a condition.
pub(crate) fn cancelled<R>(error: SdkError<TransactWriteItemsError, R>) -> Result<Cancelled, TableError>
where
    SdkError<TransactWriteItemsError, R>: ProvideErrorMetadata,
{
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancellation)) =
        error.as_service_error()
    {
        let codes: Vec<_> = cancellation
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code())
            .collect();
        let by_condition: Vec<_> = codes
            .iter()
            .map(|code| *code == Some("ConditionalCheckFailed"))
            .collect();
        if by_condition.contains(&true) {
            return Ok(Cancelled(by_condition));
        }
        if codes.contains(&Some("TransactionConflict")) {
            return Err(TableError::Conflict);
        }
    }
    Err(failed(error))
}
