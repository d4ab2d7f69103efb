//! A list that takes insertions and removals anywhere without moving all that follows. Knows nothing of JSON.

/// A list in chunks of about the square root of its length, so that a step anywhere in it costs about that.
#[derive(Clone, Debug)]
pub(super) struct Sequence<T> {
    chunks: Vec<Vec<T>>,
    length: usize,
    /// A chunk that grows beyond this is halved.
    most: usize,
}

/// The items in their order.
pub(super) type Items<'s, T> = std::iter::Flatten<std::slice::Iter<'s, Vec<T>>>;

impl<T> Sequence<T> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (chunk, at) = self.place(index);
        self.chunks.get_mut(chunk)?.get_mut(at)
    }

    /// Puts an item before the one at `index`, or at the end for the length.
    pub(super) fn insert(&mut self, index: usize, item: T) {
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
        }
        let (mut chunk, mut at) = self.place(index);
        if chunk == self.chunks.len() {
            chunk -= 1;
            at = self.chunks[chunk].len();
        }
        self.chunks[chunk].insert(at, item);
        self.length += 1;
        if self.chunks[chunk].len() > self.most {
            let half = self.chunks[chunk].split_off(self.most / 2);
            self.chunks.insert(chunk + 1, half);
        }
    }

    pub(super) fn remove(&mut self, index: usize) -> Option<T> {
        let (chunk, at) = self.place(index);
        let items = self.chunks.get_mut(chunk)?;
        let item = items.remove(at);
        self.length -= 1;
        if items.is_empty() {
            self.chunks.remove(chunk);
        }
        Some(item)
    }

    pub(super) fn iter(&self) -> Items<'_, T> {
        self.chunks.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }

    /// The chunk of an index and the place in it; beyond the last chunk for the length.
    fn place(&self, index: usize) -> (usize, usize) {
        let mut at = index;
        for (chunk, items) in self.chunks.iter().enumerate() {
            if at < items.len() {
                return (chunk, at);
            }
            at -= items.len();
        }
        (self.chunks.len(), at)
    }
}

impl<T> FromIterator<T> for Sequence<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Sequence<T> {
        let mut items: Vec<T> = items.into_iter().collect();
        let length = items.len();
        let half = length.isqrt().max(256);
        let mut chunks = Vec::with_capacity(length / half + 1);
        while items.len() > half {
            // From the end, so that no item moves twice.
            chunks.push(items.split_off((items.len() - 1) / half * half));
        }
        if !items.is_empty() {
            chunks.push(items);
        }
        chunks.reverse();
        Sequence {
            chunks,
            length,
            most: half * 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_behaves_like_a_vector() {
        let mut plain: Vec<u32> = (0..3000).collect();
        let mut sequence: Sequence<u32> = plain.iter().copied().collect();
        let mut seed = 1_usize;
        for step in 0..20_000 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) % (plain.len() + 1);
            if step % 5 < 2 && step < 10_000 || step % 5 == 0 {
                plain.insert(at, step);
                sequence.insert(at, step);
            } else {
                assert_eq!(sequence.remove(at), (at < plain.len()).then(|| plain.remove(at)));
            }
            assert_eq!(sequence.get_mut(at).copied(), plain.get(at).copied());
            assert_eq!(sequence.len(), plain.len());
        }
        assert!(sequence.iter().eq(&plain) && sequence.iter_mut().map(|item| *item).eq(plain));
    }

    #[test]
    fn chunks_follow_the_length() {
        let sequence: Sequence<u32> = (0..1_000_000).collect();
        assert!(sequence.iter().copied().eq(0..1_000_000));
        assert!(sequence.chunks.len() <= 1001 && sequence.chunks.iter().all(|chunk| chunk.len() <= 1000));
    }
}
