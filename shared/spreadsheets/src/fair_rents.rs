//! Fair market rents as a sheet, such as HUD's Small Area FMRs (<https://www.huduser.gov/portal/datasets/fmr/smallarea/index.html>,
//! saved as CSV): a row for each ZIP code, and a column for each number of bedrooms.

use std::collections::BTreeMap;

use domain::{Rent, Zip};

use crate::cell::number;
use crate::sheet::{Most, Refusal, Sheet, Wrong, plain};

/// The whole country has 51,000 rows in 12 MB.
const MOST: Most = Most {
    bytes: 20_000_000,
    rows: 100_000,
};
/// The most bedrooms for which rents are published.
pub const MOST_BEDROOMS: u8 = 4;

/// What was read of a sheet of fair market rents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FairRents {
    /// The rents by ZIP code and bedrooms. Where a code lies in two areas it is the lower one: what is fair in both.
    pub rents: BTreeMap<(Zip, u8), Rent>,
    /// What is wrong, by line. A row with something wrong in it is left out.
    pub wrong: Vec<Wrong>,
}

impl FairRents {
    /// What is in a sheet.
    ///
    /// # Errors
    /// [`Refusal`] if nothing of it can be read.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let known = |name: &str| is_zip(name) || bedrooms(name).is_some();
        let sheet = Sheet::read(bytes, MOST, known)?;
        let columns: Vec<(usize, u8)> = sheet
            .header
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((at, bedrooms(name)?)))
            .collect();
        let zip = sheet.header.iter().position(|name| is_zip(name));
        let lacking = [("ZIP Code", zip.is_none()), ("SAFMR 2BR", columns.is_empty())];
        let lacking: Vec<_> = lacking
            .iter()
            .filter(|(_, lacks)| *lacks)
            .map(|(name, _)| *name)
            .collect();
        let Some(zip) = zip.filter(|_| lacking.is_empty()) else {
            return Err(Refusal::NoColumn(lacking));
        };

        let mut found = Self::default();
        for row in &sheet.rows {
            let cell = |at: usize| row.cells.get(at).map_or("", String::as_str);
            let wrong = |at: usize, message: &str| Wrong {
                line: row.line,
                field: None,
                column: sheet.header.get(at).cloned(),
                message: message.to_owned(),
            };
            let Ok(code) = cell(zip).parse::<Zip>() else {
                found.wrong.push(wrong(zip, "must be a ZIP code of five digits"));
                continue;
            };
            let rents: Result<Vec<(u8, Rent)>, usize> = columns
                .iter()
                .filter(|(at, _)| !cell(*at).is_empty())
                .map(|(at, bedrooms)| Ok((*bedrooms, rent(cell(*at)).ok_or(*at)?)))
                .collect();
            match rents {
                Ok(rents) => {
                    for (bedrooms, rent) in rents {
                        let known = found.rents.entry((code, bedrooms)).or_insert(rent);
                        *known = rent.min(*known);
                    }
                }
                Err(at) => found.wrong.push(wrong(at, "must be a rent in dollars")),
            }
        }
        Ok(found)
    }
}

fn is_zip(name: &str) -> bool {
    ["zipcode", "zip"].contains(&plain(name).as_str())
}

/// For how many bedrooms a column has the rents. Those with a part of it ("90 % payment standard") have them for none.
fn bedrooms(name: &str) -> Option<u8> {
    let name = plain(name);
    if name == "efficiency" {
        return Some(0);
    }
    let name = name
        .strip_prefix("safmr")
        .or(name.strip_prefix("fmr"))
        .unwrap_or(&name);
    let unit = |unit: &str| name.strip_suffix(unit);
    let number = unit("br").or(unit("bedroom")).or(unit("bedrooms"))?;
    number.parse().ok().filter(|number| *number <= MOST_BEDROOMS)
}

fn rent(text: &str) -> Option<Rent> {
    Rent::try_from(number(text)?.parse::<f64>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HUD: &str =
        "ZIP Code,HUD Area Code,SAFMR 0BR,SAFMR 0BR - 90% Payment Standard,SAFMR 1BR,SAFMR 2BR\r\n";

    fn rents(rows: &str) -> FairRents {
        FairRents::read(format!("{HUD}{rows}").as_bytes()).unwrap()
    }

    fn found(rents: &FairRents, zip: &str, bedrooms: u8) -> Option<f64> {
        rents
            .rents
            .get(&(zip.parse().unwrap(), bedrooms))
            .map(|rent| rent.dollars())
    }

    #[test]
    fn rents_are_read_by_zip_code_and_bedrooms_and_their_parts_are_not() {
        let read =
            rents("30303,METRO1,\"$1,410\",\"$1,269\",1450,\"$1,610\"\r\n02139,METRO2,2000,1800,2200,\r\n");
        assert_eq!(read.wrong, []);
        assert_eq!(found(&read, "30303", 0), Some(1410.0));
        assert_eq!(found(&read, "30303", 2), Some(1610.0));
        assert_eq!(
            (found(&read, "02139", 1), found(&read, "02139", 2)),
            (Some(2200.0), None)
        );
    }

    #[test]
    fn of_a_zip_code_in_two_areas_the_lower_rent_counts() {
        let read = rents("30303,A,1400,,1450,1600\r\n30303,B,1380,,1500,1590\r\n");
        assert_eq!(
            (found(&read, "30303", 0), found(&read, "30303", 1)),
            (Some(1380.0), Some(1450.0))
        );
    }

    #[test]
    fn a_bad_row_is_named_and_left_out() {
        let read = rents("3030,A,1400,,1450,1600\r\n30303,B,1380,,none,1590\r\n");
        let wrong: Vec<_> = read
            .wrong
            .iter()
            .map(|wrong| (wrong.line, wrong.column.as_deref()))
            .collect();
        assert_eq!(wrong, [(2, Some("ZIP Code")), (3, Some("SAFMR 1BR"))]);
        assert!(read.rents.is_empty());
    }

    #[test]
    fn a_sheet_without_zip_codes_or_rents_is_refused() {
        let refused = FairRents::read(b"State,Rent\nGA,1400\n").unwrap_err();
        assert_eq!(refused, Refusal::NoColumn(vec!["ZIP Code", "SAFMR 2BR"]));
    }

    proptest! {
        #[test]
        fn no_sheet_is_trouble(rows in "[0-9,$.\"\r\n a]{0,200}") {
            let _ = rents(&rows);
        }
    }
}
