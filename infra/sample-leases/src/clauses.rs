//! What leases say beside money: clauses of our own writing, each in two wordings, with no amount in any.
//!
//! `{L}` is the landlord, `{T}` the tenant, `{H}` the home and `{A}` the lease, by the names that a document gives them.

/// A heading and two ways to say the same.
pub(crate) type Clause = (&'static str, [&'static str; 2]);

pub(crate) const CLAUSES: [Clause; 34] = [
    (
        "Use of the Home",
        [
            "The {H} is let as a private residence for the {T} and the people named in this {A}, and for nothing else. No trade or business that brings customers to the door may be run from it.",
            "{T} may live in the {H} and use it as a home only. Working at a desk is living; receiving clients, storing goods for sale or letting rooms to travelers is not, and needs the written consent of {L}.",
        ],
    ),
    (
        "Occupants and Guests",
        [
            "Only the {T} and the occupants listed above may live in the {H}. A guest who stays longer than fourteen nights in any six months counts as an occupant and needs the written consent of the {L}.",
            "Guests are welcome. Whoever sleeps in the {H} for more than ten nights running, or more than twenty nights in one calendar year, is no longer a guest, and {T} must ask {L} before that happens.",
        ],
    ),
    (
        "Condition at Move-In",
        [
            "The {T} has looked at the {H} and takes it as it stands, apart from what is written in the move-in inventory. Whoever finds a defect within three days after moving in adds it to the inventory, and both sides sign it.",
            "An inventory of the {H} is filled in on the day the keys are handed over. What is noted there was there before {T} came; what is not noted is taken to be in good order.",
        ],
    ),
    (
        "Utilities",
        [
            "The {T} puts electricity, gas and internet service in the {T}'s own name before moving in and keeps them running until the end. Water, sewer and refuse collection are provided by the {L}.",
            "Water, sewer service and trash removal are provided by {L}. Everything else that is metered to the {H} is ordered and paid for by {T}, who keeps the heat high enough that pipes do not freeze.",
        ],
    ),
    (
        "Care of the Home",
        [
            "The {T} keeps the {H} clean, uses the fixtures as they are meant to be used, changes light bulbs and the batteries of detectors, and tells the {L} without delay of leaks, mold or anything that may do harm.",
            "{T} shall keep floors, windows, appliances and drains clean, carry refuse to the containers, and report at once whatever drips, sparks, smells of gas or grows mold. Silence makes damage worse, and {T} answers for what silence has made worse.",
        ],
    ),
    (
        "Repairs",
        [
            "The {L} keeps the roof, the walls, plumbing, heating and the electrical system in working order and begins necessary repairs within a reasonable time after hearing of them. Damage done by the {T} or by guests is repaired at the cost of the {T}.",
            "Repairs that wear and age make necessary are the affair of {L}. Requests are made in writing or through the resident portal; for water, fire, gas or a door that does not lock, the emergency line is called at any hour.",
        ],
    ),
    (
        "Alterations",
        [
            "Without written consent the {T} may not paint, paper, drill beyond picture hooks, change locks or attach anything to the outside of the building. What is attached stays with the {H} unless the {L} asks for it to be removed.",
            "{T} makes no alteration that cannot be undone in an afternoon. Shelves, satellite dishes, extra locks and paint need permission beforehand, and the {H} is put back as it was when {T} leaves.",
        ],
    ),
    (
        "Right of Entry",
        [
            "The {L} may enter the {H} after at least twenty-four hours' notice, at reasonable times, to inspect, to repair, or to show it to people who may rent or buy it. In an emergency no notice is needed.",
            "Except where life or property is in danger, {L} announces each visit a day ahead and says what it is for. {T} may be present and may not refuse without reason.",
        ],
    ),
    (
        "Quiet Enjoyment",
        [
            "So long as the {T} keeps this {A}, the {L} leaves the {T} in undisturbed possession of the {H}.",
            "{L} promises that {T}, keeping the promises made here, shall have the {H} in peace and without interference by {L} or by anyone who claims through {L}.",
        ],
    ),
    (
        "Noise and Neighbors",
        [
            "Between ten at night and eight in the morning nothing may be heard outside the {H}. Complaints of neighbors that prove right, more than twice in three months, are a breach of this {A}.",
            "Music, instruments, appliances and voices are kept at a level that neighbors do not hear through walls, at night above all. {T} answers for guests as for {T}'s own conduct.",
        ],
    ),
    (
        "Smoking",
        [
            "Nobody smokes or vapes in the {H}, on its balcony, in stairways or within twenty-five feet of a door or window of the building.",
            "The building is free of smoke. This includes tobacco, electronic cigarettes and anything else that is burned and inhaled, and it applies to guests.",
        ],
    ),
    (
        "Assignment and Subletting",
        [
            "The {T} may not assign this {A} or sublet the {H}, or any part of it, without the written consent of the {L}, which shall not be withheld without reason. Short stays through booking sites are subletting.",
            "{T} does not hand the {H} on to others. A replacement tenant who passes the same screening may be proposed, and {L} answers within ten days; until then {T} stays bound.",
        ],
    ),
    (
        "Default",
        [
            "If the {T} does not pay when due, or breaks another promise of this {A} and does not put it right within the time that the law gives after written notice, the {L} may end this {A} and recover possession by the procedure that the law provides.",
            "A breach is first named in writing. If {T} has not cured it when the notice runs out, {L} may go to court for possession and for what is owed. {L} does not lock out, shut off service or remove belongings by {L}'s own hand.",
        ],
    ),
    (
        "End of the Term",
        [
            "At the end of the term the {T} returns the {H} empty, swept and in the condition in which it was received, reasonable wear excepted, together with all keys, cards and remote controls.",
            "On the last day {T} leaves the {H} clean and empty by noon, gives back every key and leaves an address to which mail and accounts can be sent. Wear from ordinary living is not damage.",
        ],
    ),
    (
        "Renewal",
        [
            "Unless one side tells the other in writing at least sixty days before the term ends that it does not wish to go on, this {A} continues from month to month on the same conditions until either side ends it with thirty days' notice.",
            "This {A} ends on the last day of its term without further notice. Whoever wants a new one speaks up two months before; staying on with the consent of {L} makes a tenancy from month to month.",
        ],
    ),
    (
        "Holding Over",
        [
            "A {T} who stays after the term without consent occupies the {H} as a tenant at sufferance and owes reasonable compensation for each day, along with what the delay costs the {L}.",
            "Staying past the last day without agreement delays whoever comes next. {T} then answers for the loss, day by day, until the {H} is returned.",
        ],
    ),
    (
        "Insurance",
        [
            "The insurance of the {L} does not cover the belongings of the {T}. The {T} is advised to carry renter's insurance and, where the {L} requires it, shows proof before moving in.",
            "Whatever {T} brings into the {H} is at {T}'s own risk. A renter's policy costs little and is strongly recommended; {L} may ask once a year whether one is in force.",
        ],
    ),
    (
        "Liability",
        [
            "The {L} is not liable for loss or injury in or about the {H} unless it comes from the {L}'s own negligence or failure to do what the law requires.",
            "Each side answers for its own negligence. Nothing in this {A} frees {L} from a duty that the law does not allow to be waived.",
        ],
    ),
    (
        "Fire and Casualty",
        [
            "If fire or another casualty makes the {H} unfit to live in, either side may end this {A} by written notice, and what was paid ahead for the time afterwards is returned. If only a part is unfit, payment is reduced in proportion until it is restored.",
            "When the {H} burns, floods or is otherwise made uninhabitable through no fault of {T}, the duty to pay stops on that day. {L} says within two weeks whether the {H} will be restored, and {T} may leave or wait.",
        ],
    ),
    (
        "Detectors",
        [
            "Smoke and carbon monoxide detectors were tested on the day of moving in. The {T} tests them once a month and never disconnects them.",
            "The {H} has working smoke detectors on each floor. {T} replaces batteries and tells {L} of a detector that fails; taking one down puts lives at risk and breaches this {A}.",
        ],
    ),
    (
        "Keys and Locks",
        [
            "The {T} receives the keys listed in the inventory. Locks are changed only by the {L}; a lost key is reported on the same day.",
            "Keys may not be copied. If one is lost, {T} says so at once and {L} decides whether the cylinder has to be exchanged.",
        ],
    ),
    (
        "Common Areas",
        [
            "Stairs, corridors, laundry rooms and lawns are shared. Nothing may be left standing in them, and the rules that are posted there are part of this {A}.",
            "Amenities such as the gym and the pool are offered as they are, at the hours posted, and may be closed for maintenance without a claim on either side.",
        ],
    ),
    (
        "Vehicles",
        [
            "Cars are parked only where the {L} has marked spaces for residents. Vehicles that do not run, are not registered or block a way are towed at their owner's expense after notice.",
            "Repairs of vehicles, oil changes and car washing are not done on the lot. Trailers, boats and campers need permission.",
        ],
    ),
    (
        "Animals",
        [
            "No animal may be kept in the {H}, not even for a visit, unless an addendum to this {A} allows it. Assistance animals are admitted as the law requires and are not pets.",
            "Animals need written permission beforehand. Where an animal helps a person with a disability, {L} makes the accommodation that the law asks for.",
        ],
    ),
    (
        "Pests",
        [
            "The {T} has not brought and will not knowingly bring pests into the {H}, reports their signs within two days and prepares rooms for treatment as instructed.",
            "Bed bugs, roaches and rodents are reported when first seen. {L} arranges treatment; {T} opens rooms, launders bedding and follows the instructions of whoever treats.",
        ],
    ),
    (
        "Lead-Based Paint",
        [
            "Housing built before 1978 may contain paint with lead. The {L} knows of none in the {H} beyond what is stated in the disclosure attached, and the {T} has received the pamphlet that the government publishes on the matter.",
            "{L} has no report of lead-based paint in the {H}. {T} confirms having received the booklet on lead in the home before signing.",
        ],
    ),
    (
        "Abandonment",
        [
            "If the {T} leaves the {H} for more than fifteen days while something is owed and without telling the {L}, the {L} may take the {H} to be abandoned and proceed as the law allows.",
            "Long absences are announced. An empty {H}, unanswered notices and an open account together are signs of abandonment, and {L} may then enter and secure it.",
        ],
    ),
    (
        "Notices",
        [
            "Notices are given in writing and delivered by hand, by mail or through the resident portal: to the {T} at the {H}, to the {L} at the address stated in this {A}.",
            "A notice counts when it is handed over, posted on the door and mailed, or sent to the electronic address that a side has named for the purpose.",
        ],
    ),
    (
        "Joint Responsibility",
        [
            "If more than one person signs as {T}, each is answerable for the whole of what is owed and for all conduct, not only for a part.",
            "Everyone who signs as {T} is bound for everything, together and alone. What is said to one of them is said to all.",
        ],
    ),
    (
        "Military Service",
        [
            "A {T} who enters military service or receives orders to move may end this {A} as federal law provides, by written notice with a copy of the orders.",
            "Members of the armed forces keep all rights that federal and state law give them to end this {A} early.",
        ],
    ),
    (
        "Sale of the Property",
        [
            "If the property is sold, this {A} goes on with the new owner, and deposits pass to that owner together with written notice to the {T}.",
            "A sale does not end this {A}. {T} will be told in writing who the new owner is and where to send payments.",
        ],
    ),
    (
        "Severability",
        [
            "If a part of this {A} is not valid under the law, the rest stays in force.",
            "A sentence that a court strikes out takes nothing else with it.",
        ],
    ),
    (
        "Governing Law",
        [
            "The law of the state in which the {H} lies governs this {A}. Rights that this law gives to tenants and that cannot be waived are not waived here.",
            "This {A} is read under the law of the state where the {H} stands, and disputes go to the courts of its county.",
        ],
    ),
    (
        "Entire Agreement",
        [
            "This {A} with its addenda is all that was agreed. Changes are made in writing and signed by both sides.",
            "Nothing that was said before signing counts unless it stands here. Later changes need ink from both sides.",
        ],
    ),
];
