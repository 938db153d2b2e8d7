//! A bucket's notifications: a new object sets a function going.

use serde_json::Value;

use crate::lambda::Lambda;
use crate::template::ObjectTrigger;

/// Sets the functions going that want to hear of an object; `event` is what S3 sends about it
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>).
pub fn announce(triggers: &[ObjectTrigger], event: &Value, lambda: &Lambda) {
    for trigger in triggers.iter().filter(|trigger| wants(trigger, event)) {
        lambda.invoke_later(&trigger.function, event);
    }
}

fn wants(trigger: &ObjectTrigger, event: &Value) -> bool {
    let record = &event["Records"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = format!("s3:{}", text(&record["eventName"]));
    // The key is form-encoded there.
    let key = text(&record["s3"]["object"]["key"]).replace('+', " ");
    let key = percent_encoding::percent_decode_str(&key).decode_utf8_lossy();
    text(&record["s3"]["bucket"]["name"]) == trigger.bucket
        && trigger
            .events
            .iter()
            .any(|wanted| match wanted.strip_suffix('*') {
                Some(beginning) => kind.starts_with(beginning),
                None => *wanted == kind,
            })
        && key.starts_with(&trigger.prefix)
        && key.ends_with(&trigger.suffix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn created(key: &str) -> Value {
        let s3 = json!({ "bucket": { "name": "leases" }, "object": { "key": key } });
        json!({ "Records": [{ "eventName": "ObjectCreated:Put", "s3": s3 }] })
    }

    #[test]
    fn a_trigger_wants_the_events_and_keys_that_it_names() {
        let trigger = ObjectTrigger {
            function: "Ocr".into(),
            bucket: "leases".into(),
            events: vec!["s3:ObjectCreated:*".into()],
            prefix: "in/my ".into(),
            suffix: ".pdf".into(),
        };
        assert!(wants(&trigger, &created("in/my+lease.pdf")));
        assert!(wants(&trigger, &created("in%2Fmy%20lease.pdf")));
        assert!(!wants(&trigger, &created("out/my+lease.pdf")));
        assert!(!wants(&trigger, &created("in/my+lease.png")));
        let removed = ObjectTrigger {
            events: vec!["s3:ObjectRemoved:*".into()],
            ..trigger
        };
        assert!(!wants(&removed, &created("in/my+lease.pdf")));
    }
}
