//! One template: made, shown, changed, copied, deleted.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use domain::template::{TemplateName, Token};
use domain::{Role, TemplateId};
use http::StatusCode;
use mail::ready::ReadyMade;
use mail::template::{Problems, Source};
use table::template::{AddError, Changed, Counts, Details, TEMPLATES_AT_MOST, Template};
use utoipa::ToSchema;
use web::again::{Attempt, Meetings, unless_met};
use web::idempotency::Operation;
use web::problem::FieldError;
use web::{Answer, App, Body, Caller, Id, Patch, Problem, openapi};

use crate::view::{CategoryName, EmailTemplate, Found};

/// A template that is made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `table::template::Details`")]
pub(crate) struct NewEmailTemplate {
    /// What it is called.
    #[schema(
        max_length = 200,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    name: String,
    /// What it is about.
    category: CategoryName,
    /// The subject: one line, which may have tokens in it, such as `{{tenant_name}}`.
    #[schema(max_length = 200)]
    subject: String,
    /// The body: text, which may have tokens in it. An empty line begins a paragraph, `# ` a heading, `- ` an item of a list;
    /// `**strong**`, `*emphasis*` and `[label](https://…)` stand within a line, and a link that has a line of its own is a button.
    #[schema(max_length = 20_000)]
    body: String,
}

/// What is to change of a template.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = EmailTemplateChange)]
#[expect(dead_code, reason = "describes what `Patch` holds")]
pub(crate) struct Change {
    /// What it is called.
    #[schema(
        max_length = 200,
        nullable = false,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    name: Option<String>,
    /// What it is about.
    #[schema(nullable = false)]
    category: Option<CategoryName>,
    /// The subject.
    #[schema(max_length = 200, nullable = false)]
    subject: Option<String>,
    /// The body.
    #[schema(max_length = 20_000, nullable = false)]
    body: Option<String>,
}

/// Makes a template. What is wrong with its subject or its body is named, with its place.
#[utoipa::path(
    post, path = "/api/email-templates", tag = "mail", operation_id = "addEmailTemplate", request_body = NewEmailTemplate,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The template", body = EmailTemplate),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(details): Body<Details>,
) -> Answer<(StatusCode, Json<EmailTemplate>)> {
    caller.must_be(&Role::WRITERS)?;
    let tokens = tokens_of(&details)?;
    added(&app, &caller, operation, details, tokens).await
}

/// A template of the caller's, or one that comes with the product.
#[utoipa::path(
    get, path = "/api/email-templates/{id}", tag = "mail", operation_id = "getEmailTemplate",
    params(("id" = String, Path, description = "The template")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The template", body = EmailTemplate),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TemplateId>,
) -> Answer<Json<EmailTemplate>> {
    caller.must_be(&Role::WRITERS)?;
    let found = find(&app, &caller, id).await?;
    let counts = app.table.template_counts(caller.id(), id).await?;
    Ok(Json(found.shown(counts)))
}

/// Changes what is named of a template. Another wording has another number; mails that were sent stay as they are.
#[utoipa::path(
    patch, path = "/api/email-templates/{id}", tag = "mail", operation_id = "changeEmailTemplate",
    params(("id" = String, Path, description = "The template")), request_body = Change,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The template as it is now", body = EmailTemplate),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    patch: Patch,
) -> Answer<Json<EmailTemplate>> {
    caller.must_be(&Role::WRITERS)?;
    may_change(id)?;
    let mut meetings = Meetings::default();
    loop {
        let known = own(&app, &caller, id).await?;
        let details: Details = patch.applied_to(&known.details)?;
        let tokens = tokens_of(&details)?;
        let attempt = if details == known.details {
            Attempt::Done(Changed::Now(Box::new(known)))
        } else {
            let changed = app
                .table
                .change_template(caller.id(), &known, &details, &tokens)
                .await;
            unless_met(changed)?
        };
        match attempt {
            Attempt::Done(Changed::Now(template)) => {
                let counts = app.table.template_counts(caller.id(), id).await?;
                return Ok(Json(EmailTemplate::of(*template, counts)));
            }
            Attempt::Done(Changed::Outdated) | Attempt::Again => meetings.wait().await?,
        }
    }
}

/// Deletes a template. What was sent with it stays as it is.
#[utoipa::path(
    delete, path = "/api/email-templates/{id}", tag = "mail", operation_id = "deleteEmailTemplate",
    params(("id" = String, Path, description = "The template")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is deleted"),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TemplateId>,
) -> Answer<StatusCode> {
    caller.must_be(&Role::WRITERS)?;
    may_change(id)?;
    if app.table.delete_template(caller.id(), id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(absent())
    }
}

