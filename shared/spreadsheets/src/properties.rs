//! A landlord's properties as a sheet.

use std::collections::HashMap;

use csv::WriterBuilder;
use domain::PropertyId;
use domain::property::{Details, Occupancy};
use domain::{Rent, Zip};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cell::{date, defused, number};
use crate::sheet::{BYTE_ORDER_MARK, Most, Refusal, Row, Sheet, Wrong, plain};

/// The most properties in one sheet.
pub const MOST_ROWS: usize = 5_000;
/// The most bytes of a sheet. A Lambda takes 6 MB at once, and a sheet may come to it a third larger than it is.
pub const MOST_BYTES: usize = 4_000_000;

/// What is in a column, under the name that the API has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// How many bedrooms; a studio has none.
    Bedrooms,
    /// A date.
    Date,
    /// Five or nine digits, of which spreadsheets lose the zeros in front.
    Zip,
    /// Whether somebody lives there.
    Occupancy,
    /// An object, as JSON.
    Object,
    /// Addresses of pictures, with a space between them.
    Images,
    /// What is worked out when it is asked for, and is not read.
    Computed,
}

/// A column: its field, what is in it, and what else it is called. Names are compared without case, spaces and marks.
struct Column {
    field: &'static str,
    kind: Kind,
    also: &'static [&'static str],
    /// The field that gets the same value where it has no column of its own: two bedrooms are two at least and two at most.
    and: Option<&'static str>,
}

/// A column of a sheet: its place, and what it was taken for.
type Placed = (usize, &'static Column);

const fn column(field: &'static str, kind: Kind, also: &'static [&'static str]) -> Column {
    Column {
        field,
        kind,
        also,
        and: None,
    }
}

const fn range(field: &'static str, most: &'static str, kind: Kind, also: &'static [&'static str]) -> Column {
    Column {
        field,
        kind,
        also,
        and: Some(most),
    }
}

/// All columns, in the order in which they are written.
static COLUMNS: [Column; 45] = [
    column("id", Kind::Text, &["propertyid"]),
    column(
        "name",
        Kind::Text,
        &["propertyname", "property", "title", "building"],
    ),
    column(
        "address",
        Kind::Text,
        &[
            "street",
            "streetaddress",
            "propertyaddress",
            "address1",
            "addressline1",
        ],
    ),
    column(
        "unitNumber",
        Kind::Text,
        &["unit", "unitno", "apt", "aptno", "apartment", "suite"],
    ),
    column("city", Kind::Text, &["town"]),
    column("state", Kind::Text, &["statecode", "st"]),
    column("zipCode", Kind::Zip, &["zip", "postalcode", "postcode", "zip5"]),
    column("latitude", Kind::Number, &["lat"]),
    column("longitude", Kind::Number, &["lng", "lon", "long"]),
    range(
        "bedroomsMin",
        "bedroomsMax",
        Kind::Bedrooms,
        &["bedrooms", "beds", "bed", "br", "bd"],
    ),
    column("bedroomsMax", Kind::Bedrooms, &[]),
    range(
        "bathroomsMin",
        "bathroomsMax",
        Kind::Number,
        &["bathrooms", "baths", "bath", "ba"],
    ),
    column("bathroomsMax", Kind::Number, &[]),
    range(
        "squareFeetMin",
        "squareFeetMax",
        Kind::Number,
        &["squarefeet", "sqft", "sf", "squarefootage", "livingarea", "size"],
    ),
    column("squareFeetMax", Kind::Number, &[]),
    column("propertyType", Kind::Text, &["type"]),
    column("yearBuilt", Kind::Number, &["built", "year"]),
    column("unitsCount", Kind::Number, &["units", "numberofunits"]),
    column(
        "targetRent",
        Kind::Number,
        &["askingrent", "listrent", "proformarent"],
    ),
    column(
        "actualRent",
        Kind::Number,
        &["currentrent", "rent", "monthlyrent", "leaserent", "contractrent"],
    ),
    column("occupancyStatus", Kind::Occupancy, &["status", "occupancy"]),
    column(
        "tenantName",
        Kind::Text,
        &["tenant", "resident", "residentname", "lessee"],
    ),
    column(
        "leaseStartDate",
        Kind::Date,
        &["leasestart", "leasefrom", "leasebegin", "leasebegins"],
    ),
    column(
        "leaseEndDate",
        Kind::Date,
        &[
            "leaseend",
            "leaseto",
            "leaseends",
            "leaseexpiration",
            "leaseexpiry",
            "leaseexpires",
        ],
    ),
    column(
        "lastOccupiedDate",
        Kind::Date,
        &["vacantsince", "moveout", "moveoutdate", "vacated"],
    ),
    column("amenities", Kind::Object, &[]),
    column("features", Kind::Object, &[]),
    column("petPolicy", Kind::Object, &[]),
    column("parking", Kind::Object, &[]),
    column("utilities", Kind::Object, &[]),
    column("images", Kind::Images, &[]),
    column("description", Kind::Text, &["notes", "comments"]),
    column("phone", Kind::Text, &["phonenumber"]),
    column("email", Kind::Text, &["emailaddress"]),
    column("website", Kind::Text, &["url"]),
    column("marketRent", Kind::Computed, &[]),
    column("marketAvgRent", Kind::Computed, &[]),
    column("vacancyRisk", Kind::Computed, &[]),
    column("retentionRiskScore", Kind::Computed, &[]),
    column("daysVacant", Kind::Computed, &[]),
    column("recommendation", Kind::Computed, &[]),
    column("createdAt", Kind::Computed, &[]),
    column("lastUpdated", Kind::Computed, &[]),
    column("lastSeen", Kind::Computed, &[]),
    column("competitorConcessions", Kind::Computed, &[]),
];

/// What stands for a list of pictures in which there are none.
const NO_IMAGES: &str = "[]";
/// The columns without which nothing can be read.
const NEEDED: [&str; 3] = ["address", "city", "state"];

/// A property that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The line on which it begins.
    pub line: u64,
    /// Its id, where the sheet has it: then it is one that is there already.
    pub id: Option<PropertyId>,
    /// What is said of it.
    pub details: Details,
}

