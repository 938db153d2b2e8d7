use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::listing::Position;
use domain::{Rent, Zip};
use jiff::civil::date;
use market::Source;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// What the server says to each request.
#[derive(Clone)]
enum Says {
    /// A status with a body.
    This(u16, String),
    /// Half of a body, and no more.
    Half,
    /// Nothing, for as long as one asks.
    Nothing,
}

/// A server that always says the same, and what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn that(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let (says, noted) = (says.clone(), Arc::clone(&noted));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match connection.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    noted.lock().unwrap().push(String::from_utf8(head).unwrap());
                    let answer = match says {
                        Says::This(status, body) => {
                            let length = body.len();
                            format!(
                                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                            )
                        }
                        Says::Half => "HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"zipCode\"".to_owned(),
                        Says::Nothing => return std::future::pending().await,
                    };
                    let _ = connection.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, asked }
    }

    async fn json(body: Value) -> Self {
        Self::that(Says::This(200, body.to_string())).await
    }

    fn client(&self) -> Rentcast {
        Rentcast::new(&self.url, ApiKey::new("secret-key").unwrap()).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// So many requests in all.
struct Budget(AtomicU32);

impl Allowance for Budget {
    async fn take(&self) -> Result<(), Denied> {
        let left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| Denied::Spent)
    }
}

fn budget(requests: u32) -> Budget {
    Budget(AtomicU32::new(requests))
}

fn zip() -> Zip {
    "29611".parse().unwrap()
}

fn dollars(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).unwrap()
}

async fn failure(says: Says) -> Failure {
    // Only where nothing comes is time meant to run out.
    let limit = match says {
        Says::Nothing => Duration::from_millis(200),
        _ => Duration::from_secs(30),
    };
    let server = Server::that(says).await;
    let client = server.client().within(limit);
    client.market(zip(), &budget(1)).await.unwrap_err()
}

async fn failure_of(status: u16, body: &str) -> Failure {
    failure(Says::This(status, body.to_owned())).await
}

/// An answer of the form that RentCast publishes.
fn market_answer() -> Value {
    json!({
        "id": "29611", "zipCode": "29611",
        "rentalData": {
            "lastUpdatedDate": "2026-08-26T00:00:00.000Z",
            "averageRent": 1491, "medianRent": 1400, "minRent": 400, "maxRent": 3750,
            "averageRentPerSquareFoot": 1.36, "averageDaysOnMarket": 37.82, "newListings": 39, "totalListings": 94,
            "dataByPropertyType": [{ "propertyType": "Apartment", "averageRent": 1148 }],
            "dataByBedrooms": [
                { "bedrooms": 1, "averageRent": 1043, "medianRent": 945, "minRent": 400, "maxRent": 1815, "totalListings": 14 },
                { "bedrooms": 2, "averageRent": 1310.256, "medianRent": 1300, "minRent": 800, "maxRent": 2100, "totalListings": 30 }
            ],
            "history": {
                "2026-07": {
                    "date": "2026-07-01T00:00:00.000Z",
                    "averageRent": 1480, "medianRent": 1395, "minRent": 400, "maxRent": 3700, "totalListings": 90,
                    "dataByBedrooms": []
                }
            }
        }
    })
}

#[tokio::test]
async fn an_area_has_its_figures_of_now_by_bedrooms_and_of_the_months_before() {
    let server = Server::json(market_answer()).await;
    let data = server.client().market(zip(), &budget(1)).await.unwrap();
    let all = data.now.all.unwrap();
    assert_eq!(
        (all.source, all.as_of, all.samples),
        (Source::Rentcast, date(2026, 8, 26), Some(94))
    );
    assert_eq!(
        (all.mean, all.median, all.min, all.max),
        (dollars(1491), dollars(1400), dollars(400), dollars(3750))
    );
    assert_eq!(data.now.by_bedrooms[&2].mean.dollars(), 1310.26);
    assert_eq!((data.days_on_market, data.new_listings), (Some(37.82), Some(39)));
    assert_eq!(data.history[&date(2026, 7, 1)].all.unwrap().mean, dollars(1480));
}

#[tokio::test]
async fn it_is_asked_as_it_wants_to_be_with_the_key_in_its_header() {
    let server = Server::json(market_answer()).await;
    server.client().market(zip(), &budget(1)).await.unwrap();
    let asked = server.asked().concat();
    assert!(asked.starts_with("GET /v1/markets?zipCode=29611&dataType=Rental&historyRange=12 HTTP/1.1\r\n"));
    assert!(asked.contains("x-api-key: secret-key\r\n"));
}

