//! Answers what no route matches, and the health check.

fn main() {}
