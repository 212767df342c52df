//! Extractors whose refusals are problems.

use std::{fmt, marker::PhantomData};

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::problem::{Code, Problem};

/// A JSON body, of requests and of answers. That of a request is an object.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(Object(value)) = axum::Json::from_request(request, state).await?;
        Ok(Self(value))
    }
}

/// What is read from an object alone: a list of a struct's fields in their order would be understood as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// What stands after the `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::invalid(format!("The address is not understood: {}.", rejection.body_text()))
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::invalid(format!("{}; see /api/v1/openapi.json.", rejection.body_text()))
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let (code, sentence) = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                (Code::BodyTooLarge, "The request is longer than any that is understood here")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (
                Code::UnsupportedMediaType,
                "The request is JSON; send it as `Content-Type: application/json`",
            ),
            _ if crate::intake::form::timed_out(&rejection) => {
                (Code::Timeout, "The request stopped coming; send it again")
            }
            _ => {
                let sentence = match &rejection {
                    JsonRejection::JsonDataError(error) => {
                        format!("The JSON is not what is understood here ({})", reason(error))
                    }
                    JsonRejection::JsonSyntaxError(error) => {
                        format!("The request is not JSON ({})", reason(error))
                    }
                    _ => "The request broke off; send it again".to_owned(),
                };
                return Self::invalid(format!("{sentence}; see /api/v1/openapi.json."));
            }
        };
        Self::new(code, format!("{sentence}; see /api/v1/openapi.json."))
    }
}

/// What the parser says, without what the library puts before it.
fn reason(error: &dyn std::error::Error) -> String {
    let deepest = std::iter::successors(Some(error), |&error| error.source()).last().unwrap_or(error);
    deepest.to_string()
}
