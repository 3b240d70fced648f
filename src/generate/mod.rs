//! Synthetic exports of any size, as a company would have them, and the truth about who is who.
//!
//! Every person is made from the seed and the person's number alone, so memory does not grow with their count, and the same
//! seed gives the same bytes. Each damage done to a record is written down, so that recall can be told per damage.

mod damage;
mod names;
mod person;
mod places;
mod rng;
mod systems;
mod writers;

use std::io;
use std::path::Path;

use person::People;
use rng::Rng;
use systems::Systems;

/// What to generate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many persons.
    pub customers: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Percent of Chinese persons; the rest is Western.
    pub chinese_percent: u64,
}

/// What was generated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Generated {
    /// Rows of all exports.
    pub rows: u64,
    /// Records about persons, as the truth has them.
    pub records: u64,
}

/// Writes `exports/` and `truth/` below a folder.
pub fn generate(plan: &Plan, output: &Path) -> io::Result<Generated> {
    let people = People::new(plan);
    let mut systems = Systems::create(output)?;
    for number in 0..plan.customers {
        let person = people.person(number);
        systems.write(
            &people,
            &person,
            &mut Rng::new(plan.seed, number, "systems"),
        )?;
    }
    systems.partners(plan)?;
    systems.close()
}
