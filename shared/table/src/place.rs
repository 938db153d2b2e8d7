//! Places in lists, as cursors hold them: the words that name one, with a space between two.

use std::str::FromStr;

/// A text names no place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no place in the list")]
pub struct NoPlace;

/// The `N` words of a place: neither more nor fewer.
pub(crate) fn words<const N: usize>(text: &str) -> Result<[&str; N], NoPlace> {
    let words: Vec<_> = text.split(' ').collect();
    words.try_into().map_err(|_| NoPlace)
}

/// What a word says.
pub(crate) fn read<T: FromStr>(word: &str) -> Result<T, NoPlace> {
    word.parse().map_err(|_| NoPlace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_as_many_words_as_its_list_says() {
        assert_eq!(words("one two"), Ok(["one", "two"]));
        assert_eq!(words::<2>("one"), Err(NoPlace));
        assert_eq!(words::<2>("one two three"), Err(NoPlace));
    }
}
