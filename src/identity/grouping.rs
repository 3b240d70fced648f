//! Rows brought together by a number: the values of a column by their hashes, the records of a block by their key.

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::common::Result;
use datafusion::common::hash_utils::{RandomState, create_hashes};
use rayon::prelude::*;

/// The hash of null.
pub const NULL: u64 = 0;
/// The hash of an empty text.
pub const EMPTY: u64 = 1;

/// Values that one thread hashes at a time.
pub const CHUNK: usize = 65_536;

/// A hash of each value, the same for equal values on every night; [`NULL`] and [`EMPTY`] are no others'.
pub fn hashes(values: &ArrayRef) -> Result<Vec<u64>> {
    let chunks: Vec<usize> = (0..values.len()).step_by(CHUNK).collect();
    let of_chunk = |from: &usize| {
        let length = CHUNK.min(values.len() - from);
        hashes_of_chunk(&values.slice(*from, length))
    };
    let hashes = chunks.par_iter().map(of_chunk);
    Ok(hashes.collect::<Result<Vec<_>>>()?.concat())
}

/// The same, on one thread.
pub fn hashes_of_chunk(values: &ArrayRef) -> Result<Vec<u64>> {
    let mut hashes = vec![0; values.len()];
    let random = RandomState::default();
    create_hashes(std::slice::from_ref(values), &random, &mut hashes)?;
    let texts = values.as_string_opt::<i32>();
    for (row, hash) in hashes.iter_mut().enumerate() {
        *hash = match texts {
            _ if values.is_null(row) => NULL,
            Some(texts) if texts.value(row).is_empty() => EMPTY,
            _ => (*hash).max(EMPTY + 1),
        };
    }
    Ok(hashes)
}

/// Rows with their numbers, in the order of both; a row whose number is 0 has none, and is left out. The numbers are hashes.
pub fn grouped(numbers: &[u64]) -> Vec<(u64, u32)> {
    // By their first bits at first: what is sorted then stays in the processor's memory.
    const PARTS: usize = 256;
    let part = |number: u64| (number >> 56) as usize;
    let mut ends = [0_usize; PARTS + 1];
    for number in numbers.iter().filter(|number| **number != 0) {
        ends[part(*number) + 1] += 1;
    }
    for at in 1..=PARTS {
        ends[at] += ends[at - 1];
    }
    let mut rows = vec![(0, 0); ends[PARTS]];
    let starts = ends;
    for (row, number) in numbers
        .iter()
        .enumerate()
        .filter(|(_, number)| **number != 0)
    {
        let end = &mut ends[part(*number)];
        rows[*end] = (*number, row as u32);
        *end += 1;
    }
    let mut parts = Vec::with_capacity(PARTS);
    let mut rest = rows.as_mut_slice();
    for at in 0..PARTS {
        let (part, behind) = rest.split_at_mut(starts[at + 1] - starts[at]);
        parts.push(part);
        rest = behind;
    }
    parts.into_par_iter().for_each(<[_]>::sort_unstable);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_numbers() {
        let numbers: Vec<u64> = (0..10_000_u64)
            .map(|row| (row % 700).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        let mut expected: Vec<(u64, u32)> = (0..10_000)
            .map(|row| (numbers[row as usize], row))
            .filter(|(number, _)| *number != 0)
            .collect();
        expected.sort_unstable();
        assert_eq!(grouped(&numbers), expected);
        assert_eq!(grouped(&[0, 0]), []);
    }
}
