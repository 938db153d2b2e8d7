//! A template as a mail, before it is one: with what the request says, what is known, and samples.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use domain::template::{Token, Value, Values};
use domain::{PropertyId, Role, TemplateId};
use mail::template::{Footer, RenderError, Source};
use serde::{Deserialize, Serialize};
use table::account::Account;
use table::merge;
use table::property::Property;
use utoipa::ToSchema;
use web::problem::FieldError;
use web::{Answer, App, Body, Caller, Id, Problem, openapi};

use crate::template::find;
use crate::view::Found;

/// Stands where each reader's mail has a link of its own.
const NO_LINK: &str = "#";

/// With what a template is to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EmailPreviewRequest)]
pub(crate) struct Wish {
    /// What stands for which token: names of tokens, each with a text.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    values: Values,
    /// A property of the caller's, whose address, tenant, rent and lease are taken where `values` says nothing.
    #[schema(value_type = Option<String>, pattern = "^prop_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    property_id: Option<PropertyId>,
    /// Whether samples stand where nothing is known. Without them, what is missing is named, as it would be if it were sent.
    #[serde(default = "yes")]
    #[schema(required = false, default = true)]
    samples: bool,
}

fn yes() -> bool {
    true
}

/// A template as a mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailPreview {
    /// The subject.
    subject: String,
    /// What mail programs show that show HTML.
    html: String,
    /// What the others show.
    text: String,
    /// What stands for each token of the template, and where it is from.
    values: Vec<EmailPreviewValue>,
}

/// What stands for a token.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct EmailPreviewValue {
    /// The token.
    token: &'static str,
    /// What stands for it.
    value: String,
    /// Where that is from.
    from: Origin,
}

/// Where a value is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EmailPreviewOrigin)]
pub(crate) enum Origin {
    /// The request says so.
    Request,
    /// The property is so.
    Property,
    /// The account is so.
    Account,
    /// It is made up.
    Sample,
}

impl From<merge::Origin> for Origin {
    fn from(origin: merge::Origin) -> Self {
        match origin {
            merge::Origin::Said => Self::Request,
            merge::Origin::Property => Self::Property,
            merge::Origin::Account => Self::Account,
        }
    }
}

/// Shows what a template becomes in a mail. Nothing is sent.
#[utoipa::path(
    post, path = "/api/email-templates/{id}/preview", tag = "mail", operation_id = "previewEmailTemplate",
    params(("id" = String, Path, description = "The template")), request_body = Wish,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The mail", body = EmailPreview),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    Body(wish): Body<Wish>,
) -> Answer<Json<EmailPreview>> {
    caller.must_be(&Role::WRITERS)?;
    let found = find(&app, &caller, id).await?;
    let property = match wish.property_id {
        Some(property) => {
            let property = app.table.property(caller.id(), property).await?;
            Some(property.ok_or_else(|| Problem::not_found("property"))?)
        }
        None => None,
    };
    let source = match &found {
        Found::Own(template) => Source::parse(&template.details.subject, &template.details.body),
        Found::ReadyMade(ready) => ready.source(),
    };
    let source = source.map_err(|problems| {
        tracing::error!(template = %id, faults = problems.iter().count(), "a template that was saved cannot be read");
        Problem::internal()
    })?;
    let known = filled(&source, wish, property.as_ref(), &caller.account)?;
    let values = known
        .iter()
        .map(|(token, (value, _))| (*token, value.clone()))
        .collect();
    let footer = Footer {
        sender: caller.account.name.as_str(),
        postal: None,
        unsubscribe: Some(NO_LINK),
    };
    let mail = source.render(&values, &footer).map_err(refused)?;
    let values = known.into_iter().map(|(token, (value, from))| EmailPreviewValue {
        token: token.as_str(),
        value: value.into(),
        from,
    });
    Ok(Json(EmailPreview {
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        values: values.collect(),
    }))
}

