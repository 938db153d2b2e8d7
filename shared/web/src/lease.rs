//! The verification of a lease, as its renter and its reviewer see it.

use domain::Rent;
use domain::lease::{Evidence, Reason, Tier, VerificationStatus};
use serde::Serialize;
use table::verification::Verification;
use utoipa::ToSchema;

/// The verification of a lease. Amounts are in dollars.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeaseVerification {
    /// Its id.
    id: String,
    /// The purchase.
    purchase_id: String,
    /// The listing.
    property_id: String,
    /// Where it stands.
    #[schema(value_type = LeaseStatus)]
    status: VerificationStatus,
    /// The rent in the lease, once it is decided.
    #[schema(value_type = Option<f64>)]
    final_rent: Option<Rent>,
    /// What it earns.
    #[schema(value_type = Option<LeaseTier>)]
    tier: Option<Tier>,
    /// What is saved in a month; 0 if nothing is.
    actual_savings: Option<f64>,
    /// What is saved in a year.
    annual_savings: Option<f64>,
    /// What goes back: what the lease earns, and once it is settled what was given back.
    refund_amount: f64,
    /// The share of what was paid, in percent.
    refund_percentage: u8,
    /// Why a person has to look at it, or why it was turned away.
    reasons: Vec<LeaseReason>,
    /// What was found in the lease, once it was read and while it is kept.
    #[schema(value_type = Option<LeaseEvidence>)]
    evidence: Option<Evidence>,
    /// Until when the file may be sent.
    #[schema(format = DateTime)]
    upload_until: String,
    /// When it was decided.
    #[schema(format = DateTime)]
    decided_at: Option<String>,
}

/// A reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaseReason {
    /// What it is called.
    #[schema(value_type = String)]
    code: Reason,
    /// What it means, and what to do.
    detail: &'static str,
}

/// Where a verification stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes `domain::lease::VerificationStatus`, which knows nothing of OpenAPI"
)]
enum LeaseStatus {
    AwaitingUpload,
    Processing,
    Verified,
    NeedsReview,
    Rejected,
    RefundPending,
    Refunded,
    RefundFailed,
}

/// What a rent earns.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes `domain::lease::Tier`, which knows nothing of OpenAPI"
)]
enum LeaseTier {
    Gold,
    Silver,
    Bronze,
    AccuracyBonus,
    None,
}

/// What was found in a lease, each with its place.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "describes `domain::lease::Evidence`, which knows nothing of OpenAPI"
)]
struct LeaseEvidence {
    /// Candidates for the monthly rent, the likeliest first.
    rents: Vec<LeaseFinding>,
    /// Amounts that are something else.
    set_aside: Vec<AmountSetAside>,
    /// What keeps a machine from deciding.
    doubts: Vec<LeaseFinding>,
    /// The tenants.
    tenants: Vec<LeaseFinding>,
    /// The landlords.
    landlords: Vec<LeaseFinding>,
    /// The address of what is let.
    addresses: Vec<LeaseFinding>,
    /// The days on which it is dated or signed.
    dated: Vec<LeaseFinding>,
    /// The first day of the term.
    begins: Vec<LeaseFinding>,
    /// The last day of the term.
    ends: Vec<LeaseFinding>,
    /// The signatures.
    signatures: Vec<LeaseFinding>,
}

/// An amount that is not the rent.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes `domain::lease::SetAside`, which knows nothing of OpenAPI"
)]
struct AmountSetAside {
    /// What it is.
    charge: String,
    /// The amount.
    amount: LeaseFinding,
}

/// Something that was found, and where.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "describes `domain::lease::Finding`, which knows nothing of OpenAPI"
)]
struct LeaseFinding {
    /// What it says: an amount, a text, a day, a reason or a signature.
    #[schema(value_type = serde_json::Value)]
    value: (),
    /// The page, from 1.
    page: u16,
    /// Where on the page.
    bounds: LeaseBounds,
    /// The words around it.
    text: String,
    /// How sure the reading is, in percent.
    confidence: f32,
    /// How it was found.
    found_by: String,
}

/// A place on a page, as shares of its width and height.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes `domain::lease::Bounds`, which knows nothing of OpenAPI"
)]
struct LeaseBounds {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl LeaseVerification {
    /// A verification, with what was found.
    #[must_use]
    pub fn of(verification: &Verification, evidence: Option<Evidence>) -> Self {
        let saving = verification.saving().map(|saving| dollars(saving.max(0)));
        let back = verification.given_back.unwrap_or(verification.refund_due);
        Self {
            id: verification.id.to_string(),
            purchase_id: verification.purchase.to_string(),
            property_id: verification.listing.to_string(),
            status: verification.status,
            final_rent: verification.rent,
            tier: verification.tier,
            actual_savings: saving,
            annual_savings: saving.map(|saving| (saving * 1200.0).round() / 100.0),
            refund_amount: dollars(back.get().into()),
            refund_percentage: verification.tier.map_or(0, Tier::percent),
            reasons: verification
                .reasons
                .iter()
                .copied()
                .map(LeaseReason::of)
                .collect(),
            evidence,
            upload_until: verification.upload_until.to_string(),
            decided_at: verification.decided_at.map(|at| at.to_string()),
        }
    }
}

impl LeaseReason {
    /// A reason, with its sentence.
    #[must_use]
    pub fn of(code: Reason) -> Self {
        Self {
            code,
            detail: code.sentence(),
        }
    }
}

/// Hundredths of a dollar in dollars.
#[expect(
    clippy::cast_precision_loss,
    reason = "rents and prices are far below what a double holds exactly"
)]
fn dollars(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}