#[tokio::test]
async fn a_figure_with_a_part_missing_or_out_of_its_range_is_left_out_and_the_others_are_not() {
    let mut answer = market_answer();
    let data = &mut answer["rentalData"];
    data["medianRent"] = json!(-5);
    data["dataByBedrooms"][0]["maxRent"] = Value::Null;
    data["history"]["2026-07"]["averageRent"] = json!(9999);
    let server = Server::json(answer).await;
    let data = server.client().market(zip(), &budget(1)).await.unwrap();
    assert_eq!(data.now.all, None);
    assert_eq!(data.now.by_bedrooms.keys().collect::<Vec<_>>(), [&2]);
    assert!(data.history.is_empty());
}

#[tokio::test]
async fn an_area_where_nothing_is_let_is_not_known() {
    for rental in [
        Value::Null,
        json!({ "lastUpdatedDate": "2026-08-26T00:00:00.000Z" }),
    ] {
        let server = Server::json(json!({ "zipCode": "29611", "rentalData": rental })).await;
        let failure = server.client().market(zip(), &budget(1)).await.unwrap_err();
        assert_eq!(failure, Failure::NoResults);
    }
}

#[tokio::test]
async fn each_failure_is_told_apart() {
    let limit = r#"{"status":429,"error":"auth/rate-limit-exceeded","message":"The rate limit"}"#;
    let unpaid = r#"{"status":401,"error":"billing/subscription-inactive","message":"x"}"#;
    assert_eq!(
        failure_of(404, r#"{"status":404,"error":"resource/not-found"}"#).await,
        Failure::NoResults
    );
    assert_eq!(
        failure_of(401, unpaid).await,
        Failure::Unauthorized("billing/subscription-inactive".to_owned())
    );
    assert_eq!(failure_of(429, limit).await, Failure::TooFast);
    assert_eq!(
        failure_of(400, "<html>").await,
        Failure::Refused("400".to_owned())
    );
    assert_eq!(failure_of(500, "").await, Failure::Unwell(500));
    assert_eq!(failure_of(504, "").await, Failure::Unwell(504));
    assert_eq!(
        failure_of(302, "").await,
        Failure::Unreadable("status 302".to_owned())
    );
    assert_eq!(failure(Says::Nothing).await, Failure::TimeOut);
    assert_eq!(
        failure(Says::Half).await,
        Failure::NoConnection("lost within the answer")
    );
}

#[tokio::test]
async fn an_answer_that_is_not_as_published_is_unreadable_and_none_of_it_is_repeated() {
    let secret = "12 Elm St";
    for body in [
        "null".to_owned(),
        "[]".to_owned(),
        format!("\"{secret}\""),
        format!("{{\"zipCode\":\"{secret}\"}}"),
        format!("{{\"rentalData\":{{\"averageRent\":\"{secret}\"}}}}"),
        json!({ "zipCode": "30303", "rentalData": { "lastUpdatedDate": secret } }).to_string(),
        json!({ "zipCode": "29611", "rentalData": { "lastUpdatedDate": secret } }).to_string(),
        "x".repeat(3_000_000),
        format!("{{\"error\":\"{secret}"),
    ] {
        let found = failure_of(200, &body).await;
        assert!(matches!(found, Failure::Unreadable(_)), "{found:?}");
        assert!(!format!("{found:?} {found}").contains(secret));
    }
    let found = failure_of(400, &format!("{{\"error\":\"{secret}\"}}")).await;
    assert_eq!(found, Failure::Refused("400".to_owned()));
}

#[tokio::test]
async fn nobody_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Rentcast::new(&url, ApiKey::new("k").unwrap()).unwrap();
    assert_eq!(
        client.market(zip(), &budget(1)).await,
        Err(Failure::NoConnection("no answer"))
    );
}

#[tokio::test]
async fn fifty_requests_at_once_are_as_many_as_the_month_has_left() {
    let server = Server::json(market_answer()).await;
    let client = server.client();
    let month = Arc::new(budget(7));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let (client, month) = (client.clone(), Arc::clone(&month));
            tokio::spawn(async move { client.market(zip(), month.as_ref()).await })
        })
        .collect();
    let mut answered = 0;
    for asked in asking {
        match asked.await.unwrap() {
            Ok(_) => answered += 1,
            Err(failure) => assert_eq!(failure, Failure::NotAllowed(Denied::Spent)),
        }
    }
    assert_eq!((answered, server.asked().len()), (7, 7));
}

#[tokio::test]
async fn a_full_second_is_waited_for_and_a_count_that_is_not_to_be_had_is_no_permission() {
    struct Full(AtomicU32);
    impl Allowance for Full {
        async fn take(&self) -> Result<(), Denied> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => Err(Denied::TooFast { wait: Duration::ZERO }),
                2 => Ok(()),
                3 => Err(Denied::Unavailable("throttled".to_owned())),
                _ => Err(Denied::TooFast {
                    wait: Duration::from_secs(60),
                }),
            }
        }
    }
    let server = Server::json(market_answer()).await;
    let (client, full) = (server.client(), Full(AtomicU32::new(0)));
    assert!(client.market(zip(), &full).await.is_ok());
    let unavailable = client.market(zip(), &full).await.unwrap_err();
    assert_eq!(
        unavailable,
        Failure::NotAllowed(Denied::Unavailable("throttled".to_owned()))
    );
    let too_long = client.market(zip(), &full).await.unwrap_err();
    assert!(matches!(too_long, Failure::NotAllowed(Denied::TooFast { .. })) && too_long.may_pass());
    assert_eq!(server.asked().len(), 1);
}

