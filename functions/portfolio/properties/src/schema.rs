//! What the API's document says of properties. Their fields are `domain::property::Details`, which knows nothing of OpenAPI:
//! they are described once, for a property that is entered, changed or shown.

use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType,
};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::view::{LandlordProperty, PropertyStatus};

/// The fields of a property.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `domain::property::Details`")]
struct Fields {
    /// What its landlord calls it.
    #[schema(
        max_length = 500,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    name: String,
    /// Street and number.
    #[schema(
        max_length = 500,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    address: String,
    /// The city: letters, spaces and .'-
    #[schema(
        max_length = 100,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    city: String,
    /// The two letters of the state.
    #[schema(pattern = "^[A-Za-z]{2}$")]
    state: String,
    /// Five digits, or nine as `30303-1234`.
    #[schema(pattern = "^[0-9]{5}(-[0-9]{4})?$")]
    zip_code: Option<String>,
    /// Which unit of the building.
    #[schema(
        max_length = 50,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    unit_number: Option<String>,
    /// Degrees to the north, as a number or a text; goes with `longitude`.
    #[schema(schema_with = latitude)]
    latitude: Option<f64>,
    /// Degrees to the east, as a number or a text; goes with `latitude`.
    #[schema(schema_with = longitude)]
    longitude: Option<f64>,
    /// Bedrooms of the smallest unit; 0 is a studio.
    #[schema(maximum = 100)]
    bedrooms_min: Option<u32>,
    /// Bedrooms of the largest unit.
    #[schema(maximum = 100)]
    bedrooms_max: Option<u32>,
    /// Bathrooms of the smallest unit, to the half.
    #[schema(minimum = 0, maximum = 100, multiple_of = 0.5)]
    bathrooms_min: Option<f64>,
    /// Bathrooms of the largest unit, to the half.
    #[schema(minimum = 0, maximum = 100, multiple_of = 0.5)]
    bathrooms_max: Option<f64>,
    /// Square feet of the smallest unit.
    #[schema(maximum = 1_000_000)]
    square_feet_min: Option<u32>,
    /// Square feet of the largest unit.
    #[schema(maximum = 1_000_000)]
    square_feet_max: Option<u32>,
    /// What kind of building it is.
    #[schema(
        max_length = 50,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    property_type: Option<String>,
    /// When it was built.
    #[schema(minimum = 1600, maximum = 2100)]
    year_built: Option<u32>,
    /// How many units the building has.
    #[schema(minimum = 1, maximum = 10_000)]
    units_count: Option<u32>,
    /// What it should let for, in dollars a month, to the cent.
    #[schema(minimum = 1, maximum = 100_000)]
    target_rent: Option<f64>,
    /// What it lets for, in dollars a month, to the cent.
    #[schema(minimum = 1, maximum = 100_000)]
    actual_rent: Option<f64>,
    /// Whether somebody lives there; `vacant` unless given.
    #[schema(required = false)]
    occupancy_status: OccupancyStatus,
    /// Who lives there.
    #[schema(
        max_length = 255,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    tenant_name: Option<String>,
    /// The day on which the lease began. A time behind it is left out.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$")]
    lease_start_date: Option<String>,
    /// The day on which it ends. A time behind it is left out.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$")]
    lease_end_date: Option<String>,
    /// The day on which somebody last lived there, if it has been vacant for longer than it has been here.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$")]
    last_occupied_date: Option<String>,
    /// What it offers: names, each with true, false, a number or a text.
    #[schema(schema_with = traits)]
    amenities: Option<()>,
    /// What else is to be said of it, in the same form.
    #[schema(schema_with = traits)]
    features: Option<()>,
    /// Which pets may live there, in the same form.
    #[schema(schema_with = traits)]
    pet_policy: Option<()>,
    /// Where cars stand, in the same form.
    #[schema(schema_with = traits)]
    parking: Option<()>,
    /// What is paid apart from the rent, in the same form.
    #[schema(schema_with = traits)]
    utilities: Option<()>,
    /// Addresses of pictures.
    #[schema(schema_with = images)]
    images: Option<Vec<String>>,
    /// A description, in one paragraph.
    #[schema(
        max_length = 2000,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    description: Option<String>,
    /// Where to call.
    #[schema(
        max_length = 50,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    phone: Option<String>,
    /// Where to write.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// Its page.
    #[schema(max_length = 500, pattern = "^https?://[A-Za-z0-9][!-~]*$")]
    website: Option<String>,
}

