//! What the operations are asked, and whether it may be asked
//! (<https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html>).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::TextractError;

/// The most queries of one synchronous and of one asynchronous request.
const MAX_QUERIES: usize = 15;
const MAX_QUERIES_ASYNCHRONOUS: usize = 30;
/// The longest query, in characters.
const MAX_QUERY: usize = 200;
/// The longest token and the longest tag.
const MAX_NAME: usize = 64;

/// What is looked for beyond words and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Feature {
    Tables,
    Forms,
    Queries,
    Signatures,
    Layout,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3Object {
    pub(super) bucket: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub(super) bytes: Option<String>,
    #[serde(rename = "S3Object")]
    pub(super) s3_object: Option<S3Object>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DocumentLocation {
    #[serde(rename = "S3Object")]
    pub(super) s3_object: S3Object,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Query {
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alias: Option<String>,
    /// The pages to look at: `1`, `2-4`, `2-*`, `*`. The first one unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pages: Option<Vec<String>>,
}

impl Query {
    /// Whether this page is to be looked at.
    pub(super) fn asks(&self, page: usize) -> bool {
        match self.pages.as_deref() {
            None | Some([]) => page == 1,
            Some(pages) => pages
                .iter()
                .filter_map(|range| bounds(range))
                .any(|(first, last)| (first..=last).contains(&page)),
        }
    }
}

/// The first and the last page of `1`, `2-4`, `2-*` or `*`.
fn bounds(range: &str) -> Option<(usize, usize)> {
    let number = |text: &str| match text {
        "*" => Some(usize::MAX),
        number => number.parse().ok().filter(|page| *page > 0),
    };
    let (first, last) = match range.split_once('-') {
        None if range == "*" => (1, usize::MAX),
        None => (number(range)?, number(range)?),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    (first <= last && first != usize::MAX).then_some((first, last))
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueriesConfig {
    pub(super) queries: Vec<Query>,
}

/// Where the end of a job is told, and the role that may do so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NotificationChannel {
    #[serde(rename = "SNSTopicArn")]
    pub(super) topic: String,
    pub(super) role_arn: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AnalyzeDocument {
    pub(super) document: Document,
    pub(super) feature_types: Vec<Feature>,
    pub(super) queries_config: Option<QueriesConfig>,
}

/// A job's request. What it says besides its token is what makes two requests the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct StartDocumentAnalysis {
    pub(super) document_location: DocumentLocation,
    pub(super) feature_types: Vec<Feature>,
    pub(super) queries_config: Option<QueriesConfig>,
    pub(super) client_request_token: Option<String>,
    pub(super) job_tag: Option<String>,
    pub(super) notification_channel: Option<NotificationChannel>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetDocumentAnalysis {
    pub(super) job_id: String,
    pub(super) max_results: Option<usize>,
    pub(super) next_token: Option<String>,
}

/// Reads a request. A member that this stand-in does not know is refused, so that no one relies on it.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, TextractError> {
    serde_json::from_slice(body).map_err(|error| TextractError::invalid(error.to_string()))
}

/// What is looked for in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) features: Vec<Feature>,
    pub(super) queries: Vec<Query>,
}

impl Wanted {
    fn new(
        features: &[Feature],
        queries: Option<&QueriesConfig>,
        max_queries: usize,
    ) -> Result<Self, TextractError> {
        if features.is_empty() {
            return Err(TextractError::invalid(
                "FeatureTypes must name at least one feature",
            ));
        }
        if features.contains(&Feature::Layout) {
            return Err(TextractError::invalid("LAYOUT is not known to the local system"));
        }
        let queries = queries.map(|config| config.queries.clone()).unwrap_or_default();
        if features.contains(&Feature::Queries) == queries.is_empty() {
            let message = "QUERIES needs a QueriesConfig with at least one query, and the other way round";
            return Err(TextractError::invalid(message));
        }
        if queries.len() > max_queries {
            return Err(TextractError::invalid(format!(
                "there are more than {max_queries} queries"
            )));
        }
        for query in &queries {
            let pages = query.pages.iter().flatten();
            if query.text.is_empty()
                || query.text.chars().count() > MAX_QUERY
                || query
                    .alias
                    .as_ref()
                    .is_some_and(|alias| alias.chars().count() > MAX_QUERY)
                || pages.clone().any(|range| bounds(range).is_none())
            {
                return Err(TextractError::invalid(format!(
                    "the query `{}` is not valid",
                    query.text
                )));
            }
        }
        Ok(Self {
            features: features.to_vec(),
            queries,
        })
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

impl AnalyzeDocument {
    pub(super) fn wanted(&self) -> Result<Wanted, TextractError> {
        Wanted::new(&self.feature_types, self.queries_config.as_ref(), MAX_QUERIES)
    }
}

impl StartDocumentAnalysis {
    pub(super) fn wanted(&self) -> Result<Wanted, TextractError> {
        Wanted::new(
            &self.feature_types,
            self.queries_config.as_ref(),
            MAX_QUERIES_ASYNCHRONOUS,
        )
    }

    /// Whether token and tag have the form that Textract asks for.
    pub(super) fn check_names(&self) -> Result<(), TextractError> {
        let fits = |name: &str, more: &str| {
            (1..=MAX_NAME).contains(&name.len())
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        match (&self.client_request_token, &self.job_tag) {
            (Some(token), _) if !fits(token, "-_") => {
                Err(TextractError::invalid("ClientRequestToken is not valid"))
            }
            (_, Some(tag)) if !fits(tag, "_.-:") => Err(TextractError::invalid("JobTag is not valid")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pages: Option<&[&str]>) -> Query {
        Query {
            text: "What is the rent?".into(),
            alias: None,
            pages: pages.map(|pages| pages.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn a_query_is_about_the_first_page_unless_it_names_others() {
        let asked = |pages: Option<&[&str]>| {
            (1..=5)
                .filter(|page| query(pages).asks(*page))
                .collect::<Vec<_>>()
        };
        assert_eq!(asked(None), [1]);
        assert_eq!(asked(Some(&["*"])), [1, 2, 3, 4, 5]);
        assert_eq!(asked(Some(&["1", "3-4"])), [1, 3, 4]);
        assert_eq!(asked(Some(&["4-*"])), [4, 5]);
    }

    #[test]
    fn ranges_of_pages_that_make_no_sense_are_refused() {
        for range in ["0", "x", "3-2", "*-2", ""] {
            let config = QueriesConfig {
                queries: vec![query(Some(&[range]))],
            };
            assert!(
                Wanted::new(&[Feature::Queries], Some(&config), 1).is_err(),
                "{range}"
            );
        }
    }
}
