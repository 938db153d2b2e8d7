//! Properties as sheets: entered and changed by one, and written into one.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::plan::{Limited, Limits};
use domain::property::Details;
use domain::{PropertyId, Role};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use spreadsheets::properties::{Computed, Export, Import, MOST_BYTES, MOST_ROWS, Read};
use spreadsheets::sheet::{Refusal, Wrong};
use table::import::Row;
use table::property::{Around, Order, Position, Property, READ_AT_MOST, Wish};
use utoipa::{IntoParams, ToSchema};
use web::problem::FieldError;
use web::{Answer, App, Caller, Problem, Query, input, openapi};

use crate::around::Markets;
use crate::property::{full, refused as refused_by_plan};
use crate::view::LandlordProperty;

/// How many of the properties are shown in the answer.
const SHOWN: usize = 20;
/// How many wrong fields of each row are named at least, where there are too many for an answer.
const NAMED_OF_A_ROW: u32 = 2;
/// How many wrong fields are named in any case.
const NAMED: usize = MOST_ROWS * 2;

/// How a sheet is to be taken.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// Only say what would come of it.
    #[serde(default)]
    #[param(required = false)]
    preview: bool,
    /// Take the rows that are right, though others are wrong.
    #[serde(default)]
    #[param(required = false)]
    partial: bool,
}

/// What came of a sheet, or would.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportReport {
    /// Whether nothing was written, because only a preview was asked for.
    preview: bool,
    /// How many rows there are.
    rows: usize,
    /// How many properties are entered, by this attempt or by an earlier one at the same sheet.
    entered: usize,
    /// How many are changed.
    changed: usize,
    /// How many are as the sheet says already.
    unchanged: usize,
    /// How many more the plan allows before this; null if it sets no limit.
    room: Option<u32>,
    /// What is wrong with the rows that are not taken.
    wrong: Vec<WrongField>,
    /// What each column was taken for.
    columns: Vec<ColumnTaken>,
    /// The columns that are not read.
    ignored: Vec<String>,
    /// The first 20 of the properties.
    properties: Vec<LandlordProperty>,
}

/// Something in a row that is wrong.
#[derive(Debug, Serialize, ToSchema)]
struct WrongField {
    /// The line on which the row begins; the first of the file is 1.
    line: u64,
    /// The field; none if it is about the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What its column is called in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// What is wrong with it.
    message: String,
}

/// What a column was taken for.
#[derive(Debug, Serialize, ToSchema)]
struct ColumnTaken {
    /// What it is called in the file.
    column: String,
    /// The field.
    field: &'static str,
}

/// Where an export goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// As the `Link` of the part before says.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl std::convert::From<Wrong> for WrongField {
    fn from(wrong: Wrong) -> Self {
        Self {
            line: wrong.line,
            field: wrong.field,
            column: wrong.column,
            message: wrong.message,
        }
    }
}

/// Enters the properties of a sheet (CSV, up to 5,000 rows), and changes those that it names by id. All or nothing, unless
/// `partial`; the same sheet sent again within 30 days enters nothing twice, and finishes what broke off.
#[utoipa::path(
    post, path = "/api/landlord/properties/import", tag = "portfolio", operation_id = "importProperties", params(How),
    request_body(content = String, content_type = "text/csv", description = "The sheet: its first line names the columns"),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "What came of it", body = ImportReport),
        openapi::BadSheet, openapi::NotSignedIn, openapi::Unpaid, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn import(
    State(app): State<App>,
    caller: Caller,
    Query(how): Query<How>,
    request: Request,
) -> Answer<Json<ImportReport>> {
    caller.must_be(&[Role::Landlord])?;
    no_form(request.headers())?;
    let bytes = input::read(request, MOST_BYTES).await?;
    let mut sheet = Import::read(&bytes).map_err(|refusal| refused(&refusal))?;
    let known = known(&app, &caller, &mut sheet).await?;
    if !(sheet.wrong.is_empty() || how.partial || how.preview) {
        return Err(wrong_rows(&sheet));
    }
    let now = app.table.now();
    let limits = Limits::of(caller.account.billing.subscription.as_ref(), now);
    let room = limits
        .on(Limited::Units)
        .map(|most| most.saturating_sub(caller.account.usage.units));
    let entered = sheet.properties.iter().filter(|read| read.id.is_none()).count();
    if !how.preview
        && limits
            .on(Limited::Units)
            .is_some_and(|most| entered > most as usize)
    {
        // The plan has no room for them even if there were no others.
        return Err(full(limits));
    }
    let asked = Asked {
        sheet: &sheet,
        known: &known,
        now,
    };
    // In a preview the lines stand for ids that nobody has drawn yet.
    let noted = if how.preview {
        None
    } else {
        let new = sheet.properties.iter().filter(|read| read.id.is_none());
        let lines: Vec<u64> = new.map(|read| read.line).collect();
        Some(app.table.begin_import(caller.id(), &bytes, &lines).await?)
    };
    let id = |read: &Read| {
        noted
            .as_ref()
            .map_or(PropertyId::from_bytes([0; 16]), |noted| noted.id(read.line))
    };
    let mut rows = asked.rows(id)?;
    let there = |row: &Row| {
        noted
            .as_ref()
            .and_then(|noted| noted.there(row.property().id))
            .cloned()
    };
    let properties: Vec<Property> = rows
        .iter()
        .map(|row| there(row).unwrap_or_else(|| row.property().clone()))
        .collect();
    let markets = Markets::today_or_last(&app.table, &properties).await?;
    for row in &mut rows {
        match row {
            Row::New(property) => *property = property.in_market(markets.bearing(property, now), now),
            Row::Changed { new, .. } => *new = new.in_market(markets.bearing(new, now), now),
        }
    }
    let mut report = ImportReport {
        preview: how.preview,
        rows: sheet.rows,
        entered,
        changed: rows.len() - entered,
        unchanged: sheet.properties.len() - rows.len(),
        room,
        wrong: Vec::new(),
        columns: Vec::new(),
        ignored: sheet.ignored.clone(),
        properties: properties
            .into_iter()
            .take(SHOWN)
            .map(|property| LandlordProperty::of(property, &markets, now))
            .collect(),
    };
    if let Some(noted) = noted {
        let written = app.table.import(caller.id(), &noted, rows, limits).await;
        written.map_err(|error| refused_by_plan(error, limits))?;
    }
    report.wrong = told(sheet.wrong).into_iter().map(WrongField::from).collect();
    report.columns = sheet
        .columns
        .into_iter()
        .map(|taken| ColumnTaken {
            column: taken.column,
            field: taken.field,
        })
        .collect();
    Ok(Json(report))
}

