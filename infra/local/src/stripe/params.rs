//! Reading parameters as Stripe does: every value is text until someone asks for more, and what nobody knows is
//! refused.

use http::Uri;
use serde_json::{Map, Value};

use super::errors::Error;

/// The longest text that Stripe takes where no other limit is documented, in characters.
const LONGEST_TEXT: usize = 5000;

/// The parameters of a request, or those below one name of it.
#[derive(Clone)]
pub(super) struct Params<'a> {
    name: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Params<'a> {
    /// All parameters of a request.
    pub(super) fn new(fields: &'a Map<String, Value>) -> Self {
        Self {
            name: String::new(),
            fields,
        }
    }

    /// The full name of a field: `line_items[0][quantity]`.
    pub(super) fn full_name(&self, field: &str) -> String {
        if self.name.is_empty() {
            field.to_owned()
        } else {
            format!("{}[{field}]", self.name)
        }
    }

    /// Refuses every field that is not in one of the lists. `expand` is known everywhere.
    pub(super) fn only(&self, known: &[&[&str]]) -> Result<(), Error> {
        let is_known = |field: &str| field == "expand" || known.iter().any(|list| list.contains(&field));
        let unknown: Vec<String> = self
            .fields
            .keys()
            .filter(|field| !is_known(field))
            .map(|field| self.full_name(field))
            .collect();
        let Some(first) = unknown.first() else {
            return Ok(());
        };
        let plural = if unknown.len() == 1 { "" } else { "s" };
        let message = format!("Received unknown parameter{plural}: {}", unknown.join(", "));
        Err(Error::coded("parameter_unknown", message).at(first))
    }

    /// Refuses fields that Stripe knows and that would change what is charged, but that are not modelled here.
    pub(super) fn not_modelled(&self, fields: &[&str]) -> Result<(), Error> {
        match fields.iter().find(|field| self.fields.contains_key(**field)) {
            Some(field) => {
                let name = self.full_name(field);
                Err(
                    Error::invalid(format!("The local stand-in for Stripe does not model `{name}`."))
                        .at(name),
                )
            }
            None => Ok(()),
        }
    }

    /// The texts of those fields of a list's filter that were sent.
    pub(super) fn wanted(&self, fields: &[&str]) -> Result<Map<String, Value>, Error> {
        let mut wanted = Map::new();
        for field in fields {
            if let Some(value) = self.text(field)? {
                wanted.insert((*field).to_owned(), value.into());
            }
        }
        Ok(wanted)
    }

    /// Whether nothing else was sent than these fields.
    pub(super) fn only_has(&self, fields: &[&str]) -> bool {
        self.fields.keys().all(|field| fields.contains(&field.as_str()))
    }

    /// Whether the field was sent.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// A text of up to 5000 characters.
    pub(super) fn text(&self, field: &str) -> Result<Option<String>, Error> {
        self.text_up_to(field, LONGEST_TEXT)
    }

    /// A text of up to `longest` characters, and not empty: in Stripe's forms an empty value unsets.
    pub(super) fn text_up_to(&self, field: &str, longest: usize) -> Result<Option<String>, Error> {
        let Some(value) = self.fields.get(field) else {
            return Ok(None);
        };
        let name = self.full_name(field);
        let text =
            scalar(value).ok_or_else(|| Error::invalid(format!("Invalid string: {value}")).at(&name))?;
        if text.is_empty() {
            let message = format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; \
                 however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty \
                 value."
            );
            return Err(Error::coded("parameter_invalid_empty", message).at(name));
        }
        let length = text.chars().count();
        if length > longest {
            let start: String = text.chars().take(20).collect();
            let message =
                format!("Invalid string: {start}…; must be at most {longest} characters, but has {length}");
            return Err(Error::invalid(message).at(name));
        }
        Ok(Some(text))
    }

    /// As [`Params::text`], or the error that names the missing parameter.
    pub(super) fn require(&self, field: &str) -> Result<String, Error> {
        self.text(field)?.ok_or_else(|| self.missing(field))
    }

    /// The error for a parameter that must be there.
    pub(super) fn missing(&self, field: &str) -> Error {
        let name = self.full_name(field);
        Error::coded("parameter_missing", format!("Missing required param: {name}.")).at(name)
    }

    /// One of a few words.
    pub(super) fn one_of(&self, field: &str, words: &[&str]) -> Result<Option<String>, Error> {
        match self.text(field)? {
            Some(text) if !words.contains(&text.as_str()) => {
                let name = self.full_name(field);
                let message = format!("Invalid {name}: must be one of {}", words.join(", "));
                Err(Error::invalid(message).at(name))
            }
            text => Ok(text),
        }
    }

    /// A whole number.
    pub(super) fn integer(&self, field: &str) -> Result<Option<i64>, Error> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let message = format!("Invalid integer: {text}");
            Error::coded("parameter_invalid_integer", message).at(self.full_name(field))
        })
    }

    /// A whole number of `least` or more.
    pub(super) fn integer_from(&self, field: &str, least: i64) -> Result<Option<i64>, Error> {
        match self.integer(field)? {
            Some(number) if number < least => {
                let message = format!("This value must be greater than or equal to {least}.");
                Err(Error::coded("parameter_invalid_integer", message).at(self.full_name(field)))
            }
            number => Ok(number),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, field: &str) -> Result<Option<bool>, Error> {
        match self.text(field)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Error::invalid(format!("Invalid boolean: {other}")).at(self.full_name(field))),
        }
    }

    /// An address on the web. Stripe's `{CHECKOUT_SESSION_ID}` may stand in it.
    pub(super) fn url(&self, field: &str) -> Result<Option<String>, Error> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        let uri = text.replace("{CHECKOUT_SESSION_ID}", "id").parse::<Uri>().ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        if uri.as_ref().is_some_and(is_web) {
            return Ok(Some(text));
        }
        Err(Error::coded("url_invalid", "Not a valid URL").at(self.full_name(field)))
    }

    /// The parameters below a name.
    pub(super) fn nested(&self, field: &str) -> Result<Option<Params<'a>>, Error> {
        let Some(value) = self.fields.get(field) else {
            return Ok(None);
        };
        let name = self.full_name(field);
        match value.as_object() {
            Some(fields) => Ok(Some(Params { name, fields })),
            None => Err(Error::invalid(format!("Invalid object: {value}")).at(name)),
        }
    }

    /// A list of objects.
    pub(super) fn list(&self, field: &str) -> Result<Vec<Params<'a>>, Error> {
        self.elements(field)?
            .into_iter()
            .map(|(name, value)| match value.as_object() {
                Some(fields) => Ok(Params { name, fields }),
                None => Err(Error::invalid(format!("Invalid object: {value}")).at(name)),
            })
            .collect()
    }

    /// A list of texts.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, Error> {
        self.elements(field)?
            .into_iter()
            .map(|(name, value)| {
                scalar(value).ok_or_else(|| Error::invalid(format!("Invalid string: {value}")).at(name))
            })
            .collect()
    }

    fn elements(&self, field: &str) -> Result<Vec<(String, &'a Value)>, Error> {
        let Some(value) = self.fields.get(field) else {
            return Ok(Vec::new());
        };
        let name = self.full_name(field);
        let numbered = |map: &'a Map<String, Value>| -> Option<Vec<(usize, &'a Value)>> {
            map.iter()
                .map(|(key, value)| Some((key.parse().ok()?, value)))
                .collect()
        };
        let mut elements = value
            .as_object()
            .and_then(numbered)
            .ok_or_else(|| Error::invalid(format!("Invalid array: {value}")).at(&name))?;
        elements.sort_by_key(|(index, _)| *index);
        Ok(elements
            .into_iter()
            .map(|(index, value)| (format!("{name}[{index}]"), value))
            .collect())
    }

    /// The metadata of an object that has `known` already: keys that are sent replace theirs, an empty value removes one,
    /// and empty metadata removes all.
    pub(super) fn metadata_over(&self, known: &Value) -> Result<Value, Error> {
        let known = known.as_object().cloned().unwrap_or_default();
        match self.fields.get("metadata") {
            None => Ok(known.into()),
            Some(Value::String(text)) if text.is_empty() => Ok(Map::new().into()),
            Some(sent) => {
                let read = self.metadata()?;
                let mut merged = merged(known, sent.as_object().unwrap_or(&Map::new()));
                merged.extend(read.as_object().cloned().unwrap_or_default());
                Ok(merged.into())
            }
        }
    }

    /// Metadata: up to 50 keys of up to 40 characters, with values of up to 500,
    /// <https://docs.stripe.com/api/metadata>. Stripe leaves keys with empty values out.
    pub(super) fn metadata(&self) -> Result<Value, Error> {
        let Some(metadata) = self.nested("metadata")? else {
            return Ok(Map::new().into());
        };
        let mut kept = Map::new();
        for (key, value) in metadata.fields {
            let name = metadata.full_name(key);
            let text =
                scalar(value).ok_or_else(|| Error::invalid(format!("Invalid string: {value}")).at(&name))?;
            let (key_length, text_length) = (key.chars().count(), text.chars().count());
            if key_length > 40 {
                let message = format!(
                    "Metadata keys can have up to 40 characters, but you passed in a key that is {key_length} \
                     characters. Invalid key: {key}"
                );
                return Err(Error::invalid(message).at(name));
            }
            if text_length > 500 {
                let message = format!(
                    "Metadata values can have up to 500 characters, but you passed in a value that is {text_length} \
                     characters. Invalid value: {text}"
                );
                return Err(Error::invalid(message).at(name));
            }
            if !text.is_empty() {
                kept.insert(key.clone(), text.into());
            }
        }
        if kept.len() > 50 {
            let message = format!(
                "Metadata can have up to 50 keys, but you passed in {}.",
                kept.len()
            );
            return Err(Error::invalid(message).at(self.full_name("metadata")));
        }
        Ok(kept.into())
    }
}

