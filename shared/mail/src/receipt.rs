//! The receipt of a purchase.

use askama::Template;
use domain::{Cents, EmailAddress, PersonName, Plan, PurchaseId};
use jiff::Timestamp;

use crate::Message;
use crate::message::WriteError;

/// What a receipt says.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The buyer's address.
    pub to: &'a EmailAddress,
    /// The buyer's name.
    pub name: &'a PersonName,
    /// What was bought.
    pub plan: &'static Plan,
    /// What was paid.
    pub amount: Cents,
    /// When.
    pub paid_at: Timestamp,
    /// The purchase.
    pub purchase: PurchaseId,
    /// The web client's base address.
    pub web_url: &'a str,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct Html<'a> {
    name: &'a str,
    plan: &'a str,
    summary: &'a str,
    paid_on: &'a str,
    purchase: &'a str,
    amount: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "receipt.txt", escape = "none")]
struct Text<'a> {
    name: &'a str,
    plan: &'a str,
    summary: &'a str,
    paid_on: &'a str,
    purchase: &'a str,
    amount: &'a str,
    link: &'a str,
}

impl Receipt<'_> {
    /// The receipt as a message.
    ///
    /// # Errors
    /// [`WriteError`] if a template fails.
    pub fn write(&self) -> Result<Message, WriteError> {
        let name = self.name.as_str();
        let (plan, summary) = (self.plan.name, self.plan.summary);
        let amount = &self.amount.to_string();
        // A day in UTC: the buyer's own time zone is not known.
        let paid_on = &self.paid_at.strftime("%B %-d, %Y").to_string();
        let purchase = &self.purchase.to_string();
        let link = &format!("{}/dashboard", self.web_url.trim_end_matches('/'));
        Ok(Message {
            to: self.to.clone(),
            subject: format!("Your receipt: {plan}, {amount}"),
            html: Html {
                name,
                plan,
                summary,
                paid_on,
                purchase,
                amount,
                link,
            }
            .render()?,
            text: Text {
                name,
                plan,
                summary,
                paid_on,
                purchase,
                amount,
                link,
            }
            .render()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::PlanId;

    use super::*;

    fn receipt(name: &str) -> Message {
        Receipt {
            to: &"ana@example.com".parse().unwrap(),
            name: &PersonName::try_from(name.to_owned()).unwrap(),
            plan: PlanId::Basic.plan(),
            amount: Cents::new(999),
            paid_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            purchase: PurchaseId::from_bytes([1; 16]),
            web_url: "https://app.example.com/",
        }
        .write()
        .unwrap()
    }

    #[test]
    fn a_receipt_says_what_was_bought_when_and_for_how_much() {
        insta::assert_snapshot!(receipt("Ana María").text);
    }

    #[test]
    fn html_and_text_say_the_same() {
        let message = receipt("Ana");
        for fact in [
            "Basic",
            "7 days, 5 analyses",
            "$9.99",
            "March 1, 2026",
            "https://app.example.com/dashboard",
        ] {
            assert!(
                message.html.contains(fact) && message.text.contains(fact),
                "{fact}"
            );
        }
        assert_eq!(message.subject, "Your receipt: Basic, $9.99");
    }

    #[test]
    fn a_name_cannot_bring_markup_into_the_mail() {
        let message = receipt("<script>alert(1)</script>");
        assert!(!message.html.contains("<script>"));
        assert!(message.text.contains("<script>"));
    }
}
