//! Believes Stripe's signed events and moves purchases.

fn main() {}
