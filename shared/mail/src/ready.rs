//! The templates that come with the product. They belong to nobody and cannot be changed; a copy of one can.

use domain::TemplateId;
use domain::template::Category;

use crate::template::{Problems, Source};

/// A template that comes with the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyMade {
    /// Its place among them, from 1 on: its id is made of it, and stays when others come.
    number: u8,
    /// The number of its wording: another one with each change of its subject or its body.
    pub version: u32,
    /// What it is called.
    pub name: &'static str,
    /// What it is about.
    pub category: Category,
    /// Its subject.
    pub subject: &'static str,
    /// Its body.
    pub body: &'static str,
}

/// All of them, in the order in which they are shown.
pub const READY_MADE: [ReadyMade; 6] = [
    ReadyMade {
        number: 1,
        version: 1,
        name: "Renewal offer",
        category: Category::Renewal,
        subject: "Your lease at {{property_address}}: an offer to renew",
        body: include_str!("../ready/renewal_offer.txt"),
    },
    ReadyMade {
        number: 2,
        version: 1,
        name: "Renewal reminder",
        category: Category::Renewal,
        subject: "Your renewal offer is open until {{response_deadline}}",
        body: include_str!("../ready/renewal_reminder.txt"),
    },
    ReadyMade {
        number: 3,
        version: 1,
        name: "Counter-offer",
        category: Category::Offer,
        subject: "Your offer for {{property_address}}",
        body: include_str!("../ready/counter_offer.txt"),
    },
    ReadyMade {
        number: 4,
        version: 1,
        name: "Offer accepted",
        category: Category::Offer,
        subject: "Welcome to {{property_address}}, {{renter_name}}",
        body: include_str!("../ready/offer_accepted.txt"),
    },
    ReadyMade {
        number: 5,
        version: 1,
        name: "Answer to a request",
        category: Category::Followup,
        subject: "About your request of {{submit_date}}",
        body: include_str!("../ready/request_follow_up.txt"),
    },
    ReadyMade {
        number: 6,
        version: 1,
        name: "Maintenance visit",
        category: Category::Maintenance,
        subject: "The repair in unit {{unit_number}}",
        body: include_str!("../ready/maintenance_visit.txt"),
    },
];

impl ReadyMade {
    /// The one of this id.
    #[must_use]
    pub fn of(id: TemplateId) -> Option<&'static Self> {
        READY_MADE.iter().find(|ready| ready.id() == id)
    }

    /// Its id: of the first millisecond of all, so that it is no template of a person's.
    #[must_use]
    pub fn id(&self) -> TemplateId {
        let mut bytes = [0; 16];
        bytes[15] = self.number;
        TemplateId::from_bytes(bytes)
    }

    /// It, read.
    ///
    /// # Errors
    /// Never: a test reads each.
    pub fn source(&self) -> Result<Source, Problems> {
        Source::parse(self.subject, self.body)
    }
}