/// What stands for each token of a template.
fn filled(
    source: &Source,
    wish: Wish,
    property: Option<&Property>,
    account: &Account,
) -> Answer<BTreeMap<Token, (Value, Origin)>> {
    let merged = merge::merged(source.tokens(), wish.values, property, account);
    let known = merged.known.into_iter();
    let mut known: BTreeMap<_, _> = known
        .map(|(token, (value, from))| (token, (value, from.into())))
        .collect();
    let mut missing = Vec::new();
    for token in merged.missing {
        match token.sample().parse().ok().filter(|_| wish.samples) {
            Some(sample) => {
                known.insert(token, (sample, Origin::Sample));
            }
            None => missing.push(FieldError {
                field: format!("values.{}", token.as_str()),
                message: format!("is required: {token} stands in the template"),
            }),
        }
    }
    if missing.is_empty() {
        Ok(known)
    } else {
        Err(Problem::fields(missing))
    }
}

fn refused(error: RenderError) -> Problem {
    match error {
        RenderError::SubjectTooLong | RenderError::TooLarge => Problem::field("values", error),
        // It was seen that there is a value for each.
        RenderError::Missing(_) | RenderError::Layout(_) => {
            tracing::error!(%error, "a template cannot be rendered");
            Problem::internal()
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use jiff::Timestamp;

    use super::*;

    fn account() -> Account {
        let name = "Lena Lord".to_owned().try_into().unwrap();
        Account::new(
            UserId::from_bytes([1; 16]),
            "lena@example.com".parse().unwrap(),
            name,
        )
    }

    fn elm() -> Property {
        let details = serde_json::json!({
            "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "zipCode": "30303", "unitNumber": "4B",
            "tenantName": "Tom Tenant", "actualRent": 1450.5, "occupancyStatus": "occupied", "leaseEndDate": "2026-05-31",
        });
        let id = PropertyId::from_bytes([2; 16]);
        Property::new(
            id,
            serde_json::from_value(details).unwrap(),
            table::property::Around::default(),
            Timestamp::UNIX_EPOCH,
        )
    }

    fn wish(more: serde_json::Value) -> Wish {
        serde_json::from_value(more).unwrap()
    }

    fn source() -> Source {
        Source::parse(
            "{{unit_number}}",
            "{{tenant_name}} {{property_address}} {{current_rent}} {{lease_end}} {{landlord_name}} {{savings}}",
        )
        .unwrap()
    }

    #[test]
    fn what_the_request_says_counts_before_what_is_known_and_that_before_samples() {
        let wish = wish(serde_json::json!({ "values": { "tenant_name": "Ana" } }));
        let known = filled(&source(), wish, Some(&elm()), &account()).unwrap();
        let seen: Vec<_> = known
            .iter()
            .map(|(token, (value, from))| (token.as_str(), value.as_str().to_owned(), *from))
            .collect();
        let seen: Vec<_> = seen
            .iter()
            .map(|(token, value, from)| (*token, value.as_str(), *from))
            .collect();
        assert_eq!(
            seen,
            [
                ("tenant_name", "Ana", Origin::Request),
                ("landlord_name", "Lena Lord", Origin::Account),
                (
                    "property_address",
                    "12 Elm St, Atlanta, GA 30303",
                    Origin::Property
                ),
                ("unit_number", "4B", Origin::Property),
                ("current_rent", "$1,450.50", Origin::Property),
                ("lease_end", "May 31, 2026", Origin::Property),
                ("savings", Token::Savings.sample(), Origin::Sample),
            ]
        );
    }

    #[test]
    fn without_samples_what_is_missing_is_named() {
        let wish = wish(serde_json::json!({ "samples": false }));
        let problem = filled(&source(), wish, Some(&elm()), &account()).unwrap_err();
        let problem = format!("{problem:?}");
        assert!(problem.contains(r#"field: "values.savings""#), "{problem}");
        assert!(!problem.contains("values.tenant_name"), "{problem}");
    }
}
