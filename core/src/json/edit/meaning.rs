//! What `test` asks of the overlay: whether something there means the same as a value of the patch. Without recursion.

use super::overlay::{Children, Content, Kind, Overlay};
use crate::json::equality::{Comparison, sorted};
use crate::json::{Type, Value};

/// Whether something on the overlay means the same as a value: numbers by what they are worth, members in any order.
pub(super) fn means(
    overlay: &mut Overlay<'_, '_>,
    comparison: &mut Comparison,
    content: Content,
    value: Value<'_>,
) -> bool {
    let mut pairs = vec![(content, value)];
    while let Some((content, value)) = pairs.pop() {
        let container = match overlay.settled(content) {
            Kind::Tape { source, node } => {
                if !comparison.same(source, overlay.value(source, node), value) {
                    return false;
                }
                continue;
            }
            Kind::Opened(container) => container,
        };
        match (&overlay.containers[container as usize].children, value.kind()) {
            (Children::Array(elements), Type::Array) => {
                if elements.len() != value.elements().count() {
                    return false;
                }
                pairs.extend(elements.iter().map(|slot| slot.content).zip(value.elements()));
            }
            (Children::Object(_), Type::Object) => {
                let members = sorted(value);
                if overlay.count_keys(container) != members.len() {
                    return false;
                }
                for (key, node) in members {
                    let Some(content) = overlay.last_member(container, &key) else {
                        return false;
                    };
                    pairs.push((content, Value::at(value.document(), node)));
                }
            }
            _ => return false,
        }
    }
    true
}
