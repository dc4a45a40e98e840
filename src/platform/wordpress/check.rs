//! Whether the website has its API, lets the account in, and lets it publish.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Fault, Form};
use super::errors::NOT_LOGGED_IN;
use super::{Wordpress, escape_xml};
use crate::platform::{Finding, SendError, Weight};

#[derive(Deserialize)]
struct Me {
    #[serde(default)]
    name: String,
    /// An empty list where there are none.
    #[serde(default)]
    capabilities: Value,
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Wordpress) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    if let Err(fault) = look(place, &mut found).await {
        let not_logged_in = fault.code() == NOT_LOGGED_IN;
        match fault.harmless() {
            SendError::Unauthorized { .. } if not_logged_in => found.push(why_not(place).await),
            SendError::Unauthorized { reason } => {
                let code = "wordpress-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                found
                    .push(Finding::new(Weight::Problem, "wordpress-no-api").with("reason", reason));
            }
            // No answer: nothing is known.
            other => return Err(other),
        }
    }
    Ok(found)
}

async fn look(place: &Wordpress, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let index = place.site.index().await?;
    found.push(Finding::new(Weight::Note, "wordpress-site").with("name", &index.name));
    if index.form == Form::Plain {
        found.push(Finding::new(Weight::Note, "wordpress-plain"));
    }
    if !index.takes_passwords {
        found.push(Finding::new(Weight::Problem, "wordpress-no-passwords"));
    }
    let me: Me = place
        .site
        .get(
            "account",
            index.form,
            "/wp/v2/users/me",
            &[("context", "edit")],
        )
        .await?;
    found.push(Finding::new(Weight::Note, "wordpress-account").with("name", me.name));
    let may: BTreeMap<String, bool> = serde_json::from_value(me.capabilities).unwrap_or_default();
    found.extend(may_publish(&may, !place.target.categories.is_empty()));
    Ok(())
}

/// What the account's rights allow. Pure.
fn may_publish(may: &BTreeMap<String, bool>, categories: bool) -> Vec<Finding> {
    let lacks = |right: &str| may.get(right) != Some(&true);
    let mut found = Vec::new();
    if lacks("publish_posts") || lacks("edit_posts") {
        found.push(Finding::new(Weight::Problem, "wordpress-no-right"));
    }
    if lacks("upload_files") {
        found.push(Finding::new(Weight::Warning, "wordpress-no-uploads"));
    }
    if categories && lacks("manage_categories") {
        found.push(Finding::new(Weight::Warning, "wordpress-no-categories"));
    }
    found
}

/// Nobody was logged in. The older XML-RPC takes the same credentials in its body: if it knows them,
/// the header with them does not come through.
async fn why_not(place: &Wordpress) -> Finding {
    let ask = format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>wp.getUsersBlogs</methodName><params>\
         <param><value><string>{}</string></value></param>\
         <param><value><string>{}</string></value></param></params></methodCall>",
        escape_xml(&place.site.user),
        escape_xml(place.site.password.reveal()),
    );
    let wire = &place.site.wire;
    let request = wire
        .request(Method::POST, place.site.file("xmlrpc.php"))
        .header("content-type", "text/xml")
        .body(ask);
    let answer = wire.exchange("xmlrpc", request, wire.limits().read).await;
    let body = answer
        .ok()
        .filter(|a| a.status == 200)
        .and_then(|a| a.body.ok());
    let body = body.map(|b| String::from_utf8_lossy(&b).into_owned());
    let says = |word: &str| body.as_ref().is_some_and(|b| b.contains(word));
    if says("<methodResponse>") && !says("<fault>") {
        return Finding::new(Weight::Problem, "wordpress-header-stripped");
    }
    if says("<fault>") {
        return Finding::new(Weight::Problem, "wordpress-wrong-password");
    }
    Finding::new(Weight::Problem, "wordpress-not-logged-in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_publish() {
        let codes = |rights: &[&str], categories| -> Vec<&str> {
            let may = rights.iter().map(|r| ((*r).to_owned(), true)).collect();
            let found = may_publish(&may, categories);
            found.into_iter().map(|f| f.code).collect()
        };
        let author = ["publish_posts", "edit_posts", "upload_files"];
        assert_eq!(codes(&author, false), Vec::<&str>::new());
        assert_eq!(codes(&author, true), ["wordpress-no-categories"]);
        assert_eq!(
            codes(&["edit_posts"], false),
            ["wordpress-no-right", "wordpress-no-uploads"]
        );
    }
}
