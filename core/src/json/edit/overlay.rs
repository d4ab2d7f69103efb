//! What a text means after some operations: the tape, with the containers on the way of an operation opened over it.
//! Knows what is where; not how it will look.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Refusal;
use super::sequence::Sequence;
use super::style::{begins_line, has_lines};
use crate::json::tape::Tag;
use crate::json::{Document, Type, Value, string};

/// No node, no key.
pub(super) const NONE: u32 = u32::MAX;
/// The text that is edited, as a source.
pub(super) const ORIGINAL: u32 = 0;
const OPENED: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;
/// An object with more members than this is looked up by an index.
const FEW: usize = 16;

/// A value: one on the tape of a source, or an opened container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Content {
    source: u32,
    node: u32,
}

/// What a [`Content`] turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tape { source: u32, node: u32 },
    Opened(u32),
}

impl Content {
    pub(super) fn tape(source: u32, node: u32) -> Content {
        Content { source, node }
    }

    pub(super) fn opened(container: u32) -> Content {
        Content {
            source: OPENED,
            node: container,
        }
    }

    /// Whether this is what a removed member leaves.
    pub(super) fn is_gone(self) -> bool {
        self.source == GONE
    }

    pub(super) fn kind(self) -> Kind {
        match self.source {
            OPENED => Kind::Opened(self.node),
            source => Kind::Tape {
                source,
                node: self.node,
            },
        }
    }
}

/// An element, or a member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The node of its key, or of the element, where it was when its container was opened; [`NONE`] if it came later.
    pub(super) home: u32,
    /// Its key among [`Overlay::keys`], if that is not the one at home.
    pub(super) key: u32,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) struct Container {
    /// The source and the node that it was opened from.
    pub(super) source: u32,
    pub(super) node: u32,
    /// Whether it or anything in it has changed.
    pub(super) changed: bool,
    /// Whether it is a copy: what it loses is not lost to the original.
    pub(super) copied: bool,
    pub(super) children: Children,
}

#[derive(Clone, Debug)]
pub(super) enum Children {
    Array(Sequence<Slot>),
    Object(Members),
}

/// Those at home in their order, then those that came later in theirs. What is removed leaves a mark.
#[derive(Clone, Debug)]
pub(super) struct Members {
    slots: Vec<Slot>,
    /// Made when the object is no small one.
    index: Option<Index>,
}

/// The slot of each key, and of duplicates the last one as well.
type Index = BTreeMap<Vec<u8>, (u32, Option<u32>)>;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Root,
    Element { container: u32, index: usize },
    Member { container: u32, slot: usize },
}

