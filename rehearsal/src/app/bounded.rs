//! A map that holds so much and no more.

use std::collections::{BTreeMap, HashMap};

/// A map by name that puts out its oldest entry when a new one would exceed the limit.
#[derive(Debug)]
pub(crate) struct Bounded<V> {
    entries: HashMap<String, (u64, V)>,
    /// The names by age. A queue would keep the names of entries removed in between.
    order: BTreeMap<u64, String>,
    born: u64,
    limit: usize,
}

impl<V> Bounded<V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), born: 0, limit }
    }

    /// Puts an entry in, and gives the one that had to go for it.
    pub(crate) fn insert(&mut self, name: String, value: V) -> Option<V> {
        self.remove(&name);
        let evicted = (self.entries.len() >= self.limit)
            .then(|| self.order.first_key_value().map(|(_, oldest)| oldest.clone()))
            .flatten()
            .and_then(|oldest| self.remove(&oldest));
        self.born += 1;
        self.order.insert(self.born, name.clone());
        self.entries.insert(name, (self.born, value));
        evicted
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<V> {
        let (born, value) = self.entries.remove(name)?;
        self.order.remove(&born);
        Some(value)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.entries.get(name).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.entries.get_mut(name).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_and_removed_ones_leave_nothing() {
        let mut map = Bounded::new(2);
        assert_eq!(map.insert("a".into(), 1), None);
        assert_eq!(map.insert("b".into(), 2), None);
        assert_eq!(map.remove("a"), Some(1));
        assert_eq!(map.insert("c".into(), 3), None);
        assert_eq!(map.insert("d".into(), 4), Some(2));
        assert_eq!((map.get("b"), map.get("c"), map.contains("d")), (None, Some(&3), true));
        assert_eq!((map.entries.len(), map.order.len()), (2, 2));
    }

    #[test]
    fn an_entry_put_in_again_is_young_again() {
        let mut map = Bounded::new(2);
        map.insert("a".into(), 1);
        map.insert("b".into(), 2);
        map.insert("a".into(), 3);
        assert_eq!(map.insert("c".into(), 4), Some(2));
        assert_eq!(map.get("a"), Some(&3));
    }
}