/// `known` without what `sent` unsets by an empty text, and with the rest of it.
fn merged(mut known: Map<String, Value>, sent: &Map<String, Value>) -> Map<String, Value> {
    for (key, value) in sent {
        if value == "" {
            known.remove(key);
        }
    }
    known
}

/// A single value as text. Numbers and booleans come only from the JSON that the local controls take.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(error: &Error) -> Value {
        error.body("req_1")["error"]["code"].clone()
    }

    fn with<T>(value: &Value, read: impl FnOnce(&Params) -> T) -> T {
        read(&Params::new(value.as_object().unwrap()))
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let error = with(&json!({ "mode": "payment", "price": "1" }), |params| {
            params.only(&[&["mode"]])
        })
        .unwrap_err();
        let body = error.body("req_1");
        assert_eq!(body["error"]["code"], "parameter_unknown");
        assert_eq!(body["error"]["param"], "price");
        assert_eq!(body["error"]["message"], "Received unknown parameter: price");
    }

    #[test]
    fn lists_follow_their_indices_and_not_their_order() {
        let value = json!({ "expand": { "10": "c", "2": "b", "0": "a" } });
        assert_eq!(
            with(&value, |params| params.texts("expand")).unwrap(),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn an_empty_value_is_refused() {
        let error = with(&json!({ "customer": "" }), |params| params.text("customer")).unwrap_err();
        assert_eq!(code(&error), "parameter_invalid_empty");
    }

    #[test]
    fn metadata_is_held_to_its_limits() {
        let read = |value: Value| {
            with(&json!({ "metadata": value }), |params| {
                params.only(&[&["metadata"]]).and(params.metadata())
            })
        };
        assert!(read(json!({ "k".repeat(40): "v".repeat(500) })).is_ok());
        assert!(read(json!({ "k".repeat(41): "v" })).is_err());
        assert!(read(json!({ "k": "v".repeat(501) })).is_err());
        let many =
            |count: usize| Value::Object((0..count).map(|key| (key.to_string(), "v".into())).collect());
        assert!(read(many(50)).is_ok());
        assert!(read(many(51)).is_err());
        assert_eq!(read(json!({ "a": "", "b": "1" })).unwrap(), json!({ "b": "1" }));
    }

    #[test]
    fn only_addresses_on_the_web_are_urls() {
        let url = |text: &str| with(&json!({ "u": text }), |params| params.url("u"));
        assert!(url("http://127.0.0.1:5173/ok?session_id={CHECKOUT_SESSION_ID}").is_ok());
        for text in ["javascript:alert(1)", "/ok", "ok", "mailto:a@b.c"] {
            assert_eq!(code(&url(text).unwrap_err()), "url_invalid", "{text}");
        }
    }
}
