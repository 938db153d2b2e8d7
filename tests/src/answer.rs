//! What the API answered.

use local::gateway::COST_HEADER;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null if it is empty or not JSON.
    pub json: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// Reads a response.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer broke off");
        Self {
            status,
            headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    /// The header, or an empty text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a header of ASCII"))
    }

    /// The text at this JSON pointer.
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> &str {
        self.json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no text at {pointer} of {}", self.text))
    }

    /// How many calls to AWS the request cost.
    #[must_use]
    pub fn calls(&self) -> u32 {
        let cost = self.header(COST_HEADER);
        let calls = cost
            .split("; ")
            .find_map(|part| part.strip_prefix("calls="))
            .unwrap_or_else(|| panic!("no calls in `{cost}`"));
        calls.parse().expect("a number of calls")
    }

    /// Holds the answer to be of this status.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Holds the answer to be a problem of this status and code, complete as RFC 9457 and the web client need it. A
    /// 5xx must say nothing of what went wrong.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) -> &Self {
        self.is(status).is_complete_problem();
        assert_eq!(self.json["code"], code, "{}", self.text);
        self
    }

    /// Holds the answer to be a problem whatever its status and code are.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn is_complete_problem(&self) -> &Self {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let problem = &self.json;
        for member in ["type", "title", "detail", "code", "requestId", "error", "message"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.trim().is_empty(), "{member} is missing in {}", self.text);
        }
        assert_eq!(problem["status"], self.status, "{}", self.text);
        for repeated in ["error", "message"] {
            assert_eq!(problem[repeated], problem["detail"], "{}", self.text);
        }
        for error in problem["errors"].as_array().expect("errors is a list") {
            assert!(
                error["field"].is_string() && error["message"].is_string(),
                "{error}"
            );
        }
        match self.status {
            401 => assert!(!self.header("www-authenticate").is_empty(), "RFC 9110 §11.6.1"),
            405 => assert!(!self.header("allow").is_empty(), "RFC 9110 §15.5.6"),
            429 => assert!(!self.header("retry-after").is_empty(), "when to come again"),
            500.. => {
                let detail = problem["detail"].as_str().unwrap_or_default();
                assert!(
                    detail.starts_with("Something went wrong on our side."),
                    "{}",
                    self.text
                );
                assert_eq!(problem["errors"], serde_json::json!([]), "{}", self.text);
            }
            _ => {}
        }
        self
    }

    /// Holds the problem to name this field among its errors.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn names(&self, field: &str) -> &Self {
        let errors = self.json["errors"].as_array().expect("errors is a list");
        assert!(
            errors.iter().any(|error| error["field"] == field),
            "{field} in {}",
            self.text
        );
        assert!(
            self.text_at("/detail").contains(field),
            "{field} in {}",
            self.text
        );
        self
    }

    /// Holds the problem's detail to contain `words`.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(
            self.text_at("/detail").contains(words),
            "`{words}` in {}",
            self.text
        );
        self
    }
}
