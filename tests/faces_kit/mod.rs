//! What the tests of the pages share: an office with its pages, and people with browsers.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part of it"
)]

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode, header};
use raotin::daemon::Health;
use raotin::model::{Actor, MemberId, Role};
use raotin::office::accounts::Accounts;
use raotin::web::Site;
use raotin::web::door::Remote;
use raotin::web::pages::{Faces, router};
use tower::ServiceExt;

use crate::office_kit::Kit;

/// Whoever stands at the machine itself.
pub const OPERATOR: Actor = Actor::Local {
    uid: 1000,
    on_behalf_of: None,
};
/// A password that is taken.
pub const PASSWORD: &str = "mùa xuân trên bản";

/// An office with its pages.
pub struct House {
    pub kit: Kit,
    pub faces: Faces,
    pub router: Router,
}

impl House {
    pub async fn new() -> Self {
        Self::of(Kit::new().await)
    }

    pub fn of(kit: Kit) -> Self {
        Self::made(kit, None)
    }

    /// With a daemon's pulse, and what it asked channels.
    pub fn with_health(kit: Kit, health: Arc<Health>) -> Self {
        Self::made(kit, Some(health))
    }

    fn made(kit: Kit, health: Option<Arc<Health>>) -> Self {
        let faces = Faces::new(Site {
            office: kit.office.clone(),
            accounts: Arc::new(Accounts::new(kit.office.clone())),
            health,
            connect: None,
            refused: kit.office.desk.refused(),
            messenger: None,
            sled: None,
        });
        let router = router(faces.clone());
        Self { kit, faces, router }
    }

    /// Somebody who can log in.
    pub async fn member(&self, name: &str, roles: &[Role]) -> MemberId {
        let id = MemberId::new(name).unwrap();
        let roles = roles.to_vec();
        let set = self
            .kit
            .office
            .set_member(&OPERATOR, None, id.clone(), roles, None, None);
        set.await.unwrap();
        let secret = self.faces.accounts.invite(&OPERATOR, &id).unwrap();
        self.faces
            .accounts
            .choose_password(&secret, PASSWORD)
            .await
            .unwrap();
        id
    }

    /// A browser without a session.
    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            from: "127.0.0.1".parse().unwrap(),
            tls: false,
            cookie: None,
        }
    }

    /// Her browser, logged in.
    pub async fn browser_of(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let form = format!("name={name}&password={}", encoded(PASSWORD));
        let answer = browser.post("/login", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }
}

/// One browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub from: IpAddr,
    pub tls: bool,
    pub cookie: Option<String>,
}

/// What came back.
pub struct Answered {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answered {
        self.ask(
            Request::builder().method(Method::GET).uri(path),
            Body::empty(),
        )
        .await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Answered {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, Body::from(form.to_owned())).await
    }

    /// A form from the page `on`, with its token.
    pub async fn send(&mut self, on: &str, path: &str, form: &str) -> Answered {
        let csrf = self.csrf(on).await;
        self.post(path, &format!("csrf={csrf}&{form}")).await
    }

    /// The token that stands in a page.
    pub async fn csrf(&mut self, on: &str) -> String {
        let page = self.get(on).await;
        let (_, rest) = page
            .text
            .split_once("data-csrf=\"")
            .expect("a page with a token");
        rest.split('"').next().unwrap().to_owned()
    }

    pub async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Answered {
        let mut request = request.header(header::HOST, "office.example");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let mut request = request.body(body).unwrap();
        let remote = Remote {
            ip: self.from,
            tls: self.tls,
        };
        request.extensions_mut().insert(ConnectInfo(remote));
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        if let Some(set) = headers.get(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap();
            let gone = set.contains("Max-Age=0");
            self.cookie = (!gone).then(|| pair.to_owned());
        }
        // What goes on for ever (news) has no end to wait for.
        let endless = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|t| t.to_str().unwrap().starts_with("text/event-stream"));
        let text = if endless {
            String::new()
        } else {
            let bytes = axum::body::to_bytes(response.into_body(), 1 << 24)
                .await
                .unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answered {
            status,
            headers,
            text,
        }
    }
}

/// As a form sends it.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
