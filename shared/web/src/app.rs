//! What the handlers of most functions work with.

use axum::extract::FromRef;
use runtime::{ConfigError, Runtime};
use table::Table;

use crate::cursor::Cursors;

/// The table, and the cursors of the lists that are read from it.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub table: Table,
    /// The cursors.
    pub cursors: Cursors,
}

impl App {
    /// The table of `TABLE_NAME`, and cursors under the secret in `CURSOR_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            cursors: Cursors::new(&runtime.environment)?,
        })
    }
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
}
