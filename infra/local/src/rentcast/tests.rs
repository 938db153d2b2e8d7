use std::time::Duration;

use ::rentcast::{Allowance, ApiKey, Denied, Failure, Subject};
use http::{HeaderMap, Uri};

use super::*;
use crate::wire::faults::{Fault, Kind};
use crate::wire::{Principal, test_client};

/// The stand-in, served, with our own client before it.
struct Served {
    rentcast: Arc<Rentcast>,
    server: test_client::Running,
}

/// As often as one likes.
struct Always;

impl Allowance for Always {
    async fn take(&self) -> Result<(), Denied> {
        Ok(())
    }
}

impl Served {
    async fn start() -> Self {
        let rentcast = stand_in();
        let server = test_client::start(rentcast.clone(), test_client::context(&[])).await;
        Self { rentcast, server }
    }

    fn client(&self, key: &str) -> ::rentcast::Rentcast {
        let key = ApiKey::new(key).unwrap();
        let client = ::rentcast::Rentcast::new(&format!("{}{BASE_PATH}", self.server.endpoint), key).unwrap();
        client.within(Duration::from_millis(500))
    }

    async fn market(&self, code: &str) -> Result<::rentcast::MarketData, Failure> {
        self.client(KEY).market(zip(code), &Always).await
    }

    async fn failure_with(&self, conduct: Conduct) -> Failure {
        self.rentcast.set_conduct(conduct);
        self.market("30303").await.unwrap_err()
    }
}

fn stand_in() -> Arc<Rentcast> {
    Rentcast::new(Clock::fixed("2026-11-24T12:00:00Z".parse().unwrap()))
}

fn zip(code: &str) -> Zip {
    code.parse().unwrap()
}

async fn get(rentcast: &Rentcast, path: &str) -> (u16, Value) {
    let request = Request {
        method: Method::GET,
        uri: path.parse::<Uri>().unwrap(),
        headers: HeaderMap::from_iter([(
            http::HeaderName::from_static("x-api-key"),
            HeaderValue::from_static(KEY),
        )]),
        body: Bytes::new(),
        principal: Principal::Anonymous,
    };
    let answer = rentcast.answer(request).await;
    (
        answer.status().as_u16(),
        serde_json::from_slice(answer.body()).unwrap(),
    )
}

#[tokio::test]
async fn our_client_reads_an_area_with_its_bedrooms_and_its_history() {
    let served = Served::start().await;
    let rents = BTreeMap::from([(zip("30303"), 1500)]);
    served.rentcast.set_conduct(Conduct {
        rents,
        ..Conduct::default()
    });
    let data = served.market("30303").await.unwrap();
    assert_eq!(
        data.now.by_bedrooms.keys().copied().collect::<Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
    assert_eq!(data.now.by_bedrooms[&2].mean.dollars(), 1500.0);
    assert_eq!(data.now.all.unwrap().as_of.to_string(), "2026-11-24");
    assert_eq!(data.history.len(), 12);
    let year_ago = data.history.values().next().unwrap();
    assert!(year_ago.by_bedrooms[&2].mean < data.now.by_bedrooms[&2].mean);
}

#[tokio::test]
async fn our_client_reads_an_estimate_by_address_and_by_position() {
    let served = Served::start().await;
    let mut subject = Subject {
        address: "12 Elm St, Atlanta, GA, 30303".to_owned(),
        position: None,
        bedrooms: Some(2),
        bathrooms: Some(1.0),
        square_feet: Some(1050),
    };
    let client = served.client(KEY);
    let estimate = client.rent_estimate(&subject, &Always).await.unwrap();
    assert_eq!(estimate.comparables.len(), 15);
    assert!(
        estimate
            .comparables
            .is_sorted_by(|one, other| one.correlation >= other.correlation)
    );
    subject.position = places::area(zip("30303")).map(|area| area.position);
    let same = client.rent_estimate(&subject, &Always).await.unwrap();
    assert_eq!(same.rent, estimate.rent);
}

#[tokio::test]
async fn each_failure_is_as_our_client_knows_it() {
    let served = Served::start().await;
    let usual = Conduct::default;
    let unknown = BTreeSet::from([zip("30303")]);
    assert_eq!(
        served.failure_with(Conduct { unknown, ..usual() }).await,
        Failure::NoResults
    );
    assert_eq!(
        served
            .failure_with(Conduct {
                unpaid: true,
                ..usual()
            })
            .await,
        Failure::Unauthorized("billing/subscription-inactive".to_owned())
    );
    assert_eq!(
        served
            .failure_with(Conduct {
                status: Some(504),
                ..usual()
            })
            .await,
        Failure::Unwell(504)
    );
    let instead = Some("{\"rentalData\": 5}".to_owned());
    let found = served.failure_with(Conduct { instead, ..usual() }).await;
    assert!(matches!(found, Failure::Unreadable(_)), "{found:?}");

    served.rentcast.set_conduct(usual());
    let wrong = served.client("another").market(zip("30303"), &Always).await;
    assert_eq!(
        wrong,
        Err(Failure::Unauthorized("auth/api-key-invalid".to_owned()))
    );
    assert_eq!(served.market("00000").await, Err(Failure::NoResults));
    for (kind, failure) in [
        (Kind::Throttle, Failure::TooFast),
        (Kind::InternalError, Failure::Unwell(500)),
        (Kind::TimeOut, Failure::TimeOut),
    ] {
        served
            .server
            .context
            .faults
            .arm(Fault::of("rentcast", "/v1/markets", kind));
        assert_eq!(served.market("30303").await, Err(failure));
    }
    assert!(served.market("30303").await.is_ok());
}

#[tokio::test]
async fn the_twenty_first_request_of_a_second_is_too_fast() {
    let rentcast = stand_in();
    for _ in 0..A_SECOND {
        assert_eq!(get(&rentcast, "/v1/markets?zipCode=30303").await.0, 200);
    }
    let (status, body) = get(&rentcast, "/v1/markets?zipCode=30303").await;
    assert_eq!(
        (status, &body["error"]),
        (429, &json!("auth/rate-limit-exceeded"))
    );
    assert_eq!(rentcast.asked(), Asked { counted: 20, all: 21 });
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_and_not_counted() {
    let rentcast = stand_in();
    for path in [
        "/v1/markets",
        "/v1/markets?zipCode=3030",
        "/v1/markets?zipCode=30303&dataType=Rent",
        "/v1/markets?zipCode=30303&historyRange=0",
        "/v1/avm/rent/long-term",
        "/v1/avm/rent/long-term?latitude=33",
        "/v1/avm/rent/long-term?address=30303&compCount=26",
    ] {
        assert_eq!(get(&rentcast, path).await.0, 400, "{path}");
    }
    assert_eq!(get(&rentcast, "/v2/markets?zipCode=30303").await.0, 404);
    assert_eq!(rentcast.asked().counted, 0);
}

#[tokio::test]
async fn only_what_is_asked_for_is_answered() {
    let rentcast = stand_in();
    let (_, sale) = get(&rentcast, "/v1/markets?zipCode=30303&dataType=Sale").await;
    assert!(sale.get("rentalData").is_none() && sale.get("saleData").is_some());
    let (_, rental) = get(
        &rentcast,
        "/v1/markets?zipCode=30303&dataType=Rental&historyRange=3",
    )
    .await;
    assert!(rental.get("saleData").is_none());
    let months: Vec<_> = rental["rentalData"]["history"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(months, ["2026-09", "2026-10", "2026-11"]);
}
