// Everything here only makes quicker what works without it. Written as phones of 2018 read it: one word
// they do not know, and none of it would run.
"use strict";
(() => {
  const one = (q, in_ = document) => in_.querySelector(q);
  const all = (q, in_ = document) => [...in_.querySelectorAll(q)];
  const words = document.body.dataset;

  // ---- pages that show what happens read themselves again ----
  const refresh = async () => {
    const live = one("[data-live]");
    if (!live || document.hidden || one(".dragging")) return;
    const busy = live.contains(document.activeElement) && document.activeElement.matches("input,select,textarea");
    if (busy || one("details[open]", live) || one(":checked", live)) return;
    const answer = await fetch(location.href, { headers: { "x-raotin-part": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = one("[data-live]", page);
    if (fresh && fresh.innerHTML !== live.innerHTML) { live.innerHTML = fresh.innerHTML; start(live); }
  };
  if (one("[data-live]") && window.EventSource) {
    const events = new EventSource("/live");
    events.addEventListener("changed", () => refresh().catch(() => {}));
    document.addEventListener("visibilitychange", () => refresh().catch(() => {}));
    addEventListener("pagehide", () => events.close());
  }

  // ---- copy: one tap where the browser lets us, else the text is selected ----
  const copy = async (button) => {
    const from = one(button.dataset.copy);
    const text = "value" in from ? from.value : from.textContent;
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch {
      if (from.select) { from.focus(); from.select(); } else getSelection().selectAllChildren(from);
      try { done = document.execCommand("copy"); } catch { done = false; }
    }
    one("#said").textContent = done ? words.copied : words.selected;
    button.textContent = done ? "✓ " + words.copied : words.selected;
    if (button.dataset.take) take(button.dataset.take);
  };
  // Marks the task as hers while she works; nothing is lost if it fails.
  let taken = false;
  const take = (form) => {
    const f = one(form);
    if (!f || taken) return;
    taken = true;
    fetch(f.action, { method: "POST", body: new URLSearchParams(new FormData(f)), keepalive: true }).catch(() => {});
  };

  // ---- the phone's own share sheet ----
  const share = async (button) => {
    const data = { text: one(button.dataset.share).value };
    try {
      const files = await Promise.all(all("[data-picture]").map(async (a, i) => {
        const blob = await (await fetch(a.href)).blob();
        return new File([blob], `${i + 1}.${blob.type.split("/")[1]}`, { type: blob.type });
      }));
      if (files.length && navigator.canShare && navigator.canShare({ files })) data.files = files;
      await navigator.share(data);
      take(button.dataset.take);
    } catch { /* put away by the person herself */ }
  };

  // ---- a confirmation survives losing the network ----
  const KEPT = "raotin-kept";
  const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT) || "[]"); } catch { return []; } };
  const keep = (list) => localStorage.setItem(KEPT, JSON.stringify(list));
  const tell = () => {
    const n = kept().length, line = one("#kept");
    if (line) { line.hidden = !n; one("span", line).textContent = words.kept.replace("{n}", n); }
  };
  let sending = false;
  const sendKept = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let list = kept(); list.length; list = kept()) {
        const first = list[0], body = new URLSearchParams(first.fields);
        // The session may be another by now; the key is the same, so it counts once.
        const csrf = words.csrf; if (csrf) body.set("csrf", csrf);
        const answer = await fetch(first.action, { method: "POST", body, redirect: "manual" });
        if (answer.status === 401 || answer.status === 403 || answer.status >= 500) break;
        if (answer.status >= 400) { first.refused = true; location.assign(first.action.replace(/\/done$/, "")); }
        keep(kept().slice(1));
      }
    } catch { /* still no network */ }
    sending = false;
    tell();
  };
  const confirmForm = async (form, e) => {
    if (navigator.onLine) return;
    e.preventDefault();
    keep([...kept(), { action: form.action, fields: [...new FormData(form)] }]);
    tell();
    const line = one("#kept");
    if (line) line.scrollIntoView();
    for (const b of all("button", form)) b.disabled = true;
  };
  addEventListener("online", sendKept);

  // ---- what is typed is kept on the server too, so that it can be gone on with on another device ----
  const keepThere = (form, old) => {
    if (!form.dataset.keep) return;
    let device = localStorage.getItem("raotin-device");
    if (!device) localStorage.setItem("raotin-device", device = Math.random().toString(36).slice(2));
    // What this device wrote last stands here already.
    const left = one("#left");
    if (left && left.dataset.device === device && old) left.hidden = true;
    const stop = new AbortController();
    let timer = 0, sent = false;
    const keep = () => {
      clearTimeout(timer); timer = 0;
      if (sent) return;
      const body = new URLSearchParams();
      for (const [k, v] of new FormData(form)) if (!(v instanceof File)) body.append(k, v);
      body.set("act", "keep"); body.set("device", device);
      fetch(form.dataset.keep, { method: "POST", body, signal: stop.signal, keepalive: body.toString().length < 60000, headers: { "x-raotin-part": "1" } }).catch(() => {});
    };
    form.addEventListener("input", () => { timer = timer || setTimeout(keep, 3000); });
    form.addEventListener("submit", () => { sent = true; clearTimeout(timer); stop.abort(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && timer) keep(); });
  };

  // ---- compose: what is typed is never lost; what would be posted is shown as one types ----
  const drafts = (form) => {
    const name = "raotin-draft " + location.pathname + (form.dataset.version || "");
    const fields = () => all("input[type=text],input[type=url],textarea", form).filter((f) => f.name);
    const old = (() => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } })();
    const empty = fields().every((f) => f.value === f.defaultValue);
    if (old && empty && !form.dataset.filled && fields().some((f) => old[f.name] && old[f.name] !== f.value)) {
      for (const f of fields()) if (old[f.name] !== undefined) f.value = old[f.name];
      const line = one("#restored"); if (line) line.hidden = false;
    }
    const save = () => localStorage.setItem(name, JSON.stringify(Object.fromEntries(fields().map((f) => [f.name, f.value]))));
    form.addEventListener("input", save);
    form.addEventListener("submit", () => localStorage.removeItem(name));
    keepThere(form, old);
    const again = one("#restored button");
    if (again) again.addEventListener("click", () => { localStorage.removeItem(name); const l = one("#left"); if (l) one("[value=forget]", l).click(); else location.reload(); });
  };
  const previews = (form) => {
    const place = one("#preview");
    let timer, last = 0;
    const read = async () => {
      const mine = ++last, data = new FormData(form);
      for (const [k, v] of [...data]) if (v instanceof File || k === "picture-url") data.delete(k);
      try {
        const answer = await fetch(form.dataset.preview || "/compose/preview", { method: "POST", body: new URLSearchParams(data), headers: { "x-raotin-part": "1" } });
        if (mine === last && answer.ok) place.innerHTML = await answer.text();
      } catch { /* the button still works */ }
    };
    for (const b of all("[data-without]", form)) b.hidden = true;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(read, 350); });
    if (!form.dataset.preview && all("#title,#alink,#atext", form).some((f) => f.value)) read();
  };

  // ---- compose: a pasted link brings its title and picture; what she typed stays ----
  const looks = (button) => {
    const form = button.form, link = one("#alink", form), place = one("#found", form);
    const filled = {};
    let last = 0, seen = link.value.trim();
    const look = async () => {
      const mine = ++last, body = new URLSearchParams({ csrf: form.elements.csrf.value, link: seen = link.value.trim() });
      place.textContent = place.dataset.looking;
      try {
        const answer = await fetch("/compose/look", { method: "POST", body, headers: { "x-raotin-part": "1" } });
        if (mine !== last) return;
        if (!answer.ok) throw answer.status;
        place.innerHTML = await answer.text();
        const page = (one("[data-title]", place) || document.createElement("p")).dataset;
        const fill = (all) => [["#title", page.title], ["#atext", page.text]].filter(([id, text]) => {
          const field = one(id, form), untouched = !field.value.trim() || field.value === filled[id];
          if (!text || field.value === text || !all && !untouched) return text && field.value !== text;
          field.value = filled[id] = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          return false;
        });
        // What stands there may be another page's, taken up again: she says which.
        const take = one("[data-take]", place), left = fill(false);
        if (take && left.length) {
          take.hidden = false;
          take.addEventListener("click", () => { fill(true); take.hidden = true; });
        }
      } catch { if (mine === last) place.textContent = place.dataset.lost; }
    };
    const changed = () => { if (link.value.trim() !== seen && link.value.trim()) look(); };
    link.addEventListener("paste", () => setTimeout(changed));
    link.addEventListener("change", changed);
    button.addEventListener("click", (e) => { e.preventDefault(); if (link.value.trim()) look(); else link.focus(); });
  };

  const under = (point, q) => { const e = document.elementFromPoint(point.clientX, point.clientY); return e && e.closest(q); };

  // ---- a queue's order by drag; the buttons beside do the same ----
  const drag = (list) => {
    const begin = (grip, e) => {
      const held = grip.closest("li"), from = held.nextSibling;
      held.classList.add("dragging");
      e.preventDefault();
      // Listened for on the page: a row that is moved loses whatever pointer it had captured.
      const move = (m) => {
        const over = under(m, "li[data-share]");
        if (!over || over === held || over.parentNode !== list) return;
        const box = over.getBoundingClientRect();
        list.insertBefore(held, m.clientY < box.top + box.height / 2 ? over : over.nextSibling);
      };
      const end = (m) => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", end);
        removeEventListener("pointercancel", end);
        held.classList.remove("dragging");
        if (m.type === "pointercancel") list.insertBefore(held, from);
        if (held.nextSibling === from) return;
        const form = one("#order");
        form.elements.share.value = held.dataset.share;
        form.elements.to.value = held.previousElementSibling ? held.previousElementSibling.dataset.share : "top";
        form.submit();
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", end);
      addEventListener("pointercancel", end);
    };
    for (const grip of all(".drag", list)) {
      grip.hidden = false;
      grip.addEventListener("pointerdown", (e) => begin(grip, e));
    }
  };

  // ---- the calendar by drag: to another day at the same time, or between two others ----
  const minutes = (t) => { const [h, m] = t.split(":").map(Number); return h * 60 + m; };
  // Among the day's others it keeps its own time if that fits there, else takes one that does.
  const timeAt = (day, held, y, own) => {
    const others = all("[data-at]", day).filter((e) => e !== held && e.offsetParent);
    const before = others.filter((e) => { const b = e.getBoundingClientRect(); return b.top + b.height / 2 < y; }).map((e) => minutes(e.dataset.at));
    const after = others.slice(before.length).map((e) => minutes(e.dataset.at));
    const low = before.length ? Math.max(...before) : -1, high = after.length ? Math.min(...after) : 24 * 60;
    let at = minutes(own);
    if (at <= low || at >= high) at = low < 0 ? Math.max(high - 30, 0) : high >= 24 * 60 ? Math.min(low + 30, 24 * 60 - 1) : Math.floor((low + high) / 2);
    return String(Math.floor(at / 60)).padStart(2, "0") + ":" + String(at % 60).padStart(2, "0");
  };
  const dragDays = (grip) => {
    grip.hidden = false;
    grip.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      const held = grip.closest("[data-at]"), [day, own] = grip.dataset.from.split("T");
      held.classList.add("dragging");
      let over;
      const move = (m) => {
        const now = under(m, "[data-day]");
        if (now === over) return;
        if (over) over.classList.remove("target");
        if (now) now.classList.add("target");
        over = now;
      };
      const end = (m) => {
        for (const [n, f] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) removeEventListener(n, f);
        held.classList.remove("dragging");
        if (over) over.classList.remove("target");
        if (m.type === "pointercancel" || !over) return;
        const at = over.dataset.day + "T" + timeAt(over, held, m.clientY, own);
        if (at === day + "T" + own) return;
        const form = one("#move");
        form.action = "/calendar/" + grip.dataset.move;
        form.elements.at.value = at;
        form.submit();
      };
      for (const [n, f] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) addEventListener(n, f);
    });
  };

  const start = (root) => {
    if (one("#move") && window.PointerEvent) for (const g of all("[data-move]", root)) dragDays(g);
    for (const h of all("[data-scripted]", root)) h.hidden = false;
    for (const b of all("[data-copy]", root)) b.addEventListener("click", () => copy(b));
    for (const b of all("[data-share-sheet]", root)) if (navigator.share) { b.hidden = false; b.addEventListener("click", () => share(b)); }
    for (const a of all("a[data-take]", root)) a.addEventListener("click", () => take(a.dataset.take));
    for (const f of all("form[data-confirm]", root)) f.addEventListener("submit", (e) => confirmForm(f, e));
    for (const f of all("form[data-once]", root)) f.addEventListener("submit", () => setTimeout(() => { for (const b of all("button", f)) b.disabled = true; }));
    for (const b of all("[data-look]", root)) looks(b);
    if (window.PointerEvent) for (const l of all("[data-order]", root)) drag(l);
    for (const s of all("select[data-go]", root)) s.addEventListener("change", () => s.form.submit());
    for (const b of all("[data-all]", root)) { b.hidden = false; b.addEventListener("click", () => { for (const c of all(b.dataset.all)) c.checked = true; }); }
  };
  start(document);
  for (const f of all("form[data-draft]")) drafts(f);
  for (const f of all("form[data-preview]")) previews(f);
  tell(); sendKept();
  if ("serviceWorker" in navigator && isSecureContext && one("[data-offline]")) navigator.serviceWorker.register("/sw.js").catch(() => {});
  for (const f of all("form[data-leave]")) f.addEventListener("submit", () => {
    const there = navigator.serviceWorker && navigator.serviceWorker.controller;
    if (there) there.postMessage("forget");
  });
})();
