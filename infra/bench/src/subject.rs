//! What is measured.

/// A program on the Runtime API.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) function: runtime_api::Function,
    /// The payload that it is invoked with.
    pub(crate) payload: String,
    /// What is deployed, in bytes, if it is one file.
    pub(crate) size: Option<Size>,
}

/// The size of a file, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// As it lies there.
    pub(crate) file: u64,
    /// Of a zip file with it alone.
    pub(crate) zip: u64,
}

/// What a program is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The least there can be.
    Hello,
    /// A function that talks to Stripe, or one that does not.
    Ours {
        /// Whether it does.
        stripe: bool,
    },
    /// A Node handler.
    Node,
}
