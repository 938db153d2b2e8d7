//! Listings by place, and one by its id.

fn main() {}
