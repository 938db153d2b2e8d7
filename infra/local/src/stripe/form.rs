//! Form-encoded parameters with nested names: `line_items[0][price_data][currency]=usd`.

use serde_json::{Map, Value};

use super::errors::Error;

/// Deeper names than any parameter of Stripe's has.
const DEEPEST: usize = 16;

/// The names and values of a form or of a query, in the order in which they were sent.
pub(super) fn pairs(encoded: &[u8]) -> Result<Vec<(String, String)>, Error> {
    serde_urlencoded::from_bytes(encoded).map_err(|_| Error::invalid("Invalid request body: not a form."))
}

/// The pairs as one object. Lists are objects too, with their indices as names: only the reader of a parameter knows
/// whether `0` is an index or a name, as it may be in `metadata`.
pub(super) fn nest(pairs: &[(String, String)]) -> Result<Map<String, Value>, Error> {
    let mut root = Map::new();
    for (name, value) in pairs {
        let path = path(name);
        if path.len() > DEEPEST {
            return Err(Error::invalid(format!(
                "Invalid request: a parameter is nested more than {DEEPEST} deep."
            )));
        }
        insert(&mut root, &path, value).ok_or_else(|| {
            Error::invalid(format!(
                "Invalid request: {name} is given both as a value and as a hash."
            ))
            .at(name)
        })?;
    }
    Ok(root)
}

/// `a[b][0]` is `a`, `b`, `0`; a name whose brackets do not match is a plain name.
fn path(name: &str) -> Vec<&str> {
    let nested = || {
        let (first, rest) = name.split_once('[')?;
        let inner = rest.strip_suffix(']')?;
        let parts: Vec<&str> = std::iter::once(first).chain(inner.split("][")).collect();
        let plain = |part: &&str| !part.contains(['[', ']']);
        (!first.is_empty() && parts.iter().all(plain)).then_some(parts)
    };
    nested().unwrap_or_else(|| vec![name])
}

/// Puts `value` where `path` leads; nothing where the path runs through a value, or ends at an object.
fn insert(root: &mut Map<String, Value>, path: &[&str], value: &str) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut map = root;
    for (part, child) in parents.iter().zip(&path[1..]) {
        let name = name_in(map, part, Some(child));
        map = map
            .entry(name)
            .or_insert_with(|| Map::new().into())
            .as_object_mut()?;
    }
    let name = name_in(map, last, None);
    if map.get(&name).is_some_and(Value::is_object) {
        return None;
    }
    map.insert(name, value.into());
    Some(())
}

/// `a[]` is the next element of a list; `a[][b]` is the last one as long as that has no `b` yet.
fn name_in(map: &Map<String, Value>, part: &str, child: Option<&&str>) -> String {
    if !part.is_empty() {
        return part.to_owned();
    }
    let last = map.len().checked_sub(1).map(|index| index.to_string());
    match (last, child) {
        (Some(last), Some(child))
            if !child.is_empty() && map.get(&last).is_some_and(|it| it.get(child).is_none()) =>
        {
            last
        }
        _ => map.len().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn decode(form: &str) -> Value {
        nest(&pairs(form.as_bytes()).unwrap()).unwrap().into()
    }

    #[test]
    fn nested_names_become_nested_objects() {
        let form = "mode=payment&line_items[0][price_data][currency]=usd&line_items%5B0%5D%5Bquantity%5D=1&metadata[a]=x+y%26";
        let expected = json!({
            "mode": "payment",
            "line_items": { "0": { "price_data": { "currency": "usd" }, "quantity": "1" } },
            "metadata": { "a": "x y&" },
        });
        assert_eq!(decode(form), expected);
    }

    #[test]
    fn empty_brackets_append() {
        assert_eq!(
            decode("expand[]=a&expand[]=b"),
            json!({ "expand": { "0": "a", "1": "b" } })
        );
        let items = json!({ "items": { "0": { "price": "p", "quantity": "1" }, "1": { "price": "q" } } });
        assert_eq!(
            decode("items[][price]=p&items[][quantity]=1&items[][price]=q"),
            items
        );
    }

    #[test]
    fn a_name_with_broken_brackets_is_a_plain_name() {
        for name in ["a[b", "a]b", "[a]", "a[b]c", "a[b[c]]"] {
            assert_eq!(path(name), [name]);
        }
    }

    #[test]
    fn a_name_that_is_a_value_and_an_object_at_once_is_refused() {
        for form in ["a=1&a[b]=2", "a[b]=2&a=1"] {
            assert!(nest(&pairs(form.as_bytes()).unwrap()).is_err(), "{form}");
        }
    }

    #[test]
    fn a_name_nested_without_end_is_refused() {
        let name = format!("a{}", "[b]".repeat(100_000));
        assert!(nest(&[(name, "1".into())]).is_err());
    }

    fn tree() -> impl Strategy<Value = Value> {
        let name = "[a-z0-9_ &=+%é]{1,6}";
        let leaf = ".{0,8}".prop_map(Value::from);
        let inner = leaf.prop_recursive(4, 24, 4, move |inner| {
            prop::collection::btree_map(name, inner, 1..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        });
        prop::collection::btree_map(name, inner, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let name = if name.is_empty() {
                        key.clone()
                    } else {
                        format!("{name}[{key}]")
                    };
                    flatten(&name, value, into);
                }
            }
            Value::String(text) => into.push((name.to_owned(), text.clone())),
            other => panic!("not a parameter: {other}"),
        }
    }

    proptest! {
        #[test]
        fn what_a_client_encodes_is_what_is_decoded(tree in tree()) {
            let mut flat = Vec::new();
            flatten("", &tree, &mut flat);
            let encoded = serde_urlencoded::to_string(&flat).unwrap();
            prop_assert_eq!(decode(&encoded), tree);
        }

        #[test]
        fn no_form_is_worse_than_refused(form in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = pairs(&form).and_then(|pairs| nest(&pairs));
        }

        #[test]
        fn no_names_are_worse_than_refused(names in prop::collection::vec("[ab\\[\\]]{0,12}", 0..6)) {
            let pairs: Vec<(String, String)> = names.into_iter().map(|name| (name, "1".into())).collect();
            let _ = nest(&pairs);
        }
    }
}
