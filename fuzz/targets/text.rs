//! Any text as a document, its seeds the sample leases.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::hold(fuzz::blocks(text)));