fn no_form(headers: &HeaderMap) -> Answer<()> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/") || kind.contains("form-urlencoded")) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_csv",
            "Send the file itself as the body, with `Content-Type: text/csv`, and not as a part of a form.",
        ));
    }
    Ok(())
}

fn refused(refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    Problem::new(status, "unreadable_sheet", refusal.to_string())
}

/// The caller's properties that the sheet names by id; those that it names in vain are wrong.
async fn known(app: &App, caller: &Caller, sheet: &mut Import) -> Answer<HashMap<PropertyId, Property>> {
    let ids: Vec<PropertyId> = sheet.properties.iter().filter_map(|read| read.id).collect();
    let found = app.table.properties_of_ids(caller.id(), &ids).await?;
    let found: HashMap<PropertyId, Property> = found.into_iter().map(|it| (it.id, it)).collect();
    let mut named: HashMap<PropertyId, u64> = HashMap::new();
    let wrong = &mut sheet.wrong;
    sheet.properties.retain(|read| {
        let Some(id) = read.id else { return true };
        let message = match (found.contains_key(&id), named.insert(id, read.line)) {
            (true, None) => return true,
            (true, Some(line)) => format!("is the id of line {line} as well"),
            (false, _) => "is the id of no property of yours; leave it out to enter a new one".to_owned(),
        };
        wrong.push(Wrong {
            line: read.line,
            field: Some("id".to_owned()),
            column: None,
            message,
        });
        false
    });
    wrong.sort_by_key(|wrong| wrong.line);
    Ok(found)
}

/// What is wrong, as far as an answer has room for it: something of every row that is.
fn told(mut wrong: Vec<Wrong>) -> Vec<Wrong> {
    if wrong.len() > NAMED {
        let (mut line, mut named) = (0, 0);
        wrong.retain(|wrong| {
            named = if wrong.line == line { named + 1 } else { 1 };
            line = wrong.line;
            named <= NAMED_OF_A_ROW
        });
    }
    wrong
}

fn wrong_rows(sheet: &Import) -> Problem {
    let mut lines: Vec<u64> = sheet.wrong.iter().map(|wrong| wrong.line).collect();
    lines.dedup();
    let errors = told(sheet.wrong.clone()).into_iter().map(|wrong| FieldError {
        field: match &wrong.field {
            Some(field) => format!("line {}, {field}", wrong.line),
            None => format!("line {}", wrong.line),
        },
        message: wrong.message,
    });
    let first: Vec<String> = lines.iter().take(5).map(u64::to_string).collect();
    let detail = format!(
        "Of {} rows {} are wrong, and none was taken: see line {}{}. Mend them, or send partial=true to take the others.",
        sheet.rows,
        lines.len(),
        first.join(", "),
        if lines.len() > first.len() {
            " and others"
        } else {
            ""
        },
    );
    Problem::new(StatusCode::BAD_REQUEST, "invalid_rows", detail).naming(errors.collect())
}

/// What a sheet asks for.
struct Asked<'a> {
    sheet: &'a Import,
    known: &'a HashMap<PropertyId, Property>,
    now: Timestamp,
}

