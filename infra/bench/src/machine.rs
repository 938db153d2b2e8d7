//! The machine that was measured on: figures mean little without it.

use std::fs;
use std::process::Command;

/// One line for each fact.
pub(crate) fn facts(profile: &str) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<_> = load.split(' ').take(3).collect();
    vec![
        format!("{cores} × {}", processor()),
        format!("load before the run: {}", load.join(" ")),
        version("uname", "-sr"),
        version("rustc", "--version"),
        format!("node {}", version("node", "--version")),
        format!("cargo profile `{profile}`"),
    ]
}

fn processor() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    model(&information).unwrap_or(std::env::consts::ARCH).to_owned()
}

/// The processor's name in the kernel's account of it.
fn model(information: &str) -> Option<&str> {
    let line = information.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim())
}

/// What a program says of its version; that it is not there, if it is not.
fn version(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or_else(
        |_| format!("no {program}"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_as_the_kernel_names_it() {
        let information = "processor\t: 0\nmodel name\t: Quick One @ 3.0 GHz\nflags\t: fpu\n";
        assert_eq!(model(information), Some("Quick One @ 3.0 GHz"));
        assert_eq!(model("processor\t: 0\n"), None);
    }
}
