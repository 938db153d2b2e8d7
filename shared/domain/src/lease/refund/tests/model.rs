//! A model of Stripe and of the functions that work with it, driven by chance: each case is a sequence of steps, in
//! which functions begin, meet, die and come late, Stripe answers or does not, events are lost, doubled and reordered,
//! money comes back, banks decide, and people refund by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;

const LEASES: u8 = 3;
/// How long a function may run.
const TIME_LIMIT: SignedDuration = SignedDuration::from_secs(60);
/// When Stripe forgets a key.
const KEY_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A function begins to work on a lease's debt: it asks Stripe what it knows.
    Begin(u8),
    /// A function goes one step further.
    Go(u8),
    /// A function dies.
    Die(u8),
    /// Stripe does what a function asks, and the function dies before it hears.
    AnswerLost(u8),
    /// An event of Stripe's is delivered; it may come again.
    Deliver(u8, bool),
    /// An event of Stripe's is lost.
    Lose(u8),
    /// A refund's bank decides.
    Decide(u8, bool),
    /// The buyer disputes the payment.
    Dispute,
    /// The buyer's bank decides.
    Close(bool),
    /// Somebody refunds by hand.
    ByHand(u16),
    /// The renter asks once more.
    AskAgain(u8),
    /// Time passes, in minutes.
    Pass(u16),
}

impl Event {
    /// The event that a number stands for. Cheaper to draw than a strategy for each kind, and there are many.
    fn of(number: u32) -> Self {
        let [kind, which, high, low] = number.to_be_bytes();
        let (lease, odd, amount) = (which % LEASES, high % 2 == 1, u16::from_be_bytes([high, low]));
        match kind % 51 {
            0..=5 => Self::Begin(lease),
            6..=23 => Self::Go(which),
            24 | 25 => Self::Die(which),
            26..=28 => Self::AnswerLost(which),
            29..=34 => Self::Deliver(which, odd),
            35 | 36 => Self::Lose(which),
            37..=39 => Self::Decide(which, odd),
            40 => Self::Dispute,
            41 | 42 => Self::Close(odd),
            43 | 44 => Self::ByHand(amount % 5000 + 1),
            45 | 46 => Self::AskAgain(lease),
            47 | 48 => Self::Pass(amount % 3 + 1),
            49 => Self::Pass(amount % 15 + 55),
            _ => Self::Pass(amount % 300 + 1300),
        }
    }
}

/// Stripe.
#[derive(Default)]
struct Stripe {
    refunds: BTreeMap<String, Refund>,
    dispute: Option<DisputeState>,
    /// What was answered to each key, and when first.
    answers: BTreeMap<Claim, (Timestamp, Request, bool)>,
    undelivered: Vec<News>,
    by_hand: bool,
}

impl Stripe {
    fn alive(&self) -> u64 {
        let alive = self
            .refunds
            .values()
            .filter(|refund| refund.state != RefundState::Failed);
        alive.map(|refund| refund.amount).sum()
    }

    fn alive_for(&self, lease: VerificationId) -> Vec<Refund> {
        let of = |refund: &&Refund| refund.claim.is_some_and(|claim| claim.verification == lease);
        let refunds = self.refunds.values().filter(of);
        refunds
            .filter(|refund| refund.state != RefundState::Failed)
            .copied()
            .collect()
    }

    /// Everything that it tells when it is asked.
    fn told(&self) -> Vec<News> {
        let refunds = self
            .refunds
            .iter()
            .map(|(id, refund)| News::Refund(id.clone(), *refund));
        refunds.chain(self.dispute.map(dispute)).collect()
    }

    fn is_disputed(&self) -> bool {
        matches!(self.dispute, Some(DisputeState::Open | DisputeState::Lost))
    }

    /// `POST /v1/refunds`; whether it was done.
    fn refund(&mut self, amount: u64, claim: Option<Claim>) -> bool {
        if self.is_disputed() || amount > u64::from(PAID.get()) - self.alive() {
            return false;
        }
        let id = format!("re_{}", self.refunds.len());
        let state = RefundState::Pending;
        self.refunds.insert(id.clone(), Refund { amount, state, claim });
        self.tell(&id);
        self.undelivered.push(News::RefundedInAll(self.alive()));
        true
    }

    /// The same, under the key of an attempt.
    fn asked(&mut self, request: Request, now: Timestamp) -> bool {
        if let Some((at, first, done)) = self.answers.get(&request.claim).copied()
            && now < at + KEY_KEPT
        {
            assert_eq!(first, request, "a key is for one request");
            return done;
        }
        let fits = u64::from(request.amount.get()) <= u64::from(PAID.get()) - self.alive();
        assert!(fits || self.by_hand, "we ask for no more than is left");
        let done = self.refund(u64::from(request.amount.get()), Some(request.claim));
        self.answers.insert(request.claim, (now, request, done));
        done
    }

