//! Environment variables, read once at start and parsed into what they mean.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// The variables that a function was given. On Lambda they are the process's; in the local system each function
/// has its own set, so nothing reads `std::env` after start.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// A variable is missing or does not hold what it should. The value is never part of the message: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The variable is not set, or is empty.
    #[error("the environment variable {0} is not set: add it to this function in template.yaml")]
    Missing(String),
    /// The variable's value cannot be used.
    #[error("the environment variable {name} is not usable: {reason}")]
    Invalid {
        /// The variable.
        name: String,
        /// What was expected of it.
        reason: String,
    },
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // `vars` panics on a name or value that is not Unicode; such a variable is not one of ours.
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// All variables, as another process would be given them.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The variable, if it is set to something.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The variable, which must be set.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] if it is not set or empty.
    pub fn required(&self, name: &str) -> Result<&str, ConfigError> {
        self.get(name)
            .ok_or_else(|| ConfigError::Missing(name.to_owned()))
    }

    /// The variable, parsed.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] if it is not set, [`ConfigError::Invalid`] if `T` cannot be read from it.
    pub fn parsed<T>(&self, name: &str) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.required(name)?
            .parse()
            .map_err(|reason: T::Err| ConfigError::Invalid {
                name: name.to_owned(),
                reason: reason.to_string(),
            })
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_missing_and_the_error_names_it() {
        let environment = Environment::from_iter([("TABLE_NAME", "")]);
        let error = environment.required("TABLE_NAME").unwrap_err();
        assert!(error.to_string().contains("TABLE_NAME"));
    }

    #[test]
    fn an_unusable_value_is_not_repeated_in_the_error() {
        let environment = Environment::from_iter([("LIMIT", "sk_live_secret")]);
        let error = environment.parsed::<u32>("LIMIT").unwrap_err().to_string();
        assert!(error.contains("LIMIT") && !error.contains("sk_live_secret"));
    }
}
