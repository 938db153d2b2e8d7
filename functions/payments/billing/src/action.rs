//! Cancel, resume, change the plan.

use axum::Json;
use axum::extract::State;
use domain::subscription::{Interval, SubscriptionStatus};
use domain::{PlanId, Subscription};
use payments::StripeFailure;
use payments::subscription::NewPlan;
use serde::{Deserialize, Serialize};
use settlement::SettlementError;
use table::account::Account;
use table::billing::Because;
use table::item::Consistency;
use utoipa::ToSchema;
use web::{Answer, Body, Caller, Problem, openapi};

use crate::App;
use crate::view::SubscriptionView;

/// What became of the subscription.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionAnswer {
    /// Always true.
    success: bool,
    /// The subscription as it is now.
    subscription: Option<SubscriptionView>,
}

/// Which subscription is to end, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Cancellation {
    /// Its id.
    #[schema(max_length = 255)]
    subscription_id: String,
    /// Whether it ends now; with its period, unless this is given.
    #[serde(default)]
    cancel_immediately: bool,
}

/// Ends the caller's subscription, now or with its period.
#[utoipa::path(
    post, path = "/api/payments/cancel-subscription", tag = "payments", operation_id = "cancelSubscription",
    request_body = Cancellation, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It ends, or has ended", body = SubscriptionAnswer),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<Cancellation>,
) -> Answer<Json<SubscriptionAnswer>> {
    let (account, subscription) = of_caller(&app, &caller, Some(&wish.subscription_id)).await?;
    if !subscription.status.is_live() || (subscription.cancel_at_period_end && !wish.cancel_immediately) {
        return Ok(answer(Some(&subscription)));
    }
    let stripe = &app.settlement.stripe;
    let done = if wish.cancel_immediately {
        stripe.end_now(&subscription.id).await
    } else {
        stripe
            .end_with_period(
                &subscription.id,
                true,
                &key("end-with-period", &account, &subscription),
            )
            .await
    };
    match done {
        Ok(_) => {}
        // Over already, by another hand or by an earlier attempt at this: settling shows it.
        Err(failure) if failure.is_absent() => {}
        Err(failure) => return Err(SettlementError::from(failure).into()),
    }
    settled(&app, &caller, &subscription).await
}

/// Which subscription is to go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Resumption {
    /// Its id.
    #[schema(max_length = 255)]
    subscription_id: String,
}

/// Takes back a cancellation that has not come true yet.
#[utoipa::path(
    post, path = "/api/payments/resume-subscription", tag = "payments", operation_id = "resumeSubscription",
    request_body = Resumption, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It goes on", body = SubscriptionAnswer),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict,
        openapi::Faults,
    ),
)]
pub(crate) async fn resume(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<Resumption>,
) -> Answer<Json<SubscriptionAnswer>> {
    let (account, subscription) = of_caller(&app, &caller, Some(&wish.subscription_id)).await?;
    if !subscription.status.is_live() {
        return Err(over());
    }
    if !subscription.cancel_at_period_end {
        return Ok(answer(Some(&subscription)));
    }
    let key = key("go-on", &account, &subscription);
    match app
        .settlement
        .stripe
        .end_with_period(&subscription.id, false, &key)
        .await
    {
        Ok(_) => settled(&app, &caller, &subscription).await,
        // Stripe changes nothing about what is over: 400, or 404 where it is gone.
        Err(failure @ StripeFailure::Refused { .. }) => {
            let now = settled(&app, &caller, &subscription).await?;
            if now.subscription.as_ref().is_some_and(SubscriptionView::is_over) {
                return Err(over());
            }
            Err(SettlementError::from(failure).into())
        }
        Err(failure) => Err(SettlementError::from(failure).into()),
    }
}

/// The plan that the subscription is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanChange {
    /// The plan, of the same kind as the one before.
    #[serde(alias = "planType")]
    #[schema(value_type = ChangeablePlan)]
    plan_id: PlanId,
    /// How often it is to be paid; as before, unless it is given.
    #[schema(value_type = Option<ChangeableInterval>)]
    interval: Option<Interval>,
}

/// The plans that are subscriptions.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::PlanId` that is a subscription"
)]
pub(crate) enum ChangeablePlan {
    LandlordStarter,
    LandlordPro,
    LandlordEnterprise,
    AgentBasic,
    AgentTeam,
    AgentBrokerage,
}

/// How often a subscription is paid.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes `domain::subscription::Interval`")]
pub(crate) enum ChangeableInterval {
    Month,
    Year,
    Monthly,
    Annual,
}

