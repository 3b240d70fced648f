//! How alike two Western addresses are.

use rapidfuzz::distance::osa;

use super::address_level::{
    ELSE, EXACT, PARTLY, SAME_DISTRICT, SAME_HOME, SAME_HOUSE, SAME_ROAD, SIMILAR,
};
use super::similarity::share_off;
use super::western_address::{
    self, COUNTRIES, STREET_ENDINGS, is_direction, is_kind, is_leading, is_short_state, long_word,
};

/// A Western address taken apart once, to be compared with many.
#[derive(Debug, Default)]
pub struct Western {
    pub key: Option<String>,
    road: Option<Road>,
    number: Option<String>,
    /// What stands with the street: the town, the state, the postal code.
    places: Vec<String>,
    /// Parts between commas, but for a state and a country.
    parts: usize,
    flat: Vec<String>,
    is_new: bool,
    states: Vec<String>,
    /// The letters of the places, without states and what has digits.
    town: String,
    /// The words of the key that have digits, and the letters of the others.
    digits: Vec<String>,
    letters: String,
}

impl Western {
    /// Takes an address apart.
    pub fn read(address: &str) -> Self {
        let (key, street) = western_address::read(address);
        let places = street.places;
        let states = places.iter().filter(|word| is_short_state(word)).cloned();
        let towns = places.iter().filter(|word| !is_short_state(word));
        let words: Vec<&str> = key.iter().flat_map(|key| key.split(' ')).collect();
        let (digits, letters): (Vec<&str>, Vec<&str>) =
            words.into_iter().partition(|word| has_digit(word));
        let is_told = |part: &str| {
            let part = part.trim().to_lowercase();
            !part.is_empty() && !is_short_state(&part) && !COUNTRIES.contains(&part.as_str())
        };
        let mut digits: Vec<String> = digits.into_iter().map(String::from).collect();
        digits.sort_unstable();
        Self {
            road: street.road.as_deref().map(Road::read),
            number: street.number,
            parts: address.split(',').filter(|part| is_told(part)).count(),
            flat: street.flat,
            is_new: places.iter().any(|word| word == "new"),
            states: states.collect(),
            town: towns.filter(|word| !has_digit(word)).cloned().collect(),
            digits,
            letters: letters.concat(),
            key,
            places,
        }
    }

    /// A place among the levels of addresses.
    pub fn level(&self, other: &Self) -> u8 {
        let is_on_road = self.may_be_of_one_place(other) && self.is_on_road_of(other);
        let is_same_number = self.number.is_some() && self.number == other.number;
        match () {
            () if self.key.is_some() && self.key == other.key => {
                match self.is_town() || other.is_town() {
                    true => SAME_DISTRICT,
                    false => EXACT,
                }
            }
            () if is_same_number && self.is_exactly(other) => EXACT,
            () if is_on_road && is_same_number && self.is_home_of(other) => SAME_HOME,
            () if is_on_road && is_same_number => SAME_HOUSE,
            () if is_on_road => SAME_ROAD,
            () if self.is_on_grounds_of(other) => self.level_on_grounds(other),
            () if self.has_near_words(other) || self.has_slips_of(other) => SIMILAR,
            () if self.is_partly(other) || self.is_house_elsewhere_of(other) => PARTLY,
            () if self.has_postal_code_of(other) => SAME_DISTRICT,
            () if self.is_in_town_of(other) => SAME_DISTRICT,
            () if self.is_code_and_town_of(other) || other.is_code_and_town_of(self) => {
                SAME_DISTRICT
            }
            () => ELSE,
        }
    }

    /// Whether it says a town or a country and nothing in it: Leeds, and New York, NY. The Old Rectory, Leeds is a house.
    pub fn is_town(&self) -> bool {
        const MOST_WORDS: usize = 2;
        const BUILDINGS: &[&str] = &[
            "airport",
            "bldg",
            "building",
            "castle",
            "center",
            "centre",
            "church",
            "cottage",
            "farm",
            "gate",
            "hall",
            "hospital",
            "hotel",
            "house",
            "lodge",
            "mall",
            "mill",
            "plaza",
            "school",
            "tower",
            "towers",
            "university",
            "villa",
        ];
        let towns = || {
            let words = self.places.iter();
            words.filter(|word| !is_short_state(word) && !has_digit(word))
        };
        let mut numbers = self.places.iter().filter(|word| has_digit(word));
        // The codes of Britain and Canada are of a few houses.
        let is_code = |number: &str| number.len() >= 4 && !number.contains(char::is_alphabetic);
        let is_of_house = |word: &str| {
            BUILDINGS.contains(&word) || STREET_ENDINGS.iter().any(|end| word.ends_with(end))
        };
        self.road.is_none()
            && self.number.is_none()
            && self.flat.is_empty()
            && numbers.all(|number| is_code(number))
            && self.parts <= 1
            && towns().count() <= MOST_WORDS
            && !towns().any(|word| is_of_house(word))
    }

