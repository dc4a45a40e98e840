//! Query parameters that say nothing of what is shown.

use url::form_urlencoded;

/// Query parameters that tell where a reader came from and not what she reads; and all that begin
/// with one of [`TRACKING_KINDS`]. By those who add them:
///
/// - Zalo puts `zarsrc` and `gidzl` on what is opened in it (seen on links of Vietnamese offices);
/// - Facebook and Instagram: `fbclid`, `mibextid`, `igsh`, `igshid`, `__tn__`, `__cft__[0]`, `fb_action_ids`;
/// - Google Ads help, "About auto-tagging": `gclid`, `gclsrc`, `dclid`, `gbraid`, `wbraid`,
///   `gad_source`, `gad_campaignid`; Merchant Center: `srsltid`; Analytics across sites: `_ga`, `_gl`;
/// - the lists of Firefox's and Brave's query stripping: `msclkid`, `yclid`, `ysclid`, `twclid`,
///   `ttclid`, `li_fat_id`, `mc_cid`, `mc_eid`, `mkt_tok`, `_hsenc`, `_hsmi`, `vero_id`, `epik`,
///   `oly_anon_id`, `oly_enc_id`, `wickedid`, `rb_clickid`, `s_cid`, `_openstat`, `ml_subscriber`,
///   `ml_subscriber_hash`.
///
/// Not among them: `ref`, `source`, `from`, `id`: on some sites they choose what is shown.
const TRACKING: [&str; 40] = [
    "__cft__[0]",
    "__tn__",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "dclid",
    "epik",
    "fb_action_ids",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "gidzl",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
    "ysclid",
    "zarsrc",
];

/// Beginnings of names of such parameters: campaign tags of Google Analytics, and of Matomo.
const TRACKING_KINDS: [&str; 3] = ["utm_", "mtm_", "pk_"];

/// Parameters by which a page is asked for as AMP or not, or that an AMP cache adds; with the values
/// that say so, any if none. (amp.dev, "AMP URLs"; the WordPress plugin's `amp` and `noamp`; Arc's
/// `outputType`.)
const AMP_PARAMETERS: [(&str, &[&str]); 6] = [
    ("amp", &["", "1", "true"]),
    ("amp_gsa", &[]),
    ("amp_js_v", &[]),
    ("noamp", &[]),
    ("outputType", &["amp"]),
    ("usqp", &[]),
];

/// Whether a query parameter of this name only tells where a reader came from.
pub(crate) fn is_tracking(name: &str) -> bool {
    TRACKING.contains(&name) || TRACKING_KINDS.iter().any(|kind| name.starts_with(kind))
}

/// Whether a query's `name=value` tells nothing of what is shown.
pub(super) fn says_nothing(pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .is_some_and(|(name, value)| {
            let amp = AMP_PARAMETERS.iter().find(|(given, _)| *given == name);
            is_tracking(&name)
                || amp.is_some_and(|(_, values)| values.is_empty() || values.contains(&&*value))
        })
}

#[cfg(test)]
mod tests {
    use super::TRACKING;

    #[test]
    fn the_list_is_in_order() {
        let mut sorted = TRACKING;
        sorted.sort_unstable();
        assert_eq!(sorted, TRACKING);
    }
}
