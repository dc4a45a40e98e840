//! Every page and every form, with who may come: one list, from which the router is made and which a
//! test walks through for every role and method.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};

use super::{
    Faces, account, approvals, article_list, articles, assets, bring, calendar, changes, channels,
    compose, entry, export, feeds, found, hand, help, live, members, notices, pictures, queue,
    reports, schedules, settings, share_list, shares, today, unfinished,
};
use crate::model::Role;

/// Who may come. The office asks again, and about each thing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Who is not logged in, too.
    Anybody,
    /// Who is logged in.
    Member,
    /// Who holds one of these roles.
    Only(&'static [Role]),
}

/// Those who add articles and shares.
const COMPOSERS: Who = Who::Only(&[Role::Officer, Role::Approver]);
/// Those who approve and take down.
const APPROVERS: Who = Who::Only(&[Role::Approver]);
/// Those who pause, and those who answer for the figures.
const PAUSERS: Who = Who::Only(&[Role::Approver, Role::Admin]);
/// Those who have a feed looked at.
const POLLERS: Who = Who::Only(&[Role::Officer, Role::Approver, Role::Admin]);
/// Those who look after the members.
const ADMINS: Who = Who::Only(&[Role::Admin]);

/// One route.
#[derive(Debug, Clone)]
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// With its parameters in braces.
    pub path: &'static str,
    /// Who may come.
    pub who: Who,
}

#[derive(Default)]
struct Routes {
    router: Router<Faces>,
    all: Vec<Route>,
}

impl Routes {
    fn add<H, T>(&mut self, method: Method, path: &'static str, who: Who, handler: H)
    where
        H: Handler<T, Faces>,
        T: 'static,
    {
        let filter = if method == Method::GET {
            MethodFilter::GET
        } else {
            MethodFilter::POST
        };
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, on(filter, handler));
        self.all.push(Route { method, path, who });
    }
    fn get<H: Handler<T, Faces>, T: 'static>(&mut self, path: &'static str, who: Who, handler: H) {
        self.add(Method::GET, path, who, handler);
    }
    fn post<H: Handler<T, Faces>, T: 'static>(&mut self, path: &'static str, who: Who, handler: H) {
        self.add(Method::POST, path, who, handler);
    }
}

pub(super) fn routes() -> (Router<Faces>, Vec<Route>) {
    let mut to = Routes::default();
    getting_in(&mut to);
    daily_work(&mut to);
    around_it(&mut to);
    (to.router, to.all)
}

fn getting_in(to: &mut Routes) {
    to.get("/login", Who::Anybody, entry::login_page);
    to.post("/login", Who::Anybody, entry::log_in);
    to.get("/link/{secret}", Who::Anybody, entry::link_page);
    to.post("/link/{secret}", Who::Anybody, entry::use_link);
    to.post("/logout", Who::Member, entry::log_out);
    to.get("/assets/{name}", Who::Anybody, assets::asset);
    to.get("/sw.js", Who::Anybody, assets::worker);
    to.get("/manifest.webmanifest", Who::Anybody, assets::manifest);
    to.get("/account", Who::Member, account::page);
    to.post("/account/lang", Who::Member, account::lang);
    to.post("/account/password", Who::Member, account::password);
    to.post("/account/everywhere", Who::Member, account::everywhere);
    to.post("/account/second", Who::Member, account::second);
    to.post("/account/notices", Who::Member, notices::change);
    to.post("/account/tokens", Who::Member, account::make_token);
    to.post("/account/tokens/drop", Who::Member, account::drop_token);
}

