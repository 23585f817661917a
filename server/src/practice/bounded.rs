//! A map that forgets its oldest entry when it is full.

use std::collections::{HashMap, VecDeque};

/// How many entries are kept.
const LIMIT: usize = 1000;

/// Values by name.
pub(super) struct Bounded<V> {
    entries: HashMap<String, V>,
    oldest_first: VecDeque<String>,
}

impl<V> Bounded<V> {
    /// The entry of that name, made if there is none.
    pub(super) fn entry(&mut self, name: &str, make: impl FnOnce() -> V) -> &mut V {
        if !self.entries.contains_key(name) {
            self.make_room();
            self.oldest_first.push_back(name.to_owned());
        }
        self.entries.entry(name.to_owned()).or_insert_with(make)
    }

    /// The entry of that name.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.entries.get_mut(name)
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values()
    }

    /// All values, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    fn make_room(&mut self) {
        while self.entries.len() >= LIMIT {
            let Some(oldest) = self.oldest_first.pop_front() else {
                return;
            };
            self.entries.remove(&oldest);
        }
    }
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut map = Bounded::default();
        for number in 0..=LIMIT {
            *map.entry(&number.to_string(), || 0) += number;
        }
        assert_eq!(map.values().count(), LIMIT);
        assert!(map.get_mut("0").is_none());
        assert_eq!(map.get_mut("1"), Some(&mut 1));
    }
}