pub(super) struct Overlay<'a> {
    pub(super) original: &'a Document<'a>,
    /// The values that the patch brought, from source 1.
    pub(super) values: Vec<Document<'a>>,
    /// The keys that the patch brought, encoded.
    pub(super) keys: Vec<String>,
    pub(super) containers: Vec<Container>,
    pub(super) root: Content,
    /// What of the original the operations removed or replaced.
    pub(super) given_up: Vec<Range<usize>>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(original: &'a Document<'a>) -> Overlay<'a> {
        Overlay {
            original,
            values: Vec::new(),
            keys: Vec::new(),
            containers: Vec::new(),
            root: Content::tape(ORIGINAL, 0),
            given_up: Vec::new(),
        }
    }

    pub(super) fn source(&self, source: u32) -> &Document<'a> {
        match source {
            ORIGINAL => self.original,
            _ => &self.values[source as usize - 1],
        }
    }

    pub(super) fn value(&self, source: u32, node: u32) -> Value<'_> {
        Value::at(self.source(source), node)
    }

    pub(super) fn content(&mut self, spot: Spot) -> Content {
        let root = self.root;
        self.slot(spot).map_or(root, |slot| slot.content)
    }

    pub(super) fn set(&mut self, spot: Spot, content: Content) {
        match self.slot(spot) {
            Some(slot) => slot.content = content,
            None => self.root = content,
        }
    }

    /// The slot of a spot; `None` for the root.
    pub(super) fn slot(&mut self, spot: Spot) -> Option<&mut Slot> {
        match spot {
            Spot::Root => None,
            Spot::Element { container, index } => match &mut self.containers[container as usize].children {
                Children::Array(elements) => elements.get_mut(index),
                Children::Object(_) => None,
            },
            Spot::Member { container, slot } => match &mut self.containers[container as usize].children {
                Children::Object(members) => members.slots.get_mut(slot),
                Children::Array(_) => None,
            },
        }
    }

    /// Opens the container at a spot, unless it is open already.
    pub(super) fn open(&mut self, spot: Spot) -> Result<u32, Refusal> {
        let (source, node) = match self.content(spot).kind() {
            Kind::Opened(container) => return Ok(container),
            Kind::Tape { source, node } => (source, node),
        };
        let value = self.value(source, node);
        let slot = |home, node| Slot {
            home,
            key: NONE,
            content: Content::tape(source, node),
        };
        let children = match value.kind() {
            Type::Array => Children::Array(
                value
                    .elements()
                    .map(|element| slot(element.index(), element.index()))
                    .collect(),
            ),
            Type::Object => {
                let members = value
                    .members()
                    .map(|member| slot(member.key.index(), member.value.index()));
                Children::Object(Members {
                    slots: members.collect(),
                    index: None,
                })
            }
            _ => return Err(Refusal::NotAContainer),
        };
        let container = self.containers.len() as u32;
        self.containers.push(Container {
            source,
            node,
            changed: false,
            copied: false,
            children,
        });
        self.set(spot, Content::opened(container));
        Ok(container)
    }

    /// The live slots of a container in the order that they will have. New members go to the end, but before the last
    /// old one if there are two and it begins a line, so that no old line changes for a comma.
    pub(super) fn order(&self, container: u32, in_place: bool) -> Vec<Slot> {
        match &self.containers[container as usize].children {
            Children::Array(elements) => elements.iter().copied().collect(),
            Children::Object(members) => {
                let mut order: Vec<Slot> = members.live().map(|(_, slot)| *slot).collect();
                let old = order.iter().take_while(|slot| slot.home != NONE).count();
                if in_place && old >= 2 && order.len() > old {
                    let last = order[old - 1].home;
                    if begins_line(self.original.text(), self.original.start(last))
                        || has_lines(self.value(ORIGINAL, last + 1))
                    {
                        order[old - 1..].rotate_left(1);
                    }
                }
                order
            }
        }
    }

    /// The node of a slot's value at home.
    pub(super) fn home_value(&self, container: u32, slot: &Slot) -> u32 {
        match &self.containers[container as usize].children {
            Children::Array(_) => slot.home,
            Children::Object(_) => slot.home + 1,
        }
    }

    /// Whether what is in a slot is what was there at first, changed or not.
    pub(super) fn at_home(&self, container: u32, slot: &Slot) -> bool {
        let source = self.containers[container as usize].source;
        slot.home != NONE && self.origin(slot.content) == (source, self.home_value(container, slot))
    }

    /// The source and node that a value is or was opened from.
    pub(super) fn origin(&self, content: Content) -> (u32, u32) {
        match content.kind() {
            Kind::Tape { source, node } => (source, node),
            Kind::Opened(container) => {
                let container = &self.containers[container as usize];
                (container.source, container.node)
            }
        }
    }

    /// A value, as one of the tape if nothing in it has changed.
    pub(super) fn settled(&self, content: Content) -> Kind {
        match content.kind() {
            Kind::Opened(container) if !self.containers[container as usize].changed => {
                let (source, node) = self.origin(content);
                Kind::Tape { source, node }
            }
            kind => kind,
        }
    }

    /// A member's key as it is written.
    pub(super) fn key(&self, container: u32, slot: &Slot) -> &str {
        match slot.key {
            NONE => self.source(self.containers[container as usize].source).raw(slot.home),
            key => &self.keys[key as usize],
        }
    }

    /// The slot of the member with a key, if there is one; refused if there are two.
    pub(super) fn member(&mut self, container: u32, key: &str) -> Result<Option<usize>, Refusal> {
        self.index(container);
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
                let mut encoded = String::new();
                string::encode(key, &mut encoded);
                let mut found = members.live().filter(|(_, slot)| match (slot.key, slot.home) {
                    (NONE, home) if document.node(home).tag() == Tag::Escaped => {
                        string::means(document.inside(home), key)
                    }
                    (NONE, home) => document.inside(home) == key,
                    (new, _) => self.keys[new as usize] == encoded,
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
            members.slots[slot].content.source = GONE;
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
            if let Some(index) = &mut members.index {
                index.remove(old.as_bytes());
                index.insert(new.as_bytes().to_vec(), (slot as u32, None));
            }
        }
    }

    /// How many members with different keys an object has.
    pub(super) fn count_keys(&mut self, container: u32) -> usize {
        self.index(container);
        match &self.containers[container as usize].children {
            Children::Object(Members { index: Some(index), .. }) => index.len(),
            Children::Object(members) => {
                let keys: std::collections::BTreeSet<_> = members
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
        let raw = self.key(container, slot);
        string::exact(&raw[1..raw.len() - 1])
    }

    /// Makes the index of an object that has become large.
    fn index(&mut self, container: u32) {
        let Children::Object(members) = &self.containers[container as usize].children else {
            return;
        };
        if members.index.is_some() || members.slots.len() <= FEW {
            return;
        }
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
        let mut encoded = String::new();
        string::encode(key, &mut encoded);
        self.keys.push(encoded);
        self.keys.len() as u32 - 1
    }
}

impl Children {
    /// All slots, those of removed members too.
    pub(super) fn slots_mut(&mut self) -> Box<dyn Iterator<Item = &mut Slot> + '_> {
        match self {
            Children::Array(elements) => Box::new(elements.iter_mut()),
            Children::Object(members) => Box::new(members.slots.iter_mut()),
        }
    }

    /// How many slots there are, those of removed members too.
    pub(super) fn len(&self) -> usize {
        match self {
            Children::Array(elements) => elements.len(),
            Children::Object(members) => members.slots.len(),
        }
    }
}

impl Members {
    fn live(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.content.source != GONE)
    }
}