/// What may be said instead of some of the fields, of a property that is one unit.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what `words` understands")]
struct Words {
    /// In place of `bedroomsMin` and `bedroomsMax`.
    #[schema(maximum = 100)]
    bedrooms: Option<u32>,
    /// In place of `bathroomsMin` and `bathroomsMax`, to the half.
    #[schema(minimum = 0, maximum = 100, multiple_of = 0.5)]
    bathrooms: Option<f64>,
    /// In place of `squareFeetMin` and `squareFeetMax`.
    #[schema(maximum = 1_000_000)]
    square_feet: Option<u32>,
    /// In place of `actualRent`.
    #[schema(minimum = 1, maximum = 100_000)]
    current_rent: Option<f64>,
    /// In place of `occupancyStatus`.
    #[schema(required = false)]
    status: OccupancyStatus,
    /// In place of `tenantName`.
    #[schema(
        max_length = 255,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    tenant: Option<String>,
    /// In place of `lastOccupiedDate`: for how many days nobody has lived there.
    #[schema(maximum = 36_500)]
    days_vacant: Option<u32>,
}

/// Whether somebody lives in a property.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes `domain::property::Occupancy`")]
enum OccupancyStatus {
    Vacant,
    Occupied,
    Pending,
    Maintenance,
}

fn or_null<const N: usize>(kind: [Type; N]) -> SchemaType {
    kind.into_iter().chain([Type::Null]).collect()
}

fn degrees(most: f64, what: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(or_null([Type::Number, Type::String]))
        .minimum(Some(-most))
        .maximum(Some(most))
        .description(Some(what))
        .build()
}

fn latitude() -> Object {
    degrees(
        90.0,
        "Degrees to the north, as a number or a text; goes with `longitude`.",
    )
}

fn longitude() -> Object {
    degrees(
        180.0,
        "Degrees to the east, as a number or a text; goes with `latitude`.",
    )
}

fn traits() -> Object {
    let value = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Boolean, Type::Number, Type::String]))
        .max_length(Some(200))
        .pattern(Some("^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"));
    ObjectBuilder::new()
        .schema_type(or_null([Type::Object]))
        .description(Some(
            "At most 50 names of 1 to 50 characters, each with true, false, a number or a text.",
        ))
        .max_properties(Some(50))
        .additional_properties(Some(Schema::Object(value.build())))
        .build()
}

fn images() -> Array {
    let address = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(500))
        .pattern(Some("^https?://[A-Za-z0-9][!-~]*$"));
    ArrayBuilder::new()
        .schema_type(or_null([Type::Array]))
        .description(Some("Addresses of pictures."))
        .max_items(Some(20))
        .items(address.build())
        .build()
}

/// The fields, as an object of this description.
fn fields(description: &str) -> Object {
    let mut object = match Fields::schema() {
        RefOr::T(Schema::Object(object)) => object,
        _ => Object::new(),
    };
    object.description = Some(description.to_owned());
    object
}

/// The fields, and the words that may stand for some of them.
fn fields_and_words(description: &str) -> Object {
    let mut object = fields(description);
    if let RefOr::T(Schema::Object(words)) = Words::schema() {
        object.properties.extend(words.properties);
    }
    object
}

