//! The Graph API's own way of saying no.

use serde_json::{Value, json};

use super::super::failure::Dialect;
use super::super::server::Response;
use super::super::{form, photo};
use super::PAGE;

pub(super) type Refused = (u16, Value);

pub(super) fn error(code: i64, subcode: Option<i64>, message: &str) -> Value {
    let mut error = json!({
        "message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3fake",
    });
    if let Some(subcode) = subcode {
        error["error_subcode"] = json!(subcode);
    }
    json!({ "error": error })
}

pub(super) fn invalid(message: &str) -> Refused {
    (400, error(100, None, &format!("(#100) {message}")))
}

pub(super) fn judge_text(text: &str) -> Result<(), Refused> {
    if text.chars().count() > 63_206 {
        return Err(invalid("message is too long"));
    }
    Ok(())
}

pub(super) fn judge_photo(file: &form::Field) -> Result<(), Refused> {
    let photo = photo::read(&file.bytes);
    let is_image = photo.is_some_and(|p| matches!(p.mime, "image/png" | "image/jpeg"));
    if file.name != "source" || !is_image || file.bytes.len() > 4_000_000 {
        let said = "Photo is over 4 MB or neither JPG nor PNG";
        return Err((400, error(100, Some(1_366_046), said)));
    }
    Ok(())
}

pub(super) fn no_such_object(id: &str) -> Refused {
    let said = format!(
        "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
         permissions, or does not support this operation"
    );
    (400, error(100, Some(33), &said))
}

pub(super) struct Graph;

impl Dialect for Graph {
    fn error(&self, status: u16) -> Response {
        Response::json(status, &error(2, None, "Service temporarily unavailable"))
    }
    fn throttled(&self, seconds: u32) -> Response {
        let minutes = seconds.div_ceil(60);
        let usage = json!({PAGE: [{
            "type": "pages", "call_count": 100, "total_cputime": 20, "total_time": 30,
            "estimated_time_to_regain_access": minutes,
        }]});
        let said = "There have been too many calls to this Page account.";
        Response::json(400, &error(80_001, None, said))
            .with("x-business-use-case-usage", usage.to_string())
    }
    fn duplicate(&self) -> Response {
        Response::json(400, &error(506, None, "Duplicate status message"))
    }
    fn ok_error(&self) -> Response {
        Response::json(200, &error(2, None, "Service temporarily unavailable"))
    }
}
