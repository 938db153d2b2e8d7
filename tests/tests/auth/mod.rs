//! `/api/auth`

mod change_email;
mod change_password;
mod confirm_email;
mod cross_origin;
mod delete_account;
mod exports;
mod forgot_password;
mod google;
mod me;
mod sessions;
mod signin;
mod signout;
mod signup;
mod two_factor;
mod user_type;

use serde_json::Value;

/// Holds `user` to have the members that the web client reads, and no others.
#[track_caller]
fn is_a_user(user: &Value) {
    let mut members: Vec<_> = user
        .as_object()
        .expect("a user")
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "email",
            "emailVerified",
            "id",
            "name",
            "subscriptionStatus",
            "subscriptionTier",
            "userType"
        ]
    );
    for (member, value) in user.as_object().unwrap() {
        let fits = if member == "emailVerified" {
            value.is_boolean()
        } else {
            value.is_string()
        };
        assert!(fits, "{member} of {user}");
    }
}
