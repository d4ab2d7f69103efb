//! The six operations of RFC 6902 on the overlay, each in the time that its path and its value take.
//! Knows what they mean; not how the result will look.

use super::meaning::means;
use super::overlay::{Children, Content, Kind, NONE, ORIGINAL, Overlay, Spot};
use super::{EditError, Refusal, within_limit};
use crate::json::equality::Comparison;
use crate::json::tape::same_tokens;
use crate::json::{Document, Operation, Patch, Pointer, RawJson, pointer};

/// What a copied slot is reckoned at, in bytes: copying many small things must not cost more than the limit either.
const SLOT: usize = 32;

/// Runs a patch.
pub(super) fn run<'a, 'p>(document: &'a Document<'a>, patch: &'p Patch) -> Result<Overlay<'a, 'p>, EditError> {
    let mut runner = Runner {
        overlay: Overlay::new(document),
        comparison: Comparison::default(),
        copied: 0,
        trail: Vec::new(),
    };
    for (index, operation) in patch.operations.iter().enumerate() {
        runner.operation(operation).map_err(|failure| match failure {
            Failure::At(path, refusal) => EditError::Refused {
                operation: index,
                path,
                refusal,
            },
            Failure::Whole(error) => error,
        })?;
    }
    Ok(runner.overlay)
}

struct Runner<'a, 'p> {
    overlay: Overlay<'a, 'p>,
    comparison: Comparison,
    /// How much `copy` has copied so far, in bytes.
    copied: usize,
    /// The containers that the last walk went through.
    trail: Vec<u32>,
}

enum Failure {
    At(Pointer, Refusal),
    Whole(EditError),
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Failure {
        Failure::Whole(error)
    }
}

/// Where a pointer leads: to something, or to a place where something could be.
enum Target {
    There(Spot),
    NoMember {
        container: u32,
        key: String,
    },
    /// Before the element at the index, or at the end for the length.
    Gap {
        container: u32,
        index: usize,
    },
}

