//! Finds the route of a request: the most specific one that matches
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>).

use std::collections::BTreeMap;

use http::Method;

use crate::template::Route;

/// The routes of an API.
pub(super) struct Routes {
    /// Those with a path, the most specific first.
    specific: Vec<(Vec<Segment>, Route)>,
    default: Option<Route>,
}

/// A segment of a route's path. The order is that of preference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

/// A route that matches, with the values of its path parameters.
pub(super) struct Found<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Routes {
    pub(super) fn new(routes: Vec<Route>) -> Self {
        let (mut specific, mut default) = (Vec::new(), None);
        for route in routes {
            match &route.path {
                None => default = Some(route),
                Some(path) => specific.push((segments(path), route)),
            }
        }
        // Kinds of segments first, then a named method before any. Routes alike in both never match the same request.
        specific.sort_by_key(|(segments, route)| {
            let kinds: Vec<u8> = segments.iter().map(Segment::kind).collect();
            (kinds, route.method.is_none())
        });
        Self { specific, default }
    }

    /// The route for a method and a path that is still percent-encoded.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let wanted: Vec<String> = path
            .trim_start_matches('/')
            .split('/')
            .map(decode)
            .collect::<Option<_>>()?;
        let of_method = |route: &Route| route.method.as_ref().is_none_or(|own| own == method);
        self.specific
            .iter()
            .filter(|(_, route)| of_method(route))
            .find_map(|(segments, route)| {
                Some(Found {
                    route,
                    parameters: parameters(segments, &wanted)?,
                })
            })
            .or_else(|| {
                self.default.as_ref().map(|route| Found {
                    route,
                    parameters: BTreeMap::new(),
                })
            })
    }
}

impl Segment {
    fn kind(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let parse = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Parameter(name.to_owned()),
        },
        None => Segment::Literal(segment.to_owned()),
    };
    path.trim_start_matches('/').split('/').map(parse).collect()
}

/// The values of a route's parameters, if its segments match.
fn parameters(segments: &[Segment], wanted: &[String]) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let mut rest = wanted;
    for segment in segments {
        let (first, others) = rest.split_first()?;
        match segment {
            Segment::Literal(literal) if literal == first => {}
            Segment::Parameter(name) if !first.is_empty() => {
                values.insert(name.clone(), first.clone());
            }
            Segment::Greedy(name) if !first.is_empty() => {
                values.insert(name.clone(), rest.join("/"));
                return Some(values);
            }
            _ => return None,
        }
        rest = others;
    }
    rest.is_empty().then_some(values)
}

/// A path or a segment without its percent-encoding; none if that is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(keys: &[&str]) -> Routes {
        let route = |key: &&str| match key.split_once(' ') {
            None => Route {
                method: None,
                path: None,
                function: (*key).to_owned(),
            },
            Some((method, path)) => Route {
                method: (method != "ANY").then(|| method.parse().unwrap()),
                path: Some(path.to_owned()),
                function: (*key).to_owned(),
            },
        };
        Routes::new(keys.iter().map(route).collect())
    }

    fn found(routes: &Routes, method: &Method, path: &str) -> Option<String> {
        routes
            .find(method, path)
            .map(|found| found.route.function.clone())
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        let routes = routes(&[
            "$default",
            "ANY /{proxy+}",
            "GET /pets/{proxy+}",
            "GET /pets/dog/{id}",
            "GET /pets/dog/1",
        ]);
        for (method, path, key) in [
            (Method::GET, "/pets/dog/1", "GET /pets/dog/1"),
            (Method::GET, "/pets/dog/2", "GET /pets/dog/{id}"),
            (Method::GET, "/pets/cat/1", "GET /pets/{proxy+}"),
            (Method::POST, "/test/5", "ANY /{proxy+}"),
            (Method::GET, "/", "$default"),
        ] {
            assert_eq!(found(&routes, &method, path).as_deref(), Some(key), "{path}");
        }
    }

    #[test]
    fn a_literal_wins_over_a_parameter_wherever_the_template_has_it() {
        for keys in [["GET /s/{id}", "GET /s/stats"], ["GET /s/stats", "GET /s/{id}"]] {
            let routes = routes(&keys);
            assert_eq!(
                found(&routes, &Method::GET, "/s/stats").as_deref(),
                Some("GET /s/stats")
            );
            assert_eq!(
                found(&routes, &Method::GET, "/s/x").as_deref(),
                Some("GET /s/{id}")
            );
        }
    }

    #[test]
    fn a_parameter_holds_one_decoded_segment() {
        let routes = routes(&["GET /s/{id}", "GET /files/{path+}"]);
        let parameter = |path: &str| routes.find(&Method::GET, path).map(|found| found.parameters);
        assert_eq!(parameter("/s/a%2Fb%20c").unwrap()["id"], "a/b c");
        assert_eq!(parameter("/files/a/b").unwrap()["path"], "a/b");
        assert!(parameter("/s/").is_none() && parameter("/s/a/").is_none() && parameter("/s/%FF").is_none());
    }

    #[test]
    fn without_a_route_for_the_method_only_the_default_is_left() {
        assert!(found(&routes(&["GET /s"]), &Method::POST, "/s").is_none());
        assert_eq!(
            found(&routes(&["GET /s", "$default"]), &Method::HEAD, "/s").as_deref(),
            Some("$default")
        );
    }
}
