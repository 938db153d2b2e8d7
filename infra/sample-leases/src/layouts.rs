//! Lays a lease out: the same terms, as ten kinds of document.

use crate::block::{Block, Field};
use crate::chance::Chance;
use crate::charges::Extra;
use crate::clauses::CLAUSES;
use crate::draft::{Draft, Length};
use crate::rent::RentSaid;
use crate::terms::{Layout, Terms};
use crate::voice::Voice;
use crate::wording::Amount;

/// The blocks of a lease.
pub(crate) fn blocks(draft: &Draft) -> Vec<Block> {
    match draft.layout {
        Layout::Prose => prose(draft),
        Layout::Form => form(draft),
        Layout::Charges => charges(draft),
        Layout::Columns => columns(draft),
        Layout::CoverSheet => cover_sheet(draft),
        Layout::DenseForm => dense_form(draft),
        Layout::Roommates => roommates(draft),
        Layout::MonthToMonth => month_to_month(draft),
        Layout::Subsidised => subsidised(draft),
        Layout::Addenda => addenda(draft),
    }
}

/// A section: its heading and its text.
type Section = (String, String);

fn section(heading: impl Into<String>, text: impl Into<String>) -> Section {
    (heading.into(), text.into())
}

/// Sections, numbered in the document's way.
fn numbered(draft: &Draft, sections: Vec<Section>) -> Vec<Block> {
    let way = if draft.broken_over_pages {
        1
    } else {
        draft.seed / 3 % 4
    };
    let mut blocks = Vec::new();
    for (number, (heading, text)) in (1..).zip(sections) {
        if draft.broken_over_pages && heading.starts_with("Rent") {
            blocks.push(Block::Foot(1.2));
        }
        match way {
            0 => blocks.extend([
                Block::Heading(format!("{number}. {heading}")),
                Block::Paragraph(text),
            ]),
            1 => blocks.push(Block::Paragraph(format!(
                "*{number}. {}.* {text}",
                heading.to_uppercase()
            ))),
            2 => blocks.push(Block::Paragraph(format!("*\u{a7} {number} {heading}.* {text}"))),
            _ => blocks.extend([Block::Heading(heading), Block::Paragraph(text)]),
        }
    }
    blocks
}

fn title(draft: &Draft) -> String {
    let Voice { home, lease, .. } = &draft.voice;
    match draft.seed % 4 {
        0 => format!("Residential {lease}"),
        1 => format!("{home} {lease}").to_uppercase(),
        2 if !draft.terms.home.state.is_empty() => {
            format!("Residential {lease} - State of {}", draft.terms.home.state)
        }
        _ => lease.to_uppercase(),
    }
}