/// What was read of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// The properties of which everything is right.
    pub properties: Vec<Read>,
    /// What is wrong with the others, by line.
    pub wrong: Vec<Wrong>,
    /// How many rows there are, right or wrong.
    pub rows: usize,
    /// What each column was taken for.
    pub columns: Vec<Taken>,
    /// The columns that are not read, as they are called in the sheet: they mean nothing here, or are worked out.
    pub ignored: Vec<String>,
}

/// What a column was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// What it is called in the sheet.
    pub column: String,
    /// The field, as the API calls it.
    pub field: &'static str,
}

impl Import {
    /// What is in a sheet.
    ///
    /// # Errors
    /// [`Refusal`] if nothing of it can be read.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let most = Most {
            bytes: MOST_BYTES,
            rows: MOST_ROWS,
        };
        let sheet = Sheet::read(bytes, most, |name| of_name(name).is_some())?;
        let (taken, ignored) = columns(&sheet.header)?;
        let mut import = Self {
            rows: sheet.rows.len(),
            columns: taken
                .iter()
                .map(|(at, column)| Taken {
                    column: name_of(&sheet.header, *at),
                    field: column.field,
                })
                .collect(),
            ignored,
            ..Self::default()
        };
        // What makes two rows the same property, and the line of the first.
        let mut seen: HashMap<String, u64> = HashMap::new();
        for row in &sheet.rows {
            let mut reading = Reading {
                header: &sheet.header,
                taken: &taken,
                row,
                fields: Map::new(),
                wrong: Vec::new(),
            };
            let read = reading.read();
            if let Some(read) = read.filter(|_| reading.wrong.is_empty()) {
                let marks = [Some(identity(&read.details)), read.id.map(|id| id.to_string())];
                let marks = || marks.iter().flatten();
                match marks().find_map(|mark| seen.get(mark)) {
                    Some(line) => reading.say(None, format!("is the same property as line {line}")),
                    None => {
                        seen.extend(marks().map(|mark| (mark.clone(), read.line)));
                        import.properties.push(read);
                    }
                }
            }
            import.wrong.append(&mut reading.wrong);
        }
        if let Some(last) = sheet.rows.last().filter(|_| sheet.is_open) {
            import.properties.retain(|property| property.line != last.line);
            import.wrong.retain(|wrong| wrong.line != last.line);
            import.wrong.push(Wrong {
                line: last.line,
                field: None,
                column: None,
                message: "has a quotation mark that is not closed, and all lines behind it are taken for a part of it"
                    .to_owned(),
            });
        }
        Ok(import)
    }
}

