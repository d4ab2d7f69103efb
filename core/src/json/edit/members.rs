//! The members of opened objects: found by their keys, however many there are, and however they are escaped.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use super::overlay::{Children, Container, Content, NONE, ORIGINAL, Overlay, Slot};
use crate::json::string;

/// How many members of one object are looked at one by one, look-up after look-up, before it gets an index: making one
/// costs more than a few look-ups in an object of a usual size.
const FEW: usize = 512;
/// The same where all of its members are going to be looked up.
const FEWER: usize = 16;

/// Those at home in their order, then those that came later in theirs. What is removed leaves a mark.
#[derive(Clone, Debug)]
pub(super) struct Members {
    pub(super) slots: Vec<Slot>,
    /// How many of them are, or were, at home.
    pub(super) old: usize,
    /// How many of the first are as they were: not opened, not replaced, not renamed and not removed.
    pub(super) untouched: usize,
    /// Made when going through all members each time has become too much.
    index: Option<Index>,
    /// How many members were looked at so far.
    seen: usize,
}

/// The slot of each key, and of duplicates the last one as well.
type Index = BTreeMap<Vec<u8>, (u32, Option<u32>)>;

impl Overlay<'_, '_> {
    /// A member's key as it is written.
    pub(super) fn key(&self, container: u32, slot: &Slot) -> &str {
        match slot.key {
            NONE => self.source(self.containers[container as usize].source).raw(slot.home),
            key => &self.keys[key as usize],
        }
    }

    /// The slot of the member with a key, if there is one; refused if there are two.
    pub(super) fn member(&mut self, container: u32, key: &str) -> Result<Option<usize>, Refusal> {
        self.index(container, FEW);
        let Container {
            source,
            children: Children::Object(members),
            ..
        } = &self.containers[container as usize]
        else {
            return Ok(None);
        };
        let found = match &members.index {
            Some(index) => index.get(key.as_bytes()).map(|&(slot, second)| (slot as usize, second)),
            None => {
                let document = self.source(*source);
                let mut found = members.live().filter(|(_, slot)| match slot.key {
                    NONE => document.says(slot.home, key),
                    new => string::means(inside(&self.keys[new as usize]), key),
                });
                let first = found.next().map(|(slot, _)| slot);
                first.map(|slot| (slot, found.next().map(|(slot, _)| slot as u32)))
            }
        };
        match found {
            None => Ok(None),
            Some((slot, None)) => Ok(Some(slot)),
            Some((first, Some(second))) if *source == ORIGINAL => {
                let span = |slot: usize| {
                    let home = members.slots[slot].home;
                    self.original.start(home)..self.original.end(home)
                };
                Err(Refusal::DuplicateKey {
                    first: span(first),
                    second: span(second as usize),
                })
            }
            Some(_) => Err(Refusal::DuplicateKeyInValue),
        }
    }

    /// Puts a member where none has that key.
    pub(super) fn push_member(&mut self, container: u32, key: &str, content: Content) {
        let slot = Slot {
            home: NONE,
            key: self.new_key(key),
            content,
        };
        if let Children::Object(members) = &mut self.containers[container as usize].children {
            members.slots.push(slot);
            if let Some(index) = &mut members.index {
                index.insert(key.as_bytes().to_vec(), (members.slots.len() as u32 - 1, None));
            }
        }
    }

    /// Takes a member away.
    pub(super) fn remove_member(&mut self, container: u32, slot: usize, key: &str) {
        if let Children::Object(members) = &mut self.containers[container as usize].children {
            members.slots[slot].content = Content::gone();
            members.touch(slot);
            if let Some(index) = &mut members.index {
                index.remove(key.as_bytes());
            }
        }
    }

    /// Gives a member another key, where it stands.
    pub(super) fn rename_member(&mut self, container: u32, slot: usize, old: &str, new: &str) {
        let key = self.new_key(new);
        if let Children::Object(members) = &mut self.containers[container as usize].children {
            members.slots[slot].key = key;
            members.touch(slot);
            if let Some(index) = &mut members.index {
                index.remove(old.as_bytes());
                index.insert(new.as_bytes().to_vec(), (slot as u32, None));
            }
        }
    }

    /// How many members with different keys an object has.
    pub(super) fn count_keys(&mut self, container: u32) -> usize {
        self.index(container, FEWER);
        match &self.containers[container as usize].children {
            Children::Object(Members { index: Some(index), .. }) => index.len(),
            Children::Object(members) => {
                let keys: BTreeSet<_> = members
                    .live()
                    .map(|(_, slot)| self.exact_key(container, slot))
                    .collect();
                keys.len()
            }
            Children::Array(elements) => elements.len(),
        }
    }

    /// The value of the last member with a key, given exactly.
    pub(super) fn last_member(&self, container: u32, key: &[u8]) -> Option<Content> {
        let Children::Object(members) = &self.containers[container as usize].children else {
            return None;
        };
        match &members.index {
            Some(index) => {
                let &(first, second) = index.get(key)?;
                Some(members.slots[second.unwrap_or(first) as usize].content)
            }
            None => members
                .live()
                .filter(|(_, slot)| *self.exact_key(container, slot) == *key)
                .last()
                .map(|(_, slot)| slot.content),
        }
    }

    fn exact_key(&self, container: u32, slot: &Slot) -> Cow<'_, [u8]> {
        string::exact(inside(self.key(container, slot)))
    }

    /// Makes the index of an object in which more than `few` members would have been looked at by now.
    fn index(&mut self, container: u32, few: usize) {
        let Children::Object(members) = &mut self.containers[container as usize].children else {
            return;
        };
        members.seen = members.seen.saturating_add(members.slots.len());
        if members.index.is_some() || members.seen <= few {
            return;
        }
        let Children::Object(members) = &self.containers[container as usize].children else {
            return;
        };
        let mut index = Index::new();
        for (at, slot) in members.live() {
            let at = at as u32;
            // Of more than two the first and the last are the ones to show, and the last is the one that counts.
            index
                .entry(self.exact_key(container, slot).into_owned())
                .and_modify(|(_, second)| *second = Some(at))
                .or_insert((at, None));
        }
        if let Children::Object(members) = &mut self.containers[container as usize].children {
            members.index = Some(index);
        }
    }

    fn new_key(&mut self, key: &str) -> u32 {
        let mut encoded = String::with_capacity(key.len() + 2);
        string::encode(key, &mut encoded);
        self.keys.push(encoded);
        self.keys.len() as u32 - 1
    }
}

impl Members {
    pub(super) fn new(slots: Vec<Slot>) -> Members {
        Members {
            old: slots.len(),
            untouched: slots.len(),
            slots,
            index: None,
            seen: 0,
        }
    }

    /// Notes that a slot is not what it was.
    pub(super) fn touch(&mut self, slot: usize) {
        self.untouched = self.untouched.min(slot);
    }

    /// Those that have not been removed.
    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| !slot.content.is_gone())
    }
}

/// What stands between the quotes of a key.
fn inside(key: &str) -> &str {
    &key[1..key.len() - 1]
}