/// No other fields than these.
fn closed(mut object: Object) -> RefOr<Schema> {
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    RefOr::T(Schema::Object(object))
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A property that is entered.
pub(crate) struct NewProperty;

impl PartialSchema for NewProperty {
    fn schema() -> RefOr<Schema> {
        closed(fields_and_words("A property that is entered."))
    }
}

impl ToSchema for NewProperty {
    fn schemas(schemas: &mut Schemas) {
        Fields::schemas(schemas);
    }
}

/// What is to change of a property.
pub(crate) struct PropertyChange;

impl PartialSchema for PropertyChange {
    fn schema() -> RefOr<Schema> {
        let mut object =
            fields_and_words("What is to change of a property. Null takes away what need not be there.");
        object.required.clear();
        closed(object)
    }
}

impl ToSchema for PropertyChange {
    fn schemas(schemas: &mut Schemas) {
        Fields::schemas(schemas);
    }
}

impl PartialSchema for LandlordProperty {
    fn schema() -> RefOr<Schema> {
        let mut object = fields("A property, as its landlord sees it. What is not known is not there.");
        if let RefOr::T(Schema::Object(words)) = Shown::schema() {
            object.required.extend(words.required);
            object.properties.extend(words.properties);
        }
        let own = [
            ("id", text("Its id.", None)),
            (
                "daysVacant",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(0))
                    .description(Some("For how many whole days nobody has lived there."))
                    .build(),
            ),
            (
                "createdAt",
                text("When it was entered.", Some(KnownFormat::DateTime)),
            ),
            (
                "lastUpdated",
                text("When it was last changed.", Some(KnownFormat::DateTime)),
            ),
        ];
        for (name, schema) in own {
            object.required.push(name.to_owned());
            object
                .properties
                .insert(name.to_owned(), RefOr::T(Schema::Object(schema)));
        }
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for LandlordProperty {
    fn schemas(schemas: &mut Schemas) {
        Fields::schemas(schemas);
        Shown::schemas(schemas);
    }
}

/// What a property is shown with besides its fields: the words for one unit, and what became of it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `LandlordProperty`")]
struct Shown {
    /// Whether somebody lives there.
    status: PropertyStatus,
    /// Bedrooms of the smallest unit, or of all.
    bedrooms: Option<u32>,
    /// Bathrooms of the smallest unit, or of all.
    bathrooms: Option<f64>,
    /// Square feet of the smallest unit, or of all.
    square_feet: Option<u32>,
    /// What it lets for, or else what it should let for.
    current_rent: Option<f64>,
    /// Who lives there.
    tenant: Option<String>,
    /// The first of the pictures.
    image_url: Option<String>,
    /// The middle of what such homes let for in its ZIP code; null where it is not known.
    #[schema(required = true)]
    market_rent: Option<f64>,
    /// The mean of it; null where it is not known.
    #[schema(required = true)]
    market_avg_rent: Option<f64>,
    /// Why that is not known, where it is not.
    market_reason: Option<String>,
    /// All that is known of it.
    market: Option<MarketFigure>,
    /// How likely it is to stand empty.
    vacancy_risk: RiskLevel,
    /// The same from 0 to 100.
    #[schema(maximum = 100)]
    retention_risk_score: u8,
    /// What that is made of.
    risk_factors: Vec<RiskFactor>,
    /// What is recommended, and why, in sentences.
    recommendation: String,
    /// The same, part by part.
    pricing_recommendation: PricingRecommendation,
    /// What others offer on top in its ZIP code.
    competitor_concessions: Vec<CompetitorConcession>,
    /// When it was deleted, if it was.
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
    /// Until when it can be restored, if it was deleted.
    #[schema(format = DateTime)]
    restorable_until: Option<String>,
}

/// What such homes let for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::MarketRent`")]
struct MarketFigure {
    /// The middle rent.
    median: f64,
    /// The mean.
    mean: f64,
    /// The lowest.
    min: f64,
    /// The highest.
    max: f64,
    /// How many rents there are behind it.
    samples: u32,
    /// The day of its oldest part.
    #[schema(format = Date)]
    as_of: String,
    /// Whether it is older than it should be.
    stale: bool,
    /// How far it may be trusted.
    #[schema(maximum = 100)]
    confidence: u8,
    /// What it is made of.
    parts: Vec<MarketPart>,
}

/// What one source has to do with a figure.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::figure::Part`")]
struct MarketPart {
    /// `own_listings`, `rentcast` or `fair_market_rents`.
    source: String,
    /// How much it weighs, in thousandths.
    weight: u32,
    /// How many rents it has.
    samples: Option<u32>,
    /// The day that it is of.
    #[schema(format = Date)]
    as_of: String,
}

/// How likely something is, or how much it matters.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes `market::risk::Level`")]
enum RiskLevel {
    Low,
    Medium,
    High,
}

/// A part of the score.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::risk::Factor`")]
struct RiskFactor {
    /// What it is called.
    name: String,
    /// What it adds to the score.
    score: u8,
    /// The most that it could add.
    most: u8,
    /// Why.
    detail: String,
    /// How much it matters.
    impact: RiskLevel,
}

/// What is recommended.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::Recommendation`")]
struct PricingRecommendation {
    /// `increase`, `decrease` or `hold`.
    r#type: String,
    /// By how much a month.
    amount: Option<f64>,
    /// What to ask for then.
    recommended_rent: Option<f64>,
    /// How far it may be trusted.
    #[schema(maximum = 100)]
    confidence: u8,
    /// Why.
    reasoning: String,
    /// The same, sentence by sentence.
    reasons: Vec<String>,
    /// What it comes to.
    expected_impact: Option<String>,
}

/// What another building offers on top.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::area::Concession`")]
struct CompetitorConcession {
    /// The building.
    property: String,
    /// Its kind.
    r#type: String,
    /// As it is advertised.
    value: String,
}

fn text(description: &str, format: Option<KnownFormat>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .format(format.map(SchemaFormat::KnownFormat))
        .build()
}