    /// Whether both are flats of one estate, and no street is told: Flat C, 8/F, Block 12, Taikoo Shing.
    fn is_on_grounds_of(&self, other: &Self) -> bool {
        // Suite 100, Dallas names no estate; a block may be of any, where the rest is not the same.
        let is_named = |of: &Self| of.parts >= of.flat.len() + 2;
        let is_block = |of: &Self| of.flat.iter().any(|part| part.starts_with("bldg "));
        let is_flat = |of: &Self| {
            let has_street = of.road.is_some() || of.number.is_some();
            !has_street && !of.flat.is_empty() && !of.town.is_empty()
        };
        // Block 12, Taikoo Shing is one of an estate; Tower 1, Dubai is not.
        const ESTATES: &[&str] = &[
            "shing",
            "garden",
            "gardens",
            "estate",
            "court",
            "villa",
            "villas",
            "park",
            "mansion",
            "mansions",
            "heights",
            "residence",
            "residences",
            "tsuen",
            "chuen",
            "terrace",
            "terr",
            "plaza",
            "complex",
            "society",
            "apartments",
        ];
        let is_estate = |word: &String| ESTATES.contains(&word.as_str());
        let are_one = self.places == other.places
            && self.places.iter().any(is_estate)
            && is_block(self)
            && is_block(other);
        let are_named = is_named(self) && is_named(other) && self.may_be_of_one_place(other);
        is_flat(self) && is_flat(other) && (are_one || are_named)
    }

    /// The level of two flats of an estate.
    fn level_on_grounds(&self, other: &Self) -> u8 {
        let building = |of: &Self| {
            let mut flat = of.flat.iter();
            flat.find(|part| part.starts_with("bldg ")).cloned()
        };
        match () {
            () if self.flat == other.flat && self.places.len() == other.places.len() => EXACT,
            () if self.flat == other.flat => SAME_HOME,
            () if building(self) == building(other) => SAME_HOUSE,
            () => SAME_ROAD,
        }
    }

    /// Whether street, flat and places are one, in another order: Hamburg 20097, and 20097 Hamburg.
    fn is_exactly(&self, other: &Self) -> bool {
        // A postal code stands before the town or behind it; Paris, London is not London, Paris.
        let parted = |places: &[String]| -> (Vec<String>, Vec<String>) {
            places.iter().cloned().partition(|word| has_digit(word))
        };
        let roads = self.road.as_ref().zip(other.road.as_ref());
        roads.is_some_and(|(one, other)| one.text == other.text)
            && self.flat == other.flat
            && !self.places.is_empty()
            && parted(&self.places) == parted(&other.places)
    }

    /// Whether the flat is one, and the street without a slip and in one direction.
    fn is_home_of(&self, other: &Self) -> bool {
        let roads = self.road.as_ref().zip(other.road.as_ref());
        let is_one_road = |(one, other): (&Road, &Road)| {
            one.name == other.name && one.directions == other.directions
        };
        self.flat == other.flat && roads.is_some_and(is_one_road)
    }

    fn is_on_road_of(&self, other: &Self) -> bool {
        let roads = self.road.as_ref().zip(other.road.as_ref());
        roads.is_some_and(|(one, other)| one.is_same(other))
    }

