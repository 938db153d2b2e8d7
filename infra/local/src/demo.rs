//! The main story, played against a fresh system in memory: sign up, choose a plan, pay, be let in, sign a lease and get a part
//! of the price back; and nobody gets in otherwise. Then a landlord takes over, with forty units in a sheet.

mod lease;
mod portfolio;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::options::Options;
use crate::platform::{Config, Platform, Storage};
use crate::ses::Message;
use crate::{product, serving};

/// How long something that happens in the background may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The person of the story.
const EMAIL: &str = "sam@example.com";
const PASSWORD: &str = "correct horse";

/// Why the story stopped.
type Failure = Box<dyn Error>;

/// Plays the story.
///
/// # Errors
/// The first step that does not go as told.
pub async fn run(options: &Options) -> Result<(), Failure> {
    serving::log_to_stderr("error");
    let config = Config {
        storage: Storage::Memory,
        seed: true,
        stripe: None,
        ports: Config::in_memory().ports,
        ..options.config()
    };
    let platform = Platform::start(config, product::product()).await?;
    let told = Story::new(&platform).tell().await;
    platform.stop().await;
    told
}

/// The person of the story, and the system.
struct Story<'a> {
    platform: &'a Platform,
    client: Client,
    token: Option<String>,
    steps: u32,
}

impl<'a> Story<'a> {
    fn new(platform: &'a Platform) -> Self {
        Self {
            platform,
            client: Client::new(),
            token: None,
            steps: 0,
        }
    }

    async fn tell(mut self) -> Result<(), Failure> {
        let token = self.sign_up().await?;
        self.token = Some(token);
        let [listing, other] = self.look_around().await?;
        self.ask_for_what_is_not_paid().await?;
        let page = self.choose_a_plan("basic").await?;
        self.have_the_card_declined(&page).await?;
        self.pay(&page).await?;
        self.be_let_in().await?;
        self.unlock(&listing).await?;
        self.get_the_receipt().await?;
        self.send_a_lease(&listing).await?;
        self.send_a_doubtful_lease(&other).await?;
        self.run_out_of_time().await?;
        self.look_after_a_portfolio().await?;
        self.say("Every step went as told.")
    }

    async fn sign_up(&mut self) -> Result<String, Failure> {
        let person = json!({ "email": EMAIL, "password": PASSWORD, "name": "Sam Carter" });
        let answer = self
            .call(
                Method::POST,
                "/api/auth/signup",
                Some(&person),
                StatusCode::CREATED,
            )
            .await?;
        let token = text(&answer["token"])?;
        self.step("Sam signs up and is signed in")?;
        Ok(token)
    }

    /// The ids of two listings.
    async fn look_around(&mut self) -> Result<[String; 2], Failure> {
        let answer = self.get("/api/scraped-properties?city=Atlanta&state=GA").await?;
        let found = answer.as_array().map_or(0, Vec::len);
        self.step(&format!("Sam finds {found} listings in Atlanta"))?;
        Ok([text(&answer[0]["id"])?, text(&answer[1]["id"])?])
    }

    async fn ask_for_what_is_not_paid(&mut self) -> Result<(), Failure> {
        let plan = json!({ "planType": "basic" });
        self.call(
            Method::POST,
            "/api/access/activate-plan",
            Some(&plan),
            StatusCode::PAYMENT_REQUIRED,
        )
        .await?;
        self.step("Sam's client claims a plan that nobody paid for, and is refused")
    }

    /// The address of the page to pay on.
    async fn choose_a_plan(&mut self, plan: &str) -> Result<String, Failure> {
        let wish = json!({ "planId": plan });
        let answer = self
            .call(
                Method::POST,
                "/api/payments/create-checkout",
                Some(&wish),
                StatusCode::OK,
            )
            .await?;
        self.step(&format!(
            "Sam chooses the plan {plan} and is sent to the payment page"
        ))?;
        text(&answer["url"])
    }

    async fn have_the_card_declined(&mut self, page: &str) -> Result<(), Failure> {
        self.end_payment(page, "declined").await?;
        let status = self.get("/api/access/status").await?;
        expect(
            status["hasAccess"] == false,
            "a declined card opens nothing",
            &status,
        )?;
        self.step("The first card is declined, and nothing is unlocked")
    }

