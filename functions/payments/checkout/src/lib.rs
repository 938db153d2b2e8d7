//! Sends a buyer to Stripe Checkout.