fn tenants(terms: &Terms) -> String {
    match terms.tenants.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Who agrees, and when.
fn preamble(draft: &Draft) -> String {
    let Draft { voice, terms, .. } = draft;
    let day = voice.day(terms.signed);
    let (landlord, tenants) = (voice.fill(&terms.landlord), voice.fill(&tenants(terms)));
    let text = if !draft.is_dated() {
        "This {A} is made between *{1}* (\"{L}\") and *{2}* (\"{T}\")."
    } else {
        voice.choose(&[
            "This {A} is made on {3} between {1} (\"{L}\") and {2} (\"{T}\").",
            "THIS {A}, dated {3}, is entered into by and between {1}, hereinafter called \"{L}\", and {2}, hereinafter called \"{T}\".",
            "On {3} {1}, as {L}, and {2}, as {T}, agree as follows.",
            "{1} (the \"{L}\") and {2} (the \"{T}\") conclude this {A} as of {3}.",
            "Date of this {A}: {3}. Parties: {1}, the {L}; {2}, the {T}.",
        ])
    };
    // Names come last: they may hold what reads like a sign.
    voice
        .say(text)
        .replace("{1}", &landlord)
        .replace("{2}", &tenants)
        .replace("{3}", &day)
}

/// What is let.
fn premises(draft: &Draft) -> String {
    let Draft { voice, terms, .. } = draft;
    let mut address = voice.fill(&voice.address(&terms.home));
    if !terms.home.building.is_empty() {
        address = format!("{address} ({})", terms.home.building);
    }
    voice
        .say(voice.choose(&[
            "{L} lets to {T} the residence located at {1}, together with its fixtures and appliances (the \"{H}\").",
            "The {H} is known as {1}.",
            "{L} rents to {T}, and {T} rents from {L}, the dwelling at {1}, for use as a home.",
            "In return for the rent and the promises stated here, {L} leases to {T} the premises at {1}.",
        ]))
        .replace("{1}", &address)
}

/// How long.
fn term(draft: &Draft) -> String {
    let Draft { voice, terms, .. } = draft;
    let begins = voice.day(terms.begins);
    let Some(ends) = terms.ends else {
        return voice
            .say("The tenancy begins on {1} and runs from month to month until either side ends it with thirty days' written notice.")
            .replace("{1}", &begins);
    };
    voice
        .say(voice.choose(&[
            "The term of this {A} begins on {1} and ends on {2}.",
            "This {A} is for a fixed term that commences {1} and expires {2} at noon.",
            "The {H} is let from {1} to {2}.",
            "Beginning date: {1}. Ending date: {2}. Without renewal the right to occupy ends on the latter day.",
        ]))
        .replace("{1}", &begins)
        .replace("{2}", &voice.day(ends))
}

/// The clauses that the seed chooses, in their usual order.
fn usual(draft: &Draft) -> Vec<Section> {
    let count = match draft.length {
        Length::Short => 5,
        Length::Usual => 14,
        Length::Long => CLAUSES.len(),
    };
    let mut chance = Chance::new(draft.seed ^ 0x00c1_a05e);
    let mut chosen: Vec<usize> = (0..CLAUSES.len()).collect();
    while chosen.len() > count {
        let at = chance.below(chosen.len() as u64);
        chosen.remove(usize::try_from(at).unwrap_or(0));
    }
    chosen
        .into_iter()
        .map(|at| {
            let (heading, wordings) = &CLAUSES[at];
            let text = chance.pick(wordings);
            section(
                draft.voice.say(heading).replace("{H}", draft.voice.home),
                draft.voice.say(text),
            )
        })
        .collect()
}

fn extras(draft: &Draft) -> Vec<Section> {
    draft
        .extras
        .iter()
        .map(|extra| {
            let (heading, text) = extra.clause(&draft.voice, &draft.terms);
            section(heading, text)
        })
        .collect()
}

fn rent(draft: &Draft) -> Vec<Section> {
    let text = draft.rent.sentence(&draft.voice, &draft.terms);
    if text.is_empty() {
        Vec::new()
    } else {
        vec![section(
            if draft.seed.is_multiple_of(3) {
                "Rent"
            } else {
                "Rent and Payment"
            },
            text,
        )]
    }
}

/// Sections on the home, the term, the rent and other charges, then the usual clauses; the rent now and then stands far
/// behind.
fn sections(draft: &Draft) -> Vec<Section> {
    let mut all = vec![
        section(draft.voice.home, premises(draft)),
        section("Term", term(draft)),
    ];
    let mut clauses = usual(draft);
    if draft.seed % 5 == 4 && clauses.len() > 8 {
        all.extend(clauses.drain(..6));
    }
    all.extend(rent(draft));
    all.extend(extras(draft));
    all.extend(clauses);
    all
}

fn closing(draft: &Draft) -> Vec<Block> {
    let text = draft.voice.choose(&[
        "By signing below each side confirms that it has read this {A} and has received a copy.",
        "Signed by both sides on the days written beside their names.",
        "IN WITNESS of which the sides have signed.",
        "Read before you sign. You are bound by what stands above.",
    ]);
    let mut blocks = vec![
        Block::Space(0.6),
        Block::Together(9.0),
        Block::Paragraph(draft.voice.say(text)),
    ];
    blocks.extend(draft.signatures());
    blocks
}

fn prose(draft: &Draft) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(draft)), Block::Paragraph(preamble(draft))];
    blocks.extend(numbered(draft, sections(draft)));
    blocks.extend(closing(draft));
    blocks
}