/// A row that is being read.
struct Reading<'a> {
    header: &'a [String],
    taken: &'a [Placed],
    row: &'a Row,
    fields: Map<String, Value>,
    wrong: Vec<Wrong>,
}

impl Reading<'_> {
    fn read(&mut self) -> Option<Read> {
        let columns = self.header.len();
        if self.row.cells.len() > columns {
            self.say(None, format!("has more cells than the {columns} columns"));
            return None;
        }
        let mut id = None;
        for (at, column) in self.taken {
            let text = self.row.cells.get(*at).map_or("", String::as_str);
            if text.is_empty() {
                continue;
            }
            if column.field == "id" {
                id = text.parse().ok();
                if id.is_none() {
                    self.say(Some("id"), "must be the id of a property".to_owned());
                }
                continue;
            }
            match value(column.kind, text) {
                Ok(value) => {
                    if let Some(most) = column.and.filter(|most| !self.has_column(most)) {
                        self.fields.insert(most.to_owned(), value.clone());
                    }
                    self.fields.insert(column.field.to_owned(), value);
                }
                Err(message) => self.say(Some(column.field), message.to_owned()),
            }
        }
        let details = self.details()?;
        Some(Read {
            line: self.row.line,
            id,
            details,
        })
    }

    /// The details that the fields make; everything that is wrong with them is said.
    fn details(&mut self) -> Option<Details> {
        self.name_from_address();
        for field in NEEDED {
            if !self.fields.contains_key(field) {
                if self
                    .wrong
                    .iter()
                    .all(|wrong| wrong.field.as_deref() != Some(field))
                {
                    self.say(Some(field), "is required".to_owned());
                }
                self.stand_in(field);
            }
        }
        // Serde says what is wrong with one field at a time. It is taken away, and the others are looked at.
        for _ in 0..=COLUMNS.len() {
            let read = serde_path_to_error::deserialize(Value::Object(self.fields.clone()));
            let error = match read {
                Ok(details) => return self.fitting(details),
                Err(error) => error,
            };
            let path = error.path().to_string();
            let field = path.split(['.', '[']).next().unwrap_or_default().to_owned();
            let message = explained(&field, error.inner());
            if self.fields.remove(&field).is_none() {
                self.say(None, message);
                return None;
            }
            self.say(Some(&field), message);
            self.stand_in(&field);
        }
        None
    }

    fn fitting(&mut self, details: Details) -> Option<Details> {
        match details.fits_together() {
            Ok(()) => Some(details),
            Err(misfit) => {
                let said = |wrong: &Wrong| wrong.field.as_deref() == Some(misfit.field);
                if !self.wrong.iter().any(said) {
                    self.say(Some(misfit.field), misfit.should.to_owned());
                }
                None
            }
        }
    }

    /// A property without a name is called by its address.
    fn name_from_address(&mut self) {
        if self.fields.contains_key("name") {
            return;
        }
        let text = |field: &str| self.fields.get(field).and_then(Value::as_str);
        let name = match (text("address"), text("unitNumber")) {
            (Some(address), Some(unit)) => format!("{address}, {unit}"),
            (Some(address), None) => address.to_owned(),
            (None, _) => return self.stand_in("name"),
        };
        let name: String = name.chars().take(500).collect();
        self.fields.insert("name".to_owned(), Value::String(name));
    }

    /// Puts something right in place of what has to be there and is wrong, which was said, so that the other fields can be
    /// looked at.
    fn stand_in(&mut self, field: &str) {
        let text = match field {
            "state" => "GA",
            "name" | "address" | "city" => "x",
            _ => return,
        };
        self.fields
            .insert(field.to_owned(), Value::String(text.to_owned()));
    }

    fn has_column(&self, field: &str) -> bool {
        self.taken.iter().any(|(_, column)| column.field == field)
    }

    fn say(&mut self, field: Option<&str>, message: String) {
        let of_field = |wanted: &str| {
            let also = |column: &Column| column.field == wanted || column.and == Some(wanted);
            let found = self.taken.iter().find(|(_, column)| column.field == wanted);
            found.or_else(|| self.taken.iter().find(|(_, column)| also(column)))
        };
        let column = field.and_then(of_field).map(|(at, _)| name_of(self.header, *at));
        self.wrong.push(Wrong {
            line: self.row.line,
            field: field.map(str::to_owned),
            column,
            message,
        });
    }
}

