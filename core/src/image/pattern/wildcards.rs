//! What the wildcards of a pattern stand for in an image, and the name that comes out when they are put into another
//! pattern.

use super::{Host, Kind, Pattern, Port};
use crate::glob::{self, Part};
use crate::image::template::{Components, LiteralName, without_tag};
use crate::image::{Reference, is_host, is_templated};

/// A wildcard of a pattern's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::image) enum Wildcard {
    /// `**`
    Many,
    /// `*`
    Piece,
}

impl Pattern {
    /// Whether all that it names is on one host: written out, with its port or none.
    pub(in crate::image) fn is_one_place(&self) -> bool {
        matches!(
            &self.kind,
            Kind::Named {
                host: Host::Exact(_, Port::Exact(_)),
                ..
            }
        )
    }

    /// The wildcards of its path, in their order.
    pub(in crate::image) fn wildcards(&self) -> Vec<Wildcard> {
        let of = |part: &Part| match part {
            Part::Many => vec![Wildcard::Many],
            Part::One(glob) => vec![Wildcard::Piece; glob.matches('*').count()],
        };
        self.path().iter().flat_map(of).collect()
    }

    /// What the wildcards of the path stand for in an image, one text each; `None` where the pattern does not name it.
    /// Of a `**` and another, the first is not told from the second, so there is to be one at most.
    pub(in crate::image) fn capture(&self, image: &str, parsed: Option<&Reference<'_>>) -> Option<Vec<String>> {
        let named = match parsed {
            Some(reference) => self.matches(reference),
            None => is_templated(image) && self.matches_literal(image),
        };
        if !named {
            return None;
        }
        let segments: Vec<&str> = match (parsed, &self.kind) {
            (Some(reference), _) => reference.repository().split('/').collect(),
            (None, Kind::Templated(_)) => Components::new(without_tag(image)).collect(),
            (None, Kind::Named { .. }) => LiteralName::new(image).repository().collect(),
        };
        glob::capture(self.path(), &segments)
    }

    /// The name that comes out when each wildcard of the path stands for one of the texts.
    pub(in crate::image) fn filled(&self, carried: &[String]) -> String {
        let mut carried = carried.iter().map(String::as_str);
        let below = match &self.kind {
            Kind::Named { .. } if !self.text.contains('/') && is_host(&self.text) => "/**",
            _ => "",
        };
        let components = self.text.split('/').chain(below.split('/').skip(1));
        let filled = components.map(|component| match component {
            "**" => carried.next().unwrap_or_default().to_owned(),
            _ => {
                let mut pieces = component.split('*');
                let mut filled = pieces.next().unwrap_or_default().to_owned();
                for piece in pieces {
                    filled.push_str(carried.next().unwrap_or_default());
                    filled.push_str(piece);
                }
                filled
            }
        });
        // A `**` that stands for nothing drops its slash.
        filled
            .filter(|component| !component.is_empty())
            .collect::<Vec<_>>()
            .join("/")
    }

    fn path(&self) -> &[Part] {
        match &self.kind {
            Kind::Named { path, .. } | Kind::Templated(path) => path,
        }
    }
}