/// Changes the plan of the caller's subscription. What is dearer is paid at once, or not changed; what is cheaper is set
/// off against the next invoice.
#[utoipa::path(
    post, path = "/api/payments/change-plan", tag = "payments", operation_id = "changePlan", request_body = PlanChange,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The subscription has this plan", body = SubscriptionAnswer),
        openapi::BadBody, openapi::NotSignedIn, openapi::Unpaid, openapi::Forbidden, openapi::Absent, openapi::Conflict,
        openapi::Faults,
    ),
)]
pub(crate) async fn change_plan(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PlanChange>,
) -> Answer<Json<SubscriptionAnswer>> {
    let plan = wish.plan_id.plan();
    caller.must_be(&[plan.audience()])?;
    let (account, subscription) = of_caller(&app, &caller, None).await?;
    let interval = wish.interval.unwrap_or(subscription.interval);
    let Some(amount) = plan.price_each(interval) else {
        return Err(Problem::field("planId", "must be a subscription"));
    };
    if !subscription.status.is_live() {
        return Err(over());
    }
    if (subscription.plan, subscription.interval) == (wish.plan_id, interval) {
        return Ok(answer(Some(&subscription)));
    }
    if matches!(
        subscription.status,
        SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid
    ) {
        return Err(Problem::conflict(
            "payment_due",
            "An invoice is unpaid. Pay it first, then change the plan.",
        ));
    }
    let stripe = &app.settlement.stripe;
    let current = stripe
        .subscription(&subscription.id)
        .await
        .map_err(SettlementError::from)?
        .ok_or_else(over)?;
    let new = NewPlan {
        plan,
        interval,
        amount,
        pay_now: subscription.status == SubscriptionStatus::Active
            && a_year(amount, interval) > a_year(subscription.amount, subscription.interval),
    };
    let action = format!("plan-{}-{interval}", wish.plan_id);
    match stripe
        .change_plan(&current, new, &key(&action, &account, &subscription))
        .await
    {
        Ok(_) => settled(&app, &caller, &subscription).await,
        Err(failure) if failure.is_unpaid() => {
            next_revision(&app, &account).await?;
            Err(Problem::payment_required(
                "card_declined",
                "Your card did not pay the difference, so that the plan stays as it is. Change the card, and try again.",
            ))
        }
        Err(failure) => Err(SettlementError::from(failure).into()),
    }
}

/// Lets the next wish have a key of its own: under this one, Stripe answers that the card declined for a day, even if
/// there is another card by then. If something else was written meanwhile, it has one already.
async fn next_revision(app: &App, account: &Account) -> Answer<()> {
    let billing = &account.billing;
    app.table()
        .save_billing(account.id, billing, billing, Because::default())
        .await?;
    Ok(())
}

/// What it costs a year, to compare what is paid by the month with what is paid by the year.
fn a_year(amount: domain::Cents, interval: Interval) -> u64 {
    u64::from(amount.get())
        * match interval {
            Interval::Month => 12,
            Interval::Year => 1,
        }
}

/// The caller's account as it is now, and its subscription: the one of this id, if an id is given.
async fn of_caller(app: &App, caller: &Caller, id: Option<&str>) -> Answer<(Account, Subscription)> {
    let account = app.table().account(caller.id(), Consistency::Strong).await?;
    let account = account.ok_or_else(Problem::unauthenticated)?;
    let subscription = account
        .billing
        .subscription
        .clone()
        .filter(|subscription| id.is_none_or(|id| id == subscription.id))
        .ok_or_else(|| Problem::not_found("subscription"))?;
    Ok((account, subscription))
}

/// Names one wish: the same wish on the same state is done once, and on a later state it is another.
fn key(action: &str, account: &Account, subscription: &Subscription) -> String {
    format!("{action}:{}:{}", subscription.id, account.billing.revision())
}

async fn settled(
    app: &App,
    caller: &Caller,
    subscription: &Subscription,
) -> Answer<Json<SubscriptionAnswer>> {
    app.settlement
        .subscription(caller.id(), &subscription.id, None, false)
        .await?;
    let account = app.table().account(caller.id(), Consistency::Strong).await?;
    let subscription = account.and_then(|account| account.billing.subscription);
    Ok(answer(subscription.as_ref()))
}

fn answer(subscription: Option<&Subscription>) -> Json<SubscriptionAnswer> {
    Json(SubscriptionAnswer {
        success: true,
        subscription: subscription.map(Into::into),
    })
}

fn over() -> Problem {
    Problem::conflict("subscription_over", "The subscription is over. Begin a new one.")
}
