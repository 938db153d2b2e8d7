//! What the documents of all functions share: who may call, the shape of a problem, the answers that many routes have.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response,
    ResponseBuilder, Type,
};
use utoipa::{IntoResponses, Modify, OpenApi as _};

use crate::idempotency::KEY_AT_MOST;
use crate::problem::{Document, FieldError};

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Document, FieldError)), modifiers(&Security))]
struct Shared;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("opaque")
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme(
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-session"))),
        );
    }
}

/// The document of all of these, as one.
#[must_use]
pub fn merged(documents: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Apartment Locator AI")
        .version("1")
        .description(Some(
            "Renters see what an apartment should cost, and get part of the price back when their signed lease \
             proves the saving; landlords watch their units against the market; agents work clients to a lease. \
             Errors are RFC 9457 problems; `error` and `message` repeat their detail.",
        ))
        .build();
    let mut all = OpenApiBuilder::new().info(info).build();
    all.merge(Shared::openapi());
    for document in documents {
        all.merge(document);
    }
    all
}

/// The document of routes that honour `Idempotency-Key`: says so at each `POST`.
#[must_use]
pub fn repeatable(mut document: OpenApi) -> OpenApi {
    let posts = document
        .paths
        .paths
        .values_mut()
        .filter_map(|path| path.post.as_mut());
    for post in posts {
        post.parameters
            .get_or_insert_default()
            .push(RefOr::T(idempotency_key()));
        for (status, answer) in Repeatable::responses() {
            post.responses.responses.entry(status).or_insert(answer);
        }
    }
    document
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(KEY_AT_MOST))
        .pattern(Some("^[!-+\\--~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Names this request, so that it can be repeated: for 24 hours, the same request with the same key is answered \
             as the first one was, and done once. A random text, such as a UUID; a new one for each request.",
        ))
        .schema(Some(key))
        .build()
}

fn problems(answers: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    answers
        .iter()
        .map(|(status, description)| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            let answer = ResponseBuilder::new()
                .description(*description)
                .content("application/problem+json", content);
            (status.to_string(), answer.build().into())
        })
        .collect()
}

macro_rules! answers {
    ($(#[$doc:meta])* $name:ident: $($status:literal $description:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                problems(&[$(($status, $description)),+])
            }
        }
    };
}

answers!(
    /// What any route may answer.
    Faults: 500 "A fault of ours", 503 "Something that we need does not answer just now; try again",
);
answers!(
    /// What a route with a JSON body may answer.
    BadBody: 400 "The body is missing, is not JSON, or a field does not fit: `errors` names it",
        413 "The body is too large", 415 "The body is not sent as JSON",
);
answers!(
    /// What a route that takes a sheet may answer.
    BadSheet: 400 "The sheet cannot be read, or rows of it are wrong: `errors` names line and field of each",
        413 "The sheet is too large", 415 "The body is a form and no sheet",
);
answers!(
    /// What a route with parameters may answer.
    BadQuery: 400 "A parameter does not fit: `errors` names it",
);
answers!(
    /// What a route for people who are signed in may answer.
    NotSignedIn: 401 "Nobody is signed in, or the session is over",
);
answers!(
    /// What a route about a market may answer.
    NoMarket: 404 "Too little is known of this market: `detail` says what",
);
answers!(
    /// What a write may answer.
    CrossOrigin: 403 "The write comes from another web origin",
);
answers!(
    /// What a route that names one thing may answer.
    Absent: 404 "There is no such thing, or none of the caller's",
);
answers!(
    /// What a route that honours `Idempotency-Key` may answer.
    Repeatable: 400 "The Idempotency-Key does not fit",
        409 "The first request with this Idempotency-Key is not finished: `Retry-After` says how many seconds to wait",
        413 "The body is too large",
        422 "This Idempotency-Key came with another request before",
);
answers!(
    /// What a route that must be paid for may answer.
    Unpaid: 402 "This needs a payment: `code` says which, `plan` names a plan that includes it",
);
answers!(
    /// What a route that can be guessed at may answer.
    TooMany: 429 "Too many attempts: `Retry-After` says how many seconds to wait",
);
answers!(
    /// What a route that some may not use answers them.
    Forbidden: 403 "The caller may not do this, or the write comes from another web origin",
);
answers!(
    /// What a route answers when things stand in the way.
    Conflict: 409 "This cannot be done as things stand: `code` says why",
);
answers!(
    /// What signing in with a wrong password, or as nobody, answers.
    BadCredentials: 401 "No account has this address and this password",
);
answers!(
    /// What a route that takes the token of a link in a mail may answer.
    BadLink: 400 "The body is missing, is not JSON, or a field does not fit: `errors` names it",
        404 "The link is void: mistyped, or a newer one took its place",
        409 "The link was used, is over, or gives an address that is taken meanwhile: `code` says which",
        413 "The body is too large", 415 "The body is not sent as JSON",
);
answers!(
    /// What a route that asks a person who is signed in for their password once more may answer.
    WrongPassword: 403 "The password or the code is wrong, or the write comes from another web origin",
);
answers!(
    /// What signing in with Google may answer to a credential that proves nothing, or not enough.
    BadGoogleCredential: 401 "The credential is not good, or a code or the password must come with it: `code` says which",
        404 "Signing in with Google is not set up",
);
answers!(
    /// What a route that takes a credential of Google's may answer besides.
    GoogleAbsent: 404 "A credential of Google's was sent, and signing in with Google is not set up",
);
answers!(
    /// What Stripe's webhook answers to an event that it does not believe.
    Unbelieved: 400 "The signature is missing, too old or wrong, or what is signed is no event: `code` says which",
        413 "The body is too large",
);
