//! Amounts, days and addresses as leases write them.

use domain::Rent;
use jiff::civil::Date;

/// An amount in hundredths of a dollar, as it stands in a lease: not only rents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount(u32);

impl Amount {
    pub(crate) const fn dollars(dollars: u32) -> Self {
        Self(dollars * 100)
    }

    pub(crate) const fn cents(cents: u32) -> Self {
        Self(cents)
    }

    pub(crate) const fn hundredths(self) -> u32 {
        self.0
    }

    /// A part of it, to the cent below.
    pub(crate) const fn share(self, of: u32, all: u32) -> Self {
        Self(self.0 / all * of + self.0 % all * of / all)
    }
}

impl From<Rent> for Amount {
    fn from(rent: Rent) -> Self {
        Self(u32::try_from(rent.hundredths()).unwrap_or(u32::MAX))
    }
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Money {
    /// $1,350
    Short,
    /// $1,350.00
    Full,
    /// $1350
    Plain,
    /// $1350.00
    PlainFull,
    /// $ 1,350.00
    Spaced,
    /// USD 1,350.00
    Code,
    /// 1,350.00, as behind a label that has the sign
    Bare,
}

impl Money {
    pub(crate) fn write(self, amount: Amount) -> String {
        let (dollars, cents) = (amount.0 / 100, amount.0 % 100);
        let grouped = if dollars >= 1000 {
            format!("{},{:03}", dollars / 1000, dollars % 1000)
        } else {
            dollars.to_string()
        };
        match self {
            Self::Short if cents == 0 => format!("${grouped}"),
            Self::Plain if cents == 0 => format!("${dollars}"),
            Self::Short | Self::Full => format!("${grouped}.{cents:02}"),
            Self::Plain | Self::PlainFull => format!("${dollars}.{cents:02}"),
            Self::Spaced => format!("$\u{a0}{grouped}.{cents:02}"),
            Self::Code => format!("USD {grouped}.{cents:02}"),
            Self::Bare => format!("{grouped}.{cents:02}"),
        }
    }
}

/// How amounts in words end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// One Thousand Three Hundred Fifty and 00/100 Dollars
    Hundredths,
    /// One Thousand Three Hundred Fifty and no/100 Dollars
    No,
    /// one thousand three hundred fifty dollars
    Small,
    /// ONE THOUSAND THREE HUNDRED FIFTY DOLLARS
    Capitals,
    /// One Thousand Three Hundred and Fifty Dollars
    And,
    /// Thirteen Hundred Fifty Dollars
    Hundreds,
}

impl Spelling {
    pub(crate) fn write(self, amount: Amount) -> String {
        let (dollars, cents) = (amount.0 / 100, amount.0 % 100);
        let words = match self {
            Self::And => spelled(dollars, " and "),
            Self::Hundreds if (1100..10_000).contains(&dollars) && dollars % 1000 >= 100 => {
                let rest = match dollars % 100 {
                    0 => String::new(),
                    rest => format!(" {}", spelled(rest, " ")),
                };
                format!("{} hundred{rest}", spelled(dollars / 100, " "))
            }
            _ => spelled(dollars, " "),
        };
        let end = match self {
            _ if cents > 0 => format!(" and {cents:02}/100 dollars"),
            Self::Hundredths => " and 00/100 dollars".to_owned(),
            Self::No => " and no/100 dollars".to_owned(),
            Self::Small | Self::Capitals | Self::And | Self::Hundreds => " dollars".to_owned(),
        };
        let all = format!("{words}{end}");
        match self {
            Self::Small => all,
            Self::Capitals => all.to_uppercase(),
            Self::Hundredths | Self::No | Self::And | Self::Hundreds => titled(&all),
        }
    }
}

