//! What becomes of a mail that a person sends: a set of happenings, from which everything else is read off.
//!
//! Happenings are told by several (the sender, the mail service's events, the recipient's click on *unsubscribe*), in any
//! order and any number of times. A [`Timeline`] takes them in so that neither matters: it is the union of what was told,
//! and of each kind it keeps the earliest few. Where a mail stands, what is counted of it and which opens are those of a
//! machine is decided by the whole, so that what comes late may still change it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::suppression::Reason;

/// How many happenings of a kind that may repeat are kept: the earliest. Some mail programs open a mail each time it is
/// looked at, and an item of the table must stay small.
pub const KEPT: usize = 20;
/// Who opens a mail so soon after it arrived, or follows a link in it, is a machine: mail services fetch pictures ahead and
/// look at links before their reader does.
pub const MACHINES_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// Something that happened to a mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen to a mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum What {
    /// It was taken on to be sent.
    Queued,
    /// Its sender thought better of it in time.
    Cancelled,
    /// It was not sent, because its recipient is not to be written to.
    Skipped {
        /// Why not.
        reason: Reason,
    },
    /// It was not sent, and will not be.
    Failed {
        /// Why not.
        reason: Failure,
    },
    /// The mail service was asked to send it, and its answer was lost: it may have been sent, and is not sent again.
    Unconfirmed,
    /// The mail service took it.
    Sent,
    /// The mail service took it and would not deliver it: it found something harmful in it.
    Rejected,
    /// It did not arrive yet; the mail service goes on trying.
    Delayed,
    /// The recipient's mail server took it.
    Delivered,
    /// The recipient's mail server would not take it.
    Bounced {
        /// Whether it never will.
        permanent: bool,
    },
    /// The recipient called it spam.
    Complained,
    /// Its pictures were fetched.
    Opened {
        /// Whether whoever did calls itself a machine.
        machine: bool,
    },
    /// A link in it was followed.
    Clicked {
        /// Whether whoever did calls itself a machine.
        machine: bool,
        /// Where to, without what may be a secret: no query, no fragment.
        link: String,
    },
    /// The recipient answered it.
    Replied,
    /// The recipient wants no more mail of this sender's.
    Unsubscribed,
}

/// Why a mail was not sent, for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The mail service refuses it, and would refuse it again.
    Refused,
    /// It could not be written: what it was to say does not fit together.
    Unwritable,
    /// It could not be sent for a whole day.
    GivenUp,
}

impl What {
    /// Which kind of happening it is; those of one kind are kept together.
    const fn kind(&self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Cancelled => 1,
            Self::Skipped { .. } => 2,
            Self::Failed { .. } => 3,
            Self::Unconfirmed => 4,
            Self::Sent => 5,
            Self::Rejected => 6,
            Self::Delayed => 7,
            Self::Delivered => 8,
            Self::Bounced { .. } => 9,
            Self::Complained => 10,
            Self::Opened { .. } => 11,
            Self::Clicked { .. } => 12,
            Self::Replied => 13,
            Self::Unsubscribed => 14,
        }
    }

    /// How many of its kind are kept: of what can be once, the earliest word of it.
    const fn kept(&self) -> usize {
        match self {
            Self::Delayed | Self::Bounced { .. } | Self::Opened { .. } | Self::Clicked { .. } => KEPT,
            _ => 1,
        }
    }
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits to be sent.
    Queued,
    /// Its recipient is not to be written to.
    Skipped,
    /// Its sender thought better of it.
    Cancelled,
    /// It may have been sent: see [`What::Unconfirmed`].
    Unconfirmed,
    /// It is on its way.
    Sent,
    /// It is late.
    Delayed,
    /// It was not sent, and will not be.
    Failed,
    /// The mail service would not deliver it.
    Rejected,
    /// It arrived.
    Delivered,
    /// A person opened it.
    Opened,
    /// A person followed a link in it.
    Clicked,
    /// Its recipient answered.
    Replied,
    /// It could not be delivered.
    Bounced,
    /// Its recipient called it spam.
    Complained,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Queued,
        Self::Skipped,
        Self::Cancelled,
        Self::Unconfirmed,
        Self::Sent,
        Self::Delayed,
        Self::Failed,
        Self::Rejected,
        Self::Delivered,
        Self::Opened,
        Self::Clicked,
        Self::Replied,
        Self::Bounced,
        Self::Complained,
    ];
}