    fn tell(&mut self, id: &str) {
        self.undelivered
            .push(News::Refund(id.to_owned(), self.refunds[id]));
    }

    fn decide(&mut self, which: u8, well: bool) {
        let open = |refund: &Refund| match refund.state {
            RefundState::Pending => true,
            RefundState::Succeeded => !well,
            RefundState::Failed => false,
        };
        let ids = self.refunds.iter().filter(|(_, refund)| open(refund));
        let ids: Vec<String> = ids.map(|(id, _)| id.clone()).collect();
        if let Some(id) = pick(&ids, which) {
            let state = if well {
                RefundState::Succeeded
            } else {
                RefundState::Failed
            };
            self.refunds
                .entry(id.clone())
                .and_modify(|refund| refund.state = state);
            self.tell(id);
        }
    }

    fn moves(&mut self, state: DisputeState) {
        let moves = match state {
            DisputeState::Open => self.dispute.is_none(),
            _ => self.dispute == Some(DisputeState::Open),
        };
        if moves {
            self.dispute = Some(state);
            self.undelivered.push(dispute(state));
        }
    }
}

/// A function at work.
enum At {
    /// It knows what Stripe said.
    Told(VerificationId, Vec<News>),
    /// It has written that it asks.
    Asking(Request),
    /// Stripe did it.
    Done,
    /// Stripe refused, and said what else it knows.
    Refused(Request, Vec<News>),
}

struct World {
    stripe: Stripe,
    money: Money,
    debts: Debts,
    at_work: Vec<(Timestamp, At)>,
    now: Timestamp,
}

fn pick<T>(from: &[T], which: u8) -> Option<&T> {
    (!from.is_empty()).then(|| &from[usize::from(which) % from.len()])
}

impl World {
    fn new() -> Self {
        let leases: Vec<_> = (0..LEASES).map(lease).collect();
        Self {
            stripe: Stripe::default(),
            money: paid(),
            debts: owing(&leases),
            at_work: Vec::new(),
            now: at(0),
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Begin(which) => {
                let told = At::Told(lease(which), self.stripe.told());
                self.at_work.push((self.now, told));
            }
            Event::Go(which) => self.go(which, false),
            Event::AnswerLost(which) => self.go(which, true),
            Event::Die(which) => drop(self.taken(which)),
            Event::Deliver(which, again) => self.deliver(which, again),
            Event::Lose(which) => {
                if !self.stripe.undelivered.is_empty() {
                    let at = usize::from(which) % self.stripe.undelivered.len();
                    self.stripe.undelivered.remove(at);
                }
            }
            Event::Decide(which, well) => self.stripe.decide(which, well),
            Event::Dispute => self.stripe.moves(DisputeState::Open),
            Event::Close(true) => self.stripe.moves(DisputeState::Won),
            Event::Close(false) => self.stripe.moves(DisputeState::Lost),
            Event::ByHand(amount) => self.stripe.by_hand |= self.stripe.refund(amount.into(), None),
            Event::AskAgain(which) => {
                self.debts.ask_again(lease(which), &self.money, PAID, self.now);
            }
            Event::Pass(minutes) => {
                self.now += SignedDuration::from_mins(minutes.into());
                let now = self.now;
                self.at_work.retain(|(since, _)| now < *since + TIME_LIMIT);
            }
        }
        self.holds();
    }

    fn taken(&mut self, which: u8) -> Option<(Timestamp, At)> {
        let count = self.at_work.len();
        (count > 0).then(|| self.at_work.remove(usize::from(which) % count))
    }

    fn learn(&mut self, all: &[News]) {
        all.iter().for_each(|news| self.money.learn(news));
    }

    fn deliver(&mut self, which: u8, again: bool) {
        let Some(news) = pick(&self.stripe.undelivered, which).cloned() else {
            return;
        };
        self.learn(std::slice::from_ref(&news));
        if !again {
            let at = usize::from(which) % self.stripe.undelivered.len();
            self.stripe.undelivered.remove(at);
        }
    }

