//! Listings by place, and one by its id.