/// Makes a copy of a template of the caller's, or of one that comes with the product. The copy is the caller's, to be changed.
#[utoipa::path(
    post, path = "/api/email-templates/{id}/duplicate", tag = "mail", operation_id = "duplicateEmailTemplate",
    params(("id" = String, Path, description = "The template")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The copy", body = EmailTemplate),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn duplicate(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Id(id): Id<TemplateId>,
) -> Answer<(StatusCode, Json<EmailTemplate>)> {
    caller.must_be(&Role::WRITERS)?;
    let (details, tokens) = match find(&app, &caller, id).await? {
        Found::Own(template) => (template.details, template.tokens),
        Found::ReadyMade(ready) => {
            let details = Details {
                name: name(ready.name)?,
                category: ready.category,
                subject: ready.subject.to_owned(),
                body: ready.body.to_owned(),
            };
            let tokens = tokens_of(&details)?;
            (details, tokens)
        }
    };
    let details = Details {
        name: name(&copy_of(details.name.as_str()))?,
        ..details
    };
    added(&app, &caller, operation, details, tokens).await
}

/// What a copy of the template of this name is called, in as many characters as a name may have.
fn copy_of(name: &str) -> String {
    let copy = format!("Copy of {name}");
    copy.chars().take(TemplateName::MAX_LENGTH).collect()
}

fn name(text: &str) -> Answer<TemplateName> {
    TemplateName::try_from(text.to_owned()).map_err(|error| {
        tracing::error!(%error, "a name that we made is none");
        Problem::internal()
    })
}

async fn added(
    app: &App,
    caller: &Caller,
    operation: Operation,
    details: Details,
    tokens: BTreeSet<Token>,
) -> Answer<(StatusCode, Json<EmailTemplate>)> {
    let id = TemplateId::from_bytes(operation.id("template"));
    let template = Template::new(id, details, tokens, app.table.now());
    let template = app
        .table
        .add_template(caller.id(), template)
        .await
        .map_err(|error| match error {
            AddError::Full => full(),
            AddError::Table(error) => error.into(),
        })?;
    Ok((
        StatusCode::CREATED,
        Json(EmailTemplate::of(template, Counts::default())),
    ))
}

/// A template of the caller's, or one that comes with the product.
pub(crate) async fn find(app: &App, caller: &Caller, id: TemplateId) -> Answer<Found> {
    match ReadyMade::of(id) {
        Some(ready) => Ok(Found::ReadyMade(ready)),
        None => Ok(Found::Own(Box::new(own(app, caller, id).await?))),
    }
}

async fn own(app: &App, caller: &Caller, id: TemplateId) -> Answer<Template> {
    app.table.template(caller.id(), id).await?.ok_or_else(absent)
}

/// The tokens of what is said, if it makes a template.
fn tokens_of(details: &Details) -> Answer<BTreeSet<Token>> {
    let source = Source::parse(&details.subject, &details.body);
    source
        .map(|source| source.tokens())
        .map_err(|problems| refused(&problems))
}

/// Everything that is wrong with a template, each with its part and its place.
fn refused(problems: &Problems) -> Problem {
    let errors = problems.iter().map(|problem| FieldError {
        field: problem.part.as_str().to_owned(),
        message: problem.to_string(),
    });
    Problem::fields(errors.collect())
}

/// What comes with the product is changed by nobody.
fn may_change(id: TemplateId) -> Answer<()> {
    match ReadyMade::of(id) {
        Some(_) => Err(Problem::forbidden(
            "ready_made",
            "This template comes with the product. Duplicate it, and change the copy.",
        )),
        None => Ok(()),
    }
}

fn absent() -> Problem {
    Problem::not_found("template")
}

fn full() -> Problem {
    Problem::conflict(
        "too_many_templates",
        format!("You have {TEMPLATES_AT_MOST} templates, and there can be no more. Delete one."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_with_its_part_and_its_place() {
        let problems = Source::parse("Hi {{tenant_nam}}", "a\n{{{savings}}}").unwrap_err();
        let problem = format!("{:?}", refused(&problems));
        for told in [
            r#"field: "subject""#,
            "column 4: {{tenant_nam}} is no token; did you mean {{tenant_name}}?",
            r#"field: "body""#,
            "line 2, column 1: a token stands between two pairs of braces",
        ] {
            assert!(problem.contains(told), "{told}: {problem}");
        }
    }

    #[test]
    fn the_name_of_a_copy_is_a_name_however_long_the_first_was() {
        assert_eq!(
            name(&copy_of("Renewal offer")).unwrap().as_str(),
            "Copy of Renewal offer"
        );
        assert_eq!(
            name(&copy_of(&"é".repeat(200))).unwrap().as_str().chars().count(),
            200
        );
    }
}
