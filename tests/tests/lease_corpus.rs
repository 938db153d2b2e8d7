//! The corpus of leases, read as Textract reads them and judged: a rent is read right or left to a person, and a wrong one
//! is verified by nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use documents::lease::{QUESTIONS, judge, read};
use documents::{Block, Document};
use domain::lease::Verdict;
use futures::{StreamExt as _, stream};
use local::textract::{Tesseract, analysis};
use sample_leases::scan::{Scan, scans};
use sample_leases::{Case, Kind, Outcome, corpus};
use serde_json::Value;

/// How many scans are read at once: one program each.
const AT_ONCE: usize = 2;

/// What came of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// Verified with the rent that it has.
    VerifiedRight,
    /// Verified with another rent, or where a person had to decide.
    VerifiedWrong,
    /// Left to a person, where a machine might have decided.
    Reviewed,
    /// Left to a person, as it has to be, for the reasons that have to be named.
    ReviewedForItsReasons,
    /// Left to a person, as it has to be, and a reason is missing.
    ReasonMissing,
}

impl Came {
    const ALL: [(Self, &'static str); 5] = [
        (Self::VerifiedRight, "verified, right"),
        (Self::VerifiedWrong, "verified, wrong"),
        (Self::Reviewed, "review"),
        (Self::ReviewedForItsReasons, "review, its reasons named"),
        (Self::ReasonMissing, "review, a reason missing"),
    ];

    fn of(case: &Case, verdict: &Verdict) -> Self {
        match (&case.outcome, verdict) {
            (Outcome::Machine(rent), Verdict::Verified(read)) if rent == read => Self::VerifiedRight,
            (_, Verdict::Verified(_)) => Self::VerifiedWrong,
            (Outcome::Machine(_), Verdict::NeedsReview { .. }) => Self::Reviewed,
            (Outcome::Person { all, any }, Verdict::NeedsReview { reasons, .. }) => {
                let named = all.iter().all(|reason| reasons.contains(reason))
                    && (any.is_empty() || any.iter().any(|reason| reasons.contains(reason)));
                if named {
                    Self::ReviewedForItsReasons
                } else {
                    Self::ReasonMissing
                }
            }
        }
    }
}

/// What a file says, judged against what the case expects.
async fn verdict(case: &Case, file: Vec<u8>, tesseract: Option<&Tesseract>) -> Verdict {
    let blocks = analysis(file, &QUESTIONS, tesseract)
        .await
        .unwrap_or_else(|why| panic!("{}: {why}", case.name));
    let blocks: Vec<Block> = serde_json::from_value(Value::Array(blocks)).unwrap();
    let evidence = read(&Document::new(blocks));
    judge(&evidence, &case.expected, case.today)
}

/// What came of each of many leases.
#[derive(Default)]
struct Outcomes(Vec<(Case, Verdict, Came)>);

impl Outcomes {
    fn add(&mut self, case: Case, verdict: Verdict) {
        let came = Came::of(&case, &verdict);
        self.0.push((case, verdict, came));
    }

    fn that(&self, wanted: Came) -> Vec<String> {
        self.0
            .iter()
            .filter(|(.., came)| *came == wanted)
            .map(|(case, verdict, _)| format!("{}: {verdict:?}, but {:?}", case.name, case.outcome))
            .collect()
    }

    /// How many of a kind came to what.
    fn table(&self) -> String {
        let mut counts: BTreeMap<(Kind, Came), usize> = BTreeMap::new();
        for (case, _, came) in &self.0 {
            *counts.entry((case.kind, *came)).or_default() += 1;
        }
        let mut table = format!("{:<12}", "");
        for (_, name) in Came::ALL {
            let _ = write!(table, " | {name}");
        }
        for kind in [Kind::Clean, Kind::Decoy, Kind::Doubtful, Kind::Adversarial] {
            let _ = write!(table, "\n{:<12}", format!("{kind:?}").to_lowercase());
            for (came, name) in Came::ALL {
                let count = counts.get(&(kind, came)).copied().unwrap_or_default();
                let _ = write!(table, " | {count:>width$}", width = name.len());
            }
        }
        table
    }

    /// The share of the clean leases that a machine verified, in percent.
    fn clean_verified(&self) -> usize {
        let clean = self.0.iter().filter(|(case, ..)| case.kind == Kind::Clean);
        let verified = clean.clone().filter(|(.., came)| *came == Came::VerifiedRight);
        verified.count() * 100 / clean.count()
    }

    fn hold(&self) {
        let wrong = self.that(Came::VerifiedWrong);
        assert!(wrong.is_empty(), "verified by machine, and wrong: {wrong:#?}");
        let missing = self.that(Came::ReasonMissing);
        assert!(
            missing.is_empty(),
            "left to a person without the reason: {missing:#?}"
        );
    }
}

#[tokio::test]
async fn a_rent_is_read_right_or_left_to_a_person_and_a_wrong_one_is_never_verified() {
    let mut outcomes = Outcomes::default();
    for case in corpus() {
        let verdict = verdict(&case, case.pdf(), None).await;
        outcomes.add(case, verdict);
    }
    outcomes.hold();
    let reviewed: Vec<_> = outcomes.that(Came::Reviewed);
    assert!(
        outcomes.clean_verified() >= 85,
        "{} % of the clean leases are verified by machine; not these: {reviewed:#?}",
        outcomes.clean_verified()
    );
    insta::assert_snapshot!(outcomes.table());
}

#[tokio::test]
#[ignore = "needs tesseract: apt-get install tesseract-ocr"]
#[expect(clippy::print_stderr, reason = "for a person, with --nocapture")]
async fn a_scan_is_read_right_or_left_to_a_person() {
    let tesseract = Tesseract::find().expect("tesseract is installed");
    let judged = async |scan: Scan| {
        let making = tokio::task::spawn_blocking(move || (scan.file().unwrap(), scan.case));
        let (file, case) = making.await.unwrap();
        let verdict = verdict(&case, file, Some(&tesseract)).await;
        (case, verdict)
    };
    let mut outcomes = Outcomes::default();
    let mut scans = stream::iter(scans()).map(judged).buffered(AT_ONCE);
    while let Some((case, verdict)) = scans.next().await {
        outcomes.add(case, verdict);
    }
    let wrong = outcomes.that(Came::VerifiedWrong);
    assert!(wrong.is_empty(), "verified by machine, and wrong: {wrong:#?}");
    // How many exactly depends on the version of tesseract: no snapshot, but a table for whoever looks.
    let table = outcomes.table();
    eprintln!("{table}");
    assert!(outcomes.clean_verified() >= 60, "{table}");
}
