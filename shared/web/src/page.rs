//! Lists that come page by page: which part is wanted, and the cursor to the next one.

use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::cursor::Cursors;
use crate::{Answer, Problem};

/// How many rows a page may have.
const LIMIT_AT_MOST: u8 = 100;

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// What a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<T> {
    /// How many rows.
    pub limit: u8,
    /// The row that comes before them; the list's first rows without one.
    pub after: Option<T>,
}

impl Part {
    /// This many rows behind this cursor, for a list that takes more parameters than these.
    #[must_use]
    pub fn new(limit: Option<u8>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// The part of the list called `list` that is wanted, with `usual` rows unless another number was given.
    ///
    /// # Errors
    /// 400 for a number of rows that no page has, and for what is no cursor of this list.
    pub fn of<T: FromStr>(self, cursors: &Cursors, list: &str, usual: u8) -> Answer<Wanted<T>> {
        let limit = self.limit.unwrap_or(usual);
        if !(1..=LIMIT_AT_MOST).contains(&limit) {
            return Err(Problem::field("limit", "must be 1 to 100"));
        }
        let after = self
            .cursor
            .map(|cursor| cursors.read(list, &cursor))
            .transpose()?;
        Ok(Wanted { limit, after })
    }
}

#[cfg(test)]
mod tests {
    use runtime::Environment;

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(&Environment::from_iter([(
            "CURSOR_KEY",
            "a key of thirty-two characters!!",
        )]))
        .unwrap()
    }

    fn part(limit: Option<u8>, cursor: Option<String>) -> Answer<Wanted<u32>> {
        Part { limit, cursor }.of(&cursors(), "rows of ana", 20)
    }

    #[test]
    fn a_page_has_1_to_100_rows_and_the_usual_number_unless_another_is_given() {
        assert_eq!(
            part(None, None).unwrap(),
            Wanted {
                limit: 20,
                after: None
            }
        );
        for limit in [1, 100] {
            assert_eq!(part(Some(limit), None).unwrap().limit, limit);
        }
        for limit in [0, 101] {
            assert_eq!(part(Some(limit), None).unwrap_err().code(), "invalid_request");
        }
    }

    #[test]
    fn a_page_begins_behind_the_row_of_its_cursor_which_belongs_to_one_list() {
        let cursor = cursors().make("rows of ana", &7);
        assert_eq!(part(None, Some(cursor)).unwrap().after, Some(7));
        let foreign = cursors().make("rows of ben", &7);
        assert!(part(None, Some(foreign)).is_err());
    }
}