    /// Whether the other words may be of one place: no postal code is another, and all words of the shorter are in the longer.
    fn may_be_of_one_place(&self, other: &Self) -> bool {
        if self.postal_codes().next().is_some() && other.postal_codes().next().is_some() {
            return self.has_postal_code_of(other);
        }
        let (few, many) = match self.places.len() <= other.places.len() {
            true => (&self.places, &other.places),
            false => (&other.places, &self.places),
        };
        let are_in = |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word));
        let are_both = few.len() < many.len() || are_in(many, few);
        few.is_empty() || (are_in(few, many) && are_both && self.is_new == other.is_new)
    }

    /// The words that may be postal codes.
    fn postal_codes(&self) -> impl Iterator<Item = &String> {
        let places = self.places.iter();
        places.filter(|word| word.len() >= 4 && has_digit(word))
    }

    fn has_postal_code_of(&self, other: &Self) -> bool {
        self.postal_codes()
            .any(|code| other.postal_codes().any(|another| code == another))
    }

    /// The same with a slip in the code, where no side says a town.
    fn has_near_postal_code_alone_of(&self, other: &Self) -> bool {
        const SHORTEST: usize = 5;
        // The first two characters say which part of the country it is.
        let are_near = |one: &str, other: &str| {
            one.len().min(other.len()) >= SHORTEST
                && one.chars().take(2).eq(other.chars().take(2))
                && osa::distance(one.chars(), other.chars()) <= 1
        };
        let is_near = |code: &String| other.postal_codes().any(|another| are_near(code, another));
        self.flat == other.flat
            && self.town.is_empty()
            && other.town.is_empty()
            && self.may_be_of_one_state(other)
            && self.postal_codes().any(is_near)
    }

    /// Whether none is in a state where the other is not.
    fn may_be_of_one_state(&self, other: &Self) -> bool {
        self.states.is_empty()
            || other.states.is_empty()
            || self.states.iter().any(|state| other.states.contains(state))
    }

    /// Whether they have their town in common, one letter off in six.
    fn has_town_of(&self, other: &Self) -> bool {
        const SHORTEST: usize = 4;
        /// Words of a town, and of what stands before it.
        const MOST: usize = 8;
        fn towns(of: &Western) -> Vec<&str> {
            let is_town = |word: &&str| word.len() >= SHORTEST && !has_digit(word);
            let words = of.places.iter().map(String::as_str);
            words.filter(is_town).take(MOST).collect()
        }
        let are_near = |one: &str, other: &str| {
            let most = (one.chars().count().max(other.chars().count()) / 6).min(2);
            one == other || osa::distance(one.chars(), other.chars()) <= most
        };
        let (one, another) = (towns(self), towns(other));
        let (few, many) = match one.len() <= another.len() {
            true => (one, another),
            false => (another, one),
        };
        let are_in = |few: &[&str], many: &[&str]| {
            let is_there = |town: &&str| many.iter().any(|other| are_near(town, other));
            few.iter().all(is_there)
        };
        !few.is_empty() && are_in(&few, &many) && (few.len() < many.len() || are_in(&many, &few))
    }

    /// Whether the town is one, where no postal code is another.
    fn is_in_town_of(&self, other: &Self) -> bool {
        let have_codes =
            self.postal_codes().next().is_some() && other.postal_codes().next().is_some();
        (!self.places.is_empty() && self.places == other.places)
            || (!have_codes
                && self.may_be_of_one_state(other)
                && self.is_new == other.is_new
                && self.has_town_of(other))
    }

    /// Whether what looks like a house on a street is the other's postal code of four digits and its town: 1053 Budapest.
    fn is_code_and_town_of(&self, other: &Self) -> bool {
        let is_code =
            |number: &String| number.len() == 4 && other.postal_codes().any(|code| code == number);
        let is_town = |road: &Road| !road.letters.is_empty() && road.letters == other.town;
        self.places.is_empty()
            && self.number.as_ref().is_some_and(is_code)
            && self.road.as_ref().is_some_and(is_town)
    }

    /// Whether they are one house but for slips in the street, or for another postal code in a town of one name.
    fn has_slips_of(&self, other: &Self) -> bool {
        let roads = self.road.as_ref().zip(other.road.as_ref());
        self.number.is_some()
            && self.number == other.number
            && roads.is_some_and(|(one, other)| one.is_alike(other))
            && ((self.may_be_of_one_state(other) && self.has_town_of(other))
                || self.may_be_of_one_place(other)
                || self.has_near_postal_code_alone_of(other))
    }

    /// Whether they have the same numbers and short words, and nearly the same long ones.
    fn has_near_words(&self, other: &Self) -> bool {
        /// A slip in a shorter word makes another of it: St and Rd, North and South in short.
        const LONG: usize = 5;
        const MOST: usize = 2;
        let (Some(one), Some(another)) = (&self.key, &other.key) else {
            return false;
        };
        let are_near = |(one, other): (&str, &str)| {
            let is_long = one.chars().count().min(other.chars().count()) >= LONG;
            let distance = || osa::distance(one.chars(), other.chars());
            one == other || (is_long && !has_digit(one) && !has_digit(other) && distance() <= MOST)
        };
        let (words, others) = (|| one.split(' '), || another.split(' '));
        words().count() >= 3
            && words().count() == others().count()
            && words().zip(others()).all(are_near)
    }

    /// Whether most of them is one, in what may be one place: the street is another's but for slips, whatever the number; or with many
    /// slips, where the number is nearly the same or left out.
    fn is_partly(&self, other: &Self) -> bool {
        let (Some(road), Some(another)) = (&self.road, &other.road) else {
            return self.has_house_of(other) || self.has_words_of(other);
        };
        let is_near_number = match (&self.number, &other.number) {
            (Some(one), Some(other)) => {
                let is_long = one.len().min(other.len()) >= 2;
                one == other || (is_long && osa::distance(one.chars(), other.chars()) <= 1)
            }
            _ => true,
        };
        let is_near = road.is_alike(another)
            || road.is_same(another)
            || (is_near_number && road.is_near(another));
        is_near && self.may_be_around(other)
    }

    /// Whether they are one house of which a side leaves the street out: 210, Leeds. What many streets have is no house in a town.
    fn has_house_of(&self, other: &Self) -> bool {
        const LONG: usize = 3;
        let is_one = self.number.is_some() && self.number == other.number;
        let is_long = self
            .number
            .as_ref()
            .is_some_and(|number| number.len() >= LONG);
        is_one && self.may_be_around(other) && (is_long || self.has_postal_code_of(other))
    }

    /// Whether they are a house that few streets have, on a street of one name, in towns of other names: a quarter is written as a town,
    /// Studio City in Los Angeles.
    fn is_house_elsewhere_of(&self, other: &Self) -> bool {
        const LONG: usize = 3;
        let is_same = self.number == other.number && self.is_on_road_of(other);
        let number = self.number.as_ref();
        let have_codes =
            self.postal_codes().next().is_some() && other.postal_codes().next().is_some();
        number.is_some_and(|number| number.len() >= LONG)
            && is_same
            && !have_codes
            && self.may_be_of_one_state(other)
    }

    /// Whether they have the same numbers, one digit off in one of several, and nearly the same letters, where no street can be read.
    fn has_words_of(&self, other: &Self) -> bool {
        const SHORTEST: usize = 10;
        const MOST_OFF: f64 = 0.2;
        let pairs = || self.digits.iter().zip(&other.digits);
        let off = pairs().map(|(one, other)| osa::distance(one.chars(), other.chars()));
        let most = usize::from(self.digits.len() > 1);
        self.letters.len().min(other.letters.len()) >= SHORTEST
            && !self.digits.is_empty()
            && self.digits.len() == other.digits.len()
            && off.sum::<usize>() <= most
            && share_off(&self.letters, &other.letters) <= MOST_OFF
    }

    /// Whether they may lie in one town, written with slips.
    fn may_be_around(&self, other: &Self) -> bool {
        /// Of the letters of a town.
        const MOST_OFF: f64 = 0.25;
        let is_same_code = self.has_postal_code_of(other);
        let is_near_town = || {
            let is_one_state = self.states.iter().any(|state| other.states.contains(state));
            match self.town.is_empty() || other.town.is_empty() {
                true if self.has_near_postal_code_alone_of(other) => true,
                true => self.places.is_empty() || other.places.is_empty() || is_one_state,
                false => self.has_town_of(other) || share_off(&self.town, &other.town) <= MOST_OFF,
            }
        };
        self.is_new == other.is_new
            && (is_same_code || (self.may_be_of_one_state(other) && is_near_town()))
    }
}