/// What is counted of a mail: each is so or not, however often it happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The mail service took it.
    pub sent: bool,
    /// It arrived.
    pub delivered: bool,
    /// It could not be delivered.
    pub bounced: bool,
    /// Its recipient called it spam.
    pub complained: bool,
    /// A person opened it: what machines fetch is not counted.
    pub opened: bool,
    /// A person followed a link in it.
    pub clicked: bool,
    /// Its recipient answered.
    pub replied: bool,
    /// Its recipient wants no more.
    pub unsubscribed: bool,
}

impl Facts {
    /// Each by the name that counters have.
    #[must_use]
    pub const fn named(self) -> [(&'static str, bool); 8] {
        [
            ("sent", self.sent),
            ("delivered", self.delivered),
            ("bounced", self.bounced),
            ("complained", self.complained),
            ("opened", self.opened),
            ("clicked", self.clicked),
            ("replied", self.replied),
            ("unsubscribed", self.unsubscribed),
        ]
    }

    /// What has to be added to counters that know of `before`, so that they know of these.
    pub fn since(self, before: Self) -> impl Iterator<Item = (&'static str, i8)> {
        let pairs = self.named().into_iter().zip(before.named());
        pairs.filter_map(|((name, now), (_, then))| match (then, now) {
            (false, true) => Some((name, 1)),
            (true, false) => Some((name, -1)),
            _ => None,
        })
    }
}

/// What happened to a mail, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timeline(BTreeSet<Happening>);

impl FromIterator<Happening> for Timeline {
    fn from_iter<I: IntoIterator<Item = Happening>>(happenings: I) -> Self {
        let mut timeline = Self::default();
        for happening in happenings {
            timeline.learn(happening);
        }
        timeline
    }
}

impl Timeline {
    /// Takes in what happened.
    pub fn learn(&mut self, happening: Happening) {
        let (kind, kept) = (happening.what.kind(), happening.what.kept());
        self.0.insert(happening);
        let of_kind = self.0.iter().filter(|known| known.what.kind() == kind);
        // One more than is kept, at most: the latest goes.
        if let Some(late) = of_kind.skip(kept).last().cloned() {
            self.0.remove(&late);
        }
    }

    /// The happenings, in the order of their times, each with whether a machine was behind it.
    pub fn happenings(&self) -> impl Iterator<Item = (&Happening, bool)> {
        self.0
            .iter()
            .map(|happening| (happening, self.is_machines(happening)))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn first(&self, wanted: &What) -> Option<Timestamp> {
        let mut of_kind = self.0.iter().filter(|known| known.what.kind() == wanted.kind());
        of_kind.next().map(|happening| happening.at)
    }

    fn has(&self, wanted: &What) -> bool {
        self.first(wanted).is_some()
    }

    /// Whether a machine was behind it: it says so itself, or was there sooner after the mail's arrival than a person is.
    /// Where the arrival is not known yet, the sending counts.
    fn is_machines(&self, happening: &Happening) -> bool {
        let (What::Opened { machine } | What::Clicked { machine, .. }) = &happening.what else {
            return false;
        };
        let arrived = self.first(&What::Delivered).or_else(|| self.first(&What::Sent));
        *machine || arrived.is_some_and(|at| happening.at < at + MACHINES_WITHIN)
    }

    /// What is counted of the mail.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let by_a_person = |opened: bool| {
            self.0.iter().any(|happening| match happening.what {
                What::Opened { .. } => opened && !self.is_machines(happening),
                What::Clicked { .. } => !opened && !self.is_machines(happening),
                _ => false,
            })
        };
        let (opened, clicked) = (by_a_person(true), by_a_person(false));
        let bounced = self.has(&What::Bounced { permanent: true });
        let complained = self.has(&What::Complained);
        let replied = self.has(&What::Replied);
        let unsubscribed = self.has(&What::Unsubscribed);
        // Word of one thing may be lost or late that another one shows.
        let delivered =
            self.has(&What::Delivered) || complained || opened || clicked || replied || unsubscribed;
        Facts {
            sent: self.has(&What::Sent) || self.has(&What::Delayed) || delivered || bounced,
            delivered,
            bounced,
            complained,
            opened,
            clicked,
            replied,
            unsubscribed,
        }
    }

