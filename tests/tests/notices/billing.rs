//! What people are told of their money: trials, payments that fail, subscriptions that end, refunds.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::Fact;
use domain::subscription::{Interval, SubscriptionStatus};
use domain::{Cents, PlanId, Subscription, UserId};
use jiff::SignedDuration;
use local::ses::Message;
use serde_json::json;
use tests::{Outcome, Person, System};

fn user(person: &Person<'_>) -> UserId {
    person.id.parse().unwrap()
}

/// A subscription that began an hour ago, with a trial of fourteen days.
fn trial(system: &System) -> Subscription {
    let began = system.now() - SignedDuration::from_hours(1);
    let ends = began + SignedDuration::from_hours(14 * 24);
    Subscription {
        id: "sub_1".to_owned(),
        plan: PlanId::LandlordPro,
        interval: Interval::Month,
        amount: Cents::new(4900),
        status: SubscriptionStatus::Trialing,
        created: began,
        period_start: began,
        period_end: ends,
        trial_end: Some(ends),
        cancel_at_period_end: false,
        ended_at: None,
    }
}

/// Lets a person's account have this subscription, as what Stripe reports leaves it.
async fn has(person: &Person<'_>, subscription: &Subscription) {
    let (client, table) = person.system.dynamodb();
    let billing = json!({ "subscription": subscription, "trialUsed": true, "revision": 1 });
    let account = client
        .update_item()
        .table_name(table)
        .key("PK", AttributeValue::S(format!("USER#{}", person.id)))
        .key("SK", AttributeValue::S("ACCOUNT".to_owned()))
        .update_expression("SET billing = :billing")
        .expression_attribute_values(":billing", serde_dynamo::to_attribute_value(billing).unwrap());
    account.send().await.unwrap();
}

/// What a person was mailed since, beside the link that signing up brings.
async fn mailed(person: &Person<'_>, fact: Fact) -> Vec<Message> {
    let system = person.system;
    system.at_rest().await;
    let before = system.mails_to(&person.email).len();
    system.tell(fact).await;
    system.at_rest().await;
    assert_eq!(system.platform.dead_letters(), []);
    system.mails_to(&person.email).split_off(before)
}

/// The one mail of a fact, as text.
async fn only_text(person: &Person<'_>, fact: Fact, subject: &str) -> String {
    let mut mails = mailed(person, fact).await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = mails.remove(0);
    assert!(mail.subject.starts_with(subject), "{}", mail.subject);
    in_one_line(&mail.text.unwrap())
}

/// A text without its line breaks.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_new_subscriber_reads_until_when_it_is_free_what_it_costs_then_and_how_to_cancel() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let trial = trial(&system);
    has(&ana, &trial).await;
    let user_id = user(&ana);
    let text = only_text(
        &ana,
        Fact::SubscriptionStarted { user_id },
        "Your subscription: Landlord Professional",
    )
    .await;
    let until = trial.period_end.strftime("%B %-d, %Y").to_string();
    for fact in [
        until.as_str(),
        "$49.00 each month",
        "cancel at any time",
        "/billing",
    ] {
        assert!(text.contains(fact), "{fact} is not in {text}");
    }
}

#[tokio::test]
async fn the_end_of_a_trial_is_told_before_it_unless_no_payment_follows() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let user_id = user(&ana);
    let mut subscription = trial(&system);
    has(&ana, &subscription).await;
    let text = only_text(&ana, Fact::TrialEnding { user_id }, "Your trial ends on").await;
    assert!(text.contains("$49.00") && text.contains("/billing"), "{text}");
    subscription.cancel_at_period_end = true;
    has(&ana, &subscription).await;
    assert_eq!(mailed(&ana, Fact::TrialEnding { user_id }).await, []);
}

#[tokio::test]
async fn a_payment_that_failed_is_told_with_what_happens_next_and_not_once_it_is_made() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let user_id = user(&ana);
    let failed = || Fact::PaymentFailed {
        user_id,
        invoice_id: "in_1".to_owned(),
    };
    let mut subscription = trial(&system);
    subscription.status = SubscriptionStatus::PastDue;
    has(&ana, &subscription).await;
    let text = only_text(&ana, failed(), "Your payment did not go through").await;
    let until = subscription.grace_ends().strftime("%B %-d, %Y").to_string();
    assert!(text.contains(&until) && text.contains("/billing"), "{text}");
    subscription.status = SubscriptionStatus::Active;
    has(&ana, &subscription).await;
    assert_eq!(mailed(&ana, failed()).await, []);
}

#[tokio::test]
async fn the_end_of_a_subscription_is_told_and_not_when_another_has_begun() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let user_id = user(&ana);
    let mut subscription = trial(&system);
    subscription.status = SubscriptionStatus::Canceled;
    has(&ana, &subscription).await;
    let text = only_text(
        &ana,
        Fact::SubscriptionEnded { user_id },
        "Your subscription has ended",
    )
    .await;
    assert!(text.contains("Nothing more is taken"), "{text}");
    subscription.status = SubscriptionStatus::Active;
    has(&ana, &subscription).await;
    assert_eq!(mailed(&ana, Fact::SubscriptionEnded { user_id }).await, []);
}

#[tokio::test]
async fn of_a_subscription_that_is_not_there_nobody_is_told() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let user_id = user(&ana);
    assert_eq!(mailed(&ana, Fact::SubscriptionStarted { user_id }).await, []);
    assert_eq!(mailed(&ana, Fact::SubscriptionEnded { user_id }).await, []);
}

#[tokio::test]
async fn each_refund_is_told_with_what_has_come_back_in_all() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.buy("basic", Outcome::Paid).await;
    system.at_rest().await;
    let paid = checkout.events("checkout.session.completed").remove(0);
    let intent = paid["data"]["object"]["payment_intent"].as_str().unwrap();
    for (amount, in_all, what_is_open) in [
        (Some(300), "$3.00", "stays open"),
        (Some(200), "$5.00", "stays open"),
        (None, "$9.99", "closed again"),
    ] {
        system.stripe().refund(intent, amount).unwrap();
        system.at_rest().await;
        let mail = system.mails_to(&ana.email).pop().unwrap();
        assert_eq!(mail.subject, format!("Your refund: {in_all}"));
        let text = in_one_line(&mail.text.unwrap());
        assert!(
            text.contains(what_is_open) && text.contains(&checkout.purchase),
            "{text}"
        );
    }
    assert_eq!(system.platform.dead_letters(), []);
}
