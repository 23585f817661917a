//! A definition file: whoever wrote it gets lines and fixes, and the server stays up.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::catalog::check_text;

fuzz_target!(|text: &str| {
    let lines = text.matches('\n').count() + 1;
    for problem in check_text("acme.toml", text) {
        assert!((1..=lines).contains(&problem.line), "{problem}");
    }
});
