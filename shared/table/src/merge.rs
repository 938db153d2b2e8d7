//! What is known for the tokens of templates: of a property, and of the account that writes. A text that is no value is not known.

use std::collections::BTreeMap;

use domain::template::{Token, Value, Values};

use crate::account::Account;
use crate::property::Property;

/// Where the text for a token is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever writes says so.
    Said,
    /// The property is so.
    Property,
    /// The account is so.
    Account,
}

/// What stands for which token.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// What is known, and where from.
    pub known: BTreeMap<Token, (Value, Origin)>,
    /// The tokens for which nothing is.
    pub missing: Vec<Token>,
}

/// What stands for these tokens: what is said, before what the property says, before what the account says.
#[must_use]
pub fn merged(
    tokens: impl IntoIterator<Item = Token>,
    mut said: Values,
    property: Option<&Property>,
    account: &Account,
) -> Merged {
    let mut of_property = property.map(of_property).unwrap_or_default();
    let mut merged = Merged::default();
    for token in tokens {
        let value = said.remove(&token).map(|value| (value, Origin::Said));
        let value = value.or_else(|| Some((of_property.remove(&token)?, Origin::Property)));
        let value = value.or_else(|| Some((of_account(token, account)?, Origin::Account)));
        match value {
            Some(value) => {
                merged.known.insert(token, value);
            }
            None => merged.missing.push(token),
        }
    }
    merged
}

/// What a property says: its address, who lives there, at what rent and for how long.
fn of_property(property: &Property) -> Values {
    let details = &property.details;
    let code = details.zip_code.clone().map(String::from);
    let address = format!(
        "{}, {}, {} {}",
        details.address.as_str(),
        details.city.as_str(),
        details.state.as_str(),
        code.unwrap_or_default()
    );
    let date = |date: domain::property::LeaseDate| date.date().strftime("%B %-d, %Y").to_string();
    let known = [
        (Token::PropertyAddress, Some(address)),
        (Token::UnitNumber, details.unit_number.clone().map(String::from)),
        (Token::TenantName, details.tenant_name.clone().map(String::from)),
        (
            Token::CurrentRent,
            details.actual_rent.map(|rent| rent.to_string()),
        ),
        (Token::LeaseStart, details.lease_start_date.map(date)),
        (Token::LeaseEnd, details.lease_end_date.map(date)),
    ];
    let known = known
        .into_iter()
        .filter_map(|(token, text)| Some((token, text?.parse().ok()?)));
    known.collect()
}

/// What the account says for a token.
fn of_account(token: Token, account: &Account) -> Option<Value> {
    match token {
        Token::LandlordName => account.name.as_str().parse().ok(),
        _ => None,
    }
}