/// The parties, the home and the term as fields.
fn party_fields(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let home = &terms.home;
    let mut blocks = Vec::new();
    if draft.is_dated() {
        blocks.push(Block::field(
            voice.say("Date of {A}:"),
            voice.days.write(terms.signed),
        ));
    }
    blocks.push(Block::field(format!("{}:", voice.landlord), &terms.landlord));
    if terms.tenants.len() > 2 {
        for (number, name) in (1..).zip(&terms.tenants) {
            blocks.push(Block::field(format!("{} {number}:", voice.tenant), name));
        }
    } else {
        let label = if terms.tenants.len() > 1 {
            format!("{}(s):", voice.tenant)
        } else {
            format!("{}:", voice.tenant)
        };
        blocks.push(Block::field(label, tenants(terms)));
    }
    if !home.building.is_empty() {
        blocks.push(Block::field("Community:", &home.building));
    }
    if draft.seed.is_multiple_of(2) {
        let unit = home.unit.clone().unwrap_or_default();
        blocks.push(Block::Fields(vec![
            Field::new("Street Address:", voice.street(home), 0.72),
            Field::new("Unit:", unit, 0.28),
        ]));
        blocks.push(Block::Fields(vec![
            Field::new("City:", &home.city, 0.46),
            Field::new("State:", &home.state, 0.22),
            Field::new("ZIP:", &home.zip_code, 0.32),
        ]));
    } else {
        blocks.push(Block::field(voice.say("Address of {H}:"), voice.address(home)));
    }
    match terms.ends {
        Some(ends) => blocks.push(Block::Fields(vec![
            Field::new("Lease Begins:", voice.days.write(terms.begins), 0.5),
            Field::new("Lease Ends:", voice.days.write(ends), 0.5),
        ])),
        None => blocks.push(Block::Fields(vec![
            Field::new("Begins:", voice.days.write(terms.begins), 0.5),
            Field::new("Term:", "month to month", 0.5),
        ])),
    }
    blocks
}

/// The charges as fields.
fn charge_fields(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let rents = draft.rent.fields(voice, terms);
    let lines = rents
        .into_iter()
        .map(|(label, value)| (format!("{label}:"), value))
        .chain(
            draft
                .extras
                .iter()
                .filter_map(Extra::row)
                .map(|row| (format!("{}:", row.label), voice.money.write(row.amount))),
        );
    lines.map(|(label, value)| Block::field(label, value)).collect()
}

/// The extras that have no line in a table.
fn extras_in_words(draft: &Draft) -> Vec<Section> {
    draft
        .extras
        .iter()
        .filter(|extra| extra.row().is_none())
        .map(|extra| {
            let (heading, text) = extra.clause(&draft.voice, &draft.terms);
            section(heading, text)
        })
        .collect()
}

fn form(draft: &Draft) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(draft)), Block::Rule];
    blocks.extend(party_fields(draft));
    blocks.extend(charge_fields(draft));
    if let RentSaid::As(_) = draft.rent {
        blocks.push(Block::Paragraph(draft.rent.sentence(&draft.voice, &draft.terms)));
    }
    blocks.push(Block::Space(0.8));
    blocks.push(Block::Heading("Conditions".to_owned()));
    let mut all = extras_in_words(draft);
    all.extend(usual(draft));
    blocks.extend(numbered(draft, all));
    blocks.extend(closing(draft));
    blocks
}