/// What is wrong with a field, where it is no sentence for people as ours are.
fn explained(field: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    if !message.starts_with("invalid type") {
        return message;
    }
    match of_name(field).map(|column| column.kind) {
        Some(Kind::Number | Kind::Bedrooms) => "must be a whole number".to_owned(),
        _ => "must be an object in JSON such as {\"pool\":true}".to_owned(),
    }
}

/// A cell that is not empty, as JSON.
fn value(kind: Kind, text: &str) -> Result<Value, &'static str> {
    let text_value = |text: &str| Ok(Value::String(text.to_owned()));
    match kind {
        Kind::Text | Kind::Computed => text_value(text),
        Kind::Bedrooms if text.eq_ignore_ascii_case("studio") => Ok(Value::from(0)),
        Kind::Number | Kind::Bedrooms => {
            let number = number(text).ok_or("must be a number such as 1450, 1,450 or 1450.50")?;
            let whole = number.parse::<i64>().map(Value::from);
            whole
                .or_else(|_| number.parse::<f64>().map(Value::from))
                .map_err(|_| "must be a number such as 1450, 1,450 or 1450.50")
        }
        Kind::Date => {
            let date = date(text).ok_or("must be a date such as 2026-08-31 or 8/31/2026")?;
            Ok(Value::String(date))
        }
        Kind::Zip => {
            let short = (3..5).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
            let full = text.parse().ok().filter(|_| short).and_then(Zip::from_number);
            text_value(&full.map_or_else(|| text.to_owned(), |zip| zip.to_string()))
        }
        Kind::Occupancy => {
            let status = match text.to_ascii_lowercase().as_str() {
                "occupied" | "leased" | "rented" | "let" | "current" => Occupancy::Occupied,
                "vacant" | "empty" | "available" | "unoccupied" => Occupancy::Vacant,
                "pending" | "reserved" | "preleased" | "pre-leased" => Occupancy::Pending,
                "maintenance" | "repair" | "down" | "offline" => Occupancy::Maintenance,
                _ => return Err("must be vacant, occupied, pending or maintenance"),
            };
            serde_json::to_value(status).map_err(|_| "must be vacant, occupied, pending or maintenance")
        }
        Kind::Object => {
            serde_json::from_str(text).map_err(|_| "must be an object in JSON such as {\"pool\":true}")
        }
        Kind::Images if text == NO_IMAGES => Ok(Value::Array(Vec::new())),
        Kind::Images => Ok(text.split_whitespace().collect()),
    }
}

/// The columns that are read, by their place, and the names of the others.
fn columns(header: &[String]) -> Result<(Vec<Placed>, Vec<String>), Refusal> {
    let mut taken: Vec<Placed> = Vec::new();
    let mut ignored = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let Some(column) = of_name(name).filter(|column| column.kind != Kind::Computed) else {
            if !name.is_empty() {
                ignored.push(name.clone());
            }
            continue;
        };
        if let Some((other, _)) = taken.iter().find(|(_, other)| other.field == column.field) {
            return Err(Refusal::Twice {
                field: column.field,
                one: name_of(header, *other),
                other: name.clone(),
            });
        }
        taken.push((at, column));
    }
    let has = |field: &&str| taken.iter().any(|(_, column)| column.field == *field);
    let lacking: Vec<_> = NEEDED.into_iter().filter(|field| !has(field)).collect();
    if lacking.is_empty() {
        Ok((taken, ignored))
    } else {
        Err(Refusal::NoColumn(lacking))
    }
}

