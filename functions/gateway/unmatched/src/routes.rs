//! The paths of the API and their methods.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The paths and their methods.
#[derive(Debug)]
pub(crate) struct Routes(Vec<(Vec<String>, Vec<String>)>);

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, IgnoredAny>>,
}

impl Routes {
    /// The routes of an OpenAPI document.
    pub(crate) fn of(document: &str) -> serde_json::Result<Self> {
        let document: Document = serde_json::from_str(document)?;
        let segments = |path: &str| path.split('/').map(str::to_owned).collect();
        let methods = |methods: BTreeMap<String, IgnoredAny>| {
            methods
                .into_keys()
                .map(|method| method.to_ascii_uppercase())
                .collect()
        };
        Ok(Self(
            document
                .paths
                .into_iter()
                .map(|(path, found)| (segments(&path), methods(found)))
                .collect(),
        ))
    }

    /// The methods that `path` answers, if it is a path of the API. A fixed path counts before one with a parameter.
    pub(crate) fn methods_of(&self, path: &str) -> Option<&[String]> {
        let asked: Vec<_> = path.split('/').collect();
        let matching = self.0.iter().filter(|(pattern, _)| matches(pattern, &asked));
        matching
            .min_by_key(|(pattern, _)| pattern.iter().filter(|segment| is_parameter(segment)).count())
            .map(|(_, methods)| methods.as_slice())
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn matches(pattern: &[String], asked: &[&str]) -> bool {
    pattern.len() == asked.len()
        && pattern.iter().zip(asked).all(|(segment, asked)| {
            if is_parameter(segment) {
                !asked.is_empty()
            } else {
                segment == asked
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_with_its_methods_and_a_fixed_one_counts_first() {
        let document = r#"{"paths": {"/a/{id}": {"get": {}, "delete": {}}, "/a/stats": {"get": {}}}}"#;
        let routes = Routes::of(document).unwrap();
        assert_eq!(routes.methods_of("/a/7").unwrap(), ["DELETE", "GET"]);
        assert_eq!(routes.methods_of("/a/stats").unwrap(), ["GET"]);
        assert_eq!(routes.methods_of("/a/"), None);
        assert_eq!(routes.methods_of("/b"), None);
    }
}
