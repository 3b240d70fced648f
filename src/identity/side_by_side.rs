//! Several numbers of each record, side by side in memory: a pair that is looked at costs two visits there, and not two for each
//! number.

use std::sync::Arc;

use rayon::prelude::*;

/// One number of each record.
#[derive(Debug, Clone)]
pub struct Numbers<T> {
    /// The numbers of all columns, record by record, in pieces: what is let go in small parts makes room for them.
    pieces: Arc<Vec<Vec<T>>>,
    /// How many records a piece has, as a power of two.
    piece: u32,
    width: usize,
    at: usize,
    records: usize,
}

/// Records of a piece where columns lie together, as a power of two.
const TOGETHER: u32 = 16;
/// The same of a column by itself, which is one piece.
const ALONE: u32 = 31;

impl<T: Copy> Numbers<T> {
    /// The number of a record.
    #[inline]
    pub fn get(&self, record: u32) -> T {
        let within = record & ((1 << self.piece) - 1);
        self.pieces[(record >> self.piece) as usize][within as usize * self.width + self.at]
    }

    /// Those of some records.
    pub fn of<'a>(&'a self, records: &'a [u32]) -> impl Iterator<Item = T> + 'a {
        records.iter().map(|record| self.get(*record))
    }

    /// All of them, in the order of the records.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + '_ {
        let rows = self.pieces.iter();
        let rows = rows.flat_map(|rows| rows.chunks_exact(self.width));
        rows.map(|row| row[self.at])
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Bytes of memory that are this column's.
    pub fn size(&self) -> usize {
        self.len() * size_of::<T>()
    }

    /// Puts columns of the same records side by side; what is put is let go.
    pub fn put_together(mut columns: Vec<&mut Self>)
    where
        T: Default + Send + Sync,
    {
        let Some(records) = columns.first().map(|column| column.len()) else {
            return;
        };
        let width = columns.len();
        let starts = (0..records).into_par_iter().step_by(1 << TOGETHER);
        let piece = |start: usize| {
            let end = records.min(start + (1 << TOGETHER));
            let mut rows = vec![T::default(); (end - start) * width];
            for (at, column) in columns.iter().enumerate() {
                for (row, record) in rows.chunks_exact_mut(width).zip(start as u32..) {
                    row[at] = column.get(record);
                }
            }
            rows
        };
        let pieces = Arc::new(starts.map(piece).collect::<Vec<_>>());
        for (at, column) in columns.iter_mut().enumerate() {
            **column = Self {
                pieces: Arc::clone(&pieces),
                piece: TOGETHER,
                width,
                at,
                records,
            };
        }
    }
}

impl<T> From<Vec<T>> for Numbers<T> {
    fn from(rows: Vec<T>) -> Self {
        Self {
            records: rows.len(),
            pieces: Arc::new(vec![rows]),
            piece: ALONE,
            width: 1,
            at: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_say_the_same_when_they_are_together() {
        let (mut one, mut other) = (Numbers::from(vec![1, 2, 3]), Numbers::from(vec![4, 5, 6]));
        Numbers::put_together(vec![&mut one, &mut other]);
        assert_eq!(one.iter().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(other.iter().collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!((one.get(1), other.get(2), other.len()), (2, 6, 3));
        // More than a piece.
        let (mut one, mut other) = (
            Numbers::from((0..200_000).collect::<Vec<u32>>()),
            Numbers::from((0..200_000).rev().collect::<Vec<u32>>()),
        );
        Numbers::put_together(vec![&mut one, &mut other]);
        assert!(one.iter().eq(0..200_000) && other.iter().eq((0..200_000).rev()));
        assert_eq!((one.get(131_072), other.get(131_072)), (131_072, 68_927));
    }
}
