//! The care of an account: links in mails, and an authenticator app.

use domain::{LinkId, UserId};
use hmac::{Hmac, KeyInit, Mac};
use local::google::Wish;
use serde_json::{Value, json};
use sha1::Sha1;
use table::link::{LinkKey, Purpose};

use crate::person::PASSWORD;
use crate::{Answer, Person, System};

impl System {
    /// The token in the newest mail for `purpose` to a person: derived as the mailer derives it, from the link's own item.
    ///
    /// # Panics
    /// If no such mail was asked for.
    pub async fn link_token(&self, user: &str, purpose: Purpose) -> String {
        let user: UserId = user.parse().expect("a person's id");
        let link = self.table().link(user, purpose).await.expect("the table");
        self.token_of(user, link.expect("a link").id, purpose)
    }

    /// What Google's button gives a person with this address.
    ///
    /// # Panics
    /// If Google gives nothing.
    #[must_use]
    pub fn google_credential(&self, wish: &Wish) -> String {
        self.platform.google().credential(wish).expect("a credential")
    }

    /// Signs in with Google, as a person with this address.
    pub async fn sign_in_with_google(&self, email: &str) -> Answer {
        let wish = Wish {
            email: email.to_owned(),
            ..Wish::default()
        };
        let credential = self.google_credential(&wish);
        self.post("/api/auth/google", &json!({ "credential": credential }))
            .await
    }

    fn token_of(&self, user: UserId, link: LinkId, purpose: Purpose) -> String {
        let function = self.platform.lambda().function("SecurityFunction");
        let variables = function.expect("a function").definition.environment.clone();
        let key = LinkKey::new(&variables.into_iter().collect()).expect("a key");
        key.token(purpose, user, link).to_string()
    }
}

impl Person<'_> {
    /// Uses the link in the mail that confirms the address.
    ///
    /// # Panics
    /// If it cannot be used.
    pub async fn confirm_email(&self) {
        let token = self.system.link_token(&self.id, Purpose::ConfirmEmail).await;
        let used = self
            .system
            .post("/api/auth/confirm-email", &json!({ "token": token }))
            .await;
        used.is(200);
    }

    /// Has signing in ask for a second factor from now on: the app, and the recovery codes.
    ///
    /// # Panics
    /// If that fails.
    pub async fn with_second_factor(&self) -> (App, Vec<String>) {
        self.confirm_email().await;
        let begun = self
            .post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
            .await;
        let app = App::new(begun.is(200).text_at("/secret"));
        let first = json!({ "code": app.code(self.system) });
        let confirmed = self.post("/api/auth/two-factor/confirm", &first).await;
        let codes = confirmed.is(200).json["recoveryCodes"]
            .as_array()
            .expect("codes")
            .clone();
        let codes = codes
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        // The first code is used up: the next one comes half a minute later.
        self.system.advance("PT30S").await;
        (app, codes)
    }
}

impl System {
    /// What is left of a person's account, once everything that it had is erased.
    ///
    /// # Panics
    /// If it never is.
    pub async fn erased(&self, user: &str) -> Value {
        let erased = async || {
            let snapshot = self.snapshot().await;
            let closed = snapshot.item(&format!("CLOSED#{user}"), "ACCOUNT")?;
            closed["erasedAt"].is_string().then(|| closed.clone())
        };
        self.eventually("the account is erased", erased).await
    }
}

impl Person<'_> {
    /// Asks for the end of the account, with this proof.
    pub async fn ask_to_leave(&self, proof: &Value) -> Answer {
        let request = self.request("DELETE", "/api/auth/account").json(proof);
        self.system.send(request).await
    }

    /// Deletes the account, and waits until what it had is erased.
    ///
    /// # Panics
    /// If that fails.
    pub async fn leave(&self) {
        self.ask_to_leave(&json!({ "password": PASSWORD })).await.is(202);
        self.system.erased(&self.id).await;
    }

    /// Asks for a copy of what is kept about the person, and waits until it can be fetched: the copy, as the API tells of
    /// it.
    ///
    /// # Panics
    /// If it never can.
    pub async fn export(&self) -> Value {
        let begun = self.post_nothing("/api/auth/exports").await;
        let path = format!("/api/auth/exports/{}", begun.is(202).text_at("/id"));
        let ready = async || {
            let export = self.get(&path).await.is(200).json.clone();
            (export["status"] == "ready").then_some(export)
        };
        self.system.eventually("the copy is ready", ready).await
    }

    /// The document that a copy's link leads to.
    ///
    /// # Panics
    /// If it leads to none.
    pub async fn fetch(&self, export: &Value) -> Value {
        let link = export["link"].as_str().expect("a link");
        let answer = self.system.send(self.system.request_to("GET", link)).await;
        answer.is(200).json.clone()
    }
}

/// An authenticator app, written from RFC 6238 alone.
#[derive(Clone, Debug)]
pub struct App(Vec<u8>);

impl App {
    /// An app that was told this secret.
    ///
    /// # Panics
    /// If it is not Base32.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let bits: String = secret
            .chars()
            .map(|letter| {
                let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("Base32");
                format!("{value:05b}")
            })
            .collect();
        let bytes = bits.as_bytes().chunks_exact(8);
        let byte = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).expect("ASCII"), 2);
        Self(bytes.map(|bits| byte(bits).expect("a byte")).collect())
    }

    /// What it shows now, by the system's clock.
    ///
    /// # Panics
    /// Never: a key may be of any length.
    #[must_use]
    pub fn code(&self, system: &System) -> String {
        self.code_at(system, 0)
    }

    /// What it shows so many half minutes later.
    ///
    /// # Panics
    /// Never: a key may be of any length.
    #[must_use]
    pub fn code_at(&self, system: &System, later: i64) -> String {
        let step = system.now().as_second() / 30 + later;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("any length");
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[19] & 15);
        let word = hash[offset..offset + 4].iter();
        let number = word.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}
