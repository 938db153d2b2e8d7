//! What a person comes for.

use serde::{Deserialize, Serialize};

/// A person's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

impl Role {
    /// Whether a person may take this role by asking for it.
    #[must_use]
    pub const fn is_self_assignable(self) -> bool {
        !matches!(self, Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
