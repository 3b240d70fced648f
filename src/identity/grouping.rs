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
    let mut hashes = vec![0; values.len()];
    let chunks = hashes.par_chunks_mut(CHUNK).enumerate();
    chunks.try_for_each(|(chunk, hashes)| {
        hash_chunk(&values.slice(chunk * CHUNK, hashes.len()), hashes)
    })?;
    Ok(hashes)
}

/// Puts a hash of each value in the place of a zero, on one thread.
pub fn hash_chunk(values: &ArrayRef, hashes: &mut [u64]) -> Result<()> {
    let random = RandomState::default();
    create_hashes(std::slice::from_ref(values), &random, hashes)?;
    let nulls = values.logical_nulls();
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let ends = values
        .as_string_opt::<i32>()
        .map(|texts| texts.value_offsets());
    let is_empty = |row: usize| ends.is_some_and(|ends| ends[row] == ends[row + 1]);
    for (row, hash) in hashes.iter_mut().enumerate() {
        *hash = match () {
            () if is_null(row) => NULL,
            () if is_empty(row) => EMPTY,
            () => (*hash).max(EMPTY + 1),
        };
    }
    Ok(())
}

/// Rows with their numbers, in the order of both; a row whose number is 0 has none, and is left out.
pub struct Grouped(Vec<Vec<(u64, u32)>>);

impl Grouped {
    /// The rows in parts for several threads; those of one number are in one part.
    pub fn parts(&self) -> &[Vec<(u64, u32)>] {
        &self.0
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &(u64, u32)> {
        self.0.iter().flatten()
    }

    /// The rows of each number.
    pub fn groups(&self) -> impl Iterator<Item = &[(u64, u32)]> {
        self.0.iter().flat_map(|part| groups(part))
    }
}

/// The rows of each number, of rows in the order of their numbers.
pub fn groups(rows: &[(u64, u32)]) -> impl Iterator<Item = &[(u64, u32)]> {
    rows.chunk_by(|one, other| one.0 == other.0)
}

/// Brings rows together by their numbers, which are hashes.
pub fn grouped(numbers: &[u64]) -> Grouped {
    // By their first bits at first: what is sorted then stays in the processor's memory. Of what is sorted, some lie in one piece
    // of memory: all pieces are large, for the allocator gives what small ones leave to others like them alone.
    const PARTS: usize = 16;
    const BITS: u32 = 12;
    const SORTED: usize = 1 << BITS;
    let sorted = |number: u64| (number >> (64 - BITS)) as usize;
    let scattered = numbers
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, numbers)| {
            let mut ends = [0_usize; SORTED];
            for number in numbers.iter().filter(|number| **number != 0) {
                ends[sorted(*number)] += 1;
            }
            let mut rows = 0;
            let starts = ends.each_mut().map(|end| {
                rows += *end;
                *end = rows - *end;
                *end
            });
            let mut rows = vec![(0, 0); rows];
            for (at, number) in numbers.iter().enumerate() {
                if *number != 0 {
                    let end = &mut ends[sorted(*number)];
                    rows[*end] = (*number, (chunk * CHUNK + at) as u32);
                    *end += 1;
                }
            }
            (rows, starts, ends)
        });
    let scattered: Vec<_> = scattered.collect();
    let part = |part: usize| {
        let sorted = part * SORTED / PARTS..(part + 1) * SORTED / PARTS;
        let pieces = |at: usize| {
            let pieces = scattered.iter();
            pieces.map(move |(rows, starts, ends)| &rows[starts[at]..ends[at]])
        };
        let all = sorted.clone().flat_map(pieces).map(<[_]>::len).sum();
        let mut rows = Vec::with_capacity(all);
        for at in sorted {
            let start = rows.len();
            pieces(at).for_each(|piece| rows.extend_from_slice(piece));
            rows[start..].sort_unstable();
        }
        rows
    };
    Grouped((0..PARTS).into_par_iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_numbers() {
        let numbers: Vec<u64> = (0..200_000_u64)
            .map(|row| (row % 700).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        let mut expected: Vec<(u64, u32)> = (0..200_000)
            .map(|row| (numbers[row as usize], row))
            .filter(|(number, _)| *number != 0)
            .collect();
        expected.sort_unstable();
        let grouped = grouped(&numbers);
        assert!(grouped.rows().eq(&expected));
        assert!(grouped.groups().eq(groups(&expected)));
        assert_eq!(grouped.groups().count(), 699);
        assert_eq!(super::grouped(&[0, 0]).rows().count(), 0);
    }
}