/// A street, by what its words are.
#[derive(Debug, Default)]
struct Road {
    text: String,
    digits: String,
    directions: String,
    kinds: String,
    /// The other words.
    name: Vec<String>,
    letters: String,
    /// The letters with the short words in full.
    in_full: String,
}

impl Road {
    fn read(text: &str) -> Self {
        let words = || text.split(' ');
        let join = |words: Vec<&str>| words.join(" ");
        let is_of_kind = |word: &&str| is_kind(word) || is_leading(word);
        let kinds = words().filter(is_of_kind);
        let kinds = kinds.map(|kind| match kind {
            "str" => "st",
            "plz" | "pzza" => "pl",
            kind => kind,
        });
        const ARTICLES: &[&str] = &["de", "del", "des", "du", "la", "las", "le", "les", "los"];
        let is_name =
            |word: &&str| !is_of_kind(word) && !is_direction(word) && !ARTICLES.contains(word);
        Self {
            text: text.to_string(),
            digits: text.chars().filter(char::is_ascii_digit).collect(),
            directions: join(words().filter(|word| is_direction(word)).collect()),
            kinds: join(kinds.collect()),
            name: words().filter(is_name).map(String::from).collect(),
            letters: words().collect(),
            in_full: words().map(long_word).collect(),
        }
    }

