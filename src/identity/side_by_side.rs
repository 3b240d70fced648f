//! Several numbers of each record, side by side in memory: a pair that is looked at costs two visits there, and not two for each
//! number.

use std::sync::Arc;

use rayon::prelude::*;

/// One number of each record.
#[derive(Debug, Clone)]
pub struct Numbers<T> {
    /// The numbers of all columns, record by record.
    rows: Arc<Vec<T>>,
    width: usize,
    at: usize,
}

impl<T: Copy> Numbers<T> {
    /// The number of a record.
    pub fn get(&self, record: u32) -> T {
        self.rows[record as usize * self.width + self.at]
    }

    /// All of them, in the order of the records.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + '_ {
        self.starting_at(0)
    }

    /// The same, from some record on.
    pub fn starting_at(&self, record: usize) -> impl Iterator<Item = T> + Clone + '_ {
        let rows = &self.rows[record * self.width..];
        rows.chunks_exact(self.width).map(|row| row[self.at])
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.rows.len() / self.width
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
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
        const RECORDS: usize = 65_536;
        let Some(records) = columns.first().map(|column| column.len()) else {
            return;
        };
        let width = columns.len();
        let mut rows = vec![T::default(); records * width];
        let filled = rows.par_chunks_mut(RECORDS * width).enumerate();
        filled.for_each(|(chunk, rows)| {
            for (at, column) in columns.iter().enumerate() {
                let values = column.starting_at(chunk * RECORDS);
                for (row, value) in rows.chunks_exact_mut(width).zip(values) {
                    row[at] = value;
                }
            }
        });
        let rows = Arc::new(rows);
        for (at, column) in columns.iter_mut().enumerate() {
            **column = Self {
                rows: Arc::clone(&rows),
                width,
                at,
            };
        }
    }
}

impl<T> From<Vec<T>> for Numbers<T> {
    fn from(rows: Vec<T>) -> Self {
        Self {
            rows: Arc::new(rows),
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
    }
}
