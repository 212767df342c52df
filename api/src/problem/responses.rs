//! Problems in the OpenAPI document: each route names those that it may answer with.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, Type,
    path::Operation, schema::AllOfBuilder,
};

use super::Code;

/// What any request to any route may be answered with.
pub const COMMON: &[Code] = &[
    Code::InvalidRequest,
    Code::UnknownHost,
    Code::CrossOrigin,
    Code::UnsupportedMediaType,
    Code::Internal,
    Code::Unavailable,
    Code::TooManyConnections,
];

/// What is refused before any route is asked.
pub const PROTOCOL: &[Code] =
    &[Code::InvalidRequest, Code::UnknownHost, Code::CrossOrigin, Code::UnsupportedMediaType];

/// What stands between codes in the name of a response that may have any of them.
const OR: char = '-';

const PREFIX: &str = "#/components/responses/";

/// Names the problems that a route answers with beside those of every route; or of a route that says how the process is, which
/// has none of its own.
macro_rules! problems {
    ($name:ident: $($code:ident),*) => {
        problems!(@ $name, $crate::problem::responses::COMMON.iter().chain(&[$($crate::problem::Code::$code),*]));
    };
    ($name:ident) => {
        problems!(@ $name, $crate::problem::responses::PROTOCOL);
    };
    (@ $name:ident, $codes:expr) => {
        /// The problems that the route answers with.
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> $crate::problem::responses::Responses {
                $crate::problem::responses::of($codes)
            }
        }
    };
}

pub(crate) use problems;

/// Responses by their status.
pub type Responses = BTreeMap<String, RefOr<Response>>;

/// Each status that these problems have, with a reference to what [`define`] says of it.
pub fn of<'a>(codes: impl IntoIterator<Item = &'a Code>) -> Responses {
    let mut statuses = BTreeMap::<_, BTreeSet<_>>::new();
    for code in codes {
        statuses.entry(code.row().0.as_u16().to_string()).or_default().insert(code.as_str());
    }
    let name = |codes: BTreeSet<&str>| codes.into_iter().collect::<Vec<_>>().join(&OR.to_string());
    statuses
        .into_iter()
        .map(|(status, codes)| (status, Ref::from_response_name(name(codes)).into()))
        .collect()
}

/// Says what the responses are that are referred to.
pub fn define(openapi: &mut OpenApi) {
    let operations = openapi.paths.paths.values().flat_map(operations);
    let responses = operations.flat_map(|operation| operation.responses.responses.values());
    let names: BTreeSet<String> = responses.filter_map(name).collect();
    let defined = names.into_iter().map(|name| (name.clone(), response(&name).into()));
    openapi.components.get_or_insert_default().responses.extend(defined);
}

fn operations(item: &PathItem) -> impl Iterator<Item = &Operation> {
    [&item.get, &item.put, &item.post, &item.delete, &item.options, &item.head, &item.patch]
        .into_iter()
        .flatten()
}

fn name(response: &RefOr<Response>) -> Option<String> {
    let RefOr::Ref(reference) = response else { return None };
    Some(reference.ref_location.strip_prefix(PREFIX)?.to_owned())
}

fn response(name: &str) -> Response {
    let codes: Vec<&str> = name.split(OR).collect();
    let titles = Code::ALL.iter().filter(|code| codes.contains(&code.as_str()));
    let titles: Vec<_> = titles.map(|code| format!("`{}`: {}.", code.as_str(), code.row().2)).collect();
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(ObjectBuilder::new().property("code", code));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(titles.join(" ")).content("application/problem+json", content).build()
}
