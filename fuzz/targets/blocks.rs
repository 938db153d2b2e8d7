//! Any blocks as a document.

#![no_main]

libfuzzer_sys::fuzz_target!(|graph: fuzz::Graph| fuzz::hold(graph.blocks()));