    /// Whether numbers, directions and kinds, as far as both have some, are the same.
    fn agrees(&self, other: &Self) -> bool {
        let agree =
            |one: &String, other: &String| one.is_empty() || other.is_empty() || one == other;
        agree(&self.digits, &other.digits)
            && agree(&self.directions, &other.directions)
            && agree(&self.kinds, &other.kinds)
    }

    /// Whether one goes on where the other ends: Castle Hill Close is not Castle Hill.
    fn is_beginning_of(&self, other: &Self) -> bool {
        let rest = other.text.strip_prefix(&self.text);
        rest.is_some_and(|rest| rest.starts_with(' '))
    }

    /// Whether two streets may be one: a kind or a direction that one side leaves out contradicts nothing, and one letter of a name of
    /// five may be off.
    fn is_same(&self, other: &Self) -> bool {
        const LETTERS: usize = 5;
        if self.text == other.text {
            return true;
        }
        let (one, another) = (self.name.join(" "), other.name.join(" "));
        let agree = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
        let shortest = one.chars().count().min(another.chars().count());
        let is_near = || osa::distance(one.chars(), another.chars()) < 2;
        agree(&self.directions, &other.directions)
            && agree(&self.kinds, &other.kinds)
            && one.contains(char::is_alphabetic)
            && another.contains(char::is_alphabetic)
            && (one == another
                || (shortest >= LETTERS && is_near())
                || self.is_initialled_as(other)
                || other.is_initialled_as(self))
    }

    /// Whether it has the first letter of the first name of the person after whom the other is called: Via G. Garibaldi.
    fn is_initialled_as(&self, other: &Self) -> bool {
        let ([initial, name @ ..], [first, rest @ ..]) =
            (self.name.as_slice(), other.name.as_slice())
        else {
            return false;
        };
        let is_initial =
            initial.len() == 1 && first.len() > 1 && first.starts_with(initial.as_str());
        is_initial && !name.is_empty() && name == rest
    }

    /// Whether two streets are one but for slips: by their words in short or in full, one letter off in five, three at most. No number,
    /// no direction and no kind in them is another, and a short name is the same.
    fn is_alike(&self, other: &Self) -> bool {
        /// Letters of the longer name, of which one may be off.
        const LETTERS: usize = 5;
        let are_near = |one: &str, other: &str| {
            let most = (one.chars().count().max(other.chars().count()) / LETTERS).min(3);
            osa::distance(one.chars(), other.chars()) <= most
        };
        let letters = |of: &Self| of.name.iter().map(|word| word.chars().count()).sum();
        let longest: usize = usize::max(letters(self), letters(other));
        let have_kinds = !self.kinds.is_empty() && !other.kinds.is_empty();
        self.agrees(other)
            && (!have_kinds || longest >= LETTERS || self.name == other.name)
            && !self.is_beginning_of(other)
            && !other.is_beginning_of(self)
            && (are_near(&self.letters, &other.letters) || are_near(&self.in_full, &other.in_full))
    }

    /// Whether two streets may be one with many slips: every word is near the other's, and one has five letters.
    fn is_near(&self, other: &Self) -> bool {
        const LONG: usize = 5;
        /// Of the letters of a word, and of a street whose words are parted otherwise.
        const MOST_OFF: f64 = 0.4;
        const MOST_OFF_IN_ALL: f64 = 0.3;
        if !self.agrees(other) || self.is_beginning_of(other) || other.is_beginning_of(self) {
            return false;
        }
        let (words, others) = (|| self.text.split(' '), || other.text.split(' '));
        if words().count() != others().count() {
            return self.letters.len().min(other.letters.len()) >= 2 * LONG
                && share_off(&self.letters, &other.letters) <= MOST_OFF_IN_ALL;
        }
        let is_long = |(one, other): (&str, &str)| one.len().min(other.len()) >= LONG;
        let are_near = |(one, other): (&str, &str)| {
            share_off(one, other) <= MOST_OFF
                || share_off(long_word(one), long_word(other)) <= MOST_OFF
        };
        words().zip(others()).any(is_long) && words().zip(others()).all(are_near)
    }
}

fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
}