fn charges(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let mut rows = vec![vec!["Charge".to_owned(), "Amount".to_owned(), "Due".to_owned()]];
    for (label, value) in draft.rent.fields(voice, terms) {
        rows.push(vec![label.to_owned(), value, "1st of each month".to_owned()]);
    }
    for row in draft.extras.iter().filter_map(Extra::row) {
        rows.push(vec![
            row.label.to_owned(),
            voice.money.write(row.amount),
            row.due.to_owned(),
        ]);
    }
    let mut blocks = vec![
        Block::Title(title(draft)),
        Block::Paragraph(preamble(draft)),
        Block::Paragraph(premises(draft)),
        Block::Paragraph(term(draft)),
        Block::Heading("Schedule of Charges".to_owned()),
        Block::Table {
            shares: vec![0.46, 0.26, 0.28],
            head: true,
            ruled: draft.seed % 3 != 1,
            rows,
        },
        Block::Paragraph(
            voice.say("Payments go to {L} at the office of the community or through the resident portal."),
        ),
    ];
    if let RentSaid::As(_) = draft.rent {
        blocks.push(Block::Paragraph(draft.rent.sentence(voice, terms)));
    }
    let mut all = extras_in_words(draft);
    all.extend(usual(draft));
    blocks.extend(numbered(draft, all));
    blocks.extend(closing(draft));
    blocks
}

fn columns(draft: &Draft) -> Vec<Block> {
    let mut blocks = vec![
        Block::Title(title(draft)),
        Block::Paragraph(preamble(draft)),
        Block::Columns(2),
    ];
    blocks.extend(numbered(draft, sections(draft)));
    blocks.push(Block::Columns(1));
    blocks.extend(closing(draft));
    blocks
}

fn cover_sheet(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let mut rows = vec![
        vec![voice.landlord.to_owned(), terms.landlord.clone()],
        vec![
            if terms.tenants.len() > 1 {
                format!("{}s", voice.tenant)
            } else {
                voice.tenant.to_owned()
            },
            tenants(terms),
        ],
        vec![voice.home.to_owned(), voice.address(&terms.home)],
        vec!["Start date".to_owned(), voice.days.write(terms.begins)],
        vec![
            "End date".to_owned(),
            terms
                .ends
                .map_or_else(|| "month to month".to_owned(), |ends| voice.days.write(ends)),
        ],
    ];
    if draft.is_dated() {
        rows.insert(0, vec![voice.say("{A} date"), voice.days.write(terms.signed)]);
    }
    for (label, value) in draft.rent.fields(voice, terms) {
        rows.push(vec![label.to_owned(), value]);
    }
    for row in draft.extras.iter().filter_map(Extra::row) {
        rows.push(vec![row.label.to_owned(), voice.money.write(row.amount)]);
    }
    let mut blocks = vec![
        Block::Title(voice.say("{A} Summary")),
        Block::Centred(terms.home.building.clone()),
        Block::Table {
            shares: vec![0.36, 0.64],
            head: false,
            ruled: true,
            rows,
        },
        Block::Paragraph(voice.say(
            "This sheet sums up what the pages behind it say. If the two differ, the conditions on the following pages prevail.",
        )),
        Block::NewPage,
        Block::Title("Terms and Conditions".to_owned()),
    ];
    let mut all = vec![section(
        "Parties",
        voice.say("The sides, the {H} and the term are those named on the summary sheet."),
    )];
    all.extend(rent(draft));
    all.extend(extras_in_words(draft));
    all.extend(usual(draft));
    blocks.extend(numbered(draft, all));
    blocks.extend(closing(draft));
    blocks
}

