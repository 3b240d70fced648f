//! JSON: an object is a record, and a column is the path to one of its fields (`customer.phone`, `phones.0`).
//!
//! Only what a column asks for is kept, and numbers keep every digit that they were written with.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// The wanted fields as a tree: what is asked for at a place, and below it.
#[derive(Debug, Default)]
pub struct Paths {
    column: Option<usize>,
    below: Vec<(String, Paths)>,
}

impl Paths {
    /// The tree of some columns' paths.
    pub fn new<'a>(columns: impl Iterator<Item = &'a str>) -> Self {
        let mut root = Self::default();
        for (number, path) in columns.enumerate() {
            let mut node = &mut root;
            for step in path.split('.') {
                let at = match node.below.iter().position(|(name, _)| name == step) {
                    Some(at) => at,
                    None => {
                        node.below.push((step.to_string(), Self::default()));
                        node.below.len() - 1
                    }
                };
                node = &mut node.below[at].1;
            }
            node.column = Some(number);
        }
        root
    }

    /// Reads an object: the text of every column, none where its path ends or the value is null. Objects and arrays stay JSON.
    pub fn read(
        &self,
        object: &str,
        cells: &mut Vec<Option<String>>,
        count: usize,
    ) -> serde_json::Result<()> {
        cells.clear();
        cells.resize(count, None);
        if !object.trim_start().starts_with('{') {
            return Err(serde_json::Error::custom("no object"));
        }
        let mut reader = serde_json::Deserializer::from_str(object);
        Below { node: self, cells }.deserialize(&mut reader)?;
        reader.end()
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.below
            .iter()
            .find(|(step, _)| step == name)
            .map(|(_, node)| node)
    }
}

/// Reads the value at a place of the tree.
struct At<'a> {
    node: &'a Paths,
    cells: &'a mut Vec<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Some(column) = self.node.column else {
            return Below {
                node: self.node,
                cells: self.cells,
            }
            .deserialize(deserializer);
        };
        let raw = <&RawValue>::deserialize(deserializer)?;
        self.cells[column] = text(raw.get()).map(Cow::into_owned);
        if !self.node.below.is_empty() {
            let mut reader = serde_json::Deserializer::from_str(raw.get());
            Below {
                node: self.node,
                cells: self.cells,
            }
            .deserialize(&mut reader)
            .map_err(D::Error::custom)?;
        }
        Ok(())
    }
}

use serde::Deserialize;

