//! What a person comes for.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A person's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Role {
    /// Finds an apartment, and gets part of the price back for a signed lease.
    Renter,
    /// Watches own units against the market.
    Landlord,
    /// Works clients to a signed lease.
    Agent,
    /// Decides what the machine would not. Never chosen by the person itself.
    Admin,
}

/// A text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be renter, landlord, agent or admin")]
pub struct UnknownRole;

impl Role {
    /// Those who write mails to others.
    pub const WRITERS: [Self; 2] = [Self::Landlord, Self::Agent];

    /// The role's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Renter => "renter",
            Self::Landlord => "landlord",
            Self::Agent => "agent",
            Self::Admin => "admin",
        }
    }

    /// Whether a person may take this role by asking for it.
    #[must_use]
    pub const fn is_self_assignable(self) -> bool {
        !matches!(self, Self::Admin)
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let roles = [Self::Renter, Self::Landlord, Self::Agent, Self::Admin];
        roles
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

impl From<Role> for &'static str {
    fn from(role: Role) -> Self {
        role.as_str()
    }
}

/// By its name as a text only: what serde derives for an enum takes `{"admin": null}` as well.
impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, UnknownRole> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_from_its_name_and_from_nothing_else() {
        for role in [Role::Renter, Role::Landlord, Role::Agent, Role::Admin] {
            assert_eq!(role.as_str().parse(), Ok(role));
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(serde_json::from_str::<Role>(&json).unwrap(), role);
        }
        for json in [r#""Admin""#, r#""""#, "0", r#"{"admin": null}"#] {
            assert!(serde_json::from_str::<Role>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn no_one_becomes_admin_by_asking() {
        assert!(!Role::Admin.is_self_assignable());
        assert!(
            [Role::Renter, Role::Landlord, Role::Agent]
                .iter()
                .all(|role| role.is_self_assignable())
        );
    }
}
