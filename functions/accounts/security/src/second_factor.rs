//! The second factor: an authenticator app, and recovery codes for whoever lost it.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use domain::one_time::{AppCode, AppSecret, Code, RecoveryCode};
use domain::{EmailAddress, Password, UserId};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use table::credentials::Credentials;
use table::second_factor::SecondFactor;
use utoipa::ToSchema;
use web::proof::{Proven, Second, wrong_code};
use web::serve::From;
use web::{Answer, Body, Caller, Problem, openapi};

use crate::App;

/// Under which name apps show the codes.
const ISSUER: &str = "Apartment Locator AI";
/// How many recovery codes a person has.
const RECOVERY_CODES: usize = 10;

/// Whether signing in asks for a second factor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactorView {
    /// Whether it does.
    enabled: bool,
    /// How many recovery codes were not used yet.
    recovery_codes_left: usize,
}

/// Whether signing in asks the caller for a second factor.
#[utoipa::path(
    get, path = "/api/auth/two-factor", tag = "accounts", operation_id = "showSecondFactor",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Whether there is one", body = SecondFactorView),
        openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Answer<Json<SecondFactorView>> {
    let factor = credentials(&app, caller.id()).await?.second_factor;
    Ok(Json(SecondFactorView {
        enabled: factor.is_some(),
        recovery_codes_left: factor.map_or(0, |factor| factor.recovery_codes.len()),
    }))
}

async fn credentials(app: &App, user: UserId) -> Answer<Credentials> {
    let credentials = app.table.credentials(user).await?;
    credentials.ok_or_else(Problem::unauthenticated)
}

/// The password, once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordAgain {
    /// The account's password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
}

/// What an authenticator app is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppSetup {
    /// The secret, to be typed.
    secret: String,
    /// The same, to be shown as a QR code.
    otpauth_uri: String,
}

/// Makes a secret for an authenticator app. Signing in asks for its codes once the first of them has confirmed it, which
/// must be within an hour. The address must be confirmed: nobody may lock its owner out before they have come.
#[utoipa::path(
    post, path = "/api/auth/two-factor", tag = "accounts", operation_id = "beginSecondFactor", request_body = PasswordAgain,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The secret, shown this once", body = AppSetup),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::Conflict, openapi::TooMany,
        openapi::Faults,
    ),
)]
pub(crate) async fn begin(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
    Body(PasswordAgain { password }): Body<PasswordAgain>,
) -> Answer<Json<AppSetup>> {
    if !caller.account.email_verified {
        return Err(Problem::conflict(
            "email_unconfirmed",
            "Confirm your mail address first: a link was mailed to it.",
        ));
    }
    let proven = app
        .prover
        .again(&caller, network, password, Second::NotAsked)
        .await?;
    if proven.credentials.second_factor.is_some() {
        return Err(Problem::conflict(
            "second_factor_enabled",
            "There is a second factor already: remove it first.",
        ));
    }
    let secret = AppSecret::generate()?;
    let sealed = app.prover.seal(caller.id(), &secret)?;
    app.table
        .begin_second_factor(caller.id(), &proven.attempt, sealed)
        .await?;
    Ok(Json(AppSetup {
        secret: secret.to_base32(),
        otpauth_uri: otpauth_uri(&secret, &caller.account.email),
    }))
}

/// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>; the other parameters are what apps take anyway.
fn otpauth_uri(secret: &AppSecret, email: &EmailAddress) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, account) = (encoded(ISSUER), encoded(email.as_str()));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
        secret.to_base32()
    )
}

/// The first code of a new app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstCode {
    /// What the app shows.
    #[schema(value_type = String, max_length = 32, pattern = "^[0-9]{6}$")]
    code: String,
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// The codes; each opens the account once, when the app is lost.
    recovery_codes: Vec<String>,
}