/// A number below a million in words; `joint` stands between hundreds and what follows them.
fn spelled(number: u32, joint: &str) -> String {
    const ONES: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let at = |list: &[&str], index: u32| list[usize::try_from(index).unwrap_or(0)].to_owned();
    match number {
        0..20 => at(&ONES, number),
        20..100 if number.is_multiple_of(10) => at(&TENS, number / 10),
        20..100 => format!("{}-{}", at(&TENS, number / 10), at(&ONES, number % 10)),
        100..1000 if number.is_multiple_of(100) => format!("{} hundred", at(&ONES, number / 100)),
        100..1000 => format!(
            "{} hundred{joint}{}",
            at(&ONES, number / 100),
            spelled(number % 100, joint)
        ),
        _ if number.is_multiple_of(1000) => format!("{} thousand", spelled(number / 1000, joint)),
        _ if number % 1000 < 100 => format!(
            "{} thousand{joint}{}",
            spelled(number / 1000, joint),
            spelled(number % 1000, joint)
        ),
        _ => format!(
            "{} thousand {}",
            spelled(number / 1000, joint),
            spelled(number % 1000, joint)
        ),
    }
}

/// Each word with a capital, but for "and" and "no".
fn titled(text: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    text.split(' ')
        .map(|word| {
            if word == "and" || word.starts_with("no/") {
                word.to_owned()
            } else {
                word.split('-').map(capital).collect::<Vec<_>>().join("-")
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// How days are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    /// March 10, 2026
    Long,
    /// Mar. 10, 2026
    Abbreviated,
    /// 10 March 2026
    DayFirst,
    /// the 10th day of March, 2026
    Legal,
    /// 03/10/2026
    Slashes,
    /// 3/10/26
    ShortSlashes,
    /// 03-10-2026
    Dashes,
    /// 2026-03-10
    Iso,
}

impl Days {
    pub(crate) fn write(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let name = month_name(month);
        match self {
            Self::Long => format!("{name} {day}, {year}"),
            // May is whole, and needs no point.
            Self::Abbreviated if name.len() <= 4 => format!("{name} {day}, {year}"),
            Self::Abbreviated => format!("{}. {day}, {year}", &name[..3]),
            Self::DayFirst => format!("{day} {name} {year}"),
            Self::Legal => format!("the {day}{} day of {name}, {year}", ordinal(day)),
            Self::Slashes => format!("{month:02}/{day:02}/{year}"),
            Self::ShortSlashes => format!("{month}/{day}/{:02}", year % 100),
            Self::Dashes => format!("{month:02}-{day:02}-{year}"),
            Self::Iso => format!("{year}-{month:02}-{day:02}"),
        }
    }
}

const fn month_name(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

const fn ordinal(day: i8) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn amounts_are_written_in_each_way() {
        let amount = Amount::dollars(1350);
        assert_eq!(Money::Short.write(amount), "$1,350");
        assert_eq!(Money::Full.write(amount), "$1,350.00");
        assert_eq!(Money::PlainFull.write(amount), "$1350.00");
        assert_eq!(Money::Short.write(Amount::cents(97_550)), "$975.50");
        assert_eq!(
            Spelling::Hundredths.write(Amount::dollars(1450)),
            "One Thousand Four Hundred Fifty and 00/100 Dollars"
        );
        assert_eq!(
            Spelling::Hundreds.write(Amount::dollars(1325)),
            "Thirteen Hundred Twenty-Five Dollars"
        );
        assert_eq!(
            Spelling::And.write(Amount::dollars(2005)),
            "Two Thousand and Five Dollars"
        );
        assert_eq!(
            Spelling::Small.write(Amount::cents(189_950)),
            "one thousand eight hundred ninety-nine and 50/100 dollars"
        );
    }

    #[test]
    fn days_are_written_in_each_way() {
        let day = date(2026, 3, 3);
        assert_eq!(Days::Legal.write(day), "the 3rd day of March, 2026");
        assert_eq!(Days::ShortSlashes.write(day), "3/3/26");
        assert_eq!(Days::Abbreviated.write(date(2026, 5, 1)), "May 1, 2026");
        assert_eq!(Days::Abbreviated.write(date(2026, 9, 1)), "Sep. 1, 2026");
    }
}
