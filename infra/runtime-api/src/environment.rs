//! What a process finds in its environment on Lambda
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::Function;

/// Where a process leaves what a measurement of coverage counts. Not Lambda's; only set while coverage is measured.
const COVERAGE: &str = "LLVM_PROFILE_FILE";

/// The variables of a function's process, with those that Lambda sets by itself. Lambda lets nobody set these.
pub(crate) fn of(function: &Function, server: SocketAddr) -> BTreeMap<String, String> {
    let given = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", server.to_string()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
    ];
    let coverage = std::env::var(COVERAGE).ok();
    let own = function.variables.clone();
    own.into_iter()
        .chain(coverage.map(|file| (COVERAGE.to_owned(), file)))
        .chain(given.map(|(name, value)| (name.to_owned(), value)))
        .collect()
}