    /// Where the mail stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let facts = self.facts();
        let told = [
            (facts.complained, Status::Complained),
            (facts.bounced, Status::Bounced),
            (facts.replied, Status::Replied),
            (facts.clicked, Status::Clicked),
            (facts.opened, Status::Opened),
            (facts.delivered, Status::Delivered),
            (self.has(&What::Rejected), Status::Rejected),
            (self.has(&What::Delayed), Status::Delayed),
            (facts.sent, Status::Sent),
            (
                self.0
                    .iter()
                    .any(|known| matches!(known.what, What::Failed { .. })),
                Status::Failed,
            ),
            (self.has(&What::Unconfirmed), Status::Unconfirmed),
            (self.has(&What::Cancelled), Status::Cancelled),
            (
                self.0
                    .iter()
                    .any(|known| matches!(known.what, What::Skipped { .. })),
                Status::Skipped,
            ),
        ];
        let first = told.into_iter().find(|(so, _)| *so);
        first.map_or(Status::Queued, |(_, status)| status)
    }

    /// Why the mail was not sent, where its recipient is not to be written to.
    #[must_use]
    pub fn skipped_for(&self) -> Option<Reason> {
        self.0.iter().find_map(|happening| match happening.what {
            What::Skipped { reason } => Some(reason),
            _ => None,
        })
    }
}

