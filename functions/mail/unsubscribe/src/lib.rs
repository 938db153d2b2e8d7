#![doc = include_str!("../README.md")]

mod page;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::any;
use domain::delivery::{Happening, What};
use domain::suppression::Reason;
use runtime::{ConfigError, Runtime};
use table::Table;
use table::account::Account;
use table::email::Email;
use table::link::LinkKey;
use table::suppression::Suppression;
use table::unsubscribe::UnsubscribeToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, openapi};

use crate::page::Page;

/// What the handlers work with.
#[derive(Clone, Debug)]
struct App {
    table: Table,
    links: LinkKey,
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, act))
}

/// The routes, ready to answer. Who comes from a mail program has no cookie and no origin, so none is asked for.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App {
        table: Table::new(runtime)?,
        links: LinkKey::new(&runtime.environment)?,
    };
    let router: Router<App> = routes().into();
    // API Gateway ends a path at a `?` that was encoded in it: of such a link nothing is left.
    let router = router.route("/api/unsubscribe/", any(async || Page::NotWhole.answer()));
    Ok(web::serve::framed(router.with_state(app), None))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

/// Shows the page with the button. Nothing changes by looking at it.
#[utoipa::path(
    get, path = "/api/unsubscribe/{token}", tag = "mail", operation_id = "askToUnsubscribe",
    params(("token" = String, Path, description = "What the link in the mail ends with")),
    responses(
        (status = 200, description = "The page", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not whole", content_type = "text/html", body = String),
        openapi::Faults,
    ),
)]
async fn ask(State(app): State<App>, Path(token): Path<String>) -> Answer<Response> {
    Ok(match find(&app, &token).await? {
        Found::Mail(mail) => Page::Ask {
            sender: mail.1.name.as_str(),
            address: &page::hinted(&mail.0.to),
        }
        .answer(),
        Found::Gone => Page::Gone.answer(),
        Found::NoToken => Page::NotWhole.answer(),
    })
}

/// Keeps the sender's mails from the address that the mail went to. Mail programs send `List-Unsubscribe=One-Click` as a form; whatever
/// is sent, it is the same.
#[utoipa::path(
    post, path = "/api/unsubscribe/{token}", tag = "mail", operation_id = "unsubscribe",
    params(("token" = String, Path, description = "What the link in the mail ends with")),
    responses(
        (status = 200, description = "A page that says that it is done", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not whole", content_type = "text/html", body = String),
        openapi::Faults,
    ),
)]
async fn act(State(app): State<App>, Path(token): Path<String>) -> Answer<Response> {
    let (email, account) = match find(&app, &token).await? {
        Found::Mail(mail) => *mail,
        Found::Gone => return Ok(Page::Gone.answer()),
        Found::NoToken => return Ok(Page::NotWhole.answer()),
    };
    let now = app.table.now();
    let suppression = Suppression::because(email.to.clone(), Reason::Unsubscribed, now);
    app.table.suppress_for(email.sender, &suppression).await?;
    let unsubscribed = Happening {
        at: now,
        what: What::Unsubscribed,
    };
    let address = page::hinted(&email.to);
    app.table
        .amend_known_email(email, |email| {
            let learned = email.clone().learned(std::slice::from_ref(&unsubscribed));
            (learned.timeline != email.timeline).then_some(learned)
        })
        .await?;
    Ok(Page::Done {
        sender: account.name.as_str(),
        address: &address,
    }
    .answer())
}

/// What a link leads to.
enum Found {
    /// A mail and its sender.
    Mail(Box<(Email, Account)>),
    /// A mail of a sender who is gone, and sends no more.
    Gone,
    /// Nothing: it is not whole, or none of ours.
    NoToken,
}

async fn find(app: &App, token: &str) -> Answer<Found> {
    let token = token.parse::<UnsubscribeToken>().ok();
    let Some((sender, email)) = token.and_then(|token| token.mail(&app.links)) else {
        return Ok(Found::NoToken);
    };
    let mail = app.table.email_and_sender(sender, email).await?;
    Ok(mail.map_or(Found::Gone, |mail| Found::Mail(Box::new(mail))))
}
