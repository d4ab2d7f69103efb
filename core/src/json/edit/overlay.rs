//! What a text means after some operations: the tape, with the containers on the way of an operation opened over it.
//! Knows what is where; not how it will look.

use std::cell::OnceCell;
use std::ops::Range;
use std::slice::Iter;

use super::Refusal;
use super::members::Members;
use super::sequence::{Items, Sequence};
use super::style::{begins_line, has_lines};
use crate::json::{Document, Type, Value};

/// No node, no key.
pub(super) const NONE: u32 = u32::MAX;
/// The text that is edited, as a source.
pub(super) const ORIGINAL: u32 = 0;
/// How many members an object is expected to have at the most.
const USUAL_MEMBERS: usize = 24;
const OPENED: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

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

    /// What a removed member leaves.
    pub(super) fn gone() -> Content {
        Content {
            source: GONE,
            node: NONE,
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
    /// Whether new members go before the last old one: looked at once, because its line is far from everything else.
    before_last: OnceCell<bool>,
}

#[derive(Clone, Debug)]
pub(super) enum Children {
    Array(Sequence<Slot>),
    Object(Members),
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Root,
    Element { container: u32, index: usize },
    Member { container: u32, slot: usize },
}

/// Over a text that lives for `'a`, with values of a patch that lives for `'p`.
pub(super) struct Overlay<'a, 'p> {
    pub(super) original: &'a Document<'a>,
    /// The values that the patch brought, from source 1.
    pub(super) values: Vec<Document<'p>>,
    /// The keys that the patch brought, encoded.
    pub(super) keys: Vec<String>,
    pub(super) containers: Vec<Container>,
    pub(super) root: Content,
    /// What of the original the operations removed or replaced.
    pub(super) given_up: Vec<Range<usize>>,
}

impl<'a, 'p> Overlay<'a, 'p> {
    pub(super) fn new(original: &'a Document<'a>) -> Overlay<'a, 'p> {
        Overlay {
            original,
            values: Vec::new(),
            keys: Vec::new(),
            containers: Vec::new(),
            root: Content::tape(ORIGINAL, 0),
            given_up: Vec::new(),
        }
    }

    /// Whether this is another text than the original, if only by its white space.
    pub(super) fn is_changed(&self) -> bool {
        let original = Kind::Tape {
            source: ORIGINAL,
            node: 0,
        };
        self.settled(self.root) != original
    }

    pub(super) fn source(&self, source: u32) -> &Document<'_> {
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
        if let Spot::Member { container, slot } = spot
            && let Children::Object(members) = &mut self.containers[container as usize].children
        {
            members.touch(slot);
        }
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
                // With room for those of most objects, and for the new ones of most patches.
                let mut slots = Vec::with_capacity(USUAL_MEMBERS);
                let members = value.members();
                slots.extend(members.map(|member| slot(member.key.index(), member.value.index())));
                Children::Object(Members::new(slots))
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
            before_last: OnceCell::new(),
        });
        self.set(spot, Content::opened(container));
        Ok(container)
    }

    /// The live slots of a container in the order that they will have. New members go to the end, but before the last
    /// old one if there are two and it begins a line, so that no old line changes for a comma.
    pub(super) fn order(&self, container: u32, in_place: bool) -> Order<'_> {
        let container = &self.containers[container as usize];
        let members = match &container.children {
            Children::Array(elements) => return Order::Elements(elements.iter()),
            Children::Object(members) => members,
        };
        let (old, new) = members.slots.split_at(members.old);
        let is_live = |slot: &Slot| !slot.content.is_gone();
        if in_place
            && new.iter().any(is_live)
            && let Some(last) = old.iter().rposition(is_live)
            && old[..last].iter().any(is_live)
        {
            let home = old[last].home;
            let has_own_line = || {
                begins_line(self.original.text(), self.original.start(home))
                    || has_lines(self.value(ORIGINAL, home + 1))
            };
            if *container.before_last.get_or_init(has_own_line) {
                return Order::Members {
                    untouched: members.untouched.min(last),
                    slots: old[..last].iter(),
                    then: new.iter(),
                    last: Some(old[last]),
                };
            }
        }
        Order::Members {
            untouched: members.untouched,
            slots: old.iter(),
            then: new.iter(),
            last: None,
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
}

/// See [`order`](Overlay::order).
#[derive(Clone)]
pub(super) enum Order<'o> {
    Elements(Items<'o, Slot>),
    Members {
        untouched: usize,
        slots: Iter<'o, Slot>,
        then: Iter<'o, Slot>,
        last: Option<Slot>,
    },
}

impl<'o> Order<'o> {
    /// Goes past the members at the beginning that are as they were, and gives them; to be asked before all others.
    /// Of a definition's members nearly all are, and what is done for each would be most of an edit.
    pub(super) fn untouched(&mut self) -> &'o [Slot] {
        match self {
            Order::Elements(_) => &[],
            Order::Members { untouched, slots, .. } => {
                let (first, others) = slots.as_slice().split_at(*untouched);
                *slots = others.iter();
                first
            }
        }
    }
}

impl Iterator for Order<'_> {
    type Item = Slot;

    #[inline]
    fn next(&mut self) -> Option<Slot> {
        let is_live = |slot: &&Slot| !slot.content.is_gone();
        match self {
            Order::Elements(elements) => elements.next().copied(),
            Order::Members { slots, then, last, .. } => slots
                .find(is_live)
                .or_else(|| then.find(is_live))
                .copied()
                .or_else(|| last.take()),
        }
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
