//! JSON lines: one object a line, nested fields reached by their path (`customer.phone`).

use std::borrow::Cow;

use serde_json::Value;

/// The value at a path, as text; `None` where the path ends or the value is null. Arrays of scalars become a list with
/// semicolons between, anything deeper stays JSON.
pub fn at_path<'a>(object: &'a Value, path: &[String]) -> Option<Cow<'a, str>> {
    let mut value = object;
    for step in path {
        value = value.get(step)?;
    }
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_array() && !item.is_object()) =>
        {
            let texts: Vec<Cow<str>> = items.iter().filter_map(|item| at_path(item, &[])).collect();
            Some(Cow::Owned(texts.join(";")))
        }
        other => Some(Cow::Owned(other.to_string())),
    }
}