fn dense_form(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let fill = |value: &str| format!("[\u{a0}{value}\u{a0}]");
    let mut blocks = vec![
        Block::Title(title(draft)),
        Block::Centred("This is a binding contract. Read carefully before signing.".to_owned()),
        Block::Bar("Moving In - General Information".to_owned()),
    ];
    let mut parties = String::new();
    if draft.is_dated() {
        parties = format!(
            "Date of {}: {} ",
            voice.lease,
            fill(&voice.days.write(terms.signed))
        );
    }
    blocks.push(Block::Paragraph(format!(
        "*1. PARTIES.* {parties}This {} is between you, the {}(s): {} and us, the {}: {}.",
        voice.lease,
        voice.tenant.to_lowercase(),
        fill(&tenants(terms)),
        voice.landlord.to_lowercase(),
        fill(&terms.landlord),
    )));
    let home = &terms.home;
    blocks.push(Block::Paragraph(format!(
        "*2. DWELLING.* You are renting Unit No. {} at {} in {}, {}, {}.{}",
        home.unit.as_ref().map_or_else(|| fill("n/a"), |unit| fill(unit)),
        fill(&voice.street(home)),
        fill(&home.city),
        fill(&home.state),
        fill(&home.zip_code),
        if home.building.is_empty() {
            String::new()
        } else {
            format!(" Name of community: {}.", fill(&home.building))
        },
    )));
    blocks.push(Block::Paragraph(match terms.ends {
        Some(ends) => format!(
            "*3. TERM.* The initial term begins on {} and ends at 11:59 p.m. on {}.",
            fill(&voice.days.write(terms.begins)),
            fill(&voice.days.write(ends))
        ),
        None => format!(
            "*3. TERM.* Month to month, beginning on {}.",
            fill(&voice.days.write(terms.begins))
        ),
    }));
    blocks.push(Block::Bar("Rent and Charges".to_owned()));
    let mut number = 4;
    let sentence = match &draft.rent {
        RentSaid::Digits | RentSaid::Misread(_) | RentSaid::Blank => draft
            .rent
            .fields(voice, terms)
            .first()
            .map(|(_, value)| {
                let value = if value.is_empty() { format!("${}", crate::rent::BLANK) } else { fill(value) };
                voice
                    .choose(&[
                        "You will pay {1} per month for rent, in advance and without demand, on or before the 1st day of each month.",
                        "The monthly rent for the dwelling is {1}, due on the 1st with no grace period other than the one stated below.",
                        "Base rent: {1} per month, payable at the management office or online.",
                    ])
                    .replace("{1}", &value)
            })
            .unwrap_or_default(),
        other => other.sentence(voice, terms),
    };
    if !sentence.is_empty() {
        blocks.push(Block::Paragraph(format!("*{number}. RENT.* {sentence}")));
        number += 1;
    }
    let mut ticks = Chance::new(draft.seed);
    for extra in &draft.extras {
        let (heading, text) = extra.clause(voice, terms);
        blocks.push(Block::Paragraph(format!(
            "*{number}. {}.* {text}",
            heading.to_uppercase()
        )));
        number += 1;
    }
    blocks.push(Block::Bar("Utilities and Services Included".to_owned()));
    for (included, what) in [
        (true, "Trash removal"),
        (ticks.below(2) == 0, "Water and sewer"),
        (false, "Electricity"),
        (ticks.below(2) == 0, "Internet"),
    ] {
        blocks.push(Block::Choice {
            ticked: included,
            text: what.to_owned(),
        });
    }
    blocks.push(Block::Bar("While You Are Living Here".to_owned()));
    blocks.push(Block::Columns(2));
    for (heading, text) in usual(draft) {
        blocks.push(Block::Paragraph(format!(
            "*{number}. {}.* {text}",
            heading.to_uppercase()
        )));
        number += 1;
    }
    blocks.extend([
        Block::Columns(1),
        Block::Together(11.0),
        Block::Bar("Signatures".to_owned()),
    ]);
    blocks.extend(closing(draft));
    blocks
}

fn roommates(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let mut blocks = vec![
        Block::Title(title(draft)),
        Block::Paragraph(preamble(draft)),
        Block::Paragraph(voice.say("Each person named above as {T} is answerable for the whole rent and for every duty in this {A}, whatever they agree among themselves.")),
    ];
    blocks.extend(numbered(draft, sections(draft)));
    blocks.push(Block::Heading("How the Roommates Share".to_owned()));
    blocks.push(Block::Paragraph(voice.say(
        "For their own convenience the roommates intend to divide the payments as follows. {L} is not bound by it and may ask any of them for the whole.",
    )));
    let count = u32::try_from(terms.tenants.len()).unwrap_or(1).max(1);
    let mut rows = vec![vec![
        "Roommate".to_owned(),
        "Room".to_owned(),
        "Share of rent".to_owned(),
    ]];
    for (room, name) in (1..).zip(&terms.tenants) {
        let share = Amount::from(terms.rent).share(1, count);
        rows.push(vec![
            name.clone(),
            format!("Bedroom {room}"),
            voice.money.write(share),
        ]);
    }
    blocks.push(Block::Table {
        shares: vec![0.44, 0.28, 0.28],
        head: true,
        ruled: true,
        rows,
    });
    blocks.extend(closing(draft));
    blocks
}

