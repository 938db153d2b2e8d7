//! What is known for the tokens of templates: of a property, and of the account that writes. A text that is no value is not known.

use domain::template::{Token, Value, Values};

use crate::account::Account;
use crate::property::Property;

/// What a property says: its address, who lives there, at what rent and for how long.
#[must_use]
pub fn of_property(property: &Property) -> Values {
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
#[must_use]
pub fn of_account(token: Token, account: &Account) -> Option<Value> {
    match token {
        Token::LandlordName => account.name.as_str().parse().ok(),
        _ => None,
    }
}
