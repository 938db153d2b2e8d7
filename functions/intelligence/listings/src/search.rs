//! What a search asks for.

use domain::listing::{Place, Position};
use serde::Deserialize;
use table::listing::{PAGE_AT_MOST, RADIUS_AT_MOST, Whereabouts};
use utoipa::IntoParams;
use web::{Answer, Problem};

const PAGE: u16 = 50;
const RADIUS: f64 = 25.0;

/// A search: by `lat` and `lng`, by `city` and `state`, or by neither.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Degrees north of the middle.
    #[param(minimum = -90, maximum = 90)]
    lat: Option<f64>,
    /// Degrees east of the middle.
    #[param(minimum = -180, maximum = 180)]
    lng: Option<f64>,
    /// Miles around the middle, up to 50; 25 unless given.
    #[param(minimum = 0.1, maximum = 50)]
    radius: Option<f64>,
    /// A city, with its state.
    #[param(max_length = 100)]
    city: Option<String>,
    /// The state's two letters.
    #[param(pattern = "^[A-Za-z]{2}$")]
    state: Option<String>,
    /// How many listings, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

impl Search {
    /// Where to look, and for how many.
    ///
    /// # Errors
    /// 400 that names the parameter which does not fit.
    pub(crate) fn parsed(self) -> Answer<(Whereabouts, u16)> {
        let limit = self.limit.unwrap_or(PAGE);
        if !(1..=PAGE_AT_MOST).contains(&limit) {
            return Err(Problem::field("limit", "must be 1 to 200"));
        }
        let whereabouts = match (self.lat, self.lng, self.city, self.state) {
            (Some(latitude), Some(longitude), None, None) => Whereabouts::Near {
                position: Position::new(latitude, longitude).map_err(|error| Problem::field("lat", error))?,
                miles: radius(self.radius)?,
            },
            (None, None, Some(city), Some(state)) if self.radius.is_none() => {
                Whereabouts::In(Place::new(&city, &state).map_err(|error| Problem::field("city", error))?)
            }
            (None, None, None, None) if self.radius.is_none() => Whereabouts::Anywhere,
            (Some(_), None, ..) => return Err(Problem::field("lng", "is required with lat")),
            (None, Some(_), ..) => return Err(Problem::field("lat", "is required with lng")),
            (Some(_), Some(_), ..) => {
                return Err(Problem::field("city", "and state do not go with lat and lng"));
            }
            (None, None, Some(_), None) => return Err(Problem::field("state", "is required with city")),
            (None, None, None, Some(_)) => return Err(Problem::field("city", "is required with state")),
            (None, None, ..) => return Err(Problem::field("radius", "goes with lat and lng only")),
        };
        Ok((whereabouts, limit))
    }
}

fn radius(miles: Option<f64>) -> Answer<f64> {
    let miles = miles.unwrap_or(RADIUS);
    if (0.1..=RADIUS_AT_MOST).contains(&miles) {
        Ok(miles)
    } else {
        Err(Problem::field("radius", "must be 0.1 to 50 miles"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_position_and_half_a_place_are_refused_by_name() {
        let refused = |search: Search| format!("{:?}", search.parsed().unwrap_err());
        assert!(
            refused(Search {
                lat: Some(33.7),
                ..Search::default()
            })
            .contains("lng")
        );
        assert!(
            refused(Search {
                city: Some("Atlanta".into()),
                ..Search::default()
            })
            .contains("state")
        );
        assert!(
            refused(Search {
                radius: Some(5.0),
                ..Search::default()
            })
            .contains("radius")
        );
    }

    #[test]
    fn a_position_beyond_the_earth_and_a_radius_beyond_reason_are_refused() {
        let at = |lat, radius| Search {
            lat: Some(lat),
            lng: Some(-84.0),
            radius,
            ..Search::default()
        };
        assert!(at(91.0, None).parsed().is_err());
        assert!(at(f64::NAN, None).parsed().is_err());
        assert!(at(33.0, Some(51.0)).parsed().is_err());
        assert!(at(33.0, Some(50.0)).parsed().is_ok());
    }

    #[test]
    fn nothing_asked_for_is_anywhere() {
        assert_eq!(Search::default().parsed().unwrap(), (Whereabouts::Anywhere, 50));
    }
}