/// A link as it is kept: without its query and its fragment, which may hold what only its reader is to know, and not too
/// long.
#[must_use]
pub fn link_to_keep(link: &str) -> String {
    const LONGEST: usize = 200;
    let end = link.find(['?', '#']).unwrap_or(link.len());
    link[..end].chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + second).unwrap()
    }

    fn happening(second: i64, what: What) -> Happening {
        Happening { at: at(second), what }
    }

    fn timeline(happenings: &[(i64, What)]) -> Timeline {
        let happenings = happenings.iter().cloned();
        happenings.map(|(second, what)| happening(second, what)).collect()
    }

    fn clicked(link: &str) -> What {
        What::Clicked {
            machine: false,
            link: link.to_owned(),
        }
    }

    const OPENED: What = What::Opened { machine: false };

    #[test]
    fn a_mail_stands_where_the_furthest_word_of_it_says() {
        let steps = [
            (0, What::Queued, Status::Queued),
            (1, What::Unconfirmed, Status::Unconfirmed),
            (2, What::Sent, Status::Sent),
            (3, What::Delayed, Status::Delayed),
            (60, What::Delivered, Status::Delivered),
            (90, OPENED, Status::Opened),
            (95, clicked("https://example.com/"), Status::Clicked),
            (99, What::Replied, Status::Replied),
            (120, What::Complained, Status::Complained),
        ];
        let mut timeline = Timeline::default();
        for (second, what, status) in steps {
            timeline.learn(happening(second, what));
            assert_eq!(timeline.status(), status);
        }
    }

    #[test]
    fn a_mail_that_was_not_sent_says_so_until_somebody_proves_that_it_was() {
        let reason = Reason::Complaint;
        for (what, status) in [
            (What::Cancelled, Status::Cancelled),
            (What::Skipped { reason }, Status::Skipped),
            (
                What::Failed {
                    reason: Failure::Refused,
                },
                Status::Failed,
            ),
            (What::Unconfirmed, Status::Unconfirmed),
        ] {
            let mut timeline = timeline(&[(0, What::Queued), (1, what)]);
            assert_eq!(timeline.status(), status);
            assert!(!timeline.facts().sent);
            timeline.learn(happening(2, What::Delivered));
            assert_eq!(timeline.status(), Status::Delivered);
        }
    }

    #[test]
    fn who_opens_a_mail_within_seconds_of_its_arrival_or_says_so_is_a_machine() {
        let fetched_ahead = timeline(&[(0, What::Sent), (5, What::Delivered), (14, OPENED)]);
        assert_eq!(fetched_ahead.status(), Status::Delivered);
        assert!(!fetched_ahead.facts().opened);
        let by_a_person = timeline(&[(0, What::Sent), (5, What::Delivered), (15, OPENED)]);
        assert_eq!(by_a_person.status(), Status::Opened);
        let by_name = timeline(&[(5, What::Delivered), (500, What::Opened { machine: true })]);
        assert_eq!(by_name.status(), Status::Delivered);
        let scanned = timeline(&[(5, What::Delivered), (7, clicked("https://example.com/"))]);
        assert_eq!(scanned.status(), Status::Delivered);
    }

    #[test]
    fn an_open_is_judged_anew_when_the_arrival_is_told_of_after_it() {
        let mut timeline = timeline(&[(0, What::Sent), (65, OPENED)]);
        let before = timeline.facts();
        assert!(before.opened);
        timeline.learn(happening(60, What::Delivered));
        assert!(!timeline.facts().opened);
        let changes: Vec<_> = timeline.facts().since(before).collect();
        assert_eq!(changes, [("opened", -1)]);
    }

    #[test]
    fn a_link_is_kept_without_what_may_be_a_secret() {
        for link in [
            "https://example.com/offer?token=secret",
            "https://example.com/offer#token=secret",
            "https://example.com/offer",
        ] {
            assert_eq!(link_to_keep(link), "https://example.com/offer");
        }
        assert_eq!(link_to_keep(&"é".repeat(500)).chars().count(), 200);
    }

    #[test]
    fn a_mail_that_is_opened_without_end_stays_small() {
        let timeline: Timeline = (0..500).map(|second| happening(second, OPENED)).collect();
        assert_eq!(timeline.happenings().count(), KEPT);
    }

    #[test]
    fn a_timeline_reads_back_from_what_is_stored() {
        let known = timeline(&[
            (0, What::Queued),
            (1, What::Bounced { permanent: true }),
            (2, clicked("https://example.com/")),
            (
                3,
                What::Skipped {
                    reason: Reason::HardBounce,
                },
            ),
        ]);
        let json = serde_json::to_value(&known).unwrap();
        assert_eq!(serde_json::from_value::<Timeline>(json).unwrap(), known);
    }

    fn any_what() -> impl Strategy<Value = What> {
        prop_oneof![
            Just(What::Queued),
            Just(What::Cancelled),
            Just(What::Skipped {
                reason: Reason::ByHand
            }),
            Just(What::Failed {
                reason: Failure::Refused
            }),
            Just(What::Unconfirmed),
            Just(What::Sent),
            Just(What::Rejected),
            Just(What::Delayed),
            Just(What::Delivered),
            any::<bool>().prop_map(|permanent| What::Bounced { permanent }),
            Just(What::Complained),
            any::<bool>().prop_map(|machine| What::Opened { machine }),
            "[a-c]".prop_map(|link| clicked(&link)),
            Just(What::Replied),
            Just(What::Unsubscribed),
        ]
    }

    fn any_happenings() -> impl Strategy<Value = Vec<Happening>> {
        let one = (0..60_i64, any_what()).prop_map(|(second, what)| happening(second, what));
        prop::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn every_order_and_every_doubling_of_what_happened_is_one_timeline_with_one_count(
            (told, again) in any_happenings().prop_flat_map(|told| {
                // Each at least once, in any order, and some of them again.
                let doubled = prop::sample::subsequence(told.clone(), 0..=told.len());
                let all = doubled.prop_map({ let told = told.clone(); move |more| [told.clone(), more].concat() });
                (Just(told), all.prop_shuffle())
            }),
        ) {
            let (one, other): (Timeline, Timeline) = (told.into_iter().collect(), again.into_iter().collect());
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.status(), other.status());
            prop_assert_eq!(one.facts(), other.facts());
        }

        #[test]
        fn counters_that_are_told_of_each_change_end_where_the_whole_is(told in any_happenings()) {
            let mut counted = std::collections::BTreeMap::<&str, i32>::new();
            let mut timeline = Timeline::default();
            for happening in told {
                let before = timeline.facts();
                timeline.learn(happening);
                for (name, change) in timeline.facts().since(before) {
                    *counted.entry(name).or_default() += i32::from(change);
                }
            }
            for (name, so) in timeline.facts().named() {
                prop_assert_eq!(counted.get(name).copied().unwrap_or_default(), i32::from(so), "{}", name);
            }
        }
    }
}