/// Confirms the app with the first code that it shows. From now on signing in asks for a code.
#[utoipa::path(
    post, path = "/api/auth/two-factor/confirm", tag = "accounts", operation_id = "confirmSecondFactor",
    request_body = FirstCode, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The recovery codes", body = RecoveryCodes),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Body(FirstCode { code }): Body<FirstCode>,
) -> Answer<Json<RecoveryCodes>> {
    let code: AppCode = code
        .parse()
        .map_err(|_| Problem::field("code", "must be the six digits that the app shows"))?;
    let now = app.table.now();
    let pending = credentials(&app, caller.id()).await?.pending_factor;
    let pending = pending.filter(|pending| now < pending.until).ok_or_else(|| {
        Problem::conflict(
            "second_factor_not_begun",
            "No app waits to be confirmed, or it waited too long: begin again.",
        )
    })?;
    let secret = app.prover.open(caller.id(), &pending.secret)?;
    let last_step = secret.step_of(code, now).ok_or_else(wrong_code)?;
    let (shown, recovery_codes) = new_codes(caller.id())?;
    let factor = SecondFactor {
        secret: pending.secret,
        since: now,
        last_step,
        recovery_codes,
    };
    app.table.enable_second_factor(caller.id(), &factor).await?;
    Ok(shown)
}

/// New recovery codes: as they are shown, and as they are kept.
fn new_codes(user: UserId) -> Answer<(Json<RecoveryCodes>, BTreeMap<String, ()>)> {
    let codes = (0..RECOVERY_CODES).map(|_| RecoveryCode::generate());
    let codes = codes.collect::<Result<Vec<_>, _>>()?;
    let kept = codes.iter().map(|code| (code.hash(user), ())).collect();
    let recovery_codes = codes.iter().map(ToString::to_string).collect();
    Ok((Json(RecoveryCodes { recovery_codes }), kept))
}

/// The password and a code, once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofAgain {
    /// The account's password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
    /// What the authenticator app shows, or a recovery code.
    #[schema(value_type = String, max_length = 32, pattern = "^([0-9]{6}|[A-Z2-7]{4}(-[A-Z2-7]{4}){3})$")]
    code: Code,
}

/// Takes the second factor away.
#[utoipa::path(
    delete, path = "/api/auth/two-factor", tag = "accounts", operation_id = "disableSecondFactor", request_body = ProofAgain,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Signing in asks for no code any more"),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::Conflict, openapi::TooMany,
        openapi::Faults,
    ),
)]
pub(crate) async fn disable(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
    Body(proof): Body<ProofAgain>,
) -> Answer<StatusCode> {
    let proven = prove(&app, network, &caller, proof).await?;
    let spent = proven.spent.as_ref().ok_or_else(none_enabled)?;
    app.table
        .disable_second_factor(caller.id(), &proven.attempt, spent)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives new recovery codes for the old ones.
#[utoipa::path(
    post, path = "/api/auth/two-factor/recovery-codes", tag = "accounts", operation_id = "renewRecoveryCodes",
    request_body = ProofAgain, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The new recovery codes", body = RecoveryCodes),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::Conflict, openapi::TooMany,
        openapi::Faults,
    ),
)]
pub(crate) async fn renew_codes(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
    Body(proof): Body<ProofAgain>,
) -> Answer<Json<RecoveryCodes>> {
    let proven = prove(&app, network, &caller, proof).await?;
    let spent = proven.spent.as_ref().ok_or_else(none_enabled)?;
    let (shown, kept) = new_codes(caller.id())?;
    app.table
        .renew_recovery_codes(caller.id(), &proven.attempt, spent, &kept)
        .await?;
    Ok(shown)
}

async fn prove(
    app: &App,
    network: table::login::Network,
    caller: &Caller,
    ProofAgain { password, code }: ProofAgain,
) -> Answer<Proven> {
    let second = Second::IfEnabled(Some(code));
    app.prover.again(caller, network, password, second).await
}

fn none_enabled() -> Problem {
    Problem::conflict("second_factor_disabled", "There is no second factor.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_told_whose_codes_it_shows() {
        let secret = AppSecret::from_bytes(*b"12345678901234567890");
        assert_eq!(
            otpauth_uri(&secret, &"ana+a@example.com".parse().unwrap()),
            "otpauth://totp/Apartment%20Locator%20AI:ana%2Ba%40example%2Ecom\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Apartment%20Locator%20AI"
        );
    }
}
