//! Lists and their pages, <https://docs.stripe.com/api/pagination>: newest first, with cursors that are ids.

use serde_json::{Value, json};

use super::errors::Error;
use super::params::Params;
use super::store::{Kind, Transaction};

/// The parameters that every list takes.
pub(super) const KNOWN: &[&str] = &["created", "ending_before", "limit", "starting_after"];

/// One page of the objects of a kind for which `keep` holds.
pub(super) fn page(
    tx: &Transaction,
    kind: Kind,
    url: &str,
    params: &Params,
    keep: impl Fn(&Value) -> bool,
) -> Result<Value, Error> {
    let created = Range::read(params)?;
    let objects = tx
        .newest_first(kind)
        .filter(|object| created.holds(object) && keep(object));
    paginate(&kind.to_string(), objects.cloned().collect(), url, params)
}

/// Cuts one page out of `objects`, which are newest first.
pub(super) fn paginate(
    noun: &str,
    mut objects: Vec<Value>,
    url: &str,
    params: &Params,
) -> Result<Value, Error> {
    let limit = limit(params)?;
    let after = params.text("starting_after")?;
    let before = params.text("ending_before")?;
    let position = |objects: &[Value], cursor: &str, param: &str| {
        let found = objects.iter().position(|object| object["id"] == cursor);
        found.ok_or_else(|| Error::missing(noun, cursor, param))
    };
    let has_more = match (after, before) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: starting_after, ending_before.";
            return Err(Error::coded("parameters_exclusive", message));
        }
        (Some(cursor), None) => {
            objects.drain(..=position(&objects, &cursor, "starting_after")?);
            objects.len() > limit
        }
        (None, Some(cursor)) => {
            objects.truncate(position(&objects, &cursor, "ending_before")?);
            let surplus = objects.len().saturating_sub(limit);
            objects.drain(..surplus);
            surplus > 0
        }
        (None, None) => objects.len() > limit,
    };
    objects.truncate(limit);
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": objects }))
}

fn limit(params: &Params) -> Result<usize, Error> {
    let limit = params.integer_from("limit", 1)?.unwrap_or(10);
    usize::try_from(limit)
        .ok()
        .filter(|limit| *limit <= 100)
        .ok_or_else(|| {
            let message =
                format!("This value must be less than or equal to 100 (it currently is '{limit}').");
            Error::coded("parameter_invalid_integer", message).at("limit")
        })
}

/// A range of times of creation: `created=…`, or `created[gte]=…` and so on.
struct Range {
    from: i64,
    to: i64,
}

impl Range {
    fn read(params: &Params) -> Result<Self, Error> {
        let mut range = Self {
            from: i64::MIN,
            to: i64::MAX,
        };
        if !params.has("created") {
            return Ok(range);
        }
        if let Ok(Some(exact)) = params.integer("created") {
            return Ok(Self {
                from: exact,
                to: exact,
            });
        }
        let Some(bounds) = params.nested("created")? else {
            return Ok(range);
        };
        bounds.only(&[&["gt", "gte", "lt", "lte"]])?;
        for (field, step) in [("gte", 0), ("gt", 1)] {
            if let Some(bound) = bounds.integer(field)? {
                range.from = range.from.max(bound.saturating_add(step));
            }
        }
        for (field, step) in [("lte", 0), ("lt", 1)] {
            if let Some(bound) = bounds.integer(field)? {
                range.to = range.to.min(bound.saturating_sub(step));
            }
        }
        Ok(range)
    }

    fn holds(&self, object: &Value) -> bool {
        object["created"]
            .as_i64()
            .is_some_and(|created| (self.from..=self.to).contains(&created))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(count: usize) -> Vec<Value> {
        (0..count)
            .rev()
            .map(|number| json!({ "id": format!("x_{number}"), "created": number }))
            .collect()
    }

    fn read(params: &Value) -> Result<Value, Error> {
        paginate(
            "x",
            objects(25),
            "/v1/x",
            &Params::new(params.as_object().unwrap()),
        )
    }

    fn ids(page: &Value) -> Vec<&str> {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|object| object["id"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn pages_forward_cover_everything_once() {
        let mut seen = Vec::new();
        let mut params = json!({});
        loop {
            let page = read(&params).unwrap();
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            if page["has_more"] == false {
                break;
            }
            params = json!({ "starting_after": seen.last().unwrap() });
        }
        let all: Vec<String> = (0..25).rev().map(|number| format!("x_{number}")).collect();
        assert_eq!(seen, all);
    }

    #[test]
    fn a_page_backward_ends_before_its_cursor() {
        let page = read(&json!({ "ending_before": "x_10", "limit": "3" })).unwrap();
        assert_eq!(ids(&page), ["x_13", "x_12", "x_11"]);
        assert_eq!(page["has_more"], true);
    }

    #[test]
    fn a_limit_beyond_1_to_100_and_an_unknown_cursor_are_refused() {
        for params in [
            json!({ "limit": "0" }),
            json!({ "limit": "101" }),
            json!({ "starting_after": "x_99" }),
        ] {
            assert!(read(&params).is_err(), "{params}");
        }
    }

    #[test]
    fn times_of_creation_are_compared_as_asked() {
        let holds = |params: Value, created: i64| {
            let range = Range::read(&Params::new(params.as_object().unwrap())).unwrap();
            range.holds(&json!({ "created": created }))
        };
        assert!(holds(json!({ "created": "5" }), 5) && !holds(json!({ "created": "5" }), 6));
        let open = json!({ "created": { "gt": "5", "lt": "8" } });
        assert_eq!(
            (4..10).filter(|at| holds(open.clone(), *at)).collect::<Vec<_>>(),
            [6, 7]
        );
        let closed = json!({ "created": { "gte": "5", "lte": "8" } });
        assert_eq!(
            (4..10)
                .filter(|at| holds(closed.clone(), *at))
                .collect::<Vec<_>>(),
            [5, 6, 7, 8]
        );
    }
}