    /// One function goes a step further: each of its steps is one call to Stripe, or one transaction.
    fn go(&mut self, which: u8, answer_lost: bool) {
        let Some((since, at)) = self.taken(which) else {
            return;
        };
        let next = match at {
            At::Told(lease, told) => {
                self.learn(&told);
                match self.debts.step(lease, &self.money, PAID, self.now) {
                    Step::Ask(request) => Some(At::Asking(request)),
                    Step::ComeAgain | Step::Rest => None,
                }
            }
            At::Asking(request) => Some(if self.stripe.asked(request, self.now) {
                At::Done
            } else {
                At::Refused(request, self.stripe.told())
            }),
            At::Done => {
                // The answer says of this refund what the list does.
                let told = self.stripe.told();
                self.learn(&told);
                None
            }
            At::Refused(request, told) => {
                self.learn(&told);
                self.debts.refused(request, &self.money, PAID, self.now);
                None
            }
        };
        if let Some(next) = next
            && !answer_lost
        {
            self.at_work.push((since, next));
        }
    }

    /// What holds at every moment.
    fn holds(&self) {
        assert!(self.stripe.alive() <= u64::from(PAID.get()));
        for lease in self.debts.verifications() {
            let alive = self.stripe.alive_for(lease);
            assert!(alive.len() <= 1, "one refund for each lease: {alive:?}");
            assert!(alive.iter().all(|refund| refund.amount <= u64::from(DUE.get())));
        }
    }

    /// Nothing goes wrong any more: the hourly look comes round until nothing moves.
    fn comes_to_rest(&mut self, won: bool) {
        self.at_work.clear();
        self.stripe.moves(if won {
            DisputeState::Won
        } else {
            DisputeState::Lost
        });
        for _ in 0..6 {
            if self.rests() {
                break;
            }
            for which in 0..LEASES {
                self.now += SignedDuration::from_hours(9);
                self.happens(Event::Begin(which));
                while !self.at_work.is_empty() {
                    self.happens(Event::Go(0));
                }
            }
            for _ in 0..2 * LEASES {
                self.happens(Event::Decide(0, true));
            }
        }
        assert!(self.rests(), "it comes to rest");
    }

    /// Whether nothing moves any more, once everything is learned.
    fn rests(&mut self) -> bool {
        let told = self.stripe.told();
        self.learn(&told);
        let mut refunds = self.stripe.refunds.values();
        let moves = refunds.any(|refund| refund.state == RefundState::Pending);
        !moves && self.debts.looked_at_after(&self.money, PAID).is_none()
    }

    /// The ledger says what Stripe says, to the cent.
    fn agrees(&self) {
        assert_eq!(self.money.refunded(), self.stripe.alive());
        let otherwise = self
            .stripe
            .refunds
            .values()
            .filter(|refund| refund.claim.is_none() && refund.state != RefundState::Failed);
        let otherwise: u64 = otherwise.map(|refund| refund.amount).sum();
        assert_eq!(self.debts.refunded_otherwise(&self.money), otherwise);
        for lease in self.debts.verifications() {
            let alive = self.stripe.alive_for(lease);
            match self.debts.standing(lease, &self.money, PAID).unwrap() {
                Standing::Paid(amount) => {
                    assert_eq!(alive.len(), 1);
                    assert_eq!(alive[0].amount, u64::from(amount.get()));
                    assert_eq!(alive[0].state, RefundState::Succeeded);
                }
                Standing::Failed => {
                    assert!(alive.is_empty());
                    let came_back = |refund: &Refund| {
                        refund.claim.is_some_and(|claim| claim.verification == lease)
                            && refund.state == RefundState::Failed
                    };
                    // Or Stripe refused for a reason that was gone before it could be asked for.
                    let refused = self.stripe.by_hand || self.stripe.dispute.is_some();
                    assert!(refused || self.stripe.refunds.values().any(came_back));
                }
                Standing::Ended(Ended::Disputed) => {
                    assert!(alive.is_empty());
                    assert_eq!(self.stripe.dispute, Some(DisputeState::Lost));
                }
                Standing::Ended(Ended::GivenBack) => {
                    assert!(alive.is_empty());
                    assert_eq!(self.stripe.alive(), u64::from(PAID.get()));
                }
                other => panic!("it does not come to rest: {other:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 10_000, ..Config::default() })]

    /// Three leases on one purchase, 10,000 times: each time up to 69 events of [`Event`] in any order, and then a world in
    /// which nothing goes wrong any more. The ledger and what is known of the money are the real ones; the table is one
    /// step that nobody sees half of, and Stripe, its events and those who work with it are modelled here. After each event
    /// no more is given back than was paid, and for no lease twice; in the end both say the same, to the cent.
    #[test]
    fn whatever_happens_the_ledger_ends_as_stripe_does_and_no_more_is_given_back_than_was_paid(
        events in proptest::collection::vec(any::<u32>(), 1..70), won: bool,
    ) {
        let mut world = World::new();
        for event in events {
            world.happens(Event::of(event));
        }
        world.comes_to_rest(won);
        world.agrees();
    }
}
