//! Any bytes as a file that arrived.

#![no_main]

#[path = "../../functions/leases/lease-ocr/src/file/mod.rs"]
mod file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Which kind or which reason does not matter here: that there is one does.
    let _ = file::inspect(bytes);
});