    async fn pay(&mut self, page: &str) -> Result<(), Failure> {
        self.end_payment(page, "paid").await?;
        self.step("Sam pays with another card")
    }

    async fn be_let_in(&mut self) -> Result<(), Failure> {
        self.until("the paid plan runs", async |story| {
            let status = story.get("/api/access/status").await?;
            Ok(status["planType"] == "basic")
        })
        .await?;
        self.step("Stripe's signed event arrives, and the plan runs")?;
        let me = self.get("/api/auth/me").await?;
        expect(
            me["user"]["subscriptionTier"] == "basic",
            "the dashboard knows the plan",
            &me,
        )?;
        self.step("The dashboard is unlocked")
    }

    async fn unlock(&mut self, listing: &str) -> Result<(), Failure> {
        let wish = json!({ "propertyId": listing });
        let unlocked = self
            .call(
                Method::POST,
                "/api/access/unlock-property",
                Some(&wish),
                StatusCode::CREATED,
            )
            .await?;
        let (asked, fair) = (&unlocked["askingRent"], &unlocked["predictedRent"]);
        self.step(&format!(
            "Sam unlocks a property: ${asked} is asked, ${fair} would be right"
        ))
    }

    async fn get_the_receipt(&mut self) -> Result<(), Failure> {
        self.until("the receipt is sent", async |story| {
            Ok(!story.receipts().is_empty())
        })
        .await?;
        let mails = self.receipts();
        expect(mails.len() == 1, "there is one receipt", &json!(mails))?;
        let subject = mails.first().map(|mail| mail.subject.clone()).unwrap_or_default();
        self.step(&format!("One receipt is mailed: \"{subject}\""))
    }

    fn receipts(&self) -> Vec<Message> {
        let mut mails = self.platform.outbox();
        mails.retain(|mail| mail.subject.starts_with("Your receipt"));
        mails
    }

    async fn run_out_of_time(&mut self) -> Result<(), Failure> {
        self.platform.clock().advance("P8D")?;
        // Sam's session is over as well, after seven days.
        let person = json!({ "email": EMAIL, "password": PASSWORD });
        let answer = self
            .call(Method::POST, "/api/auth/signin", Some(&person), StatusCode::OK)
            .await?;
        self.token = Some(text(&answer["token"])?);
        let status = self.get("/api/access/status").await?;
        expect(
            status["planType"].is_null(),
            "the plan ended after seven days",
            &status,
        )?;
        self.step("Eight days later the plan has run out, and the property is still Sam's to see")
    }

    async fn end_payment(&self, page: &str, outcome: &str) -> Result<(), Failure> {
        let without_following = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let answer = without_following
            .post(page)
            .form(&[("outcome", outcome)])
            .send()
            .await?;
        let status = answer.status();
        let fits = if outcome == "paid" {
            status.is_redirection()
        } else {
            status == StatusCode::PAYMENT_REQUIRED
        };
        expect(
            fits,
            &format!("the page answers to {outcome}"),
            &json!(status.as_u16()),
        )
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, StatusCode::OK).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        wanted: StatusCode,
    ) -> Result<Value, Failure> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.platform.url()));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        expect(
            status == wanted,
            &format!("{method} {path} answers {wanted}, not {status}"),
            &body,
        )?;
        Ok(body)
    }

    async fn until(
        &self,
        what: &str,
        holds: impl AsyncFn(&Self) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let waiting = async {
            while !holds(self).await? {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .map_err(|_| format!("in {PATIENCE:?}, not: {what}"))?
    }

    fn step(&mut self, what: &str) -> Result<(), Failure> {
        self.steps += 1;
        let step = format!("{:>2}. {what}", self.steps);
        self.say(&step)
    }

    fn say(&self, what: &str) -> Result<(), Failure> {
        Ok(writeln!(std::io::stdout(), "{what}")?)
    }
}

fn expect(holds: bool, what: &str, seen: &Value) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(format!("expected: {what}; seen: {seen}").into())
    }
}

fn text(value: &Value) -> Result<String, Failure> {
    Ok(value
        .as_str()
        .ok_or("a text is missing in the answer")?
        .to_owned())
}