impl<'p> Runner<'_, 'p> {
    fn operation(&mut self, operation: &'p Operation) -> Result<(), Failure> {
        match operation {
            Operation::Add { path, value } => {
                let content = self.bring(value)?;
                self.add(path, content)
            }
            Operation::Replace { path, value } => {
                let spot = self.find(path)?;
                if !self.is_written_so(spot, value)? {
                    let content = self.bring(value)?;
                    self.put(spot, content);
                }
                Ok(())
            }
            Operation::Remove { path } => self.remove(path).map(drop),
            Operation::Move { from, path } => self.relocate(from, path),
            Operation::Copy { from, path } => {
                let spot = self.find(from)?;
                // Over itself; among elements it would stand there twice.
                if from == path && !matches!(spot, Spot::Element { .. }) {
                    return Ok(());
                }
                let content = self.overlay.content(spot);
                let content = self.duplicate(content)?;
                self.add(path, content)
            }
            Operation::Test { path, value } => {
                let spot = self.find(path)?;
                let content = self.overlay.content(spot);
                let document = read(value)?;
                if means(&mut self.overlay, &mut self.comparison, content, document.root()) {
                    Ok(())
                } else {
                    Err(Failure::At(path.clone(), Refusal::TestFailed))
                }
            }
        }
    }

    fn add(&mut self, path: &Pointer, content: Content) -> Result<(), Failure> {
        match self.walk(path, true)? {
            Target::There(spot) => self.put(spot, content),
            Target::NoMember { container, key } => {
                self.changed();
                self.overlay.push_member(container, &key, content);
            }
            Target::Gap { container, index } => {
                self.changed();
                if let Children::Array(elements) = &mut self.overlay.containers[container as usize].children {
                    elements.insert(
                        index,
                        super::overlay::Slot {
                            home: NONE,
                            key: NONE,
                            content,
                        },
                    );
                }
            }
        }
        Ok(())
    }

    fn remove(&mut self, path: &Pointer) -> Result<Content, Failure> {
        let spot = self.find(path)?;
        let content = self.overlay.content(spot);
        match spot {
            Spot::Root => return Err(Failure::At(path.clone(), Refusal::RootRemoved)),
            Spot::Member { container, slot } => {
                self.give_up(spot, container);
                let key = path.last().unwrap_or_default();
                self.overlay.remove_member(container, slot, &key);
            }
            Spot::Element { container, index } => {
                self.give_up(spot, container);
                if let Children::Array(elements) = &mut self.overlay.containers[container as usize].children {
                    elements.remove(index);
                }
            }
        }
        self.changed();
        Ok(content)
    }

    fn relocate(&mut self, from: &Pointer, path: &Pointer) -> Result<(), Failure> {
        let spot = self.find(from)?;
        if from == path {
            return Ok(());
        }
        if path.starts_with_tokens(from) {
            return Err(Failure::At(path.clone(), Refusal::MoveIntoItself));
        }
        // Another key in the same object: the member stays where it stands.
        if let (Spot::Member { container, slot }, true) = (spot, from.parent() == path.parent())
            && let Target::NoMember { key, .. } = self.walk(path, true)?
        {
            self.changed();
            let overlay = &mut self.overlay;
            if let (ORIGINAL, Some(home)) = (overlay.containers[container as usize].source, home(overlay, spot)) {
                overlay
                    .given_up
                    .push(overlay.original.start(home)..overlay.original.end(home));
            }
            overlay.rename_member(container, slot, &from.last().unwrap_or_default(), &key);
            return Ok(());
        }
        let content = self.remove(from)?;
        self.add(path, content)
    }

    /// Puts a value over the one that is there.
    fn put(&mut self, spot: Spot, content: Content) {
        let lost = match spot {
            Spot::Root => Some(0),
            Spot::Element { container, .. } if self.overlay.counts(container) => home(&mut self.overlay, spot),
            Spot::Member { container, .. } if self.overlay.counts(container) => {
                home(&mut self.overlay, spot).map(|key| key + 1)
            }
            _ => None,
        };
        if let Some(node) = lost {
            let original = self.overlay.original;
            self.overlay.given_up.push(original.start(node)..original.end(node));
        }
        self.overlay.set(spot, content);
        self.changed();
    }

    /// Notes what the original loses with an element or a member.
    fn give_up(&mut self, spot: Spot, container: u32) {
        if !self.overlay.counts(container) {
            return;
        }
        if let Some(node) = home(&mut self.overlay, spot) {
            let original = self.overlay.original;
            let value = if matches!(spot, Spot::Member { .. }) {
                node + 1
            } else {
                node
            };
            self.overlay.given_up.push(original.start(node)..original.end(value));
        }
    }

    /// Marks the containers on the way of the last walk.
    fn changed(&mut self) {
        for &container in &self.trail {
            self.overlay.containers[container as usize].changed = true;
        }
    }

    /// Walks to something that has to be there.
    fn find(&mut self, path: &Pointer) -> Result<Spot, Failure> {
        match self.walk(path, false)? {
            Target::There(spot) => Ok(spot),
            Target::NoMember { .. } => Err(Failure::At(path.clone(), Refusal::NotFound)),
            Target::Gap { index: length, .. } => Err(Failure::At(path.clone(), Refusal::IndexOutOfRange { length })),
        }
    }

    /// Walks a pointer; `between` for a place at which an element would be put in.
    fn walk(&mut self, path: &Pointer, between: bool) -> Result<Target, Failure> {
        self.trail.clear();
        let mut spot = Spot::Root;
        let mut tokens = path.tokens().enumerate().peekable();
        while let Some((depth, token)) = tokens.next() {
            let failed = |refusal| Failure::At(cut(path, depth + 1), refusal);
            let container = self.overlay.open(spot).map_err(failed)?;
            self.trail.push(container);
            let last = tokens.peek().is_none();
            spot = match &self.overlay.containers[container as usize].children {
                Children::Object(_) => match self.overlay.member(container, &token).map_err(failed)? {
                    Some(slot) => Spot::Member { container, slot },
                    None if last => {
                        return Ok(Target::NoMember {
                            container,
                            key: token.into_owned(),
                        });
                    }
                    None => return Err(failed(Refusal::NotFound)),
                },
                Children::Array(elements) => {
                    let length = elements.len();
                    if last && between && token == "-" {
                        return Ok(Target::Gap {
                            container,
                            index: length,
                        });
                    }
                    let index = pointer::index(&token).ok_or_else(|| failed(Refusal::BadIndex))?;
                    if last && between && index <= length {
                        return Ok(Target::Gap { container, index });
                    }
                    if index >= length {
                        return Err(failed(Refusal::IndexOutOfRange { length }));
                    }
                    Spot::Element { container, index }
                }
            };
        }
        Ok(Target::There(spot))
    }

    /// Takes a value of the patch among the sources.
    fn bring(&mut self, value: &'p RawJson) -> Result<Content, Failure> {
        self.overlay.values.push(read(value)?);
        Ok(Content::tape(self.overlay.values.len() as u32, 0))
    }

    /// A second of the same. What is opened in it is opened once more, so that the two go their own ways.
    fn duplicate(&mut self, content: Content) -> Result<Content, Failure> {
        let top = match self.overlay.settled(content) {
            Kind::Tape { source, node } => {
                self.reckon(self.overlay.value(source, node).span().len())?;
                return Ok(Content::tape(source, node));
            }
            Kind::Opened(container) => container,
        };
        // The copy of the container that stands n-th in the queue becomes the n-th new one.
        let first = self.overlay.containers.len() as u32;
        let mut queue = vec![top];
        let mut done = 0;
        while let Some(&next) = queue.get(done) {
            done += 1;
            let mut copy = self.overlay.containers[next as usize].clone();
            copy.copied = true;
            self.reckon(copy.children.len().saturating_mul(SLOT))?;
            let mut length = 0;
            for slot in copy.children.slots_mut() {
                match self.overlay.settled_or_gone(slot.content) {
                    None => {}
                    Some(Kind::Tape { source, node }) => {
                        length += self.overlay.value(source, node).span().len();
                        slot.content = Content::tape(source, node);
                    }
                    Some(Kind::Opened(container)) => {
                        queue.push(container);
                        slot.content = Content::opened(first + queue.len() as u32 - 1);
                    }
                }
            }
            self.reckon(length)?;
            self.overlay.containers.push(copy);
        }
        Ok(Content::opened(first))
    }

    fn reckon(&mut self, length: usize) -> Result<(), EditError> {
        self.copied = self.copied.saturating_add(length);
        within_limit(self.copied)
    }

    /// Whether an untouched value of the original is token for token the given one: then replacing it would change
    /// nothing but its white space.
    fn is_written_so(&mut self, spot: Spot, value: &RawJson) -> Result<bool, Failure> {
        let content = self.overlay.content(spot);
        let Kind::Tape { source: ORIGINAL, node } = self.overlay.settled(content) else {
            return Ok(false);
        };
        let document = read(value)?;
        let original = self.overlay.original;
        let nodes = original.nodes(node..original.after(node));
        let all = 0..document.len() as u32;
        Ok(nodes.len() == document.len() && same_tokens(original.text(), nodes, &document, all))
    }
}

impl Overlay<'_, '_> {
    /// Whether what a container loses is lost to the original.
    fn counts(&self, container: u32) -> bool {
        let container = &self.containers[container as usize];
        container.source == ORIGINAL && !container.copied
    }

    /// As [`settled`](Overlay::settled), but `None` for what a removed member leaves.
    fn settled_or_gone(&self, content: Content) -> Option<Kind> {
        (!content.is_gone()).then(|| self.settled(content))
    }
}

fn home(overlay: &mut Overlay<'_, '_>, spot: Spot) -> Option<u32> {
    overlay.slot(spot).map(|slot| slot.home).filter(|&home| home != NONE)
}

fn read(value: &RawJson) -> Result<Document<'_>, EditError> {
    // Each was read when it was made; what composing can still do is make it too long.
    Document::of(value.as_str()).map_err(|_| EditError::TooLong)
}

/// The first steps of a pointer.
fn cut(path: &Pointer, steps: usize) -> Pointer {
    let mut cut = Pointer::root();
    for token in path.tokens().take(steps) {
        cut.push(&token);
    }
    cut
}
