//! Ids of new customers.

use arrow::array::{StringArray, StringBuilder};
use hashbrown::HashSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::history::place_of;

/// A new id for each of some records, and their order: the same for the same record on every machine, and never one that was
/// used before.
pub fn new_ids(
    record_ids: &StringArray,
    roots: &[u32],
    used: &StringArray,
) -> (StringArray, Vec<u32>) {
    let first_record = |at: u32| record_ids.value(roots[at as usize] as usize);
    let mut numbered: Vec<(u64, u32)> = (0..roots.len() as u32)
        .into_par_iter()
        .map_init(String::new, |text, at| {
            (id_number(first_record(at), 0, text), at)
        })
        .collect();
    numbered.par_sort_unstable();
    let is_used = |id: u64| place_of(used, id_text(id).as_ref()).is_some();
    let is_taken = |place: &usize| {
        let id = numbered[*place].0;
        (*place > 0 && numbered[place - 1].0 == id) || is_used(id)
    };
    let taken: Vec<usize> = (0..numbered.len())
        .into_par_iter()
        .filter(is_taken)
        .collect();
    if !taken.is_empty() {
        let mut all: HashSet<u64> = numbered.iter().map(|(id, _)| *id).collect();
        let mut text = String::new();
        for place in taken {
            let first = first_record(numbered[place].1);
            let free = (1..)
                .map(|salt| id_number(first, salt, &mut text))
                .find(|id| !all.contains(id) && !is_used(*id));
            numbered[place].0 = free.expect("there are 2^60 ids");
            all.insert(numbered[place].0);
        }
        numbered.par_sort_unstable();
    }
    let mut ids = vec![0; roots.len()];
    for (id, at) in &numbered {
        ids[*at as usize] = *id;
    }
    let mut texts = StringBuilder::with_capacity(ids.len(), ids.len() * ID_LENGTH);
    for id in ids {
        texts.append_value(id_text(id));
    }
    (
        texts.finish(),
        numbered.into_iter().map(|(_, at)| at).collect(),
    )
}

/// An id by the first record of its cluster, as a number of twelve digits to the base of 32; `text` is what it is made in.
fn id_number(first_record: &str, salt: u32, text: &mut String) -> u64 {
    text.clear();
    text.push_str(first_record);
    match salt {
        0 => text.push_str("#0"),
        salt => text.push_str(&format!("#{salt}")),
    }
    xxh3_64(text.as_bytes()) >> 4
}

/// Letters of an id.
const ID_LENGTH: usize = 13;

/// An id as it is published; ids and their numbers are in the same order.
fn id_text(id: u64) -> IdText {
    // Crockford's alphabet: no letter that is taken for a digit.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut text = [b'C'; ID_LENGTH];
    for (place, letter) in text[1..].iter_mut().rev().enumerate() {
        *letter = ALPHABET[(id >> (5 * place) & 31) as usize];
    }
    IdText(text)
}

/// The letters of an id.
struct IdText([u8; ID_LENGTH]);

impl AsRef<str> for IdText {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
