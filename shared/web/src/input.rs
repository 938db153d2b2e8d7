//! What a request holds, parsed at the door. A handler that asks for [`Body`], [`Query`] or [`Id`] is only called with
//! values that fit; whatever does not fit is answered with a problem that names the field.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use crate::problem::FieldError;
use crate::{Answer, Problem};

/// The largest JSON body that any route takes, in bytes.
pub const BODY_AT_MOST: usize = 64 * 1024;

/// A JSON body, of at most so many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Body<T, const AT_MOST: usize = BODY_AT_MOST>(pub T);

impl<T, S, const AT_MOST: usize> FromRequest<S> for Body<T, AT_MOST>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Answer<Self> {
        let is_json = is_json(request.headers());
        let bytes = read(request, AT_MOST).await?;
        if bytes.is_empty() {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "body_missing",
                "This needs a JSON body.",
            ));
        }
        if !is_json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send the body as JSON, with `Content-Type: application/json`.",
            ));
        }
        parse_json(&bytes).map(Self)
    }
}

/// The whole body, if it is not larger than `limit` bytes.
///
/// # Errors
/// 413 if it is larger, 400 if it breaks off.
pub async fn read(request: Request, limit: usize) -> Answer<bytes::Bytes> {
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body may have at most {limit} bytes."),
        )),
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "body_unreadable",
            "The body broke off.",
        )),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    // serde would take a list for a structure's fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let read = serde_json::from_slice::<IgnoredAny>(bytes);
        return Err(read.map_or_else(
            |error| not_json(&error),
            |_| Problem::field("body", "must be a JSON object"),
        ));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            misfit(&path, &error.to_string())
        } else if is_wellformed(bytes) {
            // serde_json takes a number where the name of a choice should be for an error of syntax.
            misfit(&path, "is not of the type that belongs here")
        } else {
            not_json(&error)
        }
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Whether it is JSON, whatever it says.
fn is_wellformed(bytes: &[u8]) -> bool {
    // `IgnoredAny` does not look into texts, which must be UTF-8.
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_json",
        format!(
            "The body is not JSON: see line {}, column {}.",
            error.line(),
            error.column()
        ),
    )
}

/// A value that does not fit. Serde tells of a missing or an unknown field at the place that should have had it; the
/// answer names the field itself.
fn misfit(path: &str, message: &str) -> Problem {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let quoted = |prefix: &str| {
        message
            .strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
    };
    let (field, message) = match (quoted("missing field `"), quoted("unknown field `")) {
        (Some(field), _) => (beside(path, field), "is required".to_owned()),
        (_, Some(field)) => (beside(path, field), "is not a field of this request".to_owned()),
        _ => (path.to_owned(), message.to_owned()),
    };
    let field = if field == "." { "body".to_owned() } else { field };
    Problem::fields(vec![FieldError { field, message }])
}

/// The path of `field` within what `path` names; serde_path_to_error includes an unknown field in the path itself.
fn beside(path: &str, field: &str) -> String {
    let within = path
        .strip_suffix(field)
        .map_or(path, |rest| rest.strip_suffix('.').unwrap_or(rest));
    if within.is_empty() || within == "." {
        field.to_owned()
    } else {
        format!("{within}.{field}")
    }
}

/// The fields of a thing that are to change: what is given takes the place of what was, and null takes it away (RFC 7396,
/// without looking into the fields).
#[derive(Clone, Debug)]
pub struct Patch(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Patch {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let Body(fields) = Body::<_>::from_request(request, state).await?;
        Ok(Self(fields))
    }
}

impl From<Map<String, Value>> for Patch {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl Patch {
    /// The thing that these fields alone make.
    ///
    /// # Errors
    /// 400 if a field does not fit, or one is missing.
    pub fn whole<T: DeserializeOwned>(self) -> Answer<T> {
        serde_path_to_error::deserialize(Value::Object(self.0))
            .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
    }

    /// The thing with its changes, parsed like one that is new.
    ///
    /// # Errors
    /// 400 if a field does not fit.
    pub fn applied_to<T: Serialize + DeserializeOwned>(&self, known: &T) -> Answer<T> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(known) else {
            tracing::error!("what is to be changed is no JSON object");
            return Err(Problem::internal());
        };
        for (name, value) in &self.0 {
            match value {
                Value::Null if fields.remove(name).is_some() => {}
                _ => {
                    fields.insert(name.clone(), value.clone());
                }
            }
        }
        serde_path_to_error::deserialize(Value::Object(fields))
            .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
    }
}

/// The parameters of the query.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
    }
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// The one parameter of the path, as an id. What is no id names nothing, and is answered like an absent one.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: FromStr + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let absent = || Problem::not_found("thing");
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| absent())?;
        text.parse().map(Self).map_err(|_| absent())
    }
}