fn daily_work(to: &mut Routes) {
    to.get("/", Who::Member, today::page);
    to.get("/live", Who::Member, live::events);
    to.get("/hand", Who::Member, hand::list);
    to.get("/hand/{share}", Who::Member, hand::card);
    to.post("/hand/{share}/take", COMPOSERS, hand::take);
    to.post("/hand/{share}/release", COMPOSERS, hand::release);
    to.post("/hand/{share}/done", COMPOSERS, hand::done);
    to.post("/hand/{share}/cannot", COMPOSERS, hand::cannot);
    to.post("/hand/{share}/undo", COMPOSERS, hand::undo);
    to.get("/compose", COMPOSERS, compose::page);
    to.post("/compose", COMPOSERS, compose::send);
    to.post("/compose/preview", COMPOSERS, compose::preview);
    to.post("/compose/unfinished", COMPOSERS, unfinished::change);
    to.get("/articles", Who::Member, article_list::list);
    to.post("/compose/look", COMPOSERS, found::look);
    to.get("/articles/{article}", Who::Member, articles::page);
    to.get("/articles/{article}/edit", COMPOSERS, articles::edit_page);
    to.post("/articles/{article}/edit", COMPOSERS, articles::edit);
    to.post("/articles/{article}/again", COMPOSERS, articles::again);
    to.post("/articles/{article}/act", COMPOSERS, articles::act);
    to.get("/queue", Who::Member, queue::all);
    to.get("/queue/{channel}", Who::Member, queue::page);
    to.post("/queue/{channel}", COMPOSERS, queue::act);
    to.get("/approvals", Who::Member, approvals::page);
    to.post("/approvals", APPROVERS, approvals::act);
    to.get("/calendar", Who::Member, calendar::page);
    to.get("/calendar/{share}", COMPOSERS, calendar::moving);
    to.post("/calendar/{share}", COMPOSERS, calendar::move_to);
    to.get("/shares", Who::Member, share_list::list);
    to.get("/shares/{share}", Who::Member, shares::page);
    to.post("/shares/{share}/act", COMPOSERS, shares::act);
    to.get("/pictures/{hash}", Who::Member, pictures::picture);
}

fn around_it(to: &mut Routes) {
    to.get("/more", Who::Member, help::more);
    to.get("/help", Who::Member, help::page);
    to.get("/channels", Who::Member, channels::list);
    to.get("/channels/{channel}", Who::Member, channels::page);
    to.post("/channels/{channel}/pause", PAUSERS, channels::pause);
    to.post("/channels/{channel}/resume", PAUSERS, channels::resume);
    to.post("/pause", PAUSERS, channels::pause_all);
    to.post("/resume", PAUSERS, channels::resume_all);
    to.post("/clock", ADMINS, channels::trust_clock);
    to.get("/schedules", Who::Member, schedules::list);
    to.get("/schedules/{schedule}", Who::Member, schedules::page);
    to.post("/schedules/{schedule}/missed", COMPOSERS, schedules::missed);
    to.get("/feeds", Who::Member, feeds::list);
    to.post("/feeds/{feed}/poll", POLLERS, feeds::poll);
    to.get("/reports", Who::Member, reports::page);
    to.get("/import", COMPOSERS, bring::import_list);
    to.post("/import", COMPOSERS, bring::import_bring);
    to.get("/import/{upload}", COMPOSERS, bring::import_page);
    to.post("/import/{upload}", COMPOSERS, bring::import_act);
    to.get("/backfill", PAUSERS, bring::backfill_list);
    to.post("/backfill", PAUSERS, bring::backfill_bring);
    to.get("/backfill/{upload}", PAUSERS, bring::backfill_page);
    to.post("/backfill/{upload}", PAUSERS, bring::backfill_act);
    to.get("/export/{list}", Who::Member, export::export);
    to.get("/members", Who::Member, members::list);
    to.post("/members", ADMINS, members::add);
    to.get("/members/{member}", ADMINS, members::page);
    to.post("/members/{member}", ADMINS, members::change);
    to.post("/members/{member}/link", ADMINS, members::link);
    to.post("/members/{member}/retire", ADMINS, members::retire);
    to.get("/settings", ADMINS, settings::overview);
    to.post("/settings", ADMINS, settings::change_office);
    to.post("/settings/preview", ADMINS, settings::preview);
    to.get("/settings/changes", Who::Member, changes::list);
    to.get("/settings/{kind}", ADMINS, settings::new_form);
    to.post("/settings/{kind}", ADMINS, settings::add);
    to.get("/settings/{kind}/{id}", ADMINS, settings::edit_form);
    to.post("/settings/{kind}/{id}", ADMINS, settings::change);
    to.post("/settings/{kind}/{id}/retire", ADMINS, settings::retire);
}