fn month_to_month(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let mut blocks = vec![Block::Title("Month-to-Month Rental Agreement".to_owned())];
    if draft.is_dated() {
        blocks.push(Block::Paragraph(format!("Date: {}", voice.day(terms.signed))));
    }
    blocks.push(Block::Paragraph(
        voice
            .say("{2} (\"{T}\") rents from {1} (\"{L}\") the home at {3}.")
            .replace("{1}", &voice.fill(&terms.landlord))
            .replace("{2}", &voice.fill(&tenants(terms)))
            .replace("{3}", &voice.fill(&voice.address(&terms.home))),
    ));
    blocks.push(Block::Paragraph(term(draft)));
    let sentence = draft.rent.sentence(voice, terms);
    if !sentence.is_empty() {
        blocks.push(Block::Paragraph(sentence));
    }
    for (_, text) in extras(draft) {
        blocks.push(Block::Paragraph(text));
    }
    for (_, text) in usual(draft).into_iter().take(4) {
        blocks.push(Block::Paragraph(text));
    }
    blocks.extend(closing(draft));
    blocks
}

fn subsidised(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let share = Amount::from(terms.rent).share(31, 100);
    let rest = Amount::cents(Amount::from(terms.rent).hundredths() - share.hundredths());
    let mut blocks = vec![
        Block::Title("Model Lease for Subsidized Housing".to_owned()),
        Block::Paragraph(preamble(draft)),
        Block::Paragraph(premises(draft)),
        Block::Paragraph(term(draft)),
        Block::Heading("Rent and Housing Assistance".to_owned()),
        Block::Table {
            shares: vec![0.66, 0.34],
            head: true,
            ruled: true,
            rows: vec![
                vec!["Per month".to_owned(), "Amount".to_owned()],
                vec!["Contract rent for the unit".to_owned(), voice.money.write(terms.rent.into())],
                vec!["Housing assistance payment to the owner".to_owned(), voice.money.write(rest)],
                vec!["Tenant rent (the tenant's share)".to_owned(), voice.money.write(share)],
            ],
        },
        Block::Paragraph(
            voice
                .say("{T} pays {1} per month as tenant rent. The housing authority pays the balance directly to {L}; {T} is not liable for it. The share of {T} may change when income or family size changes.")
                .replace("{1}", &voice.money(share)),
        ),
    ];
    let mut all = extras(draft);
    all.extend(usual(draft));
    blocks.extend(numbered(draft, all));
    blocks.extend(closing(draft));
    blocks
}

fn addenda(draft: &Draft) -> Vec<Block> {
    let Draft { voice, terms, .. } = draft;
    let mut body = vec![section(voice.home, premises(draft)), section("Term", term(draft))];
    body.extend(rent(draft));
    let (first, rest) = draft.extras.split_at(draft.extras.len().min(2));
    let clause = |extra: &Extra| {
        let (heading, text) = extra.clause(voice, terms);
        section(heading, text)
    };
    body.extend(first.iter().map(clause));
    body.extend(usual(draft));
    let mut blocks = vec![Block::Title(title(draft)), Block::Paragraph(preamble(draft))];
    blocks.extend(numbered(draft, body));
    blocks.extend(closing(draft));
    for (letter, extra) in ('A'..='Z').zip(rest) {
        let (heading, text) = clause(extra);
        blocks.push(Block::NewPage);
        blocks.push(Block::Title(format!("Addendum {letter}: {heading}")));
        blocks.push(Block::Paragraph(
            voice
                .say("This addendum is a part of the {A} for {1}.")
                .replace("{1}", &voice.address(&terms.home)),
        ));
        blocks.push(Block::Paragraph(text));
        blocks.push(Block::Paragraph(voice.say(
            "All other conditions of the {A} stay in force. If this addendum and the {A} differ, this addendum prevails on its own subject only.",
        )));
        blocks.extend(draft.signatures());
    }
    blocks
}
