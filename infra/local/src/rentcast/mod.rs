//! RentCast, as far as the market needs it: what homes let for in a ZIP code, and what one home should let for
//! (<https://developers.rentcast.io/reference/introduction>). Its figures are made up from the ZIP code, the same ones each time, and
//! it knows every ZIP code that there is.

mod area;
mod home;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use domain::Zip;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use runtime::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::{Access, Authentication, Refusal, Request, Response, StandIn};

/// The one key that it knows.
pub const KEY: &str = "local-rentcast-key";
/// The path before all others.
pub const BASE_PATH: &str = "/v1";
/// How many requests it takes in a second (<https://developers.rentcast.io/reference/rate-limits>).
const A_SECOND: u32 = 20;

/// How it behaves, where that is not as usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Conduct {
    /// Its bill is not paid: it answers 401.
    pub unpaid: bool,
    /// It answers with this status.
    pub status: Option<u16>,
    /// It answers with this text, and 200.
    pub instead: Option<String>,
    /// It has nothing on these ZIP codes.
    pub unknown: BTreeSet<Zip>,
    /// In these ZIP codes a home of two bedrooms lets for this, in dollars; others for what goes with it.
    pub rents: BTreeMap<Zip, u32>,
}

/// What it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Requests that it answered for money: with 200 or 404, and the right key.
    pub counted: u64,
    /// Requests in all.
    pub all: u64,
}

/// The stand-in.
pub struct Rentcast {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    conduct: Conduct,
    asked: Asked,
    /// The second of the last request, and how many there were in it.
    second: (i64, u32),
}

/// A request that is not answered with what it asks for: the status, its code, and what a person reads.
struct No(StatusCode, &'static str, String);

type Answer = Result<Value, No>;

impl Rentcast {
    /// RentCast, by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            clock,
            state: Mutex::default(),
        })
    }

    /// How it behaves.
    #[must_use]
    pub fn conduct(&self) -> Conduct {
        self.state().conduct.clone()
    }

    /// It behaves like this from now on.
    pub fn set_conduct(&self, conduct: Conduct) {
        self.state().conduct = conduct;
    }

    /// What it was asked.
    #[must_use]
    pub fn asked(&self) -> Asked {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.clock.now()).date()
    }

    /// Notes a request, and says how it is to be answered; or not, if there were too many in this second.
    fn noted(&self) -> Result<Conduct, No> {
        let second = self.clock.now().as_second();
        let mut state = self.state();
        state.asked.all += 1;
        if state.second.0 != second {
            state.second = (second, 0);
        }
        if state.second.1 == A_SECOND {
            return Err(too_fast());
        }
        state.second.1 += 1;
        Ok(state.conduct.clone())
    }

    fn answered(&self, request: &Request) -> Answer {
        let conduct = self.noted()?;
        let key = request.headers.get("x-api-key").map(HeaderValue::as_bytes);
        if key != Some(KEY.as_bytes()) || conduct.unpaid {
            let code = if conduct.unpaid {
                "billing/subscription-inactive"
            } else {
                "auth/api-key-invalid"
            };
            return Err(No(
                StatusCode::UNAUTHORIZED,
                code,
                "Check the key and the account".to_owned(),
            ));
        }
        if let Some(status) = conduct
            .status
            .and_then(|status| StatusCode::from_u16(status).ok())
        {
            return Err(No(status, "server/told-to", "It was told to".to_owned()));
        }
        if request.method != Method::GET {
            let message = "Only GET is supported".to_owned();
            return Err(No(
                StatusCode::METHOD_NOT_ALLOWED,
                "resource/method-not-allowed",
                message,
            ));
        }
        let parameters = form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes());
        let asked = Parameters(parameters.into_owned().collect());
        let answer = match request.uri.path().strip_prefix(BASE_PATH) {
            Some("/markets") => area::answer(&asked, &conduct, self.today()),
            Some("/avm/rent/long-term") => home::answer(&asked, &conduct, self.today()),
            _ => return Err(not_found()),
        };
        if matches!(&answer, Ok(_) | Err(No(StatusCode::NOT_FOUND, ..))) {
            self.state().asked.counted += 1;
        }
        match conduct.instead {
            Some(instead) => Ok(Value::String(instead)),
            None => answer,
        }
    }
}

/// The parameters of a request.
struct Parameters(BTreeMap<String, String>);

impl Parameters {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A number, if the parameter is there.
    fn number(&self, name: &'static str) -> Result<Option<f64>, No> {
        let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        self.text(name)
            .map(|text| number(text).ok_or_else(|| invalid(name)))
            .transpose()
    }

    /// A number between two others; `usual` if the parameter is not there.
    fn between(&self, name: &'static str, least: u32, most: u32, usual: u32) -> Result<u32, No> {
        let Some(text) = self.text(name) else {
            return Ok(usual);
        };
        let number = text.parse().ok();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| invalid(name))
    }
}

fn invalid(parameter: &str) -> No {
    let message = format!("The {parameter} parameter is missing or invalid");
    No(StatusCode::BAD_REQUEST, "request/invalid-parameter", message)
}

fn not_found() -> No {
    let message = "No data found for your query".to_owned();
    No(StatusCode::NOT_FOUND, "resource/not-found", message)
}

fn too_fast() -> No {
    let message = format!("The rate limit of {A_SECOND} requests per second has been exceeded");
    No(StatusCode::TOO_MANY_REQUESTS, "auth/rate-limit-exceeded", message)
}

/// What a home of so many bedrooms lets for in a ZIP code, in whole dollars. A month later it is three thousandths more.
fn rent_in(zip: Zip, bedrooms: u32, months_ago: u32, conduct: &Conduct) -> f64 {
    // Neighbours are not alike.
    let mixed = (zip.number().wrapping_mul(2_654_435_761)) >> 8;
    let of_two = conduct.rents.get(&zip).copied().unwrap_or(1000 + mixed % 1500);
    let factor = match bedrooms {
        0 => 0.75,
        1 => 0.85,
        2 => 1.0,
        3 => 1.25,
        more => 1.0 + 0.25 * f64::from(more.min(10) - 2),
    };
    (f64::from(of_two) * factor * 0.997_f64.powi(months_ago.cast_signed())).round()
}

/// Whether it has anything on a ZIP code.
fn knows(zip: Zip, conduct: &Conduct) -> bool {
    places::area(zip).is_some() && !conduct.unknown.contains(&zip)
}

fn midnight(day: Date) -> String {
    format!("{day}T00:00:00.000Z")
}

fn response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

impl From<No> for Response {
    fn from(No(status, error, message): No) -> Self {
        let body = json!({ "status": status.as_u16(), "error": error, "message": message });
        response(status, body.to_string())
    }
}

#[async_trait]
impl StandIn for Rentcast {
    fn service(&self) -> &'static str {
        "rentcast"
    }

    fn authentication(&self) -> Authentication {
        Authentication::Other
    }

    fn body_limit(&self) -> usize {
        0
    }

    fn needs(&self, _: &Request) -> Vec<Access> {
        Vec::new()
    }

    async fn answer(&self, request: Request) -> Response {
        match self.answered(&request) {
            Ok(Value::String(instead)) => response(StatusCode::OK, instead),
            Ok(body) => response(StatusCode::OK, body.to_string()),
            Err(no) => no.into(),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let status = match refusal {
            Refusal::Throttled => return too_fast().into(),
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Refusal::AccessDenied(..) | Refusal::BadSignature(_) => StatusCode::UNAUTHORIZED,
        };
        No(status, "server/error", "Something went wrong".to_owned()).into()
    }
}

#[cfg(test)]
mod tests;