impl Asked<'_> {
    /// The rows that change something.
    fn rows(&self, id: impl Fn(&Read) -> PropertyId) -> Answer<Vec<Row>> {
        let mut rows = Vec::new();
        for read in &self.sheet.properties {
            let Some(known) = read.id.and_then(|id| self.known.get(&id)) else {
                let property = Property::new(id(read), read.details.clone(), Around::default(), self.now);
                rows.push(Row::New(property));
                continue;
            };
            let details = self.merged(&known.details, &read.details, read.line)?;
            if details != known.details {
                rows.push(Row::Changed {
                    known: Box::new(known.clone()),
                    new: known.with(&details, Around::default(), self.now),
                });
            }
        }
        Ok(rows)
    }

    /// What is known, with what the sheet has a column for: an empty cell takes away, a column that is not there does not.
    fn merged(&self, known: &Details, read: &Details, line: u64) -> Answer<Details> {
        let (mut fields, said) = (fields(known)?, fields(read)?);
        for taken in &self.sheet.columns {
            for name in self.meant(taken.field) {
                match said.get(name) {
                    Some(value) => fields.insert(name.to_owned(), value.clone()),
                    None => fields.remove(name),
                };
            }
        }
        let unfit = |message: String| {
            let field = format!("line {line}");
            let detail = format!("Line {line}: {message}; nothing was taken.");
            Problem::new(StatusCode::BAD_REQUEST, "invalid_rows", detail)
                .naming(vec![FieldError { field, message }])
        };
        let details: Details =
            serde_json::from_value(Value::Object(fields)).map_err(|error| unfit(error.to_string()))?;
        details
            .fits_together()
            .map_err(|misfit| unfit(misfit.to_string()))?;
        Ok(details)
    }

    /// The fields that a column speaks of: one number is the least and the most where the most has no column.
    fn meant(&self, field: &'static str) -> Vec<&'static str> {
        let most = match field {
            "bedroomsMin" => "bedroomsMax",
            "bathroomsMin" => "bathroomsMax",
            "squareFeetMin" => "squareFeetMax",
            _ => return vec![field],
        };
        if self.sheet.columns.iter().any(|taken| taken.field == most) {
            vec![field]
        } else {
            vec![field, most]
        }
    }
}

fn fields(details: &Details) -> Answer<Map<String, Value>> {
    match serde_json::to_value(details) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Problem::internal()),
    }
}

/// All of the caller's properties as a sheet: CSV that spreadsheets open safely, and that can be changed and imported.
/// More than 5,000 come in parts, each with a `Link` to the next.
#[utoipa::path(
    get, path = "/api/landlord/properties/export", tag = "portfolio", operation_id = "exportProperties", params(From),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The sheet", body = String, content_type = "text/csv"),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn export(
    State(app): State<App>,
    caller: Caller,
    Query(from): Query<From>,
) -> Answer<Response> {
    caller.must_be(&[Role::Landlord])?;
    let list = format!("exported properties {}", caller.id());
    let mut after: Option<Position> = match from.cursor {
        Some(cursor) => Some(app.cursors.read(&list, &cursor)?),
        None => None,
    };
    let mut sheet = Export::new().map_err(|error| unwritten(&error))?;
    let now = app.table.now();
    let mut rows = 0;
    let mut more = true;
    while more && rows < MOST_ROWS {
        let wish = Wish {
            order: &Order::Newest,
            reversed: false,
            limit: READ_AT_MOST,
            after,
        };
        let page = app.table.properties(caller.id(), &wish).await?;
        let markets = Markets::around(&app.table, &page.properties).await?;
        for property in &page.properties {
            let judgement = markets.judge(property, now);
            let computed = Computed {
                market_rent: judgement.rent.as_ref().map(|market| market.median),
                market_avg_rent: judgement.rent.as_ref().map(|market| market.mean),
                vacancy_risk: Some(judgement.risk.level.as_str()),
                retention_risk_score: Some(judgement.risk.score),
                days_vacant: Some(property.days_vacant(now)),
                recommendation: Some(judgement.recommendation.reasoning),
            };
            sheet
                .add(property.id, &property.details, &computed)
                .map_err(|error| unwritten(&error))?;
        }
        rows += page.properties.len();
        after = page.properties.last().map(|last| Order::Newest.position(last));
        more = page.more;
    }
    let mut answer = sheet.finish().map_err(|error| unwritten(&error))?.into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"properties.csv\""),
    );
    if let Some(last) = after.filter(|_| more) {
        let cursor = app.cursors.make(&list, &last);
        let link = format!("</api/landlord/properties/export?cursor={cursor}>; rel=\"next\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(LINK, link);
        }
    }
    Ok(answer)
}

fn unwritten(error: &spreadsheets::properties::ExportError) -> Problem {
    tracing::error!(%error, "a sheet is not written");
    Problem::internal()
}
