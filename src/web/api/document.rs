//! Routes and their OpenAPI 3.1 document, made together.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::handler::Handler;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{MethodFilter, on};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::super::Site;
use super::KEY_HEADER;
use super::problem::Problem;

/// Where the document is served.
const DOCUMENT_PATH: &str = "/api/v1/openapi.json";

/// One route, described.
pub(super) struct Op {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    query: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    answer: Option<Value>,
    schemas: Schemas,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// Reads.
pub(super) fn get(path: &'static str, id: &'static str, summary: &'static str) -> Op {
    Op::new("get", path, id, summary)
}
/// Creates, confirms, settles.
pub(super) fn post(path: &'static str, id: &'static str, summary: &'static str) -> Op {
    Op::new("post", path, id, summary)
}
/// Changes in part.
pub(super) fn patch(path: &'static str, id: &'static str, summary: &'static str) -> Op {
    Op::new("patch", path, id, summary)
}
/// Sets as a whole.
pub(super) fn put(path: &'static str, id: &'static str, summary: &'static str) -> Op {
    Op::new("put", path, id, summary)
}

impl Op {
    fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            query: Vec::new(),
            body: None,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// A query parameter; none is required.
    pub(super) fn query(mut self, name: &'static str, what: &'static str) -> Self {
        self.query.push((name, what));
        self
    }

    /// What the request's body holds.
    pub(super) fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.name::<T>());
        self
    }

    /// What the answer's body holds.
    pub(super) fn answers<T: ToSchema>(mut self) -> Self {
        self.answer = Some(self.name::<T>());
        self
    }

    /// A list of these, all at once.
    pub(super) fn answers_list<T: ToSchema>(mut self) -> Self {
        let item = self.name::<T>();
        self.answer = Some(json!({ "type": "array", "items": item }));
        self
    }

    /// A page of these.
    pub(super) fn answers_page<T: ToSchema>(mut self) -> Self {
        let item = self.name::<T>();
        self.answer = Some(json!({
            "type": "object",
            "required": ["items"],
            "properties": {
                "items": { "type": "array", "items": item },
                "next": {
                    "type": ["string", "null"],
                    "description": "Cursor of the next page, if there is one",
                },
                "reached": {
                    "type": "string",
                    "description": "A search ended before the page was full: how far back it \
                        looked, a day or an instant. It goes on from `next`",
                },
            },
        }));
        self.query("after", "The cursor of the page before")
            .query("limit", "At most so many, up to 500; 50 if not given")
    }

    fn name<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn described(&self) -> Value {
        let mut parameters: Vec<Value> = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| {
                json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
            })
            .collect();
        parameters.extend(self.query.iter().map(|(name, what)| {
            json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
        }));
        if self.method != "get" {
            parameters.push(json!({
                "name": KEY_HEADER,
                "in": "header",
                "description": "Safe to repeat for 30 days: the same key and content get the first answer again",
                "schema": { "type": "string", "maxLength": super::caller::MOST_KEY_CHARS },
            }));
        }
        let problem = json!({
            "description": "Not done: what happened, and what to do",
            "content": { "application/problem+json":
                { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        let mut done = json!({ "description": "Done" });
        if let Some(answer) = &self.answer {
            done["content"] = json!({ "application/json": { "schema": answer } });
        }
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "parameters": parameters,
            "responses": { "200": done, "default": problem },
        });
        if let Some(body) = &self.body {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": body } },
            });
        }
        operation
    }
}

/// Routes that grow together with their document.
#[derive(Default)]
pub(super) struct Routes {
    router: Router<Site>,
    paths: BTreeMap<&'static str, Map<String, Value>>,
    schemas: Schemas,
}

impl Routes {
    /// One more.
    pub(super) fn add<H, T>(&mut self, op: Op, handler: H)
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        let method = match op.method {
            "get" => MethodFilter::GET,
            "post" => MethodFilter::POST,
            "patch" => MethodFilter::PATCH,
            _ => MethodFilter::PUT,
        };
        let router = std::mem::take(&mut self.router);
        self.router = router.route(op.path, on(method, handler));
        let item = self.paths.entry(op.path).or_default();
        item.insert(op.method.to_owned(), op.described());
        self.schemas.extend(op.schemas);
    }

    /// The router, with the document as its last route.
    pub(super) fn finish(mut self) -> (Router<Site>, Value) {
        let own = get(DOCUMENT_PATH, "getDocument", "This document");
        let item = self.paths.entry(DOCUMENT_PATH).or_default();
        item.insert(own.method.to_owned(), own.described());
        <Problem as ToSchema>::schemas(&mut self.schemas);
        self.schemas.push((
            Problem::name().into_owned(),
            <Problem as utoipa::PartialSchema>::schema(),
        ));
        let schemas: BTreeMap<String, RefOr<Schema>> = self.schemas.into_iter().collect();
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "raotin",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Queue articles, share them on schedules or by hand, count what went out. \
                    Served on a unix socket in the data folder; its peer has an administrator's rights, \
                    and `Raotin-As: MEMBER` records whom it acts for. Over TCP a member's token is asked for.",
            },
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": { "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made on the page Account; reads only, or may what its member may",
                } },
            },
            // On the socket nothing is asked for.
            "security": [{}, { "token": [] }],
        });
        // Its text is a fraction of the tree, and an idle daemon keeps it for ever.
        let text = Bytes::from(document.to_string());
        let served = async move || ([(CONTENT_TYPE, "application/json")], text.clone());
        let router = self.router.route(DOCUMENT_PATH, axum::routing::get(served));
        (router, document)
    }
}
