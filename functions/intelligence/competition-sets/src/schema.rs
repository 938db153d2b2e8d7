//! What the API's document says of sets and competitors, whose fields are those of `domain::competition`, which knows nothing of
//! OpenAPI.

use utoipa::ToSchema;
use utoipa::openapi::Type;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType};

/// A competition set that is made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `domain::competition::SetDetails`")]
pub(crate) struct NewCompetitionSet {
    /// What it is called.
    #[schema(
        max_length = 255,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    name: String,
    /// What it is for, also in several lines.
    #[schema(
        max_length = 1000,
        pattern = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"
    )]
    description: Option<String>,
    /// The caller's own properties in it.
    #[schema(required = false, schema_with = own_properties)]
    own_property_ids: Vec<String>,
    /// Whether its landlord wants to be told what its competitors do.
    #[schema(required = false, default = false)]
    alerts_enabled: bool,
}

/// What is to change of a competition set. Null takes away what need not be there.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what `Patch` holds")]
pub(crate) struct CompetitionSetChange {
    /// What it is called.
    #[schema(
        max_length = 255,
        nullable = false,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    name: Option<String>,
    /// What it is for.
    #[schema(
        max_length = 1000,
        pattern = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"
    )]
    description: Option<String>,
    /// The caller's own properties in it: all of them.
    #[schema(schema_with = own_properties_or_null)]
    own_property_ids: Option<Vec<String>>,
    /// Whether its landlord wants to be told what its competitors do.
    alerts_enabled: Option<bool>,
}

/// A competitor that is entered.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `domain::competition::CompetitorDetails`")]
pub(crate) struct NewCompetitor {
    /// Where it is: in a set, each address is once.
    #[schema(
        max_length = 500,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    address: String,
    /// The id of the listing that it is, if it is one.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    property_id: Option<String>,
    /// Degrees to the north, as a number or a text; goes with `longitude`.
    #[schema(schema_with = latitude)]
    latitude: Option<f64>,
    /// Degrees to the east, as a number or a text; goes with `latitude`.
    #[schema(schema_with = longitude)]
    longitude: Option<f64>,
    /// How many bedrooms it has; 0 is a studio.
    #[schema(maximum = 100)]
    bedrooms: Option<u32>,
    /// How many bathrooms, to the half, as a number or a text.
    #[schema(schema_with = bathrooms)]
    bathrooms: Option<f64>,
    /// Its size.
    #[schema(maximum = 1_000_000)]
    square_feet: Option<u32>,
    /// What is asked for it, in dollars a month, to the cent, as a number or a text.
    #[schema(schema_with = rent)]
    current_rent: Option<f64>,
    /// What it offers: at most 50 texts of at most 100 characters.
    #[schema(required = false, max_items = 50)]
    amenities: Vec<Amenity>,
    /// What is given on top.
    #[schema(required = false, max_items = 20)]
    concessions: Vec<CompetitorOffer>,
    /// Where this is known from; `manual` unless given.
    #[schema(
        required = false,
        default = "manual",
        max_length = 50,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    source: String,
    /// What else is to be said of it, also in several lines.
    #[schema(
        max_length = 1000,
        pattern = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"
    )]
    notes: Option<String>,
    /// Whether it competes at present. One that does not is not counted in what is asked.
    #[schema(required = false, default = true)]
    is_active: bool,
}

/// What a home offers.
#[derive(ToSchema)]
#[schema(
    max_length = 100,
    pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
)]
#[expect(dead_code, reason = "describes a line")]
struct Amenity(String);

/// What is given on top of a home.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `domain::competition::Concession`")]
struct CompetitorOffer {
    /// What kind of thing it is.
    #[schema(
        max_length = 50,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    r#type: String,
    /// What is said of it.
    #[schema(
        max_length = 500,
        pattern = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"
    )]
    description: Option<String>,
    /// What it is worth: a number, or a text of at most 100 characters.
    #[schema(schema_with = worth)]
    value: Option<f64>,
}

/// A home that competes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = Competitor)]
#[expect(dead_code, reason = "describes `ShownCompetitor`")]
pub(crate) struct CompetitorSchema {
    /// Its id.
    id: String,
    /// The set that it is in.
    set_id: String,
    /// Where it is.
    address: String,
    /// The id of the listing that it is, if it is one.
    property_id: Option<String>,
    /// Degrees to the north.
    latitude: Option<f64>,
    /// Degrees to the east.
    longitude: Option<f64>,
    /// How many bedrooms it has; 0 is a studio.
    bedrooms: Option<u32>,
    /// How many bathrooms.
    bathrooms: Option<f64>,
    /// Its size.
    square_feet: Option<u32>,
    /// What is asked for it, in dollars a month.
    current_rent: Option<f64>,
    /// What it offers.
    amenities: Vec<String>,
    /// What is given on top.
    concessions: Vec<CompetitorOffer>,
    /// Where this is known from.
    source: String,
    /// What else is to be said of it.
    notes: Option<String>,
    /// Whether it competes at present.
    is_active: bool,
    /// When it was entered.
    #[schema(format = DateTime)]
    created_at: String,
    /// When what is known of it was last changed.
    #[schema(format = DateTime)]
    last_updated: String,
}

fn property_ids(kind: SchemaType, description: &str) -> utoipa::openapi::schema::Array {
    let id = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^prop_[0-7][0-9A-HJKMNP-TV-Z]{25}$"));
    utoipa::openapi::ArrayBuilder::new()
        .schema_type(kind)
        .description(Some(description))
        .max_items(Some(50))
        .items(id.build())
        .build()
}

fn own_properties() -> utoipa::openapi::schema::Array {
    property_ids(Type::Array.into(), "The caller's own properties in it.")
}

fn own_properties_or_null() -> utoipa::openapi::schema::Array {
    property_ids(
        SchemaType::from_iter([Type::Array, Type::Null]),
        "The caller's own properties in it: all of them.",
    )
}

/// A number, or a text of one.
fn number_or_text(least: f64, most: f64, description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Number, Type::String, Type::Null]))
        .minimum(Some(least))
        .maximum(Some(most))
        .pattern(Some("^-?[0-9]{1,6}(\\.[0-9]+)?$"))
        .description(Some(description))
}

fn latitude() -> Object {
    number_or_text(
        -90.0,
        90.0,
        "Degrees to the north, as a number or a text; goes with `longitude`.",
    )
    .build()
}

fn longitude() -> Object {
    number_or_text(
        -180.0,
        180.0,
        "Degrees to the east, as a number or a text; goes with `latitude`.",
    )
    .build()
}

fn bathrooms() -> Object {
    number_or_text(
        0.0,
        100.0,
        "How many bathrooms, to the half, as a number or a text.",
    )
    .multiple_of(Some(0.5))
    .build()
}

fn rent() -> Object {
    number_or_text(
        1.0,
        100_000.0,
        "What is asked for it, in dollars a month, to the cent, as a number or a text.",
    )
    .build()
}

fn worth() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Number, Type::String, Type::Null]))
        .max_length(Some(100))
        .pattern(Some("^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"))
        .description(Some(
            "What it is worth: a number, or a text of at most 100 characters.",
        ))
        .build()
}
