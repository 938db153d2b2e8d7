//! Sign up, sign in, sign out, who am I, my sessions.

fn main() {}
