//! The tables in `shared/table/README.md`, which tests compare with what runs.

use super::workspace::read;

/// The rows of the table under a heading, cell by cell, without code marks.
pub(crate) fn table(heading: &str) -> Vec<Vec<String>> {
    let text = read("shared/table/README.md");
    let section = text
        .split("\n## ")
        .find(|section| section.lines().next() == Some(heading))
        .unwrap_or_else(|| panic!("shared/table/README.md has no section \"{heading}\""));
    let rows = section.lines().filter(|line| line.starts_with('|'));
    // The first two are the names of the columns, and the line below them.
    rows.skip(2).map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    let inner = row.trim().trim_start_matches('|').trim_end_matches('|');
    inner
        .split('|')
        .map(|cell| cell.trim().replace('`', ""))
        .collect()
}

/// An access pattern.
pub(crate) struct Pattern {
    pub(crate) name: String,
    /// `Query`, or `TransactWriteItems (Put, Update)`.
    pub(crate) operation: String,
    /// `GSI1`; `table` for the table itself.
    pub(crate) index: String,
    pub(crate) rcu: f64,
    pub(crate) wcu: f64,
    /// The functions, by the names of their crates; `operator` for what no function does.
    pub(crate) functions: Vec<String>,
    /// The name of a test that goes this way.
    pub(crate) test: String,
}

/// The access patterns.
pub(crate) fn patterns() -> Vec<Pattern> {
    let number = |text: &str| {
        text.parse()
            .unwrap_or_else(|_| panic!("{text} is no number of units"))
    };
    let pattern = |cells: Vec<String>| {
        let [name, _, operation, index, _, _, _, rcu, wcu, functions, test] = cells
            .try_into()
            .unwrap_or_else(|cells| panic!("11 columns, not {cells:?}"));
        Pattern {
            name,
            operation,
            index,
            rcu: number(&rcu),
            wcu: number(&wcu),
            functions: functions.split(", ").map(str::to_owned).collect(),
            test,
        }
    };
    table("Access patterns").into_iter().map(pattern).collect()
}
