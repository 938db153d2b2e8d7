use super::*;

#[tokio::test]
async fn every_event_is_signed_by_every_secret_in_force_with_the_platforms_time() {
    let world =
        World::with(|config| config.webhook_secrets = vec!["whsec_old".into(), "whsec_new".into()]).await;
    world.paid().await;
    for (headers, body, _) in world.endpoint.received.lock().unwrap().iter() {
        let now = world.hands.now();
        assert_eq!(
            headers["stripe-signature"],
            stripe_signature(body, &["whsec_old", "whsec_new"], now)
        );
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn the_secret_is_whsec_local_unless_told_otherwise() {
    let world = World::new().await;
    world.paid().await;
    let received = world.endpoint.received.lock().unwrap();
    assert!(
        received
            .iter()
            .all(|(headers, body, _)| is_signed(headers, body, "whsec_local"))
    );
}

#[tokio::test]
async fn an_event_that_was_not_taken_is_sent_again_with_a_fresh_signature() {
    let world = World::new().await;
    world.endpoint.answer(&[500, 302]);
    world.paid().await;
    eventually(|| world.endpoint.types().len() == 6).await;
    world.stripe.settle().await;
    let mut types = world.endpoint.types();
    types.sort();
    types.dedup();
    assert_eq!(types.len(), 4);
    let (_, list) = world.get("/v1/events?delivery_success=true").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 4);
    assert_eq!(list["data"][0]["pending_webhooks"], 0);
}

#[tokio::test]
async fn an_event_that_is_never_taken_is_given_up() {
    let world = World::new().await;
    world.endpoint.answer(&[500; 100]);
    let (_, _) = world.post("/v1/customers", &[]).await;
    eventually(|| world.endpoint.types().len() == 4).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.endpoint.types().len(), 4);
    let (_, list) = world.get("/v1/events?delivery_success=false").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_arrive_in_the_order_of_their_creation() {
    let world = World::new().await;
    let requests = (0..50).map(|_| world.post("/v1/customers", &[]));
    futures::future::join_all(requests).await;
    world.stripe.settle().await;
    let ids = |events: Vec<Value>| events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(world.endpoint.events()), ids(world.stripe.events()));
}

#[tokio::test]
async fn an_event_is_delivered_again_as_often_and_in_the_order_that_a_test_asks() {
    let world = World::new().await;
    let session = world.session().await;
    world
        .submit_form(session.id.as_str(), &[("outcome", "paid"), ("deliver", "false")])
        .await;
    world.stripe.settle().await;
    assert!(world.endpoint.types().is_empty());

    let mut ids: Vec<String> = world
        .stripe
        .events()
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    ids.reverse();
    assert_eq!(world.stripe.deliver_in_order(&ids).await, [Some(200); 4]);
    assert_eq!(world.endpoint.types()[0], "checkout.session.completed");
    assert_eq!(world.stripe.redeliver(&ids[0], 100).await, [Some(200); 100]);
    assert_eq!(world.endpoint.types().len(), 104);
    let (status, answer) = world
        .post(&format!("/_local/events/{}/deliver", ids[0]), &[("times", "2")])
        .await;
    assert_eq!((status, answer["statuses"].as_array().unwrap().len()), (200, 2));
    assert_eq!(world.stripe.redeliver("evt_none", 1).await, [None]);
}

#[tokio::test]
async fn the_signed_payload_is_what_is_posted() {
    let world = World::new().await;
    world.paid().await;
    let event = world.stripe.events().pop().unwrap();
    let (payload, signature) = world.stripe.signed(event["id"].as_str().unwrap()).unwrap();
    let received = world.endpoint.received.lock().unwrap().last().cloned().unwrap();
    assert_eq!(payload, received.1);
    assert_eq!(signature.as_bytes(), received.0["stripe-signature"].as_bytes());
    let (_, signed) = world
        .get(&format!(
            "/_local/events/{}/signed",
            event["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(signed["payload"].as_str().unwrap().as_bytes(), payload);
}

#[tokio::test]
async fn what_was_not_delivered_before_a_kill_is_delivered_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let hands = Hands::new();
    let world = World::kept_in(directory.path().into(), hands.clone()).await;
    let session = world.session().await;
    assert_eq!(world.submit(&session.id, "paid").await.status(), 303);
    let before = world.stripe.events();
    world.kill().await;

    let world = World::kept_in(directory.path().into(), hands.clone()).await;
    assert_eq!(world.stripe.events(), before);
    assert_eq!(world.stripe.checkout_sessions()[0]["payment_status"], "paid");
    world.stripe.set_webhook_endpoint(world.endpoint.open().await);
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types().len(), 4);
    world.kill().await;

    let world = World::kept_in(directory.path().into(), hands).await;
    world.stripe.set_webhook_endpoint(world.endpoint.open().await);
    world.stripe.settle().await;
    assert!(world.endpoint.types().is_empty());
    assert_eq!(
        world
            .get(&format!("/v1/checkout/sessions/{}", session.id))
            .await
            .1["status"],
        "complete"
    );
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_nothing_up_for_long() {
    let world = World::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world
        .stripe
        .set_webhook_endpoint(format!("http://{}/webhook", silent.local_addr().unwrap()));
    let session = world.session().await;
    let started = std::time::Instant::now();
    assert_eq!(world.submit(&session.id, "paid").await.status(), 303);
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn it_stops_when_told() {
    let world = World::new().await;
    world.stop.send_replace(true);
    tokio::time::timeout(Duration::from_secs(5), world.tasks)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn nothing_is_sent_by_itself_while_a_test_forbids_it() {
    let world = World::new().await;
    world.stripe.deliver_by_itself(false);
    let intent = world.paid().await;
    world.stripe.settle().await;
    assert!(world.endpoint.types().is_empty());
    world.stripe.deliver_by_itself(true);
    world.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types(), ["refund.created", "charge.refunded"]);
}