/// The two parameters of the path, as the ids of a thing and of one within it.
#[derive(Clone, Copy, Debug)]
pub struct Ids<T, U>(pub T, pub U);

impl<T, U, S> FromRequestParts<S> for Ids<T, U>
where
    T: FromStr + Send,
    U: FromStr + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let absent = || Problem::not_found("thing");
        let Path((one, other)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| absent())?;
        match (one.parse(), other.parse()) {
            (Ok(one), Ok(other)) => Ok(Self(one, other)),
            _ => Err(absent()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body as Bytes;
    use domain::EmailAddress;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Form {
        #[serde(rename = "email")]
        _email: EmailAddress,
        #[serde(default, rename = "inner")]
        _inner: Option<Inner>,
        #[serde(default, rename = "side")]
        _side: Option<Side>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "count")]
        _count: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Left,
    }

    async fn refused(body: impl Into<Bytes>, content_type: &str) -> Problem {
        let request = Request::builder()
            .header("content-type", content_type)
            .body(body.into())
            .unwrap();
        Body::<Form>::from_request(request, &()).await.unwrap_err()
    }

    async fn named(body: &'static str) -> String {
        format!("{:?}", refused(body, "application/json").await)
    }

    #[tokio::test]
    async fn a_field_that_does_not_fit_is_named_with_what_it_should_be() {
        let problem = named(r#"{"email": "ana"}"#).await;
        assert!(
            problem.contains(r#"field: "email""#) && problem.contains("must be a mail address"),
            "{problem}"
        );
        let problem = named(r#"{"email": "ana@example.com", "inner": {"count": 300}}"#).await;
        assert!(problem.contains(r#"field: "inner.count""#), "{problem}");
    }

    #[tokio::test]
    async fn a_choice_that_is_no_text_is_named_and_not_taken_for_broken_json() {
        for side in ["7", "[]", "true", r#""right""#] {
            let body = format!(r#"{{"email": "ana@example.com", "side": {side}}}"#);
            let problem = format!("{:?}", refused(body, "application/json").await);
            assert!(problem.contains(r#"field: "side""#), "{problem}");
        }
    }

    #[tokio::test]
    async fn a_missing_and_an_unknown_field_are_named() {
        let problem = named("{}").await;
        assert!(
            problem.contains(r#"field: "email""#) && problem.contains("is required"),
            "{problem}"
        );
        let problem = named(r#"{"email": "ana@example.com", "amount": 1}"#).await;
        assert!(
            problem.contains(r#"field: "amount""#) && problem.contains("not a field"),
            "{problem}"
        );
        let problem = named(r#"{"email": "ana@example.com", "inner": {"count": 3, "amount": 1}}"#).await;
        assert!(problem.contains(r#"field: "inner.amount""#), "{problem}");
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_takes_away() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Thing {
            name: String,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            size: Option<u8>,
        }
        let thing = |name: &str, size| Thing {
            name: name.to_owned(),
            size,
        };
        let known = thing("Elm", Some(3));
        let patched = |patch: Value| Patch(patch.as_object().unwrap().clone()).applied_to(&known);
        let named = |patch: Value| format!("{:?}", patched(patch).unwrap_err());
        assert_eq!(patched(json!({})), Ok(thing("Elm", Some(3))));
        assert_eq!(patched(json!({ "size": null })), Ok(thing("Elm", None)));
        assert_eq!(patched(json!({ "name": "Oak" })), Ok(thing("Oak", Some(3))));
        assert!(named(json!({ "size": 300 })).contains(r#"field: "size""#));
        let unknown = named(json!({ "colour": null }));
        assert!(
            unknown.contains(r#"field: "colour""#) && unknown.contains("not a field"),
            "{unknown}"
        );
        let missing = named(json!({ "name": null }));
        assert!(
            missing.contains(r#"field: "name""#) && missing.contains("is required"),
            "{missing}"
        );
    }

    #[tokio::test]
    async fn no_body_no_json_and_too_much_are_told_apart() {
        assert_eq!(refused("", "application/json").await.code(), "body_missing");
        assert_eq!(refused("{", "application/json").await.code(), "invalid_json");
        assert_eq!(
            refused("{} {}", "application/json").await.code(),
            "invalid_request"
        );
        assert_eq!(
            refused("email=ana", "application/x-www-form-urlencoded")
                .await
                .code(),
            "not_json"
        );
        let large = refused(vec![b' '; BODY_AT_MOST + 1], "application/json").await;
        assert_eq!(large.status(), 413);
    }

    #[tokio::test]
    async fn what_is_no_json_object_is_answered_without_naming_a_field_that_is_not_there() {
        for body in [
            "[]",
            "null",
            "7",
            r#""ana@example.com""#,
            r#"["ana@example.com", null, null]"#,
        ] {
            let problem = named(body).await;
            assert!(problem.contains(r#"field: "body""#), "{problem}");
        }
    }
}