/// Reads what lies below a place of the tree.
struct Below<'a> {
    node: &'a Paths,
    cells: &'a mut Vec<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<str>>()? {
            match self.node.child(&name) {
                Some(node) => map.next_value_seed(At {
                    node,
                    cells: &mut *self.cells,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for number in 0.. {
            let node = self.node.child(&number.to_string());
            let is_over = match node {
                Some(node) => items
                    .next_element_seed(At {
                        node,
                        cells: &mut *self.cells,
                    })?
                    .is_none(),
                None => items.next_element::<IgnoredAny>()?.is_none(),
            };
            if is_over {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A value as text.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'n' => None,
        b'"' => match raw[1..raw.len() - 1].contains('\\') {
            false => Some(Cow::Borrowed(&raw[1..raw.len() - 1])),
            true => serde_json::from_str(raw).ok().map(Cow::Owned),
        },
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(whole(raw))),
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// A number without the `.0` of a whole one, which tables write where they hold it as a float.
pub fn whole(number: &str) -> &str {
    let is_whole = |whole: &&str| whole.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let plain = number.strip_suffix(".0");
    plain.filter(is_whole).unwrap_or(number)
}

/// The values of a text that is a JSON array, without its nulls.
pub fn items(array: &str) -> Option<Vec<Cow<'_, str>>> {
    let items: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    Some(items.iter().filter_map(|item| text(item.get())).collect())
}

/// Cuts the elements of an array, or objects one behind the other, out of a text that comes in pieces.
#[derive(Debug, Default)]
pub struct Elements {
    depth: u32,
    is_text: bool,
    is_escaped: bool,
    start: Option<usize>,
    at: usize,
    /// Line ends seen before `at`.
    line: u64,
    start_line: u64,
    /// Whether an array around the objects was opened, and not closed.
    is_array_open: bool,
}

/// An object in a text: where it starts and ends, and its line from 0.
pub type Element = (std::ops::Range<usize>, u64);

impl Elements {
    /// The objects that end in `text`, which goes on where the last one stopped. Whatever lies between them is passed over.
    pub fn next(&mut self, text: &str) -> Vec<Element> {
        let mut found = Vec::new();
        let bytes = text.as_bytes();
        while self.at < bytes.len() {
            let byte = bytes[self.at];
            self.line += u64::from(byte == b'\n');
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_text => self.is_escaped = true,
                b'"' if self.depth > 0 => self.is_text = !self.is_text,
                _ if self.is_text => {}
                b'{' | b'[' if self.depth > 0 => self.depth += 1,
                b'{' => {
                    self.depth = 1;
                    self.start = Some(self.at);
                    self.start_line = self.line;
                }
                b'[' => self.is_array_open = true,
                b']' if self.depth == 0 => self.is_array_open = false,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if let (0, Some(start)) = (self.depth, self.start) {
                        found.push((start..self.at + 1, self.start_line));
                        self.start = None;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        found
    }

    /// Says that the text before the open object, or all of it, was taken away; gives how much that is.
    pub fn forget(&mut self) -> usize {
        let gone = self.start.unwrap_or(self.at);
        self.at -= gone;
        self.start = self.start.map(|_| 0);
        gone
    }

    /// Whether an object is open.
    pub fn is_open(&self) -> bool {
        self.start.is_some()
    }

    /// Whether the array around the objects has no end.
    pub fn is_array_open(&self) -> bool {
        self.is_array_open
    }

    /// The line that the open object starts on, from 0.
    pub fn open_line(&self) -> u64 {
        self.start_line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(columns: &[&str], object: &str) -> Vec<Option<String>> {
        let mut cells = Vec::new();
        Paths::new(columns.iter().copied())
            .read(object, &mut cells, columns.len())
            .unwrap();
        cells
    }

    #[test]
    fn a_path_reaches_into_objects_and_arrays() {
        let object = r#"{"id":123456789012345678901,"a":{"b":"x\"y","c":null},"phones":["1",2,{"n":3}],"tags":["p","q"],"f":1.50}"#;
        let found = cells(
            &[
                "id",
                "a.b",
                "a.c",
                "phones.1",
                "phones.2.n",
                "phones",
                "tags",
                "f",
                "g.h",
            ],
            object,
        );
        let wanted = [
            Some("123456789012345678901"),
            Some("x\"y"),
            None,
            Some("2"),
            Some("3"),
            Some(r#"["1",2,{"n":3}]"#),
            Some(r#"["p","q"]"#),
            Some("1.50"),
            None,
        ];
        assert_eq!(
            found.iter().map(Option::as_deref).collect::<Vec<_>>(),
            wanted
        );
    }

    #[test]
    fn a_whole_number_is_written_as_one() {
        assert_eq!(cells(&["a"], r#"{"a": 12.0}"#), [Some("12".to_string())]);
        assert_eq!(
            cells(&["a"], r#"{"a": 12.50}"#),
            [Some("12.50".to_string())]
        );
        assert_eq!(
            cells(&["a"], r#"{"a": "12.0"}"#),
            [Some("12.0".to_string())]
        );
    }

    #[test]
    fn an_array_has_its_values_as_text() {
        assert_eq!(
            items(r#"["a;b", 2, null, "\"", {"c": 1}]"#).unwrap(),
            ["a;b", "2", "\"", r#"{"c": 1}"#]
        );
        assert_eq!(items("[2022] Mill Road"), None);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        let paths = Paths::new(["a"].into_iter());
        for broken in ["", "1", "[]", "{\"a\":1", "{\"a\":1} x"] {
            assert!(paths.read(broken, &mut Vec::new(), 1).is_err(), "{broken}");
        }
    }

    #[test]
    fn elements_are_cut_out_of_pieces() {
        let text = "[\n {\"a\": \"}]\\\"\"},\n {\"b\": [{}, 2]}\n]";
        for cut in 0..text.len() {
            let mut elements = Elements::default();
            let (mut held, mut found) = (String::new(), Vec::new());
            for part in [&text[..cut], &text[cut..]] {
                held.push_str(part);
                found.extend(
                    elements
                        .next(&held)
                        .into_iter()
                        .map(|(range, line)| (held[range].to_string(), line)),
                );
                held.drain(..elements.forget());
            }
            assert_eq!(
                found,
                [
                    ("{\"a\": \"}]\\\"\"}".to_string(), 1),
                    ("{\"b\": [{}, 2]}".to_string(), 2)
                ],
                "{cut}"
            );
        }
    }
}
