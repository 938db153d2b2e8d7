//! The existing web client, call by call: what it sends, with the token, the cookie or neither, and every field that it
//! reads from the answer, held to the type that it reads it as. It does more with an answer than it says: a list that is
//! no list, or a number that is a text, breaks a page.
//!
//! Each test is one flow of the client's, in its order. Where the client reads a text to tell causes apart, the text is
//! held to have what it looks for.

mod access;
mod accounts;
mod payments;
mod portfolio;

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Answer, System};

/// The web client in a browser. It keeps the token that signing in gave it; the browser keeps the cookie, and sends it
/// along with each request whether the client thinks of it or not.
struct Client<'a> {
    system: &'a System,
    token: Option<String>,
    cookie: Option<String>,
}

/// Whether the client puts its token into a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sends {
    Token,
    NoToken,
}

use Sends::{NoToken, Token};

impl<'a> Client<'a> {
    /// One that nobody has signed in with.
    fn new(system: &'a System) -> Self {
        Self {
            system,
            token: None,
            cookie: None,
        }
    }

    /// One that somebody has just signed up with, who comes for what the sign-up page was opened with.
    async fn signed_up(system: &'a System, name: &str, role: &str) -> Self {
        let mut client = Self::new(system);
        let answer = client.sign_up(name).await;
        answer.is(201);
        let choice = json!({ "userType": role });
        client.patch("/api/auth/user-type", &choice).await.is(200);
        client
    }

    /// What the sign-up form sends: the name is what stands before the `@`.
    async fn sign_up(&mut self, name: &str) -> Answer {
        let form = json!({
            "email": format!("{name}@example.com"), "password": tests::person::PASSWORD, "name": name,
        });
        self.enter("/api/auth/signup", &form).await
    }

    /// Sends what opens a session, and keeps what comes of it.
    async fn enter(&mut self, path: &str, form: &Value) -> Answer {
        let answer = self.send("POST", path, NoToken, Some(form)).await;
        if answer.status < 300 {
            self.token = Some(answer.text_at("/token").to_owned());
            let cookie = answer.header("set-cookie").split(';').next();
            self.cookie = cookie.map(str::to_owned);
        }
        answer
    }

    async fn get(&self, path: &str, sends: Sends) -> Answer {
        self.send("GET", path, sends, None).await
    }

    async fn post(&self, path: &str, sends: Sends, body: &Value) -> Answer {
        self.send("POST", path, sends, Some(body)).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Token, Some(body)).await
    }

    /// A request as the browser sends it from a page of the client's own origin.
    async fn send(&self, method: &str, path: &str, sends: Sends, body: Option<&Value>) -> Answer {
        let mut request = self
            .system
            .request(method, path)
            .header("sec-fetch-site", "same-origin");
        if method != "GET" {
            request = request.header("origin", self.system.origin());
        }
        if let Some(token) = self.token.as_ref().filter(|_| sends == Token) {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.system.send(request).await
    }

    /// The user that the client holds.
    async fn me(&self) -> Value {
        let answer = self.get("/api/auth/me", Token).await;
        is_user(answer.is(200), "/user");
        answer.json["user"].clone()
    }

    async fn id(&self) -> String {
        self.me().await["id"].as_str().unwrap().to_owned()
    }

    /// What the client takes for a subscriber.
    async fn is_subscribed(&self) -> bool {
        let me = self.me().await;
        me["subscriptionTier"] != "free" && me["subscriptionStatus"] == "active"
    }

    /// What the buyer does on Stripe's page, and Stripe then reports.
    async fn pays_on_the_page(&self, page: &Answer) {
        let form = [("outcome", "paid")];
        let page = self.system.request_to("POST", page.text_at("/url")).form(&form);
        self.system.send(page).await.is(303);
        self.system.at_rest().await;
    }
}

/// What the client reads a field as.
#[derive(Clone, Copy, Debug)]
enum Is {
    Text,
    /// A text that `new Date()` reads.
    Time,
    /// Whole cents, which the client divides by 100.
    Cents,
    Bool,
    List,
    /// One of these, or null.
    TimeOrNull,
    TextOrNull,
    CountOrNull,
    Count,
    /// What the client reckons with; a text would break the page.
    Number,
}

impl Is {
    fn holds(self, value: &Value) -> bool {
        let is_time = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| text.parse::<Timestamp>().is_ok())
        };
        match self {
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Time => is_time(value),
            Self::Cents | Self::Count => value.is_u64(),
            Self::Number => value.is_number(),
            Self::Bool => value.is_boolean(),
            Self::List => value.is_array(),
            Self::TimeOrNull => value.is_null() || is_time(value),
            Self::TextOrNull => value.is_null() || value.is_string(),
            Self::CountOrNull => value.is_null() || value.is_u64(),
        }
    }
}

/// Holds an answer to have these fields, each of the type that the client reads.
#[track_caller]
fn reads(answer: &Answer, fields: &[(&str, Is)]) {
    for (field, is) in fields {
        let value = answer.json.pointer(field);
        let value = value.unwrap_or_else(|| panic!("no {field} in {}", answer.text));
        assert!(is.holds(value), "{field} is no {is:?} in {}", answer.text);
    }
}

/// Holds the user at this place to have what the client reads.
#[track_caller]
fn is_user(answer: &Answer, place: &str) {
    for field in [
        "id",
        "email",
        "name",
        "userType",
        "subscriptionTier",
        "subscriptionStatus",
    ] {
        reads(answer, &[(&format!("{place}/{field}"), Is::Text)]);
    }
    let role = answer.json.pointer(&format!("{place}/userType")).unwrap();
    assert!(
        ["renter", "landlord", "agent", "admin"]
            .iter()
            .any(|known| role == known),
        "{role}"
    );
}

/// Holds an answer to be a refusal as the client shows one: JSON, whose `error` is a text, and `message` too, because one
/// part of the client reads that.
#[track_caller]
fn refuses(answer: &Answer, status: u16) {
    answer.is(status).is_complete_problem();
    reads(answer, &[("/error", Is::Text), ("/message", Is::Text)]);
}

/// What the sign-in page looks for causes in: the status and the body as it came.
fn as_shown(answer: &Answer) -> String {
    format!("{}: {}", answer.status, answer.text)
}
