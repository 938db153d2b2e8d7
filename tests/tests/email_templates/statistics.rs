//! What came of a template's mails.

use serde_json::json;
use tests::System;
use tests::template::{READY_MADE, TEMPLATES};

#[tokio::test]
async fn what_came_of_a_templates_mails_is_shown_with_its_sample_and_its_interval() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let (table, user) = (system.table(), lena.id.parse().unwrap());
    for id in [lena.makes_template("Stay").await, READY_MADE.to_owned()] {
        let template = id.parse().unwrap();
        for mail in 0..40_u8 {
            let mut came = vec![("sent", 1)];
            if mail < 20 {
                came.extend([("delivered", 1), ("opened", 1)]);
            }
            if mail < 5 {
                came.push(("accepted", 1));
            }
            table.count_mail(user, template, mail, &came).await.unwrap();
        }
        let shown = lena.get(&format!("{TEMPLATES}/{id}")).await.is(200).json.clone();
        let accepted = json!({ "count": 5, "sampleSize": 20, "percent": 25.0, "low": 11.2, "high": 46.9 });
        assert_eq!(shown["statistics"]["accepted"], accepted);
        assert_eq!(shown["statistics"]["delivered"]["percent"], 50.0);
        assert_eq!(
            (&shown["usageCount"], &shown["successRate"]),
            (&json!(40), &json!(25.0))
        );
        let list = lena.get(TEMPLATES).await.is(200).json["templates"].clone();
        let listed = list
            .as_array()
            .unwrap()
            .iter()
            .find(|template| template["id"] == id)
            .unwrap()
            .clone();
        assert_eq!(listed, shown);
    }
    // What was counted and turns out otherwise is taken back.
    table
        .count_mail(user, READY_MADE.parse().unwrap(), 1, &[("accepted", -1)])
        .await
        .unwrap();
    let shown = lena.get(&format!("{TEMPLATES}/{READY_MADE}")).await;
    assert_eq!(shown.is(200).json["statistics"]["accepted"]["count"], 4);
    // What came of another's mails, also of a template that all have, is not one's own.
    let ready = nina.get(&format!("{TEMPLATES}/{READY_MADE}")).await;
    assert_eq!(ready.is(200).json["statistics"]["sent"], 0);
}
