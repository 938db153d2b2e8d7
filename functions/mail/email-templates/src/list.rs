//! The templates that a person can use, page by page: those that come with the product, then their own, the newest first.

use axum::Json;
use axum::extract::State;
use domain::template::{Category, Token};
use domain::{Role, TemplateId};
use mail::ready::{READY_MADE, ReadyMade};
use serde::{Deserialize, Serialize};
use table::template::TEMPLATES_AT_MOST;
use utoipa::{IntoParams, ToSchema};
use web::page::{Part, Wanted};
use web::{Answer, App, Caller, Query, openapi};

use crate::view::{CategoryName, EmailTemplate, Found};

/// How many templates a page has, unless another number is asked for.
const PAGE: u8 = 50;
/// As many as a page may have, which is as many as a person may have.
const ALL: u8 = 100;
const _: () = assert!(TEMPLATES_AT_MOST == ALL as u32);

/// Which templates are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Those that are about this.
    #[param(inline)]
    category: Option<CategoryName>,
    /// Those that come with the product, or those that do not.
    ready_made: Option<bool>,
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// A page of templates.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailTemplateList {
    /// The templates. Of one category, a page may have fewer than were asked for, and more behind it.
    templates: Vec<EmailTemplate>,
    /// How many there are on all pages; null where that would have to be counted.
    total: Option<u32>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// What may stand in a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailTokenList {
    /// The tokens.
    tokens: Vec<EmailToken>,
}

/// What may stand in a template between two pairs of braces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailToken {
    /// Its name, as it stands between the braces.
    name: &'static str,
    /// What it stands for.
    description: &'static str,
    /// What a preview shows in its place.
    sample: &'static str,
}

impl Search {
    fn takes(&self, category: Category) -> bool {
        self.category.is_none_or(|wanted| wanted == category.into())
    }

    /// What tells this list from every other list of the same person's: a cursor is good for one.
    fn name(&self) -> String {
        format!("{:?} {:?}", self.category, self.ready_made)
    }
}

/// The templates that come with the product, then the caller's own, the newest first; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/email-templates", tag = "mail", operation_id = "listEmailTemplates", params(Search),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of templates", body = EmailTemplateList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<Search>,
) -> Answer<Json<EmailTemplateList>> {
    caller.must_be(&Role::WRITERS)?;
    let name = format!("email templates {} {}", caller.id(), search.name());
    let part = Part::new(search.limit, search.cursor.clone());
    let wanted: Wanted<TemplateId> = part.of(&app.cursors, &name, PAGE)?;
    let limit = usize::from(wanted.limit);
    let ready = ready_made(&search, wanted.after);
    let mut found: Vec<_> = ready.iter().copied().take(limit).map(Found::ReadyMade).collect();
    let mut more = ready.len() > limit;
    let mut last = found.last().map(Found::id);
    let own = search.ready_made != Some(true);
    let room = limit - found.len();
    if own && room > 0 {
        let behind = wanted.after.filter(|after| ReadyMade::of(*after).is_none());
        // What no index answers is looked for in all of them: there are never more.
        let read = if search.category.is_some() {
            ALL
        } else {
            wanted.limit
        };
        let (templates, goes_on) = app.table.templates(caller.id(), read, behind).await?;
        more = goes_on;
        last = templates.last().map(|template| template.id).or(last);
        let mut fitting = templates
            .into_iter()
            .filter(|template| search.takes(template.details.category));
        found.extend(
            fitting
                .by_ref()
                .take(room)
                .map(|template| Found::Own(Box::new(template))),
        );
        if fitting.next().is_some() {
            more = true;
            last = found.last().map(Found::id);
        }
    } else if own {
        // Whether there is something behind the last one of the product's is told by the next page.
        more = more || caller.account.usage.templates > 0;
    }
    let next = last.filter(|_| more);
    let total = match (&search, wanted.after, next) {
        (
            Search {
                category: None,
                ready_made,
                ..
            },
            _,
            _,
        ) => Some(match ready_made {
            Some(true) => COUNT,
            Some(false) => caller.account.usage.templates,
            None => COUNT + caller.account.usage.templates,
        }),
        (_, None, None) => u32::try_from(found.len()).ok(),
        _ => None,
    };
    let counts = app.table.all_template_counts(caller.id()).await?;
    let shown = found.into_iter().map(|found| {
        let counts = counts.get(&found.id()).copied().unwrap_or_default();
        found.shown(counts)
    });
    Ok(Json(EmailTemplateList {
        templates: shown.collect(),
        total,
        next_cursor: next.map(|last| app.cursors.make(&name, &last)),
    }))
}

/// How many come with the product.
#[expect(clippy::cast_possible_truncation, reason = "a handful")]
const COUNT: u32 = READY_MADE.len() as u32;

/// Those of the product that are wanted, from the one behind `after`.
fn ready_made(search: &Search, after: Option<TemplateId>) -> Vec<&'static ReadyMade> {
    if search.ready_made == Some(false) || after.is_some_and(|after| ReadyMade::of(after).is_none()) {
        return Vec::new();
    }
    let behind = READY_MADE
        .iter()
        .filter(|ready| after.is_none_or(|after| ready.id() > after));
    behind.filter(|ready| search.takes(ready.category)).collect()
}

/// The tokens that may stand in a template, each with what it stands for and a sample.
#[utoipa::path(
    get, path = "/api/email-templates/tokens", tag = "mail", operation_id = "listEmailTokens",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The tokens", body = EmailTokenList),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn tokens(caller: Caller) -> Answer<Json<EmailTokenList>> {
    caller.must_be(&Role::WRITERS)?;
    let tokens = Token::ALL.iter().map(|token| EmailToken {
        name: token.as_str(),
        description: token.description(),
        sample: token.sample(),
    });
    Ok(Json(EmailTokenList {
        tokens: tokens.collect(),
    }))
}
