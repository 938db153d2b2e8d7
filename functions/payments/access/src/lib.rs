//! What the caller has bought and may see.
