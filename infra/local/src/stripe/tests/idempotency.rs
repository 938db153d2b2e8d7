use ::stripe::{IdempotencyKey, RequestStrategy};

use super::*;
use crate::wire::faults::{Fault, Kind};

const SESSIONS: &str = "/v1/checkout/sessions";
const KEY: [(&str, &str); 1] = [("idempotency-key", "checkout-1")];

fn with_key(key: &str) -> RequestStrategy {
    RequestStrategy::Idempotent(IdempotencyKey::new(key).unwrap())
}

#[tokio::test]
async fn the_same_key_and_parameters_get_the_same_answer() {
    let world = World::new().await;
    let (_, headers, first) = world.post_with(SESSIONS, &session_form(), &KEY).await;
    assert!(!headers.contains_key("idempotent-replayed"));
    let mut reordered = session_form();
    reordered.reverse();
    let (status, replayed, second) = world.post_with(SESSIONS, &reordered, &KEY).await;
    assert_eq!((status, &first), (200, &second));
    assert_eq!(replayed["idempotent-replayed"], "true");
    assert_eq!(replayed["original-request"], headers["request-id"]);
    assert_ne!(replayed["request-id"], headers["request-id"]);
    assert_eq!(world.stripe.checkout_sessions().len(), 1);

    let (_, _, other) = world
        .post_with(SESSIONS, &session_form(), &[("idempotency-key", "checkout-2")])
        .await;
    assert_ne!(other["id"], first["id"]);
}

#[tokio::test]
async fn the_same_key_for_another_request_is_refused() {
    let world = World::new().await;
    world.post_with(SESSIONS, &session_form(), &KEY).await;
    let (status, _, body) = world
        .post_with(SESSIONS, &session_form_with("locale", "en"), &KEY)
        .await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &"idempotency_error".into())
    );
    let (status, _, body) = world
        .post_with("/v1/customers", &[("email", "a@example.com")], &KEY)
        .await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &"idempotency_error".into())
    );
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("'/v1/customers' vs '/v1/checkout/sessions'")
    );
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict_and_nothing_happens_twice() {
    let world = World::with(|config| config.latency = Duration::from_millis(200)).await;
    let requests = (0..10).map(|_| {
        create_session()
            .customize()
            .request_strategy(with_key("one"))
            .send(&world.client)
    });
    let answers = futures::future::join_all(requests).await;
    assert_eq!(world.stripe.checkout_sessions().len(), 1);
    let (done, conflicts): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for conflict in conflicts {
        let (status, code, _) = refused(conflict.unwrap_err());
        assert_eq!((status, code.as_str()), (409, "idempotency_key_in_use"));
    }
    let later = create_session()
        .customize()
        .request_strategy(with_key("one"))
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(&later.id, &done.into_iter().next().unwrap().unwrap().id);
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_its_key() {
    let world = World::with(|config| config.latency = Duration::from_millis(100)).await;
    let request = world.post_with(SESSIONS, &KEY, &KEY);
    assert!(
        tokio::time::timeout(Duration::from_millis(30), request)
            .await
            .is_err()
    );
    eventually(|| world.stripe.keys_in_use.is_empty()).await;
    let (status, _, _) = world.post_with(SESSIONS, &session_form(), &KEY).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn after_an_answer_was_lost_the_same_key_finds_what_was_done() {
    let world = World::new().await;
    world.faults.arm(Fault::of(
        "stripe",
        "POST /v1/checkout/sessions",
        Kind::AnswerLost,
    ));
    let send = || {
        create_session()
            .customize()
            .request_strategy(with_key("one"))
            .send(&world.client)
    };
    assert!(send().await.is_err());
    let session = send().await.unwrap();
    assert_eq!(world.stripe.checkout_sessions().len(), 1);
    assert_eq!(world.stripe.checkout_sessions()[0]["id"], session.id.as_str());
}

#[tokio::test]
async fn an_injected_failure_is_in_stripes_form_and_not_kept() {
    let world = World::new().await;
    for (kind, status, code) in [
        (Kind::Throttle, 429, "rate_limit"),
        (Kind::InternalError, 500, ""),
    ] {
        world
            .faults
            .arm(Fault::of("stripe", "POST /v1/checkout/sessions", kind));
        let send = || {
            create_session()
                .customize()
                .request_strategy(with_key(code))
                .send(&world.client)
        };
        if status == 429 {
            assert_eq!(refused(send().await.unwrap_err()), (429, code.to_owned(), None));
            send().await.unwrap();
        } else {
            let error = create_session().send(&world.client).await.unwrap_err();
            assert_eq!(refused(error), (500, String::new(), None));
        }
    }
}

#[tokio::test]
async fn parameters_that_were_refused_do_not_use_the_key_up() {
    let world = World::new().await;
    let (status, _, _) = world
        .post_with(SESSIONS, &session_form_with("mode", "gift"), &KEY)
        .await;
    assert_eq!(status, 400);
    let (status, _, _) = world.post_with(SESSIONS, &session_form(), &KEY).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_operation_that_failed_is_the_keys_answer() {
    let world = World::new().await;
    let intent = world.paid().await;
    let form = [("payment_intent", intent.as_str()), ("amount", "1000")];
    let (status, headers, first) = world.post_with("/v1/refunds", &form, &KEY).await;
    assert_eq!(
        (status, headers.contains_key("idempotent-replayed")),
        (400, false)
    );
    let (status, headers, second) = world.post_with("/v1/refunds", &form, &KEY).await;
    assert_eq!((status, headers.contains_key("idempotent-replayed")), (400, true));
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_key_is_kept_for_a_day_by_the_platforms_clock_and_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let hands = Hands::new();
    let world = World::kept_in(directory.path().into(), hands.clone()).await;
    let (_, _, first) = world
        .post_with("/v1/customers", &[("email", "a@example.com")], &KEY)
        .await;
    world.kill().await;
    let world = World::kept_in(directory.path().into(), hands.clone()).await;
    let (_, _, second) = world
        .post_with("/v1/customers", &[("email", "a@example.com")], &KEY)
        .await;
    assert_eq!(first, second);
    hands.advance(24 * 60 * 60);
    let (status, _, third) = world
        .post_with("/v1/customers", &[("email", "b@example.com")], &KEY)
        .await;
    assert_eq!(status, 200);
    assert_ne!(first["id"], third["id"]);
}
