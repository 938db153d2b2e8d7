//! Sends a buyer to Stripe Checkout.

fn main() {}