fn of_name(name: &str) -> Option<&'static Column> {
    let name = plain(name);
    COLUMNS
        .iter()
        .find(|column| plain(column.field) == name || column.also.contains(&name.as_str()))
}

fn name_of(header: &[String], at: usize) -> String {
    header.get(at).cloned().unwrap_or_default()
}

/// The same text for two rows that are one property.
fn identity(details: &Details) -> String {
    let unit = details.unit_number.as_ref().map_or("", |unit| unit.as_str());
    let parts = [
        details.name.as_str(),
        details.address.as_str(),
        unit,
        details.city.as_str(),
        details.state.as_str(),
    ];
    parts.map(str::to_lowercase).join("\u{0}")
}

/// What is worked out of a property when it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Computed {
    /// The middle of the market's rents.
    pub market_rent: Option<Rent>,
    /// Their mean.
    pub market_avg_rent: Option<Rent>,
    /// How likely it is to stand empty, in a word.
    pub vacancy_risk: Option<&'static str>,
    /// The same from 0 to 100.
    pub retention_risk_score: Option<u8>,
    /// For how many days it has been empty.
    pub days_vacant: Option<u32>,
    /// What is recommended, and why.
    pub recommendation: Option<String>,
}

/// A sheet that is being written.
#[derive(Debug)]
pub struct Export {
    writer: csv::Writer<Vec<u8>>,
}

/// A sheet could not be written. Writing to memory does not fail, so this is not seen.
#[derive(Debug, thiserror::Error)]
#[error("the sheet cannot be written: {0}")]
pub struct ExportError(String);

impl Export {
    /// How many columns are written: the computed ones after these are of the API only.
    const WRITTEN: usize = 41;

    /// A sheet with nothing but its first line.
    ///
    /// # Errors
    /// [`ExportError`] never, in memory.
    pub fn new() -> Result<Self, ExportError> {
        let mut writer = WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        let names = COLUMNS.iter().take(Self::WRITTEN).map(|column| column.field);
        writer.write_record(names).map_err(failed)?;
        Ok(Self { writer })
    }

    /// One more property.
    ///
    /// # Errors
    /// [`ExportError`] never, in memory.
    pub fn add(&mut self, id: PropertyId, details: &Details, computed: &Computed) -> Result<(), ExportError> {
        let fields = serde_json::to_value(details).map_err(failed)?;
        let rent = |rent: Option<Rent>| rent.and_then(|rent| serde_json::to_value(rent).ok());
        let cells = COLUMNS.iter().take(Self::WRITTEN).map(|column| {
            let value = match column.field {
                "id" => Some(Value::String(id.to_string())),
                "marketRent" => rent(computed.market_rent),
                "marketAvgRent" => rent(computed.market_avg_rent),
                "vacancyRisk" => computed.vacancy_risk.map(Value::from),
                "retentionRiskScore" => computed.retention_risk_score.map(Value::from),
                "daysVacant" => computed.days_vacant.map(Value::from),
                "recommendation" => computed.recommendation.clone().map(Value::String),
                field => fields.get(field).cloned(),
            };
            defused(&text_of(value))
        });
        self.writer.write_record(cells).map_err(failed)
    }

    /// The bytes of the file: CSV in UTF-8 with the mark that spreadsheets want.
    ///
    /// # Errors
    /// [`ExportError`] never, in memory.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        self.writer.into_inner().map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> ExportError {
    ExportError(error.to_string())
}

/// A value as the text of a cell.
fn text_of(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(Value::Array(items)) if items.is_empty() => NO_IMAGES.to_owned(),
        // A spreadsheet would not read `1e-7` as people write numbers.
        Some(Value::Number(number)) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => number.to_string(),
            None => number.to_string(),
        },
        Some(Value::Array(items)) => {
            let texts = items.iter().filter_map(Value::as_str);
            texts.collect::<Vec<_>>().join(" ")
        }
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
