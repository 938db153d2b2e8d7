//! The page on which a subscription begins.
//!
//! A person has one subscription, so there is one page at a time on which one can be bought. The account names it *before*
//! Stripe is asked for it; whoever comes at the same moment finds it there. The same wish gets the same page; another wish
//! closes it first. Should two pages be paid all the same, settling the second one ends it and gives its money back.

use domain::subscription::Interval;
use domain::{PlanId, PurchaseId};
use payments::checkout::{Checkout, PageState, SubscriptionOrder};
use settlement::SettlementError;
use table::TableError;
use table::account::Account;
use table::billing::{Because, Billing, Saved, SubscriptionCheckout};
use table::item::Consistency;
use web::idempotency::Operation;
use web::{Answer, Caller, Problem};

use crate::App;
use crate::page::{CheckoutPage, closed};

/// How many steps it may take to get to an open page: looking at an old one, closing it, naming a new one, opening it, and
/// each of them again if somebody else was faster.
const STEPS: usize = 10;

/// What the caller wants.
#[derive(Clone, Copy)]
struct Wish {
    plan: PlanId,
    interval: Interval,
}

impl Wish {
    fn is_of(self, page: &SubscriptionCheckout) -> bool {
        self.plan == page.plan && self.interval == page.interval
    }
}

/// Opens the page for `plan`, or finds it open.
///
/// # Errors
/// 403 if the plan is for people of another role, 409 if the caller has a subscription.
pub(crate) async fn begin(
    app: &App,
    caller: &Caller,
    operation: Operation,
    plan: PlanId,
    interval: Interval,
) -> Answer<CheckoutPage> {
    caller.must_be(&[plan.plan().audience()])?;
    let wish = Wish { plan, interval };
    for _ in 0..STEPS {
        let account = app.table().account(caller.id(), Consistency::Strong).await?;
        let account = account.ok_or_else(Problem::unauthenticated)?;
        if account.billing.live().is_some() {
            return Err(Problem::conflict(
                "already_subscribed",
                "You have a subscription. Change its plan instead of buying another.",
            ));
        }
        match account.billing.checkout.clone() {
            None => name(app, &account, operation, wish).await?,
            Some(page) => match &page.session {
                None => {
                    if let Some(opened) = open(app, &account, page, wish).await? {
                        return Ok(opened);
                    }
                }
                Some(session) => {
                    if let Some(found) = find(app, &account, &page, session, wish).await? {
                        return Ok(found);
                    }
                }
            },
        }
    }
    Err(TableError::Conflict.into())
}

/// Writes into the account which page is to be opened; if somebody else was faster, theirs is there.
async fn name(app: &App, account: &Account, operation: Operation, wish: Wish) -> Answer<()> {
    let mut new = account.billing.clone();
    if new.customer.is_none() {
        let made = app
            .settlement
            .stripe
            .create_customer(account.id, &account.email)
            .await;
        new.customer = Some(made.map_err(SettlementError::from)?);
    }
    new.checkout = Some(SubscriptionCheckout {
        id: PurchaseId::from_bytes(operation.id("subscription")),
        plan: wish.plan,
        interval: wish.interval,
        trial: !account.billing.trial_used,
        started_at: operation.at,
        session: None,
    });
    save(app, account, &new).await
}

/// Opens the page that the account names, and notes it there. The page, if it is the one that is wished for.
async fn open(
    app: &App,
    account: &Account,
    page: SubscriptionCheckout,
    wish: Wish,
) -> Answer<Option<CheckoutPage>> {
    let customer = account.billing.customer.as_deref().unwrap_or_default();
    let Some(amount) = page.plan.plan().price_each(page.interval) else {
        return Err(Problem::internal());
    };
    let order = SubscriptionOrder {
        id: page.id,
        user: account.id,
        customer,
        plan: page.plan.plan(),
        interval: page.interval,
        amount,
        trial: page.trial,
    };
    let opened = app
        .settlement
        .stripe
        .open_subscription_checkout(order, app.return_to.clone())
        .await
        .map_err(SettlementError::from)?;
    let noted = SubscriptionCheckout {
        session: Some(opened.session.clone()),
        ..page
    };
    let mut new = account.billing.clone();
    new.checkout = Some(noted.clone());
    let saved = app
        .table()
        .save_billing(account.id, &account.billing, &new, Because::default())
        .await?;
    (saved == Saved::Now && wish.is_of(&noted))
        .then(|| view(opened, &noted, customer))
        .transpose()
}

/// Looks at the page that is there. If it is open and the one that is wished for, that is the answer; else it makes way.
async fn find(
    app: &App,
    account: &Account,
    page: &SubscriptionCheckout,
    session: &str,
    wish: Wish,
) -> Answer<Option<CheckoutPage>> {
    let stripe = &app.settlement.stripe;
    let (found, state) = stripe.page(session).await.map_err(SettlementError::from)?;
    match state {
        PageState::Open if wish.is_of(page) => {
            let customer = account.billing.customer.as_deref().unwrap_or_default();
            return view(found, page, customer).map(Some);
        }
        // What it is then, closed or completed after all, shows at the next look.
        PageState::Open => stripe.close_page(session).await.map_err(SettlementError::from)?,
        PageState::Complete => {
            app.settlement.checkout(account.id, session).await?;
            forget(app, account, page).await?;
        }
        PageState::Expired => forget(app, account, page).await?,
    }
    Ok(None)
}

/// Takes a page that is over out of the account, unless that has changed meanwhile.
async fn forget(app: &App, account: &Account, page: &SubscriptionCheckout) -> Answer<()> {
    let mut new = account.billing.clone();
    new.checkout = new.checkout.filter(|known| known.id != page.id);
    save(app, account, &new).await
}

async fn save(app: &App, account: &Account, new: &Billing) -> Answer<()> {
    // Outdated or not, the next look shows what there is.
    app.table()
        .save_billing(account.id, &account.billing, new, Because::default())
        .await?;
    Ok(())
}

fn view(opened: Checkout, page: &SubscriptionCheckout, customer: &str) -> Answer<CheckoutPage> {
    Ok(CheckoutPage {
        url: opened.url.ok_or_else(closed)?,
        session_id: opened.session,
        purchase_id: page.id.to_string(),
        customer_id: Some(customer.to_owned()),
    })
}
