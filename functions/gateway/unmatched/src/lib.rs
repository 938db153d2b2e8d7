#![doc = include_str!("../README.md")]

mod routes;

use std::sync::Arc;

use axum::extract::State;
use axum::{Json, Router};
use http::{Method, Uri};
use runtime::{ConfigError, Runtime};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;
use web::{Problem, openapi};

use crate::routes::Routes;

/// The document of the whole API.
const DOCUMENT: &str = include_str!("../../../../infra/openapi.json");

fn router_and_document() -> OpenApiRouter<Arc<Routes>> {
    OpenApiRouter::new().routes(paths!(health))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if the document of the API cannot be read.
pub fn router(_: &Runtime) -> Result<Router, ConfigError> {
    let routes = Routes::of(DOCUMENT).map_err(|error| ConfigError::Invalid {
        name: "infra/openapi.json".to_owned(),
        reason: error.to_string(),
    })?;
    let router: Router<Arc<Routes>> = router_and_document().into();
    let router = router
        .fallback(unmatched)
        .method_not_allowed_fallback(unmatched)
        .with_state(Arc::new(routes));
    Ok(web::serve::in_frame(router, None))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    router_and_document().into_openapi()
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Whether the service answers at all.
#[utoipa::path(
    get, path = "/api/health", tag = "operations", operation_id = "health",
    responses((status = 200, description = "It does", body = Health), openapi::Faults),
)]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

async fn unmatched(State(routes): State<Arc<Routes>>, method: Method, uri: Uri) -> Problem {
    match routes.methods_of(uri.path()) {
        Some(methods) if !methods.contains(&method.as_str().to_owned()) => {
            Problem::method_not_allowed(&methods.join(", "))
        }
        _ => Problem::not_found("path"),
    }
}