fn subject() -> Subject {
    Subject {
        address: "5500 Grand Lake Dr, San Antonio, TX, 78244".to_owned(),
        position: None,
        bedrooms: Some(3),
        bathrooms: Some(1.5),
        square_feet: Some(1200),
    }
}

fn estimate_answer() -> Value {
    json!({
        "rent": 1620, "rentRangeLow": 1550, "rentRangeHigh": 1690,
        "subjectProperty": { "formattedAddress": "5500 Grand Lake Dr, San Antonio, TX 78244", "bedrooms": 3 },
        "comparables": [
            {
                "id": "4611-Lake-Trl", "formattedAddress": "4611 Lake Trl, San Antonio, TX 78244", "latitude": 29.47,
                "longitude": -98.35, "bedrooms": 3, "bathrooms": 2, "squareFootage": 1210, "price": 1600,
                "distance": 0.4, "daysOld": 12, "correlation": 0.99, "status": "Active"
            },
            { "id": "no-price", "formattedAddress": "x" }
        ]
    })
}

#[tokio::test]
async fn a_home_has_its_rent_and_the_listings_that_say_so() {
    let server = Server::json(estimate_answer()).await;
    let estimate = server
        .client()
        .rent_estimate(&subject(), &budget(1))
        .await
        .unwrap();
    assert_eq!(
        (estimate.rent, estimate.low, estimate.high),
        (dollars(1620), dollars(1550), dollars(1690))
    );
    let [comparable] = estimate.comparables.as_slice() else {
        panic!("one has a price: {:?}", estimate.comparables);
    };
    assert_eq!(
        (comparable.rent, comparable.days_ago, comparable.miles),
        (dollars(1600), 12, Some(0.4))
    );
    assert_eq!(
        comparable.candidate().home.position,
        Position::new(29.47, -98.35).ok()
    );
}

#[tokio::test]
async fn a_home_is_asked_for_by_its_address_or_by_where_it_lies() {
    let server = Server::json(estimate_answer()).await;
    let by_position = Subject {
        position: Position::new(29.5, -98.25).ok(),
        ..subject()
    };
    for subject in [subject(), by_position] {
        server.client().rent_estimate(&subject, &budget(1)).await.unwrap();
    }
    let asked = server.asked();
    let line = |at: usize| asked[at].lines().next().unwrap();
    assert_eq!(
        line(0),
        "GET /v1/avm/rent/long-term?address=5500%20Grand%20Lake%20Dr%2C%20San%20Antonio%2C%20TX%2C%2078244\
         &bedrooms=3&bathrooms=1.5&squareFootage=1200&compCount=15 HTTP/1.1"
    );
    assert!(line(1).contains("?latitude=29.5&longitude=-98.25&bedrooms=3"));
}

#[tokio::test]
async fn an_estimate_outside_of_its_own_range_is_unreadable() {
    for (field, value) in [
        ("rent", json!(null)),
        ("rentRangeLow", json!(1621)),
        ("rentRangeHigh", json!(0)),
    ] {
        let mut answer = estimate_answer();
        answer[field] = value;
        let server = Server::json(answer).await;
        let failure = server
            .client()
            .rent_estimate(&subject(), &budget(1))
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreadable(field.to_owned()));
    }
}

#[test]
fn a_key_is_never_shown_and_an_address_is_looked_at() {
    let key = ApiKey::new("secret-key").unwrap();
    let client = Rentcast::new("http://localhost:1/v1/", key).unwrap();
    assert!(!format!("{client:?}").contains("secret-key"));
    assert!(ApiKey::new("").is_err() && ApiKey::new("a\nb").is_err());
    for url in ["", "rentcast", "ftp://x", "https://x/?a=b"] {
        assert!(Rentcast::new(url, ApiKey::new("k").unwrap()).is_err(), "{url}");
    }
    assert!(Rentcast::new(client::API_URL, ApiKey::new("k").unwrap()).is_ok());
}

#[test]
fn only_what_may_pass_is_worth_another_request() {
    assert!(Failure::Unwell(500).may_pass() && Failure::TimeOut.may_pass() && Failure::TooFast.may_pass());
    assert!(!Failure::NoResults.may_pass() && !Failure::NotAllowed(Denied::Spent).may_pass());
}
